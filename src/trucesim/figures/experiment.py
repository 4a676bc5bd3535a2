"""Figures of experiments: what an outcome hangs on, where it happens, and effects of points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trucesim.figures import canvas
from trucesim.figures.canvas import BAND_50, BAND_90, BLUE, FINE, GREY, INK, RULE, VERMILION, WIDTH
from trucesim.files.errors import InputError
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken, translated

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


TOP, FOOT, LEADING = 1.55, 1.1, 0.34
LABELS = 2.95
"""Room for the names of factors, in inches."""


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
    names : mapping of str to Named
        Of the factors.
    outcome : Named
    scenario : mapping of str to str
        Its title by language.
    chance : mapping of str to float
        As `trucesim.studies.experiment.sensitivity.chance` gives it.
    """
    words = canvas.words_in(TEXT)
    canvas.check_columns(indices, ("factor", "mu", "mu_star", "low", "high", "sigma"), "indices")
    shown, rest = indices.iloc[:MOST], indices.iloc[MOST:]
    figure, axes, height = _sheet("screening", outcome, scenario, len(shown), bool(len(rest)))
    high = float(np.nanmax([shown["high"].max(), shown["by_chance"].max(), 1e-12]))
    axes.set_xlim(0, 1.06 * high)
    _value_axis(axes)
    for line, row in enumerate(shown.to_dict("records")):
        at = LEADING * (line + 0.5)
        _name(figure, names, row["factor"], at, str(line + 1))
        color = _direction(row)
        axes.plot([row["low"], row["high"]], [at, at], color=color, linewidth=5, alpha=0.35,
                  solid_capstyle="butt", zorder=3)  # fmt: skip
        axes.plot(row["mu_star"], at, "o", color=color, markersize=6, markeredgewidth=0, zorder=4)
        if not np.isnan(row["by_chance"]):
            axes.plot(row["by_chance"], at, "|", color=INK, markersize=9, zorder=5)
    if len(rest):
        most = language.short(float(rest["mu_star"].max()))
        said = words["screening.rest"].format(n=len(rest), most=most)
        at = LEADING * (len(shown) + 0.5)
        canvas.write(figure, 0.78, TOP + at, said, size=9, color=GREY)
        axes.plot([0, rest["mu_star"].max()], [at, at], color=FINE, linewidth=5,
                  solid_capstyle="butt", zorder=3)  # fmt: skip
    _legend(
        figure,
        [
            (words["screening.up"], BLUE, "o"),
            (words["screening.down"], VERMILION, "o"),
            (words["screening.both"], GREY, "o"),
            *([(words["screening.chance"], INK, "|")] if shown["by_chance"].notna().any() else []),
        ],
    )
    said = words["screening.axis"].format(unit=_unit(outcome))
    canvas.write(figure, LABELS + 0.45, TOP + height + 0.38, said, size=9, color=GREY)
    _draw_spread(figure, shown)
    _tell_chance(figure, chance)
    return figure


def _draw_spread(figure: Figure, shown: pd.DataFrame) -> None:
    """Draw sigma against mu*, each factor by its number in the ranking."""
    words = TEXT
    left, size = 7.15, 2.3
    axes = canvas.add_axes(figure, left, TOP + 0.3, size, size)
    reach = 1.12 * float(shown[["mu_star", "sigma"]].to_numpy().max() or 1.0)
    axes.set_xlim(0, reach)
    axes.set_ylim(0, reach)
    axes.plot([0, reach], [0, reach], color=FINE, linewidth=0.8, zorder=1)
    ticks = canvas.round_ticks(0, reach, 4)
    axes.set_xticks(ticks, [language.short(tick) for tick in ticks])
    axes.set_yticks(ticks[1:], [language.short(tick) for tick in ticks[1:]])
    axes.grid(color=RULE, linewidth=0.7)
    for number, row in reversed(list(enumerate(shown.to_dict("records"), 1))):
        axes.annotate(
            str(number), (row["mu_star"], row["sigma"]), ha="center", va="center_baseline",
            fontsize=8, color="white", fontweight="bold", zorder=6 - number / 100,
            bbox={"boxstyle": "circle,pad=0.22", "facecolor": _direction(row), "edgecolor": "white",
                  "linewidth": 0.7},
        )  # fmt: skip
    canvas.write(figure, left, TOP + 0.05, words["screening.spread"], size=9, weight="bold")
    canvas.write_lines(
        figure, left, TOP + 0.3 + size + 0.42, words["screening.spread.note"].split("\n"), 8, GREY
    )


