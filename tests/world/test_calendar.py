"""The calendar: days, weeks and months of a run, and of one that goes on."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from trucesim.world import calendar


@pytest.mark.parametrize(
    ("until", "days", "weeks", "months"),
    [
        (None, 2922, 418, 96),
        (dt.date(2012, 3, 9), 2922, 418, 96),
        (calendar.END, 2922, 418, 96),
        (dt.date(2017, 1, 1), 4017, 574, 132),
        (calendar.LAST, 4017, 574, 132),
    ],
)
def test_there_is_room_for_eight_years_or_for_eleven(
    until: dt.date | None, days: int, weeks: int, months: int
) -> None:
    assert calendar.days_for(until) == days
    assert -(-days // 7) == weeks
    assert calendar.months_in(days) == months
    assert calendar.dates(days)[-1].astype("datetime64[D]") == calendar.date_of(days - 1)
    first_days = calendar.months(months)
    np.testing.assert_array_equal(
        first_days[calendar.month_of_day(days)], calendar.dates(days).astype("datetime64[M]")
    )


def test_by_default_to_the_end_of_2016() -> None:
    assert (calendar.DAYS, calendar.WEEKS, calendar.MONTHS) == (2922, 418, 96)
    assert len(calendar.dates()) == len(calendar.month_of_day()) == 2922
    assert len(calendar.months()) == 96
