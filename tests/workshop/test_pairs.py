"""Computing pairs for the workshop, what is told of them, and a session around them."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from trucesim import InputError, load_country, load_scenario, run
from trucesim.locale.texts import Problem
from trucesim.outcomes.paired import against, reduction_rows
from trucesim.reports import cases as report
from trucesim.runs import simulate
from trucesim.studies.cases import Assumption, Case, Course, Signing, shipped_case
from trucesim.studies.history import choose
from trucesim.studies.levers import LEVERS, Step, course
from trucesim.studies.questions import first_cases
from trucesim.workshop import pairs, serve
from trucesim.workshop.background import Over
from trucesim.workshop.controls import act, toggle
from trucesim.workshop.map import rates_of
from trucesim.workshop.pairs import Pair, PairResults, Pool, Work, compute, live_pair
from trucesim.workshop.session import Session, Shown, language_of, placed, read_cases, show

RUNS = 8


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool(threads=2)


@pytest.fixture(scope="module")
def truce_case() -> Case:
    return shipped_case("truce-2012")


@pytest.fixture(scope="module")
def pair_results(pool: Pool) -> PairResults:
    pair = Pair(load_scenario("no-truce"), load_scenario("truce-2012"), RUNS)
    return compute(pair, pool=pool)


@pytest.fixture(scope="module")
def pair_shown(pair_results: PairResults) -> Shown:
    return show(pair_results)


def wait(until: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def test_pairs_are_bit_for_bit_what_run_gives(pool: Pool, truce_case: Case) -> None:
    """Whatever stored state they start from: one change after another, early and late."""
    a = truce_case.scenario
    changes = (
        Course("guarantor", (Step(dt.date(2014, 1, 1), (1.0,)),)),
        Signing("0101", dt.date(2013, 5, 1)),
        Course("truce", (Step(dt.date(2011, 6, 1), LEVERS["truce"].states[0]),)),
        Course("extension", (Step(dt.date(2013, 4, 6), (4.0, 0.0)),)),
        Signing(a.zones[-1].code, None),
        Assumption("turnover", 0.2),
        Course("minister", (Step(dt.date(2009, 1, 3), (2.0,)),)),
    )
    case = truce_case
    for change in changes:
        case = case.changed(change)
        results = compute(Pair(a, case.scenario, 3, seed=5), pool=pool)
        assert results.b is not None
        assert results.a.identical(run(a, 3, 5, detail="full"))
        assert results.b.identical(run(case.scenario, 3, 5, detail="full")), change


def test_one_case_alone_is_run_too(pool: Pool) -> None:
    a = load_scenario("no-truce")
    results = compute(Pair(a, None, 2), pool=pool)
    assert results.b is None
    assert results.a.identical(run(a, 2, detail="full"))


def counting(monkeypatch: pytest.MonkeyPatch, seed_counted: int = 1) -> list[tuple[int, int]]:
    """Count the stretches of runs that are lived under a seed: first and last week of each."""
    lived: list[tuple[int, int]] = []
    live_run = simulate.live_run

    def counted(setting: Any, seed: int, r: int, last: int, *, begun: Any, **more: Any) -> Any:
        if seed == seed_counted:
            lived.append((0 if begun is None else begun[0], last))
        return live_run(setting, seed, r, last, begun=begun, **more)

    monkeypatch.setattr(simulate, "live_run", counted)
    return lived


def test_what_did_not_change_is_not_run_again(
    monkeypatch: pytest.MonkeyPatch, truce_case: Case
) -> None:
    pool = Pool(threads=2)
    a = load_scenario("no-truce")
    lived = counting(monkeypatch, 78)
    compute(Pair(a, truce_case.scenario, 4, 78), pool=pool)
    whole = 418 * 4
    weeks = sum(last - first for first, last in lived)
    assert weeks < 2 * whole  # B shares A's weeks up to the first date on which they differ
    parting = (dt.date(2011, 11, 22) - dt.date(2009, 1, 1)).days // 7
    assert weeks == whole + 4 * (418 - parting)
    lived.clear()
    compute(Pair(truce_case.scenario, a, 4, 78), pool=pool)
    assert lived == []
    late = truce_case.changed(Course("repression", (Step(dt.date(2016, 4, 1), (3.0,)),)))
    compute(Pair(truce_case.scenario, late.scenario, 4, 78), pool=pool)
    assert min(first for first, _ in lived) == parting
    lived.clear()
    later = late.changed(Course("repression", (Step(dt.date(2016, 5, 1), (3.0,)),)))
    compute(Pair(truce_case.scenario, later.scenario, 4, 78), pool=pool)
    assert min(first for first, _ in lived) == (dt.date(2015, 1, 5) - dt.date(2009, 1, 1)).days // 7


def test_a_change_begins_at_the_year_before_it(
    monkeypatch: pytest.MonkeyPatch, truce_case: Case
) -> None:
    pool = Pool(threads=2)
    lived = counting(monkeypatch, 79)
    compute(Pair(truce_case.scenario, load_scenario("no-truce"), 2, 79), pool=pool)
    for date in (dt.date(2013, 6, 1), dt.date(2014, 6, 1)):
        lived.clear()
        changed = truce_case.changed(Course("repression", (Step(date, (3.0,)),)))
        compute(Pair(truce_case.scenario, changed.scenario, 2, 79), pool=pool)
        weeks = (dt.date(date.year, 1, 1) - dt.date(2009, 1, 1)).days // 7
        assert min(first for first, _ in lived) == weeks


def test_the_latest_question_wins(monkeypatch: pytest.MonkeyPatch, truce_case: Case) -> None:
    pool = Pool(threads=1)
    gate = threading.Event()
    live_run = simulate.live_run

    def slow(*given: Any, **more: Any) -> Any:
        gate.wait(30)
        return live_run(*given, **more)

    monkeypatch.setattr(simulate, "live_run", slow)
    told: list[Work] = []
    first = pool.ask("me", Pair(load_scenario("no-truce"), None, 50), told.append)
    second = pool.ask("me", Pair(truce_case.scenario, None, 3), told.append)
    gate.set()
    wait(lambda: second.finished)
    assert first.cancelled
    assert first.ready <= 1
    wait(lambda: bool(told))
    assert {id(work) for work in told} == {id(second)}


def test_results_come_as_they_are_made(monkeypatch: pytest.MonkeyPatch, truce_case: Case) -> None:
    monkeypatch.setattr(pairs, "PATIENCE", math.inf)
    told: list[int] = []
    pool = Pool(threads=2)
    pair = Pair(load_scenario("no-truce"), truce_case.scenario, 40)
    work = pool.ask("me", pair, lambda work: told.append(work.ready))
    wait(lambda: work.finished)
    wait(lambda: told[-1:] == [40])
    assert told == sorted(told)
    assert told[0] >= pairs.FIRST_RUNS
    # More rarely, the more are there; at last in any case.
    assert all(b >= pairs.MORE * a for a, b in itertools.pairwise(told[:-1]))
    partial = work.results()
    assert partial is not None
    assert partial.complete


def test_some_runs_are_the_first_of_all(pair_results: PairResults, pool: Pool) -> None:
    ensemble = pairs.Ensemble(pair_results.pair.a, pairs.Pair(pair_results.pair.a, None, RUNS))
    pool.ask("me", pair_results.pair, lambda _: None)
    for r in range(3):
        pool._live_one(ensemble, r, set())
    assert ensemble.leading() == 3
    assert ensemble.results(3).identical(run(pair_results.pair.a, 3, detail="full"))


def test_sessions_take_turns() -> None:
    """A first result for one after the other, and no second one before; then all go on alike."""
    pool = Pool(threads=1)
    case = shipped_case("no-truce")
    works, told = [], []

    def tell(work: Work) -> None:
        told.append((works.index(work), work.told_of))

    with pool._condition:  # all ask before any run is made
        for row in range(4):
            scenario = case.changed(Assumption("turnover", 0.1 + row / 100)).scenario
            works.append(pool.ask(row, Pair(scenario, None, 20), tell))
    wait(lambda: works[3].ready >= pairs.FIRST_RUNS + 3)
    assert [row for row, _ in told[:4]] == [0, 1, 2, 3]
    assert all(count < pairs.FIRST_RUNS + 2 for _, count in told[:4])
    assert not works[0].finished
    assert max(work.ready for work in works) - min(work.ready for work in works) <= 2
    for row in range(4):
        pool.drop(row)


def test_who_is_patient_waits_for_everybody_else() -> None:
    pool = Pool(threads=1)
    case = shipped_case("no-truce")
    patient, other = (case.changed(Assumption("turnover", each)).scenario for each in (0.2, 0.3))
    first = pool.ask("one", Pair(patient, None, 20), lambda _: None, patient=True)
    wait(lambda: first.ready >= 1)
    second = pool.ask("two", Pair(other, None, 8), lambda _: None)
    before = first.ready
    wait(lambda: second.finished)
    assert first.ready <= before + 2  # the run that was under way, and one after the last
    wait(lambda: first.finished)


def test_reports_take_the_runs_that_are_there(
    monkeypatch: pytest.MonkeyPatch, truce_case: Case
) -> None:
    a, b = load_scenario("no-truce"), truce_case.scenario
    past = choose("chance", [a, b], runs=3, seed=79, default_runs=1)
    pool = Pool(threads=2)
    compute(Pair(a, b, 3, 79), pool=pool)
    lived = counting(monkeypatch, 79)
    shared = report.gather(a, b, past, live=partial(live_pair, pool=pool))
    # The dated record, unless its scores are kept; B without a truce: that is A.
    assert sum(last == 418 for _, last in lived) <= 3
    own = report.gather(a, b, past)
    assert shared.record.equals(own.record)
    for one, other in zip(shared.placed, own.placed, strict=True):
        assert one["recorded"].equals(other["recorded"])
    for one, other in ((shared.a, own.a), (shared.b, own.b)):
        assert one.results.identical(other.results)
        assert one.reductions.equals(other.reductions)


def test_runs_to_a_month_are_the_beginning_of_whole_ones(
    monkeypatch: pytest.MonkeyPatch, truce_case: Case
) -> None:
    scenario, until = truce_case.scenario, dt.date(2013, 10, 31)
    pool = Pool(threads=2)
    part = compute(Pair(scenario, None, 3, 80, until=until), pool=pool).a
    assert part.identical(run(scenario, 3, 80, detail="full", until=until))
    whole = compute(Pair(scenario, None, 3, 80), pool=pool).a
    assert whole.identical(run(scenario, 3, 80, detail="full"))
    lived = counting(monkeypatch, 80)
    again = compute(Pair(scenario, None, 3, 80, until=until), pool=pool).a
    assert lived == []  # those there are
    assert again["recorded"].sel(month=part["month"]).equals(part["recorded"])
    without = load_scenario("no-truce")
    shorter = run(without, 3, 80, detail="none", until=until)
    longer = run(without, 3, 80, detail="none")
    assert reduction_rows(whole, shorter).equals(reduction_rows(whole, longer))
    with pytest.raises(InputError, match="months"):
        reduction_rows(part, longer)


def test_runs_that_nobody_asked_for_wait_for_the_first_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    opened = threading.Event()
    monkeypatch.setattr(serve, "_loaded", opened)
    monkeypatch.setattr(serve, "live_pair", lambda a, b, past, *_, **__: asked.append(past.runs))
    monkeypatch.setattr(serve.report, "MOST_RUNS", 0)  # what reports tell is run elsewhere
    cases = tuple(shipped_case(name) for name in first_cases())
    warming = threading.Thread(target=serve.warm, args=(cases, None, 5))
    warming.start()
    wait(lambda: asked == [1])  # compiled code alone
    assert warming.is_alive()
    opened.set()
    warming.join(30)
    assert asked == [1, 5]


def test_two_sessions_with_one_question_make_its_runs_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = Pool(threads=2)
    lived = counting(monkeypatch, 77)
    pair = Pair(load_scenario("no-truce"), None, 10, seed=77)
    told: list[str] = []
    works = [
        pool.ask(name, pair, lambda work, name=name: told.append(name) if work.finished else None)
        for name in ("one", "two")
    ]
    wait(lambda: all(work.finished for work in works) and sorted(set(told)) == ["one", "two"])
    assert sum(last == 418 for _, last in lived) == 10


def test_an_error_in_a_run_reaches_who_asked_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = Pool(threads=2)
    live_run = simulate.live_run

    def failing(setting: Any, seed: int, *given: Any, **more: Any) -> Any:
        if seed == 13:
            raise ZeroDivisionError("a slip")
        return live_run(setting, seed, *given, **more)

    monkeypatch.setattr(simulate, "live_run", failing)
    scenario = load_scenario("no-truce")
    with pytest.raises(ZeroDivisionError, match="a slip"):
        compute(Pair(scenario, None, 3, seed=13), pool=pool)
    assert compute(Pair(scenario, None, 3), pool=pool).complete


def test_memory_is_bounded(truce_case: Case) -> None:
    pool = Pool(threads=2, most_cases=3, most_states=6_000_000)
    for row in range(6):
        case = truce_case.changed(Signing("0101", dt.date(2013, 1, 1 + row)))
        compute(Pair(truce_case.scenario, case.scenario, 4), pool=pool)
        assert pool.states.bytes <= 6_000_000
        kept = sum(pairs._size(each) for group in pool.states._by_past.values()
                   for each in group.values())  # fmt: skip
        assert kept == pool.states.bytes
    assert len(pool._ensembles) <= 3
    with pytest.raises(InputError):
        pool.ask("me", Pair(truce_case.scenario, None, 0), lambda _: None)


# What is told


def test_the_answer_is_counted_run_by_run(pair_shown: Shown, pair_results: PairResults) -> None:
    a, b, found = pair_results.a, pair_results.b, pair_shown.answer
    assert b is not None
    of_a, of_b = (each["recorded_national"].sum("month").values for each in (a, b))
    assert found.fewer == np.mean(of_b < of_a) == 1.0
    assert found.mean == pytest.approx(np.mean(of_a - of_b))
    assert pair_results.parameters.shape == (RUNS,)
    whole = pair_shown.yearly.iloc[-1]
    assert whole["difference_mean"] == pytest.approx(found.mean)


def test_where_one_side_fixes_a_parameter_the_others_values_are_told(pool: Pool) -> None:
    fixed = shipped_case("truce-2012").changed(Assumption("turnover", 0.3)).scenario
    other = load_scenario("no-truce")
    for a, b in ((fixed, other), (other, fixed)):
        assert np.ptp(compute(Pair(a, b, 2), pool=pool).parameters["turnover"]) > 0
    assert np.ptp(compute(Pair(fixed, fixed, 2), pool=pool).parameters["turnover"]) == 0


def test_tables_hold_what_the_runs_hold(pair_shown: Shown, pair_results: PairResults) -> None:
    a = pair_results.a
    row = pair_shown.yearly.iloc[3]
    assert str(row["period"]) == "2012"
    by_year = a["recorded_national"].sel(month="2012").sum("month").values
    assert row["a_median"] == np.median(by_year)
    assert row["share_b_fewer"] == 1.0
    assert str(pair_shown.yearly.iloc[-1]["period"]) == "2009-01..2016-12"
    low, _, median, _, high = pair_shown.quantiles["b"]
    assert (low <= median).all()
    assert (median <= high).all()
    total = pair_shown.means["a"].sum()
    assert total == pytest.approx(float(a["recorded_national"].sum("month").mean()))
    rates = rates_of(pair_shown.means["a"][:12].sum(axis=0), 365.0)
    country = load_country()
    assert rates @ country.population / country.population.sum() == pytest.approx(
        1e5 * 365.25 / 365 * pair_shown.means["a"][:12].sum() / country.population.sum()
    )
    assert "no_truce" in set(pair_shown.reductions["b"]["baseline"])
    assert "no_truce" not in set(pair_shown.reductions["a"]["baseline"])
    frame = pair_shown.reductions["b"].set_index(["measure", "baseline"])
    paired = against(pair_results.b, a).iloc[0]
    assert frame.loc[("averted", "no_truce"), "median"] == paired["averted_median"]
    assert pair_shown.zones["a"].max() == 0.0
    assert pair_shown.zones["b"][-1].sum() == 8.0


# A session


@pytest.fixture
def session(pool: Pool) -> Session:
    pair = shipped_case("no-truce"), shipped_case("truce-2012")
    return Session(*pair, pool=pool, runs=RUNS, lang="en")


def do(session: Session, what: str, key: str = "", value: str = "", **more: object) -> None:
    session.message = ""
    act(session, {"do": what, "key": key, "value": value, **more})


def test_a_session_computes_its_cases(session: Session) -> None:
    session.compute()
    wait(lambda: session.progress == RUNS)
    assert session.results is not None
    assert session.results.complete
    assert set(session.shown.reductions) == {"a", "b"}
    assert session.results.a.attrs["scenario"] == "no-truce"


def test_placement_without_the_class_of_2015_is_one_choice_away(session: Session) -> None:
    session.placement = "departments"
    session.compute()
    wait(lambda: session.results is not None and session.progress == RUNS)
    wanted = placed(session.b.scenario, "departments")
    assert session.results.b.attrs["digest"] == wanted.digest != session.b.scenario.digest
    assert wanted.parameters["proxy_2015"] == 0.0


def test_every_control_changes_the_case(session: Session) -> None:
    """Each lever's every row: date, value, one more, one less."""
    for lever in LEVERS.values():
        for what in ("add", "date", "value", "remove"):
            before = session.b.scenario.digest
            rows = course(session.b.scenario, lever)
            last = f"{lever.name}.{len(rows) - 1}"
            if what == "add":
                do(session, "add", lever.name)
            elif what == "date":
                do(session, "date", last, "2014-07-15")
            elif what == "value" and lever.states:
                chosen = (
                    {lever.states.index(rows[-1].values)}
                    if rows[-1].values in lever.states
                    else set()
                )
                do(session, "state", last, str(min({0, 1, 2} - chosen)))
            elif what == "value":
                value = 1.0 if rows[-1].values[0] != 1.0 else 0.0
                do(session, "value", f"{last}.0", str(value))
            else:
                do(session, "remove", last)
            assert session.message == "", (lever.name, what)
            assert session.b.scenario.digest != before, (lever.name, what)
    assert session.a == shipped_case("no-truce")


