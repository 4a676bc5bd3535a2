"""One figure of each kind, from the experiments' tables and synthetic runs, and its texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from folders import EXPERIMENTS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from synthetic import synthetic_results

from trucesim import figures
from trucesim.figures import canvas, experiment, forecast, hindcast, validation
from trucesim.figures.ablation import ablations
from trucesim.figures.experiment import Named
from trucesim.figures.mapping import Side
from trucesim.figures.recovery import recovered
from trucesim.locale.catalogue import by_language, spoken
from trucesim.outcomes import patterns, reductions
from trucesim.outcomes.forecasts import Series
from trucesim.outcomes.grouping import Groups
from trucesim.parameters import PARAMETERS, uncertain
from trucesim.studies.experiment.design import Factor
from trucesim.studies.experiment.discovery import Discovery
from trucesim.world.country import load_country
from trucesim.world.observed import observed
from trucesim.world.periods import parse

OUTCOME = Named("Homicides averted", "homicides")
TITLE = {"en": "The truce of 2012", "es": "La tregua de 2012"}


@cache
def runs(seed: int = 1) -> xr.Dataset:
    return synthetic_results(runs=4, seed=seed)


@cache
def groups() -> Groups:
    """The municipalities of two departments, and the others in no group."""
    country = load_country()
    of = np.where(country.department < 2, country.department, -1)
    return Groups(("west", "centre"), country.codes, country.names, of, country.population)


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_csv(EXPERIMENTS / name)


def _indices(draw: Callable[..., Figure], folder: str, name: str) -> Figure:
    """Draw the first outcome of a sensitivity analysis."""
    frame, chance = (table(f"sensitivity/{folder}/{each}.csv") for each in (name, "chance"))
    outcome = frame["outcome"].iloc[0]
    rows = frame[frame["outcome"] == outcome]
    if name == "regional":
        rows = rows.assign(median_where=0.5, median_elsewhere=0.7)
    names = {
        str(factor): Named(PARAMETERS[factor].label() if factor in PARAMETERS else factor)
        for factor in rows["factor"]
    }
    told = chance[chance["outcome"] == outcome].to_dict("records")[0]
    return draw(rows, names, OUTCOME, TITLE, told)


def _scores() -> Figure:
    names = ("sanction", "inducement", "trust_speed")
    table = pd.DataFrame(
        {
            "factor": names, "score": [0.7, 0.2, 0.1], "loss": [0.9, 0.1, 0.0],
            "told": [True, True, False], "correlation": [0.9, -0.4, 0.1],
        }
    )  # fmt: skip
    called = {name: Named(PARAMETERS[name].label()) for name in names}
    return experiment.scores(table, called, OUTCOME, TITLE, {"skill": 0.83})


def _dependence() -> Figure:
    names = ("sanction", "inducement", "trust_speed", "day")
    factors = {
        name: Factor(name, 0.0, 1.0, "linear", by_language(PARAMETERS[name].label), "1", "x")
        for name in names[:3]
    }
    label = {"en": "Promised funds reach the zones", "es": "Los fondos llegan a los municipios"}
    factors["day"] = Factor("day", 1200.0, 1800.0, "linear", label, "date", "lever")
    shares = np.linspace(0.0, 1.0, 5)
    rows = [
        (name, share, factors[name].value(share), 2000 + 90 * share, 1900.0, 2200.0)
        for name in names for share in shares
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["factor", "share", "value", "mean", "low", "high"])
    return experiment.dependence(table, factors, OUTCOME, TITLE, {})


def _boxes() -> Figure:
    factors = [
        Factor(each.name, each.low, each.high, "linear", {"en": each.name, "es": each.name},
               each.unit, "uncertainty") for each in uncertain()[:3]
    ]  # fmt: skip
    limits = pd.DataFrame(
        [(box, each.name, np.nan, each.high) for box in (1, 2) for each in factors[: box + 1]],
        columns=["box", "factor", "low", "high"],
    )
    found = pd.DataFrame({"box": [1, 2], "runs": 50, "density": 0.8, "coverage": 0.2})
    discovery = Discovery("falls", 1000, 0.2, found, limits, 0.3, 0.05, 0.75, 0.6)
    return experiment.boxes(discovery, factors, OUTCOME, TITLE)


def _effects() -> Figure:
    effect = np.linspace(-40, 90, 12)
    rows = pd.DataFrame(
        {"point": range(12), "effect": effect, "se_paired": 4.0, "p05": effect - 30,
         "p95": effect + 30, "variance_reduction": np.resize([2.5, np.inf, np.nan], 12)}
    )  # fmt: skip
    return experiment.effects(rows, {n: f"Point {n}" for n in range(12)}, "Point 0", OUTCOME)


def _draws() -> Figure:
    draws = {each.name: np.linspace(each.low, each.high, 50) for each in uncertain()[:7]}
    narrower = {name: values[15:25] for name, values in draws.items()}
    widths = dict(zip(draws, (0.2, 0.3, 0.4, 0.6, 0.7, 0.9, 1.0), strict=True))
    return validation.prior_and_posterior(draws, narrower, widths)


def _ablations() -> Figure:
    scores = table("ablations/scores.csv").iloc[:9]
    titles = {name: name.replace("-", " ") for name in scores["ablation"]}
    rows = table("ablations/ablations.csv")
    return ablations(rows[rows["ablation"].isin(titles)], scores, titles, "Ablations", 1000)


def _recovered() -> Figure:
    rows = table("recovery/records.csv")
    return recovered(rows, {name: name.replace("-", " ") for name in rows["case"]}, 20)


def _rolling(draw: Callable[[Any], Figure]) -> Figure:
    rolling = SimpleNamespace(horizons=(1, 3, 6, 12), years=(2011, 2016))
    found = SimpleNamespace(rolling=rolling, forecasts=table("forecast/quantiles.csv"))
    return draw(found)


def _fan() -> Figure:
    record = observed()["recorded_national"].isel(run=0)
    known = record["month"].values.astype("datetime64[M]")
    months, counts = np.arange("2014-07", "2015-07", dtype="datetime64[M]"), record.values * 1.0
    past, seen = known < months[0], np.isin(known, months)
    steps = np.random.default_rng(0).normal(0, 0.1, (200, 12))
    found: Any = SimpleNamespace(
        origin=np.datetime64("2014-06"), months=months, pooled=300 * np.exp(steps.cumsum(axis=1)),
        past=Series(known[past], counts[past]), observed=counts[seen],
        scenario=SimpleNamespace(title=TITLE),
    )  # fmt: skip
    return forecast.fan(found)


KINDS: dict[str, Callable[[], Figure]] = {
    "monthly": lambda: figures.monthly(runs(), observed(), runs(2)),
    "maps": lambda: figures.maps(runs()),
    "reductions": lambda: figures.reductions(reductions.reductions(runs())),
    "patterns": lambda: figures.patterns(patterns.compare(runs())),
    "maps by group": lambda: figures.maps(runs(), None, groups()),
    "differences by group": lambda: figures.group_differences(runs(), runs(2), groups()),
    "differences": lambda: figures.differences(
        Side(runs(), runs(2)), Side(runs(3), runs(4)), parse("2012-03..2013-06")
    ),
    "one difference": lambda: figures.differences(Side(runs(), runs(2)), None, parse("2013")),
    "difference": lambda: figures.difference(runs(), runs(2).assign_attrs(runs().attrs)),
    "months": lambda: validation.months(table("validation/block_months.csv"), TITLE[spoken()]),
    "draws": _draws,
    "screening": partial(_indices, experiment.screening, "morris", "indices"),
    "shares": partial(_indices, experiment.shares, "sobol", "indices"),
    "regional": partial(_indices, experiment.regional, "collapse", "regional"),
    "boxes": _boxes,
    "scores": _scores,
    "dependence": _dependence,
    "effects": _effects,
    "ablations": _ablations,
    "recovered": _recovered,
    "horizons": partial(_rolling, hindcast.horizons),
    "crps": partial(_rolling, hindcast.crps),
    "fan": _fan,
}


def texts_of(figure: Figure) -> list[Text]:
    """Give every text that shows, those of keys and axes included."""
    figure.draw_without_rendering()
    hidden: set[Any] = set()
    for axes in figure.findobj(Axes):
        for axis in (axes.xaxis, axes.yaxis):  # type: ignore[attr-defined]
            shown = (*axis.get_ticklabels(), *axis.get_ticklabels(minor=True), axis.label)
            hidden |= set(axis.findobj(Text)) - set(shown if axes.axison else ())  # type: ignore[attr-defined]
    texts: Any = dict.fromkeys(figure.findobj(Text))
    return [each for each in texts if each.get_visible() and each.get_text() and each not in hidden]


def written(figure: Figure) -> list[str]:
    """Give every text of a figure, each in one line."""
    return [text.get_text().replace("\n", " ") for text in texts_of(figure)]


def lines_of(text: Text, box: Bbox) -> list[tuple[str, Bbox]]:
    """Split a text that begins at the left into its lines."""
    lines = text.get_text().split("\n")
    if len(lines) == 1 or text.get_horizontalalignment() != "left":
        return [(text.get_text(), box)]
    bold = canvas.BOLD if text.get_fontweight() == "bold" else 1.0
    high, scale = box.height / len(lines), bold * canvas.DPI
    wide = [scale * canvas.width_of(line, text.get_fontsize()) for line in lines]
    return [
        (line, Bbox.from_bounds(box.x0, box.y1 - high * row, wide[row - 1], high))
        for row, line in enumerate(lines, 1)
    ]


def check_layout(figure: Figure) -> None:
    """No text leaves the figure or lies on another (marks that stand at data may, slanted may)."""
    texts = texts_of(figure)
    # That of an annotation would hold its arrow.
    boxes = [(text, Text.get_window_extent(text)) for text in texts]
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text
    plain = [
        each
        for text, box in boxes
        if text.get_rotation() in (0, 90)
        and not (isinstance(text, Annotation) and text.xycoords == "data")
        for each in lines_of(text, box)
    ]
    for (text, box), (other, second) in combinations(plain, 2):
        across = min(box.x1, second.x1) - max(box.x0, second.x0)
        along = min(box.y1, second.y1) - max(box.y0, second.y0)
        assert across < 2 or along < 4, (text, other)
