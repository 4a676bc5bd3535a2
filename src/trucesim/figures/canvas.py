"""What figures are made of: the style, a sheet with title, key and foot, and words measured.

Between head and foot matplotlib lays out (constrained layout). Sizes are in inches from the upper
left. A figure belongs to no global state; `save` writes it with its provenance.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, wraps
from pathlib import Path
from threading import RLock
from typing import Any, Literal

import pandas as pd
import xarray as xr
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.text import Text

from trucesim.files.errors import InputError, StoreError, nearest
from trucesim.files.writing import put_whole
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.scenario.scenario import Scenario
from trucesim.version import __version__
from trucesim.world.country import load_country
from trucesim.world.folder import HOME

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
    }
)

DPI = 160

WIDTH, HEIGHT = 10.0, 5.625

MARGIN = 0.45

ROOM = WIDTH - 2 * MARGIN

BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"

INK, GREY, RULE, FINE, PAPER = "#1b1f24", "#62676d", "#dcdfe2", "#b9bec3", "#f5f3ee"

BORDER = "#33383e"

BAND_90, BAND_50 = "#d3e5f1", "#94c3e0"

BREAKS = (10, 25, 50, 100, 200)
"""Between the classes of the maps, in homicides per 100,000 people a year."""

CLASSES = ("#e4ebf0", "#bcd3e3", "#86b2d1", "#4a88b5", "#1f5a8c", "#0d2f57")
"""From pale to dark: six steps of grey when printed without colour."""

DIFFERENCE_BREAKS = (-50, -20, -5, 5, 20, 50)
"""Between the classes of maps of A minus B, in homicides per 100,000 people a year."""

DIFFERENCE_CLASSES = ("#0a4b78", "#4a90c2", "#b5d3e7", "#f1efea", "#f3cdb2", "#dd8a4f", "#a34700")
"""From blue, more in B, to vermilion, fewer in B: dark at both ends, apart for the colour-blind."""

FONT = "DejaVu Sans"

type Style = dict[str, Any]

STYLE: Style = {
    "font.family": FONT, "text.parse_math": False, "text.color": INK,
    "figure.constrained_layout.h_pad": 0.0, "figure.constrained_layout.w_pad": 0.0,
    **{f"axes.spines.{side}": False for side in ("left", "right", "bottom", "top")},
    "axes.axisbelow": True, "axes.edgecolor": GREY, "axes.facecolor": "none",
    "axes.labelcolor": GREY, "axes.labelsize": 9.0, "axes.titlelocation": "left",
    "axes.titlesize": 10.0, "axes.titleweight": "bold", "grid.color": RULE, "grid.linewidth": 0.7,
    **{f"{axis}tick.{what}": value for axis in "xy" for what, value in (
        ("major.size", 0.0), ("minor.size", 0.0), ("labelsize", 9.0), ("color", GREY),
    )},
    "legend.frameon": False, "legend.fontsize": 9.0, "legend.borderpad": 0.0,
    "legend.borderaxespad": 0.0, "legend.handlelength": 1.6, "legend.handletextpad": 0.6,
    "legend.labelspacing": 0.55, "lines.markeredgewidth": 0.0, "lines.solid_capstyle": "butt",
}  # fmt: skip
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
    StoreError
        If the file cannot be written.
    """
    path = Path(path)
    image = image_of(figure, *results)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_whole(path, lambda part: part.write_bytes(image))
    except OSError as error:
        raise StoreError(
            "{path}: the figure cannot be written ({strerror})", path=path, strerror=error.strerror
        ) from None
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
    facts = [_provenance(dataset) for dataset in results]
    for old in [text for text in figure.texts if text.get_gid() == "provenance"]:
        old.remove()
    line = TEXT["join"].join(
        TEXT[fact["template"]].format(**fact | {"runs": runs_in_words(int(fact["runs"]))})
        for fact in facts
    )
    line = TEXT["join"].join([*dict.fromkeys(_labels(results)), line])
    foot = figure.get_figheight() - 0.14
    line = shorten(line, 6.5, ROOM)
    write(figure, MARGIN, foot, line, size=6.5, color=GREY).set_gid("provenance")
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


def made_by(scenario: Scenario, seed: int, runs: int) -> xr.Dataset:
    """Give what stands at the foot of a figure whose runs are not kept."""
    attrs = {"scenario": scenario.name, "digest": scenario.digest, "seed": seed, "runs": runs}
    return xr.Dataset(attrs={"version": __version__, **attrs})


def title_of(results: xr.Dataset) -> str:
    """Give the scenario's title, or its name where it has none."""
    return str(results.attrs.get(f"title_{spoken()}") or results.attrs.get("scenario", ""))


def subtitle(template: str, results: xr.Dataset) -> str:
    """Write a subtitle with the scenario's title, which gives way where it is long."""
    runs = runs_in_words(results.sizes["run"])
    room = ROOM - 0.1 - width_of(template.format(scenario="", runs=runs), 10)
    return template.format(scenario=shorten(title_of(results), 10, room), runs=runs)


def runs_in_words(number: int) -> str:
    """Say of how many simulated runs."""
    return TEXT["run"] if number == 1 else TEXT["runs"].format(language.number(number))


