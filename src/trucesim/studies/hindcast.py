"""Forecasts from rolling origins in the past, scored: hindcasts.

For each year a posterior is fitted to what lay before its first day, from the stored table of runs
of a calibration: every statistic that a later day touches is left out, and the size of the climate
is tuned on the same months. Filters take in the record from 2009 on with draws of that posterior;
from the last month before the year, and then every so many months, some particles live on as
:mod:`trucesim.studies.forecast` lets them: nothing decided after the origin is known.

So no month that is forecast, no later one, and no later decision enters a forecast. What does is
what whoever wrote the rules and chose the priors knew of all these years: no fit undoes that. A
plan says when and how (``[forecast]`` of ``experiments/calibration/plan.toml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from trucesim.files.errors import InputError, Message, nearest
from trucesim.files.reading import shipped_directory
from trucesim.outcomes.forecasts import MODEL, NAIVE, POOLED, SCORES, mean_scores
from trucesim.runs.sampling import Draws, parameters_of_draws, read_draws
from trucesim.runs.simulate import check_numbers
from trucesim.studies.calibration import (
    RUNS_OF_CLIMATE,
    Plan,
    Posterior,
    Table,
    check_installed,
    fit,
    learn_summaries,
    load_plan,
    observed_statistics,
    tune_climate,
)
from trucesim.studies.follow import SEED, TOLERANCE, Progress, check, observed_months
from trucesim.studies.forecast import FIRST, FURTHEST, Origins, compare_methods, month_at, past_of
from trucesim.world import calendar

POSTERIORS = "posteriors"
"""Folder of the posteriors, a file a year."""

YEARS = "years"
"""Folder of what was found of each year's draws."""

NUMBERS_OF_A_YEAR = 1000
"""Numbers of draws that each year has to itself, so that no two share their chance."""

LEAST_INSIDE = 0.8
BEATS_AT = 1, 3
"""What is aimed at: so large a share inside the 90% intervals at every horizon, and a lower CRPS
than every naive forecast's so many months ahead."""


@dataclass(frozen=True)
class Rolling:
    """When forecasts are made, and how.

    Attributes
    ----------
    years : tuple of int
        Each with a posterior of its own.
    every : int
        Months from one origin to the next, from the last month before the year on.
    horizons : tuple of int
        Months ahead that are scored, in ascending order; all up to the last are forecast.
    draws, particles, members : int
        As for :func:`trucesim.studies.forecast.forecast`.
    """

    years: tuple[int, ...]
    every: int
    horizons: tuple[int, ...]
    draws: int
    particles: int
    members: int

    def origins(self, year: int) -> tuple[int, ...]:
        """Give a year's origins, as months from the start."""
        before = 12 * (year - calendar.START.year) - 1
        return tuple(range(before, before + 12, self.every))


def load_rolling(path: str | Path) -> tuple[Plan, Rolling]:
    """Read a calibration's plan, and when and how it lets forecasts be scored.

    Raises
    ------
    InputError
        Not such a plan, or numbers out of bounds.
    """
    plan = load_plan(path)
    where, given = f"{path}: forecast", dict(plan.forecast)
    if not given:
        raise InputError("{path}: there is no table [forecast]", path=path)
    wanted = {"years": list, "every": int, "horizons": list}
    wanted |= dict.fromkeys(("draws", "particles", "members"), int)
    for key in given:
        if key not in wanted:
            raise InputError(
                "{where}: unknown key {key}{hint}", where=where, key=key, hint=nearest(key, wanted)
            )
    for key, kind in wanted.items():
        value = given.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError(
                "{where}.{key} must be given, as {type}", where=where, key=key, type=kind.__name__
            )
    first, last = calendar.START.year + 1, calendar.END.year
    for key, low, high in (("years", first, last), ("horizons", 1, FURTHEST)):
        numbers = [each for each in given[key] if type(each) is int and low <= each <= high]
        if not numbers or numbers != given[key] or sorted(set(numbers)) != numbers:
            raise InputError(
                "{where}.{key} = {value}, but it must list whole numbers {low} to {high} in "
                "ascending order", where=where, key=key, value=given[key], low=low, high=high,
            )  # fmt: skip
    if given["every"] not in (1, 2, 3, 4, 6, 12):
        raise InputError(
            "{where}.every = {value}, but it must be 1, 2, 3, 4, 6 or 12 months", where=where,
            value=given["every"],
        )  # fmt: skip
    tuples = {key: tuple(given[key]) for key in ("years", "horizons")}
    return plan, Rolling(**given | tuples)


# Posteriors


def left_out(year: int) -> str:
    """Give the period that a year's posterior has not seen."""
    return f"{year}-01..{calendar.END.year}-12"


