"""The week: what happens, in which order, to whom. :func:`live_week` is the model at a glance.

A week in which a dated change falls is lived in stretches: decisions are taken anew on the date and
rates hold for the days that are left, so that the change acts from its own day and never before.
Waiting times run on through the week, whatever its stretches: an agent's events up to a date are
the same whether or not anything changes on it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
from trucesim.compilation import both_lives, compiled, entrance, inlined, spliced
from trucesim.engine import draws
from trucesim.engine.draws import (
    first_waiting_time,
    lane_of,
    lowest_lane,
    may_happen,
    run_key,
    screen,
    stream,
    uniform,
)
from trucesim.engine.start import (
    Places,
    departure,
    draw_violence,
    place_cliques,
    place_municipalities,
    plan_zones,
    settle,
)
from trucesim.engine.tables import State
from trucesim.rules.clique import (
    decide,
    defy,
    feud,
    join,
    kill_others,
    learn,
    leave,
    persist,
    remember,
    retaliate,
    welcome,
)
from trucesim.rules.facilitator import appeal, plan_round
from trucesim.rules.force import clash, deploy, mourn
from trucesim.rules.leadership import command, keep_count
from trucesim.rules.municipality import endorse, found, others, sign, survey
from trucesim.rules.record import hide, report_missing, report_ordinary

NEVER_MORE_IN_A_WEEK = 512
"""Events of one agent and decision in one week beyond which the run's numbers make no sense."""

MOST_FOUNDED = 16
"""New cliques of one municipality in one count: a bound for their numbers."""

BESIDE = 2.0**26
"""More than the gang members next door to any place: what two counts in one number are apart."""

TINY = 1e-300
"""What is divided by in place of nought."""

_BORN = 1 << 20
"""Numbers of cliques founded later start here: week, birthplace and index follow."""


class Setting(NamedTuple):
    """What a run is given and never changes."""

    places: Places
    p: NDArray[np.void]
    """Shape (1,): the run's parameters."""
    timeline: NDArray[np.void]
    """Shape (stretch,): the dated conditions, one row from change to change."""
    stretch_of_day: NDArray[np.int64]
    """Shape (day,): row of ``timeline`` that holds on a day."""
    month_of_day: NDArray[np.int64]
    ordinary_soldiers: float


class Scratch(NamedTuple):
    """Room to work in; all of it follows from setting and state. Compiled code makes no arrays."""

    change: NDArray[np.bool_]
    """Shape (day + 1,): whether anything dated changes on a day."""
    roster_start: NDArray[np.int64]
    roster: NDArray[np.uint32]
    """Rows of the cliques of place m: ``roster[roster_start[m]:roster_start[m + 1]]``."""
    events: NDArray[np.void]
    """Shape (event,): day and index of those that :func:`list_events` found."""
    board: NDArray[np.void]
    """Shape (1,): what holds for a whole gang; see :data:`BOARD`."""
    number: NDArray[np.int64]
    """Shape (clique,): the cliques' numbers, side by side."""
    luck: NDArray[np.float64]
    """Shape (clique,): this week's draw for the decision to obey."""
    closest: NDArray[np.float64]
    """Shape (clique,): hazard below which nothing can happen to a clique this week."""
    highest: NDArray[np.float64]
    """Shape (clique,): the highest of what is to be expected of a clique in this stretch."""
    listed: NDArray[np.uint32]
    """Shape (clique,): rows of cliques that are singled out, for now."""
    acts: NDArray[np.void]
    """Shape (4 * clique,): what cliques may do in this stretch; see :data:`ACT`."""
    plans: NDArray[np.void]
    """Shape (clique,): what is to be expected of each; see :data:`PLAN`."""
    local: NDArray[np.void]
    """Shape (place,): the same of places; see :data:`LOCAL`."""
    moving: NDArray[np.float64]
    """Shape (2, clique): members expected to leave, and to join, since the last count."""
    moved: NDArray[np.int64]
    """Shape (2, clique): members who did."""
    here: NDArray[np.float64]
    """Shape (place, gang): members, and those who held, in one number; see :data:`BESIDE`."""


