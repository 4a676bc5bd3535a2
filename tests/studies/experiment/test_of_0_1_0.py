"""An experiment and a sweep of version 0.1.0 open for ever, and their numbers stay."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from folders import OF_0_1_0

from trucesim import cli
from trucesim.studies.experiment import load_experiment, open_sweep, points

LEVERS = ["scenario", "repression", "truce"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A copy of the sweep and of the experiment's file, and no other."""
    shutil.copytree(OF_0_1_0 / "sweep", tmp_path / "sweep")
    shutil.copy(OF_0_1_0 / "small.toml", tmp_path)
    before = contents(tmp_path / "sweep")
    yield tmp_path / "sweep"
    # Nothing that reads a sweep changes it.
    after = contents(tmp_path / "sweep")
    assert {name: after[name] for name in before} == before


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_same_table(path: Path, of: str) -> None:
    """Assert that a table holds the numbers that 0.1.0 wrote, further columns aside."""
    expected = pd.read_csv(OF_0_1_0 / "tables" / of)
    found = pd.read_csv(path)
    assert set(expected) <= set(found)
    pd.testing.assert_frame_equal(found[list(expected)], expected, rtol=1e-5, check_dtype=False)


def test_the_experiment_lays_out_the_same_points() -> None:
    design = points(load_experiment(OF_0_1_0 / "small.toml")).frame
    stored = pd.read_csv(OF_0_1_0 / "sweep" / "design.csv", dtype=str)
    assert list(design) == LEVERS
    for name in LEVERS:
        assert [str(value) for value in design[name]] == list(stored[name])


def test_the_sweep_opens(folder: Path) -> None:
    sweep = open_sweep(folder)
    assert sweep.complete
    assert sweep.failures == []
    assert list(sweep.design) == LEVERS
    assert len(sweep.design) == 4
    expected = pd.read_csv(OF_0_1_0 / "tables" / "runs.csv")
    outcomes = list(sweep.experiment.outcomes)
    assert list(sweep.runs) == ["point", "run", *outcomes]
    np.testing.assert_array_equal(sweep.runs[["point", "run"]], expected[["point", "run"]])
    np.testing.assert_allclose(sweep.runs[outcomes], expected[outcomes])
    summary = sweep.summary.set_index(["point", "outcome"])["mean"]
    means = expected.groupby("point")[outcomes].mean()
    for point, outcome in summary.index:
        assert summary[point, outcome] == pytest.approx(means.loc[point, outcome])
    data = sweep.dataset()
    assert data["recorded_national"].dims == ("point", "run", "month")
    by_month = pd.read_csv(OF_0_1_0 / "tables" / "runs_monthly.csv")["recorded"].sum()
    assert int(data["recorded_national"].sum()) == by_month


def test_municipal_histograms_add_up_to_the_months(folder: Path) -> None:
    sweep = open_sweep(folder)
    months = sweep.months()
    for point in sweep.design.index:
        histogram, runs = sweep.municipal_histogram(int(point))
        assert runs == 6
        assert histogram.sum(-1).max() <= runs
        found = (histogram * np.arange(histogram.shape[-1])).sum((1, 2))
        national = months[months["point"] == point].drop(columns=["point", "run"]).sum()
        np.testing.assert_array_equal(found[: len(national)], national)


def test_effects_are_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["effects", str(folder), "--no-figures"]) == 0
    assert "Repression" in capsys.readouterr().out
    assert_same_table(folder / "effects.csv", "effects.csv")


@pytest.mark.parametrize(
    ("shape", "table"), [("wide", "runs.csv"), ("monthly", "runs_monthly.csv")]
)
def test_exports_are_the_same(folder: Path, tmp_path: Path, shape: str, table: str) -> None:
    out = tmp_path / "out"
    arguments = ["export", str(folder), "--to", "csv", "--shape", shape, "--out", str(out)]
    assert cli.main(arguments) == 0
    assert_same_table(out / table, table)


def test_without_its_manifest_it_is_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").unlink()
    for more in ([], ["--resume"]):
        arguments = ["sweep", str(folder.parent / "small.toml"), "--out", str(folder), *more]
        assert cli.main(arguments) == 1
        assert "those of 0.1.0 do not" in capsys.readouterr().err
    (folder / "manifest.json").write_bytes(kept)
