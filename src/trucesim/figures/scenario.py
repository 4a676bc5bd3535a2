"""Figures of a scenario's results, made for slides (16 to 9) and for print in grey."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from trucesim.figures.canvas import (
    BAND_50,
    BAND_90,
    BLUE,
    BORDER,
    BREAKS,
    CLASSES,
    GREEN,
    GREY,
    HEIGHT,
    INK,
    MONTHS_WIDTH,
    RULE,
    VERMILION,
    WIDTH,
    Align,
    Label,
    Style,
    add_axes,
    arrange_key,
    check_columns,
    count_axis,
    days_of,
    draw_runs,
    events_of,
    label_ends,
    mark_events,
    mid_months,
    new_figure,
    round_ticks,
    rule,
    runs_in_words,
    sample,
    save,
    shorten,
    styled,
    time_axis,
    title_of,
    width_of,
    words_in,
    wrap,
    write,
    write_key,
    write_lines,
)
from trucesim.figures.mapping import ZONE, draw_map, ground_of, mean_counts, write_scale, zones_of
from trucesim.files.errors import InputError
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.outcomes.paired import compare
from trucesim.outcomes.statistics import quantiles_by_month
from trucesim.world import periods
from trucesim.world import tiles as geography

TEXT = catalogue(
    {
        "no_truce": "No truce (model)",
        "monthly.title": "Homicides per month in El Salvador",
        "monthly.subtitle": "{scenario}  ·  {runs} and the observed record",
        "maps.title": "Simulated homicide rates by municipality",
        "maps.subtitle": "{scenario}  ·  mean of {runs}, before, during and after the truce "
        "of March 2012",
        "maps.before": "Before",
        "maps.during": "During",
        "maps.after": "After",
        "maps.rate": "per 100,000 a year,\nnationally",
        "maps.scale": "Recorded homicides per 100,000 people a year",
        "maps.zones": "Violence-free zones (in half of the runs or more)",
        "maps.departments": "Departments",
        "maps.note": "Simulated, not observed: homicides are placed by population, the "
        "departmental counts of 2010 and the rate class of 2015. Population of 2007.",
        "maps.tiles": "Tiles 1 km apart; lakes are gaps.",
        "reductions.title": "Every reduction depends on its baseline",
        "reductions.subtitle": "Reduction of recorded homicides per day",
        "reductions.baseline": "Compared with",
        "reductions.observed": "Observed",
        "reductions.simulated": "Simulated\nmedian",
        "reductions.interval": "90% of\nruns",
        "baseline.jan_feb_2012": "1 January to 8 March 2012, a spike",
        "baseline.no_truce": "The model's own runs without a truce",
        "baseline.2011": "The year 2011",
        "baseline.26_months": "January 2010 to February 2012",
        "patterns.title": "The model held against the record",
        "patterns.subtitle": "Simulated divided by observed: median and 90% of runs; numbers are "
        "the observed values",
        "patterns.inside": "{inside} of {total} inside",
        "patterns.fit": "Fit",
        "patterns.check": "Check",
        "patterns.initial condition": "Initial condition",
        "patterns.outside": "Hollow: observed value outside the 90% interval",
        "patterns.omitted": "{n} without a ratio not shown (observed value 0)",
        "difference.title": "Homicides per month under two scenarios",
        "difference.subtitle": "Median and 90% of {runs}, paired: the same seed and the same "
        "chance on both sides",
        "difference.panel": "“{a}” minus “{b}”, run by run",
        "difference.total": "{span} in all: {median} homicides (90% of runs: {low} to {high})",
    }
)
"""Every word of the figures, by language and key."""

USES = {"fit": BLUE, "check": GREEN, "initial condition": GREY}
"""The uses of patterns in the order in which they are shown, with their colours."""


NO_TRUCE = "no_truce"
"""Name of the baseline in `reductions` that stands for the model's own runs without a truce."""


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


