"""What a municipality does: it signs as a violence-free zone, it suffers homicides of its own."""

from __future__ import annotations

import math

from trucesim.agents import Conditions, Municipality, Parameters, SecurityForce
from trucesim.compilation import both_lives

QUARTERS_OF_DRIFT = 20.0
"""Memory of where violence is, in quarters of a year."""


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

    Its cliques agree with each other on that day. Source: violence_free_municipalities.csv;
    extension brings further ones.
    """
    if place.zone_day >= 0 and day >= place.zone_day and not place.zone:
        place.zone = True
        place.pact = True


@both_lives
def uphold(
    place: Municipality, force: SecurityForce, now: Conditions, p: Parameters, u: float
) -> None:
    """Begin the week: the agreement of the local cliques holds, or breaks for good.

    Its hazard a week is

        pact_break (1 + excess) / (1 + benefits funds + patience guarantor):

    pressure on all alike strains it, funds that arrive and mediators who stay sustain it. It needs
    no national order: at least one local agreement outlived the truce (timeline.csv, 2016-06).

    Theory: local inducements and commitments (Cruz & Durán-Martínez 2016). How long such an
    agreement lasts is not known (EVIDENCE 1.5): a prior.
    """
    if place.pact:
        sustained = 1.0 + p.benefits * now.funds + p.patience * now.guarantor
        hazard = p.pact_break * (1.0 + force.excess) / sustained
        place.pact = u >= 1.0 - math.exp(-hazard)


@both_lives
def wander(place: Municipality, p: Parameters, u: float) -> None:
    """See where violence has moved since the last count: slowly, and by departments.

    An autoregression of order one on the logarithm of the gangs' rate, with one draw a department,
    a memory of five years and, in the long run, the standard deviation ``drift_spread``:

        d(t+1) = a d(t) + spread sqrt(1 - a^2) z,    a = exp(-1 / 20) from quarter to quarter.

    The factor is exp(d) by its mean: hot spots move, and the level does not rise.

    Source: hot spots moved between 2010 and 2016 (departments_later.csv); why is not modelled.
    """
    shock = math.log((u + 2.0**-54) / (1.0 - u)) * (math.sqrt(3.0) / math.pi)
    left = math.exp(-1.0 / QUARTERS_OF_DRIFT)
    new = p.drift_spread**2 * (1.0 - left * left)
    place.drift = left * place.drift + math.sqrt(new) * shock
    place.drift_variance = left * left * place.drift_variance + new
    place.temper = math.exp(place.drift - 0.5 * place.drift_variance)


@both_lives
def endorse(place: Municipality, now: Conditions, p: Parameters) -> None:
    """Add to the order in force: a local pact and benefits where one stands, and peace nearby.

    A pact reaches cliques with a grip of its own, and has raids from elsewhere called off: rivals
    who come from outside are told of it, so that neighbours too suffer fewer raids in return.

    No credible estimate of the zones' own effect exists (EVIDENCE 1.5). Peace that spreads is a
    hypothesis, off by default (EVIDENCE 1.3).

    Theory: inducements (Cruz & Durán-Martínez 2016).
    """
    place.terms = p.spreading * place.calm_nearby
    place.grip, place.shield = 0.0, 0.0
    if place.pact:
        place.terms += p.zone_commitment + p.benefits * now.funds
        place.grip, place.shield = p.pact_grip, p.pact_shield


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
