"""The folder of a country: its tables, and the ``country.toml`` that says what they are.

Three come with the package; anybody may make another (docs/own-country.md). What a folder lacks is
taken from El Salvador, whose record the model was fitted to: that is a transfer, and is said so.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files as package
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from trucesim.files.errors import InputError, Message, nearest, said_by_system
from trucesim.files.reading import Table, Words, line_of, parse
from trucesim.locale import gangs, texts
from trucesim.parameters import CONDITIONS, GANGS, PARAMETERS, Parameter
from trucesim.world import calendar

HOME = "el_salvador"
"""The country whose record the model was fitted to."""

PLAN = "country.toml"

MOST_PLACES = 2_000

LARGEST_TABLE = 20_000_000
"""Bytes of a table that is read."""

BEYOND = 100.0
"""A country's own number lies at most so many times above the bounds that are declared."""

_CODES = {"code": str, "code_a": str, "code_b": str, "pcode": str}

type Slot = Literal["ms13", "surenos", "revolucionarios", "other_gangs"]


class Nouns(Table):
    """What a place is called: one, and many."""

    en: list[str] = Field(min_length=2, max_length=2, description="English: one, many")
    es: list[str] = Field(min_length=2, max_length=2, description="Spanish: one, many")


class Tables(Table):
    """Files within the folder; only that of the places is a must."""

    places: str = Field(description="code, name, population; if known department, homicides")
    departments: str | None = Field(default=None, description="name, population, homicides")
    contiguity: list[str] = Field(default_factory=list, description="code_a, code_b")
    tiles: str | None = Field(default=None, description="row, col, code")
    rate_class: str | None = Field(
        default=None, description="code, rate_per_100k_low, rate_per_100k_high"
    )
    months: str | None = Field(default=None, description="year, month, homicides")
    patterns: str | None = Field(default=None, description="what the model is held against")
    timeline: str | None = Field(default=None, description="dated events")
    posterior: str | None = Field(default=None, description="draws of a calibration of its own")


class Columns(Table):
    """What columns of the tables of places and departments are called."""

    population: str = "population"
    homicides: str = "homicides"
    department_population: str | None = None


class Grid(Table):
    """The plane and the grid of the tiles."""

    crs: str = Field(pattern=r"^EPSG:326\d\d$", description="A northern UTM zone")
    spacing_m: float = Field(gt=0)
    origin_easting: float
    origin_northing: float


class Gang(Table):
    """A gang, in the place of one of the model's four."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)
    slot: Slot = Field(alias="as")
    en: str = Field(max_length=60)
    es: str = Field(max_length=60)


class OwnTable(Table):
    """A number of the country's own: a value, or bounds of a prior, or El Salvador's so many times.

    A condition has a value.
    """

    value: Any = None
    low: float | None = None
    high: float | None = None
    prior: Literal["uniform", "log-uniform"] = "uniform"
    times: float | None = Field(default=None, gt=0)
    source: str


class Truce(Table):
    """The months over which a truce is measured, and what it is measured against."""

    window: str
    baselines: dict[str, str] = Field(default_factory=dict)


class Control(Table):
    """A test that a model of truces must pass there, and a case that must fail it."""

    pattern: str = Field(description="Of the patterns: what is held against the runs")
    scenario: str = Field(description="The pact as it is documented")
    must_fail: str = Field(description="A scenario whose runs must miss the pattern's bounds")
    transferred: list[str] = Field(
        default_factory=list,
        description="Parameters that this case takes from El Salvador's posterior, as drawn there",
    )


class CountryTable(Table):
    """A country."""

    name: Words
    place: Nouns
    tables: Tables
    columns: Columns = Columns()
    caution: Words | None = Field(default=None, description="What every output says of it")
    label: Words | None = Field(default=None, description="The same in a few words, for figures")
    page: bool = Field(default=True, description="Whether the page shows it")
    first_year: int = Field(
        default=calendar.FIRST_YEAR, ge=calendar.EARLIEST, le=calendar.LATEST,
        description="Runs take eight years from its first day on",
    )  # fmt: skip
    map: Grid | None = None
    truce: Truce | None = None
    recorded: list[str] = Field(
        default_factory=list, description="Scenarios that assume nothing which did not happen"
    )
    control: Control | None = None
    gang: list[Gang] = Field(default_factory=list, max_length=len(GANGS))
    parameters: dict[str, OwnTable] = Field(default_factory=dict)
    start: dict[str, OwnTable] = Field(default_factory=dict)


@dataclass(frozen=True)
class Own:
    """What a country knows of a parameter itself; of all others it takes El Salvador's.

    Attributes
    ----------
    value : float or None
        Taken as given.
    low, high : float or None
        Bounds of a prior, whose shape is ``prior``.
    times : float
        Where there is neither: El Salvador's draw times so much.
    source : str
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    prior: Literal["uniform", "log-uniform"] = "uniform"
    times: float = 1.0
    source: str = ""

    def declared(self, name: str) -> Parameter | None:
        """Give a parameter with this prior; None where there is none."""
        if self.low is None or self.high is None:
            return None
        prior = {"low": self.low, "high": self.high, "prior": self.prior, "value": None}
        return PARAMETERS[name].model_copy(update={**prior, "kind": "uncertain"})

    def allowed(self, each: Parameter) -> Parameter:
        """Give a parameter as cases may set it there: within its own bounds, or El Salvador's."""
        scaled = self.times * each.low, self.times * each.high
        given = [own for own in (self.value, self.low, self.high) if own is not None] or scaled
        ends = {"low": min(each.low, *given), "high": max(each.high, *given)}
        return each.model_copy(update=ends)


