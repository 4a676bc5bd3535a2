"""Draws by address: pure functions of it, of the right laws."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from scipy import stats

from trucesim.engine import draws
from trucesim.engine.draws import (
    first_waiting_time,
    lane_of,
    logistic_variate,
    may_happen,
    normal,
    poisson,
    run_key,
    screen,
    stream,
    uniform,
)
from trucesim.engine.events import list_events
from trucesim.engine.tables import EVENT, NEVER_MORE_IN_A_WEEK, Scratch
from trucesim.world import calendar

MANY = 100_000


@numba.njit
def _uniforms(seed, first_run, decision, week, agent, index, axis, count):  # type: ignore[no-untyped-def]
    """Draw along one axis of the address; the rest of it stays."""
    drawn = np.empty(count)
    for n in range(count):
        s, r, d, w, a, i = seed, first_run, decision, week, agent, index
        if axis == 0:
            s += n
        elif axis == 1:
            r += n
        elif axis == 2:
            d += n
        elif axis == 3:
            w += n
        elif axis == 4:
            a += n
        else:
            i += n
        drawn[n] = uniform(stream(run_key(s, r), d, w), a, i)
    return drawn


AXES = {"seed": 0, "run": 1, "decision": 2, "week": 3, "agent": 4, "index": 5}
LENGTH = {"seed": MANY, "run": MANY, "decision": 60, "week": 418, "agent": MANY, "index": 512}


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("address", [(1, 0, 11, 0, 0, 0), (2**62, 7, 30, 417, 1_048_576, 3)])
def test_uniform_draws(axis: str, address: tuple[int, ...]) -> None:
    count = LENGTH[axis]
    starts = [address]
    if count < MANY:  # short axes are tried for many agents
        starts = [(*address[:4], address[4] + k, address[5]) for k in range(MANY // count)]
    series = np.array([_uniforms(*start, AXES[axis], count) for start in starts])
    drawn = series.ravel()
    n = len(drawn)
    assert 0.0 <= drawn.min() <= drawn.max() < 1.0
    assert abs(drawn.mean() - 0.5) < 4.0 * (1.0 / 12.0 / n) ** 0.5
    assert abs(drawn.var() - 1.0 / 12.0) < 4.0 * (1.0 / 180.0 / n) ** 0.5
    assert stats.kstest(drawn, "uniform").pvalue > 1e-4
    # The lowest bits are as random as the highest.
    assert stats.kstest(drawn * 2**30 % 1.0, "uniform").pvalue > 1e-4
    for lag in (1, 2, 7):
        a, b = series[:, :-lag].ravel(), series[:, lag:].ravel()
        assert abs(np.corrcoef(a, b)[0, 1]) < 4.0 / len(a) ** 0.5
        # Nor does a draw tell whether its neighbour is rare.
        rare = b[a < 0.01]
        assert abs(rare.mean() - 0.5) < 4.5 * (1.0 / 12.0 / len(rare)) ** 0.5


def test_decisions_and_weeks_are_independent_for_an_agent() -> None:
    base = _uniforms(1, 0, 11, 100, 0, 0, 4, MANY)
    for address in ((1, 0, 12, 100), (1, 0, 11, 101), (1, 1, 11, 100), (2, 0, 11, 100),
                    (0, 1, 11, 100)):  # fmt: skip
        other = _uniforms(*address, 0, 0, 4, MANY)
        assert not np.isin(base[:1000], other).any()
        table, *_ = np.histogram2d(base, other, 10, [[0, 1], [0, 1]])
        assert stats.chisquare(table.ravel()).pvalue > 1e-4


def test_a_draw_is_a_pure_function_of_its_address() -> None:
    again = [_uniforms(5, 3, draws.FEUD, 12, 8, 1, axis, 1)[0] for axis in range(6)]
    assert len(set(again)) == 1
    numbers = [value for name, value in vars(draws).items() if name.isupper() and name[0] != "_"]
    # HIDE and MISSING_REPORT take one more for every kind of killing.
    taken = [n for n in numbers if n not in (draws.HIDE, draws.MISSING_REPORT)]
    taken += [start + kind for start in (draws.HIDE, draws.MISSING_REPORT) for kind in range(6)]
    assert len(taken) == len(set(taken))
    assert max(taken) * 4096 + calendar.WEEKS < 2**63


@numba.njit
def _poissons(mean, key, count):  # type: ignore[no-untyped-def]
    drawn = np.empty(count, np.int64)
    for agent in range(count):
        drawn[agent] = poisson(mean, key, agent)
    return drawn


@pytest.mark.parametrize("mean", [0.0, 0.02, 0.9, 6.0, 80.0, 500.0, 2_000.0])
def test_poisson(mean: float) -> None:
    count = MANY if mean < 100 else 5_000
    drawn = _poissons(mean, np.uint64(_key(41)), count)
    if mean == 0.0:
        assert not drawn.any()
        return
    assert abs(drawn.mean() - mean) < 4.0 * (mean / count) ** 0.5
    spread = (mean + 2.0 * mean**2) / count  # variance of the sample variance
    assert abs(drawn.var() - mean) < 4.0 * spread**0.5
    edges = np.unique(stats.poisson.ppf(np.linspace(0, 1, 12)[1:-1], mean))
    found = np.bincount(np.searchsorted(edges, drawn), minlength=len(edges) + 1)
    share = np.diff(np.concatenate([[0.0], stats.poisson.cdf(edges, mean), [1.0]]))
    assert stats.chisquare(found, share * count).pvalue > 1e-4


@numba.njit
def _waits(key, screening, lane_number, count):  # type: ignore[no-untyped-def]
    drawn = np.empty(count)
    for agent in range(count):
        drawn[agent] = first_waiting_time(
            lane_of(screen(screening, agent), lane_number), key, agent
        )
    return drawn


@numba.njit
def _lanes(screening, lane_number, count):  # type: ignore[no-untyped-def]
    drawn = np.empty(count, np.int64)
    for agent in range(count):
        drawn[agent] = lane_of(screen(screening, agent), lane_number)
    return drawn


def test_waiting_times_screened_by_lanes_are_exponential() -> None:
    screening = np.uint64(_key(draws.SCREEN_CLIQUE))
    waits = np.array(
        [_waits(np.uint64(_key(12 + lane)), screening, lane, MANY) for lane in range(4)]
    )
    assert np.isfinite(waits).all()
    assert (waits >= 0).all()
    for each in waits:
        assert len(np.unique(each)) == MANY  # finer than the lanes
        assert stats.kstest(each, "expon").pvalue > 1e-4
        # Also where it matters, at hazards as small as a clique's in a week.
        for hazard in (0.003, 0.05):
            assert (
                abs((each < hazard).sum() - MANY * (1 - np.exp(-hazard)))
                < 4 * (MANY * hazard) ** 0.5
            )
    table = np.abs(np.corrcoef(waits)[np.triu_indices(4, 1)])
    assert (table < 4.0 / MANY**0.5).all()
    lanes = np.array([_lanes(screening, lane, 2000) for lane in range(4)]).T
    assert lanes.min() >= 0
    assert lanes.max() <= 65_535
    # A screen never hides an event: whoever waits less than the hazard passes it.
    for hazard in (1e-5, 0.003, 0.7):
        soon = np.flatnonzero(waits[0, :2000] < hazard)
        assert all(may_happen(lanes[agent, 0], hazard) for agent in soon)
    assert not may_happen(lanes[:, 0].max(), 0.5)


@numba.njit
def _logistic_and_normal(key, count):  # type: ignore[no-untyped-def]
    drawn = np.empty((2, count))
    for agent in range(count):
        drawn[0, agent] = logistic_variate(key, agent)
        drawn[1, agent] = normal(key, agent, 1)
    return drawn


def test_logistic_and_normal_draws() -> None:
    drawn = _logistic_and_normal(np.uint64(_key(draws.MOOD)), MANY)
    assert np.isfinite(drawn).all()
    assert stats.kstest(drawn[0], "logistic").pvalue > 1e-4
    assert stats.kstest(drawn[1], "norm").pvalue > 1e-4


@numba.njit
def _events(room, key, screening, count, hazard, first, days):  # type: ignore[no-untyped-def]
    """List the agents' events in a stretch: rows of agent, day and index."""
    rows = [(0, 0, 0)]
    for agent in range(count):
        lane = lane_of(screen(screening, agent), 0)
        spent, until = hazard * first / 7, hazard * (first + days) / 7
        for n in range(list_events(room, lane, key, agent, spent, until, first, days)):
            rows.append((agent, room.events[n].day, room.events[n].index))
    return np.array(rows)[1:]


