"""Periods, the observed record, and the patterns: one estimator for runs and record."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from synthetic import DAYS, before, plant, row, synthetic_results

from trucesim.files.errors import InputError
from trucesim.outcomes import patterns
from trucesim.outcomes.reductions import baselines, window
from trucesim.world.observed import observed, security_forces, timeline
from trucesim.world.observed import patterns as pattern_table
from trucesim.world.periods import NotRecorded, daily_mean, find, parse, total

#: Patterns that the shipped record gives, and that the table states to the digits it prints.
REPRODUCED = [
    "pre_truce_daily_mean",
    "plateau_daily_mean",
    "pre_truce_dispersion",
    "plateau_dispersion",
    "police_killed_2012",
    "police_killed_2013",
    "gang_members_killed_in_clashes_2013",
    "averted_vs_jan_feb_2012",
    "averted_vs_2011",
    "averted_vs_26_months",
    "fall_precedes_guarantor_and_zones",
    "second_step_ratio",
    "daily_mean_2014",
    "ratio_2015_2011",
    "peak_month_2015",
    "dispersion_2015_05_2016_03",
    "ratio_apr_dec_to_jan_mar_2016",
    "police_killed_2014",
    "police_killed_2015",
    "gang_members_killed_in_clashes_2014",
    "gang_members_killed_in_clashes_2015",
    "gang_members_killed_in_clashes_2016",
]


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """Synthetic results of a few runs."""
    return synthetic_results(runs=5)


def estimate(name: str, data: xr.Dataset) -> list[float]:
    """Apply the estimator of one pattern."""
    function = patterns.REGISTRY[name].estimate
    assert function is not None
    values: list[float] = function(data, patterns.load()[name]).tolist()
    return values


# periods


@pytest.mark.parametrize(
    ("text", "start", "last", "days"),
    [
        ("2012", "2012-01-01", "2012-12-31", 366),
        ("2015-08", "2015-08-01", "2015-08-31", 31),
        ("2015-12", "2015-12-01", "2015-12-31", 31),
        ("2012-03-09", "2012-03-09", "2012-03-09", 1),
        ("2010-01..2012-02", "2010-01-01", "2012-02-29", 790),
        ("2016-03-01..2016-03-25", "2016-03-01", "2016-03-25", 25),
        ("2012-03-09..2013-10-31", "2012-03-09", "2013-10-31", 602),
    ],
)
def test_period_is_read_and_written(text: str, start: str, last: str, days: int) -> None:
    """A period has the days it names, both ends included, and is written as it was read."""
    period = parse(text)
    assert (str(period.start), str(period.last), period.days) == (start, last, days)
    assert str(period) == text


@pytest.mark.parametrize(
    "text", ["", "12", "2012-13", "2012-02-30", "2012-03-09..", "2013..2012", "2012 to 2013"]
)
def test_unreadable_period_is_refused(text: str) -> None:
    """What is no period is named in the message."""
    with pytest.raises(InputError, match="period"):
        parse(text)


def test_periods_are_found_in_a_sentence() -> None:
    """Years, spans and days are found; other numbers are not."""
    found = find("homicides 2015 / 2012-03-09..2013-10-31 (13.62, 29,325, within 15 percent)")
    assert list(map(str, found)) == ["2015", "2012-03-09..2013-10-31"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("2012-03-05..2012-03-20", ["2012-03-05..2012-03-20"]),
        ("2012-03-20..2012-04-10", ["2012-03-20..2012-03-31", "2012-04-01..2012-04-10"]),
        ("2012-03-09..2013-10-31", ["2012-03-09..2012-03-31", "2012-04..2013-10"]),
        ("2012-01-01..2012-03-08", ["2012-01..2012-02", "2012-03-01..2012-03-08"]),
        ("2011-12-31..2013-01-01", ["2011-12-31", "2012", "2013-01-01"]),
    ],
)
def test_period_is_cut_at_months(text: str, pieces: list[str]) -> None:
    """Whole months stay together; the parts around them stand alone."""
    assert [str(piece) for piece in parse(text).pieces()] == pieces


def test_widened_period_holds_whole_months() -> None:
    """Widening goes outwards only."""
    assert str(parse("2012-03-09..2013-10-30").widened()) == "2012-03..2013-10"
    assert parse("2012").widened() == parse("2012")


def test_months_and_days_give_the_same_count(results: xr.Dataset) -> None:
    """A total across months equals the sum of its days."""
    days = results["recorded_daily"].sel(day=slice("2012-03-20", "2014-02-11")).sum("day")
    assert total(results, "2012-03-20..2014-02-11").tolist() == days.values.tolist()
    assert daily_mean(results, "2012-03-20").tolist() == (
        results["recorded_daily"].sel(day="2012-03-20").values.tolist()
    )


@pytest.mark.parametrize("period", ["2008-12..2009-01", "2016-12..2017-01", "2016-12-31..2017-01"])
def test_count_outside_the_calendar_is_refused(results: xr.Dataset, period: str) -> None:
    """A period that the data cover only in part has no count."""
    with pytest.raises(NotRecorded):
        total(results, period)


# the observed record


def test_record_has_the_official_years() -> None:
    """Yearly sums are the official ones."""
    sums = observed()["recorded_national"].groupby("month.year").sum().values[0]
    assert sums.tolist() == [4382, 3987, 4371, 2594, 2513, 3921, 6656, 5280]


def test_assumed_split_of_march_2012_adds_up_and_must_be_accepted() -> None:
    """The split takes 817 / 60 a day for eight days, and is used only when it is accepted."""
    record = observed()
    np.testing.assert_allclose(
        record["assumed_part"].values, [[8 * 817 / 60, 255 - 8 * 817 / 60]], rtol=1e-12
    )
    total(record, "2012-03-09..2012-03-31", accept_assumed=True)
    with pytest.raises(NotRecorded):
        total(record, "2012-03-09..2012-03-31")
    with pytest.raises(NotRecorded):
        total(record, "2012-03-09..2012-03-22", accept_assumed=True)


def test_record_keeps_the_range_of_conflicting_sources() -> None:
    """Sources stand side by side; the one marked as an outlier is left out."""
    record = observed().sel(run=0, year=2015, kind=["police", "by_forces"])
    assert record["killed_by_year_low"].values.tolist() == [63, 269]
    assert record["killed_by_year_high"].values.tolist() == [67, 285]
    assert np.isnan(observed()["killed_by_year"].sel(year=2012, kind="by_forces")).all()


def test_callers_cannot_change_the_record() -> None:
    """What is cached is not what is handed out."""
    observed()["recorded_national"][:] = 0
    table = pattern_table()
    table.loc[:, "value"] = 0.0
    assert observed()["recorded_national"].sum() > 0
    assert (pattern_table()["value"] != 0).all()


def test_tables_are_clean() -> None:
    """Strings carry no blanks around them and numbers are numbers."""
    for table in (pattern_table(), timeline(), security_forces()):
        for name in table.columns.difference(["value", "low", "high"]):
            assert all(cell == cell.strip() for cell in table[name])
    assert pattern_table()["low"].isna().any()
    assert len(timeline()) == 75


# patterns


def test_every_pattern_is_registered() -> None:
    """The registry lists the table's ids in the table's order; what is not computed says why."""
    assert list(patterns.REGISTRY) == list(pattern_table()["id"])
    for name, entry in patterns.REGISTRY.items():
        assert (entry.estimate is None) == bool(entry.reason), name
        initial = patterns.load()[name].use == "initial condition"
        assert initial == entry.reason.startswith("initial condition"), name


@pytest.mark.parametrize("name", REPRODUCED)
def test_record_reproduces_the_table(name: str) -> None:
    """The estimator on the record gives the table's value to the digits printed there."""
    published = patterns.load()[name].value
    decimals = len(f"{published:.10g}".partition(".")[2])
    computed = estimate(name, observed())
    assert computed == pytest.approx([published], abs=0.5 * 10**-decimals + 1e-9)


