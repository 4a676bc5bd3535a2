"""A municipal panel of a user's own, read from a CSV file and held against the runs.

The package ships no homicides by municipality and year. Who has them (say, those of Carcach 2025,
doi 10.1371/journal.pone.0330215) can read them here and score the model with them. A panel given by
the user is never used to fit: no parameter and no default is chosen by it.

The file is what a spreadsheet saves as CSV, in any of the usual encodings and separators, with a
header in Spanish or English (``docs/panel.md`` says what is read and what is refused). It has

- the place: the official four digits (``code``, ``Código``), OCHA's ``pcode``, as SV0101 (beware:
  their digits are not those of the official code; for most municipalities they name another one),
  or a name, with the department where departments share it; of several all must agree;
- the time: ``year``; ``year`` and ``month``; or ``month`` alone, as 2012-03; or a column for each
  year or month;
- ``homicides``, or a rate that says by how many people, ``rate_per_100000``;
- ``population``, if known; otherwise the census of 2007 stands in where rates are given.

A cell without a homicide count or a rate is unknown. Unknown is never zero: it is left out of every
score, and reported.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError, Message, some
from trucesim.files.table import MAX_BYTES, seen
from trucesim.outcomes import patterns
from trucesim.outcomes.forecasts import crps
from trucesim.outcomes.panel_table import Reading, read
from trucesim.outcomes.statistics import QUANTILES, interval
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.gazetteer import COUNTRY
from trucesim.world.periods import PLURALS, FloatArray, NotRecorded, Period, parse, select

FALL = ("2011", "2013")
"""Full years before and under the truce; 2012 lies on both sides of it."""

TOP = 32
"""Municipalities in the share of those with most, as published for 2013."""


@dataclass(frozen=True)
class Score:
    """How the runs compare with a panel.

    Attributes
    ----------
    cells : pandas.DataFrame
        A row for each municipality and period: code, period, observed, simulated_mean,
        simulated_p05, simulated_median, simulated_p95, inside, error (median less observed), crps;
        all in homicides but for ``inside``, which is True from the 5 % to the 95 % quantile, both
        included.
    periods : pandas.DataFrame
        A row for each period and one for ``all``: period, municipalities (how many are known),
        coverage (share inside: for a model that is right somewhat above 90 % with many runs, since
        counts are whole numbers, and below with a few tens), mae (mean absolute error of the
        median), rank_correlation (Spearman, over municipalities, of the mean over runs with the
        observed; in the row ``all`` of their sums over periods, where all are known; NaN where one
        side is constant), crps (mean).
    shares : pandas.DataFrame
        The distribution over municipalities, by the same estimators on both sides: measure
        (municipalities_without_homicide, top_share, share_with_fall), period, municipalities,
        observed, simulated_p05, simulated_median, simulated_p95, inside (None if unknown).
    notes : tuple of str
        What was left out, and why.
    """

    cells: pd.DataFrame
    periods: pd.DataFrame
    shares: pd.DataFrame
    notes: tuple[str, ...]


def read_panel(
    path: str | Path, *, rate_per: float | None = None, rounded: bool = False
) -> xr.Dataset:
    """Read a panel of municipalities by year or month.

    Counts stay as they are. Rates become counts: rate x population / people per rate, with the
    population of the same row or, in a file without that column, of the census of 2007 (then the
    counts are off by as much as the population has changed since). The rate of a month is taken
    as homicides of that month, not of a year.

    Parameters
    ----------
    path : str or Path
        A CSV file as described at the head of this module, up to `MAX_BYTES`.
    rate_per : float, optional
        People per rate where neither the column nor the table's title says so; 10,000 by default.
    rounded : bool, optional
        Round counts made from rates to whole numbers. Right where the rates were made from counts
        with the same populations; otherwise it adds an error of up to half a homicide.

    Returns
    -------
    xarray.Dataset
        ``homicides(municipality, time)``, float, NaN where unknown, for all municipalities of the
        country in the order of their codes; ``population(municipality, time)``. ``time`` is the
        first day of each year or month that the file has within the model's calendar. Attributes:
        ``source`` (the file), ``resolution`` ("year" or "month"), ``treatment`` (how counts were
        made), ``understood`` (list of str: how the file was read), ``notes`` (list of str: what
        was mended, is missing or was left out).

    Raises
    ------
    InputError
        If the file cannot be read or a cell is wrong: one line with file, line, cell, what and what
        is allowed.
    """
    path = Path(path)
    if rate_per is not None and not (math.isfinite(rate_per) and rate_per > 0):
        raise InputError(
            "rate_per = {rate_per}, but it must be a number of people above 0", rate_per=rate_per
        )
    found = read(path, rate_per, MAX_BYTES)
    cells = _in_calendar(path, found.cells, found.notes)
    return _dataset(path, cells, found, rounded)


def by_year(panel: xr.Dataset) -> xr.Dataset:
    """Add up a monthly panel to years.

    Parameters
    ----------
    panel : xarray.Dataset
        As returned by `read_panel`; an annual one is returned as it is.

    Returns
    -------
    xarray.Dataset
        Annual; NaN in years of which a month is unknown. The population is the mean of the months.
    """
    if panel.attrs["resolution"] == "year":
        return panel
    groups = panel.assign_coords(time=panel["time"].values.astype("datetime64[Y]").astype(_NS))
    yearly = xr.Dataset(
        {
            "homicides": groups["homicides"].groupby("time").sum(skipna=True, min_count=12),
            "population": groups["population"].groupby("time").mean(),
        }
    )
    # xarray before 2026.9 leaves out the coordinates that are not grouped.
    kept = {name: each for name, each in panel.coords.items() if "time" not in each.dims}
    yearly = yearly.assign_coords(kept).transpose("municipality", "time")
    return yearly.assign_attrs({**panel.attrs, "resolution": "year"})


def score_panel(
    results: xr.Dataset, panel: xr.Dataset, *, fall: tuple[str, str] = FALL, top: int = TOP
) -> Score:
    """Hold the runs against a panel, municipality by municipality.

    Years are compared with the yearly sums of the runs, months with their months (which need full
    detail). Municipalities and periods that only one side has are left out and noted.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results.
    panel : xarray.Dataset
        As returned by `read_panel` or `by_year`.
    fall : tuple of two str, optional
        Periods, made of whole years or months of the panel; a municipality falls if it has fewer
        homicides in the second. Give periods of equal length.
    top : int, optional
        How many municipalities with most homicides share in ``top_share``.

    Returns
    -------
    Score

    Raises
    ------
    InputError
        If `top` is below 1, a period cannot be read, or no municipality is in both.
    NotRecorded
        If the results hold none of the panel's periods.
    """
    if top < 1:
        raise InputError("top = {top}, but it must be 1 or more", top=top)
    pair = parse(fall[0]), parse(fall[1])
    notes: list[str] = list(panel.attrs["notes"])
    simulated_codes = {str(code) for code in results["municipality"].values}
    codes = [str(code) for code in panel["municipality"].values]
    shared = [code for code in codes if code in simulated_codes]
    if not shared:
        raise InputError("the results have none of the panel's municipalities")
    if len(shared) < len(codes):
        notes.append(
            Message(
                "the results have {n} of the panel's {all} municipalities", n=len(shared),
                all=len(codes),
            )
        )  # fmt: skip
    panel = panel.sel(municipality=shared)

    cells, shares = [], []
    missing: NotRecorded | None = None
    for period in _steps(panel):
        observed = _observed(panel, period)
        try:
            simulated = _simulated(results, period, shared)
        except NotRecorded as error:
            missing = error
            notes.append(Message("{period} left out: {error}", period=period, error=error))
            continue
        known = np.isfinite(observed)
        if not known.any():
            continue
        observed, simulated = observed[known], simulated[:, known]
        cells.append(_cells(period, np.array(shared)[known], simulated, observed))
        shares += _distribution(period, simulated, observed, top, notes)
    if missing is not None and not cells:
        raise missing
    if not cells:
        raise InputError("the panel has no known value for the municipalities of the results")
    shares += _fall(results, panel, pair, notes)
    table = pd.concat(cells, ignore_index=True)
    return Score(table, _periods(table), pd.DataFrame(shares), tuple(notes))


_NS = "datetime64[ns]"


def _in_calendar(path: Path, cells: pd.DataFrame, notes: list[Message]) -> pd.DataFrame:
    """Keep the values within the model's calendar and note the others.

    Raises
    ------
    InputError
        If there are none.
    """
    first, last = calendar.START.year, calendar.END.year
    years = cells["time"].str[:4]
    inside = years.astype(int).between(first, last)
    others = sorted(years[~inside].unique())
    if not inside.any():
        raise InputError(
            "{path}: no row within the model's calendar, {first} to {last}{there}", path=path,
            first=first, last=last,
            there=Message(" (the file has {years})", years=some(others)) if others else "",
        )  # fmt: skip
    if others:
        notes.append(
            Message(
                "{n} values outside the model's calendar, {first} to {last}, left out: {years}",
                n=int((~inside).sum()), first=first, last=last, years=some(others),
            )
        )  # fmt: skip
    return cells[inside]


def _dataset(path: Path, cells: pd.DataFrame, found: Reading, rounded: bool) -> xr.Dataset:
    """Put checked values on the axes, make counts of rates, and note what is missing."""
    country = load_country(COUNTRY)
    times = sorted(cells["time"].unique())
    place, time = cells["place"].to_numpy(int), np.searchsorted(times, cells["time"])
    shape = len(country), len(times)
    values, people = np.full(shape, np.nan), np.full(shape, np.nan)
    present = np.zeros(shape, bool)
    values[place, time], people[place, time] = cells["value"], cells["people"]
    present[place, time] = True
    if not found.population:
        people[:] = country.population[:, None]
    _note_missing(country.codes, times, values, present, found.notes)
    found.understood.append(
        Message(
            "{n} municipalities, {steps} from {first} to {last}", n=int(present.any(axis=1).sum()),
            steps=PLURALS["month" if "-" in times[0] else "year"], first=times[0], last=times[-1],
        )
    )  # fmt: skip
    origin = "as given" if found.population else "of the census of 2007"
    treatment = "homicides as given"
    if found.per is not None:
        values = values * people / found.per
        values = np.rint(values) if rounded else values
        treatment = (
            f"homicides = {seen(found.title)} x population / {found.per:.12g}, population {origin}"
            f", {'rounded to whole numbers' if rounded else 'not rounded'}"
        )
    found.understood.append(Message("homicides: {sums}", sums=some(_sums(times, values), 8)))
    axes = ("municipality", "time")
    return xr.Dataset(
        {
            "homicides": (axes, values, {"long_name": "homicides", "units": "homicides"}),
            "population": (axes, people, {"long_name": f"population {origin}", "units": "people"}),
        },
        coords={
            "municipality": list(country.codes),
            "time": np.array(times, "datetime64[M]").astype(_NS),
        },
        attrs={
            "source": str(path),
            "resolution": "month" if "-" in times[0] else "year",
            "treatment": treatment,
            "understood": found.understood,
            "notes": found.notes,
        },
    )


def _sums(times: Sequence[str], values: FloatArray) -> list[str]:
    """Add up the homicides of each year."""
    sums = pd.Series(np.nansum(values, axis=0)).groupby([time[:4] for time in times]).sum()
    return [f"{year} {count:,.0f}" for year, count in sums.items()]


def _note_missing(
    codes: Sequence[str],
    times: Sequence[str],
    values: FloatArray,
    present: npt.NDArray[np.bool_],
    notes: list[Message],
) -> None:
    """Note municipalities and rows that are missing, cells that are empty, and gaps in time."""
    absent = [code for code, has in zip(codes, present.any(axis=1), strict=True) if not has]
    if absent:
        notes.append(
            Message(
                "{n} of {all} municipalities missing: {some}", n=len(absent), all=len(codes),
                some=some(absent),
            )
        )  # fmt: skip
    for what, cells in (
        (Message("rows missing"), ~present & present.any(axis=1, keepdims=True)),
        (Message("cells empty"), present & np.isnan(values)),
    ):
        found = [f"{codes[row]} {times[column]}" for row, column in np.argwhere(cells)]
        if found:
            notes.append(Message("{n} {what}: {some}", n=len(found), what=what, some=some(found)))
    steps = np.array(times, f"datetime64[{'M' if '-' in times[0] else 'Y'}]")
    gaps = np.setdiff1d(np.arange(steps[0], steps[-1]), steps)
    if len(gaps):
        notes.append(Message("no row at all for {some}", some=some([str(gap) for gap in gaps])))
    if "-" in times[0]:
        of = Counter(time[:4] for time in times)
        part = [f"{year} ({n}/12)" for year, n in of.items() if n < 12]
        if part:
            notes.append(Message("years of fewer than 12 months: {some}", some=some(part)))


def _steps(panel: xr.Dataset) -> list[Period]:
    """Give the panel's years or months."""
    digits = {"year": 4, "month": 7}[panel.attrs["resolution"]]
    return [parse(str(time)[:digits]) for time in panel["time"].values]


