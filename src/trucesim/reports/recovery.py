"""The folder of a study of recovery: tables, the figure, and the report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from trucesim.files import markdown
from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.locale.language import number
from trucesim.outcomes.effects import ALL_YEARS, NATIONAL
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

FIGURE = "recovered_en.png"

TABLES = "records.csv", "lineages.csv", "summary.csv", "outside.csv"

WRITTEN_FIRST = (FOLLOWED, MADE, *TABLES, "figures", "README.md")
"""What is written before the manifest."""


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
        "command": "recover", "made": command,
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


def _share(share: float, digits: int = 0) -> str:
    return f"{number(100.0 * share, digits)}%"


def _with_error(value: float, error: float) -> str:
    digits = 0 if abs(error) >= 10.0 else 1
    return f"{number(value, digits)} ± {number(error, digits)}"


def _of_frame(frame: pd.DataFrame, words: int = 1) -> str:
    return markdown.table(list(map(str, frame)), frame.to_numpy().tolist(), words)


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
            "nearer": _share(row["nearer"], 0), "CRPS": number(row["crps"]),
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
            "case": row["case"], "inside": _share(row["inside"], 1),
            "as aimed at": "yes" if low <= row["inside"] <= high else "**no**",
            "width": number(row["width"]), "between": _share(row["between"], 1),
            "expected": _share(row["expected"], 1),
            "uneven ranks: p": number(row["uneven"], 3),
            "inside chance": _share(row["chance_inside"], 1),
            "width chance": number(row["chance_width"]),
            "between chance": _share(row["chance_between"], 1),
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
    return "\n".join(
        [
            "# Does following the record recover the effect of a change?",
            "",
            *_made(found, command),
            "## How near",
            "",
            _of_frame(recovered(summary)),
            "",
            "Effects over all years from the day of the change on. Bias: of the lineages' mean, ± "
            "its standard error over records. RMSE: of the lineages' mean; *chance*: of the mean "
            "of the same draws in plain runs, whose bias is luck alone, that of which draws made "
            "the records; *pooled*: of the mean of all plain runs, one number for all records. "
            "Correlations (Pearson's, Spearman's) are of the mean with the truth "
            "over records. Nearer: records in which the lineages' mean is nearer to the truth than "
            "chance's. CRPS scores the draws themselves, lower is better.",
            "",
            "## How often the interval holds the truth",
            "",
            _of_frame(covered(summary)),
            "",
            *_verdict(found, summary),
            "Ranks of the truths among their lineages, from below all to above all:",
            "",
            _ranks(found),
            "",
            f"![Recovered effects against true ones](figures/{FIGURE})",
            "",
            "## Where and when",
            "",
            _of_frame(_parts(summary), words=3),
            "",
            *_followed(found),
            *_outside(found),
        ]
    )


def _made(found: Recovery, command: str) -> list[str]:
    """Say what was done."""
    days = ", ".join(
        f"`{case.name}` from {day}" for case, day in zip(found.cases, found.since, strict=True)
    )
    return [
        f"Made by `{command}`; nothing here was written by hand. Effects are A minus B in recorded "
        f"homicides, positive where B has fewer. A is `{A}`; B are {days}; the gangs' answers come "
        "by the model's own hazard in all.",
        "",
        f"{len(found.trials)} runs of A, each with a draw of the posterior and chance of its own, "
        "stand for the truth: their months are records, and B lived with the same draw and the "
        f"same chance gives the true effect. Each record is followed by {found.draws} other draws, "
        f"{found.particles} particles each, which know its 96 months and nothing else; B and A on "
        f"these lineages give {found.draws} effects. *Chance* is the same draws in plain runs, "
        "which know nothing of the record. No draw of the posterior serves twice, and no two "
        "filters share random numbers.",
        "",
        "The records come from the model itself: this tells what following does, and not whether "
        "the model is right. Following does not weigh parameters by the record, beyond what the "
        "posterior knows of the observed one.",
        "",
    ]


def _verdict(found: Recovery, summary: pd.DataFrame) -> list[str]:
    """Hold the cover against what was aimed at."""
    low, high = AIM
    cases = _of_cases(summary)
    met = cases["inside"].between(low, high)
    records = len(found.trials)
    error = 100.0 * (LEVEL * (1.0 - LEVEL) / records) ** 0.5
    return [
        f"Inside: records whose true effect lies in the {_share(LEVEL)} interval of Student's t "
        f"for one more draw (mean ± t s √(1 + 1/{found.draws})); aimed at were {_share(low)} to "
        f"{_share(high)}, and {int(met.sum())} of {len(cases)} cases have it. Of {records} records "
        f"an exact {_share(LEVEL)} comes out with a standard error of {error:.1f} points. Between: "
        "truths from the lowest to the highest draw, and what is expected where truth and lineages "
        "are drawn alike. Uneven ranks: the probability of ranks as uneven as these if all were "
        f"equally likely (chi-square; with {records} records in so many ranks a rough guide).",
        "",
    ]


def _ranks(found: Recovery) -> str:
    rows = [[f"`{name}`", *counts] for name, counts in rank_rows(found)]
    return markdown.table(["case", *map(str, range(found.draws + 1))], rows, 1)


def _parts(summary: pd.DataFrame) -> pd.DataFrame:
    """Give the table of regions and years."""
    rows = [
        {
            "case": row["case"], "region": row["region"], "period": row["period"],
            "true mean": number(row["truth_mean"]),
            "bias": _with_error(row["bias"], row["bias_se"]), "RMSE": number(row["rmse"]),
            "RMSE chance": number(row["chance_rmse"]),
            "correlation": number(row["correlation"], 2),
            "inside": _share(row["inside"], 0),
            "inside chance": _share(row["chance_inside"], 0),
        }
        for row in summary.to_dict("records")
        if (row["region"], row["period"]) != (NATIONAL, ALL_YEARS)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _followed(found: Recovery) -> list[str]:
    """Say how near the lineages' months come to the records."""
    near = nearness(found)
    return [
        "## How near the months",
        "",
        f"The lineages' months differ from their record's by {near['mae']:.1f} homicides on "
        f"average ({near['mae_least']:.1f} to {near['mae_most']:.1f} by the record). Missed, with "
        f"no particle within {FAR:g} tolerances of {_share(TOLERANCE)}, are "
        f"{near['missed']:,.0f} of {near['months']:,.0f} months. Effective particles, before "
        f"weights are tempered, of {found.particles}: median {near['effective_median']:.1f}, least "
        f"{near['effective_least']:.1f}.",
        "",
    ]


def _outside(found: Recovery) -> list[str]:
    """Tell of the distorted records."""
    rows = []
    for name, part in found.outside.groupby("record", sort=False):
        there = int(part["of_there"].sum())
        rows.append(
            [
                name, len(part), f"{part['missed_there'].sum()} of {there}" if there else "",
                f"{part['missed_elsewhere'].sum()} of {part['of_elsewhere'].sum()}",
                f"{part['percent_there'].mean():.0f}%" if there else "",
                f"{part['mae_elsewhere'].mean():.1f}", f"{part['effective_least'].min():.1f}",
                f"{part['effective_median'].median():.1f}",
            ]
        )  # fmt: skip
    header = [
        "record", "draws", "missed there", "missed elsewhere", "lineages, of the record there",
        "MAE elsewhere", "least effective", "median effective",
    ]  # fmt: skip
    return [
        "## Records that the model cannot make",
        "",
        "The observed record, and the same distorted. A lineage has what the model made: what no "
        "particle reaches is missed and counted. Months of all draws.",
        "",
        markdown.table(header, rows, 1),
        "",
    ]
