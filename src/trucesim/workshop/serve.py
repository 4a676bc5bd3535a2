"""Starting the page: a server on this machine, for its own browser unless told otherwise."""

from __future__ import annotations

import ipaddress
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

import panel as pn
from bokeh.settings import settings

from trucesim.files.errors import InputError, said_by_system
from trucesim.locale.catalogue import speaking, translated
from trucesim.locale.texts import problem_told
from trucesim.reports import cases as report
from trucesim.scenario.change import without_truce
from trucesim.scenario.file import shipped
from trucesim.scenario.scenario import Scenario
from trucesim.studies.cases import Case, shipped_case
from trucesim.studies.history import CHANCE, RECORD, choose
from trucesim.studies.questions import first_cases
from trucesim.workshop.background import beside
from trucesim.workshop.markup import render
from trucesim.workshop.page import Page
from trucesim.workshop.pairs import MOST_RUNS, RUNS, live_pair
from trucesim.workshop.session import Session, language_of, read_cases
from trucesim.world.country import load_country
from trucesim.world.folder import HOME, here, open_folder
from trucesim.world.tiles import tiles

MOST_SESSIONS = 20

LARGEST_MESSAGE = 1_000_000
"""Bytes from a browser: an uploaded scenario in its wrapping, and some more."""

PATIENCE = 10.0
"""Seconds for which runs that nobody has asked for yet wait for the first page to open."""

_open: set[object] = set()

