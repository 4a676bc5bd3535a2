"""Work beside the page: threads that end before the process does.

A daemon thread that is cut off within compiled code ends the whole process with an abort. So what
works beside the page is told to stop, and waited for a while, when the process ends.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from contextlib import suppress

PATIENCE = 10.0
"""Seconds for which a thread is waited for at the end."""


class Over(Exception):
    """The process ends; what was asked for does not come."""


_ending = threading.Event()
_threads: set[threading.Thread] = set()
_stops: list[Callable[[], None]] = []


def beside(action: Callable[[], object], *, stop: Callable[[], None] | None = None) -> None:
    """Do something in a thread of its own.

    Parameters
    ----------
    action : function
    stop : function, optional
        Called when the process ends; the action ends soon after.

    Raises
    ------
    Over
        The process ends already.
    """
    if _ending.is_set():
        raise Over

    def run() -> None:
        try:
            with suppress(Over):
                action()
        finally:
            _threads.discard(thread)

    thread = threading.Thread(target=run, name=getattr(action, "__name__", None), daemon=True)
    _threads.add(thread)
    if stop is not None and stop not in _stops:
        _stops.append(stop)
    thread.start()


@atexit.register
def _end() -> None:
    _ending.set()
    for stop in list(_stops):
        stop()
    for thread in list(_threads):
        thread.join(PATIENCE)
