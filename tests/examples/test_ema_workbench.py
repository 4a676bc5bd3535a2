"""The example for the EMA Workbench runs in it, and its runs are ours."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import sys
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from folders import EXAMPLES

from trucesim import load_scenario, run
from trucesim.parameters import uncertain
from trucesim.scenario.change import set_parameters, with_settings
from trucesim.world.country import Country

EXAMPLE = EXAMPLES / "ema_workbench_adapter.py"


@pytest.fixture(scope="module")
def adapter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ema_workbench_adapter", EXAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the workbench warns of what else could be installed
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def performed(adapter: ModuleType, small: Country) -> tuple[Any, dict[str, Any]]:
    import ema_workbench as ema

    model = adapter.truce_model(country=small)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: tuple[Any, dict[str, Any]] = ema.perform_experiments(model, scenarios=3, policies=2)
    return found


@pytest.mark.slow
def test_its_experiments_are_runs_of_ours(
    adapter: ModuleType, performed: tuple[Any, dict[str, Any]], small: Country
) -> None:
    experiments, outcomes = performed
    assert len(experiments) == 6
    names = [each.name for each in uncertain()]
    assert set(names) <= set(experiments.columns)
    row = experiments.iloc[4]
    scenario = set_parameters(load_scenario("truce-2012"), {n: float(row[n]) for n in names})
    settings = [
        f"funds={str(row['funds']).lower()}",
        *(f"{n}={float(row[n])}" for n in ("repression", "conditionality", "extension_capacity")),
    ]
    scenario = with_settings(scenario, [f"{each}@{adapter.FROM}" for each in settings])
    results = run(
        scenario, 1, 1, first_run=int(row["run_number"]), country=small, detail="none"
    )  # fmt: skip
    months = results["recorded_national"].isel(run=0)
    assert outcomes["recorded_2013"][4] == int(months.sel(month="2013").sum())
    assert outcomes["recorded_2015"][4] == int(months.sel(month="2015").sum())


@pytest.mark.filterwarnings("ignore:ipyparallel")
def test_it_can_be_handed_to_processes_that_are_spawned(
    small: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(EXAMPLE.parent)
    by_name = importlib.import_module("ema_workbench_adapter")
    model = by_name.truce_model(country=small)
    function = pickle.loads(pickle.dumps(model.function))
    assert function.levers == model.function.levers
    assert function.country.codes == small.codes


@pytest.mark.slow
def test_bounds_are_those_that_are_declared(performed: tuple[Any, dict[str, Any]]) -> None:
    experiments, outcomes = performed
    for each in uncertain():
        assert experiments[each.name].between(each.low, each.high).all(), each.name
        assert experiments[each.name].nunique() == 3, each.name
    assert all(np.isfinite(values).all() for values in outcomes.values())
    assert experiments["repression"].nunique() == 2
    # Each of the three has its own run number, the same under both policies.
    assert (experiments.groupby("run_number")["policy"].nunique() == 2).all()
    assert experiments["run_number"].nunique() == 3
