"""Calibration: from priors to posteriors, by what a plan says may be seen.

The plan (``experiments/calibration/plan.toml``) names the statistics, the blocks of months that are
left out in turn, and the method, and is committed before the first posterior. One stored table of
runs, a run a draw from the priors, serves everything: the posterior of the whole record, one for
every block left out, the recovery of known parameters, and the ranks of simulation-based
calibration (Talts et al. 2018). A table and not a chain of proposals, because two hundred fits of
pseudo-observed runs then cost no further run, and because a table resumes and extends.

The method is approximate Bayesian computation with regression: semi-automatic summaries (Fearnhead
& Prangle 2012), the closest runs weighted by a kernel, local linear adjustment (Beaumont, Zhang &
Balding 2002). Regressions are scikit-learn's.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message, nearest
from trucesim.outcomes import evidence, patterns, registry
from trucesim.outcomes.digest import digest_of
from trucesim.outcomes.evidence import Statistic
from trucesim.parameters import uncertain
from trucesim.runs.provenance import key_of
from trucesim.runs.sampling import (
    Draws,
    draw_priors,
    parameters_of_runs,
    prior_parameters,
    read_draws,
    records,
    shipped_draws,
    to_prior,
    to_unit,
)
from trucesim.runs.simulate import run
from trucesim.runs.store import Block, Piece, Store, Wanted
from trucesim.scenario.change import set_parameters
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.version import __version__
from trucesim.world.country import load_country
from trucesim.world.observed import observed
from trucesim.world.observed import orders as known_orders
from trucesim.world.periods import FloatArray, Period, parse

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[str, int, int], None]

CHUNK = 500
"""Runs in one chunk of a table: some seconds of work, so little is lost when a run is killed."""

PROBES = 5
"""Runs by whose results a posterior knows the model."""

FEWEST_RUNS = 1_000
MOST_RUNS = 10_000_000
MOST_BYTES_OF_A_PLAN = 100_000


WHOLE = "whole"
"""Stands for the record with nothing left out."""

PARTS = "method", "variants", "forecast"
"""Tables of a plan."""

BLOCKS = "blocks"
"""Folder of the posteriors of blocks left out."""


@dataclass(frozen=True)
class Plan:
    """What a calibration may see, and how it goes about it.

    Attributes
    ----------
    scenario : str
        The record as known.
    seed : int
    months : str
        The national months that are fitted, as a period.
    patterns, days, departments, police : tuple of str
        What is fitted beside them: ids of patterns, spans of days, cross-sections of departments
        and years of police killed, as :mod:`trucesim.outcomes.evidence` has them.
    blocks : tuple of str
        Periods that are left out in turn.
    pooled : int
        How many of them, from the first, share no month.
    prior_driven : tuple of str
        Parameters to which no datum speaks.
    keep : float
        Share of the table's runs that are kept.
    least_explained : float
        Share of a parameter's prior variance that its summary must explain to be used.
    climate : tuple of float
        Sizes of the climate from which one is taken by one-month-ahead cover, in ascending order.
    variants : dict of str to dict
        Structural variants of the model: parameters that each sets, most of them to 0.
    fixed : dict of str to float
        Parameters that are set, whatever is drawn: a variant's, none in the plan itself.
    forecast : dict
        When and how forecasts are scored; see :func:`trucesim.studies.hindcast.load_rolling`.
    """

    scenario: str
    seed: int
    months: str
    patterns: tuple[str, ...]
    days: tuple[str, ...]
    departments: tuple[str, ...]
    police: tuple[str, ...]
    blocks: tuple[str, ...]
    pooled: int
    prior_driven: tuple[str, ...]
    keep: float
    least_explained: float
    climate: tuple[float, ...]
    variants: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    forecast: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def record(self) -> Scenario:
        """The record as known, with what is fixed."""
        return set_parameters(load_scenario(self.scenario), self.fixed)

    def variant(self, name: str) -> Plan:
        """Give the same plan for a structural variant of the model."""
        fixed = self.variants[name]
        climate = fixed.get("climate_spread")
        return replace(
            self, fixed=fixed, climate=self.climate if climate is None else (float(climate),)
        )

    @cached_property
    def beside(self) -> dict[str, Statistic]:
        """The statistics beside the national months, by name."""
        known, record = patterns.load(), observed()
        found = {}
        for name in self.patterns:
            estimate, row = registry.of_pattern(name), known[name]
            assert estimate is not None  # checked when the plan was read
            spans = row.periods
            period = Period(min(each.start for each in spans), max(each.stop for each in spans))
            value = patterns.observed_value(row, record)
            found[name] = Statistic(name, period, estimate, value, "fit", row.statistic)
        chosen = [f"days_{each}" for each in self.days] + [f"police_{each}" for each in self.police]
        known_beside = evidence.days() | evidence.police()
        found |= {name: known_beside[name] for name in chosen}
        return found | {
            name: each
            for name, each in evidence.departments().items()
            if each.use == "fit" and name.split("_")[1] in self.departments
        }

    @cached_property
    def month_names(self) -> NDArray[np.datetime64]:
        """The fitted months, as ``datetime64[M]``."""
        period = parse(self.months)
        return np.arange(np.datetime64(period.start, "M"), np.datetime64(period.stop, "M"))

    @property
    def statistics(self) -> tuple[str, ...]:
        """Names of all statistics, in order: those beside the months, then the months."""
        return (*self.beside, *map(str, self.month_names))

    def seen(self, block: str = WHOLE) -> NDArray[np.bool_]:
        """Tell which statistics no day of a block touches, shape (statistic,)."""
        if block == WHOLE:
            return np.ones(len(self.statistics), np.bool_)
        out = parse(block)
        spans = [
            *(each.period for each in self.beside.values()),
            *map(parse, map(str, self.month_names)),
        ]
        return np.array([each.stop <= out.start or out.stop <= each.start for each in spans])


def load_plan(path: str | Path) -> Plan:
    """Read and check a plan.

    Raises
    ------
    InputError
        Not a plan; a statistic, block or parameter that does not exist; a pattern that is not to be
        fitted; a month after 2016, which is held out.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES_OF_A_PLAN:
            raise InputError(
                "{path}: larger than {most} bytes: no plan", path=path, most=MOST_BYTES_OF_A_PLAN
            )
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("{path}: cannot be read: {error}", path=path, error=error) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError("{path}: not valid TOML: {error}", path=path, error=error) from None
    method, variants, forecast = (given.pop(each, {}) for each in PARTS)
    for key, table in zip(PARTS, (method, variants, forecast), strict=True):
        if not isinstance(table, dict):
            raise InputError("{path}: {key} must be a table", path=path, key=key)
    lists = "patterns", "days", "departments", "police", "blocks", "prior_driven"
    allowed = {"scenario": str, "seed": int, "months": str, "pooled": int} | dict.fromkeys(
        lists, list
    )
    for where, table, keys in (
        ("", given, allowed),
        ("method.", method, {"keep": float, "least_explained": float, "climate": list}),
    ):
        for key in table:
            if key not in keys:
                raise InputError(
                    "{path}: unknown key {where}{key}{hint}", path=path, where=where, key=key,
                    hint=nearest(key, keys),
                )  # fmt: skip
        for key, kind in keys.items():
            value = table.get(key)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise InputError(
                    "{path}: {where}{key} must be given, as {type}", path=path, where=where,
                    key=key, type=kind.__name__,
                )  # fmt: skip
    known = patterns.load()
    fitting = [
        name for name, row in known.items() if row.use_second == "fit" and registry.of_pattern(name)
    ]
    sections = list(dict.fromkeys(name.split("_")[1] for name in evidence.departments()))
    there = {
        "patterns": fitting,
        "days": [
            name.removeprefix("days_")
            for name, each in evidence.days().items()
            if each.use == "fit"
        ],
        "departments": sections,
        "police": [name.removeprefix("police_") for name in evidence.police()],
        "prior_driven": [each.name for each in uncertain()],
    }
    for key, names in there.items():
        for name in given[key]:
            if name not in names:
                raise InputError(
                    "{path}: {key}: {name!r} is nothing that may stand here{hint}; there are "
                    "{allowed}", path=path, key=key, name=name, hint=nearest(str(name), names),
                    allowed=", ".join(names),
                )  # fmt: skip
    fitted = parse(given["months"])
    record = parse("2009-01..2016-12")
    if not (record.start <= fitted.start and fitted.stop <= record.stop and fitted.in_whole_months):
        raise InputError(
            "{path}: months: {fitted} must be whole months of {record}: later ones are held out",
            path=path, fitted=fitted, record=record,
        )  # fmt: skip
    for name in given["blocks"]:
        block = parse(str(name))
        if not (fitted.start <= block.start and block.stop <= fitted.stop):
            raise InputError(
                "{path}: blocks: {name} does not lie in the months that are fitted", path=path,
                name=name,
            )  # fmt: skip
    if not 0 <= given["pooled"] <= len(given["blocks"]):
        raise InputError(
            "{path}: pooled = {value}, but there are {of} blocks", path=path, value=given["pooled"],
            of=len(given["blocks"]),
        )  # fmt: skip
    for key in ("keep", "least_explained"):
        if not 0.0 < method[key] < 1.0:
            raise InputError(
                "{path}: method.{key} = {value}, but it must be in (0, 1)", path=path, key=key,
                value=method[key],
            )  # fmt: skip
    sizes = method["climate"]
    numbers = [each for each in sizes if isinstance(each, int | float)]
    if not sizes or numbers != sizes or sorted(set(numbers)) != sizes:
        raise InputError("{path}: method.climate must list sizes in ascending order", path=path)
    scenario = load_scenario(given["scenario"])
    for name, fixed in variants.items():
        where = f"{path}: variants.{name}"
        if not isinstance(fixed, dict) or not fixed:
            raise InputError(
                "{where} must be a table of parameters and what they are set to", where=where
            )
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            raise InputError(
                "{where}: the name must be of small letters, digits and hyphens", where=where
            )
        variants[name] = dict(set_parameters(Scenario("", {}, {}), fixed, where).parameters)
    return Plan(
        **given
        | {key: tuple(map(str, given[key])) for key in lists}
        | {"scenario": scenario.name, "climate": tuple(map(float, sizes))},
        keep=method["keep"], least_explained=method["least_explained"], variants=variants,
        forecast=forecast,
    )  # fmt: skip


