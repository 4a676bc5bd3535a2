"""Forecasts of national homicides by month, scored beside naive ones made at the same origins.

A naive forecast sees the months up to its origin and the days of those orders to hold fire that the
model is given, and nothing else. The model's is conditional (`CONDITIONALITY`), and its rules were
written when the whole period was known: its better score is an upper bound on what it would have
foreseen.

All forecasts are distributions, made of members with weights: runs, or a rate per day times the
days of the month. They are scored by the same estimators, and none is given the noise of a finite
ensemble as an error of its own (`crps`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError
from trucesim.parameters import CONDITIONS
from trucesim.scenario.scenario import Scenario
from trucesim.world.observed import observed
from trucesim.world.periods import FloatArray, NotRecorded, Period, parse, select

type IntArray = npt.NDArray[np.int64]
type Days = tuple[dt.date, ...]

#: What a caption under a forecast has to say.
CONDITIONALITY = (
    "A conditional forecast: the model is given what happened on known dates after the "
    "origin (transfers of leaders, ministers, soldiers), but no homicides; the naive forecasts are "
    "given at most the days of the same orders to hold fire."
)

#: The bounds of the interval whose coverage and width are reported.
INTERVAL = (0.05, 0.95)

KERNEL_SIZE = 100.0
"""Size of the negative binomial in `log_score`: a month of 350 then varies by 4.5 times its mean,
as months of the same level do in the record (4.9 in the 26 months before the truce)."""

#: With fewer past errors than this, a naive forecast borrows those of shorter horizons.
LEAST_ERRORS = 20

#: The name of the simulated forecast among the methods.
MODEL = "model"

#: The name under which `pooled` gives several blocks together.
POOLED = "pooled"

MONTH = np.timedelta64(1, "M")

_OLD_LEVEL = parse("2010-01..2012-02")

_DECAYS = np.geomspace(10.0, 3650.0, 41)
"""Decay times that the steps may have, in days: from hardly a month to for ever."""


# Scores


def crps(
    values: npt.ArrayLike,
    truth: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    fair: bool = True,
) -> FloatArray:
    """Score an ensemble by its continuous ranked probability score.

    ``E|X - y| - E|X - X'| / 2`` for members X and X' and the truth y: the absolute error of a
    forecast without spread, and lower the surer and the nearer an ensemble is.

    Parameters
    ----------
    values : array_like, shape (member, ...)
        The ensemble.
    truth : array_like, shape (...)
        What happened.
    weights : array_like, shape (member,), optional
        Weights of the members, in any unit; equal by default.
    fair : bool, optional
        Take X' from the other members only, so that the score of a finite ensemble is on average
        that of the distribution it was drawn from (Ferro 2014, doi:10.1002/qj.2270). With
        weights, pairs of different members are weighted by the product of theirs. Otherwise the
        members are the distribution: a weight of 3 is then the same as three copies.

    Returns
    -------
    ndarray of float, shape (...)
        In the unit of the values. A fair score can be below zero.

    Raises
    ------
    InputError
        If the weights do not fit the members.
    """
    members = np.asarray(values, np.float64)
    share = _shares(weights, len(members))
    order = np.argsort(members, axis=0)
    ranked = np.take_along_axis(members, order, axis=0)
    reached = np.cumsum(share[order], axis=0)[:-1]
    apart = 2 * (np.diff(ranked, axis=0) * reached * (1 - reached)).sum(axis=0)
    others = 1 - (share**2).sum()
    if fair and others > 1e-12:
        apart = apart / others
    error = np.tensordot(share, np.abs(members - np.asarray(truth, np.float64)), axes=1)
    score: FloatArray = np.asarray(error - apart / 2, np.float64)
    return score


def quantiles(
    values: npt.ArrayLike, levels: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> FloatArray:
    """Give quantiles of weighted members.

    Parameters
    ----------
    values : array_like, shape (member, ...)
        The ensemble.
    levels : array_like, shape (level,)
        Between 0 and 1.
    weights : array_like, shape (member,), optional
        As for `crps`.

    Returns
    -------
    ndarray of float, shape (level, ...)
        The member at which the weights, summed upwards, reach the level; where all weights but
        those of 0 are equal and reach it exactly, the mean of this member and the next.

    Raises
    ------
    InputError
        If the weights do not fit the members.
    """
    members = np.asarray(values, np.float64)
    share = _shares(weights, len(members))
    members, share = members[share > 0], share[share > 0]
    wanted = np.asarray(levels, np.float64)
    if np.ptp(share) == 0.0:
        return np.quantile(members, wanted, axis=0, method="averaged_inverted_cdf")
    return np.quantile(members, wanted, axis=0, weights=share, method="inverted_cdf")


def log_score(
    values: npt.ArrayLike, truth: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> FloatArray:
    """Score an ensemble by the log density that it gives to what happened.

    The density is a mixture of negative binomials, one a member, with the member's count as mean
    and `KERNEL_SIZE` as size: a member stands for the level of a month, about which counts vary as
    they do in the record. A mixture of the counts themselves would give most truths no density at
    all. The kernel is the same for every method, so that none gains by it.

    Parameters
    ----------
    values, truth, weights
        As for `crps`: counts; a member below half a homicide stands for half a homicide.

    Returns
    -------
    ndarray of float, shape (...)
        The higher, the better.

    Raises
    ------
    InputError
        If the weights do not fit the members.
    """
    from scipy.special import gammaln, logsumexp

    means = np.maximum(np.asarray(values, np.float64), 0.5)
    count, size = np.asarray(truth, np.float64), KERNEL_SIZE
    density = (
        gammaln(count + size) - gammaln(size) - gammaln(count + 1)
        + size * np.log(size / (size + means)) + count * np.log(means / (size + means))
    )  # fmt: skip
    share = _shares(weights, len(means)).reshape(-1, *[1] * (means.ndim - 1))
    return np.asarray(logsumexp(density, axis=0, b=share), np.float64)


def pit(
    values: npt.ArrayLike, truth: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> FloatArray:
    """Give the place of what happened within an ensemble, uniform from 0 to 1 if all is well.

    Parameters
    ----------
    values, truth, weights
        As for `crps`.

    Returns
    -------
    ndarray of float, shape (...)
        Share of the members below the truth, and half of those that equal it.

    Raises
    ------
    InputError
        If the weights do not fit the members.
    """
    members, count = np.asarray(values, np.float64), np.asarray(truth, np.float64)
    share = _shares(weights, len(members))
    below = (members < count) + (members == count) / 2
    return np.asarray(np.tensordot(share, below, axes=1), np.float64)


def inside(
    values: npt.ArrayLike, truth: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> npt.NDArray[np.bool_]:
    """Say whether what happened lies within the central 90%, both ends included, shape (...).

    Parameters are those of `crps`.
    """
    low, high = quantiles(values, INTERVAL, weights)
    return np.asarray((low <= truth) & (truth <= high))


# Naive forecasts


@dataclass(frozen=True)
class Series:
    """Consecutive months of the record.

    Attributes
    ----------
    months : ndarray of datetime64[M], shape (month,)
    counts : ndarray of float, shape (month,)
        Homicides.
    """

    months: npt.NDArray[np.datetime64]
    counts: FloatArray

    @property
    def days(self) -> FloatArray:
        """Days of each month, shape (month,)."""
        return days_of(self.months)

    @property
    def rates(self) -> FloatArray:
        """Homicides per day, shape (month,)."""
        rates: FloatArray = self.counts / self.days
        return rates

    def first(self, number: int) -> Series:
        """Give the first months alone."""
        return Series(self.months[:number], self.counts[:number])

    def last(self, number: int) -> Series:
        """Give the last months alone."""
        return Series(self.months[-number:], self.counts[-number:])

    def within(self, period: Period) -> Series:
        """Give the months that lie in a period."""
        start, stop = (np.datetime64(day, "M") for day in (period.start, period.stop))
        chosen = (start <= self.months) & (self.months < stop)
        return Series(self.months[chosen], self.counts[chosen])

    def level(self) -> float:
        """Homicides per day over all months."""
        return float(self.counts.sum() / self.days.sum())


def days_of(months: npt.NDArray[np.datetime64]) -> FloatArray:
    """Give the days of months, shape (month,)."""
    starts, stops = (each.astype("datetime64[D]") for each in (months, months + MONTH))
    return np.asarray((stops - starts).astype(np.float64))


def months_before(block: Period, record: xr.Dataset | None = None) -> Series:
    """Take the months before a block out of a record: all that a naive forecast of it may see.

    Parameters
    ----------
    block : Period
    record : xarray.Dataset, optional
        With ``recorded_national(run, month)`` and one run;
        `trucesim.world.observed.observed` by default.
    """
    monthly = (observed() if record is None else record)["recorded_national"].isel(run=0)
    monthly = monthly.sel(month=monthly["month"] < np.datetime64(block.start))
    return Series(monthly["month"].values.astype("datetime64[M]"), monthly.values.astype(float))


@dataclass(frozen=True)
class Naive:
    """A forecast from the record alone.

    Attributes
    ----------
    rates : callable
        From the Series up to the origin, the horizons in months, shape (horizon,), and the days of
        orders, to homicides per day, shape (horizon,).
    least : int
        Months of record, counted from its beginning in January 2009, before it can be made.
    """

    rates: Callable[[Series, IntArray, Days], FloatArray]
    least: int


def last_month(past: Series, ahead: IntArray, orders: Days) -> FloatArray:
    """Keep the rate of the last month."""
    return np.full(len(ahead), past.last(1).level())


def last_three(past: Series, ahead: IntArray, orders: Days) -> FloatArray:
    """Keep the mean rate of the last three months."""
    return np.full(len(ahead), past.last(3).level())


def linear_trend(past: Series, ahead: IntArray, orders: Days) -> FloatArray:
    """Extend the least-squares line through the rates of the last twelve months, not below 0."""
    slope, intercept = np.polyfit(np.arange(-11, 1), past.rates[-12:], 1)
    line: FloatArray = np.maximum(intercept + slope * ahead, 0.0)
    return line


def old_level(past: Series, ahead: IntArray, orders: Days) -> FloatArray:
    """Return to the mean rate of January 2010 - February 2012, as far as it is past."""
    return np.full(len(ahead), past.within(_OLD_LEVEL).level())


def steps(past: Series, ahead: IntArray, orders: Days) -> FloatArray:
    """Let every order take the same part off the rate, which comes back with the same decay.

    ``log rate = level - fall * sum over orders of exp(-days since the order / decay)``, the mean
    over the days of a month. Level, fall and decay are those with the least squares over the months
    up to the origin, the decay one of forty-one from ten days to ten years, the longest of equals.
    Without an order in those months nothing is known of a fall: the level alone is forecast.
    """
    later = past.months[-1] + ahead * MONTH
    logs = np.log(np.maximum(past.rates, 0.5 / past.days))
    known = has_step(past, orders)
    best, found = np.inf, np.full(len(ahead), logs.mean())
    for decay in _DECAYS[::-1] if known else ():
        falls = np.stack([np.ones(len(logs)), pressure(past.months, orders, decay)], axis=1)
        fitted = np.linalg.lstsq(falls, logs)[0]
        squares = float(((logs - falls @ fitted) ** 2).sum())
        if squares < best * (1 - 1e-9) - 1e-12:
            best, found = squares, fitted[0] + fitted[1] * pressure(later, orders, decay)
    rates: FloatArray = np.exp(found)
    return rates


def has_step(past: Series, orders: Days) -> bool:
    """Whether an order lies in the months that are known."""
    return any(np.datetime64(day, "M") in past.months for day in orders)


def pressure(months: npt.NDArray[np.datetime64], orders: Days, decay: float) -> FloatArray:
    """Give what is left of all orders, 1 for each on its day, the mean over a month's days.

    Parameters
    ----------
    months : ndarray of datetime64[M], shape (month,)
    orders : tuple of date
    decay : float
        Days after which 1/e is left.

    Returns
    -------
    ndarray of float, shape (month,)
    """
    starts = months.astype("datetime64[D]").astype(np.float64)
    stops = starts + days_of(months)
    left = np.zeros(len(months))
    for day in orders:
        given = np.datetime64(day, "D").astype(np.float64)
        from_, to = np.maximum(starts - given, 0.0), np.maximum(stops - given, 0.0)
        left += decay * (np.exp(-from_ / decay) - np.exp(-to / decay))
    return np.asarray(left / (stops - starts))


TWELVE = "last twelve months as a sample"
STEPS = "steps at orders"

#: The naive forecasts, chosen before any of them was scored. `TWELVE` has no errors: the rates of
#: the last twelve months are its members.
NAIVE: dict[str, Naive | None] = {
    "last month": Naive(last_month, 1),
    "last three months": Naive(last_three, 3),
    TWELVE: None,
    "twelve-month trend": Naive(linear_trend, 12),
    "mean of 2010 - February 2012": Naive(old_level, 24),
    STEPS: Naive(steps, 12),
}


def orders_of(scenario: Scenario) -> Days:
    """Give the days on which a scenario's gangs are ordered to hold fire, in order."""
    holding = {CONDITIONS["order"].choices.index(name) for name in ("pact", "own")}
    return tuple(sorted({e.date for e in scenario.events if e.set.get("order") in holding}))


