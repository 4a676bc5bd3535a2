"""What the README says of results is what the committed table says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from folders import ROOT

from trucesim.scenario.file import load_scenario


@pytest.fixture
def readme() -> str:
    return " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


def test_counts_of_patterns_are_those_of_the_table(readme: str) -> None:
    table = pd.read_csv(ROOT / "docs" / "truce-2012.csv").dropna(subset=["inside"])
    inside = (
        table["inside"]
        .astype(str)
        .str.lower()
        .eq("true")
        .groupby(table["use"])
        .agg(["sum", "size"])
    )
    for use, words in (("fit", "fit patterns"), ("check", "checks"), ("holdout", "held-out")):
        told = re.search(rf"(\d+) of (\d+) {words}", readme)
        assert told
        assert (int(told[1]), int(told[2])) == tuple(inside.loc[use])


def test_aims_and_results_are_those_of_the_tables() -> None:
    told = " ".join((ROOT / "experiments" / "README.md").read_text(encoding="utf-8").split())
    folder = ROOT / "experiments"
    first = folder / "validation" / "first-generation"
    use = pd.read_csv(first / "coverage.csv").set_index("use")
    use = use.drop(columns="coverage").astype(int)
    fit, held_out = use.loc["fit"], use.loc["holdout"]
    assert f"| {fit['inside']} of {fit['simulated']} ({fit['counted']} with intervals" in told
    assert f"**{held_out['counted']} of {held_out['simulated']}**" in told
    assert f"| {use['right_in_sign'].sum()} of {use['ratios'].sum()} |" in told
    table = pd.read_csv(first / "forecasts.csv")
    model = table[(table["method"] == "model") & table["origin"].notna()].set_index("window")
    for window in ("2013-07..2014-06", "2014", "2016-04..2016-12"):
        assert f"{model.loc[window, 'mae']:.1f}" in told
    plain = table[table["method"] == "model, June 2013"].set_index("window")
    assert f"**{plain.loc['2016-04..2016-12', 'mae']:.1f}** from June 2013" in told
    held = [f"{100 * share:.0f}" for share in model["coverage_90"]]
    assert f"**{', '.join(held[:-1])} and {held[-1]} %**" in told
    report = (folder / "calibration" / "README.md").read_text(encoding="utf-8")
    for source in ("the priors", "the closest runs"):
        row = re.search(rf"\| {source} \| 200 \| ([0-9.]+) \|", report)
        assert row
        assert row[1] in told


def test_the_example_scenario_loads(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.S)
    assert example
    path = tmp_path / "my-case.toml"
    path.write_text(example[1], encoding="utf-8")
    scenario = load_scenario(path)
    assert any(event.id == "funds" for event in scenario.events)


def test_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert len(links) > 10
    for link in links:
        assert (ROOT / link).exists(), link


NEEDS = {
    "bundle": "bundle", "calibrate": "calibration", "effects": "experiments",
    "export": "experiments", "plan": "experiments", "sensitivity": "experiments",
    "sweep": "experiments", "validate": "validation", "workshop": "workshop",
}  # fmt: skip


def test_commands_name_the_extras_that_they_need() -> None:
    found = 0
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("experiments/**/*.md")):
        text = page.read_text(encoding="utf-8")
        for options, command in re.findall(r"uv run ((?:--\S+ \S+ )*)trucesim (\w+)", text):
            given = re.findall(r"--extra (\S+)", options)
            assert given == ([NEEDS[command]] if command in NEEDS else []), (page, command)
            found += 1
    assert found > 8


def test_each_command_installs_what_it_needs_and_tests_are_those_of_ci(readme: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["uv"]["default-groups"] == []
    assert set(NEEDS.values()) <= set(project["project"]["optional-dependencies"])
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    (tests,) = [line for line in steps if line.endswith(" pytest")]
    assert f"pip install uv && {tests} " in readme
    options = project["tool"]["pytest"]["ini_options"]
    markers = [each.partition(":")[0] for each in options["markers"]]
    assert f'{tests} -m "{" and ".join(f"not {each}" for each in markers)}"' in readme
