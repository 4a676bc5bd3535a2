"""Watch one run: the Mesa model week by week on the map, and why cliques decide as they do.

Where a clique stands on the map is invented: within its municipality it is placed at random. In
workshop mode no single clique is shown, and the gangs are called A, B and C.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, NumeralTickFormatter, Range1d
from bokeh.plotting import figure

from trucesim.figures.canvas import BLUE, GREEN, GREY, INK, RULE, VERMILION
from trucesim.locale.catalogue import spoken
from trucesim.locale.gangs import naming, own_names
from trucesim.locale.language import date, number, percent
from trucesim.locale.texts import TEXT, say
from trucesim.parameters import GANGS, PARAMETERS
from trucesim.workshop.charts import FONT, milliseconds
from trucesim.workshop.controls import places_offered
from trucesim.workshop.map import base_map, polygons
from trucesim.workshop.markup import Markup, asset, render
from trucesim.workshop.pairs import RUNS
from trucesim.workshop.reasons import Decision
from trucesim.workshop.session import SIDES, Session, placed
from trucesim.workshop.watched import Watched, first_day, watched_from
from trucesim.world import calendar
from trucesim.world.country import load_country

SPEEDS = (1, 2, 4, 8)
"""Weeks a second."""

MOST_PLAYING = 4
"""Runs that may play at once on one server: each takes most of a core."""

MOST_LISTED = 10
"""Cliques of a municipality that are shown with their reasons until more are asked for."""

COLOURS = (BLUE, VERMILION, GREEN, GREY)
MARKERS = ("circle", "triangle", "square", "diamond")
"""By gang."""

SHARES = (0.0, 0.2, 0.4, 0.6, 0.8)
SHADES = ("#f1efea", "#e0eae4", "#b9d6ca", "#84bba6", "#44957c", "#00664b")
"""Of municipalities by the share of members whose clique holds; the first: none."""

EMPTY = "#ece9e2"
"""Of municipalities without a gang."""


_playing: set[int] = set()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_PLAYING, thread_name_prefix="watch")


class Watch(pn.viewable.Viewer):  # type: ignore[misc]
    """The pane.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.watched: Watched | None = None
        self.side, self.run = session.editing, 0
        self.start = first_day(session.case(self.side).scenario)
        self.speed = 4
        self.place: int | None = None
        self.listed = MOST_LISTED
        self.busy = False
        self.problem = ""
        self._clock: Any = None
        style = {"stylesheets": [asset("page.css"), asset("watch.css")]}
        act = session.speaks(self.act)
        self.head = Markup(act, **style)
        self.bar = Markup(act, **style)
        self.detail = Markup(act, **style)
        self.map = _Map(session.speaks(self._clicked))
        self.series = _Weeks()
        left = pn.Column(
            pn.pane.Bokeh(self.map.figure, sizing_mode="scale_width"),
            self.bar,
            pn.pane.Bokeh(self.series.figure, sizing_mode="stretch_width"),
            sizing_mode="stretch_width",
            styles={"flex": "1.6 1 min(340px, 100%)", "min-width": "0"},
        )  # fmt: skip
        right = pn.Column(
            self.detail,
            sizing_mode="stretch_width",
            styles={"flex": "1 1 min(300px, 100%)", "min-width": "0"},
        )
        self._pane = pn.Column(
            self.head,
            pn.FlexBox(left, right, gap="24px", sizing_mode="stretch_width"),
            sizing_mode="stretch_width",
        )
        session.watch(["lang", "mode"], self.draw)
        session.watch(["a", "b", "placement"], self._case_changed)

    def __panel__(self) -> Any:
        return self._pane

    # What people do

    def act(self, message: Mapping[str, Any]) -> None:
        """Do what somebody asked for in the browser."""
        do, key, value = (str(message.get(name, "")) for name in ("do", "key", "value"))
        self.problem = ""
        if do == "watch_play":
            self.pause() if self.playing else self.play()
        elif do == "watch_step":
            self.pause()
            self.advance()
        elif do == "watch_speed" and value in {str(each) for each in SPEEDS}:
            self.speed = int(value)
            if self._clock is not None:
                self._clock.period = 1000 // self.speed
        elif do == "watch_side" and value in SIDES:
            self.side = value
            self.restart()
        elif do == "watch_start":
            self._choose_start(value)
        elif do == "watch_again":
            self.restart()
        elif do == "watch_other":
            self.run = (self.run + 1) % RUNS
            self.restart()
        elif do == "watch_more":
            self.listed += MOST_LISTED
        elif do == "watch_place":
            codes = load_country().codes
            self.place = codes.index(value) if value in codes else None
            self.listed = MOST_LISTED
        del key
        self.draw()

    def _choose_start(self, value: str) -> None:
        try:
            day = dt.date.fromisoformat(value[:10])
        except ValueError:
            return
        self.start = min(max(day, calendar.START), calendar.END)
        self.restart()

    def _clicked(self, code: str) -> None:
        self.place = load_country().codes.index(code)
        self.listed = MOST_LISTED
        self.draw()

    def _case_changed(self) -> None:
        if self.watched is not None:
            self.pause()
            self.watched = None
            self.draw()

    @property
    def playing(self) -> bool:
        """Whether weeks follow each other."""
        return self._clock is not None

    def play(self) -> None:
        """Let week follow week, unless too many runs play already."""
        if len(_playing) >= MOST_PLAYING:
            self.problem = say("watch.full", most=MOST_PLAYING)
            return
        _playing.add(id(self))
        week = self.session.speaks(self.advance)
        self._clock = pn.state.add_periodic_callback(week, period=1000 // self.speed)

    def pause(self) -> None:
        """Stop at this week."""
        _playing.discard(id(self))
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    def restart(self) -> None:
        """Begin again, with what has been chosen."""
        self.pause()
        self._begin()

    def close(self) -> None:
        """Let go of the run."""
        self.pause()
        self.watched = None

    # What is lived, away from the thread that serves pages

    def advance(self) -> None:
        """Live a week; the first time, begin."""
        watched = self.watched
        if watched is None:
            self._begin()
        elif watched.over:
            self.pause()
            self.draw()
        else:
            self._away(watched.step)

    def _begin(self) -> None:
        scenario = placed(self.session.case(self.side).scenario, self.session.placement)
        run, start = self.run, self.start

        def become() -> None:
            self.watched = Watched(scenario, run, start)

        self.watched = None
        self._away(become)
        self.draw()

    def _away(self, act: Callable[[], None]) -> None:
        """Do something in a thread of its own, and draw when it is done; one thing at a time."""
        if self.busy:
            return
        self.busy = True
        done = _threads().submit(act)
        done.add_done_callback(lambda _: self.session.later(lambda: self._back(done)))

    def _back(self, done: Future[None]) -> None:
        self.busy = False
        if (error := done.exception()) is not None:  # the page stays, with a message
            self.pause()
            self.watched = None
            self.problem = say("watch.failed", detail=type(error).__name__)
        self.draw()

    # What is drawn

    def draw(self) -> None:
        """Bring the pane up to date."""
        self.head.html = _head(self)
        self.bar.html = _bar(self)
        hide = self.session.mode == "workshop"
        self.map.draw(self.watched, self.place, self.session, single=not hide)
        self.series.draw(self.watched)
        self.detail.html = _detail(self)


class _Map:
    """The map: municipalities, and a mark for each clique unless these are hidden."""

    def __init__(self, clicked: Any) -> None:
        country = load_country()
        xs, ys = polygons()
        self.places = ColumnDataSource(
            {"xs": xs, "ys": ys, "colour": [EMPTY] * len(country), "name": list(country.names)}
        )
        self.cliques = ColumnDataSource(
            {"x": [], "y": [], "colour": [], "fill": [], "marker": [], "size": []}
        )
        self.chosen = ColumnDataSource({"xs": [], "ys": []})
        # Lighter borders than where nothing is drawn upon them.
        self.figure, hover = base_map(
            self.places, clicked, "#a7a294", sizing_mode="scale_width", width=760, height=400
        )
        hover.tooltips = render("map_tooltip", font=FONT, told=False)
        self.figure.scatter(
            "x", "y", source=self.cliques, marker="marker", size="size", line_color="colour",
            fill_color="fill", line_width=1.1,
        )  # fmt: skip
        self.figure.multi_line("xs", "ys", source=self.chosen, line_color=INK, line_width=2.5)
        self._none: dict[str, Any] = {name: [] for name in self.cliques.data}

    def draw(
        self, watched: Watched | None, place: int | None, session: Session, *, single: bool
    ) -> None:
        """Show where the run stands."""
        shades = [EMPTY] * len(load_country())
        if watched is not None:
            shades = [
                EMPTY if share != share
                else SHADES[1] if single
                else SHADES[int(np.digitize(share, SHARES, right=True))]
                for share in watched.shares()
            ]  # fmt: skip
        # What has not changed is not sent: a browser takes long to draw 262 shapes.
        if list(self.places.data["colour"]) != shades:
            self.places.data.update({"colour": shades})
        if watched is None or not single:
            self.cliques.data = dict(self._none)
        else:
            rows = watched.rows()
            cliques = watched.model.state.cliques[rows]
            spots = watched.spots(rows)
            colours = [COLOURS[gang] for gang in cliques["gang"]]
            self.cliques.data = {
                "x": spots[:, 0],
                "y": spots[:, 1],
                "colour": colours,
                "fill": [
                    colour if holds else "white"
                    for colour, holds in zip(colours, cliques["complies"], strict=True)
                ],
                "marker": [MARKERS[gang] for gang in cliques["gang"]],
                "size": np.clip(1.8 + np.sqrt(cliques["members"]) * 0.45, 2.5, 8),
            }
        xs, ys = polygons()
        outlines = {
            "xs": [] if place is None else [ring for part in xs[place] for ring in part],
            "ys": [] if place is None else [ring for part in ys[place] for ring in part],
        }
        if self.chosen.data != outlines:
            self.chosen.data = outlines


class _Weeks:
    """Recorded homicides week by week."""

    def __init__(self) -> None:
        self.source = ColumnDataSource({"x": [], "y": []})
        self.figure = plot = figure(
            height=150, sizing_mode="stretch_width", x_axis_type="datetime", tools="",
            toolbar_location=None, outline_line_color=None, background_fill_color="white",
            border_fill_color="white", min_border_left=44, y_range=Range1d(0, 200),
            x_range=Range1d(milliseconds(watched_from()), milliseconds(calendar.END)),
        )  # fmt: skip
        plot.line("x", "y", source=self.source, line_color=INK, line_width=1.4)
        plot.yaxis.formatter = NumeralTickFormatter(format="0")
        plot.xgrid.grid_line_color = None
        plot.ygrid.grid_line_color = RULE
        for axis in (plot.xaxis, plot.yaxis):
            axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = None
            axis.major_label_text_font_size = "13px"
            axis.major_label_text_color = "#3c4147"
            axis.major_label_text_font = FONT
        plot.title.text_font = FONT
        plot.title.text_font_size = "14px"
        plot.title.text_font_style = "normal"
        plot.title.text_color = "#3c4147"

    def draw(self, watched: Watched | None) -> None:
        """Show the weeks lived."""
        x, y = watched.weekly() if watched is not None else ([], [])
        self.source.data = {"x": x, "y": y}
        self.figure.y_range.end = max([200, *(1.1 * count for count in y)])
        self.figure.title.text = say("watch.weeks")


def gang_name(gang: int) -> str:
    """Give what a gang is called here, as the head of a row."""
    own = own_names() if naming() == "name" else {}
    return own.get(GANGS[gang]) or say(f"watch.{naming()}.{GANGS[gang]}")


def _head(pane: Watch) -> str:
    return render("watch_head", workshop=pane.session.mode == "workshop")


def _bar(pane: Watch) -> str:
    """Write the date, what can be done, what the marks mean, and how much of each gang holds."""
    session, watched = pane.session, pane.watched
    if watched is not None:
        when = date(watched.last_day)
    else:
        when = say("watch.starting" if pane.busy else "watch.ready")
    return render(
        "watch_bar", problem=pane.problem, playing=pane.playing, when=when,
        over=watched is not None and watched.over, run=pane.run + 1, runs=RUNS,
        sides={
            side: f"{side.upper()}: {session.case(side).scenario.title[spoken()]}"
            for side in SIDES
        },
        side=pane.side, start=pane.start, speed=str(pane.speed),
        speeds={str(each): say("watch.per_second", n=each) for each in SPEEDS},
        workshop=session.mode == "workshop", shades=SHADES, gangs=_gangs(watched),
    )  # fmt: skip


def _gangs(watched: Watched | None) -> list[dict[str, Any]]:
    found = watched.gangs() if watched is not None else [None] * len(GANGS)
    ordered = watched is not None and watched.ordered
    return [
        _gang(gang)
        | {
            "cliques": number(own.cliques) if own else "–",
            "holding": percent(100 * own.holding / own.members)
            if own and ordered and own.members
            else "–",
        }
        for gang, own in enumerate(found)
        if GANGS[gang] in (own_names() or GANGS)
    ]


def _gang(gang: int) -> dict[str, Any]:
    return {
        "name": gang_name(gang),
        "colour": COLOURS[gang],
        "marker": MARKERS[gang],
    }


def _detail(pane: Watch) -> str:
    """Write what is known of the municipality that was clicked."""
    return render(
        "watch_detail", chosen="" if pane.place is None else load_country().codes[pane.place],
        places={"": say("watch.choose")} | places_offered(),
        town=None if pane.place is None or pane.watched is None
        else _town(pane.session, pane.watched, pane.place, pane.listed),
    )  # fmt: skip


def _town(session: Session, watched: Watched, place: int, listed: int) -> dict[str, Any]:
    """Tell a municipality's force, gangs and cliques."""
    town = watched.model.municipality_list[place]
    dated = town.zone and town.zone_day >= 0
    rows = watched.rows(place)
    untold = ""
    if session.mode == "workshop":
        untold = "watch.single_hidden"
    elif not any(map(watched.decision, rows)):
        waits = watched.ordered and not watched.model.decisions
        untold = "watch.first_week" if waits else "watch.no_order"
    return {
        "name": load_country().names[place],
        "force": town.force,
        "zone": town.zone,
        "zone_day": calendar.date_of(int(town.zone_day)) if dated else None,
        "gangs": [
            (gang_name(gang), own) for gang, own in enumerate(watched.gangs(place)) if own.cliques
        ],
        "untold": untold,
        "cliques": [] if untold else [_clique(watched, row) for row in rows[:listed]],
        "more": len(rows) - listed,
    }


def _clique(watched: Watched, row: int) -> dict[str, Any]:
    clique = watched.model.state.cliques[row]
    decision = watched.decision(int(row))
    return {
        "row": row,
        "gang": _gang(int(clique["gang"])),
        "holds": bool(clique["complies"]),
        "members": clique["members"],
        "decision": reasons(decision) if decision else None,
    }


_FULL = 4.0
"""Log odds that fill half of a bar."""


def reasons(decision: Decision) -> dict[str, Any]:
    """Tell whether an order or a pact reached a clique, what weighed, and what came of it."""
    by_pact = decision.agreed and not decision.ordered
    reached = "agreed" if by_pact else "reached" if decision.reached else "reached_not"
    weights = decision.weights._asdict()
    total = sum(weights.values())
    outcome = "unreached" if not decision.reached else "for" if total > 0 else "against"
    return {
        "reached": say(f"watch.{reached}"),
        "terms": [
            *(_bar_of(_term(name), value) for name, value in weights.items()),
            _bar_of(say("watch.together"), total, kind="sum"),
        ],
        "outcome": say(f"watch.sum.{outcome}"),
    }


def _term(name: str) -> str:
    """Name what a clique weighs; a term of a new parameter is called as that is."""
    key = f"watch.term.{name}"
    return say(key) if key in TEXT else PARAMETERS[name].label()


def _bar_of(label: str, value: float, kind: str = "") -> dict[str, Any]:
    width = round(50 * min(abs(value), _FULL) / _FULL, 1)
    left = 50.0 if value > 0 else 50.0 - width
    return {"label": label, "value": value, "kind": kind, "left": left, "width": width}
