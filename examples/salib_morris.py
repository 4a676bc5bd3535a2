"""A screening with SALib alone: its sample are the parameters of runs, made in one call.

    pip install 'trucesim[experiments]'
    python examples/salib_morris.py

``trucesim sensitivity`` does this with any scenario and stores the runs; this is the short way.
"""

from __future__ import annotations

import pandas as pd
from SALib.analyze import morris as analysis
from SALib.sample import morris as sample

from trucesim import load_country, run
from trucesim.parameters import PARAMETERS
from trucesim.runs.sampling import parameters_of_runs
from trucesim.world.calendar import date_of

NAMES = ["sanction", "inducement", "branching", "breach_others", "trust_speed", "turnover"]


def screen(trajectories: int = 10, seed: int = 1) -> pd.DataFrame:
    """Give the elementary effects of some parameters on the homicides of 2013."""
    given = [PARAMETERS[name] for name in NAMES]
    problem = {
        "num_vars": len(NAMES), "names": NAMES, "bounds": [[each.low, each.high] for each in given],
    }  # fmt: skip
    rows = sample.sample(problem, trajectories, seed=seed)
    parameters = parameters_of_runs(load_country(), {}, seed, 0, len(rows), point=True)
    for name, column in zip(NAMES, rows.T, strict=True):
        parameters[name] = column
    results = run(
        "truce-2012", len(rows), seed, parameters=parameters, detail="none", until=date_of(5 * 365)
    )
    homicides = results["recorded_national"].sel(month="2013").sum("month").to_numpy()
    found = analysis.analyze(problem, rows, homicides.astype(float), seed=seed)
    return pd.DataFrame({name: found[name] for name in ("mu", "mu_star", "sigma")}, NAMES)


if __name__ == "__main__":
    print(screen().sort_values("mu_star", ascending=False))