@styled
def monthly(
    results: xr.Dataset,
    observed: xr.Dataset,
    counterfactual: xr.Dataset | None = None,
) -> Figure:
    """Draw simulated and observed homicides by month, with the dated events.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results; ``attrs["events"]`` names the events.
    observed : xarray.Dataset
        The observed record.
    counterfactual : xarray.Dataset, optional
        Runs without a truce; their median is drawn as a dashed line.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language.
    """
    words = words_in(TEXT)
    series = results["recorded_national"]
    first, last = days_of(series)
    events = [event for event in events_of(results) if first <= event.day < last]
    key = arrange_key(events)

    top = 1.45 if events else 1.05
    below = 0.72 + key.height
    height = max(HEIGHT, top + 2.3 + below)
    figure = new_figure(words["monthly.title"], subtitle("monthly", results), height)
    axes = add_axes(figure, 0.7, top, MONTHS_WIDTH, height - top - below)

    labels, highest = draw_runs(axes, series)
    if counterfactual is not None:
        other = counterfactual["recorded_national"]
        median = quantiles_by_month(other)[2]
        style: Style = {"color": GREY, "linewidth": 1.4, "linestyle": (0, (3.2, 1.6))}
        axes.plot(mid_months(other), median, zorder=4, **style)
        labels.append(Label(words["no_truce"], median[-1], style))
        highest = max(highest, median.max())
    record = observed["recorded_national"].isel(run=0)
    days, counts = mid_months(record), record.values.astype(np.float64)
    days, counts = days[inside := (days > first) & (days < last)], counts[inside]
    if counts.size:
        style = {"color": INK, "linewidth": 0.9, "marker": "o", "markersize": 2.6}
        axes.plot(days, counts, zorder=6, markeredgewidth=0, **style)
        labels.append(Label(words["observed"], counts[-1], style))
        highest = max(highest, counts.max())

    time_axis(axes, first, last)
    count_axis(axes, 0.0, 1.05 * highest)
    label_ends(axes, labels)
    mark_events(axes, events)
    write_key(figure, key, height - key.height - 0.26)
    return figure


@styled
def maps(
    results: xr.Dataset,
    outlines: Mapping[str, list[geography.Ring]] | None = None,
) -> Figure:
    """Draw three maps of simulated homicide rates: before, during and after the truce.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results. Without ``recorded`` the maps show the periods whose totals are always
        kept, and without ``zone_status`` no zones.
    outlines : mapping of str to list of ndarray, optional
        A user's own boundaries (`trucesim.world.tiles.from_geojson`); the tiles' by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language, or a municipality has no outline or no population.
    """
    words = words_in(TEXT)
    ground = ground_of(results, outlines)
    figure = new_figure(words["maps.title"], subtitle("maps", results))
    zoned: set[int] = set()
    for shown, (left, top) in zip(MAP_PERIODS, _MAP_CORNERS, strict=True):
        period = periods.parse(shown.months if "recorded" in results else shown.kept)
        per_year = 1e5 * 365.25 / period.days
        counts = mean_counts(results, period)
        zones = zones_of(results, period)
        zoned |= set(zones)
        steps = np.digitize(per_year * counts / ground.population, BREAKS)
        colours = [CLASSES[step] for step in steps]
        draw_map(figure, ground, (left, top, *_MAP_SIZE), colours, zones)

        write(figure, left, top + 0.08, words[shown.heading], size=12, weight="bold")
        write(figure, left, top + 0.28, language.span(period), size=9, color=GREY)
        rate = per_year * float(counts.sum() / ground.population.sum())
        write(figure, left, top + 1.6, language.number(rate), size=15, weight="bold")
        write_lines(figure, left, top + 1.8, words["maps.rate"].split("\n"), 8, GREY)

    left, top = 5.4, _MAP_CORNERS[2][1] + 0.25
    ends = write_scale(figure, left, top, words["maps.scale"], CLASSES)
    for step, (at, limit) in enumerate(zip(ends, (0, *BREAKS), strict=False)):
        align: Align = "center" if step else "left"
        write(figure, at, top + 0.49, language.number(limit), size=9, color=GREY, align=align)
    sample(figure, left, top + 0.85, {"color": BORDER, "linewidth": 1.0})
    write(figure, left + 0.32, top + 0.85, words["maps.departments"], size=9)
    if zoned:
        sample(figure, left, top + 1.08, {"color": ZONE, "linewidth": 1.6})
        names = language.listed([ground.names[index] for index in sorted(zoned)], 16)
        write_lines(figure, left + 0.32, top + 1.08, wrap(words["maps.zones"], 9, 3.8), 9, INK)
        below = top + 1.08 + 0.16 * len(wrap(words["maps.zones"], 9, 3.8))
        write_lines(figure, left + 0.32, below, wrap(names, 8, 3.8), 8, GREY)
    note = wrap(words["maps.note"], 7.5, 9.1)
    if outlines is None:
        note.append(words["maps.tiles"])
    write_lines(figure, 0.45, HEIGHT - 0.43, note, 7.5, GREY)
    return figure


