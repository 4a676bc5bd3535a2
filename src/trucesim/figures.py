"""Figures of results, in English and Spanish, made for slides (16 to 9) and for print in grey.

Every function takes ``lang``, ``"en"`` or ``"es"``, and returns a matplotlib Figure that belongs to
no global state; `save` writes it with its provenance. Sizes are in inches from the upper left.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path as Shape
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import NDArray

from trucesim import geography, periods
from trucesim.errors import InputError, nearest
from trucesim.reductions import difference as paired_difference

TEXT: dict[str, dict[str, str]] = {
    "en": {
        "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "decimal": ".",
        "thousands": ",",
        "percent": "{}%",
        "and_more": "and {n} more",
        "provenance": "trucesim {version}  ·  scenario {scenario} {digest}  ·  seed {seed}"
        "  ·  {runs}",
        "run": "1 simulated run",
        "runs": "{} simulated runs",
        "join": "   |   ",
        "span": "{} to {}",
        "range": "{} to {}",
        "observed": "Observed",
        "median": "Simulated median",
        "single": "Simulated, one run",
        "half": "50% of runs",
        "most": "90% of runs",
        "no_truce": "No truce (model)",
        "monthly.title": "Homicides per month in El Salvador",
        "monthly.subtitle": "{scenario}  ·  {runs} and the observed record",
        "monthly.fit": "Fit window, to June 2013",
        "monthly.heldout": "Held-out months",
        "maps.title": "Simulated homicide rates by municipality",
        "maps.subtitle": "{scenario}  ·  mean of {runs}, before, during and after the truce "
        "of March 2012",
        "maps.before": "Before",
        "maps.during": "During",
        "maps.after": "After",
        "maps.rate": "per 100,000 a year,\nnationally",
        "maps.scale": "Recorded homicides per 100,000 people a year",
        "maps.zones": "Violence-free zones (in half of the runs or more)",
        "maps.departments": "Departments",
        "maps.note": "Simulated, not observed: homicides are placed by population, the "
        "departmental counts of 2010 and the rate class of 2015. Population of 2007.",
        "maps.tiles": "Tiles 1 km apart; lakes are gaps.",
        "reductions.title": "Every reduction depends on its baseline",
        "reductions.subtitle": "Reduction of recorded homicides per day",
        "reductions.baseline": "Compared with",
        "reductions.observed": "Observed",
        "reductions.simulated": "Simulated\nmedian",
        "reductions.interval": "90% of\nruns",
        "baseline.jan_feb_2012": "1 January to 8 March 2012, a spike",
        "baseline.no_truce": "The model's own runs without a truce",
        "baseline.2011": "The year 2011",
        "baseline.26_months": "January 2010 to February 2012",
        "patterns.title": "The model held against the record",
        "patterns.subtitle": "Simulated divided by observed: median and 90% of runs; numbers are "
        "the observed values",
        "patterns.inside": "{inside} of {total} inside",
        "patterns.fit": "Fit",
        "patterns.check": "Check",
        "patterns.holdout": "Held out",
        "patterns.initial condition": "Initial condition",
        "patterns.outside": "Hollow: observed value outside the 90% interval",
        "patterns.omitted": "{n} without a ratio not shown (observed value 0)",
        "difference.title": "Homicides per month under two scenarios",
        "difference.subtitle": "Median and 90% of {runs}, paired: the same seed and the same "
        "chance on both sides",
        "difference.panel": "“{a}” minus “{b}”, run by run",
        "difference.total": "{span} in all: {median} homicides (90% of runs: {low} to {high})",
        "pattern.pre_truce_daily_mean": "Daily mean before the truce",
        "pattern.first_14_days_daily_mean": "Daily mean, first 14 days",
        "pattern.daily_mean_to_8_march_2012": "Daily mean, Jan to 8 Mar 2012",
        "pattern.plateau_daily_mean": "Daily mean, Apr 2012 to Jun 2013",
        "pattern.pre_truce_dispersion": "Dispersion before the truce",
        "pattern.plateau_dispersion": "Dispersion, Apr 2012 to Jun 2013",
        "pattern.truce_halves_ratio": "Second / first half of the truce",
        "pattern.katz_rate_ratio_controls": "Municipal rate ratio, controls",
        "pattern.katz_rate_ratio_no_controls": "Municipal rate ratio",
        "pattern.national_its_rate_ratio_season": "National rate ratio",
        "pattern.national_its_rate_ratio_trend_season": "National rate ratio, with trend",
        "pattern.municipalities_without_fall_share": "Municipalities without a fall",
        "pattern.municipalities_with_fall_share": "Municipalities with a fall",
        "pattern.zero_homicide_municipalities_2013": "Municipalities without homicide, 2013",
        "pattern.share_in_top_32_municipalities_2013": "Share of the 32 worst hit, 2013",
        "pattern.police_killed_2012": "Police killed, 2012",
        "pattern.police_killed_2013": "Police killed, 2013",
        "pattern.police_killed_2014": "Police killed, 2014",
        "pattern.police_killed_2015": "Police killed, 2015",
        "pattern.gang_members_killed_in_clashes_2013": "Killed in clashes, 2013",
        "pattern.gang_members_killed_in_clashes_2014": "Killed in clashes, 2014",
        "pattern.gang_members_killed_in_clashes_2015": "Killed in clashes, 2015",
        "pattern.gang_members_killed_in_clashes_2016": "Killed in clashes, 2016",
        "pattern.missing_reports_h1_2011": "Missing persons, Jan to Jun 2011",
        "pattern.missing_reports_h1_2012": "Missing persons, Jan to Jun 2012",
        "pattern.missing_reports_h1_2013": "Missing persons, Jan to Jun 2013",
        "pattern.cliques_2013": "Cliques, 2013",
        "pattern.gang_members_in_prison_2013": "Gang members in prison, 2013",
        "pattern.averted_vs_jan_feb_2012": "Averted against Jan to 8 Mar 2012",
        "pattern.averted_vs_2011": "Averted against 2011",
        "pattern.averted_vs_26_months": "Averted against Jan 2010 to Feb 2012",
        "pattern.fall_precedes_guarantor_and_zones": "Fall precedes guarantor and zones",
        "pattern.second_step_ratio": "Second step, July 2013",
        "pattern.daily_mean_2014": "Daily mean, 2014",
        "pattern.ratio_2015_2011": "Homicides, 2015 / 2011",
        "pattern.peak_month_2015": "Peak month of 2015",
        "pattern.dispersion_2015_05_2016_03": "Dispersion, May 2015 to Mar 2016",
        "pattern.second_pact_before": "Daily mean, 1 to 25 Mar 2016",
        "pattern.second_pact_after": "Daily mean, 26 to 31 Mar 2016",
        "pattern.ratio_apr_dec_to_jan_mar_2016": "Apr-Dec / Jan-Mar 2016",
    },
    "es": {
        "months": "ene feb mar abr may jun jul ago sep oct nov dic",
        "decimal": ",",
        "thousands": "\N{NO-BREAK SPACE}",
        "percent": "{}\N{NO-BREAK SPACE}%",
        "and_more": "y {n} más",
        "provenance": "trucesim {version}  ·  escenario {scenario} {digest}  ·  semilla {seed}"
        "  ·  {runs}",
        "run": "1 corrida simulada",
        "runs": "{} corridas simuladas",
        "join": "   |   ",
        "span": "{} a {}",
        "range": "{} a {}",
        "observed": "Observado",
        "median": "Mediana simulada",
        "single": "Una corrida simulada",
        "half": "50 % de las corridas",
        "most": "90 % de las corridas",
        "no_truce": "Sin tregua (modelo)",
        "monthly.title": "Homicidios por mes en El Salvador",
        "monthly.subtitle": "{scenario}  ·  {runs} y el registro observado",
        "monthly.fit": "Periodo de ajuste, hasta junio de 2013",
        "monthly.heldout": "Meses reservados",
        "maps.title": "Tasas de homicidio simuladas por municipio",
        "maps.subtitle": "{scenario}  ·  media de {runs}, antes, durante y después de la "
        "tregua de marzo de 2012",
        "maps.before": "Antes",
        "maps.during": "Durante",
        "maps.after": "Después",
        "maps.rate": "por 100 000 al año,\nen todo el país",
        "maps.scale": "Homicidios registrados por 100 000 habitantes al año",
        "maps.zones": "Zonas libres de violencia (mitad de corridas o más)",
        "maps.departments": "Departamentos",
        "maps.note": "Simulado, no observado: los homicidios se ubican según la población, los "
        "conteos departamentales de 2010 y la clase de la tasa de 2015. Población de 2007.",
        "maps.tiles": "Teselas a 1 km; los lagos son huecos.",
        "reductions.title": "Toda reducción depende de su base de comparación",
        "reductions.subtitle": "Reducción de los homicidios registrados por día",
        "reductions.baseline": "En comparación con",
        "reductions.observed": "Observado",
        "reductions.simulated": "Mediana\nsimulada",
        "reductions.interval": "90 % de\nlas corridas",
        "baseline.jan_feb_2012": "1 ene a 8 mar de 2012, un pico",
        "baseline.no_truce": "Las corridas del modelo sin tregua",
        "baseline.2011": "El año 2011",
        "baseline.26_months": "Enero de 2010 a febrero de 2012",
        "patterns.title": "El modelo frente al registro",
        "patterns.subtitle": "Simulado dividido entre observado: mediana y 90 % de las corridas; "
        "los números son los valores observados",
        "patterns.inside": "{inside} de {total} dentro",
        "patterns.fit": "Ajuste",
        "patterns.check": "Control",
        "patterns.holdout": "Reservados",
        "patterns.initial condition": "Condición inicial",
        "patterns.outside": "Hueco: valor observado fuera del intervalo del 90 %",
        "patterns.omitted": "{n} sin cociente no se muestran (valor observado 0)",
        "difference.title": "Homicidios por mes en dos escenarios",
        "difference.subtitle": "Mediana y 90 % de {runs}, pareadas: la misma semilla y el "
        "mismo azar en ambos lados",
        "difference.panel": "«{a}» menos «{b}», corrida por corrida",
        "difference.total": "{span} en total: {median} homicidios "
        "(90 % de las corridas: {low} a {high})",
        "pattern.pre_truce_daily_mean": "Media diaria antes de la tregua",
        "pattern.first_14_days_daily_mean": "Media diaria, primeros 14 días",
        "pattern.daily_mean_to_8_march_2012": "Media diaria, ene a 8 mar 2012",
        "pattern.plateau_daily_mean": "Media diaria, abr 2012 a jun 2013",
        "pattern.pre_truce_dispersion": "Dispersión antes de la tregua",
        "pattern.plateau_dispersion": "Dispersión, abr 2012 a jun 2013",
        "pattern.truce_halves_ratio": "Segunda / primera mitad de la tregua",
        "pattern.katz_rate_ratio_controls": "Razón de tasas municipal, controles",
        "pattern.katz_rate_ratio_no_controls": "Razón de tasas municipal",
        "pattern.national_its_rate_ratio_season": "Razón de tasas nacional",
        "pattern.national_its_rate_ratio_trend_season": "Razón de tasas nacional, tendencia",
        "pattern.municipalities_without_fall_share": "Municipios sin descenso",
        "pattern.municipalities_with_fall_share": "Municipios con descenso",
        "pattern.zero_homicide_municipalities_2013": "Municipios sin homicidios, 2013",
        "pattern.share_in_top_32_municipalities_2013": "Parte de los 32 más afectados, 2013",
        "pattern.police_killed_2012": "Policías asesinados, 2012",
        "pattern.police_killed_2013": "Policías asesinados, 2013",
        "pattern.police_killed_2014": "Policías asesinados, 2014",
        "pattern.police_killed_2015": "Policías asesinados, 2015",
        "pattern.gang_members_killed_in_clashes_2013": "Muertos en enfrentamientos, 2013",
        "pattern.gang_members_killed_in_clashes_2014": "Muertos en enfrentamientos, 2014",
        "pattern.gang_members_killed_in_clashes_2015": "Muertos en enfrentamientos, 2015",
        "pattern.gang_members_killed_in_clashes_2016": "Muertos en enfrentamientos, 2016",
        "pattern.missing_reports_h1_2011": "Desaparecidos, ene a jun 2011",
        "pattern.missing_reports_h1_2012": "Desaparecidos, ene a jun 2012",
        "pattern.missing_reports_h1_2013": "Desaparecidos, ene a jun 2013",
        "pattern.cliques_2013": "Clicas, 2013",
        "pattern.gang_members_in_prison_2013": "Pandilleros en prisión, 2013",
        "pattern.averted_vs_jan_feb_2012": "Evitados frente a ene-8 mar 2012",
        "pattern.averted_vs_2011": "Evitados frente a 2011",
        "pattern.averted_vs_26_months": "Evitados frente a ene 2010-feb 2012",
        "pattern.fall_precedes_guarantor_and_zones": "Descenso precede a garante y zonas",
        "pattern.second_step_ratio": "Segundo escalón, julio de 2013",
        "pattern.daily_mean_2014": "Media diaria, 2014",
        "pattern.ratio_2015_2011": "Homicidios, 2015 / 2011",
        "pattern.peak_month_2015": "Mes máximo de 2015",
        "pattern.dispersion_2015_05_2016_03": "Dispersión, may 2015 a mar 2016",
        "pattern.second_pact_before": "Media diaria, 1 a 25 mar 2016",
        "pattern.second_pact_after": "Media diaria, 26 a 31 mar 2016",
        "pattern.ratio_apr_dec_to_jan_mar_2016": "Abr-dic / ene-mar 2016",
    },
}
"""Every word of the figures, by language and key."""

DPI = 160
WIDTH, HEIGHT = 10.0, 5.625

# Okabe and Ito's blue, vermilion and green, which the colour-blind tell apart.
BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
INK, GREY, RULE, FINE, PAPER = "#1b1f24", "#62676d", "#dcdfe2", "#b9bec3", "#f5f3ee"
BORDER = "#33383e"
BAND_90, BAND_50 = "#d3e5f1", "#94c3e0"

BREAKS = (10, 25, 50, 100, 200)
"""Between the classes of the maps, in homicides per 100,000 people a year."""
CLASSES = ("#e4ebf0", "#bcd3e3", "#86b2d1", "#4a88b5", "#1f5a8c", "#0d2f57")
"""From pale to dark: six steps of grey when printed without colour."""

USES = {"fit": BLUE, "check": GREEN, "holdout": VERMILION, "initial condition": GREY}
"""The uses of patterns in the order in which they are shown, with their colours."""

NO_TRUCE = "no_truce"
"""Name of the baseline in `reductions` that stands for the model's own runs without a truce."""

