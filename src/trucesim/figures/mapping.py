"""Maps of municipalities: rates before, during and after the truce, and A minus B."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Shape
from numpy.typing import NDArray

from trucesim.figures.axes import beside
from trucesim.figures.canvas import (
    BORDER,
    BREAKS,
    CLASSES,
    DIFFERENCE_BREAKS,
    DIFFERENCE_CLASSES,
    FINE,
    GREY,
    INK,
    VERMILION,
    fill,
    new_figure,
    runs_in_words,
    sample,
    styled,
    subtitle,
    title_of,
)
from trucesim.files.errors import InputError
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue
from trucesim.outcomes.grouping import Groups, by_group
from trucesim.outcomes.reductions import window
from trucesim.outcomes.statistics import ratio
from trucesim.world import calendar, periods
from trucesim.world import tiles as geography
from trucesim.world.country import Country, load_country
from trucesim.world.folder import HOME
from trucesim.world.periods import Period

TEXT = catalogue(
    {
        "maps.title": "Simulated homicide rates by {place}",
        "maps.subtitle": "{scenario}  ·  mean of {runs}, before, during and after the truce "
        "of March 2012",
        "maps.subtitle.elsewhere": "{scenario}  ·  mean of {runs}",
        "maps.before": "Before",
        "maps.during": "During",
        "maps.after": "After",
        "maps.rate": "per 100,000 a year,\nnationally",
        "maps.scale": "Recorded homicides per 100,000 people a year",
        "maps.zones": "Violence-free zones (in half of the runs or more)",
        "maps.departments": "Departments",
        "maps.note": "Simulated, not observed: homicides are placed by population, the "
        "departmental counts of 2010 and the rate class of 2015. Population of 2007.",
        "maps.note.elsewhere": "Simulated, not observed: homicides are placed by population and "
        "what is known of where violence is.",
        "maps.tiles": "Tiles {km} km apart; lakes are gaps.",
        "maps.groups.title": "Simulated homicide rates by group of municipalities",
        "maps.groups": "Groups",
        "maps.groups.none": "In no group",
        "groups.title": "Difference by group of municipalities",
        "groups.subtitle": "{a} (A) and {b} (B)  ·  mean of {runs}, {years}",
        "groups.scale": "Recorded homicides, B minus A, % of A's",
        "groups.fewer": "◂ fewer in B",
        "groups.more": "more in B ▸",
        "groups.note": "Simulated, not observed. Tiles 1 km apart; lakes are gaps.",
        "differences.title": "Where the two cases differ",
        "differences.subtitle": "A minus B, mean of {runs}, {span}",
        "differences.class": "With the 2015 rate class",
        "differences.class.note": "{runs}",
        "differences.without": "Without it",
        "differences.without.note": "by population and departmental counts of 2010; {runs}",
        "differences.scale": "Recorded homicides per 100,000 people a year, A minus B",
        "differences.more": "◂ more in B",
        "differences.fewer": "fewer in B ▸",
        "differences.zones": "Violence-free zones of A or B (in half of the runs or more)",
        "differences.note.elsewhere": "Simulated, not observed. Lakes are gaps.",
        "differences.note": "Simulated, not observed. The class of 2015 is from after the truce; "
        "where the two maps disagree, the place is not known. Tiles 1 km apart; lakes are gaps.",
    }
)


WIDE = 1.4
"""A map this much wider than high leaves room for words in its corners."""


class MapPeriod(NamedTuple):
    """One of the three maps: its heading, its months and, without these, its kept totals."""

    heading: str
    months: str
    kept: str


MAP_PERIODS = (
    MapPeriod("maps.before", "2011-03..2012-02", "2011"),
    MapPeriod("maps.during", "2012-03..2013-06", "2012-03..2013-04"),
    MapPeriod("maps.after", "2015", "2015"),
)


def map_periods(country: Country) -> tuple[MapPeriod, ...]:
    """Give the months of the maps: of El Salvador's truce, or around that of another country."""
    if country.name == HOME:
        return MAP_PERIODS
    span = window()
    before = max(span.start.replace(year=span.start.year - 1, day=1), calendar.START)
    start = max(span.start.replace(day=1), before.replace(year=before.year + 1))
    return (
        MapPeriod("maps.before", str(Period(before, start)), str(before.year)),
        MapPeriod("maps.during", str(span.widened()), str(span.start.year)),
        MapPeriod("maps.after", str(calendar.END.year), str(calendar.END.year)),
    )


