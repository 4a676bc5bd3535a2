"""The report: one or two cases told in one file that needs nothing else.

`gather` runs what is told, `page` writes it as HTML, `write` puts it on disk. The page's look is in
``templates/report.html`` and ``report.css``, its words with the others; every number is computed.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import math
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
import xarray as xr

from trucesim import figures
from trucesim.figures import canvas
from trucesim.figures.mapping import Side
from trucesim.figures.scenario import NO_TRUCE
from trucesim.files.errors import InputError
from trucesim.files.writing import put_text
from trucesim.locale import language
from trucesim.locale.catalogue import spoken
from trucesim.locale.language import date, number
from trucesim.locale.texts import say
from trucesim.outcomes import reductions
from trucesim.outcomes.paired import Comparison, by_period, compare, reduction_rows
from trucesim.outcomes.statistics import interval as interval_of
from trucesim.reports.summary import amount, likelihood, sentence
from trucesim.runs.provenance import data_digest, model_digest
from trucesim.runs.simulate import check_numbers
from trucesim.scenario.change import with_settings
from trucesim.scenario.file import load_scenario, shipped
from trucesim.scenario.scenario import Scenario
from trucesim.studies import comparison as study
from trucesim.studies.cases import Case, differences
from trucesim.studies.history import Past, choose
from trucesim.version import __version__
from trucesim.world import calendar
from trucesim.world.observed import observed
from trucesim.world.periods import Period, total

Progress = Callable[[str, int, int], None]

RECORD = "as-recorded"
"""The dated record whole: what the model is held against."""

FOLLOWS_RECORD = ("truce-2012", RECORD)
"""Cases that assume nothing which did not happen."""

RUNS = 200
"""From chance, where no number is asked for."""

MOST_RUNS = 500
"""Up to so many runs, municipal detail is kept, which the maps need."""

FEW_RUNS = 100
"""With fewer, a 5% quantile rests on less than five runs, and the report says so."""

MAP_MONTHS = 24
"""Months of the maps of differences, from the first on which the cases can differ."""

MAP_DPI = 190

MARK = '<meta name="generator" content="trucesim report'
"""By this a report is known, and may be written again."""

MARKED_WITHIN = 4096
"""Bytes."""


@dataclass(frozen=True)
class CaseRuns:
    """A case as it was run.

    Attributes
    ----------
    scenario : Scenario
    results : xarray.Dataset
    counterfactual : xarray.Dataset or None
        The same runs without a truce; None if the scenario has none.
    placed : xarray.Dataset or None
        Runs of the same case with cliques placed without the 2015 rate class; None if the case
        itself does so, or has nobody to be compared with.
    """

    scenario: Scenario
    results: xr.Dataset
    counterfactual: xr.Dataset | None
    placed: xr.Dataset | None

    @property
    def reductions(self) -> pd.DataFrame:
        """Reductions by baseline, with the model's own counterfactual as the last one."""
        return reduction_rows(self.results, self.counterfactual)


@dataclass(frozen=True)
class Findings:
    """All that a report tells.

    Attributes
    ----------
    a : CaseRuns
    b : CaseRuns or None
        What it is compared with.
    past : Past
        What the cases' runs are made of.
    record : pandas.DataFrame
        The dated record's own runs, from chance, held against what was observed.
    maps : Period
        Months of the maps of differences.
    command : str
        What makes it again.
    settings : tuple of str
        Changes that were asked for in every case, as the command line writes them.
    made : datetime.datetime
    seconds : float
    """

    a: CaseRuns
    b: CaseRuns | None
    past: Past
    record: pd.DataFrame
    maps: Period
    command: str
    settings: tuple[str, ...]
    made: dt.datetime
    seconds: float

    @property
    def cases(self) -> list[tuple[str, CaseRuns]]:
        """The cases with their letters."""
        return [("A", self.a), *([("B", self.b)] if self.b else [])]


