"""The benchmark's plain Mesa model lives the compiled model's distribution, rule by rule.

``benchmarks/plain_mesa.py`` is the only second text of the rules. Were it another model, the
benchmark's ratio would compare nothing; and as it shares no rule and draws in another way,
agreement is also evidence about the compiled weeks.

A part of the country lives a shortened calendar, with every kind of dated change, zones, extension
and funds. Statistics and threshold were fixed before these runs were first compared: means over
runs, tested with Welch's z. The number of plain runs is a compromise between power and time. All
seeds are fixed, so the result changes only with the code.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from numpy.typing import NDArray
from plain_mesa import PlainModel, draw_country

from trucesim.agents import KINDS
from trucesim.engine.tables import Setting, new_output, new_scratch, new_state, room_for
from trucesim.engine.week import live
from trucesim.parameters import CONDITIONS, condition_dtype, parameter_dtype
from trucesim.runs.sampling import point_values
from trucesim.runs.simulate import places_of
from trucesim.scenario.file import load_scenario
from trucesim.world import calendar
from trucesim.world.country import load_country

pytestmark = pytest.mark.slow

PLAIN_RUNS = 60
COMPILED_RUNS = 2_000
LARGEST_Z = 4.0

YEAR_BEFORE = slice(24, 36)  # 2011
TRUCE_YEAR = slice(39, 51)  # April 2012 to March 2013
LAST_WEEK = -(-calendar.day_of(dt.date(2013, 4, 1)) // 7)

Statistics = dict[str, NDArray[np.float64]]


def make_setting(**factors: float) -> Setting:
    """Make a setting for one department; ``factors`` multiply parameters."""
    country = load_country().subset(["Usulután"])
    p = np.zeros(1, parameter_dtype())
    for name, value in point_values().items():
        p[name] = country.scale(name, value)
    # Let all that is off or rare by default take part.
    p["hiding"], p["spreading"], p["army_leaves_later_zones"] = 0.25, 0.5, 1.0
    p["reintegration_rate"], p["founding_rate"] = 0.3, 5.0
    p["wearing"], p["pact_grip"], p["pact_shield"], p["pact_break"] = 0.05, 0.6, 0.5, 0.02
    p["spell_onset"], p["spell_strength"], p["unasked_orders"] = 0.2, 0.3, 2.0
    p["breach_others"], p["climate_spread"], p["drift_spread"] = 0.85, 0.02, 0.05
    for name, factor in factors.items():
        p[name] *= factor

    changes: list[tuple[dt.date, dict[str, float]]] = [
        (calendar.START, {name: each.default for name, each in CONDITIONS.items()}),
        # In 2011 leaders are refused: they press, and may order to hold fire by themselves.
        (dt.date(2011, 1, 6), {"repression": 1.5}),
        (dt.date(2011, 12, 1), {"repression": 1.0}),
        (
            dt.date(2012, 3, 9),
            {"order": 1.0, "order_of": 2.0, "channel": 3.0, "minister": 2.0, "privileges": 1.0},
        ),
        (dt.date(2012, 7, 12), {"guarantor": 1.0, "extension_capacity": 20.0}),
        (
            dt.date(2012, 10, 3),
            {"repression": 2.0, "conditionality": 0.3, "soldiers": 11_500, "licence": 1.0},
        ),
        (
            dt.date(2012, 12, 5),
            {
                "minister": 0.0,
                "privileges": 0.0,
                "extension_choice": 1.0,
                "channel": 2.0,
                "funds": 1.0,
            },
        ),
    ]
    timeline = np.zeros(len(changes), condition_dtype())
    for row, (date, change) in enumerate(changes):
        if row:
            timeline[row] = timeline[row - 1]
        timeline["first_day"][row] = calendar.day_of(date)
        for name, value in change.items():
            timeline[name][row] = country.scale(name, value)
    # One gang goes on by its own order, and another attacks.
    timeline["order"][-1, 2], timeline["order_of"][-1, 2] = 2.0, 6.0
    timeline["order"][-1, 1] = 3.0
    timeline["ordered"] = -1.0
    for row in range(1, len(changes)):
        given = timeline["order"][row] != timeline["order"][row - 1]
        day = timeline["first_day"][row] + 1.0
        timeline["ordered"][row] = np.where(given, day, timeline["ordered"][row - 1])

    places = places_of(load_scenario("no-truce"), country)
    places.given["zone_first"][:3] = calendar.day_of(dt.date(2012, 5, 3))
    places.given["zone_last"][:3] = calendar.day_of(dt.date(2012, 6, 27))
    places.given["army_leaves"][0] = calendar.day_of(dt.date(2012, 8, 2))
    days = np.arange(calendar.DAYS)
    return Setting(
        places,
        p,
        timeline,
        np.searchsorted(timeline["first_day"], days, side="right") - 1,
        calendar.month_of_day(),
        country.scale("soldiers", CONDITIONS["soldiers"].default),
    )  # fmt: skip


def summarise(
    by_kind: NDArray[np.float64],
    hidden: NDArray[np.float64],
    compliance: NDArray[np.float64],
    member_days: NDArray[np.float64],
    zones: NDArray[np.float64],
    missing: NDArray[np.float64],
) -> dict[str, float]:
    """Give one run's statistics from its tables by month."""
    killings = by_kind + hidden
    before = dict(zip(KINDS, killings[YEAR_BEFORE].sum(axis=0), strict=True))
    during = dict(zip(KINDS, killings[TRUCE_YEAR].sum(axis=0), strict=True))
    return {
        "2011: all": sum(before.values()),
        "2011: between gangs": before["between_gangs"],
        "2011: gangs against others": before["gangs_against_others"],
        "2011: of and by forces": before["police"] + before["soldiers"] + before["by_forces"],
        "truce: all": sum(during.values()),
        "truce: between gangs": during["between_gangs"],
        "truce: gangs against others": during["gangs_against_others"],
        "truce: of and by forces": during["police"] + during["soldiers"] + during["by_forces"],
        "truce: hidden": float(hidden[TRUCE_YEAR].sum()),
        "truce: share that holds": compliance[TRUCE_YEAR].sum() / member_days[TRUCE_YEAR].sum(),
        "truce: members": member_days[TRUCE_YEAR].sum(),
        "truce: zones": zones[TRUCE_YEAR].sum(),
        "truce: reported missing": missing[TRUCE_YEAR].sum(),
    }


