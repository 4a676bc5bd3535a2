"""The page: its parts, put together for one session."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any

import panel as pn

from trucesim.files.errors import InputError
from trucesim.locale.catalogue import spoken
from trucesim.locale.texts import Problem, say
from trucesim.scenario.file import shipped
from trucesim.studies.answer import where_it_lies
from trucesim.studies.questions import offered
from trucesim.version import __version__
from trucesim.workshop import charts, controls, told, why
from trucesim.workshop.background import beside
from trucesim.workshop.guess import Guess
from trucesim.workshop.kept import give_back, kept
from trucesim.workshop.map import Map, map_bar, map_head
from trucesim.workshop.markup import Markup, asset, render
from trucesim.workshop.pairs import live_pair
from trucesim.workshop.session import SIDES, Session
from trucesim.workshop.watch import Watch
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.folder import HOME, here

ROOMS = ("numbers", "ranking", "guess", "watch", "why")
"""What is shown below the figures, one at a time."""

FOR_THE_RECORD = ("ranking", "guess")
"""Rooms that need El Salvador's record: stored what-ifs, and months to be guessed."""


def rooms() -> tuple[str, ...]:
    """Give the rooms of the page, in the country that is spoken of."""
    return tuple(room for room in ROOMS if here() == HOME or room not in FOR_THE_RECORD)


_reporting = threading.Lock()
"""One report is made at a time: it takes all cores for some seconds."""