class Side(NamedTuple):
    """One placement of cliques: the runs of both cases."""

    a: xr.Dataset
    b: xr.Dataset


@styled
def maps(
    results: xr.Dataset,
    outlines: Mapping[str, list[geography.Ring]] | None = None,
    groups: Groups | None = None,
) -> Figure:
    """Draw three maps of simulated homicide rates: before, during and after the truce.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results. Without ``recorded`` the maps show the periods whose totals are always
        kept, and without ``zone_status`` no zones.
    outlines : mapping of str to list of ndarray, optional
        A user's own boundaries (`trucesim.world.tiles.from_geojson`); the tiles' by default.
    groups : Groups, optional
        Shows the rates of these, and their borders instead of the departments'.

    Raises
    ------
    InputError
        If a municipality has no outline or no population.
    """
    ground, country = ground_of(results, outlines, groups), country_of(results)
    elsewhere = "" if country.name == HOME else ".elsewhere"
    note = TEXT[f"maps.note{elsewhere}"]
    if outlines is None:
        km = language.short(geography.tiles(country.name).spacing / 1000.0)
        note += "\n" + TEXT["maps.tiles"].format(km=km)
    title = TEXT["maps.groups.title" if groups else "maps.title"]
    title = title.format(place=country.place_word())
    figure = new_figure(title, subtitle(TEXT[f"maps.subtitle{elsewhere}"], results), note=note)
    panels = figure.subplot_mosaic([["before", "during"], ["after", "key"]])
    zoned: set[int] = set()
    for panel, shown in zip(panels.values(), map_periods(country), strict=False):
        period = periods.parse(shown.months if "recorded" in results else shown.kept)
        counts, zones = mean_counts(results, period), zones_of(results, period)
        zoned |= set(zones)
        rates = per_year(counts, ground.population, period)
        if groups:
            sums = groups.sums(counts), groups.sums(ground.population)
            rates = groups.spread(per_year(*sums, period))
        draw_map(panel, ground, rates, BREAKS, CLASSES, zones, room=_room(ground))
        rate = per_year(counts.sum(), ground.population.sum(), period)
        for height, words, size, color, weight in (
            (1.0, TEXT[shown.heading], 12, INK, "bold"),
            (0.9, language.span(period), 9, GREY, "normal"),
            (0.29, language.number(float(rate)), 15, INK, "bold"),
            (0.17, TEXT["maps.rate"], 8, GREY, "normal"),
        ):
            panel.annotate(
                words, (0, height), xycoords="axes fraction", fontsize=size, color=color,
                weight=weight, va="top",
            ).set_in_layout(False)  # fmt: skip
    draw_scale(panels["key"], TEXT["maps.scale"], BREAKS, CLASSES)
    outlined = {TEXT["maps.groups" if groups else "maps.departments"]: BORDER}
    if not groups and country.names == country.departments:  # the places themselves
        outlined = {}
    outlined |= {TEXT["maps.groups.none"]: FINE} if groups and groups.left_out else {}
    if zoned:
        names = language.listed([ground.names[index] for index in sorted(zoned)], 16)
        outlined[f"{TEXT['maps.zones']}\n{fill(names, 9, 3.8)}"] = VERMILION
    _name_outlines(panels["key"], outlined, 0.95)
    return figure


