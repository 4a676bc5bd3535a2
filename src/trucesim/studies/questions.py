"""Questions that people ask of the truce, each a pair of cases, and their stored answers."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from trucesim.files.reading import shipped_directory
from trucesim.locale.catalogue import spoken
from trucesim.locale.texts import say
from trucesim.outcomes.effects import ALL_YEARS, NATIONAL
from trucesim.scenario.file import default_scenario, load_scenario, recorded, shipped
from trucesim.studies.effects import OWN
from trucesim.world import calendar
from trucesim.world.folder import HOME, here

RECORD = "truce-2012"
"""What happened in El Salvador: the case that its questions change."""


class Question(NamedTuple):
    """A question.

    Attributes
    ----------
    name : str
        Its text is ``question.NAME`` among the texts.
    b : str
        The shipped scenario that answers it, beside `RECORD`.
    then : str
        The question to ask next.
    """

    name: str
    b: str
    then: str


QUESTIONS: dict[str, Question] = {
    each.name: each
    for each in (
        Question("guarantor", "guarantor-stays", "funds"),
        Question("funds", "funds-arrive", "extension"),
        Question("extension", "zones-extended-to-neighbours", "guarantor"),
        Question("no-truce", "no-truce", "extension"),
    )
}
"""Those put to El Salvador's truce, in the order in which they are offered."""

MOST_OFFERED = 5


def standing() -> str:
    """Name case A, which questions change: what happened, in the country that is spoken of.

    Raises
    ------
    InputError
        The country has no scenarios.
    """
    return recorded()[0] if recorded() else default_scenario()


def turning() -> dt.date:
    """Give the day of case A's first order; if it has none, three years from the start."""
    order = load_scenario(standing()).first_order
    return order or calendar.START.replace(year=calendar.START.year + 3)


def offered() -> dict[str, Question]:
    """Give the questions that are offered: of another country, its own scenarios beside case A."""
    if here() == HOME:
        return QUESTIONS
    names = [name for name in shipped() if name != standing()][:MOST_OFFERED]
    after = [*names[1:], *names[:1]]
    return {name: Question(name, name, then) for name, then in zip(names, after, strict=True)}


def asked(name: str) -> str:
    """Say a question."""
    if here() == HOME:
        return say(f"question.{name}")
    return str(load_scenario(name).title[spoken()])


def first_cases() -> tuple[str, str]:
    """Name the two cases that a page starts with."""
    first = next(iter(offered().values()), None)
    return standing(), standing() if first is None else first.b


STORED = shipped_directory("experiments") / "what-ifs-from-the-record"
"""Where the answers to all shipped what-ifs are, if this copy has them."""


@cache
def stored(folder: Path = STORED) -> pd.DataFrame:
    """Give the stored answers of all shipped what-ifs, those that avert most first.

    Parameters
    ----------
    folder : Path
        Of a `trucesim compare` with several cases.

    Returns
    -------
    pandas.DataFrame
        One row a case, of all years and the whole country: ``b``; ``mean``, ``se``, ``low``,
        ``high`` of the difference (positive where B has fewer homicides), ``of_a`` (A's
        homicides), ``fewer`` and ``equal`` (shares of runs); ``parameter`` that it hangs on most
        and ``known`` (what the record adds to its prior), empty where none is told. No rows where
        this copy comes without them.
    """
    try:
        regions = pd.read_csv(folder / "regions.csv", dtype={"period": str})
        hangs = pd.read_csv(folder / "hangs_on.csv")
    except FileNotFoundError:
        return pd.DataFrame()
    whole = regions[
        (regions["a"] == RECORD)
        & (regions["region"] == NATIONAL)
        & (regions["period"] == ALL_YEARS)
        & (regions["treatment"] == OWN)
    ]
    most = hangs[hangs["told"]].drop_duplicates("b").set_index("b")[["parameter", "known"]]
    table = pd.DataFrame(
        {
            "b": whole["b"],
            "mean": whole["difference_mean"],
            "se": whole["difference_se"],
            "low": whole["difference_p05"],
            "high": whole["difference_p95"],
            "of_a": whole["a_mean"],
            "fewer": whole["share_b_fewer"],
            "equal": whole["share_equal"],
        }
    ).join(most, on="b")
    table = table.fillna({"parameter": "", "known": ""})
    return table.sort_values("mean", ascending=False).reset_index(drop=True)