class Page:
    """One session's page.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.playing = False
        self.follows = True
        """Whether the map goes to where the cases differ, until somebody chooses a month."""
        self.stale = True
        """Whether what is shown answers an earlier question than the cases as they stand."""
        self.behind = True
        """Whether the tables below do."""
        self.room_shown = ROOMS[0]
        self.notice = ""
        act = session.speaks(self.act)
        self.masthead = Markup(act)
        self.questions = Markup(act)
        self.cards = Markup(act)
        self.desk = Markup(act)
        self.answer = Markup(act, live=True)
        self.because = Markup(act)
        self.map_head, self.map_bar = Markup(act), Markup(act)
        self.series_head, self.series_key = Markup(act), Markup(act)
        self.tabs, self.foot = Markup(act), Markup()
        self.map = Map(session.speaks(self._clicked))
        self.series, self.apart = charts.Series(), charts.Apart()
        self.apart_head = Markup(act)
        self.numbers, self.ranking = Markup(act), Markup(act)
        self.why = why.Why(session)
        self.kept = Markup(act)
        self.guess = Guess(session)
        self.guess.changed = self._draw_kept
        self.room = pn.Column(self.numbers, sizing_mode="stretch_width")
        session.watch(["a", "b"], self._cases_changed)
        session.watch(["placement"], self._compute)
        session.watch(["lang", "mode"], self.draw)
        session.watch(["editing", "zone_date"], self._draw_controls)
        session.watch(["own"], self._draw_own)
        session.watch(["view", "month", "span", "placement"], self._draw_map)
        session.watch(["message", "hidden"], self._draw_answer)
        session.watch(["shown", "hidden"], self._draw_results)
        session.watch(["hidden"], self._draw_room)
        session.watch(["a", "b", "mode", "own", "hidden"], self._draw_kept)

    @cached_property
    def watch(self) -> Watch:
        """The room in which one run is watched; most pages never enter it."""
        room = Watch(self.session)
        room.draw()
        return room

    def act(self, message: Mapping[str, Any]) -> None:
        """Do what somebody asked for in the browser."""
        do, key, value = (str(message.get(name, "")) for name in ("do", "key", "value"))
        session = self.session
        session.message = ""
        own: dict[str, Callable[[], None]] = {
            "lang": lambda: self._choose("lang", key),
            "mode": lambda: self._choose("mode", key),
            "view": lambda: self._choose("view", key),
            "span": lambda: self._choose("span", value),
            "placement": lambda: self._choose("placement", value),
            "month": lambda: self._show_month(value),
            "play": lambda: self._play(value == "on"),
            "room": lambda: self._enter(key),
            "assumption": self._open_assumptions,
            "copy": self._copied,
            "swap": self._swap,
            "ask": lambda: self._ask(key),
            "own": lambda: setattr(session, "own", not session.own),
            "toml": lambda: self._save_case(key),
            "figure": lambda: self._save_figure(key),
            "report": self._save_report,
            # It comes while the page still opens: its turn is next.
            "back": lambda: session.later(lambda: self._give_back(value)),
        }
        try:
            if do in own:
                own[do]()
            else:
                controls.act(session, message)
        except Exception as error:  # the page goes on, and says so
            logging.getLogger(__name__).exception("a control failed: %s", do)
            session.broke(error)

    # What people do

    def _choose(self, name: str, value: str) -> None:
        allowed = {str(each): each for each in self.session.param[name].objects}
        if value in allowed:
            setattr(self.session, name, allowed[value])

    def _show_month(self, value: str) -> None:
        if value.isdecimal():
            self.follows = False
            self.session.month = min(int(value), 96 - self.session.span)

    def _play(self, on: bool) -> None:
        self.playing = on
        self.follows &= not on
        self._draw_map()

    def _clicked(self, code: str) -> None:
        try:
            controls.toggle(self.session, code)
        except Problem as problem:
            self.session.refuse(problem)

    def _ask(self, key: str) -> None:
        questions = offered()
        case = questions[key].b if key in questions else key
        if case not in shipped():
            raise Problem("problem.control")
        self.follows = True
        self.session.ask(case)

    def _swap(self) -> None:
        self.session.param.update(a=self.session.b, b=self.session.a)

    def _copied(self) -> None:
        self._notify("page.copied" if self.session.link else "page.no_link")

    def _enter(self, room: str) -> None:
        if room in rooms():
            if self.room_shown == "watch" != room:
                self.watch.pause()
            if room == "guess":
                self.guess.enter()
            self.room_shown = room
            self._draw_room()
            self.behind = self.stale
            self.room.objects = [getattr(self, room)]
            self._draw_rooms()
            self._draw_masthead()

    def _open_assumptions(self) -> None:
        """Show the assumptions of B: it is what B changes that hangs on one of them."""
        self.session.editing = "b"
        self._enter("why")

    def _give_back(self, text: str) -> None:
        try:
            give_back(self.session, self.guess, text)
        except InputError as error:
            self.session.refuse(error)
        self.guess.draw()

    def _save_case(self, side: str) -> None:
        if side in SIDES:
            case = self.session.case(side)
            self.tabs.hand_over(f"{case.name}.toml", "application/toml", case.toml().encode())

    def _save_figure(self, kind: Any) -> None:
        results = self.session.results
        if results is None or results.b is None or (kind != "png" and kind != "svg"):
            return
        a, b = results.a, results.b

        def draw() -> None:
            from trucesim import figures
            from trucesim.figures.canvas import image_of

            image = bytes(image_of(figures.difference(a, b), a, b, kind=kind))
            types = {"png": "image/png", "svg": "image/svg+xml"}
            self.session.later(
                lambda: self.tabs.hand_over(f"trucesim-a-b.{kind}", types[kind], image)
            )

        # Beside the page, which does not wait for it.
        beside(self.session.speaks(draw))

    def _save_report(self) -> None:
        if not _reporting.acquire(blocking=False):
            self._notify("page.report_busy")
            return
        self._notify("page.report_coming")
        session = self.session
        a, b = session.a.scenario, session.b.scenario
        past = session.past_of([a, b])

        def make() -> None:
            from trucesim.reports import cases as report

            try:
                text = report.page(report.gather(a, b, past, live=live_pair)).encode()
            except Exception as error:
                session.later(partial(session.broke, error))
                return
            finally:
                _reporting.release()

            def hand_over() -> None:
                self._notify("page.report_made")
                self.tabs.hand_over(f"trucesim-{spoken()}.html", "text/html", text)

            session.later(hand_over)

        beside(session.speaks(make))

    def _notify(self, key: str) -> None:
        self.notice = say(key)
        self._draw_answer()

    def _cases_changed(self) -> None:
        self.notice = ""
        self._compute()
        self._draw_controls()
        self.series.draw(self.session)
        self.series_key.html = charts.events_key(self.session)
        self._draw_answer()

    def _compute(self) -> None:
        self.session.progress = 0
        self.stale = self.behind = True
        self._draw_masthead()
        self.session.compute()

    # What is drawn

    def draw(self) -> None:
        """Draw everything."""
        session = self.session
        self._draw_masthead()
        self.foot.html = render("foot", version=__version__)
        self.series_head.html = render("series_head", observed=self.series.observed)
        self.apart_head.html = render("series_apart")
        self.series_key.html = charts.events_key(session)
        self._draw_controls()
        self._draw_results()
        self._draw_answer()
        self._draw_room()
        self._draw_rooms()
        self.guess.draw()

    def _draw_kept(self) -> None:
        self.kept.html = render("kept", kept=kept(self.session, self.guess))

    def _draw_masthead(self) -> None:
        behind = self.behind and self.room_shown == "numbers"
        self.masthead.html = _masthead(self.session, self.stale, behind)

    def _draw_own(self) -> None:
        self._draw_masthead()
        self.questions.html = controls.questions(self.session)
        if self.session.own:
            self.cards.html = controls.cards(self.session)
            self.desk.html = controls.desk(self.session)

    def _draw_controls(self) -> None:
        self._draw_own()
        self._draw_room("why")

    def _draw_results(self) -> None:
        shown, month = self.session.shown, self.session.month
        if shown is not None and self.stale | shown.results.complete and not self.session.hidden:
            self._follow()
        self.stale &= shown is None
        self._draw_masthead()
        self._draw_answer()
        if self.session.month == month:  # another month has drawn it already
            self._draw_map()
        self.series.draw(self.session)
        self.apart.draw(self.session)
        self.because.html = told.because(self.session)
        # Below the answer, and after it; where many ask, after everybody's.
        if shown is not None and (shown.results.complete or not self.session.crowded):
            self.session.later(self._catch_up)

    def _catch_up(self) -> None:
        """Bring the tables below up to date with the answer."""
        if not self.stale:
            self._draw_room("numbers")
            self.behind = False
            self._draw_masthead()

    def _draw_room(self, *only: str) -> None:
        """Draw the room that is shown: they take their time, and most pages never show most.

        With names, only if it is one of them.
        """
        shown = self.room_shown
        if only and shown not in only:
            return
        if shown == "numbers":
            self.numbers.html = told.numbers(self.session)
        elif shown == "ranking":
            self.ranking.html = told.ranking(self.session)
        elif shown == "why":
            self.why.draw()

    def _follow(self) -> None:
        """Show the months in which the cases differ most."""
        session = self.session
        if self.follows and session.shown is not None:
            a, b = (session.shown.means[side] for side in SIDES)
            population = load_country().population
            session.month = where_it_lies(a, b, population, session.span)[0]

    def _draw_map(self) -> None:
        self.map.draw(self.session)
        self.map_head.html = map_head(self.session)
        self.map_bar.html = map_bar(self.session, self.playing)
        for each in (self.series, self.apart):
            each.mark(self.session.month)

    def _draw_answer(self) -> None:
        self.answer.html = told.answer(self.session, self.notice)

    def _draw_rooms(self) -> None:
        self.tabs.html = render("rooms", rooms=rooms(), shown=self.room_shown)

    def template(self) -> pn.Template:
        """Give the page's parts in their places."""
        template = _Template(asset("page.html"))
        template.add_variable("page_css", asset("page.css"))
        template.add_variable("page_js", asset("page.js"))
        parts = (
            "masthead", "questions", "cards", "desk", "answer", "because", "map_head", "map_bar",
            "apart_head",
            "series_head", "series_key", "tabs", "foot", "room", "kept",
        )  # fmt: skip
        for part in parts:
            template.add_panel(part, getattr(self, part))
        template.add_panel("map", pn.pane.Bokeh(self.map.figure, sizing_mode="stretch_width"))
        self.series.figure.update(height=None, sizing_mode="stretch_both")
        template.add_panel("series", pn.pane.Bokeh(self.series.figure, sizing_mode="stretch_both"))
        template.add_panel("apart", pn.pane.Bokeh(self.apart.figure, sizing_mode="stretch_width"))
        return template


class _Template(pn.Template):  # type: ignore[misc]
    """Panel's own, without what it does anew for each of its parts: half the time of opening."""

    def __repr__(self) -> str:
        return type(self).__name__

    def server_doc(self, doc: Any = None, *given: Any, **more: Any) -> Any:
        """Put the page into a session's document, and look through its models once."""
        if doc is None:
            return super().server_doc(doc, *given, **more)
        with doc.models.freeze():
            return super().server_doc(doc, *given, **more)


def _masthead(session: Session, stale: bool, behind: bool) -> str:
    states = {"own": session.own, "stale": stale, "behind": behind}
    state = [name for name, holds in states.items() if holds]
    return render(
        "masthead", state=" ".join(state), workshop=session.mode == "workshop",
        country=load_country().titled(), first=calendar.START.year, last=calendar.END.year,
        uploaded=any(session.case(side).uploaded for side in SIDES),
        link=session.link,
    )  # fmt: skip
