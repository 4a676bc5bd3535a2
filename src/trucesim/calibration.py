"""Calibration: from priors to a posterior, by what a plan says may be seen.

The plan (``experiments/calibration/plan.toml``) names the patterns, the window and the method, and
is committed before the first posterior. One stored table of runs, a run a draw from the priors,
serves everything: the posterior, the recovery of known parameters, and the ranks of simulation-based
calibration (Talts et al. 2018). A table and not a chain of proposals, because two hundred fits of
pseudo-observed runs then cost no further run, and because chunks of a table resume and extend.

The method is approximate Bayesian computation with regression: semi-automatic summaries (Fearnhead
& Prangle 2012), the closest runs weighted by a kernel, local linear adjustment (Beaumont, Zhang &
Balding 2002). Regressions are scikit-learn's.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from trucesim import patterns
from trucesim.engine.compilation import PACKAGE
from trucesim.errors import InputError, nearest
from trucesim.observed import observed
from trucesim.parameters import PARAMETERS, Parameter, defaults, parameter_dtype, uncertain
from trucesim.periods import daily_mean, parse
from trucesim.scenario import load_scenario
from trucesim.simulation import run
from trucesim.study import data_digest

if TYPE_CHECKING:
    import xarray as xr

type FloatArray = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

LAST = dt.date(2013, 12, 31)
"""Runs of the table stop here: four fitted rows are counts of the calendar year 2013."""

FIT_WINDOW_ENDS = dt.date(2013, 6, 30)

CHUNK = 500
"""Runs in one file of a table: some seconds of work, so little is lost when a run is killed."""

FEWEST_RUNS = 1_000
MOST_RUNS = 10_000_000
MOST_BYTES_OF_A_PLAN = 100_000


@dataclass(frozen=True)
class Plan:
    """What a calibration may see, and how it goes about it.

    Attributes
    ----------
    scenario : str
        The record as known.
    seed : int
    fit : tuple of str
        Patterns of use ``fit``.
    months : tuple of str
        Further periods within the fit window, of which the daily mean is a statistic.
    straddling : tuple of str
        Fitted patterns whose period reaches beyond the fit window.
    holdout : tuple of str
        Patterns that are never looked at.
    prior_driven : tuple of str
        Parameters to which no datum of the fit window speaks.
    keep : float
        Share of the table's runs that are kept.
    least_explained : float
        Share of a parameter's prior variance that its summary must explain to be used.
    digest : str
        Of everything that determines a run of the table.
    """

    scenario: str
    seed: int
    fit: tuple[str, ...]
    months: tuple[str, ...]
    straddling: tuple[str, ...]
    holdout: tuple[str, ...]
    prior_driven: tuple[str, ...]
    keep: float
    least_explained: float
    digest: str

    @property
    def statistics(self) -> tuple[str, ...]:
        """Names of the statistics, in order."""
        return (*self.fit, *(f"daily_mean_{each}" for each in self.months))


def load_plan(path: str | Path) -> Plan:
    """Read and check a plan.

    Raises
    ------
    InputError
        Not a plan; a pattern or parameter that does not exist; a pattern fitted that is not of use
        ``fit``, or one that is held out and also fitted; a period beyond the fit window.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES_OF_A_PLAN:
            raise InputError(f"{path}: larger than {MOST_BYTES_OF_A_PLAN} bytes: no plan")
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None
    method = given.pop("method", {})
    allowed = {
        "scenario": str, "seed": int, "fit": list, "months": list, "straddling": list,
        "holdout": list, "prior_driven": list,
    }  # fmt: skip
    for where, table, keys in (
        ("", given, allowed),
        ("method.", method, {"keep": float, "least_explained": float}),
    ):
        for key in table:
            if key not in keys:
                raise InputError(f"{path}: unknown key {where}{key}{nearest(key, keys)}")
        for key, kind in keys.items():
            value = table.get(key)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise InputError(f"{path}: {where}{key} must be given, as {kind.__name__}")
    known = patterns.load()
    for key, use in (("fit", "fit"), ("straddling", "fit"), ("holdout", "holdout")):
        for name in given[key]:
            if name not in known:
                raise InputError(f"{path}: {key}: no pattern {name!r}{nearest(str(name), known)}")
            if known[name].use != use:
                raise InputError(
                    f"{path}: {key}: {name!r} has the use {known[name].use!r}, not {use!r}"
                )
    if not given["fit"]:
        raise InputError(f"{path}: fit: at least one pattern must be named")
    for period in given["months"]:
        if parse(str(period)).last > FIT_WINDOW_ENDS:
            raise InputError(f"{path}: months: {period} ends after {FIT_WINDOW_ENDS}")
    names = [each.name for each in uncertain()]
    for name in given["prior_driven"]:
        if name not in names:
            raise InputError(
                f"{path}: prior_driven: no uncertain parameter {name!r}{nearest(str(name), names)}"
            )
    for key in ("keep", "least_explained"):
        if not 0.0 < method[key] < 1.0:
            raise InputError(f"{path}: method.{key} = {method[key]}, but it must be in (0, 1)")
    scenario = load_scenario(given["scenario"])
    lists = {key: tuple(map(str, given[key])) for key, kind in allowed.items() if kind is list}
    plan = Plan(
        scenario=scenario.name, seed=given["seed"], keep=method["keep"],
        least_explained=method["least_explained"], digest="", **lists,
    )  # fmt: skip
    return replace(plan, digest=_digest(plan, scenario.digest))


