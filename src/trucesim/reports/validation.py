"""The report of a validation: its words follow from its numbers, and no number stands here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from trucesim import figures
from trucesim.figures.validation import months
from trucesim.files.writing import put_whole, write_json
from trucesim.locale.catalogue import catalogue, spoken, told, translated
from trucesim.outcomes import patterns
from trucesim.outcomes.forecasts import CONDITIONALITY, KERNEL_SIZE, NAIVE, POOLED
from trucesim.reports.rendering import records, render
from trucesim.runs.provenance import provenance
from trucesim.studies import comparison as study
from trucesim.studies.validation import (
    BESIDE,
    BLOCKS,
    GIVEN,
    LATER,
    OWN,
    RUNS,
    WHOLE,
    Validation,
    aims,
    beside_naive,
    generations,
    summary,
)

TEXT = catalogue(
    {
        "method.last month": "last month",
        "method.last three months": "last three months",
        "method.last twelve months as a sample": "last twelve months as a sample",
        "method.twelve-month trend": "twelve-month trend",
        "method.mean of 2010 - February 2012": "mean of 2010 - February 2012",
        "method.steps at orders": "steps at orders",
        "blocks.none": "**Blocks left out** need the posteriors of a calibration (`--calibration "
        "DIR`) and are not here.",
    },
    context="reports.validation",
)
"""Names of the naive forecasts, and what is printed too."""

FEW_RUNS = 100
"""With fewer, a 5% quantile rests on less than five runs, and the report says so."""


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
    """
    table = found.comparison
    inside = table["inside"].eq(True)
    missing = table[~table["simulated"]]
    known = patterns.load()
    reasons = [patterns.entry(known[row["id"]]).reason or row["note"] for row in records(missing)]
    by_generation = generations(found)
    counts = by_generation[by_generation["what"].eq("patterns")].groupby("generation")
    first, second = (
        counts.get_group(name)[["simulated", "inside", "counted"]].sum().astype(int)
        for name in ("first", "second")
    )
    percent = found.reductions[found.reductions["measure"] == "reduction_percent"]
    window = percent["window"].iloc[-1]
    hiding = percent[percent["window"] == window]
    reduced = {
        str(baseline): {row["counted"]: row for row in records(rows)}
        for baseline, rows in hiding.groupby("baseline", sort=False)
    }
    return render(
        "validation.md",
        found=found,
        attrs=found.results.attrs,
        figures={"patterns": "", "months": "", **(figures or {})},
        few_runs=FEW_RUNS,
        default_runs=RUNS,
        kernel_size=KERNEL_SIZE,
        conditionality=translated(CONDITIONALITY),
        without_blocks=TEXT["blocks.none"],
        methods={name: TEXT[f"method.{name}"] for name in NAIVE},
        aims=aims(found),
        total=found.coverage[["simulated", "inside", "counted"]].sum(),
        right=table[table["counts"]],
        wide=table[inside & table["too_wide"]],
        wrong=table[table["simulated"] & ~inside],
        missing=missing.assign(reason=reasons),
        whole=found.months[found.months["block"].eq(WHOLE)],
        treatments={} if found.blocks is None else {
            treatment: [
                _block(found.of(block, treatment)) for block in (*BLOCKS, POOLED, BESIDE)
            ]
            for treatment in (GIVEN, OWN)
        },
        later={period: found.of(period) for period in LATER},
        placed=_placed(found.comparison),
        placed_runs=min(found.results.attrs["runs"], study.PLACEMENT_RUNS),
        first=first,
        second=second,
        generations=by_generation[by_generation["what"].eq("forecasts")],
        window=window,
        reductions=reduced,
        hiding={name: row["median"] for name, row in reduced["2011"].items()},
        first_day=percent[percent["window"] != window],
        panel=_panel(found),
        files=_names(found),
    )  # fmt: skip


def _block(table: pd.DataFrame) -> dict[Hashable, Any]:
    """Set the model's scores of a block beside the strongest naive forecast."""
    return records(table)[0] | beside_naive(table)


def _placed(table: pd.DataFrame) -> pd.DataFrame | None:
    """Take the municipal patterns that a placement without the class of 2015 gives too."""
    if "departments_only_median" not in table:
        return None
    rows = table[table["conditional"] & table["departments_only_median"].notna()]
    bounds = rows["departments_only_p05"], rows["departments_only_p95"]
    return rows.assign(placed_inside=rows["observed"].between(*bounds))


def _panel(found: Validation) -> dict[str, Any]:
    """Say what file a panel is from, how it was read and treated, and what was left out."""
    if found.panel is None or found.score is None:
        return {}
    attrs = found.panel.attrs
    return {
        "source": Path(attrs["source"]).name,
        "treatment": attrs["treatment"],
        "understood": [told(each) for each in attrs["understood"]],
        "notes": [told(each) for each in found.score.notes],
    }


def _names(found: Validation) -> list[str]:
    """Name the files that the report lists."""
    panel = PANEL_TABLES if found.score is not None else ()
    return [
        "aims.csv", "patterns.csv", *(f"{name}.csv" for name in _tables(found)),
        *(f"panel_{name}.csv" for name in panel), "summary.json", "manifest.json",
    ]  # fmt: skip


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
        **({} if found.control is None else {"control": found.control.cases}),
        "reductions": found.reductions,
    }


def manifest(found: Validation) -> dict[str, Any]:
    """Say what made this validation, so that it can be made again."""
    content = provenance(found.scenario, found.results, found.seconds)
    given = None
    if found.panel is not None:
        attrs = found.panel.attrs
        given = {
            "file": Path(attrs["source"]).name,
            "sha256": attrs["sha256"],
            "treatment": attrs["treatment"],
            "understood": attrs["understood"],
            "notes": attrs["notes"],
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
