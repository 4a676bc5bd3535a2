"""The page: its parts, put together for one session."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import panel as pn

from trucesim.files.errors import InputError
from trucesim.locale.catalogue import spoken
from trucesim.locale.language import number, percent
from trucesim.locale.texts import Problem, say
from trucesim.outcomes.paired import Comparison
from trucesim.outcomes.reductions import WINDOW
from trucesim.reports import summary
from trucesim.scenario.file import shipped
from trucesim.studies.answer import where_it_lies
from trucesim.studies.questions import QUESTIONS
from trucesim.version import __version__
from trucesim.workshop import charts, controls, why
from trucesim.workshop.background import beside
from trucesim.workshop.guess import Guess
from trucesim.workshop.map import Map, map_bar, map_head
from trucesim.workshop.markup import Markup, asset, render
from trucesim.workshop.session import SIDES, Session
from trucesim.workshop.watch import Watch
from trucesim.world.country import load_country
from trucesim.world.observed import observed
from trucesim.world.periods import total

ROOMS = ("numbers", "guess", "watch", "why")
"""What is shown below the figures, one at a time."""


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
        self.room_shown = ROOMS[0]
        self.notice = ""
        act = session.speaks(self.act)
        self.masthead = Markup(act)
        self.questions = Markup(act)
        self.cards = Markup(act)
        self.desk = Markup(act)
        self.answer = Markup(act, live=True)
        self.map_head, self.map_bar = Markup(act), Markup(act)
        self.series_head, self.series_key = Markup(act), Markup(act)
        self.tabs, self.foot = Markup(act), Markup()
        self.map = Map(session.speaks(self._clicked))
        self.series = charts.Series()
        self.numbers = Markup(act)
        self.why = why.Why(session)
        self.guess = Guess(session)
        self.watch = Watch(session)
        self.room = pn.Column(self.numbers, sizing_mode="stretch_width")
        session.watch(["a", "b"], self._cases_changed)
        session.watch(["placement"], self._compute)
        session.watch(["lang", "mode"], self.draw)
        session.watch(["editing", "zone_date"], self._draw_controls)
        session.watch(["own"], self._draw_own)
        session.watch(["view", "month", "span", "placement"], self._draw_map)
        session.watch(["message", "hidden"], self._draw_answer)
        session.watch(["shown", "hidden"], self._draw_results)

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
            "copy": self._copied,
            "swap": self._swap,
            "ask": lambda: self._ask(key),
            "own": lambda: setattr(session, "own", not session.own),
            "toml": lambda: self._save_case(key),
            "figure": lambda: self._save_figure(key),
            "report": self._save_report,
        }
        try:
            if do in own:
                own[do]()
            else:
                controls.act(session, message)
        except Exception as error:  # the page goes on, and says so
            logging.getLogger(__name__).exception("a control failed: %s", do)
            session.refuse(InputError(f"{type(error).__name__}: {error}"), "problem.run")

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
        case = QUESTIONS[key].b if key in QUESTIONS else key
        if case not in shipped():
            raise Problem("problem.control")
        self.follows = True
        self.session.ask(case)

    def _swap(self) -> None:
        self.session.param.update(a=self.session.b, b=self.session.a)

    def _copied(self) -> None:
        self._notify("page.copied" if self.session.link else "page.no_link")

    def _enter(self, room: str) -> None:
        if room in ROOMS:
            if room != "watch":
                self.watch.pause()
            self.room_shown = room
            self.room.objects = [getattr(self, room)]
            self._draw_rooms()

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
                text = report.page(report.gather(a, b, past)).encode()
            except Exception as error:
                wrong = InputError(f"{type(error).__name__}: {error}")
                session.later(lambda: session.refuse(wrong, "problem.run"))
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
        self.stale = True
        self._draw_masthead()
        self.session.compute()

    # What is drawn

    def draw(self) -> None:
        """Draw everything."""
        session = self.session
        self._draw_masthead()
        self.foot.html = render("foot", version=__version__)
        self.series_head.html = render("series_head")
        self.series_key.html = charts.events_key(session)
        self._draw_controls()
        self._draw_results()
        self._draw_answer()
        self._draw_rooms()
        self.guess.draw()
        self.watch.draw()

    def _draw_masthead(self) -> None:
        self.masthead.html = _masthead(self.session, self.stale)

    def _draw_own(self) -> None:
        self._draw_masthead()
        self.questions.html = controls.questions(self.session)

    def _draw_controls(self) -> None:
        self.why.draw()
        self.questions.html = controls.questions(self.session)
        self.cards.html = controls.cards(self.session)
        self.desk.html = controls.desk(self.session)

    def _draw_results(self) -> None:
        shown = self.session.shown
        if shown is not None and self.stale | shown.results.complete and not self.session.hidden:
            self._follow()
        self.stale &= shown is None
        self._draw_masthead()
        self._draw_answer()
        self._draw_map()
        self.series.draw(self.session)
        self.numbers.html = numbers(self.session)

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
        self.series.mark(self.session.month)

    def _draw_answer(self) -> None:
        self.answer.html = answer(self.session, self.notice)

    def _draw_rooms(self) -> None:
        self.tabs.html = render("rooms", rooms=ROOMS, shown=self.room_shown)
        self.numbers.html = numbers(self.session)

    def template(self) -> pn.Template:
        """Give the page's parts in their places."""
        template = pn.Template(asset("page.html"))
        template.add_variable("page_css", asset("page.css"))
        template.add_variable("page_js", asset("page.js"))
        parts = (
            "masthead", "questions", "cards", "desk", "answer", "map_head", "map_bar",
            "series_head", "series_key", "tabs", "foot", "room",
        )  # fmt: skip
        for part in parts:
            template.add_panel(part, getattr(self, part))
        template.add_panel("map", pn.pane.Bokeh(self.map.figure, sizing_mode="stretch_width"))
        self.series.figure.update(height=None, sizing_mode="stretch_both")
        template.add_panel("series", pn.pane.Bokeh(self.series.figure, sizing_mode="stretch_both"))
        return template


