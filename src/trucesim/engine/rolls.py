"""Rolls: who is where, who holds, who comes and goes, whom somebody struck; all kept in step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trucesim.agents import Clique, G, Leadership, Municipality
from trucesim.compilation import both_lives, compiled, inlined
from trucesim.engine import draws
from trucesim.engine.draws import logistic_variate, normal, stream, uniform

MOST_FOUNDED = 16
"""New cliques of one municipality in one count: a bound for their numbers."""


BESIDE = 2.0**26
"""More than the gang members next door to any place: what two counts in one number are apart."""


TINY = 1e-300
"""What is divided by in place of nought."""


_BORN = 1 << 20
"""Numbers of cliques founded later start here: week, birthplace and index follow."""


@compiled
def end_of_week(setting, week):  # type: ignore[no-untyped-def]
    """Give the day after a week's last; the last week is short."""
    return min(7 * week + 7, setting.month_of_day.shape[0])


@compiled
def open_books(setting, state, scratch):  # type: ignore[no-untyped-def]
    """Note the days on which something changes, and list each municipality's cliques."""
    days = setting.month_of_day.shape[0]
    for day in range(scratch.change.shape[0]):
        scratch.change[day] = False
    for stretch in range(setting.timeline.shape[0]):
        scratch.change[setting.timeline[stretch].first_day] = True
    for m in range(state.municipalities.shape[0]):
        place = state.municipalities[m]
        if 0 <= place.zone_day < days:
            scratch.change[place.zone_day] = True
        if 0 <= place.army_leaves_day < days:
            scratch.change[place.army_leaves_day] = True
    call_roll(state, scratch)
    list_aggrieved(state, scratch)


@compiled
def call_roll(state, scratch):  # type: ignore[no-untyped-def]
    """List each municipality's cliques, in order of their rows."""
    cliques = state.cliques
    start = scratch.roster_start
    for m in range(start.shape[0]):
        start[m] = 0
    for i in range(state.clique_count[0]):
        start[cliques[i].place + 1] += 1
    for m in range(start.shape[0] - 1):
        start[m + 1] += start[m]
        scratch.local[m].entered = start[m]
    for i in range(state.clique_count[0]):
        local = scratch.local[cliques[i].place]
        scratch.roster[local.entered] = i
        local.entered += 1
        scratch.number[i] = cliques[i].number


@compiled
def count_members(state):  # type: ignore[no-untyped-def]
    """Count all members, by municipality and by gang, and those who hold."""
    places = state.municipalities
    for m in range(places.shape[0]):
        place = places[m]
        for gang in range(G):
            place.members[gang] = 0
            place.holding[gang] = 0
    for i in range(state.clique_count[0]):
        clique = state.cliques[i]
        place = places[clique.place]
        place.members[clique.gang] += clique.members
        if clique.complies:
            place.holding[clique.gang] += clique.members
    for gang in range(G):
        members = 0
        for m in range(places.shape[0]):
            members += places[m].members[gang]
        state.leaderships[gang].members = members
    count_held(state)


@compiled
def count_held(state):  # type: ignore[no-untyped-def]
    """Count every gang's members who hold, of whom the numbers by municipality are known."""
    places = state.municipalities
    leaderships = state.leaderships
    for gang in range(G):
        leaderships[gang].held = 0
    for m in range(places.shape[0]):
        for gang in range(G):
            leaderships[gang].held += places[m].holding[gang]


@compiled
def correct_count(clique, place, leadership, before, held):  # type: ignore[no-untyped-def]
    """Take a change of a clique's members into the counts of its municipality and its gang."""
    leadership.members += clique.members - before
    place.members[clique.gang] += clique.members - before
    if held:
        # A clique that dissolves holds no longer, and has no members.
        place.holding[clique.gang] += clique.members - before


@both_lives
def is_inhabited(place: Municipality) -> bool:
    """Tell whether gang members live in a municipality: elsewhere nobody looks around."""
    for members in place.members:
        if members > 0:
            return True
    return False


@compiled
def count_beside(setting, state, scratch):  # type: ignore[no-untyped-def]
    """Count the members next door to every municipality, and those of them who held.

    Two counts fit into one number and are summed up together. It is a float, which holds whole
    numbers of that size exactly: whole numbers would be summed up several at a time, which takes
    longer where a place has five neighbours.
    """
    places = state.municipalities
    count = places.shape[0]
    here = scratch.here
    for m in range(count):
        for gang in range(G):
            here[m, gang] = places[m].holding[gang] * BESIDE + places[m].members[gang]
    neighbour = setting.places.neighbour
    start = setting.places.neighbour_start
    for m in range(count):
        first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
        for n in range(start[m], start[m + 1]):
            row = np.uint64(neighbour[n])
            first += here[row, 0]
            second += here[row, 1]
            third += here[row, 2]
            fourth += here[row, 3]
        place = places[m]
        for gang, both in enumerate((first, second, third, fourth)):
            holding = int(both * (1.0 / BESIDE))
            place.members_beside[gang] = int(both - holding * BESIDE)
            place.holding_beside[gang] = holding