def _observed(panel: xr.Dataset, period: Period) -> FloatArray:
    """Count the panel's homicides of a period, shape (municipality,); NaN where one is unknown.

    Raises
    ------
    NotRecorded
        If the period is not made of the panel's years or months.
    """
    inside = [period.start <= step.start and step.stop <= period.stop for step in _steps(panel)]
    days = sum(step.days for step, is_in in zip(_steps(panel), inside, strict=True) if is_in)
    if days != period.days:
        raise NotRecorded(
            "{period}: not made of the {steps} of the panel", period=period,
            steps=PLURALS[panel.attrs["resolution"]],
        )  # fmt: skip
    counts = panel["homicides"].transpose("municipality", "time").values[:, inside]
    total: FloatArray = counts.sum(axis=1)
    return total


def _simulated(results: xr.Dataset, period: Period, codes: Sequence[str]) -> FloatArray:
    """Count the simulated homicides of a period, shape (run, municipality)."""
    if "recorded_by_period" in results and str(period) in results["period"].values:
        counts = results["recorded_by_period"].sel(period=str(period))
    elif "recorded" in results:
        counts = select(results, "recorded", period).sum("month")
    else:
        raise NotRecorded(
            "{period}: the results hold no homicides by municipality; run with detail = 'full'",
            period=period,
        )  # fmt: skip
    ordered = counts.sel(municipality=list(codes)).transpose("run", "municipality")
    return ordered.values.astype(np.float64)


