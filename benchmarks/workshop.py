"""How soon the workshop answers: ``python benchmarks/workshop.py``.

Sessions are asked as the page asks them, and timed from the change to what is shown of the first
pairs and of all of them (200), quantiles, means and tables included; the browser's drawing is not.
The last line printed is one JSON object, in seconds by the clock:

- ``first_s``, ``full_s``: one case changed, the other as it was; the slowest of several changes,
  early and late in the run;
- ``both_first_s``, ``both_full_s``: two cases never run before, whose first two years were;
- ``cold_full_s``: two cases in a pool that has run nothing;
- ``crowd_first_s``: 20 sessions that ask at the same time, the slowest first result;
- ``core_s``: processor time of one core for the slowest change: the same on a busy machine;
- ``load_average``, ``cores``: how busy the machine was at the end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from trucesim import run
from trucesim.studies.cases import Assumption, Case, Change, Course, Signing, shipped_case
from trucesim.studies.levers import Step
from trucesim.workshop.pairs import RUNS, Pool
from trucesim.workshop.session import Session

CHANGES: tuple[Change, ...] = (
    Course("truce", (Step(dt.date(2012, 1, 1), (1.0, 1.0)),)),
    Course("guarantor", (Step(dt.date(2012, 4, 1), (1.0,)),)),
    Signing("0101", dt.date(2013, 5, 1)),
    Course("funds", (Step(dt.date(2013, 6, 1), (1.0,)),)),
    Course("repression", (Step(dt.date(2015, 6, 1), (2.0,)),)),
)

CROWD = 20


@dataclass
class Answer:
    """Seconds from a question to its first result and to its full one."""

    first: float = 0.0
    full: float = 0.0
    core: float = 0.0


def timed(session: Session, ask: Callable[[], object]) -> Answer:
    """Ask, and wait for the answer."""
    answer, done = Answer(), threading.Event()
    start, core = time.perf_counter(), time.process_time()

    def told(_: object) -> None:
        answer.first = answer.first or time.perf_counter() - start
        if session.progress == session.runs:
            answer.full = time.perf_counter() - start
            answer.core = time.process_time() - core
            done.set()

    session.progress = 0
    watcher = session.param.watch(told, ["progress"])
    ask()
    session.compute()
    done.wait()
    session.param.unwatch(watcher)
    return answer


def changing(session: Session, change: Change, side: str = "b") -> Callable[[], object]:
    """Give what makes one change."""
    return lambda: session.change(side, change)


def crowd(pool: Pool, first: Case) -> float:
    """Let many sessions ask at once, each something else; give the slowest first result."""
    sessions = [
        Session(first, first.changed(Assumption("hiding", 0.1 + row / 1000)), pool=pool)
        for row in range(CROWD)
    ]
    answered = [threading.Event() for _ in sessions]
    for session, event in zip(sessions, answered, strict=True):
        session.param.watch(lambda _, event=event: event.set(), ["progress"])
    start = time.perf_counter()
    for session in sessions:
        session.compute()
    for event in answered:
        event.wait()
    seconds = time.perf_counter() - start
    for session in sessions:
        session.close()
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=RUNS, help=f"pairs ({RUNS})")
    runs = parser.parse_args().runs
    run("no-truce", 1)  # compiles, where nothing is compiled yet
    pool = Pool()
    session = Session(pool=pool, runs=runs)
    cold = timed(session, lambda: None)
    print(f"cold, both cases: first {cold.first:.2f} s, all {cold.full:.2f} s")
    answers = []
    for change in CHANGES:
        answers.append(timed(session, changing(session, change)))
        print(f"{change}: first {answers[-1].first:.2f} s, all {answers[-1].full:.2f} s")
    session.a = shipped_case("no-guarantor")
    both = timed(session, changing(session, Signing("0102", dt.date(2013, 4, 1))))
    print(f"both changed: first {both.first:.2f} s, all {both.full:.2f} s")
    waited = crowd(pool, shipped_case("truce-2012"))
    print(f"{CROWD} sessions at once: first results after {waited:.2f} s at most")
    result = {
        "first_s": max(each.first for each in answers),
        "full_s": max(each.full for each in answers),
        "both_first_s": both.first,
        "both_full_s": both.full,
        "cold_full_s": cold.full,
        "crowd_first_s": waited,
        "core_s": max(each.core for each in answers),
        "load_average": os.getloadavg()[0],
    }
    print(json.dumps({k: round(v, 2) for k, v in result.items()} | {"cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
