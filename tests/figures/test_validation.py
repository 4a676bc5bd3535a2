"""Figures of validation: both languages, the numbers they hold, and readable without colour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from drawings import check_layout, texts_of, written
from matplotlib.figure import Figure
from PIL import Image
from spoken import in_language, texts_in
from synthetic import synthetic_results
from validations import synthetic_validation

from trucesim import figures
from trucesim.figures import validation as drawn
from trucesim.files.errors import InputError
from trucesim.outcomes import patterns
from trucesim.parameters import PARAMETERS
from trucesim.studies.validation import BLOCKS, LATER, OWN, WHOLE

LANGUAGES = ("en", "es")
UNCERTAIN = [name for name, each in PARAMETERS.items() if each.kind == "uncertain"]
WIDTHS = dict.fromkeys(UNCERTAIN, 1.0) | {UNCERTAIN[0]: 0.333, UNCERTAIN[1]: 0.667}


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    return synthetic_results(runs=20)


@pytest.fixture(scope="module")
def months() -> pd.DataFrame:
    return synthetic_validation().months


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
    months: pd.DataFrame,
    comparison: pd.DataFrame,
    prior: dict[str, np.ndarray],
    posterior: dict[str, np.ndarray],
) -> dict[str, Drawing]:
    """Give every figure as a function of the language."""

    title = "The gangs' own order of 2016"
    fitted = months[~months["block"].isin(BLOCKS)]
    return {
        "months": lambda lang: in_language(lang, drawn.months, months, title),
        "no blocks": lambda lang: in_language(lang, drawn.months, fitted, title),
        "rows": lambda lang: in_language(lang, figures.patterns, comparison),
        "draws": lambda lang: in_language(
            lang, drawn.prior_and_posterior, prior, posterior, WIDTHS
        ),
    }


@pytest.mark.slow
def test_months_without_blocks(
    drawings: dict[str, Drawing], results: xr.Dataset, tmp_path: Path
) -> None:
    """No text leaves the figure, is cut or lies on another, the provenance included."""
    figure = drawings["no blocks"]("es")
    path = figures.save(figure, tmp_path / "figure.png", results)
    with Image.open(path) as image:
        assert image.width == 1600
        assert image.info["Scenario"] == "synthetic"
    assert not [text for text in written(figure) if text.endswith("…")]
    check_layout(figure)


def test_unknown_language(drawings: dict[str, Drawing]) -> None:
    for draw in drawings.values():
        with pytest.raises(InputError, match="no text in 'fr'; there is: en, es"):
            draw("fr")


# the months


def test_months_hold_record_fit_and_predictions(months: pd.DataFrame) -> None:
    """The record from 2009 to 2019, the fitted median, and a band of own orders a block."""
    axes = drawn.months(months, "Title").axes[0]
    lines = [np.asarray(line.get_ydata(), float) for line in axes.lines]
    fitted = months[months["block"] == WHOLE]
    later = months[months["block"].isin(LATER)]
    assert any(np.array_equal(line, fitted["median"]) for line in lines)
    record = pd.concat([fitted, later])["observed"]
    assert len(record) == 132
    assert any(np.array_equal(line, record) for line in lines)
    bands = axes.collections
    assert len(bands) == 1 + len(BLOCKS) + len(LATER)
    own = months[months["treatment"].eq(OWN) & months["block"].eq("2015")]
    heights = np.concatenate([band.get_paths()[0].vertices[:, 1] for band in bands])
    assert np.isin(own[["p05", "p95"]].to_numpy(), heights).all()
    assert str(drawn.LEFT_OUT["linestyle"]) != str(drawn.NEVER_FITTED["linestyle"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_months_say_what_is_predicted(months: pd.DataFrame, lang: str) -> None:
    words = texts_in(lang, drawn.TEXT)
    told = " ".join(written(in_language(lang, drawn.months, months, "Title")))
    assert words["months.note"] in told
    alone = " ".join(
        written(in_language(lang, drawn.months, months[months["block"] != "2015"], "Title"))
    )
    assert words["months.note"] in alone
    fitted = months[~months["block"].isin(BLOCKS)]
    without = " ".join(written(in_language(lang, drawn.months, fitted, "Title")))
    assert words["months.note.no_blocks"] in without
    assert words["months.block"].split()[0] not in without


def test_months_are_checked(months: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="no column 'p95'"):
        drawn.months(months.drop(columns="p95"), "Title")


# the rows


def marks(figure: Figure) -> list[tuple[str, str]]:
    """Give filling and colour of the inside of each pattern's mark."""
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    return [(str(line.get_fillstyle()), str(line.get_markerfacecolor())) for line in lines]


