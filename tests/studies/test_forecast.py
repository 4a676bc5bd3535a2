"""Forecasts know nothing of what comes after their origin; their scores are the shared ones."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trucesim.engine.tables import State
from trucesim.files.errors import InputError
from trucesim.outcomes import forecasts
from trucesim.outcomes.forecasts import MODEL, NAIVE, POOLED
from trucesim.runs.sampling import Draws, distinct_draws, parameters_of_draws, shipped_draws
from trucesim.runs.simulate import prepare
from trucesim.scenario.change import by_own_hazard, known_by, set_condition, set_parameters
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.studies import hindcast as hindcasts
from trucesim.studies.follow import (
    CANDIDATES,
    NUMBERS,
    PILOTS,
    SEED,
    Filter,
    most_members,
    observed_months,
)
from trucesim.studies.forecast import (
    PIECES,
    Forecast,
    Origins,
    compare_methods,
    forecast,
    members_of,
    summary,
    table_of,
)
from trucesim.studies.hindcast import Rolling, hindcast, load_rolling
from trucesim.world import calendar
from trucesim.world.country import load_country

PLAN = Path(__file__).resolve().parents[2] / "experiments" / "calibration" / "plan.toml"

ORIGIN = "2010-09"
FEW: dict[str, Any] = {"months": 6, "draws": 2, "particles": 8, "members": 3}


def made(origin: str = ORIGIN, **changed: Any) -> Forecast:
    return forecast(origin, **FEW | changed)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Forecast]:
    folder = tmp_path_factory.mktemp("forecast")
    return folder, made(folder=folder, workers=1)


def test_what_is_decided_later_is_not_known() -> None:
    record = load_scenario("as-recorded")
    day = dt.date(2013, 3, 1)
    known = known_by(record, day)
    assert known.events == tuple(event for event in record.events if event.date <= day)
    assert {event.id for event in record.events} > {event.id for event in known.events}
    signed = {zone.code: zone for zone in record.zones if zone.first <= day}
    assert {zone.code: zone for zone in known.zones} == signed
    assert 0 < len(signed) < len(record.zones)
    assert any(zone.first == day for zone in known.zones)
    assert dict(known.start) == dict(record.start)
    assert known_by(known, day) == known
    # Announced for some days, of which the last lies ahead: it stays.
    zone = replace(record.zones[0], first=day, last=dt.date(2013, 9, 1))
    assert known_by(replace(record, zones=(zone,)), day).zones == (zone,)
    assert known_by(record, calendar.END) == record
    assert known_by(record, calendar.START).zones == ()


def test_nothing_after_the_origin_changes_a_forecast(found: tuple[Path, Forecast]) -> None:
    _, one = found
    aim = observed_months()
    last = 12 * (2010 - 2009) + 9
    later = aim.copy()
    later[last:] *= 3.0
    other = made(record=later)
    np.testing.assert_array_equal(one.members, other.members)
    assert (one.observed != other.observed).all()
    # Days of the last week that is lived with the origin's month: they too are later.
    scenario = set_condition(
        load_scenario("truce-2012"), "order", "pact", dt.date(2010, 10, 1), "here",
        id="sooner", shown="pact", source="a test",
    )  # fmt: skip
    np.testing.assert_array_equal(one.members, made(scenario=scenario).members)
    earlier = aim.copy()
    earlier[last - 1] *= 1.5
    assert (made(record=earlier).members != one.members).any()
    sooner = set_condition(
        load_scenario("truce-2012"), "order", "pact", dt.date(2010, 9, 1), "here",
        id="sooner", shown="pact", source="a test",
    )  # fmt: skip
    assert (made(scenario=sooner).members != one.members).any()


def test_forecasts_of_other_lengths_agree(found: tuple[Path, Forecast]) -> None:
    _, one = found
    short = made(months=2)
    np.testing.assert_array_equal(one.members[:, :, :2], short.members)
    # With room for 2017 to 2019 a life up to 2016 is the same.
    long = made("2010-01", months=36, draws=1)
    short = made("2010-01", months=3, draws=1)
    np.testing.assert_array_equal(long.members[:, :, :3], short.members)


def test_room_for_later_years_changes_nothing() -> None:
    own = by_own_hazard(load_scenario("truce-2012"), calendar.START)
    parameters = parameters_of_draws(distinct_draws(1), SEED)
    counts = []
    for until in (calendar.END, calendar.LAST):
        setting = prepare(own, load_country(), parameters, calendar.days_for(until))
        one = Filter(setting, observed_months(), 0, SEED, 4, 0.08)
        one.assimilate(0)
        counts.append(one.live_on(1, 3, 2))
    np.testing.assert_array_equal(*counts)


def test_workers_and_interruptions_change_nothing(
    found: tuple[Path, Forecast], tmp_path: Path
) -> None:
    folder, one = found
    np.testing.assert_array_equal(one.members, made(workers=2).members)
    texts = [(folder / PIECES / f"000{d}.json").read_text(encoding="utf-8") for d in range(2)]
    (tmp_path / PIECES).mkdir()
    kept, cut = (tmp_path / PIECES / f"000{d}.json" for d in range(2))
    kept.write_text(texts[0], encoding="utf-8")
    cut.write_text(texts[1][:60], encoding="utf-8")
    stamp = kept.stat().st_mtime_ns
    told: list[tuple[str, int, int]] = []
    again = made(folder=tmp_path, progress=lambda *each: told.append(each))
    np.testing.assert_array_equal(one.members, again.members)
    assert kept.stat().st_mtime_ns == stamp
    assert cut.read_text(encoding="utf-8") == texts[1]
    assert told[0] == ("draws", 1, 2)
    assert told[-1] == ("draws", 2, 2)
    # The first draws are the same however many are taken.
    np.testing.assert_array_equal(one.members[:1], made(draws=1).members)


def test_a_fork_lives_apart() -> None:
    own = by_own_hazard(load_scenario("truce-2012"), calendar.START)
    parameters = parameters_of_draws(distinct_draws(1), SEED)
    setting = prepare(own, load_country(), parameters)
    one, other = (Filter(setting, observed_months(), 0, SEED, 4, 0.08) for _ in range(2))
    for each in (one, other):
        each.assimilate(0)
    here = one.fork(setting)
    assert here.assimilate(1).counts.tolist() == other.assimilate(1).counts.tolist()
    here.live_on(2, 2, 3)
    one.assimilate(1)
    np.testing.assert_array_equal(one.live_on(2, 2, 3), other.live_on(2, 2, 3))


def eventful() -> Scenario:
    """Give a scenario of which much happens around the first origins."""
    record = load_scenario("truce-2012")
    days = dt.date(2009, 1, 10), dt.date(2009, 2, 2), dt.date(2009, 3, 2), dt.date(2009, 3, 20)
    events = [
        replace(record.events[0], id=f"order-{n}", date=day, set={"order": 1.0})
        for n, day in enumerate(days)
    ]
    spans = [
        ("2009-01-20", "2009-01-20"),
        ("2009-02-03", "2009-02-03"),
        ("2009-02-10", "2009-05-01"),
    ]
    zones = [
        replace(
            zone, first=dt.date.fromisoformat(a), last=dt.date.fromisoformat(b), army_leaves=None
        )
        for zone, (a, b) in zip(record.zones, spans, strict=False)
    ]
    return replace(record, events=tuple(events), zones=tuple(zones))


def test_a_filter_with_several_origins_gives_what_each_gives_alone() -> None:
    scenario, aim = eventful(), observed_months()
    parameters = parameters_of_draws(distinct_draws(2), SEED)

    def lived(*origins: int) -> list[list[np.ndarray]]:
        made = Origins.of(scenario, origins, (3,) * len(origins), 4, 3, aim, 0.08, SEED)
        return made.ensembles(parameters, first=7)

    together = lived(0, 1, 2)
    for number in range(3):
        for one, other in zip(together, lived(number), strict=True):
            np.testing.assert_array_equal(one[number], other[0])
    # No two origins' members share a run number, nor do they take one of the filter's.
    assert most_members(100) * 96 + 100 * CANDIDATES + PILOTS < NUMBERS
