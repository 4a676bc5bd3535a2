"""Designs: which points of scenarios, levers and uncertainties an experiment visits.

A factorial combines values, a list names points, and three kinds spread points over continuous
factors: a Latin hypercube (scipy), a Sobol sample after Saltelli and Morris trajectories (SALib).
These can be met by several policies: every one visits the same points with the same runs.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message
from trucesim.locale.catalogue import LANGUAGES, by_language
from trucesim.parameters import PARAMETERS, between
from trucesim.scenario.change import (
    find_event,
    move_event,
    set_condition,
    set_in_event,
    set_parameters,
    without_event,
)
from trucesim.scenario.file import load_beside
from trucesim.scenario.scenario import Scenario, check_zones
from trucesim.studies.experiment.file import (
    MOST_POINTS,
    MOST_RUNS,
    NEVER,
    SPREADING,
    Experiment,
    Lever,
    Setting,
)
from trucesim.studies.history import RECORD, obstacle
from trucesim.world import calendar
from trucesim.world.periods import FloatArray


@dataclass(frozen=True)
class Factor:
    """A continuous axis of a design.

    Attributes
    ----------
    name : str
        Its column.
    low, high : float
        Bounds; of dates in days from the start of the run.
    scale : {'linear', 'log'}
        On which it is spread evenly.
    label : dict
        Texts by language, "en" and "es".
    unit : str
    kind : {'lever', 'uncertainty'}
    """

    name: str
    low: float
    high: float
    scale: str
    label: Mapping[str, str]
    unit: str
    kind: str

    def value(self, u: FloatArray) -> FloatArray:
        """Map the unit interval to values."""
        return between(self.low, self.high, u, logarithmic=self.scale == "log")


@dataclass(frozen=True)
class Design:
    """The points that an experiment visits.

    Attributes
    ----------
    experiment : Experiment
    frame : pandas.DataFrame
        Index ``point``; columns ``scenario``, then levers and uncertainties. A lever that a point
        of a list leaves as it is in the scenario is None.
    factors : tuple of Factor
        Continuous axes; none in a factorial or a list.
    unit : ndarray, shape (row, factor)
        The sample in the unit cube, which every policy visits in this order: points ``k * rows``
        to ``(k + 1) * rows - 1`` are those of the k-th policy.
    problem : dict or None
        What SALib calls one, on the unit cube; of Sobol and Morris designs.
    bases : dict
        Scenarios by their name in the file.
    """

    experiment: Experiment
    frame: pd.DataFrame
    factors: tuple[Factor, ...]
    unit: FloatArray
    problem: dict[str, Any] | None
    bases: Mapping[str, Scenario]
    _built: dict[tuple[Any, ...], Scenario] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        """Count the points."""
        return len(self.frame)

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        return {str(name): self.frame[name].to_numpy() for name in self.frame}

    @cached_property
    def policies(self) -> dict[str, dict[str, str]]:
        """Name what meets the sample, in order, with titles by language.

        A policy is a scenario, by whose name it goes, with the values of levers that are not
        spread, which then stand behind it.
        """
        levers = {lever.name: label(lever, self.bases) for lever in self.experiment.levers}
        found = {}
        for policy in _policies(self.experiment):
            scenario = str(policy["scenario"])
            values = {
                n: f"{v:g}" if isinstance(v, float) else str(v)
                for n, v in policy.items() if n != "scenario" and v is not None
            }  # fmt: skip
            name = ", ".join([scenario, *(f"{n} = {v}" for n, v in values.items())])
            found[name] = {
                lang: ", ".join(
                    [self.bases[scenario].title[lang],
                     *(f"{levers[n][lang]}: {v}" for n, v in values.items())]
                )
                for lang in LANGUAGES
            }  # fmt: skip
        return found

    def settings(self, point: int) -> dict[str, Setting]:
        """Give the values of a point's levers, those that it sets."""
        values = {each.name: self._columns[each.name][point] for each in self.experiment.levers}
        return {name: value for name, value in values.items() if value is not None}

    def scenario(self, point: int) -> Scenario:
        """Give a point's scenario, levers applied."""
        name = self._columns["scenario"][point]
        settings = self.settings(point)
        key = (name, *settings.items())
        if key not in self._built:
            if len(self._built) >= MOST_BUILT:
                self._built.clear()
            told = ", ".join(f"{lever} = {value}" for lever, value in settings.items())
            where = Message(
                "{experiment}: scenario {name}{setting}", experiment=self.experiment.name,
                name=name, setting=Message(" with {told}", told=told) if told else "",
            )  # fmt: skip
            self._built[key] = apply(self.bases[name], self.experiment.levers, settings, where)
        return self._built[key]

    def rules(self, point: int) -> str:
        """Name the set of rules that a point is run with; empty for the shipped ones."""
        return self.experiment.rules.get(self._columns["scenario"][point], "")

    def overrides(self, point: int) -> dict[str, float]:
        """Give the uncertain parameters that a point sets, by name."""
        return {name: float(self._columns[name][point]) for name in self.experiment.uncertainties}


