"""A validation of one scenario: patterns, blocks left out, later years, hiding, a user's panel.

Nothing here chooses a parameter. Every estimator is that of the module it comes from, on runs and
record alike. Months after 2016 are read here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError, Message, nearest
from trucesim.files.reading import shipped_directory
from trucesim.outcomes import evidence, forecasts, patterns, reductions, regressions
from trucesim.outcomes import panel as panels
from trucesim.outcomes.forecasts import MODEL, POOLED, best_naive, orders_of
from trucesim.runs.sampling import Draws, parameters_of_runs, shipped_draws
from trucesim.runs.simulate import FULL_DETAIL_RUNS, check_numbers, run
from trucesim.scenario.change import by_own_hazard
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.studies import comparison as study
from trucesim.studies.calibration import Origin, load_posteriors, origin_of
from trucesim.studies.transfer import Control, control
from trucesim.world.country import load_country
from trucesim.world.observed import held_out_months, observed
from trucesim.world.periods import Period, parse

MOST_RUNS = FULL_DETAIL_RUNS
"""The regression needs every run's counts by municipality and month; these are kept up to here."""

RUNS, BLOCK_RUNS = 200, 1000
"""Where no number is asked for."""

BLOCKS = ("2012-06..2013-06", "2013-07..2014-12", "2015", "2016")
"""Left out one at a time and predicted; they share no month."""

BESIDE = "2014-01..2016-12"
"""Left out at once, and reported beside them."""

WHOLE, LATER = "2009-01..2016-12", ("2017-01..2019-05", "2019-06..2019-12")
"""What is fitted, and what never is: the last months lie under another secret pact."""

FROZEN, LATEST = dt.date(2017, 1, 1), dt.date(2019, 12, 31)
"""From the first day on no dated input is given; runs go to the last."""

GIVEN, OWN = "given", "own"
"""Treatments of the gangs' dated answers: given to the model, or left to its own hazard."""


CONTROL, CONTROL_RUNS = "honduras", 400
"""The country whose pact is a control, and how many runs of a case are enough for it."""


@dataclass(frozen=True)
class Validation:
    """What a validation found.

    Attributes
    ----------
    scenario : Scenario
    results : xarray.Dataset
        Full detail.
    point : bool
        Whether all runs have the point values of the parameters.
    comparison : pandas.DataFrame
        See :func:`trucesim.outcomes.patterns.compare`, with the regressions filled in, the columns
        of :func:`trucesim.outcomes.patterns.judge` and, for municipal rows,
        ``departments_only_*``: what a placement by population and departmental counts alone gives.
    coverage : pandas.DataFrame
        See :func:`trucesim.outcomes.patterns.coverage`.
    months : pandas.DataFrame
        See :func:`trucesim.outcomes.forecasts.score_months`, with ``block`` and ``treatment``: the
        whole record as it is fitted (`WHOLE`), every block left out, and the later years.
    blocks : pandas.DataFrame or None
        See :func:`trucesim.outcomes.forecasts.score_block`, with ``treatment``: the blocks left
        out, each by itself and pooled. None without their posteriors.
    later : pandas.DataFrame
        The same of the later years, by the model's own hazard.
    departments : pandas.DataFrame
        See :func:`trucesim.outcomes.evidence.compare_departments`.
    reductions : pandas.DataFrame
        The rows of :func:`trucesim.outcomes.reductions.reductions`, which count recorded homicides
        from the truce's first day, then those of :func:`trucesim.outcomes.reductions.hiding`.
    panel : xarray.Dataset or None
        A user's panel.
    score : trucesim.outcomes.panel.Score or None
        Its score.
    posterior : trucesim.studies.calibration.Origin or None
        What made the shipped posterior, and whether today's model still does what that one did.
    block_runs : int
        Runs of each block and treatment, and of the later years.
    seconds : float
        Time taken.
    control : trucesim.studies.transfer.Control or None
        The same model held against a pact elsewhere, after which homicides did not fall.
    """

    scenario: Scenario
    results: xr.Dataset
    point: bool
    comparison: pd.DataFrame
    coverage: pd.DataFrame
    months: pd.DataFrame
    blocks: pd.DataFrame | None
    later: pd.DataFrame
    departments: pd.DataFrame
    reductions: pd.DataFrame
    panel: xr.Dataset | None
    score: panels.Score | None
    posterior: Origin | None
    block_runs: int
    seconds: float
    control: Control | None = None

    def of(self, block: str, treatment: str = OWN) -> pd.DataFrame:
        """Give the scores of a block, pooled ones or later years, one row a method."""
        table = self.later if self.blocks is None else pd.concat([self.blocks, self.later])
        return table[table["block"].eq(block) & table["treatment"].eq(treatment)]