def _direction(row: Mapping[Any, Any]) -> str:
    """Colour a factor by the sign of its effect: grey if it goes both ways."""
    if abs(row["mu"]) < 0.5 * row["mu_star"]:
        return GREY
    return BLUE if row["mu"] > 0 else VERMILION


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
    names, outcome, scenario, chance
        As for `screening`.
    """
    words = canvas.words_in(TEXT)
    columns = [f"{name}{end}" for name in ("first", "total") for end in ("", "_low", "_high")]
    canvas.check_columns(indices, ("factor", *columns), "indices")
    if indices["total"].isna().all():
        raise InputError("the outcome does not vary; there are no shares to draw")
    shown, rest = indices.iloc[:MOST], indices.iloc[MOST:]
    figure, axes, _ = _sheet("shares", outcome, scenario, len(shown), bool(len(rest)), 5.0)
    low = min(0.0, float(shown[["first_low", "total_low"]].min().min()))
    high = max(float(shown[["first_high", "total_high"]].max().max()), 0.05)
    axes.set_xlim(1.03 * low, 1.03 * high)
    ticks = canvas.round_ticks(*axes.get_xlim(), 6)
    axes.set_xticks(ticks, [language.percent(100 * tick) for tick in ticks])
    axes.grid(axis="x", color=RULE, linewidth=0.7)
    axes.axvline(0, color=GREY, linewidth=0.9, zorder=2)
    for x, name in ((8.85, "alone"), (9.55, "together")):
        said = words[f"shares.{name}"]
        canvas.write(figure, x, TOP - 0.13, said, size=8, color=GREY, align="right")
    for line, row in enumerate(shown.to_dict("records")):
        at = LEADING * (line + 0.5)
        _name(figure, names, row["factor"], at)
        for name, color, up in (("total", BAND_50, 0.07), ("first", BLUE, -0.07)):
            y = at + up
            axes.plot([0, max(row[name], 0.0)], [y, y], color=color, linewidth=7,
                      solid_capstyle="butt", zorder=3)  # fmt: skip
            ends = [row[f"{name}_low"], row[f"{name}_high"]]
            axes.plot(ends, [y, y], color=INK, linewidth=0.9, zorder=4)
        for x, name, weight in ((8.85, "first", "bold"), (9.55, "total", "normal")):
            said = language.percent(100 * row[name])
            canvas.write(figure, x, TOP + at, said, size=9, weight=weight, align="right")
    if len(rest):
        at = LEADING * (len(shown) + 0.5)
        said = words["shares.rest"].format(n=len(rest))
        canvas.write(figure, 0.45, TOP + at, said, size=9, color=GREY)
        said = language.percent(100 * float(rest["first"].sum()))
        canvas.write(figure, 8.85, TOP + at, said, size=9, color=GREY, align="right")
    entries = [(words["shares.first"], BLUE, "s"), (words["shares.total"], BAND_50, "s")]
    _legend(figure, entries)
    total = language.percent(100 * float(indices["first"].sum()))
    _tell_chance(figure, chance, words["shares.sum"].format(n=len(indices), sum=total))
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
    names, outcome, scenario
        As for `screening`.
    """
    words = canvas.words_in(TEXT)
    shown = table.iloc[:MOST]
    figure, axes, height = _sheet("regional", outcome, scenario, len(shown), False, 3.6)
    axes.set_xlim(0, 1.06 * float(shown["distance"].max()))
    _value_axis(axes)
    for line, row in enumerate(shown.to_dict("records")):
        at = LEADING * (line + 0.5)
        _name(figure, names, row["factor"], at)
        real = row["p_adjusted"] < 0.05
        axes.plot([0, row["distance"]], [at, at], color=BLUE if real else FINE, linewidth=8,
                  solid_capstyle="butt", zorder=3)  # fmt: skip
        unit = names[row["factor"]].unit
        where, elsewhere = row["median_where"], row["median_elsewhere"]
        bare = language.short(where) if unit != "date" else language.quantity(where, unit)
        said = f"{bare} / {language.quantity(elsewhere, unit)}"
        canvas.write(figure, 9.55, TOP + at, said, size=9, align="right")
    canvas.write(
        figure, 9.55, TOP - 0.13, words["regional.medians"], size=8, color=GREY, align="right"
    )
    _legend(figure, [(words["regional.real"], BLUE, "s"), (words["regional.chance"], FINE, "s")])
    canvas.write(
        figure, LABELS + 0.45, TOP + height + 0.38, words["regional.axis"], size=9, color=GREY
    )
    said = words["regional.points"].format(
        **{name: language.number(int(counts[name])) for name in ("where", "elsewhere")}
    )
    canvas.write(figure, 0.45, figure.get_figheight() - 0.36, said, size=8, color=GREY)
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
    outcome, scenario
        As for `screening`.
    most : int
        Boxes to draw, the densest.
    """
    words = canvas.words_in(TEXT)
    by_name = {factor.name: factor for factor in factors}
    drawn = found.boxes.iloc[:most].to_dict("records")
    limits = {
        row["box"]: found.limits[found.limits["box"] == row["box"]].to_dict("records")
        for row in drawn
    }
    lines = sum(len(rows) + 1.9 for rows in limits.values())
    height = max(canvas.HEIGHT, 1.3 + LEADING * lines + 0.6)
    leading = min((height - 1.9) / max(lines, 1), 0.5)
    subtitle = words["boxes.subtitle"].format(
        base=language.percent(100 * found.base), scenario=scenario[spoken()]
    )
    title = words["boxes.title"].format(outcome=outcome.label)
    figure = canvas.new_figure(title, subtitle, height)
    left, width, at = 3.8, 2.95, 1.3
    for row in drawn:
        said = words["boxes.box"].format(
            n=row["box"],
            **{name: language.percent(100 * row[name]) for name in ("density", "coverage")},
        )
        canvas.write(figure, 0.45, at, said, size=11, weight="bold")
        canvas.rule(figure, 0.45, WIDTH - 0.45, at + 0.17)
        at += leading
        for limit in limits[row["box"]]:
            factor = by_name[limit["factor"]]
            _write_name(figure, 0.45, at, factor.label[spoken()], 2.45)
            low, high = factor.low, factor.high
            for x, end, align in ((left - 0.1, low, "right"), (left + width + 0.1, high, "left")):
                bare = "date" if factor.unit == "date" else "1"
                said = language.quantity(end, bare)
                canvas.write(figure, x, at, said, size=8, color=GREY, align=align)  # type: ignore[arg-type]
            canvas.sample(figure, left, at, {"color": RULE, "linewidth": 7,
                          "solid_capstyle": "butt"}, width)  # fmt: skip
            ends = [
                left + width * _place(factor, end if not np.isnan(end) else bound)
                for end, bound in ((limit["low"], low), (limit["high"], high))
            ]
            canvas.sample(figure, ends[0], at, {"color": VERMILION, "linewidth": 7,
                          "solid_capstyle": "butt"}, ends[1] - ends[0])  # fmt: skip
            said = _limits(limit, factor.unit)
            canvas.write(figure, WIDTH - 0.45, at, said, size=9, weight="bold", align="right")
            at += leading
        at += 0.6 * leading
    if not drawn:
        canvas.write(figure, 0.45, at, words["boxes.none"], size=11)
    numbers = {
        name: language.percent(100 * getattr(found, name))
        for name in ("density", "coverage")
        if not np.isnan(getattr(found, name))
    }
    said = words["boxes.seen" if found.holds else "boxes.fails"].format(
        **numbers,
        skill=language.number(found.skill, 2),
        error=language.number(found.skill_error, 2),
    )
    if (more := len(found.boxes) - len(drawn)) > 0:
        said += " " + words["boxes.more"].format(n=more)
    canvas.write(figure, 0.45, height - 0.36, said, size=8, color=GREY)
    return figure


def _place(factor: Factor, value: float) -> float:
    """Tell at which share of a factor's range a value lies."""
    if factor.scale == "log":
        return float(np.log(value / factor.low) / np.log(factor.high / factor.low))
    return (value - factor.low) / (factor.high - factor.low)


