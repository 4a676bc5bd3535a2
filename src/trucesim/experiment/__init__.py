"""Experiments: designs of scenarios, levers and uncertainties, run at any scale and resumed.

An experiment is a TOML file (:mod:`~trucesim.experiment.file`). Its design gives points
(:mod:`~trucesim.experiment.design`); a sweep lives the same run numbers at each
(:mod:`~trucesim.experiment.sweep`) and keeps named outcomes (:mod:`~trucesim.experiment.outcomes`)
in a folder (:mod:`~trucesim.experiment.store`).

>>> from trucesim.experiment import load_experiment, open_sweep, run_sweep
>>> found = run_sweep(load_experiment("guarantor"), "results/guarantor")  # doctest: +SKIP
>>> found.runs.groupby("point").mean()  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trucesim.experiment.design import Design, points
    from trucesim.experiment.file import Experiment, load_experiment
    from trucesim.experiment.store import Sweep, open_sweep
    from trucesim.experiment.sweep import run_sweep

_HOME = {
    "Design": "design",
    "Experiment": "file",
    "Sweep": "store",
    "load_experiment": "file",
    "open_sweep": "store",
    "points": "design",
    "run_sweep": "sweep",
}

__all__ = ["Design", "Experiment", "Sweep", "load_experiment", "open_sweep", "points", "run_sweep"]


def __getattr__(name: str) -> Any:
    # Imported on first use: the command line's help needs neither numba nor pandas.
    if name in _HOME:
        return getattr(import_module(f"trucesim.experiment.{_HOME[name]}"), name)
    raise AttributeError(f"module 'trucesim.experiment' has no attribute {name!r}")
