"""Rate ratios by regression: the truce against the time before it, for runs and record alike.

Three rows of the table of patterns need a regression. `trucesim.outcomes.patterns.compare` leaves
them empty; `with_regressions` fills them in. The published ratios are compared with, never fitted.

The regressions are those of statsmodels, which is optional: ``pip install "trucesim[validation]"``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError
from trucesim.outcomes.statistics import interval
from trucesim.world.country import load_country
from trucesim.world.observed import observed
from trucesim.world.periods import FloatArray, NotRecorded, parse, select

#: What is regressed: 26 months before the truce, and 22 from its first month on.
BEFORE, AFTER = parse("2010-01..2012-02"), parse("2012-03..2013-12")
PERIOD = parse("2010-01..2013-12")

#: Pairs of sine and cosine for the month of year in the national series, and the number of lags of
#: its errors (Bartlett weights, without a small-sample factor, normal quantiles). The table does
#: not state them; with these the record gives the table's two values and four bounds, all to the
#: three digits printed there. Month-of-year dummies would give 0.557 and 0.446.
HARMONICS = 2
HAC_LAGS = 3

# Column of the truce in every design.
_TRUCE = 1


def katz(results: xr.Dataset) -> FloatArray:
    """Estimate the rate ratio of the truce from municipal monthly counts, run by run.

    A negative binomial regression (variance ``mu + alpha mu^2``, alpha estimated) of the recorded
    homicides of each municipality and month from January 2010 to December 2013: logarithm of
    population as offset, a linear trend, month of year, and the truce from March 2012 on; no
    effects of municipalities. After Katz, Hedberg & Amaya 2016, doi:10.2471/BLT.15.166314, whose
    ratio without controls is 0.61 (0.54-0.69).

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results with ``recorded(run, month, municipality)``, that is of full detail.

    Returns
    -------
    ndarray of float, shape (run,)
        Rate under the truce divided by the rate before; NaN where the fit did not converge or a
        calendar month or one of the two periods has no homicide at all.

    Raises
    ------
    NotRecorded
        If the results have no municipal counts by month, or not the whole period.
    InputError
        If statsmodels is missing, or a municipality is none of the country's.
    """
    models = _statsmodels()
    if "recorded" not in results:
        raise NotRecorded(
            "{period}: the data hold no homicides by municipality and month (run with detail = "
            "'full')", period=PERIOD,
        )  # fmt: skip
    recorded = select(results, "recorded", PERIOD).transpose("run", "month", "municipality")
    log_population = np.log(_populations(results))
    month_of_year = recorded["month"].dt.month.values
    dummies = (month_of_year[:, None] == np.arange(2, 13)).astype(np.float64)
    design = _design(recorded["month"], dummies, trend=True)
    # Every municipality has the same covariates in a month: rows are month by month.
    exog = np.repeat(design, len(log_population), axis=0)
    offset = np.tile(log_population, len(design))
    seasons = [*_periods(recorded["month"]), *(month_of_year == month for month in range(1, 13))]

    def ratio(counts: FloatArray) -> float:
        national = counts.sum(axis=1)
        if not all(national[season].any() for season in seasons):
            return np.nan
        # With the covariates equal in all municipalities, the municipal Poisson regression is the
        # national one. It is where the search begins.
        whole = np.full(len(design), np.log(np.exp(log_population).sum()))
        poisson = _poisson(models, national, design, whole)
        if poisson is None:
            return np.nan
        mean = np.exp(exog @ poisson.params + offset)
        flat = counts.ravel()
        # Where the likelihood falls as alpha leaves zero, the counts vary no more than Poisson.
        excess = float(((flat - mean) ** 2 - flat).sum())
        if excess <= 0:
            return float(np.exp(poisson.params[_TRUCE]))
        start = np.append(poisson.params, excess / (mean**2).sum())
        return _negative_binomial(models, flat, exog, offset, start)

    return np.array([ratio(counts.astype(np.float64)) for counts in recorded.values])


def interrupted_series(results: xr.Dataset, trend: bool) -> FloatArray:
    """Estimate the rate ratio of the truce from national monthly counts, run by run.

    A Poisson regression of the recorded homicides of each month from January 2010 to December
    2013: logarithm of the month's days as offset, month of year as `HARMONICS` pairs of sine and
    cosine, the truce from March 2012 on, and a linear trend if asked for.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results or the observed record.
    trend : bool
        Whether to have a linear trend. The truce then is a step away from that trend.

    Returns
    -------
    ndarray of float, shape (run,)
        Rate under the truce divided by the rate before; NaN where the fit did not converge or one
        of the two periods has no homicide.

    Raises
    ------
    NotRecorded
        If the data have no monthly counts of the whole period.
    InputError
        If statsmodels is missing.
    """
    return _series(results, trend)[:, 0]


def interrupted_interval(results: xr.Dataset, trend: bool) -> FloatArray:
    """Give the 95% interval of the rate ratio of `interrupted_series`.

    The errors allow for heteroscedasticity and for autocorrelation over `HAC_LAGS` months (Newey &
    West 1987, doi:10.2307/1913610). It says how sure a single series makes the ratio; how far the
    ratio varies between runs is another thing.

    Parameters
    ----------
    results, trend
        As for `interrupted_series`, which also says what is raised.

    Returns
    -------
    ndarray of float, shape (run, 2)
        Lower and upper bound; NaN where there is no ratio.
    """
    return _series(results, trend)[:, 1:]


#: The rows that are filled in, each with its estimator. The ratio with controls is missing: its
#: covariates are not available.
ESTIMATORS: dict[str, Callable[[xr.Dataset], FloatArray]] = {
    "katz_rate_ratio_no_controls": katz,
    "national_its_rate_ratio_season": partial(interrupted_series, trend=False),
    "national_its_rate_ratio_trend_season": partial(interrupted_series, trend=True),
}


def with_regressions(
    comparison: pd.DataFrame,
    results: xr.Dataset,
    record: xr.Dataset | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Fill in the rows of a comparison that need a regression.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As returned by `trucesim.outcomes.patterns.compare`; it stays as it is.
    results : xarray.Dataset
        The simulated results that it compares.
    record : xarray.Dataset, optional
        The observed record; `trucesim.world.observed.observed` by default.
    progress : callable, optional
        Called with the number of regressions done and of all, after each run.

    Returns
    -------
    pandas.DataFrame
        A copy. In the rows of `ESTIMATORS` the columns ``simulated_*`` and ``inside`` are filled
        in, and ``observed`` where the record holds what the regression needs. Runs without an
        estimate are left out of the quantiles; ``note`` says how many of how many. It also says
        what is missing where the results do not hold what the regression needs.

    Raises
    ------
    InputError
        If statsmodels is missing.
    """
    check_installed()
    record = observed() if record is None else record
    done = count(1)
    number = comparison["id"].isin(list(ESTIMATORS)).sum() * results.sizes["run"]

    def tell() -> None:
        if progress is not None:
            progress(next(done), int(number))

    rows: list[dict[Any, Any]] = [
        _filled(row, ESTIMATORS[row["id"]], results, record, tell)
        if row["id"] in ESTIMATORS
        else row
        for row in comparison.to_dict("records")
    ]
    return pd.DataFrame(rows, index=comparison.index, columns=comparison.columns)


