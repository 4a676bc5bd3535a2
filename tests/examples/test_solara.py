"""Mesa's SolaraViz of the model, in a real browser and without leaving the machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browsing import chromium, free_port
from folders import EXAMPLES
from playwright.sync_api import Browser, expect

EXAMPLE = EXAMPLES / "solara_viz.py"
PATIENCE = 120

pytestmark = pytest.mark.browser


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_the_model_steps_in_solara_without_a_network(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    command = [
        sys.executable, "-m", "solara", "run", str(EXAMPLE), "--port", str(port),
        "--host", "127.0.0.1", "--no-open", "--production",
    ]  # fmt: skip
    log = tmp_path / "log"
    with log.open("w") as told:
        server = subprocess.Popen(
            command, stdout=told, stderr=told, env={**os.environ, "MPLBACKEND": "agg"}
        )
    url, end = f"http://127.0.0.1:{port}/", time.monotonic() + PATIENCE
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=PATIENCE).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < end, "the server did not start"
                time.sleep(0.2)
        asked: list[str] = []
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        wait = 1_000 * PATIENCE
        expect(page.get_by_text("Time: 0.0")).to_be_visible(timeout=wait)
        page.get_by_role("button", name="Step").click()
        expect(page.get_by_text("Time: 1.0")).to_be_visible(timeout=wait)
        expect(page.get_by_text("Sanction")).to_be_visible()
        hosts = {urlsplit(each).hostname for each in asked if each.startswith("http")}
        assert hosts == {"127.0.0.1"}
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
