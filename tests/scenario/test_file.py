"""Scenarios: the shipped ones, what a file may hold, and one clear message for what it may not."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trucesim import calendar
from trucesim.country import load_country
from trucesim.document import LARGEST_FILE
from trucesim.errors import InputError
from trucesim.parameters import CONDITIONS, GANGS, PARAMETERS
from trucesim.scenario import (
    DEEPEST_EXTENSION,
    Scenario,
    load_scenario,
    scenario_directory,
    schema,
    shipped,
)

NAMES = (
    "no-truce",
    "truce-2012",
    "conditional-repression",
    "funds-arrive",
    "guarantor-stays",
    "leaders-stay-connected",
    "national-truce-without-zones",
    "no-guarantor",
    "second-pact-2016",
    "truce-2012-eleven-zones",
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

#: Scenario: (events dropped, events added) against truce-2012; zones aside.
CHANGES: dict[str, tuple[set[str], set[str]]] = {
    "conditional-repression": (set(), {"conditional-repression"}),
    "funds-arrive": (set(), {"funds-arrive"}),
    "guarantor-stays": ({"guarantor-leaves"}, set()),
    "leaders-stay-connected": ({"leaders-isolated"}, set()),
    "national-truce-without-zones": (set(), set()),
    "no-guarantor": ({"guarantor", "guarantor-leaves"}, set()),
    "second-pact-2016": (set(), {"second-pact"}),
    "truce-2012-eleven-zones": (set(), set()),
    "zones-extended-to-neighbours": (set(), {"extension-begins", "extension-ends"}),
}

CANDIDATES = {"1114", "0821", "0619"}

HEAD = """\
extends = "truce-2012"
{top}
[title]
en = "A truce"
es = "Una tregua"

[story]
en = "The truce, funds and turnover of a minister"
es = "La tregua"
{body}
"""
"""Its story holds words that are keys as well: no message may point at them."""

EVENT = """
[[event]]
id = "a"
date = 2013-06-01
en = "Something"
es = "Algo"
set = { funds = true }
source = "counterfactual: a test"
"""

ZONE = """
[[zone]]
municipality = "Mejicanos"
date = 2013-06-01
source = "counterfactual: a test"
"""


@pytest.fixture(scope="module")
def truce() -> Scenario:
    return load_scenario("truce-2012")


def write(folder: Path, body: str = "", top: str = "", name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(HEAD.format(top=top, body=body), encoding="utf-8")
    return path


def load_or_refuse(given: str | Path) -> Scenario | None:
    """Load what may be wrong; whatever is raised but an InputError fails the test."""
    try:
        return load_scenario(given)
    except InputError:
        return None


def line_of(path: Path, text: str, count: int = 1) -> int:
    """Find the line on which some text stands, for the count-th time."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [number for number, line in enumerate(lines, 1) if text in line][count - 1]


def refused(path: str | Path) -> str:
    """Load what cannot be loaded, and give the message: one line."""
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message


def conditions(scenario: Scenario, date: dt.date) -> dict[str, object]:
    """Give the conditions of a day, as a file would hold them."""
    timeline = scenario.timeline(load_country())
    day = calendar.day_of(date)
    row = timeline[timeline["first_day"] <= day][-1]
    return {
        name: [each.show(v) for v in row[name]] if each.per_gang else each.show(float(row[name]))
        for name, each in CONDITIONS.items()
    }


# --- The shipped scenarios --------------------------------------------------------------------


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
    assert dict(scenario.start) == dict(truce.start) == {}


@pytest.mark.parametrize("name", CHANGES)
def test_scenario_changes_the_zones_it_means_to_and_no_other(name: str, truce: Scenario) -> None:
    scenario = load_scenario(name)
    if name == "national-truce-without-zones":
        assert scenario.zones == ()
        return
    assert set(truce.zones) <= set(scenario.zones)
    added = {zone.code: zone for zone in set(scenario.zones) - set(truce.zones)}
    assert set(added) == (CANDIDATES if name == "truce-2012-eleven-zones" else set())
    for zone in added.values():
        assert zone.first == zone.last == dt.date(2013, 9, 30)
        assert zone.army_leaves is None
        assert "not verified" in zone.source


