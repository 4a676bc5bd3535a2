"""Random draws by address: a draw is a pure function of what it is for.

A draw's address is (seed, run, decision, week, agent, index). Nothing is consumed, so the order in
which agents act, the number of threads, and what else is computed change nothing; and two scenarios
share every draw that their difference does not touch (common random numbers). The hash is
SplitMix64's finaliser (Steele, Lea & Flood 2014), applied along the address.
"""

from __future__ import annotations

import math

import numpy as np

from trucesim.compilation import compiled_for_python, entrance

# What a draw is for. A new decision takes a new number, so that it shifts no other draw.
PLACE_VIOLENCE, PLACE_PATCH, PLACE_MIX, PLACE_CHOICE = 1, 2, 3, 4
CLIQUE_PLACE, CLIQUE_GANG, CLIQUE_SIZE, CLIQUE_DISPOSITION = 5, 6, 7, 8
SCREEN_CLIQUE, SCREEN_PLACE = 9, 10
DECIDE, FEUD, RETALIATE, KILL_OTHERS, DEFY, CLASH, OTHERS = 11, 12, 13, 14, 15, 16, 17
FEUD_TARGET, RETALIATE_TARGET, DEFY_TARGET, CLASH_TARGET = 22, 23, 25, 26
HIDE = 30  # HIDE + kind of killing
LEAVE, JOIN, FOUND, EXTEND, MISSING, ZONE_DATE, POSTERIOR = 41, 42, 43, 44, 45, 46, 47
MOOD, PRIOR = 48, 49
MISSING_REPORT = 50  # MISSING_REPORT + kind of killing
CLIMATE, PRESS, PACT, ORDER = 60, 61, 62, 63
SHIELD = 64  # SHIELD + 1 where an attack is avenged
WANDER = 66

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@compiled_for_python
def _mix(z):  # type: ignore[no-untyped-def]
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


@compiled_for_python
def run_key(seed, run):  # type: ignore[no-untyped-def]
    """Give the key under which all draws of one run stand."""
    return _mix(_mix(np.uint64(seed) + _GOLDEN) + _GOLDEN * np.uint64(run + 1))


@compiled_for_python
def stream(key, decision, week):  # type: ignore[no-untyped-def]
    """Give the key of one decision in one week."""
    return _mix(np.uint64(key) + _GOLDEN * np.uint64(decision * 4096 + week + 1))


@compiled_for_python
def uniform(key, agent, index):  # type: ignore[no-untyped-def]
    """Draw from [0, 1) for one agent under a stream's key; ``index`` counts its draws there."""
    z = _mix(np.uint64(key) + _GOLDEN * np.uint64(agent + 1))
    if index > 0:
        z = _mix(z + _GOLDEN * np.uint64(index))
    return np.float64(np.int64(z >> np.uint64(11))) * (1.0 / 9007199254740992.0)


@compiled_for_python
def normal(key, agent, index):  # type: ignore[no-untyped-def]
    """Draw from the standard normal distribution (Box and Muller), two uniforms each."""
    u = 1.0 - uniform(key, agent, 2 * index)
    v = uniform(key, agent, 2 * index + 1)
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@compiled_for_python
def logistic_variate(key, agent):  # type: ignore[no-untyped-def]
    """Draw from the standard logistic distribution: the noise of a logit choice."""
    u = uniform(key, agent, 0)
    return math.log((u + 2.0**-54) / (1.0 - u))


@compiled_for_python
def poisson(mean, key, agent):  # type: ignore[no-untyped-def]
    """Draw a Poisson count by inversion of one uniform, or of one for every 500 of the mean."""
    count = 0
    part = 0
    while mean > LARGEST_MEAN:
        part += 1
        count += _inverted(LARGEST_MEAN, uniform(key, agent, FURTHER_PARTS + part))
        mean -= LARGEST_MEAN
    return count + _inverted(mean, uniform(key, agent, 0))


