"""Figures of forecasts from rolling origins: month by month, and scores by horizon."""

from __future__ import annotations

import datetime as dt

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trucesim.figures import canvas
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue
from trucesim.outcomes import forecasts
from trucesim.outcomes.forecasts import MODEL, NAIVE
from trucesim.studies.hindcast import Hindcast
from trucesim.version import __version__
from trucesim.world.periods import FloatArray

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
"""The words of these figures, by language and key; those of `trucesim.figures` stand there."""

INSIDE: canvas.Style = {
    "color": canvas.INK, "linestyle": "none", "marker": "o", "markersize": 4.0,
    "markeredgewidth": 0.0,
}  # fmt: skip
OUTSIDE: canvas.Style = {
    "color": canvas.VERMILION, "linestyle": "none", "marker": "D", "markersize": 4.6,
    "markerfacecolor": "white", "markeredgewidth": 1.2,
}  # fmt: skip
DASHES = ((1.0, 1.0), (4.0, 1.5), (1.0, 2.5), (6.0, 1.5, 1.0, 1.5), (2.5, 1.0), (8.0, 2.0))

_PANEL_H = 1.55


def made_by(found: Hindcast) -> xr.Dataset:
    """Give what stands at the foot of these figures."""
    rolling = found.rolling
    runs = rolling.draws * rolling.members * found.forecasts["origin"].nunique()
    return xr.Dataset(
        attrs={
            "version": __version__, "scenario": found.plan.record.name,
            "digest": found.plan.record.digest, "seed": found.seed, "runs": runs,
        }
    )  # fmt: skip


@canvas.styled
def horizons(found: Hindcast) -> Figure:
    """Draw each scored forecast and what happened, a panel a horizon.

    Parameters
    ----------
    found : Hindcast

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language.
    """
    words = canvas.words_in(TEXT)
    number = len(found.rolling.horizons)
    height = 1.45 + number * (_PANEL_H + 0.45) + 0.35
    said = words["horizons.subtitle"].format(n=found.forecasts["origin"].nunique())
    figure = canvas.new_figure(words["horizons.title"], said, height)
    x = 0.7
    band = canvas.band(canvas.BAND_90)
    named = ("band", band), ("forecast", _line()), ("in", INSIDE), ("out", OUTSIDE)
    for name, style in named:
        canvas.sample(figure, x, 1.1, style)
        canvas.write(figure, x + 0.3, 1.1, words[f"horizons.{name}"], size=9)
        x += 0.3 + canvas.width_of(words[f"horizons.{name}"], 9) + 0.35
    own = found.forecasts[found.forecasts["method"].eq(MODEL)]
    shown = own[own["horizon"].isin(found.rolling.horizons)]
    highest = float(shown[["p95", "observed"]].max().max())
    span = dt.date(found.rolling.years[0], 1, 1), dt.date(found.rolling.years[-1] + 1, 1, 1)
    for panel, horizon in enumerate(found.rolling.horizons):
        top = 1.45 + panel * (_PANEL_H + 0.45)
        axes = canvas.add_axes(figure, 0.7, top, canvas.MONTHS_WIDTH, _PANEL_H)
        rows = shown[shown["horizon"].eq(horizon)]
        days = _middles(rows["month"].to_numpy())
        axes.vlines(days, rows["p05"], rows["p95"], color=canvas.BAND_90, linewidth=6.0, zorder=2)
        axes.plot(days, rows["median"], zorder=4, **_line())
        inside = rows["inside"].to_numpy(bool)
        for chosen, style in ((inside, INSIDE), (~inside, OUTSIDE)):
            axes.plot(days[chosen], rows["observed"].to_numpy()[chosen], zorder=6, **style)
        canvas.time_axis(axes, *map(canvas.day_number, span))
        canvas.count_axis(axes, 0.0, 1.05 * highest, steps=4)
        name = "horizons.panel.1" if horizon == 1 else "horizons.panel"
        right = 0.7 + canvas.MONTHS_WIDTH + 0.15
        canvas.write(
            figure, right, top + 0.35, words[name].format(n=horizon), size=10, weight="bold"
        )
        told = words["horizons.inside"].format(inside=int(inside.sum()), n=len(rows))
        canvas.write(figure, right, top + 0.6, told, size=9, color=canvas.GREY)
    return figure


def _line() -> canvas.Style:
    return {"color": canvas.BLUE, "linestyle": "none", "marker": "_", "markersize": 8.0,
            "markeredgewidth": 1.8}  # fmt: skip


def _middles(months: np.ndarray) -> FloatArray:
    """Give the middle of each month in days, as `canvas.mid_months`."""
    starts = months.astype("datetime64[M]")
    days = starts.astype("datetime64[D]").astype(np.float64)
    return np.asarray(days + forecasts.days_of(starts) / 2)


@canvas.styled
def crps(found: Hindcast) -> Figure:
    """Draw the CRPS of the model and of the naive forecasts by months ahead.

    Parameters
    ----------
    found : Hindcast

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language.
    """
    words = canvas.words_in(TEXT)
    figure = canvas.new_figure(words["crps.title"], words["crps.subtitle"])
    axes = canvas.add_axes(figure, 0.7, 1.05, canvas.MONTHS_WIDTH, canvas.HEIGHT - 1.05 - 0.95)
    table = found.forecasts.pivot_table(
        index=["horizon", "origin"], columns="method", values="crps"
    ).dropna()
    means = table.groupby("horizon").mean()
    labels = []
    for method, dashes in zip((MODEL, *NAIVE), (None, *DASHES), strict=True):
        if method not in means:
            continue
        style: canvas.Style = {"color": canvas.GREY, "linewidth": 1.2, "linestyle": (0, dashes)}
        if method == MODEL:
            style = {"color": canvas.BLUE, "linewidth": 2.4}
        axes.plot(means.index, means[method], zorder=6 if method == MODEL else 4, **style)
        labels.append(canvas.Label(words[f"crps.{method}"], means[method].iloc[-1], style))
    canvas.count_axis(axes, 0.0, 1.05 * float(means.max().max()))
    _months_ahead(axes, means.index.to_numpy())
    canvas.write(
        figure, 0.7 + canvas.MONTHS_WIDTH / 2, canvas.HEIGHT - 0.55, words["crps.axis"], size=9,
        color=canvas.GREY, align="center",
    )  # fmt: skip
    canvas.label_ends(axes, labels)
    return figure


def _months_ahead(axes: Axes, ahead: np.ndarray) -> None:
    """Put the months ahead on the horizontal axis."""
    axes.set_xlim(float(ahead[0]) - 0.3, float(ahead[-1]) + 0.3)
    axes.set_xticks(ahead, labels=[language.number(float(each)) for each in ahead])
    axes.spines["bottom"].set(visible=True, color=canvas.GREY, linewidth=0.8)
