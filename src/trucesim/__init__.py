"""El Salvador's gang truce of 2012, simulated: scenarios, runs, and the record beside them.

>>> import trucesim
>>> results = trucesim.run("truce-2012", runs=100, seed=1)  # doctest: +SKIP
>>> trucesim.compare(results)  # doctest: +SKIP
>>> other = trucesim.run("no-truce", runs=100, seed=1)  # doctest: +SKIP
>>> trucesim.difference(results, other)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trucesim.files.errors import InputError
from trucesim.version import __version__

if TYPE_CHECKING:
    from trucesim.locale.catalogue import speaking
    from trucesim.model import TruceModel
    from trucesim.outcomes.paired import difference
    from trucesim.outcomes.patterns import compare
    from trucesim.runs.simulate import Snapshot, run, snapshot
    from trucesim.scenario.file import load_scenario
    from trucesim.studies.validation import validate
    from trucesim.world.country import load_country
    from trucesim.world.folder import being_in
    from trucesim.world.observed import observed

__all__ = [
    "InputError",
    "Snapshot",
    "TruceModel",
    "__version__",
    "being_in",
    "compare",
    "difference",
    "load_country",
    "load_scenario",
    "observed",
    "run",
    "snapshot",
    "speaking",
    "validate",
]

_HOME = {
    "being_in": "world.folder",
    "Snapshot": "runs.simulate",
    "TruceModel": "model",
    "compare": "outcomes.patterns",
    "difference": "outcomes.paired",
    "load_country": "world.country",
    "load_scenario": "scenario.file",
    "observed": "world.observed",
    "run": "runs.simulate",
    "snapshot": "runs.simulate",
    "speaking": "locale.catalogue",
    "validate": "studies.validation",
}


def __getattr__(name: str) -> Any:
    # Imported on first use: the command line's help needs neither numba nor pandas.
    if name in _HOME:
        return getattr(import_module(f"trucesim.{_HOME[name]}"), name)
    raise AttributeError(f"module 'trucesim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