@pytest.mark.parametrize("name", CHANGES)
def test_added_event_says_whether_it_is_counterfactual(name: str) -> None:
    for event in load_scenario(name).events:
        if event.id in CHANGES[name][1]:
            documented = name == "second-pact-2016"
            assert event.source.startswith("timeline.csv" if documented else "counterfactual: ")


def test_truce_adds_to_a_world_without_one(truce: Scenario) -> None:
    without = load_scenario("no-truce")
    assert without.zones == ()
    assert all(event in truce.events for event in without.events)
    assert len(truce.zones) == 8
    assert all(not {"order", "channel", "guarantor"} & event.set.keys() for event in without.events)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("conditional-repression", dt.date(2013, 6, 1)),
        ("funds-arrive", dt.date(2013, 2, 4)),
        ("guarantor-stays", dt.date(2014, 6, 1)),
        ("leaders-stay-connected", dt.date(2015, 2, 19)),
        ("national-truce-without-zones", dt.date(2013, 1, 22)),
        ("no-guarantor", dt.date(2012, 7, 12)),
        ("second-pact-2016", dt.date(2016, 3, 26)),
        ("truce-2012-eleven-zones", dt.date(2013, 9, 30)),
        ("zones-extended-to-neighbours", dt.date(2013, 4, 6)),
    ],
)
def test_first_day_on_which_it_can_differ(name: str, first: dt.date, truce: Scenario) -> None:
    assert load_scenario(name).changes_from(truce) == first
    assert truce.changes_from(load_scenario(name)) == first


#: Scenario: conditions that differ from those of truce-2012 on a day; all others are the same.
DIFFERENT_ON = [
    ("conditional-repression", "2013-05-31", {}),
    ("conditional-repression", "2013-06-01", {"conditionality": 1.0}),
    ("conditional-repression", "2016-12-31", {"conditionality": 1.0}),
    ("funds-arrive", "2013-02-03", {}),
    ("funds-arrive", "2013-02-04", {"funds": True}),
    ("funds-arrive", "2016-12-31", {"funds": True}),
    ("guarantor-stays", "2014-05-31", {}),
    ("guarantor-stays", "2014-06-01", {"guarantor": True}),
    ("guarantor-stays", "2016-12-31", {"guarantor": True}),
    ("leaders-stay-connected", "2015-02-18", {}),
    ("leaders-stay-connected", "2016-12-31", {"channel": ["open"] * 4}),
    ("national-truce-without-zones", "2013-06-01", {}),
    ("no-guarantor", "2012-07-12", {"guarantor": False}),
    ("no-guarantor", "2014-06-01", {}),
    ("second-pact-2016", "2016-03-25", {}),
    ("second-pact-2016", "2016-03-26", {"order": ["own", "own", "own", "pact"]}),
    ("second-pact-2016", "2016-12-31", {"order": ["own", "own", "own", "pact"]}),
    ("truce-2012-eleven-zones", "2013-09-30", {}),
    ("zones-extended-to-neighbours", "2013-04-05", {}),
    ("zones-extended-to-neighbours", "2013-04-06", {"extension_capacity": 4.0}),
    ("zones-extended-to-neighbours", "2013-12-31", {"extension_capacity": 4.0}),
    ("zones-extended-to-neighbours", "2014-01-01", {}),
]


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


# --- What a file may do -----------------------------------------------------------------------


def test_event_of_the_same_id_replaces(tmp_path: Path, truce: Scenario) -> None:
    path = write(tmp_path, EVENT.replace('"a"', '"guarantor"').replace("2013-06-01", "2012-09-01"))
    mine = {event.id: event for event in load_scenario(path).events}
    assert mine.keys() == {event.id for event in truce.events}
    assert mine["guarantor"].date == dt.date(2012, 9, 1)
    assert mine["guarantor"].set == {"funds": 1.0}


@pytest.mark.parametrize("given", ["La Libertad", "La Libertad, La Libertad", "0509"])
def test_zone_is_dropped_by_any_of_its_names(given: str, tmp_path: Path, truce: Scenario) -> None:
    scenario = load_scenario(write(tmp_path, top=f'drop = ["{given}"]'))
    assert {z.code for z in truce.zones} - {z.code for z in scenario.zones} == {"0509"}


