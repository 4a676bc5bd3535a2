"""Rate ratios by regression: known ratios are found, and the record gives the table's values."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as statsmodels
import xarray as xr
from synthetic import MONTHS, row, synthetic_results

from trucesim import load_country
from trucesim.files.errors import InputError
from trucesim.outcomes import patterns, regressions
from trucesim.outcomes.statistics import interval
from trucesim.world.observed import observed
from trucesim.world.periods import NotRecorded, find, parse

RATIO, ALPHA = 0.6, 0.8
UNDER_TRUCE = MONTHS.to_numpy() >= np.datetime64("2012-03-01")
ITS = [("national_its_rate_ratio_season", False), ("national_its_rate_ratio_trend_season", True)]


def municipal_rate(trend: float = 0.0, season: float = 0.2) -> npt.NDArray[np.float64]:
    """Give expected homicides, shape (month, municipality): in proportion to population."""
    month = np.arange(len(MONTHS))
    national = 330 * np.exp(trend * month / 12 + season * np.sin(2 * np.pi * month / 12))
    people = load_country().population
    return np.outer(national * np.where(UNDER_TRUCE, RATIO, 1), people / people.sum())


def panel(counts: npt.NDArray[np.int64]) -> xr.Dataset:
    """Give municipal counts, shape (run, month, municipality), the shape of results."""
    return xr.Dataset(
        {
            "recorded": (("run", "month", "municipality"), counts),
            "recorded_national": (("run", "month"), counts.sum(axis=2)),
        },
        coords={
            "run": np.arange(len(counts)),
            "month": MONTHS,
            "municipality": list(load_country().codes),
        },
        attrs={"country": "el_salvador", "runs": len(counts)},
    )


def negative_binomial(
    rate: npt.NDArray[np.float64], runs: int, seed: int = 5
) -> npt.NDArray[np.int64]:
    """Draw counts with variance ``mu + ALPHA mu^2``, shape (run, month, municipality)."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(1 / ALPHA, ALPHA * rate, (runs, *rate.shape)))


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """Twelve panels with a known ratio on a rising trend."""
    return panel(negative_binomial(municipal_rate(trend=0.15), runs=12))


@pytest.mark.slow
def test_katz_finds_a_known_ratio(results: xr.Dataset) -> None:
    """Its mean over panels is the ratio they were drawn with; without the trend 0.81 would come."""
    logs = np.log(regressions.katz(results))
    assert logs.shape == (12,)
    error = logs.std(ddof=1) / np.sqrt(12)
    assert error < 0.03
    assert logs.mean() == pytest.approx(np.log(RATIO), abs=3 * error)


@pytest.mark.slow
def test_katz_reads_2010_to_2013_alone(results: xr.Dataset) -> None:
    """Nothing before or after matters, and everything within does."""
    estimate = regressions.katz(results.isel(run=[0]))
    outside = results.isel(run=[0]).copy(deep=True)
    outside["recorded"].loc[{"month": slice("2009-01", "2009-12")}] += 9
    outside["recorded"].loc[{"month": slice("2014-01", "2016-12")}] += 9
    assert regressions.katz(outside) == pytest.approx(estimate)
    for month in ("2010-01-01", "2013-12-01"):
        inside = results.isel(run=[0]).copy(deep=True)
        inside["recorded"].loc[{"month": month}] += 9
        assert abs(regressions.katz(inside) - estimate) > 0.01


def test_katz_counts_march_2012_as_truce() -> None:
    """Equal in proportion to population, with a step exactly there, counts are fitted exactly."""
    flat = 1000 * municipal_rate(season=0.0)
    exact = panel(np.rint(flat)[None].astype(np.int64))
    assert regressions.katz(exact) == pytest.approx([RATIO], abs=1e-4)


def test_katz_weighs_by_population(results: xr.Dataset) -> None:
    """The populations are those of the codes, in whatever order these come."""
    one = results.isel(run=[0])
    estimate = regressions.katz(one)
    assert regressions.katz(one.isel(municipality=slice(None, None, -1))) == pytest.approx(estimate)
    names = one["municipality"].values
    shifted = one.assign_coords(municipality=np.roll(names, 1))
    assert abs(regressions.katz(shifted) - estimate) > 1e-3
    unknown = one.assign_coords(municipality=["9999", *names[1:]])
    with pytest.raises(InputError, match="'9999' unknown"):
        regressions.katz(unknown)