@styled
def reductions(frame: pd.DataFrame) -> Figure:
    """Draw the reductions of homicide against each baseline, simulated and observed.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns baseline, observed (NaN where there is none), p05, median and p95, in percent, as
        `trucesim.outcomes.reductions.reductions` gives them; of several measures only
        ``reduction_percent`` is drawn, and no row without a median. The baseline `NO_TRUCE` names
        the model's own runs without a truce; unknown names are written as they are.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language, a column is missing or there is no row.
    """
    words = words_in(TEXT)
    check_columns(frame, ("baseline", "observed", "p05", "median", "p95"), "reductions")
    if "measure" in frame:
        frame = frame[frame["measure"] == "reduction_percent"]
    frame = frame[frame["median"].notna()]
    if frame.empty:
        raise InputError("the table of reductions has no row with a reduction")
    subtitle = words["reductions.subtitle"]
    if "window" in frame:
        subtitle += ", " + language.span(periods.parse(str(frame["window"].iloc[0])))
    figure = new_figure(words["reductions.title"], subtitle, max(HEIGHT, 2.5 + 0.45 * len(frame)))
    top, left, width = 1.6, 3.75, 2.55
    height = figure.get_figheight() - top - 0.95
    axes = add_axes(figure, left, top, width, height)
    step = min(height / len(frame), 0.85)
    axes.set_ylim(height, 0)

    write(figure, 0.45, top - 0.22, words["reductions.baseline"], size=9, color=GREY)
    for x, name, style in zip(_COLUMNS, ("observed", "simulated", "interval"), _MARKS, strict=True):
        lines = words[f"reductions.{name}"].split("\n")
        for up, line in enumerate(reversed(lines)):
            write(figure, x, top - 0.22 - 0.16 * up, line, size=9, color=GREY, align="right")
        widest = max(width_of(line, 9) for line in lines)
        sample(figure, x - widest - 0.32, top - 0.22 - 0.08 * (len(lines) - 1), style)
    for index, row in enumerate(frame.to_dict("records")):
        at = step * (index + 0.5)
        name = str(row["baseline"])
        lines = wrap(words.get(f"baseline.{name}", name), 11, left - 0.6)
        write_lines(figure, 0.45, top + at - 0.1 * (len(lines) - 1), lines, 11, INK)
        observed, median, interval = _MARKS
        axes.plot([row["p05"], row["p95"]], [at, at], zorder=3, **interval)
        axes.plot(row["median"], at, zorder=4, **median)
        values = ["\N{EN DASH}", language.percent(row["median"])]
        if not pd.isna(row["observed"]):
            axes.plot(row["observed"], at, zorder=5, **observed)
            values[0] = language.percent(row["observed"])
        values.append(
            words["range"].format(language.number(row["p05"]), language.percent(row["p95"]))
        )
        for x, value, weight in zip(_COLUMNS, values, ("normal", "bold", "normal"), strict=True):
            write(figure, x, top + at, value, size=11, weight=weight, align="right")
        if index:
            rule(figure, 0.45, WIDTH - 0.45, top + step * index)

    ends = frame[["observed", "p05", "p95"]].to_numpy(dtype=np.float64)
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    pad = 0.05 * (high - low)
    axes.set_xlim(low - (pad if low < 0 else 0.0), high + pad)
    ticks = round_ticks(*axes.get_xlim(), 5)
    axes.set_xticks(ticks, [language.percent(tick) for tick in ticks], fontsize=9, color=GREY)
    axes.set_yticks([])
    axes.grid(axis="x", color=RULE, linewidth=0.7)
    axes.axvline(0, color=GREY, linewidth=0.9, zorder=2)
    return figure


