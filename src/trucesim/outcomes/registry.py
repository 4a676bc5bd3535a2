"""Named outcomes: what is kept of every run, each a function of a results Dataset.

=====================================  ============================================================
name                                   value of a run
=====================================  ============================================================
any pattern that has an estimator      as :mod:`trucesim.outcomes.patterns` computes it
``reduction_BASELINE``                 percent, against a baseline of ``reductions.baselines()``
``averted_BASELINE``                   homicides, against the same
``reduction_no_truce``                 percent, against the same run without a truce
``averted_no_truce``                   homicides, against the same run without a truce
``recorded_PERIOD``                    recorded homicides of any period, such as ``recorded_2015``
``true_PERIOD``                        recorded and hidden killings of whole months
``compliance_PERIOD``                  share of members whose clique holds to an order
``zones_PERIOD``                       violence-free zones at the period's end
``second_step``, ``overshoot``         the patterns second_step_ratio and ratio_2015_2011
``collapsed_within_two_years``         1 if the truce's fall is gone, see :func:`collapsed`
=====================================  ============================================================

Those of a baseline and of a period are declared by fields (:mod:`trucesim.outcomes.declared`), as
an experiment's own are. In Python, any function of a run is one too (`of_function`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cache, cached_property, partial

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trucesim.engine.user_rules import identity
from trucesim.files.errors import InputError, Message, nearest
from trucesim.locale.catalogue import LANGUAGES, spoken, translated
from trucesim.locale.language import date, short, span
from trucesim.outcomes import declared, patterns, reductions
from trucesim.outcomes.declared import Declared
from trucesim.outcomes.digest import digest_of, text_of
from trucesim.outcomes.statistics import ratio
from trucesim.world import calendar
from trucesim.world.folder import Folder, open_folder
from trucesim.world.periods import FloatArray, NotRecorded, Period, parse

COLLAPSE_WITHIN = 24
"""Months after the order's own in which the truce's fall may be gone."""

COLLAPSE_SPAN = 3
"""Consecutive months over which homicides are compared, so that one bad month is no collapse."""


@dataclass(frozen=True)
class Outcome:
    """One value a run.

    Attributes
    ----------
    name : str
    title : str
        Label for people.
    meaning : str
        What it is, for a codebook.
    unit : str
        ``"1"`` for a pure number.
    low, high : float
        What it can be at least and at most.
    estimate : function or None
        From a Dataset to an ndarray of float, shape (run,). None where it is paired.
    compare : function or None
        Of a paired outcome: from the count of the run and that of its counterfactual.
    counted : str
        Of a paired outcome: the outcome that is counted in both.
    period : Period or None
        What stands in the title's braces.
    declared : Declared or None
        The fields that it is declared by.
    words : dict
        Its label by language, where an experiment's file gives one.
    municipal : bool
        Whether it is computed of counts by municipality.
    known_by : str
        Its digest, where it is computed by a function that is none of this package.
    """

    name: str
    title: str
    unit: str = "homicides"
    _: KW_ONLY
    meaning: str
    low: float = -np.inf
    high: float = np.inf
    estimate: Callable[[xr.Dataset], FloatArray] | None = None
    compare: Callable[[FloatArray, FloatArray], FloatArray] | None = None
    counted: str = ""
    period: Period | None = None
    declared: Declared | None = None
    words: Mapping[str, str] = field(default_factory=dict, hash=False)
    municipal: bool = False
    known_by: str = ""

    def label(self) -> str:
        """Give the label in the language that is spoken."""
        if self.words:
            return self.words[spoken()]
        said = translated(self.title)
        return said.format(span(self.period)) if self.period else said

    @property
    def indicator(self) -> bool:
        """Whether it is 1 or 0, so that its mean is the share of runs."""
        return self.unit == "0 or 1"

    @cached_property
    def digest(self) -> str:
        """Digest of how it is computed of a run; a paired one is computed of what is stored."""
        if self.known_by or self.estimate is None:
            return self.known_by
        return digest_of(self.estimate, text_of(evaluate))

    @property
    def paired(self) -> bool:
        """Whether it needs the same run without a truce."""
        return self.compare is not None


def of_fields(
    name: str,
    title: str,
    fields: Declared,
    meaning: str = "",
    *,
    words: Mapping[str, str] | None = None,
    period: Period | None = None,
) -> Outcome:
    """Make an outcome of its fields."""
    return Outcome(
        name, title, fields.unit, low=fields.low, high=fields.high,
        estimate=partial(declared.value, declared=fields),
        meaning=meaning or declared.meaning(fields),
        period=period, declared=fields, words=words or {}, municipal=fields.municipal,
    )  # fmt: skip


def of_function(
    name: str,
    function: Callable[[xr.Dataset], float],
    *,
    unit: str = "1",
    label: Mapping[str, str] | str = "",
) -> Outcome:
    """Make an outcome of a function of one's own.

    Parameters
    ----------
    name : str
    function : function
        From a run's Dataset, as :func:`trucesim.run` gives it with full detail and without its
        dimension ``run``, to a number; NaN where it has none.
    unit : str
    label : dict or str
        By language, "en" and "es"; the name by default.
    """
    words = dict(label) if isinstance(label, Mapping) else dict.fromkeys(LANGUAGES, label or name)
    return Outcome(
        name, name, unit, meaning="A function of one's own", words=words, municipal=True,
        estimate=partial(_run_by_run, function=function), known_by=identity(function),
    )  # fmt: skip


def of_digest(name: str, known_by: str) -> Outcome:
    """Make an outcome of what is stored of it, where the function that gave it is not at hand."""
    return Outcome(
        name, name, "1", meaning="A function of one's own", words=dict.fromkeys(LANGUAGES, name),
        known_by=known_by,
    )  # fmt: skip


def _run_by_run(results: xr.Dataset, function: Callable[[xr.Dataset], float]) -> FloatArray:
    runs = range(results.sizes["run"])
    return np.array([float(function(results.isel(run=run))) for run in runs])


def check_function(each: Outcome, results: xr.Dataset) -> None:
    """Try a function of one's own on a run, so that what fails there is told before all fail.

    Raises
    ------
    InputError
    """
    try:
        evaluate(results, [each.name], {each.name: each})
    except Exception as error:
        raise InputError(
            "outcome {name!r}: tried on a run, its function gives {kind}: {error}; it must take a "
            "run's Dataset and give one number, NaN where there is none", name=each.name,
            kind=type(error).__name__, error=error,
        ) from error  # fmt: skip


def find(name: str, own: Mapping[str, Outcome] | None = None) -> Outcome:
    """Give an outcome by its name: one of an experiment's own, or a shipped one."""
    return own[name] if own and name in own else outcome(name)


