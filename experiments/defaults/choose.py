"""Choose the provisional parameters: draws whose runs come closest to the patterns marked `fit`.

    uv run python experiments/defaults/choose.py

Rounds of selection: the first draws from the priors (Latin hypercube between the declared bounds),
each later one perturbs what the round before kept; every round keeps the closest. What is kept
at the end is shipped as `parameter_draws.csv`, and its medians are the candidates for the declared
defaults. This is a search, not a posterior: the kept draws say which parameters go with the
record, not how likely each is, and they are narrower than a posterior would be.

Only rows of use `fit` are read: `fit_distances` refuses any other, and the runs stop at the end of
2013, before most of what is held out. Four rows are counts of the year 2013, whose second half lies
behind the fit window; they are fitted and listed as straddling it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from trucesim import load_country, load_scenario
from trucesim.parameters import defaults, parameter_dtype, uncertain
from trucesim.patterns import fit_distances, fit_ids
from trucesim.posterior import DRAWS
from trucesim.simulation import run

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "src" / "trucesim" / "data" / "el_salvador" / DRAWS
LAST = dt.date(2013, 12, 31)
LARGEST = 5.0
"""A pattern that is missed counts for no more: else one impossible row rules the choice."""


def to_prior(unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map the unit cube to the priors, shape (draw, parameter)."""
    values = np.empty_like(unit)
    for column, each in enumerate(uncertain()):
        u = unit[:, column]
        if each.prior == "log-uniform":
            values[:, column] = each.low * (each.high / each.low) ** u
        else:
            values[:, column] = each.low + u * (each.high - each.low)
    return values


def records(values: NDArray[np.float64]) -> NDArray[np.void]:
    """Turn draws into parameter records, shape (draw,)."""
    rows = np.zeros(len(values), parameter_dtype())
    for name, value in defaults().items():
        rows[name] = value
    for column, each in enumerate(uncertain()):
        rows[each.name] = values[:, column]
    return rows


def distances(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Run every draw once up to the end of 2013, and measure it, shape (draw, pattern)."""
    results = run(
        load_scenario("truce-2012"), seed=seed, runs=len(values), detail="none", until=LAST,
        parameters=records(values), country=load_country(),
    )  # fmt: skip
    return fit_distances(results).to_numpy()


def score(apart: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum up: root mean square over patterns, each bounded, shape (draw,)."""
    return np.sqrt(np.mean(np.minimum(apart, LARGEST) ** 2, axis=1))


def choose(draws: int, rounds: int, keep: int, seed: int) -> tuple[NDArray[np.float64], ...]:
    """Search; gives the kept points of the unit cube and their distances."""
    generator = np.random.default_rng(seed)
    unit = qmc.LatinHypercube(len(uncertain()), rng=generator).random(draws)
    kept = np.empty((0, unit.shape[1]))
    kept_apart = np.empty((0, len(fit_ids())))
    for number in range(rounds):
        began = time.perf_counter()
        apart = distances(to_prior(unit), seed + number)
        kept = np.concatenate([kept, unit])
        kept_apart = np.concatenate([kept_apart, apart])
        best = np.argsort(score(kept_apart), kind="stable")[:keep]
        kept, kept_apart = kept[best], kept_apart[best]
        total = score(kept_apart)
        print(
            f"round {number + 1} of {rounds}: best {total[0]:.2f}, kept up to {total[-1]:.2f}, "
            f"{time.perf_counter() - began:.0f} s",
            flush=True,
        )
        parents = kept[generator.integers(len(kept), size=draws)]
        step = 1.4 * kept.std(axis=0)
        unit = parents + step * generator.standard_normal(parents.shape)
        unit = np.abs(unit)  # reflected at the bounds of the priors
        unit = np.clip(1.0 - np.abs(1.0 - unit), 0.0, 1.0)
    return kept, kept_apart


def main() -> None:
    """Choose, write and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=3000, help="draws a round (3000)")
    parser.add_argument("--rounds", type=int, default=6, help="rounds (6)")
    parser.add_argument("--keep", type=int, default=250, help="draws kept (250)")
    parser.add_argument("--seed", type=int, default=2012)
    parser.add_argument("--out", type=Path, default=SHIPPED, help="file of draws")
    options = parser.parse_args()
    unit, apart = choose(options.draws, options.rounds, options.keep, options.seed)
    values = to_prior(unit)
    names = [each.name for each in uncertain()]
    header = (
        f"# Provisional draws by experiments/defaults/choose.py --draws {options.draws} "
        f"--rounds {options.rounds} --keep {options.keep} --seed {options.seed}\n"
        "# Kept by their distance to the patterns marked `fit`; a search, not a posterior.\n"
        + ",".join(names)
    )
    np.savetxt(options.out, values, "%.6g", ",", header=header, comments="", encoding="utf-8")

    lines = [
        "# Provisional parameters",
        "",
        "Made by `uv run python experiments/defaults/choose.py`; nothing here was written by hand.",
        f"{options.rounds} rounds of {options.draws} draws, the closest {options.keep} kept, seed "
        f"{options.seed}. Distance 1 is the edge of a pattern's bounds (see "
        "`trucesim.patterns.fit_distances`).",
        "",
        "| pattern (use `fit`) | median distance of kept draws |",
        "|---|---|",
        *(
            f"| {name} | {value:.2f} |"
            for name, value in zip(fit_ids(), np.median(apart, axis=0), strict=True)
        ),
        "",
        "A parameter whose kept range fills its prior is not identified by these patterns.",
        "",
        "| parameter | prior | kept 5 % | median | 95 % | kept width / prior width |",
        "|---|---|---|---|---|---|",
    ]
    for column, each in enumerate(uncertain()):
        low, middle, high = np.quantile(values[:, column], [0.05, 0.5, 0.95])
        width = np.diff(np.quantile(unit[:, column], [0.05, 0.95]))[0] / 0.9
        lines.append(
            f"| {each.name} | {each.low:g} - {each.high:g} | {low:.3g} | {middle:.3g} | "
            f"{high:.3g} | {width:.2f} |"
        )
    report = HERE / "README.md" if options.out == SHIPPED else options.out.with_suffix(".md")
    report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{options.out.name}: {len(values)} draws; {report.name} written")


if __name__ == "__main__":
    main()
