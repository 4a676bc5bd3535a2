"""Following the record: for each posterior draw, the chance that made the observed months.

What happened is one path of a process that could have gone many ways; a what-if about the past
starts from it. In Pearl's three steps: find the chance that made the record, change one thing, live
on with the same chance. Here is the first. Each posterior draw has a particle filter of its own:
its parameters, and a country that all its particles share. Month by month every particle lives the
weeks with the draws of a run number of its own, is weighted by how likely the observed month is
given its count, and particles are resampled. What is kept of a draw is one particle's history,
drawn by weight, as a lineage (:mod:`trucesim.runs.lineage`): the run numbers of its months.

Proposals are guided. Draws are addressed, so the climate, spells and orders that a run number
brings are known before its weeks are lived (:mod:`trucesim.engine.ahead`): each particle chooses
among :data:`CANDIDATES` run numbers by where these would take its count, and its weight is divided
by the probability of that choice. A few particles live the month ahead, with run numbers of their
own, to tell by how much that guess is off in all alike; weights stay exact, as those numbers serve
nothing else.

Parameters are not reweighted: each draw's log-likelihood is told instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trucesim.compilation import digest_of_sources
from trucesim.engine.ahead import live_abreast, look_ahead
from trucesim.engine.tables import Setting, State, new_output, new_scratch
from trucesim.engine.week import live
from trucesim.files.errors import InputError, Message
from trucesim.parameters import parameter_dtype
from trucesim.runs.kept import keep, kept, key_of_piece
from trucesim.runs.lineage import HOME, NUMBERS, Lineage, check_parameters
from trucesim.runs.provenance import made_by
from trucesim.runs.sampling import Draws, distinct_draws, parameters_of_draws
from trucesim.runs.simulate import check_numbers, empty_state, in_threads, prepare
from trucesim.runs.store import told_if_full
from trucesim.scenario.change import by_own_hazard
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.observed import observed
from trucesim.world.periods import FloatArray

Progress = Callable[[str, int, int], None]

SEED = 2016

CANDIDATES = 16
"""Run numbers among which a particle chooses its month's."""

PILOTS = 8
"""Particles that live each month ahead."""

MOST_PARTICLES = (NUMBERS - 1 - PILOTS) // CANDIDATES


def most_members(particles: int) -> int:
    """Tell how many of so many particles can live on from each month, by numbers of their own."""
    return (HOME - PILOTS - particles * CANDIDATES) // calendar.MONTHS


TOLERANCE = 0.08
"""Standard deviation of the logarithm of an observed month about that of a particle's count.

A month is a few hundred homicides: by chance alone a count differs by that much.
"""

GUIDE = 0.25
"""The same about what is expected of a particle, of which only leaderships are known."""

UNGUIDED = 0.1
"""Part of the choices among candidates that pays no heed to the guide, so that no weight is large.
"""

FEWEST_EFFECTIVE = 20.0
"""Effective size below which a month's weights are tempered; with fewer than 200 particles, a tenth
of them."""

FAR = 3.0
"""A month that no particle comes closer to than so many tolerances counts as missed."""

LINEAGES = "lineages"
"""Folder of what was found of each draw."""


@dataclass(frozen=True, eq=False)
class Followed:
    """A posterior draw's lineage, and how well its filter followed the record.

    Attributes
    ----------
    row : int
        The draw's row in the posterior.
    lineage : Lineage
    months : ndarray of int, shape (month,)
        Homicides of the path that was kept.
    effective, tempered : ndarray of float, shape (month,)
        Effective number of particles, by their weights and by the tempered ones.
    exponent : ndarray of float, shape (month,)
        What weights were taken to the power of: 1 where they were not tempered.
    log_likelihood : ndarray of float, shape (month,)
        Logarithm of the month's mean weight, untempered.
    missed : ndarray of bool, shape (month,)
        Whether no particle came near.
    """

    row: int
    lineage: Lineage
    months: NDArray[np.int64]
    effective: FloatArray
    tempered: FloatArray
    exponent: FloatArray
    log_likelihood: FloatArray
    missed: NDArray[np.bool_]


