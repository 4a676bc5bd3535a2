"""Many lives of the same weeks: lived abreast, or only looked ahead at.

Climate, spells and orders hang on few draws, all addressed, and on nothing that cliques do: for any
run number they are known before its weeks are lived, at a small part of the cost. What becomes of
them is not: what is told here is a guess, which filters are guided by.
"""

from __future__ import annotations

from trucesim.agents import G
from trucesim.compilation import entrance
from trucesim.engine import draws
from trucesim.engine.draws import run_key, stream, uniform
from trucesim.engine.tables import State
from trucesim.engine.week import live
from trucesim.rules.leadership import command, drift, hold_unasked, press, waver

HOLDING = 0.6
"""Part of their killings that gangs leave off which an order reaches in full: a guess."""


@entrance
def look_ahead(setting, seed, first_run, leaderships, room, first_week, levels):  # type: ignore[no-untyped-def]
    """Tell the level of killings in weeks to come, relative to one without truce or unrest.

    ``levels``, shape (particle, candidate, week), is filled; particle j's candidates are the run
    numbers from ``first_run + candidates * j`` on. ``leaderships``, shape (particle, gang), are as
    they are at the start of the first week; ``room``, shape (gang,), ends as the last candidate
    leaves them.
    """
    p = setting.p[0]
    for j in range(levels.shape[0]):
        members = 0
        for gang in range(G):
            members += leaderships[j, gang].members
        for k in range(levels.shape[1]):
            key = run_key(seed, first_run + levels.shape[1] * j + k)
            for gang in range(G):
                room[gang] = leaderships[j, gang]
            for each in range(levels.shape[2]):
                week = first_week + each
                now = setting.timeline[setting.stretch_of_day[7 * week]]
                order = stream(key, draws.ORDER, week)
                chances = stream(key, draws.PRESS, week)
                climate = uniform(stream(key, draws.CLIMATE, week), 0, 0)
                by_gangs = 0.0
                for gang in range(G):
                    leadership = room[gang]
                    drift(leadership, p, climate)
                    waver(leadership, now, p)
                    press(leadership, now, p, uniform(chances, gang, 0))
                    u, v = uniform(order, 0, 1), uniform(order, 0, 0)
                    hold_unasked(leadership, now, p, u, v)
                    command(leadership, now, p, v)
                    active = leadership.onslaught[0]
                    if leadership.order != 0:
                        active *= 1.0 - HOLDING * min(leadership.reach, 1.0)
                    by_gangs += active * leadership.members
                levels[j, k, each] = 1.0 - p.gang_share + p.gang_share * by_gangs / members


@entrance
def live_abreast(setting, seed, runs, home, states, scratch, output, first_week, last_week, counts):  # type: ignore[no-untyped-def]
    """Live some weeks in several states, each with the draws of a run number of its own.

    ``states`` has one table a field, its first axis that of ``runs``. ``counts``, shape (state, day
    of the weeks), is filled with homicides; what else is left in ``output`` belongs to nobody.
    """
    first = 7 * first_week
    for j in range(runs.shape[0]):
        for day in range(counts.shape[1]):
            output.daily[first + day] = 0
        state = State(
            states.cliques[j], states.municipalities[j], states.forces[j], states.leaderships[j],
            states.facilitator[j], states.rates[j], states.clique_count[j],
        )  # fmt: skip
        live(setting, seed, runs[j : j + 1], home, state, scratch, output, first_week, last_week)
        for day in range(counts.shape[1]):
            counts[j, day] = output.daily[first + day]
