"""The uncertain parameters that runs took, for tables and files, to regress on.

They are a function of seed, run number and scenario, so that nothing of them need be stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from trucesim.parameters import uncertain
from trucesim.runs.sampling import parameters_of_runs, prior_parameters
from trucesim.scenario.scenario import Scenario
from trucesim.world.country import Country, load_country


def take(
    drawn: str,
    country: Country,
    changed: Mapping[str, float],
    seed: int,
    first: int,
    runs: int,
) -> NDArray[np.void]:
    """Give the parameters of consecutive runs, shape (run,).

    Parameters
    ----------
    drawn : {'posterior', 'prior', 'point'}
        What they are drawn from.
    country : Country
    changed : mapping
        What the scenario, or a design, sets.
    seed, first, runs : int
    """
    if drawn == "prior":
        return prior_parameters(runs, seed, dict(changed), first, country)
    return parameters_of_runs(country, dict(changed), seed, first, runs, point=drawn == "point")


def table(records: NDArray[np.void]) -> pd.DataFrame:
    """Give the uncertain parameters of runs, a row a run."""
    return pd.DataFrame({each.name: records[each.name] for each in uncertain()}, dtype=np.float64)


def with_parameters(results: xr.Dataset, scenario: Scenario) -> xr.Dataset:
    """Add ``parameters(run, parameter)``, what every run took, to results of a scenario.

    They are known by the digest that results carry; results of other parameters stay as they are.
    """
    from trucesim.runs.lineage import parameters_of, shipped_lineages

    first, runs = int(results["run"].values[0]), results.sizes["run"]
    country, seed = load_country(results.attrs["country"]), int(results.attrs["seed"])
    candidates = (
        [parameters_of(shipped_lineages().lineages[first:][:runs])]
        if results.attrs["lineages"] and len(shipped_lineages().lineages) >= first + runs
        else [
            take(drawn, country, scenario.parameters, seed, first, runs)
            for drawn in ("posterior", "point")
        ]
    )
    for records in candidates:
        if hashlib.sha256(records.tobytes()).hexdigest()[:16] == results.attrs["parameters"]:
            names = [each.name for each in uncertain()]
            values = table(records).to_numpy()
            attrs = {"long_name": "uncertain parameters that the run took; see trucesim describe"}
            return results.assign(parameters=(("run", "parameter"), values, attrs)).assign_coords(
                parameter=names
            )
    return results
