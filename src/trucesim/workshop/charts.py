"""The series by month, and the hundred runs as a hundred dots."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    DatetimeTickFormatter,
    FixedTicker,
    HoverTool,
    NumeralTickFormatter,
    Range1d,
    Span,
)
from bokeh.plotting import figure
from numpy.typing import NDArray

from trucesim.figures.canvas import BLUE, GREY, INK, RULE, VERMILION
from trucesim.locale.catalogue import spoken
from trucesim.locale.language import date, month, number
from trucesim.locale.texts import say
from trucesim.scenario.scenario import Event
from trucesim.workshop.markup import render
from trucesim.workshop.session import SIDES, Session
from trucesim.world import calendar
from trucesim.world.observed import observed

COLOURS = {"a": BLUE, "b": VERMILION}

HIDDEN_FROM = 38
"""While people guess, nothing is shown from this month on: March 2012, counted from the start."""

FONT = "Seravek, 'Gill Sans Nova', Ubuntu, Calibri, 'DejaVu Sans', sans-serif"

DASHES = {"a": "solid", "b": "7 3"}
"""Told apart without colour too."""


def milliseconds(day: dt.date) -> float:
    """Give a day as Bokeh counts time."""
    return (day - dt.date(1970, 1, 1)).days * 86_400_000.0


def mid_months() -> NDArray[np.float64]:
    """Give the middle of each month as Bokeh counts time, shape (month,)."""
    months = calendar.months().astype("datetime64[M]")
    start, end = (
        m.astype("datetime64[ms]").astype(np.float64)
        for m in (months, months + np.timedelta64(1, "M"))
    )
    return (start + end) / 2.0


def months_figure(height: int, values: Range1d) -> figure:
    """Give an empty figure with the months of all years along it."""
    plot = figure(
        height=height, sizing_mode="stretch_width", x_axis_type="datetime", toolbar_location=None,
        tools="", background_fill_color="white", border_fill_color="white",
        x_range=Range1d(milliseconds(calendar.START), milliseconds(calendar.END)),
        y_range=values, outline_line_color=None, min_border_left=52, min_border_right=8,
    )  # fmt: skip
    odd, even = (
        [milliseconds(dt.date(year, 1, 1)) for year in range(first, calendar.END.year + 1, 2)]
        for first in (calendar.START.year, calendar.START.year + 1)
    )
    # On a phone there is room for every other year.
    plot.xaxis.ticker = FixedTicker(ticks=even, minor_ticks=odd)
    plot.xaxis.formatter = DatetimeTickFormatter(years="%Y", months="%Y", days="%Y")
    plot.yaxis.formatter = NumeralTickFormatter(format="0")
    plot.xgrid.grid_line_color = plot.xgrid.minor_grid_line_color = RULE
    plot.ygrid.grid_line_color = RULE
    for axis in (plot.xaxis, plot.yaxis):
        axis.axis_line_color = None
        axis.major_tick_line_color = axis.minor_tick_line_color = None
        axis.major_label_text_font_size = "14px"
        axis.major_label_text_color = "#3c4147"
        axis.major_label_text_font = FONT
    return plot


class Series:
    """Homicides a month: both cases with their bands, the record, and the dated events."""

    def __init__(self) -> None:
        x = mid_months()
        months = len(x)
        blank = np.full(months, np.nan)
        self.runs = {
            side: ColumnDataSource(
                {"x": x, "low": blank, "median": blank, "high": blank, "when": [""] * months}
            )
            for side in SIDES
        }
        self.counted = record = observed()["recorded_national"].values[0].astype(float)
        self.observed = not bool(np.isnan(record).all())
        self.record = ColumnDataSource({"x": x, "y": record, "when": [""] * months})
        self.events = ColumnDataSource({"x": [], "y": [], "name": [], "colour": []})
        self.counts = Range1d(0, 1000)
        self.figure = months_figure(320, self.counts)
        plot = self.figure
        self.month = Span(dimension="height", line_color=GREY, line_width=1, line_dash="dotted")
        plot.add_layout(self.month)
        for side, source in self.runs.items():
            plot.varea("x", "low", "high", source=source, fill_color=COLOURS[side], fill_alpha=0.17)
        for side, source in self.runs.items():
            plot.line(
                "x", "median", source=source, line_color=COLOURS[side], line_width=3,
                line_dash=DASHES[side],
            )  # fmt: skip
        plot.line("x", "y", source=self.record, line_color=INK, line_width=1.2)
        dots = plot.scatter("x", "y", source=self.record, color=INK, size=4)
        marks = plot.scatter(
            "x", "y", source=self.events, marker="inverted_triangle", size=12, color="colour",
            line_color="white",
        )  # fmt: skip
        plot.segment(
            "x", 0, "x", "y", source=self.events, line_color="colour", line_width=1, alpha=0.55
        )
        self.hover = HoverTool(renderers=[dots], mode="vline")
        self.hover_events = HoverTool(renderers=[marks], tooltips="<b>@name</b>")
        plot.add_tools(self.hover, self.hover_events)

    def draw(self, session: Session) -> None:
        """Bring the figure up to date with a session."""
        shown = session.shown
        whens = [month(_first(row)) for row in range(calendar.MONTHS)]
        highest = float(np.nanmax(self.counted, initial=0.0))
        seen = self.counted.copy()
        if session.hidden:  # the record is an answer too
            seen[HIDDEN_FROM:] = np.nan
        blank = np.full(calendar.MONTHS, np.nan)
        for side, source in self.runs.items():
            low = median = high = blank
            if shown is not None and not session.hidden:
                low, _, median, _, high = shown.quantiles[side]
                highest = max(highest, float(high.max()))
            source.data.update({"low": low, "median": median, "high": high, "when": whens})
        record: dict[str, Any] = {"when": whens, "y": seen}
        for side, source in self.runs.items():
            record |= {
                f"{side}_{name}": _whole(source.data[name]) for name in ("low", "median", "high")
            }
        record["told"] = _whole(seen)
        self.record.data.update(record)
        top = 1.14 * highest
        self.counts.end = top
        self.mark(session.month)
        events = dated(session)
        self.events.data = {
            "x": [milliseconds(event.date) for event, _ in events],
            "y": [top * 0.985] * len(events),
            "name": [f"{date(e.date)}: {e.text[spoken()]}" for e, _ in events],
            "colour": [INK if len(sides) == 2 else COLOURS[sides] for _, sides in events],
        }
        self.hover.tooltips = render(
            "series_tooltip", font=FONT, colours={} if session.hidden else COLOURS
        )

    def mark(self, month: int) -> None:
        """Mark the month that the map shows, counted from the start."""
        self.month.location = milliseconds(_first(month))


class Apart:
    """Homicides a month, B minus A: the mean with the band of 90 % of runs."""

    def __init__(self) -> None:
        x = mid_months()
        self.values = Range1d(-10, 10)
        self.source = ColumnDataSource({"x": x, "when": [""] * len(x)} | _blank())
        self.figure = plot = months_figure(170, self.values)
        plot.yaxis.ticker.desired_num_ticks = 4
        self.month = Span(dimension="height", line_color=GREY, line_width=1, line_dash="dotted")
        plot.add_layout(self.month)
        plot.varea("x", "low", "high", source=self.source, fill_color=INK, fill_alpha=0.15)
        plot.add_layout(Span(dimension="width", location=0, line_color=GREY, line_width=1))
        line = plot.line("x", "mean", source=self.source, line_color=INK, line_width=2)
        self.hover = HoverTool(renderers=[line], mode="vline")
        plot.add_tools(self.hover)

    def draw(self, session: Session) -> None:
        """Bring the figure up to date with a session."""
        shown = None if session.hidden else session.shown
        values = _blank()
        if shown is not None:
            values = {name: shown.answer.months[name].to_numpy() for name in values}
            top = 1.1 * max(5.0, *(float(np.abs(each).max()) for each in values.values()))
            self.values.update(start=-top, end=top)
        told = {
            f"{name}_told": ["" if x != x else number(x, signed=True) for x in each]
            for name, each in values.items()
        }
        whens = [month(_first(row)) for row in range(calendar.MONTHS)]
        self.source.data.update({"when": whens, **values, **told})
        self.hover.tooltips = "<b>@when</b> B − A: <b>@mean_told</b> (@low_told, @high_told)"

    def mark(self, month: int) -> None:
        """Mark the month that the map shows, counted from the start."""
        self.month.location = milliseconds(_first(month))


def _blank() -> dict[str, NDArray[np.float64]]:
    return {name: np.full(calendar.MONTHS, np.nan) for name in ("mean", "low", "high")}


def _first(row: int) -> dt.date:
    return dt.date(calendar.START.year + row // 12, row % 12 + 1, 1)


def _whole(values: Any) -> list[str]:
    return ["" if value != value else number(float(value)) for value in values]


def dated(session: Session) -> list[tuple[Event, str]]:
    """Give the dated events of both cases in order, each with the sides that have it."""
    found: dict[tuple[object, ...], tuple[Event, str]] = {}
    for side in SIDES:
        for event in session.case(side).scenario.events:
            key = event.date, tuple(sorted(event.set.items())), event.gangs
            before = found.get(key, (event, ""))
            found[key] = before[0], before[1] + side
    return sorted(found.values(), key=lambda item: (item[0].date, item[1]))


def events_key(session: Session) -> str:
    """List the dated events of both cases in words."""
    return render(
        "events",
        events=[
            {
                "date": event.date,
                "sides": sides,
                "text": event.text[spoken()],
                "source_told": _source(event),
            }
            for event, sides in dated(session)
        ],
    )


def _source(event: Event) -> str:
    """Say where an event comes from, if not from the documents of the day."""
    for word in ("counterfactual", "assumption"):
        if event.source.startswith(word):
            return say(f"source.{word}")
    return ""