HELD_OUT = dt.date(2013, 7, 1)
"""First day after the fit window."""


class MapPeriod(NamedTuple):
    """One of the three maps: its heading, its months and, without these, its kept totals."""

    heading: str
    months: str
    kept: str


MAP_PERIODS = (
    MapPeriod("maps.before", "2011-03..2012-02", "2011"),
    MapPeriod("maps.during", "2012-03..2013-06", "2012-03..2013-04"),
    MapPeriod("maps.after", "2015", "2015"),
)


def monthly(
    results: xr.Dataset,
    observed: xr.Dataset,
    lang: str = "en",
    counterfactual: xr.Dataset | None = None,
) -> Figure:
    """Draw simulated and observed homicides by month, with the dated events.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results; ``attrs["events"]`` names the events.
    observed : xarray.Dataset
        The observed record.
    lang : {'en', 'es'}
        Language.
    counterfactual : xarray.Dataset, optional
        Runs without a truce; their median is drawn as a dashed line.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language.
    """
    words = _words(lang)
    series = results["recorded_national"]
    first, last = _calendar(series)
    events = [event for event in _events(results, lang) if first <= event.day < last]
    key = _arrange(events)

    top = 1.45 if events else 1.05
    below = 0.72 + key.height
    height = max(HEIGHT, top + 2.3 + below)
    figure = _figure(lang, words["monthly.title"], _subtitle("monthly", results, lang), height)
    axes = _axes(figure, 0.7, top, _MONTHS_WIDTH, height - top - below)

    axes.axvspan(first, _day(HELD_OUT), color=PAPER, linewidth=0, zorder=0)
    labels, highest = _draw_runs(axes, series, lang)
    if counterfactual is not None:
        other = counterfactual["recorded_national"]
        median = _quantiles(other)[2]
        style: Style = {"color": GREY, "linewidth": 1.4, "linestyle": (0, (3.2, 1.6))}
        axes.plot(_mid_months(other), median, zorder=4, **style)
        labels.append(_Label(words["no_truce"], median[-1], style))
        highest = max(highest, median.max())
    record = observed["recorded_national"].isel(run=0)
    days, counts = _mid_months(record), record.values.astype(np.float64)
    days, counts = days[inside := (days > first) & (days < last)], counts[inside]
    if counts.size:
        style = {"color": INK, "linewidth": 0.9, "marker": "o", "markersize": 2.6}
        axes.plot(days, counts, zorder=6, markeredgewidth=0, **style)
        labels.append(_Label(words["observed"], counts[-1], style))
        highest = max(highest, counts.max())

    _time_axis(axes, first, last)
    _count_axis(axes, 0.0, 1.05 * highest, lang)
    for day, name, ground in (
        (first, "monthly.fit", PAPER),
        (_day(HELD_OUT), "monthly.heldout", "white"),
    ):
        axes.annotate(
            words[name], (day, 0), (5, 5), textcoords="offset points", fontsize=8, color=GREY,
            bbox={"facecolor": ground, "edgecolor": "none", "pad": 1.5}, zorder=8,
        )  # fmt: skip
    _label_ends(axes, labels)
    _mark_events(axes, events)
    _write_key(figure, key, height - key.height - 0.26)
    return figure