def _filled(
    row: dict[Any, Any],
    estimate: Callable[[xr.Dataset], FloatArray],
    results: xr.Dataset,
    record: xr.Dataset,
    tell: Callable[[], None],
) -> dict[Any, Any]:
    """Fill in one row; `tell` is called after each run."""
    row = dict(row)
    notes = [row["note"]] if row["note"] else []
    try:
        computed = estimate(record).item()
    except NotRecorded:
        pass  # the published value stands
    else:
        if np.isnan(computed):
            notes.append("the regression has no estimate for the record")
        else:
            row |= {"observed": computed, "observed_source": "computed"}
    simulated = np.empty(results.sizes["run"])
    try:
        for run in range(len(simulated)):
            simulated[run] = estimate(results.isel(run=[run])).item()
            tell()
    except NotRecorded as missing:
        return row | {"note": "; ".join([*notes, str(missing)])}
    found = simulated[np.isfinite(simulated)]
    if len(found) < len(simulated):
        notes.append(
            f"{len(simulated) - len(found)} of {len(simulated)} runs left out: "
            "the regression has no estimate for them"
        )
    if len(found):
        quantiles = interval(found)
        row |= {f"simulated_{name}": quantile for name, quantile in quantiles.items()}
        row["inside"] = quantiles["p05"] <= row["observed"] <= quantiles["p95"]
    return row | {"note": "; ".join(notes)}


