"""What-ifs from the record: shipped lineages live again, and cases leave them on their own day."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lives import first_week_of
from spoken import in_language

from trucesim import run, snapshot
from trucesim.cli import main
from trucesim.files.errors import InputError
from trucesim.runs.lineage import (
    HOME,
    NUMBERS,
    Lineage,
    digest_of_months,
    read_lineages,
    shipped_lineages,
)
from trucesim.runs.provenance import draws_digest
from trucesim.runs.sampling import shipped_draws
from trucesim.runs.simulate import Snapshot
from trucesim.scenario.change import set_condition, set_parameters
from trucesim.scenario.file import load_scenario, shipped
from trucesim.studies import effects
from trucesim.studies import history as module
from trucesim.studies.experiment.folder import open_sweep
from trucesim.studies.follow import observed_months
from trucesim.studies.history import CHANCE, RECORD, choose, obstacle
from trucesim.world import calendar

FEW = 3


@pytest.fixture(scope="module")
def lineages() -> tuple[Lineage, ...]:
    return shipped_lineages().lineages[:FEW]


def test_shipped_lineages_live_again_bit_for_bit(lineages: tuple[Lineage, ...]) -> None:
    found = shipped_lineages()
    months = run("truce-2012", lineages=lineages, detail="none")["recorded_national"].values
    assert [digest_of_months(each) for each in months] == list(found.digests[:FEW])
    assert np.abs(months - observed_months()).mean() < 40.0
    # Plain runs lie some hundred homicides a month away (docs/following-the-record.md).
    plain = run("truce-2012", 40, 1, detail="none")["recorded_national"].values
    assert 75.0 < np.abs(plain - observed_months()).mean() < 125.0


def test_shipped_lineages_are_of_distinct_draws_of_the_shipped_posterior() -> None:
    found = shipped_lineages()
    assert len(found.lineages) >= 200
    assert len(np.unique(shipped_draws().values[found.rows], axis=0)) == len(found.rows)
    assert draws_digest("el_salvador")[:16] in found.head
    assert np.isfinite(found.log_likelihood).all()
    numbers = np.stack([each.runs for each in found.lineages])
    first = NUMBERS * np.arange(len(numbers))
    assert ((numbers - first[:, None] >= 0) & (numbers - first[:, None] < HOME)).all()
    assert [each.home for each in found.lineages] == (first + HOME).tolist()


def test_a_case_leaves_the_record_on_its_own_day(lineages: tuple[Lineage, ...]) -> None:
    factual = load_scenario("truce-2012")
    changed = set_condition(
        factual, "funds", True, dt.date(2013, 5, 16), "test", id="x", shown="x", source="test"
    )
    one, other = (
        run(each, lineages=lineages, detail="none")["recorded_daily"].values
        for each in (factual, changed)
    )
    day = calendar.day_of(dt.date(2013, 5, 16))
    np.testing.assert_array_equal(one[:, :day], other[:, :day])
    assert (one[:, day:] != other[:, day:]).any()


def test_a_lineage_goes_on_from_a_snapshot(lineages: tuple[Lineage, ...], tmp_path: Path) -> None:
    whole = run("truce-2012", lineages=lineages[:2], detail="none")
    kept = snapshot("truce-2012", dt.date(2014, 3, 18), lineages=lineages[:2])
    kept.save(tmp_path / "kept.npz")
    again = run("truce-2012", start=Snapshot.load(tmp_path / "kept.npz"), detail="none")
    assert again.identical(whole)


def test_weeks_take_the_numbers_of_their_months(lineages: tuple[Lineage, ...]) -> None:
    lineage = lineages[0]
    for first, last in ((0, calendar.WEEKS), (100, 230), (230, calendar.WEEKS + 20)):
        weeks = [
            (week, int(number))
            for each in lineage.stretches(first, last)
            for week, number in zip(range(each.first_week, each.last_week), each.runs, strict=True)
        ]
        assert [week for week, _ in weeks] == list(range(first, last))
        begun_in = calendar.month_of_day()[::7]
        months = [int(begun_in[week]) if week < calendar.WEEKS else -1 for week, _ in weeks]
        assert [number for _, number in weeks] == [int(lineage.runs[month]) for month in months]
    assert list(lineage.stretches(40, 40)) == []
    parted = [each.first_week for each in lineage.with_climate(0.5, 60).stretches(0, 418)]
    assert parted == [0, first_week_of(60)]


def test_later_chance_changes_later_months_only(lineages: tuple[Lineage, ...]) -> None:
    lineage, month = lineages[0], 60
    first = 7 * first_week_of(month)
    others = [
        lineage.with_climate(0.5, month),
        lineage.with_climate_anew(month),
        lineage.anew(month),
    ]
    same = lineage.with_climate(1.0, 5)
    lived = run("truce-2012", lineages=[lineage, *others, same], detail="none")
    daily = lived["recorded_daily"].values
    for each in daily[1:4]:
        np.testing.assert_array_equal(daily[0, :first], each[:first])
        assert (daily[0] != each).any()
    assert (daily[2] != daily[3]).any()
    np.testing.assert_array_equal(daily[0], daily[4])
    # Without a climate there is none to be drawn anew.
    calm = replace(lineage, climate=np.zeros(calendar.MONTHS))
    daily = run("truce-2012", lineages=[calm, calm.with_climate_anew(0)], detail="none")
    np.testing.assert_array_equal(*daily["recorded_daily"].values)


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_can_follow_the_record(name: str) -> None:
    found = obstacle(load_scenario(name))
    if name == "as-recorded":
        # It has the gangs' answers on documented days from the start: another world.
        assert found is not None
        assert found.kind == "first-day"
    else:
        assert found is None


def test_what_is_chosen() -> None:
    a, b = load_scenario("truce-2012"), load_scenario("no-truce")
    there = len(shipped_lineages().lineages)
    asked = {"runs": None, "seed": None, "default_runs": 7}
    record = choose(None, [a, b], **asked)  # type: ignore[arg-type]
    assert (record.history, record.runs, record.seed) == (RECORD, there, 2016)
    assert choose(RECORD, [a, b], runs=4, seed=None, default_runs=7).runs == 4
    chance = choose(CHANCE, [a, b], runs=None, seed=5, default_runs=7)
    assert (chance.history, chance.runs, chance.seed, chance.lineages) == (CHANCE, 7, 5, None)
    assert not chance.obstacles
    fixed = set_parameters(b, {"wearing": 0.1})
    fallen = choose(None, [a, fixed], **asked)  # type: ignore[arg-type]
    assert fallen.history == CHANCE
    for lang, words in (("en", "changes wearing"), ("es", "cambia wearing")):
        assert words in in_language(lang, fallen.told)
    # A seed is then as good as ever.
    assert choose(None, [a, fixed], runs=None, seed=3, default_runs=7).seed == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seed": 3}, "--seed"),
        ({"point": True}, "--point"),
        ({"runs": 10_000}, "--runs 10000"),
        ({"runs": 0}, "--runs 0"),
        ({"asked": "recorded"}, "'recorded'"),
    ],
)
def test_what_does_not_go_with_the_record_is_refused(
    given: dict[str, object], message: str
) -> None:
    asked = {"asked": None, "runs": None, "seed": None, "default_runs": 7} | given
    with pytest.raises(InputError, match=message):
        choose(scenarios=[load_scenario("no-truce")], **asked)  # type: ignore[arg-type]


def test_the_record_cannot_be_followed_with_other_parameters() -> None:
    fixed = set_parameters(load_scenario("truce-2012"), {"wearing": 0.1})
    with pytest.raises(InputError, match=r"changes wearing.*--history chance"):
        choose(RECORD, [fixed], runs=None, seed=None, default_runs=7)


def test_lineages_of_other_rules_are_not_lived(monkeypatch: pytest.MonkeyPatch) -> None:
    module.lineages_hold.cache_clear()
    try:
        monkeypatch.setattr(module, "model_digest", lambda: "0" * 64)
        assert module.lineages_hold()  # other sources, the same lives
        module.lineages_hold.cache_clear()
        other = replace(shipped_lineages(), digests=("0", "1"))
        monkeypatch.setattr(module, "shipped_lineages", lambda: other)
        cases = [load_scenario("truce-2012"), load_scenario("no-truce")]
        past = choose(None, cases, runs=None, seed=None, default_runs=7)
        assert past.history == CHANCE
        assert past.told().count("trucesim follow") == 1
        with pytest.raises(InputError, match="rules or data"):
            choose(RECORD, cases, runs=None, seed=None, default_runs=7)
    finally:
        module.lineages_hold.cache_clear()


def test_effects_from_the_record() -> None:
    a, b = load_scenario("truce-2012"), load_scenario("guarantor-stays")
    past = choose(RECORD, [a, b], runs=4, seed=None, default_runs=7)
    (effect,) = effects.what_ifs(a, [b], past).effects
    assert list(effect.results) == [effects.OWN, *effects.LATER]
    date = b.changes_from(a)
    assert date is not None
    month = int(calendar.month_of_day()[calendar.day_of(date)])
    first, second = (each["recorded_national"].values for each in effect.headline)
    np.testing.assert_array_equal(first[:, :month], second[:, :month])
    for name in effects.LATER:
        changed = effect.results[name][0]["recorded_national"].values
        np.testing.assert_array_equal(changed[:, : month + 1], first[:, : month + 1])
        assert (changed != first).any()
        # In whole: what a life from the first day on comes to.
        lineages = [effects.LATER[name](each, month + 1) for each in past.lineages or ()]
        plain = run(effects.TREATMENTS[effects.OWN](b), lineages=lineages, detail="none")
        np.testing.assert_array_equal(
            plain["recorded_national"], effect.results[name][1]["recorded_national"]
        )
    assert effect.reweighted is not None
    mean, worth = effect.reweighted
    apart = (first - second).sum(axis=1)
    assert apart.min() <= mean <= apart.max()
    assert 1.0 <= worth <= 4.0


def test_the_command_says_which_past_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    given = ["compare", "truce-2012", "funds-arrive", "--runs", "3", "--out", str(out)]
    assert main(given) == 0
    assert "From the world as it was: 3 simulated histories" in capsys.readouterr().out
    report = (out / "README.md").read_text(encoding="utf-8")
    assert "--history record --runs 3 --lang en --out DIR" in report
    assert "all chance drawn anew" in report
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (summary["history"], summary["seed"]) == ("record", 2016)
    assert main([*given[:3], "--set", "wearing=0.1", "--runs", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["history"] == "chance"
    for wrong in (["--seed", "2"], ["--point"], ["--runs", "5000"]):
        assert main(["compare", "truce-2012", "no-truce", *wrong]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize("text", ["", "# seed x\na,b\n1,2\n", "lineage,row\n0,1\n", "\x00"])
def test_a_broken_file_of_lineages_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "lineages.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no table of lineages"):
        read_lineages(path)


def test_a_lineage_is_checked(lineages: tuple[Lineage, ...]) -> None:
    with pytest.raises(InputError, match="climate"):
        replace(lineages[0], climate=np.ones(3))


EXPERIMENT = """
title = { en = "Small", es = "Pequeño" }
story = { en = "A trial.", es = "Una prueba." }
scenarios = ["truce-2012", "guarantor-stays"]
replicates = 3
outcomes = ["recorded_2015", "reduction_no_truce"]
history = "record"
[design]
kind = "factorial"
"""


def test_a_sweep_from_the_record(
    lineages: tuple[Lineage, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small.toml"
    file.write_text(EXPERIMENT, encoding="utf-8")
    assert main(["sweep", str(file), "--out", str(tmp_path / "out"), "--json"]) == 0
    capsys.readouterr()
    sweep = open_sweep(tmp_path / "out")
    assert sweep.experiment.history == RECORD
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet")
    for point, name in enumerate(("truce-2012", "guarantor-stays")):
        lived = run(name, lineages=lineages, detail="none")["recorded_national"]
        counts = lived.sel(month="2015").sum("month").values.tolist()
        assert runs[runs["point"].eq(point)]["recorded_2015"].tolist() == counts
    # From chance it is another sweep, and what was asked for stays with the folder.
    again = ["sweep", str(file), "--history", "chance", "--out", str(tmp_path / "out"), "--resume"]
    assert main(again) == 2
    assert "other history" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("replicates = 3", "replicates = 3000"), "3000 replicates: 200 lineages"),
        (("replicates = 3", "replicates = 3\nseed = 1"), "a seed"),
        (("replicates = 3", 'replicates = 3\nparameters = "prior"'), "parameters = 'prior'"),
        (("replicates = 3", 'replicates = 3\ndepartments = ["La Paz"]'), "departments"),
        (('"guarantor-stays"', '"as-recorded"'), "first day"),
    ],
)
def test_a_sweep_that_no_lineage_can_live_is_refused(
    change: tuple[str, str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small.toml"
    file.write_text(EXPERIMENT.replace(*change), encoding="utf-8")
    assert main(["sweep", str(file), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert len(told.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
