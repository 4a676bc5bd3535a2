"""A case: a scenario and what was changed of it by the page's controls, one change after another.

A case is a value: changing it gives another one, and undoing gives the one before. It becomes a
Scenario through the same checks as a file, since what it writes as a file is what it is read from.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from trucesim.files.errors import RENAMED, InputError, Message, nearest
from trucesim.locale.catalogue import LANGUAGES, by_language, speaking, spoken
from trucesim.locale.gangs import called, calling
from trucesim.locale.language import date
from trucesim.locale.texts import Problem, say
from trucesim.parameters import CONDITIONS, GANGS, PARAMETERS, Parameter
from trucesim.runs.sampling import from_prior, shipped_draws
from trucesim.scenario.change import (
    moves,
    set_parameters,
    with_course,
    with_zone,
    without_parameter,
    without_zone,
)
from trucesim.scenario.file import load_scenario, read_scenario, recorded, shipped, text_of
from trucesim.scenario.scenario import Event, Scenario, Zone
from trucesim.studies.levers import LEVERS, MOST_STEPS, OPTIONS, Lever, Step, course, value_told
from trucesim.world import calendar
from trucesim.world.country import allowed_there, load_country
from trucesim.world.folder import here

DECIDED = "counterfactual: set in the workshop"

MOST_CHANGES = 400
"""Kept of one case; the oldest can then no longer be undone."""

LONGEST_LINK = 6_000
"""Characters of one case in a link."""

LONGEST_STORY = 4_000


@dataclass(frozen=True)
class Course:
    """A lever takes this course instead of the scenario's."""

    lever: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Signing:
    """A municipality signs on a day; with None it does not."""

    code: str
    date: dt.date | None


@dataclass(frozen=True)
class Assumption:
    """A parameter has this value in every run; with None the scenario's, or the posterior's."""

    name: str
    value: float | None


type Change = Course | Signing | Assumption


