"""The page of another country: its own questions, what its runs rest on, its map."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browsing import Visit, chromium, free_port, serious, started, stop
from folders import TENLAND
from playwright.sync_api import expect

from trucesim import cli
from trucesim.locale.catalogue import speaking
from trucesim.locale.gangs import calling
from trucesim.parameters import PARAMETERS
from trucesim.scenario.file import shipped
from trucesim.scenario.scenario import Scenario
from trucesim.studies.cases import read_link
from trucesim.studies.history import CHANCE
from trucesim.studies.questions import QUESTIONS, asked, first_cases, offered, standing, turning
from trucesim.workshop import controls
from trucesim.workshop.charts import Series
from trucesim.workshop.controls import act, toggle
from trucesim.workshop.map import polygons
from trucesim.workshop.page import ROOMS, Page, rooms
from trucesim.workshop.pairs import Pair, Pool, compute
from trucesim.workshop.session import Session
from trucesim.workshop.watch import Watch
from trucesim.workshop.watched import FIRST_DAY, first_day
from trucesim.workshop.why import Why
from trucesim.world import calendar
from trucesim.world.country import allowed_there, load_country
from trucesim.world.folder import HOME, being_in

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


def test_a_place_that_is_chosen_signs_and_a_link_carries_it(honduras: None) -> None:
    """Half a year after the pact unless another day is chosen, and codes have any length."""
    session = Session(runs=2, lang="en")
    act(session, {"do": "edit", "key": "a"})
    toggle(session, "08")
    assert session.message == ""
    assert session.zone_date > turning()
    link = session.a.link()
    assert link == f"pact-2013~z08={session.zone_date:%Y%m%d}"
    assert read_link(link).told() == ["Francisco Morazán signs on 26 Nov 2013"]


def test_an_assumption_can_be_set_as_wide_as_it_is_there(honduras: None) -> None:
    """The answer hangs most on how far orders reach, of which Honduras has bounds of its own."""
    session = Session(runs=2, lang="en")
    why = Why(session)  # without a page nothing is run
    why.act({"do": "assume", "key": "reach_open", "value": "0.3"})
    assert (session.message, session.b.scenario.parameters["reach_open"]) == ("", 0.3)
    why.act({"do": "assume", "key": "reach_open", "value": "1.3"})
    assert "between 0 and 1" in session.message
    for name, own in load_country().own.items():
        held, there = PARAMETERS[name], allowed_there(name)
        assert there.low <= held.low <= held.high <= there.high, name
        assert own.value is None or there.low <= own.value <= there.high, name


def test_el_salvadors_bounds_stay() -> None:
    """What was fitted was fitted within them."""
    assert all(allowed_there(name) is each for name, each in PARAMETERS.items())


def test_gangs_are_those_of_the_country(honduras: None) -> None:
    """By name, and by letter where no name may be said: there is no third one."""
    session = Session(runs=2, lang="es")
    pane = Watch(session)
    session.speaks(pane.draw)()
    html = pane.bar.html
    assert all(name in html for name in ("MS-13", "Barrio 18", "Pandillas menores"))
    assert "Revolucionarios" not in html
    session.mode = "workshop"
    assert all(name in pane.bar.html for name in ("Pandilla A", "Pandilla B"))
    assert not any(name in pane.bar.html for name in ("MS-13", "Barrio 18", "Pandilla C"))
    why = Why(session)
    session.speaks(why.draw)()
    assert "Barrio 18" not in why.view.html


@pytest.mark.parametrize("lang", ["en", "es"])
def test_places_are_no_municipalities(honduras: None, lang: str) -> None:
    """Nor is a department told with itself behind it."""
    with speaking(lang), calling("name"):
        session = Session(runs=2, lang=lang)
        pane = Watch(session)
        pane.draw()
        desk = controls.desk(session)
    assert "unicip" not in pane.head.html + pane.detail.html
    assert {"en": "No place signs", "es": "Ningún lugar firma"}[lang] in desk
    assert ">Francisco Morazán<" in pane.detail.html


def test_years_of_its_own(tmp_path: Path) -> None:
    """A page six years later: what begins without being asked for begins within its years."""
    folder = tmp_path / "later"
    shutil.copytree(TENLAND, folder)
    for path in [*folder.rglob("*.toml"), *folder.rglob("*.csv")]:
        text = path.read_text(encoding="utf-8")
        later = re.sub(r"\b20[01]\d\b", lambda year: str(int(year[0]) + 6), text)
        path.write_text(later, encoding="utf-8")
    plan = folder / "country.toml"
    plan.write_text(f"first_year = 2015\n{plan.read_text(encoding='utf-8')}", encoding="utf-8")
    with being_in(folder):
        session = Session(runs=2, lang="en")
        assert session.zone_date.year == turning().year == 2018
        act(session, {"do": "add", "key": "funds"})
        toggle(session, "06")
        assert session.message == ""
        results = compute(Pair(session.a.scenario, session.b.scenario, 2))
        assert results.b is not None
        assert results.b["month"].dt.year.min() == calendar.START.year == 2015
        assert not np.isnan(Series().counted).any()


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
            assert "los homicidios no bajaron" in here.answer
            question = here.page.get_by_role("button", name="El pacto, y el Estado ofrece algo")
            here.changes(question.click, "#answer .part")
            here.settled()
            assert "menos" in here.answer
            assert "trasladado, no sabido allí" in here.answer
            assert "los 18 departamentos" in here.words()
            expect(here.page.locator("button[data-key=guess]")).to_have_count(0)
            here.page.locator("button[data-key=why]").click()
            expect(here.page.get_by_text("El mismo pacto en tres países")).to_be_visible()
            here.page.get_by_text("El mismo pacto en tres países").scroll_into_view_if_needed()
            expect(here.page.locator("#brief")).to_contain_text("trasladado de El Salvador")
            assert serious(here) == []
            here.own().page.locator("button[data-do=edit][data-key=a]").click()
            for what in ("undo", "reset"):
                expect(here.page.locator(f"button[data-do={what}][data-key=a]")).to_have_count(1)
            here.close()
    finally:
        stop(server)
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_runs_of_two_countries_are_kept_apart() -> None:
    """The same scenario in two countries shares neither runs nor states."""
    pool, bare = Pool(threads=1), Scenario("bare", {"en": "", "es": ""}, {"en": "", "es": ""})
    counts = []
    for country in ("honduras", "guatemala", HOME):
        with being_in(country):
            found = compute(Pair(bare, None, 2, 1, CHANCE), pool=pool)
            counts.append(found.a.sizes["municipality"])
    assert counts == [18, 22, 262]
