"""Forecasts: scores against closed forms, naive forecasts against the file, and what they see."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from synthetic import row, synthetic_results

from trucesim.files.errors import InputError
from trucesim.outcomes import forecasts, patterns
from trucesim.outcomes.forecasts import (
    MODEL,
    NAIVE,
    crps,
    naive_ensemble,
    naive_forecast,
    origin_weights,
    quantiles,
)
from trucesim.world.observed import observed
from trucesim.world.periods import NotRecorded, parse

WINDOWS = {
    "2010-01..2013-12": "",
    "2013-07..2014-06": "2013-06",
    "2014": "2013-12",
    "2014-01..2016-03": "2013-12",
    "2016-04..2016-12": "2016-03",
}
PUBLISHED = [
    (name, method) for name, window in forecasts.windows().items() for method in window.published
]
AHEAD = [name for name, origin in WINDOWS.items() if origin]


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    return synthetic_results(runs=40)


def normal_crps(mean: float, sd: float, truth: float) -> float:
    """Closed form of a normal distribution (Gneiting & Raftery 2007)."""
    z = (truth - mean) / sd
    density = math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    reached = (1 + math.erf(z / math.sqrt(2))) / 2
    return sd * (z * (2 * reached - 1) + 2 * density - 1 / math.sqrt(math.pi))


def later_changed(origin: str, factor: int = 3) -> xr.Dataset:
    """Give the record with every month after an origin made another one."""
    record = observed()
    later = record["month"].values > np.datetime64(origin, "M")
    record["recorded_national"][:, later] *= factor
    return record


# scores


@pytest.mark.parametrize("truth", [7.0, 10.0, 16.0])
def test_crps_of_a_normal_ensemble(truth: float) -> None:
    """Many members give the closed form, fair or not."""
    members = np.random.default_rng(1).normal(10, 3, 200_000)
    expected = normal_crps(10, 3, truth)
    assert crps(members, truth) == pytest.approx(expected, abs=0.02)
    assert crps(members, truth, fair=False) == pytest.approx(expected, abs=0.02)


def test_fair_crps_of_small_ensembles_is_unbiased() -> None:
    """Four members score on average as their distribution does; unfairly, they score worse."""
    members = np.random.default_rng(2).normal(0, 1, (4, 60_000))
    expected = normal_crps(0, 1, 0.5)
    weights = [1, 2, 3, 6]
    truth = np.full(members.shape[1], 0.5)
    assert crps(members, truth).mean() == pytest.approx(expected, abs=0.01)
    assert crps(members, truth, weights).mean() == pytest.approx(expected, abs=0.01)
    biased = expected + 1 / (4 * math.sqrt(math.pi))
    assert crps(members, truth, fair=False).mean() == pytest.approx(biased, abs=0.01)


def test_crps_by_pairs() -> None:
    """The sorted sum is the double sum over pairs, with weights, for every month."""
    rng = np.random.default_rng(3)
    members, truth, weights = rng.normal(size=(7, 5)), rng.normal(size=5), rng.random(7)
    share = weights / weights.sum()
    pairs = share[:, None] * share
    apart = (pairs[:, :, None] * np.abs(members[:, None] - members[None])).sum((0, 1))
    error = (share[:, None] * np.abs(members - truth)).sum(0)
    np.testing.assert_allclose(crps(members, truth, weights, fair=False), error - apart / 2)
    fair = error - apart / (1 - (share**2).sum()) / 2
    np.testing.assert_allclose(crps(members, truth, weights), fair)


@pytest.mark.parametrize("weights", [None, [1.0, 0.0, 0.0], [1.0, 2.0, 4.0]])
def test_crps_without_spread_is_the_absolute_error(weights: list[float] | None) -> None:
    """Three equal members, or one that alone has weight."""
    assert crps([7.0, 7.0, 7.0], 10.0, weights) == pytest.approx(3)
    assert crps([7.0], 10.0) == pytest.approx(3)
    assert crps([7.0, 90.0, 90.0], 10.0, [1, 0, 0]) == pytest.approx(3)


def test_weights_are_copies() -> None:
    """A weight of 3 is three copies; no weight is no member; the unit does not matter."""
    members = np.random.default_rng(4).normal(size=(5, 3))
    weights = np.array([3, 0, 1, 2, 4])
    copies = np.repeat(members, weights, axis=0)
    truth = np.zeros(3)
    np.testing.assert_allclose(
        crps(members, truth, weights / 7, fair=False), crps(copies, truth, fair=False)
    )
    levels = np.linspace(0.01, 0.99, 40)
    np.testing.assert_allclose(quantiles(members, levels, weights), quantiles(copies, levels))
    some = np.array([1, 0, 1, 1, 0])
    np.testing.assert_allclose(crps(members, truth, some), crps(members[some > 0], truth))
    np.testing.assert_allclose(crps(members, truth, np.full(5, 8)), crps(members, truth))


def test_quantiles_by_hand() -> None:
    """Between two members where the weights reach the level exactly, at a member otherwise."""
    assert quantiles([4, 1, 3, 2], [0.0, 0.25, 0.3, 0.5, 1.0]).tolist() == [1, 1.5, 2, 2.5, 4]
    assert quantiles([3, 1, 2], [0.5, 1 / 3]).tolist() == [2, 1.5]
    assert quantiles([3, 1, 2], [0.5], [1, 1, 0]).tolist() == [2]


@pytest.mark.parametrize("weights", [[1, 1], [1, -1, 1], [0, 0, 0], [1, np.nan, 1], [[1, 1, 1]]])
def test_wrong_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(InputError, match="weights"):
        crps([1.0, 2.0, 3.0], 2.0, weights)
    with pytest.raises(InputError, match="weights"):
        quantiles([1.0, 2.0, 3.0], [0.5], weights)


# windows and naive forecasts


def test_windows_come_from_the_file() -> None:
    """Periods and origins are read from its keys; an origin is the month before its window."""
    found = forecasts.windows()
    assert {name: window.origin for name, window in found.items()} == WINDOWS
    assert found["2014-01..2016-03"].period == parse("2014-01..2016-03")
    for name in AHEAD:
        assert parse(found[name].origin).stop == found[name].period.start


def test_every_published_method_is_made() -> None:
    """The file has no method that this module lacks; ours has one more, the seasonal."""
    for name, window in forecasts.windows().items():
        own = list(NAIVE) if WINDOWS[name] else [*forecasts.STEPS, forecasts.PERSISTENCE]
        assert set(own) - set(window.published) == ({"seasonal"} if WINDOWS[name] else set())


@pytest.mark.parametrize(("name", "method"), PUBLISHED)
def test_naive_errors_of_the_file_are_reproduced(name: str, method: str) -> None:
    """All four measures, to the digits printed there."""
    window = forecasts.windows()[name]
    made = naive_forecast(method, window)
    truth = forecasts.series().within(window.period).counts[np.isfinite(made)]
    error = made[np.isfinite(made)] - truth
    published = window.published[method]
    assert abs(error).mean() == pytest.approx(published["MAE"], abs=0.0501)
    assert np.sqrt((error**2).mean()) == pytest.approx(published["RMSE"], abs=0.0501)
    assert 100 * (abs(error) / truth).mean() == pytest.approx(published["MAPE"], abs=0.0501)
    explained = 1 - (error**2).sum() / ((truth - truth.mean()) ** 2).sum()
    assert explained == pytest.approx(published["R2"], abs=0.000501)


def test_naive_forecasts_by_hand() -> None:
    """From a record that rises by one killing a day and month, whatever the month's length."""
    whole = forecasts.series()
    rates = np.arange(len(whole.months)) + 1.0
    past = forecasts.Series(whole.months, rates * whole.days, whole.days).up_to("2013-06")
    ahead = np.array([1, 12, 13])
    assert NAIVE["12-month linear trend"].rates(past, ahead) == pytest.approx([55, 66, 67])
    assert NAIVE["seasonal"].rates(past, ahead).tolist() == [43, 54, 43]
    days = np.array([30, 31, 30])
    last = (days * [52, 53, 54]).sum() / days.sum()
    assert NAIVE["last-3-month level"].rates(past, ahead) == pytest.approx([last] * 3)
    old = past.within(parse("2010-01..2012-02"))
    assert len(old.months) == 26
    assert NAIVE["return to 2010-Feb2012 level"].rates(past, ahead) == pytest.approx(
        [old.counts.sum() / old.days.sum()] * 3
    )
    falling = forecasts.Series(past.months, past.counts[::-1], past.days)
    assert NAIVE["12-month linear trend"].rates(falling, np.array([60])).tolist() == [0]