ACT = np.dtype(
    [
        ("row", "u4"),  # the clique's
        ("decision", "u4"),  # 0 feud, 1 retaliate, 2 kill others, 3 defy
        ("lane", "i8"),  # coarse part of its waiting time
        ("spent", "f8"),  # hazard lived through in this week's earlier stretches
        ("hazard", "f8"),  # the same at this stretch's end
    ],
    align=True,
)

EVENT = np.dtype([("day", "i8"), ("index", "i8")], align=True)

BOARD = np.dtype(
    [
        ("held", "i8", (G,)),  # members whose clique holds, in this stretch
        ("hiding", "f8", (G,)),  # probability that a gang's killing is hidden, in this stretch
        ("to_prison", "f8", (G,)),  # of those who left since the last count of members
        ("from_prison", "f8", (G,)),  # of those who joined
        ("reporting", "f8"),  # probability that a hidden killing is reported missing
        # While the country is drawn:
        ("share", "f8", (G,)),  # of each gang in all cliques
        ("mixture", "f8", (G,)),  # weights of the gangs in one place, summed up
    ],
    align=True,
)

PLAN = np.dtype(
    [
        ("expected", "f8", (4,)),  # events by decision, in this stretch
        ("spent", "f8", (4,)),  # the same, in this week's earlier stretches
        # While the country is drawn:
        ("home", "i8"),  # the place of the clique of this number
        ("clique", "i8"),  # the number of the clique that gets this row
    ],
    align=True,
)

LOCAL = np.dtype(
    [
        ("expected", "f8", (2,)),  # clashes and other homicides, in this stretch
        ("spent", "f8", (2,)),  # the same, in this week's earlier stretches
        ("founding", "f8"),  # new cliques expected since the last count
        ("score", "f8"),  # how strong a candidate for a zone it is; below 0: none
        ("entered", "i8"),  # where the next clique of this place is entered in a list by place
        # While the country is drawn:
        ("weight", "f8"),
        ("arrival", "f8"),  # in the race for the places with cliques
        ("occupied", "i8"),  # the place with cliques that is this one in their order
        ("towards", "f8"),  # weights of the places with cliques, summed up to this one in order
    ],
    align=True,
)


def new_scratch(setting: Setting, state: State) -> Scratch:
    """Set aside room to work in; :func:`open_books` writes into it what the weeks need."""
    rows, places = len(state.cliques), len(state.municipalities)
    return Scratch(
        change=np.zeros(len(setting.month_of_day) + 1, np.bool_),
        roster_start=np.zeros(places + 1, np.int64),
        roster=np.zeros(rows, np.uint32),
        events=np.zeros(NEVER_MORE_IN_A_WEEK, EVENT),
        board=np.zeros(1, BOARD),
        number=np.zeros(rows, np.int64),
        luck=np.zeros(rows),
        closest=np.zeros(rows),
        highest=np.zeros(rows),
        listed=np.zeros(rows, np.uint32),
        acts=np.zeros(4 * rows, ACT),
        plans=np.zeros(rows, PLAN),
        local=np.zeros(places, LOCAL),
        moving=np.zeros((2, rows)),
        moved=np.zeros((2, rows), np.int64),
        here=np.zeros((places, G)),
    )


@compiled
def open_books(setting, state, scratch):  # type: ignore[no-untyped-def]
    """Note the days on which something changes, and list each municipality's cliques."""
    days = setting.month_of_day.shape[0]
    for stretch in range(setting.timeline.shape[0]):
        scratch.change[setting.timeline[stretch].first_day] = True
    for m in range(state.municipalities.shape[0]):
        place = state.municipalities[m]
        if 0 <= place.zone_day < days:
            scratch.change[place.zone_day] = True
        if 0 <= place.army_leaves_day < days:
            scratch.change[place.army_leaves_day] = True
    call_roll(state, scratch)


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


@spliced
def draw_country(setting, key, state, scratch):  # type: ignore[no-untyped-def]
    """Draw where cliques are, and when zones sign."""
    p = setting.p[0]
    draw_violence(setting.places, p, key, state)
    place_cliques(setting.places, p, key, state, scratch)
    place_municipalities(setting.places, p, state, setting.ordinary_soldiers)
    plan_zones(setting.places, p, key, state)
    for gang in range(G):
        state.leaderships[gang].gang = gang
    state.facilitator[0].month = -1
    count_members(state)


