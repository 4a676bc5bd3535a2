"""What a municipality's security force does: it patrols, presses and clashes."""

from __future__ import annotations

from trucesim.agents import Conditions, Municipality, Parameters, Rates, SecurityForce
from trucesim.compilation import both_lives


@both_lives
def deploy(
    force: SecurityForce, place: Municipality, now: Conditions, day: int, p: Parameters
) -> None:
    """Take up posture: who patrols here, and how hard they press.

    Pressure is the country's repression times the force's strength against the ordinary. Where the
    army has left joint patrols, the police remain. Pressure that depends on violence rewards
    restraint; what falls on all alike, whatever they do, and beyond the ordinary, stirs up
    violence, above all against the state.

    Encounters grow deadlier more than in proportion where the state tells its forces to shoot: by
    ``lethality`` for each of its documented words and deployments. Members who hold to an order
    keep out of some encounters.

    Theory: Lessing 2015, 2017. Source for the army and its departure from zones, and for the
    state's word to its forces: timeline.csv.
    """
    force.soldiers = now.soldiers * force.soldier_share
    if place.army_leaves_day >= 0 and day >= place.army_leaves_day:
        force.soldiers = 0.0
    force.pressure = 0.0
    if force.ordinary > 0.0:
        force.pressure = now.repression * (force.police + force.soldiers) / force.ordinary
    force.deterrence = p.deterrence * now.conditionality * force.pressure
    force.excess = max(force.pressure * (1.0 - now.conditionality) - 1.0, 0.0)
    force.turmoil = (1.0 + p.turmoil * force.excess) * place.temper
    force.backlash = 1.0 + p.backlash * force.excess
    force.deadliness = force.pressure * (1.0 + p.lethality * now.licence)
    force.sparing = 1.0 - (1.0 - now.conditionality) * (1.0 - p.yielding)


@both_lives
def clash(force: SecurityForce, place: Municipality, rates: Rates) -> float:
    """Kill gang members in clashes: rate of killings a day.

    Conditional repression spares members who hold to the order, and they avoid encounters. A
    colleague's death is avenged; that is not made deadlier by orders, or the exchange of killings
    with those who defy would have no end.

    Theory: conditional and unconditional repression (Lessing 2015, 2017).
    """
    targeted = 0.0
    for gang in range(len(place.members)):
        targeted += place.members[gang] - force.sparing * place.holding[gang]
    if targeted <= 0.0:
        return 0.0
    return rates.clash * force.deadliness * targeted + rates.reprisal * force.grievance


@both_lives
def mourn(force: SecurityForce, rates: Rates) -> None:
    """End the week: let old anger fade and note the colleagues killed."""
    force.grievance = rates.fade * force.grievance + force.struck
