"""The command line of cases: run one, compare some, tell of them in a file."""

from __future__ import annotations

import argparse
import shlex
from functools import partial
from pathlib import Path
from typing import Any

from trucesim.cli.options import (
    DEFAULT_SCENARIO,
    add_groups,
    add_history,
    add_lang,
    add_rest,
    add_rules,
    add_run_options,
    add_settings,
    add_workers,
    asked_of,
    groups_of,
    place_of,
    print_written,
    result_in,
    rules_of,
    tell,
)
from trucesim.cli.streams import print_json
from trucesim.files.errors import InputError, Message
from trucesim.locale.catalogue import told

REPORT = Path("report.html")


def add_commands(commands: Any) -> None:
    """Add the commands of cases to the parser's."""
    run = commands.add_parser(
        "run",
        help="run a scenario and hold it against the record",
        description="Runs a scenario many times, prints how it compares with the observed record, "
        "and writes results, tables and figures to a folder.",
    )
    run.add_argument(
        "scenario", nargs="?", metavar="SCENARIO",
        help=f"a shipped name (see 'trucesim scenarios') or a TOML file; {DEFAULT_SCENARIO}, or of "
        "another country the first that changes its baseline",
    )  # fmt: skip
    add_run_options(run)
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
    add_groups(run)
    add_rules(run, "in all runs")
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
    add_settings(compare)
    add_rules(
        compare, "in every B, and in A the shipped ones, so that 'compare truce-2012 truce-2012' "
        "holds the two against each other, run by run",
    )  # fmt: skip
    add_groups(compare)
    add_rest(compare)
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
    add_settings(report)
    add_workers(report)
    add_lang(report)
    report.add_argument(
        "--out", type=Path, metavar="FILE",
        help="an HTML file; an earlier report of that name is replaced (report.html, or beside it "
        "if that differs)",
    )  # fmt: skip
    report.set_defaults(act=_report)


def _run(options: argparse.Namespace) -> None:
    from trucesim.scenario.change import with_settings
    from trucesim.scenario.file import default_scenario, load_scenario

    options.scenario = options.scenario or default_scenario()
    loaded = load_scenario(options.scenario)
    scenario = with_settings(loaded, options.settings)
    from trucesim.cli.tables import Bar, print_study, tell_of_compilation, whether_read_or_not
    from trucesim.reports.run import write
    from trucesim.runs.simulate import check_numbers
    from trucesim.studies.comparison import conduct, summary

    check_numbers(options.runs, options.seed, 0, options.workers)
    outlines = None
    if options.boundaries:
        from trucesim.world.country import load_country
        from trucesim.world.tiles import from_geojson

        outlines = from_geojson(options.boundaries, load_country().codes, tell=tell)
    groups = groups_of(options)
    rules = rules_of(options)
    asked = asked_of(options, {options.scenario: loaded}, options.boundaries, options.groups)
    folder = place_of(options, Path("results") / scenario.name, asked)
    tell_of_compilation()
    with Bar() as bar:
        study = conduct(
            scenario, options.runs, options.seed, detail=options.detail, point=options.point,
            rules=rules, workers=options.workers, progress=bar,
        )  # fmt: skip
    # What was found is shown before it is written: drawing the figures takes seconds.
    with whether_read_or_not():
        if options.json:
            print_json(summary(study))
        else:
            print_study(study)
    with Bar() as bar, result_in(folder, asked) as draft:
        written = write(
            study, draft, draw=not options.no_figures, outlines=outlines, groups=groups,
            progress=bar,
        )  # fmt: skip
    if not options.json:
        print_written(written, folder)


def _compare(options: argparse.Namespace) -> None:
    from trucesim.scenario.change import with_settings
    from trucesim.scenario.file import load_scenario

    loaded = {each: load_scenario(each) for each in (options.a, *options.b)}
    a, *others = (with_settings(loaded[each], options.settings) for each in (options.a, *options.b))
    from trucesim.cli.tables import Bar, print_effects, tell_of_compilation
    from trucesim.files.results import output_folder
    from trucesim.reports.effects import summary, write
    from trucesim.studies import effects
    from trucesim.studies.history import choose

    groups = groups_of(options)
    if groups and not options.out:
        raise InputError("--groups: its table goes to a folder; give --out DIR")
    rules = rules_of(options)
    if rules:
        others = [effects.with_rules(each, options.rules.stem) for each in others]
    past = choose(
        options.history, effects.as_run(a, others), runs=options.runs, seed=options.seed,
        default_runs=100, point=options.point, own_rules=bool(rules),
    )  # fmt: skip
    effects.check(past.runs, 1 + len(others), past.seed, options.workers)
    if len({each.name for each in others}) < len(others):
        raise InputError("two of the cases have the same name: {names}", names=", ".join(options.b))
    folder = output_folder(options.out, "compare") if options.out else None
    tell_of_compilation()
    with Bar() as bar:
        found = effects.what_ifs(
            a, others, past, rules=rules, point=options.point, workers=options.workers,
            progress=bar,
        )  # fmt: skip
    if options.json:
        print_json(summary(found))
    else:
        print_effects(found)
    if folder:
        given = ["trucesim", "compare", options.a, *options.b, *past.asked]
        given += ["--country", options.country] if options.country else []
        given += ["--lang", options.lang]
        given += ["--rules", options.rules.name] if rules else []
        given += ["--groups", options.groups.name] if groups else []
        given += [each for setting in options.settings for each in ("--set", setting)]
        command = shlex.join([*given, *(["--point"] if options.point else []), "--out", "DIR"])
        with result_in(folder, asked_of(options, loaded, options.groups)) as draft:
            write(found, draft, command=command, groups=groups)


def _report(options: argparse.Namespace) -> None:
    from trucesim.cli.tables import Bar, tell_of_compilation
    from trucesim.scenario.change import with_settings
    from trucesim.scenario.file import load_scenario

    a, b = load_scenario(options.a), load_scenario(options.b) if options.b else None
    cases = [with_settings(each, options.settings) for each in (a, b) if each is not None]
    from trucesim.reports import cases as report
    from trucesim.studies.history import choose
    from trucesim.workshop.pairs import Pool, live_pair

    asked = report.check_out(options.out or REPORT, replaced=options.out is not None)
    past = choose(
        options.history, cases, runs=options.runs, seed=options.seed, default_runs=report.RUNS
    )
    report.check_runs(past.runs, past.seed, options.workers)
    tell_of_compilation()
    with Bar() as bar:
        found = report.gather(
            a, b, past, settings=options.settings, workers=options.workers, progress=bar,
            live=partial(live_pair, pool=Pool(options.workers)),
        )  # fmt: skip
        path = report.write(found, asked, bar, replaced=options.out is not None)
    if path != asked:
        tell(Message("{default} holds another result; this one goes to {folder}", default=asked,
                     folder=path))  # fmt: skip
    made = Message(
        "{path}: {size:.1f} MB, opens in any browser, without a network", path=path,
        size=path.stat().st_size / 1e6,
    )  # fmt: skip
    print(told(made))
