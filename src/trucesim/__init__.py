"""El Salvador's gang truce of 2012, simulated: scenarios, runs, and the record beside them.

>>> import trucesim
>>> results = trucesim.run("truce-2012", runs=100, seed=1)  # doctest: +SKIP
>>> trucesim.compare(results)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trucesim.errors import InputError
from trucesim.version import __version__

if TYPE_CHECKING:
    from trucesim.country import load_country
    from trucesim.model import TruceModel
    from trucesim.observed import observed
    from trucesim.patterns import compare
    from trucesim.scenario import load_scenario
    from trucesim.simulation import Snapshot, run, snapshot
    from trucesim.validation import validate

__all__ = [
    "InputError",
    "Snapshot",
    "TruceModel",
    "__version__",
    "compare",
    "load_country",
    "load_scenario",
    "observed",
    "run",
    "snapshot",
    "validate",
]

_HOME = {
    "Snapshot": "simulation",
    "TruceModel": "model",
    "compare": "patterns",
    "load_country": "country",
    "load_scenario": "scenario",
    "observed": "observed",
    "run": "simulation",
    "snapshot": "simulation",
    "validate": "validation",
}


def __getattr__(name: str) -> Any:
    # Imported on first use: the command line's help needs neither numba nor pandas.
    if name in _HOME:
        return getattr(import_module(f"trucesim.{_HOME[name]}"), name)
    raise AttributeError(f"module 'trucesim' has no attribute {name!r}")