def follow(
    scenario: Scenario | str = "truce-2012",
    draws: int = 100,
    particles: int = 200,
    folder: Path | None = None,
    *,
    record: ArrayLike | None = None,
    skip: int = 0,
    tolerance: float = TOLERANCE,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Followed]:
    """Find, for each of some posterior draws, a lineage that follows the record.

    Parameters
    ----------
    scenario : Scenario or str
        What was decided, on its dates. The gangs' answers come by the model's own hazard.
    draws : int
        Posterior draws, distinct and evenly chosen by weight; the first ones are the same however
        many are taken.
    particles : int
        Of each draw's filter.
    folder : Path, optional
        Holds what was found of each draw, written as it ends; what is there and was made the same
        way is used.
    record : array of float, shape (month,), optional
        Homicides to be followed, by month of 2009-2016; by default the observed ones.
    skip : int
        Distinct draws to leave out before the first that is taken.
    tolerance : float
        See :data:`TOLERANCE`.
    seed : int
    workers : int, optional
        Threads, a draw each; by default one a core. They change nothing.
    progress : function, optional
        Called as ``progress(what, done, of)``.

    Returns
    -------
    list of Followed
        One a draw.

    Raises
    ------
    InputError
        Numbers out of bounds, a scenario that changes parameters, or no record of positive months.
    StoreError
        The disk is full.
    """
    scenario = load_scenario(scenario) if isinstance(scenario, str) else scenario
    aim = observed_months() if record is None else np.asarray(record, np.float64)
    check_parameters(scenario)
    rows = check(draws, particles, tolerance, aim, skip=skip)
    _, seed, _, workers = check_numbers(1, seed, 0, workers)
    own = by_own_hazard(scenario, calendar.START)
    parameters = parameters_of_draws(rows, seed)
    setting = prepare(own, load_country(), parameters[:1])
    told = [
        digest_of_sources("studies.follow"), *made_by("posterior", load_country().name),
        load_country().digest, own.digest, seed, particles, tolerance, aim.tolist(),
    ]  # fmt: skip
    found: dict[int, Followed] = {}
    missing = []
    for d, row in enumerate(rows):
        key = key_of_piece([*told, d, int(row), parameters[d].tolist()])
        held = None if folder is None else _read(_path(folder, d), key)
        if held is None:
            missing.append((d, key))
        else:
            found[d] = held

    def follow_one(number: int) -> None:
        d, key = missing[number]
        own = setting._replace(p=parameters[d : d + 1])
        one = Filter(own, aim, d, seed, particles, tolerance).run(int(rows[d]))
        if folder is not None:
            _write(one, key, _path(folder, d))
        found[d] = one

    def finished(count: int) -> None:
        if progress:
            progress(Message("draws"), draws - len(missing) + count, draws)

    if missing:
        if folder is not None:
            with told_if_full(folder):
                (folder / LINEAGES).mkdir(parents=True, exist_ok=True)
        # Compiled once, before threads ask for it at the same time.
        _country(setting, seed, 0)
        in_threads(follow_one, range(len(missing)), workers, finished)
    finished(len(missing))
    return [found[d] for d in range(len(rows))]


def observed_months() -> FloatArray:
    """Give the record that is followed: homicides by month of 2009-2016."""
    months = observed()["recorded_national"].sel(month=calendar.months())
    return np.asarray(months.values[0], np.float64)


