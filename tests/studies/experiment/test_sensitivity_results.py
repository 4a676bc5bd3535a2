"""What the page on sensitivity says of results is what the committed tables say."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from folders import EXPERIMENTS

from trucesim.files.errors import GONE
from trucesim.studies.experiment.file import load_experiment
from trucesim.studies.experiment.sensitivity import chosen

FOLDER = EXPERIMENTS / "sensitivity"


@pytest.fixture(scope="module")
def said() -> str:
    return " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())


def read(study: str, name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / study / f"{name}.csv")


def test_the_ten_are_those_that_the_screening_proposes() -> None:
    proposed = chosen(read("morris", "indices"))
    # The committed results are of 0.1.0; what is gone since has left its place to another.
    now = ["channel_left" if name in GONE else name for name in proposed]
    assert list(load_experiment("sensitivity-sobol").uncertainties) == now
    report = (FOLDER / "morris" / "README.md").read_text(encoding="utf-8")
    assert "uncertainties = [" + ", ".join(f'"{name}"' for name in proposed) + "]" in report


def test_sizes_are_those_of_the_files(said: str) -> None:
    morris, sobol, collapse = (
        load_experiment(name) for name in ("sensitivity-morris", "sensitivity-sobol", "collapse")
    )
    points = morris.plan.trajectories * 47
    told = f"{morris.plan.trajectories} trajectories, {points:,} points of {morris.replicates} runs"
    assert told in said
    assert f"{sobol.plan.points} rows, {12 * sobol.plan.points:,} points of 2 runs" in said
    assert f"{collapse.plan.points:,} points of {collapse.replicates} runs" in said


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
    names = [lever.name for lever in load_experiment("collapse").levers]
    levers = ["isolated" if name == "barred" else name for name in names]  # as it was in 0.1.0
    rows = read("collapse", "regional").set_index("factor").loc[levers]
    differ = set(rows.index[rows["p_adjusted"] < 0.05])
    assert differ == {"isolated", "repression", "conditionality"}


def test_links_lead_somewhere() -> None:
    for page in FOLDER.rglob("README.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page, link)
