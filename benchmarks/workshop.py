"""How soon the workshop's page answers, as painted in Chromium: ``python benchmarks/workshop.py``.

A server is started as a user starts it, and pages are opened in a headless browser. A page times
itself, from the click to the frame that shows it. The last line printed is one JSON object, in
seconds by the clock unless said otherwise:

- ``open_first_s``, ``open_s``: from asking for a page to question cards that can be clicked and the
  answer's place: the first page of a new server, and the slowest of some later ones;
- ``cold_first_s``, ``cold_full_s``: to the first page's first result and to all of its pairs;
- ``first_s``, ``full_s``: from changing one case to the first result and to all pairs; the slowest
  of several changes, none of them run before;
- ``again_s``: from a question asked before to its whole answer;
- ``crowd_open_s``: `CROWD` pages opened one after another, none waiting; the slowest;
- ``crowd_first_s``: `CROWD` open pages that change at the same time, each something else; the
  slowest first result. ``crowd_median_s``: their median. All are drawn on this one machine;
- ``room_first_s``, ``room_median_s``: the same where only one of them is drawn here, as in a room
  in which everybody has a computer of their own: the others take what the server sends, up to the
  same moment, and show nothing of it;
- ``report_page_s``, ``report_command_s``: a report, from the button to the file in the browser, and
  from the command line;
- ``stops``, ``stops_failed``, ``stop_s``: how many servers were started and interrupted at a random
  moment, how many of them ended otherwise than they should, and the longest time to the end;
- ``yardstick_s``: processor time of `YARDSTICK` plain runs on one core, and ``yardstick_clock_s``
  by the clock: divide by it to compare machines, and busy moments of one;
- ``load_at_start``, ``load_average``, ``cores``: how busy the machine was, and its cores.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from trucesim import run

CROWD = 20
YARDSTICK = 20

COMMAND = sys.executable, "-m", "trucesim"

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's imports are compiled once

LONGEST = 120_000
"""Milliseconds that a page is waited for."""

SCRIPT = """
  window.deep = (root, what) => {
    const found = root.querySelector(what)
    if (found) return found
    for (const each of root.querySelectorAll("*")) {
      const inner = each.shadowRoot && deep(each.shadowRoot, what)
      if (inner) return inner
    }
    return null
  }
  const painted = (act) => requestAnimationFrame(() => setTimeout(() => act(performance.now())))
  const sockets = []
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given)
      sockets.push(this)
    }
  }
  let asked = 0
  window.undraw = () => {
    watcher?.disconnect()
    for (const each of sockets) each.onmessage = ({data}) => {
      if (/class=.{1,9}bar.{1,40}width:[1-9]/.test(data)) times.first ??= performance.now() - asked
    }
  }
  const done = () => parseInt(deep(document, ".progress .bar i")?.style.width ?? "0")
  window.times = {}
  const opening = () => {
    const there = deep(document, ".question") && deep(document, ".progress")
    if (!there) return requestAnimationFrame(opening)
    painted((now) => { times.usable = now })
    follow(0)
  }
  let watcher = null
  const follow = (start) => {
    watcher?.disconnect()
    asked = start
    const root = deep(document, ".progress").getRootNode()
    const look = (begun) => {
      if (begun && done() > 0 && !times.first) {
        times.first = -1
        painted((now) => { times.first = now - start })
      }
      if (begun && done() === 100) {
        watcher.disconnect()
        painted((now) => { times.full = now - start })
      }
    }
    let begun = start === 0
    watcher = new MutationObserver(() => { begun ||= done() === 0; look(begun) })
    watcher.observe(root, {subtree: true, childList: true, attributes: true})
    look(begun)
  }
  window.change = (what, value) => {
    window.times = {}
    follow(performance.now())
    const field = deep(document, what)
    if (value === undefined) return field.click()
    field.value = value
    field.dispatchEvent(new Event("change", {bubbles: true}))
  }
  requestAnimationFrame(opening)
"""
"""Times of a page, in milliseconds: `usable`, and `first` and `full` of the latest change."""

CHANGES = (
    "[data-do=ask][data-key=funds]",
    "[data-do=ask][data-key=extension]",
    "[data-do=ask][data-key=no-truce]",
)
"""Other questions."""

LEVERS = (
    "fieldset[data-key=repression] button.add",
    "fieldset[data-key=funds] button.add",
)
"""Changes of a case of one's own."""


def free_port() -> int:
    """Find a port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(log: Path) -> Iterator[str]:
    """Start the workshop as a user does, and give its address once it answers."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    arguments = "workshop", "--no-browser", "--port", str(port), "--sessions", "40"
    with log.open("w") as told:
        server = subprocess.Popen([*COMMAND, *arguments], stdout=told, stderr=told)
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}favicon.ico", timeout=2).close()
                break
            except urllib.error.HTTPError:
                break  # it answers
            except OSError:
                if server.poll() is not None:
                    raise SystemExit(log.read_text()) from None
                time.sleep(0.05)
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def opened(browser: Browser, address: str) -> Page:
    """Open a page with nothing in its cache."""
    page = browser.new_context(
        locale="es-SV", viewport={"width": 1440, "height": 900}, accept_downloads=True
    ).new_page()
    page.add_init_script(SCRIPT)
    page.goto(address)
    return page


