"""Sensitivity on functions whose answer is known: linear, Ishigami's, a box; and on pure chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample
from scipy.stats import qmc

from trucesim.files.errors import InputError
from trucesim.studies.experiment import discovery, sensitivity
from trucesim.studies.experiment.design import Factor


def factor(name: str, low: float = 0.0, high: float = 1.0, scale: str = "linear") -> Factor:
    return Factor(name, low, high, scale, {"en": name, "es": name}, "1", "uncertainty")


def problem(factors: list[Factor]) -> dict[str, Any]:
    return {
        "num_vars": len(factors),
        "names": [each.name for each in factors],
        "bounds": [[0.0, 1.0]] * len(factors),
    }


def table(factors: list[Factor], shares: NDArray[np.float64]) -> pd.DataFrame:
    names = [each.name for each in factors]
    return pd.DataFrame(shares, columns=names).rename_axis("point")


def valued(factors: list[Factor], sample: pd.DataFrame) -> pd.DataFrame:
    """Give the factors' own values."""
    return pd.DataFrame({each.name: each.value(sample[each.name]) for each in factors})


def runs_of(values: NDArray[np.float64], name: str = "y") -> pd.DataFrame:
    """Lay out values of shape (point, run)."""
    points, replicates = values.shape
    return pd.DataFrame(
        {
            "point": np.repeat(np.arange(points), replicates),
            "run": np.tile(np.arange(replicates), points),
            name: values.ravel(),
        }
    )


# --- Morris -------------------------------------------------------------------------------------

LINEAR = [factor("a", -1, 1), factor("b", 0, 10), factor("c", 1, 100, "log"), factor("d")]
SLOPES = np.array([1.0, -8.0, 3.0, 0.0])
"""Effect of each factor over its whole range."""


@pytest.fixture(scope="module")
def trajectories() -> pd.DataFrame:
    return table(LINEAR, morris_sample.sample(problem(LINEAR), 20, num_levels=4, seed=3))


def linear(points: pd.DataFrame) -> NDArray[np.float64]:
    return points.to_numpy() @ SLOPES


def test_screening_a_linear_function(trajectories: pd.DataFrame) -> None:
    found = sensitivity.screen(trajectories, runs_of(linear(trajectories)[:, None]), "y")
    assert list(found["factor"]) == ["b", "c", "a", "d"]
    found = found.set_index("factor").loc[["a", "b", "c", "d"]]
    np.testing.assert_allclose(found["mu"], SLOPES, atol=1e-9)
    np.testing.assert_allclose(found["mu_star"], np.abs(SLOPES), atol=1e-9)
    np.testing.assert_allclose(found["sigma"], 0.0, atol=1e-9)
    np.testing.assert_allclose(found["high"] - found["low"], 0.0, atol=1e-9)
    assert found["by_chance"].isna().all()


def test_interaction_shows_as_spread(trajectories: pd.DataFrame) -> None:
    shares = trajectories.to_numpy()
    values = 4 * shares[:, 0] * shares[:, 1] + 4 * shares[:, 2]
    found = sensitivity.screen(trajectories, runs_of(values[:, None]), "y")
    found = found.set_index("factor")
    assert found.loc["a", "sigma"] > 0.5
    assert found.loc["c", "sigma"] == pytest.approx(0.0, abs=1e-9)
    assert found.loc["a", "low"] < found.loc["a", "mu_star"] < found.loc["a", "high"]


def test_chance_alone_gives_the_mean_size_that_is_told(trajectories: pd.DataFrame) -> None:
    rng = np.random.default_rng(5)
    shared = 50 * rng.standard_normal((1, 4))
    many = [
        sensitivity.screen(
            trajectories,
            runs_of(linear(trajectories)[:, None] + shared + rng.standard_normal((100, 4))), "y",
        ).set_index("factor")
        for _ in range(40)
    ]  # fmt: skip
    idle = pd.DataFrame([each.loc["d", ["mu_star", "by_chance"]] for each in many]).astype(float)
    # Four runs: the standard error of so few is small by a factor of about 0.92.
    assert idle["by_chance"].mean() == pytest.approx(idle["mu_star"].mean(), rel=0.12)
    assert idle["mu_star"].mean() > 0.5
    # What the runs share falls out, however large it is.
    assert abs(many[0].loc["b", "mu"] - SLOPES[1]) < 1.0