@dataclass(frozen=True)
class Case:
    """A scenario and its changes.

    Attributes
    ----------
    base : Scenario
    changes : tuple of Change
        In the order in which they were made; of two about the same thing the later counts.
    uploaded : bool
        Whether the base came from somebody's file, which no link can carry.
    """

    base: Scenario
    changes: tuple[Change, ...] = ()
    uploaded: bool = False

    def changed(self, change: Change) -> Case:
        """Make one change more.

        Raises
        ------
        InputError
            The scenario that results is not one.
        """
        match change:
            case Course(lever, steps):
                change = checked_course(LEVERS[lever], steps)
            case Assumption(name, float(value)):
                checked_value(allowed_there(name), repr(value))
        case = replace(self, changes=(*self.changes, change)[-MOST_CHANGES:])
        case.scenario  # noqa: B018 - checks
        return case

    def undone(self) -> Case:
        """Take the last change back."""
        return replace(self, changes=self.changes[:-1])

    def reset(self) -> Case:
        """Take all changes back."""
        return replace(self, changes=())

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that the changes make of the base.

        Raises
        ------
        InputError
            As a file with this content would.
        """
        if not self.standing:
            return self.base
        return read_scenario(self.toml(), self.name)

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return self.base.name + ("-changed" if self.standing else "")

    @cached_property
    def standing(self) -> tuple[Change, ...]:
        """The changes that still make a difference, each thing once."""
        last: dict[tuple[str, str], Change] = {_about(change): change for change in self.changes}
        return tuple(change for change in last.values() if self._differs(change))

    def _differs(self, change: Change) -> bool:
        match change:
            case Course(lever, steps):
                return steps != course(self.base, LEVERS[lever])
            case Signing(code, day):
                signs = {zone.code: zone.first for zone in self.base.zones}
                return signs.get(code) != day
            case Assumption(name, value):
                return value != self.base.parameters.get(name)

    @property
    def counterfactual(self) -> bool:
        """Whether nobody has observed what it tells of."""
        return self.scenario.digest not in {each.digest for each in _record(here())}

    def signs(self, code: str) -> dt.date | None:
        """Give the (first possible) day on which a municipality signs; None if it does not."""
        return next((zone.first for zone in self.scenario.zones if zone.code == code), None)

    @cached_property
    def _planned(self) -> Scenario:
        """The base as changed, with the zones that no order to hold fire would carry."""
        scenario = self.base
        for change in self.standing:
            match change:
                case Course(lever, steps):
                    scenario = with_course(
                        scenario, lever, LEVERS[lever].conditions, _events(LEVERS[lever], steps)
                    )
                case Signing(code, None):
                    scenario = without_zone(scenario, code)
                case Signing(code, dt.date() as day):
                    scenario = with_zone(scenario, Zone(code, day, day, None, DECIDED))
                case Assumption(name, None):
                    scenario = without_parameter(scenario, name)
                case Assumption(name, float(value)):
                    scenario = set_parameters(scenario, {name: PARAMETERS[name].show(value)})
        return scenario

    def left_out(self) -> tuple[str, ...]:
        """Give the codes of zones that would sign before any order to hold fire, and so do not."""
        truce = self._planned.first_order or dt.date.max
        return tuple(zone.code for zone in self._planned.zones if zone.first < truce)

    def toml(self) -> str:
        """Write the case as a scenario file that stands alone."""
        planned, left_out = self._planned, self.left_out()
        title, story = self.base.title, self.base.story
        if self.standing:
            with calling("field"):
                told = by_language(self._title), by_language(lambda: self._story()[:LONGEST_STORY])
            # A file holds no language but those that it was written in.
            title, story = ({lang: each[lang] for lang in self.base.title} for each in told)
        zones = tuple(zone for zone in planned.zones if zone.code not in left_out)
        return text_of(replace(planned, title=title, story=story, zones=zones))

    def _title(self) -> str:
        return say("case.changed", title=self.base.title[spoken()])

    def _story(self) -> str:
        told = " ".join(f"{each}." for each in self.told())
        return say("case.story", story=self.base.story[spoken()], told=told)

    def told(self) -> list[str]:
        """Say in words what was changed, one thing a line."""
        lines = []
        for change in self.standing:
            match change:
                case Course(lever, steps):
                    each = LEVERS[lever]
                    lines.append(f"{each.label()}: {each.course_told(steps)}")
                case Signing(code, None):
                    lines.append(say("zone.dropped", place=place(code)))
                case Signing(code, dt.date() as day):
                    lines.append(say("zone.signs", place=place(code), date=date(day)))
                case Assumption(name, value):
                    told = _value_or_posterior(name, value)
                    lines.append(f"{PARAMETERS[name].label()}: {told}")
        if left := self.left_out():
            places = ", ".join(place(code) for code in left)
            lines.append(say("zone.left_out", places=places))
        return lines

    def departures(self) -> list[str]:
        """Say where the case leaves what the model was fitted to, one thing a line."""
        scenario, lines = self.scenario, []
        for lever in LEVERS.values():
            steps = course(scenario, lever)
            documented = any(steps == course(each, lever) for each in _record(here()))
            if not documented and _beyond_the_fit(lever, steps):
                lines.append(say("departure.lever", lever=lever.label()))
        for name, value in scenario.parameters.items():
            each = PARAMETERS[name]
            span = posterior_span(name)
            if span and not span[0] <= value <= span[1]:
                low, high = (value_told(each, end) for end in span)
                given = value_told(each, value)
                lines.append(
                    say(
                        "departure.parameter", label=each.label(), value=given, low=low,
                        high=high,
                    )
                )  # fmt: skip
            elif not span and (each.kind == "uncertain" or value != each.default):
                lines.append(say("departure.option", label=each.label()))
        return lines

    def link(self) -> str | None:
        """Write the case as a compact part of a link; None if it cannot be carried by one."""
        if self.uploaded:
            return None
        text = "~".join([self.base.name, *self.written_changes()])
        return text if len(text) <= LONGEST_LINK else None

    def written_changes(self) -> list[str]:
        """Write the changes that stand, each as a link has it."""
        return list(map(_token, self.standing))

    def with_changes(self, written: Iterable[str]) -> Case:
        """Put changes that `written_changes` wrote in the place of its own.

        Raises
        ------
        InputError
            Not such texts, or what results is no scenario.
        """
        case = replace(self, changes=tuple(map(_untoken, written)))
        case.scenario  # noqa: B018 - checks
        return case


def shipped_case(name: str) -> Case:
    """Give a shipped scenario, unchanged."""
    return Case(load_scenario(name))


def uploaded_case(content: bytes, file_name: str) -> Case:
    """Read a case from a file that somebody hands in; checked as any scenario file.

    Raises
    ------
    InputError
    """
    stem = re.sub(r"\.toml$", "", file_name.replace("\\", "/").rsplit("/", 1)[-1])
    name = re.sub(r"[^\w.-]+", "-", stem)[:60].strip(".-") or "scenario"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("{name}.toml: not a text file in UTF-8", name=name) from None
    return Case(read_scenario(text, name), uploaded=True)


def read_link(text: str) -> Case:
    """Read what :meth:`Case.link` wrote.

    Raises
    ------
    InputError
        Not such a text, too long, or no scenario.
    """
    if len(text) > LONGEST_LINK:
        raise InputError(
            "the link: {count:,} characters; a case has {most:,} at most", count=len(text),
            most=LONGEST_LINK,
        )  # fmt: skip
    name, *changes = text.split("~")
    name = RENAMED.get(name, name)
    if name not in shipped():
        raise InputError(
            "the link: no scenario {name!r}{hint}", name=name[:60],
            hint=nearest(name[:60], shipped()),
        )  # fmt: skip
    return Case(load_scenario(name)).with_changes(changes)


type Difference = tuple[str, str, str]


def differences(a: Scenario, b: Scenario) -> list[Difference]:
    """Say in words what differs between two scenarios.

    Returns
    -------
    list of tuple of str
        What it is, what it is in A, and what it is in B.
    """
    lines: list[Difference] = []
    for lever in LEVERS.values():
        courses = course(a, lever), course(b, lever)
        if courses[0] != courses[1]:
            of_a, of_b = (lever.course_told(steps) for steps in courses)
            lines.append((lever.label(), of_a, of_b))
    for event in sorted({*_apart(a), *_apart(b)}):
        if (event in _apart(a)) != (event in _apart(b)):
            day, text_en, text_es = event[:3]
            text = f"{date(day)}: {called(text_es if spoken() == 'es' else text_en)}"
            of_a, of_b = (text if event in _apart(each) else say("without") for each in (a, b))
            lines.append((say("event"), of_a, of_b))
    lines += _zone_differences(a, b)
    for name in dict.fromkeys([*a.parameters, *b.parameters]):
        if a.parameters.get(name) != b.parameters.get(name):
            of_a, of_b = (_value_or_posterior(name, each.parameters.get(name)) for each in (a, b))
            lines.append((PARAMETERS[name].label(), of_a, of_b))
    for name in dict.fromkeys([*a.start, *b.start]):
        condition = CONDITIONS[name]
        of_a, of_b = (
            value_told(condition, each.start.get(name, condition.default)) for each in (a, b)
        )
        if of_a != of_b:
            lines.append((say("at_start", label=condition.label()), of_a, of_b))
    return lines


def _zone_differences(a: Scenario, b: Scenario) -> list[Difference]:
    of_a, of_b = ({zone.code: zone for zone in each.zones} for each in (a, b))
    apart = [code for code in sorted({*of_a, *of_b}) if _when(of_a, code) != _when(of_b, code)]
    if not apart:
        return []
    cells = []
    for own in (of_a, of_b):
        signed = [f"{place(code)} ({_span(own[code])})" for code in apart if code in own]
        cells.append(", ".join(signed) or say("zones.none_of_these"))
    return [(say("zones"), cells[0], cells[1])]


def _when(zones: Mapping[str, Zone], code: str) -> tuple[dt.date | None, ...] | None:
    zone = zones.get(code)
    return None if zone is None else (zone.first, zone.last, zone.army_leaves)


def _span(zone: Zone) -> str:
    ends = dict.fromkeys((date(zone.first), date(zone.last)))
    return "–".join(ends)


def _apart(scenario: Scenario) -> set[tuple[Any, ...]]:
    """Give the events that no lever reads: those of single gangs."""
    return {
        (e.date, e.en, e.es, tuple(sorted(e.set.items())), e.gangs)
        for e in scenario.events
        if not any(moves(e, lever.conditions) for lever in LEVERS.values())
    }


def place(code: str) -> str:
    """Give a municipality's name, with its department where two share the name."""
    country = load_country()
    row = country.codes.index(code)
    name = country.names[row]
    return f"{name} ({country.departments[row]})" if country.names.count(name) > 1 else name


