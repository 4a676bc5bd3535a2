"""Figures of validation: both languages, the numbers they hold, and readable without colour."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure
from PIL import Image
from synthetic import synthetic_results

from trucesim import figures
from trucesim.figures import validation as drawn
from trucesim.figures.scenario import USES
from trucesim.files.errors import InputError
from trucesim.outcomes import forecasts, patterns
from trucesim.parameters import PARAMETERS
from trucesim.world.observed import observed

LANGUAGES = ("en", "es")
WINDOWS = [name for name, window in forecasts.windows().items() if window.origin]
UNCERTAIN = [name for name, each in PARAMETERS.items() if each.kind == "uncertain"]
WIDTHS = dict.fromkeys(UNCERTAIN, 1.0) | {UNCERTAIN[0]: 0.333, UNCERTAIN[1]: 0.667}
EVENTS = ["2012-03-09", "2014-03-01", "2015-02-12", "2016-04-01"]


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """Give runs with events before and after the origins."""
    events = [{"date": day, "en": "Event", "es": "Hecho"} for day in EVENTS]
    return synthetic_results(runs=20).assign_attrs(events=json.dumps(events))


@pytest.fixture(scope="module")
def comparison(results: xr.Dataset) -> pd.DataFrame:
    """Give a comparison with a row far off, one wide and one observed as zero."""
    table = patterns.compare(results)
    bounds = ["simulated_p05", "simulated_median", "simulated_p95"]
    table.loc[table["id"] == "peak_month_2015", bounds] = [1.0, 2.0, 3.0]
    wide = table["id"] == "police_killed_2014"
    table.loc[wide, bounds] = [20.0, 40.0, 60.0]
    table.loc[wide, "inside"] = True
    table.loc[table["id"] == "police_killed_2015", "observed"] = 0.0
    return table


@pytest.fixture(scope="module")
def prior() -> dict[str, np.ndarray]:
    """Give even draws between the declared bounds."""
    even = np.linspace(0, 1, 401)
    return {
        name: PARAMETERS[name].low + even * (PARAMETERS[name].high - PARAMETERS[name].low)
        for name in UNCERTAIN
    }


@pytest.fixture(scope="module")
def posterior(prior: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Give draws of which the first fill a third, the second two thirds, the others all."""
    kept = {UNCERTAIN[0]: slice(150, 284), UNCERTAIN[1]: slice(70, 338)}
    return {name: draws[kept.get(name, slice(None))] for name, draws in prior.items()}


Drawing = Callable[[str], Figure]


@pytest.fixture(scope="module")
def drawings(
    results: xr.Dataset,
    comparison: pd.DataFrame,
    prior: dict[str, np.ndarray],
    posterior: dict[str, np.ndarray],
) -> dict[str, Drawing]:
    """Give every figure as a function of the language."""

    def fan(window: str) -> Drawing:
        return lambda lang: drawn.forecast_fan(results, window, lang)

    return {
        **{window: fan(window) for window in WINDOWS},
        "rows": lambda lang: drawn.pattern_rows(comparison, lang),
        "draws": lambda lang: drawn.prior_and_posterior(prior, posterior, WIDTHS, lang),
    }


def written(figure: Figure) -> list[str]:
    """Give every text of a figure."""
    texts = [text.get_text() for text in figure.texts]
    return texts + [text.get_text() for axes in figure.axes for text in axes.texts]


