"""A resumable store of runs: files that appear whole, and say what they hold.

A key is the digest of all that determines the runs of a point but their numbers. A chunk holds
pieces, each a key and consecutive run numbers, and named columns of what was computed of them, each
with the digest of how. Its name holds a checksum of its content. Only run numbers of which no chunk
holds what is wanted are made. So another size of chunks, more runs or more points reuse what is
there; and nothing but the chunks is needed to know what is there.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trucesim.files.errors import InputError, StoreError, said_by_system
from trucesim.files.writing import put_whole
from trucesim.runs.results import LARGEST_COUNT
from trucesim.world import calendar
from trucesim.world.periods import FloatArray

BLOCKS_KEPT = 16
"""Decoded chunks that are kept at hand."""

COUNTS = LARGEST_COUNT + 1


@dataclass(frozen=True)
class Piece:
    """Consecutive runs of one key."""

    key: str
    first: int
    runs: int


@dataclass(frozen=True)
class Histogram:
    """How many runs had which count, where any did.

    Attributes
    ----------
    cell : array of int32
        Month times the number of municipalities, plus municipality.
    count : array of uint8
        Recorded homicides; :data:`trucesim.runs.results.LARGEST_COUNT` stands for that many or
        more.
    runs : array of int32
    """

    cell: NDArray[np.int32]
    count: NDArray[np.uint8]
    runs: NDArray[np.int32]


@dataclass(frozen=True)
class Block:
    """What a chunk holds.

    Attributes
    ----------
    pieces : tuple of Piece
        Whose runs stand one after the other.
    outcomes : dict
        By name, the digest of how each is computed.
    values : ndarray of float, shape (run, outcome)
    months : ndarray of int, shape (run, month), or None
        Recorded homicides.
    histograms : tuple of Histogram or None
        One a piece.
    """

    pieces: tuple[Piece, ...]
    outcomes: Mapping[str, str]
    values: FloatArray
    months: NDArray[np.int32] | None = None
    histograms: tuple[Histogram, ...] | None = None


def parquet() -> Any:
    """Import pyarrow's Parquet, or say how to get it."""
    try:
        import pyarrow.parquet as pq
    except ImportError:
        raise InputError("stored runs need pyarrow: pip install 'trucesim[experiments]'") from None
    return pq


@dataclass(frozen=True)
class Wanted:
    """What must be held of runs for them to count.

    Attributes
    ----------
    outcomes : dict
        By name, the digest of how each is computed.
    monthly, municipal : bool
        Whether homicides by month, and histograms by month and municipality, are wanted.
    """

    outcomes: Mapping[str, str]
    monthly: bool = False
    municipal: bool = False

    def untold(self, header: Mapping[str, Any]) -> list[str]:
        """Name the outcomes that a chunk does not hold, or that were computed otherwise."""
        held = _columns(header)
        return [
            n for n, told in self.outcomes.items() if n not in held or told not in ("", held[n])
        ]

    def within(self, header: Mapping[str, Any]) -> bool:
        """Tell whether a chunk holds it; an empty digest takes any."""
        return (
            not self.untold(header)
            and (not self.monthly or header.get("monthly", True))
            and (not self.municipal or bool(header["municipal"]))
        )


def _columns(header: Mapping[str, Any]) -> dict[str, str]:
    """Give a chunk's columns with their digests; chunks of 0.1.0 have none."""
    held = header["outcomes"]
    return held if isinstance(held, dict) else dict.fromkeys(held, "")


class Held(NamedTuple):
    """A piece, and where it is."""

    piece: Piece
    path: Path
    row: int
    header: Mapping[str, Any]


