"""The map of municipalities: rates in A or B, or their difference; zones; a click lets one sign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import ColumnDataSource, HoverTool, Range1d, WheelZoomTool
from bokeh.plotting import figure
from numpy.typing import NDArray

from trucesim.figures import mapping
from trucesim.figures.canvas import (
    BLUE,
    BORDER,
    BREAKS,
    CLASSES,
    DIFFERENCE_BREAKS,
    DIFFERENCE_CLASSES,
    VERMILION,
)
from trucesim.locale.language import month, number, percent
from trucesim.locale.texts import say
from trucesim.workshop.charts import FONT
from trucesim.workshop.markup import render
from trucesim.workshop.session import SIDES, Session
from trucesim.world import calendar
from trucesim.world import tiles as geography
from trucesim.world.country import load_country
from trucesim.world.folder import Folder, open_folder

BLANK = "#e6e3dc"

HALF = 0.5
"""A municipality is outlined as a zone if it is one in so many of the runs."""


_TOLD = "rate_a", "rate_b", "apart", "zone_a", "zone_b"

Rings = list[list[float]]
"""One coordinate of rings."""


def polygons() -> tuple[list[list[Rings]], list[list[Rings]]]:
    """Give each municipality's polygons as Bokeh wants them, each ring after ring, in km."""
    return _polygons(open_folder())


@cache
def _polygons(folder: Folder) -> tuple[list[list[Rings]], list[list[Rings]]]:
    """Give those of a country, the one that is spoken of."""
    shapes = geography.outlines()
    xs, ys = [], []
    for code in load_country().codes:
        parts: list[list[NDArray[np.float64]]] = []
        for ring in sorted(shapes[code], key=_area, reverse=True):
            if _area(ring) > 0:
                parts.append([ring])
            else:  # a hole: of the smallest polygon in which it lies
                inside = [part for part in parts if _contains(part[0], ring[0])]
                inside[-1].append(ring)
        xs.append([[(ring[:, 0] / 1000).tolist() for ring in part] for part in parts])
        ys.append([[(ring[:, 1] / 1000).tolist() for ring in part] for part in parts])
    return xs, ys


@cache
def _frame(folder: Folder) -> tuple[NDArray[np.float64], Rings, Rings]:
    """Give the map's corners and the departments' borders, of the country that is spoken of."""
    outlines = geography.outlines()
    corners = np.concatenate([ring for rings in outlines.values() for ring in rings]) / 1000
    lines = geography.borders(outlines, load_country().department_of)
    return (
        np.stack([corners.min(axis=0) - 2, corners.max(axis=0) + 2]),
        [(line[:, 0] / 1000).tolist() for line in lines],
        [(line[:, 1] / 1000).tolist() for line in lines],
    )


