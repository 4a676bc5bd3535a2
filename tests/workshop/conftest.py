"""The workshop, started as a user does, and a browser that visits it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import RUNS, Visit, chromium, free_port
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Start the workshop as a user does."""
    port = free_port()
    command = [
        sys.executable, "-m", "trucesim", "workshop", "--no-browser", "--port", str(port),
        "--runs", str(RUNS), "--sessions", "30",
    ]  # fmt: skip
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as told:
        server = subprocess.Popen(command, stdout=told, stderr=told)
    url = f"http://127.0.0.1:{port}/"
    end = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(url + "favicon.ico", timeout=2).close()
            break
        except OSError as error:
            if getattr(error, "code", None):  # it answers
                break
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.2)
    yield url, server.pid
    server.send_signal(signal.SIGINT)
    server.wait(20)


@pytest.fixture(scope="module")
def address(workshop: tuple[str, int]) -> str:
    return workshop[0]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("--lang=es-SV") as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def open_page(query: str = "", **options: Any) -> Visit:
        visits.append(Visit(browser, address + query, **options))
        return visits[-1]

    yield open_page
    for each in visits:
        each.close()
