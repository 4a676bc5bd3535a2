"""What kills leave behind: ``python benchmarks/kills.py [--kills N] [--first K] [COMMAND ...]``.

Commands are killed at random moments (SIGKILL), over an earlier result and where there is none, and
what then lies in their folder is checked. ``README.md`` beside this file says how. The last line is
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trucesim.files.results import MANIFEST, broken_files, restore, sealed_manifest

PLAN = """
scenario = "as-recorded"
seed = 3
months = "2011-07..2013-06"
patterns = ["first_14_days_daily_mean", "police_killed_2012", "missing_reports_h1_2012"]
days = []
departments = ["2012"]
police = ["2010"]
blocks = ["2012-10..2013-06"]
pooled = 1
prior_driven = ["pact_grip"]
[method]
keep = 0.02
least_explained = 0.05
climate = [0.1, 0.3]
"""

SMALL = """
import sys
from trucesim.cli import main
from trucesim.studies import calibration
calibration.FEWEST_RUNS, calibration.RUNS_OF_CLIMATE = 100, 20
sys.exit(main(sys.argv[1:]))
"""
"""The command line, with smaller tables of a calibration."""

COMMANDS: dict[str, tuple[str, tuple[str, str]]] = {
    "run": ("run no-truce --runs 2", ("--seed 1", "--seed 2")),
    "compare": ("compare truce-2012 no-truce --history chance --runs 3", ("--seed 1", "--seed 2")),
    "export": ("export {sweep} --to csv", ("--shape wide", "--shape long")),
    "calibrate": ("calibrate {plan} --runs 200", ("--pseudo-observed 10", "--pseudo-observed 11")),
}
"""What is run, and by what the earlier result and the new one differ."""

MOMENTS = ("work", "writing", "exchange")
"""From the start on; once a draft is there; once that is whole and is about to be moved in."""

EXCHANGE = 0.02
"""Seconds that the last of these may last."""


@dataclass(frozen=True)
class Case:
    """A command with its earlier result and its new one, each whole."""

    name: str
    given: list[str]
    old: Path
    new: Path
    seconds: float
    writing: float


def start(given: list[str], out: Path) -> subprocess.Popen[bytes]:
    """Start a command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", SMALL, *given, "--out", str(out)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def drafts(target: Path) -> Iterator[Path]:
    """Find what is half written for a folder."""
    for room in (target.parent, target):
        yield from room.glob(f".{target.name}.*.part")


def wait_for(moment: str, target: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until a draft is there, or is whole; or until the command has ended."""
    while process.poll() is None:
        if any(moment != "exchange" or (each / MANIFEST).exists() for each in drafts(target)):
            return
        time.sleep(0.0005)


def prepare(name: str, scratch: Path) -> Case:
    """Make both results of a command, and see how long it takes and how long it writes."""
    (scratch / "plan.toml").write_text(PLAN, encoding="utf-8")
    sweep = scratch / "sweep"
    if name == "export" and not sweep.exists():
        assert start(["sweep", "guarantor", "--replicates", "20"], sweep).wait() == 0
    common, differing = COMMANDS[name]
    common = common.format(sweep=sweep, plan=scratch / "plan.toml")
    old, new = scratch / name / "old", scratch / name / "new"
    assert start([*common.split(), *differing[0].split()], old).wait() == 0
    # The new one as it comes about: over the earlier one.
    shutil.copytree(old, new)
    given = [*common.split(), *differing[1].split()]
    began = time.perf_counter()
    process = start(given, new)
    wait_for("writing", new, process)
    drafted = time.perf_counter()
    while any(drafts(new)):
        time.sleep(0.0005)
    written = time.perf_counter()
    assert process.wait() == 0
    return Case(name, given, old, new, written - began, written - drafted)


def told(manifest: dict[str, Any]) -> object:
    """Give what a manifest says a result is of."""
    return manifest.get("arguments") or sorted(manifest["exports"])


def standing(folder: Path, case: Case, over: bool) -> str:
    """Say what lies in a folder: the old result, the new one, none, or what must not be."""
    if not (folder / MANIFEST).exists():
        return "none"
    manifest = sealed_manifest(folder)
    if manifest is None or broken_files(folder, manifest):
        return "WRONG"
    known = {"old": case.old, "new": case.new} if over else {"new": case.new}
    for name, place in known.items():
        whole = sealed_manifest(place)
        assert whole is not None
        # Exports are added to those that are there.
        alone = not over and told(manifest) == [case.given[-1] + ".csv"]
        if alone or told(manifest) == told(whole):
            return name
    return "WRONG"


def kill(case: Case, number: int, scratch: Path) -> dict[str, Any]:
    """Kill a command once, and check what it leaves, at once and after the next command looks."""
    chance = random.Random(f"{case.name}/{number}")
    moment, over = MOMENTS[number % 3], bool(number // 3 % 2)
    target = scratch / "killed" / case.name
    shutil.rmtree(target.parent, ignore_errors=True)
    target.parent.mkdir()
    if over:
        shutil.copytree(case.old, target)
    process = start(case.given, target)
    if moment != "work":
        wait_for(moment, target, process)
    longest = {"work": case.seconds, "writing": case.writing, "exchange": EXCHANGE}[moment]
    time.sleep(chance.random() * longest)
    process.kill()
    killed = process.wait() != 0
    found = {
        "command": case.name, "number": number, "moment": moment, "over": over, "killed": killed,
        "left": standing(target, case, over) if target.exists() else "none",
    }  # fmt: skip
    if target.exists():
        restore(target)
    found["then"] = standing(target, case, over) if target.exists() else "none"
    if over and found["then"] == "none":
        found["then"] = "LOST"
    return found


def main() -> None:
    """Kill, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", nargs="*", choices=[*COMMANDS, []], default=[])
    parser.add_argument("--kills", type=int, default=20, metavar="N", help="of each command (20)")
    parser.add_argument("--first", type=int, default=0, metavar="K", help="go on with kill K (0)")
    options = parser.parse_args()
    all_found = []
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        scratch = Path(name)
        for command in options.commands or COMMANDS:
            case = prepare(command, scratch)
            print(f"{command}: {case.seconds:.1f} s, of which {case.writing:.2f} s write")
            for number in range(options.first, options.first + options.kills):
                found = kill(case, number, scratch)
                print(json.dumps(found), flush=True)
                all_found.append(found)
    counts = {
        command: {
            "kills": sum(each["killed"] for each in of),
            "left": dict(Counter(each["left"] for each in of)),
            "then": dict(Counter(each["then"] for each in of)),
        }
        for command in dict.fromkeys(each["command"] for each in all_found)
        for of in [[each for each in all_found if each["command"] == command]]
    }
    wrong = sum({"WRONG", "LOST"} & {each["left"], each["then"]} != set() for each in all_found)
    print(json.dumps({"wrong": wrong, **counts}))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
