"""Declared numbers: their declarations, and that each of them acts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from trucesim import InputError, run, snapshot
from trucesim.locale.catalogue import LANGUAGES, speaking
from trucesim.parameters import (
    CONDITIONS,
    GANGS,
    PARAMETERS,
    Parameter,
    _table,
    condition_dtype,
    parameter_dtype,
    uncertain,
)
from trucesim.runs.sampling import parameters_of_runs, point_values
from trucesim.scenario.scenario import Event, Scenario
from trucesim.world import calendar
from trucesim.world.country import Country, load_country

DECLARED = {**PARAMETERS, **CONDITIONS}
POINT_VALUES = point_values()


# --- Declarations -------------------------------------------------------------------------------


def test_names_are_unique() -> None:
    assert len(DECLARED) == len(PARAMETERS) + len(CONDITIONS)
    for name, each in DECLARED.items():
        assert name == each.name
        assert name.isidentifier()
    for lang in LANGUAGES:
        with speaking(lang):
            assert len({each.label() for each in PARAMETERS.values()}) == len(PARAMETERS)
    with pytest.raises(ValueError, match="have one name"):
        _table(DECLARED["turnover"], DECLARED["turnover"])


@pytest.mark.parametrize("each", DECLARED.values(), ids=DECLARED)
def test_declaration(each: Parameter) -> None:
    assert each.low < each.high
    point = POINT_VALUES.get(each.name, each.value)
    assert point is not None
    assert each.low <= point <= each.high
    for text in (each.title, each.meaning, each.source, each.unit):
        assert text.strip() == text != ""
        assert not text.endswith(".")
    if each.choices:
        assert (each.low, each.high) == (0, len(each.choices) - 1)
        assert [
            each.read(choice, "x") for choice in each.choices if choice not in ("no", "yes")
        ] in (
            [],
            list(range(len(each.choices))),
        )
    else:
        assert each.read(each.low, "x") == each.low
        assert each.read(each.high, "x") == each.high
        for beyond in (np.nextafter(each.low, -np.inf), np.nextafter(each.high, np.inf)):
            with pytest.raises(InputError, match=each.name):
                each.read(float(beyond), "x")
    if each.whole:
        assert all(float(bound).is_integer() for bound in (each.low, point, each.high))
    assert each.whole or not each.indivisible
    # What is shown can be read again.
    assert each.read(each.show(point), "x") == point


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("recruitment", {"value": 6.0}, "outside its bounds"),
        ("recruitment", {"value": None}, "a value must be given unless it is uncertain"),
        ("turnover", {"value": 0.2}, "a value must be given unless it is uncertain"),
        ("turnover", {"low": 0.0, "prior": "log-uniform"}, "positive lower bound"),
        ("turnover", {"meaning": ("Only English",)}, "meaning"),
    ],
)
def test_a_wrong_declaration_is_refused(name: str, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Parameter(**{**PARAMETERS[name].model_dump(), **changed})


def test_an_uncertain_parameter_has_no_value_of_its_own() -> None:
    with pytest.raises(ValueError, match="point_values"):
        PARAMETERS["turnover"].default  # noqa: B018 - raises


@pytest.mark.parametrize("name", ["turnover", "clash_level"])
def test_a_share_of_the_prior_and_its_value_tell_each_other(name: str) -> None:
    each, shares = PARAMETERS[name], np.linspace(0.0, 1.0, 11)
    values = each.at(shares)
    assert (values[0], values[-1]) == pytest.approx((each.low, each.high))
    np.testing.assert_allclose(each.share(values), shares, atol=1e-12)
    middle = (each.low * each.high) ** 0.5 if each.prior == "log-uniform" else values.mean()
    assert each.at(0.5) == pytest.approx(middle)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "turnover",
            0.51,
            r"f:1: turnover = 0.51, but it must be a number from 0.05 to 0.5 1/year",
        ),
        ("turnover", "0.2", "turnover = '0.2'"),
        ("turnover", True, "turnover = True"),
        ("turnover", None, "turnover = None"),
        ("turnover", float("nan"), "turnover = nan"),
        ("turnover", float("inf"), "turnover = inf"),
        ("cliques", 100.5, "a whole number from 10 to 10000 cliques"),
        ("funds", 1, "true or false"),
        ("funds", "perhaps", "true or false"),
        ("order", "pakt", "did you mean 'pact'"),
        ("order", 1, "one of 'none', 'pact', 'own', 'attack'"),
        ("order", True, "one of 'none', 'pact', 'own', 'attack'"),
    ],
)
def test_read_says_what_is_wrong(name: str, value: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        DECLARED[name].read(value, "f:1")


def test_read_choices() -> None:
    assert CONDITIONS["order"].read("own", "x") == 2.0
    assert CONDITIONS["funds"].read(True, "x") == 1.0
    assert CONDITIONS["funds"].read("yes", "x") == 1.0
    assert CONDITIONS["order"].show(2.0) == "own"
    assert CONDITIONS["funds"].show(1.0) is True
    assert PARAMETERS["cliques"].read(12, "x") == 12.0


def test_records_hold_every_name() -> None:
    assert parameter_dtype().names == tuple(PARAMETERS)
    assert condition_dtype().names == ("first_day", "ordered", *CONDITIONS)
    assert {each.name for each in uncertain()} < set(PARAMETERS)
    for name, each in CONDITIONS.items():
        assert condition_dtype()[name].shape == ((len(GANGS),) if each.per_gang else ())


def test_a_part_of_the_country_takes_its_part(small: Country) -> None:
    whole = parameters_of_runs(load_country(), {}, 1, 0, 1, point=True)[0]
    part = parameters_of_runs(small, {}, 1, 0, 1, point=True)[0]
    assert 0.05 < small.share < 0.15
    shares = {"": 1.0, "people": small.share, "places": len(small) / 262}
    for name, each in PARAMETERS.items():
        scaled = whole[name] * shares[each.scales]
        assert part[name] == (round(scaled) if each.indivisible else pytest.approx(scaled))
    assert part["cliques"] < whole["cliques"]
    assert part["clique_municipalities"] < whole["clique_municipalities"]
    assert small.scale("soldiers", 6_500.0) == pytest.approx(6_500.0 * small.share)
    assert small.scale("repression", 2.0) == 2.0


# --- Every one acts -----------------------------------------------------------------------------

ORDERS = CONDITIONS["order_of"].choices[1:]

NEEDED: dict[str, dict[str, float]] = {
    # An order is which it is on the day it is given, and shows what it is while nothing is kept.
    **{
        f"persistence_{each.replace('-', '_')}": {"order": 2.0, "order_of": row, "funds": 0.0}
        for row, each in enumerate(ORDERS, 1)
    },
    "order_of": {"order": 1.0},
    "backlash": {"repression": 3.0, "conditionality": 0.0},
}
"""What must happen for it to act, where the rich scenario does not have it."""

RUNS = 3
_truce = slice("2012-04", "2014-12")


def _sum(name: str, results: xr.Dataset, kinds: list[str] | None = None) -> float:
    values = results[name] if kinds is None else results[name].sel(kind=kinds)
    return float(values.sum())


def _mean_compliance(results: xr.Dataset) -> float:
    return float(results["compliance"].sel(month=_truce).mean())


def _late_compliance(results: xr.Dataset) -> float:
    return float(results["compliance"].sel(month=slice("2015-04", None)).mean())


_recorded = partial(_sum, "recorded_national")
_forces = partial(_sum, "recorded_by_kind", kinds=["police", "soldiers"])
_by_forces = partial(_sum, "recorded_by_kind", kinds=["by_forces"])
_between = partial(_sum, "recorded_by_kind", kinds=["between_gangs"])
_against_others = partial(_sum, "recorded_by_kind", kinds=["gangs_against_others"])
_others = partial(_sum, "recorded_by_kind", kinds=["others"])
_hidden = partial(_sum, "hidden")
_missing = partial(_sum, "missing_reports")
_in_prison = partial(_sum, "in_prison")
_zones = partial(_sum, "zones")

PERSISTENCES = [f"persistence_{each.replace('-', '_')}" for each in ORDERS]

DIRECTION: dict[str, tuple[Callable[[xr.Dataset], float], int]] = {
    "members_in_prison": (_in_prison, 1),
    "homicide_level": (_recorded, 1),
    "gang_share": (_others, -1),
    "rival_share": (_against_others, -1),
    "police_killed_level": (_forces, 1),
    "clash_level": (_by_forces, 1),
    "branching": (_between, -1),  # a truce halts retaliation more than anything else
    "breach_rivals": (_between, 1),
    "breach_others": (_against_others, 1),
    "breach_forces": (_forces, 1),
    "reach_open": (_mean_compliance, 1),
    "channel_left": (_mean_compliance, 1),
    "cohesion_18": (_mean_compliance, 1),
    "sanction": (_mean_compliance, 1),
    "inducement": (_mean_compliance, 1),
    "local_gain": (_mean_compliance, -1),
    "grievance_weight": (_mean_compliance, -1),
    "trust_of_recruits": (_mean_compliance, 1),
    "zone_commitment": (_mean_compliance, 1),
    "benefits": (_mean_compliance, 1),
    "deterrence": (_mean_compliance, 1),
    "spreading": (_mean_compliance, 1),
    "arrest_rate": (_in_prison, 1),
    "release_rate": (_in_prison, -1),
    "backlash": (_forces, 1),
    "defiance": (_forces, 1),
    "reprisal": (_by_forces, 1),
    "hiding": (_hidden, 1),
    "missing_base": (_missing, 1),
    "missing_reporting": (_missing, 1),
    "forces_in_record": (_recorded, 1),
    "wearing": (_mean_compliance, -1),
    "patience": (_mean_compliance, 1),
    **{name: (_late_compliance, 1) for name in PERSISTENCES},
    "spell_onset": (_against_others, 1),
    "spell_weeks": (_against_others, 1),
    "spell_strength": (_against_others, 1),
    "refusal_hostile": (_against_others, 1),
    "heard": (_against_others, -1),
    "pact_grip": (_mean_compliance, 1),
    "pact_break": (_mean_compliance, -1),
    "pact_shield": (_between, -1),
    "lethality": (_by_forces, 1),
    "yielding": (_by_forces, -1),
    # conditions
    "order": (_against_others, 1),  # from none to an order to attack
    "privileges": (_mean_compliance, 1),
    "licence": (_by_forces, 1),
    "channel": (_mean_compliance, 1),
    "guarantor": (_mean_compliance, 1),
    "minister": (_mean_compliance, 1),
    "funds": (_mean_compliance, 1),
    "repression": (_by_forces, 1),
    "soldiers": (partial(_sum, "recorded_by_kind", kinds=["soldiers"]), 1),
    "extension_capacity": (_zones, 1),
}
"""What must rise or fall with it, where that follows from the rules."""


def _assert_moves(name: str, low: xr.Dataset, high: xr.Dataset) -> None:
    changed = [
        str(each)
        for each in low.data_vars
        if not np.array_equal(low[each].values, high[each].values)
    ]
    assert changed, f"{name} changes nothing"
    if name in DIRECTION:
        measure, sign = DIRECTION[name]
        assert sign * (measure(high) - measure(low)) > 0, (name, measure(low), measure(high))


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_acts(
    name: str, rich: Scenario, small: Country, with_event: Callable[..., Scenario]
) -> None:
    each = PARAMETERS[name]
    if name in NEEDED:
        rich = with_event(rich, dt.date(2015, 3, 4), **NEEDED[name])
    low, high = (
        run(
            replace(rich, parameters={**rich.parameters, name: value}),
            RUNS, 7, country=small, point=True, detail="none",
        )
        for value in (each.low, each.high)
    )  # fmt: skip
    _assert_moves(name, low, high)


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_acts(
    name: str, rich: Scenario, small: Country, with_event: Callable[..., Scenario]
) -> None:
    each = CONDITIONS[name]
    date = dt.date(2012, 3, 14)
    # Events that set the condition later would undo it.
    kept = [
        replace(e, set={k: v for k, v in e.set.items() if k != name or e.date < date})
        for e in rich.events
    ]
    base = replace(rich, events=tuple(kept))
    low, high = (
        run(
            with_event(base, date, **{name: value}, **NEEDED.get(name, {})),
            RUNS, 7, country=small, point=True, detail="none",
        )
        for value in (each.low, each.high)
    )  # fmt: skip
    assert calendar.day_of(date) % 7 != 0  # in mid-week
    _assert_moves(name, low, high)
    before = slice(None, calendar.day_of(date))
    np.testing.assert_array_equal(
        low["recorded_daily"].values[:, before], high["recorded_daily"].values[:, before]
    )


# --- Nothing within the bounds breaks it --------------------------------------------------------


def _values(table: dict[str, Parameter]) -> st.SearchStrategy[dict[str, float]]:
    def one(each: Parameter) -> st.SearchStrategy[float]:
        if each.whole or each.choices:
            return st.integers(int(each.low), int(each.high)).map(float)
        return st.floats(each.low, each.high)

    return st.fixed_dictionaries({name: one(each) for name, each in table.items()})


def _assert_sound(scenario: Scenario, country: Country, seed: int, **common: Any) -> None:
    kept = snapshot(scenario, calendar.END, 2, seed, country=country, workers=1, **common)
    for state, output in zip(kept.states, kept.outputs, strict=True):
        assert output.tally[0] == output.tally[1]
        for table in (*state[:-1],):
            for name in table.dtype.names or ():
                assert np.isfinite(table[name]).all(), name
        for name in ("members", "founded_with", "grudge", "anger", "trust", "funded"):
            assert (state.cliques[name] >= 0).all(), name
        assert (state.cliques["trust"] <= 1).all()
        assert (state.forces["soldiers"] >= 0).all()
        assert (state.leaderships["prisoners"] >= 0).all()
    results = run(scenario, start=kept, country=country, workers=1)
    for name, each in results.data_vars.items():
        assert np.isfinite(each.values).all(), name
        assert (each.values >= (-1 if name == "zone_since" else 0)).all(), name
    assert float(results["compliance"].max()) <= 1.0
    kinds = results["recorded_by_kind"]
    if scenario.parameters.get("forces_in_record") == 0.0:
        kinds = kinds.drop_sel(kind="by_forces")
    xr.testing.assert_equal(kinds.sum("kind"), results["recorded_national"])
    xr.testing.assert_equal(results["recorded"].sum("municipality"), results["recorded_national"])


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(
    seed=st.integers(0, 2**63 - 1),
    parameters=_values(PARAMETERS),
    conditions=_values(CONDITIONS),
    date=st.dates(dt.date(2012, 6, 1), dt.date(2016, 12, 31)),
)
def test_any_vector_within_bounds_is_sound(
    seed: int,
    parameters: dict[str, float],
    conditions: dict[str, float],
    date: dt.date,
    rich: Scenario,
    small: Country,
) -> None:
    event = Event("any", date, "Any", "Cualquiera", conditions, GANGS, "test")
    scenario = replace(
        rich,
        parameters=parameters,
        events=tuple(sorted([*rich.events, event], key=lambda e: e.date)),
    )
    _assert_sound(scenario, small, seed)


CORNERS = {
    "few huge cliques": {
        "cliques": 10.0, "members_at_liberty": 60_000.0, "turnover": 0.5, "arrest_rate": 0.5,
    },
    "many small cliques": {"cliques": 10_000.0, "members_at_liberty": 29_325.0,
                           "clique_minimum": 1.0, "dissolution_size": 1.0},
    "growth": {"cliques": 10_000.0, "clique_minimum": 50.0, "founding_rate": 5.0,
               "members_in_prison": 50_000.0, "recruitment": 5.0, "release_rate": 1.0},
    "decline": {"dissolution_size": 15.0, "recruitment": 0.0, "arrest_rate": 0.5,
                "release_rate": 0.0, "founding_rate": 0.0, "branching": 0.85},
}  # fmt: skip


@pytest.mark.parametrize("corner", CORNERS)
def test_corners_are_sound(
    corner: str, rich: Scenario, small: Country, with_event: Callable[..., Scenario]
) -> None:
    pressed = with_event(rich, dt.date(2010, 3, 4), repression=5.0, soldiers=50_000.0)
    scenario = replace(pressed, parameters={**rich.parameters, **CORNERS[corner]})
    _assert_sound(scenario, small, 5, point=True)