def test_gangs_of_an_event(tmp_path: Path) -> None:
    body = EVENT.replace("funds = true", 'order = "none"') + 'gangs = ["surenos"]\n'
    scenario = load_scenario(write(tmp_path, body))
    assert conditions(scenario, dt.date(2013, 6, 1))["order"] == ["pact", "none", "pact", "pact"]


def test_file_extends_the_one_beside_it(tmp_path: Path, truce: Scenario) -> None:
    write(tmp_path, EVENT, name="parent.toml")
    child = tmp_path / "child.toml"
    text = HEAD.format(top="", body="").replace("truce-2012", "parent")
    child.write_text(text, encoding="utf-8")
    assert len(load_scenario(child).events) == len(truce.events) + 1


def test_mark_of_windows_editors_does_no_harm(tmp_path: Path, truce: Scenario) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD.format(top="", body=""), encoding="utf-8-sig")
    assert load_scenario(path).digest == truce.digest


def test_texts_do_not_change_the_digest(tmp_path: Path, truce: Scenario) -> None:
    assert load_scenario(write(tmp_path)).digest == truce.digest
    assert load_scenario(write(tmp_path, "[parameters]\nturnover = 0.3")).digest != truce.digest


# --- What a file may not do -------------------------------------------------------------------

#: What is wrong: (body, text on the line that the message names and which of such lines, words of
#: the message).
WRONG: dict[str, tuple[str, tuple[str, int], list[str]]] = {
    "misspelt key of an event": (
        EVENT + EVENT.replace('"a"', '"b"').replace("date =", "dat ="),
        ("dat =", 1),
        ["'event.1.dat'", "did you mean 'date'?", "allowed: id, date, en, es, set"],
    ),
    "misspelt key of a zone": (
        ZONE + ZONE.replace("Mejicanos", "Soyapango").replace("date", "army_leave = 1\ndate"),
        ("army_leave =", 1),
        ["'zone.1.army_leave'", "did you mean 'army_leaves'?", "municipality, date"],
    ),
    "misspelt key of a span": (
        ZONE.replace("2013-06-01", "{ frist = 2013-06-01, last = 2013-06-02 }"),
        ("frist", 1),
        ["'zone.0.date.frist'", "did you mean 'first'?", "allowed: first, last"],
    ),
    "misspelt parameter": (
        "[parameters]\nturnovr = 0.2",
        ("turnovr", 1),
        ["unknown parameter 'turnovr'", "did you mean 'turnover'?", "trucesim describe"],
    ),
    "misspelt condition": (
        EVENT + EVENT.replace('"a"', '"b"').replace("funds", "fund"),
        ('id = "b"', 1),
        ["event 'b'", "unknown condition 'fund'", "did you mean 'funds'?", "conditionality"],
    ),
    "misspelt condition at the start": (
        '[start]\nminster = "hostile"',
        ("minster", 1),
        ["unknown condition 'minster'", "did you mean 'minister'?"],
    ),
    "condition among parameters": (
        "[parameters]\nfunds = true",
        ("funds = true", 1),
        ["funds is a dated condition", "[[event]]"],
    ),
    "parameter in an event": (
        EVENT.replace("funds = true", "turnover = 0.2"),
        ('id = "a"', 1),
        ["turnover holds for the whole run", "[parameters]"],
    ),
    "misspelt choice": (
        EVENT.replace("funds = true", 'minister = "hostil"'),
        ('id = "a"', 1),
        ["minister = 'hostil'", "'hostile', 'neutral', 'supportive'", "did you mean 'hostile'?"],
    ),
    "misspelt gang": (
        EVENT.replace("funds = true", 'order = "own"') + 'gangs = ["ms-13"]',
        ("gangs", 1),
        ["'ms-13'", *(f"'{gang}'" for gang in GANGS), "did you mean 'ms13'?"],
    ),
    "no gang": (
        EVENT.replace("funds = true", 'order = "own"') + "gangs = []",
        ("gangs", 1),
        ["event.0.gangs", "at least 1"],
    ),
    "gangs where none matter": (
        EVENT + 'gangs = ["ms13"]',
        ('id = "a"', 1),
        ["gangs goes only with order and channel"],
    ),
    "event after the run": (
        EVENT.replace("2013-06-01", "2017-01-01"),
        ('id = "a"', 1),
        ["event 'a'", "2017-01-01 is outside the run", "2009-01-01 to 2016-12-31"],
    ),
    "event before the run": (
        EVENT.replace("2013-06-01", "2008-12-31"),
        ('id = "a"', 1),
        ["2008-12-31 is outside the run"],
    ),
    "zone after the run": (
        ZONE.replace("2013-06-01", "2017-01-01"),
        ("Mejicanos", 1),
        ["zone 'Mejicanos'", "2017-01-01 is outside the run"],
    ),
    "army leaves after the run": (
        ZONE + "army_leaves = 2017-01-01",
        ("Mejicanos", 1),
        ["2017-01-01 is outside the run"],
    ),
    "unknown municipality": (
        ZONE + ZONE.replace("Mejicanos", "Soyapamgo"),
        ("Soyapamgo", 1),
        ["'Soyapamgo'", "did you mean 'Soyapango'?", "262 names or codes"],
    ),
    "name that departments share": (
        ZONE.replace("Mejicanos", "San Lorenzo"),
        ("San Lorenzo", 1),
        ["several places", "'San Lorenzo, Ahuachapán' (0109)", "'San Lorenzo, San Vicente' (1008)"],
    ),
    "zone twice": (
        ZONE + ZONE.replace("Mejicanos", "mejicanos"),
        ("mejicanos", 1),
        ["zone 'mejicanos'", "declared twice"],
    ),
    "span that ends before it begins": (
        ZONE.replace("2013-06-01", "{ first = 2013-06-02, last = 2013-06-01 }"),
        ("Mejicanos", 1),
        ["last (2013-06-01) lies before first (2013-06-02)"],
    ),
    "army leaves before the zone": (
        ZONE + "army_leaves = 2013-05-01",
        ("Mejicanos", 1),
        ["the army leaves on 2013-05-01, before the zone (2013-06-01)"],
    ),
    "above the bounds": (
        "[parameters]\nturnover = 2.0",
        ("turnover =", 1),
        ["turnover = 2.0", "a number from 0.05 to 0.5"],
    ),
    "below the bounds": (
        EVENT.replace("funds = true", "repression = -1"),
        ('id = "a"', 1),
        ["repression = -1", "a number from 0 to 5"],
    ),
    "not whole": (
        EVENT.replace("funds = true", "soldiers = 10.5"),
        ('id = "a"', 1),
        ["soldiers = 10.5", "a whole number from 0 to 50000"],
    ),
    "nan": ("[parameters]\nturnover = nan", ("turnover =", 1), ["turnover = nan", "a number"]),
    "inf": ("[parameters]\nturnover = inf", ("turnover =", 1), ["turnover = inf", "a number"]),
    "minus inf": ("[parameters]\ncliques = -inf", ("cliques", 1), ["cliques = -inf", "10 to"]),
    "number beyond any float": (
        "[parameters]\nturnover = 1" + 400 * "0",
        ("turnover =", 1),
        ["turnover = a huge number", "from 0.05 to 0.5"],
    ),
    "number too long to print": (
        EVENT.replace("funds = true", "minister = 0x" + 5000 * "F"),
        ('id = "a"', 1),
        ["minister = a huge number", "'neutral'"],
    ),
    "text for a number": (
        '[parameters]\nturnover = "0.2"',
        ("turnover =", 1),
        ["turnover = '0.2'", "a number from 0.05 to 0.5"],
    ),
    "truth value for a number": (
        "[parameters]\nturnover = true",
        ("turnover =", 1),
        ["turnover = True", "a number from 0.05 to 0.5"],
    ),
    "number for a choice": (
        EVENT.replace("funds = true", "minister = 1"),
        ('id = "a"', 1),
        ["minister = 1", "'hostile', 'neutral', 'supportive'"],
    ),
    "number for a truth value": (
        EVENT.replace("true", "1"),
        ('id = "a"', 1),
        ["funds = 1", "true or false"],
    ),
    "list for a number": (
        "[parameters]\nturnover = [0.2]",
        ("turnover =", 1),
        ["turnover = a list", "a number"],
    ),
    "table for a number": (
        "[parameters]\nturnover." + ".".join("a" * 3000) + " = 1",
        ("turnover.", 1),
        ["turnover = a table", "a number"],
    ),
    "text for a date": (
        EVENT + EVENT.replace('"a"', '"b"').replace("2013-06-01", '"2013-06-01"'),
        ('date = "', 1),
        ["event.1.date = '2013-06-01'", "a date like 2013-06-01, without quotes"],
    ),
    "hour for a date": (
        EVENT.replace("2013-06-01", "2013-06-01T00:00:00"),
        ("T00", 1),
        ["event.0.date", "a date like 2013-06-01"],
    ),
    "text for a span's day": (
        ZONE.replace("2013-06-01", '{ first = "2013-06-01", last = 2013-06-02 }'),
        ("first =", 1),
        ["zone.0.date.first", "a date like 2013-06-01"],
    ),
    "missing key": (
        EVENT + EVENT.replace('"a"', '"b"').replace('en = "Something"\n', ""),
        ("[[event]]", 2),
        ["event.1.en is missing"],
    ),
    "event that sets nothing": (
        EVENT.replace("funds = true", ""),
        ('id = "a"', 1),
        ["event 'a'", "set is empty"],
    ),
    "duplicated event": (
        EVENT + EVENT.replace("2013", "2014"),
        ('id = "a"', 2),
        ["event 'a'", "two events have this id"],
    ),
    "table for the list of events": ("[event]", ("[event]", 1), ["event", "it must be a list"]),
}