def posteriors_in(folder: Path | None) -> dict[str, Draws] | None:
    """Read the posteriors of the blocks left out.

    Parameters
    ----------
    folder : Path, optional
        Of a calibration; by default that of the sources, if it is there and holds them.

    Returns
    -------
    dict of str to Draws, or None
        By block; None where nothing is given and nothing is there.

    Raises
    ------
    InputError
        If the folder that is given does not hold a posterior of every block.
    """
    place = folder or shipped_directory("experiments") / "calibration"
    try:
        found = load_posteriors(place)
        for block in (*BLOCKS, BESIDE):
            if block not in found:
                raise InputError(
                    "{place}: no posterior without {block}{hint}", place=place, block=block,
                    hint=nearest(block, found),
                )  # fmt: skip
    except InputError:
        if folder is not None:
            raise
        return None
    return found


def check(
    runs: int,
    seed: int,
    workers: int | None,
    given: xr.Dataset | None = None,
    block_runs: int = BLOCK_RUNS,
) -> None:
    """Check what a validation needs, before anything is run.

    Parameters
    ----------
    runs, seed, workers, block_runs
        As for :func:`validate`.
    given : xarray.Dataset, optional
        A user's panel.

    Raises
    ------
    InputError
        Numbers out of bounds, statsmodels is missing, or the panel has no known value.
    """
    for number in (runs, block_runs):
        check_numbers(number, seed, 0, workers)
    if runs > MOST_RUNS:
        raise InputError(
            "runs = {runs}, but a validation takes at most {most}: its regression needs every "
            "run's homicides by municipality and month", runs=runs, most=MOST_RUNS,
        )  # fmt: skip
    regressions.check_installed()
    if given is not None and not given["homicides"].notnull().any():
        raise InputError("{source}: the panel has no known value", source=given.attrs["source"])