def _limits(limit: Mapping[Any, Any], unit: str) -> str:
    """Write the limits of a box on one factor."""
    low, high = limit["low"], limit["high"]
    if np.isnan(low):
        return f"< {language.quantity(high, unit)}"
    if np.isnan(high):
        return f"> {language.quantity(low, unit)}"
    bare = unit if unit == "date" else "1"
    return f"{language.quantity(low, bare)} – {language.quantity(high, unit)}"


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
    outcome
        As for `screening`.
    most : int
        Points to draw.
    """
    words = canvas.words_in(TEXT)
    canvas.check_columns(table, ("point", "effect", "se_paired", "p05", "p95"), "effects")
    shown, more = table.iloc[:most], len(table) - most
    leading = 0.3
    height = max(canvas.HEIGHT, TOP + leading * len(shown) + FOOT)
    unit = _unit(outcome)
    subtitle = words["effects.subtitle"].format(baseline=baseline, unit=unit)
    title = words["effects.title"].format(outcome=outcome.label)
    figure = canvas.new_figure(title, subtitle, height)
    label_room = min(max(canvas.width_of(points[int(p)], 9) for p in shown["point"]) + 0.2, 4.2)
    left = 0.45 + label_room
    axes = canvas.add_axes(figure, left, TOP, 7.6 - left, leading * len(shown))
    axes.set_ylim(leading * len(shown), 0)
    axes.set_yticks([])
    ends = shown[["p05", "p95", "effect"]].to_numpy(np.float64)
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    pad = 0.04 * max(high - low, 1e-12)
    axes.set_xlim(low - pad, high + pad)
    _value_axis(axes, signed=True)
    axes.axvline(0, color=GREY, linewidth=0.9, zorder=2)
    for line, row in enumerate(shown.to_dict("records")):
        at = leading * (line + 0.5)
        said = canvas.shorten(points[int(row["point"])], 9, label_room - 0.1)
        canvas.write(figure, 0.45, TOP + at, said, size=9)
        axes.plot([row["p05"], row["p95"]], [at, at], color=BAND_90, linewidth=7,
                  solid_capstyle="butt", zorder=3)  # fmt: skip
        half = 1.96 * row["se_paired"]
        axes.plot([row["effect"] - half, row["effect"] + half], [at, at], color=BLUE,
                  linewidth=2, zorder=4)  # fmt: skip
        axes.plot(row["effect"], at, "o", color=BLUE, markersize=5, markeredgewidth=0, zorder=5)
        said = _with_error(row["effect"], half)
        canvas.write(figure, 8.8, TOP + at, said, size=9, weight="bold", align="right")
        if not np.isnan(row["variance_reduction"]):
            said = language.gained(row["variance_reduction"])
            canvas.write(figure, 9.55, TOP + at, said, size=9, color=GREY, align="right")
    heading = words["effects.gain"].split("\n")
    for up, part in enumerate(reversed(heading)):
        canvas.write(figure, 9.55, TOP - 0.13 - 0.15 * up, part, size=8, color=GREY, align="right")
    _legend(figure, [(words["effects.mean"], BLUE, "o"), (words["effects.most"], BAND_90, "s")])
    if more > 0:
        said = words["effects.more"].format(n=more)
        canvas.write(figure, 0.45, height - 0.36, said, size=8, color=GREY)
    return figure


def _with_error(value: float, half: float) -> str:
    """Write a value with the half width of its interval, this to two figures."""
    if np.isnan(half) or half == 0:
        return language.number(value, language.digits_of(value), signed=True)
    digits = max(1 - math.floor(math.log10(half)), 0)
    said = language.number(value, digits, signed=True)
    return f"{said} ± {language.number(half, digits)}"


# What these figures share


def _sheet(
    name: str,
    outcome: Named,
    scenario: Mapping[str, str],
    rows: int,
    rest: bool,
    width: float = 3.15,
) -> tuple[Figure, Axes, float]:
    """Begin a figure of rows with names on the left; give it, its axes and their height."""
    words = canvas.words_in(TEXT)
    height = LEADING * (rows + rest)
    title = words[f"{name}.title"].format(outcome=outcome.label)
    subtitle = words[f"{name}.subtitle"].format(scenario=scenario[spoken()])
    figure = canvas.new_figure(title, subtitle, max(canvas.HEIGHT, TOP + height + FOOT))
    axes = canvas.add_axes(figure, LABELS + 0.45, TOP, width, height)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    return figure, axes, height


def _name(
    figure: Figure,
    names: Mapping[str, Named],
    factor: str,
    at: float,
    number: str = "",
) -> None:
    """Write a factor's name, after its number in the ranking if it has one."""
    left = 0.45
    if number:
        canvas.write(
            figure, 0.66, TOP + at, number, size=9, color=GREY, weight="bold", align="right"
        )
        left = 0.78
    _write_name(figure, left, TOP + at, names[factor].label, LABELS + 0.35 - left)


