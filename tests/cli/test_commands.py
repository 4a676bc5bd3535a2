"""The command line, in this process; its quick start in another."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import json
import re
import string
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from folders import ROOT
from spoken import in_language, texts_in

from trucesim import cli, load_scenario, run
from trucesim.cli import tables as console
from trucesim.engine.user_rules import shipped_rules
from trucesim.engine.week import CLOSING, OPENING, STRETCH
from trucesim.locale.catalogue import LANGUAGES
from trucesim.outcomes import patterns
from trucesim.parameters import CONDITIONS, PARAMETERS
from trucesim.reports import run as reports
from trucesim.runs import memory, simulate
from trucesim.runs.provenance import data_digest
from trucesim.runs.sampling import point_values
from trucesim.scenario.file import shipped
from trucesim.studies import comparison
from trucesim.studies.history import lineages_hold

Capsys = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Ran:
    folder: Path
    out: str
    err: str


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Three runs of the truce of 2012, written with figures."""
    folder = tmp_path_factory.mktemp("cli") / "new" / "truce"
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(["run", "truce-2012", "--runs", "3", "--seed", "4", "--out", str(folder)])
    assert code == 0
    return Ran(folder, out.getvalue(), err.getvalue())


# --- run ----------------------------------------------------------------------------------------


def test_run_writes_all_files(ran: Ran) -> None:
    names = {path.relative_to(ran.folder).as_posix() for path in ran.folder.rglob("*.*")}
    assert {"results.nc", "comparison.csv", "summary.json", "manifest.json"} <= names
    figures = {name for name in names if name.startswith("figures/")}
    assert len(figures) >= 3
    assert all(name.endswith("_en.png") for name in figures)
    assert {path.name for path in ran.folder.iterdir()} == {
        "results.nc", "comparison.csv", "summary.json", "figures", "inputs", "manifest.json",
    }  # fmt: skip
    assert names - figures == {
        "results.nc", "comparison.csv", "summary.json", "inputs/truce-2012.toml", "manifest.json",
    }  # fmt: skip
    assert all((ran.folder / name).stat().st_size > 100 for name in names)


def test_results_open_in_xarray(ran: Ran) -> None:
    with xr.open_dataset(ran.folder / "results.nc") as results:
        results.load()
    assert results["recorded"].dims == ("run", "month", "municipality")
    assert results["recorded"].shape == (3, 96, 262)
    assert results["month"].dtype == np.dtype("datetime64[ns]")
    assert results["day"].dtype == np.dtype("datetime64[ns]")
    assert str(results["month"].values[38])[:10] == "2012-03-01"
    assert results["municipality"].values[0] == "0101"
    in_memory = run("truce-2012", 3, 4)
    for name in in_memory.data_vars:
        assert results[name].dtype == in_memory[name].dtype, name
        np.testing.assert_array_equal(results[name].values, in_memory[name].values)
    assert results.attrs["digest"] == in_memory.attrs["digest"]
    assert json.loads(results.attrs["events"]) == json.loads(in_memory.attrs["events"])


def test_comparison_is_a_plain_table(ran: Ran) -> None:
    text = (ran.folder / "comparison.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [
        "id", "use", "observed", "low", "high", "simulated_p05", "simulated_median",
        "simulated_p95", "inside", "observed_source", "note", "departments_only_p05",
        "departments_only_median", "departments_only_p95", "statistic",
    ]  # fmt: skip
    assert {row["inside"] for row in rows} == {"true", "false", ""}
    assert len({row["id"] for row in rows}) == len(rows) > 20
    for row in rows:
        for name in ("observed", "simulated_p05", "simulated_median", "simulated_p95"):
            assert row[name] == "" or np.isfinite(float(row[name]))
        if row["inside"]:
            low, high = float(row["simulated_p05"]), float(row["simulated_p95"])
            assert low <= float(row["simulated_median"]) <= high
            inside = low <= float(row["observed"]) <= high
            assert inside == (row["inside"] == "true"), row["id"]
    # What a placement without the class of 2015 gives stands beside municipal rows only.
    beside = {row["id"] for row in rows if row["departments_only_median"]}
    frame = patterns.compare(run("truce-2012", 1, detail="none"))
    assert beside <= set(frame["id"][frame["level"].str.startswith("municipal")])
    assert beside


