"""What several commands share: options, the line for people, and a sweep's progress."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucesim.files.errors import InputError, Message
from trucesim.files.writing import without_controls
from trucesim.locale.catalogue import LANGUAGES, told, translated

if TYPE_CHECKING:
    from trucesim.outcomes.grouping import Groups
    from trucesim.scenario.scenario import Scenario
    from trucesim.studies.experiment.sweep import Standing


DEFAULT_SCENARIO = "truce-2012"
"""Of El Salvador; that of another country is the first that changes its baseline."""

IN_A_COUNTRY = (
    "run", "compare", "report", "workshop", "sweep", "plan", "effects", "sensitivity", "export",
    "validate", "scenarios", "describe", "reproduce",
)  # fmt: skip
"""Commands that are about a country."""

ON_THE_RECORD = ("calibrate", "variants", "follow", "forecast", "hindcast", "recover")
"""Commands that need a whole monthly record, with patterns, orders and days: El Salvador's."""

DATED = "as-recorded"
"""The dated record whole: truce-2012 leaves the gangs' own orders to the model's hazard."""


def add_experiment(command: argparse.ArgumentParser) -> None:
    """Add the argument that names an experiment."""
    command.add_argument(
        "experiment", metavar="FILE",
        help="a TOML file (see 'trucesim schema --experiment'), or a shipped experiment's name",
    )  # fmt: skip
    command.add_argument(
        "--replicates", type=int, metavar="N", help="runs at each point (as the file says)"
    )
    command.add_argument(
        "--history", choices=("record", "chance"),
        help="record: runs are lineages that follow the observed months; chance: they have draws "
        "of their own (as the file says)",
    )  # fmt: skip


def add_running(command: argparse.ArgumentParser) -> None:
    """Add the options that say how runs are made."""
    add_workers(command)
    command.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="let the workers of a Dask scheduler make the runs, such as tcp://host:8786",
    )  # fmt: skip
    command.add_argument(
        "--chunk", type=float, default=1.0, metavar="SECONDS",
        help="work in one chunk, about (1)",
    )  # fmt: skip


def add_groups(command: argparse.ArgumentParser) -> None:
    """Add a table of groups of municipalities."""
    command.add_argument(
        "--groups", type=Path, metavar="FILE",
        help="a CSV that says in which group each municipality is, such as code,group: a table and "
        "a map of results by group, groups.csv",
    )  # fmt: skip


def groups_of(options: argparse.Namespace) -> Groups | None:
    """Give the groups that are asked for, and say which municipalities are in none."""
    if options.groups is None:
        return None
    from trucesim.outcomes.grouping import read_groups

    groups = read_groups(options.groups)
    for note in groups.notes:
        tell(note)
    return groups


def add_rules(command: argparse.ArgumentParser, what: str) -> None:
    """Add a file of rules of one's own; ``what`` says what is run with them."""
    command.add_argument(
        "--rules", type=Path, metavar="FILE",
        help=f"Python code, executed here, whose functions replace the rules of their names: {what}"
        " (see 'trucesim describe --rules'); results keep the file's digest, not the file",
    )  # fmt: skip


def rules_of(options: argparse.Namespace) -> dict[str, Any]:
    """Give the rules of one's own that are asked for; the file is executed once."""
    if getattr(options, "rules", None) is None:
        return {}
    if not hasattr(options, "own_rules"):
        from trucesim.engine.user_rules import load_rules

        options.own_rules = load_rules(options.rules)
    return dict(options.own_rules)


def digest_of_own(options: argparse.Namespace) -> str:
    """Give the digest of the rules of one's own that are asked for; empty if none are."""
    if not (rules := rules_of(options)):
        return ""
    from trucesim.engine.user_rules import digest_of_rules

    return digest_of_rules(rules)


def add_country(command: argparse.ArgumentParser) -> None:
    """Add the country; only the command line chooses one, never a file, an upload or a link."""
    command.add_argument(
        "--country", metavar="NAME",
        help="el_salvador, honduras, guatemala, or the folder of a country of one's own, see "
        "'trucesim country' (el_salvador)",
    )  # fmt: skip


def refuse_elsewhere(command: str) -> None:
    """Refuse a command that needs what only El Salvador's record has."""
    from trucesim.world.country import load_country
    from trucesim.world.folder import HOME, here

    if here() != HOME:
        raise InputError(
            "{command} needs a whole monthly record with its patterns, orders and days, which "
            "{country} does not have", command=command, country=load_country().titled(),
        )  # fmt: skip