# Statistics


def observed_statistics(plan: Plan) -> FloatArray:
    """Give the statistics of the record: computed, or as published where they cannot be."""
    months = observed()["recorded_national"].sel(month=plan.month_names.astype("datetime64[ns]"))
    return np.array([*(each.observed for each in plan.beside.values()), *months.values[0]])


def _evened(values: FloatArray, offset: FloatArray) -> FloatArray:
    """Put statistics on a scale on which their spread depends little on their level."""
    return np.log(np.maximum(values, 0.0) + offset)


# The table


@dataclass(frozen=True)
class Table:
    """Runs drawn from the priors.

    Attributes
    ----------
    parameters : array, shape (run, parameter)
        Draws of the uncertain parameters, in order of declaration. Those that a variant fixes are
        drawn as well, to no effect: nothing explains them, and none of them is adjusted.
    statistics : array, shape (run, statistic)
    """

    parameters: FloatArray
    statistics: FloatArray

    def __len__(self) -> int:
        return len(self.parameters)

    def part(self, rows: slice) -> Table:
        """Give some of its runs."""
        return Table(self.parameters[rows], self.statistics[rows])


def build_table(
    plan: Plan,
    runs: int,
    folder: Path,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Table:
    """Make a table of runs, or what is missing of it.

    Parameters
    ----------
    plan : Plan
    runs : int
        How many.
    folder : Path
        Where runs are stored (:mod:`trucesim.runs.store`): those that are there already are used,
        broken chunks are made anew.
    workers : int, optional
        Threads; by default one a core.
    progress : function, optional
        Called as ``progress(what, done, of)`` with the runs that are there.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        Numbers out of bounds.
    StoreError
        The disk is full.
    """
    if not FEWEST_RUNS <= runs <= MOST_RUNS:
        raise InputError(
            "runs = {runs}, but it must be {least} to {most}", runs=runs, least=FEWEST_RUNS,
            most=MOST_RUNS,
        )  # fmt: skip
    scenario = plan.record
    key, wanted = _wanted(plan)
    digests = wanted.outcomes
    store = Store(folder, {"command": "calibrate", "replicates": runs})
    for path in store.scan():
        store.remove(path)
    gaps = store.missing(key, runs, wanted)
    done = runs - sum(length for _, length in gaps)
    for start, length in gaps:
        for first in range(start, start + length, CHUNK):
            piece = Piece(key, first, min(CHUNK, start + length - first))
            drawn = prior_parameters(piece.runs, plan.seed, dict(plan.fixed), first)
            results = run(
                scenario, piece.runs, plan.seed, first_run=first, detail="none",
                parameters=drawn, workers=workers,
            )  # fmt: skip
            values = np.stack([each.estimate(results) for each in plan.beside.values()], axis=1)
            months = results["recorded_national"].values.astype(np.int32)
            store.write(Block((piece,), digests, values.astype(np.float64), months))
            done += piece.runs
            if progress:
                progress(Message("table of runs"), done, runs)
    return _read_table(plan, runs, store)


def stored_table(plan: Plan, runs: int, folder: Path) -> Table:
    """Read a table of runs that is there already; none is made.

    Parameters
    ----------
    plan, runs, folder
        As for :func:`build_table`.

    Raises
    ------
    InputError
        Not so many runs of this plan, by today's model, are there.
    """
    store = Store(folder)
    store.scan()
    key, wanted = _wanted(plan)
    gaps = store.missing(key, runs, wanted)
    if gaps:
        there = runs - sum(length for _, length in gaps)
        raise InputError(
            "{folder}: holds {there} of {runs} runs of this plan by this model; 'trucesim "
            "calibrate --runs {runs}' makes them, in the folder 'table' of its --out",
            folder=folder, there=there, runs=runs,
        )  # fmt: skip
    return _read_table(plan, runs, store)


def _wanted(plan: Plan) -> tuple[str, Wanted]:
    """Give the key of a plan's runs, and what is held of them."""
    digests = {name: digest_of(each.estimate) for name, each in plan.beside.items()}
    return (
        key_of(plan.record, load_country(), plan.seed, "prior", None),
        Wanted(digests, monthly=True),
    )


def _read_table(plan: Plan, runs: int, store: Store) -> Table:
    """Read the first runs of a plan, all of which are there."""
    key, wanted = _wanted(plan)
    computed = np.empty((runs, len(plan.statistics)))
    first_month = int((plan.month_names[0] - np.datetime64("2009-01", "M")).astype(int))
    for first, block, rows in store.stream(key, runs, wanted):
        held = dict(zip(block.outcomes, block.values[rows].T, strict=True))
        assert block.months is not None
        months = block.months[rows, first_month : first_month + len(plan.month_names)]
        beside = np.stack([held[name] for name in wanted.outcomes], axis=1)
        computed[first : first + len(months)] = np.concatenate([beside, months], axis=1)
    return Table(draw_priors(plan.seed, 0, runs), computed)


# The posterior


@dataclass(frozen=True)
class Summaries:
    """What the statistics say of each parameter, learned from a table.

    Attributes
    ----------
    normal : array, shape (run, parameter)
        The table's parameters, on a scale on which every prior is standard normal.
    predicted : array, shape (run, summary)
        What the statistics predict of the parameters that they explain.
    explained : array, shape (parameter,)
        Share of each parameter's prior variance that the statistics explain, in runs that the
        regression did not see.
    used : array, shape (summary,)
        Parameters whose predictions are used, as columns of ``normal``.
    unexplained : array, shape (summary,)
        Spread of a parameter about its prediction: the unit of distance.
    predict : function
        Gives the predictions for statistics, shape (row, summary).
    """

    normal: FloatArray
    predicted: FloatArray
    explained: FloatArray
    used: NDArray[np.int64]
    unexplained: FloatArray
    predict: Callable[[FloatArray], FloatArray]


UNSEEN = 0.1
"""Share of the table by which regressions are judged."""


def learn_summaries(table: Table, plan: Plan, block: str = WHOLE) -> Summaries:
    """Regress all parameters on the statistics that a fold may see, and on their squares.

    Parameters
    ----------
    table : Table
    plan : Plan
    block : str
        The period that is left out, if any.

    Raises
    ------
    InputError
        scikit-learn is not installed; no parameter is explained.
    """
    seen = plan.seen(block)
    months = int(seen[len(plan.beside) :].sum())
    offset = np.median(table.statistics[:, seen], axis=0) / 20.0 + 1e-3
    evened = _evened(table.statistics[:, seen], offset)
    centre, spread = evened.mean(axis=0), evened.std(axis=0) + 1e-9

    def features(statistics: FloatArray) -> FloatArray:
        z = np.clip((_evened(statistics[:, seen], offset) - centre) / spread, -6.0, 6.0)
        # From month to month, or over what is left out: how restless violence is.
        return np.concatenate([z, z**2, np.diff(z[:, -months:], axis=1) ** 2], axis=1)

    normal = _to_normal(to_unit(table.parameters))
    known = len(normal) - round(UNSEEN * len(normal))
    inputs = features(table.statistics)
    model = _linear_regression()().fit(inputs[:known], normal[:known])
    everything = np.asarray(model.predict(inputs), np.float64)
    left = (normal - everything)[known:].std(axis=0)
    explained = 1.0 - left**2 / normal[known:].var(axis=0)
    used = np.flatnonzero(explained >= plan.least_explained)
    if not len(used):
        raise InputError("the statistics explain no parameter: make a larger table")

    def predict(statistics: FloatArray) -> FloatArray:
        return np.asarray(model.predict(features(statistics))[:, used], np.float64)

    return Summaries(normal, everything[:, used], explained, used, left[used], predict)


def check_installed() -> None:
    """Say that scikit-learn is missing now rather than after hours of runs.

    Raises
    ------
    InputError
    """
    _linear_regression()


def _linear_regression() -> Any:
    try:
        from sklearn.linear_model import LinearRegression
    except ImportError:
        raise InputError(
            'calibration needs scikit-learn: pip install "trucesim[calibration]"'
        ) from None
    return LinearRegression


def _to_normal(unit: FloatArray) -> FloatArray:
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(unit, 1e-6, 1.0 - 1e-6)), np.float64)