def maps(
    results: xr.Dataset,
    lang: str = "en",
    outlines: Mapping[str, list[geography.Ring]] | None = None,
) -> Figure:
    """Draw three maps of simulated homicide rates: before, during and after the truce.

    Parameters
    ----------
    results : xarray.Dataset
        Simulated results. Without ``recorded`` the maps show the periods whose totals are always
        kept, and without ``zone_status`` no zones.
    lang : {'en', 'es'}
        Language.
    outlines : mapping of str to list of ndarray, optional
        A user's own boundaries (`trucesim.geography.from_geojson`); the tiles' by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language, or a municipality has no outline or no population.
    """
    words = _words(lang)
    shapes = geography.outlines() if outlines is None else outlines
    towns = _towns()
    codes = [str(code) for code in results["municipality"].values]
    for code in codes:
        if code not in towns or code not in shapes:
            raise InputError(
                f"the maps need an outline and a population of each municipality, but {code!r} of "
                "the results has none; maps are drawn of El Salvador only"
            )
    population = np.array([towns[code].population for code in codes], dtype=np.float64)
    paths = [_compound(shapes[code]) for code in codes]
    borders = _compound(geography.borders({code: shapes[code] for code in codes}))
    corners = np.concatenate([np.asarray(path.vertices) for path in paths])

    figure = _figure(lang, words["maps.title"], _subtitle("maps", results, lang))
    zoned: set[int] = set()
    for shown, (left, top) in zip(MAP_PERIODS, _MAP_CORNERS, strict=True):
        period = periods.parse(shown.months if "recorded" in results else shown.kept)
        per_year = 1e5 * 365.25 / period.days
        counts = _mean_counts(results, period)
        zones = _zones(results, period)
        zoned |= set(zones)

        axes = _axes(figure, left, top, *_MAP_SIZE)
        axes.set_axis_off()
        axes.set_aspect("equal", anchor="E")
        axes.set_xlim(corners[:, 0].min(), corners[:, 0].max())
        axes.set_ylim(corners[:, 1].min(), corners[:, 1].max())
        colours = [CLASSES[step] for step in np.digitize(per_year * counts / population, BREAKS)]
        axes.add_collection(
            PathCollection(paths, facecolors=colours, edgecolors="white", linewidths=0.3),
            autolim=False,
        )
        axes.add_artist(_line_patch(borders, BORDER, 0.7))
        edges = _compound(ring for index in zones for ring in shapes[codes[index]])
        # The white line under the coloured one sets zones off in print without colour.
        for colour, linewidth in (("white", 2.6), (VERMILION, 1.4)):
            axes.add_artist(_line_patch(edges, colour, linewidth))

        _write(figure, left, top + 0.08, words[shown.heading], size=12, weight="bold")
        _write(figure, left, top + 0.28, _span(period, lang), size=9, color=GREY)
        rate = per_year * float(counts.sum() / population.sum())
        _write(figure, left, top + 1.6, _number(rate, lang), size=15, weight="bold")
        _write_lines(figure, left, top + 1.8, words["maps.rate"].split("\n"), 8, GREY)

    left, top = 5.4, _MAP_CORNERS[2][1] + 0.25
    _write_scale(figure, left, top, words["maps.scale"], lang)
    _sample(figure, left, top + 0.85, {"color": BORDER, "linewidth": 1.0})
    _write(figure, left + 0.32, top + 0.85, words["maps.departments"], size=9)
    if zoned:
        _sample(figure, left, top + 1.08, {"color": VERMILION, "linewidth": 1.6})
        names = _listed([towns[codes[index]].name for index in sorted(zoned)], 16, lang)
        _write_lines(figure, left + 0.32, top + 1.08, _wrap(words["maps.zones"], 9, 3.8), 9, INK)
        below = top + 1.08 + 0.16 * len(_wrap(words["maps.zones"], 9, 3.8))
        _write_lines(figure, left + 0.32, below, _wrap(names, 8, 3.8), 8, GREY)
    note = _wrap(words["maps.note"], 7.5, 9.1)
    if outlines is None:
        note.append(words["maps.tiles"])
    _write_lines(figure, 0.45, HEIGHT - 0.43, note, 7.5, GREY)
    return figure


