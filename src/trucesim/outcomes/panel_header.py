"""The header of a user's table, in Spanish or English, and what each of its columns is.

A table is long, with the time in cells, or wide, with a column for each year or month; or both,
with years in cells and a column for each month.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import NamedTuple

from trucesim.files.errors import InputError, Message, some
from trucesim.files.table import Row, Sheet, letters, seen, words
from trucesim.outcomes.panel_times import is_part_of_year, named_months, when

PLACES = ("code", "pcode", "name", "district")
TIMES = ("year", "month", "period")
VALUES = ("homicides", "rate")
PART = "part"
"""A quarter or another part of a year that is no month."""

COLUMNS = (
    "code", "pcode", "name", "department", "year", "month", "homicides", "rate_per_10000",
    "rate_per_100000", "rate", "population",
)  # fmt: skip
"""Titles that messages offer."""

NO_PARTS = Message(
    "a panel is of months or of years, not of quarters or other parts of years; give the months"
)

FIRST_ROWS = 40
"""The header is among these."""

_STRONG = {
    "rate": {"tasa", "tasas", "rate", "rates"},
    "pcode": {"pcode", "pcodes"},
    "code": {"code", "codes", "cod", "codigo", "codigos", "codmun", "codmunicipio", "clave"},
}
"""What a column is if one of these words is anywhere in its title."""

_WEAK = {
    "homicides": {
        "homicidio", "homicidios", "homicide", "homicides", "hom", "asesinato", "asesinatos",
        "murder", "murders", "victimas", "victims", "muertes", "deaths", "casos", "cases",
        "killings",
    },
    "population": {
        "poblacion", "pobl", "pob", "population", "pop", "habitantes", "inhabitants", "hab",
    },
    "department": {"departamento", "departamentos", "department", "depto", "dpto", "dep"},
    "name": {"municipio", "municipios", "municipality", "municipalities", "mun", "muni", "mpio"},
    "district": {"distrito", "distritos", "district", "districts"},
    "year": {"ano", "anos", "anio", "year", "years", "yr"},
    "month": {"mes", "meses", "month", "months"},
    "period": {"periodo", "period", "fecha", "date", "time", "tiempo"},
}  # fmt: skip
"""What it is by the first of these words."""

_NAMES = {"nombre", "nombres", "name", "names", "lugar", "place"}
_SUMS = {
    "total", "totales", "subtotal", "promedio", "media", "mean", "average", "suma", "sum",
    "acumulado", "variacion", "cambio", "change", "diferencia", "difference", "porcentaje",
}  # fmt: skip

_ROLES = {
    "code": Message("code"),
    "pcode": Message("pcode"),
    "name": Message("name"),
    "district": Message("name of the district, the municipality of before"),
    "department": Message("department"),
    "year": Message("year"),
    "month": Message("month"),
    "period": Message("period"),
    "homicides": Message("homicides"),
    "rate": Message("rate"),
    "population": Message("population"),
}


class Column(NamedTuple):
    """A column: where, its title, what it is, people per rate, and the time in its title."""

    at: int
    title: str
    role: str
    per: float | None = None
    year: int | None = None
    month: int | None = None
    sums: bool = False


@dataclass
class Header:
    """What the columns of a table are.

    Attributes
    ----------
    row : Row
    body : list of Row
        What stands below.
    columns : list of Column
        Of places and of times in cells.
    values : list of (Column, Column or None)
        Of homicides or rates, each with that of its population.
    per : float or None
        People per rate; None for counts.
    said_per : bool
        Whether the file says it itself.
    """

    row: Row
    body: list[Row]
    columns: list[Column]
    values: list[tuple[Column, Column | None]]
    per: float | None
    said_per: bool
    understood: list[Message] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)

    @property
    def times(self) -> list[Column]:
        """Columns with times in their cells."""
        return [each for each in self.columns if each.role in TIMES]

    @cached_property
    def coded(self) -> bool:
        """Whether rows have codes."""
        return any(self.cell(row, role) for row in self.body for role in ("code", "pcode"))

    @property
    def population(self) -> bool:
        """Whether people are given."""
        return any(people for _, people in self.values)

    @property
    def both(self) -> bool:
        """Whether departments and municipalities stand in one column, as its title says."""
        name = self.column("name")
        return name is not None and bool(_WEAK["department"] & set(words(name.title)))

    def column(self, *roles: str) -> Column | None:
        """Give the first column of a role."""
        return next((self._of[role] for role in roles if role in self._of), None)

    @cached_property
    def _of(self) -> dict[str, Column]:
        return {each.role: each for each in self.columns}

    def cell(self, row: Row, role: str) -> str:
        """Give a row's cell in the column of a role; empty where there is none."""
        column = self._of.get(role)
        return row.cells[column.at] if column and column.at < len(row.cells) else ""


