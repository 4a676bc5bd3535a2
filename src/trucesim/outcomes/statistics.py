"""What several numbers share: quantiles over runs, ratios."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trucesim.runs.results import QUANTILES as LEVELS
from trucesim.world.periods import FloatArray

QUANTILES = {"p05": 0.05, "median": 0.5, "p95": 0.95}


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


def prefixed(prefix: str, values: FloatArray) -> dict[str, float]:
    """Summarise a statistic over runs, as `interval`, under names such as ``averted_median``."""
    return {f"{prefix}_{name}": value for name, value in interval(values).items()}


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


def quantiles_by_month(series: xr.DataArray) -> FloatArray:
    """Give the 5, 25, 50, 75 and 95% quantiles over runs, shape (5, month)."""
    counts = series.transpose("run", "month").values.astype(np.float64)
    quantiles: FloatArray = np.quantile(counts, LEVELS, axis=0)
    return quantiles


def mean_by_place(results: xr.Dataset, variable: str) -> FloatArray:
    """Give the mean over runs of a variable by month and municipality, shape (month, place)."""
    values = results[variable].transpose("run", "month", "municipality").values
    means: FloatArray = values.mean(axis=0, dtype=np.float64)
    return means
