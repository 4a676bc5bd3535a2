"""Does following the record recover the effect of an intervention? On records whose truth is known.

A run of the truce of 2012 stands for the truth: its months are a record, and what another case,
lived with the same parameters and the same chance, has less is the true effect. The record is
followed (:mod:`trucesim.studies.follow`) with other draws of the posterior, never the truth's, and
the same cases lived on the lineages give as many effects. Beside them stand the effects in plain
runs of the same draws, which know nothing of the record: what following adds is the difference.

Effects are A minus B in recorded homicides, as everywhere: positive where B has fewer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import rankdata, t

from trucesim.compilation import digest_of_sources
from trucesim.files.errors import InputError, Message
from trucesim.outcomes.effects import ALL_YEARS, BESIDE, ELSEWHERE, NATIONAL, ZONES, regions
from trucesim.outcomes.forecasts import crps
from trucesim.runs.kept import keep, kept, key_of_piece
from trucesim.runs.lineage import check_parameters
from trucesim.runs.provenance import made_by
from trucesim.runs.sampling import distinct_draws, parameters_of_draws, shipped_draws
from trucesim.runs.simulate import check_numbers, run
from trucesim.runs.store import told_if_full
from trucesim.scenario.change import by_own_hazard
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.studies.calibration import uniformity
from trucesim.studies.follow import MOST_PARTICLES, Followed, Progress, follow, observed_months
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.periods import FloatArray

A = "truce-2012"
"""The case that made the records."""

CASES = "zones-extended-to-neighbours", "guarantor-stays", "funds-arrive"

RECORDS, DRAWS, PARTICLES = 40, 10, 100

SEED = 3000
"""Of the plain runs; each filter has one of the seeds that follow."""

LEVEL = 0.9
"""Of the intervals."""

AIM = 0.83, 0.96
"""Cover of the intervals that was aimed at."""

YEARS = tuple(range(calendar.START.year, calendar.END.year + 1))

PARTS: dict[str, tuple[str, str]] = {
    ALL_YEARS: (NATIONAL, ALL_YEARS),
    **{region: (region, ALL_YEARS) for region in (ZONES, BESIDE, ELSEWHERE)},
    **{str(year): (NATIONAL, str(year)) for year in YEARS},
}
"""What effects are counted over, region and period by name."""

FOLLOWED, MADE = "followed", "records"
"""Folders of lineages, and of what was found of each record."""

MOST_BINS = 11


@dataclass(frozen=True, eq=False)
class Trial:
    """One simulated record: what was followed, and the effects.

    Attributes
    ----------
    rows : ndarray of int, shape (1 + draw,)
        Rows of the posterior: the truth's, and those that were followed.
    months : ndarray of int, shape (month,)
        The record.
    paths : ndarray of int, shape (draw, month)
        Homicides of the lineages.
    effective : ndarray of float, shape (draw, month)
        Effective number of particles.
    missed : ndarray of bool, shape (draw, month)
        Whether no particle came near the record.
    truth : ndarray of int, shape (case, part)
        The true effects, over `PARTS`.
    followed, chance : ndarray of int, shape (draw, case, part)
        Those on the lineages, and those in plain runs of the same draws.
    """

    rows: NDArray[np.int64]
    months: NDArray[np.int64]
    paths: NDArray[np.int64]
    effective: FloatArray
    missed: NDArray[np.bool_]
    truth: NDArray[np.int64]
    followed: NDArray[np.int64]
    chance: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Recovery:
    """What was found of all records.

    Attributes
    ----------
    cases : tuple of Scenario
    since : tuple of date
        The day from which each case differs.
    trials : tuple of Trial
        One a record.
    outside : pandas.DataFrame
        As `follow_outside` gives it.
    particles, seed : int
    """

    cases: tuple[Scenario, ...]
    since: tuple[dt.date, ...]
    trials: tuple[Trial, ...]
    outside: pd.DataFrame
    particles: int
    seed: int

    @property
    def draws(self) -> int:
        """Lineages of a record."""
        return len(self.trials[0].rows) - 1

    def stacked(self, name: str) -> NDArray[Any]:
        """Give a field of all trials, with the record as first axis."""
        return np.stack([getattr(each, name) for each in self.trials])

    def parts(self, case: int | None = None) -> list[str]:
        """Name the parts in which a case, or any, can differ."""
        since = min(self.since) if case is None else self.since[case]
        return [name for name in PARTS if not name.isdigit() or int(name) >= since.year]


def recover(
    cases: Sequence[str] = CASES,
    records: int = RECORDS,
    draws: int = DRAWS,
    particles: int = PARTICLES,
    *,
    folder: Path,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Recovery:
    """Follow simulated records, and hold the effects on their lineages against the true ones.

    Of the posterior's distinct draws (:func:`trucesim.runs.sampling.distinct_draws`) each record
    takes the next ``1 + draws``: the first made it, the others follow it, so that no draw serves
    twice and further records change none. Plain run number n lives with the n-th of them.

    Parameters
    ----------
    cases : sequence of str
        Scenarios whose effects against `A` are to be recovered, by name or file.
    records : int
        Simulated records.
    draws : int
        Lineages of each.
    particles : int
        Of each filter.
    folder : Path
        Holds lineages, and what was found of each record, written as it ends; what is there and was
        made the same way is used.
    seed : int
    workers : int, optional
        Threads; by default one a core. They change nothing.
    progress : function, optional
        Called as ``progress(what, done, of)``.

    Returns
    -------
    Recovery

    Raises
    ------
    InputError
        Numbers out of bounds, or a case that is unknown, named twice, changes parameters or does
        not differ.
    StoreError
        The disk is full.
    """
    others = check(cases, records, draws, particles, seed, workers)
    a = own(A)
    since = [each.changes_from(a) for each in others]
    with told_if_full(folder):
        (folder / MADE).mkdir(parents=True, exist_ok=True)
    told = [
        digest_of_sources("studies.recovery"), *made_by("posterior", load_country().name),
        [each.digest for each in (a, *others)], draws, particles, seed,
    ]  # fmt: skip
    trials = []
    for k in range(records):
        path, key = folder / MADE / f"{k:04}.json", key_of_piece([*told, k])
        trial = _read(path, key)
        if trial is None:
            trial = _try(a, others, k, draws, particles, folder, seed, workers, progress)
            _write(trial, key, path)
        trials.append(trial)
        if progress:
            progress(Message("records"), k + 1, records)
    outside = follow_outside(
        min(draws, OUTSIDE_DRAWS), particles, folder, seed=seed, workers=workers, progress=progress
    )
    days = tuple(day for day in since if day is not None)
    return Recovery(others, days, tuple(trials), outside, particles, seed)


def own(case: str) -> Scenario:
    """Load a case, with the gangs' answers by the model's own hazard."""
    return by_own_hazard(load_scenario(case), calendar.START)


def check(
    cases: Sequence[str], records: int, draws: int, particles: int, seed: int, workers: int | None
) -> tuple[Scenario, ...]:
    """Check what is asked for, before anything is run, and load the cases.

    Raises
    ------
    InputError
        See `recover`.
    """
    for name, value, low, high in (
        ("records", records, 2, 10_000),
        ("draws", draws, 2, 10_000),
        ("particles", particles, 2, MOST_PARTICLES),
    ):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or not low <= value <= high:
            raise InputError(
                "{name} = {value!r}, but it must be a whole number {low} to {high}", name=name,
                value=value, low=low, high=high,
            )  # fmt: skip
    there = len(np.unique(shipped_draws().values, axis=0))
    if records * (1 + draws) > there:
        raise InputError(
            "records = {records} with {draws} draws each, and one that makes it, take {needed} "
            "draws of the posterior, but it has {there}", records=records, draws=draws,
            needed=records * (1 + draws), there=there,
        )  # fmt: skip
    check_numbers(1, seed, 0, workers)
    check_numbers(1, _filter_seed(seed, records), 0, workers)
    if not cases:
        raise InputError("cases: name one at least")
    a, others = own(A), tuple(own(case) for case in cases)
    for other in others:
        check_parameters(other)
        if other.changes_from(a) is None:
            raise InputError("case {name}: nothing in it differs from {a}", name=other.name, a=A)
    if len({each.name for each in others}) < len(others):
        raise InputError(
            "two of the cases have the same name: {names}", names=", ".join(map(str, cases))
        )
    return others


def _filter_seed(seed: int, k: int) -> int:
    """Give the seed of a record's filters; those of distorted records come first."""
    return seed + 1 + len(DISTORTIONS) + k


