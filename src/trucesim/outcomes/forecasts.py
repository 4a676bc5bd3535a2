"""Forecasts of national homicides by month, scored beside naive ones at the same origins.

The windows, their origins and the errors of the naive forecasts come from the shipped
``benchmarks.json``. A naive forecast sees the record up to its origin and nothing else. The model's
is conditional (`CONDITIONALITY`): it is also given what happened on known dates after the origin,
and its rules were written when the whole period was known. So a better score of the model is an
upper bound on what it would have foreseen.

All forecasts are of the homicides of a month, made as a rate per day times the days of the month.
Both sides are scored by the same estimators; neither is given the noise of a finite ensemble as an
error of its own (`crps`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError, nearest
from trucesim.outcomes.patterns import FIT_WINDOW_END
from trucesim.world.observed import observed
from trucesim.world.periods import FloatArray, NotRecorded, Period, parse, select

type IntArray = npt.NDArray[np.int64]

#: What a caption under a forecast has to say, by language.
CONDITIONALITY = {
    "en": "A conditional forecast: the model is given what happened on known dates after the "
    "origin (transfers of leaders, ministers, soldiers), but no homicides; the naive forecasts are "
    "given neither.",
    "es": "Pronóstico condicional: el modelo recibe lo que ocurrió en fechas conocidas después del "
    "origen (traslados de líderes, ministros, soldados), pero ningún homicidio; los pronósticos "
    "simples no reciben ni lo uno ni lo otro.",
}

#: The bounds of the interval whose coverage and width are reported.
INTERVAL = (0.05, 0.95)

POSTERIOR_ENDS = f"{FIT_WINDOW_END.last:%Y-%m}"
KEPT_AT_AN_ORIGIN = 0.05
"""Share of the runs that a later origin keeps."""


#: With fewer past errors than this, a naive forecast borrows those of shorter horizons.
LEAST_ERRORS = 20

#: The name of the simulated forecast among the methods.
MODEL = "model"

_OLD_LEVEL = parse("2010-01..2012-02")
_KEY = re.compile(r"(fit|holdout)_(?P<span>\S+)(?: \(origin (?P<origin>\d{4}-\d{2})\))?")


@dataclass(frozen=True)
class Window:
    """Months that are forecast from one origin.

    Attributes
    ----------
    period : Period
        The months, whole.
    origin : str
        The last month that a forecast may use, such as ``2013-06``; empty for the fit window,
        whose methods are fitted to the window itself and stand for reference.
    published : dict of str to dict
        The file's error measures (MAE, RMSE, MAPE, R2) by method.
    """

    period: Period
    origin: str
    published: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Series:
    """Consecutive months of the record.

    Attributes
    ----------
    months : ndarray of datetime64[M], shape (month,)
    counts : ndarray of float, shape (month,)
        Homicides.
    days : ndarray of float, shape (month,)
        Days of each month.
    """

    months: npt.NDArray[np.datetime64]
    counts: FloatArray
    days: FloatArray

    @property
    def rates(self) -> FloatArray:
        """Homicides per day, shape (month,)."""
        rates: FloatArray = self.counts / self.days
        return rates

    def first(self, number: int) -> Series:
        """Give the first months alone."""
        return self.of(np.arange(len(self.months)) < number)

    def last(self, number: int) -> Series:
        """Give the last months alone."""
        return self.of(np.arange(len(self.months)) >= len(self.months) - number)

    def of(self, chosen: npt.NDArray[np.bool_]) -> Series:
        """Give chosen months alone."""
        return Series(self.months[chosen], self.counts[chosen], self.days[chosen])

    def up_to(self, month: str) -> Series:
        """Give the months up to one, this included."""
        return self.of(self.months <= np.datetime64(month, "M"))

    def within(self, period: Period) -> Series:
        """Give the months that lie in a period."""
        start, stop = (np.datetime64(day, "M") for day in (period.start, period.stop))
        return self.of((start <= self.months) & (self.months < stop))

    def level(self) -> float:
        """Homicides per day over all months."""
        return float(self.counts.sum() / self.days.sum())


@dataclass(frozen=True)
class Naive:
    """A forecast from the record alone.

    Attributes
    ----------
    rates : callable
        From the Series up to the origin and the horizons in months, shape (horizon,), to homicides
        per day, shape (horizon,).
    least : int
        Months of record, counted from its beginning in January 2009, before it can be made.
    """

    rates: Callable[[Series, IntArray], FloatArray]
    least: int


def last_months(past: Series, horizons: IntArray) -> FloatArray:
    """Keep the mean rate of the last three months."""
    return np.full(len(horizons), past.last(3).level())


def old_level(past: Series, horizons: IntArray) -> FloatArray:
    """Return to the mean rate of January 2010 - February 2012, as far as it is past."""
    return np.full(len(horizons), past.within(_OLD_LEVEL).level())


def linear_trend(past: Series, horizons: IntArray) -> FloatArray:
    """Extend the least-squares line through the rates of the last twelve months, not below 0."""
    slope, intercept = np.polyfit(np.arange(-11, 1), past.rates[-12:], 1)
    line: FloatArray = np.maximum(intercept + slope * horizons, 0.0)
    return line


def same_month(past: Series, horizons: IntArray) -> FloatArray:
    """Repeat the rate of the same month among the last twelve before the origin."""
    rates: FloatArray = past.rates[-12:][(horizons - 1) % 12]
    return rates


#: The naive forecasts, by the names that ``benchmarks.json`` gives them; it has no seasonal one.
NAIVE: dict[str, Naive] = {
    "last-3-month level": Naive(last_months, 3),
    "return to 2010-Feb2012 level": Naive(old_level, 24),
    "12-month linear trend": Naive(linear_trend, 12),
    "seasonal": Naive(same_month, 12),
}

PERSISTENCE = "persistence 1-step"

#: The months at which each method of the fit window takes a new level; its own in-sample fit.
STEPS: dict[str, tuple[str, ...]] = {
    "constant": (),
    "one step 2012-03": ("2012-03",),
    # March 2012, of which eight days lie before the truce, has a level of its own.
    "two steps 2012-03,2013-07 (March 2012 free)": ("2012-03", "2012-04", "2013-07"),
}


@cache
def windows() -> dict[str, Window]:
    """Read the windows from the shipped benchmarks.

    Returns
    -------
    dict of str to Window
        By period (``2013-07..2014-06``), in the order of the file, which begins with the fit
        window.
    """
    text = files("trucesim").joinpath("data", "el_salvador", "benchmarks.json").read_text("utf-8")
    found = {}
    for key, methods in json.loads(text).items():
        if match := _KEY.fullmatch(key):
            period = _period(match["span"])
            published = {name: row for name, row in methods.items() if isinstance(row, dict)}
            found[str(period)] = Window(period, match["origin"] or "", published)
    return found


def series(record: xr.Dataset | None = None) -> Series:
    """Take the monthly series out of a record.

    Parameters
    ----------
    record : xarray.Dataset, optional
        With ``recorded_national`` and one run; `trucesim.world.observed.observed` by default.

    Returns
    -------
    Series
    """
    monthly = (observed() if record is None else record)["recorded_national"].isel(run=0)
    return Series(
        monthly["month"].values.astype("datetime64[M]"),
        monthly.values.astype(np.float64),
        monthly["month"].dt.days_in_month.values.astype(np.float64),
    )


def origin_weights(
    results: xr.Dataset, origin: str, record: xr.Dataset | None = None
) -> FloatArray:
    """Weight runs by how closely they followed the record from July 2013 up to a later origin.

    The shipped posterior ends in June 2013. A forecast from a later origin may know the months in
    between: the runs closest to them, quarter by quarter, are kept and weighted by an Epanechnikov
    kernel (approximate Bayesian computation once more, with runs in place of parameters). These
    weights are for that origin alone and are never the default.

    Parameters
    ----------
    results : xarray.Dataset
        With ``recorded_national(run, month)``.
    origin : str
        Month, such as ``2013-12``; for June 2013 all weights are equal.
    record : xarray.Dataset, optional
        As for `series`.

    Returns
    -------
    array, shape (run,)
        They sum to 1.
    """
    runs = results.sizes["run"]
    one = np.timedelta64(1, "M")
    first = np.datetime64(POSTERIOR_ENDS, "M") + one
    last = np.datetime64(origin, "M")
    if last < first:
        return np.full(runs, 1.0 / runs)
    known = series(record)
    months = np.arange(first, last + one, one)
    rows = np.searchsorted(known.months, months)
    simulated = results["recorded_national"].sel(month=months.astype("datetime64[ns]"))
    starts = np.arange(0, len(months), 3)
    by_quarter = np.add.reduceat(simulated.transpose("run", "month").values, starts, axis=1)
    observed_by_quarter = np.add.reduceat(known.counts[rows], starts)
    apart = np.log(np.maximum(by_quarter, 0.5)) - np.log(observed_by_quarter)
    distance = np.sqrt(np.mean(apart**2, axis=1))
    kept = min(max(round(KEPT_AT_AN_ORIGIN * runs), 50), runs - 1)
    order = np.argsort(distance, kind="stable")
    weights = np.zeros(runs)
    closest = order[:kept]
    weights[closest] = 1.0 - (distance[closest] / distance[order[kept]]) ** 2
    return weights / weights.sum()


def naive_forecast(method: str, window: Window, record: xr.Dataset | None = None) -> FloatArray:
    """Forecast the months of a window from the record alone.

    Parameters
    ----------
    method : str
        A name of `NAIVE` or, for the fit window, of `STEPS` or `PERSISTENCE`.
    window : Window
        What to forecast.
    record : xarray.Dataset, optional
        As for `series`. Months after the origin are not looked at (but for the fit window, whose
        methods are fitted to it).

    Returns
    -------
    ndarray of float, shape (month,)
        Homicides; NaN in the first month for persistence, as in the file, which takes the month
        before from the window.

    Raises
    ------
    InputError
        If the window has no such method.
    """
    _check_method(method, window)
    whole = series(record)
    if window.origin:
        past = whole.up_to(window.origin)
        return NAIVE[method].rates(past, _horizons(window)) * _days(window)
    own = whole.within(window.period)
    rates = _previous(own.rates) if method == PERSISTENCE else _stepwise(own, STEPS[method])
    return rates * own.days


def naive_errors(method: str, past: Series, horizon: int) -> FloatArray:
    """Give the errors that a naive forecast has made so far at one horizon.

    Every month of the record at which the forecast could have been made is taken as an origin, as
    long as the month forecast is itself past; at each of them it is made from the months up to
    there alone. (A return to the old level takes those months of the old level's period that lie
    up to there, twelve at least.)

    Parameters
    ----------
    method : str
        A name of `NAIVE`.
    past : Series
        The record up to the origin.
    horizon : int
        Months ahead, 1 for the next.

    Returns
    -------
    ndarray of float, shape (error,)
        Observed minus forecast, in homicides per day, from the earliest origin to the latest.
    """
    naive = NAIVE[method]
    ahead = np.array([horizon])
    origins = range(naive.least, len(past.months) - horizon + 1)
    made = [naive.rates(past.first(known), ahead)[0] for known in origins]
    return past.rates[naive.least + horizon - 1 :] - np.array(made, dtype=np.float64)


def naive_ensemble(
    method: str, window: Window, record: xr.Dataset | None = None, *, centred: bool = False
) -> list[FloatArray]:
    """Give a naive forecast as a distribution: its value plus the errors it has made so far.

    - At an origin: the past errors at the month's own horizon (`naive_errors`). Where there are
      fewer than `LEAST_ERRORS`, those of the next shorter horizons are added, one horizon after the
      other, until there are as many; long horizons then look somewhat surer than they are.
    - In the fit window: persistence likewise, at horizon 1 and from the month before. The steps,
      which are fitted to the window, take the residuals of its other months.

    Parameters
    ----------
    method, window, record
        As for `naive_forecast`.
    centred : bool, optional
        Take the errors around their mean, so that they spread the forecast and do not shift it.
        By default a forecast that has been too low so far is corrected for it.

    Returns
    -------
    list of ndarray of float, one per month, shape (member,)
        Homicides, none below zero; empty where `naive_forecast` has no value.

    Raises
    ------
    InputError
        If the window has no such method.
    NotRecorded
        If there are fewer than two past errors.
    """
    point = naive_forecast(method, window, record)
    days = _days(window)
    whole = series(record)
    if window.origin:
        past = whole.up_to(window.origin)
        by_horizon = [naive_errors(method, past, int(ahead)) for ahead in _horizons(window)]
        errors = [_enough(by_horizon[: index + 1]) for index in range(len(point))]
    elif method == PERSISTENCE:
        before = int(np.flatnonzero(whole.months == np.datetime64(window.period.start, "M"))[0])
        made = np.diff(whole.rates)
        errors = [made[: before + index - 1] for index in range(len(point))]
    else:
        residuals = whole.within(window.period).rates - point / days
        errors = [np.delete(residuals, index) for index in range(len(point))]
    if min(map(len, errors)) < 2:
        raise NotRecorded(f"{window.period}: the record is too short for the errors of {method!r}")
    if centred:
        errors = [each - each.mean() for each in errors]
    return [
        np.maximum(value + past_errors * length, 0.0) if np.isfinite(value) else np.empty(0)
        for value, past_errors, length in zip(point, errors, days, strict=True)
    ]


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


def score_forecast(
    results: xr.Dataset,
    window: str | Window,
    weights: npt.ArrayLike | None = None,
    record: xr.Dataset | None = None,
) -> pd.DataFrame:
    """Score the runs and every naive forecast over one window.

    Parameters
    ----------
    results : xarray.Dataset
        With ``recorded_national(run, month)``.
    window : str or Window
        A window, or its name in `windows`.
    weights : array_like, shape (run,), optional
        Weights of the runs as known at the origin; equal by default.
    record : xarray.Dataset, optional
        The observed record; `trucesim.world.observed.observed` by default.

    Returns
    -------
    pandas.DataFrame
        One row per method, the model's (`MODEL`) first, with the columns

        - window, origin, method;
        - months: how many are scored;
        - members: of the model's ensemble, the effective number 1 / sum of squared shares; of a
          naive one, the least number over months;
        - mae: mean absolute error, of the ensemble's median or of the naive forecast itself;
        - mae_published: as in ``benchmarks.json``; NaN where it has none;
        - mae_skill: 1 - MAE of the model / MAE of this method over the months of both, positive
          where the model is better; NaN for the model itself;
        - crps: mean `crps`;
        - crps_skill: as mae_skill, of the CRPS;
        - crps_centred, crps_skill_centred: the same for a naive forecast that takes its past errors
          around their mean (see `naive_ensemble`); NaN for the model itself. Past errors of one
          sign, made when the truce began, mislead where it ends: the lower of the two skills is
          what the model is worth;
        - coverage_90: share of months within the 5 % and 95 % quantiles, both included;
        - width_90: mean of that interval's width divided by the observed count.

    Raises
    ------
    InputError
        If the window or the weights are wrong.
    NotRecorded
        If results or record do not cover the window.
    """
    window = _window(window)
    record = observed() if record is None else record
    truth = _by_run(record, window)[0]
    runs = _by_run(results, window)
    share = _shares(weights, len(runs))
    model = _scored(list(runs.T), truth, weights=weights)
    model_crps = crps(runs, truth, weights)
    model_error = np.abs(quantiles(runs, [0.5], weights)[0] - truth)
    common = {"window": str(window.period), "origin": window.origin}
    own = {**common, "method": MODEL, "members": 1 / float((share**2).sum()), **model}
    rows = [own]
    for method in _methods(window):
        point = naive_forecast(method, window, record)
        scored = np.isfinite(point)
        members, centred = (
            [each for each in naive_ensemble(method, window, record, centred=shift) if len(each)]
            for shift in (False, True)
        )
        row = _scored(members, truth[scored], point[scored])
        crps_centred = _scored(centred, truth[scored], point[scored])["crps"]
        of_model = float(model_crps[scored].mean())
        rows.append(
            {
                **common,
                "method": method,
                "members": float(min(map(len, members))),
                **row,
                "mae_published": window.published.get(method, {}).get("MAE", np.nan),
                "mae_skill": 1 - float(model_error[scored].mean()) / row["mae"],
                "crps_skill": 1 - of_model / row["crps"],
                "crps_centred": crps_centred,
                "crps_skill_centred": 1 - of_model / crps_centred,
            }
        )
    columns = "window origin method months members mae mae_published mae_skill crps crps_skill"
    centred_columns = ["crps_centred", "crps_skill_centred"]
    return pd.DataFrame(rows)[[*columns.split(), *centred_columns, "coverage_90", "width_90"]]


def forecast_table(
    results: xr.Dataset,
    weights: Mapping[str, npt.ArrayLike] | None = None,
    record: xr.Dataset | None = None,
) -> pd.DataFrame:
    """Score the runs and every naive forecast over every window.

    Parameters
    ----------
    results, record
        As for `score_forecast`.
    weights : mapping of str to array_like, optional
        Weights of the runs, shape (run,), by origin (``2013-06``): what was known there. Equal
        where an origin has none.

    Returns
    -------
    pandas.DataFrame
        The rows of `score_forecast`, window by window.

    Raises
    ------
    InputError
        If an origin is unknown or weights do not fit the runs.
    NotRecorded
        If results or record do not cover a window.
    """
    weights = {} if weights is None else weights
    origins = {window.origin for window in windows().values()}
    for origin in weights:
        if origin not in origins:
            raise InputError(f"no forecast has the origin {origin!r}{nearest(origin, origins)}")
    return pd.concat(
        [
            score_forecast(results, window, weights.get(window.origin), record)
            for window in windows().values()
        ],
        ignore_index=True,
    )


def judge(comparison: pd.DataFrame) -> pd.DataFrame:
    """Judge each row of a comparison by whether it says something, and rightly.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `trucesim.outcomes.patterns.compare` gives it.

    Returns
    -------
    pandas.DataFrame
        The same rows with four columns more: ``simulated`` (bool), ``too_wide`` (bool: the 90 %
        interval is wider than the observed value, so that being inside means little), ``counts``
        (bool: inside and not too wide), and ``right_in_sign`` (object: for ratios, whether the
        median lies on the same side of 1 as the observed value; None for others and for what is
        not simulated).
    """
    simulated = comparison["simulated_median"].notna()
    width = comparison["simulated_p95"] - comparison["simulated_p05"]
    too_wide = simulated & (width > comparison["observed"].abs())
    same_side = (comparison["simulated_median"] - 1) * (comparison["observed"] - 1) > 0
    return comparison.assign(
        simulated=simulated,
        too_wide=too_wide,
        counts=comparison["inside"].eq(True) & ~too_wide,
        right_in_sign=same_side.astype(object).where(simulated & comparison["ratio"], None),
    )


def hold_outs(comparison: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of a comparison that the model gets right, by their use.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `trucesim.outcomes.patterns.compare` gives it.

    Returns
    -------
    pandas.DataFrame
        One row per use that has simulated rows, with the columns use, simulated (rows), inside,
        too_wide (of those inside: rows that say too little to count), counted (inside and not too
        wide), coverage (counted / simulated), ratios, right_in_sign (of the ratios).
    """
    judged = judge(comparison)
    judged = judged[judged["simulated"]]
    rows = []
    for use, group in judged.groupby("use", sort=False):
        inside = group["inside"].eq(True)
        counted = int(group["counts"].sum())
        rows.append(
            {
                "use": use,
                "simulated": len(group),
                "inside": int(inside.sum()),
                "too_wide": int((inside & group["too_wide"]).sum()),
                "counted": counted,
                "coverage": counted / len(group),
                "ratios": int(group["right_in_sign"].notna().sum()),
                "right_in_sign": int(group["right_in_sign"].eq(True).sum()),
            }
        )
    return pd.DataFrame(rows)


