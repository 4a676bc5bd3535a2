"""Every ablation loads and takes something out, and the script that runs them writes its files."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from folders import EXPERIMENTS

from trucesim.engine.variant import check
from trucesim.scenario.file import load_scenario

FOLDER = EXPERIMENTS / "ablations"
FILES = sorted(FOLDER.glob("*.toml"))


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_ablations", FOLDER / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_ablation_changes_something_and_says_what(path: Path, script: ModuleType) -> None:
    scenario = load_scenario(path)
    assert scenario.digest != load_scenario(script.FULL).digest
    assert "refuted" in scenario.story["en"]
    assert "refutad" in scenario.story["es"]


def test_no_two_ablations_are_the_same() -> None:
    assert len({load_scenario(path).digest for path in FILES}) == len(FILES) > 10


def test_rules_replace_rules_of_their_name(script: ModuleType) -> None:
    found = {each.name: set(check(each.rules)) for each in script.load_ablations() if each.rules}
    assert found == {
        "no-hierarchy": {"command"},
        "no-learning": {"learn"},
        "random-zones": {"sign"},
        "word-of-mouth": {"decide"},
    }
    assert {path.stem for path in FOLDER.glob("*.py")} == {*found, "run"}


def test_without_hierarchy_nothing_stands_behind_an_order(script: ModuleType) -> None:
    command = script.load_rules(FOLDER / "no-hierarchy.py")["command"]
    leadership = SimpleNamespace(gang=0, members=10, prisoners=5)
    now = SimpleNamespace(order=[1.0], channel=[0.0], guarantor=1.0, minister=0.0)
    command(leadership, now, SimpleNamespace(guarantor_floor=0.5, release_rate=0.2))
    assert (leadership.order, leadership.reach, leadership.terms) == (1, 1.0, 0.0)
    assert (leadership.assurance, leadership.returning) == (0.5, 0.1)


def test_by_word_of_mouth_only_who_is_near_is_heard(script: ModuleType) -> None:
    decide = script.load_rules(FOLDER / "word-of-mouth.py")["decide"]
    force = SimpleNamespace(deterrence=0.0)
    leadership = SimpleNamespace(order=1, terms=5.0, assurance=0.0)
    p = SimpleNamespace(trust_weight=1.0, local_gain=0.0, grievance_weight=0.0)

    def obeys(held: float, u: float, order: int = 1) -> bool:
        clique: Any = SimpleNamespace(gang=0, disposition=0.0, mood=0.0, trust=0.5, grudge=0.0)
        place = SimpleNamespace(
            members=[10], members_beside=[10], holding=[held], holding_beside=[0], terms=0.0,
            contact=[0.0],
        )  # fmt: skip
        leadership.order = order
        decide(clique, place, leadership, force, None, p, u)
        return bool(clique.complies)

    assert not obeys(held=0, u=0.5)
    assert obeys(held=0, u=0.01)  # a pioneer
    assert obeys(held=10, u=0.7)
    assert not obeys(held=10, u=0.7, order=0)


def test_change_is_paired(script: ModuleType) -> None:
    full = np.random.default_rng(1).normal(100.0, 30.0, 50)
    found = script.change(full + 1.0, full, tests=30)
    # What partners share cancels: a change far below their spread is seen.
    assert found["effect_low"] == pytest.approx(1.0)
    assert found["change_low"] == pytest.approx(1.0)
    same = script.change(full, full, tests=30)
    assert set(same.values()) == {0.0}


@pytest.mark.slow
def test_the_script_writes_all_files(
    tmp_path: Path, script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    only = ["--only", "no-sanction", "--only", "no-zones"]
    assert script.main(["--runs", "10", "--out", str(out), *only]) == 0
    figures = {f"ablations_{lang}.{kind}" for lang in ("en", "es") for kind in ("png", "pdf")}
    assert {path.name for path in out.iterdir()} == {
        "ablations.csv", "scores.csv", "README.md", *figures
    }  # fmt: skip
    table = pd.read_csv(out / "ablations.csv")
    assert list(dict.fromkeys(table["ablation"])) == [script.FULL, "no-sanction", "no-zones"]
    own = table[table["ablation"] == script.FULL]
    assert not own[["change", "effect", "moves"]].any(axis=None)
    assert not own[["lost", "gained"]].any(axis=None)
    level = table.set_index(["ablation", "pattern"]).loc[("no-sanction", "plateau_daily_mean")]
    assert level["effect"] > 0
    assert level["effect_low"] < level["effect"] < level["effect_high"]
    assert level["p05"] <= level["median"] <= level["p95"]
    # Before there is a zone, a run without zones is a run with them.
    before = table[table["pattern"].eq("first_14_days_daily_mean")].set_index("ablation")
    assert before.loc["no-zones", "effect"] == 0.0
    scores = pd.read_csv(out / "scores.csv").set_index("ablation")
    assert scores.loc["no-sanction", "fit_distance"] > scores.loc[script.FULL, "fit_distance"]
    report = (out / "README.md").read_text(encoding="utf-8")
    assert "A mechanism that earns nothing" in report
    assert "never used to choose" in report
    assert "7 files" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--runs", "3"], "--runs 3: 10 at least"),
        (["--runs", "0"], "runs = 0"),
        (["--only", "no-guarantr", "--out", "x"], "did you mean 'no-guarantor'?"),
        (["--only", "no-guarantor"], "give --out too"),
    ],
)
def test_wrong_input_is_explained(
    arguments: list[str], message: str, script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_other_peoples_folders_are_left_alone(
    tmp_path: Path, script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    assert script.main(["--out", str(tmp_path)]) == 2
    assert "holds other things" in capsys.readouterr().err
