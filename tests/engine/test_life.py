"""The engine: the same bits however runs are made, and laws that hold in closed form."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from trucesim import InputError, Snapshot, load_country, load_scenario, run, snapshot
from trucesim.agents import KINDS
from trucesim.engine.rolls import WEEKS_BETWEEN_COUNTS
from trucesim.runs.simulate import prepare
from trucesim.scenario.file import shipped
from trucesim.scenario.scenario import Scenario, Zone
from trucesim.world import calendar
from trucesim.world.country import Country

Records = Callable[..., NDArray[np.void]]
WithEvent = Callable[..., Scenario]

TRUCE_DAY = calendar.day_of(dt.date(2012, 3, 9))


def assert_same_bits(a: xr.Dataset, b: xr.Dataset) -> None:
    """Compare values and axes, attributes left aside."""
    xr.testing.assert_equal(a, b)
    for name in a.data_vars:
        assert a[name].dtype == b[name].dtype
        assert a[name].values.tobytes() == b[name].values.tobytes()


def first_difference(a: xr.Dataset, b: xr.Dataset) -> int:
    """Give the first day on which any run's record differs; the number of days if none does."""
    differs = (a["recorded_daily"].values != b["recorded_daily"].values).any(axis=0)
    return int(differs.argmax()) if differs.any() else calendar.DAYS


# --- The same bits, however runs are made -------------------------------------------------------


@pytest.mark.parametrize("workers", [2, 16])
def test_threads_change_no_bit(
    workers: int, rich: Scenario, small: Country, rich_results: xr.Dataset
) -> None:
    results = run(rich, 4, 7, country=small, detail="full", point=True, workers=workers)
    assert_same_bits(results, rich_results)
    assert results.attrs == rich_results.attrs


def test_chunks_change_no_bit(truce: Scenario, small: Country) -> None:
    whole = run(truce, 10, 3, country=small)
    parts = [run(truce, 5, 3, country=small, first_run=first) for first in (0, 5)]
    assert parts[1]["run"].values.tolist() == [5, 6, 7, 8, 9]
    assert_same_bits(whole, xr.concat(parts, "run"))
    assert not np.array_equal(parts[0]["recorded_daily"], parts[1]["recorded_daily"])


def test_seeds_and_runs_differ(small: Country, no_truce: Scenario) -> None:
    one, other = (
        run(no_truce, 2, seed, country=small, point=True, detail="none")["recorded_daily"].values
        for seed in (1, 2)
    )
    assert len({each.tobytes() for each in (*one, *other)}) == 4


@pytest.mark.parametrize(
    "date",
    [
        dt.date(2009, 1, 3),  # before the first week has been lived
        dt.date(2012, 3, 9),  # in mid-week, on the day of an event
        dt.date(2012, 11, 1),  # while zones are extended and the army is leaving them
        dt.date(2013, 1, 1),  # in the days between which a zone signs
        dt.date(2016, 12, 31),
    ],
)
def test_continuing_a_snapshot_is_running_from_the_start(
    date: dt.date, rich: Scenario, small: Country, rich_results: xr.Dataset, tmp_path: Path
) -> None:
    kept = snapshot(rich, date, 4, 7, country=small, point=True)
    assert kept.week == calendar.day_of(date) // 7
    copy = [array.copy() for state in kept.states for array in state]
    assert_same_bits(run(rich, start=kept, country=small, detail="full"), rich_results)
    # Continuing leaves the snapshot as it was, so that others can start from it.
    for array, before in zip((a for s in kept.states for a in s), copy, strict=True):
        assert array.tobytes() == before.tobytes()
    path = tmp_path / "kept.npz"
    kept.save(path)
    assert [each.name for each in tmp_path.iterdir()] == ["kept.npz"]
    loaded = Snapshot.load(path)
    assert (loaded.week, loaded.seed, loaded.first_run) == (kept.week, 7, 0)
    assert_same_bits(run(rich, start=loaded, country=small, detail="full"), rich_results)


def test_snapshots_go_in_steps(rich: Scenario, small: Country, rich_results: xr.Dataset) -> None:
    kept = snapshot(rich, dt.date(2010, 5, 5), 2, 7, first_run=2, country=small, point=True)
    for date in (dt.date(2012, 12, 5), dt.date(2012, 12, 6), dt.date(2014, 7, 1)):
        kept = snapshot(rich, date, start=kept, country=small)
    results = run(rich, start=kept, country=small)
    assert_same_bits(results, rich_results.isel(run=slice(2, 4)))
    with pytest.raises(InputError, match="before the snapshot"):
        snapshot(rich, dt.date(2013, 1, 1), start=kept, country=small)


