"""The command line of experiments; what a command needs is imported when it is called."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucesim.cli.options import (
    MOST_ROWS,
    SweepBar,
    add_experiment,
    add_lang,
    add_rules,
    add_running,
    experiment_of,
    tell,
    tell_of_failures,
)
from trucesim.cli.streams import print_json
from trucesim.files.errors import Message
from trucesim.locale.catalogue import catalogue, spoken

if TYPE_CHECKING:
    from trucesim.studies.experiment.folder import Sweep


def add_commands(commands: Any) -> None:
    """Add the commands of experiments to the parser's."""
    sweep = commands.add_parser(
        "sweep",
        help="run an experiment: scenarios, levers and uncertainties, at any scale",
        description="Makes all runs of an experiment, in chunks of about a second that are kept as "
        "they are done. An interrupted sweep resumes; further points or more replicates extend it. "
        "The result is the same for any number of workers and any size of chunks.",
        epilog="Exit codes: 0 complete, 1 points failed or the disk is full, 2 wrong input, "
        "130 interrupted.",
    )
    add_experiment(sweep)
    add_rules(sweep, "at all points")
    sweep.add_argument(
        "--out", type=Path, metavar="DIR", help="folder of the sweep (results/EXPERIMENT)"
    )
    sweep.add_argument("--resume", action="store_true", help="go on with the sweep in that folder")
    add_running(sweep)
    add_lang(sweep)
    sweep.add_argument("--json", action="store_true", help="print JSON instead of a table")
    sweep.set_defaults(act=_sweep)


def _sweep(options: argparse.Namespace) -> int:
    from trucesim.cli.tables import tell_of_compilation
    from trucesim.studies.experiment.sweep import run_sweep

    experiment = experiment_of(options)
    folder = options.out or Path("results") / experiment.name
    if not options.scheduler:
        tell_of_compilation()
    with SweepBar() as bar:
        found = run_sweep(
            experiment, folder, workers=options.workers, scheduler=options.scheduler,
            resume=options.resume, seconds=options.chunk, progress=bar, tell=tell,
        )  # fmt: skip
    failures = found.failures
    if options.json:
        print_json(summary(found))
    else:
        _print_sweep(found)
    from trucesim.cli.analyses import tell_effects

    tell_effects(found, quiet=options.json)
    tell_of_failures(failures)
    if failures:
        tell(
            Message(
                "{n} of {all} points failed; their tracebacks are in {folder}; --resume tries "
                "them again", n=len(failures), all=len(found.design), folder=folder / "failures",
            )
        )  # fmt: skip
    return 1 if failures else 0


def summary(sweep: Sweep) -> dict[str, Any]:
    """Gather what a sweep found, ready for JSON."""
    table = sweep.summary.astype(object).where(sweep.summary.notna(), None)
    by_point = {int(str(point)): rows for point, rows in table.groupby("point")}
    points = []
    for point, row in sweep.design.iterrows():
        number = int(str(point))
        rows = by_point.get(number)
        outcomes: Mapping[str, Any] = {}
        if rows is not None:
            outcomes = {
                each["outcome"]: {k: v for k, v in each.items() if k not in ("point", "outcome")}
                for each in rows.to_dict("records")
            }
        settings = {
            str(name): value if isinstance(value, float | bool | None) else str(value)
            for name, value in row.items()
        }
        points.append({"point": number, "settings": settings, "outcomes": outcomes})
    return {
        "experiment": sweep.experiment.name,
        "folder": str(sweep.folder),
        "complete": sweep.complete,
        "replicates": sweep.experiment.replicates,
        "points": points,
        "failures": [
            {"point": each["point"], "traceback": each["traceback"]} for each in sweep.failures
        ],
    }


TEXT = catalogue(
    {
        "point": "point",
        "case": "case",
        "paired": "Medians and 5-95%, or the share of runs, over {runs} runs at each point; the "
        "same run numbers at all of them (paired).",
        "more": "... and {n} more points in summary.csv",
    },
    context="cli.sweep",
)


def _print_sweep(sweep: Sweep) -> None:
    from rich.table import Table

    from trucesim.cli.tables import page
    from trucesim.locale.language import number, percent, short
    from trucesim.studies.experiment.precision import called

    console, design, table = page(), sweep.design, sweep.summary
    names = called(sweep.points())
    printed = Table(title=sweep.experiment.title[spoken()], title_justify="left")
    for name in (TEXT["point"], TEXT["case"]):
        printed.add_column(name)
    outcomes = sweep.experiment.outcomes[:6]
    for name in outcomes:
        each = sweep.experiment.outcome(name)
        label = each.label()
        printed.add_column(label, justify="right", overflow="fold")
    done = list(design.index[design.index.isin(table["point"])])
    for point in done[:MOST_ROWS]:
        cells, rows = [], table[table["point"] == point].set_index("outcome")
        for name in outcomes:
            row = rows.loc[name]
            if sweep.experiment.outcome(name).indicator:
                cells.append("-" if row["mean"] != row["mean"] else percent(100 * row["mean"]))
                continue
            low, middle, high = (
                "-" if row[q] != row[q] else short(float(row[q])) for q in ("p05", "median", "p95")
            )
            cells.append(f"{middle} ({low} - {high})")
        printed.add_row(str(point), names[point], *cells)
    console.print(printed)
    if len(done) > MOST_ROWS:
        console.print(TEXT["more"].format(n=len(done) - MOST_ROWS))
    runs = number(sweep.experiment.replicates)
    console.print(TEXT["paired"].format(runs=runs))
    console.print(f"{sweep.folder}", markup=False)
