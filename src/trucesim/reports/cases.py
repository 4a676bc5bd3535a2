"""The report: one or two cases told in one file that needs nothing else.

`gather` runs what is told, `page` writes it as HTML, `write` puts it on disk. The page's look is in
``templates/report.html`` and ``report.css``, its words with the others; every number is computed.
What draws is imported when figures are drawn: the last runs are made meanwhile.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import json
import re
import shlex
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape, unescape
from importlib.resources import files
from itertools import chain, count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.files.errors import InputError
from trucesim.files.writing import put_text
from trucesim.locale.catalogue import spoken, translated
from trucesim.outcomes import patterns, reductions
from trucesim.outcomes.paired import NO_TRUCE, by_period, reduction_rows
from trucesim.outcomes.statistics import interval as interval_of
from trucesim.reports import summary
from trucesim.reports.rendering import records, render
from trucesim.runs.lineage import shipped_lineages
from trucesim.runs.provenance import data_digest, key_of, model_digest, what_runs, where_made
from trucesim.runs.simulate import check_numbers, run
from trucesim.scenario.change import with_settings, without_truce
from trucesim.scenario.file import load_scenario, recorded, shipped, text_of
from trucesim.scenario.scenario import Scenario
from trucesim.studies import comparison as study
from trucesim.studies.answer import Answer, answer
from trucesim.studies.cases import Case, differences
from trucesim.studies.effects import parameters_of_pair
from trucesim.studies.history import CHANCE, Past, choose
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.folder import HOME, here
from trucesim.world.observed import observed
from trucesim.world.periods import Period, total

Progress = Callable[[str, int, int], None]

type Live = Callable[
    [Scenario, Scenario | None, Past, Callable[[int, int], None] | None, dt.date | None],
    tuple[xr.Dataset, xr.Dataset | None],
]
"""Gives the runs of one case, or two, with full detail, to the end or the month of a day."""

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

BARE = '<data id="made" value=""'
"""Where a report says what made it."""

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
        The same runs without a truce, at least as far as the truce is measured; None if the
        scenario has none.
    """

    scenario: Scenario
    results: xr.Dataset
    counterfactual: xr.Dataset | None

    @cached_property
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
    placing : Future
        Gives runs of A and of B with cliques placed without the 2015 rate class, which may still be
        made; None if one of them itself places them so, or there is no B.
    command : str
        What makes it again.
    settings : tuple of str
        Changes that were asked for in every case, as the command line writes them.
    made : datetime.datetime
    began : float
        By the clock of :func:`time.perf_counter`.
    given : tuple of Scenario
        The cases before the changes that were asked for.
    """

    a: CaseRuns
    b: CaseRuns | None
    past: Past
    record: pd.DataFrame
    maps: Period
    placing: Future[tuple[xr.Dataset, xr.Dataset] | None]
    command: str
    settings: tuple[str, ...]
    made: dt.datetime
    began: float
    given: tuple[Scenario, ...]

    @property
    def placed(self) -> tuple[xr.Dataset, xr.Dataset] | None:
        """What `placing` gives, waited for."""
        return self.placing.result()

    @property
    def cases(self) -> list[tuple[str, CaseRuns]]:
        """The cases with their letters."""
        return [("A", self.a), *([("B", self.b)] if self.b else [])]

    @property
    def answer(self) -> Answer | None:
        """How B compares with A, or a single case with its own runs without a truce, if it has."""
        own = self.a
        if self.b is not None:
            return _answer_of(own.results, self.b.results, own.scenario, self.b.scenario, self.past)
        if own.counterfactual is None:
            return None
        without = without_truce(own.scenario)
        return _answer_of(own.counterfactual, own.results, without, own.scenario, self.past)


def _answer_of(
    a: xr.Dataset, b: xr.Dataset, case_a: Scenario, case_b: Scenario, past: Past
) -> Answer:
    return answer(a, b, (case_a, case_b), parameters_of_pair(case_a, case_b, past))


def gather(
    a: Scenario,
    b: Scenario | None = None,
    past: Past | None = None,
    *,
    settings: Sequence[str] = (),
    workers: int | None = None,
    command: str = "",
    progress: Progress | None = None,
    live: Live | None = None,
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
    live : function, optional
        Gives runs that need not be made anew, or shares what pairs have in common.

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

    if live is None:
        run_case = partial(_run_case, workers=workers)
    else:
        run_case = partial(_share_case, live, until=reductions.window().last if b else None)
        if b:
            live(cases[0], cases[1], past, _of_runs(told("A, B")), None)  # they part where these do
    found = [
        run_case(each, past, tell=told(letter)) for letter, each in zip("AB", cases, strict=False)
    ]
    record = record_of(past, live, workers=workers, progress=told("record"))
    tell = partial(progress, translated("placed by departments")) if progress else None

    def place() -> tuple[xr.Dataset, xr.Dataset] | None:
        if b is None:
            return None
        return study.placed_pair(
            cases[0], cases[1], past.runs, past.seed, period.last, workers=workers, progress=tell
        )

    return Findings(
        found[0], found[1] if b else None, past, record, period, _beside(place),
        command or _command(given, past, settings), tuple(settings),
        dt.datetime.now().astimezone(), began, tuple(given),
    )  # fmt: skip


def _beside[T](make: Callable[[], T]) -> Future[T]:
    """Begin to make something, and go on."""
    executor = ThreadPoolExecutor(1)
    made = executor.submit(make)
    executor.shutdown(wait=False)
    return made


_records: dict[tuple[str, int, int], pd.DataFrame] = {}
_recording = threading.Lock()


def record_of(
    past: Past,
    live: Live | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Hold the dated record's own runs, from chance, against what was observed.

    It is the same for all reports with as many runs, and worked out once on a machine: it is kept
    beside compiled code, under all that determines it.
    """
    runs, seed = (RUNS, 1) if past.history == "record" else (past.runs, past.seed)
    if not recorded():
        return patterns.compare_values({})
    with _recording:
        if (key := (here(), runs, seed)) not in _records:
            scenario, tell = load_scenario(recorded()[-1]), _of_runs(progress)
            place = _place_of_record(scenario, runs, seed)
            if (kept := _read_record(place)) is not None:
                _records[key] = kept
                return kept
            if live is None:
                results = run(scenario, runs, seed, detail="full", workers=workers, progress=tell)
            else:
                results, _ = live(scenario, None, Past(CHANCE, runs, seed), tell, None)
            _records[key] = study.against_record(
                scenario, results, seed, workers=workers, progress=progress
            )
            _keep_record(_records[key], place)
        return _records[key]


