"""Figures of experiments: what an outcome hangs on, where it happens, and effects of points.

What their functions share: `names` says what each factor is called, `outcome` what the outcome is
called, `scenario` is a scenario's title by language, and `chance` how much is chance, as
`trucesim.studies.experiment.sensitivity.chance` gives it.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trucesim.figures import canvas
from trucesim.figures.axes import Column, beside, group_rows, head_rows, name_rows, number_axis
from trucesim.figures.canvas import BAND_50, BAND_90, BLUE, FINE, GREY, INK, RULE, VERMILION, mark
from trucesim.files.errors import InputError
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken, translated
from trucesim.outcomes.registry import quantity

if TYPE_CHECKING:
    from trucesim.studies.experiment.design import Factor
    from trucesim.studies.experiment.discovery import Discovery

MOST = 10
"""Factors that are shown one by one; the others are summed up."""

TEXT = catalogue(
    {
        "screening.title": "{outcome}",
        "screening.subtitle": "What it hangs on: mean effect of each factor over its whole range "
        "(Morris), 95% interval  ·  {scenario}",
        "screening.axis": "Mean size of the effect, μ*{unit}",
        "screening.up": "raises it",
        "screening.down": "lowers it",
        "screening.both": "both ways",
        "screening.chance": "by chance alone",
        "screening.rest": "{n} others, at most {most} each",
        "screening.spread": "Spread of effects, σ, against μ*",
        "screening.spread.note": "Above the line effects differ more\nthan they weigh: "
        "interaction,\ncurvature or chance",
        "shares.title": "{outcome}",
        "shares.subtitle": "What it hangs on: shares of its variance (Sobol), 95% interval  ·  "
        "{scenario}",
        "shares.first": "alone (first)",
        "shares.total": "with others (total)",
        "shares.alone": "alone",
        "shares.together": "total",
        "shares.rest": "{n} others, alone together",
        "shares.sum": "All {n} alone together: {sum}. What is missing from 100% comes of factors "
        "acting together.",
        "chance": "Chance is {single} of the variance of single runs and {means} of that of the "
        "means over {replicates} runs that is shared out here.",
        "chance.none": "One run a point: chance cannot be told from the factors.",
        "scores.title": "{outcome}",
        "scores.subtitle": "What it hangs on: share of what a forest of trees gains from each "
        "factor  ·  {scenario}",
        "scores.lost": "lost\nwithout",
        "scores.rest": "{n} others together",
        "scores.seen": "On points that it had not seen the forest tells {skill} of the variance of "
        "the means. Lost without: by how much this falls where the factor is shuffled.",
        "scores.fails": "On points that it had not seen the forest tells nothing (R² {skill}): "
        "these scores may be chance.",
        "scores.chance": "within chance",
        "dependence.title": "{outcome}",
        "dependence.subtitle": "How it goes with a factor, all others as they are (partial "
        "dependence){unit}  ·  {scenario}",
        "dependence.mean": "mean of the trees",
        "dependence.most": "90% of trees",
        "regional.title": "{outcome}",
        "regional.subtitle": "What differs: distance between the distributions of a factor where "
        "it happens and elsewhere  ·  {scenario}",
        "regional.axis": "Largest distance (Kolmogorov-Smirnov), 0 to 1",
        "regional.medians": "median there / elsewhere",
        "regional.real": "beyond chance (false discovery rate 5%)",
        "regional.chance": "within chance",
        "regional.points": "{where} points where it happens in half of the runs or more, "
        "{elsewhere} others",
        "boxes.title": "{outcome}",
        "boxes.subtitle": "In which combinations: boxes of a classification tree; it happens in "
        "{base} of all runs  ·  {scenario}",
        "boxes.box": "Box {n}: in {density} of its runs, {coverage} of all cases",
        "boxes.more": "Less dense boxes in the table: {n}.",
        "boxes.none": "No combination was found in which it happens more often.",
        "boxes.seen": "On runs the tree had not seen: in {density} of the runs in boxes, "
        "{coverage} of all cases; skill {skill} ± {error}.",
        "boxes.fails": "On runs the tree had not seen it tells no more than the overall share "
        "(skill {skill} ± {error}): these boxes may be chance.",
        "effects.title": "{outcome}",
        "effects.subtitle": "Effect: difference from “{baseline}”, run by run{unit}",
        "effects.mean": "mean, 95% interval",
        "effects.most": "90% of runs",
        "effects.gain": "pairing\nsaves",
        "effects.more": "{n} more points are in the table.",
    }
)


class Named(NamedTuple):
    """What an outcome or a factor is called, and its unit."""

    label: str
    unit: str = "1"


LEADING = 0.34
"""Inches of a row."""


@canvas.styled
def screening(
    indices: pd.DataFrame,
    names: Mapping[str, Named],
    outcome: Named,
    scenario: Mapping[str, str],
    chance: Mapping[Any, Any],
) -> Figure:
    """Draw Morris' ranking with intervals and, beside it, how much effects vary.

    Parameters
    ----------
    indices : pandas.DataFrame
        As `trucesim.studies.experiment.sensitivity.screen` gives it.
    """
    canvas.check_columns(indices, ("factor", "mu", "mu_star", "low", "high", "sigma"), "indices")
    shown, rest = indices.iloc[:MOST], indices.iloc[MOST:]
    by_chance = mark(INK, "|", 9)
    key = [(TEXT[f"screening.{name}"], mark(color)) for name, color in DIRECTIONS.items()]
    if shown["by_chance"].notna().any():
        key.append((TEXT["screening.chance"], by_chance))
    figure = _begin("screening", outcome, scenario, len(shown) + 1, key, _chance(chance))
    axes, spread = figure.subplots(1, 2, width_ratios=[1.4, 1])
    labels = [
        f"{n:\N{FIGURE SPACE}>2}  {names[factor].label}"
        for n, factor in enumerate(shown["factor"], 1)
    ]
    if len(rest):
        most = float(rest["mu_star"].max())
        labels.append(TEXT["screening.rest"].format(n=len(rest), most=language.short(most)))
        axes.hlines(len(shown), 0, most, color=FINE, linewidth=5, zorder=3)
    at = name_rows(axes, labels)[: len(shown)]
    colours = [DIRECTIONS[_direction(row)] for row in shown.to_dict("records")]
    axes.hlines(at, shown["low"], shown["high"], colours, linewidth=5, alpha=0.35, zorder=3)
    axes.scatter(shown["mu_star"], at, 36, colours, linewidth=0, zorder=4)
    axes.plot(shown["by_chance"], at, zorder=5, **by_chance)
    high = float(np.nanmax([shown["high"].max(), shown["by_chance"].max(), 1e-12]))
    number_axis(axes, "x", 0, 1.06 * high)
    axes.set_xlabel(TEXT["screening.axis"].format(unit=_unit(outcome)), loc="left")
    _draw_spread(spread, shown, colours)
    return figure


def _draw_spread(axes: Axes, shown: pd.DataFrame, colours: Sequence[str]) -> None:
    """Draw sigma against mu*, each factor by its number in the ranking."""
    reach = 1.12 * float(shown[["mu_star", "sigma"]].to_numpy().max() or 1.0)
    axes.set(box_aspect=1, anchor="NE")
    axes.plot([0, reach], [0, reach], color=FINE, linewidth=0.8, zorder=1)
    for which in ("x", "y"):
        number_axis(axes, which, 0, reach, steps=4)
    for number, (place, colour) in enumerate(
        zip(zip(shown["mu_star"], shown["sigma"], strict=True), colours, strict=True), 1
    ):
        axes.annotate(
            str(number), place, ha="center", va="center_baseline", fontsize=8, color="white",
            fontweight="bold", zorder=6 - number / 100,
            bbox={"boxstyle": "circle,pad=0.22", "facecolor": colour, "edgecolor": "white",
                  "linewidth": 0.7},
        )  # fmt: skip
    axes.set_title(TEXT["screening.spread"], fontsize=9)
    axes.set_xlabel(TEXT["screening.spread.note"], loc="left", fontsize=8, labelpad=6)


DIRECTIONS = {"up": BLUE, "down": VERMILION, "both": GREY}


def _direction(row: Mapping[Any, Any]) -> str:
    """Tell whether a factor raises an outcome, lowers it or goes both ways."""
    if abs(row["mu"]) < 0.5 * row["mu_star"]:
        return "both"
    return "up" if row["mu"] > 0 else "down"


@canvas.styled
def shares(
    indices: pd.DataFrame,
    names: Mapping[str, Named],
    outcome: Named,
    scenario: Mapping[str, str],
    chance: Mapping[Any, Any],
) -> Figure:
    """Draw Sobol's first and total indices with their intervals.

    Parameters
    ----------
    indices : pandas.DataFrame
        As `trucesim.studies.experiment.sensitivity.decompose` gives it.
    """
    columns = [f"{name}{end}" for name in ("first", "total") for end in ("", "_low", "_high")]
    canvas.check_columns(indices, ("factor", *columns), "indices")
    if indices["total"].isna().all():
        raise InputError("the outcome does not vary; there are no shares to draw")
    shown, rest = indices.iloc[:MOST], indices.iloc[MOST:]
    colours = {"first": BLUE, "total": BAND_50}
    total = language.percent(100 * float(indices["first"].sum()))
    figure = _begin(
        "shares", outcome, scenario, len(shown) + 1,
        [(TEXT[f"shares.{name}"], mark(color, "s")) for name, color in colours.items()],
        TEXT["shares.sum"].format(n=len(indices), sum=total) + " " + _chance(chance),
    )  # fmt: skip
    axes = figure.add_subplot()
    labels = [names[factor].label for factor in shown["factor"]]
    cells = {name: [language.percent(100 * share) for share in shown[name]] for name in colours}
    if len(rest):
        labels.append(TEXT["shares.rest"].format(n=len(rest)))
        cells["first"].append(language.percent(100 * float(rest["first"].sum())))
        cells["total"].append("")
    at = name_rows(
        axes, labels,
        [Column(TEXT["shares.alone"], cells["first"], "bold"),
         Column(TEXT["shares.together"], cells["total"])],
    )[: len(shown)]  # fmt: skip
    for name, up in (("total", 0.2), ("first", -0.2)):
        axes.barh(at + up, shown[name].clip(lower=0), 0.3, color=colours[name], zorder=3)
        axes.hlines(
            at + up, shown[f"{name}_low"], shown[f"{name}_high"], INK, linewidth=0.9, zorder=4
        )
    low = float(shown[["first_low", "total_low"]].min().min())
    high = max(float(shown[["first_high", "total_high"]].max().max()), 0.05)
    number_axis(axes, "x", low, high, 6, lambda tick: language.percent(100 * tick), zero=True)
    return figure


@canvas.styled
def scores(
    table: pd.DataFrame,
    names: Mapping[str, Named],
    outcome: Named,
    scenario: Mapping[str, str],
    counts: Mapping[Any, Any],
) -> Figure:
    """Draw feature scores, and what is lost without a factor.

    Parameters
    ----------
    table : pandas.DataFrame
        As `trucesim.studies.experiment.continuous.scores` gives it.
    counts : mapping
        ``skill`` on points not seen.
    """
    canvas.check_columns(table, ("factor", "score", "loss", "told", "correlation"), "scores")
    shown, rest = table.iloc[:MOST], table.iloc[MOST:]
    skill = float(counts["skill"])
    note = (
        TEXT["scores.seen"].format(skill=_share(skill))
        if skill > 0
        else TEXT["scores.fails"].format(skill=language.number(skill, 2))
    )
    key = [(TEXT[f"screening.{name}"], mark(color, "s")) for name, color in DIRECTIONS.items()
           if name != "both"]  # fmt: skip
    key.append((TEXT["scores.chance"], mark(FINE, "s")))
    figure = _begin("scores", outcome, scenario, len(shown) + 1, key, note)
    axes = figure.add_subplot()
    labels = [names[factor].label for factor in shown["factor"]]
    cells = [language.percent(100 * score) for score in shown["score"]]
    lost = [language.number(loss, 2) for loss in shown["loss"]]
    if len(rest):
        labels.append(TEXT["scores.rest"].format(n=len(rest)))
        cells.append(language.percent(100 * float(rest["score"].sum())))
        lost.append("")
    at = name_rows(
        axes, labels,
        [Column("", cells, "bold"), Column(TEXT["scores.lost"], lost, color=GREY)],
    )[: len(shown)]  # fmt: skip
    colours = [
        FINE if not told else DIRECTIONS["up" if rho > 0 else "down"]
        for told, rho in zip(shown["told"], shown["correlation"], strict=True)
    ]
    axes.barh(at, shown["score"], 0.34, color=colours, zorder=3)
    high = 1.06 * float(shown["score"].max())
    number_axis(axes, "x", 0, high, 6, lambda tick: language.percent(100 * tick))
    return figure


@canvas.styled
def dependence(
    table: pd.DataFrame,
    factors: Mapping[str, Factor],
    outcome: Named,
    scenario: Mapping[str, str],
    counts: Mapping[Any, Any],
) -> Figure:
    """Draw the partial dependence of an outcome on factors, a panel each on one scale.

    Parameters
    ----------
    table : pandas.DataFrame
        As `trucesim.studies.experiment.continuous.dependence` gives it.
    counts : mapping
        ``mean`` of the outcome.
    """
    canvas.check_columns(table, ("factor", "value", "mean", "low", "high"), "dependence")
    shown = list(dict.fromkeys(table["factor"]))
    columns = min(len(shown), 3)
    rows = math.ceil(len(shown) / columns)
    figure = canvas.new_figure(
        TEXT["dependence.title"].format(outcome=outcome.label),
        TEXT["dependence.subtitle"].format(
            unit=_unit(outcome) if outcome.unit != "%" else ", %", scenario=scenario[spoken()]
        ),
        1.9 + 2.6 * rows,
        key=[(TEXT["dependence.mean"], mark(BLUE)), (TEXT["dependence.most"], mark(BAND_90, "s"))],
    )  # fmt: skip
    low, high = float(table["low"].min()), float(table["high"].max())
    low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
    grid = figure.subplots(rows, columns, squeeze=False, gridspec_kw={"hspace": 0.2})
    for place, axes in enumerate(grid.flat):
        if place >= len(shown):
            axes.set_axis_off()
            continue
        factor = factors[shown[place]]
        mine = table[table["factor"] == factor.name]
        axes.fill_between(mine["share"], mine["low"], mine["high"], color=BAND_90, linewidth=0)
        axes.plot(mine["share"], mine["mean"], color=BLUE, linewidth=1.8)
        number_axis(axes, "y", low, high, steps=4)
        axes.set(xlim=(0, 1), xticks=[0, 1])
        ends = [quantity(end, "date" if factor.unit == "date" else "1")
                for end in (factor.low, factor.high)]  # fmt: skip
        axes.set_xticklabels(ends)
        for label, side in zip(axes.get_xticklabels(), ("left", "right"), strict=True):
            label.set_horizontalalignment(side)
        said = textwrap.wrap(factor.label[spoken()], 34)
        axes.set_title("\n".join(said[:2]) + ("…" if len(said) > 2 else ""), fontsize=9)
    return figure


@canvas.styled
def regional(
    table: pd.DataFrame,
    names: Mapping[str, Named],
    outcome: Named,
    scenario: Mapping[str, str],
    counts: Mapping[Any, Any],
) -> Figure:
    """Draw how far apart factors lie where something happens and where it does not.

    Parameters
    ----------
    table : pandas.DataFrame
        As `trucesim.studies.experiment.discovery.regional` gives it.
    counts : mapping
        ``where`` it happens and ``elsewhere``: points.
    """
    shown = table.iloc[:MOST]
    key = [(TEXT["regional.real"], mark(BLUE, "s")), (TEXT["regional.chance"], mark(FINE, "s"))]
    note = TEXT["regional.points"].format(
        **{name: language.number(int(counts[name])) for name in ("where", "elsewhere")}
    )
    figure = _begin("regional", outcome, scenario, len(shown), key, note)
    axes = figure.add_subplot()
    cells = []
    for row in shown.to_dict("records"):
        unit, where = names[row["factor"]].unit, row["median_where"]
        bare = language.short(where) if unit != "date" else quantity(where, unit)
        cells.append(f"{bare} / {quantity(row['median_elsewhere'], unit)}")
    at = name_rows(
        axes, [names[factor].label for factor in shown["factor"]],
        [Column(TEXT["regional.medians"], cells)],
    )  # fmt: skip
    colours = [BLUE if p < 0.05 else FINE for p in shown["p_adjusted"]]
    axes.barh(at, shown["distance"], 0.34, color=colours, zorder=3)
    number_axis(axes, "x", 0, 1.06 * float(shown["distance"].max()))
    axes.set_xlabel(TEXT["regional.axis"], loc="left")
    return figure


@canvas.styled
def boxes(
    found: Discovery,
    factors: Sequence[Factor],
    outcome: Named,
    scenario: Mapping[str, str],
    most: int = 3,
) -> Figure:
    """Draw the boxes of a discovery: the limited factors of each, on their whole ranges.

    Parameters
    ----------
    found : Discovery
        See :mod:`trucesim.studies.experiment.discovery`.
    factors : sequence of Factor
    most : int
        Boxes to draw, the densest.
    """
    by_name = {factor.name: factor for factor in factors}
    shown = found.boxes.iloc[:most].set_index("box")
    limits = [
        limit
        for box in shown.index
        for limit in found.limits[found.limits["box"] == box].to_dict("records")
    ]
    at, heads = group_rows([limit["box"] for limit in limits], 1.9)
    figure = _begin(
        "boxes", outcome, scenario, at.max(initial=0.0), (), _held(found, len(shown)),
        base=language.percent(100 * found.base),
    )  # fmt: skip
    axes = figure.add_subplot(xlim=(0, 1), xticks=[])
    if not limits:
        axes.set_axis_off()
        axes.text(0, 1, TEXT["boxes.none"], fontsize=11, va="top", transform=axes.transAxes)
        return figure
    axes.hlines(at, 0, 1, RULE, linewidth=7)
    ends = []
    for y, limit in zip(at, limits, strict=True):
        factor = by_name[limit["factor"]]
        low, high = (
            bound if np.isnan(limit[end]) else limit[end]
            for end, bound in (("low", factor.low), ("high", factor.high))
        )
        axes.hlines(y, _place(factor, low), _place(factor, high), VERMILION, linewidth=7)
        bare = "date" if factor.unit == "date" else "1"
        ends.append([quantity(end, bare) for end in (factor.low, factor.high)])
        axes.text(
            -0.1, y, ends[-1][0], transform=beside(axes, 0.0), ha="right", va="center_baseline",
            fontsize=9, color=GREY,
        )  # fmt: skip
    name_rows(
        axes, [by_name[limit["factor"]].label[spoken()] for limit in limits],
        [Column("", [high for _, high in ends], color=GREY),
         Column("", [_limits(limit, by_name[limit["factor"]].unit) for limit in limits], "bold")],
        at, room=4.2, gap=0.3 + max(canvas.width_of(low, 9) for low, _ in ends),
    )  # fmt: skip
    for box, place in heads.items():
        counted = {
            name: language.percent(100 * shown.loc[box, name]) for name in ("density", "coverage")
        }
        head_rows(axes, place, TEXT["boxes.box"].format(n=box, **counted))
    return figure


def _held(found: Discovery, shown: int) -> str:
    """Say what boxes tell of runs that the tree had not seen."""
    numbers = {
        name: language.percent(100 * getattr(found, name))
        for name in ("density", "coverage")
        if not np.isnan(getattr(found, name))
    }
    said = TEXT["boxes.seen" if found.holds else "boxes.fails"].format(
        **numbers,
        skill=language.number(found.skill, 2),
        error=language.number(found.skill_error, 2),
    )
    if (more := len(found.boxes) - shown) > 0:
        said += " " + TEXT["boxes.more"].format(n=more)
    return said


def _place(factor: Factor, value: float) -> float:
    """Tell at which share of a factor's range a value lies."""
    if factor.scale == "log":
        return float(np.log(value / factor.low) / np.log(factor.high / factor.low))
    return (value - factor.low) / (factor.high - factor.low)


