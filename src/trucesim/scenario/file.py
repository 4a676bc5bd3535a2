"""Scenario files: TOML, checked before anything runs, and never evaluated.

A scenario may extend another: it then adds events, replaces those whose ``id`` it repeats, and
drops what it names. Files are data: they are parsed and bounded in size.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from trucesim.files.errors import RENAMED, InputError, Message, nearest
from trucesim.files.reading import (
    PRINTABLE,
    Table,
    find,
    line_of,
    parse,
    parse_text,
    shipped_directory,
    shown,
)
from trucesim.files.reading import Words as WordsTable
from trucesim.locale.catalogue import by_language
from trucesim.locale.gangs import Words, calling, check_fields
from trucesim.parameters import CONDITIONS, GANGS, PARAMETERS, Parameter
from trucesim.scenario.scenario import Event, Scenario, Zone, check_in_run, check_zones
from trucesim.scenario.scenario import declared as declaration
from trucesim.world.country import Country, in_its_country, load_country
from trucesim.world.folder import HOME, here, open_folder

DEEPEST_EXTENSION = 8

MOST_ENTRIES = 400
"""Events, zones and sources of a scenario, with those of what it extends."""


class Span(Table):
    """A date that is not known better than between two days; every run draws its own."""

    first: dt.date = Field(description="First possible day")
    last: dt.date = Field(description="Last possible day")


class EventTable(Table):
    """A dated intervention: from this day on, these conditions hold."""

    id: str = Field(
        description="Name by which a scenario that extends this one replaces or drops it"
    )
    date: dt.date
    en: str = Field(description="What happened, for figures and reports", max_length=200)
    es: str = Field(description="The same in Spanish", max_length=200)
    set: dict[str, Any] = Field(description="Conditions that hold from this day on")
    gangs: list[str] | None = Field(
        default=None,
        min_length=1,
        description="Gangs whose order or channel changes, of ms13, surenos, revolucionarios and "
        "other_gangs, or as the country's own are called; all if not given",
    )
    kind: Literal["choice", "response", "answer"] = Field(
        default="choice",
        description="A choice that a what-if may change, the state's response to violence, or the "
        "gangs' answer to the state",
    )
    source: str = Field(description="Where this is documented, or 'counterfactual'")


class ZoneTable(Table):
    """A municipality that signs as a violence-free zone."""

    municipality: str = Field(description="Name, 'name, department', or four-digit code")
    date: dt.date | Span = Field(description="Day it signs, or the days between which it does")
    army_leaves: dt.date | None = Field(
        default=None, description="Documented day on which the army leaves joint patrols"
    )
    source: str


class ScenarioTable(Table):
    """A trucesim scenario."""

    extends: str | None = Field(default=None, description="Scenario that this one starts from")
    title: WordsTable
    story: WordsTable
    sources: list[str] = Field(default_factory=list, max_length=MOST_ENTRIES)
    start: dict[str, Any] = Field(default_factory=dict, description="Conditions on the first day")
    parameters: dict[str, Any] = Field(default_factory=dict, description="Changed parameters")
    drop: list[str] = Field(
        default_factory=list,
        description="Ids of events, or names of zones, of the extended scenario to leave out; "
        "'zones' for all of them",
    )
    event: list[EventTable] = Field(default_factory=list, max_length=MOST_ENTRIES)
    zone: list[ZoneTable] = Field(default_factory=list, max_length=MOST_ENTRIES)


def scenario_directory(country: str | None = None) -> Path:
    """Give the folder of a country's own scenarios.

    Those that are shipped are inside the installed package, or beside the sources; others are in
    the folder ``scenarios`` of the country's.
    """
    folder = open_folder(country)
    if not folder.shipped:
        return folder.root / "scenarios"
    own = shipped_directory("scenarios")
    return own if folder.name == HOME else own / folder.name


def shipped(country: str | None = None) -> tuple[str, ...]:
    """Name a country's own scenarios: first the baseline and what extends it, then the others.

    Parameters
    ----------
    country : str, optional
        Its name; by default the one that is spoken of.
    """
    return _shipped(scenario_directory(country), open_folder(country).stamp)


@cache
def _shipped(directory: Path, stamp: int) -> tuple[str, ...]:
    names = sorted(path.stem for path in directory.glob("*.toml"))
    extends = {name: _extends(directory / f"{name}.toml", stamp) for name in names}
    # What most others build on, alone; and what most build on of those that extend it.
    built_on = {name: sum(each == name for each in extends.values()) for name in names}
    alone = [name for name in names if extends[name] not in names]
    base = max(alone, key=lambda name: built_on[name], default=None)
    second = max(
        (name for name in names if base is not None and extends[name] == base),
        key=lambda name: built_on[name], default=None,
    )  # fmt: skip
    first = [name for name in (base, second) if name is not None]
    return (*first, *(name for name in names if name not in first))


def default_scenario() -> str:
    """Name the scenario that is run where none is named: the first that changes the baseline."""
    names = shipped()
    if not names:
        raise InputError(
            "{country} has no scenarios; write one in {folder}", country=here(),
            folder=scenario_directory(),
        )  # fmt: skip
    return names[min(1, len(names) - 1)]


def recorded() -> tuple[str, ...]:
    """Name the scenarios that assume nothing which did not happen, of the country spoken of.

    The last has the record whole. Where a country names none, it is the baseline; none where it has
    no scenarios.
    """
    named = tuple(open_folder().plan.recorded)
    return named or shipped()[:1]


def extended(name: str) -> str | None:
    """Name the scenario that a shipped one extends; None if it stands alone."""
    return _extends(_find(name, here()), open_folder().stamp)


@cache
def _extends(path: Path, stamp: int) -> str | None:
    found = parse(path, ScenarioTable, Message("a scenario"))[0].extends
    return None if found is None else RENAMED.get(found, found)


@in_its_country
def load_scenario(given: str | Path, country: Country | None = None) -> Scenario:
    """Load a scenario by its shipped name, or from a file.

    Parameters
    ----------
    given : str or Path
        A shipped name, such as ``truce-2012``, or the path of a TOML file.
    country : Country, optional
        Whose scenarios are meant, and where zones are; by default the one that is spoken of.

    Raises
    ------
    InputError
        Unknown name, unreadable, empty or huge file, broken TOML, or anything in it that is
        misspelt, of the wrong type, out of bounds or out of order.
    """
    country = country or load_country()
    if country.share < 1.0:  # its zones may lie outside the part that is taken
        country = load_country(country.name)
    return _load(given, country, 0)


def load_beside(given: str, folder: Path, asked: str) -> Scenario:
    """Load a scenario by its shipped name, or from a file that may lie in a folder.

    ``asked`` says where it is asked for, in front of a message.
    """
    return _load(given, load_country(), 0, folder, asked)


@in_its_country
def read_scenario(text: str, name: str, country: Country | None = None) -> Scenario:
    """Read a scenario from text that came without a file, such as an upload.

    Parameters
    ----------
    text : str
        TOML, checked as a file is. It may extend shipped scenarios, but no file.
    name : str
        What messages, and the scenario itself, call it.
    country : Country, optional
        As for `load_scenario`.

    Raises
    ------
    InputError
        As for `load_scenario`.
    """
    path = Path(f"{name}.toml")
    table = parse_text(text, path.name, ScenarioTable, Message("a scenario"))
    country = load_country((country or load_country()).name)
    known = shipped(country.name)
    if table.extends is not None and RENAMED.get(table.extends, table.extends) not in known:
        raise InputError(
            "{name}{line}: extends: a scenario read here may extend a shipped one only: {allowed}",
            name=path.name, line=line_of(text, "extends"), allowed=", ".join(known),
        )  # fmt: skip
    base = Scenario(name, {}, {}) if table.extends is None else _load(table.extends, country, 1)
    return _build(table, base, path, text, country)


def _load(
    given: str | Path, country: Country, depth: int, beside: Path | None = None, asked: str = ""
) -> Scenario:
    path = _find(given, country.name, beside, asked)
    table, text = parse(path, ScenarioTable, Message("a scenario"))
    if table.extends is None:
        base = Scenario(path.stem, {}, {})
    elif depth == DEEPEST_EXTENSION:
        raise InputError(
            "{name}: extends: more than {depth} scenarios deep, or in a circle", name=path.name,
            depth=depth,
        )  # fmt: skip
    else:
        asked = f"{path.name}{line_of(text, 'extends')}: extends: "
        base = _load(table.extends, country, depth + 1, path.parent, asked)
    return _build(table, base, path, text, country)


def _find(given: str | Path, country: str, beside: Path | None = None, asked: str = "") -> Path:
    known, directory = shipped(country), scenario_directory(country)
    return find(given, Message("scenario"), known, directory, beside, asked)


def _value(
    key: str,
    value: object,
    table: Mapping[str, Parameter],
    where: str,
    other: Mapping[str, Parameter],
) -> float:
    """Read what a file sets: a declared quantity's value."""
    declared = declaration(key, table, where, other)
    if isinstance(value, dict | list) or (isinstance(value, int) and abs(value) > PRINTABLE):
        raise InputError(
            "{where}: {key} = {value}, but it must be {allowed}", where=where, key=key,
            value=shown(value), allowed=declared.allowed,
        )  # fmt: skip
    if isinstance(value, str) and len(value) > 80:
        value = f"{value[:80]}..."
    return declared.read(value, where)