def _masthead(session: Session, stale: bool) -> str:
    state = [name for name, holds in (("own", session.own), ("stale", stale)) if holds]
    return render(
        "masthead", state=" ".join(state), workshop=session.mode == "workshop",
        uploaded=any(session.case(side).uploaded for side in SIDES),
        link=session.link,
    )  # fmt: skip


def answer(session: Session, notice: str = "") -> str:
    """Write the answer: in how many of a hundred runs, how many, how sure, and how far it is."""
    shown, past = session.shown, session.past
    found = None if shown is None or session.hidden else _found(shown.compared)
    return render(
        "answer", problem=session.message, notice=notice, hidden=session.hidden, found=found,
        made_of=past.told(),
        counterfactual=[side for side in SIDES if session.case(side).counterfactual],
        by_departments=session.placement == "departments",
        done=session.progress, of=past.runs,
    )  # fmt: skip


def _found(compared: Comparison) -> dict[str, Any]:
    counts = dict(zip(("fewer", "equal", "more"), summary.of_hundred(compared), strict=True))
    return {
        "sentence": summary.sentence(compared),
        "likelihood": summary.likelihood(compared),
        "amount": "" if compared.same else summary.amount(compared),
        "counts": counts,
        "dots": [kind for kind, count in counts.items() for _ in range(count)],
    }


def numbers(session: Session) -> str:
    """Write the tables: homicides by year, and the reductions by baseline."""
    shown = None if session.hidden else session.shown
    return render(
        "numbers", hidden=session.hidden, window=summary.span(WINDOW),
        years=[_year(row) for row in shown.yearly.to_dict("records")] if shown else [],
        baselines=_baselines(shown.reductions) if shown else [],
    )  # fmt: skip


def _year(row: Mapping[Any, Any]) -> dict[str, Any]:
    period = row["period"]
    apart = row["difference_p05"] or row["difference_p95"]
    return {
        "year": "" if period.days > 400 else period.start.year,
        "observed": float(total(observed(), period)[0]),
        "a": _cell(row, "a"),
        "b": _cell(row, "b"),
        "apart": _cell(row, "difference", signed=True) if apart else None,
        "share": number(round(100 * row["share_b_fewer"])),
    }


def _cell(row: Mapping[Any, Any], name: str, *, signed: bool = False) -> list[str]:
    values = (float(row[f"{name}_{each}"]) for each in ("median", "p05", "p95"))
    return [number(value, signed=signed) for value in values]


def _baselines(reductions: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Set the sides' reductions side by side, a baseline a row."""
    of = {side: frame.set_index(["measure", "baseline"]) for side, frame in reductions.items()}
    rows = []
    for baseline in dict.fromkeys(key[1] for frame in of.values() for key in frame.index):
        averted, reduced = ("averted", baseline), ("reduction_percent", baseline)
        own = {side: frame for side, frame in of.items() if averted in frame.index}
        frame = next(iter(own.values()))
        seen = [float(frame.loc[each, "observed"]) for each in (averted, reduced)]
        rows.append(
            {
                "baseline": baseline,
                "observed": None if seen[0] != seen[0] else (number(seen[0]), percent(seen[1])),
                "sides": {
                    side: _reduction(own[side].loc[averted], own[side].loc[reduced])
                    if side in own
                    else None
                    for side in SIDES
                },
            }
        )
    return rows


def _reduction(averted: pd.Series, reduced: pd.Series) -> dict[str, list[str]]:
    median, low, high = (float(reduced[each]) for each in ("median", "p05", "p95"))
    return {
        "averted": [number(float(averted[each])) for each in ("median", "p05", "p95")],
        "reduced": [percent(median), number(low), percent(high)],
    }
