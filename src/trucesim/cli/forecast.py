"""The command line of forecasts; what a command needs is imported when it is called."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path
from typing import Any

from trucesim.cli.options import add_json, add_lang, add_workers


def add_commands(commands: Any) -> None:
    """Add the commands of forecasts to the parser's."""
    forecast = commands.add_parser(
        "forecast",
        help="forecast the months after one, from the record up to its end",
        description="Takes in the record up to a month, with a particle filter for each posterior "
        "draw, and lives on from there: what the model says of the months after it, conditional on "
        "nothing that was decided later, beside naive forecasts. It is a model's forecast, and "
        "inside 2009-2016 no test: the posterior has seen these years ('trucesim hindcast' scores "
        "forecasts that are one).",
    )
    forecast.add_argument(
        "scenario", nargs="?", default="truce-2012", metavar="SCENARIO",
        help="what was decided up to then: a shipped name or a TOML file (truce-2012)",
    )  # fmt: skip
    forecast.add_argument(
        "--from", dest="origin", required=True, metavar="MONTH",
        help="the last month that is taken in, such as 2014-06",
    )  # fmt: skip
    forecast.add_argument(
        "--months", type=int, default=12, metavar="N",
        help="how many months to forecast, 1 to 36, to December 2019 at most (12)",
    )  # fmt: skip
    forecast.add_argument(
        "--draws", type=int, default=60, metavar="N", help="how many posterior draws (60)"
    )
    forecast.add_argument(
        "--particles", type=int, default=100, metavar="N", help="particles of each draw (100)"
    )
    forecast.add_argument(
        "--out", type=Path, metavar="DIR",
        help="folder for table, members, figure and report; what an interrupted forecast left "
        "there is gone on with",
    )  # fmt: skip
    _add_running(forecast)
    forecast.set_defaults(act=_forecast)

    hindcast = commands.add_parser(
        "hindcast",
        help="score forecasts from rolling origins in the past",
        description="Forecasts the months after many origins, by posteriors that saw nothing from "
        "the origin's year on, conditional on nothing that was decided after the origin, and "
        "scores them beside naive forecasts. The plan says from where and how far ([forecast]). "
        "With --table the posteriors are fitted first, from the stored runs of 'trucesim "
        "calibrate'; otherwise those of --posteriors are taken. What an interrupted command left "
        "in its folder is gone on with.",
    )
    hindcast.add_argument("plan", type=Path, metavar="PLAN", help="a TOML file")
    hindcast.add_argument(
        "--out", type=Path, default=Path("results/hindcast"), metavar="DIR",
        help="folder for results (results/hindcast)",
    )  # fmt: skip
    hindcast.add_argument(
        "--posteriors", type=Path, metavar="DIR",
        help="folder with a posterior for each year, such as 2011.csv (those of "
        "experiments/forecast)",
    )  # fmt: skip
    hindcast.add_argument(
        "--table", type=Path, metavar="DIR",
        help="fit the posteriors from the runs in this folder, 'table' in that of 'trucesim "
        "calibrate'; needs trucesim[calibration]",
    )  # fmt: skip
    hindcast.add_argument(
        "--runs", type=int, default=60_000, metavar="N", help="how many of its runs (60000)"
    )
    hindcast.add_argument("--no-figures", action="store_true", help="write no figures")
    _add_running(hindcast)
    hindcast.set_defaults(act=_hindcast)


def _add_running(command: argparse.ArgumentParser) -> None:
    add_workers(command)
    add_lang(command)
    add_json(command)


def _forecast(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_parts, tell_of_compilation, whether_read_or_not
    from trucesim.files.writing import output_folder
    from trucesim.reports.forecast import parts, write
    from trucesim.studies.forecast import PIECES, check_asked, forecast, summary

    asked = options.origin, options.months, options.scenario, options.draws, options.particles
    check_asked(*asked, workers=options.workers)
    folder = output_folder(options.out, "forecast", parts=(PIECES,)) if options.out else None
    tell_of_compilation(options.lang)
    with Bar() as bar:
        found = forecast(*asked, folder, workers=options.workers, progress=bar)
    with whether_read_or_not():
        if options.json:
            print(json.dumps(summary(found), indent=1, ensure_ascii=False))
        else:
            print_parts(parts(found, options.lang))
    if folder is None:
        return
    given = ["trucesim", "forecast", options.scenario, "--from", options.origin]
    given += ["--months", str(options.months), "--draws", str(options.draws)]
    given += ["--particles", str(options.particles), "--lang", options.lang, "--out", "DIR"]
    written = write(found, folder, options.lang, command=shlex.join(given))
    if not options.json:
        print(f"\n{len(written)} files in {folder}: " + ", ".join(path.name for path in written))


def _hindcast(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_parts, tell_of_compilation, whether_read_or_not
    from trucesim.files.errors import InputError
    from trucesim.files.writing import output_folder
    from trucesim.reports import hindcast as report
    from trucesim.runs.simulate import check_numbers
    from trucesim.studies import hindcast as study

    plan, rolling = study.load_rolling(options.plan)
    check_numbers(options.runs, plan.seed, 0, options.workers)
    if options.table is not None and options.posteriors is not None:
        raise InputError("--table fits the posteriors that --posteriors would read; give one")
    folder = output_folder(options.out, "hindcast", parts=(study.POSTERIORS, study.YEARS))
    posteriors = options.posteriors
    if options.table is None:
        given = study.posteriors_in(posteriors, rolling)
        tell_of_compilation(options.lang)
    with Bar() as bar:
        if options.table is not None:
            posteriors = report.fit_posteriors(
                plan, rolling, options.runs, options.table, folder, workers=options.workers,
                progress=bar,
            )  # fmt: skip
            given = study.posteriors_in(posteriors, rolling)
        found = study.hindcast(
            plan, rolling, given, folder, workers=options.workers, progress=bar
        )  # fmt: skip
    with whether_read_or_not():
        if options.json:
            print(json.dumps(report.summary(found), indent=1, ensure_ascii=False))
        else:
            print_parts(report.parts(found, options.lang))
    asked = ["trucesim", "hindcast", str(options.plan)]
    asked += ["--table", "DIR", "--runs", str(options.runs)] if options.table else []
    asked += ["--posteriors", "DIR"] if options.posteriors else []
    command = shlex.join([*asked, "--lang", options.lang, "--out", "DIR"])
    written = report.write(
        found, folder, options.lang, command=command, draw=not options.no_figures
    )  # fmt: skip
    if not options.json:
        print(f"\n{len(written)} files in {folder}: " + ", ".join(path.name for path in written))