@compiled
def sign_up(setting, state, scratch, visits, day):  # type: ignore[no-untyped-def]
    """Let the strongest candidates sign today; those with a score below 0 are none."""
    places = state.municipalities
    local = scratch.local
    for _ in range(visits):
        strongest = 0
        for m in range(1, places.shape[0]):
            if local[m].score > local[strongest].score:
                strongest = m
        if local[strongest].score < 0.0:
            return
        local[strongest].score = -1.0
        place = places[strongest]
        place.zone_day = day
        place.army_leaves_day = departure(-1, day, setting.p[0])
        if day <= place.army_leaves_day < scratch.change.shape[0]:
            scratch.change[place.army_leaves_day] = True
        state.facilitator[0].zones_brought += 1


@both_lives
def any_order(leaderships: Sequence[Leadership]) -> bool:
    """Tell whether any gang's leaders order a truce: without one there is nothing to learn of."""
    for gang in range(G):
        if leaderships[gang].order != 0:
            return True
    return False


@both_lives
def any_pact(places: Sequence[Municipality]) -> bool:
    """Tell whether the cliques of any place have an agreement of their own."""
    for m in range(len(places)):
        if places[m].pact:
            return True
    return False


@compiled
def stand_down(state):  # type: ignore[no-untyped-def]
    """Release all who still hold from an order that is no longer in force."""
    places = state.municipalities
    held = 0
    for m in range(places.shape[0]):
        for gang in range(G):
            held += places[m].holding[gang]
    if held > 0:
        for i in range(state.clique_count[0]):
            state.cliques[i].complies = False


@compiled
def count_holding(clique, place):  # type: ignore[no-untyped-def]
    """Count a clique's members by whether it holds."""
    # No branch: whether it holds is close to a coin toss.
    place.counted[int(clique.complies), clique.gang] += clique.members


@compiled
def note_holding(setting, state, scratch, week, day, until):  # type: ignore[no-untyped-def]
    """Note who held in a stretch of days, what funds it brought them, and what was lived through.

    Almost every week is one stretch, and funds seldom flow: then no clique need be looked at.
    """
    cliques = state.cliques
    places = state.municipalities
    for gang in range(G):
        scratch.board[0].held[gang] = 0
    for m in range(places.shape[0]):
        place = places[m]
        for gang in range(G):
            place.holding[gang] = place.counted[1, gang]
            scratch.board[0].held[gang] += place.counted[1, gang]
            place.counted[0, gang] = 0
            place.counted[1, gang] = 0
    if setting.timeline[setting.stretch_of_day[day]].funds > 0.0:
        for i in range(state.clique_count[0]):
            clique = cliques[i]
            if clique.complies and places[clique.place].zone:
                clique.funded += until - day
    if until < end_of_week(setting, week):
        for i in range(state.clique_count[0]):
            plan = scratch.plans[i]
            for each in range(4):
                plan.spent[each] += plan.expected[each]


@both_lives
def has_grievances(clique: Clique) -> bool:
    """Tell whether a clique was struck this week, or has not forgotten that it was."""
    return bool(clique.struck + clique.grudge + clique.anger > 0.0)


@both_lives
def bury(clique: Clique) -> int:
    """Set a clique's count of the week's dead back to nought, and give what it was."""
    dead = 0
    for foe in range(G + 1):
        dead += clique.struck_by[foe]
        clique.struck_by[foe] = 0
    clique.struck = 0
    return dead


WEEKS_BETWEEN_COUNTS = 13
"""Members come and go all the time; cliques take them off and on their rolls four times a year."""


@both_lives
def is_count(week: int) -> bool:
    """Tell whether members are counted, and cliques founded, at a week's end."""
    return week % WEEKS_BETWEEN_COUNTS == WEEKS_BETWEEN_COUNTS - 1


@compiled
def count_movements(setting, key, state, scratch, week):  # type: ignore[no-untyped-def]
    """Draw how many leave and join, of whom the expected numbers are known, and a new mood."""
    cliques = state.cliques
    p = setting.p[0]
    days = 7 * WEEKS_BETWEEN_COUNTS
    count = state.clique_count[0]
    number = scratch.number[:count]
    leaving, joining = scratch.moving[0], scratch.moving[1]
    left, joined = scratch.moved[0], scratch.moved[1]
    departures = stream(key, draws.LEAVE, week)
    arrivals = stream(key, draws.JOIN, week)
    moods = stream(key, draws.MOOD, week + 1)
    draws.poisson_side_by_side(leaving[:count], departures, number, scratch.highest, left)
    draws.poisson_side_by_side(joining[:count], arrivals, number, scratch.highest, joined)
    board = scratch.board[0]
    for gang in range(G):
        board.to_prison[gang] = 0.0
        board.from_prison[gang] = 0.0
    for i in range(count):
        clique = cliques[i]
        if not clique.active:
            continue
        left[i] = min(left[i], clique.members)
        # Their part among those who left, or joined. Where nobody did there is nothing to divide.
        imprisoned = p.arrest_rate * state.forces[clique.place].pressed * clique.members / 365.25
        board.to_prison[clique.gang] += left[i] * imprisoned / max(leaving[i], TINY)
        released = state.leaderships[clique.gang].returning * clique.members * days / 365.25
        board.from_prison[clique.gang] += joined[i] * released / max(joining[i], TINY)
        clique.funded = 0.0
        clique.mood = draws.logistic_variate(moods, clique.number)
    for gang in range(G):
        # Whole members: rounded up or down at random.
        leadership = state.leaderships[gang]
        leader = -1 - gang
        leadership.arrested = int(board.to_prison[gang] + uniform(departures, leader, 0))
        leadership.released = int(board.from_prison[gang] + uniform(arrivals, leader, 0))