def _cells(
    period: Period, codes: Iterable[str], simulated: FloatArray, observed: FloatArray
) -> pd.DataFrame:
    """Compare one period, municipality by municipality."""
    low, median, high = np.quantile(simulated, list(QUANTILES.values()), axis=0)
    return pd.DataFrame(
        {
            "code": list(codes),
            "period": str(period),
            "observed": observed,
            "simulated_mean": simulated.mean(axis=0),
            "simulated_p05": low,
            "simulated_median": median,
            "simulated_p95": high,
            "inside": (low <= observed) & (observed <= high),
            "error": median - observed,
            "crps": crps(simulated, observed, fair=False),
        }
    )


def _periods(cells: pd.DataFrame) -> pd.DataFrame:
    """Summarise the cells of each period, and of all."""
    sums = cells.groupby("code", sort=False)[["observed", "simulated_mean"]].sum()
    complete = cells["code"].value_counts()[sums.index] == cells["period"].nunique()
    groups = [(str(name), group, group) for name, group in cells.groupby("period", sort=False)]
    rows = [
        {
            "period": name,
            "municipalities": group["code"].nunique(),
            "coverage": group["inside"].mean(),
            "mae": group["error"].abs().mean(),
            "rank_correlation": _spearman(ranked["simulated_mean"], ranked["observed"]),
            "crps": group["crps"].mean(),
        }
        for name, group, ranked in [*groups, ("all", cells, sums[complete.to_numpy()])]
    ]
    return pd.DataFrame(rows)


