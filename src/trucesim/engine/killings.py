"""Killings: who is killed by whom, whether it is hidden, and how it enters the record."""

from __future__ import annotations

import numpy as np

from trucesim.agents import (
    BETWEEN_GANGS,
    BY_FORCES,
    BY_OTHERS,
    GANGS_AGAINST_OTHERS,
    POLICE,
    SOLDIERS,
    STATE,
    G,
)
from trucesim.compilation import compiled, inlined
from trucesim.engine import draws
from trucesim.engine.draws import lane_of, may_happen, screen, stream, uniform
from trucesim.engine.events import list_events
from trucesim.engine.rolls import note_holding, strike
from trucesim.engine.tables import NEVER_MORE_IN_A_WEEK


@compiled
def clique_events(setting, key, state, scratch, output, week, day, until, acts):  # type: ignore[no-untyped-def]
    """Carry out what cliques may do in a stretch of days."""
    days = until - day
    for n in range(acts):
        act = scratch.acts[n]
        i, decision = act.row, act.decision
        address = stream(key, draws.FEUD + decision, week)
        number = state.cliques[i].number
        events = list_events(scratch, act.lane, address, number, act.spent, act.hazard, day, days)
        if decision < 2:
            attack(setting, key, state, scratch, output, week, i, decision == 1, events)
        elif decision == 2:
            kill(setting, key, state, scratch, output, week, i, events)
        else:
            attack_force(setting, key, state, scratch, output, week, i, events)
    note_holding(setting, state, scratch, week, day, until)


@inlined
def attack(setting, key, state, scratch, output, week, i, avenging, events):  # type: ignore[no-untyped-def]
    """Carry out a clique's attacks on rivals, of the standing feud or in retaliation.

    The victim's clique takes notice at the week's end. An avenger whose foes are gone lets it be.
    """
    clique = state.cliques[i]
    number, gang = clique.number, clique.gang
    decision = draws.RETALIATE_TARGET if avenging else draws.FEUD_TARGET
    targets = stream(key, decision, week)
    for n in range(events):
        index = scratch.events[n].index
        u = uniform(targets, number, 2 * index)
        v = uniform(targets, number, 2 * index + 1)
        row = choose_rival(setting, state, scratch, clique, avenging, u, v)
        if row < 0:
            continue
        victims = state.municipalities[state.cliques[row].place]
        if state.cliques[row].place != clique.place and victims.shield > 0.0:
            address = stream(key, draws.SHIELD + avenging, week)
            if uniform(address, number, index) < victims.shield:
                continue
        strike(state, scratch, row, gang)
        output.tally[0] += 1
        if avenging:
            index += NEVER_MORE_IN_A_WEEK
        note_killing(
            setting, key, scratch, output, week, number, gang, BETWEEN_GANGS,
            state.cliques[row].place, scratch.events[n].day, index,
        )  # fmt: skip


@inlined
def choose_rival(setting, state, scratch, clique, avenging, u, v):  # type: ignore[no-untyped-def]
    """Choose the rival clique that is attacked: by nearness and members, and by grudge.

    Returns
    -------
    int
        Its row; -1 if no such rival is within reach.
    """
    places = state.municipalities
    home = places[clique.place]
    left = 0.0
    for gang in range(G):
        if gang != clique.gang:
            left += home.reach[gang] * (clique.grievance[gang] if avenging else 1.0)
    left *= u
    m = np.int64(clique.place)
    nearness = 1.0
    last_place, last_gang = np.int64(-1), np.int64(-1)
    neighbour = setting.places.neighbour
    start = setting.places.neighbour_start[m]
    others_near = setting.places.neighbour_start[m + 1] - start
    for n in range(others_near + 1):
        place = places[m]
        for gang in range(G):
            if gang == clique.gang:
                continue
            part = nearness * place.members[gang]
            if avenging:
                part *= clique.grievance[gang]
            if part > 0.0:
                last_place, last_gang = m, gang
                left -= part
                if left < 0.0:
                    return choose_clique(state, scratch, m, gang, v)
        if n < others_near:
            m = neighbour[start + n]
            nearness = setting.p[0].neighbour_weight
    if last_place < 0:
        return -1
    # Rounding may leave a crumb beyond the last of the weights.
    return choose_clique(state, scratch, last_place, last_gang, v)


@inlined
def choose_clique(state, scratch, m, gang, v):  # type: ignore[no-untyped-def]
    """Choose one of a gang's cliques in a municipality, by members."""
    cliques = state.cliques
    remaining = int(v * state.municipalities[m].members[gang])
    for k in range(scratch.roster_start[m], scratch.roster_start[m + 1]):
        row = scratch.roster[k]
        if cliques[row].gang == gang:
            remaining -= cliques[row].members
            if remaining < 0:
                return row
    return -1


