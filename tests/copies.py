"""Copies of the package: what is changed in one is asked of it, and leaves the package alone.

Run as a program it answers each line with the digests of the package that it finds.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from folders import ROOT

from trucesim import compilation
from trucesim.runs.provenance import key_of
from trucesim.scenario.file import load_scenario
from trucesim.studies.experiment.tasks import computed
from trucesim.world.country import load_country

NAMES = {
    "collapsed_within_two_years", "second_step", "reduction_2011", "recorded_2013",
    "police_killed_2013",
}  # fmt: skip
"""Outcomes whose digests are told."""

type Digests = dict[str, str]
"""By what stored results are known: compiled code, runs, and outcomes by name."""


def a_copy(folder: Path) -> Path:
    """Copy the package, and what is shipped with it."""
    ignored = shutil.ignore_patterns("__pycache__", "*.png")
    for part in ("src", "scenarios", "experiments"):
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    return folder


def environment(copy: Path) -> dict[str, str]:
    """Put a copy of the package in front of the installed one."""
    return {**os.environ, "PYTHONPATH": str(copy / "src"), "TRUCESIM_CACHE": str(copy / "c")}


def python(copy: Path, *arguments: str, asked: str = "", timeout: float = 300.0) -> str:
    """Run Python with a copy of the package; give what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment(copy), input=asked,
        capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def digests() -> Digests:
    """Tell the digests of the package that is imported."""
    key = key_of(load_scenario("truce-2012"), load_country(), 1, "posterior", None)
    return {"compiled": compilation.source_digest(), "runs": key, **computed(sorted(NAMES))}


def digests_of(copy: Path) -> Digests:
    return dict(json.loads(python(copy, __file__, asked="\n")))


@contextmanager
def asking(copy: Path) -> Iterator[Callable[[], Digests]]:
    """Let digests be asked of a copy again and again, each time as its files are then.

    Its modules are imported once, before the first change: what a change adds to one is not seen.
    """
    with subprocess.Popen(
        [sys.executable, __file__], cwd=copy, env=environment(copy), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as answering:  # fmt: skip
        asked, answers = answering.stdin, answering.stdout
        assert asked
        assert answers

        def ask() -> Digests:
            asked.write("\n")
            asked.flush()
            return dict(json.loads(answers.readline()))

        yield ask


def _answer() -> None:
    """Answer by a process for each line, that has read none of the files."""
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            for each in vars(compilation).values():  # read to find the folder of compiled code
                getattr(each, "cache_clear", int)()
            print(json.dumps(digests()), flush=True)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            sys.exit("no answer")


if __name__ == "__main__":
    _answer()