def posterior_span(name: str) -> tuple[float, float] | None:
    """Give the 90% interval of an uncertain parameter's shipped draws; None for others."""
    own = load_country().own
    return None if name in own else _posterior_span(name, here())


@cache
def _posterior_span(name: str, country: str) -> tuple[float, float] | None:
    draws = shipped_draws(country)
    if name not in draws.names:
        return None
    values = draws.values[:, draws.names.index(name)]
    weights = np.diff(draws.reached, prepend=0.0)
    low, high = np.quantile(values, (0.05, 0.95), weights=weights, method="inverted_cdf")
    return float(low), float(high)


def _beyond_the_fit(lever: Lever, steps: Iterable[Step]) -> bool:
    """Whether a lever goes where the record, which was fitted, has no example.

    Of all else the strength comes from priors.
    """
    known = {step.values for each in _record(here()) for step in course(each, lever)}
    return any(step.values not in known | {lever.at_rest} for step in steps)


@cache
def _record(country: str) -> tuple[Scenario, ...]:
    """Give what happened in the country that is spoken of."""
    return tuple(map(load_scenario, recorded()))


def _about(change: Change) -> tuple[str, str]:
    match change:
        case Course(lever, _):
            return "lever", lever
        case Signing(code, _):
            return "zone", code
        case Assumption(name, _):
            return "parameter", name