def check(
    draws: int,
    particles: int,
    tolerance: float,
    aim: FloatArray,
    posterior: Draws | None = None,
    *,
    skip: int = 0,
) -> NDArray[np.int64]:
    """Check what filters are asked for, and give the rows of the posterior that are taken.

    Raises
    ------
    InputError
        Numbers out of bounds, or no record of positive months.
    """
    whole = isinstance(particles, int | np.integer) and not isinstance(particles, bool)
    if not whole or not 2 <= particles <= MOST_PARTICLES:
        raise InputError(
            "particles = {particles!r}, but it must be a whole number 2 to {most}",
            particles=particles, most=MOST_PARTICLES,
        )  # fmt: skip
    if not 0.01 <= tolerance <= 1.0:
        raise InputError("tolerance = {tolerance!r}, but it must be 0.01 to 1", tolerance=tolerance)
    if aim.shape != (calendar.MONTHS,) or not (np.isfinite(aim) & (aim > 0.0)).all():
        raise InputError(
            "record: it must have {months} months, all above 0", months=calendar.MONTHS
        )
    if not isinstance(skip, int | np.integer) or isinstance(skip, bool) or skip < 0:
        raise InputError("skip = {skip!r}, but it must be a whole number, 0 or more", skip=skip)
    rows = distinct_draws(draws, posterior)
    return distinct_draws(skip + draws, posterior)[skip:] if skip else rows


# The filter


class _Block(NamedTuple):
    """The weeks that begin in a month, and where their days lie."""

    weeks: range
    first_day: int
    until: int
    """The day after the month's last."""
    stop: int
    """The day after the weeks' last."""
    days: NDArray[np.int64]
    """Shape (week,): days of each week."""
    inside: NDArray[np.int64]
    """Shape (week,): those that lie in the month."""

    @classmethod
    def of(cls, month: int, month_of_day: NDArray[np.int64]) -> _Block:
        """Find them; ``month_of_day`` has the days that there is room for."""
        end = len(month_of_day)
        first, after = np.searchsorted(month_of_day[::7], (month, month + 1)).tolist()
        weeks = range(first, after)
        until = int(np.searchsorted(month_of_day, month + 1))
        starts = 7 * np.array(weeks)
        days, inside = (np.minimum(7, stop - starts) for stop in (end, until))
        return cls(weeks, int(starts[0]), until, min(7 * after, end), days, inside)


class _Assimilated(NamedTuple):
    """What a filter did in a month."""

    numbers: NDArray[np.int64]
    """Shape (particle,): run numbers that were chosen."""
    counts: NDArray[np.int64]
    """Shape (particle,): homicides in the month."""
    parent: NDArray[np.int64]
    """Shape (particle,): the particle of which each was a copy at the month's end."""
    log_mean: float
    effective: float
    tempered: float
    exponent: float
    missed: bool


