"""Forecasts: scores against closed forms, naive forecasts by hand, and what they see."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import nbinom
from synthetic import row, synthetic_results

from trucesim.files.errors import InputError
from trucesim.locale.catalogue import by_language, translated
from trucesim.outcomes import forecasts
from trucesim.outcomes.forecasts import (
    KERNEL_SIZE,
    MODEL,
    NAIVE,
    STEPS,
    TWELVE,
    Series,
    crps,
    inside,
    log_score,
    months_before,
    naive_members,
    past_errors,
    pit,
    quantiles,
    score_block,
)
from trucesim.scenario.file import load_scenario
from trucesim.world.observed import observed
from trucesim.world.periods import NotRecorded, parse

BLOCKS = ("2012-06..2013-06", "2013-07..2014-12", "2015", "2016", "2014-01..2016-12")
TRUCE = (dt.date(2012, 3, 9),)
MONTHS = np.arange("2009-01", "2013-07", dtype="datetime64[M]")
RISING = Series(MONTHS, (np.arange(54) + 1.0) * forecasts.days_of(MONTHS))
"""One killing a day more every month, whatever its length; the last has 54."""


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    return synthetic_results(runs=40)


def months_of(block: str) -> np.ndarray:
    period = parse(block)
    return np.arange(period.start, period.stop, dtype="datetime64[M]")


def rates(method: str, past: Series, *ahead: int, orders: tuple[dt.date, ...] = ()) -> np.ndarray:
    naive = NAIVE[method]
    assert naive is not None
    return naive.rates(past, np.array(ahead), orders)


def normal_crps(mean: float, sd: float, truth: float) -> float:
    """Closed form of a normal distribution (Gneiting & Raftery 2007)."""
    z = (truth - mean) / sd
    density = math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    reached = (1 + math.erf(z / math.sqrt(2))) / 2
    return sd * (z * (2 * reached - 1) + 2 * density - 1 / math.sqrt(math.pi))


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


def test_log_score_is_that_of_negative_binomials() -> None:
    """Closed form of one member and of a weighted mixture; the density of all counts sums to 1."""
    chance = KERNEL_SIZE / (KERNEL_SIZE + 300.0)
    one = nbinom(KERNEL_SIZE, chance)
    assert one.mean() == pytest.approx(300)
    assert log_score([300.0], 250) == pytest.approx(one.logpmf(250))
    other = nbinom(KERNEL_SIZE, KERNEL_SIZE / (KERNEL_SIZE + 0.5))  # no member is below a half
    mixed = np.log(0.25 * one.pmf([3, 250]) + 0.75 * other.pmf([3, 250]))
    members = np.tile([[300.0], [0.0]], 2)
    np.testing.assert_allclose(log_score(members, [3, 250], [1, 3]), mixed)
    counts = np.arange(3000)
    assert np.exp(log_score(np.full((1, 3000), 300.0), counts)).sum() == pytest.approx(1)
    assert one.var() / one.mean() == pytest.approx(4)


def test_pit_by_hand() -> None:
    """Members below, and half of those that equal the truth; uniform for one of themselves."""
    assert pit([1, 2, 2, 5], 2) == pytest.approx(0.5)
    assert pit([1, 2, 4], 3, [1, 1, 6]) == pytest.approx(0.25)
    members = np.random.default_rng(5).poisson(40, (200, 2000))
    found = pit(members[1:], members[0])
    assert found.mean() == pytest.approx(0.5, abs=0.02)
    assert found.var() == pytest.approx(1 / 12, abs=0.01)


def test_inside_includes_both_ends() -> None:
    members = np.arange(1.0, 101.0)  # 5.5 and 95.5 are the ends
    found = [bool(inside(members, each)) for each in (5, 5.5, 50, 95.5, 96)]
    assert found == [False, True, True, True, False]


# naive forecasts


def test_naive_forecasts_by_hand() -> None:
    assert rates("last month", RISING, 1, 9).tolist() == [54, 54]
    days = np.array([30, 31, 30])
    last = (days * [52, 53, 54]).sum() / days.sum()
    assert rates("last three months", RISING, 1, 9) == pytest.approx([last] * 2)
    assert rates("twelve-month trend", RISING, 1, 12, 13) == pytest.approx([55, 66, 67])
    falling = Series(RISING.months, RISING.counts[::-1])
    assert rates("twelve-month trend", falling, 60).tolist() == [0]
    old = RISING.within(parse("2010-01..2012-02"))
    assert len(old.months) == 26
    level = old.counts.sum() / old.days.sum()
    assert rates("mean of 2010 - February 2012", RISING, 1, 9) == pytest.approx([level] * 2)
    sample = naive_members(TWELVE, RISING, months_of("2013-07..2013-08"))
    assert sample[1].tolist() == pytest.approx([31 * rate for rate in range(43, 55)])


def test_what_is_left_of_orders_is_the_mean_over_days() -> None:
    """Against sums over hours, of a month before, the order's own, and one after."""
    months = np.array(["2012-02", "2012-03", "2012-04"], "datetime64[M]")
    found = forecasts.pressure(months, (*TRUCE, dt.date(2012, 4, 11)), 40.0)
    hours = (np.arange(24 * 31) + 0.5) / 24
    march = np.where(hours > 8, np.exp(-(hours - 8) / 40), 0).sum() / 24 / 31
    first, second = hours[: 24 * 30] + 23, hours[: 24 * 30] - 10
    april = (np.exp(-first / 40) + np.where(second > 0, np.exp(-second / 40), 0)).sum() / 24 / 30
    assert found == pytest.approx([0, march, april], abs=1e-4)


