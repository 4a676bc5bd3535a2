"""Figures of validation: forecasts, patterns one by one, and what the data say of parameters."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from matplotlib.transforms import ScaledTranslation

from trucesim.figures import canvas
from trucesim.figures.scenario import USES
from trucesim.files.errors import InputError, nearest
from trucesim.locale import language
from trucesim.outcomes import forecasts
from trucesim.parameters import PARAMETERS
from trucesim.studies.calibration import IDENTIFIED, NARROWED, verdicts
from trucesim.world.periods import FloatArray, parse, select

TEXT: dict[str, dict[str, str]] = {
    "en": {
        "fan.title": "Homicides per month, forecast from {origin}",
        "fan.subtitle": "{scenario}  ·  {runs}{weighted} and naive forecasts from the record alone",
        "fan.weighted": ", weighted",
        "fan.origin": "Origin: end of {origin}",
        "fan.scores": "MAE {mae}  ·  CRPS {crps}",
        "fan.coverage": "holds {share} of months",
        "fan.inputs": "▼ Dated inputs to the model",
        "fan.note": "MAE: mean absolute error, in homicides a month. CRPS: the same for a "
        "distribution; that of a naive forecast is its past errors, centred.",
        "method.last-3-month level": "Last 3 months",
        "method.return to 2010-Feb2012 level": "Back to 2010 - Feb 2012",
        "method.12-month linear trend": "12-month trend",
        "method.seasonal": "Same month, year before",
        "rows.title": "The model held against the record, pattern by pattern",
        "rows.subtitle": "Simulated divided by observed: median and 90% of runs",
        "rows.fit": "Fit",
        "rows.check": "Check",
        "rows.holdout": "Held out",
        "rows.initial condition": "Initial condition",
        "rows.counted": "{counted} of {simulated} inside",
        "rows.signs": "ratios on the right side of 1: {right} of {ratios}",
        "rows.observed": "Observed",
        "rows.simulated": "Simulated (90%)",
        "rows.inside": "observed value inside the 90% interval",
        "rows.too_wide": "inside, but the interval is wider than the value: not counted",
        "rows.outside": "outside",
        "rows.arrow": "Arrows: beyond the axis.",
        "rows.omitted": "{n} without a ratio not shown (observed value 0).",
        "draws.title": "What the data say of each parameter",
        "draws.subtitle": "Prior and posterior draws between the prior's bounds, the most narrowed "
        "first; percent: posterior 90% interval as a share of the prior's",
        "draws.identified": "identified: {limit} or less ({n})",
        "draws.narrowed": "narrowed: {limit} or less ({n})",
        "draws.at its prior": "not identified ({n})",
        "draws.prior": "prior",
        "draws.log": "(log)",
    },
    "es": {
        "fan.title": "Homicidios por mes, pronosticados desde {origin}",
        "fan.subtitle": "{scenario}  ·  {runs}{weighted} y pronósticos simples solo con el "
        "registro",
        "fan.weighted": ", ponderadas",
        "fan.origin": "Origen: fin de {origin}",
        "fan.scores": "EAM {mae}  ·  CRPS {crps}",
        "fan.coverage": "contiene {share} de meses",
        "fan.inputs": "▼ Hechos fechados dados",
        "fan.note": "EAM: error absoluto medio, en homicidios por mes. CRPS: lo mismo para una "
        "distribución; la de un pronóstico simple son sus errores pasados, centrados.",
        "method.last-3-month level": "Últimos 3 meses",
        "method.return to 2010-Feb2012 level": "Vuelta a 2010 - feb 2012",
        "method.12-month linear trend": "Tendencia, 12 meses",
        "method.seasonal": "Mismo mes, año anterior",
        "rows.title": "El modelo frente al registro, patrón por patrón",
        "rows.subtitle": "Simulado dividido entre observado: mediana y 90 % de las corridas",
        "rows.fit": "Ajuste",
        "rows.check": "Control",
        "rows.holdout": "Reservados",
        "rows.initial condition": "Condición inicial",
        "rows.counted": "{counted} de {simulated} dentro",
        "rows.signs": "cocientes del lado correcto de 1: {right} de {ratios}",
        "rows.observed": "Observado",
        "rows.simulated": "Simulado (90 %)",
        "rows.inside": "valor observado dentro del intervalo del 90 %",
        "rows.too_wide": "dentro, pero el intervalo es más ancho que el valor: no cuenta",
        "rows.outside": "fuera",
        "rows.arrow": "Flechas: fuera del eje.",
        "rows.omitted": "{n} sin cociente no se muestran (valor observado 0).",
        "draws.title": "Qué dicen los datos de cada parámetro",
        "draws.subtitle": "Muestras previas y posteriores entre los límites previos, de mayor a "
        "menor reducción; por ciento: intervalo posterior del 90 % respecto al previo",
        "draws.identified": "identificado: {limit} o menos ({n})",
        "draws.narrowed": "reducido: {limit} o menos ({n})",
        "draws.at its prior": "no identificado ({n})",
        "draws.prior": "previa",
        "draws.log": "(log)",
    },
}
"""The words of these figures, by language and key; those of `trucesim.figures` stand there."""

MONTHS_BEFORE = 24
"""Months of the record that a fan shows before its origin."""

NAIVE_STYLES: dict[str, canvas.Style] = {
    "last-3-month level": {"color": canvas.VERMILION, "linestyle": "-"},
    "return to 2010-Feb2012 level": {"color": canvas.GREEN, "linestyle": (0, (6, 2))},
    "12-month linear trend": {"color": "#8a4b7d", "linestyle": (0, (3, 1.5))},
    "seasonal": {"color": "#8a6d00", "linestyle": (0, (1, 1.2))},
}
"""Thin lines that differ in their dashes where they do not in grey."""


def forecast_fan(
    results: xr.Dataset,
    window: str,
    lang: str = "en",
    weights: npt.ArrayLike | None = None,
    record: xr.Dataset | None = None,
) -> Figure:
    """Draw a forecast of the runs from its origin, with the record and the naive forecasts.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results; ``attrs["events"]`` holds the dated inputs, which are marked after the
        origin.
    window : str
        A window of `trucesim.outcomes.forecasts.windows` that has an origin.
    lang : {'en', 'es'}
        Language.
    weights : array_like, shape (run,), optional
        Weights of the runs as known at the origin.
    record : xarray.Dataset, optional
        The observed record; `trucesim.world.observed.observed` by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language or window, the window has no origin, or the weights are wrong.
    NotRecorded
        If results or record do not cover the window.
    """
    words = canvas.words_in(lang, TEXT)
    scores = forecasts.score_forecast(results, window, weights, record).set_index("method")
    shown = forecasts.windows()[window]
    if not shown.origin:
        raise InputError(f"window {window!r} has no origin, so there is no forecast to draw")
    whole = forecasts.series(record)
    origin = language.month(parse(shown.origin).start, lang)

    title = words["fan.title"].format(origin=origin)
    figure = canvas.new_figure(
        lang, title, _fan_subtitle(results, lang, weights is not None), _FAN_H
    )
    axes = canvas.add_axes(figure, 0.7, 1.2, 6.75, _FAN_H - 1.2 - 1.15)
    stop = canvas.day_number(shown.period.stop)
    turn = canvas.day_number(shown.period.start)
    begin = np.datetime64(shown.period.start, "M") - np.timedelta64(MONTHS_BEFORE, "M")
    first = canvas.day_number(dt.date.fromisoformat(f"{begin}-01"))
    axes.axvspan(first, turn, color=canvas.PAPER, linewidth=0, zorder=0)

    runs = select(results, "recorded_national", shown.period)
    days = canvas.mid_months(runs)
    counts = runs.transpose("run", "month").values.astype(np.float64)
    bands = forecasts.quantiles(counts, (0.05, 0.25, 0.5, 0.75, 0.95), weights)
    low, lower, median, upper, high = bands
    axes.fill_between(days, low, high, color=canvas.BAND_90, linewidth=0, zorder=2)
    axes.fill_between(days, lower, upper, color=canvas.BAND_50, linewidth=0, zorder=3)
    line: canvas.Style = {"color": canvas.BLUE, "linewidth": 2.0}
    axes.plot(days, median, zorder=6, **line)
    labels = _band_labels(scores, bands[:, -1], line, lang)
    highest = float(high.max())
    for method in forecasts.NAIVE:
        style = {"linewidth": 1.2, **NAIVE_STYLES[method]}
        naive = forecasts.naive_forecast(method, shown, record)
        axes.plot(days, naive, zorder=5, **style)
        labels.append(
            _EndLabel(words[f"method.{method}"], _scores(scores, method, lang), naive[-1], style)
        )
        highest = max(highest, float(naive.max()))

    starts = whole.months >= begin
    past = whole.of(starts & (whole.months <= np.datetime64(shown.period.last, "M")))
    middles = past.months.astype("datetime64[D]").astype(np.float64) + past.days / 2
    style = {"color": canvas.INK, "linewidth": 0.9, "marker": "o", "markersize": 3}
    axes.plot(middles, past.counts, zorder=7, markeredgewidth=0, **style)
    labels.append(_EndLabel(canvas.TEXT[lang]["observed"], "", past.counts[-1], style))
    highest = max(highest, float(past.counts.max()))

    canvas.time_axis(axes, first, stop)
    canvas.count_axis(axes, 0.0, 1.1 * highest, lang)
    axes.axvline(turn, color=canvas.INK, linewidth=1.0, zorder=8)
    axes.annotate(
        words["fan.origin"].format(origin=origin), (turn, 1), (-5, 5), fontsize=8.5,
        xycoords=("data", "axes fraction"), textcoords="offset points", ha="right",
        color=canvas.INK,
    )  # fmt: skip
    _mark_inputs(axes, results, turn, stop, lang)
    _label_fan(axes, labels)
    notes = [
        line for text in (forecasts.CONDITIONALITY[lang], words["fan.note"])
        for line in canvas.wrap(text, 8, canvas.WIDTH - 0.9)
    ]  # fmt: skip
    canvas.write_lines(figure, 0.45, _FAN_H - 0.26 - 0.15 * len(notes), notes, 8, canvas.GREY)
    return figure


def pattern_rows(comparison: pd.DataFrame, lang: str = "en") -> Figure:
    """Draw one row per pattern: simulated divided by observed, grouped by use.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `trucesim.outcomes.patterns.compare` gives it. Rows that are not simulated are left out;
        those whose observed value is 0 have no ratio and are counted in a note.
    lang : {'en', 'es'}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        Filled: the observed value lies in the 90 % interval; half filled: it does, but the
        interval is wider than the value (`trucesim.outcomes.forecasts.judge`); hollow: it does not.
        The headings count the filled ones, over all rows of their use that are simulated.

    Raises
    ------
    InputError
        If there is no such language, a column is missing or there is no row.
    """
    words = canvas.words_in(lang, TEXT)
    bounds = ["simulated_p05", "simulated_median", "simulated_p95"]
    needed = ("id", "use", "observed", *bounds, "inside", "ratio")
    canvas.check_columns(comparison, needed, "patterns")
    judged = forecasts.judge(comparison)
    drawn = judged[judged["simulated"] & (judged["observed"] > 0)]
    if drawn.empty:
        raise InputError("the table of patterns has no row with a simulated and an observed value")
    counts = {str(row["use"]): row for row in forecasts.hold_outs(comparison).to_dict("records")}
    ratios = drawn[bounds].to_numpy(np.float64) / drawn[["observed"]].to_numpy(np.float64)
    groups = [use for use in USES if (drawn["use"] == use).any()]

    leading, heading, top = 0.205, 0.43, 1.12
    height = leading * len(drawn) + heading * len(groups)
    figure = canvas.new_figure(
        lang, words["rows.title"], words["rows.subtitle"], top + height + 1.1
    )
    left, width = 3.35, 3.85
    positive = ratios[ratios > 0]
    low = float(np.clip(0.9 * positive.min(), 1 / _FARTHEST, 1 / 2.2))
    high = float(np.clip(1.1 * positive.max(), 2.2, _FARTHEST))
    axes = canvas.add_axes(figure, left, top, width, height)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    _log_axis(axes, low, high, lang)

    at = 0.0
    for use in groups:
        color = USES[use]
        member = (drawn["use"] == use).to_numpy()
        y = top + at + 0.24
        canvas.write(figure, 0.45, y, words[f"rows.{use}"], size=11, weight="bold", color=color)
        row = counts[use]
        told = words["rows.counted"].format(counted=row["counted"], simulated=row["simulated"])
        if row["ratios"]:
            told += "  ·  " + words["rows.signs"].format(
                right=row["right_in_sign"], ratios=row["ratios"]
            )
        start = 0.45 + canvas.width_of(words[f"rows.{use}"], 11) * 1.12 + 0.15
        written = canvas.write(figure, start, y, told, size=8.5, color=canvas.GREY)
        # The lines of the axis stop at the words.
        written.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.5})
        if use == groups[0]:
            for x, name in ((_OBSERVED, "rows.observed"), (canvas.WIDTH - 0.45, "rows.simulated")):
                canvas.write(figure, x, y, words[name], size=8.5, color=canvas.GREY, align="right")
        canvas.rule(figure, 0.45, canvas.WIDTH - 0.45, top + at + heading - 0.06)
        at += heading
        for record, ratio in zip(drawn[member].to_dict("records"), ratios[member], strict=True):
            cells = {str(name): cell for name, cell in record.items()}
            _draw_row(axes, at + leading / 2, cells, ratio, color, lang)
            at += leading

    _write_row_key(figure, top + height + 0.55, lang)
    notes = [words["rows.arrow"]] if ((ratios < low) | (ratios > high)).any() else []
    if omitted := int((judged["simulated"] & (judged["observed"] <= 0)).sum()):
        notes.append(words["rows.omitted"].format(n=omitted))
    canvas.write(
        figure, 0.45, figure.get_figheight() - 0.33, " ".join(notes), size=8, color=canvas.GREY
    )
    return figure


def prior_and_posterior(
    prior: Mapping[str, npt.ArrayLike] | pd.DataFrame,
    posterior: Mapping[str, npt.ArrayLike] | pd.DataFrame,
    widths: Mapping[str, float],
    lang: str = "en",
    bounds: Mapping[str, tuple[float, float]] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw prior and posterior draws of every parameter as small multiples.

    Parameters
    ----------
    prior, posterior : mapping of str to array_like, shape (draw,), or DataFrame
        Draws by parameter; every parameter of the posterior is drawn.
    widths : mapping of str to float
        Widths of the posterior's 90 % intervals against the prior's, by parameter
        (:func:`trucesim.studies.calibration.identification`).
    lang : {'en', 'es'}
        Language.
    bounds : mapping of str to (float, float), optional
        Ends of the axis; the declared ones where it has none.
    labels : mapping of str to str, optional
        Names; the declared ones where it has none.

    Returns
    -------
    matplotlib.figure.Figure
        Grey steps: prior. Posterior: dark and with a bold name where identified, pale where
        narrowed, an empty outline where not.

    Raises
    ------
    InputError
        If there is no such language, there is nothing to draw, or a parameter has no prior draws
        or no bounds.
    """
    words = canvas.words_in(lang, TEXT)
    names = [str(name) for name in posterior]
    if not names:
        raise InputError("there is no parameter to draw")
    for name in names:
        if name not in prior:
            known = nearest(name, map(str, prior))
            raise InputError(f"parameter {name!r} has no prior draws{known}")
        if name not in PARAMETERS and name not in (bounds or {}):
            raise InputError(f"parameter {name!r} has no bounds{nearest(name, PARAMETERS)}")
    names.sort(key=lambda name: widths[name])
    shares = np.array([widths[name] for name in names])
    found = [str(verdict) for verdict in verdicts(shares)]

    columns = min(5, max(len(names), 2))
    rows = math.ceil(len(names) / columns)
    top, step, gap = 1.85, 1.17, 0.26
    wide = min((canvas.WIDTH - 0.9 - gap * (columns - 1)) / columns, 2.2)
    height = top + step * rows + 0.3
    subtitle = canvas.wrap(words["draws.subtitle"], 10, canvas.WIDTH - 0.9)
    figure = canvas.new_figure(lang, words["draws.title"], subtitle[0], height)
    canvas.write_lines(figure, 0.45, 0.72 + 0.19, subtitle[1:], 10, canvas.GREY)
    _write_draws_key(figure, 1.28, found, lang)
    for index, name in enumerate(names):
        row, column = divmod(index, columns)
        left, y = 0.45 + column * (wide + gap), top + step * row
        low, high = (bounds or {}).get(name) or _declared_bounds(name)
        label = (labels or {}).get(name) or _declared_label(name, lang)
        verdict = found[index]
        percent = language.percent(100 * widths[name], lang)
        strong = "bold" if verdict == "identified" else "normal"
        # Bold letters are wider than the measure of plain ones.
        narrower = 1.14 if strong == "bold" else 1.0
        room = (wide - canvas.width_of(percent, 8) - 0.08) / narrower
        lines = _two_lines(label, 8, wide / narrower, room)
        for up, line in enumerate(reversed(lines)):
            canvas.write(figure, left, y - 0.14 * up, line, size=8, weight=strong)
        tint = canvas.GREY if verdict == "at its prior" else canvas.INK
        canvas.write(
            figure, left + wide, y, percent, size=8, color=tint, weight=strong, align="right"
        )
        axes = canvas.add_axes(figure, left, y + 0.12, wide, 0.54)
        logarithmic = name in PARAMETERS and PARAMETERS[name].prior == "log-uniform"
        _draw_draws(axes, prior[name], posterior[name], (low, high), verdict, logarithmic)
        mark = " " + words["draws.log"] if logarithmic else ""
        ends = [language.short(end, lang) for end in (low, high)]
        canvas.write(figure, left, y + 0.76, ends[0] + mark, size=7, color=canvas.GREY)
        canvas.write(
            figure, left + wide, y + 0.76, ends[1], size=7, color=canvas.GREY, align="right"
        )
    return figure