class Filter:
    """The particles of one draw.

    Parameters
    ----------
    setting : Setting
        With the draw's parameters.
    aim : array of float, shape (month,)
    d : int
        The draw's number, which gives its run numbers.
    seed, particles : int
    tolerance : float
    """

    def __init__(
        self, setting: Setting, aim: FloatArray, d: int, seed: int, particles: int, tolerance: float
    ) -> None:
        self.setting, self.aim, self.seed, self.tolerance = setting, aim, seed, tolerance
        self.d, self.particles = d, particles
        self.first, self.home = d * NUMBERS, d * NUMBERS + HOME
        country = _country(setting, seed, self.home)
        # One table a field for all particles.
        self.states = State._make(np.repeat(array[None], particles, axis=0) for array in country)
        self.pilots = State._make(np.repeat(array[None], PILOTS, axis=0) for array in country)
        self.scratch = new_scratch(setting, country)
        # What a life leaves behind is read off after every month and belongs to no particle.
        days = len(setting.month_of_day)
        self.output = new_output(calendar.months_in(days), days, len(setting.places.given))
        self.begun = np.zeros(particles, np.int64)
        """Homicides on those days of the month to come that are lived already."""
        self.level = np.full(particles, float(setting.p[0]["homicide_level"]))
        """Homicides a day of late, over what leaderships brought."""
        self.log_weights = np.full(particles, -math.log(particles))

    def run(self, row: int) -> Followed:
        """Follow the record, and keep one particle's history."""
        steps = [self.assimilate(month) for month in range(calendar.MONTHS)]
        slot = _drawn(
            np.exp(self.log_weights), _generator(self.seed, self.d, calendar.MONTHS).random()
        )
        path = np.zeros((2, calendar.MONTHS), np.int64)
        for month, step in reversed(list(enumerate(steps))):
            slot = int(step.parent[slot])
            path[:, month] = step.numbers[slot], step.counts[slot]
        return Followed(
            row,
            Lineage(self.setting.p.copy(), self.seed, self.home, path[0]),
            path[1],
            *(
                np.array([getattr(step, name) for step in steps])
                for name in ("effective", "tempered", "exponent", "log_mean", "missed")
            ),
        )

    def assimilate(self, month: int) -> _Assimilated:
        """Live a month in all particles, weigh them by the record, and resample if need be.

        Months are taken in order, from the first on.
        """
        chance = _generator(self.seed, self.d, month)
        numbers, counts, increments = self._live_month(month, chance)
        weighed = _weigh(self.log_weights, increments)
        log_mean, self.log_weights, effective, tempered, exponent = weighed
        distance = np.abs(np.log(self.aim[month] / np.maximum(counts, 0.5)))
        missed = bool(distance.min() > FAR * self.tolerance)
        parent = np.arange(self.particles)
        if _effective(self.log_weights) < 0.5 * self.particles:
            parent = self._resample(chance)
        return _Assimilated(
            numbers, counts, parent, log_mean, effective, tempered, exponent, missed
        )

    def fork(self, setting: Setting) -> Filter:
        """Give a copy that lives on in another setting, with as much room; this one stays."""
        other = copy(self)
        other.setting = setting
        other.states = State._make(array.copy() for array in self.states)
        return other

    def live_on(self, month: int, months: int, members: int) -> NDArray[np.int64]:
        """Live on without a record, after what was assimilated, in particles drawn by weight.

        They are drawn systematically. Each lives with the draws of a run number of its own, which
        nothing else takes: neither the filter nor what lives on from another month.

        Parameters
        ----------
        month : int
            The first that is not assimilated.
        months : int
        members : int
            See :func:`most_members`.

        Returns
        -------
        ndarray of int, shape (member, month)
            Homicides.
        """
        chance = _generator(self.seed, self.d, calendar.MONTHS + month)
        slots = self._systematic(members, chance.random())
        states = State._make(array[slots] for array in self.states)
        first = self.first + self.particles * CANDIDATES + PILOTS + members * (month - 1)
        numbers = first + np.arange(members)
        begun, found = self.begun[slots], np.empty((members, months), np.int64)
        for ahead in range(months):
            block = _Block.of(month + ahead, self.setting.month_of_day)
            lived = self._live(block, numbers, states)
            found[:, ahead] = begun + lived[:, 0]
            begun = lived[:, 1]
        return found

    def _live_month(
        self, month: int, chance: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
        """Live a month in all particles.

        Returns
        -------
        numbers : ndarray of int, shape (particle,)
            Run numbers that were chosen.
        counts : ndarray of int, shape (particle,)
            Homicides in the month.
        increments : ndarray of float, shape (particle,)
            Logarithm of what weights are multiplied by.
        """
        block = _Block.of(month, self.setting.month_of_day)
        leaderships = self.states.leaderships
        shared = self._live_ahead(block, leaderships)
        slots = np.arange(self.particles)
        brought = self._look_ahead(block, self.first, leaderships, CANDIDATES)
        to_come = shared * self.level[:, None] * (brought @ block.inside)
        expected = np.maximum(self.begun[:, None] + to_come, 1.0)
        apart = np.log(self.aim[month] / expected)
        chosen, log_odds = _choose(apart, chance.random(self.particles))
        numbers = self.first + slots * CANDIDATES + chosen
        lived = self._live(block, numbers, self.states)
        counts = self.begun + lived[:, 0]
        self.begun = lived[:, 1]
        level = np.maximum(lived.sum(axis=1), 1) / (brought[slots, chosen] @ block.days)
        self.level = 0.5 * (self.level + level)
        apart = np.log(self.aim[month] / np.maximum(counts, 0.5)) / self.tolerance
        constant = math.log(self.tolerance * math.sqrt(2.0 * math.pi))
        return numbers, counts, -0.5 * apart**2 - constant - log_odds

    def _live(self, block: _Block, numbers: NDArray[np.int64], states: State) -> NDArray[np.int64]:
        """Live a month's weeks, and count homicides in the month and on the days beyond.

        Returns
        -------
        ndarray of int, shape (state, 2)
        """
        daily = np.empty((len(numbers), block.stop - block.first_day), np.int64)
        live_abreast(
            self.setting, self.seed, numbers, self.home, states, self.scratch, self.output,
            block.weeks.start, block.weeks.stop, daily,
        )  # type: ignore[no-untyped-call]  # fmt: skip
        inside = block.until - block.first_day
        return np.stack([daily[:, :inside].sum(axis=1), daily[:, inside:].sum(axis=1)], axis=1)

    def _look_ahead(
        self, block: _Block, first: int, leaderships: NDArray[np.void], each: int
    ) -> FloatArray:
        """Tell what leaderships would bring by run numbers, shape (particle, candidate, week).

        Particle j's candidates are the ``each`` numbers from ``first + each * j`` on.
        """
        levels = np.empty((len(leaderships), each, len(block.weeks)))
        room = leaderships[0].copy()
        look_ahead(self.setting, self.seed, first, leaderships, room, block.weeks.start, levels)  # type: ignore[no-untyped-call]
        return levels

    def _live_ahead(self, block: _Block, leaderships: NDArray[np.void]) -> float:
        """Live the month in a few particles, to tell how much more or less there is in all."""
        slots = self._systematic(PILOTS, 0.5)
        first = self.first + self.particles * CANDIDATES
        brought = self._look_ahead(block, first, leaderships[slots], 1)[:, 0]
        expected = self.level[slots] * (brought @ block.inside)
        for pilots, states in zip(self.pilots, self.states, strict=True):
            np.take(states, slots, axis=0, out=pilots)
        found = self._live(block, first + np.arange(PILOTS), self.pilots)[:, 0]
        return float(np.exp(np.median(np.log((found + 1.0) / (expected + 1.0)))))

    def _systematic(self, count: int, shift: float) -> NDArray[np.int64]:
        """Draw so many particles by weight, at even steps of the weights."""
        reached = np.cumsum(np.exp(self.log_weights))
        points = (np.arange(count) + shift) / count
        return np.searchsorted(reached / reached[-1], points, side="right")

    def _resample(self, chance: np.random.Generator) -> NDArray[np.int64]:
        """Draw particles by weight, systematically; those that stay keep their place.

        Returns
        -------
        ndarray of int, shape (particle,)
            The particle of which each is a copy now.
        """
        drawn = self._systematic(self.particles, chance.random())
        copies = np.bincount(drawn, minlength=self.particles)
        parent = np.arange(self.particles)
        parent[copies == 0] = np.repeat(parent, np.maximum(copies - 1, 0))
        gone = np.flatnonzero(copies == 0)
        for states in self.states:
            for slot in gone:
                states[slot] = states[parent[slot]]
        self.begun, self.level = self.begun[parent], self.level[parent]
        self.log_weights = np.full(self.particles, -math.log(self.particles))
        return parent


def _choose(apart: FloatArray, chance: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Choose each particle's candidate.

    Parameters
    ----------
    apart : array, shape (particle, candidate)
        Logarithm of the record over what is expected.
    chance : array, shape (particle,)

    Returns
    -------
    chosen : ndarray of int, shape (particle,)
    log_odds : ndarray of float, shape (particle,)
        Logarithm of the probability of that choice over that of one without a guide.
    """
    guide = -0.5 * (apart / GUIDE) ** 2
    guide = np.exp(guide - guide.max(axis=1, keepdims=True))
    guide /= guide.sum(axis=1, keepdims=True)
    odds = (1.0 - UNGUIDED) * guide + UNGUIDED / apart.shape[1]
    reached = np.cumsum(odds, axis=1)
    chosen = (reached <= (chance * reached[:, -1])[:, None]).sum(axis=1)
    return chosen, np.log(odds[np.arange(len(odds)), chosen] * apart.shape[1])


def fewest(particles: int) -> float:
    """Give the effective size below which a month's weights are tempered."""
    return min(FEWEST_EFFECTIVE, 0.1 * particles)


def _weigh(
    log_weights: FloatArray, increments: FloatArray
) -> tuple[float, FloatArray, float, float, float]:
    """Weigh particles by a month, tempered where too few would count.

    Returns
    -------
    log_mean : float
        Logarithm of the mean of the increments, by the weights so far.
    log_weights : ndarray, shape (particle,)
        Summing to 1, tempered.
    effective, tempered : float
        Effective sizes.
    exponent : float
    """
    whole, log_mean = _normal(log_weights + increments)
    effective = _effective(whole)
    enough = fewest(len(increments))
    if effective >= enough:
        return log_mean, whole, effective, effective, 1.0
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        suffices = _effective(_normal(log_weights + middle * increments)[0]) >= enough
        low, high = (middle, high) if suffices else (low, middle)
    tempered = _normal(log_weights + low * increments)[0]
    return log_mean, tempered, effective, _effective(tempered), low


def _normal(log_weights: FloatArray) -> tuple[FloatArray, float]:
    """Scale weights to the sum 1, and give the logarithm of their sum."""
    highest = log_weights.max()
    total = float(highest + np.log(np.exp(log_weights - highest).sum()))
    return log_weights - total, total


def _effective(log_weights: FloatArray) -> float:
    """Give the effective number of particles, of weights that sum up to 1."""
    return float(1.0 / np.exp(2.0 * log_weights).sum())


def _drawn(weights: FloatArray, share: float) -> int:
    """Draw one particle by weight."""
    reached = np.cumsum(weights)
    return int(np.searchsorted(reached / reached[-1], share, side="right"))


def _generator(seed: int, d: int, month: int) -> np.random.Generator:
    """Give the chance of the filter itself, for one draw and month."""
    return np.random.Generator(np.random.Philox(key=[seed, d * NUMBERS + month]))


def _country(setting: Setting, seed: int, home: int) -> State:
    """Draw the country that all particles share, before its first week."""
    state = empty_state(setting)
    places, days = len(setting.places.given), len(setting.month_of_day)
    output = new_output(calendar.months_in(days), days, places)
    scratch = new_scratch(setting, state)
    live(setting, seed, np.array([home]), home, state, scratch, output, 0, 0)  # type: ignore[no-untyped-call]
    return state


# What is kept


def _path(folder: Path, d: int) -> Path:
    return folder / LINEAGES / f"{d:04}.json"


def _write(one: Followed, key: str, path: Path) -> None:
    """Write what was found of a draw."""
    told = {name: value for name, value in vars(one).items() if isinstance(value, np.ndarray)}
    p = one.lineage.parameters
    content = {
        "row": one.row, "seed": one.lineage.seed, "home": one.lineage.home,
        "runs": one.lineage.runs.tolist(),
        **{name: value.tolist() for name, value in told.items()},
        "parameters": dict(zip(p.dtype.names or (), p[0].tolist(), strict=True)),
    }  # fmt: skip
    keep(content, key, path)


def _read(path: Path, key: str) -> Followed | None:
    """Read what was found of a draw; None where there is nothing, or nothing made the same way."""
    return kept(path, key, _followed)


def _followed(held: dict[str, Any]) -> Followed:
    p = np.zeros(1, parameter_dtype())
    for name, value in held["parameters"].items():
        p[name] = value
    kinds: dict[str, Any] = {"months": np.int64, "missed": np.bool_}
    names = "months", "effective", "tempered", "exponent", "log_likelihood", "missed"
    arrays: dict[str, Any] = {
        name: np.array(held[name], kinds.get(name, np.float64)) for name in names
    }
    lineage = Lineage(p, held["seed"], held["home"], np.array(held["runs"], np.int64))
    return Followed(held["row"], lineage, **arrays)
