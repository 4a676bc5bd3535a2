"""Two scenarios with the same seed and runs, compared run by run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError, Message
from trucesim.outcomes.reductions import full_years, reductions, true_total, window, yearly
from trucesim.outcomes.statistics import QUANTILES, interval, prefixed, ratio
from trucesim.world.periods import PLURALS, FloatArray, Period, parse, total, whole

type Count = Callable[[xr.Dataset, Period], FloatArray]

MEASURES: dict[str, Count] = {"recorded": total, "true": true_total}

NO_TRUCE = "no_truce"
"""Name of the baseline that stands for the model's own runs without a truce."""


def compared(a: FloatArray, b: FloatArray) -> dict[str, float]:
    """Compare two sides of pairs.

    Parameters
    ----------
    a, b : ndarray of float, shape (pair,)

    Returns
    -------
    dict of str to float
        Of the differences, a minus b: ``mean``, its standard error ``se`` (NaN with fewer than two
        pairs) and quantiles as `interval`; the shares of pairs in which a is lower than b, as high
        and higher, as ``lower``, ``equal`` and ``higher``. All NaN without pairs.
    """
    apart = a - b
    if not len(apart):
        return dict.fromkeys(("mean", "se", *QUANTILES, "lower", "equal", "higher"), math.nan)
    return {
        "mean": float(apart.mean()),
        "se": math.sqrt(apart.var(ddof=1) / len(apart)) if len(apart) > 1 else math.nan,
        **interval(apart),
        "lower": float((apart < 0).mean()),
        "equal": float((apart == 0).mean()),
        "higher": float((apart > 0).mean()),
    }


def differences(a: FloatArray, b: FloatArray) -> dict[str, float]:
    """Compare two sides of pairs, as tables have it.

    Returns
    -------
    dict of str to float
        As `compared`, under the names ``difference_mean``, ``difference_se``, ``difference_p05``
        and so on, ``share_a_fewer``, ``share_equal`` and ``share_b_fewer``.
    """
    found = compared(a, b)
    return {
        **{f"difference_{name}": found[name] for name in ("mean", "se", *QUANTILES)},
        "share_a_fewer": found["lower"],
        "share_equal": found["equal"],
        "share_b_fewer": found["higher"],
    }


