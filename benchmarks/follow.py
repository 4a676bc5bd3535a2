"""What following the record costs, against as many plain runs: ``python benchmarks/follow.py``.

Draw by draw, in turn and in one thread, a filter of so many particles follows the record, and as
many plain runs live with the same parameters; then as many lineages are lived again. The last line
printed is one JSON object: medians over draws of processor time by that of the plain runs.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from trucesim import run
from trucesim.runs.lineage import shipped_lineages
from trucesim.runs.sampling import distinct_draws, parameters_of_draws
from trucesim.scenario.change import by_own_hazard
from trucesim.scenario.file import load_scenario
from trucesim.studies.follow import follow
from trucesim.world import calendar


def processor_time(work: Callable[[], object]) -> float:
    """Give the processor time of all threads that a piece of work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=4, help="filters (4)")
    parser.add_argument("--particles", type=int, default=250, help="of each (250)")
    given = parser.parse_args()
    scenario = by_own_hazard(load_scenario("truce-2012"), calendar.START)
    parameters = parameters_of_draws(distinct_draws(given.draws), 1)
    lineages = shipped_lineages().lineages
    follow(draws=1, particles=2, workers=1)  # compiles
    filters, replays = [], []
    for d in range(given.draws):
        rows = np.repeat(parameters[d : d + 1], given.particles)
        plain = processor_time(
            lambda rows=rows: run(scenario, len(rows), parameters=rows, detail="none", workers=1)
        )
        filters.append(
            processor_time(
                lambda d=d: follow(draws=1, skip=d, particles=given.particles, workers=1)
            )
            / plain
        )
        own = [lineages[d]] * given.particles
        replays.append(
            processor_time(lambda own=own: run(scenario, lineages=own, detail="none", workers=1))
            / plain
        )
        told = f"plain {plain:.2f} s, filter {filters[-1]:.2f}, lineages {replays[-1]:.2f}"
        print(f"draw {d}, {given.particles} of each: {told}")
    print(
        json.dumps(
            {
                "ratio_of_filter": round(median(filters), 3),
                "ratio_of_lineages": round(median(replays), 3),
                "draws": given.draws,
                "particles": given.particles,
                "load_average": round(os.getloadavg()[0], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