def reductions(frame: pd.DataFrame, lang: str = "en") -> Figure:
    """Draw the reductions of homicide against each baseline, simulated and observed.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns baseline, observed (NaN where there is none), p05, median and p95, in percent, as
        `trucesim.reductions.reductions` gives them; of several measures only
        ``reduction_percent`` is drawn, and no row without a median. The baseline `NO_TRUCE` names
        the model's own runs without a truce; unknown names are written as they are.
    lang : {'en', 'es'}
        Language.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language, a column is missing or there is no row.
    """
    words = _words(lang)
    _check_columns(frame, ("baseline", "observed", "p05", "median", "p95"), "reductions")
    if "measure" in frame:
        frame = frame[frame["measure"] == "reduction_percent"]
    frame = frame[frame["median"].notna()]
    if frame.empty:
        raise InputError("the table of reductions has no row with a reduction")
    subtitle = words["reductions.subtitle"]
    if "window" in frame:
        subtitle += ", " + _span(periods.parse(str(frame["window"].iloc[0])), lang)
    figure = _figure(
        lang, words["reductions.title"], subtitle, max(HEIGHT, 2.5 + 0.45 * len(frame))
    )
    top, left, width = 1.6, 3.75, 2.55
    height = figure.get_figheight() - top - 0.95
    axes = _axes(figure, left, top, width, height)
    step = min(height / len(frame), 0.85)
    axes.set_ylim(height, 0)

    _write(figure, 0.45, top - 0.22, words["reductions.baseline"], size=9, color=GREY)
    for x, name, style in zip(_COLUMNS, ("observed", "simulated", "interval"), _MARKS, strict=True):
        lines = words[f"reductions.{name}"].split("\n")
        for up, line in enumerate(reversed(lines)):
            _write(figure, x, top - 0.22 - 0.16 * up, line, size=9, color=GREY, align="right")
        widest = max(_width_of(line, 9) for line in lines)
        _sample(figure, x - widest - 0.32, top - 0.22 - 0.08 * (len(lines) - 1), style)
    for index, row in enumerate(frame.to_dict("records")):
        at = step * (index + 0.5)
        name = str(row["baseline"])
        lines = _wrap(words.get(f"baseline.{name}", name), 11, left - 0.6)
        _write_lines(figure, 0.45, top + at - 0.1 * (len(lines) - 1), lines, 11, INK)
        observed, median, interval = _MARKS
        axes.plot([row["p05"], row["p95"]], [at, at], zorder=3, **interval)
        axes.plot(row["median"], at, zorder=4, **median)
        values = ["\N{EN DASH}", _percent(row["median"], lang)]
        if not pd.isna(row["observed"]):
            axes.plot(row["observed"], at, zorder=5, **observed)
            values[0] = _percent(row["observed"], lang)
        values.append(words["range"].format(_number(row["p05"], lang), _percent(row["p95"], lang)))
        for x, value, weight in zip(_COLUMNS, values, ("normal", "bold", "normal"), strict=True):
            _write(figure, x, top + at, value, size=11, weight=weight, align="right")
        if index:
            _rule(figure, 0.45, WIDTH - 0.45, top + step * index)

    ends = frame[["observed", "p05", "p95"]].to_numpy(dtype=np.float64)
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    pad = 0.05 * (high - low)
    axes.set_xlim(low - (pad if low < 0 else 0.0), high + pad)
    ticks = _ticks(*axes.get_xlim(), 5)
    axes.set_xticks(ticks, [_percent(tick, lang) for tick in ticks], fontsize=9, color=GREY)
    axes.set_yticks([])
    axes.grid(axis="x", color=RULE, linewidth=0.7)
    axes.axvline(0, color=GREY, linewidth=0.9, zorder=2)
    return figure


def patterns(frame: pd.DataFrame, lang: str = "en") -> Figure:
    """Draw each pattern as simulated divided by observed, grouped by its use.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns id, use, observed, simulated_p05, simulated_median, simulated_p95 and inside (true
        if the 90 % interval holds the observed value). Patterns without a simulated value are left
        out, those whose ratio is undefined are counted in a note.
    lang : {'en', 'es'}
        Language.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such language, a column is missing or there is no row.
    """
    words = _words(lang)
    bounds = ["simulated_p05", "simulated_median", "simulated_p95"]
    _check_columns(frame, ("id", "use", "observed", *bounds, "inside"), "patterns")
    frame = frame[frame["simulated_median"].notna()]
    drawn = frame[frame["observed"] > 0]
    if drawn.empty:
        raise InputError("the table of patterns has no row with a simulated and an observed value")
    ratios = drawn[bounds].to_numpy(dtype=np.float64) / drawn[["observed"]].to_numpy(np.float64)
    groups = [use for use in USES if (drawn["use"] == use).any()]
    rows = max(int((drawn["use"] == use).sum()) for use in groups)

    top, leading = 1.5, 0.24
    figure = _figure(
        lang,
        words["patterns.title"],
        words["patterns.subtitle"],
        max(HEIGHT, top + leading * rows + 0.75),
    )
    height = figure.get_figheight() - top - 0.75
    leading = min(height / rows, 0.42)
    gap = 0.4
    width = (WIDTH - 0.9 - gap * (len(groups) - 1)) / max(len(groups), 2)
    reach = float(np.clip(np.nanmax(np.abs(np.log(ratios[ratios > 0]))), np.log(2), np.log(5)))
    low, high = math.exp(-1.08 * reach), math.exp(1.08 * reach)

    for index, use in enumerate(groups):
        left = 0.45 + index * (width + gap)
        member = (drawn["use"] == use).to_numpy()
        count = words["patterns.inside"].format(
            inside=int(drawn["inside"][member].eq(True).sum()), total=int(member.sum())
        )
        heading, color = words[f"patterns.{use}"], USES[use]
        _write(figure, left, top - 0.3, heading, size=12, weight="bold", color=color)
        _write(figure, left + width, top - 0.3, count, size=9, color=GREY, align="right")
        _rule(figure, left, left + width, top - 0.14)
        axes = _axes(figure, left, top, width, height)
        axes.set_ylim(height, 0)
        axes.set_yticks([])
        _ratio_axis(axes, low, high, lang)
        records = drawn[member].to_dict("records")
        for line, (row, ratio) in enumerate(zip(records, ratios[member], strict=True)):
            at = leading * (line + 0.5)
            name = str(row["id"])
            label = words.get(f"pattern.{name}", name.replace("_", " "))
            value = _number(row["observed"], lang, _digits(row["observed"]))
            room = width - _width_of(value, 8) - 0.1
            for written in (
                _write(figure, left, top + at - 0.05, _shorten(label, 8, room), size=8),
                _write(
                    figure, left + width, top + at - 0.05, value, size=8, color=GREY, align="right"
                ),
            ):
                # The lines of the axis stop at the words.
                written.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})
            _draw_ratio(axes, at + 0.07, ratio, bool(row["inside"]), color)

    notes = [words["patterns.outside"]]
    if omitted := len(frame) - len(drawn):
        notes.append(words["patterns.omitted"].format(n=omitted))
    _write(figure, 0.45, figure.get_figheight() - 0.35, "  ·  ".join(notes), size=8, color=GREY)
    return figure


