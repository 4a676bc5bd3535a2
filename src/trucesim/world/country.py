"""A country: its places, who borders on whom, and what is known of where violence is.

A country is a folder of tables with a ``country.toml`` that names them; nothing here knows El
Salvador. A place is what the tables list: municipalities there, departments elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, reduce, wraps
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message, nearest
from trucesim.locale.catalogue import LANGUAGES, spoken, told
from trucesim.parameters import CONDITIONS, PARAMETERS, Parameter
from trucesim.world import calendar
from trucesim.world.folder import (
    HOME,
    MOST_PLACES,
    Folder,
    Gang,
    Own,
    being_in,
    here,
    open_folder,
    own_numbers,
)


@dataclass(frozen=True)
class Country:
    """Places as arrays, shape (place,) each, in the order of their codes.

    Attributes
    ----------
    name : str
        Folder of the tables.
    codes, names, departments : tuple of str
        Official code, name, and name of the department.
    population : array
        People.
    department : array of int
        Row of the department.
    department_rate : array
        Homicides of 2010 per 100,000 in the department.
    rate_low, rate_mode, rate_high : array
        What is known of a place's own rate, per 100,000; mode below 0 where only bounds are known.
    neighbour_start, neighbour : array of int
        Contiguity: place m's are ``neighbour[neighbour_start[m]:neighbour_start[m + 1]]``.
    share, place_share : float
        Part of the whole country's population and places: below 1 for :meth:`subset`.
    own : mapping of str to Own
        Parameters that it knows itself; all others are El Salvador's.
    start : mapping of str to float
        Conditions on the first day that are its own.
    first_year : int
        Runs take eight years from its first day on.
    gangs : tuple of Gang
        Its gangs, in the places of the model's four; empty for those of El Salvador.
    title : mapping of str to str
        What it is called, by language.
    nouns : mapping of str to list of str
        What a place is called, one and many, by language.
    """

    name: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    departments: tuple[str, ...]
    population: NDArray[np.float64]
    department: NDArray[np.int64]
    department_rate: NDArray[np.float64]
    rate_low: NDArray[np.float64]
    rate_mode: NDArray[np.float64]
    rate_high: NDArray[np.float64]
    neighbour_start: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    share: float = 1.0
    place_share: float = 1.0
    own: Mapping[str, Own] = field(default_factory=dict)
    start: Mapping[str, float] = field(default_factory=dict)
    first_year: int = calendar.FIRST_YEAR
    gangs: tuple[Gang, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)
    nouns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the places."""
        return len(self.codes)

    @cached_property
    def digest(self) -> str:
        """Digest of all that runs read of it."""
        digest = hashlib.sha256()
        for name in _READ_BY_RUNS:
            value = getattr(self, name)
            told = value.tolist() if isinstance(value, np.ndarray) else value
            digest.update(json.dumps([name, told]).encode())
        if self.first_year != calendar.FIRST_YEAR:
            digest.update(str(self.first_year).encode())
        if self.own or self.start:
            numbers = [(name, repr(replace(each, source=""))) for name, each in self.own.items()]
            digest.update(json.dumps([sorted(numbers), sorted(self.start.items())]).encode())
        return digest.hexdigest()

    def caution(self) -> str | None:
        """Say what is to be borne in mind of its runs; nothing of El Salvador's."""
        if self.name == HOME:
            return None
        given = open_folder(self.name).plan.caution
        if given is not None:
            return str(_spoken(given.model_dump()))
        fitted = [name for name, each in self.own.items() if each.source != SCALED]
        return told(Message(
            "{country}: {n} numbers are its own; all else is El Salvador's, scaled by people and "
            "transferred, not fitted there.", country=self.titled(), n=len(fitted),
        ))  # fmt: skip

    def label(self) -> str | None:
        """Say the same in a few words, for figures; nothing of El Salvador."""
        if self.name == HOME:
            return None
        given = open_folder(self.name).plan.label
        usual = Message("transferred from El Salvador, not fitted there")
        label = usual if given is None else _spoken(given.model_dump())
        return told(Message("{country}: {label}", country=self.titled(), label=label))

    def titled(self) -> str:
        """Give its name."""
        return _spoken(self.title)

    def place_word(self, count: int = 1) -> str:
        """Give what so many of its places are called."""
        return _spoken(self.nouns)[count != 1]

    @cached_property
    def department_of(self) -> dict[str, str]:
        """The department of each code."""
        return dict(zip(self.codes, self.departments, strict=True))

    def neighbours(self, row: int) -> NDArray[np.int64]:
        """Give the rows of a place's neighbours."""
        return self.neighbour[self.neighbour_start[row] : self.neighbour_start[row + 1]]

    def beside(self, there: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which places border on one that is marked and are not marked themselves.

        Parameters
        ----------
        there : array of bool, shape (..., place)
        """
        return (there.astype(np.float32) @ self._borders > 0) & ~there

    @cached_property
    def _borders(self) -> NDArray[np.float32]:
        """1 where two places border on each other, shape (place, place)."""
        borders = np.zeros((len(self), len(self)), np.float32)
        counts = np.diff(self.neighbour_start)
        borders[self.neighbour, np.repeat(np.arange(len(self)), counts)] = 1.0
        return borders

    def find(self, given: str, where: str) -> int:
        """Find a place by code, by name, or by "name, department" where departments share a name.

        Raises
        ------
        InputError
            Unknown, or shared by two departments.
        """
        if given in self.codes:
            return self.codes.index(given)
        name, _, department = (part.strip() for part in given.partition(","))
        rows = [row for row, each in enumerate(self.names) if each.casefold() == name.casefold()]
        if department:
            rows = [r for r in rows if self.departments[r].casefold() == department.casefold()]
        if len(rows) == 1:
            return rows[0]
        if rows:
            options = reduce(
                lambda one, other: Message("{one} or {other}", one=one, other=other),
                [f"{f'{self.names[r]}, {self.departments[r]}'!r} ({self.codes[r]})" for r in rows],
            )
            raise InputError(
                "{where}: {given!r} is the name of several places; write {allowed}", where=where,
                given=given, allowed=options,
            )  # fmt: skip
        spellings = {*self.names} | {
            f"{n}, {d}" for n, d in zip(self.names, self.departments, strict=True)
        }
        raise InputError(
            "{where}: no place is called {given!r}{hint}; allowed are the {count} names or codes "
            "({first} to {last})", where=where, given=given, hint=nearest(given, spellings),
            count=len(self), first=self.codes[0], last=self.codes[-1],
        )  # fmt: skip

    def subset(self, departments: Sequence[str]) -> Country:
        """Give the part of the country that some departments make up: for small trials and tests.

        Counts of the whole country (cliques, members, homicides a day) are scaled with population.
        """
        unknown = set(departments) - set(self.departments)
        if unknown:
            name = sorted(unknown)[0]
            raise InputError(
                "no department is called {name!r}{hint}", name=name,
                hint=nearest(name, self.departments),
            )  # fmt: skip
        keep = np.flatnonzero([each in set(departments) for each in self.departments])
        new_row = {int(old): new for new, old in enumerate(keep)}
        pairs = [
            (new_row[int(a)], new_row[int(b)])
            for a in keep
            for b in self.neighbours(int(a))
            if int(b) in new_row
        ]
        start, neighbour = _contiguity(pairs, len(keep))
        return replace(
            self,
            codes=tuple(self.codes[row] for row in keep),
            names=tuple(self.names[row] for row in keep),
            departments=tuple(self.departments[row] for row in keep),
            population=self.population[keep],
            department=self.department[keep],
            department_rate=self.department_rate[keep],
            rate_low=self.rate_low[keep],
            rate_mode=self.rate_mode[keep],
            rate_high=self.rate_high[keep],
            neighbour_start=start,
            neighbour=neighbour,
            share=self.share * float(self.population[keep].sum() / self.population.sum()),
            place_share=self.place_share * len(keep) / len(self),
        )

    def by_departments(self) -> Country:
        """Give the same country with its departments as places: to see what hangs on the grain.

        Departments border on each other where two of their places do.
        """
        names = list(dict.fromkeys(self.departments))
        row_of = [names.index(each) for each in self.departments]
        pairs = [
            (row_of[place], row_of[int(near)])
            for place in range(len(self))
            for near in self.neighbours(place)
            if row_of[place] != row_of[int(near)]
        ]
        start, neighbour = _contiguity(pairs, len(names))
        first = [row_of.index(row) for row in range(len(names))]
        rate = self.department_rate[first]
        return replace(
            self,
            codes=tuple(self.codes[row][:2] for row in first),
            names=tuple(names),
            departments=tuple(names),
            population=np.bincount(row_of, self.population),
            department=np.arange(len(names)),
            department_rate=rate,
            rate_low=rate.copy(),
            rate_mode=rate.copy(),
            rate_high=rate.copy(),
            neighbour_start=start,
            neighbour=neighbour,
        )

    def opening(self, name: str) -> float:
        """Give a condition on the first day where no scenario says otherwise."""
        return self.start.get(name, CONDITIONS[name].default)

    def scale(self, name: str, number: float) -> float:
        """Scale a whole country's count to this part of it; other quantities stay."""
        each = PARAMETERS.get(name) or CONDITIONS[name]
        if not each.scales:
            return number
        scaled = number * (self.share if each.scales == "people" else self.place_share)
        return max(1.0, round(scaled)) if each.indivisible else scaled


def allowed_there(name: str) -> Parameter:
    """Give a parameter as cases may set it in the country that is spoken of."""
    own = None if here() == HOME else load_country().own.get(name)
    return PARAMETERS[name] if own is None else own.allowed(PARAMETERS[name])


SCALED = "scaled from El Salvador"

_READ_BY_RUNS = (
    "name", "codes", "names", "departments", "population", "department", "department_rate",
    "rate_low", "rate_mode", "rate_high", "neighbour_start", "neighbour", "share", "place_share",
)  # fmt: skip


def _spoken[T](by_language: Mapping[str, T]) -> T:
    """Give what there is in the language that is spoken; a language that it lacks gets English."""
    return by_language.get(spoken(), by_language[LANGUAGES[0]])


def _contiguity(
    pairs: Sequence[tuple[int, int]], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Turn directed pairs of rows into start and neighbour arrays."""
    ordered = sorted(set(pairs))
    start = np.zeros(count + 1, np.int64)
    for a, _ in ordered:
        start[a + 1] += 1
    return np.cumsum(start), np.array([b for _, b in ordered], np.int64)


def in_its_country[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Speak of the country that a function is given, so that its years and scenarios hold."""

    @wraps(function)
    def inside(*args: P.args, **given: P.kwargs) -> R:
        country = next(
            (each for each in (*args, *given.values()) if isinstance(each, Country)), None
        )
        if country is None or country.name == here():
            return function(*args, **given)
        with being_in(country.name):
            return function(*args, **given)

    return inside


def read_table(country: str, name: str) -> pd.DataFrame:
    """Read one of a country's tables; codes stay strings."""
    return open_folder(country).table(name)


ANY_RATE = 20.0
"""Homicides per 100,000 of all departments where nothing is known: only their ratios count."""


def load_country(given: str | Path | None = None) -> Country:
    """Read a country.

    Parameters
    ----------
    given : str or Path, optional
        The name of one that comes with the package, or a folder; by default the country that is
        spoken of (:func:`trucesim.world.folder.here`), which is El Salvador but for ``--country``.

    Raises
    ------
    InputError
        No such country, or its folder is broken.
    """
    return _load(open_folder(given))


@cache
def _load(folder: Folder) -> Country:
    plan, tables, columns = folder.plan, folder.plan.tables, folder.plan.columns
    places = folder.columns(tables.places, "code", "name", columns.population)
    places = places.sort_values("code", ignore_index=True)
    _check_places(tables.places, places, columns.population)
    # Departments as places lie in themselves.
    own_department = places["department"] if "department" in places else places["name"]
    rates = _department_rates(folder, places, own_department)
    row_of = {each: row for row, each in enumerate(rates.index)}
    for name in own_department[~own_department.isin(rates.index)]:
        raise InputError(
            "{table}: no department {name!r}{hint}, which {places} names", table=tables.departments,
            name=name, hint=nearest(name, list(rates.index)), places=tables.places,
        )  # fmt: skip
    # A copy: pandas gives it read-only, for which compiled code would be compiled once more.
    department = own_department.map(row_of).to_numpy(np.int64, copy=True)
    code_row = {code: row for row, code in enumerate(places["code"])}
    start, neighbour = _contiguity(_links(folder, code_row), len(places))
    population = places[columns.population].to_numpy(np.float64, copy=True)
    department_rate = rates.to_numpy(np.float64)[department]
    low, mode, high = _proxy(folder, code_row, population, start, neighbour, department_rate)
    own, conditions = own_numbers(folder)
    if folder.name != HOME:
        own, conditions = _scaled(folder, population, own, conditions)
    return Country(
        name=folder.name,
        codes=tuple(places["code"]),
        names=tuple(places["name"]),
        departments=tuple(own_department),
        population=population,
        department=department,
        department_rate=department_rate,
        rate_low=low,
        rate_mode=mode,
        rate_high=high,
        neighbour_start=start,
        neighbour=neighbour,
        own=own,
        start=conditions,
        first_year=plan.first_year,
        gangs=tuple(plan.gang),
        title=plan.name.model_dump(),
        nouns=plan.place.model_dump(),
    )


def _check_places(table: str, places: pd.DataFrame, population: str) -> None:
    """Refuse places that no run could take."""
    if not 2 <= len(places) <= MOST_PLACES:
        raise InputError(
            "{table}: {count} places, but there must be 2 to {most}", table=table,
            count=len(places), most=MOST_PLACES,
        )  # fmt: skip
    for code in places["code"][places["code"].duplicated()]:
        raise InputError("{table}: two places have the code {code}", table=table, code=code)
    people = pd.to_numeric(places[population], errors="coerce")
    for row in np.flatnonzero(~(people > 0)):
        raise InputError(
            "{table}: {name} ({code}) has {value!r} people, but it must be a number above 0",
            table=table, name=places["name"][row], code=places["code"][row],
            value=str(places[population][row]),
        )  # fmt: skip


def _department_rates(
    folder: Folder, places: pd.DataFrame, own_department: pd.Series[str]
) -> pd.Series[float]:
    """Give homicides a year per 100,000 by department, in the order of their table."""
    tables, columns = folder.plan.tables, folder.plan.columns
    if tables.departments is None:
        table = places.assign(name=own_department)
        people = columns.population
    else:
        people = columns.department_population or columns.population
        table = folder.columns(tables.departments, "name", people)
    by_name = table.groupby("name", sort=False)
    counted = columns.homicides in table
    for column in (people, columns.homicides) if counted else (people,):
        _check_counts(tables.departments or tables.places, table, column)
    if not counted:
        return by_name[people].sum() * 0.0 + ANY_RATE
    return 1e5 * by_name[columns.homicides].sum() / by_name[people].sum()


def _check_counts(name: str, table: pd.DataFrame, column: str) -> None:
    """Refuse what is no count; an unknown one is not none."""
    for row in np.flatnonzero(~(pd.to_numeric(table[column], errors="coerce") >= 0)):
        raise InputError(
            "{table}: {name}: {column} is {value}, but it must be a number, 0 or more", table=name,
            name=table["name"].iloc[row], column=column, value=str(table[column].iloc[row])[:20],
        )  # fmt: skip


def _links(folder: Folder, code_row: Mapping[str, int]) -> list[tuple[int, int]]:
    """Give pairs of rows that border on each other, both ways."""
    pairs = []
    for name in folder.plan.tables.contiguity:
        links = folder.columns(name, "code_a", "code_b")
        for line, (a, b) in enumerate(zip(links["code_a"], links["code_b"], strict=True), 2):
            for code in (a, b):
                if code not in code_row:
                    raise InputError(
                        "{name}: line {line}: no place has the code {code}{hint}", name=name,
                        line=line, code=code, hint=nearest(code, code_row),
                    )  # fmt: skip
            pairs += [(code_row[a], code_row[b]), (code_row[b], code_row[a])]
    return pairs


def _scaled(
    folder: Folder,
    population: NDArray[np.float64],
    own: Mapping[str, Own],
    conditions: Mapping[str, float],
) -> tuple[dict[str, Own], dict[str, float]]:
    """Scale El Salvador's counts to a country by its people and places, where it has none itself.

    Homicides go by its own count of a year, where it has one.
    """
    home = load_country(HOME)
    people = float(population.sum() / home.population.sum())
    times = {"people": people, "places": len(population) / len(home)}
    scaled = {
        name: Own(times=times[each.scales], source=SCALED)
        for name, each in PARAMETERS.items()
        if each.scales
    }
    there = folder.columns(folder.plan.tables.places, "code")
    counted = folder.plan.columns.homicides
    if counted in there:
        at_home = open_folder(HOME)
        year = at_home.columns(at_home.plan.tables.departments or "", "name")
        scaled["homicide_level"] = Own(
            times=float(there[counted].sum() / year[at_home.plan.columns.homicides].sum()),
            source="El Salvador's, by homicides of a year",
        )
    opening = {
        name: max(1.0, round(each.default * people)) if each.whole else each.default * people
        for name, each in CONDITIONS.items()
        if each.scales and each.default > 0.0
    }
    return scaled | dict(own), opening | dict(conditions)


def _proxy(
    folder: Folder,
    code_row: Mapping[str, int],
    population: NDArray[np.float64],
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    department_rate: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give bounds and mode of each place's own rate.

    A place missing from the table takes its neighbours' population-weighted mean as mode and the
    whole range as bounds (in El Salvador Santa Tecla; data/README). Without a table every place
    takes its department's rate.
    """
    if folder.plan.tables.rate_class is None:
        return department_rate.copy(), department_rate.copy(), department_rate.copy()
    table = folder.columns(
        folder.plan.tables.rate_class, "code", "rate_per_100k_low", "rate_per_100k_high"
    )
    low = np.full(len(population), np.nan)
    high = np.full(len(population), np.nan)
    mode = np.full(len(population), -1.0)
    rows = table["code"].map(code_row).to_numpy(np.int64)
    low[rows] = table["rate_per_100k_low"]
    high[rows] = table["rate_per_100k_high"]
    middle = (low + high) / 2.0
    for row in np.flatnonzero(np.isnan(low)):
        near = neighbour[start[row] : start[row + 1]]
        near = near[~np.isnan(middle[near])]
        mode[row] = np.average(middle[near], weights=population[near])
    missing = np.isnan(low)
    low[missing], high[missing] = np.nanmin(low), np.nanmax(high)
    return low, mode, high
