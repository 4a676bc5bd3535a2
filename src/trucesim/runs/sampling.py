"""Which parameters a run takes: a draw from the posterior or from the priors, or the point values.

``trucesim calibrate`` made the shipped draws (:mod:`trucesim.studies.calibration`), from what its
plan lets be seen of the years 2009 to 2016. A parameter that they do not hold is drawn from its
prior. Point values are medians: of the posterior, or else of the prior.

A country without a posterior of its own takes El Salvador's, but for the numbers that it knows
itself (:class:`trucesim.world.folder.Own`): they are transferred, not fitted there.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trucesim.engine.draws import POSTERIOR as POSTERIOR_DRAW
from trucesim.engine.draws import PRIOR, draw_runs
from trucesim.files.errors import InputError
from trucesim.parameters import PARAMETERS, FloatArray, Parameter, parameter_dtype, uncertain
from trucesim.world.country import Country, load_country
from trucesim.world.folder import HOME, Folder, Own, open_folder

POSTERIOR = "parameter_draws.csv"

GOLDEN = (5.0**0.5 - 1.0) / 2.0

STEPS = 20
"""So many steps for each draw are taken through the weights to find distinct ones."""


@dataclass(frozen=True)
class Draws:
    """Weighted draws of uncertain parameters."""

    names: tuple[str, ...]
    values: FloatArray
    """Shape (draw, name)."""
    weights: FloatArray
    """Shape (draw,)."""
    head: str = ""
    """What the file says of itself."""

    @cached_property
    def reached(self) -> FloatArray:
        """Sum of the weights up to each draw, as a share of all; shape (draw,)."""
        reached = np.cumsum(self.weights)
        return np.asarray(reached / reached[-1])

    @cached_property
    def medians(self) -> dict[str, float]:
        """Every parameter's weighted median."""
        medians = [
            np.quantile(each, 0.5, weights=self.weights, method="inverted_cdf")
            for each in self.values.T
        ]
        return dict(zip(self.names, map(float, medians), strict=True))


def shipped_draws(country: str | None = None) -> Draws:
    """Read a country's posterior, or El Salvador's where it has none of its own.

    Parameters
    ----------
    country : str, optional
        Its name; by default the one that is spoken of.
    """
    folder = open_folder(country)
    return _draws(folder if folder.plan.tables.posterior else open_folder(HOME))


@cache
def _draws(folder: Folder) -> Draws:
    return read_draws(folder.root / (folder.plan.tables.posterior or POSTERIOR))


def read_draws(path: Path) -> Draws:
    """Read a posterior; what is no longer declared as uncertain is left out."""
    with path.open(encoding="utf-8") as file:
        lines = list(file)
    head = [line for line in lines if line.startswith("#")]
    try:
        names, *rows = csv.reader(lines[len(head) :])
        table = np.array(rows, np.float64).reshape(-1, len(names))
    except ValueError as error:
        raise InputError("{path}: no table of draws: {error}", path=path, error=error) from None
    known = {each.name for each in uncertain()}
    columns = [column for column, name in enumerate(names) if name in known]
    held = tuple(names[column] for column in columns)
    return Draws(held, table[:, columns], table[:, 0], "".join(head))


def from_prior(country: str | None = None) -> tuple[str, ...]:
    """Name the parameters that runs of a country draw from priors, not from a posterior."""
    held = not_held(shipped_draws(country))
    own = load_country(country).own
    priors = [name for name, each in own.items() if each.declared(name) and name not in held]
    return (*(name for name in held if name not in own or own[name].declared(name)), *priors)


def not_held(draws: Draws) -> tuple[str, ...]:
    """Name the uncertain parameters that a posterior does not hold."""
    return tuple(each.name for each in uncertain() if each.name not in draws.names)