def _write_name(figure: Figure, left: float, at: float, words: str, room: float) -> None:
    """Write a name in one line, or smaller in two."""
    if canvas.width_of(words, 9.5) <= room:
        canvas.write(figure, left, at, words, size=9.5)
        return
    lines = canvas.wrap(words, 8, room, most=2)
    canvas.write_lines(figure, left, at - 0.075 * (len(lines) - 1), lines, 8, canvas.INK)


def _unit(outcome: Named) -> str:
    """Give an outcome's unit, to be put behind a comma; nothing for a pure number."""
    said = translated(UNITS.get(outcome.unit, outcome.unit))
    return "" if said == "1" else f", {said}"


UNITS = {
    "%": "percentage points",
    "0 or 1": "share of runs",
}
"""Units of differences in words; others stand as they are declared."""


def _value_axis(axes: Axes, *, signed: bool = False) -> None:
    ticks = canvas.round_ticks(*axes.get_xlim(), 5)
    labels = [language.number(tick, language.digits_of(tick), signed=signed) for tick in ticks]
    axes.set_xticks(ticks, labels)
    axes.grid(axis="x", color=RULE, linewidth=0.7)


def _legend(figure: Figure, entries: Sequence[tuple[str, str, str]]) -> None:
    """Name marks in a line above the axes."""
    x, y = 0.45, 1.1
    for words, color, marker in entries:
        style = {"color": color, "marker": marker, "markersize": 7, "linestyle": ""}
        if marker == "|":
            style |= {"markersize": 9, "markeredgewidth": 1.4}
        else:
            style |= {"markeredgewidth": 0}
        canvas.sample(figure, x - 0.06, y, style)
        canvas.write(figure, x + 0.16, y, words, size=9)
        x += 0.16 + canvas.width_of(words, 9) + 0.3


def _tell_chance(figure: Figure, chance: Mapping[Any, Any], before: str = "") -> None:
    """Say at the foot how much is chance."""
    words = TEXT
    said = words["chance.none"]
    if not np.isnan(chance["chance"]):
        said = words["chance"].format(
            single=_share(chance["chance"]),
            means=_share(chance["chance_in_means"]),
            replicates=language.number(chance["replicates"]),
        )
    lines = canvas.wrap(f"{before} {said}".strip(), 8, WIDTH - 0.9, most=2)
    canvas.write_lines(
        figure, 0.45, figure.get_figheight() - 0.36 - 0.15 * (len(lines) - 1), lines, 8, GREY
    )


def _share(share: float) -> str:
    """Write a share in percent, with a decimal where it is small."""
    return f"{language.number(100 * share, 0 if share >= 0.1 else 1)}%"
