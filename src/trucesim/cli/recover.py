"""The command line of recovery; what the command needs is imported when it is called."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from trucesim.cli.options import add_workers


def add_commands(commands: Any) -> None:
    """Add the command to the parser's."""
    recover = commands.add_parser(
        "recover",
        help="tell how well following the record recovers the effect of a change",
        description="Makes records by runs of truce-2012 whose effects against other cases are "
        "known, follows them with other draws of the posterior, and holds the effects on the "
        "lineages against the true ones, beside those in runs that follow nothing. Two distorted "
        "records are followed besides. An interrupted study resumes, and a larger --records "
        "extends it.",
    )
    recover.add_argument(
        "cases", nargs="*", metavar="B",
        help="scenarios whose effects are to be recovered, by name or file "
        "(zones-extended-to-neighbours guarantor-stays funds-arrive)",
    )  # fmt: skip
    recover.add_argument(
        "--records", type=int, default=40, metavar="N", help="simulated records (40)"
    )
    recover.add_argument("--draws", type=int, default=10, metavar="N", help="lineages each (10)")
    recover.add_argument(
        "--particles", type=int, default=100, metavar="N", help="of each filter (100)"
    )
    recover.add_argument("--seed", type=int, default=3000, metavar="S", help="random seed (3000)")
    recover.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder")
    add_workers(recover)
    recover.set_defaults(act=_recover)


def _recover(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_frame, tell_of_compilation
    from trucesim.files.writing import output_folder
    from trucesim.reports import recovery as report
    from trucesim.studies import recovery

    cases = options.cases or list(recovery.CASES)
    numbers = options.records, options.draws, options.particles
    recovery.check(cases, *numbers, options.seed, options.workers)
    folder = output_folder(options.out, "recover", parts=report.WRITTEN_FIRST)
    tell_of_compilation()
    with Bar() as bar:
        found = recovery.recover(
            cases, *numbers, folder=folder, seed=options.seed, workers=options.workers,
            progress=bar,
        )  # fmt: skip
    asked = ["trucesim", "recover", *cases]
    for name in ("records", "draws", "particles", "seed"):
        asked += [f"--{name}", str(getattr(options, name))]
    written = report.write(found, folder, command=shlex.join([*asked, "--out", "DIR"]))
    print_frame(report.printed(recovery.summarise(found)), "Recovered effects")
    print(f"\n{len(written)} files in {folder}: " + ", ".join(p.name for p in written))
