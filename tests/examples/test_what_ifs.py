"""What the page on what-ifs says is what the committed tables say."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from folders import ROOT

from trucesim.locale.language import number
from trucesim.parameters import PARAMETERS
from trucesim.scenario.file import load_scenario, shipped

FOLDER = ROOT / "experiments" / "what-ifs"
EXTENSION = "zones-extended-to-neighbours"

ROWS = {
    "no truce": "no-truce", "no guarantor": "no-guarantor",
    "the guarantor stays": "guarantor-stays", "the funds arrive": "funds-arrive",
    "leaders stay connected": "leaders-stay-connected",
    "conditional repression": "conditional-repression",
    "no zones": "national-truce-without-zones", "eleven zones": "truce-2012-eleven-zones",
    "the later list of eleven": "truce-2012-eleven-zones-later-list",
    "extension to neighbours": EXTENSION,
}  # fmt: skip


@pytest.fixture(scope="module")
def page() -> str:
    return " ".join((ROOT / "docs" / "what-ifs.md").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def regions() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "regions.csv", dtype={"period": str})


def whole(regions: pd.DataFrame, name: str, region: str = "national", treatment: str = "own",
          period: str = "all") -> pd.Series:  # fmt: skip
    rows = regions[
        regions["b"].eq(name) & regions["region"].eq(region) & regions["period"].eq(period)
        & regions["treatment"].eq(treatment)
    ]  # fmt: skip
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_shipped_counterfactual_of_the_truce_is_there(regions: pd.DataFrame) -> None:
    others = set(shipped()) - {"truce-2012", "as-recorded"}
    assert set(regions["b"]) == others == set(ROWS.values())
    assert set(regions["a"]) == {"truce-2012"}


def test_the_table_of_all_is_that_of_the_results(page: str, regions: pd.DataFrame) -> None:
    hangs = pd.read_csv(FOLDER / "hangs_on.csv")
    visible = pd.read_csv(FOLDER / "visible.csv")
    for label, name in ROWS.items():
        own, dated = whole(regions, name), whole(regions, name, treatment="dated")
        first = hangs[hangs["b"].eq(name)].iloc[0]
        assert first["told"], name
        star = r"\*" if first["known"] == "at its prior" else ""
        years = visible[visible["b"].eq(name) & visible["months"].eq(12)].iloc[0]
        low, high = (number(own[f"difference_{end}"]) for end in ("p05", "p95"))
        row = [
            label, number(own["difference_mean"]), f"{low} to {high}",
            number(dated["difference_mean"]), "HANGS",
            str(round(100 * years["seen_in_record"])),
        ]  # fmt: skip
        told = re.escape(f"| {' | '.join(row)} |").replace("HANGS", rf"[^|]*[a-z0-9]{star}")
        assert re.search(told, page), (row, star)


def test_the_worked_example_is_that_of_the_results(page: str, regions: pd.DataFrame) -> None:
    own = whole(regions, EXTENSION)
    assert (
        f"averts {own['difference_mean']:.0f} recorded homicides in the mean "
        f"(± {own['difference_se']:.1f}, its standard error), "
        f"{own['difference_median']:.0f} in the median; in nine of ten runs "
        f"{own['difference_p05']:.0f} to {own['difference_p95']:.0f}"
    ) in page
    years = [whole(regions, EXTENSION, period=str(year))["difference_mean"] for year in
             range(2013, 2017)]  # fmt: skip
    assert "{:.0f}, {:.0f}, {:.0f} and {:.0f}.".format(*years) in page
    assert f"lie {own['a_median'] - own['b_median']:.0f} apart" in page
    zones, beside, rest = (whole(regions, EXTENSION, region) for region in
                           ("zones", "beside", "elsewhere"))  # fmt: skip
    assert f"{zones['difference_mean']:.0f} of the {own['difference_mean']:.0f} are averted" in page
    assert (
        f"{beside['difference_mean']:.0f} in the {beside['municipalities']:.0f} that lie beside "
        f"them, and {rest['difference_mean']:.1f} elsewhere" in page
    )
    assert f"{own['percent_mean']:.1f} % of all homicides" in page
    hangs = pd.read_csv(FOLDER / "hangs_on.csv").query("b == @EXTENSION").head(5)
    for row in hangs.to_dict("records"):
        assert row["parameter"] in PARAMETERS
        told = number(row["correlation"], 2, signed=True)
        assert f"(`{row['parameter']}`) | {told} |" in page
    mayor = page[page.index("> Si entre") : page.index("## All shipped")].replace(">", "")
    assert len(mayor.split()) <= 125
    assert f"entre {own['difference_p05']:.0f} y {own['difference_p95']:.0f}" in mayor
    assert load_scenario(EXTENSION).title["en"] == "Zones extended to neighbours"
