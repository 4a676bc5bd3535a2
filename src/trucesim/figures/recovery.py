"""The figure of recovered effects: on simulated records, the true effects and those on lineages."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trucesim.figures import canvas
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
"""Every word of the figure, by language and key."""

COLUMNS = 3
LEFT, TOP, SIZE, STEP, ROW = 0.95, 1.75, 2.4, 3.05, 3.35
"""Of the panels, in inches."""
FOOT = 0.5


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

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        The table lacks a column.
    """
    words = canvas.words_in(TEXT)
    needed = "record", "case", "truth", "mean", "low", "high", "inside", "chance_mean"
    canvas.check_columns(table, needed, "records")
    cases = list(dict.fromkeys(table["case"]))
    height = TOP + ROW * math.ceil(len(cases) / COLUMNS) + FOOT
    subtitle = words["subtitle"].format(
        records=language.number(table["record"].nunique()), draws=draws
    )
    figure = canvas.new_figure(words["title"], subtitle, height)
    _key(figure, words)
    for number, case in enumerate(cases):
        row, column = divmod(number, COLUMNS)
        left, top = LEFT + STEP * column, TOP + ROW * row
        rows = table[table["case"] == case]
        axes = canvas.add_axes(figure, left, top, SIZE, SIZE)
        title = canvas.shorten(titles[case], 10, SIZE + 0.4)
        canvas.write(figure, left, top - 0.33, title, size=10, weight="bold")
        held = words["held"].format(n=int(rows["inside"].sum()), all=len(rows))
        canvas.write(figure, left, top - 0.13, held, size=8.5, color=canvas.GREY)
        _panel(axes, rows)
        middle = left + SIZE / 2
        canvas.write(figure, middle, top + SIZE + 0.42, words["x"], size=9, color=canvas.GREY,
                     align="center")  # fmt: skip
        if column == 0:
            axes.set_ylabel(words["y"], fontsize=9, color=canvas.GREY)
    note = canvas.wrap(words["note"], 7.5, canvas.WIDTH - 0.9)
    canvas.write_lines(figure, 0.45, height - 0.3 - 0.14 * len(note), note, 7.5, canvas.GREY)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw one case; both axes have one scale, which the intervals may leave."""
    ends = rows[["truth", "mean", "chance_mean"]].to_numpy(np.float64)
    room = 0.12 * max(float(np.ptp(ends)), 1.0)
    low, high = float(ends.min()) - room, float(ends.max()) + room
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    ticks = canvas.round_ticks(low, high, 4)
    named = [language.short(tick) for tick in ticks]
    axes.set_xticks(ticks, named)
    axes.set_yticks(ticks, named)
    axes.grid(color=canvas.RULE, linewidth=0.7)
    axes.plot([low, high], [low, high], color=canvas.GREY, linewidth=0.9, zorder=2)
    axes.plot(rows["truth"], rows["chance_mean"], **CHANCE, zorder=3)
    for inside, style in ((True, INSIDE), (False, OUTSIDE)):
        part = rows[rows["inside"] == inside]
        axes.vlines(part["truth"], part["low"], part["high"], color=style["color"], linewidth=0.9,
                    alpha=0.55, zorder=4)  # fmt: skip
        axes.plot(part["truth"], part["mean"], **style, zorder=5)


INSIDE: canvas.Style = {"color": canvas.BLUE, "marker": "o", "markersize": 4.5, "linestyle": "none"}
OUTSIDE: canvas.Style = {
    "color": canvas.VERMILION, "marker": "o", "markersize": 4.5, "linestyle": "none",
    "markerfacecolor": "white", "markeredgewidth": 1.2,
}  # fmt: skip
CHANCE: canvas.Style = {
    "color": canvas.GREY, "marker": "x", "markersize": 4, "linestyle": "none",
}  # fmt: skip


def _key(figure: Figure, words: Mapping[str, str]) -> None:
    """Name the marks, in a line."""
    x = 0.45
    line: canvas.Style = {"color": canvas.GREY, "linewidth": 0.9}
    for name, style in (
        ("mean", INSIDE), ("missed", OUTSIDE), ("chance", CHANCE), ("equal", line)
    ):  # fmt: skip
        canvas.sample(figure, x, 1.08, style)
        canvas.write(figure, x + 0.3, 1.08, words[name], size=8)
        x += 0.3 + canvas.width_of(words[name], 8) + 0.25
