"""The command line of analyses; what a command needs is imported when it is called."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucesim.cli.options import (
    MOST_ROWS,
    SweepBar,
    add_experiment,
    add_json,
    add_lang,
    add_rules,
    add_workers,
    experiment_of,
    print_written,
    tell,
    tell_of_failures,
)
from trucesim.cli.streams import print_json
from trucesim.files.errors import InputError, Message
from trucesim.locale.catalogue import catalogue, spoken, translated

if TYPE_CHECKING:
    import pandas as pd

    from trucesim.reports.ablation import Analysis as Cases
    from trucesim.reports.sensitivity import Analysis
    from trucesim.studies.experiment.continuous import Threshold
    from trucesim.studies.experiment.folder import Sweep
    from trucesim.studies.experiment.plan import Plan


def add_commands(commands: Any) -> None:
    """Add the commands of analyses to the parser's."""
    plan = commands.add_parser(
        "plan",
        help="tell how many runs an error bar needs, from a pilot",
        description="Runs a pilot of an experiment and tells, point by point and effect by effect, "
        "how many runs give the standard error that is wanted, with and without pairing, how sure "
        "that number is, and how long the runs take.",
    )
    add_experiment(plan)
    add_rules(plan, "at all points")
    plan.add_argument(
        "--se", type=float, required=True, metavar="X",
        help="the standard error that is wanted, in the outcome's unit",
    )  # fmt: skip
    plan.add_argument("--outcome", metavar="NAME", help="which outcome (the file's first)")
    plan.add_argument(
        "--baseline", type=int, default=0, metavar="POINT", help="compare with this point (0)"
    )
    plan.add_argument("--pilot", type=int, metavar="N", help="runs at each point (64)")
    plan.add_argument(
        "--out", type=Path, metavar="DIR",
        help="keep the pilot's runs, for 'trucesim sweep --resume' to go on with",
    )  # fmt: skip
    add_workers(plan)
    _add_output(plan)
    plan.set_defaults(act=_plan)

    effects = commands.add_parser(
        "effects",
        help="compare the points of a sweep, run by run",
        description="Compares every point of a sweep with a baseline, run by run (of a design that "
        "spreads points, every policy, at the same points), prints the effects with their standard "
        "errors and what pairing saves, and writes effects.csv and a figure an outcome into the "
        "sweep's folder.",
    )
    effects.add_argument("folder", type=Path, metavar="DIR", help="the folder of a sweep")
    effects.add_argument("--outcome", metavar="NAME", help="one outcome only (all)")
    effects.add_argument(
        "--baseline", type=int, default=0, metavar="POINT", help="compare with this point (0)"
    )
    effects.add_argument("--no-figures", action="store_true", help="write no figures")
    _add_output(effects)
    effects.set_defaults(act=_effects)

    sensitivity = commands.add_parser(
        "sensitivity",
        help="tell which parameters, or which mechanisms, outcomes hang on",
        description="Runs a Morris, Sobol or Latin hypercube design, or what is missing of it, and "
        "writes indices with their intervals (of a Latin hypercube, feature scores and partial "
        "dependence), the share of chance, where an outcome of 0 and 1 happens, or one beyond a "
        "threshold, figures and a report. The cases of a factorial or a list, with patterns among "
        "their outcomes, are held against the record instead, the first as the full model: which "
        "patterns are lost, gained and moved.",
    )
    add_experiment(sensitivity)
    sensitivity.add_argument(
        "--out", type=Path, metavar="DIR",
        help="folder of the sweep; the analysis goes to its folder 'sensitivity' "
        "(results/EXPERIMENT)",
    )  # fmt: skip
    for end, what in (("above", "this value or more"), ("below", "less than this value")):
        sensitivity.add_argument(
            f"--{end}", action="append", default=[], metavar="OUTCOME=VALUE",
            help=f"tell where an outcome has {what}: boxes of factors; may be repeated",
        )  # fmt: skip
    add_workers(sensitivity)
    sensitivity.add_argument(
        "--scheduler", metavar="ADDRESS", help="let the workers of a Dask scheduler make the runs"
    )
    sensitivity.add_argument("--no-figures", action="store_true", help="write no figures")
    _add_output(sensitivity)
    sensitivity.set_defaults(act=_sensitivity)

    export = commands.add_parser(
        "export",
        help="write a sweep as a tidy table with a codebook",
        description="Writes the runs of a sweep as one tidy table, CSV or Parquet, with a codebook "
        "that says of every column what it is, its unit and its source.",
    )
    export.add_argument("folder", type=Path, metavar="DIR", help="the folder of a sweep")
    export.add_argument("--to", required=True, choices=("csv", "parquet"), help="format")
    export.add_argument("--out", type=Path, metavar="DIR", help="folder to write to (DIR/export)")
    export.add_argument(
        "--shape", choices=("wide", "long", "monthly", "parameters"), default="wide",
        help="a row a run (wide, with parameters.* beside it: what every run took of the uncertain "
        "parameters), a run and outcome, a run and month, or the parameters alone",
    )  # fmt: skip
    export.set_defaults(act=_export)


