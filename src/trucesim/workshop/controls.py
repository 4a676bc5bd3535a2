"""The page's controls: what cases and levers look like, and what is done with what people set.

What comes from the browser is taken as text from outside: read, bounded and checked here.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from trucesim.files.errors import InputError
from trucesim.files.reading import LARGEST_FILE
from trucesim.locale.catalogue import spoken
from trucesim.locale.language import date
from trucesim.locale.texts import Problem, say
from trucesim.parameters import Parameter
from trucesim.scenario.change import moves
from trucesim.scenario.file import load_scenario, shipped
from trucesim.studies.cases import (
    Assumption,
    Case,
    Course,
    Signing,
    checked_day,
    checked_value,
    differences,
    place,
    uploaded_case,
)
from trucesim.studies.levers import (
    LEVERS,
    MOST_STEPS,
    OPTIONS,
    Lever,
    Step,
    course,
    explained,
    unit_told,
)
from trucesim.studies.questions import asked, offered
from trucesim.workshop.markup import render
from trucesim.workshop.session import HALF_A_YEAR, SIDES, Session, later_day
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.folder import Folder, open_folder

UPLOADED = "uploaded"
"""Stands for a case's own file in the list of scenarios."""

FIRST_STEP = dt.date(2013, 2, 4)
"""When a lever that rests is first moved."""


def questions(session: Session) -> str:
    """Write the questions that one tap asks, and which cases are compared."""
    differ = differences(session.a.scenario, session.b.scenario)
    return render(
        "questions", questions={name: asked(name) for name in offered()},
        asked=session.question, own=session.own,
        titles={side: _title(session.case(side)) for side in SIDES},
        differ=differ[0] if differ else None,
        others=list(dict.fromkeys(name for name, *_ in differ[1:])), more=len(differ) - 1,
    )  # fmt: skip


def _title(case: Case) -> str:
    return case.scenario.title.get(spoken()) or case.base.name


def cards(session: Session) -> str:
    """Write the two cases side by side, and what differs between them."""
    return render(
        "cards", cases=[_card(session, side) for side in SIDES],
        largest_file=LARGEST_FILE,
        differences=differences(session.a.scenario, session.b.scenario),
    )  # fmt: skip


@cache
def _shipped_titles(folder: Folder) -> dict[str, Mapping[str, str]]:
    """Give the titles of a country's scenarios, the one that is spoken of."""
    return {name: load_scenario(name).title for name in shipped()}


def _card(session: Session, side: str) -> dict[str, Any]:
    case = session.case(side)
    bases = {name: title[spoken()] for name, title in _shipped_titles(open_folder()).items()}
    if case.uploaded:
        bases = {UPLOADED: case.base.title.get(spoken()) or case.base.name, **bases}
    return {
        "side": side,
        "counterfactual": case.counterfactual,
        "bases": bases,
        "base": UPLOADED if case.uploaded else case.base.name,
        "told": case.told(),
        "departures": case.departures(),
        "story": case.base.story.get(spoken(), ""),
    }


def desk(session: Session) -> str:
    """Write the controls of the case that is being changed, first those that differ."""
    case, other = (session.case(side) for side in sorted(SIDES, key=session.editing.__ne__))
    parameters, of_other = case.scenario.parameters, other.scenario.parameters
    return render(
        "desk", side=session.editing, zone_date=session.zone_date,
        undoable=bool(case.changes), changed=bool(case.standing),
        levers=[_lever(lever, case, other) for lever in LEVERS.values()],
        zones_differ=case.scenario.zones != other.scenario.zones,
        zones=[
            {"code": zone.code, "name": place(zone.code),
             "days": dict.fromkeys((date(zone.first), date(zone.last)))}
            for zone in case.scenario.zones
        ],
        places={"": say("desk.zone_choose")} | places_offered(),
        apart=_apart(case),
        options=[
            {"name": name, "label": each.label(), "help": explained(each),
             "field": field_of(each, parameters.get(name, each.default)),
             "differs": parameters.get(name) != of_other.get(name)}
            for name, each in OPTIONS.items()
        ],
    )  # fmt: skip


def places_offered() -> dict[str, str]:
    """Give the places of the country in order of their names, each with its department, by code."""
    country = load_country()
    apart = country.names != country.departments  # departments as places lie in themselves
    places = sorted(zip(country.names, country.codes, country.departments, strict=True))
    return {code: f"{name}, {department}" if apart else name for name, code, department in places}


def _apart(case: Case) -> list[str]:
    """Tell of the events that no lever moves."""
    levers = LEVERS.values()
    return [
        f"{date(event.date)}: {event.text[spoken()]}"
        for event in case.scenario.events
        if not any(moves(event, lever.conditions) for lever in levers)
    ]


def _lever(lever: Lever, case: Case, other: Case) -> dict[str, Any]:
    steps = course(case.scenario, lever)
    return {
        "name": lever.name,
        "label": lever.label(),
        "help": lever.help(),
        "rest": lever.course_told(steps),
        "full": len(steps) >= MOST_STEPS,
        "differs": steps != course(other.scenario, lever),
        "steps": [
            {
                "date": step.date,
                "state": _state_of(lever, step) if lever.states else None,
                "fields": list(map(field_of, lever.declared, step.values)),
            }
            for step in steps
        ],
    }


def _state_of(lever: Lever, step: Step) -> dict[str, Any]:
    choices = {str(row): lever.told(state) for row, state in enumerate(lever.states)}
    if step.values in lever.states:
        return {"choices": choices, "chosen": str(lever.states.index(step.values))}
    return {"choices": {"": lever.told(step.values), **choices}, "chosen": ""}


