"""Computing: paired runs of two cases, run by run, for many sessions at once.

One pool of threads, one a core, serves everybody: it always makes the next run of whoever has the
fewest, so that a new question is answered at once and no session holds up another. What a session
asked before is dropped when it asks anew.

A case that was run is kept, by its scenario's digest. A case that was not starts from a stored
state: runs with the same past, up to a week, are the same run up to there, bit for bit. So B starts
where it parts from A, and a changed case where the change begins.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trucesim.engine.tables import Output, State
from trucesim.runs.lineage import digest_of_lineages, parameters_of, shipped_lineages
from trucesim.runs.provenance import attributes
from trucesim.runs.results import Reduction, dataset
from trucesim.runs.sampling import parameters_of_runs
from trucesim.runs.simulate import check_numbers, ready, span_of
from trucesim.scenario.change import without_truce
from trucesim.scenario.scenario import Scenario
from trucesim.studies.history import CHANCE, RECORD, History, Past
from trucesim.workshop.background import Over, beside
from trucesim.world import calendar
from trucesim.world.country import load_country

RUNS = 200

FIRST_RUNS = 6
"""Pairs after which a first result is told of, its bands still wide."""

MORE = 8
"""Times as many pairs of which a session is told next: fewer look the same, and cost as much."""

PATIENCE = 3.0
"""Seconds after which it is told in any case."""

TELLING = 8.0
"""Times its cost, drawing included, that pass before that: it keeps cores from runs."""

CROWD = 4
"""Questions at once from which on each is told of more rarely, as many times as there are more."""

MOST_CASES = 16
"""Cases whose runs are kept, each about 20 MB at 200 runs."""

MOST_STATES = 700_000_000
"""Bytes of stored states, each some half a megabyte."""

YEARS_KEPT = 1, 2
"""The case that stays is kept from where it parts from one without a truce, and from the start of
these years after its order: most changes of the other one begin later."""

MOST_RUNS = 1_000
"""Of one pair, all kept in memory."""

Progress = Callable[[int, int], None]

type Begun = tuple[int, State, Output]
"""A week, and what a run remembers and has left behind by its start."""


@dataclass(frozen=True)
class Pair:
    """What is to be run: one scenario, or two with the same draws.

    Attributes
    ----------
    a : Scenario
    b : Scenario or None
    runs, seed : int
        Runs 0 to ``runs - 1`` under this seed.
    history : {'chance', 'record'}
        With ``record``, the first lineages that follow it; the seed is theirs.
    until : date, optional
        They go as far as the month of this day; by default to the end.
    """

    a: Scenario
    b: Scenario | None = None
    runs: int = RUNS
    seed: int = 1
    history: History = CHANCE
    until: dt.date | None = None


@dataclass(frozen=True)
class PairResults:
    """Runs of a pair with full detail, the same seed and runs on both sides.

    Attributes
    ----------
    a : xarray.Dataset
    b : xarray.Dataset or None
    pair : Pair
    parameters : array of parameter records, shape (run,)
        What the runs took; where one side fixes a parameter, what the other took.
    """

    a: xr.Dataset
    b: xr.Dataset | None
    pair: Pair
    parameters: NDArray[np.void]

    @property
    def runs(self) -> int:
        """How many pairs there are."""
        return int(self.a.sizes["run"])

    @property
    def complete(self) -> bool:
        """Whether these are all that was asked for."""
        return self.runs == self.pair.runs


class Ensemble:
    """A scenario's runs as they are made, by any thread and in any order.

    Parameters
    ----------
    scenario : Scenario
    pair : Pair
        Says which runs.
    """

    def __init__(self, scenario: Scenario, pair: Pair) -> None:
        runs, seed = pair.runs, pair.seed
        self.scenario, self.seed, self.history = scenario, seed, pair.history
        country, lineages = load_country(), None
        self.country = country.digest
        self.months, self.last_week = span_of(pair.until)
        if pair.history == RECORD:
            lineages = shipped_lineages().lineages[:runs]
            parameters = parameters_of(lineages)
        else:
            parameters = parameters_of_runs(country, dict(scenario.parameters), seed, 0, runs)
        self.parameters = parameters
        self.prepared = ready(scenario, country, parameters, seed, lineages=lineages)
        self.kept = Reduction(runs, len(country), "full")
        self.taken = np.zeros(runs, np.bool_)
        self.done = np.zeros(runs, np.bool_)
        self._pasts: dict[int, str] = {}

    def past(self, week: int) -> str:
        """Digest all that a run of this scenario has lived through by the start of a week."""
        if week not in self._pasts:
            day = 7 * week
            scenario = self.scenario
            content = [
                self.country,
                week,
                self.seed,
                self.history,
                sorted(scenario.start.items()),
                sorted(scenario.parameters.items()),
                [
                    [event.date.isoformat(), sorted(event.set.items()), event.gangs]
                    for event in scenario.events
                    if calendar.day_of(event.date) < day
                ],
                sorted(
                    [
                        zone.code,
                        zone.first.isoformat(),
                        zone.last.isoformat(),
                        str(zone.army_leaves),
                    ]
                    for zone in scenario.zones
                    if calendar.day_of(zone.first) < day
                ),
            ]
            self._pasts[week] = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        return self._pasts[week]

    def leading(self) -> int:
        """Count the runs, from the first on, that are there without a gap."""
        return int(self.done.argmin()) if not self.done.all() else len(self.done)

    def results(self, runs: int) -> xr.Dataset:
        """Give the first runs, as :func:`trucesim.runs.simulate.run` does."""
        whole = dataset(self.kept, self.scenario, load_country(), self.seed, 0, self.months)
        taken, lineages = self.parameters[:runs], self.prepared.lineages
        made = attributes(
            self.scenario, load_country(),
            parameters=hashlib.sha256(taken.tobytes()).hexdigest()[:16],
            lineages="" if lineages is None else digest_of_lineages(lineages[:runs]), rules="",
        )  # fmt: skip
        if runs < len(self.done):
            whole = whole.isel(run=slice(runs)).assign_attrs(runs=runs)
        return whole.assign_attrs(made)


class States:
    """States at the start of weeks, by what was lived through; the least used go first.

    Parameters
    ----------
    most_bytes : int
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._by_past: OrderedDict[tuple[int, str], dict[int, Begun]] = OrderedDict()
        self._lock = threading.Lock()

    def latest(self, ensemble: Ensemble, r: int) -> Begun | None:
        """Give the latest state from which a run can go on."""
        with self._lock:
            weeks = sorted({week for week, _ in self._by_past}, reverse=True)
            for week in weeks:
                key = week, ensemble.past(week)
                kept = self._by_past.get(key, {}).get(r)
                if kept is not None:
                    self._by_past.move_to_end(key)
                    return kept
        return None

    def keep(self, ensemble: Ensemble, r: int, begun: Begun) -> None:
        """Store a state, which nobody changes from then on."""
        key = begun[0], ensemble.past(begun[0])
        with self._lock:
            group = self._by_past.setdefault(key, {})
            if r not in group:
                group[r] = begun
                self.bytes += _size(begun)
            self._by_past.move_to_end(key)
            while self.bytes > self.most_bytes:
                _, dropped = self._by_past.popitem(last=False)
                self.bytes -= sum(_size(each) for each in dropped.values())