def _limits(limit: Mapping[Any, Any], unit: str) -> str:
    """Write the limits of a box on one factor."""
    low, high = limit["low"], limit["high"]
    if np.isnan(low):
        return f"< {quantity(high, unit)}"
    if np.isnan(high):
        return f"> {quantity(low, unit)}"
    bare = unit if unit == "date" else "1"
    return f"{quantity(low, bare)} – {quantity(high, unit)}"


@canvas.styled
def effects(
    table: pd.DataFrame,
    points: Mapping[int, str],
    baseline: str,
    outcome: Named,
    most: int = 24,
) -> Figure:
    """Draw the effect of each point against the baseline, with what pairing saves.

    Parameters
    ----------
    table : pandas.DataFrame
        As `trucesim.studies.experiment.precision.effects` gives it.
    points : mapping of int to str
        What each point is called.
    baseline : str
        What the baseline is called.
    most : int
        Points to draw.
    """
    canvas.check_columns(table, ("point", "effect", "se_paired", "p05", "p95"), "effects")
    shown, more = table.iloc[:most], len(table) - most
    subtitle = TEXT["effects.subtitle"].format(baseline=baseline, unit=_unit(outcome))
    figure = canvas.new_figure(
        TEXT["effects.title"].format(outcome=outcome.label), subtitle,
        max(canvas.HEIGHT, 2.4 + 0.3 * len(shown)),
        key=[(TEXT["effects.mean"], mark(BLUE)), (TEXT["effects.most"], mark(BAND_90, "s"))],
        note=TEXT["effects.more"].format(n=more) if more > 0 else "",
    )  # fmt: skip
    axes = figure.add_subplot()
    half = 1.96 * shown["se_paired"]
    effect = shown["effect"].to_numpy(np.float64)
    cells = [_with_error(*each) for each in zip(effect, half, strict=True)]
    gains = ["" if np.isnan(x) else language.gained(x) for x in shown["variance_reduction"]]
    at = name_rows(
        axes, [points[int(point)] for point in shown["point"]],
        [Column("", cells, "bold"), Column(TEXT["effects.gain"], gains, color=GREY)],
        size=9, room=3.9, least=8.0,
    )  # fmt: skip
    axes.hlines(at, shown["p05"], shown["p95"], BAND_90, linewidth=7, zorder=3)
    axes.hlines(at, effect - half, effect + half, BLUE, linewidth=2, zorder=4)
    axes.plot(effect, at, zorder=5, **mark(BLUE, size=5))
    ends = shown[["p05", "p95", "effect"]].to_numpy(np.float64)
    number_axis(axes, "x", float(np.nanmin(ends)), float(np.nanmax(ends)), tell=_signed, zero=True)
    return figure


