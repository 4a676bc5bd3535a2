"""Writing files: each appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any


def put_whole(path: Path, save: Callable[[Path], object]) -> Path:
    """Let a function write a file under another name, and rename it once it is on the disk.

    What was at ``path`` stays as it was until then, and whatever fails: the power, too.
    """
    # Hidden and with the process's number: nobody takes it for a result, no two writers share it.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save(temporary)
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path


def put_text(path: Path, text: str) -> Path:
    """Write a text, whole or not at all; lines end alike on every system."""
    return put_whole(path, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))


_ONE_VALUE = r"""(?:\[[^]]*\]|"[^"]*"|'[^']*'|[^#\s]+)"""


def with_keys(text: str, table: str, keys: Mapping[str, str]) -> str:
    """Set keys of a table in the text of a TOML file, and leave all else as it is.

    Parameters
    ----------
    text : str
    table : str
        Its name, as in ``[table]``. It is added at the end where there is none.
    keys : dict of str to str
        Values as TOML, by key. They take the place of values on one line, or follow the last key.
    """
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if re.match(r"\s*\[", line)]
    head = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]")
    first = next((number for number in heads if head.match(lines[number])), None)
    if first is None:
        lines += ["", f"[{table}]"]
        first = len(lines) - 1
    end = next((number for number in heads if number > first), len(lines))
    inside = lines[first + 1 : end]
    for key, value in keys.items():
        there = re.compile(rf"(\s*{re.escape(key)}\s*=\s*){_ONE_VALUE}(.*)")
        found = [(number, there.match(line)) for number, line in enumerate(inside)]
        matched = next(((number, match) for number, match in found if match), None)
        if matched is not None:
            inside[matched[0]] = f"{matched[1][1]}{value}{matched[1][2]}"
            continue
        own = [number for number, line in enumerate(inside) if re.match(r"\s*[\w\"']", line)]
        inside.insert(own[-1] + 1 if own else 0, f"{key} = {value}")
    return "\n".join([*lines[: first + 1], *inside, *lines[end:]]) + "\n"


_CONTROLS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def without_controls(text: str) -> str:
    """Leave out control characters but ends of lines and tabs: they would reach a terminal."""
    return text.translate(_CONTROLS)


def sync(path: Path) -> None:
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