@styled
def differences(with_class: Side, without: Side | None, period: Period) -> Figure:
    """Draw the difference A minus B in homicide rates by municipality, in two placements.

    One map rests on the municipal rate class of 2015, which is from after the truce; beside it
    stands the same difference without that class.

    Parameters
    ----------
    with_class : Side
        Paired runs of the two cases, with ``recorded`` by run, month and municipality.
    without : Side, optional
        The same with cliques placed by population and departmental counts alone.
    period : Period
        Whole months.
    """
    ground = ground_of(with_class.a)
    runs = runs_in_words(with_class.a.sizes["run"])
    subtitle = TEXT["differences.subtitle"].format(runs=runs, span=language.span(period))
    elsewhere = "" if country_of(with_class.a).name == HOME else ".elsewhere"
    note = TEXT[f"differences.note{elsewhere}"]
    figure = new_figure(TEXT["differences.title"], subtitle, note=note)
    if without:
        panels = figure.subplot_mosaic(
            [["class", "without"], ["scale", "zones"]], height_ratios=[1, 0.4]
        )
    else:
        panels = figure.subplot_mosaic([["class", "scale"], ["class", "zones"]])
    zones: set[int] = set()
    scale = DIFFERENCE_BREAKS, DIFFERENCE_CLASSES
    for side, name in ((with_class, "class"), (without, "without")):
        if side is None:
            continue
        told = runs_in_words(side.a.sizes["run"])
        if not elsewhere:
            panels[name].set_title(TEXT[f"differences.{name}"], fontsize=12, pad=20)
        panels[name].annotate(
            TEXT[f"differences.{name}.note"].format(runs=told), (0, 1), (0, 6), fontsize=8.5,
            color=GREY, xycoords="axes fraction", textcoords="offset points",
        ).set_in_layout(False)  # fmt: skip
        own = {*zones_of(side.a, period), *zones_of(side.b, period)}
        zones |= own
        apart = rates_apart(side, ground.population, period)
        draw_map(panels[name], ground, apart, *scale, own, INK)
    ends = TEXT["differences.more"], TEXT["differences.fewer"]
    draw_scale(panels["scale"], TEXT["differences.scale"], *scale, ends)
    _name_outlines(panels["zones"], {TEXT["differences.zones"]: INK} if zones else {}, 0.28)
    return figure


@styled
def group_differences(a: xr.Dataset, b: xr.Dataset, groups: Groups) -> Figure:
    """Draw by how much B has more or fewer homicides than A, group by group, in all years.

    Parameters
    ----------
    a, b : xarray.Dataset
        Paired runs of two cases.
    groups : Groups
    """
    own, other = (by_group(each, groups)["recorded"].sum("year").mean("run") for each in (a, b))
    percent = 100.0 * ratio((other - own).values, own.values)
    years = [year for year in a["period"].values.tolist() if len(year) == 4]
    told = TEXT["groups.subtitle"].format(
        a=title_of(a), b=title_of(b), runs=runs_in_words(a.sizes["run"]),
        years=f"{years[0]}-{years[-1]}",
    )  # fmt: skip
    figure = new_figure(TEXT["groups.title"], told, note=TEXT["groups.note"])
    panels = figure.subplot_mosaic([["map", "map"], ["scale", "groups"]], height_ratios=[1, 0.25])
    # Fewer in B has the colour that it has on maps of A minus B.
    scale = DIFFERENCE_BREAKS, DIFFERENCE_CLASSES[::-1]
    ground = ground_of(a, groups=groups)
    draw_map(panels["map"], ground, groups.spread(percent), *scale, ())
    ends = (TEXT["groups.fewer"], TEXT["groups.more"])
    draw_scale(panels["scale"], TEXT["groups.scale"], *scale, ends)
    outlined = {TEXT["maps.groups"]: BORDER}
    outlined |= {TEXT["maps.groups.none"]: FINE} if groups.left_out else {}
    _name_outlines(panels["groups"], outlined)
    return figure