def point_values(country: str | None = None) -> dict[str, float]:
    """Give every parameter's point value: as declared, or its median in posterior or prior."""
    medians = shipped_draws(country).medians
    values = {
        name: medians.get(name, each.at(0.5)) if each.kind == "uncertain" else each.default
        for name, each in PARAMETERS.items()
    }
    return values | {
        name: _point_of(name, each, values[name])
        for name, each in load_country(country).own.items()
    }


def _point_of(name: str, own: Own, elsewhere: float) -> float:
    """Give the point value of what a country knows itself, from El Salvador's."""
    prior = own.declared(name)
    value = own.times * elsewhere if own.value is None else own.value
    value = value if prior is None else prior.at(0.5)
    return float(round(value)) if PARAMETERS[name].whole else value


def draw_priors(
    seed: int, first_run: int, runs: int, parameters: Sequence[Parameter] | None = None
) -> FloatArray:
    """Draw parameters of consecutive runs from their priors, shape (run, parameter).

    A draw's address is the seed, the run and the parameter's name: it is the same whichever other
    runs or parameters are asked for.

    Parameters
    ----------
    seed, first_run, runs : int
        Which runs.
    parameters : sequence of Parameter, optional
        By default all that are uncertain, in order of declaration.
    """
    parameters = uncertain() if parameters is None else parameters
    columns = [each.at(_shares(seed, first_run, runs, PRIOR, each.name)) for each in parameters]
    return np.stack(columns, axis=1) if columns else np.empty((runs, 0))


def _shares(seed: int, first_run: int, runs: int, decision: int, name: str = "") -> FloatArray:
    """Draw from [0, 1) once for each of consecutive runs; a name stands for the agent."""
    agent = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) if name else 0
    shares = np.empty(runs)
    draw_runs(seed, first_run, decision, agent, shares)  # type: ignore[no-untyped-call]
    return shares


