"""Who does the tasks of a sweep: threads of this process, or the workers of a Dask cluster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from trucesim.files.errors import InputError, Message, StoreError
from trucesim.studies.experiment import tasks
from trucesim.studies.experiment.tasks import Made, Task, make, version_digest, warm
from trucesim.version import __version__

type Opened = tuple[Callable[[Task], Future[Made]], Callable[[], int]]
"""What hands out a task, and what tells how many are done at once."""


@contextmanager
def threads(count: int, stop: threading.Event) -> Iterator[Opened]:
    """Do tasks in threads of this process: compiled code runs beside Python."""
    warm()
    with ThreadPoolExecutor(count) as pool:
        yield lambda task: pool.submit(make, task, stop.is_set), lambda: count


PATIENCE = 30.0
"""Seconds to wait for a scheduler, and for its first worker."""


def client_class() -> Any:
    """Import Dask's client, or say how to get it."""
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "--scheduler needs Dask's distributed: pip install 'trucesim[cluster]'"
        ) from None
    return Client


@contextmanager
def cluster(address: str) -> Iterator[Opened]:
    """Do tasks on the workers of a Dask scheduler."""
    try:
        client = client_class()(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(
            "--scheduler {address}: cannot be reached: {error}", address=address, error=error
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise InputError("--scheduler {address}: it has no worker", address=address) from None
        _check_workers(client, address)
        executor: Executor = client.get_executor(pure=False)
        asked, slots, seen = 0.0, 1, time.perf_counter()

        def count() -> int:
            nonlocal asked, slots, seen
            now = time.perf_counter()
            if now > asked:
                try:
                    found = sum(client.nthreads().values())
                except (OSError, RuntimeError, TimeoutError) as error:
                    raise StoreError("{lost}: {error}", lost=gone(address), error=error) from None
                slots, asked = max(1, found), now + 2.0
                seen = now if found else seen
                if now - seen > PATIENCE:
                    idle = Message("no worker is left since {seconds:.0f} s", seconds=PATIENCE)
                    raise StoreError(lost(address, idle))
            return slots

        try:
            yield lambda task: executor.submit(make, task), count
        finally:
            executor.shutdown(wait=False)


def lost(address: str, what: Message) -> Message:
    """Say that a cluster is lost, and that what it did is not."""
    return Message(
        "--scheduler {address}: {what}; what was done is kept: go on with --resume",
        address=address, what=what,
    )  # fmt: skip


def gone(address: str) -> Message:
    """Say that a cluster's scheduler is."""
    return lost(address, Message("the scheduler is gone"))


def _check_workers(client: Any, address: str) -> None:
    """Refuse workers of another version before anything is run."""
    try:
        found = client.run(tasks.version_digest)
    except Exception as error:
        raise InputError(
            "--scheduler {address}: its workers cannot run trucesim: {error}; install the same "
            "version ({version}) on all of them", address=address, error=error, version=__version__,
        ) from None  # fmt: skip
    others = [worker for worker, digest in found.items() if digest != version_digest()]
    if others:
        raise InputError(
            "--scheduler {address}: the worker {worker} has another version of trucesim (this one "
            "is {version}), its sources or its data; install the same on all machines",
            address=address, worker=others[0], version=__version__,
        )  # fmt: skip