def _place_of_record(scenario: Scenario, runs: int, seed: int) -> Path | None:
    """Give the file that keeps the record's own scores on this machine; None without a cache."""
    from trucesim.compilation import cache_directory

    made = key_of(scenario, load_country(), seed, "posterior", None)
    directory = cache_directory()
    return directory and directory / f"record-{made[:16]}-{data_digest()[:8]}-{runs}.csv"


def _read_record(path: Path | None) -> pd.DataFrame | None:
    """Read scores that were kept; None if there are none, or no whole ones."""
    try:
        if path is None or not path.is_file():
            return None
        found = pd.read_csv(path, dtype=str, keep_default_na=False)
        numbers = [name for name in _NUMBERS if name in found]
        found[numbers] = found[numbers].replace("", "nan").astype(np.float64)
        truths = {"True": True, "False": False}
        for name in ("municipal", "conditional"):
            found[name] = found[name].map(truths).astype(bool)
        inside = found["inside"].map(truths).astype(object)
    except (OSError, ValueError, KeyError):
        return None
    return found.assign(inside=inside.where(inside.notna(), None))


_NUMBERS = ("observed", "low", "high", "simulated_p05", "simulated_median", "simulated_p95",
            "departments_only_p05", "departments_only_median", "departments_only_p95")  # fmt: skip


def _keep_record(scores: pd.DataFrame, path: Path | None) -> None:
    """Keep scores; where nothing can be written they are worked out again."""
    if path is not None:
        with suppress(OSError):
            put_text(path, scores.to_csv(index=False, lineterminator="\n"))


def _of_runs(tell: Progress | None) -> Callable[[int, int], None] | None:
    return partial(tell, translated("runs")) if tell else None


def _share_case(
    live: Live, scenario: Scenario, past: Past, tell: Progress | None, until: dt.date | None
) -> CaseRuns:
    """Do as `_run_case` does, with runs that are shared; those without a truce up to a month."""
    without, tell_runs = without_truce(scenario), _of_runs(tell)
    if scenario.changes_from(without) is None:
        return CaseRuns(scenario, *live(scenario, None, past, tell_runs, None))
    if until is None:
        return CaseRuns(scenario, *live(scenario, without, past, tell_runs, None))
    own, _ = live(scenario, None, past, None, None)
    return CaseRuns(scenario, own, live(without, None, past, tell_runs, until)[0])


