"""What is wrong with a country's folder, and what it lacks: each with a way to mend it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from trucesim.files.errors import InputError, Message, nearest, some
from trucesim.files.reading import line_of, problems
from trucesim.files.table import MAX_ROWS
from trucesim.parameters import PARAMETERS
from trucesim.world import calendar
from trucesim.world.folder import MOST_PLACES, PLAN, CountryTable, Folder, own_numbers, read_folder
from trucesim.world.observed import PATTERNS
from trucesim.world.periods import parse

BUILD = Message("'trucesim country build' writes it")


class Finding(NamedTuple):
    """Something in a folder that is not as it should be.

    Attributes
    ----------
    kind : {'wrong', 'lacking', 'unused'}
        Only what is wrong keeps runs from being made.
    what : Message
    mend : Message
        What to do, or what goes without it; empty where ``what`` says it.
    """

    kind: Literal["wrong", "lacking", "unused"]
    what: Message
    mend: Message = Message("")


def findings(root: Path) -> list[Finding]:
    """Look through a folder as its files are now.

    Parameters
    ----------
    root : Path

    Returns
    -------
    list of Finding
        What is wrong first. Where ``country.toml`` is, tables are not looked at.

    Raises
    ------
    InputError
        There is no such folder.
    """
    if not root.is_dir():
        beside = [each.name for each in root.parent.glob("*/")] if root.parent.is_dir() else []
        raise InputError("no folder {path}{hint}", path=root, hint=nearest(root.name, beside))
    if not (root / PLAN).is_file():
        mend = Message("'trucesim country new' writes one into an empty folder")
        return [Finding("wrong", Message("{file}: there is none", file=PLAN), mend)]
    if told := problems(root / PLAN, CountryTable, Message("a country")):
        return [Finding("wrong", each) for each in told]
    try:
        folder = read_folder(root)
    except InputError as error:
        return [Finding("wrong", error.message)]
    with calendar.starting_in(folder.plan.first_year):
        looks = (_numbers, _truce, _named, _of_tables, _unused, _lacking)
        found = [each for look in looks for each in look(folder)]
    return sorted(found, key=lambda each: ("wrong", "lacking", "unused").index(each.kind))


def _numbers(folder: Folder) -> Iterator[Finding]:
    """Check parameters and conditions, one by one."""
    for part in ("parameters", "start"):
        for name, given in getattr(folder.plan, part).items():
            only = {"parameters": {}, "start": {}, part: {name: given}}
            try:
                own_numbers(replace(folder, plan=folder.plan.model_copy(update=only)))
            except InputError as error:
                yield Finding("wrong", error.message)


def _truce(folder: Folder) -> Iterator[Finding]:
    """Check the spans of [truce]; its window has a year before it."""
    truce = folder.plan.truce
    spans = {} if truce is None else {"window": truce.window, **truce.baselines}
    for name, given in spans.items():
        where = f"{PLAN}{line_of(folder.text, 'truce', name)}: {name}"
        try:
            span = parse(given)
        except InputError as error:
            yield Finding("wrong", Message("{where}: {error}", where=where, error=error))
            continue
        first = calendar.START.replace(year=calendar.START.year + (name == "window"))
        if span.start < first or span.stop > calendar.END + dt.timedelta(days=1):
            what = Message("{where}: {given}, but it must lie between {first} and {last}",
                           where=where, given=given, first=first, last=calendar.END)  # fmt: skip
            yield Finding("wrong", what)


def _named(folder: Folder) -> Iterator[Finding]:
    """Check that the scenarios, patterns and parameters that are named are there."""
    control, rows = folder.plan.control, _rows_of(folder, folder.plan.tables.patterns)
    patterns = [] if rows is None or "id" not in rows else rows["id"].dropna().map(str).tolist()
    scenarios = sorted(path.stem for path in (folder.root / "scenarios").glob("*.toml"))
    named = [("recorded", name, scenarios) for name in folder.plan.recorded]
    if control is not None:
        named += [
            ("pattern", control.pattern, patterns),
            ("scenario", control.scenario, scenarios),
            ("must_fail", control.must_fail, scenarios),
            *(("transferred", name, list(PARAMETERS)) for name in control.transferred),
        ]
    for key, name, there in named:
        if name not in there:
            steps = (key,) if key == "recorded" else ("control", key)
            where = f"{PLAN}{line_of(folder.text, *steps)}: {key}"
            what = Message("{where}: nothing is called {name!r}{hint}", where=where, name=name,
                           hint=nearest(name, there))  # fmt: skip
            yield Finding("wrong", what)


# --- Tables -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Read:
    """A table that was read, and whose columns are there."""

    name: str
    rows: pd.DataFrame

    def line(self, row: int) -> int:
        """Give the line of a row, counted from 0, if no cell is longer than one."""
        return row + 2

    def wrong(self, bad: Iterable[object], what: Message, mend: Message) -> Iterator[Finding]:
        """Say of some rows, codes or names what is wrong with them; nothing if there are none."""
        named = [str(each) for each in bad]
        if named:
            told = Message("{file}: {what}: {which}", file=self.name, what=what, which=some(named))
            yield Finding("wrong", told, mend)

    def numbers(
        self, column: str, low: float, allowed: Message, named: str, *, whole: bool = False
    ) -> Iterator[Finding]:
        """Check a column of numbers."""
        value = pd.to_numeric(self.rows[column], errors="coerce").to_numpy(np.float64)
        bad = ~(np.isfinite(value) & (value >= low)) | (whole & (value != np.round(value)))
        rows = np.flatnonzero(bad)
        shown = [f"{self.rows[named].iloc[row]} ({_seen(self.rows[column].iloc[row])}, "
                 f"{self.line(int(row))})" for row in rows]  # fmt: skip
        what = Message("{column} is missing or no number that can be (value, line)", column=column)
        yield from self.wrong(shown, what, allowed)


def _seen(value: object) -> str:
    if isinstance(value, float):
        return "–" if np.isnan(value) else f"{value:.15g}"
    return str(value)[:20]


def _of_tables(folder: Folder) -> Iterator[Finding]:
    """Check the tables that the folder names."""
    tables, columns = folder.plan.tables, folder.plan.columns
    places = yield from _opened(folder, tables.places, ["code", "name", columns.population])
    codes: Collection[str] = ()
    if places is not None:
        yield from _places(places, columns.population, columns.homicides)
        codes = places.rows["code"].dropna().tolist()
    if tables.departments is not None:
        people = columns.department_population or columns.population
        departments = yield from _opened(folder, tables.departments, ["name", people])
        if departments is not None and places is not None:
            yield from _departments(departments, places)
    for name in tables.contiguity:
        links = yield from _opened(folder, name, ["code_a", "code_b"], may_be_empty=True)
        if links is not None and codes:
            yield from _links(links, codes)
    checks: tuple[tuple[str | None, list[str], Callable[..., Iterator[Finding]]], ...] = (
        (tables.tiles, ["row", "col", "code"], _tiles),
        (tables.rate_class, ["code", "rate_per_100k_low", "rate_per_100k_high"], _rates),
        (tables.months, ["year", "month", "homicides"], _months),
        (tables.patterns, list(PATTERNS), _nothing),
        (tables.timeline, ["date", "precision", "event", "source"], _nothing),
    )
    for table, wanted, check in checks:
        if table is not None:
            read = yield from _opened(folder, table, wanted, may_be_empty=check is not _tiles)
            if read is not None and (codes or check is _months):
                yield from check(read, codes)
    if tables.posterior is not None and not (folder.root / tables.posterior).is_file():
        yield _no_file(folder, tables.posterior)
    if tables.tiles is not None and folder.plan.map is None:
        what = Message("{file}: tiles without a table [map]", file=PLAN)
        yield Finding("wrong", what, BUILD)


def _opened(
    folder: Folder, name: str, wanted: Collection[str], *, may_be_empty: bool = False
) -> Generator[Finding, None, _Read | None]:
    """Read a table; what is returned is None if it cannot be checked further."""
    if not (folder.root / name).is_file():
        yield _no_file(folder, name)
        return None
    try:
        rows = folder.table(name)
    except InputError as error:
        yield Finding("wrong", error.message)
        return None
    read = _Read(name, rows)
    if len(rows) > MAX_ROWS:
        what = Message("{file}: {count:,} rows", file=name, count=len(rows))
        yield Finding("wrong", what, Message("{most:,} at most", most=MAX_ROWS))
        return None
    missing = yield from _columns(read, wanted)
    if not missing and not may_be_empty and rows.empty:
        what = Message("{file}: there is no row below the heads of its columns", file=name)
        yield Finding("wrong", what, Message(
            "fill it in; tiles and neighbours are written by 'trucesim country build'"
        ))  # fmt: skip
        return None
    return None if missing else read


def _no_file(folder: Folder, name: str) -> Finding:
    there = [each.name for each in folder.root.glob("*.csv")]
    what = Message("{file}: there is no such file in the folder{hint}", file=name,
                   hint=nearest(name, there))  # fmt: skip
    mend = Message("put it there, or mend its name under [tables] in {plan}", plan=PLAN)
    return Finding("wrong", what, mend)


def _columns(read: _Read, wanted: Collection[str]) -> Generator[Finding, None, bool]:
    """Say which columns are not there; what is returned is whether any is."""
    there = [str(each) for each in read.rows]
    missing = [each for each in wanted if each not in there]
    if missing and len(there) == 1 and any(mark in there[0] for mark in ";\t|"):
        what = Message("{file}: columns are not separated by commas", file=read.name)
        yield Finding("wrong", what, Message("save it as CSV with commas, in UTF-8"))
        return True
    for column in missing:
        what = Message("{file}: no column {column!r}{hint}", file=read.name, column=column,
                       hint=nearest(column, there))  # fmt: skip
        mend = Message("there are {there}; [columns] in {plan} says what population and homicides "
                       "are called", there=", ".join(there[:12]), plan=PLAN)  # fmt: skip
        yield Finding("wrong", what, mend)
    return bool(missing)


def _nothing(read: _Read, codes: Collection[str]) -> Iterator[Finding]:
    yield from ()


def _places(read: _Read, population: str, homicides: str) -> Iterator[Finding]:
    rows = read.rows
    if not 2 <= len(rows) <= MOST_PLACES:
        what = Message("{file}: {count} places", file=read.name, count=len(rows))
        yield Finding("wrong", what, Message("there must be 2 to {most}", most=MOST_PLACES))
    for column in ("code", "name"):
        lines = (read.line(int(row)) for row in np.flatnonzero(rows[column].isna()))
        yield from read.wrong(
            lines, Message("no {column} in lines", column=column), Message("fill it in")
        )
    twice = rows["code"][rows["code"].duplicated()].dropna().unique()
    yield from read.wrong(twice, Message("codes of several places"), Message("each needs its own"))
    people = Message("give every place a number of people above 0, without marks of thousands")
    yield from read.numbers(population, 1e-9, people, "name")
    if homicides in rows:
        counts = Message("give every place its homicides of one year, 0 or more, or take the "
                         "column out")  # fmt: skip
        yield from read.numbers(homicides, 0.0, counts, "name")
        if not pd.to_numeric(rows[homicides], errors="coerce").ne(0).any():
            what = Message("{file}: no homicides in any place", file=read.name)
            yield Finding("wrong", what, counts)


def _departments(read: _Read, places: _Read) -> Iterator[Finding]:
    within = "department" if "department" in places.rows else "name"
    unknown = sorted(set(places.rows[within].dropna().map(str)) - set(read.rows["name"].map(str)))
    yield from read.wrong(
        unknown, Message("departments of {file} that are not there", file=places.name),
        Message("add them, or spell them alike"),
    )  # fmt: skip


def _strangers(read: _Read, column: str, codes: Collection[str]) -> Iterator[Finding]:
    """Say which codes no place has."""
    given = read.rows[column]
    yield from read.wrong(
        (read.line(int(row)) for row in np.flatnonzero(given.isna())),
        Message("no {column} in lines", column=column), Message("fill it in"),
    )  # fmt: skip
    unknown = [str(each) for each in given.dropna().unique() if each not in codes]
    hint = nearest(unknown[0], codes) if unknown else Message("")
    what = Message("{column} that no place has{hint}", column=column, hint=hint)
    mend = Message("codes are texts: 01 is not 1; or run 'trucesim country build' again")
    yield from read.wrong(unknown, what, mend)


def _links(read: _Read, codes: Collection[str]) -> Iterator[Finding]:
    for column in ("code_a", "code_b"):
        yield from _strangers(read, column, codes)
    pairs = {
        (str(a), str(b)) for a, b in zip(read.rows["code_a"], read.rows["code_b"], strict=True)
    }
    yield from read.wrong(
        (a for a, b in sorted(pairs) if a == b), Message("places beside themselves"),
        Message("take these rows out"),
    )  # fmt: skip
    both_ways = any(a != b and (b, a) in pairs for a, b in pairs)
    one_sided = [f"{a}-{b}" for a, b in sorted(pairs) if (b, a) not in pairs] if both_ways else []
    yield from read.wrong(
        one_sided, Message("some neighbours are listed both ways, these only one way"),
        Message("list every pair once, or every pair both ways"),
    )  # fmt: skip


def _tiles(read: _Read, codes: Collection[str]) -> Iterator[Finding]:
    yield from _strangers(read, "code", codes)
    whole = Message("rows and columns are whole numbers from 0 on")
    for column in ("row", "col"):
        yield from read.numbers(column, 0.0, whole, "code", whole=True)
    twice = read.rows[read.rows.duplicated(["row", "col"])]
    yield from read.wrong(
        (f"{row}, {col}" for row, col in zip(twice["row"], twice["col"], strict=True)),
        Message("tiles that are listed twice"), Message("run 'trucesim country build' again"),
    )  # fmt: skip
    without = sorted(set(codes) - set(read.rows["code"].dropna()))
    yield from read.wrong(
        without, Message("places without a tile"), Message("run 'trucesim country build' again")
    )


def _rates(read: _Read, codes: Collection[str]) -> Iterator[Finding]:
    yield from _strangers(read, "code", codes)
    allowed = Message("give each place bounds of its rate, 0 or more, or leave the place out")
    for column in ("rate_per_100k_low", "rate_per_100k_high"):
        yield from read.numbers(column, 0.0, allowed, "code")
    low, high = (pd.to_numeric(read.rows[f"rate_per_100k_{end}"], errors="coerce")
                 for end in ("low", "high"))  # fmt: skip
    yield from read.wrong(
        read.rows["code"][low > high], Message("low bounds above high ones"), Message("swap them")
    )


def _months(read: _Read, codes: Collection[str]) -> Iterator[Finding]:
    allowed = Message("a row is a year, a month from 1 to 12 and its homicides, all whole numbers")
    for column, least in (("year", 1900), ("month", 1), ("homicides", 0)):
        yield from read.numbers(column, least, allowed, "year", whole=True)
    month = pd.to_numeric(read.rows["month"], errors="coerce")
    yield from read.wrong(
        (read.line(int(row)) for row in np.flatnonzero(month > 12)),
        Message("months above 12 in lines"), allowed,
    )  # fmt: skip
    twice = read.rows[read.rows.duplicated(["year", "month"])]
    yield from read.wrong(
        (f"{year}-{month}" for year, month in zip(twice["year"], twice["month"], strict=True)),
        Message("months that are listed twice"), Message("each month has one row"),
    )  # fmt: skip


# --- What is not there --------------------------------------------------------------------------


def _unused(folder: Folder) -> Iterator[Finding]:
    """Name tables in the folder that nothing reads."""
    given = folder.plan.tables.model_dump().values()
    named = {name for each in given for name in (each if isinstance(each, list) else [each])}
    for path in sorted(folder.root.glob("*.csv")):
        if path.name not in named:
            what = Message("{file}: named by no key of [tables] in {plan}", file=path.name,
                           plan=PLAN)  # fmt: skip
            mend = Message("nothing reads it; name it there, or leave it as a note")
            yield Finding("unused", what, mend)


def _lacking(folder: Folder) -> Iterator[Finding]:
    """Say what the folder does not hold, and what goes without it."""
    tables, plan = folder.plan.tables, folder.plan
    months = _rows_of(folder, tables.months)
    known = {12 * (year - calendar.START.year) + month - 1 for year, month in _dates(months)}
    missing = calendar.MONTHS - len(known & set(range(calendar.MONTHS)))
    people = _rows_of(folder, tables.places)
    links = [_rows_of(folder, name) for name in tables.contiguity]
    lacks: Mapping[str, bool] = {
        "map": tables.tiles is None,
        "neighbours": all(each is None or each.empty for each in links),
        "homicides": people is not None and plan.columns.homicides not in people
        and (tables.departments is None or plan.columns.homicides not in _heads(folder)),
        "months": missing == calendar.MONTHS,
        "some_months": 0 < missing < calendar.MONTHS,
        "patterns": tables.patterns is None,
        "timeline": tables.timeline is None,
        "control": plan.control is None,
        "truce": plan.truce is None,
        "gangs": not plan.gang,
        "numbers": not plan.parameters,
        "posterior": tables.posterior is None,
        "record": True,
        "scenarios": not any((folder.root / "scenarios").glob("*.toml")),
    }  # fmt: skip
    for name, is_so in lacks.items():
        if is_so:
            yield Finding("lacking", LACKS[name][0], LACKS[name][1])


LACKS = {
    "map": (
        Message("no map"),
        Message("'report' and 'workshop' refuse, and 'run' draws none; 'trucesim country build' "
                "makes one"),
    ),
    "neighbours": (
        Message("no neighbours"),
        Message("nothing spreads from place to place; 'trucesim country build' finds them"),
    ),
    "homicides": (
        Message("no homicides by place or department"),
        Message("all places have the same rate, and the level goes by people"),
    ),
    "months": (
        Message("no homicides by month"),
        Message("nothing that was observed is drawn beside the runs"),
    ),
    "some_months": (
        Message("homicides of some months of the eight years only"),
        Message("the others are not drawn beside the runs"),
    ),
    "patterns": (Message("no table of patterns"), Message("'run' compares with nothing")),
    "control": (
        Message("no table [control]"),
        Message("'validate' refuses: there is no case that must pass, and none that must fail"),
    ),
    "timeline": (Message("no timeline"), Message("no dated events are listed")),
    "truce": (
        Message("no table [truce]"),
        Message("reductions are told over all years, and against runs without a truce only"),
    ),
    "gangs": (Message("no [[gang]]"), Message("gangs are called as in El Salvador")),
    "numbers": (
        Message("no number of its own in [parameters]"),
        Message("all are El Salvador's, scaled by people and places"),
    ),
    "posterior": (
        Message("no calibration of its own"),
        Message("parameters are El Salvador's: what runs say is transferred, not fitted here"),
    ),
    "record": (
        Message("no record by day, order and place as El Salvador has"),
        Message("'calibrate' and '--history record' refuse; commands without --country are about "
                "El Salvador only"),
    ),
    "scenarios": (
        Message("no scenario in the folder scenarios"),
        Message("'run' needs one: see 'trucesim schema'"),
    ),
}  # fmt: skip
"""What a folder may lack, and what goes without it."""


def _rows_of(folder: Folder, name: str | None) -> pd.DataFrame | None:
    """Read a table that may not be there."""
    with suppress(InputError):
        return None if name is None else folder.table(name)
    return None


def _heads(folder: Folder) -> list[str]:
    rows = _rows_of(folder, folder.plan.tables.departments)
    return [] if rows is None else list(map(str, rows))


def _dates(months: pd.DataFrame | None) -> list[tuple[int, int]]:
    """Give year and month of each row that has both."""
    if months is None or not {"year", "month"} <= set(months):
        return []
    pairs = months[["year", "month"]].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    return [(int(year), int(month)) for year, month in pairs[np.isfinite(pairs).all(1)]]
