"""Results made again from what lies in them, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sweeps

from trucesim import cli, run
from trucesim.files.results import seal, sealed_manifest
from trucesim.reports.cases import digest_of, manifest_in

Capsys = pytest.CaptureFixture[str]

CASE = """
extends = "truce-2012"
title = { en = "Mine", es = "Mío" }
story = { en = "A trial.", es = "Una prueba." }
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one's own file and a comparison, in folders that their files have left."""
    folder = tmp_path_factory.mktemp("made")
    path = folder / "mine.toml"
    path.write_text(CASE, encoding="utf-8")
    settings = ["--set", "turnover=0.3", "--set", "order=pact@2014-01-01", "--point"]
    common = ["--runs", "2", "--out"]
    asked = ["run", str(path), *settings, "--no-figures", *common, str(folder / "run")]
    assert cli.main(asked) == 0
    asked = ["compare", "truce-2012", "guarantor-stays", "--lang", "es", *common]
    assert cli.main([*asked, str(folder / "compare")]) == 0
    path.unlink()
    return folder


@pytest.mark.parametrize("name", ["run", "compare"])
def test_a_folder_is_made_again_elsewhere(
    name: str, made: Path, tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(made / name, tmp_path / "sent")
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert cli.main(["reproduce", "sent", "--workers", "1"]) == 0
    assert "all results agree bit for bit" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_what_differs_is_named(made: Path, tmp_path: Path, capsys: Capsys) -> None:
    folder = tmp_path / "sent"
    shutil.copytree(made / "run", folder)
    table = folder / "comparison.csv"
    table.write_text(table.read_text().replace("pre_truce", "pre-truce"), encoding="utf-8")
    assert cli.main(["reproduce", str(folder)]) == 1
    told = capsys.readouterr()
    assert "changed since it was made: comparison.csv" in told.err
    assert "1 of 3 files differ: comparison.csv" in told.out
    seal(folder, {k: v for k, v in manifest_of(folder).items() if k != "files"})
    assert cli.main(["reproduce", str(folder)]) == 1  # sealed anew, and no better
    assert "1 of 3 files differ: comparison.csv" in capsys.readouterr().out


def test_manifests_of_other_settings_differ(made: Path) -> None:
    whole = manifest_of(made / "run")
    assert whole["arguments"][1:] == [
        "--runs", "2", "--set", "turnover=0.3", "--set", "order=pact@2014-01-01", "--point",
        "--no-figures",
    ]  # fmt: skip
    assert {"model", "draws", "data_digest", "rules", "lineages", "libraries"} <= set(whole)
    assert {"numpy", "numba", "mesa", "h5netcdf"} <= set(whole["libraries"])
    plain, pointed = (run("no-truce", 1, point=point).attrs for point in (False, True))
    assert plain["parameters"] != pointed["parameters"]
    assert "no-truce" in plain["scenario"]
    assert "[[event]]" in run("truce-2012", 1).attrs["scenario_text"]


def manifest_of(folder: Path) -> dict[str, Any]:
    manifest = sealed_manifest(folder)
    assert manifest is not None
    return manifest


HOSTILE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "an option that there is not": (
        lambda m: m["arguments"].append("--exec=rm"), "does not take: .*--exec"),
    "a file outside": (
        lambda m: m["arguments"].__setitem__(0, "../secret.toml"), "keeps no copy of it"),
    "a copy outside": (
        lambda m: next(iter(m["inputs"].values())).update(file="../secret.toml"), "lies elsewhere"),
    "a command that writes no result": (
        lambda m: m.update(command="workshop"), "cannot be made again from their folder"),
    "no arguments": (lambda m: m.pop("arguments"), "does not say what was asked for"),
    "inputs of another shape": (lambda m: m.update(inputs=["x"]), "does not say what was asked"),
    "another copy": (
        lambda m: next(iter(m["inputs"].values())).update(sha256="0"), "was changed since"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_outside_of_a_folder_is_read(
    case: str, made: Path, tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, (change, said) = tmp_path / "sent", HOSTILE[case]
    shutil.copytree(made / "run", folder)
    (tmp_path / "secret.toml").write_text(CASE, encoding="utf-8")
    manifest = manifest_of(folder)
    change(manifest)
    seal(folder, manifest)
    monkeypatch.chdir(folder)
    assert cli.main(["reproduce", str(folder)]) == 2
    told = capsys.readouterr().err
    assert told.count("trucesim: ") == 1
    assert re.search(said, told)


def test_what_is_no_whole_result_is_refused(made: Path, tmp_path: Path, capsys: Capsys) -> None:
    folder = tmp_path / "sent"
    shutil.copytree(made / "run", folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"seed": 9}), encoding="utf-8")
    (tmp_path / "note.html").write_text("<p>no report</p>", encoding="utf-8")
    for path, said in (
        (folder, "no whole result"), (tmp_path, "no whole result"),
        (tmp_path / "note.html", "no report of trucesim"), (tmp_path / "absent", "there is no"),
    ):  # fmt: skip
        assert cli.main(["reproduce", str(path)]) == 2
        assert said in capsys.readouterr().err


def test_a_sweep_is_made_again(tmp_path: Path, capsys: Capsys) -> None:
    given = sweeps.write(tmp_path / "given")
    folder = tmp_path / "sweep"
    assert cli.main(["sweep", str(given), "--replicates", "2", "--out", str(folder)]) == 0
    shutil.rmtree(given.parent)
    capsys.readouterr()
    assert cli.main(["reproduce", str(folder)]) == 0
    assert "agree bit for bit" in capsys.readouterr().out
    assert "h5netcdf" in manifest_of(folder)["libraries"]


@pytest.mark.slow
def test_a_report_is_made_again(tmp_path: Path, capsys: Capsys) -> None:
    path = tmp_path / "report.html"
    asked = ["report", "truce-2012", "--history", "chance", "--runs", "2", "--out", str(path)]
    assert cli.main(asked) == 0
    text = path.read_text(encoding="utf-8")
    told = manifest_in(text)
    assert told is not None
    assert told["page"] == digest_of(text)
    assert cli.main(["reproduce", str(path)]) == 0
    path.write_text(text.replace("simulated", "observed"), encoding="utf-8")
    assert cli.main(["reproduce", str(path)]) == 1
    assert "files differ: report.html" in capsys.readouterr().out
