"""Writing results: folders are checked first, files appear whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from trucesim.files.errors import InputError


def output_folder(
    path: Path, command: str = "run", mark: str = "manifest.json", parts: Collection[str] = ()
) -> Path:
    """Check a folder for results before anything is run.

    Parameters
    ----------
    path : Path
    command : str
        Only earlier results of this command may be written again.
    mark : str
        A file that tells them.
    parts : collection of str
        What the command writes before the mark: a folder that holds nothing else is what it left
        when it was interrupted, and may be written again.

    Raises
    ------
    InputError
        A file, or a folder that holds something else: nothing is overwritten.
    """
    if path.exists() and not path.is_dir():
        raise InputError(f"--out {path}: there is a file of this name; give a folder")
    held = {each.name for each in path.iterdir()} if path.is_dir() else set()
    held -= {name for name in held if name.startswith(".") and name.endswith(".part")}
    if held and not (path / mark).is_file() and not held <= set(parts):
        raise InputError(
            f"--out {path}: the folder holds other things than results of trucesim; "
            "give an empty or a new one"
        )
    made_by = _command_of(path / "manifest.json")
    if made_by not in (None, command):
        raise InputError(
            f"--out {path}: the folder holds results of 'trucesim {made_by}'; "
            "give an empty or a new one"
        )
    parent = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise InputError(f"--out {path}: cannot be written")
    return path


def _command_of(manifest: Path) -> str | None:
    """Read which command wrote a manifest; None if there is none or it does not say."""
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content.get("command") if isinstance(content, dict) else None


def put_whole(path: Path, save: Callable[[Path], object]) -> Path:
    """Let a function write a file under another name, and rename it once it is complete.

    What was at ``path`` stays as it was until then, and whatever fails.
    """
    # Hidden and with the process's number: nobody takes it for a result, no two writers share it.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save(temporary)
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write JSON; a number that is not finite is an error."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
