"""What the command line shows: progress, and tables in the reader's language."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from trucesim.files.writing import without_controls
from trucesim.locale import language
from trucesim.locale.catalogue import catalogue, spoken, told, translated
from trucesim.world.country import load_country
from trucesim.world.folder import HOME, here

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from trucesim.parameters import Parameter
    from trucesim.reports.rendering import Part
    from trucesim.scenario.scenario import Scenario
    from trucesim.studies.comparison import Study
    from trucesim.studies.effects import WhatIfs
    from trucesim.studies.validation import Validation

WIDTH = 118
"""Characters of a line where the output is no terminal."""

TEXT = catalogue(
    {
        "compiling": "compiling the model, once for this version (under a minute) ...",
        "head": "{runs} runs, seed {seed}, {seconds} s",
        "median": "simulated",
        "interval": "5-95%",
        "observed": "observed",
        "of": "{n} of {all}",
        "patterns": "Held against the record",
        "pattern": "pattern",
        "use": "use",
        "use.fit": "fit",
        "use.check": "check",
        "use.shown": "shown",
        "use.initial condition": "initial condition",
        "inside": "inside",
        "yes": "yes",
        "no": "no",
        "too_wide": "too wide",
        "departments": "departments only",
        "counts": "Inside the simulated 90% interval: {counts}. Only fit rows, and months of "
        "2009-2016, chose parameters.",
        "reductions": "{window}, by baseline",
        "baseline": "baseline",
        "reduction": "reduction %",
        "observed_percent": "observed %",
        "averted": "averted",
        "baselines": "Every reduction depends on its baseline. no_truce: the same runs of the "
        "model without a truce, a counterfactual. Municipal results rest on the "
        "2015 rate class (departments only: a placement without it).",
        "baselines.elsewhere": "Every reduction depends on its baseline. no_truce: the same runs "
        "of the model without a truce, a counterfactual.",
        "right": "Right, that is inside the 90% interval and this no wider than the value: "
        "{counts}. Only fit rows chose parameters.",
        "forecasts": "Homicides a month, left out or later, by the model's own hazard",
        "window": "block",
        "pooled": "pooled",
        "inside_90": "inside 90%",
        "naive": "strongest naive",
        "naive_mae": "its MAE",
        "naive_crps": "its CRPS",
        "beaten": "beaten",
        "hiding": "Reduction in {window}, whole months, by baseline",
        "recorded": "recorded %",
        "true": "true %",
        "by_hiding": "by hiding",
        "no_patterns": "Nothing is known to hold {country}'s runs against.",
        "no_record": "Every reduction depends on its baseline. No record tells true killings.",
        "panel": "Your panel, by municipality",
        "panel.read": "Your panel was read as follows:",
        "period": "period",
        "municipalities": "municipalities",
        "error": "mean error",
        "rank": "rank correlation",
        "parameters": "Parameters, for a whole run",
        "conditions": "Conditions, from a date on",
        "name": "name",
        "default": "default",
        "bounds": "bounds",
        "unit": "unit",
        "kind": "kind",
        "meaning": "meaning",
        "declared": "{kind}; default {default}; {allowed}",
        "from_prior": "The posterior does not hold it: runs draw it from its prior.",
        "own.value": "In {country}: {number}.",
        "own.times": "In {country}: El Salvador's, {number} times as large.",
        "own.prior": "In {country} runs draw it from {low:g} to {high:g}.",
        "source": "Source: {source}",
        "zone": "zone",
        "kind.uncertain": "uncertain",
        "kind.lever": "lever",
        "kind.fixed": "fixed",
        "kind.response": "response to violence",
        "kind.answer": "the gangs' answer",
        "sources": "Sources: {sources}",
        "digest": "Digest: {digest}",
    }
)
"""Every word of the printed tables, by language and key. Names stay as files have them."""


class Bar:
    """A progress bar on the error stream; what is done and how long the rest may take."""

    def __init__(self) -> None:
        self.bar = Progress(
            TextColumn("{task.description:>24}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self.tasks:  # otherwise it would print an empty line
            self.bar.stop()

    def __call__(self, what: str, done: int, of: int) -> None:
        """Say how much of something is done."""
        self.bar.start()
        if what not in self.tasks:
            self.tasks[what] = self.bar.add_task(told(what), total=of)
        self.bar.update(self.tasks[what], completed=done, total=of)


def tell_of_compilation() -> None:
    """Say that the first run takes longer, where nothing is compiled yet."""
    from trucesim.compilation import is_compiled_already

    if not is_compiled_already():
        print(TEXT["compiling"], file=sys.stderr)


def tell_of_panel(panel: xr.Dataset) -> None:
    """Say how a user's panel was read, before the work that it takes to score it."""
    print(TEXT["panel.read"], file=sys.stderr)
    for each in (*panel.attrs["understood"], *panel.attrs["notes"]):
        print(f"  {told(each)}", file=sys.stderr)


