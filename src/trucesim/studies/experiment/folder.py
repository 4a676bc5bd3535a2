"""The folder of a sweep: chunks of runs that appear whole, and the tables made from them.

======================  ===========================================================================
``manifest.json``       what made this, whether it is complete, and checksums of tables and copies
``experiment.toml``     copy of the experiment's file
``scenarios/*.toml``    its scenarios, each as a file that stands alone
``design.csv``          the points, each with the key of its runs
``chunks/xx/*.parquet`` runs as they were made, in any order; the source of all that follows
``failures/*.json``     points that failed, with their traceback
``runs.parquet``        every run: point, run, outcomes; sorted
``months.parquet``      every run's recorded homicides by month; sorted
``municipal/*.parquet`` histograms over runs by month and municipality, one file a key
``summary.csv``         mean, standard error and quantiles by point and outcome
======================  ===========================================================================

How chunks make runs reusable stands in :mod:`~trucesim.runs.store`. All but chunks and the two
kinds of copies is made from them: a lost or broken manifest is made anew from what the chunks say.
"""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message, StoreError
from trucesim.files.results import manifest_of, own_checksum, seal
from trucesim.files.writing import checksum, put_whole
from trucesim.locale.catalogue import by_language
from trucesim.outcomes import registry
from trucesim.outcomes.registry import Outcome
from trucesim.runs import drawn
from trucesim.runs.lineage import parameters_of, shipped_lineages
from trucesim.runs.provenance import check_country
from trucesim.runs.results import LARGEST_COUNT, QUANTILES, histogram_quantiles
from trucesim.runs.store import COUNTS, Store, Wanted, encode, parquet, told_if_full, write_bytes
from trucesim.scenario.file import read_scenario, text_of
from trucesim.scenario.scenario import Scenario
from trucesim.studies.experiment.design import Design, points, read_column
from trucesim.studies.experiment.file import Experiment, read_experiment
from trucesim.world import calendar
from trucesim.world.periods import FloatArray

if TYPE_CHECKING:
    import xarray as xr

NUMBERS_OF_A_GROUP = 1 << 18
"""So many are held before they are written to a table: memory does not grow with the runs."""

COUNTERFACTUALS_KEPT = 16
"""Of how many keys the counts of all runs are kept at hand."""

SUMMARY_QUANTILES = dict(zip(("p05", "p25", "median", "p75", "p95"), QUANTILES, strict=True))

PARTS = frozenset(
    {
        "manifest.json", "experiment.toml", "scenarios", "design.csv", "chunks", "failures",
        "runs.parquet", "months.parquet", "municipal", "summary.csv",
    }
)  # fmt: skip
"""What a sweep's folder holds, and nothing else."""

KEY_COLUMNS = ("key", "without_truce")
"""Columns of design.csv that name a point's runs and those of its counterfactual."""


@dataclass(frozen=True)
class Rows:
    """Consecutive runs of one point.

    Attributes
    ----------
    first : int
        The first run's number.
    values : ndarray of float, shape (run, outcome)
        All outcomes, paired ones included; NaN where a run has none.
    months : ndarray of int, shape (run, month), or None
    """

    first: int
    values: FloatArray
    months: NDArray[np.int32] | None


