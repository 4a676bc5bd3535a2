"""The week: what happens, in which order, to whom; its phases call the rules.

The order stands in three lists of :class:`Step`, at the end: what opens a week, what every stretch
of it holds, what closes it. Both lives run these lists, and ``trucesim describe --steps`` prints
them. A rule is named in the list with the phase that calls it; nothing else calls one but
:mod:`trucesim.engine.ahead`, to guess what leaderships will bring.

A week in which a dated change falls is lived in stretches: decisions are taken anew on the date and
rates hold for the days that are left, so that the change acts from its own day and never before.
Waiting times run on through the week, whatever its stretches: an agent's events up to a date are
the same whether or not anything changes on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from trucesim.agents import G
from trucesim.compilation import compiled, entrance, spliced
from trucesim.engine import draws
from trucesim.engine.draws import run_key, screen, stream, uniform
from trucesim.engine.events import draw_side_by_side, list_acts, list_busy
from trucesim.engine.killings import clique_events, place_events
from trucesim.engine.rolls import (
    WEEKS_BETWEEN_COUNTS,
    any_order,
    any_pact,
    bury,
    close_count,
    correct_count,
    count_beside,
    count_held,
    count_holding,
    count_movements,
    count_reports,
    end_of_week,
    has_grievances,
    is_count,
    is_inhabited,
    open_books,
    settle_new,
    sign_up,
    stand_down,
)
from trucesim.engine.start import draw_country, plan_zones, set_levels
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
from trucesim.rules.leadership import command, drift, hold_unasked, keep_count, press, waver
from trucesim.rules.municipality import endorse, found, others, sign, survey, uphold, wander
from trucesim.rules.record import hide, report_missing, report_ordinary


@spliced
def look_around(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Everybody sees who is near and what rivals did in the last week."""
    count_beside(setting, state, scratch)
    places = state.municipalities
    for m in range(places.shape[0]):
        if is_inhabited(places[m]):
            survey(places[m], setting.p[0])