def difference(a: xr.Dataset, b: xr.Dataset, lang: str = "en") -> Figure:
    """Draw two scenarios by month and, below, their difference run by run.

    Parameters
    ----------
    a, b : xarray.Dataset
        Results with the same seed, runs and calendar.
    lang : {'en', 'es'}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The lower panel shows `a` minus `b`.

    Raises
    ------
    InputError
        If there is no such language, or seed, runs or calendar of the two differ.
    """
    words = _words(lang)
    table = paired_difference(a, b)
    total = table[table["measure"] == "recorded"].iloc[-1]
    title_a, title_b = _title(a, lang), _title(b, lang)
    figure = _figure(
        lang,
        words["difference.title"],
        words["difference.subtitle"].format(runs=_runs(a.sizes["run"], lang)),
    )
    upper = _axes(figure, 0.7, 1.05, _MONTHS_WIDTH, 1.95)
    lower = _axes(figure, 0.7, 3.8, _MONTHS_WIDTH, 1.15)
    first, last = _calendar(a["recorded_national"])

    labels, highest = [], 0.0
    for results, title, colour, tint, dashes in (
        (b, title_b, VERMILION, "#f6dccb", (0, (4, 1.5))),
        (a, title_a, BLUE, BAND_90, "-"),
    ):
        days = _mid_months(results["recorded_national"])
        low, _, median, _, high = _quantiles(results["recorded_national"])
        upper.fill_between(days, low, high, color=tint, alpha=0.75, linewidth=0, zorder=2)
        style: Style = {"color": colour, "linewidth": 1.8, "linestyle": dashes}
        upper.plot(days, median, zorder=4, **style)
        labels.append(_Label(title, median[-1], style))
        highest = max(highest, high.max())
    _time_axis(upper, first, last)
    _count_axis(upper, 0.0, 1.05 * highest, lang)
    _label_ends(upper, labels)

    apart = a["recorded_national"].astype(np.int64) - b["recorded_national"].astype(np.int64)
    days = _mid_months(apart)
    low, _, median, _, high = _quantiles(apart)
    lower.fill_between(days, low, high, color="#d9dbdd", linewidth=0, zorder=2)
    lower.plot(days, median, color=INK, linewidth=1.5, zorder=4)
    pad = 0.08 * max(float(high.max() - low.min()), 1.0)
    _time_axis(lower, first, last)
    _count_axis(lower, min(low.min(), 0.0) - pad, max(high.max(), 0.0) + pad, lang, steps=4)
    lower.axhline(0, color=GREY, linewidth=0.9, zorder=3)
    heading = words["difference.panel"].format(
        a=_shorten(title_a, 10.5, 2.9), b=_shorten(title_b, 10.5, 2.9)
    )
    _write(figure, 0.45, 3.42, heading, size=10.5, weight="bold")
    sums = words["difference.total"].format(
        span=_span(_period(a["recorded_national"]), lang),
        median=_number(total["difference_median"], lang, signed=True),
        low=_number(total["difference_p05"], lang, signed=True),
        high=_number(total["difference_p95"], lang, signed=True),
    )
    _write(figure, 0.45, 3.62, sums, size=9, color=GREY)
    return figure


def save(figure: Figure, path: str | Path, *results: xr.Dataset) -> Path:
    """Write a figure as a PNG with its provenance, in a line at its foot and in its metadata.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A figure of this module.
    path : str or Path
        Where to; folders are made. A file of that name is replaced only by a complete one.
    *results : xarray.Dataset
        What was drawn, one or more.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    path = Path(path)
    lang = figure.get_gid() or "en"
    words = TEXT[lang]
    facts = [_provenance(dataset) for dataset in results]
    for old in [text for text in figure.texts if text.get_gid() == "provenance"]:
        old.remove()
    line = words["join"].join(
        words["provenance"].format(**fact | {"runs": _runs(int(fact["runs"]), lang)})
        for fact in facts
    )
    foot = figure.get_figheight() - 0.14
    _write(figure, 0.45, foot, _shorten(line, 6.5, WIDTH - 0.9), size=6.5, color=GREY).set_gid(
        "provenance"
    )
    metadata = {
        name.capitalize(): " | ".join(fact[name] for fact in facts)
        for name in ("scenario", "digest", "seed", "runs")
    }
    metadata["Software"] = f"trucesim {facts[0]['version']}" if facts else "trucesim"
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=DPI, metadata=metadata)
    # Hidden and with the process's number: nobody takes it for a result, no two writers share it.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(image.getbuffer())
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise InputError(f"{path}: the figure cannot be written ({error.strerror})") from None
    return path


def save_all(
    results: xr.Dataset,
    observed: xr.Dataset,
    comparison: pd.DataFrame,
    reductions_frame: pd.DataFrame,
    out_dir: str | Path,
    lang: str = "en",
    counterfactual: xr.Dataset | None = None,
    progress: Callable[[int, int], None] | None = None,
    outlines: Mapping[str, list[geography.Ring]] | None = None,
) -> list[Path]:
    """Write every figure of a scenario.

    Parameters
    ----------
    results, observed : xarray.Dataset
        Simulated results and the observed record.
    comparison : pandas.DataFrame
        As for `patterns`.
    reductions_frame : pandas.DataFrame
        As for `reductions`.
    out_dir : str or Path
        Folder; it is made if need be.
    lang : {'en', 'es'}
        Language, also the end of the files' names (``monthly_en.png``).
    counterfactual : xarray.Dataset, optional
        Runs without a truce, with the same seed, runs and calendar.
    progress : callable, optional
        Called with the number of figures written and of all figures, after each.
    outlines : mapping of str to list of Ring, optional
        Boundaries of one's own for the maps (`trucesim.geography.from_geojson`).

    Returns
    -------
    list of Path
        ``monthly``, ``maps``, ``reductions``, ``patterns`` and, with a counterfactual,
        ``difference``.

    Raises
    ------
    InputError
        As the figures do, or if a file cannot be written.
    """
    shown: dict[str, tuple[Callable[[], Figure], tuple[xr.Dataset, ...]]] = {
        "monthly": (lambda: monthly(results, observed, lang, counterfactual), (results,)),
        "maps": (lambda: maps(results, lang, outlines), (results,)),
        "reductions": (lambda: reductions(reductions_frame, lang), (results,)),
        "patterns": (lambda: patterns(comparison, lang), (results,)),
    }
    if counterfactual is not None:
        other = counterfactual
        shown["difference"] = (lambda: difference(results, other, lang), (results, other))
    written = []
    for name, (draw, drawn) in shown.items():
        written.append(save(draw(), Path(out_dir) / f"{name}_{lang}.png", *drawn))
        if progress is not None:
            progress(len(written), len(shown))
    return written


# Words and numbers


def _words(lang: str) -> dict[str, str]:
    if lang not in TEXT:
        raise InputError(f"no figures in {lang!r}; there are: {', '.join(TEXT)}")
    return TEXT[lang]


def _subtitle(name: str, results: xr.Dataset, lang: str) -> str:
    """Write a subtitle with the scenario's title, which gives way where it is long."""
    template = TEXT[lang][f"{name}.subtitle"]
    runs = _runs(results.sizes["run"], lang)
    room = WIDTH - 1.0 - _width_of(template.format(scenario="", runs=runs), 10)
    return template.format(scenario=_shorten(_title(results, lang), 10, room), runs=runs)


