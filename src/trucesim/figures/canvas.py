"""What figures are made of: a sheet with title and foot, axes, marks, labels and their words.

Sizes are in inches from the upper left. A figure belongs to no global state; `save` writes it with
its provenance.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, wraps
from pathlib import Path
from threading import RLock
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from trucesim.files.errors import InputError, nearest
from trucesim.files.writing import put_whole
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.outcomes.statistics import quantiles_by_month
from trucesim.world.periods import whole

TEXT = catalogue(
    {
        "provenance": "trucesim {version}  ·  scenario {scenario} {digest}  ·  seed {seed}"
        "  ·  {runs}",
        "provenance.experiment": "trucesim {version}  ·  experiment {scenario} {digest}"
        "  ·  seed {seed}  ·  {runs}",
        "run": "1 simulated run",
        "runs": "{} simulated runs",
        "join": "   |   ",
        "range": "{} to {}",
        "observed": "Observed",
        "median": "Simulated median",
        "single": "Simulated, one run",
        "half": "50% of runs",
        "most": "90% of runs",
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
    }
)
"""Words that figures share, by language and key."""

DPI = 160


WIDTH, HEIGHT = 10.0, 5.625


BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"


INK, GREY, RULE, FINE, PAPER = "#1b1f24", "#62676d", "#dcdfe2", "#b9bec3", "#f5f3ee"


BORDER = "#33383e"


BAND_90, BAND_50 = "#d3e5f1", "#94c3e0"


BREAKS = (10, 25, 50, 100, 200)
"""Between the classes of the maps, in homicides per 100,000 people a year."""


CLASSES = ("#e4ebf0", "#bcd3e3", "#86b2d1", "#4a88b5", "#1f5a8c", "#0d2f57")
"""From pale to dark: six steps of grey when printed without colour."""


type Style = dict[str, Any]


STYLE: Style = {"font.family": "DejaVu Sans", "text.parse_math": False}
"""What differs from matplotlib's own style; of the user's (matplotlibrc) nothing is taken."""


_ONE_AT_A_TIME = RLock()


def styled[**P, R](draw: Callable[P, R]) -> Callable[P, R]:
    """Let a function that draws or saves use the package's style alone."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        # The style is matplotlib's global state: threads that took turns within each other would
        # leave the style of one behind.
        with _ONE_AT_A_TIME, style.context(["default", STYLE]):
            return draw(*args, **kwargs)

    return drawn


type Align = Literal["left", "center", "right"]


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
    image = image_of(figure, *results)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_whole(path, lambda part: part.write_bytes(image))
    except OSError as error:
        raise InputError(f"{path}: the figure cannot be written ({error.strerror})") from None
    return path


@styled
def image_of(
    figure: Figure, *results: xr.Dataset, kind: Literal["png", "svg"] = "png"
) -> memoryview:
    """Give a figure as an image with its provenance, in a line at its foot and in its metadata.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A figure of this module.
    *results : xarray.Dataset
        What was drawn, one or more.
    kind : {'png', 'svg'}
    """
    words = TEXT
    facts = [_provenance(dataset) for dataset in results]
    for old in [text for text in figure.texts if text.get_gid() == "provenance"]:
        old.remove()
    line = words["join"].join(
        words[fact["template"]].format(**fact | {"runs": runs_in_words(int(fact["runs"]))})
        for fact in facts
    )
    foot = figure.get_figheight() - 0.14
    write(figure, 0.45, foot, shorten(line, 6.5, WIDTH - 0.9), size=6.5, color=GREY).set_gid(
        "provenance"
    )
    metadata = {
        name.capitalize(): " | ".join(fact[name] for fact in facts)
        for name in ("scenario", "digest", "seed", "runs")
    }
    software = f"trucesim {facts[0]['version']}" if facts else "trucesim"
    if kind == "svg":  # which has no names of one's own
        told = "; ".join(f"{name} {value}" for name, value in metadata.items())
        metadata = {"Creator": software, "Description": told}
    else:
        metadata["Software"] = software
    image = io.BytesIO()
    figure.savefig(image, format=kind, dpi=DPI, metadata=metadata)
    return image.getbuffer()


def words_in(own: Mapping[str, str]) -> dict[str, str]:
    """Give a language's words: those that all figures share, and a figure's own."""
    return {**TEXT, **own}


def title_of(results: xr.Dataset) -> str:
    """Give the scenario's title, or its name where it has none."""
    return str(results.attrs.get(f"title_{spoken()}") or results.attrs.get("scenario", ""))


def runs_in_words(number: int) -> str:
    """Say of how many simulated runs."""
    words = TEXT
    return words["run"] if number == 1 else words["runs"].format(language.number(number))


