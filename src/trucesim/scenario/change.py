"""The one way to change a scenario."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario

COUNTERFACTUAL = "no-truce"


def without_truce(scenario: Scenario) -> Scenario:
    """Give a scenario's counterfactual: what it assumes of the world holds; an order does not."""
    start = {name: value for name, value in scenario.start.items() if name != "order"}
    return replace(_counterfactual(), parameters=scenario.parameters, start=start)


@cache
def _counterfactual() -> Scenario:
    return load_scenario(COUNTERFACTUAL)