class Store:
    """The chunks of a folder: which runs are there, and where.

    One process at a time writes to it.

    Parameters
    ----------
    folder : Path
    about : dict, optional
        What the runs are made for, ready for JSON; every chunk carries it.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.about = dict(about or {})
        self.index: dict[str, list[Held]] = {}
        self._kept: OrderedDict[Path, Block] = OrderedDict()

    def scan(self) -> list[Path]:
        """Read which runs are there.

        Returns
        -------
        list of Path
            Chunks that are broken: their content does not fit the checksum in their name.
        """
        self.index.clear()
        self._kept.clear()
        broken = []
        for path in sorted(self.folder.glob("chunks/*/*.parquet")):
            if path.name.endswith(MUNICIPAL):
                continue
            try:
                header = _header(_verified(path))
                if header["municipal"]:
                    _verified(_beside(path), header["municipal"])
            except StoreError:
                broken.append(path)
                continue
            self._add(path, header)
        return broken

    def _add(self, path: Path, header: Mapping[str, Any]) -> None:
        row = 0
        for each in header["pieces"]:
            piece = Piece(*each)
            self.index.setdefault(piece.key, []).append(Held(piece, path, row, header))
            row += piece.runs

    def made_for(self) -> dict[str, Any]:
        """Give what the runs were made for, as the chunk that knows of most of them says."""
        told = (each.header.get("about") or {} for held in self.index.values() for each in held)

        def extent(about: dict[str, Any]) -> tuple[int, int, str]:
            return about.get("replicates", 0), about.get("points", 0), about.get("made", "")

        return max(told, key=extent, default={})

    def missing(self, key: str, runs: int, wanted: Wanted) -> list[tuple[int, int]]:
        """Give the run numbers below ``runs`` that no chunk holds, as (first, how many)."""
        gaps, reached = [], 0
        for piece, *_ in self._sorted(key, wanted):
            if piece.first >= runs:
                break
            if piece.first > reached:
                gaps.append((reached, piece.first - reached))
            reached = max(reached, piece.first + piece.runs)
        if reached < runs:
            gaps.append((reached, runs - reached))
        return gaps

    def _sorted(self, key: str, wanted: Wanted) -> list[Held]:
        held = (each for each in self.index.get(key, []) if wanted.within(each.header))
        return sorted(held, key=lambda each: each.piece.first)

    def write(self, block: Block, municipal: bytes = b"") -> Path:
        """Write a chunk; it appears whole or not at all.

        Parameters
        ----------
        block : Block
        municipal : bytes
            Its histograms as they were encoded, where the block has none.

        Raises
        ------
        StoreError
            The disk is full, or the folder cannot be written.
        """
        import pyarrow as pa

        columns: dict[str, Any] = {
            name: block.values[:, column] for column, name in enumerate(block.outcomes)
        }
        if block.months is not None:
            width = block.months.shape[1]
            flat = pa.array(np.ascontiguousarray(block.months).ravel())
            columns["recorded_national"] = pa.FixedSizeListArray.from_arrays(flat, width)
        pieces = [[piece.key, piece.first, piece.runs] for piece in block.pieces]
        header: dict[str, Any] = {
            "pieces": pieces, "outcomes": dict(block.outcomes), "municipal": "",
            "monthly": block.months is not None, "about": self.about,
        }  # fmt: skip
        name = hashlib.sha256(json.dumps([pieces, header["outcomes"]]).encode()).hexdigest()[:16]
        folder = self.folder / "chunks" / name[:2]
        if block.histograms is not None:
            municipal = encode(
                {
                    "piece": np.repeat(
                        np.arange(len(pieces), dtype=np.int32),
                        [len(each.cell) for each in block.histograms],
                    ),
                    **{
                        part: np.concatenate([getattr(each, part) for each in block.histograms])
                        for part in ("cell", "count", "runs")
                    },
                },
                {},
            )
        if municipal:
            header["municipal"] = _checksum(municipal)
        content = encode(columns, header)
        path = folder / f"{name}-{_checksum(content)}.parquet"
        with told_if_full(self.folder):
            folder.mkdir(parents=True, exist_ok=True)
            if municipal:
                put_whole(_beside(path), write_bytes(municipal))
            put_whole(path, write_bytes(content))
        self._add(path, header)
        return path

    def headers(self) -> list[tuple[Path, Mapping[str, Any]]]:
        """Give every chunk with what it says of itself."""
        held = {each.path: each.header for pieces in self.index.values() for each in pieces}
        return list(held.items())

    def extend(self, path: Path, outcomes: Mapping[str, str], values: FloatArray) -> Path:
        """Write a chunk with further outcomes, shape (run, outcome), in place of the one it was.

        Raises
        ------
        StoreError
            It is broken, the disk is full, or the folder cannot be written.
        """
        block = self.read(path)
        kept = [name for name in block.outcomes if name not in outcomes]
        columns = [block.values[:, list(block.outcomes).index(name)] for name in kept]
        header = next(held for place, held in self.headers() if place == path)
        municipal = _verified(_beside(path), header["municipal"]) if header["municipal"] else b""
        whole = Block(
            block.pieces,
            {**{name: block.outcomes[name] for name in kept}, **outcomes},
            np.column_stack([*columns, values]),
            block.months,
        )
        added = self.write(whole, municipal)
        self.index = {
            key: [each for each in held if each.path != path] for key, held in self.index.items()
        }
        self.remove(path)
        return added

    def remove(self, path: Path) -> None:
        """Remove a broken chunk, so that its runs are made anew."""
        with told_if_full(self.folder):
            for each in (path, _beside(path)):
                each.unlink(missing_ok=True)

    def read(self, path: Path) -> Block:
        """Read a chunk's runs.

        Raises
        ------
        StoreError
            It is broken.
        """
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        content = _verified(path)
        header = _header(content)
        table = parquet().read_table(_buffer(content))
        names = _columns(header)
        values = np.stack([table[name].to_numpy() for name in names], axis=1)
        months = None
        if "recorded_national" in table.column_names:
            column = table["recorded_national"].combine_chunks()
            months = column.flatten().to_numpy().reshape(len(table), -1)
        block = Block(tuple(Piece(*each) for each in header["pieces"]), names, values, months)
        self._kept[path] = block
        if len(self._kept) > BLOCKS_KEPT:
            self._kept.popitem(last=False)
        return block

    def stream(self, key: str, runs: int, wanted: Wanted) -> Iterator[tuple[int, Block, slice]]:
        """Give the runs of a key below ``runs``, in order.

        Yields
        ------
        first : int
            The first run's number.
        block : Block
        rows : slice
            The rows of the block that hold them.
        """
        reached = 0
        for piece, path, row, _ in self._sorted(key, wanted):
            skipped = max(0, reached - piece.first)
            until = min(piece.runs, runs - piece.first)
            if skipped < until:
                yield piece.first + skipped, self.read(path), slice(row + skipped, row + until)
                reached = piece.first + until

    def histogram(
        self, key: str, runs: int, places: int, wanted: Wanted
    ) -> tuple[NDArray[np.int32], int]:
        """Add up the histograms of a key whose pieces lie below ``runs``.

        Returns
        -------
        histogram : ndarray of int, shape (month, municipality, count)
        runs : int
            How many are in it.

        Raises
        ------
        StoreError
            A piece reaches beyond ``runs``: histograms cannot be taken apart.
        """
        added = np.zeros(calendar.MONTHS * places * COUNTS, np.int32)
        total = 0
        for piece, path, _, header in self._sorted(key, wanted):
            if piece.first + piece.runs > runs:
                raise StoreError(
                    "{folder}: runs {first} to {last} were counted together; histograms of the "
                    "first {runs} cannot be told apart", folder=self.folder, first=piece.first,
                    last=piece.first + piece.runs - 1, runs=runs,
                )  # fmt: skip
            number = header["pieces"].index([piece.key, piece.first, piece.runs])
            content = _verified(_beside(path), header["municipal"])
            table = parquet().read_table(_buffer(content))
            mine = table["piece"].to_numpy() == number
            cell, count, held = (table[n].to_numpy()[mine] for n in ("cell", "count", "runs"))
            added[cell.astype(np.int64) * COUNTS + count] += held
            total += piece.runs
        return added.reshape(calendar.MONTHS, places, COUNTS), total


MUNICIPAL = ".municipal.parquet"


def _beside(path: Path) -> Path:
    """Give the file of a chunk's histograms."""
    return path.with_name(path.name.removesuffix(".parquet") + MUNICIPAL)


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _buffer(content: bytes) -> Any:
    import pyarrow as pa

    return pa.BufferReader(content)


