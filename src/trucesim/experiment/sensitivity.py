"""Which parameters an outcome hangs on: screening, shares of variance, and where a truce falls.

Every function takes tables and not folders: the design's ``points`` (one row a point, one column a
factor), its ``factors``, and ``runs`` (``point``, ``run`` and a column an outcome). The indices are
SALib's, on the mean over the runs of each point; the tree is scikit-learn's; the two-sample test is
SciPy's.

Chance is no factor. Runs of the same number share their draws at every point, so what chance does
alike everywhere falls out of the indices; what it does differently from point to point does not,
and is measured beside them (`chance`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trucesim.errors import InputError
from trucesim.experiment.precision import by_run

if TYPE_CHECKING:
    from trucesim.experiment.design import Factor

FloatArray = NDArray[np.float64]

CONFIDENCE = 0.95
"""Of the intervals of all indices."""

RESAMPLES = 1000
"""Bootstrap samples behind each interval."""

SEED = 1
"""Of the bootstrap and of the folds, so that the same runs give the same tables."""

FEWEST = 4
"""Trajectories, or rows of a base sample, without which no interval means anything."""

MOST_LEAVES = 8
"""A region that people can read has no more."""

FOLDS = 10

FEWEST_IN_A_LEAF = 20


# --- Means and chance ---------------------------------------------------------------------------


def _laid_out(points: pd.DataFrame, runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Lay an outcome out, one row a point of the design; NaN where a run is missing."""
    return by_run(runs, outcome).reindex(points.index)


def chance(points: pd.DataFrame, runs: pd.DataFrame, outcome: str) -> dict[str, float]:
    """Tell how much of an outcome's variance is chance and not the factors.

    Parameters
    ----------
    points, runs : pandas.DataFrame
        The design, and its runs.
    outcome : str

    Returns
    -------
    dict of str to float
        ``mean`` and ``sd`` of single runs over the whole design (in the outcome's unit);
        ``chance``: the share of that variance that lies between runs of the same point, which no
        factor can explain; ``chance_in_means``: the share of the variance of the points' means, on
        which indices are computed, that is left of chance: what runs of one number do alike at
        every point is taken out. Both NaN with one run a point. ``points`` and ``replicates``
        (median over points) are those with a value.
    """
    table = _laid_out(points, runs, outcome)
    table = table[table.notna().any(axis=1)]
    values = table.to_numpy()
    means = np.nanmean(values, axis=1)
    replicates = table.notna().sum(axis=1)
    found = {
        "points": float(len(table)),
        "replicates": float(replicates.median()),
        "mean": float(means.mean()),
        "sd": float(np.nanstd(values)),
        "chance": np.nan,
        "chance_in_means": np.nan,
    }
    several = (replicates >= 2).to_numpy()
    if several.sum() < 2:
        return found
    within = float(np.nanvar(values[several], axis=1, ddof=1).mean())
    of_means = float(np.var(means[several], ddof=1))
    between = max(of_means - within / float(replicates[several].mean()), 0.0)
    if within + between > 0:
        found["chance"] = within / (within + between)
    whole = values[~np.isnan(values).any(axis=1)]
    if len(whole) >= 2 and whole.shape[1] >= 2 and of_means > 0:
        left = whole - whole.mean(1, keepdims=True) - whole.mean(0, keepdims=True) + whole.mean()
        freedom = (whole.shape[0] - 1) * (whole.shape[1] - 1)
        square = float((left**2).sum()) / freedom
        found["chance_in_means"] = min(square / whole.shape[1] / np.var(whole.mean(1), ddof=1), 1.0)
    return found


def scaled(points: pd.DataFrame, factors: Sequence[Factor]) -> FloatArray:
    """Put every factor on a scale from 0 to 1 between its bounds, shape (point, factor)."""
    columns = []
    for factor in factors:
        values = points[factor.name].to_numpy(np.float64)
        if factor.scale == "log":
            columns.append(np.log(values / factor.low) / np.log(factor.high / factor.low))
        else:
            columns.append((values - factor.low) / (factor.high - factor.low))
    return np.column_stack(columns)


def unscaled(factor: Factor, share: float) -> float:
    """Give the value of a factor that lies at a share of its range."""
    if factor.scale == "log":
        return float(factor.low * (factor.high / factor.low) ** share)
    return float(factor.low + share * (factor.high - factor.low))


