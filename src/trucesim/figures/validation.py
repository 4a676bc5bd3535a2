"""Figures of validation: months, and what the data say of parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trucesim.figures import canvas
from trucesim.figures.axes import Label, day_number, label_ends, middles, number_axis, time_axis
from trucesim.figures.canvas import (
    BAND_50,
    BAND_90,
    BLUE,
    BOLD,
    GREEN,
    GREY,
    INK,
    VERMILION,
    Style,
    mark,
)
from trucesim.files.errors import InputError, nearest
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue
from trucesim.parameters import PARAMETERS
from trucesim.studies.calibration import IDENTIFIED, NARROWED, verdicts
from trucesim.studies.validation import BLOCKS, LATER, OWN, WHOLE
from trucesim.world.periods import FloatArray, parse

TEXT = catalogue(
    {
        "months.title": "Homicides per month, 2009-2019",
        "months.subtitle": "{title}: observed, fitted, and predicted where left out",
        "months.fit": "Fitted, 90% of runs",
        "months.median": "Median of the fitted runs",
        "months.block": "Left out, 90% of runs",
        "months.later": "Never fitted, 90% of runs",
        "months.note": "Left out: each block is predicted by a fit that has not seen it, and the "
        "later years from December 2016; in both the gangs' orders are the model's own, not the "
        "dated ones.",
        "months.note.no_blocks": "The later years are predicted from December 2016, with orders of "
        "the model's own.",
        "draws.title": "What the data say of each parameter",
        "draws.subtitle": "Prior and posterior draws between the prior's bounds, the most narrowed "
        "first; percent: posterior 90% interval as a share of the prior's",
        "draws.identified": "identified: {limit} or less ({n})",
        "draws.narrowed": "narrowed: {limit} or less ({n})",
        "draws.at its prior": "not identified ({n})",
        "draws.prior": "prior",
        "draws.log": "(log)",
    }
)

LEFT_OUT: Style = {"color": VERMILION, "linestyle": "-"}
NEVER_FITTED: Style = {"color": GREEN, "linestyle": (0, (3, 1.5))}
"""Edges of bands that differ in their dashes where they do not in grey."""


@canvas.styled
def months(table: pd.DataFrame, title: str) -> Figure:
    """Draw the record month by month with what was fitted and what was predicted.

    Parameters
    ----------
    table : pandas.DataFrame
        The months of a :class:`trucesim.studies.validation.Validation`. Of the blocks left out and
        the later years those by the model's own hazard are drawn.
    title : str
        Of the scenario.

    Raises
    ------
    InputError
        If a column is missing.
    """
    needed = ("block", "treatment", "month", "observed", "p05", "median", "p95")
    canvas.check_columns(table, needed, "months")
    fitted, later = table[table["block"].eq(WHOLE)], table[table["block"].isin(LATER)]
    record = pd.concat([fitted, later]).sort_values("month")
    own = table[table["treatment"].eq(OWN)]
    left_out = own[own["block"].isin(BLOCKS)]
    note = TEXT["months.note" if len(left_out) else "months.note.no_blocks"]
    subtitle = TEXT["months.subtitle"].format(title=title)
    figure = canvas.new_figure(TEXT["months.title"], subtitle, note=note)
    axes = figure.add_subplot()
    days = middles(fitted["month"])
    line: Style = {"color": BLUE, "linewidth": 1.6}
    axes.fill_between(days, fitted["p05"], fitted["p95"], color=BAND_90, linewidth=0, zorder=2)
    axes.plot(days, fitted["median"], zorder=4, **line)
    labels = [
        Label(TEXT["months.fit"], fitted["p95"].iloc[-1], canvas.band(BAND_90)),
        Label(TEXT["months.median"], fitted["median"].iloc[-1], line),
    ]
    for name, blocks, style in (("block", BLOCKS, LEFT_OUT), ("later", LATER, NEVER_FITTED)):
        for block in blocks:
            rows = own[own["block"].eq(block)]
            axes.fill_between(
                middles(rows["month"]), rows["p05"], rows["p95"], facecolor=f"{style['color']}22",
                edgecolor=style["color"], linestyle=style["linestyle"], linewidth=1.0, zorder=3,
            )  # fmt: skip
        rows = own[own["block"].isin(blocks)]
        if len(rows):
            labels.append(Label(TEXT[f"months.{name}"], rows["p95"].iloc[-1], style))
    ink: Style = {"color": INK, "linewidth": 0.9, "marker": "o", "markersize": 2.5}
    axes.plot(middles(record["month"]), record["observed"], zorder=7, **ink)
    labels.append(Label(canvas.TEXT["observed"], record["observed"].iloc[-1], ink))
    drawn = pd.concat([record, left_out])
    span = parse(f"{record['month'].iloc[0]}..{record['month'].iloc[-1]}")
    time_axis(axes, day_number(span.start), day_number(span.stop))
    number_axis(axes, "y", 0.0, 1.05 * float(drawn[["observed", "p95"]].max().max()))
    label_ends(axes, labels)
    return figure


_PRIOR = "#dfe2e5"
_FILLS: dict[str, Style] = {
    "identified": {"facecolor": BLUE, "edgecolor": BLUE, "linewidth": 1.2},
    "narrowed": {"facecolor": BAND_50, "edgecolor": BLUE, "linewidth": 1.2},
    "at its prior": {"facecolor": "none", "edgecolor": BLUE, "linewidth": 1.2},
}

COLUMNS, GAP, STEP, PANEL = 5, 0.26, 1.17, 0.54


@canvas.styled
def prior_and_posterior(
    prior: Mapping[str, npt.ArrayLike] | pd.DataFrame,
    posterior: Mapping[str, npt.ArrayLike] | pd.DataFrame,
    widths: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw prior and posterior draws of every parameter as small multiples.

    Grey steps: prior. Posterior: dark and with a bold name where identified, pale where narrowed,
    an empty outline where not.

    Parameters
    ----------
    prior, posterior : mapping of str to array_like, shape (draw,), or DataFrame
        Draws by parameter; every parameter of the posterior is drawn.
    widths : mapping of str to float
        Widths of the posterior's 90 % intervals against the prior's, by parameter
        (:func:`trucesim.studies.calibration.identification`).
    bounds : mapping of str to (float, float), optional
        Ends of the axis; the declared ones where it has none.
    labels : mapping of str to str, optional
        Names; the declared ones where it has none.

    Raises
    ------
    InputError
        If there is nothing to draw, or a parameter has no prior draws
        or no bounds.
    """
    names = [str(name) for name in posterior]
    if not names:
        raise InputError("there is no parameter to draw")
    for name in names:
        if name not in prior:
            known = nearest(name, map(str, prior))
            raise InputError("parameter {name!r} has no prior draws{known}", name=name, known=known)
        if name not in PARAMETERS and name not in (bounds or {}):
            raise InputError(
                "parameter {name!r} has no bounds{nearest}",
                name=name,
                nearest=nearest(name, PARAMETERS),
            )
    names.sort(key=lambda name: widths[name])
    shares = np.array([widths[name] for name in names])
    found = [str(verdict) for verdict in verdicts(shares)]

    columns = min(COLUMNS, max(len(names), 2))
    rows = math.ceil(len(names) / columns)
    wide = (canvas.ROOM - GAP * (columns - 1)) / columns
    figure = canvas.new_figure(
        TEXT["draws.title"], TEXT["draws.subtitle"], 2.0 + STEP * rows, key=_key(found)
    )
    # Matplotlib would take ten seconds to lay out seventy panels.
    rest = canvas.rest(figure)
    rest["top"] -= 0.28 / figure.get_figheight()
    rest["bottom"] += 0.12 / figure.get_figheight()
    grid = figure.add_gridspec(
        rows, columns, **rest, wspace=GAP / wide, hspace=(STEP - PANEL) / PANEL
    )
    for index, (name, verdict) in enumerate(zip(names, found, strict=True)):
        axes = figure.add_subplot(grid[divmod(index, columns)])
        low, high = (bounds or {}).get(name) or (PARAMETERS[name].low, PARAMETERS[name].high)
        label = (labels or {}).get(name) or (
            PARAMETERS[name].label() if name in PARAMETERS else name.replace("_", " ")
        )
        percent = language.percent(100 * widths[name])
        weight, wider = ("bold", BOLD) if verdict == "identified" else ("normal", 1.0)
        room = (wide - canvas.width_of(percent, 8) - 0.08) / wider
        title: Style = {"fontsize": 8, "fontweight": weight, "pad": 3}
        lines = _two_lines(label, 8, wide / wider, room)
        axes.set_title("\n".join(lines), loc="left", **title)
        color = GREY if verdict == "at its prior" else INK
        axes.set_title(percent, loc="right", color=color, **title)
        logarithmic = name in PARAMETERS and PARAMETERS[name].prior == "log-uniform"
        _draw_draws(axes, prior[name], posterior[name], (low, high), verdict, logarithmic)
        mark = " " + TEXT["draws.log"] if logarithmic else ""
        ends = language.short(low) + mark, language.short(high)
        axes.set_xticks(axes.get_xlim(), ends, fontsize=7)
        left, right = axes.get_xticklabels()
        left.set_horizontalalignment("left")
        right.set_horizontalalignment("right")
    return figure