def _build(
    table: ScenarioTable, base: Scenario, path: Path, text: str, country: Country
) -> Scenario:
    """Put a scenario together from its file and the one it extends."""
    name = path.name
    title, story = table.title.model_dump(), table.story.model_dump()
    for what, words in (("title", title), ("story", story)):
        for lang, said in words.items():
            check_fields(said, f"{name}{line_of(text, what, lang)}: {what}.{lang}")
    parameters = dict(base.parameters)
    for key, value in table.parameters.items():
        where = f"{name}{line_of(text, 'parameters', key)}"
        parameters[key] = _value(key, value, PARAMETERS, where, CONDITIONS)
    start = dict(base.start)
    for key, value in table.start.items():
        where = f"{name}{line_of(text, 'start', key)}"
        start[key] = _value(key, value, CONDITIONS, where, PARAMETERS)

    events = {event.id: event for event in base.events}
    zones = {zone.code: zone for zone in base.zones}
    for given in table.drop:
        where = f"{name}{line_of(text, 'drop', given)}: drop"
        dropped = RENAMED.get(given, given)
        if dropped == "zones":
            zones.clear()
        elif dropped in events:
            del events[dropped]
        else:
            called = {code: _names(code, country) for code in zones}
            found = [code for code, names in called.items() if dropped in names]
            if len(found) > 1:
                country.find(dropped, where)  # says that departments share the name
            if len(found) != 1:
                known = [*events, *(name for names in called.values() for name in names)]
                raise InputError(
                    "{where}: nothing is called {dropped!r}{hint}; there are {allowed}",
                    where=where, dropped=dropped, hint=nearest(dropped, known),
                    allowed=", ".join([*events, "zones", *(n[0] for n in called.values())]),
                )  # fmt: skip
            del zones[found[0]]

    own: set[str] = set()
    for count, event in enumerate(table.event):
        where = f"{name}{line_of(text, 'event', count, 'id')}: event {event.id!r}"
        if event.id in own:
            raise InputError("{where}: two events have this id", where=where)
        own.add(event.id)
        check_in_run(event.date, where)
        for said in (event.en, event.es):
            check_fields(said, where)
        if not event.set:
            raise InputError(
                "{where}: set is empty; an event sets at least one condition", where=where
            )
        values = {
            key: _value(key, value, CONDITIONS, where, PARAMETERS)
            for key, value in event.set.items()
        }
        if event.gangs is not None and not any(CONDITIONS[key].per_gang for key in values):
            per_gang = [key for key, each in CONDITIONS.items() if each.per_gang]
            raise InputError(
                "{where}: gangs goes only with {allowed}", where=where, allowed=", ".join(per_gang)
            )
        line = line_of(text, "event", count, "gangs")
        gangs = GANGS if event.gangs is None else _gangs(event.gangs, country, f"{name}{line}")
        events[event.id] = Event(
            event.id, event.date, event.en, event.es, values, gangs, event.source, event.kind
        )
    declared_here: set[str] = set()
    for count, zone in enumerate(table.zone):
        line = line_of(text, "zone", count, "municipality")
        where = f"{name}{line}: zone {zone.municipality!r}"
        code = country.codes[country.find(zone.municipality, where)]
        if code in declared_here:
            raise InputError("{where}: declared twice", where=where)
        declared_here.add(code)
        first, last = (
            (zone.date.first, zone.date.last)
            if isinstance(zone.date, Span)
            else (zone.date, zone.date)
        )
        for date in (first, last, *([zone.army_leaves] if zone.army_leaves else [])):
            check_in_run(date, where)
        if last < first:
            raise InputError(
                "{where}: last ({last}) lies before first ({first})", where=where, last=last,
                first=first,
            )  # fmt: skip
        if zone.army_leaves and zone.army_leaves < first:
            raise InputError(
                "{where}: the army leaves on {leaves}, before the zone ({first})", where=where,
                leaves=zone.army_leaves, first=first,
            )  # fmt: skip
        zones[code] = Zone(code, first, last, zone.army_leaves, zone.source)
    scenario = Scenario(
        name=path.stem,
        title=Words(title),
        story=Words(story),
        events=tuple(sorted(events.values(), key=lambda event: (event.date, event.id))),
        zones=tuple(sorted(zones.values(), key=lambda zone: (zone.first, zone.code))),
        parameters=parameters,
        start=start,
        sources=tuple(dict.fromkeys([*base.sources, *table.sources])),
    )
    for what, entries in (
        (Message("events"), scenario.events),
        (Message("zones"), scenario.zones),
        (Message("sources"), scenario.sources),
    ):
        count = len(entries)
        if count > MOST_ENTRIES:
            raise InputError(
                "{name}: {count} {what} with those of what it extends; {most} at most", name=name,
                count=count, what=what, most=MOST_ENTRIES,
            )  # fmt: skip
    check_zones(scenario, name)
    return scenario