_loaded = threading.Event()
"""Set when the first page is open in its browser."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def application(
    first: tuple[Case, Case], lang: str | None, history: str | None, runs: int | None, most: int
) -> Any:
    """Give the function that makes the page of a new session."""

    def make() -> Any:
        headers, query = pn.state.headers, _query()
        accepted = next((v for k, v in headers.items() if k.lower() == "accept-language"), "")
        chosen = language_of(query, accepted, lang)
        if len(_open) >= most:
            with speaking(chosen):
                return pn.pane.HTML(render("full", most=most))
        a, b, wrong = read_cases(query, first)
        doc = pn.state.curdoc
        assert doc is not None
        # The page says itself that the connection is lost, and begins anew: assets/page.js.
        doc.config.update(reconnect_session=False, notify_connection_status=False)

        def later(act: Any) -> None:
            # A closed page has nothing to be told.
            if doc.session_context is not None and session in _open:
                doc.add_next_tick_callback(partial(_at_once, doc, act))

        session = Session(a, b, history=history, runs=runs, lang=chosen, later=later)
        _open.add(session)

        def closed(_: Any) -> None:
            session.close()
            _open.discard(session)

        pn.state.on_session_destroyed(closed)
        page = Page(session)
        with speaking(chosen):
            if wrong is not None:
                session.message = problem_told(wrong, "problem.link")
            page.draw()
        pn.state.onload(session.compute)
        pn.state.onload(_loaded.set)
        return page.template()

    return make


def _at_once(doc: Any, act: Callable[[], object]) -> None:
    """Do something, and send the browser all that it changes as one message."""
    with pn.io.hold(doc):
        act()


def _query() -> str:
    arguments = pn.state.session_args
    return urlencode(
        [(name, values[0].decode("utf-8", "replace")) for name, values in arguments.items()]
    )


def warm(first: tuple[Case, Case], history: str | None, runs: int | None) -> None:
    """Run the cases that the page starts with, and what every report of them tells of the record.

    So the states that they pass through are there, and nobody waits for the rest. The first page
    opens before, with all cores to itself.
    """
    a, b = (each.scenario for each in first)
    past = Session(*first, history=history, runs=runs).past_of([a, b])
    live_pair(a, b, replace(past, runs=1), None)  # compiled code is read, or made
    _loaded.wait(PATIENCE)
    live_pair(a, b, past, None)
    if past.runs <= report.MOST_RUNS:
        live = partial(live_pair, patient=True)
        report.record_of(past, live, workers=1)
        live(a, without_truce(a), past, None, None)


def serve(
    a: Scenario | None = None,
    b: Scenario | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 5006,
    lang: str | None = None,
    browser: bool = True,
    history: str | None = None,
    runs: int | None = None,
    most_sessions: int = MOST_SESSIONS,
) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    a, b : Scenario, optional
        The cases that it starts with.
    host : str
        Where it listens; another than this machine's own is for a network that is trusted.
    port : int
    lang : {'en', 'es'}, optional
        Its language; the browser's by default.
    browser : bool
        Whether to open one.
    history : {'record', 'chance'}, optional
        What runs are made of; by default lineages that follow the record, where the cases can be
        lived on them.
    runs : int, optional
        How many paired runs: by default all lineages, or `RUNS` from chance.
    most_sessions : int
        How many pages may be open at once.

    Raises
    ------
    InputError
        The port is taken, or the host is not this machine's.
    """
    for name, value, low, high in (
        ("--port", port, 1, 65_535),
        ("--runs", 1 if runs is None else runs, 1, MOST_RUNS),
        ("--sessions", most_sessions, 1, 1_000),
    ):
        if not low <= value <= high:
            raise InputError(
                "{name} {value}: it must be a whole number {low} to {high}",
                name=name, value=value, low=low, high=high,
            )  # fmt: skip
    if not open_folder().plan.page:
        raise InputError(
            "{country}: prior-driven throughout, and so for the command line and reports only",
            country=load_country().titled(),
        )  # fmt: skip
    tiles()  # there is no page without a map
    if history != CHANCE and here() == HOME:
        choose(RECORD, [], runs=runs, seed=None, default_runs=RUNS)
    first = _case(a, first_cases()[0]), _case(b, first_cases()[1])
    pn.extension()
    settings.resources = "server"
    shown_host = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0") else host
    origins = ["*"] if not is_loopback(host) else [f"{h}:{port}" for h in (host, "localhost")]
    try:
        server = pn.serve(
            {"/": application(first, lang, history, runs, most_sessions)},
            address=host, port=port, show=False, start=False, threaded=False, verbose=False,
            websocket_origin=origins, title="trucesim",
            websocket_max_message_size=LARGEST_MESSAGE,
            unused_session_lifetime_milliseconds=15_000,
            check_unused_sessions_milliseconds=5_000,
        )  # fmt: skip
    except OSError as error:
        raise InputError(
            "--host {host} --port {port}: cannot listen there: {reason}",
            host=host, port=port, reason=said_by_system(error),
        ) from None  # fmt: skip
    if not is_loopback(host):
        print(
            translated(
                "trucesim: anyone who reaches {host}:{port} can open the workshop; "
                "use it only in a network you trust"
            ).format(host=host, port=port),
            file=sys.stderr,
        )
    address = f"http://{shown_host}:{port}/"
    beside(partial(warm, first, history, runs), stop=_loaded.set)
    _rehearse(first, lang, history, runs)
    server.start()
    opened = translated("trucesim: the workshop is open at {address} (stop it with Ctrl+C)")
    print(opened.format(address=address), file=sys.stderr)
    server.io_loop.add_callback(_start_timer)
    if browser:
        server.io_loop.add_callback(webbrowser.open, address)
    try:
        server.io_loop.start()
    finally:
        server.stop()


def _rehearse(
    first: tuple[Case, Case], lang: str | None, history: str | None, runs: int | None
) -> None:
    """Draw a page that nobody sees, so that tables are read and templates ready for the first."""
    session = Session(*first, history=history, runs=runs, lang=lang or "es")
    session.speaks(Page(session).draw)()


def _start_timer() -> None:
    """Start Panel's housekeeping on the server's own loop.

    Panel 1.10 starts it at the first event; from the thread in which Bokeh 3.10 handles one, it
    never succeeds and asks again without end, which takes half a core of an idle machine.
    """
    start = getattr(pn.state, "_schedule_busy_cleanup", None)
    if start is not None:
        start()


def _case(scenario: Scenario | None, name: str) -> Case:
    if scenario is None:
        return shipped_case(name)
    return Case(scenario, uploaded=scenario.name not in shipped())