def _provenance(results: xr.Dataset) -> dict[str, str]:
    """Gather what made some results; an experiment's name stands where a scenario's would."""
    attrs = results.attrs
    facts = {name: str(attrs.get(name, "?")) for name in ("version", "scenario", "seed")}
    facts["template"] = "provenance"
    if "experiment" in attrs:
        facts |= {"template": "provenance.experiment", "scenario": str(attrs["experiment"])}
    runs = attrs["runs"] if "runs" in attrs else results.sizes["run"]
    return facts | {"digest": str(attrs.get("digest", "?"))[:12], "runs": str(runs)}


def check_columns(frame: pd.DataFrame, needed: Iterable[str], table: str) -> None:
    """Refuse a table without the columns that are drawn."""
    for name in needed:
        if name not in frame:
            raise InputError(
                f"the table of {table} has no column {name!r}"
                + nearest(name, map(str, frame.columns))
            )


def day_number(date: dt.date) -> float:
    """Count days from 1970, matplotlib's measure of dates."""
    return float((date - dt.date(1970, 1, 1)).days)


def mid_months(series: xr.DataArray) -> NDArray[np.float64]:
    """Give the middle of each month in days: a month's count belongs to no single day."""
    months = series["month"].values.astype("datetime64[M]")
    return (
        months.astype("datetime64[D]").astype(np.float64)
        + (months + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.float64)
    ) / 2


def days_of(series: xr.DataArray) -> tuple[float, float]:
    """Give the first day and the day after the last, in days."""
    period = whole(series)
    return day_number(period.start), day_number(period.stop)


class Event(NamedTuple):
    """A dated event: its day counted from 1970, its date and what happened, in words."""

    day: float
    date: str
    words: str


def events_of(results: xr.Dataset) -> list[Event]:
    """Read the dated events of a scenario, in order."""
    events = []
    for event in json.loads(results.attrs.get("events", "[]")):
        date = dt.date.fromisoformat(event["date"])
        words = str(event.get(spoken()) or event.get("en", ""))
        events.append(Event(day_number(date), language.date(date), words))
    return sorted(events, key=lambda event: event.day)


def new_figure(title: str, subtitle: str, height: float = HEIGHT) -> Figure:
    """Begin a figure."""
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    room = WIDTH - 0.9
    write(figure, 0.45, 0.4, shorten(title, 17, room), size=17, weight="bold")
    write(figure, 0.45, 0.72, shorten(subtitle, 10, room), size=10, color=GREY)
    return figure


def add_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
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


def write(
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


def write_lines(
    figure: Figure, x: float, y: float, lines: Iterable[str], size: float, color: str
) -> None:
    """Write lines, the first at `y`."""
    for number, line in enumerate(lines):
        write(figure, x, y + 0.0187 * size * number, line, size=size, color=color)


def rule(figure: Figure, left: float, right: float, y: float) -> None:
    """Draw a fine line across."""
    at = figure.get_figheight() - y
    figure.add_artist(
        Line2D([left, right], [at, at], transform=figure.dpi_scale_trans, color=RULE, linewidth=0.7)
    )


def sample(figure: Figure, x: float, y: float, style: Style, length: float = 0.22) -> None:
    """Draw a short line, with one mark at its middle, in the style of what it stands for."""
    at = figure.get_figheight() - y
    figure.add_artist(
        Line2D(
            [x, x + length / 2, x + length], [at, at, at], transform=figure.dpi_scale_trans,
            markevery=[1], **style,
        )
    )  # fmt: skip


@cache
def width_of(words: str, size: float) -> float:
    """Measure a text in inches."""
    pen: Any = RendererAgg(1, 1, DPI)  # type: ignore[no-untyped-call]
    font = FontProperties(size=size)
    return float(pen.get_text_width_height_descent(words, font, ismath=False)[0]) / DPI


def shorten(words: str, size: float, room: float) -> str:
    """Cut a text that is wider than `room` inches."""
    if width_of(words, size) <= room:
        return words
    while words and width_of(words + "…", size) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def wrap(words: str, size: float, room: float, most: int = 100) -> list[str]:
    """Break a text into lines no wider than `room` inches, `most` of them at most."""
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and width_of(longer, size) > room and len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = longer
    return [shorten(line, size, room) for line in lines]


def spread(targets: Sequence[float], gap: float, low: float, high: float) -> NDArray[np.float64]:
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


def round_ticks(low: float, high: float, count: int) -> list[float]:
    """Choose round numbers between two bounds."""
    ticks = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in ticks if low <= tick <= high]


def time_axis(axes: Axes, first: float, last: float) -> None:
    """Mark the beginnings of years and name each year in its middle."""
    origin = dt.date(1970, 1, 1)
    begin, end = (origin + dt.timedelta(days=day) for day in (first, last))
    years = range(begin.year, (end - dt.timedelta(days=1)).year + 1)
    starts = [day_number(dt.date(year, 1, 1)) for year in (*years, years[-1] + 1)]
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


