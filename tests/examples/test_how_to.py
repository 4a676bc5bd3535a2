"""What the page of how-tos says is done to a copy of the package, and works there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from copies import Digests, a_copy, digests, digests_of, python
from folders import ROOT

PAGE = ROOT / "docs" / "how-to.md"
TEXT = PAGE.read_text(encoding="utf-8")

THREE_FILES = "A parameter", "A rule with an attribute of its own"
"""A rule that is to stay takes three files: not more, as the README says."""


@dataclass
class Recipe:
    """A section of the page, and what came of following it."""

    title: str
    text: str
    printed: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def blocks(self) -> list[tuple[str, str]]:
        return re.findall(r"^```(\w+)\n(.*?)^```$", self.text, re.M | re.S)

    def quotes(self) -> list[str]:
        """Give the lines that are said to be printed."""
        return [line for kind, body in self.blocks if kind == "text" for line in body.splitlines()]


def recipes() -> list[Recipe]:
    _, *sections = re.split(r"^## (.+)\n", TEXT, flags=re.M)
    return [Recipe(*each) for each in zip(sections[::2], sections[1::2], strict=True)]


TITLES = [each.title for each in recipes() if each.quotes()]


def additions(block: str) -> Iterator[tuple[str, str]]:
    """Give the lines that are there, and those that are to be added after them."""
    there = added = ""
    for line in block.splitlines(keepends=True):
        if line.startswith("+"):
            added += line[1:]
            continue
        if added:
            yield there, added
            there = added = ""
        there += line[1:]
    yield there, added


def add(copy: Path, block: str) -> str:
    """Carry out a block of additions; give the file's name."""
    head, _, rest = block.partition("\n")
    name = head.removeprefix("+++ ")
    whole = (copy / name).read_text(encoding="utf-8")
    for there, added in additions(rest):
        assert added, f"{name}: nothing is added after {there!r}"
        assert whole.count(f"\n{there}") == 1, f"{name}: not there, or more than once: {there!r}"
        whole = whole.replace(f"\n{there}", f"\n{there}{added}")
    (copy / name).write_text(whole, encoding="utf-8")
    return name


def follow(recipe: Recipe, copy: Path) -> None:
    names = iter(re.findall(r"Save this as `([\w./-]+)`:", recipe.text))
    for kind, body in recipe.blocks:
        if kind == "diff":
            recipe.files.add(add(copy, body))
        elif kind in ("toml", "python", "po", "csv"):
            (copy / next(names)).write_text(body, encoding="utf-8")
        elif kind == "console":
            for program, *arguments in map(shlex.split, body.splitlines()):
                assert program in ("trucesim", "python")
                module = ["-m", "trucesim"] if program == "trucesim" else []
                recipe.printed += python(copy, *module, *arguments)
        else:
            assert kind == "text", kind
    assert next(names, None) is None


@dataclass
class Followed:
    """The page, followed from top to bottom in a copy of the package."""

    copy: Path
    recipes: dict[str, Recipe]
    before: Digests
    after: Digests


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    copy = a_copy(tmp_path_factory.mktemp("copy"))
    done = recipes()
    for recipe in done:
        follow(recipe, copy)
    return Followed(copy, {each.title: each for each in done}, digests(), digests_of(copy))


@pytest.mark.slow
@pytest.mark.parametrize("title", TITLES)
def test_commands_print_what_is_said(followed: Followed, title: str) -> None:
    recipe = followed.recipes[title]
    printed = " ".join(recipe.printed.split())
    for line in recipe.quotes():
        assert line in printed, recipe.printed


@pytest.mark.slow
def test_a_recipe_takes_as_many_files_as_the_page_says(followed: Followed) -> None:
    rows = dict(re.findall(r"^\| \[(.+?)\].*\| (\d)", TEXT, re.M))
    assert set(TITLES) == set(rows) < set(followed.recipes)
    for title in TITLES:
        assert (len(followed.recipes[title].files) or 1) == int(rows[title]), title
    parameter, rule = (followed.recipes[each].files for each in THREE_FILES)
    three = {f"src/trucesim/{name}.py" for name in ("agents", "parameters", "rules/clique")}
    assert parameter | rule == three


@pytest.mark.slow
def test_runs_are_voided_and_no_outcome(followed: Followed) -> None:
    before, after = followed.before, followed.after
    assert {name for name in before if after[name] != before[name]} == {"compiled", "runs"}


ASKED = (
    "test_house.py",
    "runs/test_sampling.py",
    "test_parameters.py",
    "workshop/test_cases.py::test_every_condition_and_every_lever_among_parameters_has_a_control",
    "outcomes/test_patterns.py::test_every_pattern_is_registered",
    "figures/test_scenario.py::test_every_pattern_has_a_label",
)
"""Tests that whoever adds something has to pass."""


@pytest.mark.slow
def test_what_was_added_passes_the_tests(followed: Followed) -> None:
    tests = [str(ROOT / "tests" / each) for each in ASKED]
    python(followed.copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *tests)


def test_links_lead_somewhere() -> None:
    anchors = {re.sub(r"[^\w -]", "", each.title.lower()).replace(" ", "-") for each in recipes()}
    links = re.findall(r"\]\(([^)#:]*)(?:#([\w-]+))?\)", TEXT)
    assert len(links) > 10
    for link, anchor in links:
        assert (PAGE.parent / link).exists() if link else anchor in anchors, (link, anchor)
