"""Axes: of time and of numbers, lines that are named at their ends, numbered events, rows."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator, NullLocator
from matplotlib.transforms import (
    Affine2DBase,
    ScaledTranslation,
    Transform,
    blended_transform_factory,
)
from numpy.typing import NDArray

from trucesim.figures.canvas import (
    BAND_50,
    BAND_90,
    BLUE,
    BOLD,
    FINE,
    GREY,
    INK,
    MARGIN,
    ROOM,
    RULE,
    TEXT,
    Style,
    band,
    fill,
    sample,
    shorten,
    width_of,
    write,
)
from trucesim.locale import language
from trucesim.locale.catalogue import spoken
from trucesim.outcomes.statistics import quantiles_by_month
from trucesim.world.periods import FloatArray, whole

# Numbers and time


def number_axis(
    axes: Axes,
    which: Literal["x", "y"],
    low: float,
    high: float,
    steps: int = 5,
    tell: Callable[[float], str] = language.short,
    *,
    zero: bool = False,
) -> None:
    """Put round values on an axis, with fine lines across.

    Parameters
    ----------
    axes : Axes
    which : {'x', 'y'}
    low, high : float
        Its ends.
    steps : int
        Between the values, about.
    tell : callable
        Writes a value.
    zero : bool
        Whether zero has a line of its own; then the ends are those of the data.
    """
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
        if low == high:  # nothing to show but the line
            low, high = -1.0, 1.0
        pad = 0.05 * (high - low)
        low, high = low - (pad if low < 0 else 0.0), high + (pad if high > 0 else 0.0)
        line = axes.axvline if which == "x" else axes.axhline
        line(0, color=GREY, linewidth=0.9, zorder=2)
    axis = axes.xaxis if which == "x" else axes.yaxis
    axes.set(**{f"{which}lim": (low, high)})
    ticks = round_ticks(low, high, steps)
    axis.set_ticks(ticks, [tell(tick) for tick in ticks])
    axis.grid(visible=True)


def round_ticks(low: float, high: float, count: int) -> list[float]:
    """Choose round numbers between two bounds."""
    ticks = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in ticks if low <= tick <= high]


def day_number(date: dt.date) -> float:
    """Count days from 1970, matplotlib's measure of dates."""
    return float((date - dt.date(1970, 1, 1)).days)


def middles(months: npt.ArrayLike) -> FloatArray:
    """Give the middle of each month in days: a month's count belongs to no single day."""
    known = np.asarray(months).astype("datetime64[M]")
    starts, stops = (
        each.astype("datetime64[D]").astype(np.float64)
        for each in (known, known + np.timedelta64(1, "M"))
    )
    return np.asarray((starts + stops) / 2)


def days_of(series: xr.DataArray) -> tuple[float, float]:
    """Give the first day and the day after the last, in days."""
    period = whole(series)
    return day_number(period.start), day_number(period.stop)


def time_axis(axes: Axes, first: float, last: float) -> None:
    """Mark the beginnings of years and name each year in its middle."""
    begin, end = (dt.date(1970, 1, 1) + dt.timedelta(days=day) for day in (first, last))
    years = range(begin.year, (end - dt.timedelta(days=1)).year + 1)
    starts = [day_number(dt.date(year, 1, 1)) for year in (*years, years[-1] + 1)]
    bounds = np.clip(starts, first, last)
    axes.set_xlim(first, last)
    axes.set_xticks([day for day in starts if first <= day <= last], labels=[])
    axes.set_xticks((bounds[:-1] + bounds[1:]) / 2, [str(year) for year in years], minor=True)
    axes.tick_params(axis="x", length=4)
    axes.tick_params(axis="x", which="minor", length=0, pad=5)
    axes.spines["bottom"].set(visible=True, linewidth=0.8, zorder=7)


# Runs by month


class Label(NamedTuple):
    """A name at the end of a line: the words, the height in data and the line's style."""

    words: str
    value: float
    style: Style


