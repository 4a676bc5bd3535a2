"""Figures of forecasts from rolling origins: month by month, and scores by horizon."""

from __future__ import annotations

import datetime as dt

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from trucesim.figures import canvas
from trucesim.figures.axes import Label, day_number, label_ends, middles, number_axis, time_axis
from trucesim.figures.canvas import BAND_90, BLUE, GREY, INK, VERMILION, Style, mark
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue
from trucesim.outcomes.forecasts import MODEL, NAIVE
from trucesim.studies.hindcast import Hindcast

TEXT = catalogue(
    {
        "horizons.title": "What was forecast, and what happened",
        "horizons.subtitle": "Homicides per month, from {n} origins; no forecast saw a month or a "
        "decision after its origin",
        "horizons.panel": "{n} months ahead",
        "horizons.panel.1": "1 month ahead",
        "horizons.inside": "{inside} of {n} inside",
        "horizons.in": "observed, inside",
        "horizons.out": "observed, outside",
        "horizons.band": "forecast, 90% of members",
        "horizons.forecast": "forecast, median",
        "crps.title": "How good forecasts are, by months ahead",
        "crps.subtitle": "Mean CRPS in homicides, the lower the better, over the months that all "
        "methods forecast",
        "crps.axis": "Months ahead",
        "crps.model": "The model",
        "crps.last month": "Last month",
        "crps.last three months": "Last three months",
        "crps.last twelve months as a sample": "Last twelve months",
        "crps.twelve-month trend": "Twelve-month trend",
        "crps.mean of 2010 - February 2012": "Mean of 2010 - Feb 2012",
        "crps.steps at orders": "Steps at orders",
    }
)
INSIDE, OUTSIDE = mark(INK, size=4.0), mark(VERMILION, "D", 4.6, hollow=True)
MEDIAN: Style = {**mark(BLUE, "_", 8.0), "markeredgewidth": 1.8}
DASHES = ((1.0, 1.0), (4.0, 1.5), (1.0, 2.5), (6.0, 1.5, 1.0, 1.5), (2.5, 1.0), (8.0, 2.0))


def made_by(found: Hindcast) -> xr.Dataset:
    """Give what stands at the foot of these figures."""
    rolling = found.rolling
    runs = rolling.draws * rolling.members * found.forecasts["origin"].nunique()
    return canvas.made_by(found.plan.record, found.seed, runs)


@canvas.styled
def horizons(found: Hindcast) -> Figure:
    """Draw each scored forecast and what happened, a panel a horizon."""
    number = len(found.rolling.horizons)
    said = TEXT["horizons.subtitle"].format(n=found.forecasts["origin"].nunique())
    styles = canvas.band(BAND_90), MEDIAN, INSIDE, OUTSIDE
    key = [
        (TEXT[f"horizons.{name}"], style)
        for name, style in zip(("band", "forecast", "in", "out"), styles, strict=True)
    ]
    height = 1.8 + 2.0 * number
    figure = canvas.new_figure(TEXT["horizons.title"], said, height, key=key)
    own = found.forecasts[found.forecasts["method"].eq(MODEL)]
    shown = own[own["horizon"].isin(found.rolling.horizons)]
    highest = float(shown[["p95", "observed"]].max().max())
    span = (dt.date(year, 1, 1) for year in (found.rolling.years[0], found.rolling.years[-1] + 1))
    first, last = map(day_number, span)
    panels = figure.subplots(number, squeeze=False)[:, 0]
    for axes, horizon in zip(panels, found.rolling.horizons, strict=True):
        rows = shown[shown["horizon"].eq(horizon)]
        days = middles(rows["month"])
        axes.vlines(days, rows["p05"], rows["p95"], color=BAND_90, linewidth=6.0, zorder=2)
        axes.plot(days, rows["median"], zorder=4, **MEDIAN)
        inside = rows["inside"].to_numpy(bool)
        for chosen, style in ((inside, INSIDE), (~inside, OUTSIDE)):
            axes.plot(days[chosen], rows["observed"].to_numpy()[chosen], zorder=6, **style)
        time_axis(axes, first, last)
        number_axis(axes, "y", 0.0, 1.05 * highest, steps=4)
        name = "horizons.panel.1" if horizon == 1 else "horizons.panel"
        told = TEXT["horizons.inside"].format(inside=int(inside.sum()), n=len(rows))
        beside: Style = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
        axes.annotate(TEXT[name].format(n=horizon), (1, 1), (11, -15), weight="bold", **beside)
        axes.annotate(told, (1, 1), (11, -33), fontsize=9, color=GREY, **beside)
    return figure


@canvas.styled
def crps(found: Hindcast) -> Figure:
    """Draw the CRPS of the model and of the naive forecasts by months ahead."""
    figure = canvas.new_figure(TEXT["crps.title"], TEXT["crps.subtitle"])
    axes = figure.add_subplot()
    table = found.forecasts.pivot_table(
        index=["horizon", "origin"], columns="method", values="crps"
    ).dropna()
    means = table.groupby("horizon").mean()
    labels = []
    for method, dashes in zip((MODEL, *NAIVE), (None, *DASHES), strict=True):
        if method not in means:
            continue
        style: Style = {"color": GREY, "linewidth": 1.2, "linestyle": (0, dashes)}
        if method == MODEL:
            style = {"color": BLUE, "linewidth": 2.4}
        axes.plot(means.index, means[method], zorder=6 if method == MODEL else 4, **style)
        labels.append(Label(TEXT[f"crps.{method}"], means[method].iloc[-1], style))
    ahead = means.index.to_numpy(np.float64)
    number_axis(axes, "y", 0.0, 1.05 * float(means.max().max()))
    axes.set_xlim(ahead[0] - 0.3, ahead[-1] + 0.3)
    axes.set_xticks(ahead, [language.number(each) for each in ahead])
    axes.set_xlabel(TEXT["crps.axis"], labelpad=6)
    axes.spines["bottom"].set(visible=True, linewidth=0.8)
    label_ends(axes, labels)
    return figure