# The fan

_FAN_H = 6.1


class _EndLabel(NamedTuple):
    """A name at the end of a line, with a smaller line below it."""

    words: str
    below: str
    value: float
    style: canvas.Style


def _fan_subtitle(results: xr.Dataset, lang: str, weighted: bool) -> str:
    words = TEXT[lang]
    runs = canvas.runs_in_words(results.sizes["run"], lang)
    parts = {"runs": runs, "weighted": words["fan.weighted"] if weighted else ""}
    room = (
        canvas.WIDTH - 1.0 - canvas.width_of(words["fan.subtitle"].format(scenario="", **parts), 10)
    )
    title = canvas.shorten(canvas.title_of(results, lang), 10, room)
    return words["fan.subtitle"].format(scenario=title, **parts)


def _scores(scores: pd.DataFrame, method: str, lang: str) -> str:
    # Centred errors make the harder rival (see `trucesim.outcomes.forecasts.score_forecast`).
    column = "crps" if method == forecasts.MODEL else "crps_centred"
    mae, crps = (float(scores[name].to_dict()[method]) for name in ("mae", column))
    return TEXT[lang]["fan.scores"].format(
        mae=language.number(mae, lang), crps=language.number(crps, lang)
    )


def _band_labels(
    scores: pd.DataFrame, ends: FloatArray, line: canvas.Style, lang: str
) -> list[_EndLabel]:
    """Name median and bands, given the last month's 5, 25, 50, 75 and 95 % quantiles."""
    words = canvas.TEXT[lang]
    covered = float(scores["coverage_90"].to_dict()[forecasts.MODEL])
    coverage = TEXT[lang]["fan.coverage"].format(share=language.percent(100 * covered, lang))
    _, _, median, upper, high = ends.tolist()
    own = _scores(scores, forecasts.MODEL, lang)
    return [
        _EndLabel(words["most"], coverage, (high + upper) / 2, canvas.band(canvas.BAND_90)),
        _EndLabel(words["half"], "", (upper + median) / 2, canvas.band(canvas.BAND_50)),
        _EndLabel(words["median"], own, median, line),
    ]


