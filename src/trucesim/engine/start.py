"""How a run's country is drawn: where cliques are is not known, so every run draws it anew.

Source of the distribution: EVIDENCE 3 (counts) and the shipped tables (population, departmental
homicides of 2010, rate class of 2015 as a proxy). A municipality's weight is

    population ** placement_population * violence ** placement_violence * exp(patchiness * z),

the municipalities with cliques are drawn without replacement by weight, each gets one clique, and
the rest are drawn by weight among them. The gangs' mix in a municipality is logistic-normal about
the national shares; sizes are geometric above the minimum.
"""

from __future__ import annotations

import math

from trucesim.agents import G
from trucesim.compilation import compiled, spliced
from trucesim.engine import draws
from trucesim.engine.draws import normal, stream, uniform
from trucesim.engine.rolls import count_members, departure, settle

ARRIVED = -1.0
"""Stands for the time of arrival of those that have been chosen."""

LOWEST_RATE = 2.0
"""Per 100,000: no place is drawn as if violence there were impossible."""


@compiled
def draw_violence(places, p, key, state):  # type: ignore[no-untyped-def]
    """Draw each place's rate within what is known, per 100,000 a year."""
    address = stream(key, draws.PLACE_VIOLENCE, 0)
    for m in range(places.given.shape[0]):
        u = uniform(address, m, 0)
        low, mode, high = (
            places.given[m].rate_low,
            places.given[m].rate_mode,
            places.given[m].rate_high,
        )
        if mode < 0.0:
            rate = low + u * (high - low)
        elif u * (high - low) < mode - low:
            rate = low + math.sqrt(u * (high - low) * (mode - low))
        else:
            rate = high - math.sqrt((1.0 - u) * (high - low) * (high - mode))
        proxy = math.log(max(rate, LOWEST_RATE))
        department = math.log(max(places.given[m].department_rate, LOWEST_RATE))
        logarithm = p.proxy_2015 * proxy + (1.0 - p.proxy_2015) * department
        state.municipalities[m].violence = math.exp(logarithm)


@compiled
def choose_occupied(local, how_many, key):  # type: ignore[no-untyped-def]
    """Choose places without replacement by weight: the first to arrive in a race of exponentials.

    Their rows, in ascending order, are left in ``local``.
    """
    address = stream(key, draws.PLACE_CHOICE, 0)
    count = local.shape[0]
    for m in range(count):
        local[m].arrival = -math.log(1.0 - uniform(address, m, 0)) / local[m].weight
    # By hand: a sort of the library takes longer to compile than all of this function.
    for _ in range(how_many):
        first = -1
        for m in range(count):
            if local[m].arrival >= 0.0 and (first < 0 or local[m].arrival < local[first].arrival):
                first = m
        local[first].arrival = ARRIVED
    found = 0
    for m in range(count):
        if local[m].arrival == ARRIVED:
            local[found].occupied = m
            found += 1