class _Page(Console):
    """Shows a text as it is: brackets are no markup, control characters do not reach a terminal."""

    def on_broken_pipe(self) -> None:
        """Leave it to the command what to do when nobody reads on (``| head``): rich would exit."""
        raise BrokenPipeError

    def render_str(self, text: str, **more: Any) -> Text:
        """Turn a text into what is printed."""
        return super().render_str(without_controls(text), **more)


def styled(*parts: tuple[str, str] | str) -> Text:
    """Put texts together, some of them in a style: ``("title", "bold")``."""
    clean = (
        without_controls(each) if isinstance(each, str) else (without_controls(each[0]), each[1])
        for each in parts
    )
    return Text.assemble(*clean)


def page(narrow: int = WIDTH, *, highlight: bool = False) -> Console:
    """Give the console to print to, as wide as the terminal is, if it is one."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return _Page(width=None if terminal else narrow, highlight=highlight, markup=False)


@contextmanager
def whether_read_or_not() -> Iterator[None]:
    """Print inside, at once; the command goes on even where nobody reads on (``| head``)."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def table(title: str, *columns: str) -> Table:
    """Begin a table: names at the left, numbers at the right."""
    begun = Table(title=title, title_justify="left", header_style="bold", pad_edge=False)
    for n, column in enumerate(columns):
        begun.add_column(column, justify="left" if n == 0 else "right", no_wrap=n == 0)
    return begun


def number(value: float) -> str:
    """Write a number as a table does; nothing if there is none."""
    if value != value:
        return ""
    return language.number(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 20 else 2)


def _span(row: Any, name: str) -> str:
    ends = (number(row[f"{name}{end}"]) for end in ("p05", "p95"))
    return " - ".join(ends)


def _columns(words: Mapping[str, str], *keys: str) -> Iterable[str]:
    """Give headings; a key that is no word stands for itself."""
    return (words.get(key, key) for key in keys)


def _head(scenario: Scenario, results: xr.Dataset, seconds: float) -> Text:
    head = TEXT["head"].format(
        runs=results.attrs["runs"], seed=results.attrs["seed"],
        seconds=language.number(seconds, 1),
    )  # fmt: skip
    return styled((scenario.title[spoken()], "bold"), f" ({scenario.name}): {head}")


def print_study(study: Study) -> None:
    """Print how a scenario compares with the record, and by how much homicides fell."""
    words, console = TEXT, page()
    console.print(_head(study.scenario, study.results, study.seconds))
    if study.comparison.empty:
        console.print(words["no_patterns"].format(country=load_country().titled()))
    else:
        _print_patterns(console, study)
    if not study.reductions.empty:
        console.print(_reduction_table(study.reductions))
        console.print(words["baselines" if here() == HOME else "baselines.elsewhere"])
    print_caution(console)


def print_caution(console: Console) -> None:
    """Print what is to be borne in mind of a country other than El Salvador."""
    if (said := load_country().caution()) is not None:
        console.print(said)


def _print_patterns(console: Console, study: Study) -> None:
    words = TEXT
    console.print(_pattern_table(study.comparison))
    uses = study.comparison.dropna(subset=["inside"]).groupby("use")["inside"]
    counts = [(str(use), int(v.astype(bool).sum()), len(v)) for use, v in uses]
    console.print(words["counts"].format(counts=_counts(counts)))


def _counts(counts: Iterable[tuple[str, int, int]]) -> str:
    words = TEXT
    return "; ".join(
        f"{words[f'use.{use}']} {words['of'].format(n=n, all=of)}" for use, n, of in counts
    )


def _pattern_table(comparison: pd.DataFrame) -> Table:
    words = TEXT
    rows = table(
        words["patterns"],
        *_columns(
            words, "pattern", "use", "observed", "median", "interval", "inside", "departments"
        ),
    )
    for row in comparison.to_dict("records"):
        if row["simulated_median"] != row["simulated_median"]:
            continue
        marks = {True: Text(words["yes"]), False: styled((words["no"], "red"))}
        inside = marks.get(row["inside"], Text())
        if row["inside"] and row.get("too_wide"):
            inside = Text(words["too_wide"])
        rows.add_row(
            row["id"],
            words[f"use.{row['use']}"],
            number(row["observed"]),
            number(row["simulated_median"]),
            _span(row, "simulated_"),
            inside,
            number(row.get("departments_only_median", float("nan"))),
        )
    return rows