def test_steps_find_the_fall_and_the_decay_that_made_the_record() -> None:
    """Of a record made by one fall and one decay, also at an order that is yet to come."""
    orders = (dt.date(2010, 5, 20), *TRUCE, dt.date(2013, 9, 10))
    decay, later = float(forecasts._DECAYS[20]), months_of("2013-07..2014-03")
    known = np.log(12) - 0.7 * forecasts.pressure(MONTHS, orders, decay)
    past = Series(MONTHS, np.exp(known) * forecasts.days_of(MONTHS))
    expected = np.exp(np.log(12) - 0.7 * forecasts.pressure(later, orders, decay))
    found = rates(STEPS, past, *range(1, 10), orders=orders)
    assert found == pytest.approx(expected)
    assert expected[2] < expected[0]


def test_steps_without_an_order_before_are_a_level() -> None:
    """The mean of logs, whatever comes later; and that is said of the block."""
    past = RISING.first(20)
    level = math.exp(np.log(np.arange(1, 21)).mean())
    assert rates(STEPS, past, 1, 30, orders=TRUCE) == pytest.approx([level] * 2)
    assert forecasts.has_step(RISING, TRUCE)
    assert not forecasts.has_step(past, TRUCE)


def test_orders_come_from_the_scenario() -> None:
    """Of pacts and own orders, and not of the order to attack of July 2015."""
    days = forecasts.orders_of(load_scenario("as-recorded"))
    assert list(map(str, days)) == [
        "2010-09-07", "2012-03-09", "2014-08-24", "2015-01-17", "2015-11-04", "2016-03-26",
    ]  # fmt: skip
    assert forecasts.orders_of(load_scenario("no-truce")) == ()


def test_past_errors_by_hand() -> None:
    """A rising record is always the horizon above the last month's rate."""
    naive, trend = NAIVE["last month"], NAIVE["twelve-month trend"]
    assert naive is not None
    assert trend is not None
    errors = past_errors(naive, RISING.first(20), 4)
    assert [len(each) for each in errors] == [19, 18, 17, 16]
    for ahead, each in enumerate(errors, 1):
        assert each == pytest.approx([ahead] * len(each))
    of_trend = past_errors(trend, RISING.first(20), 9)
    assert [len(each) for each in of_trend] == [8, 7, 6, 5, 4, 3, 2, 1, 0]
    np.testing.assert_allclose(np.concatenate(of_trend), 0, atol=1e-9)


