"""What two cases answer: how large a difference, by what way, and what it hangs on.

All differences are A minus B, of runs with the same seed and number: positive where B has fewer
homicides. They are means, which add up over years and places, with the interval of 90 % of runs.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from trucesim.files.reading import shipped_directory
from trucesim.outcomes import effects
from trucesim.outcomes.paired import compared
from trucesim.scenario.scenario import Scenario
from trucesim.studies.calibration import AT_PRIOR
from trucesim.studies.effects import known_of_parameters
from trucesim.world import calendar
from trucesim.world.folder import HOME, here
from trucesim.world.periods import FloatArray, Period, parse, whole

type Verdict = Literal["same", "small", "uncertain", "even", "likely", "very", "certain"]

LEAST = 0.01
"""Share of A's homicides below which a mean difference is too small to speak of."""

MOST = 0.02
"""Share of A's homicides beyond which an end of 90 % of runs makes such a difference uncertain."""

STEPS: tuple[tuple[float, Verdict], ...] = ((0.99, "certain"), (0.9, "very"), (0.66, "likely"))
"""Least shares of runs on the larger side."""

MOST_IN_DOUBT = 0.5
"""Share of a difference that may lie in doubtful years before that is said."""

VALIDATION = shipped_directory("experiments") / "validation"


class Link(NamedTuple):
    """A quantity on the way from the change to homicides, in both cases.

    Attributes
    ----------
    name : str
    a, b : float
        Means over runs.
    difference, low, high : float
        Of B minus A: mean, and the ends of 90 % of runs.
    """

    name: str
    a: float
    b: float
    difference: float
    low: float
    high: float


class Half(NamedTuple):
    """Half of the runs: their number, and the mean and 90 % of the difference."""

    runs: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Assumption:
    """The assumption that decides most.

    Attributes
    ----------
    parameter : str
    correlation : float
        Spearman's, with the difference.
    at_prior : bool
        Whether the record hardly narrows it.
    middle : float
        Its median over runs, at which they are split.
    lower, upper : Half
        Runs in which it is below, and above.
    """

    parameter: str
    correlation: float
    at_prior: bool
    middle: float
    lower: Half
    upper: Half


@dataclass(frozen=True)
class Answer:
    """How B compares with A, from the month of the first change on.

    Attributes
    ----------
    runs : int
        How many pairs.
    period : Period
    of_a, of_b : float
        Recorded homicides, means over runs.
    mean, se, low, median, high : float
        The difference: mean with its standard error, quantiles 0.05, 0.5 and 0.95.
    fewer, equal : float
        Shares of pairs in which B has fewer homicides, and as many.
    in_doubt : float
        Share of the difference in years that the model forecasts no better than a naive forecast;
        NaN without a difference.
    doubtful : tuple of str
        Those years.
    months : pandas.DataFrame
        Of all months: ``mean``, ``low``, ``high`` of B minus A.
    places : pandas.DataFrame
        As `trucesim.outcomes.effects.by_region`, over all years.
    chain : tuple of Link
    assumption : Assumption or None
        None where none is told from chance.
    """

    runs: int
    period: Period
    of_a: float
    of_b: float
    mean: float
    se: float
    low: float
    median: float
    high: float
    fewer: float
    equal: float
    in_doubt: float
    doubtful: tuple[str, ...]
    months: pd.DataFrame
    places: pd.DataFrame
    chain: tuple[Link, ...]
    assumption: Assumption | None

    @property
    def more(self) -> float:
        """Share of pairs in which B has more."""
        return max(0.0, 1.0 - self.fewer - self.equal)

    @property
    def share(self) -> float:
        """The mean difference as a share of A's homicides."""
        return self.mean / self.of_a if self.of_a else 0.0

    @property
    def verdict(self) -> Verdict:
        """See `verdict`."""
        ends = (each / self.of_a if self.of_a else 0.0 for each in (self.low, self.high))
        return verdict(self.share, self.fewer, self.equal, *ends)

    @property
    def open(self) -> bool:
        """See `is_open`."""
        return is_open(self.verdict, self.fewer, self.equal)

    @property
    def of_hundred(self) -> tuple[int, int, int]:
        """Of 100 runs those in which B has fewer, as many and more; see `of_hundred`."""
        return of_hundred((self.fewer, self.equal, self.more))


