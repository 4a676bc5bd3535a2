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
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message, nearest
from trucesim.locale.gangs import Words
from trucesim.parameters import CONDITIONS, GANGS, PARAMETERS, Parameter, condition_dtype
from trucesim.world import calendar
from trucesim.world.country import Country, allowed_there


@dataclass(frozen=True)
class Event:
    """A dated change of conditions; values as rules read them, texts as they are written."""

    id: str
    date: dt.date
    en: str
    es: str
    set: Mapping[str, float]
    gangs: tuple[str, ...]
    source: str
    kind: str = "choice"
    """A "choice" of somebody, which a what-if may change, the state's "response" to violence, or
    the gangs' "answer" to the state."""

    @property
    def text(self) -> Words:
        """What happens, by language, with the gangs called as they are here."""
        return Words({"en": self.en, "es": self.es})


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

    @cached_property
    def digest(self) -> str:
        """Digest of all that determines a run but its seed, texts left aside."""
        content = {
            "start": dict(sorted(self.start.items())),
            "parameters": dict(sorted(self.parameters.items())),
            "events": [
                # Which order is the first hangs on whether it is an answer.
                [e.date.isoformat(), sorted(e.set.items()), list(e.gangs), e.kind == "answer"]
                for e in self.events
            ],
            "zones": [
                [z.code, z.first.isoformat(), z.last.isoformat(), str(z.army_leaves)]
                for z in sorted(self.zones, key=lambda zone: zone.code)
            ],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def first_order(self) -> dt.date | None:
        """The day of the first order to hold fire that is no answer; None if none is given."""
        if self.start.get("order", 0.0) > 0:
            return calendar.START
        given = (e for e in self.events if e.kind != "answer" and e.set.get("order", 0.0) > 0)
        return min((e.date for e in given), default=None)

    @property
    def order_month(self) -> int:
        """The month of the first order to hold fire, counted from the start; -1 if none."""
        if self.first_order is None:
            return -1
        return calendar.month_of(self.first_order)

    def timeline(self, country: Country) -> NDArray[np.void]:
        """Give the conditions stretch by stretch.

        Returns
        -------
        array of condition records, shape (stretch,)
            The first starts on day 0; see :func:`trucesim.parameters.condition_dtype`.
        """
        row = np.zeros(1, condition_dtype())
        for name in CONDITIONS:
            row[name] = country.scale(name, self.start.get(name, country.opening(name)))
        row["ordered"] = -1.0
        rows = [row]
        for event in self.events:
            day = calendar.day_of(event.date)
            if day > rows[-1]["first_day"][0]:
                rows.append(rows[-1].copy())
                rows[-1]["first_day"] = day
            gangs = [GANGS.index(gang) for gang in event.gangs]
            if "order" in event.set:
                # Unless the event says which order it is, it is another than the one before.
                rows[-1]["ordered"][0, gangs] = day + 1
                rows[-1]["order_of"][0, gangs] = 0.0
            for name, value in event.set.items():
                if CONDITIONS[name].per_gang:
                    rows[-1][name][0, gangs] = value
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


def declared(
    name: str, table: Mapping[str, Parameter], where: str, other: Mapping[str, Parameter]
) -> Parameter:
    """Find a declaration by name, or say what else it may be."""
    if name in table:
        return allowed_there(name) if table is PARAMETERS else table[name]
    if name in other and other is CONDITIONS:
        raise InputError(
            "{where}: {name} is a dated condition; give it a date, {name}=...@2013-06-01, or an "
            "[[event]] in a scenario file", where=where, name=name,
        )  # fmt: skip
    if name in other:
        raise InputError(
            "{where}: {name} holds for the whole run; it belongs in [parameters]", where=where,
            name=name,
        )  # fmt: skip
    kind = Message("parameter") if table is PARAMETERS else Message("condition")
    listed = ", ".join(table) if len(table) < 20 else Message("see 'trucesim describe'")
    raise InputError(
        "{where}: unknown {kind} {name!r}{hint}; allowed: {allowed}", where=where, kind=kind,
        name=name, hint=nearest(name, table), allowed=listed,
    )  # fmt: skip


def check_in_run(date: dt.date, where: str) -> None:
    """Refuse a date outside the run."""
    if not calendar.START <= date <= calendar.END:
        raise InputError(
            "{where}: {date} is outside the run, {first} to {last}", where=where, date=date,
            first=calendar.START, last=calendar.END,
        )  # fmt: skip


def check_zones(scenario: Scenario, where: str) -> None:
    """Refuse a zone declared before any order to hold fire: it rests on a truce."""
    truce = scenario.first_order
    first = min(scenario.zones, key=lambda zone: zone.first, default=None)
    if first is not None and (truce is None or first.first < truce):
        when = Message("starts on {date}", date=truce) if truce else Message("never starts")
        raise InputError(
            "{where}: the zone {code} is declared on {date}, but the truce {when}; a zone needs an "
            "order to hold fire before it", where=where, code=first.code, date=first.first,
            when=when,
        )  # fmt: skip