def test_record_gives_no_other_pattern() -> None:
    """All other values are published ones, but for one ratio published from another count."""
    frame = patterns.compare(synthetic_results(runs=1))
    published = frame["observed_source"] == "published"
    assert set(frame.loc[~published, "id"]) == {*REPRODUCED, "truce_halves_ratio"}
    assert row(frame, id="truce_halves_ratio")["observed"] == pytest.approx(1221 / 1253)
    pd.testing.assert_series_equal(
        frame.loc[published, "observed"],
        pattern_table().loc[published, "value"],
        check_names=False,
    )


def test_every_estimator_gives_one_number_per_run(results: xr.Dataset) -> None:
    """Complete results leave no computed pattern empty."""
    for name, entry in patterns.REGISTRY.items():
        if entry.estimate is not None:
            values = entry.estimate(results, patterns.load()[name])
            assert values.shape == (5,), name
            assert values.dtype == np.float64, name
            assert np.isfinite(values).all(), name


def test_constant_panel(results: xr.Dataset) -> None:
    """A constant daily count has means of that count, ratios of days and no dispersion."""
    panel = plant(results, np.full(len(DAYS), 10))
    for name in ("pre_truce_daily_mean", "first_14_days_daily_mean", "second_pact_after"):
        assert estimate(name, panel) == [10] * 5
    assert estimate("plateau_dispersion", panel) == pytest.approx([0] * 5)
    assert estimate("truce_halves_ratio", panel) == pytest.approx([212 / 214] * 5)
    assert estimate("second_step_ratio", panel) == pytest.approx([1] * 5)
    assert estimate("ratio_2015_2011", panel) == [1] * 5
    assert estimate("peak_month_2015", panel) == [310] * 5
    assert estimate("averted_vs_2011", panel) == pytest.approx([0] * 5, abs=1e-9)
    assert estimate("fall_precedes_guarantor_and_zones", panel) == [1] * 5


