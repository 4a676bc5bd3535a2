"""Links of version 0.1.0 lead to the cases that they tell of."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from folders import OF_0_1_0

from trucesim.studies.cases import Course, shipped_case
from trucesim.studies.levers import LEVERS, Step, course
from trucesim.workshop.session import language_of, read_cases

LINKS = (OF_0_1_0 / "links.txt").read_text(encoding="utf-8").splitlines()
DIGESTS = json.loads((OF_0_1_0 / "digests.json").read_text(encoding="utf-8"))["links.txt"]
BASES = [("no-truce", "truce-2012"), ("truce-2012",) * 2, ("truce-2012", "as-recorded")]


@pytest.mark.parametrize(("link", "digests", "bases"), [*zip(LINKS, DIGESTS, BASES, strict=True)])
def test_a_link_leads_to_its_cases(link: str, digests: list[str], bases: tuple[str, str]) -> None:
    nothing = shipped_case("no-guarantor"), shipped_case("no-guarantor")
    a, b, wrong = read_cases(link, nothing)
    assert wrong is None
    assert (a.base.name, b.base.name) == bases
    # Their scenarios are other ones in the second generation, and told apart from what they were.
    assert not {a.scenario.digest, b.scenario.digest} & set(digests)
    assert language_of(link, "de", None) == link[-2:]


def test_what_a_link_changes_is_what_it_changed() -> None:
    nothing = shipped_case("no-guarantor"), shipped_case("no-guarantor")
    _, case, _ = read_cases(LINKS[1], nothing)
    scenario = case.scenario
    assert course(scenario, LEVERS["truce"]) == (Step(dt.date(2011, 6, 1), (1.0, 2.0, 3.0, 1.0)),)
    assert [str(step.date) for step in course(scenario, LEVERS["guarantor"])] == [
        "2012-03-09", "2014-06-01",
    ]  # fmt: skip
    assert [step.values for step in course(scenario, LEVERS["repression"])] == [(2.125,)]
    assert course(scenario, LEVERS["extension"])[0].values == (4.0, 1.0)
    assert scenario.parameters == {"turnover": 0.12345, "spreading": 0.5}
    assert case.signs("0101") == dt.date(2013, 5, 1)
    assert case.signs("0607") is None


@pytest.mark.parametrize(("written", "state"), [("1-1", 0), ("1-0", 1), ("0-0", 2)])
def test_a_truce_of_two_values_is_read(written: str, state: int) -> None:
    link = f"?a=truce-2012~truce=20110601-{written}&b=truce-2012"
    case, _, wrong = read_cases(link, (shipped_case("no-truce"),) * 2)
    assert wrong is None
    step = Step(dt.date(2011, 6, 1), LEVERS["truce"].states[state])
    assert case.changes == (Course("truce", (step,)),)
