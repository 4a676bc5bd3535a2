"""The page on a rule of one's own does what it says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from folders import EXAMPLES
from sweeps import TWO_CASES

from trucesim.cli import main

PAGE = EXAMPLES.parent / "docs" / "own-rule.md"
TEXT = PAGE.read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own-rule")
    (folder / "fear.py").write_text(CODE[0], encoding="utf-8")
    (command,) = re.findall(r"```console\ntrucesim (.*?)\n```", TEXT)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(shlex.split(command)) == 0
    return folder


@pytest.mark.slow
def test_the_comparison_is_of_the_two_rules(
    followed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = followed / "results" / "fear"
    manifest = json.loads((result / "manifest.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"[0-9a-f]{16}", manifest["rules"])
    assert not any("fear.py" in each for each in manifest["arguments"])
    assert not list(result.rglob("*.py"))
    monkeypatch.chdir(followed)
    exec(CODE[1], {})
    assert "difference_mean" in capsys.readouterr().out


@pytest.mark.slow
def test_it_is_made_again_with_the_same_rules_only(
    followed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(followed)
    assert main(["reproduce", "results/fear"]) == 2
    assert "--rules FILE" in capsys.readouterr().err
    (followed / "other.py").write_text(CODE[0].replace("0.8", "0.9"), encoding="utf-8")
    assert main(["reproduce", "results/fear", "--rules", "other.py"]) == 2
    assert "its digest is" in capsys.readouterr().err
    assert main(["reproduce", "results/fear", "--rules", "fear.py"]) == 0


EXPERIMENT = """
title = {en = "Small", es = "Pequeño"}
story = {en = "A small experiment.", es = "Un experimento pequeño."}
scenarios = ["truce-2012"]
departments = ["San Vicente"]
replicates = 4
until = 2012-12-31
outcomes = ["recorded_2012"]
"""


@pytest.mark.slow
def test_runs_sweeps_and_plans_take_them_too(
    followed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(followed)
    (followed / "small.toml").write_text(EXPERIMENT + TWO_CASES, encoding="utf-8")
    told = {}
    for name in ("mine", "shipped"):
        own = ["--rules", "fear.py"] if name == "mine" else []
        run = ["run", "truce-2012", "--runs", "2", "--no-figures", "--out", f"run-{name}"]
        assert main([*run, *own]) == 0
        assert main(["sweep", "small.toml", "--out", f"sweep-{name}", *own]) == 0
        capsys.readouterr()
        assert main(["plan", "small.toml", "--se", "5", "--pilot", "8", "--json", *own]) == 0
        told[name] = json.loads(capsys.readouterr().out)["table"]
        for made in (f"run-{name}", f"sweep-{name}"):
            assert main(["reproduce", made, *own]) == 0
    assert told["mine"] != told["shipped"]
    for made in ("run-mine", "sweep-mine"):
        assert main(["reproduce", made]) == 2
        assert "--rules FILE" in capsys.readouterr().err
    for made in ("run-shipped", "sweep-shipped"):
        assert main(["reproduce", made, "--rules", "fear.py"]) == 2
        assert "the shipped rules" in capsys.readouterr().err
    # A sweep goes on with the rules that it began with, and with no others.
    for own in ([], ["--rules", "fear.py"]):
        further = ["sweep", "small.toml", "--resume", "--replicates", "6"]
        name = "shipped" if own else "mine"
        assert main([*further, "--out", f"sweep-{name}", *own]) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("x = 1\n", "defines no function that is named as a rule"),
        ("def decyde(): pass\n", "did you mean 'decide'"),
        ("def decide(clique):\n", "line 1"),
        ("raise ValueError('no')\n", "ValueError: no"),
    ],
)
def test_a_wrong_file_is_explained(
    text: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.py"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert main(["compare", "truce-2012", "truce-2012", "--rules", str(path)]) == 2
    assert message in capsys.readouterr().err


def test_lineages_have_the_shipped_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(CODE[0], encoding="utf-8")
    given = ["compare", "truce-2012", "truce-2012", "--history", "record", "--rules", str(path)]
    assert main(given) == 2
    assert "follow the record with the shipped rules" in capsys.readouterr().err
