"""What a change costs: which stored results it voids.

Every change is made in a copy of the package, and what follows is asked of that copy. What it takes
to add something is told, and done, by ``docs/how-to.md`` (tests/examples/test_how_to.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from copies import NAMES, Digests, a_copy, asking, digests, digests_of

pytestmark = pytest.mark.slow

type Change = Callable[[str, str, str], set[str]]


@pytest.fixture(scope="module")
def before() -> Digests:
    return digests()


@pytest.fixture(scope="module")
def changed(before: Digests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Change]:
    """Change a text in a file of a copy, tell which digests differ, and take it back."""
    copy = a_copy(tmp_path_factory.mktemp("copy"))
    with asking(copy) as ask:
        assert ask() == before

        def change(file: str, old: str, new: str) -> set[str]:
            path = copy / "src" / "trucesim" / file
            whole = path.read_text(encoding="utf-8")
            assert old in whole
            path.write_text(whole.replace(old, new, 1), encoding="utf-8")
            try:
                now = ask()
            finally:
                path.write_text(whole, encoding="utf-8")
            return {name for name in before if now[name] != before[name]}

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
        ("outcomes/registry.py", "    counted = ",
         '    add(Outcome("more", "", "", estimate=collapsed, meaning=""))\n    counted = ', set()),
        ("outcomes/declared.py", '"; ".join(parts)', '", ".join(parts)', set()),
        ("outcomes/declared.py", "100 * ratio(expected - counted", "99 * ratio(expected - counted",
         {"recorded_2013", "reduction_2011"}),
        ("outcomes/patterns.py", '.sel(kind=kind)', '.sel(kind="police")', {"police_killed_2013"}),
        ("outcomes/patterns.py", "}\n\n\n_BY_STATISTIC",
         '    "another": _RATIO("Another"),\n}\n\n\n_BY_STATISTIC', set()),
        ("data/el_salvador/patterns.csv", "..2014-02 /", "..2014-01 /", {"second_step"}),
        ("data/el_salvador/patterns.csv", ",1.41,1.3,1.5,", ",1.42,1.3,1.5,", set()),
        ("data/el_salvador/homicides_monthly.csv", "2009,1,374", "2009,1,375", set()),
        ("outcomes/registry.py", "np.stack(columns, axis=1) if", "np.stack(columns, 1) if", NAMES),
        ("studies/experiment/tasks.py", "np.full(kept.runs, -1", "np.full(kept.runs, 0", NAMES),
        ("studies/experiment/sweep.py", "SECONDS = 1.0", "SECONDS = 2.0", set()),
        ("figures/canvas.py", "from", "# A line more.\nfrom", set()),
        ("reports/cases.py", "FEW_RUNS = 100", "FEW_RUNS = 90", set()),
        ("workshop/session.py", "from", "# A line more.\nfrom", set()),
        ("studies/levers.py", "MOST_STEPS = 12", "MOST_STEPS = 13", set()),
        ("cli/options.py", "DEFAULT_SCENARIO", "DEFAULT", set()),
    ],
)  # fmt: skip
def test_what_a_change_voids(
    changed: Change, file: str, old: str, new: str, voided: set[str]
) -> None:
    assert changed(file, old, new) == voided


def test_line_endings_void_nothing(before: Digests, tmp_path: Path) -> None:
    copy = a_copy(tmp_path)
    for path in copy.rglob("*"):
        if path.suffix in (".py", ".csv", ".toml", ".json"):
            text = path.read_bytes().replace(b"\r\n", b"\n")
            path.write_bytes(text.replace(b"\n", b"\r\n"))
    assert digests_of(copy) == before
