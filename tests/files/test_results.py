"""Folders of results: whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from trucesim.cli.streams import prepare
from trucesim.files.errors import InputError, StoreError
from trucesim.files.results import (
    BEFORE,
    broken_files,
    free_folder,
    locked,
    output_folder,
    sealed_manifest,
    written_whole,
)

OLD = {"table.csv": "old", "old.csv": "old", "figures/a.png": "old"}
NEW = {"table.csv": "new", "new.csv": "new", "figures/b.png": "new"}


def put(target: Path, files: dict[str, str], command: str = "run") -> None:
    with written_whole(target, {"command": command}, {"inputs/case.toml": b"x = 1\n"}) as draft:
        for name, text in files.items():
            (draft / name).parent.mkdir(exist_ok=True)
            (draft / name).write_text(text)


def held(target: Path) -> dict[str, str]:
    return {
        path.relative_to(target).as_posix(): path.read_text()
        for path in target.rglob("*") if path.is_file() and "inputs" not in path.parts
        and path.name != "manifest.json"
        and not any(part.endswith(".part") for part in path.relative_to(target).parts)
    }  # fmt: skip


def is_whole(target: Path) -> bool:
    manifest = sealed_manifest(target)
    return manifest is not None and not broken_files(target, manifest)


def test_a_result_is_certified_and_replaced_by_another(tmp_path: Path) -> None:
    target = tmp_path / "result"
    put(target, OLD)
    assert is_whole(target)
    assert held(target) == OLD
    (target / "notes.txt").write_text("mine")
    (target / "figures" / "mine.png").write_text("mine")
    output_folder(target)
    put(target, NEW)
    assert is_whole(target)
    assert held(target) == NEW | {"notes.txt": "mine", "figures/mine.png": "mine"}
    assert {each.name for each in tmp_path.iterdir()} == {"result"}


def test_nothing_appears_when_writing_fails(tmp_path: Path) -> None:
    target = tmp_path / "result"
    for old in ({}, OLD):
        if old:
            put(target, old)
        with pytest.raises(TypeError):
            put(target, NEW | {"last.csv": 1})  # type: ignore[dict-item]
        with (
            pytest.raises(StoreError, match="No space left"),
            written_whole(target, {"command": "run"}, {}),
        ):
            raise OSError(28, "No space left on device")
        assert (held(target) if target.exists() else {}) == old
        assert not list(tmp_path.rglob("*.part"))
    assert is_whole(target)


@pytest.mark.parametrize("name", ["table.csv", "manifest.json"])
def test_a_file_that_is_open_elsewhere_loses_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a file that is open in Excel cannot be moved."""
    target, move = tmp_path / "result", os.replace
    put(target, OLD)

    def refused(old: Path, new: Path) -> None:
        if Path(old) == target / name:
            raise PermissionError(13, "Access is denied", str(old), None, str(new))
        move(old, new)

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(StoreError, match=r"open in another program\?; .*result-2 instead"):
        put(target, NEW)
    assert is_whole(target)
    assert held(target) == OLD
    assert is_whole(tmp_path / "result-2")
    assert held(tmp_path / "result-2") == NEW


def test_another_s_file_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "result"
    put(target, OLD)
    (target / "new.csv").write_text("mine")
    with pytest.raises(StoreError, match=r"new.csv is not of this result; .*result-2"):
        put(target, NEW)
    assert held(target) == OLD | {"new.csv": "mine"}
    assert held(tmp_path / "result-2") == NEW


def test_only_a_whole_result_of_the_same_command_may_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "result"
    put(target, OLD)
    with pytest.raises(InputError, match="holds results of 'trucesim run'"):
        output_folder(target, "compare")
    (target / "table.csv").write_text("touched up")
    with pytest.raises(InputError, match=r"changed since it was made \(table.csv\)"):
        output_folder(target)
    (target / "table.csv").unlink()
    output_folder(target)  # of what was taken away nothing can be lost
    (target / "manifest.json").write_text("")
    with pytest.raises(InputError, match="other things than results"):
        output_folder(target)
    (target / "manifest.json").write_text('{"command": "run"}')
    with pytest.raises(InputError, match="of an earlier version"):
        output_folder(target)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="a file of this name"):
        output_folder(tmp_path / "file")


