"""How much of the engine's speed a calibration keeps: ``python benchmarks/calibration.py``.

The same draws from the priors are lived once by the bare engine and once as a table of runs, chunk
by chunk in turn, on all cores. The last line printed is one JSON object; `ratio_to_engine` is the
median over chunks of bare seconds / table seconds: 1 would be no overhead at all.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np

from trucesim.runs.sampling import draw_priors, records
from trucesim.runs.simulate import live_run, prepare
from trucesim.scenario.file import load_scenario
from trucesim.studies.calibration import CHUNK, LAST, Plan, build_table, load_plan
from trucesim.world import calendar
from trucesim.world.country import load_country

PLAN = Path(__file__).parents[1] / "experiments" / "calibration" / "plan.toml"


def seconds_of_engine(plan: Plan, chunk: int) -> float:
    """Live one chunk's draws by the bare engine, up to the day on which the table stops."""
    country = load_country()
    rows = records(draw_priors(plan.seed, CHUNK * chunk, CHUNK))
    setting = prepare(load_scenario(plan.scenario), country, rows[:1])
    months = int(calendar.month_of_day()[calendar.day_of(LAST)]) + 1
    last_week = -(-int(np.searchsorted(calendar.month_of_day(), months)) // 7)

    def live_one(r: int) -> None:
        own = setting._replace(p=rows[r : r + 1])
        live_run(own, plan.seed, CHUNK * chunk + r, last_week)

    live_one(0)
    start = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(live_one, range(CHUNK)))
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chunks", type=int, default=6, help="chunks of the table (6)")
    chunks = parser.parse_args().chunks
    plan = load_plan(PLAN)
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        build_table(plan, 2 * CHUNK, Path(folder))
        for chunk in range(2, 2 + chunks):
            bare = seconds_of_engine(plan, chunk)
            start = time.perf_counter()
            build_table(plan, (chunk + 1) * CHUNK, Path(folder))
            ratios.append(bare / (time.perf_counter() - start))
            print(f"chunk of {CHUNK}: engine alone {bare:.2f} s, ratio {ratios[-1]:.2f}")
    print(
        json.dumps(
            {"ratio_to_engine": round(median(ratios), 3), "chunks": chunks, "cores": os.cpu_count()}
        )
    )


if __name__ == "__main__":
    main()
