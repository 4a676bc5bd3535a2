"""Sources as people in a room are told them: by name and date, without names of files and codes."""

from __future__ import annotations

import datetime as dt
import re

from trucesim.locale.language import date, month
from trucesim.locale.texts import say
from trucesim.outcomes.patterns import REGISTRY, label

FILES = {
    "timeline.csv": "timeline",
    "orders.csv": "orders",
    "homicides_days.csv": "days",
    "departments_2010.csv": "of_2010",
    "departments_later.csv": "later",
    "gangs_and_forces.csv": "forces",
    "homicides_periods.csv": "periods",
    "gang_members_by_city_2010.csv": "by_city",
}
"""Files that sources name, each with the key of what it is."""

CODE = r"(?:EVIDENCE [\d.]+(?: \([^)]*\))?|data/README)"
"""The place of a source among the evidence, with its grade."""


def told_of(source: str) -> str:
    """Write a source for people.

    Parameters
    ----------
    source : str
        As it is declared, in the language that is spoken.
    """
    if re.fullmatch(CODE, source):
        return say("source.counts")
    for pattern in (rf"^{CODE}: ", rf"[,;] {CODE}$", rf" \({CODE}\)"):
        source = re.sub(pattern, "", source)
    source = re.sub(CODE, say("source.evidence"), source)
    for name, key in FILES.items():
        source = source.replace(name, say(f"source.{key}"))
    source = re.sub(r"\d{4}-\d\d-\d\d", lambda day: date(dt.date.fromisoformat(day[0])), source)
    source = re.sub(
        r"\b\d{4}-[01]\d\b(?!-)", lambda day: month(dt.date.fromisoformat(f"{day[0]}-01")), source
    )
    return re.sub(r"[^,;:]* ([a-z]+(?:_[a-z]+)+)", _fitted, source)


def _fitted(found: re.Match[str]) -> str:
    """Say which quantity a parameter was fitted to."""
    return say("source.fitted", pattern=label(found[1])) if found[1] in REGISTRY else found[0]
