"""The folder of a forecast: its table, members, figure and report."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trucesim import figures
from trucesim.figures import forecast as drawn
from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.locale.language import month, number
from trucesim.outcomes.forecasts import MODEL
from trucesim.reports.rendering import Part, passages, render
from trucesim.runs.provenance import data_digest
from trucesim.studies.forecast import FIRST, LAST_ORIGIN, Forecast, end_of, members_of, table_of
from trucesim.version import __version__

TEXT = catalogue(
    {
        "months": "Homicides a month, forecast from {origin}: {scenario}",
        "month": "month", "p05": "5%", "median": "median", "p95": "95%",
        "observed": "observed", "outside": "outside",
        "methods": "Beside the naive forecasts",
        "method": "method", "first": "first month", "last": "last month", "crps": "CRPS",
        "inside": "inside 90%", "model": "the model",
    }
)  # fmt: skip
"""Titles, headers and words of tables."""

TOLD = "forecast.told.md"
"""What is said below tables."""


def parts(found: Forecast) -> list[Part]:
    """Tell a forecast: month by month, and beside the naive ones."""
    words, table = TEXT, table_of(found)
    return [_months(found, table[table["method"] == MODEL]), _methods(table, words)]


def _months(found: Forecast, own: pd.DataFrame) -> Part:
    words = TEXT
    known = bool(own["observed"].notna().any())
    rows = []
    for row in own.to_dict("records"):
        cells = [_month(row["month"])]
        cells += [number(row[name]) for name in ("p05", "median", "p95")]
        if known:
            seen = row["observed"] == row["observed"]
            cells.append(number(row["observed"]) if seen else "")
            cells.append(words["outside"] if seen and not row["inside"] else "")
        rows.append(tuple(cells))
    names = ("month", "p05", "median", "p95", *(("observed",) if known else ()))
    header = (*(words[name] for name in names), *(("",) if known else ()))
    origin = _month(str(found.origin))
    title = words["months"].format(origin=origin, scenario=found.scenario.title[spoken()])
    end = end_of(int((found.origin - FIRST).astype(int)))
    later = own["month"].max() > str(LAST_ORIGIN)
    told = passages(TOLD, "months", end=end, later=later)
    return Part(title, header, rows, told)


def _methods(table: pd.DataFrame, words: Mapping[str, str]) -> Part:
    rows = []
    for method, each in table.groupby("method", sort=False):
        seen = each.dropna(subset=["crps"])
        score = number(seen["crps"].mean(), 1) if len(seen) else ""
        share = f"{int(seen['inside'].sum())} / {len(seen)}" if len(seen) else ""
        ends = [_span(each.iloc[end].to_dict()) for end in (0, -1)]
        named = words["model"] if method == MODEL else str(method)
        rows.append((named, *ends, score, share))
    header = tuple(words[name] for name in ("method", "first", "last", "crps", "inside"))
    return Part(words["methods"], header, rows, passages(TOLD, "methods"))


def _span(row: Mapping[Any, Any]) -> str:
    low, middle, high = (number(row[name]) for name in ("p05", "median", "p95"))
    return f"{middle} ({low}-{high})"


def _month(text: str) -> str:
    return month(np.datetime64(text, "D").item())


def write(found: Forecast, folder: Path, *, command: str) -> list[Path]:
    """Write what a forecast found.

    Parameters
    ----------
    found : Forecast
    folder : Path
    command : str
        What was asked for.

    Returns
    -------
    list of Path
        ``forecast.csv`` (:func:`trucesim.studies.forecast.compare_methods`), ``members.csv``
        (:func:`trucesim.studies.forecast.members_of`), ``forecast_LANG.png``, ``README.md`` and
        ``manifest.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in (("forecast", table_of(found)), ("members", members_of(found))):
        save = partial(frame.to_csv, index=False, float_format="%.6g", lineterminator="\n")
        written.append(put_whole(folder / f"{name}.csv", save))
    figure = folder / f"forecast_{spoken()}.png"
    written.append(figures.save(drawn.fan(found), figure, drawn.made_by(found)))
    text = _report(found, figure.name, command)
    written.append(put_text(folder / "README.md", text))
    content = {
        "command": "forecast", "command_line": command, "scenario": found.scenario.name,
        "scenario_digest": found.scenario.digest, "origin": str(found.origin),
        "months": len(found.months), "draws": len(found.rows), "particles": found.particles,
        "members": len(found.pooled), "seed": found.seed, "trucesim": __version__,
        "data_digest": data_digest(), "seconds": round(found.seconds, 1),
    }  # fmt: skip
    return [*written, put_whole(folder / "manifest.json", partial(write_json, content))]


def _report(found: Forecast, figure: str, command: str) -> str:
    """Write the report: every number in it is computed."""
    return render(
        "forecast.md", command=command, origin=found.origin.astype("datetime64[D]").item(),
        draws=len(found.rows), particles=found.particles, members=len(found.pooled), figure=figure,
        parts=parts(found),
    )  # fmt: skip
