"""Figures of forecasts: one from one month on, and those of rolling origins."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from trucesim.figures import canvas
from trucesim.figures.axes import Label, draw_bands, label_ends, middles, number_axis, time_axis
from trucesim.figures.canvas import GREY, INK, VERMILION, Style, mark
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.outcomes.forecasts import MONTH
from trucesim.studies.forecast import Forecast

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
BEFORE = 36
"""Months of the record that are drawn before the origin."""

PAST: Style = {**mark(INK, size=3.0), "linewidth": 1.1, "linestyle": "-"}
LATER: Style = {
    **mark(VERMILION, "D", 3.6, hollow=True), "linewidth": 0.9, "linestyle": (0, (2.5, 1.8)),
}  # fmt: skip


def made_by(found: Forecast) -> xr.Dataset:
    """Give what stands at the foot of a forecast's figure."""
    return canvas.made_by(found.scenario, found.seed, len(found.pooled))


@canvas.styled
def fan(found: Forecast) -> Figure:
    """Draw a forecast: the record up to its origin, the bands after it, and what happened."""
    origin = language.month(found.origin.astype("datetime64[D]").item())
    title = TEXT["fan.title"].format(origin=origin)
    said = TEXT["fan.subtitle"].format(origin=origin, scenario=found.scenario.title[spoken()])
    figure = canvas.new_figure(title, said, note=TEXT["fan.note"].format(origin=origin))
    axes = figure.add_subplot()
    past = found.past.last(BEFORE)
    # The bands open where the record ends.
    days = middles(np.concatenate([past.months[-1:], found.months]))
    bounds = np.quantile(found.pooled, (0.05, 0.25, 0.5, 0.75, 0.95), 0)
    bounds = np.column_stack([np.full(len(bounds), past.counts[-1]), bounds])
    names = [TEXT[f"fan.{name}"] for name in ("most", "half", "median")]
    labels = draw_bands(axes, days, bounds, names)
    axes.plot(middles(past.months), past.counts, zorder=6, **PAST)
    labels.append(Label(TEXT["fan.past"], past.counts[-1], PAST))
    seen = np.isfinite(found.observed)
    if seen.any():
        axes.plot(days[1:][seen], found.observed[seen], zorder=7, **LATER)
        labels.append(Label(TEXT["fan.later"], found.observed[seen][-1], LATER))
    first, end, stop = (
        float(np.datetime64(each, "D").astype(np.float64))
        for each in (past.months[0], found.origin + MONTH, found.months[-1] + MONTH)
    )
    axes.axvline(end, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1.5)
    highest = max(bounds.max(), past.counts.max(), np.nanmax([*found.observed, 0.0]))
    time_axis(axes, first, stop)
    number_axis(axes, "y", 0.0, 1.05 * float(highest))
    label_ends(axes, labels)
    return figure