def _try(
    a: Scenario,
    others: Sequence[Scenario],
    k: int,
    draws: int,
    particles: int,
    folder: Path,
    seed: int,
    workers: int | None,
    progress: Progress | None,
) -> Trial:
    """Make a record, follow it, and count effects."""
    first = k * (1 + draws)
    rows = distinct_draws(first + 1 + draws)[first:]
    parameters = parameters_of_draws(rows, seed)

    def made(scenario: Scenario) -> xr.Dataset:
        return run(
            scenario, len(rows), seed, first_run=first, detail="none", parameters=parameters,
            workers=workers,
        )  # fmt: skip

    factual = made(a)
    plain = np.stack([effects_of(factual, made(each)) for each in others], axis=1)
    record = factual["recorded_national"].values[0].astype(np.int64)
    found = follow(
        a, draws, particles, folder / FOLLOWED / f"{k:04}", record=record, skip=first + 1,
        seed=_filter_seed(seed, k), workers=workers, progress=progress,
    )  # fmt: skip
    lineages = [each.lineage for each in found]
    lived, *cases = (
        run(each, lineages=lineages, detail="none", workers=workers) for each in (a, *others)
    )
    followed = [effects_of(lived, each) for each in cases]
    return Trial(
        rows, record, _all(found, "months"), _all(found, "effective"), _all(found, "missed"),
        plain[0], np.stack(followed, axis=1), plain[1:],
    )  # fmt: skip


