"""What a clique does: it obeys or not, it attacks, it learns, its members come and go."""

from __future__ import annotations

from typing import NamedTuple

from trucesim.agents import (
    STATE,
    Clique,
    Conditions,
    Leadership,
    Municipality,
    Parameters,
    Rates,
    SecurityForce,
)
from trucesim.compilation import both_lives

FORGOTTEN = 0.01
"""A grievance that has faded below this part of one attack is given up."""


@both_lives
def learn(clique: Clique, place: Municipality, p: Parameters) -> None:
    """Begin the week: learn from what rivals did in the last.

    Trust moves towards the share of rivals within reach that held to the order. While no order is
    in force there is no restraint to learn from, and trust stays as it is.

    Theory: belief in the rivals' restraint follows their record (Walter 1997).
    """
    clique.trust += p.trust_speed * (place.record[clique.gang] - clique.trust)


class Weights(NamedTuple):
    """What a clique weighs before it obeys or not, in log odds: what is above 0 speaks for it."""

    disposition: float
    """Its lasting inclination."""
    mood: float
    """Its passing inclination."""
    leaders: float
    """What its leaders threaten and offer."""
    municipality: float
    """The local pact and its benefits."""
    deterrence: float
    """Police pressure that spares those who obey."""
    trust: float
    """Belief that rivals hold to the order, or the guarantor's assurance."""
    local_gain: float
    """What attacking rivals nearby would bring."""
    grievance: float
    """Attacks that are not avenged."""


@both_lives
def weigh(
    clique: Clique, place: Municipality, leadership: Leadership, force: SecurityForce, p: Parameters
) -> Weights:
    """Weigh what speaks for the order from above, and what against it.

    Theory: agency (Shapiro 2013), credible commitment (Walter 1997), spoilers (Stedman 1997).
    EVIDENCE, section 4.
    """
    return Weights(
        clique.disposition,
        clique.mood,
        leadership.terms,
        place.terms,
        force.deterrence,
        p.trust_weight * (trusted(clique, leadership) - 0.5),
        -p.local_gain * place.contact[clique.gang],
        -p.grievance_weight * clique.grudge,
    )


@both_lives
def decide(
    clique: Clique,
    place: Municipality,
    leadership: Leadership,
    force: SecurityForce,
    now: Conditions,
    p: Parameters,
    u: float,
) -> None:
    """Obey the order from above, or not.

    The order reaches the clique with the leadership's reach, and a local pact, where one stands,
    with its own grip. A clique that either reaches obeys if the leaders' terms, the municipality's,
    deterrence and trust outweigh local gain and grievance, given what it is inclined to: a lasting
    disposition and a passing mood of logistic noise, so that all of these are log odds.

    Theory: hierarchy (Shapiro 2013).
    """
    ordered = (leadership.order != 0) & (u < leadership.reach)
    agreed = place.pact & (u < place.grip)
    w = weigh(clique, place, leadership, force, p)
    inclined = w.disposition + w.mood
    offered = w.leaders + w.municipality + w.deterrence
    willing = inclined + offered + w.trust + w.local_gain + w.grievance > 0.0
    clique.complies = (ordered | agreed) & willing


@both_lives
def trusted(clique: Clique, leadership: Leadership) -> float:
    """Give the restraint that a clique counts on: its own trust, or what the guarantor assures.

    Theory: a guarantor limits the downside of being wrong about the other side (Walter 1997).
    """
    return max(clique.trust, leadership.assurance)


@both_lives
def feud(
    clique: Clique, place: Municipality, leadership: Leadership, force: SecurityForce, rates: Rates
) -> float:
    """Attack rivals: rate of killings a day in the standing feud.

    Rises with members and with contact; falls to a breach rate where the clique obeys; rises under
    unconditional pressure, and with the climate where the clique does not obey.

    Theory: territorial adjacency (Brantingham et al. 2012); one aggregated rate a clique.
    """
    held = stance(clique)
    rate = rates.feud[held] * clique.members * leadership.unrest[held]
    return rate * place.contact[clique.gang] * force.turmoil


