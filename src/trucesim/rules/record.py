"""What becomes known: some killings are hidden, some of the hidden are reported missing."""

from __future__ import annotations

from trucesim.agents import Leadership, Parameters
from trucesim.compilation import both_lives


@both_lives
def hide(leadership: Leadership, p: Parameters) -> float:
    """Give the probability that a killing by one of a gang's cliques is hidden.

    There is something to protect while the gang holds to an order, and in so far as it does.

    Source: Cruz & Durán-Martínez 2016; van der Borgh & Savenije 2019; EVIDENCE 3.
    """
    if leadership.order == 0 or leadership.members == 0:
        return 0.0
    return p.hiding * leadership.held / leadership.members


@both_lives
def report_missing(p: Parameters) -> float:
    """Give the probability that the victim of a hidden killing is reported missing."""
    return p.missing_reporting


@both_lives
def report_ordinary(p: Parameters) -> float:
    """Report people missing who are no victims of the gangs: reports a day."""
    return p.missing_base