MOST_BUILT = 4096
"""Scenarios that a design keeps built."""


def points(experiment: Experiment, bases: Mapping[str, Scenario] | None = None) -> Design:
    """Lay out the points of an experiment, and check every scenario that they lead to.

    Parameters
    ----------
    experiment : Experiment
    bases : dict, optional
        Its scenarios by their name in the file; looked for by that name if not given.

    Raises
    ------
    InputError
        An unknown scenario; a lever whose event a scenario does not have, or that moves an event
        out of the run; zones before the truce; too many points or runs; a point that no lineage
        which follows the record can live.
    """
    if bases is None:
        bases = {
            name: load_beside(name, experiment.folder, f"{experiment.name}: scenarios: ")
            for name in experiment.scenarios
        }
    factors = _factors(experiment, bases)
    count = _count(experiment, len(factors))
    runs = count * experiment.replicates
    if count > MOST_POINTS:
        raise InputError(
            "{name}: {count:,} design points; {most:,} at most", name=experiment.name, count=count,
            most=MOST_POINTS,
        )  # fmt: skip
    if runs > MOST_RUNS:
        raise InputError(
            "{name}: {count:,} points of {replicates:,} runs each are {runs:,} runs; {most:,} at "
            "most", name=experiment.name, count=count, replicates=experiment.replicates, runs=runs,
            most=MOST_RUNS,
        )  # fmt: skip
    unit, problem = _sample(experiment, factors)
    if experiment.plan.kind in SPREADING:
        rows = _spread(experiment, factors, unit)
    elif experiment.plan.kind == "list":
        rows = [
            [row["scenario"], *(row.get(lever.name) for lever in experiment.levers)]
            for row in experiment.plan.rows
        ]
    else:
        axes = [experiment.scenarios, *(lever.values for lever in experiment.levers)]
        rows = [list(row) for row in product(*axes)]
    names = ["scenario", *(lever.name for lever in experiment.levers), *experiment.uncertainties]
    frame = _frame(rows, names)
    design = Design(experiment, frame, factors, unit, problem, bases)
    if experiment.levers or experiment.history == RECORD:
        for point in range(len(design)):
            built = design.scenario(point)
            if experiment.history == RECORD and (found := obstacle(built)):
                raise InputError(
                    "{name}: point {point}: {said} Use history = 'chance'.", name=experiment.name,
                    point=point, said=found.message,
                )  # fmt: skip
    return design


