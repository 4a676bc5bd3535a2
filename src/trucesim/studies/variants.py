"""Structural variants of the model, each fitted anew and scored on blocks that it has not seen.

A variant fixes parameters, most of them at 0, which takes a mechanism out (``[variants]`` of a
calibration's plan). Each gets a table of its own, of so many runs as every other, and is fitted,
tuned and scored as the model itself is. What two tables of one and the same model differ by is
luck, so the model is fitted :data:`REPEATS` times from parts of a longer table: a mechanism earns
its place where the model without it scores clearly worse than the worst of these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.compilation import digest_of_sources
from trucesim.files.errors import InputError, Message, nearest
from trucesim.files.writing import put_whole
from trucesim.outcomes import forecasts, patterns
from trucesim.parameters import uncertain
from trucesim.runs.provenance import data_digest, made_by
from trucesim.runs.sampling import Draws, parameters_of_runs
from trucesim.runs.simulate import check_numbers, run
from trucesim.studies.calibration import (
    FEWEST_RUNS,
    MOST_RUNS,
    WHOLE,
    Plan,
    Progress,
    Table,
    build_table,
    check_installed,
    fit,
    learn_summaries,
    observed_statistics,
    tune_climate,
)
from trucesim.studies.validation import GIVEN, OWN, predictions
from trucesim.world.country import load_country
from trucesim.world.periods import Period, parse

MODEL = "the model"
REPEATS = 5
"""Fits of the model itself, each from runs of its own."""

MARGIN = 0.5
"""Part of the range of the model's own fits by which a variant must lie beyond the worst of them.

Of variants as good as the model, one in six is worse in a given score by luck, and one in twenty
clearly worse.
"""

CLIMATE_RUNS = 500

MONTHS, DEPARTMENTS, OTHERS, PATTERNS = "months", "departments", "days and forces", "patterns"
"""What is scored: the months of blocks left out; cross-sections of departments, and days around
orders, forces and the other statistics that lie in them; patterns of the whole record, fitted."""


def compare_variants(
    plan: Plan,
    runs: int,
    folder: Path,
    *,
    only: Sequence[str] = (),
    block_runs: int = 500,
    workers: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Fit and score the model and its variants, or what is missing of them.

    Parameters
    ----------
    plan : Plan
    runs : int
        Of the table of each fit.
    folder : Path
        Holds the tables of runs and the scores of each fit; those that are there and were made the
        same way are used.
    only : sequence of str
        Variants to score, besides the model; by default all.
    block_runs : int
        Runs that predict each block with each treatment of the gangs' answers, and the patterns.
    workers : int, optional
        Threads; by default one a core.
    progress : function, optional
        Called as ``progress(what, done, of)``.

    Returns
    -------
    pandas.DataFrame
        One row a fit and score: ``variant``, ``repeat``, ``what`` (see :data:`MONTHS`), ``block``
        (:data:`~trucesim.studies.calibration.WHOLE` for patterns), ``treatment``, ``values`` (how
        many), ``inside`` (share in the 90 % interval), ``counted`` (share in one that is no wider
        than the value), ``crps`` (homicides a month; of others the mean in percent of the observed
        value), ``log_score``.

    Raises
    ------
    InputError
        An unknown variant, or numbers out of bounds.
    """
    check(plan, runs, only, block_runs, workers)
    chosen = [(MODEL, each) for each in range(REPEATS)]
    chosen += [(name, 0) for name in only or plan.variants]
    (folder / "scores").mkdir(parents=True, exist_ok=True)
    found = []
    for done, (name, repeat) in enumerate(chosen):
        own = plan if name == MODEL else plan.variant(name)
        key = _key(own, runs, block_runs)
        path = folder / "scores" / f"{name.replace(' ', '-')}-{repeat}.csv"
        held = pd.read_csv(path, dtype={"block": str}) if path.is_file() else None
        if held is None or not held["key"].eq(key).all():
            table = build_table(
                own, runs * (REPEATS if name == MODEL else 1), folder / "table",
                workers=workers, progress=progress,
            )  # fmt: skip
            part = table.part(slice(repeat * runs, (repeat + 1) * runs))
            held = pd.DataFrame(_scores(own, part, block_runs, workers, progress))
            held = held.assign(variant=name, repeat=repeat, key=key)
            put_whole(path, partial(held.to_csv, index=False, lineterminator="\n"))
        found.append(held)
        if progress:
            progress(Message("fits"), done + 1, len(chosen))
    scores = pd.concat(found, ignore_index=True)
    first = ["variant", "repeat"]
    return scores[first + [name for name in scores if name not in (*first, "key")]]


