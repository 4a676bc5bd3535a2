"""The page for those who lead a room says what the page itself says."""

from __future__ import annotations

import re

from folders import ROOT
from spoken import in_language

from trucesim.locale.texts import TEXT
from trucesim.studies.questions import QUESTIONS, stored

PAGE = " ".join((ROOT / "docs" / "workshop.md").read_text(encoding="utf-8").split())

FIELD = re.compile(r"\{[^{}]*\}|(con )?\b[AB]\b|de … a")
"""A field of a text, and what the page fills in."""


def test_every_label_is_one_of_the_page() -> None:
    texts = in_language(
        "es", lambda: [FIELD.sub("*", " ".join(TEXT[key].split())).lower() for key in TEXT]
    )
    quoted = {each.strip(" …") for each in re.findall(r'"([^"]+)"', PAGE)}
    labels = {each for each in quoted if not re.search(r"\d", each)} - {"English"}
    assert len(labels) > 15
    known = [each for each in labels if any(FIELD.sub("*", each).lower() in text for text in texts)]
    assert labels == set(known)


def test_the_answer_that_it_reads_is_the_stored_one() -> None:
    table = stored().set_index("b")
    row = table.loc[QUESTIONS["extension"].b]
    low, high = sorted((row["low"], row["high"]))
    assert f"Con B, {row['mean']:.0f} homicidios menos desde abril de 2013" in PAGE
    assert f"de {low:.0f} a {high:.0f} menos" in PAGE