@pytest.mark.parametrize("hazard", [0.02, 1.5, 30.0])
def test_events_are_a_poisson_process_whatever_the_stretches(hazard: float) -> None:
    blank = {name: np.zeros(1) for name in Scratch._fields}
    blank["events"] = np.zeros(NEVER_MORE_IN_A_WEEK, EVENT)
    room = Scratch(**blank)
    agents = 200_000 if hazard < 1 else 5_000
    keys = np.uint64(_key(draws.FEUD)), np.uint64(_key(draws.SCREEN_CLIQUE))
    address = *keys, agents, hazard
    whole = _events(room, *address, 0, 7)
    counts = np.bincount(whole[:, 0], minlength=agents)
    error = (hazard / agents) ** 0.5
    assert abs(counts.mean() - hazard) < 4.0 * error
    assert abs(counts.var() - hazard) < 4.0 * ((hazard + 2.0 * hazard**2) / agents) ** 0.5
    assert stats.chisquare(np.bincount(whole[:, 1], minlength=7)).pvalue > 1e-4
    # An agent's events are numbered in the order of their days.
    same = whole[1:, 0] == whole[:-1, 0]
    assert (np.diff(whole[:, 1])[same] >= 0).all()
    assert (np.diff(whole[:, 2])[same] == 1).all()
    # The same week in stretches of three, three and one days.
    parts = [_events(room, *address, first, days) for first, days in ((0, 3), (3, 3), (6, 1))]
    in_parts = np.concatenate(parts)
    np.testing.assert_array_equal(in_parts[np.lexsort(in_parts.T[[2, 0]])], whole)


@numba.njit
def _key(decision):  # type: ignore[no-untyped-def]
    return stream(run_key(3, 0), decision, 9)