def fields(template: str) -> list[str]:
    """Give the names of a template's gaps."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


def test_languages_have_the_same_words() -> None:
    """Each key stands in both languages with the same gaps, and each naive method has a name."""
    english, spanish = drawn.TEXT.values()
    assert list(english) == list(spanish)
    for key, text in english.items():
        assert fields(text) == fields(spanish[key]), key
    for method in forecasts.NAIVE:
        assert f"method.{method}" in english
        assert method in drawn.NAIVE_STYLES
    for use in USES:
        assert f"rows.{use}" in english


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", [*WINDOWS, "rows", "draws"])
@pytest.mark.slow
def test_texts_stay_inside_and_apart(
    name: str, lang: str, drawings: dict[str, Drawing], results: xr.Dataset, tmp_path: Path
) -> None:
    """No text leaves the figure, is cut or lies on another, the provenance included."""
    figure = drawings[name](lang)
    path = figures.save(figure, tmp_path / "figure.png", results)
    with Image.open(path) as image:
        assert image.width == 1600
        assert image.info["Scenario"] == "synthetic"
    renderer: Any = figure.canvas
    boxes = [
        (text.get_text(), text.get_window_extent(renderer.get_renderer()))
        for text in [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    ]
    for text, box in boxes:
        assert not text.endswith("…"), text
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text
    for (text, box), (other, second) in combinations(boxes, 2):
        across = min(box.x1, second.x1) - max(box.x0, second.x0)
        along = min(box.y1, second.y1) - max(box.y0, second.y0)
        assert across < 2 or along < 4, (text, other)


def test_unknown_language(drawings: dict[str, Drawing]) -> None:
    for draw in drawings.values():
        with pytest.raises(InputError, match="no text in 'fr'; there is: en, es"):
            draw("fr")


# the fan


def test_fan_holds_the_forecasts(results: xr.Dataset) -> None:
    """Lines are the weighted median, the record and each naive forecast, of their own months."""
    weights = np.arange(20)
    axes = drawn.forecast_fan(results, "2014", "en", weights).axes[0]
    lines = [np.asarray(line.get_ydata(), float) for line in axes.lines]
    runs = results["recorded_national"].sel(month="2014").values
    median = forecasts.quantiles(runs, [0.5], weights)[0]
    assert not np.array_equal(median, forecasts.quantiles(runs, [0.5])[0])
    record = observed()["recorded_national"].sel(month=slice("2012", "2014")).values[0]
    window = forecasts.windows()["2014"]
    naive = [forecasts.naive_forecast(method, window) for method in forecasts.NAIVE]
    for expected in (median, record, *naive):
        assert any(np.array_equal(line, expected) for line in lines)
    assert len({str(style["linestyle"]) for style in drawn.NAIVE_STYLES.values()}) == len(naive)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_fan_says_what_it_is_conditional_on(results: xr.Dataset, lang: str) -> None:
    """The caption and the scores are those of the module, and weights are told."""
    figure = drawn.forecast_fan(results, "2014-01..2016-03", lang)
    assert forecasts.CONDITIONALITY[lang] in " ".join(written(figure))
    scores = forecasts.score_forecast(results, "2014-01..2016-03").set_index("method")
    for method, column in ((forecasts.MODEL, "crps"), ("seasonal", "crps_centred")):
        told = drawn.TEXT[lang]["fan.scores"].format(
            mae=f"{scores['mae'][method]:.0f}", crps=f"{scores[column][method]:.0f}"
        )
        assert told in written(figure)
    weighted = drawn.forecast_fan(results, "2014-01..2016-03", lang, np.ones(20))
    word = drawn.TEXT[lang]["fan.weighted"]
    assert not any(word in text for text in written(figure))
    assert any(word in text for text in written(weighted))


def test_fan_marks_the_inputs_after_its_origin(results: xr.Dataset) -> None:
    """Two events lie between December 2013 and April 2016; without any nothing is said."""
    marks = [
        line for line in drawn.forecast_fan(results, "2014-01..2016-03").axes[0].lines
        if line.get_marker() == "v"
    ]  # fmt: skip
    assert [len(np.asarray(line.get_xdata())) for line in marks] == [2]
    words = drawn.TEXT["en"]["fan.inputs"]
    assert words in written(drawn.forecast_fan(results, "2014"))
    without = results.assign_attrs(events="[]")
    assert words not in written(drawn.forecast_fan(without, "2014"))


def test_fan_needs_an_origin(results: xr.Dataset) -> None:
    with pytest.raises(InputError, match="has no origin"):
        drawn.forecast_fan(results, "2010-01..2013-12")
    with pytest.raises(InputError, match="no window '2017'"):
        drawn.forecast_fan(results, "2017")


# the rows


def marks(figure: Figure) -> list[tuple[str, str]]:
    """Give filling and colour of the inside of each pattern's mark."""
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    return [(str(line.get_fillstyle()), str(line.get_markerfacecolor())) for line in lines]


