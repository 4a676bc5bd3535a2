"""What a municipality does: it signs as a violence-free zone, it suffers homicides of its own."""

from __future__ import annotations

from trucesim.agents import Conditions, Municipality, Parameters
from trucesim.compilation import both_lives


@both_lives
def survey(place: Municipality, p: Parameters) -> None:
    """See who is near, and which of them held to the order in the last week.

    Theory: contact and rivalry fall with distance (Brantingham et al. 2012). ``calm_nearby`` serves
    only the optional spreading of peace, which is not established (EVIDENCE 1.3).
    """
    gangs = len(place.members)
    everybody, all_holding = 0.0, 0.0
    beside, holding_beside = 0, 0
    for gang in range(gangs):
        place.reach[gang] = place.members[gang] + p.neighbour_weight * place.members_beside[gang]
        # Those within reach who held: the record of the gang's rivals is taken from it below.
        place.record[gang] = place.holding[gang] + p.neighbour_weight * place.holding_beside[gang]
        everybody += place.reach[gang]
        all_holding += place.record[gang]
        beside += place.members_beside[gang]
        holding_beside += place.holding_beside[gang]
    share = 1.0 / max(everybody, 1.0)
    for gang in range(gangs):
        rivals = everybody - place.reach[gang]
        held = all_holding - place.record[gang]
        # The chance that a gang member met within reach is a rival.
        place.contact[gang] = rivals * share if rivals > 0.5 else 0.0
        # Without rivals there is nothing to fear.
        place.record[gang] = max(held, 0.0) / rivals if rivals > 0.5 else 1.0
    place.calm_nearby = holding_beside / beside if beside > 0 else 0.0


@both_lives
def sign(place: Municipality, day: int) -> None:
    """Become a violence-free zone on the declared day.

    Source: violence_free_municipalities.csv; extension brings further ones.
    """
    if place.zone_day >= 0 and day >= place.zone_day:
        place.zone = True


@both_lives
def endorse(place: Municipality, now: Conditions, p: Parameters) -> None:
    """Add to the order in force: a local pact and benefits where it has signed, and peace nearby.

    No credible estimate of the zones' own effect exists (EVIDENCE 1.5). Peace that spreads is a
    hypothesis, off by default (EVIDENCE 1.3).

    Theory: inducements (Cruz & Durán-Martínez 2016).
    """
    place.terms = p.spreading * place.calm_nearby
    if place.zone:
        place.terms += p.zone_commitment + p.benefits * now.funds


@both_lives
def others(place: Municipality) -> float:
    """Suffer homicides by people outside the gangs: rate a day. No truce concerns them."""
    return place.others_rate


@both_lives
def found(place: Municipality, p: Parameters) -> float:
    """Grow new cliques where gang members are: foundations a day."""
    members = 0
    for gang in range(len(place.members)):
        members += place.members[gang]
    return p.founding_rate * members / 1000.0 / 365.25
