"""Runs of a scenario: many at once, compiled, one to a core; and states to continue from.

A run is a pure function of (scenario, parameters, seed, run number); a lineage, whose months take
the draws of several numbers (:mod:`trucesim.runs.lineage`), is a run as well. How many runs are
asked for, in which order and on how many threads they are made, and what is kept of them changes no
bit.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from trucesim.engine.draws import run_key
from trucesim.engine.tables import (
    NO_ATTRIBUTES,
    PLACE,
    Attributes,
    Output,
    Places,
    Setting,
    State,
    founded_a_year,
    new_output,
    new_scratch,
    new_state,
    room_for,
)
from trucesim.engine.week import live
from trucesim.files.errors import InputError
from trucesim.files.writing import put_whole
from trucesim.parameters import CONDITIONS, parameter_dtype
from trucesim.runs.lineage import (
    LAST_RUN,
    Lineage,
    Stretch,
    check_parameters,
    digest_of_lineages,
    parameters_of,
)
from trucesim.runs.memory import check_memory
from trucesim.runs.provenance import attributes
from trucesim.runs.results import Reduction, dataset
from trucesim.runs.sampling import parameters_of_runs
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import Country, in_its_country, load_country

if TYPE_CHECKING:
    import xarray as xr

Detail = Literal["full", "quantiles", "none"]
Progress = Callable[[int, int], None]

FULL_DETAIL_RUNS = 500
"""Up to so many runs, municipal detail is kept by default."""

MOST_RUNS = 10_000_000


def places_of(scenario: Scenario, country: Country) -> Places:
    """Give a country's places with the days on which a scenario's zones sign."""
    first = np.full(len(country), -1, np.int64)
    last = first.copy()
    army_leaves = first.copy()
    for zone in scenario.zones:
        if zone.code not in country.codes:
            continue  # a part of the country was taken
        row = country.codes.index(zone.code)
        first[row] = calendar.day_of(zone.first)
        last[row] = calendar.day_of(zone.last)
        if zone.army_leaves:
            army_leaves[row] = calendar.day_of(zone.army_leaves)
    given = np.zeros(len(country), PLACE)
    for name in (
        "population",
        "department",
        "department_rate",
        "rate_low",
        "rate_mode",
        "rate_high",
    ):
        given[name] = getattr(country, name)
    given["zone_first"], given["zone_last"], given["army_leaves"] = first, last, army_leaves
    return Places(given, country.neighbour_start, country.neighbour)


def prepare(
    scenario: Scenario,
    country: Country,
    parameters: NDArray[np.void],
    days: int = calendar.DAYS,
) -> Setting:
    """Put together what one run is given.

    Parameters
    ----------
    scenario : Scenario
    country : Country
    parameters : array of parameter records, shape (1,)
    days : int
        How many there is room for; see :func:`trucesim.world.calendar.days_for`.
    """
    timeline = scenario.timeline(country)
    if days > calendar.DAYS:
        # The week in which the calendar ends is parted there, as by any dated change: up to that
        # day a run that goes on is, bit for bit, one that does not.
        held_on = timeline[-1:].copy()
        held_on["first_day"] = calendar.DAYS
        timeline = np.concatenate([timeline, held_on])
    stretch_of_day = np.searchsorted(timeline["first_day"], np.arange(days), side="right") - 1
    return Setting(
        places_of(scenario, country),
        parameters,
        timeline,
        stretch_of_day.astype(np.int64),
        calendar.month_of_day(days),
        float(country.scale("soldiers", CONDITIONS["soldiers"].default)),
    )


def empty_state(setting: Setting, attributes: Attributes = NO_ATTRIBUTES) -> State:
    """Set aside the room that a run with these parameters needs, and attributes of one's own."""
    p = setting.p[0]
    years = len(setting.month_of_day) / 365.25
    rows = room_for(int(p["cliques"]), founded_a_year(p, years), years)
    return new_state(rows, len(setting.places.given), attributes)