def _problem(factors: Sequence[Factor]) -> dict[str, Any]:
    return {
        "num_vars": len(factors),
        "names": [factor.name for factor in factors],
        "bounds": [[0.0, 1.0]] * len(factors),
        "groups": None,
    }


def _blocks(means: FloatArray, size: int, what: str) -> NDArray[np.bool_]:
    """Tell which blocks of a design are whole: every point of theirs has a value.

    Raises
    ------
    InputError
        The design does not fall into such blocks, or too few of them are whole.
    """
    if len(means) % size:
        raise InputError(f"{len(means)} points, but {what} of {size} points each are expected")
    whole: NDArray[np.bool_] = ~np.isnan(means.reshape(-1, size)).any(axis=1)
    if whole.sum() < FEWEST:
        raise InputError(
            f"{int(whole.sum())} of {len(whole)} {what} have all their runs; {FEWEST} are needed"
        )
    return whole


# --- Morris and Sobol ---------------------------------------------------------------------------


def screen(
    factors: Sequence[Factor],
    points: pd.DataFrame,
    runs: pd.DataFrame,
    outcome: str,
    *,
    levels: int = 4,
) -> pd.DataFrame:
    """Rank factors by Morris' elementary effects.

    Parameters
    ----------
    factors : sequence of Factor
    points : pandas.DataFrame
        Trajectory after trajectory, each of ``len(factors) + 1`` points of which neighbours differ
        in one factor.
    runs : pandas.DataFrame
    outcome : str
    levels : int
        Of the grid on which the design lies.

    Returns
    -------
    pandas.DataFrame
        A row a factor, the most important first, in the outcome's unit for the whole range of the
        factor: ``mu`` (mean effect, with its sign), ``mu_star`` (mean size), ``low`` and ``high``
        (its 95 % interval over trajectories), ``sigma`` (spread of effects: interaction, curvature,
        or chance), and ``by_chance``: the ``mu_star`` that chance alone would give a factor whose
        effects vary between paired runs as this one's do; NaN with one run a point.
        ``attrs["trajectories"]`` and ``attrs["left_out"]`` count those used and those with a point
        that has no value.

    Raises
    ------
    InputError
        Not such a design, or too few trajectories.
    """
    from SALib.analyze import morris

    size = len(factors) + 1
    table = _laid_out(points, runs, outcome)
    means = table.mean(axis=1).to_numpy()
    whole = _blocks(means, size, "trajectories")
    kept = np.repeat(whole, size)
    shares = scaled(points, factors)[kept]
    steps = np.diff(shares.reshape(-1, size, len(factors)), axis=1)
    moved = np.abs(steps) > 1e-9
    if not (moved.sum(axis=2) == 1).all() or not (moved.sum(axis=1) == 1).all():
        raise InputError("the points are no trajectories: neighbours must differ in one factor")
    found = morris.analyze(
        _problem(factors), shares, means[kept], num_resamples=RESAMPLES, conf_level=CONFIDENCE,
        num_levels=levels, seed=SEED,
    )  # fmt: skip
    differences = np.diff(table.to_numpy()[kept].reshape(-1, size, table.shape[1]), axis=1)
    count = (~np.isnan(differences)).sum(axis=2)
    mean = np.nansum(differences, axis=2) / np.maximum(count, 1)
    squares = np.nansum((differences - mean[..., None]) ** 2, axis=2)
    variance = np.where(count > 1, squares / np.maximum(count - 1, 1), np.nan)
    error = np.sqrt(variance / np.maximum(count, 1)) / np.abs(steps).max(axis=2)
    # The mean size of a normal number around 0 with this standard error.
    sizes = np.sqrt(2 / np.pi) * error
    by_chance = [float(sizes[moved[:, :, column]].mean()) for column in range(len(factors))]
    star, half = (np.array(found[name], np.float64) for name in ("mu_star", "mu_star_conf"))
    frame = pd.DataFrame(
        {
            "factor": [factor.name for factor in factors],
            "mu": np.array(found["mu"], np.float64),
            "mu_star": star,
            "low": np.maximum(star - half, 0.0),
            "high": star + half,
            "sigma": np.array(found["sigma"], np.float64),
            "by_chance": by_chance,
        }
    )
    frame = frame.sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)
    frame.attrs = {"trajectories": int(whole.sum()), "left_out": int((~whole).sum())}
    return frame


