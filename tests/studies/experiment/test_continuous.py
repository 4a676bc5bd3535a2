"""Continuous outcomes on a Latin hypercube: scores, dependence, boxes at a threshold, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sweeps import TWO_CASES, write

from trucesim import cli
from trucesim.files.errors import InputError
from trucesim.reports import sensitivity as report
from trucesim.studies.experiment import continuous, load_experiment, run_sweep
from trucesim.studies.experiment.continuous import Threshold, check_values, dependence, grow, scores
from trucesim.studies.experiment.design import Factor
from trucesim.studies.experiment.folder import Sweep
from trucesim.studies.experiment.precision import effects_of

Capsys = pytest.CaptureFixture[str]

FILE = """
title = { en = "Spread", es = "Repartido" }
story = { en = "A trial.", es = "Una prueba." }
scenarios = ["truce-2012"]
departments = ["San Vicente"]
seed = 5
replicates = 1
until = 2012-12-31
monthly = false
parameters = "point"
outcomes = ["recorded_2012", "zones_2009"]
uncertainties = ["sanction", "homicide_level"]
[design]
kind = "latin-hypercube"
points = 60
"""

CASES = FILE[: FILE.index("uncertainties")] + TWO_CASES

FACTORS = [
    Factor(name, 0.0, 10.0, "linear", {"en": name, "es": name}, "1", "uncertainty")
    for name in ("much", "little", "nothing")
]


def synthetic(points: int = 80) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make points of which the outcome falls with the first factor and rises with the second."""
    chance = np.random.default_rng(4)
    sample = pd.DataFrame(chance.random((points, 3)), columns=[each.name for each in FACTORS])
    sample.index.name = "point"
    runs = pd.DataFrame({"point": np.repeat(sample.index, 3), "run": np.tile(range(3), points)})
    by_point = -40.0 * sample["much"] + 8.0 * sample["little"]
    runs["y"] = by_point.loc[runs["point"]].to_numpy() + chance.normal(0, 1, len(runs))
    return sample, runs


def test_scores_tell_what_matters_and_which_way() -> None:
    found = scores(grow(*synthetic(), "y"))
    assert found["factor"].tolist()[:2] == ["much", "little"]
    rows = found.set_index("factor")
    assert rows["score"].sum() == pytest.approx(1.0)
    assert rows.loc["much", "told"]
    assert not rows.loc["nothing", "loss"] > 0.02
    assert rows.loc["much", "correlation"] < -0.8
    assert found.attrs["skill"] > 0.8
    assert found.attrs["scored"] == 80
    pd.testing.assert_frame_equal(found, scores(grow(*synthetic(), "y")))


def test_nothing_is_told_of_chance() -> None:
    sample, runs = synthetic()
    runs["y"] = np.random.default_rng(9).normal(size=len(runs))
    assert scores(grow(sample, runs, "y")).attrs["skill"] < 0.1


def test_dependence_follows_the_outcome() -> None:
    found = dependence(FACTORS[:1], grow(*synthetic(), "y"))
    assert found["value"].tolist()[::14] == [0.0, 10.0]
    fall = found["mean"].iloc[0] - found["mean"].iloc[-1]
    assert 30.0 < fall < 42.0
    assert (found["low"] <= found["high"]).all()


def test_constant_and_missing_outcomes_are_refused() -> None:
    sample, runs = synthetic()
    with pytest.raises(InputError, match="y: 3 in all 240 runs"):
        check_values(runs.assign(y=3.0), "y")
    with pytest.raises(InputError, match="y: no run of 240 has a value"):
        grow(sample, runs.assign(y=np.nan), "y")
    with pytest.raises(InputError, match="10 points have a value; 20 are needed"):
        grow(sample, runs.assign(y=runs["y"].where(runs["point"] < 10)), "y")


def test_a_threshold_makes_an_outcome_that_happens() -> None:
    values = pd.Series([1.0, 2.0, np.nan])
    assert Threshold("y", 2.0, above=True).happens(values).tolist()[:2] == [0.0, 1.0]
    below = Threshold("y", 2.0, above=False)
    assert below.name == "y_below_2"
    assert below.happens(values).tolist()[:2] == [1.0, 0.0]
    assert np.isnan(below.happens(values)[2])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("spread"), FILE)


