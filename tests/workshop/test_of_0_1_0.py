"""Links of version 0.1.0 lead to the same cases for ever."""

from __future__ import annotations

import json

import pytest
from folders import OF_0_1_0

from trucesim.studies.cases import shipped_case
from trucesim.workshop.session import language_of, read_cases

LINKS = (OF_0_1_0 / "links.txt").read_text(encoding="utf-8").splitlines()
DIGESTS = json.loads((OF_0_1_0 / "digests.json").read_text(encoding="utf-8"))["links.txt"]


@pytest.mark.parametrize(("link", "digests"), [*zip(LINKS, DIGESTS, strict=True)])
def test_a_link_leads_to_its_cases(link: str, digests: list[str]) -> None:
    nothing = shipped_case("no-guarantor"), shipped_case("no-guarantor")
    a, b, wrong = read_cases(link, nothing)
    assert wrong is None
    assert [a.scenario.digest, b.scenario.digest] == digests
    assert language_of(link, "de", None) == link[-2:]
