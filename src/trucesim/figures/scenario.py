"""Figures of a scenario's results, made for slides (16 to 9) and for print in grey."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from trucesim.figures.axes import (
    Column,
    Label,
    arrange_key,
    beside,
    days_of,
    draw_runs,
    events_of,
    label_ends,
    middles,
    name_rows,
    number_axis,
    time_axis,
    write_key,
)
from trucesim.figures.canvas import (
    BAND_50,
    BAND_90,
    BLUE,
    GREY,
    HEIGHT,
    INK,
    VERMILION,
    Style,
    check_columns,
    mark,
    new_figure,
    runs_in_words,
    save,
    shorten,
    styled,
    subtitle,
    title_of,
)
from trucesim.figures.canvas import TEXT as WORDS
from trucesim.figures.mapping import country_of, maps
from trucesim.figures.pattern import patterns
from trucesim.files.errors import InputError
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.outcomes.grouping import Groups
from trucesim.outcomes.paired import check_pair, compared
from trucesim.outcomes.statistics import quantiles_by_month
from trucesim.world import periods
from trucesim.world import tiles as geography
from trucesim.world.country import load_country

TEXT = catalogue(
    {
        "no_truce": "No truce (model)",
        "monthly.title": "Homicides per month in {country}",
        "monthly.subtitle": "{scenario}  ·  {runs} and the observed record",
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
        "difference.title": "Homicides per month under two scenarios",
        "difference.subtitle": "Median and 90% of {runs}, paired: the same seed and the same "
        "chance on both sides",
        "difference.panel": "“{a}” minus “{b}”, run by run",
        "difference.total": "{span} in all: {mean} homicides on average "
        "(90% of runs: {low} to {high})",
    }
)


@styled
def monthly(
    results: xr.Dataset, observed: xr.Dataset, counterfactual: xr.Dataset | None = None
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
    """
    series = results["recorded_national"]
    first, last = days_of(series)
    events = [event for event in events_of(results) if first <= event.day < last]
    key = arrange_key(events)
    height = max(HEIGHT, 4.3 + key.height)
    said = subtitle(TEXT["monthly.subtitle"], results)
    country = load_country(results.attrs.get("country")).titled()
    title = TEXT["monthly.title"].format(country=country)
    figure = new_figure(title, said, height, foot=key.height + 0.05)
    axes = figure.add_subplot()
    labels, highest = draw_runs(axes, series)
    if counterfactual is not None:
        other = counterfactual["recorded_national"]
        median = quantiles_by_month(other)[2]
        style: Style = {"color": GREY, "linewidth": 1.4, "linestyle": (0, (3.2, 1.6))}
        axes.plot(middles(other["month"].values), median, zorder=4, **style)
        labels.append(Label(TEXT["no_truce"], median[-1], style))
        highest = max(highest, median.max())
    record = observed["recorded_national"].isel(run=0)
    days, counts = middles(record["month"].values), record.values.astype(np.float64)
    days, counts = (
        days[inside := (days > first) & (days < last) & ~np.isnan(counts)],
        counts[inside],
    )
    if counts.size:
        style = {"color": INK, "linewidth": 0.9, "marker": "o", "markersize": 2.6}
        axes.plot(days, counts, zorder=6, **style)
        labels.append(Label(WORDS["observed"], counts[-1], style))
        highest = max(highest, counts.max())
    time_axis(axes, first, last)
    number_axis(axes, "y", 0.0, 1.05 * highest)
    label_ends(axes, labels, events)
    write_key(figure, key, height - key.height - 0.26)
    return figure


OBSERVED: Style = {**mark(INK, "D", 7.5, hollow=True), "markerfacecolor": "none"}
MEDIAN = mark(BLUE, size=8)
INTERVAL: Style = {"color": BAND_50, "linewidth": 7}


@styled
def reductions(frame: pd.DataFrame) -> Figure:
    """Draw the reductions of homicide against each baseline, simulated and observed.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns baseline, observed (NaN where there is none), p05, median and p95, in percent, as
        `trucesim.outcomes.reductions.reductions` gives them; of several measures only
        ``reduction_percent`` is drawn, and no row without a median. The baseline ``no_truce`` names
        the model's own runs without a truce; unknown names are written as they are.

    Raises
    ------
    InputError
        If a column is missing or there is no row.
    """
    check_columns(frame, ("baseline", "observed", "p05", "median", "p95"), "reductions")
    if "measure" in frame:
        frame = frame[frame["measure"] == "reduction_percent"]
    frame = frame[frame["median"].notna()]
    if frame.empty:
        raise InputError("the table of reductions has no row with a reduction")
    subtitle = TEXT["reductions.subtitle"]
    if "window" in frame:
        subtitle += ", " + language.span(periods.parse(str(frame["window"].iloc[0])))
    height = max(HEIGHT, 2.5 + 0.45 * len(frame))
    figure = new_figure(TEXT["reductions.title"], subtitle, height)
    axes = figure.add_subplot()
    observed, low, median, high = frame[["observed", "p05", "median", "p95"]].to_numpy(float).T
    percent, range_ = language.percent, WORDS["range"]
    columns = [
        ("observed",
         ["\N{EN DASH}" if np.isnan(x) else percent(x) for x in observed], "normal", OBSERVED),
        ("simulated", [percent(x) for x in median], "bold", MEDIAN),
        ("interval", [range_.format(language.number(x), percent(y))
                      for x, y in zip(low, high, strict=True)], "normal", INTERVAL),
    ]  # fmt: skip
    spans = frame.get("baseline_period", frame["baseline"])
    names = [
        TEXT.get(f"baseline.{name}") or language.span(periods.parse(str(span)))
        for name, span in zip(frame["baseline"], spans, strict=True)
    ]
    at = name_rows(
        axes, names,
        [Column(TEXT[f"reductions.{name}"], cells, weight, style=style)
         for name, cells, weight, style in columns],
        size=11, room=3.1, heading=TEXT["reductions.baseline"], least=4.0,
    )  # fmt: skip
    axes.hlines(at, low, high, zorder=3, **INTERVAL)
    axes.plot(median, at, zorder=4, **MEDIAN)
    axes.plot(observed, at, zorder=5, **OBSERVED)
    ends = float(np.nanmin([low, observed])), float(np.nanmax([high, observed]))
    number_axis(axes, "x", *ends, tell=percent, zero=True)
    return figure