@pytest.mark.parametrize("what", WRONG)
def test_message_names_file_line_key_and_what_is_allowed(what: str, tmp_path: Path) -> None:
    body, (text, count), words = WRONG[what]
    path = write(tmp_path, body)
    message = refused(path)
    assert message.startswith(f"mine.toml:{line_of(path, text, count)}: ")
    for word in words:
        assert word in message
    assert len(message) < 700


@pytest.mark.parametrize(
    ("top", "words"),
    [
        ("soruces = []", ["'soruces'", "did you mean 'sources'?", "allowed: extends, title"]),
        ('drop = ["guarantr"]', ["'guarantr'", "did you mean 'guarantor'?", "leaders-isolated"]),
        ('drop = ["Apoppa"]', ["'Apoppa'", "did you mean 'Apopa'?", "zones"]),
        ('drop = ["Mejicanos"]', ["nothing is called 'Mejicanos'"]),
        ('drop = ["guarantor", "guarantor"]', ["nothing is called 'guarantor'"]),
        ('drop = "guarantor"', ["drop = 'guarantor'", "it must be a list"]),
    ],
)
def test_message_for_a_wrong_key_at_the_top(top: str, words: list[str], tmp_path: Path) -> None:
    message = refused(write(tmp_path, top=top))
    assert message.startswith("mine.toml:2: ")
    for word in words:
        assert word in message


