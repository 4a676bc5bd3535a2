"""The folder of a comparison of structural variants: tables, and the report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.reports.rendering import render
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
    made = {"command": "variants", "command_line": command, "trucesim": __version__}
    manifest = put_whole(folder / "manifest.json", partial(write_json, made))
    return [*written, report, manifest]


def _report(table: pd.DataFrame, summary: pd.DataFrame, plan: Plan, runs: int, command: str) -> str:
    """Write the report: every number in it is computed."""
    others = summary[summary["variant"] != MODEL]
    clear, less = others["clearly_worse"].ne(""), others["worse"].ne("")
    scored = set(table["variant"])
    return render(
        "variants.md", command=command, runs=runs, blocks=plan.blocks[: plan.pooled], model=MODEL,
        repeats=REPEATS, margin=MARGIN, shown=summary.drop(columns=["worse", "clearly_worse"]),
        clear=others[clear], less=others[less & ~clear], idle=others[~less & ~clear],
        by_block=blocks_of(table),
        variants={name: fixed for name, fixed in plan.variants.items() if name in scored},
    )  # fmt: skip
