"""Parameters of runs: which draw a run takes."""

from __future__ import annotations

import numpy as np

from trucesim import load_country
from trucesim.runs.sampling import parameters_of_runs


def test_a_run_takes_the_same_draw_of_parameters_in_every_scenario() -> None:
    country = load_country()
    plain = parameters_of_runs(country, {}, 5, 0, 30)
    changed = parameters_of_runs(country, {"turnover": 0.05}, 5, 0, 30)
    assert (changed["turnover"] == 0.05).all()
    for name in plain.dtype.names or ():
        if name != "turnover":
            np.testing.assert_array_equal(plain[name], changed[name])
    np.testing.assert_array_equal(parameters_of_runs(country, {}, 5, 20, 10), plain[20:])
    assert len(np.unique(plain)) > 10  # the shipped draws
    assert len(np.unique(parameters_of_runs(country, {}, 5, 0, 30, point=True))) == 1