def test_a_trajectory_with_a_missing_point_is_left_out(trajectories: pd.DataFrame) -> None:
    runs = runs_of(linear(trajectories)[:, None])
    found = sensitivity.screen(trajectories, runs[runs["point"] != 7], "y")
    assert found.attrs == {"used": 19, "left_out": 1}
    np.testing.assert_allclose(found["mu_star"], np.sort(np.abs(SLOPES))[::-1], atol=1e-9)
    with pytest.raises(InputError, match="3 of 20 trajectories"):
        sensitivity.screen(trajectories, runs[runs["point"] < 15], "y")


def test_points_that_are_no_trajectories(trajectories: pd.DataFrame) -> None:
    runs = runs_of(linear(trajectories)[:, None])
    with pytest.raises(InputError, match="neighbours must differ in one"):
        sensitivity.screen(trajectories.sample(frac=1.0, random_state=1), runs, "y")
    with pytest.raises(InputError, match="99 points"):
        sensitivity.screen(trajectories.iloc[:99], runs, "y")


def test_factors_are_chosen_by_their_share_of_any_outcome_beyond_chance() -> None:
    def outcome(name: str, **stars: float) -> pd.DataFrame:
        star = np.array(list(stars.values()))
        return pd.DataFrame(
            {"scenario": "s", "outcome": name, "factor": list(stars), "mu_star": star,
             "low": 0.8 * star, "by_chance": 1.0}
        )  # fmt: skip

    indices = pd.concat(
        [outcome("large", a=1000.0, b=400.0, c=1.0), outcome("small", a=1.5, b=2.0, c=5.0, d=1.1)]
    )
    # d reaches 22% of the largest effect on "small", but no more than chance would give.
    assert sensitivity.chosen(indices) == ["a", "c", "b", "d"]
    assert sensitivity.chosen(indices, 2) == ["a", "c"]
    unknown = indices.assign(by_chance=np.nan)
    assert sensitivity.chosen(unknown) == ["a", "c", "b", "d"]


# --- Sobol --------------------------------------------------------------------------------------

ISHIGAMI = [factor(name, -np.pi, np.pi) for name in ("x1", "x2", "x3", "idle")]


@pytest.fixture(scope="module")
def matrix() -> pd.DataFrame:
    given = problem(ISHIGAMI)
    return table(ISHIGAMI, sobol_sample.sample(given, 1024, calc_second_order=False, seed=2))


def ishigami(points: pd.DataFrame) -> NDArray[np.float64]:
    x1, x2, x3 = (valued(ISHIGAMI, points)[name].to_numpy() for name in ("x1", "x2", "x3"))
    values: NDArray[np.float64] = np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)
    return values


# Ishigami and Homma (1990), with a = 7 and b = 0.1.
FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0, "idle": 0.0}
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437, "idle": 0.0}


def test_ishigami(matrix: pd.DataFrame) -> None:
    found = sensitivity.decompose(matrix, runs_of(ishigami(matrix)[:, None]), "y")
    assert list(found["factor"]) == ["x1", "x2", "x3", "idle"]
    for row in found.to_dict("records"):
        for name, truth in (("first", FIRST), ("total", TOTAL)):
            assert row[name] == pytest.approx(truth[row["factor"]], abs=0.04)
            assert row[f"{name}_low"] - 0.02 <= truth[row["factor"]] <= row[f"{name}_high"] + 0.02
    assert found.loc[3, "total"] == 0.0
    again = sensitivity.decompose(matrix, runs_of(ishigami(matrix)[:, None]), "y")
    pd.testing.assert_frame_equal(found, again)


