"""Lineages: runs whose months take their draws from several run numbers, in one country.

What followed the record (:mod:`trucesim.studies.follow`) is kept as such a list of numbers. Draws
are addressed, so a lineage lives again bit for bit, and another scenario lived on the same lineage
differs only from its own date on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trucesim.engine.tables import Output, Setting, State, new_scratch
from trucesim.engine.week import live
from trucesim.files.errors import InputError
from trucesim.parameters import parameter_dtype
from trucesim.runs.results import Reduction, dataset
from trucesim.runs.simulate import (
    Detail,
    Progress,
    begin,
    check_detail,
    check_numbers,
    live_all,
    prepare,
)
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import Country, load_country

if TYPE_CHECKING:
    import xarray as xr


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
    """

    parameters: NDArray[np.void]
    seed: int
    home: int
    runs: NDArray[np.int64]

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
            raise InputError(f"a lineage has {calendar.MONTHS} run numbers, one a month")
        for number in (self.home, int(self.runs.min()), int(self.runs.max())):
            check_numbers(1, self.seed, number, None)


@cache
def weeks_of_months() -> tuple[range, ...]:
    """Give the weeks that begin in each month, in order."""
    begun_in = calendar.month_of_day()[::7]
    first = np.searchsorted(begun_in, np.arange(calendar.MONTHS + 1)).tolist()
    return tuple(range(start, stop) for start, stop in pairwise(first))


def live_lineage(
    setting: Setting, lineage: Lineage, live_weeks: Callable[..., Any] = live
) -> tuple[State, Output]:
    """Live a lineage in this thread.

    Parameters
    ----------
    setting : Setting
        See :func:`trucesim.runs.simulate.prepare`; with the lineage's parameters.
    lineage : Lineage
    live_weeks : function, optional
        The compiled weeks, with a user's own rules if any.

    Returns
    -------
    state : State
    output : Output
    """
    state, output = begin(setting)
    for weeks, number in zip(weeks_of_months(), lineage.runs, strict=True):
        live_weeks(
            setting, lineage.seed, int(number), lineage.home, state, new_scratch(setting, state),
            output, weeks.start, weeks.stop,
        )  # fmt: skip
    return state, output


def check_parameters(scenario: Scenario) -> None:
    """Check that a scenario can be lived with parameters that a lineage brings.

    Raises
    ------
    InputError
        It changes parameters.
    """
    if scenario.parameters:
        raise InputError(
            f"scenario {scenario.name}: it changes {', '.join(scenario.parameters)}, but lineages "
            "have parameters of their own; change dated conditions"
        )


def replay(
    scenario: Scenario | str | Path,
    lineages: Sequence[Lineage],
    *,
    detail: Detail | None = None,
    rules: Mapping[str, Callable[..., Any]] | None = None,
    country: Country | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run a scenario on some lineages.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, a shipped one's name, or a file. It must not change parameters.
    lineages : sequence of Lineage
        All of one seed, made in this country.
    detail, rules, country, workers, progress
        As :func:`trucesim.runs.simulate.run` takes them.

    Returns
    -------
    xarray.Dataset
        See :func:`trucesim.runs.results.dataset`; runs are counted from 0, in order of the
        lineages.

    Raises
    ------
    InputError
        No lineages or of several seeds, a scenario that changes parameters, or numbers out of
        bounds.
    """
    from trucesim.engine.variant import live_with

    country = country or load_country()
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, country)
    check_parameters(scenario)
    if len({each.seed for each in lineages}) != 1:
        raise InputError("lineages: there must be some, all of one seed")
    runs, seed, _, workers = check_numbers(len(lineages), lineages[0].seed, 0, workers)
    detail = check_detail(detail, runs)
    setting = prepare(scenario, country, lineages[0].parameters)
    live_weeks = live_with(rules) if rules else live
    reduction = Reduction(runs, len(country), detail)

    def live_one(r: int) -> None:
        own = setting._replace(p=lineages[r].parameters)
        reduction.take(r, live_lineage(own, lineages[r], live_weeks)[1])

    live_all(live_one, runs, workers, progress)
    return dataset(reduction, scenario, country, seed, 0)
