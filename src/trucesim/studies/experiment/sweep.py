"""Running an experiment: its runs are cut into tasks of about a second, here or on a cluster.

A task is a pure function of what it is given (:func:`make`), so that neither their size nor their
order nor who does them changes a bit. One process, this one, writes what comes back.
"""

from __future__ import annotations

import io
import os
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trucesim.files.errors import InputError, Message, StoreError
from trucesim.files.results import locked, output_folder
from trucesim.files.writing import put_whole, write_json
from trucesim.outcomes import registry
from trucesim.runs.lineage import shipped_lineages
from trucesim.runs.provenance import data_digest, key_of, made_by, of_country, where_made
from trucesim.runs.simulate import check_numbers, run, span_of
from trucesim.runs.store import Block, Piece, Store, Wanted, parquet, told_if_full
from trucesim.scenario.change import without_truce
from trucesim.scenario.scenario import Scenario
from trucesim.studies.ablation import is_own, rules_digest
from trucesim.studies.experiment.design import Design, points
from trucesim.studies.experiment.executors import client_class, cluster, gone, threads
from trucesim.studies.experiment.file import Experiment, check_replicates
from trucesim.studies.experiment.folder import (
    KEY_COLUMNS,
    PARTS,
    Sweep,
    open_sweep,
    read_checked,
    read_manifest,
    write_manifest,
    write_plan,
    write_tables,
)
from trucesim.studies.experiment.tasks import Job, Made, Task, computed, version_digest
from trucesim.studies.history import RECORD
from trucesim.version import __version__

SECONDS = 1.0
"""Work in one task, about: little is lost when a sweep is killed, and little is spent around it."""

FIRST_RUNS = 4
"""Runs of the first tasks, from which the time of one is learned."""

MOST_RUNS_OF_A_TASK = 2_000
"""They are held in memory together."""

AHEAD = 2
"""Tasks handed out for each one that is worked on."""


# What is to be done


@dataclass(frozen=True)
class Layout:
    """A design with the keys of its points.

    Attributes
    ----------
    design : Design
    keys : pandas.DataFrame
        By point, the columns ``key`` and ``without_truce`` (empty if nothing is paired).
    own, without : Wanted
        What is kept of the runs, and of their counterfactuals.
    """

    design: Design
    keys: pd.DataFrame
    own: Wanted
    without: Wanted

    @cached_property
    def wanted(self) -> dict[str, Wanted]:
        """What is kept of the runs of each key; a point's own keep what counterfactuals do."""
        without = self.keys["without_truce"]
        return dict.fromkeys(without[without != ""], self.without) | dict.fromkeys(
            self.keys["key"], self.own
        )


def lay_out(design: Design) -> Layout:
    """Give every point its keys."""
    experiment = design.experiment
    own = Wanted(
        computed(registry.needed(experiment.outcomes, experiment.own), experiment.own),
        experiment.monthly, experiment.municipal,
    )  # fmt: skip
    without = Wanted(computed(registry.counterfactual(experiment.outcomes, experiment.own)))

    lineages = _lineages_of(experiment)

    def key(scenario: Scenario, point: int) -> str:
        return key_of(
            scenario, experiment.country, experiment.seed, experiment.parameters,
            experiment.until, design.overrides(point), rules_digest(design.rules(point)),
            lineages,
        )  # fmt: skip

    rows = []
    for point in range(len(design)):
        scenario = design.scenario(point)
        other = ""
        if without.outcomes:
            other = key(_counterfactual(design, point), point)
        rows.append((key(scenario, point), other))
    return Layout(
        design, pd.DataFrame(rows, design.frame.index, columns=list(KEY_COLUMNS)), own, without
    )


def _lineages_of(experiment: Experiment) -> str:
    return shipped_lineages().digest if experiment.history == RECORD else ""


def _counterfactual(design: Design, point: int) -> Scenario:
    return without_truce(design.scenario(point))


