"""The experiment file: TOML, checked before anything runs.

It names scenarios, levers (what somebody can decide), uncertainties (what nobody knows), how many
runs each design point gets, and the outcomes to keep. A scenario may be run with rules other than
the shipped ones, by the name of a set of :data:`trucesim.studies.ablation.RULES`::

    scenarios = ["truce-2012", "mine.toml"]

    [rules]
    "mine.toml" = "no-learning"

An outcome that is not shipped is declared by its fields
(:mod:`trucesim.outcomes.declared`), which are never evaluated::

    [[outcome]]
    name = "killed_2013_ilopango"
    measure = "homicides"
    period = "2013"
    municipalities = ["Ilopango"]
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from trucesim.files.errors import InputError, Message, nearest
from trucesim.files.reading import Table, Words, find, line_of, parse, shipped_directory, shown
from trucesim.locale.catalogue import LANGUAGES
from trucesim.outcomes import registry
from trucesim.outcomes.declared import MeasureName, ReductionName, RegionName, declare
from trucesim.outcomes.registry import Outcome
from trucesim.parameters import CONDITIONS, PARAMETERS, Parameter, uncertain
from trucesim.runs.lineage import shipped_lineages
from trucesim.scenario.scenario import check_in_run
from trucesim.world import calendar
from trucesim.world.country import Country, load_country
from trucesim.world.folder import Folder, open_folder

if TYPE_CHECKING:
    import xarray as xr

type Setting = float | str | bool | dt.date
"""A lever's value as the file holds it."""

type Where = Callable[..., str]
"""Gives file and line of a key, from the steps to it."""

NEVER = "never"
"""Among the dates of an event: it does not happen at all."""

DRAWN = ("posterior", "prior", "point")
KINDS = ("factorial", "list", "latin-hypercube", "sobol", "morris")
SPREADING = ("latin-hypercube", "sobol", "morris")
"""Designs that spread points over continuous factors."""

MOST_REPLICATES = 1_000_000
MOST_RUNS = 10_000_000
MOST_POINTS = 100_000


class LeverTable(Table):
    """What somebody can decide: one axis of the design."""

    name: str = Field(description="Name of its column", pattern=r"^[a-z_][a-z0-9_]{0,40}$")
    label: Words | None = Field(default=None, description="For figures; as declared if not given")
    date_of: str | None = Field(default=None, description="Id of the event that it moves")
    days_after: str | None = Field(
        default=None, description="With date_of: values are days after this event's date"
    )
    condition: str | None = Field(default=None, description="Dated condition that it sets ...")
    since: dt.date | None = Field(default=None, alias="from", description="... from this day on")
    event: str | None = Field(default=None, description="... or in the event of this id")
    parameter: str | None = Field(default=None, description="Parameter that it sets")
    values: list[Any] | None = Field(
        default=None, min_length=1, max_length=1000,
        description="Values that a factorial combines; in a design that spreads points, policies, "
        "each of which meets all points; 'never' among dates: no such event",
    )  # fmt: skip
    low: Any = Field(default=None, description="Lower bound of what a design spreads over")
    high: Any = Field(default=None, description="Upper bound")


OUTCOME_NAME = r"^[a-z_][a-z0-9_]{0,60}$"


class OutcomeTable(Table):
    """An outcome of one's own, by its fields."""

    name: str = Field(description="Name of its column", pattern=OUTCOME_NAME)
    label: Words | None = Field(default=None, description="For figures; the name if not given")
    measure: MeasureName = Field(description="What runs hold")
    reduction: ReductionName | None = Field(
        default=None,
        description="To what the months reduce: the sum of what adds up, the mean of what does "
        "not, if not given. share: of the same of all kinds, gangs and places; change and "
        "reduction: percent more and fewer than in the baseline; difference: from the baseline, "
        "a day for what adds up; averted: fewer than at the baseline's daily mean",
    )
    period: str | None = Field(
        default=None, description="Such as 2013, or 2013-07..2014-12; the whole run if not given"
    )
    baseline: str | None = Field(default=None, description="The period that it is held against")
    kinds: list[str] = Field(default_factory=list, max_length=20, description="Only these victims")
    gangs: list[str] = Field(default_factory=list, max_length=20, description="Only these gangs")
    municipalities: list[str] = Field(
        default_factory=list, max_length=262, description="Only these, and those of departments"
    )
    departments: list[str] = Field(default_factory=list, max_length=14)
    region: RegionName | None = Field(
        default=None, description="Only where the run itself makes a zone, or beside one"
    )


