"""Take one mechanism out at a time, and see which patterns are lost.

    uv run python experiments/ablations/run.py [--runs 200] [--seed 1] [--out DIR]

The full model is the record as known, with the gangs' documented order of March 2016. An ablation
is a scenario file of this folder, `NAME.toml`; where no parameter expresses it, functions in
`NAME.py` replace the rules of the same names. All are run with the same seed, so that run number r
has the same parameters and the same chance everywhere: changes are paired, run by run.

Every ablation is scored alike, by the estimators that also read the record. Rows held out are
reported and never used to choose anything.
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from scipy.stats import norm
from scipy.stats import t as student

from trucesim.figures import canvas
from trucesim.figures.scenario import USES
from trucesim.files.errors import InputError, nearest
from trucesim.files.writing import output_folder
from trucesim.outcomes import patterns
from trucesim.outcomes.forecasts import hold_outs
from trucesim.outcomes.paired import compared
from trucesim.runs.simulate import check_numbers, run
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.world.periods import NotRecorded

HERE = Path(__file__).parent
FULL = "second-pact-2016"
FEWEST_RUNS = 10
RESAMPLES = 500
CONFIDENCE = 0.95
LARGEST = 5.0
"""A pattern that is missed counts for no more: else one impossible row rules the distance."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Ablation:
    """A scenario with something taken out, and the rules that take it out where no parameter does.

    Attributes
    ----------
    scenario : Scenario
    rules : mapping of str to function
        As for `trucesim.runs.simulate.run`.
    """

    scenario: Scenario
    rules: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.scenario.name


@dataclass(frozen=True)
class Scored:
    """What the runs of one scenario say.

    Attributes
    ----------
    scenario : Scenario
    comparison : pandas.DataFrame
        See `trucesim.outcomes.patterns.compare`; rows that were not simulated are left out.
    values : dict of str to ndarray, shape (run,)
        Every run's own value, by pattern.
    uses : pandas.DataFrame
        See `trucesim.outcomes.forecasts.hold_outs`.
    distances : pandas.Series
        See `trucesim.outcomes.patterns.fit_distance`.
    """

    scenario: Scenario
    comparison: pd.DataFrame
    values: dict[str, FloatArray]
    uses: pd.DataFrame
    distances: pd.Series[float]

    @property
    def distance(self) -> float:
        """Root mean square over fit patterns, each bounded by `LARGEST`."""
        return float(np.sqrt(np.mean(np.minimum(self.distances, LARGEST) ** 2)))


def load_ablations(folder: Path = HERE) -> list[Ablation]:
    """Load every ablation of a folder, in order of name."""
    return [
        Ablation(load_scenario(path), load_rules(path.with_suffix(".py")))
        for path in sorted(folder.glob("*.toml"))
    ]


def load_rules(path: Path) -> dict[str, Callable[..., Any]]:
    """Load the functions that a file defines itself; none where there is no file."""
    if not path.is_file():
        return {}
    name = f"ablation_{path.stem.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path.name}: cannot be read as Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {
        rule: function
        for rule, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == name
    }


def score(scenario: Scenario, results: xr.Dataset) -> Scored:
    """Hold the runs of a scenario against every pattern."""
    comparison = patterns.compare(results)
    comparison = comparison[comparison["simulated_median"].notna()].reset_index(drop=True)
    table = patterns.load()
    values = {}
    for name in comparison["id"]:
        estimate = patterns.REGISTRY[name].estimate
        if estimate is None:
            raise NotRecorded(f"{name}: no estimator")
        values[name] = estimate(results, table[name])
    distances = patterns.fit_distance(results)
    return Scored(scenario, comparison, values, hold_outs(comparison), distances)


