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

    Theory: Lessing 2015, 2017. Source for the army and its departure from zones:
    timeline.csv.
    """
    force.soldiers = now.soldiers * force.soldier_share
    if place.army_leaves_day >= 0 and day >= place.army_leaves_day:
        force.soldiers = 0.0
    force.pressure = 0.0
    if force.ordinary > 0.0:
        force.pressure = now.repression * (force.police + force.soldiers) / force.ordinary
    force.deterrence = p.deterrence * now.conditionality * force.pressure
    excess = max(force.pressure * (1.0 - now.conditionality) - 1.0, 0.0)
    force.turmoil = 1.0 + p.turmoil * excess
    force.backlash = 1.0 + p.backlash * excess


@both_lives
def clash(force: SecurityForce, place: Municipality, now: Conditions, rates: Rates) -> float:
    """Kill gang members in clashes: rate of killings a day.

    Conditional repression spares members who hold to the order. A colleague's death is avenged.

    Theory: conditional and unconditional repression (Lessing 2015, 2017).
    """
    targeted = 0.0
    for gang in range(len(place.members)):
        targeted += place.members[gang] - now.conditionality * place.holding[gang]
    if targeted <= 0.0:
        return 0.0
    rate = rates.clash * force.pressure * targeted + rates.reprisal * force.grievance
    return rate


@both_lives
def mourn(force: SecurityForce, rates: Rates) -> None:
    """End the week: let old anger fade and note the colleagues killed."""
    force.grievance = rates.fade * force.grievance + force.struck
