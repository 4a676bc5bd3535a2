"""Outcomes of one's own: declared by fields or given as functions, and added to a sweep."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from sweeps import chunks, tables, write

from trucesim import load_scenario, run
from trucesim.files.errors import InputError
from trucesim.outcomes import registry
from trucesim.outcomes.declared import MEASURES, OF_FLOWS, REDUCTIONS, WITH_BASELINE, declare, value
from trucesim.parameters import GANGS, uncertain
from trucesim.runs import drawn
from trucesim.runs.drawn import with_parameters
from trucesim.studies.experiment import load_experiment, open_sweep, points, run_sweep
from trucesim.studies.experiment.export import codebook, export
from trucesim.studies.experiment.folder import Sweep
from trucesim.world.country import load_country

FILE = """
title = { en = "Own", es = "Propio" }
story = { en = "A trial.", es = "Una prueba." }
scenarios = ["truce-2012"]
seed = 3
replicates = 4
outcomes = ["recorded_2013", "averted_no_truce"]
until = 2013-12-31
departments = ["La Paz", "San Vicente"]

[[lever]]
name = "repression"
condition = "repression"
from = 2012-06-01
values = [1.0, 2.0]

[design]
kind = "factorial"
"""

MONTHLY = """
[[outcome]]
name = "worst_month"
measure = "homicides"
reduction = "max"
period = "2012-03..2013-12"

[[outcome]]
name = "change_2013"
label = { en = "2013 by 2011", es = "2013 frente a 2011" }
measure = "homicides"
reduction = "change"
period = "2013"
baseline = "2011"
"""

PLACED = """
[[outcome]]
name = "killed_2013_zacatecoluca"
measure = "homicides"
period = "2013"
municipalities = ["Zacatecoluca"]

[[outcome]]
name = "share_in_first_zones"
measure = "homicides"
reduction = "share"
period = "2013"
region = "first_zones"
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    folder = tmp_path_factory.mktemp("own")
    return run_sweep(load_experiment(write(folder, FILE)), folder / "sweep", workers=1)


@pytest.fixture
def folder(whole: Sweep, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole.folder, tmp_path / "sweep"))


@pytest.fixture(scope="module")
def results(whole: Sweep) -> xr.Dataset:
    experiment = whole.experiment
    return run(
        points(experiment).scenario(0), 4, 3, country=experiment.country, detail="full",
        until=experiment.until,
    )  # fmt: skip


def test_what_months_tell_is_not_run_again(whole: Sweep, folder: Path, tmp_path: Path) -> None:
    file = write(tmp_path, FILE + MONTHLY)
    said: list[str] = []
    found = run_sweep(load_experiment(file), folder, resume=True, tell=said.append)
    assert found.manifest["runs_made"] == 0
    assert found.manifest["runs_computed_from_months"] == 8
    assert "worst_month, change_2013: computed of 8 runs from their stored months" in said
    months = found.months().drop(columns=["point", "run"])
    assert (found.runs["worst_month"] == months.loc[:, "2012-03":].max(axis=1)).all()
    at_once = run_sweep(load_experiment(file), tmp_path / "at-once")
    assert tables(folder) == tables(at_once.folder)
    pd.testing.assert_frame_equal(found.runs[whole.runs.columns], whole.runs)
    assert open_sweep(folder).runs.equals(found.runs)
    again = run_sweep(load_experiment(file), folder, resume=True)
    assert again.manifest["runs_made"] == again.manifest["runs_computed_from_months"] == 0


def test_the_rest_is_lived_again_with_the_same_bits(
    whole: Sweep, folder: Path, tmp_path: Path, results: xr.Dataset
) -> None:
    said: list[str] = []
    experiment = load_experiment(write(tmp_path, FILE + PLACED))
    found = run_sweep(experiment, folder, resume=True, tell=said.append)
    assert found.manifest["runs_made"] == found.manifest["runs_made_again"] == 8
    told = next(line for line in said if "made again" in line)
    assert "8 runs" in told
    assert "killed_2013_zacatecoluca, share_in_first_zones" in told
    pd.testing.assert_frame_equal(found.runs[whole.runs.columns], whole.runs)
    mine = found.runs[found.runs["point"] == 0]
    in_2013 = results["recorded"].sel(month="2013").sum("month")
    names = results["municipality_name"].values.tolist()
    expected = in_2013.isel(municipality=names.index("Zacatecoluca")).values
    assert (mine["killed_2013_zacatecoluca"] == expected).all()
    since = results["zone_since"].values
    first = (since >= 0) & (since == np.where(since >= 0, since, 999).min(axis=1)[:, None])
    share = (in_2013.values * first).sum(axis=1) / in_2013.values.sum(axis=1)
    np.testing.assert_allclose(mine["share_in_first_zones"], share)


