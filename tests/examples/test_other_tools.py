"""The examples for SALib and scikit-learn run, and find what they should."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from folders import EXAMPLES


def example(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module(name)


@pytest.mark.slow
def test_salib_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    morris = example("salib_morris", monkeypatch)
    found = morris.screen(2)
    assert list(found.index) == morris.NAMES
    assert np.isfinite(found["mu_star"]).all()
    assert found["mu_star"].max() > 0.0


def test_scikit_learn_on_an_export(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    table = pd.DataFrame({"point": np.arange(120) // 4, "run": np.arange(120) % 4})
    table["isolation"] = chance.choice(["2013-06-01", "2015-02-19"], 120)
    table["turnover"] = chance.random(120)
    table["recorded_2013"] = 1000.0 * (table["isolation"] == "2013-06-01") + table["turnover"]
    table.to_csv(tmp_path / "runs.csv", index=False)
    drawn = table[["point", "run"]].assign(sanction=chance.random(120))
    drawn.to_csv(tmp_path / "parameters.csv", index=False)
    sklearn = example("sklearn_on_export", monkeypatch)
    found = sklearn.importance(tmp_path, "recorded_2013")
    assert found.index[0].startswith("isolation")
    assert {"turnover", "sanction"} < set(found.index)
