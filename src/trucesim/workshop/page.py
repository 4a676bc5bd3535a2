"""The page: its parts, put together for one session."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import pandas as pd
import panel as pn

from trucesim.files.errors import InputError
from trucesim.locale.catalogue import LANGUAGES, spoken
from trucesim.locale.language import number, percent
from trucesim.locale.texts import Problem, say
from trucesim.reports import summary
from trucesim.studies.history import Past
from trucesim.version import __version__
from trucesim.workshop import charts, controls, why
from trucesim.workshop.guess import Guess
from trucesim.workshop.map import Map, map_bar, map_head
from trucesim.workshop.markup import Markup, asset, attributes, button
from trucesim.workshop.session import SIDES, Session
from trucesim.workshop.watch import Watch
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
        self.room_shown = ROOMS[0]
        self.notice = ""
        act = session.speaks(self.act)
        self.masthead = Markup(act)
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
        session.watch(["placement"], session.compute)
        session.watch(["lang", "mode"], self.draw)
        session.watch(["editing", "zone_date"], self._draw_controls)
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
            self.session.month = min(int(value), 96 - self.session.span)

    def _play(self, on: bool) -> None:
        self.playing = on
        self._draw_map()

    def _clicked(self, code: str) -> None:
        try:
            controls.toggle(self.session, code)
        except Problem as problem:
            self.session.refuse(problem)

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
        threading.Thread(target=self.session.speaks(draw), daemon=True).start()

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

        threading.Thread(target=session.speaks(make), daemon=True).start()

    def _notify(self, key: str) -> None:
        self.notice = say(key)
        self._draw_answer()

    def _cases_changed(self) -> None:
        self.notice = ""
        self.session.progress = 0
        self.session.compute()
        self._draw_controls()
        self.series.draw(self.session)
        self.series_key.html = charts.events_key(self.session)
        self._draw_answer()
        self.masthead.html = _masthead(self.session)

    # What is drawn

    def draw(self) -> None:
        """Draw everything."""
        session = self.session
        self.masthead.html = _masthead(session)
        self.foot.html = f"<p>{say('page.foot', version=__version__)}</p>"
        self.series_head.html = charts.series_head(session)
        self.series_key.html = charts.events_key(session)
        self._draw_controls()
        self._draw_results()
        self._draw_answer()
        self._draw_rooms()
        self.guess.draw()
        self.watch.draw()

    def _draw_controls(self) -> None:
        self.why.draw()
        self.cards.html = controls.cards(self.session)
        self.desk.html = controls.desk(self.session)

    def _draw_results(self) -> None:
        self._draw_answer()
        self._draw_map()
        self.series.draw(self.session)
        self.numbers.html = numbers(self.session)

    def _draw_map(self) -> None:
        self.map.draw(self.session)
        self.map_head.html = map_head(self.session)
        self.map_bar.html = map_bar(self.session, self.playing)
        self.series.mark(self.session.month)

    def _draw_answer(self) -> None:
        self.answer.html = answer(self.session, self.notice)

    def _draw_rooms(self) -> None:
        tabs = "".join(
            button(
                say(f"tab.{room}"), "room", room, _class="tab",
                aria_pressed="true" if room == self.room_shown else "false",
            )
            for room in ROOMS
        )  # fmt: skip
        self.tabs.html = f'<div class="switch rooms" role="group">{tabs}</div>'
        self.numbers.html = numbers(self.session)

    def template(self) -> pn.Template:
        """Give the page's parts in their places."""
        template = pn.Template(asset("page.html"))
        template.add_variable("page_css", asset("page.css"))
        parts = (
            "masthead", "cards", "desk", "answer", "map_head", "map_bar", "series_head",
            "series_key", "tabs", "foot", "room",
        )  # fmt: skip
        for part in parts:
            template.add_panel(part, getattr(self, part))
        template.add_panel("map", pn.pane.Bokeh(self.map.figure, sizing_mode="stretch_width"))
        template.add_panel("series", pn.pane.Bokeh(self.series.figure, sizing_mode="stretch_width"))
        return template


