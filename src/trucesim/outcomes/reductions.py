"""Reductions of homicide against a stated baseline.

Every reduction depends on its baseline, so none is given without naming it. Against runs without
the truce they are in :mod:`trucesim.outcomes.paired`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.outcomes.statistics import interval, ratio
from trucesim.world.observed import observed
from trucesim.world.periods import (
    FloatArray,
    NotRecorded,
    Period,
    daily_mean,
    parse,
    select,
    total,
    whole,
)

#: The truce as its published evaluations take it: from its first day to October 2013.
WINDOW = parse("2012-03-09..2013-10-31")


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
    widened = parse(period).widened()
    hidden = select(results, "hidden", widened).sum(["month", "kind"])
    return total(results, widened) + hidden.values.astype(np.float64)


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
        for year in full_years(results)
    ]
    return pd.DataFrame(rows)


def _observed_value(
    record: xr.Dataset, estimate: Callable[[xr.Dataset, Period], FloatArray], period: Period
) -> float:
    """Apply an estimator to the observed record; NaN where the record does not give it."""
    try:
        return float(estimate(record, period).item())
    except NotRecorded:
        return math.nan


def full_years(results: xr.Dataset) -> list[Period]:
    """Give the full years of the results."""
    span = whole(results)
    years = (parse(str(year)) for year in range(span.start.year, span.last.year + 1))
    return [year for year in years if span.start <= year.start and year.stop <= span.stop]