def _title(results: xr.Dataset, lang: str) -> str:
    """Give the scenario's title, or its name where it has none."""
    return str(results.attrs.get(f"title_{lang}") or results.attrs.get("scenario", ""))


def _runs(number: int, lang: str) -> str:
    words = TEXT[lang]
    return words["run"] if number == 1 else words["runs"].format(_number(number, lang))


def _provenance(results: xr.Dataset) -> dict[str, str]:
    facts = {name: str(results.attrs.get(name, "?")) for name in ("version", "scenario", "seed")}
    digest = str(results.attrs.get("digest", "?"))[:12]
    return facts | {"digest": digest, "runs": str(results.attrs.get("runs", results.sizes["run"]))}


def _number(value: float, lang: str, digits: int = 0, *, signed: bool = False) -> str:
    """Write a number the way the language does, with a true minus sign."""
    words = TEXT[lang]
    plain = f"{abs(value):,.{digits}f}"
    whole, _, part = plain.partition(".")
    # Spanish separates no group in a number of four digits.
    if lang == "es" and len(whole) == 5:
        whole = whole.replace(",", "")
    whole = whole.replace(",", words["thousands"])
    zero = not plain.strip("0.,")
    sign = "" if zero else "\N{MINUS SIGN}" if value < 0 else "+" if signed else ""
    return sign + whole + (words["decimal"] + part if part else "")


def _percent(value: float, lang: str) -> str:
    return TEXT[lang]["percent"].format(_number(value, lang))


def _digits(value: float) -> int:
    """Choose the decimals that show three figures without closing zeros."""
    if value == 0 or abs(value) >= 100:
        return 0
    short = f"{value:.{2 - math.floor(math.log10(abs(value)))}f}".rstrip("0")
    return len(short.partition(".")[2])


def _month(day: dt.date, lang: str) -> str:
    return f"{TEXT[lang]['months'].split()[day.month - 1]} {day.year}"


def _span(period: periods.Period, lang: str) -> str:
    """Write a period: a year, or its first and last month or day."""
    if not period.in_whole_months:
        first, last = (f"{day.day} {_month(day, lang)}" for day in (period.start, period.last))
    elif period.start.month == 1 and period.last.month == 12:
        first, last = str(period.start.year), str(period.last.year)
    else:
        first, last = _month(period.start, lang), _month(period.last, lang)
    return first if first == last else TEXT[lang]["span"].format(first, last)


def _listed(names: Sequence[str], most: int, lang: str) -> str:
    """Join names, and count those beyond `most`."""
    more = TEXT[lang]["and_more"].format(n=len(names) - most)
    return ", ".join(names[:most]) + (f" {more}" if len(names) > most else "")


# What is drawn


def _check_columns(frame: pd.DataFrame, needed: Iterable[str], table: str) -> None:
    for name in needed:
        if name not in frame:
            raise InputError(
                f"the table of {table} has no column {name!r}"
                + nearest(name, map(str, frame.columns))
            )


def _day(date: dt.date) -> float:
    """Count days from 1970, matplotlib's measure of dates."""
    return float((date - dt.date(1970, 1, 1)).days)


def _mid_months(series: xr.DataArray) -> NDArray[np.float64]:
    """Give the middle of each month in days: a month's count belongs to no single day."""
    months = series["month"].values.astype("datetime64[M]")
    return (
        months.astype("datetime64[D]").astype(np.float64)
        + (months + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.float64)
    ) / 2


def _period(series: xr.DataArray) -> periods.Period:
    months = series["month"].values.astype("datetime64[M]")
    return periods.parse(f"{months[0]}..{months[-1]}")


def _calendar(series: xr.DataArray) -> tuple[float, float]:
    """Give the first day and the day after the last, in days."""
    period = _period(series)
    return _day(period.start), _day(period.stop)


