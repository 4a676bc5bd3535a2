"""Why a clique decided as it did: what the rule weighed (:func:`trucesim.rules.clique.weigh`)."""

from __future__ import annotations

from typing import Any, NamedTuple

from trucesim.engine import draws
from trucesim.model import Clique, TruceModel
from trucesim.rules.clique import Weights, weigh


class Decision(NamedTuple):
    """What a clique decided, and why.

    Attributes
    ----------
    weights : Weights
        In log odds.
    reached : bool
        Whether the order reached it.
    holds : bool
        Whether it holds to the order.
    """

    weights: Weights
    reached: bool
    holds: bool


class WatchedClique(Clique):
    """A clique that leaves its reasons behind; it acts like any other."""

    model: WatchedModel

    def decide(self) -> None:
        """Obey the order from above, or not, and note why."""
        model, place, leadership = self.model, self.municipality, self.leadership
        weights = weigh(self, place, leadership, place.force, model.p)
        super().decide()
        if leadership.order:
            reached = self.draw(draws.DECIDE) < leadership.reach
            model.decisions[self.row] = Decision(weights, reached, bool(self.complies))


class WatchedModel(TruceModel):
    """A run whose cliques leave their reasons behind.

    Attributes
    ----------
    decisions : dict of int to Decision
        Those of the last week, the last of it, by row of the clique; empty where no order holds.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.decisions: dict[int, Decision] = {}
        super().__init__(*args, classes=[WatchedClique], **options)

    def step(self) -> None:
        """Live one week."""
        self.decisions.clear()
        super().step()
