"""The report: one or two cases told in one file that needs nothing else.

`gather` runs what is told, `page` writes it as HTML, `write` puts it on disk. The page's look is in
``report.html`` and ``report.css``, its words are in `report_texts`; every number is computed.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import math
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
import xarray as xr

from trucesim import calendar, figures, language, patterns, reductions, study
from trucesim.errors import InputError
from trucesim.figures import canvas
from trucesim.figures.paired import Side, difference_maps
from trucesim.figures.scenario import NO_TRUCE
from trucesim.files import put_whole
from trucesim.observed import observed
from trucesim.periods import Period, total
from trucesim.provenance import data_digest, model_digest
from trucesim.scenario import Scenario, load_scenario
from trucesim.simulation import check_numbers
from trucesim.study import Study
from trucesim.version import __version__
from trucesim.workshop.cases import Case, differences
from trucesim.workshop.summary import Comparison, amount, compare, likelihood, sentence
from trucesim.workshop.texts import LANGUAGES, date, number, say

Progress = Callable[[str, int, int], None]

RECORD = "second-pact-2016"
"""The dated record whole: what the model is held against."""

FOLLOWS_RECORD = ("truce-2012", RECORD)
"""Cases that assume nothing which did not happen."""

MOST_RUNS = 500
"""Up to so many runs, municipal detail is kept, which the maps need."""

FEW_RUNS = 100
"""With fewer, a 5 % quantile rests on less than five runs, and the report says so."""

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
    study : Study
    placed : xarray.Dataset or None
        Runs of the same case with cliques placed without the 2015 rate class; None if the case
        itself does so, or has nobody to be compared with.
    """

    study: Study
    placed: xr.Dataset | None

    @property
    def scenario(self) -> Scenario:
        """What was run."""
        return self.study.scenario

    @property
    def results(self) -> xr.Dataset:
        """Its runs."""
        return self.study.results


@dataclass(frozen=True)
class Findings:
    """All that a report tells.

    Attributes
    ----------
    a : CaseRuns
    b : CaseRuns or None
        What it is compared with.
    record : pandas.DataFrame
        The dated record's own runs held against what was observed.
    maps : Period
        Months of the maps of differences.
    command : str
        What makes it again.
    made : datetime.datetime
    seconds : float
    """

    a: CaseRuns
    b: CaseRuns | None
    record: pd.DataFrame
    maps: Period
    command: str
    made: dt.datetime
    seconds: float

    @property
    def cases(self) -> list[tuple[str, CaseRuns]]:
        """The cases with their letters."""
        return [("A", self.a), *([("B", self.b)] if self.b else [])]


