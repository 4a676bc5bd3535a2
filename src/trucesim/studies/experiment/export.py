"""A sweep as tidy tables for other tools, with a codebook that says what every column is.

The codebook is derived from the declarations of parameters, levers, patterns and outcomes.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from trucesim.files import markdown
from trucesim.files.errors import InputError, nearest
from trucesim.files.results import (
    MANIFEST,
    broken_files,
    output_folder,
    sealed_manifest,
    written_whole,
)
from trucesim.files.writing import write_json
from trucesim.locale.catalogue import LANGUAGES, by_language, catalogue
from trucesim.outcomes import patterns
from trucesim.outcomes.registry import Outcome
from trucesim.parameters import PARAMETERS
from trucesim.runs.provenance import data_digest, where_made
from trucesim.studies.experiment.design import Design, label, unit_of
from trucesim.studies.experiment.file import NEVER
from trucesim.version import __version__
from trucesim.world import calendar

if TYPE_CHECKING:
    from trucesim.studies.experiment.file import Experiment, Lever
    from trucesim.studies.experiment.folder import Sweep

Shape = Literal["wide", "long", "monthly", "parameters"]

SHAPES: dict[str, str] = {
    "wide": "a row a run, a column an outcome",
    "long": "a row a run and outcome",
    "monthly": "a row a run and month, with its recorded homicides",
    "parameters": "a row a run, with what it took of the uncertain parameters",
}

FORMATS = ("csv", "parquet")

ROWS_AT_ONCE = 200_000
"""About so many rows are held at a time: memory does not grow with the runs."""


# --- Tables -------------------------------------------------------------------------------------


def parts(sweep: Sweep, shape: Shape = "wide") -> Iterator[pd.DataFrame]:
    """Give a sweep's runs as a tidy table, a part at a time, in order of point and run.

    Parameters
    ----------
    sweep : Sweep
    shape : {'wide', 'long', 'monthly', 'parameters'}
        One row a run; one row a run and outcome; one row a run and month; or one row a run, with
        the uncertain parameters that it took in place of settings and outcomes.

    Raises
    ------
    InputError
        No such shape, or months that were not kept.
    """
    if shape not in SHAPES:
        raise InputError(
            "no shape {shape!r}{hint}; there are {allowed}", shape=shape,
            hint=nearest(str(shape), SHAPES), allowed=", ".join(SHAPES),
        )  # fmt: skip
    if shape == "monthly" and not sweep.experiment.monthly:
        raise InputError(
            "{folder}: no months were kept; set monthly = true in the file, and sweep again",
            folder=sweep.folder,
        )  # fmt: skip
    design = sweep.design
    settings = pd.DataFrame(
        {str(name): _plain(design[name]) for name in design.columns}, index=design.index
    )
    rows = sweep.experiment.replicates * {"wide": 1, "monthly": 96, "parameters": 1}.get(
        shape, len(sweep.experiment.outcomes)
    )
    step = max(1, ROWS_AT_ONCE // rows)
    for first in range(0, len(design), step):
        chosen = [int(point) for point in design.index[first : first + step]]
        if shape == "parameters":
            yield sweep.parameters(chosen)
            continue
        runs = _months(sweep, chosen) if shape == "monthly" else sweep.select(chosen)
        if runs.empty:
            continue
        table = runs[["point", "run"]].join(settings, on="point")
        table = pd.concat([table, runs.drop(columns=["point", "run"])], axis=1)
        if shape == "long":
            keys = ["point", "run", *settings.columns]
            table = table.melt(keys, var_name="outcome", value_name="value")
            table = table.sort_values(["point", "run"], kind="stable", ignore_index=True)
        yield table


def table(sweep: Sweep, shape: Shape = "wide") -> pd.DataFrame:
    """Give all of a sweep's runs as one tidy table; see `parts`."""
    found = list(parts(sweep, shape))
    if not found:
        raise InputError("{folder}: no run is there yet", folder=sweep.folder)
    return pd.concat(found, ignore_index=True)


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    """Write dates as text, and truth values as every tool reads them."""

    def plain(value: object) -> object:
        if isinstance(value, dt.date):
            return value.isoformat()
        return str(value).lower() if isinstance(value, bool | np.bool_) else value

    return column if column.dtype.kind == "f" else column.map(plain)


