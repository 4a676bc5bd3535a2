"""How many runs an experiment needs for an error bar, and how long they take: told by a pilot."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from trucesim.files.errors import InputError, nearest
from trucesim.studies.experiment.file import Experiment
from trucesim.studies.experiment.folder import Sweep, read_manifest
from trucesim.studies.experiment.precision import check_points, needed
from trucesim.studies.experiment.sweep import Standing, run_sweep

PILOT = 64
"""Runs at each point of a pilot: enough to know a variance to about a third."""


@dataclass(frozen=True)
class Plan:
    """What a pilot says.

    Attributes
    ----------
    sweep : Sweep
        The pilot; its folder is gone unless one was given.
    outcome : str
    error : float
        The standard error that is wanted, in the outcome's unit.
    table : pandas.DataFrame
        See :func:`trucesim.studies.experiment.precision.needed`.
    rate : float
        Runs a second, measured; NaN if all runs of the pilot were there already.
    lives : int
        Runs that one run number at all points takes, counterfactuals included.
    """

    sweep: Sweep
    outcome: str
    error: float
    table: pd.DataFrame
    rate: float
    lives: int

    def seconds(self, runs: float) -> float:
        """Tell how long so many run numbers at all points take, at the speed of the pilot."""
        return runs * self.lives / self.rate

    def all_effects(self, end: str = "") -> float:
        """Give the runs at each point with which every paired effect has the error, or a lower one.

        Parameters
        ----------
        end : {'', '_low', '_high'}
            The number itself, or an end of its interval.

        Returns
        -------
        float
            NaN if the design has one point, or the pilot tells nothing.
        """
        rows = self.table[self.table["what"] == "effect"]
        return float(rows[f"paired{end}"].max()) if len(rows) else math.nan


def plan(
    experiment: Experiment,
    error: float,
    outcome: str | None = None,
    *,
    baseline: int = 0,
    pilot: int = PILOT,
    folder: Path | None = None,
    workers: int | None = None,
    progress: Callable[[Standing], None] | None = None,
) -> Plan:
    """Run a pilot of an experiment, and tell how many runs a standard error needs.

    Parameters
    ----------
    experiment : Experiment
        A factorial or a list.
    error : float
        The standard error that is wanted, in the outcome's unit.
    outcome : str, optional
        The first of the experiment by default.
    baseline : int
        The point that the others are compared with, by default the first.
    pilot : int
        Runs at each point.
    folder : Path, optional
        Keeps the pilot's runs there, for a sweep to go on with; by default they are not kept. All
        runs of a sweep that is there already count.
    workers : int, optional
    progress : function, optional
        Called with a :class:`~trucesim.studies.experiment.sweep.Standing`.

    Raises
    ------
    InputError
        A design that spreads its points; no such outcome or point; a pilot of fewer than 8 runs;
        or points that failed.
    """
    outcome = check(experiment, error, outcome, pilot)
    if folder is not None:
        # A sweep that is there already is the better pilot, and is not made smaller.
        pilot = max(pilot, int((read_manifest(folder) or {}).get("replicates", 0)))
    smaller = replace(experiment, replicates=pilot)
    if folder is not None:
        return _conduct(smaller, error, outcome, baseline, folder, workers, progress)
    with tempfile.TemporaryDirectory(prefix="trucesim-pilot-") as name:
        return _conduct(smaller, error, outcome, baseline, Path(name) / "pilot", workers, progress)


def check(experiment: Experiment, error: float, outcome: str | None, pilot: int) -> str:
    """Check what a plan is asked, before anything is run; gives the outcome's name.

    Raises
    ------
    InputError
    """
    check_points(experiment)
    outcome = outcome or experiment.outcomes[0]
    if outcome not in experiment.outcomes:
        raise InputError(
            "--outcome {outcome!r}: not among the outcomes of {name}{hint}: {allowed}",
            outcome=outcome, name=experiment.name, hint=nearest(outcome, experiment.outcomes),
            allowed=", ".join(experiment.outcomes),
        )  # fmt: skip
    if not (error > 0 and math.isfinite(error)):
        raise InputError("--se {error:g}: it must be a number above 0", error=error)
    if not 8 <= pilot <= 100_000:
        raise InputError("--pilot {pilot}: it must be a whole number 8 to 100000", pilot=pilot)
    return outcome


def _conduct(
    experiment: Experiment,
    error: float,
    outcome: str,
    baseline: int,
    folder: Path,
    workers: int | None,
    progress: Callable[[Standing], None] | None,
) -> Plan:
    told: list[Standing] = []

    def tell(standing: Standing) -> None:
        told.append(standing)
        if progress:
            progress(standing)

    found = run_sweep(experiment, folder, workers=workers, resume=True, progress=tell)
    if found.failures:
        last = str(found.failures[0]["traceback"]).strip().splitlines()[-1]
        raise InputError(
            "point {point} of the pilot failed: {last}", point=found.failures[0]["point"], last=last
        )
    table = needed(found.runs, outcome, baseline, error)
    return Plan(found, outcome, error, table, _rate(told), told[-1].runs // experiment.replicates)


def _rate(told: list[Standing]) -> float:
    """Measure runs a second between the first runs that came back, compilation past, and the end.

    What a task held had begun before it came back: with the first task left out, the time and the
    runs that are counted fit each other.
    """
    first = next((each for each in told if each.made), None)
    if first is None:
        return math.nan
    last = told[-1]
    if last.made > first.made and last.seconds > first.seconds:
        return (last.made - first.made) / (last.seconds - first.seconds)
    return last.made / last.seconds if last.seconds > 0 else math.nan