def _all(found: Sequence[Followed], name: str) -> NDArray[Any]:
    return np.stack([getattr(each, name) for each in found])


def effects_of(a: xr.Dataset, b: xr.Dataset) -> NDArray[np.int64]:
    """Count how many recorded homicides fewer B has than A in each of `PARTS`, run by run.

    Before the day of the change both are the same, so that all years are those from it on.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results of the same runs.

    Returns
    -------
    ndarray of int, shape (run, part)
    """
    years = [str(year) for year in YEARS]
    of_a, of_b = (
        each["recorded_by_period"].sel(period=years).transpose("run", "period", "municipality")
        .values.astype(np.int64)
        for each in (a, b)
    )  # fmt: skip
    apart, there = of_a - of_b, regions(a, b)
    by_part = [
        np.where(
            there[region], apart[:, years.index(period)] if period in years else apart.sum(1), 0
        )
        for region, period in PARTS.values()
    ]
    return np.stack([each.sum(axis=1) for each in by_part], axis=1)


# Records outside what the model can do


class Distortion(NamedTuple):
    """The observed record with some months multiplied."""

    name: str
    months: slice
    times: float


DISTORTIONS = (
    Distortion("as observed", slice(0, 0), 1.0),
    Distortion("2010 four times as high", slice(12, 24), 4.0),
    Distortion("June 2014 at a tenth", slice(65, 66), 0.1),
)

OUTSIDE_DRAWS = 4