def _size(begun: Begun) -> int:
    return sum(array.nbytes for part in begun[1:] for array in part)


@dataclass(eq=False)
class Work:
    """What one session asked for, and how far it is."""

    pair: Pair
    sides: tuple[Ensemble, ...]
    tell: Callable[[Work], None]
    patient: bool = False
    """Whether it waits while anybody else has something to be run."""
    handed_out: int = 0
    """Runs before this one are there."""
    cancelled: bool = False
    error: BaseException | None = None
    told_at: float = field(default=0.0)
    told_of: int = 0
    telling: float = 0.0
    """Seconds that the latest telling took, and what was drawn of it."""

    @cached_property
    def stops(self) -> dict[Ensemble, set[int]]:
        """The weeks at whose start a side's states are kept: where others part from it."""
        found = {}
        for side in self.sides:
            scenario = side.scenario
            weeks = _parting(scenario, without_truce(scenario))
            if self.pair.b is not None:
                weeks |= _parting(self.pair.a, self.pair.b)
            if (first := scenario.first_order) is not None and side is self.sides[0]:
                years = (dt.date(first.year + each, 1, 1) for each in YEARS_KEPT)
                weeks |= {calendar.day_of(year) // 7 for year in years if year <= calendar.END}
            found[side] = {week for week in weeks if week < side.last_week}
        return found

    @property
    def ready(self) -> int:
        """How many pairs are there."""
        return min(side.leading() for side in self.sides)

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.cancelled or self.error is not None or self.ready == self.pair.runs

    def results(self) -> PairResults | None:
        """Give the pairs that are there; None if there is none yet."""
        count = self.ready
        if count == 0:
            return None
        of = [side.results(count) for side in self.sides]
        parameters, other = (self.sides[row].parameters[:count] for row in (0, -1))
        parameters = parameters.copy()
        for name in self.pair.a.parameters:
            parameters[name] = other[name]
        return PairResults(of[0], of[1] if len(of) > 1 else None, self.pair, parameters)


class Pool:
    """Threads that make the runs of all sessions.

    Parameters
    ----------
    threads : int, optional
        One a core by default.
    most_cases, most_states : int
        Cases and bytes of states that are kept.
    """

    def __init__(
        self,
        threads: int | None = None,
        most_cases: int = MOST_CASES,
        most_states: int = MOST_STATES,
    ) -> None:
        self.states = States(most_states)
        self.most_cases = most_cases
        self._ensembles: OrderedDict[tuple[Hashable, ...], Ensemble] = OrderedDict()
        self._works: OrderedDict[object, Work] = OrderedDict()
        self._condition = threading.Condition()
        self._over = False
        for _ in range(threads or os.cpu_count() or 1):
            beside(self._serve, stop=self.end)

    def ask(
        self, owner: object, pair: Pair, tell: Callable[[Work], None], *, patient: bool = False
    ) -> Work:
        """Ask for a pair's runs; what the same owner asked before is dropped.

        Parameters
        ----------
        owner : object
            Whose question it is: a session.
        pair : Pair
        tell : function
            Called with the Work as results come in, more rarely the more are there, and once at the
            end or after an error, from one of the pool's threads.
        patient : bool
            Whether it waits while anybody else has something to be run.

        Raises
        ------
        InputError
            Runs or seed out of bounds.
        Over
            The pool has ended: nobody would make the runs.
        """
        check_numbers(pair.runs, pair.seed, 0, None)
        with self._condition:
            if self._over:
                raise Over
            self._drop(owner)
            sides = tuple(
                self._ensemble(scenario, pair)
                for scenario in (pair.a, pair.b)
                if scenario is not None
            )
            work = Work(pair, sides, tell, patient)
            self._works[owner] = work
            self._condition.notify_all()
        return work

    def end(self) -> None:
        """Make no further run: who waits is let go."""
        with self._condition:
            self._over = True
            for owner in list(self._works):
                self._drop(owner)
            self._condition.notify_all()

    def drop(self, owner: object) -> None:
        """Stop working for an owner."""
        with self._condition:
            self._drop(owner)

    @property
    def waiting(self) -> int:
        """How many owners still wait for runs."""
        with self._condition:
            return len(self._works)

    def _drop(self, owner: object) -> None:
        earlier = self._works.pop(owner, None)
        if earlier is not None:
            earlier.cancelled = True

    def _ensemble(self, scenario: Scenario, pair: Pair) -> Ensemble:
        whole = load_country().digest, scenario.digest, pair.runs, pair.seed, pair.history
        # Runs that are there to the end are not lived again for a part of them.
        known = self._ensembles.get((*whole, None))
        key = (*whole, None if known is not None and known.done.all() else pair.until)
        if key not in self._ensembles:
            self._ensembles[key] = Ensemble(scenario, pair)
            while len(self._ensembles) > self.most_cases:
                self._ensembles.popitem(last=False)
        self._ensembles.move_to_end(key)
        found = self._ensembles[key]
        if found.scenario is scenario:
            return found
        # The same runs under another name: they are shared, the words are its own.
        twin = object.__new__(Ensemble)
        twin.__dict__.update(found.__dict__)
        twin.scenario = scenario
        return twin

    def _serve(self) -> None:
        while True:
            with self._condition:
                while (task := None if self._over else self._next()) is None:
                    if self._over:
                        return
                    self._condition.wait()
            work, r, sides = task
            try:
                for side in sides:
                    self._live_one(side, r, work.stops[side])
            except BaseException as error:
                work.error = error
            with self._condition:
                for side in sides:
                    side.taken[r] = side.done[r]
                waiting = list(self._works.items())
                self._condition.notify_all()
            for owner, each in waiting:
                self._report(owner, each)

    def _next(self) -> tuple[Work, int, list[Ensemble]] | None:
        """Choose which runs are made next: a first result for all in turn, then who has fewest."""

        def served(work: Work) -> tuple[bool, int]:
            return work.patient, max(work.handed_out, FIRST_RUNS)

        for work in sorted(self._works.values(), key=served):
            if work.error is not None:
                continue
            while work.handed_out < work.pair.runs and all(
                side.done[work.handed_out] for side in work.sides
            ):
                work.handed_out += 1
            if work.handed_out == work.pair.runs:
                if work.told_of < work.pair.runs:
                    return work, 0, []  # all is there already, and is told of
                continue
            for r in range(work.handed_out, work.pair.runs):
                # What another session's question has taken is waited for, not made twice.
                sides = [side for side in work.sides if not side.taken[r]]
                if sides:
                    for side in sides:
                        side.taken[r] = True
                    return work, r, sides
        return None

    def _live_one(self, side: Ensemble, r: int, stops: set[int]) -> None:
        begun = self.states.latest(side, r)
        for stop in sorted({*stops, side.last_week}):
            if begun is None or stop > begun[0]:
                begun = stop, *side.prepared.live(r, stop, begun)
                if stop < side.last_week:
                    self.states.keep(side, r, begun)
        assert begun is not None
        side.kept.take(r, begun[2])
        side.done[r] = True

    def _report(self, owner: object, work: Work) -> None:
        with self._condition:
            ready, now = work.ready, time.monotonic()
            over = work.error is not None or ready == work.pair.runs
            patience = max(PATIENCE, TELLING * work.telling) * max(1.0, len(self._works) / CROWD)
            waited = now - work.told_at >= patience
            due = ready >= FIRST_RUNS and (ready >= MORE * work.told_of or waited)
            # Nobody is told of more while somebody else has nothing yet.
            due = due and (
                not work.told_of
                or all(each.told_of or each.patient for each in self._works.values())
            )
            if work.cancelled or work.told_of >= work.pair.runs or not (over or due):
                return
            work.told_at, work.told_of = now, work.pair.runs if over else ready
            if over and self._works.get(owner) is work:
                del self._works[owner]
        work.tell(work)
        work.telling = time.monotonic() - now


def _parting(one: Scenario, other: Scenario) -> set[int]:
    """Give the week in which two scenarios part, if they do after the first."""
    date = one.changes_from(other)
    return set() if date is None else {calendar.day_of(date) // 7} - {0}


@cache
def shared_pool() -> Pool:
    """Give the process's pool."""
    return Pool()


def compute(
    pair: Pair, progress: Progress | None = None, pool: Pool | None = None, *, patient: bool = False
) -> PairResults:
    """Run a pair, and wait for it.

    Parameters
    ----------
    pair : Pair
    progress : function, optional
        Called as ``progress(done, of)`` with numbers of pairs, from the calling thread.
    pool : Pool, optional
        The process's own by default.
    patient : bool
        Whether it waits while anybody else has something to be run.

    Returns
    -------
    PairResults
        Bit for bit what :func:`trucesim.runs.simulate.run` gives for each side.

    Raises
    ------
    InputError
        Runs or seed out of bounds, or anything that goes wrong in a run.
    """
    pool = pool or shared_pool()
    owner, told = object(), threading.Event()
    work = pool.ask(owner, pair, lambda _: told.set(), patient=patient)
    try:
        while not work.finished:
            told.wait(0.2)
            told.clear()
            if progress:
                progress(work.ready, pair.runs)
    finally:
        pool.drop(owner)
    if work.error is not None:
        raise work.error
    if work.cancelled and work.ready < pair.runs:
        raise Over
    results = work.results()
    assert results is not None
    return results


def live_pair(
    a: Scenario,
    b: Scenario | None,
    past: Past,
    progress: Progress | None,
    until: dt.date | None = None,
    *,
    pool: Pool | None = None,
    patient: bool = False,
) -> tuple[xr.Dataset, xr.Dataset | None]:
    """Give the runs of a report's cases (`trucesim.reports.cases.Live`), those there are reused."""
    pair = Pair(a, b, past.runs, past.seed, past.history, until)
    found = compute(pair, progress, pool, patient=patient)
    return found.a, found.b