def _key(found: list[str]) -> list[canvas.Entry]:
    """Explain the fillings and count each verdict."""
    key: list[canvas.Entry] = [(TEXT["draws.prior"], canvas.band(_PRIOR))]
    limits = {"identified": IDENTIFIED, "narrowed": NARROWED, "at its prior": 1.0}
    for verdict, limit in limits.items():
        fill = _FILLS[verdict]
        square = {
            **mark(fill["edgecolor"], "s", 8, hollow=True),
            "markerfacecolor": fill["facecolor"],
        }
        words = TEXT[f"draws.{verdict}"].format(
            limit=language.percent(100 * limit), n=found.count(verdict)
        )
        key.append((words, square))
    return key


def _two_lines(words: str, size: float, wide: float, room: float) -> list[str]:
    """Break a name in two if it must be: the upper line may be wider than the lower."""
    if canvas.width_of(words, size) <= room:
        return [words]
    parts = words.split(" ")
    breaks = [(" ".join(parts[:cut]), " ".join(parts[cut:])) for cut in range(1, len(parts))]
    measured = {pair: [canvas.width_of(line, size) for line in pair] for pair in breaks}
    fitting = [pair for pair, (upper, lower) in measured.items() if upper <= wide and lower <= room]
    if not fitting:
        return canvas.wrap(words, size, room, most=2)
    best = min(fitting, key=lambda pair: max(measured[pair]))
    return list(best)


