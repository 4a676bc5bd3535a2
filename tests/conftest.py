"""What many tests need: a small country, scenarios, and one full set of runs of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from trucesim import load_country, load_scenario, run
from trucesim.parameters import GANGS, PARAMETERS, uncertain
from trucesim.runs.sampling import parameters_of_runs
from trucesim.scenario.scenario import Event, Scenario
from trucesim.world.country import Country

RICH = """
extends = "truce-2012"
title = { en = "Everything at once", es = "Todo a la vez" }
story = { en = "All that can act does.", es = "Actúa todo lo que puede." }

[parameters]
spreading = 0.5
army_leaves_later_zones = true
army_leaves_after = 40

[[event]]
id = "extension"
date = 2012-08-15
en = "Extension"
es = "Extensión"
set = { extension_capacity = 20.0, extension_choice = "neighbours" }
source = "test"

[[event]]
id = "funds"
date = 2012-10-03
en = "Funds"
es = "Fondos"
set = { funds = true }
source = "test"

[[event]]
id = "conditional"
date = 2012-12-05
en = "Conditional repression"
es = "Represión condicionada"
set = { conditionality = 0.5, repression = 1.5 }
source = "test"

[[event]]
id = "own"
date = 2016-01-14
en = "Own order"
es = "Orden propia"
set = { order = "own", minister = "supportive" }
gangs = ["ms13", "revolucionarios"]
source = "test"

[[zone]]
municipality = "Zacatecoluca"
date = 2012-06-20
source = "test"

[[zone]]
municipality = "Tecoluca"
date = { first = 2012-09-01, last = 2013-02-28 }
source = "test"
"""


@pytest.fixture(scope="session")
def small() -> Country:
    """Two departments that touch: 35 municipalities, about 160 cliques."""
    return load_country().subset(["La Paz", "San Vicente"])


@pytest.fixture(scope="session")
def truce() -> Scenario:
    return load_scenario("truce-2012")


@pytest.fixture(scope="session")
def no_truce() -> Scenario:
    return load_scenario("no-truce")


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """A scenario in which every condition and parameter has something to act on.

    Uncertain parameters stand in the middle of their priors, so that no test hangs on their fit.
    """
    path: Path = tmp_path_factory.mktemp("scenario") / "rich.toml"
    path.write_text(RICH, encoding="utf-8")
    scenario = load_scenario(path)
    middle = {each.name: (each.low + each.high) / 2.0 for each in uncertain()}
    return replace(scenario, parameters={**middle, **scenario.parameters})


@pytest.fixture(scope="session")
def rich_results(rich: Scenario, small: Country) -> xr.Dataset:
    """Four runs of the rich scenario in the small country, full detail, one thread."""
    return run(rich, 4, 7, country=small, detail="full", point=True, workers=1)


@pytest.fixture(scope="session")
def truce_results(truce: Scenario, small: Country) -> xr.Dataset:
    """Twenty runs of the truce of 2012 in the small country, full detail."""
    return run(truce, 20, 3, country=small, detail="full", point=True)


@pytest.fixture(scope="session")
def records() -> Callable[..., NDArray[np.void]]:
    """Give point values, changed at will, even beyond their bounds: shape (run,)."""

    def make(country: Country, runs: int, **values: float) -> NDArray[np.void]:
        rows = parameters_of_runs(country, {}, 1, 0, runs, point=True)
        for name, value in values.items():
            rows[name] = value
        return rows

    return make


@pytest.fixture(scope="session")
def with_event() -> Callable[..., Scenario]:
    """Give a scenario with one event more."""

    def add(scenario: Scenario, date: dt.date, **values: float) -> Scenario:
        name = f"test-{date}-{'-'.join(values)}"
        event = Event(name, date, "Test", "Prueba", values, GANGS, "test")
        events = sorted([*scenario.events, event], key=lambda e: (e.date, e.id))
        return replace(scenario, events=tuple(events))

    return add


@pytest.fixture
def one_more() -> Iterator[str]:
    """Declare one more uncertain parameter, in front of all others, for the time of a test."""
    before, name = dict(PARAMETERS), "novelty"
    row = before["clash_level"].model_copy(
        update={"name": name, "title": "Novelty", "low": 2.0, "high": 8.0}
    )
    PARAMETERS.clear()
    PARAMETERS.update({name: row, **before})
    yield name
    PARAMETERS.clear()
    PARAMETERS.update(before)
