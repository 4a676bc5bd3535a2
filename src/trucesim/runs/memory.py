"""Memory that runs take, held against what there is before any is made."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from trucesim.files.errors import EnvironmentProblem
from trucesim.parameters import parameter_dtype
from trucesim.runs.results import Reduction
from trucesim.world import calendar


def bytes_of_runs(runs: int, details: Sequence[str], places: int, days: int = calendar.DAYS) -> int:
    """Give the bytes that runs take, whose results are held at once.

    Parameters
    ----------
    runs : int
        Of each result.
    details : sequence of {'full', 'quantiles', 'none'}
        What every one of the results keeps by municipality and month.
    places, days : int
        As `Reduction` takes them.
    """

    def held(count: int, detail: str) -> int:
        kept = vars(Reduction(count, places, detail, days)).values()
        return sum(each.nbytes for each in kept if isinstance(each, np.ndarray))

    one, two = (sum(held(count, each) for each in details) for count in (1, 2))
    return one + (runs - 1) * (two - one) + runs * parameter_dtype().itemsize


def free_memory() -> int | None:
    """Give the bytes that this process can still have, about; None where nothing tells."""
    return min(_limits(), default=None)


def _limits() -> Iterator[int]:
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        yield 1024 * int(next(e for e in lines if e.startswith("MemAvailable")).split()[1])
    for folder, names in (
        ("/sys/fs/cgroup", ("memory.max", "memory.current")),
        ("/sys/fs/cgroup/memory", ("memory.limit_in_bytes", "memory.usage_in_bytes")),
    ):
        with suppress(OSError, ValueError):  # "max": without a limit
            most, used = (int((Path(folder) / name).read_text()) for name in names)
            stat = (Path(folder) / "memory.stat").read_text().splitlines()
            # Files that were read are let go when memory is needed.
            used -= sum(int(e.split()[1]) for e in stat if e.startswith("inactive_file "))
            yield most - used
    with suppress(ImportError, OSError, ValueError):
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[0]
        if most != resource.RLIM_INFINITY:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            yield most - pages * os.sysconf("SC_PAGE_SIZE")
    with suppress(AttributeError, OSError, ValueError):  # all there is, as on a Mac
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def check_memory(runs: int, details: Sequence[str], places: int, days: int = calendar.DAYS) -> None:
    """Check before any run is made that the results fit into memory; see `bytes_of_runs`.

    Raises
    ------
    EnvironmentProblem
        They plainly do not.
    """
    needed, free = bytes_of_runs(runs, details, places, days), free_memory()
    if free is not None and needed > free:
        raise EnvironmentProblem(
            "{runs} runs would take about {needed} GB of memory, of which {free} GB are free; ask "
            "for fewer runs, or for less detail, or sweep an experiment, which holds few at a time",
            runs=f"{runs:,}", needed=f"{needed / 1e9:,.1f}", free=f"{max(free, 0) / 1e9:,.1f}",
        )  # fmt: skip