@inlined
def note_killing(
    setting, key, scratch, output, week, number, gang, kind, place, day, index
):  # type: ignore[no-untyped-def]  # fmt: skip
    """Record a gang's killing, or hide it; a hidden one may be reported as a missing person."""
    address = stream(key, draws.HIDE + kind, week)
    hidden = scratch.board[0].hiding[gang]
    if hidden > 0.0 and uniform(address, number, index) < hidden:
        month = setting.month_of_day[day]
        output.hidden[month, kind] += 1
        address = stream(key, draws.MISSING_REPORT + kind, week)
        if uniform(address, number, index) < scratch.board[0].reporting:
            output.missing[month] += 1
    else:
        note_homicide(setting, output, kind, place, day)


@inlined
def note_homicide(setting, output, kind, place, day):  # type: ignore[no-untyped-def]
    """Enter a homicide into the record."""
    month = setting.month_of_day[day]
    output.by_kind[month, kind] += 1
    if kind != BY_FORCES or setting.p[0].forces_in_record > 0.0:
        output.recorded[month, place] += 1
        output.daily[day] += 1


@inlined
def kill(setting, key, state, scratch, output, week, i, events):  # type: ignore[no-untyped-def]
    """Carry out a clique's killings of people outside the gangs."""
    clique = state.cliques[i]
    for n in range(events):
        event = scratch.events[n]
        note_killing(
            setting, key, scratch, output, week, clique.number, clique.gang,
            GANGS_AGAINST_OTHERS, clique.place, event.day, event.index,
        )  # fmt: skip


@inlined
def attack_force(setting, key, state, scratch, output, week, i, events):  # type: ignore[no-untyped-def]
    """Carry out a clique's attacks on the security force: on police, or soldiers where deployed."""
    clique = state.cliques[i]
    force = state.forces[clique.place]
    targets = stream(key, draws.DEFY_TARGET, week)
    soldiers = force.soldiers / (force.police + force.soldiers)
    for n in range(events):
        force.struck += 1
        kind = POLICE
        if uniform(targets, clique.number, scratch.events[n].index) < soldiers:
            kind = SOLDIERS
        note_homicide(setting, output, kind, clique.place, scratch.events[n].day)


@compiled
def place_events(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Carry out what happens in places in a stretch of days, of which the numbers are expected."""
    forces = state.forces
    days = until - day
    first = day == 7 * week
    screening = stream(key, draws.SCREEN_PLACE, week)
    ordinary = stream(key, draws.OTHERS, week)
    for m in range(forces.shape[0]):
        force = forces[m]
        local = scratch.local[m]
        bits = screen(screening, m)
        if first:
            local.spent[0] = 0.0
            local.spent[1] = 0.0
        force.pressed += days * force.pressure

        hazard = local.spent[0] + local.expected[0]
        lane = lane_of(bits, 0)
        if may_happen(lane, hazard):
            clash_events(setting, key, state, scratch, output, week, m, lane, hazard, day, days)
        local.spent[0] = hazard

        hazard = local.spent[1] + local.expected[1]
        lane = lane_of(bits, 1)
        if may_happen(lane, hazard):
            events = list_events(scratch, lane, ordinary, m, local.spent[1], hazard, day, days)
            for n in range(events):
                note_homicide(setting, output, BY_OTHERS, m, scratch.events[n].day)
        local.spent[1] = hazard


@compiled
def clash_events(setting, key, state, scratch, output, week, m, lane, hazard, day, days):  # type: ignore[no-untyped-def]
    """Carry out a security force's killings of gang members."""
    address = stream(key, draws.CLASH, week)
    targets = stream(key, draws.CLASH_TARGET, week)
    spent = scratch.local[m].spent[0]
    for n in range(list_events(scratch, lane, address, m, spent, hazard, day, days)):
        row = choose_pressed(state, scratch, m, uniform(targets, m, scratch.events[n].index))
        if row >= 0:
            strike(state, scratch, row, STATE)
            output.tally[0] += 1
            note_homicide(setting, output, BY_FORCES, m, scratch.events[n].day)


@compiled
def choose_pressed(state, scratch, m, u):  # type: ignore[no-untyped-def]
    """Choose the clique that a force clashes with: by members, sparing those who hold.

    Returns
    -------
    int
        Its row; -1 if there is none.
    """
    cliques = state.cliques
    total = 0.0
    chosen = -1
    for finding in range(2):
        left = u * total
        for k in range(scratch.roster_start[m], scratch.roster_start[m + 1]):
            clique = cliques[scratch.roster[k]]
            part = float(clique.members)
            if clique.complies:
                part *= 1.0 - state.forces[m].sparing
            if part <= 0.0:
                continue
            if finding == 0:
                total += part
            elif left >= 0.0:
                chosen = scratch.roster[k]
                left -= part
    return chosen
