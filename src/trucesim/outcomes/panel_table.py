"""A user's table of homicides by municipality and period: from its cells to checked numbers.

Each step is a function: header, rows that are data, places, times, numbers, checks. What was
understood is said in sentences; what is wrong is refused with its cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from trucesim.files.errors import InputError, Message, some
from trucesim.files.table import Row, Sheet, read_sheet, seen, words
from trucesim.outcomes.panel_header import NO_PARTS, Column, Header, header_of
from trucesim.outcomes.panel_numbers import Numbers
from trucesim.outcomes.panel_places import Places, code_in
from trucesim.outcomes.panel_times import is_part_of_year, when
from trucesim.world import gazetteer
from trucesim.world.country import load_country
from trucesim.world.gazetteer import COUNTRY

YEARS = (1900, 2100)
"""A number outside is no year. Years outside the model's calendar are read, noted and left out."""

TOTAL = {"total", "totales", "subtotal", "subtotales", "nacional", "national", "suma", "sum"}
WHOLE = {"el salvador", "pais", "todo el pais", "country", "republica de el salvador"}
NOWHERE = {
    "desconocido", "desconocida", "no determinado", "no definido", "sin especificar", "unknown",
    "no especificado", "sin municipio", "ignorado", "se ignora", "extranjero", "fuera del pais",
    "otros", "otro pais", "sin dato", "sin datos", "nd", "n d", "not specified", "other",
}  # fmt: skip
NOTES = {
    "fuente", "fuentes", "nota", "notas", "source", "sources", "note", "notes", "elaboracion",
    "elaborado", "datos", "cifras", "actualizado", "consultado", "http", "https",
}  # fmt: skip

LEFT_OUT = {
    "total": Message("{n} rows of totals left out: {some}"),
    "department": Message("{n} rows of departments left out: {some}"),
    "nowhere": Message("{n} rows of no known place left out: {some}"),
    "text": Message("{n} rows of text left out: {some}"),
    "header": Message("{n} rows that repeat the header left out: {some}"),
}
"""Kinds of rows that are no data."""


@dataclass
class Reading:
    """What a file says.

    Attributes
    ----------
    cells : pandas.DataFrame
        A row for each value: ``place`` (row of the country), ``time`` (2012 or 2012-03), ``value``
        (NaN where unknown), ``people`` (NaN where not given).
    title : str
        Of the values.
    per : float or None
        People per rate; None for counts.
    population : bool
        Whether the file gives people.
    understood, notes : list of Message
        How it was read; what was mended or left out.
    """

    cells: pd.DataFrame
    title: str
    per: float | None
    population: bool
    understood: list[Message]
    notes: list[Message]


def read(path: Path, rate_per: float | None, most: int) -> Reading:
    """Read a file.

    Parameters
    ----------
    path : Path
    rate_per : float or None
        People per rate where neither the column nor a title says so; None for 10,000.
    most : int
        Bytes.

    Raises
    ------
    InputError
        Names the line, and the cell as a spreadsheet shows it.
    """
    sheet = read_sheet(path, most)
    header = header_of(sheet, rate_per)
    title = header.values[0][0].title
    notes = [*sheet.notes, *header.notes]
    understood = [
        Message(
            "{file}: {encoding}, {separator} between the columns, header in line {line}",
            file=path.name, encoding=sheet.encoding, separator=sheet.separator,
            line=header.row.line,
        ),
        *header.understood,
    ]  # fmt: skip
    cells = _cells(sheet, header, notes)
    numbers = Numbers(sheet, header, cells, understood, notes)
    numbers.read(rate_per)
    cells = _without_subtotals(sheet, header, cells, notes)
    _check_twice(sheet, cells)
    numbers.check_record(cells)
    return Reading(cells, title, header.per, header.population, understood, notes)


# Rows -------------------------------------------------------------------------------------------