LARGEST_MEAN = 500.0
"""Beyond about 700 the probability of nought is below any float."""

FURTHER_PARTS = 1 << 20
"""Indices of the further uniforms of a large Poisson count start here."""


_FIRST_STEPS = 8
"""So many counts are tried at once: where a draw ends among them cannot be foreseen."""


@compiled_for_python
def _inverted(mean, u):  # type: ignore[no-untyped-def]
    """Give the Poisson count that a uniform stands for."""
    if u < 1.0 - mean:
        return 0  # the probability of nought is no less than that
    term = math.exp(-mean)
    reached = term
    count = 0
    for step in range(1, _FIRST_STEPS + 1):
        count += u >= reached
        term *= mean * (1.0 / step)
        reached += term
    if count < _FIRST_STEPS:
        return count
    while u >= reached and count < 4096:
        count += 1
        term *= mean / count
        reached += term
    return count


@compiled_for_python
def poisson_side_by_side(mean, key, number, room, count):  # type: ignore[no-untyped-def]
    """Draw for many agents as :func:`poisson` does for one.

    Processors take several at a time in the middle loop, where nothing is called and no count but
    the first few is tried: that is most of the work, and leaves few for the last.
    """
    for i in range(mean.shape[0]):
        room[i] = math.exp(-mean[i])
    for i in range(mean.shape[0]):
        u = uniform(key, number[i], 0)
        term = room[i]
        reached = term
        tried = 0
        for step in range(1, _FIRST_STEPS + 1):
            tried += u >= reached
            term *= mean[i] * (1.0 / step)
            reached += term
        count[i] = 0 if u < 1.0 - mean[i] else tried
    for i in range(mean.shape[0]):
        if count[i] == _FIRST_STEPS or mean[i] > LARGEST_MEAN:
            count[i] = poisson(mean[i], key, number[i])


@compiled_for_python
def screen(key, agent):  # type: ignore[no-untyped-def]
    """Draw the coarse part of four waiting times at once: four lanes of 16 bits.

    Most agents do nothing in most weeks. One hash tells so for four decisions; only where a lane
    falls below its hazard is the waiting time drawn in full (:func:`first_waiting_time`).
    """
    return _mix(np.uint64(key) + _GOLDEN * np.uint64(agent + 1))


@compiled_for_python
def lane_of(bits, decision):  # type: ignore[no-untyped-def]
    """Give one decision's lane, an integer from 0 to 65,535; ``decision`` counts from 0 to 3."""
    return np.int64((bits >> np.uint64(16 * decision)) & np.uint64(0xFFFF))


@compiled_for_python
def lowest_lane(bits):  # type: ignore[no-untyped-def]
    """Give the lowest of the four lanes."""
    lane = np.uint64(0xFFFF)
    low = min(bits & lane, (bits >> np.uint64(16)) & lane)
    high = min((bits >> np.uint64(32)) & lane, bits >> np.uint64(48))
    return np.int64(min(low, high))


@compiled_for_python
def may_happen(lane, hazard):  # type: ignore[no-untyped-def]
    """Tell cheaply that nothing happens up to a hazard: False for sure when False."""
    # A first waiting time beyond h means u > 1 - exp(-h), and 1 - exp(-h) <= h.
    return lane * (1.0 / 65536.0) < hazard


@compiled_for_python
def first_waiting_time(lane, key, agent):  # type: ignore[no-untyped-def]
    """Draw the unit-exponential time to an agent's first event: the lane, then finer bits."""
    return -math.log(1.0 - (lane + uniform(key, agent, 0)) * (1.0 / 65536.0))


@entrance
def draw_runs(seed, first_run, decision, agent, shares):  # type: ignore[no-untyped-def]
    """Draw from [0, 1) once for each of consecutive runs: which parameters it takes."""
    for i in range(shares.shape[0]):
        shares[i] = uniform(stream(run_key(seed, first_run + i), decision, 0), agent, 0)
