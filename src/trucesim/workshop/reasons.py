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
    ordered, agreed : bool
        Whether the leaders' order reached it, and whether the local pact did.
    holds : bool
        Whether it holds to the order.
    """

    weights: Weights
    ordered: bool
    agreed: bool
    holds: bool

    @property
    def reached(self) -> bool:
        """Whether either reached it."""
        return self.ordered or self.agreed


class WatchedClique(Clique):
    """A clique that leaves its reasons behind; it acts like any other."""

    model: WatchedModel

    def decide(self) -> None:
        """Obey an order or a local pact, or not, and note why."""
        model, place, leadership = self.model, self.municipality, self.leadership
        weights = weigh(self, place, leadership, place.force, model.p)
        super().decide()
        if leadership.order or place.pact:
            u = self.draw(draws.DECIDE)
            ordered = bool(leadership.order) and u < leadership.reach
            agreed = place.pact and u < place.grip
            model.decisions[self.row] = Decision(weights, ordered, agreed, bool(self.complies))


class WatchedModel(TruceModel):
    """A run whose cliques leave their reasons behind.

    Attributes
    ----------
    decisions : dict of int to Decision
        Those of the last week, the last of it, by row of the clique; empty where no order or local
        pact holds.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.decisions: dict[int, Decision] = {}
        super().__init__(*args, classes=[WatchedClique], **options)

    def step(self) -> None:
        """Live one week."""
        self.decisions.clear()
        super().step()