def test_each_past_error_uses_only_what_was_known_then() -> None:
    """A change of the last month touches the errors about that month and no other."""
    past = months_before(parse("2013-07"))
    changed = Series(past.months, np.append(past.counts[:-1], 4 * past.counts[-1]))
    for naive in NAIVE.values():
        if naive is None:
            continue
        pairs = zip(past_errors(naive, past, 6, TRUCE), past_errors(naive, changed, 6, TRUCE),
                    strict=True)  # fmt: skip
        for before, after in pairs:
            np.testing.assert_array_equal(before[:-1], after[:-1])
            assert before[-1] != after[-1]


def test_few_errors_borrow_from_shorter_horizons_and_do_not_shift() -> None:
    """The mean of the distribution is the forecast itself, as long as none is cut at 0."""
    months = months_of("2014-01..2016-03")
    past = months_before(parse("2014"))
    method = "mean of 2010 - February 2012"
    naive = NAIVE[method]
    assert naive is not None
    errors = past_errors(naive, past, 27)
    assert [len(errors[at]) for at in (0, 11, 26)] == [36, 25, 10]
    members = naive_members(method, past, months)
    assert [len(members[at]) for at in (0, 11, 26)] == [36, 25, 21]
    borrowed = np.concatenate([errors[26], errors[25]])
    value = naive.rates(past, np.array([27]), ())[0]
    np.testing.assert_allclose(members[26], 31 * (value + borrowed - borrowed.mean()))
    assert members[26].mean() == pytest.approx(31 * value)


def test_a_record_too_short_is_refused() -> None:
    with pytest.raises(NotRecorded, match="too short for the errors of 'twelve-month trend'"):
        naive_members("twelve-month trend", RISING.first(13), months_of("2010-02"))


@pytest.mark.parametrize("block", BLOCKS)
def test_naive_forecasts_do_not_see_the_block(block: str, results: xr.Dataset) -> None:
    """Months of the block and after it may be anything; the last month before may not."""
    period, orders = parse(block), (*TRUCE, dt.date(2015, 1, 17))
    months, record = months_of(block), observed()
    inside_or_later = record["month"].values >= np.datetime64(period.start)
    record["recorded_national"][:, inside_or_later] *= 3
    own, other = months_before(period), months_before(period, record)
    assert own.months[-1] + forecasts.MONTH == months[0]
    before = Series(own.months, np.append(own.counts[:-1], 3 * own.counts[-1]))
    for method in NAIVE:
        mine, theirs, moved = (
            naive_members(method, past, months, orders) for past in (own, other, before)
        )
        for one, two in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(one, two)
        assert any(not np.array_equal(one, two) for one, two in zip(mine, moved, strict=True))


# blocks


