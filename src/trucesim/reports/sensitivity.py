"""A sweep's sensitivity analysis, outcome by outcome, and its report: words follow from numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trucesim.files.errors import InputError
from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.locale.catalogue import spoken
from trucesim.parameters import uncertain
from trucesim.reports.rendering import render
from trucesim.studies.experiment import discovery, sensitivity
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
        ``scenario``, ``outcome`` and the columns of `sensitivity.screen` or
        `sensitivity.decompose`; empty for a Latin hypercube.
    chance : pandas.DataFrame
        ``scenario``, ``outcome``, what `sensitivity.chance` gives, and what was counted: blocks of
        the design ``used`` and ``left_out``, points ``where`` something happens and ``elsewhere``.
    regional : pandas.DataFrame
        ``scenario``, ``outcome`` and the columns of `discovery.regional`, for outcomes of 0 and 1.
    discoveries : dict
        By scenario and outcome.
    notes : tuple of str
        What could not be told, and why.
    """

    sweep: Sweep
    design: Design
    indices: pd.DataFrame
    chance: pd.DataFrame
    regional: pd.DataFrame
    discoveries: Mapping[tuple[str, str], Discovery]
    notes: tuple[str, ...]

    @property
    def experiment(self) -> Experiment:
        """What was asked for."""
        return self.sweep.experiment

    @property
    def factors(self) -> dict[str, Factor]:
        """The factors by name."""
        return {factor.name: factor for factor in self.design.factors}


def check(experiment: Experiment) -> None:
    """Refuse a design that no analysis reads, before anything is run.

    Raises
    ------
    InputError
    """
    kind = experiment.plan.kind
    if kind not in KINDS:
        raise InputError(
            "{name}: a {kind} design has no factors to share an outcome out among; sensitivity "
            "needs design.kind = {join}, or patterns of the use 'fit' among the outcomes, to "
            "hold its cases against; effects of such a design are in the sweep's effects.csv",
            name=experiment.name,
            kind=kind,
            join=", ".join(map(repr, KINDS)),
        )
    if kind == "latin-hypercube" and not _that_happen(experiment):
        raise InputError(
            "{name}: of a Latin hypercube, sensitivity tells where an outcome of 0 and 1 "
            "happens, such as collapsed_within_two_years; the outcomes are {join}",
            name=experiment.name,
            join=", ".join(experiment.outcomes),
        )
    if kind != "morris" and _that_happen(experiment) and find_spec("sklearn") is None:
        raise InputError(
            "where an outcome happens is found with scikit-learn: pip install "
            "'trucesim[experiments]'"
        )


def _that_happen(experiment: Experiment) -> list[str]:
    """Name the outcomes that happen in a run or do not."""
    return [name for name in experiment.outcomes if experiment.outcome(name).indicator]