def joined(messages: Sequence[Message]) -> Message:
    """Join messages by commas."""
    return reduce(lambda one, other: Message("{one}, {other}", one=one, other=other), messages)


# Columns by their titles --------------------------------------------------------------------------


def _per(title: str) -> tuple[float | None, str]:
    """Give people per rate from a title, and the title without it."""
    text = re.sub(r"\bcien mil\b", "100000", title.casefold())
    text = re.sub(r"\bdiez mil\b", "10000", text)
    text = re.sub(r"\bpor mil\b", "por 1000", text)
    text = re.sub(r"(\d+) ?(?:mil\b|k\b)", r"\g<1>000", text)
    text = re.sub(r"(\b1 |\bun |\bone )?(mill[oó]n|million)\b", "1000000", text)
    text = re.sub(r"(?<=\d)[.,' _](?=000(?!\d))", "", text)
    text = re.sub(r"(?<=\d)[.,' _](?=000(?!\d))", "", text)
    text = re.sub(r"(?<=10)[.,' _](?=000000(?!\d))", "", text)
    found = re.search(r"(?<!\d)10{3,6}(?!\d)", text)
    if not found:
        return None, title
    return float(found.group()), text[: found.start()] + " " + text[found.end() :]


def columns_of(titles: Sequence[str]) -> list[Column]:
    """Say what columns are, with months that are numbered."""
    return [
        column_of(at, named)._replace(title=title)
        for at, (title, named) in enumerate(zip(titles, named_months(titles), strict=True))
    ]


def column_of(index: int, title: str) -> Column:
    """Say what a column is by its title; role '' where it says nothing known."""
    if is_part_of_year(title):
        return Column(index, title, PART)
    per, rest = _per(title)
    rest = re.sub(r"adm2(_?(es|en|name|nombre))?$", "municipio", rest, flags=re.IGNORECASE)
    rest = re.sub(r"adm1(_?(es|en|name|nombre))?$", "departamento", rest, flags=re.IGNORECASE)
    found = words(re.sub(r"p-?code", "pcode", rest, flags=re.IGNORECASE))
    role = next((role for role, of in _STRONG.items() if of & set(found)), "")
    if role == "code" and set(found) & _WEAK["department"] and not set(found) & _WEAK["name"]:
        role = "department"
    if role == "pcode" and re.search("adm[01]", title, re.IGNORECASE):
        return Column(index, title, "")
    if not role:
        firsts = ((word, role) for word in found for role, of in _WEAK.items() if word in of)
        role = next((role for _, role in firsts), "")
    if role == "department" and set(found) & _WEAK["name"]:
        role = "name"  # both in one column
    if per is not None and role in ("", "homicides", "population"):
        role = "rate"
    if not role and set(found) & _NAMES:
        role = "name"
    known = set().union(*_STRONG.values(), *_WEAK.values(), _NAMES, _SUMS if role in VALUES else ())
    time = when(title) or when(" ".join(word for word in found if word not in known))
    sums = bool(_SUMS & set(found))
    if time is None or role in PLACES:
        return Column(index, title, role, per, sums=sums)
    if role in ("", *TIMES):
        role = "time"
    return Column(index, title, role, per, *time, sums)


# The header -------------------------------------------------------------------------------------


