"""What the README says of results is what the committed table says."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files as package
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
    for use, words in (("fit", "fit patterns"), ("check", "checks")):
        told = re.search(rf"(\d+) of (\d+) {words}", readme)
        assert told
        assert (int(told[1]), int(told[2])) == tuple(inside.loc[use])


def test_aims_and_results_are_those_of_the_tables(readme: str) -> None:
    folder = ROOT / "experiments"
    told = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    aims = pd.read_csv(folder / "validation" / "aims.csv").fillna({"of": ""})
    for row in aims.to_dict("records"):
        share = str(row["aim"]).endswith(("inside", "counted"))
        came = f"{row['value']:.0%}".replace("%", " %") if share else f"{row['value']:.1f}"
        wanted = f"{row['low']:.0%} to {row['high']:.0%}".replace("%", " %")
        wanted = wanted if share else f"below {row['high']:.1f}"
        cell = came if row["met"] else f"**{came}**"
        assert f"{row['of']}" in told
        assert f"| {wanted} | {cell} |" in told, row
    report = (folder / "calibration" / "README.md").read_text(encoding="utf-8")
    for source in ("the priors", "the closest runs"):
        row = re.search(rf"\| {source} \| 200 \| ([0-9.]+) \| ([0-9.]+) \|", report)
        assert row
        assert row[1] in told
        assert row[2] in told
    by_name = aims.set_index("aim")["value"]
    assert f"{by_name['blocks_crps'].iloc[0]:.1f} homicides a month" in readme
    counted = pd.read_csv(folder / "validation" / "coverage.csv")[["simulated", "counted"]].sum()
    assert f"{counted['counted']} of {counted['simulated']} patterns" in readme


def test_what_mechanisms_earn_is_what_the_scores_say(readme: str) -> None:
    folder = ROOT / "experiments"
    told = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    table = pd.read_csv(folder / "variants" / "summary.csv").set_index("variant")
    model = table.loc["the model"]
    luck = f"{model['crps_own'].min():.1f}", f"{model['crps_own'].max():.1f}"
    assert f"between {luck[0]} and {luck[1]} by the fit" in told
    assert f"{luck[0]} to {luck[1]}" in readme
    inside = model["patterns_inside"]
    first = int(table.loc["first-generation-rules", "patterns_inside"])
    assert f"{first} patterns inside against {inside.min()} to {inside.max()}" in told
    for name in ("no-wearing", "no-spells"):
        assert f"({table.loc[name, 'patterns_inside']} patterns)" in told
    places = "crps_departments"
    assert f"CRPS of {table.loc['no-drift', places]:.1f} % of the observed values" in told
    assert f"{model[places].min():.1f} to {model[places].max():.1f} with it" in told
    clear = table["clearly_worse"].notna()
    assert set(table.index[clear]) == {
        "first-generation-rules", "no-wearing", "one-persistence", "no-unasked-orders",
        "no-licence",
    }  # fmt: skip
    assert set(table.index[table["worse"].isna()]) == {"the model", "no-climate"}


def test_the_control_is_told_as_its_table_has_it(readme: str) -> None:
    cases = pd.read_csv(ROOT / "experiments" / "transfer" / "cases.csv").set_index("case")
    documented, failing = cases.loc["documented"], cases.loc["must fail"]
    low, middle, high = (documented[each] for each in ("p05", "median", "p95"))
    assert f"the model gives {low:.2f} to {high:.2f} (median {middle:.2f})" in readme
    assert f"though {documented['below']:.0%}".replace("%", " %") in readme
    assert f"and {documented['reaching']:.0%} reach".replace("%", " %") in readme
    assert f"it gives {failing['p05']:.2f} to {failing['p95']:.2f}, and would" in readme
    rows = pd.read_csv(package("trucesim") / "data" / "honduras" / "patterns.csv").set_index("id")
    row = rows.loc["pact_28_days_ratio"]
    assert f"a ratio of {row['value']} ({row['low']} to {row['high']} by chance alone)" in readme
    periods = pd.read_csv(package("trucesim") / "data" / "honduras" / "homicides_periods.csv")
    before, after = (
        float(periods.loc[periods["what"].str.contains(f"28 days {when}"), "value"].item())
        for when in ("before", "after")
    )
    assert f"{before:.0f} homicides in the 28 days before, {after:.0f} in the 28 after" in readme
    assert row["value"] == round(after / before, 2)


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
    "sweep": "experiments", "validate": "validation", "variants": "calibration",
    "workshop": "workshop",
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
    (tests,) = [line for line in steps if line.startswith("uv run") and " pytest " in line]
    assert f"pip install uv && {tests} " in readme
    options = project["tool"]["pytest"]["ini_options"]
    markers = [each.partition(":")[0] for each in options["markers"]]
    assert f'{tests} -m "{" and ".join(f"not {each}" for each in markers)}"' in readme
