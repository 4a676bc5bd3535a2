"""The folder of forecasts from rolling origins: posteriors, tables, figures and the report."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from trucesim import figures
from trucesim.figures import hindcast as drawn
from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.locale.language import number, percent
from trucesim.outcomes.forecasts import KERNEL_SIZE, MODEL, POOLED
from trucesim.reports.calibration import thinned, write_draws
from trucesim.reports.rendering import Part, passages, render
from trucesim.runs.provenance import data_digest
from trucesim.runs.sampling import read_draws
from trucesim.studies.calibration import Plan, check_installed, head_of, stored_table
from trucesim.studies.follow import Progress
from trucesim.studies.hindcast import (
    POSTERIORS,
    Hindcast,
    Rolling,
    aims,
    fit_years,
    left_out,
    places,
    strongest,
)
from trucesim.version import __version__

DRAWS_OF_A_YEAR = 100
"""Of a posterior that serves a year's forecasts alone."""

TEXT = catalogue(
    {
        "aims": "What was aimed at",
        "aim": "aim", "horizon": "months ahead", "value": "value", "bound": "bound",
        "against": "against", "met": "met", "aim.crps": "CRPS below the strongest naive's",
        "aim.inside": "share inside 90%", "yes": "yes", "no": "no",
        "pooled": "Pooled over all origins",
        "method": "method", "forecasts": "forecasts", "inside": "inside 90%", "crps": "CRPS",
        "mae": "MAE", "log": "log score", "width": "width of 90%", "of_model": "the model's CRPS",
        "better": "model better in", "model": "the model",
        "years": "By year",
        "year": "year", "strongest": "strongest naive", "its": "its CRPS",
        "places": "Where what happened lies (PIT)",
    }
)  # fmt: skip
"""Titles, headers and words of tables."""

TOLD = "hindcast.told.md"
"""What is said below tables."""