def test_a_function_of_a_run(whole: Sweep, folder: Path, results: xr.Dataset) -> None:
    def spread(one: xr.Dataset) -> float:
        return float(one["recorded"].sum("month").std())

    asked = whole.experiment.with_outcomes(spread=spread)
    found = run_sweep(asked, folder, resume=True)
    assert found.manifest["runs_made"] == 8
    expected = results["recorded"].sum("month").std("municipality").values
    np.testing.assert_allclose(found.runs["spread"][:4], expected)
    assert open_sweep(folder).experiment.outcomes[-1] == "spread"
    assert run_sweep(asked, folder, resume=True).manifest["runs_made"] == 0
    with pytest.raises(InputError, match="another column"):
        whole.experiment.with_outcomes(run=spread)
    with pytest.raises(InputError, match="further outcomes: spread"):
        run_sweep(whole.experiment, folder, resume=True)


def test_a_shipped_outcome_is_added_too(whole: Sweep, folder: Path) -> None:
    for name, made in (("recorded_2012", 0), ("true_2013", 8)):
        held = open_sweep(folder).experiment.outcomes
        found = run_sweep(
            replace(whole.experiment, outcomes=(*held, name)), folder, resume=True
        )  # fmt: skip
        assert found.manifest["runs_made"] == made, name
    assert chunks(folder)


def test_the_codebook_says_what_is_declared(whole: Sweep, folder: Path, tmp_path: Path) -> None:
    found = run_sweep(load_experiment(write(tmp_path, FILE + MONTHLY)), folder, resume=True)
    rows = {each["column"]: each for each in codebook(found, list(found.runs.columns))}
    assert rows["change_2013"]["label_es"] == "2013 frente a 2011"
    assert rows["change_2013"]["unit"] == "%"
    assert rows["worst_month"]["meaning"] == "Recorded homicides; max over 2012-03..2013-12"


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_gives_numbers(results: xr.Dataset, measure: str) -> None:
    told = MEASURES[measure]
    of: dict[str, Any] = {"kind": {"kinds": ["police"]}, "gang": {"gangs": [GANGS[0]]}}
    only = of.get(told.axis) or ({"region": "zones"} if told.placed else {})
    for reduction in REDUCTIONS:
        if (reduction in OF_FLOWS and not told.flow) or (
            reduction == "share" and (told.share or not only)
        ):
            continue
        baseline = "2011" if reduction in WITH_BASELINE else None
        for further in ({}, only) if reduction != "share" else (only,):
            asked = declare(measure, reduction, period="2013", baseline=baseline, **further)
            found = value(results, asked)
            assert found.shape == (4,), (measure, reduction)
            finite = found[np.isfinite(found)]
            assert (finite >= asked.low).all()
            assert (finite <= asked.high).all()


def test_shipped_ones_are_of_the_same_kind() -> None:
    for name in ("recorded_2013", "true_2013", "compliance_2014", "zones_2013", "averted_2011"):
        assert registry.outcome(name).declared is not None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ('measure = "homicide"', "homicides"),
        (
            'measure = "homicides"\nkinds = ["polise"]',
            r"no 'polise' \(did you mean 'police'\?\); allowed",
        ),
        ('measure = "members"\nkinds = ["police"]', "members is not held by kind.*homicides"),
        ('measure = "homicides"\nmunicipalities = ["Zacatecolca"]', "Zacatecoluca, La Paz"),
        (
            'measure = "homicides"\nmunicipalities = ["Ilopango"]',
            "no municipality that is simulated",
        ),
        ('measure = "homicides"\nmunicipalities = ["La Paz"]', r"give departments = \['La Paz'\]"),
        ('measure = "homicides"\nmunicipalities = ["La Paz Este"]', "one of the 44 of 2024"),
        ('measure = "homicides"\ndepartments = ["La Pas"]', "none that is simulated.*La Paz"),
        ('measure = "members"\nregion = "zones"', "whole country only.*homicides, zones"),
        ('measure = "members"\nreduction = "sum"', "does not add up; allowed: mean"),
        ('measure = "homicides"\nreduction = "change"', "baseline"),
        ('measure = "homicides"\nreduction = "share"', "say of what"),
        ('measure = "homicides"\nperiod = "2015"', "covers only"),
        ('measure = "homicides"\nperiod = "next year"', "expected a year"),
        ('measure = "homicides"\nregion = "zone"', "zones"),
        ('measure = "homicides"\nperiods = "2013"', "unknown key.*period"),
        ('measure = "homicides"\nperiod = "2013-01-05"\nregion = "zones"', "cuts a month"),
    ],
)  # fmt: skip
def test_wrong_fields_are_told_in_one_line(tmp_path: Path, fields: str, told: str) -> None:
    text = f'{FILE}\n[[outcome]]\nname = "mine"\n{fields}\n'
    with pytest.raises(InputError, match=told) as error:
        load_experiment(write(tmp_path, text))
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("small.toml:")


