"""A session: one browser's two cases, its language, and what has been computed of them.

Panes read it and watch its parameters; nothing in it is shared with another session. What people
change goes through `Session.change`, which refuses what makes no scenario.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from urllib.parse import parse_qs, quote

import numpy as np
import pandas as pd
import param
import xarray as xr
from numpy.typing import NDArray

from trucesim.files.errors import InputError
from trucesim.locale.catalogue import LANGUAGES, speaking
from trucesim.locale.gangs import Naming, calling
from trucesim.locale.texts import problem_told
from trucesim.outcomes.paired import by_period, reduction_rows
from trucesim.outcomes.statistics import mean_by_place, quantiles_by_month
from trucesim.scenario.change import by_departments
from trucesim.scenario.file import extended
from trucesim.scenario.scenario import Scenario
from trucesim.studies.answer import Answer, answer
from trucesim.studies.cases import Case, Change, read_link, shipped_case
from trucesim.studies.history import RECORD, Past, choose
from trucesim.studies.questions import first_cases, offered, standing, turning
from trucesim.workshop.pairs import CROWD, RUNS, Pair, PairResults, Pool, Work, shared_pool
from trucesim.world import calendar
from trucesim.world.folder import HOME, here

SIDES = ("a", "b")

ZONE_DATE = dt.date(2013, 5, 1)
"""On which day municipalities of El Salvador sign that are clicked, until another is chosen."""

HALF_A_YEAR = dt.timedelta(days=182)


def later_day(home: dt.date) -> dt.date:
    """Give when something new begins until another day is chosen.

    Parameters
    ----------
    home : date
        El Salvador's; elsewhere it is half a year after the order of its cases.
    """
    return home if here() == HOME else min(turning() + HALF_A_YEAR, calendar.END)


@dataclass(frozen=True)
class Shown:
    """What is shown of some results: small arrays and tables, ready to be drawn.

    Attributes
    ----------
    results : PairResults
    quantiles : dict of str to array
        By side, shape (level, month); levels are `trucesim.outcomes.statistics.LEVELS`.
    means, zones : dict of str to array
        By side: mean homicides, and share of runs in which a place is a zone, (month, place).
    answer : Answer
    """

    results: PairResults
    quantiles: dict[str, NDArray[np.float64]]
    means: dict[str, NDArray[np.float64]]
    zones: dict[str, NDArray[np.float64]]
    answer: Answer

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """Homicides by year, as :func:`trucesim.outcomes.paired.by_period` gives them."""
        assert self.results.b is not None
        return by_period(self.results.a, self.results.b, ["recorded"])

    @cached_property
    def reductions(self) -> dict[str, pd.DataFrame]:
        """Reductions by side; none until all runs are there."""
        return _reductions(self.results) if self.results.complete else {}


def show(results: PairResults) -> Shown:
    """Work out what is shown of a pair with two sides."""
    assert results.b is not None
    assert results.pair.b is not None
    sides = {"a": results.a, "b": results.b}
    return Shown(
        results,
        {side: quantiles_by_month(each["recorded_national"]) for side, each in sides.items()},
        {side: mean_by_place(each, "recorded") for side, each in sides.items()},
        {side: mean_by_place(each, "zone_status") for side, each in sides.items()},
        answer(results.a, results.b, (results.pair.a, results.pair.b), results.parameters),
    )


def _reductions(results: PairResults) -> dict[str, pd.DataFrame]:
    """Give each side's reductions; where the other never has a truce, against that one too."""
    a, b = results.pair.a, results.pair.b
    assert b is not None
    assert results.b is not None

    def without(own: Scenario, other: Scenario, runs: xr.Dataset) -> xr.Dataset | None:
        same = dict(own.parameters) == dict(other.parameters)
        return runs if same and own.first_order and not other.first_order else None

    return {
        "a": reduction_rows(results.a, without(a, b, results.b)),
        "b": reduction_rows(results.b, without(b, a, results.a)),
    }


