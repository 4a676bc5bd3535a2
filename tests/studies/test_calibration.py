"""Calibration: the plan keeps what is held out away, known parameters are found, tables resume."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from folders import ROOT
from scipy.special import ndtri
from sweeps import chunks

from trucesim import InputError, run
from trucesim.cli import main
from trucesim.outcomes.patterns import load as load_patterns
from trucesim.parameters import PARAMETERS, uncertain
from trucesim.reports.calibration import DRAWS_OF_A_BLOCK, write_draws
from trucesim.runs.sampling import draw_priors, read_draws, shipped_draws, to_prior
from trucesim.studies import calibration
from trucesim.studies.calibration import (
    WHOLE,
    Origin,
    Plan,
    Posterior,
    Table,
    build_table,
    check_recovery,
    fit,
    identification,
    learn_summaries,
    load_plan,
    load_posteriors,
    observed_statistics,
    one_month_ahead,
    order_spans,
    origin_of,
    predict_orders,
    probe_of,
    stored_table,
    trust,
    uniformity,
    verdicts,
)
from trucesim.version import __version__
from trucesim.world.observed import observed
from trucesim.world.periods import NotRecorded, parse

PLAN = ROOT / "experiments" / "calibration" / "plan.toml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(PLAN)


# --- The plan -----------------------------------------------------------------------------------


def test_the_shipped_plan_sees_the_months_once_and_nothing_after_2016(plan: Plan) -> None:
    table = load_patterns()
    assert all(table[name].use_second == "fit" for name in plan.patterns)
    # What is a function of the national months is not fitted beside them.
    months = observed().drop_vars("killed_by_year")
    for each in plan.beside.values():
        with pytest.raises(NotRecorded):
            each.estimate(months)
    assert plan.month_names[0] == np.datetime64("2009-01", "M")
    assert plan.month_names[-1] == np.datetime64("2016-12", "M")
    assert len(plan.statistics) == len(plan.beside) + 96 == len(set(plan.statistics))
    pooled = [parse(each) for each in plan.blocks[: plan.pooled]]
    assert sum(each.months for each in pooled) == 55
    assert all(a.stop <= b.start for a, b in pairwise(pooled))


def test_a_block_takes_with_it_all_that_touches_it(plan: Plan) -> None:
    seen = dict(zip(plan.statistics, plan.seen("2015"), strict=True))
    gone = {name for name, each in seen.items() if not each}
    assert {f"2015-{month:02d}" for month in range(1, 13)} <= gone
    assert {"police_killed_2015", "gang_members_killed_in_clashes_2015"} <= gone
    assert {name for name in seen if "2015" in name} <= gone
    assert {name.partition("_")[0] for name in gone} > {"days", "departments", "police"} - {
        "police"
    }
    assert {"police_killed_2014", "2014-12", "second_pact_after"}.isdisjoint(gone)
    assert plan.seen().all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"first_14_days_daily_mean"', '"averted_vs_2011"', "nothing that may stand here"),
        (
            '"first_14_days_daily_mean"',
            '"first_14_days"',
            "did you mean 'first_14_days_daily_mean'",
        ),
        ('"2015-01-01..2015-01-17"', '"2015-07"', "days: '2015-07' is nothing"),
        ('departments = ["2012"', 'departments = ["2011"', "departments: '2011'"),
        ('months = "2009-01..2016-12"', 'months = "2009-01..2017-12"', "later ones are held out"),
        ('blocks = ["2012-06', 'blocks = ["2008-06', "does not lie in the months"),
        ("pooled = 4", "pooled = 9", "there are 5 blocks"),
        ("seed = 2016", "sead = 2016", "unknown key sead .did you mean 'seed'"),
        ("seed = 2016", "seed = true", "seed must be given, as int"),
        ("keep = 0.02", "keep = 2.0", "it must be in"),
        ("climate = [0.05, 0.1", "climate = [0.1, 0.05", "ascending order"),
        ('"pact_grip"', '"pact_grasp"', "did you mean 'pact_grip'"),
        ("[method]", "[method", "not valid TOML"),
        ('scenario = "as-recorded"', 'scenario = "as-recordet"', "as-recorded"),
    ],
)
def test_a_wrong_plan_is_explained(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = PLAN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "plan.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_plan(path)


def test_an_absent_or_huge_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_plan(tmp_path / "none.toml")
    (tmp_path / "huge.toml").write_text("#" * 200_000, encoding="utf-8")
    with pytest.raises(InputError, match="larger than"):
        load_plan(tmp_path / "huge.toml")


# --- The fit, where the answer is known ---------------------------------------------------------


def _known(plan: Plan, runs: int, noise: float) -> Table:
    """Make a table in which the first two statistics tell two parameters, and the rest nothing."""
    generator = np.random.default_rng(11)
    unit = generator.random((runs, len(uncertain())))
    statistics = np.exp(generator.normal(size=(runs, len(plan.statistics))))
    for column, parameter in enumerate((4, 9)):
        signal = ndtri(unit[:, parameter])
        statistics[:, column] = np.exp(signal + noise * generator.normal(size=runs))
    return Table(to_prior(unit), statistics)


def test_what_the_statistics_tell_is_found_and_the_rest_stays_at_its_prior(plan: Plan) -> None:
    table = _known(plan, 20_000, 0.3)
    summaries = learn_summaries(table, plan)
    assert summaries.used.tolist() == [4, 9]
    target = table.statistics[0]
    posterior = fit(summaries, plan, target, leave_out=0)
    assert 0 not in posterior.rows
    assert posterior.weights.sum() == pytest.approx(1.0)
    assert (np.diff(posterior.weights) <= 0).all()
    found = identification(posterior, summaries, plan)
    assert (found["width"][[4, 9]] < 0.5).all()
    rest = found.drop([4, 9])
    assert (rest["width"] > 0.85).all()
    low, high = posterior.quantiles((0.002, 0.998))
    truth = table.parameters[0]
    assert low[4] < truth[4] < high[4]
    assert low[9] < truth[9] < high[9]


@pytest.mark.slow
def test_ranks_of_known_parameters_are_even_and_intervals_cover(plan: Plan) -> None:
    table = _known(plan, 20_000, 0.5)
    summaries = learn_summaries(table, plan)
    rows = np.random.default_rng(5).choice(20_000, 200, replace=False)
    found = check_recovery(table, summaries, plan, rows)
    identified = found[found["parameter"].isin([uncertain()[4].name, uncertain()[9].name])]
    assert 0.85 < identified["inside"].mean() < 0.95
    for _, ranks in identified.groupby("parameter")["rank"]:
        assert uniformity(ranks.to_numpy()) > 1e-3
    # The test has power: ranks of a posterior that is too narrow are not even.
    assert uniformity(np.clip(3.0 * (ranks.to_numpy() - 0.5) + 0.5, 0.0, 1.0)) < 1e-3


def test_a_table_that_tells_nothing_is_refused(plan: Plan) -> None:
    generator = np.random.default_rng(2)
    shape = (3_000, len(plan.statistics))
    table = Table(to_prior(generator.random((3_000, len(uncertain())))), generator.random(shape))
    with pytest.raises(InputError, match="explain no parameter"):
        learn_summaries(table, plan)


def test_an_order_is_predicted_from_the_others(plan: Plan) -> None:
    assert order_spans(plan.months) == {
        "2010-09": "2010-09..2012-02", "2012-03": "2012-03..2014-07", "2014-08": "2014-08..2014-12",
        "2015-01": "2015-01..2015-10", "2015-11": "2015-11..2016-02", "2016-03": "2016-03..2016-12",
    }  # fmt: skip
    table = _known(plan, 3_000, 0.3)
    posterior = Posterior(table.parameters[:50], np.full(50, 0.02), np.arange(50), 1.0)
    names = [each.name for each in uncertain()]
    given = {"wearing": 0.1, "order_spread": 1.0, "persistence_2012_03": 0.5}
    for name, value in given.items():
        posterior.draws[:, names.index(name)] = value
    found = predict_orders(table, plan, posterior).set_index("order")
    # An order in the middle of orders wears off as they do in common.
    middle = found.loc["2012-03"]
    assert middle["fitted_median"] == pytest.approx(np.log(2.0) / 0.1)
    assert middle["predicted_p05"] < middle["fitted_median"] < middle["predicted_p95"]
    assert found["inside"].dtype == bool
    # Nothing is told of wear and spread by this table: all orders are predicted alike.
    assert found["predicted_median"].std() < 0.3 * found["predicted_median"].mean()


# --- The table ------------------------------------------------------------------------------------


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Chunks of 20 runs, and the plan of which they are."""
    monkeypatch.setattr(calibration, "CHUNK", 20)
    monkeypatch.setattr(calibration, "FEWEST_RUNS", 20)
    return load_plan(PLAN)