def change(ablated: FloatArray, full: FloatArray, tests: int) -> dict[str, float]:
    """Give what an ablation changes in a pattern, with intervals that respect the pairs.

    - ``change``: of the median over runs; runs are resampled with their partners, and the interval
      is a multiple of the bootstrap standard error.
    - ``effect``: mean over runs of the difference between partners, with Student's interval. Chance
      that partners share cancels here, so that it sees more than the change of the median does.

    Intervals are so wide that `tests` of them hold jointly with `CONFIDENCE` (Bonferroni): among so
    many patterns, some would exclude zero by chance alone.

    Parameters
    ----------
    ablated, full : ndarray of float, shape (run,)
    tests : int
        Intervals that hold jointly.

    Returns
    -------
    dict of str to float
        ``change``, ``effect``, and ``_low`` and ``_high`` of each.
    """
    tail = 1 - (1 - CONFIDENCE) / 2 / tests
    drawn = np.random.default_rng(0).integers(len(full), size=(RESAMPLES, len(full)))
    moved = np.median(ablated[drawn], axis=1) - np.median(full[drawn], axis=1)
    effect = compared(ablated, full)
    found = {
        "change": (
            float(np.median(ablated) - np.median(full)),
            float(norm.ppf(tail) * moved.std(ddof=1)),
        ),
        "effect": (
            effect["mean"],
            float(student.ppf(tail, len(full) - 1) * effect["se"]),
        ),
    }
    return {
        name: value
        for what, (middle, reach) in found.items()
        for name, value in (
            (what, middle),
            (f"{what}_low", middle - reach),
            (f"{what}_high", middle + reach),
        )
    }


def tabulate(full: Scored, ablated: Sequence[Scored]) -> pd.DataFrame:
    """Give one row per scenario and pattern, the full model's first.

    ``shift`` is the effect in half-widths of the full model's 90 % interval: 1 moves the middle to
    where the edge was. It is empty where all runs agree.
    """
    rows = []
    inside_full = dict(zip(full.comparison["id"], full.comparison["inside"], strict=True))
    half = (full.comparison["simulated_p95"] - full.comparison["simulated_p05"]) / 2
    half_width = dict(zip(full.comparison["id"], half.where(half > 0), strict=True))
    for each in (full, *ablated):
        for row in each.comparison.to_dict("records"):
            name = row["id"]
            if name not in full.values:
                continue  # the full model gives it no value in some run: nothing to compare with
            changed = change(each.values[name], full.values[name], len(full.values))
            rows.append(
                {
                    "ablation": each.scenario.name,
                    "pattern": name,
                    "use": row["use"],
                    "observed": row["observed"],
                    "median": row["simulated_median"],
                    "p05": row["simulated_p05"],
                    "p95": row["simulated_p95"],
                    "inside": bool(row["inside"]),
                    "inside_full": bool(inside_full[name]),
                    **changed,
                    "shift": changed["effect"] / half_width[name],
                    "fit_distance": each.distances.get(name, np.nan),
                }
            )
    frame = pd.DataFrame(rows)
    return frame.assign(
        lost=frame["inside_full"] & ~frame["inside"],
        gained=frame["inside"] & ~frame["inside_full"],
        moves=np.sign(frame["effect"]).where(
            (frame["effect_low"] > 0) | (frame["effect_high"] < 0), 0
        ),
    )


def summarise(scored: Sequence[Scored], table: pd.DataFrame) -> pd.DataFrame:
    """Give one row per scenario: distance, patterns inside by use, lost, gained and moved."""
    rows = []
    for each in scored:
        own = table[table["ablation"] == each.scenario.name]
        row: dict[str, object] = {
            "ablation": each.scenario.name,
            "fit_distance": each.distance,
            "lost": int(own["lost"].sum()),
            "gained": int(own["gained"].sum()),
            "moved": int((own["moves"] != 0).sum()),
        }
        moved = own[own["moves"] != 0]
        row["largest_shift"] = moved["shift"].abs().max()
        largest = moved["shift"].abs().sort_values(ascending=False).index[:1]
        row["largest_shift_of"] = "".join(moved.loc[largest, "pattern"])
        row["earns_nothing"] = row["lost"] == 0 and row["moved"] == 0
        for use in each.uses.to_dict("records"):
            for column in ("simulated", "inside", "counted"):
                row[f"{use['use']}_{column}"] = use[column]
        rows.append(row)
    return pd.DataFrame(rows)