def _quantiles(series: xr.DataArray) -> NDArray[np.float64]:
    """Give the 5, 25, 50, 75 and 95 % quantiles over runs, shape (5, month)."""
    counts = series.transpose("run", "month").values.astype(np.float64)
    quantiles: NDArray[np.float64] = np.quantile(counts, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    return quantiles


def _mean_counts(results: xr.Dataset, period: periods.Period) -> NDArray[np.float64]:
    """Give the mean recorded homicides of each municipality in a period, shape (municipality,)."""
    if "recorded" in results:
        counts = periods.select(results, "recorded", period).sum("month")
    else:
        counts = results["recorded_by_period"].sel(period=str(period))
    mean: NDArray[np.float64] = counts.mean("run").values.astype(np.float64)
    return mean


def _zones(results: xr.Dataset, period: periods.Period) -> list[int]:
    """Find the municipalities that half of the runs have as zones in some month of a period."""
    if "zone_status" not in results:
        return []
    share = periods.select(results, "zone_status", period).mean("run") >= 0.5
    return [int(index) for index in np.flatnonzero(share.any("month").values)]


class _Town(NamedTuple):
    name: str
    population: int


@cache
def _towns() -> dict[str, _Town]:
    """Read the names and the population of 2007 of the municipalities."""
    return {
        row["code"]: _Town(row["name"], int(row["population_2007"]))
        for row in geography.table("el_salvador", "municipalities.csv")
    }


class _Event(NamedTuple):
    day: float
    date: str
    words: str


def _events(results: xr.Dataset, lang: str) -> list[_Event]:
    """Read the dated events of a scenario, in order."""
    events = []
    for event in json.loads(results.attrs.get("events", "[]")):
        date = dt.date.fromisoformat(event["date"])
        written = f"{date.day} {_month(date, lang)}"
        events.append(_Event(_day(date), written, str(event.get(lang) or event.get("en", ""))))
    return sorted(events, key=lambda event: event.day)


# Figures, axes and marks


type Style = dict[str, Any]
type Align = Literal["left", "center", "right"]


def _figure(lang: str, title: str, subtitle: str, height: float = HEIGHT) -> Figure:
    """Begin a figure; its id holds the language, so that `save` knows it."""
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.set_gid(lang)
    room = WIDTH - 0.9
    _write(figure, 0.45, 0.4, _shorten(title, 17, room), size=17, weight="bold")
    _write(figure, 0.45, 0.72, _shorten(subtitle, 10, room), size=10, color=GREY)
    return figure


def _axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes without a frame."""
    total = figure.get_figheight()
    axes = figure.add_axes(
        (left / WIDTH, 1 - (top + height) / total, width / WIDTH, height / total)
    )
    axes.set_facecolor("none")
    axes.tick_params(length=0, labelsize=9, labelcolor=GREY)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _write(
    figure: Figure,
    x: float,
    y: float,
    words: str,
    *,
    size: float,
    color: str = INK,
    weight: str = "normal",
    align: Align = "left",
) -> Text:
    """Write at a place in inches, vertically centred; dollar signs are no formulas."""
    return figure.text(
        x, figure.get_figheight() - y, words, transform=figure.dpi_scale_trans, fontsize=size,
        color=color, fontweight=weight, ha=align, va="center_baseline", parse_math=False,
    )  # fmt: skip


def _write_lines(
    figure: Figure, x: float, y: float, lines: Iterable[str], size: float, color: str
) -> None:
    """Write lines, the first at `y`."""
    for number, line in enumerate(lines):
        _write(figure, x, y + 0.0187 * size * number, line, size=size, color=color)


def _rule(figure: Figure, left: float, right: float, y: float) -> None:
    at = figure.get_figheight() - y
    figure.add_artist(
        Line2D([left, right], [at, at], transform=figure.dpi_scale_trans, color=RULE, linewidth=0.7)
    )


def _sample(figure: Figure, x: float, y: float, style: Style, length: float = 0.22) -> None:
    """Draw a short line, with one mark at its middle, in the style of what it stands for."""
    at = figure.get_figheight() - y
    figure.add_artist(
        Line2D(
            [x, x + length / 2, x + length], [at, at, at], transform=figure.dpi_scale_trans,
            markevery=[1], **style,
        )
    )  # fmt: skip


@cache
def _width_of(words: str, size: float) -> float:
    """Measure a text in inches."""
    pen: Any = RendererAgg(1, 1, DPI)  # type: ignore[no-untyped-call]
    font = FontProperties(size=size)
    return float(pen.get_text_width_height_descent(words, font, ismath=False)[0]) / DPI


def _shorten(words: str, size: float, room: float) -> str:
    """Cut a text that is wider than `room` inches."""
    if _width_of(words, size) <= room:
        return words
    while words and _width_of(words + "…", size) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def _wrap(words: str, size: float, room: float, most: int = 100) -> list[str]:
    """Break a text into lines no wider than `room` inches, `most` of them at most."""
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and _width_of(longer, size) > room and len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = longer
    return [_shorten(line, size, room) for line in lines]


def _spread(targets: Sequence[float], gap: float, low: float, high: float) -> NDArray[np.float64]:
    """Place labels as near to their targets as they can be without overlap.

    Parameters
    ----------
    targets : sequence of float
        Where they should be, in order.
    gap : float
        Least distance; less if there is no room for it.
    low, high : float
        Bounds of all places.

    Returns
    -------
    ndarray of float, shape (label,)
        The places with the least sum of squared shifts: with the gaps taken out this is the
        regression on a rising sequence, solved by pooling neighbours that are out of order.
    """
    count = len(targets)
    gap = min(gap, (high - low) / max(count - 1, 1))
    pools: list[tuple[float, int]] = []
    for index, target in enumerate(targets):
        pools.append((target - index * gap, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, size), (other, more) = pools.pop(-2), pools.pop()
            pools.append(((mean * size + other * more) / (size + more), size + more))
    level = np.repeat([mean for mean, _ in pools], [size for _, size in pools])
    places: NDArray[np.float64] = np.clip(level, low, high - (count - 1) * gap)
    return places + gap * np.arange(count)


def _ticks(low: float, high: float, count: int) -> list[float]:
    """Choose round numbers between two bounds."""
    ticks = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in ticks if low <= tick <= high]


def _time_axis(axes: Axes, first: float, last: float) -> None:
    """Mark the beginnings of years and name each year in its middle."""
    origin = dt.date(1970, 1, 1)
    begin, end = (origin + dt.timedelta(days=day) for day in (first, last))
    years = range(begin.year, (end - dt.timedelta(days=1)).year + 1)
    starts = [_day(dt.date(year, 1, 1)) for year in (*years, years[-1] + 1)]
    axes.set_xlim(first, last)
    axes.set_xticks([day for day in starts if first <= day <= last], labels=[])
    axes.tick_params(axis="x", length=4, color=GREY, width=0.8)
    axes.spines["bottom"].set(visible=True, color=GREY, linewidth=0.8)
    axes.spines["bottom"].set_zorder(7)
    for year, start, stop in zip(years, starts, starts[1:], strict=False):
        middle = (max(start, first) + min(stop, last)) / 2
        axes.annotate(
            str(year), (middle, 0), (0, -6), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", va="top", fontsize=9, color=GREY,
        )  # fmt: skip


def _count_axis(axes: Axes, low: float, high: float, lang: str, steps: int = 5) -> None:
    """Put round values on the vertical axis, with fine lines across."""
    axes.set_ylim(low, high)
    ticks = _ticks(low, high, steps)
    axes.set_yticks(ticks, labels=[_number(tick, lang, _digits(tick)) for tick in ticks])
    axes.grid(axis="y", color=RULE, linewidth=0.7)


_MONTHS_WIDTH = 7.3
"""Width of an axis of months: it leaves room for the names at the ends of lines."""


class _Label(NamedTuple):
    """A name at the end of a line: the words, the height in data and the line's style."""

    words: str
    value: float
    style: Style


def _label_ends(axes: Axes, labels: list[_Label]) -> None:
    """Name lines and bands at their right ends instead of in a legend."""
    figure, box = _home(axes)
    low, high = axes.get_ylim()
    labels = sorted(labels, key=lambda label: -label.value)
    room = WIDTH - box.x1 - 0.43 - 0.2
    named = [_wrap(label.words, 9, room, most=3) for label in labels]
    gap = 0.05 + 0.15 * max(map(len, named))
    targets = [box.y0 + (high - label.value) / (high - low) * (box.y1 - box.y0) for label in labels]
    places = _spread(targets, gap, box.y0 + 0.08, box.y1 - 0.08)
    for label, lines, at in zip(labels, named, places, strict=True):
        _sample(figure, box.x1 + 0.1, at, label.style, length=0.25)
        _write_lines(figure, box.x1 + 0.43, at - 0.084 * (len(lines) - 1), lines, 9, INK)


class _Box(NamedTuple):
    x0: float
    y0: float
    x1: float
    y1: float


def _home(axes: Axes) -> tuple[Figure, _Box]:
    """Give the figure of axes and their place in it, in inches from the upper left."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    height = figure.get_figheight()
    place = axes.get_position()
    return figure, _Box(
        place.x0 * WIDTH, height * (1 - place.y1), place.x1 * WIDTH, height * (1 - place.y0)
    )


def _draw_runs(axes: Axes, series: xr.DataArray, lang: str) -> tuple[list[_Label], float]:
    """Draw the median and the bands of runs; give their labels and the highest value."""
    words = TEXT[lang]
    days = _mid_months(series)
    low, lower, median, upper, high = _quantiles(series)
    line: Style = {"color": BLUE, "linewidth": 1.9}
    axes.plot(days, median, zorder=5, **line)
    if series.sizes["run"] == 1:
        return [_Label(words["single"], median[-1], line)], float(high.max())
    axes.fill_between(days, low, high, color=BAND_90, linewidth=0, zorder=2)
    axes.fill_between(days, lower, upper, color=BAND_50, linewidth=0, zorder=3)
    labels = [
        _Label(words["most"], high[-1], _band(BAND_90)),
        _Label(words["half"], upper[-1], _band(BAND_50)),
        _Label(words["median"], median[-1], line),
    ]
    return labels, float(high.max())


def _band(color: str) -> Style:
    return {"color": color, "linewidth": 7, "solid_capstyle": "butt"}


def _mark_events(axes: Axes, events: list[_Event]) -> None:
    """Put the events' numbers above the axes, each tied to its date by a fine line."""
    figure, box = _home(axes)
    low, high = axes.get_xlim()
    targets = [box.x0 + (event.day - low) / (high - low) * (box.x1 - box.x0) for event in events]
    total = figure.get_figheight()
    level = box.y0 - 0.27
    for number, (x, place) in enumerate(
        zip(targets, _spread(targets, 0.215, box.x0, box.x1), strict=True), start=1
    ):
        axes.add_line(
            Line2D(
                [x, x, place], [total - box.y1, total - box.y0 + 0.03, total - level - 0.09],
                transform=figure.dpi_scale_trans, color=FINE, linewidth=0.6, zorder=1.5,
                clip_on=False,
            )
        )  # fmt: skip
        figure.add_artist(
            Circle(
                (place, total - level), 0.092, transform=figure.dpi_scale_trans,
                facecolor="white", edgecolor=GREY, linewidth=0.8, zorder=3,
            )
        )  # fmt: skip
        _write(figure, place, level, str(number), size=7.5, align="center").set_zorder(4)


class _Key(NamedTuple):
    """The numbered list of events: its entries and how they are set in columns."""

    events: list[_Event]
    columns: int
    dates: float
    height: float


_KEY_LEADING = 0.19


def _arrange(events: list[_Event]) -> _Key:
    """Choose three columns for the key of events, or two if a text needs the room."""
    dates = max((_width_of(event.date, 8) for event in events), default=0.0)
    widest = max((_width_of(event.words, 8) for event in events), default=0.0)
    columns = 3 if 0.24 + dates + 0.08 + widest <= (WIDTH - 0.9) / 3 - 0.12 else 2
    return _Key(events, columns, dates, _KEY_LEADING * math.ceil(len(events) / columns))


def _write_key(figure: Figure, key: _Key, top: float) -> None:
    """Write the numbered events, down the columns."""
    rows = max(math.ceil(len(key.events) / key.columns), 1)
    width = (WIDTH - 0.9) / key.columns
    for index, event in enumerate(key.events):
        column, row = divmod(index, rows)
        left, at = 0.45 + column * width, top + _KEY_LEADING * row
        _write(figure, left + 0.15, at, str(index + 1), size=8, weight="bold", align="right")
        _write(figure, left + 0.24, at, event.date, size=8, color=GREY)
        start = 0.24 + key.dates + 0.08
        _write(figure, left + start, at, _shorten(event.words, 8, width - start - 0.1), size=8)


_MAP_SIZE = (4.45, 2.06)
_MAP_CORNERS = ((0.45, 0.95), (5.1, 0.95), (0.45, 3.04))


def _compound(rings: Iterable[geography.Ring]) -> Shape:
    """Make one path of many lines."""
    lines = list(rings)
    if not lines:
        return Shape(np.empty((0, 2)))
    moves = [np.full(len(line), Shape.LINETO, dtype=np.uint8) for line in lines]
    for move in moves:
        move[0] = Shape.MOVETO
    return Shape(np.concatenate(lines), np.concatenate(moves))


def _line_patch(path: Shape, color: str, linewidth: float) -> PathPatch:
    return PathPatch(
        path, facecolor="none", edgecolor=color, linewidth=linewidth, joinstyle="round",
        capstyle="round",
    )  # fmt: skip


def _write_scale(figure: Figure, left: float, top: float, title: str, lang: str) -> None:
    """Draw the classes of the maps as a strip, with the breaks between them."""
    _write(figure, left, top, title, size=9.5, weight="bold")
    width, height = 0.68, 0.2
    total = figure.get_figheight()
    for step, colour in enumerate(CLASSES):
        figure.add_artist(
            Rectangle(
                (left + step * width, total - top - 0.38), width - 0.02, height, facecolor=colour,
                linewidth=0, transform=figure.dpi_scale_trans,
            )
        )  # fmt: skip
    for step, limit in enumerate((0, *BREAKS)):
        align: Align = "left" if step == 0 else "center"
        at = left + step * width - (0.01 if step else 0.0)
        _write(figure, at, top + 0.49, _number(limit, lang), size=9, color=GREY, align=align)


_COLUMNS = (7.25, 8.3, 9.55)
_MARKS: tuple[Style, Style, Style] = (
    {
        "color": INK, "marker": "D", "markersize": 7.5, "markerfacecolor": "none",
        "markeredgewidth": 1.3, "linestyle": "",
    },
    {"color": BLUE, "marker": "o", "markersize": 8, "markeredgewidth": 0, "linestyle": ""},
    {"color": BAND_50, "linewidth": 7, "solid_capstyle": "butt"},
)  # fmt: skip
"""Observed, simulated median and 90 % interval of `reductions`, as columns and as marks."""


def _ratio_axis(axes: Axes, low: float, high: float, lang: str) -> None:
    """Make a logarithmic axis of ratios with a strong line at 1."""
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [tick for tick in (0.2, 0.25, 0.5, 1, 2, 4, 5) if low <= tick <= high]
    ticks = [tick for tick in ticks if tick not in (0.2, 5)] if 0.25 in ticks else ticks
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(
        ticks, labels=[_number(tick, lang, _digits(tick)) for tick in ticks], fontsize=8.5
    )
    axes.grid(axis="x", color=RULE, linewidth=0.7)
    axes.axvline(1, color=GREY, linewidth=1.0, zorder=2)


def _draw_ratio(
    axes: Axes, at: float, ratio: NDArray[np.float64], inside: bool, color: str
) -> None:
    """Draw an interval and its median; an arrow head where it leaves the axis."""
    low, high = axes.get_xlim()
    start, middle, stop = np.clip(ratio, low, high)
    axes.plot([start, stop], [at, at], color=color, alpha=0.45, linewidth=3.2, zorder=3,
              solid_capstyle="butt", clip_on=False)  # fmt: skip
    for end, limit, marker in ((ratio[0], low, "<"), (ratio[2], high, ">")):
        if (end - limit) * (1 if marker == ">" else -1) > 0:
            axes.plot(limit, at, marker, color=color, markersize=4, zorder=3, clip_on=False,
                      markeredgewidth=0)  # fmt: skip
    axes.plot(middle, at, "o", markersize=5, markerfacecolor=color if inside else "white",
              markeredgecolor=color, markeredgewidth=1.2, zorder=4, clip_on=False)  # fmt: skip
