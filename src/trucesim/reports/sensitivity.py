"""A sweep's sensitivity analysis, outcome by outcome, and its report: words follow from numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trucesim.files.errors import InputError, nearest
from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.locale.catalogue import catalogue, spoken, translated
from trucesim.locale.catalogue import told as told_in_words
from trucesim.parameters import uncertain
from trucesim.reports.rendering import render
from trucesim.studies.experiment import continuous, discovery, sensitivity
from trucesim.studies.experiment.continuous import Threshold
from trucesim.studies.experiment.discovery import Discovery
from trucesim.world import calendar

if TYPE_CHECKING:
    import xarray as xr

    from trucesim.figures.experiment import Named
    from trucesim.studies.experiment.design import Design, Factor
    from trucesim.studies.experiment.file import Experiment
    from trucesim.studies.experiment.folder import Sweep

Progress = Callable[[str, int, int], None]

KINDS = ("morris", "sobol", "latin-hypercube")
"""Designs that an analysis knows how to read."""

GO_ON_WITH = 10
"""Factors that a screening proposes for a closer study."""

SHOWN = 10
"""Factors in a table of the report; the files hold all."""


@dataclass(frozen=True)
class Analysis:
    """What a sensitivity analysis found.

    Attributes
    ----------
    sweep : Sweep
    design : Design
    indices : pandas.DataFrame
        ``scenario`` (a policy of the design), ``outcome`` and the columns of `sensitivity.screen`
        or `sensitivity.decompose`; empty for a Latin hypercube.
    chance : pandas.DataFrame
        ``scenario``, ``outcome``, what `sensitivity.chance` gives, and what was counted: blocks of
        the design ``used`` and ``left_out``, points ``where`` something happens and ``elsewhere``.
    regional : pandas.DataFrame
        ``scenario``, ``outcome`` and the columns of `discovery.regional`, for outcomes of 0 and 1.
    discoveries : dict
        By scenario and outcome.
    notes : tuple of str
        What could not be told, and why.
    scores, dependence : pandas.DataFrame
        ``scenario``, ``outcome`` and the columns of `continuous.scores` and
        `continuous.dependence`, for continuous outcomes of a Latin hypercube.
    thresholds : dict
        By name, those at which a continuous outcome counts as one that happens.
    """

    sweep: Sweep
    design: Design
    indices: pd.DataFrame
    chance: pd.DataFrame
    regional: pd.DataFrame
    discoveries: Mapping[tuple[str, str], Discovery]
    notes: tuple[str, ...]
    scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    dependence: pd.DataFrame = field(default_factory=pd.DataFrame)
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)

    @property
    def experiment(self) -> Experiment:
        """What was asked for."""
        return self.sweep.experiment

    @property
    def factors(self) -> dict[str, Factor]:
        """The factors by name."""
        return {factor.name: factor for factor in self.design.factors}


def check(experiment: Experiment, thresholds: Iterable[Threshold] = ()) -> None:
    """Refuse a design that no analysis reads, before anything is run.

    Raises
    ------
    InputError
    """
    kind = experiment.plan.kind
    if kind not in KINDS:
        raise InputError(
            "{name}: a {kind} design has no factors to share an outcome out among, and no cases to "
            "compare; sensitivity needs design.kind = {join}, several points, or patterns of the "
            "use 'fit' among the outcomes, to hold its cases against",
            name=experiment.name,
            kind=kind,
            join=", ".join(map(repr, KINDS)),
        )
    for each in thresholds:
        if each.outcome not in experiment.outcomes:
            raise InputError(
                "threshold: no outcome {outcome!r}{hint}; there are {allowed}",
                outcome=each.outcome, hint=nearest(each.outcome, experiment.outcomes),
                allowed=", ".join(experiment.outcomes),
            )  # fmt: skip
        if kind == "morris":
            raise InputError(
                "threshold: the points of a morris design are not drawn independently; where "
                "something happens is told of design.kind = 'latin-hypercube' or 'sobol'"
            )
    if kind == "latin-hypercube" or (kind == "sobol" and (_that_happen(experiment) or thresholds)):
        continuous.check_library()


def _that_happen(experiment: Experiment) -> list[str]:
    """Name the outcomes that happen in a run or do not."""
    return [name for name in experiment.outcomes if experiment.outcome(name).indicator]


def analyse(
    sweep: Sweep, progress: Progress | None = None, thresholds: Iterable[Threshold] = ()
) -> Analysis:
    """Analyse a sweep: indices or scores, chance, and where outcomes of 0 and 1 happen.

    Parameters
    ----------
    sweep : Sweep
        Of a Morris, Sobol or Latin hypercube design.
    progress : function, optional
        Called as ``progress(what, done, of)``.
    thresholds : iterable of Threshold
        At which continuous outcomes count as ones that happen, beside the others.

    Raises
    ------
    InputError
        As `check`, or too few runs for anything to be told.
    """
    experiment, wanted = sweep.experiment, {each.name: each for each in thresholds}
    check(experiment, wanted.values())
    design, runs, kind = sweep.points(), sweep.runs, experiment.plan.kind
    runs = runs.assign(**{n: each.happens(runs[each.outcome]) for n, each in wanted.items()})
    names = [factor.name for factor in design.factors]
    happens = {*_that_happen(experiment), *wanted}
    tables: dict[str, list[pd.DataFrame]] = {
        "indices": [], "scores": [], "dependence": [], "regional": [],
    }  # fmt: skip
    chances, discoveries, notes = [], {}, []
    asked = [*experiment.outcomes, *wanted]
    policies = list(design.policies)
    steps = [(s, o) for s in range(len(policies)) for o in asked]
    rows = len(design.unit)
    for step, (place, outcome) in enumerate(steps):
        scenario = policies[place]
        index = pd.RangeIndex(place * rows, (place + 1) * rows, name="point")
        sample = pd.DataFrame(design.unit, index, names)
        key = {"scenario": scenario, "outcome": outcome}
        mine = runs[runs["point"].isin(index)]

        def keep(name: str, found: pd.DataFrame, key: dict[str, str] = key) -> None:
            tables[name].append(pd.DataFrame([key] * len(found)).join(found))

        try:
            continuous.check_values(mine, outcome)
        except InputError as error:
            notes.append(f"{scenario}, {told_in_words(error.message)}")
            continue
        counts: dict[str, Any] = key | sensitivity.chance(sample, mine, outcome)
        try:
            if kind in ("morris", "sobol") and outcome not in wanted:
                found = (
                    sensitivity.screen(sample, mine, outcome, levels=experiment.plan.levels)
                    if kind == "morris"
                    else sensitivity.decompose(sample, mine, outcome)
                )
                keep("indices", found)
                counts |= {str(name): value for name, value in found.attrs.items()}
            if kind == "latin-hypercube" and outcome not in happens:
                forest = continuous.grow(sample, mine, outcome)
                found = continuous.scores(forest)
                keep("scores", found)
                counts |= {str(name): value for name, value in found.attrs.items()}
                known = {each.name: each for each in design.factors}
                most = [known[name] for name in found["factor"].iloc[: continuous.SHOWN]]
                keep("dependence", continuous.dependence(most, forest))
            if outcome in happens and kind != "morris":
                spread = discovery.independent(sample, kind)
                discoveries[scenario, outcome] = discovery.discover(
                    design.factors, spread, mine, outcome
                )
                found = discovery.regional(design.factors, spread, mine, outcome)
                keep("regional", found)
                counts |= {str(name): value for name, value in found.attrs.items()}
        except InputError as error:
            notes.append(f"{scenario}, {told_in_words(error.message)}")
        chances.append(counts)
        if progress:
            progress("analysis", step + 1, len(steps))
    if not any(tables.values()) and not discoveries:
        raise InputError(
            "{name}: nothing can be told: {notes}", name=experiment.name, notes=notes[0]
        )
    whole = {
        name: pd.concat(found, ignore_index=True) if found else pd.DataFrame()
        for name, found in tables.items()
    }
    return Analysis(
        sweep, design, whole["indices"], pd.DataFrame(chances), whole["regional"], discoveries,
        tuple(notes), whole["scores"], whole["dependence"], wanted,
    )  # fmt: skip


# --- Files --------------------------------------------------------------------------------------


def write(
    analysis: Analysis,
    folder: Path,
    *,
    draw: bool = True,
    progress: Progress | None = None,
) -> list[Path]:
    """Write an analysis to a folder; every file appears whole or not at all.

    Returns
    -------
    list of Path
        ``*.csv``, ``figures/*.png``, ``README.md`` and last ``manifest.json``.
    """
    tables = _tables(analysis)
    figures = _draw(analysis, folder / "figures", progress) if draw else {}
    shown = {key: f"figures/{path.name}" for key, path in figures.items()}
    text = report(analysis, shown, [*tables, "manifest.json"])
    return put_report(analysis.sweep, folder, tables, figures.values(), text)


def put_report(
    sweep: Sweep,
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    figures: Iterable[Path],
    text: str,
) -> list[Path]:
    """Write a sweep's report to a folder beside its figures: tables, text and last the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [put_whole(folder / name, partial(_write_csv, tables[name])) for name in tables]
    written += figures
    written.append(put_text(folder / "README.md", text))
    manifest = {**sweep.manifest, "command": "sensitivity"}
    # The way from the sweep's folder to its scenarios: from a report's, which is copied and
    # published, it leads nowhere, and it names folders of the machine.
    for name in ("files", "checksum"):  # of the sweep's folder
        del manifest[name]
    written.append(put_whole(folder / "manifest.json", lambda path: write_json(manifest, path)))
    return written


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")


def _tables(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """Give the tables by the file that holds them."""
    boxes, worth = [], []
    for (scenario, outcome), found in analysis.discoveries.items():
        key = {"scenario": scenario, "outcome": outcome}
        joined = found.boxes.merge(found.limits, on="box", how="left")
        boxes.append(pd.DataFrame([key] * len(joined)).join(joined))
        names = ("base", "skill", "skill_error", "density", "coverage", "holds")
        worth.append(key | {name: getattr(found, name) for name in names})
    tables = {
        "indices.csv": analysis.indices,
        "scores.csv": analysis.scores,
        "dependence.csv": analysis.dependence,
        "chance.csv": analysis.chance,
        "regional.csv": analysis.regional,
        "boxes.csv": pd.concat(boxes, ignore_index=True) if boxes else pd.DataFrame(),
        "discovery.csv": pd.DataFrame(worth),
    }
    dated = {factor.name for factor in analysis.design.factors if factor.unit == "date"}
    for name, columns in (
        ("regional.csv", ("median_where", "median_elsewhere")),
        ("boxes.csv", ("low", "high")),
        ("dependence.csv", ("value",)),
    ):
        tables[name] = _with_dates(tables[name], dated, columns)
    return {name: table for name, table in tables.items() if len(table)}


def _with_dates(table: pd.DataFrame, dated: set[str], columns: Iterable[str]) -> pd.DataFrame:
    """Write the values of factors that are dates as dates."""
    if table.empty or not table["factor"].isin(dated).any():
        return table
    return table.assign(
        **{
            name: [
                calendar.date_of(round(value)).isoformat()
                if factor in dated and not np.isnan(value)
                else ("" if np.isnan(value) else f"{value:.6g}")
                for factor, value in zip(table["factor"], table[name], strict=True)
            ]
            for name in columns
        }
    )


def _draw(
    analysis: Analysis, folder: Path, progress: Progress | None
) -> dict[tuple[str, str, str], Path]:
    """Draw what was found; by scenario, outcome and what a figure shows."""
    from trucesim.figures import canvas, experiment

    names = {
        name: experiment.Named(factor.label[spoken()], factor.unit)
        for name, factor in analysis.factors.items()
    }
    kind = analysis.experiment.plan.kind
    made = made_by(analysis.sweep)
    drawn: dict[tuple[str, str, str], Path] = {}
    several = len(analysis.design.policies) > 1
    cases = analysis.chance[["scenario", "outcome"]].itertuples(index=False, name=None)
    for step, (scenario, outcome) in enumerate(list(cases), 1):
        told = _named(analysis, outcome)
        title = analysis.design.policies[scenario]
        figures: dict[str, Any] = {}
        indices, regional = (
            _of(table, scenario, outcome) for table in (analysis.indices, analysis.regional)
        )
        (counts,) = _of(analysis.chance, scenario, outcome).to_dict("records")
        if len(indices):
            if kind == "morris":
                figures["ranking"] = experiment.screening(indices, names, told, title, counts)
            elif indices["total"].notna().any():
                figures["ranking"] = experiment.shares(indices, names, told, title, counts)
        scored, curves = (
            _of(table, scenario, outcome) for table in (analysis.scores, analysis.dependence)
        )
        if len(scored):
            figures["scores"] = experiment.scores(scored, names, told, title, counts)
            figures["dependence"] = experiment.dependence(
                curves, analysis.factors, told, title, counts
            )
        if (scenario, outcome) in analysis.discoveries:
            found = analysis.discoveries[scenario, outcome]
            figures["boxes"] = experiment.boxes(found, analysis.design.factors, told, title)
        if len(regional):
            figures["regional"] = experiment.regional(regional, names, told, title, counts)
        for what, figure in figures.items():
            stem = f"{outcome}_{_file_name(scenario)}" if several else outcome
            path = folder / f"{what}_{stem}_{spoken()}.png"
            drawn[scenario, outcome, what] = canvas.save(figure, path, made)
        if progress:
            progress("figures", step, len(analysis.chance))
    return drawn


def _file_name(policy: str) -> str:
    """Give a policy's part in the name of a file: its scenario, and its values with hyphens."""
    scenario, *values = policy.split(", ")
    return re.sub(r"[^\w.-]+", "-", "-".join([Path(scenario).stem, *values]))


def named(sweep: Sweep, outcome: str) -> Named:
    """Give what figures call an outcome."""
    from trucesim.figures.experiment import Named

    each = sweep.experiment.outcome(outcome)
    return Named(each.label(), each.unit)


def _named(analysis: Analysis, outcome: str) -> Named:
    """Give what an outcome is called, or one at a threshold."""
    from trucesim.figures.experiment import Named
    from trucesim.outcomes.registry import quantity

    if outcome not in analysis.thresholds:
        return named(analysis.sweep, outcome)
    each = analysis.thresholds[outcome]
    whole = named(analysis.sweep, each.outcome)
    said = TEXT["above" if each.above else "below"].format(
        outcome=whole.label, value=quantity(each.value, translated(whole.unit))
    )
    return Named(said, "0 or 1")


TEXT = catalogue({"above": "{outcome}: {value} or more", "below": "{outcome}: below {value}"})


def made_by(sweep: Sweep) -> xr.Dataset:
    """Give what stands at the foot of a sweep's figures."""
    import xarray as xr

    return xr.Dataset(
        attrs={
            "experiment": sweep.experiment.name,
            "digest": sweep.manifest["digest"],
            "seed": sweep.experiment.seed,
            "version": sweep.manifest["trucesim"],
            "runs": len(sweep.design) * sweep.experiment.replicates,
        }
    )


def _of(table: pd.DataFrame, scenario: str, outcome: str) -> pd.DataFrame:
    """Take a scenario's and an outcome's rows of a table."""
    if table.empty:
        return table
    return table[(table["scenario"] == scenario) & (table["outcome"] == outcome)]


# --- The report ---------------------------------------------------------------------------------


def report(
    analysis: Analysis,
    figures: Mapping[tuple[str, str, str], str],
    files: list[str] | None = None,
) -> str:
    """Write the report in Markdown.

    Parameters
    ----------
    analysis : Analysis
    figures : mapping
        Paths by scenario, outcome and what a figure shows ("ranking", "scores", "dependence",
        "boxes", "regional").
    files : list of str, optional
        Names to list at the end.
    """
    experiment, found = analysis.experiment, analysis.indices
    many = experiment.plan.kind == "morris" and len(analysis.factors) > GO_ON_WITH
    keys = analysis.chance[["scenario", "outcome"]].itertuples(index=False, name=None)
    return render(
        "sensitivity.md",
        found=analysis,
        experiment=experiment,
        kind=experiment.plan.kind,
        factors=analysis.factors,
        digest=str(analysis.sweep.manifest["digest"])[:12],
        others=_others(analysis),
        several=len(analysis.design.policies) > 1,
        shown=SHOWN,
        cases=[_case(analysis, scenario, outcome, figures) for scenario, outcome in keys],
        next=sensitivity.chosen(found, GO_ON_WITH) if many else (),
        files=files,
    )


def _case(
    analysis: Analysis,
    scenario: str,
    outcome: str,
    figures: Mapping[tuple[str, str, str], str],
) -> dict[str, Any]:
    """Gather what is told of an outcome in a scenario."""
    (counts,) = _of(analysis.chance, scenario, outcome).to_dict("records")
    return {
        "label": _named(analysis, outcome).label,
        "scores": _of(analysis.scores, scenario, outcome),
        "scenario_title": analysis.design.policies[scenario][spoken()],
        "counts": counts,
        "indices": _of(analysis.indices, scenario, outcome),
        "regional": _of(analysis.regional, scenario, outcome),
        "discovery": analysis.discoveries.get((scenario, outcome)),
        "figures": {
            what: figures.get((scenario, outcome, what), "")
            for what in ("ranking", "scores", "dependence", "boxes", "regional")
        },
    }


def _others(analysis: Analysis) -> int:
    """Count the uncertain parameters that the design does not vary."""
    varied = analysis.experiment.uncertainties
    levered = [lever.target for lever in analysis.experiment.levers if lever.kind == "parameter"]
    return sum(each.name not in varied and each.name not in levered for each in uncertain())
