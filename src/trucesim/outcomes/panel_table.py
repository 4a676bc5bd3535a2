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
from trucesim.files.table import (
    COMMA,
    POINT,
    UNKNOWN,
    Notation,
    Row,
    Sheet,
    notations,
    read_sheet,
    seen,
    words,
)
from trucesim.outcomes.panel_header import PLACES, Column, Header, header_of, when
from trucesim.outcomes.panel_places import COUNTRY, Places, code_in
from trucesim.world import gazetteer
from trucesim.world.country import load_country
from trucesim.world.observed import observed

YEARS = (1900, 2100)
"""A number outside is no year. Years outside the model's calendar are read, noted and left out."""

LEVEL = 60 / 100_000
"""Homicides a person and year about which the record lies (43 to 116 per 100,000)."""

PLAUSIBLE = 30.0
"""Homicides may be so many times more or fewer than `LEVEL` where a number can be read two ways."""

PEOPLE = 3.0
"""A municipality may have so many times more or fewer people than at the census of 2007."""

FEWER, MORE = 100.0, 20.0
"""How many times fewer or more homicides than the record a country may have."""

MOST_OF_IT = 0.8
"""A part of the population that stands for the country."""

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
    cells["people"], notation = _people(sheet, header, cells, understood)
    cells["value"] = _values(sheet, header, cells, notation, understood)
    cells = _without_subtotals(cells, header.per, notes)
    _check_twice(sheet, cells)
    _check_bounds(sheet, header, cells)
    _check_per(sheet, header, cells, rate_per)
    _check_record(sheet, _counts(header, cells), notes)
    return Reading(cells, title, header.per, header.population, understood, notes)


# Rows -------------------------------------------------------------------------------------------


def _cells(sheet: Sheet, header: Header, notes: list[Message]) -> pd.DataFrame:
    """Give a row for each value of the table, its cells as they stand.

    Raises
    ------
    InputError
        A row of more or fewer cells than the header, an unknown place or time, or departments only.
    """
    places = Places(sheet, header)
    left: dict[str, list[str]] = {}
    found = []
    for row in header.body:
        kind = _kind(row, header)
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
                    "value_at": value.index,
                    "value_cell": row.cells[value.index],
                    "people_at": people.index if people else -1,
                    "people_cell": row.cells[people.index] if people else "",
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
    labels = [cells[each.index] for each in header.columns]
    first = next(cell for cell in cells if cell)
    if any(TOTAL & set(words(each)) or gazetteer.plain(each) in WHOLE for each in [*labels, first]):
        return "total"
    if set(words(first)[:1]) & NOTES or first.startswith(("*", "(", "1/")):
        return "text"
    code = header.cell(row, "code") or header.cell(row, "pcode")
    name = header.cell(row, "name") or header.cell(row, "district")
    if _of_department(code, name):
        return "department"
    if code or gazetteer.by_name(name):
        return ""
    if gazetteer.plain(name) in NOWHERE:
        return "nowhere"
    if gazetteer.department(name or header.cell(row, "department")):
        return "department"
    others = [cells[each.index] for each in (*header.times, *(value for value, _ in header.values))]
    if not any(re.search(r"\d", cell) for cell in others):
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
        cell = row.cells[column.index]
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
    if column.role == "month":
        expected = Message("expected 1 to 12, or a month's name")
        if not header.column("year", "period") and header.values[0][0].year is None:
            expected = Message("expected year and month as 2012-03, or a column 'year' beside")
    return InputError(
        "{where}: {name} = {value!r}; {expected}", where=sheet.where(row, column.index),
        name=seen(column.title), value=seen(row.cells[column.index]), expected=expected,
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
            "{where}: {time} is a month, but {other} (line {line}) is a year; a panel is of one of "
            "the two", where=sheet.where(one["row"]), time=one["time"], other=other["time"],
            line=other["row"].line,
        )  # fmt: skip
    months, years = cells["time"].str[5:].unique(), cells["time"].str[:4].unique()
    if len(months) == 1 and len(years) > 1:
        raise InputError(
            "{path}: the only month of every year is {month}; write years as {year}, if they are "
            "meant", path=sheet.path, month=months[0], year=years[0],
        )  # fmt: skip


# Numbers ----------------------------------------------------------------------------------------