def _label_fan(axes: Axes, labels: Sequence[_EndLabel]) -> None:
    """Name lines and bands at their right ends."""
    figure, box = canvas.home(axes)
    low, high = axes.get_ylim()
    labels = sorted(labels, key=lambda label: -label.value)
    targets = [box.y0 + (high - label.value) / (high - low) * (box.y1 - box.y0) for label in labels]
    places = canvas.spread(targets, 0.4, box.y0 + 0.08, box.y1 - 0.1)
    for label, at in zip(labels, places, strict=True):
        canvas.sample(figure, box.x1 + 0.1, at, label.style, length=0.3)
        up = 0.07 if label.below else 0.0
        canvas.write(figure, box.x1 + 0.48, at - up, label.words, size=9)
        if label.below:
            canvas.write(
                figure, box.x1 + 0.48, at + 0.085, label.below, size=7.5, color=canvas.GREY
            )


def _mark_inputs(axes: Axes, results: xr.Dataset, turn: float, stop: float, lang: str) -> None:
    """Mark the dated inputs between two days on the upper edge."""
    days = [event.day for event in canvas.events_of(results, lang) if turn <= event.day < stop]
    if not days:
        return
    axes.plot(days, np.full(len(days), 0.985), "v", color=canvas.GREY, markersize=4.5,
              markeredgewidth=0, transform=axes.get_xaxis_transform(), zorder=8)  # fmt: skip
    axes.annotate(
        TEXT[lang]["fan.inputs"], (turn, 1), (5, 5), fontsize=8.5, color=canvas.GREY,
        xycoords=("data", "axes fraction"), textcoords="offset points",
    )  # fmt: skip


