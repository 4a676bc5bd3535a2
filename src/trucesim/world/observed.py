"""The observed record, in the shape of simulated results, and the tables around it."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError
from trucesim.world import calendar
from trucesim.world.folder import HOME, Folder, open_folder
from trucesim.world.periods import daily_mean, parse

YEARS = tuple(range(2009, 2017))

#: Kinds of victim for which the security forces' table has counts, with its name for them.
FORCES = {
    "police": "police_killed",
    "soldiers": "soldiers_killed",
    "by_forces": "gang_members_killed_in_clashes",
}


def observed(country: str | None = None) -> xr.Dataset:
    """Give a country's observed record, 2009-2016, in the shape of simulated results.

    Parameters
    ----------
    country : str, optional
        Its name; by default the one that is spoken of.

    Returns
    -------
    xarray.Dataset
        With a dimension ``run`` of length 1 and the variables

        - ``recorded_national(run, month)``, int: recorded homicides; a float, NaN in months that
          are not known, where a country has not all;
        - ``assumed_part(run, part)``, float: March 2012 split at the 9th. There are no daily
          counts; its first eight days are taken at the daily mean of January and February 2012;
        - ``killed_by_year(run, year, kind)``, float: police, soldiers, and gang members killed by
          security forces; the middle of the range of the full-year sources, NaN without one;
        - ``killed_by_year_low``, ``killed_by_year_high``: that range.

        Only the first is there of countries other than El Salvador. Each variable has its sources
        in ``attrs["source"]``.
    """
    folder = open_folder(country)
    found = _observed() if folder.name == HOME else _months_alone(folder)
    return found.copy(deep=True)


PATTERNS = (
    "id", "level", "statistic", "value", "low", "high", "interval", "period", "use", "source",
    "use_second",
)  # fmt: skip
"""Columns of a table of patterns."""


def patterns(country: str | None = None) -> pd.DataFrame:
    """Load what the model is held against in a country; nothing where it has no such table.

    Returns
    -------
    pandas.DataFrame
        One row per pattern; ``value``, ``low`` and ``high`` are floats (NaN where empty), the
        other columns strings (empty where empty). ``use_second`` is the use in the model's second
        generation.
    """
    folder = open_folder(country)
    name = folder.plan.tables.patterns
    table = pd.DataFrame(columns=PATTERNS, dtype=str) if name is None else _table(name, folder.name)
    for column in PATTERNS:
        if column not in table:
            raise InputError(
                "{name}: no column {column!r}; patterns have {allowed}", name=name, column=column,
                allowed=", ".join(PATTERNS),
            )  # fmt: skip
    return _numeric(table, "value", "low", "high")


def timeline(country: str | None = None) -> pd.DataFrame:
    """Load a country's dated events; none where it has no such table.

    Returns
    -------
    pandas.DataFrame
        All columns strings; ``date`` is a day or a month, as ``precision`` says.
    """
    folder = open_folder(country)
    if (name := folder.plan.tables.timeline) is None:
        return pd.DataFrame(columns=["date", "precision", "event", "source"], dtype=str)
    return _table(name, folder.name).copy()


def security_forces() -> pd.DataFrame:
    """Load the counts of police, soldiers and gang members killed, one row per source.

    Returns
    -------
    pandas.DataFrame
        ``value`` is an integer, the other columns are strings (``year`` can be a span).
    """
    return _numeric(_table("security_forces.csv"), "value")


def orders() -> pd.DataFrame:
    """Load the orders of gang leaders to hold fire, or to attack.

    Returns
    -------
    pandas.DataFrame
        One row per order: ``date``, a :class:`datetime.date`; ``direction``, ``hold`` or
        ``attack``; ``gangs``, a tuple of names of :data:`trucesim.parameters.GANGS`;
        ``before_per_day`` and ``after_per_day``, floats in homicides per day over the country (NaN
        where not known); ``circumstances``, ``held``, ``use``, ``confidence`` and ``source``,
        strings.
    """
    frame = _numeric(_table("orders.csv"), "before_per_day", "after_per_day")
    return frame.assign(
        date=frame["date"].map(date.fromisoformat),
        gangs=frame["gangs"].str.split().map(tuple),
    )


def homicides_days() -> pd.DataFrame:
    """Load the counts of single days and short spans around orders, over the whole country.

    Spans overlap. From the press and the institute of forensic medicine, mostly preliminary.

    Returns
    -------
    pandas.DataFrame
        ``period``, as :func:`trucesim.world.periods.parse` reads it; ``value``, float, and its
        ``unit``: ``homicides`` in the period, or ``per day``; ``what``, ``confidence``, ``source``
        and ``use``, strings.
    """
    return _with_period(_table("homicides_days.csv").rename(columns={"date": "period"}))


def departments_later() -> pd.DataFrame:
    """Load what is known of departments after 2010.

    Returns
    -------
    pandas.DataFrame
        ``period``, as :func:`trucesim.world.periods.parse` reads it; ``departments``, a tuple of
        the names in departments_2010.csv that the row counts together, most often one;
        ``statistic``, ``homicides`` or a rate per 100,000, and ``value``, float;
        ``confidence``, ``source`` and ``use``, strings.
    """
    frame = _with_period(_table("departments_later.csv"))
    # "East (Usulután, San Miguel)": a region, and the departments that it is made of.
    named = frame["department"].str.replace(r".*\((.*)\)", r"\1", regex=True)
    frame["department"] = named.str.split(", ").map(tuple)
    return frame.rename(columns={"department": "departments"})


def held_out_months() -> xr.DataArray:
    """Give the months of 2017 to 2019. They are held out: only validation reads them.

    Returns
    -------
    xarray.DataArray of int, dimensions (run, month)
        Recorded homicides, as ``recorded_national`` of :func:`observed`.
    """
    return _monthly("homicides_monthly_2017_2019.csv")


def _numeric(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Copy a table, with some columns as numbers; NaN where empty."""
    return frame.assign(**{name: pd.to_numeric(frame[name]) for name in columns})