def header_of(sheet: Sheet, rate_per: float | None) -> Header:
    """Find the header and say what its columns are.

    Raises
    ------
    InputError
        No header, a column that is missing, there twice, or misspelt.
    """
    place, titles = _find(sheet)
    row = sheet.rows[place]
    columns = columns_of(titles)
    where = sheet.where(row)
    above = " ".join(cell for each in sheet.rows[:place] for cell in each.cells if cell)
    columns = _promote(columns, above)
    _check_parts(where, columns)
    _check_misspelt(where, columns)
    places = [each for each in columns if each.role in (*PLACES, "department")]
    times = [each for each in columns if each.role in TIMES]
    _check_places(where, columns, [*places, *times])
    values = _values(where, columns)
    if not times and values[0].year is None and values[0].month is None:
        raise InputError(
            "{where}: no column for time{hint}; allowed are year, year and month, month alone as "
            "2012-03, or a column for each year or month", where=where,
            hint=_meant(columns, ("year", "month")),
        )  # fmt: skip
    values = _with_year(where, values, times, above)
    told = values[0].per or _per(above)[0]
    per = told or rate_per or 10_000.0 if values[0].role == "rate" else None
    people = [each for each in columns if each.role == "population"]
    pairs = [(value, _people_of(value, people)) for value in values]
    header = Header(row, sheet.rows[place + 1 :], [*places, *times], pairs, per, told is not None)
    used = [*places, *times, *values, *(each for _, each in pairs if each)]
    _tell(header, columns, used, people)
    if (
        place + 1 < len(sheet.rows)
        and titles != row.cells
        and _is_second(sheet.rows[place + 1], columns)
    ):
        header.body = header.body[1:]
    return header


def _find(sheet: Sheet) -> tuple[int, list[str]]:
    """Find the header's row; give its titles, with those of a second row of them.

    Raises
    ------
    InputError
        None that has any title known.
    """
    best, most = None, 0
    for place, row in enumerate(sheet.rows[:FIRST_ROWS]):
        titles = row.cells
        found = [each for each in columns_of(titles) if each.title]
        roles = {each.role for each in found}
        has_place, has_time = bool(roles & set(PLACES)), bool(roles & {*TIMES, "time", PART})
        has_time |= any(each.year or each.month for each in found)
        has_value = bool(roles & {*VALUES, "time", PART})
        score = has_place + has_time + has_value
        if len(found) > 1 and score > most:
            best, most = place, score
        if most == 3:
            break
    if best is None:
        if sheet.rows and all(len(row.cells) == 1 for row in sheet.rows):
            raise InputError(
                "{where}: one column only; expected commas, semicolons or tabs between columns, "
                "and a header such as code,year,homicides", where=sheet.where(sheet.rows[0]),
            )  # fmt: skip
        if not sheet.rows:
            raise InputError(
                "{path}: empty; expected a header such as code,year,homicides", path=sheet.path
            )
        raise InputError(
            "{where}: no header found in the first rows; expected one such as code,year,homicides "
            "(Spanish will do: código,año,homicidios)", where=sheet.where(sheet.rows[0]),
        )  # fmt: skip
    return best, _with_second(sheet.rows, best)


def _is_second(row: Row, columns: Sequence[Column]) -> bool:
    """Tell whether a row goes on with the header: no place, and titles of values."""
    in_places = [each.at for each in columns if each.role in (*PLACES, "department")]
    roles = [each.role for each in columns_of(row.cells) if each.title]
    return (
        len(roles) > 1
        and not any(row.cells[index] for index in in_places if index < len(row.cells))
        and all(role in (*VALUES, "population", "time") for role in roles)
    )


def _with_second(rows: Sequence[Row], place: int) -> list[str]:
    """Join a header of two rows, in the upper of which a title stands over several columns."""
    titles = rows[place].cells
    columns = columns_of(titles)
    if place + 1 < len(rows) and _is_second(rows[place + 1], columns):
        return _joined(titles, rows[place + 1].cells)
    filled = [title for title in titles if title]
    if place and len(set(filled)) < len(filled):
        return _joined(rows[place - 1].cells, titles)
    return titles


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    over, titles = "", []
    for index, title in enumerate(lower):
        above = upper[index] if index < len(upper) else ""
        over = above or (over if title else "")
        titles.append(" ".join(each for each in (over, title) if each))
    return titles