class Work:
    """What is to be made still, handed out in pieces; counterfactuals first.

    Attributes
    ----------
    runs, done : int
        Runs in all, counterfactuals included, and those that are there, or given up because their
        point failed.
    points_done : int
        Points all of whose runs are there.
    failed : dict
        By key, the piece that failed and its traceback.
    """

    def __init__(self, layout: Layout, store: Store) -> None:
        self.layout = layout
        experiment = layout.design.experiment
        self.runs_of_a_point = experiment.replicates
        entries: dict[str, tuple[int, bool]] = {}
        own = set(layout.keys["key"])
        for is_without, column in ((True, "without_truce"), (False, "key")):
            for point, key in layout.keys[column].items():
                if key and is_without == (key not in own):
                    entries.setdefault(key, (int(str(point)), is_without))
        wanted = layout.wanted
        self.gaps = {key: store.missing(key, self.runs_of_a_point, wanted[key]) for key in entries}
        self.left = {key: sum(runs for _, runs in gaps) for key, gaps in self.gaps.items()}
        self.runs = self.runs_of_a_point * len(entries)
        self.done = self.runs - sum(self.left.values())
        self.entries = entries
        there = {key: store.missing(key, self.runs_of_a_point, Wanted({})) for key in entries}
        self.again = sum(
            self.left[key] - sum(runs for _, runs in gaps) for key, gaps in there.items()
        )
        # Named is what compels: what months tell is only made along with it.
        of_months = {
            name for name in layout.own.outcomes
            if registry.from_months(registry.find(name, experiment.own))
        } if self.again else set()  # fmt: skip
        self.untold = sorted(
            {
                name
                for key in entries
                if self.left[key]
                for name, told in wanted[key].outcomes.items()
                if not (wanted[key].monthly and name in of_months)
                and store.missing(key, self.runs_of_a_point, Wanted({name: told})) != there[key]
            }
        )
        self.failed: dict[str, tuple[Piece, str]] = {}
        self._points_of = Counter(layout.keys["key"])
        self.points_done = sum(n for key, n in self._points_of.items() if not self.left[key])
        self._open = [key for key in entries if self.gaps[key]]
        self._open.reverse()

    def failed_points(self) -> dict[int, tuple[Piece, str]]:
        """Points that failed themselves, or whose counterfactual did."""
        rows = self.layout.keys.itertuples(name=None)
        return {
            point: self.failed.get(key) or self.failed[without]
            for point, key, without in rows
            if key in self.failed or without in self.failed
        }

    def take(self, runs: int) -> Task | None:
        """Hand out the next task, of so many runs at most; None if nothing is left."""
        design = self.layout.design
        experiment = design.experiment
        jobs: list[Job] = []
        kind: bool | None = None
        room = runs
        while self._open and room:
            key = self._open[-1]
            point, is_without = self.entries[key]
            if kind is not None and is_without != kind:
                break
            if key in self.failed or not self.gaps[key]:
                self._open.pop()
                continue
            first, length = self.gaps[key][0]
            taken = min(length, room)
            self.gaps[key][:1] = [(first + taken, length - taken)] if length > taken else []
            scenario = _counterfactual(design, point) if is_without else design.scenario(point)
            piece = Piece(key, first, taken)
            jobs.append(Job(piece, scenario, design.overrides(point), design.rules(point)))
            kind, room = is_without, room - taken
        if not jobs:
            return None
        return Task(
            version_digest(), experiment.seed, experiment.parameters, _lineages_of(experiment),
            (self.layout.without if kind else self.layout.own).outcomes, experiment.until,
            experiment.monthly and not kind, experiment.municipal and not kind,
            experiment.departments, tuple(jobs), experiment.own,
        )  # fmt: skip

    def made(self, made: Made, task: Task) -> None:
        """Take note of what came back."""
        for piece in made.block.pieces:
            self.left[piece.key] -= piece.runs
            self.done += 0 if piece.key in self.failed else piece.runs
            self.points_done += 0 if self.left[piece.key] else self._points_of.get(piece.key, 0)
        for place, told in made.failures.items():
            piece = task.jobs[place].piece
            if piece.key not in self.failed:
                self.failed[piece.key] = piece, told
                self.done += self.left[piece.key]  # given up


# Running


@dataclass(frozen=True)
class Standing:
    """How far a sweep is.

    Attributes
    ----------
    done, runs : int
        Runs that are there, and all of them, counterfactuals included.
    points_done, points, failed : int
        Points all of whose runs are there, all points, and those that failed.
    made : int
        Runs made by this process.
    seconds : float
        Since it began.
    """

    done: int
    runs: int
    points_done: int
    points: int
    failed: int
    made: int
    seconds: float

    @property
    def rate(self) -> float:
        """Runs a second."""
        return self.made / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float:
        """Seconds that the rest will take at this rate; infinite before anything is made."""
        return (self.runs - self.done) / self.rate if self.rate else float("inf")


class Interrupted(KeyboardInterrupt):
    """A sweep was interrupted; its message says how to go on."""


Progress = Callable[[Standing], None]


