"""Plan, effects, sensitivity and export of real, small sweeps; and their commands."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from spoken import in_language

from trucesim import cli
from trucesim.files.errors import InputError
from trucesim.outcomes.registry import named
from trucesim.parameters import PARAMETERS
from trucesim.reports import sensitivity as sensitivity_report
from trucesim.studies.experiment import precision
from trucesim.studies.experiment.design import points
from trucesim.studies.experiment.export import codebook, parts, table
from trucesim.studies.experiment.file import load_experiment, shipped
from trucesim.studies.experiment.folder import Sweep, open_sweep
from trucesim.studies.experiment.plan import plan
from trucesim.studies.experiment.sweep import run_sweep

Capsys = pytest.CaptureFixture[str]

HEAD = """
title = {{ en = "A trial", es = "Una prueba" }}
story = {{ en = "What matters?", es = "¿Qué importa?" }}
departments = ["San Vicente"]
seed = 5
{rest}
"""

FACTORIAL = """
scenarios = ["truce-2012", "no-guarantor"]
replicates = 24
until = 2013-12-31
outcomes = ["recorded_2013", "averted_no_truce"]
[[lever]]
name = "isolation"
label = { en = "Leaders isolated", es = "Jefes aislados" }
date_of = "leaders-isolated"
values = ["never", 2012-09-01]
[[lever]]
name = "pressure"
condition = "repression"
from = 2013-01-01
values = [1.0, 3.0]
[design]
kind = "factorial"
"""

SPREAD = """
scenarios = ["truce-2012"]
until = {until}
monthly = false
parameters = "point"
outcomes = {outcomes}
uncertainties = ["sanction", "branching", "trust_speed"]
{more}
[design]
kind = "{kind}"
{size}
"""


def write(folder: Path, name: str, rest: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(HEAD.format(rest=rest), encoding="utf-8")
    return path


def spreading(kind: str, size: str, outcomes: list[str], replicates: int, until: str) -> str:
    return SPREAD.format(
        kind=kind, size=size, outcomes=json.dumps(outcomes), until=until,
        more=f"replicates = {replicates}",
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("analyses")


@pytest.fixture(scope="module")
def factorial(folder: Path) -> Sweep:
    path = write(folder, "factorial", FACTORIAL)
    return run_sweep(load_experiment(path), folder / "factorial")


@pytest.fixture(scope="module")
def morris(folder: Path) -> Path:
    rest = spreading("morris", "trajectories = 6", ["recorded_2013"], 3, "2013-12-31")
    return write(folder, "morris", rest)


@pytest.fixture(scope="module")
def sobol(folder: Path) -> Path:
    outcomes = ["recorded_2013", "collapsed_within_two_years"]
    rest = spreading("sobol", "points = 64", outcomes, 1, "2014-03-31")
    lever = """
