"""A municipal panel of a user's own, read from a CSV file and held against the runs.

The package ships no homicides by municipality and year. Who has them (say, those of Carcach 2025,
doi 10.1371/journal.pone.0330215) can read them here and score the model with them. A panel given by
the user is never used to fit: no parameter and no default is chosen by it.

The file has a header, commas between its columns and a row for each municipality and year (or
month). Its columns:

- ``code``, the official four digits, or ``pcode``, OCHA's, as SV0101 (beware: their digits are not
  those of the official code; for most municipalities they name another one);
- ``year``; or ``year`` and ``month`` (1 to 12); or ``month`` alone, as 2012-03;
- one of ``homicides``, ``rate_per_10000``, ``rate_per_100000`` and ``rate``;
- ``population``, if known; otherwise the census of 2007 stands in where rates are given;
- ``name``, if one likes: where it is not the name that belongs to the code, that is noted.

A cell without a homicide count or a rate is unknown. Unknown is never zero: it is left out of every
score, and reported.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError, Message, nearest, said_by_system, some
from trucesim.outcomes import patterns
from trucesim.outcomes.forecasts import crps
from trucesim.outcomes.statistics import QUANTILES, interval
from trucesim.world import calendar
from trucesim.world.country import load_country, read_table
from trucesim.world.periods import PLURALS, FloatArray, NotRecorded, Period, parse, select

COUNTRY = "el_salvador"

MAX_BYTES = 10_000_000
"""Largest file that is read; 262 municipalities by month over twenty years take some 2 MB."""

YEARS = (1900, 2100)
"""A number outside is no year. Years outside the model's calendar are read, noted and left out."""

RATES = {"rate_per_10000": 10_000.0, "rate_per_100000": 100_000.0}
"""Columns that say themselves by how many people a rate is."""

VALUES = ("homicides", "rate", *RATES)
PLACES = ("code", "pcode")
COLUMNS = (*PLACES, "year", "month", *VALUES, "population")
WORDS = ("name", "municipality", "department")
"""Columns for the reader's eye; the first two are compared with the official names."""

FALL = ("2011", "2013")
"""Full years before and under the truce; 2012 lies on both sides of it."""

TOP = 32
"""Municipalities in the share of those with most, as published for 2013."""

_NUMBER = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_MONTH = re.compile(r"0?[1-9]|1[0-2]", re.ASCII)
_YEAR_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


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


class _Columns(NamedTuple):
    """What the header has: place and value by name, and people per rate (None for counts)."""

    place: str
    year: bool
    month: bool
    value: str
    per: float | None
    population: bool


class _Row(NamedTuple):
    """A row that was checked; `value` is NaN where unknown, `people` where not given."""

    line: int
    code: str
    time: str
    value: float
    people: float


