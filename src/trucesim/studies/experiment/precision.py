"""How precisely effects are known, what pairing gains, and how many runs an error bar needs.

Run number r shares its draws of chance and of parameters at every point of a design. The effect of
a point against a baseline is the mean, over run numbers, of the difference within each pair; what
both sides share falls out of it. How much that gains is measured here, against the standard error
that as many independent runs on each side would have.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trucesim.files.errors import InputError, nearest
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.outcomes.paired import compared
from trucesim.outcomes.statistics import QUANTILES
from trucesim.studies.experiment.design import Design, label
from trucesim.studies.experiment.file import NEVER, SPREADING, Experiment

if TYPE_CHECKING:
    from trucesim.studies.experiment.folder import Sweep

FloatArray = NDArray[np.float64]

COLUMNS = [
    "point", "outcome", "pairs", "mean", "baseline_mean", "effect", "se_paired", "se_unpaired",
    "variance_reduction", *QUANTILES, "share_lower", "share_equal",
]  # fmt: skip
"""Of a table of effects."""

_NORMAL_95 = 1.6449
"""The 95% quantile of the normal distribution: on both sides of an interval, 90% lie within."""


def effects(runs: pd.DataFrame, outcome: str, baseline: int) -> pd.DataFrame:
    """Compare every point with a baseline, run by run.

    Parameters
    ----------
    runs : pandas.DataFrame
        ``point``, ``run`` and a column an outcome.
    outcome : str
    baseline : int
        The point that the others are compared with.

    Returns
    -------
    pandas.DataFrame
        A row a point but the baseline: ``point``, ``outcome``, ``pairs`` (run numbers that both
        sides have a value for), ``mean`` and ``baseline_mean`` over these, ``effect`` (their
        difference, in the outcome's unit), ``se_paired``, ``se_unpaired`` (what as many independent
        runs on each side would give), ``variance_reduction`` (unpaired variance by paired: so many
        times as many independent runs would be needed; infinite if all differences are alike),
        ``p05``, ``median``, ``p95`` of the differences over runs, ``share_lower`` and
        ``share_equal`` (of pairs in which the point has less than, or as much as, the baseline).
        Standard errors are NaN with fewer than two pairs.

    Raises
    ------
    InputError
        No such outcome or point.
    """
    table = by_run(runs, outcome)
    if baseline not in table.index:
        raise InputError("baseline {baseline}: no point of that number has runs", baseline=baseline)
    reference = table.loc[baseline].to_numpy()
    rows = []
    for point, values in zip(table.index, table.to_numpy(), strict=True):
        if point == baseline:
            continue
        both = ~np.isnan(values) & ~np.isnan(reference)
        a, b = values[both], reference[both]
        rows.append({"point": int(point), "outcome": outcome, **_compared(a, b)})
    return pd.DataFrame(rows, columns=COLUMNS)


def _compared(a: FloatArray, b: FloatArray) -> dict[str, float]:
    """Compare two sides of pairs."""
    pairs, found = len(a), compared(a, b)
    paired = found["se"]
    unpaired = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / pairs) if pairs > 1 else math.nan
    if paired > 0:
        gained = unpaired**2 / paired**2
    else:
        gained = math.inf if unpaired > 0 else math.nan
    return {
        "pairs": float(pairs),
        "mean": float(a.mean()) if pairs else math.nan,
        "baseline_mean": float(b.mean()) if pairs else math.nan,
        "effect": found["mean"],
        "se_paired": paired,
        "se_unpaired": unpaired,
        "variance_reduction": gained,
        **{name: found[name] for name in QUANTILES},
        "share_lower": found["lower"],
        "share_equal": found["equal"],
    }


def effects_of(
    sweep: Sweep, outcomes: Sequence[str] | None = None, baseline: int = 0
) -> pd.DataFrame:
    """Give the effects of a sweep's points, reading one point beside the baseline at a time.

    Parameters
    ----------
    sweep : Sweep
        Of a factorial or a list, or of a design that several policies meet: then its policies
        are compared, by their number in the column ``point``, each point and run with itself.
    outcomes : sequence of str, optional
        All by default.
    baseline : int
        The point that the others are compared with, by default the first.

    Returns
    -------
    pandas.DataFrame
        As `effects`, outcome after outcome.

    Raises
    ------
    InputError
        A design that spreads points under one policy; no such outcome, or no such point.
    """
    names = sweep.experiment.outcomes if outcomes is None else outcomes
    if sweep.experiment.plan.kind in SPREADING:
        return _effects_of_policies(sweep, names, baseline)
    points = sweep.design.index
    if baseline not in points:
        raise InputError(
            "baseline {baseline}: the design has points 0 to {last}", baseline=baseline,
            last=len(points) - 1,
        )  # fmt: skip
    reference = sweep.select([baseline])
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in names}
    for point in points:
        if point == baseline:
            continue
        pair = pd.concat([reference, sweep.select([int(point)])], ignore_index=True)
        for name in names:
            tables[name].append(effects(pair, name, baseline))
    parts = [table for name in names for table in tables[name]]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _effects_of_policies(sweep: Sweep, names: Sequence[str], baseline: int) -> pd.DataFrame:
    """Compare policies at the same points, run by run; see `effects_of`."""
    design = sweep.points()
    policies, rows = len(design.policies), len(design.unit)
    if policies < 2:
        check_points(sweep.experiment)
    if not 0 <= baseline < policies:
        raise InputError(
            "baseline {baseline}: the design has policies 0 to {last}", baseline=baseline,
            last=policies - 1,
        )  # fmt: skip
    tables = []
    for name in names:
        by_point = by_run(sweep.runs, name).reindex(range(policies * rows))
        values = by_point.to_numpy().reshape(policies, rows, -1)
        for policy in range(policies):
            if policy == baseline:
                continue
            a, b = values[policy], values[baseline]
            both = ~np.isnan(a) & ~np.isnan(b)
            found = _compared(a[both], b[both])
            error = found["se_paired"] = error_of_crossed(np.where(both, a - b, np.nan))
            if error > 0:
                found["variance_reduction"] = found["se_unpaired"] ** 2 / error**2
            tables.append({"point": policy, "outcome": name, **found})
    return pd.DataFrame(tables, columns=COLUMNS)


def error_of_crossed(values: FloatArray) -> float:
    """Give the standard error of a mean over points and runs that are crossed.

    All runs of a point share its factors, and all of a number their draws, so that cells are no
    independent values: variances of the means by point and by run number add up, less that of the
    cells, which both hold. Never below what the means by point alone give.

    Parameters
    ----------
    values : ndarray of float, shape (point, run)
        NaN where there is none.
    """

    def variance(found: FloatArray) -> float:
        known = found[~np.isnan(found)]
        return float(known.var(ddof=1)) / len(known) if len(known) > 1 else math.nan

    def means(axis: int) -> FloatArray:
        count = (~np.isnan(values)).sum(axis=axis)
        return np.where(count, np.nansum(values, axis=axis) / np.maximum(count, 1), np.nan)

    by_point, by_number = variance(means(1)), variance(means(0))
    if math.isnan(by_number):
        return math.sqrt(by_point) if by_point >= 0 else math.nan
    return math.sqrt(max(by_point + by_number - variance(values.ravel()), by_point))


def sides(design: Design) -> dict[int, str]:
    """Name what `effects_of` compares: the policies of a design that spreads points, or points."""
    if design.experiment.plan.kind in SPREADING:
        return dict(enumerate(title[spoken()] for title in design.policies.values()))
    return called(design)


def is_spread(sweep: Sweep) -> bool:
    """Tell whether a sweep's points are drawn from a space, under one policy: no two are cases."""
    return sweep.experiment.plan.kind in SPREADING and len(sides(sweep.points())) < 2


