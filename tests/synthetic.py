"""Results in the shape of a simulation's, made without one."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

KINDS = ["between_gangs", "gangs_against_others", "police", "soldiers", "by_forces", "others"]
GANGS = ["ms13", "surenos", "revolucionarios", "other_gangs"]
PERIODS = [*map(str, range(2009, 2017)), "2011-01..2012-02", "2012-03..2013-04"]
MONTHS = pd.date_range("2009-01-01", "2016-12-01", freq="MS").as_unit("ns")
DAYS = pd.date_range("2009-01-01", "2016-12-31").as_unit("ns")


def synthetic_results(
    runs: int = 3, seed: int = 1, per_day: npt.ArrayLike | None = None
) -> xr.Dataset:
    """Draw results whose counts agree with each other at every resolution.

    Parameters
    ----------
    runs, seed : int, optional
        Number of runs and the generator's seed.
    per_day : array_like, shape () or (2922,), optional
        Expected recorded homicides per day; by default 12, halved from 2012-03-09 to June 2013.

    Returns
    -------
    xarray.Dataset
        Full detail.
    """
    rng = np.random.default_rng(seed)
    if per_day is None:
        per_day = np.where(before("2013-07-01") & ~before("2012-03-09"), 6.0, 12.0)
    daily = rng.poisson(np.asarray(per_day, float), (runs, len(DAYS)))
    national = by_month(daily)
    table = files("trucesim").joinpath("data", "el_salvador", "municipalities.csv")
    codes = [line.partition(",")[0] for line in table.read_text("utf-8").splitlines()[1:]]
    weights = rng.gamma(0.5, size=len(codes))
    recorded = rng.multinomial(national, weights / weights.sum())
    by_kind = rng.multinomial(national, [0.45, 0.2, 0.005, 0.005, 0.02, 0.32])
    panel = xr.Dataset(
        {
            "recorded": (("run", "month", "municipality"), recorded),
            "recorded_national": (("run", "month"), national),
            "recorded_by_kind": (("run", "month", "kind"), by_kind),
            "hidden": (("run", "month", "kind"), rng.binomial(by_kind, 0.1)),
            "recorded_daily": (("run", "day"), daily),
            "missing_reports": (("run", "month"), rng.poisson(130, national.shape)),
            "compliance": (("run", "month", "gang"), rng.random((*national.shape, len(GANGS)))),
            "zones": (("run", "month"), np.zeros_like(national)),
            "zone_status": (("run", "month", "municipality"), np.zeros(recorded.shape, bool)),
        },
        coords={
            "run": np.arange(runs),
            "month": MONTHS,
            "day": DAYS,
            "municipality": codes,
            "kind": KINDS,
            "gang": GANGS,
        },
        attrs={
            "scenario": "synthetic",
            "title_en": "Synthetic",
            "title_es": "Sintético",
            "digest": "0" * 12,
            "seed": seed,
            "version": "0",
            "runs": runs,
            "detail": "full",
            "country": "el_salvador",
            "forces_in_record": 1,
            "events": json.dumps([{"date": "2012-03-09", "en": "Truce", "es": "Tregua"}]),
        },
    )
    sums = [
        panel["recorded"].sel(month=slice(*(period.split("..") * 2)[:2])).sum("month")
        for period in PERIODS
    ]
    return panel.assign(
        recorded_by_period=xr.concat(sums, pd.Index(PERIODS, name="period")).transpose("run", ...)
    )


def plant(results: xr.Dataset, daily: npt.NDArray[np.int64]) -> xr.Dataset:
    """Replace the national counts by known daily ones, shape (run, day) or (day,)."""
    daily = np.broadcast_to(daily, results["recorded_daily"].shape)
    return results.assign(
        recorded_daily=(("run", "day"), daily),
        recorded_national=(("run", "month"), by_month(daily)),
    )


def before(day: str) -> npt.NDArray[np.bool_]:
    """Mark the days before one, shape (day,)."""
    return DAYS.to_numpy() < np.datetime64(day)


def row(frame: pd.DataFrame, **where: str | int) -> dict[str, Any]:
    """Take the one row of a table whose columns have the given values."""
    (found,) = (
        {str(name): cell for name, cell in cells.items()}
        for cells in frame.to_dict("records")
        if all(cells[name] == value for name, value in where.items())
    )
    return found


def by_month(daily: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Add up days, shape (run, day), to months, shape (run, month)."""
    starts = np.searchsorted(DAYS.values, MONTHS.values)
    sums: npt.NDArray[np.int64] = np.add.reduceat(daily, starts, axis=1)
    return sums
