"""What is kept of runs: axes, types, sums that must agree, quantiles."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from trucesim import InputError, run, snapshot
from trucesim.files.errors import EnvironmentProblem
from trucesim.parameters import parameter_dtype
from trucesim.runs import memory
from trucesim.runs.memory import bytes_of_runs
from trucesim.runs.results import LARGEST_COUNT, QUANTILES, Reduction
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import Country

MUNICIPAL = ("recorded", "zone_status")


def test_axes_and_types(truce_results: xr.Dataset, small: Country, truce: Scenario) -> None:
    results = truce_results
    axes = {
        "recorded": ("run", "month", "municipality"),
        "zone_status": ("run", "month", "municipality"),
        "recorded_national": ("run", "month"),
        "recorded_by_kind": ("run", "month", "kind"),
        "hidden": ("run", "month", "kind"),
        "recorded_daily": ("run", "day"),
        "recorded_by_period": ("run", "period", "municipality"),
        "missing_reports": ("run", "month"),
        "compliance": ("run", "month", "gang"),
        "order_strength": ("run", "month", "gang"),
        "members": ("run", "month", "gang"),
        "in_prison": ("run", "month", "gang"),
        "zones": ("run", "month"),
        "zone_since": ("run", "municipality"),
        "beside_zone": ("run", "municipality"),
    }
    assert {str(name): each.dims for name, each in results.data_vars.items()} == axes
    for name, each in results.data_vars.items():
        kind = {
            "compliance": "f", "order_strength": "f", "members": "f",
            "zone_status": "b", "beside_zone": "b",
        }.get(str(name), "iu")  # fmt: skip
        assert each.dtype.kind in kind, name
    assert results.sizes == {
        "run": 20, "month": 96, "day": 2922, "municipality": len(small), "kind": 6, "gang": 4,
        "period": 13,
    }  # fmt: skip
    assert results["month"].dtype == results["day"].dtype == np.dtype("datetime64[ns]")
    assert results["month"].values[[0, -1]].astype("datetime64[D]").tolist() == [
        calendar.START,
        calendar.END.replace(day=1),
    ]
    assert results["day"].values[[0, -1]].astype("datetime64[D]").tolist() == [
        calendar.START,
        calendar.END,
    ]
    assert results["municipality"].values.tolist() == list(small.codes)
    assert results.attrs["scenario"] == "truce-2012"
    assert results.attrs["digest"] == truce.digest
    assert [each["date"] for each in json.loads(results.attrs["events"])] == [
        event.date.isoformat() for event in truce.events
    ]


def _assert_sums_agree(results: xr.Dataset, kinds: xr.DataArray) -> None:
    national = results["recorded_national"]
    xr.testing.assert_equal(kinds.sum("kind"), national)
    xr.testing.assert_equal(results["recorded"].sum("municipality"), national)
    by_month = results["recorded_daily"].resample(day="MS").sum()
    np.testing.assert_array_equal(by_month.transpose("run", "day").values, national.values)
    for period in results["period"].values:
        first, _, last = str(period).partition("..")
        months = slice(first, last or first)
        xr.testing.assert_equal(
            results["recorded_by_period"].sel(period=period, drop=True),
            results["recorded"].sel(month=months).sum("month"),
        )
    xr.testing.assert_equal(results["zone_status"].sum("municipality"), results["zones"])


def test_sums_agree(truce_results: xr.Dataset) -> None:
    assert truce_results.attrs["forces_in_record"] == 1
    assert truce_results["recorded_by_kind"].sel(kind="by_forces").sum() > 100
    _assert_sums_agree(truce_results, truce_results["recorded_by_kind"])


def test_forces_left_out_of_the_record(
    truce: Scenario, small: Country, truce_results: xr.Dataset
) -> None:
    without = replace(truce, parameters={"forces_in_record": 0.0})
    results = run(without, 3, 3, country=small, detail="full", point=True)
    assert results.attrs["forces_in_record"] == 0
    kinds = results["recorded_by_kind"]
    _assert_sums_agree(results, kinds.drop_sel(kind="by_forces"))
    # What happens is the same; only the record leaves it out.
    xr.testing.assert_equal(kinds, truce_results["recorded_by_kind"].isel(run=slice(3)))


def test_ranges(rich_results: xr.Dataset, truce_results: xr.Dataset) -> None:
    for results in (rich_results, truce_results):
        for name, each in results.data_vars.items():
            assert np.isfinite(each.values).all()
            assert (each.values >= (-1 if name == "zone_since" else 0)).all()
        compliance = results["compliance"]
        assert float(compliance.max()) <= 1.0
        assert float(compliance.sel(month=slice("2009", "2012-02")).max()) == 0.0
        assert float(compliance.sel(month="2012-06").mean()) > 0.3
        strength = results["order_strength"]
        assert float(strength.sel(month=slice("2009", "2012-02")).max()) == 0.0
        assert 0.0 < float(strength.sel(month="2012-06").max()) <= 1.0
        assert float(results["members"].isel(month=0).sum("gang").min()) > 1.0
        assert int(results["hidden"].sel(month=slice("2009", "2012-02")).sum()) == 0
        assert int(results["hidden"].sel(kind=["between_gangs", "gangs_against_others"]).sum()) > 0
        # Police, soldiers, those killed by them and homicides of others are never hidden.
        assert (
            int(results["hidden"].drop_sel(kind=["between_gangs", "gangs_against_others"]).sum())
            == 0
        )


def test_tables_of_an_agent_add_up(rich: Scenario, small: Country) -> None:
    kept = snapshot(rich, calendar.END, 3, 7, country=small, point=True)
    for state, output in zip(kept.states, kept.outputs, strict=True):
        attacks, deaths = output.tally
        assert attacks == deaths > 0
        cliques = state.cliques[: state.clique_count[0]]
        assert (cliques["members"] >= 0).all()
        assert (cliques["members"][~cliques["active"]] == 0).all()
        assert len(np.unique(cliques["number"])) == len(cliques)
        for gang, leadership in enumerate(state.leaderships):
            of_gang = cliques[cliques["gang"] == gang]
            holding = of_gang[of_gang["complies"]]
            assert leadership["members"] == of_gang["members"].sum()
            assert leadership["held"] == holding["members"].sum()
            at = np.bincount(of_gang["place"], of_gang["members"], len(small))
            np.testing.assert_array_equal(state.municipalities["members"][:, gang], at)
            at = np.bincount(holding["place"], holding["members"], len(small))
            np.testing.assert_array_equal(state.municipalities["holding"][:, gang], at)


def test_dead_of_a_clique_that_dissolves_are_counted(small: Country, no_truce: Scenario) -> None:
    # A quarter's departures may dissolve a clique in the very week in which it is struck.
    hard = {
        "dissolution_size": 15.0, "turnover": 0.5, "arrest_rate": 0.5, "gang_share": 0.9,
        "rival_share": 0.8, "homicide_level": 12.4, "clash_level": 80.0, "members_at_liberty": 3e4,
    }  # fmt: skip
    scenario = replace(no_truce, parameters=hard)
    kept = snapshot(scenario, calendar.END, 10, country=small, point=True)
    assert all(not s.cliques["active"][: s.clique_count[0]].all() for s in kept.states)
    for output in kept.outputs:
        assert output.tally[0] == output.tally[1] > 0


def test_detail_changes_nothing_else(
    truce: Scenario, small: Country, truce_results: xr.Dataset
) -> None:
    common = [name for name in truce_results.data_vars if name not in MUNICIPAL]
    for detail in ("quantiles", "none"):
        results = run(truce, 20, 3, country=small, detail=detail, point=True)
        expected = {*common, "recorded_quantile"} if detail == "quantiles" else {*common}
        assert set(results.data_vars) == expected
        xr.testing.assert_equal(results[common], truce_results[common])
        assert results.attrs == {**truce_results.attrs, "detail": detail}
        if detail == "quantiles":
            exact = np.quantile(
                truce_results["recorded"].values, QUANTILES, axis=0, method="inverted_cdf"
            )
            np.testing.assert_array_equal(results["recorded_quantile"].values, exact)
            assert results["recorded_quantile"].dims == ("quantile", "month", "municipality")


@pytest.mark.parametrize("runs", [1, 3, 7, 20, 60, 140, 1000])
def test_quantiles_of_a_histogram(runs: int) -> None:
    counts = np.random.default_rng(runs).poisson(3.0, (runs, 12))
    reduction = Reduction(runs, 1, "none")
    reduction.histogram = np.zeros((1, 12, LARGEST_COUNT + 1), np.int32)
    for row in counts:
        reduction.histogram[0, np.arange(12), row] += 1
    # The smallest count that at least this share of runs does not exceed; in whole numbers.
    percent = [round(100 * level) for level in QUANTILES]
    ordered = np.sort(counts, axis=0)
    expected = [ordered[-(-each * runs // 100) - 1] for each in percent]
    np.testing.assert_array_equal(reduction.quantiles()[:, 0], expected)


def _assert_is_its_beginning(part: xr.Dataset, whole: xr.Dataset) -> None:
    for name, each in part.data_vars.items():
        beginning = whole[name].sel(
            {d: each[d] for d in ("month", "day", "period") if d in each.dims}
        )
        xr.testing.assert_equal(each, beginning)


def test_until_is_the_beginning_of_the_whole(rich: Scenario, small: Country) -> None:
    whole = run(rich, 2, 7, country=small, point=True, workers=1)
    part = run(rich, 2, 7, country=small, point=True, workers=1, until=calendar.date_of(2000))
    assert part.sizes["month"] == int(calendar.month_of_day()[2000]) + 1
    _assert_is_its_beginning(part, whole)


def test_a_run_goes_on_to_the_end_of_2019(
    rich: Scenario, small: Country, rich_results: xr.Dataset
) -> None:
    given = {"country": small, "point": True, "detail": "full"}
    longer = run(rich, 4, 7, until=calendar.LAST, **given)
    assert (longer.sizes["month"], longer.sizes["day"]) == (132, 4017)
    assert longer["day"].values[-1].astype("datetime64[D]") == calendar.LAST
    assert longer["period"].values.tolist()[:11] == [str(year) for year in range(2009, 2020)]
    _assert_sums_agree(longer, longer["recorded_by_kind"])
    # The shorter run to its last day, in the midst of a week; and any end in between.
    _assert_is_its_beginning(rich_results, longer)
    between = run(rich, 4, 7, until=dt.date(2017, 6, 15), **given)
    assert between["day"].values[-1].astype("datetime64[D]") == dt.date(2017, 6, 30)
    _assert_is_its_beginning(between, longer)
    later = longer.sel(month=slice("2017", None))
    assert (later["recorded_national"] > 0).all()
    held = later["compliance"].sel(gang=["ms13", "revolucionarios"]).isel(month=0)
    assert (held > 0).any("gang").all()
    # The week in which the calendar ends, and a snapshot made for the shorter run, are no seam.
    kept = snapshot(rich, calendar.END, 4, 7, country=small, point=True)
    assert run(rich, start=kept, detail="full", country=small, until=calendar.LAST).identical(
        longer
    )


@pytest.mark.parametrize("until", [dt.date(2008, 12, 31), dt.date(2020, 1, 1)])
def test_until_outside_the_calendar(until: dt.date, no_truce: Scenario, small: Country) -> None:
    with pytest.raises(InputError, match="2009-01-01 to 2019-12-31"):
        run(no_truce, 1, country=small, until=until)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"runs": 0}, "runs = 0"),
        ({"runs": 2.0}, "runs = 2.0"),
        ({"runs": True}, "runs = True"),
        ({"seed": -1}, "seed = -1"),
        ({"first_run": -1}, "first_run = -1"),
        ({"workers": 0}, "workers = 0"),
        ({"detail": "all"}, "detail = 'all'"),
    ],
)
def test_wrong_numbers(
    wrong: dict[str, object], said: str, no_truce: Scenario, small: Country
) -> None:
    with pytest.raises(InputError, match=said):
        run(no_truce, **{"runs": 1, "country": small, **wrong})  # type: ignore[arg-type]


def test_whole_numbers_of_numpy_are_taken(small: Country, truce: Scenario) -> None:
    given = {"country": small, "detail": "none", "until": calendar.date_of(40)}
    plain = run(truce, 2, 7, first_run=3, workers=1, **given)
    numpy = run(
        truce, np.int64(2), np.uint32(7), first_run=np.int16(3), workers=np.int8(1), **given
    )
    assert plain.identical(numpy)


@pytest.mark.parametrize("detail", ["full", "quantiles", "none"])
def test_memory_is_that_of_what_is_kept(detail: str, small: Country) -> None:
    held = sum(
        each.nbytes for each in vars(Reduction(30, len(small), detail)).values()
        if isinstance(each, np.ndarray)
    )  # fmt: skip
    drawn = 30 * parameter_dtype().itemsize
    assert bytes_of_runs(30, [detail], len(small)) == held + drawn
    assert bytes_of_runs(30, [detail, detail], len(small)) == 2 * held + drawn


def test_runs_that_cannot_be_held_are_not_made(
    small: Country, no_truce: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = memory.free_memory()
    assert free is None or free > 0
    monkeypatch.setattr(memory, "free_memory", lambda: 0)
    with pytest.raises(EnvironmentProblem, match=r"2 runs would take about 0\.0 GB of memory"):
        run(no_truce, 2, country=small)
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    assert run(no_truce, 2, country=small, detail="none").sizes["run"] == 2
