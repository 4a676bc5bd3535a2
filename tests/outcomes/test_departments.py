"""Runs held against later cross-sections of departments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic import synthetic_results

from trucesim.outcomes.evidence import compare_departments
from trucesim.world.country import load_country
from trucesim.world.observed import departments_later
from trucesim.world.periods import NotRecorded


def test_departments_by_hand() -> None:
    """A count, a rate by the population of 2007, and departments together."""
    country, results = load_country(), synthetic_results(runs=3)
    people = sum(
        each for each, name in zip(country.population, country.departments, strict=True)
        if name == "La Paz"
    )  # fmt: skip
    counts = results["recorded_by_period"].copy(deep=True)
    counts[:] = 0
    row = country.departments.index("La Paz")
    counts.loc[{"period": "2013"}][:, row] = 22
    counts.loc[{"period": "2013"}][:, country.departments.index("Morazán")] = 5
    panel = results.assign(recorded_by_period=counts)
    table = pd.DataFrame(
        [
            (("La Paz",), "rate per 100,000", 22e5 / people),
            (("Morazán", "La Paz"), "homicides", 27.0),
            (("Sonsonate",), "homicides", 7.0),
        ],
        columns=["departments", "statistic", "value"],
    ).assign(period="2013", use="check", source="")
    frame = compare_departments(panel, table)
    assert frame["simulated_median"].tolist() == pytest.approx([22e5 / people, 27, 0])
    assert frame["inside"].tolist()[1:] == [True, False]
    assert frame["department"].tolist()[1] == "Morazán, La Paz"
    with pytest.raises(NotRecorded, match="no municipal counts"):
        compare_departments(panel, table.assign(period="2014-05"))


def test_the_table_that_the_package_holds_is_compared() -> None:
    """Every row of it, with its use."""
    table, counts = departments_later(), synthetic_results(runs=3)["recorded_by_period"]
    periods = list(table["period"].unique())
    kept = counts.isel(period=[0] * len(periods)).assign_coords(period=periods)
    frame = compare_departments(kept.to_dataset())
    assert len(frame) == len(table)
    assert frame["use"].tolist() == table["use"].tolist()
    assert np.isfinite(frame["simulated_median"]).all()
