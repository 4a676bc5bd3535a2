"""What is printed reaches any output: of any encoding, closed, or read by nobody."""

from __future__ import annotations

import codecs
import json
import os
import sys
import unicodedata
from typing import Any

LIKE = {
    "−": "-", "–": "-", "—": "-", "…": "...", "·": "*", "•": "*", "→": "->", "≤": "<=", "≥": ">=",
    "×": "x", "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "\u00a0": " ",
    "\u202f": " ", "±": "+-",
}  # fmt: skip
"""What stands for a character that an output cannot hold."""


def _written_otherwise(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_like, error.object[error.start : error.end])), error.end


def _like(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return LIKE.get(character) or plain or "?"


def prepare() -> None:
    """Let the standard streams take every text, and files be written where there are no locks."""
    codecs.register_error("trucesim", _written_otherwise)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif not is_unicode(stream) and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="trucesim")
    # Read by HDF5 when it is loaded: nobody else writes where a result is drafted, and some file
    # systems have no locks.
    os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")


def is_unicode(stream: Any) -> bool:
    """Tell whether a stream holds every text."""
    return (
        str(getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")
    )


def print_json(content: Any) -> None:
    """Print JSON; what an output cannot hold is escaped, so that nothing in it is lost."""
    print(json.dumps(content, indent=1, ensure_ascii=not is_unicode(sys.stdout)))