def _area(ring: NDArray[np.float64]) -> float:
    """Give a ring's area, negative for holes."""
    x, y = (ring - ring[0]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2.0


def _contains(ring: NDArray[np.float64], point: NDArray[np.float64]) -> bool:
    x, y = point
    a, b = ring[:-1], ring[1:]
    crosses = (a[:, 1] > y) != (b[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (b[:, 0] - a[:, 0]) * (y - a[:, 1]) / (b[:, 1] - a[:, 1]) + a[:, 0]
    return bool(np.sum(crosses & (x < at)) % 2)


def code_at(x: float, y: float) -> str | None:
    """Give the municipality at a point of the map, in km; None outside the country."""
    grid = geography.tiles()
    distance = np.hypot(*(grid.centres / 1000 - (x, y)).T)
    nearest = int(distance.argmin())
    return (
        str(grid.code[nearest]) if distance[nearest] <= grid.spacing / 1000 / np.sqrt(3) else None
    )


def base_map(
    places: ColumnDataSource, clicked: Callable[[str], object], border: str = BORDER, **size: Any
) -> tuple[figure, HoverTool]:
    """Draw the municipalities and their departments' borders, to be drawn upon.

    Parameters
    ----------
    places : ColumnDataSource
        ``xs`` and ``ys`` (`polygons`), ``colour``, and what a tooltip tells.
    clicked : function
        Called with the code of a municipality that was clicked.
    border : str
        Colour of the borders.
    **size
        Of the figure.

    Returns
    -------
    figure
    HoverTool
        Of the municipalities, without a tooltip yet.
    """
    (low, high), xs, ys = _frame(open_folder())
    plot = figure(
        toolbar_location=None, tools="", outline_line_color=None, background_fill_color="white",
        border_fill_color="white", min_border=0,
        x_range=Range1d(low[0], high[0]), y_range=Range1d(low[1], high[1]), **size,
    )  # fmt: skip
    plot.axis.visible = False
    plot.grid.visible = False
    shapes = plot.multi_polygons(
        "xs", "ys", source=places, fill_color="colour", line_color="white", line_width=0.5,
        hover_line_color=BORDER, hover_fill_color="colour",
    )  # fmt: skip
    plot.multi_line(xs, ys, line_color=border, line_width=1)
    hover = HoverTool(renderers=[shapes], point_policy="follow_mouse")
    wheel = WheelZoomTool(modifiers="ctrl")
    plot.add_tools(hover, wheel)
    plot.toolbar.active_scroll = wheel

    def tapped(event: Any) -> None:
        code = None if event.x is None or event.y is None else code_at(event.x, event.y)
        if code is not None:
            clicked(code)

    plot.on_event(Tap, tapped)
    return plot, hover


class Map:
    """The map; `clicked` is called with the code of a municipality that was clicked."""

    def __init__(self, clicked: Any) -> None:
        country = load_country()
        xs, ys = polygons()
        count = len(country)
        self.places = ColumnDataSource(
            {
                "xs": xs,
                "ys": ys,
                "colour": [BLANK] * count,
                "name": [
                    f"{name}, {department}"
                    for name, department in zip(country.names, country.departments, strict=True)
                ],
                **{name: [""] * count for name in _TOLD},
            }
        )
        self.figure, self.hover = base_map(
            self.places, clicked, sizing_mode="stretch_width", aspect_ratio=1.9, match_aspect=True
        )
        self.zones = {side: ColumnDataSource({"xs": [], "ys": []}) for side in SIDES}
        self.outlined = {side: np.zeros(count, np.bool_) for side in SIDES}
        for side, width, colour, dash in (("a", 4.5, BLUE, "solid"), ("b", 2.2, VERMILION, "5 2")):
            self.figure.multi_line(
                "xs", "ys", source=self.zones[side], line_color=colour, line_width=width,
                line_dash=dash, line_join="round",
            )  # fmt: skip

    def draw(self, session: Session) -> None:
        """Bring the map up to date with a session."""
        shown = session.shown
        count = len(load_country())
        if shown is None or session.hidden:
            self.places.data.update({"colour": [BLANK] * count})
            for side in SIDES:
                self._outline(side, np.zeros(count, np.bool_))
            self.hover.tooltips = render("map_tooltip", font=FONT, told=False)
            return
        months = _months(session)
        rates = _rates(session)
        apart = rates["a"] - rates["b"]
        zones = {side: shown.zones[side][months.stop - 1] for side in SIDES}
        if session.view == "difference":
            colours = [DIFFERENCE_CLASSES[row] for row in np.digitize(apart, DIFFERENCE_BREAKS)]
        else:
            colours = [CLASSES[row] for row in np.digitize(rates[session.view], BREAKS)]
        told = {
            "colour": colours,
            "rate_a": [number(value, 1) for value in rates["a"]],
            "rate_b": [number(value, 1) for value in rates["b"]],
            "apart": [number(value, 1, signed=True) for value in apart],
            **{f"zone_{side}": [_zone(x, side) for x in zones[side]] for side in SIDES},
        }
        self.places.data.update(told)
        for side in SIDES:
            visible = session.view in ("difference", side)
            self._outline(side, (zones[side] >= HALF) & visible)
        self.hover.tooltips = render("map_tooltip", font=FONT, told=True)

    def _outline(self, side: str, chosen: NDArray[np.bool_]) -> None:
        """Outline some places; the same are not sent again."""
        if (chosen != self.outlined[side]).any():
            self.outlined[side] = chosen
            self.zones[side].data = _outlined(chosen)


def _months(session: Session) -> slice:
    return slice(session.month, min(session.month + session.span, calendar.MONTHS))


def _rates(session: Session) -> dict[str, NDArray[np.float64]]:
    """Give each place's rate in the months that are shown, by side."""
    shown, months = session.shown, _months(session)
    days = shown.results.a["month"].dt.days_in_month.values[months].sum()
    return {side: rates_of(shown.means[side][months].sum(axis=0), days) for side in SIDES}


def rates_of(counts: NDArray[np.float64], days: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Turn homicides of some days into rates per 100,000 people a year.

    Parameters
    ----------
    counts : ndarray, shape (..., place)
        In the order of the country's places.
    days : float or ndarray that broadcasts with counts
        Days over which they were counted.
    """
    per_year: NDArray[np.float64] = 1e5 * 365.25 * counts / days / load_country().population
    return per_year


def _zone(share: float, side: str) -> str:
    if share == 0.0:
        return f"{side.upper()}: {say('map.zone.never')}"
    return say("map.zone.some", share=percent(100 * share), side=side.upper())


def _outlined(chosen: NDArray[np.bool_]) -> dict[str, Any]:
    xs, ys = polygons()
    rows = np.flatnonzero(chosen)
    return {
        "xs": [ring for row in rows for part in xs[row] for ring in part],
        "ys": [ring for row in rows for part in ys[row] for ring in part],
    }


def first_of(row: int) -> dt.date:
    """Give the first day of a month, counted from the start."""
    return dt.date(calendar.START.year + row // 12, row % 12 + 1, 1)


def map_head(session: Session) -> str:
    """Write the map's title, what it may show, and whether there is anything to see."""
    least = DIFFERENCE_BREAKS[len(DIFFERENCE_BREAKS) // 2]
    blank = session.view == "difference" and session.shown is not None and not session.hidden
    if blank:
        rates = _rates(session)
        blank = bool((np.abs(rates["a"] - rates["b"]) < least).all())
    return render(
        "map_head", when=_when(session), view=session.view, least=least if blank else None,
        count=len(load_country()), places=load_country().place_word(2),
    )  # fmt: skip


def _when(session: Session) -> str:
    first = month(first_of(session.month))
    last = month(first_of(min(session.month + session.span - 1, calendar.MONTHS - 1)))
    return first if first == last else f"{first} – {last}"


def placements() -> dict[str, str]:
    """Give the ways to place cliques that can be chosen; one where single places' rates lack."""
    known = open_folder().plan.tables.rate_class is not None
    names = ("class", "departments") if known else ("departments",)
    return {name: say(f"map.placement.{name}") for name in names}


def map_bar(session: Session, playing: bool) -> str:
    """Write the months, the legend and the placement."""
    difference = session.view == "difference"
    return render(
        "map_bar", playing=playing, month=session.month, when=_when(session),
        last_month=calendar.MONTHS - session.span, together=str(session.span),
        placement=session.placement, placements=placements(), difference=difference,
        breaks=[abs(each) for each in DIFFERENCE_BREAKS] if difference else BREAKS,
        colours=DIFFERENCE_CLASSES if difference else CLASSES,
        ends=[mapping.TEXT[f"differences.{each}"] for each in ("more", "fewer")],
        zones_of=SIDES if difference else (session.view,),
    )  # fmt: skip
