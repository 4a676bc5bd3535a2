"""Figures of experiments: what is on them, in both languages, and that nothing overlaps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from drawings import written
from matplotlib.figure import Figure
from spoken import in_language

from trucesim.figures import experiment
from trucesim.figures.experiment import Named
from trucesim.files.errors import InputError
from trucesim.locale.catalogue import by_language
from trucesim.parameters import uncertain
from trucesim.studies.experiment.design import Factor
from trucesim.studies.experiment.discovery import Discovery

FACTORS = [
    Factor(
        each.name, each.low, each.high, "log" if each.prior == "log-uniform" else "linear",
        by_language(each.label), each.unit, "uncertainty",
    )
    for each in uncertain()
]  # fmt: skip
FACTORS.append(
    Factor("isolated", 1247.0, 2240.0, "linear", {"en": "Leaders isolated again",
           "es": "Jefes aislados de nuevo"}, "date", "lever")
)  # fmt: skip
NAMES = {factor.name: Named(factor.label["es"], factor.unit) for factor in FACTORS}
"""In Spanish, which is longer."""
OUTCOME = Named("Reduction against no truce", "%")
SCENARIO = {"en": "The truce of 2012", "es": "La tregua de 2012"}
CHANCE = {"chance": 0.3, "chance_in_means": 0.04, "replicates": 8.0, "where": 40, "elsewhere": 160}
# Dates and the longest names come first: they must fit.
ORDER = sorted(NAMES, key=lambda name: (name != "isolated", -len(NAMES[name].label)))


def screened() -> pd.DataFrame:
    star = np.linspace(12, 0.1, len(ORDER))
    sign = np.resize([1.0, -1.0, 0.2], len(ORDER))
    return pd.DataFrame(
        {"factor": ORDER, "mu": sign * star, "mu_star": star, "low": 0.7 * star,
         "high": 1.3 * star, "sigma": star[::-1] / 2, "by_chance": 0.4}
    )  # fmt: skip


def shared() -> pd.DataFrame:
    total = np.geomspace(0.5, 0.005, len(ORDER))
    frame = pd.DataFrame({"factor": ORDER, "first": 0.9 * total, "total": total})
    for name in ("first", "total"):
        frame[f"{name}_low"], frame[f"{name}_high"] = frame[name] - 0.08, frame[name] + 0.08
    return frame


def distances() -> pd.DataFrame:
    distance = np.linspace(0.6, 0.02, len(FACTORS))
    return pd.DataFrame(
        {"factor": ORDER, "distance": distance, "p_value": 0.001, "p_adjusted": 0.2 - distance / 3,
         "median_where": 1500.0, "median_elsewhere": 1750.0}
    )  # fmt: skip


def discovery(boxes: int = 3, skill: float = 0.3) -> Discovery:
    limits = pd.DataFrame(
        [(n, name, np.nan if n % 2 else NAMED[name].low, NAMED[name].high)
         for n in range(1, boxes + 1) for name in ORDER[:n]],
        columns=["box", "factor", "low", "high"],
    )  # fmt: skip
    table = pd.DataFrame(
        {"box": range(1, boxes + 1), "runs": 50, "density": 0.8, "coverage": 0.2}
    )  # fmt: skip
    return Discovery("falls", 1000, 0.2, table, limits, skill, 0.05, 0.75, 0.6)


NAMED = {factor.name: factor for factor in FACTORS}
POINTS = {n: f"Leaders isolated: 2013-{n:02d}-01, Repression: {n}" for n in range(13)}


def compared(points: int = 12) -> pd.DataFrame:
    effect = np.linspace(-40, 90, points)
    return pd.DataFrame(
        {"point": range(1, points + 1), "effect": effect, "se_paired": 4.0, "p05": effect - 30,
         "p95": effect + 30, "variance_reduction": np.resize([2.5, 14.0, np.inf, np.nan], points)}
    )  # fmt: skip


DRAWN: dict[str, Callable[[str], Figure]] = {
    "screening": lambda lang: in_language(
        lang, experiment.screening, screened(), NAMES, OUTCOME, SCENARIO, CHANCE
    ),
    "shares": lambda lang: in_language(
        lang, experiment.shares, shared(), NAMES, OUTCOME, SCENARIO, CHANCE
    ),
    "regional": lambda lang: in_language(
        lang, experiment.regional, distances(), NAMES, OUTCOME, SCENARIO, CHANCE
    ),
    "boxes": lambda lang: in_language(
        lang, experiment.boxes, discovery(), FACTORS, OUTCOME, SCENARIO
    ),
    "effects": lambda lang: in_language(
        lang, experiment.effects, compared(), POINTS, POINTS[0], OUTCOME
    ),
}


def test_ten_are_shown_and_the_rest_is_summed_up() -> None:
    figure = DRAWN["screening"]("en")
    texts = written(figure)
    assert [text.get_text() for text in figure.axes[1].texts] == [str(n) for n in range(1, 11)]
    most = screened()["mu_star"].iloc[10]
    assert f"{len(screened()) - 10} others, at most {most:.3g} each" in texts
    rest = shared()["first"].iloc[10:].sum()
    assert f"{100 * rest:.0f}%" in written(DRAWN["shares"]("en"))


def test_chance_is_told() -> None:
    for name in ("screening", "shares"):
        foot = " ".join(written(DRAWN[name]("en")))
        assert "Chance is 30% of the variance of single runs and 4.0% of that of the means" in foot
    alone = CHANCE | {"chance": np.nan, "chance_in_means": np.nan}
    figure = experiment.shares(shared(), NAMES, OUTCOME, SCENARIO, alone)
    assert "chance cannot be told" in " ".join(written(figure))


def test_boxes_say_whether_they_hold() -> None:
    held = " ".join(written(DRAWN["boxes"]("en")))
    assert "On runs the tree had not seen: in 75% of the runs in boxes" in held
    weak = experiment.boxes(discovery(skill=0.02), FACTORS, OUTCOME, SCENARIO)
    assert "these boxes may be chance" in " ".join(written(weak))
    none = experiment.boxes(discovery(0), FACTORS, OUTCOME, SCENARIO)
    assert "No combination was found" in " ".join(written(none))


def test_effects_have_their_error_and_what_pairing_saves() -> None:
    texts = written(DRAWN["effects"]("en"))
    assert "−40.0 ± 7.8" in texts
    assert {"2.5×", "14×", "> 1,000×"} <= set(texts)
    many = experiment.effects(compared(30), dict.fromkeys(range(31), "x"), "x", OUTCOME)
    assert "6 more points are in the table." in written(many)


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(InputError, match="no column 'sigma'"):
        experiment.screening(
            screened().drop(columns="sigma"), NAMES, OUTCOME, SCENARIO, CHANCE
        )  # fmt: skip
    flat = shared().assign(total=np.nan)
    with pytest.raises(InputError, match="does not vary"):
        experiment.shares(flat, NAMES, OUTCOME, SCENARIO, CHANCE)
