"""Mesa's own runner lives the same runs as the compiled ensemble."""

from __future__ import annotations

import pydoc
import re
import warnings
from typing import Any

import mesa
import numpy as np
import pytest

import trucesim
from trucesim import TruceModel, load_country, load_scenario, run
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


def test_rng_is_the_seed_of_a_run(small: Country) -> None:
    def seed_of(rng: Any) -> int:
        return TruceModel(country=small, rng=rng, collect=False).run_seed

    assert [seed_of(each) for each in (1, 2, np.int64(3), None)] == [1, 2, 3, 1]
    for make in (np.random.default_rng, np.random.SeedSequence):
        assert seed_of(make(7)) == seed_of(make(7)) != seed_of(make(8))
    generator = np.random.default_rng(7)
    assert seed_of(generator) != seed_of(generator)
    one, other = (TruceModel(country=small, rng=rng, collect=False) for rng in (1, 2))
    assert not np.array_equal(one.state.cliques, other.state.cliques)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seed": 2**63}, "seed = 9223372036854775808.*0 to 9223372036854775807"),
        ({"rng": -1}, "rng = -1"),
        ({"rng": "one"}, "rng = 'one', but it must be a whole number, a numpy Generator"),
        ({"run": 2**70}, "run = "),
    ],
)
def test_seeds_out_of_range(given: dict[str, Any], message: str, small: Country) -> None:
    with pytest.raises(InputError, match=message):
        TruceModel(country=small, **given)


@pytest.mark.parametrize("phase", ["end_week", "found_cliques", "cliques_act", "note_month"])
def test_an_interrupted_week_is_lived_again(
    phase: str, small: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, model = (TruceModel(country=small, collect=False) for _ in range(2))
    own = getattr(model, phase)

    def interrupted() -> None:
        own()
        raise KeyboardInterrupt

    for week in range(26):
        if week in (12, 25):  # in the first of these, members are counted and cliques founded
            monkeypatch.setattr(model, phase, interrupted)
            with pytest.raises(KeyboardInterrupt):
                model.step()
            assert (model.steps, model.time, model.week) == (week, week, week)
            monkeypatch.setattr(model, phase, own)
        model.step()
        whole.step()
    assert (model.steps, model.week) == (26, 26)
    assert len(model.cliques) == len(whole.cliques)
    np.testing.assert_array_equal(model.state.cliques, whole.state.cliques)
    np.testing.assert_array_equal(model.output.recorded, whole.output.recorded)


def test_the_package_shows_what_there_is() -> None:
    shown = {"run", "compare", "difference", "snapshot", "TruceModel"}
    assert shown <= set(dir(trucesim))
    told = pydoc.render_doc(trucesim, renderer=pydoc.plaintext)
    assert all(re.search(rf"^ +(class )?{name}\(", told, re.MULTILINE) for name in shown)


def test_two_results_are_compared_run_by_run(small: Country) -> None:
    a, b = (
        trucesim.run(name, 3, country=small, detail="none") for name in ("truce-2012", "no-truce")
    )
    found = trucesim.difference(a, b)
    row = found[(found["measure"] == "recorded") & (found["period"] == "2013")].iloc[0]
    years = [each["recorded_national"].sel(month="2013").sum("month") for each in (a, b)]
    assert row["difference_mean"] == pytest.approx(float((years[0] - years[1]).mean()))
    other = trucesim.run("no-truce", 3, country=load_country().subset(["La Paz"]), detail="none")
    with pytest.raises(InputError, match="same country"):
        trucesim.difference(a, other)


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
