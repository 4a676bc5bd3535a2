"""A validation of synthetic runs, and stand-ins for what its parts take from elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from synthetic import synthetic_results

from trucesim.outcomes import evidence, forecasts, patterns, reductions
from trucesim.runs.sampling import Draws
from trucesim.scenario.file import load_scenario
from trucesim.studies import validation
from trucesim.studies.calibration import Origin
from trucesim.studies.validation import BESIDE, BLOCKS, GIVEN, LATER, OWN, WHOLE, Validation
from trucesim.world.observed import observed
from trucesim.world.periods import parse

AFTER = np.arange("2017-01", "2020-01", dtype="datetime64[M]").astype("datetime64[ns]")
NO_DRAWS = Draws((), np.empty((0, 0)), np.empty(0))
POSTERIORS = dict.fromkeys((*BLOCKS, BESIDE, "whole"), NO_DRAWS)

DEPARTMENTS = pd.DataFrame(
    [
        ("2013", ("La Paz",), "rate per 100,000 in the year", 123.0, "fit"),
        ("2013", ("Usulután", "San Miguel"), "homicides", 307.0, "check"),
    ],
    columns=["period", "departments", "statistic", "value", "use"],
).assign(confidence="high", source="test")


def later_months(runs: int = 1, seed: int = 7) -> xr.DataArray:
    """Give counts of 2017-2019 about 300 a month, dims run and month."""
    counts = np.random.default_rng(seed).poisson(300, (runs, len(AFTER)))
    return xr.DataArray(counts, {"run": np.arange(runs), "month": AFTER}, ("run", "month"))


def longer(results: xr.Dataset) -> xr.Dataset:
    """Give the monthly counts of runs as if they went on to the end of 2019."""
    counts = results["recorded_national"]
    return xr.concat(
        [counts, later_months(results.sizes["run"], 8).assign_coords(run=results["run"])], "month"
    ).to_dataset(name="recorded_national")


def synthetic_validation() -> Validation:
    """Give a validation of which every table is made by its own module."""
    scenario, results = load_scenario("as-recorded"), synthetic_results(runs=30)
    comparison, recorded = patterns.compare(results), observed()["recorded_national"]
    record = xr.concat([recorded, later_months()], "month").to_dataset(name="recorded_national")
    months = [validation._of(forecasts.score_months(results, WHOLE), WHOLE, GIVEN)]
    blocks = []
    for treatment in (GIVEN, OWN):
        other = results if treatment == GIVEN else synthetic_results(runs=30, seed=2)
        pairs = [
            validation._block(other, parse(name), scenario, treatment) for name in (*BLOCKS, BESIDE)
        ]
        tables = [table for table, _ in pairs]
        pooled = forecasts.pooled(tables[: len(BLOCKS)])
        blocks += [*tables, validation._of(pooled, forecasts.POOLED, treatment)]
        months += [each for _, each in pairs]
    pairs = [
        validation._block(longer(results), parse(name), scenario, OWN, record, "2017")
        for name in LATER
    ]
    hidden = reductions.hiding(results)
    averted = reductions.reductions(results).assign(counted="recorded")
    return Validation(
        scenario, results, False, patterns.judge(comparison), patterns.coverage(comparison),
        pd.concat([*months, *(each for _, each in pairs)], ignore_index=True),
        pd.concat(blocks, ignore_index=True),
        pd.concat([table for table, _ in pairs], ignore_index=True),
        evidence.compare_departments(results, DEPARTMENTS),
        pd.concat([averted[hidden.columns], hidden], ignore_index=True),
        None, None, Origin("0.1.0", False), 30, 1.0,
    )  # fmt: skip