def count_axis(axes: Axes, low: float, high: float, steps: int = 5) -> None:
    """Put round values on the vertical axis, with fine lines across."""
    axes.set_ylim(low, high)
    ticks = round_ticks(low, high, steps)
    axes.set_yticks(ticks, labels=[language.short(tick) for tick in ticks])
    axes.grid(axis="y", color=RULE, linewidth=0.7)


MONTHS_WIDTH = 7.3
"""Width of an axis of months: it leaves room for the names at the ends of lines."""


class Label(NamedTuple):
    """A name at the end of a line: the words, the height in data and the line's style."""

    words: str
    value: float
    style: Style


def label_ends(axes: Axes, labels: list[Label]) -> None:
    """Name lines and bands at their right ends instead of in a legend."""
    figure, box = home(axes)
    low, high = axes.get_ylim()
    labels = sorted(labels, key=lambda label: -label.value)
    room = WIDTH - box.x1 - 0.43 - 0.2
    named = [wrap(label.words, 9, room, most=3) for label in labels]
    gap = 0.05 + 0.15 * max(map(len, named))
    targets = [box.y0 + (high - label.value) / (high - low) * (box.y1 - box.y0) for label in labels]
    places = spread(targets, gap, box.y0 + 0.08, box.y1 - 0.08)
    for label, lines, at in zip(labels, named, places, strict=True):
        sample(figure, box.x1 + 0.1, at, label.style, length=0.25)
        write_lines(figure, box.x1 + 0.43, at - 0.084 * (len(lines) - 1), lines, 9, INK)


class Box(NamedTuple):
    """A rectangle, in inches from the upper left."""

    x0: float
    y0: float
    x1: float
    y1: float


def home(axes: Axes) -> tuple[Figure, Box]:
    """Give the figure of axes and their place in it, in inches from the upper left."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    height = figure.get_figheight()
    place = axes.get_position()
    return figure, Box(
        place.x0 * WIDTH, height * (1 - place.y1), place.x1 * WIDTH, height * (1 - place.y0)
    )


def draw_runs(axes: Axes, series: xr.DataArray) -> tuple[list[Label], float]:
    """Draw the median and the bands of runs; give their labels and the highest value."""
    words = TEXT
    days = mid_months(series)
    low, lower, median, upper, high = quantiles_by_month(series)
    line: Style = {"color": BLUE, "linewidth": 1.9}
    axes.plot(days, median, zorder=5, **line)
    if series.sizes["run"] == 1:
        return [Label(words["single"], median[-1], line)], float(high.max())
    axes.fill_between(days, low, high, color=BAND_90, linewidth=0, zorder=2)
    axes.fill_between(days, lower, upper, color=BAND_50, linewidth=0, zorder=3)
    labels = [
        Label(words["most"], high[-1], band(BAND_90)),
        Label(words["half"], upper[-1], band(BAND_50)),
        Label(words["median"], median[-1], line),
    ]
    return labels, float(high.max())


def band(color: str) -> Style:
    """Give the style in which a band is named."""
    return {"color": color, "linewidth": 7, "solid_capstyle": "butt"}


def mark_events(axes: Axes, events: list[Event]) -> None:
    """Put the events' numbers above the axes, each tied to its date by a fine line."""
    figure, box = home(axes)
    low, high = axes.get_xlim()
    targets = [box.x0 + (event.day - low) / (high - low) * (box.x1 - box.x0) for event in events]
    total = figure.get_figheight()
    level = box.y0 - 0.27
    for number, (x, place) in enumerate(
        zip(targets, spread(targets, 0.215, box.x0, box.x1), strict=True), start=1
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
        write(figure, place, level, str(number), size=7.5, align="center").set_zorder(4)


class Key(NamedTuple):
    """The numbered list of events: its entries and how they are set in columns."""

    events: list[Event]
    columns: int
    dates: float
    height: float


_KEY_LEADING = 0.19


def arrange_key(events: list[Event]) -> Key:
    """Choose three columns for the key of events, or two if a text needs the room."""
    dates = max((width_of(event.date, 8) for event in events), default=0.0)
    widest = max((width_of(event.words, 8) for event in events), default=0.0)
    columns = 3 if 0.24 + dates + 0.08 + widest <= (WIDTH - 0.9) / 3 - 0.12 else 2
    return Key(events, columns, dates, _KEY_LEADING * math.ceil(len(events) / columns))


def write_key(figure: Figure, key: Key, top: float) -> None:
    """Write the numbered events, down the columns."""
    rows = max(math.ceil(len(key.events) / key.columns), 1)
    width = (WIDTH - 0.9) / key.columns
    for index, event in enumerate(key.events):
        column, row = divmod(index, rows)
        left, at = 0.45 + column * width, top + _KEY_LEADING * row
        write(figure, left + 0.15, at, str(index + 1), size=8, weight="bold", align="right")
        write(figure, left + 0.24, at, event.date, size=8, color=GREY)
        start = 0.24 + key.dates + 0.08
        write(figure, left + start, at, shorten(event.words, 8, width - start - 0.1), size=8)
