"""No hierarchy: an order is news that all hear, and nothing of the leaders' stands behind it."""

from __future__ import annotations

from typing import Any


def command(leadership: Any, now: Any, p: Any) -> None:
    """Give the order in force; whoever hears it is left alone with it.

    Everybody hears, whatever the channel, and no sanction or inducement goes with it. The
    guarantor's assurance and the release of prisoners are no work of the leaders: they stay.
    """
    leadership.order = int(now.order[leadership.gang])
    leadership.reach = 1.0
    leadership.gain = 0.0
    leadership.terms = 0.0
    leadership.assurance = p.guarantor_floor * now.guarantor
    leadership.returning = 0.0
    if leadership.members > 0:
        leadership.returning = p.release_rate * leadership.prisoners / leadership.members