def _spearman(a: pd.Series[float], b: pd.Series[float]) -> float:
    """Correlate ranks; NaN where one side has a single value."""
    if a.nunique() < 2 or b.nunique() < 2:
        return math.nan
    return float(a.corr(b, method="spearman"))


def _distribution(
    period: Period, simulated: FloatArray, observed: FloatArray, top: int, notes: list[str]
) -> list[dict[str, object]]:
    """Compare how a period's homicides are spread, with the estimators of the patterns."""
    zero, most = (
        replace(patterns.load()[name], period=str(period))
        for name in ("zero_homicide_municipalities_2013", "share_in_top_32_municipalities_2013")
    )
    runs, record = _as_results(simulated, period), _as_results(observed[None], period)
    without = patterns.municipalities_without_homicide
    rows = [
        _compared(
            "municipalities_without_homicide", period, observed.size,
            without(runs, zero), without(record, zero),
        )
    ]  # fmt: skip
    if observed.size < top:
        notes.append(
            Message(
                "{period}: no top_share, {n} municipalities are fewer than {top}", period=period,
                n=observed.size, top=top,
            )
        )  # fmt: skip
        return rows
    share = patterns.share_in_top_municipalities
    return [
        *rows,
        _compared(
            "top_share", period, observed.size, share(runs, most, top), share(record, most, top)
        ),
    ]