@pytest.mark.slow
def test_what_runs_share_leaves_the_indices_alone(matrix: pd.DataFrame) -> None:
    shared = 100 * np.random.default_rng(1).standard_normal((1, 3))
    plain = sensitivity.decompose(matrix, runs_of(ishigami(matrix)[:, None]), "y")
    moved = sensitivity.decompose(matrix, runs_of(ishigami(matrix)[:, None] + shared), "y")
    np.testing.assert_allclose(plain["total"], moved["total"], atol=1e-6)


def test_blocks_with_a_missing_point_are_left_out(matrix: pd.DataFrame) -> None:
    runs = runs_of(ishigami(matrix)[:, None])
    found = sensitivity.decompose(matrix, runs[~runs["point"].isin([0, 5, 600])], "y")
    assert found.attrs == {"used": 1022, "left_out": 2}
    assert found.loc[0, "total"] == pytest.approx(TOTAL["x1"], abs=0.05)


def test_an_outcome_that_does_not_vary_has_no_indices(matrix: pd.DataFrame) -> None:
    found = sensitivity.decompose(matrix, runs_of(np.ones((len(matrix), 1))), "y")
    assert found[["first", "total"]].isna().all(axis=None)


# --- Chance -------------------------------------------------------------------------------------


def test_shares_of_chance(matrix: pd.DataFrame) -> None:
    rng = np.random.default_rng(4)
    points = matrix.iloc[:4000:1]
    systematic = 2 * rng.standard_normal((len(points), 1))
    common = 3 * rng.standard_normal((1, 400))
    own = rng.standard_normal((len(points), 400))
    found = sensitivity.chance(points, runs_of(systematic + common + own), "y")
    variance = 4 + common.var(ddof=1) + 1
    assert found["chance"] == pytest.approx(1 - 4 / variance, abs=0.02)
    # What is common to a run number falls out of the means; the rest shrinks with their number.
    assert found["chance_in_means"] == pytest.approx(1 / 400 / 4, rel=0.1)
    assert found["replicates"] == 400
    few = sensitivity.chance(points, runs_of(systematic + common[:, :4] + own[:, :4]), "y")
    assert few["chance_in_means"] == pytest.approx(0.25 / (4 + 0.25), rel=0.1)


def test_one_run_a_point_cannot_tell_chance(matrix: pd.DataFrame) -> None:
    found = sensitivity.chance(matrix, runs_of(ishigami(matrix)[:, None]), "y")
    assert np.isnan(found["chance"])
    assert np.isnan(found["chance_in_means"])
    assert found["sd"] == pytest.approx(3.72, abs=0.05)


# --- Where it happens ---------------------------------------------------------------------------

SPACE = [factor("a", 10, 20), factor("b", 1, 100, "log"), *(factor(f"idle{n}") for n in range(6))]
BOX = {"a": (None, 13.0), "b": (15.8489, None)}
"""The lower 30% of a with the upper 40% of b (a logarithmic scale)."""


@pytest.fixture(scope="module")
def spread() -> pd.DataFrame:
    return table(SPACE, qmc.LatinHypercube(len(SPACE), rng=8).random(1500))


def in_box(points: pd.DataFrame, replicates: int = 1) -> pd.DataFrame:
    """Let it happen with probability 0.9 in the box and 0.05 elsewhere."""
    rng = np.random.default_rng(11)
    values = valued(SPACE, points)
    inside = (values["a"] < 13.0) & (values["b"] > 15.8489)
    often = np.where(inside, 0.9, 0.05)[:, None]
    return runs_of((rng.random((len(points), replicates)) < often).astype(float), "falls")


