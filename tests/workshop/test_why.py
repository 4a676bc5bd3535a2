"""The pane of reasons: it tells what the validation's tables hold, or that they are not there."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from validations import synthetic_validation

from trucesim.outcomes.patterns import label
from trucesim.reports.validation import write
from trucesim.workshop import why
from trucesim.workshop.session import Session


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("validation")
    write(synthetic_validation(), place, draw=False)
    return place


def words(folder: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> str:
    monkeypatch.setattr(why, "VALIDATION", folder)
    session = Session()
    session.lang = lang
    pane = why.Why(session)
    session.speaks(pane.draw)()
    return unescape(" ".join(re.sub("<[^>]+>", " ", pane.view.html).split()))


def test_patterns_blocks_and_misses_are_those_of_the_tables(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = words(folder, monkeypatch, "en")
    assert re.search(r"2009 to 2016 and \d+ statistics beside them", told)
    for row in pd.read_csv(folder / "coverage.csv").to_dict("records"):
        assert f"{row['counted']} of {row['simulated']} right" in told
    wrong = told.partition("What the model gets wrong")[2]
    patterns = pd.read_csv(folder / "patterns.csv").dropna(subset=["simulated_median"])
    for row in patterns.to_dict("records"):
        name = label(row["id"])
        assert name in told
        assert (name in re.split("; |: |[.] ", wrong)) != row["inside"], name
    missed = int((~pd.read_csv(folder / "aims.csv")["met"]).sum())
    assert len(re.findall("was aimed at|forecasts no better", wrong)) == missed
    for block in ("Jun 2012 to Jun 2013", "The first four blocks together", "2017 to May 2019"):
        assert block in told


@pytest.mark.parametrize(("lang", "told"), [("en", "comes without"), ("es", "viene sin")])
def test_a_copy_without_the_tables_says_so(
    lang: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told in words(tmp_path, monkeypatch, lang)