def decompose(
    factors: Sequence[Factor], points: pd.DataFrame, runs: pd.DataFrame, outcome: str
) -> pd.DataFrame:
    """Share an outcome's variance out among factors: Sobol's first and total indices.

    Parameters
    ----------
    factors : sequence of Factor
    points : pandas.DataFrame
        Saltelli's matrix without second orders: block after block of ``len(factors) + 2`` points.
    runs : pandas.DataFrame
    outcome : str

    Returns
    -------
    pandas.DataFrame
        A row a factor, the largest total first: ``first`` (share of the variance of the points'
        means that goes with the factor alone), ``total`` (alone or together with others), each
        with ``_low`` and ``_high``, its 95 % interval, not cut off at 0 and 1. All NaN where the
        outcome does not vary. ``attrs["rows"]`` and ``attrs["left_out"]`` count rows of the base
        sample used and those with a point that has no value.

    Raises
    ------
    InputError
        Not such a design, or too few rows.
    """
    from SALib.analyze import sobol

    size = len(factors) + 2
    means = _laid_out(points, runs, outcome).mean(axis=1).to_numpy()
    whole = _blocks(means, size, "blocks")
    values = means[np.repeat(whole, size)]
    empty = np.full(len(factors), np.nan)
    found = {name: empty for name in ("S1", "S1_conf", "ST", "ST_conf")}
    if np.ptp(values) > 0:
        found = sobol.analyze(
            _problem(factors), values, calc_second_order=False, num_resamples=RESAMPLES,
            conf_level=CONFIDENCE, seed=SEED,
        )  # fmt: skip
    frame = pd.DataFrame({"factor": [factor.name for factor in factors]})
    for name, key in (("first", "S1"), ("total", "ST")):
        frame[name] = found[key]
        frame[f"{name}_low"] = found[key] - found[f"{key}_conf"]
        frame[f"{name}_high"] = found[key] + found[f"{key}_conf"]
    frame = frame.sort_values("total", ascending=False, kind="stable", ignore_index=True)
    frame.attrs = {"rows": int(whole.sum()), "left_out": int((~whole).sum())}
    return frame


# --- Where it happens: regional sensitivity and discovery ---------------------------------------


def independent(points: pd.DataFrame, kind: str, factors: Sequence[Factor]) -> pd.DataFrame:
    """Take the points of a design that are drawn independently, as tests of samples need.

    Of Saltelli's matrix these are the first and last of every block, its two base samples.

    Raises
    ------
    InputError
        A design with no such points: neighbours in a Morris trajectory share all factors but one.
    """
    if kind == "latin-hypercube":
        return points
    if kind == "sobol":
        place = np.arange(len(points)) % (len(factors) + 2)
        return points[(place == 0) | (place == len(factors) + 1)]
    raise InputError(
        f"the points of a {kind} design are not drawn independently; "
        "use 'latin-hypercube' or 'sobol'"
    )


def yes_or_no(runs: pd.DataFrame, outcome: str) -> bool:
    """Tell whether an outcome is one that happens or does not: nothing but 0 and 1."""
    values = runs[outcome].dropna()
    return len(values) > 0 and bool(values.isin((0.0, 1.0)).all())


