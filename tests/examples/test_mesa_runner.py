"""Mesa's own runner lives the same runs as the compiled ensemble."""

from __future__ import annotations

import warnings
from typing import Any

import mesa
import numpy as np
import pytest

from trucesim import TruceModel, load_scenario, run
from trucesim.files.errors import InputError
from trucesim.scenario.change import set_parameters
from trucesim.world.country import Country

WEEKS = 3


def batch(parameters: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Mesa's own
        found: list[dict[str, Any]] = mesa.batch_run(
            TruceModel, parameters, number_processes=1, max_steps=WEEKS, display_progress=False,
            **options,
        )  # fmt: skip
    return found


@pytest.mark.slow
def test_two_seeds_and_two_scenarios(small: Country) -> None:
    found = batch(
        {"scenario": ["truce-2012", "no-truce"], "country": [small], "run": range(2)},
        rng=[1, 2], data_collection_period=1,
    )  # fmt: skip
    assert len(found) == 2 * 2 * 2 * WEEKS
    assert {row["seed"] for row in found} == {1, 2}
    for seed in (1, 2):
        results = run("truce-2012", 2, seed, country=small, detail="none")
        daily = results["recorded_daily"].values[:, : 7 * WEEKS].reshape(2, WEEKS, 7).sum(axis=2)
        mine = [
            row for row in found if row["seed"] == seed and row["scenario"] == "truce-2012"
        ]  # fmt: skip
        for number in (0, 1):
            weeks = [row["recorded_homicides"] for row in mine if row["run"] == number]
            assert weeks == daily[number].tolist()


def test_a_parameter_by_name_is_that_of_the_scenario(small: Country) -> None:
    found = batch(
        {"country": [small], "homicide_level": np.array([10.9, 12.3]), "point": True},
        rng=[3], data_collection_period=1,
    )  # fmt: skip
    for level in (10.9, 12.3):
        changed = set_parameters(load_scenario("truce-2012"), {"homicide_level": level})
        results = run(changed, 1, 3, country=small, detail="none", point=True)
        weeks = [row["recorded_homicides"] for row in found if row["homicide_level"] == level]
        daily = results["recorded_daily"].values[0, : 7 * WEEKS]
        assert weeks == daily.reshape(WEEKS, 7).sum(axis=1).tolist()


def test_without_a_seed_each_run_draws_its_own(small: Country) -> None:
    models = [TruceModel(country=small, seed=None, collect=False) for _ in range(2)]
    assert models[0].run_seed != models[1].run_seed
    again = TruceModel(country=small, seed=models[0].run_seed, collect=False)
    np.testing.assert_array_equal(again.state.cliques, models[0].state.cliques)
    assert len(batch({"country": [small]})) == 1


def test_wrong_parameters_by_name(small: Country) -> None:
    with pytest.raises(InputError, match="did you mean 'branching'"):
        TruceModel(country=small, brancing=0.5)
    with pytest.raises(InputError, match="branching = 2"):
        TruceModel(country=small, branching=2)
    with pytest.raises(InputError, match="dated condition"):
        TruceModel(country=small, guarantor=True)
    setting = TruceModel(country=small, collect=False).setting
    with pytest.raises(InputError, match="without parameters="):
        TruceModel(country=small, setting=setting, branching=0.5)
