"""Figures of forecasts: one from one month on, and those of rolling origins."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from trucesim.figures import canvas
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.outcomes import forecasts
from trucesim.studies.forecast import Forecast
from trucesim.version import __version__
from trucesim.world.periods import FloatArray

TEXT = catalogue(
    {
        "fan.title": "Homicides per month, forecast from {origin}",
        "fan.subtitle": "{scenario}  ·  the record up to {origin}, and what the model says of the "
        "months after",
        "fan.most": "Forecast, 90% of members",
        "fan.half": "Forecast, 50%",
        "fan.median": "Forecast, median",
        "fan.past": "Record, taken in",
        "fan.later": "Record, not seen",
        "fan.note": "Conditional on nothing decided after {origin}. It is a model's forecast; its "
        "posterior has seen 2009-2016, so that inside these years it is no test.",
    }
)
"""The words of these figures, by language and key; those of `trucesim.figures` stand there."""

BEFORE = 36
"""Months of the record that are drawn before the origin."""

PAST: canvas.Style = {
    "color": canvas.INK, "linewidth": 1.1, "marker": "o", "markersize": 3.0, "markeredgewidth": 0.0,
}  # fmt: skip
LATER: canvas.Style = {
    "color": canvas.VERMILION, "linewidth": 0.9, "linestyle": (0, (2.5, 1.8)), "marker": "D",
    "markersize": 3.6, "markerfacecolor": "white", "markeredgewidth": 0.9,
}  # fmt: skip


def made_by(found: Forecast) -> xr.Dataset:
    """Give what stands at the foot of a forecast's figure."""
    return xr.Dataset(
        attrs={
            "version": __version__, "scenario": found.scenario.name,
            "digest": found.scenario.digest, "seed": found.seed, "runs": len(found.pooled),
        }
    )  # fmt: skip


@canvas.styled
def fan(found: Forecast) -> Figure:
    """Draw a forecast: the record up to its origin, the bands after it, and what happened.

    Parameters
    ----------
    found : Forecast

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language.
    """
    words = canvas.words_in(TEXT)
    origin = language.month(found.origin.astype("datetime64[D]").item())
    title = words["fan.title"].format(origin=origin)
    said = words["fan.subtitle"].format(origin=origin, scenario=found.scenario.title[spoken()])
    figure = canvas.new_figure(title, said)
    axes = canvas.add_axes(figure, 0.7, 1.1, canvas.MONTHS_WIDTH, canvas.HEIGHT - 1.1 - 1.05)

    past = found.past.last(BEFORE)
    days = _middles(found.months)
    low, lower, median, upper, high = np.quantile(found.pooled, (0.05, 0.25, 0.5, 0.75, 0.95), 0)
    # The bands open where the record ends.
    last = _middles(past.months[-1:])
    days = np.concatenate([last, days])
    low, lower, median, upper, high = (
        np.concatenate([past.counts[-1:], each]) for each in (low, lower, median, upper, high)
    )
    line: canvas.Style = {"color": canvas.BLUE, "linewidth": 1.9}
    axes.fill_between(days, low, high, color=canvas.BAND_90, linewidth=0, zorder=2)
    axes.fill_between(days, lower, upper, color=canvas.BAND_50, linewidth=0, zorder=3)
    axes.plot(days, median, zorder=5, **line)
    labels = [
        canvas.Label(words["fan.most"], high[-1], canvas.band(canvas.BAND_90)),
        canvas.Label(words["fan.half"], upper[-1], canvas.band(canvas.BAND_50)),
        canvas.Label(words["fan.median"], median[-1], line),
        canvas.Label(words["fan.past"], past.counts[-1], PAST),
    ]
    axes.plot(_middles(past.months), past.counts, zorder=6, **PAST)
    seen = np.isfinite(found.observed)
    if seen.any():
        axes.plot(days[1:][seen], found.observed[seen], zorder=7, **LATER)
        labels.append(canvas.Label(words["fan.later"], found.observed[seen][-1], LATER))
    end = np.datetime64(found.origin + forecasts.MONTH, "D").astype(np.float64)
    axes.axvline(float(end), color=canvas.GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1.5)
    highest = max(high.max(), past.counts.max(), np.nanmax([*found.observed, 0.0]))
    first, stop = (
        float(np.datetime64(each, "D").astype(np.float64))
        for each in (past.months[0], found.months[-1] + forecasts.MONTH)
    )
    canvas.time_axis(axes, first, stop)
    canvas.count_axis(axes, 0.0, 1.05 * float(highest))
    canvas.label_ends(axes, labels)
    _note(figure, words["fan.note"].format(origin=origin), canvas.HEIGHT)
    return figure


def _note(figure: Figure, words: str, height: float) -> None:
    """Write a note above the foot."""
    lines = canvas.wrap(words, 8, canvas.WIDTH - 0.9)
    canvas.write_lines(figure, 0.45, height - 0.3 - 0.15 * len(lines), lines, 8, canvas.GREY)


def _middles(months: np.ndarray) -> FloatArray:
    """Give the middle of each month in days, as `canvas.mid_months`."""
    starts = months.astype("datetime64[D]").astype(np.float64)
    return np.asarray(starts + forecasts.days_of(months.astype("datetime64[M]")) / 2)
