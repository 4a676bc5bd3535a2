"""Experiments: designs of scenarios, levers and uncertainties, run at any scale and resumed.

An experiment is a TOML file (:mod:`~trucesim.studies.experiment.file`). Its design gives points
(:mod:`~trucesim.studies.experiment.design`); a sweep lives the same run numbers at each
(:mod:`~trucesim.studies.experiment.sweep`) and keeps named outcomes
(:mod:`~trucesim.outcomes.registry`) in a folder (:mod:`~trucesim.studies.experiment.folder`).

>>> from trucesim.studies.experiment import load_experiment, open_sweep, run_sweep
>>> found = run_sweep(load_experiment("guarantor"), "results/guarantor")  # doctest: +SKIP
>>> found.runs.groupby("point").mean()  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trucesim.studies.experiment.design import Design, points
    from trucesim.studies.experiment.file import Experiment, load_experiment
    from trucesim.studies.experiment.folder import Sweep, open_sweep
    from trucesim.studies.experiment.sweep import run_sweep

_HOME = {
    "Design": "design",
    "Experiment": "file",
    "Sweep": "folder",
    "load_experiment": "file",
    "open_sweep": "folder",
    "points": "design",
    "run_sweep": "sweep",
}

__all__ = ["Design", "Experiment", "Sweep", "load_experiment", "open_sweep", "points", "run_sweep"]


def __getattr__(name: str) -> Any:
    # Imported on first use: the command line's help needs neither numba nor pandas.
    if name in _HOME:
        return getattr(import_module(f"trucesim.studies.experiment.{_HOME[name]}"), name)
    raise AttributeError(f"module 'trucesim.studies.experiment' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
