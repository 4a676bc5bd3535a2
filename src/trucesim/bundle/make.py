"""A folder for a USB stick, with which a laptop that never sees the internet runs the workshop.

The folder is made where there is internet: uv chooses the versions that fit the laptop, pip fetches
them as wheels, and nothing is built for them here. `usb/` holds what starts it there. The laptop
needs Python, which is not among the wheels: its installer is put into the folder by hand.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template

from trucesim.files.errors import InputError, Message
from trucesim.files.results import output_folder, seal
from trucesim.files.writing import checksum
from trucesim.version import __version__

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Machine:
    """A kind of laptop.

    Attributes
    ----------
    name : str
        As ``platform.system()`` and ``platform.machine()`` call it there, in lower case.
    resolves : str
        What uv calls it.
    tags : tuple of str
        What wheels for it are tagged with, the newest first.
    """

    name: str
    resolves: str
    tags: tuple[str, ...]


_GLIBC = tuple(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1))

MACHINES = {
    "win": (Machine("windows-amd64", "x86_64-pc-windows-msvc", ("win_amd64",)),),
    "mac": (
        Machine("darwin-arm64", "aarch64-apple-darwin", ("macosx_13_0_arm64",)),
        Machine("darwin-x86_64", "x86_64-apple-darwin", ("macosx_13_0_x86_64",)),
    ),
    "linux": (
        Machine(
            "linux-x86_64", "x86_64-manylinux_2_28",
            (*_GLIBC, "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"),
        ),
    ),
}  # fmt: skip
"""By the name of the platform on the command line."""

PYTHONS = ("3.12", "3.13", "3.14")
"""Versions of Python that a laptop may have."""

DEFAULT_PYTHONS = ("3.12", "3.13")

INSTALLERS = {
    "win": "python-3.13.*-amd64.exe",
    "mac": "python-3.13.*-macos11.pkg",
    "linux": "python3 (3.13)",
}
"""What a laptop without Python is given."""

START = {"win": ("start.bat",), "mac": ("start.command",), "linux": ("start.sh",)}
TEXTS = ("LEEME.txt", "README.txt")
SETTING_UP = "start.py"
SUMS = "SHA256SUMS.txt"
REQUIRED = f"trucesim[workshop]=={__version__}"


@dataclass(frozen=True)
class Bundle:
    """What was made.

    Attributes
    ----------
    folder : Path
    wheels : tuple of str
        Names of the files.
    bytes : int
        Size of the folder.
    needs : str
        What the laptop must have, in words.
    """

    folder: Path
    wheels: tuple[str, ...]
    bytes: int
    needs: str


def make(
    platform: str,
    folder: Path,
    *,
    pythons: Sequence[str] = DEFAULT_PYTHONS,
    wheel: Path | None = None,
    tell: Tell = lambda line: None,
) -> Bundle:
    """Make the folder, whole or not at all.

    Parameters
    ----------
    platform : {'win', 'mac', 'linux'}
    folder : Path
        A new or an empty folder, or an earlier bundle, which is replaced.
    pythons : sequence of str
        Versions of Python that laptops may have, of `PYTHONS`.
    wheel : Path, optional
        trucesim's own wheel. By default it is built from the sources, or put together again from
        the installed package.
    tell : function, optional
        Called with a line for each thing that is done.

    Raises
    ------
    InputError
        Wrong arguments, a folder that holds something else, a missing tool, no internet, or a
        dependency without a wheel for the platform.
    """
    if platform not in MACHINES:
        raise InputError(
            "platform {platform!r}: it must be one of {allowed}", platform=platform,
            allowed=", ".join(MACHINES),
        )  # fmt: skip
    for python in pythons:
        if python not in PYTHONS:
            raise InputError(
                "--python {python}: it must be one of {allowed}", python=python,
                allowed=", ".join(PYTHONS),
            )  # fmt: skip
    folder = output_folder(folder, "bundle").absolute()
    if wheel is not None:
        _check_wheel(wheel)
    for tool in ("uv", "pip"):
        if find_spec(tool) is None:
            raise InputError("a bundle is made with {tool}: install trucesim[bundle]", tool=tool)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        part = Path(name) / folder.name
        wheels = part / "wheels"
        wheels.mkdir(parents=True)
        if wheel is not None:
            shutil.copy(wheel, wheels)
        else:
            own_wheel(wheels, tell)
        for machine in MACHINES[platform]:
            for python in pythons:
                _fetch(machine, python, part, tell)
        written = _write_rest(part, platform, pythons)
        _replace(part, folder)
    return Bundle(folder, *written)


def _fetch(machine: Machine, python: str, part: Path, tell: Tell) -> None:
    """Choose and fetch the wheels of one kind of laptop, and see that they are all there."""
    tell(f"{machine.name}, Python {python}: choosing versions ...")
    pinned = resolve(machine, python, part / "wheels")
    listed = part / "requirements" / f"{machine.name}-{python}.txt"
    listed.parent.mkdir(exist_ok=True)
    listed.write_text("\n".join(pinned) + "\n", encoding="utf-8")
    own = re.compile(r"trucesim(\[|==)")
    others = [line for line in pinned if not own.match(line)]
    tell(f"{machine.name}, Python {python}: fetching {len(others)} wheels ...")
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text("\n".join(others) + "\n", encoding="utf-8")
        _call(
            [
                "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                "--only-binary=:all:", "--implementation=cp", f"--python-version={python}",
                *(f"--platform={tag}" for tag in machine.tags),
                "--dest", str(part / "wheels"), "--requirement", str(wanted),
            ],
            Message(
                "the wheels for {machine}, Python {python}, could not be fetched",
                machine=machine.name, python=python,
            ),
        )  # fmt: skip
    again = resolve(machine, python, part / "wheels", offline=True)
    if set(again) != set(pinned):
        raise InputError(
            "{machine}, Python {python}: the wheels fetched are not those that were chosen: "
            "{differing}", machine=machine.name, python=python,
            differing=", ".join(sorted(set(again) ^ set(pinned))),
        )  # fmt: skip


def resolve(machine: Machine, python: str, wheels: Path, *, offline: bool = False) -> list[str]:
    """Choose a version of everything that a laptop needs.

    Markers are judged for the laptop, not for the machine at hand.

    Parameters
    ----------
    machine : Machine
    python : str
    wheels : Path
        Folder in which trucesim's own wheel lies.
    offline : bool
        Choose among the wheels of that folder alone.

    Returns
    -------
    list of str
        Lines such as ``numpy==2.3.5``.
    """
    with tempfile.TemporaryDirectory() as scratch:
        asked = Path(scratch) / "asked.txt"
        asked.write_text(f"{REQUIRED}\npip\n", encoding="utf-8")
        out = _call(
            [
                "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-config",
                "--only-binary=:all:", f"--python-platform={machine.resolves}",
                f"--python-version={python}", "--python", sys.executable,
                "--find-links", str(wheels), *(["--no-index"] if offline else []), str(asked),
            ],
            Message(
                "{machine}, Python {python}: there is no set of wheels that fit together",
                machine=machine.name, python=python,
            ),
        )  # fmt: skip
    return [line for line in out.splitlines() if re.match(r"[A-Za-z0-9]", line)]


def _call(command: Sequence[str], failed: str) -> str:
    """Run one of the tools as a module of this Python; give what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-6:]
        raise InputError(
            "{failed} (no internet?):\n  {last}", failed=failed, last="\n  ".join(last)
        )
    return done.stdout


