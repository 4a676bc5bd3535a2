"""One run that is watched: what is in a place in the week that was lived last.

Where a clique is drawn is invented: within its municipality it is placed at random.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trucesim.engine.rolls import any_order, any_pact
from trucesim.parameters import GANGS
from trucesim.runs.simulate import snapshot
from trucesim.scenario.scenario import Scenario
from trucesim.studies.questions import turning
from trucesim.workshop.charts import milliseconds
from trucesim.workshop.reasons import Decision, WatchedModel
from trucesim.world import calendar
from trucesim.world import tiles as geography
from trucesim.world.country import load_country
from trucesim.world.folder import HOME, Folder, here, open_folder

SEED = 1

BEFORE = dt.timedelta(days=36)
"""So long before an order watching begins, unless another day is chosen."""

FIRST_DAY = dt.date(2012, 3, 9) - BEFORE


def first_day(scenario: Scenario) -> dt.date:
    """Give the day on which watching a case begins: before its order, or before case A's."""
    if here() == HOME:
        return FIRST_DAY
    return max((scenario.first_order or turning()) - BEFORE, calendar.START)


def watched_from() -> dt.date:
    """Give the first day of which the weeks are drawn: after two years that nobody asks about."""
    return calendar.START.replace(year=calendar.START.year + (2 if here() == HOME else 0))


class Gang(NamedTuple):
    """One gang in one place."""

    cliques: int
    members: int
    holding: int


class Watched:
    """One run that is watched; knows nothing of a page.

    Parameters
    ----------
    scenario : Scenario
    run : int
        Its number among those of the pair under `SEED`.
    start : date
        The first week is that in which it lies.
    """

    def __init__(self, scenario: Scenario, run: int = 0, start: dt.date = FIRST_DAY) -> None:
        self.scenario, self.number = scenario, run
        # The weeks before are lived compiled: a run is the same in either life.
        before = snapshot(scenario, start, 1, SEED, first_run=run, workers=1)
        given: dict[str, Any] = {"parameters": before.parameters, "first_week": before.week}
        if before.week:
            given |= {"state": before.states[0], "output": before.outputs[0]}
        self.model = WatchedModel(scenario, seed=SEED, run=run, collect=False, **given)
        self._spots: dict[int, tuple[float, float]] = {}

    @property
    def over(self) -> bool:
        """Whether all weeks have been lived."""
        return not self.model.running

    @property
    def last_day(self) -> dt.date:
        """Last day that has been lived."""
        return calendar.date_of(max(min(7 * self.model.week, calendar.DAYS) - 1, 0))

    @property
    def ordered(self) -> bool:
        """Whether an order to hold fire, or a local pact, was in force in the last week."""
        model = self.model
        return any_order(model.leadership_list) or any_pact(model.municipality_list)

    def step(self) -> None:
        """Live one week."""
        self.model.step()

    def weekly(self) -> tuple[list[float], list[int]]:
        """Give the weeks lived since `watched_from`, as Bokeh counts time, and their deaths."""
        first = calendar.day_of(watched_from()) // 7
        daily = self.model.output.daily
        weeks = range(first, self.model.week)
        counts = [int(daily[7 * week : 7 * week + 7].sum()) for week in weeks]
        return [milliseconds(calendar.date_of(7 * week)) for week in weeks], counts

    def gangs(self, row: int | None = None) -> list[Gang]:
        """Count each gang in a municipality, or in the country."""
        cliques = self.model.state.cliques[: self._used]
        chosen = cliques["active"]
        if row is not None:
            chosen = chosen & (cliques["place"] == row)
        found = []
        for gang in range(len(GANGS)):
            own = cliques[chosen & (cliques["gang"] == gang)]
            held = own[own["complies"]]
            found.append(Gang(len(own), int(own["members"].sum()), int(held["members"].sum())))
        return found

    def shares(self) -> NDArray[np.float64]:
        """Give the share of members whose clique holds by municipality; NaN without a gang."""
        cliques = self.model.state.cliques[: self._used]
        cliques = cliques[cliques["active"]]
        places = len(self.model.country)
        members = np.bincount(cliques["place"], cliques["members"], places)
        held = np.bincount(cliques["place"], cliques["members"] * cliques["complies"], places)
        with np.errstate(invalid="ignore"):
            share: NDArray[np.float64] = held / members
        return share

    @property
    def _used(self) -> int:
        return int(self.model.state.clique_count[0])

    def rows(self, place: int | None = None) -> NDArray[np.int64]:
        """Give the rows of the active cliques, or of those in a municipality."""
        cliques = self.model.state.cliques[: self._used]
        chosen = cliques["active"] if place is None else (
            cliques["active"] & (cliques["place"] == place)
        )  # fmt: skip
        return np.flatnonzero(chosen)

    def spots(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give where cliques are drawn, in km, shape (clique, 2): invented, and kept."""
        cliques = self.model.state.cliques
        for row in rows:
            if row not in self._spots:
                place, own = int(cliques["place"][row]), int(cliques["number"][row])
                self._spots[row] = _somewhere(place, own)
        return np.array([self._spots[row] for row in rows]).reshape(-1, 2)

    def decision(self, row: int) -> Decision | None:
        """Give what a clique decided last, and why; None where there was nothing to decide."""
        return self.model.decisions.get(row)


@cache
def _tiles_of(folder: Folder) -> list[NDArray[np.float64]]:
    """Give the centres of each place's tiles in km, of the country that is spoken of."""
    grid = geography.tiles()
    centres = grid.centres / 1000
    return [centres[grid.code == code] for code in load_country().codes]


def _somewhere(place: int, own: int) -> tuple[float, float]:
    """Place a clique at random within its municipality."""
    rng = np.random.default_rng((SEED, place, own & 0x7FFFFFFF))
    centres = _tiles_of(open_folder())[place]
    x, y = centres[rng.integers(len(centres))] + rng.uniform(-0.45, 0.45, 2)
    return float(x), float(y)