WORDS = {
    "en": {
        "title": "What each mechanism earns",
        "subtitle": "{runs}, paired with the full model; the farthest from the fit patterns first",
        "full": "Full model",
        "inside": "observed value inside 90% of runs",
        "outside": "outside",
        "lost": "lost: inside in the full model",
        "gained": "gained: outside in the full model",
        "moves": "runs rise or fall, in pairs",
        "small": "the same, but by little",
        "fit": "Fit: patterns inside",
        "check": "Check: patterns inside",
        "holdout": "Held out: patterns inside",
        "note": "Triangles: the interval of the mean paired effect, 95% jointly over a column's "
        "patterns, excludes zero; small: less than a quarter of the half-width of the full model's "
        "90% interval. Held-out rows are reported, never used to choose.",
    },
    "es": {
        "title": "Qué aporta cada mecanismo",
        "subtitle": "{runs}, en pares con el modelo completo; primero lo más lejano del ajuste",
        "full": "Modelo completo",
        "inside": "valor observado dentro del 90 % de las corridas",
        "outside": "fuera",
        "lost": "perdido: dentro en el modelo completo",
        "gained": "ganado: fuera en el modelo completo",
        "moves": "las corridas suben o bajan, en pares",
        "small": "lo mismo, pero poco",
        "fit": "Ajuste: patrones dentro",
        "check": "Control: patrones dentro",
        "holdout": "Reservados: patrones dentro",
        "note": "Triángulos: el intervalo del efecto medio en pares, 95 % conjunto por columna, "
        "excluye el cero; pequeños: menos de un cuarto del semiancho del intervalo del 90 % del "
        "modelo completo. Las filas reservadas se informan y no sirven para escoger.",
    },
}
"""The words of the figure; names of patterns are those of `trucesim.figures`."""

FILL = "#a9cbe2"
SMALL = 0.25
"""Half-widths of the full model's 90 % interval below which an effect is drawn small."""
CELL = 0.19
ROW = 0.215
LABELS, RIGHT = 2.62, 0.95
HEAD = 2.86
"""From the upper edge to the first row: room for slanted titles."""


def draw(
    scored: Sequence[Scored], table: pd.DataFrame, summary: pd.DataFrame, runs: int, lang: str
) -> Figure:
    """Draw patterns by rows and ablations by columns.

    A filled cell is inside, a hollow one outside, a thick frame says that this differs from the
    full model and a triangle where the median moves: nothing depends on colour.
    """
    words, named = WORDS[lang], canvas.TEXT[lang]
    uses = [use for use in USES if use in set(table["use"])]
    ids = {use: list(dict.fromkeys(table.loc[table["use"] == use, "pattern"])) for use in uses}
    lines = sum(len(each) + 1.6 for each in ids.values())
    height = HEAD + ROW * lines + 0.65
    subtitle = words["subtitle"].format(runs=canvas.runs_in_words(runs, lang))
    figure = canvas.new_figure(lang, words["title"], subtitle, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, canvas.WIDTH)
    axes.set_ylim(height, 0)  # inches from the upper left, as everywhere in these figures
    axes.axis("off")

    order = [scored[0], *sorted(scored[1:], key=lambda each: -each.distance)]
    left = 0.45 + LABELS
    step = (canvas.WIDTH - left - RIGHT - 0.25) / len(order)
    # The full model stands a little apart: all else is compared with it.
    at = [left + step * (n + 0.5) + (0.12 if n else 0.0) for n in range(len(order))]
    for n, each in enumerate(order):
        title = words["full"] if n == 0 else each.scenario.title[lang]
        axes.text(
            at[n] - 0.04, HEAD - 0.2, title, fontsize=8, rotation=55, ha="left", va="bottom",
            rotation_mode="anchor", color=canvas.INK, weight="bold" if n == 0 else "normal",
        )  # fmt: skip

    rows: dict[Any, Any] = {
        (row["ablation"], row["pattern"]): row for row in table.to_dict("records")
    }
    counts = summary.set_index("ablation")
    y = HEAD
    for use in uses:
        head = words.get(use, use)
        canvas.write(figure, 0.45, y, head, size=9, weight="bold")
        for n, each in enumerate(order):
            axes.text(
                at[n], y, f"{int(counts.loc[each.scenario.name, f'{use}_inside'])}",
                fontsize=8, ha="center", va="center_baseline", weight="bold", color=canvas.INK,
            )  # fmt: skip
        canvas.rule(figure, 0.45, at[-1] + step / 2, y + 0.13)
        y += 0.27
        for name in ids[use]:
            label = named.get(f"pattern.{name}", name)
            label = canvas.shorten(label, 8, LABELS - 0.1)
            canvas.write(figure, 0.45, y, label, size=8)
            for n, each in enumerate(order):
                if (each.scenario.name, name) in rows:
                    _cell(axes, at[n], y, rows[each.scenario.name, name])
            y += ROW
        y += 1.6 * ROW - 0.27
    _key(figure, axes, words)
    note = canvas.wrap(words["note"], 7.5, canvas.WIDTH - 0.9)
    canvas.write_lines(figure, 0.45, height - 0.42, note, 7.5, canvas.GREY)
    return figure