def add_history(command: argparse.ArgumentParser, runs: int, *, seed: bool = True) -> None:
    """Add the options that say what runs are made of; ``runs`` is how many come from chance."""
    command.add_argument(
        "--history", choices=("record", "chance"),
        help="record: lineages that follow the observed months; chance: runs with draws of their "
        "own (record, where all cases can be lived on it)",
    )  # fmt: skip
    command.add_argument(
        "--runs", type=int, metavar="N", help=f"how many runs (all lineages; {runs} from chance)"
    )
    if seed:
        command.add_argument("--seed", type=int, metavar="S", help="random seed, from chance (1)")


def add_run_options(command: argparse.ArgumentParser, runs: int = 100) -> None:
    """Add the options of runs from chance."""
    add_numbers_of_runs(command, runs)
    add_settings(command)
    add_rest(command)


def add_rest(command: argparse.ArgumentParser) -> None:
    """Add what all commands take that make runs and print tables of them."""
    command.add_argument(
        "--point", action="store_true", help="point values instead of draws of parameters"
    )
    add_workers(command)
    add_lang(command)
    add_json(command)


def add_numbers_of_runs(command: argparse.ArgumentParser, runs: int) -> None:
    """Add how many runs, and their seed."""
    command.add_argument(
        "--runs", type=int, default=runs, metavar="N", help=f"how many runs ({runs})"
    )
    command.add_argument("--seed", type=int, default=1, metavar="S", help="random seed (1)")


def add_settings(command: argparse.ArgumentParser) -> None:
    """Add changes of a scenario."""
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="settings",
        help="change a parameter, or a dated condition as NAME=VALUE@DATE; may be repeated",
    )  # fmt: skip


def add_workers(command: argparse.ArgumentParser) -> None:
    """Add how many threads."""
    command.add_argument("--workers", type=int, metavar="N", help="threads (one a core)")


def add_lang(command: argparse.ArgumentParser) -> None:
    """Add the language."""
    command.add_argument("--lang", choices=LANGUAGES, default="en", help="language (en)")


def add_json(command: argparse.ArgumentParser) -> None:
    """Add whether tables are printed as JSON."""
    command.add_argument("--json", action="store_true", help="print JSON instead of tables")


CHANGE_NO_RESULT = frozenset({"help", "out", "workers", "json", "scheduler", "chunk", "resume"})
"""Options that say how, where to, and how it is told."""

KEPT_BY_DIGEST = frozenset({"rules", "country"})
"""Options of which a result keeps a digest, and no copy: code, and a folder of tables."""


@dataclass(frozen=True)
class Asked:
    """What was asked for, as a result keeps it.

    Attributes
    ----------
    command : str
    arguments : list of str
        As the command line takes them, without those that change no result.
    files : dict of str to str
        Names of copies within the result's folder, by what the arguments call them.
    inputs : dict of str to bytes
        The copies.
    rules : str
        Digest of rules of one's own; empty for the shipped ones.
    """

    command: str
    arguments: list[str]
    files: dict[str, str]
    inputs: dict[str, bytes]
    rules: str = ""

    def manifest(self) -> dict[str, Any]:
        """Give the entries of a manifest by which a result can be made again."""
        copies = {
            given: {"file": name, "sha256": hashlib.sha256(self.inputs[name]).hexdigest()}
            for given, name in self.files.items()
        }
        asked = {"command": self.command, "arguments": self.arguments, "inputs": copies}
        return {**asked, "rules": self.rules} if self.rules else asked


def asked_of(
    options: argparse.Namespace, scenarios: Mapping[str, Scenario], *files: Path | None
) -> Asked:
    """Gather what a command was asked for, with copies of the files that it reads.

    Parameters
    ----------
    options : namespace
    scenarios : dict of str to Scenario
        As they were loaded, by what the command line calls them.
    *files : Path or None
        Other files.
    """
    from trucesim.scenario.file import text_of

    held = {
        given: (f"{each.name}.toml", text_of(each).encode()) for given, each in scenarios.items()
    }
    held |= {str(path): (path.name, path.read_bytes()) for path in files if path is not None}
    names: dict[str, str] = {}
    inputs: dict[str, bytes] = {}
    for given, (name, content) in held.items():
        place = f"inputs/{name}"
        while place in inputs:  # another of the same name
            place = f"{place.rpartition('/')[0]}/{len(inputs)}/{name}"
        names[given], inputs[place] = place, content
    return Asked(options.command, arguments_of(options), names, inputs, digest_of_own(options))


def arguments_of(options: argparse.Namespace) -> list[str]:
    """Write options as the command line takes them, without those that change no result."""
    placed, named = [], []
    for action in options.parser._actions:
        value = getattr(options, action.dest, None)
        left_out = action.dest in CHANGE_NO_RESULT | KEPT_BY_DIGEST
        if left_out or value == action.default or value is None:
            continue
        values = [str(each) for each in (value if isinstance(value, list) else [value])]
        if not action.option_strings:
            placed += values
        elif action.nargs == 0:
            named.append(action.option_strings[-1])
        elif isinstance(action, argparse._AppendAction):
            named += [part for each in values for part in (action.option_strings[-1], each)]
        else:
            named += [action.option_strings[-1], *values]
    return [*placed, *named]