def begin(setting: Setting, attributes: Attributes = NO_ATTRIBUTES) -> tuple[State, Output]:
    """Set aside the room for a run that starts on the first day, and for what it leaves behind."""
    days = len(setting.month_of_day)
    output = new_output(calendar.months_in(days), days, len(setting.places.given))
    return empty_state(setting, attributes), output


def check_attributes(state: State, attributes: Attributes) -> None:
    """Refuse to live on from a state whose agents carry other attributes than rules declare.

    Raises
    ------
    InputError
    """
    tables = state, new_state(1, 1, attributes), new_state(1, 1)
    for names in zip(
        *([each.dtype.names or () for each in table] for table in tables), strict=True
    ):
        there, wanted = (
            ", ".join(name for name in each if name not in names[2]) or "-" for each in names[:2]
        )
        if there != wanted:
            raise InputError(
                "the state to continue from has other attributes than the rules declare: {there}, "
                "and {wanted}", there=there, wanted=wanted,
            )  # fmt: skip


def copied(
    setting: Setting, state: State, output: Output, attributes: Attributes = NO_ATTRIBUTES
) -> tuple[State, Output]:
    """Copy what a run remembers and has left behind, to live on from there.

    Where the setting has room for more days, so has the copy.
    """
    check_attributes(state, attributes)
    if len(setting.month_of_day) <= len(output.daily):
        return (
            State._make(array.copy() for array in state),
            Output._make(array.copy() for array in output),
        )
    wider_state, wider_output = begin(setting, attributes)
    given: tuple[NDArray[Any], ...] = (*state, *output)
    wider: tuple[NDArray[Any], ...] = (*wider_state, *wider_output)
    for into, array in zip(wider, given, strict=True):
        np.copyto(into[: len(array)], array)
    return wider_state, wider_output


@dataclass(frozen=True)
class Snapshot:
    """All that some runs remember at the start of a week, and what they have left behind by then.

    A scenario that differs only from a later date on continues from here, bit for bit as if it had
    been run from the start (:meth:`Scenario.changes_from` tells the date).
    """

    week: int
    seed: int
    first_run: int
    country: str
    parameters: NDArray[np.void]
    states: tuple[State, ...]
    outputs: tuple[Output, ...]
    lineages: tuple[Lineage, ...] = ()
    """What the runs are, unless they have numbers of their own."""
    attributes: Attributes = field(default_factory=dict)
    """What agents carry beside, by rules of one's own."""

    def save(self, path: str | Path) -> None:
        """Write to a compressed file; the name should end in ``.npz``."""
        arrays: dict[str, Any] = {
            "header": np.array([self.week, self.seed, self.first_run, len(self.states)]),
            "country": np.array(self.country),
            "attributes": np.array(json.dumps(self.attributes)),
            "parameters": self.parameters,
            "homes": np.array([each.home for each in self.lineages], np.int64),
            "numbers": _stacked([each.runs for each in self.lineages], np.int64),
            "climate": _stacked([each.climate for each in self.lineages], np.float64),
            "climate_runs": _stacked([each.climate_runs for each in self.lineages], np.int64),
        }
        for r, (state, output) in enumerate(zip(self.states, self.outputs, strict=True)):
            for part in (state, output):
                for name, array in part._asdict().items():
                    arrays[f"{r}/{type(part).__name__}/{name}"] = array

        def save(temporary: Path) -> None:
            with temporary.open("wb") as file:
                np.savez_compressed(file, **arrays)

        put_whole(Path(path), save)

    @classmethod
    def load(cls, path: str | Path) -> Snapshot:
        """Read what :meth:`save` wrote.

        Raises
        ------
        InputError
            Not such a file, or written by a version whose state has another shape.
        """

        def take(name: str, dtype: np.dtype[Any]) -> NDArray[Any]:
            array = arrays[name]
            if array.dtype != dtype:
                raise InputError(
                    "{path}: a snapshot of another version ({name} differs)", path=path, name=name
                )
            # Files forget that records are aligned, and code would be compiled for that anew.
            return array.view(dtype)  # type: ignore[no-any-return]

        output = new_output(1, 1, 1)._asdict()
        broken = (
            OSError, KeyError, ValueError, TypeError, AttributeError, EOFError, BadZipFile,
            zlib.error,
        )  # fmt: skip
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                week, seed, first_run, count = (int(each) for each in arrays["header"])
                attributes = json.loads(str(arrays["attributes"])) if "attributes" in arrays else {}
                state = new_state(1, 1, attributes)._asdict()
                states, outputs = [], []
                for r in range(count):
                    states.append(
                        State(**{n: take(f"{r}/State/{n}", a.dtype) for n, a in state.items()})
                    )
                    outputs.append(
                        Output(**{n: take(f"{r}/Output/{n}", a.dtype) for n, a in output.items()})
                    )
                p = take("parameters", parameter_dtype())
                homes = take("homes", np.dtype(np.int64))
                numbers = take("numbers", np.dtype(np.int64))
                climate = take("climate", np.dtype(np.float64))
                climate_runs = take("climate_runs", np.dtype(np.int64))
                lineages = tuple(
                    Lineage(p[r : r + 1], seed, int(home), numbers[r], climate[r], climate_runs[r])
                    for r, home in enumerate(homes)
                )
                return cls(
                    week, seed, first_run, str(arrays["country"]), p, tuple(states),
                    tuple(outputs), lineages, attributes,
                )  # fmt: skip
        except InputError:
            raise
        except broken as error:
            raise InputError(
                "{path}: not a snapshot of runs: {error}", path=path, error=error
            ) from None