MODEL_SOURCES = ("engine", "rules", "calendar.py", "country.py", "patterns.py", "periods.py")
"""What a run and its statistics are computed by; priors and given values are told apart."""


def _digest(plan: Plan, scenario_digest: str) -> str:
    """Digest all that determines a run of a plan's table."""
    given = [(each.name, each.default) for each in PARAMETERS.values() if each.kind != "uncertain"]
    priors = [(each.name, each.low, each.high, each.prior) for each in uncertain()]
    content = [scenario_digest, plan.seed, plan.statistics, given, priors, CHUNK, str(LAST)]
    digest = hashlib.sha256(json.dumps(content).encode())
    digest.update(data_digest(without_posterior=True).encode())
    for name in MODEL_SOURCES:
        path = PACKAGE / name
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


# Parameters: between the unit cube, the priors and the records that rules read


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


def prior_draws(plan: Plan, chunk: int) -> FloatArray:
    """Draw one chunk of parameters from the priors: a function of seed and chunk alone."""
    generator = np.random.Generator(np.random.Philox(key=[plan.seed, chunk]))
    return to_prior(generator.random((CHUNK, len(uncertain()))))


# Statistics


def statistics(results: xr.Dataset, plan: Plan) -> FloatArray:
    """Compute the plan's statistics of every run, or of the record, shape (run, statistic)."""
    known = patterns.load()
    columns = []
    for name in plan.fit:
        estimate = patterns.REGISTRY[name].estimate
        assert estimate is not None  # every pattern of use `fit` has one
        columns.append(estimate(results, known[name]))
    columns += [daily_mean(results, period) for period in plan.months]
    return np.stack(columns, axis=1).astype(np.float64)


def observed_statistics(plan: Plan) -> FloatArray:
    """Give the statistics of the record: computed, or as published where they cannot be."""
    record = observed()
    known = patterns.load()
    values = [patterns.observed_value(known[name], record) for name in plan.fit]
    values += [float(daily_mean(record, period)[0]) for period in plan.months]
    return np.array(values)


def _evened(values: FloatArray) -> FloatArray:
    """Put statistics on a scale on which their spread depends little on their level."""
    return np.log(np.maximum(values, 0.0) + 0.05)


# The table


@dataclass(frozen=True)
class Table:
    """Runs drawn from the priors.

    Attributes
    ----------
    parameters : array, shape (run, parameter)
        Draws of the uncertain parameters, in order of declaration.
    statistics : array, shape (run, statistic)
    """

    parameters: FloatArray
    statistics: FloatArray

    def __len__(self) -> int:
        return len(self.parameters)


def build_table(
    plan: Plan,
    runs: int,
    folder: Path,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Table:
    """Make a table of runs, or what is missing of it.

    Parameters
    ----------
    plan : Plan
    runs : int
        How many; rounded up to whole chunks.
    folder : Path
        Where chunks are kept, each in a file that appears whole or not at all. A chunk that is
        there already is used; one that is broken, or of other sources, data or priors, is named.
    workers : int, optional
        Threads; by default one a core.
    progress : function, optional
        Called as ``progress(what, done, of)`` with the runs that are there.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        Numbers out of bounds; a folder that holds chunks of another plan; a broken chunk.
    """
    if not FEWEST_RUNS <= runs <= MOST_RUNS:
        raise InputError(f"runs = {runs}, but it must be {FEWEST_RUNS} to {MOST_RUNS}")
    folder.mkdir(parents=True, exist_ok=True)
    scenario = load_scenario(plan.scenario)
    chunks = -(-runs // CHUNK)
    parameters, computed = [], []
    for chunk in range(chunks):
        path = folder / f"chunk-{chunk:06d}.npz"
        drawn = prior_draws(plan, chunk)
        if path.exists():
            values = _read_chunk(path, plan)
        else:
            results = run(
                scenario, CHUNK, plan.seed, first_run=CHUNK * chunk, detail="none",
                parameters=records(drawn), until=LAST, workers=workers,
            )  # fmt: skip
            values = statistics(results, plan)
            _write_chunk(path, plan, values)
        parameters.append(drawn)
        computed.append(values)
        if progress:
            progress("table of runs", min(CHUNK * (chunk + 1), runs), runs)
    return Table(np.concatenate(parameters)[:runs], np.concatenate(computed)[:runs])


def _write_chunk(path: Path, plan: Plan, values: FloatArray) -> None:
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        np.savez_compressed(file, digest=np.array(plan.digest), statistics=values)
    os.replace(temporary, path)


def _read_chunk(path: Path, plan: Plan) -> FloatArray:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            digest, values = str(arrays["digest"]), arrays["statistics"]
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise InputError(
            f"{path}: a broken chunk ({error}); remove it to have it made anew"
        ) from None
    if digest != plan.digest:
        raise InputError(
            f"{path}: made by another plan, other sources or other data; give another folder"
        )
    if values.shape != (CHUNK, len(plan.statistics)):
        raise InputError(f"{path}: a broken chunk; remove it to have it made anew")
    return values.astype(np.float64)  # type: ignore[no-any-return]