def read_panel(
    path: str | Path, *, rate_per: float = 10_000.0, rounded: bool = False
) -> xr.Dataset:
    """Read a panel of municipalities by year or month.

    Counts stay as they are. Rates become counts: rate x population / people per rate, with the
    population of the same row or, in a file without that column, of the census of 2007 (then the
    counts are off by as much as the population has changed since). The rate of a month is taken
    as homicides of that month, not of a year.

    Parameters
    ----------
    path : str or Path
        A CSV file as described at the head of this module, in UTF-8, up to `MAX_BYTES`.
    rate_per : float, optional
        People per rate in a column ``rate``; a column ``rate_per_100000`` says so itself.
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
        made), ``notes`` (list of str: what was mended, is missing or was left out).

    Raises
    ------
    InputError
        If the file cannot be read or a cell is wrong: one line with file, line, what and what is
        allowed.
    """
    path = Path(path)
    if not (math.isfinite(rate_per) and rate_per > 0):
        raise InputError(
            "rate_per = {rate_per}, but it must be a number of people above 0", rate_per=rate_per
        )
    records = _records(path)
    line, header = next(records, (1, []))
    names = [name.strip().lower() for name in header]
    country = load_country(COUNTRY)
    columns = _columns(path, line, names, rate_per)
    notes = _ignored(path, line, names)
    codes, mended, misnamed = _codes(columns.place), [], []
    rows: list[_Row] = []
    seen: dict[tuple[str, str], int] = {}
    for line, fields in records:
        where = Message("{path}, line {line}", path=path, line=line)
        if len(fields) != len(names):
            raise InputError(
                "{where}: {count} fields, but the header has {of}", where=where, count=len(fields),
                of=len(names),
            )  # fmt: skip
        cells = dict(zip(names, (field.strip() for field in fields), strict=True))
        row, restored = _row(where, line, cells, columns, codes)
        if restored:
            mended.append(f"{cells['code']!r} to {row.code!r} (line {line})")
        official = country.names[country.codes.index(row.code)]
        named = next((cells[word] for word in WORDS[:2] if cells.get(word)), official)
        if _plain(named) != _plain(official):
            misnamed.append(f"{row.code} is {official}, not {named!r} (line {line})")
        first = seen.setdefault((row.code, row.time), line)
        if first != line:
            raise InputError(
                "{where}: {code} {time} is there twice (also in line {first}); a municipality has "
                "one row a period", where=where, code=row.code, time=row.time, first=first,
            )  # fmt: skip
        rows.append(row)
    if mended:
        notes.append(
            Message("leading zeros restored in {n} codes: {some}", n=len(mended), some=some(mended))
        )
    if misnamed:
        notes.append(
            Message(
                "names unlike the official ones in {n} rows: {some}", n=len(misnamed),
                some=some(misnamed),
            )
        )  # fmt: skip
    kept = _in_calendar(path, rows, notes)
    return _dataset(path, kept, columns, rounded, notes)


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
    return yearly.transpose("municipality", "time").assign_attrs(
        {**panel.attrs, "resolution": "year"}
    )


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


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give line number and fields of the rows of a file that are not empty.

    Raises
    ------
    InputError
        If the file cannot be read, is too large, is not UTF-8 or is no CSV.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            "{path}: cannot be read ({reason})", path=path, reason=said_by_system(error)
        ) from None
    if len(content) > MAX_BYTES:
        raise InputError(
            "{path}: larger than {most:g} MB, the most that is read", path=path,
            most=MAX_BYTES / 1e6,
        )  # fmt: skip
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            "{path}, line {line}: not in UTF-8; save the file as UTF-8", path=path, line=line
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield reader.line_num, fields
    except csv.Error as error:
        raise InputError(
            "{path}, line {line}: no CSV ({error})", path=path, line=reader.line_num, error=error
        ) from None


def _columns(path: Path, line: int, names: Sequence[str], rate_per: float) -> _Columns:
    """Find out what the header has.

    Raises
    ------
    InputError
        If a column is missing, is there twice, or two of them say the same.
    """
    where = Message("{path}, line {line}", path=path, line=line)
    if not names:
        raise InputError("{path}: empty; expected a header such as code,year,homicides", path=path)
    if len(names) == 1 and re.search(r"[;\t]", names[0]):
        raise InputError(
            "{where}: expected commas between the columns, and points in decimals", where=where
        )
    for name in names:
        if names.count(name) > 1:
            raise InputError("{where}: column {name!r} is there twice", where=where, name=name)
    place = _one(where, names, PLACES)
    value = _one(where, names, VALUES)
    if "year" not in names and "month" not in names:
        raise InputError(
            "{where}: no column for time{hint}; allowed are year, year and month, or month alone "
            "as 2012-03", where=where, hint=_meant(names, ("year", "month")),
        )  # fmt: skip
    per = None if value == "homicides" else RATES.get(value, rate_per)
    return _Columns(place, "year" in names, "month" in names, value, per, "population" in names)


def _one(where: str, names: Sequence[str], allowed: Sequence[str]) -> str:
    """Take the one column of several that say the same."""
    found = [name for name in allowed if name in names]
    if len(found) > 1:
        raise InputError(
            "{where}: columns {one!r} and {other!r}; give one of them", where=where, one=found[0],
            other=found[1],
        )  # fmt: skip
    if not found:
        raise InputError(
            "{where}: no column {first!r}{hint}; expected one of {allowed}", where=where,
            first=allowed[0], hint=_meant(names, allowed), allowed=", ".join(allowed),
        )  # fmt: skip
    return found[0]