def rates_apart(side: Side, population: NDArray[np.float64], period: Period) -> NDArray[np.float64]:
    """Give A minus B in homicides per 100,000 people a year, mean over runs, (municipality,)."""
    apart = mean_counts(side.a, period) - mean_counts(side.b, period)
    return np.asarray(per_year(apart, population, period))


def per_year(counts: Any, population: Any, period: Period) -> Any:
    """Turn homicides of a period into rates per 100,000 people a year, of the same shape."""
    return 1e5 * 365.25 / period.days * counts / population


# What maps are made of


class Ground(NamedTuple):
    """The municipalities of some results, ready to be drawn.

    Attributes
    ----------
    names : list of str
    population : ndarray of float, shape (municipality,)
    rings : list of list of ndarray
        Outlines of each municipality.
    paths : list of matplotlib.path.Path
    borders : matplotlib.path.Path
        Between departments, or between groups.
    """

    names: list[str]
    population: NDArray[np.float64]
    rings: list[list[geography.Ring]]
    paths: list[Shape]
    borders: Shape


def _room(ground: Ground) -> float:
    """Give the room for words left of a map, as a share of its width: more where it is narrow."""
    corners = np.concatenate([np.asarray(path.vertices) for path in ground.paths])
    width, height = corners.max(axis=0) - corners.min(axis=0)
    return 0.24 if width > WIDE * height else 0.74 * float(height / width)


def country_of(results: xr.Dataset) -> Country:
    """Give the country of some results."""
    return load_country(results.attrs.get("country"))


def ground_of(
    results: xr.Dataset,
    outlines: Mapping[str, list[geography.Ring]] | None = None,
    groups: Groups | None = None,
) -> Ground:
    """Find the shapes of the municipalities of some results.

    Parameters
    ----------
    results : xarray.Dataset
    outlines : mapping of str to list of ndarray, optional
        Boundaries by code; those of the tiles by default.
    groups : Groups, optional
        Whose borders are wanted instead of the departments'.

    Raises
    ------
    InputError
        If a municipality has no outline or no population.
    """
    shapes = geography.outlines(results.attrs.get("country")) if outlines is None else outlines
    country = country_of(results)
    rows = {code: row for row, code in enumerate(country.codes)}
    codes = [str(code) for code in results["municipality"].values]
    for code in codes:
        if code not in rows or code not in shapes:
            raise InputError(
                "the maps need an outline and a population of each municipality, but {code!r} "
                "of the results has none",
                code=code,
            )
    group: Mapping[str, object] = country.department_of
    if groups:
        group = dict(zip(groups.codes, groups.of, strict=True))
    return Ground(
        [country.names[rows[code]] for code in codes],
        country.population[[rows[code] for code in codes]],
        [shapes[code] for code in codes],
        [_compound(shapes[code]) for code in codes],
        _compound(geography.borders({code: shapes[code] for code in codes}, group)),
    )


def mean_counts(results: xr.Dataset, period: periods.Period) -> NDArray[np.float64]:
    """Give the mean recorded homicides of each municipality in a period, shape (municipality,)."""
    if "recorded" in results:
        counts = periods.select(results, "recorded", period).sum("month")
    else:
        counts = results["recorded_by_period"].sel(period=str(period))
    mean: NDArray[np.float64] = counts.mean("run").values.astype(np.float64)
    return mean


def zones_of(results: xr.Dataset, period: periods.Period) -> list[int]:
    """Find the municipalities that half of the runs have as zones in some month of a period."""
    if "zone_status" not in results:
        return []
    share = periods.select(results, "zone_status", period).mean("run") >= 0.5
    return [int(index) for index in np.flatnonzero(share.any("month").values)]


