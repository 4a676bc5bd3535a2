"""Reductions of homicide: against a stated baseline, and against runs without the truce.

Every reduction depends on its baseline, so none is given without naming it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError
from trucesim.world.observed import observed
from trucesim.world.periods import (
    FloatArray,
    NotRecorded,
    Period,
    daily_mean,
    parse,
    select,
    total,
)

#: The truce as its published evaluations take it: from its first day to October 2013.
WINDOW = parse("2012-03-09..2013-10-31")

QUANTILES = {"p05": 0.05, "median": 0.5, "p95": 0.95}


def baselines() -> dict[str, Period]:
    """Give the periods that a reduction is measured against.

    Returns
    -------
    dict of str to Period
        By the name used in the ids of the patterns ``averted_vs_*``: the weeks before the truce,
        which were a spike; the year before; and all 26 months before March 2012.
    """
    return {
        "jan_feb_2012": parse("2012-01-01..2012-03-08"),
        "2011": parse("2011"),
        "26_months": parse("2010-01..2012-02"),
    }


def interval(values: FloatArray) -> dict[str, float]:
    """Summarise a statistic over runs.

    Parameters
    ----------
    values : ndarray of float, shape (run,)
        One value per run.

    Returns
    -------
    dict of str to float
        The 5 %, 50 % and 95 % quantiles as ``p05``, ``median`` and ``p95``; NaN if a run has none.
    """
    quantiles = np.quantile(values, list(QUANTILES.values()))
    return dict(zip(QUANTILES, quantiles.tolist(), strict=True))


def averted(
    results: xr.Dataset, baseline: str | Period, window: str | Period = WINDOW
) -> FloatArray:
    """Count the recorded homicides averted in a window, had the baseline's daily mean gone on.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results or the observed record.
    baseline, window : str or Period
        The two periods compared.

    Returns
    -------
    ndarray of float, shape (run,)
        Homicides; negative where there were more than at the baseline's rate.

    Raises
    ------
    NotRecorded
        If the data do not give one of the two counts.
    """
    window = parse(window)
    expected = daily_mean(results, baseline, accept_assumed=True) * window.days
    return expected - total(results, window, accept_assumed=True)


def reduction(
    results: xr.Dataset, baseline: str | Period, window: str | Period = WINDOW
) -> FloatArray:
    """Compare the daily mean of a window with that of a baseline.

    Parameters
    ----------
    results, baseline, window
        As for `averted`.

    Returns
    -------
    ndarray of float, shape (run,)
        Reduction in percent; negative for a rise, NaN where the baseline has no homicide.

    Raises
    ------
    NotRecorded
        If the data do not give one of the two counts.
    """
    expected = daily_mean(results, baseline, accept_assumed=True) * parse(window).days
    return 100 * ratio(averted(results, baseline, window), expected)


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Divide; NaN where the denominator is zero.

    Parameters
    ----------
    numerator, denominator : ndarray of float, shape (run,)
        Counts or daily means.

    Returns
    -------
    ndarray of float, shape (run,)
    """
    return np.divide(
        numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator != 0
    )


def reductions(results: xr.Dataset, record: xr.Dataset | None = None) -> pd.DataFrame:
    """Measure the truce against every baseline, in the runs and in the observed record.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results.
    record : xarray.Dataset, optional
        The observed record; `trucesim.world.observed.observed` by default.

    Returns
    -------
    pandas.DataFrame
        One row per measure (``reduction_percent``, ``averted``) and baseline, with the columns
        measure, baseline, baseline_period, window, p05, median, p95, observed (NaN if unknown).
    """
    record = observed() if record is None else record
    rows = [
        {
            "measure": measure,
            "baseline": name,
            "baseline_period": str(baseline),
            "window": str(WINDOW),
            **interval(estimate(results, baseline)),
            "observed": _observed_value(record, estimate, baseline),
        }
        for measure, estimate in (("reduction_percent", reduction), ("averted", averted))
        for name, baseline in baselines().items()
    ]
    return pd.DataFrame(rows)


def true_total(results: xr.Dataset, period: str | Period) -> FloatArray:
    """Count the killings of a period, recorded and hidden.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results.
    period : str or Period
        Widened to whole months, since hidden killings are kept by month.

    Returns
    -------
    ndarray of float, shape (run,)
        Killings: ``recorded_national`` plus ``hidden`` of all kinds.

    Raises
    ------
    NotRecorded
        If the results do not give the count.
    """
    whole = parse(period).widened()
    hidden = select(results, "hidden", whole).sum(["month", "kind"])
    return total(results, whole) + hidden.values.astype(np.float64)


