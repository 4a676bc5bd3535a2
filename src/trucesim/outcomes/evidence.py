"""What is known beside national months: counts of days around orders, and where homicides were.

Each estimator is written once and applied to runs; the record's values are those of the tables
(:func:`trucesim.world.observed.homicides_days`, :func:`~trucesim.world.observed.departments_later`)
in the same unit. Where a departmental table gives counts, their share of the country's is taken,
and where it gives rates, whose populations it does not state, each against the mean of those
listed: neither repeats what the national months say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.outcomes.patterns import judge
from trucesim.outcomes.statistics import prefixed, ratio
from trucesim.world.country import load_country
from trucesim.world.observed import departments_later, homicides_days, observed
from trucesim.world.periods import FloatArray, NotRecorded, Period, parse, select, total


@dataclass(frozen=True)
class Statistic:
    """One number of a run, and what the record has for it.

    Attributes
    ----------
    name : str
    period : Period
        The days that it speaks of.
    estimate : function
        From a Dataset to an ndarray of float, shape (run,).
    observed : float
    use : str
        ``fit`` or ``check``.
    label : str
        What it counts, for tables.
    """

    name: str
    period: Period
    estimate: Callable[[xr.Dataset], FloatArray]
    observed: float
    use: str
    label: str


def count_of_days(results: xr.Dataset, period: str) -> FloatArray:
    """Count the recorded homicides of some days, shape (run,)."""
    return total(results, period)


def of_departments(results: xr.Dataset, period: str) -> FloatArray:
    """Count recorded homicides by department, in a period for which municipal totals are kept.

    Returns
    -------
    ndarray of float, shape (run, department)
        Departments in the order of the country.
    """
    if "recorded_by_period" not in results or period not in results["period"].values:
        raise NotRecorded("{period}: the data hold no municipal counts", period=period)
    counts = results["recorded_by_period"].sel(period=period).transpose("run", "municipality")
    department = load_country().department
    return np.stack(
        [counts.values[:, department == row].sum(axis=1) for row in range(department.max() + 1)],
        axis=1,
    ).astype(np.float64)


def share_of_departments(results: xr.Dataset, period: str, rows: tuple[int, ...]) -> FloatArray:
    """Give the share of a period's homicides that lies in some departments, shape (run,)."""
    counts = of_departments(results, period)
    return ratio(counts[:, list(rows)].sum(axis=1), counts.sum(axis=1))


def rate_among(results: xr.Dataset, period: str, row: int, listed: tuple[int, ...]) -> FloatArray:
    """Divide a department's homicide rate by the mean rate of those listed, shape (run,).

    By the population of 2007.
    """
    people = _people()
    rates = of_departments(results, period)[:, list(listed)] / people[list(listed)]
    return ratio(rates[:, listed.index(row)], rates.mean(axis=1))


def police_killed(results: xr.Dataset, year: str) -> FloatArray:
    """Count the police officers killed in a year, shape (run,)."""
    counts = select(results, "recorded_by_kind", year).sum("month")
    return counts.sel(kind="police").values.astype(np.float64)


@cache
def days() -> dict[str, Statistic]:
    """Give the counts of days around orders, by name (``days_2015-01-18..2015-01-25``)."""
    found = {}
    for row in homicides_days().to_dict("records"):
        span = str(row["period"])
        period = parse(span)
        value = float(row["value"]) * (period.days if row["unit"] == "per day" else 1)
        name, estimate = f"days_{span}", partial(count_of_days, period=span)
        found[name] = Statistic(name, period, estimate, value, str(row["use"]), str(row["what"]))
    return found


@cache
def departments() -> dict[str, Statistic]:
    """Give the later cross-sections of departments, by name (``departments_2016-08_Sonsonate``)."""
    country, found = load_country(), {}
    names = list(dict.fromkeys(country.departments))
    row_of = {name: int(country.department[country.departments.index(name)]) for name in names}
    national = observed()
    for span, table in departments_later().groupby("period", sort=False):
        period = str(span)
        listed = tuple(row_of[name] for each in table["departments"] for name in each)
        for row in table.to_dict("records"):
            rows = tuple(row_of[name] for name in row["departments"])
            value = float(row["value"])
            estimate: Callable[[xr.Dataset], FloatArray]
            if row["statistic"] == "homicides":
                estimate = partial(share_of_departments, period=period, rows=rows)
                value, label = value / total(national, period).item(), "share of the country"
            else:
                estimate = partial(rate_among, period=period, row=rows[0], listed=listed)
                value, label = (
                    value / float(table["value"].mean()),
                    "rate by the mean of those listed",
                )
            name = f"departments_{period}_{'+'.join(row['departments'])}"
            found[name] = Statistic(name, parse(period), estimate, value, str(row["use"]), label)
    return found


def compare_departments(results: xr.Dataset, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Hold the runs against the later cross-sections of departments, counts as counts.

    The table does not say of which populations its rates are: simulated ones are per 100,000 people
    of the census of 2007.

    Parameters
    ----------
    results : xarray.Dataset
        With ``recorded_by_period``.
    table : pandas.DataFrame, optional
        As :func:`trucesim.world.observed.departments_later` gives it, which is the default.

    Returns
    -------
    pandas.DataFrame
        One row a row of the table: period, department, statistic, measure (homicides or rate), use,
        observed, simulated_p05, simulated_median, simulated_p95, source, and the columns of
        :func:`trucesim.outcomes.patterns.judge`.

    Raises
    ------
    NotRecorded
        If the results do not hold municipal counts of a period.
    """
    names = list(dict.fromkeys(load_country().departments))
    rows = []
    for given in (departments_later() if table is None else table).to_dict("records"):
        part = [names.index(name) for name in given["departments"]]
        values = of_departments(results, given["period"])[:, part].sum(axis=1)
        counted = given["statistic"] == "homicides"
        if not counted:
            values = 1e5 * values / _people()[part].sum()
        rows.append(
            {
                "period": given["period"],
                "department": ", ".join(given["departments"]),
                "statistic": given["statistic"],
                "measure": "homicides" if counted else "rate",
                "use": given["use"],
                "observed": given["value"],
                **prefixed("simulated", values),
                "source": given["source"],
            }
        )
    return judge(pd.DataFrame(rows))


@cache
def police() -> dict[str, Statistic]:
    """Give the police killed by year where no pattern has them, by name (``police_2009``)."""
    counts = observed()["killed_by_year"].sel(kind="police")
    return {
        f"police_{year}": Statistic(
            f"police_{year}", parse(str(year)), partial(police_killed, year=str(year)),
            counts.sel(year=year).item(), "fit", "police officers killed",
        )
        for year in (2009, 2010, 2011, 2016)
    }  # fmt: skip


@cache
def _people() -> FloatArray:
    country = load_country()
    return np.bincount(country.department, weights=country.population)
