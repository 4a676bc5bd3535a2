"""What a gang's leadership does: it orders its cliques to hold fire, or to kill."""

from __future__ import annotations

import math

from trucesim.agents import Conditions, Leadership, Parameters
from trucesim.compilation import both_lives

PACT, OWN, ATTACK = 1, 2, 3
"""Orders as a scenario's conditions name them; see :data:`trucesim.parameters.CONDITIONS`."""


@both_lives
def drift(leadership: Leadership, p: Parameters, u: float) -> None:
    """Begin the week: the climate of violence drifts, by causes that the model does not hold.

    An autoregression of order one on the logarithm of the rate, with one draw for all gangs: the
    model's discrepancy, inside the model. In the long run its logarithm has the mean 0 and the
    standard deviation ``climate_spread``:

        c(t+1) = a c(t) + spread sqrt(1 - a^2) z,    a = exp(-climate_return),

    z from a logistic distribution of variance 1.

    Theory: discrepancy of a model (Kennedy & O'Hagan 2001).
    """
    left = math.exp(-p.climate_return)
    shock = math.log((u + 2.0**-54) / (1.0 - u)) * (math.sqrt(3.0) / math.pi)
    spread = p.climate_spread * math.sqrt(1.0 - left * left)
    leadership.climate = left * leadership.climate + spread * shock


@both_lives
def waver(leadership: Leadership, now: Conditions, p: Parameters) -> None:
    """Begin the week: an order loses strength while what was promised is not kept, or regains it.

    With k the part that is kept, w the order's own wear and g a guarantor's presence,

        dS/dt = -w l S + w k (1 - S),    l = (1 - k) / (1 + patience g),

    over a week, so that strength goes to k / (l + k) in the end. A guarantor vouches for promises,
    and they are waited for longer. For the gangs' own order nothing was promised, so it only wears
    off.

    Theory: commitments hold while gains flow (Cruz & Durán-Martínez 2016); a third party's
    guarantee makes promises credible (Walter 1997). Source for its parts: orders.csv.
    """
    if leadership.order != 0:
        lost = (1.0 - leadership.kept) / (1.0 + p.patience * now.guarantor)
        balance = leadership.kept / (lost + leadership.kept)
        left = math.exp(-leadership.wear * (lost + leadership.kept))
        leadership.strength = balance + (leadership.strength - balance) * left


@both_lives
def refused(leadership: Leadership, now: Conditions, p: Parameters) -> float:
    """Give how far the leaders are refused what they ask for: 0 not at all.

    It goes with the pressure that falls on all alike, beyond the ordinary, and with a hostile
    minister; it is less for leaders who are heard, through an open channel or a guarantor, and
    while an order of theirs has strength: they have something to lose.

    Theory: Lessing 2015, 2017.
    """
    pressure = max(now.repression * (1.0 - now.conditionality) - 1.0, 0.0)
    if now.minister == 0.0:
        pressure += p.refusal_hostile
    heard = max(openness(now.channel[leadership.gang], p), now.guarantor)
    pressure *= 1.0 - p.heard * heard
    if leadership.order != 0:
        pressure *= 1.0 - leadership.strength
    return pressure


@both_lives
def press(leadership: Leadership, now: Conditions, p: Parameters, u: float) -> None:
    """Begin the week: leaders who are refused may have their cliques kill for days or weeks.

    A spell begins with the hazard ``spell_onset`` a week for each unit of refusal, one draw a gang,
    and ends with the hazard 1 / ``spell_weeks``. Dated orders to attack begin one on their day
    (:func:`command`); an order to hold fire ends it. Spells come by this hazard also where a
    scenario dates the gangs' answers: few of them are documented.

    Theory: violence as pressure on the state (Lessing 2015, 2017).
    """
    if leadership.pressing:
        leadership.pressing = u >= 1.0 - math.exp(-1.0 / p.spell_weeks)
    else:
        leadership.pressing = u < 1.0 - math.exp(-p.spell_onset * refused(leadership, now, p))


@both_lives
def hold_unasked(
    leadership: Leadership, now: Conditions, p: Parameters, u: float, v: float
) -> None:
    """Begin the week: leaders who are refused may order to hold fire, unasked, to be heard.

    The hazard is ``unasked_orders`` a year for each unit of refusal; all gangs share the draw ``u``
    and the order's persistence ``v``, as nearly all such orders were joint ones. Where a scenario
    dates the gangs' answers, no others are given.

    Source: orders.csv (five cases from 2010 to 2016, hence a wide prior).
    """
    hazard = p.unasked_orders / 52.18 * refused(leadership, now, p)
    if now.answers == 0.0 and u < 1.0 - math.exp(-hazard):
        leadership.unasked = True
        leadership.order = OWN
        leadership.pressing = False
        leadership.strength = 1.0
        leadership.wear = wear_of(v, p)


