"""A validation of one scenario: patterns, forecasts, hiding and a user's panel, in a report.

Nothing here chooses a parameter. Every estimator is that of the module it comes from, on runs and
record alike.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError
from trucesim.outcomes import forecasts, patterns, reductions, regressions
from trucesim.outcomes import panel as panels
from trucesim.outcomes.forecasts import MODEL
from trucesim.runs.sampling import prior_parameters, shipped_draws
from trucesim.runs.simulate import FULL_DETAIL_RUNS, check_numbers, run
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.studies import comparison as study
from trucesim.studies.calibration import Origin, origin_of
from trucesim.world.periods import FloatArray

MOST_RUNS = FULL_DETAIL_RUNS
"""The regression needs every run's counts by municipality and month; these are kept up to here."""


@dataclass(frozen=True)
class Validation:
    """What a validation found.

    Attributes
    ----------
    scenario : Scenario
    results : xarray.Dataset
        Full detail.
    ensemble : xarray.Dataset
        `FORECASTS_FOR_A_RUN` times as many runs, without municipal detail: what forecasts.
    weights : dict
        Of the ensemble's runs, by origin (:func:`trucesim.outcomes.forecasts.origin_weights`).
    point : bool
        Whether all runs have the point values of the parameters.
    comparison : pandas.DataFrame
        See :func:`trucesim.outcomes.patterns.compare`, with the regressions filled in, the columns
        of :func:`trucesim.outcomes.forecasts.judge` and, for municipal rows,
        ``departments_only_*``: what a placement by population and departmental counts alone gives;
        unless ``point``, also ``prior_*``: what runs drawn from the priors give.
    coverage : pandas.DataFrame
        See :func:`trucesim.outcomes.forecasts.hold_outs`.
    forecasts : pandas.DataFrame
        See :func:`trucesim.outcomes.forecasts.forecast_table`; ``crps_skill_lower`` is the lower of
        its two skills, the one to quote. Rows of the method `UNWEIGHTED` forecast later windows
        from June 2013 too.
    reductions : pandas.DataFrame
        The rows of :func:`trucesim.outcomes.reductions.reductions`, which count recorded homicides
        from the truce's first day, then those of :func:`trucesim.outcomes.reductions.hiding`.
    panel : xarray.Dataset or None
        A user's panel.
    score : trucesim.outcomes.panel.Score or None
        Its score.
    posterior : trucesim.studies.calibration.Origin or None
        What made the shipped posterior, and whether today's model still does what that one did.
    seconds : float
        Time taken.
    """

    scenario: Scenario
    results: xr.Dataset
    ensemble: xr.Dataset
    weights: dict[str, FloatArray]
    point: bool
    comparison: pd.DataFrame
    coverage: pd.DataFrame
    forecasts: pd.DataFrame
    reductions: pd.DataFrame
    panel: xr.Dataset | None
    score: panels.Score | None
    posterior: Origin | None
    seconds: float


FORECASTS_FOR_A_RUN = 10
"""A later origin keeps one run in twenty: of so many more, enough are left."""


def check(runs: int, seed: int, workers: int | None, given: xr.Dataset | None = None) -> None:
    """Check what a validation needs, before anything is run.

    Parameters
    ----------
    runs, seed, workers
        As for :func:`validate`.
    given : xarray.Dataset, optional
        A user's panel.

    Raises
    ------
    InputError
        Numbers out of bounds, statsmodels is missing, or the panel has no known value.
    """
    check_numbers(runs, seed, 0, workers)
    if runs > MOST_RUNS:
        raise InputError(
            f"runs = {runs}, but a validation takes at most {MOST_RUNS}: its regression needs "
            "every run's homicides by municipality and month"
        )
    regressions.check_installed()
    if given is not None and not given["homicides"].notnull().any():
        raise InputError(f"{given.attrs['source']}: the panel has no known value")