def read_column(column: pd.Series[str], lever: Lever | None) -> Any:
    """Read a column of design.csv; ``lever`` is None for an uncertain parameter.

    Returns
    -------
    ndarray
        Of float where every value is a number, else of objects; None where nothing is set.
    """

    def value(text: str) -> Any:
        if not text:
            return None
        if text == NEVER:
            return NEVER
        if lever is not None and lever.dated:
            return dt.date.fromisoformat(text)
        if lever is not None and lever.declared is not None and lever.declared.choices:
            return text == "True" if lever.declared.choices == ("no", "yes") else text
        return float(text)

    return _column([value(text) for text in column])


def _column(values: Sequence[Any]) -> Any:
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return np.array(values, np.float64)
    column = np.empty(len(values), object)
    column[:] = values
    return column


def _frame(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> pd.DataFrame:
    """Make the table of points; numbers are floats, all else stays as it is."""
    columns = {name: _column([row[c] for row in rows]) for c, name in enumerate(names)}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows), name="point"))


def _count(experiment: Experiment, factors: int) -> int:
    """Count the points before any is laid out."""
    plan, scenarios = experiment.plan, len(experiment.scenarios)
    if plan.kind == "factorial":
        return scenarios * math.prod(len(lever.values) for lever in experiment.levers)
    if plan.kind == "list":
        return len(plan.rows)
    policies = len(_policies(experiment))
    if plan.kind == "sobol":
        return policies * plan.points * (factors + 2)
    if plan.kind == "morris":
        return policies * plan.trajectories * (factors + 1)
    return policies * plan.points


def _policies(experiment: Experiment) -> list[Mapping[str, Setting | None]]:
    """List what meets the sample of a design that spreads points: scenario, and levers not spread.

    A lever that a listed policy leaves out stays as it is in the scenario.
    """
    levers = [lever for lever in experiment.levers if lever.low is None]
    if experiment.plan.rows:
        return [
            {"scenario": row["scenario"], **{each.name: row.get(each.name) for each in levers}}
            for row in experiment.plan.rows
        ]
    axes = [experiment.scenarios, *(lever.values for lever in levers)]
    names = ["scenario", *(lever.name for lever in levers)]
    return [dict(zip(names, row, strict=True)) for row in product(*axes)]


def _factors(experiment: Experiment, bases: Mapping[str, Scenario]) -> tuple[Factor, ...]:
    """Give the continuous axes: levers first, then uncertainties."""
    factors = []
    for lever in experiment.levers:
        if lever.low is None or lever.high is None:
            continue
        declared = lever.declared
        logarithmic = declared is not None and declared.prior == "log-uniform" and lever.low > 0
        factors.append(
            Factor(
                lever.name, lever.low, lever.high, "log" if logarithmic else "linear",
                label(lever, bases), unit_of(lever), "lever",
            )
        )  # fmt: skip
    for name in experiment.uncertainties:
        each = PARAMETERS[name]
        factors.append(
            Factor(
                name, each.low, each.high, "log" if each.prior == "log-uniform" else "linear",
                by_language(each.label), each.unit, "uncertainty",
            )
        )  # fmt: skip
    return tuple(factors)


def unit_of(lever: Lever) -> str:
    """Give the unit of a lever's values."""
    if lever.declared is not None:
        return lever.declared.unit
    return "days" if lever.after else "date"


def label(lever: Lever, bases: Mapping[str, Scenario]) -> dict[str, str]:
    """Give a lever's label in both languages: the file's, or that of what it sets."""
    if lever.label is not None:
        return dict(lever.label)
    if lever.declared is not None:
        return by_language(lever.declared.label)
    events = [event for base in bases.values() for event in base.events if event.id == lever.target]
    if not events:
        return dict.fromkeys(LANGUAGES, lever.name)
    return dict(events[0].text)