def test_name_that_two_zones_share_is_not_dropped(tmp_path: Path) -> None:
    zones = [ZONE.replace("Mejicanos", f"San Lorenzo, {d}") for d in ("Ahuachapán", "San Vicente")]
    write(tmp_path, "".join(zones), name="parent.toml")
    child = tmp_path / "child.toml"
    text = HEAD.replace("truce-2012", "parent")
    child.write_text(text.format(top='drop = ["San Lorenzo"]', body=""), encoding="utf-8")
    assert "'San Lorenzo, Ahuachapán' (0109)" in refused(child)
    top = 'drop = ["San Lorenzo, Ahuachapán"]'
    child.write_text(text.format(top=top, body=""), encoding="utf-8")
    codes = {zone.code for zone in load_scenario(child).zones}
    assert "1008" in codes
    assert "0109" not in codes


def test_zone_before_its_truce(tmp_path: Path) -> None:
    message = refused(write(tmp_path, ZONE.replace("2013", "2011")))
    for word in ("mine.toml", "0608", "2011-06-01", "the truce starts on 2012-03-09"):
        assert word in message


def test_zone_without_a_truce(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = HEAD.format(top="", body=ZONE).replace("truce-2012", "no-truce")
    path.write_text(text, encoding="utf-8")
    assert "the truce never starts" in refused(path)
    assert "the truce never starts" in refused(write(tmp_path, top='drop = ["truce"]'))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a = = 1", ["not valid TOML", "line 1"]),
        (b"a = 1\na = 2\n", ["not valid TOML", "overwrite"]),
        (b"[title\n", ["not valid TOML"]),
        (b"a = 2013-13-01", ["not valid TOML"]),
        (b"a = " + b"[" * 5000, ["not valid TOML", "nested too deeply"]),
        (b"a = 1" + b"0" * 6000, ["not valid TOML", "digits"]),
        (b"", ["the file is empty", "trucesim schema"]),
        (b" \n\n", ["the file is empty"]),
        (b"# a comment", ["title is missing"]),
        ('title = "ñ"'.encode("latin-1"), ["not a text file in UTF-8"]),
        (HEAD.encode("utf-16"), ["not a text file in UTF-8"]),
        (b"\x00\x01\xff", ["not a text file in UTF-8"]),
        (b"#" * (LARGEST_FILE + 1), [f"{LARGEST_FILE + 1:,} bytes", f"{LARGEST_FILE:,} at most"]),
        (b'title = "x"', ["title = 'x'", "it must be a table"]),
        (b"title = 0x" + b"F" * 5000, ["title = a huge number", "it must be a table"]),
    ],
)
def test_broken_file(content: bytes, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    message = refused(path)
    assert message.startswith("mine.toml")
    for word in words:
        assert word in message


@pytest.mark.parametrize("size", [LARGEST_FILE, LARGEST_FILE + 1])
def test_file_of_just_the_largest_size_is_read(size: int, tmp_path: Path) -> None:
    path = write(tmp_path)
    short = path.read_bytes()
    path.write_bytes(short + b"\n" * (size - len(short)))
    if size <= LARGEST_FILE:
        assert load_scenario(path).name == "mine"
    else:
        assert "bytes" in refused(path)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("truce-2013", ["no scenario 'truce-2013'", "did you mean 'truce-2012'?", *NAMES]),
        ("", ["no scenario ''"]),
        ("a\x00b", ["no scenario"]),
        ("t" * 5000, ["no scenario"]),
        ("nowhere/truce.toml", ["no scenario file 'nowhere/truce.toml'"]),
        ("truce.toml", ["no scenario file 'truce.toml'"]),
    ],
)
def test_unknown_scenario(given: str, words: list[str], tmp_path: Path) -> None:
    message = refused(given)
    for word in words:
        assert word in message
    path = tmp_path / "mine.toml"
    quoted = json.dumps(given)
    path.write_text(HEAD.format(top="", body="").replace('"truce-2012"', quoted), encoding="utf-8")
    message = refused(path)
    assert message.startswith("mine.toml:1: extends: ")
    for word in words:
        assert word in message


