"""What-ifs: one case against others, as the world was or as it might have been.

The headline has the gangs' own answers by the model's own hazard in both cases, so that what a
change does to them is part of its effect. Cases that differ in the answers themselves are run as
they are. On runs from chance the answers stay on their documented days, beside that, in both cases.

On lineages that follow the record (:mod:`trucesim.studies.history`) the climate that was found in
the record before a change goes on after it, in both cases alike. It may hold what policy did: so
effects stand beside with the climate's shocks halved, with the climate drawn anew, and with all
chance drawn anew, from the first month after the change on.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message
from trucesim.outcomes import effects
from trucesim.outcomes.paired import by_period
from trucesim.parameters import uncertain
from trucesim.runs.lineage import Lineage, parameters_of, shipped_lineages
from trucesim.runs.memory import check_memory
from trucesim.runs.sampling import parameters_of_runs
from trucesim.runs.simulate import check_numbers, run, snapshot
from trucesim.scenario.change import by_own_hazard, differ_in_answers, with_dated_answers
from trucesim.scenario.scenario import Scenario
from trucesim.studies.calibration import verdicts
from trucesim.studies.cases import posterior_span
from trucesim.studies.history import CHANCE, RECORD, Past
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.folder import HOME, Folder, here, open_folder

Progress = Callable[[str, int, int], None]

OWN, DATED, AS_GIVEN = "own", "dated", "as given"

HALVED, CLIMATE_ANEW, ANEW = "climate halved", "climate anew", "chance anew"

TREATMENTS: dict[str, Callable[[Scenario], Scenario]] = {
    OWN: lambda scenario: by_own_hazard(scenario, calendar.START),
    DATED: with_dated_answers,
    AS_GIVEN: lambda scenario: scenario,
}
"""How the gangs' answers come about in both cases."""

LATER: dict[str, Callable[[Lineage, int], Lineage]] = {
    HALVED: lambda lineage, month: lineage.with_climate(0.5, month),
    CLIMATE_ANEW: lambda lineage, month: lineage.with_climate_anew(month),
    ANEW: lambda lineage, month: lineage.anew(month),
}
"""What lineages that follow the record become from a month on."""

MOST_RUNS = 20_000
"""Of all cases together: all are held at once, twice."""


def treatments(a: Scenario, b: Scenario) -> tuple[str, ...]:
    """Name the treatments of the answers under which two cases are compared, the headline's first.

    Cases that differ in the answers themselves are run as they are, and those of a country of
    whose gangs' answers nothing is known.
    """
    return (AS_GIVEN,) if here() != HOME or differ_in_answers(a, b) else (OWN, DATED)


def with_rules(scenario: Scenario, name: str) -> Scenario:
    """Call a scenario by the rules of one's own that it is run with."""
    told = re.sub(r"[^\w.-]+", "-", name)[:40] or "rules"
    title = {lang: f"{each} ({told})" for lang, each in scenario.title.items()}
    return replace(scenario, name=f"{scenario.name}-{told}", title=title)


def as_run(a: Scenario, others: Sequence[Scenario]) -> list[Scenario]:
    """Give the cases as the headline has them."""
    pairs = [(TREATMENTS[treatments(a, b)[0]], b) for b in others]
    return [treated(each) for treated, b in pairs for each in (a, b)]


@dataclass(frozen=True)
class Effect:
    """What one what-if comes to.

    Attributes
    ----------
    a, b : Scenario
        As they were given.
    results : dict of str to tuple of xarray.Dataset
        Runs of A and of B, by treatment: see `treatments`, and `LATER`.
    varied : bool
        Whether runs differ in their parameters.
    difference : pandas.DataFrame
        See :func:`trucesim.outcomes.paired.by_period`, of the headline.
    regions : pandas.DataFrame
        See :func:`trucesim.outcomes.effects.by_region`, with ``treatment``.
    hangs_on : pandas.DataFrame
        See :func:`trucesim.outcomes.effects.hangs_on`, of the headline, with ``known``: what the
        record says of the parameter (:func:`trucesim.studies.calibration.verdicts`).
    visible : pandas.DataFrame
        See :func:`trucesim.outcomes.effects.visible`, of the headline.
    reweighted : tuple of float or None
        The headline's mean with each lineage weighted by the likelihood of the record given its
        draw, and how many equally weighted ones that is worth; None from chance.
    """

    a: Scenario
    b: Scenario
    results: dict[str, tuple[xr.Dataset, xr.Dataset]]
    varied: bool
    difference: pd.DataFrame
    regions: pd.DataFrame
    hangs_on: pd.DataFrame
    visible: pd.DataFrame
    reweighted: tuple[float, float] | None = None

    @property
    def headline(self) -> tuple[xr.Dataset, xr.Dataset]:
        """The runs of A and of B under the first treatment."""
        return next(iter(self.results.values()))

    @property
    def runs(self) -> int:
        """How many pairs."""
        return self.headline[0].sizes["run"]

    def whole(self, region: str = effects.NATIONAL, treatment: str = "") -> dict[str, Any]:
        """Give the effect in a region over all years, by default of the headline."""
        table, treatment = self.regions, treatment or next(iter(self.results))
        rows = table[
            table["region"].eq(region)
            & table["period"].eq(effects.ALL_YEARS)
            & table["treatment"].eq(treatment)
        ]
        return {str(name): value for name, value in rows.iloc[0].items()}

    @property
    def assumptions(self) -> pd.DataFrame:
        """The rows of `hangs_on` that are told from 0."""
        return self.hangs_on[self.hangs_on["told"].astype(bool)]


