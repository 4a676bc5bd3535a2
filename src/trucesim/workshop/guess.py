"""Think first: people say or draw what they expect of a case before the page tells them.

Guesses live in this session's memory and in its browser's tab (`trucesim.workshop.kept`): they are
written nowhere, and are gone with the page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import panel as pn
from bokeh.models import (
    BoxAnnotation,
    ColumnDataSource,
    DatetimeTickFormatter,
    FixedTicker,
    FreehandDrawTool,
    NumeralTickFormatter,
    Range1d,
)
from bokeh.plotting import figure
from numpy.typing import NDArray

from trucesim.figures.canvas import GREY, INK, PAPER, RULE, VERMILION
from trucesim.locale.catalogue import spoken
from trucesim.locale.language import number, span
from trucesim.locale.texts import say
from trucesim.outcomes.statistics import interval
from trucesim.workshop.charts import FONT, HIDDEN_FROM, mid_months, milliseconds
from trucesim.workshop.map import first_of
from trucesim.workshop.markup import Markup, asset, render
from trucesim.workshop.session import Session
from trucesim.world import calendar
from trucesim.world.folder import HOME, here
from trucesim.world.observed import observed
from trucesim.world.periods import Period

FIRST_MONTH = HIDDEN_FROM
"""The month in which the truce began, counted from the start."""

FIRST = first_of(FIRST_MONTH)

YEARS = range(FIRST.year, calendar.END.year + 1)

HIGHEST = 1000
"""Homicides a month up to which the chart reaches."""

MOST_GUESSES = 100
"""In one session; a hall has no more chairs."""

type Months = NDArray[np.float64]
"""Homicides a month from `FIRST` on; NaN where nothing has been said."""


class Part(NamedTuple):
    """A year, or all of the years, as a stretch of the guessed months."""

    period: Period
    months: slice


def parts() -> list[Part]:
    """Give the years that are guessed, the first from `FIRST` on, and then all of them."""
    found, start = [], 0
    for year in YEARS:
        first = max(FIRST, dt.date(year, 1, 1))
        stop = start + 13 - first.month
        found.append(Part(Period(first, dt.date(year + 1, 1, 1)), slice(start, stop)))
        start = stop
    whole = Period(FIRST, calendar.END + dt.timedelta(days=1))
    return [*found, Part(whole, slice(0, start))]


def nothing_said() -> Months:
    """Give a guess in which nothing has been said."""
    return np.full(calendar.MONTHS - FIRST_MONTH, np.nan)


def with_stroke(guess: Months, xs: Sequence[float], ys: Sequence[float]) -> Months:
    """Take a stroke of the pen over: its height at each month that it passes.

    Parameters
    ----------
    guess : ndarray, shape (month,)
    xs, ys : sequence of float
        The stroke's points: time as Bokeh counts it, homicides a month.
    """
    middles = mid_months()[FIRST_MONTH:]
    x, y = np.asarray(xs, np.float64), np.asarray(ys, np.float64)
    finite = np.isfinite(x) & np.isfinite(y)
    order = np.argsort(x[finite], kind="stable")
    x, y = x[finite][order], y[finite][order]
    if not x.size:
        return guess
    # Half a month beyond its ends: nobody begins a stroke at the middle of a month.
    half = 15.5 * 86_400_000.0
    passed = (middles >= x[0] - half) & (middles <= x[-1] + half)
    drawn = guess.copy()
    drawn[passed] = np.clip(np.interp(middles[passed], x, y), 0, HIGHEST)
    return drawn


def with_year(guess: Months, year: int, value: float) -> Months:
    """Say one number for all months of a year."""
    said = guess.copy()
    said[parts()[year - YEARS[0]].months] = np.clip(value, 0, HIGHEST)
    return said


def mean_of(guess: Months, part: Part) -> float:
    """Give the mean of a part's months; NaN where less than half of each year was guessed."""
    years = [each for each in parts()[:-1] if each.months.start >= part.months.start]
    for year in years:
        months = guess[year.months]
        if year.months.stop <= part.months.stop and np.isnan(months).mean() > 0.5:
            return float("nan")
    return float(np.nanmean(guess[part.months]))