@pytest.mark.parametrize(
    ("what", "key", "value"),
    [
        ("date", "guarantor.0", ""), ("date", "guarantor.0", "2030-01-01"),
        ("date", "guarantor.9", "2013-01-01"), ("date", "guarantor", "2013-01-01"),
        ("date", "nothing.0", "2013-01-01"), ("value", "guarantor.0.0", "7"),
        ("value", "guarantor.0.5", "1"), ("state", "truce.0", "9"), ("state", "truce.0", "-1"),
        ("option", "spreading", "99"), ("zone", "", "9999"), ("zone_date", "", "soon"),
        ("date", "guarantor.0", "2014-06-01"), ("value", "repression.0.0", "nan"),
        ("upload", "b", "%%%"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(
    session: Session, what: str, key: str, value: str
) -> None:
    before = session.b
    do(session, what, key, value, size=3, name="x.toml")
    assert session.message
    assert session.b is before


def test_a_municipality_signs_and_no_longer_signs(session: Session) -> None:
    toggle(session, "0101")
    assert session.b.signs("0101") == session.zone_date
    toggle(session, "0101")
    assert session.b.signs("0101") is None
    assert session.b.scenario.digest == shipped_case("truce-2012").scenario.digest
    session.editing = "a"
    with pytest.raises(Problem, match="no truce"):
        toggle(session, "0101")


def test_undo_reset_base_and_upload(session: Session) -> None:
    import base64

    do(session, "add", "funds")
    changed = session.b
    do(session, "option", "spreading", "1")
    do(session, "undo", "b")
    assert session.b == changed
    do(session, "reset", "b")
    assert session.b.scenario.digest == shipped_case("truce-2012").scenario.digest
    do(session, "base", "a", "funds-arrive")
    assert session.a.base.name == "funds-arrive"
    content = base64.b64encode(shipped_case("no-guarantor").toml().encode()).decode()
    do(session, "upload", "a", content, size=10, name="<b>x</b>.toml")
    assert session.a.scenario.digest == load_scenario("no-guarantor").digest
    assert session.link is None
    do(session, "upload", "a", "", size=10**9, name="x.toml")
    assert "bytes" in session.message


def test_an_error_in_a_run_leaves_the_session_alive(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_run = simulate.live_run
    broken = [True]

    def failing(*given: Any, **more: Any) -> Any:
        if broken[0]:
            raise RuntimeError("no luck")
        return live_run(*given, **more)

    monkeypatch.setattr(simulate, "live_run", failing)
    session.change("b", Assumption("turnover", 0.31))
    session.compute()
    wait(lambda: "no luck" in session.message)
    broken[0] = False
    session.compute()
    wait(lambda: session.progress == RUNS)


def test_a_late_telling_of_fewer_runs_changes_nothing(session: Session) -> None:
    session.compute()
    wait(lambda: session.progress == RUNS)
    whole, some = session.results, slice(3)
    few = replace(
        whole, a=whole.a.isel(run=some), b=whole.b.isel(run=some), parameters=whole.parameters[some]
    )
    session._take(session._work, few, show(few), None)
    assert session.progress == RUNS
    assert session.results is whole


def test_a_link_opens_the_cases_in_its_language(session: Session) -> None:
    do(session, "add", "funds")
    link = session.link
    assert link is not None
    first = shipped_case("no-truce"), shipped_case("no-truce")
    a, b, wrong = read_cases(link, first)
    assert wrong is None
    assert (a.scenario.digest, b.scenario.digest) == (
        session.a.scenario.digest,
        session.b.scenario.digest,
    )
    assert language_of(link, "es", None) == "en"
    assert read_cases("?a=nothing", first)[2] is not None
    assert read_cases("?" + "&".join(f"x{n}=1" for n in range(99)), first)[:2] == first


@pytest.mark.parametrize(
    ("query", "accepted", "default", "lang"),
    [
        ("", "es-SV,es;q=0.9,en;q=0.8", None, "es"),
        ("", "en-US,en;q=0.9", None, "en"),
        ("", "de-DE,de;q=0.9", None, "es"),
        ("", "en", "es", "es"),
        ("lang=en", "es", "es", "en"),
        ("lang=xx", "en", None, "en"),
    ],
)
def test_the_language_is_the_browsers_unless_chosen(
    query: str, accepted: str, default: str | None, lang: str
) -> None:
    assert language_of(query, accepted, default) == lang


def test_a_pool_that_has_ended_takes_no_question(truce_case: Case) -> None:
    pool = Pool(threads=1)
    pool.end()
    with pytest.raises(Over):
        compute(Pair(truce_case.scenario, None, 2, 1), pool=pool)
