"""A scenario file of version 0.1.0 is the same scenario for ever."""

from __future__ import annotations

import json

from folders import OF_0_1_0

from trucesim import load_scenario
from trucesim.world.country import Country


def test_it_has_the_digest_that_it_had() -> None:
    told = json.loads((OF_0_1_0 / "digests.json").read_text(encoding="utf-8"))
    assert load_scenario(OF_0_1_0 / "everything.toml").digest == told["everything.toml"]


def test_it_holds_what_it_says(small: Country) -> None:
    scenario = load_scenario(OF_0_1_0 / "everything.toml")
    events = {event.id: event for event in scenario.events}
    assert "guarantor-leaves" not in events
    assert events["two-gangs"].gangs == ("ms13", "revolucionarios")
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