def test_names_are_told_apart(tmp_path: Path) -> None:
    for name, told in (
        ("recorded_2013", "another column"), ("run", "another column"),
        ("repression", "another column"), ("month", "another column"),
        ("value", "another column"), ("parameters", "another column"),
        ("second_step", "a shipped outcome"), ("true_2013", "a shipped outcome"),
        ("branching", "a parameter"),
    ):  # fmt: skip
        text = f'{FILE}\n[[outcome]]\nname = "{name}"\nmeasure = "members"\n'
        with pytest.raises(InputError, match=f"{told} has this name"):
            load_experiment(write(tmp_path, text))


def test_an_unknown_name_is_told_as_it_is_declared(tmp_path: Path) -> None:
    def refused(name: str) -> str:
        with pytest.raises(InputError) as error:
            load_experiment(write(tmp_path, FILE.replace('"recorded_2013"', f'"{name}"')))
        assert "\n" not in str(error.value)
        return str(error.value)

    for name in (
        "recorded_2013_Zacatecoluca", "recorded_2013-02..2013-05_la_paz", "recorded_2013_police",
        "members_2012", "in_prison_ms13",
    ):  # fmt: skip
        line = refused(name).partition("declare it beside outcomes: ")[2]
        found = load_experiment(write(tmp_path, FILE.replace("seed = 3", f"seed = 3\n{line}")))
        assert len(found.own) == 1, name
    assert "killings is held for the whole country only" in refused("true_2013_Zacatecoluca")
    assert "[[outcome]]" in refused("recorded_2013_atlantis")


def test_a_set_of_kinds_or_places_is_one_however_it_is_written(results: xr.Dataset) -> None:
    once, twice = (
        declare("homicides", "share", period="2013", kinds=kinds)
        for kinds in (["others", "police"], ["police", "others", "police"])
    )
    assert once == twice
    assert (value(results, twice) <= 1).all()
    coded = declare("homicides", municipalities=["0821", "821"], period="2013")
    assert coded == declare("homicides", municipalities=["Zacatecoluca"], period="2013")


def test_a_function_that_fails_changes_nothing(whole: Sweep, folder: Path) -> None:
    def fails(one: xr.Dataset) -> float:
        return float(one["recoded"].sum())

    def gives_none(one: xr.Dataset) -> Any:
        return None

    before = tables(folder)
    for function, told in ((fails, "KeyError.*recoded"), (gives_none, "TypeError")):
        with pytest.raises(InputError, match=f"'mine': tried on a run.*{told}"):
            run_sweep(whole.experiment.with_outcomes(mine=function), folder, resume=True)
    assert tables(folder) == before
    assert open_sweep(folder).experiment.outcomes == whole.experiment.outcomes
    given: tuple[tuple[str, Any, str], ...] = (
        ("mine", 3, "no function"), ("A b", fails, "small letters"),
        ("recorded_2012", fails, "a shipped outcome"), ("branching", fails, "a parameter"),
    )  # fmt: skip
    for name, function, told in given:
        with pytest.raises(InputError, match=told):
            whole.experiment.with_outcomes(**{name: function})


def test_only_what_compels_is_named(whole: Sweep, folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    asked = load_experiment(write(tmp_path, FILE + MONTHLY + PLACED))
    run_sweep(asked, folder, resume=True, tell=said.append)
    told = next(line for line in said if "made again" in line)
    assert told.endswith("does not tell killed_2013_zacatecoluca, share_in_first_zones")


def test_what_runs_took_is_exported(whole: Sweep, tmp_path: Path, results: xr.Dataset) -> None:
    written = {path.name for path in export(whole, "parquet", tmp_path / "out")}
    assert {"runs.parquet", "parameters.parquet", "codebook_parameters.md"} <= written
    table = pd.read_parquet(tmp_path / "out" / "parameters.parquet")
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet")
    assert table[["point", "run"]].equals(runs[["point", "run"]])
    assert list(table)[2:] == [each.name for each in uncertain()]
    own = with_parameters(results, points(whole.experiment).scenario(0))
    assert "parameters" not in own  # of a part of the country: scaled, and not told by a digest
    data = whole.dataset(parameters=True)
    assert data["parameters"].dims == ("point", "run", "parameter")
    np.testing.assert_array_equal(data["parameters"].values.reshape(8, -1), table.iloc[:, 2:])
    # The same draws at every point, and others in every run.
    np.testing.assert_array_equal(table.iloc[:4, 2:], table.iloc[4:, 2:])
    assert table["branching"].nunique() == 4
    taken = drawn.take("posterior", whole.experiment.country, {}, 3, 0, 4)
    np.testing.assert_array_equal(table["branching"][:4], taken["branching"])


def test_results_hold_what_runs_took() -> None:
    found = run("truce-2012", 2, 5, detail="none", until=dt.date(2009, 1, 31), first_run=3)
    whole = with_parameters(found, load_scenario("truce-2012"))
    taken = drawn.take("posterior", load_country(), {}, 5, 3, 2)
    np.testing.assert_array_equal(whole["parameters"].sel(parameter="sanction"), taken["sanction"])
