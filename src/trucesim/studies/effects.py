"""What-ifs: one case against others, under either treatment of the gangs' own answers.

The headline has them by the model's own hazard in both cases, so that what a change does to them is
part of its effect; beside it they stay on their documented days in both. Cases that differ in the
answers themselves are run as they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError
from trucesim.outcomes import effects
from trucesim.outcomes.paired import by_period
from trucesim.parameters import uncertain
from trucesim.runs.sampling import parameters_of_runs
from trucesim.runs.simulate import check_numbers, run
from trucesim.scenario.change import by_own_hazard, differ_in_answers, with_dated_answers
from trucesim.scenario.scenario import Scenario
from trucesim.studies.calibration import verdicts
from trucesim.studies.cases import posterior_span
from trucesim.world import calendar
from trucesim.world.country import load_country

Progress = Callable[[str, int, int], None]

OWN, DATED, AS_GIVEN = "own", "dated", "as given"

TREATMENTS: dict[str, Callable[[Scenario], Scenario]] = {
    OWN: lambda scenario: by_own_hazard(scenario, calendar.START),
    DATED: with_dated_answers,
    AS_GIVEN: lambda scenario: scenario,
}
"""How the gangs' answers come about in both cases."""

MOST_RUNS = 20_000
"""Of all cases together: all are held at once, twice."""


def treatments(a: Scenario, b: Scenario) -> tuple[str, ...]:
    """Name the treatments under which two cases are compared, the headline's first.

    Cases that differ in the answers themselves are run as they are.
    """
    return (AS_GIVEN,) if differ_in_answers(a, b) else (OWN, DATED)


@dataclass(frozen=True)
class Effect:
    """What one what-if comes to.

    Attributes
    ----------
    a, b : Scenario
        As they were given.
    results : dict of str to tuple of xarray.Dataset
        Runs of A and of B, by treatment (see `treatments`).
    varied : bool
        Whether runs differ in their parameters.
    difference : pandas.DataFrame
        See :func:`trucesim.outcomes.paired.by_period`, of the headline.
    regions : pandas.DataFrame
        See :func:`trucesim.outcomes.effects.by_region`, with ``treatment``.
    hangs_on : pandas.DataFrame
        See :func:`trucesim.outcomes.effects.hangs_on`, of the headline, with ``known``: what the
        record says of the parameter (:func:`trucesim.studies.calibration.verdicts`).
    visible : pandas.DataFrame
        See :func:`trucesim.outcomes.effects.visible`, of the headline.
    """

    a: Scenario
    b: Scenario
    results: dict[str, tuple[xr.Dataset, xr.Dataset]]
    varied: bool
    difference: pd.DataFrame
    regions: pd.DataFrame
    hangs_on: pd.DataFrame
    visible: pd.DataFrame

    @property
    def headline(self) -> tuple[xr.Dataset, xr.Dataset]:
        """The runs of A and of B under the first treatment."""
        return next(iter(self.results.values()))

    @property
    def runs(self) -> int:
        """How many pairs."""
        return self.headline[0].sizes["run"]

    def whole(self, region: str = effects.NATIONAL, treatment: str = "") -> dict[str, Any]:
        """Give the effect in a region over all years, by default of the headline."""
        table, treatment = self.regions, treatment or next(iter(self.results))
        rows = table[
            table["region"].eq(region)
            & table["period"].eq(effects.ALL_YEARS)
            & table["treatment"].eq(treatment)
        ]
        return {str(name): value for name, value in rows.iloc[0].items()}

    @property
    def assumptions(self) -> pd.DataFrame:
        """The rows of `hangs_on` that are told from 0."""
        return self.hangs_on[self.hangs_on["told"].astype(bool)]