def verdict(share: float, fewer: float, equal: float, low: float, high: float) -> Verdict:
    """Say how sure the larger side is, in one of four steps; before that, whether it matters.

    A small mean is a small difference only where the runs are near it: what lies far on both sides,
    or reaches far on one, is uncertain.

    Parameters
    ----------
    share : float
        The mean difference as a share of A's homicides.
    fewer, equal : float
        Shares of pairs in which B has fewer homicides, and as many.
    low, high : float
        Ends of 90 % of the differences, as shares of A's homicides.
    """
    if equal == 1.0:
        return "same"
    if abs(share) < LEAST:
        return "small" if max(abs(low), abs(high)) < MOST else "uncertain"
    return _side(fewer, equal)


def is_open(said: Verdict, fewer: float, equal: float) -> bool:
    """Whether neither side is ahead by a verdict and the shares of pairs that it was reached by."""
    return said in ("same", "small") or _side(fewer, equal) == "even"


def _side(fewer: float, equal: float) -> Verdict:
    largest = max(fewer, 1.0 - fewer - equal)
    return next((name for least, name in STEPS if largest >= least), "even")


def of_hundred(shares: tuple[float, float, float]) -> tuple[int, int, int]:
    """Write three shares as whole numbers that add up to 100; none that is there becomes 0.

    The largest remainders are rounded up.
    """
    # What is left of 1 - 0.7 - 0.3 is no share, and thirds are alike.
    exact = [round(100 * share, 6) for share in shares]
    counts = [max(int(each), int(each > 0.0)) for each in exact]
    rest = [round(each - count, 6) for each, count in zip(exact, counts, strict=True)]
    while sum(counts) != 100:
        step = 1 if sum(counts) < 100 else -1
        # What is there stays above 0, and what is not there at it.
        free = [i for i in range(3) if counts[i] > (0 if step > 0 else 1)]
        chosen = max(free, key=lambda i: step * rest[i])
        counts[chosen] += step
        rest[chosen] -= step
    return counts[0], counts[1], counts[2]


def answer(
    a: xr.Dataset,
    b: xr.Dataset,
    cases: tuple[Scenario, Scenario],
    parameters: NDArray[np.void],
) -> Answer:
    """Work out what runs of two cases answer.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same seed, runs and calendar.
    cases : pair of Scenario
        What they are runs of; the first day on which they differ begins the period.
    parameters : array of parameter records, shape (run,)
        What the runs took.

    Raises
    ------
    InputError
        If seed, runs or calendar of the results differ.
    """
    places = effects.by_region(a, b, yearly=False)
    period = _period(a, cases)
    months = slice(calendar.month_of(period.start), a.sizes["month"])
    monthly = [each["recorded_national"].values.astype(np.float64) for each in (a, b)]
    own, other = (each[:, months].sum(axis=1) for each in monthly)
    found = compared(own, other)
    doubtful = doubtful_years(VALIDATION) if here() == HOME else ()
    return Answer(
        len(own), period, float(own.mean()), float(other.mean()),
        found["mean"], found["se"], found["p05"], found["median"], found["p95"],
        found["higher"], found["equal"],
        _share_in(a, b, doubtful), doubtful,
        _by_month(monthly[1] - monthly[0]),
        places,
        chain(a, b, months),
        decisive(own - other, parameters),
    )  # fmt: skip


def _period(a: xr.Dataset, cases: tuple[Scenario, Scenario]) -> Period:
    """Give the months from the first change on; all of them where the cases do not differ."""
    lived = whole(a)
    first = cases[1].changes_from(cases[0])
    if first is None or first <= lived.start:
        return lived
    return Period(first.replace(day=1), lived.stop)


def _share_in(a: xr.Dataset, b: xr.Dataset, some: Container[str]) -> float:
    """Give the share of the difference, without its sign, that lies in some years."""
    names = a["period"].values.tolist()
    counts = (each["recorded_by_period"].values.sum(axis=2) for each in (a, b))
    means = abs(np.subtract(*counts).mean(axis=0))
    apart = {name: mean for name, mean in zip(names, means, strict=True) if len(name) == 4}
    if not any(apart.values()):
        return np.nan
    return float(sum(apart[name] for name in apart if name in some) / sum(apart.values()))


@cache
def doubtful_years(folder: Path) -> tuple[str, ...]:
    """Give the years up to 2016 that the model forecasts no better than the best naive forecast.

    Parameters
    ----------
    folder : Path
        Of the validation's tables; nothing is in doubt where there are none.
    """
    try:
        table = pd.read_csv(folder / "generations.csv")
    except FileNotFoundError:
        return ()
    rows = table[(table["generation"] == "second") & (table["what"] == "forecasts")]
    lost = rows[rows["crps"] >= rows["naive_crps"]]
    single = [name for name in lost["block"] if name.isdigit() and parse(name).last <= calendar.END]
    return tuple(sorted(single))


