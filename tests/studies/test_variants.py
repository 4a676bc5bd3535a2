"""Structural variants: what a plan may declare, scores, and how the model's own luck is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trucesim.cli import main
from trucesim.files.errors import InputError
from trucesim.parameters import uncertain
from trucesim.reports.variants import write
from trucesim.runs.sampling import to_prior
from trucesim.studies import calibration, variants
from trucesim.studies.calibration import Plan, Table, load_plan
from trucesim.studies.variants import MODEL, REPEATS, compare_variants, summarise

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "experiments" / "calibration" / "plan.toml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(PLAN)


def test_a_variant_fixes_what_it_says_and_nothing_else(plan: Plan) -> None:
    assert not plan.fixed
    assert not plan.record.parameters
    spells = plan.variant("no-spells")
    assert dict(spells.record.parameters) == {"spell_onset": 0.0}
    assert spells.climate == plan.climate
    assert spells.statistics == plan.statistics
    assert plan.variant("no-climate").climate == (0.0,)
    # All that any of them takes out is out of the last.
    *others, last = plan.variants.values()
    assert set(last) >= {name for fixed in others for name in fixed}
    assert set(last.values()) == {0.0}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("no-wearing = { wearingg = 0.0 }", "variants.no-wearing.*did you mean 'wearing'"),
        ("no-wearing = { wearing = 9.0 }", "variants.no-wearing.*or 0: without it"),
        ("no-wearing = 0.0", "variants.no-wearing must be a table"),
        ("no-wearing = {}", "variants.no-wearing must be a table"),
        ('"the model" = { wearing = 0.0 }', "small letters"),
    ],
)
def test_what_is_no_variant_is_refused(given: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    text = PLAN.read_text(encoding="utf-8")
    path.write_text(text.replace("no-wearing = { wearing = 0.0 }", given), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_plan(path)


def test_wrong_numbers_and_names_are_refused_before_anything_runs(
    plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match="declares no variants"):
        compare_variants(replace(plan, variants={}), 2_000, tmp_path / "a")
    out = ["--out", str(tmp_path / "b")]
    assert main(["variants", str(PLAN), "--only", "no-spell", *out]) == 2
    assert "did you mean 'no-spells'" in capsys.readouterr().err
    assert main(["variants", str(PLAN), "--runs", "5", *out]) == 2
    assert "runs = 5" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_each_fit_has_runs_of_its_own_and_is_kept(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "CHUNK", 10)
    monkeypatch.setattr(calibration, "FEWEST_RUNS", 10)
    monkeypatch.setattr(variants, "FEWEST_RUNS", 10)
    seen: list[tuple[Plan, Table]] = []

    def scores(plan: Plan, table: Table, *_: Any) -> Iterator[dict[str, Any]]:
        seen.append((plan, table))
        for what, values in ((variants.MONTHS, 12), (variants.PATTERNS, 30)):
            yield {
                "what": what, "block": "2015", "treatment": "own", "values": values,
                "inside": 0.5, "counted": 0.5, "crps": float(len(seen)), "log_score": -1.0,
            }  # fmt: skip

    monkeypatch.setattr(variants, "_scores", scores)
    found = compare_variants(plan, 10, tmp_path, only=["no-spells"], block_runs=3)
    assert [len(table) for _, table in seen] == [10] * (REPEATS + 1)
    months = [table.statistics[:, len(plan.beside) :] for _, table in seen]
    for one, other in pairwise(months):
        assert not np.array_equal(one, other)
    # The variant's runs have the draws of the model's first ones, but no spells.
    assert not np.array_equal(months[0], months[-1])
    np.testing.assert_array_equal(seen[0][1].parameters, seen[-1][1].parameters)
    assert dict(seen[-1][0].fixed) == {"spell_onset": 0.0}
    assert found["variant"].unique().tolist() == [MODEL, "no-spells"]
    again = compare_variants(plan, 10, tmp_path, only=["no-spells"], block_runs=3)
    assert len(seen) == REPEATS + 1
    pd.testing.assert_frame_equal(again, found)
    compare_variants(plan, 10, tmp_path, only=["no-spells"], block_runs=4)
    assert len(seen) == 2 * (REPEATS + 1)
    assert {path.name for path in write(found, plan, 10, tmp_path, command="it")} == {
        "scores.csv", "summary.csv", "README.md", "manifest.json",
    }  # fmt: skip
    assert "spell_onset = 0" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_scores_are_of_what_a_fit_has_not_seen(plan: Plan) -> None:
    small = replace(plan, climate=(0.2,), blocks=("2015",), pooled=1)
    generator = np.random.default_rng(3)
    unit = generator.random((2_000, len(uncertain())))
    statistics = np.exp(generator.normal(size=(2_000, len(plan.statistics))))
    statistics[:, -1] = np.exp(unit[:, 4])
    table = Table(to_prior(unit), statistics)
    scored = pd.DataFrame(list(variants._scores(small, table, 12, None, None)))
    assert set(scored["block"]) == {calibration.WHOLE, "2015"}
    months = scored[scored["what"] == variants.MONTHS]
    assert months["treatment"].tolist() == ["given", "own"]
    assert (months["values"] == 12).all()
    # Of statistics beside the months, those that lie wholly in the block.
    beside = scored.set_index("what")["values"]
    within = [name for name in plan.beside if "2015" in name]
    departments = sum(name.startswith("departments") for name in within)
    assert beside[variants.DEPARTMENTS] == departments
    assert beside[variants.OTHERS] == len(within) - departments


def test_a_variant_is_worse_clearly_beyond_the_worst_of_the_models_own_fits() -> None:
    rows = [
        {
            "variant": name, "repeat": repeat, "what": variants.MONTHS, "block": block,
            "treatment": "own", "values": values, "inside": 0.9, "counted": 0.5,
            "crps": crps + off, "log_score": -crps,
        }
        for name, repeat, crps in ((MODEL, 0, 10.0), (MODEL, 1, 12.0), ("same", 0, 12.9),
                                   ("lesser", 0, 13.1))
        for block, values, off in (("2015", 12, 3.0), ("2013-07..2014-12", 18, -2.0))
    ]  # fmt: skip
    found = summarise(pd.DataFrame(rows)).set_index(["variant", "repeat"])
    # Months count alike: 12 that are 3 too high and 18 that are 2 too low make none.
    assert found.loc[("same", 0), "crps_own"] == pytest.approx(12.9)
    both = "crps_own, log_score_own"
    assert found["worse"].tolist() == ["", "", both, both]
    assert found["clearly_worse"].tolist() == ["", "", "", both]