def draw_bands(
    axes: Axes, days: FloatArray, bounds: FloatArray, names: Sequence[str]
) -> list[Label]:
    """Draw the 5, 25, 50, 75 and 95 % quantiles as two bands and a line; give their labels.

    Parameters
    ----------
    axes : Axes
    days : ndarray of float, shape (month,)
    bounds : ndarray of float, shape (5, month)
    names : sequence of str
        Of the wide band, the narrow one and the line.
    """
    low, lower, median, upper, high = bounds
    line: Style = {"color": BLUE, "linewidth": 1.9}
    axes.fill_between(days, low, high, color=BAND_90, linewidth=0, zorder=2)
    axes.fill_between(days, lower, upper, color=BAND_50, linewidth=0, zorder=3)
    axes.plot(days, median, zorder=5, **line)
    ends, styles = (high, upper, median), (band(BAND_90), band(BAND_50), line)
    return [
        Label(name, end[-1], style) for name, end, style in zip(names, ends, styles, strict=True)
    ]


def draw_runs(axes: Axes, series: xr.DataArray) -> tuple[list[Label], float]:
    """Draw the median and the bands of runs; give their labels and the highest value."""
    bounds = quantiles_by_month(series)
    names = [TEXT[name] for name in ("most", "half", "median")]
    labels = draw_bands(axes, middles(series["month"].values), bounds, names)
    if series.sizes["run"] == 1:
        labels = [labels[-1]._replace(words=TEXT["single"])]
    return labels, float(bounds[-1].max())


