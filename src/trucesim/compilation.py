"""How a plain function becomes a compiled one, and where compiled code is kept.

``both_lives`` leaves a function as it is for Python (and hence for Mesa agents) and lets compiled
code call it too: rules wear it. The other decorators make a function that is compiled whoever calls
it: loops over many agents, and arithmetic whose bits must not depend on the caller. They differ in
who calls it: other compiled functions (``compiled``), for one event (``inlined``), or as their
table of contents (``spliced``); Python too (``compiled_for_python``); Python with all tables
(``entrance``), whose compiled code is kept on disk.

numba's own cache overlooks edits in a file other than the function's, and then answers from the
old rule. The directory's name is therefore a digest of every source that compiled code comes from.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from numba.extending import register_jitable

from trucesim.files.errors import EnvironmentProblem

if config.DISABLE_JIT:
    raise EnvironmentProblem(
        "NUMBA_DISABLE_JIT is set, but many runs need compiled code; unset it (TruceModel's agents "
        "run as plain Python anyway)"
    )

PACKAGE = Path(__file__).resolve().parent

RULES = "rules"
"""Folder of compiled code that holds users' own rules."""

_kept_under = ""
"""Folder within the one for compiled code; empty: that itself."""

MOST_KEPT = 24
"""Sets of a user's own rules whose compiled code is kept: of older ones it is removed."""

_ALWAYS: dict[str, Any] = {"error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
"""Compiled code makes no arrays of its own: counting references to those that it is handed would
cost more than its work, and what is needed to make arrays takes long to compile."""


def both_lives[F: Callable[..., Any]](function: F) -> F:
    """Let compiled code call a function that stays an ordinary one for Python."""
    return register_jitable(**_ALWAYS, no_cpython_wrapper=True)(function)  # type: ignore[no-any-return]


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that only compiled code calls."""
    return _compile(function, no_cpython_wrapper=True)  # type: ignore[no-any-return]


def inlined[F: Callable[..., Any]](function: F) -> F:
    """Compile a function into those that call it.

    It is called for one event: to be handed all tables, field by field, would cost more than that.
    """
    return _compile(function, no_cpython_wrapper=True, forceinline=True)  # type: ignore[no-any-return]


def spliced[F: Callable[..., Any]](function: F) -> F:
    """Write a function out in those that call it, before anything is compiled.

    For tables of contents, which only call others. Compiled apart, code is optimised once more with
    every function that calls it, up to the entrance: they need not be a level of that.
    """
    return _compile(function, inline="always")  # type: ignore[no-any-return]


def compiled_for_python[F: Callable[..., Any]](function: F) -> F:
    """Compile a small function that compiled code and Python both call."""
    return _compile(function)  # type: ignore[no-any-return]


def entrance[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that Python calls with tables; keep the result on disk."""
    dispatcher = _compile(function)
    directory = cache_directory()
    if directory is not None and _kept_under:
        directory = directory / _kept_under
    if directory is not None:
        before, config.CACHE_DIR = config.CACHE_DIR, str(directory)
        try:
            dispatcher.enable_caching()
        finally:
            config.CACHE_DIR = before
        _forgive(dispatcher._cache)
    return dispatcher  # type: ignore[no-any-return]


def _forgive(cache: Any) -> None:
    """Do without a cache that is damaged or full: code is compiled anew, and kept if it can be."""
    load, save = cache.load_overload, cache.save_overload

    def load_or_compile(*given: Any) -> Any:
        try:
            return load(*given)
        except Exception:  # whatever a file that was cut off leads to
            with suppress(Exception):
                cache.flush()
            return None

    def save_if_possible(*given: Any) -> None:
        with suppress(OSError):
            save(*given)

    cache.load_overload, cache.save_overload = load_or_compile, save_if_possible


def _compile(function: Any, **options: Any) -> Any:
    return numba.njit(nogil=True, **_ALWAYS, **options)(function)


@contextmanager
def kept_under(name: str) -> Iterator[bool]:
    """Keep compiled code of what is defined inside apart: it holds a user's own rules.

    Parameters
    ----------
    name : str
        Digest of all that differs from the shipped week.

    Yields
    ------
    bool
        Whether an earlier process has left some.
    """
    global _kept_under
    directory = cache_directory()
    folder = None if directory is None else directory / RULES / name
    there = folder is not None and any(folder.rglob("*.nbc"))
    if directory is not None and folder is not None:
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.utime(folder)
            kept = sorted(folder.parent.iterdir(), key=lambda each: each.stat().st_mtime)
            for each in kept[:-MOST_KEPT]:
                shutil.rmtree(each, ignore_errors=True)
    before, _kept_under = _kept_under, f"{RULES}/{name}"
    try:
        yield there
    finally:
        _kept_under = before


def bare(node: ast.stmt) -> str:
    """Give a definition's text without comments and docstrings."""
    copy = ast.parse(ast.unparse(node)).body[0]
    for each in ast.walk(copy):
        body = getattr(each, "body", None)
        if isinstance(body, list):
            kept = [line for line in body if not _is_text(line)]
            each.body = kept or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(copy)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def source_of(module: str) -> Path:
    """Give the file of a module of this package, named with dots below it (``engine.week``)."""
    path = PACKAGE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def imports(module: str) -> frozenset[str]:
    """Give the modules of this package that a module imports, wherever in it, but for types alone.

    Read from its text: nothing is imported for it.
    """
    names: list[str] = []
    waiting: list[ast.AST] = [ast.parse(source_of(module).read_bytes())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            # What is taken from a package may itself be a module.
            names += [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
        elif isinstance(node, ast.Import):
            names += [each.name for each in node.names]
        waiting += ast.iter_child_nodes(node)
    prefix = f"{PACKAGE.name}."
    inside = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    return frozenset(each for each in inside - {module} if source_of(each).is_file())


@cache
def rests_on(module: str) -> tuple[str, ...]:
    """Give a module and all of this package that it imports, directly or not, in order of name."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting.extend(imports(each))
    return tuple(sorted(reached))


@cache
def digest_of_sources(module: str) -> str:
    """Digest a module and all that it rests on; line endings make no difference."""
    digest = hashlib.sha256()
    for each in rests_on(module):
        digest.update(each.encode())
        digest.update(source_of(each).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


@cache
def source_digest() -> str:
    """Digest what compiled code is made from and by."""
    by = f"{digest_of_sources('engine.entrances')}|{sys.version}|{numba.__version__}"
    return hashlib.sha256(by.encode()).hexdigest()[:16]


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
    candidates = [os.environ.get("TRUCESIM_CACHE")]
    if not home.startswith("~"):  # a user without a home
        candidates.append(os.path.join(home, "trucesim"))
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
    found = [] if directory is None else directory.rglob("*.nbc")
    return any(RULES not in each.relative_to(directory or "").parts for each in found)
