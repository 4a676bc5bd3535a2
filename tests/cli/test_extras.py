"""A command that lacks an extra says which, in a line, before it does anything."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from folders import OF_0_1_0, ROOT

SWEEP = str(OF_0_1_0 / "sweep")
PLAN = str(ROOT / "experiments" / "calibration" / "plan.toml")

#: Of what the extras bring: all of it missing, or a part.
NOTHING = (
    "SALib", "bokeh", "dask", "distributed", "ema_workbench", "panel", "pip", "pyarrow", "sklearn",
    "statsmodels", "uv",
)  # fmt: skip
SAMPLERS, TREES, CLUSTER = ("SALib",), ("sklearn",), ("dask", "distributed")

CASES = [
    (NOTHING, "workshop --no-browser", "workshop"),
    (NOTHING, f"calibrate {PLAN} --runs 100 --out made", "calibration"),
    (NOTHING, f"variants {PLAN} --out made", "calibration"),
    (NOTHING, "validate --runs 2 --out made", "validation"),
    (NOTHING, "sweep guarantor --out made", "experiments"),
    (NOTHING, "sweep guarantor --out made --scheduler tcp://127.0.0.1:1", "experiments"),
    (NOTHING, "plan guarantor --se 5 --out made", "experiments"),
    (NOTHING, "sensitivity sensitivity-morris --out made", "experiments"),
    (NOTHING, f"effects {SWEEP}", "experiments"),
    (NOTHING, f"export {SWEEP} --to csv --out made", "experiments"),
    (NOTHING, f"export {SWEEP} --to parquet --out made", "experiments"),
    (NOTHING, "bundle --platform win --out made", "bundle"),
    (SAMPLERS, "sweep sensitivity-sobol --out made", "experiments"),
    (SAMPLERS, "sensitivity sensitivity-morris --out made", "experiments"),
    (TREES, "sensitivity collapse --out made", "experiments"),
    (CLUSTER, "sweep guarantor --out made --scheduler tcp://127.0.0.1:1", "cluster"),
    (CLUSTER, "sensitivity sensitivity-morris --out made --scheduler tcp://127.0.0.1:1", "cluster"),
]

#: In a process of its own: what tests have imported would be there all the same.
PROGRAM = """
import contextlib, io, json, os, sys

hidden, commands = json.loads(sys.argv[1])


class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, *rest):
        return None if name.partition(".")[0] in hidden else self.finder.find_spec(name, *rest)


sys.meta_path[:] = map(Without, sys.meta_path)

from trucesim import cli

told = {}
for command in commands:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main(command.split())
        except SystemExit as stopped:
            code = stopped.code
    told[command] = code, out.getvalue(), err.getvalue(), os.listdir()
print(json.dumps(told))
"""


@cache
def said_without(hidden: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """Give each command's code, both outputs and what lies in the folder then."""
    commands = [command for missing, command, _ in CASES if missing == hidden]
    here = folder / "-".join(hidden)
    here.mkdir()
    program = [sys.executable, "-c", PROGRAM, json.dumps([hidden, commands])]
    done = subprocess.run(
        program, cwd=here, capture_output=True, text=True, timeout=300, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("extras")


@pytest.mark.parametrize(
    ("hidden", "command", "extra"),
    [pytest.param(*case, marks=() if case[0] is NOTHING else pytest.mark.slow) for case in CASES],
)
def test_the_missing_extra_is_named(
    hidden: tuple[str, ...], command: str, extra: str, folder: Path
) -> None:
    code, out, err, left = said_without(hidden, folder)[command]
    assert code == 2, err
    assert out == ""
    (line,) = [line for line in err.splitlines() if line and "compiling" not in line]
    assert line.startswith("trucesim: ")
    assert f"trucesim[{extra}]" in line
    assert left == []
