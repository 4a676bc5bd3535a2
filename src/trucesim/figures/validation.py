"""Figures of validation: months, patterns one by one, and what the data say of parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from matplotlib.transforms import ScaledTranslation

from trucesim.figures import canvas
from trucesim.figures.scenario import USES
from trucesim.files.errors import InputError, nearest
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue
from trucesim.outcomes import forecasts, patterns
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
        "rows.title": "The model held against the record, pattern by pattern",
        "rows.subtitle": "Simulated divided by observed: median and 90% of runs",
        "rows.fit": "Fit",
        "rows.check": "Check",
        "rows.initial condition": "Initial condition",
        "rows.counted": "{counted} of {simulated} inside",
        "rows.observed": "Observed",
        "rows.simulated": "Simulated (90%)",
        "rows.inside": "observed value inside the 90% interval",
        "rows.too_wide": "inside, but the interval is wider than the value: not counted",
        "rows.outside": "outside",
        "rows.arrow": "Arrows: beyond the axis.",
        "rows.omitted": "{n} without a ratio not shown (observed value 0).",
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
"""The words of these figures, by language and key; those of `trucesim.figures` stand there."""

_MONTHS_H = 5.6

LEFT_OUT: canvas.Style = {"color": canvas.VERMILION, "linestyle": "-"}
NEVER_FITTED: canvas.Style = {"color": canvas.GREEN, "linestyle": (0, (3, 1.5))}
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

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language or a column is missing.
    """
    words = canvas.words_in(TEXT)
    needed = ("block", "treatment", "month", "observed", "p05", "median", "p95")
    canvas.check_columns(table, needed, "months")
    subtitle = words["months.subtitle"].format(title=title)
    figure = canvas.new_figure(
        words["months.title"], canvas.shorten(subtitle, 10, canvas.WIDTH - 0.9), _MONTHS_H
    )
    axes = canvas.add_axes(figure, 0.7, 1.15, canvas.MONTHS_WIDTH, _MONTHS_H - 1.15 - 1.05)
    fitted = table[table["block"].eq(WHOLE)]
    later = table[table["block"].isin(LATER)]
    record = pd.concat([fitted, later]).sort_values("month")
    days = _middles(fitted)
    line: canvas.Style = {"color": canvas.BLUE, "linewidth": 1.6}
    axes.fill_between(
        days, fitted["p05"], fitted["p95"], color=canvas.BAND_90, linewidth=0, zorder=2
    )
    axes.plot(days, fitted["median"], zorder=4, **line)
    labels = [
        canvas.Label(words["months.fit"], fitted["p95"].iloc[-1], canvas.band(canvas.BAND_90)),
        canvas.Label(words["months.median"], fitted["median"].iloc[-1], line),
    ]
    own = table[table["treatment"].eq(OWN)]
    for name, blocks, style in (
        ("block", BLOCKS, LEFT_OUT), ("later", LATER, NEVER_FITTED)
    ):  # fmt: skip
        for block in blocks:
            rows = own[own["block"].eq(block)]
            axes.fill_between(
                _middles(rows), rows["p05"], rows["p95"], facecolor=f"{style['color']}22",
                edgecolor=style["color"], linestyle=style["linestyle"], linewidth=1.0, zorder=3,
            )  # fmt: skip
        rows = own[own["block"].isin(blocks)]
        if len(rows):
            labels.append(canvas.Label(words[f"months.{name}"], rows["p95"].iloc[-1], style))
    ink: canvas.Style = {"color": canvas.INK, "linewidth": 0.9, "marker": "o", "markersize": 2.5}
    axes.plot(_middles(record), record["observed"], zorder=7, markeredgewidth=0, **ink)
    labels.append(canvas.Label(words["observed"], record["observed"].iloc[-1], ink))
    drawn = pd.concat([record, own[own["block"].isin(BLOCKS)]])
    span = parse(f"{record['month'].iloc[0]}..{record['month'].iloc[-1]}")
    canvas.time_axis(axes, canvas.day_number(span.start), canvas.day_number(span.stop))
    canvas.count_axis(axes, 0.0, 1.05 * float(drawn[["observed", "p95"]].max().max()))
    canvas.label_ends(axes, labels)
    note = "months.note" if own["block"].isin(BLOCKS).any() else "months.note.no_blocks"
    lines = canvas.wrap(words[note], 8, canvas.WIDTH - 0.9)
    canvas.write_lines(figure, 0.45, _MONTHS_H - 0.3 - 0.15 * len(lines), lines, 8, canvas.GREY)
    return figure


