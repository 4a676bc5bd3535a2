"""The observed record, in the shape of simulated results, and the tables around it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.world.periods import daily_mean, parse

YEARS = tuple(range(2009, 2017))

#: Kinds of victim for which the security forces' table has counts, with its name for them.
FORCES = {
    "police": "police_killed",
    "soldiers": "soldiers_killed",
    "by_forces": "gang_members_killed_in_clashes",
}


def observed() -> xr.Dataset:
    """Give the observed record of El Salvador, 2009-2016, in the shape of simulated results.

    Returns
    -------
    xarray.Dataset
        With a dimension ``run`` of length 1 and the variables

        - ``recorded_national(run, month)``, int: recorded homicides;
        - ``assumed_part(run, part)``, float: March 2012 split at the 9th. There are no daily
          counts; its first eight days are taken at the daily mean of January and February 2012;
        - ``killed_by_year(run, year, kind)``, float: police, soldiers, and gang members killed by
          security forces; the middle of the range of the full-year sources, NaN without one;
        - ``killed_by_year_low``, ``killed_by_year_high``: that range.

        Each variable has its sources in ``attrs["source"]``.
    """
    return _observed().copy(deep=True)


def patterns() -> pd.DataFrame:
    """Load what the model is held against.

    Returns
    -------
    pandas.DataFrame
        One row per pattern; ``value``, ``low`` and ``high`` are floats (NaN where empty), the
        other columns strings (empty where empty).
    """
    frame = _table("patterns.csv").copy()
    return frame.assign(**{name: pd.to_numeric(frame[name]) for name in ("value", "low", "high")})


def timeline() -> pd.DataFrame:
    """Load the dated events.

    Returns
    -------
    pandas.DataFrame
        All columns strings; ``date`` is a day or a month, as ``precision`` says.
    """
    return _table("timeline.csv").copy()


def security_forces() -> pd.DataFrame:
    """Load the counts of police, soldiers and gang members killed, one row per source.

    Returns
    -------
    pandas.DataFrame
        ``value`` is an integer, the other columns are strings (``year`` can be a span).
    """
    frame = _table("security_forces.csv").copy()
    return frame.assign(value=pd.to_numeric(frame["value"]))


@cache
def _table(table: str) -> pd.DataFrame:
    """Read a shipped table as strings without blanks around them."""
    path = files("trucesim").joinpath("data", "el_salvador", table)
    with path.open(encoding="utf-8") as file:
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    for name in frame.columns:
        frame[name] = frame[name].str.strip()
    return frame


@cache
def _observed() -> xr.Dataset:
    homicides = _table("homicides_monthly.csv")
    month = pd.to_datetime(homicides["year"] + "-" + homicides["month"].str.zfill(2) + "-01")
    homicides = homicides[month.dt.year.isin(YEARS)]
    low, high, source = _killed_by_year()
    record = xr.Dataset(
        {
            "recorded_national": (
                ("run", "month"),
                homicides["homicides"].astype("int64").to_numpy()[None],
                {"source": _joined(homicides["source"]), "units": "homicides"},
            ),
            "killed_by_year": (("run", "year", "kind"), (low + high) / 2, {"source": source}),
            "killed_by_year_low": (("run", "year", "kind"), low, {"source": source}),
            "killed_by_year_high": (("run", "year", "kind"), high, {"source": source}),
        },
        coords={
            "run": [0],
            "month": month[month.dt.year.isin(YEARS)].to_numpy().astype("datetime64[ns]"),
            "year": list(YEARS),
            "kind": list(FORCES),
        },
        attrs={
            "scenario": "observed",
            "title_en": "Observed record",
            "title_es": "Registro observado",
            "country": "el_salvador",
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
