"""What the model is held against: each pattern's estimator, on the runs and on the record alike.

An estimator is written once, as a function of a Dataset that returns one value per run, and is
applied to simulated results and to the observed record. It reads its periods from the pattern's own
row, so that no definition stands in two places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError, Message, nearest
from trucesim.locale.catalogue import spoken, translated
from trucesim.outcomes.reductions import averted
from trucesim.outcomes.statistics import interval, ratio
from trucesim.world.folder import Folder, open_folder
from trucesim.world.observed import observed
from trucesim.world.observed import patterns as pattern_table
from trucesim.world.periods import (
    FloatArray,
    NotRecorded,
    Period,
    daily_mean,
    find,
    parse,
    select,
    total,
)

#: How far a pattern without bounds, and that is no count, may lie off (see `fit_distance`).
RELATIVE_TOLERANCE = 0.1

#: The truce as its published evaluations take it: from its first day to October 2013.
TRUCE = parse("2012-03-09..2013-10-31")

#: The periods of equal length that the published municipal shares compare.
BEFORE, AFTER = parse("2011-01..2012-02"), parse("2012-03..2013-04")


@dataclass(frozen=True)
class Pattern:
    """A row of the shipped table of patterns.

    Attributes
    ----------
    id, level, statistic, interval, period, use, source, use_second : str
        As in the table: ``use`` of the first generation of the model, ``use_second`` of this one.
    en, es : str
        What a country's own pattern is called; empty of those that are called below.
    value, low, high : float
        The published or derived value and its bounds; NaN where there is none.
    """

    id: str
    level: str
    statistic: str
    value: float
    low: float
    high: float
    interval: str
    period: str
    use: str
    source: str
    use_second: str
    en: str = ""
    es: str = ""

    @property
    def periods(self) -> list[Period]:
        """The period, or the periods compared."""
        return find(self.period)

    @property
    def municipal(self) -> bool:
        """Whether it depends on where homicides are."""
        return self.level.startswith("municipal")

    @property
    def conditional(self) -> bool:
        """Whether it rests on the rate class of 2015."""
        return self.municipal and max(each.stop for each in self.periods) > parse("2012").stop

    @property
    def note(self) -> str:
        """What to bear in mind when the pattern is compared; empty if nothing."""
        return "conditional on the 2015 rate class" if self.conditional else ""


@dataclass(frozen=True)
class Entry:
    """How a pattern is computed, and what it is called.

    Attributes
    ----------
    estimate : callable or None
        From a Dataset and the Pattern to an ndarray of float, shape (run,); raises NotRecorded if
        the Dataset does not hold what it needs. None if the pattern is not computed.
    label : str
        Short label for people.
    reason : str
        Why it is not computed.
    count : bool
        Whether the statistic counts events, so that chance alone makes it vary as a Poisson
        number does.
    """

    estimate: Callable[[xr.Dataset, Pattern], FloatArray] | None
    label: str
    reason: str = ""
    count: bool = False


def load() -> dict[str, Pattern]:
    """Load the patterns by their id, in the order of the table.

    Returns
    -------
    dict of str to Pattern
    """
    return dict(_load(open_folder()))


@cache
def _load(folder: Folder) -> Mapping[str, Pattern]:
    """Load those of a country, the one that is spoken of."""
    rows = pattern_table(folder.name).to_dict("records")
    known = {each.name for each in fields(Pattern)}
    return {
        row["id"]: Pattern(**{str(name): cell for name, cell in row.items() if name in known})
        for row in rows
    }


def mean_per_day(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """Homicides per day over the pattern's period."""
    return daily_mean(results, pattern.period)


