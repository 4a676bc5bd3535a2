"""Maps of the difference between two cases, municipality by municipality, in two placements.

In the manner of `trucesim.figures`. The left map rests on the municipal rate class of 2015, which
is from after the truce; beside it stands the same difference without that class.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from trucesim import figures as base
from trucesim import geography, periods
from trucesim.periods import Period

TEXT: dict[str, dict[str, str]] = {
    "en": {
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
    },
    "es": {
        "title": "Dónde difieren los dos casos",
        "subtitle": "A menos B, media de {runs}, {span}",
        "class": "Con la clase de tasa de 2015",
        "class.note": "{runs}",
        "without": "Sin ella",
        "without.note": "por población y conteos departamentales de 2010; {runs}",
        "scale": "Homicidios registrados por 100 000 habitantes al año, A menos B",
        "fewer": "◂ menos en A",
        "more": "más en A ▸",
        "zones": "Zonas libres de violencia de A o B (mitad de corridas o más)",
        "note": "Simulado, no observado. La clase de 2015 es posterior a la tregua; donde los dos "
        "mapas no coinciden, el lugar no se conoce. Teselas a 1 km; los lagos son huecos.",
    },
}

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


def difference_maps(with_class: Side, without: Side | None, period: Period, lang: str) -> Figure:
    """Draw the difference A minus B in homicide rates by municipality.

    Parameters
    ----------
    with_class : Side
        Paired runs of the two cases, with ``recorded`` by run, month and municipality.
    without : Side, optional
        The same with cliques placed by population and departmental counts alone.
    period : Period
        Whole months.
    lang : {'en', 'es'}

    Returns
    -------
    matplotlib.figure.Figure
    """
    words = TEXT[lang]
    codes = [str(code) for code in with_class.a["municipality"].values]
    shapes = geography.outlines()
    towns = base._towns()
    population = np.array([towns[code].population for code in codes], np.float64)
    runs = base._runs(with_class.a.sizes["run"], lang)
    subtitle = words["subtitle"].format(runs=runs, span=base._span(period, lang))
    figure = base._figure(lang, words["title"], subtitle, _HEIGHT)
    zoned: set[int] = set()
    for side, name, left in ((with_class, "class", 0.45), (without, "without", 5.1)):
        if side is None:
            continue
        told = words[f"{name}.note"].format(runs=base._runs(side.a.sizes["run"], lang))
        base._write(figure, left, 1.12, words[name], size=12, weight="bold")
        base._write(figure, left, 1.33, told, size=8.5, color=base.GREY)
        zones = {*base._zones(side.a, period), *base._zones(side.b, period)}
        zoned |= zones
        _draw(figure, left, 1.45, rates(side, population, period), codes, shapes, zones)
    _write_scale(figure, 0.45, 4.13, lang)
    if zoned:
        base._sample(figure, 5.9, 4.13, {"color": base.INK, "linewidth": 1.6})
        lines = base._wrap(words["zones"], 9, 3.3)
        base._write_lines(figure, 6.22, 4.13, lines, 9, base.INK)
    lines = base._wrap(words["note"], 7.5, 9.1)
    base._write_lines(figure, 0.45, _HEIGHT - 0.15 * len(lines), lines, 7.5, base.GREY)
    return figure


def rates(side: Side, population: NDArray[np.float64], period: Period) -> NDArray[np.float64]:
    """Give A minus B in homicides per 100,000 people a year, mean over runs, (municipality,)."""
    counts = [
        periods.select(each, "recorded", period).sum("month").mean("run").values.astype(np.float64)
        for each in side
    ]
    difference: NDArray[np.float64] = counts[0] - counts[1]
    return 1e5 * 365.25 / period.days * difference / population


def _draw(
    figure: Figure,
    left: float,
    top: float,
    values: NDArray[np.float64],
    codes: list[str],
    shapes: dict[str, list[geography.Ring]],
    zones: set[int],
) -> None:
    """Draw one map."""
    paths = [base._compound(shapes[code]) for code in codes]
    corners = np.concatenate([np.asarray(path.vertices) for path in paths])
    axes = base._axes(figure, left, top, *_SIZE)
    axes.set_axis_off()
    axes.set_aspect("equal", anchor="W")
    axes.set_xlim(corners[:, 0].min(), corners[:, 0].max())
    axes.set_ylim(corners[:, 1].min(), corners[:, 1].max())
    colours = [CLASSES[step] for step in np.digitize(values, BREAKS)]
    axes.add_collection(
        PathCollection(paths, facecolors=colours, edgecolors="white", linewidths=0.3),
        autolim=False,
    )
    borders = base._compound(geography.borders({code: shapes[code] for code in codes}))
    axes.add_artist(base._line_patch(borders, base.BORDER, 0.6))
    edges = base._compound(ring for index in sorted(zones) for ring in shapes[codes[index]])
    for colour, width in (("white", 2.8), (base.INK, 1.4)):
        axes.add_artist(base._line_patch(edges, colour, width))


def _write_scale(figure: Figure, left: float, top: float, lang: str) -> None:
    """Draw the classes as a strip with the breaks between them."""
    words = TEXT[lang]
    base._write(figure, left, top, words["scale"], size=9.5, weight="bold")
    width, height, total = 0.68, 0.18, figure.get_figheight()
    for step, colour in enumerate(CLASSES):
        figure.add_artist(
            Rectangle(
                (left + step * width, total - top - 0.36), width - 0.02, height, facecolor=colour,
                linewidth=0, transform=figure.dpi_scale_trans,
            )
        )  # fmt: skip
    for step, limit in enumerate(BREAKS, 1):
        text = base._number(limit, lang, signed=True)
        at = left + step * width - 0.01
        base._write(figure, at, top + 0.47, text, size=9, color=base.GREY, align="center")
    end = left + len(CLASSES) * width - 0.02
    base._write(figure, left, top + 0.66, words["fewer"], size=8.5, color=CLASSES[0])
    base._write(figure, end, top + 0.66, words["more"], size=8.5, color=CLASSES[-1], align="right")