def regional(
    factors: Sequence[Factor], points: pd.DataFrame, runs: pd.DataFrame, outcome: str
) -> pd.DataFrame:
    """Compare factors where something happens with where it does not: Kolmogorov and Smirnov.

    A point counts as one where it happens if it does in half of its runs or more.

    Parameters
    ----------
    factors : sequence of Factor
    points : pandas.DataFrame
        Independent points (`independent`).
    runs : pandas.DataFrame
    outcome : str
        One that is 0 or 1.

    Returns
    -------
    pandas.DataFrame
        A row a factor, the most telling first: ``distance`` (largest between the two distribution
        functions, 0 to 1), ``p_value``, ``p_adjusted`` (false discovery rate over all factors,
        Benjamini and Hochberg), ``median_where``, ``median_elsewhere``. ``attrs["where"]`` and
        ``attrs["elsewhere"]`` count points.

    Raises
    ------
    InputError
        It happens, or does not, at fewer than 10 points: there is nothing to compare.
    """
    from scipy import stats

    means = _laid_out(points, runs, outcome).mean(axis=1)
    points, means = points[means.notna()], means[means.notna()]
    where = (means >= 0.5).to_numpy()
    if min(where.sum(), (~where).sum()) < 10:
        raise InputError(
            f"{outcome}: 1 at {int(where.sum())} points and 0 at {int((~where).sum())}; "
            "10 of each are needed to compare them"
        )
    rows = []
    for factor in factors:
        values = points[factor.name].to_numpy(np.float64)
        test = stats.ks_2samp(values[where], values[~where])
        rows.append(
            {
                "factor": factor.name,
                "distance": float(test.statistic),
                "p_value": float(test.pvalue),
                "median_where": float(np.median(values[where])),
                "median_elsewhere": float(np.median(values[~where])),
            }
        )
    frame = pd.DataFrame(rows)
    frame.insert(3, "p_adjusted", stats.false_discovery_control(frame["p_value"]))
    frame = frame.sort_values("distance", ascending=False, kind="stable", ignore_index=True)
    frame.attrs = {"where": int(where.sum()), "elsewhere": int((~where).sum())}
    return frame


@dataclass(frozen=True)
class Discovery:
    """Combinations of factors in which something happens more often than elsewhere.

    Attributes
    ----------
    outcome : str
    base : float
        The share of all runs in which it happens.
    boxes : pandas.DataFrame
        A row a box, the densest first: ``box`` (from 1), ``runs``, ``density`` (share of its runs
        in which it happens), ``coverage`` (share of all in which it happens that lie in the box).
    limits : pandas.DataFrame
        ``box``, ``factor``, ``low``, ``high``: NaN where a box has no limit on that side; factors
        without any are not listed.
    skill, skill_error : float
        1 - Brier score / that of the base rate, on runs the tree had not seen, and its standard
        error over folds. Not above 0: what was found is chance.
    density, coverage : float
        Of all boxes together, on runs the tree had not seen; NaN if folds found none.
    """

    outcome: str
    base: float
    boxes: pd.DataFrame
    limits: pd.DataFrame
    skill: float
    skill_error: float
    density: float
    coverage: float

    @property
    def holds(self) -> bool:
        """Whether it tells more than the base rate on runs it had not seen, beyond chance."""
        return len(self.boxes) > 0 and self.skill > 1.645 * self.skill_error


def discover(
    factors: Sequence[Factor], points: pd.DataFrame, runs: pd.DataFrame, outcome: str
) -> Discovery:
    """Find combinations of factors in which something happens, by a classification tree.

    The number of leaves is the smallest whose Brier score, on folds of points left out, is worse
    than the best by no more than one standard error of the difference (after Breiman et al. 1984);
    one leaf means that nothing was found.
    Boxes are the leaves in which it happens more often than overall. The quality that is reported
    comes from an outer round of folds, in each of which the whole search is done anew. Runs of a
    point are never on both sides.

    Parameters
    ----------
    factors : sequence of Factor
    points : pandas.DataFrame
        Independent points (`independent`).
    runs : pandas.DataFrame
    outcome : str
        One that is 0 or 1.

    Returns
    -------
    Discovery

    Raises
    ------
    InputError
        Not an outcome of 0 and 1, or too few points for the folds.
    """
    if not yes_or_no(runs, outcome):
        raise InputError(f"{outcome} is not an outcome of 0 and 1; its combinations cannot be told")
    rows = runs[runs["point"].isin(points.index) & runs[outcome].notna()]
    groups = rows["point"].to_numpy()
    if len(np.unique(groups)) < 5 * FOLDS:
        raise InputError(
            f"{len(np.unique(groups))} points have runs; {5 * FOLDS} are needed to leave some out"
        )
    place = pd.Series(np.arange(len(points)), points.index)
    shares = scaled(points, factors)[place.loc[rows["point"]].to_numpy()]
    happened = rows[outcome].to_numpy(np.float64)
    base = float(happened.mean())
    score, score_of_base = [], []
    inside = np.zeros(len(rows), bool)
    for seen, unseen in _folds(groups):
        tree = _grow(shares[seen], happened[seen], groups[seen])
        told, often = tree.predict(shares[unseen]), happened[seen].mean()
        inside[unseen] = told > often + 1e-12
        score.append(np.mean((told - happened[unseen]) ** 2))
        score_of_base.append(np.mean((often - happened[unseen]) ** 2))
    gain = np.array(score_of_base) - np.array(score)
    scale = max(float(np.mean(score_of_base)), 1e-300)
    tree = _grow(shares, happened, groups)
    boxes, limits = _boxes(tree, factors, shares, happened, base)
    return Discovery(
        outcome,
        base,
        boxes,
        limits,
        float(gain.mean()) / scale,
        float(gain.std(ddof=1)) / np.sqrt(FOLDS) / scale,
        float(happened[inside].mean()) if inside.any() else np.nan,
        float(happened[inside].sum() / happened.sum()) if happened.any() else np.nan,
    )


