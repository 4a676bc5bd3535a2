"""Where in a design something happens: single factors that differ there, and combinations of them.

Tables as in :mod:`trucesim.studies.experiment.sensitivity`. The two-sample test is SciPy's; the
tree, whose leaves are boxes as in scenario discovery (Lempert, Bryant & Bankes 2008), is
scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trucesim.files.errors import InputError
from trucesim.studies.experiment.sensitivity import FloatArray, laid_out

if TYPE_CHECKING:
    from trucesim.studies.experiment.design import Factor

SEED = 1
"""Of the folds, so that the same runs give the same boxes."""

MOST_LEAVES = 8
"""What people can read has no more."""

FOLDS = 10
"""In each of which the whole search is done anew, to tell what it is worth."""

FOLDS_WITHIN = 5
"""That choose the number of leaves."""

FEWEST_IN_A_LEAF = 20

FEWEST_TO_COMPARE = 10
"""Points where it happens, and where it does not."""


def independent(sample: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Take the points of a sample that are drawn independently, as tests of samples need.

    Of Saltelli's matrix these are the first and last of every block, its two base samples.

    Raises
    ------
    InputError
        A design with no such points: neighbours in a Morris trajectory share all factors but one.
    """
    if kind == "latin-hypercube":
        return sample
    if kind == "sobol":
        place = np.arange(len(sample)) % (sample.shape[1] + 2)
        return sample.iloc[np.flatnonzero((place == 0) | (place == sample.shape[1] + 1))]
    raise InputError(
        "the points of a {kind} design are not drawn independently; use 'latin-hypercube' or "
        "'sobol'", kind=kind,
    )  # fmt: skip


def yes_or_no(runs: pd.DataFrame, outcome: str) -> bool:
    """Tell whether an outcome is one that happens or does not: nothing but 0 and 1."""
    values = runs[outcome].dropna()
    return len(values) > 0 and bool(values.isin((0.0, 1.0)).all())


