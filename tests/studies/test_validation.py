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
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from folders import ROOT
from spoken import in_language
from synthetic import row, synthetic_results
from validations import NO_DRAWS, POSTERIORS, later_months, longer, synthetic_validation

import trucesim
from trucesim import cli, load_scenario
from trucesim.cli.options import DATED
from trucesim.files.errors import InputError
from trucesim.files.results import output_folder
from trucesim.locale.catalogue import translated
from trucesim.outcomes import forecasts, reductions
from trucesim.outcomes.forecasts import MODEL, NAIVE, POOLED
from trucesim.outcomes.regressions import ESTIMATORS
from trucesim.reports.rendering import three
from trucesim.reports.validation import TEXT, report, write
from trucesim.runs.provenance import data_digest
from trucesim.studies import comparison as study
from trucesim.studies import validation
from trucesim.studies.calibration import Origin
from trucesim.studies.validation import BESIDE, BLOCKS, GIVEN, LATER, OWN, WHOLE, Validation
from trucesim.world.periods import parse

Capsys = pytest.CaptureFixture[str]

RUNS, SEED = 4, 9
ORDINARY = {
    "aims.csv", "patterns.csv", "coverage.csv", "blocks.csv", "block_months.csv", "later.csv",
    "departments.csv", "generations.csv", "control.csv", "reductions.csv", "summary.json",
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
    """Four runs of the default scenario and of every block, with a panel and figures."""
    folder = tmp_path_factory.mktemp("validate")
    panel = folder / "panel.csv"
    panel.write_text(
        "code,year,rate,population\n0101,2011,60,100000\n0101,2013,30,100000\n"
        "0614,2011,70,300000\n0614,2013,,300000\n",
        encoding="utf-8",
    )
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(validation, "load_posteriors", lambda _: POSTERIORS)
        code = cli.main(
            ["validate", "--runs", str(RUNS), "--seed", str(SEED), "--out", str(folder / "new/it"),
             "--panel", str(panel), "--rate-per", "100000", "--workers", "2", "--block-runs",
             str(RUNS), "--calibration", "here"]
        )  # fmt: skip
    assert code == 0, err.getvalue()
    return Ran(folder / "new" / "it", panel, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def found() -> Validation:
    return synthetic_validation()


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
    drawn = {"figures/patterns_en.png", "figures/months_en.png"}
    inputs = {"inputs/as-recorded.toml", "inputs/panel.csv"}
    assert names == ORDINARY | PANEL | drawn | inputs
    assert all((ran.folder / name).read_bytes()[:4] == b"\x89PNG" for name in drawn)


@pytest.mark.slow
def test_tables_have_their_columns(ran: Ran) -> None:
    columns = {
        "patterns.csv": {
            "id", "use", "observed", "inside", "too_wide", "counts", "departments_only_median",
        },
        "coverage.csv": {"use", "simulated", "inside", "counted"},
        "aims.csv": {"aim", "of", "value", "low", "high", "met"},
        "blocks.csv": {
            "block", "treatment", "method", "months", "inside_90", "crps", "mae", "log_score",
            "width_90", "note",
        },
        "block_months.csv": {
            "block", "treatment", "month", "observed", "p05", "median", "p95", "crps", "pit",
        },
        "later.csv": {"block", "treatment", "method", "inside_90", "crps"},
        "departments.csv": {"period", "department", "use", "observed", "inside", "counts"},
        "generations.csv": {"generation", "what", "use", "counted", "block", "crps"},
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


# --- Blocks left out and later years ------------------------------------------------------------


def test_blocks_are_run_from_their_own_posteriors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each twice: with all orders, and with those before its first day alone."""
    drawn: list[Any] = []
    monkeypatch.setattr(
        validation, "parameters_of_runs",
        lambda *given, draws: drawn.append(given) or draws,
    )  # fmt: skip
    asked: list[dict[str, Any]] = []

    def run(scenario: Any, runs: int, seed: int, **options: Any) -> xr.Dataset:
        asked.append({"scenario": scenario, "runs": runs, "seed": seed, **options})
        return synthetic_results(runs=3, seed=len(asked))

    monkeypatch.setattr(validation, "run", run)
    scenario = load_scenario("as-recorded")
    posteriors = {name: replace(NO_DRAWS, head=name) for name in POSTERIORS}
    blocks, months = validation.left_out(scenario, posteriors, 3, SEED)
    assert [each["parameters"].head for each in asked] == [*BLOCKS, BESIDE] * 2
    assert {given[2:] for given in drawn} == {(SEED, 0, 3)}
    for each, name in zip(asked, [*BLOCKS, BESIDE] * 2, strict=True):
        assert (each["until"], each["detail"]) == (parse(name).last, "none")
    assert all(each["scenario"] is scenario for each in asked[:5])
    orders = [forecasts.orders_of(each["scenario"]) for each in asked[5:]]
    assert [len(days) for days in orders] == [2, 2, 3, 5, 2]
    assert len(forecasts.orders_of(scenario)) == 6
    for treatment, first in ((GIVEN, 1), (OWN, 6)):
        chosen = blocks["treatment"].eq(treatment)
        assert blocks["block"][chosen].unique().tolist() == [*BLOCKS, BESIDE, POOLED]
        own = blocks[chosen & blocks["block"].eq("2015")].drop(columns="treatment")
        third = synthetic_results(runs=3, seed=first + 2)
        days = forecasts.orders_of(asked[first + 1]["scenario"])
        expected = forecasts.score_block(third, "2015", orders=days)
        pd.testing.assert_frame_equal(own.reset_index(drop=True), expected)
        pooled = blocks[chosen & blocks["block"].eq(POOLED)]
        assert pooled["method"].tolist() == [MODEL, *NAIVE]
        assert (pooled["months"] == 55).all()
    assert len(months) == 2 * (55 + 36)


def test_later_years_are_frozen_at_the_end_of_2016(monkeypatch: pytest.MonkeyPatch) -> None:
    """No order of 2017 and later is given, and naive forecasts see no later month."""
    asked: dict[str, Any] = {}

    def run(scenario: Any, runs: int, seed: int, **options: Any) -> xr.Dataset:
        asked.update(scenario=scenario, runs=runs, **options)
        return longer(synthetic_results(runs=runs))

    monkeypatch.setattr(validation, "run", run)
    scenario = load_scenario("as-recorded")
    tables = []
    for seed in (1, 2):
        monkeypatch.setattr(validation, "held_out_months", partial(later_months, seed=seed))
        tables.append(validation.later_years(scenario, 3, SEED, point=True))
    (later, months), (_, others) = tables
    assert (asked["until"], asked["point"], asked["runs"]) == (validation.LATEST, True, 3)
    assert later["block"].unique().tolist() == list(LATER)
    assert (later["treatment"] == OWN).all()
    assert later.groupby("block", sort=False)["months"].first().tolist() == [29, 7]
    assert months["month"].tolist()[0] == "2017-01"
    assert months["month"].tolist()[-1] == "2019-12"
    assert months["observed"].tolist() == later_months(seed=1).values[0].tolist()
    assert months["observed"].tolist() != others["observed"].tolist()
    assert months["p95"].tolist() == others["p95"].tolist()


def test_posteriors_are_those_of_a_clone_or_of_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without any, the default is none at all; a folder that is given must hold every block's."""
    asked: list[Path] = []

    def load(folder: Path) -> Any:
        asked.append(folder)
        return POSTERIORS

    monkeypatch.setattr(validation, "load_posteriors", load)
    assert validation.posteriors_in(None) is POSTERIORS
    assert validation.posteriors_in(tmp_path) is POSTERIORS
    assert asked == [ROOT / "experiments" / "calibration", tmp_path]
    few = {name: NO_DRAWS for name in POSTERIORS if name != "2015"}
    monkeypatch.setattr(validation, "load_posteriors", lambda _: few)
    assert validation.posteriors_in(None) is None
    with pytest.raises(InputError, match="no posterior without 2015"):
        validation.posteriors_in(tmp_path)


def test_aims_by_hand(found: Validation) -> None:
    """Shares within bounds, both included; a CRPS below that of each naive forecast."""
    table = validation.aims(found)
    assert table["aim"].value_counts().to_dict() == {
        "patterns_inside": 1, "patterns_counted": 1, "months_inside": 1, "blocks_inside": 1,
        "blocks_crps": len(NAIVE), "later_crps": 2,
    }  # fmt: skip
    total = found.coverage[["simulated", "inside", "counted"]].sum()
    assert row(table, aim="patterns_inside")["value"] == total["inside"] / total["simulated"]
    whole = found.months[found.months["block"] == WHOLE]
    assert row(table, aim="months_inside")["value"] == whole["inside"].mean()
    own = found.of(POOLED)
    trend = row(table, aim="blocks_crps", of="twelve-month trend")
    assert trend["value"] == row(own, method=MODEL)["crps"]
    assert trend["high"] == row(own, method="twelve-month trend")["crps"]
    later = row(table, aim="later_crps", of=LATER[1])
    assert later["high"] == found.of(LATER[1])["crps"][1:].min()

    def met(aim: str, **changed: Any) -> bool:
        return bool(validation.aims(replace(found, **changed)).set_index("aim")["met"][aim])

    for inside, expected in ((17, True), (20, False), (16, False)):
        marks = found.months.assign(inside=np.arange(len(found.months)) % 20 < inside)
        marks = pd.concat([marks[marks["block"] == WHOLE].head(80), marks[marks["block"] != WHOLE]])
        assert met("months_inside", months=marks) is expected
    best = found.coverage.assign(inside=9, counted=7, simulated=10)
    assert met("patterns_inside", coverage=best)
    assert not met("patterns_counted", coverage=best)
    assert set(validation.aims(replace(found, blocks=None))["aim"]) == {
        "patterns_inside", "patterns_counted", "months_inside", "later_crps",
    }  # fmt: skip
    even = found.later.assign(crps=10.0)
    assert not validation.aims(replace(found, later=even)).set_index("aim")["met"][
        "later_crps"
    ].any()  # fmt: skip


def test_the_first_generation_is_summed_up_as_it_was_reported() -> None:
    """As its committed report has it: window, MAE, CRPS, strongest naive forecast, beaten."""
    text = (validation.FIRST_GENERATION / "README.md").read_text(encoding="utf-8")
    told = table_in(text, "Forecasts, month by month")
    rows = validation.first_forecasts().to_dict("records")
    assert [
        [
            each["block"], str(each["months"]), three(each["mae"]), three(each["crps"]),
            f"{round(100 * each['inside_90'])} %", three(each["naive_mae"]),
            three(each["naive_crps"]), f"{each['beaten']} / {each['of']}",
        ]
        for each in rows
    ] == [[*line[:5], *line[6:8], line[9]] for line in told]  # fmt: skip


def test_generations_stand_side_by_side(found: Validation) -> None:
    table = validation.generations(found)
    held_out = row(table, generation="first", use="holdout")
    assert (held_out["simulated"], held_out["counted"]) == (13, 2)
    second = table[table["generation"].eq("second") & table["what"].eq("forecasts")]
    assert second["block"].tolist() == [*BLOCKS, POOLED, BESIDE, *LATER]
    pooled = row(second, block=POOLED)
    own = found.of(POOLED)
    assert pooled["crps"] == row(own, method=MODEL)["crps"]
    assert pooled["naive_crps"] == own["crps"][1:].min()
    without = validation.generations(replace(found, blocks=None))
    assert without["block"][without["generation"] == "second"].dropna().tolist() == list(LATER)


@pytest.mark.slow
def test_manifest_and_summary(ran: Ran) -> None:
    manifest = ran.json("manifest.json")
    assert manifest["command"] == "validate"
    assert (manifest["scenario"], manifest["runs"], manifest["seed"]) == (DATED, RUNS, SEED)
    assert manifest["detail"] == "full"
    assert manifest["data_digest"] == data_digest()
    assert "statsmodels" in manifest["libraries"]
    assert manifest["panel"]["sha256"] == hashlib.sha256(ran.panel.read_bytes()).hexdigest()
    summary = ran.json("summary.json")
    for cells in ran.read("coverage.csv"):
        assert summary["patterns"][cells["use"]]["counted"] == int(cells["counted"])
    assert [each["block"] for each in summary["forecasts"]] == [*BLOCKS, POOLED, BESIDE, *LATER]
    assert len(summary["aims"]) == len(ran.read("aims.csv"))
    assert (manifest["block_runs"], summary["block_runs"]) == (RUNS, RUNS)


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
    text, said = in_language(lang, report, found), partial(in_language, lang, translated)
    judged = found.comparison
    inside = judged["inside"].eq(True)
    chosen = {
        "What is reproduced": judged["counts"],
        "Inside, but not counted": inside & judged["too_wide"],
        "What is not": judged["simulated"] & ~inside,
    }
    for heading, rows in chosen.items():
        assert rows.any(), heading
        cells = table_in(text, said(heading))
        assert [line[0].strip("`") for line in cells] == list(judged["id"][rows])
        for line, kept in zip(cells, judged[rows].to_dict("records"), strict=True):
            assert line[2:4] == [three(kept["observed"]), three(kept["simulated_median"])]
            if heading == "What is not":
                low = kept["simulated_median"] < kept["observed"]
                assert line[5] == said("too low" if low else "too high")
    for name in judged["id"][~judged["simulated"]]:
        assert f"- `{name}`" in text.partition(f"## {said('Not compared')}")[2]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_report_tells_what_the_tables_hold(found: Validation, lang: str) -> None:
    text, said = in_language(lang, report, found), partial(in_language, lang, translated)
    aims = validation.aims(found)
    told = table_in(text, said("In short"))
    assert [line[3] == said("yes") for line in told] == aims["met"].tolist()
    for line, kept in zip(told, aims.to_dict("records"), strict=True):
        crps = kept["aim"].endswith("crps")
        assert line[2] == (three(kept["value"]) if crps else f"{round(100 * kept['value'])}%")
    short = text.partition(f"## {said('In short')}")[2].partition("\n## ")[0]
    for use in found.coverage.to_dict("records"):
        name = "fitted" if use["use"] == "fit" else "checks, known but not fitted"
        assert f"{said(name)} {use['counted']} " in short
    for treatment, heading in (
        (GIVEN, "With the gangs' dated answers given"), (OWN, "By the model's own hazard"),
    ):  # fmt: skip
        cells = table_in(text, said(heading))
        assert [line[0] for line in cells] == [*BLOCKS, said("pooled"), BESIDE]
        for line, block in zip(cells, (*BLOCKS, POOLED, BESIDE), strict=True):
            scores = found.of(block, treatment)
            assert line[3] == three(row(scores, method=MODEL)["crps"])
            assert line[8] == three(scores["crps"][1:].min())
    for period in LATER:
        cells = table_in(text, period)
        assert [line[2] for line in cells] == [three(each) for each in found.of(period)["crps"]]
    for line, kept in zip(
        table_in(text, said("Places")), found.departments.to_dict("records"), strict=True
    ):
        assert line[1] == kept["department"]
        assert line[5] == three(kept["simulated_median"])
    rows = found.reductions
    for line in table_in(text, said("Reductions: recorded and true")):
        for column, counted in ((1, "recorded"), (3, "true"), (5, "recorded_less_true")):
            kept = row(
                rows, baseline=line[0], counted=counted, measure="reduction_percent",
                window="2012-04..2013-10",
            )  # fmt: skip
            assert line[column] == three(kept["median"])
    assert len(table_in(text, said("Both generations"))) == 4 + 4 + 2 + 2
    assert said(forecasts.CONDITIONALITY) in text
    assert in_language(lang, TEXT.__getitem__, "blocks.none") not in text
    assert not re.search(r"\bnan\b|None|True|False|[{}]", text)


def test_words_follow_from_numbers(found: Validation) -> None:
    """Other numbers, other words: no class of 2015, nothing wrong, no blocks."""
    text = report(found)
    assert "**The rate class of 2015** is not used" in text
    right = found.comparison.assign(inside=True, counts=True, too_wide=False)
    other = report(replace(found, comparison=right))
    assert "None." in other.partition("## What is not")[2]
    assert "forecast the level there" not in text
    assert found.blocks is not None
    levels = report(replace(found, blocks=found.blocks.assign(note="level only")))
    assert "forecast the level there" in levels
    assert "rough" in text  # thirty runs
    many = found.results.assign_attrs(runs=200)
    assert "rough" not in report(replace(found, results=many))
    assert "point values" in report(replace(found, point=True))
    assert "point values" not in text


@pytest.mark.parametrize("lang", ["en", "es"])
def test_without_posteriors_the_blocks_are_missed_in_a_line(
    found: Validation, lang: str, tmp_path: Path
) -> None:
    without = replace(found, blocks=None)
    written = in_language(lang, write, without, tmp_path, draw=False)
    assert {path.name for path in written} == ORDINARY - {"blocks.csv", "control.csv"}
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert text.count(in_language(lang, TEXT.__getitem__, "blocks.none")) == 2
    assert "blocks.csv" not in text
    assert table_in(text, LATER[0])


@pytest.mark.slow
def test_report_sets_the_placements_beside_each_other(ran: Ran) -> None:
    text = (ran.folder / "README.md").read_text(encoding="utf-8")
    rows = {cells["id"]: cells for cells in ran.read("patterns.csv")}
    cells = table_in("## Placed\n" + text.partition("**The rate class")[2], "Placed")
    assert {line[0].strip("`") for line in cells} == {
        name for name, kept in rows.items() if kept["departments_only_median"]
    }
    for line in cells:
        kept = rows[line[0].strip("`")]
        assert line[4] == {"true": "yes", "false": "no"}[kept["inside"]]
        assert line[5] == three(float(kept["departments_only_median"]))


@pytest.mark.slow
def test_links_of_the_report_lead_somewhere(ran: Ran) -> None:
    text = (ran.folder / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == len(ORDINARY | PANEL) - 1 + 2
    assert all((ran.folder / link).is_file() for link in links)


@pytest.mark.slow
def test_the_report_says_whose_the_posterior_is(found: Validation, ran: Ran) -> None:
    line = "The posterior was made by 0.1.0; today's model gives {} probe runs."
    assert line.format("other") in report(found)
    assert line.format("the same") in report(replace(found, posterior=Origin("0.1.0", True)))
    assert "el modelo de hoy da otras simulaciones de prueba." in in_language("es", report, found)
    assert "probe runs" not in report(replace(found, posterior=None))
    told = ran.json("manifest.json")["posterior"]
    assert set(told) == {"version", "same_probe"}
    which = "the same" if told["same_probe"] else "other"
    assert f"gives {which} probe runs" in (ran.folder / "README.md").read_text(encoding="utf-8")


# --- Panel --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_panel_is_scored(ran: Ran) -> None:
    cells = {(r["code"], r["period"]): float(r["observed"]) for r in ran.read("panel_cells.csv")}
    assert cells == {("0101", "2011"): 60, ("0101", "2013"): 30, ("0614", "2011"): 210}
    text = (ran.folder / "README.md").read_text(encoding="utf-8")
    assert "1 cells empty: 0614 2013" in text
    sentence = "2 municipalities, years from 2011 to 2013"
    assert sentence in text
    assert sentence in ran.err
    assert sentence in ran.json("manifest.json")["panel"]["understood"]
    told = table_in(text, "Your panel")
    for line, kept in zip(told, ran.read("panel_periods.csv"), strict=True):
        assert line[:2] == [kept["period"], kept["municipalities"]]
        assert line[3] == three(float(kept["mae"]))
    assert "Your panel" in ran.out


def test_without_a_panel_none_is_told_of(found: Validation, tmp_path: Path) -> None:
    written = in_language("es", write, found, tmp_path, draw=False)
    assert {path.name for path in written} == ORDINARY - {"control.csv"}
    assert {path.name for path in tmp_path.iterdir()} == ORDINARY - {"control.csv"}
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
    for words in ("katz_rate_ratio_no_controls", *BLOCKS, *LATER, "26_months", str(ran.folder)):
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
    assert (asked["block_runs"], asked["calibration"]) == (1000, None)
    assert not (tmp_path / "new" / "figures").exists()


def test_default_scenario_is_the_record_whole() -> None:
    """It differs from truce-2012 by orders that gangs gave by themselves, at given days."""
    record, truce = load_scenario(DATED), load_scenario("truce-2012")
    added = [each for each in record.events if each not in truce.events]
    assert len(added) == len(record.events) - len(truce.events) == 6
    assert {each.kind for each in added} == {"answer"}


WRONG = {
    "an unknown scenario": (["as-recordet"], "did you mean 'as-recorded'?"),
    "no runs": (["--runs", "0"], "runs = 0"),
    "too many runs": (["--runs", "501"], "at most 500"),
    "no runs of blocks": (["--block-runs", "0"], "runs = 0"),
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