def _reduction_table(frame: pd.DataFrame) -> Table:
    words = TEXT
    from trucesim.outcomes.reductions import window

    rows = table(
        words["reductions"].format(window=language.span(window())),
        *_columns(
            words, "baseline", "reduction", "interval", "observed_percent", "averted", "interval",
            "observed",
        ),
    )  # fmt: skip
    measures = {name: each.set_index("baseline") for name, each in frame.groupby("measure")}
    for baseline in map(str, measures["reduction_percent"].index):
        cells = [baseline]
        for measure in ("reduction_percent", "averted"):
            row: Any = measures[measure].loc[baseline]
            cells += [number(row["median"]), _span(row, "")]
            cells.append(number(row["observed"]))
        rows.add_row(*cells)
    return rows


def print_validation(found: Validation) -> None:
    """Print what a validation found."""
    from trucesim.outcomes.forecasts import CONDITIONALITY
    from trucesim.reports.validation import TEXT as REPORT

    words, console = TEXT, page()
    console.print(_head(found.scenario, found.results, found.seconds))
    console.print(_pattern_table(found.comparison))
    counts = [
        (row["use"], row["counted"], row["simulated"]) for row in found.coverage.to_dict("records")
    ]
    console.print(words["right"].format(counts=_counts(counts)))
    console.print(_forecast_table(found))
    console.print(translated(CONDITIONALITY))
    if found.blocks is None:
        console.print(REPORT["blocks.none"].replace("*", ""))
    console.print(_hiding_table(found.reductions))
    console.print(words["no_record"])
    if found.score is not None:
        console.print(_panel_table(found.score))
        for note in found.score.notes:
            console.print(f"  {told(note)}")


def _forecast_table(found: Validation) -> Table:
    from trucesim.reports.validation import TEXT as REPORT
    from trucesim.studies.validation import forecasts_of

    words = TEXT
    rows = table(
        words["forecasts"],
        *_columns(
            words, "window", "MAE", "CRPS", "inside_90", "naive", "naive_mae", "naive_crps",
            "beaten",
        ),
    )  # fmt: skip
    for row in forecasts_of(found).to_dict("records"):
        crps = number(row["crps"])
        rows.add_row(
            words.get(row["block"], row["block"]),
            number(row["mae"]),
            crps if row["crps"] < row["naive_crps"] else styled((crps, "red")),
            f"{round(100 * row['inside_90'])}%",
            REPORT.get(f"method.{row['naive']}", row["naive"]),
            number(row["naive_mae"]),
            number(row["naive_crps"]),
            words["of"].format(n=row["beaten"], all=row["of"]),
        )
    return rows


def _hiding_table(reductions: pd.DataFrame) -> Table:
    words = TEXT
    wanted = reductions[reductions["measure"] == "reduction_percent"]
    window = wanted["window"].iloc[-1]
    rows = table(
        words["hiding"].format(window=window),
        *_columns(
            words, "baseline", "recorded", "interval", "true", "interval", "by_hiding", "interval",
            "observed_percent",
        ),
    )  # fmt: skip
    for baseline, group in wanted[wanted["window"] == window].groupby("baseline", sort=False):
        counted = group.set_index("counted")
        cells = [str(baseline)]
        for name in ("recorded", "true", "recorded_less_true"):
            row = counted.loc[name]
            cells += [number(row["median"]), _span(row, "")]
        rows.add_row(*cells, number(counted.loc["recorded", "observed"]))
    return rows


def _panel_table(score: Any) -> Table:
    words = TEXT
    rows = table(
        words["panel"],
        *_columns(words, "period", "municipalities", "inside_90", "error", "rank", "CRPS"),
    )
    for row in score.periods.to_dict("records"):
        rows.add_row(
            row["period"],
            str(row["municipalities"]),
            f"{round(100 * row['coverage'])}%",
            *(number(row[name]) for name in ("mae", "rank_correlation", "crps")),
        )
    return rows


def print_effects(found: WhatIfs) -> None:
    """Print what a what-if comes to; of several, a row each."""
    from trucesim.reports.effects import overview, parts

    console, effects = page(), found.effects
    cases = {"A": effects[0].a} | {
        "B" if len(effects) == 1 else f"B{n}": each.b for n, each in enumerate(effects, 1)
    }
    for side, scenario in cases.items():
        console.print(f"{side}: {scenario.title[spoken()]} ({scenario.name})")
    console.print(found.past.told(), highlight=False)
    print_parts(parts(effects[0]) if len(effects) == 1 else [overview(found)])
    print_caution(console)


def print_parts(parts: Iterable[Part]) -> None:
    """Print tables with what is said below them."""
    console = page()
    for part in parts:
        if part.rows:
            rows = table(part.title, *part.header)
            for row in part.rows:
                rows.add_row(*row)
            console.print(rows)
        else:
            console.print(part.title, style="italic")
        for text in part.told:
            console.print(text, highlight=False)


