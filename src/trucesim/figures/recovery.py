"""The figure of recovered effects: on simulated records, the true effects and those on lineages."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trucesim.figures import canvas
from trucesim.figures.axes import number_axis
from trucesim.figures.canvas import BLUE, GREY, VERMILION, Style, mark
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue

TEXT = catalogue(
    {
        "title": "Effects recovered by following the record",
        "subtitle": "{records} simulated records whose truth is known, {draws} lineages each",
        "mean": "Mean of the lineages, and their 90% interval",
        "missed": "the same, the truth outside it",
        "chance": "Mean of the same draws in plain runs",
        "equal": "recovered = true",
        "x": "True effect",
        "y": "Recovered effect",
        "held": "{n} of {all} inside",
        "note": "Effect: recorded homicides of A minus B from the day of the change to the end of "
        "2016; positive where B has fewer. Simulated, not observed.",
    }
)
COLUMNS = 3

INSIDE, OUTSIDE = mark(BLUE, size=4.5), mark(VERMILION, size=4.5, hollow=True)
CHANCE = mark(GREY, "x", 4.0)


@canvas.styled
def recovered(table: pd.DataFrame, titles: Mapping[str, str], draws: int) -> Figure:
    """Draw recovered effects against true ones, a panel a case.

    Filled marks hold the truth in their interval, hollow ones do not: nothing depends on colour.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a record and case; see `trucesim.studies.recovery.by_record`.
    titles : mapping of str to str
        Of the cases.
    draws : int
        Lineages of each record.

    Raises
    ------
    InputError
        The table lacks a column.
    """
    needed = "record", "case", "truth", "mean", "low", "high", "inside", "chance_mean"
    canvas.check_columns(table, needed, "records")
    cases = list(dict.fromkeys(table["case"]))
    rows = math.ceil(len(cases) / COLUMNS)
    subtitle = TEXT["subtitle"].format(
        records=language.number(table["record"].nunique()), draws=draws
    )
    line: Style = {"color": GREY, "linewidth": 0.9}
    styles = {"mean": INSIDE, "missed": OUTSIDE, "chance": CHANCE, "equal": line}
    key = [(TEXT[name], style) for name, style in styles.items()]
    figure = canvas.new_figure(
        TEXT["title"], subtitle, 1.95 + 3.5 * rows, key=key, note=TEXT["note"]
    )
    for number, case in enumerate(cases, 1):
        axes = figure.add_subplot(rows, COLUMNS, number, box_aspect=1)
        own = table[table["case"] == case]
        axes.set_title(canvas.shorten(titles[case], 10, 2.6), pad=20)
        axes.annotate(
            TEXT["held"].format(n=int(own["inside"].sum()), all=len(own)), (0, 1), (0, 7),
            xycoords="axes fraction", textcoords="offset points", fontsize=8.5, color=GREY,
        )  # fmt: skip
        _panel(axes, own)
        axes.set_xlabel(TEXT["x"])
        axes.set_ylabel(TEXT["y"] if number % COLUMNS == 1 else "")
    return figure


def _panel(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw one case; both axes have one scale, which the intervals may leave."""
    ends = rows[["truth", "mean", "chance_mean"]].to_numpy(np.float64)
    room = 0.12 * max(float(np.ptp(ends)), 1.0)
    low, high = float(ends.min()) - room, float(ends.max()) + room
    for which in ("x", "y"):
        number_axis(axes, which, low, high, steps=4)
    axes.plot([low, high], [low, high], color=GREY, linewidth=0.9, zorder=2)
    axes.plot(rows["truth"], rows["chance_mean"], **CHANCE, zorder=3)
    for inside, style in ((True, INSIDE), (False, OUTSIDE)):
        part = rows[rows["inside"] == inside]
        axes.vlines(part["truth"], part["low"], part["high"], color=style["color"], linewidth=0.9,
                    alpha=0.55, zorder=4)  # fmt: skip
        axes.plot(part["truth"], part["mean"], **style, zorder=5)
