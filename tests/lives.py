"""The two lives of a run side by side: compiled, and as Mesa agents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from trucesim.engine.tables import Output, Setting, State, new_output, new_scratch
from trucesim.engine.user_rules import attributes_of
from trucesim.engine.variant import live_with
from trucesim.model import TruceModel
from trucesim.parameters import CONDITIONS, condition_dtype, parameter_dtype
from trucesim.runs.sampling import point_values
from trucesim.runs.simulate import empty_state, places_of
from trucesim.scenario.file import load_scenario
from trucesim.world import calendar
from trucesim.world.country import Country, load_country

Rules = Mapping[str, Any]


# Dates within weeks, so that weeks are lived in stretches.
EVENTS = (
    ("2009-11-07", {"soldiers": 6500.0 * 0.08}),
    ("2010-06-12", {"repression": 1.6}),
    (
        "2012-03-09",
        {
            "order": (1, 1, 1, 0), "order_of": (2, 2, 2, 0), "channel": (3, 3, 3, 0),
            "minister": 2, "privileges": 1,
        },
    ),
    ("2012-07-13", {"guarantor": 1, "conditionality": 0.6}),
    ("2012-09-04", {"funds": 1}),
    ("2013-01-22", {"extension_capacity": 0.4}),
    ("2013-06-01", {"minister": 0, "extension_choice": 1}),
    ("2013-06-03", {"repression": 2.5, "extension_choice": 2}),
    ("2014-06-01", {"guarantor": 0, "funds": 0, "extension_capacity": 0}),
    ("2014-08-24", {"order": (2, 2, 2, 0), "channel": (2, 1, 2, 0)}),
    (
        "2015-02-19",
        {"channel": (0, 0, 0, 0), "repression": 3.0, "conditionality": 0.0, "licence": 1.0},
    ),
    ("2015-07-27", {"order": (2, 2, 3, 0), "privileges": 0}),
    ("2016-03-26", {"order": (2, 2, 2, 0), "answers": 1}),
)  # fmt: skip


def small_country() -> Country:
    """A small country."""
    return load_country().subset(["Sonsonate"])


def eventful_setting() -> Setting:
    """Make a truce in a small country in which everything happens that can happen."""
    part = small_country()
    p = np.zeros(1, parameter_dtype())
    for name, value in point_values().items():
        p[name] = part.scale(name, value)
    p["spreading"] = 0.5
    p["hiding"] = 0.25
    p["army_leaves_later_zones"] = 1
    p["homicide_level"] *= 2.0
    p["turnover"] = 0.4
    p["unasked_orders"] = 3.0
    p["pact_grip"] = 0.9
    p["dissolution_size"] = 13
    p["founding_rate"] = 5.0

    rows = [{name: condition.default for name, condition in CONDITIONS.items()}]
    days = [0]
    for date, changes in EVENTS:
        rows.append(rows[-1] | changes)
        days.append(calendar.day_of(dt.date.fromisoformat(date)))
    timeline = np.zeros(len(rows), condition_dtype())
    for row, (day, values) in enumerate(zip(days, rows, strict=True)):
        timeline["first_day"][row] = day
        for name, value in values.items():
            timeline[name][row] = value
    timeline["ordered"] = -1.0
    for row in range(1, len(rows)):
        given = timeline["order"][row] != timeline["order"][row - 1]
        timeline["ordered"][row] = np.where(given, days[row] + 1, timeline["ordered"][row - 1])
    stretch = np.searchsorted(days, np.arange(calendar.DAYS), side="right") - 1

    places = places_of(load_scenario("no-truce"), part)
    given = places.given
    signed = calendar.day_of(dt.date(2013, 1, 25))
    given["zone_first"][2:6] = given["zone_last"][2:6] = signed
    given["zone_last"][4:6] += 40
    given["army_leaves"][2] = signed + 12
    return Setting(
        places, p, timeline, stretch.astype(np.int64), calendar.month_of_day(),
        float(part.scale("soldiers", 6500.0)),
    )  # fmt: skip


def live_compiled(
    setting: Setting,
    seed: int = 1,
    run: int = 0,
    first_week: int = 0,
    last_week: int = calendar.WEEKS,
    state: State | None = None,
    rules: Rules | None = None,
) -> tuple[State, Output]:
    """Live some weeks as an ensemble does."""
    state = (
        empty_state(setting, attributes_of(rules or {}))
        if state is None
        else State(*(each.copy() for each in state))
    )
    output = new_output(calendar.MONTHS, calendar.DAYS, len(setting.places.given))
    live = live_with(rules or {})
    scratch = new_scratch(setting, state)
    live(setting, seed, np.array([run]), run, state, scratch, output, first_week, last_week)
    return state, output


def first_week_of(month: int) -> int:
    """Give the first week that begins in a month, counted from 0."""
    return int(np.searchsorted(calendar.month_of_day()[::7], month))


def live_as_agents(
    setting: Setting,
    country: Country,
    seed: int = 1,
    run: int = 0,
    first_week: int = 0,
    last_week: int = calendar.WEEKS,
    **options: Any,
) -> TruceModel:
    """Live the same weeks as Mesa agents."""
    model = TruceModel.from_setting(setting, country, seed, run, first_week=first_week, **options)
    for _ in range(first_week, last_week):
        model.step()
    return model


def assert_same(one: tuple[State, Output], other: tuple[State, Output]) -> None:
    """Assert that two lives left the same behind, bit for bit."""
    for part, other_part in zip(one, other, strict=True):
        for name, array in part._asdict().items():
            if array.dtype.names is None:
                np.testing.assert_array_equal(array, getattr(other_part, name), err_msg=name)
                continue
            for field in array.dtype.names:
                np.testing.assert_array_equal(
                    array[field], getattr(other_part, name)[field], err_msg=f"{name}.{field}"
                )


def assert_lives_agree(
    setting: Setting,
    country: Country,
    seed: int = 1,
    run: int = 0,
    first_week: int = 0,
    last_week: int = calendar.WEEKS,
    state: State | None = None,
    rules: Rules | None = None,
) -> TruceModel:
    """Assert that a run is the same in both lives, bit for bit, and return the agents' model."""
    compiled = live_compiled(setting, seed, run, first_week, last_week, state, rules)
    model = live_as_agents(
        setting, country, seed, run, first_week, last_week, state=state, rules=rules
    )
    assert_same((model.state, model.output), compiled)
    return model
