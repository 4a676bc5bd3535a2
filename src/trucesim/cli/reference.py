"""The command line of what there is: scenarios, parameters, rules, schemas."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from trucesim.cli.options import add_lang
from trucesim.cli.streams import print_json
from trucesim.files.errors import InputError


def add_commands(commands: Any) -> None:
    """Add the commands of reference to the parser's."""
    scenarios = commands.add_parser("scenarios", help="list the shipped scenarios")
    add_lang(scenarios)
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
    add_lang(describe)
    describe.set_defaults(act=_describe)

    schema = commands.add_parser(
        "schema", help="print the JSON Schema of scenario files, or of experiment files"
    )
    schema.add_argument("--experiment", action="store_true", help="of experiment files")
    schema.set_defaults(act=_schema)


def _scenarios(options: argparse.Namespace) -> None:
    from trucesim.scenario.file import load_scenario, shipped

    loaded = [load_scenario(name) for name in shipped()]
    if options.json:
        content = [
            {"name": s.name, "title": dict(s.title), "story": dict(s.story), "digest": s.digest}
            for s in loaded
        ]
        print_json(content)
        return
    from trucesim.cli.tables import print_scenarios

    print_scenarios(loaded)


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
        print_declared({"parameters": PARAMETERS, "conditions": CONDITIONS})
        return
    if options.name in declared:
        print_parameter(declared[options.name])
        return
    from trucesim.scenario.file import load_scenario, shipped

    known = RENAMED.get(options.name, options.name) in shipped()
    if not known and not Path(options.name).is_file():
        raise InputError(
            "nothing is called {name!r}{hint}; give a parameter, a condition, or a scenario",
            name=options.name, hint=nearest(options.name, [*declared, *shipped()]),
        )  # fmt: skip
    scenario = load_scenario(options.name)
    print_scenario(scenario)


def _schema(options: argparse.Namespace) -> None:
    if options.experiment:
        from trucesim.studies.experiment.file import schema
    else:
        from trucesim.scenario.file import schema

    print_json(schema())
