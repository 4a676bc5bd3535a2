"""The folder of a comparison of structural variants: tables, and the report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from trucesim.files import markdown
from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.studies.calibration import Plan
from trucesim.studies.variants import MARGIN, MODEL, REPEATS, blocks_of, summarise
from trucesim.version import __version__


def write(table: pd.DataFrame, plan: Plan, runs: int, folder: Path, *, command: str) -> list[Path]:
    """Write ``scores.csv``, ``summary.csv``, ``README.md`` and ``manifest.json``.

    Parameters
    ----------
    table : pandas.DataFrame
        As :func:`trucesim.studies.variants.compare_variants` gives it.
    plan : Plan
    runs : int
        Of each fit's table.
    folder : Path
    command : str
        What was asked for.
    """
    summary = summarise(table)
    written = []
    for name, frame in (("scores", table), ("summary", summary)):
        save = partial(frame.to_csv, index=False, float_format="%.5g", lineterminator="\n")
        written.append(put_whole(folder / f"{name}.csv", save))
    text = _report(table, summary, plan, runs, command)
    report = put_text(folder / "README.md", text)
    made = {"command": "variants", "made": command, "trucesim": __version__}
    manifest = put_whole(folder / "manifest.json", partial(write_json, made))
    return [*written, report, manifest]


def _report(table: pd.DataFrame, summary: pd.DataFrame, plan: Plan, runs: int, command: str) -> str:
    """Write the report: every number in it is computed."""
    shown = summary.drop(columns=["worse", "clearly_worse"])
    clear: list[str] = []
    less: list[str] = []
    idle: list[str] = []
    for row in summary[summary["variant"] != MODEL].to_dict("records"):
        scores = row["clearly_worse"] or row["worse"]
        into = clear if row["clearly_worse"] else less if scores else idle
        into.append(f"- `{row['variant']}`{': ' if scores else ''}{scores.replace('_', ' ')}")
    variants = [
        f"- `{name}`: " + ", ".join(f"{key} = {value:g}" for key, value in fixed.items())
        for name, fixed in plan.variants.items()
        if name in set(table["variant"])
    ]
    blocks = ", ".join(plan.blocks[: plan.pooled])
    return "\n".join(
        [
            "# Structural variants",
            "",
            f"Made by `{command}`; nothing here was written by hand. The model, and the same "
            f"without one of its mechanisms, each fitted anew from {runs} runs drawn from the "
            "priors, the size of its climate tuned in every fold unless it has none, and scored on "
            f"{blocks}, which the fits have not seen. A variant's runs have the parameters and the "
            "chance of the model's first fit, but for what is taken out.",
            "",
            f"Two tables of one model differ by luck: `{MODEL}` is fitted {REPEATS} times. "
            "A variant is *worse* in a score where it lies beyond the worst of these, and "
            f"*clearly* worse beyond it by {MARGIN:.0%} of their range. Of variants as good as the "
            "model, one in six is worse in a given score by luck, and one in twenty clearly worse: "
            "a single score says little.",
            "",
            "## Scores",
            "",
            "CRPS of months in homicides (lower is better) and log score (higher is better), "
            "pooled over the blocks: `own` by the model's own hazard of the gangs' answers, "
            "`given` with these on their documented days. Of cross-sections of departments, and of "
            "days and forces, that lie in the blocks, with given answers: mean CRPS in percent of "
            "the observed value. "
            "Patterns: of the whole record, which the fit has seen; numbers inside the 90% "
            "interval, and inside one that is no wider than the value.",
            "",
            markdown.of_frame(shown),
            "",
            "## What is clearly worse without what",
            "",
            *(clear or ["Nothing."]),
            "",
            "## What is worse, but not clearly",
            "",
            *(less or ["Nothing."]),
            "",
            "## Without which nothing is worse",
            "",
            *(idle or ["None."]),
            "",
            "## Block by block",
            "",
            "CRPS of the months by the model's own hazard.",
            "",
            markdown.of_frame(blocks_of(table)),
            "",
            "## The variants",
            "",
            *variants,
            "",
        ]
    )
