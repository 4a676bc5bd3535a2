"""The command that follows the record; what it needs is imported when it is called."""

from __future__ import annotations

import argparse
import shlex
import time
from pathlib import Path
from typing import Any

from trucesim.cli.options import add_workers

FOLLOWED = "truce-2012"


def add_commands(commands: Any) -> None:
    """Add the command to the parser's."""
    follow = commands.add_parser(
        "follow",
        help="find, for posterior draws, the chance that made the observed months",
        description="Filters, for each of some posterior draws, runs through the months of the "
        "record and keeps one history of each, its lineage: what-ifs 'from the record' live on "
        "these. An interrupted search resumes, and a larger --draws extends it. Ship the result by "
        "copying DIR/lineages.csv into the package's data.",
    )
    follow.add_argument(
        "scenario", nargs="?", default=FOLLOWED, metavar="SCENARIO",
        help=f"a shipped name or a TOML file; {FOLLOWED}",
    )  # fmt: skip
    follow.add_argument("--draws", type=int, default=200, metavar="N", help="lineages (200)")
    follow.add_argument(
        "--particles", type=int, default=250, metavar="M", help="of each draw's filter (250)"
    )
    follow.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder")
    add_workers(follow)
    follow.set_defaults(act=_follow)


def _follow(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_frame, tell_of_compilation
    from trucesim.files.writing import output_folder
    from trucesim.reports.follow import by_month, write
    from trucesim.runs.lineage import check_parameters
    from trucesim.runs.simulate import check_numbers
    from trucesim.scenario.file import load_scenario
    from trucesim.studies.follow import LINEAGES, TOLERANCE, check, follow, observed_months

    scenario = load_scenario(options.scenario)
    check_parameters(scenario)
    check(options.draws, options.particles, TOLERANCE, observed_months())
    check_numbers(1, 1, 0, options.workers)
    folder = output_folder(options.out, "follow", parts=(LINEAGES,))
    tell_of_compilation()
    began = time.perf_counter()
    with Bar() as bar:
        found = follow(
            scenario, options.draws, options.particles, folder, workers=options.workers,
            progress=bar,
        )  # fmt: skip
    asked = ["trucesim", "follow", options.scenario, "--draws", str(options.draws)]
    asked += ["--particles", str(options.particles), "--out", "DIR"]
    written = write(
        found, scenario, folder, particles=options.particles, command=shlex.join(asked),
        seconds=time.perf_counter() - began, workers=options.workers,
    )  # fmt: skip
    months = by_month(found)
    print_frame(months.sort_values("effective_median").head(5), "The five hardest months")
    apart = (months["median"] - months["record"]).abs().mean()
    print(f"The lineages' median lies {apart:.1f} homicides a month from the record on average.")
    print(f"{len(written)} files in {folder}: " + ", ".join(p.name for p in written))
