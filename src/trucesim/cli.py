"""The command line. It starts quickly: what a command needs is imported when it is called."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucesim.errors import InputError, StoreError
from trucesim.experiment import analysis_commands
from trucesim.experiment import commands as experiment_commands
from trucesim.version import __version__

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from trucesim.parameters import Parameter
    from trucesim.study import Study
    from trucesim.validation import Validation

DEFAULT_SCENARIO = "truce-2012"

RECORD = "second-pact-2016"
"""The dated record whole: truce-2012 leaves out the gangs' own order of March 2016."""


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
        help="compare two scenarios, run by run",
        description="Runs two scenarios with the same random draws and prints their difference.",
    )
    compare.add_argument("a", metavar="A", help="a scenario's name or file")
    compare.add_argument("b", metavar="B", help="the scenario it is compared with")
    _add_run_options(compare)
    compare.add_argument("--out", type=Path, metavar="DIR", help="folder for table and figure")
    compare.set_defaults(act=_compare)

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

    validate = commands.add_parser(
        "validate",
        help="hold a scenario against all that is known, and write a report",
        description="Runs a scenario and holds it against the patterns (regressions included), "
        "forecasts the record month by month beside naive forecasts, tells true from recorded "
        "reductions, and writes a report with its tables and figures. Nothing is fitted.",
        epilog=f"{RECORD} is truce-2012 with one event more, the gangs' own order of 26 March "
        "2016, which happened and lies within the months that are forecast; before that day the "
        "two are the same.",
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
    describe.add_argument("--lang", choices=("en", "es"), default="en", help="language (en)")
    describe.set_defaults(act=_describe)

    experiment_commands.add_commands(commands)
    analysis_commands.add_commands(commands)

    schema = commands.add_parser(
        "schema", help="print the JSON Schema of scenario files, or of experiment files"
    )
    schema.add_argument("--experiment", action="store_true", help="of experiment files")
    schema.set_defaults(act=_schema)
    return top


def _add_run_options(command: argparse.ArgumentParser, runs: int = 100) -> None:
    command.add_argument(
        "--runs", type=int, default=runs, metavar="N", help=f"how many runs ({runs})"
    )
    command.add_argument("--seed", type=int, default=1, metavar="S", help="random seed (1)")
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="settings",
        help="change a parameter, or a dated condition as NAME=VALUE@DATE; may be repeated",
    )  # fmt: skip
    command.add_argument(
        "--point", action="store_true", help="point values instead of draws of parameters"
    )
    command.add_argument("--workers", type=int, metavar="N", help="threads (one a core)")
    command.add_argument("--lang", choices=("en", "es"), default="en", help="language (en)")
    command.add_argument("--json", action="store_true", help="print JSON instead of tables")


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
        told = str(interrupt) or "interrupted; nothing was written"
        print(f"trucesim: {told}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return code or 0


class Bar:
    """A progress bar on the error stream; what is done and how long the rest may take."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self.bar = Progress(
            TextColumn("{task.description:>24}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> Bar:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def __call__(self, what: str, done: int, of: int) -> None:
        """Show how far something is."""
        if what not in self.tasks:
            self.tasks[what] = self.bar.add_task(what, total=of)
        self.bar.update(self.tasks[what], completed=done, total=of)


def _tell_of_compilation() -> None:
    from trucesim.engine.compilation import is_compiled_already

    if not is_compiled_already():
        print("compiling the model, once for this version (under a minute) ...", file=sys.stderr)


def _run(options: argparse.Namespace) -> None:
    from trucesim.scenario import load_scenario

    scenario = load_scenario(options.scenario).with_settings(options.settings)
    from trucesim import study as studies
    from trucesim.files import output_folder
    from trucesim.simulation import check_numbers

    check_numbers(options.runs, options.seed, 0, options.workers)
    folder = output_folder(options.out or Path("results") / scenario.name)
    outlines = None
    if options.boundaries:
        from trucesim.country import load_country
        from trucesim.geography import from_geojson

        outlines = from_geojson(options.boundaries, load_country().codes)
    _tell_of_compilation()
    with Bar() as bar:
        study = studies.conduct(
            scenario, options.runs, options.seed, detail=options.detail, point=options.point,
            workers=options.workers, progress=bar,
        )  # fmt: skip
        written = studies.write(
            study, folder, lang=options.lang, draw=not options.no_figures, outlines=outlines,
            progress=bar,
        )  # fmt: skip
    if options.json:
        print(json.dumps(studies.summary(study), indent=1, ensure_ascii=False))
        return
    _print_study(study, options.lang)
    print(f"\n{len(written)} files in {folder}: " + ", ".join(p.name for p in written))


def _calibrate(options: argparse.Namespace) -> None:
    from trucesim import calibration
    from trucesim.files import output_folder
    from trucesim.simulation import check_numbers

    plan = calibration.load_plan(options.plan)
    check_numbers(options.runs, plan.seed, 0, options.workers)
    if not 10 <= options.pseudo_observed <= 10_000:
        raise InputError(
            f"--pseudo-observed {options.pseudo_observed}: it must be a whole number 10 to 10000"
        )
    folder = output_folder(options.out, "calibrate", mark="table/chunk-000000.npz")
    _tell_of_compilation()
    with Bar() as bar:
        found = calibration.calibrate(
            plan, options.runs, folder, pseudo_observed=options.pseudo_observed,
            workers=options.workers, progress=bar,
        )  # fmt: skip
        written = calibration.write(found, folder)
    _print_frame(calibration.trust(found), "Recovery of known parameters")
    _print_frame(found.identification.sort_values("width"), "Parameters")
    print(f"\n{len(written)} files in {folder}: " + ", ".join(p.name for p in written))


def _print_frame(frame: pd.DataFrame, title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in frame.columns:
        table.add_column(str(name))
    for row in frame.itertuples(index=False):
        table.add_row(*(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row))
    Console(width=None if sys.stdout.isatty() else 118).print(table)


def _print_study(study: Study, lang: str) -> None:
    from rich.console import Console
    from rich.markup import escape

    from trucesim.study import reduction_rows

    console = Console(width=None if sys.stdout.isatty() else 118)
    attrs = study.results.attrs
    console.print(
        f"[bold]{escape(study.scenario.title[lang])}[/bold] "
        f"({escape(study.scenario.name)}): {attrs['runs']} runs, seed {attrs['seed']}, "
        f"{study.seconds:.1f} s"
    )
    console.print(_pattern_table(study.comparison))
    uses = study.comparison.dropna(subset=["inside"]).groupby("use")["inside"]
    console.print(
        "Inside the simulated 90 % interval: "
        + "; ".join(f"{use} {int(v.astype(bool).sum())} of {len(v)}" for use, v in uses)
        + ". Only fit rows, and months to June 2013, chose parameters."
    )
    console.print(_reduction_table(reduction_rows(study)))
    console.print(
        "Every reduction depends on its baseline. no_truce: the same runs of the model without a "
        "truce, a counterfactual. Municipal results rest on the 2015 rate class (departments only: "
        "a placement without it)."
    )


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False)
    for n, column in enumerate(columns):
        table.add_column(column, justify="left" if n == 0 else "right", no_wrap=n == 0)
    return table


def _number(value: float) -> str:
    if value != value:
        return ""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 20 else 2
    return f"{value:,.{digits}f}"


def _pattern_table(comparison: Any) -> Table:
    table = _table(
        "Held against the record", "pattern", "use", "observed", "simulated", "5-95 %", "inside",
        "departments only",
    )  # fmt: skip
    for row in comparison.to_dict("records"):
        if row["simulated_median"] != row["simulated_median"]:
            continue
        inside = {True: "yes", False: "[red]no[/red]"}.get(row["inside"], "")
        if row["inside"] and row.get("too_wide"):
            inside = "too wide"
        table.add_row(
            row["id"],
            row["use"],
            _number(row["observed"]),
            _number(row["simulated_median"]),
            f"{_number(row['simulated_p05'])} - {_number(row['simulated_p95'])}",
            inside,
            _number(row.get("departments_only_median", float("nan"))),
        )
    return table


def _reduction_table(frame: Any) -> Table:
    table = _table(
        "9 March 2012 - 31 October 2013, by baseline", "baseline", "reduction %", "5-95 %",
        "observed %", "averted", "5-95 %", "observed",
    )  # fmt: skip
    measures = {name: rows.set_index("baseline") for name, rows in frame.groupby("measure")}
    for baseline, percent in measures["reduction_percent"].iterrows():
        averted = measures["averted"].loc[baseline]
        table.add_row(
            str(baseline),
            *(
                cell
                for row in (percent, averted)
                for cell in (
                    _number(row["median"]),
                    f"{_number(row['p05'])} - {_number(row['p95'])}",
                    _number(row["observed"]),
                )
            ),
        )
    return table


def _validate(options: argparse.Namespace) -> None:
    from trucesim.scenario import load_scenario

    scenario = load_scenario(options.scenario).with_settings(options.settings)
    from trucesim import validation
    from trucesim.files import output_folder

    if options.rate_per is not None and options.panel is None:
        raise InputError("--rate-per says what a panel's rates are; give it with --panel")
    folder = output_folder(
        options.out or Path("results") / f"{scenario.name}-validation", "validate"
    )
    given = None
    if options.panel is not None:
        from trucesim.panel import read_panel

        per = {} if options.rate_per is None else {"rate_per": options.rate_per}
        given = read_panel(options.panel, **per)
    validation.check(options.runs, options.seed, options.workers, given)
    _tell_of_compilation()
    with Bar() as bar:
        found = validation.validate(
            scenario, options.runs, options.seed, given=given, point=options.point,
            workers=options.workers, progress=bar,
        )  # fmt: skip
        written = validation.write(
            found, folder, lang=options.lang, draw=not options.no_figures, progress=bar
        )
    if options.json:
        print(json.dumps(validation.summary(found), indent=1, ensure_ascii=False))
        return
    _print_validation(found, options.lang)
    print(f"\n{len(written)} files in {folder}; the report is {folder / 'README.md'}")


def _print_validation(found: Validation, lang: str) -> None:
    from rich.console import Console
    from rich.markup import escape

    from trucesim.forecasts import CONDITIONALITY

    console = Console(width=None if sys.stdout.isatty() else 118, highlight=False)
    attrs = found.results.attrs
    console.print(
        f"[bold]{escape(found.scenario.title[lang])}[/bold] "
        f"({escape(found.scenario.name)}): {attrs['runs']} runs, seed {attrs['seed']}, "
        f"{found.seconds:.1f} s"
    )
    console.print(_pattern_table(found.comparison))
    console.print(
        "Right, that is inside the 90 % interval and this no wider than the value: "
        + "; ".join(
            f"{row['use']} {row['counted']} of {row['simulated']}"
            for row in found.coverage.to_dict("records")
        )
        + ". Only fit rows chose parameters."
    )
    console.print(_forecast_table(found))
    console.print(
        f"{CONDITIONALITY['en']} Skill: 1 - CRPS of the model / CRPS of the strongest naive "
        "forecast, the lower of two; above 0 the model is better."
    )
    console.print(_hiding_table(found.reductions))
    console.print("Every reduction depends on its baseline. No record tells true killings.")
    if found.score is not None:
        console.print(_panel_table(found.score))
        for note in found.score.notes:
            console.print(f"  {escape(note)}")


def _forecast_table(found: Validation) -> Table:
    from trucesim.validation import strongest

    table = _table(
        "Forecasts of homicides a month", "window", "MAE", "CRPS", "inside 90 %",
        "strongest naive", "its MAE", "its CRPS", "skill", "beaten",
    )  # fmt: skip
    for row in strongest(found.forecasts).to_dict("records"):
        skill = _number(row["crps_skill_lower"])
        table.add_row(
            row["window"],
            _number(row["mae"]),
            _number(row["crps"]),
            f"{round(100 * row['coverage_90'])} %",
            row["naive"],
            _number(row["naive_mae"]),
            _number(row["naive_crps"]),
            skill if row["crps_skill_lower"] > 0 else f"[red]{skill}[/red]",
            f"{row['beaten']} of {row['of']}",
        )
    return table


def _hiding_table(reductions: Any) -> Table:
    rows = reductions[reductions["measure"] == "reduction_percent"]
    window = rows["window"].iloc[-1]
    table = _table(
        f"Reduction in {window}, whole months, by baseline", "baseline", "recorded %", "5-95 %",
        "true %", "5-95 %", "by hiding", "5-95 %", "observed %",
    )  # fmt: skip
    for baseline, group in rows[rows["window"] == window].groupby("baseline", sort=False):
        counted = group.set_index("counted")
        cells = []
        for name in ("recorded", "true", "recorded_less_true"):
            row = counted.loc[name]
            cells += [_number(row["median"]), f"{_number(row['p05'])} - {_number(row['p95'])}"]
        table.add_row(str(baseline), *cells, _number(counted.loc["recorded", "observed"]))
    return table


def _panel_table(score: Any) -> Table:
    table = _table(
        "Your panel, by municipality", "period", "municipalities", "inside 90 %", "mean error",
        "rank correlation", "CRPS",
    )  # fmt: skip
    for row in score.periods.to_dict("records"):
        table.add_row(
            row["period"],
            str(row["municipalities"]),
            f"{round(100 * row['coverage'])} %",
            *(_number(row[name]) for name in ("mae", "rank_correlation", "crps")),
        )
    return table


def _compare(options: argparse.Namespace) -> None:
    from trucesim.scenario import load_scenario

    a, b = (load_scenario(each).with_settings(options.settings) for each in (options.a, options.b))
    from trucesim import reductions
    from trucesim.files import output_folder
    from trucesim.simulation import check_numbers, run

    check_numbers(options.runs, options.seed, 0, options.workers)
    folder = output_folder(options.out, "compare") if options.out else None
    _tell_of_compilation()
    with Bar() as bar:
        of_a, of_b = (
            run(
                scenario, options.runs, options.seed, point=options.point, detail="none",
                workers=options.workers,
                progress=lambda done, of, name=scenario.name: bar(name, done, of),  # type: ignore[misc]
            )
            for scenario in (a, b)
        )  # fmt: skip
    frame = reductions.difference(of_a, of_b)
    if folder:
        _write_comparison(frame, of_a, of_b, folder, options.lang)
    if options.json:
        print(frame.to_json(orient="records", indent=1))
        return
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 118)
    for side, scenario in (("A", a), ("B", b)):
        console.print(f"{side}: {scenario.title[options.lang]} ({scenario.name})", markup=False)
    table = _table(
        f"Recorded homicides, {options.runs} paired runs", "period", "A", "B", "A - B", "5-95 %",
        "A has fewer in",
    )  # fmt: skip
    for row in frame[frame["measure"] == "recorded"].to_dict("records"):
        table.add_row(
            row["period"],
            _number(row["a_median"]),
            _number(row["b_median"]),
            _number(row["difference_median"]),
            f"{_number(row['difference_p05'])} - {_number(row['difference_p95'])}",
            f"{round(100 * row['share_a_fewer'])} of 100",
        )
    console.print(table)
    console.print("Medians and 5-95 % over runs; both sides share every draw (paired).")


def _write_comparison(frame: Any, a: Any, b: Any, folder: Path, lang: str) -> None:
    from trucesim import figures
    from trucesim.provenance import data_digest

    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "difference.csv", index=False, float_format="%.6g")
    figures.save(figures.difference(a, b, lang), folder / f"difference_{lang}.png", a, b)
    content = {
        "command": "compare",
        "a": a.attrs,
        "b": b.attrs,
        "trucesim": __version__,
        "data_digest": data_digest(),
    }
    (folder / "manifest.json").write_text(
        json.dumps(content, indent=1, ensure_ascii=False, default=int) + "\n", encoding="utf-8"
    )


def _scenarios(options: argparse.Namespace) -> None:
    from trucesim.scenario import load_scenario, shipped

    loaded = [load_scenario(name) for name in shipped()]
    if options.json:
        content = [
            {"name": s.name, "title": dict(s.title), "story": dict(s.story), "digest": s.digest}
            for s in loaded
        ]
        print(json.dumps(content, indent=1, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 100)
    for scenario in loaded:
        console.print(f"[bold]{scenario.name}[/bold]  {scenario.title[options.lang]}")
        console.print(f"  {scenario.story[options.lang]}\n", highlight=False)


def _describe(options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.markup import escape

    from trucesim.errors import nearest
    from trucesim.parameters import CONDITIONS, PARAMETERS

    console = Console(width=None if sys.stdout.isatty() else 118, highlight=False)
    if options.steps:
        from trucesim.engine.steps import steps

        for step in steps():
            console.print(f"[bold]{step.name}[/bold]  {escape(step.summary)}")
            for rule in step.rules:
                console.print(f"    {rule.name}  {escape(rule.summary)}  [dim]({rule.file})[/dim]")
        return
    declared = PARAMETERS | CONDITIONS
    if options.name is None:
        for title, rows in (
            ("Parameters, for a whole run", PARAMETERS),
            ("Conditions, from a date on", CONDITIONS),
        ):
            table = _table(title, "name", "default", "bounds", "unit", "kind", "meaning")
            table.columns[-1].justify = "left"
            for each in rows.values():
                bounds = ", ".join(each.choices) or f"{each.low:g} - {each.high:g}"
                table.add_row(
                    each.name, str(each.show(each.default)), bounds, each.unit, each.kind,
                    each.en if options.lang == "en" else each.es,
                )  # fmt: skip
            console.print(table)
        return
    if options.name in declared:
        _describe_parameter(console, declared[options.name], options.lang)
        return
    from trucesim.scenario import load_scenario, shipped

    if options.name not in shipped() and not Path(options.name).is_file():
        raise InputError(
            f"nothing is called {options.name!r}{nearest(options.name, [*declared, *shipped()])}; "
            "give a parameter, a condition, or a scenario"
        )
    scenario = load_scenario(options.name)
    title = escape(scenario.title[options.lang])
    console.print(f"[bold]{title}[/bold] ({escape(scenario.name)})")
    console.print(scenario.story[options.lang] + "\n", markup=False)
    for event in scenario.events:
        text = event.en if options.lang == "en" else event.es
        values = ", ".join(f"{k} = {declared[k].show(v)}" for k, v in event.set.items())
        told = escape(text), escape(f"({values}; {event.source})")
        console.print(f"{event.date}  {told[0]}  [dim]{told[1]}[/dim]")
    from trucesim.country import load_country

    country = load_country()
    for zone in scenario.zones:
        name = country.names[country.codes.index(zone.code)]
        when = str(zone.first) if zone.first == zone.last else f"{zone.first} .. {zone.last}"
        console.print(f"{when}  zone: {name} ({zone.code})  [dim]({escape(zone.source)})[/dim]")
    for name, value in scenario.parameters.items():
        console.print(f"{name} = {PARAMETERS[name].show(value)}")
    sources = "; ".join(scenario.sources)
    console.print(f"\nSources: {sources}\nDigest: {scenario.digest}", markup=False)


def _describe_parameter(console: Any, each: Parameter, lang: str) -> None:
    console.print(f"[bold]{each.name}[/bold]  {each.en if lang == 'en' else each.es}")
    console.print(f"{each.meaning}.")
    console.print(f"{each.kind}; default {each.show(each.default)}; {each.allowed}")
    console.print(f"Source: {each.source}")


def _schema(options: argparse.Namespace) -> None:
    if options.experiment:
        from trucesim.experiment.file import schema
    else:
        from trucesim.scenario import schema

    print(json.dumps(schema(), indent=1, ensure_ascii=False))