def past_errors(naive: Naive, past: Series, furthest: int, orders: Days = ()) -> list[FloatArray]:
    """Give the errors that a naive forecast has made so far, by horizon.

    Every month of the record at which the forecast could have been made is taken as an origin, and
    at each of them it is made from the months up to there alone.

    Parameters
    ----------
    naive : Naive
    past : Series
        The record up to the origin.
    furthest : int
        The longest horizon, in months.
    orders : tuple of date
        As for `naive_members`.

    Returns
    -------
    list of ndarray of float, one a horizon from 1 to `furthest`, shape (error,)
        Observed minus forecast, in homicides per day, from the earliest origin to the latest.
    """
    errors: list[list[float]] = [[] for _ in range(furthest)]
    for known in range(naive.least, len(past.months)):
        truth = past.rates[known : known + furthest]
        ahead = np.arange(len(truth)) + 1
        made = naive.rates(past.first(known), ahead, orders)
        for horizon, error in enumerate(truth - made):
            errors[horizon].append(float(error))
    return [np.array(each, np.float64) for each in errors]


def naive_members(
    method: str, past: Series, months: npt.NDArray[np.datetime64], orders: Days = ()
) -> list[FloatArray]:
    """Make a naive forecast: its value and, about it, the errors it has made so far.

    Past errors are taken at the month's own horizon and around their mean, so that they spread the
    forecast and do not make another one of it. Where there are fewer than `LEAST_ERRORS`, those of
    the next shorter horizons are added, one horizon after the other, until there are as many; long
    horizons then look somewhat surer than they are.

    Parameters
    ----------
    method : str
        A name of `NAIVE`.
    past : Series
        The record up to the origin.
    months : ndarray of datetime64[M], shape (month,)
        What to forecast, after the origin.
    orders : tuple of date
        Days of orders to hold fire that are known, before and after the origin.

    Returns
    -------
    list of ndarray of float, one a month, shape (member,)
        Homicides, none below zero.

    Raises
    ------
    NotRecorded
        If there are fewer than two past errors.
    """
    naive, days = NAIVE[method], days_of(months)
    if naive is None:
        return [past.rates[-12:] * length for length in days]
    ahead = (months - past.months[-1]).astype(np.int64)
    by_horizon = past_errors(naive, past, int(ahead[-1]), orders)
    members = []
    values = naive.rates(past, ahead, orders)
    for value, horizon, length in zip(values, ahead, days, strict=True):
        errors = _enough(by_horizon[:horizon])
        if len(errors) < 2:
            raise NotRecorded(
                "{months}: the record is too short for the errors of {method!r}", months=months[0],
                method=method,
            )  # fmt: skip
        members.append(np.maximum(value + errors - errors.mean(), 0.0) * length)
    return members


