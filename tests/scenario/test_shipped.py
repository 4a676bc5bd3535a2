"""The shipped scenarios: each changes what it means to, and says what it assumes."""

from __future__ import annotations

import datetime as dt

import pytest
from days import conditions

from trucesim.parameters import CONDITIONS
from trucesim.scenario.change import with_settings
from trucesim.scenario.file import load_scenario, scenario_directory, shipped
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import load_country

NAMES = (
    "no-truce",
    "truce-2012",
    "conditional-repression",
    "funds-arrive",
    "guarantor-stays",
    "leaders-stay-connected",
    "national-truce-without-zones",
    "no-guarantor",
    "as-recorded",
    "truce-2012-eleven-zones",
    "truce-2012-eleven-zones-later-list",
    "zones-extended-to-neighbours",
)

COUNTERFACTUAL = (
    "no-truce",
    "conditional-repression",
    "funds-arrive",
    "guarantor-stays",
    "leaders-stay-connected",
    "national-truce-without-zones",
    "no-guarantor",
    "zones-extended-to-neighbours",
)

CHANNEL_STEPS = {
    "channel-barred", "one-meeting", "meetings-barred-again", "spokesmen-arrested",
    "leaders-isolated",
}  # fmt: skip
ANSWERS = {
    "stoppage-2010", "own-order-2014", "own-order-2015", "attack-2015", "own-order-barrio-18",
    "own-order-2016",
}  # fmt: skip

#: Scenario: (events dropped, events added) against truce-2012; zones aside.
CHANGES: dict[str, tuple[set[str], set[str]]] = {
    "conditional-repression": (set(), {"conditional-repression"}),
    "funds-arrive": (set(), {"funds-arrive"}),
    "guarantor-stays": ({"guarantor-leaves"}, set()),
    "leaders-stay-connected": (CHANNEL_STEPS, set()),
    "national-truce-without-zones": (set(), set()),
    "no-guarantor": ({"guarantor", "guarantor-leaves"}, set()),
    "as-recorded": (set(), ANSWERS),
    "truce-2012-eleven-zones": (set(), set()),
    "truce-2012-eleven-zones-later-list": (set(), set()),
    "zones-extended-to-neighbours": (set(), {"extension-begins", "extension-ends"}),
}

#: Scenario: (zones dropped, zones added) against truce-2012.
ZONES: dict[str, tuple[set[str], set[str]]] = {
    "truce-2012-eleven-zones": (set(), {"1114", "0821", "0619"}),
    "truce-2012-eleven-zones-later-list": ({"0614"}, {"1114", "0821", "0619", "0416"}),
}


