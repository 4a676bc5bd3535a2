"""Events: to which agents something may happen, how often it does, and on which days."""

from __future__ import annotations

import math

import numpy as np

from trucesim.compilation import compiled, inlined
from trucesim.engine import draws
from trucesim.engine.draws import (
    first_waiting_time,
    lane_of,
    lowest_lane,
    may_happen,
    screen,
    stream,
    uniform,
)
from trucesim.engine.rolls import count_holding, end_of_week


@compiled
def draw_side_by_side(orders, screening, number, luck, closest):  # type: ignore[no-untyped-def]
    """Draw for many cliques, as :func:`draws.uniform` and :func:`draws.screen` do for one."""
    for i in range(number.shape[0]):
        luck[i] = uniform(orders, number[i], 0)
        closest[i] = lowest_lane(screen(screening, number[i])) * (1.0 / 65536.0)


@compiled
def read_plans(setting, key, state, scratch, week, day, until):  # type: ignore[no-untyped-def]
    """Count who holds, and list what may happen by what agents have said is to be expected.

    Returns
    -------
    int
        How many acts are listed.
    """
    for i in range(state.clique_count[0]):
        clique = state.cliques[i]
        scratch.highest[i] = 0.0
        if clique.active:
            expected = scratch.plans[i].expected
            scratch.highest[i] = max(max(expected[0], expected[1]), max(expected[2], expected[3]))
            count_holding(clique, state.municipalities[clique.place])
    first = day == 7 * week
    screening = stream(key, draws.SCREEN_CLIQUE, week)
    acts = np.int64(0)
    for n in range(list_busy(setting, state, scratch, week, day, until)):
        i = scratch.listed[n]
        acts = list_acts(scratch, i, screen(screening, state.cliques[i].number), first, acts)
    return acts


@compiled
def list_busy(setting, state, scratch, week, day, until):  # type: ignore[no-untyped-def]
    """List the cliques to which something may happen in a stretch of days.

    In a week of several stretches all are listed: what each has lived through is to be kept.

    Returns
    -------
    int
        How many; most often a few in a hundred.
    """
    count = state.clique_count[0]
    if day > 7 * week or until < end_of_week(setting, week):
        for i in range(count):
            if state.cliques[i].active:
                scratch.highest[i] = math.inf
    busy = 0
    for i in range(count):
        # All are written and few are kept: a branch could not be foreseen.
        scratch.listed[busy] = i
        busy += scratch.closest[i] < scratch.highest[i]
    return busy


@inlined
def list_acts(scratch, i, bits, first, acts):  # type: ignore[no-untyped-def]
    """List what a clique may do in a stretch of days, of which the expected numbers are known.

    Returns
    -------
    int
        How many acts are listed by now, of all cliques.
    """
    plan = scratch.plans[i]
    for decision in range(4):
        if first:
            plan.spent[decision] = 0.0
        act = scratch.acts[acts]
        act.row = i
        act.decision = decision
        act.lane = lane_of(bits, decision)
        act.spent = plan.spent[decision]
        act.hazard = plan.spent[decision] + plan.expected[decision]
        acts += may_happen(act.lane, act.hazard)
    return acts


@inlined
def list_events(scratch, lane, address, number, spent, until, day, days):  # type: ignore[no-untyped-def]
    """List an agent's events in a stretch of days, with their days and their index in the week.

    The stretch begins when a hazard of ``spent`` has been lived through, and ends at ``until``.

    Returns
    -------
    int
        How many; their days and indices stand in ``scratch``.
    """
    found_so_far = 0
    index = 0
    waited = first_waiting_time(lane, address, number)
    hazard = until - spent
    while waited < until and found_so_far < scratch.events.shape[0]:
        if waited >= spent:
            event = scratch.events[found_so_far]
            event.day = day + min(int((waited - spent) / hazard * days), days - 1)
            event.index = index
            found_so_far += 1
        index += 1
        u = uniform(address, number, index)
        # A waiting time is never below its u: most often that settles it without a logarithm.
        if waited + u >= until:
            break
        waited -= math.log(1.0 - u)
    return found_so_far