def test_a_snapshot_belongs_to_its_country(rich: Scenario, small: Country, tmp_path: Path) -> None:
    kept = snapshot(rich, dt.date(2009, 2, 1), 1, country=small, point=True)
    with pytest.raises(InputError, match="another country"):
        run(rich, start=kept)
    wrong = tmp_path / "wrong.npz"
    kept.save(wrong)
    whole = wrong.read_bytes()
    array = tmp_path / "array.npy"
    np.save(array, np.zeros(3))
    for content in (b"", b"no archive", whole[: len(whole) // 2], array.read_bytes()):
        wrong.write_bytes(content)
        with pytest.raises(InputError, match="not a snapshot"):
            Snapshot.load(wrong)
    with pytest.raises(InputError, match="not a snapshot"):
        Snapshot.load(tmp_path / "absent.npz")
    with np.load(io.BytesIO(whole)) as arrays:
        np.savez(wrong, **{**arrays, "0/State/rates": arrays["0/State/rates"]["feud"]})
    with pytest.raises(InputError, match="another version"):
        Snapshot.load(wrong)


def _without(scenario: Scenario, *names: str) -> Scenario:
    return replace(scenario, events=tuple(e for e in scenario.events if e.id not in names))


def _branches(rich: Scenario) -> dict[str, tuple[Scenario, dt.date | None]]:
    """Give scenarios that part from the rich one, and the date on which they do."""
    tecoluca = next(zone for zone in rich.zones if zone.first != zone.last)
    others = tuple(zone for zone in rich.zones if zone != tecoluca)
    later = replace(tecoluca, first=dt.date(2012, 11, 20))
    told = tuple(replace(e, en="Other words", es="Otras", source="other") for e in rich.events)
    date = {event.id: event.date for event in rich.events}
    return {
        "the same": (rich, None),
        "other words": (replace(rich, name="x", title={}, story={}, events=told), None),
        "an event less": (_without(rich, "funds"), date["funds"]),
        "two events less": (_without(rich, "funds", "own"), date["funds"]),
        "an event later": (
            replace(
                rich,
                events=tuple(
                    replace(e, date=dt.date(2013, 5, 8)) if e.id == "conditional" else e
                    for e in rich.events
                ),
            ),
            date["conditional"],
        ),
        "an event for fewer gangs": (
            replace(
                rich,
                events=tuple(
                    replace(e, gangs=("ms13",)) if e.id == "own" else e for e in rich.events
                ),
            ),
            date["own"],
        ),
        "a zone less": (replace(rich, zones=others), tecoluca.first),
        "a zone later": (replace(rich, zones=(*others, later)), tecoluca.first),
        "a condition at the start": (replace(rich, start={"soldiers": 0.0}), calendar.START),
        "a parameter": (replace(rich, parameters={"turnover": 0.3}), calendar.START),
    }


@pytest.mark.parametrize("name", [
    "the same", "other words", "an event less", "two events less", "an event later",
    "an event for fewer gangs", "a zone less", "a zone later", "a condition at the start",
    "a parameter",
])  # fmt: skip
def test_scenarios_part_on_the_date_that_is_told(
    name: str, rich: Scenario, small: Country, rich_results: xr.Dataset
) -> None:
    other, date = _branches(rich)[name]
    assert rich.changes_from(other) == other.changes_from(rich) == date
    from_start = run(other, 4, 7, country=small, detail="full", point=True)
    if date is None:
        assert other.digest == rich.digest
        assert_same_bits(from_start, rich_results)
        return
    assert other.digest != rich.digest
    parted = first_difference(from_start, rich_results)
    assert calendar.day_of(date) <= parted < calendar.DAYS
    if date == calendar.START:
        return
    kept = snapshot(rich, date, 4, 7, country=small, point=True)
    assert_same_bits(run(other, start=kept, country=small, detail="full"), from_start)


def test_nothing_is_compiled_twice(
    rich: Scenario, small: Country, records: Records, tmp_path: Path
) -> None:
    # Compiled code belongs to types; a read-only array is of another type than a writable one.
    settings = [
        prepare(rich, country, records(country, 2)[:1])
        for country in (load_country(), small, load_country("honduras"))
    ]
    assert len({str(numba.typeof(each)) for each in settings}) == 1
    kept = snapshot(rich, dt.date(2009, 3, 1), 1, country=small, point=True)
    kept.save(tmp_path / "kept.npz")
    loaded = Snapshot.load(tmp_path / "kept.npz")
    for part in ("states", "outputs"):
        fresh, read = (getattr(each, part)[0] for each in (kept, loaded))
        assert numba.typeof(fresh) == numba.typeof(read)
    assert numba.typeof(kept.parameters) == numba.typeof(loaded.parameters)


# --- Interventions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "in_mid_week"), [(dt.date(2012, 3, 9), True), (dt.date(2012, 5, 24), False)]
)
def test_an_order_acts_from_its_day_on(
    date: dt.date, in_mid_week: bool, no_truce: Scenario, with_event: WithEvent
) -> None:
    day = calendar.day_of(date)
    assert (day % 7 != 0) == in_mid_week
    changed = with_event(no_truce, date, order=1.0, channel=3.0)
    common: dict[str, Any] = {"point": True, "detail": "full", "until": dt.date(2012, 12, 31)}
    with_order, without = (run(each, 2, **common) for each in (changed, no_truce))
    # Nationally some killing is spared on the very day.
    assert first_difference(with_order, without) == day
    first = int(calendar.month_of_day()[day])
    assert_same_bits(
        with_order.isel(month=slice(first))[["recorded", "compliance"]],
        without.isel(month=slice(first))[["recorded", "compliance"]],
    )
    assert float(with_order["compliance"].isel(month=first).min()) > 0


def test_an_event_that_changes_nothing_changes_no_bit(
    rich: Scenario, small: Country, rich_results: xr.Dataset, with_event: WithEvent
) -> None:
    timeline = rich.timeline(load_country())
    first_days = timeline["first_day"]
    changed = rich
    days = [day for day in range(1203, 2900, 61) if day not in first_days]
    assert {day % 7 for day in days} == set(range(7))
    for day in days:
        now = timeline[np.searchsorted(first_days, day, side="right") - 1]
        changed = with_event(
            changed, calendar.date_of(day),
            repression=float(now["repression"]), guarantor=float(now["guarantor"]),
        )  # fmt: skip
    assert len(changed.events) == len(rich.events) + len(days)
    assert_same_bits(run(changed, 4, 7, country=small, detail="full", point=True), rich_results)


def _rings(country: Country, start: int) -> NDArray[np.int64]:
    """Give each place's distance from one, in borders crossed."""
    distance = np.full(len(country), len(country))
    distance[start] = 0
    front = [start]
    while front:
        beside = {int(n) for m in front for n in country.neighbours(m)}
        reached = int(distance[front[0]]) + 1
        front = [n for n in beside if distance[n] > reached]
        distance[front] = reached
    return distance


def test_a_zone_acts_no_farther_than_what_it_changes_can_have_spread(truce: Scenario) -> None:
    country = load_country()
    code = next(c for c, n in zip(country.codes, country.names, strict=True) if n == "Soyapango")
    row = country.codes.index(code)
    rings = _rings(country, row)
    assert rings.max() > 10
    date = dt.date(2012, 5, 22)
    week = calendar.day_of(date) // 7
    # No count of members falls into these weeks: it would reach a whole gang through its prisoners.
    weeks = range(week, week + 4)
    assert all(w % WEEKS_BETWEEN_COUNTS != WEEKS_BETWEEN_COUNTS - 1 for w in weeks)
    # Hiding follows a gang's obedience in the whole country: without it nothing does.
    felt = {"hiding": 0.0, "neighbour_weight": 0.5, "zone_commitment": 1.0}
    plain = replace(truce, parameters=felt)
    zoned = replace(plain, zones=(*plain.zones, Zone(code, date, date, None, "test")))
    common: dict[str, Any] = {"runs": 6, "seed": 4, "point": True}
    before = snapshot(plain, date, **common)
    touched = np.zeros(len(country), bool)
    for w in weeks:
        until = calendar.date_of(7 * (w + 1))
        a, b = (snapshot(each, until, start=before) for each in (zoned, plain))
        reached = w - week + 1
        for r in range(6):
            count = a.states[r].clique_count[0]
            one, other = a.states[r].cliques[:count], b.states[r].cliques[:count]
            for name in ("complies", "members", "trust", "grudge", "anger", "struck"):
                rows = np.flatnonzero(one[name] != other[name])
                assert (rings[one["place"][rows]] <= reached).all(), (name, w)
                touched[one["place"][rows]] = True
            recorded = (a.outputs[r].recorded != b.outputs[r].recorded).any(axis=0)
            assert (rings[np.flatnonzero(recorded)] <= reached).all()
            assert a.states[r].municipalities["zone"][row]
    assert touched[row]
    assert set(rings[touched]) >= {0, 1}  # neighbours hear of it


def test_run_is_the_same_country_in_every_scenario(truce: Scenario, no_truce: Scenario) -> None:
    at_once = replace(no_truce, start={"order": 1.0, "channel": 3.0, "repression": 2.0})
    date = dt.date(2009, 1, 8)
    a, b, c = (snapshot(each, date, 3, 9) for each in (truce, no_truce, at_once))
    assert a.week == 1
    np.testing.assert_array_equal(a.parameters, b.parameters)
    np.testing.assert_array_equal(a.parameters, c.parameters)
    for r in range(3):
        count = a.states[r].clique_count[0]
        assert count == 1955
        # Before its first event the truce is the world without one.
        for one, other in zip(a.states[r][:-1], b.states[r][:-1], strict=True):
            for name in set(one.dtype.names or ()) - {"zone_day", "army_leaves_day"}:
                assert one[name].tobytes() == other[name].tobytes(), name
        one, other = a.states[r].cliques[:count], c.states[r].cliques[:count]
        for name in ("number", "gang", "place", "founded_with", "disposition", "mood"):
            np.testing.assert_array_equal(one[name], other[name])
        for name in ("violence", "others_rate", "population"):
            np.testing.assert_array_equal(
                a.states[r].municipalities[name], c.states[r].municipalities[name]
            )
        assert not one["complies"].any()
        assert other["complies"].any()
    assert a.states[0].cliques["place"].tobytes() != a.states[1].cliques["place"].tobytes()


def test_a_shipped_scenario_runs_in_a_part_of_the_country(truce: Scenario, small: Country) -> None:
    # Most of its zones lie elsewhere.
    by_name = run("truce-2012", 1, country=small, point=True, until=dt.date(2013, 6, 30))
    loaded = run(truce, 1, country=small, point=True, until=dt.date(2013, 6, 30))
    assert_same_bits(by_name, loaded)
    assert int(by_name["zones"].max()) == 1  # San Vicente


def test_the_country_that_is_drawn(no_truce: Scenario) -> None:
    kept = snapshot(no_truce, calendar.START, 40, point=True)
    p = kept.parameters[0]
    members, sizes, mixes = [], [], []
    for state in kept.states:
        cliques = state.cliques[: state.clique_count[0]]
        assert len(cliques) == 1955
        assert len(np.unique(cliques["place"])) == 184
        assert sorted(cliques["number"]) == list(range(1955))
        assert (np.diff(cliques["place"]) >= 0).all()
        members.append(cliques["members"].sum())
        sizes.append(cliques["members"].min())
        mixes.append((cliques["gang"] == 0).mean())
        assert (cliques["trust"] == p["trust_of_recruits"]).all()
        assert state.leaderships["prisoners"].sum() == pytest.approx(9553, abs=3)
    assert min(sizes) == 15
    error = np.std(members, ddof=1) / 40**0.5
    assert abs(np.mean(members) - p["members_at_liberty"]) < 4 * error
    # The mix is logistic-normal about the shares: near them, not at them.
    assert abs(np.mean(mixes) - p["ms13_share"]) < 0.1


def _homicides(
    scenario: Scenario, country: Country, runs: int, first: str, last: str
) -> NDArray[np.float64]:
    """Give every run's recorded homicides from one month to another."""
    results = run(scenario, runs, 5, country=country, point=True, detail="none")
    total = results["recorded_national"].sel(month=slice(first, last)).sum("month")
    return total.values.astype(np.float64)


def _variances(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
    """Give the variance of the difference between paired runs, and between unpaired ones."""
    unpaired = [np.var(a - np.roll(b, k), ddof=1) for k in range(1, len(a))]
    return float(np.var(a - b, ddof=1)), float(np.mean(unpaired))


def test_paired_runs_differ_less(rich: Scenario, small: Country) -> None:
    # A small change late in the truce: what both sides share is most of what they do.
    months = 40, "2012-10", "2014-09"
    sides = (_homicides(each, small, *months) for each in (rich, _without(rich, "funds")))
    paired, unpaired = _variances(*sides)
    assert paired < 0.6 * unpaired


def test_paired_truce_effect(rich: Scenario, no_truce: Scenario, small: Country) -> None:
    never = replace(no_truce, parameters=rich.parameters)
    with_it, without = (_homicides(each, small, 60, "2012-03", "2013-02") for each in (rich, never))
    assert (without > with_it).mean() > 0.9
    paired, unpaired = _variances(without, with_it)
    assert paired < 0.8 * unpaired


def test_the_army_leaves_zones(rich: Scenario, small: Country) -> None:
    row = small.names.index("Zacatecoluca")
    leaves = dt.date(2012, 6, 20) + dt.timedelta(days=40)
    before, after = (
        snapshot(rich, leaves + dt.timedelta(days=step), 1, country=small, point=True).states[0]
        for step in (-7, 7)
    )
    assert before.municipalities["zone"][row]
    assert before.forces["soldiers"][row] > 0
    assert after.forces["soldiers"][row] == 0
    assert (after.forces["soldiers"] > 0).any()


# --- Laws in closed form ------------------------------------------------------------------------

PLAIN: dict[str, float] = {
    # Nothing feeds back, and there are so many members that their dead are not missed.
    "branching": 0.0, "defiance": 0.0, "reprisal": 0.0, "turnover": 0.0, "recruitment": 0.0,
    "arrest_rate": 0.0, "release_rate": 0.0, "founding_rate": 0.0, "dissolution_size": 1.0,
    "members_at_liberty": 4.2e6,
    # Nothing drifts or wears off.
    "climate_spread": 0.0, "drift_spread": 0.0, "wearing": 0.0,
}  # fmt: skip
FIRST_YEAR = dt.date(2009, 12, 31)


def _totals(results: xr.Dataset, name: str = "recorded_by_kind") -> dict[str, float]:
    return dict(zip(KINDS, results[name].sum(("run", "month")).values.astype(float), strict=True))


def assert_poisson(count: float, expected: float) -> None:
    """Compare a count with its expectation, within four standard errors."""
    assert abs(count - expected) < 4.0 * expected**0.5 + 1e-9, (count, expected)


def _levels(p: Any, days: float) -> dict[str, float]:
    """Give the killings expected over some days without an order, forces taken together."""
    gangs = p["homicide_level"] * p["gang_share"]
    return {
        "between_gangs": days * gangs * p["rival_share"],
        "gangs_against_others": days * gangs * (1.0 - p["rival_share"]),
        "forces": days * p["police_killed_level"] / 365.25,
        "by_forces": days * p["clash_level"] / 365.25,
        "others": days * p["homicide_level"] * (1.0 - p["gang_share"]),
    }


def test_levels_without_an_order(no_truce: Scenario, records: Records) -> None:
    runs = 40
    country = load_country()
    rows = records(country, runs, **PLAIN)
    results = run(no_truce, runs, 11, parameters=rows, until=FIRST_YEAR, detail="none")
    found = _totals(results)
    found["forces"] = found.pop("police") + found.pop("soldiers")
    expected = _levels(rows[0], 365.0 * runs)
    assert found.keys() == expected.keys()
    for kind, count in expected.items():
        assert_poisson(found[kind], count)
    assert_poisson(float(results["missing_reports"].sum()), 365.0 * runs * rows["missing_base"][0])
    assert float(results["hidden"].sum()) == 0
    # Days are alike, whatever their place in the week; the year spans whole weeks and one day.
    by_weekday = results["recorded_daily"].isel(day=slice(364)).values.reshape(runs, 52, 7)
    assert stats.chisquare(by_weekday.sum((0, 1))).pvalue > 1e-4
    # Who of the forces is struck goes by who patrols where the attackers live.
    kept = snapshot(no_truce, dt.date(2009, 1, 8), runs, 11, parameters=rows)
    soldiers = [
        np.average(
            s.forces["soldiers"] / (s.forces["police"] + s.forces["soldiers"]),
            weights=s.municipalities["members"].sum(1),
        )
        for s in kept.states
    ]
    share = float(np.mean(soldiers))
    struck = found["forces"]
    count = _totals(results)["soldiers"]
    assert abs(count - share * struck) < 4.0 * (struck * share * (1 - share)) ** 0.5


def test_homicides_of_others_by_municipality(no_truce: Scenario, records: Records) -> None:
    runs = 60
    country = load_country()
    # Only homicides by non-members are left, and violence is the department's own rate.
    rows = records(
        country, runs, **PLAIN, gang_share=0.0, police_killed_level=0.0, clash_level=0.0,
        proxy_2015=0.0, others_violence=0.7,
    )  # fmt: skip
    results = run(no_truce, runs, 12, parameters=rows, until=FIRST_YEAR, detail="full")
    found = results["recorded"].sum(("run", "month")).values.astype(float)
    weight = country.population * country.department_rate**0.7
    expected = 365.0 * runs * rows["homicide_level"][0] * weight / weight.sum()
    assert expected.min() > 5
    assert_poisson(found.sum(), expected.sum())
    assert stats.chisquare(found, expected * found.sum() / expected.sum()).pvalue > 1e-4
    assert _totals(results)["others"] == found.sum()


@pytest.mark.parametrize("branching", [0.4, 0.8])
def test_retaliation_multiplies_the_feud(
    branching: float, no_truce: Scenario, records: Records
) -> None:
    runs = 12
    changed = {**PLAIN, "branching": branching, "retaliation_half_life": 10.0}
    rows = records(load_country(), runs, **changed)
    results = run(
        no_truce, runs, 13, parameters=rows, until=dt.date(2011, 12, 31), detail="none"
    ).sel(month=slice("2010", "2011"))
    p = rows[0]
    standing = 730.0 * runs * p["homicide_level"] * p["gang_share"] * p["rival_share"]
    standing *= 1.0 - branching
    multiplication = _totals(results)["between_gangs"] / standing
    # Clusters of attacks have the variance of a Hawkes process.
    error = (standing / (1.0 - branching) ** 3) ** 0.5 / standing
    # What is left of a grievance below a hundredth of an attack is given up.
    assert multiplication < 1.0 / (1.0 - branching) + 4.0 * error
    assert multiplication > 1.0 / (1.0 - 0.987 * branching) - 4.0 * error
    # Other killings are not multiplied.
    assert_poisson(_totals(results)["others"], _levels(p, 730.0 * runs)["others"])


@pytest.mark.parametrize("holding", [1.0, 0.5])
def test_hiding_and_breaches_under_an_order(
    holding: float, no_truce: Scenario, records: Records
) -> None:
    runs = 30
    hiding, reporting = 0.25, 0.6
    obedient = replace(no_truce, start={"order": 1.0, "channel": 3.0, "minister": 2.0})
    rows = records(
        load_country(), runs, **PLAIN, sanction=1e6, reach_open=holding, cohesion_18=1.0,
        hiding=hiding, missing_reporting=reporting, missing_base=0.5,
        breach_rivals=0.2, breach_others=0.5, breach_forces=0.7, yielding=0.3,
    )  # fmt: skip
    results = run(obedient, runs, 14, parameters=rows, until=FIRST_YEAR, detail="none").sel(
        month=slice("2009-02", "2009-12")
    )  # the first week has no week before it
    days = 334.0 * runs
    assert float(results["compliance"].mean()) == pytest.approx(holding, abs=0.01)
    recorded, hidden = _totals(results), _totals(results, "hidden")
    levels = _levels(rows[0], days)

    def left(breach: float) -> float:
        return 1.0 - holding * (1.0 - breach)

    for kind, breach in (("between_gangs", 0.2), ("gangs_against_others", 0.5)):
        killed = recorded[kind] + hidden[kind]
        assert_poisson(killed, levels[kind] * left(breach))
        share = hiding * holding
        assert abs(hidden[kind] - share * killed) < 4.0 * (killed * share * (1 - share)) ** 0.5
    assert_poisson(recorded["police"] + recorded["soldiers"], levels["forces"] * left(0.7))
    assert_poisson(recorded["by_forces"], levels["by_forces"] * (1.0 - 0.3 * holding))
    assert_poisson(recorded["others"], levels["others"])
    reports = float(results["missing_reports"].sum())
    assert_poisson(reports, days * 0.5 + reporting * sum(hidden.values()))


def test_shipped_scenarios_run(small: Country) -> None:
    digests = set()
    for name in shipped():
        scenario = load_scenario(name)
        digests.add(scenario.digest)
        results = run(scenario, 1, country=small, point=True, detail="none")
        assert int(results["recorded_national"].sum()) > 500
    assert len(digests) == len(shipped()) >= 2
