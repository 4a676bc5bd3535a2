"""Days, weeks and months of a run. Day 0 is the start; weeks count from it.

A run takes eight years from :data:`START` to :data:`END`, unless it is asked to go on, at most to
:data:`LAST`. Nothing dated lies beyond END: what holds on its last day holds on. El Salvador's
years are 2009 to 2016; a country of one's own may have others (`starting_in`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    START: dt.date
    END: dt.date
    LAST: dt.date

FIRST_YEAR, YEARS, LATER_YEARS = 2009, 8, 3

DAYS = 2922
"""Of any eight years from 1901 to 2099: two of them have a leap day."""

WEEKS = -(-DAYS // 7)
"""418: the last week has three days."""

MONTHS = 12 * YEARS

EARLIEST, LATEST = 1901, 2088
"""Years in which a run may start."""

_first_year = [FIRST_YEAR]


def __getattr__(name: str) -> dt.date:
    """Give START, END and LAST of the country that is spoken of."""
    year = _first_year[-1]
    if name == "START":
        return dt.date(year, 1, 1)
    if name == "END":
        return dt.date(year + YEARS - 1, 12, 31)
    if name == "LAST":
        return dt.date(year + YEARS + LATER_YEARS - 1, 12, 31)
    raise AttributeError(name)


@contextmanager
def starting_in(year: int) -> Iterator[None]:
    """Let runs start with a year within a ``with``, in all threads."""
    _first_year.append(year)
    try:
        yield
    finally:
        _first_year.pop()


def _start() -> dt.date:
    return __getattr__("START")


def day_of(date: dt.date) -> int:
    """Count the days from the start to a date."""
    return (date - _start()).days


def date_of(day: int) -> dt.date:
    """Give the date of a day of the run."""
    return _start() + dt.timedelta(days=day)


def month_of(date: dt.date) -> int:
    """Count the months from the start to that of a date."""
    return 12 * (date.year - _start().year) + date.month - 1


def days_for(until: dt.date | None) -> int:
    """Give the days that a run up to a date is given room for: all to END, or all to LAST."""
    return DAYS if until is None or day_of(until) < DAYS else day_of(__getattr__("LAST")) + 1


def dates(days: int = DAYS) -> NDArray[np.datetime64]:
    """Give so many days from the start as ``datetime64[ns]``, shape (day,)."""
    return (np.datetime64(_start(), "D") + np.arange(days)).astype("datetime64[ns]")


def months(count: int = MONTHS) -> NDArray[np.datetime64]:
    """Give the first day of each month as ``datetime64[ns]``, shape (month,)."""
    return (np.datetime64(_start(), "M") + np.arange(count)).astype("datetime64[ns]")


def months_in(days: int) -> int:
    """Count the months that so many days from the start reach into."""
    return int(month_of_day(days)[-1]) + 1


def month_of_day(days: int = DAYS) -> NDArray[np.int64]:
    """Give the month's index of each of so many days from the start, shape (day,)."""
    each = np.datetime64(_start(), "D") + np.arange(days)
    return (each.astype("datetime64[M]") - np.datetime64(_start(), "M")).astype(np.int64)
