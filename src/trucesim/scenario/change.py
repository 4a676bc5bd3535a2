"""The one way to change a scenario: each function gives another one.

What is set is checked as in a file: an unknown name or event, a value out of bounds and a date
outside the run raise InputError, with ``where`` in front of its message. Zones rest on a truce,
which several changes may move together: whoever makes them checks with
:func:`trucesim.scenario.scenario.check_zones` when all are made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from trucesim.files.errors import RENAMED, InputError, Message, nearest
from trucesim.locale.catalogue import by_language, translated
from trucesim.parameters import CONDITIONS, GANGS, PARAMETERS
from trucesim.scenario.file import load_scenario, shipped
from trucesim.scenario.scenario import Event, Scenario, Zone, check_in_run, check_zones, declared
from trucesim.world import calendar
from trucesim.world.folder import HOME, Folder, open_folder

COUNTERFACTUAL = "no-truce"

DATED = "as-recorded"
"""The scenario that has the gangs' answers on their documented days."""

ORDER = "order", "order_of"
"""What an event that sets it gives anew, at full strength."""


def with_settings(scenario: Scenario, settings: Iterable[str]) -> Scenario:
    """Change parameters or dated conditions as the command line writes them.

    ``name=value`` is a parameter, ``name=value@date`` a condition from a date on.
    """
    for setting in settings:
        where = f"--set {setting}"
        name, equals, text = setting.partition("=")
        if not equals:
            raise InputError("{where}: write name=value, or name=value@2013-06-01", where=where)
        value, at, date = text.partition("@")
        name = name.strip()
        if not at:
            scenario = set_parameters(scenario, {name: _plain(value)}, where)
            continue
        try:
            day = dt.date.fromisoformat(date.strip())
        except ValueError:
            raise InputError(
                "{where}: {date!r} is not a date like 2013-06-01", where=where, date=date
            ) from None
        scenario = set_condition(
            scenario, name, _plain(value), day, where,
            id=f"set-{name}-{date}", shown=value.strip(), source="--set",
        )  # fmt: skip
    check_zones(scenario, "--set")
    return scenario


def _plain(text: str) -> object:
    """Read a value from the command line: a number, true, false, or a name."""
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    return number if number == number and abs(number) != float("inf") else text


def set_parameters(
    scenario: Scenario, values: Mapping[str, object], where: str = "parameters"
) -> Scenario:
    """Change parameters of the whole run, by name; numbers of numpy are numbers too."""
    parameters = dict(scenario.parameters)
    for name, value in values.items():
        plain = value.item() if isinstance(value, np.generic) else value
        parameters[name] = declared(name, PARAMETERS, where, CONDITIONS).read(plain, where)
    return replace(scenario, parameters=parameters)


def without_parameter(scenario: Scenario, name: str) -> Scenario:
    """Leave a parameter to the posterior, or to its declared value."""
    kept = {each: value for each, value in scenario.parameters.items() if each != name}
    return replace(scenario, parameters=kept)


def by_departments(scenario: Scenario) -> Scenario:
    """Place cliques by population and departmental counts alone, without the 2015 rate class."""
    return set_parameters(scenario, {"proxy_2015": 0.0})


def set_condition(
    scenario: Scenario, name: str, value: object, date: dt.date, where: str, *, id: str,
    shown: object, source: str,
) -> Scenario:  # fmt: skip
    """Set a condition for all gangs from a day on, in place of what the scenario sets on that day.

    The event that is added has the ``id`` and the ``source``; ``shown`` is the value for people.
    """
    condition = declared(name, CONDITIONS, where, PARAMETERS)
    check_in_run(date, where)
    number = condition.read(value, where)
    words = by_language(lambda: f"{condition.label()}: {shown}")
    event = Event(id, date, words["en"], words["es"], {name: number}, GANGS, source)
    kept = []
    replaced = ORDER if name == "order" else (name,)
    for each in scenario.events:
        if each.date == date and name in each.set:
            rest = {other: held for other, held in each.set.items() if other not in replaced}
            each = replace(each, set=rest)
        if each.set:
            kept.append(each)
    return with_events(replace(scenario, events=()), [*kept, event])


