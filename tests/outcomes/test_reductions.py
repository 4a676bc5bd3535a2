"""Reductions against baselines and against runs without the truce."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from synthetic import DAYS, before, plant, row, synthetic_results

from trucesim.files.errors import InputError
from trucesim.outcomes import paired, reductions
from trucesim.world.observed import patterns as pattern_table
from trucesim.world.periods import NotRecorded

TRUCE = before("2013-11-01") & ~before("2012-03-09")


@pytest.fixture(scope="module")
def truce() -> xr.Dataset:
    """Ten killings a day before the truce; 5, 6, 7, 8, 10 by run during it; none hidden."""
    during = np.array([5, 6, 7, 8, 10])[:, None]
    panel = plant(synthetic_results(runs=5), np.where(TRUCE, during, 10))
    return panel.assign(hidden=0 * panel["hidden"])


@pytest.fixture(scope="module")
def no_truce(truce: xr.Dataset) -> xr.Dataset:
    """Ten killings a day throughout."""
    return plant(truce, np.full(len(DAYS), 10)).assign_attrs(scenario="no_truce")


def test_baselines_are_those_of_the_patterns() -> None:
    """Each baseline has its pattern and each pattern its baseline."""
    ids = [name for name in pattern_table()["id"] if name.startswith("averted_vs_")]
    assert [f"averted_vs_{name}" for name in reductions.baselines()] == ids


def test_reductions_by_hand(truce: xr.Dataset) -> None:
    """Runs fall by 50, 40, 30, 20 and 0 percent of ten a day over 602 days."""
    frame = reductions.reductions(truce)
    for name, period in reductions.baselines().items():
        share = row(frame, measure="reduction_percent", baseline=name)
        count = row(frame, measure="averted", baseline=name)
        assert share["baseline_period"] == count["baseline_period"] == str(period)
        assert share["p05"] == pytest.approx(0.2 * 20)
        assert share["median"] == pytest.approx(30)
        assert share["p95"] == pytest.approx(50 - 0.2 * 10)
        assert count["median"] == pytest.approx(3 * 602)


def test_observed_reductions(truce: xr.Dataset) -> None:
    """The record gives the figures known to depend on their baseline."""
    known = reductions.reductions(truce)["observed"].round(1).to_list()
    assert known == [54.8, 48.6, 47.0, 4489.2, 3501.1, 3283.5]


def test_reduction_from_nothing_is_undefined(truce: xr.Dataset) -> None:
    """Without homicides in the baseline there is no percentage, and no warning."""
    panel = plant(truce, np.where(before("2012-03-09"), 0, 10))
    assert np.isnan(reductions.reduction(panel, "2011", reductions.window())).all()


def test_paired_by_hand(truce: xr.Dataset, no_truce: xr.Dataset) -> None:
    """Differences are taken run by run; true killings widen the window to whole months."""
    frame = paired.against(truce, no_truce)
    recorded, true = row(frame, measure="recorded"), row(frame, measure="true")
    assert (recorded["window"], true["window"]) == ("2012-03-09..2013-10-31", "2012-03..2013-10")
    assert recorded["averted_median"] == 3 * 602
    assert recorded["reduction_percent_median"] == pytest.approx(30)
    assert (recorded["share_fewer"], recorded["share_equal"]) == (0.8, 0.2)
    assert true["averted_median"] == 3 * 602
    assert true["reduction_percent_median"] == pytest.approx(100 * 3 * 602 / (10 * 610))


def test_pairs_are_runs_of_the_same_number(truce: xr.Dataset, no_truce: xr.Dataset) -> None:
    """Where every run has a constant effect, its interval has no width, however runs differ."""
    noise = np.random.default_rng(3).poisson(10, (5, len(DAYS)))
    a, b = plant(truce, noise), plant(no_truce, noise + TRUCE)
    recorded = row(paired.against(a, b), measure="recorded")
    assert recorded["averted_p05"] == recorded["averted_p95"] == 602
    assert recorded["share_fewer"] == 1


def test_hidden_killings_count_as_true_ones(truce: xr.Dataset, no_truce: xr.Dataset) -> None:
    """One hidden killing per month and kind averts fewer: 20 months times 6 kinds."""
    frame = paired.against(truce.assign(hidden=truce["hidden"] + 1), no_truce)
    assert row(frame, measure="recorded")["averted_median"] == 3 * 602
    assert row(frame, measure="true")["averted_median"] == 3 * 602 - 20 * 6


def test_paired_window_can_be_chosen(truce: xr.Dataset, no_truce: xr.Dataset) -> None:
    """A window of two days has two days of difference; one outside the calendar is refused."""
    frame = paired.against(truce, no_truce, "2012-03-08..2012-03-10")
    assert row(frame, measure="recorded")["averted_median"] == 3 * 2
    with pytest.raises(NotRecorded):
        paired.against(truce, no_truce, "2016-06..2017-06")


def test_only_runs_of_a_pair_are_compared(truce: xr.Dataset, no_truce: xr.Dataset) -> None:
    """Seed, runs and calendar have to agree, and the message says what does not."""
    unseeded = no_truce.copy()
    del unseeded.attrs["seed"]
    for other, message in (
        (no_truce.assign_attrs(seed=2), "same seed: 'synthetic' has 1, 'no_truce' has 2"),
        (unseeded, "same seed"),
        (no_truce.isel(run=slice(3)), "same number of runs"),
        (no_truce.isel(month=slice(12, None)), "same months"),
        (no_truce.assign_coords(run=np.arange(1, 6)), "same runs"),
    ):
        for compare in (paired.against, paired.difference):
            with pytest.raises(InputError, match=message):
                compare(truce, other)
    with pytest.raises(InputError, match="same seed"):
        paired.against(unseeded, unseeded)


def test_difference_by_hand(truce: xr.Dataset, no_truce: xr.Dataset) -> None:
    """Years before the truce are equal; A minus B is negative where A has fewer."""
    frame = paired.difference(truce, no_truce)
    years = [str(year) for year in range(2009, 2017)]
    assert frame["period"].to_list() == [*years, "2009-01..2016-12"] * 2
    earlier = row(frame, measure="recorded", period="2011")
    during = row(frame, measure="recorded", period="2012")
    assert (earlier["share_a_fewer"], earlier["share_equal"]) == (0, 1)
    assert (during["share_a_fewer"], during["share_equal"]) == (0.8, 0.2)
    assert during["difference_median"] == -3 * (366 - 68)
    assert during["a_median"] == 3660 - 3 * (366 - 68)
    assert during["b_median"] == 3660
    whole = row(frame, measure="true", period="2009-01..2016-12")
    assert whole["difference_median"] == -3 * 602
    assert whole["difference_p05"] == pytest.approx(-(5 - 0.2) * 602)


def test_yearly_totals(no_truce: xr.Dataset) -> None:
    """Full years only, beside the official sums."""
    frame = reductions.yearly(no_truce.isel(month=slice(3, -1)))
    assert frame["year"].to_list() == list(range(2010, 2016))
    known = {"year": 2012, "p05": 3660, "median": 3660, "p95": 3660, "observed": 2594}
    assert row(frame, year=2012) == known


def test_summary_is_json(truce: xr.Dataset, no_truce: xr.Dataset) -> None:
    """Every number survives JSON, also one that is undefined."""
    summary = paired.summary(truce, no_truce)
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["total_recorded"]["2011"] == {
        "p05": 3650.0,
        "median": 3650.0,
        "p95": 3650.0,
        "observed": 4371.0,
    }
    against = summary["reduction_by_baseline"]["2011"]
    assert against["median"] == pytest.approx(30)
    assert against["baseline_period"] == "2011"
    assert summary["averted_by_baseline"]["26_months"]["median"] == pytest.approx(3 * 602)
    assert summary["averted_vs_no_truce"]["recorded"]["averted_median"] == 3 * 602
    empty = paired.summary(plant(truce, np.zeros(len(DAYS), int)))
    assert empty["averted_vs_no_truce"] is None
    assert empty["reduction_by_baseline"]["2011"]["median"] is None
    json.dumps(empty, allow_nan=False)