def fit_years(
    plan: Plan,
    years: tuple[int, ...],
    table: Table,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[int, Posterior, pd.DataFrame]]:
    """Fit a posterior for each year to what lay before it.

    Parameters
    ----------
    plan : Plan
    years : tuple of int
    table : Table
        See :func:`trucesim.studies.calibration.stored_table`.
    workers, progress
        As for :func:`trucesim.studies.calibration.calibrate`.

    Yields
    ------
    year : int
    posterior : Posterior
    cover : pandas.DataFrame
        See :func:`trucesim.studies.calibration.tune_climate`.

    Raises
    ------
    InputError
        scikit-learn is not installed; no parameter is explained.
    """
    check_installed()
    target = observed_statistics(plan)
    for year in years:
        block = left_out(year)
        fitted = fit(learn_summaries(table, plan, block), plan, target)
        tuned, cover = tune_climate(
            fitted, plan, block, runs=RUNS_OF_CLIMATE, workers=workers, progress=progress
        )
        yield year, tuned, cover


def posteriors_in(folder: Path | None, rolling: Rolling) -> dict[int, Draws]:
    """Read the posterior of each year.

    Parameters
    ----------
    folder : Path, optional
        Holds a file a year (``2011.csv``); by default that of the sources.
    rolling : Rolling

    Raises
    ------
    InputError
        One is missing, or has fewer draws than are asked for.
    """
    place = folder or shipped_directory("experiments") / "forecast" / POSTERIORS
    found = {}
    for year in rolling.years:
        path = place / f"{year}.csv"
        if not path.is_file():
            raise InputError(
                "{place}: there is no posterior {name} of what lay before {year}; fit it from a "
                "stored table of runs (--table)", place=place, name=path.name, year=year,
            )  # fmt: skip
        found[year] = read_draws(path)
        if f"without {left_out(year)}" not in found[year].head:
            raise InputError(
                "{path}: not a posterior that leaves out {left_out}", path=path,
                left_out=left_out(year),
            )  # fmt: skip
        check(rolling.draws, rolling.particles, TOLERANCE, observed_months(), found[year])
    return found


# Scores


@dataclass(frozen=True, eq=False)
class Hindcast:
    """Forecasts from rolling origins, and their scores.

    Attributes
    ----------
    plan : Plan
    rolling : Rolling
    forecasts : pandas.DataFrame
        One row an origin, method and month: ``year``, ``origin``, ``horizon`` (months ahead), and
        the columns of :func:`trucesim.studies.forecast.compare_methods`.
    scores : pandas.DataFrame
        See :func:`score`.
    seed : int
    """

    plan: Plan
    rolling: Rolling
    forecasts: pd.DataFrame
    scores: pd.DataFrame
    seed: int