def _add_output(command: argparse.ArgumentParser) -> None:
    add_lang(command)
    add_json(command)


TEXT = catalogue(
    {
        "point": "point",
        "pilot": "runs",
        "mean": "mean",
        "effect": "effect",
        "deviation": "sd",
        "paired": "runs, paired",
        "unpaired": "runs, unpaired",
        "interval": "90%",
        "time": "time",
        "se": "se paired",
        "se_unpaired": "unpaired",
        "gain": "pairing saves",
        "quantiles": "5-95%",
        "lower": "lower in",
        "plan.title": "{outcome}: runs for a standard error of {error}{unit}",
        "plan.effects": "Effects against point {baseline} ({name})",
        "plan.means": "Means",
        "plan.told": "From a pilot of {pilot} runs a point, {rate} runs a second. 90%: what a "
        "pilot of this size leaves open. Time: all points, with as many runs.",
        "plan.all": "replicates = {runs} ({low} to {high}) gives every effect this error or a "
        "smaller one: {time}.",
        "plan.nothing": "-: all runs of the pilot are alike, which tells nothing; use a larger "
        "--pilot.",
        "effects.title": "{outcome}: difference from point {baseline} ({name})",
        "effects.told": "Means over {runs} pairs of runs that share their draws. Pairing saves: so "
        "many times as many independent runs would be needed.",
        "more": "... and {n} more in {file}",
        "others": "Effects on the other outcomes ({n}) are in effects.csv; "
        "'trucesim effects {folder}' prints and draws them.",
    }
)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a table's rows, ready for JSON: what is no finite number is null."""
    return [
        {
            str(name): None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in row.items()
        }
        for row in table.to_dict("records")
    ]


def _clock(seconds: float) -> str:
    if math.isnan(seconds):
        return "-"
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


# --- plan ---------------------------------------------------------------------------------------


def _plan(options: argparse.Namespace) -> int:
    from trucesim.cli.tables import tell_of_compilation
    from trucesim.studies.experiment.plan import PILOT, check, plan

    experiment = experiment_of(options)
    pilot = PILOT if options.pilot is None else options.pilot
    outcome = check(experiment, options.se, options.outcome, pilot)
    tell_of_compilation()
    with SweepBar() as bar:
        found = plan(
            experiment, options.se, outcome, baseline=options.baseline, pilot=pilot,
            folder=options.out, workers=options.workers, progress=bar,
        )  # fmt: skip
    if options.json:
        rate = found.rate if math.isfinite(found.rate) else None
        content = {
            "experiment": experiment.name, "outcome": found.outcome, "se": found.error,
            "pilot": found.sweep.experiment.replicates, "runs_a_second": rate,
            "lives_a_replicate": found.lives, "table": _records(found.table),
        }  # fmt: skip
        print_json(content)
        return 0
    _print_plan(found, options.baseline)
    return 0


