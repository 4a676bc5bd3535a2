"""What maps are made of: the municipalities' shapes and counts, drawn at a place on a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Shape
from numpy.typing import NDArray

from trucesim.figures.canvas import BORDER, VERMILION, add_axes, write
from trucesim.files.errors import InputError
from trucesim.world import periods
from trucesim.world import tiles as geography

ZONE = VERMILION
"""Colour of the outlines of violence-free zones."""


class Town(NamedTuple):
    """A municipality as maps know it."""

    name: str
    population: int


@cache
def towns() -> dict[str, Town]:
    """Read the names and the population of 2007 of the municipalities, by code."""
    return {
        row["code"]: Town(row["name"], int(row["population_2007"]))
        for row in geography.table("el_salvador", "municipalities.csv")
    }


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
        Between departments.
    """

    names: list[str]
    population: NDArray[np.float64]
    rings: list[list[geography.Ring]]
    paths: list[Shape]
    borders: Shape


def ground_of(
    results: xr.Dataset, outlines: Mapping[str, list[geography.Ring]] | None = None
) -> Ground:
    """Find the shapes of the municipalities of some results.

    Parameters
    ----------
    results : xarray.Dataset
    outlines : mapping of str to list of ndarray, optional
        Boundaries by code; those of the tiles by default.

    Raises
    ------
    InputError
        If a municipality has no outline or no population.
    """
    shapes = geography.outlines() if outlines is None else outlines
    codes = [str(code) for code in results["municipality"].values]
    for code in codes:
        if code not in towns() or code not in shapes:
            raise InputError(
                f"the maps need an outline and a population of each municipality, but {code!r} of "
                "the results has none; maps are drawn of El Salvador only"
            )
    return Ground(
        [towns()[code].name for code in codes],
        np.array([towns()[code].population for code in codes], dtype=np.float64),
        [shapes[code] for code in codes],
        [_compound(shapes[code]) for code in codes],
        _compound(geography.borders({code: shapes[code] for code in codes})),
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
    figure: Figure,
    ground: Ground,
    box: tuple[float, float, float, float],
    colours: Sequence[str],
    zones: Iterable[int],
    zone_colour: str = ZONE,
    anchor: str = "E",
) -> None:
    """Draw a map: coloured municipalities, departments' borders, outlined zones.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    ground : Ground
    box : tuple of float
        Left, top, width and height in inches.
    colours : sequence of str, shape (municipality,)
    zones : iterable of int
        Rows of the municipalities to outline.
    zone_colour : str
    anchor : str
        Side of the box to which the map is drawn up.
    """
    corners = np.concatenate([np.asarray(path.vertices) for path in ground.paths])
    axes = add_axes(figure, *box)
    axes.set_axis_off()
    axes.set_aspect("equal", anchor=anchor)  # type: ignore[arg-type]
    axes.set_xlim(corners[:, 0].min(), corners[:, 0].max())
    axes.set_ylim(corners[:, 1].min(), corners[:, 1].max())
    axes.add_collection(
        PathCollection(ground.paths, facecolors=colours, edgecolors="white", linewidths=0.3),
        autolim=False,
    )
    axes.add_artist(_line_patch(ground.borders, BORDER, 0.7))
    edges = _compound(ring for index in zones for ring in ground.rings[index])
    # The white line under the coloured one sets zones off in print without colour.
    for colour, linewidth in (("white", 2.6), (zone_colour, 1.4)):
        axes.add_artist(_line_patch(edges, colour, linewidth))


def write_scale(
    figure: Figure, left: float, top: float, title: str, colours: Sequence[str]
) -> list[float]:
    """Draw classes as a strip under a title; give the left end of each, and the right end."""
    write(figure, left, top, title, size=9.5, weight="bold")
    width, height = 0.68, 0.2
    total = figure.get_figheight()
    for step, colour in enumerate(colours):
        figure.add_artist(
            Rectangle(
                (left + step * width, total - top - 0.38), width - 0.02, height, facecolor=colour,
                linewidth=0, transform=figure.dpi_scale_trans,
            )
        )  # fmt: skip
    return [left + step * width - (0.01 if step else 0.0) for step in range(len(colours) + 1)]


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