def collapsed(results: xr.Dataset) -> FloatArray:
    """1 if the truce's fall is gone within two years of the order, 0 if not.

    It is gone when in :data:`COLLAPSE_SPAN` consecutive whole months, which end within
    :data:`COLLAPSE_WITHIN` months after the month of the first order to hold fire, recorded
    homicides a day are at least those of the twelve whole months before that month. A truce under
    which they never fell counts as gone. NaN without an order, or with less than a year before it.
    """
    ordered = results["order_month"].values
    values = np.full(len(ordered), np.nan)
    for month in np.unique(ordered[ordered >= 12]):
        if month + COLLAPSE_WITHIN >= results.sizes["month"]:
            raise NotRecorded(
                "the order is given in {month}, and the run does not reach {months} "
                "months further", month=calendar.months()[month].astype("datetime64[M]"),
                months=COLLAPSE_WITHIN,
            )  # fmt: skip
        rows = ordered == month
        counts = results["recorded_national"].values[rows].astype(np.float64)
        days = results["month"].dt.days_in_month.values
        before = counts[:, month - 12 : month].sum(axis=1) / days[month - 12 : month].sum()
        after = slice(month + 1, month + 1 + COLLAPSE_WITHIN)
        window = np.ones(COLLAPSE_SPAN)
        spans = np.lib.stride_tricks.sliding_window_view(counts[:, after], COLLAPSE_SPAN, axis=1)
        rate = spans.sum(axis=2) / np.convolve(days[after], window, "valid")
        values[rows] = (rate >= before[:, None]).any(axis=1)
    return values


def of_pattern(name: str) -> Callable[[xr.Dataset], FloatArray] | None:
    """Give a pattern's estimator, if it has one; what was observed plays no part in it."""
    row = replace(
        patterns.load()[name], value=np.nan, low=np.nan, high=np.nan,
        interval="", source="", use_second="",
    )  # fmt: skip
    estimate = patterns.entry(row).estimate
    return estimate and partial(estimate, pattern=row)  # type: ignore[call-arg]


_BASELINES = {
    "jan_feb_2012": "January and February 2012",
    "2011": "2011",
    "26_months": "the 26 months before",
}