def test_step_on_the_day_of_the_truce(results: xr.Dataset) -> None:
    """Windows begin and end on their day, not with its month."""
    panel = plant(results, np.where(before("2012-03-09"), 14, 5))
    assert estimate("daily_mean_to_8_march_2012", panel) == [14] * 5
    assert estimate("first_14_days_daily_mean", panel) == [5] * 5
    assert estimate("averted_vs_jan_feb_2012", panel) == pytest.approx([9 * 602] * 5)
    panel = plant(results, np.where(before("2016-03-26"), 22, 9))
    assert estimate("second_pact_before", panel) == [22] * 5
    assert estimate("second_pact_after", panel) == [9] * 5


def test_dispersion_by_hand(results: xr.Dataset) -> None:
    """Six killings more on one day of April 2012 than two a day."""
    daily = np.full(len(DAYS), 2)
    daily[DAYS == "2012-04-10"] += 6
    panel = plant(results, daily)
    days = [30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31, 30]
    rate = (2 * sum(days) + 6) / sum(days)
    counts = [2 * n + 6 * (i == 0) for i, n in enumerate(days)]
    chi2 = sum((c - rate * n) ** 2 / (rate * n) for c, n in zip(counts, days, strict=True))
    assert estimate("plateau_dispersion", panel) == pytest.approx([chi2 / 14] * 5)


@pytest.mark.parametrize(("early", "precedes"), [(12, 0), (11, 1)])
def test_slow_fall_does_not_precede(results: xr.Dataset, early: int, precedes: int) -> None:
    """Twelve a day for three months, then ten, is 15.4 percent above the whole; eleven is 7.8."""
    panel = plant(results, np.where(before("2012-07-01"), early, 10))
    assert estimate("fall_precedes_guarantor_and_zones", panel) == [precedes] * 5


def test_municipal_shares_by_hand(results: xr.Dataset) -> None:
    """Counts fall in 2 of 262 municipalities, rise in 1 and stay in the others."""
    counts = results["recorded_by_period"].copy(deep=True)
    counts[:] = 0
    counts.loc[{"period": "2011-01..2012-02"}][:, :2] = 3
    counts.loc[{"period": "2012-03..2013-04"}][:, 2] = 1
    counts.loc[{"period": "2013"}][:, :40] = 1
    counts.loc[{"period": "2013"}][:, 39] = 11
    panel = results.assign(recorded_by_period=counts)
    shares = patterns.fall_shares(panel).isel(run=0)
    assert float(shares["below"]) == pytest.approx(2 / 262)
    assert float(shares["equal"]) == pytest.approx(259 / 262)
    assert float(shares["above"]) == pytest.approx(1 / 262)
    assert estimate("municipalities_with_fall_share", panel) == pytest.approx([2 / 262] * 5)
    assert estimate("municipalities_without_fall_share", panel) == pytest.approx([260 / 262] * 5)
    assert estimate("zero_homicide_municipalities_2013", panel) == [222] * 5
    assert estimate("share_in_top_32_municipalities_2013", panel) == pytest.approx([42 / 50] * 5)