def gather(rows: list[dict[str, float]]) -> Statistics:
    """Give each statistic's values, shape (run,)."""
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def live_compiled(setting: Setting) -> Statistics:
    """Live the compiled ensemble."""
    places = len(setting.places.given)
    p = setting.p[0]
    founded = float(p["founding_rate"] * p["members_at_liberty"])
    rows = []
    for run in range(COMPILED_RUNS):
        state = new_state(room_for(int(p["cliques"]), founded, 8.0), places)
        output = new_output(calendar.MONTHS, calendar.DAYS, places)
        scratch = new_scratch(setting, state)
        live(setting, 1, np.array([run]), run, state, scratch, output, 0, LAST_WEEK)  # type: ignore[no-untyped-call]
        tables = (
            output.by_kind, output.hidden, output.compliance, output.member_days, output.zone,
            output.missing,
        )  # fmt: skip
        rows.append(summarise(*(table.astype(np.float64) for table in tables)))
    return gather(rows)


def compare(a: Statistics, b: Statistics) -> dict[str, float]:
    """Give Welch's z of each statistic's difference in means."""
    return {
        name: float(
            (a[name].mean() - b[name].mean())
            / np.sqrt(a[name].var(ddof=1) / len(a[name]) + b[name].var(ddof=1) / len(b[name]))
        )
        for name in a
    }


@pytest.fixture(scope="module")
def plain() -> Statistics:
    """Live the plain model; its countries are drawn under another seed than the ensemble's."""
    setting = make_setting()
    rows = []
    for run in range(PLAIN_RUNS):
        model = PlainModel(setting, draw_country(setting, 2, run), rng=run)
        model.live(LAST_WEEK)
        tables = ("by_kind", "hidden", "compliance", "member_days", "zones", "missing")
        rows.append(summarise(*(model.table(name) for name in tables)))
    return gather(rows)


def test_plain_model_agrees_with_compiled_ensemble(plain: Statistics) -> None:
    """No statistic differs by more than chance."""
    z = compare(plain, live_compiled(make_setting()))
    assert max(map(abs, z.values())) < LARGEST_Z, z


@pytest.mark.parametrize(
    ("parameter", "factor", "statistic"),
    [
        ("homicide_level", 1.10, "2011: gangs against others"),
        ("breach_others", 1.15, "truce: gangs against others"),
        ("wearing", 0.0, "truce: share that holds"),
    ],
)
def test_a_changed_rate_is_noticed(
    plain: Statistics, parameter: str, factor: float, statistic: str
) -> None:
    """The comparison has power: an ensemble in which one rate is a little higher is rejected."""
    z = compare(plain, live_compiled(make_setting(**{parameter: factor})))
    assert z[statistic] < -LARGEST_Z, z


def test_plain_model_books_every_killing_once() -> None:
    """By day, month, place and kind the record is the same; nothing is left from earlier weeks."""
    setting = make_setting()
    model = PlainModel(setting, draw_country(setting, 2, 0), rng=0)
    model.live(60)
    recorded = model.table("recorded").sum(axis=1)
    assert recorded.sum() > 0
    assert np.array_equal(recorded, model.table("by_kind").sum(axis=1))
    daily = np.bincount(setting.month_of_day, model.table("daily"))
    assert np.array_equal(recorded, daily)
