"""Parts of a report in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[object]], words: int) -> str:
    """Write a table whose first columns, ``words`` of them, hold words, and the others numbers."""
    rules = ["---" if column < words else "---:" for column in range(len(header))]
    lines = [header, rules, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
