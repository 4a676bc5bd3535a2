"""The bundle: complete and checked, or not there at all; what starts it says what is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from trucesim.bundle import make as bundle
from trucesim.cli import main
from trucesim.files.errors import InputError
from trucesim.version import __version__

OWN = f"trucesim-{__version__}-py3-none-any.whl"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / OWN
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trucesim/__init__.py", "")
    return path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Let uv choose two packages, and pip fetch what it is asked for, without a network."""
    made: list[list[str]] = []

    def call(given: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
        command = list(given[2:])  # of python -m
        made.append(command)
        if command[0] == "uv":
            chosen = f"trucesim[workshop]=={__version__}\nnumpy==2.3.5\npip==26.0\n"
            return subprocess.CompletedProcess(given, 0, chosen, "")
        wanted = Path(command[command.index("--requirement") + 1]).read_text(encoding="utf-8")
        folder = Path(command[command.index("--dest") + 1])
        for line in wanted.split():
            name, _, version = line.partition("==")
            (folder / f"{name}-{version}-py3-none-any.whl").write_bytes(line.encode())
        return subprocess.CompletedProcess(given, 0, "", "")

    monkeypatch.setattr(bundle, "subprocess", SimpleNamespace(run=call))
    return made


@pytest.mark.parametrize("name", ["win", "mac", "linux"])
def test_the_folder_is_complete(
    name: str, wheel: Path, tmp_path: Path, calls: list[list[str]]
) -> None:
    made = bundle.make(name, tmp_path / "usb", wheel=wheel)
    machines = [machine.name for machine in bundle.MACHINES[name]]
    assert set(made.wheels) == {OWN, "numpy-2.3.5-py3-none-any.whl", "pip-26.0-py3-none-any.whl"}
    lists = sorted(each.stem for each in (made.folder / "requirements").iterdir())
    assert lists == sorted(f"{each}-{python}" for each in machines for python in ("3.12", "3.13"))
    assert list(bundle.check(made.folder)) == []
    start = made.folder / bundle.START[name][0]
    assert os.access(start, os.X_OK)
    assert (b"\r\n" in start.read_bytes()) == (name == "win")
    for text in bundle.TEXTS:
        raw = (made.folder / text).read_bytes()
        told = raw.decode("utf-8-sig")
        assert raw.startswith(b"\xef\xbb\xbf")  # Notepad reads accents by it
        assert "$" not in told
        assert not re.search(r"^\[", told, re.MULTILINE)
        assert "3.12 / 3.13" in told
        assert start.name in told
    assert json.loads((made.folder / "manifest.json").read_text())["platform"] == name
    for command in calls:
        if command[0] == "pip":
            assert "--only-binary=:all:" in command
            assert "--no-deps" in command
    offline = [each for each in calls if "--no-index" in each]
    assert len(offline) == len(lists)  # each list is resolved again from the wheels alone


def test_what_pip_left_out_is_noticed(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[list[str]]
) -> None:
    call = bundle.subprocess.run

    def forgetful(given: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = call(given, **options)
        if "--no-index" in given:
            done.stdout = done.stdout.replace("numpy==2.3.5\n", "")
        return done

    monkeypatch.setattr(bundle, "subprocess", SimpleNamespace(run=forgetful))
    with pytest.raises(InputError, match="numpy"):
        bundle.make("linux", tmp_path / "usb", wheel=wheel)
    assert [each.name for each in tmp_path.iterdir()] == [OWN]


def test_an_earlier_bundle_is_replaced_and_nothing_else(
    wheel: Path, tmp_path: Path, calls: list[list[str]]
) -> None:
    folder = tmp_path / "usb"
    bundle.make("win", folder, wheel=wheel)
    bundle.make("linux", folder, wheel=wheel)
    assert not (folder / "start.bat").exists()
    assert (folder / "start.sh").is_file()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(InputError, match="other things"):
        bundle.make("linux", mine, wheel=wheel)
    assert [each.name for each in mine.iterdir()] == ["letter.txt"]


def test_a_failure_leaves_nothing(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(given: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(given, 1, "", "no route to host")

    monkeypatch.setattr(bundle, "subprocess", SimpleNamespace(run=fail))
    with pytest.raises(InputError, match="no set of wheels"):
        bundle.make("linux", tmp_path / "usb", wheel=wheel)
    assert [each.name for each in tmp_path.iterdir()] == [OWN]


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other-1.0-py3-none-any.whl"
    other.write_bytes(b"no zip")
    old = tmp_path / "trucesim-0.0.1-py3-none-any.whl"
    with zipfile.ZipFile(old, "w") as archive:
        archive.writestr("trucesim/__init__.py", "")
    for path, told in ((other, "not a wheel of trucesim"), (old, "version 0.0.1")):
        arguments = ["bundle", "--platform", "linux", "--out", str(tmp_path / "usb")]
        assert main([*arguments, "--wheel", str(path)]) == 2
        assert told in capsys.readouterr().err


def test_a_wheel_is_put_together_from_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    info = site / f"trucesim-{__version__}.dist-info"
    files = {
        "trucesim/__init__.py": b"x = 1\n",
        "trucesim/scenarios/a.toml": b"[title]\n",
        f"{info.name}/METADATA": f"Name: trucesim\nVersion: {__version__}\n".encode(),
        f"{info.name}/WHEEL": b"Wheel-Version: 1.0\n",
    }
    rows = []
    for name, content in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(content)
        digest = urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}")
    rows += [f"{info.name}/INSTALLER,,", "trucesim/__pycache__/x.pyc,,", "../../bin/trucesim,,"]
    (info / "RECORD").write_text("\n".join([*rows, f"{info.name}/RECORD,,"]), encoding="utf-8")
    installed = metadata.PathDistribution(info)
    monkeypatch.setattr(metadata, "distribution", lambda name: installed)
    path = bundle.rewrap(tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == {*files, f"{info.name}/RECORD"}
        for name, content in files.items():
            assert archive.read(name) == content
        record = archive.read(f"{info.name}/RECORD").decode().splitlines()
        assert sorted(record) == sorted([*rows[: len(files)], f"{info.name}/RECORD,,"])
    (site / "trucesim" / "__init__.py").write_text("x = 2\n", encoding="utf-8")
    with pytest.raises(InputError, match="not what was installed"):
        bundle.rewrap(tmp_path)


def start(folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run what a laptop runs."""
    return subprocess.run(
        [sys.executable, "start.py", "--only-set-up"], cwd=folder, capture_output=True, text=True,
        env={"TRUCESIM_HOME": str(home), "PATH": os.environ["PATH"]}, check=False,
    )  # fmt: skip


@pytest.fixture
def usb(wheel: Path, tmp_path: Path, calls: list[list[str]]) -> Path:
    """A bundle whose list fits this very computer."""
    folder = bundle.make("linux", tmp_path / "usb", wheel=wheel).folder
    here = f"{platform.system().lower()}-{platform.machine().lower()}"
    own = folder / "requirements" / f"{here}-{sys.version_info[0]}.{sys.version_info[1]}.txt"
    if not own.exists():
        shutil.copy(next(own.parent.iterdir()), own)
    return folder


def test_a_damaged_stick_is_noticed_before_anything_is_installed(usb: Path, tmp_path: Path) -> None:
    (usb / "wheels" / "numpy-2.3.5-py3-none-any.whl").write_bytes(b"damaged")
    assert list(bundle.check(usb)) == ["wheels/numpy-2.3.5-py3-none-any.whl"]
    done = start(usb, tmp_path / "home")
    assert done.returncode == 1
    assert "está dañado" in done.stdout
    assert "is damaged" in done.stdout
    (usb / "wheels" / "numpy-2.3.5-py3-none-any.whl").unlink()
    assert "is missing" in start(usb, tmp_path / "home").stdout
    assert not (tmp_path / "home").exists()


def test_another_computer_is_told_what_the_folder_is_for(usb: Path, tmp_path: Path) -> None:
    for each in (usb / "requirements").iterdir():
        each.unlink()
    (usb / "requirements" / "plan9-mips-3.12.txt").touch()
    done = start(usb, tmp_path / "home")
    assert done.returncode == 1
    assert "plan9-mips-3.12" in done.stdout
    assert "Esta computadora es" in done.stdout


def test_what_fails_in_the_installation_stops_it(usb: Path, tmp_path: Path) -> None:
    done = start(usb, tmp_path / "home")  # the pip of this bundle is no wheel
    assert done.returncode == 1
    assert "Something failed" in done.stdout
    assert not (tmp_path / "home" / "ready.txt").exists()


def test_sums_are_those_of_the_files(usb: Path) -> None:
    lines = (usb / bundle.SUMS).read_text(encoding="utf-8").splitlines()
    listed = dict(line.split("  ")[::-1] for line in lines)
    assert listed["start.py"] == hashlib.sha256((usb / "start.py").read_bytes()).hexdigest()
    assert {"LEEME.txt", "README.txt", "manifest.json", f"wheels/{OWN}"} <= set(listed)
