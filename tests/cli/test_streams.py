"""Output of any encoding, closed or read by nobody, and text of files as it is."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trucesim import cli
from trucesim.cli.streams import prepare, print_json
from trucesim.files.writing import without_controls

HOSTILE = """
extends = "no-truce"
title = { en = "[/] [bold]T[/bold] \\u001b[31mred", es = "[/]" }
story = { en = "a\\u0007b [link]", es = "[/]" }
"""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp850", "utf-8"])
def test_what_an_output_cannot_hold_is_written_otherwise(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(content, encoding, newline="\n"))
    prepare()
    told = {"difference": "−6.9 ± 2 … ≤ días → 日", "Ñ": 1}
    print(told["difference"])
    print_json(told)
    sys.stdout.flush()
    line, _, rest = content.getvalue().decode(encoding).partition("\n")
    assert json.loads(rest) == told
    if encoding == "utf-8":
        assert line == told["difference"]
    if encoding == "ascii":
        assert line == "-6.9 +- 2 ... <= dias -> ?"


def test_a_closed_output_takes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(["describe", "turnover"]) == 0
    sys.stdout.close()


def test_text_of_files_is_shown_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "hostile.toml"
    path.write_text(HOSTILE, encoding="utf-8")
    assert cli.main(["describe", str(path)]) == 0
    assert cli.main(["run", str(path), "--runs", "1", "--no-figures", "--out",
                     str(tmp_path / "out")]) == 0  # fmt: skip
    out = capsys.readouterr().out
    assert out.count("[/] [bold]T[/bold] [31mred") == 2
    assert "ab [link]" in out
    assert "\x1b" not in out
    path.write_text('"a\\u001b[31m" = 1', encoding="utf-8")
    assert cli.main(["describe", str(path)]) == 2
    assert "\x1b" not in capsys.readouterr().err
    assert without_controls("a\x9bb\tc\n") == "ab\tc\n"


def test_compiled_code_that_is_switched_off_is_told_in_a_line(tmp_path: Path) -> None:
    off = subprocess.run(
        [sys.executable, "-m", "trucesim", "run", "--runs", "1", "--out", str(tmp_path / "off")],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert (off.returncode, off.stderr.count("\n")) == (1, 1)
    assert "NUMBA_DISABLE_JIT" in off.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_cache_is_done_without(tmp_path: Path) -> None:
    script = (
        "import trucesim.compilation as c\n"
        "@c.entrance\ndef double(x): return 2 * x\n"
        "print(double(21))\n"
    )
    path = tmp_path / "doubled.py"
    path.write_text(script, encoding="utf-8")
    environment = {**os.environ, "TRUCESIM_CACHE": str(tmp_path / "cache")}
    for damage in (None, b"", b"damaged"):
        for index in (tmp_path / "cache").rglob("*.nb[ic]"):
            if damage is not None:
                index.write_bytes(damage)
        done = subprocess.run(
            [sys.executable, str(path)], env=environment, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert (done.stdout, done.returncode) == ("42\n", 0), done.stderr
    assert list((tmp_path / "cache").rglob("*.nbi"))