def test_summary_and_manifest(ran: Ran) -> None:
    summary = json.loads((ran.folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["scenario"] == "truce-2012"
    assert {"total_recorded", "reduction_by_baseline", "patterns_inside"} <= set(summary)
    assert set(summary["total_recorded"]) == {str(year) for year in range(2009, 2017)}
    for year in summary["total_recorded"].values():
        assert year["p05"] <= year["median"] <= year["p95"]
        assert year["observed"] > 2000
    manifest = json.loads((ran.folder / "manifest.json").read_text(encoding="utf-8"))
    assert {
        "trucesim", "scenario", "scenario_digest", "parameters_changed", "data_digest", "seed",
        "runs", "detail", "made", "seconds", "python", "machine", "libraries",
    } <= set(manifest)  # fmt: skip
    assert (manifest["seed"], manifest["runs"], manifest["detail"]) == (4, 3, "full")
    assert manifest["scenario_digest"] == load_scenario("truce-2012").digest
    assert manifest["data_digest"] == data_digest()


def test_run_prints_what_it_found(ran: Ran) -> None:
    assert "Held against the record" in ran.out
    assert "pre_truce_daily_mean" in ran.out
    assert "no_truce" in ran.out
    assert str(ran.folder) in ran.out
    assert "Traceback" not in ran.err


def test_run_again_into_the_same_folder(ran: Ran, capsys: Capsys) -> None:
    before = (ran.folder / "results.nc").read_bytes()
    arguments = [
        "run",
        "no-truce",
        "--runs",
        "1",
        "--no-figures",
        "--json",
        "--detail",
        "none",
        "--set",
        "turnover=0.3",
        "--set",
        "order=pact@2014-01-01",
        "--point",
        "--workers",
        "1",
        "--lang",
        "es",
        "--out",
        str(ran.folder.parent / "other"),
    ]
    for _ in range(2):  # a folder of earlier results may be written again
        assert cli.main(arguments) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["scenario"] == "no-truce"
    folder = ran.folder.parent / "other"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters_changed"] == {"turnover": 0.3}
    assert not (folder / "figures").exists()
    with xr.open_dataset(folder / "results.nc") as results:
        assert "recorded" not in results
        assert any(e["date"] == "2014-01-01" for e in json.loads(results.attrs["events"]))
        assert float(results["compliance"].sel(month="2014-01").min()) > 0
    assert (ran.folder / "results.nc").read_bytes() == before


# --- compare ------------------------------------------------------------------------------------


def test_compare(capsys: Capsys, tmp_path: Path) -> None:
    folder = tmp_path / "difference"
    common = ["compare", "truce-2012", "no-truce", "--runs", "2", "--seed", "4"]
    common += ["--history", "chance"]
    assert cli.main([*common, "--out", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "A: The truce of 2012 (truce-2012)" in out
    assert "B: No truce (no-truce)" in out
    for told in ("Where: A - B", "documented days", "Would one have seen it?", "middle of"):
        assert told in out
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "README.md", "difference.csv", "difference_en.png", "hangs_on.csv", "inputs",
        "manifest.json",
        "regions.csv", "summary.json", "visible.csv",
    }  # fmt: skip
    assert cli.main([*common, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content == json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    (effect,) = content["effects"]
    recorded = {row["period"]: row for row in effect["difference"] if row["measure"] == "recorded"}
    assert recorded["2010"]["difference_median"] == 0
    assert recorded["2010"]["share_equal"] == 1.0
    assert recorded["2012"]["difference_median"] < 0
    assert recorded["2012"]["share_a_fewer"] == 1.0
    a = run("truce-2012", 2, 4, detail="none")["recorded_national"].sel(month="2012")
    assert recorded["2012"]["a_median"] == float(a.sum("month").median())
    whole = [row for row in effect["regions"] if row["period"] == "all"]
    assert [(row["region"], row["treatment"]) for row in whole[:4]] == [
        (region, "own") for region in ("national", "zones", "beside", "elsewhere")
    ]
    assert whole[0]["difference_mean"] == pytest.approx(
        sum(row["difference_mean"] for row in whole[1:4])
    )


def test_several_cases_are_compared_with_one(capsys: Capsys, tmp_path: Path) -> None:
    others = ["no-guarantor", "zones-extended-to-neighbours"]
    common = ["compare", "truce-2012", *others, "--runs", "2", "--lang", "es"]
    assert cli.main([*common, "--out", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert "B1: Sin garante" in out
    assert "B2: Extensión a municipios vecinos" in out
    report = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert report.count("\n## ") == 2
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {
        f"difference_{name}_es.png" for name in others
    }
    frame = pd.read_csv(tmp_path / "out" / "regions.csv")
    assert frame["b"].unique().tolist() == others
    common = ["compare", "as-recorded", "as-recorded", "truce-2012", "--runs", "2"]
    assert cli.main([*common, "--out", str(tmp_path / "same")]) == 0
    report = (tmp_path / "same" / "README.md").read_text(encoding="utf-8")
    assert report.count("The cases do not differ in any run") == 1
    assert report.count("differ in the gangs' own orders") == 1
    assert report.count("With so few runs") == 1
    assert "nan" not in report
    assert pd.read_csv(tmp_path / "same" / "visible.csv")["b"].unique().tolist() == ["truce-2012"]
    assert cli.main(["compare", "truce-2012", "no-truce", "no-truce"]) == 2
    assert "have the same name" in capsys.readouterr().err


# --- Groups of one's own ------------------------------------------------------------------------

GROUPS = "code,group\n0614,centre\n0608,centre\n0210,west\n"


def test_results_and_differences_by_group(capsys: Capsys, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text(GROUPS, encoding="utf-8")
    common = ["--runs", "2", "--groups", str(table), "--out"]
    assert cli.main(["run", *common, str(tmp_path / "run"), "--no-figures"]) == 0
    told = capsys.readouterr()
    assert "259 of 262 municipalities are in no group and left out: Ahuachapán" in told.err
    assert "groups.csv, groups_places.csv" in told.out
    found = pd.read_csv(tmp_path / "run" / "groups.csv", dtype={"year": str})
    assert found["group"].unique().tolist() == ["centre", "west"]
    assert found["year"].unique().tolist() == [*map(str, range(2009, 2017)), "all"]
    places = pd.read_csv(tmp_path / "run" / "groups_places.csv", dtype=str).fillna("")
    assert len(places) == 262
    assert places["group"].value_counts().to_dict() == {"": 259, "centre": 2, "west": 1}

    cases = ["compare", "truce-2012", "no-truce", "guarantor-stays", "--history", "chance"]
    assert cli.main([*cases, *common, str(tmp_path / "compare")]) == 0
    found = pd.read_csv(tmp_path / "compare" / "groups.csv")
    assert found["b"].unique().tolist() == ["no-truce", "guarantor-stays"]
    assert found[found["year"] == "2010"]["b_minus_a_mean"].eq(0.0).all()
    assert (tmp_path / "compare" / "groups_no-truce_en.png").is_file()
    report = (tmp_path / "compare" / "README.md").read_text(encoding="utf-8")
    assert "--groups mine.csv" in report
    assert "B minus A" in report
    capsys.readouterr()
    table.unlink()
    for name in ("run", "compare"):  # from the copies that results keep
        assert cli.main(["reproduce", str(tmp_path / name)]) == 0
        assert "all results agree bit for bit" in capsys.readouterr().out


def test_groups_refused(capsys: Capsys, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text(GROUPS.replace("0210", "0299"), encoding="utf-8")
    out = ["--out", str(tmp_path / "out")]
    for asked in (["run", *out], ["compare", "truce-2012", "no-truce", *out]):
        assert cli.main([*asked, "--groups", str(table)]) == 2
        assert "no municipality has the code '0299'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    table.write_text(GROUPS, encoding="utf-8")
    assert cli.main(["compare", "truce-2012", "no-truce", "--groups", str(table)]) == 2
    assert "give --out DIR" in capsys.readouterr().err
    assert cli.main(["run", *out, "--groups", str(tmp_path / "absent.csv")]) == 2
    assert "absent.csv: cannot be read (No such file or directory)" in capsys.readouterr().err


# --- What it tells without a run ----------------------------------------------------------------


def test_scenarios(capsys: Capsys) -> None:
    assert cli.main(["scenarios"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in shipped())
    assert cli.main(["scenarios", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in content] == list(shipped())
    assert all(each["title"]["en"] and each["story"]["es"] for each in content)
    assert cli.main(["scenarios", "--lang", "es"]) == 0
    assert "Sin tregua" in capsys.readouterr().out


def test_describe_lists_everything(capsys: Capsys) -> None:
    assert cli.main(["describe"]) == 0
    out = capsys.readouterr().out
    first_words = {line.split()[0] for line in out.replace("│", " ").splitlines() if line.split()}
    assert first_words >= {*PARAMETERS, *CONDITIONS}


def test_printed_tables_speak_both_languages() -> None:
    english, spanish = console.TEXT, texts_in("es", console.TEXT)
    assert list(english) == list(spanish)
    for key, text in english.items():
        assert fields(text) == fields(spanish[key]), key
        assert spanish[key].strip(), key


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)}


def test_a_comparison_is_printed_in_spanish(capsys: Capsys) -> None:
    assert cli.main(["compare", "no-truce", "no-truce", "--runs", "2", "--lang", "es"]) == 0
    out = capsys.readouterr().out
    assert "Homicidios registrados, 2 simulaciones pareadas" in out
    assert "0.0 … 0.0" in out
    assert "Los casos no difieren en ninguna simulación" in out


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("turnover", f"{point_values()['turnover']:g}"), ("order", "none"),
        ("forces_in_record", "True"), ("cliques", "1955"),
    ],
)  # fmt: skip
def test_describe_a_quantity(name: str, value: str, capsys: Capsys) -> None:
    each = {**PARAMETERS, **CONDITIONS}[name]
    for lang in LANGUAGES:
        assert cli.main(["describe", name, "--lang", lang]) == 0
        out = " ".join(capsys.readouterr().out.split())
        assert in_language(lang, each.label) in out
        assert in_language(lang, each.meaning_in) in out
        assert f" {value}; " in out
        assert in_language(lang, each.source_in) in out


def test_describe_a_scenario(capsys: Capsys, tmp_path: Path) -> None:
    assert cli.main(["describe", "truce-2012"]) == 0
    out = capsys.readouterr().out
    scenario = load_scenario("truce-2012")
    assert all(str(event.date) in out and event.en in out for event in scenario.events)
    assert all(zone.code in out for zone in scenario.zones)
    assert scenario.digest in out
    # Square brackets are a person's own words, not formatting.
    own = tmp_path / "own.toml"
    own.write_text(
        'extends = "no-truce"\n[title]\nen = "Peace [sic] [/b]"\nes = "Paz"\n'
        '[story]\nen = "See [red] [/]."\nes = "x"\n', encoding="utf-8",
    )  # fmt: skip
    assert cli.main(["describe", str(own)]) == 0
    out = capsys.readouterr().out
    assert "Peace [sic] [/b]" in out
    assert "See [red] [/]." in out
    chance = ["--history", "chance", "--runs", "1", "--point"]
    assert cli.main(["compare", str(own), "no-truce", *chance]) == 0
    assert "Peace [sic] [/b]" in capsys.readouterr().out


def test_the_page_of_the_rules_is_what_the_command_prints(capsys: Capsys) -> None:
    assert cli.main(["describe", "--rules"]) == 0
    printed = capsys.readouterr().out
    assert printed == (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    for name in (*shipped_rules(), "weigh", "refused", "openness", "wear_of"):
        assert printed.count(f"#### `{name}`") == 1
    assert "dS/dt = -w l S + w k (1 - S)" in printed
    assert "``" not in printed


def test_describe_steps(capsys: Capsys) -> None:
    assert cli.main(["describe", "--steps"]) == 0
    out = capsys.readouterr().out
    assert "Step(" not in out  # told to people, not to Python
    position = 0
    named = []
    for step in (*OPENING, *STRETCH, *CLOSING):
        for each in (step.phase, *step.rules):
            name = each.__name__
            position = out.index(name, position) + len(name)
            named.append(name)
    order = ["survey", "plan_round", "sign", "command", "decide", "feud", "retaliate", "clash",
             "leave", "remember", "found"]  # fmt: skip
    assert [name for name in named if name in order] == order


def test_schema(capsys: Capsys) -> None:
    assert cli.main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["title"] == "trucesim scenario"
    assert set(schema["properties"]["parameters"]["properties"]) == set(PARAMETERS)
    assert schema["properties"]["parameters"]["properties"]["turnover"]["maximum"] == 0.5
    events = schema["$defs"]["EventTable"]["properties"]["set"]["properties"]
    assert set(events) == set(CONDITIONS)
    assert events["order"]["enum"] == ["none", "pact", "own", "attack"]


# --- Wrong input --------------------------------------------------------------------------------

WRONG = {
    "an unknown scenario": (["run", "truce-2021"], "did you mean 'truce-2012'?"),
    "no such file": (["run", "absent.toml"], "no scenario file 'absent.toml'"),
    "an unknown second scenario": (["compare", "no-truce", "no-trucee"], "did you mean 'no-truce'"),
    "no value": (["run", "--set", "turnover"], "write name=value"),
    "an unknown name": (["run", "--set", "turnovr=0.2"], "did you mean 'turnover'?"),
    "a value out of bounds": (["run", "--set", "turnover=9"], "a number from 0.05 to 0.5"),
    "no number": (["run", "--set", "turnover=much"], "a number from 0.05 to 0.5"),
    "not a number": (["run", "--set", "turnover=nan"], "a number from 0.05 to 0.5"),
    "a condition without a date": (["run", "--set", "order=pact"], "give it a date"),
    "a parameter with a date": (["run", "--set", "turnover=0.2@2012-01-01"], "whole run"),
    "no date": (["run", "--set", "order=pact@2012-13-01"], "is not a date"),
    "a date outside": (["run", "--set", "order=pact@2020-01-01"], "outside the run"),
    "no runs": (["run", "--runs", "0"], "runs = 0"),
    "fewer than no runs": (["run", "--runs", "-3"], "runs = -3"),
    "no runs to compare": (["compare", "no-truce", "truce-2012", "--runs", "0"], "--runs 0"),
    "a negative seed": (["run", "--seed", "-1"], "seed = -1"),
    "no workers": (["run", "--workers", "0"], "workers = 0"),
    "out is a file": (["run", "--out", "file"], "there is a file of this name"),
    "out is below a file": (["run", "--out", "file/below"], "file"),
    "out holds other things": (["run", "--out", "full"], "holds other things"),
    "out of compare": (["compare", "no-truce", "truce-2012", "--out", "full"], "other things"),
    "nothing of this name": (["describe", "turnovr"], "did you mean 'turnover'?"),
    "no scenario at all": (["describe", "file"], "not valid TOML"),
    "boundaries": (["run", "--boundaries", "absent.geojson"], "absent.geojson"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_told_in_a_line(
    case: str, capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, said = WRONG[case]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("private", encoding="utf-8")
    (tmp_path / "file").write_text("private", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    if arguments[0] != "describe" and "--runs" not in arguments:
        arguments = [*arguments, "--runs", "1"]
    assert cli.main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("trucesim: ")
    assert told.err.count("\n") == 1
    assert told.err.endswith("\n")
    assert said in told.err
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "full" / "diary.txt").read_text(encoding="utf-8") == "private"


def test_without_out_a_differing_result_goes_beside(
    capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = comparison.conduct(load_scenario("no-truce"), 1, 1)
    monkeypatch.setattr(comparison, "conduct", lambda *_, **__: found)
    given = ["run", "no-truce", "--no-figures", "--runs", "1"]
    kept = Path("results/no-truce/results.nc")
    assert cli.main(given) == cli.main(given) == 0  # the same, which replaces itself
    before = kept.read_bytes()
    assert "holds another result" not in capsys.readouterr().err
    assert cli.main([*given, "--set", "turnover=0.3"]) == 0
    assert "results/no-truce holds another result; this one goes to results/no-truce-2" in (
        " ".join(capsys.readouterr().err.split())
    )
    assert kept.read_bytes() == before
    assert sorted(each.name for each in Path("results").iterdir()) == ["no-truce", "no-truce-2"]


TOO_MUCH = [
    ["run", "--runs", "10000000"],
    ["run", "--runs", "4000", "--detail", "full"],
    ["compare", "no-truce", "truce-2012", "--runs", "10000", "--history", "chance"],
    ["validate", "--runs", "500"],
]


@pytest.mark.parametrize("arguments", TOO_MUCH, ids=" ".join)
def test_memory_is_looked_at_before_any_run(
    arguments: list[str], capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise AssertionError("a run is made")

    lineages_hold()  # which lives two where sources differ
    monkeypatch.setattr(simulate, "_live_runs", none)
    monkeypatch.setattr(memory, "free_memory", lambda: 20 * 10**6)
    assert cli.main([*arguments, "--out", str(tmp_path / "new")]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    # Where nothing is compiled yet, a line before it says so.
    assert re.fullmatch(
        r"trucesim: [\d,]+ runs would take about [\d,.]+ GB of memory, of which 0.0 GB are free; "
        r"ask for fewer runs, .*", told.err.splitlines()[-1],
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_memory_that_runs_out_is_told_in_a_line(
    capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(comparison, "conduct", full)
    assert cli.main(["run", "--runs", "1", "--out", str(tmp_path / "new")]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("trucesim: not enough memory; ask for fewer runs")


@pytest.mark.parametrize("arguments", [[], ["dance"], ["run", "--runs", "many"], ["compare", "a"]])
def test_wrong_usage(arguments: list[str], capsys: Capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: trucesim" in capsys.readouterr().err


def test_an_interrupt_writes_nothing(
    capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(comparison, "conduct", interrupted)
    assert cli.main(["run", "--runs", "1", "--out", str(tmp_path / "new")]) == 130
    told = capsys.readouterr()
    assert "interrupted" in told.err
    assert "Traceback" not in told.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("further", [[], ["--json"]])
@pytest.mark.slow
def test_a_reader_who_leaves_changes_nothing(further: list[str], tmp_path: Path) -> None:
    given = ["run", "no-truce", "--runs", "2", "--no-figures", "--out", str(tmp_path), *further]
    with subprocess.Popen(
        [sys.executable, "-m", "trucesim", *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        told = command.stderr.read().decode()
    assert command.returncode == 0, told
    assert "Traceback" not in told
    assert (tmp_path / "manifest.json").is_file()


def test_what_was_found_is_shown_even_if_the_disk_is_full(
    capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "results.nc"))

    monkeypatch.setattr(reports, "write_netcdf", full)
    arguments = ["run", "no-truce", "--runs", "2", "--out", str(tmp_path / "out")]
    assert cli.main(arguments) == 1
    printed = capsys.readouterr()
    assert "Held against the record" in printed.out
    assert printed.err.strip().splitlines()[-1] == (
        f"trucesim: {tmp_path / 'out'}: cannot be written: No space left on device"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_an_interrupted_run_left_is_written_again(
    capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    arguments = ["run", "no-truce", "--runs", "2", "--no-figures", "--out", str(tmp_path)]
    with monkeypatch.context() as patched:
        patched.setattr(reports, "summary", interrupted)
        assert cli.main(arguments) == 130
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".summary.json.1.part").touch()  # of one that was killed
    assert cli.main(arguments) == 0
    (tmp_path / "manifest.json").unlink()
    (tmp_path / "notes.txt").touch()
    assert cli.main(arguments) == 2
    assert "holds other things" in capsys.readouterr().err


# --- Start --------------------------------------------------------------------------------------

HEAVY = ("numba", "mesa", "matplotlib", "pandas", "xarray", "scipy")

HELP = """
import sys
from trucesim.cli import main
from trucesim.locale.catalogue import translations
for arguments in (["--help"], ["run", "--help"], ["--version"]):
    try:
        main(arguments)
    except SystemExit as end:
        assert end.code == 0, end.code
assert translations.cache_info().misses == 0, "a catalogue was read"
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP], capture_output=True, text=True, check=True, timeout=60
    )
    assert "COMMAND" in done.stdout
    loaded = done.stdout.splitlines()[-1].split()
    assert loaded[0] == "loaded:"
    assert "trucesim" in loaded
    assert not set(HEAVY) & set(loaded)
