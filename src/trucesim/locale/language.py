"""Numbers, months and spans of time as English and the Spanish of El Salvador write them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Protocol

from trucesim.files.errors import some
from trucesim.locale.catalogue import catalogue, told

TEXT = catalogue(
    {
        "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "months.full": "January February March April May June July August September October "
        "November December",
        "month.full": "{name} {year}",
        # dd/mm/aaaa in Spanish.
        "date": "{day} {name} {year}",
        "span": "{} to {}",
    }
)


class Span(Protocol):
    """What a period is, as far as it is written."""

    @property
    def start(self) -> dt.date:
        """Its first day."""

    @property
    def last(self) -> dt.date:
        """Its last day."""

    @property
    def in_whole_months(self) -> bool:
        """Whether it begins and ends with months."""


def number(value: float, digits: int = 0, *, signed: bool = False) -> str:
    """Write a number with a true minus sign.

    El Salvador writes 1,234.5 in Spanish too (CLDR, es_SV).
    """
    plain = f"{abs(value):,.{digits}f}"
    zero = not plain.strip("0.,")
    sign = "" if zero else "\N{MINUS SIGN}" if value < 0 else "+" if signed else ""
    return sign + plain


def percent(value: float) -> str:
    """Write a percentage without decimals."""
    return f"{number(value)}%"


def digits_of(value: float) -> int:
    """Choose the decimals that show three figures without closing zeros."""
    if value == 0 or abs(value) >= 100:
        return 0
    short = f"{value:.{2 - math.floor(math.log10(abs(value)))}f}".rstrip("0")
    return len(short.partition(".")[2])


def short(value: float) -> str:
    """Write a number in three figures, without closing zeros."""
    return number(value, digits_of(value))


def gained(times: float) -> str:
    """Write by how many times something is less; beyond a thousand the number says no more."""
    if times > 1000:
        return f"> {number(1000)}×"
    return f"{number(times, int(times < 10))}×"


def month(day: dt.date, *, full: bool = False) -> str:
    """Write month and year, the month in three letters or in full."""
    if not full:
        return f"{_month_name(day)} {day.year}"
    name = TEXT["months.full"].split()[day.month - 1]
    return TEXT["month.full"].format(name=name, year=day.year)


def date(day: dt.date) -> str:
    """Write a day."""
    return TEXT["date"].format(day=day.day, month=day.month, year=day.year, name=_month_name(day))


def _month_name(day: dt.date) -> str:
    return TEXT["months"].split()[day.month - 1]


def span(period: Span) -> str:
    """Write a period: a year, or its first and last month or day."""
    if not period.in_whole_months:
        first, last = map(date, (period.start, period.last))
    elif period.start.month == 1 and period.last.month == 12:
        first, last = str(period.start.year), str(period.last.year)
    else:
        first, last = month(period.start), month(period.last)
    return first if first == last else TEXT["span"].format(first, last)


def listed(names: Sequence[str], most: int) -> str:
    """Join names, and count those beyond `most`."""
    return told(some(names, most))
