"""How the page is used: questions, the other side, dates, tips, a lost connection, its size."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import WAIT, Visit, enter, free_port, started, stop
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

OWN = """extends = "truce-2012"
title = { en = "An own case", es = "Un caso propio" }
story = { en = "Own.", es = "Propio." }
[[event]]
id = "own"
date = 2013-05-05
en = "own"
es = "propio"
set = { guarantor = false }
source = "own"
"""

type Open = Callable[..., Visit]


def test_a_question_is_asked_with_one_tap(visit: Open) -> None:
    here = visit().settled()
    page = here.page
    first = page.locator("button.question", has_text="¿Y si el garante se quedaba?")
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".compared")).to_contain_text("La tregua de 2012")
    expect(page.locator(".own")).to_be_hidden()
    before = here.answer
    funds = page.locator("button.question", has_text="¿Y si llegaban los fondos?")
    funds.click()
    expect(funds).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    expect(page.locator(".compared .by")).to_contain_text("ondos")
    page.wait_for_function("location.search.includes('b=funds-arrive')")
    here.settled()
    assert here.answer != before
    # The map shows months in which the two differ.
    slider = page.locator(".where input[type=range]")
    assert int(slider.get_attribute("value") or 0) >= 38
    expect(page.locator(".nothing")).to_have_count(0)
    slider.fill("0")
    expect(page.locator(".nothing")).to_contain_text("ningún municipio", timeout=WAIT)


def test_the_other_side_follows_and_what_differs_stands_first(visit: Open) -> None:
    here = visit().settled()
    page = here.page
    page.get_by_role("button", name="Arme su propio caso").click()
    a, b = (page.locator(f".card.{side} select") for side in "ab")
    b.select_option("truce-2012-eleven-zones-later-list")
    expect(a).to_have_value("truce-2012-eleven-zones", timeout=WAIT)
    first = page.locator(".differing fieldset")
    expect(first).to_have_attribute("data-key", "zones")
    b.select_option("no-guarantor")
    expect(a).to_have_value("truce-2012", timeout=WAIT)
    expect(first).to_have_attribute("data-key", "guarantor")
    page.locator(".own").evaluate("each => each.scrollTo(0, each.scrollHeight)")
    page.wait_for_timeout(200)
    assert first.evaluate("each => each.getBoundingClientRect().top") >= 0
    # A side that somebody has set by hand stays.
    a.select_option("no-truce")
    expect(b).to_have_value("no-guarantor")
    b.select_option("funds-arrive")
    expect(page.locator(".compared")).to_contain_text("fondos", timeout=WAIT)
    expect(a).to_have_value("no-truce")
    # What has the focus keeps it when its row moves to the top.
    page.locator("button.question", has_text="¿Y si llegaban los fondos?").click()
    expect(a).to_have_value("truce-2012", timeout=WAIT)
    add = page.locator("fieldset[data-key=soldiers] button.add")
    add.focus()
    add.press("Enter")
    expect(page.locator(".differing fieldset[data-key=soldiers]")).to_be_visible(timeout=WAIT)
    expect(add).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1024, 768)])
def test_a_projector_shows_it_on_one_screen(visit: Open, width: int, height: int) -> None:
    here = visit(viewport={"width": width, "height": height}).settled()
    page = here.page
    parts = [".question >> nth=3", "#answer .dots", ".where canvas", ".when canvas"]
    for _ in range(2):  # the second time with an own case open
        for shown in parts:
            box = page.locator(shown).first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= height, shown
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if ".own" not in parts:
            here.own()
            parts.append(".own")
    # Its controls are reached without moving the page.
    page.locator(".own fieldset[data-key=soldiers] .add").scroll_into_view_if_needed()
    assert page.evaluate("scrollY") == 0


def test_a_phone_keeps_the_answer_in_sight(visit: Open) -> None:
    here = visit("?b=guarantor-stays", viewport={"width": 390, "height": 844}).settled()
    page = here.page
    brief = page.locator("#brief")
    expect(brief).to_be_hidden()
    page.get_by_role("button", name="Arme su propio caso").click()
    page.locator("fieldset[data-key=soldiers]").scroll_into_view_if_needed()
    page.locator("fieldset[data-key=soldiers] .add").click()
    expect(brief).to_be_visible()
    expect(brief).to_have_text(re.compile(r"\w+"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_day_is_taken_when_it_is_whole(visit: Open) -> None:
    here = visit("?b=guarantor-stays", locale="en-US").settled().own()
    page = here.page
    field = page.locator("fieldset[data-key=guarantor] input[data-first]").first
    note = page.locator("fieldset[data-key=guarantor] .day small").first
    expect(field).to_have_value("12/07/2012")
    undo = page.get_by_role("button", name="Undo")
    for wrong in ("04 15 2013", "31/02/2013", "15/4/20", "15/04/2031", ""):
        enter(field, wrong)
        expect(note).to_contain_text("Day/month/year")
    page.locator("fieldset[data-key=soldiers] .add").click()  # what is drawn anew leaves it
    expect(page.locator(".differing fieldset[data-key=soldiers]")).to_be_visible(timeout=WAIT)
    expect(note).to_contain_text("Day/month/year")
    undo.click()
    expect(undo).to_be_disabled(timeout=WAIT)
    expect(page.locator(".problem")).to_have_count(0)
    field.fill("15 4 2013")
    field.press("ArrowUp")
    expect(field).to_have_value("16/04/2013")
    expect(undo).to_be_disabled()
    field.press("Tab")
    expect(undo).to_be_enabled(timeout=WAIT)
    expect(note).to_be_empty()
    expect(page.locator(".compared .by")).to_contain_text("16 Apr 2013")
    # A day that cannot be, as another date has it, does not stay.
    page.locator("fieldset[data-key=guarantor] .add").click()
    second = page.locator("fieldset[data-key=guarantor] input[data-first]").last
    expect(second).not_to_have_value("16/04/2013", timeout=WAIT)
    stood = second.input_value()
    enter(second, "16042013")
    expect(page.locator(".problem")).to_contain_text("same day", timeout=WAIT)
    second.press("Tab")
    expect(second).to_have_value(stood, timeout=WAIT)


def test_a_tip_is_whole_and_closes(visit: Open) -> None:
    here = visit(viewport={"width": 1280, "height": 720}).settled().own()
    page = here.page
    asks = page.locator(".desk .hint > button")
    for each in (asks.first, asks.nth(1)):
        each.click()
        tip = page.locator(".tip:popover-open")
        expect(tip).to_be_visible()  # it stays unseen until it has its place
        box, at = tip.bounding_box(), each.locator("xpath=ancestor::fieldset").bounding_box()
        assert box is not None
        assert at is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 720
        assert box["x"] >= at["x"] + at["width"] or box["y"] + box["height"] <= at["y"]
        page.keyboard.press("Escape")
        expect(tip).to_have_count(0)
        expect(each).to_be_focused()
    asks.first.click()
    page.mouse.click(900, 300)
    expect(page.locator(".tip:popover-open")).to_have_count(0)


def test_a_lost_connection_is_told_and_comes_back(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    server = started(port, tmp_path / "log")
    try:
        here = Visit(browser, f"http://127.0.0.1:{port}/?b=no-guarantor").settled()
        page = here.page
        page.get_by_role("button", name="Modo taller").click()
        page.get_by_role("button", name="Primero, piense").click()
        enter(page.locator("[data-do=guess_year][data-key='2013']"), "140")
        page.locator("[data-do=guess_add]").click()
        expect(page.locator(".counted")).to_contain_text("Una estimación", timeout=WAIT)
        page.locator(".card.a input[type=file]").set_input_files(
            {"name": "own.toml", "mimeType": "text/plain", "buffer": OWN.encode()}
        )
        expect(page.locator(".compared")).to_contain_text("Un caso propio", timeout=WAIT)
        stop(server)
        band = page.get_by_role("alert").filter(has_text="Se perdió la conexión")
        expect(band).to_be_visible(timeout=WAIT)
        expect(band).to_contain_text("y las estimaciones")
        expect(band).not_to_contain_text("no pudo guardar")
        expect(page.locator("#page")).to_have_js_property("inert", True)
        server = started(port, tmp_path / "log")
        expect(band).to_have_count(0, timeout=WAIT)
        here.settled()
        # Guesses, a case from a file and the mode come back with it.
        expect(page.locator(".compared")).to_contain_text("Sin garante", timeout=WAIT)
        expect(page.locator(".compared")).to_contain_text("Un caso propio", timeout=WAIT)
        page.get_by_role("button", name="Primero, piense").click()
        expect(page.locator(".counted")).to_contain_text("Una estimación", timeout=WAIT)
        expect(page.get_by_role("button", name="Salir del modo taller")).to_be_visible()
        # Once only: a page that is opened anew begins anew.
        page.reload()
        expect(page.locator(".compared")).not_to_contain_text("Un caso propio", timeout=WAIT)
        here.close()
    finally:
        stop(server)


def test_what_is_stale_is_grey_until_the_answer_comes(visit: Open) -> None:
    here = visit().settled()
    page = here.page
    page.evaluate("""() => {
      window.seen = []
      new MutationObserver(() => window.seen.push(document.documentElement.dataset.state))
        .observe(document.documentElement, {attributeFilter: ["data-state"]})
    }""")
    page.get_by_role("button", name="¿Y si no había tregua?").click()
    page.wait_for_function("window.seen.length > 1")
    assert "stale" in page.evaluate("window.seen[0]")
    here.settled()
    assert "stale" not in page.evaluate("document.documentElement.dataset.state")
