"""What a browser keeps of a page while its tab is open, to give it back after a lost connection.

It holds what the address does not: guesses, cases from files, whether the workshop mode is on. The
server forgets all of it with the page; the browser, with the tab (assets/markup.js).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any

import numpy as np

from trucesim.files.errors import InputError
from trucesim.locale.texts import Problem
from trucesim.scenario.file import shipped
from trucesim.studies.cases import Case, shipped_case, uploaded_case
from trucesim.workshop.guess import HIGHEST, MOST_GUESSES, Guess, Months, nothing_said
from trucesim.workshop.session import SIDES, Session
from trucesim.world.folder import HOME, here

MOST_KEPT = 900_000
"""Characters, so that they fit into one message of a browser."""


def kept(session: Session, guess: Guess) -> str:
    """Write what is to be given back; empty where it would be too much."""
    content = {
        "mode": session.mode,
        "own": session.own,
        "hidden": session.hidden,
        "guesses": [_numbers(each) for each in (*guess.guesses, guess.current)],
        "cases": [_written(session.case(side)) for side in SIDES] if not session.link else None,
    }
    text = base64.b64encode(json.dumps(content).encode()).decode()
    return text if len(text) <= MOST_KEPT else ""


def _numbers(guess: Months) -> list[float | None]:
    return [None if value != value else round(float(value), 2) for value in guess]


def _written(case: Case) -> dict[str, object]:
    text = Case(case.base).toml() if case.uploaded else ""
    return {"name": case.base.name, "file": text, "changes": case.written_changes()}


def give_back(session: Session, guess: Guess, text: str) -> None:
    """Take over what a browser kept; it comes from outside, and what is not of its form is refused.

    Raises
    ------
    InputError
        It is not what `kept` wrote, or a case in it is none.
    """
    try:
        content = json.loads(base64.b64decode(text[: MOST_KEPT + 1], validate=True))
        guesses = [_guess(each) for each in content["guesses"]]
        mode, own, hidden = (content[name] for name in ("mode", "own", "hidden"))
        cases = content["cases"]
        given = [_case(each) for each in cases] if cases else [session.a, session.b]
        a, b = given
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise Problem("problem.control") from None
    if mode not in ("open", "workshop") or not guesses or len(guesses) > MOST_GUESSES + 1:
        raise Problem("problem.control")
    *guess.guesses, guess.current = guesses
    session.mode = mode
    session.by_hand |= set(SIDES) if cases else set()
    hides = mode == "workshop" and hidden is True and here() == HOME
    session.param.update(a=a, b=b, own=own is True, hidden=hides)


def _guess(values: Any) -> Months:
    months = np.array([math.nan if each is None else float(each) for each in values], np.float64)
    if months.shape != nothing_said().shape or ((months < 0) | (months > HIGHEST)).any():
        raise Problem("problem.control")
    return months


def _case(given: Any) -> Case:
    name, text = str(given["name"]), str(given["file"])
    if not text and name not in shipped():
        raise Problem("problem.control")
    case = uploaded_case(text.encode(), f"{name}.toml") if text else shipped_case(name)
    return case.with_changes([str(each) for each in given["changes"]])
