"""How fast sweeps are, and what they hold: ``python benchmarks/sweep.py [--quick] [--full]``.

Prints tables for people and, as the last line, one JSON object for machines; ``README.md`` beside
this file says what its keys mean and how they are measured. ``--storage`` measures instead what
100,000 runs take on disk and how long they take to read.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import mesa
import numpy as np
import pandas as pd
from plain_mesa import PlainModel, draw_country

from trucesim.engine.tables import Setting
from trucesim.runs.results import LARGEST_COUNT
from trucesim.runs.sampling import parameters_of_runs
from trucesim.runs.simulate import live_run, prepare
from trucesim.runs.store import Block, Histogram, Piece, Store
from trucesim.scenario.file import load_scenario
from trucesim.studies.experiment import load_experiment, points, run_sweep
from trucesim.studies.experiment.file import Experiment
from trucesim.studies.experiment.folder import KEY_COLUMNS, open_sweep, write_tables
from trucesim.studies.experiment.sweep import Work, lay_out
from trucesim.studies.experiment.tasks import make
from trucesim.world import calendar
from trucesim.world.country import load_country

SCENARIO = "truce-2012"
SEED = 1

EXPERIMENT = f"""
title = {{ en = "Benchmark", es = "Medición" }}
story = {{ en = "Speed.", es = "Velocidad." }}
scenarios = ["{SCENARIO}"]
seed = {SEED}
parameters = "point"
outcomes = ["reduction_2011", "second_step", "overshoot", "recorded_2014", "recorded_2015"]
[design]
kind = "factorial"
"""

PART = ("La Paz", "San Vicente")
"""Memory is measured in this part of the country: what is kept of a run is as large there."""

MEMORY = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from dataclasses import replace
from peak import peak_mb
from trucesim.studies.experiment import load_experiment, run_sweep
experiment = replace(load_experiment(sys.argv[1]), replicates=int(sys.argv[3]),
                     departments=tuple(sys.argv[4:]))
run_sweep(experiment, sys.argv[2], workers=2)
print(peak_mb())
"""


@cache
def setting() -> Setting:
    """Give the scenario's setting at the point values."""
    country, scenario = load_country(), load_scenario(SCENARIO)
    p = parameters_of_runs(country, dict(scenario.parameters), SEED, 0, 1, point=True)
    return prepare(scenario, country, p)


class BatchModel(PlainModel):
    """The plain Mesa model as ``batch_run`` wants it: made from a seed, with a data collector."""

    def __init__(self, rng: int) -> None:
        super().__init__(setting(), draw_country(setting(), SEED, rng), rng)
        self.datacollector = mesa.DataCollector({"recorded": lambda model: sum(model.daily)})

    def step(self) -> None:
        """Live a week; collect at the end, once, which is all that a sweep keeps too."""
        super().step()
        if self.steps == calendar.WEEKS:
            self.datacollector.collect(self)


def batch_run(runs: range) -> float:
    """Let Mesa's own runner make some runs; gives processor seconds a run."""
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = mesa.batch_run(
            BatchModel, {}, number_processes=1, max_steps=calendar.WEEKS, rng=list(runs),
            display_progress=False,
        )  # fmt: skip
    spent = time.process_time() - began
    assert len(rows) == len(runs)
    assert all(row["recorded"] > 0 for row in rows)
    return spent / len(runs)


def bare(runs: int) -> float:
    """Live runs one after the other and keep nothing; gives processor seconds a run."""
    began = time.process_time()
    for run in range(runs):
        live_run(setting(), SEED, run)
    return (time.process_time() - began) / runs


def swept(experiment: Experiment, runs: int, clock: Callable[[], float], workers: int = 1) -> float:
    """Sweep into a new folder, tables and all; gives seconds a run."""
    with tempfile.TemporaryDirectory() as folder:
        began = clock()
        run_sweep(replace(experiment, replicates=runs), Path(folder) / "s", workers=workers)
        return (clock() - began) / runs


def peak_of_a_sweep(file: Path, runs: int) -> float:
    """Give the megabytes that a fresh process holds at most while it sweeps."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, str(file), str(Path(folder) / "s"), str(runs), *PART],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    return float(done.stdout)


RUNS_KEPT = 100_000
RUNS_OF_A_CHUNK = 80


VARIANTS = 8
"""Of each real chunk's histograms."""


def drawn_anew(block: Block, draw: np.random.Generator) -> Histogram:
    """Draw every count of a chunk's histograms anew."""
    assert block.histograms is not None
    held = block.histograms[0]
    count = np.minimum(draw.poisson(held.count), LARGEST_COUNT)
    whole = np.zeros((held.cell.max() + 1, LARGEST_COUNT + 1), np.int32)
    np.add.at(whole, (held.cell, count), held.runs)
    cell, value = np.nonzero(whole)
    return Histogram(cell.astype(np.int32), value.astype(np.uint8), whole[cell, value])