@both_lives
def retaliate(clique: Clique, rates: Rates) -> float:
    """Avenge attacks: rate of killings a day in retaliation.

    Every killing of a member leads to as many killings in return as the parameter ``branching``
    says, sooner rather than later; to fewer where the clique obeys.

    Theory: self-excitation (Papachristos 2009; Short, Mohler, Brantingham & Tita 2014).
    """
    return rates.retaliate[stance(clique)] * clique.grudge


@both_lives
def kill_others(
    clique: Clique, leadership: Leadership, force: SecurityForce, rates: Rates
) -> float:
    """Kill people outside the gangs: rate of killings a day.

    They are the first whom leaders have killed as pressure on the state.

    Theory: extortion and control; the pact discouraged such killings without ending extortion
    (EVIDENCE 3).
    """
    held = stance(clique)
    rate = rates.others[held] * clique.members * leadership.onslaught[held]
    return rate * force.turmoil


@both_lives
def defy(clique: Clique, leadership: Leadership, force: SecurityForce, rates: Rates) -> float:
    """Attack police and soldiers: rate of killings a day.

    Theory: unconditional repression raises attacks on the state (Lessing 2015, 2017).
    """
    held = stance(clique)
    rate = rates.defy[held] * clique.members * leadership.unrest[held] * force.backlash
    return rate + rates.spite[held] * clique.anger


@both_lives
def stance(clique: Clique) -> int:
    """Give 1 where a clique obeys and 0 where it does not.

    Every rate of killing is held twice: the full one, and what is left of it as a breach of the
    order. Nobody can foresee who obeys, processors included: they look up faster than they ask.
    """
    return int(clique.complies)


@both_lives
def leave(clique: Clique, force: SecurityForce, days: int, p: Parameters) -> float:
    """Lose members: expected departures since the last count, to prison, out, or to reintegration.

    Arrests go with the force's pressure and reintegration with the days on which the clique held to
    the order in a zone that funds reached.

    Theory: turnover erodes the memory of a pact (Katz, Harriott & Hedberg 2022).
    """
    share = p.turnover * days + p.arrest_rate * force.pressed
    share += p.reintegration_rate * clique.funded
    return share * clique.members / 365.25


@both_lives
def join(clique: Clique, leadership: Leadership, days: int, p: Parameters) -> float:
    """Gain members: expected arrivals since the last count, recruits and released prisoners.

    Recruits replace those who leave and restore the size at which the clique was founded; the
    released spread over their gang's cliques by size.
    """
    yearly = (p.turnover + leadership.returning) * clique.members
    yearly += p.recruitment * (clique.founded_with - clique.members)
    return yearly * days / 365.25 if yearly > 0.0 else 0.0


@both_lives
def welcome(clique: Clique, left: int, joined: int, p: Parameters) -> None:
    """Let members go and newcomers in; newcomers bring their own trust.

    Theory: decay through turnover (Katz, Harriott & Hedberg 2022).
    """
    clique.members += joined - left
    if joined > 0 and clique.members > 0:
        new = joined / clique.members
        if new > 1.0:
            new = 1.0
        clique.trust += new * (p.trust_of_recruits - clique.trust)


@both_lives
def remember(clique: Clique, rates: Rates) -> None:
    """End the week: let old grudges fade, bury the dead and note who killed them.

    Theory: retaliation feeds on memory, and memory fades (Short, Mohler, Brantingham & Tita 2014).
    """
    clique.members -= clique.struck
    clique.anger = faded(clique.anger, rates) + clique.struck_by[STATE]
    clique.grudge = 0.0
    for gang in range(STATE):
        clique.grievance[gang] = faded(clique.grievance[gang], rates) + clique.struck_by[gang]
        clique.grudge += clique.grievance[gang]


@both_lives
def faded(grievance: float, rates: Rates) -> float:
    """Give what is left of a grievance after a week; what is too faint is given up."""
    left = rates.fade * grievance
    return left if left > FORGOTTEN else 0.0


@both_lives
def persist(clique: Clique, p: Parameters) -> None:
    """Dissolve when too few are left."""
    if clique.members < p.dissolution_size:
        clique.active = False
        clique.members = 0
        clique.complies = False