def run_sweep(
    experiment: Experiment,
    folder: str | Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    seconds: float = SECONDS,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
    bases: Mapping[str, Scenario] | None = None,
) -> Sweep:
    """Make all runs of an experiment, or what is missing of them, and the tables.

    Parameters
    ----------
    experiment : Experiment
    folder : str or Path
        Made if need be.
    workers : int, optional
        Threads; by default one a core.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers do the runs instead.
    resume : bool
        Go on with a sweep that the folder holds already: the same experiment, or one that extends
        it by further points or more replicates.
    seconds : float
        Work in one task, about.
    progress : function, optional
        Called with a :class:`Standing`.
    tell : function, optional
        Called with a line for people: what is reused, what is broken and made anew.
    bases : dict, optional
        The experiment's scenarios by their name in its file; looked for by that name if not given.

    Returns
    -------
    Sweep
        With points that failed in ``failures``.

    Raises
    ------
    InputError
        Numbers out of bounds; a folder that holds something else, or a sweep that is not to be
        resumed or has nothing in common with this one; no such scheduler, or workers of another
        version.
    StoreError
        The disk is full, or the cluster's scheduler or all its workers are gone.
    Interrupted
        By Ctrl-C; what was done is written.
    """
    parquet()
    if scheduler is not None:
        client_class()
    folder = Path(folder)
    check_numbers(1, experiment.seed, 0, workers)
    check_replicates(experiment.replicates, "replicates")
    if not 0.0 < seconds <= 3600.0:
        raise InputError(
            "--chunk {seconds:g}: it must be more than 0 and up to 3600 seconds", seconds=seconds
        )
    design = points(experiment, bases)
    _try_functions(design)
    output_folder(folder, "sweep", PARTS)
    try:
        with locked(folder):
            _run_locked(design, folder, workers, scheduler, resume, seconds, progress, tell)
    except Interrupted:
        raise
    except KeyboardInterrupt:
        raise Interrupted(
            Message("interrupted; what was done is in {folder}; go on with --resume", folder=folder)
        ) from None
    return open_sweep(folder)


def _try_functions(design: Design) -> None:
    """Try outcomes that are functions on one run, before anything is written for them."""
    experiment = design.experiment
    functions = [each for each in experiment.own.values() if each.known_by and each.estimate]
    if not functions:
        return
    one = run(
        design.scenario(0), 1, experiment.seed, country=experiment.country, detail="full",
        until=experiment.until,
    )  # fmt: skip
    for each in functions:
        registry.check_function(each, one)


def _run_locked(
    design: Design,
    folder: Path,
    workers: int | None,
    scheduler: str | None,
    resume: bool,
    seconds: float,
    progress: Progress | None,
    tell: Callable[[str], None] | None,
) -> None:
    """Make what is missing in a folder that nobody else writes to."""
    experiment, began = design.experiment, time.perf_counter()
    held = read_manifest(folder)
    if resume and held is not None and held.get("replicates", 0) > experiment.replicates:
        there = int(held["replicates"])
        experiment = replace(experiment, replicates=there)
        design = replace(design, experiment=experiment)
        if tell:
            tell(Message("{n:,} runs at each point are there, and stay", n=there))
    layout = lay_out(design)
    _check_folder(layout, folder, held, resume)
    store = Store(folder, _manifest(layout))
    for path in store.scan():
        if tell:
            tell(
                Message(
                    "{path}: broken (its content does not fit its checksum); made anew", path=path
                )
            )
        store.remove(path)
    write_plan(layout.design, layout.keys, _manifest(layout), folder)
    derived, names = compute_from_months(layout, store)
    if tell and derived:
        tell(
            Message(
                "{names}: computed of {n:,} runs from their stored months", n=derived,
                names=", ".join(names),
            )
        )  # fmt: skip
    work = Work(layout, store)
    if tell and work.again:
        tell(
            Message(
                "{n:,} runs are there and are made again, with the same bits: what is stored of "
                "them does not tell {names}", n=work.again, names=", ".join(work.untold),
            )
        )  # fmt: skip
    if tell and work.done:
        tell(Message("{n:,} of {all:,} runs are there already", n=work.done, all=work.runs))
    made = _make_all(work, store, workers, scheduler, seconds, progress)
    failed = work.failed_points()
    _write_failures(layout, failed, folder)
    months, _ = span_of(experiment.until)
    write_tables(
        store, layout.keys, [experiment.outcome(name) for name in experiment.outcomes],
        layout.own, layout.without, experiment.replicates, months, set(failed),
        places=len(experiment.country),
    )  # fmt: skip
    content = {
        **_manifest(layout), "complete": not failed, "finished": True,
        "failed": len(failed), "seconds": round(time.perf_counter() - began, 2), "runs_made": made,
        "runs_made_again": work.again, "runs_computed_from_months": derived,
    }  # fmt: skip
    write_manifest(folder, content)


