"""The effect of a change, pair by pair: size, place, what it hangs on, and who would see it.

All differences are A minus B, of runs with the same seed and number: positive where B has fewer
homicides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from trucesim.outcomes.paired import check_pair, differences
from trucesim.outcomes.statistics import prefixed, ratio
from trucesim.parameters import uncertain
from trucesim.world.observed import observed
from trucesim.world.periods import FloatArray

NATIONAL, ZONES, BESIDE, ELSEWHERE = "national", "zones", "beside", "elsewhere"
REGIONS = (NATIONAL, ZONES, BESIDE, ELSEWHERE)
"""The country, and its three parts: places that sign in either case, their neighbours, the rest."""

ALL_YEARS = "all"

CONFIDENCE = 0.95
"""With which all rank correlations of an effect that are told from 0 hold jointly."""

FEWEST = 20
"""Runs below which nothing is said of what an effect hangs on, nor of worlds beyond nine in ten."""

SURPRISE = 0.9
"""Share of the record's own changes that are no surprise."""


def regions(a: xr.Dataset, b: xr.Dataset) -> dict[str, npt.NDArray[np.bool_]]:
    """Tell which municipalities are where, run by run; both cases have the same regions.

    Returns
    -------
    dict of str to ndarray of bool, shape (run, municipality)
        By the names of `REGIONS`.
    """
    signed = (a["zone_since"].values >= 0) | (b["zone_since"].values >= 0)
    beside = (a["beside_zone"].values | b["beside_zone"].values) & ~signed
    everywhere = np.ones_like(signed)
    return dict(zip(REGIONS, (everywhere, signed, beside, ~signed & ~beside), strict=True))


def by_region(a: xr.Dataset, b: xr.Dataset, *, yearly: bool = True) -> pd.DataFrame:
    """Give the effect in every region, year by year and over all years.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same seed, runs and calendar.
    yearly : bool, optional
        Whether single years are wanted, or all together only.

    Returns
    -------
    pandas.DataFrame
        One row a region and period: ``region``; ``period`` (a year, or `ALL_YEARS`);
        ``municipalities`` (mean over runs); ``a_mean``, ``b_mean`` and their medians;
        ``difference_mean`` with its standard error ``difference_se``, and quantiles
        ``difference_p05``, ``difference_median``, ``difference_p95``; ``percent_mean``, the mean
        difference as a share of A's mean; the shares of runs in which A has fewer
        (``share_a_fewer``), as many (``share_equal``) and more (``share_b_fewer``).

    Raises
    ------
    InputError
        If seed, runs or calendar differ.
    """
    check_pair(a, b)
    years = [name for name in a["period"].values.tolist() if len(name) == 4]
    counts = [
        each["recorded_by_period"].sel(period=years).transpose("period", "run", "municipality")
        .values.astype(np.float64)
        for each in (a, b)
    ]  # fmt: skip
    rows = []
    for region, there in regions(a, b).items():
        of_a, of_b = (np.where(there, each, 0.0).sum(axis=2) for each in counts)
        for period, own, other in (
            *(zip(years, of_a, of_b, strict=True) if yearly else ()),
            (ALL_YEARS, of_a.sum(axis=0), of_b.sum(axis=0)),
        ):
            found = differences(own, other)
            rows.append(
                {
                    "region": region,
                    "period": period,
                    "municipalities": float(there.sum(axis=1).mean()),
                    **{
                        f"{side}_{what}": float(statistic(values))
                        for side, values in (("a", own), ("b", other))
                        for what, statistic in (("mean", np.mean), ("median", np.median))
                    },
                    **found,
                    "percent_mean": 100.0 * found["difference_mean"] / own.mean()
                    if own.any()
                    else np.nan,
                }
            )
    return pd.DataFrame(rows)


def national(a: xr.Dataset, b: xr.Dataset) -> FloatArray:
    """Give the difference over all months of every run, shape (run,)."""
    apart = a["recorded_national"].sum("month") - b["recorded_national"].sum("month")
    return apart.values.astype(np.float64)


def _varied(parameters: npt.NDArray[np.void]) -> list[str]:
    return [each.name for each in uncertain() if np.ptp(parameters[each.name]) > 0]


def vary(parameters: npt.NDArray[np.void]) -> bool:
    """Tell whether runs differ in a parameter that nobody knows, and are enough to tell of it."""
    return len(parameters) >= FEWEST and bool(_varied(parameters))