def test_a_table_resumes_extends_and_makes_anew_what_is_broken(
    small_chunks: Plan, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    whole = build_table(
        small_chunks, 50, tmp_path, progress=lambda _, done, of: told.append((done, of))
    )
    assert told == [(20, 50), (40, 50), (50, 50)]
    assert len(whole) == 50
    assert np.isfinite(whole.statistics).all()
    made = chunks(tmp_path)
    assert len(made) == 3
    # A chunk that was lost or broken is made anew, bit for bit; what is there is not made again.
    kept = made[0].stat().st_mtime_ns
    made[1].unlink()
    content = made[2].read_bytes()
    made[2].write_bytes(content[: len(content) // 2])
    again = build_table(small_chunks, 50, tmp_path, workers=1)
    assert made[0].stat().st_mtime_ns == kept
    np.testing.assert_array_equal(again.statistics, whole.statistics)
    np.testing.assert_array_equal(again.parameters, whole.parameters)
    held = len(chunks(tmp_path))
    part = build_table(small_chunks, 40, tmp_path)
    np.testing.assert_array_equal(part.statistics, whole.statistics[:40])
    assert len(chunks(tmp_path)) == held
    np.testing.assert_array_equal(
        stored_table(small_chunks, 50, tmp_path).statistics, whole.statistics
    )
    with pytest.raises(InputError, match="holds 50 of 60 runs of this plan"):
        stored_table(small_chunks, 60, tmp_path)
    # Another plan's runs are others, and stand beside them.
    other = build_table(replace(small_chunks, seed=7), 20, tmp_path)
    assert not np.array_equal(other.statistics, whole.statistics[:20])
    with pytest.raises(InputError, match="runs = 5"):
        build_table(small_chunks, 5, tmp_path)


def test_statistics_of_the_record_are_those_of_the_patterns(plan: Plan) -> None:
    target = dict(zip(plan.statistics, observed_statistics(plan), strict=True))
    assert target["first_14_days_daily_mean"] == pytest.approx(79 / 14, abs=0.01)
    assert target["missing_reports_h1_2013"] == 949
    assert target["2015-08"] == 918
    assert target["days_2015-01-18..2015-01-25"] == pytest.approx(8 * 4.6)
    assert target["departments_2012_San Miguel"] == pytest.approx(187 / 2594)


def one_homicide_more(*given: Any, **options: Any) -> xr.Dataset:
    results = run(*given, **options)
    results["recorded_daily"][0, 0] += 1
    return results


def test_one_month_ahead_covers_what_its_runs_are_like() -> None:
    generator = np.random.default_rng(4)
    # An autoregression with a known spread: months about 300, one in ten far off by construction.
    noise = generator.normal(size=(5_001, 96))
    logs = np.zeros_like(noise)
    for month in range(1, 96):
        logs[:, month] = 0.8 * logs[:, month - 1] + 0.1 * noise[:, month]
    runs = 300.0 * np.exp(logs)
    inside = np.array([one_month_ahead(runs[:-1], row) for row in runs[:50]])
    assert inside.mean() == pytest.approx(0.9, abs=0.02)
    # A record with twice the surprises is covered less, whatever its level.
    wild = 300.0 * np.exp(2.0 * logs[-1])
    assert one_month_ahead(runs[:-1], wild).mean() < 0.75


# --- The command, and what is shipped -----------------------------------------------------------


SMALL_PLAN = """
scenario = "as-recorded"
seed = 3
months = "2011-07..2013-06"
patterns = ["first_14_days_daily_mean", "police_killed_2012", "missing_reports_h1_2012"]
days = []
departments = ["2012"]
police = ["2010"]
blocks = ["2012-10..2013-06"]
pooled = 1
prior_driven = ["pact_grip"]

[method]
keep = 0.02
least_explained = 0.05
climate = [0.1, 0.3]
"""


@pytest.mark.slow
def test_the_command_writes_a_report(
    small_chunks: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out, path = tmp_path / "out", tmp_path / "plan.toml"
    path.write_text(SMALL_PLAN, encoding="utf-8")
    small = load_plan(path)
    monkeypatch.setattr(calibration, "RUNS_OF_CLIMATE", 40)
    arguments = ["calibrate", str(path), "--runs", "400", "--out", str(out)]
    assert main([*arguments, "--pseudo-observed", "10"]) == 0
    assert "Recovery of known parameters" in capsys.readouterr().out
    report = (out / "README.md").read_text(encoding="utf-8")
    found = pd.read_csv(out / "identification.csv")
    stay = int((found["verdict"] == "at its prior").sum())
    assert f"{stay} stay at their prior" in report
    assert re.search(r"\b\d+ of 400 runs are kept", report)
    folds = load_posteriors(out)
    assert list(folds) == [WHOLE, *small.blocks]
    assert all(len(folds[block].values) == DRAWS_OF_A_BLOCK for block in small.blocks)
    cover = pd.read_csv(out / "climate.csv")
    assert set(cover["fold"]) == {*folds}
    taken = cover[cover["taken"]].set_index("fold")["size"]
    for block in small.blocks:
        values = folds[block].values[:, folds[block].names.index("climate_spread")]
        assert (values == taken.get(block, values[0])).all()
    draws = pd.read_csv(out / "parameter_draws.csv", comment="#")
    assert list(draws) == ["weight", *(each.name for each in uncertain())]
    assert draws["weight"].sum() == pytest.approx(1.0, abs=1e-3)
    assert origin_of(read_draws(out / "parameter_draws.csv")) == Origin(__version__, True)
    assert (out / "figures" / "prior_and_posterior_en.png").stat().st_size > 10_000
    recovered = pd.read_csv(out / "recovery.csv")
    assert recovered.groupby("truth_from")["run"].nunique().tolist() == [10, 10]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--runs", "5"], "runs = 5"),
        (["--pseudo-observed", "0"], "--pseudo-observed 0"),
        (["--workers", "0"], "workers = 0"),
    ],
)
def test_wrong_numbers_are_explained(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", str(PLAN), "--out", str(tmp_path / "x"), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_of_something_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    assert main(["calibrate", str(PLAN), "--out", str(tmp_path)]) == 2
    assert "holds other things" in capsys.readouterr().err


def test_without_its_library_calibration_says_what_to_install(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn.linear_model", None)
    with pytest.raises(InputError, match=r"trucesim\[calibration\]"):
        calibration.calibrate(plan, 1000, tmp_path)


# --- Whose the posterior is -----------------------------------------------------------------------


def _made(plan: Plan, folder: Path) -> Path:
    """Write a posterior of two draws as `trucesim calibrate` would."""
    draws = draw_priors(plan.seed, 0, 2)
    posterior = Posterior(draws, np.array([0.75, 0.25]), np.arange(2), 1.0)
    path = folder / "draws.csv"
    write_draws(posterior, plan, 1_000, path)
    return path


def test_a_posterior_knows_the_model_that_made_it(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _made(plan, tmp_path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# Posterior draws by `trucesim calibrate` {__version__}: 1000 runs of")
    draws = read_draws(path)
    assert draws.names == tuple(each.name for each in uncertain())
    assert draws.weights.tolist() == [0.75, 0.25]
    assert origin_of(draws) == Origin(__version__, True)
    # The sources may change as long as the model does what it did.
    monkeypatch.setattr("trucesim.compilation.digest_of_sources", lambda _: "another")
    monkeypatch.setattr("trucesim.runs.provenance.model_digest", lambda: "another")
    assert origin_of(draws) == Origin(__version__, True)
    # Another value of what is taken as given makes another model.
    given = PARAMETERS["arrest_rate"]
    monkeypatch.setitem(PARAMETERS, "arrest_rate", given.model_copy(update={"value": 0.06}))
    assert origin_of(draws) == Origin(__version__, False)


def test_a_parameter_of_no_effect_is_no_other_model(
    plan: Plan, tmp_path: Path, one_more: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Before it was declared:
    row = PARAMETERS.pop(one_more)
    draws = read_draws(_made(plan, tmp_path))
    results = calibration.run(plan.scenario, 2, plan.seed, detail="none")
    before: list[Any] = []
    monkeypatch.setattr(calibration, "run", lambda *_, **k: before.append(k) or results)
    probe = probe_of(draws)
    PARAMETERS[one_more] = row
    assert probe_of(draws) == probe
    old, new = (each["parameters"] for each in before)
    assert set(new.dtype.names) == {*old.dtype.names, one_more}
    assert all((old[name] == new[name]).all() for name in old.dtype.names)
    assert (new[one_more] == row.at(0.5)).all()
    # One homicide more is another model.
    results["recorded_daily"][1, 900] += 1
    assert probe_of(draws) != probe


def test_a_posterior_that_does_not_say_its_origin_has_none(plan: Plan, tmp_path: Path) -> None:
    draws = read_draws(_made(plan, tmp_path))
    assert origin_of(replace(draws, head=draws.head.partition(", probe")[0])) is None
    assert origin_of(replace(draws, head="")) is None
    with pytest.raises(InputError, match="does not say"):
        probe_of(replace(draws, head=""))


def test_the_shipped_posterior_is_sound() -> None:
    draws = shipped_draws()
    plan = load_plan(PLAN)
    assert f" runs of {plan.scenario}, seed {plan.seed}, probe " in draws.head
    assert {*draws.names} == {each.name for each in uncertain()}
    assert len(np.unique(draws.values, axis=0)) >= 500
    assert draws.reached[-1] == 1.0
    for name, values in zip(draws.names, draws.values.T, strict=True):
        assert (PARAMETERS[name].low <= values).all(), name
        assert (values <= PARAMETERS[name].high).all(), name


def test_a_width_has_its_verdict() -> None:
    found = verdicts(np.array([0.0, 0.5, 0.51, 0.8, 0.81]))
    assert found.tolist() == ["identified"] * 2 + ["narrowed"] * 2 + ["at its prior"]


def test_trust_sums_up(plan: Plan) -> None:
    names = [each.name for each in uncertain()]
    found = pd.DataFrame(
        {"parameter": names, "verdict": ["identified", *["at its prior"] * (len(names) - 1)]}
    )
    generator = np.random.default_rng(3)
    rows: list[dict[str, Any]] = [
        {"run": r, "parameter": n, "rank": generator.random(), "inside": n == names[0],
         "truth_from": "the priors"}
        for r in range(50) for n in names
    ]  # fmt: skip
    posterior = Posterior(np.empty((0, 0)), np.empty(0), np.empty(0, np.int64), 0.0)
    given = calibration.Calibration(
        plan,
        1,
        posterior,
        {},
        pd.DataFrame(),
        pd.DataFrame(),
        found,
        pd.DataFrame(),
        pd.DataFrame(rows),
        pd.DataFrame(),
    )
    (row,) = trust(given).to_dict("records")
    assert row["runs"] == 50
    assert row["coverage"] == pytest.approx(1 / len(names))
    assert row["coverage_identified"] == 1.0
    assert row["ranks_p"] > 0.01