def _masthead(session: Session) -> str:
    languages = "".join(
        button(
            {"en": "English", "es": "Español"}[each], "lang", each, _class="tab", lang=each,
            aria_pressed="true" if each == spoken() else "false",
        )
        for each in LANGUAGES
    )  # fmt: skip
    workshop = session.mode == "workshop"
    mode = button(
        say("page.mode_on" if workshop else "page.mode"), "mode",
        "open" if workshop else "workshop", _class="quiet", title=say("page.mode_help"),
    )  # fmt: skip
    safety = (
        f'<details class="safety" data-key="safety" open><summary>{say("page.safety")}'
        f"</summary><p>{say('page.safety_text')}</p></details>"
        if workshop
        else ""
    )
    # What the page as a whole takes over: its language, its title, its address.
    page = attributes(
        lang=spoken(), title=f"{say('page.title')} · trucesim",
        data_page=session.link or f"?lang={spoken()}", hidden=True,
    )  # fmt: skip
    return f"""<i{page}></i><a class="skip" href="#answer">{say("page.skip")}</a>
<header class="masthead"><div><p class="kicker">{say("page.kicker")}</p>
<h1>{say("page.title")}</h1><p class="lead">{say("page.lead")}</p></div>
<nav aria-label="{say("page.language")}">
<div class="switch">{languages}</div>
<div class="tools">{mode}{button(say("card.swap"), "swap", _class="quiet")}
{button(say("page.copy"), "copy", _class="quiet", data_copy=True)}
{button(say("page.png"), "figure", "png", _class="quiet")}
{button(say("page.svg"), "figure", "svg", _class="quiet")}
{button(say("page.report"), "report", _class="quiet")}</div></nav></header>{safety}"""


def answer(session: Session, notice: str = "") -> str:
    """Write the answer: in how many of a hundred runs, how many, how sure, and how far it is."""
    shown, past = session.shown, session.past
    parts = []
    if session.message:
        parts.append(f'<p class="problem" role="alert">{escape(session.message)}</p>')
    if notice:
        parts.append(f'<p class="notice">{escape(notice)}</p>')
    if session.hidden:
        parts.append(f'<p class="sentence">{say("answer.hidden")}</p>')
    elif shown is None:
        parts.append(f'<p class="sentence">{say("answer.waiting")}</p>')
    else:
        compared = shown.compared
        sentence = f'<p class="sentence">{summary.sentence(compared)}</p>'
        legend = "".join(
            f'<span class="key {kind}"><i></i>{say(f"answer.legend.{kind}")}</span>'
            for kind in ("fewer", "equal", "more")
        )
        told = "" if compared.same else (
            f'<p class="amount"><b>{summary.likelihood(compared)}.</b> '
            f"{summary.amount(compared)}</p>"
        )  # fmt: skip
        parts.append(
            f'<div class="sure"><div>{sentence}{told}{_status(session, past)}</div>'
            f'<div>{charts.dots(shown)}<p class="keys">{legend}</p></div></div>'
        )
    done, of = session.progress, past.runs
    width = round(100 * done / of)
    told = say("answer.done" if done == of else "answer.progress",
               done=number(done), of=number(of))  # fmt: skip
    parts.append(
        f'<div class="progress"><div class="bar" aria-hidden="true">'
        f'<i style="width:{width}%"></i></div><span>{told}</span></div>'
    )
    return "".join(parts)


def _status(session: Session, past: Past) -> str:
    sides = [
        say("answer.counterfactual", side=side.upper())
        for side in SIDES
        if session.case(side).counterfactual
    ]
    placement = (
        f" {say('map.placement')}: {say('map.placement.departments')}."
        if session.placement == "departments"
        else ""
    )
    return (
        f'<p class="caveat">{escape(past.told())} <span>{" ".join(sides)}</span> '
        f"{say('answer.caveat')}"
        f"{placement}</p>"
    )


