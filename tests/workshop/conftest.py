"""The workshop, started as a user does, and a browser that visits it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import Visit, chromium, free_port, started, stop
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    port = free_port()
    server = started(port, tmp_path_factory.mktemp("server") / "log")
    yield f"http://127.0.0.1:{port}/", server.pid
    stop(server)


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