class Reader:
    """Gives the runs of points, with paired outcomes computed from a run and its counterfactual."""

    def __init__(
        self, store: Store, outcomes: Sequence[Outcome], own: Wanted, without: Wanted, runs: int
    ) -> None:
        self.store = store
        self.outcomes = outcomes
        self.own, self.without = own, without
        self.runs = runs
        self._without: OrderedDict[str, dict[str, FloatArray]] = OrderedDict()

    def rows(self, key: str, without: str) -> Iterator[Rows]:
        """Give the runs of a point, in order."""
        for first, block, rows in self.store.stream(key, self.runs, self.own):
            own = {name: block.values[rows, c] for c, name in enumerate(block.outcomes)}
            columns = []
            for each in self.outcomes:
                if each.compare is None:
                    columns.append(own[each.name])
                    continue
                count = own[each.counted]
                other = self._counts(without)[each.counted][first : first + len(count)]
                columns.append(each.compare(count, other))
            months = None if block.months is None else block.months[rows]
            yield Rows(first, np.stack(columns, axis=1), months)

    def _counts(self, key: str) -> dict[str, FloatArray]:
        """Give what is counted in the counterfactuals, by run number; NaN for those not made."""
        if key not in self._without:
            counts = {name: np.full(self.runs, np.nan) for name in self.without.outcomes}
            for first, block, rows in self.store.stream(key, self.runs, self.without):
                for column, name in enumerate(block.outcomes):
                    if name not in counts:
                        continue
                    found = block.values[rows, column]
                    counts[name][first : first + len(found)] = found
            self._without[key] = counts
            if len(self._without) > COUNTERFACTUALS_KEPT:
                self._without.popitem(last=False)
        return self._without[key]


def month_names(months: int) -> list[str]:
    """Name the months of a run, such as 2012-03."""
    return [str(month)[:7] for month in calendar.months()[:months].astype("datetime64[M]")]


class _Table:
    """A Parquet file that is written group by group."""

    def __init__(self, path: Path, names: Sequence[str], kind: Any) -> None:
        import pyarrow as pa

        fields = [("point", pa.int64()), ("run", pa.int64()), *((name, kind) for name in names)]
        self.schema = pa.schema(fields)
        self.writer = parquet().ParquetWriter(
            path, self.schema, compression="zstd", use_dictionary=False,
            write_page_checksum=True,
        )  # fmt: skip
        self.most = max(1, NUMBERS_OF_A_GROUP // len(fields))
        self.held: list[tuple[int, int, NDArray[Any]]] = []
        self.rows = 0

    def add(self, point: int, first: int, values: NDArray[Any]) -> None:
        while len(values):
            part = values[: self.most - self.rows]
            self.held.append((point, first, part))
            self.rows += len(part)
            first += len(part)
            values = values[len(part) :]
            if self.rows == self.most:
                self.flush()

    def flush(self) -> None:
        import pyarrow as pa

        if not self.held:
            return
        values = np.concatenate([part for _, _, part in self.held])
        point = np.concatenate([np.full(len(part), p) for p, _, part in self.held])
        run = np.concatenate([np.arange(f, f + len(part)) for _, f, part in self.held])
        columns = [point, run, *np.ascontiguousarray(values.T)]
        arrays = [
            pa.array(each, field.type) for each, field in zip(columns, self.schema, strict=True)
        ]
        self.writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema))
        self.held, self.rows = [], 0

    def close(self) -> None:
        self.flush()
        self.writer.close()


def write_tables(
    store: Store,
    keys: pd.DataFrame,
    outcomes: Sequence[Outcome],
    own: Wanted,
    without: Wanted,
    runs: int,
    months: int,
    failed: set[int],
    *,
    places: int,
) -> None:
    """Write a sweep's tables, without failed points; see the head of this module.

    Parameters
    ----------
    store : Store
    keys : pandas.DataFrame
        By point, the columns :data:`KEY_COLUMNS`.
    outcomes : sequence of Outcome
    own, without : Wanted
        What is kept of the points' runs, and of their counterfactuals.
    runs : int
        At each point.
    months : int
        That a run lives.
    failed : set of int
        Points.
    places : int
        Municipalities.
    """
    import pyarrow as pa

    reader = Reader(store, outcomes, own, without, runs)
    names = [each.name for each in outcomes]
    summary: list[dict[str, Any]] = []

    def save(path: Path) -> None:
        table = _Table(path, names, pa.float64())
        beside = path.with_name(f"{path.name}.months")
        by_month = _Table(beside, month_names(months), pa.int32()) if own.monthly else None
        try:
            for point, key, without in keys[list(KEY_COLUMNS)].itertuples(name=None):
                if point in failed:
                    continue
                found = []
                for rows in reader.rows(key, without):
                    table.add(point, rows.first, rows.values)
                    found.append(rows.values)
                    if by_month is not None and rows.months is not None:
                        by_month.add(point, rows.first, rows.months)
                summary.extend(_summarised(point, names, found))
            table.close()
            if by_month is not None:
                by_month.close()
                put_whole(store.folder / "months.parquet", beside.replace)
        finally:
            beside.unlink(missing_ok=True)

    with told_if_full(store.folder):
        if not own.monthly:
            (store.folder / "months.parquet").unlink(missing_ok=True)
        put_whole(store.folder / "runs.parquet", save)
        if own.municipal:
            (store.folder / "municipal").mkdir(exist_ok=True)
            for key in dict.fromkeys(keys.drop(index=list(failed))["key"]):
                added = _encode_histogram(*store.histogram(key, runs, places, own))
                put_whole(store.folder / "municipal" / f"{key}.parquet", write_bytes(added))
        frame = pd.DataFrame(summary, columns=[*SUMMARY_COLUMNS])
        put_whole(
            store.folder / "summary.csv",
            lambda path: frame.to_csv(path, index=False, lineterminator="\n"),
        )


