"""Which factors an outcome hangs on: screening, and shares of its variance.

Every function takes tables and not folders: the ``sample`` (index ``point``, a column a factor, in
the unit interval between its bounds) and ``runs`` (``point``, ``run`` and a column an outcome). The
indices are SALib's, on the mean over the runs of each point.

Chance is no factor. Runs of the same number share their draws at every point, so what chance does
alike everywhere falls out of the indices; what it does differently from point to point does not,
and is measured beside them (`chance`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message
from trucesim.studies.experiment.precision import by_run

FloatArray = NDArray[np.float64]

CONFIDENCE = 0.95
"""Of the intervals of all indices."""

RESAMPLES = 1000
"""Bootstrap samples behind each interval."""

SEED = 1
"""Of the bootstrap, so that the same runs give the same tables."""

FEWEST = 4
"""Trajectories, or rows of a base sample, without which no interval means anything."""


# --- Means and chance ---------------------------------------------------------------------------


def laid_out(sample: pd.DataFrame, runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Lay an outcome out, one row a point of the sample; NaN where a run is missing."""
    return by_run(runs, outcome).reindex(sample.index)


def chance(sample: pd.DataFrame, runs: pd.DataFrame, outcome: str) -> dict[str, float]:
    """Tell how much of an outcome's variance is chance and not the factors.

    Parameters
    ----------
    sample, runs : pandas.DataFrame
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
    table = laid_out(sample, runs, outcome)
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


def _problem(sample: pd.DataFrame) -> dict[str, Any]:
    """Say it as SALib wants it."""
    names = [str(name) for name in sample.columns]
    return {
        "num_vars": len(names),
        "names": names,
        "bounds": [[0.0, 1.0]] * len(names),
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
        raise InputError(
            "{count} points, but {what} of {size} points each are expected", count=len(means),
            what=what, size=size,
        )  # fmt: skip
    whole: NDArray[np.bool_] = ~np.isnan(means.reshape(-1, size)).any(axis=1)
    if whole.sum() < FEWEST:
        raise InputError(
            "{count} of {of} {what} have all their runs; {least} are needed",
            count=int(whole.sum()), of=len(whole), what=what, least=FEWEST,
        )  # fmt: skip
    return whole


# --- Morris and Sobol ---------------------------------------------------------------------------


def screen(
    sample: pd.DataFrame,
    runs: pd.DataFrame,
    outcome: str,
    *,
    levels: int = 4,
) -> pd.DataFrame:
    """Rank factors by Morris' elementary effects.

    Parameters
    ----------
    sample : pandas.DataFrame
        Trajectory after trajectory, each of one point more than factors of which neighbours differ
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
        ``attrs["used"]`` and ``attrs["left_out"]`` count trajectories used and those with a point
        that has no value.

    Raises
    ------
    InputError
        Not such a design, or too few trajectories.
    """
    from SALib.analyze import morris

    size = sample.shape[1] + 1
    table = laid_out(sample, runs, outcome)
    means = table.mean(axis=1).to_numpy()
    whole = _blocks(means, size, Message("trajectories"))
    kept = np.repeat(whole, size)
    shares = sample.to_numpy(np.float64)[kept]
    steps = np.diff(shares.reshape(-1, size, sample.shape[1]), axis=1)
    moved = np.abs(steps) > 1e-9
    if not (moved.sum(axis=2) == 1).all() or not (moved.sum(axis=1) == 1).all():
        raise InputError("the points are no trajectories: neighbours must differ in one factor")
    found = morris.analyze(
        _problem(sample), shares, means[kept], num_resamples=RESAMPLES, conf_level=CONFIDENCE,
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
    by_chance = [float(sizes[moved[:, :, column]].mean()) for column in range(sample.shape[1])]
    star, half = (np.array(found[name], np.float64) for name in ("mu_star", "mu_star_conf"))
    frame = pd.DataFrame(
        {
            "factor": list(map(str, sample.columns)),
            "mu": np.array(found["mu"], np.float64),
            "mu_star": star,
            "low": np.maximum(star - half, 0.0),
            "high": star + half,
            "sigma": np.array(found["sigma"], np.float64),
            "by_chance": by_chance,
        }
    )
    frame = frame.sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)
    frame.attrs = {"used": int(whole.sum()), "left_out": int((~whole).sum())}
    return frame


def decompose(sample: pd.DataFrame, runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Share an outcome's variance out among factors: Sobol's first and total indices.

    Parameters
    ----------
    sample : pandas.DataFrame
        Saltelli's matrix without second orders: block after block of two points more than factors.
    runs : pandas.DataFrame
    outcome : str

    Returns
    -------
    pandas.DataFrame
        A row a factor, the largest total first: ``first`` (share of the variance of the points'
        means that goes with the factor alone), ``total`` (alone or together with others), each
        with ``_low`` and ``_high``, its 95 % interval, not cut off at 0 and 1. All NaN where the
        outcome does not vary. ``attrs["used"]`` and ``attrs["left_out"]`` count rows of the base
        sample used and those with a point that has no value.

    Raises
    ------
    InputError
        Not such a design, or too few rows.
    """
    from SALib.analyze import sobol

    size = sample.shape[1] + 2
    means = laid_out(sample, runs, outcome).mean(axis=1).to_numpy()
    whole = _blocks(means, size, Message("blocks"))
    values = means[np.repeat(whole, size)]
    empty = np.full(sample.shape[1], np.nan)
    found = {name: empty for name in ("S1", "S1_conf", "ST", "ST_conf")}
    if np.ptp(values) > 0:
        found = sobol.analyze(
            _problem(sample), values, calc_second_order=False, num_resamples=RESAMPLES,
            conf_level=CONFIDENCE, seed=SEED,
        )  # fmt: skip
    frame = pd.DataFrame({"factor": list(map(str, sample.columns))})
    for name, key in (("first", "S1"), ("total", "ST")):
        frame[name] = found[key]
        frame[f"{name}_low"] = found[key] - found[f"{key}_conf"]
        frame[f"{name}_high"] = found[key] + found[f"{key}_conf"]
    frame = frame.sort_values("total", ascending=False, kind="stable", ignore_index=True)
    frame.attrs = {"used": int(whole.sum()), "left_out": int((~whole).sum())}
    return frame


# --- Which to go on with ------------------------------------------------------------------------


def chosen(indices: pd.DataFrame, number: int = 10) -> list[str]:
    """Choose the factors that a closer study should vary.

    A factor counts by its largest ``mu_star`` over outcomes and scenarios, each as a share of the
    largest of any factor there, so that none is lost that matters to one outcome alone. Effects
    that are not beyond chance (``low`` above ``by_chance``, where that is known) do not count.

    Parameters
    ----------
    indices : pandas.DataFrame
        `screen` of several outcomes and scenarios, with columns ``scenario`` and ``outcome``.
    number : int
        How many.

    Returns
    -------
    list of str
        The most important first.
    """
    largest = indices.groupby(["scenario", "outcome"])["mu_star"].transform("max")
    share = (indices["mu_star"] / largest.where(largest > 0)).fillna(0.0)
    share = share.where(~(indices["low"] <= indices["by_chance"]), 0.0)
    by_factor = share.groupby(indices["factor"], sort=False).max()
    ranked = by_factor.sort_values(ascending=False, kind="stable")
    return [str(name) for name in ranked.index[:number]]