def print_scenarios(scenarios: Iterable[Scenario]) -> None:
    """Print scenarios with their stories."""
    console = page(100)
    for scenario in scenarios:
        console.print(styled((scenario.name, "bold"), f"  {scenario.title[spoken()]}"))
        console.print(f"  {scenario.story[spoken()]}\n", highlight=False)


def print_declared(declared: Mapping[str, Mapping[str, Parameter]]) -> None:
    """Print declared parameters, a table for each kind: ``parameters`` and ``conditions``."""
    from trucesim.runs.sampling import point_values

    words, console, points = TEXT, page(), point_values()
    for kind, each_of in declared.items():
        rows = table(
            words[kind], *_columns(words, "name", "default", "bounds", "unit", "kind", "meaning")
        )
        rows.columns[-1].justify = "left"
        for each in each_of.values():
            bounds = ", ".join(each.choices) or f"{each.low:g} - {each.high:g}"
            rows.add_row(
                each.name, _point(each, points), bounds, each.unit_in(),
                words[f"kind.{each.kind}"], each.label(),
            )  # fmt: skip
        console.print(rows)


def print_parameter(each: Parameter) -> None:
    """Print all that is declared of a parameter or condition."""
    from trucesim.runs.sampling import from_prior, point_values

    words, console = TEXT, page()
    console.print(styled((each.name, "bold"), f"  {each.label()}"))
    console.print(f"{each.meaning_in()}.")
    console.print(
        words["declared"].format(
            kind=words[f"kind.{each.kind}"],
            default=_point(each, point_values()),
            allowed=told(each.allowed),
        )
    )
    own = load_country().own.get(each.name)
    if own is not None:
        number = f"{own.value:g}" if own.value is not None else f"{own.times:g}"
        way = "value" if own.value is not None else "times" if own.low is None else "prior"
        console.print(
            words[f"own.{way}"].format(country=load_country().titled(), number=number,
                                       low=own.low, high=own.high)
        )  # fmt: skip
    elif each.name in from_prior():
        console.print(words["from_prior"])
    source = each.source_in() if own is None else own.source
    console.print(words["source"].format(source=source))


def _point(each: Parameter, points: Mapping[str, float]) -> str:
    """Write the value that a run takes where nothing is drawn or set."""
    shown = each.show(points[each.name] if each.name in points else each.default)
    return f"{shown:.6g}" if isinstance(shown, float) else str(shown)


def print_scenario(scenario: Scenario) -> None:
    """Print a scenario: its story, what happens on which day, and its sources."""
    from trucesim.parameters import CONDITIONS, PARAMETERS
    from trucesim.world.country import load_country

    words, console, declared = TEXT, page(), PARAMETERS | CONDITIONS
    console.print(styled((scenario.title[spoken()], "bold"), f" ({scenario.name})"))
    console.print(scenario.story[spoken()] + "\n")
    for event in scenario.events:
        text = event.text[spoken()]
        values = ", ".join(f"{k} = {declared[k].show(v)}" for k, v in event.set.items())
        kind = "" if event.kind == "choice" else f"{words[f'kind.{event.kind}']}; "
        note = f"({kind}{values}; {event.source})", "dim"
        console.print(styled(f"{event.date}  {text}  ", note))
    country = load_country()
    for zone in scenario.zones:
        name = country.names[country.codes.index(zone.code)]
        when = str(zone.first) if zone.first == zone.last else f"{zone.first} .. {zone.last}"
        source = f"({zone.source})", "dim"
        console.print(styled(f"{when}  {words['zone']}: {name} ({zone.code})  ", source))
    for name, value in scenario.parameters.items():
        console.print(f"{name} = {PARAMETERS[name].show(value)}")
    sources = words["sources"].format(sources="; ".join(scenario.sources))
    console.print(f"\n{sources}\n{words['digest'].format(digest=scenario.digest)}")


def print_steps() -> None:
    """Print what happens in a week, in order: the lists that both lives run."""
    from trucesim.engine.user_rules import kind_of
    from trucesim.engine.week import CLOSING, OPENING, STRETCH

    console = page()
    for step in (*OPENING, *STRETCH, *CLOSING):
        console.print(styled((step.phase.__name__, "bold"), f"  {_first_line(step.phase)}"))
        for rule in step.rules:
            file = f"trucesim/rules/{kind_of(rule)}.py"
            about = f"    {rule.__name__}  {_first_line(rule)}  "
            console.print(styled(about, (f"({file})", "dim")))


def _first_line(function: Callable[..., Any]) -> str:
    return translated((function.__doc__ or "").strip().split("\n")[0])


def print_frame(frame: pd.DataFrame, title: str) -> None:
    """Print a table as it is."""
    rows = Table(title=title, title_justify="left")
    for name in frame.columns:
        rows.add_column(str(name))
    for row in frame.itertuples(index=False):
        rows.add_row(*(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row))
    page().print(rows)