def check(plan: Plan, runs: int, only: Sequence[str], block_runs: int, workers: int | None) -> None:
    """Check what is asked for, before anything is run.

    Raises
    ------
    InputError
        A plan without variants, an unknown one, numbers out of bounds, or scikit-learn is missing.
    """
    check_installed()
    if not plan.variants:
        raise InputError("the plan declares no variants")
    for name in only:
        if name not in plan.variants:
            raise InputError(
                "no variant {name!r}{hint}; there are {allowed}", name=name,
                hint=nearest(name, plan.variants), allowed=", ".join(plan.variants),
            )  # fmt: skip
    if not FEWEST_RUNS <= runs <= MOST_RUNS // REPEATS:
        raise InputError(
            "runs = {runs}, but it must be {least} to {most}", runs=runs, least=FEWEST_RUNS,
            most=MOST_RUNS // REPEATS,
        )  # fmt: skip
    check_numbers(block_runs, plan.seed, 0, workers)


def _key(plan: Plan, runs: int, block_runs: int) -> str:
    """Digest all that a fit's scores follow from."""
    told = asdict(plan) | {"variants": None, "scenario": plan.record.digest}
    sources = digest_of_sources("studies.variants")
    content = [
        sources,
        made_by("prior", load_country().name),
        data_digest(),
        told,
        runs,
        block_runs,
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _scores(
    plan: Plan, table: Table, runs: int, workers: int | None, progress: Progress | None
) -> Iterator[dict[str, Any]]:
    """Fit the record and each block left out, predict it, and score."""
    target, names = observed_statistics(plan), tuple(each.name for each in uncertain())
    fixed, draws = dict(plan.fixed), {}
    for fold in (WHOLE, *plan.blocks[: plan.pooled]):
        fitted = fit(learn_summaries(table, plan, fold), plan, target)
        fitted, _ = tune_climate(
            fitted, plan, fold, runs=CLIMATE_RUNS, workers=workers, progress=progress
        )
        draws[fold] = Draws(names, fitted.draws, fitted.weights)
    parameters = parameters_of_runs(
        load_country(), fixed, plan.seed, 0, runs, draws=draws.pop(WHOLE)
    )
    results = run(
        plan.record, runs, plan.seed, detail="none", parameters=parameters, workers=workers
    )
    of_use = patterns.coverage(patterns.compare(results)).sum(numeric_only=True)
    count = int(of_use["simulated"])
    yield {
        "what": PATTERNS, "block": WHOLE, "treatment": GIVEN, "values": count,
        "inside": of_use["inside"] / count, "counted": of_use["counted"] / count,
    }  # fmt: skip
    for block, treatment, _, results in predictions(
        plan.record, draws, runs, plan.seed, workers, progress
    ):
        told = {"block": str(block), "treatment": treatment}
        months = forecasts.score_months(results, block)
        yield {
            "what": MONTHS, **told, "values": len(months), "inside": months["inside"].mean(),
            "crps": months["crps"].mean(), "log_score": months["log_score"].mean(),
        }  # fmt: skip
        if treatment != GIVEN:
            continue
        beside = _beside(plan, block, results)
        for what, rows in beside.groupby("what", sort=False):
            yield {
                "what": what, **told, "values": len(rows), "inside": rows["inside"].mean(),
                "counted": rows["counted"].mean(), "crps": rows["crps"].mean(),
            }  # fmt: skip


def _beside(plan: Plan, block: Period, results: xr.Dataset) -> pd.DataFrame:
    """Score the statistics beside the months that lie in a block that was left out."""
    rows = []
    for name, each in plan.beside.items():
        if not (block.start <= each.period.start and each.period.stop <= block.stop):
            continue
        values = np.asarray(each.estimate(results), np.float64)
        low, high = np.quantile(values, (0.05, 0.95))
        inside = low <= each.observed <= high
        what = DEPARTMENTS if name.startswith(DEPARTMENTS) else OTHERS
        crps = float(forecasts.crps(values, each.observed))
        rows.append(
            {
                "what": what,
                "inside": inside,
                "counted": inside and high - low <= abs(each.observed),
                "crps": 100.0 * crps / abs(each.observed),
            }
        )
    return pd.DataFrame(rows, columns=["what", "inside", "counted", "crps"])


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Give one row a fit, scores pooled over blocks, and what each variant loses.

    Parameters
    ----------
    table : pandas.DataFrame
        As `compare_variants` gives it.

    Returns
    -------
    pandas.DataFrame
        One row a fit, the model's first: ``variant``, ``repeat``; ``crps_own``, ``log_score_own``
        and ``inside_own`` of the months by the model's own hazard, the same of ``given`` answers;
        ``crps_departments`` and ``crps_days_and_forces`` (percent of the observed value);
        ``patterns_inside`` and ``patterns_counted`` (numbers); ``worse``, the scores in which the
        variant lies beyond the worst of the model's own fits, and ``clearly_worse``, those in which
        it does by more than :data:`MARGIN` of their range. Where both are empty, what it takes out
        earns nothing.
    """
    rows = []
    for of_fit in _apart(table, ["variant", "repeat"]):
        row: dict[str, Any] = {name: of_fit.iloc[0][name] for name in ("variant", "repeat")}
        for part in _apart(of_fit, ["what", "treatment"]):
            what, treatment = part.iloc[0][["what", "treatment"]]
            mean = partial(np.average, weights=part["values"])
            if what == PATTERNS:
                for score in ("inside", "counted"):
                    row[f"patterns_{score}"] = round(float((part[score] * part["values"]).sum()))
            elif what == MONTHS:
                for score in ("crps", "log_score", "inside"):
                    row[f"{score}_{treatment}"] = float(mean(part[score]))
            else:
                row[f"crps_{str(what).replace(' ', '_')}"] = float(mean(part["crps"]))
        rows.append(row)
    found = pd.DataFrame(rows)
    own = found[found["variant"] == MODEL]
    scores = list(map(str, found))
    lower = [name for name in scores if name.startswith("crps")]
    higher = [name for name in scores if name.startswith(("log_score", "patterns"))]
    high, low = own[scores[2:]].max(), own[scores[2:]].min()
    for verdict, margin in (("worse", 0.0), ("clearly_worse", MARGIN)):
        apart = margin * (high - low)
        found[verdict] = [
            ", ".join(
                [name for name in lower if row[name] > high[name] + apart[name]]
                + [name for name in higher if row[name] < low[name] - apart[name]]
            )
            for row in found.to_dict("records")
        ]
    return found


def _apart(table: pd.DataFrame, names: list[str]) -> list[pd.DataFrame]:
    return [part for _, part in table.groupby(names, sort=False)]


def blocks_of(table: pd.DataFrame) -> pd.DataFrame:
    """Give the CRPS of the months of each block by the model's own hazard, a row a fit."""
    months = table[table["what"].eq(MONTHS) & table["treatment"].eq(OWN)]
    order = sorted(months["block"].unique(), key=lambda name: parse(name).start)
    wide = months.pivot_table(
        index=["variant", "repeat"], columns="block", values="crps", sort=False
    )
    return wide[order].reset_index()
