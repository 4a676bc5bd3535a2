"""Guessing and watching in a real browser: by mouse and by keyboard, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browsing import WAIT, Visit, enter, serious
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

type Open = Callable[..., Visit]


def test_people_guess_by_mouse_and_by_keyboard_before_they_see(visit: Open) -> None:
    here = visit().settled()
    page = here.page
    page.get_by_role("button", name="Modo taller").click()
    expect(page.locator("#answer .sentence")).to_contain_text("oculta", timeout=WAIT)
    page.get_by_role("button", name="Primero, piense").click()
    asked = page.locator(".asked")
    expect(asked).to_be_visible(timeout=WAIT)
    heading = asked.bounding_box()
    assert heading
    assert heading["height"] < 70  # two lines at most
    show = page.get_by_role("button", name="Mostrar la respuesta")
    expect(show).to_be_disabled()
    field = page.get_by_label("2014", exact=True)
    field.fill("300")
    field.press("Tab")
    box = page.locator(".rooms .bk-Figure, .rooms canvas").first.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.24, y)
    page.mouse.down()
    for step in range(25):
        page.mouse.move(box["x"] + box["width"] * (0.24 + step * 0.03), y)
    page.mouse.up()
    expect(field).not_to_have_value("300", timeout=WAIT)  # the stroke went over it
    drawn = int(field.input_value())
    assert 300 < drawn < 700
    expect(page.get_by_label("2013", exact=True)).to_have_value(re.compile(r"\d+"))
    page.get_by_role("button", name="Anotar esta estimación").click()
    expect(page.get_by_text("Una estimación.")).to_be_visible(timeout=WAIT)
    for year in ("mar 2012 a dic 2012", "2013", "2014", "2015", "2016"):
        field = page.get_by_label(year, exact=True)
        field.focus()
        page.keyboard.type("200")
        page.keyboard.press("Tab")
        expect(field).to_have_value("200")
    page.get_by_role("button", name="Anotar esta estimación").press("Enter")
    expect(page.get_by_text("2 estimaciones.")).to_be_visible(timeout=WAIT)
    assert serious(here, ".rooms") == []
    show.press("Enter")
    expect(page.get_by_text(re.compile("la mitad de ustedes dijo"))).to_be_visible(timeout=WAIT)
    expect(page.locator("#answer .sure")).to_contain_text("De 100 simulaciones", timeout=WAIT)
    assert serious(here, ".rooms") == []
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text(re.compile("half of you said"))).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_text("No guess yet.")).to_be_visible(timeout=WAIT)


def test_a_run_is_watched_and_a_municipality_asked(visit: Open) -> None:
    here = visit(locale="en-US").settled()
    page = here.page
    page.get_by_role("button", name="Watch one run").click()
    clock = page.locator(".clock output")
    expect(clock).to_have_text("Press play")
    page.get_by_role("button", name="Play").last.click()
    expect(clock).to_contain_text(re.compile(r"(Mar|Apr|May) 2012"), timeout=6 * WAIT)
    page.locator("select[data-do=watch_speed]").select_option("1")
    page.get_by_role("button", name="Pause").last.click()
    # The map has such a button too.
    expect(page.get_by_role("button", name="Play")).to_have_count(2, timeout=WAIT)

    def stands() -> bool:
        stopped = clock.inner_text()
        page.wait_for_timeout(1500)
        return clock.inner_text() == stopped

    # The week that was being lived still comes.
    assert stands() or stands()
    enter(page.locator("input[data-do=watch_start]"), "03/05/2012")
    expect(clock).to_have_text("2 May 2012", timeout=WAIT)
    page.get_by_role("button", name="One week").click()
    expect(clock).to_have_text("9 May 2012", timeout=WAIT)
    canvas = page.locator(".rooms .bk-events").first
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": box["width"] * 0.35, "y": box["height"] * 0.55})
    chosen = page.get_by_label("Municipality (or click the map)")
    expect(chosen).to_have_value(re.compile(r"\d{4}"), timeout=WAIT)
    chosen.select_option(label="San Salvador, San Salvador")
    # What was open before is drawn anew until then, and closed with it.
    heading = page.get_by_role("heading", name="San Salvador", exact=True)
    expect(heading).to_be_visible(timeout=WAIT)
    clique = page.locator("details.clique").first
    expect(clique).to_be_visible(timeout=WAIT)
    clique.locator("summary").press("Enter")
    expect(clique.get_by_text("The order", exact=False).first).to_be_visible()
    expect(page.get_by_text("Invented.")).to_be_visible()
    assert serious(here, ".rooms") == []
    page.get_by_role("button", name="Workshop mode").click()
    expect(page.locator("details.clique")).to_have_count(0, timeout=WAIT)
    expect(page.locator("table.gangs")).to_contain_text("Gang A")
    assert not re.search("MS-13|Barrio 18|Sureños", here.words())


@pytest.mark.parametrize("width", [390, 1920])
def test_the_panes_fit(visit: Open, width: int) -> None:
    here = visit(viewport={"width": width, "height": 900}).settled()
    for name in ("Primero, piense", "Ver una simulación"):
        here.page.get_by_role("button", name=name).click()
        here.page.wait_for_timeout(800)
        assert here.page.evaluate("document.documentElement.scrollWidth") <= width