def gather(
    a: Scenario,
    b: Scenario | None = None,
    past: Past | None = None,
    *,
    settings: Sequence[str] = (),
    workers: int | None = None,
    command: str = "",
    progress: Progress | None = None,
) -> Findings:
    """Run what a report tells.

    Parameters
    ----------
    a : Scenario
    b : Scenario, optional
        What it is compared with, run by run.
    past : Past, optional
        Lineages that follow the record, or at most `MOST_RUNS` runs from chance; by default as
        :func:`trucesim.studies.history.choose` does.
    settings : sequence of str
        Changes to every case (:func:`trucesim.scenario.change.with_settings`).
    workers : int, optional
        Threads; by default one a core.
    command : str
        What makes the report again; by default a command line with the cases' names.
    progress : function, optional

    Raises
    ------
    InputError
        Numbers out of bounds.
    """
    began = time.perf_counter()
    given = [each for each in (a, b) if each]
    cases = [with_settings(each, settings) for each in given]
    past = past or choose(None, cases, runs=None, seed=None, default_runs=RUNS)
    check_runs(past.runs, past.seed, workers)
    period = _map_period(cases[0], cases[-1] if b else None)

    def told(who: str) -> Progress | None:
        return (lambda what, done, of: progress(f"{who}: {what}", done, of)) if progress else None

    found = [
        _run_case(each, past, period if b else None, workers, told(letter))
        for letter, each in zip("AB", cases, strict=False)
    ]
    record = study.conduct(
        load_scenario(RECORD), RUNS if past.history == "record" else past.runs,
        1 if past.history == "record" else past.seed,
        detail="full", workers=workers, progress=told("record"),
    )  # fmt: skip
    return Findings(
        found[0], found[1] if b else None, past, record.comparison, period,
        command or _command(given, past, settings), tuple(settings),
        dt.datetime.now().astimezone(), time.perf_counter() - began,
    )  # fmt: skip


def _run_case(
    scenario: Scenario, past: Past, maps: Period | None, workers: int | None, tell: Progress | None
) -> CaseRuns:
    """Run a case; with cliques placed otherwise too, from chance, where maps of it are compared."""
    placed = None
    if maps is not None:
        placed = study.placed_by_departments(
            scenario, past.runs, past.seed, detail="full", until=maps.last, workers=workers,
            progress=partial(tell, "placed by departments") if tell else None,
        )  # fmt: skip
    results, counterfactual = study.with_counterfactual(
        scenario, past.runs, past.seed, detail="full", lineages=past.lineages, workers=workers,
        progress=tell,
    )  # fmt: skip
    return CaseRuns(scenario, results, counterfactual, placed)


def check_runs(runs: int, seed: int, workers: int | None) -> None:
    """Check which runs are asked for, before any is made.

    Raises
    ------
    InputError
    """
    check_numbers(runs, seed, 0, workers)
    if runs > MOST_RUNS:
        raise InputError(f"--runs {runs}: a report keeps every run's maps, so {MOST_RUNS} at most")


def page(found: Findings, progress: Progress | None = None) -> str:
    """Write a report as one HTML document.

    Parameters
    ----------
    found : Findings
    progress : function, optional

    Raises
    ------
    InputError
        If there is no such language.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    telling = _Telling(found)
    environment = Environment(
        loader=PackageLoader("trucesim.reports"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html").render(
        t=telling.words,
        lang=spoken(),
        css=(files("trucesim.reports") / "templates" / "report.css").read_text("utf-8"),
        mark=MARK,
        version=__version__,
        colours={"A": canvas.BLUE, "B": canvas.VERMILION, "ink": canvas.INK,
                 "grey": canvas.GREY, "rule": canvas.RULE, "paper": canvas.PAPER,
                 "fine": canvas.FINE},
        **telling.sections(progress),
    )  # fmt: skip


def write(found: Findings, path: str | Path, progress: Progress | None = None) -> Path:
    """Write a report to a file, whole or not at all.

    Raises
    ------
    InputError
        As `check_out` does.
    """
    path = check_out(path)
    text = page(found, progress)
    return put_text(path, text)


def check_out(path: str | Path) -> Path:
    """Check where a report goes, before anything is run.

    Raises
    ------
    InputError
        A folder, a file that is no report of ours, or a place that cannot be written.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"--out {path}: there is a folder of this name; give a file")
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out {path}: a report is an HTML file; give a name that ends in .html")
    if not path.parent.is_dir():
        raise InputError(f"--out {path}: there is no folder {path.parent}")
    try:
        if path.exists():
            with path.open("rb") as file:
                head = file.read(MARKED_WITHIN)
            if MARK.encode() not in head:
                raise InputError(
                    f"--out {path}: there is a file of this name that is no report of trucesim; "
                    "give another name"
                )
        probe = path.with_name(f".{path.name}.probe")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"--out {path}: cannot be written: {error.strerror}") from None
    return path