def _draw_draws(
    axes: Axes,
    prior: npt.ArrayLike,
    posterior: npt.ArrayLike,
    bounds: tuple[float, float],
    verdict: str,
    logarithmic: bool,
) -> None:
    """Draw two histograms of equal area; what lies beyond the bounds stands in the end bins."""
    scale: Callable[[npt.ArrayLike], FloatArray] = np.log if logarithmic else np.asarray
    ends = scale(bounds)
    edges = np.linspace(ends[0], ends[1], 15)
    heights = []
    for draws in (prior, posterior):
        inside = np.clip(scale(np.asarray(draws, np.float64)), ends[0], ends[1])
        count = np.histogram(inside, edges)[0]
        heights.append(count / count.sum() * (len(edges) - 1))
    axes.stairs(heights[0], edges, fill=True, color=_PRIOR, zorder=2)
    axes.stairs(heights[1], edges, fill=True, zorder=3, **_FILLS[verdict])
    # Once more as a line, where a filled posterior hides it.
    axes.stairs(heights[0], edges, baseline=None, color=GREY, linewidth=0.7, zorder=4)
    axes.set_xlim(ends[0], ends[1])
    axes.set_ylim(0, 1.05 * max(heights[0].max(), heights[1].max(), 2.0))
    axes.set_yticks([])
    axes.spines["bottom"].set(visible=True, linewidth=0.8)
