"""How fast trucesim is, measured in one go: ``python benchmarks/engine.py [--quick]``.

Prints tables for people and, as the last line, one JSON object for machines; ``README.md`` beside
this file says what its keys mean and how they are measured.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median

from plain_mesa import PlainModel, draw_country

from trucesim.engine.tables import Setting
from trucesim.runs.sampling import parameters_of_runs
from trucesim.runs.simulate import live_run, prepare
from trucesim.scenario.file import load_scenario
from trucesim.world import calendar
from trucesim.world.country import load_country

SCENARIO = "truce-2012"
SEED = 1
WEEKS_AT_A_TIME = 38
"""Of the plain life, between compiled runs: 11 turns make a life of 418 weeks."""

FIRST_RESULT = f"import trucesim; trucesim.run({SCENARIO!r}, runs=1, seed={SEED}, point=True)"

SWEEP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import trucesim
from peak import peak_mb
trucesim.run({SCENARIO!r}, runs=%d, seed={SEED}, point=True)
print(peak_mb())
"""


def setting_of(times: int = 1, *, busier: bool = False) -> Setting:
    """Give the scenario's setting at the point values, with so many times the cliques.

    Members grow alike; homicides too if ``busier``. The municipalities stay as they are.
    """
    country = load_country()
    scenario = load_scenario(SCENARIO)
    p = parameters_of_runs(country, dict(scenario.parameters), SEED, 0, 1, point=True)
    grown = ["cliques", "members_at_liberty", "members_in_prison"]
    if busier:
        grown += ["homicide_level", "police_killed_level", "clash_level"]
    for name in grown:
        p[name] *= times
    return prepare(scenario, country, p)


def live_one(setting: Setting, run: int, weeks: int = calendar.WEEKS) -> float:
    """Live one compiled run, with its room and its country.

    Returns
    -------
    float
        Processor seconds of this thread.
    """
    start = time.thread_time()
    live_run(setting, SEED, run, weeks)
    return time.thread_time() - start


def compare_lives(setting: Setting, lives: int) -> tuple[list[float], list[float]]:
    """Live whole plain lives with compiled runs in between, so that both meet the same noise.

    Returns
    -------
    plain, compiled : list of float
        Processor seconds a run, one entry a plain life; the compiled one is the median of those
        between that life's turns. No part of a life is extrapolated.
    """
    plain, compiled = [], []
    for run in range(lives):
        country = draw_country(setting, SEED, run)
        gc.collect()
        start = time.thread_time()
        model = PlainModel(setting, country, rng=run)
        spent = time.thread_time() - start
        between = []
        while model.steps < calendar.WEEKS:
            start = time.thread_time()
            model.live(min(model.steps + WEEKS_AT_A_TIME, calendar.WEEKS))
            spent += time.thread_time() - start
            between += [live_one(setting, run) for _ in range(2)]
        plain.append(spent)
        compiled.append(median(between))
    return plain, compiled


def gain_of_second_thread(setting: Setting, pairs: int, runs: int) -> float:
    """Compare the throughput of two threads and one, by the clock, taking turns.

    Returns
    -------
    float
        Median gain: 1 would be twice the throughput.
    """

    def seconds(threads: int) -> float:
        with ThreadPoolExecutor(threads) as pool:
            start = time.perf_counter()
            list(pool.map(partial(live_one, setting), range(runs)))
            return time.perf_counter() - start

    return median(seconds(1) / seconds(2) for _ in range(pairs)) - 1.0


def run_fresh(code: str, cache: str) -> tuple[float, str]:
    """Run code in a fresh process that keeps compiled code in ``cache``.

    Returns
    -------
    seconds : float
        By the clock, from before its start to after its end.
    printed : str
    """
    environment = {**os.environ, "TRUCESIM_CACHE": cache}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - start, done.stdout


def measure_fresh(warm: int, runs: int) -> tuple[float, float, float]:
    """Measure fresh processes: starts without and with kept compiled code, and memory.

    Returns
    -------
    cold, warm : float
        Seconds to the first result.
    peak : float
        Megabytes that a sweep of ``runs`` runs holds at most; it compiles nothing.
    """
    with tempfile.TemporaryDirectory() as cache:
        cold, _ = run_fresh(FIRST_RESULT, cache)
        warm_start = median(run_fresh(FIRST_RESULT, cache)[0] for _ in range(warm))
        _, peak = run_fresh(SWEEP % runs, cache)
        # Compiled code is kept by a digest of the sources.
        if len(os.listdir(cache)) != 1:
            raise SystemExit("the package's sources changed while starts were measured: run again")
    return cold, warm_start, float(peak)


def print_growth(repeats: int) -> None:
    """Print how time grows with cliques, weeks and runs."""
    print(f"{'':24}{'':>10}{'ms':>10}{'times':>8}{'time grows':>12}")
    cases: dict[str, list[tuple[int, Setting, int, int]]] = {}
    base, weeks = setting_of(), calendar.WEEKS
    for times in (1, 4, 16):
        grown, busier = setting_of(times), setting_of(times, busier=True)
        cliques = int(grown.p["cliques"][0])
        cases.setdefault("cliques", []).append((cliques, grown, weeks, 1))
        cases.setdefault("cliques and homicides", []).append((cliques, busier, weeks, 1))
        cases.setdefault("weeks", []).append((26 * times, base, 26 * times, 1))
        cases.setdefault("runs", []).append((times, base, weeks, times))
    for name, rows in cases.items():
        taken: list[list[float]] = [[] for _ in rows]
        for _ in range(repeats):
            for mine, (_, setting, last_week, runs) in zip(taken, rows, strict=True):
                mine.append(sum(live_one(setting, run, last_week) for run in range(runs)))
        first = median(taken[0])
        for (count, *_), spent in zip(rows, map(median, taken), strict=True):
            times_more = count / rows[0][0]
            print(f"{name:24}{count:>10,}{1e3 * spent:>10.1f}{times_more:>8.0f}", end="")
            print(f"{spent / first:>12.1f}")
    print()


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description="Measure trucesim's speed.")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, for automatic checks")
    quick = parser.parse_args().quick

    began = time.perf_counter()
    setting = setting_of()
    live_one(setting, 0)  # compiles, if nothing has before
    plain, compiled = compare_lives(setting, 1 if quick else 5)
    gain = gain_of_second_thread(setting, pairs=3 if quick else 9, runs=16 if quick else 32)
    cold, warm, peak = measure_fresh(1 if quick else 5, runs=40 if quick else 200)

    print("Growth (medians, processor time of one core)")
    print_growth(3 if quick else 9)
    print("A run of 1,955 cliques, 262 municipalities and 418 weeks (processor time of one core)")
    print(f"{'compiled':24}{1e3 * median(compiled):>10.1f} ms")
    print(f"{'plain Mesa':24}{1e3 * median(plain):>10.1f} ms")
    ratios = [a / b for a, b in zip(plain, compiled, strict=True)]
    print(f"{'ratio':24}{median(ratios):>10.0f}    ({min(ratios):.0f} to {max(ratios):.0f})")
    print(f"\nmeasured in {time.perf_counter() - began:.0f} s")
    print(
        json.dumps(
            {
                "ratio_per_core": round(median(ratios), 1),
                "seconds_per_run_core": round(median(compiled), 5),
                "seconds_per_run_core_mesa": round(median(plain), 3),
                "second_thread_gain": round(gain, 3),
                "cold_start_s": round(cold, 2),
                "warm_start_s": round(warm, 2),
                "peak_mb": round(peak, 1),
                "load_average": round(os.getloadavg()[0], 2),
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()
