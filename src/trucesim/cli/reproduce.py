"""The command line of results that are made again, to see whether the bits agree."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trucesim.cli.options import (
    SweepBar,
    add_rules,
    add_workers,
    digest_of_own,
    experiment_with,
    rules_of,
    tell,
)
from trucesim.files.errors import InputError, Message, some
from trucesim.locale.catalogue import LANGUAGES, speaking, told

SCENARIOS = frozenset({"scenario", "a", "b", "cases"})
"""Arguments that name scenarios, by name or by file."""

MADE_AGAIN = (
    "run", "compare", "report", "validate", "calibrate", "variants", "follow", "forecast",
    "hindcast", "recover",
)  # fmt: skip
"""Commands whose results keep all that they were made from."""

SHOWN = (".png", ".md")
"""Endings of what shows results: pictures hang on the library that draws, texts tell times."""

LARGEST_INPUT = 64 * 1024 * 1024
"""Bytes."""

LARGEST_REPORT = 64 * 1024 * 1024
"""Bytes."""


def add_commands(commands: Any) -> None:
    """Add the command to the parser's."""
    reproduce = commands.add_parser(
        "reproduce",
        help="make a result again from what lies in it, and say whether the bits agree",
        description="Makes a result again in a temporary folder, from the arguments and the files "
        "that it keeps, and compares it with what is there. Nothing in the folder is executed or "
        "changed. Works for the folder of a run, a comparison, a validation, a calibration, a "
        "forecast, a sweep, and for a report.",
        epilog="Exit codes: 0 all results agree, 1 some differ, 2 it cannot be made again.",
    )
    reproduce.add_argument("result", type=Path, metavar="RESULT", help="a folder, or a report")
    add_workers(reproduce)
    add_rules(reproduce, "as the result was made with")
    reproduce.set_defaults(act=_reproduce, commands=commands.choices)


def _reproduce(options: argparse.Namespace) -> int:
    path = options.result
    if not path.exists():
        raise InputError("{path}: there is no such file or folder", path=path)
    with tempfile.TemporaryDirectory(prefix="trucesim-") as name:
        if path.is_file():
            return _report(path, Path(name), options)
        from trucesim.files.results import sealed_manifest
        from trucesim.studies.experiment.folder import read_manifest

        if (held := read_manifest(path)) is not None:
            with _in_its_country(held, path):
                return _sweep(path, Path(name), options)
        manifest = sealed_manifest(path)
        if manifest is None:
            raise InputError(
                "{path}: holds no whole result of trucesim: there is no manifest, or it is broken",
                path=path,
            )  # fmt: skip
        with _in_its_country(manifest, path):
            return _folder(path, manifest, Path(name), options)


@contextlib.contextmanager
def _in_its_country(manifest: Mapping[str, Any], path: Path) -> Iterator[None]:
    """Speak of a result's country: one that is shipped, or the folder that is given with it."""
    from trucesim.runs.provenance import check_country
    from trucesim.world.folder import HOME, being_in, here, shipped_countries

    name = str(manifest.get("country") or HOME)
    with being_in(name if name in shipped_countries() else here()):
        check_country(manifest, path)
        yield


def _folder(
    folder: Path, manifest: Mapping[str, Any], scratch: Path, options: argparse.Namespace
) -> int:
    from trucesim.files.results import broken_files, manifest_of

    changed = broken_files(folder, manifest)
    if changed:
        tell(Message("{folder}: changed since it was made: {names}", folder=folder,
                     names=some(changed)))  # fmt: skip
    made = scratch / "result"
    inputs = {}
    for given, told_of in _entries(manifest):
        content = _copy(folder, str(told_of.get("file")))
        if hashlib.sha256(content).hexdigest() != told_of.get("sha256"):
            raise InputError("{folder}: {file} was changed since", folder=folder,
                             file=told_of.get("file"))  # fmt: skip
        inputs[given] = str(told_of["file"]).removeprefix("inputs/"), content
    places = _make(manifest, inputs, made, scratch, options)
    again = manifest_of(made)
    if again is None:
        raise InputError("{folder}: what it asks for writes no result", folder=folder)
    differing = []
    for name, digest in manifest["files"].items():
        if name.startswith("inputs/"):
            continue
        same = again["files"].get(name) == digest and name not in changed
        if not same and name not in changed and name in again["files"]:
            same = _same_content(folder / name, made / name, places)
        if not same:
            differing.append(name)
    differing += sorted(set(again["files"]) - set(manifest["files"]))
    return _verdict(folder, differing, len(manifest["files"]) - len(inputs))


