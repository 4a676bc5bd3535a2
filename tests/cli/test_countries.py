"""The command line in other countries: what works there, and what is refused in one line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from trucesim import cli
from trucesim.world.folder import HOME, here

Capsys = pytest.CaptureFixture[str]

SWEEP = """
scenarios = ["no-pact", "pact-2013"]
replicates = 3
outcomes = ["recorded_2014", "pact_28_days_ratio"]
title = { en = "Pacts", es = "Pactos" }
story = { en = "Two cases.", es = "Dos casos." }
design = { kind = "factorial" }
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run in Honduras."""
    folder = tmp_path_factory.mktemp("honduras") / "run"
    asked = ["run", "--country", "honduras", "--runs", "3", "--out", str(folder)]
    assert cli.main(asked) == 0
    assert here() == HOME
    return folder


def test_a_run_is_of_the_countrys_own_scenario(ran: Path) -> None:
    """Without a name the documented pact is run, held against the country's own patterns."""
    manifest = json.loads((ran / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["country"] == "honduras"
    assert "country_folder" not in manifest
    table = (ran / "comparison.csv").read_text(encoding="utf-8").splitlines()
    rows = {row["id"]: row for row in csv.DictReader(table)}
    assert rows["pact_28_days_ratio"]["observed"] == "1.06"
    assert rows["daily_mean_2011_2012"]["observed_source"] == "published"
    assert {"maps_en.png", "monthly_en.png"} <= {path.name for path in ran.glob("figures/*")}


def test_it_is_made_again(ran: Path, capsys: Capsys) -> None:
    """A result says of which country it is, and is made again there."""
    assert cli.main(["reproduce", str(ran)]) == 0
    assert "all results agree bit for bit" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["honduras", "guatemala"])
def test_every_output_says_what_it_rests_on(name: str, tmp_path: Path, capsys: Capsys) -> None:
    """Console and report say that all but the level is transferred, or prior-driven."""
    asked = ["--country", name, "--runs", "2", "--lang", "es"]
    assert cli.main(["run", "no-pact", *asked, "--no-figures", "--out", str(tmp_path / "r")]) == 0
    said = "trasladado" if name == "honduras" else "Todo descansa en supuestos"
    assert said in " ".join(capsys.readouterr().out.split())
    report = tmp_path / "r.html"
    assert cli.main(["report", "no-pact", "pact-2013", *asked, "--out", str(report)]) == 0
    assert said in report.read_text(encoding="utf-8")


def test_comparing_two_pacts(tmp_path: Path, capsys: Capsys) -> None:
    """A what-if there comes from chance, and says that no history follows its record."""
    asked = ["compare", "no-pact", "pact-2013", "--country", "honduras", "--runs", "4"]
    assert cli.main([*asked, "--out", str(tmp_path / "c")]) == 0
    text = (tmp_path / "c" / "README.md").read_text(encoding="utf-8")
    assert "Honduras" in text
    assert cli.main([*asked, "--history", "record"]) == 2
    assert "El Salvador's, not those of Honduras" in capsys.readouterr().err


def test_a_sweep_stays_in_its_country(tmp_path: Path, capsys: Capsys) -> None:
    """It is analysed there, and elsewhere refused with what to add."""
    path, out = tmp_path / "pacts.toml", tmp_path / "out"
    path.write_text(SWEEP, encoding="utf-8")
    elsewhere = ["--country", "honduras"]
    assert cli.main(["sweep", str(path), "--out", str(out), *elsewhere]) == 0
    assert cli.main(["effects", str(out)]) == 2
    assert "of honduras, not of el_salvador; add --country honduras" in capsys.readouterr().err
    assert cli.main(["effects", str(out), *elsewhere]) == 0
    assert cli.main(["sweep", str(path), "--out", str(tmp_path / "other")]) == 2
    assert "no outcome 'pact_28_days_ratio'" in capsys.readouterr().err
    assert cli.main(["sweep", str(path), *elsewhere, "--scheduler", "tcp://localhost:1"]) == 2
    assert "runs on this machine only" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("run --country hondurs", "no country 'hondurs' (did you mean 'honduras'?)"),
        ("run truce-2012 --country honduras", "no scenario 'truce-2012'"),
        ("run pact-2013", "no scenario 'pact-2013'"),
        ("calibrate plan.toml --country honduras --out x", "calibrate needs a whole monthly"),
        ("follow --country guatemala --out x", "which Guatemala does not have"),
        ("validate --country guatemala", "Guatemala has no control"),
        ("validate no-pact --country honduras", "a scenario goes only with El Salvador"),
        ("run no-pact --country .", "no country.toml in this folder"),
    ],
)
def test_what_a_country_lacks_is_refused_in_one_line(
    asked: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    """Exit code 2, one line, and nothing written."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(asked.split()) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert said in lines[-1]
    assert len(lines) == 1
    assert not list(tmp_path.iterdir())


def test_the_control_is_written_whole(tmp_path: Path, capsys: Capsys) -> None:
    """Tables, two figures and a report that says whether the control could have failed."""
    out = tmp_path / "control"
    asked = ["validate", "--country", "honduras", "--runs", "12", "--out", str(out)]
    assert cli.main([*asked, "--lang", "es"]) == 0
    names = {path.name for path in out.rglob("*") if path.is_file()}
    assert {"cases.csv", "grain.csv", "region.csv", "control_es.png", "region_es.png"} <= names
    assert "could have failed" in (out / "README.md").read_text(encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["reproduce", str(out)]) == 0
