"""What a worker does: a task, a pure function of what it is given.

So neither the size of tasks nor their order nor who does them changes a bit of the result.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trucesim.compilation import digest_of_sources
from trucesim.files.errors import InputError
from trucesim.outcomes import registry
from trucesim.outcomes.digest import text_of
from trucesim.outcomes.registry import Outcome
from trucesim.runs.drawn import take
from trucesim.runs.lineage import parameters_of, shipped_lineages
from trucesim.runs.provenance import draws_digest
from trucesim.runs.results import Reduction, count_into, dataset
from trucesim.runs.sampling import parameters_of_runs
from trucesim.runs.simulate import ready, span_of
from trucesim.runs.store import COUNTS, Block, Histogram, Piece
from trucesim.scenario.scenario import Scenario
from trucesim.studies.ablation import RULES
from trucesim.studies.experiment.file import country_of
from trucesim.version import __version__
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.folder import Folder, open_folder
from trucesim.world.periods import FloatArray


def version_digest() -> str:
    """Digest the sources and data that a worker rests on."""
    return _version_of(open_folder())


@cache
def _version_of(folder: Folder) -> str:
    country = load_country(folder.name)
    parts = [digest_of_sources("studies.experiment.tasks"), country.digest]
    parts.append(draws_digest(country.name))
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Job:
    """Consecutive runs of one key, and what determines them."""

    piece: Piece
    scenario: Scenario
    overrides: Mapping[str, float]
    rules: str = ""
    """The set of rules that replaces shipped ones: workers look it up by its name."""


@dataclass(frozen=True)
class Task:
    """Jobs that are done one after the other, and what they have in common."""

    version: str
    seed: int
    parameters: str
    lineages: str
    """Digest of the lineages that are lived; empty where runs have numbers of their own."""
    outcomes: Mapping[str, str]
    """By name, the digest of how each is computed."""
    until: dt.date | None
    monthly: bool
    municipal: bool
    departments: tuple[str, ...]
    jobs: tuple[Job, ...]
    own: Mapping[str, Outcome] = field(default_factory=dict)
    """The experiment's own outcomes by name."""


@dataclass(frozen=True)
class Made:
    """What a task left.

    Attributes
    ----------
    block : Block
    failures : dict
        Tracebacks of jobs that failed, by their place.
    runs : int
        That were lived.
    seconds : float
        Processor time, so that tasks do not shrink where others keep the machine busy.
    """

    block: Block
    failures: Mapping[int, str]
    runs: int
    seconds: float


