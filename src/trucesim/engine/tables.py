"""What a run remembers, one table a kind of agent, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trucesim.agents import (
    KINDS,
    Carrier,
    Clique,
    Facilitator,
    G,
    Leadership,
    Municipality,
    Rates,
    SecurityForce,
    widened,
)


class State(NamedTuple):
    """All that a run remembers; arrays, so that it can be copied, saved and continued."""

    cliques: NDArray[np.void]
    municipalities: NDArray[np.void]
    forces: NDArray[np.void]
    leaderships: NDArray[np.void]
    facilitator: NDArray[np.void]
    rates: NDArray[np.void]
    clique_count: NDArray[np.int64]
    """Shape (1,): rows of ``cliques`` in use."""


class Output(NamedTuple):
    """What a run leaves behind. Killings are counted on their day."""

    recorded: NDArray[np.uint16]
    """Recorded homicides, shape (month, municipality)."""
    by_kind: NDArray[np.int32]
    """Recorded homicides, shape (month, kind)."""
    hidden: NDArray[np.int32]
    """Killings that were not recorded, shape (month, kind)."""
    daily: NDArray[np.int16]
    """Recorded homicides, shape (day,)."""
    compliance: NDArray[np.float64]
    """Member-days that held to an order, shape (month, gang)."""
    member_days: NDArray[np.float64]
    """Member-days in all, shape (month, gang)."""
    ordered: NDArray[np.float64]
    """Member-days under an order, times its strength, shape (month, gang)."""
    zone: NDArray[np.bool_]
    """Whether a municipality is a zone at the month's end, shape (month, municipality)."""
    in_prison: NDArray[np.int32]
    """Gang members in prison at the month's end, shape (month, gang)."""
    missing: NDArray[np.int32]
    """Missing-person reports, shape (month,)."""
    tally: NDArray[np.int64]
    """Attacks and deaths counted apart, shape (2,): they must agree."""


def room_for(cliques: int, founded_a_year: float, years: float) -> int:
    """Give the rows to set aside for cliques: those at the start and ample room for new ones."""
    expected = founded_a_year * years
    return int(cliques + expected + 8.0 * expected**0.5 + 32)


def founded_a_year(p: np.void, years: float) -> float:
    """Bound the cliques that a year is expected to found, over all the years of a run.

    Members found cliques, new cliques bring new members, and released prisoners are members too;
    twice as many leave room for swings in arrests and releases.
    """
    members = max(p["members_at_liberty"], p["cliques"] * p["clique_minimum"])
    members += p["members_in_prison"]
    growth = years * p["founding_rate"] / 1000.0 * p["clique_minimum"]
    mean_growth = float(np.expm1(growth) / growth) if growth > 0.0 else 1.0
    return float(2.0 * p["founding_rate"] / 1000.0 * members * mean_growth)


type Attributes = Mapping[str, Mapping[str, float]]
"""Lasting attributes that rules of one's own declare, by kind of agent: what each starts with."""

NO_ATTRIBUTES: Attributes = {}


def new_state(rows: int, places: int, attributes: Attributes = NO_ATTRIBUTES) -> State:
    """Set aside an empty state of ``rows`` cliques and ``places`` municipalities.

    Rows are never reused: what stands in one from here on is what its agent starts with.
    """

    def table(size: int, carrier: type[Carrier], kind: str) -> NDArray[np.void]:
        own = attributes.get(kind, {})
        made = np.zeros(size, widened(carrier.dtype, own))
        for name, value in own.items():
            made[name] = value
        return made

    return State(
        table(rows, Clique, "clique"),
        table(places, Municipality, "municipality"),
        table(places, SecurityForce, "force"),
        table(G, Leadership, "leadership"),
        table(1, Facilitator, "facilitator"),
        np.zeros(1, Rates.dtype),
        np.zeros(1, np.int64),
    )


def new_output(months: int, days: int, places: int) -> Output:
    """Set aside an empty output."""
    return Output(
        np.zeros((months, places), np.uint16),
        np.zeros((months, len(KINDS)), np.int32),
        np.zeros((months, len(KINDS)), np.int32),
        np.zeros(days, np.int16),
        np.zeros((months, G), np.float64),
        np.zeros((months, G), np.float64),
        np.zeros((months, G), np.float64),
        np.zeros((months, places), np.bool_),
        np.zeros((months, G), np.int32),
        np.zeros(months, np.int32),
        np.zeros(2, np.int64),
    )


PLACE = np.dtype(
    [
        ("population", "f8"),
        ("department", "i8"),
        ("department_rate", "f8"),  # homicides per 100,000 in 2010 of the department it lies in
        ("rate_low", "f8"),
        ("rate_mode", "f8"),  # most likely rate of the proxy; below 0: any between low and high
        ("rate_high", "f8"),
        ("zone_first", "i8"),  # first day on which it may sign as a zone; -1: it does not
        ("zone_last", "i8"),
        ("army_leaves", "i8"),  # documented day on which the army leaves; -1: not documented
    ],
    align=True,
)
"""What a run is given of a place (in El Salvador: a municipality)."""


class Places(NamedTuple):
    """A country's places: what is given of each, and which are neighbours."""

    given: NDArray[np.void]
    """Shape (place,): records of :data:`PLACE`."""
    neighbour_start: NDArray[np.int64]
    """Shape (place + 1,): the neighbours of place m are ``neighbour[start[m]:start[m + 1]]``."""
    neighbour: NDArray[np.int64]


NEVER_MORE_IN_A_WEEK = 512
"""Events of one agent and decision in one week beyond which the run's numbers make no sense."""


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
    climate_key: np.uint64 = np.uint64(0)
    """Key under which the climate's draws stand; 0: the run's own."""


class Scratch(NamedTuple):
    """Room to work in; all of it follows from setting and state. Compiled code makes no arrays."""

    change: NDArray[np.bool_]
    """Shape (day + 1,): whether anything dated changes on a day."""
    roster_start: NDArray[np.int64]
    roster: NDArray[np.uint32]
    """Rows of the cliques of place m: ``roster[roster_start[m]:roster_start[m + 1]]``."""
    events: NDArray[np.void]
    """Shape (event,): day and index of an agent's events (:func:`.events.list_events`)."""
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
    aggrieved: NDArray[np.uint32]
    """Shape (clique,): rows of those with grievances, as many as ``board`` says; kept from week to
    week, because most have none and nobody can foresee which."""
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
    """Shape (place, gang): members, and those who held, in one number; see
    :data:`trucesim.engine.rolls.BESIDE`."""


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
        ("aggrieved", "i8"),  # cliques with grievances
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
    """Set aside room to work in; :func:`.rolls.open_books` writes into it what the weeks need."""
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
        aggrieved=np.zeros(rows, np.uint32),
        acts=np.zeros(4 * rows, ACT),
        plans=np.zeros(rows, PLAN),
        local=np.zeros(places, LOCAL),
        moving=np.zeros((2, rows)),
        moved=np.zeros((2, rows), np.int64),
        here=np.zeros((places, G)),
    )