def _as_results(counts: FloatArray, period: Period) -> xr.Dataset:
    """Give counts, shape (run, municipality), the shape that the patterns' estimators read."""
    axes = ("run", "period", "municipality")
    return xr.Dataset(
        {"recorded_by_period": (axes, counts[:, None])}, coords={"period": [str(period)]}
    )


def _fall(
    results: xr.Dataset, panel: xr.Dataset, pair: tuple[Period, Period], notes: list[str]
) -> list[dict[str, object]]:
    """Compare the share of municipalities with fewer homicides in the second period."""
    codes = [str(code) for code in panel["municipality"].values]
    try:
        observed = [_observed(panel, period) for period in pair]
        simulated = [_simulated(results, period, codes) for period in pair]
    except NotRecorded as error:
        notes.append(Message("no share_with_fall: {error}", error=error))
        return []
    known = np.isfinite(observed[0]) & np.isfinite(observed[1])
    if not known.any():
        notes.append(Message("no share_with_fall: no municipality is known in both periods"))
        return []
    before, after = (np.vstack([side[:, known]]) for side in simulated)
    was, became = (side[known] for side in observed)
    return [
        _compared(
            "share_with_fall", f"{pair[0]} to {pair[1]}", int(known.sum()),
            (after < before).mean(axis=1), (became < was).mean(keepdims=True),
        )
    ]  # fmt: skip


def _compared(
    measure: str, period: object, number: int, simulated: FloatArray, observed: FloatArray
) -> dict[str, object]:
    """Give one row of the shares."""
    quantiles, value = interval(simulated), float(observed.item())
    known = math.isfinite(quantiles["median"]) and math.isfinite(value)
    return {
        "measure": measure,
        "period": str(period),
        "municipalities": number,
        "observed": value,
        **{f"simulated_{name}": quantile for name, quantile in quantiles.items()},
        "inside": quantiles["p05"] <= value <= quantiles["p95"] if known else None,
    }