def fit_posteriors(
    plan: Plan,
    rolling: Rolling,
    runs: int,
    table: Path,
    folder: Path,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Fit the posterior of each year from a stored table, and write it as it is found.

    Parameters
    ----------
    plan : Plan
    rolling : Rolling
    runs : int
        Of the table.
    table : Path
        See :func:`trucesim.studies.calibration.stored_table`.
    folder : Path
        Holds ``posteriors/YEAR.csv``; those that are there and say that they were fitted to as
        many runs of the same plan are used.
    workers, progress
        As for :func:`trucesim.studies.calibration.calibrate`.

    Returns
    -------
    Path
        The folder of the posteriors.

    Raises
    ------
    InputError
        The table does not hold the runs; scikit-learn is not installed.
    """
    place = folder / POSTERIORS

    def there(year: int) -> bool:
        path = place / f"{year}.csv"
        return path.is_file() and read_draws(path).head.startswith(head_of(plan, runs))

    missing = tuple(year for year in rolling.years if not there(year))
    if not missing:
        return place
    check_installed()
    stored = stored_table(plan, runs, table)
    place.mkdir(parents=True, exist_ok=True)
    for year, posterior, cover in fit_years(
        plan, missing, stored, workers=workers, progress=progress
    ):
        path = place / f"{year}.csv"
        few = thinned(posterior, DRAWS_OF_A_YEAR)
        write_draws(few, plan, runs, path, left_out=left_out(year))
        save = partial(cover.to_csv, index=False, float_format="%.5g", lineterminator="\n")
        put_whole(place / f"climate-{year}.csv", save)
    return place


def parts(found: Hindcast) -> list[Part]:
    """Tell what was found: aims, pooled scores, scores by year, and where the truth lies."""
    return [
        _aims(found),
        *(_pooled(found, horizon) for horizon in found.rolling.horizons),
        _years(found),
        _places(found),
    ]


def _aims(found: Hindcast) -> Part:
    words, rows = TEXT, []
    for row in aims(found).to_dict("records"):
        digits = 1 if row["aim"] == "crps" else 2
        rows.append(
            (
                words[f"aim.{row['aim']}"], str(row["horizon"]),
                number(row["value"], digits), number(row["bound"], digits),
                row["against"] or "-", words["yes" if row["met"] else "no"],
            )
        )  # fmt: skip
    header = tuple(words[name] for name in "aim horizon value bound against met".split())
    return Part(words["aims"], header, rows, [])


def _pooled(found: Hindcast, horizon: int) -> Part:
    words, scores = TEXT, found.scores
    rows = []
    chosen = scores[scores["period"].eq(POOLED) & scores["horizon"].eq(horizon)]
    for row in chosen.to_dict("records"):
        own = row["method"] == MODEL
        rows.append(
            (
                words["model"] if own else row["method"], str(row["forecasts"]),
                _share(row["inside_90"]), number(row["crps"], 1),
                number(row["mae"], 1), number(row["log_score"], 2),
                number(row["width_90"], 2),
                "" if own else number(row["model_crps"], 1),
                "" if own else _share(row["model_better"]),
            )
        )  # fmt: skip
    names = "method forecasts inside crps mae log width of_model better".split()
    title = f"{words['pooled']}, {words['horizon']}: {horizon}"
    last = horizon == found.rolling.horizons[-1]
    told = passages(TOLD, "pooled", size=KERNEL_SIZE) if last else []
    return Part(title, tuple(words[name] for name in names), rows, told)


def _years(found: Hindcast) -> Part:
    words, rows = TEXT, []
    for year in found.rolling.years:
        for horizon in found.rolling.horizons:
            own = found.scores.query(
                "period == @year and horizon == @horizon and method == @MODEL",
                local_dict={"year": str(year), "horizon": horizon, "MODEL": MODEL},
            )
            if own.empty:
                continue
            naive = strongest(found.scores, str(year), horizon)
            rows.append(
                (
                    str(year), str(horizon), str(int(own["forecasts"].iloc[0])),
                    _share(own["inside_90"].iloc[0]), number(naive["model_crps"], 1),
                    naive["method"], number(naive["crps"], 1),
                )
            )  # fmt: skip
    names = "year horizon forecasts inside crps strongest its".split()
    header = tuple(words[name] for name in names)
    return Part(words["years"], header, rows, passages(TOLD, "years"))


def _places(found: Hindcast) -> Part:
    words, table = TEXT, places(found)
    shares = [str(name) for name in table.columns[2:]]
    rows = [
        (
            str(row["horizon"]),
            str(row["forecasts"]),
            *(_share(row[name]) for name in shares),
        )
        for row in table.to_dict("records")
    ]
    header = words["horizon"], words["forecasts"], *shares
    return Part(words["places"], header, rows, passages(TOLD, "places"))


def _share(value: float) -> str:
    return percent(100.0 * value)


def summary(found: Hindcast) -> dict[str, Any]:
    """Gather the scores, ready for JSON; None where a number is undefined."""
    return {
        "scenario": found.plan.record.name,
        "seed": found.seed,
        "aims": _records(aims(found)),
        "scores": _records(found.scores),
        "places": _records(places(found)),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=10))
    return records


def write(found: Hindcast, folder: Path, *, command: str, draw: bool = True) -> list[Path]:
    """Write what was found.

    Parameters
    ----------
    found : Hindcast
    folder : Path
    command : str
        What was asked for.
    draw : bool
        Whether to draw figures.

    Returns
    -------
    list of Path
        ``scores.csv``, ``quantiles.csv``, ``figures/horizons_LANG.png``,
        ``figures/crps_LANG.png``, ``README.md`` and ``manifest.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in (("scores", found.scores), ("quantiles", found.forecasts)):
        save = partial(frame.to_csv, index=False, float_format="%.5g", lineterminator="\n")
        written.append(put_whole(folder / f"{name}.csv", save))
    images = {}
    for name, figure in (("horizons", drawn.horizons), ("crps", drawn.crps)) if draw else ():
        path = folder / "figures" / f"{name}_{spoken()}.png"
        images[name] = figures.save(figure(found), path, drawn.made_by(found))
    written += images.values()
    text = _report(found, images, folder, command)
    written.append(put_text(folder / "README.md", text))
    rolling = {name: value for name, value in vars(found.rolling).items()}
    content = {
        "command": "hindcast", "command_line": command, "scenario": found.plan.record.name,
        "scenario_digest": found.plan.record.digest, **rolling, "seed": found.seed,
        "trucesim": __version__, "data_digest": data_digest(),
    }  # fmt: skip
    return [*written, put_whole(folder / "manifest.json", partial(write_json, content))]


def _report(found: Hindcast, images: dict[str, Path], folder: Path, command: str) -> str:
    """Write the report: every number in it is computed."""
    shown = {name: path.relative_to(folder).as_posix() for name, path in images.items()}
    return render(
        "hindcast.md", command=command, rolling=found.rolling, images=shown, parts=parts(found),
        origins=found.forecasts["origin"].nunique(),
    )  # fmt: skip