@pytest.fixture(scope="module")
def swept(file: Path) -> Sweep:
    return run_sweep(load_experiment(file), file.parent / "sweep")


def test_the_command_tells_of_a_continuous_outcome(
    file: Path, swept: Sweep, capsys: Capsys
) -> None:
    median = float(swept.runs["recorded_2012"].median())
    asked = [
        "sensitivity", str(file), "--out", str(swept.folder), f"--above=recorded_2012={median}",
        "--lang", "es",
    ]  # fmt: skip
    assert cli.main(asked) == 0
    folder = swept.folder / "sensitivity"
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "Un bosque de árboles" in text
    assert "zones_2009: 0 en todas las 60 simulaciones" in text.replace("\n", " ")
    for name in (
        "scores.csv", "dependence.csv", "boxes.csv",
        "figures/scores_recorded_2012_es.png", "figures/dependence_recorded_2012_es.png",
    ):  # fmt: skip
        assert (folder / name).stat().st_size > 100, name
    table = pd.read_csv(folder / "scores.csv")
    assert set(table["factor"]) == {"sanction", "homicide_level"}
    assert table["told"].all()
    boxes = pd.read_csv(folder / "boxes.csv")
    assert set(boxes["outcome"]) == {f"recorded_2012_above_{median:g}"}
    capsys.readouterr()
    assert cli.main([*asked[:-2], "--json", "--no-figures"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["factor"] for each in told["scores"]] == table["factor"].tolist()
    assert told["discoveries"][0]["outcome"] == f"recorded_2012_above_{median:g}"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("--above=recorded_2012", "must be OUTCOME=VALUE"),
        ("--below=recorded_212=3", "no outcome 'recorded_212' .did you mean 'recorded_2012'"),
    ],
)
def test_wrong_thresholds(file: Path, capsys: Capsys, given: str, told: str) -> None:
    assert cli.main(["sensitivity", str(file), given]) == 2
    assert pd.Series([capsys.readouterr().err]).str.contains(told).all()


def test_effects_of_spread_points_tells_what_outcomes_hang_on(swept: Sweep, capsys: Capsys) -> None:
    with pytest.raises(InputError, match="'trucesim sensitivity FILE --out DIR' tells"):
        effects_of(swept)
    assert cli.main(["effects", str(swept.folder), "--no-figures", "--json"]) == 0
    told = capsys.readouterr()
    assert "what all its outcomes hang on is told instead" in told.err
    assert json.loads(told.out)
    assert (swept.folder / "sensitivity" / "scores.csv").exists()


@pytest.mark.parametrize("option", ["--outcome=recorded_2012", "--baseline=3"])
def test_what_would_change_nothing_is_refused(swept: Sweep, capsys: Capsys, option: str) -> None:
    assert cli.main(["effects", str(swept.folder), option]) == 2
    assert "are no cases of their own" in capsys.readouterr().err


def test_sensitivity_of_cases_compares_them(tmp_path: Path, capsys: Capsys) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(CASES, encoding="utf-8")
    assert cli.main(["sensitivity", str(path), "--out", str(tmp_path / "s"), "--json"]) == 0
    told = capsys.readouterr()
    assert "its points are compared, run by run" in told.err
    assert {row["point"] for row in json.loads(told.out)} == {1}
    assert cli.main(["sensitivity", str(path), "--above", "recorded_2012=1"]) == 2
    path.write_text(CASES.replace("[0.2, 0.8]", "[0.2]"), encoding="utf-8")
    assert cli.main(["sensitivity", str(path), "--out", str(tmp_path / "t")]) == 2


def test_without_the_library_its_extra_is_named(
    swept: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(continuous, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"trucesim\[experiments\]"):
        report.check(swept.experiment)


def test_an_outcome_without_anything_to_tell_is_an_error(swept: Sweep) -> None:
    dull = replace(swept, experiment=replace(swept.experiment, outcomes=("zones_2009",)))
    with pytest.raises(InputError, match=r"nothing can be told.*0 in all 60 runs"):
        report.analyse(dull)
