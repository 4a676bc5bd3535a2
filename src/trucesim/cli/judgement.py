"""The command line of fits, and of what speaks for and against the model."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from trucesim.cli.options import (
    DATED,
    add_run_options,
    add_workers,
    asked_of,
    place_of,
    print_written,
    result_in,
)
from trucesim.cli.streams import print_json
from trucesim.files.errors import InputError


def add_commands(commands: Any) -> None:
    """Add the commands of fits and judgement to the parser's."""
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
    add_workers(calibrate)
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
    add_workers(variants)
    variants.set_defaults(act=_variants)

    validate = commands.add_parser(
        "validate",
        help="hold a scenario against all that is known, and write a report",
        description="Runs a scenario and holds it against the patterns (regressions included), "
        "predicts blocks of months left out and the years 2017-2019 beside naive forecasts, tells "
        "true from recorded reductions, and writes a report with its tables and figures. Nothing "
        "is fitted. With --country: the country's own control, and the region side by side.",
        epilog=f"{DATED} is truce-2012 with the gangs' own orders on their documented days, in "
        "place of orders by the model's own hazard.",
    )
    validate.add_argument(
        "scenario", nargs="?", metavar="SCENARIO",
        help=f"a shipped name or a TOML file; {DATED}, the dated record whole",
    )  # fmt: skip
    add_run_options(validate, runs=200)
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
        help="people per rate of the panel, where it does not say so itself (10000)",
    )  # fmt: skip
    validate.add_argument("--no-figures", action="store_true", help="write no figures")
    validate.set_defaults(act=_validate)


def _calibrate(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_frame, tell_of_compilation
    from trucesim.files.results import locked, output_folder
    from trucesim.reports.calibration import write
    from trucesim.runs.simulate import check_numbers
    from trucesim.studies import calibration

    plan = calibration.load_plan(options.plan)
    check_numbers(options.runs, plan.seed, 0, options.workers)
    if not 10 <= options.pseudo_observed <= 10_000:
        raise InputError(
            "--pseudo-observed {number}: it must be a whole number 10 to 10000",
            number=options.pseudo_observed,
        )  # fmt: skip
    if (options.out / "table" / "chunk-000000.npz").is_file():
        raise InputError(
            "--out {out}: holds a table of 0.1.0, whose priors were drawn otherwise; give an empty "
            "or a new one", out=options.out,
        )  # fmt: skip
    folder = output_folder(options.out, "calibrate", parts=("table",))
    asked = asked_of(options, {}, options.plan)
    tell_of_compilation()
    with Bar() as bar, locked(folder):
        found = calibration.calibrate(
            plan, options.runs, folder, pseudo_observed=options.pseudo_observed,
            workers=options.workers, progress=bar,
        )  # fmt: skip
        with result_in(folder, asked) as draft:
            written = write(found, draft)
    print_frame(calibration.trust(found), "Recovery of known parameters")
    print_frame(found.identification.sort_values("width"), "Parameters")
    print_written(written, folder)


def _variants(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, print_frame, tell_of_compilation
    from trucesim.files.results import locked, output_folder
    from trucesim.reports.variants import write
    from trucesim.studies import calibration, variants

    plan = calibration.load_plan(options.plan)
    variants.check(plan, options.runs, options.only, options.block_runs, options.workers)
    folder = output_folder(options.out, "variants", parts=("scores", "table"))
    given = ["trucesim", "variants", str(options.plan), "--runs", str(options.runs)]
    given += ["--block-runs", str(options.block_runs), "--out", "DIR"]
    given += ["--only", *options.only] if options.only else []
    asked = asked_of(options, {}, options.plan)
    tell_of_compilation()
    with Bar() as bar, locked(folder):
        found = variants.compare_variants(
            plan, options.runs, folder, only=options.only, block_runs=options.block_runs,
            workers=options.workers, progress=bar,
        )  # fmt: skip
        with result_in(folder, asked) as draft:
            written = write(found, plan, options.runs, draft, command=shlex.join(given))
    print_frame(variants.summarise(found), "Structural variants")
    print_written(written, folder)


def _control(options: argparse.Namespace) -> None:
    """Hold another country's pact against what was observed there."""
    from trucesim.cli.tables import Bar, print_caution, print_frame, tell_of_compilation
    from trucesim.cli.tables import page as console
    from trucesim.reports import transfer
    from trucesim.runs.simulate import check_numbers
    from trucesim.world.folder import here

    given = {"a scenario": options.scenario, "--set": options.settings, "--panel": options.panel,
             "--calibration": options.calibration, "--point": options.point}  # fmt: skip
    for name, value in given.items():
        if value:
            raise InputError(
                "{name} goes only with El Salvador: another country's control is in its "
                "country.toml", name=name,
            )  # fmt: skip
    check_numbers(options.runs, options.seed, 0, options.workers)
    asked = asked_of(options, {})
    folder = place_of(options, Path("results") / f"{here()}-validation", asked)
    command = ["trucesim", "validate", "--country", here(), "--runs", str(options.runs)]
    command += ["--seed", str(options.seed), "--lang", options.lang, "--out", "DIR"]
    tell_of_compilation()
    with Bar() as bar:
        found = transfer.gather(
            here(), options.runs, options.seed, workers=options.workers, progress=bar
        )
        with result_in(folder, asked) as draft:
            written = transfer.write(found, draft, command=shlex.join(command))
    if options.json:
        print_json({name: found.table(name).to_dict("records") for name in transfer.TABLES})
        return
    for name in transfer.TABLES:
        print_frame(found.table(name), name)
    print_caution(console())
    print_written(written, folder, folder / "README.md")


def _validate(options: argparse.Namespace) -> None:
    from trucesim.world.folder import HOME, here

    if here() != HOME:
        return _control(options)
    from trucesim.scenario.change import with_settings
    from trucesim.scenario.file import load_scenario

    options.scenario = options.scenario or DATED
    loaded = load_scenario(options.scenario)
    scenario = with_settings(loaded, options.settings)
    from trucesim.cli.tables import Bar, print_validation, tell_of_compilation, tell_of_panel
    from trucesim.reports.validation import write
    from trucesim.studies import validation

    if options.rate_per is not None and options.panel is None:
        raise InputError("--rate-per says what a panel's rates are; give it with --panel")
    given = None
    if options.panel is not None:
        from trucesim.outcomes.panel import read_panel

        per = {} if options.rate_per is None else {"rate_per": options.rate_per}
        given = read_panel(options.panel, **per)
    validation.check(options.runs, options.seed, options.workers, given, options.block_runs)
    asked = asked_of(options, {options.scenario: loaded}, options.panel)
    folder = place_of(options, Path("results") / f"{scenario.name}-validation", asked)
    if given is not None:
        tell_of_panel(given)
    tell_of_compilation()
    with Bar() as bar:
        found = validation.validate(
            scenario, options.runs, options.seed, given=given, point=options.point,
            calibration=options.calibration, block_runs=options.block_runs,
            workers=options.workers, progress=bar,
        )  # fmt: skip
        with result_in(folder, asked) as draft:
            written = write(found, draft, draw=not options.no_figures, progress=bar)
    if options.json:
        return print_json(validation.summary(found))
    print_validation(found)
    print_written(written, folder, folder / "README.md")