def test_what_was_not_asked_for_by_name_lies_beside_what_differs(tmp_path: Path) -> None:
    target, same = tmp_path / "result", {"seed": 1, "list": ("a",)}
    assert free_folder(target, "run", same) == target
    with written_whole(target, {"command": "run", **same}, {}):
        pass
    assert free_folder(target, "run", same) == target
    assert free_folder(target, "run", {"seed": 2}).name == "result-2"
    (tmp_path / "result-2").mkdir()
    (tmp_path / "result-2" / "notes.txt").touch()
    assert free_folder(target, "run", {"seed": 2}).name == "result-3"


def test_two_writers_are_kept_apart(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with locked(target):
        with pytest.raises(InputError, match="another trucesim is writing"), locked(target):
            pass
        with locked(target, again=True):
            pass
    assert not target.exists()


def test_where_there_are_no_locks_results_are_written_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    for files in (OLD, NEW):
        put(tmp_path / "result", files)
        assert is_whole(tmp_path / "result")
        assert held(tmp_path / "result") == files
    prepare()
    assert os.environ["HDF5_USE_FILE_LOCKING"] == "FALSE"


def test_a_second_writer_keeps_its_result_beside(tmp_path: Path) -> None:
    target = tmp_path / "result"
    put(target, OLD)
    found: list[str] = []

    def other() -> None:
        try:
            put(target, NEW)
        except StoreError as error:
            found.append(str(error))

    with locked(target):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "another trucesim is writing" in found[0]
    assert held(target) == OLD
    assert is_whole(tmp_path / "result-2")
    assert held(tmp_path / "result-2") == NEW


def test_a_manifest_cannot_point_out_of_its_folder(tmp_path: Path) -> None:
    target = tmp_path / "result"
    put(target, OLD)
    (tmp_path / "secret").write_text("old")
    manifest = json.loads((target / "manifest.json").read_text())
    (target / "link").symlink_to(tmp_path / "secret")
    digest = manifest["files"]["table.csv"]
    manifest["files"] = {"../secret": digest, "link": digest, "table.csv": digest}
    assert broken_files(target, manifest) == ["../secret", "link"]


# At which step of writing is the process killed? In a process of its own, which only imports this.
KILLED = """
import os, shutil, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_results import NEW, OLD, held, is_whole, put
from trucesim.files.results import output_folder

STEPS = "replace", "rename", "unlink", "rmdir", "mkdir", "fsync", "open"
real = {{name: getattr(os, name) for name in STEPS}}

def killed_at(step):
    count = 0
    def counted(name):
        def call(*given, **more):
            nonlocal count
            count += 1
            if count == step:
                os._exit(9)
            return real[name](*given, **more)
        return call
    for name in STEPS:
        setattr(os, name, counted(name))

kills = 0
for old in ({{}}, OLD):
    for step in range(1, 1000):
        target = Path({scratch!r}) / f"{{len(old)}}-{{step}}" / "result"
        target.parent.mkdir(parents=True)
        if old:
            put(target, old)
            (target / "notes.txt").write_text("mine")
        child = os.fork()
        if not child:
            killed_at(step)
            put(target, NEW)
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        kills += killed
        mine = {{"notes.txt": "mine"}} if old else {{}}
        there = held(target) if target.exists() else {{}}
        assert {{name: text for name, text in there.items() if name in mine}} == mine, step
        if (target / "manifest.json").exists():
            assert is_whole(target), step
        # Whatever is left can be written to, and then the old result or the new one is whole.
        output_folder(target)
        there = held(target) if target.exists() else {{}}
        assert there in (mine, old | mine, NEW | mine), (step, there)
        assert is_whole(target) == bool(there), (step, there, len(old), sorted(os.listdir(target)))
        put(target, NEW)
        assert is_whole(target) and held(target) == NEW | mine
        assert {{each.name for each in target.parent.iterdir()}} == {{"result"}}, step
        shutil.rmtree(target.parent)
        if not killed:
            break
print(kills)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_no_kill_leaves_a_wrong_certificate(tmp_path: Path) -> None:
    script = KILLED.format(here=str(Path(__file__).parent), scratch=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60


def test_what_an_exchange_left_aside_is_put_back(tmp_path: Path) -> None:
    target = tmp_path / "result"
    put(target, OLD)
    before = target / ".result.1.part" / BEFORE
    before.mkdir(parents=True)
    for name in ("manifest.json", "table.csv"):
        (target / name).rename(before / name)
    output_folder(target)
    assert is_whole(target)
    assert held(target) == OLD
