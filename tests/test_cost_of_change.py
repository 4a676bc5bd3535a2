"""What a change costs: which stored results it voids, and how many files a new rule takes.

Every change is made in a copy of the package, and what follows is asked of that copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trucesim.compilation import PACKAGE

ROOT = PACKAGE.parents[1]

pytestmark = pytest.mark.slow

NAMES = {
    "collapsed_within_two_years", "second_step", "reduction_2011", "recorded_2013",
    "police_killed_2013",
}  # fmt: skip

ASK = """
import json, os, sys
from trucesim import compilation
from trucesim.runs.provenance import key_of
from trucesim.scenario.file import load_scenario
from trucesim.studies.experiment.tasks import computed
from trucesim.world.country import load_country

def answer():
    for each in vars(compilation).values():  # what was read to find the folder of compiled code
        getattr(each, "cache_clear", int)()
    key = key_of(load_scenario("truce-2012"), load_country(), 1, "posterior", None)
    told = {"compiled": compilation.source_digest(), "runs": key, **computed({names})}
    print(json.dumps(told), flush=True)

print("ready", flush=True)
for _ in sys.stdin:  # each time as the files are then, by a process that has read none of them
    child = os.fork()
    if not child:
        answer()
        os._exit(0)
    os.waitpid(child, 0)
""".replace("{names}", repr(sorted(NAMES)))

Digests = dict[str, str]


def environment(copy: Path) -> dict[str, str]:
    """Put a copy of the package in front of the installed one."""
    return {**os.environ, "PYTHONPATH": str(copy / "src"), "TRUCESIM_CACHE": str(copy / "c")}


def python(copy: Path, *arguments: str, asked: str = "", timeout: float = 300.0) -> str:
    """Run Python with a copy of the package."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment(copy), input=asked,
        capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def digests(copy: Path) -> Digests:
    return dict(json.loads(python(copy, "-c", ASK, asked="\n").splitlines()[-1]))


def a_copy(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "*.png")
    for part in ("src", "scenarios", "experiments"):
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Digests]:
    copy = a_copy(tmp_path_factory.mktemp("copy"))
    return copy, digests(copy)


