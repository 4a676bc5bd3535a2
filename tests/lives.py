"""The two lives of a run side by side: compiled, and as Mesa agents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from trucesim.engine.tables import Output, Setting, State, new_output, new_scratch
from trucesim.engine.variant import live_with
from trucesim.model import TruceModel
from trucesim.runs.simulate import empty_state
from trucesim.world import calendar
from trucesim.world.country import Country

Rules = Mapping[str, Callable[..., Any]]


def live_compiled(
    setting: Setting,
    seed: int = 1,
    run: int = 0,
    first_week: int = 0,
    last_week: int = calendar.WEEKS,
    state: State | None = None,
    rules: Rules | None = None,
) -> tuple[State, Output]:
    """Live some weeks as an ensemble does."""
    state = empty_state(setting) if state is None else State(*(each.copy() for each in state))
    output = new_output(calendar.MONTHS, calendar.DAYS, len(setting.places.given))
    live = live_with(rules or {})
    live(setting, seed, run, state, new_scratch(setting, state), output, first_week, last_week)
    return state, output


def live_as_agents(
    setting: Setting,
    country: Country,
    seed: int = 1,
    run: int = 0,
    first_week: int = 0,
    last_week: int = calendar.WEEKS,
    **options: Any,
) -> TruceModel:
    """Live the same weeks as Mesa agents."""
    model = TruceModel.from_setting(setting, country, seed, run, first_week=first_week, **options)
    for _ in range(first_week, last_week):
        model.step()
    return model


def assert_same(one: tuple[State, Output], other: tuple[State, Output]) -> None:
    """Assert that two lives left the same behind, bit for bit."""
    for part, other_part in zip(one, other, strict=True):
        for name, array in part._asdict().items():
            if array.dtype.names is None:
                np.testing.assert_array_equal(array, getattr(other_part, name), err_msg=name)
                continue
            for field in array.dtype.names:
                np.testing.assert_array_equal(
                    array[field], getattr(other_part, name)[field], err_msg=f"{name}.{field}"
                )


def assert_lives_agree(
    setting: Setting,
    country: Country,
    seed: int = 1,
    run: int = 0,
    first_week: int = 0,
    last_week: int = calendar.WEEKS,
    state: State | None = None,
    rules: Rules | None = None,
) -> TruceModel:
    """Assert that a run is the same in both lives, bit for bit, and return the agents' model."""
    compiled = live_compiled(setting, seed, run, first_week, last_week, state, rules)
    model = live_as_agents(
        setting, country, seed, run, first_week, last_week, state=state, rules=rules
    )
    assert_same((model.state, model.output), compiled)
    return model