def check_points(experiment: Experiment) -> None:
    """Refuse a design whose points are no cases of their own.

    Raises
    ------
    InputError
    """
    kind = experiment.plan.kind
    if kind in SPREADING:
        raise InputError(
            "{name}: a {kind} design spreads its points, and no one of them is a case to compare; "
            "what its outcomes hang on, 'trucesim sensitivity FILE --out DIR' tells",
            name=experiment.name, kind=kind,
        )  # fmt: skip


TEXT = catalogue({"yes": "yes", "no": "no", "never": NEVER, "rules": "rules"})


def called(design: Design) -> dict[int, str]:
    """Name every point by what tells it from the others: its scenario, and its levers' values."""
    frame = design.frame
    levers = {
        lever.name: label(lever, design.bases)[spoken()] for lever in design.experiment.levers
    }
    own = [name for name in frame.columns if name == "scenario" or name in levers]
    told = [name for name in own if len(set(map(str, frame[name]))) > 1] or ["scenario"]
    titles = {name: base.title[spoken()] for name, base in design.bases.items()}
    for name, rules in design.experiment.rules.items():
        if design.bases[name].name != rules:  # else it is called so already
            titles[name] += f" ({TEXT['rules']}: {rules})"
    names = {}
    for point, row in frame.iterrows():
        parts = [titles[row["scenario"]]] if "scenario" in told else []
        for name in told:
            # A lever that a point leaves out is as in the scenario; pandas writes that as it likes.
            if name != "scenario" and not pd.isna(row[name]):
                parts.append(f"{levers[name]}: {_shown(row[name])}")
        names[int(str(point))] = ", ".join(parts)
    return names


