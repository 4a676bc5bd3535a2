"""The observed tables: what they hold, and that the months after 2016 are held out."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trucesim.compilation import PACKAGE
from trucesim.parameters import GANGS
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.observed import (
    departments_later,
    held_out_months,
    homicides_days,
    observed,
    orders,
    patterns,
)
from trucesim.world.periods import parse

HELD_OUT = "homicides_monthly_2017_2019"


def test_orders() -> None:
    table = orders()
    assert len(table) == 7
    assert table["date"].is_monotonic_increasing
    assert all(calendar.START <= date <= calendar.END for date in table["date"])
    assert set(table["direction"]) == {"hold", "attack"}
    assert all(set(gangs) <= set(GANGS) for gangs in table["gangs"])
    assert (table["before_per_day"] > 0).all()
    assert np.isnan(table["after_per_day"]).tolist() == (table["direction"] == "attack").tolist()


def test_homicides_of_days() -> None:
    table = homicides_days()
    assert len(table) == 27
    assert set(table["unit"]) == {"homicides", "per day"}
    rows = table.set_index("period")
    assert rows.loc["2015-01-18..2015-01-25", "value"] == 4.6
    spans = [parse(period) for period in table["period"]]
    per_day = np.where(table["unit"] == "per day", 1, [span.days for span in spans])
    # No more than on the worst day that is known.
    assert (table["value"] / per_day).between(0, 52).all()
    for span, row in zip(spans, table.itertuples(), strict=True):
        month = observed()["recorded_national"].sel(month=f"{span.start:%Y-%m}").item()
        whole = row.value * span.days if row.unit == "per day" else row.value
        assert span.months > 1 or whole <= 1.03 * month, row.period


def test_departments_later() -> None:
    table = departments_later()
    assert len(table) == 31
    known = set(load_country().departments)
    assert all(set(each) <= known for each in table["departments"])
    assert {len(each) for each in table["departments"]} == {1, 4}
    august = table[table["period"] == "2016-08"]
    assert len({each for row in august["departments"] for each in row}) == 14
    assert august["value"].sum() == pytest.approx(
        observed()["recorded_national"].sel(month="2016-08").item(), rel=0.15
    )
    east = table[(table["period"] == "2012") & (table["departments"].map(len) == 4)]
    assert east["value"].tolist() == [506.0]
    for period in table["period"]:
        assert parse(period).last <= calendar.END


def test_every_pattern_has_a_use_in_each_generation() -> None:
    uses = {"fit", "check", "holdout", "initial condition"}
    assert set(patterns()["use"]) == uses
    assert set(patterns()["use_second"]) == uses - {"holdout"}


def test_held_out_months_follow_the_record() -> None:
    months, record = held_out_months(), observed()["recorded_national"]
    assert months.dims == record.dims
    assert months.dtype == record.dtype
    assert months["month"].dtype == record["month"].dtype
    whole = np.concatenate([record["month"], months["month"]])
    np.testing.assert_array_equal(whole, calendar.months(132))
    assert months.values.min() > 0
    held_out_months()[:] = 0
    assert held_out_months().values.min() > 0


def test_nothing_else_is_dated_after_2016() -> None:
    read = 0
    for path in (PACKAGE / "data").rglob("*.csv"):
        if path.name in ("parameter_draws.csv", "lineages.csv"):
            continue  # parameters of runs, and run numbers
        table = pd.read_csv(path, dtype=str)
        for name in {"date", "period", "year", "date_declared"} & set(table.columns):
            years = table[name].str.findall(r"\d{4}").explode().dropna().astype(int)
            assert (years.max() > calendar.END.year) == (path.stem == HELD_OUT), (path.name, name)
            read += 1
    assert read > 10


def test_only_validation_reads_what_is_held_out() -> None:
    """By name; and the table's own name stands in its reader alone."""

    def naming(words: str) -> set[str]:
        files = (each for each in PACKAGE.rglob("*") if each.suffix in {".py", ".toml"})
        found: set[Path] = {each for each in files if re.search(words, each.read_text("utf-8"))}
        return {each.relative_to(PACKAGE).as_posix() for each in found}

    assert naming(HELD_OUT) == {"world/observed.py"}
    assert naming("held_out_months|2017_2019") <= {"world/observed.py", "studies/validation.py"}
