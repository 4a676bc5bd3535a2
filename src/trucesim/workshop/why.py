"""The pane that answers why one should believe this."""

from __future__ import annotations

from trucesim.workshop.markup import Markup
from trucesim.workshop.session import Session


class Why(Markup):
    """The pane."""

    def __init__(self, session: Session) -> None:
        super().__init__(None)
        self.session = session

    def draw(self) -> None:
        """Draw."""
