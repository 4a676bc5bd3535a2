"""Times in the titles and cells of a user's table: years, months, and what is neither."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from trucesim.files.table import words

MONTHS = {
    word: number
    for number, several in enumerate(
        (
            "enero january", "febrero february", "marzo march", "abril april", "mayo may",
            "junio june", "julio july", "agosto august", "septiembre september setiembre",
            "octubre october", "noviembre november", "diciembre december",
        ),
        1,
    )
    for full in several.split()
    for word in (full[:end] for end in range(3, len(full) + 1))
}  # fmt: skip

_TIMES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})",
        r"(?P<year>\d{4}) (?P<month>\d{1,2})( 0?1( 0+)*)?",
        r"(0?1 )?(?P<month>\d{1,2}) (?P<year>\d{4})( 0+)*",
        r"(?P<year>\d{4})(?P<month>0[1-9]|1[0-2])",
        r"(0?1 )?(?P<name>[a-z]+) (?P<year>\d{4}|\d\d)",
        r"(?P<year>\d{4}) (?P<name>[a-z]+)",
        r"(?P<name>[a-z]+)",
    )
)
_FILLERS = {
    "de", "del", "la", "el", "en", "por", "cada", "per", "of", "in", "for", "m", "x", "c", "n",
    "no", "numero", "number", "p", "r", "preliminar", "preliminary", "provisional",
}  # fmt: skip


@lru_cache(10_000)
def when(text: str) -> tuple[int | None, int | None] | None:
    """Read a year, a month of a year, or a month alone, as people write them.

    Examples
    --------
    >>> when("2012"), when("2012-03"), when("mar-12"), when("Marzo de 2012"), when("dic.")
    ((2012, None), (2012, 3), (2012, 3), (2012, 3), (None, 12))
    """
    text = re.sub(r"^([12])[.,](\d{3})$", r"\1\2", re.sub(r"(?<=\d)[.,]0+$", "", text))
    plain = " ".join(word for word in words(text) if word not in _FILLERS)
    for pattern in _TIMES:
        found = pattern.fullmatch(plain)
        if found is None:
            continue
        part = found.groupdict()
        month = MONTHS.get(part["name"]) if part.get("name") else int(part.get("month") or 0)
        if month is None or not 0 <= month <= 12 or (part.get("month") and month == 0):
            continue
        year = int(part["year"]) if part.get("year") else None
        year = year + 2000 if year is not None and year < 100 else year
        return year, month or None
    return None


_PARTS = {
    "trimestre", "trimestres", "trim", "quarter", "quarters", "bimestre", "bimestres",
    "cuatrimestre", "cuatrimestres", "semestre", "semestres", "semester", "semesters", "semana",
    "semanas", "week", "weeks", "quincena", "quincenas",
}  # fmt: skip


@lru_cache(10_000)
def is_part_of_year(text: str) -> bool:
    """Tell whether a text is of quarters, weeks or the like.

    Examples
    --------
    >>> [is_part_of_year(each) for each in ("I trimestre", "2012-T1", "ene-mar", "mar")]
    [True, True, True, False]
    """
    found = words(text)
    plain = " ".join(found)
    return bool(
        set(found) & _PARTS
        or re.fullmatch(r"(\d{4} )?[tq] [1-4]( \d{4})?", plain)
        or (len(found) > 1 and {each for each in found if not each.isdigit()} <= MONTHS.keys()
            and len({MONTHS[each] for each in found if not each.isdigit()}) > 1)
    )  # fmt: skip


_ROMAN = dict(zip("i ii iii iv v vi vii viii ix x xi xii".split(), range(1, 13), strict=True))
_FULL = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"

FEWEST_NUMBERED = 5
"""Columns that are only numbered are months from so many on: four would be quarters as well."""


def named_months(titles: Sequence[str]) -> list[str]:
    """Give titles with names for months that are numbered: 1 to 12, M1, mes 1, or I to XII.

    Columns must be numbered from 1 on without a gap; up to four are called quarters, unless their
    titles say that they are months.
    """
    named = list(titles)
    runs: list[list[tuple[int, bool]]] = []
    for at, title in enumerate(titles):
        *said, last = words(title) or ("",)
        number = int(last) if last.isdigit() and len(last) < 3 else _ROMAN.get(last, 0)
        if not 1 <= number <= 12 or said not in ([], ["m"], ["mes"], ["month"]):
            continue
        if number == 1:
            runs.append([])
        if not runs or len(runs[-1]) != number - 1:
            return named
        runs[-1].append((at, bool(said)))
    for run in runs:
        for number, (at, are_months) in enumerate(run):
            few = len(run) < FEWEST_NUMBERED and not are_months
            if len(run) > 1 or are_months:
                named[at] = "trimestre" if few else _FULL.split()[number]
    return named
