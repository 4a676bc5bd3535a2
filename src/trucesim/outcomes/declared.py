"""Outcomes that are declared by fields: a measure, of what and where, when, and to what it reduces.

Nothing of a declaration is evaluated. The shipped outcomes of periods and baselines are of this
kind too (:mod:`trucesim.outcomes.registry`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from trucesim.agents import KINDS
from trucesim.files.errors import InputError, Message, nearest
from trucesim.outcomes.statistics import ratio
from trucesim.parameters import GANGS
from trucesim.world import gazetteer
from trucesim.world.country import Country, load_country
from trucesim.world.periods import FloatArray, Period, parse, select, total, whole


class Measure(NamedTuple):
    """What runs hold of something, month by month.

    Attributes
    ----------
    title : str
    unit : str
    axis : str
        The dimension beside run and month: "kind", "gang", or "" for neither.
    flow : bool
        Whether months add up; else each month has a state.
    share : bool
        Whether it is a share, of which gangs have a mean and no sum.
    placed : bool
        Whether it is held by municipality.
    """

    title: str
    unit: str
    axis: str = ""
    flow: bool = True
    share: bool = False
    placed: bool = False


MEASURES: dict[str, Measure] = {
    "homicides": Measure("Recorded homicides", "homicides", "kind", placed=True),
    "hidden": Measure("Hidden killings", "homicides", "kind"),
    "killings": Measure("Killings, recorded and hidden", "homicides", "kind"),
    "missing_reports": Measure("Reports of missing persons", "reports"),
    "compliance": Measure("Members that hold fire", "1", "gang", flow=False, share=True),
    "order_strength": Measure("Strength of orders", "1", "gang", flow=False, share=True),
    "members": Measure("Gang members at liberty", "members", "gang", flow=False),
    "in_prison": Measure("Gang members in prison", "members", "gang", flow=False),
    "zones": Measure("Violence-free zones", "zones", flow=False, placed=True),
}

REGIONS = ("zones", "first_zones", "beside", "elsewhere")
"""Places by what they become in the run itself: zones, the first of these, those that border on
one, and the rest."""

OF_FLOWS = ("sum", "daily_mean", "averted")
WITH_BASELINE = ("change", "difference", "reduction", "averted")
REDUCTIONS = ("sum", "mean", "daily_mean", "max", "min", "last", "share", *WITH_BASELINE)
"""To what the months of a period reduce; of those with a baseline, against its months."""

type MeasureName = Literal[
    "homicides", "hidden", "killings", "missing_reports", "compliance", "order_strength", "members",
    "in_prison", "zones",
]  # fmt: skip
type ReductionName = Literal[
    "sum", "mean", "daily_mean", "max", "min", "last", "share", "change", "difference", "reduction",
    "averted",
]  # fmt: skip
type RegionName = Literal["zones", "first_zones", "beside", "elsewhere"]


@dataclass(frozen=True)
class Declared:
    """An outcome by its fields.

    Attributes
    ----------
    measure : str
        Of :data:`MEASURES`.
    reduction : str
        Of :data:`REDUCTIONS`.
    period : Period or None
        None for the whole run.
    baseline : Period or None
    only : tuple of str
        Kinds or gangs; empty for all.
    places : tuple of str
        Codes of municipalities; empty for all.
    region : str
        Of :data:`REGIONS`; empty for all.
    """

    measure: str
    reduction: str
    period: Period | None = None
    baseline: Period | None = None
    only: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    region: str = ""

    @property
    def municipal(self) -> bool:
        """Whether it needs counts by municipality."""
        return bool(self.places or self.region)

    @property
    def unit(self) -> str:
        """Its unit; "1" for a pure number."""
        given = MEASURES[self.measure].unit
        return {"share": "1", "change": "%", "reduction": "%"}.get(self.reduction, given)

    @property
    def low(self) -> float:
        """What it can be at least."""
        return -np.inf if self.reduction in WITH_BASELINE else 0.0

    @property
    def high(self) -> float:
        """What it can be at most."""
        if self.reduction == "reduction":
            return 100.0
        bounded = MEASURES[self.measure].share and self.reduction not in WITH_BASELINE
        return 1.0 if bounded or self.reduction == "share" else np.inf


def meaning(declared: Declared) -> str:
    """Say what a declared outcome is, for a codebook."""
    parts = [MEASURES[declared.measure].title]
    parts += [", ".join(declared.only)] if declared.only else []
    if declared.places:
        country = load_country()
        names = dict(zip(country.codes, country.names, strict=True))
        parts.append(", ".join(names[code] for code in declared.places))
    parts += [f"region {declared.region}"] if declared.region else []
    parts.append(f"{declared.reduction} over {declared.period or 'all months'}")
    parts += [f"against {declared.baseline}"] if declared.baseline else []
    return "; ".join(parts)


# --- Checked -------------------------------------------------------------------------------------


def declare(
    measure: str,
    reduction: str | None = None,
    *,
    period: str | None = None,
    baseline: str | None = None,
    kinds: Iterable[str] = (),
    gangs: Iterable[str] = (),
    municipalities: Iterable[str] = (),
    departments: Iterable[str] = (),
    region: str | None = None,
    country: Country | None = None,
) -> Declared:
    """Check the fields of an outcome.

    Parameters
    ----------
    measure : str
        Of :data:`MEASURES`.
    reduction : str, optional
        Of :data:`REDUCTIONS`; the sum of what adds up and the mean of what does not by default.
    period, baseline : str, optional
        As :func:`trucesim.world.periods.parse` reads them; the whole run by default.
    kinds, gangs : iterable of str
        Of victims; only those.
    municipalities, departments : iterable of str
        Names or codes; what happens in any of them.
    region : str, optional
        Of :data:`REGIONS`.
    country : Country, optional
        The part of El Salvador that is simulated; all of it by default.

    Raises
    ------
    InputError
        A field that is unknown, or that does not go with another: what is allowed stands in it.
    """
    _one_of("measure", measure, MEASURES)
    told = MEASURES[measure]
    reduction = reduction or ("sum" if told.flow else "mean")
    _one_of("reduction", reduction, REDUCTIONS)
    if reduction in OF_FLOWS and not told.flow:
        raise InputError(
            "reduction = {reduction!r}: {measure} has a state in every month and does not add up; "
            "allowed: {allowed}", reduction=reduction, measure=measure,
            allowed=", ".join(each for each in REDUCTIONS if each not in OF_FLOWS),
        )  # fmt: skip
    only: list[str] = []
    for key, given, axis, known in (
        ("kinds", list(kinds), "kind", KINDS), ("gangs", list(gangs), "gang", GANGS),
    ):  # fmt: skip
        for each in given:
            _one_of(key, each, known)
        if given and told.axis != axis:
            raise InputError(
                "{key}: {measure} is not held by {axis}; measures that are: {allowed}", key=key,
                measure=measure, axis=axis,
                allowed=", ".join(n for n, each in MEASURES.items() if each.axis == axis),
            )  # fmt: skip
        only += [each for each in known if each in given]
    places = _places(list(municipalities), list(departments), country)
    if region:
        _one_of("region", region, REGIONS)
    if (places or region) and not told.placed:
        raise InputError(
            "places: {measure} is held for the whole country only; measures by municipality: "
            "{allowed}", measure=measure,
            allowed=", ".join(n for n, each in MEASURES.items() if each.placed),
        )  # fmt: skip
    if (places or region) and only:
        raise InputError("kinds: they are held for the whole country only; leave the places out")
    if (baseline is None) == (reduction in WITH_BASELINE):
        raise InputError(
            "baseline: it goes with reduction = {allowed}, and these need it",
            allowed=", ".join(WITH_BASELINE),
        )  # fmt: skip
    if reduction == "share" and told.share:
        raise InputError("reduction = 'share': {measure} is a share already", measure=measure)
    if reduction == "share" and not (only or places or region):
        raise InputError(
            "reduction = 'share': say of what (kinds, gangs, municipalities, departments, region)"
        )
    return Declared(
        measure, reduction, None if period is None else parse(period),
        None if baseline is None else parse(baseline), tuple(only), places, region or "",
    )  # fmt: skip


def _one_of(key: str, given: str, known: Iterable[str]) -> None:
    names = list(known)
    if given not in names:
        raise InputError(
            "{key}: no {given!r}{hint}; allowed: {allowed}", key=key, given=given,
            hint=nearest(given, names), allowed=", ".join(names),
        )  # fmt: skip


def _places(
    municipalities: list[str], departments: list[str], country: Country | None
) -> tuple[str, ...]:
    """Give the codes of places, in order; those that are not simulated are refused."""
    everywhere = load_country()
    there = set((country or everywhere).codes)
    found = {_municipality(name, there) for name in municipalities}
    held = dict.fromkeys((country or everywhere).departments)
    for name in departments:
        official = gazetteer.department(name)
        if official not in held:
            raise InputError(
                "departments: {name!r} is none that is simulated{hint}; there are {allowed}",
                name=name, hint=nearest(name, held), allowed=", ".join(held),
            )  # fmt: skip
        pairs = zip(everywhere.codes, everywhere.departments, strict=True)
        found |= {code for code, department in pairs if department == official}
    return tuple(sorted(found))


def _municipality(name: str, there: Collection[str]) -> str:
    """Give the code of a municipality by its name or its code."""
    codes = load_country().codes
    coded = gazetteer.by_code(name)
    named = gazetteer.by_name(name) if coded is None else (coded,)
    rows = [row for row in named if codes[row] in there]
    if len(rows) == 1:
        return codes[rows[0]]
    if gazetteer.of_2024(name):
        raise InputError(
            "municipalities: {name!r} is one of the 44 of 2024; give those of the 262 before that "
            "lie in it", name=name,
        )  # fmt: skip
    near = rows or [row for row in gazetteer.near(name) if codes[row] in there]
    if not near and gazetteer.department(name):
        raise InputError(
            "municipalities: {name!r} is a department; give departments = [{name!r}]", name=name
        )
    raise InputError(
        "municipalities: {name!r} is {what} that is simulated{hint}", name=name,
        what=Message("more than one municipality") if rows else Message("no municipality"),
        hint=Message("; there are {names}", names=gazetteer.listed(near)) if near else "",
    )  # fmt: skip


def spelled(name: str, measures: Mapping[str, str]) -> Message | None:
    """Spell out, as a line of an experiment's file, what a name such as members_2013 asks for.

    Parameters
    ----------
    name : str
    measures : mapping of str to str
        What names may begin with besides :data:`MEASURES`, and the measure that it stands for.

    Returns
    -------
    Message or None
        None where no measure stands at its head, or what follows is neither a period nor a kind,
        a gang or a place that the measure is held by.
    """
    heads = {**{each: each for each in MEASURES}, **measures}
    head = max((each for each in heads if name.startswith(f"{each}_")), key=len, default=None)
    if head is None:
        return None
    words = name.removeprefix(f"{head}_").split("_")
    dated = [word for word in words if word[:1].isdigit()]
    rest = [word for word in words if word not in dated]
    if len(dated) > 1:
        return None
    fields: dict[str, Any] = {"period": dated[0]} if dated else {}
    joined = "_".join(rest)
    if joined in (*KINDS, *GANGS):
        fields["kinds" if joined in KINDS else "gangs"] = [joined]
    elif len(rows := gazetteer.by_name(" ".join(rest))) == 1:
        fields["municipalities"] = [load_country().names[rows[0]]]
    elif department := gazetteer.department(" ".join(rest)):
        fields["departments"] = [department]
    elif rest:
        return None
    try:
        declare(heads[head], **fields)
    except InputError as error:
        return Message("{error}", error=error)
    given = {"name": re.sub(r"[^a-z0-9]+", "_", name.casefold()), "measure": heads[head], **fields}
    # Of TOML and of JSON, texts and lists of them are written alike.
    pairs = ", ".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in given.items())
    return Message("declare it beside outcomes: {line}", line=f"outcome = [{{ {pairs} }}]")


# --- Computed ------------------------------------------------------------------------------------


def value(results: xr.Dataset, declared: Declared) -> FloatArray:
    """Compute a declared outcome of every run, shape (run,).

    Raises
    ------
    NotRecorded
        The results do not hold the measure, or not over the whole period.
    """
    period = declared.period or whole(results)
    if declared.reduction in WITH_BASELINE and declared.baseline is not None:
        return _against(results, declared, period, declared.baseline)
    if declared.reduction == "share":
        everything = replace(declared, only=(), places=(), region="")
        return ratio(_level(results, declared, period), _level(results, everything, period))
    if declared.reduction in ("sum", "daily_mean"):
        counted = _count(results, declared, period)
        return counted if declared.reduction == "sum" else counted / period.days
    if declared.reduction == "mean":
        return _mean(results, declared, period)
    months = _months(results, declared, period)
    if declared.reduction == "last":
        return months.isel(month=-1).values.astype(np.float64)
    found = months.max("month") if declared.reduction == "max" else months.min("month")
    return found.values.astype(np.float64)


def _against(
    results: xr.Dataset, declared: Declared, period: Period, baseline: Period
) -> FloatArray:
    """Compare a period with a baseline: counts by the day, states by their mean."""
    if not MEASURES[declared.measure].flow:
        now, before = (_mean(results, declared, each) for each in (period, baseline))
        if declared.reduction == "difference":
            return now - before
        sign = 1 if declared.reduction == "change" else -1
        return 100 * ratio(sign * (now - before), before)
    counted = _count(results, declared, period)
    expected = _count(results, declared, baseline) / baseline.days * period.days
    match declared.reduction:
        case "averted":
            return expected - counted
        case "reduction":
            return 100 * ratio(expected - counted, expected)
        case "change":
            return 100 * ratio(counted - expected, expected)
    return (counted - expected) / period.days


def _level(results: xr.Dataset, declared: Declared, period: Period) -> FloatArray:
    flow = MEASURES[declared.measure].flow
    return (_count if flow else _mean)(results, declared, period)


def _count(results: xr.Dataset, declared: Declared, period: Period) -> FloatArray:
    """Add up what is counted; of all homicides, days of a month too."""
    everything = not (declared.only or declared.municipal)
    if declared.measure == "homicides" and everything:
        return total(results, period)
    if declared.measure == "killings" and everything:
        period = period.widened()
    return _months(results, declared, period).sum("month").values.astype(np.float64)


def _mean(results: xr.Dataset, declared: Declared, period: Period) -> FloatArray:
    told = MEASURES[declared.measure]
    if told.share:  # gangs count alike: their members at liberty are not weighed
        found = _held(results, declared, period).mean(["month", "gang"])
    else:
        found = _months(results, declared, period).mean("month")
    return found.values.astype(np.float64)


def _held(results: xr.Dataset, declared: Declared, period: Period) -> xr.DataArray:
    """Take the months of a measure that is held by kind or by gang, and of which of these."""
    axis = MEASURES[declared.measure].axis
    found = select(results, declared.measure, period)
    return found.sel({axis: list(declared.only)}) if declared.only else found


def _months(results: xr.Dataset, declared: Declared, period: Period) -> xr.DataArray:
    """Give a measure by run and month, in whatever it is of and wherever."""
    told = MEASURES[declared.measure]
    if declared.measure in ("homicides", "killings"):
        counts = _recorded(results, declared, period)
        if declared.measure == "homicides":
            return counts
        return counts + _months(results, replace(declared, measure="hidden"), period)
    if declared.measure == "zones" and declared.municipal:
        return _placed(results, "zone_status", declared, period)
    if not told.axis:
        return select(results, declared.measure, period)
    found = _held(results, declared, period)
    return found.mean(told.axis) if told.share else found.sum(told.axis)


def _recorded(results: xr.Dataset, declared: Declared, period: Period) -> xr.DataArray:
    if declared.municipal:
        return _placed(results, "recorded", declared, period)
    if declared.only:
        by_kind = select(results, "recorded_by_kind", period)
        return by_kind.sel(kind=list(declared.only)).sum("kind")
    return select(results, "recorded_national", period)


def _placed(results: xr.Dataset, variable: str, declared: Declared, period: Period) -> xr.DataArray:
    """Add up some municipalities, shape (run, month)."""
    found = select(results, variable, period)
    if declared.region:
        found = found.where(_region(results, declared.region), 0)
    if declared.places:
        found = found.sel(municipality=list(declared.places))
    return found.sum("municipality")


def _region(results: xr.Dataset, region: str) -> Any:
    """Tell which municipalities are in a region, run by run, shape (run, municipality)."""
    since = results["zone_since"]
    zone, beside = since >= 0, results["beside_zone"]
    if region == "first_zones":
        return zone & (since == since.where(zone, np.inf).min("municipality"))
    return {"zones": zone, "beside": beside & ~zone, "elsewhere": ~zone & ~beside}[region]