def find_event(scenario: Scenario, id: str, where: str) -> Event:
    """Find an event."""
    events = {event.id: event for event in scenario.events}
    id = RENAMED.get(id, id)
    if id not in events:
        raise InputError(
            "{where}: the scenario has no event {id!r}{hint}; it has {allowed}", where=where, id=id,
            hint=nearest(id, events), allowed=", ".join(events) or Message("none"),
        )  # fmt: skip
    return events[id]


def set_in_event(scenario: Scenario, id: str, name: str, value: object, where: str) -> Scenario:
    """Change the value that an event sets a condition to."""
    event = find_event(scenario, id, where)
    if name not in event.set:
        raise InputError(
            "{where}: the event {id!r} does not set {name}; it sets {allowed}", where=where, id=id,
            name=name, allowed=", ".join(event.set),
        )  # fmt: skip
    changed = replace(event, set={**event.set, name: CONDITIONS[name].read(value, where)})
    return replace(
        scenario, events=tuple(changed if each is event else each for each in scenario.events)
    )


def move_event(scenario: Scenario, id: str, date: dt.date, where: str) -> Scenario:
    """Move an event to another day."""
    event = find_event(scenario, id, where)
    check_in_run(date, Message("{where} moves {id!r}", where=where, id=id))
    return with_events(without_event(scenario, id, where), [replace(event, date=date)])


def without_event(scenario: Scenario, id: str, where: str) -> Scenario:
    """Drop an event."""
    event = find_event(scenario, id, where)
    return replace(scenario, events=tuple(each for each in scenario.events if each is not event))


def by_own_hazard(scenario: Scenario, since: dt.date) -> Scenario:
    """Take the gangs' dated answers out from a day on, and let the model's own hazard give them.

    What they answered before stays, with the order that is then in force.
    """
    own = Event(
        "own-hazard", since, "Answers by the model's own hazard",
        "Respuestas según el propio modelo", {"answers": 0.0}, GANGS, "the model's own hazard",
    )  # fmt: skip
    return with_events(_without_answers(scenario, since), [own])


def known_by(scenario: Scenario, date: dt.date) -> Scenario:
    """Take out what a scenario lets happen after a day: what nobody could know by then.

    Later events go, and zones that cannot have signed by that day. A zone whose first possible day
    has come stays as it was announced, with its last day and the army's leaving. What holds on that
    day holds on.
    """
    return replace(
        scenario,
        events=tuple(event for event in scenario.events if event.date <= date),
        zones=tuple(zone for zone in scenario.zones if zone.first <= date),
    )


def with_dated_answers(scenario: Scenario) -> Scenario:
    """Give the gangs' answers on their documented days, in place of any others."""
    record = load_scenario(DATED)
    start = {**scenario.start, "answers": record.start["answers"]}
    bare = _without_answers(scenario, calendar.START)
    answers = [event for event in record.events if event.kind == "answer"]
    return with_events(replace(bare, start=start), answers)


def differ_in_answers(a: Scenario, b: Scenario) -> bool:
    """Whether two scenarios have the gangs' answers by other hazards, or on other days."""

    def answers(scenario: Scenario) -> object:
        told = [
            (e.date, tuple(sorted(e.set.items())), e.gangs)
            for e in scenario.events
            if e.kind == "answer"
        ]
        dated = [(e.date, e.set["answers"]) for e in scenario.events if "answers" in e.set]
        return scenario.start.get("answers", CONDITIONS["answers"].default), dated, told

    return answers(a) != answers(b)