@both_lives
def wear_of(share: float, p: Parameters) -> float:
    """Give how fast an order wears off, from its place among orders: 1 the most lasting.

    Orders lie around a common wear, log-logistically, with the spread ``order_spread``.
    """
    z = math.log((share + 2.0**-54) / (1.0 - share + 2.0**-54)) * (math.sqrt(3.0) / math.pi)
    return p.wearing * math.exp(-p.order_spread * z)


@both_lives
def persistence_of(which: int, p: Parameters, u: float) -> float:
    """Give an order's place among orders: what the record says of a documented one, or a draw."""
    known = (
        u,
        p.persistence_2010_09,
        p.persistence_2012_03,
        p.persistence_2014_08,
        p.persistence_2015_01,
        p.persistence_2015_11,
        p.persistence_2016_03,
    )
    return known[which]


@both_lives
def openness(channel: float, p: Parameters) -> float:
    """Give how far the channel between leaders and cliques is open, 0 to 1.

    Sealed, cut (spokesmen in prison too), barred (no meetings), or open: each of the state's two
    steps between open and sealed leaves the part ``channel_left``.
    """
    left = p.channel_left
    return (0.0, left * left, left, 1.0)[int(channel)]


@both_lives
def command(leadership: Leadership, now: Conditions, p: Parameters, u: float) -> None:
    """Give the order in force, and see how far it reaches and what it gains.

    A pact made in prison reaches cliques while the channel is open. What the leaders gain by it is,
    in halves, a minister who backs it and what they are granted in prison:

        gain = minister / 4 + privileges / 2,    minister 0 hostile, 1 neutral, 2 supportive;

    of what was promised, the part ``cliques_part`` is kept by funds and the rest by that gain. The
    gangs' own order goes through leaders at liberty and gains nothing. An order reaches fewer
    cliques as it loses strength. Behind it stand sanction and inducement, and the guarantor while
    he is present.

    A new dated order has its full strength on its day, and takes the place of the one before.

    Theory: hierarchy needs a channel (Shapiro 2013), inducements (Cruz & Durán-Martínez 2016); the
    fall of March 2012 was immediate (EVIDENCE 1.3). A guarantor limits the downside of trust
    (Walter 1997).
    """
    gang = leadership.gang
    if now.ordered[gang] != leadership.ordered:
        leadership.ordered = now.ordered[gang]
        leadership.unasked = False
        leadership.strength = 1.0
        leadership.wear = wear_of(persistence_of(int(now.order_of[gang]), p, u), p)
        leadership.pressing = now.order[gang] == ATTACK
    if not leadership.unasked:
        leadership.order = int(now.order[gang]) if now.order[gang] != ATTACK else 0
    leadership.gain, leadership.kept = 0.0, 0.0
    if leadership.order == OWN:
        leadership.reach = p.reach_street
    else:
        open_part = openness(now.channel[gang], p)
        leadership.reach = p.reach_sealed + open_part * (p.reach_open - p.reach_sealed)
        leadership.gain = 0.25 * now.minister + 0.5 * now.privileges
        leadership.kept = p.cliques_part * now.funds + (1.0 - p.cliques_part) * leadership.gain
    if gang > 0:
        leadership.reach *= p.cohesion_18
    leadership.reach *= leadership.strength
    leadership.terms = 0.0
    if leadership.order != 0:
        leadership.terms = p.sanction + p.inducement * leadership.gain
    leadership.assurance = p.guarantor_floor * now.guarantor
    leadership.unrest[0] = math.exp(leadership.climate - 0.5 * p.climate_spread**2)
    leadership.unrest[1] = 1.0
    leadership.onslaught[0] = leadership.unrest[0]
    leadership.onslaught[1] = 1.0
    if leadership.pressing:
        leadership.onslaught[0] *= 1.0 + p.spell_strength
    leadership.returning = 0.0
    if leadership.members > 0:
        leadership.returning = p.release_rate * leadership.prisoners / leadership.members


@both_lives
def keep_count(leadership: Leadership) -> None:
    """End the week: count the members who went to prison and came back."""
    leadership.prisoners += leadership.arrested - leadership.released
    if leadership.prisoners < 0:
        leadership.prisoners = 0
