"""Figures of the model in other countries: a control, and the region side by side."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from trucesim.figures.axes import Column, name_rows, number_axis
from trucesim.figures.canvas import (
    BAND_50,
    BLUE,
    GREY,
    INK,
    VERMILION,
    Style,
    check_columns,
    mark,
    new_figure,
    runs_in_words,
    styled,
)
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.scenario.file import load_scenario
from trucesim.studies.transfer import DOCUMENTED, MUST_FAIL, Control
from trucesim.world.country import load_country
from trucesim.world.folder import being_in

TEXT = catalogue(
    {
        "control.title": "A pact after which homicides did not fall",
        "control.subtitle": "{country}: {pattern}. Median and 90% of {runs} of each case; shaded: "
        "what chance alone allows around what was observed",
        "control.observed": "Observed: {value} ({low} to {high})",
        "control.median": "Simulated\nmedian",
        "control.interval": "90% of\nruns",
        "control.inside": "Runs inside\nthe shade",
        "control.documented": "{title} (as documented)",
        "control.must_fail": "{title}, with El Salvador's hierarchy and share: must miss it",
        "region.title": "The same pact in three countries",
        "region.subtitle": "Homicides fewer in its first year than in the same runs without it: "
        "median and 90% of {runs}. What differs is assumed, not known",
        "region.fewer": "Fewer\nhomicides",
        "region.gang_share": "Gangs' share\nof killings",
        "region.reach_open": "Reach of\norders",
        "region.offers": "The state\noffers",
        "region.yes": "yes",
        "region.no": "no",
        "region.el_salvador": "El Salvador, March 2012",
        "region.honduras": "Honduras, May 2013",
        "region.guatemala": "Guatemala, July 2013 (hypothetical)",
        "region.note": "El Salvador: fitted to its record. Honduras and Guatemala: El Salvador's "
        "rules and posterior with wide priors for share and reach; only the level of homicides is "
        "their own. In Guatemala there was no pact.",
    }
)

INTERVAL: Style = {"color": BAND_50, "linewidth": 7}
MEDIAN = mark(BLUE, size=8)


@styled
def control(found: Control) -> Figure:
    """Draw a control: the statistic by case, what was observed, and what chance allows."""
    pattern, cases = found.pattern, found.cases
    with being_in(found.country):
        country = load_country().titled()
        titles = {name: load_scenario(name).title[spoken()] for name in cases["scenario"]}
    told = {DOCUMENTED: "control.documented", MUST_FAIL: "control.must_fail"}
    names = [
        TEXT[told[case]].format(title=titles[name]) if case in told else titles[name]
        for case, name in zip(cases["case"], cases["scenario"], strict=True)
    ]
    subtitle = TEXT["control.subtitle"].format(
        country=country, pattern=_name(found), runs=runs_in_words(found.runs)
    )
    figure = new_figure(TEXT["control.title"], subtitle, 2.6 + 0.45 * len(cases))
    axes = figure.add_subplot()
    number = language.number
    interval = [
        f"{number(low, 2)} \N{EN DASH} {number(high, 2)}"
        for low, high in zip(cases["p05"], cases["p95"], strict=True)
    ]
    columns = [
        Column(TEXT["control.median"], [number(x, 2) for x in cases["median"]], "bold",
               style=MEDIAN),
        Column(TEXT["control.interval"], interval, style=INTERVAL),
        Column(TEXT["control.inside"], [language.percent(100 * x) for x in cases["inside"]]),
    ]  # fmt: skip
    at = name_rows(axes, names, columns, size=9.5, room=3.1, least=4.0)
    axes.axvspan(pattern.low, pattern.high, color=GREY, alpha=0.15, linewidth=0)
    axes.axvline(pattern.value, color=INK, linewidth=1.2)
    axes.hlines(at, cases["p05"], cases["p95"], zorder=3, **INTERVAL)
    axes.plot(cases["median"], at, zorder=4, **MEDIAN)
    failing = cases["case"].eq(MUST_FAIL).to_numpy()
    axes.plot(cases["median"][failing], at[failing], zorder=5, **mark(VERMILION, size=8))
    observed = TEXT["control.observed"].format(
        value=number(pattern.value, 2), low=number(pattern.low, 2), high=number(pattern.high, 2)
    )
    axes.set_title(observed, fontsize=8.5, color=INK, loc="right", pad=14)
    low = min(cases["p05"].min(), pattern.low)
    number_axis(axes, "x", 0.9 * low, 1.05 * max(cases["p95"].max(), pattern.high))
    return figure


def _name(found: Control) -> str:
    from trucesim.outcomes.patterns import label

    with being_in(found.country):
        return label(found.pattern.id)


@styled
def region(table: pd.DataFrame, runs: int) -> Figure:
    """Draw the pacts of the region: what each gave, beside what is assumed to differ.

    Parameters
    ----------
    table : pandas.DataFrame
        See `trucesim.studies.transfer.region`.
    runs : int
        Of each country.
    """
    check_columns(table, ("country", "fewer_p05", "fewer_median", "fewer_p95"), "the region")
    names = [TEXT[f"region.{name}"] for name in table["country"]]
    subtitle = TEXT["region.subtitle"].format(runs=runs_in_words(runs))
    figure = new_figure(TEXT["region.title"], subtitle, 4.4, note=TEXT["region.note"])
    axes = figure.add_subplot()
    percent = language.percent

    def span(name: str, times: float = 1.0) -> list[str]:
        ends = zip(table[f"{name}_p05"], table[f"{name}_p95"], strict=True)
        return [f"{language.number(times * a)} \N{EN DASH} {percent(times * b)}" for a, b in ends]

    given = ["region.yes" if each else "region.no" for each in table["offers"]]
    columns = [
        Column(TEXT["region.fewer"], [percent(x) for x in table["fewer_median"]], "bold",
               style=MEDIAN),
        Column("90%", span("fewer"), style=INTERVAL),
        Column(TEXT["region.gang_share"], span("gang_share", 100.0), color=GREY),
        Column(TEXT["region.reach_open"], span("reach_open", 100.0), color=GREY),
        Column(TEXT["region.offers"], [TEXT[each] for each in given], color=GREY),
    ]  # fmt: skip
    at = name_rows(axes, names, columns, size=10, room=2.6, least=3.0)
    axes.axvline(0.0, color=GREY, linewidth=1.2)
    axes.hlines(at, table["fewer_p05"], table["fewer_p95"], zorder=3, **INTERVAL)
    axes.plot(table["fewer_median"], at, zorder=4, **MEDIAN)
    low, high = float(table["fewer_p05"].min()), float(table["fewer_p95"].max())
    number_axis(axes, "x", low, high, tell=percent, zero=True)
    return figure
