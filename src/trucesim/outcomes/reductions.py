"""Reductions of homicide against a stated baseline.

Every reduction depends on its baseline, so none is given without naming it. Against runs without
the truce they are in :mod:`trucesim.outcomes.paired`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.outcomes.statistics import QUANTILES, interval, ratio
from trucesim.world import calendar
from trucesim.world.folder import open_folder
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


def window() -> Period:
    """Give the span over which a truce is measured in the country that is spoken of."""
    truce = open_folder().plan.truce
    whole = f"{calendar.START:%Y-%m}..{calendar.END:%Y-%m}"
    return parse(whole if truce is None else truce.window)


def baselines() -> dict[str, Period]:
    """Give the periods that a reduction is measured against in the country that is spoken of.

    Returns
    -------
    dict of str to Period
        By the name used in the ids of the patterns ``averted_vs_*``.
    """
    truce = open_folder().plan.truce
    return {} if truce is None else {name: parse(each) for name, each in truce.baselines.items()}


def averted(results: xr.Dataset, baseline: str | Period, over: str | Period) -> FloatArray:
    """Count the recorded homicides averted in a window, had the baseline's daily mean gone on.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results or the observed record.
    baseline, over : str or Period
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
    over = parse(over)
    expected = daily_mean(results, baseline, accept_assumed=True) * over.days
    return expected - total(results, over, accept_assumed=True)


def reduction(results: xr.Dataset, baseline: str | Period, over: str | Period) -> FloatArray:
    """Compare the daily mean of a window with that of a baseline.

    Parameters
    ----------
    results, baseline, over
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
    over = parse(over)
    expected = daily_mean(results, baseline, accept_assumed=True) * over.days
    return 100 * ratio(averted(results, baseline, over), expected)


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
    record, over = observed() if record is None else record, window()
    rows = [
        {
            "measure": measure,
            "baseline": name,
            "baseline_period": str(baseline),
            "window": str(over),
            **interval(estimate(results, baseline, over)),
            "observed": _observed_value(record, partial(estimate, over=over), baseline),
        }
        for measure, estimate in (("reduction_percent", reduction), ("averted", averted))
        for name, baseline in baselines().items()
    ]
    columns = ["measure", "baseline", "baseline_period", "window", *QUANTILES, "observed"]
    return pd.DataFrame(rows, columns=columns)


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
    over the same whole months: those that lie in `window` and in the baseline.

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
    over = window().narrowed()
    rows = []
    for measure, estimate in (("reduction_percent", _percent_fewer), ("averted", _fewer)):
        for name, baseline in baselines().items():
            period = baseline.narrowed()
            recorded, true = (
                estimate(count(results, period) / period.days * over.days, count(results, over))
                for count in (total, true_total)
            )
            known = estimate(total(record, period) / period.days * over.days, total(record, over))
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
                        "window": str(over),
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