def _promote(columns: Sequence[Column], above: str) -> list[Column]:
    """Say what columns of a period alone hold: what the title of the table says, or homicides."""
    title = column_of(0, above).role
    kind = title if title in VALUES else "homicides"
    own = {each.role for each in columns if each.role in VALUES and not each.sums}
    if len(own) == 1 and any(each.role in own and (each.year or each.month) for each in columns):
        kind = own.pop()
    coded = {each.at for each in columns if _STRONG["code"] & set(words(each.title))}
    departments = {each.at for each in columns if each.role == "department"}
    if departments - coded:
        columns = [
            each._replace(role="") if each.at in departments & coded else each for each in columns
        ]
    names = [each for each in columns if each.role == "name"]
    strong = [each for each in names if not set(words(each.title)) & _NAMES]
    return [
        each._replace(role=kind)
        if each.role == "time"
        else each._replace(role="")
        if len(names) > 1 and strong and each.role == "name" and each not in strong
        else each
        for each in columns
    ]


def _values(where: Message, columns: Sequence[Column]) -> list[Column]:
    """Take the columns of values: counts before rates, parts before sums.

    Raises
    ------
    InputError
        None, or two for the same time.
    """
    found: list[Column] = []
    for role in VALUES:
        of = [each for each in columns if each.role == role]
        own = [each for each in of if not each.sums] or of
        found = found or own
    if not found:
        raise _no_column(where, columns, ("homicides", "rate_per_10000", "rate_per_100000", "rate"))
    timed = [each for each in found if each.year is not None or each.month is not None]
    found = timed if len(timed) > 1 else found
    seen_times: dict[tuple[object, ...], Column] = {}
    for each in found:
        other = seen_times.setdefault((each.year, each.month), each)
        if other is not each:
            raise _twice(where, other, each)
    return found


def _with_year(
    where: Message, values: Sequence[Column], times: Sequence[Column], above: str
) -> list[Column]:
    """Give months' columns the one year that the title above the table names.

    Raises
    ------
    InputError
        No year, or several.
    """
    if times or all(each.year is not None for each in values):
        return list(values)
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", above))
    if len(years) != 1:
        raise InputError(
            "{where}: months, but no year; give a column 'year', or titles as 2012-03", where=where
        )
    return [each._replace(year=each.year or int(*years)) for each in values]


def _people_of(value: Column, people: Sequence[Column]) -> Column | None:
    """Give the column of population that goes with one of values: of its time, or the only one."""
    same = [each for each in people if (each.year, each.month) == (value.year, value.month)]
    same = same or [each for each in people if each.year is not None and each.year == value.year]
    if same or len(people) != 1:
        return same[0] if same else None
    return people[0]


def _twice(where: Message, one: Column, other: Column) -> InputError:
    if words(one.title) == words(other.title):
        return InputError(
            "{where}: column {name!r} is there twice, {one} and {other}", where=where,
            name=seen(other.title), one=letters(one.at), other=letters(other.at),
        )  # fmt: skip
    return InputError(
        "{where}: columns {one!r} and {other!r}; give one of them", where=where,
        one=seen(one.title), other=seen(other.title),
    )  # fmt: skip


def _check_parts(where: Message, columns: Sequence[Column]) -> None:
    """Refuse quarters and other parts of years, unless months stand beside them.

    Raises
    ------
    InputError
        Names the first such column.
    """
    if any(each.month or each.role in ("month", "period") for each in columns):
        return
    for each in columns:
        if each.role == PART:
            raise InputError(
                "{where}: column {title!r}; {why}", where=where, title=seen(each.title),
                why=NO_PARTS,
            )  # fmt: skip