def against(
    results: xr.Dataset, counterfactual: xr.Dataset, over: str | Period | None = None
) -> pd.DataFrame:
    """Compare runs with their own counterfactuals: the same seed, run by run.

    Parameters
    ----------
    results : xarray.Dataset
        Runs of a scenario.
    counterfactual : xarray.Dataset
        Runs of another (say, without the truce) with the same seed, runs and calendar.
    over : str or Period, optional
        What to count over; the country's window by default. True killings are known by month: for
        them it is widened to whole months, as the column ``window`` says. With common random
        numbers the days so added before the truce are equal on both sides; they leave the
        difference as it is and lower its percentage a little.

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
    check_pair(results, counterfactual)
    over = window() if over is None else parse(over)
    rows = []
    for measure, count in MEASURES.items():
        own, other = count(results, over), count(counterfactual, over)
        found = compared(other, own)
        rows.append(
            {
                "measure": measure,
                "window": str(over.widened() if count is true_total else over),
                **{f"averted_{name}": found[name] for name in QUANTILES},
                **prefixed("reduction_percent", 100 * ratio(other - own, other)),
                "share_fewer": found["higher"],
                "share_equal": found["equal"],
            }
        )
    return pd.DataFrame(rows)


def by_period(a: xr.Dataset, b: xr.Dataset, measures: Iterable[str] = MEASURES) -> pd.DataFrame:
    """Compare two scenarios run by run, year by year and over the whole period.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same seed, runs and calendar.
    measures : iterable of str
        Of ``recorded``, and ``true``: recorded and hidden.

    Returns
    -------
    pandas.DataFrame
        One row per measure and period (each full year, then the whole calendar): measure, period
        (Period); mean and quantiles of ``a``, ``b`` and ``difference`` (a minus b: negative where A
        has fewer), such as ``a_mean`` and ``a_p05``; ``difference_se``, the standard error of its
        mean; and the shares of runs in which A has fewer killings (``share_a_fewer``), as many
        (``share_equal``) and more (``share_b_fewer``). Means subtract, medians do not: the run in
        the middle of A is not the one in the middle of B.

    Raises
    ------
    InputError
        If seed, runs or calendar differ.
    """
    check_pair(a, b)
    rows = []
    for measure in measures:
        for period in [*full_years(a), whole(a)]:
            of_a, of_b = (MEASURES[measure](each, period) for each in (a, b))
            rows.append(
                {
                    "measure": measure,
                    "period": period,
                    "a_mean": float(of_a.mean()),
                    **prefixed("a", of_a),
                    "b_mean": float(of_b.mean()),
                    **prefixed("b", of_b),
                    **differences(of_a, of_b),
                }
            )
    return pd.DataFrame(rows)


def difference(a: xr.Dataset, b: xr.Dataset) -> pd.DataFrame:
    """Compare two results run by run, such as of two scenarios or of two sets of rules.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same country, seed, runs and calendar.

    Returns
    -------
    pandas.DataFrame
        As `by_period`, periods as text: A's and B's means and quantiles, those of the differences
        of pairs (A minus B) and their standard error, by measure and year.

    Raises
    ------
    InputError
        The runs cannot be paired.
    """
    frame = by_period(a, b)
    return frame.assign(period=frame["period"].map(str))


def reduction_rows(results: xr.Dataset, without: xr.Dataset | None = None) -> pd.DataFrame:
    """Give the reductions by baseline, simulated and observed.

    Parameters
    ----------
    results : xarray.Dataset
    without : xarray.Dataset, optional
        The same runs without a truce, which may end where its window does: the last baseline,
        ``no_truce``.

    Returns
    -------
    pandas.DataFrame
        As :func:`trucesim.outcomes.reductions.reductions`.
    """
    frame = reductions(results)
    if without is None:
        return frame
    there = {
        dim: results.indexes[dim].intersection(without.indexes[dim]) for dim in ("month", "day")
    }
    row = against(results.sel(there), without).iloc[0]
    rows = [
        {
            "measure": measure,
            "baseline": NO_TRUCE,
            "baseline_period": "paired runs",
            "window": row["window"],
            **{name: row[f"{measure}_{name}"] for name in QUANTILES},
        }
        for measure in ("reduction_percent", "averted")
    ]
    return pd.concat([frame, pd.DataFrame(rows)], ignore_index=True)


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
    table = reductions(results)
    return {
        "total_recorded": _nested(yearly(results), "year"),
        "reduction_by_baseline": _nested(
            table[table["measure"] == "reduction_percent"], "baseline"
        ),
        "averted_by_baseline": _nested(table[table["measure"] == "averted"], "baseline"),
        "averted_vs_no_truce": None
        if counterfactual is None
        else _nested(against(results, counterfactual), "measure"),
    }


def check_pair(a: xr.Dataset, b: xr.Dataset) -> None:
    """Refuse to pair runs that do not share seed, runs and calendar."""
    for name, of_a, of_b in (
        (Message("seed"), a.attrs.get("seed"), b.attrs.get("seed")),
        (Message("number of runs"), a.sizes["run"], b.sizes["run"]),
        (Message("country"), _country(a), _country(b)),
    ):
        if of_a is None or of_a != of_b:
            raise InputError(
                "runs can be paired only if they have the same {name}: {a} has {of_a}, {b} has "
                "{of_b}", name=name, a=_name(a), of_a=of_a, b=_name(b), of_b=of_b,
            )  # fmt: skip
    for dim in ("month", "day", "run"):
        if dim in a.coords and dim in b.coords and not a.indexes[dim].equals(b.indexes[dim]):
            raise InputError(
                "runs can be paired only if they have the same {dims}: those of {a} and {b} differ",
                dims=PLURALS[dim], a=_name(a), b=_name(b),
            )  # fmt: skip


def _country(results: xr.Dataset) -> str:
    return str(results.attrs.get("country_digest", results.attrs.get("country", "")))


def _name(results: xr.Dataset) -> str:
    named = results.attrs.get("scenario")
    return Message("'a scenario without a name'") if named is None else repr(named)


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