def _print_plan(found: Plan, baseline: int) -> None:
    from rich.table import Table

    from trucesim.cli.tables import page, styled
    from trucesim.locale.language import number, short
    from trucesim.studies.experiment.precision import called

    console, words = page(), TEXT
    names = called(found.sweep.points())
    told = found.sweep.experiment.outcome(found.outcome)
    unit = "" if told.unit in ("1", "0 or 1") else f" {translated(told.unit)}"
    label = told.label()
    said = words["plan.title"].format(outcome=label, error=short(found.error), unit=unit)
    console.print(styled((said, "bold")))

    def cell(value: float) -> str:
        return "-" if math.isnan(value) else number(value)

    def between(row: Mapping[Any, Any], side: str) -> str:
        low, high = row[f"{side}_low"], row[f"{side}_high"]
        return "" if math.isnan(low) else f"{cell(low)} - {cell(high)}"

    for what in ("effect", "mean"):
        rows = found.table[found.table["what"] == what].to_dict("records")
        if not rows:
            continue
        title = words["plan.means"]
        if what == "effect":
            title = words["plan.effects"].format(baseline=baseline, name=names[baseline])
        table = Table(title=title, title_justify="left")
        table.add_column(words["point"])
        sides = ("paired", "unpaired") if what == "effect" else ("paired",)
        heads = [words[what], words["deviation"]]
        for side in sides:
            heads += [words[side if what == "effect" else "pilot"], words["interval"]]
        for head in (*heads, words["time"]):
            table.add_column(head, justify="right")
        for row in rows[:MOST_ROWS]:
            cells = [short(row["value"]), short(row["deviation"])]
            for side in sides:
                cells += [cell(row[side]), between(row, side)]
            cells.append(_clock(found.seconds(row["paired"])))
            table.add_row(f"{row['point']}: {names[row['point']]}", *cells)
        console.print(table)
    pilot = number(found.sweep.experiment.replicates)
    rate = "-" if math.isnan(found.rate) else number(found.rate, 1)
    console.print(words["plan.told"].format(pilot=pilot, rate=rate))
    if not math.isnan(runs := found.all_effects()):
        console.print(
            words["plan.all"].format(
                runs=int(runs),
                low=cell(found.all_effects("_low")),
                high=cell(found.all_effects("_high")),
                time=_clock(found.seconds(runs)),
            )
        )
    if found.table["paired"].isna().any():
        console.print(words["plan.nothing"])


# --- effects ------------------------------------------------------------------------------------


def _effects(options: argparse.Namespace) -> int:
    from trucesim.reports import sensitivity
    from trucesim.studies.experiment.folder import open_sweep
    from trucesim.studies.experiment.precision import is_spread

    sweep = open_sweep(options.folder)
    outcomes = _chosen(sweep, options.outcome)
    if is_spread(sweep):
        if options.outcome or options.baseline:
            raise InputError(
                "--outcome, --baseline: the points of a {kind} design are no cases of their own; "
                "without them it is told what all its outcomes hang on",
                kind=sweep.experiment.plan.kind,
            )  # fmt: skip
        tell(Message("{name}: the points of a {kind} design are no cases of their own; what all "
                     "its outcomes hang on is told instead", name=sweep.experiment.name,
                     kind=sweep.experiment.plan.kind))  # fmt: skip
        sensitivity.check(sweep.experiment)
        return _hangs_on(sweep, sensitivity, (), options)
    return _points(sweep, outcomes, options.baseline, options)


def _points(
    sweep: Sweep, outcomes: list[str] | None, baseline: int, options: argparse.Namespace
) -> int:
    """Compare the points of a sweep, run by run."""
    from trucesim.cli.tables import page
    from trucesim.studies.experiment.precision import effects_of

    table = effects_of(sweep, outcomes, baseline)
    written = [write_effects(table, sweep.folder)]
    if not options.no_figures:
        written += _draw_effects(sweep, table, baseline)
    if options.json:
        print_json(_records(table))
        return 0
    print_effects(sweep, table, baseline)
    listed = ", ".join(str(path.relative_to(sweep.folder)) for path in written)
    page().print(f"{sweep.folder}: {listed}", markup=False)
    return 0


def tell_effects(sweep: Sweep, *, quiet: bool = False) -> None:
    """Write what the points of a finished sweep do against the first, and print one outcome's.

    Nothing is done for a design of one point, or one that spreads its points under one policy.
    """
    from trucesim.studies.experiment.precision import effects_of, sides

    experiment = sweep.experiment
    if not sweep.complete or len(sides(sweep.points())) < 2:
        return
    table = effects_of(sweep)
    write_effects(table, sweep.folder)
    if quiet:
        return
    print_effects(sweep, table[table["outcome"] == experiment.outcomes[0]], 0)
    if len(experiment.outcomes) > 1:
        others = len(experiment.outcomes) - 1
        print(TEXT["others"].format(n=others, folder=sweep.folder))