def _cells(sheet: Sheet, header: Header, notes: list[Message]) -> pd.DataFrame:
    """Give a row for each value of the table, its cells as they stand.

    Raises
    ------
    InputError
        A row of more or fewer cells than the header, an unknown place or time, or departments only.
    """
    kinds = [_kind(row, header) for row in header.body]
    data = [row for row, kind in zip(header.body, kinds, strict=True) if not kind]
    places = Places(sheet, header, data)
    left: dict[str, list[str]] = {}
    found = []
    for row, kind in zip(header.body, kinds, strict=True):
        if kind:
            first = next(cell for cell in row.cells if cell)
            left.setdefault(kind, []).append(f"{seen(first)!r} (line {row.line})")
            places.pass_by(row, kind)
            continue
        _check_length(sheet, header, row)
        place = places.of(row)
        for value, people in header.values:
            found.append(
                {
                    "row": row,
                    **place._asdict(),
                    "time": _time(sheet, header, row, value),
                    "value_at": value.at,
                    "value_cell": row.cells[value.at],
                    "people_at": people.at if people else -1,
                    "people_cell": row.cells[people.at] if people else "",
                }
            )
    if not found and "department" in left:
        raise InputError(
            "{path}: a table of departments ({some}); a panel is by municipality",
            path=sheet.path, some=some(left["department"], 3),
        )  # fmt: skip
    for kind, message in LEFT_OUT.items():
        if kind in left:
            rows = left[kind]
            notes.append(Message(message.text, n=len(rows), some=some(rows)))
    notes += places.notes()
    places.check_scheme()
    columns = "row place maybe_department time value_at value_cell people_at people_cell".split()
    cells = pd.DataFrame(found, columns=columns)
    _check_times(sheet, cells)
    return cells


def _kind(row: Row, header: Header) -> str:
    """Say what a row is that is no data, one of `LEFT_OUT`; nothing for one that is."""
    if row.cells == header.row.cells:
        return "header"
    cells = [*row.cells, *[""] * (len(header.row.cells) - len(row.cells))]
    labels = [cells[each.at] for each in header.columns]
    first = next(cell for cell in cells if cell)
    # Where labels are empty, as under merged cells, the first cell that is not says what a row is.
    told = labels if any(labels) else [first]
    if any(TOTAL & set(words(each)) or gazetteer.plain(each) in WHOLE for each in told):
        return "total"
    if set(words(first)[:1]) & NOTES or first.startswith(("*", "(", "1/")):
        return "text"
    code = header.cell(row, "code") or header.cell(row, "pcode")
    name = header.cell(row, "name") or header.cell(row, "district")
    of = header.cell(row, "department")
    alone = header.column("name", "district") or not header.column("department")
    if (alone and _of_department(code, name)) or words(name)[:1] == ("departamento",):
        return "department"
    values = [cells[value.at] for value, _ in header.values]
    if gazetteer.department(name) and not (code or of) and (header.coded or not any(values)):
        return "department"
    lone = sum(map(bool, cells)) == 1 and " " in first
    if gazetteer.by_name(name or code) or (re.search(r"\d", code) and not lone):
        return ""
    if gazetteer.plain(name) in NOWHERE:
        return "nowhere"
    if gazetteer.department(name or of):
        return "department"
    others = [*values, *(cells[each.at] for each in header.times)]
    if lone or not any(re.search(r"\d", cell) for cell in others):
        return "department" if gazetteer.department(first) else "text"
    return ""


def _of_department(code: str, name: str) -> bool:
    """Tell whether a code is a department's: 01 or 0100."""
    digits = code_in(code or name)
    if not digits.isdigit() or not (len(digits) <= 2 or (len(digits) == 4 and digits[2:] == "00")):
        return False
    known = gazetteer.department(digits[:2])
    return bool(known and (not code or not name or gazetteer.department(name)))


def _check_length(sheet: Sheet, header: Header, row: Row) -> None:
    """Refuse a row of more or fewer cells than the header; empty ones at the end do not count.

    Raises
    ------
    InputError
        Names the line and both numbers.
    """
    width = len(header.row.cells)
    if len(row.cells) < width or any(row.cells[width:]):
        raise InputError(
            "{where}: {count} fields, but the header has {of}", where=sheet.where(row),
            count=len(row.cells), of=width,
        )  # fmt: skip


# Times ------------------------------------------------------------------------------------------


def _time(sheet: Sheet, header: Header, row: Row, value: Column) -> str:
    """Give a value's year as 2012, or its month as 2012-03.

    Raises
    ------
    InputError
        No year or month.
    """
    year, month = value.year, value.month
    for column in header.times:
        cell = row.cells[column.at]
        number = code_in(cell)
        if column.role == "month" and re.fullmatch("0?[1-9]|1[0-2]", number, re.ASCII):
            month = int(number)
            continue
        found = when(cell)
        if found is None or found[column.role == "month"] is None:
            raise _no_time(sheet, header, row, column)
        year = year if found[0] is None else found[0]
        month = month if found[1] is None else found[1]
    if year is None or not YEARS[0] <= year <= YEARS[1]:
        raise _no_time(sheet, header, row, header.times[0] if header.times else value)
    return f"{year}" if month is None else f"{year}-{month:02}"