def hindcast(
    plan: Plan,
    rolling: Rolling,
    posteriors: Mapping[int, Draws],
    folder: Path | None = None,
    *,
    record: ArrayLike | None = None,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Hindcast:
    """Forecast from all origins of a plan, and score what happened.

    Parameters
    ----------
    plan : Plan
        Its scenario is what was decided; the gangs' answers come by the model's own hazard.
    rolling : Rolling
    posteriors : dict of int to Draws
        By year; see :func:`posteriors_in`.
    folder : Path, optional
        Holds what was found of each year's draws, written as each ends; what is there and was made
        the same way is used.
    record, seed, workers, progress
        As for :func:`trucesim.studies.follow.follow`.

    Returns
    -------
    Hindcast

    Raises
    ------
    InputError
        Numbers out of bounds.
    StoreError
        The disk is full.
    """
    aim = observed_months() if record is None else np.asarray(record, np.float64)
    check_numbers(1, seed, 0, workers)
    tables = []
    for year in rolling.years:
        draws = posteriors[year]
        rows = check(rolling.draws, rolling.particles, TOLERANCE, aim, draws)
        origins = [each for each in rolling.origins(year) if each < calendar.MONTHS - 1]
        ahead = [min(rolling.horizons[-1], calendar.MONTHS - 1 - each) for each in origins]
        made = Origins.of(
            plan.record, origins, ahead, rolling.particles, rolling.members, aim, TOLERANCE, seed
        )
        found = made.ensembles(
            parameters_of_draws(rows, seed, draws),
            None if folder is None else folder / YEARS / str(year),
            first=NUMBERS_OF_A_YEAR * (year - calendar.START.year),
            workers=workers, progress=progress, what=Message("draws, {year}", year=year),
        )  # fmt: skip
        for number in range(len(origins)):
            lived = np.concatenate([each[number] for each in found]).astype(np.float64)
            tables.append(_compared(made, number, lived, aim).assign(year=year))
    table = pd.concat(tables, ignore_index=True)
    first = ["year", "origin", "horizon"]
    table = table[[*first, *table.columns.drop(first)]]
    scores = score(table, rolling.horizons)
    return Hindcast(plan, rolling, table, scores, seed)


def _compared(made: Origins, number: int, lived: Any, aim: Any) -> pd.DataFrame:
    """Hold one origin's forecast against the record, beside the naive ones."""
    origin, length = made.months[number], made.ahead[number]
    ahead = np.arange(origin + 1, origin + 1 + length)
    past = past_of(aim, origin)
    table = compare_methods(lived, month_at(ahead), aim[ahead], past, made.orders(number))
    months = table["month"].to_numpy().astype("datetime64[M]")
    horizon = (months - FIRST).astype(np.int64) - origin
    return table.assign(origin=str(month_at(origin)), horizon=horizon)


def score(table: pd.DataFrame, horizons: tuple[int, ...]) -> pd.DataFrame:
    """Sum up forecasts by horizon and method, pooled and by year.

    Parameters
    ----------
    table : pandas.DataFrame
        As :class:`Hindcast` has it.
    horizons : tuple of int

    Returns
    -------
    pandas.DataFrame
        One row a period (:data:`~trucesim.outcomes.forecasts.POOLED`, or the year whose posterior
        it is), horizon and method, the model's first: ``period``, ``horizon``, ``method``,
        ``forecasts`` (how many), the means of
        :data:`~trucesim.outcomes.forecasts.SCORES`; of the model over the same months
        ``model_crps``, ``model_log_score`` and ``model_better`` (share of them in which its CRPS is
        lower).
    """
    rows = []
    for period in (POOLED, *sorted(table["year"].unique())):
        part = table if period == POOLED else table[table["year"].eq(period)]
        for horizon in horizons:
            group = part[part["horizon"].eq(horizon)]
            own = group[group["method"].eq(MODEL)].set_index("month")
            for method in (MODEL, *NAIVE):
                each = group[group["method"].eq(method)]
                if each.empty:
                    continue
                means = mean_scores(each)
                same = own.loc[each["month"]]
                better = same["crps"].to_numpy() < each["crps"].to_numpy()
                rows.append(
                    {
                        "period": str(period), "horizon": horizon, "method": method,
                        "forecasts": means["months"], **{name: means[name] for name in SCORES},
                        "model_crps": same["crps"].mean(),
                        "model_log_score": same["log_score"].mean(),
                        "model_better": np.nan if method == MODEL else better.mean(),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def strongest(scores: pd.DataFrame, period: str, horizon: int) -> dict[str, Any]:
    """Give the naive forecast that the model beats least, or that beats it most, by CRPS."""
    rows = scores[scores["period"].eq(period) & scores["horizon"].eq(horizon)]
    naive = rows[rows["method"].ne(MODEL)]
    skill = 1.0 - naive["model_crps"] / naive["crps"]
    row = naive.assign(skill=skill).sort_values("skill", kind="stable").iloc[0]
    return {str(name): value for name, value in row.items()}


def aims(found: Hindcast) -> pd.DataFrame:
    """Hold what was found against what was aimed at.

    Returns
    -------
    pandas.DataFrame
        One row an aim: ``aim`` (crps or inside), ``horizon``, ``value``, ``bound`` (a CRPS below
        that of the strongest naive forecast over the same months; a share inside of at least so
        much), ``against`` and ``met``.
    """
    rows: list[dict[str, Any]] = []
    own = found.scores[found.scores["method"].eq(MODEL) & found.scores["period"].eq(POOLED)]
    for horizon, inside in zip(own["horizon"], own["inside_90"], strict=True):
        if horizon in BEATS_AT:
            naive = strongest(found.scores, POOLED, horizon)
            rows.append(
                {
                    "aim": "crps", "horizon": horizon, "value": naive["model_crps"],
                    "bound": naive["crps"], "against": naive["method"],
                    "met": bool(naive["skill"] > 0.0),
                }
            )  # fmt: skip
        rows.append(
            {
                "aim": "inside", "horizon": horizon, "value": inside, "bound": LEAST_INSIDE,
                "against": "", "met": bool(inside >= LEAST_INSIDE),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def places(found: Hindcast, parts: int = 5) -> pd.DataFrame:
    """Count in which part of its forecast what happened lies, by horizon (PIT).

    Returns
    -------
    pandas.DataFrame
        One row a scored horizon: ``horizon``, ``forecasts`` and the share in each of so many equal
        parts of the distribution, from below; all alike if forecasts were as spread as they say.
    """
    own = found.forecasts[found.forecasts["method"].eq(MODEL)]
    edges = np.linspace(0.0, 1.0, parts + 1)
    named = [f"{low:.0f}-{high:.0f}%" for low, high in pairwise(100.0 * edges)]
    rows = []
    for horizon in found.rolling.horizons:
        pit = own.loc[own["horizon"].eq(horizon), "pit"].to_numpy()
        shares = np.histogram(pit, edges)[0] / len(pit)
        rows.append(
            {"horizon": horizon, "forecasts": len(pit), **dict(zip(named, shares, strict=True))}
        )
    return pd.DataFrame(rows)