def _run_case(
    scenario: Scenario, past: Past, workers: int | None, tell: Progress | None
) -> CaseRuns:
    """Run a case, and the same without a truce."""
    results, counterfactual = study.with_counterfactual(
        scenario, past.runs, past.seed, detail="full", lineages=past.lineages, workers=workers,
        progress=tell,
    )  # fmt: skip
    return CaseRuns(scenario, results, counterfactual)


def check_runs(runs: int, seed: int, workers: int | None) -> None:
    """Check which runs are asked for, before any is made.

    Raises
    ------
    InputError
    """
    check_numbers(runs, seed, 0, workers)
    if runs > MOST_RUNS:
        raise InputError(
            "--runs {runs}: a report keeps every run's maps, so {MOST_RUNS} at most",
            runs=runs,
            MOST_RUNS=MOST_RUNS,
        )


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
    from trucesim.figures import canvas

    values = {
        **_sections(found, progress),
        "css": (files("trucesim.reports") / "templates" / "report.css").read_text("utf-8"),
        "mark": MARK,
        "colours": {"A": canvas.BLUE, "B": canvas.VERMILION, "ink": canvas.INK,
                    "grey": canvas.GREY, "rule": canvas.RULE, "paper": canvas.PAPER,
                    "fine": canvas.FINE},
    }  # fmt: skip
    bare = render("report.html", manifest="", **values)
    content = {**_manifest(found), "page": digest_of(bare)}
    return bare.replace(BARE, BARE.replace('""', f'"{escape(json.dumps(content))}"'))


def digest_of(page: str) -> str:
    """Digest a report without the day on which it was made, and without what it says made it."""
    day = re.sub(r'(<time class="made")[^>]*>[^<]*<', r"\1><", page)
    bare = re.sub(r'(<data id="made" value=)"[^"]*"', r'\1""', day)
    return hashlib.sha256(bare.encode()).hexdigest()


def manifest_in(page: str) -> dict[str, Any] | None:
    """Read what a report says made it; None where it says nothing, as before 0.2.0."""
    found = re.search(r'<data id="made" value="([^"]*)"', page)
    try:
        content = json.loads(unescape(found[1])) if found else None
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _manifest(found: Findings) -> dict[str, Any]:
    """Say what made a report, its cases' files included, so that it can be made again."""
    named = [
        (each.name if _is_shipped(each) else f"{each.name}.toml", each) for each in found.given
    ]
    if len(named) == 2 and named[0][0] == named[1][0]:
        named[1] = f"B/{named[1][0]}", named[1][1]
    sets = [part for each in found.settings for part in ("--set", each)]
    lineages = shipped_lineages().digest if found.past.lineages else ""
    return {
        "command": "report",
        "arguments": [*(name for name, _ in named), *sets, *found.past.asked, "--lang", spoken()],
        "inputs": {
            name: {"file": f"{letter}/{each.name}.toml", "text": text_of(each)}
            for letter, (name, each) in zip("AB", named, strict=False)
        },
        "lineages": lineages,
        **what_runs(load_country().name),
        **where_made(time.perf_counter() - found.began),
    }  # fmt: skip


def write(
    found: Findings, path: str | Path, progress: Progress | None = None, *, replaced: bool = True
) -> Path:
    """Write a report to a file, whole or not at all.

    Parameters
    ----------
    found : Findings
    path : str or Path
    progress : function, optional
    replaced : bool
        Whether another report of this name is replaced; otherwise a differing one is written
        beside it, as ``report-2.html`` and so on.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    InputError
        As `check_out` does.
    """
    path = check_out(path, replaced=replaced)
    text = page(found, progress)
    if not replaced:
        places = chain([path], (path.with_stem(f"{path.stem}-{n}") for n in count(2)))
        path = next(each for each in places if not each.exists() or _holds(each, text))
    return put_text(path, text)


def _holds(path: Path, text: str) -> bool:
    """Tell whether a file is the same report, but for its day."""
    try:
        return digest_of(path.read_text(encoding="utf-8")) == digest_of(text)
    except (OSError, UnicodeDecodeError):
        return False


