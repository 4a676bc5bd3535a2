"""Paired runs of two cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import xarray as xr

from trucesim.scenario import Scenario
from trucesim.simulation import run

RUNS = 200

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Pair:
    """What is to be run: one scenario, or two with the same draws."""

    a: Scenario
    b: Scenario | None = None
    runs: int = RUNS
    seed: int = 1


@dataclass(frozen=True)
class PairResults:
    """Runs of a pair, full detail, the same seed and runs on both sides."""

    a: xr.Dataset
    b: xr.Dataset | None


def compute(pair: Pair, progress: Progress | None = None) -> PairResults:
    """Run a pair.

    Parameters
    ----------
    pair : Pair
    progress : function, optional
        Called as ``progress(done, of)``.
    """
    sides = [pair.a] if pair.b is None else [pair.a, pair.b]
    results = []
    for count, scenario in enumerate(sides):
        told = (
            (
                lambda done, _, before=count * pair.runs: progress(
                    before + done, len(sides) * pair.runs
                )
            )
            if progress
            else None
        )
        results.append(run(scenario, pair.runs, pair.seed, detail="full", progress=told))
    return PairResults(results[0], results[1] if len(results) > 1 else None)