@dataclass(frozen=True)
class WhatIfs:
    """One case against others.

    Attributes
    ----------
    effects : tuple of Effect
    past : Past
        What the runs are made of.
    seconds : float
        Time taken.
    """

    effects: tuple[Effect, ...]
    past: Past
    seconds: float

    def table(self, name: str) -> pd.DataFrame:
        """Give a table of all effects, with the cases' names as ``a`` and ``b`` before it.

        Parameters
        ----------
        name : {'difference', 'regions', 'hangs_on', 'visible'}
        """
        tables = [getattr(each, name).assign(a=each.a.name, b=each.b.name) for each in self.effects]
        table = pd.concat(tables, ignore_index=True)
        return pd.DataFrame(table, columns=["a", "b", *tables[0].columns[:-2]])


def what_ifs(
    a: Scenario,
    others: Sequence[Scenario],
    past: Past,
    *,
    rules: Mapping[str, Any] | None = None,
    point: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> WhatIfs:
    """Run a case and others with the same draws, and compare each of them with it.

    Parameters
    ----------
    a : Scenario
    others : sequence of Scenario
    past : Past
        Lineages that follow the record, or runs from chance; runs times cases up to `MOST_RUNS`.
    rules : mapping, optional
        Rules of one's own that the others are run with, and the first case is not.
    point, workers
        As for :func:`trucesim.runs.simulate.run`.
    progress : function, optional
        Called as ``progress(what, done, of)``.

    Raises
    ------
    InputError
        Numbers out of bounds.
    """
    check(past.runs, 1 + len(others), past.seed, workers)
    began = time.perf_counter()
    lives = _Lives(past, point, workers, progress, rules)
    found = []
    for b in others:
        first, *beside = treatments(a, b)
        results = {first: lives.pair(a, b, TREATMENTS[first])}
        if past.history == RECORD:
            results |= lives.later(TREATMENTS[first](a), TREATMENTS[first](b))
        else:
            results |= {name: lives.pair(a, b, TREATMENTS[name]) for name in beside}
        found.append(_effect(a, b, results, past, point))
    return WhatIfs(tuple(found), past, time.perf_counter() - began)


class _Lives:
    """Runs of cases, each made once."""

    def __init__(
        self, past: Past, point: bool, workers: int | None, progress: Progress | None,
        rules: Mapping[str, Any] | None,
    ) -> None:  # fmt: skip
        self.past, self.progress, self.rules = past, progress, rules or None
        self.common: dict[str, Any] = {"detail": "none", "workers": workers}
        if past.history == CHANCE:
            self.common |= {"runs": past.runs, "seed": past.seed, "point": point}
        self.kept: dict[tuple[str, bool], xr.Dataset] = {}

    def pair(
        self, a: Scenario, b: Scenario, treated: Callable[[Scenario], Scenario]
    ) -> tuple[xr.Dataset, xr.Dataset]:
        """Run two cases under a treatment of the answers."""
        return self._run(treated(a)), self._run(treated(b), self.rules)

    def later(self, a: Scenario, b: Scenario) -> dict[str, tuple[xr.Dataset, xr.Dataset]]:
        """Run two cases with other chance from the first month after they part.

        Up to there they are one life, which is lived once.
        """
        date = b.changes_from(a)
        month = calendar.MONTHS if date is None else _month_after(date)
        if month >= calendar.MONTHS or date is None or self.past.lineages is None:
            return {}
        workers = self.common["workers"]
        shared = snapshot(
            a, date, lineages=self.past.lineages, workers=workers,
            progress=self._told(Message("{name}: until {date}", name=b.name, date=date)),
        )  # fmt: skip
        found = {}
        for name, changed in LATER.items():
            told = partial(Message, "{case}: {name} {side}", case=b.name, name=Message(name))
            lineages = tuple(changed(each, month) for each in self.past.lineages)
            start = replace(shared, lineages=lineages)
            sides = (
                run(
                    case, start=start, detail="none", workers=workers,
                    progress=self._told(told(side=letter)),
                )
                for letter, case in (("A", a), ("B", b))
            )  # fmt: skip
            found[name] = (next(sides), next(sides))
        return found

    def _run(self, scenario: Scenario, rules: Mapping[str, Any] | None = None) -> xr.Dataset:
        key = scenario.digest, rules is not None
        if key not in self.kept:
            self.kept[key] = run(
                scenario, lineages=self.past.lineages, rules=rules, **self.common,
                progress=self._told(f"{scenario.name} {len(self.kept) + 1}"),
            )  # fmt: skip
        return self.kept[key]

    def _told(self, what: str) -> Callable[[int, int], None] | None:
        progress = self.progress
        return (lambda done, of: progress(what, done, of)) if progress else None


def _month_after(date: dt.date) -> int:
    """Give the first month that begins after a day, counted from 0."""
    return calendar.month_of(date) + 1


def check(runs: int, cases: int, seed: int, workers: int | None) -> None:
    """Check numbers before anything is run.

    Raises
    ------
    InputError
    EnvironmentProblem
        All cases, held at once, would not fit into memory.
    """
    check_numbers(runs, seed, 0, workers)
    if runs * cases > MOST_RUNS:
        raise InputError(
            "runs = {runs}, but a comparison of {cases} cases takes at most {most}; for more, "
            "sweep an experiment that lists the scenarios", runs=runs, cases=cases,
            most=MOST_RUNS // cases,
        )  # fmt: skip
    # Under two treatments of the gangs' answers.
    check_memory(runs, ["none"] * 2 * cases, len(load_country()))


def _effect(
    a: Scenario, b: Scenario, results: dict[str, tuple[xr.Dataset, xr.Dataset]], past: Past,
    point: bool,
) -> Effect:  # fmt: skip
    regions = [
        effects.by_region(*pair).assign(treatment=treatment) for treatment, pair in results.items()
    ]
    headline = next(iter(results.values()))
    drawn = parameters_of_pair(a, b, past, point=point)
    national = effects.national(*headline)
    hangs = effects.hangs_on(national, drawn)
    known = known_of_parameters()
    visible, reweighted = effects.visible(*headline), None
    if past.history == RECORD:
        # Lineages keep to one record: their spread is no range of what worlds could have been.
        visible["seen_in_worlds"] = np.nan
        likely = shipped_lineages().log_likelihood[: past.runs]
        weights = np.exp(likely - likely.max())
        weights /= weights.sum()
        reweighted = float(weights @ national), float(1.0 / (weights**2).sum())
    return Effect(
        a, b, results, effects.vary(drawn), by_period(*headline),
        pd.concat(regions, ignore_index=True),
        hangs.assign(known=[known[name] for name in hangs["parameter"]]),
        visible, reweighted,
    )  # fmt: skip


def parameters_of_pair(
    a: Scenario, b: Scenario, past: Past, *, point: bool = False
) -> NDArray[np.void]:
    """Give what the runs took, shape (run,); where one case fixes a parameter, what the other did.

    Parameters
    ----------
    a, b : Scenario
    past : Past
    point : bool, optional
        Whether they took point values.
    """
    if past.lineages is not None:
        return parameters_of(past.lineages)
    drawn, other = (
        parameters_of_runs(
            load_country(), dict(each.parameters), past.seed, 0, past.runs, point=point
        )
        for each in (a, b)
    )
    for name in a.parameters:
        drawn[name] = other[name]
    return drawn


def known_of_parameters() -> dict[str, str]:
    """Say of every uncertain parameter what the shipped posterior adds to its prior.

    Returns
    -------
    dict of str to str
        See :func:`trucesim.studies.calibration.verdicts`.
    """
    return _known(open_folder())


@cache
def _known(folder: Folder) -> dict[str, str]:
    """Say so of a country, the one that is spoken of."""
    found = {}
    for each in uncertain():
        low, high = posterior_span(each.name) or (each.at(0.05), each.at(0.95))
        found[each.name] = (each.share(np.array(high)) - each.share(np.array(low))) / 0.9
    return dict(zip(found, verdicts(np.array([*found.values()])).tolist(), strict=True))
