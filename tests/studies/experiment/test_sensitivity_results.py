"""What the pages on sensitivity say of results is what the committed tables say."""

from __future__ import annotations

import json
import re
from typing import Any

import pandas as pd
import pytest
from folders import EXPERIMENTS

from trucesim.studies.experiment import points
from trucesim.studies.experiment.file import load_experiment
from trucesim.studies.experiment.sensitivity import chosen

FOLDER = EXPERIMENTS / "sensitivity"
FIRST = FOLDER / "first-generation"
STUDIES = {"morris": "sensitivity-morris", "sobol": "sensitivity-sobol", "collapse": "collapse"}


@pytest.fixture(scope="module")
def said() -> str:
    return " ".join((FIRST / "README.md").read_text(encoding="utf-8").split())


def read(study: str, name: str) -> pd.DataFrame:
    """Read a table of the first generation."""
    return pd.read_csv(FIRST / study / f"{name}.csv")


def manifest(study: str) -> dict[str, Any]:
    """Read what made a study of the first generation."""
    told = (FIRST / study / "manifest.json").read_text(encoding="utf-8")
    return dict(json.loads(told))


# --- Today's ------------------------------------------------------------------------------------


@pytest.mark.parametrize("study", STUDIES)
def test_results_are_those_of_the_file(study: str) -> None:
    made = json.loads((FOLDER / study / "manifest.json").read_text(encoding="utf-8"))
    assert made["experiment"] == STUDIES[study]
    assert made["digest"] == load_experiment(STUDIES[study]).digest
    assert (FOLDER / study / "README.md").is_file()


def test_the_ten_are_those_that_the_screening_proposes() -> None:
    proposed = chosen(pd.read_csv(FOLDER / "morris" / "indices.csv"))
    assert list(load_experiment("sensitivity-sobol").uncertainties) == proposed
    report = (FOLDER / "morris" / "README.md").read_text(encoding="utf-8")
    assert "uncertainties = [" + ", ".join(f'"{name}"' for name in proposed) + "]" in report


def test_the_page_says_what_the_tables_say() -> None:
    said = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    for study, design in (
        ("morris", "40 trajectories, "),
        ("sobol", "256 rows, "),
        ("collapse", ""),
    ):
        made = json.loads((FOLDER / study / "manifest.json").read_text(encoding="utf-8"))
        assert f"{design}{made['points']:,} points of {made['replicates']} runs" in said
    indices = pd.read_csv(FOLDER / "sobol" / "indices.csv").set_index(["outcome", "factor"])
    percent = (100 * indices[["first", "total"]]).round().astype(int)
    reduction, second, overshoot = (
        percent.loc[name] for name in ("reduction_2011", "second_step", "overshoot")
    )
    assert f"(`gang_share`, {reduction.loc['gang_share', 'total']} % of the variance" in said
    assert f"(`breach_others`, {reduction.loc['breach_others', 'total']} %)" in said
    for outcome, words in (("reduction_2011", "the ten alone make"), ("second_step", "alone they")):
        share = round(100 * indices.loc[outcome, "first"].sum())
        assert f"{words} {'make ' if words[0] == 'a' else ''}{share} %" in said
    alone, total = second.loc["persistence_2012_03"]
    assert f"has {alone} % alone and {total} % with others" in said
    assert f"(`spell_strength`, {overshoot.loc['spell_strength', 'total']} % with" in said
    assert f"(`turmoil`, {overshoot.loc['turmoil', 'total']} %)" in said
    for name in ("rival_share", "spell_onset"):
        assert f"({overshoot.loc[name, 'total']} %)" in said
    (found,) = pd.read_csv(FOLDER / "collapse" / "discovery.csv").to_dict("records")
    assert f"in {100 * found['base']:.0f} % of runs" in said
    assert f"hold {100 * found['coverage']:.0f} % of these" in said
    assert f"at a density of {100 * found['density']:.0f} %" in said
    levers = [each.name for each in load_experiment("collapse").levers]
    rows = pd.read_csv(FOLDER / "collapse" / "regional.csv").set_index("factor").loc[levers]
    assert set(rows.index[rows["p_adjusted"] > 0.05]) == {"barred"}
    assert rows["distance"].idxmax() == "conditionality"
    chance = pd.read_csv(FOLDER / "morris" / "chance.csv").set_index("outcome")["chance"]
    rest = chance.drop("collapsed_within_two_years")
    assert f"{100 * rest.min():.0f} to {100 * rest.max():.0f} % of the variance of single" in said
    assert f"{100 * chance['collapsed_within_two_years']:.0f} % of whether" in said