def _shown(value: object) -> str:
    """Write a lever's value."""
    if isinstance(value, bool):
        return TEXT["yes" if value else "no"]
    if isinstance(value, int | float):
        return language.short(float(value))
    return TEXT["never"] if value == NEVER else str(value)


def needed(runs: pd.DataFrame, outcome: str, baseline: int, error: float) -> pd.DataFrame:
    """Tell how many runs a standard error needs, from a pilot.

    Parameters
    ----------
    runs : pandas.DataFrame
        The pilot's runs, as for `effects`.
    outcome : str
    baseline : int
        The point that the others are compared with.
    error : float
        The standard error that is wanted, in the outcome's unit.

    Returns
    -------
    pandas.DataFrame
        Rows of ``what`` "mean", one a point, and of ``what`` "effect", one a point but the
        baseline: ``point``, ``what``, ``pilot`` (runs, or pairs, with a value), ``value`` (mean or
        effect in the pilot), ``deviation`` (standard deviation of one run, or of one paired
        difference), and the runs needed at the point: ``paired`` (with the same run numbers at the
        baseline) and ``unpaired`` (as many independent ones on each side), each with ``_low`` and
        ``_high``, the 90 % interval that a pilot of this size leaves;
        NaN where all runs of the pilot are alike, which tells nothing. Means have no ``unpaired``
        number: theirs stands under ``paired``.

    Raises
    ------
    InputError
        No such outcome or point, an error that is not positive, or a pilot of fewer than 8 runs.
    """
    if not (error > 0 and math.isfinite(error)):
        raise InputError("standard error {error!r}: it must be a number above 0", error=error)
    table = by_run(runs, outcome)
    if baseline not in table.index:
        raise InputError("baseline {baseline}: no point of that number has runs", baseline=baseline)
    reference = table.loc[baseline].to_numpy()
    means, contrasts = [], []
    for point, values in zip(table.index, table.to_numpy(), strict=True):
        own = values[~np.isnan(values)]
        _enough(own, outcome, int(point))
        row = {"point": int(point), "what": "mean", "pilot": len(own), "value": own.mean()}
        means.append(row | _numbers(own, None, error))
        if point == baseline:
            continue
        both = ~np.isnan(values) & ~np.isnan(reference)
        a, b = values[both], reference[both]
        _enough(a, outcome, int(point))
        row = {"point": int(point), "what": "effect", "pilot": len(a), "value": (a - b).mean()}
        contrasts.append(row | _numbers(a, b, error))
    return pd.DataFrame(means + contrasts)


def _enough(values: FloatArray, outcome: str, point: int) -> None:
    if len(values) < 8:
        raise InputError(
            "{outcome}: {count} runs of point {point} have a value; a pilot needs 8",
            outcome=outcome, count=len(values), point=point,
        )  # fmt: skip


def _numbers(a: FloatArray, b: FloatArray | None, error: float) -> dict[str, float]:
    """Give the runs needed, with intervals; for a mean, or for a difference of pairs."""
    apart = a if b is None else a - b
    found = {"deviation": float(apart.std(ddof=1))}
    sides = {"paired": [apart], "unpaired": [] if b is None else [a, b]}
    for name, parts in sides.items():
        variances = _variance(parts) if parts else (math.nan,) * 3
        for end, variance in zip(("", "_low", "_high"), variances, strict=True):
            # Two runs at least: one has no standard error.
            number = variance if math.isnan(variance) else max(math.ceil(variance / error**2), 2)
            found[name + end] = float(number)
    return found


def _variance(parts: Sequence[FloatArray]) -> tuple[float, float, float]:
    """Give the sum of the variances of samples drawn together, and its 90% interval.

    It is the mean of squared deviations, run by run, so their spread tells its standard error; on
    the scale of the logarithm it is close to normal.
    """
    squares = np.sum([(part - part.mean()) ** 2 for part in parts], axis=0)
    runs = len(squares)
    variance = float(squares.sum() / (runs - 1))
    if variance == 0.0:
        return (math.nan,) * 3
    spread = math.exp(_NORMAL_95 * float(squares.std(ddof=1)) / math.sqrt(runs) / variance)
    return variance, variance / spread, variance * spread


def by_run(runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Lay an outcome out, one row a point and one column a run number; NaN where there is none.

    Raises
    ------
    InputError
        No such outcome, or the same run of a point twice.
    """
    known = [str(name) for name in runs.columns if name not in ("point", "run")]
    if outcome not in known:
        raise InputError(
            "no outcome {outcome!r} in these runs{hint}; there are {allowed}", outcome=outcome,
            hint=nearest(outcome, known), allowed=", ".join(known),
        )  # fmt: skip
    if runs.duplicated(["point", "run"]).any():
        raise InputError("a run of a point stands twice in the table of runs")
    table = runs.pivot(index="point", columns="run", values=outcome)
    return table.sort_index().astype(np.float64)