def _folds(groups: NDArray[Any]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    from sklearn.model_selection import GroupKFold

    yield from GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(groups, groups=groups)


def _tree(leaves: int, runs: int) -> Any:
    """Make a tree of so many leaves at most; a share is the mean of zeros and ones."""
    from sklearn.tree import DecisionTreeRegressor

    return DecisionTreeRegressor(
        max_leaf_nodes=max(leaves, 2),
        max_depth=None if leaves > 1 else 1,
        min_samples_leaf=max(FEWEST_IN_A_LEAF, runs // 50) if leaves > 1 else runs,
        random_state=SEED,
    )


def _grow(shares: FloatArray, happened: FloatArray, groups: NDArray[Any]) -> Any:
    """Fit a tree with as many leaves as folds speak for, within one standard error."""
    sizes = range(1, MOST_LEAVES + 1)
    scores = np.empty((FOLDS, len(sizes)))
    for fold, (seen, unseen) in enumerate(_folds(groups)):
        for column, leaves in enumerate(sizes):
            tree = _tree(leaves, len(seen)).fit(shares[seen], happened[seen])
            scores[fold, column] = np.mean((tree.predict(shares[unseen]) - happened[unseen]) ** 2)
    means = scores.mean(axis=0)
    best = int(means.argmin())
    # The error of the difference: folds that are hard are so for every tree.
    apart = scores - scores[:, [best]]
    error = apart.std(axis=0, ddof=1) / np.sqrt(FOLDS)
    leaves = sizes[int(np.argmax(means - means[best] <= error))]
    return _tree(leaves, len(shares)).fit(shares, happened)


def _boxes(
    tree: Any, factors: Sequence[Factor], shares: FloatArray, happened: FloatArray, base: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the leaves in which it happens more often than overall, and their limits."""
    leaf = tree.apply(shares)
    rows, limits = [], []
    for node, bounds in _leaves(tree.tree_, 0, {}):
        members = happened[leaf == node]
        if tree.tree_.node_count > 1 and members.mean() > base:
            density, coverage = float(members.mean()), float(members.sum() / happened.sum())
            rows.append((len(members), density, coverage, bounds))
    rows.sort(key=lambda row: -row[1])
    for number, (*_, bounds) in enumerate(rows, 1):
        for column, (low, high) in sorted(bounds.items()):
            factor = factors[column]
            ends = (np.nan if end is None else unscaled(factor, end) for end in (low, high))
            limits.append((number, factor.name, *ends))
    boxes = pd.DataFrame(
        [(number, *row[:3]) for number, row in enumerate(rows, 1)],
        columns=["box", "runs", "density", "coverage"],
    )
    return boxes, pd.DataFrame(limits, columns=["box", "factor", "low", "high"])


Bounds = dict[int, tuple[float | None, float | None]]


def _leaves(tree: Any, node: int, bounds: Bounds) -> Iterator[tuple[int, Bounds]]:
    """Walk to every leaf, with the limits on the way by column."""
    if tree.children_left[node] == tree.children_right[node]:
        yield node, bounds
        return
    column, at = int(tree.feature[node]), float(tree.threshold[node])
    low, high = bounds.get(column, (None, None))
    yield from _leaves(tree, int(tree.children_left[node]), {**bounds, column: (low, at)})
    yield from _leaves(tree, int(tree.children_right[node]), {**bounds, column: (at, high)})