def validate(
    scenario: Scenario | str | Path,
    runs: int = 200,
    seed: int = 1,
    *,
    given: xr.Dataset | None = None,
    point: bool = False,
    workers: int | None = None,
    progress: study.Progress | None = None,
) -> Validation:
    """Run a scenario and hold it against all that is known.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, a shipped one's name, or a file.
    runs : int
        Up to `MOST_RUNS`.
    seed : int
    given : xarray.Dataset, optional
        A panel of one's own (:func:`trucesim.outcomes.panel.read_panel`); scored with, never fitted
        to.
    point, workers
        As for :func:`trucesim.runs.simulate.run`.
    progress : function, optional
        Called as ``progress(what, done, of)``.

    Returns
    -------
    Validation

    Raises
    ------
    InputError
        As `check`, or anything wrong in the scenario.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    check(runs, seed, workers, given)
    if given is not None:
        # As it was read: by the end the file may be another.
        given = given.assign_attrs(sha256=_digest(given.attrs["source"]))
    began = time.perf_counter()
    common: dict[str, Any] = {"point": point, "workers": workers}

    def told(what: str) -> Callable[[int, int], None] | None:
        return (lambda done, of: progress(what, done, of)) if progress else None

    results = run(scenario, runs, seed, detail="full", progress=told("runs"), **common)
    placed = study.placed_by_departments(
        scenario, runs, seed, detail="full", progress=told("placed by departments"), **common
    )
    ensemble = run(
        scenario, FORECASTS_FOR_A_RUN * runs, seed, detail="none", progress=told("forecasts"),
        **common,
    )  # fmt: skip
    origins = {window.origin for window in forecasts.windows().values() if window.origin}
    weights = {origin: forecasts.origin_weights(ensemble, origin) for origin in sorted(origins)}
    comparison = regressions.with_regressions(
        patterns.compare(results), results, progress=told("regressions")
    )
    if placed is not None:
        other = regressions.with_regressions(
            patterns.compare(placed), placed, progress=told("regressions, departments")
        )
        comparison = study.beside(comparison, other)
    if not point:
        unfitted = run(
            scenario, runs, seed, detail="none", workers=workers,
            parameters=prior_parameters(runs, seed, dict(scenario.parameters)),
            progress=told("priors"),
        )  # fmt: skip
        expected = patterns.compare(unfitted)
        for name in ("p05", "median", "p95"):
            comparison[f"prior_{name}"] = expected[f"simulated_{name}"]
    recorded = reductions.reductions(results).assign(counted="recorded")
    hidden = reductions.hiding(results)
    return Validation(
        scenario,
        results,
        ensemble,
        weights,
        point,
        forecasts.judge(comparison),
        forecasts.hold_outs(comparison),
        _all_forecasts(ensemble, weights),
        pd.concat([recorded[hidden.columns], hidden], ignore_index=True),
        given,
        None if given is None else panels.score_panel(results, given),
        origin_of(shipped_draws()),
        time.perf_counter() - began,
    )


def strongest(table: pd.DataFrame) -> pd.DataFrame:
    """Hold the model against the strongest naive forecast of each window.

    Parameters
    ----------
    table : pandas.DataFrame
        The forecasts of a `Validation`.

    Returns
    -------
    pandas.DataFrame
        One row per window with an origin: window, origin, months, mae, crps, coverage_90 (the
        model's), naive (the method with the least CRPS, its past errors centred or not), naive_mae,
        naive_crps, crps_skill_lower (of the model against it), beaten, of (how many naive forecasts
        the model beats by that skill, and how many there are).
    """
    rows = []
    table = table[table["origin"].ne("") & table["method"].ne(UNWEIGHTED)]
    for window, group in table.groupby("window", sort=False):
        model = group[group["method"] == MODEL].iloc[0]
        naive = group[group["method"] != MODEL]
        best = naive.sort_values("crps_skill_lower").iloc[0]
        rows.append(
            {
                "window": window,
                "origin": model["origin"],
                **{name: model[name] for name in ("months", "mae", "crps", "coverage_90")},
                "naive": best["method"],
                "naive_mae": best["mae"],
                "naive_crps": min(best["crps"], best["crps_centred"]),
                "crps_skill_lower": best["crps_skill_lower"],
                "beaten": int((naive["crps_skill_lower"] > 0).sum()),
                "of": len(naive),
            }
        )
    return pd.DataFrame(rows)


def summary(found: Validation) -> dict[str, Any]:
    """Gather the headline figures, ready for JSON: None stands where a number is undefined."""
    attrs = found.results.attrs
    kept = ["mae", "mae_skill", "crps", "crps_skill_lower", "coverage_90"]
    content: dict[str, Any] = {
        "scenario": found.scenario.name,
        "runs": int(attrs["runs"]),
        "seed": int(attrs["seed"]),
        "patterns": {row["use"]: row for row in found.coverage.to_dict("records")},
        "forecasts": {
            str(window): rows.set_index("method")[kept].to_dict("index")
            for window, rows in found.forecasts.groupby("window", sort=False)
        },
        "reductions": found.reductions.to_dict("records"),
        "panel": None if found.score is None else found.score.periods.to_dict("records"),
    }
    plain: dict[str, Any] = _plain(content)
    return plain


def _digest(path: str) -> str | None:
    """Digest a file; None for a panel that was made in memory."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if Path(path).is_file() else None


UNWEIGHTED = "model, June 2013"
"""Method of the rows in which no run knows a month after June 2013, whatever the window."""


def _all_forecasts(ensemble: xr.Dataset, weights: dict[str, FloatArray]) -> pd.DataFrame:
    """Score every window by what was known at its origin, and once more by the posterior alone."""
    table = _with_lower_skill(forecasts.forecast_table(ensemble, weights))
    plain = forecasts.forecast_table(ensemble)
    plain = plain[plain["method"].eq(MODEL) & plain["origin"].gt(forecasts.POSTERIOR_ENDS)]
    plain = plain.assign(method=UNWEIGHTED, origin=forecasts.POSTERIOR_ENDS)
    return pd.concat([table, plain], ignore_index=True)


def _with_lower_skill(table: pd.DataFrame) -> pd.DataFrame:
    lower = table[["crps_skill", "crps_skill_centred"]].min(axis=1, skipna=False)
    return table.assign(crps_skill_lower=lower)


def _plain(content: Any) -> Any:
    """Turn numpy's numbers into Python's, and those that are not finite into None."""
    if isinstance(content, Mapping):
        return {str(name): _plain(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_plain(value) for value in content]
    if hasattr(content, "item"):
        content = content.item()
    return None if isinstance(content, float) and not math.isfinite(content) else content