def _middles(table: pd.DataFrame) -> FloatArray:
    """Give the middle of each month in days, as `canvas.mid_months`."""
    months = table["month"].to_numpy().astype("datetime64[M]")
    starts = months.astype("datetime64[D]").astype(np.float64)
    return np.asarray(starts + forecasts.days_of(months) / 2)


@canvas.styled
def pattern_rows(comparison: pd.DataFrame) -> Figure:
    """Draw one row per pattern: simulated divided by observed, grouped by use.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `trucesim.outcomes.patterns.compare` gives it. Rows that are not simulated are left out;
        those whose observed value is 0 have no ratio and are counted in a note.

    Returns
    -------
    matplotlib.figure.Figure
        Filled: the observed value lies in the 90 % interval; half filled: it does, but the
        interval is wider than the value (`trucesim.outcomes.patterns.judge`); hollow: it does not.
        The headings count the filled ones, over all rows of their use that are simulated.

    Raises
    ------
    InputError
        If there is no such language, a column is missing or there is no row.
    """
    words = canvas.words_in(TEXT)
    bounds = ["simulated_p05", "simulated_median", "simulated_p95"]
    needed = ("id", "use", "observed", *bounds)
    canvas.check_columns(comparison, needed, "patterns")
    judged = patterns.judge(comparison)
    drawn = judged[judged["simulated"] & (judged["observed"] > 0)]
    if drawn.empty:
        raise InputError("the table of patterns has no row with a simulated and an observed value")
    counts = {str(row["use"]): row for row in patterns.coverage(comparison).to_dict("records")}
    ratios = drawn[bounds].to_numpy(np.float64) / drawn[["observed"]].to_numpy(np.float64)
    groups = [use for use in USES if (drawn["use"] == use).any()]

    leading, heading, top = 0.205, 0.43, 1.12
    height = leading * len(drawn) + heading * len(groups)
    figure = canvas.new_figure(words["rows.title"], words["rows.subtitle"], top + height + 1.1)
    left, width = 3.35, 3.85
    positive = ratios[ratios > 0]
    low = float(np.clip(0.9 * positive.min(), 1 / _FARTHEST, 1 / 2.2))
    high = float(np.clip(1.1 * positive.max(), 2.2, _FARTHEST))
    axes = canvas.add_axes(figure, left, top, width, height)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    _log_axis(axes, low, high)

    at = 0.0
    for use in groups:
        color = USES[use]
        member = (drawn["use"] == use).to_numpy()
        y = top + at + 0.24
        canvas.write(figure, 0.45, y, words[f"rows.{use}"], size=11, weight="bold", color=color)
        row = counts[use]
        told = words["rows.counted"].format(counted=row["counted"], simulated=row["simulated"])
        start = 0.45 + canvas.width_of(words[f"rows.{use}"], 11) * 1.12 + 0.15
        written = canvas.write(figure, start, y, told, size=8.5, color=canvas.GREY)
        # The lines of the axis stop at the words.
        written.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.5})
        if use == groups[0]:
            for x, name in ((_OBSERVED, "rows.observed"), (canvas.WIDTH - 0.45, "rows.simulated")):
                canvas.write(figure, x, y, words[name], size=8.5, color=canvas.GREY, align="right")
        canvas.rule(figure, 0.45, canvas.WIDTH - 0.45, top + at + heading - 0.06)
        at += heading
        for record, ratio in zip(drawn[member].to_dict("records"), ratios[member], strict=True):
            cells = {str(name): cell for name, cell in record.items()}
            _draw_row(axes, at + leading / 2, cells, ratio, color)
            at += leading

    _write_row_key(figure, top + height + 0.55)
    notes = [words["rows.arrow"]] if ((ratios < low) | (ratios > high)).any() else []
    if omitted := int((judged["simulated"] & (judged["observed"] <= 0)).sum()):
        notes.append(words["rows.omitted"].format(n=omitted))
    canvas.write(
        figure, 0.45, figure.get_figheight() - 0.33, " ".join(notes), size=8, color=canvas.GREY
    )
    return figure


