"""The page's controls: what cases and levers look like, and what is done with what people set.

What comes from the browser is taken as text from outside: read, bounded and checked here.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

from trucesim.files.errors import InputError
from trucesim.files.reading import LARGEST_FILE
from trucesim.locale.catalogue import spoken
from trucesim.locale.language import date
from trucesim.locale.texts import Problem, named, say
from trucesim.parameters import Parameter
from trucesim.scenario.change import moves
from trucesim.scenario.file import load_scenario, shipped
from trucesim.scenario.scenario import Zone
from trucesim.studies.cases import (
    Assumption,
    Case,
    Course,
    Signing,
    checked_day,
    checked_value,
    differences,
    place,
    shipped_case,
    uploaded_case,
)
from trucesim.studies.levers import LEVERS, MOST_STEPS, OPTIONS, Lever, Step, course, explained
from trucesim.workshop.markup import attributes, button, options
from trucesim.workshop.session import SIDES, Session
from trucesim.world import calendar
from trucesim.world.country import load_country

UPLOADED = "uploaded"
"""Stands for a case's own file in the list of scenarios."""

HALF_A_YEAR = dt.timedelta(days=182)


def cards(session: Session) -> str:
    """Write the two cases side by side, and what differs between them."""
    parts = "".join(_card(session, side) for side in SIDES)
    return f'<div class="pair">{parts}{_differing(session)}</div>'


def _card(session: Session, side: str) -> str:
    case = session.case(side)
    title = say("card.case", side=side.upper())
    names = {name: load_scenario(name).title[spoken()] for name in shipped()}
    if case.uploaded:
        names = {UPLOADED: case.base.title.get(spoken()) or case.base.name, **names}
    chosen = UPLOADED if case.uploaded else case.base.name
    badge = say("counterfactual" if case.counterfactual else "documented")
    editing = session.editing == side
    edit = button(
        say("card.editing" if editing else "card.edit"), "edit", side,
        _class="quiet edit", aria_pressed="true" if editing else "false",
    )  # fmt: skip
    told = "".join(f"<li>{escape(named(line, session))}</li>" for line in case.told())
    changes = f'<ul class="changes">{told}</ul>' if told else ""
    away = "".join(f"<li>{escape(named(line, session))}</li>" for line in case.departures())
    departures = (
        f'<details class="away" data-key="away-{side}"><summary>{say("card.departures")}'
        f"</summary><ul>{away}</ul></details>"
        if away
        else ""
    )
    story = escape(named(case.base.story.get(spoken(), ""), session))
    upload = attributes(
        type="file", accept=".toml", data_do="upload", data_key=side, data_most=LARGEST_FILE
    )
    return f"""<article class="card {side}" aria-label="{title}">
<header><h2>{title}</h2><span class="badge">{badge}</span></header>
<label class="base"><span>{say("card.base")}</span>
<select data-do="base" data-key="{side}">{options(names, chosen)}</select></label>
{changes}{departures}
<details class="story" data-key="story-{side}"><summary>{say("card.story")}</summary>
<p>{story}</p></details>
<div class="tools">{edit}
{button(say("card.undo"), "undo", side, _class="quiet", disabled=not case.changes)}
{button(say("card.reset"), "reset", side, _class="quiet", disabled=not case.standing)}
{button(say("card.toml"), "toml", side, _class="quiet")}
<label class="quiet file"><input{upload}>{say("card.upload")}</label></div>
</article>"""


def _differing(session: Session) -> str:
    rows = differences(session.a.scenario, session.b.scenario)
    if not rows:
        return f'<p class="differ none">{say("card.same")}</p>'
    cells = "".join(
        f'<tr><th scope="row">{escape(named(what, session))}</th>'
        f'<td class="a">{escape(named(of_a, session))}</td>'
        f'<td class="b">{escape(named(of_b, session))}</td></tr>'
        for what, of_a, of_b in rows
    )
    heads = "".join(f'<th scope="col" class="{side}">{side.upper()}</th>' for side in SIDES)
    return (
        f'<div class="differ" tabindex="0"><table><caption>{say("card.differ")}</caption>'
        f'<thead><tr><th scope="col"><span class="unseen">{say("card.differ")}</span></th>'
        f"{heads}</tr></thead>"
        f"<tbody>{cells}</tbody></table></div>"
    )


def desk(session: Session) -> str:
    """Write the controls of the case that is being changed."""
    side = session.editing
    case = session.case(side)
    tabs = "".join(
        button(
            say("card.case", side=each.upper()), "edit", each, _class=f"tab {each}",
            aria_pressed="true" if each == side else "false",
        )
        for each in SIDES
    )  # fmt: skip
    levers = "".join(_lever(session, lever, case) for lever in LEVERS.values())
    apart = "".join(f"<li>{escape(named(text, session))}</li>" for text in _apart(case))
    also = f'<p class="apart">{say("desk.apart")}</p><ul>{apart}</ul>' if apart else ""
    extra = "".join(_option(session, each, case) for each in OPTIONS.values())
    return f"""<div class="levers {side}">
<h2>{say("desk.title", side=side.upper())}</h2>
<div class="switch" role="group" aria-label="{say("desk.which")}">{tabs}</div>
{levers}{_zones(session, case)}{also}
<details class="extra" data-key="extra"><summary>{say("desk.more")}</summary>{extra}</details>
</div>"""


def _apart(case: Case) -> list[str]:
    """Tell of the events that no lever moves."""
    levers = LEVERS.values()
    return [
        f"{date(event.date)}: {event.text[spoken()]}"
        for event in case.scenario.events
        if not any(moves(event, lever.conditions) for lever in levers)
    ]