def _encode_histogram(histogram: NDArray[np.int32], runs: int) -> bytes:
    """Write a histogram, shape (month, municipality, count), where it is not empty."""
    month, place, count = np.nonzero(histogram)
    columns = {
        "month": month.astype(np.uint8),
        "municipality": place.astype(np.uint16),
        "count": count.astype(np.uint8),
        "runs": histogram[month, place, count],
    }
    return encode(columns, {"runs": runs})


SUMMARY_COLUMNS = ("point", "outcome", "runs", "undefined", "mean", "se", *SUMMARY_QUANTILES)


def _summarised(
    point: int, names: Sequence[str], found: Sequence[FloatArray]
) -> Iterator[dict[str, Any]]:
    """Summarise the outcomes of a point; runs whose outcome is not defined are counted apart."""
    values = np.concatenate(found) if found else np.empty((0, len(names)))
    for column, name in enumerate(names):
        all_runs = values[:, column]
        known = all_runs[~np.isnan(all_runs)]
        row: dict[str, Any] = {
            "point": point, "outcome": name, "runs": len(all_runs),
            "undefined": len(all_runs) - len(known),
        }  # fmt: skip
        if len(known):
            row["mean"] = known.mean()
            row["se"] = known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else np.nan
            quantiles = np.quantile(known, list(SUMMARY_QUANTILES.values()))
            row |= dict(zip(SUMMARY_QUANTILES, quantiles, strict=True))
        yield row


# Reading


