"""What the facilitator does: with limited capacity, it brings further municipalities to sign.

Extension to neighbouring municipalities was a policy aim and not an observed regularity
(EVIDENCE 1.4): what these rules do is a counterfactual.
"""

from __future__ import annotations

from trucesim.agents import Conditions, Facilitator, Municipality
from trucesim.compilation import both_lives


@both_lives
def plan_round(facilitator: Facilitator, now: Conditions, month: int) -> int:
    """Give the number of municipalities that can be brought to sign in this month.

    Parts of a zone carry over to the next month; visits that found nobody do not.
    """
    if month == facilitator.month:
        return 0
    facilitator.month = month
    facilitator.credit += now.extension_capacity
    visits = int(facilitator.credit)
    facilitator.credit -= visits
    return visits


@both_lives
def appeal(place: Municipality, zones_beside: int, now: Conditions, u: float) -> float:
    """Say how strongly a municipality is a candidate; below 0: not at all.

    By the choice in force: neighbours of zones in random order, the most violent first, or any at
    random. Only municipalities with gang members count.
    """
    members = 0
    for gang in range(len(place.members)):
        members += place.members[gang]
    if place.zone or members == 0:
        return -1.0
    if now.extension_choice == 0.0:
        return u if zones_beside > 0 else -1.0
    if now.extension_choice == 1.0:
        return place.violence
    return u