def hint(text: str, label: str) -> str:
    """Write a question mark that explains a control when it is pointed at or has the focus."""
    name = escape(say("desk.help", label=label))
    tip = escape(text).replace("\n", "<br>")
    return (
        f'<span class="hint"><button type="button" aria-label="{name}">?</button>'
        f'<span class="tip" role="tooltip">{tip}</span></span>'
    )


def _lever(session: Session, lever: Lever, case: Case) -> str:
    label = named(lever.label(), session)
    steps = course(case.scenario, lever)
    rows = "".join(_step(lever, row, step) for row, step in enumerate(steps))
    rest = "" if steps else f'<p class="rest">{escape(lever.course_told(steps))}</p>'
    aim = f'<p class="aim">{say("desk.aim")}</p>' if lever.name == "extension" else ""
    add = button(
        f"+ {say('desk.add')}", "add", lever.name, _class="add",
        disabled=len(steps) >= MOST_STEPS,
        aria_label=f"{say('desk.add')}: {label}",
    )  # fmt: skip
    tip = hint(named(lever.help(), session), label)
    return (
        f'<fieldset class="lever" data-key="{lever.name}"><legend>{escape(label)}{tip}</legend>'
        f"{rest}{rows}{aim}{add}</fieldset>"
    )


def _step(lever: Lever, row: int, step: Step) -> str:
    key, label = f"{lever.name}.{row}", lever.label()
    day = attributes(
        type="date", value=step.date, min=calendar.START, max=calendar.END, data_do="date",
        data_key=key, aria_label=say("desk.date", label=label),
    )  # fmt: skip
    called = say("desk.value", label=label, date=date(step.date))
    remove = button(
        "×", "remove", key, _class="remove", aria_label=f"{say('desk.remove')}: {label}, "
        f"{date(step.date)}",
    )  # fmt: skip
    fields = (
        _state_field(lever, step, key, called)
        if lever.states
        else "".join(
            value_field(each, value, f"{key}.{at}", called)
            for at, (each, value) in enumerate(zip(lever.declared, step.values, strict=True))
        )
    )
    return (
        f'<div class="step"><span>{say("desk.from")}</span><input{day}>{remove}'
        f'<div class="values">{fields}</div></div>'
    )


def _state_field(lever: Lever, step: Step, key: str, called: str) -> str:
    choices = {str(row): lever.told(state) for row, state in enumerate(lever.states)}
    chosen = str(lever.states.index(step.values)) if step.values in lever.states else ""
    if not chosen:
        choices = {"": lever.told(step.values), **choices}
    given = attributes(data_do="state", data_key=key, aria_label=called)
    return f"<select{given}>{options(choices, chosen)}</select>"


def value_field(
    declared: Parameter, value: float | None, key: str, called: str, do: str = "value"
) -> str:
    """Write the field of a declared quantity: a choice, or a number with its unit."""
    given: dict[str, Any] = {"data_do": do, "data_key": key, "aria_label": called}
    if declared.choices:
        names = {
            str(row): say(name if declared.choices == ("no", "yes") else f"choice.{name}")
            for row, name in enumerate(declared.choices)
        }
        if value is None:
            names = {"": "–", **names}
        chosen = "" if value is None else str(int(value))
        return f"<select{attributes(**given)}>{options(names, chosen)}</select>"
    given |= {
        "type": "number", "min": f"{declared.low:g}", "max": f"{declared.high:g}",
        "step": 1 if declared.whole else "any",
        "value": "" if value is None else f"{value:g}",
    }  # fmt: skip
    unit = "" if declared.unit == "1" else f"<span>{escape(declared.unit_in())}</span>"
    return f'<span class="number"><input{attributes(**given)}>{unit}</span>'


def _option(session: Session, each: Parameter, case: Case) -> str:
    label = each.label()
    value = case.scenario.parameters.get(each.name, each.default)
    field = value_field(each, value, each.name, label, "option")
    tip = hint(explained(each), label)
    return (
        f'<fieldset class="lever option" data-key="{each.name}"><legend>{escape(label)}{tip}'
        f'</legend><div class="step"><div class="values">{field}</div></div></fieldset>'
    )


def _zones(session: Session, case: Case) -> str:
    country = load_country()
    rows = "".join(_zone_row(zone) for zone in case.scenario.zones)
    shown = f'<ul class="zones">{rows}</ul>' if rows else (
        f'<p class="rest">{say("desk.zone_none")}</p>'
    )  # fmt: skip
    places = {"": say("desk.zone_choose")} | {
        code: f"{country.names[row]}, {country.departments[row]}"
        for row, code in sorted(
            enumerate(country.codes), key=lambda item: (country.names[item[0]], item[1])
        )
    }
    day = attributes(
        type="date", value=session.zone_date, min=calendar.START, max=calendar.END,
        data_do="zone_date",
    )  # fmt: skip
    label = say("desk.zones")
    tip = hint(say("desk.zone_help"), label)
    return f"""<fieldset class="lever" data-key="zones"><legend>{label}{tip}</legend>{shown}
<label class="row"><span>{say("desk.zone_date")}</span><input{day}></label>
<label class="row"><span>{say("desk.zone_place")}</span>
<select data-do="zone">{options(places, "")}</select></label></fieldset>"""


def _zone_row(zone: Zone) -> str:
    name = place(zone.code)
    days = dict.fromkeys((date(zone.first), date(zone.last)))
    drop = button(
        "×", "zone", zone.code, _class="remove",
        aria_label=say("desk.zone_drop", place=name),
    )  # fmt: skip
    return f"<li><b>{escape(name)}</b> <span>{' – '.join(days)}</span>{drop}</li>"


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
            session.change(side, lambda _: shipped_case(value))
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
    day = min(steps[-1].date + HALF_A_YEAR, calendar.END) if steps else dt.date(2013, 2, 4)
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