def _numbers(
    sheet: Sheet, header: Header, cells: pd.DataFrame, what: str
) -> tuple[dict[Notation, pd.Series[float]], bool]:
    """Read a column, "value" or "people", in the notations in which all of its cells are numbers.

    Returns
    -------
    dict
        Numbers by notation, NaN where unknown; one if both give the same.
    bool
        Whether the cells themselves said which.

    Raises
    ------
    InputError
        A cell that is no number, is negative or infinite, or two that are in two notations.
    """
    given = cells[f"{what}_cell"]
    known = given[~given.str.casefold().isin(UNKNOWN)]
    values = notations(known)
    for notation in (POINT, COMMA):
        for cell, both in values.items():
            number = both[(POINT, COMMA).index(notation)]
            wrong = None
            if both == (None, None):
                wrong = Message("is no number; expected one such as 12 or 3.5, or an empty cell if "
                                "unknown")  # fmt: skip
            elif cell.startswith("-") and number:
                wrong = Message("is negative; expected 0 or more")
            elif number is not None and not np.isfinite(number):
                wrong = Message("is no number; expected one that is not infinite")
            if wrong:
                where, title = _at(sheet, header, cells, known.eq(cell).idxmax(), what)
                raise InputError(
                    "{where}: {name} = {value!r} {wrong}", where=where, name=title,
                    value=seen(cell), wrong=wrong,
                )  # fmt: skip
    only = [next((c for c, both in values.items() if both[1 - n] is None), None) for n in (0, 1)]
    if None not in only:
        (one, _), (other, _) = (
            _at(sheet, header, cells, known.eq(cell).idxmax(), what) for cell in only
        )
        raise InputError(
            "{one}: {a!r} has a decimal point, but {b!r} a decimal comma ({other}); write all "
            "numbers one way", one=one, a=only[0], b=only[1], other=other,
        )  # fmt: skip
    fits = [n for n in (0, 1) if only[1 - n] is None]
    if all(both[0] == both[1] for both in values.values()):
        fits = fits[:1]
    return {
        (POINT, COMMA)[n]: given.map({cell: both[n] for cell, both in values.items()}).astype(float)
        for n in fits
    }, any(only)


def _at(
    sheet: Sheet, header: Header, cells: pd.DataFrame, index: object, what: str
) -> tuple[Message, str]:
    """Say where a number is, and the title of its column."""
    row, at = cells.loc[index, "row"], cells.loc[index, f"{what}_at"]
    return sheet.where(row, at), seen(header.row.cells[at])


def _choose(
    sheet: Sheet,
    header: Header,
    cells: pd.DataFrame,
    what: str,
    read: dict[Notation, pd.Series[float]],
    fits: dict[Notation, bool],
    hint: Notation | None,
) -> Notation:
    """Choose between notations: what fits alone, or of two that fit the other column's.

    Raises
    ------
    InputError
        Neither fits, or both do and there is no hint.
    """
    possible = [each for each in read if fits[each]]
    if len(possible) > 1 and hint in possible:
        return hint
    if len(possible) == 1:
        return possible[0]
    point, comma = read[POINT], read[COMMA]
    index = (point != comma).where(point.notna(), False).idxmax()
    where, title = _at(sheet, header, cells, index, what)
    raise InputError(
        "{where}: {name} = {value!r} can be {one:,.12g} or {other:,.12g}; write it without thousands "
        "separators", where=where, name=title, value=cells.loc[index, f"{what}_cell"],
        one=point[index], other=comma[index],
    )  # fmt: skip


def _tell_notation(
    title: str, given: pd.Series[str], read: pd.Series[float], notation: Notation
) -> list[Message]:
    """Say what marks were taken for."""
    said = []
    marks = {
        ".": Message("points"), ",": Message("commas"), " ": Message("blanks"),
        "'": Message("apostrophes"),
    }  # fmt: skip
    for mark, name in marks.items():
        found = given[read.notna() & given.str.contains(mark, regex=False)]
        if found.empty:
            continue
        example = {"example": found.iloc[0], "number": f"{read[found.index[0]]:,.12g}"}
        if mark != notation.decimal:
            said.append(
                Message(
                    "{title!r}: {marks} between thousands ({example} is {number})", title=title,
                    marks=name, **example,
                )
            )  # fmt: skip
        elif mark == ",":
            said.append(
                Message(
                    "{title!r}: decimal commas ({example} is {number})", title=title, **example
                )
            )
    return said