def _value_or_posterior(name: str, value: float | None) -> str:
    each = PARAMETERS[name]
    if value is not None:
        return value_told(each, value)
    if each.kind != "uncertain":
        return value_told(each, each.default)
    return say("prior.kept" if name in from_prior() else "posterior.kept")


def _events(lever: Lever, steps: Iterable[Step]) -> list[Event]:
    """Give a lever's course as events."""
    events = []
    for step in sorted(steps):
        told = []
        for lang in LANGUAGES:
            with speaking(lang), calling("field"):
                told.append(f"{lever.label()}: {lever.told(step.values)}")
        values = dict(zip(lever.conditions, step.values, strict=True))
        identity = f"workshop-{lever.name}-{step.date:%Y%m%d}"
        events.append(
            Event(identity, step.date, told[0][:200], told[1][:200], values, GANGS, DECIDED)
        )
    return events


def _token(change: Change) -> str:
    """Write one change for a link, in signs that links need not escape."""
    match change:
        case Course(lever, steps):
            told = (
                "-".join([f"{step.date:%Y%m%d}", *(_plain(value) for value in step.values)])
                for step in steps
            )
            return f"{lever}=" + "_".join(told)
        case Signing(code, day):
            return f"z{code}=" + (f"{day:%Y%m%d}" if day else "")
        case Assumption(name, value):
            return f"p.{name}=" + ("" if value is None else _plain(value))


def _plain(value: float) -> str:
    """Write a number without an exponent, and so without the signs that part a token."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _untoken(token: str) -> Change:
    """Read one change from a link."""
    where = Message("the link: {token!r}", token=token[:60])
    key, equals, text = token.partition("=")
    if not equals:
        raise InputError("{where}: it must be a name, an equals sign and a value", where=where)
    if key in LEVERS:
        steps = tuple(_unstep(part, LEVERS[key], where) for part in text.split("_") if part)
        return checked_course(LEVERS[key], steps)
    code = key[1:]
    if key[:1] == "z" and (code.isdecimal() or code in load_country().codes):
        if code not in load_country().codes:
            raise InputError("{where}: no municipality has the code {code}", where=where, code=code)
        return Signing(code, _unday(text) if text else None)
    if key.startswith("p.") and key[2:] in PARAMETERS:
        name = key[2:]
        return Assumption(name, checked_value(allowed_there(name), text) if text else None)
    known = [*LEVERS, *(f"p.{name}" for name in OPTIONS)]
    hint = nearest(key[2:60], []) or nearest(key[:60], known)
    raise InputError(
        "{where}: no control is called {key!r}{hint}", where=where, key=key[:60], hint=hint
    )


def checked_course(lever: Lever, steps: tuple[Step, ...]) -> Course:
    """Check a course that came from outside.

    Raises
    ------
    Problem
        Too many steps, two on a day, a day outside the run, or a value out of bounds.
    """
    if len(steps) > MOST_STEPS:
        raise Problem("problem.steps", most=MOST_STEPS)
    if len({step.date for step in steps}) < len(steps):
        raise Problem("problem.same_day")
    for step in steps:
        checked_day(step.date.isoformat())
        for declared, value in zip(lever.declared, step.values, strict=True):
            checked_value(declared, _plain(value))
    return Course(lever.name, tuple(sorted(steps)))


def checked_day(text: str) -> dt.date:
    """Read a day of the run.

    Raises
    ------
    Problem
    """
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise Problem("problem.date", text=text[:20]) from None
    if not calendar.START <= day <= calendar.END:
        raise Problem("problem.outside", date=day, first=calendar.START, last=calendar.END)
    return day


def checked_value(declared: Parameter, text: str) -> float:
    """Read a value as rules read it: a number within bounds, or the number of a choice.

    Raises
    ------
    Problem
    """
    try:
        value = float(text)
    except ValueError:
        raise Problem("problem.number", text=text[:40]) from None
    highest = len(declared.choices) - 1 if declared.choices else declared.high
    if not declared.low <= value <= highest or (
        (declared.whole or declared.choices) and value != round(value)
    ):
        raise Problem("problem.bounds", name=declared, low=declared.low, high=highest)
    return value


def _unstep(text: str, lever: Lever, where: str) -> Step:
    day, *values = text.split("-")
    values = lever.of_0_1_0.get("-".join(values), values)
    if len(values) != len(lever.conditions):
        raise InputError(
            "{where}: {text!r} must be a date and {count} values", where=where, text=text[:40],
            count=len(lever.conditions),
        )  # fmt: skip
    numbers = tuple(
        checked_value(each, value) for each, value in zip(lever.declared, values, strict=True)
    )
    return Step(_unday(day), numbers)


def _unday(text: str) -> dt.date:
    if not re.fullmatch(r"\d{8}", text):
        raise Problem("problem.date", text=text[:20])
    return checked_day(f"{text[:4]}-{text[4:6]}-{text[6:]}")