def test_rows_tell_three_states_without_colour(comparison: pd.DataFrame) -> None:
    """Full, half or hollow: as many as the rule of hold-outs has of each."""
    judged = forecasts.judge(comparison)
    judged = judged[judged["simulated"] & (judged["observed"] > 0)]
    inside = judged["inside"].eq(True)
    found = marks(drawn.pattern_rows(comparison))
    assert len(found) == len(judged)
    half = [style for style, _ in found].count("left")
    hollow = [face for _, face in found].count("white")
    assert half == (inside & ~judged["counts"]).sum() >= 1
    assert hollow == (~inside).sum() >= 1
    assert len(found) - half - hollow == judged["counts"].sum() >= 1


def test_rows_count_and_note(comparison: pd.DataFrame) -> None:
    """Headings give the counts of `hold_outs`; what is left out or runs off is said."""
    texts = written(drawn.pattern_rows(comparison))
    for row in forecasts.hold_outs(comparison).to_dict("records"):
        assert any(text.startswith(f"{row['counted']} of {row['simulated']} inside")
                   for text in texts)  # fmt: skip
    notes = [text for text in texts if text.startswith("Arrows")]
    assert notes == ["Arrows: beyond the axis. 1 without a ratio not shown (observed value 0)."]
    near = comparison[comparison["id"].isin(["pre_truce_daily_mean", "plateau_daily_mean"])]
    assert not any("Arrows" in text for text in written(drawn.pattern_rows(near)))


def test_rows_are_checked(comparison: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="no column 'use'"):
        drawn.pattern_rows(comparison.drop(columns="use"))
    with pytest.raises(InputError, match="no row"):
        drawn.pattern_rows(comparison[comparison["simulated_median"].isna()])


# the draws


def test_draws_tell_what_is_identified(
    prior: dict[str, np.ndarray], posterior: dict[str, np.ndarray]
) -> None:
    """The most narrowed comes first; fillings differ; names are the declared ones."""
    figure = drawn.prior_and_posterior(prior, posterior, WIDTHS, "es")
    assert len(figure.axes) == len(UNCERTAIN)
    texts = written(figure)
    assert f"no identificado ({len(UNCERTAIN) - 2})" in texts
    assert "identificado: 50\N{NO-BREAK SPACE}% o menos (1)" in texts
    assert PARAMETERS["sanction"].es in texts
    faces = [axes.patches[1].get_facecolor() for axes in figure.axes]
    assert len({tuple(np.round(face, 3)) for face in faces}) == 3
    assert faces[0][3] == 1
    assert faces[2][3] == 0
    heavy = [text.get_text() for text in figure.texts if text.get_fontweight() == "bold"]
    # The only identified one, its name in lines from the lower to the upper.
    *lines, width = heavy[1:]
    assert " ".join(reversed(lines)) == PARAMETERS[UNCERTAIN[0]].es
    assert width == "33\N{NO-BREAK SPACE}%"


def test_draws_of_names_of_ones_own() -> None:
    """Bounds and labels can be given; what lies beyond the bounds is not lost."""
    draws = {"speed": np.linspace(0, 10, 200)}
    figure = drawn.prior_and_posterior(
        draws,
        draws,
        {"speed": 1.0},
        "en",
        bounds={"speed": (2, 8)},
        labels={"speed": "Speed of it"},
    )
    assert {"Speed of it", "2", "8", "100%"} <= set(written(figure))
    patch: Any = figure.axes[0].patches[1]
    assert patch.get_data().values.mean() == pytest.approx(1)
    with pytest.raises(InputError, match="'speed' has no bounds"):
        drawn.prior_and_posterior(draws, draws, {"speed": 1.0})
    with pytest.raises(InputError, match=r"'sped' has no prior draws \(did you mean 'speed'\?\)"):
        drawn.prior_and_posterior(draws, {"sped": [1.0, 2.0]}, {})
    with pytest.raises(InputError, match="no parameter to draw"):
        drawn.prior_and_posterior(draws, {}, {})


def test_nothing_touches_pyplot(drawings: dict[str, Drawing]) -> None:
    """Figures belong to no global state."""
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    for name in ("2014", "rows"):
        drawings[name]("en")
    assert plt.get_fignums() == before