def _labels(results: Iterable[xr.Dataset]) -> Iterator[str]:
    """Say of which country results are that is not El Salvador, and what they rest on."""
    for each in results:
        country = load_country(each.attrs.get("country", HOME))
        if (label := country.label()) is not None:
            yield label


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
                "the table of {table} has no column {name!r}{nearest}",
                table=table,
                name=name,
                nearest=nearest(name, map(str, frame.columns)),
            )


type Entry = tuple[str, Style | tuple[Style, ...]]
"""What is said in a key, and the style (or styles) of what it stands for."""


def new_figure(
    title: str,
    subtitle: str,
    height: float = HEIGHT,
    *,
    key: Sequence[Entry] = (),
    aside: bool = False,
    note: str = "",
    foot: float = 0.0,
) -> Figure:
    """Begin a figure, whose axes are laid out between its head and its foot.

    Parameters
    ----------
    title, subtitle : str
        The subtitle in two lines at most.
    height : float
        Inches.
    key : sequence of Entry
        Below the subtitle.
    aside : bool
        Whether the key stands in a column beside what the axes have at their top.
    note : str
        Above the provenance.
    foot : float
        Inches to leave free above the note.
    """
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    write(figure, MARGIN, 0.4, shorten(title, 17, ROOM / BOLD), size=17, weight="bold")
    lines = wrap(subtitle, 10, ROOM, most=2)
    write(figure, MARGIN, 0.64, "\n".join(lines), size=10, color=GREY, va="top")
    top = 0.8 + 0.19 * len(lines)
    if key:
        height_of_key = _write_key(figure, key, top, 1 if aside else len(key))
        top += 0.12 if aside else height_of_key + 0.22
    told = fill(note, 8, ROOM)
    write(figure, MARGIN, height - 0.24, told, size=8, color=GREY, va="bottom")
    bottom = 0.43 + (0.15 * (told.count("\n") + 1) if note else 0.0) + foot
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(MARGIN / WIDTH, bottom / height, ROOM / WIDTH, 1 - (top + bottom) / height))
    return figure


def _write_key(figure: Figure, key: Sequence[Entry], top: float, most: int) -> float:
    """Write a key in as few lines as it takes; give its height in inches."""
    handles: list[Any] = [
        tuple(sample(one) for one in (style if isinstance(style, tuple) else (style,)))
        for _, style in key
    ]
    place = (MARGIN, figure.get_figheight() - top)
    height = 0.0
    for columns in range(most, 0, -1):
        legend = figure.legend(
            handles, [words for words, _ in key], loc="upper left", ncols=columns,
            bbox_to_anchor=place, bbox_transform=figure.dpi_scale_trans, columnspacing=1.4,
            handler_map={tuple: HandlerTuple(ndivide=None, pad=0.2)},
        )  # fmt: skip
        legend.set_in_layout(False)
        box = legend.get_window_extent()
        height = float(box.height / figure.dpi)
        if box.width <= ROOM * figure.dpi:
            break
        if columns > 1:
            legend.remove()
    return height


def sample(style: Style) -> Line2D:
    """Give a short line with one mark at its middle, in the style of what it stands for."""
    return Line2D([0, 0.5, 1], [0, 0, 0], **{"markevery": [1], **style})


def band(color: str) -> Style:
    """Give the style in which a band is named."""
    return {"color": color, "linewidth": 7}


def mark(color: str, marker: str = "o", size: float = 6.0, *, hollow: bool = False) -> Style:
    """Give the style of a mark without a line; a hollow one is white inside."""
    return {
        "color": color, "marker": marker, "markersize": size, "linestyle": "none",
        "markerfacecolor": "white" if hollow else color,
        "markeredgewidth": 1.2 if hollow or marker in "|_x" else 0.0,
    }  # fmt: skip


def write(
    figure: Figure,
    x: float,
    y: float,
    words: str,
    *,
    size: float,
    color: str = INK,
    weight: str = "normal",
    align: Literal["left", "center", "right"] = "left",
    va: Literal["top", "center_baseline", "bottom"] = "center_baseline",
) -> Text:
    """Write at a place in inches."""
    return figure.text(
        x, figure.get_figheight() - y, words, transform=figure.dpi_scale_trans, fontsize=size,
        color=color, fontweight=weight, ha=align, va=va, linespacing=1.35,
    )  # fmt: skip


BOLD = 1.14
"""How much wider bold letters are than those that are measured."""


@cache
def width_of(words: str, size: float) -> float:
    """Measure a text in inches."""
    pen: Any = RendererAgg(1, 1, DPI)  # type: ignore[no-untyped-call]
    font = FontProperties(family=FONT, size=size)
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


def fill(words: str, size: float, room: float, most: int = 100) -> str:
    """Break a text, and keep its own lines apart."""
    return "\n".join(line for part in words.split("\n") for line in wrap(part, size, room, most))


def rest(figure: Figure) -> dict[str, float]:
    """Give what is left between head and foot, in shares of the figure, for a grid of one's own."""
    engine: Any = figure.get_layout_engine()
    left, bottom, width, height = engine.get()["rect"]
    figure.set_layout_engine("none")
    return {"left": left, "right": left + width, "bottom": bottom, "top": bottom + height}
