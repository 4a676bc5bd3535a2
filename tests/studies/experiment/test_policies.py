"""Levers times uncertainties: every policy meets the same points with the same runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sweeps import write

from trucesim import cli
from trucesim.files.errors import InputError
from trucesim.reports.sensitivity import _file_name
from trucesim.studies.experiment import load_experiment, open_sweep, points, run_sweep
from trucesim.studies.experiment.folder import Sweep
from trucesim.studies.experiment.precision import by_run, effects_of, error_of_crossed, sides

HEAD = """
title = { en = "Policies", es = "Políticas" }
story = { en = "A trial.", es = "Una prueba." }
scenarios = ["truce-2012", "no-truce"]
departments = ["San Vicente"]
seed = 5
replicates = 2
until = 2012-12-31
monthly = false
parameters = "point"
outcomes = ["recorded_2012"]
uncertainties = ["sanction", "homicide_level"]

[[lever]]
name = "pressure"
label = { en = "Pressure", es = "Presión" }
condition = "repression"
from = 2012-04-01
"""

CROSSED = (
    HEAD
    + """values = [1.0, 3.0]
[design]
kind = "latin-hypercube"
points = 24
"""
)

LISTED = (
    HEAD
    + """
[design]
kind = "latin-hypercube"
points = 24
policy = [{ scenario = "truce-2012" }, { scenario = "no-truce", pressure = 2.0 }]
"""
)

POINTS, RUNS = 24, 2


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    folder = tmp_path_factory.mktemp("policies")
    return run_sweep(load_experiment(write(folder, CROSSED)), folder / "sweep")


def test_every_policy_meets_the_same_points(crossed: Sweep) -> None:
    design = crossed.points()
    assert list(design.policies) == [
        "truce-2012, pressure = 1", "truce-2012, pressure = 3",
        "no-truce, pressure = 1", "no-truce, pressure = 3",
    ]  # fmt: skip
    assert len(design) == 4 * POINTS
    assert [each.name for each in design.factors] == ["sanction", "homicide_level"]
    blocks = design.frame[["sanction", "homicide_level"]].to_numpy().reshape(4, POINTS, 2)
    for block in blocks[1:]:
        np.testing.assert_array_equal(block, blocks[0])
    assert design.frame["pressure"].tolist() == [*[1.0] * POINTS, *[3.0] * POINTS] * 2
    pd.testing.assert_frame_equal(open_sweep(crossed.folder).design, design.frame)
    # As long as policies do not differ, neither do runs.
    assert design.scenario(0).digest != design.scenario(POINTS).digest


def test_effects_of_policies_are_paired_point_by_point(crossed: Sweep) -> None:
    found = effects_of(crossed).set_index("point")
    values = by_run(crossed.runs, "recorded_2012").to_numpy().reshape(4, POINTS, RUNS)
    for policy in (1, 2, 3):
        apart = values[policy] - values[0]
        assert found.loc[policy, "effect"] == pytest.approx(apart.mean())
        assert found.loc[policy, "pairs"] == POINTS * RUNS
        assert found.loc[policy, "se_paired"] == pytest.approx(error_of_crossed(apart))
    assert sides(crossed.points())[1].endswith("Pressure: 3")
    with pytest.raises(InputError, match="policies 0 to 3"):
        effects_of(crossed, baseline=4)


def test_the_error_of_a_crossed_mean() -> None:
    chance = np.random.default_rng(2)
    means, errors = [], []
    for _ in range(400):
        table = (
            chance.normal(size=(12, 1)) + 2 * chance.normal(size=8) + chance.normal(size=(12, 8))
        )
        means.append(table.mean())
        errors.append(error_of_crossed(table))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(means), rel=0.15)
    one = chance.normal(size=(12, 1))
    assert error_of_crossed(one) == pytest.approx(one.std(ddof=1) / np.sqrt(12))


def test_the_commands_tell_of_policies(crossed: Sweep, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["effects", str(crossed.folder), "--lang", "es"]) == 0
    said = capsys.readouterr().out
    assert "Presión: 3" in said
    assert (crossed.folder / "figures" / "effects_recorded_2012_es.png").is_file()
    file = str(crossed.folder.parent / "small.toml")
    asked = ["sensitivity", file, "--out", str(crossed.folder), "--json", "--no-figures"]
    assert cli.main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["scenario"] for each in told["scores"]} == set(crossed.points().policies)
    assert _file_name("mine/own.toml, pressure = 3") == "own-pressure-3"


def test_policies_can_be_listed(tmp_path: Path) -> None:
    design = points(load_experiment(write(tmp_path, LISTED)))
    assert list(design.policies) == ["truce-2012", "no-truce, pressure = 2"]
    assert len(design) == 2 * POINTS
    assert design.settings(0) == {}
    assert design.settings(POINTS) == {"pressure": 2.0}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CROSSED.replace("values = [1.0, 3.0]", "values = [1.0]\nlow = 1.0"), "which are policies"),
        (LISTED.replace("pressure = 2.0", "presure = 2.0"), "unknown key 'presure'"),
        (LISTED.replace("from = 2012-04-01", "from = 2012-04-01\nvalues = [1.0]"),
         r"values stand in \[\[design.policy\]\]"),
        (LISTED.replace(', pressure = 2.0 }', " }").replace("from = 2012-04-01",
         "from = 2012-04-01\nvalues = [1.0]"), "where policies are listed"),
        (CROSSED.replace('"latin-hypercube"\npoints = 24', '"factorial"\npolicy = [{}]')
         .replace('uncertainties = ["sanction", "homicide_level"]', ""),
         "design.policy does not go"),
    ],
)  # fmt: skip
def test_wrong_policies_are_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as error:
        load_experiment(write(tmp_path, text))
    assert "\n" not in str(error.value)