def _entries(manifest: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Give the inputs of a manifest, or say that there is nothing to go by."""
    inputs, arguments = manifest.get("inputs"), manifest.get("arguments")
    if (
        not isinstance(arguments, list)
        or not all(isinstance(each, str) for each in arguments)
        or not isinstance(inputs, dict)
        or not all(isinstance(each, dict) for each in inputs.values())
    ):
        raise InputError(
            "the manifest does not say what was asked for: it was written by Python code, or by an "
            "earlier version"
        )
    return list(inputs.items())


def _copy(folder: Path, name: str) -> bytes:
    """Read a file of a folder, and of nowhere else."""
    from trucesim.files.results import is_within

    path = folder / name
    if not is_within(folder, name) or not path.is_file() or path.stat().st_size > LARGEST_INPUT:
        raise InputError(
            "{folder}: {name} is not there, lies elsewhere or is too large", folder=folder,
            name=name,
        )  # fmt: skip
    return path.read_bytes()


def _make(
    manifest: Mapping[str, Any],
    inputs: Mapping[str, tuple[str, bytes]],
    out: Path,
    scratch: Path,
    asked: argparse.Namespace,
) -> dict[str, Path]:
    """Carry out what a manifest asks for, with copies of its files, and give their places."""
    command = str(manifest.get("command"))
    parser = asked.commands.get(command)
    if command not in MADE_AGAIN or parser is None:
        raise InputError(
            "results of {command!r} cannot be made again from their folder alone; allowed: "
            "{allowed}", command=command, allowed=", ".join(MADE_AGAIN),
        )  # fmt: skip
    _check_rules(str(manifest.get("rules") or ""), asked)
    _tell_of_differences(manifest)
    given = _parsed(parser, list(manifest["arguments"]), command)
    places = {}
    for number, (name, (file, content)) in enumerate(inputs.items()):
        places[name] = scratch / "inputs" / str(number) / Path(file).name
        places[name].parent.mkdir(parents=True)
        places[name].write_bytes(content)
    for action in parser._actions:
        value = getattr(given, action.dest, None)
        if value is None or not (action.dest in SCENARIOS or action.type is Path):
            continue
        values = [str(each) for each in (value if isinstance(value, list) else [value])]
        lost = [each for each in values if each not in places]
        if lost and action.dest != "out":
            raise InputError(
                "{command} {argument}: the result keeps no copy of it, and nothing outside of it "
                "is read", command=command, argument=lost[0],
            )  # fmt: skip
        found = [places.get(each, out) for each in values]
        as_given = found if action.type is Path else [str(each) for each in found]
        setattr(given, action.dest, as_given if isinstance(value, list) else as_given[0])
    given.out, given.command, given.workers = out, command, asked.workers
    if asked.rules is not None:
        given.rules, given.own_rules = asked.rules, rules_of(asked)
    with (
        speaking(getattr(given, "lang", None) or LANGUAGES[0]),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        given.act(given)
    return places


def _check_rules(digest: str, options: argparse.Namespace) -> None:
    """Refuse to make again with other rules than a result was made with; a result holds no code."""
    if digest and options.rules is None:
        raise InputError(
            "made with rules of one's own, of which a result keeps the digest {digest} only; give "
            "the file, which is executed: --rules FILE", digest=digest,
        )  # fmt: skip
    here = digest_of_own(options)
    if here != digest:
        raise InputError(
            "--rules {path}: its digest is {here}, but the result was made with {digest}",
            path=options.rules, here=here, digest=digest or Message("the shipped rules"),
        )  # fmt: skip


def _parsed(
    parser: argparse.ArgumentParser, arguments: list[str], command: str
) -> argparse.Namespace:
    """Read arguments as a command does; what is none is an error in one line."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return parser.parse_args(arguments)
    except SystemExit:
        why = (said.getvalue().strip().splitlines() or [""])[-1]
        raise InputError(
            "the manifest asks for what {command!r} does not take: {why}", command=command, why=why
        ) from None


def _tell_of_differences(manifest: Mapping[str, Any]) -> None:
    """Say in what this trucesim and its libraries differ from those that made a result."""
    from trucesim.runs.provenance import what_runs, where_made
    from trucesim.world.folder import here as country

    here = {**what_runs(country()), **where_made()}
    differing = [name for name in ("trucesim", "model", "data_digest", "draws", "python", "machine")
                 if manifest.get(name) != here[name]]  # fmt: skip
    libraries = manifest.get("libraries")
    if isinstance(libraries, dict):
        differing += [name for name, version in here["libraries"].items()
                      if libraries.get(name, version) != version]  # fmt: skip
    if differing:
        tell(Message("made with another {names} than is here", names=some(differing, 6)))


def _same_content(old: Path, new: Path, places: Mapping[str, Path]) -> bool:
    """Tell whether two files that differ in their bytes hold the same."""
    if old.suffix == ".nc":
        import xarray as xr

        with xr.open_dataset(old) as one, xr.open_dataset(new) as other:
            return bool(one.equals(other))
    if old.suffix == ".parquet":
        from trucesim.runs.store import parquet

        return bool(parquet().read_table(old).equals(parquet().read_table(new)))
    if old.suffix in (".md", ".json", ".csv"):
        text = new.read_text(encoding="utf-8")
        for name, place in places.items():  # what was asked for, under the names it had
            text = text.replace(str(place), name)
        return text == old.read_text(encoding="utf-8")
    return False


def _verdict(path: Path, differing: list[str], files: int) -> int:
    """Say whether results agree, and give the exit code."""
    shown = [name for name in differing if name.endswith(SHOWN)]
    results = [name for name in differing if name not in shown]
    if results:
        print(told(Message("{path}: {n} of {of} files differ: {names}", path=path, n=len(differing),
                           of=files, names=some(results + shown))))  # fmt: skip
        return 1
    print(told(Message("{path}: made again; all results agree bit for bit ({of} files)", path=path,
                       of=files - len(shown))))  # fmt: skip
    if shown:
        print(told(Message("shown otherwise, by other libraries: {names}", names=some(shown))))
    return 0


def _report(path: Path, scratch: Path, options: argparse.Namespace) -> int:
    """Make a report again; it holds its files as texts."""
    from trucesim.reports.cases import digest_of, manifest_in

    if path.stat().st_size > LARGEST_REPORT:
        raise InputError("{path}: too large for a report", path=path)
    text = path.read_text(encoding="utf-8", errors="replace")
    manifest = manifest_in(text)
    if manifest is None or manifest.get("command") != "report":
        raise InputError("{path}: no report of trucesim that says what made it", path=path)
    inputs = {given: (str(each.get("file")), str(each.get("text")).encode())
              for given, each in _entries(manifest)}  # fmt: skip
    made = scratch / "report.html"
    with _in_its_country(manifest, path):
        _make(manifest, inputs, made, scratch, options)
    again = manifest_in(made.read_text(encoding="utf-8")) or {}
    same = again.get("page") == manifest.get("page") == digest_of(text)
    return _verdict(path, [] if same else [path.name], 1)


def _sweep(folder: Path, scratch: Path, options: argparse.Namespace) -> int:
    """Make all runs of a sweep again, from its own copies."""
    from trucesim.studies.experiment.folder import open_sweep
    from trucesim.studies.experiment.sweep import run_sweep

    sweep = open_sweep(folder)
    if not sweep.complete:
        raise InputError(
            "{folder}: the sweep is not complete; 'trucesim sweep --resume' goes on with it",
            folder=folder,
        )  # fmt: skip
    settings = sweep.manifest.get("settings")
    _check_rules(str(settings.get("rules", "")) if isinstance(settings, dict) else "", options)
    experiment = experiment_with(sweep.experiment, options)
    _tell_of_differences({"libraries": sweep.manifest.get("libraries"), **{
        name: sweep.manifest.get(name) for name in ("trucesim", "data_digest", "python", "machine")
    }, **_model_of(sweep.manifest)})  # fmt: skip
    with SweepBar() as bar:
        again = run_sweep(
            experiment, scratch / "sweep", workers=options.workers, progress=bar,
            bases=sweep.scenarios,
        )  # fmt: skip
    files = {
        name: digest for name, digest in sweep.manifest["files"].items()
        if name in again.manifest["files"]
    }  # fmt: skip
    differing = [
        name for name, digest in files.items()
        if again.manifest["files"][name] != digest
        and not _same_content(folder / name, again.folder / name, {})
    ]  # fmt: skip
    return _verdict(folder, differing, len(files))


def _model_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Give the model and the posterior of a sweep's manifest under the names of others'."""
    from trucesim.runs.provenance import what_runs
    from trucesim.world.folder import here as country

    here = what_runs(country())
    told_of = manifest.get("model")
    model = told_of[0] if isinstance(told_of, list) and told_of else None
    draws = told_of[2] if isinstance(told_of, list) and len(told_of) > 2 else here["draws"]
    return {"model": model, "draws": draws}
