"""Figures: they render in both languages, hold what they should and carry their provenance."""

from __future__ import annotations

import datetime as dt
import json
import string
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from drawings import written
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image
from spoken import in_language

from trucesim import figures
from trucesim.figures import axes as parts
from trucesim.figures import canvas, mapping, pattern, scenario
from trucesim.files.errors import InputError, StoreError
from trucesim.locale import language
from trucesim.outcomes.paired import NO_TRUCE
from trucesim.outcomes.patterns import REGISTRY, label
from trucesim.world import tiles as geography

LANGUAGES = ("en", "es")
MONTHS = np.arange("2009-01", "2017-01", dtype="datetime64[M]")
CODES = list(geography.outlines())
ZONES = ("0607", "0511", "0512", "0315", "0509", "0602", "1010", "0614")
EVENTS = [
    ("2012-03-09", "Leaders moved to ordinary prisons", "Líderes a penales comunes"),
    ("2012-07-12", "The OAS becomes guarantor", "La OEA se vuelve garante"),
    ("2012-11-22", "Sanctuary municipalities proposed", "Se proponen municipios santuario"),
    ("2013-01-22", "First four zones declared", "Primeras cuatro zonas declaradas"),
    ("2013-02-04", "Army leaves patrols: US$ 5 and $x$", "El ejército deja las patrullas"),
    ("2013-05-17", "Court removes the minister", "La Sala destituye al ministro"),
    ("2013-06-01", "Hostile minister in office", "Ministro hostil en el cargo"),
    ("2013-11-01", "Funds for the zones never came", "Los fondos no llegaron"),
    ("2014-03-01", "Soldiers from 6,500 to 11,500", "Soldados: de 6500 a 11 500"),
    ("2015-02-12", "Leaders back in maximum security", "Líderes de vuelta a máxima seguridad"),
    ("2016-03-26", "The gangs' own stop order", "Orden de alto de las pandillas"),
    ("2016-04-01", "Extraordinary measures", "Medidas extraordinarias"),
]


def level(*, truce: bool) -> np.ndarray:
    """Give the expected homicides of each month."""
    steps = {"2009-01": 355, "2015-03": 550, "2016-04": 355}
    if truce:
        steps |= {"2012-03": 172, "2013-07": 245, "2014-03": 330}
    values = np.zeros(len(MONTHS))
    for month, value in sorted(steps.items()):
        values[np.datetime64(month) <= MONTHS] = value
    return values


def simulate(*, truce: bool = True, runs: int = 4) -> xr.Dataset:
    """Draw results that look like a simulation's, with full detail."""
    rng = np.random.default_rng(3)
    weights = rng.gamma(0.7, size=len(CODES))
    expected = level(truce=truce)[:, None] * weights / weights.sum()
    recorded = rng.poisson(np.broadcast_to(expected, (runs, *expected.shape))).astype(np.int16)
    zones = np.zeros(recorded.shape, dtype=bool)
    if truce:
        zones[:, 50:60, [CODES.index(code) for code in ZONES]] = True
    kept = {span.kept: spell(span.kept) for span in mapping.MAP_PERIODS}
    events = [dict(zip(("date", "en", "es"), event, strict=True)) for event in EVENTS]
    return xr.Dataset(
        {
            "recorded": (("run", "month", "municipality"), recorded),
            "recorded_national": (("run", "month"), recorded.sum(axis=2, dtype=np.int32)),
            "hidden": (("run", "month", "kind"), rng.poisson(3, (runs, len(MONTHS), 6))),
            "zone_status": (("run", "month", "municipality"), zones),
            "recorded_by_period": (
                ("run", "period", "municipality"),
                np.stack([recorded[:, months].sum(axis=1) for months in kept.values()], axis=1),
            ),
        },
        coords={
            "run": np.arange(runs),
            "month": MONTHS.astype("datetime64[ns]"),
            "municipality": CODES,
            "period": list(kept),
        },
        attrs={
            "scenario": "truce" if truce else "no_truce",
            "title_en": "The truce as it was" if truce else "No truce",
            "title_es": "La tregua como fue" if truce else "Sin tregua",
            "digest": "0123456789abcdef",
            "seed": 7,
            "version": "1.2.3",
            "runs": runs,
            "events": json.dumps(events if truce else []),
        },
    )