def test_past_errors_by_hand() -> None:
    """A rising record is always 1 and the horizon above the last three months' level."""
    whole = forecasts.series()
    rates = np.arange(len(whole.months)) + 1.0
    days = np.full(len(rates), 30.0)
    past = forecasts.Series(whole.months, rates * days, days).first(20)
    errors = forecasts.naive_errors("last-3-month level", past, 4)
    assert errors == pytest.approx([5] * (20 - 3 - 4 + 1))
    assert forecasts.naive_errors("12-month linear trend", past, 4) == pytest.approx([0] * 5)
    assert len(forecasts.naive_errors("12-month linear trend", past, 8)) == 1
    assert len(forecasts.naive_errors("12-month linear trend", past, 9)) == 0


@pytest.mark.parametrize("name", AHEAD)
@pytest.mark.parametrize("method", NAIVE)
def test_naive_forecasts_do_not_look_past_their_origin(name: str, method: str) -> None:
    """Another later record changes neither forecast nor errors; another earlier one does."""
    window = forecasts.windows()[name]
    own, other = naive_ensemble(method, window), later_changed(window.origin)
    for ours, theirs in zip(own, naive_ensemble(method, window, other), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    earlier = str(np.datetime64(window.origin, "M") - np.timedelta64(1, "M"))
    changed = naive_ensemble(method, window, later_changed(earlier))
    assert any(not np.array_equal(a, b) for a, b in zip(own, changed, strict=True))


def test_each_past_error_uses_only_what_was_known_then() -> None:
    """A change of the last month touches the errors about that month and no other."""
    past = forecasts.series().up_to("2013-06")
    counts = past.counts.copy()
    counts[-1] *= 4
    changed = forecasts.Series(past.months, counts, past.days)
    for method in NAIVE:
        for horizon in (1, 6, 12):
            before = forecasts.naive_errors(method, past, horizon)
            after = forecasts.naive_errors(method, changed, horizon)
            np.testing.assert_array_equal(before[:-1], after[:-1])
            assert before[-1] != after[-1]


def test_few_errors_borrow_from_shorter_horizons() -> None:
    """From December 2013, 27 months ahead, a return to the old level has but ten errors."""
    window = forecasts.windows()["2014-01..2016-03"]
    method = "return to 2010-Feb2012 level"
    past = forecasts.series().up_to(window.origin)
    own = [forecasts.naive_errors(method, past, ahead) for ahead in range(1, 28)]
    assert [len(errors) for errors in (own[0], own[11], own[26])] == [36, 25, 10]
    last = naive_ensemble(method, window)[26]
    expected = np.concatenate([own[26], own[25]])
    assert len(expected) == 21
    point = naive_forecast(method, window)[26]
    np.testing.assert_allclose(last, np.maximum(point + 31 * expected, 0))
    assert len(naive_ensemble(method, window)[11]) == 25


def test_centred_errors_do_not_shift() -> None:
    """The mean of the distribution is then the forecast itself, as long as none is cut at 0."""
    window = forecasts.windows()["2016-04..2016-12"]
    method = "last-3-month level"
    point = naive_forecast(method, window)
    means = [each.mean() for each in naive_ensemble(method, window, centred=True)]
    np.testing.assert_allclose(means, point)
    shifted = [each.mean() for each in naive_ensemble(method, window)]
    assert np.abs(shifted - point).min() > 1


def test_persistence_in_the_fit_window_uses_earlier_months_only() -> None:
    """Its errors at February 2010 are the twelve changes since January 2009."""
    window = forecasts.windows()["2010-01..2013-12"]
    made = naive_ensemble(forecasts.PERSISTENCE, window)
    assert [len(each) for each in made[:3]] == [0, 12, 13]
    rates = forecasts.series().rates
    expected = np.maximum(28 * (rates[12] + np.diff(rates[:13])), 0)
    np.testing.assert_allclose(made[1], expected)


def test_unknown_names_are_refused(results: xr.Dataset) -> None:
    window = forecasts.windows()["2014"]
    with pytest.raises(InputError, match="did you mean 'seasonal'"):
        naive_forecast("seasonall", window)
    with pytest.raises(InputError, match="2014: no forecast 'constant'"):
        naive_forecast("constant", window)
    with pytest.raises(InputError, match="no window '2017'"):
        forecasts.score_forecast(results, "2017")
    with pytest.raises(InputError, match="no forecast has the origin '2013-07'"):
        forecasts.forecast_table(results, {"2013-07": np.ones(40)})
    with pytest.raises(InputError, match="weights"):
        forecasts.forecast_table(results, {"2013-06": np.ones(39)})


# scores of the runs


def test_a_perfect_model_has_every_skill() -> None:
    """Runs that are the record have no error and cover every month without any width."""
    record = observed()
    perfect = xr.concat([record.assign_coords(run=[number]) for number in range(3)], "run")
    frame = forecasts.forecast_table(perfect)
    own = frame[frame["method"] == MODEL]
    assert own["window"].tolist() == list(WINDOWS)
    assert own["origin"].tolist() == list(WINDOWS.values())
    assert (own[["mae", "crps", "width_90"]] == 0).to_numpy().all()
    assert (own["coverage_90"] == 1).all()
    others = frame[frame["method"] != MODEL]
    skills = others[["mae_skill", "crps_skill", "crps_skill_centred"]]
    np.testing.assert_allclose(skills, 1)
    published = others["mae_published"].notna()
    assert len(others) == 5 * 4
    assert published.sum() == 16
    np.testing.assert_allclose(
        others.loc[published, "mae"], others.loc[published, "mae_published"], atol=0.0501
    )


def test_scores_by_hand(results: xr.Dataset) -> None:
    """The model's row of one window, computed the long way."""
    frame = forecasts.score_forecast(results, "2014")
    model, trend = row(frame, method=MODEL), row(frame, method="12-month linear trend")
    runs = np.sort(results["recorded_national"].sel(month="2014").values, axis=0)
    truth = observed()["recorded_national"].sel(month="2014").values[0]
    # Of 40 runs, 5 % reaches exactly the second and the median lies between the middle two.
    low, high = runs[1:3].mean(axis=0), runs[37:39].mean(axis=0)
    assert model["mae"] == pytest.approx(abs(runs[19:21].mean(axis=0) - truth).mean())
    assert model["coverage_90"] == pytest.approx(((low <= truth) & (truth <= high)).mean())
    assert model["width_90"] == pytest.approx(((high - low) / truth).mean())
    scores = [
        np.abs(own - value).mean() - np.abs(own[:, None] - own).sum() / (40 * 39) / 2
        for own, value in zip(runs.T.astype(float), truth, strict=True)
    ]
    assert model["crps"] == pytest.approx(np.mean(scores))
    assert trend["crps_skill"] == pytest.approx(1 - model["crps"] / trend["crps"])
    assert trend["crps_skill_centred"] == pytest.approx(1 - model["crps"] / trend["crps_centred"])
    assert trend["mae_skill"] == pytest.approx(1 - model["mae"] / trend["mae"])
    assert (model["months"], model["members"]) == (12, pytest.approx(40))


def test_persistence_is_compared_over_its_own_months(results: xr.Dataset) -> None:
    """January 2010, which it cannot forecast, does not enter its skill."""
    changed = results.copy(deep=True)
    changed["recorded_national"].loc[{"month": "2010-01-01"}] += 5000
    before, after = (forecasts.score_forecast(each, "2010-01..2013-12") for each in
                     (results, changed))  # fmt: skip
    for name in ("constant", MODEL):
        assert row(before, method=name)["crps_skill"] != row(after, method=name)["crps_skill"]
    own = row(before, method=forecasts.PERSISTENCE)
    assert own["months"] == 47
    assert row(after, method=forecasts.PERSISTENCE)["crps_skill"] == own["crps_skill"]
    assert row(after, method=forecasts.PERSISTENCE)["mae_skill"] == own["mae_skill"]


@pytest.mark.slow
def test_weights_choose_runs_by_origin(results: xr.Dataset) -> None:
    """Weights of an origin are those of its windows, and leave the others alone."""
    kept = np.arange(40) < 8
    weighted = forecasts.forecast_table(results, {"2013-12": kept})
    plain = forecasts.forecast_table(results)
    few = forecasts.forecast_table(results.isel(run=kept))
    for name, origin in WINDOWS.items():
        expected = few if origin == "2013-12" else plain
        pd.testing.assert_frame_equal(
            weighted[weighted["window"] == name], expected[expected["window"] == name]
        )
    assert row(weighted, window="2014", method=MODEL)["members"] == pytest.approx(8)


def test_incomplete_results_are_refused(results: xr.Dataset) -> None:
    with pytest.raises(NotRecorded, match="covers only"):
        forecasts.score_forecast(results.isel(month=slice(60)), "2014")


# hold-outs


def compared(*rows: tuple[str, str, float, float, float, float]) -> pd.DataFrame:
    """Make a comparison: id, use, observed, 5 %, 50 % and 95 % quantiles."""
    names = ["id", "use", "observed", "simulated_p05", "simulated_median", "simulated_p95"]
    frame = pd.DataFrame(rows, columns=names)
    frame["ratio"] = frame["id"].str.contains("ratio")
    inside = frame["observed"].between(frame["simulated_p05"], frame["simulated_p95"])
    return frame.assign(inside=inside.astype(object).where(frame["simulated_p05"].notna(), None))


def test_an_interval_wider_than_the_observed_value_does_not_count() -> None:
    """Wide and inside is not counted; as wide as the value is; narrow and outside is not."""
    frame = compared(
        ("a", "holdout", 10, 4, 8, 14.5),
        ("b", "holdout", 10, 4, 8, 14),
        ("c", "holdout", 10, 11, 12, 13),
        ("d", "holdout", 10, 11, 20, 33),
        ("e", "holdout", 10, np.nan, np.nan, np.nan),
        ("f", "fit", 1, 0.9, 1, 1.1),
    )
    held = row(forecasts.hold_outs(frame), use="holdout")
    assert held == {
        "use": "holdout", "simulated": 4, "inside": 2, "too_wide": 1, "counted": 1,
        "coverage": 0.25, "ratios": 0, "right_in_sign": 0,
    }  # fmt: skip
    assert row(forecasts.hold_outs(frame), use="fit")["coverage"] == 1
    judged = forecasts.judge(frame)
    assert judged["counts"].tolist() == [False, True, False, False, False, True]
    assert judged["too_wide"].tolist() == [True, False, False, True, False, False]


def test_sign_of_ratios() -> None:
    """Median and observed value on the same side of 1, of ratios that are simulated."""
    frame = compared(
        ("second_step_ratio", "holdout", 1.4, 0.9, 1.2, 1.5),
        ("ratio_2015_2011", "holdout", 1.5, 0.5, 0.9, 1.6),
        ("ratio_apr_dec_to_jan_mar_2016", "holdout", 0.5, 0.7, 0.8, 0.9),
        ("truce_halves_ratio", "holdout", 0.97, 0.9, 1.0, 1.1),
        ("katz_rate_ratio_controls", "check", 0.5, np.nan, np.nan, np.nan),
        ("daily_mean_2014", "holdout", 10, 2, 3, 4),
    )
    assert forecasts.judge(frame)["right_in_sign"].tolist() == [
        True,
        False,
        True,
        False,
        None,
        None,
    ]
    held = row(forecasts.hold_outs(frame), use="holdout")
    assert (held["ratios"], held["right_in_sign"]) == (4, 2)
    assert forecasts.hold_outs(frame)["use"].tolist() == ["holdout"]


def test_the_shipped_ratios_are_found(results: xr.Dataset) -> None:
    """Whatever is estimated as a ratio is judged by its sign, and nothing else that is computed."""
    judged = forecasts.judge(patterns.compare(results))
    ratios = {
        name for name, entry in patterns.REGISTRY.items()
        if entry.estimate is patterns.ratio_of_periods
    }  # fmt: skip
    found = set(judged.loc[judged["right_in_sign"].notna(), "id"])
    assert ratios <= found
    assert all("ratio" in name for name in found)
    frame = forecasts.hold_outs(judged)
    assert frame["use"].tolist() == ["fit", "check", "holdout"]
    assert (frame["inside"] == frame["counted"] + frame["too_wide"]).all()


def test_conditionality_is_said_in_both_languages() -> None:
    assert list(forecasts.CONDITIONALITY) == ["en", "es"]
    assert "conditional" in forecasts.CONDITIONALITY["en"]
    assert "condicional" in forecasts.CONDITIONALITY["es"]


def test_a_later_origin_weighs_runs_by_what_was_known_there() -> None:
    record = observed()
    truth = record["recorded_national"].isel(run=0)
    generator = np.random.default_rng(4)
    level = generator.normal(0.0, 0.4, 400)
    counts = generator.poisson(truth.values * np.exp(level)[:, None])
    results = xr.Dataset(
        {"recorded_national": (("run", "month"), counts)}, {"month": truth["month"].values}
    )
    np.testing.assert_allclose(origin_weights(results, "2013-06"), 1.0 / 400)
    weights = origin_weights(results, "2013-12")
    assert weights.sum() == pytest.approx(1.0)
    assert 10 < (weights > 0).sum() <= 50
    assert abs(weights @ level) < 0.05
    assert np.abs(level[weights > 0]).max() < np.abs(level).max() / 3
    # Nothing beyond the origin is looked at, on either side.
    later = results["month"] > np.datetime64("2013-12-01")
    altered = results.assign(recorded_national=results["recorded_national"].where(~later, 0))
    changed = record.assign(
        recorded_national=record["recorded_national"].where(
            record["month"] <= np.datetime64("2013-12-01"), 1
        )
    )
    np.testing.assert_array_equal(origin_weights(altered, "2013-12", changed), weights)
    assert not np.array_equal(origin_weights(altered, "2014-03", changed), weights)
