"""Writing results: folders are checked first, files appear whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from trucesim.files.errors import InputError


def output_folder(
    path: Path,
    command: str = "run",
    marks: Collection[str] = ("manifest.json",),
    parts: Collection[str] = (),
) -> Path:
    """Check a folder for results before anything is run.

    Parameters
    ----------
    path : Path
    command : str
        Only earlier results of this command may be written again.
    marks : collection of str
        Files or folders any of which tells them.
    parts : collection of str
        What the command writes before the marks: a folder that holds nothing else is what it left
        when it was interrupted, and may be written again.

    Raises
    ------
    InputError
        A file, or a folder that holds something else: nothing is overwritten.
    """
    if path.exists() and not path.is_dir():
        raise InputError("--out {path}: there is a file of this name; give a folder", path=path)
    held = {each.name for each in path.iterdir()} if path.is_dir() else set()
    held -= {name for name in held if name.startswith(".") and name.endswith(".part")}
    if held and not any((path / mark).exists() for mark in marks) and not held <= set(parts):
        raise InputError(
            "--out {path}: the folder holds other things than results of trucesim; give an empty "
            "or a new one", path=path,
        )  # fmt: skip
    made_by = _command_of(path / "manifest.json")
    if made_by not in (None, command):
        raise InputError(
            "--out {path}: the folder holds results of 'trucesim {made_by}'; give an empty or a "
            "new one", path=path, made_by=made_by,
        )  # fmt: skip
    parent = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise InputError("--out {path}: cannot be written", path=path)
    return path


def _command_of(manifest: Path) -> str | None:
    """Read which command wrote a manifest; None if there is none or it does not say."""
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content.get("command") if isinstance(content, dict) else None


def put_whole(path: Path, save: Callable[[Path], object]) -> Path:
    """Let a function write a file under another name, and rename it once it is on the disk.

    What was at ``path`` stays as it was until then, and whatever fails: the power, too.
    """
    # Hidden and with the process's number: nobody takes it for a result, no two writers share it.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save(temporary)
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path


def put_text(path: Path, text: str) -> Path:
    """Write a text, whole or not at all; lines end alike on every system."""
    return put_whole(path, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))


def _sync(path: Path) -> None:
    """Wait until a file, or a folder's list of files, is on the disk."""
    folder = path.is_dir()
    # Windows opens no folders, and not every file system can wait for one.
    with suppress(OSError) if folder else nullcontext():
        handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def checksum(path: Path) -> str:
    """Digest a file as it is, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write JSON; a number that is not finite is an error."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
