"""Parts of a report in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def table(header: Sequence[str], rows: Sequence[Sequence[object]], words: int) -> str:
    """Write a table whose first columns, ``words`` of them, hold words, and the others numbers."""
    rules = ["---" if column < words else "---:" for column in range(len(header))]
    lines = [header, rules, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def of_frame(frame: pd.DataFrame, words: int | None = None) -> str:
    """Write a DataFrame as it is, numbers to three digits; nothing where there is none.

    So many of the first columns hold ``words``; without a number all stand at the left.
    """
    rows = [
        ["" if value != value else f"{value:.3g}" if isinstance(value, float) else value
         for value in row]
        for row in frame.itertuples(index=False)
    ]  # fmt: skip
    return table(
        [str(name).replace("_", " ") for name in frame],
        rows,
        len(frame.columns) if words is None else words,
    )
