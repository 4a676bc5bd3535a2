"""Forecasts from a month on: what the record and the model say of the months after it.

For each posterior draw the filter of :mod:`trucesim.studies.follow` takes in the record up to a
month, the origin; then some of its particles, drawn by weight, live on without a record. Nothing
that was decided after the origin is known (:func:`trucesim.scenario.change.known_by`): conditions
hold on as they are on its last day, and the gangs' answers come by the model's own hazard.

Beside it stand the naive forecasts of :mod:`trucesim.outcomes.forecasts`, which see the same months
and the days of the same orders. A forecast inside the years that the posterior was fitted to is no
test; forecasts that are one, from posteriors that saw nothing after the origin's year began, are
made and scored by :mod:`trucesim.studies.hindcast`.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from trucesim.compilation import digest_of_sources
from trucesim.engine.tables import Setting
from trucesim.files.errors import InputError
from trucesim.outcomes.forecasts import (
    INTERVAL,
    MODEL,
    MONTH,
    Days,
    Series,
    naive_forecasts,
    orders_of,
    quantiles,
    score_members,
)
from trucesim.runs.kept import keep, kept, key_of_piece
from trucesim.runs.lineage import check_parameters
from trucesim.runs.provenance import made_by
from trucesim.runs.sampling import distinct_draws, parameters_of_draws
from trucesim.runs.simulate import check_numbers, in_threads, prepare
from trucesim.runs.store import told_if_full
from trucesim.scenario.change import by_own_hazard, known_by
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.studies.follow import (
    SEED,
    TOLERANCE,
    Filter,
    Progress,
    check,
    most_members,
    observed_months,
)
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.periods import FloatArray, parse

DRAWS, PARTICLES, MEMBERS = 60, 100, 10
"""Posterior draws, particles of each one's filter, and particles of each that live on."""

FURTHEST = 36
"""Months, at most."""

PIECES = "draws"
"""Folder of what was found of each draw."""

FIRST, LAST_ORIGIN = (np.datetime64(day, "M") for day in (calendar.START, calendar.END))


@dataclass(frozen=True, eq=False)
class Forecast:
    """A forecast from one month on.

    Attributes
    ----------
    scenario : Scenario
        What is known at the origin.
    origin : datetime64[M]
        The last month that was taken in.
    months : ndarray of datetime64[M], shape (month,)
    rows : ndarray of int, shape (draw,)
        The draws' rows in the posterior.
    members : ndarray of int, shape (draw, member, month)
        Homicides.
    particles, seed : int
    past : Series
        The record up to the origin: all that naive forecasts see.
    observed : ndarray of float, shape (month,)
        What happened; NaN after December 2016.
    seconds : float
        Time taken.
    """

    scenario: Scenario
    origin: np.datetime64
    months: NDArray[np.datetime64]
    rows: NDArray[np.int64]
    members: NDArray[np.int64]
    particles: int
    seed: int
    past: Series
    observed: FloatArray
    seconds: float

    @property
    def pooled(self) -> FloatArray:
        """All members as one ensemble, shape (member, month)."""
        return self.members.reshape(-1, len(self.months)).astype(np.float64)