@canvas.styled
def prior_and_posterior(
    prior: Mapping[str, npt.ArrayLike] | pd.DataFrame,
    posterior: Mapping[str, npt.ArrayLike] | pd.DataFrame,
    widths: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw prior and posterior draws of every parameter as small multiples.

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

    Returns
    -------
    matplotlib.figure.Figure
        Grey steps: prior. Posterior: dark and with a bold name where identified, pale where
        narrowed, an empty outline where not.

    Raises
    ------
    InputError
        If there is no such language, there is nothing to draw, or a parameter has no prior draws
        or no bounds.
    """
    words = canvas.words_in(TEXT)
    names = [str(name) for name in posterior]
    if not names:
        raise InputError("there is no parameter to draw")
    for name in names:
        if name not in prior:
            known = nearest(name, map(str, prior))
            raise InputError(f"parameter {name!r} has no prior draws{known}")
        if name not in PARAMETERS and name not in (bounds or {}):
            raise InputError(f"parameter {name!r} has no bounds{nearest(name, PARAMETERS)}")
    names.sort(key=lambda name: widths[name])
    shares = np.array([widths[name] for name in names])
    found = [str(verdict) for verdict in verdicts(shares)]

    columns = min(5, max(len(names), 2))
    rows = math.ceil(len(names) / columns)
    top, step, gap = 1.85, 1.17, 0.26
    wide = min((canvas.WIDTH - 0.9 - gap * (columns - 1)) / columns, 2.2)
    height = top + step * rows + 0.3
    subtitle = canvas.wrap(words["draws.subtitle"], 10, canvas.WIDTH - 0.9)
    figure = canvas.new_figure(words["draws.title"], subtitle[0], height)
    canvas.write_lines(figure, 0.45, 0.72 + 0.19, subtitle[1:], 10, canvas.GREY)
    _write_draws_key(figure, 1.28, found)
    for index, name in enumerate(names):
        row, column = divmod(index, columns)
        left, y = 0.45 + column * (wide + gap), top + step * row
        low, high = (bounds or {}).get(name) or _declared_bounds(name)
        label = (labels or {}).get(name) or _declared_label(name)
        verdict = found[index]
        percent = language.percent(100 * widths[name])
        strong = "bold" if verdict == "identified" else "normal"
        # Bold letters are wider than the measure of plain ones.
        narrower = 1.14 if strong == "bold" else 1.0
        room = (wide - canvas.width_of(percent, 8) - 0.08) / narrower
        lines = _two_lines(label, 8, wide / narrower, room)
        for up, line in enumerate(reversed(lines)):
            canvas.write(figure, left, y - 0.14 * up, line, size=8, weight=strong)
        tint = canvas.GREY if verdict == "at its prior" else canvas.INK
        canvas.write(
            figure, left + wide, y, percent, size=8, color=tint, weight=strong, align="right"
        )
        axes = canvas.add_axes(figure, left, y + 0.12, wide, 0.54)
        logarithmic = name in PARAMETERS and PARAMETERS[name].prior == "log-uniform"
        _draw_draws(axes, prior[name], posterior[name], (low, high), verdict, logarithmic)
        mark = " " + words["draws.log"] if logarithmic else ""
        ends = [language.short(end) for end in (low, high)]
        canvas.write(figure, left, y + 0.76, ends[0] + mark, size=7, color=canvas.GREY)
        canvas.write(
            figure, left + wide, y + 0.76, ends[1], size=7, color=canvas.GREY, align="right"
        )
    return figure


# The rows

_OBSERVED = 7.95
"""Right end of the column of observed values, in inches."""

_FARTHEST = 30.0
"""The axis of ratios goes no farther than this from 1, either way."""


def _log_axis(axes: Axes, low: float, high: float) -> None:
    """Make a logarithmic axis of ratios with a strong line at 1."""
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if low <= tick <= high]
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(
        ticks,
        labels=[language.short(tick) for tick in ticks],
        fontsize=8.5,
    )
    axes.grid(axis="x", color=canvas.RULE, linewidth=0.7)
    axes.axvline(1, color=canvas.GREY, linewidth=1.0, zorder=2)


def _draw_row(axes: Axes, at: float, row: Mapping[str, Any], ratio: FloatArray, color: str) -> None:
    """Write and draw one pattern, `at` inches below the upper edge of the axes."""
    figure, box = canvas.home(axes)
    y, name = box.y0 + at, str(row["id"])
    label = canvas.TEXT.get(f"pattern.{name}", name.replace("_", " "))
    canvas.write(figure, 0.45, y, canvas.shorten(label, 8.5, box.x0 - 0.6), size=8.5)
    observed, low, high = (row[each] for each in ("observed", "simulated_p05", "simulated_p95"))
    digits = language.digits_of(observed)
    value = language.number(observed, digits)
    canvas.write(figure, _OBSERVED, y, value, size=8.5, align="right")
    if 0 < observed < 1:
        # An observed value of 0.2 would leave the interval but one figure.
        digits = max(digits, 2)
    ends = (language.number(end, digits) for end in (low, high))
    interval = canvas.TEXT["range"].format(*ends)
    right = canvas.WIDTH - 0.45
    canvas.write(figure, right, y, interval, size=8.5, color=canvas.GREY, align="right")

    start, stop = axes.get_xlim()
    first, middle, last = np.clip(ratio, start, stop)
    axes.plot([first, last], [at, at], color=color, alpha=0.45, linewidth=3.2, zorder=3,
              solid_capstyle="butt", clip_on=False)  # fmt: skip
    for beyond, limit, marker, outward in (
        (ratio[0] < start, start, "<", -1),
        (ratio[2] > stop, stop, ">", 1),
    ):
        if beyond:
            shift = ScaledTranslation(0.085 * outward, 0, figure.dpi_scale_trans)
            axes.plot(limit, at, marker, color=color, markersize=4.5, markeredgewidth=0, zorder=3,
                      clip_on=False, transform=axes.transData + shift)  # fmt: skip
    state = "inside" if row["counts"] else "too_wide" if row["inside"] is True else "outside"
    axes.plot(middle, at, zorder=5, **_mark(state, color))


def _mark(state: str, color: str) -> canvas.Style:
    """Give the mark of a state: it is told by its filling, not by its colour."""
    return {
        "marker": "o", "markersize": 6, "linestyle": "", "clip_on": False, "color": color,
        "fillstyle": "left" if state == "too_wide" else "full",
        "markerfacecolor": "white" if state == "outside" else color,
        "markerfacecoloralt": "white", "markeredgecolor": color, "markeredgewidth": 1.2,
    }  # fmt: skip


def _write_row_key(figure: Figure, y: float) -> None:
    """Explain the three fillings in one line."""
    x = 0.45
    for state in ("inside", "too_wide", "outside"):
        style = _mark(state, canvas.INK)
        canvas.sample(figure, x - 0.05, y, style, length=0.2)
        words = TEXT[f"rows.{state}"]
        canvas.write(figure, x + 0.18, y, words, size=8)
        x += 0.18 + canvas.width_of(words, 8) + 0.28


# The draws

_PRIOR = "#dfe2e5"
_FILLS: dict[str, canvas.Style] = {
    "identified": {"facecolor": canvas.BLUE, "edgecolor": canvas.BLUE, "linewidth": 1.2},
    "narrowed": {"facecolor": canvas.BAND_50, "edgecolor": canvas.BLUE, "linewidth": 1.2},
    "at its prior": {"facecolor": "none", "edgecolor": canvas.BLUE, "linewidth": 1.2},
}


def _declared_bounds(name: str) -> tuple[float, float]:
    return PARAMETERS[name].low, PARAMETERS[name].high


def _declared_label(name: str) -> str:
    if name not in PARAMETERS:
        return name.replace("_", " ")
    return PARAMETERS[name].label()


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
    axes.stairs(heights[0], edges, baseline=None, color=canvas.GREY, linewidth=0.7, zorder=4)
    axes.set_xlim(ends[0], ends[1])
    axes.set_ylim(0, 1.05 * max(heights[0].max(), heights[1].max(), 2.0))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set(visible=True, color=canvas.GREY, linewidth=0.8)


def _write_draws_key(figure: Figure, y: float, found: Sequence[str]) -> None:
    """Explain the fillings and count each verdict."""
    words = TEXT
    x = 0.45
    limits = {"identified": IDENTIFIED, "narrowed": NARROWED, "at its prior": 1.0}
    canvas.sample(figure, x, y, canvas.band(_PRIOR))
    canvas.write(figure, x + 0.3, y, words["draws.prior"], size=9)
    x += 0.3 + canvas.width_of(words["draws.prior"], 9) + 0.35
    for verdict, limit in limits.items():
        text = words[f"draws.{verdict}"].format(
            limit=language.percent(100 * limit), n=found.count(verdict)
        )
        fill = _FILLS[verdict]
        square: canvas.Style = {
            "marker": "s", "markersize": 8, "linestyle": "", "markeredgewidth": 1.2,
            "markerfacecolor": fill["facecolor"], "markeredgecolor": fill["edgecolor"],
        }  # fmt: skip
        canvas.sample(figure, x, y, square)
        canvas.write(figure, x + 0.3, y, text, size=9)
        x += 0.3 + canvas.width_of(text, 9) + 0.35