@compiled
def extend_zones(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """The facilitator, on its round of the month, brings further municipalities to sign."""
    places = state.municipalities
    now = setting.timeline[setting.stretch_of_day[day]]
    visits = plan_round(state.facilitator[0], now, setting.month_of_day[day])
    if visits == 0 or not any_order(state.leaderships):
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
def reconsider(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Climate and hot spots drift, orders wear off, leaders press or hold, pacts hold or not."""
    now = setting.timeline[setting.stretch_of_day[day]]
    p = setting.p[0]
    order = stream(key, draws.ORDER, week)
    chances = stream(key, draws.PRESS, week)
    of_climate = setting.climate_key if setting.climate_key != np.uint64(0) else key
    climate = uniform(stream(of_climate, draws.CLIMATE, week), 0, 0)
    for gang in range(G):
        leadership = state.leaderships[gang]
        drift(leadership, p, climate)
        waver(leadership, now, p)
        press(leadership, now, p, uniform(chances, gang, 0))
        hold_unasked(leadership, now, p, uniform(order, 0, 1), uniform(order, 0, 0))
    moved = stream(key, draws.WANDER, week)
    if is_count(week):
        for m in range(state.municipalities.shape[0]):
            place = state.municipalities[m]
            wander(place, p, uniform(moved, place.department, 0))
    pacts = stream(key, draws.PACT, week)
    for m in range(state.municipalities.shape[0]):
        if state.municipalities[m].pact:
            uphold(state.municipalities[m], state.forces[m], now, p, uniform(pacts, m, 0))


@compiled
def draw_luck(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Draw what decides this week whether cliques obey, and whether anything may happen to them.

    One plain loop over neighbouring numbers, which processors take several at a time.
    """
    draw_side_by_side(
        stream(key, draws.DECIDE, week), stream(key, draws.SCREEN_CLIQUE, week),
        scratch.number[: state.clique_count[0]], scratch.luck, scratch.closest,
    )  # fmt: skip


@compiled
def take_posture(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
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
    order = uniform(stream(key, draws.ORDER, week), 0, 0)
    for gang in range(G):
        command(leaderships[gang], now, setting.p[0], order)
        scratch.board[0].hiding[gang] = hide(leaderships[gang], setting.p[0])
    scratch.board[0].reporting = report_missing(setting.p[0])


@compiled
def cliques_decide(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Every clique learns, once a week, and obeys or not; there is neither without any order.

    A local pact can be obeyed without one.
    """
    cliques = state.cliques
    places = state.municipalities
    forces = state.forces
    leaderships = state.leaderships
    now = setting.timeline[setting.stretch_of_day[day]]
    ordered = any_order(leaderships)
    if not ordered and not any_pact(places):
        stand_down(state)
        return
    p = setting.p[0]
    if ordered and day == 7 * week:
        for i in range(state.clique_count[0]):
            if cliques[i].active:
                learn(cliques[i], places[cliques[i].place], p)
    for i in range(state.clique_count[0]):
        clique = cliques[i]
        if not clique.active:
            continue
        place = places[clique.place]
        leadership = leaderships[clique.gang]
        decide(clique, place, leadership, forces[clique.place], now, p, scratch.luck[i])


@compiled
def cliques_act(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Every clique attacks rivals, avenges its dead, kills others, defies forces.

    A loop of its own: while one clique's rates still wait for its decision, a processor cannot get
    ahead with the next clique's.
    """
    cliques = state.cliques
    places = state.municipalities
    forces = state.forces
    leaderships = state.leaderships
    rates = state.rates[0]
    days = until - day
    for i in range(state.clique_count[0]):
        clique = cliques[i]
        if not clique.active:
            scratch.highest[i] = 0.0
            continue
        place = places[clique.place]
        force = forces[clique.place]
        leadership = leaderships[clique.gang]
        against_rivals = max(
            feud(clique, place, leadership, force, rates), retaliate(clique, rates)
        )
        against_others = max(
            kill_others(clique, leadership, force, rates), defy(clique, leadership, force, rates)
        )
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
        leadership = leaderships[clique.gang]
        plan = scratch.plans[i]
        plan.expected[0] = days * feud(clique, place, leadership, force, rates)
        plan.expected[1] = days * retaliate(clique, rates)
        plan.expected[2] = days * kill_others(clique, leadership, force, rates)
        plan.expected[3] = days * defy(clique, leadership, force, rates)
        acts = list_acts(scratch, i, screen(screening, clique.number), first, acts)
    clique_events(setting, key, state, scratch, output, week, day, until, acts)


@compiled
def places_act(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Security forces clash with gangs; people outside the gangs kill."""
    places = state.municipalities
    forces = state.forces
    rates = state.rates[0]
    days = until - day
    for m in range(places.shape[0]):
        local = scratch.local[m]
        local.expected[0] = days * clash(forces[m], places[m], rates)
        local.expected[1] = days * others(places[m])
    place_events(setting, key, state, scratch, output, week, day, until)


@compiled
def note_compliance(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Note for how many members, and for how many days, an order stood and was held to."""
    leaderships = state.leaderships
    for each in range(day, until):
        month = setting.month_of_day[each]
        for gang in range(G):
            output.compliance[month, gang] += scratch.board[0].held[gang]
            output.member_days[month, gang] += leaderships[gang].members
            if leaderships[gang].order > 0:
                output.ordered[month, gang] += (
                    leaderships[gang].strength * leaderships[gang].members
                )


@compiled
def end_week(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Cliques and forces bury their dead, remember who killed them, and are counted."""
    cliques = state.cliques
    places = state.municipalities
    forces = state.forces
    p = setting.p[0]
    rates = state.rates[0]
    still = 0
    for n in range(scratch.board[0].aggrieved):
        row = scratch.aggrieved[n]
        clique = cliques[row]
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
        # All are written and few are left out: a branch could not be foreseen.
        scratch.aggrieved[still] = row
        still += has_grievances(clique)
    scratch.board[0].aggrieved = still
    count_held(state)
    for m in range(forces.shape[0]):
        mourn(forces[m], rates)
        forces[m].struck = 0


@compiled
def turn_over(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
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


@spliced
def found_cliques(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Four times a year, new cliques grow where gangs are."""
    if not is_count(week):
        return
    days = 7 * WEEKS_BETWEEN_COUNTS
    for m in range(state.municipalities.shape[0]):
        scratch.local[m].founding = days * found(state.municipalities[m], setting.p[0])
    settle_new(setting, key, state, scratch, week)


@spliced
def note_reports(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Missing-person reports come in that have nothing to do with hidden killings."""
    count_reports(setting, key, output, week, until, report_ordinary(setting.p[0]))


@compiled
def note_month(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
    """Note which municipalities are zones and who is in prison; a month's last week stands."""
    places = state.municipalities
    leaderships = state.leaderships
    month = setting.month_of_day[until - 1]
    for m in range(places.shape[0]):
        output.zone[month, m] = places[m].zone
    for gang in range(G):
        output.in_prison[month, gang] = leaderships[gang].prisoners


class Step(NamedTuple):
    """A phase of the week, and the rules that it calls, in their order.

    A phase takes what a run is given, its key, state, room to work in and output, and the week and
    the days from ``day`` up to, not including, ``until``.
    """

    phase: Callable[..., Any]
    rules: tuple[Callable[..., Any], ...] = ()


OPENING = (
    Step(look_around, (survey,)),
    Step(extend_zones, (plan_round, appeal)),
    Step(reconsider, (drift, waver, press, hold_unasked, wander, uphold)),
    Step(draw_luck),
)
"""What opens a week."""

STRETCH = (
    Step(take_posture, (sign, endorse, deploy, command, hide, report_missing)),
    Step(cliques_decide, (learn, decide)),
    Step(cliques_act, (feud, retaliate, kill_others, defy)),
    Step(places_act, (clash, others)),
    Step(note_compliance),
)
"""What happens in every stretch of a week: all of it where nothing dated changes in it."""

CLOSING = (
    Step(turn_over, (leave, join, welcome, persist, keep_count)),
    Step(end_week, (remember, persist, mourn)),
    Step(found_cliques, (found,)),
    Step(note_reports, (report_ordinary,)),
    Step(note_month),
)
"""What closes a week."""


def one_after_the_other(steps: tuple[Step, ...]) -> Callable[..., Any]:
    """Make one compiled function of the phases of some steps."""
    first = steps[0].phase
    if len(steps) == 1:
        return first
    rest = one_after_the_other(steps[1:])

    @spliced
    def phases(setting, key, state, scratch, output, week, day, until):  # type: ignore[no-untyped-def]
        first(setting, key, state, scratch, output, week, day, until)
        rest(setting, key, state, scratch, output, week, day, until)

    return phases


open_week, live_stretch, close_week = map(one_after_the_other, (OPENING, STRETCH, CLOSING))


@spliced
def live_week(setting, key, state, scratch, output, week):  # type: ignore[no-untyped-def]
    """Live one week."""
    day = 7 * week
    end = end_of_week(setting, week)
    open_week(setting, key, state, scratch, output, week, day, end)
    while day < end:
        until = day + 1
        while until < end and not scratch.change[until]:
            until += 1
        live_stretch(setting, key, state, scratch, output, week, day, until)
        day = until
    close_week(setting, key, state, scratch, output, week, 7 * week, end)


@entrance
def live(setting, seed, runs, home, state, scratch, output, first_week, last_week):  # type: ignore[no-untyped-def]
    """Live the weeks from ``first_week`` up to, not including, ``last_week``.

    From week 0 the country is drawn first; from a later one ``state`` must hold what an earlier
    call left at that week's start. What stands in ``scratch`` before the call makes no difference.

    Weeks take the draws of ``runs``, shape (week,), counted from ``first_week``; later ones those
    of the last. Where cliques are and when zones sign are draws of ``home``: the same number but
    where weeks come from several runs, which share one country.
    """
    at_home = run_key(seed, home)
    if first_week == 0:
        # This run's country, and the rates that give the levels that the parameters name.
        draw_country(setting, at_home, state, scratch)
        look_around(setting, at_home, state, scratch, output, 0, 0, 0)
        set_levels(setting, state)
    else:
        plan_zones(setting.places, setting.p[0], at_home, state)
    open_books(setting, state, scratch)
    for week in range(first_week, last_week):
        run = runs[min(week - first_week, len(runs) - 1)]
        live_week(setting, run_key(seed, run), state, scratch, output, week)
