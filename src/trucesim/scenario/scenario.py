"""Scenarios: what happens on which date, read from a TOML file and checked before anything runs.

A scenario holds dated events, each of which sets conditions
(:data:`trucesim.parameters.CONDITIONS`) from its day on; zones, each of which signs on a day; and
changed parameters. It may extend another scenario: it then adds events, replaces those whose ``id``
it repeats, and drops what it names.
Files are data: they are parsed, bounded in size and never evaluated.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from trucesim.files.errors import InputError, nearest
from trucesim.parameters import CONDITIONS, GANGS, PARAMETERS, Parameter, condition_dtype
from trucesim.world import calendar
from trucesim.world.country import Country


@dataclass(frozen=True)
class Event:
    """A dated change of conditions; values as rules read them."""

    id: str
    date: dt.date
    en: str
    es: str
    set: Mapping[str, float]
    gangs: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Zone:
    """A place that signs between two days (one day: both the same)."""

    code: str
    first: dt.date
    last: dt.date
    army_leaves: dt.date | None
    source: str


@dataclass(frozen=True)
class Scenario:
    """A checked scenario.

    Attributes
    ----------
    name : str
        The file's name without its ending.
    title, story : dict
        Texts by language, "en" and "es".
    events : tuple of Event
        In order of date.
    zones : tuple of Zone
        In order of first day.
    parameters : dict
        Changed parameters, as rules read them.
    start : dict
        Conditions on the first day that differ from the declared ones.
    sources : tuple of str
    """

    name: str
    title: Mapping[str, str]
    story: Mapping[str, str]
    events: tuple[Event, ...] = ()
    zones: tuple[Zone, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    start: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Digest of all that determines a run but its seed, texts left aside."""
        content = {
            "start": dict(sorted(self.start.items())),
            "parameters": dict(sorted(self.parameters.items())),
            "events": [
                [e.date.isoformat(), sorted(e.set.items()), list(e.gangs)] for e in self.events
            ],
            "zones": [
                [z.code, z.first.isoformat(), z.last.isoformat(), str(z.army_leaves)]
                for z in sorted(self.zones, key=lambda zone: zone.code)
            ],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def with_settings(self, settings: Iterable[str]) -> Scenario:
        """Change parameters or dated conditions as the command line writes them.

        Parameters
        ----------
        settings : iterable of str
            ``name=value`` for a parameter, ``name=value@date`` for a condition from a date on.

        Raises
        ------
        InputError
            Not of that form, unknown name, value out of bounds.
        """
        parameters = dict(self.parameters)
        events = list(self.events)
        for setting in settings:
            where = f"--set {setting}"
            name, equals, text = setting.partition("=")
            if not equals:
                raise InputError(f"{where}: write name=value, or name=value@2013-06-01")
            value, at, date = text.partition("@")
            name = name.strip()
            if at:
                condition = declared(name, CONDITIONS, where, PARAMETERS)
                try:
                    day = dt.date.fromisoformat(date.strip())
                except ValueError:
                    raise InputError(f"{where}: {date!r} is not a date like 2013-06-01") from None
                check_in_run(day, where)
                number = condition.read(_plain(value), where)
                label = f"{condition.en}: {value.strip()}", f"{condition.es}: {value.strip()}"
                events.append(
                    Event(f"set-{name}-{date}", day, *label, {name: number}, GANGS, "--set")
                )
            else:
                parameter = declared(name, PARAMETERS, where, CONDITIONS)
                parameters[name] = parameter.read(_plain(value), where)
        changed = replace(
            self, parameters=parameters, events=tuple(sorted(events, key=lambda e: e.date))
        )
        check_zones(changed, "--set")
        return changed

    def with_parameters(self, values: Mapping[str, object]) -> Scenario:
        """Change parameters of the whole run, as Python writes them.

        Parameters
        ----------
        values : mapping of str to float, bool or str
            By name; numbers of numpy are numbers too.

        Raises
        ------
        InputError
            Unknown name, or a value out of bounds.
        """
        parameters = dict(self.parameters)
        for name, value in values.items():
            plain = value.item() if isinstance(value, np.generic) else value
            parameter = declared(name, PARAMETERS, "parameters", CONDITIONS)
            parameters[name] = parameter.read(plain, "parameters")
        return replace(self, parameters=parameters)

    def timeline(self, country: Country) -> NDArray[np.void]:
        """Give the conditions stretch by stretch.

        Returns
        -------
        array of condition records, shape (stretch,)
            The first starts on day 0; see :func:`trucesim.parameters.condition_dtype`.
        """
        row = np.zeros(1, condition_dtype())
        for name, condition in CONDITIONS.items():
            row[name] = country.scale(name, self.start.get(name, condition.default))
        rows = [row]
        for event in self.events:
            day = calendar.day_of(event.date)
            if day > rows[-1]["first_day"][0]:
                rows.append(rows[-1].copy())
                rows[-1]["first_day"] = day
            for name, value in event.set.items():
                if CONDITIONS[name].per_gang:
                    for gang in event.gangs:
                        rows[-1][name][0, GANGS.index(gang)] = value
                else:
                    rows[-1][name] = country.scale(name, value)
        return np.concatenate(rows)

    def changes_from(self, other: Scenario) -> dt.date | None:
        """Give the first date on which two scenarios can differ; None if they never do.

        Up to that date a run of the one is a run of the other, bit for bit.
        """
        if dict(self.parameters) != dict(other.parameters) or dict(self.start) != dict(other.start):
            return calendar.START
        mine, theirs = (
            {(e.date, tuple(sorted(e.set.items())), e.gangs) for e in s.events}
            for s in (self, other)
        )
        dates = [date for date, *_ in mine ^ theirs]
        dates += [zone.first for zone in set(self.zones) ^ set(other.zones)]
        return min(dates, default=None)


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


def declared(
    name: str, table: Mapping[str, Parameter], where: str, other: Mapping[str, Parameter]
) -> Parameter:
    """Find a declaration by name, or say what else it may be."""
    if name in table:
        return table[name]
    if name in other and other is CONDITIONS:
        raise InputError(
            f"{where}: {name} is a dated condition; give it a date, {name}=...@2013-06-01, "
            "or an [[event]] in a scenario file"
        )
    if name in other:
        raise InputError(f"{where}: {name} holds for the whole run; it belongs in [parameters]")
    kind = "parameter" if table is PARAMETERS else "condition"
    listed = ", ".join(table) if len(table) < 20 else "see 'trucesim describe'"
    raise InputError(f"{where}: unknown {kind} {name!r}{nearest(name, table)}; allowed: {listed}")


def check_in_run(date: dt.date, where: str) -> None:
    """Refuse a date outside the run."""
    if not calendar.START <= date <= calendar.END:
        raise InputError(f"{where}: {date} is outside the run, {calendar.START} to {calendar.END}")


def check_zones(scenario: Scenario, where: str) -> None:
    """Refuse a zone declared before any order to hold fire: it rests on a truce."""
    if not scenario.zones:
        return
    order = scenario.start.get("order", 0.0)
    truce = (
        calendar.START
        if order
        else min((e.date for e in scenario.events if e.set.get("order", 0.0) > 0), default=None)
    )
    first = min(scenario.zones, key=lambda zone: zone.first)
    if truce is None or first.first < truce:
        when = f"starts on {truce}" if truce else "never starts"
        raise InputError(
            f"{where}: the zone {first.code} is declared on {first.first}, but the truce {when}; "
            "a zone needs an order to hold fire before it"
        )
