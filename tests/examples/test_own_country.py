"""The page on a country of one's own does what it says, from boundaries to the page."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from browsing import Visit, chromium, free_port, started, stop
from folders import ROOT, TENLAND

from trucesim.cli import main

PAGE = ROOT / "docs" / "own-country.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)

BROUGHT = "districts.geojson", "places.csv", "homicides_monthly.csv"


@dataclass(frozen=True)
class Followed:
    folder: Path
    printed: str


def carried_out(line: str) -> str:
    """Carry out a command; give what it prints."""
    program, *arguments = shlex.split(line)
    if program == "cp":
        *files, to = arguments
        for each in files:
            shutil.copy(each, to)
        return ""
    assert program == "trucesim"
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    assert code == 0, f"{line}: {out.getvalue()[-2000:]}{err.getvalue()[-2000:]}"
    return out.getvalue()


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    folder = tmp_path_factory.mktemp("own-country")
    for name in BROUGHT:
        shutil.copy(TENLAND / name, folder)
    names: Iterator[str] = iter(re.findall(r"save (?:it|this)\s+as `([\w./-]+)`", TEXT))
    printed = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for kind, body in BLOCKS:
            if kind == "toml":
                Path(next(names)).write_text(body, encoding="utf-8")
            for line in body.splitlines() if kind == "console" else ():
                if not line.startswith("trucesim workshop"):  # which goes on until it is stopped
                    printed += carried_out(line)
    assert next(names, None) is None
    return Followed(folder, " ".join(printed.split()))


@pytest.mark.slow
def test_commands_print_what_is_said(followed: Followed) -> None:
    quotes = [line for kind, body in BLOCKS if kind == "text" for line in body.splitlines()]
    assert len(quotes) > 8
    for line in quotes:
        assert line in followed.printed


@pytest.mark.slow
def test_results_are_where_they_are_said_to_be(followed: Followed) -> None:
    results = followed.folder / "results"
    assert (results / "pact" / "figures" / "maps_en.png").is_file()
    assert (results / "pact-or-not" / "difference.csv").is_file()
    report = (followed.folder / "report.html").read_text(encoding="utf-8")
    assert "Tenland" in report
    assert "The pact of April 2012" in report
    assert not list((followed.folder / "tenland").glob("*.geojson"))


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_opens_with_its_map(followed: Followed) -> None:
    port, log = free_port(), followed.folder / "log"
    server = started(port, log, "--country", str(followed.folder / "tenland"))
    try:
        with chromium() as browser:
            here = Visit(browser, f"http://127.0.0.1:{port}/?lang=en").settled()
            assert "Tenland" in here.words()
            here.close()
    finally:
        stop(server)
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_the_country_is_the_one_of_the_fixture() -> None:
    import tomllib

    shown = tomllib.loads(next(body for kind, body in BLOCKS if kind == "toml"))
    held = tomllib.loads((TENLAND / "country.toml").read_text(encoding="utf-8"))
    for part in ("name", "place", "truce", "gang", "start"):
        assert shown[part] == held[part], part


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert len(links) > 3
    for link in links:
        assert (PAGE.parent / link).exists(), link