_STEPS = {
    "second_step": ("second_step_ratio", "Second step: July-December 2013 by the plateau"),
    "overshoot": ("ratio_2015_2011", "Overshoot: 2015 by 2011"),
}


def _averted(own: FloatArray, without: FloatArray) -> FloatArray:
    return without - own


def _reduction(own: FloatArray, without: FloatArray) -> FloatArray:
    return 100.0 * ratio(without - own, without)


def named() -> Mapping[str, Outcome]:
    """Give the outcomes that have a name of their own; those of a period are built by name."""
    return _named(open_folder())


@cache
def _named(folder: Folder) -> Mapping[str, Outcome]:
    """Give those of a country, the one that is spoken of: its window, baselines and patterns."""
    over, known = reductions.window(), patterns.load()
    found: dict[str, Outcome] = {}

    def add(outcome: Outcome) -> None:
        found[outcome.name] = outcome

    counted = f"recorded_{over}"
    add(
        Outcome(
            "reduction_no_truce", "Reduction against no truce", "%", high=100.0,
            compare=_reduction, counted=counted,
            meaning=f"Percent fewer recorded homicides in {over} than in the same run without a "
            "truce: a counterfactual of the model",
        )
    )  # fmt: skip
    add(
        Outcome(
            "averted_no_truce", "Homicides averted against no truce",
            compare=_averted, counted=counted,
            meaning=f"Recorded homicides fewer in {over} than in the same run without a truce: a "
            "counterfactual of the model",
        )
    )  # fmt: skip
    for name, baseline in reductions.baselines().items():
        against = _BASELINES.get(name, str(baseline))
        for what, title, meaning in (
            ("reduction", f"Reduction against {against}",
             f"Percent fewer recorded homicides in {over} than the baseline's daily mean would "
             "give"),
            ("averted", f"Homicides averted against {against}",
             f"Recorded homicides fewer in {over} than the baseline's daily mean would give"),
        ):  # fmt: skip
            fields = Declared("homicides", what, over, baseline)
            add(of_fields(f"{what}_{name}", title, fields, meaning))
    for name, (pattern, title) in _STEPS.items():
        if pattern not in known:
            continue
        meaning = f"Pattern {pattern}"
        add(Outcome(name, title, "1", low=0.0, estimate=of_pattern(pattern), meaning=meaning))
    add(
        Outcome(
            "collapsed_within_two_years", "Truce collapsed within two years", "0 or 1",
            low=0.0, high=1.0,
            estimate=collapsed,
            meaning=f"1 if in {COLLAPSE_SPAN} consecutive months that end within "
            f"{COLLAPSE_WITHIN} months after the order's own, homicides a day are at least those "
            "of the twelve months before it; 0 if not",
        )
    )  # fmt: skip
    for name, row in known.items():
        if (estimate := of_pattern(name)) and name not in found:
            title, meaning = patterns.entry(row).label, f"{row.statistic}, {row.period}"
            add(Outcome(name, title, "see the pattern", estimate=estimate, meaning=meaning))
    return found


_OF_PERIODS: dict[str, tuple[str, str, str, str]] = {
    "recorded": (
        "Recorded homicides, {}", "homicides", "sum",
        "Homicides that the record holds, in the period of the name",
    ),
    "true": (
        "Killings, recorded and hidden, {}", "killings", "sum",
        "Killings, recorded and hidden, in the period of the name",
    ),
    "compliance": (
        "Members that hold fire, {}", "compliance", "mean",
        "Share of members at liberty whose clique holds to an order: mean over the months of the "
        "period and over gangs",
    ),
    "zones": (
        "Violence-free zones at the end of {}", "zones", "last",
        "Violence-free zones at the end of the period",
    ),
}  # fmt: skip
"""By the first word of a name: title, measure, reduction and meaning."""


def outcome(name: str) -> Outcome:
    """Give an outcome by its name.

    Raises
    ------
    InputError
        Unknown name, or a period that cannot be read.
    """
    return _outcome(name, open_folder())