def test_kinds_and_reports_by_hand(results: xr.Dataset) -> None:
    """Only the year, the kind and the half-year that a pattern names are counted."""
    panel = results.copy(deep=True)
    panel["recorded_by_kind"][:] = 0
    panel["recorded_by_kind"].loc[{"kind": "police", "month": "2013"}] = 2
    panel["recorded_by_kind"].loc[{"kind": "by_forces", "month": "2014-12"}] = 7
    panel["missing_reports"][:] = panel["month"].dt.month
    assert estimate("police_killed_2013", panel) == [24] * 5
    assert estimate("police_killed_2012", panel) == [0] * 5
    assert estimate("gang_members_killed_in_clashes_2014", panel) == [7] * 5
    assert estimate("gang_members_killed_in_clashes_2015", panel) == [0] * 5
    assert estimate("missing_reports_h1_2012", panel) == [21] * 5


def test_definitions_agree_with_the_table() -> None:
    """What an estimator does not read from the row is what the row says."""
    rows = patterns.load()
    share = rows["municipalities_without_fall_share"].statistic
    assert find(share) == [patterns.AFTER, patterns.BEFORE]
    assert "32" in rows["share_in_top_32_municipalities_2013"].statistic
    assert "15 percent" in rows["fall_precedes_guarantor_and_zones"].statistic
    over, baseline = find(rows["averted_vs_jan_feb_2012"].statistic)[:2]
    assert (over, baseline) == (window(), baselines()["jan_feb_2012"])
    assert patterns.TRUCE == window()
    assert find(rows["averted_vs_2011"].statistic) == [baselines()["2011"]]
    assert find(rows["averted_vs_26_months"].statistic) == [baselines()["26_months"]]


# comparison


def test_inside_includes_the_bounds(results: xr.Dataset) -> None:
    """The observed value is inside from the 5 % to the 95 % quantile, both included."""
    record = observed()
    national = record["recorded_national"].values + np.array([0, 0, 0, 0, 31])[:, None]
    panel = results.assign(recorded_national=(("run", "month"), national))
    frame = patterns.compare(panel, record)
    peak = row(frame, id="peak_month_2015")
    assert peak["simulated_p05"] == pytest.approx(918)
    assert peak["simulated_p95"] == pytest.approx(918 + 0.8 * 31)
    assert peak["inside"] is True
    assert row(patterns.compare(panel.isel(run=[0])), id="peak_month_2015")["inside"] is True
    assert row(patterns.compare(panel.isel(run=[4])), id="peak_month_2015")["inside"] is False
    for name in ("cliques_2013", "katz_rate_ratio_controls", "national_its_rate_ratio_season"):
        assert row(frame, id=name)["inside"] is None


def test_comparison_has_its_columns_and_notes(results: xr.Dataset) -> None:
    """Notes follow from level and period; the use is the second generation's."""
    frame = patterns.compare(results)
    assert list(frame.columns) == [
        *["id", "level", "use", "statistic", "observed", "low", "high", "observed_source"],
        *["simulated_p05", "simulated_median", "simulated_p95", "inside", "source", "note"],
        *["municipal", "conditional"],
    ]
    assert set(frame["use"]) == {"fit", "check", "initial condition"}
    assert row(frame, id="daily_mean_2014")["use"] == "fit"
    assert patterns.load()["daily_mean_2014"].use == "holdout"
    conditional = frame["note"].str.contains("conditional on the 2015 rate class")
    assert (frame["conditional"] == conditional).all()
    assert set(frame.loc[conditional, "level"]) == {"municipal", "municipal pooled"}


