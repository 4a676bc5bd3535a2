"""The model in other countries: the control can fail, and the grain makes no difference."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from trucesim.files.errors import InputError
from trucesim.files.reading import shipped_directory
from trucesim.reports import transfer as report
from trucesim.runs.sampling import point_values
from trucesim.scenario.file import load_scenario
from trucesim.studies import transfer
from trucesim.studies.transfer import Control
from trucesim.world.folder import HOME, being_in

STORED = shipped_directory("experiments") / "transfer"


@pytest.fixture(scope="module")
def control() -> Control:
    """Give the control in Honduras, with few runs."""
    return transfer.control("honduras", 60, 3, workers=2)


def test_the_control_can_fail(control: Control) -> None:
    """With hierarchy, share and offers as in El Salvador the pact misses what was observed."""
    assert control.powerful
    failing = control.cases.iloc[-1]
    assert failing["case"] == transfer.MUST_FAIL
    assert failing["inside"] == 0.0
    assert failing["p95"] < control.pattern.low


def test_shares_of_runs_add_up(control: Control) -> None:
    """Every run lies below, inside or above the bounds."""
    total = control.cases[["below", "inside", "above"]].sum(axis=1)
    assert total.to_numpy() == pytest.approx(1.0)
    assert (control.cases["reaching"] <= 1.0 - control.cases["below"]).all()


def test_what_it_hangs_on_is_what_differs(control: Control) -> None:
    """The further orders reach, and the larger the gangs' share, the larger the fall."""
    known = control.hangs_on.set_index("parameter")["correlation"]
    assert known["reach_open"] < -0.2
    assert known["gang_share"] < -0.2


def test_a_country_without_a_control(control: Control) -> None:
    """Guatemala had no pact: there is nothing to hold the model against."""
    with pytest.raises(InputError, match=r"Guatemala has no control"):
        transfer.control("guatemala", 5)


def test_the_grain_makes_no_difference() -> None:
    """El Salvador by 14 departments gives what it gives by 262 municipalities, within its error."""
    table = transfer.grain(40, 2, workers=2)
    assert (table["difference"].abs() < 3.0 * table["se"]).all()
    assert set(table["quantity"]) == {*transfer.GRAIN, "fewer"}


@pytest.mark.parametrize("name", ["reach_open", "cohesion_18", "sanction", "gang_share"])
def test_scenarios_take_the_posteriors_medians(name: str) -> None:
    """What a scenario says to be as in El Salvador is the median of its posterior."""
    with being_in("honduras"):
        given = load_scenario("pact-2013-as-in-el-salvador").parameters[name]
    assert given == pytest.approx(point_values(HOME)[name], abs=0.006)


def test_the_stored_study_is_whole(tmp_path: Path, control: Control) -> None:
    """What README and page show of it is there, with the columns that are read of it."""
    stored = pd.read_csv(STORED / "cases.csv", keep_default_na=False)
    assert list(stored.columns) == list(control.cases.columns)
    assert list(stored["scenario"]) == list(control.cases["scenario"])
    region = pd.read_csv(STORED / "region.csv")
    assert list(region["country"]) == list(transfer.REGION)
    found = report.Findings(control, pd.read_csv(STORED / "grain.csv"), region)
    written = {path.name for path in report.write(found, tmp_path, command="trucesim validate")}
    assert {path.name for path in STORED.glob("*.csv")} | {"README.md"} <= written
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "It could have failed" in text