def _no_time(sheet: Sheet, header: Header, row: Row, column: Column) -> InputError:
    expected = Message("expected {low} to {high}", low=YEARS[0], high=YEARS[1])
    if column.role == "period":
        expected = Message("expected a year, or a month as 2012-03")
    if column.role == "month":
        expected = Message("expected 1 to 12, or a month's name")
        if not header.column("year", "period") and header.values[0][0].year is None:
            expected = Message("expected year and month as 2012-03, or a column 'year' beside")
    if is_part_of_year(row.cells[column.at]):
        expected = NO_PARTS
    return InputError(
        "{where}: {name} = {value!r}; {expected}", where=sheet.where(row, column.at),
        name=seen(column.title), value=seen(row.cells[column.at]), expected=expected,
    )  # fmt: skip


def _check_times(sheet: Sheet, cells: pd.DataFrame) -> None:
    """Refuse years beside months, and years that were written as one of their months.

    Raises
    ------
    InputError
        Names a row of each.
    """
    if cells.empty:
        return
    monthly = cells["time"].str.len().eq(7)
    if not monthly.any():
        return
    if not monthly.all():
        one, other = cells[monthly].iloc[0], cells[~monthly].iloc[0]
        raise InputError(
            "{where}: {time} is a month, but {other} ({there}) is a year; a panel is of one of the "
            "two", where=sheet.where(one["row"], one["value_at"]), time=one["time"],
            other=other["time"], there=sheet.where(other["row"], other["value_at"]),
        )  # fmt: skip
    months, years = cells["time"].str[5:].unique(), cells["time"].str[:4].unique()
    if len(months) == 1 and len(years) > 1:
        raise InputError(
            "{path}: the only month of every year is {month}; write years as {year}, if they are "
            "meant", path=sheet.path, month=months[0], year=years[0],
        )  # fmt: skip


# Checks -----------------------------------------------------------------------------------------


def _without_subtotals(
    sheet: Sheet, header: Header, cells: pd.DataFrame, notes: list[Message]
) -> pd.DataFrame:
    """Leave out a department's row that bears the name of one of its municipalities.

    Of two rows of such a name it is the one whose count is that of all municipalities together. A
    row alone that is so is the department's where the column is said to hold departments too.

    Raises
    ------
    InputError
        A row alone that is so, where nothing says which of the two it is.
    """
    if header.per is not None or not cells["maybe_department"].any():
        return cells
    codes = np.array(load_country(COUNTRY).codes)
    of = pd.Series([code[:2] for code in codes[cells["place"].to_numpy(int)]], cells.index)
    twice = cells["maybe_department"] & cells.duplicated(["place", "time"], keep=False)
    by_department = cells["value"].groupby([of, cells["time"]])
    is_sum = (2 * cells["value"]).eq(by_department.transform("sum"))
    alone = cells["maybe_department"] & ~twice & is_sum & cells["value"].gt(0)
    alone &= by_department.transform("size").gt(2)
    # A town can come to as much as the others in some year, but not in all.
    whole = is_sum.groupby(cells["place"]).transform("all")
    whole &= alone.groupby(cells["place"]).transform("any")
    whole &= header.column("department") is None
    if whole.any() and not header.both:
        row = cells.loc[whole, "row"].iloc[0]
        raise InputError(
            "{where}: {name!r} has as many homicides as the department's other rows together: it "
            "is the department's sum, or its town; take the sum away, or give a column 'code' or "
            "'department'", where=sheet.where(row), name=seen(next(filter(None, row.cells))),
        )  # fmt: skip
    left_out = cells[(twice & is_sum) | whole]
    # Where the rest of the department is nothing, both are alike: the first is the sum.
    left_out = left_out.drop_duplicates(["place", "time"])
    if len(left_out):
        rows = {
            row.line: f"{seen(next(filter(None, row.cells)))!r} (line {row.line})"
            for row in left_out["row"]
        }
        notes.append(
            Message(LEFT_OUT["department"].text, n=len(rows), some=some(list(rows.values())))
        )
    return cells.drop(left_out.index)


def _check_twice(sheet: Sheet, cells: pd.DataFrame) -> None:
    """Refuse a place that has two values of a period.

    Raises
    ------
    InputError
        Names both rows.
    """
    for index in cells.index[cells.duplicated(["place", "time"])][:1]:
        row, place, time = cells.loc[index, ["row", "place", "time"]]
        first = cells[cells["place"].eq(place) & cells["time"].eq(time)].iloc[0]
        raise InputError(
            "{where}: {code} {time} is there twice (also in line {first}); a municipality has one "
            "row a period", where=sheet.where(row), code=load_country(COUNTRY).codes[place],
            time=time, first=first["row"].line,
        )  # fmt: skip