def follow_outside(
    draws: int,
    particles: int,
    folder: Path,
    *,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Follow the observed record with months that the model cannot reach.

    Parameters
    ----------
    draws, particles, folder, seed, workers, progress
        As `recover` takes them.

    Returns
    -------
    pandas.DataFrame
        One row a record and draw: ``record``, ``draw``, ``row`` (of the posterior); months missed
        among those that were distorted (``missed_there`` of ``of_there``) and among the others
        (``missed_elsewhere`` of ``of_elsewhere``); what the lineage has in percent of the record in
        the distorted months (``percent_there``); mean absolute error in the others
        (``mae_elsewhere``, homicides a month); ``effective_least`` and ``effective_median``, of
        particles.
    """
    rows: list[dict[str, Any]] = []
    for number, each in enumerate(DISTORTIONS):
        record = observed_months().copy()
        record[each.months] *= each.times
        there = np.zeros(len(record), np.bool_)
        there[each.months] = True
        found = follow(
            A, draws, particles, folder / FOLLOWED / f"outside-{number}", record=record,
            seed=seed + 1 + number, workers=workers, progress=progress,
        )  # fmt: skip
        for d, one in enumerate(found):
            reached = (
                float(one.months[there].sum() / record[there].sum()) if there.any() else np.nan
            )
            rows.append(
                {
                    "record": each.name, "draw": d, "row": one.row,
                    "missed_there": int(one.missed[there].sum()), "of_there": int(there.sum()),
                    "missed_elsewhere": int(one.missed[~there].sum()),
                    "of_elsewhere": int((~there).sum()), "percent_there": 100.0 * reached,
                    "mae_elsewhere": float(np.abs(one.months - record)[~there].mean()),
                    "effective_least": float(one.effective.min()),
                    "effective_median": float(np.median(one.effective)),
                }
            )  # fmt: skip
        if progress:
            progress(Message("distorted records"), number + 1, len(DISTORTIONS))
    return pd.DataFrame(rows)


# How well effects are recovered


def interval_of(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the interval in which another value of the same kind lies, by Student's t.

    Parameters
    ----------
    values : ndarray of float, shape (record, draw)

    Returns
    -------
    low, high : ndarray of float, shape (record,)
        With the probability `LEVEL` between them, were the values and the other one drawn alike
        and normal.
    """
    draws = values.shape[1]
    reach = t.ppf(0.5 + LEVEL / 2.0, draws - 1) * np.sqrt(1.0 + 1.0 / draws)
    mean, half = values.mean(axis=1), reach * values.std(axis=1, ddof=1)
    return mean - half, mean + half


def ranks_of(truth: FloatArray, values: FloatArray) -> NDArray[np.int64]:
    """Count how many values lie below each truth, and half of those that equal it.

    Returns
    -------
    ndarray of int, shape (record,)
        From 0 to the number of draws.
    """
    below = (values < truth[:, None]).sum(axis=1)
    return np.asarray(below + (values == truth[:, None]).sum(axis=1) // 2, np.int64)


def score(truth: FloatArray, values: FloatArray) -> dict[str, float]:
    """Hold effects against the true ones.

    Parameters
    ----------
    truth : ndarray of float, shape (record,)
    values : ndarray of float, shape (record, draw)

    Returns
    -------
    dict of str to float
        Of the mean over draws: ``bias`` with its standard error over records ``bias_se``, ``rmse``,
        and the ``correlation`` (Pearson's) and ``rank_correlation`` (Spearman's) with the truth
        over records, NaN where either does not vary; of the intervals by `interval_of`: ``inside``,
        the share that holds the truth, and their mean ``width``; ``between``: the share of truths
        from the lowest to the highest draw; ``uneven``: the probability of ranks as uneven as the
        truths' among the draws, were they uniform; ``crps`` (fair).
    """
    error = values.mean(axis=1) - truth
    low, high = interval_of(values)
    ranks, draws = ranks_of(truth, values), values.shape[1]
    # As many ranks in each bin.
    bins = max(n for n in range(1, MOST_BINS + 1) if (draws + 1) % n == 0)
    bins = bins if bins > 1 else draws + 1
    return {
        "bias": float(error.mean()),
        "bias_se": float(error.std(ddof=1) / np.sqrt(len(error))),
        "rmse": float(np.sqrt((error**2).mean())),
        "correlation": _correlation(values.mean(axis=1), truth),
        "rank_correlation": _correlation(rankdata(values.mean(axis=1)), rankdata(truth)),
        "inside": float(((low <= truth) & (truth <= high)).mean()),
        "width": float((high - low).mean()),
        "between": float(
            ((values.min(axis=1) <= truth) & (truth <= values.max(axis=1))).mean()
        ),
        "uneven": uniformity((ranks + 0.5) / (draws + 1), bins),
        "crps": float(crps(values.T, truth).mean()),
    }  # fmt: skip


def _correlation(one: FloatArray, other: FloatArray) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def summarise(found: Recovery) -> pd.DataFrame:
    """Say how well effects are recovered, and how well they were known without following.

    Parameters
    ----------
    found : Recovery

    Returns
    -------
    pandas.DataFrame
        One row a case, region and period in which it can differ: ``case``, ``region``, ``period``;
        ``truth_mean``, ``truth_median`` and ``truth_sd`` over records; what `score` gives of the
        lineages, and under names with ``chance_`` of the plain runs; ``pooled_rmse``, of the mean
        of all plain runs; ``nearer``, the share of records in which the mean of the lineages is
        nearer to the truth than that of their own draws' plain runs; ``expected``, what
        ``between`` is of an exact method.
    """
    truths, followed, chance = map(found.stacked, ("truth", "followed", "chance"))
    rows = []
    for c, case in enumerate(found.cases):
        for name in found.parts(c):
            p = list(PARTS).index(name)
            truth = truths[:, c, p].astype(np.float64)
            ours, plain = (each[:, :, c, p].astype(np.float64) for each in (followed, chance))
            errors = [np.abs(each.mean(axis=1) - truth) for each in (ours, plain)]
            rows.append(
                {
                    "case": case.name, "region": PARTS[name][0], "period": PARTS[name][1],
                    "truth_mean": float(truth.mean()), "truth_median": float(np.median(truth)),
                    "truth_sd": float(truth.std(ddof=1)), **score(truth, ours),
                    **{f"chance_{what}": value for what, value in score(truth, plain).items()},
                    "pooled_rmse": float(np.sqrt(((plain.mean() - truth) ** 2).mean())),
                    "nearer": float((errors[0] < errors[1]).mean()),
                    "expected": (found.draws - 1) / (found.draws + 1),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def rank_rows(found: Recovery) -> Iterator[tuple[str, list[int]]]:
    """Count, for each case, how many truths have each rank among the lineages."""
    truths, followed = found.stacked("truth"), found.stacked("followed")
    for c, case in enumerate(found.cases):
        ranks = ranks_of(truths[:, c, 0], followed[:, :, c, 0])
        yield case.name, np.bincount(ranks, minlength=found.draws + 1).tolist()


def by_record(found: Recovery) -> pd.DataFrame:
    """Give one row a record and case.

    Returns
    -------
    pandas.DataFrame
        ``record``, ``case``, ``row`` (the truth's, in the posterior); ``truth`` and its parts
        (``truth_zones``, ``truth_2013``); of the lineages ``mean``, ``sd``, the interval ``low`` to
        ``high``, ``least``, ``most``, the truth's ``rank`` among them and whether it lies
        ``inside`` the interval; ``chance_mean``, ``chance_low``, ``chance_high`` of the plain runs;
        how the record was followed: ``mae`` (homicides a month), ``missed`` (months of all draws),
        ``effective_least`` and ``effective_median`` (particles).
    """
    rows = []
    for k, each in enumerate(found.trials):
        for c, case in enumerate(found.cases):
            truth, ours, plain = (
                np.asarray(values, np.float64)
                for values in (each.truth[c, :1], each.followed[None, :, c, 0],
                               each.chance[None, :, c, 0])
            )  # fmt: skip
            (low,), (high,) = interval_of(ours)
            (chance_low,), (chance_high,) = interval_of(plain)
            rows.append(
                {
                    "record": k, "case": case.name, "row": int(each.rows[0]),
                    **_parts(found, "truth", each.truth[c]),
                    "mean": ours.mean(), "sd": ours.std(ddof=1), "low": low, "high": high,
                    "least": int(ours.min()), "most": int(ours.max()),
                    "rank": int(ranks_of(truth, ours)[0]), "inside": bool(low <= truth[0] <= high),
                    "chance_mean": plain.mean(), "chance_low": chance_low,
                    "chance_high": chance_high,
                    "mae": float(np.abs(each.paths - each.months).mean()),
                    "missed": int(each.missed.sum()),
                    "effective_least": float(each.effective.min()),
                    "effective_median": float(np.median(each.effective)),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def by_lineage(found: Recovery) -> pd.DataFrame:
    """Give one row a record, draw and case.

    Returns
    -------
    pandas.DataFrame
        ``record``, ``draw``, ``case``, ``row`` (in the posterior); the effect on the lineage
        (``followed``) and in the plain run (``chance``), with their parts (``followed_2013``).
    """
    rows = [
        {
            "record": k, "draw": d, "case": case.name, "row": int(each.rows[1 + d]),
            **_parts(found, "followed", each.followed[d, c]),
            **_parts(found, "chance", each.chance[d, c]),
        }
        for k, each in enumerate(found.trials)
        for d in range(found.draws)
        for c, case in enumerate(found.cases)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _parts(found: Recovery, what: str, values: NDArray[np.int64]) -> dict[str, int]:
    """Name what is counted over parts, without those in which no case can differ."""
    counts = dict(zip(PARTS, values.tolist(), strict=True))
    return {what if name == ALL_YEARS else f"{what}_{name}": counts[name] for name in found.parts()}


def nearness(found: Recovery) -> dict[str, float]:
    """Say how near the lineages' months come to their records.

    Returns
    -------
    dict of str to float
        ``mae`` of the lineages' months (homicides), and of it the lowest and the highest record's,
        ``mae_least`` and ``mae_most``; ``missed`` months of ``months``, of all draws;
        ``effective_least`` and ``effective_median``, of particles.
    """
    paths, months = found.stacked("paths"), found.stacked("months")
    missed, effective = found.stacked("missed"), found.stacked("effective")
    of_record = np.abs(paths - months[:, None]).mean(axis=(1, 2))
    return {
        "mae": float(of_record.mean()),
        "mae_least": float(of_record.min()),
        "mae_most": float(of_record.max()),
        "missed": int(missed.sum()),
        "months": missed.size,
        "effective_least": float(effective.min()),
        "effective_median": float(np.median(effective)),
    }


# What is kept


def _write(trial: Trial, key: str, path: Path) -> None:
    """Write what was found of a record."""
    keep({name: value.tolist() for name, value in vars(trial).items()}, key, path)


_KINDS: dict[str, Any] = {"effective": np.float64, "missed": np.bool_}


def _read(path: Path, key: str) -> Trial | None:
    """Read what was found of a record; None where nothing is, or nothing made the same way."""
    return kept(path, key, _trial)


def _trial(held: dict[str, Any]) -> Trial:
    return Trial(**{n: np.array(value, _KINDS.get(n, np.int64)) for n, value in held.items()})