@cache
def _outcome(name: str, folder: Folder) -> Outcome:
    """Give that of a country, the one that is spoken of."""
    if name in named():
        return named()[name]
    what, _, period = name.partition("_")
    measures = {each: told[1] for each, told in _OF_PERIODS.items()}
    if what in _OF_PERIODS and period[:1].isdigit():
        title, measure, reduction, meaning = _OF_PERIODS[what]
        try:
            read = parse(period)
        except InputError as error:
            how = declared.spelled(name, measures) or Message(
                "{error}; of some places, kinds or gangs, declare it by its fields ([[outcome]])",
                error=error,
            )
            raise InputError("no outcome {name!r}: {error}", name=name, error=how) from None
        return of_fields(name, title, Declared(measure, reduction, read), meaning, period=read)
    if spelled := declared.spelled(name, measures):
        raise InputError("no outcome {name!r}: {error}", name=name, error=spelled)
    examples = [f"{each}_2015" for each in _OF_PERIODS]
    raise InputError(
        "no outcome {name!r}{hint}; give a pattern's id, {named}, one of a period: {examples}, "
        "or declare it by its fields ([[outcome]])",
        name=name, hint=nearest(name, [*named(), *examples]), named=", ".join(list(named())[:11]),
        examples=", ".join(examples),
    )  # fmt: skip


def quantity(value: float, unit: str) -> str:
    """Write a number in three figures with its unit; of the unit "date", days from the start."""
    if unit == "date":
        return date(calendar.date_of(round(value)))
    said = short(value)
    return said if unit in ("1", "0 or 1") else f"{said} {unit}"


def needed(names: Iterable[str], own: Mapping[str, Outcome] | None = None) -> tuple[str, ...]:
    """Give the outcomes that are computed of a run itself: paired ones stand on what they count."""
    found = [find(name, own) for name in names]
    return tuple(dict.fromkeys(each.counted if each.paired else each.name for each in found))


def counterfactual(
    names: Iterable[str], own: Mapping[str, Outcome] | None = None
) -> tuple[str, ...]:
    """Give the outcomes that are computed of a run's counterfactual; none if nothing is paired."""
    found = [find(name, own) for name in names]
    return tuple(dict.fromkeys(each.counted for each in found if each.paired))


def evaluate(
    results: xr.Dataset, names: Iterable[str], own: Mapping[str, Outcome] | None = None
) -> FloatArray:
    """Compute outcomes of every run.

    Parameters
    ----------
    results : xarray.Dataset
        With ``order_month(run)``: the month of the first order to hold fire, -1 without one.
    names : iterable of str
        None of them paired.
    own : dict of str to Outcome, optional
        An experiment's own outcomes by name.

    Returns
    -------
    ndarray of float, shape (run, outcome)
    """
    columns = []
    for name in names:
        estimate = find(name, own).estimate
        assert estimate is not None
        columns.append(np.asarray(estimate(results), np.float64))
    return np.stack(columns, axis=1) if columns else np.empty((results.sizes["run"], 0))


def from_months(each: Outcome) -> bool:
    """Tell whether homicides by month, and the month of the first order, are all that it needs."""
    if each.estimate is None or each.known_by or each.municipal:
        return False
    months = calendar.months()
    try:
        each.estimate(of_months(np.ones((1, len(months)), np.int32), np.array([-1])))
    except (InputError, KeyError):
        return False
    return True


def of_months(counts: NDArray[np.int32], ordered: NDArray[np.int64]) -> xr.Dataset:
    """Make a Dataset of homicides by run and month, and of the month of each run's first order."""
    return xr.Dataset(
        {"recorded_national": (("run", "month"), counts), "order_month": ("run", ordered)},
        {"month": calendar.months(counts.shape[1])},
    )


def check_outcomes(
    names: Iterable[str],
    until: dt.date | None,
    where: str,
    own: Mapping[str, Outcome] | None = None,
) -> None:
    """Refuse what is no outcome, or what runs up to a day cannot tell, before anything is run."""
    from trucesim.runs.results import Reduction, dataset
    from trucesim.scenario.scenario import Scenario
    from trucesim.world.country import load_country

    given = list(names)
    for name in given:
        try:
            find(name, own)
        except InputError as error:
            raise InputError("{where}: {error}", where=where, error=error) from None
    months = calendar.MONTHS
    if until is not None:
        months = calendar.month_of(until) + 1
    country = load_country()
    detail = "full" if any(find(name, own).municipal for name in given) else "none"
    empty = dataset(Reduction(1, len(country), detail), Scenario("", {}, {}), country, 1, 0, months)
    empty = empty.assign(order_month=("run", [-1]))
    for name in needed(given, own):
        try:
            evaluate(empty, [name], own)
        except InputError as error:
            raise InputError(
                "{where}: {name}: {error}", where=where, name=name, error=error
            ) from None
