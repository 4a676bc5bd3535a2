"""No learning: trust stays what it is, whatever rivals do."""

from __future__ import annotations

from typing import Any


def learn(clique: Any, place: Any, p: Any) -> None:
    """Begin the week without a look at what rivals did in the last."""