def test_an_interval_wider_than_the_observed_value_does_not_count() -> None:
    """Wide and inside is not counted; as wide as the value is; narrow and outside is not."""
    names = ["use", "observed", "simulated_p05", "simulated_median", "simulated_p95"]
    nan = float("nan")
    rows = [
        ("check", 10, 4, 8, 14.5), ("check", 10, 4, 8, 14), ("check", 10, 11, 12, 13),
        ("check", 10, 11, 20, 33), ("check", 10, nan, nan, nan), ("fit", 1, 0.9, 1, 1.1),
        ("initial condition", 10, nan, nan, nan),
    ]  # fmt: skip
    judged = patterns.judge(pd.DataFrame(rows, columns=names))
    assert judged["simulated"].tolist() == [True] * 4 + [False, True, False]
    assert judged["inside"].tolist() == [True, True, False, False, None, True, None]
    assert judged["too_wide"].tolist() == [True, False, False, True, False, False, False]
    assert judged["counts"].tolist() == [False, True, False, False, False, True, False]
    assert patterns.coverage(judged).to_dict("records") == [
        {"use": "check", "simulated": 4, "inside": 2, "counted": 1},
        {"use": "fit", "simulated": 1, "inside": 1, "counted": 1},
    ]


def test_judging_agrees_with_the_comparison(results: xr.Dataset) -> None:
    frame = patterns.compare(results)
    assert patterns.judge(frame)["inside"].tolist() == frame["inside"].tolist()


def test_missing_variable_leaves_a_row_empty(results: xr.Dataset) -> None:
    """Results without daily counts have no first fortnight, but keep the rest."""
    frame = patterns.compare(results.drop_vars("recorded_daily"))
    fortnight = row(frame, id="first_14_days_daily_mean")
    assert fortnight["inside"] is None
    assert np.isnan(fortnight["simulated_median"])
    assert row(frame, id="plateau_daily_mean")["inside"] is not None


def test_written_comparison(results: xr.Dataset, tmp_path: Path) -> None:
    """The file has the promised columns, six digits, and true, false or nothing."""
    frame = patterns.compare(results)
    path = tmp_path / "comparison.csv"
    patterns.write_comparison(frame, path)
    written = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(written.columns) == [
        *["id", "use", "observed", "low", "high", "simulated_p05", "simulated_median"],
        *["simulated_p95", "inside", "observed_source", "note", "statistic"],
    ]
    names = {True: "true", False: "false", None: ""}
    assert written["inside"].to_list() == [names[inside] for inside in frame["inside"]]
    assert Counter(written["inside"])[""] == 6
    means = row(written, id="pre_truce_daily_mean")
    assert (means["observed"], means["low"]) == ("11.6139", "11.09")
    assert row(written, id="averted_vs_2011")["low"] == ""


# distance


def test_only_fit_patterns_may_choose(results: xr.Dataset) -> None:
    """Checks and unknown patterns are refused; the default is all of fit."""
    assert list(patterns.fit_distance(results).index) == patterns.fit_ids()
    for name in ("averted_vs_2011", "cliques_2013"):
        with pytest.raises(InputError, match="may choose a parameter"):
            patterns.fit_distance(results, [name])
    with pytest.raises(InputError, match="did you mean 'plateau_dispersion'"):
        patterns.fit_distance(results, ["plateau_dispersio"])


def test_distance_by_hand(results: xr.Dataset) -> None:
    """Bounds, then Poisson for counts, then ten percent; the mean over runs is compared."""
    panel = plant(results, np.array([[4], [4], [4], [4], [9]]))
    panel["missing_reports"][:] = 100
    observed_plateau, observed_ratio = 2579 / 456, 1221 / 1253
    distance = patterns.fit_distance(
        panel, ["plateau_daily_mean", "missing_reports_h1_2011", "truce_halves_ratio"]
    )
    assert distance["plateau_daily_mean"] == pytest.approx(abs(5 - observed_plateau) / 0.3)
    assert distance["missing_reports_h1_2011"] == pytest.approx((728 - 600) / (1.96 * 728**0.5))
    assert distance["truce_halves_ratio"] == pytest.approx(
        abs(212 / 214 - observed_ratio) / (0.1 * observed_ratio)
    )


def test_distance_refuses_incomplete_results(results: xr.Dataset) -> None:
    """A missing variable is not a distance of zero."""
    with pytest.raises(NotRecorded):
        patterns.fit_distance(results.drop_vars("missing_reports"))
