"""The page in a real browser: every control has an effect, nothing leaves the machine."""

from __future__ import annotations

import os
import re
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import RUNS, WAIT, Visit, enter, serious
from playwright.sync_api import expect

from trucesim import load_scenario
from trucesim.studies.cases import shipped_case

pytestmark = pytest.mark.browser


def test_the_page_answers_in_the_browsers_language(visit: Callable[..., Visit]) -> None:
    spanish = visit().settled()
    assert spanish.page.locator("html").get_attribute("lang") == "es"
    expect(spanish.page.get_by_role("heading", level=1)).to_have_text("¿Qué habría pasado si…?")
    assert re.search(r"De 100 simulaciones, \d+ tienen menos homicidios con B", spanish.answer)
    spanish.changes(
        lambda: spanish.page.get_by_role("button", name="English").click(), "#answer .part"
    )
    expect(spanish.page.get_by_role("heading", level=1)).to_have_text(
        "What would have happened if?"
    )
    assert re.search(r"Of 100 simulations, \d+ have fewer homicides with B", spanish.answer)
    assert spanish.page.locator("html").get_attribute("lang") == "en"
    shown = spanish.words()
    assert len(shown) > 3000
    assert not re.search(r"\b(simulaciones|municipios|tregua|guardar|caso|fuente)\b", shown, re.I)
    english = visit(locale="en-US").settled()
    assert english.page.locator("html").get_attribute("lang") == "en"


def test_levers_of_every_shape_have_an_effect(visit: Callable[..., Visit]) -> None:
    """What every lever does is tested without a browser, in test_pairs.py."""
    here = visit("?b=funds-arrive~extension=20130406-4-0~conditionality=20130601-1").settled()
    page = here.page
    desk = page.locator(".desk")
    levers = desk.locator("fieldset.lever[data-key]")
    names = [each for each in levers.evaluate_all("f => f.map(x => x.dataset.key)")]
    assert {"truce", "guarantor", "minister", "funds", "extension", "zones"} <= set(names)
    seen = set()
    for name in names:
        field = desk.locator(f"fieldset[data-key='{name}']")
        if name == "zones" or field.locator("input[data-first]").count() == 0:
            continue  # without a date: below
        inside = (field.locator(f".values {each}").count() > 0 for each in ("select", "input"))
        shape = tuple(inside)
        if shape in seen:
            continue
        seen.add(shape)
        here.changes(
            lambda field=field: enter(field.locator("input[data-first]").last, "20/08/2014"),
            ".differ",
            name,
        )
        values = field.locator(".values").last
        select, number = values.locator("select").last, values.locator("input[type=number]").first
        if select.count():
            chosen = select.input_value()
            other = next(
                o
                for o in select.locator("option").evaluate_all("o => o.map(x => x.value)")
                if o not in (chosen, "")
            )
            here.changes(
                lambda select=select, other=other: select.select_option(other), ".differ", name
            )
        if number.count():

            def change(number: Any = number) -> None:
                low, high = (float(number.get_attribute(end)) for end in ("min", "max"))
                number.fill(f"{low + 0.3 * (high - low):g}")
                number.press("Tab")

            here.changes(change, ".differ", name)
        # Two steps may say the same, so that one less need not be a difference between the cases.
        own = f"fieldset[data-key='{name}']"
        here.changes(lambda field=field: field.locator("button.remove").last.click(), own, name)
        here.changes(lambda field=field: field.locator("button.add").click(), own, name)
    desk.locator("details.extra summary").click()
    assert len(seen) > 1
    for name in ("army_leaves_later_zones", "army_leaves_after"):
        field = desk.locator(f"fieldset[data-key='{name}']")
        number = field.locator("input")

        value = "50" if name == "army_leaves_after" else "0.5"

        def set_it(field: Any = field, number: Any = number, value: str = value) -> None:
            if number.count():
                number.fill(value)
                number.press("Tab")
            else:
                field.locator("select").select_option("1")

        here.changes(set_it, ".differ")
    here.settled()


def test_a_change_is_answered_anew_undone_and_carried_by_the_link(
    visit: Callable[..., Visit],
) -> None:
    here = visit().settled().own()
    page = here.page
    first = here.answer
    here.changes(
        lambda: enter(
            page.locator("fieldset[data-key=truce] input[data-first]").first, "09/05/2013"
        ),
        ".differ",
    )
    expect(page.get_by_text(f"{RUNS} simulaciones pareadas: el mismo")).to_be_visible(timeout=WAIT)
    expect(page.locator("#answer .sentence")).to_be_visible()
    assert here.settled().answer != first
    assert "09/05/2013" in here.differences()
    assert "Firmarían antes" in page.locator(".card.b").inner_text()
    page.wait_for_function("location.search.includes('truce=20130509')")
    again = visit(urlsplit(page.url).query and "?" + urlsplit(page.url).query).settled()
    assert again.differences() == here.differences()
    assert again.answer == here.answer
    here.changes(lambda: page.get_by_role("button", name="Deshacer").click(), ".differ")
    expect(page.locator("#answer .part")).to_have_text(
        re.compile(re.escape(first.split("\n")[0])), timeout=WAIT
    )
    here.changes(lambda: page.locator("fieldset[data-key=funds] .add").click(), ".differ")
    here.changes(lambda: page.get_by_role("button", name="Restablecer").click(), ".differ")
    here.changes(lambda: page.get_by_role("button", name="Intercambiar A y B").click(), ".differ")
    expect(page.locator(".card.a select")).to_have_value("guarantor-stays", timeout=WAIT)
    # Until the other pair is run, the answer is that of the one before.
    answer = page.locator("#answer .part")
    expect(answer).to_contain_text(re.compile(r"Con B, [\d,]+ homicidios más"), timeout=WAIT)


