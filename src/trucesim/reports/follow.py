"""The folder of lineages that follow the record: the lineages, how well they do, and the report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from trucesim import figures
from trucesim.files.errors import InputError
from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.locale.catalogue import LANGUAGES, speaking
from trucesim.reports.rendering import render
from trucesim.runs.lineage import LINEAGES, NUMBERS, digest_of_months
from trucesim.runs.provenance import draws_digest, model_digest
from trucesim.runs.simulate import run
from trucesim.scenario.scenario import Scenario
from trucesim.studies.follow import FAR, FEWEST_EFFECTIVE, Followed, fewest, observed_months
from trucesim.version import __version__
from trucesim.world import calendar
from trucesim.world.observed import observed

MONTHS = "lineages_months.csv"


def by_month(found: Sequence[Followed]) -> pd.DataFrame:
    """Say month by month how well the filters followed.

    Returns
    -------
    pandas.DataFrame
        One row a month: ``month``; ``record``; ``p05``, ``median``, ``p95`` of the lineages'
        homicides; ``missed``, the share of filters of which no particle came near; effective
        numbers of particles before tempering, ``effective_least`` and ``effective_median`` over
        filters; ``tempered``, the share of filters whose weights were.
    """
    counts = np.stack([each.months for each in found])
    effective = np.stack([each.effective for each in found])
    low, middle, high = np.quantile(counts, (0.05, 0.5, 0.95), axis=0)
    return pd.DataFrame(
        {
            "month": _names(),
            "record": observed_months().astype(int),
            "p05": low,
            "median": middle,
            "p95": high,
            "missed": np.mean([each.missed for each in found], axis=0),
            "effective_least": effective.min(axis=0),
            "effective_median": np.median(effective, axis=0),
            "tempered": np.mean([each.exponent < 1.0 for each in found], axis=0),
        }
    )


def table_of(found: Sequence[Followed]) -> pd.DataFrame:
    """Give the lineages as they are shipped, a row each."""
    rows = []
    for each in found:
        number = each.lineage.home // NUMBERS
        runs = each.lineage.runs - number * NUMBERS
        row = {
            "lineage": number, "row": each.row,
            "log_likelihood": float(each.log_likelihood.sum()),
            "missed": int(each.missed.sum()), "digest": digest_of_months(each.months),
        }  # fmt: skip
        rows.append(row | dict(zip(_names(), runs.tolist(), strict=True)))
    return pd.DataFrame(rows)


def _names() -> list[str]:
    return [str(month) for month in calendar.months().astype("datetime64[M]")]


def write(
    found: Sequence[Followed], scenario: Scenario, folder: Path, *, particles: int, command: str,
    seconds: float, workers: int | None = None,
) -> list[Path]:  # fmt: skip
    """Write ``lineages.csv``, ``lineages_months.csv``, figures, ``README.md``, ``manifest.json``.

    Every lineage is lived once more: what is written is what lives again.

    Raises
    ------
    InputError
        A lineage does not live again as it was filtered.
    """
    results = run(
        scenario, lineages=[each.lineage for each in found], detail="none", workers=workers
    )
    if not np.array_equal(results["recorded_national"], np.stack([e.months for e in found])):
        raise InputError("a lineage does not live again as it was filtered: a defect, please tell")
    folder.mkdir(parents=True, exist_ok=True)
    seed = found[0].lineage.seed
    head = (
        f"# Lineages by `{command}`, trucesim {__version__}: a draw of the posterior each,\n"
        f"# and of every month's draws the run number, from {NUMBERS} times the lineage's on.\n"
        f"# seed {seed} scenario {scenario.name} particles {particles}\n"
        f"# posterior {draws_digest('el_salvador')[:16]} model {model_digest()[:16]}\n"
    )
    months = by_month(found)
    written = [
        put_text(folder / LINEAGES, head + _csv(table_of(found), "%.4f")),
        put_text(folder / MONTHS, head + _csv(months, "%.4g")),
    ]
    for lang in LANGUAGES:
        with speaking(lang):
            path = folder / "figures" / f"months_{lang}.png"
            written.append(figures.save(figures.monthly(results, observed()), path, results))
    text = _report(found, months, scenario, particles, command)
    made = {
        "command": "follow", "command_line": command, "trucesim": __version__,
        "seconds": round(seconds, 1),
    }  # fmt: skip
    return [
        *written,
        put_text(folder / "README.md", text),
        put_whole(folder / "manifest.json", partial(write_json, made)),
    ]


def _csv(frame: pd.DataFrame, form: str) -> str:
    return str(frame.to_csv(index=False, float_format=form, lineterminator="\n"))


def _report(
    found: Sequence[Followed], months: pd.DataFrame, scenario: Scenario, particles: int,
    command: str,
) -> str:  # fmt: skip
    """Write the report: every number in it is computed."""
    likely = pd.Series([each.log_likelihood.sum() for each in found])
    weights = np.exp(likely - likely.max())
    counts = np.stack([each.months for each in found])
    apart = np.abs(counts - months["record"].to_numpy())
    inside = (months["p05"] <= months["record"]) & (months["record"] <= months["p95"])
    told = months.assign(year=months["month"].str[:4], apart=apart.mean(axis=0), inside=inside)
    years = told.groupby("year").agg(
        record=("record", "sum"), apart=("apart", "mean"), inside=("inside", "mean"),
        missed=("missed", "mean"), least=("effective_least", "min"),
        median=("effective_median", "median"), tempered=("tempered", "mean"),
    ).reset_index()  # fmt: skip
    return render(
        "follow.md", command=command, lineages=len(found), particles=particles, scenario=scenario,
        months=told, apart=pd.Series(apart.mean(axis=1)),
        effective=np.median([each.effective for each in found]),
        least=pd.Series([each.effective.min() for each in found]), aim=FEWEST_EFFECTIVE,
        fewest=fewest(particles), far=FAR, missed=sum(int(each.missed.sum()) for each in found),
        likely=likely, worth=weights.sum() ** 2 / (weights**2).sum(), years=years,
        hard=months.sort_values("effective_median").head(5),
    )  # fmt: skip
