"""Effects pair by pair: regions, what an effect hangs on, and whether one would see it."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from trucesim.files.errors import InputError
from trucesim.outcomes import effects
from trucesim.outcomes.effects import ALL_YEARS, BESIDE, ELSEWHERE, NATIONAL, REGIONS, ZONES
from trucesim.parameters import uncertain
from trucesim.runs.sampling import draw_priors, records
from trucesim.runs.simulate import run
from trucesim.world import calendar
from trucesim.world.country import load_country

RUNS = 40


def made(
    fewer: float = 0.0, *, zones: tuple[int, ...] = (3, 80), fewer_in_zones: int = 0
) -> xr.Dataset:
    """Make results of one and the same chance, with so many fewer homicides everywhere."""
    generator = np.random.default_rng(5)
    country = load_country()
    months = generator.poisson(300.0, (RUNS, calendar.MONTHS)).astype(np.float64)
    months[:, 60:] *= 1.0 - fewer
    years = generator.poisson(15.0, (RUNS, 8, len(country)))
    years[:, 4:, list(zones)] -= fewer_in_zones
    since = np.full((RUNS, len(country)), -1)
    since[:, list(zones)] = 50
    return xr.Dataset(
        {
            "recorded_national": (("run", "month"), months),
            "recorded_by_period": (("run", "period", "municipality"), years),
            "zone_since": (("run", "municipality"), since),
            "beside_zone": (("run", "municipality"), country.beside(since >= 0)),
        },
        {
            "run": np.arange(RUNS), "month": calendar.months(),
            "period": [str(year) for year in range(2009, 2017)],
            "municipality": list(country.codes),
        },
        {"seed": 1, "country": country.name, "scenario": "made"},
    )  # fmt: skip


def test_the_three_regions_make_the_country_and_border_on_each_other() -> None:
    country, there = load_country(), effects.regions(made(zones=(3,)), made(zones=(3, 80)))
    assert list(there) == list(REGIONS)
    assert (there[ZONES].sum(axis=1) == 2).all()
    parts = there[ZONES].astype(int) + there[BESIDE] + there[ELSEWHERE]
    assert (parts == 1).all()
    near = {int(row) for zone in (3, 80) for row in country.neighbours(zone)} - {3, 80}
    assert set(np.flatnonzero(there[BESIDE][0])) == near


def test_an_effect_is_found_where_it_lies_and_adds_up() -> None:
    table = effects.by_region(made(), made(fewer_in_zones=2)).set_index(["region", "period"])
    assert table.loc[(ZONES, "2014"), "difference_mean"] == 2 * 2
    assert table.loc[(ZONES, "2012"), "share_equal"] == 1.0
    assert table.loc[(ZONES, ALL_YEARS), "difference_median"] == 2 * 2 * 4
    assert table.loc[(ZONES, ALL_YEARS), "share_b_fewer"] == 1.0
    assert table.loc[(BESIDE, ALL_YEARS), "difference_mean"] == 0.0
    for period in ("2014", ALL_YEARS):
        means = table["difference_mean"].xs(period, level="period")
        assert means[NATIONAL] == means[[ZONES, BESIDE, ELSEWHERE]].sum()
    with pytest.raises(InputError, match="same seed"):
        effects.by_region(made(), made().assign_attrs(seed=2))


def test_what_an_effect_hangs_on_is_found_and_chance_is_not() -> None:
    parameters = records(draw_priors(3, 0, 400))
    name = uncertain()[20].name
    noise = np.random.default_rng(1).normal(size=400)
    planted = -2.0 * (parameters[name] - parameters[name].mean()) / parameters[name].std() + noise
    found = effects.hangs_on(planted, parameters)
    assert found["parameter"][0] == name
    assert found["correlation"][0] < -0.8
    assert found["told"].tolist() == [True] + [False] * (len(found) - 1)
    assert not effects.hangs_on(noise, parameters)["told"].any()
    assert effects.hangs_on(np.zeros(400), parameters).empty
    # A parameter that all runs share explains nothing.
    parameters[name] = 1.0
    assert name not in set(effects.hangs_on(planted, parameters)["parameter"])


def test_a_small_effect_is_seen_as_often_as_chance_and_a_large_one_always() -> None:
    assert effects.visible(made(), made()).empty
    small = effects.visible(made(), made(0.002)).set_index("months")
    assert small["seen_in_record"].between(0.05, 0.15).all()
    assert small["seen_in_worlds"].between(0.0, 0.2).all()
    large = effects.visible(made(), made(0.9)).set_index("months")
    assert (large["seen_in_record"] > 0.95).all()
    assert (large["seen_in_worlds"] == 1.0).all()
    assert large.loc[3, "first"] == "2014-01"
    assert (large["percent_median"] - 90.0).abs().max() < 1e-6


def test_results_say_when_each_municipality_signed() -> None:
    results = run("truce-2012", 2, 4, detail="full")
    status = results["zone_status"].transpose("run", "month", "municipality").values
    since = results["zone_since"].values
    np.testing.assert_array_equal(since >= 0, status.any(axis=1))
    for r, place in zip(*np.nonzero(since >= 0), strict=True):
        assert status[r, since[r, place], place]
        assert not status[r, : since[r, place], place].any()
    assert (since >= 0).sum(axis=1).tolist() == [8, 8]
    country = load_country()
    for r, beside in enumerate(results["beside_zone"].values):
        signed = set(np.flatnonzero(since[r] >= 0))
        assert set(np.flatnonzero(beside)) == {
            place for place in range(len(country))
            if place not in signed and signed & set(country.neighbours(place).tolist())
        }  # fmt: skip
