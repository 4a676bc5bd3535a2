"""Every part of the page is whole HTML, and what people write in a file stands in it as text."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from trucesim.locale.catalogue import LANGUAGES
from trucesim.studies.cases import Assumption, Case, shipped_case, uploaded_case
from trucesim.workshop import markup
from trucesim.workshop.controls import act
from trucesim.workshop.page import ROOMS, Page
from trucesim.workshop.pairs import Pair, PairResults, compute
from trucesim.workshop.session import Session, show
from trucesim.workshop.watched import Watched
from trucesim.world.country import load_country

HOSTILE = """</p><script>x</script><b onload='x'>"'&amp; &"""

TEXT = HOSTILE.replace('"', '\\"')

FILE = f"""extends = "truce-2012"
title = {{ en = "{TEXT} title", es = "{TEXT} título" }}
story = {{ en = "{TEXT} story", es = "{TEXT} historia" }}
[[event]]
id = "hostile"
date = 2012-05-05
en = "{TEXT} event"
es = "{TEXT} hecho"
set = {{ order = "own" }}
gangs = ["ms13"]
source = "{TEXT}, source"
[[zone]]
municipality = "San Salvador, San Salvador"
date = 2013-01-02
source = "{TEXT}"
"""

SHOWN = {"questions": "title", "cards": "story", "desk": "event", "answer": "title",
         "series_key": "event", "guess": "story", "watch": "title"}  # fmt: skip
"""What of the file each part shows; the others have nothing of it."""

TEMPLATES = sorted(
    path.stem for path in (Path(markup.__file__).parent / "templates").glob("*.html")
)

TAGS = set(
    """
    a article b br button caption circle dd details div dl dt em fieldset h1 h2 h3 h4 header i input
    label legend li line nav ol option output p path rect section select small span summary svg
    table tbody td text th thead time tr ul
    """.split()
)

VOID = {"br", "input"}


class Reader(HTMLParser):
    """Reads a part: its words, and whether its tags are known ones that close each other."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), attrs
        assert not any(name.startswith("on") for name in names), attrs
        self.words += " ".join(value or "" for _, value in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def hostile() -> Case:
    return uploaded_case(FILE.encode(), f"{HOSTILE}.toml").changed(Assumption("turnover", 0.3))


@pytest.fixture(scope="module")
def results(hostile: Case) -> PairResults:
    return compute(Pair(shipped_case("no-truce").scenario, hostile.scenario, 2))


@pytest.fixture(scope="module")
def watched(hostile: Case) -> Watched:
    found = Watched(hostile.scenario, 0, dt.date(2012, 5, 3))
    found.step()
    return found


def html_of(page: Page) -> dict[str, str]:
    """Draw everything, and give it by part."""
    page.session.speaks(page.draw)()
    for room in ROOMS:
        page.session.speaks(page._enter)(room)
    guess, watch = page.guess, page.watch
    page.session.speaks(watch.draw)()
    names = ("masthead", "questions", "cards", "desk", "answer", "because", "map_head", "map_bar",
             "series_head", "series_key", "apart_head", "tabs", "foot", "numbers",
             "ranking", "kept")  # fmt: skip
    return {name: getattr(page, name).html for name in names} | {
        "why": page.why.view.html,
        "guess": guess.head.html + guess.body.html,
        "watch": watch.head.html + watch.bar.html + watch.detail.html,
        "hover": page.map.hover.tooltips + page.series.hover.tooltips,
    }


@pytest.fixture(params=LANGUAGES)
def make(
    request: pytest.FixtureRequest, hostile: Case, results: PairResults, watched: Watched
) -> Callable[..., Page]:
    """Give what makes a page with a hostile case, all of it shown."""

    def made(mode: str = "open") -> Page:
        page = Page(Session(b=hostile, runs=2, lang=request.param, mode=mode))
        page.session.param.update(results=results, shown=show(results), progress=2)
        page.watch.watched = watched
        page.watch.place = load_country().codes.index("0614")
        return page

    return made


def test_what_a_file_says_is_text_in_every_part(make: Callable[..., Page]) -> None:
    markup.environment.cache_clear()
    words = {"title": ("title", "título"), "story": ("story", "historia"),
             "event": ("event", "hecho")}  # fmt: skip
    for mode in ("open", "workshop"):
        page = make(mode)
        drawn = [html_of(page)]
        send, lang = page.session.speaks(page.guess.act), LANGUAGES.index(page.session.lang)
        for do, key in (("guess_year", "2013"), ("guess_add", ""), ("guess_show", "")):
            send({"do": do, "key": key, "value": "10"})
        drawn.append(html_of(page))
        for part, html in drawn[-1].items():
            told = Reader(html).words
            assert "logit" not in told, part
            assert (HOSTILE in told) == (part in SHOWN), part
            if part in SHOWN:
                assert f"{HOSTILE} {words[SHOWN[part]][lang]}" in told
        assert all(Reader(html) for html in drawn[0].values())
        own = "as they are written" if page.session.lang == "en" else "tal como están escritos"
        assert (own in drawn[-1]["masthead"]) == (mode == "workshop")
    assert Reader(markup.render("full", most=1)).words
    read = markup.environment().cache
    assert read is not None
    assert sorted(name.removesuffix(".html") for _, name in read) == TEMPLATES


def test_what_is_not_shown_is_not_drawn(make: Callable[..., Page]) -> None:
    page = make()
    speak = page.session.speaks
    speak(page.draw)()
    assert page.numbers.html
    assert page.desk.html  # a case of one's own
    for room in ("ranking", "why"):
        drawn = page.ranking if room == "ranking" else page.why.view
        assert not drawn.html
        speak(page._enter)(room)
        assert drawn.html
    before = page.numbers.html
    page.session.hidden = True  # the numbers would say that answers are hidden
    assert page.numbers.html == before
    speak(page._enter)("numbers")
    assert page.numbers.html != before


def test_what_is_wrong_with_a_file_is_told_as_text(make: Callable[..., Page]) -> None:
    page = make()
    content = base64.b64encode(f'"{TEXT}" = 3'.encode()).decode()
    message = {"do": "upload", "key": "a", "name": HOSTILE, "size": 9, "value": content}
    page.session.speaks(act)(page.session, message)
    page.notice = page.guess.problem = page.watch.problem = HOSTILE
    page.session.hidden = True
    drawn = html_of(page)
    for part in ("answer", "guess", "watch"):
        assert HOSTILE in Reader(drawn[part]).words, part
    assert Reader(drawn["answer"]).words.count("</p><script>x</script><b") == 2


def test_nothing_is_marked_as_safe_but_a_line_break() -> None:
    for path in Path(markup.__file__).parent.rglob("*"):
        if path.suffix == ".html" and path.parent.name == "templates":
            text = path.read_text(encoding="utf-8").replace('"<br>"|safe', "")
            assert "safe" not in text.replace("safety", ""), path.name
            assert "autoescape" not in text, path.name
        elif path.suffix == ".py":
            assert "markupsafe" not in path.read_text(encoding="utf-8"), path.name
