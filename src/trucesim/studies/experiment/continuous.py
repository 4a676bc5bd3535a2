"""What a continuous outcome hangs on, on points that are drawn independently.

Tables as in :mod:`trucesim.studies.experiment.sensitivity`. The forest is scikit-learn's (extremely
randomised trees, as the EMA Workbench scores features with); what it is worth is told by points
that it has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from trucesim.files.errors import InputError
from trucesim.studies.experiment.sensitivity import FloatArray, laid_out

if TYPE_CHECKING:
    from trucesim.studies.experiment.design import Factor

SEED = 1
"""Of trees, folds and shuffles, so that the same runs give the same tables."""

FEWEST_POINTS = 20
"""With a value; fewer cannot be left out and foretold."""

FOLDS = 5
TREES = 100
SHUFFLES = 5

LEAST = 0.01
"""Loss of R² that is worth a word."""

GRID = 15
"""Values of a factor at which the outcome is foretold."""

SHOWN = 6
"""Factors whose partial dependence is told, the most telling."""


@dataclass(frozen=True)
class Threshold:
    """Where a continuous outcome counts as one that happens.

    Attributes
    ----------
    outcome : str
    value : float
        In the outcome's unit.
    above : bool
        Whether it happens at this value and above; else below it.
    """

    outcome: str
    value: float
    above: bool

    @property
    def name(self) -> str:
        """Its column."""
        return f"{self.outcome}_{'above' if self.above else 'below'}_{self.value:g}"

    def happens(self, values: pd.Series[float]) -> pd.Series[float]:
        """Give 1 where it happens, 0 where not, NaN where there is no value."""
        found = values >= self.value if self.above else values < self.value
        return found.astype(np.float64).where(values.notna())


def check_library() -> None:
    """Say how to get scikit-learn, if it is not there.

    Raises
    ------
    InputError
    """
    if find_spec("sklearn") is None:
        raise InputError(
            "what an outcome of a Latin hypercube hangs on, and where it happens, is found with "
            "scikit-learn: pip install 'trucesim[experiments]'"
        )


def check_values(runs: pd.DataFrame, outcome: str) -> None:
    """Refuse an outcome that has no value in any run, or the same in all.

    Raises
    ------
    InputError
    """
    known = runs[outcome].dropna()
    if known.empty:
        raise InputError(
            "{outcome}: no run of {n} has a value, so that nothing is scored", outcome=outcome,
            n=len(runs),
        )  # fmt: skip
    if known.nunique() == 1:
        raise InputError(
            "{outcome}: {value:g} in all {n} runs, so that nothing is scored", outcome=outcome,
            value=float(known.iloc[0]), n=len(known),
        )  # fmt: skip


class Forest(NamedTuple):
    """A forest fitted to points, and what it was fitted to.

    Attributes
    ----------
    names : list of str
        Of the factors.
    shares : ndarray, shape (point, factor)
        0 to 1 between a factor's bounds, of points that have a value.
    means : ndarray, shape (point,)
        Of the outcome, over runs.
    fitted : sklearn.ensemble.ExtraTreesRegressor
    """

    names: list[str]
    shares: FloatArray
    means: FloatArray
    fitted: Any


def grow(sample: pd.DataFrame, runs: pd.DataFrame, outcome: str) -> Forest:
    """Fit a forest to an outcome.

    Parameters
    ----------
    sample : pandas.DataFrame
        Independent points (`trucesim.studies.experiment.discovery.independent`).
    runs : pandas.DataFrame
    outcome : str

    Raises
    ------
    InputError
        A constant or missing outcome, or too few points.
    """
    check_values(runs, outcome)
    means = laid_out(sample, runs, outcome).mean(axis=1)
    there = means.notna().to_numpy()
    if there.sum() < FEWEST_POINTS:
        raise InputError(
            "{outcome}: {count} points have a value; {least} are needed to leave some out and "
            "foretell them", outcome=outcome, count=int(there.sum()), least=FEWEST_POINTS,
        )  # fmt: skip
    found = means.to_numpy(np.float64)[there]
    if np.ptp(found) == 0:
        raise InputError(
            "{outcome}: the same mean at all points, so that nothing is scored", outcome=outcome
        )
    shares = sample.to_numpy(np.float64)[there]
    return Forest([str(name) for name in sample.columns], shares, found, _fit(shares, found))


def _fit(shares: FloatArray, means: FloatArray) -> Any:
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(TREES, min_samples_leaf=2, random_state=SEED)
    return forest.fit(shares, means)


def scores(forest: Forest) -> pd.DataFrame:
    """Score factors by what a forest gains from them, and by what is lost without them.

    Returns
    -------
    pandas.DataFrame
        A row a factor, the most telling first: ``score`` (share of what all trees gain, of the
        variance of the points' means; sums to 1), ``loss`` (by how much the R² on points not seen
        falls where the factor is shuffled) with its standard error over folds ``loss_error``,
        ``told`` (whether that is beyond chance, and `LEAST` or more), ``correlation`` (Spearman's,
        for the direction). ``attrs["skill"]`` is the R² on points not seen, ``attrs["scored"]`` how
        many have a value.
    """
    from scipy.stats import spearmanr
    from sklearn.model_selection import KFold

    shares, means = forest.shares, forest.means
    chance = np.random.default_rng(SEED)
    told = np.empty(len(means))
    losses = []
    for seen, unseen in KFold(FOLDS, shuffle=True, random_state=SEED).split(shares):
        one = _fit(shares[seen], means[seen])
        told[unseen] = one.predict(shares[unseen])
        error = np.mean((told[unseen] - means[unseen]) ** 2)
        lost = []
        for column in range(shares.shape[1]):
            worse = []
            for _ in range(SHUFFLES):
                other = shares[unseen].copy()
                other[:, column] = chance.permutation(other[:, column])
                worse.append(np.mean((one.predict(other) - means[unseen]) ** 2))
            lost.append((np.mean(worse) - error) / means.var())
        losses.append(lost)
    loss = np.mean(losses, axis=0)
    loss_error = np.std(losses, axis=0, ddof=1) / np.sqrt(FOLDS)
    frame = pd.DataFrame(
        {
            "factor": forest.names,
            "score": forest.fitted.feature_importances_,
            "loss": loss,
            "loss_error": loss_error,
            "told": (loss > 1.645 * loss_error) & (loss >= LEAST),
            "correlation": [float(spearmanr(each, means).statistic) for each in shares.T],
        }
    )
    frame = frame.sort_values("score", ascending=False, kind="stable", ignore_index=True)
    skill = 1.0 - float(np.mean((told - means) ** 2)) / float(means.var())
    frame.attrs = {"skill": skill, "scored": len(means)}
    return frame


def dependence(factors: Sequence[Factor], forest: Forest) -> pd.DataFrame:
    """Tell what a forest foretells at values of one factor, all others as they are: a mean.

    Parameters
    ----------
    factors : sequence of Factor
        Those to tell of.
    forest : Forest

    Returns
    -------
    pandas.DataFrame
        `GRID` rows a factor: ``factor``, ``share`` (0 to 1 between its bounds), ``value`` (in its
        unit), ``mean`` (in the outcome's), and ``low`` and ``high``, between which nine in ten
        trees lie.
    """
    grid = np.linspace(0.0, 1.0, GRID)
    rows = []
    for factor in factors:
        column = forest.names.index(factor.name)
        for share, at in zip(grid, factor.value(grid), strict=True):
            moved = forest.shares.copy()
            moved[:, column] = share
            by_tree = [tree.predict(moved).mean() for tree in forest.fitted.estimators_]
            low, high = np.quantile(by_tree, (0.05, 0.95))
            rows.append((factor.name, share, float(at), float(np.mean(by_tree)), low, high))
    return pd.DataFrame(rows, columns=["factor", "share", "value", "mean", "low", "high"])