class DesignTable(Table):
    """How design points are chosen."""

    kind: Literal["factorial", "list", "latin-hypercube", "sobol", "morris"]
    points: int | None = Field(
        default=None, ge=1, le=MOST_POINTS,
        description="Points of a Latin hypercube; base sample of a Sobol design, a power of two",
    )  # fmt: skip
    trajectories: int | None = Field(default=None, ge=2, le=10_000, description="Of Morris")
    levels: int | None = Field(default=None, ge=2, le=100, description="Of Morris; an even number")
    point: list[dict[str, Any]] | None = Field(
        default=None, min_length=1, max_length=MOST_POINTS,
        description="The points of a list: scenario, and values of levers; a lever left out stays "
        "as it is in the scenario",
    )  # fmt: skip
    policy: list[dict[str, Any]] | None = Field(
        default=None, min_length=1, max_length=1000,
        description="Of a design that spreads points: the policies that all meet, scenario and "
        "values of levers, in place of all combinations of scenarios and values",
    )  # fmt: skip


class ExperimentTable(Table):
    """A trucesim experiment."""

    title: Words
    story: Words
    sources: list[str] = Field(default_factory=list, max_length=50)
    seed: int = Field(default=1, ge=0, le=2**63 - 1)
    replicates: int = Field(
        default=100, ge=1, le=MOST_REPLICATES,
        description="Runs at each design point; the same run numbers at every point",
    )  # fmt: skip
    parameters: Literal["posterior", "prior", "point"] = Field(
        default="posterior", description="What a run draws its uncertain parameters from"
    )
    history: Literal["chance", "record"] = Field(
        default="chance",
        description="What runs are made of: draws of their own, or the lineages that follow the "
        "record",
    )
    until: dt.date | None = Field(default=None, description="Run no further than this month")
    outcomes: list[str] = Field(
        default_factory=list, max_length=200, description="Shipped ones by name"
    )
    outcome: list[OutcomeTable] = Field(
        default_factory=list, max_length=200, description="Those of one's own, kept as well"
    )
    monthly: bool = Field(default=True, description="Keep every run's national months")
    municipal: bool = Field(
        default=False, description="Keep histograms over runs by month and municipality"
    )
    departments: list[str] | None = Field(
        default=None, min_length=1, description="Only this part of the country, for small trials"
    )
    scenarios: list[str] = Field(
        min_length=1, max_length=200,
        description="Shipped names, or files relative to this one: the design's first axis",
    )  # fmt: skip
    rules: dict[str, str] = Field(
        default_factory=dict,
        description="By scenario, as named above: the set of rules that replaces shipped ones",
    )
    lever: list[LeverTable] = Field(default_factory=list, max_length=50)
    uncertainties: Literal["all"] | list[str] | None = Field(
        default=None,
        description="Uncertain parameters that the design varies between the bounds of their "
        "priors, instead of drawing them run by run",
    )
    design: DesignTable