def numbers(session: Session) -> str:
    """Write the tables: homicides by year, and the reductions by baseline."""
    shown = session.shown
    if shown is None or session.hidden:
        key = "answer.hidden" if session.hidden else "answer.waiting"
        return f'<p class="rest">{say(key)}</p>'
    record = observed()
    rows = []
    for row in shown.yearly.to_dict("records"):
        period = row["period"]
        year = say("numbers.all") if period.days > 400 else str(period.start.year)
        share = number(round(100 * row["share_b_fewer"]))
        apart = row["difference_p05"] or row["difference_p95"]
        rows.append(
            f'<tr><th scope="row">{year}</th>'
            f"<td>{number(float(total(record, period)[0]))}</td>"
            f'<td class="a">{_cell(row, "a")}</td><td class="b">{_cell(row, "b")}</td>'
            f"<td>{_cell(row, 'difference', signed=True) if apart else '–'}</td>"
            f"<td>{say('numbers.of_100', share=share) if apart else '–'}</td></tr>"
        )
    heads = [
        ("", say("numbers.year")),
        ("", say("numbers.observed")),
        ("a", say("card.case", side="A")),
        ("b", say("card.case", side="B")),
        ("", say("numbers.averted")),
        ("", say("numbers.sure")),
    ]
    head = "".join(f'<th scope="col" class="{kind}">{text}</th>' for kind, text in heads)
    return (
        f'<div class="tables"><div class="scroll" tabindex="0"><table class="numbers"><caption>'
        f"{say('numbers.yearly')}"
        f"<small>{say('numbers.interval')}</small></caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>{_reductions(session)}</div>"
    )


def _cell(row: Mapping[Any, Any], name: str, *, signed: bool = False) -> str:
    median, low, high = (
        number(float(row[f"{name}_{each}"]), signed=signed) for each in ("median", "p05", "p95")
    )
    return f"<b>{median}</b> <small>{say('numbers.range', low=low, high=high)}</small>"


def _reductions(session: Session) -> str:
    shown = session.shown
    assert shown is not None
    if not shown.reductions:
        return f'<p class="rest">{say("numbers.coming")}</p>'
    from trucesim.outcomes.reductions import WINDOW

    of = {
        side: frame.set_index(["measure", "baseline"]) for side, frame in shown.reductions.items()
    }
    rows = []
    baselines = pd.concat(shown.reductions.values())["baseline"]
    for baseline in dict.fromkeys(baselines):
        cells = []
        for side in SIDES:
            if ("averted", baseline) not in of[side].index:
                cells.append(f'<td class="{side}">–</td>')
                continue
            averted = of[side].loc[("averted", baseline)]
            reduced = of[side].loc[("reduction_percent", baseline)]
            low, high = (number(float(averted[name])) for name in ("p05", "p95"))
            span = say("numbers.range", low=low, high=high)
            ends = say(
                "numbers.range", low=number(float(reduced["p05"])),
                high=percent(float(reduced["p95"])),
            )  # fmt: skip
            cells.append(
                f'<td class="{side}"><b>{number(float(averted["median"]))}</b> '
                f"<small>{span}</small><br>{percent(float(reduced['median']))} "
                f"<small>{ends}</small></td>"
            )
        frame = of["a"] if ("averted", baseline) in of["a"].index else of["b"]
        known = frame.loc[("averted", baseline), "observed"]
        share = frame.loc[("reduction_percent", baseline), "observed"]
        seen = (
            "–" if known != known
            else f"<b>{number(float(known))}</b><br>{percent(float(share))}"
        )  # fmt: skip
        rows.append(
            f'<tr><th scope="row">{say(f"baseline.{baseline}")}</th><td>{seen}</td>'
            f"{''.join(cells)}</tr>"
        )
    heads = [
        ("", say("numbers.baseline")),
        ("", say("numbers.observed")),
        ("a", say("card.case", side="A")),
        ("b", say("card.case", side="B")),
    ]
    head = "".join(f'<th scope="col" class="{kind}">{text}</th>' for kind, text in heads)
    window = say("numbers.window", span=summary.span(WINDOW))
    return (
        f'<div class="scroll" tabindex="0"><table class="numbers"><caption>'
        f"{say('numbers.reductions')}"
        f"<small>{window}</small></caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