def encode(columns: Mapping[str, Any], header: Mapping[str, Any]) -> bytes:
    """Write a table as Parquet in memory."""
    import pyarrow as pa

    table = pa.table(dict(columns)).replace_schema_metadata(
        {"trucesim": json.dumps(header)} if header else None
    )
    sink = pa.BufferOutputStream()
    parquet().write_table(
        table, sink, compression="zstd", use_dictionary=False, write_page_checksum=True
    )
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _verified(path: Path, checksum: str | None = None) -> bytes:
    """Read a file and check it against its checksum, by default that in its name."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(
            "{path}: cannot be read: {reason}", path=path, reason=said_by_system(error)
        ) from None
    if _checksum(content) != (checksum or path.stem.rpartition("-")[2]):
        raise StoreError(
            "{path}: broken: its content does not fit its checksum; resuming makes it anew",
            path=path,
        )  # fmt: skip
    return content


def _header(content: bytes) -> dict[str, Any]:
    metadata = parquet().read_schema(_buffer(content)).metadata
    return json.loads(metadata[b"trucesim"])  # type: ignore[no-any-return]


class told_if_full:
    """Say in one line that nothing more can be written, and that what is there is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, OSError):
            raise StoreError(
                "{folder}: cannot be written: {reason}; what is there is whole: mend it (make "
                "room) and go on (a sweep with --resume)", folder=self.folder,
                reason=said_by_system(error),
            ) from None  # fmt: skip


def write_bytes(content: bytes) -> Callable[[Path], object]:
    """Give what writes some bytes to a file."""
    return lambda path: path.write_bytes(content)