@styled
def patterns(frame: pd.DataFrame) -> Figure:
    """Draw each pattern as simulated divided by observed, grouped by its use.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns id, use, observed, simulated_p05, simulated_median, simulated_p95 and inside (true
        if the 90 % interval holds the observed value). Patterns without a simulated value are left
        out, those whose ratio is undefined are counted in a note.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language, a column is missing or there is no row.
    """
    words = words_in(TEXT)
    bounds = ["simulated_p05", "simulated_median", "simulated_p95"]
    check_columns(frame, ("id", "use", "observed", *bounds, "inside"), "patterns")
    frame = frame[frame["simulated_median"].notna()]
    drawn = frame[frame["observed"] > 0]
    if drawn.empty:
        raise InputError("the table of patterns has no row with a simulated and an observed value")
    ratios = drawn[bounds].to_numpy(dtype=np.float64) / drawn[["observed"]].to_numpy(np.float64)
    groups = [use for use in USES if (drawn["use"] == use).any()]
    rows = max(int((drawn["use"] == use).sum()) for use in groups)

    top, leading = 1.5, 0.24
    figure = new_figure(
        words["patterns.title"],
        words["patterns.subtitle"],
        max(HEIGHT, top + leading * rows + 0.75),
    )
    height = figure.get_figheight() - top - 0.75
    leading = min(height / rows, 0.42)
    gap = 0.4
    width = (WIDTH - 0.9 - gap * (len(groups) - 1)) / max(len(groups), 2)
    reach = float(np.clip(np.nanmax(np.abs(np.log(ratios[ratios > 0]))), np.log(2), np.log(5)))
    low, high = math.exp(-1.08 * reach), math.exp(1.08 * reach)

    for index, use in enumerate(groups):
        left = 0.45 + index * (width + gap)
        member = (drawn["use"] == use).to_numpy()
        count = words["patterns.inside"].format(
            inside=int(drawn["inside"][member].eq(True).sum()), total=int(member.sum())
        )
        heading, color = words[f"patterns.{use}"], USES[use]
        write(figure, left, top - 0.3, heading, size=12, weight="bold", color=color)
        write(figure, left + width, top - 0.3, count, size=9, color=GREY, align="right")
        rule(figure, left, left + width, top - 0.14)
        axes = add_axes(figure, left, top, width, height)
        axes.set_ylim(height, 0)
        axes.set_yticks([])
        _ratio_axis(axes, low, high)
        records = drawn[member].to_dict("records")
        for line, (row, ratio) in enumerate(zip(records, ratios[member], strict=True)):
            at = leading * (line + 0.5)
            name = str(row["id"])
            label = words.get(f"pattern.{name}", name.replace("_", " "))
            value = language.number(row["observed"], language.digits_of(row["observed"]))
            room = width - width_of(value, 8) - 0.1
            for written in (
                write(figure, left, top + at - 0.05, shorten(label, 8, room), size=8),
                write(
                    figure, left + width, top + at - 0.05, value, size=8, color=GREY, align="right"
                ),
            ):
                # The lines of the axis stop at the words.
                written.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})
            _draw_ratio(axes, at + 0.07, ratio, bool(row["inside"]), color)

    notes = [words["patterns.outside"]]
    if omitted := len(frame) - len(drawn):
        notes.append(words["patterns.omitted"].format(n=omitted))
    write(figure, 0.45, figure.get_figheight() - 0.35, "  ·  ".join(notes), size=8, color=GREY)
    return figure


