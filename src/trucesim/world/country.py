"""A country: its places, who borders on whom, and what is known of where violence is.

A country is a folder of tables with a ``country.toml`` that names them; nothing here knows El
Salvador. A place is what the tables list: municipalities there, departments elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property, reduce
from importlib.resources import files as package
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message, nearest
from trucesim.parameters import CONDITIONS, PARAMETERS


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
    share : float
        Part of the whole country's population: below 1 for :meth:`subset`.
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

    def __len__(self) -> int:
        """Count the places."""
        return len(self.codes)

    @cached_property
    def digest(self) -> str:
        """Digest of all that runs read of it."""
        digest = hashlib.sha256()
        for each in fields(self):
            value = getattr(self, each.name)
            told = value.tolist() if isinstance(value, np.ndarray) else value
            digest.update(json.dumps([each.name, told]).encode())
        return digest.hexdigest()

    def neighbours(self, row: int) -> NDArray[np.int64]:
        """Give the rows of a place's neighbours."""
        return self.neighbour[self.neighbour_start[row] : self.neighbour_start[row + 1]]

    def beside(self, there: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which places border on one that is marked and are not marked themselves.

        Parameters
        ----------
        there : array of bool, shape (..., place)
        """
        near = np.zeros(there.shape, np.bool_)
        for place in range(len(self)):
            near[..., place] = there[..., self.neighbours(place)].any(-1)
        return near & ~there

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
        return Country(
            name=self.name,
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

    def scale(self, name: str, number: float) -> float:
        """Scale a whole country's count to this part of it; other quantities stay."""
        each = PARAMETERS.get(name) or CONDITIONS[name]
        if not each.scales:
            return number
        scaled = number * (self.share if each.scales == "people" else self.place_share)
        return max(1.0, round(scaled)) if each.indivisible else scaled


def _contiguity(
    pairs: Sequence[tuple[int, int]], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Turn directed pairs of rows into start and neighbour arrays."""
    ordered = sorted(set(pairs))
    start = np.zeros(count + 1, np.int64)
    for a, _ in ordered:
        start[a + 1] += 1
    return np.cumsum(start), np.array([b for _, b in ordered], np.int64)


def read_table(country: str, name: str) -> pd.DataFrame:
    """Read one of a country's shipped tables; codes stay strings."""
    with (package("trucesim") / "data" / country / name).open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=_CODES)


_CODES = {"code": str, "code_a": str, "code_b": str, "pcode": str}


@cache
def load_country(name: str = "el_salvador") -> Country:
    """Read a shipped country.

    Parameters
    ----------
    name : str
        Its folder in the package's data.

    Raises
    ------
    InputError
        No such country.
    """
    root = package("trucesim") / "data"
    known = sorted(each.name for each in root.iterdir() if (each / "country.toml").is_file())
    if name not in known:
        raise InputError(
            "no country {name!r}{hint}; there are {allowed}", name=name, hint=nearest(name, known),
            allowed=known,
        )  # fmt: skip
    plan = tomllib.loads((root / name / "country.toml").read_text(encoding="utf-8"))
    places = read_table(name, plan["places"]).sort_values("code", ignore_index=True)
    departments = read_table(name, plan["departments"])
    own_department = (
        places["department"] if "department" in places else places["name"]
    )  # departments as places lie in themselves
    row_of = {each: row for row, each in enumerate(departments["name"])}
    rates = 1e5 * departments["homicides_2010"] / departments["population_2010"]
    # A copy: pandas gives it read-only, for which compiled code would be compiled once more.
    department = own_department.map(row_of).to_numpy(np.int64, copy=True)
    code_row = {code: row for row, code in enumerate(places["code"])}
    links = pd.concat([read_table(name, table) for table in plan["contiguity"]])
    pairs = [
        pair
        for a, b in zip(links["code_a"], links["code_b"], strict=True)
        for pair in ((code_row[a], code_row[b]), (code_row[b], code_row[a]))
    ]
    start, neighbour = _contiguity(pairs, len(places))
    population = places[plan["population"]].to_numpy(np.float64, copy=True)
    department_rate = rates.to_numpy(np.float64)[department]
    low, mode, high = _proxy(name, plan, code_row, population, start, neighbour, department_rate)
    return Country(
        name=name,
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
    )


def _proxy(
    name: str,
    plan: dict[str, Any],
    code_row: dict[str, int],
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
    if "rate_class" not in plan:
        return department_rate.copy(), department_rate.copy(), department_rate.copy()
    table = read_table(name, plan["rate_class"])
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