def _people(
    sheet: Sheet, header: Header, cells: pd.DataFrame, understood: list[Message]
) -> tuple[pd.Series[float], Notation | None]:
    """Read people and hold them against the census.

    Returns
    -------
    Series
        NaN where not given.
    Notation or None
        Of the column, if it has numbers that say so.

    Raises
    ------
    InputError
        As `_numbers`, or people that are none, or not those of the place.
    """
    if not header.population or cells.empty:
        return pd.Series(np.nan, cells.index), None
    read, sure = _numbers(sheet, header, cells, "people")
    census = pd.Series(load_country(COUNTRY).population[cells["place"].to_numpy(int)], cells.index)
    notation = next(iter(read))
    if len(read) > 1:
        fits = {each: _times(people.sum() / census[people.notna()].sum(), PEOPLE) for each, people in read.items()}
        sure = True
        notation = _choose(sheet, header, cells, "people", read, fits, None)
    people = read[notation]
    title = _at(sheet, header, cells, cells.index[0], "people")[1]
    understood += _tell_notation(title, cells["people_cell"], people, notation)
    ratio = people / census
    if _times(ratio.median() * 1000, PEOPLE):
        people, ratio = people * 1000, ratio * 1000
        index = people.first_valid_index()
        understood.append(
            Message(
                "{title!r} is in thousands ({example} is {number:,.0f}; the census of 2007 has "
                "{census:,.0f})", title=title, example=cells.loc[index, "people_cell"],
                number=people[index], census=census[index],
            )
        )  # fmt: skip
    wrong = ratio.notna() & ~ratio.between(1 / PEOPLE, PEOPLE)
    for index in cells.index[wrong][:1]:
        where, _ = _at(sheet, header, cells, index, "people")
        if not people[index]:
            raise InputError(
                "{where}: population = {value!r}; expected a number above 0", where=where,
                value=cells.loc[index, "people_cell"],
            )  # fmt: skip
        raise InputError(
            "{where}: population = {value!r}, but {place} had {census:,.0f} people at the census of "
            "2007; expected at most {times:g} times more or fewer", where=where,
            value=cells.loc[index, "people_cell"],
            place=gazetteer.called(int(cells.loc[index, "place"])), census=census[index],
            times=PEOPLE,
        )  # fmt: skip
    return people, notation if sure else None


def _times(ratio: float, most: float) -> bool:
    """Tell whether a ratio is within so many times more or fewer."""
    return 1 / most <= ratio <= most


def _values(
    sheet: Sheet,
    header: Header,
    cells: pd.DataFrame,
    hint: Notation | None,
    understood: list[Message],
) -> pd.Series[float]:
    """Read homicides or rates.

    Raises
    ------
    InputError
        As `_numbers`, or a number that can be read two ways.
    """
    if cells.empty:
        return pd.Series(dtype=float)
    read, _ = _numbers(sheet, header, cells, "value")
    notation = next(iter(read))
    if len(read) > 1:
        fits = {}
        for each, values in read.items():
            known = cells.assign(value=values)[values.notna()]
            people = _number_of_people(known)
            years = known["time"].map(lambda time: 1 if len(time) == 4 else 1 / 12)
            fits[each] = _times(
                _counts(header, known)["count"].sum() / (people * years).sum() / LEVEL, PLAUSIBLE
            ) and (header.per is not None or not (values % 1 > 0).any())
        notation = _choose(sheet, header, cells, "value", read, fits, hint)
    title = seen(header.values[0][0].title)
    understood += _tell_notation(title, cells["value_cell"], read[notation], notation)
    return read[notation]


def _number_of_people(cells: pd.DataFrame) -> pd.Series[float]:
    """Give the people of each row: those of the census where none are given."""
    census = load_country(COUNTRY).population[cells["place"].to_numpy(int)]
    return cells["people"].fillna(pd.Series(census, cells.index))


def _counts(header: Header, cells: pd.DataFrame) -> pd.DataFrame:
    """Add homicides as counts."""
    if header.per is None:
        return cells.assign(count=cells["value"])
    return cells.assign(count=cells["value"] * _number_of_people(cells) / header.per)


# Checks -----------------------------------------------------------------------------------------