@dataclass(frozen=True)
class WhatIfs:
    """One case against others.

    Attributes
    ----------
    effects : tuple of Effect
    seed : int
    seconds : float
        Time taken.
    """

    effects: tuple[Effect, ...]
    seed: int
    seconds: float

    def table(self, name: str) -> pd.DataFrame:
        """Give a table of all effects, with the cases' names as ``a`` and ``b`` before it.

        Parameters
        ----------
        name : {'difference', 'regions', 'hangs_on', 'visible'}
        """
        tables = [getattr(each, name).assign(a=each.a.name, b=each.b.name) for each in self.effects]
        table = pd.concat(tables, ignore_index=True)
        return pd.DataFrame(table, columns=["a", "b", *tables[0].columns[:-2]])


def what_ifs(
    a: Scenario,
    others: Sequence[Scenario],
    runs: int = 200,
    seed: int = 1,
    *,
    point: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> WhatIfs:
    """Run a case and others with the same draws, and compare each of them with it.

    Parameters
    ----------
    a : Scenario
    others : sequence of Scenario
    runs : int
        Times cases up to `MOST_RUNS`.
    seed : int
    point, workers
        As for :func:`trucesim.runs.simulate.run`.
    progress : function, optional
        Called as ``progress(what, done, of)``.

    Raises
    ------
    InputError
        Numbers out of bounds.
    """
    check(runs, 1 + len(others), seed, workers)
    began = time.perf_counter()

    def told(what: str) -> Callable[[int, int], None] | None:
        return (lambda done, of: progress(what, done, of)) if progress else None

    kept: dict[str, xr.Dataset] = {}

    def ran(scenario: Scenario) -> xr.Dataset:
        if scenario.digest not in kept:
            kept[scenario.digest] = run(
                scenario, runs, seed, point=point, detail="none", workers=workers,
                progress=told(f"{scenario.name} {len(kept) + 1}"),
            )  # fmt: skip
        return kept[scenario.digest]

    found = []
    for b in others:
        results = {
            name: (ran(TREATMENTS[name](a)), ran(TREATMENTS[name](b))) for name in treatments(a, b)
        }
        found.append(_effect(a, b, results, runs, seed, point))
    return WhatIfs(tuple(found), seed, time.perf_counter() - began)


def check(runs: int, cases: int, seed: int, workers: int | None) -> None:
    """Check numbers before anything is run.

    Raises
    ------
    InputError
    """
    check_numbers(runs, seed, 0, workers)
    if runs * cases > MOST_RUNS:
        raise InputError(
            f"runs = {runs}, but a comparison of {cases} cases takes at most "
            f"{MOST_RUNS // cases}; for more, sweep an experiment that lists the scenarios"
        )


def _effect(
    a: Scenario, b: Scenario, results: dict[str, tuple[xr.Dataset, xr.Dataset]], runs: int,
    seed: int, point: bool,
) -> Effect:  # fmt: skip
    regions = [
        effects.by_region(*pair).assign(treatment=treatment) for treatment, pair in results.items()
    ]
    headline = next(iter(results.values()))
    # Where one case fixes a parameter, the effect hangs on what the other took.
    drawn, other = (
        parameters_of_runs(load_country(), dict(each.parameters), seed, 0, runs, point=point)
        for each in (a, b)
    )
    for name in a.parameters:
        drawn[name] = other[name]
    hangs = effects.hangs_on(effects.national(*headline), drawn)
    known = known_of_parameters()
    return Effect(
        a, b, results, effects.vary(drawn), by_period(*headline),
        pd.concat(regions, ignore_index=True),
        hangs.assign(known=[known[name] for name in hangs["parameter"]]),
        effects.visible(*headline),
    )  # fmt: skip


def known_of_parameters() -> dict[str, str]:
    """Say of every uncertain parameter what the shipped posterior adds to its prior.

    Returns
    -------
    dict of str to str
        See :func:`trucesim.studies.calibration.verdicts`.
    """
    found = {}
    for each in uncertain():
        low, high = posterior_span(each.name) or (each.at(0.05), each.at(0.95))
        found[each.name] = (each.share(np.array(high)) - each.share(np.array(low))) / 0.9
    return dict(zip(found, verdicts(np.array([*found.values()])).tolist(), strict=True))