def test_the_map(visit: Callable[..., Visit]) -> None:
    here = visit().settled().own()
    page = here.page
    figure = page.locator(".figure.where")
    figure.get_by_text("Meses y ubicación").click()
    canvas = figure.locator("canvas").first

    def picture() -> bytes:
        return canvas.screenshot()

    def differs(act: Callable[[], object]) -> None:
        before = picture()
        act()
        end = time.monotonic() + WAIT / 1000
        while picture() == before:
            assert time.monotonic() < end, "the map stayed as it was"
            page.wait_for_timeout(50)
        page.wait_for_timeout(200)

    differs(lambda: figure.get_by_role("button", name="Caso A", exact=True).click())
    differs(lambda: figure.get_by_role("button", name="Caso B", exact=True).click())
    slider = figure.locator("input[type=range]")
    slider.fill("38")
    expect(slider).to_have_attribute("aria-valuetext", "mar 2012 – feb 2013", timeout=WAIT)
    slider.focus()
    differs(lambda: slider.press("ArrowRight"))
    expect(slider).to_have_attribute("aria-valuetext", "abr 2012 – mar 2013")
    differs(lambda: figure.get_by_label("Lapso").select_option("1"))
    play = figure.get_by_role("button", name="Reproducir")
    differs(lambda: play.click())
    figure.get_by_role("button", name="Pausa").click()
    figure.get_by_label("Cómo se ubican").select_option("departments")
    expect(page.get_by_text("Cómo se ubican las clicas: solo población")).to_be_visible(
        timeout=WAIT
    )
    figure.get_by_label("Cómo se ubican").select_option("class")
    here.settled()
    # A municipality signs by a click, and no longer by another; by the list as well.
    box = canvas.bounding_box()
    assert box
    zones = page.locator("ul.zones li")
    before = zones.count()
    at = {"x": box["width"] * 0.72, "y": box["height"] * 0.6}
    surface = figure.locator(".bk-events").first
    surface.click(position=at)
    expect(zones).to_have_count(before + 1, timeout=WAIT)
    page.wait_for_timeout(400)  # or it would be a double click
    surface.click(position=at)
    expect(zones).to_have_count(before, timeout=WAIT)
    enter(page.locator("input[data-do=zone_date]"), "1/7/2013")
    page.locator("select[data-do=zone]").select_option(label="Chalatenango, Chalatenango")
    expect(zones).to_have_count(before + 1, timeout=WAIT)
    expect(zones.filter(has_text="Chalatenango")).to_contain_text("01/07/2013")
    page.get_by_role("button", name="Chalatenango ya no firma").click()
    expect(zones).to_have_count(before, timeout=WAIT)


def test_files_and_figures(visit: Callable[..., Visit], tmp_path: Path) -> None:
    here = visit().settled().own()
    page = here.page
    page.locator("fieldset[data-key=funds] .add").click()
    expect(page.locator(".differ")).to_contain_text("fondos", ignore_case=True)
    page.locator(".card.b .story summary").click()
    with page.expect_download() as download:
        page.locator(".card.b").get_by_role("button", name="Guardar archivo").click()
    path = tmp_path / "saved.toml"
    download.value.save_as(path)
    assert tomllib.loads(path.read_text(encoding="utf-8"))["event"]
    saved = load_scenario(path)
    assert saved.digest != load_scenario("guarantor-stays").digest
    page.locator(".card.a input[type=file]").set_input_files(path)
    expect(page.locator(".differ")).to_contain_text("Los dos casos son iguales", timeout=WAIT)
    hostile = tmp_path / "<img src=x onerror=alert(1)>.toml"
    text = (
        shipped_case("no-guarantor")
        .toml()
        .replace("Sin garante", "<img src=x onerror='document.title=1'>")
    )
    hostile.write_text(text, encoding="utf-8")
    page.locator(".card.a input[type=file]").set_input_files(hostile)
    expect(page.locator(".card.a select")).to_contain_text("<img src=x", timeout=WAIT)
    assert page.title().startswith("¿Qué habría")
    broken = tmp_path / "broken.toml"
    broken.write_text("title = 3", encoding="utf-8")
    page.locator(".card.a input[type=file]").set_input_files(broken)
    expect(page.locator(".problem")).to_contain_text("No se aceptó el archivo", timeout=WAIT)
    huge = tmp_path / "huge.toml"
    huge.write_bytes(b"#" * 2_000_000)
    page.locator(".card.a input[type=file]").set_input_files(huge)
    expect(page.locator(".problem")).to_contain_text("bytes", timeout=WAIT)
    here.settled()
    page.get_by_text("Compartir").click()
    for name, begins in (("Figura (PNG)", b"\x89PNG"), ("Figura (SVG)", b"<?xml")):
        with page.expect_download(timeout=WAIT) as download:
            page.get_by_role("button", name=name).click()
        download.value.save_as(path)
        assert path.read_bytes().startswith(begins)


