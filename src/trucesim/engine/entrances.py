"""What Mesa agents call of the compiled week: draws, and carrying out what their rules decided.

No rule stands here or is called from here: an agent calls its rules itself and leaves what it
expects in :class:`trucesim.engine.tables.Scratch`; these functions take it from there.
"""

# mypy: disallow-untyped-calls=False
from __future__ import annotations

from typing import Any

from trucesim.compilation import entrance
from trucesim.engine import draws, events, killings, rolls, start, week


@entrance
def run_key(seed: Any, run: Any) -> Any:
    """Give the key under which all draws of one run stand, as an unsigned integer."""
    return draws.run_key(seed, run)


@entrance
def draw(key: Any, decision: Any, week_number: Any, agent: Any, index: Any) -> Any:
    """Draw from [0, 1) for one agent, decision and week."""
    return draws.uniform(draws.stream(key, decision, week_number), agent, index)


@entrance
def draw_country(setting: Any, key: Any, state: Any, scratch: Any) -> Any:
    """Draw where cliques are, and when zones sign: what comes before anybody looks around."""
    start.draw_country(setting, key, state, scratch)


@entrance
def set_levels(setting: Any, state: Any) -> Any:
    """Find the rates that give the levels at the start: what comes after all have looked around."""
    start.set_levels(setting, state)


@entrance
def plan_zones(setting: Any, key: Any, state: Any) -> Any:
    """Plan the zones that have not signed yet, where a run continues."""
    start.plan_zones(setting.places, setting.p[0], key, state)


@entrance
def count_beside(setting: Any, state: Any, scratch: Any) -> Any:
    """Count the members next door to every municipality."""
    rolls.count_beside(setting, state, scratch)


@entrance
def open_books(setting: Any, state: Any, scratch: Any) -> Any:
    """Note the days on which something changes, and list each municipality's cliques."""
    rolls.open_books(setting, state, scratch)


@entrance
def sign_up(setting: Any, state: Any, scratch: Any, visits: Any, day: Any) -> Any:
    """Let the strongest candidates for a zone sign today."""
    rolls.sign_up(setting, state, scratch, visits, day)


@entrance
def stand_down(state: Any) -> Any:
    """Release all who still hold from an order that is no longer in force."""
    rolls.stand_down(state)


@entrance
def clique_events(
    setting: Any,
    key: Any,
    state: Any,
    scratch: Any,
    output: Any,
    week_number: Any,
    day: Any,
    until: Any,
) -> Any:
    """Carry out what cliques do in a stretch of days, and count who holds."""
    acts = events.read_plans(setting, key, state, scratch, week_number, day, until)
    killings.clique_events(setting, key, state, scratch, output, week_number, day, until, acts)


@entrance
def place_events(
    setting: Any,
    key: Any,
    state: Any,
    scratch: Any,
    output: Any,
    week_number: Any,
    day: Any,
    until: Any,
) -> Any:
    """Carry out what happens in places in a stretch of days."""
    killings.place_events(setting, key, state, scratch, output, week_number, day, until)


@entrance
def count_movements(setting: Any, key: Any, state: Any, scratch: Any, week_number: Any) -> Any:
    """Draw how many members leave and join."""
    rolls.count_movements(setting, key, state, scratch, week_number)


@entrance
def close_count(state: Any) -> Any:
    """End the count of those who left and joined."""
    rolls.close_count(state)


@entrance
def count_members(state: Any, scratch: Any) -> Any:
    """Count all members, by municipality and by gang, and list who has grievances."""
    rolls.count_members(state)
    rolls.list_aggrieved(state, scratch)


@entrance
def settle_new(setting: Any, key: Any, state: Any, scratch: Any, week_number: Any) -> Any:
    """Draw which new cliques are founded."""
    rolls.settle_new(setting, key, state, scratch, week_number)


@entrance
def count_reports(
    setting: Any, key: Any, output: Any, week_number: Any, end: Any, rate: Any
) -> Any:
    """Count a week's ordinary missing-person reports."""
    rolls.count_reports(setting, key, output, week_number, end, rate)


# Phases in which no rule is called are the same in both lives.


@entrance
def draw_luck(
    setting: Any, key: Any, state: Any, scratch: Any, output: Any, number: Any, day: Any, until: Any
) -> Any:
    """Draw what tells this week to which cliques something may happen."""
    week.draw_luck(setting, key, state, scratch, output, number, day, until)


@entrance
def note_compliance(
    setting: Any, key: Any, state: Any, scratch: Any, output: Any, number: Any, day: Any, until: Any
) -> Any:
    """Note who held in a stretch of days."""
    week.note_compliance(setting, key, state, scratch, output, number, day, until)


@entrance
def note_month(
    setting: Any, key: Any, state: Any, scratch: Any, output: Any, number: Any, day: Any, until: Any
) -> Any:
    """Note which municipalities are zones by now, and who is in prison."""
    week.note_month(setting, key, state, scratch, output, number, day, until)