@compiled
def set_levels(setting, state):  # type: ignore[no-untyped-def]
    """Find the rates that give, on this run's map, the levels that the parameters name."""
    cliques = state.cliques
    places = state.municipalities
    leaderships = state.leaderships
    p = setting.p[0]
    total = 0
    contacts = 0.0
    for i in range(state.clique_count[0]):
        clique = cliques[i]
        total += clique.members
        contacts += clique.members * places[clique.place].contact[clique.gang]
    for gang in range(G):
        leadership = leaderships[gang]
        leadership.prisoners = round(p.members_in_prison * leadership.members / total)
    rates = state.rates[0]
    by_gangs = p.homicide_level * p.gang_share
    # Retaliation multiplies the standing feud by 1 / (1 - branching).
    standing = by_gangs * p.rival_share * (1.0 - p.branching)
    feuding = standing / contacts if contacts > 0.0 else 0.0
    killing = by_gangs * (1.0 - p.rival_share) / total
    defying = p.police_killed_level / 365.25 / total
    rates.clash = p.clash_level / 365.25 / total
    rates.fade = math.exp(-7.0 * math.log(2.0) / p.retaliation_half_life)
    vented = (1.0 - rates.fade) / 7.0
    rates.reprisal = p.reprisal * vented
    for held in range(2):
        rates.feud[held] = feuding * (p.breach_rivals if held else 1.0)
        rates.retaliate[held] = p.branching * vented * (p.breach_rivals if held else 1.0)
        rates.others[held] = killing * (p.breach_others if held else 1.0)
        rates.defy[held] = defying * (p.breach_forces if held else 1.0)
        rates.spite[held] = p.defiance * vented * (p.breach_forces if held else 1.0)
    # The feud is old: cliques start with the grievances that such a feud leaves on average.
    open_attacks = 7.0 * by_gangs * p.rival_share / (1.0 - rates.fade)
    for i in range(state.clique_count[0]):
        clique = cliques[i]
        place = places[clique.place]
        rivals = 0.0
        for gang in range(G):
            if gang != clique.gang:
                rivals += place.reach[gang]
        if rivals > 0.0 and contacts > 0.0:
            suffered = open_attacks * clique.members * place.contact[clique.gang] / contacts
            for gang in range(G):
                if gang != clique.gang:
                    clique.grievance[gang] = suffered * place.reach[gang] / rivals
            clique.grudge = suffered


@spliced
def live_week(setting, key, state, scratch, output, week):  # type: ignore[no-untyped-def]
    """Live one week."""
    look_around(setting, state, scratch)
    extend_zones(setting, key, state, scratch, week)
    draw_luck(key, state, scratch, week)
    day = 7 * week
    end = end_of_week(setting, week)
    while day < end:
        until = day + 1
        while until < end and not scratch.change[until]:
            until += 1
        take_posture(setting, state, scratch, day)
        cliques_decide(setting, state, scratch, week, day)
        cliques_act(setting, key, state, scratch, output, week, day, until)
        places_act(setting, key, state, scratch, output, week, day, until)
        note_compliance(setting, state, scratch, output, day, until)
        day = until
    turn_over(setting, key, state, scratch, week)
    end_week(setting, state, scratch, output)
    found_cliques(setting, key, state, scratch, week)
    note_reports(setting, key, output, week, day)
    note_month(setting, state, output, day)


@compiled
def end_of_week(setting, week):  # type: ignore[no-untyped-def]
    """Give the day after a week's last; the last week is short."""
    return min(7 * week + 7, setting.month_of_day.shape[0])


