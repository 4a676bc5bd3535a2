"""Periods of the calendar written as text, and counts and daily means over them.

A period is a year (``2014``), a month (``2015-08``), a day (``2012-03-09``) or the span from one of
these to another, both included (``2010-01..2012-02``, ``2016-03-01..2016-03-25``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import xarray as xr

from trucesim.files.errors import InputError, Message

type FloatArray = npt.NDArray[np.float64]

_DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_PERIOD = re.compile(rf"(?<!\d)({_DATE})(?:\.\.({_DATE}))?(?!\d)")
_DAY = timedelta(days=1)


class NotRecorded(InputError):
    """A Dataset does not hold what a statistic needs: a variable, a period or a resolution."""


PLURALS = {
    "run": Message("runs"),
    "day": Message("days"),
    "month": Message("months"),
    "year": Message("years"),
}
"""What messages call the entries of a dimension."""


@dataclass(frozen=True)
class Period:
    """Days from `start` up to, and without, `stop`.

    Attributes
    ----------
    start : datetime.date
        First day.
    stop : datetime.date
        The day after the last.
    """

    start: date
    stop: date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.stop - self.start).days

    @property
    def last(self) -> date:
        """Last day."""
        return self.stop - _DAY

    @property
    def in_whole_months(self) -> bool:
        """Whether the period begins and ends with a month."""
        return self.start.day == 1 and self.stop.day == 1

    @property
    def months(self) -> int:
        """Number of months that begin in the period."""
        first, end = _ceil(self.start), _ceil(self.stop)
        return 12 * (end.year - first.year) + end.month - first.month

    def widened(self) -> Period:
        """Return the shortest period in whole months that holds this one."""
        return Period(self.start.replace(day=1), _ceil(self.stop))

    def narrowed(self) -> Period:
        """Return the longest period in whole months that lies in this one.

        Raises
        ------
        InputError
            If it holds no whole month.
        """
        start, stop = _ceil(self.start), self.stop.replace(day=1)
        if start >= stop:
            raise InputError("{period}: no whole month lies in it", period=self)
        return Period(start, stop)

    def pieces(self) -> Iterator[Period]:
        """Cut the period into its whole months, as one piece, and the parts of months around."""
        inner = (_ceil(self.start), self.stop.replace(day=1))
        cuts = {self.start, self.stop, *(cut for cut in inner if self.start < cut < self.stop)}
        return (Period(start, stop) for start, stop in pairwise(sorted(cuts)))

    def __str__(self) -> str:
        """Write the period as `parse` reads it, in the coarsest unit that fits."""
        if not self.in_whole_months:
            ends = [f"{self.start}", f"{self.last}"]
        elif self.start.month == 1 and self.months == 12:
            ends = [f"{self.start:%Y}"]
        else:
            ends = [f"{self.start:%Y-%m}", f"{self.last:%Y-%m}"]
        return "..".join(dict.fromkeys(ends))


def parse(text: str | Period) -> Period:
    """Read one period.

    Parameters
    ----------
    text : str or Period
        As described at the head of this module; a Period is returned as it is.

    Returns
    -------
    Period

    Raises
    ------
    InputError
        If the text is no period, names a day that does not exist, or ends before it begins.
    """
    if isinstance(text, Period):
        return text
    match = _PERIOD.fullmatch(text.strip())
    if match is None:
        raise InputError(
            "period {text!r}: expected a year, a month, a day or a span of them, such as 2014, "
            "2015-08 or 2012-03-09..2013-10-31", text=text,
        )  # fmt: skip
    first, last = match.group(1), match.group(2) or match.group(1)
    try:
        period = Period(_span(first).start, _span(last).stop)
    except ValueError as error:
        raise InputError("period {text!r}: {error}", text=text, error=error) from None
    if period.days <= 0:
        raise InputError("period {text!r}: it ends before it begins", text=text)
    return period


def find(text: str) -> list[Period]:
    """Read every period named in a text, in order.

    Parameters
    ----------
    text : str
        For instance ``"homicides 2015 / homicides 2011"`` or ``"2011,2015"``.

    Returns
    -------
    list of Period
    """
    return [parse(match.group()) for match in _PERIOD.finditer(text)]


def select(results: xr.Dataset, variable: str, period: str | Period) -> xr.DataArray:
    """Take the months or the days of a variable that make up a period.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results or the observed record.
    variable : str
        A variable with the dimension ``month`` or ``day``.
    period : str or Period
        In whole months if the variable is monthly.

    Returns
    -------
    xarray.DataArray
        The variable over the period alone.

    Raises
    ------
    NotRecorded
        If the variable is missing, is monthly while the period cuts a month, or does not cover
        the whole period.
    """
    period = parse(period)
    if variable not in results:
        raise NotRecorded("{period}: the data hold no {variable}", period=period, variable=variable)
    dim = "month" if "month" in results[variable].dims else "day"
    if dim == "month" and not period.in_whole_months:
        raise NotRecorded(
            "{period}: {variable} is monthly and the period cuts a month", period=period,
            variable=variable,
        )  # fmt: skip
    span = slice(np.datetime64(period.start), np.datetime64(period.last))
    selected = results[variable].sel({dim: span})
    if selected.sizes[dim] != (period.months if dim == "month" else period.days):
        calendar = results[dim].values.astype("datetime64[D]")
        raise NotRecorded(
            "{period}: {variable} covers only the {dims} {first} to {last}", period=period,
            variable=variable, dims=PLURALS[dim], first=calendar[0], last=calendar[-1],
        )  # fmt: skip
    return selected


def whole(data: xr.Dataset | xr.DataArray) -> Period:
    """Give all months of some data as a period."""
    months = data["month"].values.astype("datetime64[M]")
    return parse(f"{months[0]}..{months[-1]}")


def total(results: xr.Dataset, period: str | Period, *, accept_assumed: bool = False) -> FloatArray:
    """Count the recorded homicides of a period.

    Whole months come from ``recorded_national``, parts of months from ``recorded_daily``.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results or the observed record.
    period : str or Period
        Any period of the calendar.
    accept_assumed : bool, optional
        Where there are no daily counts, accept the parts of months in ``assumed_part``, which the
        observed record splits by an assumption (see `trucesim.world.observed.observed`).

    Returns
    -------
    ndarray of float, shape (run,)
        Homicides.

    Raises
    ------
    NotRecorded
        If the data do not give the count.
    """
    return np.sum(
        [_total_of_piece(results, piece, accept_assumed) for piece in parse(period).pieces()],
        axis=0,
    )


def daily_mean(
    results: xr.Dataset, period: str | Period, *, accept_assumed: bool = False
) -> FloatArray:
    """Divide the recorded homicides of a period by its days.

    Parameters
    ----------
    results, period, accept_assumed
        As for `total`.

    Returns
    -------
    ndarray of float, shape (run,)
        Homicides per day.

    Raises
    ------
    NotRecorded
        If the data do not give the count.
    """
    period = parse(period)
    return total(results, period, accept_assumed=accept_assumed) / period.days


def _total_of_piece(results: xr.Dataset, piece: Period, accept_assumed: bool) -> FloatArray:
    """Count one piece that is either whole months or part of one month."""
    if piece.in_whole_months:
        counts = select(results, "recorded_national", piece).sum("month", skipna=False)
    elif "recorded_daily" not in results and accept_assumed and "assumed_part" in results:
        if str(piece) not in results["part"].values:
            raise NotRecorded("{piece}: no split of this month is assumed", piece=piece)
        counts = results["assumed_part"].sel(part=str(piece))
    else:
        counts = select(results, "recorded_daily", piece).sum("day")
    return counts.values.astype(np.float64)


def _span(text: str) -> Period:
    """Return the year, month or day that a single date names."""
    start = date.fromisoformat((text + "-01-01")[:10])
    if len(text) == 4:
        return Period(start, start.replace(year=start.year + 1))
    return Period(start, start + _DAY if len(text) == 10 else _ceil(start + _DAY))


def _ceil(day: date) -> date:
    """Return the first beginning of a month that is not before a day."""
    return day if day.day == 1 else (day.replace(day=1) + 32 * _DAY).replace(day=1)
