"""A study of one scenario: its runs, its counterfactual, the comparison with the record."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import xarray as xr

from trucesim.files.errors import Message
from trucesim.outcomes import paired, patterns
from trucesim.runs.lineage import Lineage
from trucesim.runs.memory import check_memory
from trucesim.runs.simulate import Detail, check_detail, run, snapshot
from trucesim.scenario.change import by_departments, without_truce
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.folder import open_folder

Progress = Callable[[str, int, int], None]
"""Called as ``progress(what, done, of)``."""

MOST_SNAPSHOTS = 500
"""Up to so many runs, scenario and counterfactual share the years in which they are the same."""

PLACEMENT_RUNS = 100
"""At most so many runs show municipal results for the placement without the 2015 class."""

LAST_MUNICIPAL = dt.date(2013, 12, 31)
"""No municipal pattern reaches beyond this day, and so those runs do not either."""


@dataclass(frozen=True)
class Study:
    """What a study found.

    Attributes
    ----------
    scenario : Scenario
    results : xarray.Dataset
    counterfactual : xarray.Dataset or None
        The same runs without a truce; None if the scenario has none.
    comparison : pandas.DataFrame
        See :func:`trucesim.outcomes.patterns.compare`; municipal rows also hold, as
        ``departments_only_*``, what a placement by population and departmental counts alone gives.
    seconds : float
        Time taken by the runs.
    """

    scenario: Scenario
    results: xr.Dataset
    counterfactual: xr.Dataset | None
    comparison: pd.DataFrame
    seconds: float

    @property
    def reductions(self) -> pd.DataFrame:
        """Reductions by baseline, with the model's own counterfactual as the last one."""
        return paired.reduction_rows(self.results, self.counterfactual)


def conduct(
    scenario: Scenario,
    runs: int = 100,
    seed: int = 1,
    *,
    detail: Detail | None = None,
    point: bool = False,
    rules: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Study:
    """Run a scenario and its counterfactual, and hold them against the record.

    Parameters are those of :func:`trucesim.runs.simulate.run`.
    """
    began = time.perf_counter()
    common: dict[str, Any] = {"point": point, "rules": rules, "workers": workers}
    results, counterfactual = with_counterfactual(
        scenario, runs, seed, detail=detail, progress=progress, **common
    )
    comparison = against_record(scenario, results, seed, progress=progress, **common)
    return Study(scenario, results, counterfactual, comparison, time.perf_counter() - began)


def against_record(
    scenario: Scenario,
    results: xr.Dataset,
    seed: int,
    *,
    progress: Progress | None = None,
    **common: Any,
) -> pd.DataFrame:
    """Hold a scenario's runs against the record; see `Study` for what is given.

    Other parameters are those of :func:`trucesim.runs.simulate.run`.
    """
    comparison = patterns.compare(results)
    placed = placed_by_departments(
        scenario, results.sizes["run"], seed,
        progress=partial(progress, Message("placed by departments")) if progress else None,
        **common,
    )  # fmt: skip
    return comparison if placed is None else beside(comparison, patterns.compare(placed))


def with_counterfactual(
    scenario: Scenario,
    runs: int,
    seed: int,
    *,
    detail: Detail | None,
    lineages: Sequence[Lineage] | None = None,
    rules: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    **more: Any,
) -> tuple[xr.Dataset, xr.Dataset | None]:
    """Run a scenario, and the same without a truce if it has one.

    Parameters are those of :func:`trucesim.runs.simulate.run`. What both have in common is lived
    once, where there is room for it.
    """
    common: dict[str, Any] = {"rules": rules, "workers": workers}
    chance: dict[str, Any] = {"runs": runs, "seed": seed, "lineages": lineages, **more}

    def told(what: str) -> Callable[[int, int], None] | None:
        return partial(progress, what) if progress else None

    without = without_truce(scenario)
    parting = scenario.changes_from(without)
    kept = check_detail(detail, runs)
    check_memory(runs, [kept] if parting is None else [kept, "none"], len(load_country()))
    if parting is None:
        return run(
            scenario, detail=detail, progress=told(Message("runs")), **chance, **common
        ), None
    if runs <= MOST_SNAPSHOTS and calendar.day_of(parting) >= 7:
        shared = snapshot(
            scenario,
            parting,
            progress=told(Message("until {date}", date=parting)),
            **chance,
            **common,
        )
        common["start"], chance = shared, {}
    return (
        run(scenario, detail=detail, progress=told(Message("with the truce")), **chance, **common),
        run(without, detail="none", progress=told(Message("without it")), **chance, **common),
    )


def placed_by_departments(
    scenario: Scenario,
    runs: int,
    seed: int,
    *,
    detail: Detail = "none",
    until: dt.date = LAST_MUNICIPAL,
    progress: Callable[[int, int], None] | None = None,
    **common: Any,
) -> xr.Dataset | None:
    """Run a scenario with cliques placed by population and departmental counts alone.

    Parameters are those of :func:`trucesim.runs.simulate.run`; at most `PLACEMENT_RUNS` are run.

    Returns
    -------
    xarray.Dataset or None
        None if the scenario itself places them so, or nothing is known of the country but that.
    """
    if scenario.parameters.get("proxy_2015") == 0.0 or not open_folder().plan.tables.rate_class:
        return None
    return run(
        by_departments(scenario), min(runs, PLACEMENT_RUNS), seed, detail=detail, until=until,
        progress=progress, **common,
    )  # fmt: skip


def placed_pair(
    a: Scenario,
    b: Scenario,
    runs: int,
    seed: int,
    until: dt.date,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[xr.Dataset, xr.Dataset] | None:
    """Run two scenarios with cliques placed by population and departmental counts alone.

    Up to the day on which they part they are lived once. At most `PLACEMENT_RUNS` are run, in full
    detail.

    Returns
    -------
    pair of xarray.Dataset, or None
        None if one of them itself places them so, or nothing is known of the country but that.
    """
    if not open_folder().plan.tables.rate_class or any(
        each.parameters.get("proxy_2015") == 0.0 for each in (a, b)
    ):
        return None
    one, other = by_departments(a), by_departments(b)
    runs, parting, start = min(runs, PLACEMENT_RUNS), one.changes_from(other), None
    common: dict[str, Any] = {"workers": workers}
    if parting is not None and calendar.START < parting <= until:
        start = snapshot(one, parting, runs, seed, **common)
    told: dict[str, Any] = {"detail": "full", "until": until, "start": start, **common}
    first = run(one, runs, seed, progress=progress, **told)
    if parting is None or parting > until:
        return first, first
    return first, run(other, runs, seed, **told)


def beside(comparison: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Put the other placement's municipal results beside those that rest on the 2015 class.

    Parameters
    ----------
    comparison, placed : pandas.DataFrame
        Comparisons of a scenario's runs and of those of `placed_by_departments`.

    Returns
    -------
    pandas.DataFrame
        The comparison with the columns ``departments_only_*``, NaN where a row is not municipal.
    """
    columns = {
        f"departments_only_{name}": placed[f"simulated_{name}"].where(comparison["municipal"])
        for name in ("p05", "median", "p95")
    }
    return comparison.assign(**columns)


def summary(study: Study) -> dict[str, Any]:
    """Gather the headline figures, ready for JSON."""
    counted = study.comparison.dropna(subset=["inside"])
    inside = {
        use: {"inside": int(rows["inside"].astype(bool).sum()), "of": len(rows)}
        for use, rows in counted.groupby("use")
    }
    return {
        "scenario": study.scenario.name,
        **paired.summary(study.results, study.counterfactual),
        "patterns_inside": inside,
    }