def make(task: Task, stopped: Callable[[], bool] | None = None) -> Made:
    """Do a task.

    Parameters
    ----------
    task : Task
    stopped : function, optional
        Asked before every run; once it is true, what is done is handed back.

    Raises
    ------
    InputError
        The task was given out by another version of the model.
    """
    if task.version != version_digest() or task.lineages != _lineages_here(task):
        raise InputError(
            "a worker has another version of trucesim (this one is {version}), its sources or its "
            "data; install the same on all machines", version=__version__,
        )  # fmt: skip
    for job in task.jobs:
        warm(job.rules)
    began = time.thread_time()
    country = country_of(task.departments)
    months, last_week = span_of(task.until)
    placed = any(registry.find(name, task.own).municipal for name in task.outcomes)
    runs_of_all = sum(job.piece.runs for job in task.jobs)
    kept = Reduction(runs_of_all, len(country), "full" if placed else "none")
    ordered = np.full(kept.runs, -1, np.int64)
    counts = np.zeros((calendar.MONTHS, len(country), COUNTS), np.int32) if task.municipal else None
    row, lived = 0, 0
    done: list[tuple[int, Piece, int, Histogram | None]] = []
    failures: dict[int, str] = {}
    for place, job in enumerate(task.jobs):
        first_row, piece = row, job.piece
        row += piece.runs
        try:
            parameters, lineages = _parameters(task, job), None
            if task.lineages:
                lineages = shipped_lineages().lineages[piece.first : piece.first + piece.runs]
                parameters = parameters_of(lineages)
            prepared = ready(
                job.scenario, country, parameters, task.seed, piece.first, RULES.get(job.rules),
                lineages=lineages,
            )  # fmt: skip
            ordered[first_row:row] = job.scenario.order_month
            if counts is not None:
                counts[:] = 0
            runs = 0
            for r in range(piece.runs):
                if stopped is not None and stopped():
                    break
                _, output = prepared.live(r, last_week)
                kept.take(first_row + r, output)
                if counts is not None:
                    count_into(counts, output.recorded)
                runs += 1
        except Exception:
            failures[place] = traceback.format_exc()
            continue
        lived += runs
        if runs:
            histogram = None if counts is None else _sparse(counts[:months])
            done.append((place, replace(piece, runs=runs), first_row, histogram))
    results = dataset(kept, task.jobs[0].scenario, country, task.seed, 0, months)
    results = results.assign(order_month=("run", ordered))
    values = _evaluate(results, task, done, failures)
    done = [each for each in done if each[0] not in failures]
    chosen = [np.arange(first, first + piece.runs) for _, piece, first, _ in done]
    rows = np.concatenate(chosen) if chosen else np.empty(0, np.int64)
    histograms = tuple(each for *_, each in done if each is not None)
    block = Block(
        tuple(piece for _, piece, _, _ in done),
        task.outcomes,
        values[rows],
        kept.national[rows, :months] if task.monthly else None,
        histograms if task.municipal else None,
    )
    return Made(block, failures, lived, time.thread_time() - began)


def _lineages_here(task: Task) -> str:
    """Give the digest of this machine's lineages, which are read only where a task lives them."""
    return shipped_lineages().digest if task.lineages else ""


@cache
def warm(rules: str = "") -> None:
    """Compile the weeks with a set of rules, or load what is compiled.

    So that it is not taken for the time of a run.
    """
    country = country_of(())
    p = parameters_of_runs(country, {}, 1, 0, 1, point=True)
    ready(Scenario("", {}, {}), country, p, 1, rules=RULES.get(rules)).live(0, 0)


def computed(names: Iterable[str], own: Mapping[str, Outcome] | None = None) -> dict[str, str]:
    """Digest, by name, how a task computes each outcome of a run."""
    how = text_of(make, _parameters, _evaluate)
    both = {name: f"{registry.find(name, own).digest}{how}" for name in names}
    return {name: hashlib.sha256(each.encode()).hexdigest()[:16] for name, each in both.items()}


def _parameters(task: Task, job: Job) -> NDArray[np.void]:
    """Give the parameters of a job's runs: run r takes the same draw at every point."""
    changed = {**job.scenario.parameters, **job.overrides}
    first, runs = job.piece.first, job.piece.runs
    return take(task.parameters, country_of(task.departments), changed, task.seed, first, runs)


def _evaluate(
    results: Any,
    task: Task,
    done: list[tuple[int, Piece, int, Histogram | None]],
    failures: dict[int, str],
) -> FloatArray:
    """Compute the outcomes of all runs at once; if that fails, job by job to name the culprit."""
    try:
        return registry.evaluate(results, task.outcomes, task.own)
    except Exception:
        values = np.full((results.sizes["run"], len(task.outcomes)), np.nan)
        for place, piece, first, _ in done:
            rows = slice(first, first + piece.runs)
            try:
                values[rows] = registry.evaluate(results.isel(run=rows), task.outcomes, task.own)
            except Exception:
                failures[place] = traceback.format_exc()
        return values


def _sparse(counts: NDArray[np.int32]) -> Histogram:
    """Keep of a histogram, shape (month, municipality, count), where it is not empty."""
    flat = counts.reshape(-1)
    held = np.flatnonzero(flat)
    cell, count = np.divmod(held, COUNTS)
    return Histogram(cell.astype(np.int32), count.astype(np.uint8), flat[held])