def hiding(results: xr.Dataset, record: xr.Dataset | None = None) -> pd.DataFrame:
    """Measure the truce in recorded and in true killings, against every baseline.

    Hidden killings are known by month. So that hiding alone makes the difference, both are counted
    over the same whole months: those that lie in `WINDOW` and in the baseline.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results.
    record : xarray.Dataset, optional
        The observed record; `trucesim.world.observed.observed` by default.

    Returns
    -------
    pandas.DataFrame
        One row per measure (``reduction_percent``, ``averted``), baseline and what is counted
        (``recorded``; ``true``: recorded and hidden; ``recorded_less_true``: their difference, run
        by run), with the columns measure, counted, baseline, baseline_period, window, p05, median,
        p95, observed (NaN where no record can tell).

    Raises
    ------
    NotRecorded
        If the results do not give the counts.
    """
    record = observed() if record is None else record
    window = WINDOW.narrowed()
    rows = []
    for measure, estimate in (("reduction_percent", _percent_fewer), ("averted", _fewer)):
        for name, baseline in baselines().items():
            period = baseline.narrowed()
            recorded, true = (
                estimate(count(results, period) / period.days * window.days, count(results, window))
                for count in (total, true_total)
            )
            known = estimate(
                total(record, period) / period.days * window.days, total(record, window)
            )
            for counted, values, value in (
                ("recorded", recorded, float(known.item())),
                ("true", true, math.nan),
                ("recorded_less_true", recorded - true, math.nan),
            ):
                rows.append(
                    {
                        "measure": measure,
                        "counted": counted,
                        "baseline": name,
                        "baseline_period": str(period),
                        "window": str(window),
                        **interval(values),
                        "observed": value,
                    }
                )
    return pd.DataFrame(rows)


def _fewer(expected: FloatArray, counted: FloatArray) -> FloatArray:
    return expected - counted


def _percent_fewer(expected: FloatArray, counted: FloatArray) -> FloatArray:
    return 100 * ratio(expected - counted, expected)


_MEASURES: dict[str, Callable[[xr.Dataset, Period], FloatArray]] = {
    "recorded": total,
    "true": true_total,
}


def paired(
    results: xr.Dataset, counterfactual: xr.Dataset, window: str | Period = WINDOW
) -> pd.DataFrame:
    """Compare runs with their own counterfactuals: the same seed, run by run.

    Parameters
    ----------
    results : xarray.Dataset
        Runs of a scenario.
    counterfactual : xarray.Dataset
        Runs of another (say, without the truce) with the same seed, runs and calendar.
    window : str or Period, optional
        What to count over. True killings are known by month: for them it is widened to whole
        months, as the column ``window`` says. With common random numbers the days so added before
        the truce are equal on both sides; they leave the difference as it is and lower its
        percentage a little.

    Returns
    -------
    pandas.DataFrame
        A row for ``recorded`` and one for ``true`` (recorded and hidden) killings: measure,
        window, the quantiles of ``averted`` (counterfactual minus results) and of
        ``reduction_percent`` (of the counterfactual's count), and the shares of runs in which the
        results have fewer killings (``share_fewer``) and as many (``share_equal``).

    Raises
    ------
    InputError
        If seed, runs or calendar differ, or the window lies outside the calendar.
    """
    _check_pair(results, counterfactual)
    window = parse(window)
    rows = []
    for measure, count in _MEASURES.items():
        own, other = count(results, window), count(counterfactual, window)
        rows.append(
            {
                "measure": measure,
                "window": str(window.widened() if count is true_total else window),
                **_prefixed("averted", interval(other - own)),
                **_prefixed("reduction_percent", interval(100 * ratio(other - own, other))),
                "share_fewer": float(np.mean(own < other)),
                "share_equal": float(np.mean(own == other)),
            }
        )
    return pd.DataFrame(rows)


def difference(a: xr.Dataset, b: xr.Dataset) -> pd.DataFrame:
    """Compare two scenarios run by run, year by year and over the whole period.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same seed, runs and calendar.

    Returns
    -------
    pandas.DataFrame
        One row per measure (``recorded``; ``true``: recorded and hidden) and period (each full
        year, then the whole calendar): measure, period, the quantiles of ``a``, ``b`` and
        ``difference`` (a minus b: negative where A has fewer), and the shares of runs in which A
        has fewer killings (``share_a_fewer``) and as many (``share_equal``).

    Raises
    ------
    InputError
        If seed, runs or calendar differ.
    """
    _check_pair(a, b)
    rows = []
    for measure, count in _MEASURES.items():
        for period in [*_years(a), _calendar(a)]:
            of_a, of_b = count(a, period), count(b, period)
            rows.append(
                {
                    "measure": measure,
                    "period": str(period),
                    **_prefixed("a", interval(of_a)),
                    **_prefixed("b", interval(of_b)),
                    **_prefixed("difference", interval(of_a - of_b)),
                    "share_a_fewer": float(np.mean(of_a < of_b)),
                    "share_equal": float(np.mean(of_a == of_b)),
                }
            )
    return pd.DataFrame(rows)