# The rows

_OBSERVED = 7.95
"""Right end of the column of observed values, in inches."""

_FARTHEST = 30.0
"""The axis of ratios goes no farther than this from 1, either way."""


def _log_axis(axes: Axes, low: float, high: float, lang: str) -> None:
    """Make a logarithmic axis of ratios with a strong line at 1."""
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if low <= tick <= high]
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(
        ticks,
        labels=[language.short(tick, lang) for tick in ticks],
        fontsize=8.5,
    )
    axes.grid(axis="x", color=canvas.RULE, linewidth=0.7)
    axes.axvline(1, color=canvas.GREY, linewidth=1.0, zorder=2)


def _draw_row(
    axes: Axes, at: float, row: Mapping[str, Any], ratio: FloatArray, color: str, lang: str
) -> None:
    """Write and draw one pattern, `at` inches below the upper edge of the axes."""
    figure, box = canvas.home(axes)
    y, name = box.y0 + at, str(row["id"])
    label = canvas.TEXT[lang].get(f"pattern.{name}", name.replace("_", " "))
    canvas.write(figure, 0.45, y, canvas.shorten(label, 8.5, box.x0 - 0.6), size=8.5)
    observed, low, high = (row[each] for each in ("observed", "simulated_p05", "simulated_p95"))
    digits = language.digits_of(observed)
    value = language.number(observed, lang, digits)
    canvas.write(figure, _OBSERVED, y, value, size=8.5, align="right")
    if 0 < observed < 1:
        # An observed value of 0.2 would leave the interval but one figure.
        digits = max(digits, 2)
    ends = (language.number(end, lang, digits) for end in (low, high))
    interval = canvas.TEXT[lang]["range"].format(*ends)
    right = canvas.WIDTH - 0.45
    canvas.write(figure, right, y, interval, size=8.5, color=canvas.GREY, align="right")

    start, stop = axes.get_xlim()
    first, middle, last = np.clip(ratio, start, stop)
    axes.plot([first, last], [at, at], color=color, alpha=0.45, linewidth=3.2, zorder=3,
              solid_capstyle="butt", clip_on=False)  # fmt: skip
    for beyond, limit, marker, outward in (
        (ratio[0] < start, start, "<", -1),
        (ratio[2] > stop, stop, ">", 1),
    ):
        if beyond:
            shift = ScaledTranslation(0.085 * outward, 0, figure.dpi_scale_trans)
            axes.plot(limit, at, marker, color=color, markersize=4.5, markeredgewidth=0, zorder=3,
                      clip_on=False, transform=axes.transData + shift)  # fmt: skip
    state = "inside" if row["counts"] else "too_wide" if row["inside"] is True else "outside"
    axes.plot(middle, at, zorder=5, **_mark(state, color))


