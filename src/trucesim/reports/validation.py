"""The report of a validation: its words follow from its numbers, and no number stands here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from trucesim import figures
from trucesim.figures.validation import months
from trucesim.files import markdown
from trucesim.files.errors import InputError
from trucesim.files.writing import put_whole, write_json
from trucesim.locale.catalogue import catalogue, spoken, translated
from trucesim.outcomes import patterns
from trucesim.outcomes.forecasts import CONDITIONALITY, KERNEL_SIZE, POOLED, SCORES, best_naive
from trucesim.runs.provenance import provenance
from trucesim.studies import comparison as study
from trucesim.studies.validation import (
    BESIDE,
    BLOCKS,
    GIVEN,
    LATER,
    OWN,
    WHOLE,
    Validation,
    aims,
    generations,
    summary,
)
from trucesim.version import __version__

TEXT = catalogue(
    {
        "title": "Validation: {title}",
        "made": "{runs} runs of the scenario `{name}` (digest `{digest}`), seed {seed}, {draws}. "
        "Made by trucesim {version}; every number is computed from these runs and from the record "
        "that the package ships. Intervals are 5-95% over runs.",
        "posterior": "The posterior was made by {version}; today's model gives {same} probe runs.",
        "posterior.same": "the same",
        "posterior.other": "other",
        "point": "all with the point values of the parameters",
        "draws": "each with its own draw of the uncertain parameters",
        "few": "With {runs} runs the ends of the intervals are rough; the default is 200.",
        "short": "In short",
        "aims.words": "What was aimed at beforehand, and what came of it.",
        "aim": "aim",
        "wanted": "wanted",
        "value": "came of it",
        "met": "met",
        "met.yes": "yes",
        "met.no": "**missed**",
        "aim.patterns_inside": "patterns inside the 90% interval",
        "aim.patterns_counted": "patterns inside, and the interval no wider than the value",
        "aim.months_inside": "months of 2009-2016 inside, as fitted",
        "aim.blocks_inside": "blocks left out: months inside",
        "aim.blocks_crps": "blocks left out: CRPS below that of: {of}",
        "aim.later_crps": "{of}, never fitted: CRPS below that of the best naive forecast",
        "wanted.least": "at least {low}",
        "wanted.between": "{low} to {high}",
        "wanted.below": "below {high}",
        "short.patterns": "**Patterns**: {inside} of {simulated} inside the interval, {counted} of "
        "them inside one no wider than the value. By use: {uses}.",
        "short.use": "{use} {counted} of {simulated}",
        "use.fit": "fitted",
        "use.check": "checks, known but not fitted",
        "blocks.none": "**Blocks left out** need the posteriors of a calibration (`--calibration "
        "DIR`) and are not here.",
        "short.hiding": "**Hidden killings**: the reduction against 2011 is {recorded}% in "
        "recorded homicides and {true}% in all killings (medians). Hiding makes up {less} "
        "percentage points (median of the difference, run by run).",
        "short.panel": "**Your panel**: {inside}% of {cells} municipal counts inside the interval.",
        "right": "What is reproduced",
        "right.words": "The record lies inside the simulated interval, and the interval is no "
        "wider than the value.",
        "wide": "Inside, but not counted",
        "wide.words": "The interval is wider than the value: almost anything would lie inside.",
        "wrong": "What is not",
        "wrong.words": "The record lies outside the interval.",
        "open": "Not compared",
        "none": "None.",
        "low": "too low",
        "high": "too high",
        "pattern": "pattern",
        "use": "use",
        "observed": "observed",
        "simulated": "simulated",
        "interval": "5-95%",
        "the model is": "the model is",
        "bear": "Places",
        "places.words": "Municipal and departmental counts. Rates of departments do not say of "
        "which population they are; simulated ones are per 100,000 people of the census of 2007.",
        "department": "department",
        "statistic": "statistic",
        "class": "**The rate class of 2015.** Where cliques are placed rests on municipal rate "
        "classes of 2015, which is after the truce. So {n} municipal patterns are conditional on "
        "them; beside them stands a placement by population and departmental counts alone"
        " ({runs} runs). It has {inside} of {n} inside its interval; the other has {other}.",
        "class.none": "**The rate class of 2015** is not used: the scenario places cliques by "
        "population and departmental counts alone.",
        "by departments": "departments only",
        "inside": "inside",
        "yes": "yes",
        "no": "no",
        "months.title": "Months",
        "months.words": "As fitted, {inside} of {months} months of 2009-2016 lie inside the 90% "
        "interval.",
        "figure.months": "Homicides per month: observed, fitted, and predicted where left out",
        "blocks": "Blocks left out",
        "blocks.words": "Each block is predicted, with {runs} runs, by a posterior fitted without "
        "it. What counts is the second table: from the block's first day the gangs' dated answers "
        "are taken out, and orders come by the model's own hazard. The first four blocks share no "
        "month and are pooled; the last is left out at once, and stands beside them.",
        "treatment.given": "With the gangs' dated answers given",
        "treatment.own": "By the model's own hazard",
        "block": "block",
        "pooled": "pooled",
        "naive.words": "Against every naive forecast, all blocks pooled, by the model's own "
        "hazard:",
        "naive.level": "Steps at orders know none before the block in some places, and forecast "
        "the level there.",
        "forecast.words": "MAE: mean absolute error, of the median. CRPS: the same for a whole "
        "distribution; the lower, the better. Log score: mean log density of the count, a mixture "
        "of negative binomials of size {size} about the members; the higher, the better. Naive "
        "forecasts were chosen beforehand, are made from the months before the block alone, and "
        "spread by their own past errors around their mean; the strongest is that with the least "
        "CRPS, chosen afterwards and so hard to beat. Steps at orders know the days of the orders "
        "that the model is given.",
        "later": "2017-2019",
        "later.words": "Never fitted, and read by this command alone; those who wrote the rules "
        "knew how the years went. From January 2017 no dated input is given and orders come by the "
        "model's own hazard; naive forecasts are made from the months up to December 2016. "
        "{runs} runs.",
        "method": "method",
        "method.model": "**model**",
        "method.last month": "last month",
        "method.last three months": "last three months",
        "method.last twelve months as a sample": "last twelve months as a sample",
        "method.twelve-month trend": "twelve-month trend",
        "method.mean of 2010 - February 2012": "mean of 2010 - February 2012",
        "method.steps at orders": "steps at orders",
        "log_score": "log score",
        "width": "interval width / observed",
        "generations": "Both generations",
        "generations.words": "The first was fitted to the months up to June 2013 and forecast what "
        "followed; its numbers are those committed then "
        "(experiments/validation/first-generation). The second is fitted to 2009-2016 and "
        "forecasts blocks left out and later years. Patterns: {first_inside} of {first} inside, "
        "{first_counted} counted, by the first; {inside} of {second} and {counted} by the second.",
        "generation": "generation",
        "first": "first",
        "second": "second",
        "mind": "What would change our mind",
        "mind.words": "- Hierarchy: a fall that took months, or nothing changing when the leaders' "
        "channel was cut.\n"
        "- A guarantor who matters: truces with and without one that last equally long.\n"
        "- Retaliation: months that vary no more than chance where no order holds.\n"
        "- Conditional repression: attacks on the state that do not rise when pressure no longer "
        "depends on violence.\n"
        "- Placement by the rates of 2015: municipal counts of the years of the truce. The model "
        "has seen two sums of 2013 and four departments.",
        "months": "months",
        "mae": "MAE",
        "coverage": "inside 90%",
        "strongest": "strongest naive",
        "crps": "CRPS",
        "its crps": "its CRPS",
        "beaten": "naive ones beaten",
        "reductions": "Reductions: recorded and true",
        "reductions.words": "Hidden killings are in no record. In the model a gang killing is "
        "hidden with a probability that grows with how much of the gang holds to the order. Both "
        "columns count the whole months {window}, against the whole months of each baseline; only "
        "the model can tell true killings. Every reduction depends on its baseline.",
        "baseline": "baseline",
        "recorded %": "recorded, %",
        "true %": "true, %",
        "less": "points by hiding",
        "record %": "in the record, %",
        "published": "From the truce's first day ({window}) the reduction in recorded homicides "
        "is {parts}.",
        "published.part": "{median}% ({low} to {high}) against {baseline}; in the record {value}%",
        "panel": "Your panel",
        "panel.words": "`{source}`: {treatment}. No parameter and no default was chosen by it.",
        "panel.class": "The placement of cliques uses the rate classes of 2015: figures of that "
        "year are in part what the model was given.",
        "all": "all",
        "period": "period",
        "municipalities": "municipalities",
        "panel.mae": "mean error",
        "rank": "rank correlation",
        "measure": "measure",
        "notes": "Left out or mended:",
        "figures": "Figures",
        "figure.patterns": "Simulated divided by observed, pattern by pattern",
        "files": "Files",
        "file.patterns.csv": "every pattern: observed, simulated, inside, counted",
        "file.aims.csv": "what was aimed at, and what came of it",
        "file.coverage.csv": "how many patterns are right, by use",
        "file.blocks.csv": "blocks left out: the model and every naive forecast",
        "file.block_months.csv": "the model month by month: fitted, left out, later",
        "file.later.csv": "2017-2019: the model and every naive forecast",
        "file.departments.csv": "departments after 2010: observed, simulated",
        "file.generations.csv": "both generations side by side",
        "file.reductions.csv": "by baseline: recorded, true, and their difference run by run",
        "file.panel_cells.csv": "your panel, municipality by municipality",
        "file.panel_periods.csv": "your panel, by period",
        "file.panel_shares.csv": "your panel: how homicides are spread",
        "file.summary.json": "the headline figures",
        "file.manifest.json": "what made this",
        "decimal": ".",
    },
    context="reports.validation",
)
"""The words of the report, by language and key."""

FEW_RUNS = 100
"""With fewer, a 5% quantile rests on less than five runs, and the report says so."""

_BOUNDS = ["simulated_p05", "simulated_median", "simulated_p95"]


def number(value: float) -> str:
    """Write a number to three figures or, from 100 on, without decimals; a dash if unknown."""
    if math.isnan(value):
        return "-"
    digits = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
    return f"{value:.{digits}f}".replace(".", TEXT["decimal"])


def report(found: Validation, figures: Mapping[str, str] | None = None) -> str:
    """Write the report of a validation.

    Parameters
    ----------
    found : Validation
    figures : mapping of str to str, optional
        Paths of figures as seen from the report: ``patterns`` and ``months``.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    InputError
        If there is no such language.
    """
    if spoken() not in TEXT:
        raise InputError(f"no report in {spoken()!r}; there are: {', '.join(TEXT)}")
    figures = figures or {}
    parts = [
        _opening(found),
        _in_short(found),
        _patterns(found, figures),
        _months(found, figures),
        _blocks(found),
        _later(found),
        _places(found),
        _generations(found),
        _reductions(found),
        *([_panel(found)] if found.score is not None else []),
        f"## {TEXT['mind']}\n\n{TEXT['mind.words']}",
        _files(found),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(found: Validation) -> str:
    words, attrs = TEXT, found.results.attrs
    lines = [
        "# " + words["title"].format(title=found.scenario.title[spoken()]),
        words["made"].format(
            runs=attrs["runs"], name=found.scenario.name, digest=found.scenario.digest[:12],
            seed=attrs["seed"], draws=words["point" if found.point else "draws"],
            version=__version__,
        ),
    ]  # fmt: skip
    if found.posterior is not None:
        same = words["posterior.same" if found.posterior.same_probe else "posterior.other"]
        lines.append(words["posterior"].format(version=found.posterior.version, same=same))
    if attrs["runs"] < FEW_RUNS:
        lines.append(words["few"].format(runs=attrs["runs"]))
    return "\n\n".join(lines)


def _in_short(found: Validation) -> str:
    words = TEXT
    total = found.coverage[["simulated", "inside", "counted"]].sum()
    uses = [
        words["short.use"].format(
            use=words[f"use.{row['use']}"], counted=row["counted"], simulated=row["simulated"]
        )
        for row in found.coverage.to_dict("records")
    ]  # fmt: skip
    lines = [words["short.patterns"].format(**total, uses="; ".join(uses))]
    if found.blocks is None:
        lines.append(words["blocks.none"])
    medians = _hiding(found)["median"]["2011"]
    lines.append(
        words["short.hiding"].format(
            recorded=number(medians["recorded"]), true=number(medians["true"]),
            less=number(medians["recorded_less_true"]),
        )
    )  # fmt: skip
    if found.score is not None:
        cells = found.score.cells
        lines.append(
            words["short.panel"].format(
                inside=round(100 * cells["inside"].mean()), cells=len(cells)
            )
        )
    listed = "\n".join(f"- {line}" for line in lines)
    return "\n\n".join([f"## {words['short']}", words["aims.words"], _aims(found), listed])


def _aims(found: Validation) -> str:
    """Set every aim beside what came of it."""
    words = TEXT
    cells = []
    for row in aims(found).to_dict("records"):
        crps, kind = row["aim"].endswith("crps"), "between"
        if crps or row["high"] == 1.0:
            kind = "below" if crps else "least"
        value, low, high = (
            number(row[name]) if crps else _share(row[name])
            for name in ("value", "low", "high")
        )  # fmt: skip
        cells.append(
            [
                words[f"aim.{row['aim']}"].format(of=words.get(f"method.{row['of']}", row["of"])),
                words[f"wanted.{kind}"].format(low=low, high=high), value,
                words["met.yes" if row["met"] else "met.no"],
            ]
        )  # fmt: skip
    return markdown.table([words[name] for name in ("aim", "wanted", "value", "met")], cells, 1)


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{round(100 * value)}%"


def _patterns(found: Validation, figures: Mapping[str, str]) -> str:
    words, table = TEXT, found.comparison
    inside = table["inside"].eq(True)
    blocks = []
    for key, chosen in (
        ("right", table["counts"]),
        ("wide", inside & table["too_wide"]),
        ("wrong", table["simulated"] & ~inside),
    ):
        rows = table[chosen].to_dict("records")
        header = ["pattern", "use", "observed", "simulated", "interval"]
        cells = [[f"`{row['id']}`", row["use"], *_observed_and_simulated(row)] for row in rows]
        if key == "wrong":
            header.append("the model is")
            for line, row in zip(cells, rows, strict=True):
                line.append(
                    words["low" if row["simulated_p95"] < row["observed"] else "high"]
                )  # fmt: skip
        told = words[f"{key}.words"]
        if key == "right" and "patterns" in figures:
            told += f"\n\n![{words['figure.patterns']}]({figures['patterns']})"
        body = markdown.table([words[name] for name in header], cells, 2) if rows else words["none"]
        blocks += [f"## {words[key]}", told, body]
    missing = [
        f"- `{row['id']}` ({number(row['observed'])}): {_reason(row)}"
        for row in table[~table["simulated"]].to_dict("records")
    ]
    blocks += [f"## {words['open']}", "\n".join(missing) or words["none"]]
    return "\n\n".join(blocks)


def _reason(row: Mapping[Any, Any]) -> str:
    """Say why a pattern is not computed."""
    return patterns.REGISTRY[row["id"]].reason or str(row["note"])


def _months(found: Validation, figures: Mapping[str, str]) -> str:
    words = TEXT
    rows = found.months[found.months["block"].eq(WHOLE)]
    blocks = [
        f"## {words['months.title']}",
        words["months.words"].format(inside=int(rows["inside"].sum()), months=len(rows)),
    ]
    if "months" in figures:
        blocks.append(f"![{words['figure.months']}]({figures['months']})")
    return "\n\n".join(blocks)


def _blocks(found: Validation) -> str:
    words = TEXT
    if found.blocks is None:
        return f"## {words['blocks']}\n\n{words['blocks.none']}"
    told = [f"## {words['blocks']}", words["blocks.words"].format(runs=found.block_runs)]
    told.append(translated(CONDITIONALITY))
    for treatment in (GIVEN, OWN):
        cells = []
        for block in (*BLOCKS, POOLED, BESIDE):
            table = found.of(block, treatment)
            model, best = table.iloc[0], best_naive(table)
            beaten = int((table["crps"].iloc[1:] > model["crps"]).sum())
            cells.append(
                [
                    words.get(block, block), model["months"], *_scores(model),
                    words[f"method.{best['method']}"], number(best["crps"]),
                    f"{beaten} / {len(table) - 1}",
                ]
            )  # fmt: skip
        header = ["block", "months", *_SCORES, "strongest", "its crps", "beaten"]
        table_told = markdown.table([words[name] for name in header], cells, 1)
        told += [f"### {words[f'treatment.{treatment}']}", table_told]
    told += [words["naive.words"], _methods(found.of(POOLED))]
    if found.blocks["note"].ne("").any():
        told.append(words["naive.level"])
    return "\n\n".join([*told, _scores_told()])


_SCORES = ["coverage", "crps", "mae", "log_score", "width"]


def _scores(row: Mapping[Any, Any] | pd.Series[Any]) -> list[str]:
    share, *others = (row[name] for name in SCORES)
    return [_share(share), *(number(value) for value in others)]


def _methods(table: pd.DataFrame) -> str:
    """Set the model beside every naive forecast."""
    words = TEXT
    cells = [[words[f"method.{row['method']}"], *_scores(row)] for row in table.to_dict("records")]
    return markdown.table([words[name] for name in ("method", *_SCORES)], cells, 1)


def _scores_told() -> str:
    return TEXT["forecast.words"].format(size=round(KERNEL_SIZE))


def _later(found: Validation) -> str:
    words = TEXT
    blocks = [f"## {words['later']}", words["later.words"].format(runs=found.block_runs)]
    for period in LATER:
        blocks += [f"### {period}", _methods(found.of(period))]
    if found.blocks is None:
        blocks.append(_scores_told())
    return "\n\n".join(blocks)


def _places(found: Validation) -> str:
    words = TEXT
    cells = [
        [
            row["period"], row["department"], str(row["statistic"]).partition(" per")[0],
            row["use"], *_observed_and_simulated(row),
            words["yes" if row["inside"] is True else "no"],
        ]
        for row in found.departments.to_dict("records")
    ]  # fmt: skip
    header = ["period", "department", "statistic", "use", "observed", "simulated", "interval",
              "inside"]  # fmt: skip
    return "\n\n".join(
        [
            f"## {words['bear']}", words["places.words"],
            markdown.table([words[name] for name in header], cells, 4),
            *_placements(found),
        ]
    )  # fmt: skip


def _placements(found: Validation) -> list[str]:
    """Set municipal patterns beside those of a placement without the class of 2015."""
    words, table = TEXT, found.comparison
    if "departments_only_median" not in table:
        return [words["class.none"]]
    rows = table[table["conditional"] & table["departments_only_median"].notna()]
    observed = rows["observed"]
    other = observed.between(rows["departments_only_p05"], rows["departments_only_p95"])
    inside = rows["inside"].eq(True)
    told = words["class"].format(
        n=len(rows), runs=min(found.results.attrs["runs"], study.PLACEMENT_RUNS),
        inside=int(other.sum()), other=int(inside.sum()),
    )  # fmt: skip
    header = ["pattern", "observed", "simulated", "interval", "inside",
              "by departments", "interval", "inside"]  # fmt: skip
    cells = []
    for row, placed_inside in zip(rows.to_dict("records"), other, strict=True):
        placed = {f"simulated_{name}": row[f"departments_only_{name}"] for name in _QUANTILES}
        cells.append(
            [
                f"`{row['id']}`", *_observed_and_simulated(row),
                words["yes" if row["inside"] is True else "no"],
                *_observed_and_simulated(row | placed)[1:],
                words["yes" if placed_inside else "no"],
            ]
        )  # fmt: skip
    return [told, markdown.table([words[name] for name in header], cells, 1)]


_QUANTILES = ("p05", "median", "p95")


def _generations(found: Validation) -> str:
    words, table = TEXT, generations(found)
    patterns_of = table[table["what"].eq("patterns")].groupby("generation")
    first, second = (
        patterns_of.get_group(name)[["simulated", "inside", "counted"]].sum().astype(int)
        for name in ("first", "second")
    )
    told = words["generations.words"].format(
        first=first["simulated"], first_inside=first["inside"], first_counted=first["counted"],
        second=second["simulated"], inside=second["inside"], counted=second["counted"],
    )  # fmt: skip
    cells = [
        [
            words[row["generation"]], words.get(row["block"], row["block"]), round(row["months"]),
            _share(row["inside_90"]), number(row["mae"]), number(row["crps"]),
            number(row["naive_crps"]), f"{round(row['beaten'])} / {round(row['of'])}",
        ]
        for row in table[table["what"].eq("forecasts")].to_dict("records")
    ]  # fmt: skip
    header = ["generation", "block", "months", "coverage", "mae", "crps", "strongest", "beaten"]
    names = [words[name] for name in header]
    names[6] = f"{words['strongest']}: {words['crps']}"
    return "\n\n".join([f"## {words['generations']}", told, markdown.table(names, cells, 2)])


def _hiding(found: Validation) -> dict[str, dict[str, dict[str, float]]]:
    """Give percentages over whole months by column, baseline and what is counted."""
    rows = found.reductions[found.reductions["measure"] == "reduction_percent"]
    rows = rows[rows["window"] == rows["window"].iloc[-1]]
    return {
        name: {
            str(baseline): dict(zip(group["counted"], group[name], strict=True))
            for baseline, group in rows.groupby("baseline", sort=False)
        }
        for name in (*_QUANTILES, "observed")
    }


def _reductions(found: Validation) -> str:
    words = TEXT
    columns = _hiding(found)
    percent = found.reductions[found.reductions["measure"] == "reduction_percent"]
    window = percent["window"].iloc[-1]
    cells = []
    for baseline in columns["median"]:
        low, median, high, observed = (columns[name][baseline] for name in columns)
        line = [baseline]
        for counted in ("recorded", "true", "recorded_less_true"):
            line += [
                number(median[counted]), _interval(low[counted], high[counted])
            ]  # fmt: skip
        cells.append([*line, number(observed["recorded"])])
    header = ["baseline", "recorded %", "interval", "true %", "interval", "less", "interval",
              "record %"]  # fmt: skip
    first_day = percent[percent["window"] != window]
    parts = [
        words["published.part"].format(
            median=number(row["median"]), low=number(row["p05"]),
            high=number(row["p95"]), baseline=row["baseline"],
            value=number(row["observed"]),
        )
        for row in first_day.to_dict("records")
    ]  # fmt: skip
    return "\n\n".join(
        [
            f"## {words['reductions']}",
            words["reductions.words"].format(window=window),
            markdown.table([words[name] for name in header], cells, 1),
            words["published"].format(
                window=first_day["window"].iloc[0], parts="; ".join(parts)
            ),
        ]
    )  # fmt: skip


def _panel(found: Validation) -> str:
    words, score = TEXT, found.score
    assert score is not None
    assert found.panel is not None
    attrs = found.panel.attrs
    periods = [
        [
            words.get(row["period"], row["period"]), row["municipalities"],
            f"{round(100 * row['coverage'])}%",
            *(number(row[name]) for name in ("mae", "rank_correlation", "crps")),
        ]
        for row in score.periods.to_dict("records")
    ]  # fmt: skip
    shares = [
        [
            f"`{row['measure']}`", row["period"], *_observed_and_simulated(row),
            {True: words["yes"], False: words["no"]}.get(row["inside"], "-"),
        ]
        for row in score.shares.to_dict("records")
    ]  # fmt: skip
    header = ["period", "municipalities", "coverage", "panel.mae", "rank", "crps"]
    of_shares = ["measure", "period", "observed", "simulated", "interval", "inside"]
    blocks = [
        f"## {words['panel']}",
        words["panel.words"].format(
            source=str(attrs["source"]).rpartition("/")[2], treatment=attrs["treatment"]
        ),
        *([words["panel.class"]] if "departments_only_median" in found.comparison else []),
        markdown.table([words[name] for name in header], periods, 1),
        markdown.table([words[name] for name in of_shares], shares, 2),
    ]
    if score.notes:
        blocks.append("\n".join([words["notes"], "", *(f"- {note}" for note in score.notes)]))
    return "\n\n".join(blocks)


def _files(found: Validation) -> str:
    words = TEXT
    names = ["aims.csv", "patterns.csv", *(f"{name}.csv" for name in _tables(found))]
    if found.score is not None:
        names += [f"panel_{name}.csv" for name in PANEL_TABLES]
    names += ["summary.json", "manifest.json"]
    lines = [f"- [`{name}`]({name}): {words[f'file.{name}']}" for name in names]
    return "\n".join([f"## {words['files']}", "", *lines])


def _observed_and_simulated(row: Mapping[Any, Any]) -> list[str]:
    low, median, high = (row[name] for name in _BOUNDS)
    return [number(row["observed"]), number(median), _interval(low, high)]


def _interval(low: float, high: float) -> str:
    return f"{number(low)} .. {number(high)}"


PANEL_TABLES = ("cells", "periods", "shares")
"""Tables of a panel's score, each written as ``panel_*.csv``."""