@compiled
def close_count(state):  # type: ignore[no-untyped-def]
    """Set back to nought what is summed up from one count of members to the next."""
    for gang in range(G):
        state.leaderships[gang].arrested = 0
        state.leaderships[gang].released = 0
    for m in range(state.forces.shape[0]):
        state.forces[m].pressed = 0.0


@compiled
def settle_new(setting, key, state, scratch, week):  # type: ignore[no-untyped-def]
    """Draw how many cliques are founded, of which the expected numbers are known, and whose."""
    p = setting.p[0]
    address = stream(key, draws.FOUND, week)
    places = state.municipalities
    founded = 0
    for m in range(places.shape[0]):
        place = places[m]
        expected = scratch.local[m].founding
        for n in range(min(draws.poisson(expected, address, m), MOST_FOUNDED)):
            row = state.clique_count[0]
            if row == state.cliques.shape[0]:
                raise MemoryError("more cliques were founded than there is room for")
            members = 0
            for gang in range(G):
                members += place.members[gang]
            remaining = int(uniform(address, m, 1 + n) * members)
            gang = 0
            while gang < G - 1 and remaining >= place.members[gang]:
                remaining -= place.members[gang]
                gang += 1
            number = _BORN + (week * 4096 + m) * MOST_FOUNDED + n
            settle(state.cliques, row, number, m, gang, int(p.clique_minimum), key, p)
            state.clique_count[0] += 1
            founded += 1
    if founded > 0:
        call_roll(state, scratch)
        count_members(state)


@compiled
def count_reports(setting, key, output, week, end, rate):  # type: ignore[no-untyped-def]
    """Draw a week's reports, of which the daily rate is known, apart for each month."""
    address = stream(key, draws.MISSING, week)
    day = 7 * week
    while day < end:
        month = setting.month_of_day[day]
        until = day + 1
        while until < end and setting.month_of_day[until] == month:
            until += 1
        output.missing[month] += draws.poisson((until - day) * rate, address, day)
        day = until


@compiled
def list_aggrieved(state, scratch):  # type: ignore[no-untyped-def]
    """List the cliques that have been struck this week, or have not forgotten that they were."""
    scratch.board[0].aggrieved = 0
    for i in range(state.clique_count[0]):
        scratch.aggrieved[scratch.board[0].aggrieved] = i
        scratch.board[0].aggrieved += has_grievances(state.cliques[i])


@inlined
def strike(state, scratch, row, by):  # type: ignore[no-untyped-def]
    """Note the death of a member of the clique in a row, and by whom; it takes notice this week."""
    clique = state.cliques[row]
    if not has_grievances(clique):
        scratch.aggrieved[scratch.board[0].aggrieved] = row
        scratch.board[0].aggrieved += 1
    clique.struck += 1
    clique.struck_by[by] += 1


@compiled
def settle(cliques, row, number, place, gang, members, key, p):  # type: ignore[no-untyped-def]
    """Write a new clique into its row."""
    clique = cliques[row]
    clique.number = number
    clique.gang = gang
    clique.place = place
    clique.active = True
    clique.complies = False
    clique.members = members
    clique.founded_with = members
    clique.struck = 0
    clique.grudge = 0.0
    clique.anger = 0.0
    clique.funded = 0.0
    address = stream(key, draws.CLIQUE_DISPOSITION, 0)
    clique.disposition = p.disposition_spread * normal(address, number, 0)
    clique.mood = logistic_variate(stream(key, draws.MOOD, 0), number)
    clique.trust = p.trust_of_recruits
    for foe in range(G):
        clique.grievance[foe] = 0.0
    for foe in range(G + 1):
        clique.struck_by[foe] = 0


@compiled
def departure(documented, zone_day, p):  # type: ignore[no-untyped-def]
    """Give the day on which the army leaves a zone; -1: it stays."""
    if documented >= 0:
        return documented
    if p.army_leaves_later_zones > 0.0:
        return zone_day + int(p.army_leaves_after)
    return -1