def validate(
    scenario: Scenario | str | Path,
    runs: int = RUNS,
    seed: int = 1,
    *,
    given: xr.Dataset | None = None,
    point: bool = False,
    calibration: Path | None = None,
    block_runs: int = BLOCK_RUNS,
    workers: int | None = None,
    progress: study.Progress | None = None,
) -> Validation:
    """Run a scenario and hold it against all that is known.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, a shipped one's name, or a file.
    runs : int
        Up to `MOST_RUNS`.
    seed : int
    given : xarray.Dataset, optional
        A panel of one's own (:func:`trucesim.outcomes.panel.read_panel`); scored with, never fitted
        to.
    point, workers
        As for :func:`trucesim.runs.simulate.run`.
    calibration : Path, optional
        Folder with the posteriors of the blocks left out; see `posteriors_in`.
    block_runs : int
        Runs of each block and treatment, and of the later years.
    progress : function, optional
        Called as ``progress(what, done, of)``.

    Returns
    -------
    Validation

    Raises
    ------
    InputError
        As `check` and `posteriors_in`, or anything wrong in the scenario.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    check(runs, seed, workers, given, block_runs)
    posteriors = posteriors_in(calibration)
    if given is not None:
        # As it was read: by the end the file may be another.
        given = given.assign_attrs(sha256=_digest(given.attrs["source"]))
    began = time.perf_counter()
    common: dict[str, Any] = {"point": point, "workers": workers}

    def told(what: str) -> Callable[[int, int], None] | None:
        return (lambda done, of: progress(what, done, of)) if progress else None

    results = run(scenario, runs, seed, detail="full", progress=told(Message("runs")), **common)
    placed = study.placed_by_departments(
        scenario,
        runs,
        seed,
        detail="full",
        progress=told(Message("placed by departments")),
        **common,
    )
    comparison = regressions.with_regressions(
        patterns.compare(results), results, progress=told(Message("regressions"))
    )
    if placed is not None:
        other = regressions.with_regressions(
            patterns.compare(placed), placed, progress=told(Message("regressions, departments"))
        )
        comparison = study.beside(comparison, other)
    months = [_of(forecasts.score_months(results, WHOLE), WHOLE, GIVEN)]
    blocks = None
    if posteriors is not None:
        blocks, each = left_out(scenario, posteriors, block_runs, seed, workers, progress)
        months.append(each)
    later, each = later_years(
        scenario, block_runs, seed, progress=told(Message("later years")), **common
    )
    elsewhere = control(CONTROL, min(runs, CONTROL_RUNS), seed, workers=workers, progress=progress)
    recorded = reductions.reductions(results).assign(counted="recorded")
    hidden = reductions.hiding(results)
    return Validation(
        scenario,
        results,
        point,
        patterns.judge(comparison),
        patterns.coverage(comparison),
        pd.concat([*months, each], ignore_index=True),
        blocks,
        later,
        evidence.compare_departments(results),
        pd.concat([recorded[hidden.columns], hidden], ignore_index=True),
        given,
        None if given is None else panels.score_panel(results, given),
        origin_of(shipped_draws()),
        block_runs,
        time.perf_counter() - began,
        elsewhere,
    )


def left_out(
    scenario: Scenario,
    posteriors: Mapping[str, Draws],
    runs: int,
    seed: int,
    workers: int | None = None,
    progress: study.Progress | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predict each block from the posterior that has not seen it, with either treatment of answers.

    The naive forecasts know the orders that the model is given: by its own hazard those before the
    block alone, and what is left of the dated ones within.

    Parameters
    ----------
    scenario : Scenario
    posteriors : dict of str to Draws
        By block: `BLOCKS` and `BESIDE`.
    runs, seed, workers, progress
        As for `validate`.

    Returns
    -------
    blocks, months : pandas.DataFrame
        As in `Validation`.
    """
    tables: dict[str, list[pd.DataFrame]] = {}
    months = []
    for block, treatment, treated, results in predictions(
        scenario, {name: posteriors[name] for name in (*BLOCKS, BESIDE)}, runs, seed, workers,
        progress,
    ):  # fmt: skip
        table, each = _block(results, block, treated, treatment)
        tables.setdefault(treatment, []).append(table)
        months.append(each)
    pools = [
        [*found, _of(forecasts.pooled(found[: len(BLOCKS)]), POOLED, treatment)]
        for treatment, found in tables.items()
    ]
    return (
        pd.concat([each for pool in pools for each in pool], ignore_index=True),
        pd.concat(months, ignore_index=True),
    )


def predictions(
    scenario: Scenario,
    posteriors: Mapping[str, Draws],
    runs: int,
    seed: int,
    workers: int | None = None,
    progress: study.Progress | None = None,
) -> Iterator[tuple[Period, str, Scenario, xr.Dataset]]:
    """Run each block from the posterior that has not seen it, with either treatment of answers.

    Parameters
    ----------
    scenario : Scenario
    posteriors : dict of str to Draws
        By block.
    runs, seed, workers, progress
        As for `validate`.

    Yields
    ------
    block : Period
    treatment : str
        `GIVEN` for every block first, then `OWN`.
    treated : Scenario
        What was run.
    results : xarray.Dataset
        Up to the block's end.
    """
    for treatment in (GIVEN, OWN):
        for name, draws in posteriors.items():
            block = parse(name)
            what = Message("without {name}, answers {treatment}", name=name, treatment=treatment)
            treated = scenario if treatment == GIVEN else by_own_hazard(scenario, block.start)
            results = run(
                treated, runs, seed, detail="none", until=block.last, workers=workers,
                parameters=parameters_of_runs(
                    load_country(), dict(scenario.parameters), seed, 0, runs, draws=draws
                ),
                progress=(lambda done, of, what=what: progress(what, done, of))  # type: ignore[misc]
                if progress
                else None,
            )  # fmt: skip
            yield block, treatment, treated, results


