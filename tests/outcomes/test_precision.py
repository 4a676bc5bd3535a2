"""Effects of pairs, what pairing gains, how many runs an error bar needs: against known truth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from trucesim.files.errors import InputError
from trucesim.studies.experiment import precision

SHARED, OWN = 3.0, 1.0
"""Standard deviations of what the sides of a pair share, and of what each has for itself."""


def pairs(runs: int, seed: int, effect: float = 2.0) -> pd.DataFrame:
    """Two points whose runs share most of their chance; point 1 lies higher by an effect."""
    rng = np.random.default_rng(seed)
    shared = SHARED * rng.standard_normal(runs)
    own = OWN * rng.standard_normal((2, runs))
    return frame([10.0 + shared + own[0], 10.0 + effect + shared + own[1]])


def frame(values: list[NDArray[np.float64]]) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame({"point": point, "run": np.arange(len(each)), "fall": each})
            for point, each in enumerate(values)
        ]
    )


def test_effects_of_normals_are_those_of_the_closed_form() -> None:
    runs = 20_000
    (row,) = precision.effects(pairs(runs, 1), "fall", 0).to_dict("records")
    assert row["point"] == 1
    assert row["pairs"] == runs
    paired = math.sqrt(2 * OWN**2 / runs)
    assert row["effect"] == pytest.approx(2.0, abs=4 * paired)
    assert row["mean"] - row["baseline_mean"] == pytest.approx(row["effect"])
    assert row["se_paired"] == pytest.approx(paired, rel=0.03)
    assert row["se_unpaired"] == pytest.approx(math.sqrt(2 * (SHARED**2 + OWN**2) / runs), rel=0.03)
    assert row["variance_reduction"] == pytest.approx((SHARED**2 + OWN**2) / OWN**2, rel=0.05)
    assert row["median"] == pytest.approx(2.0, abs=0.05)
    assert row["p95"] - row["p05"] == pytest.approx(2 * 1.645 * math.sqrt(2) * OWN, rel=0.05)
    # A normal of mean 2 and this spread lies below 0 so often.
    expected = 0.5 * math.erfc(2.0 / math.sqrt(2) / math.sqrt(2 * OWN**2))
    assert row["share_lower"] == pytest.approx(expected, abs=0.01)
    assert row["share_equal"] == 0.0


@pytest.mark.slow
def test_standard_errors_are_the_spread_over_repetitions() -> None:
    found = pd.concat([precision.effects(pairs(50, seed), "fall", 0) for seed in range(400)])
    assert found["effect"].std() == pytest.approx(found["se_paired"].mean(), rel=0.1)
    assert found["effect"].std() < found["se_unpaired"].mean() / 2
    sides = [(pairs(50, seed)["fall"], pairs(50, seed + 9999)["fall"]) for seed in range(400)]
    apart = pd.concat(
        [
            precision.effects(frame([a.to_numpy()[:50], b.to_numpy()[50:]]), "fall", 0)
            for a, b in sides
        ]
    )
    assert apart["effect"].std() == pytest.approx(apart["se_unpaired"].mean(), rel=0.1)
    # Where nothing is shared, pairing gains nothing.
    assert apart["variance_reduction"].median() == pytest.approx(1.0, abs=0.1)


def test_pairs_are_matched_by_run_number_and_need_both_sides() -> None:
    runs = pairs(6, 3).sample(frac=1.0, random_state=1)
    runs.loc[(runs["point"] == 1) & (runs["run"] == 2), "fall"] = np.nan
    runs = runs[~((runs["point"] == 0) & (runs["run"] == 4))]
    (row,) = precision.effects(runs, "fall", 0).to_dict("records")
    assert row["pairs"] == 4
    kept = runs[runs["run"].isin([0, 1, 3, 5])].pivot(index="run", columns="point", values="fall")
    assert row["effect"] == pytest.approx((kept[1] - kept[0]).mean())


def test_alike_differences_say_so_and_a_lone_pair_has_no_error() -> None:
    same = frame([np.arange(5.0), np.arange(5.0) + 1.0])
    (row,) = precision.effects(same, "fall", 0).to_dict("records")
    assert row["se_paired"] == 0.0
    assert row["variance_reduction"] == math.inf
    (row,) = precision.effects(same[same["run"] == 0], "fall", 0).to_dict("records")
    assert row["effect"] == 1.0
    assert math.isnan(row["se_paired"])
    (row,) = precision.effects(same[(same["run"] < 2) ^ (same["point"] == 1)], "fall", 0).to_dict(
        "records"
    )
    assert row["pairs"] == 0
    assert math.isnan(row["effect"])


def test_needed_runs_follow_the_closed_form() -> None:
    table = precision.needed(pairs(20_000, 5), "fall", 0, 0.01)
    means = table[table["what"] == "mean"].set_index("point")
    assert means.loc[0, "paired"] == pytest.approx((SHARED**2 + OWN**2) / 1e-4, rel=0.04)
    assert means["unpaired"].isna().all()
    (effect,) = table[table["what"] == "effect"].to_dict("records")
    assert effect["paired"] == pytest.approx(2 * OWN**2 / 1e-4, rel=0.04)
    assert effect["unpaired"] == pytest.approx(2 * (SHARED**2 + OWN**2) / 1e-4, rel=0.04)
    assert effect["value"] == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("side", ["paired", "unpaired"])
@pytest.mark.slow
def test_the_interval_of_needed_runs_covers(side: str) -> None:
    variance = {"paired": 2 * OWN**2, "unpaired": 2 * (SHARED**2 + OWN**2)}[side]
    truth = variance / 0.1**2
    covered = []
    for seed in range(500):
        table = precision.needed(pairs(64, seed), "fall", 0, 0.1)
        (row,) = table[table["what"] == "effect"].to_dict("records")
        covered.append(row[f"{side}_low"] <= truth <= row[f"{side}_high"])
        assert row[f"{side}_low"] <= row[side] <= row[f"{side}_high"]
    assert 0.84 <= np.mean(covered) <= 0.95


def test_as_many_runs_as_needed_give_the_error() -> None:
    errors = []
    for seed in range(60):
        table = precision.needed(pairs(64, seed), "fall", 0, 0.1)
        needed = int(table.loc[table["what"] == "effect", "paired"].iloc[0])
        (row,) = precision.effects(pairs(needed, seed + 1000), "fall", 0).to_dict("records")
        errors.append(row["se_paired"])
    assert np.mean(errors) == pytest.approx(0.1, rel=0.06)


def test_a_pilot_whose_runs_are_alike_tells_nothing() -> None:
    table = precision.needed(frame([np.zeros(64), np.zeros(64)]), "fall", 0, 0.1)
    assert table[["paired", "unpaired", "paired_low", "unpaired_high"]].isna().all(axis=None)


@pytest.mark.parametrize("error", [0.0, -1.0, math.nan, math.inf])
def test_an_error_that_is_none(error: float) -> None:
    with pytest.raises(InputError, match="above 0"):
        precision.needed(pairs(64, 1), "fall", 0, error)


def test_wrong_names_numbers_and_sizes() -> None:
    with pytest.raises(InputError, match="did you mean 'fall'"):
        precision.effects(pairs(5, 1), "fal", 0)
    with pytest.raises(InputError, match="no outcome 'run'"):
        precision.effects(pairs(5, 1), "run", 0)
    with pytest.raises(InputError, match="baseline 7"):
        precision.effects(pairs(5, 1), "fall", 7)
    with pytest.raises(InputError, match="a pilot needs 8"):
        precision.needed(pairs(5, 1), "fall", 0, 1.0)
    with pytest.raises(InputError, match="stands twice"):
        precision.effects(pd.concat([pairs(5, 1), pairs(5, 1)]), "fall", 0)