def _signed(value: float) -> str:
    return language.number(value, language.digits_of(value), signed=True)


def _with_error(value: float, half: float) -> str:
    """Write a value with the half width of its interval, this to two figures."""
    if np.isnan(half) or half == 0:
        return language.number(value, language.digits_of(value), signed=True)
    digits = max(1 - math.floor(math.log10(half)), 0)
    said = language.number(value, digits, signed=True)
    return f"{said} ± {language.number(half, digits)}"


# What these figures share


def _begin(
    name: str,
    outcome: Named,
    scenario: Mapping[str, str],
    rows: float,
    key: Sequence[canvas.Entry],
    note: str,
    **told: str,
) -> Figure:
    """Begin a figure of rows."""
    return canvas.new_figure(
        TEXT[f"{name}.title"].format(outcome=outcome.label),
        TEXT[f"{name}.subtitle"].format(scenario=scenario[spoken()], **told),
        max(canvas.HEIGHT, 2.5 + LEADING * rows), key=key, note=note,
    )  # fmt: skip


def _unit(outcome: Named) -> str:
    """Give an outcome's unit, to be put behind a comma; nothing for a pure number."""
    said = translated(UNITS.get(outcome.unit, outcome.unit))
    return "" if said == "1" else f", {said}"


UNITS = {
    "%": "percentage points",
    "0 or 1": "share of runs",
}
"""Units of differences in words; others stand as they are declared."""


def _chance(chance: Mapping[Any, Any]) -> str:
    """Say how much is chance."""
    if np.isnan(chance["chance"]):
        return TEXT["chance.none"]
    return TEXT["chance"].format(
        single=_share(chance["chance"]),
        means=_share(chance["chance_in_means"]),
        replicates=language.number(chance["replicates"]),
    )


def _share(share: float) -> str:
    """Write a share in percent, with a decimal where it is small."""
    return f"{language.number(100 * share, 0 if share >= 0.1 else 1)}%"
