"""What a browser keeps comes back whole, and what it did not keep is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from trucesim.files.errors import InputError
from trucesim.studies.cases import Assumption, Case, shipped_case, uploaded_case
from trucesim.workshop import kept as module
from trucesim.workshop.guess import Guess, nothing_said, with_year
from trucesim.workshop.kept import give_back, kept
from trucesim.workshop.session import Session


@pytest.fixture(scope="module")
def own() -> Case:
    text = shipped_case("no-guarantor").toml().replace("Sin garante", "Más \N{CLOWN FACE} propio")
    return uploaded_case(text.encode(), "own.toml").changed(Assumption("turnover", 0.3))


def page(**given: Any) -> tuple[Session, Guess]:
    session = Session(runs=4, lang="en", **given)
    return session, Guess(session)


def test_guesses_cases_and_mode_come_back(own: Case) -> None:
    session, guess = page(a=own, b=shipped_case("funds-arrive"), mode="workshop")
    guess.guesses = [with_year(nothing_said(), 2013, 140.0)]
    guess.current = with_year(nothing_said(), 2014, 0.0)
    other, empty = page()
    give_back(other, empty, kept(session, guess))
    assert other.a.scenario == own.scenario
    assert other.a.uploaded
    assert other.a.undone().scenario.digest == own.base.digest
    assert other.b.base.name == "funds-arrive"
    assert (other.mode, other.hidden, other.own) == ("workshop", True, True)
    np.testing.assert_array_equal(empty.guesses, guess.guesses)
    np.testing.assert_array_equal(empty.current, guess.current)


def test_cases_that_the_address_holds_are_left_to_it() -> None:
    session, guess = page(b=shipped_case("funds-arrive"))
    other, empty = page(b=shipped_case("no-truce"))
    give_back(other, empty, kept(session, guess))
    assert other.b.base.name == "no-truce"
    assert empty.guesses == []


@pytest.mark.parametrize(
    "changed",
    [
        {"guesses": []}, {"guesses": [[1.0]]}, {"guesses": [[-1.0] * 58]}, {"guesses": "x"},
        {"guesses": [[None] * 58] * 102}, {"guesses": [[1e9] * 58]}, {"mode": "x"}, {"mode": []},
        {"cases": [{"name": "/etc/passwd", "file": "", "changes": []}] * 2}, {"cases": [1, 2]},
        {"cases": [{"name": "no-truce", "file": "", "changes": "x"}] * 2}, {"cases": [{}]},
        {"cases": [{"name": "no-truce", "file": "= 3", "changes": []}] * 2},
    ],
    ids=str,
)  # fmt: skip
def test_what_was_not_kept_is_refused(changed: dict[str, Any]) -> None:
    session, guess = page()
    content = json.loads(base64.b64decode(kept(session, guess))) | changed
    before = session.a, session.b, session.mode
    with pytest.raises(InputError):
        give_back(session, guess, base64.b64encode(json.dumps(content).encode()).decode())
    assert (session.a, session.b, session.mode) == before


@pytest.mark.parametrize("text", ["", "%", "e30=", "MQ==", "A" * 5, base64.b64encode(b"[" * 99)])
def test_no_text_but_its_own_is_read(text: str | bytes) -> None:
    session, guess = page()
    with pytest.raises(InputError):
        give_back(session, guess, text if isinstance(text, str) else text.decode())


def test_too_much_is_not_kept(own: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    session, guess = page(a=own)
    monkeypatch.setattr(module, "MOST_KEPT", 100)
    assert kept(session, guess) == ""