def _meant(names: Sequence[str], allowed: Sequence[str]) -> Message:
    """Name a column of the header that looks like a misspelt one."""
    spare = [name for name in names if name not in COLUMNS]
    for name in allowed:
        close = difflib.get_close_matches(name, spare, n=1)
        if close:
            return Message(" (is {given!r} meant as {name!r}?)", given=close[0], name=name)
    return Message("")


def _ignored(path: Path, line: int, names: Sequence[str]) -> list[str]:
    """Note the columns that are not used.

    Raises
    ------
    InputError
        If one looks like a misspelt ``population``, the only column that could go missing unseen.
    """
    spare = [name for name in names if name not in (*COLUMNS, *WORDS)]
    for name in spare:
        if "population" not in names and difflib.get_close_matches(name, ["population"]):
            raise InputError(
                "{path}, line {line}: unknown column {name!r}{hint}; allowed are {allowed}",
                path=path, line=line, name=name, hint=nearest(name, COLUMNS),
                allowed=", ".join(COLUMNS),
            )  # fmt: skip
    listed = ", ".join(repr(name) for name in spare)
    return [Message("columns not used: {listed}", listed=listed)] if spare else []


def _codes(place: str) -> dict[str, str]:
    """Give the official code by what the column of places holds."""
    codes = load_country(COUNTRY).codes
    if place == "code":
        return dict(zip(codes, codes, strict=True))
    table = read_table(COUNTRY, "municipalities.csv")
    return dict(zip(table["pcode"], table["code"], strict=True))


def _plain(name: str) -> str:
    """Take case, accents and blanks off a name."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _row(
    where: str, line: int, cells: Mapping[str, str], columns: _Columns, codes: Mapping[str, str]
) -> tuple[_Row, bool]:
    """Check a row; also say whether its code's leading zeros were restored.

    Raises
    ------
    InputError
        If a cell is wrong.
    """
    given = cells[columns.place]
    full = given
    if columns.place == "code" and given.isascii() and given.isdigit():
        full = given.zfill(len(next(iter(codes))))
    if full not in codes:
        allowed = sorted(codes)
        raise InputError(
            "{where}: no municipality has the {place} {given!r}{hint}; allowed are the {count} "
            "official ones, {first} to {last}", where=where, place=columns.place, given=given[:40],
            hint=nearest(full[:40], allowed), count=len(allowed), first=allowed[0],
            last=allowed[-1],
        )  # fmt: skip
    time = _time(where, cells, columns)
    value = _number(where, columns.value, cells[columns.value])
    people = _number(where, "population", cells["population"]) if columns.population else math.nan
    needed = columns.population and columns.per is not None and not math.isnan(value)
    if people == 0 or (needed and math.isnan(people)):
        raise InputError(
            "{where}: population = {value!r}; expected a number above 0", where=where,
            value=cells["population"],
        )  # fmt: skip
    if columns.per is None and value % 1 > 0:
        raise InputError(
            "{where}: homicides = {value!r}; expected a whole number (rates go into rate_per_10000 "
            "or rate_per_100000)", where=where, value=cells[columns.value],
        )  # fmt: skip
    most = columns.per if columns.per is not None else people
    if value > most:
        raise InputError(
            "{where}: {name} = {value!r}; more than one homicide a person", where=where,
            name=columns.value, value=cells[columns.value],
        )  # fmt: skip
    return _Row(line, codes[full], time, value, people), full != given


def _time(where: str, cells: Mapping[str, str], columns: _Columns) -> str:
    """Read a row's year as 2012, or its month as 2012-03."""
    if not columns.year:
        match = _YEAR_MONTH.fullmatch(cells["month"])
        if match is None:
            raise InputError(
                "{where}: month = {value!r}; expected year and month as 2012-03, or a column "
                "'year' beside", where=where, value=cells["month"][:40],
            )  # fmt: skip
        year, time = match.group(1), cells["month"]
    else:
        year = time = cells["year"]
    if not _YEAR.fullmatch(year) or not YEARS[0] <= int(year) <= YEARS[1]:
        raise InputError(
            "{where}: year = {value!r}; expected {low} to {high}", where=where, value=year[:40],
            low=YEARS[0], high=YEARS[1],
        )  # fmt: skip
    if columns.year and columns.month:
        if not _MONTH.fullmatch(cells["month"]):
            raise InputError(
                "{where}: month = {value!r}; expected 1 to 12", where=where,
                value=cells["month"][:40],
            )  # fmt: skip
        time = f"{year}-{int(cells['month']):02}"
    return time