def test_folder_is_no_scenario(tmp_path: Path) -> None:
    assert "no scenario file" in refused(tmp_path)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_extends_in_a_circle(length: int, tmp_path: Path) -> None:
    for each in range(length):
        text = HEAD.format(top="", body="").replace("truce-2012", f"ring-{(each + 1) % length}")
        (tmp_path / f"ring-{each}.toml").write_text(text, encoding="utf-8")
    message = refused(tmp_path / "ring-0.toml")
    assert "extends" in message
    assert "in a circle" in message


@pytest.mark.parametrize("files", [DEEPEST_EXTENSION - 1, DEEPEST_EXTENSION])
def test_extends_only_so_deep(files: int, tmp_path: Path) -> None:
    # truce-2012 and no-truce are two more.
    parents = ["truce-2012", *(f"step-{each}" for each in range(files - 1))]
    for each, parent in enumerate(parents):
        text = HEAD.format(top="", body="").replace("truce-2012", parent)
        (tmp_path / f"step-{each}.toml").write_text(text, encoding="utf-8")
    last = tmp_path / f"step-{files - 1}.toml"
    if files == DEEPEST_EXTENSION - 1:
        assert load_scenario(last).name == f"step-{files - 1}"
    else:
        assert f"more than {DEEPEST_EXTENSION} scenarios deep" in refused(last)


# --- Settings of the command line -------------------------------------------------------------


