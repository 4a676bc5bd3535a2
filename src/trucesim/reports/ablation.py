"""A sweep's cases held against the patterns, and the report: words follow from numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from trucesim.files import markdown
from trucesim.files.errors import InputError
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.locale.language import number
from trucesim.outcomes import patterns
from trucesim.reports.sensitivity import Progress, made_by, named, put_report
from trucesim.studies import ablation
from trucesim.studies.experiment.design import Design, points
from trucesim.studies.experiment.file import SPREADING
from trucesim.studies.experiment.precision import called
from trucesim.studies.history import RECORD
from trucesim.version import __version__

if TYPE_CHECKING:
    from trucesim.studies.experiment.file import Experiment
    from trucesim.studies.experiment.folder import Sweep

TEXT = catalogue(
    {
        "made": "{cases} cases of {replicates} runs each, seed {seed}. Experiment `{name}` (digest "
        "`{digest}`); made by trucesim {version}. Every number is computed from these runs.",
        "failed": "{n} cases failed and are missing.",
        "full": "Full model",
        "read": "The full model is `{full}`. Every other case changes something in it and is run "
        "with the same parameters and the same chance, run by run. A pattern is *inside* if the "
        "observed value lies in the 90% interval over runs, *lost* if it is inside in the full "
        "model and not in the case, *gained* the other way round; it is *moved* if the interval of "
        "the mean effect, run by run, excludes 0 (95% jointly over a case's patterns). Small "
        "effects need many runs to be seen. Checks are reported, never used to choose.",
        "figure": "Patterns by ablations",
        "scores": "Scores",
        "scores.words": "Distance: root mean square over the fit patterns, 1 is the edge of a "
        "pattern's bounds (`trucesim.outcomes.patterns.fit_distance`, each counted as {largest} at "
        "most). Then the patterns inside, by use. By at most: the largest effect that is told from "
        "0, in half-widths of the full model's 90% interval.",
        "ablation": "ablation",
        "distance": "distance",
        "use.fit": "fit",
        "use.check": "check",
        "of": "{inside} of {all}",
        "lost": "lost",
        "gained": "gained",
        "moved": "moved",
        "largest": "by at most",
        "which": "Which pattern is lost without which mechanism",
        "pattern": "pattern",
        "use": "use",
        "inside": "inside",
        "outside": "outside",
        "lost.in": "lost in",
        "gained.in": "gained in",
        "idle": "A mechanism that earns nothing",
        "idle.words": "Changing it loses no pattern, and the interval of every pattern's paired "
        "effect holds 0.",
        "quiet": "Others lose no pattern, but move some:",
        "quiet.moved": "{moved} moved",
        "quiet.largest": ", by at most {largest} half-widths ({pattern})",
        "none": "None of these.",
        "cases": "The ablations",
        "rules": "rules `{rules}`",
        "files": "Files",
        "file.ablations.csv": "every case and pattern",
        "file.scores.csv": "scores of every case",
        "file.manifest.json": "what made this",
    }
)


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
        return found | {self.full: TEXT["full"]}

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
            f"{experiment.name}: history = 'record', but cases are held against the record here, "
            "which its lineages were chosen to follow; use --history chance"
        )
    if experiment.replicates < ablation.FEWEST_RUNS:
        raise InputError(
            f"{experiment.name}: replicates = {experiment.replicates}; {ablation.FEWEST_RUNS} at "
            "least, or no interval says anything"
        )
    if experiment.departments:
        raise InputError(f"{experiment.name}: the patterns are the country's, not of departments")
    if len(design or points(experiment)) < 2:
        raise InputError(f"{experiment.name}: one case alone; there is nothing to compare it with")


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
    words = TEXT
    parts = [*_opening(analysis), words["read"].format(full=analysis.full)]
    parts += [f"![{words['figure']}]({path})" for path in figures]
    said = words["scores.words"].format(largest=f"{ablation.LARGEST:g}")
    parts += [f"## {words['scores']}", said, _scores(analysis)]
    parts += [f"## {words['which']}", _which(analysis)]
    parts += [f"## {words['idle']}", *_idle(analysis), f"## {words['cases']}"]
    parts += _stories(analysis)
    if files:
        listed = "\n".join(f"- [`{name}`]({name}): {words[f'file.{name}']}" for name in files)
        parts += [f"## {words['files']}", listed]
    return "\n\n".join(parts) + "\n"


def _opening(analysis: Analysis) -> list[str]:
    words, sweep, experiment = TEXT, analysis.sweep, analysis.sweep.experiment
    made = words["made"].format(
        cases=len(analysis.points), replicates=number(experiment.replicates),
        seed=experiment.seed, name=experiment.name, digest=str(sweep.manifest["digest"])[:12],
        version=__version__,
    )  # fmt: skip
    lines = [f"# {experiment.title[spoken()]}", experiment.story[spoken()], made]
    return lines + ([words["failed"].format(n=len(sweep.failures))] if sweep.failures else [])


def _uses(analysis: Analysis) -> list[str]:
    return list(dict.fromkeys(analysis.table["use"]))


def _scores(analysis: Analysis) -> str:
    """Give one row a case."""
    words, titles, rows = TEXT, analysis.titles(), []
    for row in analysis.scores.to_dict("records"):
        name = row["ablation"]
        inside = [
            words["of"].format(inside=int(row[f"{use}_inside"]), all=int(row[f"{use}_simulated"]))
            for use in _uses(analysis)
        ]
        title, changed = f"**{titles[name]}**", [""] * 4
        if name != analysis.full:
            largest = number(row["largest_shift"], 2) if row["largest_shift_of"] else ""
            title, changed = titles[name], [row["lost"], row["gained"], row["moved"], largest]
        rows.append([f"{title} (`{name}`)", number(row["fit_distance"], 2), *inside, *changed])
    uses = [words[f"use.{use}"] for use in _uses(analysis)]
    ends = [words[name] for name in ("lost", "gained", "moved", "largest")]
    return markdown.table([words["ablation"], words["distance"], *uses, *ends], rows, 1)


def _which(analysis: Analysis) -> str:
    """Give one row a pattern."""
    words, rows = TEXT, []
    for name, own in analysis.table.groupby("pattern", sort=False):
        lost, gained = (
            ", ".join(f"`{each}`" for each in own.loc[own[what], "ablation"])
            for what in ("lost", "gained")
        )
        first = own.iloc[0]
        state = words["inside" if first["inside_full"] else "outside"]
        label = f"{named(str(name)).label} (`{name}`)"
        rows.append([label, words[f"use.{first['use']}"], state, lost, gained])
    full = words["full"][0].lower() + words["full"][1:]
    heads = [words["pattern"], words["use"], full, words["lost.in"], words["gained.in"]]
    return markdown.table(heads, rows, len(heads))


def _idle(analysis: Analysis) -> list[str]:
    """Name the cases that lose no pattern: those that move none, and the others."""
    words, titles = TEXT, analysis.titles()
    lossless = analysis.scores.iloc[1:]
    lossless = lossless[lossless["lost"] == 0]

    def listed(rows: pd.DataFrame, told: Callable[[pd.Series], str]) -> str:  # type: ignore[type-arg]
        lines = [
            f"- {titles[row['ablation']]} (`{row['ablation']}`){told(row)}"
            for _, row in rows.iterrows()
        ]
        return "\n".join(lines) or words["none"]

    def by_how_much(row: pd.Series) -> str:  # type: ignore[type-arg]
        told = ": " + words["quiet.moved"].format(moved=row["moved"])
        if row["largest_shift_of"]:  # empty where all runs of the full model agree
            told += words["quiet.largest"].format(
                largest=number(row["largest_shift"], 2),
                pattern=named(row["largest_shift_of"]).label,
            )
        return told

    idle = lossless["earns_nothing"].astype(bool)
    return [
        words["idle.words"],
        listed(lossless[idle], lambda _: ""),
        words["quiet"],
        listed(lossless[~idle], by_how_much),
    ]


def _stories(analysis: Analysis) -> list[str]:
    """Tell what every case changes."""
    lines, titles = [], analysis.titles()
    for name, point in analysis.points.items():
        if name == analysis.full:
            continue
        base = analysis.design.bases[str(analysis.design.frame.loc[point, "scenario"])]
        rules = analysis.design.rules(point)
        told = f", {TEXT['rules'].format(rules=rules)}" if rules else ""
        lines.append(f"**{titles[name]}** (`{name}`{told}). {base.story[spoken()]}")
    return lines