def dispersion(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """Pearson chi2 / (n - 1) of the period's monthly counts about a constant daily rate."""
    monthly = select(results, "recorded_national", pattern.period).transpose("run", "month")
    counts = monthly.values.astype(np.float64)
    days = monthly["month"].dt.days_in_month.values
    expected = counts.sum(axis=1, keepdims=True) * days / days.sum()
    return ratio((counts - expected) ** 2, expected).sum(axis=1) / (len(days) - 1)


def ratio_of_periods(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """Homicides, or daily mean, of the first period of the statistic by those of the second."""
    count = daily_mean if pattern.statistic.startswith("daily mean") else total
    first, second = find(pattern.statistic)
    return ratio(count(results, first), count(results, second))


def peak_month(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """Homicides of the month with most, in the year of the pattern's period."""
    year = parse(f"{parse(pattern.period).start:%Y}")
    return select(results, "recorded_national", year).max("month").values.astype(np.float64)


def averted_against_baseline(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """Homicides averted since the truce began, against the baseline that the statistic names."""
    baseline = next(each for each in find(pattern.statistic) if each != TRUCE)
    return averted(results, baseline, TRUCE)


def fall_comes_first(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """1 if the first period's daily mean is within 15 percent of the second's, otherwise 0."""
    early, plateau = find(pattern.statistic)
    change = ratio(daily_mean(results, early), daily_mean(results, plateau)) - 1
    return (np.abs(change) <= 0.15).astype(np.float64)


def killed(results: xr.Dataset, pattern: Pattern, kind: str) -> FloatArray:
    """Count killings of one kind of victim: by month in results, by year in the record."""
    if "recorded_by_kind" in results:
        counts = select(results, "recorded_by_kind", pattern.period).sum("month")
    elif "killed_by_year" in results:
        counts = results["killed_by_year"].sel(year=int(pattern.period))
    else:
        raise NotRecorded(
            "{period}: the data hold no killings by kind of victim", period=pattern.period
        )
    values = counts.sel(kind=kind).values.astype(np.float64)
    if np.isnan(values).any():
        raise NotRecorded(
            "{period}: no source counts victims of the kind {kind!r}", period=pattern.period,
            kind=kind,
        )  # fmt: skip
    return values


def missing_reports(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """Missing-person reports of the pattern's period."""
    return select(results, "missing_reports", pattern.period).sum("month").values.astype(np.float64)


def fall_shares(results: xr.Dataset) -> xr.Dataset:
    """Compare each municipality's homicides of 2012-03..2013-04 with those of 2011-01..2012-02.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results, or any Dataset with ``recorded_by_period``.

    Returns
    -------
    xarray.Dataset
        ``below``, ``equal`` and ``above``, each (run,): the shares of municipalities with fewer,
        as many and more; they add up to 1.

    Raises
    ------
    NotRecorded
        If the data hold no municipal counts.
    """
    change = np.sign(_by_municipality(results, AFTER) - _by_municipality(results, BEFORE))
    signs = {"below": -1, "equal": 0, "above": 1}
    return xr.Dataset(
        {name: ("run", (change == sign).mean(axis=1)) for name, sign in signs.items()}
    )


def share_with_fall(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """Share of municipalities with fewer homicides under the truce than before."""
    shares: FloatArray = fall_shares(results)["below"].values
    return shares


def share_without_fall(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """Share of municipalities with as many homicides as before, or more."""
    shares = fall_shares(results)
    without: FloatArray = (shares["equal"] + shares["above"]).values
    return without


def municipalities_without_homicide(results: xr.Dataset, pattern: Pattern) -> FloatArray:
    """Count the municipalities without a homicide in the pattern's period."""
    return np.sum(_by_municipality(results, parse(pattern.period)) == 0, axis=1, dtype=np.float64)


def share_in_top_municipalities(results: xr.Dataset, pattern: Pattern, number: int) -> FloatArray:
    """Share of the homicides of the period in the municipalities with most."""
    counts = _by_municipality(results, parse(pattern.period))
    top = -np.partition(-counts, number - 1, axis=1)[:, :number]
    return ratio(top.sum(axis=1), counts.sum(axis=1))


_REGRESSION = partial(Entry, None, reason=Message("needs a regression"))
_INITIAL = partial(
    Entry, None, reason=Message("initial condition: given to the model, not produced by it")
)
_DAILY_MEAN = partial(Entry, mean_per_day)
_DISPERSION = partial(Entry, dispersion)
_RATIO = partial(Entry, ratio_of_periods)
_AVERTED = partial(Entry, averted_against_baseline)
_MISSING = partial(Entry, missing_reports, count=True)
_POLICE = partial(Entry, partial(killed, kind="police"), count=True)
_CLASHES = partial(Entry, partial(killed, kind="by_forces"), count=True)

#: How each pattern of the table is computed, in the order of the table.
REGISTRY: dict[str, Entry] = {
    "pre_truce_daily_mean": _DAILY_MEAN("Daily mean before the truce"),
    "first_14_days_daily_mean": _DAILY_MEAN("Daily mean, first 14 days"),
    "daily_mean_to_8_march_2012": _DAILY_MEAN("Daily mean, Jan to 8 Mar 2012"),
    "plateau_daily_mean": _DAILY_MEAN("Daily mean, Apr 2012 to Jun 2013"),
    "pre_truce_dispersion": _DISPERSION("Dispersion before the truce"),
    "plateau_dispersion": _DISPERSION("Dispersion, Apr 2012 to Jun 2013"),
    "truce_halves_ratio": _RATIO("Second / first half of the truce"),
    "katz_rate_ratio_controls": Entry(
        None, "Municipal rate ratio, controls", Message("needs covariates that are not available")
    ),
    "katz_rate_ratio_no_controls": _REGRESSION("Municipal rate ratio"),
    "national_its_rate_ratio_season": _REGRESSION("National rate ratio"),
    "national_its_rate_ratio_trend_season": _REGRESSION("National rate ratio, with trend"),
    "municipalities_without_fall_share": Entry(share_without_fall, "Municipalities without a fall"),
    "municipalities_with_fall_share": Entry(share_with_fall, "Municipalities with a fall"),
    "zero_homicide_municipalities_2013": Entry(
        municipalities_without_homicide, "Municipalities without homicide, 2013", count=True
    ),
    "share_in_top_32_municipalities_2013": Entry(
        partial(share_in_top_municipalities, number=32), "Share of the 32 worst hit, 2013"
    ),
    "police_killed_2012": _POLICE("Police killed, 2012"),
    "police_killed_2013": _POLICE("Police killed, 2013"),
    "gang_members_killed_in_clashes_2013": _CLASHES("Killed in clashes, 2013"),
    "missing_reports_h1_2011": _MISSING("Missing persons, Jan to Jun 2011"),
    "missing_reports_h1_2012": _MISSING("Missing persons, Jan to Jun 2012"),
    "missing_reports_h1_2013": _MISSING("Missing persons, Jan to Jun 2013"),
    "cliques_2013": _INITIAL("Cliques, 2013"),
    "gang_members_in_prison_2013": _INITIAL("Gang members in prison, 2013"),
    "averted_vs_jan_feb_2012": _AVERTED("Averted against Jan to 8 Mar 2012"),
    "averted_vs_2011": _AVERTED("Averted against 2011"),
    "averted_vs_26_months": _AVERTED("Averted against Jan 2010 to Feb 2012"),
    "fall_precedes_guarantor_and_zones": Entry(
        fall_comes_first, "Fall precedes guarantor and zones"
    ),
    "second_step_ratio": _RATIO("Second step, July 2013"),
    "daily_mean_2014": _DAILY_MEAN("Daily mean, 2014"),
    "ratio_2015_2011": _RATIO("Homicides, 2015 / 2011"),
    "peak_month_2015": Entry(peak_month, "Peak month of 2015", count=True),
    "dispersion_2015_05_2016_03": _DISPERSION("Dispersion, May 2015 to Mar 2016"),
    "second_pact_before": _DAILY_MEAN("Daily mean, 1 to 25 Mar 2016"),
    "second_pact_after": _DAILY_MEAN("Daily mean, 26 to 31 Mar 2016"),
    "ratio_apr_dec_to_jan_mar_2016": _RATIO("Apr-Dec / Jan-Mar 2016"),
    "police_killed_2014": _POLICE("Police killed, 2014"),
    "police_killed_2015": _POLICE("Police killed, 2015"),
    "gang_members_killed_in_clashes_2014": _CLASHES("Killed in clashes, 2014"),
    "gang_members_killed_in_clashes_2015": _CLASHES("Killed in clashes, 2015"),
    "gang_members_killed_in_clashes_2016": _CLASHES("Killed in clashes, 2016"),
}


_BY_STATISTIC = (
    ("mean homicides per day", mean_per_day, False),
    ("daily mean", ratio_of_periods, False),
    ("homicides", ratio_of_periods, False),
)
"""Estimators of patterns that only a country's own table has, by how their statistic begins."""


def entry(pattern: Pattern) -> Entry:
    """Tell how a pattern is computed; one of a country's own by what its statistic says."""
    if pattern.id in REGISTRY:
        return REGISTRY[pattern.id]
    for begins, estimate, count in _BY_STATISTIC:
        periods = 2 if estimate is ratio_of_periods else 0
        if pattern.statistic.startswith(begins) and len(find(pattern.statistic)) == periods:
            return Entry(estimate, _title(pattern), count=count)
    return Entry(None, _title(pattern), Message("no estimator is known for it"))


def _title(pattern: Pattern) -> str:
    return (pattern.es if spoken() == "es" else pattern.en) or pattern.id.replace("_", " ")


def label(name: str) -> str:
    """Give a pattern's short label; of one of a country's own what its table calls it."""
    if name in REGISTRY:
        return translated(REGISTRY[name].label)
    return _title(known) if (known := load().get(name)) else name.replace("_", " ")


def compare(results: xr.Dataset, record: xr.Dataset | None = None) -> pd.DataFrame:
    """Hold the runs against every pattern.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results.
    record : xarray.Dataset, optional
        The observed record, with a dimension ``run`` of length 1;
        `trucesim.world.observed.observed` by default.

    Returns
    -------
    pandas.DataFrame
        One row per pattern, with the columns id, level, use, statistic, observed, low, high,
        observed_source, simulated_p05, simulated_median, simulated_p95, inside, source, note,
        municipal, conditional (bool; see `Pattern`). ``use`` is that of the second generation.
        ``observed`` is the estimator applied to the record (``observed_source`` "computed") or,
        where the record does not hold what it needs, the value of the table ("published").
        ``inside`` is True if it lies between the 5 % and 95 % quantiles over runs, both included,
        False if not, and None where nothing was simulated.
    """
    values = {name: _simulate(pattern, results) for name, pattern in load().items()}
    return compare_values(values, record)


def compare_values(
    values: Mapping[str, FloatArray], record: xr.Dataset | None = None
) -> pd.DataFrame:
    """Hold values that were computed of the runs against every pattern.

    Parameters
    ----------
    values : mapping of str to ndarray of float, shape (run,)
        By pattern id; one that is left out was not simulated.
    record : xarray.Dataset, optional
        As for `compare`, which says what is returned.
    """
    record, unknown = observed() if record is None else record, np.array([np.nan])
    rows = [_compared(each, values.get(name, unknown), record) for name, each in load().items()]
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = (
    "id", "level", "use", "statistic", "observed", "low", "high", "observed_source",
    "simulated_p05", "simulated_median", "simulated_p95", "inside", "source", "note", "municipal",
    "conditional",
)  # fmt: skip


def judge(comparison: pd.DataFrame) -> pd.DataFrame:
    """Judge each row of a comparison by whether it says something, and rightly.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `compare` gives it, or another table with the columns ``observed`` and ``simulated_*``.

    Returns
    -------
    pandas.DataFrame
        The same rows with ``simulated`` (bool), ``inside`` (object: True if the observed value lies
        between the 5 % and 95 % quantiles, both included, False if not, None where nothing was
        simulated), ``too_wide`` (bool: that interval is wider than the observed value, so that
        being inside means little), ``counts`` (bool: inside and not too wide) and ``side`` (str:
        where it lies outside, "low" or "high" as the whole interval is; empty otherwise).
    """
    low, high = comparison["simulated_p05"], comparison["simulated_p95"]
    observed_values = comparison["observed"]
    simulated = comparison["simulated_median"].notna()
    inside = observed_values.between(low, high)
    too_wide = simulated & (high - low > observed_values.abs())
    return comparison.assign(
        simulated=simulated,
        inside=inside.astype(object).where(simulated, None),
        too_wide=too_wide,
        counts=inside & ~too_wide,
        side=np.where(high < observed_values, "low", np.where(low > observed_values, "high", "")),
    )


def coverage(comparison: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of a comparison that the model gets right, by their use.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As for `judge`.

    Returns
    -------
    pandas.DataFrame
        One row per use that has simulated rows, with the columns use, simulated (rows), inside, and
        counted (inside an interval no wider than the value).
    """
    judged = judge(comparison)
    judged = judged[judged["simulated"]]
    return pd.DataFrame(
        [
            {
                "use": use,
                "simulated": len(rows),
                "inside": int(rows["inside"].eq(True).sum()),
                "counted": int(rows["counts"].sum()),
            }
            for use, rows in judged.groupby("use", sort=False)
        ]
    )


def write_comparison(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a comparison as CSV: floats to six significant digits, `inside` as true or false.

    Parameters
    ----------
    frame : pandas.DataFrame
        As returned by `compare`; the verdicts of `judge` are written too.
    path : str or Path
        The file to write. Cells without a value are empty.
    """
    columns = "id use observed low high simulated_p05 simulated_median simulated_p95 inside"
    beside = [name for name in frame if str(name).startswith("departments_only_")]
    verdicts = [name for name in ("too_wide", "counts") if name in frame]
    kept = [*columns.split(), *verdicts, "observed_source", "note", *beside, "statistic"]
    written = frame[kept].assign(
        **{name: frame[name].map({True: "true", False: "false"}) for name in ("inside", *verdicts)}
    )
    written.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")


def fit_ids() -> list[str]:
    """List the patterns that may choose a parameter.

    Returns
    -------
    list of str
        The ids of use ``fit``, in the order of the table.
    """
    return [pattern.id for pattern in load().values() if pattern.use_second == "fit"]


def fit_distance(
    results: xr.Dataset, ids: Iterable[str] | None = None, record: xr.Dataset | None = None
) -> pd.Series[float]:
    """Measure how far the runs lie from the patterns that may choose a parameter.

    The distance is ``abs(mean over runs - observed) / scale``. The mean, because it moves smoothly
    with a parameter where the median of a small count jumps. The scale is

    - half the width of the bounds, where the table gives them;
    - for other counts n, 1.96 sqrt(n), the half-width of a Poisson 95 % interval;
    - for all else, `RELATIVE_TOLERANCE` times the observed value;

    so that a distance of 1 is the edge of what the pattern allows.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results.
    ids : iterable of str, optional
        Patterns of use ``fit``; all of them by default.
    record : xarray.Dataset, optional
        As for `compare`.

    Returns
    -------
    pandas.Series of float
        By pattern id.

    Raises
    ------
    InputError
        If an id is unknown or its use is not ``fit``: a check never chooses a parameter.
    NotRecorded
        If the results do not hold what a pattern needs.
    """
    chosen = _fitting(fit_ids() if ids is None else ids)
    return distances({each.id: _estimate(each, results) for each in chosen}, record)


def distances(
    values: Mapping[str, FloatArray], record: xr.Dataset | None = None
) -> pd.Series[float]:
    """Measure as `fit_distance` does, from values of the runs by pattern id."""
    record = observed() if record is None else record
    found = {}
    for pattern in _fitting(values):
        value = observed_value(pattern, record)
        scale = _scale(pattern, value, entry(pattern).count)
        found[pattern.id] = float(abs(values[pattern.id].mean() - value) / scale)
    return pd.Series(found, dtype=float)


def _fitting(ids: Iterable[str]) -> Iterator[Pattern]:
    """Give patterns that may choose a parameter, and refuse others."""
    known = load()
    for name in ids:
        if name not in known:
            raise InputError("unknown pattern {name!r}{hint}", name=name, hint=nearest(name, known))
        if known[name].use_second != "fit" or entry(known[name]).estimate is None:
            raise InputError(
                "pattern {name!r} has the use {use!r}: only patterns of the use 'fit' may choose a "
                "parameter", name=name, use=known[name].use_second,
            )  # fmt: skip
        yield known[name]


def _compared(pattern: Pattern, values: FloatArray, record: xr.Dataset) -> dict[str, object]:
    value, source = _observe(pattern, record)
    simulated = interval(values)
    computed = not np.isnan(simulated["median"])
    return {
        "id": pattern.id,
        "level": pattern.level,
        "use": pattern.use_second,
        "statistic": pattern.statistic,
        "observed": value,
        "low": pattern.low,
        "high": pattern.high,
        "observed_source": source,
        **{f"simulated_{name}": quantile for name, quantile in simulated.items()},
        "inside": simulated["p05"] <= value <= simulated["p95"] if computed else None,
        "source": pattern.source,
        "note": pattern.note,
        "municipal": pattern.municipal,
        "conditional": pattern.conditional,
    }


def observed_value(pattern: Pattern, record: xr.Dataset) -> float:
    """Give a pattern's value in the record: computed, or as published where it cannot be."""
    return _observe(pattern, record)[0]


def _observe(pattern: Pattern, record: xr.Dataset) -> tuple[float, str]:
    """Give the observed value, and whether it was computed here or published."""
    computed = _simulate(pattern, record).item()
    return (pattern.value, "published") if np.isnan(computed) else (computed, "computed")


def _estimate(pattern: Pattern, data: xr.Dataset) -> FloatArray:
    """Apply the pattern's estimator."""
    known = entry(pattern)
    if known.estimate is None:
        raise NotRecorded("{name}: {reason}", name=pattern.id, reason=known.reason)
    return known.estimate(data, pattern)


def _simulate(pattern: Pattern, data: xr.Dataset) -> FloatArray:
    """Apply the estimator; NaN if there is none or the data do not hold what it needs."""
    try:
        return _estimate(pattern, data)
    except NotRecorded:
        return np.full(data.sizes["run"], np.nan)


def _scale(pattern: Pattern, value: float, count: bool) -> float:
    if not np.isnan(pattern.low):
        return (pattern.high - pattern.low) / 2
    return 1.96 * float(np.sqrt(value)) if count else RELATIVE_TOLERANCE * abs(value)


def _by_municipality(results: xr.Dataset, period: Period) -> FloatArray:
    """Take the municipal totals of a period, shape (run, municipality)."""
    if "recorded_by_period" not in results or str(period) not in results["period"].values:
        raise NotRecorded("{period}: the data hold no municipal counts", period=period)
    counts = results["recorded_by_period"].sel(period=str(period))
    return counts.transpose("run", "municipality").values.astype(np.float64)