def test_settings_change_parameters_and_conditions(truce: Scenario) -> None:
    changed = truce.with_settings(
        ["turnover = 0.3", "funds=true@2013-07-01", "minister=supportive@2013-06-15", "cliques=1e3"]
    )
    assert dict(changed.parameters) == {"turnover": 0.3, "cliques": 1000.0}
    assert changed.zones == truce.zones
    assert all(event in changed.events for event in truce.events)
    assert list(changed.events) == sorted(changed.events, key=lambda event: event.date)
    on = conditions(changed, dt.date(2013, 7, 1))
    assert on["funds"] is True
    assert on["minister"] == "supportive"
    assert conditions(changed, dt.date(2013, 6, 14))["minister"] == "hostile"
    assert dict(truce.parameters) == {}
    assert truce.with_settings([]).digest == truce.digest


def test_setting_wins_on_a_day_with_an_event(truce: Scenario) -> None:
    changed = truce.with_settings(["guarantor=no@2012-07-12"])
    assert conditions(changed, dt.date(2012, 7, 12))["guarantor"] is False


def test_last_setting_wins(truce: Scenario) -> None:
    changed = truce.with_settings(["turnover=0.3", "turnover=0.4"])
    assert changed.parameters["turnover"] == 0.4


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=PARAMETERS)
def test_every_default_can_be_set(parameter: object, truce: Scenario) -> None:
    for name, each in PARAMETERS.items():
        if each is parameter:
            shown = each.show(each.default)
            text = str(shown).lower() if isinstance(shown, bool) else str(shown)
            assert truce.with_settings([f"{name}={text}"]).parameters[name] == each.default


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("turnover", ["write name=value, or name=value@2013-06-01"]),
        ("", ["write name=value"]),
        ("@2013-06-01", ["write name=value"]),
        ("=", ["unknown parameter ''"]),
        ("turnovr=0.2", ["unknown parameter 'turnovr'", "did you mean 'turnover'?"]),
        ("fund=true@2013-06-01", ["unknown condition 'fund'", "did you mean 'funds'?"]),
        ("funds=true", ["funds is a dated condition", "funds=...@2013-06-01"]),
        ("turnover=0.2@2013-06-01", ["turnover holds for the whole run"]),
        ("turnover=2", ["a number from 0.05 to 0.5"]),
        ("turnover=", ["a number from 0.05 to 0.5"]),
        ("turnover=much", ["'much'", "a number from 0.05 to 0.5"]),
        ("turnover=true", ["True", "a number from 0.05 to 0.5"]),
        ("turnover=nan", ["'nan'", "a number from 0.05 to 0.5"]),
        ("turnover=inf", ["'inf'", "a number from 0.05 to 0.5"]),
        ("turnover=-inf", ["'-inf'", "a number from 0.05 to 0.5"]),
        ("turnover=1e999", ["'1e999'", "a number from 0.05 to 0.5"]),
        ("soldiers=nan@2013-06-01", ["'nan'", "a whole number from 0 to 50000"]),
        ("soldiers=10.5@2013-06-01", ["10.5", "a whole number from 0 to 50000"]),
        ("minister=hostil@2013-06-01", ["'hostil'", "did you mean 'hostile'?"]),
        ("minister=0@2013-06-01", ["'hostile', 'neutral', 'supportive'"]),
        ("funds=1@2013-06-01", ["true or false"]),
        ("funds=true@", ["'' is not a date like 2013-06-01"]),
        ("funds=true@tomorrow", ["'tomorrow' is not a date like 2013-06-01"]),
        ("funds=true@2013-02-30", ["'2013-02-30' is not a date"]),
        ("funds=true@2017-01-01", ["2017-01-01 is outside the run", "2009-01-01 to 2016-12-31"]),
    ],
)
def test_wrong_setting(setting: str, words: list[str], truce: Scenario) -> None:
    with pytest.raises(InputError) as caught:
        truce.with_settings([setting])
    message = str(caught.value)
    assert message.startswith(f"--set {setting}: ")
    for word in words:
        assert word in message


# --- Whatever is given ------------------------------------------------------------------------

values = st.one_of(
    st.sampled_from(["true", "1", "0.2", "nan", "-inf", '"pact"', "[]", "{ }", "2013-06-01"]),
    st.integers().map(str),
    st.floats().map(str),
    st.text(max_size=8).map(json.dumps),
)
keys = st.sampled_from(
    "extends drop event zone title.en start parameters turnover funds id date gangs".split()
)
lines = st.one_of(
    st.text(max_size=30),
    st.builds("{} = {}".format, keys, values),
    st.sampled_from(["[parameters]", "[start]", "[[event]]", "[event.set]", EVENT, ZONE]),
)
files = st.one_of(
    st.text(max_size=200),
    st.builds("\n".join, st.lists(lines, max_size=6)),
    st.builds(lambda more: HEAD.format(top="", body="\n".join(more)), st.lists(lines, max_size=6)),
    st.builds(lambda more: HEAD.format(top="\n".join(more), body=""), st.lists(lines, max_size=6)),
)