def regional(
    factors: Sequence[Factor], sample: pd.DataFrame, runs: pd.DataFrame, outcome: str
) -> pd.DataFrame:
    """Compare factors where something happens with where it does not: Kolmogorov and Smirnov.

    A point counts as one where it happens if it does in half of its runs or more.

    Parameters
    ----------
    factors : sequence of Factor
    sample : pandas.DataFrame
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

    means = laid_out(sample, runs, outcome).mean(axis=1)
    sample, means = sample[means.notna()], means[means.notna()]
    where = (means >= 0.5).to_numpy()
    if min(where.sum(), (~where).sum()) < FEWEST_TO_COMPARE:
        raise InputError(
            "{outcome}: 1 at {ones} points and 0 at {zeros}; {least} of each are needed to compare "
            "them", outcome=outcome, ones=int(where.sum()), zeros=int((~where).sum()),
            least=FEWEST_TO_COMPARE,
        )  # fmt: skip
    rows = []
    for factor in factors:
        values = sample[factor.name].to_numpy(np.float64)
        test = stats.ks_2samp(values[where], values[~where])
        rows.append(
            {
                "factor": factor.name,
                "distance": float(test.statistic),
                "p_value": float(test.pvalue),
                "median_where": float(np.median(factor.value(values[where]))),
                "median_elsewhere": float(np.median(factor.value(values[~where]))),
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
    runs : int
        At independent points.
    base : float
        The share of these in which it happens.
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
    runs: int
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
        return bool(len(self.boxes) and self.skill > 1.645 * self.skill_error)


def discover(
    factors: Sequence[Factor], sample: pd.DataFrame, runs: pd.DataFrame, outcome: str
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
    sample : pandas.DataFrame
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
        raise InputError(
            "{outcome} is not an outcome of 0 and 1; its combinations cannot be told",
            outcome=outcome,
        )  # fmt: skip
    rows = runs[runs["point"].isin(sample.index) & runs[outcome].notna()]
    groups = rows["point"].to_numpy()
    if len(np.unique(groups)) < 5 * FOLDS:
        raise InputError(
            "{count} points have runs; {least} are needed to leave some out",
            count=len(np.unique(groups)), least=5 * FOLDS,
        )  # fmt: skip
    shares = sample.loc[rows["point"], [factor.name for factor in factors]].to_numpy(np.float64)
    happened = rows[outcome].to_numpy(np.float64)
    base = float(happened.mean())
    score, score_of_base = [], []
    inside = np.zeros(len(rows), bool)
    for seen, unseen in _folds(groups, FOLDS):
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
        len(rows),
        base,
        boxes,
        limits,
        float(gain.mean()) / scale,
        float(gain.std(ddof=1)) / np.sqrt(FOLDS) / scale,
        float(happened[inside].mean()) if inside.any() else np.nan,
        float(happened[inside].sum() / happened.sum()) if happened.any() else np.nan,
    )


def _folds(groups: NDArray[Any], count: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    from sklearn.model_selection import GroupKFold

    yield from GroupKFold(count, shuffle=True, random_state=SEED).split(groups, groups=groups)


def _fit(leaves: int, shares: FloatArray, happened: FloatArray) -> Any:
    """Fit a tree of so many leaves at most; a share is the mean of zeros and ones."""
    from sklearn.tree import DecisionTreeRegressor

    runs = len(shares)
    tree = DecisionTreeRegressor(
        max_leaf_nodes=max(leaves, 2),
        # With one leaf no split may leave anything over.
        min_samples_leaf=max(FEWEST_IN_A_LEAF, runs // 50) if leaves > 1 else runs,
        random_state=SEED,
    )
    return tree.fit(shares, happened)


def _grow(shares: FloatArray, happened: FloatArray, groups: NDArray[Any]) -> Any:
    """Fit a tree with as many leaves as folds speak for, within one standard error."""
    scores = np.empty((FOLDS_WITHIN, MOST_LEAVES))
    for fold, (seen, unseen) in enumerate(_folds(groups, FOLDS_WITHIN)):
        tree = _fit(MOST_LEAVES, shares[seen], happened[seen])
        told = _told_by_size(tree, shares[unseen])
        scores[fold] = np.mean((told - happened[unseen, None]) ** 2, axis=0)
    means = scores.mean(axis=0)
    best = int(means.argmin())
    # The error of the difference: folds that are hard are so for every tree.
    apart = scores - scores[:, [best]]
    error = apart.std(axis=0, ddof=1) / np.sqrt(FOLDS_WITHIN)
    leaves = 1 + int(np.argmax(means - means[best] <= error))
    return _fit(leaves, shares, happened)


def _told_by_size(tree: Any, shares: FloatArray) -> FloatArray:
    """Tell what trees of 1 to `MOST_LEAVES` leaves would predict, from the largest of them.

    A tree grows by the split that gains most; so the smaller trees are the larger one's beginnings,
    and need no fit of their own.

    Returns
    -------
    ndarray of float, shape (run, size)
    """
    grown = tree.tree_
    left, right, weight = grown.children_left, grown.children_right, grown.weighted_n_node_samples
    lost = weight * grown.impurity
    gain = np.where(left >= 0, lost - lost[left] - lost[right], -np.inf)
    paths = tree.decision_path(shares).toarray().astype(bool)
    # Nodes are numbered from the root on, so that the last one on a path is the deepest.
    order = np.arange(grown.node_count)
    reached, open_nodes = np.zeros(grown.node_count, bool), {0}
    reached[0] = True
    told = np.empty((len(shares), MOST_LEAVES))
    for size in range(MOST_LEAVES):
        deepest = np.where(paths & reached, order, -1).max(axis=1)
        told[:, size] = grown.value[deepest, 0, 0]
        splits = [node for node in open_nodes if gain[node] > -np.inf]
        if splits:
            node = max(splits, key=lambda each: gain[each])
            children = {int(left[node]), int(right[node])}
            reached[list(children)] = True
            open_nodes = (open_nodes - {node}) | children
    return told


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
            ends = np.array([np.nan if end is None else end for end in (low, high)])
            limits.append((number, factor.name, *map(float, factor.value(ends))))
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
