"""What a gang's leadership does: from prison, or at liberty, it orders its cliques to hold fire."""

from __future__ import annotations

from trucesim.agents import Conditions, Leadership, Parameters
from trucesim.compilation import both_lives


@both_lives
def command(leadership: Leadership, now: Conditions, p: Parameters) -> None:
    """Give the order in force, and see how far it reaches and what it gains.

    A pact made in prison reaches cliques while the channel is open; a hostile minister narrows it
    and takes away what the leaders gain. The gangs' own order goes through leaders at liberty.
    Behind the order stand sanction and inducement, and the guarantor while he is present.

    Theory: hierarchy needs a channel (Shapiro 2013), inducements (Cruz & Durán-Martínez 2016); the
    fall of March 2012 was immediate (EVIDENCE 1.3). A guarantor limits the downside of trust
    (Walter 1997).
    """
    gang = leadership.gang
    leadership.order = int(now.order[gang])
    supportive = now.minister / 2.0
    if leadership.order == 2:
        leadership.reach = p.reach_street
        leadership.gain = supportive
    else:
        leadership.reach = p.reach_sealed + now.channel[gang] * (p.reach_open - p.reach_sealed)
        leadership.gain = supportive * now.channel[gang]
        if now.minister == 0.0:
            leadership.reach *= p.reach_hostile
    if gang > 0:
        leadership.reach *= p.cohesion_18
    leadership.terms = p.sanction + p.inducement * leadership.gain
    leadership.assurance = p.guarantor_floor * now.guarantor
    leadership.returning = 0.0
    if leadership.members > 0:
        leadership.returning = p.release_rate * leadership.prisoners / leadership.members


@both_lives
def keep_count(leadership: Leadership) -> None:
    """End the week: count the members who went to prison and came back."""
    leadership.prisoners += leadership.arrested - leadership.released
    if leadership.prisoners < 0:
        leadership.prisoners = 0