def _mark(state: str, color: str) -> canvas.Style:
    """Give the mark of a state: it is told by its filling, not by its colour."""
    return {
        "marker": "o", "markersize": 6, "linestyle": "", "clip_on": False, "color": color,
        "fillstyle": "left" if state == "too_wide" else "full",
        "markerfacecolor": "white" if state == "outside" else color,
        "markerfacecoloralt": "white", "markeredgecolor": color, "markeredgewidth": 1.2,
    }  # fmt: skip


def _write_row_key(figure: Figure, y: float, lang: str) -> None:
    """Explain the three fillings in one line."""
    x = 0.45
    for state in ("inside", "too_wide", "outside"):
        style = _mark(state, canvas.INK)
        canvas.sample(figure, x - 0.05, y, style, length=0.2)
        words = TEXT[lang][f"rows.{state}"]
        canvas.write(figure, x + 0.18, y, words, size=8)
        x += 0.18 + canvas.width_of(words, 8) + 0.28


# The draws

_PRIOR = "#dfe2e5"
_FILLS: dict[str, canvas.Style] = {
    "identified": {"facecolor": canvas.BLUE, "edgecolor": canvas.BLUE, "linewidth": 1.2},
    "narrowed": {"facecolor": canvas.BAND_50, "edgecolor": canvas.BLUE, "linewidth": 1.2},
    "at its prior": {"facecolor": "none", "edgecolor": canvas.BLUE, "linewidth": 1.2},
}