def _cell(axes: Any, x: float, y: float, row: Mapping[str, Any]) -> None:
    """Draw one cell at its middle."""
    differs = row["lost"] or row["gained"]
    edge = canvas.VERMILION if row["lost"] else canvas.INK if row["gained"] else canvas.FINE
    width, side = (1.8, CELL - 0.025) if differs else (0.7, CELL)
    axes.add_patch(
        Rectangle(
            (x - side / 2, y - side / 2), side, side, linewidth=width,
            facecolor=FILL if row["inside"] else "white",
            edgecolor=FILL if row["inside"] and not differs else edge,
        )
    )  # fmt: skip
    if row["moves"]:
        _triangle(axes, x, y, row["moves"] > 0, abs(row["shift"]) < SMALL)


def _triangle(axes: Any, x: float, y: float, rises: bool, small: bool) -> None:
    axes.plot(
        x, y, marker="^" if rises else "v", markersize=3.0 if small else 6.0, color=canvas.INK,
        markeredgewidth=0,
    )  # fmt: skip


def _key(figure: Figure, axes: Any, words: Mapping[str, str]) -> None:
    """Say what cells mean, one below the other left of the columns' titles."""
    blank = {"inside": False, "lost": False, "gained": False, "moves": 0}
    samples = {
        "inside": blank | {"inside": True},
        "outside": blank,
        "lost": blank | {"lost": True},
        "gained": blank | {"inside": True, "gained": True},
    }
    y = 1.12
    for name, row in samples.items():
        _cell(axes, 0.55, y, row)
        _lines(figure, 0.75, y, words[name])
        y += 0.27
    for name, small in (("moves", False), ("small", True)):
        _triangle(axes, 0.5, y, True, small)
        _triangle(axes, 0.61, y, False, small)
        _lines(figure, 0.75, y, words[name])
        y += 0.27


def _lines(figure: Figure, x: float, y: float, words: str) -> None:
    canvas.write(figure, x, y, canvas.shorten(words, 8, LABELS + 0.2), size=8, color=canvas.INK)