def _period(span: str) -> Period:
    """Read the file's short forms: 2013-07..2014-06, 2016-04..12, 2010-2013, 2014-2016Mar."""
    text = re.sub(r"^(\d{4})-(?=\d{4})", r"\1..", span).replace("Mar", "-03")
    first, _, last = text.partition("..")
    last = f"{first[:4]}-{last}" if len(last) == 2 else last
    return parse(f"{first}..{last or first}")


def _window(window: str | Window) -> Window:
    if isinstance(window, Window):
        return window
    if window not in windows():
        raise InputError(
            f"no window {window!r}{nearest(window, windows())}; there are: {', '.join(windows())}"
        )
    return windows()[window]


def _methods(window: Window) -> list[str]:
    return list(NAIVE) if window.origin else [*STEPS, PERSISTENCE]


def _check_method(method: str, window: Window) -> None:
    if method not in (methods := _methods(window)):
        raise InputError(
            f"{window.period}: no forecast {method!r}{nearest(method, methods)}; "
            f"there are: {', '.join(methods)}"
        )


def _horizons(window: Window) -> IntArray:
    """Give the months ahead of the origin, shape (month,)."""
    first = np.datetime64(window.period.start, "M") - np.datetime64(window.origin, "M")
    return np.arange(window.period.months) + first.astype(np.int64)