def _series(results: xr.Dataset, trend: bool) -> FloatArray:
    """Give the national ratio with its bounds, shape (run, 3)."""
    models = _statsmodels()
    monthly = select(results, "recorded_national", PERIOD).transpose("run", "month")
    angle = 2 * np.pi * monthly["month"].dt.month.values / 12
    waves = [wave(k * angle) for k in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
    design = _design(monthly["month"], np.column_stack(waves), trend)
    offset = np.log(monthly["month"].dt.days_in_month.values)
    periods = _periods(monthly["month"])
    fits = np.full((monthly.sizes["run"], 3), np.nan)
    for run, counts in enumerate(monthly.values.astype(np.float64)):
        if not all(counts[period].any() for period in periods):
            continue
        fit = _poisson(models, counts, design, offset)
        if fit is not None:
            fits[run] = np.exp([fit.params[_TRUCE], *fit.conf_int()[_TRUCE]])
    return fits


def _design(month: xr.DataArray, season: FloatArray, trend: bool) -> FloatArray:
    """Put constant, truce, season and trend (in years) side by side, shape (month, column)."""
    columns = [np.ones(len(month)), _periods(month)[1], season]
    if trend:
        columns.append(np.arange(len(month)) / 12)
    return np.column_stack(columns).astype(np.float64)


def _periods(month: xr.DataArray) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Mark the months before the truce, and those from its first on, shape (month,) each."""
    under_truce = month.values >= np.datetime64(AFTER.start)
    return ~under_truce, under_truce


def _populations(results: xr.Dataset) -> FloatArray:
    """Give the people of the results' municipalities, shape (municipality,)."""
    country = load_country(results.attrs.get("country", "el_salvador"))
    people = dict(zip(country.codes, country.population, strict=True))
    codes = [str(code) for code in results["municipality"].values]
    unknown = sorted(set(codes) - set(people))
    if unknown:
        raise InputError(
            "the results have a municipality {code!r} unknown in the country", code=unknown[0]
        )
    return np.array([people[code] for code in codes])


def _poisson(models: Any, counts: FloatArray, design: FloatArray, offset: FloatArray) -> Any:
    """Fit a Poisson regression with HAC errors; None if it did not converge."""
    model = models.GLM(counts, design, family=models.families.Poisson(), offset=offset)
    lags = {"maxlags": HAC_LAGS, "use_correction": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is seen in the result
        fit = model.fit(cov_type="HAC", cov_kwds=lags, use_t=False)
    return fit if fit.converged and np.isfinite(fit.params).all() else None


def _negative_binomial(
    models: Any, counts: FloatArray, exog: FloatArray, offset: FloatArray, start: FloatArray
) -> float:
    """Fit a negative binomial regression and give the truce's ratio; NaN without convergence."""
    model = models.NegativeBinomial(counts, exog, offset=offset)
    # Newton's method takes some six steps from here. The other is slower and seldom fails.
    for method in ("newton", "bfgs"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what they warn of is seen in the result
                fit = model.fit(start_params=start, method=method, maxiter=200, disp=False)
        except np.linalg.LinAlgError:
            continue
        if fit.mle_retvals["converged"] and np.isfinite(fit.params).all() and fit.params[-1] > 0:
            return float(np.exp(fit.params[_TRUCE]))
    return np.nan


def check_installed() -> None:
    """Check that regressions can be made.

    Raises
    ------
    InputError
        If statsmodels is not installed.
    """
    _statsmodels()


def _statsmodels() -> Any:
    """Import statsmodels.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        import statsmodels.api
    except ImportError:
        raise InputError(
            'regressions need statsmodels: pip install "trucesim[validation]"'
        ) from None
    return statsmodels.api