def hangs_on(difference: FloatArray, parameters: npt.NDArray[np.void]) -> pd.DataFrame:
    """Rank the parameters that nobody knows by how far an effect goes with them.

    Parameters
    ----------
    difference : ndarray of float, shape (run,)
        The effect of every pair.
    parameters : array of parameter records, shape (run,)
        What its runs took.

    Returns
    -------
    pandas.DataFrame
        One row a parameter that differs between runs, the strongest first: ``parameter``;
        ``correlation``, Spearman's with the effect; ``told``: whether it is told from 0 (all such
        verdicts hold jointly with `CONFIDENCE`, as if no two runs took the same draw); empty if the
        effect is the same in all runs, or there are fewer than `FEWEST`.
    """
    names = _varied(parameters)
    if len(difference) < FEWEST or np.ptp(difference) == 0 or not names:
        return pd.DataFrame({"parameter": [], "correlation": [], "told": []})
    from scipy.special import ndtri

    ranks = pd.Series(difference).rank()
    found = [ranks.corr(pd.Series(parameters[name]).rank()) for name in names]
    tail = (1.0 - CONFIDENCE) / 2.0 / len(names)
    least = ndtri(1.0 - tail) / np.sqrt(len(difference) - 1)
    frame = pd.DataFrame({"parameter": names, "correlation": found})
    frame = frame.assign(told=frame["correlation"].abs() > least)
    order = frame["correlation"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


WINDOWS = 3, 12
"""Months over which counts are summed to look for an effect: a quarter and a year."""


def _changes(counts: FloatArray, window: int) -> FloatArray:
    """Give the log changes from so many months to the next as many, at every month between.

    Parameters
    ----------
    counts : ndarray of float, shape (..., month)
    window : int
        Months.

    Returns
    -------
    ndarray of float, shape (..., month - 2 window + 1)
    """
    totals = np.lib.stride_tricks.sliding_window_view(counts, window, axis=-1).sum(axis=-1)
    logs = np.log(np.maximum(totals, 0.5))
    changes: FloatArray = logs[..., window:] - logs[..., :-window]
    return changes


def visible(a: xr.Dataset, b: xr.Dataset) -> pd.DataFrame:
    """Say how often an effect of this size would have been seen in monthly counts.

    Nobody sees both cases. Who sees one, and knows the record, knows how much homicides change from
    a quarter to the next, or from a year to the next, with all that happened in these eight years,
    the truce itself included; changes at neighbouring months overlap. An effect would be seen where
    it makes such a change larger than the record's nine in ten, at the moment that is best for
    seeing it: a reading in its favour.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same seed, runs and calendar.

    Returns
    -------
    pandas.DataFrame
        One row a window (`WINDOWS`); none if the cases do not differ, or last too few months:
        ``months`` (the window's); ``first``, the month with which the window begins whose change
        the effect moves most; ``percent_p05``, ``percent_median``, ``percent_p95``: by how much B
        has fewer homicides in it than A, of A's; ``surprise``: the change, in percent upward, that
        the record has exceeded in one of ten; ``seen_in_record``: how often the effect on top of
        the record's own changes exceeds that; ``seen_in_worlds``: the share of runs of B whose
        homicides in the window lie outside the 90 % interval of those of A, NaN with fewer than
        `FEWEST`. Of both, 0.10 is chance.
    """
    check_pair(a, b)
    own, other = (each["recorded_national"].values.astype(np.float64) for each in (a, b))
    record = observed()["recorded_national"].values[0].astype(np.float64)
    rows = []
    for window in WINDOWS:
        if np.array_equal(own, other) or own.shape[1] < 2 * window:
            continue
        moved = _changes(other, window) - _changes(own, window)
        best = int(np.abs(np.median(moved, axis=0)).argmax())
        first = best + window
        of_a, of_b = (each[:, first : first + window].sum(axis=1) for each in (own, other))
        low, high = np.quantile(of_a, (0.05, 0.95))
        changes = _changes(record, window)
        limit = float(np.quantile(np.abs(changes), SURPRISE))
        seen = np.abs(moved[:, best, None] + changes) > limit
        rows.append(
            {
                "months": window,
                "first": str(a["month"].values[first].astype("datetime64[M]")),
                **prefixed("percent", 100.0 * ratio(of_a - of_b, np.maximum(of_a, 1.0))),
                "surprise": 100.0 * (np.exp(limit) - 1.0),
                "seen_in_record": float(seen.mean()),
                "seen_in_worlds": float(np.mean((of_b < low) | (of_b > high)))
                if len(of_a) >= FEWEST
                else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=_VISIBLE)


_VISIBLE = [
    "months", "first", "percent_p05", "percent_median", "percent_p95", "surprise",
    "seen_in_record", "seen_in_worlds",
]  # fmt: skip