class Told(NamedTuple):
    """What the model and the record say of a part, in homicides a month."""

    low: float
    median: float
    high: float
    record: float


def told_of(counts: NDArray[Any], record: NDArray[Any], part: Part) -> Told:
    """Give the mean by month in the runs (5, 50, 95%) and in the record.

    Parameters
    ----------
    counts : ndarray, shape (run, month)
        Homicides a month from `FIRST` on.
    record : ndarray, shape (month,)
        The same, observed.
    part : Part
    """
    means = counts[:, part.months].mean(axis=1)
    low, median, high = interval(means).values()
    return Told(low, median, high, float(record[part.months].mean()))


class Guess(pn.viewable.Viewer):  # type: ignore[misc]
    """The pane.

    Parameters
    ----------
    session : Session
        Its answers are hidden from the moment it turns to workshop mode until people ask for them
        here.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        #: Called when guesses may have changed.
        self.changed: Callable[[], None] = lambda: None
        self.session = session
        self.guesses: list[Months] = []
        self.current = nothing_said()
        self.problem = ""
        style = {"stylesheets": [asset("page.css"), asset("guess.css")]}
        act = session.speaks(self.act)
        self.head = Markup(act, **style)
        self.body = Markup(act, live=True, **style)
        #: Whether somebody has entered the room: most pages never show it.
        self.entered = False
        self._pane = pn.Column(sizing_mode="stretch_width")
        session.watch(["mode"], self._mode_changed)
        session.watch(["hidden", "shown", "b"], self.draw)
        if session.mode == "workshop" and here() == HOME:
            session.hidden = True

    def __panel__(self) -> Any:
        return self._pane

    @cached_property
    def chart(self) -> _Chart:
        """Where guesses are drawn."""
        return _Chart(self.session.speaks(self._drawn))

    def enter(self) -> None:
        """Show the pane, from now on."""
        if not self.entered:
            self.entered = True
            plot = pn.pane.Bokeh(self.chart.figure, sizing_mode="stretch_width")
            self._pane.objects = [self.head, plot, self.body]
            self.draw()

    def act(self, message: Mapping[str, Any]) -> None:
        """Do what somebody asked for in the browser."""
        do, key, value = (str(message.get(name, "")) for name in ("do", "key", "value"))
        self.problem = ""
        if do == "guess_year":
            self._say(key, value)
        elif do == "guess_add":
            self._add()
        elif do == "guess_clear":
            self.current = nothing_said()
        elif do == "guess_hide":
            self.session.hidden = True
        elif do == "guess_show":
            if self.guesses:
                self.session.hidden = False
        elif do == "guess_again":
            self.guesses, self.current = [], nothing_said()
            self.session.hidden = True
        self.draw()

    def _say(self, key: str, value: str) -> None:
        years = {str(year): year for year in YEARS}
        if key not in years:
            return
        if not value.strip():
            said = self.current.copy()
            said[parts()[years[key] - YEARS[0]].months] = np.nan
            self.current = said
        elif value.isascii() and value.isdecimal() and int(value[:9]) <= HIGHEST:
            self.current = with_year(self.current, years[key], int(value))
        else:
            self.problem = say("guess.number", most=HIGHEST)

    def _add(self) -> None:
        if np.isnan(self.current).all():
            self.problem = say("guess.empty")
        elif len(self.guesses) == MOST_GUESSES:
            self.problem = say("guess.full", most=MOST_GUESSES)
        else:
            self.guesses.append(self.current)
            self.current = nothing_said()

    def _drawn(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        self.problem = ""
        self.current = with_stroke(self.current, xs, ys)
        self.draw()

    def _mode_changed(self) -> None:
        # Months can only be guessed where they were observed.
        guessing = self.session.mode == "workshop" and here() == HOME
        self.session.hidden = guessing and not self.guesses
        self.draw()

    def draw(self) -> None:
        """Bring the pane up to date."""
        self.changed()
        if not self.entered:
            return
        session = self.session
        answer = None
        if session.shown is not None and not session.hidden and self.guesses:
            results = session.shown.results.b
            answer = results["recorded_national"].transpose("run", "month").values[:, FIRST_MONTH:]
        self.head.html = _head(session)
        self.chart.draw(session, self.current, self.guesses, answer)
        self.body.html = (
            _entry(session, self.current, len(self.guesses), self.problem)
            if session.hidden or not self.guesses
            else _beside(session, self.guesses, answer)
        )


def _record() -> NDArray[np.float64]:
    """Give the observed homicides of all months, shape (month,)."""
    counts: NDArray[np.float64] = observed()["recorded_national"].values[0].astype(np.float64)
    return counts[: calendar.MONTHS]


class _Chart:
    """The chart on which a guess is drawn; `drawn` is called with each stroke."""

    def __init__(self, drawn: Any) -> None:
        x = mid_months()
        blank = np.full(calendar.MONTHS, np.nan)
        self.record = ColumnDataSource({"x": x, "y": blank})
        later = x[FIRST_MONTH:]
        self.band = ColumnDataSource({"x": later, "low": later * np.nan, "high": later * np.nan})
        self.model = ColumnDataSource({"x": later, "y": later * np.nan})
        self.current = ColumnDataSource({"x": later, "y": later * np.nan})
        self.others = ColumnDataSource({"xs": [], "ys": []})
        self.stroke = ColumnDataSource({"xs": [], "ys": []})
        self.figure = plot = figure(
            height=340, sizing_mode="stretch_width", x_axis_type="datetime", tools="",
            toolbar_location=None, outline_line_color=None, background_fill_color="white",
            border_fill_color="white", min_border_left=44, min_border_top=12,
            x_range=Range1d(milliseconds(dt.date(2011, 1, 1)), milliseconds(calendar.END)),
            y_range=Range1d(0, HIGHEST),
        )  # fmt: skip
        plot.add_layout(
            BoxAnnotation(left=milliseconds(FIRST), fill_color=PAPER, fill_alpha=0.9, level="image")
        )
        plot.varea("x", "low", "high", source=self.band, fill_color=VERMILION, fill_alpha=0.2)
        plot.multi_line("xs", "ys", source=self.others, line_color=GREY, line_width=1.3, alpha=0.75)
        plot.line("x", "y", source=self.model, line_color=VERMILION, line_width=3)
        plot.line("x", "y", source=self.record, line_color=INK, line_width=1.2)
        plot.scatter("x", "y", source=self.record, color=INK, size=4)
        plot.line("x", "y", source=self.current, line_color=INK, line_width=4, line_dash="6 3")
        pen = plot.multi_line("xs", "ys", source=self.stroke, line_color=INK, line_width=4)
        self.tool = FreehandDrawTool(renderers=[pen], num_objects=1)
        plot.add_tools(self.tool)
        plot.toolbar.active_drag = self.tool
        plot.xaxis.ticker = FixedTicker(
            ticks=[milliseconds(dt.date(year, 1, 1)) for year in range(2011, 2017)]
        )
        plot.xaxis.formatter = DatetimeTickFormatter(years="%Y", months="%Y", days="%Y")
        plot.yaxis.formatter = NumeralTickFormatter(format="0")
        plot.xgrid.grid_line_color = RULE
        plot.ygrid.grid_line_color = RULE
        for axis in (plot.xaxis, plot.yaxis):
            axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = None
            axis.major_label_text_font_size = "14px"
            axis.major_label_text_color = "#3c4147"
            axis.major_label_text_font = FONT

        def changed(_: str, __: Any, new: Mapping[str, Sequence[Sequence[float]]]) -> None:
            if new["xs"]:
                xs, ys = list(new["xs"][-1]), list(new["ys"][-1])
                self.stroke.data = {"xs": [], "ys": []}
                drawn(xs, ys)

        self.stroke.on_change("data", changed)

    def draw(
        self,
        session: Session,
        current: Months,
        guesses: Sequence[Months],
        answer: NDArray[Any] | None,
    ) -> None:
        """Show the record before the truce, the guess in the making, and what may be shown."""
        record = _record()
        if session.hidden or not guesses:
            record[FIRST_MONTH:] = np.nan
        self.record.data.update({"y": record})
        self.current.data.update({"y": current})
        later = self.current.data["x"]
        open_ = answer is not None
        self.others.data = {
            "xs": [later] * len(guesses) if open_ else [],
            "ys": list(guesses) if open_ else [],
        }
        blank = np.full(len(later), np.nan)
        low, median, high = (
            np.quantile(answer, (0.05, 0.5, 0.95), axis=0) if answer is not None
            else (blank, blank, blank)
        )  # fmt: skip
        self.band.data.update({"low": low, "high": high})
        self.model.data.update({"y": median})


def _head(session: Session) -> str:
    scenario = session.case("b").scenario
    title, story = (each[spoken()] for each in (scenario.title, scenario.story))
    return render("guess_head", title=title, story=story)


def _entry(session: Session, current: Months, count: int, problem: str) -> str:
    """Write the fields in which a guess is said, and what can be done with it."""
    years = []
    for year, part in zip(YEARS, parts(), strict=False):
        mean = mean_of(current, part)
        years.append((year, span(part.period), "" if np.isnan(mean) else round(mean)))
    return render(
        "guess_entry", problem=problem, years=years, highest=HIGHEST, count=count,
        nothing_said=bool(np.isnan(current).all()), hidden=session.hidden,
    )  # fmt: skip


def _beside(session: Session, guesses: Sequence[Months], answer: NDArray[Any] | None) -> str:
    """Set guesses, model and record side by side."""
    rows, sentence = [], ""
    if answer is not None:
        record = _record()[FIRST_MONTH:]
        sentence = _sentence(guesses, answer, record)
        for part in (parts()[-1], *parts()[:-1]):
            told = told_of(answer, record, part)
            means = [mean_of(guess, part) for guess in guesses]
            rows.append(
                {
                    "span": span(part.period),
                    "guesses": [number(mean) for mean in means if not np.isnan(mean)],
                    "told": told,
                    "strip": _strip(means, told),
                }
            )
    return render(
        "guess_beside", rows=rows, sentence=sentence,
        counterfactual=session.case("b").counterfactual,
        ticks=[(_along(at), number(at)) for at in range(0, HIGHEST + 1, 200)],
    )  # fmt: skip


def _sentence(guesses: Sequence[Months], answer: NDArray[Any], record: NDArray[Any]) -> str:
    """Say what was guessed of all years or, where nobody guessed all, of the most guessed one."""

    def said_of(part: Part) -> list[float]:
        means = [mean_of(guess, part) for guess in guesses]
        return [mean for mean in means if not np.isnan(mean)]

    whole = parts()[-1]
    part = whole if said_of(whole) else max(parts(), key=lambda each: len(said_of(each)))
    said = said_of(part)
    if not said:
        return say("guess.sentence.0")
    told = told_of(answer, record, part)
    return say(
        f"guess.sentence.{min(len(said), 2)}", span=span(part.period),
        guess=number(float(np.median(said))), model=number(told.median),
        low=number(told.low), high=number(told.high),
        record=number(told.record),
    )  # fmt: skip


def _along(value: float) -> float:
    """Place homicides a month on a line from 0 to `HIGHEST`, 1000 wide."""
    return round(12 + 976 * min(value, HIGHEST) / HIGHEST, 1)


def _strip(means: Sequence[float], told: Told) -> dict[str, Any]:
    """Place the model's interval, the record and every guess on a line.

    Guesses that would touch stand above each other.
    """
    taken: list[tuple[float, int]] = []
    guesses = []
    for row, mean in enumerate(means, 1):
        if np.isnan(mean):
            continue
        at, floor = _along(mean), 0
        while any(abs(at - other) < 19 and floor == level for other, level in taken):
            floor += 1
        taken.append((at, floor))
        guesses.append((row, at, 20.0 - 19 * floor))
    above = 19 * max((level for _, level in taken), default=0)
    return {name: _along(value) for name, value in told._asdict().items()} | {
        "guesses": guesses,
        "above": above,
    }
