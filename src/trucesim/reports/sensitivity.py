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

from trucesim.files import markdown
from trucesim.files.errors import InputError
from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.locale.language import number, percent, short
from trucesim.outcomes import registry
from trucesim.outcomes.registry import quantity
from trucesim.parameters import uncertain
from trucesim.studies.experiment import discovery, sensitivity
from trucesim.studies.experiment.discovery import Discovery
from trucesim.version import __version__
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

TEXT = catalogue(
    {
        "title": "Sensitivity: {title}",
        "made": "{points} points of {replicates} runs each ({runs} in all), seed {seed}: {design}. "
        "Experiment `{name}` (digest `{digest}`); made by trucesim {version}. Every number is "
        "computed from these runs.",
        "made.one": "{points} points of one run each, seed {seed}: {design}. Experiment `{name}` "
        "(digest `{digest}`); made by trucesim {version}. Every number is computed from these "
        "runs.",
        "design.morris": "{trajectories} Morris trajectories over {factors} factors",
        "design.sobol": "a Saltelli sample of {rows} rows over {factors} factors",
        "design.latin-hypercube": "a Latin hypercube over {factors} factors",
        "others.posterior": "The {n} uncertain parameters that are no factors are drawn from the "
        "posterior, for each run number anew and for all points alike.",
        "others.prior": "The {n} uncertain parameters that are no factors are drawn from their "
        "priors, for each run number anew and for all points alike.",
        "others.point": "The {n} uncertain parameters that are no factors stand at their point "
        "values.",
        "failed": "{n} points failed and are missing.",
        "read.morris": "**How to read.** μ\\* is the mean size of an outcome's change when a "
        "factor moves over its whole range (for an uncertain parameter that of its prior), the "
        "others standing anywhere; μ keeps the sign; σ is how much these changes differ. *By "
        "chance*: the μ\\* that chance alone would give. Intervals are 95%, by bootstrap over "
        "trajectories.",
        "read.sobol": "**How to read.** *Alone* (first order): the share of the variance of the "
        "points' means that goes with a factor by itself. *Total*: by itself and together with "
        "others. Intervals are 95%, by bootstrap; a value below 0 is the estimator's error.",
        "outcome": "{outcome}",
        "outcome.of": "{outcome}, {scenario}",
        "figure": "Ranking of factors",
        "told.morris": "{beyond} of {factors} factors have an effect beyond chance. {trajectories} "
        "trajectories.",
        "told.morris.unknown": "{trajectories} trajectories of one run a point, which cannot tell "
        "effects from chance.",
        "told.sobol": "All {factors} factors alone together: {sum}. {rows} rows.",
        "told.left": "{n} left out for points without a value.",
        "flat": "The outcome does not vary.",
        "factor": "factor",
        "unit": "unit",
        "interval": "95%",
        "by_chance": "by chance",
        "first": "alone",
        "total": "total",
        "chance": "How much is chance",
        "chance.words": "Runs of one point differ by chance, which no factor explains: *single "
        "runs* is its share of their variance. Runs of one number share their draws at all points; "
        "what is left of chance in the means on which indices are computed is *means*.",
        "chance.others": "The draws of the parameters that are no factors count as chance here.",
        "outcome.head": "outcome",
        "scenario": "scenario",
        "mean": "mean",
        "sd": "standard deviation",
        "single": "single runs",
        "means": "means",
        "next": "To go on with",
        "next.words": "The {n} factors with the largest μ\\* beyond chance in any outcome, each "
        "as a share of the largest μ\\* of that outcome:",
        "where": "Where it happens: {outcome}",
        "where.of": "Where it happens: {outcome}, {scenario}",
        "where.base": "It happens in {base} of {runs} runs.",
        "where.none": "No combination of factors was found in which it happens more often than "
        "overall.",
        "where.holds": "Boxes are leaves of a classification tree (scikit-learn) in which it "
        "happens more often than overall. **On runs the tree had not seen** it happens in "
        "{density} of the runs in boxes, and {coverage} of all cases lie in them; the skill (1 - "
        "Brier score / that of the overall share) is {skill} ± {error}, so this is no chance "
        "finding.",
        "where.fails": "Boxes are leaves of a classification tree (scikit-learn) in which it "
        "happens more often than overall. **On runs the tree had not seen** its skill (1 - Brier "
        "score / that of the overall share) is {skill} ± {error}: no better than the overall "
        "share, so these boxes may be chance.",
        "box": "box",
        "runs": "runs",
        "density": "it happens in",
        "coverage": "of all cases",
        "limits": "where",
        "and": " and ",
        "regional": "Factor by factor (Kolmogorov-Smirnov, SciPy; p-values adjusted for the false "
        "discovery rate): {where} points where it happens in half of the runs or more against "
        "{elsewhere} others. {beyond} of {factors} factors differ at 5%.",
        "distance": "distance",
        "p_adjusted": "p, adjusted",
        "median_where": "median there",
        "median_elsewhere": "elsewhere",
        "boxes.figure": "Boxes",
        "regional.figure": "Distances by factor",
        "notes": "Not told",
        "files": "Files",
        "file.indices.csv": "indices of every factor, outcome and scenario",
        "file.chance.csv": "what is chance",
        "file.regional.csv": "distances of every factor",
        "file.boxes.csv": "boxes and their limits",
        "file.discovery.csv": "what the boxes are worth on runs not seen",
        "file.manifest.json": "what made this",
    }
)


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
            f"{experiment.name}: a {kind} design has no factors to share an outcome out among; "
            f"sensitivity needs design.kind = {', '.join(map(repr, KINDS))}, or patterns of the "
            "use 'fit' among the outcomes, to hold its cases against; effects of such a design are "
            "in the sweep's effects.csv"
        )
    if kind == "latin-hypercube" and not _that_happen(experiment):
        raise InputError(
            f"{experiment.name}: of a Latin hypercube, sensitivity tells where an outcome of 0 and "
            "1 happens, such as collapsed_within_two_years; the outcomes are "
            f"{', '.join(experiment.outcomes)}"
        )
    if kind != "morris" and _that_happen(experiment) and find_spec("sklearn") is None:
        raise InputError(
            "where an outcome happens is found with scikit-learn: pip install "
            "'trucesim[experiments]'"
        )