def _with_period(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a table, with its value as a float and its period as the package writes spans."""
    period = frame["period"].str.replace("/", "..", regex=False)
    return _numeric(frame, "value").astype({"value": float}).assign(period=period)


def _monthly(table: str) -> xr.DataArray:
    """Read a table of the country's homicides by month, dimensions (run, month)."""
    frame = _table(table)
    month = pd.to_datetime(frame["year"] + "-" + frame["month"].str.zfill(2) + "-01")
    return xr.DataArray(
        frame["homicides"].astype("int64").to_numpy(copy=True)[None],
        {"run": [0], "month": month.to_numpy().astype("datetime64[ns]")},
        ("run", "month"),
        "recorded_national",
        {"source": _joined(frame["source"]), "units": "homicides"},
    )


@cache
def _table(table: str, country: str = HOME) -> pd.DataFrame:
    """Read a country's table as strings without blanks around them."""
    with (open_folder(country).root / table).open(encoding="utf-8-sig") as file:
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    for name in frame.columns:
        frame[name] = frame[name].str.strip()
    return frame


@cache
def _months_alone(folder: Folder) -> xr.Dataset:
    """Give the months that a country's table holds, 2009-2016; NaN where it holds none."""
    counts = np.full(calendar.MONTHS, np.nan)
    if (name := folder.plan.tables.months) is not None:
        for line, row in enumerate(_table(name, folder.name).to_dict("records"), 2):
            try:
                year, month, count = (int(row[each]) for each in ("year", "month", "homicides"))
            except (KeyError, ValueError) as error:
                raise InputError(
                    "{name}: line {line}: {error}; there must be whole numbers in year, month and "
                    "homicides", name=name, line=line, error=str(error),
                ) from None  # fmt: skip
            if not 1 <= month <= 12 or count < 0:
                raise InputError(
                    "{name}: line {line}: month {month} with {count} homicides cannot be",
                    name=name, line=line, month=month, count=count,
                )  # fmt: skip
            at = 12 * (year - calendar.START.year) + month - 1
            if 0 <= at < calendar.MONTHS:
                counts[at] = count
    known = ~np.isnan(counts)
    return xr.Dataset(
        {"recorded_national": (("run", "month"), counts[None].astype("i8" if known.all() else "f8"),
                               {"source": name or "", "units": "homicides"})},
        {"run": [0], "month": calendar.months()},
        {"scenario": "observed", "title_en": "Observed record", "title_es": "Registro observado",
         "country": folder.name, "runs": 1},
    )  # fmt: skip


@cache
def _observed() -> xr.Dataset:
    low, high, source = _killed_by_year()
    record = xr.Dataset(
        {
            "recorded_national": _monthly("homicides_monthly.csv"),
            "killed_by_year": (("run", "year", "kind"), (low + high) / 2, {"source": source}),
            "killed_by_year_low": (("run", "year", "kind"), low, {"source": source}),
            "killed_by_year_high": (("run", "year", "kind"), high, {"source": source}),
        },
        coords={
            "year": list(YEARS),
            "kind": list(FORCES),
        },
        attrs={
            "scenario": "observed",
            "title_en": "Observed record",
            "title_es": "Registro observado",
            "country": HOME,
            "runs": 1,
        },
    )
    before, after = parse("2012-03-01..2012-03-08"), parse("2012-03-09..2012-03-31")
    count_before = before.days * daily_mean(record, "2012-01..2012-02")
    march = record["recorded_national"].sel(month="2012-03-01").values
    return record.assign_coords(part=[str(before), str(after)]).assign(
        assumed_part=(
            ("run", "part"),
            np.stack([count_before, march - count_before], axis=1),
            {
                "source": "derived from recorded_national",
                "assumption": "1-8 March 2012 at the daily mean of January and February 2012",
                "units": "homicides",
            },
        )
    )


def _killed_by_year() -> tuple[np.ndarray, np.ndarray, str]:
    """Give the lowest and the highest count of the sources, each (1, year, kind), and these."""
    table = security_forces()
    table = table[table["variable"].isin(list(FORCES.values()))]
    # Two sources that end in the same month imply a second count of clash deaths for 2015.
    clashes = table[table["variable"] == FORCES["by_forces"]]
    implied = clashes[clashes["coverage"] == "20 months"].assign(year="2015")
    implied["value"] -= clashes.loc[clashes["coverage"] == "Jan-Aug", "value"].item()
    full = table[(table["coverage"] == "full year") & ~table["note"].str.contains("outlier")]
    full = pd.concat([full, implied])
    full = full[full["year"].isin([str(year) for year in YEARS])]
    ranges = full.groupby(["year", "variable"])["value"].agg(["min", "max"])
    grid = pd.MultiIndex.from_product([[str(year) for year in YEARS], FORCES.values()])
    low, high = (
        ranges[bound].reindex(grid).to_numpy(float).reshape(1, len(YEARS), len(FORCES))
        for bound in ("min", "max")
    )
    return low, high, _joined(full["source"])


def _joined(sources: pd.Series[str]) -> str:
    """Join the distinct sources, in order."""
    return "; ".join(dict.fromkeys(sources))
