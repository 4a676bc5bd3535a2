"""The figure of patterns: simulated against observed, a row a pattern."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from trucesim.figures.axes import Column, group_rows, head_rows, name_rows, ratio_axis
from trucesim.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    INK,
    Style,
    check_columns,
    mark,
    new_figure,
    styled,
)
from trucesim.figures.canvas import TEXT as WORDS
from trucesim.files.errors import InputError
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue
from trucesim.outcomes.patterns import coverage, judge
from trucesim.outcomes.patterns import label as label_of

TEXT = catalogue(
    {
        "patterns.title": "The model held against the record",
        "patterns.subtitle": "Simulated divided by observed: median and 90% of runs",
        "patterns.fit": "Fit",
        "patterns.check": "Check",
        "patterns.initial condition": "Initial condition",
        "patterns.counted": "{counted} of {simulated} inside",
        "patterns.observed": "Observed",
        "patterns.simulated": "Simulated (90%)",
        "patterns.inside": "observed value inside the 90% interval",
        "patterns.too_wide": "inside, but the interval is wider than the value: not counted",
        "patterns.outside": "outside",
        "patterns.arrow": "Arrows: beyond the axis.",
        "patterns.omitted": "{n} without a ratio not shown (observed value 0).",
    }
)

USES = {"fit": BLUE, "check": GREEN, "initial condition": GREY}
"""The uses of patterns in the order in which they are shown, with their colours."""

STATES = ("inside", "too_wide", "outside")
"""Of an observed value and the interval of its pattern."""

FARTHEST = 30.0
"""The axis of ratios goes no farther than this from 1, either way."""

LEADING, HEADING = 0.205, 2.1
"""Inches of a row, and rows that a heading takes."""


@styled
def patterns(comparison: pd.DataFrame) -> Figure:
    """Draw each pattern as simulated divided by observed, grouped by its use.

    Filled: the observed value lies in the 90 % interval; half filled: it does, but the interval is
    wider than the value (`trucesim.outcomes.patterns.judge`); hollow: it does not. The headings
    count the filled ones, over all rows of their use that are simulated.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `trucesim.outcomes.patterns.compare` gives it. Rows that are not simulated are left out;
        those whose observed value is 0 have no ratio and are counted in a note.

    Raises
    ------
    InputError
        If a column is missing or there is no row.
    """
    bounds = ["simulated_p05", "simulated_median", "simulated_p95"]
    check_columns(comparison, ("id", "use", "observed", *bounds), "patterns")
    judged = judge(comparison)
    drawn = judged[judged["simulated"] & (judged["observed"] > 0)]
    drawn = pd.concat([drawn[drawn["use"] == use] for use in USES])
    if drawn.empty:
        raise InputError("the table of patterns has no row with a simulated and an observed value")
    ratios = drawn[bounds].to_numpy(np.float64) / drawn[["observed"]].to_numpy(np.float64)
    positive = ratios[ratios > 0]
    low = float(np.clip(0.9 * positive.min(), 1 / FARTHEST, 1 / 2.2))
    high = float(np.clip(1.1 * positive.max(), 2.2, FARTHEST))
    notes = [TEXT["patterns.arrow"]] if ((ratios < low) | (ratios > high)).any() else []
    if omitted := int((judged["simulated"] & (judged["observed"] <= 0)).sum()):
        notes.append(TEXT["patterns.omitted"].format(n=omitted))

    at, heads = group_rows(drawn["use"].tolist(), HEADING)
    figure = new_figure(
        TEXT["patterns.title"], TEXT["patterns.subtitle"], 2.3 + LEADING * float(at[-1]),
        key=[(TEXT[f"patterns.{state}"], _mark(state, INK)) for state in STATES],
        note=" ".join(notes),
    )  # fmt: skip
    axes = figure.add_subplot()
    ratio_axis(axes, low, high)
    names = [label_of(str(name)) for name in drawn["id"]]
    cells = [_cells(*values) for values in drawn[["observed", *bounds[::2]]].to_numpy(np.float64)]
    observed, simulated = ([cell[column] for cell in cells] for column in (0, 1))
    columns = [
        Column(TEXT["patterns.observed"], observed),
        Column(TEXT["patterns.simulated"], simulated, color=GREY),
    ]
    name_rows(axes, names, columns, at, size=8.5)
    counts = coverage(comparison).set_index("use")
    clipped = np.clip(ratios, low, high)
    inside = drawn["inside"].eq(True)
    state = np.select([drawn["counts"], inside], STATES[:2], STATES[2])
    for use, head in heads.items():
        own, color = (drawn["use"] == use).to_numpy(), USES[use]
        told = TEXT["patterns.counted"].format(**counts.loc[use])
        head_rows(axes, head, TEXT[f"patterns.{use}"], told, color)
        axes.hlines(at[own], *clipped[own][:, ::2].T, color=color, alpha=0.45, linewidth=3.2)
        for row in np.flatnonzero(own):
            axes.plot(clipped[row, 1], at[row], zorder=5, **_mark(state[row], color))
        for beyond, limit, edge, marker in (
            (ratios[:, 0] < low, low, -0.06, "<"), (ratios[:, 2] > high, high, 0.06, ">")
        ):  # fmt: skip
            shift = ScaledTranslation(edge, 0, figure.dpi_scale_trans)
            for row in np.flatnonzero(own & beyond):
                axes.plot(
                    limit, at[row], marker, color=color, markersize=4.5, clip_on=False,
                    transform=axes.transData + shift,
                )  # fmt: skip
    return figure


def _cells(observed: float, low: float, high: float) -> tuple[str, str]:
    """Write an observed value and an interval to the same digits."""
    digits = language.digits_of(observed)
    value = language.number(observed, digits)
    if 0 < observed < 1:
        # An observed value of 0.2 would leave the interval but one figure.
        digits = max(digits, 2)
    ends = (language.number(end, digits) for end in (low, high))
    return value, WORDS["range"].format(*ends)


def _mark(state: str, color: str) -> Style:
    """Give the mark of a state: it is told by its filling, not by its colour."""
    return {
        **mark(color, hollow=state == "outside"), "clip_on": False, "markeredgewidth": 1.2,
        "fillstyle": "left" if state == "too_wide" else "full", "markerfacecoloralt": "white",
    }  # fmt: skip
