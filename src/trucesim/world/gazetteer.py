"""El Salvador's municipalities by what people call them: codes, names, departments.

The country has 262 municipalities up to April 2024. Since May 2024 these are districts, and 44
larger units are called municipalities; their names and codes look like those of before.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from trucesim.files.errors import Message
from trucesim.files.table import words
from trucesim.world.country import load_country, read_table

COUNTRY = "el_salvador"

ABBREVIATIONS = {
    "sn": "san", "sta": "santa", "sto": "santo", "cd": "ciudad", "cdad": "ciudad",
    "nva": "nueva", "nvo": "nuevo", "fco": "francisco", "pto": "puerto", "ant": "antonio",
    "stgo": "santiago", "sgo": "santiago", "concep": "concepcion", "depto": "departamento",
    "dpto": "departamento", "mpio": "municipio",
}  # fmt: skip

ALSO_CALLED = {
    "nueva san salvador": "Santa Tecla",
    "delgado": "Ciudad Delgado",
    "opico": "San Juan Opico",
    "ataco": "Concepción de Ataco",
    "la herradura": "San Luis La Herradura",
    "san jose la fuente": "San José",
    "las flores": "San José Las Flores",
    "los ranchos": "San Antonio Los Ranchos",
    "cancasque": "San José Cancasque",
    "las mercedes la ceiba": "Mercedes La Ceiba",
}
"""Other names in use, without accents, and the official ones."""

QUARTERS = {"norte", "sur", "este", "oeste", "centro", "costa"}
"""What follows a department's name in the names of 2024."""


@lru_cache(10_000)
def plain(name: str) -> str:
    """Give a name without case, accents, signs and abbreviations, its words joined by blanks."""
    found = [ABBREVIATIONS.get(word, word) for word in words(name.casefold())]
    while found[:1] in (["municipio"], ["alcaldia"], ["departamento"]) and len(found) > 1:
        found = found[2:] if found[1] == "de" else found[1:]
    return " ".join(found)


@cache
def _named() -> dict[str, tuple[int, ...]]:
    """Give the rows of municipalities by plain name."""
    country, rows = load_country(COUNTRY), defaultdict(list)
    for row, name in enumerate(country.names):
        rows[plain(name)].append(row)
    for name, official in ALSO_CALLED.items():
        rows[name].append(country.names.index(official))
    return {name: tuple(found) for name, found in rows.items()}


@cache
def _joined() -> dict[str, tuple[int, ...]]:
    return {name.replace(" ", ""): rows for name, rows in _named().items()}


@cache
def _departments() -> dict[str, str]:
    """Give departments by plain name and by code."""
    country = load_country(COUNTRY)
    pairs = {code[:2]: name for code, name in zip(country.codes, country.departments, strict=True)}
    return pairs | {plain(name): name for name in pairs.values()}


def department(given: str) -> str | None:
    """Give a department's official name, from its name or its code; None if there is none."""
    key = plain(given.removesuffix(".0"))
    return _departments().get(key.zfill(2) if key.isdigit() else key)


def code_of(of: str) -> str:
    """Give a department's two digits."""
    country = load_country(COUNTRY)
    return country.codes[country.departments.index(of)][:2]


def by_name(name: str, of: str | None = None) -> tuple[int, ...]:
    """Give the rows of the municipalities of a name, in a department if one is given.

    Parameters
    ----------
    name : str
        In any case, with or without accents, with usual abbreviations; a department may stand
        behind it, after a comma or in brackets.
    of : str, optional
        Official name of the department.
    """
    rows = _rows(name)
    for mark in ("(", ",", " - "):
        first, found, rest = name.partition(mark)
        inside = department(rest.strip(" )")) if found else None
        if not rows and inside:
            return by_name(first, inside)
    if of is None:
        return rows
    departments = load_country(COUNTRY).departments
    return tuple(row for row in rows if departments[row] == of)


def _rows(name: str) -> tuple[int, ...]:
    key = plain(name)
    if key in _named():
        return _named()[key]
    found = _joined().get(key.replace(" ", ""), ())
    if not found and key.startswith("s "):
        saints = {row for saint in ("san", "santa", "santo") for row in _rows(f"{saint} {key[2:]}")}
        return tuple(sorted(saints))
    return found


def near(name: str, of: str | None = None, most: int = 4) -> list[int]:
    """Give the rows of municipalities with names like one, the most alike first.

    All of a name are among them, whatever their department, and those that have all its words.
    """
    key, departments = plain(name), load_country(COUNTRY).departments
    known = [
        each
        for each, rows in _named().items()
        if of is None or any(departments[row] == of for row in rows)
    ]
    close = difflib.get_close_matches(key, known, n=most, cutoff=0.75)
    parts = set(key.split())
    close += [each for each in known if parts and parts < set(each.split()) and each not in close]
    return [
        row
        for each in close[:most]
        for row in _named()[each]
        if of is None or departments[row] == of
    ]


def called(row: int) -> str:
    """Name a municipality with its department and code."""
    country = load_country(COUNTRY)
    return f"{country.names[row]}, {country.departments[row]} ({country.codes[row]})"


def by_code(code: str) -> int | None:
    """Give the row of an official code, with or without its leading zeros."""
    codes = load_country(COUNTRY).codes
    full = code.zfill(4) if code.isascii() and code.isdigit() and len(code) > 2 else code
    return codes.index(full) if full in codes else None


@cache
def _pcodes() -> dict[str, int]:
    table, codes = read_table(COUNTRY, "municipalities.csv"), load_country(COUNTRY).codes
    return {
        pcode: codes.index(code) for pcode, code in zip(table["pcode"], table["code"], strict=True)
    }


def by_pcode(pcode: str) -> int | None:
    """Give the row of OCHA's code, such as SV0101."""
    return _pcodes().get(pcode.upper())


def codes_of(of: str) -> Message:
    """Say which codes a department has."""
    country = load_country(COUNTRY)
    codes = [c for c, d in zip(country.codes, country.departments, strict=True) if d == of]
    return Message(
        "{department} has {first} to {last}", department=of, first=codes[0], last=codes[-1]
    )


def of_2024(name: str) -> bool:
    """Tell whether a name is, or begins with, one of the 44, such as San Salvador Centro."""
    found = plain(name).split()
    return any(
        word in QUARTERS and department(" ".join(found[:place])) and not by_name(name)
        for place, word in enumerate(found[:4])
    )


def codes_of_2024(rows: Iterable[int]) -> bool:
    """Tell whether municipalities, taken by their codes, look like the 44.

    Those are numbered from 01 in their department, two to six of them: that a table of the 262 has
    just the first few of nearly every department does not happen.
    """
    codes = load_country(COUNTRY).codes
    found = {codes[row] for row in rows}
    numbers = [int(code[2:]) for code in found]
    return len({code[:2] for code in found}) >= 10 and len(found) >= 25 and max(numbers) <= 6


def listed(rows: Sequence[int]) -> str:
    """Name several municipalities."""
    return "; ".join(called(row) for row in rows)