@in_its_country
def run(
    scenario: Scenario | str | Path,
    runs: int = 100,
    seed: int = 1,
    *,
    first_run: int = 0,
    detail: Detail | None = None,
    point: bool = False,
    parameters: NDArray[np.void] | None = None,
    lineages: Sequence[Lineage] | None = None,
    rules: Mapping[str, Any] | None = None,
    country: Country | None = None,
    start: Snapshot | None = None,
    until: dt.date | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run a scenario many times.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, a shipped one's name, or a file.
    runs, seed, first_run : int
        Runs ``first_run`` to ``first_run + runs - 1`` under a seed.
    detail : {'full', 'quantiles', 'none'}, optional
        What is kept by municipality and month: every run's counts, quantiles over runs, or nothing.
        By default full detail for up to 500 runs, quantiles beyond.
    point : bool
        Use the point values of all parameters instead of the shipped draws.
    parameters : array of parameter records, shape (run,), optional
        Use these parameters.
    lineages : sequence of Lineage, optional
        Live these, all of one seed, in place of runs with numbers of their own; how many there are,
        their seed and their parameters are theirs, and the scenario must not change parameters.
    rules : mapping, optional
        Behaviours to replace by functions of one's own, and attributes that these declare; see
        :func:`trucesim.engine.user_rules.check`.
    country : Country, optional
        El Salvador by default.
    start : Snapshot, optional
        Continue from here; seed, runs, lineages and parameters are the snapshot's.
    until : date, optional
        Run up to the end of the month in which this date lies; by default to the end of 2016, at
        most to the end of 2019. After 2016 all conditions hold on as they are on its last day.
        Up to then such a run is the shorter one, but for zones that sign in its last three days:
        they count from January.
    workers : int, optional
        Threads; by default one a core.
    progress : function, optional
        Called as ``progress(done, runs)`` after every run, from the calling thread.

    Returns
    -------
    xarray.Dataset
        See :func:`trucesim.runs.results.dataset`.

    Raises
    ------
    InputError
        Numbers out of bounds, or anything wrong in the scenario.
    EnvironmentProblem
        The results plainly do not fit into memory.
    """
    from trucesim.engine.user_rules import digest_of_rules

    country = country or load_country()
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, country)
    if start is not None:
        runs, seed, first_run = len(start.states), start.seed, start.first_run
        parameters, lineages = start.parameters, start.lineages or None
    elif lineages is not None:
        runs, seed, first_run, parameters = _of_lineages(scenario, lineages)
    runs, seed, first_run, workers = check_numbers(runs, seed, first_run, workers)
    detail = check_detail(detail, runs)
    months, last_week = span_of(until)
    days = calendar.days_for(until)
    check_memory(runs, [detail], len(country), days)
    if parameters is None:
        changed = dict(scenario.parameters)
        parameters = parameters_of_runs(country, changed, seed, first_run, runs, point=point)
    reduction = Reduction(runs, len(country), detail, days)
    prepared = ready(scenario, country, parameters, seed, first_run, rules, days, lineages)
    _live_runs(
        prepared, start, last_week, workers, progress,
        lambda r, _, output: reduction.take(r, output),
    )  # fmt: skip
    made = attributes(
        scenario, country, parameters=hashlib.sha256(parameters.tobytes()).hexdigest()[:16],
        lineages="" if lineages is None else digest_of_lineages(lineages),
        rules=digest_of_rules(rules or {}),
    )  # fmt: skip
    return dataset(reduction, scenario, country, seed, first_run, months).assign_attrs(made)


@in_its_country
def snapshot(
    scenario: Scenario | str | Path,
    date: dt.date,
    runs: int = 100,
    seed: int = 1,
    *,
    first_run: int = 0,
    point: bool = False,
    parameters: NDArray[np.void] | None = None,
    lineages: Sequence[Lineage] | None = None,
    rules: Mapping[str, Any] | None = None,
    country: Country | None = None,
    start: Snapshot | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """Run a scenario up to the week in which a date lies, and keep everything.

    Parameters are those of :func:`run`. The snapshot stands at the start of that week, so that a
    change on the date itself still acts from its own day.
    """
    country = country or load_country()
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, country)
    if not calendar.START <= date <= calendar.END:
        raise InputError(
            "{date} is outside the run, {first} to {last}", date=date, first=calendar.START,
            last=calendar.END,
        )  # fmt: skip
    week = calendar.day_of(date) // 7
    if start is not None:
        runs, seed, first_run = len(start.states), start.seed, start.first_run
        parameters, lineages = start.parameters, start.lineages or None
        if week < start.week:
            raise InputError("{date} lies before the snapshot to continue from", date=date)
    elif lineages is not None:
        runs, seed, first_run, parameters = _of_lineages(scenario, lineages)
    runs, seed, first_run, workers = check_numbers(runs, seed, first_run, workers)
    if parameters is None:
        changed = dict(scenario.parameters)
        parameters = parameters_of_runs(country, changed, seed, first_run, runs, point=point)
    kept: dict[int, tuple[State, Output]] = {}

    def keep(r: int, state: State, output: Output) -> None:
        kept[r] = (state, output)

    prepared = ready(scenario, country, parameters, seed, first_run, rules, lineages=lineages)
    _live_runs(prepared, start, week, workers, progress, keep)
    return Snapshot(
        week,
        seed,
        first_run,
        country.name,
        parameters,
        tuple(kept[r][0] for r in range(runs)),
        tuple(kept[r][1] for r in range(runs)),
        tuple(lineages or ()),
        prepared.attributes,
    )


def _stacked(arrays: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    return np.array(arrays, dtype).reshape(len(arrays), calendar.MONTHS)


def _of_lineages(
    scenario: Scenario, lineages: Sequence[Lineage]
) -> tuple[int, int, int, NDArray[np.void]]:
    """Give the number of some lineages, their seed, their first number as runs, and parameters."""
    check_parameters(scenario)
    if len({each.seed for each in lineages}) != 1:
        raise InputError("lineages: there must be some, all of one seed")
    return len(lineages), lineages[0].seed, 0, parameters_of(lineages)


def check_numbers(
    runs: int, seed: int, first_run: int, workers: int | None
) -> tuple[int, int, int, int | None]:
    """Check what says which runs are made, before anything is.

    Returns
    -------
    runs, seed, first_run, workers : int
        The same as Python's own numbers: numpy's are taken too. No workers stay None.

    Raises
    ------
    InputError
        Not a whole number, or out of bounds.
    """
    for name, value, low, high in (
        ("runs", runs, 1, MOST_RUNS),
        ("seed", seed, 0, 2**63 - 1),
        ("first_run", first_run, 0, LAST_RUN),
        ("workers", 1 if workers is None else workers, 1, 1024),
    ):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or not low <= value <= high:
            raise InputError(
                "{name} = {value!r}, but it must be a whole number {low} to {high}", name=name,
                value=value, low=low, high=high,
            )  # fmt: skip
    return int(runs), int(seed), int(first_run), None if workers is None else int(workers)


def check_detail(detail: Detail | None, runs: int) -> Detail:
    """Give the municipal detail that is kept of so many runs.

    Raises
    ------
    InputError
        No such detail.
    """
    detail = detail or ("full" if runs <= FULL_DETAIL_RUNS else "quantiles")
    if detail not in ("full", "quantiles", "none"):
        raise InputError(
            "detail = {detail!r}, but it must be 'full', 'quantiles' or 'none'", detail=detail
        )
    return detail


def live_run(
    setting: Setting,
    seed: int,
    number: int | Lineage,
    last_week: int = calendar.WEEKS,
    *,
    begun: tuple[int, State, Output] | None = None,
    live_weeks: Callable[..., Any] = live,
    attributes: Attributes = NO_ATTRIBUTES,
) -> tuple[State, Output]:
    """Live one run in this thread.

    Parameters
    ----------
    setting : Setting
        See :func:`prepare`; with the run's own parameters.
    seed : int
    number : int or Lineage
        Which run; a lineage has a seed of its own.
    last_week : int
        Live up to the start of this week.
    begun : tuple of int, State and Output, optional
        A week, and what a run remembers and has left behind by then; copied, not changed.
    live_weeks : function, optional
        The compiled weeks, with a user's own rules if any.
    attributes : mapping
        That these declare.

    Returns
    -------
    state : State
    output : Output
    """
    if begun is None:
        first_week, (state, output) = 0, begin(setting, attributes)
    else:
        first_week, (state, output) = begun[0], copied(setting, *begun[1:], attributes)
    scratch = new_scratch(setting, state)
    if isinstance(number, Lineage):
        seed, home = number.seed, number.home
        stretches = number.stretches(first_week, last_week)
    else:
        home = number
        stretches = iter([Stretch(np.array([number]), 1.0, -1, first_week, last_week)])
    for each in stretches:
        live_weeks(
            _in_climate(setting, seed, each), seed, each.runs, home, state, scratch, output,
            each.first_week, each.last_week,
        )  # fmt: skip
    return state, output


def _in_climate(setting: Setting, seed: int, stretch: Stretch) -> Setting:
    """Give the climate its spread and its draws."""
    if stretch.climate != 1.0:
        p = setting.p.copy()
        p["climate_spread"] *= stretch.climate
        setting = setting._replace(p=p)
    if stretch.climate_run >= 0:
        key = np.uint64(run_key(seed, stretch.climate_run))  # type: ignore[no-untyped-call]
        setting = setting._replace(climate_key=key)
    return setting


@dataclass(frozen=True)
class Prepared:
    """Consecutive runs of a scenario, ready to be lived one by one, by any thread in any order.

    All that makes runs does it by this: ensembles here, the workshop's pairs, sweeps, calibration.
    """

    setting: Setting
    parameters: NDArray[np.void]
    seed: int
    first_run: int
    live_weeks: Callable[..., Any]
    lineages: Sequence[Lineage] | None = None
    """What the runs are, unless they have numbers of their own."""
    attributes: Attributes = field(default_factory=dict)
    """What agents carry beside, by rules of one's own."""

    def live(
        self,
        r: int,
        last_week: int = calendar.WEEKS,
        begun: tuple[int, State, Output] | None = None,
    ) -> tuple[State, Output]:
        """Live the r-th of them in this thread; see :func:`live_run`."""
        number = self.first_run + r if self.lineages is None else self.lineages[r]
        return live_run(
            self.setting._replace(p=self.parameters[r : r + 1]), self.seed, number, last_week,
            begun=begun, live_weeks=self.live_weeks, attributes=self.attributes,
        )  # fmt: skip


def ready(
    scenario: Scenario,
    country: Country,
    parameters: NDArray[np.void],
    seed: int,
    first_run: int = 0,
    rules: Mapping[str, Any] | None = None,
    days: int = calendar.DAYS,
    lineages: Sequence[Lineage] | None = None,
) -> Prepared:
    """Get runs ready: compiled rules of one's own, if any, and what all of them are given."""
    from trucesim.engine.user_rules import attributes_of
    from trucesim.engine.variant import live_with

    setting = prepare(scenario, country, parameters[:1], days)
    live_weeks = live_with(rules) if rules else live
    return Prepared(
        setting, parameters, seed, first_run, live_weeks, lineages, attributes_of(rules or {})
    )


def span_of(until: dt.date | None) -> tuple[int, int]:
    """Give the months and the last week of runs that go no further than the month of a day.

    Raises
    ------
    InputError
        The day is outside the run.
    """
    if until is None:
        return calendar.MONTHS, calendar.WEEKS
    if not calendar.START <= until <= calendar.LAST:
        raise InputError(
            "until = {until} is outside {first} to {last}", until=until, first=calendar.START,
            last=calendar.LAST,
        )  # fmt: skip
    month_of_day = calendar.month_of_day(calendar.days_for(until))
    months = int(month_of_day[calendar.day_of(until)]) + 1
    return months, -(-int(np.searchsorted(month_of_day, months)) // 7)


def _live_runs(
    prepared: Prepared,
    start: Snapshot | None,
    last_week: int,
    workers: int | None,
    progress: Progress | None,
    done: Callable[[int, State, Output], None],
) -> None:
    """Live every run in a thread of its own turn, and hand over what it left, in any order."""
    population = prepared.setting.places.given["population"]
    if start is not None and not np.array_equal(
        start.states[0].municipalities["population"], population
    ):
        raise InputError(
            "the snapshot was made in another country, or another part of it; continue it there"
        )

    def live_one(r: int) -> None:
        begun = None if start is None else (start.week, start.states[r], start.outputs[r])
        done(r, *prepared.live(r, last_week, begun))

    live_all(live_one, len(prepared.parameters), workers, progress)


def live_all(
    live_one: Callable[[int], object], runs: int, workers: int | None, progress: Progress | None
) -> None:
    """Live runs 0 to ``runs - 1``, several at a time, in any order; see :func:`in_threads`."""
    # The first run alone: it compiles, and it is where a user's own rule fails.
    live_one(0)
    if progress:
        progress(1, runs)

    def finished(count: int) -> None:
        if progress:
            progress(1 + count, runs)

    in_threads(live_one, range(1, runs), workers, finished)


def in_threads(
    work: Callable[[int], object],
    numbers: Iterable[int],
    workers: int | None,
    finished: Callable[[int], object],
) -> None:
    """Do a piece of work for each of some numbers, several at a time, in any order.

    Parameters
    ----------
    work : function
        Compiled code in it runs beside other threads'. What one raises is raised here, once those
        that have begun are done; no more begin.
    numbers : iterable of int
    workers : int, optional
        Threads; by default one a core.
    finished : function
        Called now and then, from the calling thread, with how many are done.
    """
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        pending = {pool.submit(work, number) for number in numbers}
        try:
            count = 0
            while pending:
                finished_now, pending = wait(pending, timeout=0.2, return_when=FIRST_EXCEPTION)
                for each in finished_now:
                    each.result()
                count += len(finished_now)
                finished(count)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
