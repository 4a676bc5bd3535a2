"""What holds on a day of a scenario."""

from __future__ import annotations

import datetime as dt

from trucesim.parameters import CONDITIONS
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import load_country


def conditions(scenario: Scenario, date: dt.date) -> dict[str, object]:
    """Give the conditions of a day, as a file would hold them."""
    timeline = scenario.timeline(load_country())
    day = calendar.day_of(date)
    row = timeline[timeline["first_day"] <= day][-1]
    return {
        name: [each.show(v) for v in row[name]] if each.per_gang else each.show(float(row[name]))
        for name, each in CONDITIONS.items()
    }
