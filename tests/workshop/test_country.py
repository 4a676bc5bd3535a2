"""The page of another country: its own questions, what its runs rest on, its map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browsing import Visit, chromium, free_port, serious, started, stop
from playwright.sync_api import expect

from trucesim import cli
from trucesim.scenario.file import shipped
from trucesim.studies.questions import QUESTIONS, asked, first_cases, offered, standing
from trucesim.workshop.charts import Series
from trucesim.workshop.map import polygons
from trucesim.workshop.page import ROOMS, Page, rooms
from trucesim.workshop.session import Session
from trucesim.workshop.watched import FIRST_DAY, first_day
from trucesim.world.country import load_country
from trucesim.world.folder import being_in

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def honduras() -> Iterator[None]:
    """Speak of Honduras."""
    with being_in("honduras"):
        yield


def test_questions_are_its_own_scenarios(honduras: None) -> None:
    """Each is asked by its title, beside the pact as it was documented."""
    assert standing() == "pact-2013"
    assert [each.b for each in offered().values()] == [n for n in shipped() if n != standing()]
    assert first_cases() == ("pact-2013", "no-pact")
    assert asked("no-pact") == "Honduras without a pact"
    assert all(each.then in offered() for each in offered().values())


def test_el_salvador_keeps_its_own() -> None:
    """Its questions, its rooms and its first day are what they were."""
    assert offered() is QUESTIONS
    assert first_cases() == ("truce-2012", "guarantor-stays")
    assert rooms() == ROOMS
    session = Session(runs=2)
    assert first_day(session.b.scenario) == FIRST_DAY


def test_rooms_that_need_a_record_are_not_there(honduras: None) -> None:
    """Nothing is guessed, and nothing ranked, where no month was observed."""
    assert rooms() == ("numbers", "watch", "why")
    session = Session(runs=2, lang="en")
    page = Page(session)
    page.act({"do": "room", "key": "guess"})
    assert page.room_shown == "numbers"
    page.act({"do": "mode", "key": "workshop"})
    assert not session.hidden


def test_a_month_that_is_not_known_is_no_nought(honduras: None) -> None:
    """The record is not drawn, and the scale is the runs'."""
    series = Series()
    assert np.isnan(series.counted).all()
    session = Session(runs=2, lang="en")
    series.draw(session)
    assert np.isnan(np.asarray(series.record.data["y"])).all()


def test_maps_are_kept_apart() -> None:
    """Another country's polygons are its own, whichever was drawn before."""
    here = len(polygons()[0])
    with being_in("honduras"):
        assert (here, len(polygons()[0])) == (262, 18) == (262, len(load_country()))


def test_what_its_runs_rest_on_is_in_every_pane(honduras: None) -> None:
    """The why pane tells it, the control and the region, and each assumption of its own."""
    session = Session(runs=2, lang="en")
    page = Page(session)
    session.speaks(page.why.draw)()
    html = page.why.view.html
    assert "only the level of homicides is fitted to it" in html
    assert "Guatemala, July 2013 (hypothetical)" in html
    assert "28 days after the pact against 28 before, observed 1.06 (0.93 to 1.21" in html
    assert "analysts take it to be smaller in Honduras" in html
    assert "Fitted to" not in html
    session.speaks(page._draw_masthead)()
    assert "Honduras 2009–2016" in page.masthead.html


def test_guatemala_has_no_page(capsys: Capsys) -> None:
    """What is prior-driven throughout is for the command line and reports."""
    assert cli.main(["workshop", "--country", "guatemala", "--no-browser"]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    said = [each for each in said if not each.startswith("compiling")]  # of a first use
    assert len(said) == 1
    assert "for the command line and reports only" in said[0]


@pytest.mark.browser
def test_a_room_sees_what_it_rests_on(tmp_path: Path) -> None:
    """In Spanish on a projector: a question is one tap, and the caution stands by the answer."""
    port, log = free_port(), tmp_path / "log"
    server = started(port, log, "--country", "honduras")
    try:
        with chromium("--lang=es-SV") as browser:
            size = {"width": 1280, "height": 720}
            here = Visit(browser, f"http://127.0.0.1:{port}/?lang=es", viewport=size).settled()
            assert "trasladado, no sabido allí" in here.answer
            question = here.page.get_by_role("button", name="El pacto, y el Estado ofrece algo")
            here.changes(question.click, "#answer .part")
            here.settled()
            assert "menos" in here.answer
            assert "trasladado, no sabido allí" in here.answer
            assert "los 18 departamentos" in here.words()
            expect(here.page.locator("button[data-key=guess]")).to_have_count(0)
            here.page.locator("button[data-key=why]").click()
            expect(here.page.get_by_text("El mismo pacto en tres países")).to_be_visible()
            assert serious(here) == []
            here.close()
    finally:
        stop(server)
    assert "Traceback" not in log.read_text(encoding="utf-8")