def analyse(sweep: Sweep, progress: Progress | None = None) -> Analysis:
    """Analyse a sweep: indices, chance, and where outcomes of 0 and 1 happen.

    Parameters
    ----------
    sweep : Sweep
        Of a Morris, Sobol or Latin hypercube design.
    progress : function, optional
        Called as ``progress(what, done, of)``.

    Raises
    ------
    InputError
        As `check`, or too few runs for anything to be told.
    """
    experiment = sweep.experiment
    check(experiment)
    design, runs, kind = sweep.points(), sweep.runs, experiment.plan.kind
    names = [factor.name for factor in design.factors]
    happens = _that_happen(experiment)
    tables: dict[str, list[pd.DataFrame]] = {"indices": [], "regional": []}
    chances, discoveries, notes = [], {}, []
    steps = [(s, o) for s in range(len(experiment.scenarios)) for o in experiment.outcomes]
    rows = len(design.unit)
    for step, (place, outcome) in enumerate(steps):
        scenario = experiment.scenarios[place]
        index = pd.RangeIndex(place * rows, (place + 1) * rows, name="point")
        sample = pd.DataFrame(design.unit, index, names)
        key = {"scenario": scenario, "outcome": outcome}
        mine = runs[runs["point"].isin(index)]
        counts: dict[str, Any] = key | sensitivity.chance(sample, mine, outcome)
        try:
            if kind == "morris":
                found = sensitivity.screen(sample, mine, outcome, levels=experiment.plan.levels)
            elif kind == "sobol":
                found = sensitivity.decompose(sample, mine, outcome)
            if kind != "latin-hypercube":
                tables["indices"].append(pd.DataFrame([key] * len(found)).join(found))
                counts |= {str(name): value for name, value in found.attrs.items()}
            if outcome in happens and kind != "morris":
                spread = discovery.independent(sample, kind)
                discoveries[scenario, outcome] = discovery.discover(
                    design.factors, spread, mine, outcome
                )
                found = discovery.regional(design.factors, spread, mine, outcome)
                tables["regional"].append(pd.DataFrame([key] * len(found)).join(found))
                counts |= {str(name): value for name, value in found.attrs.items()}
        except InputError as error:
            notes.append(f"{scenario}, {outcome}: {error}")
        chances.append(counts)
        if progress:
            progress("analysis", step + 1, len(steps))
    if not any(tables.values()) and not discoveries:
        raise InputError(
            "{name}: nothing can be told: {notes}", name=experiment.name, notes=notes[0]
        )
    indices, regional = (
        pd.concat(tables[name], ignore_index=True) if tables[name] else pd.DataFrame()
        for name in ("indices", "regional")
    )
    return Analysis(
        sweep, design, indices, pd.DataFrame(chances), regional, discoveries, tuple(notes)
    )


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
        "chance.csv": analysis.chance,
        "regional.csv": analysis.regional,
        "boxes.csv": pd.concat(boxes, ignore_index=True) if boxes else pd.DataFrame(),
        "discovery.csv": pd.DataFrame(worth),
    }
    dated = {factor.name for factor in analysis.design.factors if factor.unit == "date"}
    for name, columns in (
        ("regional.csv", ("median_where", "median_elsewhere")),
        ("boxes.csv", ("low", "high")),
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
    several = len(analysis.experiment.scenarios) > 1
    cases = analysis.chance[["scenario", "outcome"]].itertuples(index=False, name=None)
    for step, (scenario, outcome) in enumerate(list(cases), 1):
        told = named(analysis.sweep, outcome)
        title = analysis.design.bases[scenario].title
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
        if (scenario, outcome) in analysis.discoveries:
            found = analysis.discoveries[scenario, outcome]
            figures["boxes"] = experiment.boxes(found, analysis.design.factors, told, title)
        if len(regional):
            figures["regional"] = experiment.regional(regional, names, told, title, counts)
        for what, figure in figures.items():
            stem = f"{outcome}_{Path(scenario).stem}" if several else outcome
            path = folder / f"{what}_{stem}_{spoken()}.png"
            drawn[scenario, outcome, what] = canvas.save(figure, path, made)
        if progress:
            progress("figures", step, len(analysis.chance))
    return drawn


def named(sweep: Sweep, outcome: str) -> Named:
    """Give what figures call an outcome."""
    from trucesim.figures.experiment import Named

    each = sweep.experiment.outcome(outcome)
    return Named(each.label(), each.unit)


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
        Paths by scenario, outcome and what a figure shows ("ranking", "boxes", "regional").
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
        several=len(experiment.scenarios) > 1,
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
        "label": named(analysis.sweep, outcome).label,
        "scenario_title": analysis.design.bases[scenario].title[spoken()],
        "counts": counts,
        "indices": _of(analysis.indices, scenario, outcome),
        "regional": _of(analysis.regional, scenario, outcome),
        "discovery": analysis.discoveries.get((scenario, outcome)),
        "figures": {
            what: figures.get((scenario, outcome, what), "")
            for what in ("ranking", "boxes", "regional")
        },
    }


def _others(analysis: Analysis) -> int:
    """Count the uncertain parameters that the design does not vary."""
    varied = analysis.experiment.uncertainties
    levered = [lever.target for lever in analysis.experiment.levers if lever.kind == "parameter"]
    return sum(each.name not in varied and each.name not in levered for each in uncertain())
