"""A real browser for tests of pages: where it is, and a visit with it.

Needs Chromium (``apt-get install chromium``); tests are skipped where there is none, unless
``TRUCESIM_NEEDS_CHROMIUM`` is set, as in continuous integration.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

RUNS = 12
WAIT = 30_000
"""Milliseconds; the machine may be busy."""


def free_port() -> int:
    """Find a port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def started(port: int, log: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start the workshop as a user does, and wait until it answers."""
    command = [
        sys.executable, "-m", "trucesim", "workshop", "--no-browser", "--port", str(port),
        "--runs", str(RUNS), "--sessions", "30", *options,
    ]  # fmt: skip
    with log.open("a") as told:
        server = subprocess.Popen(command, stdout=told, stderr=told)
    end = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/favicon.ico", timeout=2).close()
            break
        except OSError as error:
            if getattr(error, "code", None):  # it answers
                break
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.2)
    return server


def stop(server: subprocess.Popen[bytes]) -> None:
    """End a workshop as Ctrl+C does."""
    server.send_signal(signal.SIGINT)
    server.wait(20)


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """Open the browser, or skip the test where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        told = "no Chromium here (apt-get install chromium)"
        if os.environ.get("TRUCESIM_NEEDS_CHROMIUM"):
            pytest.fail(told)
        pytest.skip(told)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", *arguments]
        )
        yield browser
        browser.close()


def enter(field: Locator, text: str) -> None:
    """Write in a field, and enter it."""
    field.fill(text)
    field.press("Enter")


class Visit:
    """A page that is open, all it asked for, and what went wrong in it."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        options.setdefault("locale", "es-SV")
        options.setdefault("viewport", {"width": 1440, "height": 900})
        self.context: BrowserContext = browser.new_context(accept_downloads=True, **options)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url)

    def settled(self) -> Visit:
        """Wait until all runs are there."""
        text = re.compile(f"{RUNS} (simulaciones pareadas: el mismo|paired simulations: the same)")
        expect(self.page.get_by_text(text)).to_be_visible(timeout=WAIT)
        return self

    def own(self) -> Visit:
        """Open the controls for a case of one's own."""
        self.page.locator("button[data-do=own]").click()
        expect(self.page.locator(".own")).to_be_visible(timeout=WAIT)
        return self

    @property
    def answer(self) -> str:
        return self.page.locator("#answer .part").inner_text()

    def words(self) -> str:
        """Give all words of the page, those in shadow trees too."""
        return "\n".join(self.page.locator(".part").all_inner_texts())

    def differences(self) -> str:
        return self.page.locator(".differ").inner_text()

    def changes(self, act: Callable[[], object], where: str, what: str = "") -> None:
        """Do something and see that a part of the page changes."""
        part = self.page.locator(where).first
        before = part.inner_html()
        act()
        end = time.monotonic() + WAIT / 1000
        while part.inner_html() == before:
            assert time.monotonic() < end, f"nothing changed in {where} {what}: {self.answer}"
            self.page.wait_for_timeout(30)

    def close(self) -> None:
        """Close, and check that no script failed and nothing left the machine."""
        self.context.close()
        assert self.errors == []
        hosts = {
            urlsplit(url).hostname for url in self.asked if not url.startswith(("data:", "blob:"))
        }
        assert hosts == {"127.0.0.1"}


def serious(here: Visit, context: str | None = None) -> list[object]:
    """Give what axe finds wrong."""
    return [
        (each["id"], [node["target"] for node in each["nodes"]][:3])
        for each in Axe().run(here.page, context=context).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