def _number(where: str, name: str, cell: str) -> float:
    """Read a number from 0 on; NaN if the cell is empty.

    Raises
    ------
    InputError
        If it is no number, below 0 or beyond bounds.
    """
    if not cell:
        return math.nan
    match = _NUMBER.fullmatch(cell)
    number = float(cell) if match else math.nan
    if match and match.group(1) == "-" and number != 0:
        raise InputError(
            "{where}: {name} = {value!r} is negative; expected 0 or more", where=where, name=name,
            value=cell,
        )  # fmt: skip
    if not math.isfinite(number):
        raise InputError(
            "{where}: {name} = {value!r} is no number; expected one such as 12 or 3.5, or an empty "
            "cell if unknown", where=where, name=name, value=cell[:40],
        )  # fmt: skip
    return abs(number)


def _in_calendar(path: Path, rows: Sequence[_Row], notes: list[str]) -> list[_Row]:
    """Keep the rows within the model's calendar and note the others.

    Raises
    ------
    InputError
        If there are none.
    """
    first, last = calendar.START.year, calendar.END.year
    kept = [row for row in rows if first <= int(row.time[:4]) <= last]
    if not kept:
        years = sorted({row.time[:4] for row in rows})
        raise InputError(
            "{path}: no row within the model's calendar, {first} to {last}{there}", path=path,
            first=first, last=last,
            there=Message(" (the file has {years})", years=some(years)) if rows else "",
        )  # fmt: skip
    if len(kept) < len(rows):
        years = sorted({row.time[:4] for row in rows} - {row.time[:4] for row in kept})
        notes.append(
            Message(
                "{n} rows outside the model's calendar, {first} to {last}, left out: {years}",
                n=len(rows) - len(kept), first=first, last=last, years=", ".join(years),
            )
        )  # fmt: skip
    return kept


def _dataset(
    path: Path, rows: Sequence[_Row], columns: _Columns, rounded: bool, notes: list[str]
) -> xr.Dataset:
    """Put checked rows on the axes, make counts of rates, and note what is missing."""
    country = load_country(COUNTRY)
    times = sorted({row.time for row in rows})
    shape = len(country), len(times)
    values, present = np.full(shape, np.nan), np.zeros(shape, bool)
    people = np.repeat(country.population[:, None], len(times), axis=1)
    row_of = {code: row for row, code in enumerate(country.codes)}
    column_of = {time: column for column, time in enumerate(times)}
    for row in rows:
        cell = row_of[row.code], column_of[row.time]
        values[cell], present[cell] = row.value, True
        if columns.population:
            people[cell] = row.people
    if columns.population:
        people[~present] = np.nan
    _note_missing(country.codes, times, values, present, notes)
    origin = "as given" if columns.population else "of the census of 2007"
    treatment = "homicides as given"
    if columns.per is not None:
        values = values * people / columns.per
        values = np.rint(values) if rounded else values
        treatment = (
            f"homicides = {columns.value} x population / {columns.per:.12g}, population {origin}, "
            + ("rounded to whole numbers" if rounded else "not rounded")
        )
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
            "resolution": "month" if columns.month else "year",
            "treatment": treatment,
            "notes": notes,
        },
    )


def _note_missing(
    codes: Sequence[str],
    times: Sequence[str],
    values: FloatArray,
    present: np.ndarray,
    notes: list[str],
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
    unit = "M" if "-" in times[0] else "Y"
    steps = np.array(times, f"datetime64[{unit}]")
    gaps = np.setdiff1d(np.arange(steps[0], steps[-1]), steps)
    if len(gaps):
        notes.append(Message("no row at all for {some}", some=some([str(gap) for gap in gaps])))


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
