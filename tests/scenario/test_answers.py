"""How the gangs' own answers come about: by the model's hazard, or on their documented days."""

from __future__ import annotations

import datetime as dt

import pytest

from trucesim import load_scenario
from trucesim.scenario.change import (
    by_own_hazard,
    differ_in_answers,
    with_dated_answers,
    with_settings,
    without_event,
)
from trucesim.scenario.scenario import Scenario
from trucesim.studies.effects import AS_GIVEN, DATED, OWN, treatments
from trucesim.world import calendar

RECORD = load_scenario("as-recorded")
ANSWERS = [event for event in RECORD.events if event.kind == "answer"]


def answers_of(scenario: Scenario) -> list[dt.date]:
    return [event.date for event in scenario.events if event.kind == "answer"]


def test_dated_answers_make_the_record_of_the_truce() -> None:
    assert with_dated_answers(load_scenario("truce-2012")).changes_from(RECORD) is None
    assert with_dated_answers(RECORD).changes_from(RECORD) is None


@pytest.mark.parametrize("name", ["no-truce", "leaders-stay-connected", "funds-arrive"])
def test_a_what_if_gets_the_same_answers_and_keeps_the_rest(name: str) -> None:
    scenario = load_scenario(name)
    dated = with_dated_answers(scenario)
    assert answers_of(dated) == [event.date for event in ANSWERS]
    assert {event.id for event in dated.events} == {
        *(event.id for event in scenario.events), *(event.id for event in ANSWERS),
    }  # fmt: skip
    assert not differ_in_answers(dated, RECORD)


def test_an_answer_that_was_moved_goes_back_to_its_day() -> None:
    moved = without_event(RECORD, ANSWERS[0].id, "here")
    assert differ_in_answers(moved, RECORD)
    assert answers_of(with_dated_answers(moved)) == answers_of(RECORD)


def test_what_else_an_event_sets_stays() -> None:
    given = with_settings(load_scenario("truce-2012"), ["answers=dated@2013-01-01"])
    for treated in (by_own_hazard(given, calendar.START), with_dated_answers(given)):
        told = [(event.date, event.set["answers"]) for event in treated.events
                if "answers" in event.set]  # fmt: skip
        assert all(date == calendar.START for date, _ in told)
        assert len(answers_of(treated)) in (0, len(ANSWERS))


def test_cases_that_differ_in_answers_are_run_as_they_are() -> None:
    truce = load_scenario("truce-2012")
    assert treatments(truce, load_scenario("no-guarantor")) == (OWN, DATED)
    assert treatments(RECORD, truce) == (AS_GIVEN,)
    assert treatments(RECORD, without_event(RECORD, ANSWERS[-1].id, "here")) == (AS_GIVEN,)
    since_2014 = by_own_hazard(RECORD, dt.date(2014, 1, 1))
    assert differ_in_answers(since_2014, RECORD)
    assert answers_of(since_2014) == [e.date for e in ANSWERS if e.date.year < 2014]