def field_of(declared: Parameter, value: float | None) -> dict[str, Any]:
    """Give the field of a declared quantity: a choice, or a number with its unit."""
    if declared.choices:
        names = {
            str(row): say(name if declared.choices == ("no", "yes") else f"choice.{name}")
            for row, name in enumerate(declared.choices)
        }
        if value is None:
            return {"choices": {"": "–", **names}, "chosen": ""}
        return {"choices": names, "chosen": str(int(value))}
    return {
        "choices": {},
        "low": f"{declared.low:g}",
        "high": f"{declared.high:g}",
        "step": 1 if declared.whole else "any",
        "value": "" if value is None else f"{value:g}",
        "unit": unit_told(declared),
    }


def act(session: Session, message: Mapping[str, Any]) -> None:
    """Do what somebody asked for with a control; what makes no sense is refused in words.

    Parameters
    ----------
    session : Session
    message : mapping
        ``do``, ``key`` and ``value`` from the browser.
    """
    do, key, value = (str(message.get(name, "")) for name in ("do", "key", "value"))
    side = key if key in SIDES else session.editing
    try:
        if do == "edit":
            session.editing = side
        elif do == "base" and value in shipped():
            session.choose(side, value)
        elif do == "undo":
            session.change(side, Case.undone)
        elif do == "reset":
            session.change(side, Case.reset)
        elif do == "upload":
            _upload(session, side, message)
        elif do == "zone_date":
            session.zone_date = checked_day(value)
        elif do == "zone":
            toggle(session, value or key)
        elif do == "option" and key in OPTIONS:
            session.change(session.editing, Assumption(key, checked_value(OPTIONS[key], value)))
        elif do in ("date", "state", "value", "add", "remove"):
            session.change(
                session.editing, changed_course(session.case(session.editing), do, key, value)
            )
    except Problem as problem:
        session.refuse(problem)


def changed_course(case: Case, do: str, key: str, value: str) -> Course:
    """Give the course that a control asks for.

    Parameters
    ----------
    case : Case
    do : {'date', 'state', 'value', 'add', 'remove'}
    key : str
        ``lever``, ``lever.row`` or ``lever.row.field``.
    value : str
        A date, the number of a state, or a value.

    Raises
    ------
    Problem
        Not a date or value of this run, or no such control.
    """
    name, *places = key.split(".")
    lever = LEVERS.get(name)
    if lever is None or not all(each.isdecimal() for each in places):
        raise Problem("problem.control")
    steps = list(course(case.scenario, lever))
    if do == "add":
        return Course(name, (*steps, _next_step(lever, steps)))
    row = int(places[0]) if places else -1
    if not 0 <= row < len(steps):
        raise Problem("problem.control")
    step = steps[row]
    if do == "remove":
        del steps[row]
    elif do == "date":
        steps[row] = replace(step, date=checked_day(value))
    elif do == "state":
        if not (value.isdecimal() and int(value) < len(lever.states)):
            raise Problem("problem.control")
        steps[row] = replace(step, values=lever.states[int(value)])
    else:
        field = int(places[1]) if len(places) > 1 else -1
        if not 0 <= field < len(lever.conditions):
            raise Problem("problem.control")
        values = list(step.values)
        values[field] = checked_value(lever.declared[field], value)
        steps[row] = replace(step, values=tuple(values))
    return Course(name, tuple(steps))


def _next_step(lever: Lever, steps: list[Step]) -> Step:
    """Give the step that is added: half a year after the last one, and something else."""
    last = steps[-1].values if steps else lever.at_rest
    day = min(steps[-1].date + HALF_A_YEAR, calendar.END) if steps else later_day(FIRST_STEP)
    if lever.states:
        following = lever.states.index(last) + 1 if last in lever.states else 0
        return Step(day, lever.states[following % len(lever.states)])
    first = lever.declared[0]
    if first.choices:
        value = (last[0] + 1) % len(first.choices)
    elif last[0] == first.default:
        value = min(first.high, first.default + (first.high - first.default) / 5)
    else:
        value = first.default
    return Step(day, (float(round(value, 2)), *last[1:]))


def toggle(session: Session, code: str) -> None:
    """Let a municipality of the case that is being changed sign, or no longer sign."""
    country = load_country()
    if code not in country.codes:
        raise Problem("problem.place")
    case = session.case(session.editing)
    if case.signs(code):
        session.change(session.editing, Signing(code, None))
        return
    documented = {zone.code: zone.first for zone in case.base.zones}
    day = documented.get(code, session.zone_date)
    changed = case.changed(Signing(code, day))
    if changed.signs(code) is None:
        raise Problem("problem.before_truce", place=place(code), date=day)
    session.change(session.editing, lambda _: changed)


def _upload(session: Session, side: str, message: Mapping[str, Any]) -> None:
    size, value = message.get("size", 0), message.get("value", "")
    if not isinstance(size, int) or not isinstance(value, str):
        raise Problem("problem.control")
    if size > LARGEST_FILE or len(value) > 2 * LARGEST_FILE:
        raise Problem("problem.large", size=size, most=LARGEST_FILE)
    try:
        content = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Problem("problem.control") from None
    try:
        case = uploaded_case(content, str(message.get("name", ""))[:200])
    except InputError as error:
        session.refuse(error, "problem.file")
        return
    session.change(side, lambda _: case)
