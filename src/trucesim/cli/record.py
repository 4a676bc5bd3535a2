"""The command line of the record: follow it, forecast from it, and see whether that is any good."""

from __future__ import annotations

import argparse
import shlex
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from trucesim.cli.options import (
    DEFAULT_SCENARIO,
    add_json,
    add_lang,
    add_workers,
    asked_of,
    print_written,
    result_in,
)
from trucesim.cli.streams import print_json
from trucesim.files.errors import Message
from trucesim.locale.catalogue import told, translated


def add_commands(commands: Any) -> None:
    """Add the commands of the record to the parser's."""
    follow = commands.add_parser(
        "follow",
        help="find, for posterior draws, the chance that made the observed months",
        description="Filters, for each of some posterior draws, runs through the months of the "
        "record and keeps one history of each, its lineage: what-ifs 'from the record' live on "
        "these. An interrupted search resumes, and a larger --draws extends it. Ship the result by "
        "copying DIR/lineages.csv into the package's data.",
    )
    follow.add_argument(
        "scenario", nargs="?", default=DEFAULT_SCENARIO, metavar="SCENARIO",
        help=f"a shipped name or a TOML file; {DEFAULT_SCENARIO}",
    )  # fmt: skip
    follow.add_argument("--draws", type=int, default=200, metavar="N", help="lineages (200)")
    follow.add_argument(
        "--particles", type=int, default=250, metavar="M", help="of each draw's filter (250)"
    )
    follow.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder")
    add_workers(follow)
    follow.set_defaults(act=_follow)

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


def _follow(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_frame, tell_of_compilation
    from trucesim.files.results import locked, output_folder
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
    given = ["trucesim", "follow", options.scenario, "--draws", str(options.draws)]
    given += ["--particles", str(options.particles), "--out", "DIR"]
    asked = asked_of(options, {options.scenario: scenario})
    tell_of_compilation()
    began = time.perf_counter()
    with Bar() as bar, locked(folder):
        found = follow(
            scenario, options.draws, options.particles, folder, workers=options.workers,
            progress=bar,
        )  # fmt: skip
        with result_in(folder, asked) as draft:
            written = write(
                found, scenario, draft, particles=options.particles, command=shlex.join(given),
                seconds=time.perf_counter() - began, workers=options.workers,
            )  # fmt: skip
    months = by_month(found)
    print_frame(
        months.sort_values("effective_median").head(5), translated("The five hardest months")
    )
    apart = (months["median"] - months["record"]).abs().mean()
    line = Message(
        "The lineages' median lies {apart:.1f} homicides a month from the record on average.",
        apart=apart,
    )  # fmt: skip
    print(told(line))
    print_written(written, folder)


def _add_running(command: argparse.ArgumentParser) -> None:
    add_workers(command)
    add_lang(command)
    add_json(command)


def _forecast(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_parts, tell_of_compilation, whether_read_or_not
    from trucesim.files.results import locked, output_folder
    from trucesim.reports.forecast import parts, write
    from trucesim.studies.forecast import PIECES, check_asked, forecast, summary

    asked = options.origin, options.months, options.scenario, options.draws, options.particles
    check_asked(*asked, workers=options.workers)
    folder = output_folder(options.out, "forecast", parts=(PIECES,)) if options.out else None
    tell_of_compilation()
    with Bar() as bar, locked(folder) if folder else nullcontext():
        found = forecast(*asked, folder, workers=options.workers, progress=bar)
    with whether_read_or_not():
        if options.json:
            print_json(summary(found))
        else:
            print_parts(parts(found))
    if folder is None:
        return
    given = ["trucesim", "forecast", options.scenario, "--from", options.origin]
    given += ["--months", str(options.months), "--draws", str(options.draws)]
    given += ["--particles", str(options.particles), "--lang", options.lang, "--out", "DIR"]
    made = asked_of(options, {options.scenario: found.scenario})
    with result_in(folder, made) as draft:
        written = write(found, draft, command=shlex.join(given))
    if not options.json:
        print_written(written, folder)


def _hindcast(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_parts, tell_of_compilation, whether_read_or_not
    from trucesim.files.errors import InputError
    from trucesim.files.results import locked, output_folder
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
        tell_of_compilation()
    with Bar() as bar, locked(folder):
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
            print_json(report.summary(found))
        else:
            print_parts(report.parts(found))
    asked = ["trucesim", "hindcast", str(options.plan)]
    asked += ["--table", "DIR", "--runs", str(options.runs)] if options.table else []
    asked += ["--posteriors", "DIR"] if options.posteriors else []
    command = shlex.join([*asked, "--lang", options.lang, "--out", "DIR"])
    with result_in(folder, asked_of(options, {}, options.plan)) as draft:
        written = report.write(found, draft, command=command, draw=not options.no_figures)
    if not options.json:
        print_written(written, folder)


def _recover(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_frame, tell_of_compilation
    from trucesim.files.results import locked, output_folder
    from trucesim.reports import recovery as report
    from trucesim.studies import recovery

    cases = options.cases or list(recovery.CASES)
    numbers = options.records, options.draws, options.particles
    recovery.check(cases, *numbers, options.seed, options.workers)
    folder = output_folder(options.out, "recover", parts=report.KEPT)
    tell_of_compilation()
    with Bar() as bar, locked(folder):
        found = recovery.recover(
            cases, *numbers, folder=folder, seed=options.seed, workers=options.workers,
            progress=bar,
        )  # fmt: skip
    asked = ["trucesim", "recover", *cases]
    for name in ("records", "draws", "particles", "seed"):
        asked += [f"--{name}", str(getattr(options, name))]
    given = dict(zip(cases, found.cases, strict=True))
    with result_in(folder, asked_of(options, given)) as draft:
        written = report.write(found, draft, command=shlex.join([*asked, "--out", "DIR"]))
    print_frame(report.printed(recovery.summarise(found)), translated("Recovered effects"))
    print_written(written, folder)