def write_effects(table: pd.DataFrame, folder: Path) -> Path:
    """Write effects into a sweep's folder."""
    from trucesim.files.writing import put_whole

    def save(path: Path) -> None:
        table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")

    return put_whole(folder / "effects.csv", save)


def _chosen(sweep: Sweep, outcome: str | None) -> list[str] | None:
    from trucesim.files.errors import nearest

    names = sweep.experiment.outcomes
    if outcome is None:
        return None
    if outcome not in names:
        raise InputError(
            "--outcome {outcome!r}: not among the outcomes of the sweep{hint}: {allowed}",
            outcome=outcome, hint=nearest(outcome, names), allowed=", ".join(names),
        )  # fmt: skip
    return [outcome]


def _draw_effects(sweep: Sweep, table: pd.DataFrame, baseline: int) -> list[Path]:
    from trucesim.figures import canvas, experiment
    from trucesim.reports.sensitivity import made_by, named
    from trucesim.studies.experiment.precision import sides

    names = sides(sweep.points())
    written = []
    for outcome, rows in table.groupby("outcome", sort=False):
        if rows["effect"].notna().any():
            figure = experiment.effects(rows, names, names[baseline], named(sweep, str(outcome)))
            path = sweep.folder / "figures" / f"effects_{outcome}_{spoken()}.png"
            written.append(canvas.save(figure, path, made_by(sweep)))
    return written


def print_effects(sweep: Sweep, table: pd.DataFrame, baseline: int) -> None:
    """Print effects, a table an outcome."""
    from rich.table import Table

    from trucesim.cli.tables import page
    from trucesim.locale.language import gained, number, percent, short
    from trucesim.studies.experiment.precision import sides

    console, words = page(), TEXT
    names = sides(sweep.points())

    def cell(value: float) -> str:
        return short(value) if math.isfinite(value) else "-"

    for name, rows in table.groupby("outcome", sort=False):
        told = sweep.experiment.outcome(str(name))
        title = words["effects.title"].format(
            outcome=told.label(), baseline=baseline, name=names[baseline]
        )
        printed = Table(title=title, title_justify="left")
        printed.add_column(words["point"])
        for head in ("effect", "se", "se_unpaired", "gain", "quantiles", "lower"):
            printed.add_column(words[head], justify="right")
        for row in rows.head(MOST_ROWS).to_dict("records"):
            gain = row["variance_reduction"]
            lower = row["share_lower"]
            printed.add_row(
                f"{int(row['point'])}: {names[int(row['point'])]}",
                cell(row["effect"]), cell(row["se_paired"]), cell(row["se_unpaired"]),
                gained(gain) if not math.isnan(gain) else "-",
                f"{cell(row['p05'])} .. {cell(row['p95'])}",
                "-" if math.isnan(lower) else percent(100 * lower),
            )  # fmt: skip
        console.print(printed)
        if len(rows) > MOST_ROWS:
            console.print(words["more"].format(n=len(rows) - MOST_ROWS, file="effects.csv"))
    pairs = number(float(table["pairs"].max())) if len(table) else "0"
    console.print(words["effects.told"].format(runs=pairs))


# --- sensitivity --------------------------------------------------------------------------------