@dataclass(frozen=True)
class Folder:
    """A folder of tables that was read.

    Attributes
    ----------
    name : str
        The folder's own name, by which results call the country.
    root : Path
    plan : CountryTable
    text : str
        That of ``country.toml``, for the lines of messages.
    shipped : bool
    stamp : int
        When a file of it was changed last: a folder that is edited and opened again is another.
    """

    name: str
    root: Path
    plan: CountryTable
    text: str
    shipped: bool
    stamp: int = 0

    def __hash__(self) -> int:
        return hash((self.name, self.root, self.stamp))

    def table(self, name: str) -> pd.DataFrame:
        """Read one of its tables; codes stay strings.

        Raises
        ------
        InputError
            There is none of that name, or it is no table or too large.
        """
        path = self.root / name
        where = name if self.shipped else str(path)
        try:
            if path.stat().st_size > LARGEST_TABLE:
                raise InputError(
                    "{where}: {size:.0f} MB, but a table may have {most:.0f} MB at most",
                    where=where, size=path.stat().st_size / 1e6, most=LARGEST_TABLE / 1e6,
                )  # fmt: skip
            return pd.read_csv(path, dtype=_CODES, encoding="utf-8-sig", skipinitialspace=True)
        except OSError as error:
            beside = [each.name for each in self.root.glob("*.csv")]
            raise InputError(
                "{where}: {reason}{hint}", where=where, reason=said_by_system(error),
                hint=nearest(name, beside),
            ) from None  # fmt: skip
        except ValueError as error:  # also of what is no table and no UTF-8
            raise InputError(
                "{where}: no table: {error}", where=where, error=" ".join(str(error).split())
            ) from None

    def columns(self, name: str, *wanted: str) -> pd.DataFrame:
        """Read a table that must have some columns, with a value in each row."""
        found = self.table(name)
        for column in wanted:
            if column not in found:
                raise InputError(
                    "{name}: no column {column!r}{hint}; there are {allowed}", name=name,
                    column=column, hint=nearest(column, list(map(str, found))),
                    allowed=", ".join(map(str, found)),
                )  # fmt: skip
            if found[column].isna().any():
                raise InputError(
                    "{name}: line {line}: no {column}", name=name, column=column,
                    line=2 + int(found[column].isna().to_numpy().argmax()),
                )  # fmt: skip
        return found

    @cached_property
    def digest(self) -> str:
        """Digest its files; line endings make no difference."""
        digest = hashlib.sha256()
        for path in sorted(each for each in self.root.rglob("*") if each.suffix in ENDINGS):
            digest.update(path.relative_to(self.root).as_posix().encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
        return digest.hexdigest()


ENDINGS = {".csv", ".toml"}

_here: list[str] = [HOME]
_opened: dict[str, Folder] = {}


def here() -> str:
    """Name the country that is spoken of where none is given: El Salvador but for ``--country``."""
    return _here[-1]


@contextmanager
def being_in(given: str | Path) -> Iterator[str]:
    """Speak of a country within a ``with``, in all threads.

    Only the command line and Python do: no file, upload or link chooses a folder of data.
    """
    path = Path(given).expanduser()
    # A folder that is there, before another of its name that was opened earlier.
    of_ones_own = (path / PLAN).is_file() and str(given) not in shipped_countries()
    folder = open_folder(path.resolve() if of_ones_own else given)
    _here.append(folder.name)
    names: dict[str, dict[str, str]] = {
        each.slot: {"en": each.en, "es": each.es} for each in folder.plan.gang
    }
    try:
        with (
            gangs.named(names),
            texts.saying_elsewhere(folder.name != HOME),
            calendar.starting_in(folder.plan.first_year),
        ):
            yield folder.name
    finally:
        _here.pop()


@cache
def shipped_countries() -> tuple[str, ...]:
    """Name the countries that come with the package."""
    root = package("trucesim") / "data"
    return tuple(sorted(each.name for each in root.iterdir() if (each / PLAN).is_file()))


def open_folder(given: str | Path | None = None) -> Folder:
    """Open a country's folder.

    Parameters
    ----------
    given : str or Path, optional
        The name of one that comes with the package or was opened before, or the path of a folder;
        by default the country that is spoken of.

    Raises
    ------
    InputError
        There is none, or its ``country.toml`` is broken.
    """
    name = here() if given is None else str(given)
    if name in _opened:
        return _opened[name]
    known = shipped_countries()
    if name in known:
        _opened[name] = _open(Path(str(package("trucesim"))) / "data" / name)
        return _opened[name]
    path = Path(name).expanduser()
    if not (path / PLAN).is_file():
        if path.is_dir():
            check_plan(path)
        raise InputError(
            "no country {name!r}{hint}; there are {allowed}, or give a folder with a {plan}",
            name=name, hint=nearest(name, known), allowed=", ".join(known), plan=PLAN,
        )  # fmt: skip
    path = path.resolve()
    check_name(path)
    stamp = max(each.stat().st_mtime_ns for each in path.rglob("*") if each.suffix in ENDINGS)
    _opened[path.name] = _open(path, stamp)
    return _opened[path.name]


def check_plan(root: Path) -> None:
    """Refuse a folder without a ``country.toml``."""
    if not (root / PLAN).is_file():
        raise InputError(
            "{path}: no {plan} in this folder; 'trucesim country new' writes one", path=root,
            plan=PLAN,
        )  # fmt: skip


def check_name(root: Path) -> None:
    """Refuse a folder that is called as a country that comes with the package."""
    if (name := root.resolve().name) in shipped_countries():
        raise InputError(
            "{path}: {name} is the name of a country that comes with the package; call the folder "
            "otherwise", path=root, name=name,
        )  # fmt: skip


@cache
def _open(root: Path, stamp: int = 0) -> Folder:
    return read_folder(root, not stamp, stamp)


def read_folder(root: Path, shipped: bool = False, stamp: int = 0) -> Folder:
    """Read a folder's ``country.toml`` as it is now.

    Raises
    ------
    InputError
        It is broken, or names a file outside of the folder.
    """
    plan, text = parse(root / PLAN, CountryTable, Message("a country"))
    for name in _named(plan.tables):
        if Path(name).name != name:
            raise InputError(
                "{plan}{line}: {name!r} is no file of this folder", plan=PLAN,
                line=line_of(text, "tables"), name=name,
            )  # fmt: skip
    for what, taken in (("id", [each.id for each in plan.gang]),
                        ("as", [each.slot for each in plan.gang])):  # fmt: skip
        if len(set(taken)) < len(taken):
            raise InputError(
                "{plan}{line}: two gangs have the same {what}", plan=PLAN, what=what,
                line=line_of(text, "gang"),
            )  # fmt: skip
    return Folder(root.name, root, plan, text, shipped, stamp)


def _named(tables: Tables) -> list[str]:
    given = tables.model_dump().values()
    return [name for each in given for name in (each if isinstance(each, list) else [each]) if name]


def own_numbers(folder: Folder) -> tuple[dict[str, Own], dict[str, float]]:
    """Read what a country knows itself: parameters, and conditions on the first day.

    Raises
    ------
    InputError
        An unknown name, or a number that cannot be.
    """
    parameters = {
        name: _own(folder, name, each, _known(folder, name, PARAMETERS, "parameters"))
        for name, each in folder.plan.parameters.items()
    }
    start = {
        name: _known(folder, name, CONDITIONS, "start").read(
            each.value, f"{PLAN}{line_of(folder.text, 'start', name)}"
        )
        for name, each in folder.plan.start.items()
    }
    return parameters, start


def _known(folder: Folder, name: str, table: dict[str, Parameter], of: str) -> Parameter:
    if name not in table:
        raise InputError(
            "{plan}{line}: {of}: unknown {name!r}{hint}; see 'trucesim describe'", plan=PLAN,
            line=line_of(folder.text, of, name), of=of, name=name, hint=nearest(name, table),
        )  # fmt: skip
    return table[name]


def _own(folder: Folder, name: str, given: OwnTable, each: Parameter) -> Own:
    """Check one number; it may lie outside of El Salvador's bounds, but not where none can be."""
    where = f"{PLAN}{line_of(folder.text, 'parameters', name)}: {name}"
    bounds = (given.low, given.high)
    ways = (given.value is not None, given.times is not None, bounds != (None, None))
    if sum(ways) != 1 or (bounds.count(None) == 1):
        raise InputError(
            "{where}: give a value, or low and high, or times, and only one of these", where=where
        )
    if given.times is not None:
        return Own(times=given.times, source=given.source)
    if given.value is not None and each.choices:
        return Own(each.read(given.value, where), source=given.source)
    share = each.unit == "1" and 0.0 <= each.low and each.high <= 1.0
    low = -math.inf if each.low < 0.0 else 0.0
    high = 1.0 if share else BEYOND * max(abs(each.high), 1.0)
    for number in [number for number in (given.value, *bounds) if number is not None]:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise InputError("{where}: {value!r} is no number", where=where, value=number)
        if not low <= number <= high or (each.whole and number != round(number)):
            raise InputError(
                "{where}: {value:g}, but it must be {number} from {low:g} to {high:g}",
                where=where, value=number, low=low, high=high,
                number=Message("a whole number") if each.whole else Message("a number"),
            )  # fmt: skip
    if (
        given.low is not None
        and given.high is not None
        and (given.low > given.high or (given.prior == "log-uniform" and given.low <= 0))
    ):
        raise InputError("{where}: low must lie above 0 and below high", where=where)
    value = None if given.value is None else float(given.value)
    return Own(value, given.low, given.high, given.prior, source=given.source)