@pytest.mark.parametrize("replicates", [1, 3])
def test_a_known_box_is_found(spread: pd.DataFrame, replicates: int) -> None:
    found = discovery.discover(SPACE, spread, in_box(spread, replicates), "falls")
    assert found.holds
    assert found.base == pytest.approx(0.12 * 0.9 + 0.88 * 0.05, abs=0.02)
    limits = found.limits[found.limits["box"] == 1].set_index("factor")
    assert set(limits.index) == {"a", "b"}
    assert limits.loc["a", "high"] == pytest.approx(13.0, abs=0.2)
    assert np.isnan(limits.loc["a", "low"])
    assert limits.loc["b", "low"] == pytest.approx(15.85, rel=0.1)
    assert np.isnan(limits.loc["b", "high"])
    expected = 0.12 * 0.9 / (0.12 * 0.9 + 0.88 * 0.05)
    assert found.boxes.loc[0, "density"] == pytest.approx(0.9, abs=0.06)
    assert found.boxes.loc[0, "coverage"] == pytest.approx(expected, abs=0.06)
    assert found.density == pytest.approx(0.9, abs=0.08)
    assert found.coverage == pytest.approx(expected, abs=0.1)
    # The best there is: 1 - the expected variance that is left by that of all.
    best = 1 - (0.12 * 0.09 + 0.88 * 0.0475) / (found.base * (1 - found.base))
    assert found.skill == pytest.approx(best, abs=0.12)


def test_smaller_trees_are_the_beginnings_of_the_largest(spread: pd.DataFrame) -> None:
    shares, happened = spread.to_numpy(), in_box(spread)["falls"].to_numpy()
    rng = np.random.default_rng(2)
    happened = np.where(rng.random(len(happened)) < 0.1, 1 - happened, happened)
    largest = discovery._fit(discovery.MOST_LEAVES, shares[:1000], happened[:1000])
    told = discovery._told_by_size(largest, shares[1000:])
    for leaves in range(1, discovery.MOST_LEAVES + 1):
        own = discovery._fit(leaves, shares[:1000], happened[:1000])
        assert own.get_n_leaves() == leaves
        np.testing.assert_allclose(told[:, leaves - 1], own.predict(shares[1000:]), atol=1e-12)


@pytest.mark.slow
def test_chance_is_not_taken_for_a_finding(spread: pd.DataFrame) -> None:
    held = []
    for seed in range(4):
        values = (np.random.default_rng(seed).random((len(spread), 1)) < 0.3).astype(float)
        found = discovery.discover(SPACE, spread, runs_of(values, "falls"), "falls")
        held.append(found.holds)
        assert found.skill < 0.02
    assert sum(held) <= 1


def test_factors_that_matter_where_it_happens(spread: pd.DataFrame) -> None:
    found = discovery.regional(SPACE, spread, in_box(spread), "falls")
    assert list(found["factor"][:2]) in (["a", "b"], ["b", "a"])
    assert (found["p_adjusted"][:2] < 1e-6).all()
    assert (found["p_adjusted"][2:] > 0.01).all()
    assert (found["p_adjusted"] >= found["p_value"]).all()
    row = found.set_index("factor").loc["a"]
    assert row["median_where"] < 14 < row["median_elsewhere"]
    assert found.attrs["where"] + found.attrs["elsewhere"] == len(spread)


def test_independent_points(matrix: pd.DataFrame, spread: pd.DataFrame) -> None:
    assert discovery.independent(spread, "latin-hypercube") is spread
    bases = discovery.independent(matrix, "sobol")
    assert len(bases) == 2 * 1024
    assert list(bases.index[:4]) == [0, 5, 6, 11]
    assert not bases.duplicated().any()
    with pytest.raises(InputError, match="not drawn independently"):
        discovery.independent(matrix, "morris")


def test_too_little_to_compare(spread: pd.DataFrame) -> None:
    never = runs_of(np.zeros((len(spread), 1)), "falls")
    with pytest.raises(InputError, match="10 of each"):
        discovery.regional(SPACE, spread, never, "falls")
    found = discovery.discover(SPACE, spread, never, "falls")
    assert not found.holds
    assert found.boxes.empty
    with pytest.raises(InputError, match="not an outcome of 0 and 1"):
        discovery.discover(SPACE, spread, runs_of(np.full((1500, 1), 0.5), "falls"), "falls")
    with pytest.raises(InputError, match="50 are needed"):
        discovery.discover(SPACE, spread.iloc[:40], in_box(spread.iloc[:40]), "falls")