def _check_wheel(wheel: Path) -> None:
    fits = re.fullmatch(r"trucesim-([^-]+)-py3-none-any\.whl", wheel.name)
    if not wheel.is_file() or not zipfile.is_zipfile(wheel) or fits is None:
        raise InputError("--wheel {wheel}: not a wheel of trucesim", wheel=wheel)
    if fits[1] != __version__:
        raise InputError(
            "--wheel {wheel}: version {version}, but this is trucesim {own}", wheel=wheel,
            version=fits[1], own=__version__,
        )  # fmt: skip


def own_wheel(folder: Path, tell: Tell = lambda line: None) -> Path:
    """Give trucesim's own wheel: built from the sources, or of the installed package's files.

    Raises
    ------
    InputError
        It could not be built, or the package is neither in its sources nor installed.
    """
    root = Path(__file__).resolve().parents[3]
    if (root / "pyproject.toml").is_file() and (root / "src" / "trucesim").is_dir():
        tell("trucesim: building its wheel ...")
        _call(
            ["pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--wheel-dir", str(folder), str(root)],
            Message("trucesim's own wheel could not be built"),
        )  # fmt: skip
    else:
        tell("trucesim: putting its wheel together ...")
        rewrap(folder)
    made = list(folder.glob("trucesim-*.whl"))
    if len(made) != 1:
        raise InputError("trucesim's own wheel could not be made; give it with --wheel FILE")
    return made[0]