def spell(text: str) -> np.ndarray:
    """Find the months of a year or of a span of months."""
    first, _, last = text.partition("..")
    begin, end = (first, last) if last else (f"{first}-01", f"{first}-12")
    return (np.datetime64(begin) <= MONTHS) & (np.datetime64(end) >= MONTHS)


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """Give runs with a truce."""
    return simulate()


@pytest.fixture(scope="module")
def without() -> xr.Dataset:
    """Give runs without one."""
    return simulate(truce=False)


@pytest.fixture(scope="module")
def observed() -> xr.Dataset:
    """Give a record with jumps of its own."""
    counts = level(truce=True) + np.random.default_rng(1).normal(0, 30, len(MONTHS))
    return xr.Dataset(
        {"recorded_national": (("run", "month"), counts.round().astype(int)[None])},
        coords={"run": [0], "month": MONTHS.astype("datetime64[ns]")},
    )


@pytest.fixture(scope="module")
def reductions() -> pd.DataFrame:
    """Give a table with a row that is no percentage and one without an observed value."""
    return pd.DataFrame(
        [
            ("reduction_percent", "jan_feb_2012", 55.7, 51.0, 54.2, 57.5),
            ("reduction_percent", "2011", 49.0, 44.1, 47.8, 51.9),
            ("averted", "2011", 3501.0, 3000.0, 3500.0, 4000.0),
            ("reduction_percent", "26_months", 47.4, 42.7, 46.5, 50.1),
            ("reduction_percent", NO_TRUCE, np.nan, -4.0, 45.0, 49.4),
        ],
        columns=["measure", "baseline", "observed", "p05", "median", "p95"],
    ).assign(window="2012-03-09..2013-10-31")


@pytest.fixture(scope="module")
def comparison() -> pd.DataFrame:
    """Give a table of all patterns, with a pattern not computed and one observed as zero."""
    table = pd.DataFrame(geography.table("el_salvador", "patterns.csv"))[["id", "use", "value"]]
    observed = table["value"].astype(float)
    table = table.drop(columns="value").assign(
        observed=observed,
        simulated_p05=0.8 * observed,
        simulated_median=1.1 * observed,
        simulated_p95=1.3 * observed,
        inside=np.arange(len(table)) % 3 > 0,
    )
    table = table[table["use"] != "initial condition"].astype({"inside": object})
    bounds = ["simulated_p05", "simulated_median", "simulated_p95"]
    table.loc[0, bounds] = [0.0, 9.0, 2000.0]
    table.loc[1, "observed"] = 0.0
    table.loc[2, bounds] = np.nan
    table.loc[2, "inside"] = None
    return table


Drawing = Callable[[str], Figure]


@pytest.fixture
def drawings(
    results: xr.Dataset,
    without: xr.Dataset,
    observed: xr.Dataset,
    reductions: pd.DataFrame,
    comparison: pd.DataFrame,
) -> dict[str, Drawing]:
    """Give every figure as a function of the language."""
    return {
        "monthly": lambda lang: in_language(lang, figures.monthly, results, observed, without),
        "maps": lambda lang: in_language(lang, figures.maps, results),
        "reductions": lambda lang: in_language(lang, figures.reductions, reductions),
        "patterns": lambda lang: in_language(lang, figures.patterns, comparison),
        "difference": lambda lang: in_language(lang, figures.difference, results, without),
    }


def fields(template: str) -> list[str]:
    """Give the names of a template's gaps."""
    parsed = string.Formatter().parse(template)
    return sorted(name for _, name, _, _ in parsed if name is not None)


def test_no_word_stands_in_two_tables() -> None:
    assert not set(canvas.TEXT) & set(scenario.TEXT)