class Session(param.Parameterized):  # type: ignore[misc]
    """What one browser sees.

    Parameters
    ----------
    a, b : Case
    lang : {'en', 'es'}
    editing : {'a', 'b'}
        The case that controls and map change.
    mode : {'open', 'workshop'}
        Whether gangs are called A, B and C, and people guess first.
    own : bool
        Whether the controls for cases of one's own are shown.
    hidden : bool
        Whether answers are hidden until people have guessed.
    view : {'difference', 'a', 'b'}
        What the map shows.
    month : int
        First month that the map shows, counted from the start.
    span : int
        How many months it shows together.
    placement : {'class', 'departments'}
        Whether the rate class of 2015 says where cliques are, or departments alone.
    zone_date : date
        On which day municipalities sign that are clicked.
    results : PairResults or None
        Runs of the two cases as they stand, so far as they are there.
    shown : Shown or None
    message : str
        A problem, in the session's language; empty if there is none.
    """

    a: Any = param.ClassSelector(class_=Case)
    b: Any = param.ClassSelector(class_=Case)
    lang: Any = param.Selector(default="es", objects=list(LANGUAGES))
    editing: Any = param.Selector(default="b", objects=list(SIDES))
    mode: Any = param.Selector(default="open", objects=["open", "workshop"])
    own = param.Boolean(default=False)
    hidden = param.Boolean(default=False)
    view: Any = param.Selector(default="difference", objects=["difference", *SIDES])
    month: Any = param.Integer(default=38, bounds=(0, 95))
    span: Any = param.Selector(default=12, objects=[1, 12])
    placement: Any = param.Selector(default="class", objects=["class", "departments"])
    zone_date: Any = param.ClassSelector(class_=dt.date, default=ZONE_DATE)
    results: Any = param.ClassSelector(class_=PairResults, default=None, allow_None=True)
    shown: Any = param.ClassSelector(class_=Shown, default=None, allow_None=True)
    progress = param.Integer(default=0)
    message = param.String()

    def __init__(
        self,
        a: Case | None = None,
        b: Case | None = None,
        *,
        pool: Pool | None = None,
        runs: int | None = None,
        history: str | None = None,
        later: Callable[[Callable[[], None]], object] | None = None,
        **params: Any,
    ) -> None:
        params = {"zone_date": later_day(ZONE_DATE)} | params
        super().__init__(  # type: ignore[no-untyped-call]
            a=a or shipped_case(first_cases()[0]), b=b or shipped_case(first_cases()[1]), **params
        )
        self._asked = history, runs
        #: The sides that somebody has set by hand; the other one follows what is chosen.
        self.by_hand = {s for s in SIDES if self.case(s).uploaded or self.case(s).standing}
        self.own = self.question is None
        #: Does something in the page's own turn; for what other threads have to say.
        self._pool = pool or shared_pool()
        in_turn = later or (lambda act: act())

        def later_spoken(act: Callable[[], None]) -> None:
            in_turn(self.speaks(act))

        self.later = later_spoken
        self._work: Work | None = None
        self._taken = 0

    def speaks[**P, R](self, action: Callable[P, R]) -> Callable[P, R]:
        """Let an action speak as the session does when the action is taken.

        In its language, and in workshop mode without names of gangs.
        """

        @wraps(action)
        def spoken(*args: P.args, **kwargs: P.kwargs) -> R:
            naming: Naming = "letter" if self.mode == "workshop" else "name"
            with speaking(self.lang), calling(naming):
                return action(*args, **kwargs)

        return spoken

    def watch(self, names: Sequence[str], action: Callable[[], object]) -> None:
        """Take an action, in the session's language, whenever one of its parameters changes."""
        self.param.watch(self.speaks(lambda *_: action()), list(names))

    def case(self, side: str) -> Case:
        """Give the case of a side."""
        found: Case = getattr(self, side)
        return found

    @property
    def other(self) -> str:
        """The side that controls and map do not change."""
        return SIDES[1 - SIDES.index(self.editing)]

    def change(self, side: str, change: Change | Callable[[Case], Case]) -> None:
        """Change a case, or say why not in `message`.

        Parameters
        ----------
        side : {'a', 'b'}
        change : Change or function
            One change more, or a function that gives another case.
        """
        try:
            case = self.case(side)
            changed = change(case) if callable(change) else case.changed(change)
            changed.scenario  # noqa: B018 - checks
        except InputError as error:
            self.refuse(error)
            return
        self.by_hand.add(side)
        self.param.update(message="", **{side: changed})

    def choose(self, side: str, name: str) -> None:
        """Let a side be a shipped case, and the other what it varies, unless that is set by hand.

        Parameters
        ----------
        side : {'a', 'b'}
        name : str
        """
        other = SIDES[1 - SIDES.index(side)]
        chosen = {side: shipped_case(name)}
        if other not in self.by_hand and extended(self.case(other).base.name) != name:
            chosen[other] = shipped_case(extended(name) or standing())
        self.by_hand.add(side)
        self.param.update(message="", **chosen)

    def ask(self, name: str) -> None:
        """Set what happened beside a shipped case; neither side counts as set by hand.

        Parameters
        ----------
        name : str
            Of the case.
        """
        self.by_hand.clear()
        self.param.update(message="", a=shipped_case(standing()), b=shipped_case(name))

    @property
    def question(self) -> str | None:
        """The question that the two cases answer as they stand, if it is one."""
        if any(self.case(side).standing or self.case(side).uploaded for side in SIDES):
            return None
        pair = self.a.base.name, self.b.base.name
        return next((q.name for q in offered().values() if pair == (standing(), q.b)), None)

    def refuse(self, error: InputError, key: str = "problem.plain") -> None:
        """Say what is wrong."""
        # The same problem again is told again.
        self.message = ""
        self.message = problem_told(error, key)

    def broke(self, error: BaseException) -> None:
        """Say that something went wrong that is nobody's input."""
        detail = InputError("{kind}: {error}", kind=type(error).__name__, error=error)
        self.refuse(detail, "problem.run")

    @property
    def past(self) -> Past:
        """What the runs of the cases as they stand are made of."""
        return self.past_of([placed(self.case(side).scenario, self.placement) for side in SIDES])

    def past_of(self, cases: Sequence[Scenario]) -> Past:
        """Choose what runs are made of: lineages that follow the record, where they can be lived.

        A page does not refuse: where they cannot, it is chance, and the page says why.
        """
        history, runs = self._asked
        return choose(
            None if history == RECORD else history, cases, runs=runs, seed=None, default_runs=RUNS
        )

    def compute(self) -> None:
        """Ask for the runs of the cases as they stand; earlier questions are dropped."""
        a, b = (placed(self.case(side).scenario, self.placement) for side in SIDES)
        past = self.past_of([a, b])
        pair = Pair(a, b, past.runs, past.seed, past.history)
        self._taken = 0
        self._work = self._pool.ask(self, pair, self._told)

    @property
    def crowded(self) -> bool:
        """Whether many wait for runs."""
        return self._pool.waiting > CROWD

    def close(self) -> None:
        """Stop computing for this session."""
        self._pool.drop(self)

    def _told(self, work: Work) -> None:
        """Take what has come in, from a thread of the pool."""
        try:
            results = work.results()
            shown = show(results) if results is not None else None
            error = work.error
        except Exception as problem:
            results, shown, error = None, None, problem
        self.later(lambda: self._take(work, results, shown, error))

    def _take(
        self,
        work: Work,
        results: PairResults | None,
        shown: Shown | None,
        error: BaseException | None,
    ) -> None:
        if work is not self._work:
            return  # the latest question wins
        if error is not None:
            self.broke(error)
            return
        # Of two tellings at the same time, the one of fewer may come last.
        if results is not None and results.runs > self._taken:
            began = time.monotonic()
            self._taken = results.runs
            self.param.update(results=results, shown=shown, progress=results.runs)
            work.telling += time.monotonic() - began

    @property
    def link(self) -> str | None:
        """The page's address for these cases, from the question mark on; None if there is none."""
        parts = []
        for side in SIDES:
            text = self.case(side).link()
            if text is None:
                return None
            parts.append(f"{side}={quote(text, safe='~=._-')}")
        return "?" + "&".join([*parts, f"lang={self.lang}"])


def placed(scenario: Scenario, placement: str) -> Scenario:
    """Place cliques without the rate class of 2015, if so asked."""
    return by_departments(scenario) if placement == "departments" else scenario


def read_cases(query: str, first: tuple[Case, Case]) -> tuple[Case, Case, InputError | None]:
    """Read the cases from an address; those that it starts with where it names none.

    Returns
    -------
    tuple
        A, B, and what was wrong with the address.
    """
    given = parse_qs(query[:20_000].lstrip("?"))
    cases = list(first)
    for row, side in enumerate(SIDES):
        if side in given:
            try:
                cases[row] = read_link(given[side][0])
            except InputError as error:
                return *first, error
    return cases[0], cases[1], None


def language_of(query: str, accepted: str, default: str | None) -> str:
    """Choose the language: the address's, then the command line's, then the browser's."""
    asked = parse_qs(query[:20_000].lstrip("?")).get("lang", [""])[0]
    if asked in LANGUAGES:
        return asked
    if default in LANGUAGES:
        return default
    for part in accepted.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "es"