@pytest.fixture(scope="module")
def changed(before: tuple[Path, Digests]) -> Iterator[Callable[[str, str, str], set[str]]]:
    """Change a text in a file of the copy, tell which digests differ, and take it back."""
    copy, untouched = before
    with subprocess.Popen(
        [sys.executable, "-c", ASK], cwd=copy, env=environment(copy), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as asked:  # fmt: skip
        assert asked.stdin
        assert asked.stdout
        assert asked.stdout.readline() == "ready\n"

        def change(file: str, old: str, new: str) -> set[str]:
            path = copy / "src" / "trucesim" / file
            whole = path.read_text(encoding="utf-8")
            assert old in whole
            path.write_text(whole.replace(old, new, 1), encoding="utf-8")
            try:
                asked.stdin.write("\n")
                asked.stdin.flush()
                now = json.loads(asked.stdout.readline())
            finally:
                path.write_text(whole, encoding="utf-8")
            return {name for name in untouched if now[name] != untouched[name]}

        yield change


@pytest.mark.parametrize(
    ("file", "old", "new", "voided"),
    [
        ("rules/clique.py", "FORGOTTEN = 0.01", "FORGOTTEN = 0.02", {"compiled", "runs"}),
        ("engine/killings.py", "decision < 2", "decision < 1", {"compiled", "runs"}),
        ("agents.py", '"i4", "its members"', '"i8", "its members"', {"compiled", "runs"}),
        ("parameters.py", "low=0.40, high=0.70", "low=0.41, high=0.70", {"compiled", "runs"}),
        ("compilation.py", '"error_model": "numpy"', '"error_model": "python"',
         {"compiled", "runs"}),
        ("runs/sampling.py", 'side="right"', 'side="left"', {"runs"}),
        ("scenario/scenario.py", "min(", "max(", {"runs"}),
        ("files/reading.py", "256 * 1024", "255 * 1024", {"runs"}),
        ("data/el_salvador/municipalities.csv", "110511", "110512", {"runs"}),
        ("data/el_salvador/parameter_draws.csv", "0.003798,", "0.003797,", {"runs"}),
        ("outcomes/registry.py", "COLLAPSE_SPAN = 3", "COLLAPSE_SPAN = 4",
         {"collapsed_within_two_years"}),
        ("outcomes/patterns.py", '.sel(kind=kind)', '.sel(kind="police")', {"police_killed_2013"}),
        ("outcomes/patterns.py", "_DAILY_MEAN,", '_DAILY_MEAN,\n    "another": _RATIO,', set()),
        ("data/el_salvador/patterns.csv", "..2014-02 /", "..2014-01 /", {"second_step"}),
        ("data/el_salvador/patterns.csv", ",1.41,1.3,1.5,", ",1.42,1.3,1.5,", set()),
        ("data/el_salvador/homicides_monthly.csv", "2009,1,374", "2009,1,375", set()),
        ("outcomes/registry.py", "np.stack(columns, axis=1) if", "np.stack(columns, 1) if", NAMES),
        ("studies/experiment/tasks.py", "np.full(kept.runs, -1", "np.full(kept.runs, 0", NAMES),
        ("studies/experiment/sweep.py", "SECONDS = 1.0", "SECONDS = 2.0", set()),
        ("figures/canvas.py", "from", "# A line more.\nfrom", set()),
        ("reports/cases.py", "FEW_RUNS = 100", "FEW_RUNS = 90", set()),
        ("workshop/session.py", "from", "# A line more.\nfrom", set()),
        ("cli/options.py", "DEFAULT_SCENARIO", "DEFAULT", set()),
    ],
)  # fmt: skip
def test_what_a_change_voids(
    changed: Callable[[str, str, str], set[str]], file: str, old: str, new: str, voided: set[str]
) -> None:
    assert changed(file, old, new) == voided


def test_line_endings_void_nothing(before: tuple[Path, Digests], tmp_path: Path) -> None:
    copy = a_copy(tmp_path)
    for path in copy.rglob("*"):
        if path.suffix in (".py", ".csv", ".toml", ".json"):
            text = path.read_bytes().replace(b"\r\n", b"\n")
            path.write_bytes(text.replace(b"\n", b"\r\n"))
    assert digests(copy) == before[1]


FATIGUE = {
    "agents.py": {
        '    members: int = attribute("i4", "its members")\n':
        '    held_for: int = attribute("i4", "weeks under an order in which it has held")\n',
    },
    "parameters.py": {
        'PARAMETERS: dict[str, Parameter] = _table(\n':
        '    Parameter(name="fatigue", kind="uncertain", low=0.0, high=0.002, unit="logit",\n'
        '              title=("Fatigue", "Cansancio"),\n'
        '              meaning=("Weight of every week that a clique has held to an order",\n'
        '                       "Peso de cada semana que una clica cumplió una orden"),\n'
        '              source=_ASSUMED),\n',
    },
    "rules/clique.py": {
        "    clique.trust += p.trust_speed * (place.record[clique.gang] - clique.trust)\n":
        "    clique.held_for += clique.complies\n",
        '    """Attacks that are not avenged."""\n':
        '    fatigue: float\n    """Weariness of holding to an order."""\n',
        "        -p.grievance_weight * clique.grudge,\n":
        "        -p.fatigue * clique.held_for,\n",
        "    offered = w.leaders + w.municipality + w.deterrence\n":
        "    offered += w.fatigue\n",
    },
}  # fmt: skip
"""A rule with an attribute and a parameter of its own: lines that follow others in three files."""

LIVE = """
import numpy as np
from trucesim import TruceModel, run
from trucesim.runs.sampling import from_prior, parameters_of_runs
from trucesim.world.country import load_country
assert "fatigue" in from_prior()
part = load_country().subset(["Sonsonate"])
drawn = parameters_of_runs(part, {}, 1, 0, 50)["fatigue"]
assert len(set(drawn)) == 50 and 0.0 <= drawn.min() <= drawn.max() <= 0.002
results = run("truce-2012", 1, 1, country=part)
model = TruceModel("truce-2012", seed=1, run=0, country=part).run()
assert (model.output.daily == results["recorded_daily"].values[0]).all()
assert model.state.cliques["held_for"].max() > 30
assert next(iter(model.cliques)).held_for >= 0
print(results["recorded_national"].values.sum())
"""


def test_a_rule_with_an_attribute_and_a_parameter_takes_three_files(
    before: tuple[Path, Digests], tmp_path: Path
) -> None:
    copy = a_copy(tmp_path)
    for file, lines in FATIGUE.items():
        path = copy / "src" / "trucesim" / file
        whole = path.read_text(encoding="utf-8")
        for old, new in lines.items():
            assert whole.count(old) == 1
            whole = whole.replace(old, old + new)
        path.write_text(whole, encoding="utf-8")
    python(copy, "-c", LIVE)
    told = python(copy, "-m", "trucesim", "describe", "fatigue")
    assert "runs draw it from its prior" in told
    # No other draw is shifted, and no outcome computed otherwise.
    now = digests(copy)
    assert {name for name in now if now[name] != before[1][name]} == {"compiled", "runs"}
    tests = [str(ROOT / "tests" / name) for name in ("test_house.py", "runs", "test_parameters.py")]
    python(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *tests)