def _without_answers(scenario: Scenario, since: dt.date) -> Scenario:
    """Take out, from a day on, the gangs' answers and what says how they come about."""
    kept = []
    for event in scenario.events:
        if event.date >= since:
            if event.kind == "answer":
                continue
            if "answers" in event.set:
                rest = {name: value for name, value in event.set.items() if name != "answers"}
                event = replace(event, set=rest)
                if not rest:
                    continue
        kept.append(event)
    return replace(scenario, events=tuple(kept))


def with_events(scenario: Scenario, events: Iterable[Event]) -> Scenario:
    """Add events, in the order of files: by date, and by id on the same day."""
    every = sorted([*scenario.events, *events], key=lambda event: (event.date, event.id))
    return replace(scenario, events=tuple(every))


def moves(event: Event, names: Sequence[str]) -> bool:
    """Whether an event sets some of these conditions, and for all gangs."""
    set_here = [name for name in names if name in event.set]
    per_gang = any(CONDITIONS[name].per_gang for name in set_here)
    return bool(set_here) and not (per_gang and event.gangs != GANGS)


def with_course(
    scenario: Scenario, course: str, names: Sequence[str], steps: Iterable[Event]
) -> Scenario:
    """Let conditions take a course in place of the scenario's.

    Events that still say the right thing on their day stay, with their words and their source;
    those of single gangs stay in any case.

    Parameters
    ----------
    scenario : Scenario
    course : str
        What the course is of, for the ids of events that are split.
    names : sequence of str
        The conditions.
    steps : iterable of Event
        In order of date, one a day at most; each sets all the conditions. An order that stays as it
        was is not given anew.
    """
    kept: list[Event] = []
    own: dict[dt.date, list[Event]] = {}
    for event in scenario.events:
        if not moves(event, names):
            kept.append(event)
            continue
        rest = {name: value for name, value in event.set.items() if name not in names}
        if rest:
            kept.append(replace(event, set=rest))
            part = {name: value for name, value in event.set.items() if name in names}
            event = replace(event, id=f"{event.id}-{course}", set=part)
        own.setdefault(event.date, []).append(event)
    now = {name: scenario.start.get(name, CONDITIONS[name].default) for name in names}
    for step in steps:
        there = own.get(step.date, [])
        said = now | {name: value for event in there for name, value in event.set.items()}
        given = dict(step.set)
        if all(given.get(name) == now.get(name) for name in ORDER):
            given = {name: value for name, value in given.items() if name not in ORDER}
        kept += there if there and said == step.set else [replace(step, set=given)]
        now = dict(step.set)
    return with_events(replace(scenario, events=()), kept)


def with_zone(scenario: Scenario, zone: Zone) -> Scenario:
    """Let a municipality sign, or sign on another day."""
    zones = [*without_zone(scenario, zone.code).zones, zone]
    return replace(scenario, zones=tuple(sorted(zones, key=lambda each: (each.first, each.code))))


def without_zone(scenario: Scenario, code: str) -> Scenario:
    """Let a municipality not sign."""
    return replace(scenario, zones=tuple(each for each in scenario.zones if each.code != code))


def without_truce(scenario: Scenario) -> Scenario:
    """Give a scenario's counterfactual: what it assumes of the world holds; an order does not.

    Two cases are compared under the same treatment of the gangs' answers: dated ones stay.
    """
    start = {name: value for name, value in scenario.start.items() if name not in ORDER}
    without = replace(_counterfactual(open_folder()), parameters=scenario.parameters, start=start)
    return with_events(without, (event for event in scenario.events if event.kind == "answer"))


@cache
def _counterfactual(folder: Folder) -> Scenario:
    """Give a country's baseline; where it has none without an order, what its folder assumes."""
    known = shipped(folder.name)
    name = COUNTERFACTUAL if folder.name == HOME else known[0] if known else None
    found = None if name is None else load_scenario(name)
    if found is None or found.first_order is not None:
        return Scenario(
            COUNTERFACTUAL, by_language(lambda: translated("without a truce")), {"en": "", "es": ""}
        )
    return found