def later_years(
    scenario: Scenario, runs: int, seed: int, **running: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predict the months after 2016 from its last day, by the model's own hazard.

    Parameters
    ----------
    scenario : Scenario
    runs, seed
        As for `validate`.
    **running
        As for :func:`trucesim.runs.simulate.run`.

    Returns
    -------
    later, months : pandas.DataFrame
        As in `Validation`. The naive forecasts are made from the months up to December 2016.
    """
    frozen = by_own_hazard(scenario, FROZEN)
    results = run(frozen, runs, seed, detail="none", until=LATEST, **running)
    known = observed()["recorded_national"]
    record = xr.concat([known, held_out_months()], "month").to_dataset(name=known.name)
    found = [_block(results, parse(name), frozen, OWN, record, "2017") for name in LATER]
    tables, months = (pd.concat(each, ignore_index=True) for each in zip(*found, strict=True))
    return tables, months


def _block(
    results: xr.Dataset, block: Period, scenario: Scenario, treatment: str,
    record: xr.Dataset | None = None, since: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Score one block: by method, and the model by month."""
    scores = forecasts.score_block(
        results, block, record, since=since, orders=orders_of(scenario)
    )  # fmt: skip
    months = forecasts.score_months(results, block, record)
    return tuple(_of(each, str(block), treatment) for each in (scores, months))  # type: ignore[return-value]


def _of(table: pd.DataFrame, block: str, treatment: str) -> pd.DataFrame:
    """Say of a table which block it is of, and how the gangs' answers were treated."""
    rest = table.drop(columns="block", errors="ignore")
    rest.insert(0, "block", block)
    rest.insert(1, "treatment", treatment)
    return rest


def aims(found: Validation) -> pd.DataFrame:
    """Hold what was found against what was aimed at.

    Returns
    -------
    pandas.DataFrame
        One row an aim: ``aim`` (patterns_inside, patterns_counted, months_inside; of the blocks
        left out, pooled and by the model's own hazard, blocks_inside and, one a naive forecast,
        blocks_crps; later_crps, one a later period, against the best naive forecast), ``of`` (the
        naive forecast or the period that it is about), ``measure`` (share or crps), ``value``,
        ``low`` and ``high`` (the bounds within which it should lie; a CRPS below ``high``) and
        ``met``.
    """
    total = found.coverage[["simulated", "inside", "counted"]].sum()
    whole = found.months[found.months["block"] == WHOLE]
    rows: list[tuple[str, str, str, float, float, float]] = [
        ("patterns_inside", "", "share", total["inside"] / total["simulated"], 0.9, 1.0),
        ("patterns_counted", "", "share", total["counted"] / total["simulated"], 0.75, 1.0),
        ("months_inside", "", "share", whole["inside"].mean(), 0.85, 0.97),
    ]
    if found.blocks is not None:
        table = found.of(POOLED).set_index("method")
        inside, crps = (float(table[name].to_dict()[MODEL]) for name in ("inside_90", "crps"))
        rows.append(("blocks_inside", "", "share", inside, 0.8, 1.0))
        naive = table["crps"].drop(MODEL).to_dict()
        rows += [("blocks_crps", str(name), "crps", crps, 0.0, bar) for name, bar in naive.items()]
    for period in LATER:
        table = found.of(period)
        own, best = table["crps"].iloc[0], best_naive(table)["crps"]
        rows.append(("later_crps", period, "crps", own, 0.0, best))
    frame = pd.DataFrame(rows, columns=["aim", "of", "measure", "value", "low", "high"])
    below = frame["value"].lt(frame["high"]) | (
        frame["value"].eq(frame["high"]) & frame["measure"].ne("crps")
    )
    return frame.assign(met=frame["value"].ge(frame["low"]) & below)


FIRST_GENERATION = shipped_directory("experiments") / "validation" / "first-generation"
"""Committed results of the model that was fitted to the months up to June 2013."""


def first_forecasts() -> pd.DataFrame:
    """Sum up the committed forecasts of the first generation.

    Returns
    -------
    pandas.DataFrame
        One row a window: block, months, inside_90, mae, crps, naive (the method with the least
        CRPS), naive_mae, naive_crps, beaten, of (how many naive forecasts are worse than the model,
        and how many there are).
    """
    table = pd.read_csv(FIRST_GENERATION / "forecasts.csv").dropna(subset=["origin"])
    # Each naive forecast had two distributions, and the model was held against the better one.
    best = table[["crps", "crps_centred"]].min(axis=1)
    table = table.assign(naive_crps=best, won=table["crps_skill_lower"] > 0)
    rows = []
    for window, group in table.groupby("window", sort=False):
        model = group[group["method"] == MODEL].iloc[0]
        naive = group[group["crps_centred"].notna()]
        strongest = naive.sort_values("naive_crps", kind="stable").iloc[0]
        rows.append(
            {
                "block": window, "months": model["months"], "inside_90": model["coverage_90"],
                "mae": model["mae"], "crps": model["crps"], "naive": strongest["method"],
                "naive_mae": strongest["mae"], "naive_crps": strongest["naive_crps"],
                "beaten": int(naive["won"].sum()), "of": len(naive),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def forecasts_of(found: Validation) -> pd.DataFrame:
    """Sum up this generation's forecasts by the model's own hazard, as `first_forecasts` does."""
    rows = []
    blocks = () if found.blocks is None else (*BLOCKS, POOLED, BESIDE)
    for block in (*blocks, *LATER):
        table = found.of(block)
        own = table[["months", "inside_90", "mae", "crps"]].iloc[0]
        rows.append({"block": block, **own, **beside_naive(table)})
    return pd.DataFrame(rows)


def beside_naive(table: pd.DataFrame) -> dict[str, Any]:
    """Set the strongest naive forecast beside the model, and count those that do worse than it.

    Parameters
    ----------
    table : pandas.DataFrame
        Of a block, as `Validation.of` gives it.

    Returns
    -------
    dict
        naive (a method), naive_mae, naive_crps, beaten, of.
    """
    strongest, crps = best_naive(table), table["crps"]
    return {
        "naive": strongest["method"], "naive_mae": strongest["mae"],
        "naive_crps": strongest["crps"],
        "beaten": int((crps.iloc[1:] > crps.iloc[0]).sum()), "of": len(crps) - 1,
    }  # fmt: skip


def generations(found: Validation) -> pd.DataFrame:
    """Put both generations' patterns and forecasts side by side.

    Returns
    -------
    pandas.DataFrame
        ``generation`` (first, second), ``what`` (patterns, forecasts), and the columns of
        :func:`trucesim.outcomes.patterns.coverage` or of `first_forecasts`; others are empty.
    """
    first = pd.read_csv(FIRST_GENERATION / "coverage.csv")
    parts = {
        ("first", "patterns"): first[list(found.coverage)],
        ("second", "patterns"): found.coverage,
        ("first", "forecasts"): first_forecasts(),
        ("second", "forecasts"): forecasts_of(found),
    }
    return pd.concat(
        [
            table.assign(generation=generation, what=what)
            for (generation, what), table in parts.items()
        ],
        ignore_index=True,
    ).pipe(lambda all: all[["generation", "what", *all.columns.drop(["generation", "what"])]])


def summary(found: Validation) -> dict[str, Any]:
    """Gather the headline figures, ready for JSON: None stands where a number is undefined."""
    attrs = found.results.attrs
    content: dict[str, Any] = {
        "scenario": found.scenario.name,
        "runs": int(attrs["runs"]),
        "block_runs": found.block_runs,
        "seed": int(attrs["seed"]),
        "aims": aims(found).to_dict("records"),
        "patterns": {row["use"]: row for row in found.coverage.to_dict("records")},
        "forecasts": forecasts_of(found).to_dict("records"),
        "reductions": found.reductions.to_dict("records"),
        "control": None if found.control is None else found.control.cases.to_dict("records"),
        "panel": None if found.score is None else found.score.periods.to_dict("records"),
    }
    plain: dict[str, Any] = _plain(content)
    return plain


def _digest(path: str) -> str | None:
    """Digest a file; None for a panel that was made in memory."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if Path(path).is_file() else None


def _plain(content: Any) -> Any:
    """Turn numpy's numbers into Python's, and those that are not finite into None."""
    if isinstance(content, Mapping):
        return {str(name): _plain(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_plain(value) for value in content]
    if hasattr(content, "item"):
        content = content.item()
    return None if isinstance(content, float) and not math.isfinite(content) else content
