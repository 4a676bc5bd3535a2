"""Scenario files of version 0.1.0 are opened, or told in one line what is gone."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from folders import OF_0_1_0

from trucesim import InputError, load_scenario
from trucesim.parameters import CONDITIONS
from trucesim.scenario.change import move_event, with_settings
from trucesim.scenario.file import read_scenario
from trucesim.studies.cases import read_link
from trucesim.world.country import Country


def test_it_is_told_apart_from_what_it_was() -> None:
    # It extends truce-2012, which is another one in the second generation: results of the two
    # are never taken for each other's.
    told = json.loads((OF_0_1_0 / "digests.json").read_text(encoding="utf-8"))
    assert load_scenario(OF_0_1_0 / "everything.toml").digest != told["everything.toml"]


def test_it_holds_what_it_says(small: Country) -> None:
    scenario = load_scenario(OF_0_1_0 / "everything.toml")
    events = {event.id: event for event in scenario.events}
    assert "guarantor-leaves" not in events
    assert events["two-gangs"].gangs == ("ms13", "revolucionarios")
    assert CONDITIONS["channel"].show(events["two-gangs"].set["channel"]) == "sealed"
    assert str(events["guarantor"].date) == "2012-06-01"
    zones = {zone.code: zone for zone in scenario.zones}
    assert "0509" not in zones
    assert [str(day) for day in (zones["0821"].first, zones["0821"].army_leaves)] == [
        "2012-06-20", "2012-12-01",
    ]  # fmt: skip
    spans = [zone for zone in scenario.zones if zone.first < zone.last and zone.code in small.codes]
    assert [(str(each.first), str(each.last)) for each in spans] == [("2012-09-01", "2013-02-28")]
    assert scenario.parameters["turnover"] == 0.3
    assert scenario.start["soldiers"] == 6000


def test_what_was_renamed_is_found_under_its_old_name() -> None:
    assert load_scenario("second-pact-2016") == load_scenario("as-recorded")
    head = 'extends = "second-pact-2016"\ndrop = ["second-pact"]\n'
    texts = 'title = { en = "A", es = "B" }\nstory = { en = "A", es = "B" }\n'
    dropped = read_scenario(head + texts, "mine")
    assert "own-order-2016" not in {event.id for event in dropped.events}
    day = dt.date(2016, 4, 1)
    moved = move_event(load_scenario("as-recorded"), "second-pact", day, "x")
    assert {event.id: event.date for event in moved.events}["own-order-2016"] == day


def test_what_is_gone_is_told_in_one_line() -> None:
    text = (
        'title = { en = "A", es = "B" }\nstory = { en = "A", es = "B" }\n'
        "[parameters]\nreach_hostile = 0.8\n"
    )
    link = "truce-2012~p.reach_hostile=0.8"
    for refused in (
        lambda: read_scenario(text, "mine"),
        lambda: with_settings(load_scenario("truce-2012"), ["reach_hostile=0.8"]),
        lambda: read_link(link),
    ):
        with pytest.raises(InputError, match=r"'(p\.)?reach_hostile'.*refusal_hostile") as caught:
            refused()
        assert "\n" not in str(caught.value)