def _months(sweep: Sweep, chosen: list[int]) -> pd.DataFrame:
    """Give the recorded homicides of some points by run and month."""
    counts = sweep.dataset(chosen)["recorded_national"].transpose("point", "run", "month")
    places, runs, months = counts.shape
    frame = pd.DataFrame(
        {
            "point": np.repeat(counts["point"].values, runs * months),
            "run": np.tile(np.repeat(counts["run"].values, months), places),
            "month": np.tile(counts["month"].values.astype("datetime64[M]").astype(str),
                             places * runs),
            "recorded": counts.values.ravel(),
        }
    ).dropna(subset=["recorded"])  # fmt: skip
    return frame.astype({"recorded": np.int64}).reset_index(drop=True)


# --- Files --------------------------------------------------------------------------------------


def export(
    sweep: Sweep,
    to: str,
    folder: Path | None = None,
    shape: Shape = "wide",
    *,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write a sweep as a tidy table with its codebook.

    Parameters
    ----------
    sweep : Sweep
    to : {'csv', 'parquet'}
    folder : Path, optional
        ``export`` in the sweep's folder by default.
    shape : {'wide', 'long', 'monthly', 'parameters'}
        See `parts`; with the first, the last is written too.
    progress : function, optional
        Called as ``progress(rows, rows expected)``.

    Returns
    -------
    list of Path
        ``runs.csv`` or ``runs.parquet``, ``codebook.md``, ``codebook.json`` (``runs_long.*``,
        ``codebook_long.*`` and so on for other shapes), ``parameters.csv`` with
        ``codebook_parameters.*``, and ``manifest.json``.

    Raises
    ------
    InputError
        No such format or shape; a folder that holds other things; a sweep without runs.
    """
    if to not in FORMATS:
        raise InputError(
            "--to {to!r}: it must be one of {allowed}", to=to, allowed=", ".join(FORMATS)
        )
    folder = output_folder(folder or sweep.folder / "export", "export")
    tables = parts(sweep, shape)
    head = next(tables, None)
    if head is None:
        raise InputError(
            "{folder}: no run is there yet; 'trucesim sweep --resume' goes on", folder=sweep.folder
        )
    dates = {
        "month", *(str(name) for name, column in sweep.design.items()
                   if all(isinstance(value, dt.date) for value in column)),
    }  # fmt: skip
    end = "" if shape == "wide" else f"_{shape}"
    named = "parameters" if shape == "parameters" else f"runs{end}"
    expected = sweep.experiment.replicates * len(sweep.design)
    written = 0

    def save(path: Path) -> None:
        nonlocal written
        with _writer(path, to, head, dates) as add:
            for each in chain([head], tables):
                add(each)
                written += len(each)
                if progress:
                    progress(written, max(expected, written))

    book = codebook(sweep, list(head.columns))
    facts = {
        "command": "export", "trucesim": __version__, "data_digest": data_digest(),
        "experiment": sweep.experiment.name, "digest": sweep.manifest["digest"],
        "title": dict(sweep.experiment.title), "complete": sweep.complete,
    }  # fmt: skip
    text = codebook_text(sweep, book, shape)
    content = facts | {"shape": SHAPES[shape], "columns": book}
    saves: dict[str, Callable[[Path], object]] = {
        f"{named}.{to}": save,
        f"codebook{end}.md": lambda path: path.write_text(text, encoding="utf-8"),
        f"codebook{end}.json": lambda path: write_json(content, path),
    }
    made = {**facts, "model": sweep.manifest.get("model"), "sweep": sweep.manifest.get("checksum")}
    others = {
        name: told
        for name, told in _exports_in(folder).items()
        if not set(told["files"]) & set(saves)
    }
    exports = {**others, f"{shape}.{to}": {**made, "files": list(saves)}}
    with written_whole(folder, {**made, **where_made(), "exports": exports}, {}) as draft:
        for name in dict.fromkeys(each for told in others.values() for each in told["files"]):
            _link(folder / name, draft / name)
        for name, save_one in saves.items():
            save_one(draft / name)
    further = export(sweep, to, folder, "parameters") if shape == "wide" else [folder / MANIFEST]
    return [*(folder / name for name in saves), *further]


def _exports_in(folder: Path) -> dict[str, Any]:
    """Give the exports that lie in a folder already, as its manifest tells of them."""
    manifest = sealed_manifest(folder)
    if manifest is None or broken_files(folder, manifest):
        return {}
    return dict(manifest.get("exports", {}))


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # a file system without links
        shutil.copy2(old, new)


@contextmanager
def _writer(
    path: Path, to: str, head: pd.DataFrame, dates: Collection[str]
) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Open a table to which parts are added; Parquet has dates as such, months as their first."""
    if to == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(",".join(map(str, head.columns)) + "\n")
            yield lambda part: part.to_csv(file, index=False, header=False, lineterminator="\n")
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    def kind_of(name: str, kind: Any) -> Any:
        if name in dates:
            return pa.date32()
        text = kind.kind == "O" or str(kind).startswith("str")
        return pa.string() if text else pa.from_numpy_dtype(kind)

    schema = pa.schema(
        [(str(name), kind_of(str(name), kind)) for name, kind in head.dtypes.items()]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:

        def add(part: pd.DataFrame) -> None:
            columns = [
                pa.array(part[field.name].to_numpy("datetime64[D]"), field.type)
                if field.type == pa.date32()
                else pa.array([None if v is None or v != v else str(v) for v in part[field.name]])
                if field.type == pa.string()
                else pa.array(part[field.name].to_numpy(), field.type, from_pandas=False)
                for field in schema
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))

        yield add


# --- Codebook -----------------------------------------------------------------------------------


def codebook(sweep: Sweep, columns: list[str]) -> list[dict[str, Any]]:
    """Say of every column what it is.

    Parameters
    ----------
    sweep : Sweep
    columns : list of str
        Of a table from `parts`.

    Returns
    -------
    list of dict
        ``column``, ``role`` (key, scenario, lever, uncertainty, outcome), ``label_en``,
        ``label_es``, ``unit``, ``values`` (what can stand there), ``meaning``, ``source``.
    """
    design = sweep.points()
    levers = {lever.name: lever for lever in sweep.experiment.levers}
    book = []
    for name in columns:
        if name in levers:
            entry = _of_lever(levers[name], design)
        elif name in sweep.experiment.uncertainties or name in PARAMETERS:
            entry = _of_uncertainty(name)
        elif name in sweep.experiment.outcomes:
            entry = _of_outcome(sweep.experiment.outcome(name))
        else:
            entry = _of_key(name, sweep, design)
        book.append({"column": name, **entry})
    return book


TEXT = catalogue(
    {
        "column.point": "Design point",
        "column.run": "Run",
        "column.scenario": "Scenario",
        "column.outcome": "Outcome",
        "column.value": "Value",
        "column.month": "Month",
        "column.recorded": "Recorded homicides",
    }
)


def _by_key(name: str) -> dict[str, str]:
    return by_language(lambda: TEXT[f"column.{name}"])


def _entry(
    role: str, label: Mapping[str, str], unit: str, values: str, meaning: str, source: str = ""
) -> dict[str, Any]:
    labels = {f"label_{lang}": label[lang] for lang in LANGUAGES}
    return {"role": role, **labels, "unit": unit, "values": values,
            "meaning": meaning, "source": source}  # fmt: skip


def _of_key(name: str, sweep: Sweep, design: Design) -> dict[str, Any]:
    experiment = sweep.experiment
    scenarios = "; ".join(
        f"{key}: {base.title['en']}"
        + (f", with the rules {experiment.rules[key]!r}" if key in experiment.rules else "")
        for key, base in design.bases.items()
    )
    keys = {
        "point": _entry(
            "key", _by_key("point"), "1", f"0 to {len(design) - 1}",
            "Number of the design point; its settings stand in the columns beside it",
        ),
        "run": _entry(
            "key", _by_key("run"), "1", f"0 to {experiment.replicates - 1}",
            "Number of the run. Runs of one number share their random draws and their draw of "
            "uncertain parameters at every point: compare points run by run",
        ),
        "scenario": _entry(
            "scenario", _by_key("scenario"), "1", scenarios,
            "The scenario that the levers change",
        ),
        "outcome": _entry(
            "key", _by_key("outcome"), "1", ", ".join(experiment.outcomes),
            "Which outcome the value is of: "
            + "; ".join(f"{n}: {experiment.outcome(n).meaning}" for n in experiment.outcomes),
        ),
        "value": _entry(
            "outcome", _by_key("value"), "that of the outcome", "a number; empty if undefined",
            "; ".join(f"{each}: {experiment.outcome(each).unit}" for each in experiment.outcomes),
        ),
        "month": _entry(
            "key", _by_key("month"), "month", f"YYYY-MM, from {calendar.START:%Y-%m}",
            "Calendar month",
        ),
        "recorded": _entry(
            "outcome", _by_key("recorded"), "homicides",
            "a whole number from 0", "Homicides of the month in the simulated record",
        ),
    }  # fmt: skip
    return keys[name]


def _of_lever(lever: Lever, design: Design) -> dict[str, Any]:
    named = label(lever, design.bases)
    values = sorted({str(value) for value in design.frame[lever.name] if value is not None})
    listed = (
        ", ".join(values) if len(values) <= 12 else f"{values[0]} to {values[-1]} ({len(values)})"
    )
    if design.frame[lever.name].isna().any():
        listed += "; empty: as in the scenario"
    declared, source = lever.declared, ""
    if declared is None:
        meaning = f"Day on which the event {lever.target!r} happens"
        if lever.after:
            meaning = f"Days from the event {lever.after!r} to the event {lever.target!r}"
        meaning += f"; {NEVER}: it does not happen"
    else:
        when = f" from {lever.since}" if lever.since else ""
        when = f" in the event {lever.event!r}" if lever.event else when
        meaning = f"{by_language(declared.meaning_in)['en']}; sets {lever.target}{when}"
        source = by_language(declared.source_in)["en"]
    return _entry("lever", named, unit_of(lever), listed, meaning, source)


def _of_uncertainty(name: str) -> dict[str, Any]:
    each = PARAMETERS[name]
    values = f"{each.low:g} to {each.high:g}, {each.prior} prior"
    meaning, source = (by_language(tell)["en"] for tell in (each.meaning_in, each.source_in))
    return _entry("uncertainty", by_language(each.label), each.unit, values, meaning, source)


def _of_outcome(each: Outcome) -> dict[str, Any]:
    values = "a number" if not each.indicator else "0 or 1"
    if not each.indicator and np.isfinite(each.low):
        values += f" from {each.low:g}"
    if not each.indicator and np.isfinite(each.high):
        values += f" up to {each.high:g}"
    values += "; empty if undefined"
    rows = patterns.load()
    if each.name in rows:
        row = rows[each.name]
        return _entry(
            "outcome", by_language(each.label), each.unit, values, each.meaning,
            f"pattern of patterns.csv ({row.use}): {row.source}",
        )  # fmt: skip
    return _entry("outcome", by_language(each.label), each.unit, values, each.meaning, "simulated")


def _made_of(experiment: Experiment) -> str:
    record = experiment.history == "record"
    return "lineages that follow the record" if record else f"seed {experiment.seed}"


def codebook_text(sweep: Sweep, book: list[dict[str, Any]], shape: Shape) -> str:
    """Write the codebook in Markdown."""
    titles = " / ".join(sweep.experiment.title[lang] for lang in LANGUAGES)
    header = ["column", "label", "etiqueta", "unit", "values", "meaning", "source"]
    names = ["column", "label_en", "label_es", "unit", "values", "meaning", "source"]
    cells = [
        [f"`{row[name]}`" if name == "column" else str(row[name]).replace("|", "\\|")
         for name in names]
        for row in book
    ]  # fmt: skip
    state = "" if sweep.complete else " The sweep is not complete."
    return (
        f"# Codebook: {titles}\n\n"
        f"Shape: {SHAPES[shape]}; {len(sweep.design)} points of "
        f"{sweep.experiment.replicates} runs, {_made_of(sweep.experiment)}, trucesim "
        f"{__version__}.{state} All values are runs of a model, not observations.\n\n"
        f"{markdown.table(header, cells, len(header))}\n"
    )
