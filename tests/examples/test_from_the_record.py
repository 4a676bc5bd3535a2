"""What the pages on following the record say is what the committed tables say."""

from __future__ import annotations

import pandas as pd
import pytest
from folders import ROOT

from trucesim.locale.language import number
from trucesim.runs.lineage import shipped_lineages
from trucesim.scenario.file import load_scenario

EXPERIMENTS = ROOT / "experiments"
MINUS = "\N{MINUS SIGN}"

QUESTIONS = "zones-extended-to-neighbours", "guarantor-stays", "funds-arrive"


def page(name: str) -> str:
    return " ".join((ROOT / "docs" / name).read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def following() -> str:
    return page("following-the-record.md")


def test_how_well_the_months_are_followed(following: str) -> None:
    months = pd.read_csv(EXPERIMENTS / "follow" / "lineages_months.csv", comment="#")
    report = " ".join((EXPERIMENTS / "follow" / "README.md").read_text("utf-8").split())
    for told in ("22.6 homicides a month from the record on average", "median 6.8 (aim: 20)",
                 "3.2% of months", "5 of 19200"):  # fmt: skip
        assert told in report
    for told in ("22.6 homicides a month from the record on average", "is 6.8 in the median",
                 "In 3.2 % of months", "5 of 19,200 months"):  # fmt: skip
        assert told in following
    hard = set(months.nsmallest(5, "effective_median")["month"])
    assert hard == {"2010-09", "2015-01", "2015-08", "2015-11", "2016-04"}
    assert "September 2010" in following
    assert "January, August and November 2015, and April 2016" in following
    # What ships is what is told of.
    head = (EXPERIMENTS / "follow" / "lineages_months.csv").read_text("utf-8")
    assert shipped_lineages().head.splitlines()[:3] == head.splitlines()[:3]


def test_how_well_effects_are_recovered(following: str) -> None:
    table = pd.read_csv(EXPERIMENTS / "recovery" / "summary.csv")
    whole = table[table["region"].eq("national") & table["period"].eq("all")].set_index("case")
    inside = [f"{100 * whole.loc[name, 'inside']:.1f} %" for name in QUESTIONS]
    told = (
        f"in {inside[0]} (zones extended to neighbours), {inside[1]} (the guarantor stays) and "
        f"{inside[2]} (the funds arrive)"
    )
    assert told in following
    assert whole["inside"].between(0.83, 0.96).all()
    zones, guarantor, _ = (whole.loc[name] for name in QUESTIONS)
    rmse = [number(each) for each in (guarantor["rmse"], guarantor["chance_rmse"])]
    assert f"errs by {rmse[0]} and that of the same draws in plain runs by {rmse[1]}" in following
    assert f"over records is {guarantor['correlation']:.2f}" in following
    assert f"({zones['rmse']:.0f} against {zones['chance_rmse']:.0f})" in following
    outside = pd.read_csv(EXPERIMENTS / "recovery" / "outside.csv")
    year = outside[outside["record"].str.contains("2010")].sum(numeric_only=True)
    there = f"{year['missed_there']:.0f} of {year['of_there']:.0f} months of filters in that year"
    elsewhere = f"{year['missed_elsewhere']:.0f} of {year['of_elsewhere']:.0f} elsewhere"
    assert f"{there}, and {elsewhere}" in following


def test_how_good_forecasts_are(following: str) -> None:
    scores = pd.read_csv(EXPERIMENTS / "forecast" / "scores.csv")
    pooled = scores[scores["period"].eq("pooled") & scores["horizon"].isin([1, 3, 6, 12])]
    model = pooled[pooled["method"].eq("model")]
    naive = pooled[~pooled["method"].eq("model")].groupby("horizon")["crps"].min()
    ours, best = ([f"{each:.1f}" for each in values] for values in (model["crps"], naive))
    assert f"is {', '.join(ours[:3])} and {ours[3]}" in following
    assert f"forecast's is {', '.join(best[:3])} and {best[3]}" in following
    inside = [f"{100 * each:.0f}" for each in model["inside_90"]]
    assert f"lie {', '.join(inside[:3])} and {inside[3]} %" in following


def test_the_table_of_what_ifs_is_that_of_the_results() -> None:
    text = page("from-the-record.md")
    tables = {}
    for folder in ("what-ifs", "what-ifs-from-the-record"):
        table = pd.read_csv(EXPERIMENTS / folder / "regions.csv", dtype={"period": str})
        whole = table[table["region"].eq("national") & table["period"].eq("all")]
        tables[folder] = whole.set_index(["b", "treatment"])
    record, chance = tables["what-ifs-from-the-record"], tables["what-ifs"]
    names = record.index.get_level_values("b").unique()
    assert len(names) == 10
    for name in names:
        own = record.loc[(name, "own")]
        cells = [
            load_scenario(name).title["en"],
            f"{mean(own)} ± {number(own['difference_se'])}",
            f"{number(own['difference_p05'])} to {number(own['difference_p95'])}",
            mean(record.loc[(name, "climate halved")]),
            mean(record.loc[(name, "climate anew")]),
            mean(record.loc[(name, "chance anew")]),
            mean(chance.loc[(name, "own")]),
        ]
        assert f"| {' | '.join(cells)} |" in text, name
    guarantor, none = ([mean(t.loc[(name, "own")]) for t in (record, chance)]
                       for name in ("guarantor-stays", "no-truce"))  # fmt: skip
    climate = mean(record.loc[("guarantor-stays", "climate anew")])
    assert f"averts {guarantor[0]} in the world as it was" in text
    assert f"with that alone drawn anew it is {climate}" in text
    told = [each.removeprefix(MINUS) for each in none]
    assert f"from the record ({told[0]}) than from chance ({told[1]})" in text


def mean(row: pd.Series) -> str:
    return number(row["difference_mean"])
