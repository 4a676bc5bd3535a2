"""A user's own rule acts in both lives alike, and a wrong one is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from lives import assert_lives_agree, eventful_setting, live_as_agents, live_compiled, small_country

from trucesim.engine import week
from trucesim.engine.user_rules import check, kind_of, shipped_rules
from trucesim.engine.variant import NotCompilable, live_with
from trucesim.files.errors import InputError
from trucesim.rules.clique import trusted

WEEKS = 190
"""Up to half a year into the truce."""


def decide_alone(
    clique: Any, place: Any, leadership: Any, force: Any, now: Any, p: Any, u: float
) -> None:
    """Obey where trust is high, whatever the leaders gain."""
    clique.complies = leadership.order > 0 and u < 0.1 + 2.0 * trusted(clique, leadership)


def mourn_longer(force: Any, rates: Any) -> None:
    """Never forget a colleague."""
    force.grievance = force.grievance + force.struck


@pytest.mark.slow
def test_a_rule_of_ones_own_acts_in_both_lives() -> None:
    part = eventful_setting()
    rules = {"decide": decide_alone, "mourn": mourn_longer}

    model = assert_lives_agree(part, small_country(), last_week=WEEKS, rules=rules)
    _, shipped = live_compiled(part, last_week=WEEKS)
    assert not np.array_equal(shipped.compliance, model.output.compliance)
    assert not np.array_equal(shipped.by_kind, model.output.by_kind)
    # The shipped week is as it was, and the same rules are compiled once.
    assert week.decide is shipped_rules()["decide"]
    assert live_with(dict(rules)) is live_with(dict(reversed(rules.items())))


def test_without_rules_the_shipped_week_is_lived() -> None:
    assert live_with({}) is week.live


def test_every_rule_belongs_to_a_kind_of_agent() -> None:
    kinds = {"clique", "municipality", "force", "leadership", "facilitator", "record"}
    assert {kind_of(rule) for rule in shipped_rules().values()} == kinds
    assert kind_of(shipped_rules()["decide"]) == "clique"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"decyde": decide_alone}, r"no rule is called 'decyde' \(did you mean 'decide'\?\)"),
        ({"x": decide_alone}, r"there are survey \(municipality\), .*decide \(clique\)"),
        ({"decide": "always"}, "decide = 'always', but it must be a function"),
        (
            {"decide": lambda clique, p: None},
            r"decide\(clique, place, leadership, force, now, p, u",
        ),
        ({"mourn": lambda rates, force: None}, r"mourn\(force, rates\)"),
        ({"mourn": lambda force, *rates: None}, r"mourn\(force, rates\)"),
    ],
)
def test_a_wrong_rule_is_explained(rules: dict[str, Any], message: str) -> None:
    for refuse in (check, live_with):
        with pytest.raises(InputError, match=message):
            refuse(rules)


seen: list[float] = []


def mourn_aloud(force: Any, rates: Any) -> None:
    """Do what plain Python alone can."""
    seen.append(force.grievance)
    force.grievance = rates.fade * force.grievance + force.struck


def mourn_wrongly(force: Any, rates: Any) -> None:
    """Read what a force does not have."""
    force.grievance = rates.fade * force.sorrow


def _helper(x: float) -> float:
    return 0.5 * x


def mourn_with_help(force: Any, rates: Any) -> None:
    """Call a function that is not for both lives."""
    force.grievance = _helper(force.grievance)


@pytest.mark.parametrize(
    ("mourn", "reason"),
    [
        (mourn_aloud, "seen"),
        (mourn_wrongly, "sorrow"),
        (mourn_with_help, "_helper"),
    ],
)
def test_what_numba_cannot_compile_is_explained(mourn: Callable[..., None], reason: str) -> None:
    with pytest.raises(NotCompilable, match="runs in agents") as caught:
        live_with({"mourn": mourn})
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_numba_cannot_compile_runs_in_agents() -> None:
    model = live_as_agents(
        eventful_setting(), small_country(), last_week=2, rules={"mourn": mourn_aloud}
    )
    assert len(seen) == 2 * len(model.forces)