def _days(window: Window) -> FloatArray:
    """Give the days of the window's months, shape (month,)."""
    start, stop = (np.datetime64(day, "M") for day in (window.period.start, window.period.stop))
    starts = np.arange(start, stop + np.timedelta64(1, "M")).astype("datetime64[D]")
    return np.diff(starts).astype(np.float64)


def _by_run(data: xr.Dataset, window: Window) -> FloatArray:
    """Take the window's homicides, shape (run, month)."""
    counts = select(data, "recorded_national", window.period).transpose("run", "month")
    return counts.values.astype(np.float64)


def _previous(rates: FloatArray) -> FloatArray:
    return np.concatenate([[np.nan], rates[:-1]])


def _stepwise(own: Series, cuts: tuple[str, ...]) -> FloatArray:
    """Fit a level to the months between cuts, shape (month,)."""
    segment = np.searchsorted(np.array(cuts, "datetime64[M]"), own.months, side="right")
    return np.array([own.of(segment == each).level() for each in segment])


def _enough(by_horizon: list[FloatArray]) -> FloatArray:
    """Take the last horizon's errors and, while there are too few, those of shorter ones."""
    errors = by_horizon[-1]
    for shorter in reversed(by_horizon[:-1]):
        if len(errors) >= LEAST_ERRORS:
            break
        errors = np.concatenate([errors, shorter])
    return errors