@styled
def difference(a: xr.Dataset, b: xr.Dataset) -> Figure:
    """Draw two scenarios by month and, below, their difference run by run.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same seed, runs and calendar.

    Returns
    -------
    matplotlib.figure.Figure
        The lower panel shows `a` minus `b`.

    Raises
    ------
    InputError
        If there is no such language, or seed, runs or calendar of the two differ.
    """
    words = words_in(TEXT)
    found = compare(a, b)
    title_a, title_b = title_of(a), title_of(b)
    figure = new_figure(
        words["difference.title"],
        words["difference.subtitle"].format(runs=runs_in_words(a.sizes["run"])),
    )
    upper = add_axes(figure, 0.7, 1.05, MONTHS_WIDTH, 1.95)
    lower = add_axes(figure, 0.7, 3.8, MONTHS_WIDTH, 1.15)
    first, last = days_of(a["recorded_national"])

    labels, highest = [], 0.0
    for results, title, colour, tint, dashes in (
        (b, title_b, VERMILION, "#f6dccb", (0, (4, 1.5))),
        (a, title_a, BLUE, BAND_90, "-"),
    ):
        days = mid_months(results["recorded_national"])
        low, _, median, _, high = quantiles_by_month(results["recorded_national"])
        upper.fill_between(days, low, high, color=tint, alpha=0.75, linewidth=0, zorder=2)
        style: Style = {"color": colour, "linewidth": 1.8, "linestyle": dashes}
        upper.plot(days, median, zorder=4, **style)
        labels.append(Label(title, median[-1], style))
        highest = max(highest, high.max())
    time_axis(upper, first, last)
    count_axis(upper, 0.0, 1.05 * highest)
    label_ends(upper, labels)

    apart = a["recorded_national"].astype(np.int64) - b["recorded_national"].astype(np.int64)
    days = mid_months(apart)
    low, _, median, _, high = quantiles_by_month(apart)
    lower.fill_between(days, low, high, color="#d9dbdd", linewidth=0, zorder=2)
    lower.plot(days, median, color=INK, linewidth=1.5, zorder=4)
    pad = 0.08 * max(float(high.max() - low.min()), 1.0)
    time_axis(lower, first, last)
    count_axis(lower, min(low.min(), 0.0) - pad, max(high.max(), 0.0) + pad, steps=4)
    lower.axhline(0, color=GREY, linewidth=0.9, zorder=3)
    heading = words["difference.panel"].format(
        a=shorten(title_a, 10.5, 2.9), b=shorten(title_b, 10.5, 2.9)
    )
    write(figure, 0.45, 3.42, heading, size=10.5, weight="bold")
    sums = words["difference.total"].format(
        span=language.span(found.period),
        median=language.number(found.averted["median"], signed=True),
        low=language.number(found.averted["p05"], signed=True),
        high=language.number(found.averted["p95"], signed=True),
    )
    write(figure, 0.45, 3.62, sums, size=9, color=GREY)
    return figure


