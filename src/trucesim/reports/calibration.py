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
from trucesim.files import markdown
from trucesim.files.writing import put_text, put_whole
from trucesim.locale.catalogue import spoken
from trucesim.parameters import uncertain
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
    plan, found = calibration.plan, calibration.identification
    counts = found["verdict"].value_counts()
    outside = calibration.reach.query("observed < prior_p05 or observed > prior_p95")["statistic"]
    checked = trust(calibration)
    effective = 1.0 / float(np.sum(calibration.posterior.weights**2))
    taken = calibration.climate.query("taken").set_index("fold")["size"]
    lines = [
        "# Calibration",
        "",
        f"Made by `trucesim calibrate plan.toml --runs {calibration.runs}`; nothing here was "
        "written by hand. The [plan](plan.toml) says what was seen: the national months of "
        f"{plan.months} and {len(plan.beside)} statistics beside them. The first generation's is "
        "in [first-generation](first-generation/README.md).",
        "",
        f"{len(calibration.posterior.draws)} of {calibration.runs} runs are kept (weights worth "
        f"{effective:.0f} equal ones); the farthest lies {calibration.posterior.farthest:.2f} off, "
        "in units of what the statistics leave unexplained.",
        "",
        f"Of {len(found)} uncertain parameters {counts.get('identified', 0)} are identified (90% "
        f"interval at most {IDENTIFIED:.0%} of the prior's), {counts.get('narrowed', 0)} narrowed "
        f"(at most {NARROWED:.0%}), {counts.get('at its prior', 0)} stay at their prior: the data "
        f"do not tell them. {counts.get('prior-driven', 0)} are prior-driven by "
        "declaration.",
        "",
        f"![Prior and posterior](figures/prior_and_posterior_{spoken()}.png)",
        "",
        "## The size of the climate",
        "",
        "Taken by the cover of one-month-ahead intervals, from the months of each fold alone "
        f"(`climate.csv`): {', '.join(f'{fold} {size:g}' for fold, size in taken.items())}.",
        "",
        "## How long do orders last?",
        "",
        "Weeks after which half an order's strength is gone where nothing that was promised is "
        "kept: predicted from a fit without the months in which it was the latest order, and "
        "fitted to the whole record. Six orders tell little of any other: the predicted spread is "
        "what a hypothetical order gets.",
        "",
        markdown.of_frame(calibration.orders),
        "",
        "## Is the record within reach?",
        "",
        "Quantiles over runs drawn from the priors, and over the kept runs before adjustment. "
        + (
            f"Outside the prior's 90%: {', '.join(outside)}. What the model cannot reach there is "
            "its discrepancy; the adjustment extrapolates."
            if len(outside)
            else "No statistic lies outside the prior's 90%."
        ),
        "",
        markdown.of_frame(calibration.reach),
        "",
        "## Are known parameters recovered?",
        "",
        "Runs of the table stand for the record, one after the other, and are fitted without "
        "themselves. Coverage should be 0.90; `ranks_p` is the probability of ranks as uneven as "
        "the most uneven parameter's (Bonferroni). Truths from the closest runs are no draws from "
        "the prior, so their ranks need not be even; they show coverage where the record lies.",
        "",
        markdown.of_frame(checked),
        "",
        "## Parameters",
        "",
        markdown.of_frame(found.sort_values("width")),
        "",
    ]
    return "\n".join(lines)