def test_a_block_by_hand(results: xr.Dataset) -> None:
    """The model's row and months, computed the long way, and a naive one's."""
    frame, months = score_block(results, "2014", orders=TRUCE), forecasts.score_months(
        results, "2014"
    )  # fmt: skip
    assert frame["method"].tolist() == [MODEL, *NAIVE]
    model, trend = row(frame, method=MODEL), row(frame, method="twelve-month trend")
    runs = results["recorded_national"].sel(month="2014").values.astype(float)
    truth = observed()["recorded_national"].sel(month="2014").values[0]
    # Of 40 runs, 5 % reaches exactly the second and the median lies between the middle two.
    ranked = np.sort(runs, axis=0)
    low, high = ranked[1:3].mean(axis=0), ranked[37:39].mean(axis=0)
    assert months["month"].tolist() == [f"2014-{month:02}" for month in range(1, 13)]
    assert months["observed"].tolist() == truth.tolist()
    np.testing.assert_allclose(months["p05"], low)
    np.testing.assert_allclose(months["crps"], crps(runs, truth))
    np.testing.assert_allclose(months["pit"], pit(runs, truth))
    assert model["mae"] == pytest.approx(abs(ranked[19:21].mean(axis=0) - truth).mean())
    assert model["inside_90"] == pytest.approx(((low <= truth) & (truth <= high)).mean())
    assert model["width_90"] == pytest.approx(((high - low) / truth).mean())
    assert model["log_score"] == pytest.approx(log_score(runs, truth).mean())
    assert (model["block"], model["months"], model["note"]) == ("2014", 12, "")
    members = naive_members("twelve-month trend", months_before(parse("2014")), months_of("2014"))
    scores = [crps(each, value) for each, value in zip(members, truth, strict=True)]
    assert trend["crps"] == pytest.approx(np.mean(scores))
    weights = np.arange(40) < 8
    weighed = score_block(results, "2014", weights=weights)
    few = score_block(results.isel(run=weights), "2014")
    pd.testing.assert_frame_equal(weighed, few)


def test_steps_that_know_no_order_say_so(results: xr.Dataset) -> None:
    assert row(score_block(results, "2014", orders=TRUCE), method=STEPS)["note"] == ""
    late = score_block(results, "2014", orders=[dt.date(2014, 8, 24)])
    assert row(late, method=STEPS)["note"] == "level only"
    assert (late["note"] != "").sum() == 1


def test_an_origin_may_lie_before_the_block(results: xr.Dataset) -> None:
    """Naive forecasts of late 2016 from December 2015 see no month of 2016."""
    record = observed()
    record["recorded_national"].loc[{"month": slice("2016-01", "2016-05")}] = 5
    early, changed = (
        score_block(results, "2016-06..2016-12", each, since="2016") for each in (None, record)
    )
    pd.testing.assert_frame_equal(early, changed)
    assert not early.equals(score_block(results, "2016-06..2016-12"))
    months = months_of("2016-06..2016-12")
    trend = naive_members("twelve-month trend", months_before(parse("2016")), months)
    at_once = naive_members("twelve-month trend", months_before(parse("2016")), months_of("2016"))
    np.testing.assert_array_equal(trend[0], at_once[5])


def test_pooled_scores_are_means_over_months(results: xr.Dataset) -> None:
    """As if the blocks were one, since every month counts alike."""
    blocks = [score_block(results, each) for each in BLOCKS[:4]]
    frame = forecasts.pooled(blocks)
    assert (frame["block"] == forecasts.POOLED).all()
    assert (frame["months"] == 55).all()
    assert frame["method"].tolist() == [MODEL, *NAIVE]
    months = forecasts.score_months(results, "2012-06..2016-12")
    model = row(frame, method=MODEL)
    assert model["crps"] == pytest.approx(months["crps"].mean())
    assert model["inside_90"] == pytest.approx(months["inside"].mean())
    trend = [row(each, method="twelve-month trend") for each in blocks]
    total = sum(each["crps"] * each["months"] for each in trend)
    assert row(frame, method="twelve-month trend")["crps"] == pytest.approx(total / 55)
    assert row(frame, method=STEPS)["note"] == "level only"
    best = forecasts.best_naive(frame)
    assert best["crps"] == frame["crps"][1:].min()
    assert best["method"] != MODEL


def test_incomplete_results_are_refused(results: xr.Dataset) -> None:
    with pytest.raises(NotRecorded, match="covers only"):
        score_block(results.isel(month=slice(60)), "2014")


def test_conditionality_is_said_in_both_languages() -> None:
    told = by_language(lambda: translated(forecasts.CONDITIONALITY))
    assert "conditional" in told["en"]
    assert "condicional" in told["es"]