def compute_from_months(layout: Layout, store: Store) -> tuple[int, list[str]]:
    """Compute outcomes that chunks do not hold from the months that they do: runs and names.

    A chunk of which anything would be missing still is left alone: its runs are to be made again.
    """
    design, wanted = layout.design, layout.own
    own = design.experiment.own
    ordered = {
        key: design.scenario(int(str(point))).order_month
        for point, key in layout.keys["key"].items()
    }
    known: dict[str, bool] = {}
    names: dict[str, None] = {}
    runs = 0
    for path, header in store.headers():
        new = wanted.untold(header)
        keys = [key for key, *_ in header["pieces"]]
        if not new or not all(key in ordered for key in keys):
            continue
        for name in new:
            known.setdefault(name, registry.from_months(registry.find(name, own)))
        rest = replace(wanted, outcomes={n: d for n, d in wanted.outcomes.items() if n not in new})
        if not all(known[name] for name in new) or not rest.within(header):
            continue
        block = store.read(path)
        if block.months is None:
            continue
        order = np.repeat([ordered[key] for key in keys], [piece.runs for piece in block.pieces])
        values = registry.evaluate(registry.of_months(block.months, order), new, own)
        store.extend(path, {name: wanted.outcomes[name] for name in new}, values)
        runs += len(values)
        names |= dict.fromkeys(new)
    return runs, list(names)


def _check_folder(
    layout: Layout, folder: Path, held: Mapping[str, Any] | None, resume: bool
) -> None:
    """Refuse a folder whose sweep is not to be resumed, or is not a part of this one."""
    if held is None:
        return
    if not resume:
        raise InputError(
            "--out {folder}: the folder holds a sweep ({held}) already; give --resume to go on "
            "with it, or another folder", folder=folder, held=held.get("experiment"),
        )  # fmt: skip
    asked = _manifest(layout)
    differing = [
        key for key in asked["settings"] if key != "outcomes" and _differs(held, asked, key)
    ]
    fewer = set(held.get("settings", {}).get("outcomes", ())) - set(asked["settings"]["outcomes"])
    if fewer:
        raise InputError(
            "--out {folder}: holds the sweep of an experiment with further outcomes: {names}; add "
            "them, or give another folder: outcomes can be added to a sweep and not taken out",
            folder=folder, names=", ".join(sorted(fewer)),
        )  # fmt: skip
    if differing:
        raise InputError(
            "--out {folder}: holds the sweep of an experiment with other {differing}; its runs "
            "cannot be reused: give another folder", folder=folder, differing=", ".join(differing),
        )  # fmt: skip
    if held.get("model") != asked["model"]:
        raise InputError(
            "--out {folder}: made by another version of trucesim, its model or its data "
            "({version}); nothing of it can be reused: give another folder", folder=folder,
            version=held.get("trucesim"),
        )  # fmt: skip
    try:
        design = io.StringIO(read_checked(folder, held, "design.csv"))
        keys = set(pd.read_csv(design, usecols=["key"], dtype=str)["key"])
    except (StoreError, ValueError):  # what the chunks hold, then
        store = Store(folder)
        store.scan()
        keys = set(store.index) - set(layout.keys["without_truce"])
    lost = keys - set(layout.keys["key"])
    if lost:
        raise InputError(
            "--out {folder}: holds the sweep of another experiment ({held}): {count} of its {of} "
            "design points are none of this one; a sweep is extended by further points or more "
            "replicates: give another folder", folder=folder, held=held.get("experiment"),
            count=len(lost), of=len(keys),
        )  # fmt: skip


def _differs(held: Mapping[str, Any], asked: Mapping[str, Any], key: str) -> bool:
    there = held.get("settings")
    if not isinstance(there, dict):
        return False
    # Before 0.2.0 there was no other history.
    return bool({"history": "chance", **there}.get(key) != asked["settings"][key])


def _manifest(layout: Layout) -> dict[str, Any]:
    experiment = layout.design.experiment
    return {
        "command": "sweep",
        "experiment": experiment.name,
        "digest": experiment.digest,
        "trucesim": __version__,
        "model": made_by(experiment.parameters, experiment.country.name),
        "data_digest": data_digest(),
        **of_country(experiment.country.name),
        "points": len(layout.design),
        "replicates": experiment.replicates,
        "months": span_of(experiment.until)[0],
        "computed": {**layout.own.outcomes},
        "settings": {
            "seed": experiment.seed,
            "parameters": experiment.parameters,
            "history": experiment.history,
            "outcomes": list(experiment.outcomes),
            "until": None if experiment.until is None else str(experiment.until),
            "monthly": experiment.monthly,
            "municipal": experiment.municipal,
            "departments": list(experiment.departments),
            **_own_rules(experiment),
        },
        "complete": False,
        **where_made(),
    }


