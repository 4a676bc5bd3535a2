"""The command `validate`: its files, its report, what it refuses."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from synthetic import row, synthetic_results

import trucesim
from trucesim import load_scenario
from trucesim.cli import main as cli
from trucesim.files.errors import InputError
from trucesim.files.writing import output_folder
from trucesim.outcomes import forecasts, reductions
from trucesim.outcomes.patterns import compare
from trucesim.outcomes.regressions import ESTIMATORS
from trucesim.reports.validation import TEXT, number, report, write
from trucesim.runs.provenance import data_digest
from trucesim.studies import comparison as study
from trucesim.studies import validation
from trucesim.studies.calibration import Origin
from trucesim.studies.validation import Validation, strongest
from trucesim.world.periods import parse

Capsys = pytest.CaptureFixture[str]

RUNS, SEED = 4, 9
WINDOWS = [name for name, window in forecasts.windows().items() if window.origin]
ORDINARY = {
    "patterns.csv", "coverage.csv", "forecasts.csv", "reductions.csv", "summary.json",
    "manifest.json", "README.md",
}  # fmt: skip
PANEL = {"panel_cells.csv", "panel_periods.csv", "panel_shares.csv"}


@dataclass(frozen=True)
class Ran:
    folder: Path
    panel: Path
    out: str
    err: str

    def read(self, name: str) -> list[dict[str, str]]:
        text = (self.folder / name).read_text(encoding="utf-8")
        return list(csv.DictReader(io.StringIO(text)))

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Four runs of the default scenario, with a panel and figures."""
    folder = tmp_path_factory.mktemp("validate")
    panel = folder / "panel.csv"
    panel.write_text(
        "code,year,rate,population\n0101,2011,60,100000\n0101,2013,30,100000\n"
        "0614,2011,70,300000\n0614,2013,,300000\n",
        encoding="utf-8",
    )
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.main(
            ["validate", "--runs", str(RUNS), "--seed", str(SEED), "--out", str(folder / "new/it"),
             "--panel", str(panel), "--rate-per", "100000", "--workers", "2"]
        )  # fmt: skip
    assert code == 0, err.getvalue()
    return Ran(folder / "new" / "it", panel, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def found() -> Validation:
    """A validation of synthetic runs, of which every table is made by its own module."""
    results = synthetic_results(runs=30)
    comparison = compare(results)
    table = forecasts.forecast_table(results)
    recorded = reductions.reductions(results).assign(counted="recorded")
    hidden = reductions.hiding(results)
    return Validation(
        load_scenario("second-pact-2016"),
        results,
        results,
        {},
        False,
        forecasts.judge(comparison),
        forecasts.hold_outs(comparison),
        validation._with_lower_skill(table),
        pd.concat([recorded[hidden.columns], hidden], ignore_index=True),
        None,
        None,
        Origin("0.1.0", False),
        1.0,
    )


def table_in(text: str, heading: str) -> list[list[str]]:
    """Take the cells of the first table after a heading, without its header."""
    lines = text.partition(f"## {heading}\n")[2].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| ---")) + 1
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


# --- Files --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_all_files_are_written(ran: Ran) -> None:
    names = {path.relative_to(ran.folder).as_posix() for path in ran.folder.rglob("*.*")}
    fans = {f"figures/forecast_{name.replace('..', '_to_')}_en.png" for name in WINDOWS}
    assert names == ORDINARY | PANEL | fans | {"figures/patterns_en.png"}
    assert all((ran.folder / name).read_bytes()[:4] == b"\x89PNG" for name in fans)


@pytest.mark.slow
def test_later_origins_weigh_runs_and_priors_stand_beside(ran: Ran) -> None:
    text = (ran.folder / "README.md").read_text(encoding="utf-8")
    assert f"From June 2013 all {10 * RUNS} runs count alike" in text
    rows = table_in(text, "Held out, beside the priors")
    held_out = [row for row in ran.read("patterns.csv") if row["use"] == "holdout"]
    assert [row[0] for row in rows] == [f"`{row['id']}`" for row in held_out]
    assert all(row["prior_median"] for row in held_out)
    assert any(row["prior_median"] != row["simulated_median"] for row in held_out)


@pytest.mark.slow
def test_later_windows_are_forecast_from_june_2013_too(ran: Ran) -> None:
    rows = [each for each in ran.read("forecasts.csv") if each["method"] == validation.UNWEIGHTED]
    assert [each["window"] for each in rows] == ["2014", "2014-01..2016-03", "2016-04..2016-12"]
    assert {each["origin"] for each in rows} == {"2013-06"}
    weighted = {
        each["window"]: each for each in ran.read("forecasts.csv")
        if each["method"] == "model" and each["origin"]
    }  # fmt: skip
    assert any(each["mae"] != weighted[each["window"]]["mae"] for each in rows)
    text = (ran.folder / "README.md").read_text(encoding="utf-8")
    for each in rows:
        assert f"| {each['window']} | {each['months']} | {number(float(each['mae']))} |" in text


@pytest.mark.slow
def test_tables_have_their_columns(ran: Ran) -> None:
    columns = {
        "patterns.csv": {
            "id", "use", "observed", "inside", "too_wide", "counts", "right_in_sign",
            "departments_only_median",
        },
        "coverage.csv": {"use", "simulated", "inside", "too_wide", "counted", "coverage"},
        "forecasts.csv": {"window", "method", "mae", "crps_skill_lower", "coverage_90"},
        "reductions.csv": {"measure", "counted", "baseline", "window", "median", "observed"},
        "panel_cells.csv": {"code", "period", "observed", "simulated_median", "inside"},
        "panel_periods.csv": {"period", "coverage", "mae", "rank_correlation", "crps"},
        "panel_shares.csv": {"measure", "period", "observed", "inside"},
    }  # fmt: skip
    for name, needed in columns.items():
        rows = ran.read(name)
        assert needed <= set(rows[0]), name
        for cells in rows:
            assert None not in cells, name
            assert "nan" not in cells.values(), name
    assert {cells["inside"] for cells in ran.read("patterns.csv")} == {"true", "false", ""}


@pytest.mark.slow
def test_regressions_are_made_on_both_placements(ran: Ran) -> None:
    by_id = {cells["id"]: cells for cells in ran.read("patterns.csv")}
    for name in ESTIMATORS:
        assert 0.2 < float(by_id[name]["simulated_median"]) < 1
    katz = by_id["katz_rate_ratio_no_controls"]
    assert 0.2 < float(katz["departments_only_median"]) < 1
    assert katz["departments_only_median"] != katz["simulated_median"]
    assert by_id["national_its_rate_ratio_season"]["departments_only_median"] == ""


@pytest.mark.slow
def test_the_lower_skill_is_quoted(ran: Ran) -> None:
    models = (forecasts.MODEL, validation.UNWEIGHTED)
    rows = [cells for cells in ran.read("forecasts.csv") if cells["method"] not in models]
    differing = 0
    for cells in rows:
        skills = [float(cells["crps_skill"]), float(cells["crps_skill_centred"])]
        assert float(cells["crps_skill_lower"]) == min(skills)
        differing += skills[0] < skills[1]
    assert 0 < differing < len(rows)  # either can be the lower one
    table = ran.json("summary.json")["forecasts"]
    for cells in rows:
        told = table[cells["window"]][cells["method"]]["crps_skill_lower"]
        assert told == pytest.approx(float(cells["crps_skill_lower"]), rel=1e-5)


def test_the_strongest_naive_forecast_by_hand() -> None:
    """It has the least CRPS, centred or not, whatever its MAE; the fit window has none."""
    nan = float("nan")
    columns = ["window", "origin", "method", "months", "mae", "crps", "crps_skill",
               "crps_centred", "crps_skill_centred", "coverage_90"]  # fmt: skip
    table = pd.DataFrame(
        [
            ("2010", "", forecasts.MODEL, 12, 1.0, 1.0, nan, nan, nan, 0.9),
            ("2010", "", "constant", 12, 2.0, 2.0, 0.5, 2.0, 0.5, 0.9),
            ("2014", "2013-12", forecasts.MODEL, 12, 30.0, 20.0, nan, nan, nan, 0.5),
            ("2014", "2013-12", "a", 12, 50.0, 40.0, 0.5, 16.0, -0.25, 0.9),
            ("2014", "2013-12", "b", 12, 25.0, 25.0, 0.2, 50.0, 0.6, 0.9),
            ("2014", "2013-12", "c", 12, 99.0, 80.0, 0.75, 40.0, 0.5, 0.9),
        ],
        columns=columns,
    )
    best = strongest(validation._with_lower_skill(table))
    assert best.to_dict("records") == [
        {
            "window": "2014", "origin": "2013-12", "months": 12, "mae": 30.0, "crps": 20.0,
            "coverage_90": 0.5, "naive": "a", "naive_mae": 50.0, "naive_crps": 16.0,
            "crps_skill_lower": -0.25, "beaten": 2, "of": 3,
        }
    ]  # fmt: skip


@pytest.mark.slow
def test_manifest_and_summary(ran: Ran) -> None:
    manifest = ran.json("manifest.json")
    assert manifest["command"] == "validate"
    assert (manifest["scenario"], manifest["runs"], manifest["seed"]) == (cli.RECORD, RUNS, SEED)
    assert manifest["detail"] == "full"
    assert manifest["data_digest"] == data_digest()
    assert "statsmodels" in manifest["libraries"]
    assert manifest["panel"]["sha256"] == hashlib.sha256(ran.panel.read_bytes()).hexdigest()
    summary = ran.json("summary.json")
    for cells in ran.read("coverage.csv"):
        assert summary["patterns"][cells["use"]]["counted"] == int(cells["counted"])
    assert summary["forecasts"]["2014"]["model"]["mae_skill"] is None  # of itself
    assert set(summary["forecasts"]) == set(forecasts.windows())


# --- Hiding -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_true_reductions_are_the_smaller(ran: Ran) -> None:
    rows = [r for r in ran.read("reductions.csv") if r["window"] == "2012-04..2013-10"]
    assert len(rows) == 2 * 3 * len(reductions.baselines())
    for recorded, true, less in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        assert [r["counted"] for r in (recorded, true, less)] == [
            "recorded", "true", "recorded_less_true",
        ]  # fmt: skip
        assert float(true["median"]) < float(recorded["median"])
        assert 0 < float(less["p05"]) <= float(less["p95"])
        assert recorded["observed"] != ""
        assert (true["observed"], less["observed"]) == ("", "")


def test_hiding_counts_whole_months_by_hand() -> None:
    """With as many recorded as hidden under the truce, the true reduction is nothing."""
    results = synthetic_results(runs=2)
    month = results["month"].values
    under = (month >= np.datetime64("2012-03-01")) & (month < np.datetime64("2013-11-01"))
    days = results["month"].dt.days_in_month.values
    recorded = np.where(under, 5, 10) * days
    hidden = np.zeros(results["hidden"].shape, int)
    hidden[..., 0] = np.where(under, 5, 0) * days
    results = results.assign(
        recorded_national=(("run", "month"), np.tile(recorded, (2, 1))),
        hidden=(results["hidden"].dims, hidden),
    )
    table = reductions.hiding(results)
    window = parse("2012-04..2013-10").days
    for baseline, span in {
        "jan_feb_2012": "2012-01..2012-02", "2011": "2011", "26_months": "2010-01..2012-02"
    }.items():  # fmt: skip
        for counted, percent in {"recorded": 50, "true": 0, "recorded_less_true": 50}.items():
            of = {"baseline": baseline, "counted": counted}
            share = row(table, measure="reduction_percent", **of)
            number_averted = row(table, measure="averted", **of)
            assert share["median"] == pytest.approx(percent)
            assert number_averted["median"] == pytest.approx(percent / 10 * window)
            assert (share["baseline_period"], share["window"]) == (span, "2012-04..2013-10")


def test_periods_are_narrowed_to_whole_months() -> None:
    assert str(parse("2012-03-09..2013-10-31").narrowed()) == "2012-04..2013-10"
    assert str(parse("2012-01-01..2012-03-08").narrowed()) == "2012-01..2012-02"
    assert str(parse("2011").narrowed()) == "2011"
    for span in ("2012-03-02..2012-04-29", "2012-03-05..2012-03-08"):
        with pytest.raises(InputError, match="no whole month"):
            parse(span).narrowed()


# --- Report -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "es"])
def test_report_sorts_every_pattern_once(found: Validation, lang: str) -> None:
    text, words, judged = report(found, lang), TEXT[lang], found.comparison
    inside = judged["inside"].eq(True)
    chosen = {
        "right": judged["counts"],
        "wide": inside & judged["too_wide"],
        "wrong": judged["simulated"] & ~inside,
    }
    for key, rows in chosen.items():
        assert rows.any(), key
        cells = table_in(text, words[key])
        assert [line[0].strip("`") for line in cells] == list(judged["id"][rows])
        for line, kept in zip(cells, judged[rows].to_dict("records"), strict=True):
            assert line[2:4] == [
                number(kept["observed"], lang), number(kept["simulated_median"], lang),
            ]  # fmt: skip
            if key == "wrong":
                low = kept["simulated_median"] < kept["observed"]
                assert line[5] == words["low" if low else "high"]
    for name in judged["id"][~judged["simulated"]]:
        assert f"- `{name}`" in text.partition(f"## {words['open']}")[2]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_report_counts_what_the_tables_hold(found: Validation, lang: str) -> None:
    text, words = report(found, lang), TEXT[lang]
    short = text.partition(f"## {words['short']}")[2].partition("\n## ")[0]
    for use in found.coverage.to_dict("records"):
        (line,) = (each for each in short.splitlines() if words[f"use.{use['use']}"] in each)
        wide = [use["too_wide"]] if use["too_wide"] else []
        assert [int(n) for n in re.findall(r"\d+", line)] == [
            use["counted"], use["simulated"], *wide,
        ]  # fmt: skip
    best = strongest(found.forecasts)
    line = next(each for each in short.splitlines() if "CRPS" in each)
    assert [int(n) for n in re.findall(r"\d+", line)] == [
        (best["crps_skill_lower"] > 0).sum(), len(best), best["beaten"].sum(), best["of"].sum(),
    ]  # fmt: skip
    for line, kept in zip(table_in(text, words["forecasts"]), best.to_dict("records"), strict=True):
        assert line[0] == kept["window"]
        assert line[2] == number(kept["mae"], lang)
        assert line[8] == number(kept["crps_skill_lower"], lang)
    rows = found.reductions
    for line in table_in(text, words["reductions"]):
        for column, counted in ((1, "recorded"), (3, "true"), (5, "recorded_less_true")):
            kept = row(
                rows, baseline=line[0], counted=counted, measure="reduction_percent",
                window="2012-04..2013-10",
            )  # fmt: skip
            assert line[column] == number(kept["median"], lang)
    assert forecasts.CONDITIONALITY[lang] in text
    assert not re.search(r"\bnan\b|None|True|False|[{}]", text)


def test_words_follow_from_numbers(found: Validation) -> None:
    """Other numbers, other words: nothing straddles, no class of 2015, nothing wrong."""
    text = report(found)
    straddling = found.comparison["id"][found.comparison["straddling"]]
    told = text.partition("**Straddling")[2].partition("\n")[0]
    assert len(straddling) == 4
    assert f"{len(straddling)} patterns" in told
    assert all(f"`{name}`" in told for name in straddling)
    assert "altogether: `2013-07..2014-06`." in told
    assert TEXT["en"]["class.none"] in text
    right = found.comparison.assign(straddling=False, inside=True, counts=True, too_wide=False)
    other = report(replace(found, comparison=right))
    assert TEXT["en"]["straddles.none"] in other
    assert TEXT["en"]["none"] in other.partition(f"## {TEXT['en']['wrong']}")[2]
    assert "rough" in text  # thirty runs
    many = found.results.assign_attrs(runs=200)
    assert "rough" not in report(replace(found, results=many))
    assert "point values" in report(replace(found, point=True))
    assert "point values" not in text


@pytest.mark.slow
def test_report_lists_dated_inputs_of_each_window(ran: Ran) -> None:
    text = (ran.folder / "README.md").read_text(encoding="utf-8")
    listed = text.partition(f"### {TEXT['en']['inputs']}")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^- (20[\d.-]+): (.+)$", listed, re.M))
    assert set(told) == set(WINDOWS)
    for name, line in told.items():
        window = forecasts.windows()[name]
        dates = re.findall(r"\d{4}-\d{2}-\d{2}", line)
        assert dates
        assert all(window.origin < date[:7] <= f"{window.period.last:%Y-%m}" for date in dates)
    assert "2016-03-26" in told["2014-01..2016-03"]
    assert "2016-03-26" not in told["2016-04..2016-12"]


@pytest.mark.slow
def test_report_sets_the_placements_beside_each_other(ran: Ran) -> None:
    text = (ran.folder / "README.md").read_text(encoding="utf-8")
    rows = {cells["id"]: cells for cells in ran.read("patterns.csv")}
    cells = table_in(text, TEXT["en"]["bear"])
    assert {line[0].strip("`") for line in cells} == {
        name for name, kept in rows.items() if kept["departments_only_median"]
    }
    for line in cells:
        kept = rows[line[0].strip("`")]
        assert line[4] == {"true": "yes", "false": "no"}[kept["inside"]]
        assert line[5] == number(float(kept["departments_only_median"]))


@pytest.mark.slow
def test_links_of_the_report_lead_somewhere(ran: Ran) -> None:
    text = (ran.folder / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == len(ORDINARY | PANEL) - 1 + len(WINDOWS) + 1
    assert all((ran.folder / link).is_file() for link in links)


@pytest.mark.slow
def test_the_report_says_whose_the_posterior_is(found: Validation, ran: Ran) -> None:
    line = "The posterior was made by 0.1.0; today's model gives {} probe runs."
    assert line.format("other") in report(found)
    assert line.format("the same") in report(replace(found, posterior=Origin("0.1.0", True)))
    assert "el modelo de hoy da otras corridas de prueba." in report(found, "es")
    assert "probe runs" not in report(replace(found, posterior=None))
    told = ran.json("manifest.json")["posterior"]
    assert set(told) == {"version", "same_probe"}
    which = "the same" if told["same_probe"] else "other"
    assert f"gives {which} probe runs" in (ran.folder / "README.md").read_text(encoding="utf-8")


def test_report_in_no_other_language(found: Validation) -> None:
    assert {key for key in TEXT["en"]} == {key for key in TEXT["es"]}
    with pytest.raises(InputError, match="'fr'"):
        report(found, "fr")


# --- Panel --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_panel_is_scored(ran: Ran) -> None:
    cells = {(r["code"], r["period"]): float(r["observed"]) for r in ran.read("panel_cells.csv")}
    assert cells == {("0101", "2011"): 60, ("0101", "2013"): 30, ("0614", "2011"): 210}
    text = (ran.folder / "README.md").read_text(encoding="utf-8")
    assert "1 cells empty: 0614 2013" in text
    told = table_in(text, TEXT["en"]["panel"])
    for line, kept in zip(told, ran.read("panel_periods.csv"), strict=True):
        assert line[:2] == [kept["period"], kept["municipalities"]]
        assert line[3] == number(float(kept["mae"]))
    assert "Your panel" in ran.out


def test_without_a_panel_nothing_of_an_earlier_one_stays(found: Validation, tmp_path: Path) -> None:
    (tmp_path / "panel_cells.csv").write_text("old", encoding="utf-8")
    (tmp_path / "panel_mine.csv").write_text("private", encoding="utf-8")
    written = write(found, tmp_path, draw=False, lang="es")
    assert {path.name for path in written} == ORDINARY
    assert {path.name for path in tmp_path.iterdir()} == ORDINARY | {"panel_mine.csv"}
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# Validación")
    assert "panel" not in text
    assert "![" not in text


# --- The command --------------------------------------------------------------------------------


@pytest.mark.slow
def test_command_prints_what_it_found(ran: Ran) -> None:
    rows = {cells["use"]: cells for cells in ran.read("coverage.csv")}
    counts = "; ".join(f"{u} {c['counted']} of {c['simulated']}" for u, c in rows.items())
    assert counts in " ".join(ran.out.split())
    for words in ("katz_rate_ratio_no_controls", *WINDOWS, "26_months", str(ran.folder)):
        assert words in ran.out
    assert "Traceback" not in ran.err


def test_command_prints_json(
    found: Validation, capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def validate(*arguments: Any, **options: Any) -> Validation:
        asked.update(options, arguments=arguments)
        return found

    monkeypatch.setattr(validation, "validate", validate)
    arguments = ["validate", "truce-2012", "--json", "--no-figures", "--point", "--set",
                 "turnover=0.3", "--out", str(tmp_path / "new")]  # fmt: skip
    assert cli.main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == validation.summary(found)
    scenario, runs, seed = asked["arguments"]
    assert (scenario.name, scenario.parameters["turnover"]) == ("truce-2012", 0.3)
    assert (runs, seed, asked["point"]) == (200, 1, True)
    assert not (tmp_path / "new" / "figures").exists()


def test_default_scenario_is_the_record_whole() -> None:
    """It differs from truce-2012 by the gangs' own order of 26 March 2016 alone."""
    changed = load_scenario(cli.RECORD).changes_from(load_scenario("truce-2012"))
    assert str(changed) == "2016-03-26"


WRONG = {
    "an unknown scenario": (["second-pact"], "did you mean 'second-pact-2016'?"),
    "no runs": (["--runs", "0"], "runs = 0"),
    "too many runs": (["--runs", "501"], "at most 500"),
    "no workers": (["--workers", "0"], "workers = 0"),
    "an unknown parameter": (["--set", "turnovr=0.2"], "did you mean 'turnover'?"),
    "no such panel": (["--panel", "absent.csv"], "absent.csv: cannot be read"),
    "a panel of nothing": (["--panel", "empty.csv"], "no known value"),
    "people of no panel": (["--rate-per", "1000"], "give it with --panel"),
    "people below nought": (["--panel", "empty.csv", "--rate-per", "-1"], "rate_per = -1"),
    "out is a file": (["--out", "file"], "there is a file of this name"),
    "out holds other things": (["--out", "full"], "holds other things"),
    "out holds a run": (["--out", "run"], "holds results of 'trucesim run'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_told_in_a_line(
    case: str, capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, said = WRONG[case]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("private", encoding="utf-8")
    (tmp_path / "file").write_text("private", encoding="utf-8")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text('{"command": "run"}', encoding="utf-8")
    (tmp_path / "empty.csv").write_text("code,year,homicides\n0101,2012,\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    refuse_to_run(monkeypatch)
    assert cli.main(["validate", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("trucesim: ")
    assert told.err.count("\n") == 1
    assert said in told.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.slow
def test_only_a_validation_is_written_again(ran: Ran, capsys: Capsys) -> None:
    before = (ran.folder / "manifest.json").read_bytes()
    assert output_folder(ran.folder, "validate") == ran.folder
    for arguments in (["run"], ["compare", "no-truce", "truce-2012"]):
        assert cli.main([*arguments, "--runs", "1", "--out", str(ran.folder)]) == 2
        assert "results of 'trucesim validate'" in capsys.readouterr().err
    assert (ran.folder / "manifest.json").read_bytes() == before


def test_missing_statsmodels_is_told_before_anything_runs(
    capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    monkeypatch.setitem(sys.modules, "statsmodels.api", None)
    refuse_to_run(monkeypatch)
    assert cli.main(["validate", "--runs", "2", "--out", str(tmp_path / "new")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("trucesim: regressions need statsmodels")
    assert told.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def refuse_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> xr.Dataset:
        raise AssertionError("something was run")

    monkeypatch.setattr(validation, "run", refuse)
    monkeypatch.setattr(study, "run", refuse)


def test_package_exports_it() -> None:
    assert trucesim.validate is validation.validate
    assert "validate" in trucesim.__all__