@dataclass(frozen=True)
class Posterior:
    """Weighted draws.

    Attributes
    ----------
    draws : array, shape (draw, parameter)
    weights : array, shape (draw,)
        They sum to 1, and fall with distance: the first draw is the closest run's.
    rows : array, shape (draw,)
        The runs of the table that the draws come from.
    farthest : float
        Distance of the farthest run that was kept, in units of what the statistics leave
        unexplained.
    """

    draws: FloatArray
    weights: FloatArray
    rows: NDArray[np.int64]
    farthest: float

    def quantiles(self, levels: tuple[float, ...]) -> FloatArray:
        """Give weighted quantiles of every parameter, shape (level, parameter)."""
        found: FloatArray = np.quantile(
            self.draws, levels, axis=0, weights=self.weights, method="inverted_cdf"
        )
        return found


def fit(
    summaries: Summaries, plan: Plan, target: FloatArray, *, leave_out: int | None = None
) -> Posterior:
    """Fit one set of statistics.

    Parameters
    ----------
    summaries : Summaries
    plan : Plan
    target : array, shape (statistic,)
        The record's, or those of a run that stands for it.
    leave_out : int, optional
        A run of the table that must not be used: the one that is the target.
    """
    from scipy.special import ndtr

    aim = summaries.predict(target[None])
    apart = summaries.predicted - aim
    distance = np.sqrt(np.sum((apart / summaries.unexplained) ** 2, axis=1))
    if leave_out is not None:
        distance[leave_out] = np.inf
    count = max(round(plan.keep * len(distance)), 10 * apart.shape[1])
    count = min(count, len(distance) // 2)
    rows = np.argpartition(distance, count)[: count + 1]
    rows = rows[np.argsort(distance[rows], kind="stable")]
    farthest = float(distance[rows[-1]])
    rows = rows[:-1]
    weights = 1.0 - (distance[rows] / farthest) ** 2
    weights /= weights.sum()
    # What the statistics do not explain is left as it was drawn: adjusting it would only fit noise.
    used = summaries.used
    adjusted = summaries.normal[rows]
    # Each keeps how far it lay from its own prediction; then what is left of a trend goes.
    adjusted[:, used] += aim - summaries.predicted[rows]
    local = _linear_regression()().fit(apart[rows], adjusted[:, used], sample_weight=weights)
    adjusted[:, used] -= apart[rows] @ local.coef_.T
    unit = ndtr(adjusted)
    return Posterior(to_prior(unit), weights, rows, farthest)


# Whether it is still of this model


class Origin(NamedTuple):
    """What made a posterior, and whether today's model still does what that one did."""

    version: str
    same_probe: bool


def head_of(plan: Plan, runs: int) -> str:
    """Say of a posterior what made it, as the first line of its file begins."""
    return (
        f"# Posterior draws by `trucesim calibrate` {__version__}: {runs} runs of "
        f"{plan.scenario}, seed {plan.seed}"
    )


_HEAD = re.compile(
    r"calibrate` (?P<version>\S+): \d+ runs of (?P<scenario>\S+), seed (?P<seed>\d+)"
    r"(, probe (?P<probe>\w+))?"
)


def probe_of(draws: Draws) -> str:
    """Digest what runs with a posterior's first draws come to, as its file holds them.

    A posterior knows its model by what that does and not by its sources. Only counts enter, and
    the parameters that it holds: a new pattern, or a parameter of no effect, is no other model.
    """
    made = _HEAD.search(draws.head)
    if made is None:
        raise InputError("the posterior does not say which scenario and seed it was made with")
    rows = records(draws.values[:PROBES], draws.names)
    results = run(
        load_scenario(made["scenario"]), len(rows), int(made["seed"]), detail="none",
        parameters=rows,
    )  # fmt: skip
    return hashlib.sha256(_counts(results)).hexdigest()[:16]


def origin_of(draws: Draws) -> Origin | None:
    """Say what made a posterior; None if it does not say so itself."""
    made = _HEAD.search(draws.head)
    if made is None or made["probe"] is None:
        return None
    return Origin(made["version"], probe_of(draws) == made["probe"])


def _counts(results: xr.Dataset) -> bytes:
    """Give the counts by which a model is known."""
    names = (
        "recorded_daily", "recorded_by_kind", "recorded_by_period", "hidden", "missing_reports",
        "in_prison",
    )  # fmt: skip
    return b"".join(results[name].values.astype(np.int64).tobytes() for name in names)


# Whether it can be trusted


def check_recovery(
    table: Table,
    summaries: Summaries,
    plan: Plan,
    rows: NDArray[np.int64],
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Fit runs whose parameters are known, and say where the truth lies in their posteriors.

    Parameters
    ----------
    rows : array of int
        The runs of the table that stand for the record, one after the other.

    Returns
    -------
    pandas.DataFrame
        One row a run and parameter: ``run``, ``parameter``, ``truth``, ``p05``, ``median``,
        ``p95``, ``rank`` (posterior probability below the truth, uniform if all is well) and
        ``inside`` (whether the truth lies in the 90 % interval).
    """
    names = [each.name for each in uncertain()]
    found = []
    for done, row in enumerate(rows):
        posterior = fit(summaries, plan, table.statistics[row], leave_out=int(row))
        truth = table.parameters[row]
        low, middle, high = posterior.quantiles((0.05, 0.5, 0.95))
        below = (posterior.draws < truth).T @ posterior.weights
        found.append(
            pd.DataFrame(
                {
                    "run": int(row), "parameter": names, "truth": truth, "p05": low,
                    "median": middle, "p95": high, "rank": below,
                    "inside": (low <= truth) & (truth <= high),
                }
            )
        )  # fmt: skip
        if progress:
            progress(Message("recovery"), done + 1, len(rows))
    return pd.concat(found, ignore_index=True)


def uniformity(ranks: FloatArray, bins: int = 10) -> float:
    """Give the probability of ranks as uneven as these if they were uniform (chi-square)."""
    from scipy.stats import chisquare

    counts = np.histogram(ranks, bins, (0.0, 1.0))[0]
    return float(chisquare(counts).pvalue)


AT_PRIOR = "at its prior"

IDENTIFIED, NARROWED = 0.5, 0.8
"""Width of the posterior's 90% interval against the prior's, up to which a parameter counts as
identified, or at least narrowed."""


def verdicts(width: FloatArray) -> NDArray[np.str_]:
    """Say what a posterior makes of parameters: identified, narrowed, or at its prior.

    Parameters
    ----------
    width : array, shape (parameter,)
        As in :func:`identification`.
    """
    limits = [width <= IDENTIFIED, width <= NARROWED]
    return np.select(limits, ["identified", "narrowed"], AT_PRIOR)


def identification(posterior: Posterior, summaries: Summaries, plan: Plan) -> pd.DataFrame:
    """Say of every parameter what the posterior adds to its prior.

    Returns
    -------
    pandas.DataFrame
        One row a parameter: ``prior_low``, ``prior_high``, ``p05``, ``median``, ``p95``,
        ``width`` (of the 90 % interval against the prior's, on the prior's scale), ``explained``
        (share of prior variance) and ``verdict``: identified, narrowed, or at its prior; and
        prior-driven where the plan says so.
    """
    low, middle, high = posterior.quantiles((0.05, 0.5, 0.95))
    width = (to_unit(high[None])[0] - to_unit(low[None])[0]) / 0.9
    parameters = uncertain()
    driven = [each.name in plan.prior_driven for each in parameters]
    return pd.DataFrame(
        {
            "parameter": [each.name for each in parameters],
            "prior_low": [each.low for each in parameters],
            "prior_high": [each.high for each in parameters],
            "p05": low, "median": middle, "p95": high, "width": width,
            "explained": summaries.explained,
            "verdict": np.where(driven, "prior-driven", verdicts(width)),
        }
    )  # fmt: skip


# How long orders last


def order_spans(record: str) -> dict[str, str]:
    """Give the months in which each documented order to hold fire was the latest, by its month.

    Parameters
    ----------
    record : str
        The period that is fitted: of the orders in it, the last stood to its end.
    """
    held = known_orders().query("direction == 'hold'")["date"]
    fitted = parse(record)
    firsts = [np.datetime64(day, "M") for day in held if fitted.start <= day < fitted.stop]
    ends = [*firsts[1:], np.datetime64(fitted.stop, "M")]
    return {str(a): f"{a}..{b - np.timedelta64(1, 'M')}" for a, b in zip(firsts, ends, strict=True)}


def predict_orders(
    table: Table, plan: Plan, posterior: Posterior, progress: Progress | None = None
) -> pd.DataFrame:
    """Predict how long each documented order lasts from the others alone.

    Each is left out in turn, with every statistic that touches the months in which it was the
    latest; what is left tells the common wear of orders and their spread, of which any other order
    is a draw.

    Returns
    -------
    pandas.DataFrame
        One row an order: ``order``, ``left_out`` (period), and quantiles of the weeks after which
        half its strength is gone where nothing that was promised is kept: ``predicted_p05``,
        ``predicted_median``, ``predicted_p95``, the same of ``fitted`` (by the whole record, with
        the order's own persistence), and ``inside`` (whether the fitted median lies in the
        predicted 90 %).
    """
    names, target = [each.name for each in uncertain()], observed_statistics(plan)
    wearing, spread = names.index("wearing"), names.index("order_spread")
    any_order = np.linspace(0.0, 1.0, 42)[1:-1]

    def half_lives(draws: FloatArray, shares: FloatArray) -> FloatArray:
        z = np.log(shares / (1.0 - shares)) * np.sqrt(3.0) / np.pi
        wear = draws[:, wearing, None] * np.exp(-draws[:, spread, None] * z)
        return np.asarray(np.log(2.0) / wear)

    rows = []
    spans = order_spans(plan.months)
    for order, span in spans.items():
        fold = fit(learn_summaries(table, plan, span), plan, target)
        predicted = half_lives(fold.draws, np.broadcast_to(any_order, (len(fold.draws), 40)))
        own = posterior.draws[:, names.index(f"persistence_{order.replace('-', '_')}"), None]
        fitted = half_lives(posterior.draws, np.clip(own, 1e-6, 1.0 - 1e-6))
        row: dict[str, Any] = {"order": order, "left_out": span}
        for what, values, weights in (
            ("predicted", predicted, np.repeat(fold.weights[:, None], 40, axis=1)),
            ("fitted", fitted, posterior.weights[:, None]),
        ):
            found = np.quantile(
                values.ravel(), (0.05, 0.5, 0.95), weights=weights.ravel(), method="inverted_cdf"
            )
            for level, value in zip(("p05", "median", "p95"), found, strict=True):
                row[f"{what}_{level}"] = float(value)
        row["inside"] = row["predicted_p05"] <= row["fitted_median"] <= row["predicted_p95"]
        rows.append(row)
        if progress:
            progress(Message("orders"), len(rows), len(spans))
    return pd.DataFrame(rows)


# The size of what the model does not hold

RUNS_OF_CLIMATE = 1_000
COVER_OF_CLIMATE = 0.9


def one_month_ahead(runs: FloatArray, record: FloatArray) -> NDArray[np.bool_]:
    """Tell whether each month lies in the 90% interval that follows from the months before it.

    The logarithms of the runs' months are taken as jointly normal, so that what a month is expected
    to be, given those before, is a linear regression.

    Parameters
    ----------
    runs : array, shape (run, month)
        Homicides by month, of runs that were not fitted to any month in particular.
    record : array, shape (month,)

    Returns
    -------
    array of bool, shape (month,)
    """
    logs, seen = np.log(np.maximum(runs, 0.5)), np.log(np.maximum(record, 0.5))
    mean = logs.mean(axis=0)
    # A lower triangle L with L L' the covariance: row t holds the regression on what came before.
    lower = np.linalg.cholesky(np.cov(logs.T) + 1e-6 * np.eye(logs.shape[1]))
    surprise = np.linalg.solve(lower, seen - mean)
    # A regression on t months from so many runs fits them too well, and errs in its coefficients.
    count, before = len(logs), np.arange(logs.shape[1])
    wider = np.sqrt((1.0 + before / count) * (count - 1) / (count - 1 - before))
    return np.asarray(np.abs(surprise) <= 1.645 * wider)


def tune_climate(
    posterior: Posterior,
    plan: Plan,
    block: str = WHOLE,
    *,
    runs: int,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[Posterior, pd.DataFrame]:
    """Take the size of the climate by one-month-ahead cover, from the months of the fold alone.

    Parameters
    ----------
    posterior : Posterior
    plan : Plan
    block : str
        The period that is left out, if any.
    runs : int
        By which cover is told for each size.
    workers, progress
        As for `calibrate`.

    Returns
    -------
    posterior : Posterior
        With that size in every draw.
    cover : pandas.DataFrame
        One row a size that was tried: ``size`` and ``cover``, the share of months inside.
    """
    months = plan.seen(block)[len(plan.beside) :]
    record = observed_statistics(plan)[len(plan.beside) :][months]
    names = [each.name for each in uncertain()]
    tried: dict[float, float] = {}

    def cover(size: float) -> float:
        parameters = parameters_of_runs(
            load_country(), {**plan.fixed, "climate_spread": size}, plan.seed + 1, 0,
            runs, draws=Draws(tuple(names), posterior.draws, posterior.weights),
        )  # fmt: skip
        results = run(
            plan.record, runs, plan.seed + 1, detail="none",
            parameters=parameters, workers=workers,
        )  # fmt: skip
        counts = results["recorded_national"].sel(month=plan.month_names.astype("datetime64[ns]"))
        tried[size] = float(one_month_ahead(counts.values[:, months], record).mean())
        if progress:
            progress(Message("climate, {block}", block=block), len(tried), len(plan.climate))
        return tried[size]

    # Cover grows with the size: the smallest that suffices is found by halving.
    low, high = 0, len(plan.climate) - 1
    while low < high:
        middle = (low + high) // 2
        if cover(plan.climate[middle]) >= COVER_OF_CLIMATE:
            high = middle
        else:
            low = middle + 1
    draws = posterior.draws.copy()
    draws[:, names.index("climate_spread")] = plan.climate[low]
    table = pd.DataFrame(sorted(tried.items()), columns=["size", "cover"])
    return replace(posterior, draws=draws), table.assign(taken=table["size"].eq(plan.climate[low]))


# The whole of it


@dataclass(frozen=True)
class Calibration:
    """All that a calibration found.

    Attributes
    ----------
    plan : Plan
    runs : int
        Of the table.
    posterior : Posterior
        Of the whole record.
    blocks : dict of str to Posterior
        By the period that was left out.
    climate : pandas.DataFrame
        See :func:`tune_climate`, with ``fold``.
    orders : pandas.DataFrame
        See :func:`predict_orders`.
    identification : pandas.DataFrame
        See :func:`identification`.
    reach : pandas.DataFrame
        One row a statistic: ``observed``, and quantiles of the prior's runs and of the kept ones.
    recovery : pandas.DataFrame
        See :func:`check_recovery`, with ``truth_from``: runs drawn from the priors, or from those
        closest to the record.
    prior : pandas.DataFrame
        Draws from the priors, for comparison.
    """

    plan: Plan
    runs: int
    posterior: Posterior
    blocks: dict[str, Posterior]
    climate: pd.DataFrame
    orders: pd.DataFrame
    identification: pd.DataFrame
    reach: pd.DataFrame
    recovery: pd.DataFrame
    prior: pd.DataFrame


MOST_DRAWN = 20_000
"""Draws from priors and posterior that the figure shows."""

ANYWHERE, NEAR = "the priors", "the closest runs"


def calibrate(
    plan: Plan,
    runs: int,
    folder: Path,
    *,
    pseudo_observed: int = 200,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Make the table, fit the record and every fold of it, and see whether truths are recovered.

    Parameters
    ----------
    plan : Plan
    runs : int
        Of the table.
    folder : Path
        Holds the table, in ``table``; see :func:`build_table`.
    pseudo_observed : int
        Runs that stand for the record: so many drawn from the priors, and as many of the closest.
    workers : int, optional
    progress : function, optional
    """
    check_installed()
    table = build_table(plan, runs, folder / "table", workers=workers, progress=progress)
    summaries, target = learn_summaries(table, plan), observed_statistics(plan)
    fitted = fit(summaries, plan, target)
    generator = np.random.Generator(np.random.Philox(key=[plan.seed, 2**63]))
    recovered = []
    for place, rows in ((ANYWHERE, np.arange(len(table))), (NEAR, fitted.rows)):
        chosen = generator.choice(rows, min(pseudo_observed, len(rows)), replace=False)
        found = check_recovery(table, summaries, plan, chosen, progress)
        recovered.append(found.assign(truth_from=place))
    posteriors, covers = {}, []
    folds = (WHOLE, *plan.blocks)
    for done, block in enumerate(folds):
        if block != WHOLE:
            fold = learn_summaries(table, plan, block)
            fitted = fit(fold, plan, target)
        tuned, cover = tune_climate(
            fitted, plan, block, runs=RUNS_OF_CLIMATE, workers=workers, progress=progress
        )
        posteriors[block] = tuned
        covers.append(cover.assign(fold=block))
        if progress:
            progress(Message("folds"), done + 1, len(folds))
    posterior = posteriors.pop(WHOLE)
    reach = pd.DataFrame({"statistic": plan.statistics, "observed": target})
    for name, values in (("prior", table.statistics), ("kept", table.statistics[posterior.rows])):
        for level, row in zip(
            ("p05", "median", "p95"), np.quantile(values, (0.05, 0.5, 0.95), axis=0), strict=True
        ):
            reach[f"{name}_{level}"] = row
    names = [each.name for each in uncertain()]
    return Calibration(
        plan, len(table), posterior, posteriors, pd.concat(covers, ignore_index=True),
        predict_orders(table, plan, posterior, progress),
        _with_climate_set(identification(posterior, summaries, plan)), reach,
        pd.concat(recovered, ignore_index=True),
        pd.DataFrame(table.parameters[:MOST_DRAWN], columns=names),
    )  # fmt: skip


def _with_climate_set(found: pd.DataFrame) -> pd.DataFrame:
    """Say of the climate's size that it was set, by cover: no width tells of it."""
    climate = found["parameter"].eq("climate_spread")
    return found.assign(
        verdict=found["verdict"].mask(climate, "set by cover"), width=found["width"].mask(climate)
    )


def load_posteriors(folder: Path) -> dict[str, Draws]:
    """Read the posterior that is shipped, under :data:`WHOLE`, and those of blocks left out.

    Parameters
    ----------
    folder : Path
        Where ``trucesim calibrate`` wrote them (``experiments/calibration``), in ``blocks``.

    Returns
    -------
    dict of str to Draws
        By the period left out, in order of its file's name.

    Raises
    ------
    InputError
        There are none.
    """
    found = {
        path.name.removesuffix(".csv"): path for path in sorted(folder.glob(f"{BLOCKS}/*.csv"))
    }
    if not found:
        raise InputError(
            "{folder}: no posteriors of blocks left out lie in {blocks}", folder=folder,
            blocks=folder / BLOCKS,
        )  # fmt: skip
    return {WHOLE: shipped_draws(), **{name: read_draws(path) for name, path in found.items()}}


def trust(calibration: Calibration) -> pd.DataFrame:
    """Sum up recovery: coverage and the evenness of ranks, by where the truth came from.

    Returns
    -------
    pandas.DataFrame
        One row a source: ``runs``, ``coverage`` of the 90 % intervals over all parameters,
        ``coverage_identified`` over those that the posterior identifies or narrows, ``ranks_p``:
        the smallest of the parameters' probabilities of ranks so uneven, times their number
        (Bonferroni), at most 1.
    """
    table = calibration.identification.set_index("parameter")["verdict"]
    known = list(table.index[table.isin(["identified", "narrowed"])])
    rows = []
    for source, found in calibration.recovery.groupby("truth_from", sort=False):
        uneven = [uniformity(each.to_numpy()) for _, each in found.groupby("parameter")["rank"]]
        mine = found[found["parameter"].isin(known)]
        rows.append(
            {
                "truth_from": source,
                "runs": found["run"].nunique(),
                "coverage": found["inside"].mean(),
                "coverage_identified": mine["inside"].mean() if len(mine) else np.nan,
                "ranks_p": min(1.0, min(uneven) * len(uneven)),
            }
        )
    return pd.DataFrame(rows)
