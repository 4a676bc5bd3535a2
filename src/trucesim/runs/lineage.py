"""Lineages: runs whose months take their draws from several run numbers, in one country.

What followed the record (:mod:`trucesim.studies.follow`) is kept as such a list of numbers. Draws
are addressed, so a lineage lives again bit for bit, and another scenario lived on the same lineage
differs only from its own date on.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trucesim.files.errors import InputError
from trucesim.parameters import parameter_dtype
from trucesim.runs.sampling import parameters_of_draws
from trucesim.world import calendar
from trucesim.world.periods import FloatArray

if TYPE_CHECKING:
    from trucesim.scenario.scenario import Scenario

LINEAGES = "lineages.csv"
"""The shipped lineages, in a country's data."""

LAST_RUN = 2**40
"""The highest number of a run."""

NUMBERS = 2**16
"""Run numbers that each draw which was followed has to itself."""

HOME = NUMBERS - 1
"""Of a draw's own numbers, the one whose draws make its country."""


@dataclass(frozen=True, eq=False)
class Lineage:
    """Parameters, a country, and a run number a month.

    Attributes
    ----------
    parameters : array of parameter records, shape (1,)
    seed : int
    home : int
        The run whose draws say where cliques are and when zones sign.
    runs : ndarray of int, shape (month,)
        The run whose draws each month's weeks take; a week belongs to the month in which it begins.
    climate : ndarray of float, shape (month,)
        What the spread of the climate's shocks is multiplied by.
    climate_runs : ndarray of int, shape (month,)
        The run whose draws the climate takes; -1: that of the month.
    """

    parameters: NDArray[np.void]
    seed: int
    home: int
    runs: NDArray[np.int64]
    climate: FloatArray = field(default_factory=lambda: np.ones(calendar.MONTHS))
    climate_runs: NDArray[np.int64] = field(
        default_factory=lambda: np.full(calendar.MONTHS, -1, np.int64)
    )

    def __post_init__(self) -> None:
        """Check it.

        Raises
        ------
        InputError
            Other months than the record's, no parameters, or run numbers out of bounds.
        """
        if self.parameters.shape != (1,) or self.parameters.dtype != parameter_dtype():
            raise InputError("a lineage has one record of parameters")
        if self.runs.shape != (calendar.MONTHS,) or self.runs.dtype.kind not in "iu":
            raise InputError(
                "a lineage has {months} run numbers, one a month", months=calendar.MONTHS
            )
        for each in (self.climate, self.climate_runs):
            if each.shape != (calendar.MONTHS,):
                raise InputError(
                    "a lineage has a climate of {months} months", months=calendar.MONTHS
                )
        for number in (self.home, int(self.runs.min()), int(self.runs.max())):
            if not 0 <= number <= LAST_RUN:
                raise InputError(
                    "run = {number}, but it must be a whole number 0 to {most}", number=number,
                    most=LAST_RUN,
                )  # fmt: skip

    def stretches(self, first_week: int, last_week: int) -> Iterator[Stretch]:
        """Part some weeks where the climate changes.

        Weeks after the record's last month are taken with it.
        """
        begun_in = calendar.month_of_day()[::7]
        months = begun_in[np.minimum(np.arange(first_week, last_week), len(begun_in) - 1)]
        climate = list(zip(self.climate[months], self.climate_runs[months], strict=True))
        row = 0
        for (spread, climate_run), group in groupby(climate):
            stop = row + len(list(group))
            yield Stretch(
                self.runs[months[row:stop]], float(spread), int(climate_run), first_week + row,
                first_week + stop,
            )  # fmt: skip
            row = stop

    def with_climate(self, share: float, month: int) -> Lineage:
        """Multiply the climate's shocks from a month on."""
        climate = np.where(np.arange(calendar.MONTHS) < month, self.climate, share)
        return replace(self, climate=climate)

    def with_climate_anew(self, month: int) -> Lineage:
        """Draw the climate anew from a month on, and nothing else.

        The number that made the country has served no month's weeks.
        """
        later = np.arange(calendar.MONTHS) >= month
        return replace(self, climate_runs=np.where(later, self.home, self.climate_runs))

    def anew(self, month: int) -> Lineage:
        """Draw all chance anew from a month on."""
        later = np.arange(calendar.MONTHS) >= month
        return replace(self, runs=np.where(later, self.home, self.runs))