@entrance
def live(setting, seed, run, state, scratch, output, first_week, last_week):  # type: ignore[no-untyped-def]
    """Live the weeks from ``first_week`` up to, not including, ``last_week``.

    From week 0 the country is drawn first; from a later one ``state`` must hold what an earlier
    call left at that week's start. ``scratch`` is new (:func:`new_scratch`).
    """
    key = run_key(seed, run)
    if first_week == 0:
        # This run's country, and the rates that give the levels that the parameters name.
        draw_country(setting, key, state, scratch)
        look_around(setting, state, scratch)
        set_levels(setting, state)
    else:
        plan_zones(setting.places, setting.p[0], key, state)
    open_books(setting, state, scratch)
    for week in range(first_week, last_week):
        live_week(setting, key, state, scratch, output, week)


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


@spliced
def look_around(setting, state, scratch):  # type: ignore[no-untyped-def]
    """Everybody sees who is near and what rivals did in the last week."""
    count_beside(setting, state, scratch)
    places = state.municipalities
    for m in range(places.shape[0]):
        if is_inhabited(places[m]):
            survey(places[m], setting.p[0])


@both_lives
def is_inhabited(place: Any) -> bool:
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
def extend_zones(setting, key, state, scratch, week):  # type: ignore[no-untyped-def]
    """The facilitator, on its round of the month, brings further municipalities to sign."""
    places = state.municipalities
    day = 7 * week
    now = setting.timeline[setting.stretch_of_day[day]]
    visits = plan_round(state.facilitator[0], now, setting.month_of_day[day])
    if visits == 0 or not any_order(now):
        return
    address = stream(key, draws.EXTEND, week)
    neighbour = setting.places.neighbour
    start = setting.places.neighbour_start
    for m in range(places.shape[0]):
        zones_beside = 0
        for n in range(start[m], start[m + 1]):
            zones_beside += places[neighbour[n]].zone
        scratch.local[m].score = appeal(places[m], zones_beside, now, uniform(address, m, 0))
    sign_up(setting, state, scratch, visits, day)


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


@compiled
def draw_luck(key, state, scratch, week):  # type: ignore[no-untyped-def]
    """Draw what decides this week whether cliques obey, and whether anything may happen to them.

    One plain loop over neighbouring numbers, which processors take several at a time.
    """
    draw_side_by_side(
        stream(key, draws.DECIDE, week), stream(key, draws.SCREEN_CLIQUE, week),
        scratch.number[: state.clique_count[0]], scratch.luck, scratch.closest,
    )  # fmt: skip


@compiled
def draw_side_by_side(orders, screening, number, luck, closest):  # type: ignore[no-untyped-def]
    """Draw for many cliques, as :func:`draws.uniform` and :func:`draws.screen` do for one."""
    for i in range(number.shape[0]):
        luck[i] = uniform(orders, number[i], 0)
        closest[i] = lowest_lane(screen(screening, number[i])) * (1.0 / 65536.0)


@both_lives
def any_order(now: Any) -> bool:
    """Tell whether any gang's leaders order a truce: without one there is nothing to sign."""
    for gang in range(G):
        if now.order[gang] > 0.0:
            return True
    return False


@compiled
def take_posture(setting, state, scratch, day):  # type: ignore[no-untyped-def]
    """Municipalities sign, forces deploy, leaders give their orders and have killings hidden.

    What these hold out to all their cliques alike, and threaten them with, is summed up here, once.
    """
    places = state.municipalities
    forces = state.forces
    leaderships = state.leaderships
    now = setting.timeline[setting.stretch_of_day[day]]
    for m in range(places.shape[0]):
        sign(places[m], day)
        endorse(places[m], now, setting.p[0])
        deploy(forces[m], places[m], now, day, setting.p[0])
    for gang in range(G):
        command(leaderships[gang], now, setting.p[0])
        scratch.board[0].hiding[gang] = hide(leaderships[gang], setting.p[0])
    scratch.board[0].reporting = report_missing(setting.p[0])


