"""Maps of the difference between two cases, municipality by municipality, in two placements.

One map rests on the municipal rate class of 2015, which is from after the truce; beside it stands
the same difference without that class.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from trucesim.figures.canvas import (
    GREY,
    INK,
    new_figure,
    runs_in_words,
    sample,
    styled,
    words_in,
    wrap,
    write,
    write_lines,
)
from trucesim.figures.mapping import draw_map, ground_of, mean_counts, write_scale, zones_of
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue
from trucesim.world.periods import Period

TEXT = catalogue(
    {
        "title": "Where the two cases differ",
        "subtitle": "A minus B, mean of {runs}, {span}",
        "class": "With the 2015 rate class",
        "class.note": "{runs}",
        "without": "Without it",
        "without.note": "by population and departmental counts of 2010; {runs}",
        "scale": "Recorded homicides per 100,000 people a year, A minus B",
        "fewer": "◂ fewer in A",
        "more": "more in A ▸",
        "zones": "Violence-free zones of A or B (in half of the runs or more)",
        "note": "Simulated, not observed. The class of 2015 is from after the truce; where the two "
        "maps disagree, the place is not known. Tiles 1 km apart; lakes are gaps.",
    }
)

BREAKS = (-40, -15, -4, 4, 15, 40)
"""Between the classes, in homicides per 100,000 people a year."""
CLASSES = ("#08519c", "#4a90c2", "#a9cfe5", "#f0efec", "#f9c9a3", "#e8803c", "#a63d00")
"""Blue: fewer in A; orange: more in A. The colour-blind tell these apart."""

_SIZE = (4.45, 2.35)
_HEIGHT = 5.15


class Side(NamedTuple):
    """One placement of cliques: the runs of both cases."""

    a: xr.Dataset
    b: xr.Dataset


@styled
def difference_maps(with_class: Side, without: Side | None, period: Period) -> Figure:
    """Draw the difference A minus B in homicide rates by municipality.

    Parameters
    ----------
    with_class : Side
        Paired runs of the two cases, with ``recorded`` by run, month and municipality.
    without : Side, optional
        The same with cliques placed by population and departmental counts alone.
    period : Period
        Whole months.

    Returns
    -------
    matplotlib.figure.Figure
    """
    words = words_in(TEXT)
    ground = ground_of(with_class.a)
    runs = runs_in_words(with_class.a.sizes["run"])
    subtitle = words["subtitle"].format(runs=runs, span=language.span(period))
    figure = new_figure(words["title"], subtitle, _HEIGHT)
    zoned = False
    for side, name, left in ((with_class, "class", 0.45), (without, "without", 5.1)):
        if side is None:
            continue
        told = words[f"{name}.note"].format(runs=runs_in_words(side.a.sizes["run"]))
        write(figure, left, 1.12, words[name], size=12, weight="bold")
        write(figure, left, 1.33, told, size=8.5, color=GREY)
        zones = sorted({*zones_of(side.a, period), *zones_of(side.b, period)})
        zoned = zoned or bool(zones)
        steps = np.digitize(rates(side, ground.population, period), BREAKS)
        colours = [CLASSES[step] for step in steps]
        draw_map(figure, ground, (left, 1.45, *_SIZE), colours, zones, INK, "W")
    left, top = 0.45, 4.13
    ends = write_scale(figure, left, top, words["scale"], CLASSES)
    for at, limit in zip(ends[1:], BREAKS, strict=False):
        shown = language.number(limit, signed=True)
        write(figure, at, top + 0.49, shown, size=9, color=GREY, align="center")
    write(figure, ends[0], top + 0.68, words["fewer"], size=8.5, color=CLASSES[0])
    write(figure, ends[-1], top + 0.68, words["more"], size=8.5, color=CLASSES[-1], align="right")
    if zoned:
        sample(figure, 5.9, top, {"color": INK, "linewidth": 1.6})
        write_lines(figure, 6.22, top, wrap(words["zones"], 9, 3.3), 9, INK)
    lines = wrap(words["note"], 7.5, 9.1)
    write_lines(figure, 0.45, _HEIGHT - 0.15 * len(lines), lines, 7.5, GREY)
    return figure


def rates(side: Side, population: NDArray[np.float64], period: Period) -> NDArray[np.float64]:
    """Give A minus B in homicides per 100,000 people a year, mean over runs, (municipality,)."""
    difference = mean_counts(side.a, period) - mean_counts(side.b, period)
    return 1e5 * 365.25 / period.days * difference / population