def _gangs(given: Sequence[str], country: Country, where: str) -> tuple[str, ...]:
    """Give gangs by their place among the model's four; a country may call them otherwise."""
    known = {gang: gang for gang in GANGS} | {gang.id: gang.slot for gang in country.gangs}
    for name in given:
        if name not in known:
            raise InputError(
                "{where}: gangs: no gang {name!r}{hint}; allowed are {allowed}", where=where,
                name=name[:40], hint=nearest(name[:40], known),
                allowed=", ".join(map(repr, known)),
            )  # fmt: skip
    return tuple(known[name] for name in given)


def _names(code: str, country: Country) -> tuple[str, str, str]:
    """Give the ways in which a scenario may name a place."""
    row = country.codes.index(code)
    return country.names[row], f"{country.names[row]}, {country.departments[row]}", code


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a scenario file, from which editors complete and check."""
    result = ScenarioTable.model_json_schema()
    result["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    result["title"] = "trucesim scenario"
    properties = result["properties"]
    properties["parameters"] |= _properties(PARAMETERS)
    properties["start"] |= _properties(CONDITIONS)
    result["$defs"]["EventTable"]["properties"]["set"] |= _properties(CONDITIONS)
    return result


def _properties(table: Mapping[str, Parameter]) -> dict[str, Any]:
    """Describe declared quantities as the properties of a table."""
    entries: dict[str, Any] = {}
    for name, each in table.items():
        entry: dict[str, Any] = {
            "title": by_language(each.label)["en"],
            "description": f"{by_language(each.meaning_in)['en']} [{each.unit}]. "
            f"{by_language(each.label)['es']}. Source: {by_language(each.source_in)['en']}",
        }
        if each.kind != "uncertain":
            entry["default"] = each.show(each.default)
        if each.choices == ("no", "yes"):
            entry["type"] = "boolean"
        elif each.choices:
            entry["enum"] = list(each.choices)
        else:
            bounds = {"minimum": each.low, "maximum": each.high}
            entry |= {"type": "number"} | (
                {"anyOf": [{"const": 0}, bounds]} if each.off else bounds
            )
        entries[name] = entry
    return {"properties": entries, "additionalProperties": False}


def text_of(scenario: Scenario) -> str:
    """Write a scenario as the text of a file that stands alone: it extends no other."""
    import tomli_w

    with calling("field"):
        title, story = dict(scenario.title), dict(scenario.story)
    document = {
        "sources": list(scenario.sources),
        "title": title,
        "story": story,
        "start": {name: CONDITIONS[name].show(value) for name, value in scenario.start.items()},
        "parameters": {
            name: PARAMETERS[name].show(value) for name, value in scenario.parameters.items()
        },
        "event": [_event_of(event) for event in scenario.events],
        "zone": [_zone_of(zone) for zone in scenario.zones],
    }
    held = {key: value for key, value in document.items() if value}
    return tomli_w.dumps(held, multiline_strings=False)


def _event_of(event: Event) -> dict[str, Any]:
    table: dict[str, Any] = {
        "id": event.id,
        "date": event.date,
        "en": event.en,
        "es": event.es,
        "set": {name: CONDITIONS[name].show(value) for name, value in event.set.items()},
        "source": event.source,
    }
    if event.gangs != GANGS:
        table["gangs"] = list(event.gangs)
    if event.kind != "choice":
        table["kind"] = event.kind
    return table


def _zone_of(zone: Zone) -> dict[str, Any]:
    day = zone.first if zone.first == zone.last else {"first": zone.first, "last": zone.last}
    table: dict[str, Any] = {"municipality": zone.code, "date": day, "source": zone.source}
    if zone.army_leaves is not None:
        table["army_leaves"] = zone.army_leaves
    return table