def report(
    scored: Sequence[Scored], table: pd.DataFrame, summary: pd.DataFrame, runs: int, seed: int
) -> str:
    """Write the report in Markdown: every number and name in it comes from the tables."""
    counts = summary.set_index("ablation")
    uses = [use for use in USES if use in set(table["use"])]
    titles = {each.scenario.name: each.scenario.title["en"] for each in scored}
    others = [each.scenario.name for each in scored[1:]]
    intro = [
        "# Ablations",
        "",
        f"Made by `uv run python experiments/ablations/run.py --runs {runs} --seed {seed}`; "
        "nothing here was written by hand.",
        "",
        f"The full model is `{FULL}`. Every ablation changes one thing in it and is run "
        f"{runs} times with the same parameters and the same chance, run by run. A pattern is "
        "*inside* if the observed value lies in the 90 % interval over runs, *lost* if it is "
        "inside in the full model and not in the ablation, *gained* the other way round; it is "
        "*moved* if the interval of the mean effect, run by run, excludes 0 (95 % jointly over an "
        "ablation's patterns). Small effects need many runs to be seen. Parameters stay those of "
        "the full model: an ablation that were calibrated on its own might do better. Rows held "
        "out are reported, never used to choose.",
        "",
        "![Patterns by ablations](ablations_en.png)",
        "",
        "## Scores",
        "",
        "Distance: root mean square over the fit patterns, 1 is the edge of a pattern's bounds "
        f"(`trucesim.outcomes.patterns.fit_distance`, each counted as {LARGEST:g} at most). Then "
        "the patterns inside, by use. By at most: the largest effect that is told from 0, in "
        "half-widths of the full model's 90 % interval.",
        "",
        "| ablation | distance | " + " | ".join(uses) + " | lost | gained | moved | by at most |",
        "|---|---|" + "---|" * len(uses) + "---|---|---|---|",
    ]
    for n, name in enumerate([scored[0].scenario.name, *others]):
        row = counts.loc[name]
        inside = " | ".join(
            f"{int(row[f'{use}_inside'])} of {int(row[f'{use}_simulated'])}" for use in uses
        )
        largest = f"{row['largest_shift']:.2f}" if row["moved"] else ""
        moved = f"{row['lost']} | {row['gained']} | {row['moved']} | {largest}" if n else "| | |"
        shown = f"**Full model** (`{name}`)" if n == 0 else f"{titles[name]} (`{name}`)"
        intro.append(f"| {shown} | {row['fit_distance']:.2f} | {inside} | {moved} |")

    lines = [
        *intro,
        "",
        "## Which pattern is lost without which mechanism",
        "",
        "| pattern | use | full model | lost in | gained in |",
        "|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(table["pattern"]):
        own = table[table["pattern"] == name]
        lost, gained = (
            ", ".join(f"`{each}`" for each in own.loc[own[what], "ablation"])
            for what in ("lost", "gained")
        )
        first = own.iloc[0]
        label = _named(name)
        state = "inside" if first["inside_full"] else "outside"
        lines.append(f"| {label} (`{name}`) | {first['use']} | {state} | {lost} | {gained} |")

    idle = [name for name in others if counts.loc[name, "earns_nothing"]]
    lines += [
        "",
        "## A mechanism that earns nothing",
        "",
        "Changing it loses no pattern, and the interval of every pattern's paired effect holds 0 "
        f"({runs} runs).",
        "",
        *([f"- {titles[name]} (`{name}`)" for name in idle] or ["None of these."]),
    ]
    quiet = [name for name in others if name not in idle and counts.loc[name, "lost"] == 0]
    lines += [
        "",
        "Others lose no pattern, but move some:",
        "",
        *(
            [
                f"- {titles[name]} (`{name}`): {counts.loc[name, 'moved']} moved, by at most "
                f"{counts.loc[name, 'largest_shift']:.2f} half-widths "
                f"({_named(counts.loc[name, 'largest_shift_of'])})"
                for name in quiet
            ]
            or ["None of these."]
        ),
        "",
        "## The ablations",
        "",
    ]
    for each in scored[1:]:
        words = each.scenario
        lines += [f"**{words.title['en']}** (`{words.name}`). {words.story['en']}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _named(pattern: str) -> str:
    return canvas.TEXT["en"].get(f"pattern.{pattern}", pattern)


def conduct(
    ablations: Sequence[Ablation],
    runs: int,
    seed: int,
    progress: Callable[[str, int], None],
) -> list[Scored]:
    """Run and score the full model and every ablation, the full model first."""
    scored = []
    for number, each in enumerate((Ablation(load_scenario(FULL)), *ablations)):
        begun = number * runs

        def told(done: int, of: int, name: str = each.name, begun: int = begun) -> None:
            progress(name, begun + done)

        progress(each.name, begun)
        results = run(
            each.scenario, runs, seed, detail="none", rules=each.rules or None, progress=told
        )
        scored.append(score(each.scenario, results))
    return scored


def write(scored: Sequence[Scored], runs: int, seed: int, folder: Path) -> list[Path]:
    """Write tables, figures and report; every file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    table = tabulate(scored[0], scored[1:])
    summary = summarise(scored, table)
    written = []

    def put(name: str, save: Callable[[Path], object]) -> None:
        temporary = folder / f".{name}.part"
        save(temporary)
        os.replace(temporary, folder / name)
        written.append(folder / name)

    for name, frame in (
        ("ablations.csv", table.astype({"moves": int})),
        ("scores.csv", summary),
    ):
        shown = frame.copy()
        for column in shown.select_dtypes(bool):
            shown[column] = shown[column].map({True: "true", False: "false"})
        put(
            name,
            lambda path, shown=shown: shown.to_csv(
                path, index=False, float_format="%.6g", lineterminator="\n"
            ),
        )
    for lang in WORDS:
        figure = draw(scored, table, summary, runs, lang)
        # For the screen and, as lines and letters, for print. Without a date: same runs, same file.
        for kind, metadata in (("png", {}), ("pdf", {"CreationDate": None})):
            put(
                f"ablations_{lang}.{kind}",
                lambda path, kind=kind, metadata=metadata, figure=figure: figure.savefig(
                    path, format=kind, dpi=200, metadata=metadata
                ),
            )
    text = report(scored, table, summary, runs, seed)
    put("README.md", lambda path: path.write_text(text, encoding="utf-8"))
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, write and report; 2 where the input is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200, help="runs of each ablation (200)")
    parser.add_argument("--seed", type=int, default=1, help="seed of all of them (1)")
    parser.add_argument("--out", type=Path, default=HERE, help="folder (the script's own)")
    parser.add_argument("--only", action="append", metavar="NAME", help="this one; may be repeated")
    options = parser.parse_args(arguments)
    try:
        check_numbers(options.runs, options.seed, 0, None)
        if options.runs < FEWEST_RUNS:
            raise InputError(
                f"--runs {options.runs}: {FEWEST_RUNS} at least, or no interval says anything"
            )
        ablations = load_ablations()
        names = [each.name for each in ablations]
        for name in options.only or ():
            if name not in names:
                raise InputError(
                    f"--only {name}: no such ablation{nearest(name, names)}; "
                    f"there are {', '.join(names)}"
                )
        if options.only:
            ablations = [each for each in ablations if each.name in options.only]
            if options.out == HERE:
                raise InputError("--only: give --out too; the published tables hold all ablations")
        # This folder holds the study itself; any other only what the study wrote.
        mark = "run.py" if options.out.resolve() == HERE.resolve() else "ablations.csv"
        folder = output_folder(options.out, mark=mark)
        total = (len(ablations) + 1) * options.runs
        with Progress(
            TextColumn("{task.description:>24}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        ) as bar:
            task = bar.add_task("", total=total)
            scored = conduct(
                ablations, options.runs, options.seed,
                lambda what, done: bar.update(task, description=what, completed=done),
            )  # fmt: skip
            bar.update(task, description="tables and figures", completed=total)
            written = write(scored, options.runs, options.seed, folder)
    except InputError as error:
        print(f"ablations: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("ablations: interrupted; nothing was written", file=sys.stderr)
        return 130
    print(f"{len(written)} files in {folder}: " + ", ".join(path.name for path in written))
    return 0


if __name__ == "__main__":
    sys.exit(main())