@pytest.mark.slow
def test_katz_has_the_likeliest_dispersion(results: xr.Dataset) -> None:
    """It agrees with a search over the dispersion by another route of statsmodels."""
    from scipy.optimize import minimize_scalar

    window = results["recorded"].isel(run=0).sel(month=slice("2010-01", "2013-12"))
    month = np.repeat(window["month"].dt.month.values, 262)
    time = np.repeat(np.arange(48), 262)
    exog = np.column_stack(
        [np.ones(len(time)), time >= 26, time, *(month == number for number in range(2, 13))]
    ).astype(float)
    offset = np.tile(np.log(load_country().population), 48)

    def fit(log_alpha: float) -> object:
        family = statsmodels.families.NegativeBinomial(alpha=np.exp(log_alpha))
        return statsmodels.GLM(window.values.ravel(), exog, family=family, offset=offset).fit()

    best = minimize_scalar(
        lambda log_alpha: -fit(log_alpha).llf,
        bounds=(-3, 2), method="bounded", options={"xatol": 1e-3},
    )  # fmt: skip
    assert np.exp(best.x) == pytest.approx(ALPHA, rel=0.15)
    (estimate,) = regressions.katz(results.isel(run=[0]))
    assert np.exp(fit(best.x).params[1]) == pytest.approx(estimate, rel=1e-4)


def test_katz_needs_municipal_months() -> None:
    """The record and results of less detail have none; the message says what to do."""
    for data in (observed(), synthetic_results(runs=1).drop_vars("recorded")):
        with pytest.raises(NotRecorded, match="run with detail = 'full'"):
            regressions.katz(data)
    with pytest.raises(NotRecorded, match="covers only"):
        regressions.katz(synthetic_results(runs=1).isel(month=slice(40)))


@pytest.mark.parametrize(("name", "trend"), ITS)
def test_record_reproduces_the_table(name: str, trend: bool) -> None:
    """The national ratio and its bounds are the table's, to the digits printed there."""
    pattern = patterns.load()[name]
    ratio = regressions.interrupted_series(observed(), trend)
    bounds = regressions.interrupted_interval(observed(), trend)
    assert ratio == pytest.approx([pattern.value], abs=0.0005)
    assert bounds == pytest.approx(np.array([[pattern.low, pattern.high]]), abs=0.0005)


def test_periods_agree_with_the_table() -> None:
    """What is regressed is what the rows say."""
    rows = patterns.load()
    before, after = find(rows["katz_rate_ratio_no_controls"].statistic)
    assert (before, after) == (regressions.BEFORE, regressions.AFTER)
    assert before.stop == after.start
    assert parse("2010-01..2013-12") == regressions.PERIOD
    for name in regressions.ESTIMATORS:
        assert rows[name].periods == [regressions.PERIOD]
        assert patterns.REGISTRY[name].reason == "needs a regression"


@pytest.mark.parametrize("trend", [False, True])
def test_interrupted_series_finds_a_known_ratio(trend: bool) -> None:
    """Counts that follow the model to the last homicide give their ratio, with a trend or not."""
    month = np.arange(len(MONTHS))
    days = MONTHS.days_in_month.to_numpy()
    log_rate = 8 + 0.1 * np.sin(2 * np.pi * month / 12) - 0.05 * np.cos(4 * np.pi * month / 12)
    rate = days * np.exp(log_rate + 0.3 * trend * month / 12) * np.where(UNDER_TRUCE, RATIO, 1)
    series = xr.Dataset(
        {"recorded_national": (("run", "month"), np.rint(rate)[None])},
        coords={"run": [0], "month": MONTHS},
    )
    assert regressions.interrupted_series(series, trend) == pytest.approx([RATIO], abs=1e-4)
    if trend:
        assert regressions.interrupted_series(series, False) > [RATIO + 0.3]


def test_runs_and_record_have_one_estimator() -> None:
    """The record in the place of the runs gives what it gives as the record."""
    record = observed()
    frame = regressions.with_regressions(patterns.compare(record, record), record, record)
    katz = row(frame, id="katz_rate_ratio_no_controls")
    assert (katz["observed"], katz["observed_source"], katz["inside"]) == (0.61, "published", None)
    assert katz["note"] == (
        "conditional on the 2015 rate class; 2010-01..2013-12: the data hold no homicides by "
        "municipality and month (run with detail = 'full')"
    )
    record["recorded"] = panel(negative_binomial(municipal_rate(), runs=1))["recorded"]
    frame = regressions.with_regressions(patterns.compare(record, record), record, record)
    for name in regressions.ESTIMATORS:
        cells = row(frame, id=name)
        assert cells["observed_source"] == "computed"
        assert cells["observed"] == cells["simulated_median"] != patterns.load()[name].value
        assert cells["inside"] is True