def _own_rules(experiment: Experiment) -> dict[str, str]:
    """Give the digest of rules of one's own, where the experiment is run with any."""
    digests = {rules_digest(name) for name in experiment.rules.values() if is_own(name)}
    return {"rules": ", ".join(sorted(digests))} if digests else {}


def _write_failures(layout: Layout, failed: Mapping[int, tuple[Piece, str]], folder: Path) -> None:
    with told_if_full(folder):
        for path in folder.glob("failures/*.json"):
            path.unlink()
        for point, (piece, told) in failed.items():
            row = layout.design.frame.loc[point]
            content = {
                "point": point,
                "settings": {str(name): str(value) for name, value in row.items()},
                "counterfactual": piece.key != layout.keys.loc[point, "key"],
                "runs": [piece.first, piece.first + piece.runs - 1],
                "traceback": told,
            }
            (folder / "failures").mkdir(exist_ok=True)
            path = folder / "failures" / f"{point:06d}.json"
            put_whole(path, partial(write_json, content))


@dataclass
class _Pace:
    """How many runs make a task of the length that is wanted, learned from those that came back."""

    seconds: float
    taken: list[float] = field(default_factory=list)

    def runs(self) -> int:
        if not self.taken:
            return FIRST_RUNS
        wanted = self.seconds / float(np.median(self.taken[-9:]))
        return int(np.clip(round(wanted), 1, MOST_RUNS_OF_A_TASK))

    def learn(self, made: Made) -> None:
        if made.runs:
            self.taken.append(made.seconds / made.runs)


def _make_all(
    work: Work,
    store: Store,
    workers: int | None,
    scheduler: str | None,
    seconds: float,
    progress: Progress | None,
) -> int:
    """Hand out tasks until nothing is left, and write what comes back; gives the runs made."""
    began, made_here = time.perf_counter(), 0
    pace = _Pace(seconds)
    pending: dict[Future[Made], Task] = {}
    suspects: list[Task] = []
    alone = False
    stop = threading.Event()

    def take_in(future: Future[Made]) -> None:
        nonlocal made_here
        task = pending.pop(future)
        try:
            made = future.result()
        except (InputError, KeyboardInterrupt):
            raise
        except CancelledError:  # not by this process, which forgets what it cancels
            raise StoreError(gone(scheduler or "")) from None
        except Exception:
            # Lost as a whole, such as with workers that died: of this task, or of one beside it?
            if len(task.jobs) > 1 or not alone:
                suspects.extend(replace(task, jobs=(job,)) for job in task.jobs)
                return
            told = traceback.format_exc()
            block = Block((), task.outcomes, np.empty((0, len(task.outcomes))))
            made = Made(block, {place: told for place in range(len(task.jobs))}, 0, 0.0)
        if made.block.pieces:
            store.write(made.block)
        work.made(made, task)
        pace.learn(made)
        made_here += made.runs

    def tell() -> None:
        if progress:
            progress(
                Standing(
                    work.done, work.runs, work.points_done, len(work.layout.keys),
                    len(work.failed_points()) if work.failed else 0, made_here,
                    time.perf_counter() - began,
                )
            )  # fmt: skip

    tell()
    if not any(work.gaps.values()):
        return 0
    count = workers or os.cpu_count() or 1
    opened = cluster(scheduler) if scheduler else threads(count, stop)
    with opened as (submit, slots):
        try:
            while True:
                room = AHEAD * slots()
                while len(pending) < room:
                    task = work.take(pace.runs())
                    if task is None:
                        break
                    pending[submit(task)] = task
                # When nothing else is left, one by one, with nothing beside it to be blamed for.
                if not pending and suspects:
                    alone = True
                    task = suspects.pop()
                    pending[submit(task)] = task
                if not pending:
                    break
                for future in wait(pending, timeout=0.5, return_when=FIRST_COMPLETED).done:
                    take_in(future)
                tell()
        except KeyboardInterrupt:
            stop.set()
            for future in [each for each in pending if each.cancel()]:
                del pending[future]
            for future in wait(pending, timeout=None if scheduler is None else 10.0).done:
                with suppress(KeyboardInterrupt):
                    take_in(future)
            raise Interrupted(
                Message(
                    "interrupted; {n:,} of {all:,} runs are in {folder}; go on with --resume",
                    n=work.done, all=work.runs, folder=store.folder,
                )
            ) from None  # fmt: skip
        except BaseException:
            stop.set()
            for future in pending:
                future.cancel()
            raise
    return made_here