# The folder of a test is shared by its examples: each writes the one file anew.
quick = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@quick
@given(text=files)
def test_any_text_loads_or_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    scenario = load_or_refuse(path)
    if scenario is not None:
        assert scenario.name == "any"
        assert len(scenario.timeline(load_country())) >= 1


@quick
@given(content=st.binary(max_size=200))
def test_any_bytes_load_or_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.toml"
    path.write_bytes(content)
    load_or_refuse(path)


@quick
@given(name=st.text(max_size=300))
def test_any_name_loads_or_is_refused(name: str) -> None:
    load_or_refuse(name)


names = st.sampled_from([*PARAMETERS, *CONDITIONS])
days = st.one_of(st.dates().map(str), st.text(max_size=10))
plain = st.one_of(st.floats().map(str), st.integers().map(str), st.text(max_size=10))
any_setting = st.one_of(
    st.text(max_size=60),
    st.builds("{}={}".format, names, plain),
    st.builds("{}={}@{}".format, names, plain, days),
)


@quick
@given(given=st.lists(any_setting, max_size=3))
def test_any_settings_hold_or_are_refused(given: list[str], truce: Scenario) -> None:
    try:
        changed = truce.with_settings(given)
    except InputError:
        return
    for name, value in changed.parameters.items():
        assert PARAMETERS[name].low <= value <= PARAMETERS[name].high
    for event in changed.events:
        assert calendar.START <= event.date <= calendar.END


@quick
@given(data=st.data())
def test_any_value_within_bounds_holds(data: st.DataObject, truce: Scenario) -> None:
    numbers = [each for each in PARAMETERS.values() if not each.choices]
    each = data.draw(st.sampled_from(numbers))
    value = (
        float(data.draw(st.integers(int(each.low), int(each.high))))
        if each.whole
        else data.draw(st.floats(each.low, each.high))
    )
    assert truce.with_settings([f"{each.name}={value!r}"]).parameters[each.name] == value


# --- The schema -------------------------------------------------------------------------------


def test_schema_is_json_and_names_every_parameter_and_condition() -> None:
    read = json.loads(json.dumps(schema(), allow_nan=False))
    assert read == schema()
    assert read["$schema"].startswith("https://json-schema.org/")
    event = read["$defs"]["EventTable"]["properties"]["set"]
    for table, declared in (
        (read["properties"]["parameters"], PARAMETERS),
        (read["properties"]["start"], CONDITIONS),
        (event, CONDITIONS),
    ):
        assert set(table["properties"]) == set(declared)
        assert table["additionalProperties"] is False
        for name, entry in table["properties"].items():
            each = declared[name]
            assert each.meaning in entry["description"]
            assert entry["title"] == each.en
            assert entry["default"] == each.show(each.default)
            if each.choices and each.choices != ("no", "yes"):
                assert entry["enum"] == list(each.choices)
            elif not each.choices:
                assert (entry["minimum"], entry["maximum"]) == (each.low, each.high)


def test_schema_points_only_at_what_it_holds() -> None:
    read = schema()
    references: list[str] = []

    def visit(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                references.append(node["$ref"])
            for each in node.values():
                visit(each)
        elif isinstance(node, list):
            for each in node:
                visit(each)

    visit(read)
    assert references
    assert {each.removeprefix("#/$defs/") for each in references} <= set(read["$defs"])
    assert set(read["properties"]) == {
        "extends", "title", "story", "sources", "start", "parameters", "drop", "event", "zone",
    }  # fmt: skip


def test_schema_requires_what_a_file_must_hold() -> None:
    read = schema()
    assert set(read["required"]) == {"title", "story"}
    assert read["additionalProperties"] is False
    assert set(read["$defs"]["EventTable"]["required"]) == {
        "id", "date", "en", "es", "set", "source",
    }  # fmt: skip
