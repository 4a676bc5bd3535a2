"""Numbers, months and spans of time as English and the Spanish of El Salvador write them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from trucesim.files.errors import InputError, nearest
from trucesim.locale.catalogue import LANGUAGES as LANGUAGES
from trucesim.world import calendar
from trucesim.world.periods import Period

FORMATS: dict[str, dict[str, str]] = {
    "en": {
        "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "and_more": "and {n} more",
        "span": "{} to {}",
    },
    "es": {
        "months": "ene feb mar abr may jun jul ago sep oct nov dic",
        "and_more": "y {n} más",
        "span": "{} a {}",
    },
}
"""How each language writes them."""


def check_language(lang: str) -> str:
    """Give a language back if there is such a one."""
    if lang not in LANGUAGES:
        raise InputError(
            f"no text in {lang!r}{nearest(lang, LANGUAGES)}; there is: {', '.join(LANGUAGES)}"
        )
    return lang


def number(value: float, lang: str, digits: int = 0, *, signed: bool = False) -> str:
    """Write a number with a true minus sign.

    El Salvador writes 1,234.5 in Spanish too (CLDR, es_SV).
    """
    check_language(lang)
    plain = f"{abs(value):,.{digits}f}"
    zero = not plain.strip("0.,")
    sign = "" if zero else "\N{MINUS SIGN}" if value < 0 else "+" if signed else ""
    return sign + plain


def percent(value: float, lang: str) -> str:
    """Write a percentage without decimals."""
    return f"{number(value, lang)}%"


def digits_of(value: float) -> int:
    """Choose the decimals that show three figures without closing zeros."""
    if value == 0 or abs(value) >= 100:
        return 0
    short = f"{value:.{2 - math.floor(math.log10(abs(value)))}f}".rstrip("0")
    return len(short.partition(".")[2])


def short(value: float, lang: str) -> str:
    """Write a number in three figures, without closing zeros."""
    return number(value, lang, digits_of(value))


def quantity(value: float, unit: str, lang: str) -> str:
    """Write a number in three figures with its unit; of the unit "date", days from the start."""
    if unit == "date":
        day = calendar.date_of(round(value))
        return f"{day.day} {month(day, lang)}"
    said = short(value, lang)
    return said if unit in ("1", "0 or 1") else f"{said} {unit}"


def gained(times: float, lang: str) -> str:
    """Write by how many times something is less; beyond a thousand the number says no more."""
    if times > 1000:
        return f"> {number(1000, lang)}×"
    return f"{number(times, lang, int(times < 10))}×"


def month(day: dt.date, lang: str) -> str:
    """Write month and year."""
    return f"{FORMATS[lang]['months'].split()[day.month - 1]} {day.year}"


def span(period: Period, lang: str) -> str:
    """Write a period: a year, or its first and last month or day."""
    if not period.in_whole_months:
        first, last = (f"{day.day} {month(day, lang)}" for day in (period.start, period.last))
    elif period.start.month == 1 and period.last.month == 12:
        first, last = str(period.start.year), str(period.last.year)
    else:
        first, last = month(period.start, lang), month(period.last, lang)
    return first if first == last else FORMATS[lang]["span"].format(first, last)


def listed(names: Sequence[str], most: int, lang: str) -> str:
    """Join names, and count those beyond `most`."""
    more = FORMATS[lang]["and_more"].format(n=len(names) - most)
    return ", ".join(names[:most]) + (f" {more}" if len(names) > most else "")