def spread(targets: Sequence[float], gap: float, low: float, high: float) -> NDArray[np.float64]:
    """Place labels as near to their targets as they can be without overlap.

    Parameters
    ----------
    targets : sequence of float
        Where they should be, in order.
    gap : float
        Least distance; less if there is no room for it.
    low, high : float
        Bounds of all places.

    Returns
    -------
    ndarray of float, shape (label,)
        The places with the least sum of squared shifts: with the gaps taken out this is the
        regression on a rising sequence, solved by pooling neighbours that are out of order.
    """
    count = len(targets)
    gap = min(gap, (high - low) / max(count - 1, 1))
    pools: list[tuple[float, int]] = []
    for index, target in enumerate(targets):
        pools.append((target - index * gap, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, size), (other, more) = pools.pop(-2), pools.pop()
            pools.append(((mean * size + other * more) / (size + more), size + more))
    level = np.repeat([mean for mean, _ in pools], [size for _, size in pools])
    places: NDArray[np.float64] = np.clip(level, low, high - (count - 1) * gap)
    return places + gap * np.arange(count)


def _figure_of(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def beside(axes: Axes, edge: float | None = 1.0, *, above: bool = False) -> Transform:
    """Give the places beside axes, in inches.

    Parameters
    ----------
    axes : Axes
    edge : float or None
        From which inches count: the left edge (0) or the right one (1) of the axes, or the left
        edge of the figure (None).
    above : bool
        Whether heights are inches above the axes' upper edge, not those of the data.
    """
    inches, places = _figure_of(axes).dpi_scale_trans, cast("Affine2DBase", axes.transAxes)
    across = inches if edge is None else inches + ScaledTranslation(edge, 0, places)
    height = inches + ScaledTranslation(0, 1, places) if above else axes.transData
    return blended_transform_factory(across, height)


def label_ends(axes: Axes, labels: list[Label], events: Sequence[Event] = ()) -> None:
    """Name lines and bands at their right ends instead of in a legend, and number events.

    Parameters
    ----------
    axes : Axes
        With nothing left to be drawn on them: labels and numbers are moved apart by the axes' size.
    labels : list of Label
    events : sequence of Event
        Their numbers stand above the axes, each tied to its date by a fine line.
    """
    labels = sorted(labels, key=lambda label: label.value)
    wrapped = [fill(label.words, 9, 1.45, most=3) for label in labels]
    texts = [
        axes.text(0.43, label.value, words, transform=beside(axes), va="center",
                  fontsize=9, linespacing=1.1)
        for label, words in zip(labels, wrapped, strict=True)
    ]  # fmt: skip
    numbers = [_number(axes, number, event.day) for number, event in enumerate(events, 1)]
    figure = _figure_of(axes)
    figure.draw_without_rendering()  # only now is the size of the axes known
    width, height = (size / figure.dpi for size in axes.bbox.size)
    low, high = axes.get_ylim()
    at = [(label.value - low) / (high - low) * height for label in labels]
    gap = 0.2 + 0.15 * max(words.count("\n") for words in wrapped)
    for label, text, place in zip(labels, texts, spread(at, gap, 0.08, height - 0.08), strict=True):
        value = low + place / height * (high - low)
        text.set_y(value)
        line = sample(label.style)
        line.set(xdata=[0.1, 0.225, 0.35], ydata=[value] * 3, transform=beside(axes), clip_on=False)
        axes.add_artist(line)
    first, last = axes.get_xlim()
    days = [(event.day - first) / (last - first) * width for event in events]
    for note, place in zip(numbers, spread(days, 0.215, 0.0, width), strict=True):
        note.set_x(first + place / width * (last - first))


def _number(axes: Axes, number: int, day: float) -> Annotation:
    """Write an event's number above its day."""
    axes.axvline(day, color=FINE, linewidth=0.6, zorder=1.5)
    return axes.annotate(
        str(number), (day, 1.0), (day, 18), xycoords=("data", "axes fraction"),
        textcoords=("data", "offset points"), fontsize=7.5, ha="center", va="center",
        annotation_clip=False,
        arrowprops={"arrowstyle": "-", "color": FINE, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0},
        bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": GREY,
              "linewidth": 0.8},
    )  # fmt: skip


# Events


class Event(NamedTuple):
    """A dated event: its day counted from 1970, its date and what happened, in words."""

    day: float
    date: str
    words: str


def events_of(results: xr.Dataset) -> list[Event]:
    """Read the dated events of a scenario, in order."""
    events = []
    for event in json.loads(results.attrs.get("events", "[]")):
        date = dt.date.fromisoformat(event["date"])
        words = str(event.get(spoken()) or event.get("en", ""))
        events.append(Event(day_number(date), language.date(date), words))
    return sorted(events, key=lambda event: event.day)


class Key(NamedTuple):
    """The numbered list of events: its entries and how they are set in columns."""

    events: list[Event]
    columns: int
    dates: float
    height: float


_KEY_LEADING = 0.19


def arrange_key(events: list[Event]) -> Key:
    """Choose three columns for the key of events, or two if a text needs the room."""
    dates, widest = (
        max((width_of(words, 8) for words in column), default=0.0)
        for column in ([event.date for event in events], [event.words for event in events])
    )
    columns = 3 if 0.24 + dates + 0.08 + widest <= ROOM / 3 - 0.12 else 2
    return Key(events, columns, dates, _KEY_LEADING * math.ceil(len(events) / columns))


def write_key(figure: Figure, key: Key, top: float) -> None:
    """Write the numbered events, down the columns."""
    rows = max(math.ceil(len(key.events) / key.columns), 1)
    width = ROOM / key.columns
    for index, event in enumerate(key.events):
        column, row = divmod(index, rows)
        left, at = MARGIN + column * width, top + _KEY_LEADING * row
        write(figure, left + 0.15, at, str(index + 1), size=8, weight="bold", align="right")
        write(figure, left + 0.24, at, event.date, size=8, color=GREY)
        start = 0.24 + key.dates + 0.08
        write(figure, left + start, at, shorten(event.words, 8, width - start - 0.1), size=8)


# Rows


class Column(NamedTuple):
    """Words right of rows: the heading, in lines, and a cell for each row.

    Attributes
    ----------
    heading : str
    cells : sequence of str
    weight : str
    color : str
    style : dict, optional
        A sample of what the column tells of stands beside the heading.
    """

    heading: str
    cells: Sequence[str]
    weight: str = "normal"
    color: str = INK
    style: Style | None = None


def name_rows(
    axes: Axes,
    names: Sequence[str],
    columns: Sequence[Column] = (),
    at: npt.ArrayLike | None = None,
    *,
    room: float = 2.85,
    gap: float = 0.2,
    size: float = 9.5,
    heading: str = "",
    least: float = 0.0,
) -> NDArray[np.float64]:
    """Name rows left of axes and write columns right of them; give their places.

    Parameters
    ----------
    axes : Axes
    names : sequence of str
        In one line, or smaller in two.
    columns : sequence of Column
    at : array_like, shape (row,), optional
        Places of the rows, downwards: 0, 1, 2 and so on by default.
    room : float
        Width that the names have at most, in inches, with the gap between them and the axes.
    gap : float
    size : float
        Of the letters in points.
    heading : str
        Of the names.
    least : float
        Rows that have room at least: few rows stay together.
    """
    places = np.arange(len(names), dtype=np.float64) if at is None else np.asarray(at, np.float64)
    axes.set_ylim(max(float(places.max(initial=0.0)) + 0.5, least - 0.5), -0.5)
    axes.set_yticks([])
    left, right = beside(axes, 0.0), beside(axes)
    room = min(room, gap + max(width_of(name, size) for name in names))
    written: Any = {"va": "center_baseline", "linespacing": 1.1}
    for place, name in zip(places, names, strict=True):
        fits = width_of(name, size) <= room - gap + 0.1
        words, letters = (name, size) if fits else (fill(name, 8, room - gap + 0.1, most=2), 8.0)
        axes.text(-room, place, words, transform=left, fontsize=letters, **written)
    head: Any = {"fontsize": 8, "color": GREY, "va": "bottom", "linespacing": 1.1}
    axes.text(-room, 0.07, heading, transform=beside(axes, 0.0, above=True), **head)
    above, x = beside(axes, above=True), 0.05
    for heading, cells, weight, color, style in columns:
        wide = max(width_of(cell, size) * (BOLD if weight == "bold" else 1.0) for cell in cells)
        lines = heading.split("\n")
        told = max(width_of(line, 8) for line in lines)
        x += 0.18 + max(wide, told + (0.3 if style else 0.0))
        for place, cell in zip(places, cells, strict=True):
            axes.text(x, place, cell, transform=right, ha="right", fontsize=size, weight=weight,
                      color=color, **written)  # fmt: skip
        axes.text(x, 0.07, heading, transform=above, ha="right", **head)
        if style:
            line, start, middle = sample(style), x - told - 0.3, 0.05 + 0.07 * len(lines)
            line.set(xdata=[start, start + 0.11, start + 0.22], ydata=[middle] * 3,
                     transform=above, clip_on=False)  # fmt: skip
            axes.add_artist(line)
    return places


def head_rows(axes: Axes, at: float, heading: str, told: str = "", color: str = INK) -> None:
    """Write the heading of a group of rows, what is told of it, and a fine line below."""
    left = beside(axes, None)
    head = axes.text(
        MARGIN, at, heading, transform=left, fontsize=11, weight="bold", color=color,
        va="center_baseline",
    )  # fmt: skip
    note = axes.annotate(
        told, (1, 0), (9, 0), xycoords=head, textcoords="offset points", fontsize=8.5, color=GREY,
        va="bottom", annotation_clip=False,
        # The lines of the axis stop at the words.
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip
    line = sample({"color": RULE, "linewidth": 0.7, "markevery": []})
    line.set(xdata=[MARGIN, 1, MARGIN + ROOM], ydata=[at + 0.7] * 3, transform=left, clip_on=False)
    for each in (head, note, line):
        each.set_in_layout(False)
    axes.add_artist(line)


def group_rows(groups: Sequence[Any], heading: float) -> tuple[FloatArray, dict[Any, float]]:
    """Place rows below headings of their groups, which take `heading` rows; give both places."""
    known = list(dict.fromkeys(groups))
    at = np.array([row + heading * (known.index(group) + 1) for row, group in enumerate(groups)])
    return at, {group: float(at[list(groups).index(group)]) - 0.55 * heading for group in known}


def ratio_axis(axes: Axes, low: float, high: float) -> None:
    """Make a logarithmic axis of ratios with a strong line at 1."""
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(low, high)
    ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if low <= tick <= high]
    axes.set_xticks(ticks, [language.short(tick) for tick in ticks])
    axes.grid(axis="x")
    axes.axvline(1, color=GREY, linewidth=1.0, zorder=2)