def place_of(options: argparse.Namespace, default: Path, asked: Asked) -> Path:
    """Give the folder for a result: the one that was asked for, or one where nothing else lies."""
    from trucesim.files.results import free_folder, output_folder

    if options.out:
        return output_folder(options.out, asked.command)
    if not default.exists():
        return output_folder(default, asked.command)
    from trucesim.runs.provenance import what_runs
    from trucesim.world.folder import here

    folder = free_folder(default, asked.command, asked.manifest() | what_runs(here()))
    if folder != default:
        tell(Message("{default} holds another result; this one goes to {folder}", default=default,
                     folder=folder))  # fmt: skip
    return folder


@contextmanager
def result_in(folder: Path, asked: Asked) -> Iterator[Path]:
    """Give a folder to write a result to; it appears in its place whole, with what made it."""
    from trucesim.files.results import written_whole
    from trucesim.runs.provenance import what_runs, where_made
    from trucesim.world.folder import here

    content = {**asked.manifest(), **what_runs(here()), **where_made()}
    with written_whole(folder, content, asked.inputs) as draft:
        yield draft


def experiment_of(options: argparse.Namespace) -> Any:
    """Load the experiment that is asked for, with the replicates and the history that are."""
    from dataclasses import replace

    from trucesim.studies.experiment.file import check_history, check_replicates, load_experiment

    if getattr(options, "scheduler", None) and getattr(options, "country", None):
        raise InputError("--country and --scheduler: another country runs on this machine only")
    experiment = load_experiment(options.experiment)
    if options.replicates is not None:
        check_replicates(options.replicates, "--replicates")
        experiment = replace(experiment, replicates=options.replicates)
    if options.history is not None:
        experiment = replace(experiment, history=options.history)
    experiment = experiment_with(experiment, options)
    check_history(experiment, "history")
    return experiment


def experiment_with(experiment: Any, options: argparse.Namespace) -> Any:
    """Give an experiment whose points are all run with the rules of one's own, if any are asked."""
    if not (rules := rules_of(options)):
        return experiment
    from dataclasses import replace

    from trucesim.studies.ablation import add_own

    if getattr(options, "scheduler", None):
        raise InputError("--rules and --scheduler: rules of one's own run on this machine only")
    if experiment.rules:
        raise InputError("--rules {path}: the experiment names rules itself", path=options.rules)
    name = add_own(options.rules.stem, rules)
    return replace(experiment, rules=dict.fromkeys(experiment.scenarios, name))


def tell(line: str) -> None:
    """Print a line, in the language that is spoken, on the error stream."""
    try:
        said = told(line)
    except InputError:  # a broken catalogue cannot say what is wrong with it
        said = str(line)
    print(f"trucesim: {without_controls(said)}", file=sys.stderr)


def print_written(written: Sequence[Path], folder: Path, report: Path | None = None) -> None:
    """Print which files were written; of many, which one tells of the others."""
    names = ", ".join(path.name for path in written)
    line = Message("{n} files in {folder}: {names}", n=len(written), folder=folder, names=names)
    if report is not None:
        line = Message(
            "{n} files in {folder}; the report is {report}", n=len(written), folder=folder,
            report=report,
        )  # fmt: skip
    print(f"\n{told(line)}")


class SweepBar:
    """A progress bar on the error stream: runs, their rate, points, and the time that is left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self.bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task(translated("runs"), total=None, told="")

    def __enter__(self) -> SweepBar:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def __call__(self, standing: Standing) -> None:
        """Show how far a sweep is."""
        parts = [f"{standing.rate:.1f}/s"] if standing.made else []
        if standing.made and standing.done < standing.runs:
            parts.append(Message("{time} left", time=_clock(standing.seconds_left)))
        parts.append(Message("{n} of {all} points", n=standing.points_done, all=standing.points))
        if standing.failed:
            parts.append(Message("{n} failed", n=standing.failed))
        self.bar.update(
            self.task, total=standing.runs, completed=standing.done,
            told=", ".join(map(told, parts)),
        )  # fmt: skip


def tell_of_failures(failures: Sequence[Mapping[str, Any]]) -> None:
    """Say how the first points that failed did."""
    for failure in failures[:5]:
        last = str(failure["traceback"]).strip().splitlines()[-1]
        tell(Message("point {point} failed: {last}", point=failure["point"], last=last))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


MOST_ROWS = 40
"""Rows of a table on the screen; files hold all."""