@dataclass(frozen=True)
class Lever:
    """What somebody can decide.

    Attributes
    ----------
    name : str
    label : dict or None
        Texts by language, if the file gives them.
    kind : {'date', 'condition', 'parameter'}
    target : str
        The event, condition or parameter.
    after : str or None
        Event from whose date days are counted.
    since : date or None
        Day from which a condition is set.
    event : str or None
        Event in which a condition is set.
    values : tuple
        Empty if the design spreads it, or lists its values point by point or policy by policy.
    low, high : float or None
        Bounds between which it is spread; dates as days from the start of the run.
    """

    name: str
    label: Mapping[str, str] | None
    kind: Literal["date", "condition", "parameter"]
    target: str
    after: str | None = None
    since: dt.date | None = None
    event: str | None = None
    values: tuple[Setting, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def declared(self) -> Parameter | None:
        """The declaration of what is set; None for a date."""
        if self.kind == "date":
            return None
        return (CONDITIONS if self.kind == "condition" else PARAMETERS)[self.target]

    @property
    def dated(self) -> bool:
        """Whether its values are dates."""
        return self.kind == "date" and self.after is None

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers: days, or a count."""
        return self.kind == "date" or (self.declared is not None and self.declared.whole)

    def read(self, value: object, where: str) -> Setting:
        """Check a value, and give it in the form in which tables show it.

        Raises
        ------
        InputError
            Wrong type, or out of bounds.
        """
        if self.declared is not None:
            if isinstance(value, dict | list) or (isinstance(value, int) and abs(value) > 2**63):
                allowed = self.declared.allowed
                raise InputError(
                    "{where}: {value}, but it must be {allowed}", where=where, value=shown(value),
                    allowed=allowed,
                )  # fmt: skip
            return self.declared.show(self.declared.read(value, where))
        if value == NEVER:
            return NEVER
        if self.dated:
            if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
                raise InputError(
                    "{where}: {value}, but it must be a date like 2013-06-01, without quotes, or "
                    "{never!r}", where=where, value=shown(value), never=NEVER,
                )  # fmt: skip
            check_in_run(value, where)
            return value
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < calendar.DAYS:
            raise InputError(
                "{where}: {value}, but it must be days after {after!r}, a whole number from 0 to "
                "{most}, or {never!r}", where=where, value=shown(value), after=self.after,
                most=calendar.DAYS - 1, never=NEVER,
            )  # fmt: skip
        return value


@dataclass(frozen=True)
class Plan:
    """How design points are chosen: the table [design]."""

    kind: str
    points: int = 0
    trajectories: int = 0
    levels: int = 0
    rows: tuple[Mapping[str, Setting], ...] = ()


@dataclass(frozen=True)
class Experiment:
    """A checked experiment.

    Attributes
    ----------
    name : str
        The file's name without its ending.
    title, story : dict
        Texts by language, "en" and "es".
    scenarios : tuple of str
        As the file names them.
    rules : dict of str to str
        By scenario, the set of :data:`trucesim.studies.ablation.RULES` that it is run with; the
        shipped rules for those left out.
    levers : tuple of Lever
    uncertainties : tuple of str
        Uncertain parameters that the design varies.
    plan : Plan
    seed, replicates : int
    parameters : {'posterior', 'prior', 'point'}
    history : {'chance', 'record'}
        Whether runs are the first lineages that follow the record.
    until : date or None
    outcomes : tuple of str
    monthly, municipal : bool
    departments : tuple of str
        The part of the country that is simulated; empty for all of it.
    sources : tuple of str
    folder : Path
        Where relative scenario files are looked for.
    text : str
        The file itself.
    own : dict of str to Outcome
        Outcomes of its own, by name; those that are kept stand among ``outcomes``.
    """

    name: str
    title: Mapping[str, str]
    story: Mapping[str, str]
    scenarios: tuple[str, ...]
    rules: Mapping[str, str]
    levers: tuple[Lever, ...]
    uncertainties: tuple[str, ...]
    plan: Plan
    seed: int
    replicates: int
    parameters: str
    history: str
    until: dt.date | None
    outcomes: tuple[str, ...]
    monthly: bool
    municipal: bool
    departments: tuple[str, ...]
    sources: tuple[str, ...]
    folder: Path
    text: str
    own: Mapping[str, Outcome] = field(default_factory=dict)

    def outcome(self, name: str) -> Outcome:
        """Give an outcome by its name: one of its own, or a shipped one."""
        return registry.find(name, self.own)

    def with_outcomes(self, **functions: Callable[[xr.Dataset], float]) -> Experiment:
        """Add outcomes that are functions of a run, by name: see `registry.of_function`.

        Raises
        ------
        InputError
            The name of another outcome, column or parameter, or none that a column can have; no
            function.
        """
        taken = (*self.outcomes, *(lever.name for lever in self.levers))
        for name, function in functions.items():
            asked = Message("outcome {name!r}", name=name)
            if not re.match(OUTCOME_NAME, name):
                raise InputError(
                    "{where}: a name has small letters, digits and _, 61 at most, and begins with "
                    "no digit", where=asked,
                )  # fmt: skip
            _check_name(name, taken, asked)
            if not callable(function):
                raise InputError(
                    "{where}: {value!r} is no function of a run", where=asked, value=function
                )
        made = {name: registry.of_function(name, each) for name, each in functions.items()}
        return replace(self, outcomes=(*self.outcomes, *made), own={**self.own, **made})

    @property
    def digest(self) -> str:
        """Digest of all that the file asks for, texts left aside."""
        content = [
            self.scenarios, [[str(each)] for each in self.levers], self.uncertainties,
            str(self.plan), self.seed, self.replicates, self.parameters, str(self.until),
            self.outcomes, self.monthly, self.municipal, self.departments,
            *([self.rules] if self.rules else []),
            *([self.history] if self.history != "chance" else []),
            *([[[n, each.known_by or str(each.declared)] for n, each in self.own.items()]]
              if self.own else []),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    @property
    def country(self) -> Country:
        """The country, or the part of it, that is simulated."""
        return country_of(self.departments)


def country_of(departments: tuple[str, ...]) -> Country:
    """Give the part of the country that some departments make up; all of it if none is named."""
    return _part_of(open_folder(), departments)


@cache
def _part_of(folder: Folder, departments: tuple[str, ...]) -> Country:
    country = load_country(folder.name)
    return country.subset(departments) if departments else country


def experiment_directory() -> Path:
    """Give the folder of shipped experiments."""
    return shipped_directory("experiments")


@cache
def shipped() -> tuple[str, ...]:
    """Name the shipped experiments."""
    return tuple(sorted(path.stem for path in experiment_directory().glob("*.toml")))


def load_experiment(given: str | Path) -> Experiment:
    """Load an experiment by its shipped name, or from a file.

    Parameters
    ----------
    given : str or Path
        A shipped name, such as ``guarantor``, or the path of a TOML file.

    Raises
    ------
    InputError
        Unknown name, unreadable, empty or huge file, broken TOML, or anything in it that is
        misspelt, of the wrong type or out of bounds. What hangs on the scenarios is checked by
        :func:`trucesim.studies.experiment.design.points`.
    """
    path = find(given, Message("experiment"), shipped(), experiment_directory())
    return read_experiment(path)


def read_experiment(path: Path, folder: Path | None = None) -> Experiment:
    """Read an experiment's file; its scenarios are looked for beside it, or in ``folder``."""
    table, text = parse(path, ExperimentTable, Message("an experiment"))

    def where(*steps: str | int) -> str:
        return f"{path.name}{line_of(text, *steps)}"

    if table.until is not None and not calendar.START <= table.until <= calendar.END:
        raise InputError(
            "{where}: until = {value} is outside the run, {first} to {last}", where=where("until"),
            value=table.until, first=calendar.START, last=calendar.END,
        )  # fmt: skip
    for key in ("scenarios", "outcomes", "departments", "uncertainties"):
        _check_once(getattr(table, key), where(key), key)
    departments = tuple(table.departments or ())
    try:
        country_of(departments)
    except InputError as error:
        raise InputError(
            "{where}: departments: {error}", where=where("departments"), error=error
        ) from None
    registry.check_outcomes(table.outcomes, table.until, f"{where('outcomes')}: outcomes")
    own = _read_outcomes(table, where)
    levers = _read_levers(table, where)
    plan = _read_plan(table, levers, where)
    found = Experiment(
        name=path.stem,
        title=table.title.model_dump(),
        story=table.story.model_dump(),
        scenarios=tuple(table.scenarios),
        rules=_read_rules(table, where),
        levers=levers,
        uncertainties=_read_uncertainties(table, levers, where),
        plan=plan,
        seed=table.seed,
        replicates=table.replicates,
        parameters=table.parameters,
        history=table.history,
        until=table.until,
        outcomes=(*table.outcomes, *own),
        monthly=table.monthly,
        municipal=table.municipal,
        departments=departments,
        sources=tuple(table.sources),
        folder=folder or path.parent,
        text=text,
        own=own,
    )
    check_history(found, f"{where('history')}: history")
    return found


def check_history(experiment: Experiment, where: str) -> None:
    """Check that what an experiment asks for can be had on lineages that follow the record.

    What hangs on its scenarios is checked by :func:`trucesim.studies.experiment.design.points`.

    Raises
    ------
    InputError
    """
    if experiment.history == "chance":
        return
    there = len(shipped_lineages().lineages)
    spread = experiment.plan.kind in SPREADING
    for asked, wrong in (
        ("departments", bool(experiment.departments)),
        (f"parameters = {experiment.parameters!r}", experiment.parameters != "posterior"),
        ("uncertainties", bool(experiment.uncertainties)),
        ("rules", bool(experiment.rules)),
        (Message("levers on parameters"), any(x.kind == "parameter" for x in experiment.levers)),
        (Message("a seed"), not spread and "seed" in tomllib.loads(experiment.text)),
    ):
        if wrong:
            raise InputError(
                "{where} = 'record' and {asked}: lineages that follow the record have a country, "
                "parameters, rules and draws of their own; leave one of the two out", where=where,
                asked=asked,
            )  # fmt: skip
    if experiment.replicates > there:
        raise InputError(
            "{where} = 'record' and {replicates} replicates: {there} lineages follow the record; "
            "give at most so many, or history = 'chance'", where=where,
            replicates=experiment.replicates, there=there,
        )  # fmt: skip


def _check_once(names: object, where: str, key: str) -> None:
    """Refuse a name that stands twice in a list."""
    if isinstance(names, list):
        for row, name in enumerate(names):
            if name in names[:row]:
                raise InputError(
                    "{where}: {key}: {name!r} is named twice", where=where, key=key, name=name
                )


def _read_rules(table: ExperimentTable, where: Where) -> dict[str, str]:
    """Check that rules are named, and for scenarios of the file: none are ever read from a path."""
    from trucesim.studies.ablation import RULES, is_own

    for scenario, name in table.rules.items():
        asked = f"{where('rules', scenario)}: rules"
        if scenario not in table.scenarios:
            raise InputError(
                "{where}: {scenario!r} is not among scenarios{hint}: {allowed}", where=asked,
                scenario=scenario, hint=nearest(scenario, table.scenarios),
                allowed=", ".join(table.scenarios),
            )  # fmt: skip
        if name not in RULES or is_own(name):
            raise InputError(
                "{where}: no set of rules {value}{hint}; there are {allowed}", where=asked,
                value=shown(name), hint=nearest(name, RULES), allowed=", ".join(RULES),
            )  # fmt: skip
    return table.rules


def _read_outcomes(table: ExperimentTable, where: Where) -> dict[str, Outcome]:
    """Check outcomes that are declared by their fields."""
    own: dict[str, Outcome] = {}
    for row, given in enumerate(table.outcome):
        asked = f"{where('outcome', row, 'name')}: outcome {given.name!r}"
        _check_name(given.name, (*table.outcomes, *own), asked)
        fields = given.model_dump(exclude={"name", "label"}, exclude_none=True)
        try:
            declared = declare(**fields, country=country_of(tuple(table.departments or ())))
        except InputError as error:
            raise InputError("{where}: {error}", where=asked, error=error) from None
        words = given.label.model_dump() if given.label else dict.fromkeys(LANGUAGES, given.name)
        own[given.name] = registry.of_fields(given.name, given.name, declared, words=words)
        of_row = f"{where('outcome', row, 'name')}: outcome"
        registry.check_outcomes([given.name], table.until, of_row, own)
    if not table.outcomes and not own:
        raise InputError("{where}: outcomes are missing; name some", where=where("outcomes"))
    return own


RESERVED = (
    "point", "run", "scenario", "key", "without_truce", "outcome", "value", "month", "recorded",
    "recorded_national", "parameter", "parameters",
)  # fmt: skip
"""Names of columns and variables that no lever and no outcome can have."""


def _check_name(name: str, taken: Iterable[str], asked: str | Message) -> None:
    """Refuse the name of a shipped outcome, of a parameter or of another column for an own one."""
    if name in (*RESERVED, *taken):
        raise InputError("{where}: another column has this name; give another", where=asked)
    if name in PARAMETERS:
        raise InputError("{where}: a parameter has this name; give another", where=asked)
    try:
        registry.outcome(name)
    except InputError:
        return
    raise InputError("{where}: a shipped outcome has this name; give another", where=asked)


def _read_levers(table: ExperimentTable, where: Where) -> tuple[Lever, ...]:
    levers: list[Lever] = []
    for row, given in enumerate(table.lever):
        asked = f"{where('lever', row, 'name')}: lever {given.name!r}"
        taken = [
            *RESERVED,
            *table.outcomes,
            *(each.name for each in table.outcome),
            *(lever.name for lever in levers),
        ]
        if given.name in taken:
            raise InputError("{where}: another column has this name; give another", where=asked)
        targets = {"date_of": given.date_of, "condition": given.condition,
                   "parameter": given.parameter}  # fmt: skip
        named = [key for key, target in targets.items() if target is not None]
        if len(named) != 1:
            raise InputError(
                "{where}: give one of date_of, condition and parameter, not {given}", where=asked,
                given=reduce(_and, named) if named else Message("none"),
            )  # fmt: skip
        for key, value, goes_with in (
            ("days_after", given.days_after, "date_of"),
            ("from", given.since, "condition"),
            ("event", given.event, "condition"),
        ):
            if value is not None and named != [goes_with]:
                raise InputError(
                    "{where}: {key} goes only with {goes_with}", where=asked, key=key,
                    goes_with=goes_with,
                )  # fmt: skip
        if given.condition is not None and (given.since is None) == (given.event is None):
            raise InputError(
                "{where}: say from which date on the condition holds (from = 2013-06-01), or in "
                "which event it is set (event = 'id'): one of the two", where=asked,
            )  # fmt: skip
        if given.since is not None and not calendar.START <= given.since <= calendar.END:
            raise InputError(
                "{where}: from = {value} is outside the run, {first} to {last}", where=asked,
                value=given.since, first=calendar.START, last=calendar.END,
            )  # fmt: skip
        for key, target, declared, other in (
            ("condition", given.condition, CONDITIONS, PARAMETERS),
            ("parameter", given.parameter, PARAMETERS, CONDITIONS),
        ):
            if target is not None and target not in declared:
                if target in other:
                    if key == "condition":
                        raise InputError(
                            "{where}: {name} is a parameter, not a condition", where=asked,
                            name=target,
                        )  # fmt: skip
                    raise InputError(
                        "{where}: {name} is a dated condition, not a parameter", where=asked,
                        name=target,
                    )  # fmt: skip
                raise InputError(
                    "{where}: no {key} {name!r}{hint}; see 'trucesim describe'", where=asked,
                    key=key, name=target, hint=nearest(target, declared),
                )  # fmt: skip
        lever = Lever(
            name=given.name,
            label=given.label.model_dump() if given.label else None,
            kind="date" if given.date_of else "condition" if given.condition else "parameter",
            target=given.date_of or given.condition or given.parameter or "",
            after=given.days_after,
            since=given.since,
            event=given.event,
        )
        levers.append(_with_values(lever, given, table.design, asked))
    return tuple(levers)


def _and(one: str, other: str) -> Message:
    return Message("{one} and {other}", one=one, other=other)


def _with_values(lever: Lever, given: LeverTable, design: DesignTable, asked: str) -> Lever:
    """Give a lever its values or its bounds, as the design needs them."""
    kind = design.kind
    bounded = given.low is not None or given.high is not None
    if kind == "list" and (given.values is not None or bounded):
        raise InputError("{where}: in a list, its values stand in [[design.point]]", where=asked)
    if kind == "factorial":
        if given.values is None:
            raise InputError(
                "{where}: a factorial combines values; give values = [...], or a design that "
                "spreads low to high: {allowed}", where=asked, allowed=", ".join(SPREADING),
            )  # fmt: skip
        if bounded:
            raise InputError("{where}: a factorial takes values, not low and high", where=asked)
        values = tuple(lever.read(value, f"{asked}: values") for value in given.values)
        _check_once(list(values), asked, "values")
        return replace(lever, values=values)
    if kind == "list":
        return lever
    if any(given.name in row for row in design.policy or ()):
        if given.values is not None or bounded:
            raise InputError("{where}: its values stand in [[design.policy]]", where=asked)
        return lever
    if given.values is not None:
        if bounded or design.policy:
            raise InputError(
                "{where}: give values, which are policies, or low and high, between which it is "
                "spread; where policies are listed, their values stand in [[design.policy]]",
                where=asked,
            )  # fmt: skip
        values = tuple(lever.read(value, f"{asked}: values") for value in given.values)
        _check_once(list(values), asked, "values")
        return replace(lever, values=values)
    if lever.declared is not None and lever.declared.choices:
        raise InputError(
            "{where}: {name} is a choice ({allowed}), which a design of the kind {kind!r} cannot "
            "spread; give values = [...], which are policies", where=asked, name=lever.target,
            allowed=", ".join(lever.declared.choices), kind=kind,
        )  # fmt: skip
    bounds = []
    for key, value in (("low", given.low), ("high", given.high)):
        if value is None:
            if lever.declared is None:
                raise InputError("{where}: {key} is missing", where=asked, key=key)
            value = getattr(lever.declared, key)
        read = lever.read(value, f"{asked}: {key}")
        if read == NEVER:
            raise InputError(
                "{where}: {key}: {never!r} cannot be spread; use a factorial", where=asked, key=key,
                never=NEVER,
            )  # fmt: skip
        bounds.append(float(calendar.day_of(read)) if isinstance(read, dt.date) else float(read))
    low, high = bounds
    if low >= high:
        raise InputError(
            "{where}: low ({low}) must lie below high ({high})", where=asked, low=given.low,
            high=given.high,
        )  # fmt: skip
    return replace(lever, low=low, high=high)


def _read_plan(table: ExperimentTable, levers: tuple[Lever, ...], where: Where) -> Plan:
    design, kind = table.design, table.design.kind
    needed: dict[str, tuple[str, ...]] = {
        "factorial": (), "list": ("point",), "latin-hypercube": ("points",),
        "sobol": ("points",), "morris": ("trajectories",),
    }  # fmt: skip
    allowed = (*needed[kind], *(("levels",) if kind == "morris" else ()))
    allowed = (*allowed, *(("policy",) if kind in SPREADING else ()))
    for key in ("points", "trajectories", "levels", "point", "policy"):
        given = getattr(design, key) is not None
        if given and key not in allowed:
            rest = Message("; allowed: {allowed}", allowed=", ".join(allowed)) if allowed else ""
            raise InputError(
                "{where}: design.{key} does not go with kind = {kind!r}{rest}",
                where=where("design", key), key=key, kind=kind, rest=rest,
            )  # fmt: skip
        if not given and key in needed[kind]:
            raise InputError(
                "{where}: design.{key} is missing; kind = {kind!r} needs it", where=where("design"),
                key=key, kind=kind,
            )  # fmt: skip
    if kind == "sobol" and design.points and (design.points < 2 or design.points.bit_count() > 1):
        raise InputError(
            "{where}: design.points = {value}, but a Sobol sample must be a power of two, such as "
            "128 or 256", where=where("design", "points"), value=design.points,
        )  # fmt: skip
    levels = design.levels or 4
    if levels % 2:
        raise InputError(
            "{where}: design.levels = {value} must be even", where=where("design", "levels"),
            value=levels,
        )  # fmt: skip
    fixed = tuple(lever for lever in levers if lever.low is None)
    key = "policy" if design.policy else "point"
    rows = _read_rows(key, getattr(design, key) or [], table.scenarios, fixed, where)
    return Plan(kind, design.points or 0, design.trajectories or 0, levels, rows)


def _read_rows(
    kind: str,
    rows: Iterable[Mapping[str, Any]],
    scenarios: list[str],
    levers: tuple[Lever, ...],
    where: Where,
) -> tuple[Mapping[str, Setting], ...]:
    by_name = {lever.name: lever for lever in levers}
    read: list[Mapping[str, Setting]] = []
    seen: set[str] = set()
    for number, row in enumerate(rows):
        asked = f"{where('design', kind, number)}: design.{kind} {number}"
        for key in row:
            if key != "scenario" and key not in by_name:
                allowed = ["scenario", *by_name]
                raise InputError(
                    "{where}: unknown key {key!r}{hint}; allowed: {allowed}", where=asked, key=key,
                    hint=nearest(key, allowed), allowed=", ".join(allowed),
                )  # fmt: skip
        scenario = row.get("scenario", scenarios[0] if len(scenarios) == 1 else None)
        if scenario is None:
            raise InputError(
                "{where}: scenario is missing; one of {allowed}", where=asked,
                allowed=", ".join(scenarios),
            )  # fmt: skip
        if scenario not in scenarios:
            hint = nearest(scenario, scenarios) if isinstance(scenario, str) else ""
            raise InputError(
                "{where}: scenario {value} is not among scenarios{hint}: {allowed}", where=asked,
                value=shown(scenario), hint=hint, allowed=", ".join(scenarios),
            )  # fmt: skip
        read.append(
            {"scenario": scenario}
            | {
                name: lever.read(row[name], f"{asked}: {name}")
                for name, lever in by_name.items()
                if name in row
            }
        )
        point = str(sorted(read[-1].items()))
        if point in seen:
            raise InputError("{where}: the same {kind} stands twice", where=asked, kind=kind)
        seen.add(point)
    return tuple(read)


def _read_uncertainties(
    table: ExperimentTable, levers: tuple[Lever, ...], where: Where
) -> tuple[str, ...]:
    given, kind = table.uncertainties, table.design.kind
    levered = {lever.target for lever in levers if lever.kind == "parameter"}
    known = [each.name for each in uncertain()]
    asked = f"{where('uncertainties')}: uncertainties"
    if given is not None and kind not in SPREADING:
        raise InputError(
            "{where}: the design {kind!r} draws them run by run; they are varied by {allowed}",
            where=asked, kind=kind, allowed=", ".join(SPREADING),
        )  # fmt: skip
    names = [each for each in known if each not in levered] if given == "all" else given or []
    for name in names:
        if name not in known:
            raise InputError(
                "{where}: no uncertain parameter {name!r}{hint}", where=asked, name=name,
                hint=nearest(name, known),
            )  # fmt: skip
        if name in levered:
            raise InputError("{where}: {name} is a lever already", where=asked, name=name)
        if name in {lever.name for lever in levers}:
            raise InputError(
                "{where}: a lever has the name {name}; give the lever another", where=asked,
                name=name,
            )  # fmt: skip
    if kind in SPREADING and not names and all(lever.low is None for lever in levers):
        raise InputError(
            "{where}: nothing to spread: give levers with low and high, or uncertainties",
            where=where("design"),
        )
    return tuple(names)


def check_replicates(replicates: object, where: str) -> None:
    """Refuse a number of runs at each point that is out of bounds.

    Raises
    ------
    InputError
    """
    whole = isinstance(replicates, int) and not isinstance(replicates, bool)
    if not whole or not 1 <= replicates <= MOST_REPLICATES:  # type: ignore[operator]
        raise InputError(
            "{where} = {replicates!r}, but it must be a whole number 1 to {most:,}", where=where,
            replicates=replicates, most=MOST_REPLICATES,
        )  # fmt: skip


def schema() -> dict[str, Any]:
    """Give the JSON Schema of an experiment file, from which editors complete and check."""
    from trucesim.studies.ablation import RULES

    result = ExperimentTable.model_json_schema(by_alias=True)
    result["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    result["title"] = "trucesim experiment"
    properties = result["$defs"]["LeverTable"]["properties"]
    for key, declared in (("condition", CONDITIONS), ("parameter", PARAMETERS)):
        properties[key] |= {"enum": [*declared, None]}
    result["properties"]["rules"]["additionalProperties"] = {"enum": list(RULES)}
    return result
