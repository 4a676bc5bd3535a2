"""TruceModel in Mesa's own SolaraViz: for those who know Mesa and want to press its buttons.

Run it with ``solara run examples/solara_viz.py``. Solara loads its page from the internet unless
its assets are installed; these versions were seen to work without::

    pip install trucesim solara solara-assets==1.58.2 "ipyvue<2" "ipyvuetify<2" altair

``trucesim workshop`` compares cases with their uncertainty; this shows one run, week by week.
"""

from __future__ import annotations

import numpy as np
import solara
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

from trucesim.model import TruceModel
from trucesim.parameters import PARAMETERS
from trucesim.runs.sampling import point_values
from trucesim.scenario.file import shipped
from trucesim.world import tiles as geography


def slider(name: str) -> dict[str, object]:
    """Make a control of what is declared of a parameter."""
    each = PARAMETERS[name]
    return {
        "type": "SliderFloat", "value": point_values()[name], "min": each.low, "max": each.high,
        "step": (each.high - each.low) / 50, "label": each.label(),
    }  # fmt: skip


CONTROLS = {
    "scenario": {
        "type": "Select", "value": "truce-2012", "values": list(shipped()), "label": "Scenario",
    },
    "seed": {"type": "SliderInt", "value": 1, "min": 1, "max": 99, "step": 1, "label": "Seed"},
    "run": {"type": "SliderInt", "value": 0, "min": 0, "max": 99, "step": 1, "label": "Run"},
    "breach_others": slider("breach_others"),
    "sanction": slider("sanction"),
}  # fmt: skip


@solara.component
def Zones(model: TruceModel) -> None:
    """Draw the municipalities, and which of them are violence-free zones by now."""
    update_counter.get()
    figure = Figure(figsize=(6.5, 3.2), layout="constrained")
    axes = figure.subplots()
    zones = {place.code for place in model.municipality_list if place.zone}
    for code, rings in geography.outlines().items():
        for ring in rings:
            colour = "#009E73" if code in zones else "#dcdfe2"
            axes.fill(*np.asarray(ring).T, facecolor=colour, edgecolor="white", linewidth=0.4)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(f"{model.date}: {len(zones)} violence-free zones", loc="left")
    solara.FigureMatplotlib(figure)


page = SolaraViz(
    TruceModel(),
    components=[
        Zones,
        make_plot_component("recorded_homicides"),
        make_plot_component(["compliance_ms13", "compliance_surenos"]),
    ],
    model_params=CONTROLS,
    name="The truce of 2012, one run",
)
