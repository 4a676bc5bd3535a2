"""The commands of forecasts, in this process."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from folders import ROOT

from trucesim import cli
from trucesim.reports import hindcast as report
from trucesim.studies import hindcast as study
from trucesim.studies.follow import observed_months

Capsys = pytest.CaptureFixture[str]

PLAN = ROOT / "experiments" / "calibration" / "plan.toml"
TINY = ["--months", "3", "--draws", "2", "--particles", "4"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("cli") / "forecast"
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(["forecast", "--from", "2010-06", *TINY, "--out", str(folder)])
    assert code == 0
    assert "Traceback" not in err.getvalue()
    return folder, out.getvalue()


def test_forecast_prints_and_writes(told: tuple[Path, str]) -> None:
    folder, out = told
    for said in ("Jul 2010", "observed", "conditional on nothing", "no test", "last month"):
        assert said in out
    names = {path.name for path in folder.iterdir()}
    written = {
        "forecast.csv",
        "members.csv",
        "forecast_en.png",
        "README.md",
        "inputs",
        "manifest.json",
    }
    assert names == written | {"draws"}
    members = pd.read_csv(folder / "members.csv")
    assert list(members) == ["draw", "2010-07", "2010-08", "2010-09"]
    assert len(members) == 20
    table = pd.read_csv(folder / "forecast.csv")
    assert table["method"].iloc[0] == "model"
    assert table["month"].iloc[0] == "2010-07"
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "trucesim forecast truce-2012 --from 2010-06" in text
    assert "30 Jun 2010" in text
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["command"], manifest["origin"]) == ("forecast", "2010-06")


def test_forecast_again_in_spanish_and_as_json(told: tuple[Path, str], capsys: Capsys) -> None:
    folder, _ = told
    before = (folder / "members.csv").read_bytes()
    asked = ["forecast", "--from", "2010-06", *TINY, "--out", str(folder), "--lang", "es"]
    assert cli.main(asked) == 0
    out = capsys.readouterr().out
    for said in ("jul 2010", "observado", "no es una prueba", "30/06/2010"):
        assert said in " ".join(out.split())
    assert (folder / "members.csv").read_bytes() == before
    assert cli.main(["forecast", "--from", "2010-06", *TINY, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["origin"], content["members"]) == ("2010-06", 20)
    assert content["forecast"][0]["observed"] == observed_months()[18]


WRONG = {
    "a month outside": (["--from", "2017-01"], "give a month from 2009-01 to 2016-12"),
    "a year": (["--from", "2014"], "give a month, such as 2014-06"),
    "no months": (["--from", "2014-06", "--months", "0"], "months = 0"),
    "too many months": (["--from", "2016-12", "--months", "37"], "1 to 36"),
    "one particle": (["--from", "2014-06", "--particles", "1"], "particles = 1"),
    "no draws": (["--from", "2014-06", "--draws", "0"], "draws = 0"),
    "no workers": (["--from", "2014-06", "--workers", "0"], "workers = 0"),
    "an unknown scenario": (["--from", "2014-06", "truce-2021"], "did you mean 'truce-2012'?"),
    "out is a file": (["--from", "2014-06", "--out", "file"], "there is a file of this name"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_told_in_a_line(
    case: str, capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, said = WRONG[case]
    (tmp_path / "file").write_text("private", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["forecast", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("trucesim: ")
    assert told.err.count("\n") == 1
    assert said in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_scenario_that_changes_parameters_is_refused(capsys: Capsys) -> None:
    own = ROOT / "experiments" / "ablations" / "no-wearing.toml"
    assert cli.main(["forecast", str(own), "--from", "2014-06"]) == 2
    assert "it changes wearing" in capsys.readouterr().err


# Rolling origins


@pytest.fixture
def plan(tmp_path: Path) -> list[str]:
    """A small plan, and a posterior that says that it has seen 2009 alone."""
    text = PLAN.read_text(encoding="utf-8")
    small = (
        "[forecast]\nyears = [2010]\nevery = 6\nhorizons = [1, 2]\ndraws = 2\nparticles = 4\n"
        "members = 3\n"
    )
    path = tmp_path / "plan.toml"
    path.write_text(text[: text.index("[forecast]")] + small, encoding="utf-8")
    block = (PLAN.parent / "blocks" / "2016.csv").read_text(encoding="utf-8")
    (tmp_path / "posteriors").mkdir()
    (tmp_path / "posteriors" / "2010.csv").write_text(
        block.replace("without 2016", f"without {study.left_out(2010)}"), encoding="utf-8"
    )
    return ["hindcast", str(path), "--out", str(tmp_path / "out")]


def test_hindcast_prints_and_writes(plan: list[str], capsys: Capsys, tmp_path: Path) -> None:
    asked = [*plan, "--posteriors", str(tmp_path / "posteriors")]
    assert cli.main(asked) == 0
    out = capsys.readouterr().out
    for said in ("What was aimed at", "Pooled over all origins", "By year", "(PIT)"):
        assert said in out
    folder = tmp_path / "out"
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "scores.csv", "quantiles.csv", "figures", "README.md", "inputs", "manifest.json",
        study.YEARS,
    }  # fmt: skip
    scores = pd.read_csv(folder / "scores.csv", dtype={"period": str})
    assert set(scores["period"]) == {"pooled", "2010"}
    assert set(scores["horizon"]) == {1, 2}
    before = (folder / "quantiles.csv").read_bytes()
    assert cli.main([*asked, "--lang", "es", "--no-figures"]) == 0
    assert "Lo que se buscaba" in capsys.readouterr().out
    assert (folder / "quantiles.csv").read_bytes() == before
    assert cli.main([*asked, "--json", "--no-figures"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"][0]["method"] == "model"


def test_hindcast_makes_no_runs_of_a_table(
    plan: list[str], capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = ["--table", str(tmp_path / "table")]
    assert cli.main([*plan, *table]) == 2
    assert "holds 0 of 60000 runs" in capsys.readouterr().err
    assert cli.main([*plan, *table, "--posteriors", str(tmp_path)]) == 2
    assert "give one" in capsys.readouterr().err
    assert cli.main([*plan, "--posteriors", str(tmp_path)]) == 2
    assert "there is no posterior 2010.csv" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    # What was fitted before, to as many runs of the same plan, is used.
    (tmp_path / "out").mkdir()
    (tmp_path / "posteriors").rename(tmp_path / "out" / study.POSTERIORS)

    def none(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(report, "stored_table", none)
    assert cli.main([*plan, *table, "--no-figures", "--json"]) == 0
