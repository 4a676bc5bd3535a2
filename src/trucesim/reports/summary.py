"""What is told of one case or of a pair: plain functions of results, for page and report alike.

Homicides are recorded ones. A pair has the same seed and runs on both sides, so that it is compared
run by run.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from trucesim.locale.language import number
from trucesim.locale.language import span as span_told
from trucesim.locale.texts import date, say
from trucesim.outcomes import reductions
from trucesim.world.country import load_country
from trucesim.world.periods import Period, select, total

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)

type Likelihood = Literal["certain", "very", "likely", "even", "equal"]


@dataclass(frozen=True)
class Comparison:
    """How B compares with A over a period.

    Attributes
    ----------
    runs : int
        How many pairs.
    period : Period
    fewer, equal : float
        Shares of pairs in which B has fewer homicides than A, and as many.
    averted : dict of str to float
        Quantiles over pairs of A's homicides minus B's: ``p05``, ``median``, ``p95``.
    percent : dict of str to float
        The same as a share of A's, in percent.
    """

    runs: int
    period: Period
    fewer: float
    equal: float
    averted: dict[str, float]
    percent: dict[str, float]

    @property
    def same(self) -> bool:
        """Whether no pair shows a difference."""
        return self.equal == 1.0

    @property
    def more(self) -> float:
        """Share of pairs in which B has more."""
        return 1.0 - self.fewer - self.equal

    @property
    def likelihood(self) -> Likelihood:
        """How sure the larger side is, in one of four steps, or that there is no difference."""
        share = max(self.fewer, self.more)
        if self.equal > share:
            return "equal"
        steps: tuple[tuple[float, Likelihood], ...] = (
            (0.99, "certain"), (0.9, "very"), (0.66, "likely"),
        )  # fmt: skip
        return next((name for least, name in steps if share >= least), "even")


def whole(results: xr.Dataset) -> Period:
    """Give all months of some results as a period."""
    month = results["month"].values.astype("datetime64[M]")
    first, last = (each.astype("datetime64[D]").astype(dt.date) for each in (month[0], month[-1]))
    return Period(first, (last.replace(day=28) + dt.timedelta(4)).replace(day=1))


def compare(a: xr.Dataset, b: xr.Dataset, period: Period | None = None) -> Comparison:
    """Compare B with A, run by run.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same seed, runs and calendar.
    period : Period, optional
        All months by default.

    Raises
    ------
    InputError
        If seed, runs or calendar of the two differ.
    """
    period = period or whole(a)
    row = _recorded(b, a, period)
    names = tuple(reductions.QUANTILES)
    return Comparison(
        a.sizes["run"],
        period,
        float(row["share_fewer"]),
        float(row["share_equal"]),
        {name: float(row[f"averted_{name}"]) for name in names},
        {name: float(row[f"reduction_percent_{name}"]) for name in names},
    )


def _recorded(results: xr.Dataset, other: xr.Dataset, period: Period) -> dict[str, Any]:
    """Give the row of `reductions.paired` that counts recorded homicides."""
    frame = reductions.paired(results, other, period)
    row = frame[frame["measure"] == "recorded"].iloc[0]
    return {str(name): value for name, value in row.items()}


def sentence(compared: Comparison, lang: str) -> str:
    """Say in how many of 100 runs B has fewer homicides, or more where that is more often."""
    if compared.same:
        return say(lang, "sure.same")
    if compared.likelihood == "equal":
        fewer, equal, more = of_hundred(compared)
        return say(lang, "sure.equal", fewer=fewer, equal=equal, more=more)
    side = "fewer" if compared.fewer >= compared.more else "more"
    share = compared.fewer if side == "fewer" else compared.more
    # Neither all nor none, where it was not all or none.
    hundred = min(max(round(100 * share), 1), 100 if share == 1.0 else 99)
    return say(lang, f"sure.{side}", share=number(hundred, lang))


def of_hundred(compared: Comparison) -> tuple[int, int, int]:
    """Give how many of 100 runs have fewer homicides under B, as many, and more; they add up."""
    exact = [100 * share for share in (compared.fewer, compared.equal, compared.more)]
    counts = [int(each) for each in exact]
    order = sorted(range(3), key=lambda i: exact[i] - counts[i], reverse=True)
    for i in order[: 100 - sum(counts)]:
        counts[i] += 1
    return counts[0], counts[1], counts[2]


def amount(compared: Comparison, lang: str) -> str:
    """Say how many homicides fewer or more that is, with the interval."""
    side = "fewer" if compared.averted["median"] >= 0 else "more"
    ends = [compared.averted["p05"], compared.averted["p95"]]
    low, high = ends if side == "fewer" else [-end for end in reversed(ends)]
    return say(
        lang,
        f"sure.difference.{side}",
        median=number(abs(compared.averted["median"]), lang),
        span=span_told(compared.period, lang),
        low=_side(low, side, lang),
        high=_side(high, side, lang),
    )


def _side(value: float, side: str, lang: str) -> str:
    """Say a number of homicides with its direction, where ``side`` names that of positive ones."""
    if round(value) == 0:
        return say(lang, "sure.band.equal")
    other = {"fewer": "more", "more": "fewer"}[side]
    name = f"sure.band.{side if value > 0 else other}"
    return say(lang, name, n=number(abs(value), lang))


def likelihood(compared: Comparison, lang: str) -> str:
    """Say how sure that is in words."""
    return say(lang, f"likely.{compared.likelihood}")


def span(period: Period, lang: str) -> str:
    """Write a period by its first and last day."""
    return f"{date(period.start, lang)} – {date(period.last, lang)}"


def monthly_quantiles(results: xr.Dataset) -> NDArray[np.float64]:
    """Give the quantiles (`LEVELS`) over runs of homicides a month, shape (level, month)."""
    counts = results["recorded_national"].transpose("run", "month").values
    quantiles: NDArray[np.float64] = np.quantile(counts, LEVELS, axis=0)
    return quantiles


def yearly(a: xr.Dataset, b: xr.Dataset | None) -> pd.DataFrame:
    """Count the homicides of each year and of all years, in A, in B, and their difference.

    Returns
    -------
    pandas.DataFrame
        Columns period, ``a_p05``, ``a_median``, ``a_p95``; and with B the same of ``b`` and of
        ``averted`` (A minus B), and ``share_fewer``, the share of pairs in which B has fewer.
    """
    everything = whole(a)
    years = range(everything.start.year, everything.last.year + 1)
    periods = [Period(dt.date(year, 1, 1), dt.date(year + 1, 1, 1)) for year in years]
    rows = []
    for period in [*periods, everything]:
        of_a = total(a, period)
        row: dict[str, object] = {"period": period, **_named("a", of_a)}
        if b is not None:
            of_b = total(b, period)
            row |= _named("b", of_b) | _named("averted", of_a - of_b)
            row["share_fewer"] = float(np.mean(of_b < of_a))
        rows.append(row)
    return pd.DataFrame(rows)


def _named(prefix: str, values: NDArray[np.float64]) -> dict[str, float]:
    return {f"{prefix}_{name}": value for name, value in reductions.interval(values).items()}


def reduction_rows(results: xr.Dataset, without: xr.Dataset | None = None) -> pd.DataFrame:
    """Give the reductions and lives averted by baseline, simulated and observed.

    Parameters
    ----------
    results : xarray.Dataset
    without : xarray.Dataset, optional
        The same runs without a truce: the baseline ``no_truce``.

    Returns
    -------
    pandas.DataFrame
        As :func:`trucesim.outcomes.reductions.reductions`.
    """
    frame = reductions.reductions(results)
    if without is None:
        return frame
    row = _recorded(results, without, reductions.WINDOW)
    rows = [
        {
            "measure": measure,
            "baseline": "no_truce",
            "window": row["window"],
            **{name: row[f"{measure}_{name}"] for name in reductions.QUANTILES},
        }
        for measure in ("reduction_percent", "averted")
    ]
    return pd.concat([frame, pd.DataFrame(rows)], ignore_index=True)


def municipal_means(results: xr.Dataset) -> NDArray[np.float64]:
    """Give the mean over runs of homicides by month and municipality, shape (month, place)."""
    counts = results["recorded"].transpose("run", "month", "municipality").values
    means: NDArray[np.float64] = counts.mean(axis=0, dtype=np.float64)
    return means


def zone_shares(results: xr.Dataset) -> NDArray[np.float64]:
    """Give the share of runs in which a place is a zone at the month's end, (month, place)."""
    status = results["zone_status"].transpose("run", "month", "municipality").values
    shares: NDArray[np.float64] = status.mean(axis=0, dtype=np.float64)
    return shares


def rates(counts: NDArray[np.float64], days: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Turn homicides of some days into rates per 100,000 people a year.

    Parameters
    ----------
    counts : ndarray, shape (..., place)
        In the order of the country's places.
    days : float or ndarray that broadcasts with counts
        Days over which they were counted.
    """
    per_year: NDArray[np.float64] = 1e5 * 365.25 * counts / days / load_country().population
    return per_year


def days_of_months(results: xr.Dataset) -> NDArray[np.float64]:
    """Give the days of each month, shape (month,)."""
    days: NDArray[np.float64] = results["month"].dt.days_in_month.values.astype(np.float64)
    return days


def observed_months(record: xr.Dataset, results: xr.Dataset) -> NDArray[np.float64]:
    """Give the record's homicides in the months of some results, shape (month,)."""
    counts: NDArray[np.float64] = (
        select(record, "recorded_national", whole(results)).values[0].astype(np.float64)
    )
    return counts