[[lever]]
name = "isolation"
date_of = "leaders-isolated"
low = 2012-04-01
high = 2014-12-31
[design]"""
    # Nothing but isolation closes the channel: what narrows it later would open it again.
    (folder / "narrowed-once.toml").write_text(
        'extends = "truce-2012"\n'
        'drop = ["channel-barred", "one-meeting", "meetings-barred-again", "spokesmen-arrested"]\n'
        'title = { en = "Narrowed once", es = "Reducido una vez" }\n'
        'story = { en = "A counterfactual.", es = "Un contrafactual." }\n',
        encoding="utf-8",
    )
    rest = rest.replace('["truce-2012"]', '["narrowed-once.toml"]')
    path = write(folder, "sobol", rest.replace("\n[design]", lever))
    # One run a point stands for one course of chance: one in which some collapse.
    text = path.read_text(encoding="utf-8").replace("seed = 5", "seed = 7")
    path.write_text(text, encoding="utf-8")
    return path


# --- Effects and plan ---------------------------------------------------------------------------


def test_effects_of_a_sweep_are_those_of_its_runs(factorial: Sweep) -> None:
    found = precision.effects_of(factorial)
    assert list(found["outcome"].unique()) == ["recorded_2013", "averted_no_truce"]
    assert list(found["point"][:7]) == list(range(1, 8))
    expected = precision.effects(factorial.runs, "recorded_2013", 0)
    pd.testing.assert_frame_equal(found.iloc[:7], expected)
    # The channel is closed, and the order reaches few: homicides rise in every run together.
    row = found.iloc[1]
    assert row["effect"] > 4 * row["se_paired"]
    assert row["variance_reduction"] > 1
    other = precision.effects_of(factorial, ["recorded_2013"], baseline=2)
    assert other.iloc[0]["effect"] == pytest.approx(-row["effect"])


def test_points_are_named_by_what_differs(factorial: Sweep) -> None:
    names = precision.called(factorial.points())
    assert names[0] == "The truce of 2012, Leaders isolated: never, Repression: 1"
    assert len(set(names.values())) == 8
    spanish = in_language("es", precision.called, factorial.points())
    assert spanish[3].endswith("Jefes aislados: 2012-09-01, Represión: 3")
    assert spanish[0].split(", ")[1] == "Jefes aislados: nunca"


def test_a_lever_that_a_point_leaves_out_is_not_named() -> None:
    for name in shipped():
        for lang in ("en", "es"):
            names = in_language(lang, precision.called, points(load_experiment(name)))
            assert not any("nan" in each or "None" in each for each in names.values()), name
    design = points(load_experiment("zones"))
    gaps = design.frame.astype(object).where(design.frame.notna(), float("nan"))
    assert precision.called(replace(design, frame=gaps)) == precision.called(design)


def test_a_plan_foretells_the_error_that_is_measured(factorial: Sweep, folder: Path) -> None:
    experiment = load_experiment(folder / "factorial.toml")
    wanted = 1.5
    found = plan(experiment, wanted, "recorded_2013", pilot=40, folder=folder / "pilot")
    rows = found.table[(found.table["what"] == "effect") & (found.table["point"] == 2)]
    (row,) = rows.to_dict("records")
    assert row["paired_low"] <= row["paired"] <= row["paired_high"]
    assert found.rate > 0
    assert found.lives == 8 + 1  # one counterfactual, which no lever changes
    measured = precision.effects_of(factorial, ["recorded_2013"]).set_index("point").loc[2]
    # At the sweep's 24 runs the error foretold is near the one measured.
    foretold = row["deviation"] / math.sqrt(24)
    assert measured["se_paired"] == pytest.approx(foretold, rel=0.35)
    assert row["paired"] == math.ceil(row["deviation"] ** 2 / wanted**2)
    assert found.seconds(100) == pytest.approx(100 * found.lives / found.rate)


def test_a_pilot_that_is_kept_is_gone_on_with(folder: Path) -> None:
    experiment = load_experiment(folder / "factorial.toml")
    told: list[int] = []
    plan(
        experiment, 1.0, pilot=10, folder=folder / "pilot",
        progress=lambda standing: told.append(standing.made),
    )  # fmt: skip
    assert max(told) == 0
    assert len(open_sweep(folder / "pilot").runs) == 40 * 8


def test_what_a_plan_refuses(factorial: Sweep, folder: Path, morris: Path) -> None:
    experiment = factorial.experiment
    with pytest.raises(InputError, match="did you mean 'recorded_2013'"):
        plan(experiment, 1.0, "recorded_201")
    with pytest.raises(InputError, match="above 0"):
        plan(experiment, 0.0)
    with pytest.raises(InputError, match="8 to 100000"):
        plan(experiment, 1.0, pilot=4)
    with pytest.raises(InputError, match="spreads its points"):
        plan(load_experiment(morris), 1.0)
    with pytest.raises(InputError, match="points 0 to 7"):
        precision.effects_of(factorial, baseline=8)


def test_the_commands_plan_and_effects(folder: Path, factorial: Sweep, capsys: Capsys) -> None:
    file = str(folder / "factorial.toml")
    arguments = ["plan", file, "--se", "2", "--pilot", "40", "--out", str(folder / "pilot")]
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert "runs for a standard error of 2 homicides" in said
    assert "gives every effect this error" in " ".join(said.split())
    assert cli.main([*arguments, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["runs_a_second"] is None  # nothing was left to run
    assert {row["what"] for row in content["table"]} == {"mean", "effect"}
    assert cli.main(["effects", str(factorial.folder), "--outcome", "recorded_2013",
                     "--lang", "es"]) == 0  # fmt: skip
    assert "diferencia con el punto 0" in capsys.readouterr().out
    assert (factorial.folder / "figures" / "effects_recorded_2013_es.png").is_file()
    rows = pd.read_csv(factorial.folder / "effects.csv")
    assert len(rows) == 7
    for wrong in (
        ["effects", str(folder / "nothing")],
        ["effects", str(factorial.folder), "--outcome", "recorded"],
        ["plan", file, "--se", "-1"],
    ):
        assert cli.main(wrong) == 2, wrong
        assert capsys.readouterr().err.startswith("trucesim: ")


# --- Sensitivity --------------------------------------------------------------------------------


def test_the_command_sensitivity_runs_resumes_and_reports(
    morris: Path, folder: Path, capsys: Capsys
) -> None:
    out = folder / "morris-out"
    assert cli.main(["sensitivity", str(morris), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "Sanction" in said
    report = (out / "sensitivity" / "README.md").read_text(encoding="utf-8")
    assert "6 Morris trajectories over 3 factors" in report
    assert "of 3 factors have an effect beyond chance" in report
    for link in re.findall(r"\]\(([^)]+)\)", report):
        assert (out / "sensitivity" / link).is_file(), link
    indices = pd.read_csv(out / "sensitivity" / "indices.csv")
    assert set(indices["factor"]) == {"sanction", "branching", "trust_speed"}
    assert list(indices["mu_star"]) == sorted(indices["mu_star"], reverse=True)
    before = (out / "sensitivity" / "indices.csv").read_bytes()
    chunks = {path: path.stat().st_mtime_ns for path in out.glob("chunks/*/*")}
    assert cli.main(["sensitivity", str(morris), "--out", str(out), "--lang", "es",
                     "--no-figures", "--json"]) == 0  # fmt: skip
    content = json.loads(capsys.readouterr().out)
    assert len(content["indices"]) == 3
    assert content["chance"][0]["used"] == 6
    assert {path: path.stat().st_mtime_ns for path in out.glob("chunks/*/*")} == chunks
    assert (out / "sensitivity" / "indices.csv").read_bytes() == before
    spanish = (out / "sensitivity" / "README.md").read_text(encoding="utf-8")
    assert spanish.startswith("# Sensibilidad: Una prueba")
    assert "trayectorias de Morris" in spanish


@pytest.fixture(scope="module")
def analysed(sobol: Path, folder: Path) -> sensitivity_report.Analysis:
    sweep = run_sweep(load_experiment(sobol), folder / "sobol-out")
    return sensitivity_report.analyse(sweep)


def test_a_sobol_sweep_gives_shares_and_where_it_collapses(
    analysed: sensitivity_report.Analysis, tmp_path: Path
) -> None:
    found = analysed
    rows = found.indices[found.indices["outcome"] == "recorded_2013"].set_index("factor")
    assert rows.loc["sanction", "total"] > rows.loc["trust_speed", "total"]
    assert rows["total"].between(-0.1, 1.5).all()
    discovery = found.discoveries["narrowed-once.toml", "collapsed_within_two_years"]
    assert 0 < discovery.base < 1
    limits = discovery.limits[discovery.limits["factor"] == "isolation"]
    assert discovery.holds
    assert len(limits) > 0
    assert found.chance["chance"].isna().all()  # one run a point
    written = {path.name for path in sensitivity_report.write(found, tmp_path / "x")}
    assert {"indices.csv", "regional.csv", "discovery.csv", "README.md", "manifest.json"} <= written
    # What is published names no folder of the machine that made it.
    manifest = (tmp_path / "x" / "manifest.json").read_text(encoding="utf-8")
    assert found.sweep.folder.parent.name not in manifest
    assert "scenarios_in" not in json.loads(manifest)
    report = (tmp_path / "x" / "README.md").read_text(encoding="utf-8")
    assert "Where it happens: Truce collapsed within two years" in report
    assert f"{round(100 * discovery.base)}%" in report
    # Dates are told as dates.
    assert re.search(r"\(`isolation`\) < \d+ \w{3} 201[2-4]", report)
    boxes = pd.read_csv(tmp_path / "x" / "boxes.csv").set_index("factor")
    assert re.fullmatch(r"201[2-4]-\d\d-\d\d", boxes.loc[["isolation"], "high"].iloc[0])


def test_what_sensitivity_refuses(factorial: Sweep) -> None:
    with pytest.raises(InputError, match="no cases to compare"):
        sensitivity_report.analyse(factorial)


# --- Export -------------------------------------------------------------------------------------


def test_wide_and_long_hold_the_same_runs(factorial: Sweep) -> None:
    wide, long = table(factorial), table(factorial, "long")
    assert len(wide) == 8 * 24
    assert list(wide.columns) == [
        "point", "run", "scenario", "isolation", "pressure", "recorded_2013", "averted_no_truce",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(
        wide[["point", "run", "recorded_2013"]], factorial.runs[["point", "run", "recorded_2013"]]
    )
    assert len(long) == 2 * len(wide)
    back = long.pivot(index=["point", "run"], columns="outcome", values="value").reset_index()
    np.testing.assert_array_equal(back["averted_no_truce"], wide["averted_no_truce"])
    row = wide.iloc[3 * 24]
    assert (row["isolation"], row["pressure"]) == ("2012-09-01", 3.0)


def test_months_add_up_to_the_year(factorial: Sweep) -> None:
    months = table(factorial, "monthly")
    year = months[months["month"].str.startswith("2013")].groupby(["point", "run"])["recorded"]
    np.testing.assert_array_equal(year.sum(), factorial.runs["recorded_2013"])


def test_parts_are_the_whole(factorial: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table(factorial)
    monkeypatch.setattr("trucesim.studies.experiment.export.ROWS_AT_ONCE", 50)
    found = list(parts(factorial))
    assert len(found) == 4
    pd.testing.assert_frame_equal(pd.concat(found, ignore_index=True), whole)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_files_read_back(factorial: Sweep, form: str, tmp_path: Path, capsys: Capsys) -> None:
    out = tmp_path / "out"
    arguments = ["export", str(factorial.folder), "--to", form, "--out", str(out)]
    assert cli.main(arguments) == 0
    read = pd.read_csv if form == "csv" else pd.read_parquet
    back = read(out / f"runs.{form}")
    whole = table(factorial)
    assert list(back.columns) == list(whole.columns)
    for name in whole.columns:
        assert list(back[name]) == list(whole[name]), name
    book = json.loads((out / "codebook.json").read_text(encoding="utf-8"))
    assert [row["column"] for row in book["columns"]] == list(whole.columns)
    text = (out / "codebook.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in whole.columns)
    assert cli.main(arguments) == 0  # its own folder is written again
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.doc").write_text("x")
    assert cli.main([*arguments[:-1], str(tmp_path / "other")]) == 2
    assert "holds other things" in capsys.readouterr().err


def test_the_codebook_comes_from_declarations(factorial: Sweep, folder: Path, morris: Path) -> None:
    book = {row["column"]: row for row in codebook(factorial, list(table(factorial).columns))}
    assert book["isolation"]["label_es"] == "Jefes aislados"
    assert "leaders-isolated" in book["isolation"]["meaning"]
    assert book["pressure"]["unit"] == "1"
    assert "sets repression from 2013-01-01" in book["pressure"]["meaning"]
    assert book["recorded_2013"]["unit"] == "homicides"
    assert "counterfactual" in book["averted_no_truce"]["meaning"]
    screened = run_sweep(load_experiment(morris), folder / "morris-out", resume=True)
    (row,) = codebook(screened, ["sanction"])
    declared = PARAMETERS["sanction"]
    assert (row["meaning"], row["source"], row["unit"]) == (
        declared.meaning_in(), declared.source_in(), declared.unit,
    )  # fmt: skip
    with pytest.raises(InputError, match="no months were kept"):
        table(screened, "monthly")
    with pytest.raises(InputError, match="did you mean 'long'"):
        table(screened, "lon")  # type: ignore[arg-type]


def test_every_named_outcome_has_a_codebook_entry(factorial: Sweep) -> None:
    names = [*named(), "recorded_2015", "true_2013", "compliance_2013", "zones_2014"]
    sweep = replace(factorial, experiment=replace(factorial.experiment, outcomes=tuple(names)))
    for name, entry in zip(names, codebook(sweep, names), strict=True):
        assert entry["meaning"], name
        assert entry["source"], name
        assert "{" not in entry["meaning"], name
