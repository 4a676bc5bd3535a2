"""A small experiment for tests: a part of the country, two levers, both kinds of outcomes."""

from __future__ import annotations

from pathlib import Path

SMALL = """
title = { en = "Small", es = "Pequeño" }
story = { en = "A trial.", es = "Una prueba." }
scenarios = ["truce-2012", "no-truce"]
seed = 3
replicates = 10
outcomes = [
  "reduction_2011", "averted_no_truce", "reduction_no_truce", "recorded_2013", "true_2013",
]
municipal = true
until = 2013-12-31
departments = ["La Paz", "San Vicente"]

[[lever]]
name = "repression"
condition = "repression"
from = 2012-06-01
values = [1.0, 2.0]

[[lever]]
name = "branching"
parameter = "branching"
values = [0.1, 0.8]

[design]
kind = "factorial"
"""

TWO_CASES = """
[[lever]]
name = "spare"
condition = "conditionality"
from = 2012-06-01
values = [0.2, 0.8]
[design]
kind = "factorial"
"""
"""What makes a factorial of two points of an experiment's head."""

POINTS, RUNS = 8, 10

TABLES = ("runs.parquet", "months.parquet", "summary.csv", "design.csv")


def write(folder: Path, text: str = SMALL, name: str = "small.toml") -> Path:
    """Write an experiment file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def tables(folder: Path) -> dict[str, bytes]:
    """Give all that a sweep's result is, byte by byte."""
    found = {name: (folder / name).read_bytes() for name in TABLES}
    municipal = sorted(folder.glob("municipal/*.parquet"))
    return found | {path.name: path.read_bytes() for path in municipal}


def chunks(folder: Path) -> list[Path]:
    """Give the chunks of runs."""
    found = sorted(folder.glob("chunks/*/*.parquet"))
    return [path for path in found if ".municipal." not in path.name]
