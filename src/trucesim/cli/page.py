"""The command line of the page, and of the USB stick that carries it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from trucesim.cli.options import add_history
from trucesim.files.errors import InputError
from trucesim.locale.catalogue import LANGUAGES


def add_commands(commands: Any) -> None:
    """Add the commands of the page to the parser's."""
    workshop = commands.add_parser(
        "workshop",
        help="open two cases side by side in the browser; works without internet",
        description="Opens a page on this machine: two cases side by side, on a map and by month, "
        "with controls for what was decided, in Spanish and English. Needs no internet.",
    )
    workshop.add_argument("a", nargs="?", metavar="A", help="a scenario's name or file")
    workshop.add_argument("b", nargs="?", metavar="B", help="the scenario beside it")
    workshop.add_argument(
        "--host", default="127.0.0.1", metavar="HOST",
        help="address to listen on; another than this machine's own lets others in (127.0.0.1)",
    )  # fmt: skip
    workshop.add_argument("--port", type=int, default=5006, metavar="N", help="port (5006)")
    workshop.add_argument("--lang", choices=LANGUAGES, help="language (the browser's)")
    add_history(workshop, 200, seed=False)
    workshop.add_argument(
        "--sessions", type=int, default=20, metavar="N", help="how many pages at once (20)"
    )
    workshop.add_argument("--no-browser", action="store_true", help="open no browser")
    workshop.set_defaults(act=_workshop)

    bundle = commands.add_parser(
        "bundle",
        help="make a folder for a USB stick with which a laptop without internet runs trucesim",
        description="Downloads the wheels of trucesim's workshop for a platform and writes them "
        "to a folder with a start file and instructions in Spanish and English. Needs the "
        "internet; the laptop then does not.",
    )
    bundle.add_argument(
        "--platform", choices=("win", "mac", "linux"), required=True,
        help="win: 64-bit Windows; mac: Apple silicon and Intel; linux: 64-bit Intel",
    )  # fmt: skip
    bundle.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    bundle.add_argument(
        "--python", nargs="+", choices=("3.12", "3.13", "3.14"), default=["3.12", "3.13"],
        metavar="VERSION", dest="pythons", help="which Pythons laptops may have (3.12 3.13)",
    )  # fmt: skip
    bundle.add_argument(
        "--wheel", type=Path, metavar="FILE",
        help="trucesim's own wheel; built from the sources if they are at hand",
    )  # fmt: skip
    bundle.set_defaults(act=_bundle)


def _workshop(options: argparse.Namespace) -> None:
    from trucesim.scenario.file import load_scenario

    a, b = (each and load_scenario(each) for each in (options.a, options.b))
    try:
        from trucesim.workshop.serve import serve
    except ModuleNotFoundError as error:
        raise InputError(
            "the workshop needs {needed}: install the extra, pip install 'trucesim[workshop]'",
            needed=error.name,
        ) from None  # fmt: skip
    from trucesim.cli.tables import tell_of_compilation

    tell_of_compilation()
    serve(
        a, b, host=options.host, port=options.port, lang=options.lang,
        history=options.history, runs=options.runs,
        most_sessions=options.sessions, browser=not options.no_browser,
    )  # fmt: skip


def _bundle(options: argparse.Namespace) -> None:
    from trucesim.bundle import make as bundle

    made = bundle.make(
        options.platform, options.out, pythons=options.pythons, wheel=options.wheel, tell=_tell
    )
    print(f"{len(made.wheels)} wheels, {made.bytes / 1e6:.0f} MB in {made.folder}")
    print(
        f"Copy the whole folder to a USB stick; LEEME.txt and README.txt say what is needed: "
        f"{made.needs}"
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr)