def save_all(
    results: xr.Dataset,
    observed: xr.Dataset,
    comparison: pd.DataFrame,
    reductions_frame: pd.DataFrame,
    out_dir: str | Path,
    counterfactual: xr.Dataset | None = None,
    progress: Callable[[int, int], None] | None = None,
    outlines: Mapping[str, list[geography.Ring]] | None = None,
) -> list[Path]:
    """Write every figure of a scenario.

    Parameters
    ----------
    results, observed : xarray.Dataset
        Simulated results and the observed record.
    comparison : pandas.DataFrame
        As for `patterns`.
    reductions_frame : pandas.DataFrame
        As for `reductions`.
    out_dir : str or Path
        Folder; it is made if need be.
    counterfactual : xarray.Dataset, optional
        Runs without a truce, with the same seed, runs and calendar.
    progress : callable, optional
        Called with the number of figures written and of all figures, after each.
    outlines : mapping of str to list of Ring, optional
        Boundaries of one's own for the maps (`trucesim.world.tiles.from_geojson`).

    Returns
    -------
    list of Path
        ``monthly``, ``maps``, ``reductions``, ``patterns`` and, with a counterfactual,
        ``difference``.

    Raises
    ------
    InputError
        As the figures do, or if a file cannot be written.
    """
    shown: dict[str, tuple[Callable[[], Figure], tuple[xr.Dataset, ...]]] = {
        "monthly": (lambda: monthly(results, observed, counterfactual), (results,)),
        "maps": (lambda: maps(results, outlines), (results,)),
        "reductions": (lambda: reductions(reductions_frame), (results,)),
        "patterns": (lambda: patterns(comparison), (results,)),
    }
    if counterfactual is not None:
        other = counterfactual
        shown["difference"] = (lambda: difference(results, other), (results, other))
    written = []
    for name, (draw, drawn) in shown.items():
        written.append(save(draw(), Path(out_dir) / f"{name}_{spoken()}.png", *drawn))
        if progress is not None:
            progress(len(written), len(shown))
    return written


def subtitle(name: str, results: xr.Dataset) -> str:
    """Write a subtitle with the scenario's title, which gives way where it is long."""
    template = TEXT[f"{name}.subtitle"]
    runs = runs_in_words(results.sizes["run"])
    room = WIDTH - 1.0 - width_of(template.format(scenario="", runs=runs), 10)
    return template.format(scenario=shorten(title_of(results), 10, room), runs=runs)


_MAP_SIZE = (4.45, 2.06)


_MAP_CORNERS = ((0.45, 0.95), (5.1, 0.95), (0.45, 3.04))


_COLUMNS = (7.25, 8.3, 9.55)


_MARKS: tuple[Style, Style, Style] = (
    {
        "color": INK, "marker": "D", "markersize": 7.5, "markerfacecolor": "none",
        "markeredgewidth": 1.3, "linestyle": "",
    },
    {"color": BLUE, "marker": "o", "markersize": 8, "markeredgewidth": 0, "linestyle": ""},
    {"color": BAND_50, "linewidth": 7, "solid_capstyle": "butt"},
)  # fmt: skip
"""Observed, simulated median and 90% interval of `reductions`, as columns and as marks."""


def _ratio_axis(axes: Axes, low: float, high: float) -> None:
    """Make a logarithmic axis of ratios with a strong line at 1."""
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [tick for tick in (0.2, 0.25, 0.5, 1, 2, 4, 5) if low <= tick <= high]
    ticks = [tick for tick in ticks if tick not in (0.2, 5)] if 0.25 in ticks else ticks
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(
        ticks,
        labels=[language.short(tick) for tick in ticks],
        fontsize=8.5,
    )
    axes.grid(axis="x", color=RULE, linewidth=0.7)
    axes.axvline(1, color=GREY, linewidth=1.0, zorder=2)


def _draw_ratio(
    axes: Axes, at: float, ratio: NDArray[np.float64], inside: bool, color: str
) -> None:
    """Draw an interval and its median; an arrow head where it leaves the axis."""
    low, high = axes.get_xlim()
    start, middle, stop = np.clip(ratio, low, high)
    axes.plot([start, stop], [at, at], color=color, alpha=0.45, linewidth=3.2, zorder=3,
              solid_capstyle="butt", clip_on=False)  # fmt: skip
    for end, limit, marker in ((ratio[0], low, "<"), (ratio[2], high, ">")):
        if (end - limit) * (1 if marker == ">" else -1) > 0:
            axes.plot(limit, at, marker, color=color, markersize=4, zorder=3, clip_on=False,
                      markeredgewidth=0)  # fmt: skip
    axes.plot(middle, at, "o", markersize=5, markerfacecolor=color if inside else "white",
              markeredgecolor=color, markeredgewidth=1.2, zorder=4, clip_on=False)  # fmt: skip
