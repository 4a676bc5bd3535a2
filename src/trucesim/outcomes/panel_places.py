"""The municipality of each row of a user's table: by code, by name, or by both if they agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from trucesim.files.errors import InputError, Message, nearest, some
from trucesim.files.table import Row, Sheet, seen, words
from trucesim.outcomes.panel_header import Header
from trucesim.world import gazetteer
from trucesim.world.country import load_country

COUNTRY = gazetteer.COUNTRY


class Place(NamedTuple):
    """The place of a row, and whether it was told by a name that is a department's too."""

    place: int
    maybe_department: bool


def code_in(cell: str) -> str:
    """Give a code without the fraction, and the mark of thousands, that a spreadsheet adds."""
    code = re.sub(r"(?<=\d)[.,]0+$", "", cell)
    return re.sub(r"^(\d)[.,](\d{3})$|^(\d\d?)[ -](\d\d)$", r"\1\2\3\4", code)


def apart(name: str) -> tuple[str, str]:
    """Part a department and its municipality, in one cell: San Salvador/Apopa.

    Returns
    -------
    department, name : str
        The first empty, and the other as it was, where a cell does not hold both.
    """
    parts = re.split(r"\s*[/|]\s*|\s+[-–—]\s+", name)
    for of, place in (parts, parts[::-1]) if len(parts) == 2 else ():
        department = gazetteer.department(of)
        if department and gazetteer.by_name(place, department):
            return of, place
    return "", name


