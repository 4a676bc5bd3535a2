"""Which parameters a run takes: a draw from the posterior, or the point values.

``trucesim calibrate`` made the shipped draws (:mod:`trucesim.studies.calibration`), from the
patterns marked ``fit`` and the months up to June 2013 alone. The point values are its medians.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trucesim.engine.draws import share_of_run as _untyped_share
from trucesim.parameters import PARAMETERS, Parameter, defaults, parameter_dtype, uncertain
from trucesim.world.country import Country

type FloatArray = NDArray[np.float64]

POSTERIOR = "parameter_draws.csv"


class Draws(NamedTuple):
    """Weighted draws of the uncertain parameters."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    """Shape (draw, name)."""
    reached: NDArray[np.float64]
    """Shape (draw,): sum of the weights up to each draw; 1 at the last."""


@cache
def shipped_draws(country: str = "el_salvador") -> Draws:
    """Read the shipped posterior; no draws where a country has none."""
    path = files("trucesim") / "data" / country / POSTERIOR
    if not path.is_file():
        return Draws((), np.empty((0, 0)), np.empty(0))
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))
    table = np.array(rows[1:], np.float64)
    reached = np.cumsum(table[:, 0])
    return Draws(tuple(rows[0][1:]), table[:, 1:], reached / reached[-1])


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
    draws = shipped_draws(country.name)
    if len(draws.values) and not point:
        shares = np.array([_share(seed, run) for run in range(first_run, first_run + runs)])
        chosen = np.searchsorted(draws.reached, shares, side="right")
        for column, name in enumerate(draws.names):
            rows[name] = draws.values[chosen, column]
    for name, value in changed.items():
        rows[name] = value
    return scaled(rows, country)


def scaled(rows: NDArray[np.void], country: Country) -> NDArray[np.void]:
    """Scale counts of a whole country, in place, to the part of it that is simulated."""
    if country.share < 1.0:
        for name in PARAMETERS:
            rows[name] = [country.scale(name, float(value)) for value in rows[name]]
    return rows


def _share(seed: int, run: int) -> float:
    return float(_untyped_share(seed, run))  # type: ignore[no-untyped-call]


def to_prior(unit: FloatArray) -> FloatArray:
    """Map the unit cube to the priors, shape (draw, parameter)."""
    columns = [_between(each, unit[:, column]) for column, each in enumerate(uncertain())]
    return np.stack(columns, axis=1)


def to_unit(values: FloatArray) -> FloatArray:
    """Map parameters to the unit cube, in which every prior is uniform."""
    columns = []
    for column, each in enumerate(uncertain()):
        value = values[:, column]
        if each.prior == "log-uniform":
            columns.append(np.log(value / each.low) / np.log(each.high / each.low))
        else:
            columns.append((value - each.low) / (each.high - each.low))
    return np.stack(columns, axis=1)


def _between(each: Parameter, u: FloatArray) -> FloatArray:
    if each.prior == "log-uniform":
        return each.low * (each.high / each.low) ** u
    return each.low + u * (each.high - each.low)


def records(values: FloatArray) -> NDArray[np.void]:
    """Turn draws of the uncertain parameters into parameter records, shape (draw,)."""
    rows = np.zeros(len(values), parameter_dtype())
    for name, value in defaults().items():
        rows[name] = value
    for column, each in enumerate(uncertain()):
        rows[each.name] = values[:, column]
    return rows


def prior_parameters(
    runs: int,
    seed: int,
    changed: dict[str, float],
    first_run: int = 0,
    country: Country | None = None,
) -> NDArray[np.void]:
    """Draw the parameters of consecutive runs from the priors, below what a scenario changes.

    Run number r takes the same draw whichever others are asked for. Counts of a whole country are
    scaled to the part of it that is given.

    Returns
    -------
    array of parameter records, shape (run,)
    """
    width = len(uncertain())
    bits = np.random.Philox(key=[seed, 2**63 + 2])
    blocks, skipped = divmod(first_run * width, 4)  # the generator gives four numbers at a time
    bits.advance(blocks)
    unit = np.random.Generator(bits).random(skipped + runs * width)[skipped:]
    rows = records(to_prior(unit.reshape(runs, width)))
    for name, value in changed.items():
        rows[name] = value
    return rows if country is None else scaled(rows, country)