def naive_forecasts(
    past: Series, months: npt.NDArray[np.datetime64], orders: Days = ()
) -> dict[str, list[FloatArray]]:
    """Make every naive forecast for which the record is long enough, by method.

    Parameters and members are those of `naive_members`.
    """
    return {
        method: naive_members(method, past, months, orders)
        for method, naive in NAIVE.items()
        if len(past.months) >= (12 if naive is None else naive.least + 2)
    }


def _enough(by_horizon: list[FloatArray]) -> FloatArray:
    """Take the last horizon's errors and, while there are too few, those of shorter ones."""
    errors = by_horizon[-1]
    for shorter in reversed(by_horizon[:-1]):
        if len(errors) >= LEAST_ERRORS:
            break
        errors = np.concatenate([errors, shorter])
    return errors


# Blocks


def score_months(
    results: xr.Dataset,
    period: str | Period,
    record: xr.Dataset | None = None,
    weights: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Score the runs month by month.

    Parameters
    ----------
    results : xarray.Dataset
        With ``recorded_national(run, month)``.
    period : str or Period
        In whole months.
    record : xarray.Dataset, optional
        As for `months_before`.
    weights : array_like, shape (run,), optional
        Weights of the runs; equal by default.

    Returns
    -------
    pandas.DataFrame
        One row a month: month (text, such as 2015-08), observed, p05, median, p95, inside (bool),
        crps, log_score, pit.

    Raises
    ------
    NotRecorded
        If results or record do not cover the period.
    """
    record = observed() if record is None else record
    truth = select(record, "recorded_national", period).isel(run=0)
    runs = select(results, "recorded_national", period).transpose("run", "month")
    months = truth["month"].values.astype("datetime64[M]")
    return score_members(list(runs.values.astype(np.float64).T), truth.values, months, weights)


def score_block(
    results: xr.Dataset,
    period: str | Period,
    record: xr.Dataset | None = None,
    weights: npt.ArrayLike | None = None,
    *,
    since: str | Period | None = None,
    orders: Iterable[dt.date] = (),
) -> pd.DataFrame:
    """Score the runs and every naive forecast over a block of months.

    Parameters
    ----------
    results, period, record, weights
        As for `score_months`.
    since : str or Period, optional
        A period before which the naive forecasts' origin lies, if not the block itself.
    orders : iterable of date
        Days of orders to hold fire, before the block and within, that the runs were given.

    Returns
    -------
    pandas.DataFrame
        One row a method, the model's (`MODEL`) first:

        - block, method;
        - months: how many;
        - inside_90: share of months within the 5 % and 95 % quantiles, both included;
        - crps, mae (of the median), log_score: means over months;
        - width_90: mean of that interval's width divided by the observed count;
        - note: "level only" where `steps` knows no order, otherwise empty.

    Raises
    ------
    NotRecorded
        If results or record do not cover the block.
    """
    block, days = parse(period), tuple(orders)
    own = score_months(results, block, record, weights)
    months = own["month"].to_numpy().astype("datetime64[M]")
    past = months_before(parse(since or block), record)
    rows = [{"method": MODEL, **mean_scores(own), "note": ""}]
    for method in NAIVE:
        members = naive_members(method, past, months, days)
        row = mean_scores(score_members(members, own["observed"].to_numpy(), months))
        unknown = method == STEPS and not has_step(past, days)
        rows.append({"method": method, **row, "note": "level only" if unknown else ""})
    return pd.DataFrame([{"block": str(block), **row} for row in rows])


def pooled(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Pool the scores of blocks that share no month, each month counting alike.

    Parameters
    ----------
    tables : iterable of pandas.DataFrame
        As `score_block` gives them.

    Returns
    -------
    pandas.DataFrame
        One row a method, as there; ``block`` is `POOLED`.
    """
    table = pd.concat(list(tables), ignore_index=True)
    rows = []
    for method, each in table.groupby("method", sort=False):
        means = np.average(each[SCORES].to_numpy(np.float64), axis=0, weights=each["months"])
        notes = ", ".join(dict.fromkeys(note for note in each["note"] if note))
        row = {"block": POOLED, "method": method, "months": int(each["months"].sum())}
        rows.append({**row, **dict(zip(SCORES, means.tolist(), strict=True)), "note": notes})
    return pd.DataFrame(rows)


SCORES = ["inside_90", "crps", "mae", "log_score", "width_90"]
"""Columns of scores that are means over months."""


def best_naive(table: pd.DataFrame) -> dict[str, Any]:
    """Give the row of the naive forecast with the least CRPS: chosen afterwards, so hard to beat.

    Parameters
    ----------
    table : pandas.DataFrame
        As `score_block` or `pooled` gives it, of one block.
    """
    naive = table[table["method"] != MODEL].sort_values("crps", kind="stable")
    return {str(name): value for name, value in naive.iloc[0].items()}


def score_members(
    members: list[FloatArray],
    truth: npt.NDArray[np.int64] | FloatArray,
    months: npt.NDArray[np.datetime64],
    weights: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Score ensembles, one a month.

    Parameters
    ----------
    members : list of ndarray of float, one a month, shape (member,)
    truth : ndarray, shape (month,)
        What happened.
    months : ndarray of datetime64[M], shape (month,)
    weights : array_like, shape (member,), optional
        As for `crps`.

    Returns
    -------
    pandas.DataFrame
        As `score_months` gives it.
    """
    rows = []
    for month, each, value in zip(months, members, truth, strict=True):
        low, median, high = quantiles(each, (INTERVAL[0], 0.5, INTERVAL[1]), weights).tolist()
        rows.append(
            {
                "month": str(month), "observed": int(value), "p05": low, "median": median,
                "p95": high, "inside": bool(inside(each, value, weights)),
                "crps": float(crps(each, value, weights)),
                "log_score": float(log_score(each, value, weights)),
                "pit": float(pit(each, value, weights)),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def mean_scores(months: pd.DataFrame) -> dict[str, float]:
    """Sum up months that were scored: their number, and means as `score_block` has them."""
    return {
        "months": len(months),
        "inside_90": float(months["inside"].mean()),
        "crps": float(months["crps"].mean()),
        "mae": float((months["median"] - months["observed"]).abs().mean()),
        "log_score": float(months["log_score"].mean()),
        "width_90": float(((months["p95"] - months["p05"]) / months["observed"]).mean()),
    }


def _shares(weights: npt.ArrayLike | None, members: int) -> FloatArray:
    """Scale weights so that they add up to 1, shape (member,)."""
    share = np.ones(members) if weights is None else np.asarray(weights, np.float64)
    if share.shape != (members,):
        raise InputError(
            "weights of shape {shape} do not fit {members} members", shape=share.shape,
            members=members,
        )  # fmt: skip
    if not (np.isfinite(share).all() and (share >= 0).all() and share.sum() > 0):
        raise InputError("weights must be numbers of 0 or more, and not all 0")
    scaled: FloatArray = share / share.sum()
    return scaled
