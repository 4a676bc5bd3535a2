"""A sweep's cases held against the patterns, and the report: words follow from numbers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from trucesim.files.errors import InputError
from trucesim.locale.catalogue import spoken, translated
from trucesim.outcomes import patterns, registry
from trucesim.reports.rendering import render
from trucesim.reports.sensitivity import Progress, made_by, put_report
from trucesim.studies import ablation
from trucesim.studies.experiment.design import Design, points
from trucesim.studies.experiment.file import SPREADING
from trucesim.studies.experiment.precision import called
from trucesim.studies.history import RECORD

if TYPE_CHECKING:
    from trucesim.studies.experiment.file import Experiment
    from trucesim.studies.experiment.folder import Sweep


@dataclass(frozen=True)
class Analysis:
    """What the cases of a sweep say.

    Attributes
    ----------
    sweep : Sweep
    design : Design
    points : dict of str to int
        By the name of a case that has runs, the full model's first.
    table, scores : pandas.DataFrame
        See `trucesim.studies.ablation.tabulate` and `summarise`.
    """

    sweep: Sweep
    design: Design
    points: Mapping[str, int]
    table: pd.DataFrame
    scores: pd.DataFrame

    @property
    def full(self) -> str:
        """The name of the full model."""
        return next(iter(self.points))

    def titles(self) -> dict[str, str]:
        """Give what people call the cases."""
        titles = called(self.design)
        found = {name: titles[point] for name, point in self.points.items()}
        return found | {self.full: translated("Full model")}

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables by the file that holds them."""
        shown = {"ablations.csv": self.table.copy(), "scores.csv": self.scores.copy()}
        for table in shown.values():
            for column in table.select_dtypes(bool):
                table[column] = table[column].map({True: "true", False: "false"})
        return shown


def fits(experiment: Experiment) -> bool:
    """Tell whether the experiment is one of cases, with patterns that choose among its outcomes."""
    chosen = set(patterns.fit_ids()) & set(experiment.outcomes)
    return experiment.plan.kind not in SPREADING and bool(chosen)


def check(experiment: Experiment, design: Design | None = None) -> None:
    """Refuse what cannot be held against the record, before anything is run.

    Parameters
    ----------
    experiment : Experiment
    design : Design, optional
        Its points, if they are laid out already.

    Raises
    ------
    InputError
    """
    if experiment.history == RECORD:
        raise InputError(
            "{name}: history = 'record', but cases are held against the record here, which its "
            "lineages were chosen to follow; use --history chance",
            name=experiment.name,
        )
    if experiment.replicates < ablation.FEWEST_RUNS:
        raise InputError(
            "{name}: replicates = {replicates}; {FEWEST_RUNS} at least, or no interval says "
            "anything",
            name=experiment.name,
            replicates=experiment.replicates,
            FEWEST_RUNS=ablation.FEWEST_RUNS,
        )
    if experiment.departments:
        raise InputError(
            "{name}: the patterns are the country's, not of departments", name=experiment.name
        )
    if len(design or points(experiment)) < 2:
        raise InputError(
            "{name}: one case alone; there is nothing to compare it with", name=experiment.name
        )


def analyse(sweep: Sweep, progress: Progress | None = None) -> Analysis:
    """Score the cases of a sweep, the first as the full model.

    Parameters
    ----------
    sweep : Sweep
        Of a factorial or a list.
    progress : function, optional
        Called as ``progress(what, done, of)``.

    Raises
    ------
    InputError
        As `check`, or the full model has no runs.
    """
    design = sweep.points()
    check(sweep.experiment, design)
    names = {point: _name(design, point) for point in range(len(design))}
    cases = ablation.score(sweep.runs, names)
    table = ablation.tabulate(cases)
    if progress:
        progress("analysis", 1, 1)
    held = {each.name for each in cases}
    numbers = {name: point for point, name in names.items() if name in held}
    return Analysis(sweep, design, numbers, table, ablation.summarise(cases, table))


def _name(design: Design, point: int) -> str:
    """Name a case as files do: its scenario, and what is set in it."""
    base = design.bases[str(design.frame.loc[point, "scenario"])]
    settings = design.settings(point).items()
    return ", ".join([base.name, *(f"{lever} = {value}" for lever, value in settings)])


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
        ``ablations.csv``, ``scores.csv``, ``figures/*.png``, ``README.md``, ``manifest.json``.
    """
    tables, figures = analysis.tables(), []
    if draw:
        from trucesim.figures import canvas
        from trucesim.figures.ablation import ablations

        experiment = analysis.sweep.experiment
        figure = ablations(
            analysis.table, analysis.scores, analysis.titles(), experiment.title[spoken()],
            experiment.replicates,
        )  # fmt: skip
        path = folder / "figures" / f"ablations_{spoken()}.png"
        figures.append(canvas.save(figure, path, made_by(analysis.sweep)))
        if progress:
            progress("figures", 1, 1)
    shown = [f"figures/{each.name}" for each in figures]
    text = report(analysis, shown, [*tables, "manifest.json"])
    return put_report(analysis.sweep, folder, tables, figures, text)


# --- The report ---------------------------------------------------------------------------------


def report(
    analysis: Analysis,
    figures: Iterable[str],
    files: list[str] | None = None,
) -> str:
    """Write the report in Markdown.

    Parameters
    ----------
    analysis : Analysis
    figures : iterable of str
        Paths.
    files : list of str, optional
        Names to list at the end.
    """
    by_pattern = analysis.table.groupby("pattern", sort=False)
    labels = {str(name): registry.outcome(str(name)).label() for name, _ in by_pattern}
    lossless = analysis.scores.iloc[1:].query("lost == 0")
    idle = lossless["earns_nothing"].astype(bool)
    return render(
        "ablation.md",
        found=analysis,
        experiment=analysis.sweep.experiment,
        digest=str(analysis.sweep.manifest["digest"])[:12],
        titles=analysis.titles(),
        labels=labels,
        figures=list(figures),
        largest=ablation.LARGEST,
        uses=list(analysis.table["use"].unique()),
        patterns=[
            _pattern(own, labels) for _, own in analysis.table.groupby("pattern", sort=False)
        ],
        idle=lossless[idle],
        moving=lossless[~idle],
        changes=list(_changes(analysis)),
        files=files,
    )


def _pattern(own: pd.DataFrame, labels: Mapping[str, str]) -> dict[Hashable, Any]:
    """Tell where a pattern is lost and where it is gained, from its rows of all cases."""
    first = own.to_dict("records")[0]
    changed = {name: own.loc[own[name], "ablation"].to_list() for name in ("lost", "gained")}
    return first | changed | {"label": labels[first["pattern"]]}


def _changes(analysis: Analysis) -> Iterator[dict[str, str]]:
    """Tell what every case changes."""
    for name, point in analysis.points.items():
        if name != analysis.full:
            base = analysis.design.bases[str(analysis.design.frame.loc[point, "scenario"])]
            rules = analysis.design.rules(point)
            yield {"name": name, "rules": rules, "story": base.story[spoken()]}