def _by_month(apart: FloatArray) -> pd.DataFrame:
    low, high = np.quantile(apart, (0.05, 0.95), axis=0)
    return pd.DataFrame({"mean": apart.mean(axis=0), "low": low, "high": high})


def chain(a: xr.Dataset, b: xr.Dataset, months: slice) -> tuple[Link, ...]:
    """Follow a change to homicides: who signed, what orders were worth, who held, who was killed.

    Parameters
    ----------
    a, b : xarray.Dataset
    months : slice
        From the first change on.
    """
    own, other = _quantities(a, months), _quantities(b, months)
    links = []
    for name, values in own.items():
        low, high = np.quantile(other[name] - values, (0.05, 0.95))
        of_a, of_b = float(values.mean()), float(other[name].mean())
        links.append(Link(name, of_a, of_b, of_b - of_a, float(low), float(high)))
    return tuple(links)


def _quantities(results: xr.Dataset, months: slice) -> Mapping[str, FloatArray]:
    """Give the quantities of the chain, run by run.

    Municipalities that signed by the end; the strength of orders in percent and the members who
    hold to one, means over months; deaths by kind, sums over months.
    """
    then = results.isel(month=months)
    members = then["members"].values.astype(np.float64)
    everybody = np.maximum(members.sum(axis=2), 1.0)
    strength = (then["order_strength"].values * members).sum(axis=2) / everybody
    holding = (then["compliance"].values * members).sum(axis=2)
    kinds = dict(zip(
        then["kind"].values.tolist(), then["recorded_by_kind"].values.sum(axis=1).T, strict=True
    ))  # fmt: skip

    def killed(*names: str) -> FloatArray:
        return np.sum([kinds[name] for name in names], axis=0).astype(np.float64)

    return {
        "signed": (results["zone_since"].values >= 0).sum(axis=1).astype(np.float64),
        "strength": 100.0 * strength.mean(axis=1),
        "holding": holding.mean(axis=1),
        "between_gangs": killed("between_gangs"),
        "against_others": killed("gangs_against_others"),
        "clashes": killed("police", "soldiers", "by_forces"),
        "others": killed("others"),
    }


def decisive(difference: FloatArray, parameters: NDArray[np.void]) -> Assumption | None:
    """Find the assumption that an answer hangs on most, and split the runs by it.

    Parameters
    ----------
    difference : ndarray of float, shape (run,)
    parameters : array of parameter records, shape (run,)

    Returns
    -------
    Assumption or None
        None where none is told from chance (`trucesim.outcomes.effects.hangs_on`).
    """
    found = effects.hangs_on(difference, parameters)
    if found.empty or not found["told"].iloc[0]:
        return None
    name = str(found["parameter"].iloc[0])
    values = parameters[name]
    middle = float(np.median(values))
    low, high = (_half(difference[side]) for side in (values <= middle, values > middle))
    return Assumption(
        name, float(found["correlation"].iloc[0]), known_of_parameters()[name] == AT_PRIOR,
        middle, low, high,
    )  # fmt: skip


def _half(difference: FloatArray) -> Half:
    low, high = np.quantile(difference, (0.05, 0.95))
    return Half(len(difference), float(difference.mean()), float(low), float(high))


def where_it_lies(
    a: FloatArray, b: FloatArray, population: FloatArray, span: int
) -> tuple[int, float]:
    """Find the months in which places differ most.

    Parameters
    ----------
    a, b : ndarray of float, shape (month, municipality)
        Mean homicides.
    population : ndarray of float, shape (municipality,)
    span : int
        Months that are shown together.

    Returns
    -------
    month : int
        The first of the span in which the differences of all places add up to most: those that
        point where the whole difference does, so that a map of it does not say the contrary.
    largest : float
        The largest difference of a place in it, homicides per 100,000 people a year.
    """
    apart = np.lib.stride_tricks.sliding_window_view(a - b, span, axis=0).sum(axis=2)
    toward = np.maximum(np.sign((a - b).sum()) * apart, 0.0)
    month = int(toward.sum(axis=1).argmax())
    rates = 1e5 * 12.0 / span * apart[month] / population
    return month, float(np.abs(rates).max())
