"""Compiled code is kept, is never stale, and is not needed."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from numba.core.caching import IndexDataCacheFile

from trucesim import compilation
from trucesim.compilation import PACKAGE, cache_directory, digest_of_sources, source_digest
from trucesim.engine.draws import run_key, stream, uniform
from trucesim.runs import provenance
from trucesim.runs.provenance import data_digest

NOWHERE = "/dev/null/x"
"""A path that nobody, not even root, can make."""

TINY = """
import json
import trucesim
from trucesim.world.country import load_country
from trucesim.compilation import cache_directory, is_compiled_already
from trucesim.scenario.scenario import Scenario
from trucesim.runs.simulate import run
before = is_compiled_already()
results = run(
    Scenario("tiny", {}, {}, parameters={"gang_share": 0.45}), 1, point=True, detail="none",
    country=load_country().subset(["San Vicente"]),
)
kinds = results["recorded_by_kind"].sum(("run", "month"))
print(json.dumps({
    "package": trucesim.__file__,
    "cache": str(cache_directory()),
    "compiled_before": before,
    "killed": dict(zip(kinds["kind"].values.tolist(), kinds.values.tolist())),
}))
"""


ALONE = """
import json, tempfile
tempfile.tempdir = "/dev/null/x"
import trucesim
from trucesim.compilation import cache_directory, is_compiled_already
from trucesim.engine.draws import run_key, stream, uniform
print(json.dumps({
    "package": trucesim.__file__,
    "cache": str(cache_directory()),
    "compiled_before": is_compiled_already(),
    "drawn": float(uniform(stream(run_key(1, 2), 3, 4), 5, 0)),
}))
"""


@dataclass(frozen=True)
class Runs:
    first: dict[str, Any]
    edited: dict[str, Any]
    edited_again: dict[str, Any]
    files: dict[str, int]
    files_again: dict[str, int]


def _told(source: Path, code: str = TINY, **environment: str) -> dict[str, Any]:
    clean = {k: v for k, v in os.environ.items() if k not in ("TRUCESIM_CACHE", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=source,
        env={**clean, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Run a copy of the package, edit a rule of it, and run it again."""
    folder = tmp_path_factory.mktemp("compilation")
    source, cache = folder / "source", folder / "cache"
    copy = source / "trucesim"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))

    def files() -> dict[str, int]:
        return {str(p.relative_to(cache)): p.stat().st_mtime_ns for p in cache.rglob("*.nb?")}

    first = _told(source, TRUCESIM_CACHE=str(cache))
    assert first["package"].startswith(str(copy))

    rule = copy / "rules" / "municipality.py"
    text = rule.read_text(encoding="utf-8")
    plain = "return place.others_rate"
    assert text.count(plain) == 1
    rule.write_text(text.replace(plain, "return 2.0 * place.others_rate"), encoding="utf-8")

    edited = _told(source, TRUCESIM_CACHE=str(cache))
    after_edit = files()
    again = _told(source, TRUCESIM_CACHE=str(cache))
    return Runs(first, edited, again, after_edit, files())


@pytest.mark.slow
def test_an_edited_rule_is_never_answered_from_the_cache(runs: Runs) -> None:
    assert runs.first["compiled_before"] is False
    assert runs.edited["compiled_before"] is False
    assert runs.edited["cache"] != runs.first["cache"]
    before, after = runs.first["killed"], runs.edited["killed"]
    assert 1.6 * before["others"] < after["others"] < 2.5 * before["others"]
    assert before["others"] > 200
    for kind in before.keys() - {"others"}:
        assert after[kind] == before[kind]


@pytest.mark.slow
def test_a_second_process_compiles_nothing(runs: Runs) -> None:
    assert runs.edited_again == {**runs.edited, "compiled_before": True}
    assert runs.files
    assert runs.files_again == runs.files


