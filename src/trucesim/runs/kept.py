"""Pieces of long work, a JSON file each: what is there and was made the same way is used again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from trucesim.files.writing import put_whole, write_json
from trucesim.runs.store import told_if_full


def key_of_piece(content: Sequence[Any]) -> str:
    """Digest all that determines a piece."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def keep(content: Mapping[str, Any], key: str, path: Path) -> None:
    """Write a piece; it appears whole or not at all.

    Raises
    ------
    StoreError
        The disk is full.
    """
    with told_if_full(path.parent):
        put_whole(path, partial(write_json, {"key": key, **content}))


def kept[T](path: Path, key: str, read: Callable[[dict[str, Any]], T]) -> T | None:
    """Read a piece; None where there is none, or none that is whole and made the same way."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return read(content) if content.pop("key") == key else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