def test_every_pattern_has_a_label() -> None:
    """Each shipped pattern and each use has its words."""
    for row in geography.table("el_salvador", "patterns.csv"):
        assert label(row["id"]) == REGISTRY[row["id"]].label
        assert f"patterns.{row['use_second']}" in pattern.TEXT
        assert row["use_second"] in pattern.USES


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.slow
def test_all_are_saved_without_warnings(
    lang: str,
    tmp_path: Path,
    results: xr.Dataset,
    without: xr.Dataset,
    observed: xr.Dataset,
    reductions: pd.DataFrame,
    comparison: pd.DataFrame,
) -> None:
    """Five files at 160 dots an inch, each with its provenance, and nothing else beside them."""
    steps: list[tuple[int, int]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paths = in_language(lang, figures.save_all,
            results, observed, comparison, reductions, tmp_path / "new", without,
            progress=lambda done, all_: steps.append((done, all_)),
        )  # fmt: skip
    names = ["monthly", "maps", "reductions", "patterns", "difference"]
    assert [path.name for path in paths] == [f"{name}_{lang}.png" for name in names]
    assert sorted((tmp_path / "new").iterdir()) == sorted(paths)
    assert steps == [(number, 5) for number in range(1, 6)]
    for path in paths:
        with Image.open(path) as image:
            assert image.width == 1600
            assert image.height >= 900
            assert image.info["dpi"] == pytest.approx((160, 160), abs=0.1)
            assert image.info["Software"] == "trucesim 1.2.3"
            assert image.info["Digest"].startswith("0123456789ab")
            assert "cdef" not in image.info["Digest"]
            assert image.info["Scenario"] in ("truce", "truce | no_truce")
            assert image.info["Seed"] in ("7", "7 | 7")
            assert image.info["Runs"] in ("4", "4 | 4")


def test_without_a_counterfactual_there_is_no_difference(
    tmp_path: Path,
    results: xr.Dataset,
    observed: xr.Dataset,
    reductions: pd.DataFrame,
    comparison: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Four figures remain."""
    monkeypatch.setattr(figures, "save", lambda figure, path, *results: path)
    paths = figures.save_all(results, observed, comparison, reductions, tmp_path)
    names = ["maps_en.png", "monthly_en.png", "patterns_en.png", "reductions_en.png"]
    assert sorted(path.name for path in paths) == names


def test_unknown_language(drawings: dict[str, Drawing]) -> None:
    """Every figure refuses a language that it has no words for."""
    for draw in drawings.values():
        with pytest.raises(InputError, match="no text in 'fr'; there is: en, es"):
            draw("fr")


@pytest.mark.parametrize(("lang", "locale"), [("en", "en_US"), ("es", "es_SV")])
def test_numbers_are_as_the_country_writes_them(lang: str, locale: str) -> None:
    for value, digits in ((12345.6, 1), (1234, 0), (-0.5, 1), (1234567.25, 2), (7, 0)):
        form = "#,##0" + ("." + digits * "0" if digits else "")
        told = format_decimal(value, format=form, locale=locale).replace("-", "\N{MINUS SIGN}")
        assert in_language(lang, language.number, value, digits) == told
    assert in_language(lang, language.percent, 55) == format_percent(0.55, locale=locale)
    day = dt.date(2013, 4, 5)
    months = format_date(day, "d MMM y", locale=locale)
    assert f"{day.day} {in_language(lang, language.month, day)}" == months


def test_numbers() -> None:
    assert language.number(-0.2) == "0"
    assert language.number(3, signed=True) == "+3"


@pytest.mark.parametrize(
    ("value", "digits"),
    [(0, 0), (5280, 0), (11.61, 1), (5.6, 1), (0.973, 3), (0.25, 2), (0.5, 1), (49.0, 0)],
)
def test_digits_show_three_figures(value: float, digits: int) -> None:
    """Three figures, without closing zeros."""
    assert language.digits_of(value) == digits


def test_spread_keeps_order_gaps_and_bounds() -> None:
    """Labels stay where they are if they can, and else move as little as they must."""
    np.testing.assert_allclose(parts.spread([1, 3, 6], 1, 0, 10), [1, 3, 6])
    np.testing.assert_allclose(parts.spread([5, 5, 5], 1, 0, 10), [4, 5, 6])
    np.testing.assert_allclose(parts.spread([0, 0, 10, 10], 1, 0, 10), [0, 1, 9, 10])
    np.testing.assert_allclose(parts.spread([2, 2, 2], 9, 0, 10), [0, 5, 10])
    rng = np.random.default_rng(0)
    for _ in range(50):
        targets = np.sort(rng.random(12) * 10)
        places = parts.spread(targets.tolist(), 0.7, 0, 10)
        assert np.diff(places).min() >= 0.7 - 1e-9
        assert places[0] >= 0
        assert places[-1] <= 10 + 1e-9


def test_monthly_shows_bands_median_record_and_events(
    results: xr.Dataset, without: xr.Dataset, observed: xr.Dataset
) -> None:
    """Lines hold the very numbers; each event has its number and its words."""
    figure = figures.monthly(results, observed, without)
    lines = [line.get_ydata() for line in figure.axes[0].lines]
    for expected in (
        np.median(results["recorded_national"], axis=0),
        np.median(without["recorded_national"], axis=0),
        observed["recorded_national"].values[0],
    ):
        assert any(np.array_equal(line, expected) for line in lines)
    texts = written(figure)
    for number, (_, words, _) in enumerate(EVENTS, start=1):
        assert words in texts
        assert texts.count(str(number)) == 2
    assert "No truce (model)" in texts
    assert "No truce (model)" not in written(figures.monthly(results, observed))


def test_monthly_of_one_run_has_no_bands(without: xr.Dataset, observed: xr.Dataset) -> None:
    """One run is a line, and the words say so."""
    texts = written(figures.monthly(without.isel(run=[0]), observed))
    assert "Simulated, one run" in texts
    assert not any("of runs" in text for text in texts)
    assert any("1 simulated run and" in text for text in texts)


def test_monthly_grows_with_its_events(results: xr.Dataset, observed: xr.Dataset) -> None:
    """Many long events make the figure taller; they are cut and never run out of it."""
    many = [{"date": "2013-04-01", "en": "long " * 40, "es": "x"}] * 30
    many.append({"date": "2020-01-01", "en": "after the end", "es": "x"})
    figure = figures.monthly(results.assign_attrs(events=json.dumps(many)), observed)
    assert figure.get_figheight() > canvas.HEIGHT
    assert sum(text.endswith("…") for text in written(figure)) == 30
    assert "after the end" not in written(figure)


def shades(figure: Figure) -> Iterator[list[str]]:
    """Give the classes of the municipalities, map by map."""
    known = {tuple(to_rgb(colour)): colour for colour in canvas.CLASSES}
    for axes in figure.axes:
        for places in (item for item in axes.collections if isinstance(item, PathCollection)):
            yield [known[tuple(colour[:3])] for colour in places.get_facecolor().tolist()]  # type: ignore[union-attr]


def test_maps_class_the_mean_rate_of_a_year(results: xr.Dataset) -> None:
    """Every municipality of each map has the colour of its rate, computed the long way."""
    rows = geography.table("el_salvador", "municipalities.csv")
    population = np.array([int(row["population_2007"]) for row in rows])
    shuffled = results.isel(municipality=np.random.default_rng(0).permutation(len(CODES)))
    for data in (results, shuffled):
        order = [CODES.index(code) for code in data["municipality"].values]
        drawn = list(shades(figures.maps(data)))
        for colours, months, days in zip(
            drawn,
            ("2011-03..2012-02", "2012-03..2013-06", "2015"),
            (366, 487, 365),
            strict=True,
        ):
            counts = data["recorded"].values[:, spell(months)].sum(axis=1).mean(axis=0)
            rates = counts / population[order] * 1e5 / days * 365.25
            classes = [sum(rate >= limit for limit in canvas.BREAKS) for rate in rates]
            assert colours == [canvas.CLASSES[number] for number in classes]


def test_maps_outline_zones_of_half_of_the_runs(results: xr.Dataset) -> None:
    """A zone in half of the runs counts, in fewer it does not."""
    status = results["zone_status"].copy()
    status[2:, :, CODES.index("0614")] = False
    status[1:, :, CODES.index("0602")] = False
    texts = " ".join(written(figures.maps(results.assign(zone_status=status))))
    assert "San Salvador" in texts
    assert "Ilopango" in texts
    assert "Apopa" not in texts
    assert "zones" not in " ".join(written(figures.maps(results.drop_vars("zone_status"))))


def test_maps_without_municipal_detail_fall_back(results: xr.Dataset) -> None:
    """The totals that are always kept are drawn, and the headings say of which period."""
    slim = results.drop_vars(["recorded", "zone_status"])
    texts = written(figures.maps(slim))
    for heading in ("2011", "Mar 2012 to Apr 2013", "2015"):
        assert heading in texts
    assert list(shades(figures.maps(slim)))[2] == list(shades(figures.maps(results)))[2]


def test_maps_of_a_users_outlines(results: xr.Dataset) -> None:
    """They need every municipality, and say nothing of tiles."""
    outlines = geography.outlines()
    tiles = mapping.TEXT["maps.tiles"].format(km="1")
    assert tiles in " ".join(written(figures.maps(results)))
    assert tiles not in " ".join(written(figures.maps(results, outlines)))
    del outlines["0614"]
    with pytest.raises(InputError, match="'0614' of the results has none"):
        figures.maps(results, outlines)


def test_reductions_show_percentages_only(reductions: pd.DataFrame) -> None:
    """Averted homicides are left out, a missing observed value is a dash."""
    texts = written(in_language("es", figures.reductions, reductions))
    assert "54%" in texts
    assert "\N{MINUS SIGN}4 a 49%" in texts
    assert texts.count("\N{EN DASH}") == 1
    assert not any("3500" in text for text in texts)
    assert any(text.endswith("09/03/2012 a 31/10/2013") for text in texts)


def test_tables_are_checked(reductions: pd.DataFrame, comparison: pd.DataFrame) -> None:
    """A missing column is named with the nearest one; a table without rows is refused."""
    misspelt = reductions.rename(columns={"median": "medain"})
    with pytest.raises(InputError, match=r"no column 'median' \(did you mean 'medain'\?\)"):
        figures.reductions(misspelt)
    with pytest.raises(InputError, match="no row"):
        figures.reductions(reductions.iloc[:0])
    with pytest.raises(InputError, match="table of patterns has no column 'use'"):
        figures.patterns(comparison.drop(columns="use"))
    with pytest.raises(InputError, match="no row"):
        figures.patterns(comparison.iloc[2:3])


def test_difference_is_paired(results: xr.Dataset, without: xr.Dataset) -> None:
    """The lower panel holds A minus B by run, and other seeds are refused."""
    figure = figures.difference(results, without)
    apart = results["recorded_national"] - without["recorded_national"]
    np.testing.assert_array_equal(
        figure.axes[1].lines[0].get_ydata(), np.median(apart.values, axis=0)
    )
    total = language.number(float(apart.sum("month").mean()), signed=True)
    assert any(
        f"2009 to 2016 in all: {total} homicides on average" in text for text in written(figure)
    )
    with pytest.raises(InputError, match="same seed"):
        figures.difference(results, without.assign_attrs(seed=8))


def test_saving_replaces_whole_files_only(
    tmp_path: Path, results: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed write leaves the old file and no other, and is one message."""
    figure = in_language("es", canvas.new_figure, "Título", "Subtítulo")
    path = tmp_path / "figure.png"
    assert in_language("es", figures.save, figure, path, results) == path
    before = path.read_bytes()
    in_language("es", figures.save, figure, path, results)
    assert path.read_bytes() == before  # the footer stands there once
    assert sum("semilla 7" in text for text in written(figure)) == 1

    def fail(*names: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(StoreError, match=r"figure\.png: .* \(No space left on device\)"):
        figures.save(figure, path, results)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_saving_where_a_file_stands_in_the_way(tmp_path: Path, results: xr.Dataset) -> None:
    """A folder that cannot be made is an input error."""
    (tmp_path / "file").write_text("")
    figure = canvas.new_figure("Title", "Subtitle")
    with pytest.raises(StoreError, match="cannot be written"):
        figures.save(figure, tmp_path / "file" / "figure.png", results)


def test_nothing_touches_pyplot(results: xr.Dataset, observed: xr.Dataset) -> None:
    """Figures belong to no global state."""
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    figures.monthly(results, observed)
    assert plt.get_fignums() == before