@pytest.mark.parametrize("name", [*STUDIES.values(), "ablations"])
def test_the_page_on_experiments_gives_the_sizes_of_the_files(name: str) -> None:
    experiment = load_experiment(name)
    page = (EXPERIMENTS / "README.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| \[{name}\]\({name}.toml\) .*$", page, re.M)
    assert f"| {len(points(experiment)):,} x {experiment.replicates}" in row


# --- The first generation's ---------------------------------------------------------------------


def test_the_ten_are_those_that_the_screening_proposed() -> None:
    proposed = chosen(read("morris", "indices"))
    assert set(read("sobol", "indices")["factor"]) == set(proposed)
    report = (FIRST / "morris" / "README.md").read_text(encoding="utf-8")
    assert "uncertainties = [" + ", ".join(f'"{name}"' for name in proposed) + "]" in report


@pytest.mark.parametrize(
    ("study", "design"),
    [("morris", "40 trajectories, "), ("sobol", "256 rows, "), ("collapse", "")],
)
def test_sizes_are_those_of_the_manifests(said: str, study: str, design: str) -> None:
    made = manifest(study)
    assert f"{design}{made['points']:,} points of {made['replicates']} runs" in said


def test_shares_are_those_of_the_tables(said: str) -> None:
    indices = read("sobol", "indices").set_index(["outcome", "factor"])
    percent = (100 * indices[["first", "total"]]).round().astype(int)
    reduction = percent.loc["reduction_2011"]
    assert f"`gang_share`, {reduction.loc['gang_share', 'total']} % of the variance" in said
    assert f"(`sanction`, {reduction.loc['sanction', 'total']} %)" in said
    assert f"(`breach_others`, {reduction.loc['breach_others', 'total']} %)" in said
    assert f"ten alone make {round(100 * indices.loc['reduction_2011', 'first'].sum())} %" in said
    second = percent.loc["second_step"]
    assert f"alone they make {round(100 * indices.loc['second_step', 'first'].sum())} %" in said
    alone, total = second.loc["sanction"]
    assert f"Sanction has {alone} % alone and {total} % together" in said
    overshoot = percent.loc["overshoot"]
    assert overshoot["total"].idxmax() == "turmoil"
    assert f"stirs up ({overshoot.loc['turmoil', 'total']} %)" in said
    chance = read("sobol", "chance")["chance"]
    told = f"{round(100 * chance.min())} to {round(100 * chance.max())} % of the variance of single"
    assert told in said


def test_boxes_are_those_of_the_tables(said: str) -> None:
    (found,) = read("collapse", "discovery").to_dict("records")
    assert found["holds"]
    numbers = {name: round(100 * found[name]) for name in ("coverage", "density", "base")}
    assert (
        "hold {coverage} % of collapses at a density of {density} %, against {base} % overall"
    ).format(**numbers) in said
    boxes = read("collapse", "boxes")
    first = boxes[boxes["box"] == 1].set_index("factor")
    assert set(first.index) == {"isolated", "branching", "reach_sealed"}
    assert first["low"].isna().all()
    density, coverage = (round(100 * first[name].iloc[0]) for name in ("density", "coverage"))
    assert f"{density} % of such runs, {coverage} % of all collapses" in said
    levers = [
        "guarantor_start", "hostile_minister", "isolated", "capacity", "repression",
        "conditionality",
    ]  # fmt: skip
    rows = read("collapse", "regional").set_index("factor").loc[levers]
    differ = set(rows.index[rows["p_adjusted"] < 0.05])
    assert differ == {"isolated", "repression", "conditionality"}


# --- All ----------------------------------------------------------------------------------------


def test_links_lead_somewhere() -> None:
    for page in FOLDER.rglob("README.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page, link)
