"""The figure of ablations: which patterns are lost, gained and moved, case by case."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trucesim.figures import canvas
from trucesim.figures.axes import group_rows, head_rows, name_rows
from trucesim.figures.canvas import FINE, INK, VERMILION, Style, mark
from trucesim.figures.pattern import TEXT as PATTERNS
from trucesim.figures.pattern import USES
from trucesim.locale.catalogue import catalogue
from trucesim.outcomes import patterns

TEXT = catalogue(
    {
        "subtitle": "{runs}, paired with the full model; the farthest from the fit patterns first",
        "inside": "observed value inside 90% of runs",
        "outside": "outside",
        "lost": "lost: inside in the full model",
        "gained": "gained: outside in the full model",
        "moves": "runs rise or fall, in pairs",
        "small": "the same, but by little",
        "head": "patterns inside",
        "note": "Triangles: the interval of the mean paired effect, 95% jointly over a column's "
        "patterns, excludes zero; small: less than a quarter of the half-width of the full model's "
        "90% interval. Checks are reported, never used to choose.",
    }
)

FILL = "#a9cbe2"

SMALL = 0.25
"""Half-widths of the full model's 90% interval below which an effect is drawn small."""

ROW, HEADING = 0.215, 2.4
"""Inches of a row, and rows that a heading takes."""

_FRAME: Style = {"markeredgewidth": 1.8}

CELLS: dict[str, Style] = {
    "inside": mark(FILL, "s", 13),
    "outside": {**mark(FINE, "s", 13, hollow=True), "markeredgewidth": 0.7},
    "lost": {**mark(VERMILION, "s", 13, hollow=True), **_FRAME},
    "gained": {**mark(FILL, "s", 13), "markeredgecolor": INK, **_FRAME},
}
"""Nothing depends on colour: a filled cell is inside, a thick frame says that this is new."""


def _triangle(rises: bool, small: bool) -> Style:
    return mark(INK, "^" if rises else "v", 3.0 if small else 6.0)


@canvas.styled
def ablations(
    table: pd.DataFrame,
    scores: pd.DataFrame,
    titles: Mapping[str, str],
    title: str,
    runs: int,
) -> Figure:
    """Draw patterns by rows and cases by columns.

    A filled cell is inside, a hollow one outside, a thick frame says that this differs from the
    full model and a triangle where the runs move.

    Parameters
    ----------
    table, scores : pandas.DataFrame
        See `trucesim.studies.ablation.tabulate` and `summarise`; the full model's rows first.
    titles : mapping of str to str
        Of the cases.
    title : str
        Of the figure.
    runs : int
        Of each case.
    """
    table = pd.concat([table[table["use"] == use] for use in USES])
    uses = table.drop_duplicates("pattern").set_index("pattern")["use"]
    places, heads = group_rows(uses.tolist(), HEADING)
    at = pd.Series(places, uses.index)
    counts = scores.set_index("ablation")
    others = counts["fit_distance"].iloc[1:].sort_values(ascending=False, kind="stable").index
    # The full model stands a little apart: all else is compared with it.
    x = pd.Series(np.arange(len(counts)) + 0.0, [str(counts.index[0]), *others])
    x.iloc[1:] += 0.3

    moves = [
        (TEXT[name], tuple(_triangle(rises, small) for rises in (True, False)))
        for name, small in (("moves", False), ("small", True))
    ]
    figure = canvas.new_figure(
        title, TEXT["subtitle"].format(runs=canvas.runs_in_words(runs)),
        3.7 + ROW * float(at.iloc[-1]), note=TEXT["note"],
        key=[*((TEXT[name], {**CELLS[name], "markersize": 9}) for name in CELLS), *moves],
        aside=True,
    )  # fmt: skip
    axes = figure.add_subplot()
    axes.set_xlim(-0.7, x.iloc[-1] + 0.6)
    axes.xaxis.tick_top()
    titled = [titles[name] for name in x.index]
    axes.set_xticks(x, titled, rotation=55, ha="left", rotation_mode="anchor", fontsize=8)
    axes.tick_params(axis="x", labelcolor=INK, pad=1)
    axes.get_xticklabels()[0].set_fontweight("bold")
    name_rows(axes, [patterns.label(name) for name in uses.index], (), at, size=8, room=2.5)
    inside_of = {use: counts[f"{use}_inside"].astype(int).to_dict() for use in heads}
    for use, head in heads.items():
        head_rows(axes, head, PATTERNS[f"patterns.{use}"], TEXT["head"])
        for name, place in x.items():
            axes.text(
                place, head, str(inside_of[use][name]), fontsize=8, ha="center",
                va="center_baseline", weight="bold",
            )  # fmt: skip
    table = table.assign(x=table["ablation"].map(x), y=table["pattern"].map(at))
    inside = table["inside"].astype(bool)
    differs = table["lost"] | table["gained"]
    for state, chosen in (
        ("inside", inside & ~differs), ("outside", ~inside & ~differs),
        ("lost", table["lost"]), ("gained", table["gained"]),
    ):  # fmt: skip
        cells = table[chosen.astype(bool)]
        axes.plot(cells["x"], cells["y"], **CELLS[state])
    for rises in (True, False):
        for small in (True, False):
            moved = table[
                (table["moves"] * (1 if rises else -1) > 0)
                & (table["shift"].abs().lt(SMALL) == small)
            ]
            axes.plot(moved["x"], moved["y"], **_triangle(rises, small))
    return figure
