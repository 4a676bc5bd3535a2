"""What a run remembers, one table a kind of agent, and what it leaves behind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trucesim.agents import (
    CLIQUE,
    FACILITATOR,
    FORCE,
    KINDS,
    LEADERSHIP,
    MUNICIPALITY,
    RATES,
    G,
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


def new_state(rows: int, places: int) -> State:
    """Set aside an empty state of ``rows`` cliques and ``places`` municipalities."""
    return State(
        np.zeros(rows, CLIQUE),
        np.zeros(places, MUNICIPALITY),
        np.zeros(places, FORCE),
        np.zeros(G, LEADERSHIP),
        np.zeros(1, FACILITATOR),
        np.zeros(1, RATES),
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
        np.zeros((months, places), np.bool_),
        np.zeros((months, G), np.int32),
        np.zeros(months, np.int32),
        np.zeros(2, np.int64),
    )
