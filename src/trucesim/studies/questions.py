"""Questions that people ask of the truce, each a pair of cases, and their stored answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from trucesim.files.reading import shipped_directory
from trucesim.outcomes.effects import ALL_YEARS, NATIONAL
from trucesim.studies.effects import OWN

RECORD = "truce-2012"
"""What happened: the case that questions change."""


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
"""In the order in which they are offered."""

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