def gather(
    a: Scenario,
    b: Scenario | None = None,
    *,
    runs: int = 200,
    seed: int = 1,
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
    runs, seed : int
        At most `MOST_RUNS` runs.
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
    check_numbers(runs, seed, 0, workers)
    if runs > MOST_RUNS:
        raise InputError(f"--runs {runs}: a report keeps every run's maps, so {MOST_RUNS} at most")
    began = time.perf_counter()

    def told(who: str) -> Progress | None:
        return (lambda what, done, of: progress(f"{who}: {what}", done, of)) if progress else None

    conduct = partial(study.conduct, runs=runs, seed=seed, detail="full", workers=workers)
    period = _map_period(a, b)
    found = []
    for letter, scenario in [("A", a), *([("B", b)] if b else [])]:
        tell = told(letter)
        placed = None
        if b is not None:
            placed = study.placed_by_departments(
                scenario, runs, seed, detail="full", until=period.last, workers=workers,
                progress=partial(tell, "placed by departments") if tell else None,
            )  # fmt: skip
        found.append(CaseRuns(conduct(scenario, progress=tell), placed))
    record = next(
        (case.study for case in found if case.scenario.digest == load_scenario(RECORD).digest), None
    ) or conduct(load_scenario(RECORD), progress=told("record"))
    return Findings(
        found[0],
        found[1] if b else None,
        record.comparison,
        period,
        command or _command(a, b, runs, seed),
        dt.datetime.now().astimezone(),
        time.perf_counter() - began,
    )


def page(found: Findings, lang: str = "en", progress: Progress | None = None) -> str:
    """Write a report as one HTML document.

    Parameters
    ----------
    found : Findings
    lang : {'en', 'es'}
    progress : function, optional

    Raises
    ------
    InputError
        If there is no such language.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    if lang not in LANGUAGES:
        raise InputError(f"no report in {lang!r}; there are: {', '.join(LANGUAGES)}")
    environment = Environment(
        loader=PackageLoader("trucesim", "workshop"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    telling = _Telling(found, lang)
    return environment.get_template("report.html").render(
        lang=lang,
        t=telling.words,
        css=(files("trucesim") / "workshop" / "report.css").read_text(encoding="utf-8"),
        mark=MARK,
        version=__version__,
        colours={"A": canvas.BLUE, "B": canvas.VERMILION, "ink": canvas.INK,
                 "grey": canvas.GREY, "rule": canvas.RULE, "paper": canvas.PAPER,
                 "fine": canvas.FINE},
        **telling.sections(progress),
    )  # fmt: skip


def write(
    found: Findings, path: str | Path, lang: str = "en", progress: Progress | None = None
) -> Path:
    """Write a report to a file, whole or not at all.

    Raises
    ------
    InputError
        As `check_out` does.
    """
    path = check_out(path)
    text = page(found, lang, progress)
    return put_whole(path, lambda part: part.write_text(text, encoding="utf-8"))


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


def _command(a: Scenario, b: Scenario | None, runs: int, seed: int) -> str:
    names = [a.name, *([b.name] if b else [])]
    return shlex.join(["trucesim", "report", *names, "--runs", str(runs), "--seed", str(seed)])


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

    def __init__(self, found: Findings, lang: str) -> None:
        self.found, self.lang = found, lang

    def words(self, key: str, /, **values: object) -> str:
        """Give a text, with values put in."""
        return say(self.lang, key, **values)

    def number(self, value: float, digits: int = 0, *, signed: bool = False) -> str:
        """Write a number; a dash where there is none."""
        if math.isnan(value):
            return "\N{EN DASH}"
        return number(value, self.lang, digits, signed=signed)

    def date(self, day: dt.date) -> str:
        """Write a day."""
        return date(day, self.lang)

    def span(self, period: Period) -> str:
        """Write a period."""
        return language.span(period, self.lang)

    def runs(self, count: int) -> str:
        """Write how many runs."""
        return (
            self.words("report.run")
            if count == 1
            else self.words("report.runs", n=self.number(count))
        )

    def name(self, case: CaseRuns) -> str:
        """Give a case's title."""
        return str(case.scenario.title[self.lang])

    def cell(
        self, row: Mapping[Any, Any], prefix: str = "", digits: int = 0, *, signed: bool = False
    ) -> tuple[str, str]:
        """Give a median and its interval."""
        low, middle, high = (
            self.number(row[f"{prefix}{name}"], digits, signed=signed)
            for name in ("p05", "median", "p95")
        )
        return middle, self.words("report.cell", low=low, high=high)

    def sections(self, progress: Progress | None = None) -> dict[str, Any]:
        """Give all that the template asks for."""
        found = self.found
        return {
            "pair": found.b is not None,
            "cases": [self._case(letter, case) for letter, case in found.cases],
            "runs": self.runs(self._sizes()[0]),
            "few": self._sizes()[0] < FEW_RUNS,
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
            "story": str(scenario.story[self.lang]),
            "follows": not Case(scenario).counterfactual,
            "departures": Case(scenario).departures(self.lang),
            "digest": scenario.digest[:12],
            "events": [
                {
                    "date": self.date(event.date),
                    "words": event.en if self.lang == "en" else event.es,
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
                return {"sentence": self.words("sure.same")}
            first, second = found.a.results, found.b.results
        elif found.a.study.counterfactual is not None:
            start = reductions.WINDOW.start
            first, second = found.a.study.counterfactual, found.a.results
        else:
            middle, interval = self.cell(
                reductions.interval(total(found.a.results, reductions.WINDOW))
            )
            told = self.words("report.total", median=middle, span=self.span(reductions.WINDOW))
            return {"sentence": told, "interval": self.words("report.interval", cell=interval)}
        compared = compare(first, second, Period(start, calendar.END + dt.timedelta(days=1)))
        told = {
            "sentence": self._sentence(compared),
            "likely": likelihood(compared, self.lang),
            "amount": self._amount(compared),
            **self._dots(compared),
        }
        fitted = Period(start, patterns.FIT_WINDOW_END.stop)
        if fitted.days > 0:
            within = compare(first, second, fitted)
            told["early"] = f"{self._sentence(within)} {self._amount(within)}"
        return told

    def _sentence(self, compared: Comparison) -> str:
        if self.found.b is not None:
            return sentence(compared, self.lang)
        share, side = max((compared.fewer, "fewer"), (compared.more, "more"))
        return self.words(f"report.alone.{side}", share=self.number(100 * share))

    def _amount(self, compared: Comparison) -> str:
        if self.found.b is not None:
            return amount(compared, self.lang)
        averted = compared.averted
        side = "fewer" if averted["median"] >= 0 else "more"
        sign = 1 if side == "fewer" else -1
        low, high = sorted((sign * averted["p05"], sign * averted["p95"]))
        return self.words(
            f"report.amount.{side}", median=self.number(abs(averted["median"])),
            low=self.number(low), high=self.number(high), span=self.span(compared.period),
        )  # fmt: skip

    def _dots(self, compared: Comparison) -> dict[str, Any]:
        """Give a dot for each run, or for each of a hundred."""
        of = min(compared.runs, 100)
        fewer, equal = round(of * compared.fewer), round(of * compared.equal)
        counts = {"fewer": fewer, "equal": equal, "more": of - fewer - equal}
        kind = "pair" if self.found.b is not None else "alone"
        named = {each: self.words(f"report.dot.{kind}.{each}") for each in counts}
        return {
            "dots": [each for each, count in counts.items() for _ in range(count)],
            "counts": counts,
            "named": named,
            "dots_words": self.words("report.dots", n=of) + "; ".join(
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
        key = "report.none_differs" if start is None else "report.differs_start"
        if start is not None and start > calendar.START:
            key = "report.differs_words"
        return {
            "rows": differences(one, other, self.lang),
            "heads": ("A", "B") if found.b else ("A", other.title[self.lang]),
            "words": self.words("report.none_differs" if start is None else key, date=start
                                and self.date(start)),
            "same": start is None,
        }  # fmt: skip

    # Figures

    def _figures(self, progress: Progress | None) -> list[dict[str, str]]:
        found, lang = self.found, self.lang
        drawn: list[tuple[str, Callable[[], Any], str]] = []
        if found.b is not None:
            a, b = found.a, found.b
            drawn.append(
                ("months", lambda: figures.difference(a.results, b.results, lang),
                 self.words("report.pair_alt"))
            )  # fmt: skip
        for letter, case in found.cases:
            without = None if found.b else case.study.counterfactual
            alt = self.words("report.months_alt", case=f"{letter} ({self.name(case)})")
            draw = partial(figures.monthly, case.results, observed(), lang, without)
            drawn.append(("months", draw, alt))
        if found.b is None:
            drawn.append(
                ("map", lambda: figures.maps(found.a.results, lang), self.words("report.map_alt"))
            )
        else:
            alt = self.words("report.map_pair_alt", span=self.span(found.maps))
            drawn.append(("map", self._map_of_differences, alt))
        drawn.append(
            (
                "limits",
                lambda: figures.patterns(found.record, lang),
                self.words("report.patterns_alt"),
            )
        )
        shown = []
        for done, (section, draw, alt) in enumerate(drawn, 1):
            save = _png if section == "map" else _svg
            shown.append({"section": section, "data": save(draw()), "alt": alt})
            if progress:
                progress(self.words("report.figures"), done, len(drawn))
        return shown

    def _map_of_differences(self) -> Any:
        a, b = self.found.a, self.found.b
        assert b is not None
        placed = None
        if a.placed is not None and b.placed is not None:
            placed = Side(a.placed, b.placed)
        return difference_maps(Side(a.results, b.results), placed, self.found.maps, self.lang)

    # Numbers

    def _reductions(self, measure: str) -> list[dict[str, Any]]:
        """Give a row a baseline: observed, and each case's median with its interval."""
        tables = []
        for _, case in self.found.cases:
            frame = study.reduction_rows(case.study)
            tables.append(frame[frame["measure"] == measure].set_index("baseline"))
        rows = []
        for baseline in dict.fromkeys(name for table in tables for name in table.index):
            known = [table.loc[baseline] if baseline in table.index else None for table in tables]
            value = next(row["observed"] for row in known if row is not None)
            rows.append(
                {
                    "baseline": say(self.lang, f"baseline.{baseline}"),
                    "counterfactual": baseline == NO_TRUCE,
                    "observed": self.number(value),
                    "cases": [self.cell(row) if row is not None else ("\N{EN DASH}", "")
                              for row in known],
                }
            )  # fmt: skip
        return rows

    def _yearly(self) -> list[dict[str, Any]]:
        found = self.found
        counts = [reductions.yearly(case.results) for _, case in found.cases]
        apart = None
        if found.b is not None:
            frame = reductions.difference(found.a.results, found.b.results)
            apart = frame[frame["measure"] == "recorded"].set_index("period")
        rows = []
        for place, year in enumerate(counts[0]["year"]):
            row: dict[str, Any] = {
                "year": str(year),
                "observed": self.number(counts[0]["observed"][place]),
                "cases": [self.cell(table.iloc[place].to_dict()) for table in counts],
            }
            if apart is not None:
                told = apart.loc[str(year)]
                same = told["share_equal"] == 1
                of = min(self._sizes()[0], 100)
                row["apart"] = (
                    ("\N{EN DASH}", "") if same else self.cell(told, "difference_", signed=True)
                )
                row["fewer"] = (
                    "\N{EN DASH}"
                    if same
                    else self.words("report.of_runs", x=round(of * told["share_a_fewer"]), n=of)
                )
            rows.append(row)
        return rows

    # Limits

    def _limits(self) -> dict[str, Any]:
        record = self.found.record
        counted = record.dropna(subset=["inside"])
        parts = {}
        for use in ("fit", "check", "holdout"):
            rows = counted[counted["use"] == use]
            inside = int(rows["inside"].astype(bool).sum())
            parts[use] = self.words(f"report.inside_{use}", inside=inside, of=len(rows))
        heldout = counted[counted["use"] == "holdout"]
        municipal = counted[
            counted["level"].str.startswith("municipal")
            & counted["departments_only_median"].notna()
        ]
        return {
            "inside": self.words("report.inside", **parts),
            "heldout": [self._pattern(row) for row in heldout.to_dict("records")],
            "municipal": [self._pattern(row) for row in municipal.to_dict("records")],
        }

    def _pattern(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        digits = language.digits_of(row["observed"])
        verdict = (
            "ok" if row["inside"] else ("low" if row["simulated_p95"] < row["observed"] else "high")
        )
        return {
            "label": canvas.TEXT[self.lang][f"pattern.{row['id']}"],
            "observed": self.number(row["observed"], digits),
            "simulated": self.cell(row, "simulated_", digits),
            "placed": self.cell(row, "departments_only_", digits),
            "verdict": self.words(verdict),
            "inside": bool(row["inside"]),
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
    from PIL import Image

    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=MAP_DPI)
    image.seek(0)
    few = io.BytesIO()
    with Image.open(image) as drawn:
        drawn.convert("RGB").quantize(255).save(few, format="png", optimize=True)
    return "data:image/png;base64," + _base64(few.getvalue())