def check_out(path: str | Path, *, replaced: bool = True) -> Path:
    """Check where a report goes, before anything is run.

    Parameters
    ----------
    path : str or Path
    replaced : bool
        See `write`; what stands there matters only if it is.

    Raises
    ------
    InputError
        A folder, a file that is no report of ours, or a place that cannot be written.
    """
    path = Path(path)
    if replaced and path.is_dir():
        raise InputError("--out {path}: there is a folder of this name; give a file", path=path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(
            "--out {path}: a report is an HTML file; give a name that ends in .html", path=path
        )
    if not path.parent.is_dir():
        raise InputError("--out {path}: there is no folder {parent}", path=path, parent=path.parent)
    try:
        if replaced and path.exists():
            with path.open("rb") as file:
                head = file.read(MARKED_WITHIN)
            if MARK.encode() not in head:
                raise InputError(
                    "--out {path}: there is a file of this name that is no report of trucesim; "
                    "give another name",
                    path=path,
                )
        probe = path.with_name(f".{path.name}.probe")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(
            "--out {path}: cannot be written: {strerror}", path=path, strerror=error.strerror
        ) from None
    return path


def _command(given: Sequence[Scenario], past: Past, settings: Sequence[str]) -> str:
    """Give a command line, of a case that is not shipped with the name of its file."""
    names = [each.name if _is_shipped(each) else f"{each.name}.toml" for each in given]
    sets = [part for each in settings for part in ("--set", each)]
    elsewhere = [] if here() == HOME else ["--country", here()]
    return shlex.join(["trucesim", "report", *names, *elsewhere, *sets, *past.asked])


def _is_shipped(scenario: Scenario) -> bool:
    return scenario.name in shipped() and scenario.digest == load_scenario(scenario.name).digest


def _map_period(a: Scenario, b: Scenario | None) -> Period:
    """Choose the months of the maps: from the first difference, or the truce, if that is later."""
    start = (b and a.changes_from(b)) or reductions.window().start
    start = max(start, reductions.window().start).replace(day=1)
    months = min(
        12 * start.year + start.month - 1 + MAP_MONTHS, 12 * calendar.END.year + calendar.END.month
    )
    return Period(start, dt.date(months // 12, months % 12 + 1, 1))


def _sections(found: Findings, progress: Progress | None = None) -> dict[str, Any]:
    """Give all that the template asks for."""
    runs = found.a.results.sizes["run"]
    return {
        "pair": found.b is not None,
        "cases": [_case(letter, case) for letter, case in found.cases],
        "settings": ", ".join(found.settings),
        "few": runs < FEW_RUNS,
        "default_runs": RUNS,
        "past": found.past.told(),
        "count": runs,
        "seed": found.a.results.attrs["seed"],
        "made": found.made,
        "answer": _answer(found),
        "differences": _differences(found),
        "figures": _figures(found, progress),
        "maps": found.maps,
        "reductions": _reductions(found, "reduction_percent"),
        "averted": _reductions(found, "averted"),
        "window": reductions.window(),
        "yearly": _yearly(found),
        "limits": _limits(found.record),
        "home": here() == HOME,
        "places": load_country().place_word(2),
        "provenance": _provenance(found),
    }


def _title(case: CaseRuns) -> str:
    return str(case.scenario.title[spoken()])


def _case(letter: str, case: CaseRuns) -> dict[str, Any]:
    scenario = case.scenario
    return {
        "letter": letter,
        "title": _title(case),
        "name": scenario.name,
        "story": str(scenario.story[spoken()]),
        "follows": not Case(scenario).counterfactual,
        "departures": Case(scenario).departures(),
        "digest": scenario.digest[:12],
        "events": scenario.events,
    }


def _answer(found: Findings) -> dict[str, Any]:
    """Say how the cases compare or, of a single one, how it does with runs without truce."""
    compared = found.answer
    if compared is None:
        return {"kind": "total", "total": interval_of(total(found.a.results, reductions.window()))}
    beside: summary.Beside = "pair" if found.b else "truce"
    counts = summary.counts(compared)
    return {
        "kind": "compared",
        "size": summary.size(compared, beside),
        "within": summary.within(compared, beside),
        "likely": summary.likely(compared),
        "sure": summary.sure(compared, beside),
        "doubts": [*summary.doubts(compared)],
        "chain": summary.chain(compared),
        "open": compared.open,
        "counts": counts,
        "dots": [each for each, count in counts.items() for _ in range(count)],
    }


def _differences(found: Findings) -> dict[str, Any]:
    """Say what differs from the other case or, of a single one, from the dated record."""
    one = found.a.scenario
    other = found.b.scenario if found.b else load_scenario(recorded()[0]) if recorded() else one
    start = one.changes_from(other)
    return {
        "rows": differences(one, other),
        "heads": ("A", "B") if found.b else (one.title[spoken()], other.title[spoken()]),
        "start": start if start is not None and start > calendar.START else None,
        "same": start is None,
    }


def _figures(found: Findings, progress: Progress | None) -> list[dict[str, str]]:
    """Draw the figures; ``shows`` tells which of them one is.

    The map is the last: it shows runs that may still be made while the others are drawn.
    """
    from trucesim import figures
    from trucesim.figures.mapping import Side

    drawn: list[tuple[str, str, Callable[[], Any], str]] = []
    if found.b is not None:
        a, b = found.a, found.b
        drawn.append(("months", "pair", lambda: figures.difference(a.results, b.results), ""))
    for letter, case in found.cases:
        without = None if found.b else case.counterfactual
        monthly = partial(figures.monthly, case.results, observed(), without)
        drawn.append(("months", "case", monthly, f"{letter} ({_title(case)})"))
    if _comparable(found.record):
        drawn.append(("limits", "patterns", lambda: figures.patterns(found.record), ""))
    if found.b is None:
        drawn.append(("map", "rates", lambda: figures.maps(found.a.results), ""))
    else:
        sides = Side(found.a.results, found.b.results)

        def draw_differences() -> Any:
            placed = None if found.placed is None else Side(*found.placed)
            return figures.differences(sides, placed, found.maps)

        drawn.append(("map", "differences", draw_differences, ""))
    shown = []
    for done, (section, shows, draw, case_told) in enumerate(drawn, 1):
        save = _png if section == "map" else _svg
        shown.append({"section": section, "shows": shows, "case": case_told, "data": save(draw())})
        if progress:
            progress(translated("figures"), done, len(drawn))
    return shown


def _reductions(found: Findings, measure: str) -> list[dict[str, Any]]:
    """Give a row a baseline: observed, and each case's quantiles, None where it has none."""
    tables = []
    for _, case in found.cases:
        frame = case.reductions
        chosen = frame[frame["measure"] == measure].to_dict("records")
        tables.append({str(row["baseline"]): row for row in chosen})
    rows = []
    for baseline in dict.fromkeys(name for table in tables for name in table):
        known = [table.get(baseline) for table in tables]
        rows.append(
            {
                "baseline": summary.baseline(baseline),
                "counterfactual": baseline == NO_TRUCE,
                "observed": next(row["observed"] for row in known if row),
                "cases": known,
            }
        )
    return rows


def _comparable(record: pd.DataFrame) -> bool:
    """Tell whether there is a pattern whose runs and record are both known."""
    judged = patterns.judge(record)
    return bool((judged["simulated"] & (judged["observed"] > 0)).any())


def _yearly(found: Findings) -> list[dict[str, Any]]:
    """Give a row a year and one of all: observed, each case, and by what a pair differs."""
    other = found.b or found.a
    frame = by_period(found.a.results, other.results, ["recorded"])
    rows = []
    for row in frame.to_dict("records"):
        told, period = summary.yearly(row), row["period"]
        rows.append(
            told | {
                "year": str(period) if period.months == 12 else "",
                "observed": float(total(observed(), period)[0]),
                "cases": [told["a"], told["b"]][: len(found.cases)],
            }
        )  # fmt: skip
    return rows


def _limits(record: pd.DataFrame) -> dict[str, Any]:
    """Give how many patterns of each use are right, those missed, and those of places."""
    judged = patterns.judge(record)
    judged = judged[judged["simulated"]].assign(digits=judged["observed"].map(_digits))
    none = {"inside": 0, "simulated": 0}
    if "departments_only_median" not in judged:
        judged = judged.assign(departments_only_median=np.nan)
    return {
        "fit": none,
        "check": none,
        **{row["use"]: row for row in records(patterns.coverage(record))},
        "missed": _labelled(judged[judged["side"].ne("")]),
        "municipal": _labelled(
            judged[judged["municipal"] & judged["departments_only_median"].notna()]
        ),
    }


def _labelled(rows: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return [row | {"label": patterns.label(row["id"])} for row in records(rows)]


def _digits(value: float) -> int:
    """Give the decimals of a pattern: none of a count."""
    size = abs(value)
    counted = size >= 9.95 and size == round(size)
    return 0 if counted or size >= 99.5 else 1 if size >= 9.95 else 2


def _provenance(found: Findings) -> dict[str, Any]:
    return {
        "data": data_digest()[:12],
        "model": model_digest()[:12],
        "placed": found.placed[0].sizes["run"] if found.placed else 0,
        "command": found.command,
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
    import matplotlib

    image = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "trucesim"}):
        figure.savefig(image, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + _base64(image.getvalue())


def _png(figure: Any) -> str:
    """Draw as dots: the outlines of 262 municipalities would take megabytes."""
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=MAP_DPI)
    return "data:image/png;base64," + _base64(image.getvalue())