@dataclass(frozen=True, eq=False)
class Stretch:
    """Weeks under one climate.

    Attributes
    ----------
    runs : ndarray of int, shape (week,)
        The run whose draws each takes; with fewer, all later ones take those of the last.
    climate : float
        What the spread of the climate's shocks is multiplied by.
    climate_run : int
        The run whose draws the climate takes; -1: the same as the week.
    first_week, last_week : int
        Up to, not including, the last.
    """

    runs: NDArray[np.int64]
    climate: float
    climate_run: int
    first_week: int
    last_week: int


def parameters_of(lineages: Sequence[Lineage]) -> NDArray[np.void]:
    """Give what some lineages take, shape (lineage,): records, which numpy is slow to join."""
    parameters = np.empty(len(lineages), parameter_dtype())
    for row, each in enumerate(lineages):
        parameters[row] = each.parameters[0]
    return parameters


@dataclass(frozen=True, eq=False)
class Shipped:
    """The lineages that come with the package.

    Attributes
    ----------
    lineages : tuple of Lineage
    rows : ndarray of int, shape (lineage,)
        Draws of the posterior.
    log_likelihood : ndarray of float, shape (lineage,)
        Of the record given the draw, by its filter.
    digests : tuple of str
        Of each lineage's own months (:func:`digest_of_months`).
    head : str
        What the file says of itself.
    """

    lineages: tuple[Lineage, ...]
    rows: NDArray[np.int64]
    log_likelihood: FloatArray
    digests: tuple[str, ...]
    head: str

    @cached_property
    def digest(self) -> str:
        """Digest what is lived: draws, and the run numbers of months."""
        numbers = np.stack([each.runs for each in self.lineages]).astype("<i8")
        return hashlib.sha256(self.rows.astype("<i8").tobytes() + numbers.tobytes()).hexdigest()


@cache
def shipped_lineages() -> Shipped:
    """Read the lineages of El Salvador that come with the package."""
    return read_lineages(Path(str(files("trucesim"))) / "data" / "el_salvador" / LINEAGES)


def read_lineages(path: Path) -> Shipped:
    """Read lineages that ``trucesim follow`` wrote, of draws of the shipped posterior.

    Raises
    ------
    InputError
        Not such a file.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(file)
        head = [line for line in lines if line.startswith("#")]
        seed = next(int(line.split()[2]) for line in head if line.startswith("# seed "))
        rows = list(csv.DictReader(lines[len(head) :]))
        months = [str(month) for month in calendar.months().astype("datetime64[M]")]
        draws = np.array([row["row"] for row in rows], np.int64)
        parameters = parameters_of_draws(draws, seed)
        first = NUMBERS * np.array([row["lineage"] for row in rows], np.int64)
        taken = np.array([[row[month] for month in months] for row in rows], np.int64)
        lineages = tuple(
            Lineage(parameters[d : d + 1], seed, int(first[d]) + HOME, first[d] + taken[d])
            for d in range(len(rows))
        )
        likely = np.array([row["log_likelihood"] for row in rows], np.float64)
        return Shipped(lineages, draws, likely, tuple(row["digest"] for row in rows), "".join(head))
    except (ValueError, KeyError, IndexError, StopIteration, UnicodeError) as error:
        raise InputError(
            "{path}: no table of lineages: {error}", path=path, error=repr(error)
        ) from None


def check_parameters(scenario: Scenario) -> None:
    """Check that a scenario can be lived with parameters that a lineage brings.

    Raises
    ------
    InputError
        It changes parameters.
    """
    if scenario.parameters:
        raise InputError(
            "scenario {name}: it changes {parameters}, but lineages have parameters of their own; "
            "change dated conditions", name=scenario.name,
            parameters=", ".join(scenario.parameters),
        )  # fmt: skip


def digest_of_lineages(lineages: Sequence[Lineage]) -> str:
    """Digest all that some lineages are lived with."""
    digest = hashlib.sha256()
    for each in lineages:
        digest.update(f"{each.seed} {each.home} ".encode())
        for array in (each.parameters, each.runs, each.climate, each.climate_runs):
            digest.update(array.tobytes())
    return digest.hexdigest()[:16]


def digest_of_months(months: NDArray[np.int64]) -> str:
    """Digest a run's homicides by month: by this a lineage that lives again is known."""
    return hashlib.sha256(months.astype("<i8").tobytes()).hexdigest()[:16]