def parameters_of_runs(
    country: Country,
    changed: dict[str, float],
    seed: int,
    first_run: int,
    runs: int,
    *,
    point: bool = False,
    draws: Draws | None = None,
    transferred: Collection[str] = (),
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
        Take the point values in every run.
    draws : Draws, optional
        The posterior to draw from; by default the shipped one.
    transferred : collection of str
        Names to take El Salvador's of, whatever the country knows itself.

    Returns
    -------
    array of parameter records, shape (run,)
    """
    draws = shipped_draws(country.name) if draws is None else draws
    fresh = () if point else not_held(draws)
    drawn = draw_priors(seed, first_run, runs, [PARAMETERS[name] for name in fresh])
    if point:
        return _changed(records(drawn, fresh, country.name), changed, country)
    rows = records(drawn, fresh, HOME)
    if draws.names:
        shares = _shares(seed, first_run, runs, POSTERIOR_DRAW)
        chosen = np.searchsorted(draws.reached, shares, side="right")
        for column, name in enumerate(draws.names):
            rows[name] = draws.values[chosen, column]
    return _changed(_owned(rows, country, seed, first_run, transferred), changed, country)


def _owned(
    rows: NDArray[np.void],
    country: Country,
    seed: int,
    first_run: int,
    transferred: Collection[str] = (),
) -> NDArray[np.void]:
    """Set what a country knows itself, in place of El Salvador's, in place."""
    for name, each in country.own.items():
        prior = each.declared(name)
        if name in transferred:
            continue
        if prior is not None:
            rows[name] = draw_priors(seed, first_run, len(rows), [prior])[:, 0]
        elif each.value is not None:
            rows[name] = each.value
        else:
            rows[name] *= each.times
        if PARAMETERS[name].whole:
            rows[name] = np.round(rows[name])
    return rows


def distinct_draws(count: int, draws: Draws | None = None) -> NDArray[np.int64]:
    """Choose distinct draws of a posterior, evenly by weight, without chance.

    Steps of the golden ratio through the weights lie even however many are taken, so that the
    first ones are the same whatever the count.

    Parameters
    ----------
    count : int
    draws : Draws, optional
        El Salvador's shipped posterior by default.

    Returns
    -------
    ndarray of int, shape (count,)
        Their rows.

    Raises
    ------
    InputError
        Fewer than one is asked for, or more than there are.
    """
    draws = shipped_draws() if draws is None else draws
    _, same = np.unique(draws.values, axis=0, return_inverse=True)
    there = len(np.unique(same[draws.weights > 0.0]))
    whole = isinstance(count, int | np.integer) and not isinstance(count, bool)
    if not whole or not 1 <= count <= there:
        raise InputError(
            "draws = {count!r}, but it must be a whole number 1 to {there}", count=count,
            there=there,
        )  # fmt: skip
    chosen: dict[int, int] = {}
    step = 0
    # Steps find what has little weight late: the last few of all draws stand in order of weight.
    while len(chosen) < count and step < STEPS * there:
        row = int(np.searchsorted(draws.reached, (0.5 + step * GOLDEN) % 1.0, side="right"))
        chosen.setdefault(int(same[row]), row)
        step += 1
    for row in np.argsort(-draws.weights, kind="stable"):
        if len(chosen) < count:
            chosen.setdefault(int(same[row]), int(row))
    return np.array(list(chosen.values()), np.int64)


def parameters_of_draws(
    rows: NDArray[np.int64], seed: int, draws: Draws | None = None
) -> NDArray[np.void]:
    """Give the parameters of chosen draws of El Salvador's posterior.

    What the posterior does not hold is drawn from its prior, under a seed, by the draw's row.

    Returns
    -------
    array of parameter records, shape (draw,)
    """
    draws = shipped_draws() if draws is None else draws
    fresh = not_held(draws)
    drawn = [draw_priors(seed, int(row), 1, [PARAMETERS[name] for name in fresh]) for row in rows]
    found = records(np.concatenate(drawn), fresh)
    for column, name in enumerate(draws.names):
        found[name] = draws.values[rows, column]
    return found


def prior_parameters(
    runs: int,
    seed: int,
    changed: dict[str, float],
    first_run: int = 0,
    country: Country | None = None,
) -> NDArray[np.void]:
    """Draw the parameters of consecutive runs from the priors, below what a scenario changes.

    Counts of a whole country are scaled to the part of it that is given.

    Returns
    -------
    array of parameter records, shape (run,)
    """
    rows = records(draw_priors(seed, first_run, runs), country=HOME)
    if country is not None:
        rows = _owned(rows, country, seed, first_run)
    return _changed(rows, changed, country)


def _changed(
    rows: NDArray[np.void], changed: dict[str, float], country: Country | None
) -> NDArray[np.void]:
    """Set what a scenario changes, and scale counts to the part of a country, in place."""
    for name, value in changed.items():
        rows[name] = value
    if country is not None and country.share < 1.0:
        for name in PARAMETERS:
            rows[name] = [country.scale(name, float(value)) for value in rows[name]]
    return rows


def records(
    values: FloatArray, names: Sequence[str] | None = None, country: str | None = None
) -> NDArray[np.void]:
    """Turn values of some parameters into parameter records, shape (draw,).

    Parameters
    ----------
    values : array, shape (draw, name)
    names : sequence of str, optional
        By default all that are uncertain. Others have their point values.
    country : str, optional
    """
    rows = np.zeros(len(values), parameter_dtype())
    for name, value in point_values(country).items():
        rows[name] = value
    names = [each.name for each in uncertain()] if names is None else names
    for column, name in enumerate(names):
        rows[name] = values[:, column]
    return rows


def to_prior(unit: FloatArray) -> FloatArray:
    """Map the unit cube to the priors, shape (draw, parameter)."""
    return np.stack([each.at(u) for each, u in zip(uncertain(), unit.T, strict=True)], axis=1)


def to_unit(values: FloatArray) -> FloatArray:
    """Map parameters to the unit cube, in which every prior is uniform."""
    return np.stack([each.share(v) for each, v in zip(uncertain(), values.T, strict=True)], axis=1)