def test_a_process_that_can_write_nowhere_compiles_and_goes_on() -> None:
    told = _told(PACKAGE.parent, ALONE, HOME=NOWHERE, XDG_CACHE_HOME=NOWHERE, TMPDIR=NOWHERE)
    assert told == {
        "package": str(PACKAGE / "__init__.py"), "cache": "None", "compiled_before": False,
        "drawn": uniform(stream(run_key(1, 2), 3, 4), 5, 0),
    }  # fmt: skip


# --- Where it is kept ---------------------------------------------------------------------------


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Leave no place for compiled code but what a test names, beneath its own folder."""
    monkeypatch.delenv("TRUCESIM_CACHE", raising=False)
    for name in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, NOWHERE)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: NOWHERE)
    return monkeypatch


def _find() -> Path | None:
    return cache_directory.__wrapped__()


def test_places_in_order(nowhere: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert _find() is None
    nowhere.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    user = os.getuid() if hasattr(os, "getuid") else "user"
    assert _find() == tmp_path / f"trucesim-{user}" / source_digest()
    nowhere.setenv("HOME", str(tmp_path / "home"))
    nowhere.delenv("XDG_CACHE_HOME")
    assert _find() == tmp_path / "home" / ".cache" / "trucesim" / source_digest()
    nowhere.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert _find() == tmp_path / "xdg" / "trucesim" / source_digest()
    nowhere.setenv("TRUCESIM_CACHE", str(tmp_path / "own"))
    assert _find() == tmp_path / "own" / source_digest()
    # What cannot be made is passed over.
    nowhere.setenv("TRUCESIM_CACHE", NOWHERE)
    assert _find() == tmp_path / "xdg" / "trucesim" / source_digest()


def test_a_user_without_a_home_gets_no_folder_of_that_name(
    nowhere: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere.delenv("HOME")
    nowhere.delenv("XDG_CACHE_HOME")
    nowhere.setattr(os.path, "expanduser", lambda path: path)  # nor an entry in passwd
    nowhere.chdir(tmp_path)
    assert _find() is None
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_for_compiled_code_is_done_without(
    nowhere: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere.setattr(compilation, "cache_directory", lambda: tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    nowhere.setattr(IndexDataCacheFile, "save", full)

    def double(x: int) -> int:
        return 2 * x

    doubled = compilation.entrance(double)
    assert doubled(21) == 42
    assert not list(tmp_path.rglob("*.nb*"))


def test_line_endings_change_no_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Git for Windows checks sources out by default."""
    digests = [digest_of_sources("scenario.scenario"), data_digest()]
    copy = tmp_path / PACKAGE.name
    for path in (*PACKAGE.rglob("*.py"), *(PACKAGE / "data").rglob("*")):
        if path.is_file():
            place = copy / path.relative_to(PACKAGE)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    monkeypatch.setattr(compilation, "PACKAGE", copy)
    monkeypatch.setattr(provenance, "files", lambda _: copy)
    functions = compilation.imports, compilation.rests_on, digest_of_sources, data_digest
    for each in functions:
        each.cache_clear()
    try:
        assert [digest_of_sources("scenario.scenario"), data_digest()] == digests
    finally:
        for each in functions:
            each.cache_clear()


def test_no_temporary_directory_at_all(nowhere: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    nowhere.setattr(tempfile, "gettempdir", none)
    assert _find() is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions are POSIX")
def test_a_directory_that_others_could_write_is_not_trusted(
    nowhere: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere.setenv("TRUCESIM_CACHE", str(tmp_path / "own"))
    directory = _find()
    assert directory is not None
    for each in (directory, directory.parent):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700
    for each in (directory, directory.parent):
        for mode in (0o720, 0o702):
            each.chmod(mode)
            assert _find() is None
        each.chmod(0o700)
    assert _find() == directory
    (tmp_path / "link").symlink_to(tmp_path / "own")
    nowhere.setenv("TRUCESIM_CACHE", str(tmp_path / "link"))
    assert _find() is None