@styled
def difference(a: xr.Dataset, b: xr.Dataset) -> Figure:
    """Draw two scenarios by month and, below, their difference run by run.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same seed, runs and calendar; the lower panel shows `a` minus `b`.

    Raises
    ------
    InputError
        If seed, runs or calendar of the two differ.
    """
    check_pair(a, b)
    period = periods.whole(a)
    found = compared(*(periods.total(each, period) for each in (a, b)))
    titles = title_of(a), title_of(b)
    subtitle = TEXT["difference.subtitle"].format(runs=runs_in_words(a.sizes["run"]))
    figure = new_figure(TEXT["difference.title"], subtitle)
    upper, lower = figure.subplots(2, height_ratios=[1.7, 1], gridspec_kw={"hspace": 0.06})
    first, last = days_of(a["recorded_national"])
    labels, highest = [], 0.0
    for results, title, colour, tint, dashes in (
        (b, titles[1], VERMILION, "#f6dccb", (0, (4, 1.5))),
        (a, titles[0], BLUE, BAND_90, "-"),
    ):
        days = middles(results["month"].values)
        low, _, median, _, high = quantiles_by_month(results["recorded_national"])
        upper.fill_between(days, low, high, color=tint, alpha=0.75, linewidth=0, zorder=2)
        style: Style = {"color": colour, "linewidth": 1.8, "linestyle": dashes}
        upper.plot(days, median, zorder=4, **style)
        labels.append(Label(title, median[-1], style))
        highest = max(highest, high.max())
    apart = a["recorded_national"].astype(np.int64) - b["recorded_national"].astype(np.int64)
    days = middles(apart["month"].values)
    low, _, median, _, high = quantiles_by_month(apart)
    lower.fill_between(days, low, high, color="#d9dbdd", linewidth=0, zorder=2)
    lower.plot(days, median, color=INK, linewidth=1.5, zorder=4)
    for axes in (upper, lower):
        time_axis(axes, first, last)
    number_axis(upper, "y", 0.0, 1.05 * highest)
    number_axis(lower, "y", float(low.min()), float(high.max()), 4, zero=True)
    heading = TEXT["difference.panel"].format(
        **{name: shorten(each, 10.5, 2.9) for name, each in zip("ab", titles, strict=True)}
    )
    sums = TEXT["difference.total"].format(
        span=language.span(period),
        **{name: language.number(found[key], signed=True)
           for name, key in (("mean", "mean"), ("low", "p05"), ("high", "p95"))},
    )  # fmt: skip
    above = beside(lower, 0.0, above=True)
    lower.text(-0.41, 0.35, heading, fontsize=10.5, weight="bold", transform=above)
    lower.text(-0.41, 0.15, sums, fontsize=9, color=GREY, transform=above)
    label_ends(upper, labels)
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
    groups: Groups | None = None,
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
    groups : Groups, optional
        Groups of municipalities for maps of their own.

    Returns
    -------
    list of Path
        ``monthly``, ``maps``, ``reductions``, ``patterns``; with a counterfactual ``difference``,
        with groups ``groups``. What there is nothing to draw of is left out.

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
    # Of another country there may be nothing to draw these of.
    there = {
        "maps": outlines is not None or geography.has_map(country_of(results).name),
        "reductions": not reductions_frame.empty,
        "patterns": not comparison.empty,
    }
    shown = {name: drawn for name, drawn in shown.items() if there.get(name, True)}
    if counterfactual is not None:
        other = counterfactual
        shown["difference"] = (lambda: difference(results, other), (results, other))
    if groups is not None:
        shown["groups"] = (lambda: maps(results, outlines, groups), (results,))
    written = []
    for name, (draw, drawn) in shown.items():
        written.append(save(draw(), Path(out_dir) / f"{name}_{spoken()}.png", *drawn))
        if progress is not None:
            progress(len(written), len(shown))
    return written