def yearly(results: xr.Dataset, record: xr.Dataset | None = None) -> pd.DataFrame:
    """Count the recorded homicides of each full year.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results.
    record : xarray.Dataset, optional
        The observed record; `trucesim.world.observed.observed` by default.

    Returns
    -------
    pandas.DataFrame
        Columns year (int), p05, median, p95, observed (NaN if unknown).
    """
    record = observed() if record is None else record
    rows = [
        {
            "year": year.start.year,
            **interval(total(results, year)),
            "observed": _observed_value(record, total, year),
        }
        for year in _years(results)
    ]
    return pd.DataFrame(rows)


def summary(results: xr.Dataset, counterfactual: xr.Dataset | None = None) -> dict[str, Any]:
    """Gather the headline figures, ready for JSON.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results.
    counterfactual : xarray.Dataset, optional
        Runs without the truce, with the same seed, runs and calendar.

    Returns
    -------
    dict
        ``total_recorded`` by year; ``reduction_by_baseline`` (percent) and
        ``averted_by_baseline`` (homicides) by baseline; ``averted_vs_no_truce`` by measure, None
        without a counterfactual. Numbers are floats, None where undefined.

    Raises
    ------
    InputError
        If seed, runs or calendar of the two differ.
    """
    against = reductions(results)
    return {
        "total_recorded": _nested(yearly(results), "year"),
        "reduction_by_baseline": _nested(
            against[against["measure"] == "reduction_percent"], "baseline"
        ),
        "averted_by_baseline": _nested(against[against["measure"] == "averted"], "baseline"),
        "averted_vs_no_truce": None
        if counterfactual is None
        else _nested(paired(results, counterfactual), "measure"),
    }


def _observed_value(
    record: xr.Dataset, estimate: Callable[[xr.Dataset, Period], FloatArray], period: Period
) -> float:
    """Apply an estimator to the observed record; NaN where the record does not give it."""
    try:
        return float(estimate(record, period).item())
    except NotRecorded:
        return math.nan


def _check_pair(a: xr.Dataset, b: xr.Dataset) -> None:
    """Refuse to pair runs that do not share seed, runs and calendar."""
    for name, of_a, of_b in (
        ("seed", a.attrs.get("seed"), b.attrs.get("seed")),
        ("number of runs", a.sizes["run"], b.sizes["run"]),
    ):
        if of_a is None or of_a != of_b:
            raise InputError(
                f"runs can be paired only if they have the same {name}: "
                f"{_name(a)} has {of_a}, {_name(b)} has {of_b}"
            )
    for dim in ("month", "day", "run"):
        if dim in a.coords and dim in b.coords and not a.indexes[dim].equals(b.indexes[dim]):
            raise InputError(
                f"runs can be paired only if they have the same {dim}s: those of "
                f"{_name(a)} and {_name(b)} differ"
            )


def _name(results: xr.Dataset) -> str:
    return repr(results.attrs.get("scenario", "a scenario without a name"))


def _calendar(results: xr.Dataset) -> Period:
    """Return the whole period of the results."""
    month = results["month"].values.astype("datetime64[D]")
    return parse(f"{month[0]}..{month[-1].astype('datetime64[M]')}")


def _years(results: xr.Dataset) -> list[Period]:
    """Return the full years of the results."""
    whole = _calendar(results)
    years = (parse(str(year)) for year in range(whole.start.year, whole.last.year + 1))
    return [year for year in years if whole.start <= year.start and year.stop <= whole.stop]


def _prefixed(prefix: str, quantiles: dict[str, float]) -> dict[str, float]:
    return {f"{prefix}_{name}": value for name, value in quantiles.items()}


def _nested(frame: pd.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    """Turn rows into a dictionary by `key`, with None for NaN, which JSON does not know."""
    return {
        str(row[key]): {
            str(name): None if isinstance(value, float) and math.isnan(value) else value
            for name, value in row.items()
            if name not in ("measure", key)
        }
        for row in frame.to_dict("records")
    }