def test_these_are_shipped() -> None:
    assert set(shipped()) == set(NAMES)
    assert shipped()[:2] == ("no-truce", "truce-2012")


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenario_is_told_in_both_languages(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    for text in (scenario.title, scenario.story):
        assert set(text) == {"en", "es"}
        assert text["en"].strip()
        assert text["es"].strip()
        assert text["en"] != text["es"]
    for event in scenario.events:
        assert event.en.strip()
        assert event.es.strip()
        assert event.en != event.es
        assert event.source.strip()
    assert all(zone.source.strip() for zone in scenario.zones)
    assert scenario.sources


def test_titles_and_stories_are_each_their_own() -> None:
    every = [load_scenario(name) for name in NAMES]
    for language in ("en", "es"):
        assert len({scenario.title[language] for scenario in every}) == len(NAMES)
        assert len({scenario.story[language] for scenario in every}) == len(NAMES)


def test_runs_of_no_two_scenarios_are_the_same() -> None:
    assert len({load_scenario(name).digest for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", COUNTERFACTUAL)
def test_counterfactual_story_says_so(name: str) -> None:
    story = load_scenario(name).story
    assert "counterfactual" in story["en"]
    assert "contrafactual" in story["es"]


@pytest.mark.parametrize("name", sorted(set(CHANGES) - {"national-truce-without-zones"}))
def test_story_says_what_is_assumed(name: str) -> None:
    story = load_scenario(name).story
    assert "assumed" in story["en"]
    assert "supuesto" in story["es"] or "supone" in story["es"]


def test_extension_is_told_as_an_aim_not_a_regularity() -> None:
    story = load_scenario("zones-extended-to-neighbours").story
    assert "not an observed regularity" in story["en"]
    assert "no una regularidad observada" in story["es"]


@pytest.mark.parametrize("name", CHANGES)
def test_scenario_changes_the_events_it_means_to_and_no_other(name: str, truce: Scenario) -> None:
    scenario = load_scenario(name)
    parent = {event.id: event for event in truce.events}
    mine = {event.id: event for event in scenario.events}
    dropped, added = CHANGES[name]
    assert parent.keys() - mine.keys() == dropped
    assert mine.keys() - parent.keys() == added
    assert all(mine[each] == parent[each] for each in parent.keys() & mine.keys())
    assert dict(scenario.parameters) == dict(truce.parameters) == {}
    assert dict(truce.start) == {}
    # The gangs' answers are dated in the record alone: elsewhere they come by the model's hazard.
    assert dict(scenario.start) == ({"answers": 1.0} if name == "as-recorded" else {})


@pytest.mark.parametrize("name", CHANGES)
def test_scenario_changes_the_zones_it_means_to_and_no_other(name: str, truce: Scenario) -> None:
    scenario = load_scenario(name)
    if name == "national-truce-without-zones":
        assert scenario.zones == ()
        return
    dropped, added = (
        {zone.code: zone for zone in set(one.zones) - set(other.zones)}
        for one, other in ((truce, scenario), (scenario, truce))
    )
    assert (set(dropped), set(added)) == ZONES.get(name, (set(), set()))
    for zone in added.values():
        assert zone.first == zone.last == dt.date(2013, 7, 26)
        assert zone.army_leaves is None
        assert "date assumed" in zone.source


@pytest.mark.parametrize("name", CHANGES)
def test_added_event_says_whether_it_is_counterfactual(name: str) -> None:
    for event in load_scenario(name).events:
        if event.id in CHANGES[name][1]:
            documented = name == "as-recorded"
            assert event.source.startswith("orders.csv" if documented else "counterfactual: ")


def test_every_event_says_whose_it_is() -> None:
    kinds = {event.id: event.kind for event in load_scenario("as-recorded").events}
    assert {id for id, kind in kinds.items() if kind == "answer"} == ANSWERS
    assert {id for id, kind in kinds.items() if kind == "response"} == {
        "offensive", "word-to-the-police", "battalions", "extraordinary-measures",
        "rapid-reaction-force",
    }  # fmt: skip


def test_the_truce_begins_with_the_first_order_that_is_no_answer() -> None:
    record = load_scenario("as-recorded")
    assert min(e.date for e in record.events if "order" in e.set) == dt.date(2010, 9, 7)
    assert record.first_order == dt.date(2012, 3, 9)
    assert load_scenario("no-truce").first_order is None


def test_each_documented_order_is_one_of_those_with_a_persistence() -> None:
    orders = [e for e in load_scenario("as-recorded").events if e.set.get("order") in (1.0, 2.0)]
    names = [CONDITIONS["order_of"].show(e.set["order_of"]) for e in orders]
    assert names == list(CONDITIONS["order_of"].choices[1:])
    assert names == [f"{e.date:%Y-%m}" for e in orders]


def test_a_dated_order_without_a_name_is_another_one(truce: Scenario) -> None:
    changed = with_settings(truce, ["order=own@2013-01-01"])
    row = changed.timeline(load_country())
    day = calendar.day_of(dt.date(2013, 1, 1))
    now = row[row["first_day"] == day][0]
    assert set(now["order_of"]) == {0.0}
    assert set(now["ordered"]) == {day + 1.0}
    first = calendar.day_of(dt.date(2012, 3, 9))
    before, on = row[row["first_day"] < first][-1], row[row["first_day"] == first][0]
    assert set(before["ordered"]) == {-1.0}
    assert (set(on["ordered"]), set(on["order_of"])) == ({first + 1.0}, {2.0})


def test_truce_adds_to_a_world_without_one(truce: Scenario) -> None:
    without = load_scenario("no-truce")
    assert without.zones == ()
    assert all(event in truce.events for event in without.events)
    assert len(truce.zones) == 8
    assert all(
        not {"order", "channel", "privileges", "guarantor"} & event.set.keys()
        for event in without.events
    )


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("conditional-repression", dt.date(2013, 6, 1)),
        ("funds-arrive", dt.date(2013, 2, 4)),
        ("guarantor-stays", dt.date(2014, 6, 1)),
        ("leaders-stay-connected", dt.date(2013, 6, 1)),
        ("national-truce-without-zones", dt.date(2013, 1, 22)),
        ("no-guarantor", dt.date(2012, 7, 12)),
        ("as-recorded", calendar.START),
        ("truce-2012-eleven-zones", dt.date(2013, 7, 26)),
        ("truce-2012-eleven-zones-later-list", dt.date(2013, 4, 9)),
        ("zones-extended-to-neighbours", dt.date(2013, 4, 6)),
    ],
)
def test_first_day_on_which_it_can_differ(name: str, first: dt.date, truce: Scenario) -> None:
    assert load_scenario(name).changes_from(truce) == first
    assert truce.changes_from(load_scenario(name)) == first


DATED = {"answers": "dated"}

#: Scenario: conditions that differ from those of truce-2012 on a day; all others are the same.
DIFFERENT_ON: list[tuple[str, str, dict[str, object]]] = [
    ("conditional-repression", "2013-05-31", {}),
    ("conditional-repression", "2013-06-01", {"conditionality": 1.0}),
    ("conditional-repression", "2016-12-31", {"conditionality": 1.0}),
    ("funds-arrive", "2013-02-03", {}),
    ("funds-arrive", "2013-02-04", {"funds": True}),
    ("funds-arrive", "2016-12-31", {"funds": True}),
    ("guarantor-stays", "2014-05-31", {}),
    ("guarantor-stays", "2014-06-01", {"guarantor": True}),
    ("guarantor-stays", "2016-12-31", {"guarantor": True}),
    ("leaders-stay-connected", "2013-05-31", {}),
    ("leaders-stay-connected", "2013-06-01", {"channel": ["open"] * 4}),
    ("leaders-stay-connected", "2014-01-09", {}),  # a meeting was let through
    ("leaders-stay-connected", "2016-12-31", {"channel": ["open"] * 4}),
    ("national-truce-without-zones", "2013-06-01", {}),
    ("no-guarantor", "2012-07-12", {"guarantor": False}),
    ("no-guarantor", "2014-06-01", {}),
    ("as-recorded", "2010-09-06", DATED),
    (
        "as-recorded", "2010-09-07",
        {"order": ["own"] * 3 + ["none"], "order_of": ["2010-09"] * 3 + ["any"], **DATED},
    ),
    ("as-recorded", "2012-03-09", DATED),
    (
        "as-recorded", "2015-07-27",
        {
            "order": ["own", "own", "attack", "pact"],
            "order_of": ["2015-01", "2015-01", "any", "2012-03"], **DATED,
        },
    ),
    (
        "as-recorded", "2015-11-04",
        {
            "order": ["own"] * 3 + ["pact"],
            "order_of": ["2015-01", "2015-11", "2015-11", "2012-03"], **DATED,
        },
    ),
    (
        "as-recorded", "2016-12-31",
        {"order": ["own"] * 3 + ["pact"], "order_of": ["2016-03"] * 3 + ["2012-03"], **DATED},
    ),
    ("truce-2012-eleven-zones", "2013-07-26", {}),
    ("zones-extended-to-neighbours", "2013-04-05", {}),
    ("zones-extended-to-neighbours", "2013-04-06", {"extension_capacity": 4.0}),
    ("zones-extended-to-neighbours", "2013-12-31", {"extension_capacity": 4.0}),
    ("zones-extended-to-neighbours", "2014-01-01", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "day", "expected"), DIFFERENT_ON)
def test_conditions_of_a_day(
    name: str, day: str, expected: dict[str, object], truce: Scenario
) -> None:
    date = dt.date.fromisoformat(day)
    theirs, mine = conditions(truce, date), conditions(load_scenario(name), date)
    assert {key: value for key, value in mine.items() if value != theirs[key]} == expected


def test_extension_asks_neighbours() -> None:
    on = conditions(load_scenario("zones-extended-to-neighbours"), dt.date(2013, 4, 6))
    assert on["extension_choice"] == "neighbours"


@pytest.mark.parametrize("name", CHANGES)
def test_minister_is_supportive_then_neutral_then_hostile(name: str) -> None:
    scenario = load_scenario(name)
    days = [dt.date(2012, 3, 9), dt.date(2013, 5, 17), dt.date(2013, 6, 1), dt.date(2016, 12, 31)]
    stances = [conditions(scenario, day)["minister"] for day in days]
    assert stances == ["supportive", "neutral", "hostile", "hostile"]


@pytest.mark.parametrize("name", NAMES)
def test_no_two_events_of_a_day_set_the_same_condition(name: str) -> None:
    seen: set[tuple[dt.date, str]] = set()
    for event in load_scenario(name).events:
        for key in event.set:
            assert (event.date, key) not in seen
            seen.add((event.date, key))


@pytest.mark.parametrize("name", NAMES)
def test_shipped_file_loads_by_path_too(name: str) -> None:
    path = scenario_directory() / f"{name}.toml"
    assert load_scenario(path).digest == load_scenario(str(path)).digest
    assert load_scenario(path) == load_scenario(name)