def rewrap(folder: Path) -> Path:
    """Put a wheel together again from the installed package.

    What an installation adds (compiled files, programs, notes of the installer) stays out.

    Raises
    ------
    InputError
        The package is not installed, or some of its files are changed or missing.
    """
    try:
        installed = metadata.distribution("trucesim")
    except metadata.PackageNotFoundError:
        raise InputError("trucesim is not installed; give its wheel with --wheel FILE") from None
    path = folder / f"trucesim-{installed.version}-py3-none-any.whl"
    added = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json"}
    rows = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(installed.files or (), key=str):
            name = each.as_posix()
            info = ".dist-info/" in name
            if name.startswith("..") or "__pycache__" in name or (info and each.name in added):
                continue
            source = Path(str(installed.locate_file(each)))
            content = source.read_bytes() if source.is_file() else b""
            if each.hash is None or each.hash.value != _digest(content):
                raise InputError(
                    "the installed {name} is not what was installed; give trucesim's wheel with "
                    "--wheel FILE", name=name,
                )  # fmt: skip
            archive.writestr(name, content)
            rows.append(f"{name},sha256={_digest(content)},{len(content)}")
        record = next(
            f"{each.parent.as_posix()}/RECORD"
            for each in installed.files or ()
            if each.name == "RECORD"
        )
        archive.writestr(record, "\n".join([*rows, f"{record},,"]) + "\n")
    return path


def _digest(content: bytes) -> str:
    """Digest as a wheel's RECORD writes it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _write_rest(
    part: Path, platform: str, pythons: Sequence[str]
) -> tuple[tuple[str, ...], int, str]:
    """Write what starts it, the instructions and the list of checksums."""
    source = files("trucesim") / "bundle" / "usb"
    several = " / ".join(pythons)
    values = {
        "version": __version__,
        "pythons": several,
        "versions": " ".join(pythons),
        "installer": INSTALLERS[platform].replace("3.13", pythons[-1]),
        "start": START[platform][0],
    }
    for name in (*START[platform], SETTING_UP, *TEXTS):
        text = (source / name).read_text(encoding="utf-8")
        if name in TEXTS:
            text = _only(text, platform)
        if name != SETTING_UP:
            text = Template(text).substitute(values)
        # Notepad and cmd read nothing else; a shell reads nothing else either.
        end = "\r\n" if platform == "win" or name in TEXTS else "\n"
        mark = "\ufeff" if name in TEXTS else ""
        (part / name).write_text(mark + text, encoding="utf-8", newline=end)
        if name.startswith("start."):
            (part / name).chmod(0o755)
    (part / "python").mkdir()
    (part / "python" / "AQUI-PYTHON.txt").write_text(
        f"{values['installer']}\nhttps://www.python.org/downloads/\n", encoding="utf-8"
    )
    wheels = tuple(sorted(each.name for each in (part / "wheels").iterdir()))
    needs = {
        "win": f"64-bit Windows 10 or later with Python {several}",
        "mac": f"macOS 13 or later with Python {several}",
        "linux": f"64-bit Linux (glibc 2.28 or later) with Python {several}",
    }[platform]
    seal(part, {"command": "bundle", "trucesim": __version__, "platform": platform,
                "needs": needs, "wheels": list(wheels)})  # fmt: skip
    paths = sorted(each for each in part.rglob("*") if each.is_file())
    lines = [f"{checksum(each)}  {each.relative_to(part).as_posix()}\n" for each in paths]
    (part / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
    return wheels, sum(each.stat().st_size for each in paths), needs


def _only(text: str, platform: str) -> str:
    """Keep the lines for a platform: those between ``[win]`` and ``[/win]``, and all outside."""
    for each in MACHINES:
        block = re.compile(rf"^\[{each}\]\n(.*?)^\[/{each}\]\n", re.MULTILINE | re.DOTALL)
        text = block.sub(r"\1" if each == platform else "", text)
    return text


def _replace(part: Path, folder: Path) -> None:
    """Put a finished folder in its place; the earlier one goes only then."""
    if folder.exists():
        earlier = part.parent / "earlier"
        os.replace(folder, earlier)
        try:
            os.replace(part, folder)
        except OSError:
            os.replace(earlier, folder)
            raise
    else:
        os.replace(part, folder)


def check(folder: Path) -> Iterable[str]:
    """Name the files of a bundle that are missing or not what they were."""
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        if not (folder / name).is_file() or checksum(folder / name) != digest:
            yield name