def write(
    found: Validation,
    folder: Path,
    *,
    draw: bool = True,
    progress: study.Progress | None = None,
) -> list[Path]:
    """Write a validation to a folder; every file appears whole or not at all.

    Parameters
    ----------
    found : Validation
    folder : Path
        Made if need be.
    draw : bool
        Whether to draw figures.
    progress : function, optional

    Returns
    -------
    list of Path
        ``aims.csv``, ``patterns.csv``, ``coverage.csv``, with the posteriors of a calibration
        ``blocks.csv``, ``block_months.csv``, ``later.csv``, ``departments.csv``,
        ``generations.csv``, ``reductions.csv``, with a panel ``panel_*.csv``,
        ``summary.json``, ``figures/*.png``, ``README.md``, and last
        ``manifest.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []

    def put(name: str, save: Callable[[Path], object]) -> None:
        written.append(put_whole(folder / name, save))

    def put_table(name: str, frame: pd.DataFrame) -> None:
        put(
            name,
            lambda path: frame.to_csv(
                path, index=False, float_format="%.6g", lineterminator="\n"
            ),
        )  # fmt: skip

    put("patterns.csv", lambda path: patterns.write_comparison(found.comparison, path))
    put_table("aims.csv", aims(found))
    tables = _tables(found)
    if found.score is not None:
        tables |= {f"panel_{name}": getattr(found.score, name) for name in PANEL_TABLES}
    for name, table in tables.items():
        put_table(f"{name}.csv", table)
    for name in ("blocks", *(f"panel_{name}" for name in PANEL_TABLES)):
        if name not in tables:
            # Of an earlier validation; beside these runs it would mislead.
            (folder / f"{name}.csv").unlink(missing_ok=True)
    put("summary.json", lambda path: write_json(summary(found), path))
    pictures = _draw(found, folder / "figures", progress) if draw else {}
    written += pictures.values()
    shown = {name: path.relative_to(folder).as_posix() for name, path in pictures.items()}
    text = report(found, shown)
    put("README.md", lambda path: path.write_text(text, encoding="utf-8", newline="\n"))
    put("manifest.json", lambda path: write_json(manifest(found), path))
    return written


def _tables(found: Validation) -> dict[str, pd.DataFrame]:
    """Give the tables that are written as they are, by the name of their file."""
    return {
        "coverage": found.coverage,
        **({} if found.blocks is None else {"blocks": found.blocks}),
        "block_months": found.months,
        "later": found.later,
        "departments": found.departments,
        "generations": generations(found),
        "reductions": found.reductions,
    }


def manifest(found: Validation) -> dict[str, Any]:
    """Say what made this validation, so that it can be made again."""
    content = provenance(found.scenario, found.results, found.seconds, ["statsmodels"])
    given = None
    if found.panel is not None:
        attrs = found.panel.attrs
        given = {
            "file": Path(attrs["source"]).name,
            "sha256": attrs["sha256"],
            "treatment": attrs["treatment"],
        }
    posterior = None if found.posterior is None else found.posterior._asdict()
    return {
        "command": "validate", **content, "point": found.point, "panel": given,
        "posterior": posterior, "block_runs": found.block_runs,
    }  # fmt: skip


def _draw(found: Validation, folder: Path, progress: study.Progress | None) -> Mapping[str, Path]:
    """Draw the patterns and the months."""
    drawn = {
        "patterns": partial(figures.patterns, found.comparison),
        "months": partial(months, found.months, found.scenario.title[spoken()]),
    }
    written = {}
    for done, (name, draw) in enumerate(drawn.items(), 1):
        written[name] = figures.save(draw(), folder / f"{name}_{spoken()}.png", found.results)
        if progress is not None:
            progress("figures", done, len(drawn))
    return written