def forecast(
    origin: str,
    months: int = 12,
    scenario: Scenario | str | Path = "truce-2012",
    draws: int = DRAWS,
    particles: int = PARTICLES,
    folder: Path | None = None,
    *,
    members: int = MEMBERS,
    record: ArrayLike | None = None,
    tolerance: float = TOLERANCE,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Forecast the months after one, from the record up to its end.

    Parameters
    ----------
    origin : str
        A month of 2009-2016, such as 2014-06: the last that is taken in.
    months : int
        How many to forecast, 1 to :data:`FURTHEST`, not beyond December 2019.
    scenario : Scenario, str or Path
        What was decided up to the origin; what it lets happen later is left out.
    draws, particles : int
        As for :func:`trucesim.studies.follow.follow`.
    folder : Path, optional
        Holds what was found of each draw, written as it ends; what is there and was made the same
        way is used.
    members : int
        Particles of each draw that live on.
    record, tolerance, seed, workers, progress
        As for :func:`trucesim.studies.follow.follow`; nothing of the record after the origin is
        used.

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        A month outside, numbers out of bounds, or a scenario that changes parameters.
    StoreError
        The disk is full.
    """
    began = time.perf_counter()
    last = check_span(origin, months)
    aim = observed_months() if record is None else np.asarray(record, np.float64)
    made = Origins.of(scenario, (last,), (months,), particles, members, aim, tolerance, seed)
    rows = check(draws, particles, tolerance, aim)
    found = made.ensembles(
        parameters_of_draws(rows, made.seed), folder, workers=workers, progress=progress
    )
    ahead = np.arange(last + 1, last + 1 + months)
    observed = np.full(months, np.nan)
    inside = ahead < calendar.MONTHS
    observed[inside] = aim[ahead[inside]]
    return Forecast(
        made.known[0], month_at(last), month_at(ahead), rows, np.stack([each[0] for each in found]),
        particles, made.seed, past_of(aim, last), observed,
        time.perf_counter() - began,
    )  # fmt: skip


def check_asked(
    origin: str,
    months: int,
    scenario: Scenario | str | Path,
    draws: int,
    particles: int,
    *,
    workers: int | None = None,
) -> None:
    """Check what a forecast is asked for, before anything is run; see :func:`forecast`."""
    last = check_span(origin, months)
    check_numbers(1, SEED, 0, workers)
    check(draws, particles, TOLERANCE, observed_months())
    Origins.of(scenario, (last,), (months,), particles, MEMBERS, observed_months(), TOLERANCE, SEED)


def check_span(origin: str, months: int) -> int:
    """Check from where and how far to forecast, and give the origin's month, from 0.

    Raises
    ------
    InputError
        No month of the record, or months out of bounds.
    """
    try:
        period = parse(origin)
    except InputError:
        period = None
    if period is None or not period.in_whole_months or period.months != 1:
        raise InputError("origin {origin!r}: give a month, such as 2014-06", origin=origin)
    month = int((np.datetime64(period.start, "M") - FIRST).astype(int))
    if not 0 <= month < calendar.MONTHS:
        raise InputError(
            "origin {origin}: outside the record; give a month from {low} to {high}", origin=origin,
            low=FIRST, high=LAST_ORIGIN,
        )  # fmt: skip
    room = int((np.datetime64(calendar.LAST, "M") - FIRST).astype(int)) - month
    most = min(FURTHEST, room)
    whole = isinstance(months, int | np.integer) and not isinstance(months, bool)
    if not whole or not 1 <= months <= most:
        raise InputError(
            "months = {months!r}, but from {origin} it must be a whole number 1 to {most}",
            months=months, origin=origin, most=most,
        )  # fmt: skip
    return month


# Ensembles


class Origins(NamedTuple):
    """Forecasts from one or several months, by one filter a draw.

    Attributes
    ----------
    months : tuple of int
        The origins, in order; months from the start.
    ahead : tuple of int
        How many months are forecast from each.
    known : tuple of Scenario
        What is known at each.
    settings : tuple of Setting
        The same, prepared; parameters are any.
    particles, members : int
    aim : ndarray of float, shape (month,)
        The record, up to the last origin.
    tolerance : float
    seed : int
    """

    months: tuple[int, ...]
    ahead: tuple[int, ...]
    known: tuple[Scenario, ...]
    settings: tuple[Setting, ...]
    particles: int
    members: int
    aim: FloatArray
    tolerance: float
    seed: int

    @classmethod
    def of(
        cls,
        scenario: Scenario | str | Path,
        origins: Sequence[int],
        ahead: Sequence[int],
        particles: int,
        members: int,
        aim: FloatArray,
        tolerance: float,
        seed: int,
    ) -> Origins:
        """Check and prepare them; ``ahead`` has a number of months for each origin."""
        _, seed, _, _ = check_numbers(1, seed, 0, None)
        scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        check_parameters(scenario)
        check(1, particles, tolerance, aim)
        most = most_members(particles)
        whole = isinstance(members, int | np.integer) and not isinstance(members, bool)
        if not whole or not 1 <= members <= most:
            raise InputError(
                "members = {members!r}, but beside {particles} particles it must be a whole number "
                "1 to {most}", members=members, particles=particles, most=most,
            )  # fmt: skip
        last = month_at(max(month + length for month, length in zip(origins, ahead, strict=True)))
        days = calendar.days_for(last.astype(dt.date))
        any_draw = parameters_of_draws(distinct_draws(1), seed)
        own = by_own_hazard(scenario, calendar.START)
        known = tuple(known_by(own, end_of(each)) for each in origins)
        settings = tuple(prepare(each, load_country(), any_draw, days) for each in known)
        return cls(
            tuple(origins), tuple(ahead), known, settings, particles, members,
            aim[: origins[-1] + 1], tolerance, seed,
        )  # fmt: skip

    def orders(self, number: int) -> Days:
        """Give the days of orders to hold fire that are known at an origin."""
        return orders_of(self.known[number])

    def ensembles(
        self,
        parameters: NDArray[np.void],
        folder: Path | None = None,
        *,
        first: int = 0,
        workers: int | None = None,
        progress: Progress | None = None,
        what: str = "draws",
    ) -> list[list[NDArray[np.int64]]]:
        """Filter each draw of parameters, and let particles live on from each origin.

        Parameters
        ----------
        parameters : array of parameter records, shape (draw,)
        folder : Path, optional
            As for :func:`forecast`.
        first : int
            The first draw's number, which gives its run numbers.
        workers : int, optional
        progress : function, optional
            Called as ``progress(what, done, of)``.
        what : str

        Returns
        -------
        list of list of ndarray of int, by draw and origin, shape (member, month)
            Homicides.
        """
        check_numbers(1, self.seed, 0, workers)
        told = [
            digest_of_sources("studies.forecast"), *made_by("prior", load_country().name),
            [each.digest for each in self.known], self.months, self.ahead, self.particles,
            self.members, self.aim.tolist(), self.tolerance, self.seed,
        ]  # fmt: skip
        found: dict[int, list[NDArray[np.int64]]] = {}
        missing = []
        for d, row in enumerate(parameters):
            key = key_of_piece([*told, first + d, row.tolist()])
            held = None if folder is None else _read(_path(folder, d), key)
            if held is None:
                missing.append((d, key))
            else:
                found[d] = held

        def live_one(number: int) -> None:
            d, key = missing[number]
            lived = self._live(parameters[d : d + 1], first + d)
            if folder is not None:
                _write(lived, key, _path(folder, d))
            found[d] = lived

        def finished(count: int) -> None:
            if progress:
                progress(what, len(parameters) - len(missing) + count, len(parameters))

        if missing and folder is not None:
            with told_if_full(folder):
                (folder / PIECES).mkdir(parents=True, exist_ok=True)
        finished(0)
        in_threads(live_one, range(len(missing)), workers, finished)
        return [found[d] for d in range(len(parameters))]

    def _live(self, parameters: NDArray[np.void], d: int) -> list[NDArray[np.int64]]:
        """Filter one draw up to the last origin, and live on from each."""
        settings = [each._replace(p=parameters) for each in self.settings]
        through = Filter(settings[-1], self.aim, d, self.seed, self.particles, self.tolerance)
        found = []
        for month in range(self.months[-1] + 1):
            if month in self.months:
                # The last week reaches into the next month: it too knows of nothing that is later.
                number = self.months.index(month)
                here = through.fork(settings[number])
                here.assimilate(month)
                found.append(here.live_on(month + 1, self.ahead[number], self.members))
            if month < self.months[-1]:
                through.assimilate(month)
        return found


def month_at(number: Any) -> Any:
    """Give months by their numbers from 0, as ``datetime64[M]``."""
    return FIRST + number * MONTH


def end_of(month: int) -> dt.date:
    """Give the last day of a month, counted from 0."""
    after: dt.date = month_at(month + 1).astype(dt.date)
    return after - dt.timedelta(days=1)


def past_of(record: FloatArray, origin: int) -> Series:
    """Give the record up to an origin."""
    return Series(month_at(np.arange(origin + 1)), record[: origin + 1])


def _path(folder: Path, d: int) -> Path:
    return folder / PIECES / f"{d:04}.json"


def _write(lived: list[NDArray[np.int64]], key: str, path: Path) -> None:
    """Write what was found of a draw."""
    keep({"members": [each.tolist() for each in lived]}, key, path)


def _read(path: Path, key: str) -> list[NDArray[np.int64]] | None:
    """Read what was found of a draw; None where there is nothing, or nothing made the same way."""
    return kept(path, key, lambda held: [np.array(each, np.int64) for each in held["members"]])


# Tables


LEVELS = (INTERVAL[0], 0.5, INTERVAL[1])
COLUMNS = ["method", "month", "p05", "median", "p95", "observed"]
SCORED = ["inside", "crps", "log_score", "pit"]


def compare_methods(
    ensemble: FloatArray, months: NDArray[np.datetime64], observed: FloatArray, past: Series,
    orders: Days,
) -> pd.DataFrame:  # fmt: skip
    """Put a forecast and the naive ones side by side, month by month, and score what happened.

    Parameters
    ----------
    ensemble : array, shape (member, month)
    months : ndarray of datetime64[M], shape (month,)
    observed : array, shape (month,)
        NaN in the last months where nothing is known.
    past : Series
        The record up to the origin.
    orders : tuple of date
        Days of orders to hold fire that are known.

    Returns
    -------
    pandas.DataFrame
        One row a method and month, the model's first (:data:`~trucesim.outcomes.forecasts.MODEL`):
        ``method``, ``month`` (text), ``p05``, ``median``, ``p95``, ``observed`` and, where that is
        known, the scores of :func:`trucesim.outcomes.forecasts.score_members`.
    """
    methods = {MODEL: list(ensemble.T), **naive_forecasts(past, months, orders)}
    known = int(np.isfinite(observed).sum())
    tables = []
    for method, members in methods.items():
        rows = [
            dict(zip(("p05", "median", "p95"), quantiles(each, LEVELS).tolist(), strict=True))
            for each in members[known:]
        ]
        told = [score_members(members[:known], observed[:known], months[:known])]
        told.append(pd.DataFrame(rows).assign(month=months[known:].astype(str)))
        tables += [each.assign(method=method) for each in told if len(each)]
    return pd.concat(tables, ignore_index=True).reindex(columns=[*COLUMNS, *SCORED])


def table_of(found: Forecast) -> pd.DataFrame:
    """Give a forecast's table; see :func:`compare_methods`."""
    return compare_methods(
        found.pooled, found.months, found.observed, found.past, orders_of(found.scenario)
    )


def members_of(found: Forecast) -> pd.DataFrame:
    """Give a forecast's members, one a row: ``draw`` (row of the posterior), and each month."""
    frame = pd.DataFrame(found.pooled.astype(np.int64), columns=found.months.astype(str))
    frame.insert(0, "draw", np.repeat(found.rows, found.members.shape[1]))
    return frame


def summary(found: Forecast) -> dict[str, Any]:
    """Gather a forecast, ready for JSON; None where nothing is known."""
    return {
        "origin": str(found.origin),
        "months": len(found.months),
        "scenario": found.scenario.name,
        "draws": len(found.rows),
        "particles": found.particles,
        "members": len(found.pooled),
        "seed": found.seed,
        "forecast": [
            {
                name: None if isinstance(value, float) and not math.isfinite(value) else value
                for name, value in row.items()
            }
            for row in table_of(found).to_dict("records")
        ],
    }