def _check_places(where: Message, columns: Sequence[Column], used: Sequence[Column]) -> None:
    """Refuse two columns of places or times that say the same, and none of municipalities.

    Raises
    ------
    InputError
        Names the columns.
    """
    known: dict[str, Column] = {}
    for each in used:
        if known.setdefault(each.role, each) is not each:
            raise _twice(where, known[each.role], each)
    if not known.keys() & set(PLACES):
        if "department" in known:
            raise InputError(
                "{where}: departments, but no column for municipalities; a panel is by "
                "municipality", where=where,
            )  # fmt: skip
        raise _no_column(where, columns, PLACES[:3])


def _no_column(where: Message, columns: Sequence[Column], allowed: Sequence[str]) -> InputError:
    return InputError(
        "{where}: no column {first!r}{hint}; expected one of {allowed}", where=where,
        first=allowed[0], hint=_meant(columns, allowed), allowed=", ".join(allowed),
    )  # fmt: skip


_SPANISH = {
    "code": "codigo", "name": "municipio", "year": "año", "month": "mes",
    "homicides": "homicidios", "rate": "tasa", "population": "poblacion",
}  # fmt: skip


def _meant(columns: Sequence[Column], allowed: Sequence[str]) -> Message:
    """Name a column of the header that looks like a misspelt one."""
    spare = {each.title.casefold(): each.title for each in columns if not each.role and each.title}
    for name in allowed:
        for spelled in (name, _SPANISH.get(name, name)):
            close = difflib.get_close_matches(spelled, list(spare), n=1, cutoff=0.75)
            if close:
                return Message(
                    " (is {given!r} meant as {name!r}?)", given=seen(spare[close[0]]), name=spelled
                )
    return Message("")


def _check_misspelt(where: Message, columns: Sequence[Column]) -> None:
    """Refuse what looks like a misspelt population, the only column that could go missing unseen.

    Raises
    ------
    InputError
        Offers the right spelling.
    """
    if any(each.role == "population" for each in columns):
        return
    for each in columns:
        names = [_SPANISH["population"], "population"]
        close = difflib.get_close_matches(" ".join(words(each.title)), names, n=1)
        if not each.role and close:
            raise InputError(
                "{where}: unknown column {name!r} (did you mean {close!r}?); allowed are {allowed}",
                where=where, name=seen(each.title), close=close[0], allowed=", ".join(COLUMNS),
            )  # fmt: skip


def _tell(
    header: Header, columns: Sequence[Column], used: Sequence[Column], people: Sequence[Column]
) -> None:
    """Say what the columns were taken for, and which are not used."""
    taken = [
        Message("{title!r} is the {role}", title=seen(each.title), role=_ROLES[each.role])
        for each in header.columns
    ]
    header.understood.append(
        Message("columns: {taken}", taken=joined([*taken, *_of_values(header)]))
    )
    spare = [
        seen(each.title) for each in columns if each.title and each.at not in {c.at for c in used}
    ]
    if spare:
        listed = some([repr(each) for each in spare])
        header.notes.append(Message("columns not used: {listed}", listed=listed))
    given = {each.year for _, each in header.values if each}
    if (
        people
        and len(header.values) > 1
        and len(given) == 1
        and {v.year for v, _ in header.values} != given
    ):
        header.notes.append(
            Message("{title!r} is taken for all periods", title=seen(people[0].title))
        )


def _of_values(header: Header) -> Iterator[Message]:
    """Say which columns have values, and which people."""
    groups: tuple[list[Column], ...] = (
        [value for value, _ in header.values],
        list({each.at: each for _, each in header.values if each}.values()),
    )
    for group in groups:
        if not group:
            continue
        titles = some([repr(seen(each.title)) for each in group], 3)
        role = _ROLES[group[0].role]
        if group[0].role == "rate":
            role = Message("homicides per {per:,.12g} people", per=header.per)
        yield (
            Message("{title} is the {role}", title=titles, role=role)
            if len(group) == 1
            else Message("{titles} are the {role} of their period", titles=titles, role=role)
        )