def time_of(page: Page, name: str) -> float:
    """Wait for a time of a page, and give it in seconds."""
    page.wait_for_function(f"times.{name} > 0", timeout=LONGEST, polling=50)
    return float(page.evaluate(f"times.{name}")) / 1000.0


def changed(page: Page, what: str) -> tuple[float, float]:
    """Click, and give the seconds to the first result and to all of them."""
    page.evaluate("what => change(what)", what)
    return time_of(page, "first"), time_of(page, "full")


def show_own(page: Page) -> None:
    """Open the controls of a case of one's own."""
    page.evaluate("deep(document, '[data-do=own]').click()")
    page.wait_for_function(f"deep(document, {LEVERS[0]!r})", timeout=LONGEST)


def of_one_page(browser: Browser, address: str) -> dict[str, float]:
    """Open the first page, change its cases one by one, and ask for its report."""
    page = opened(browser, address)
    cold = {"open_first_s": time_of(page, "usable")}
    cold |= {"cold_first_s": time_of(page, "first"), "cold_full_s": time_of(page, "full")}
    answers = []
    for what in (*CHANGES, *LEVERS):
        if what == LEVERS[0]:
            show_own(page)
        answers.append(changed(page, what))
        print(f"{what}: first {answers[-1][0]:.2f} s, all {answers[-1][1]:.2f} s")
    again = changed(page, "[data-do=ask][data-key=guarantor]")[1]
    with page.expect_download(timeout=LONGEST) as download:
        began = time.perf_counter()
        page.evaluate("deep(document, '[data-do=report]').click()")
    reported = time.perf_counter() - began
    download.value.path()
    page.context.close()
    return cold | {
        "first_s": max(first for first, _ in answers),
        "full_s": max(full for _, full in answers),
        "again_s": again,
        "report_page_s": reported,
    }


def of_many_pages(browser: Browser, address: str) -> dict[str, float]:
    """Open many pages, then change all of them at the same time."""
    pages = [opened(browser, address) for _ in range(CROWD)]
    usable = [time_of(page, "usable") for page in pages]
    for page in pages:
        time_of(page, "full")
        show_own(page)
        changed(page, LEVERS[0])
    found = {"crowd_open_s": max(usable)}
    for name, lowest in (("crowd", 1.1), ("room", 1.05)):
        # Each to its own value, so that no page's runs serve another.
        number = "fieldset[data-key=repression] .values input[type=number]"
        for row, page in enumerate(pages):
            page.evaluate("given => change(...given)", [number, f"{lowest + row / 10:.2f}"])
        first = [time_of(page, "first") for page in pages]
        found |= {f"{name}_first_s": max(first), f"{name}_median_s": statistics.median(first)}
        for page in pages[:-1]:
            page.evaluate("undraw()")
    for page in pages:
        page.context.close()
    return found


def report_from_the_command_line() -> float:
    """Give the seconds of ``trucesim report`` of the cases that the page begins with."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        subprocess.run(
            [*COMMAND, "report", "truce-2012", "guarantor-stays", "--out", f"{folder}/r.html"],
            check=True, capture_output=True,
        )  # fmt: skip
        return time.perf_counter() - began


def stops(count: int) -> dict[str, float]:
    """Start servers, interrupt each at a random moment, and see how they end."""
    failed, longest = 0, 0.0
    for _ in range(count):
        server = subprocess.Popen(
            [*COMMAND, "workshop", "--port", str(free_port()), "--no-browser"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        time.sleep(random.uniform(0.5, 8.0))
        began = time.perf_counter()
        server.send_signal(signal.SIGINT)
        try:
            told, _ = server.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            told = server.communicate()[0] + "it had to be killed"
        longest = max(longest, time.perf_counter() - began)
        # Python ends itself by the signal where that came while a library began: 130 in a shell.
        if (
            server.returncode not in (0, 130, -signal.SIGINT)
            or "terminate" in told
            or "Traceback" in told
        ):
            failed += 1
            print(f"ended with {server.returncode}: {told[-600:]}")
    return {"stops": count, "stops_failed": failed, "stop_s": longest}


def yardstick() -> dict[str, float]:
    """Time plain runs on one core."""
    run("no-truce", 1)  # compiles, where nothing is compiled yet
    clock, core = time.perf_counter(), time.process_time()
    run("no-truce", YARDSTICK, workers=1)
    return {
        "yardstick_s": time.process_time() - core,
        "yardstick_clock_s": time.perf_counter() - clock,
    }


def main() -> None:
    """Measure and print."""
    parts: dict[str, Callable[[Browser, str], dict[str, float]]] = {
        "page": of_one_page, "crowd": of_many_pages,
    }  # fmt: skip
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stops", type=int, default=50, help="starts and stops (50)")
    parser.add_argument(
        "--only", choices=[*parts, "report", "stops"], help="measure this part alone"
    )
    options = parser.parse_args()

    def wanted(part: str) -> bool:
        return options.only in (None, part)

    found: dict[str, float] = {"load_at_start": os.getloadavg()[0], **yardstick()}
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, measured in parts.items():
            if wanted(name):
                with served(Path(folder) / "log") as address:
                    found |= measured(browser, address)
        browser.close()
    if wanted("report"):
        found["report_command_s"] = report_from_the_command_line()
    if wanted("stops"):
        found |= stops(options.stops)
    found["load_average"] = os.getloadavg()[0]
    print(json.dumps({k: round(v, 2) for k, v in found.items()} | {"cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
