"""How a plain function becomes a compiled one, and where compiled code is kept.

Two decorators. ``both_lives`` leaves a function as it is for Python (and hence for Mesa agents)
and lets compiled code call it too: rules wear it. ``compiled`` makes a function that is compiled
whoever calls it: loops over many agents, and arithmetic whose bits must not depend on the caller.

numba's own cache overlooks edits in a file other than the function's, and then answers from the
old rule. The directory's name is therefore a digest of every source that compiled code comes from.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from numba.extending import register_jitable

PACKAGE = Path(__file__).resolve().parents[1]

COMPILED_FROM = ("engine", "rules", "parameters.py", "errors.py", "version.py")
"""Parts of the package that the engine imports: nothing else can change what is compiled."""

_keep_compiled_code = True


def both_lives[F: Callable[..., Any]](function: F) -> F:
    """Let compiled code call a function that stays an ordinary one for Python."""
    return register_jitable(error_model="numpy", _nrt=False)(function)  # type: ignore[no-any-return]


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that makes no arrays of its own.

    Counting references to the arrays it is handed would cost more than its work: that is off.
    """
    return _compile(function, _nrt=False, no_cpython_wrapper=True)  # type: ignore[no-any-return]


def inlined[F: Callable[..., Any]](function: F) -> F:
    """Compile a function into those that call it.

    It is called for one event: to be handed all tables, field by field, would cost more than that.
    """
    return _compile(function, _nrt=False, no_cpython_wrapper=True, forceinline=True)  # type: ignore[no-any-return]


def compiled_for_python[F: Callable[..., Any]](function: F) -> F:
    """Compile a small function that compiled code and Python both call."""
    return _compile(function, _nrt=False)  # type: ignore[no-any-return]


def compiled_maker[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that makes arrays."""
    return _compile(function, _nrt=True, no_cpython_wrapper=True)  # type: ignore[no-any-return]


def entrance[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that makes arrays and is called from Python; keep the result on disk."""
    dispatcher = _compile(function, _nrt=True, no_cpython_wrapper=False)
    directory = cache_directory() if _keep_compiled_code else None
    if directory is not None:
        before, config.CACHE_DIR = config.CACHE_DIR, str(directory)
        try:
            dispatcher.enable_caching()
        finally:
            config.CACHE_DIR = before
    return dispatcher  # type: ignore[no-any-return]


def _compile(function: Any, **options: bool) -> Any:
    return numba.njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True, **options)(function)


@contextmanager
def without_cache() -> Iterator[None]:
    """Compile what is defined inside for this process only: it holds a user's own rule."""
    global _keep_compiled_code
    before, _keep_compiled_code = _keep_compiled_code, False
    try:
        yield
    finally:
        _keep_compiled_code = before


def digest_of_sources(parts: Iterable[str], also: str = "") -> str:
    """Digest the Python sources of some files and folders of this package, and a further text."""
    digest = hashlib.sha256(also.encode())
    for part in parts:
        path = PACKAGE / part
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(source.relative_to(PACKAGE).as_posix().encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()


@cache
def source_digest() -> str:
    """Digest what compiled code is made from and by."""
    return digest_of_sources(COMPILED_FROM, f"{sys.version}|{numba.__version__}")[:16]


@cache
def cache_directory() -> Path | None:
    """Find a directory for compiled code that only this user can write.

    Returns
    -------
    Path or None
        ``TRUCESIM_CACHE``, else the user's cache, else a private directory beside other temporary
        files; None where nothing is writable (every process then compiles anew).
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    user = os.getuid() if hasattr(os, "getuid") else "user"
    candidates = [
        os.environ.get("TRUCESIM_CACHE"),
        os.path.join(home, "trucesim"),
    ]
    with suppress(FileNotFoundError):  # no temporary directory can be written either
        candidates.append(os.path.join(tempfile.gettempdir(), f"trucesim-{user}"))
    for candidate in candidates:
        if candidate and (directory := _private(Path(candidate) / source_digest())):
            return directory
    return None


def _private(directory: Path) -> Path | None:
    """Make a directory; None if it cannot be written or somebody else could write it."""
    try:
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        for each in (directory.parent, directory):
            status = each.lstat()
            if not stat.S_ISDIR(status.st_mode):
                return None
            if hasattr(os, "getuid") and status.st_uid != os.getuid():
                return None
            if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
        with tempfile.TemporaryFile(dir=directory):
            return directory
    except OSError:
        return None


def is_compiled_already() -> bool:
    """Tell whether an earlier process has left compiled code for these very sources."""
    directory = cache_directory()
    return directory is not None and any(directory.rglob("*.nbc"))
