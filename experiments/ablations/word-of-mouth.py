"""Word of mouth: an order spreads between cliques, and leaders do not carry it."""

from __future__ import annotations

from typing import Any

from trucesim.rules.clique import trusted

PIONEERS = 0.02
"""Chance in a week to hear of the order from nobody near; assumed, small, so that it can begin."""


def decide(
    clique: Any, place: Any, leadership: Any, force: Any, now: Any, p: Any, u: float
) -> None:
    """Obey or not, as the full model does, but hear of the order from one's peers.

    A clique meets two cliques of its gang in a week, here or next door, and hears of the order if
    either held to it in the last: so word grows from few to many where hearing mostly convinces.
    """
    if leadership.order == 0:
        clique.complies = False
        return
    gang = clique.gang
    near = place.members[gang] + place.members_beside[gang]
    held = (place.holding[gang] + place.holding_beside[gang]) / near if near > 0 else 0.0
    heard = 1.0 - (1.0 - PIONEERS) * (1.0 - held) ** 2
    odds = clique.disposition + clique.mood
    odds += leadership.terms + place.terms + force.deterrence
    odds += p.trust_weight * (trusted(clique, leadership) - 0.5)
    odds -= p.local_gain * place.contact[gang]
    odds -= p.grievance_weight * clique.grudge
    clique.complies = u < heard and odds > 0.0