@dataclass(frozen=True)
class Sweep:
    """A sweep on disk, complete or not.

    Attributes
    ----------
    folder : Path
    experiment : Experiment
        With the number of replicates and the history that were asked for.
    manifest : dict
    """

    folder: Path
    experiment: Experiment
    manifest: Mapping[str, Any]

    @property
    def complete(self) -> bool:
        """Whether every run of every point is there."""
        return bool(self.manifest.get("complete"))

    @property
    def finished(self) -> bool:
        """Whether the tables are written: complete, but for points that failed."""
        return bool(self.manifest.get("finished"))

    @cached_property
    def _design(self) -> pd.DataFrame:
        text = io.StringIO(self._read("design.csv"))
        try:
            frame = pd.read_csv(text, index_col="point", dtype=str, keep_default_na=False)
            frame.index = frame.index.astype(np.int64)
        except ValueError as error:
            raise StoreError(
                "{path}: cannot be read: {error}", path=self.folder / "design.csv", error=error
            ) from None
        return frame

    @cached_property
    def design(self) -> pd.DataFrame:
        """Points: index ``point``; columns ``scenario``, levers and uncertainties."""
        levers = {lever.name: lever for lever in self.experiment.levers}
        frame = self._design.drop(columns=list(KEY_COLUMNS))
        return frame.assign(
            **{
                str(name): read_column(frame[name], levers.get(str(name)))
                for name in frame
                if name != "scenario"
            }
        )

    def points(self) -> Design:
        """Lay the design out again: its factors, its sample, and the scenario of each point."""
        return points(self.experiment, self.scenarios)

    @property
    def scenarios(self) -> dict[str, Scenario] | None:
        """The copies of its scenarios; None in a sweep of 0.1.0, which kept none."""
        if not (self.folder / "scenarios").is_dir():
            return None
        return {
            name: replace(
                read_scenario(self._read(_copy_of(place, name)), name), name=Path(name).stem
            )
            for place, name in enumerate(self.experiment.scenarios)
        }

    def _read(self, name: str) -> str:
        return read_checked(self.folder, self.manifest, name)

    @cached_property
    def _wanted(self) -> tuple[Wanted, Wanted]:
        """What its chunks hold of its runs, and of their counterfactuals."""
        computed = self.manifest.get("computed", {})
        own, without = (
            {name: computed.get(name, "") for name in names}
            for names in (
                registry.needed(self.experiment.outcomes, self.experiment.own),
                registry.counterfactual(self.experiment.outcomes, self.experiment.own),
            )
        )
        return Wanted(own, self.experiment.monthly, self.experiment.municipal), Wanted(without)

    @cached_property
    def store(self) -> Store:
        """The chunks; broken ones are an error.

        Raises
        ------
        StoreError
            A chunk is broken.
        """
        store = Store(self.folder)
        broken = store.scan()
        if broken:
            raise StoreError(
                "{path}: broken: its content does not fit its checksum{more}; 'trucesim sweep "
                "--resume' makes it anew", path=broken[0],
                more=Message(" ({n} more)", n=len(broken) - 1) if len(broken) > 1 else "",
            )  # fmt: skip
        return store

    @cached_property
    def runs(self) -> pd.DataFrame:
        """Every run: point, run, and a column an outcome; sorted."""
        return self.select()

    def select(self, chosen: Sequence[int] | None = None) -> pd.DataFrame:
        """Give the runs of some points, of all by default: point, run, outcomes.

        Raises
        ------
        InputError
            There is no such point.
        """
        self._check(chosen)
        if self.finished:
            return self._table("runs.parquet", chosen).to_pandas()  # type: ignore[no-any-return]
        return self._from_chunks(self.experiment.outcomes, chosen, lambda rows: rows.values)

    def months(self, chosen: Sequence[int] | None = None) -> pd.DataFrame:
        """Give recorded homicides by month: point, run, and a column a month, such as 2012-03.

        Raises
        ------
        InputError
            They were not kept, or there is no such point.
        """
        self._check(chosen)
        if not self.experiment.monthly:
            raise InputError(
                "{folder}: no months were kept; set monthly = true in the file", folder=self.folder
            )
        if self.finished:
            return self._table("months.parquet", chosen).to_pandas()  # type: ignore[no-any-return]
        names = month_names(int(self.manifest["months"]))
        return self._from_chunks(names, chosen, lambda rows: rows.months)

    def _check(self, chosen: Sequence[int] | None) -> None:
        for point in chosen or ():
            if point not in self._design.index:
                raise InputError(
                    "{folder}: no point {point}; there are {count}", folder=self.folder,
                    point=point, count=len(self._design),
                )  # fmt: skip

    def _from_chunks(
        self,
        names: Sequence[str],
        chosen: Sequence[int] | None,
        take: Callable[[Rows], NDArray[Any] | None],
    ) -> pd.DataFrame:
        """Gather what is there of a sweep that is not finished."""
        reader = Reader(
            self.store, [self.experiment.outcome(name) for name in self.experiment.outcomes],
            *self._wanted, self.experiment.replicates,
        )  # fmt: skip
        keys = self._design[list(KEY_COLUMNS)]
        parts = []
        for point, key, without in keys.itertuples(name=None):
            if chosen is not None and point not in chosen:
                continue
            for rows in reader.rows(key, without):
                frame = pd.DataFrame(take(rows), columns=list(names))
                frame.insert(0, "run", np.arange(rows.first, rows.first + len(frame)))
                frame.insert(0, "point", point)
                parts.append(frame)
        if not parts:
            return pd.DataFrame(columns=["point", "run", *names], dtype=np.float64)
        return pd.concat(parts, ignore_index=True)

    def _table(self, name: str, chosen: Sequence[int] | None = None) -> Any:
        path, pq = self.folder / name, parquet()
        filters = None if chosen is None else [("point", "in", [int(each) for each in chosen])]
        try:
            return pq.read_table(path, filters=filters, page_checksum_verification=True)
        except FileNotFoundError:
            raise StoreError(
                "{path}: not there; 'trucesim sweep --resume' makes it", path=path
            ) from None
        except (OSError, ValueError) as error:
            raise StoreError(
                "{path}: broken ({error}); 'trucesim sweep --resume' makes it anew", path=path,
                error=error,
            ) from None  # fmt: skip

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row a point and outcome: runs, undefined, mean, se, p05, p25, median, p75, p95."""
        if self.finished:
            return pd.read_csv(io.StringIO(self._read("summary.csv")))
        names = list(self.experiment.outcomes)
        rows: list[dict[str, Any]] = []
        for point, frame in self.runs.groupby("point"):
            rows += _summarised(int(str(point)), names, [frame[names].to_numpy(np.float64)])
        return pd.DataFrame(rows, columns=[*SUMMARY_COLUMNS])

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Points that failed: point, settings, runs, traceback."""
        found = []
        for path in sorted(self.folder.glob("failures/*.json")):
            with suppress(OSError, ValueError):
                found.append(json.loads(path.read_text(encoding="utf-8")))
        return found

    def parameters(self, chosen: Sequence[int] | None = None) -> pd.DataFrame:
        """Give what every run took of the uncertain parameters: point, run, a column a parameter.

        Of runs that there are, in order. A parameter that a point sets stands as it is set.
        """
        self._check(chosen)
        design = self.points()
        known: dict[tuple[tuple[str, float], ...], pd.DataFrame] = {}
        parts = []
        for point in self.design.index if chosen is None else chosen:
            changed = {**design.scenario(int(point)).parameters, **design.overrides(int(point))}
            key = tuple(sorted(changed.items()))
            if key not in known:
                known[key] = self._drawn(changed)
            if len(known) > COUNTERFACTUALS_KEPT:
                known.pop(next(iter(known)))
            rows = known[key]
            parts.append(rows.assign(point=int(point), run=np.arange(len(rows))))
        names = [str(name) for name in parts[0] if name not in ("point", "run")]
        whole = pd.concat(parts, ignore_index=True)[["point", "run", *names]]
        there = self.select(chosen)[["point", "run"]]
        return there.merge(whole, how="left", on=["point", "run"])

    def _drawn(self, changed: Mapping[str, float]) -> pd.DataFrame:
        experiment = self.experiment
        if experiment.history == "record":
            lineages = shipped_lineages().lineages[: experiment.replicates]
            return drawn.table(parameters_of(lineages))
        return drawn.table(
            drawn.take(
                experiment.parameters, experiment.country, changed, experiment.seed, 0,
                experiment.replicates,
            )
        )  # fmt: skip

    def dataset(
        self, chosen: Sequence[int] | None = None, *, parameters: bool = False
    ) -> xr.Dataset:
        """Give outcomes, and recorded homicides by month where they are kept, as a Dataset.

        Parameters
        ----------
        chosen : sequence of int, optional
            Points; all of them by default. What is not asked for is not read.
        parameters : bool
            Add what runs took: ``parameters(point, run, parameter)``.

        Returns
        -------
        xarray.Dataset
            One variable an outcome, (point, run), and ``recorded_national(point, run, month)``;
            NaN for runs that are not there. Levers, uncertainties and the scenario are coordinates
            of ``point``.
        """
        import xarray as xr

        frame = self.select(chosen)
        design = self.design if chosen is None else self.design.loc[list(chosen)]
        shape = (len(design), self.experiment.replicates)
        row = design.index.get_indexer(pd.Index(frame["point"]))
        run = frame["run"].to_numpy(np.int64)

        def spread(values: NDArray[Any], *further: int) -> NDArray[Any]:
            whole = np.full((*shape, *further), np.nan, values.dtype)
            whole[row, run] = values
            return whole

        variables: dict[str, Any] = {}
        for name in self.experiment.outcomes:
            each = self.experiment.outcome(name)
            label = by_language(each.label)
            attrs = {"long_name": label["en"], "long_name_es": label["es"], "units": each.unit}
            column = frame[name].to_numpy(np.float64)
            variables[name] = (("point", "run"), spread(column), attrs)
        coordinates: dict[str, Any] = {
            "point": design.index.to_numpy(),
            "run": np.arange(self.experiment.replicates),
            **{str(name): ("point", design[name].to_numpy()) for name in design},
        }
        if self.experiment.monthly:
            counts = self.months(chosen).drop(columns=["point", "run"]).to_numpy()
            variables["recorded_national"] = (
                ("point", "run", "month"),
                spread(counts.astype(np.float32), counts.shape[1]),
                {"long_name": "recorded homicides", "units": "homicides"},
            )
            coordinates["month"] = calendar.months()[: counts.shape[1]]
        if parameters:
            taken = self.parameters(chosen).drop(columns=["point", "run"])
            variables["parameters"] = (
                ("point", "run", "parameter"), spread(taken.to_numpy(), taken.shape[1])
            )  # fmt: skip
            coordinates["parameter"] = list(taken)
        attrs = {"experiment": self.experiment.name, "title": self.experiment.title["en"],
                 "title_es": self.experiment.title["es"]}  # fmt: skip
        return xr.Dataset(variables, coordinates, attrs)

    def municipal_histogram(self, point: int) -> tuple[NDArray[np.int32], int]:
        """Give a point's histogram over runs, shape (month, municipality, count), and its runs.

        Raises
        ------
        InputError
            The experiment keeps no municipal detail, or has no such point.
        """
        if not self.experiment.municipal:
            raise InputError(
                "{folder}: no municipal detail was kept; set municipal = true in the file",
                folder=self.folder,
            )  # fmt: skip
        self._check([point])
        key = str(self._design.loc[point, "key"])
        places = len(self.experiment.country)
        path = self.folder / "municipal" / f"{key}.parquet"
        if self.finished and path.is_file():
            table = self._table(f"municipal/{key}.parquet")
            histogram = np.zeros((calendar.MONTHS, places, COUNTS), np.int32)
            axes = tuple(table[name].to_numpy() for name in ("month", "municipality", "count"))
            histogram[axes] = table["runs"].to_numpy()
            return histogram, int(json.loads(table.schema.metadata[b"trucesim"])["runs"])
        return self.store.histogram(key, self.experiment.replicates, places, self._wanted[0])

    def municipal_quantiles(self, point: int) -> xr.Dataset:
        """Give quantiles over a point's runs by month and municipality.

        Returns
        -------
        xarray.Dataset
            ``recorded(quantile, month, municipality)``, and ``overflow`` of the same shape: True
            where the quantile is the largest count that is told apart, or more.
        """
        import xarray as xr

        histogram, runs = self.municipal_histogram(point)
        months = int(self.manifest["months"])
        values = histogram_quantiles(histogram, runs)[:, :months]
        axes = ("quantile", "month", "municipality")
        return xr.Dataset(
            {"recorded": (axes, values), "overflow": (axes, values >= LARGEST_COUNT)},
            {
                "quantile": list(QUANTILES),
                "month": calendar.months()[:months],
                "municipality": list(self.experiment.country.codes),
            },
            {"point": point, "runs": runs},
        )