def test_rows_tell_three_states_without_colour(comparison: pd.DataFrame) -> None:
    """Full, half or hollow: as many as are judged so."""
    judged = patterns.judge(comparison)
    judged = judged[judged["simulated"] & (judged["observed"] > 0)]
    inside = judged["inside"].eq(True)
    found = marks(figures.patterns(comparison))
    assert len(found) == len(judged)
    half = [style for style, _ in found].count("left")
    hollow = [face for _, face in found].count("white")
    assert half == (inside & ~judged["counts"]).sum() >= 1
    assert hollow == (~inside).sum() >= 1
    assert len(found) - half - hollow == judged["counts"].sum() >= 1


def test_rows_count_and_note(comparison: pd.DataFrame) -> None:
    """Headings give the counts of `coverage`; what is left out or runs off is said."""
    texts = written(figures.patterns(comparison))
    for row in patterns.coverage(comparison).to_dict("records"):
        assert any(text.startswith(f"{row['counted']} of {row['simulated']} inside")
                   for text in texts)  # fmt: skip
    notes = [text for text in texts if text.startswith("Arrows")]
    assert notes == ["Arrows: beyond the axis. 1 without a ratio not shown (observed value 0)."]
    near = comparison[comparison["id"].isin(["pre_truce_daily_mean", "plateau_daily_mean"])]
    assert not any("Arrows" in text for text in written(figures.patterns(near)))


def test_rows_are_checked(comparison: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="no column 'use'"):
        figures.patterns(comparison.drop(columns="use"))
    with pytest.raises(InputError, match="no row"):
        figures.patterns(comparison[comparison["simulated_median"].isna()])


# the draws


def test_draws_tell_what_is_identified(
    prior: dict[str, np.ndarray], posterior: dict[str, np.ndarray]
) -> None:
    """The most narrowed comes first; fillings differ; names are the declared ones."""
    figure = in_language("es", drawn.prior_and_posterior, prior, posterior, WIDTHS)
    assert len(figure.axes) == len(UNCERTAIN)
    texts = written(figure)
    assert f"no identificado ({len(UNCERTAIN) - 2})" in texts
    assert "identificado: 50% o menos (1)" in texts
    assert in_language("es", PARAMETERS["sanction"].label) in texts
    faces = [axes.patches[1].get_facecolor() for axes in figure.axes]
    assert len({tuple(np.round(face, 3)) for face in faces}) == 3
    assert faces[0][3] == 1
    assert faces[2][3] == 0
    heavy = [text.get_text() for text in texts_of(figure) if text.get_fontweight() == "bold"]
    # The only identified one.
    identified = in_language("es", PARAMETERS[UNCERTAIN[0]].label)
    assert {each.replace("\n", " ") for each in heavy} >= {identified, "33%"}
    assert len(heavy) == 3


def test_draws_of_names_of_ones_own() -> None:
    """Bounds and labels can be given; what lies beyond the bounds is not lost."""
    draws = {"speed": np.linspace(0, 10, 200)}
    figure = drawn.prior_and_posterior(
        draws,
        draws,
        {"speed": 1.0},
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
    for name in ("months", "rows"):
        drawings[name]("en")
    assert plt.get_fignums() == before