def test_numbers_and_reasons(visit: Callable[..., Visit]) -> None:
    here = visit().settled().own()
    page = here.page
    expect(page.get_by_role("table", name=re.compile("Toda reducción"))).to_contain_text("4,489")
    page.get_by_role("button", name="¿Por qué creerlo?").click()
    expect(page.get_by_role("heading", name="Qué se ajustó y cómo le fue")).to_be_visible()
    expect(page.locator(".caveat")).to_contain_text("A partir del mundo como fue: 12 historias")
    value = page.locator("tr", has_text="Sanción").locator("input")
    value.fill("0.5")
    value.press("Tab")
    expect(page.locator(".differ")).to_contain_text("Sanción", timeout=WAIT)
    expect(page.locator(".card.b .away")).to_contain_text("Sanción")
    # No history that follows the record fits a case with a parameter of its own.
    expect(page.locator(".caveat")).to_contain_text("A partir del azar", timeout=WAIT)
    # Fixed in one case only, it is said so, and can be assumed in the other.
    row = page.locator(".assumptions tr", has_text="Sanción")
    expect(row).to_contain_text("Solo en B")
    row.get_by_role("button", name="Suponer lo mismo en A").click()
    expect(row).not_to_contain_text("Solo en B", timeout=WAIT)
    expect(page.locator(".differ")).not_to_contain_text("Sanción")
    page.get_by_role("button", name="Soltar: Sanción").click()
    expect(row).to_contain_text("Solo en A", timeout=WAIT)
    row.get_by_role("button", name="Suponer lo mismo en A").click()
    expect(page.locator(".differ")).not_to_contain_text("Sanción", timeout=WAIT)
    page.get_by_role("button", name="Los números").click()
    expect(page.get_by_role("table", name=re.compile("Toda reducción"))).to_be_visible()
    page.get_by_role("button", name="Modo taller").click()
    expect(page.get_by_text("no pregunte quién conoce a quién")).to_be_visible()
    assert not re.search("MS-13|Barrio 18|Sureños", here.words())


def test_sessions_do_not_see_each_other(visit: Callable[..., Visit]) -> None:
    one, two = visit().settled().own(), visit().settled().own()
    before = two.differences()
    one.changes(lambda: one.page.locator("fieldset[data-key=guarantor] .add").click(), ".differ")
    one.settled()
    two.page.wait_for_timeout(300)
    assert two.differences() == before
    assert one.differences() != before


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1920, 1080)])
def test_the_page_is_accessible_and_fits(
    visit: Callable[..., Visit], width: int, height: int
) -> None:
    here = visit(viewport={"width": width, "height": height}).settled()
    page = here.page
    page.get_by_role("button", name="¿Por qué creerlo?").click()
    expect(page.get_by_role("heading", name="Qué se ajustó y cómo le fue")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious(here) == []


def test_the_keyboard_reaches_everything(visit: Callable[..., Visit]) -> None:
    here = visit().settled().own()
    page = here.page
    for folded in (".story", ".choices"):
        page.locator(f"{folded} summary").first.click()
    page.locator("body").click(position={"x": 2, "y": 2})
    page.keyboard.press("Tab")
    reached = []
    deep = """() => {
      let at = document.activeElement
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
      const style = at ? getComputedStyle(at) : null
      if (!at || at === document.body) return null
      return [at.dataset?.do ?? at.className, style.outlineStyle !== "none"]
    }"""
    for _ in range(220):  # every course has its steps, each with a date of three parts
        at = page.evaluate(deep)
        if at:
            reached.append(tuple(at))
        page.keyboard.press("Tab")
    names = {name for name, _ in reached}
    assert {"skip", "lang", "mode", "base", "edit", "toml", "date", "state", "add", "zone", "view",
            "month", "play", "span", "placement", "room"} <= names  # fmt: skip
    assert {name for name, outlined in reached if not outlined} == set()


def test_a_page_that_waits_takes_no_processor_time(
    workshop: tuple[str, int], visit: Callable[..., Visit]
) -> None:
    page = visit().settled().page
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What would have happened if?")
    page.wait_for_timeout(4_000)
    before = processor_time(workshop[1])
    page.wait_for_timeout(4_000)
    assert processor_time(workshop[1]) - before < 1.0


def processor_time(process: int) -> float:
    """Give the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