def open_sweep(folder: str | Path) -> Sweep:
    """Open the folder of a sweep.

    Raises
    ------
    InputError
        It holds no sweep.
    StoreError
        Its manifest or its experiment is broken.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(
            "{folder}: holds no sweep; 'trucesim sweep FILE --out {folder}' makes one",
            folder=folder,
        )  # fmt: skip
    check_country(manifest, folder)
    read_checked(folder, manifest, "experiment.toml")
    beside = folder / str(manifest.get("scenarios_in", "."))  # 0.1.0 kept no copies
    experiment = read_experiment(folder / "experiment.toml", beside)
    settings = manifest.get("settings", {})
    experiment = replace(
        experiment, name=str(manifest["experiment"]), replicates=int(manifest["replicates"]),
        history=str(settings.get("history", "chance")),  # before 0.2.0 there was no other
    )  # fmt: skip
    computed = manifest.get("computed", {})
    functions = {  # of which the file says nothing: what they gave is there
        name: registry.of_digest(name, str(computed[name]))
        for name in settings.get("outcomes", ())
        if name not in experiment.outcomes and name in computed
    }
    if functions:
        experiment = replace(
            experiment, outcomes=tuple(settings["outcomes"]), own={**experiment.own, **functions}
        )
    return Sweep(folder, experiment, manifest)


def read_checked(folder: Path, manifest: Mapping[str, Any], name: str) -> str:
    """Read one of a sweep's files as it was written.

    Raises
    ------
    StoreError
        It cannot be read, or does not fit its checksum.
    """
    path = folder / name
    told = manifest.get("files", {}).get(name)  # 0.1.0 told none
    try:
        if told is not None and checksum(path) != told:
            raise StoreError("{path}: broken: its content does not fit its checksum", path=path)
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError("{path}: cannot be read: {error}", path=path, error=error) from None


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of a sweep; None if there is none.

    One that is lost or broken is made anew from what the chunks say: all but the tables is there.

    Raises
    ------
    StoreError
        It is lost or broken, and the chunks do not say.
    """
    path = folder / "manifest.json"
    content = manifest_of(folder)
    # 0.1.0 wrote no checksum.
    if content is not None and content.get("checksum") in (None, own_checksum(content)):
        return content if content.get("command") == "sweep" else None
    if not (folder / "chunks").is_dir():
        return None
    store = Store(folder)
    store.scan()
    if not store.index:
        return None
    about = store.made_for()
    if about.get("command") == "sweep":
        return about
    raise StoreError(
        "{path}: lost or broken, and the runs that are there do not say what they were made for "
        "(those of 0.1.0 do not, and a calibration's are no sweep's)", path=path,
    )  # fmt: skip


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest, with a checksum of every file but chunks, which hold their own."""
    with told_if_full(folder):
        names = sorted(
            path.relative_to(folder).as_posix()
            for part in PARTS - {"manifest.json", "chunks", "failures"}
            for path in (folder / part, *(folder / part).glob("*"))
            if path.is_file() and not path.name.startswith(".")
        )
        seal(folder, content, names)


def _copy_of(place: int, name: str) -> str:
    """Name the copy of an experiment's scenario."""
    return f"scenarios/{place:02d}-{_stem(name)}.toml"


def _stem(name: str) -> str:
    return Path(name).name.removesuffix(".toml")


def write_plan(
    design: Design, keys: pd.DataFrame, manifest: Mapping[str, Any], folder: Path
) -> None:
    """Write what is asked for, before anything is run."""

    def put(name: str, text: str) -> None:
        put_whole(folder / name, lambda path: path.write_text(text, encoding="utf-8", newline=""))

    with told_if_full(folder):
        (folder / "scenarios").mkdir(parents=True, exist_ok=True)
        for path in folder.rglob(".*.part*"):  # left by a process that was killed
            path.unlink(missing_ok=True)
        put("experiment.toml", design.experiment.text)
        for place, name in enumerate(design.experiment.scenarios):
            put(_copy_of(place, name), text_of(design.bases[name]))
        put("design.csv", design.frame.join(keys).to_csv(lineterminator="\n"))
    write_manifest(folder, manifest)
