"""Every author and year in code or pages has an entry in the bibliography."""

from __future__ import annotations

import re
from pathlib import Path

from folders import ROOT

BOOK = ROOT / "docs" / "bibliography.md"

CITED = re.compile(
    r"(?:(?:[A-ZÉ][\w'-]+, )*[A-ZÉ][\w'-]+ (?:&|y) )?"
    r"([A-ZÉ][\w'-]+)(?: et al\.)?,? \(?((?:19|20)\d\d)\b(?!-\d)"
)
"""The last name before a year."""

DATES = set(
    "January February March April May June July August September October November December Jan Feb "
    "Mar Apr Jun Jul Aug Sep Oct Nov Dec Until After Before From Since In By Of To The OEA OAS "
    "Censo Homicide Salvador Homicides Homicidios Cliques Clicas Sonsonate Panchimalco Honduras "
    "Guatemala Tenland Until Fig Figure Python Interpeace COD".split()
)
"""What stands before a year and is nobody's name."""


def cited(path: Path) -> set[tuple[str, str]]:
    return named(path.read_text(encoding="utf-8"))


def named(text: str) -> set[tuple[str, str]]:
    text = " ".join(text.replace("’", "'").split())
    return {pair for pair in CITED.findall(text) if pair[0].partition("-")[0] not in DATES}


def entries() -> set[tuple[str, str]]:
    keys = re.findall(r"\*\*([^*]+)\*\*", " ".join(BOOK.read_text(encoding="utf-8").split()))
    return {pair for key in keys for pair in named(key)}


def test_every_author_and_year_has_an_entry() -> None:
    pages = [*(ROOT / "src").rglob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    found: dict[tuple[str, str], str] = {}
    for path in pages:
        if path != BOOK:
            found |= dict.fromkeys(cited(path), path.name)
    assert len(found) > 20
    assert {pair: name for pair, name in found.items() if pair not in entries()} == {}


def test_nothing_is_listed_that_nobody_cites() -> None:
    pages = [*(ROOT / "src").rglob("*"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    pages += [*(ROOT / "experiments").rglob("*.md"), *(ROOT / "experiments").rglob("*.toml")]
    text: set[tuple[str, str]] = set()
    for path in pages:
        if path.suffix in (".py", ".md", ".toml", ".csv") and path != BOOK:
            text |= cited(path)
    assert entries() - text == set()
