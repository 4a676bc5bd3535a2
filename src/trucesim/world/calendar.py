"""Days, weeks and months of a run. Day 0 is the start; weeks count from it.

A run ends with :data:`END` unless it is asked to go on, at most to :data:`LAST`. Nothing dated lies
beyond END: what holds on its last day holds on.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

START = dt.date(2009, 1, 1)
END = dt.date(2016, 12, 31)
LAST = dt.date(2019, 12, 31)
DAYS = (END - START).days + 1
WEEKS = -(-DAYS // 7)
"""418: the last week has three days."""
MONTHS = (END.year - START.year) * 12 + END.month - START.month + 1


def day_of(date: dt.date) -> int:
    """Count the days from the start to a date."""
    return (date - START).days


def date_of(day: int) -> dt.date:
    """Give the date of a day of the run."""
    return START + dt.timedelta(days=day)


def month_of(date: dt.date) -> int:
    """Count the months from the start to that of a date."""
    return 12 * (date.year - START.year) + date.month - START.month


def days_for(until: dt.date | None) -> int:
    """Give the days that a run up to a date is given room for: all to END, or all to LAST."""
    return DAYS if until is None or until <= END else day_of(LAST) + 1


def dates(days: int = DAYS) -> NDArray[np.datetime64]:
    """Give so many days from the start as ``datetime64[ns]``, shape (day,)."""
    return (np.datetime64(START, "D") + np.arange(days)).astype("datetime64[ns]")


def months(count: int = MONTHS) -> NDArray[np.datetime64]:
    """Give the first day of each month as ``datetime64[ns]``, shape (month,)."""
    return (np.datetime64(START, "M") + np.arange(count)).astype("datetime64[ns]")


def months_in(days: int) -> int:
    """Count the months that so many days from the start reach into."""
    return int(month_of_day(days)[-1]) + 1


def month_of_day(days: int = DAYS) -> NDArray[np.int64]:
    """Give the month's index of each of so many days from the start, shape (day,)."""
    each = np.datetime64(START, "D") + np.arange(days)
    return (each.astype("datetime64[M]") - np.datetime64(START, "M")).astype(np.int64)