@compiled
def place_cliques(places, p, key, state, scratch):  # type: ignore[no-untyped-def]
    """Draw where cliques are, whose they are and how many members they have."""
    count = places.given.shape[0]
    cliques = state.cliques
    local, plans = scratch.local, scratch.plans
    patch = stream(key, draws.PLACE_PATCH, 0)
    mix = stream(key, draws.PLACE_MIX, 0)
    for m in range(count):
        weight = places.given[m].population ** p.placement_population
        weight *= state.municipalities[m].violence ** p.placement_violence
        weight *= math.exp(p.placement_patchiness * normal(patch, m, 0))
        local[m].weight = weight
    how_many = int(p.cliques)
    occupied = min(int(p.clique_municipalities), count, how_many)
    choose_occupied(local, occupied, key)
    so_far = 0.0
    for n in range(occupied):
        so_far += local[local[n].occupied].weight
        local[n].towards = so_far

    share, mixture = scratch.board[0].share, scratch.board[0].mixture
    share[0] = p.ms13_share
    share[3] = p.other_gangs_share
    share[1] = (1.0 - share[0] - share[3]) * p.surenos_share
    share[2] = (1.0 - share[0] - share[3]) * (1.0 - p.surenos_share)

    extra = max(p.members_at_liberty / p.cliques - p.clique_minimum, 0.0)
    fewer = math.log(extra / (1.0 + extra)) if extra > 0.0 else -math.inf
    where = stream(key, draws.CLIQUE_PLACE, 0)
    whose = stream(key, draws.CLIQUE_GANG, 0)
    size = stream(key, draws.CLIQUE_SIZE, 0)
    for k in range(how_many):
        n = k
        if k >= occupied:
            u = uniform(where, k, 0) * so_far
            n, beyond = 0, occupied - 1
            while n < beyond:
                middle = (n + beyond) // 2
                if local[middle].towards > u:
                    beyond = middle
                else:
                    n = middle + 1
        plans[k].home = local[n].occupied
    # Rows go by municipality, so that those who share one lie together in memory.
    for m in range(count):
        local[m].entered = 0
    for k in range(how_many):
        local[plans[k].home].entered += 1
    rows = 0
    for m in range(count):
        here = local[m].entered
        local[m].entered = rows
        rows += here
    for k in range(how_many):
        m = plans[k].home
        plans[local[m].entered].clique = k
        local[m].entered += 1
    total = 0.0
    for row in range(how_many):
        k = plans[row].clique
        m = plans[k].home
        if row == 0 or m != plans[plans[row - 1].clique].home:
            total = 0.0
            for gang in range(G):
                total += share[gang] * math.exp(p.territoriality * normal(mix, m, gang))
                mixture[gang] = total
        u = uniform(whose, k, 0) * total
        gang = 0
        while gang < G - 1 and u >= mixture[gang]:
            gang += 1
        members = int(p.clique_minimum)
        if extra > 0.0:
            members += int(math.log(1.0 - uniform(size, k, 0)) / fewer)
        settle(cliques, row, k, m, gang, members, key, p)
    state.clique_count[0] = how_many


@compiled
def place_municipalities(places, p, state, ordinary_soldiers):  # type: ignore[no-untyped-def]
    """Set up municipalities and their forces: police by population, soldiers by violence."""
    count = places.given.shape[0]
    by_violence = 0.0
    homicidal = 0.0
    people = 0.0
    for m in range(count):
        people += places.given[m].population
    for m in range(count):
        violence = state.municipalities[m].violence
        by_violence += places.given[m].population * violence
        homicidal += places.given[m].population * violence**p.others_violence
    for m in range(count):
        place = state.municipalities[m]
        place.department = places.given[m].department
        place.population = places.given[m].population
        place.others_rate = p.homicide_level * (1.0 - p.gang_share)
        place.others_rate *= (
            places.given[m].population * place.violence**p.others_violence / homicidal
        )
        place.temper = 1.0
        place.zone = False
        place.zone_day = -1
        place.army_leaves_day = -1
        force = state.forces[m]
        force.police = p.police * places.given[m].population / people
        force.soldier_share = places.given[m].population * place.violence / by_violence
        force.soldiers = ordinary_soldiers * force.soldier_share
        force.ordinary = force.police + force.soldiers
        force.pressure = 1.0


@compiled
def plan_zones(places, p, key, state):  # type: ignore[no-untyped-def]
    """Give every place that has not signed yet the day on which this run lets it sign."""
    address = stream(key, draws.ZONE_DATE, 0)
    for m in range(places.given.shape[0]):
        place = state.municipalities[m]
        if place.zone:
            continue
        place.zone_day = -1
        place.army_leaves_day = -1
        if places.given[m].zone_first >= 0:
            span = places.given[m].zone_last - places.given[m].zone_first + 1
            place.zone_day = places.given[m].zone_first + int(uniform(address, m, 0) * span)
            place.army_leaves_day = departure(places.given[m].army_leaves, place.zone_day, p)


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