def test_rows_are_filled_in_and_no_others(results: xr.Dataset) -> None:
    """Three rows get values; the published ratio with controls and all else stay as they were."""
    full = synthetic_results(runs=3)
    frame = patterns.compare(full)
    before = frame.copy(deep=True)
    filled = regressions.with_regressions(frame, full)
    pd.testing.assert_frame_equal(frame, before)
    rows = frame["id"].isin(list(regressions.ESTIMATORS))
    assert rows.sum() == 3
    pd.testing.assert_frame_equal(filled[~rows], before[~rows])
    katz = row(filled, id="katz_rate_ratio_no_controls")
    quantiles = interval(regressions.katz(full))
    assert {name: katz[f"simulated_{name}"] for name in quantiles} == quantiles
    assert (katz["observed"], katz["observed_source"]) == (0.61, "published")
    assert katz["inside"] == (quantiles["p05"] <= 0.61 <= quantiles["p95"])
    assert set(filled.loc[rows, "inside"]) <= {True, False}


def test_progress_is_told_run_by_run(results: xr.Dataset) -> None:
    few, told = results.isel(run=slice(2)), []
    comparison = patterns.compare(synthetic_results(runs=2))
    regressions.with_regressions(comparison, few, progress=lambda done, of: told.append((done, of)))
    assert told == [(done, 6) for done in range(1, 7)]


def test_runs_without_estimate_are_counted_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without homicide before, one whose fit fails, and one that is kept."""
    counts = negative_binomial(municipal_rate(), runs=3)
    counts[0, ~UNDER_TRUCE] = 0
    full = synthetic_results(runs=3).assign(panel(counts).data_vars)
    (kept,) = regressions.katz(full.isel(run=[2]))
    fit = statsmodels.NegativeBinomial.fit
    fitted: list[object] = []

    def fail_first(model: object, **options: object) -> object:
        fitted.append(model)
        if model is fitted[0]:
            raise np.linalg.LinAlgError
        return fit(model, **options)

    monkeypatch.setattr(statsmodels.NegativeBinomial, "fit", fail_first)
    filled = regressions.with_regressions(patterns.compare(full), full)
    katz = row(filled, id="katz_rate_ratio_no_controls")
    assert len(set(map(id, fitted))) == 2
    assert katz["simulated_p05"] == katz["simulated_p95"] == kept
    assert "2 of 3 runs left out" in katz["note"]
    assert "conditional on the 2015 rate class" in katz["note"]
    assert "1 of 3 runs left out" in row(filled, id=ITS[0][0])["note"]
    filled = regressions.with_regressions(patterns.compare(full), full.isel(run=[0]))
    nothing = row(filled, id=ITS[0][0])
    assert "1 of 1 runs left out" in nothing["note"]
    assert nothing["inside"] is None


def test_search_that_does_not_converge_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither method converges there is no estimate, and no ratio."""
    fits = {"newton": (0.1, False), "bfgs": (0.2, True)}

    class Model:
        def __init__(self, *given: object, **options: object) -> None: ...

        def fit(self, method: str, **options: object) -> SimpleNamespace:
            ratio, converged = fits[method]
            params = np.array([0.0, np.log(ratio), 1.0])
            return SimpleNamespace(params=params, mle_retvals={"converged": converged})

    monkeypatch.setattr(statsmodels, "NegativeBinomial", Model)
    one = panel(negative_binomial(municipal_rate(), runs=1))
    assert regressions.katz(one) == pytest.approx([0.2])
    fits["bfgs"] = (0.2, False)
    assert np.isnan(regressions.katz(one)).all()


def test_counts_that_vary_less_than_poisson_are_poisson() -> None:
    """Without excess the ratio is that of the Poisson regression, which is the national one."""
    even = panel(np.rint(municipal_rate(season=0.5))[None].astype(np.int64))
    window = even["recorded_national"].isel(run=0).sel(month=slice("2010-01", "2013-12"))
    month, time = window["month"].dt.month.values, np.arange(48)
    exog = np.column_stack(
        [np.ones(48), time >= 26, time, *(month == number for number in range(2, 13))]
    ).astype(float)
    poisson = statsmodels.GLM(window.values, exog, family=statsmodels.families.Poisson()).fit()
    assert regressions.katz(even) == pytest.approx([np.exp(poisson.params[1])], rel=1e-6)


def test_missing_statsmodels_is_named(results: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way in says what to install."""
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    monkeypatch.setitem(sys.modules, "statsmodels.api", None)
    for call in (
        lambda: regressions.katz(results),
        lambda: regressions.interrupted_series(results, True),
        lambda: regressions.interrupted_interval(results, True),
        lambda: regressions.with_regressions(pd.DataFrame({"id": []}), results),
    ):
        with pytest.raises(InputError, match=r'pip install "trucesim\[validation\]"'):
            call()