def _that_happen(experiment: Experiment) -> list[str]:
    """Name the outcomes that happen in a run or do not."""
    return [name for name in experiment.outcomes if registry.outcome(name).indicator]


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
        raise InputError(f"{experiment.name}: nothing can be told: {notes[0]}")
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
        told = named(outcome)
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


def named(outcome: str) -> Named:
    """Give what figures call an outcome."""
    from trucesim.figures.experiment import Named

    each = registry.outcome(outcome)
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
    words, experiment = TEXT, analysis.experiment
    parts = [_opening(analysis)]
    if f"read.{experiment.plan.kind}" in words:
        parts.append(words[f"read.{experiment.plan.kind}"])
    cases = list(analysis.chance[["scenario", "outcome"]].itertuples(index=False, name=None))
    for scenario, outcome in cases:
        rows = _of(analysis.indices, scenario, outcome)
        if len(rows):
            parts.append(_ranking(analysis, scenario, outcome, rows, figures))
    if experiment.plan.kind == "morris" and len(analysis.factors) > GO_ON_WITH:
        chosen = sensitivity.chosen(analysis.indices, GO_ON_WITH)
        listed = ", ".join(f'"{name}"' for name in chosen)
        said = words["next.words"].format(n=len(chosen))
        parts.append(f"## {words['next']}\n\n{said}\n\n```toml\nuncertainties = [{listed}]\n```")
    for scenario, outcome in analysis.discoveries:
        parts.append(_where(analysis, scenario, outcome, figures))
    parts.append(_chance(analysis))
    if analysis.notes:
        listed = "\n".join(f"- {note}" for note in analysis.notes)
        parts.append(f"## {words['notes']}\n\n{listed}")
    if files:
        listed = "\n".join(f"- [`{name}`]({name}): {words[f'file.{name}']}" for name in files)
        parts.append(f"## {words['files']}\n\n{listed}")
    return "\n\n".join(parts) + "\n"