def _command(given: Sequence[Scenario], past: Past, settings: Sequence[str]) -> str:
    """Give a command line, of a case that is not shipped with the name of its file."""
    names = [each.name if _is_shipped(each) else f"{each.name}.toml" for each in given]
    sets = [part for each in settings for part in ("--set", each)]
    return shlex.join(["trucesim", "report", *names, *sets, *past.asked])


def _is_shipped(scenario: Scenario) -> bool:
    return scenario.name in shipped() and scenario.digest == load_scenario(scenario.name).digest


def _map_period(a: Scenario, b: Scenario | None) -> Period:
    """Choose the months of the maps: from the first difference, or the truce, if that is later."""
    start = (b and a.changes_from(b)) or reductions.WINDOW.start
    start = max(start, reductions.WINDOW.start).replace(day=1)
    months = min(
        12 * start.year + start.month - 1 + MAP_MONTHS, 12 * calendar.END.year + calendar.END.month
    )
    return Period(start, dt.date(months // 12, months % 12 + 1, 1))


class _Telling:
    """What the page holds, in one language: texts, numbers as they are written, figures."""

    def __init__(self, found: Findings) -> None:
        self.found = found

    def words(self, key: str, /, **values: object) -> str:
        """Give a text, with values put in."""
        return say(f"report.{key}", **values)

    def number(self, value: float, digits: int = 0, *, signed: bool = False) -> str:
        """Write a number; a dash where there is none."""
        if math.isnan(value):
            return "\N{EN DASH}"
        return number(value, digits, signed=signed)

    def date(self, day: dt.date) -> str:
        """Write a day."""
        return date(day)

    def span(self, period: Period) -> str:
        """Write a period."""
        return language.span(period)

    def runs(self, count: int) -> str:
        """Write how many runs."""
        return self.words("run") if count == 1 else self.words("runs", n=self.number(count))

    def name(self, case: CaseRuns) -> str:
        """Give a case's title."""
        return str(case.scenario.title[spoken()])

    def cell(
        self, row: Mapping[Any, Any], prefix: str = "", digits: int = 0, *, signed: bool = False
    ) -> tuple[str, str]:
        """Give a median and its interval."""
        low, middle, high = (
            self.number(row[f"{prefix}{name}"], digits, signed=signed)
            for name in ("p05", "median", "p95")
        )
        return middle, self.words("cell", low=low, high=high)

    def sections(self, progress: Progress | None = None) -> dict[str, Any]:
        """Give all that the template asks for."""
        found = self.found
        return {
            "pair": found.b is not None,
            "cases": [self._case(letter, case) for letter, case in found.cases],
            "runs": self.runs(self._sizes()[0]),
            "settings": ", ".join(found.settings),
            "few": self._sizes()[0] < FEW_RUNS,
            "past": found.past.told(),
            "count": self.number(self._sizes()[0]),
            "seed": found.a.results.attrs["seed"],
            "made": self.date(found.made.date()),
            "made_iso": found.made.isoformat(timespec="seconds"),
            "answer": self._answer(),
            "differences": self._differences(),
            "figures": self._figures(progress),
            "reductions": self._reductions("reduction_percent"),
            "averted": self._reductions("averted"),
            "window": self.span(reductions.WINDOW),
            "yearly": self._yearly(),
            "limits": self._limits(),
            "provenance": self._provenance(),
        }

    def _sizes(self) -> tuple[int, int]:
        placed = self.found.a.placed
        return (
            self.found.a.results.sizes["run"],
            placed.sizes["run"] if placed is not None else 0,
        )

    # The cases

    def _case(self, letter: str, case: CaseRuns) -> dict[str, Any]:
        scenario = case.scenario
        return {
            "letter": letter,
            "title": self.name(case),
            "name": scenario.name,
            "story": str(scenario.story[spoken()]),
            "follows": not Case(scenario).counterfactual,
            "departures": Case(scenario).departures(),
            "digest": scenario.digest[:12],
            "events": [
                {
                    "date": self.date(event.date),
                    "words": event.text[spoken()],
                    "source": event.source,
                }
                for event in scenario.events
            ],
        }

    # The answer

    def _answer(self) -> dict[str, Any]:
        """Say how the cases compare or, of a single one, how it does with runs without truce."""
        found = self.found
        if found.b is not None:
            start = found.a.scenario.changes_from(found.b.scenario)
            if start is None:
                return {"headline": say("sure.same")}
            first, second = found.a.results, found.b.results
        elif found.a.counterfactual is not None:
            start = reductions.WINDOW.start
            first, second = found.a.counterfactual, found.a.results
        else:
            middle, interval = self.cell(interval_of(total(found.a.results, reductions.WINDOW)))
            headline = self.words("total", median=middle, span=self.span(reductions.WINDOW))
            return {"headline": headline, "interval": self.words("interval", cell=interval)}
        compared = compare(first, second, Period(start, calendar.END + dt.timedelta(days=1)))
        lines = [self._sentence(compared), likelihood(compared)]
        if compared.likelihood == "even":  # a count alone would sound like an answer
            lines = [self.words("even"), lines[0]]
        return {
            "headline": lines[0],
            "second": lines[1],
            "amount": self._amount(compared),
            **self._dots(compared),
        }

    def _sentence(self, compared: Comparison) -> str:
        if self.found.b is not None:
            return sentence(compared)
        share, side = max((compared.fewer, "fewer"), (compared.more, "more"))
        return self.words(f"alone.{side}", share=self.number(100 * share))

    def _amount(self, compared: Comparison) -> str:
        if self.found.b is not None:
            return amount(compared)
        averted = compared.averted
        side = "fewer" if averted["median"] >= 0 else "more"
        sign = 1 if side == "fewer" else -1
        low, high = sorted((sign * averted["p05"], sign * averted["p95"]))
        return self.words(
            f"amount.{side}", median=self.number(abs(averted["median"])),
            low=self.number(low), high=self.number(high), span=self.span(compared.period),
        )  # fmt: skip

    def _dots(self, compared: Comparison) -> dict[str, Any]:
        """Give a dot for each run, or for each of a hundred."""
        of = min(compared.runs, 100)
        fewer, equal = round(of * compared.fewer), round(of * compared.equal)
        counts = {"fewer": fewer, "equal": equal, "more": of - fewer - equal}
        kind = "pair" if self.found.b is not None else "alone"
        named = {each: self.words(f"dot.{kind}.{each}") for each in counts}
        return {
            "dots": [each for each, count in counts.items() for _ in range(count)],
            "counts": counts,
            "named": named,
            "dots_words": self.words("dots", n=of) + "; ".join(
                f"{count} {named[each]}" for each, count in counts.items()
            ),
        }  # fmt: skip

    # What differs

    def _differences(self) -> dict[str, Any]:
        """Say what differs from the other case or, of a single one, from the dated record."""
        found = self.found
        one = found.a.scenario
        other = found.b.scenario if found.b else load_scenario(FOLLOWS_RECORD[0])
        start = one.changes_from(other)
        key = "none_differs" if start is None else "differs_start"
        if start is not None and start > calendar.START:
            key = "differs_words"
        return {
            "rows": differences(one, other),
            "heads": ("A", "B") if found.b else (one.title[spoken()], other.title[spoken()]),
            "words": self.words("none_differs" if start is None else key, date=start
                                and self.date(start)),
            "same": start is None,
        }  # fmt: skip

    # Figures

    def _figures(self, progress: Progress | None) -> list[dict[str, str]]:
        found = self.found
        drawn: list[tuple[str, Callable[[], Any], str]] = []
        if found.b is not None:
            a, b = found.a, found.b
            drawn.append(
                ("months", lambda: figures.difference(a.results, b.results),
                 self.words("pair_alt"))
            )  # fmt: skip
        for letter, case in found.cases:
            without = None if found.b else case.counterfactual
            alt = self.words("months_alt", case=f"{letter} ({self.name(case)})")
            drawn.append(
                ("months", partial(figures.monthly, case.results, observed(), without), alt)
            )
        if found.b is None:
            drawn.append(("map", lambda: figures.maps(found.a.results), self.words("map_alt")))
        else:
            alt = self.words("map_pair_alt", span=self.span(found.maps))
            drawn.append(("map", self._map_of_differences, alt))
        drawn.append(
            (
                "limits",
                lambda: figures.patterns(found.record),
                self.words("patterns_alt"),
            )
        )
        shown = []
        for done, (section, draw, alt) in enumerate(drawn, 1):
            save = _png if section == "map" else _svg
            shown.append({"section": section, "data": save(draw()), "alt": alt})
            if progress:
                progress(self.words("figures"), done, len(drawn))
        return shown

    def _map_of_differences(self) -> Any:
        a, b = self.found.a, self.found.b
        assert b is not None
        placed = None
        if a.placed is not None and b.placed is not None:
            placed = Side(a.placed, b.placed)
        return figures.differences(Side(a.results, b.results), placed, self.found.maps)

    # Numbers

    def _reductions(self, measure: str) -> list[dict[str, Any]]:
        """Give a row a baseline: observed, and each case's median with its interval."""
        tables = []
        for _, case in self.found.cases:
            frame = case.reductions
            chosen = frame[frame["measure"] == measure].to_dict("records")
            tables.append({str(row["baseline"]): row for row in chosen})
        rows = []
        for baseline in dict.fromkeys(name for table in tables for name in table):
            known = [table.get(baseline) for table in tables]
            value = next(row["observed"] for row in known if row)
            rows.append(
                {
                    "baseline": say(f"baseline.{baseline}"),
                    "counterfactual": baseline == NO_TRUCE,
                    "observed": self.number(value),
                    "cases": [self.cell(row) if row else ("\N{EN DASH}", "") for row in known],
                }
            )
        return rows

    def _yearly(self) -> list[dict[str, Any]]:
        found = self.found
        counts = [reductions.yearly(case.results) for _, case in found.cases]
        apart: dict[str, dict[Any, Any]] = {}
        if found.b is not None:
            frame = by_period(found.a.results, found.b.results, ["recorded"])
            apart = {str(row["period"]): row for row in frame.to_dict("records")}
        rows = []
        for place, year in enumerate(counts[0]["year"]):
            row: dict[str, Any] = {
                "year": str(year),
                "observed": self.number(counts[0]["observed"][place]),
                "cases": [self.cell(table.iloc[place].to_dict()) for table in counts],
            }
            if told := apart.get(str(year)):
                same = told["share_equal"] == 1
                of = min(self._sizes()[0], 100)
                row["apart"] = (
                    ("\N{EN DASH}", "") if same else self.cell(told, "difference_", signed=True)
                )
                row["fewer"] = (
                    "\N{EN DASH}"
                    if same
                    else self.words("of_runs", x=round(of * told["share_a_fewer"]), n=of)
                )
            rows.append(row)
        return rows

    # Limits

    def _limits(self) -> dict[str, Any]:
        record = self.found.record
        counted = record.dropna(subset=["inside"])
        parts = {}
        for use in ("fit", "check"):
            rows = counted[counted["use"] == use]
            inside = int(rows["inside"].astype(bool).sum())
            parts[use] = self.words(f"inside_{use}", inside=inside, of=len(rows))
        missed = counted[~counted["inside"].astype(bool)]
        municipal = counted[counted["municipal"] & counted["departments_only_median"].notna()]
        return {
            "inside": self.words("inside", **parts),
            "missed": [self._pattern(row) for row in missed.to_dict("records")],
            "municipal": [self._pattern(row) for row in municipal.to_dict("records")],
        }

    def _pattern(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        size = abs(row["observed"])
        counted = size >= 9.95 and size == round(size)
        digits = 0 if counted or size >= 99.5 else 1 if size >= 9.95 else 2
        verdict = (
            "ok" if row["inside"] else ("low" if row["simulated_p95"] < row["observed"] else "high")
        )
        return {
            "label": canvas.TEXT[f"pattern.{row['id']}"],
            "observed": self.number(row["observed"], digits),
            "simulated": self.cell(row, "simulated_", digits),
            "placed": self.cell(row, "departments_only_", digits),
            "verdict": self.words(verdict),
        }

    # Provenance

    def _provenance(self) -> dict[str, Any]:
        found = self.found
        return {
            "version": __version__,
            "data": data_digest()[:12],
            "model": model_digest()[:12],
            "placed": self._sizes()[1],
            "command": found.command,
            "seconds": self.number(found.seconds),
            "files": [
                {
                    "letter": letter,
                    "name": f"{case.scenario.name}.toml",
                    "toml": (text := Case(case.scenario).toml()),
                    "data": "data:application/toml;base64," + _base64(text.encode()),
                }
                for letter, case in found.cases
            ],
        }


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _svg(figure: Any) -> str:
    """Draw as a picture that stays sharp."""
    image = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "trucesim"}):
        figure.savefig(image, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + _base64(image.getvalue())


def _png(figure: Any) -> str:
    """Draw as dots: the outlines of 262 municipalities would take megabytes."""
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=MAP_DPI)
    return "data:image/png;base64," + _base64(image.getvalue())
