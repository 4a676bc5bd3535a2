"""The command line. It starts quickly: what a command needs is imported when it is called."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trucesim.cli import analyses as analysis_commands
from trucesim.cli import follow as follow_commands
from trucesim.cli import forecast as forecast_commands
from trucesim.cli import recover as recovery_commands
from trucesim.cli import sweep as experiment_commands
from trucesim.cli.options import add_history
from trucesim.files.errors import InputError, StoreError
from trucesim.version import __version__

if TYPE_CHECKING:
    pass

DEFAULT_SCENARIO = "truce-2012"

RECORD = "as-recorded"
"""The dated record whole: truce-2012 leaves the gangs' own orders to the model's hazard."""


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="trucesim",
        description="Simulates El Salvador's gang truce of 2012 and asks what if. "
        "Results are runs of a model, not forecasts: 'trucesim describe' says what it assumes.",
    )
    top.add_argument("--version", action="version", version=f"trucesim {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser(
        "run",
        help="run a scenario and hold it against the record",
        description="Runs a scenario many times, prints how it compares with the observed record, "
        "and writes results, tables and figures to a folder.",
    )
    run.add_argument(
        "scenario", nargs="?", default=DEFAULT_SCENARIO, metavar="SCENARIO",
        help=f"a shipped name (see 'trucesim scenarios') or a TOML file; {DEFAULT_SCENARIO}",
    )  # fmt: skip
    _add_run_options(run)
    run.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for results (results/SCENARIO)"
    )
    run.add_argument(
        "--detail", choices=("full", "quantiles", "none"),
        help="what to keep by municipality and month (full for up to 500 runs, then quantiles)",
    )  # fmt: skip
    run.add_argument(
        "--boundaries", type=Path, metavar="FILE",
        help="draw the map from your own GeoJSON of official boundaries instead of the tiles",
    )  # fmt: skip
    run.add_argument("--no-figures", action="store_true", help="write no figures")
    run.set_defaults(act=_run)

    compare = commands.add_parser(
        "compare",
        help="compare a scenario with others, run by run",
        description="Runs scenarios with the same random draws and says by how much B differs from "
        "A, where, on which assumptions that hangs, and whether anybody could have seen it.",
    )
    compare.add_argument("a", metavar="A", help="a scenario's name or file")
    compare.add_argument(
        "b", nargs="+", metavar="B", help="the scenario it is compared with, or several"
    )
    add_history(compare, 100)
    _add_settings(compare)
    _add_rest(compare)
    compare.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for tables, figures and report"
    )
    compare.set_defaults(act=_compare)

    report = commands.add_parser(
        "report",
        help="tell one or two cases in one HTML file",
        description="Writes one HTML file that opens anywhere without a network and prints well: "
        "story, what differs, months, map, reductions, limits of the model, provenance.",
    )
    report.add_argument("a", metavar="A", help="a scenario's name or file")
    report.add_argument("b", nargs="?", metavar="B", help="the scenario it is compared with")
    add_history(report, 200)
    _add_settings(report)
    report.add_argument("--workers", type=int, metavar="N", help="threads (one a core)")
    report.add_argument("--lang", choices=("en", "es"), default="en", help="language (en)")
    report.add_argument(
        "--out", type=Path, default=Path("report.html"), metavar="FILE",
        help="an HTML file; an earlier report of that name is replaced (report.html)",
    )  # fmt: skip
    report.set_defaults(act=_report)

    bundle = commands.add_parser(
        "bundle",
        help="make a folder for a USB stick with which a laptop without internet runs trucesim",
        description="Downloads the wheels of trucesim's workshop for a platform and writes them "
        "to a folder with a start file and instructions in Spanish and English. Needs the "
        "internet; the laptop then does not.",
    )
    bundle.add_argument(
        "--platform", choices=("win", "mac", "linux"), required=True,
        help="win: 64-bit Windows; mac: Apple silicon and Intel; linux: 64-bit Intel",
    )  # fmt: skip
    bundle.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    bundle.add_argument(
        "--python", nargs="+", choices=("3.12", "3.13", "3.14"), default=["3.12", "3.13"],
        metavar="VERSION", dest="pythons", help="which Pythons laptops may have (3.12 3.13)",
    )  # fmt: skip
    bundle.add_argument(
        "--wheel", type=Path, metavar="FILE",
        help="trucesim's own wheel; built from the sources if they are at hand",
    )  # fmt: skip
    bundle.set_defaults(act=_bundle)

    workshop = commands.add_parser(
        "workshop",
        help="open two cases side by side in the browser; works without internet",
        description="Opens a page on this machine: two cases side by side, on a map and by month, "
        "with controls for what was decided, in Spanish and English. Needs no internet.",
    )
    workshop.add_argument("a", nargs="?", metavar="A", help="a scenario's name or file")
    workshop.add_argument("b", nargs="?", metavar="B", help="the scenario beside it")
    workshop.add_argument(
        "--host", default="127.0.0.1", metavar="HOST",
        help="address to listen on; another than this machine's own lets others in (127.0.0.1)",
    )  # fmt: skip
    workshop.add_argument("--port", type=int, default=5006, metavar="N", help="port (5006)")
    workshop.add_argument("--lang", choices=("en", "es"), help="language (the browser's)")
    add_history(workshop, 200, seed=False)
    workshop.add_argument(
        "--sessions", type=int, default=20, metavar="N", help="how many pages at once (20)"
    )
    workshop.add_argument("--no-browser", action="store_true", help="open no browser")
    workshop.set_defaults(act=_workshop)

    calibrate = commands.add_parser(
        "calibrate",
        help="fit the uncertain parameters to what a plan lets be seen",
        description="Makes a table of runs drawn from the priors, fits the record by regression, "
        "and checks that known parameters are recovered. An interrupted table resumes, and a "
        "larger --runs extends it. Ship the result by copying DIR/parameter_draws.csv into the "
        "package's data.",
    )
    calibrate.add_argument("plan", type=Path, metavar="PLAN", help="a TOML file")
    calibrate.add_argument("--runs", type=int, default=100_000, metavar="N", help="100000")
    calibrate.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder")
    calibrate.add_argument(
        "--pseudo-observed", type=int, default=200, metavar="N",
        help="runs that stand for the record when recovery is checked (200)",
    )  # fmt: skip
    calibrate.add_argument("--workers", type=int, metavar="N", help="threads (one a core)")
    calibrate.set_defaults(act=_calibrate)

    variants = commands.add_parser(
        "variants",
        help="fit the model without one mechanism at a time, and score it on blocks left out",
        description="Fits the model and each structural variant of a calibration's plan from a "
        "table of its own, and scores them on blocks that the fits have not seen: what earns its "
        "place? An interrupted comparison resumes.",
    )
    variants.add_argument("plan", type=Path, metavar="PLAN", help="a TOML file")
    variants.add_argument("--runs", type=int, default=12_000, metavar="N", help="a fit (12000)")
    variants.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder")
    variants.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="these variants, and the model"
    )
    variants.add_argument(
        "--block-runs", type=int, default=500, metavar="N",
        help="runs that predict each block with each treatment (500)",
    )  # fmt: skip
    variants.add_argument("--workers", type=int, metavar="N", help="threads (one a core)")
    variants.set_defaults(act=_variants)

    validate = commands.add_parser(
        "validate",
        help="hold a scenario against all that is known, and write a report",
        description="Runs a scenario and holds it against the patterns (regressions included), "
        "predicts blocks of months left out and the years 2017-2019 beside naive forecasts, tells "
        "true from recorded reductions, and writes a report with its tables and figures. Nothing "
        "is fitted.",
        epilog=f"{RECORD} is truce-2012 with the gangs' own orders on their documented days, in "
        "place of orders by the model's own hazard.",
    )
    validate.add_argument(
        "scenario", nargs="?", default=RECORD, metavar="SCENARIO",
        help=f"a shipped name or a TOML file; {RECORD}, the dated record whole",
    )  # fmt: skip
    _add_run_options(validate, runs=200)
    validate.add_argument(
        "--out", type=Path, metavar="DIR",
        help="folder for report, tables and figures (results/SCENARIO-validation)",
    )  # fmt: skip
    validate.add_argument(
        "--calibration", type=Path, metavar="DIR",
        help="folder of a calibration, whose posteriors predict the blocks left out (that of the "
        "sources, in a clone)",
    )  # fmt: skip
    validate.add_argument(
        "--block-runs", type=int, default=1000, metavar="N",
        help="runs of each block and treatment, and of the later years (1000)",
    )  # fmt: skip
    validate.add_argument(
        "--panel", type=Path, metavar="FILE",
        help="score the runs with your own CSV of homicides by municipality and year or month; "
        "never used to fit",
    )  # fmt: skip
    validate.add_argument(
        "--rate-per", type=float, metavar="X",
        help="people per rate in a column 'rate' of the panel (10000)",
    )  # fmt: skip
    validate.add_argument("--no-figures", action="store_true", help="write no figures")
    validate.set_defaults(act=_validate)

    scenarios = commands.add_parser("scenarios", help="list the shipped scenarios")
    scenarios.add_argument("--lang", choices=("en", "es"), default="en", help="language (en)")
    scenarios.add_argument("--json", action="store_true", help="print JSON")
    scenarios.set_defaults(act=_scenarios)

    describe = commands.add_parser(
        "describe",
        help="describe parameters, a scenario, or what happens in a week",
        description="Without an argument lists every parameter and condition; with a parameter's "
        "name describes it; with a scenario tells its story and dates.",
    )
    describe.add_argument("name", nargs="?", metavar="NAME", help="a parameter or a scenario")
    describe.add_argument("--steps", action="store_true", help="what happens in a week, in order")
    describe.add_argument(
        "--rules", action="store_true", help="every rule in full, as Markdown (docs/rules.md)"
    )
    describe.add_argument("--lang", choices=("en", "es"), default="en", help="language (en)")
    describe.set_defaults(act=_describe)

    follow_commands.add_commands(commands)
    forecast_commands.add_commands(commands)
    recovery_commands.add_commands(commands)
    experiment_commands.add_commands(commands)
    analysis_commands.add_commands(commands)

    schema = commands.add_parser(
        "schema", help="print the JSON Schema of scenario files, or of experiment files"
    )
    schema.add_argument("--experiment", action="store_true", help="of experiment files")
    schema.set_defaults(act=_schema)
    return top


def _add_run_options(command: argparse.ArgumentParser, runs: int = 100) -> None:
    _add_numbers_of_runs(command, runs)
    _add_settings(command)
    _add_rest(command)


def _add_rest(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--point", action="store_true", help="point values instead of draws of parameters"
    )
    command.add_argument("--workers", type=int, metavar="N", help="threads (one a core)")
    command.add_argument("--lang", choices=("en", "es"), default="en", help="language (en)")
    command.add_argument("--json", action="store_true", help="print JSON instead of tables")


def _add_numbers_of_runs(command: argparse.ArgumentParser, runs: int) -> None:
    command.add_argument(
        "--runs", type=int, default=runs, metavar="N", help=f"how many runs ({runs})"
    )
    command.add_argument("--seed", type=int, default=1, metavar="S", help="random seed (1)")


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="settings",
        help="change a parameter, or a dated condition as NAME=VALUE@DATE; may be repeated",
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        The exit code: 0; 1 if a part failed; 2 for wrong input; 130 when interrupted.
    """
    options = parser().parse_args(arguments)
    try:
        code: int | None = options.act(options)
    except InputError as error:
        print(f"trucesim: {error}", file=sys.stderr)
        return 2
    except StoreError as error:
        print(f"trucesim: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        told = str(interrupt) or "interrupted; no file was left half written"
        print(f"trucesim: {told}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"trucesim: {where}{error.strerror or error}", file=sys.stderr)
        return 1
    return code or 0


def _run(options: argparse.Namespace) -> None:
    from trucesim.scenario.change import with_settings
    from trucesim.scenario.file import load_scenario

    scenario = with_settings(load_scenario(options.scenario), options.settings)
    from trucesim.cli.tables import Bar, print_study, tell_of_compilation, whether_read_or_not
    from trucesim.files.writing import output_folder
    from trucesim.reports.run import WRITTEN_FIRST, write
    from trucesim.runs.simulate import check_numbers
    from trucesim.studies.comparison import conduct, summary

    check_numbers(options.runs, options.seed, 0, options.workers)
    folder = output_folder(options.out or Path("results") / scenario.name, parts=WRITTEN_FIRST)
    outlines = None
    if options.boundaries:
        from trucesim.world.country import load_country
        from trucesim.world.tiles import from_geojson

        outlines = from_geojson(options.boundaries, load_country().codes)
    tell_of_compilation(options.lang)
    with Bar() as bar:
        study = conduct(
            scenario, options.runs, options.seed, detail=options.detail, point=options.point,
            workers=options.workers, progress=bar,
        )  # fmt: skip
    # What was found is shown before it is written: drawing the figures takes seconds.
    with whether_read_or_not():
        if options.json:
            print(json.dumps(summary(study), indent=1, ensure_ascii=False))
        else:
            print_study(study, options.lang)
    with Bar() as bar:
        written = write(
            study, folder, lang=options.lang, draw=not options.no_figures, outlines=outlines,
            progress=bar,
        )  # fmt: skip
    if not options.json:
        print(f"\n{len(written)} files in {folder}: " + ", ".join(p.name for p in written))


def _workshop(options: argparse.Namespace) -> None:
    from trucesim.scenario.file import load_scenario

    a, b = (each and load_scenario(each) for each in (options.a, options.b))
    try:
        from trucesim.workshop.serve import serve
    except ModuleNotFoundError as error:
        raise InputError(
            f"the workshop needs {error.name}: install the extra, pip install 'trucesim[workshop]'"
        ) from None
    from trucesim.cli.tables import tell_of_compilation

    tell_of_compilation(options.lang or "en")
    serve(
        a, b, host=options.host, port=options.port, lang=options.lang,
        history=options.history, runs=options.runs,
        most_sessions=options.sessions, browser=not options.no_browser,
    )  # fmt: skip


def _calibrate(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_frame, tell_of_compilation
    from trucesim.files.writing import output_folder
    from trucesim.reports.calibration import write
    from trucesim.runs.simulate import check_numbers
    from trucesim.studies import calibration

    plan = calibration.load_plan(options.plan)
    check_numbers(options.runs, plan.seed, 0, options.workers)
    if not 10 <= options.pseudo_observed <= 10_000:
        raise InputError(
            f"--pseudo-observed {options.pseudo_observed}: it must be a whole number 10 to 10000"
        )
    if (options.out / "table" / "chunk-000000.npz").is_file():
        raise InputError(
            f"--out {options.out}: holds a table of 0.1.0, whose priors were drawn otherwise; "
            "give an empty or a new one"
        )
    folder = output_folder(options.out, "calibrate", marks=("table/chunks",))
    tell_of_compilation()
    with Bar() as bar:
        found = calibration.calibrate(
            plan, options.runs, folder, pseudo_observed=options.pseudo_observed,
            workers=options.workers, progress=bar,
        )  # fmt: skip
        written = write(found, folder)
    print_frame(calibration.trust(found), "Recovery of known parameters")
    print_frame(found.identification.sort_values("width"), "Parameters")
    print(f"\n{len(written)} files in {folder}: " + ", ".join(p.name for p in written))


def _variants(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_frame, tell_of_compilation
    from trucesim.files.writing import output_folder
    from trucesim.reports.variants import write
    from trucesim.studies import calibration, variants

    plan = calibration.load_plan(options.plan)
    variants.check(plan, options.runs, options.only, options.block_runs, options.workers)
    folder = output_folder(options.out, "variants", parts=("scores", "table"))
    tell_of_compilation()
    with Bar() as bar:
        found = variants.compare_variants(
            plan, options.runs, folder, only=options.only, block_runs=options.block_runs,
            workers=options.workers, progress=bar,
        )  # fmt: skip
    asked = ["trucesim", "variants", str(options.plan), "--runs", str(options.runs)]
    asked += ["--block-runs", str(options.block_runs), "--out", "DIR"]
    asked += ["--only", *options.only] if options.only else []
    written = write(found, plan, options.runs, folder, command=shlex.join(asked))
    print_frame(variants.summarise(found), "Structural variants")
    print(f"\n{len(written)} files in {folder}: " + ", ".join(p.name for p in written))


def _validate(options: argparse.Namespace) -> None:
    from trucesim.scenario.change import with_settings
    from trucesim.scenario.file import load_scenario

    scenario = with_settings(load_scenario(options.scenario), options.settings)
    from trucesim.cli.tables import Bar, print_validation, tell_of_compilation
    from trucesim.files.writing import output_folder
    from trucesim.reports.validation import write
    from trucesim.studies import validation

    if options.rate_per is not None and options.panel is None:
        raise InputError("--rate-per says what a panel's rates are; give it with --panel")
    folder = output_folder(
        options.out or Path("results") / f"{scenario.name}-validation", "validate"
    )
    given = None
    if options.panel is not None:
        from trucesim.outcomes.panel import read_panel

        per = {} if options.rate_per is None else {"rate_per": options.rate_per}
        given = read_panel(options.panel, **per)
    validation.check(options.runs, options.seed, options.workers, given, options.block_runs)
    tell_of_compilation(options.lang)
    with Bar() as bar:
        found = validation.validate(
            scenario, options.runs, options.seed, given=given, point=options.point,
            calibration=options.calibration, block_runs=options.block_runs,
            workers=options.workers, progress=bar,
        )  # fmt: skip
        written = write(found, folder, lang=options.lang, draw=not options.no_figures, progress=bar)
    if options.json:
        print(json.dumps(validation.summary(found), indent=1, ensure_ascii=False))
        return
    print_validation(found, options.lang)
    print(f"\n{len(written)} files in {folder}; the report is {folder / 'README.md'}")


def _compare(options: argparse.Namespace) -> None:
    from trucesim.scenario.change import with_settings
    from trucesim.scenario.file import load_scenario

    a, *others = (
        with_settings(load_scenario(each), options.settings) for each in (options.a, *options.b)
    )
    from trucesim.cli.tables import Bar, print_effects, tell_of_compilation
    from trucesim.files.writing import output_folder
    from trucesim.reports.effects import summary, write
    from trucesim.studies import effects
    from trucesim.studies.history import choose

    past = choose(
        options.history, effects.as_run(a, others), runs=options.runs, seed=options.seed,
        default_runs=100, point=options.point,
    )  # fmt: skip
    effects.check(past.runs, 1 + len(others), past.seed, options.workers)
    if len({each.name for each in others}) < len(others):
        raise InputError("two of the cases have the same name: " + ", ".join(options.b))
    folder = output_folder(options.out, "compare") if options.out else None
    tell_of_compilation(options.lang)
    with Bar() as bar:
        found = effects.what_ifs(
            a, others, past, point=options.point, workers=options.workers, progress=bar
        )
    if options.json:
        print(json.dumps(summary(found), indent=1, ensure_ascii=False))
    else:
        print_effects(found, options.lang)
    if folder:
        given = ["trucesim", "compare", options.a, *options.b, *past.asked]
        given += ["--lang", options.lang]
        given += [each for setting in options.settings for each in ("--set", setting)]
        command = shlex.join([*given, *(["--point"] if options.point else []), "--out", "DIR"])
        write(found, folder, options.lang, command=command)


def _report(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, tell_of_compilation
    from trucesim.scenario.change import with_settings
    from trucesim.scenario.file import load_scenario

    a, b = load_scenario(options.a), load_scenario(options.b) if options.b else None
    cases = [with_settings(each, options.settings) for each in (a, b) if each is not None]
    from trucesim.reports import cases as report
    from trucesim.studies.history import choose

    path = report.check_out(options.out)
    past = choose(
        options.history, cases, runs=options.runs, seed=options.seed, default_runs=report.RUNS
    )
    report.check_runs(past.runs, past.seed, options.workers)
    tell_of_compilation(options.lang)
    with Bar() as bar:
        found = report.gather(
            a, b, past, settings=options.settings, workers=options.workers, progress=bar
        )
        report.write(found, path, options.lang, bar)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, opens in any browser, without a network")


def _bundle(options: argparse.Namespace) -> None:
    from trucesim.bundle import make as bundle

    made = bundle.make(
        options.platform, options.out, pythons=options.pythons, wheel=options.wheel, tell=_tell
    )
    print(f"{len(made.wheels)} wheels, {made.bytes / 1e6:.0f} MB in {made.folder}")
    print(
        f"Copy the whole folder to a USB stick; LEEME.txt and README.txt say what is needed: "
        f"{made.needs}"
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def _scenarios(options: argparse.Namespace) -> None:
    from trucesim.scenario.file import load_scenario, shipped

    loaded = [load_scenario(name) for name in shipped()]
    if options.json:
        content = [
            {"name": s.name, "title": dict(s.title), "story": dict(s.story), "digest": s.digest}
            for s in loaded
        ]
        print(json.dumps(content, indent=1, ensure_ascii=False))
        return
    from trucesim.cli.tables import print_scenarios

    print_scenarios(loaded, options.lang)


def _describe(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import print_declared, print_parameter, print_scenario, print_steps
    from trucesim.files.errors import RENAMED, nearest
    from trucesim.parameters import CONDITIONS, PARAMETERS

    if options.steps:
        print_steps()
        return
    if options.rules:
        from trucesim.reports.rules import page

        sys.stdout.write(page())
        return
    declared = PARAMETERS | CONDITIONS
    if options.name is None:
        print_declared({"parameters": PARAMETERS, "conditions": CONDITIONS}, options.lang)
        return
    if options.name in declared:
        print_parameter(declared[options.name], options.lang)
        return
    from trucesim.scenario.file import load_scenario, shipped

    known = RENAMED.get(options.name, options.name) in shipped()
    if not known and not Path(options.name).is_file():
        raise InputError(
            f"nothing is called {options.name!r}{nearest(options.name, [*declared, *shipped()])}; "
            "give a parameter, a condition, or a scenario"
        )
    scenario = load_scenario(options.name)
    print_scenario(scenario, options.lang)


def _schema(options: argparse.Namespace) -> None:
    if options.experiment:
        from trucesim.studies.experiment.file import schema
    else:
        from trucesim.scenario.file import schema

    print(json.dumps(schema(), indent=1, ensure_ascii=False))