def _opening(analysis: Analysis) -> str:
    words, experiment = TEXT, analysis.experiment
    factors, replicates = len(analysis.design.factors), experiment.replicates
    design = words[f"design.{experiment.plan.kind}"].format(
        trajectories=experiment.plan.trajectories, factors=factors,
        rows=number(experiment.plan.points),
    )  # fmt: skip
    lines = [
        "# " + words["title"].format(title=experiment.title[spoken()]),
        experiment.story[spoken()],
        words["made" if replicates > 1 else "made.one"].format(
            points=number(len(analysis.design)), replicates=replicates,
            runs=number(len(analysis.sweep.runs)), seed=experiment.seed, design=design,
            name=experiment.name, digest=str(analysis.sweep.manifest["digest"])[:12],
            version=__version__,
        ),
    ]  # fmt: skip
    if others := _others(analysis):
        lines.append(words[f"others.{experiment.parameters}"].format(n=others))
    if analysis.sweep.failures:
        lines.append(words["failed"].format(n=len(analysis.sweep.failures)))
    return "\n\n".join(lines)


def _others(analysis: Analysis) -> int:
    """Count the uncertain parameters that the design does not vary."""
    varied = analysis.experiment.uncertainties
    levered = [lever.target for lever in analysis.experiment.levers if lever.kind == "parameter"]
    return sum(each.name not in varied and each.name not in levered for each in uncertain())


def _titled(analysis: Analysis, key: str, scenario: str, outcome: str) -> str:
    """Give a heading, which names the scenario where there are several."""
    several = len(analysis.experiment.scenarios) > 1
    title = analysis.design.bases[scenario].title[spoken()]
    said = TEXT[f"{key}.of" if several else key]
    return "## " + said.format(outcome=named(outcome).label, scenario=title)


def _ranking(
    analysis: Analysis,
    scenario: str,
    outcome: str,
    rows: pd.DataFrame,
    figures: Mapping[tuple[str, str, str], str],
) -> str:
    """Tell which factors an outcome hangs on."""
    words = TEXT
    (counts,) = _of(analysis.chance, scenario, outcome).to_dict("records")
    morris = analysis.experiment.plan.kind == "morris"
    said, header, cells = (_screened if morris else _shared_out)(rows, int(counts["used"]))
    if counts["left_out"]:
        said += " " + words["told.left"].format(n=int(counts["left_out"]))
    parts = [_titled(analysis, "outcome", scenario, outcome)]
    if (scenario, outcome, "ranking") in figures:
        parts.append(f"![{words['figure']}]({figures[scenario, outcome, 'ranking']})")
    parts.append(said)
    if cells:
        lines = [
            [_factor(analysis, name), *line]
            for name, line in zip(rows["factor"], cells, strict=False)
        ]
        parts.append(markdown.table([words["factor"], *header], lines, 1))
    return "\n\n".join(parts)


def _screened(rows: pd.DataFrame, used: int) -> tuple[str, list[str], list[list[str]]]:
    """Give sentence, header and cells of a screening."""
    words = TEXT
    key = "told.morris" if rows["by_chance"].notna().any() else "told.morris.unknown"
    said = words[key].format(
        beyond=int((rows["low"] > rows["by_chance"]).sum()),
        factors=len(rows),
        trajectories=number(used),
    )
    header = ["μ\\*", words["interval"], words["by_chance"], "μ", "σ"]
    cells = [
        [
            short(row["mu_star"]),
            f"{short(row['low'])} .. {short(row['high'])}",
            "-" if np.isnan(row["by_chance"]) else short(row["by_chance"]),
            short(row["mu"]),
            short(row["sigma"]),
        ]
        for row in rows.head(SHOWN).to_dict("records")
    ]
    return said, header, cells


def _shared_out(rows: pd.DataFrame, used: int) -> tuple[str, list[str], list[list[str]]]:
    """Give sentence, header and cells of shares of variance."""
    words = TEXT
    if rows["total"].isna().all():
        return words["flat"], [], []
    said = words["told.sobol"].format(
        factors=len(rows),
        sum=percent(100 * rows["first"].sum()),
        rows=number(used),
    )
    header = [words["first"], words["interval"], words["total"], words["interval"]]
    cells: list[list[str]] = []
    for row in rows.head(SHOWN).to_dict("records"):
        cells.append([])
        for name in ("first", "total"):
            value, low, high = (percent(100 * row[f"{name}{end}"]) for end in ("", "_low", "_high"))
            cells[-1] += [value, f"{low} .. {high}"]
    return said, header, cells


def _factor(analysis: Analysis, name: str) -> str:
    return f"{analysis.factors[name].label[spoken()]} (`{name}`)"


