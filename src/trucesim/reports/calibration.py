"""The folder of a calibration: the posterior, its tables, a figure, and the report."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from trucesim import figures
from trucesim.figures.validation import prior_and_posterior
from trucesim.files.writing import put_whole
from trucesim.outcomes import patterns
from trucesim.parameters import uncertain
from trucesim.runs.sampling import POSTERIOR, Draws
from trucesim.studies.calibration import (
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


def write_draws(posterior: Posterior, plan: Plan, runs: int, path: Path) -> None:
    """Write a posterior as the file of draws that the package ships."""
    names = tuple(each.name for each in uncertain())
    frame = pd.DataFrame(posterior.draws, columns=names)
    frame.insert(0, "weight", posterior.weights)
    head = head_of(plan, runs)
    text = frame.to_csv(index=False, float_format="%.5g", lineterminator="\n")
    written = pd.read_csv(io.StringIO(text), nrows=PROBES).to_numpy(np.float64)
    probe = probe_of(Draws(names, written[:, 1:], written[:, 0], head))
    text = (
        f"{head}, probe {probe}.\n"
        f"# Fitted to {len(plan.fit)} patterns of use `fit` and national months up to "
        f"{patterns.FIT_WINDOW_END.last:%B %Y}.\n{text}"
    )
    put_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline=""))


def write(calibration: Calibration, folder: Path, *, lang: str = "en") -> list[Path]:
    """Write what a calibration found.

    Returns
    -------
    list of Path
        ``parameter_draws.csv`` (the file that the package ships), ``identification.csv``,
        ``reach.csv``, ``recovery.csv``, ``figures/prior_and_posterior_LANG.png`` and
        ``README.md``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draws = folder / POSTERIOR
    write_draws(calibration.posterior, calibration.plan, calibration.runs, draws)
    written = [draws]
    for name in ("identification", "reach", "recovery"):
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
    figure = prior_and_posterior(calibration.prior, drawn, widths, lang)
    written.append(figures.save(figure, folder / "figures" / f"prior_and_posterior_{lang}.png"))
    text = _report(calibration, lang)
    report = put_whole(folder / "README.md", lambda path: path.write_text(text, encoding="utf-8"))
    return [*written, report]


def _report(calibration: Calibration, lang: str) -> str:
    """Write the report: every number in it is computed."""
    plan, found = calibration.plan, calibration.identification
    counts = found["verdict"].value_counts()
    outside = calibration.reach.query("observed < prior_p05 or observed > prior_p95")["statistic"]
    checked = trust(calibration)
    effective = 1.0 / float(np.sum(calibration.posterior.weights**2))
    lines = [
        "# Calibration",
        "",
        f"Made by `trucesim calibrate plan.toml --runs {calibration.runs}`; nothing here was "
        "written by hand. The plan beside this file says what was seen: "
        f"{len(plan.fit)} patterns of use `fit` and national months up to "
        f"{patterns.FIT_WINDOW_END.last:%B %Y}. These rows are counts of the whole year 2013 and "
        f"straddle the window: {', '.join(plan.straddling)}.",
        "",
        f"{len(calibration.posterior.draws)} of {calibration.runs} runs are kept (weights worth "
        f"{effective:.0f} equal ones); the farthest lies {calibration.posterior.farthest:.2f} off, "
        "in units of what the statistics leave unexplained.",
        "",
        f"Of {len(found)} uncertain parameters {counts.get('identified', 0)} are identified (90 % "
        f"interval at most {IDENTIFIED:.0%} of the prior's), {counts.get('narrowed', 0)} narrowed "
        f"(at most {NARROWED:.0%}), {counts.get('at its prior', 0)} stay at their prior: the data "
        f"of the window do not tell them. {counts.get('prior-driven', 0)} are prior-driven by "
        "declaration.",
        "",
        f"![Prior and posterior](figures/prior_and_posterior_{lang}.png)",
        "",
        "## Is the record within reach?",
        "",
        "Quantiles over runs drawn from the priors, and over the kept runs before adjustment. "
        + (
            f"Outside the prior's 90 %: {', '.join(outside)}. What the model cannot reach there is "
            "its discrepancy; the adjustment extrapolates."
            if len(outside)
            else "No statistic lies outside the prior's 90 %."
        ),
        "",
        _markdown(calibration.reach),
        "",
        "## Are known parameters recovered?",
        "",
        "Runs of the table stand for the record, one after the other, and are fitted without "
        "themselves. Coverage should be 0.90; `ranks_p` is the probability of ranks as uneven as "
        "the most uneven parameter's (Bonferroni). Truths from the closest runs are no draws from "
        "the prior, so their ranks need not be even; they show coverage where the record lies.",
        "",
        _markdown(checked),
        "",
        "## Parameters",
        "",
        _markdown(found.sort_values("width")),
        "",
    ]
    return "\n".join(lines)


def _markdown(frame: pd.DataFrame) -> str:
    """Give a table in Markdown."""
    cells = [
        [f"{value:.3g}" if isinstance(value, float) else str(value) for value in row]
        for row in frame.itertuples(index=False)
    ]
    head = [str(name).replace("_", " ") for name in frame.columns]
    rows = [head, ["---"] * len(head), *cells]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
