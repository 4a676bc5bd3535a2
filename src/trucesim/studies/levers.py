"""What somebody can decide: the page's controls, derived from the declared conditions.

A lever sets one or more conditions (:data:`trucesim.parameters.CONDITIONS`) from a date on. Its
course is what a scenario says of it: from this day on, these values. Levers without dates are the
parameters of the kind ``lever``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from trucesim.locale.language import date, short
from trucesim.locale.texts import say
from trucesim.parameters import CONDITIONS, PARAMETERS, Parameter
from trucesim.scenario.change import moves
from trucesim.scenario.scenario import Scenario
from trucesim.studies.sources import told_of

RESTING = ("extension", "repression", "conditionality", "licence")
"""Levers whose first value, at rest, says less than a text: ``rest.NAME``."""


@dataclass(frozen=True, order=True)
class Step:
    """From this day on, a lever's conditions have these values."""

    date: dt.date
    values: tuple[float, ...]


@dataclass(frozen=True)
class Lever:
    """A control.

    Attributes
    ----------
    name : str
        As in links.
    conditions : tuple of str
        The declared conditions that it sets.
    states : tuple of tuple of float
        The values offered, where conditions are set together and only some go together; empty where
        each condition has a field of its own.
    """

    name: str
    conditions: tuple[str, ...]
    states: tuple[tuple[float, ...], ...] = ()

    @property
    def of_0_1_0(self) -> dict[str, list[str]]:
        """Values as links of 0.1.0 wrote them, and what they are now."""
        if self.name != "truce":
            return {}
        said = zip(("1-1", "1-0", "0-0"), self.states, strict=False)
        return {old: [f"{value:g}" for value in state] for old, state in said}

    @property
    def declared(self) -> tuple[Parameter, ...]:
        """The declarations behind it."""
        return tuple(CONDITIONS[name] for name in self.conditions)

    @property
    def at_rest(self) -> tuple[float, ...]:
        """The values that hold where nothing sets them."""
        return tuple(each.default for each in self.declared)

    def label(self) -> str:
        """Its name for people."""
        if len(self.conditions) == 1:
            return self.declared[0].label()
        return say(f"lever.{self.name}")

    def help(self) -> str:
        """Say what it means, and where that comes from."""
        return "\n".join(explained(each) for each in self.declared)

    def told(self, values: tuple[float, ...]) -> str:
        """Say in words what the lever is at."""
        if values in self.states:
            return say(f"state.{self.name}.{self.states.index(values)}")
        if self.name in RESTING and values[0] == self.at_rest[0]:
            return say(f"rest.{self.name}")
        parts = zip(self.declared, values, strict=True)
        return ", ".join(value_told(each, value) for each, value in parts)

    def course_told(self, steps: Iterable[Step]) -> str:
        """Say in words what the lever is at, and from when on."""
        steps = tuple(steps)
        if self.declared[0].choices == ("no", "yes"):
            return _spans_told(steps)
        parts = [
            say("course.from", date=date(step.date), told=self.told(step.values)) for step in steps
        ]
        rest = self.told(self.at_rest)
        said = self.states or self.name in RESTING
        return "; ".join(parts) or (rest if said else say("course.none", rest=rest))


def _spans_told(steps: tuple[Step, ...]) -> str:
    """Say from when to when something is there."""
    parts, first = [], None
    for step in steps:
        if step.values[0] and first is None:
            first = step.date
        elif not step.values[0] and first is not None:
            ends = {"first": date(first), "last": date(step.date)}
            parts.append(say("course.span", **ends))
            first = None
    if first is not None:
        parts.append(say("course.open", first=date(first)))
    return "; ".join(parts) or say("course.never")


LEVERS = {
    lever.name: lever
    for lever in (
        # An order without a channel does not arrive, and a truce begins with benefits in prison, so
        # that these are moved together; a truce is one like that of March 2012.
        Lever(
            "truce",
            ("order", "order_of", "channel", "privileges"),
            (
                (1.0, 2.0, 3.0, 1.0),
                (1.0, 2.0, 0.0, 0.0),
                (0.0, 0.0, 0.0, 0.0),
                (1.0, 2.0, 2.0, 1.0),
                (1.0, 2.0, 2.0, 0.0),
                (1.0, 2.0, 1.0, 0.0),
                (1.0, 2.0, 3.0, 0.0),
            ),
        ),
        Lever("guarantor", ("guarantor",)),
        Lever("minister", ("minister",)),
        Lever("funds", ("funds",)),
        Lever("extension", ("extension_capacity", "extension_choice")),
        Lever("repression", ("repression",)),
        Lever("conditionality", ("conditionality",)),
        Lever("licence", ("licence",)),
        Lever("answers", ("answers",)),
        Lever("soldiers", ("soldiers",)),
    )
}
"""In the order in which the page shows them."""

OPTIONS = {name: each for name, each in PARAMETERS.items() if each.kind == "lever"}
"""Levers without dates."""

MOST_STEPS = 12
"""Of one lever."""


def explained(declared: Parameter) -> str:
    """Say what a declared quantity means, its unit and its source."""
    unit = f" [{told}]" if (told := unit_told(declared)) else ""
    source = say("source", source=told_of(declared.source_in()))
    return f"{meaning_told(declared)}{unit}. {source}"


def meaning_told(declared: Parameter) -> str:
    """Say what a declared quantity means, for people who know no logit."""
    return declared.meaning_in().replace(" (logit scale)", "")


def unit_told(declared: Parameter) -> str:
    """Write the unit of a declared quantity for the same people; empty without one."""
    return "" if declared.unit == "1" else declared.unit_in().replace("logit", "points")


def value_told(declared: Parameter, value: float) -> str:
    """Write a declared quantity's value for people."""
    if declared.choices == ("no", "yes"):
        return say("yes" if value else "no")
    if declared.choices:
        return say(f"choice.{declared.choices[int(value)]}")
    return f"{short(value)} {unit_told(declared)}".rstrip()


def course(scenario: Scenario, lever: Lever) -> tuple[Step, ...]:
    """Read a lever's course from a scenario; days on which nothing changes are left out."""
    rest = dict(zip(lever.conditions, lever.at_rest, strict=True))
    now = {name: scenario.start.get(name, value) for name, value in rest.items()}
    steps: dict[dt.date, tuple[float, ...]] = {}
    for event in scenario.events:
        if moves(event, lever.conditions):
            now |= {name: event.set[name] for name in lever.conditions if name in event.set}
            steps[event.date] = tuple(now.values())
    return tuple(Step(day, values) for day, values in sorted(steps.items()))