@compiled
def cliques_decide(setting, state, scratch, week, day):  # type: ignore[no-untyped-def]
    """Every clique learns, once a week, and obeys or not; without any order there is neither."""
    cliques = state.cliques
    places = state.municipalities
    forces = state.forces
    leaderships = state.leaderships
    now = setting.timeline[setting.stretch_of_day[day]]
    if not any_order(now):
        stand_down(state)
        return
    p = setting.p[0]
    first = day == 7 * week
    for i in range(state.clique_count[0]):
        clique = cliques[i]
        if not clique.active:
            continue
        place = places[clique.place]
        trust = clique.trust
        learn(clique, place, p)
        if not first:
            # So written, there is no branch.
            clique.trust = trust
        leadership = leaderships[clique.gang]
        decide(clique, place, leadership, forces[clique.place], now, p, scratch.luck[i])


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
def cliques_act(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Every clique attacks rivals, avenges its dead, kills others, defies forces.

    A loop of its own: while one clique's rates still wait for its decision, a processor cannot get
    ahead with the next clique's.
    """
    cliques = state.cliques
    places = state.municipalities
    forces = state.forces
    rates = state.rates[0]
    days = until - day
    for i in range(state.clique_count[0]):
        clique = cliques[i]
        if not clique.active:
            scratch.highest[i] = 0.0
            continue
        place = places[clique.place]
        force = forces[clique.place]
        against_rivals = max(feud(clique, place, force, rates), retaliate(clique, rates))
        against_others = max(kill_others(clique, force, rates), defy(clique, force, rates))
        scratch.highest[i] = days * max(against_rivals, against_others)
        count_holding(clique, place)
    first = day == 7 * week
    screening = stream(key, draws.SCREEN_CLIQUE, week)
    acts = np.int64(0)
    for n in range(list_busy(setting, state, scratch, week, day, until)):
        i = scratch.listed[n]
        clique = cliques[i]
        place = places[clique.place]
        force = forces[clique.place]
        plan = scratch.plans[i]
        plan.expected[0] = days * feud(clique, place, force, rates)
        plan.expected[1] = days * retaliate(clique, rates)
        plan.expected[2] = days * kill_others(clique, force, rates)
        plan.expected[3] = days * defy(clique, force, rates)
        acts = list_acts(scratch, i, screen(screening, clique.number), first, acts)
    clique_events(setting, key, state, scratch, output, week, day, until, acts)


@compiled
def count_holding(clique, place):  # type: ignore[no-untyped-def]
    """Count a clique's members by whether it holds."""
    # No branch: whether it holds is close to a coin toss.
    place.counted[int(clique.complies), clique.gang] += clique.members


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
        victim = state.cliques[row]
        victim.struck += 1
        victim.struck_by[gang] += 1
        output.tally[0] += 1
        if avenging:
            index += NEVER_MORE_IN_A_WEEK
        note_killing(
            setting, key, scratch, output, week, number, gang, BETWEEN_GANGS, victim.place,
            scratch.events[n].day, index,
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
def places_act(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Security forces clash with gangs; people outside the gangs kill."""
    places = state.municipalities
    forces = state.forces
    now = setting.timeline[setting.stretch_of_day[day]]
    rates = state.rates[0]
    days = until - day
    for m in range(places.shape[0]):
        local = scratch.local[m]
        local.expected[0] = days * clash(forces[m], places[m], now, rates)
        local.expected[1] = days * others(places[m])
    place_events(setting, key, state, scratch, output, week, day, until)


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
    cliques = state.cliques
    now = setting.timeline[setting.stretch_of_day[day]]
    address = stream(key, draws.CLASH, week)
    targets = stream(key, draws.CLASH_TARGET, week)
    spent = scratch.local[m].spent[0]
    for n in range(list_events(scratch, lane, address, m, spent, hazard, day, days)):
        row = choose_pressed(state, scratch, m, now, uniform(targets, m, scratch.events[n].index))
        if row >= 0:
            cliques[row].struck += 1
            cliques[row].struck_by[STATE] += 1
            output.tally[0] += 1
            note_homicide(setting, output, BY_FORCES, m, scratch.events[n].day)


@compiled
def choose_pressed(state, scratch, m, now, u):  # type: ignore[no-untyped-def]
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
                part *= 1.0 - now.conditionality
            if part <= 0.0:
                continue
            if finding == 0:
                total += part
            elif left >= 0.0:
                chosen = scratch.roster[k]
                left -= part
    return chosen


@compiled
def note_compliance(setting, state, scratch, output, day, until):  # type: ignore[no-untyped-def]
    """Note for how many members, and for how many days, an order was held to."""
    leaderships = state.leaderships
    for each in range(day, until):
        month = setting.month_of_day[each]
        for gang in range(G):
            output.compliance[month, gang] += scratch.board[0].held[gang]
            output.member_days[month, gang] += leaderships[gang].members


@compiled
def end_week(setting, state, scratch, output):  # type: ignore[no-untyped-def]
    """Cliques and forces bury their dead, remember who killed them, and are counted."""
    cliques = state.cliques
    places = state.municipalities
    forces = state.forces
    p = setting.p[0]
    rates = state.rates[0]
    aggrieved = 0
    for i in range(state.clique_count[0]):
        # All are written and few are kept: a branch could not be foreseen.
        scratch.listed[aggrieved] = i
        aggrieved += (cliques[i].struck > 0) | has_grievances(cliques[i])
    for n in range(aggrieved):
        clique = cliques[scratch.listed[n]]
        before, held = clique.members, clique.complies
        if clique.active and has_grievances(clique):
            remember(clique, rates)
        if clique.struck > 0:
            # One dissolved at this week's count has its dead counted all the same.
            output.tally[1] += bury(clique)
            if clique.active:
                persist(clique, p)
            correct_count(
                clique, places[clique.place], state.leaderships[clique.gang], before, held
            )
    count_held(state)
    for m in range(forces.shape[0]):
        mourn(forces[m], rates)
        forces[m].struck = 0


@both_lives
def has_grievances(clique: Any) -> bool:
    """Tell whether a clique was struck this week, or has not forgotten that it was."""
    return bool(clique.struck + clique.grudge + clique.anger > 0.0)


@both_lives
def bury(clique: Any) -> int:
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
def turn_over(setting, key, state, scratch, week):  # type: ignore[no-untyped-def]
    """Four times a year, members who left in the meantime go and those who joined come."""
    if not is_count(week):
        return
    cliques = state.cliques
    p = setting.p[0]
    days = 7 * WEEKS_BETWEEN_COUNTS
    leaving, joining = scratch.moving[0], scratch.moving[1]
    left, joined = scratch.moved[0], scratch.moved[1]
    for i in range(state.clique_count[0]):
        clique = cliques[i]
        leaving[i], joining[i] = 0.0, 0.0
        if clique.active:
            leaving[i] = leave(clique, state.forces[clique.place], days, p)
            joining[i] = join(clique, state.leaderships[clique.gang], days, p)
    count_movements(setting, key, state, scratch, week)
    for i in range(state.clique_count[0]):
        if left[i] > 0 or joined[i] > 0:
            clique = cliques[i]
            before, held = clique.members, clique.complies
            welcome(clique, left[i], joined[i], p)
            persist(clique, p)
            place, leadership = state.municipalities[clique.place], state.leaderships[clique.gang]
            correct_count(clique, place, leadership, before, held)
    for gang in range(G):
        keep_count(state.leaderships[gang])
    close_count(state)


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


@spliced
def found_cliques(setting, key, state, scratch, week):  # type: ignore[no-untyped-def]
    """Four times a year, new cliques grow where gangs are."""
    if not is_count(week):
        return
    days = 7 * WEEKS_BETWEEN_COUNTS
    for m in range(state.municipalities.shape[0]):
        scratch.local[m].founding = days * found(state.municipalities[m], setting.p[0])
    settle_new(setting, key, state, scratch, week)


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


@spliced
def note_reports(setting, key, output, week, end):  # type: ignore[no-untyped-def]
    """Missing-person reports come in that have nothing to do with hidden killings."""
    count_reports(setting, key, output, week, end, report_ordinary(setting.p[0]))


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
def note_month(setting, state, output, end):  # type: ignore[no-untyped-def]
    """Note which municipalities are zones and who is in prison; a month's last week stands."""
    places = state.municipalities
    leaderships = state.leaderships
    month = setting.month_of_day[end - 1]
    for m in range(places.shape[0]):
        output.zone[month, m] = places[m].zone
    for gang in range(G):
        output.in_prison[month, gang] = leaderships[gang].prisoners
