"""Sources for people: no names of files, no codes; authors, years and figures stay."""

from __future__ import annotations

import re

import pytest
from spoken import in_language

from trucesim.locale.catalogue import LANGUAGES
from trucesim.parameters import CONDITIONS, PARAMETERS
from trucesim.studies.sources import told_of


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_source_names_a_file_or_a_code(lang: str) -> None:
    for each in (*PARAMETERS.values(), *CONDITIONS.values()):
        declared = in_language(lang, each.source_in)
        told = in_language(lang, told_of, declared)
        assert told.strip(" .,;:") == told
        assert not re.search(r"\.csv|EVIDENCE|data/|[a-z]_[a-z]|\d{4}-\d\d\b", told), told
        for author in ("Lessing 2015", "Walter 1997", "Kennedy"):
            assert (author in told) == (author in declared)


def test_dates_are_written_as_people_do() -> None:
    source = "timeline.csv, 2013-05-31 and 2014-12; EVIDENCE 3 (H)"
    assert told_of(source) == "press and official documents, 31 May 2013 and Dec 2014"
    assert in_language("es", told_of, "EVIDENCE 3 (H): 24, 2009-2011") == "24, 2009-2011"
