"""Days, weeks and months of a run. Day 0 is the start; weeks count from it."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

START = dt.date(2009, 1, 1)
END = dt.date(2016, 12, 31)
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


def dates() -> NDArray[np.datetime64]:
    """Give the run's days as ``datetime64[ns]``, shape (day,)."""
    return (np.datetime64(START, "D") + np.arange(DAYS)).astype("datetime64[ns]")


def months() -> NDArray[np.datetime64]:
    """Give the first day of each month as ``datetime64[ns]``, shape (month,)."""
    return (np.datetime64(START, "M") + np.arange(MONTHS)).astype("datetime64[ns]")


def month_of_day() -> NDArray[np.int64]:
    """Give the month's index of each day, shape (day,)."""
    days = np.datetime64(START, "D") + np.arange(DAYS)
    return (days.astype("datetime64[M]") - np.datetime64(START, "M")).astype(np.int64)
