"""What a scenario file may hold, and one clear message for what it may not."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from days import conditions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trucesim.files.errors import InputError
from trucesim.files.reading import LARGEST_FILE
from trucesim.parameters import CONDITIONS, GANGS, PARAMETERS
from trucesim.scenario.file import DEEPEST_EXTENSION, load_scenario, schema, shipped
from trucesim.scenario.scenario import Scenario
from trucesim.world.country import load_country

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
        ["gangs goes only with order, order_of, channel"],
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
        ("truce-2013", ["no scenario 'truce-2013'", "did you mean 'truce-2012'?", *shipped()]),
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
            assert each.meaning_in() in entry["description"]
            assert entry["title"] == each.label()
            # What nobody knows has no value of its own.
            given = None if each.kind == "uncertain" else each.show(each.default)
            assert entry.get("default") == given
            if each.choices and each.choices != ("no", "yes"):
                assert entry["enum"] == list(each.choices)
            elif not each.choices:
                none, bounds = entry["anyOf"] if each.off else (None, entry)
                assert none == ({"const": 0} if each.off else None)
                assert (bounds["minimum"], bounds["maximum"]) == (each.low, each.high)


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


def test_a_file_is_looked_for_beside_its_own_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = 'title = { en = "x", es = "x" }\nstory = { en = "x", es = "x" }\n'
    for folder, branching in (("A", 0.1), ("B", 0.9)):
        (tmp_path / folder).mkdir()
        text = f"{words}[parameters]\nbranching = {branching}\n"
        (tmp_path / folder / "base.toml").write_text(text, encoding="utf-8")
    child = tmp_path / "A" / "child.toml"
    child.write_text(f'extends = "base.toml"\n{words}', encoding="utf-8")
    monkeypatch.chdir(tmp_path / "B")
    assert load_scenario("../A/child.toml").parameters == {"branching": 0.1}