def _sample(
    experiment: Experiment, factors: tuple[Factor, ...]
) -> tuple[FloatArray, dict[str, Any] | None]:
    """Draw the sample in the unit cube, a function of the experiment's seed."""
    plan, names = experiment.plan, [factor.name for factor in factors]
    if plan.kind not in SPREADING:
        return np.empty((0, len(names))), None
    seed = experiment.seed % 2**32
    if plan.kind == "latin-hypercube":
        from scipy.stats import qmc

        generator = np.random.Generator(np.random.Philox(experiment.seed))
        return qmc.LatinHypercube(len(names), seed=generator).random(plan.points), None
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    try:
        from SALib.sample import morris, sobol
    except ImportError:
        raise InputError(
            "a design of the kind {kind!r} needs SALib: pip install 'trucesim[experiments]'",
            kind=plan.kind,
        ) from None  # fmt: skip
    if plan.kind == "sobol":
        drawn = sobol.sample(problem, plan.points, calc_second_order=False, seed=seed)
    else:
        drawn = morris.sample(problem, plan.trajectories, num_levels=plan.levels, seed=seed)
    return np.asarray(drawn, np.float64), problem


def _spread(
    experiment: Experiment, factors: tuple[Factor, ...], unit: FloatArray
) -> list[list[Any]]:
    """Turn the sample into rows of the table, one block a policy."""
    levers = {lever.name: lever for lever in experiment.levers}
    columns = {
        factor.name: _values(factor, levers.get(factor.name), unit[:, column])
        for column, factor in enumerate(factors)
    }
    names = ["scenario", *levers, *experiment.uncertainties]
    return [
        [columns[name][row] if name in columns else policy[name] for name in names]
        for policy in _policies(experiment)
        for row in range(len(unit))
    ]


def _values(factor: Factor, lever: Lever | None, u: NDArray[np.float64]) -> list[Any]:
    whole = lever.whole if lever is not None else PARAMETERS[factor.name].whole
    if not whole:
        return [float(value) for value in np.clip(factor.value(u), factor.low, factor.high)]
    # Every whole number between the bounds is as likely as any other.
    numbers = np.minimum(np.floor(factor.low + u * (factor.high - factor.low + 1)), factor.high)
    if lever is not None and lever.dated:
        return [calendar.date_of(int(day)) for day in numbers]
    return [float(number) for number in numbers]


def apply(
    base: Scenario, levers: Sequence[Lever], settings: Mapping[str, Setting], where: str
) -> Scenario:
    """Apply levers to a scenario.

    Events are moved first, in the order in which levers are declared, so that days after an event
    count from where it has been moved to; then conditions and parameters are set.

    Parameters
    ----------
    base : Scenario
    levers : sequence of Lever
    settings : mapping of str to value
        By a lever's name; others leave the scenario as it is.
    where : str
        In front of a message.

    Raises
    ------
    InputError
        The scenario has no such event; a date out of the run; zones before the truce.
    """
    changed = base
    dropped: set[str | None] = set()
    active = [(lever, settings[lever.name]) for lever in levers if lever.name in settings]
    for lever, value in active:
        if lever.kind != "date":
            continue
        told = Message("{where}: lever {name!r}", where=where, name=lever.name)
        if lever.after in dropped or value == NEVER:
            dropped.add(lever.target)
            changed = without_event(changed, lever.target, told)
            continue
        date = value
        if lever.after is not None:
            assert isinstance(value, int | float)
            date = find_event(changed, lever.after, told).date + dt.timedelta(days=int(value))
        assert isinstance(date, dt.date)
        changed = move_event(changed, lever.target, date, told)
    for lever, value in active:
        told = Message("{where}: lever {name!r}", where=where, name=lever.name)
        if lever.kind == "parameter":
            changed = set_parameters(changed, {lever.target: value}, where)
        elif lever.event is not None:
            if lever.event not in dropped:
                changed = set_in_event(changed, lever.event, lever.target, value, told)
        elif lever.since is not None:
            changed = set_condition(
                changed, lever.target, value, lever.since, where,
                id=f"lever-{lever.name}", shown=value, source="lever",
            )  # fmt: skip
    check_zones(changed, where)
    return changed
