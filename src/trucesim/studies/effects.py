"""What-ifs: one case against others, under either treatment of the gangs' own answers.

The headline has them by the model's own hazard in both cases, so that what a change does to them is
part of its effect; beside it they stay on their documented days in both.
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
from trucesim.runs.sampling import parameters_of_runs, shipped_draws, to_unit
from trucesim.runs.simulate import check_numbers, run
from trucesim.scenario.change import by_own_hazard, with_dated_answers
from trucesim.scenario.scenario import Scenario
from trucesim.studies.calibration import AT_PRIOR, verdicts
from trucesim.world import calendar
from trucesim.world.country import load_country

Progress = Callable[[str, int, int], None]

OWN, DATED = "own", "dated"

TREATMENTS: dict[str, Callable[[Scenario], Scenario]] = {
    OWN: lambda scenario: by_own_hazard(scenario, calendar.START),
    DATED: with_dated_answers,
}
"""How the gangs' answers come about in both cases: the first is the headline."""

MOST_RUNS = 5_000
"""All runs of both cases are held at once."""


@dataclass(frozen=True)
class Effect:
    """What one what-if comes to.

    Attributes
    ----------
    a, b : Scenario
        As they were given.
    results : dict of str to tuple of xarray.Dataset
        Runs of A and of B, by treatment.
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
    difference: pd.DataFrame
    regions: pd.DataFrame
    hangs_on: pd.DataFrame
    visible: pd.DataFrame

    @property
    def runs(self) -> int:
        """How many pairs."""
        return self.results[OWN][0].sizes["run"]

    def whole(self, region: str = effects.NATIONAL, treatment: str = OWN) -> dict[str, Any]:
        """Give the effect in a region over all years."""
        table = self.regions
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
        Up to `MOST_RUNS`.
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
    check(runs, seed, workers)
    began = time.perf_counter()

    def ran(scenario: Scenario, treatment: str) -> xr.Dataset:
        what = f"{scenario.name}, answers {treatment}"
        return run(
            TREATMENTS[treatment](scenario), runs, seed, point=point, detail="none",
            workers=workers,
            progress=(lambda done, of: progress(what, done, of)) if progress else None,
        )  # fmt: skip

    of_a = {treatment: ran(a, treatment) for treatment in TREATMENTS}
    found = [
        _effect(a, b, {treatment: (of_a[treatment], ran(b, treatment)) for treatment in TREATMENTS},
                runs, seed, point)
        for b in others
    ]  # fmt: skip
    return WhatIfs(tuple(found), seed, time.perf_counter() - began)


def check(runs: int, seed: int, workers: int | None) -> None:
    """Check numbers before anything is run.

    Raises
    ------
    InputError
    """
    check_numbers(runs, seed, 0, workers)
    if runs > MOST_RUNS:
        raise InputError(
            f"runs = {runs}, but a comparison takes at most {MOST_RUNS}; for more, sweep an "
            "experiment that lists the scenarios"
        )


def _effect(
    a: Scenario, b: Scenario, results: dict[str, tuple[xr.Dataset, xr.Dataset]], runs: int,
    seed: int, point: bool,
) -> Effect:  # fmt: skip
    regions = [
        effects.by_region(*pair).assign(treatment=treatment) for treatment, pair in results.items()
    ]
    parameters = parameters_of_runs(
        load_country(), {**a.parameters, **b.parameters}, seed, 0, runs, point=point
    )
    hangs = effects.hangs_on(effects.national(*results[OWN]), parameters)
    known = known_of_parameters()
    return Effect(
        a, b, results, by_period(*results[OWN]), pd.concat(regions, ignore_index=True),
        hangs.assign(known=[known[name] for name in hangs["parameter"]]),
        effects.visible(*results[OWN]),
    )  # fmt: skip


def known_of_parameters() -> dict[str, str]:
    """Say of every uncertain parameter what the shipped posterior adds to its prior."""
    draws = shipped_draws()
    names = [each.name for each in uncertain()]
    low, high = (
        [
            np.quantile(draws.values[:, draws.names.index(name)], level, weights=draws.weights,
                        method="inverted_cdf")
            if name in draws.names else each.at(level)
            for name, each in zip(names, uncertain(), strict=True)
        ]
        for level in (0.05, 0.95)
    )  # fmt: skip
    ends = to_unit(np.array([low, high], np.float64))
    found = dict(zip(names, verdicts((ends[1] - ends[0]) / 0.9).tolist(), strict=True))
    # Its size was set by cover and has no width, which tells nothing of it.
    return found | {"climate_spread": AT_PRIOR}