def _where(
    analysis: Analysis,
    scenario: str,
    outcome: str,
    figures: Mapping[tuple[str, str, str], str],
) -> str:
    """Tell where something happens: combinations, and factor by factor."""
    words, found = TEXT, analysis.discoveries[scenario, outcome]
    (counts,) = _of(analysis.chance, scenario, outcome).to_dict("records")
    parts = [
        _titled(analysis, "where", scenario, outcome),
        words["where.base"].format(
            base=percent(100 * found.base), runs=number(found.runs)
        ),
    ]  # fmt: skip
    if (scenario, outcome, "boxes") in figures:
        parts.append(f"![{words['boxes.figure']}]({figures[scenario, outcome, 'boxes']})")
    if found.boxes.empty:
        parts.append(words["where.none"])
    else:
        parts.append(
            words["where.holds" if found.holds else "where.fails"].format(
                density=_percent_or_none(found.density),
                coverage=_percent_or_none(found.coverage),
                skill=number(found.skill, 2),
                error=number(found.skill_error, 2),
            )
        )
        parts.append(_boxes(analysis, found))
    rows = _of(analysis.regional, scenario, outcome)
    if len(rows):
        parts.append(
            words["regional"].format(
                where=number(counts["where"]),
                elsewhere=number(counts["elsewhere"]),
                beyond=int((rows["p_adjusted"] < 0.05).sum()),
                factors=len(rows),
            )
        )
        if (scenario, outcome, "regional") in figures:
            path = figures[scenario, outcome, "regional"]
            parts.append(f"![{words['regional.figure']}]({path})")
        header = ["factor", "distance", "p_adjusted", "median_where", "median_elsewhere"]
        cells = [
            [
                _factor(analysis, row["factor"]),
                number(row["distance"], 2),
                _p_value(row["p_adjusted"]),
                *(
                    quantity(row[name], analysis.factors[row["factor"]].unit)
                    for name in ("median_where", "median_elsewhere")
                ),
            ]
            for row in rows.head(SHOWN).to_dict("records")
        ]
        parts.append(markdown.table([words[name] for name in header], cells, 1))
    return "\n\n".join(parts)


def _percent_or_none(share: float) -> str:
    return "-" if np.isnan(share) else percent(100 * share)


def _p_value(value: float) -> str:
    return f"< {number(0.001, 3)}" if value < 0.001 else number(value, 3)


def _boxes(analysis: Analysis, found: Discovery) -> str:
    words = TEXT
    cells = []
    for box in found.boxes.to_dict("records"):
        limits = [
            _limit(analysis, limit)
            for limit in found.limits[found.limits["box"] == box["box"]].to_dict("records")
        ]
        cells.append(
            [
                box["box"], words["and"].join(limits), number(box["runs"]),
                percent(100 * box["density"]), percent(100 * box["coverage"]),
            ]
        )  # fmt: skip
    header = ["box", "limits", "runs", "density", "coverage"]
    return markdown.table([words[name] for name in header], cells, 2)


def _limit(analysis: Analysis, limit: Mapping[Any, Any]) -> str:
    factor = analysis.factors[limit["factor"]]
    name = _factor(analysis, factor.name)
    low, high = limit["low"], limit["high"]
    if np.isnan(low):
        return f"{name} < {quantity(high, factor.unit)}"
    if np.isnan(high):
        return f"{name} > {quantity(low, factor.unit)}"
    return f"{quantity(low, factor.unit)} < {name} < {quantity(high, factor.unit)}"


def _chance(analysis: Analysis) -> str:
    words = TEXT
    several = len(analysis.experiment.scenarios) > 1
    header = ["outcome.head", *(["scenario"] if several else []), "mean", "sd", "single", "means"]
    cells = [
        [
            named(row["outcome"]).label,
            *([row["scenario"]] if several else []),
            short(row["mean"]), short(row["sd"]),
            *(
                "-" if np.isnan(row[name]) else f"{number(100 * row[name], 1)}%"
                for name in ("chance", "chance_in_means")
            ),
        ]
        for row in analysis.chance.to_dict("records")
    ]  # fmt: skip
    table = markdown.table([words[name] for name in header], cells, 1 + several)
    told = words["chance.words"]
    if _others(analysis) and analysis.experiment.parameters != "point":
        told += " " + words["chance.others"]
    return f"## {words['chance']}\n\n{told}\n\n{table}"