def _shares(weights: npt.ArrayLike | None, members: int) -> FloatArray:
    """Scale weights so that they add up to 1, shape (member,)."""
    share = np.ones(members) if weights is None else np.asarray(weights, np.float64)
    if share.shape != (members,):
        raise InputError(f"weights of shape {share.shape} do not fit {members} members")
    if not (np.isfinite(share).all() and (share >= 0).all() and share.sum() > 0):
        raise InputError("weights must be numbers of 0 or more, and not all 0")
    scaled: FloatArray = share / share.sum()
    return scaled


def _scored(
    members: list[FloatArray],
    truth: FloatArray,
    point: FloatArray | None = None,
    weights: npt.ArrayLike | None = None,
) -> dict[str, float]:
    """Score ensembles, one per month; the median stands for a forecast without a point."""
    bounds = np.array([quantiles(row, (*INTERVAL, 0.5), weights) for row in members])
    low, high, median = bounds.T
    scores = [crps(row, value, weights) for row, value in zip(members, truth, strict=True)]
    return {
        "months": len(truth),
        "mae": float(np.abs((median if point is None else point) - truth).mean()),
        "crps": float(np.mean(scores)),
        "coverage_90": float(((low <= truth) & (truth <= high)).mean()),
        "width_90": float(((high - low) / truth).mean()),
    }