def measure_storage(experiment: Experiment, folder: Path, chunks: int) -> dict[str, Any]:
    """Write a store of 100,000 runs, tables and all, and read it.

    Its content is made from some real chunks: monthly counts drawn anew about those of a real run
    (Poisson), and for municipalities the real histograms with every count drawn anew, which spreads
    them more than real runs would, so that the sizes are no understatement.
    """
    experiment = replace(experiment, replicates=RUNS_KEPT, municipal=True)
    layout = lay_out(points(experiment))
    work = Work(layout, Store(folder))
    real = []
    for _ in range(chunks):
        task = work.take(RUNS_OF_A_CHUNK)
        assert task is not None
        real.append(make(task).block)
    key = real[0].pieces[0].key
    draw, store = np.random.default_rng(1), Store(folder)
    drawn = [drawn_anew(block, draw) for block in real for _ in range(VARIANTS)]
    size, began = 0, time.perf_counter()
    for first in range(0, RUNS_KEPT, RUNS_OF_A_CHUNK):
        turn = first // RUNS_OF_A_CHUNK
        block, histogram = real[turn % chunks], drawn[turn % len(drawn)]
        path = store.write(
            Block(
                (Piece(key, first, RUNS_OF_A_CHUNK),), block.outcomes,
                block.values * draw.uniform(0.9, 1.1, block.values.shape),
                draw.poisson(block.months).astype(np.int32), (histogram,),
            )
        )  # fmt: skip
        size += path.stat().st_size
    written = time.perf_counter() - began
    keys = pd.DataFrame([(key, "")], columns=list(KEY_COLUMNS))
    began = time.perf_counter()
    write_tables(
        store, keys, experiment.outcomes, RUNS_KEPT, calendar.MONTHS, set(), monthly=True,
        municipal=True, places=len(load_country()),
    )  # fmt: skip
    tables = time.perf_counter() - began
    design = layout.design.frame.join(layout.keys)
    design.to_csv(folder / "design.csv")
    (folder / "experiment.toml").write_text(
        experiment.text.replace("seed", "municipal = true\nseed")
    )
    (folder / "manifest.json").write_text(
        json.dumps({"command": "sweep", "experiment": "b", "replicates": RUNS_KEPT, "months": 96,
                    "finished": True, "complete": True})
    )  # fmt: skip
    found = {
        "chunks_mb": sum(p.stat().st_size for p in folder.glob("chunks/*/*")) / 1e6,
        "chunks_national_mb": size / 1e6,
        "write_s": written,
        "tables_s": tables,
    }
    sweep = open_sweep(folder)
    for name, path, read in (
        ("runs", "runs.parquet", lambda: sweep.select()),
        ("months", "months.parquet", lambda: sweep.months()),
        ("municipal", f"municipal/{key}.parquet", lambda: sweep.municipal_quantiles(0)),
    ):
        began = time.perf_counter()
        read()
        found[f"{name}_read_s"] = time.perf_counter() - began
        found[f"{name}_mb"] = (folder / path).stat().st_size / 1e6
    return {name: round(value, 2) for name, value in found.items()}


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description="Measure the speed of sweeps.")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, for automatic checks")
    parser.add_argument("--full", action="store_true", help="memory at 100,000 runs too")
    parser.add_argument("--storage", action="store_true", help="size and reading of 100,000 runs")
    options = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "benchmark.toml"
        file.write_text(EXPERIMENT, encoding="utf-8")
        experiment = load_experiment(file)
        if options.storage:
            found = measure_storage(experiment, Path(folder) / "store", 2 if options.quick else 8)
            print(f"{RUNS_KEPT:,} runs x {calendar.MONTHS} months x {len(load_country())} places")
        else:
            found = measure(experiment, file, options)
    print(f"\nmeasured in {time.perf_counter() - began:.0f} s")
    print(json.dumps(found))


def measure(experiment: Experiment, file: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure speed, overhead, the second worker, and memory."""
    live_run(setting(), SEED, 0)  # compiles, if nothing has before
    swept(experiment, 8, time.process_time)
    turns, runs = (2, 100) if options.quick else (7, 200)
    ratios, overheads, gains, rates, plain = [], [], [], [], []
    for turn in range(turns):
        alone = bare(runs // 2)
        in_sweep = swept(experiment, runs, time.process_time)
        alone = (alone + bare(runs // 2)) / 2.0
        slow = batch_run(range(turn, turn + 1))
        two = swept(experiment, 2 * runs, time.perf_counter, 2)
        gains.append(swept(experiment, 2 * runs, time.perf_counter, 1) / two)
        overheads.append(in_sweep / alone - 1.0)
        ratios.append(slow / in_sweep)
        rates.append(1.0 / in_sweep)
        plain.append(1.0 / slow)
    print("Runs of 1,955 cliques, 262 municipalities and 418 weeks, a second of one core")
    print(f"{'sweep, tables and all':32}{median(rates):>10.1f}")
    print(f"{'mesa.batch_run, plain agents':32}{median(plain):>10.3f}")
    print(f"{'ratio':32}{median(ratios):>10.0f}    ({min(ratios):.0f} to {max(ratios):.0f})")
    print(f"{'overhead above the bare engine':32}{100 * median(overheads):>9.1f}%")
    print(f"{'two workers by one, by the clock':32}{median(gains):>10.2f}")
    most = 100_000 if options.full else 2_000 if options.quick else 10_000
    peaks = {runs: peak_of_a_sweep(file, runs) for runs in (1_000, most)}
    for runs, peak in peaks.items():
        print(f"{f'most memory held, {runs:,} runs':32}{peak:>10.0f} MB")
    return {
        "runs_per_s_core": round(median(rates), 2),
        "ratio_to_batch_run": round(median(ratios), 1),
        "overhead": round(median(overheads), 4),
        "second_worker_gain": round(median(gains), 3),
        **{f"peak_mb_1e{np.log10(runs):.0f}" if np.log10(runs) % 1 == 0 else f"peak_mb_{runs}":
           round(peak, 1) for runs, peak in peaks.items()},
        "load_average": round(os.getloadavg()[0], 2),
        "cores": os.cpu_count(),
    }  # fmt: skip


if __name__ == "__main__":
    main()