def draw_map(
    axes: Axes,
    ground: Ground,
    rates: NDArray[np.float64],
    breaks: Sequence[float],
    classes: Sequence[str],
    zones: Iterable[int],
    zone_colour: str = VERMILION,
    room: float = 0.0,
) -> None:
    """Draw a map: municipalities coloured by class, departments' borders, outlined zones.

    Parameters
    ----------
    axes : Axes
    ground : Ground
    rates : ndarray of float, shape (municipality,)
        NaN where nothing is shown.
    breaks, classes : sequence
        Between the classes, and their colours.
    zones : iterable of int
        Rows of the municipalities to outline.
    zone_colour : str
    room : float
        To leave left of the map, as a share of its width.
    """
    corners = np.concatenate([np.asarray(path.vertices) for path in ground.paths])
    axes.set_axis_off()
    axes.set_aspect("equal", anchor="NW")
    low, high = corners.min(axis=0), corners.max(axis=0)
    axes.set(xlim=(low[0] - room * (high - low)[0], high[0]), ylim=(low[1], high[1]))
    steps = np.digitize(rates, breaks)
    colours = [
        FINE if np.isnan(rate) else classes[step] for rate, step in zip(rates, steps, strict=True)
    ]
    axes.add_collection(
        PathCollection(ground.paths, facecolors=colours, edgecolors="white", linewidths=0.3),
        autolim=False,
    )
    axes.add_artist(_line_patch(ground.borders, BORDER, 0.7))
    edges = _compound(ring for index in zones for ring in ground.rings[index])
    # The white line under the coloured one sets zones off in print without colour.
    for colour, linewidth in (("white", 2.6), (zone_colour, 1.4)):
        axes.add_artist(_line_patch(edges, colour, linewidth))


def draw_scale(
    axes: Axes,
    title: str,
    breaks: Sequence[float],
    classes: Sequence[str],
    ends: Sequence[str] = (),
) -> None:
    """Draw classes as a strip under a title at the top of a panel.

    Parameters
    ----------
    axes : Axes
    title : str
    breaks, classes : sequence
        As for `draw_map`. Below zero numbers are signed; else the scale begins at zero.
    ends : sequence of str
        What its two ends mean.
    """
    axes.set_axis_off()
    signed, number = breaks[0] < 0, len(classes)
    place = (0.0, -0.47, 0.62 * number, 0.2)
    strip = axes.inset_axes(place, transform=beside(axes, 0.0, above=True))
    strip.set_in_layout(False)
    strip.set_title(title, fontsize=9)
    strip.bar(range(number), 1.0, width=0.97, color=classes, align="edge")
    limits = breaks if signed else (0, *breaks)
    ticks = range(1 if signed else 0, number)
    strip.set_xticks(ticks, [language.number(limit, signed=signed) for limit in limits])
    strip.set(xlim=(0, number), ylim=(0, 1), yticks=[])
    for words, x, align, colour in zip(
        ends, (0, number), ("left", "right"), (classes[0], classes[-1]), strict=False
    ):
        strip.text(x, -1.6, words, ha=align, va="top", fontsize=8.5, color=colour)


def _name_outlines(axes: Axes, colours: Mapping[str, str], below: float = 0.0) -> None:
    """Name coloured outlines in a panel, some inches below its upper edge."""
    axes.set_axis_off()
    axes.legend(
        [sample({"color": colour, "linewidth": 1.6}) for colour in colours.values()],
        [fill(words, 9, 3.9) for words in colours], loc="upper left",
        bbox_to_anchor=(0.0, -below), bbox_transform=beside(axes, 0.0, above=True),
    ).set_in_layout(False)  # fmt: skip


def _compound(rings: Iterable[geography.Ring]) -> Shape:
    """Make one path of many lines."""
    lines = list(rings)
    if not lines:
        return Shape(np.empty((0, 2)))
    moves = [np.full(len(line), Shape.LINETO, dtype=np.uint8) for line in lines]
    for move in moves:
        move[0] = Shape.MOVETO
    return Shape(np.concatenate(lines), np.concatenate(moves))


def _line_patch(path: Shape, color: str, linewidth: float) -> PathPatch:
    return PathPatch(
        path, facecolor="none", edgecolor=color, linewidth=linewidth, joinstyle="round",
        capstyle="round",
    )  # fmt: skip