def _without_subtotals(
    cells: pd.DataFrame, per: float | None, notes: list[Message]
) -> pd.DataFrame:
    """Leave out a department's row that bears the name of one of its municipalities.

    Of two rows of such a name it is the one whose count is that of all municipalities together.
    """
    if per is not None or not cells["maybe_department"].any():
        return cells
    codes = np.array(load_country(COUNTRY).codes)
    of = pd.Series([code[:2] for code in codes[cells["place"].to_numpy(int)]], cells.index)
    twice = cells["maybe_department"] & cells.duplicated(["place", "time"], keep=False)
    sums = cells["value"].groupby([of, cells["time"]]).transform("sum")
    left_out = cells[twice & (2 * cells["value"]).eq(sums)]
    # Where the rest of the department is nothing, both are alike: the first is the sum.
    left_out = left_out.drop_duplicates(["place", "time"])
    if len(left_out):
        rows = {row.line: f"{seen(next(filter(None, row.cells)))!r} (line {row.line})" for row in left_out["row"]}
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


def _check_bounds(sheet: Sheet, header: Header, cells: pd.DataFrame) -> None:
    """Refuse parts of a homicide, more than one a person, and rates without people.

    Raises
    ------
    InputError
        Names the cell.
    """
    value = cells["value"]
    most = _number_of_people(cells) if header.per is None else header.per
    no_people = header.population and header.per is not None
    checks = (
        (value.notna() & cells["people"].isna() & no_people, "people",
         Message("expected a number above 0")),
        ((value % 1 > 0) & (header.per is None), "value",
         Message("expected a whole number (rates go into rate_per_10000 or rate_per_100000)")),
        (value > most, "value", Message("more than one homicide a person")),
    )  # fmt: skip
    for wrong, what, expected in checks:
        for index in cells.index[wrong][:1]:
            where, title = _at(sheet, header, cells, index, what)
            raise InputError(
                "{where}: {name} = {value!r}; {expected}", where=where, name=title,
                value=seen(cells.loc[index, f"{what}_cell"]), expected=expected,
            )  # fmt: skip


def _compared(cells: pd.DataFrame) -> pd.DataFrame:
    """Set periods of which most of the country is known beside the record: panel, record."""
    country, record = load_country(COUNTRY), observed()["recorded_national"].isel(run=0)
    months = record.to_series().rename(index=lambda month: str(month)[:7])
    known = cells[cells["count"].notna()]
    census = pd.Series(country.population[known["place"].to_numpy(int)], known.index)
    whole = census.groupby(known["time"]).sum() / country.population.sum()
    sums = known["count"].groupby(known["time"]).sum()[whole >= MOST_OF_IT]
    yearly = months.groupby(months.index.str[:4]).sum()
    beside = pd.concat([months, yearly])
    return pd.DataFrame({"panel": sums, "record": beside.reindex(sums.index)}).dropna()


def _check_per(
    sheet: Sheet, header: Header, cells: pd.DataFrame, rate_per: float | None
) -> None:
    """Refuse rates of which nothing says by how many people, if 10,000 is not what they are by.

    Raises
    ------
    InputError
        Says how many homicides it would be.
    """
    if header.per is None or header.said_per or rate_per is not None:
        return
    beside = _compared(_counts(header, cells))
    if len(beside) and not _times(beside["panel"].sum() / beside["record"].sum(), 4):
        first = beside.iloc[0]
        raise InputError(
            "{where}: {name!r} does not say by how many people; by {per:,.0f} {time} would have "
            "{panel:,.0f} homicides (the record has {record:,.0f}); write 'rate_per_100000', or "
            "give --rate-per", where=sheet.where(header.row), name=seen(header.values[0][0].title),
            per=header.per, time=beside.index[0], panel=first["panel"], record=first["record"],
        )  # fmt: skip


def _check_record(sheet: Sheet, cells: pd.DataFrame, notes: list[Message]) -> None:
    """Hold the country's homicides against the record; note what is far off.

    Raises
    ------
    InputError
        So far off that the numbers must have been misread.
    """
    beside = _compared(cells)
    ratio = beside["panel"].sum() / beside["record"].sum() if len(beside) else 1.0
    far = beside[~(beside["panel"] / beside["record"]).between(1 / PEOPLE, PEOPLE)]
    told = [
        f"{time} {row['panel']:,.0f} ({row['record']:,.0f})" for time, row in far.iterrows()
    ]
    if not 1 / FEWER <= ratio <= MORE:
        raise InputError(
            "{path}: homicides of the country, and those of the record in brackets: {some}; are "
            "the numbers what the header says?", path=sheet.path, some=some(told),
        )  # fmt: skip
    if told:
        notes.append(
            Message(
                "homicides of the country far from the record, which is in brackets: {some}",
                some=some(told),
            )
        )  # fmt: skip
