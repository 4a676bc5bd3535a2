"""Random zones: from those that chance draws first, the army leaves as it left the first four."""

from __future__ import annotations

import datetime as dt
from typing import Any

from trucesim.world import calendar

FIRST = calendar.day_of(dt.date(2013, 2, 1))
SECOND = calendar.day_of(dt.date(2013, 3, 1))
"""The first four sign between these days. Without this the ablation would also keep the army in."""


def sign(place: Any, day: int) -> None:
    """Become a violence-free zone on the day drawn; of the first four, the army leaves at once."""
    if place.zone_day >= 0 and day >= place.zone_day:
        place.zone = True
        if FIRST <= place.zone_day < SECOND:
            place.army_leaves_day = place.zone_day