def _sensitivity(options: argparse.Namespace) -> int:
    from trucesim.cli.tables import tell_of_compilation
    from trucesim.reports import ablation, sensitivity
    from trucesim.studies.experiment.design import points
    from trucesim.studies.experiment.sweep import run_sweep

    experiment = experiment_of(options)
    reports: Any = ablation if ablation.fits(experiment) else sensitivity
    cases = reports is ablation or experiment.plan.kind not in sensitivity.KINDS
    thresholds = [
        _threshold(each, above) for above in (True, False)
        for each in (options.above if above else options.below)
    ]  # fmt: skip
    if thresholds and cases:
        raise InputError(
            "--above, --below: the cases of a {kind} design are no sample of factors; where an "
            "outcome passes a threshold is told of design.kind = 'latin-hypercube' or 'sobol'",
            kind=experiment.plan.kind,
        )  # fmt: skip
    further = () if cases else (thresholds,)
    if reports is ablation or not cases or len(points(experiment)) < 2:
        reports.check(experiment, *further)
    folder = options.out or Path("results") / experiment.name
    tell_of_compilation()
    with SweepBar() as bar:
        sweep = run_sweep(
            experiment, folder, workers=options.workers, scheduler=options.scheduler,
            resume=True, progress=bar, tell=tell,
        )  # fmt: skip
    tell_of_failures(sweep.failures)
    if cases and reports is sensitivity:
        tell(Message("{name}: a {kind} design has no factors to share an outcome out among; its "
                     "points are compared, run by run", name=experiment.name,
                     kind=experiment.plan.kind))  # fmt: skip
        told = _points(sweep, None, 0, options)
    else:
        told = _hangs_on(sweep, reports, further, options)
    return 1 if sweep.failures else told


def _hangs_on(
    sweep: Sweep, reports: Any, further: tuple[Any, ...], options: argparse.Namespace
) -> int:
    """Tell what the outcomes of a finished sweep hang on."""
    from rich.markdown import Markdown

    from trucesim.cli.tables import Bar, page
    from trucesim.files.results import written_whole
    from trucesim.reports import ablation

    made = {"command": "sensitivity", "sweep": sweep.manifest["checksum"]}
    with Bar() as steps:
        found = reports.analyse(sweep, steps, *further)
        with written_whole(sweep.folder / "sensitivity", made, {}) as draft:
            written = reports.write(found, draft, draw=not options.no_figures, progress=steps)
    if options.json:
        told = _cases(found) if reports is ablation else _summary(found)
        print_json(told)
    else:
        # Without its figures: what is on screen is what is in the file.
        page().print(Markdown(reports.report(found, {})))
        parts = sweep.folder / "sensitivity"
        print_written(written, parts, parts / "README.md")
    return 0


def _threshold(text: str, above: bool) -> Threshold:
    from trucesim.studies.experiment.continuous import Threshold

    outcome, _, value = text.rpartition("=")
    try:
        return Threshold(outcome.strip(), float(value), above)
    except ValueError:
        raise InputError(
            "--{option} {text!r}: it must be OUTCOME=VALUE, such as recorded_2014=3000",
            option="above" if above else "below", text=text,
        ) from None  # fmt: skip


def _summary(found: Analysis) -> dict[str, Any]:
    return {
        "experiment": found.experiment.name,
        "points": len(found.design),
        "replicates": found.experiment.replicates,
        "indices": _records(found.indices),
        "scores": _records(found.scores),
        "dependence": _records(found.dependence),
        "chance": _records(found.chance),
        "regional": _records(found.regional),
        "discoveries": [
            {
                "scenario": scenario, "outcome": outcome, "base": each.base, "holds": each.holds,
                "skill": each.skill, "skill_error": each.skill_error,
                "boxes": _records(each.boxes), "limits": _records(each.limits),
            }
            for (scenario, outcome), each in found.discoveries.items()
        ],
        "notes": list(found.notes),
    }  # fmt: skip


def _cases(found: Cases) -> dict[str, Any]:
    return {
        "experiment": found.sweep.experiment.name,
        "points": len(found.design),
        "replicates": found.sweep.experiment.replicates,
        "scores": _records(found.scores),
        "patterns": _records(found.table),
    }


# --- export -------------------------------------------------------------------------------------


def _export(options: argparse.Namespace) -> int:
    from trucesim.cli.tables import Bar
    from trucesim.studies.experiment.export import export
    from trucesim.studies.experiment.folder import open_sweep

    sweep = open_sweep(options.folder)
    if not sweep.complete:
        tell(
            Message(
                "{folder}: the sweep is not complete; what is there is written",
                folder=options.folder,
            )
        )
    with Bar() as bar:
        written = export(
            sweep, options.to, options.out, options.shape,
            progress=lambda done, of: bar(Message("rows"), done, of),
        )  # fmt: skip
    for path in written:
        print(path)
    return 0
