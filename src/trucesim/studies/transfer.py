"""The model in another country: a control that it must pass, and the region side by side.

Honduras had a pact of the same kind in May 2013, and homicides did not fall. That a model of truces
gives no fall there is worth something only if it could have given one: the same pact with what is
assumed to differ put back as in El Salvador must miss what was observed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError, Message
from trucesim.outcomes import patterns
from trucesim.outcomes.patterns import Pattern
from trucesim.outcomes.statistics import interval, prefixed
from trucesim.runs.sampling import parameters_of_runs
from trucesim.runs.simulate import run
from trucesim.scenario.change import without_truce
from trucesim.scenario.file import load_scenario, shipped
from trucesim.scenario.scenario import Scenario
from trucesim.world.country import Country, load_country
from trucesim.world.folder import HOME, being_in, open_folder
from trucesim.world.periods import FloatArray, Period, daily_mean, parse, total

Progress = Callable[[str, int, int], None]

NO_ZONES = "national-truce-without-zones"
"""The scenario by which the grain is tried: departments have no municipalities to sign."""

GRAIN = {
    "before": "2010-01..2012-02",
    "truce": "2012-04..2013-05",
    "second_step": "2013-07..2014-02",
    "2015": "2015",
    "2016": "2016",
}
"""Spans over which the two grains are compared, in homicides a day."""

ASSUMED = ("gang_share", "reach_open")
"""What the countries of the region are assumed to differ in, beside what the state gave."""

DECIDING = ("gang_share", "reach_open", "cohesion_18", "sanction", "members_at_liberty")


@dataclass(frozen=True)
class Control:
    """What a control found.

    Attributes
    ----------
    country : str
    pattern : Pattern
        What was observed, and its bounds by chance alone.
    cases : pandas.DataFrame
        One row a case, the documented one first: case, scenario, pattern, transferred (names of
        parameters taken from El Salvador's posterior), quantiles over runs, and the shares of runs
        ``below``, ``inside`` and ``above`` the bounds, and ``reaching`` what was observed.
    hangs_on : pandas.DataFrame
        Of the documented case: parameter, and its rank correlation with the statistic.
    runs, seed : int
    """

    country: str
    pattern: Pattern
    cases: pd.DataFrame
    hangs_on: pd.DataFrame
    runs: int
    seed: int

    @property
    def passed(self) -> bool:
        """Whether what was observed lies in the documented case's 90 % interval."""
        row = self.cases.iloc[0]
        return bool(row["p05"] <= self.pattern.value <= row["p95"])

    @property
    def powerful(self) -> bool:
        """Whether the case that must fail does: its whole 90 % interval lies outside the bounds."""
        row = self.cases[self.cases["case"] == MUST_FAIL].iloc[0]
        return bool(row["p95"] < self.pattern.low or row["p05"] > self.pattern.high)


DOCUMENTED, MUST_FAIL = "documented", "must fail"


def control(
    country: str, runs: int = 400, seed: int = 1, *,
    workers: int | None = None, progress: Progress | None = None,
) -> Control:  # fmt: skip
    """Hold a country's pact against what was observed there, and try whether that could fail.

    Parameters
    ----------
    country : str
        Its name; its ``country.toml`` says under ``control`` what is tried.
    runs, seed : int
        Of every case: the same draws in all.
    workers : int, optional
    progress : function, optional

    Raises
    ------
    InputError
        The country has no control, or it names what is not there.
    """
    with being_in(country):
        asked = open_folder().plan.control
        if asked is None:
            raise InputError(
                "{country} has no control: no [control] in its country.toml",
                country=load_country().titled(),
            )
        known = patterns.load()
        if asked.pattern not in known:
            raise InputError(
                "country.toml: control: no pattern {name!r}; there are {allowed}",
                name=asked.pattern, allowed=", ".join(known),
            )  # fmt: skip
        pattern = known[asked.pattern]
        tried: list[tuple[str, str, tuple[str, ...]]] = [(DOCUMENTED, asked.scenario, ())]
        tried += [("", each, ()) for each in shipped() if each != asked.scenario]
        tried += [(MUST_FAIL, asked.must_fail, tuple(asked.transferred))]
        rows, hangs_on = [], pd.DataFrame()
        for case, name, transferred in tried:
            values, parameters = _values(
                pattern, load_scenario(name), runs, seed, transferred, workers,
                partial(progress, name) if progress else None,
            )  # fmt: skip
            rows.append({
                "case": case, "scenario": name, "pattern": pattern.id,
                "transferred": ", ".join(transferred), **_told(values, pattern),
            })  # fmt: skip
            if case == DOCUMENTED:
                hangs_on = _hangs_on(values, parameters)
        return Control(load_country().name, pattern, pd.DataFrame(rows), hangs_on, runs, seed)


def _values(
    pattern: Pattern,
    scenario: Scenario,
    runs: int,
    seed: int,
    transferred: Collection[str],
    workers: int | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[FloatArray, Any]:
    """Give a pattern's statistic in every run of a scenario, and the runs' parameters."""
    parameters = parameters_of_runs(
        load_country(), dict(scenario.parameters), seed, 0, runs, transferred=transferred
    )
    results = run(scenario, runs, seed, parameters=parameters, detail="none", workers=workers,
                  progress=progress)  # fmt: skip
    estimate = patterns.entry(pattern).estimate
    if estimate is None:
        raise InputError("{name}: no estimator is known for it", name=pattern.id)
    return estimate(results, pattern), parameters


def _told(values: FloatArray, pattern: Pattern) -> dict[str, float]:
    below, above = values < pattern.low, values > pattern.high
    return {**interval(values), "below": float(below.mean()), "above": float(above.mean()),
            "inside": float((~below & ~above).mean()),
            "reaching": float((values >= pattern.value).mean())}  # fmt: skip


def _hangs_on(values: FloatArray, parameters: Any) -> pd.DataFrame:
    from scipy.stats import spearmanr  # slow to import

    rows = [
        {"parameter": name, "correlation": float(spearmanr(parameters[name], values).statistic)}
        for name in DECIDING
        if np.ptp(parameters[name]) > 0.0
    ]
    table = pd.DataFrame(rows)
    return table.reindex(table["correlation"].abs().sort_values(ascending=False).index)


def grain(
    runs: int = 400, seed: int = 1, *,
    workers: int | None = None, progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Hold El Salvador by its departments against the same by its municipalities.

    Contact and raids are between places, and nothing makes them scale by themselves.

    Returns
    -------
    pandas.DataFrame
        One row a span of `GRAIN`, in homicides a day, and one, "fewer", of percent fewer than
        without the truce during it: quantity, span; mean and quantiles by municipalities and by
        departments, as ``fine_*`` and ``coarse_*``; ``difference`` of the means and its standard
        error ``se``.
    """
    with being_in(HOME):
        country = load_country()
        found = {}
        for kind, each in (("fine", country), ("coarse", country.by_departments())):
            scenario = load_scenario(NO_ZONES)
            told = partial(progress, Message(kind)) if progress else None
            common: dict[str, Any] = {"country": each, "detail": "none", "workers": workers}
            results = run(scenario, runs, seed, progress=told, **common)
            without = run(without_truce(scenario), runs, seed, **common)
            values = {name: daily_mean(results, span) for name, span in GRAIN.items()}
            values["fewer"] = fewer(results, without, parse(GRAIN["truce"]))
            found[kind] = values
    rows = []
    for name, fine in found["fine"].items():
        coarse = found["coarse"][name]
        rows.append({
            "quantity": name, "span": GRAIN.get(name, GRAIN["truce"]), "fine_mean": fine.mean(),
            **prefixed("fine", fine), "coarse_mean": coarse.mean(), **prefixed("coarse", coarse),
            "difference": coarse.mean() - fine.mean(),
            "se": float(np.sqrt((coarse.var(ddof=1) + fine.var(ddof=1)) / runs)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def fewer(results: xr.Dataset, without: xr.Dataset, span: Period) -> FloatArray:
    """Give percent fewer homicides of a span than in the same runs without, shape (run,)."""
    other = total(without, span)
    return 100.0 * (other - total(results, span)) / other


REGION = {HOME: "truce-2012", "honduras": "pact-2013", "guatemala": "pact-2013"}
"""The pact of each country: as it was, as it was, and as it never was."""


def region(
    runs: int = 400, seed: int = 1, *,
    workers: int | None = None, progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Put the pacts of the three countries side by side: a year of each, against none.

    Returns
    -------
    pandas.DataFrame
        One row a country: country, scenario, day, span; ``offers`` (whether the state gave
        something on that day), ``guarantor``; quantiles of ``fewer``, percent fewer homicides in
        its first year than in the same runs without it, and of each of `ASSUMED`.
    """
    rows = []
    for name, case in REGION.items():
        with being_in(name):
            scenario = load_scenario(case)
            country, day = load_country(), scenario.first_order
            if day is None:
                raise InputError("{name}: no pact is made in {case}", name=name, case=case)
            span = Period(day, day.replace(year=day.year + 1))
            told = partial(progress, country.titled()) if progress else None
            parameters = parameters_of_runs(country, dict(scenario.parameters), seed, 0, runs)
            common: dict[str, Any] = {"parameters": parameters, "detail": "none",
                                      "workers": workers}  # fmt: skip
            results = run(scenario, runs, seed, progress=told, **common)
            without = run(without_truce(scenario), runs, seed, **common)
            rows.append({
                "country": name, "scenario": case, "day": day.isoformat(), "span": str(span),
                **_given(scenario, country),
                **prefixed("fewer", fewer(results, without, span)),
                **{key: value for each in ASSUMED
                   for key, value in prefixed(each, parameters[each]).items()},
            })  # fmt: skip
    return pd.DataFrame(rows)


def _given(scenario: Scenario, country: Country) -> dict[str, bool]:
    """Tell what a pact rests on in its first stretches: offers of the state, and a guarantor."""
    timeline = scenario.timeline(country)
    after = [row for row in timeline if row["ordered"].max() > 0.0][:3]
    return {
        "offers": any(row["privileges"] > 0.0 or row["minister"] > 1.0 for row in after),
        "guarantor": any(row["guarantor"] > 0.0 for row in after),
    }
