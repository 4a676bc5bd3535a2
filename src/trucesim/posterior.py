"""Which parameters a run takes: a draw from those that fit, or the point values.

The shipped draws are provisional: ``experiments/defaults/choose.py`` made them by keeping, out of
draws from the priors, those whose runs come closest to the patterns marked ``fit``.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from trucesim.country import Country
from trucesim.engine.draws import share_of_run as _untyped_share
from trucesim.parameters import PARAMETERS, defaults, parameter_dtype

POSTERIOR = "parameter_draws.csv"


@cache
def shipped_draws(country: str = "el_salvador") -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Read the shipped draws.

    Returns
    -------
    names : tuple of str
        The uncertain parameters.
    draws : array, shape (draw, name)
        No rows where a country has none.
    """
    path = files("trucesim") / "data" / country / POSTERIOR
    if not path.is_file():
        return (), np.empty((0, 0))
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))
    return tuple(rows[0]), np.array(rows[1:], np.float64)


def parameters_of_runs(
    country: Country,
    changed: dict[str, float],
    seed: int,
    first_run: int,
    runs: int,
    *,
    point: bool = False,
) -> NDArray[np.void]:
    """Give the parameters of consecutive runs.

    Run number r takes the same draw in every scenario: what the scenario changes stands above it.

    Parameters
    ----------
    country : Country
        Counts of a whole country are scaled to the part of it that is simulated.
    changed : dict
        The scenario's own values.
    seed, first_run, runs : int
        Which runs.
    point : bool
        Take the declared point values in every run.

    Returns
    -------
    array of parameter records, shape (run,)
    """
    rows = np.zeros(runs, parameter_dtype())
    for name, value in defaults().items():
        rows[name] = value
    names, table = shipped_draws(country.name)
    if len(table) and not point:
        shares = np.array([_share(seed, run) for run in range(first_run, first_run + runs)])
        chosen = (shares * len(table)).astype(np.int64)
        for column, name in enumerate(names):
            rows[name] = table[chosen, column]
    for name, value in changed.items():
        rows[name] = value
    if country.share < 1.0:
        for name in PARAMETERS:
            rows[name] = [country.scale(name, float(value)) for value in rows[name]]
    return rows


def _share(seed: int, run: int) -> float:
    return float(_untyped_share(seed, run))  # type: ignore[no-untyped-call]
