"""The tutorial's files, commands and code do what it says, in order, and its quotes are output."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from folders import ROOT

from trucesim import cli
from trucesim.studies.experiment import open_sweep

PAGE = ROOT / "docs" / "tutorial.md"
TEXT = PAGE.read_text(encoding="utf-8")


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Follow the tutorial from top to bottom; gives the folder and what was printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    said = io.StringIO()
    names = iter(re.findall(r"[Ss]ave (?:this )?as `([\w.-]+)`", TEXT))
    variables: dict[str, object] = {}
    with inside(folder), mpl.rc_context({"backend": "agg"}), contextlib.redirect_stdout(said):
        for kind, body in re.findall(r"```(\w+)\n(.*?)```", TEXT, re.S):
            if kind == "toml":
                Path(next(names)).write_text(body, encoding="utf-8")
            elif kind == "console":
                for line in body.splitlines():
                    command = shlex.split(line)
                    assert command[0] == "trucesim"
                    assert cli.main(command[1:]) == 0, line
            elif kind == "python":
                exec(compile(body, str(PAGE), "exec"), variables)
    assert next(names, None) is None
    return folder, said.getvalue()


@pytest.mark.slow
def test_every_step_leaves_what_is_said(followed: tuple[Path, str]) -> None:
    folder, _ = followed
    sweep = folder / "results" / "isolation"
    for name in (
        "runs.parquet", "effects.csv", "export/runs.csv", "export/codebook.md",
        "figures/effects_recorded_2013-07..2014-12_en.png",
    ):  # fmt: skip
        assert (sweep / name).stat().st_size > 100, name
    assert (folder / "results/screening/sensitivity/README.md").is_file()
    assert (folder / "results/isolation-months/runs_monthly.parquet").is_file()
    assert (folder / "months.png").is_file()
    assert len(pd.read_csv(sweep / "export" / "runs.csv")) == 4 * 40
    assert len(pd.read_csv(sweep / "export" / "parameters.csv")) == 4 * 40


@pytest.mark.slow
def test_an_outcome_is_added_to_the_finished_sweep(followed: tuple[Path, str]) -> None:
    folder, _ = followed
    found = open_sweep(folder / "results" / "isolation")
    assert {"worst_month", "zacatecoluca"} < set(found.runs)
    assert found.manifest["runs_made"] == found.manifest["runs_made_again"] == 160
    assert "the 160 runs are made again" in TEXT


@pytest.mark.slow
def test_quoted_output_is_output(followed: tuple[Path, str]) -> None:
    _, said = followed
    quotes = re.findall(r"```text\n(.*?)```", TEXT, re.S)
    assert quotes
    printed = [" ".join(line.split()) for line in said.splitlines()]
    for quote in quotes:
        for line in quote.splitlines():
            assert " ".join(line.split()) in printed, line


@pytest.mark.slow
def test_earlier_isolation_means_more_homicides(followed: tuple[Path, str]) -> None:
    """What the tutorial concludes, and that pairing helps."""
    folder, _ = followed
    table = pd.read_csv(folder / "results" / "isolation" / "effects.csv")
    rows = table[table["outcome"] == "recorded_2013-07..2014-12"]
    assert (rows["effect"] > 4 * rows["se_paired"]).all()
    assert (rows["se_paired"] < rows["se_unpaired"]).all()


def test_links_and_figures_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", TEXT)
    assert len(links) > 6
    for link in links:
        assert (PAGE.parent / link).exists(), link