class Places:
    """Finds rows' municipalities and remembers what was mended."""

    def __init__(self, sheet: Sheet, header: Header, rows: Sequence[Row]) -> None:
        self.sheet, self.header = sheet, header
        named, blank = (
            [
                tuple(header.cell(row, each.role) for each in header.times)
                for row in rows
                if any(self._labels(row)) == has
            ]
            for has in (True, False)
        )
        # Merged cells: places stand at their first period only, and never at another.
        self.merged = len(named) > 1 and set(named).isdisjoint(blank) and any(map(any, blank))
        self.last: tuple[str, ...] = ()
        self.filled: list[str] = []
        self.known: dict[tuple[str, ...], Place] = {}
        self.section: str | None = None
        self.above = ""
        self.named = 0
        self.zeros: list[str] = []
        self.within: list[str] = []
        self.otherwise: list[str] = []
        self.misnamed: list[str] = []

    def _labels(self, row: Row) -> tuple[str, ...]:
        return tuple(self.header.cell(row, role) for role in ("code", "pcode", "name", "district"))

    def pass_by(self, row: Row, kind: str) -> None:
        """Remember a department's heading, under which its municipalities stand."""
        if kind == "department":
            cells = (each for each in row.cells if each)
            self.section = next(filter(None, map(gazetteer.department, cells)), self.section)

    def of(self, row: Row) -> Place:
        """Give the municipality of a row.

        Raises
        ------
        InputError
            Unknown, of several places, of two, or one of the 44 of 2024.
        """
        if self.merged and self.last and not any(self._labels(row)):
            self.filled.append(str(row.line))
        else:
            self.last = self._labels(row)
        code, pcode, name, district = self.last
        of = self.header.cell(row, "department")
        self.above = of = of or self.above
        name = district or name
        key = code, pcode, name, of, self.section or ""
        if key not in self.known:
            for each in (name, code):
                for full in (each, f"{of} {each}"):
                    if gazetteer.of_2024(full):
                        raise _of_2024(
                            self._where(row, "name", "district", "code"),
                            Message("{name!r} is one of them", name=seen(full)),
                        )
            self.known[key] = self._find(row, code, pcode, name, of)
        return self.known[key]

    def _where(self, row: Row, *roles: str) -> Message:
        """Say where a row's cell of the first of some roles is."""
        column = self.header.column(*roles)
        return self.sheet.where(row, column and column.at)

    def _find(self, row: Row, code: str, pcode: str, name: str, of: str) -> Place:
        both = re.fullmatch(r"((?:SV)?\d+(?:[.,]0+)?)[\s\-–.:]*(.*)", name, re.IGNORECASE)
        if not code and both:
            code, name = both.groups()
        if code and not re.search(r"\d", code):
            code, name = "", name or code
        if not of and not gazetteer.by_name(name):
            of, name = apart(name)
        if len(code_in(code)) <= 2 and code_in(code).isdigit() and gazetteer.department(of):
            full = gazetteer.code_of(gazetteer.department(of) or "") + code_in(code).zfill(2)
            self.within.append(f"{seen(code)!r} to {full!r} (line {row.line})")
            code = full
        found = [
            self._by_code(row, each, role, name)
            for each, role in ((code, "code"), (pcode, "pcode"))
            if each
        ]
        if len(set(found)) == 2:
            raise InputError(
                "{where}: {code!r} is {one}, but {pcode!r} is {other}", where=self.sheet.where(row),
                code=seen(code), pcode=seen(pcode), one=gazetteer.called(found[0]),
                other=gazetteer.called(found[1]),
            )  # fmt: skip
        if not found:
            return self._by_name(row, name, gazetteer.department(of) if of else None, of)
        self._check_name(row, found[0], name)
        self._check_department(row, found[0], of)
        return Place(found[0], False)

    def _by_code(self, row: Row, given: str, role: str, name: str) -> int:
        code = code_in(given)
        of_ocha = role == "pcode" or code[:2].upper() == "SV"
        found = gazetteer.by_pcode(code) if of_ocha else gazetteer.by_code(code)
        if found is not None:
            official = load_country(COUNTRY).codes[found]
            if not of_ocha and official != given:
                self.zeros.append(f"{seen(given)!r} to {official!r} (line {row.line})")
            return found
        rows = gazetteer.by_name(name) if name else ()
        department = gazetteer.department(code.zfill(4)[:2]) if code.isdigit() else None
        hint = Message("")
        if rows:
            hint = Message("; {name!r} is {which}", name=seen(name), which=gazetteer.listed(rows))
        elif department and not of_ocha and len(code) <= 4:
            hint = Message("; {codes}", codes=gazetteer.codes_of(department))
        raise InputError(
            "{where}: no municipality has the {place} {given!r}{hint}; allowed are the {count} "
            "official ones, {first} to {last}",
            where=self._where(row, role, "code", "name"), place=role,
            given=seen(given), hint=hint, count=len(load_country(COUNTRY)),
            first="SV0101" if of_ocha else load_country(COUNTRY).codes[0],
            last="SV1418" if of_ocha else load_country(COUNTRY).codes[-1],
        )  # fmt: skip

    def _by_name(self, row: Row, name: str, department: str | None, of: str) -> Place:
        where = self._where(row, "name", "district", "code")
        if not name:
            raise InputError(
                "{where}: no municipality; fill in the cells of merged ones", where=where
            )
        if of and department is None:
            close = nearest(of, dict.fromkeys(load_country(COUNTRY).departments))
            raise InputError(
                "{where}: no department is called {name!r}{hint}", where=where, name=seen(of),
                hint=close,
            )  # fmt: skip
        rows = gazetteer.by_name(name, department)
        if len(rows) > 1 and self.section:
            rows = gazetteer.by_name(name, self.section) or rows
        if len(rows) == 1:
            self.named += 1
            official = load_country(COUNTRY).names[rows[0]]
            if words(official) != words(name)[: len(words(official))]:
                self.otherwise.append(f"{seen(name)!r} is {gazetteer.called(rows[0])}")
            return Place(rows[0], gazetteer.department(name) is not None)
        if rows:
            raise InputError(
                "{where}: {name!r} is the name of several: {which}; give a column 'code' or "
                "'department'", where=where, name=seen(name), which=gazetteer.listed(rows),
            )  # fmt: skip
        elsewhere = (
            gazetteer.by_name(name) or gazetteer.near(name, department) or gazetteer.near(name)
        )
        raise InputError(
            "{where}: no municipality{of} is called {name!r}{hint}", where=where, name=seen(name),
            of=Message(" of {department}", department=department) if department else "",
            hint=Message("; names like it: {which}", which=gazetteer.listed(elsewhere))
            if elsewhere
            else "",
        )  # fmt: skip

    def _check_name(self, row: Row, found: int, name: str) -> None:
        """Refuse a name that is another municipality's; remember one that is nobody's."""
        if not name:
            return
        rows = gazetteer.by_name(name)
        if found in rows:
            self.named += 1
            return
        like = rows or gazetteer.near(name, most=1)
        if like and found not in like:
            raise InputError(
                "{where}: the code is that of {official}, but the name {name!r} {is_like} {which}",
                where=self.sheet.where(row), official=gazetteer.called(found), name=seen(name),
                is_like=Message("is that of") if rows else Message("is like that of"),
                which=gazetteer.listed(like),
            )  # fmt: skip
        country = load_country(COUNTRY)
        self.misnamed.append(
            f"{country.codes[found]} is {country.names[found]}, not {seen(name)!r} "
            f"(line {row.line})"
        )
        if len(self.misnamed) > len(country):
            raise InputError(
                "{path}: most names are unlike the official ones: {some}; are they those of "
                "municipalities?", path=self.sheet.path, some=some(self.misnamed),
            )  # fmt: skip

    def _check_department(self, row: Row, found: int, of: str) -> None:
        given = gazetteer.department(of) if of else None
        if given is not None and given != load_country(COUNTRY).departments[found]:
            raise InputError(
                "{where}: the code is that of {official}, but the department is {name!r}",
                where=self.sheet.where(row), official=gazetteer.called(found), name=seen(of),
            )  # fmt: skip

    def notes(self) -> list[Message]:
        """Say what was mended."""
        notes = []
        for message, several in (
            (Message("leading zeros restored in {n} codes: {some}"), self.zeros),
            (Message("the place of the row above taken in {n} rows, lines {some}"), self.filled),
            (Message("codes completed by the department's, {n}: {some}"), self.within),
            (Message("names written otherwise, {n}: {some}"), self.otherwise),
            (Message("names unlike the official ones in {n} rows: {some}"), self.misnamed),
        ):
            if several:
                notes.append(Message(message.text, n=len(several), some=some(several)))
        return notes

    def check_scheme(self) -> None:
        """Refuse codes of 2024, which look like codes of before.

        Raises
        ------
        InputError
            Says how they were told.
        """
        rows = {each.place for each in self.known.values()}
        if not self.named and gazetteer.codes_of_2024(rows):
            raise _of_2024(
                self.sheet.path,
                Message(
                    "their codes look like those of before, but only the first few of every "
                    "department are there, {n} in all", n=len(rows),
                ),
            )  # fmt: skip


def _of_2024(where: object, why: Message) -> InputError:
    return InputError(
        "{where}: the 44 municipalities that there are since May 2024 ({why}); the model has the "
        "262 of before, which are districts since: give the table by these",
        where=where, why=why,
    )  # fmt: skip