def _declared_bounds(name: str) -> tuple[float, float]:
    return PARAMETERS[name].low, PARAMETERS[name].high


def _declared_label(name: str, lang: str) -> str:
    if name not in PARAMETERS:
        return name.replace("_", " ")
    return PARAMETERS[name].es if lang == "es" else PARAMETERS[name].en


def _two_lines(words: str, size: float, wide: float, room: float) -> list[str]:
    """Break a name in two if it must be: the upper line may be wider than the lower."""
    if canvas.width_of(words, size) <= room:
        return [words]
    parts = words.split(" ")
    breaks = [(" ".join(parts[:cut]), " ".join(parts[cut:])) for cut in range(1, len(parts))]
    measured = {pair: [canvas.width_of(line, size) for line in pair] for pair in breaks}
    fitting = [pair for pair, (upper, lower) in measured.items() if upper <= wide and lower <= room]
    if not fitting:
        return canvas.wrap(words, size, room, most=2)
    best = min(fitting, key=lambda pair: max(measured[pair]))
    return list(best)


def _draw_draws(
    axes: Axes,
    prior: npt.ArrayLike,
    posterior: npt.ArrayLike,
    bounds: tuple[float, float],
    verdict: str,
    logarithmic: bool,
) -> None:
    """Draw two histograms of equal area; what lies beyond the bounds stands in the end bins."""
    scale: Callable[[npt.ArrayLike], FloatArray] = np.log if logarithmic else np.asarray
    ends = scale(bounds)
    edges = np.linspace(ends[0], ends[1], 15)
    heights = []
    for draws in (prior, posterior):
        inside = np.clip(scale(np.asarray(draws, np.float64)), ends[0], ends[1])
        count = np.histogram(inside, edges)[0]
        heights.append(count / count.sum() * (len(edges) - 1))
    axes.stairs(heights[0], edges, fill=True, color=_PRIOR, zorder=2)
    axes.stairs(heights[1], edges, fill=True, zorder=3, **_FILLS[verdict])
    # Once more as a line, where a filled posterior hides it.
    axes.stairs(heights[0], edges, baseline=None, color=canvas.GREY, linewidth=0.7, zorder=4)
    axes.set_xlim(ends[0], ends[1])
    axes.set_ylim(0, 1.05 * max(heights[0].max(), heights[1].max(), 2.0))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set(visible=True, color=canvas.GREY, linewidth=0.8)


def _write_draws_key(figure: Figure, y: float, found: Sequence[str], lang: str) -> None:
    """Explain the fillings and count each verdict."""
    words = TEXT[lang]
    x = 0.45
    limits = {"identified": IDENTIFIED, "narrowed": NARROWED, "at its prior": 1.0}
    canvas.sample(figure, x, y, canvas.band(_PRIOR))
    canvas.write(figure, x + 0.3, y, words["draws.prior"], size=9)
    x += 0.3 + canvas.width_of(words["draws.prior"], 9) + 0.35
    for verdict, limit in limits.items():
        text = words[f"draws.{verdict}"].format(
            limit=language.percent(100 * limit, lang), n=found.count(verdict)
        )
        fill = _FILLS[verdict]
        square: canvas.Style = {
            "marker": "s", "markersize": 8, "linestyle": "", "markeredgewidth": 1.2,
            "markerfacecolor": fill["facecolor"], "markeredgecolor": fill["edgecolor"],
        }  # fmt: skip
        canvas.sample(figure, x, y, square)
        canvas.write(figure, x + 0.3, y, text, size=9)
        x += 0.3 + canvas.width_of(text, 9) + 0.35
