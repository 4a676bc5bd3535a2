"""Watching one run: a run of the ensemble, and reasons that are the rule's own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from queue import SimpleQueue

import numpy as np
import pytest
from spoken import in_language, texts_in

from trucesim import load_scenario, run
from trucesim.locale.texts import TEXT
from trucesim.parameters import GANGS, PARAMETERS
from trucesim.rules.clique import Weights
from trucesim.scenario.scenario import Scenario, Zone
from trucesim.workshop import watch as room
from trucesim.workshop.reasons import WatchedModel
from trucesim.workshop.session import Session
from trucesim.workshop.watch import Watch
from trucesim.workshop.watched import FIRST_DAY, Watched
from trucesim.world import calendar
from trucesim.world import tiles as geography
from trucesim.world.country import Country, load_country

SAN_SALVADOR = "0614"


@pytest.fixture(scope="module")
def watched() -> Watched:
    """A run a month into the truce."""
    found = Watched(load_scenario("truce-2012"), 3, dt.date(2012, 3, 1))
    for _ in range(5):
        found.step()
    return found


@pytest.fixture
def pane(watched: Watched) -> Watch:
    pane = Watch(Session(lang="en"))
    pane.watched = watched
    pane.place = load_country().codes.index(SAN_SALVADOR)
    return pane


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", " ", html)))


def test_it_is_a_run_of_the_ensemble(watched: Watched) -> None:
    results = run(load_scenario("truce-2012"), 1, 1, first_run=3, until=dt.date(2012, 4, 30))
    days = int((results["day"].values <= np.datetime64(watched.last_day)).sum())
    expected = results["recorded_daily"].values[0, :days]
    np.testing.assert_array_equal(watched.model.output.daily[:days], expected)
    weeks, counts = watched.weekly()
    assert len(weeks) == len(counts) == watched.model.week - 2 * 365 // 7
    assert counts[-1] == expected[-7:].sum()


def test_it_can_begin_on_the_first_day() -> None:
    first = Watched(load_scenario("no-truce"), 0, dt.date(2009, 1, 1))
    first.step()
    assert first.model.week == 1
    assert not first.ordered
    assert first.model.decisions == {}


def test_a_local_pact_is_obeyed_and_told_without_any_order(
    no_truce: Scenario, small: Country
) -> None:
    there = small.codes[int(np.argmax(small.population))]
    zone = Zone(there, calendar.START, calendar.START, None, "test")
    scenario = replace(no_truce, zones=(zone,), parameters={"pact_grip": 1.0, "pact_break": 0.0})
    model = WatchedModel(scenario, seed=1, run=0, country=small)
    model.step()
    model.step()
    places = model.state.cliques["place"]
    assert {small.codes[places[row]] for row in model.decisions} == {there}
    for row, decision in model.decisions.items():
        assert (decision.agreed, decision.ordered, decision.reached) == (True, False, True)
        assert decision.holds == (sum(decision.weights) > 0)
        assert decision.holds == bool(model.state.cliques["complies"][row])
    told = room.reasons(next(iter(model.decisions.values())))
    assert told["reached"] == "The local pact reached it."


def test_what_the_rule_weighs_has_a_name_in_both_languages() -> None:
    for name in Weights._fields:
        for lang in ("en", "es"):
            assert f"watch.term.{name}" in texts_in(lang, TEXT) or in_language(
                lang, PARAMETERS[name].label
            )


def test_the_terms_add_up_to_what_cliques_did(watched: Watched) -> None:
    rows = watched.rows()
    cliques = watched.model.state.cliques
    decided = [row for row in rows if watched.decision(row)]
    assert len(decided) > 1500
    held = 0
    for row in decided:
        decision = watched.decision(row)
        assert decision is not None
        assert decision.holds == bool(cliques["complies"][row])
        assert decision.holds == (decision.reached and sum(decision.weights) > 0)
        held += decision.holds
    assert 0 < held < len(decided)


def test_marks_lie_in_their_municipality_and_stay_there(watched: Watched) -> None:
    rows = watched.rows()
    spots = watched.spots(rows)
    grid = geography.tiles()
    centres = grid.centres / 1000
    codes = load_country().codes
    for row, spot in list(zip(rows, spots, strict=True))[::97]:
        nearest = int(np.hypot(*(centres - spot).T).argmin())
        own = codes[watched.model.state.cliques["place"][row]]
        near = np.hypot(*(centres[grid.code == own] - spot).T).min()
        assert grid.code[nearest] == own or near < grid.spacing / 1000
    np.testing.assert_array_equal(spots, watched.spots(rows))
    other = Watched(load_scenario("truce-2012"), 4, dt.date(2012, 3, 1))
    assert len(other.rows()) != len(rows) or not np.array_equal(other.spots(other.rows()), spots)


def test_a_municipality_tells_its_gangs_force_and_reasons(pane: Watch, watched: Watched) -> None:
    pane.draw()
    told = words(pane.detail.html)
    row = load_country().codes.index(SAN_SALVADOR)
    found = watched.gangs(row)
    assert sum(each.cliques for each in found) == len(watched.rows(row))
    for gang, own in zip(("MS-13", "Barrio 18 Sureños"), found, strict=False):
        assert f"{gang} {own.cliques} {own.members:,} {own.holding:,}" in told
    force = watched.model.municipality_list[row].force
    assert f"{force.police:,.0f} police, {force.soldiers:,.0f} soldiers" in told
    assert "The order reached it." in told
    assert "What the leaders threaten and offer" in told
    assert pane.detail.html.count('class="clique"') == room.MOST_LISTED
    pane.act({"do": "watch_more"})
    assert pane.detail.html.count('class="clique"') == min(
        2 * room.MOST_LISTED, len(watched.rows(row))
    )
    assert "Invented." in words(pane.head.html)
    shares = dict(zip(GANGS, watched.gangs(), strict=True))
    share = 100 * shares["ms13"].holding / shares["ms13"].members
    assert f"MS-13 {shares['ms13'].cliques:,} {share:.0f}%" in words(pane.bar.html)


def test_workshop_mode_shows_no_single_clique_and_no_name(pane: Watch) -> None:
    pane.draw()
    assert len(pane.map.cliques.data["x"]) > 1500
    pane.session.mode = "workshop"
    assert len(pane.map.cliques.data["x"]) == 0
    shown = words(pane.head.html + pane.bar.html + pane.detail.html)
    assert not re.search("MS-13|Barrio 18|Sureños|Revolucionarios", shown)
    assert {"Gang A", "Gang B", "Gang C"} <= set(re.findall("Gang [ABC]", shown))
    assert 'class="clique"' not in pane.detail.html
    assert len(set(pane.map.places.data["colour"])) > 3  # shares by municipality instead
    pane.session.mode = "open"
    assert len(pane.map.cliques.data["x"]) > 1500


def test_hollow_marks_do_not_hold(pane: Watch, watched: Watched) -> None:
    pane.draw()
    complies = watched.model.state.cliques["complies"][watched.rows()]
    fills = np.asarray(pane.map.cliques.data["fill"])
    np.testing.assert_array_equal(fills != "white", complies)


def test_what_is_sent_from_outside_is_checked(pane: Watch) -> None:
    for message in (
        {"do": "watch_place", "value": "../etc"}, {"do": "watch_speed", "value": "1000"},
        {"do": "watch_side", "value": "c"}, {"do": "watch_start", "value": "tomorrow"},
        {"do": "rm", "value": "-rf"}, {},
    ):  # fmt: skip
        pane.act(message)
    assert pane.place is None  # no such place
    assert pane.speed in room.SPEEDS
    assert pane.side == "b"
    assert pane.start == FIRST_DAY


type Turn = SimpleQueue[Callable[[], None]]


def settle(pane: Watch, turn: Turn) -> None:
    """Wait until what was asked for is done and, in this thread's turn as in a page's, shown."""
    while pane.busy:
        turn.get(timeout=300)()


def test_it_begins_steps_and_begins_again_without_blocking() -> None:
    turn: Turn = SimpleQueue()
    pane = Watch(Session(lang="es", later=turn.put))
    pane.act({"do": "watch_step"})
    assert pane.busy  # it came back before the model was made
    settle(pane, turn)
    assert pane.watched is not None
    week = pane.watched.model.week
    pane.act({"do": "watch_step"})
    settle(pane, turn)
    assert "08/02/2012" in pane.bar.html
    assert pane.watched.model.week == week + 1
    pane.act({"do": "watch_other"})
    settle(pane, turn)
    assert pane.run == 1
    assert pane.watched.number == 1
    assert pane.watched.model.week == week
    pane.act({"do": "watch_start", "value": "2016-12-30"})
    settle(pane, turn)
    pane.act({"do": "watch_step"})
    settle(pane, turn)
    assert "31/12/2016" in pane.bar.html
    assert pane.watched.over
    pane.session.change("b", lambda case: case.undone())
    pane.session.param.trigger("b")
    assert pane.watched is None


def test_a_failing_run_leaves_the_pane_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    turn: Turn = SimpleQueue()
    pane = Watch(Session(lang="en", later=turn.put))

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(room, "Watched", fail)
    pane.act({"do": "watch_step"})
    settle(pane, turn)
    assert "The run stopped with an error (MemoryError)" in pane.bar.html
    monkeypatch.undo()
    pane.act({"do": "watch_step"})
    settle(pane, turn)
    assert "stopped" not in pane.bar.html
    assert pane.watched is not None


def test_only_so_many_runs_play_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pane = Watch(Session(lang="en"))
    monkeypatch.setattr(room, "_playing", set(range(room.MOST_PLAYING)))
    pane.act({"do": "watch_play"})
    assert not pane.playing
    assert "runs are being watched already" in pane.bar.html
