"""Where the repository is: tests of what stands beside the package read it from here."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
EXPERIMENTS = ROOT / "experiments"
EXAMPLES = ROOT / "examples"
OF_0_1_0 = ROOT / "tests" / "fixtures" / "0.1.0"
"""Files that version 0.1.0 wrote: they open for ever."""
TENLAND = ROOT / "tests" / "fixtures" / "tenland"
"""A made-up country of ten districts, one of them an island."""
