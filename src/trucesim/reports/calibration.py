"""The folder of a calibration: the posterior, its tables, a figure, and the report."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from trucesim import figures
from trucesim.figures.validation import prior_and_posterior
from trucesim.files.writing import put_text, put_whole
from trucesim.locale.catalogue import spoken
from trucesim.parameters import uncertain
from trucesim.reports.rendering import render
from trucesim.runs.sampling import POSTERIOR, Draws
from trucesim.studies.calibration import (
    BLOCKS,
    IDENTIFIED,
    MOST_DRAWN,
    NARROWED,
    PROBES,
    Calibration,
    Plan,
    Posterior,
    head_of,
    probe_of,
    trust,
)

DRAWS_OF_A_BLOCK = 500
"""Of a posterior with a block left out, which serves its forecast alone."""


def write_draws(
    posterior: Posterior, plan: Plan, runs: int, path: Path, left_out: str = ""
) -> None:
    """Write a posterior as a file of draws, such as the package ships."""
    names = tuple(each.name for each in uncertain())
    frame = pd.DataFrame(posterior.draws, columns=names)
    frame.insert(0, "weight", posterior.weights)
    head = head_of(plan, runs)
    text = frame.to_csv(index=False, float_format="%.4g", lineterminator="\n")
    written = pd.read_csv(io.StringIO(text), nrows=PROBES).to_numpy(np.float64)
    probe = probe_of(Draws(names, written[:, 1:], written[:, 0], head))
    seen = f"{len(plan.beside)} statistics and the national months of {plan.months}"
    text = (
        f"{head}, probe {probe}.\n"
        f"# Fitted to {seen}{f', without {left_out}' if left_out else ''}.\n{text}"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    put_text(path, text)


def thinned(posterior: Posterior, draws: int) -> Posterior:
    """Take so many draws at even steps of the weights; they then weigh alike."""
    steps = (np.arange(draws) + 0.5) / draws
    chosen = np.searchsorted(np.cumsum(posterior.weights), steps)
    equal = np.full(draws, 1.0 / draws)
    return replace(
        posterior, draws=posterior.draws[chosen], weights=equal, rows=posterior.rows[chosen]
    )


def write(calibration: Calibration, folder: Path) -> list[Path]:
    """Write what a calibration found.

    Returns
    -------
    list of Path
        ``parameter_draws.csv`` (the file that the package ships), ``blocks/PERIOD.csv`` for every
        block left out, ``identification.csv``, ``reach.csv``, ``recovery.csv``, ``climate.csv``,
        ``orders.csv``,
        ``plan.toml``, ``figures/prior_and_posterior_LANG.png`` and ``README.md``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draws = folder / POSTERIOR
    write_draws(calibration.posterior, calibration.plan, calibration.runs, draws)
    written = [draws]
    for block, posterior in calibration.blocks.items():
        path = folder / BLOCKS / f"{block}.csv"
        few = thinned(posterior, DRAWS_OF_A_BLOCK)
        write_draws(few, calibration.plan, calibration.runs, path, left_out=block)
        written.append(path)
    for name in ("identification", "reach", "recovery", "climate", "orders"):
        save = partial(
            getattr(calibration, name).to_csv, index=False, float_format="%.5g", lineterminator="\n"
        )
        written.append(put_whole(folder / f"{name}.csv", save))
    generator = np.random.Generator(np.random.Philox(key=[calibration.plan.seed, 2**63 + 1]))
    posterior = calibration.posterior
    equal = generator.choice(len(posterior.draws), MOST_DRAWN, p=posterior.weights)
    drawn = pd.DataFrame(posterior.draws[equal], columns=list(calibration.prior))
    found = calibration.identification
    widths = dict(zip(found["parameter"], found["width"], strict=True))
    figure = prior_and_posterior(calibration.prior, drawn, widths)
    written.append(figures.save(figure, folder / "figures" / f"prior_and_posterior_{spoken()}.png"))
    text = _report(calibration)
    report = put_text(folder / "README.md", text)
    return [*written, report]


def _report(calibration: Calibration) -> str:
    """Write the report: every number in it is computed."""
    found, reach = calibration.identification, calibration.reach
    outside = reach.query("observed < prior_p05 or observed > prior_p95")["statistic"]
    return render(
        "calibration.md", found=calibration, parameters=found,
        worth=1.0 / float(np.sum(calibration.posterior.weights**2)),
        counts=found["verdict"].value_counts().to_dict(), identified=IDENTIFIED, narrowed=NARROWED,
        taken=calibration.climate.query("taken").set_index("fold")["size"].to_dict(),
        outside=outside.to_list(), checked=trust(calibration),
    )  # fmt: skip
