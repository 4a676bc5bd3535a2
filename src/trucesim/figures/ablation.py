"""The figure of ablations: which patterns are lost, gained and moved, case by case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from trucesim.figures import canvas
from trucesim.figures.scenario import TEXT as SCENARIO_TEXT
from trucesim.figures.scenario import USES
from trucesim.locale.catalogue import catalogue

TEXT = catalogue(
    {
        "subtitle": "{runs}, paired with the full model; the farthest from the fit patterns first",
        "inside": "observed value inside 90% of runs",
        "outside": "outside",
        "lost": "lost: inside in the full model",
        "gained": "gained: outside in the full model",
        "moves": "runs rise or fall, in pairs",
        "small": "the same, but by little",
        "head": "{use}: patterns inside",
        "note": "Triangles: the interval of the mean paired effect, 95% jointly over a column's "
        "patterns, excludes zero; small: less than a quarter of the half-width of the full model's "
        "90% interval. Checks are reported, never used to choose.",
    }
)
"""Every word of the figure, by language and key."""

FILL = "#a9cbe2"
SMALL = 0.25
"""Half-widths of the full model's 90% interval below which an effect is drawn small."""
CELL = 0.19
ROW = 0.215
LABELS, RIGHT = 2.62, 0.95
HEAD = 2.86
"""From the upper edge to the first row: room for slanted titles."""
FOOT = 0.85
"""From the last row to the lower edge."""


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
    full model and a triangle where the runs move: nothing depends on colour.

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
    words = {**canvas.words_in(SCENARIO_TEXT), **TEXT}
    ids = {
        use: list(dict.fromkeys(table.loc[table["use"] == use, "pattern"]))
        for use in USES
        if use in set(table["use"])
    }
    height = HEAD + ROW * sum(len(each) + 1.6 for each in ids.values()) + FOOT
    subtitle = words["subtitle"].format(runs=canvas.runs_in_words(runs))
    figure = canvas.new_figure(title, subtitle, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, canvas.WIDTH)
    axes.set_ylim(height, 0)  # inches from the upper left, as everywhere in these figures
    axes.axis("off")

    counts = scores.set_index("ablation")
    others = counts["fit_distance"].iloc[1:].sort_values(ascending=False, kind="stable").index
    order = [str(counts.index[0]), *others]
    left = 0.45 + LABELS
    step = (canvas.WIDTH - left - RIGHT - 0.25) / len(order)
    # The full model stands a little apart: all else is compared with it.
    at = {name: left + step * (n + 0.5) + (0.12 if n else 0.0) for n, name in enumerate(order)}
    for n, (name, x) in enumerate(at.items()):
        axes.text(
            x - 0.04, HEAD - 0.2, titles[name], fontsize=8, rotation=55, ha="left", va="bottom",
            rotation_mode="anchor", color=canvas.INK, weight="normal" if n else "bold",
        )  # fmt: skip

    rows = {(row["ablation"], row["pattern"]): row for row in table.to_dict("records")}
    y = HEAD
    for use, patterns in ids.items():
        head = words["head"].format(use=words[f"patterns.{use}"])
        canvas.write(figure, 0.45, y, head, size=9, weight="bold")
        for name, x in at.items():
            axes.text(
                x, y, f"{int(counts.loc[name, f'{use}_inside'])}", fontsize=8, ha="center",
                va="center_baseline", weight="bold", color=canvas.INK,
            )  # fmt: skip
        canvas.rule(figure, 0.45, at[order[-1]] + step / 2, y + 0.13)
        y += 0.27
        for pattern in patterns:
            label = words.get(f"pattern.{pattern}", pattern)
            canvas.write(figure, 0.45, y, canvas.shorten(label, 8, LABELS - 0.1), size=8)
            for name, x in at.items():
                if (name, pattern) in rows:
                    _cell(axes, x, y, rows[name, pattern])
            y += ROW
        y += 1.6 * ROW - 0.27
    _key(figure, axes, words)
    note = canvas.wrap(words["note"], 7.5, canvas.WIDTH - 0.9)
    canvas.write_lines(figure, 0.45, height - 0.52, note, 7.5, canvas.GREY)
    return figure


def _cell(axes: Axes, x: float, y: float, row: Mapping[Any, Any]) -> None:
    """Draw one cell at its middle."""
    differs = row["lost"] or row["gained"]
    edge = canvas.VERMILION if row["lost"] else canvas.INK if row["gained"] else canvas.FINE
    width, side = (1.8, CELL - 0.025) if differs else (0.7, CELL)
    axes.add_patch(
        Rectangle(
            (x - side / 2, y - side / 2), side, side, linewidth=width,
            facecolor=FILL if row["inside"] else "white",
            edgecolor=FILL if row["inside"] and not differs else edge,
        )
    )  # fmt: skip
    if row["moves"]:
        _triangle(axes, x, y, row["moves"] > 0, abs(row["shift"]) < SMALL)


def _triangle(axes: Axes, x: float, y: float, rises: bool, small: bool) -> None:
    axes.plot(
        x, y, marker="^" if rises else "v", markersize=3.0 if small else 6.0, color=canvas.INK,
        markeredgewidth=0,
    )  # fmt: skip


def _key(figure: Figure, axes: Axes, words: Mapping[str, str]) -> None:
    """Say what cells mean, one below the other left of the columns' titles."""
    y = 1.12
    for name in ("inside", "outside", "lost", "gained", "moves", "small"):
        if name in ("moves", "small"):
            for x, rises in ((0.5, True), (0.61, False)):
                _triangle(axes, x, y, rises, name == "small")
        else:
            drawn = {"lost": False, "gained": False, "moves": 0, name: True}
            _cell(axes, 0.55, y, {"inside": name in ("inside", "gained"), **drawn})
        canvas.write(figure, 0.75, y, canvas.shorten(words[name], 8, LABELS + 0.2), size=8)
        y += 0.27
