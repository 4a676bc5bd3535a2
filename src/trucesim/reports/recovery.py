"""The folder of a study of recovery: tables, the figure, and the report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.locale.language import number
from trucesim.outcomes.effects import ALL_YEARS, NATIONAL
from trucesim.reports.rendering import render, share
from trucesim.runs.provenance import data_digest
from trucesim.studies.follow import FAR, TOLERANCE
from trucesim.studies.recovery import (
    AIM,
    FOLLOWED,
    LEVEL,
    MADE,
    A,
    Recovery,
    by_lineage,
    by_record,
    nearness,
    own,
    rank_rows,
    summarise,
)
from trucesim.version import __version__
from trucesim.world import calendar

FIGURE = "recovered_en.png"

TABLES = "records.csv", "lineages.csv", "summary.csv", "outside.csv"

KEPT = FOLLOWED, MADE
"""What is kept while records are followed, to go on from."""


def write(found: Recovery, folder: Path, *, command: str) -> list[Path]:
    """Write a study of recovery to a folder; every file appears whole or not at all.

    Parameters
    ----------
    found : Recovery
    folder : Path
    command : str
        What was asked for.

    Returns
    -------
    list of Path
        ``records.csv``, ``lineages.csv``, ``summary.csv``, ``outside.csv``,
        ``figures/recovered_en.png``, ``README.md``, and last ``manifest.json``.
    """
    from trucesim import figures  # slow to import, and wanted last
    from trucesim.figures.recovery import recovered as draw

    records, summary = by_record(found), summarise(found)
    written = []
    for name, frame in zip(
        TABLES, (records, by_lineage(found), summary, found.outside), strict=True
    ):
        save = partial(frame.to_csv, index=False, float_format="%.6g", lineterminator="\n")
        written.append(put_whole(folder / name, save))
    titles = {case.name: case.title["en"] for case in found.cases}
    figure = draw(records, titles, found.draws)
    written.append(figures.save(figure, folder / "figures" / FIGURE, _provenance(found)))
    text = _report(found, summary, command)
    written.append(put_text(folder / "README.md", text))
    made = {
        "command": "recover", "command_line": command,
        "cases": {each.name: each.digest for each in (own(A), *found.cases)},
        "records": len(found.trials), "draws": found.draws, "particles": found.particles,
        "seed": found.seed, "trucesim": __version__, "data_digest": data_digest(),
    }  # fmt: skip
    return [*written, put_whole(folder / "manifest.json", partial(write_json, made))]


def _provenance(found: Recovery) -> xr.Dataset:
    """Say what was drawn, as a figure's foot tells it: the runs are the lineages."""
    return xr.Dataset(
        attrs={
            "version": __version__, "scenario": A, "digest": own(A).digest,
            "seed": found.seed, "runs": len(found.trials) * found.draws,
        }
    )  # fmt: skip


def _with_error(value: float, error: float) -> str:
    digits = 0 if abs(error) >= 10.0 else 1
    return f"{number(value, digits)} ± {number(error, digits)}"


def _of_cases(summary: pd.DataFrame) -> pd.DataFrame:
    return summary[summary["region"].eq(NATIONAL) & summary["period"].eq(ALL_YEARS)]


def recovered(summary: pd.DataFrame) -> pd.DataFrame:
    """Give the table of how near recovered effects come to the true ones, a row a case.

    Parameters
    ----------
    summary : pandas.DataFrame
        As `trucesim.studies.recovery.summarise` gives it.
    """
    rows = [
        {
            "case": row["case"], "true mean": number(row["truth_mean"]),
            "true median": number(row["truth_median"]),
            "true sd": number(row["truth_sd"]),
            "bias": _with_error(row["bias"], row["bias_se"]),
            "bias chance": _with_error(row["chance_bias"], row["chance_bias_se"]),
            "RMSE": number(row["rmse"]), "RMSE chance": number(row["chance_rmse"]),
            "RMSE pooled": number(row["pooled_rmse"]),
            "correlation": number(row["correlation"], 2),
            "of ranks": number(row["rank_correlation"], 2),
            "correlation chance": number(row["chance_correlation"], 2),
            "nearer": share(row["nearer"]), "CRPS": number(row["crps"]),
            "CRPS chance": number(row["chance_crps"]),
        }
        for row in _of_cases(summary).to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def covered(summary: pd.DataFrame) -> pd.DataFrame:
    """Give the table of how often intervals hold the truth, a row a case.

    Parameters
    ----------
    summary : pandas.DataFrame
        As `trucesim.studies.recovery.summarise` gives it.
    """
    low, high = AIM
    rows = [
        {
            "case": row["case"], "inside": share(row["inside"], 1),
            "as aimed at": "yes" if low <= row["inside"] <= high else "**no**",
            "width": number(row["width"]), "between": share(row["between"], 1),
            "expected": share(row["expected"], 1),
            "uneven ranks: p": number(row["uneven"], 3),
            "inside chance": share(row["chance_inside"], 1),
            "width chance": number(row["chance_width"]),
            "between chance": share(row["chance_between"], 1),
        }
        for row in _of_cases(summary).to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def printed(summary: pd.DataFrame) -> pd.DataFrame:
    """Give what the console shows of both tables."""
    one, other = recovered(summary), covered(summary)
    names = ["case", "true mean", "bias", "RMSE", "RMSE chance", "correlation"]
    return one[names].assign(**{"inside 90%": other["inside"], "chance": other["inside chance"]})


def _report(found: Recovery, summary: pd.DataFrame, command: str) -> str:
    """Write the report: every number in it is computed."""
    records = len(found.trials)
    return render(
        "recovery.md", command=command, found=found, a=A, records=records, months=calendar.MONTHS,
        recovered=recovered(summary), covered=covered(summary), level=LEVEL, aim=AIM,
        met=_of_cases(summary)["inside"].between(*AIM),
        error=100.0 * (LEVEL * (1.0 - LEVEL) / records) ** 0.5,
        ranks=list(rank_rows(found)), figure=FIGURE, parts=_parts(summary), near=nearness(found),
        far=FAR, tolerance=TOLERANCE, outside=_outside(found),
    )  # fmt: skip


def _parts(summary: pd.DataFrame) -> pd.DataFrame:
    """Give the table of regions and years."""
    rows = [
        {
            "case": row["case"], "region": row["region"], "period": row["period"],
            "true mean": number(row["truth_mean"]),
            "bias": _with_error(row["bias"], row["bias_se"]), "RMSE": number(row["rmse"]),
            "RMSE chance": number(row["chance_rmse"]),
            "correlation": number(row["correlation"], 2),
            "inside": share(row["inside"]),
            "inside chance": share(row["chance_inside"]),
        }
        for row in summary.to_dict("records")
        if (row["region"], row["period"]) != (NATIONAL, ALL_YEARS)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _outside(found: Recovery) -> pd.DataFrame:
    """Sum up the distorted records, a row each."""
    return found.outside.groupby("record", sort=False, as_index=False).agg(
        draws=("missed_there", "size"),
        **{name: (name, "sum")
           for name in ("missed_there", "of_there", "missed_elsewhere", "of_elsewhere")},
        **{name: (name, "mean") for name in ("percent_there", "mae_elsewhere")},
        effective_least=("effective_least", "min"),
        effective_median=("effective_median", "median"),
    )  # fmt: skip
