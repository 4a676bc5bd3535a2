"""By what an outcome's stored values are known: the digest of how it is computed.

A digest of files would void every stored run when a line is added to a table of outcomes. So the
definitions are followed one by one: a function's own text, that of every function, class and
constant of this package that it names, and so on. Comments, docstrings and line endings make no
difference. Read from the sources: nothing is run for it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

from trucesim.compilation import PACKAGE, bare, source_of

PREFIX = f"{PACKAGE.name}."


def digest_of(function: Callable[..., Any], *given: object) -> str:
    """Digest a function of this package, what it rests on, and what it is given.

    Parameters
    ----------
    function : function
        Defined at the top of a module, or within such a function; a partial of one is taken apart.
    *given : object
        Further values, such as a period, that are digested as they print.
    """
    while isinstance(function, partial):
        given = (*given, function.args, sorted(function.keywords.items()))
        function = function.func
    module = function.__module__.removeprefix(PREFIX)
    texts = _texts(module, function.__qualname__.partition(".")[0])
    return hashlib.sha256("\n".join((*texts, *map(repr, given))).encode()).hexdigest()[:16]


def text_of(*functions: Callable[..., Any]) -> str:
    """Give the text of functions of this package, without what they rest on."""
    places = [(each.__module__.removeprefix(PREFIX), each.__name__) for each in functions]
    nodes = [node for module, name in places for node in _read(module).defined[name]]
    return "\n".join(map(bare, nodes))


class Module(NamedTuple):
    """What stands at the top of a module: definitions by name, and where other names come from."""

    defined: dict[str, list[ast.stmt]]
    imported: dict[str, tuple[str, str]]


@cache
def _read(module: str) -> Module:
    defined: dict[str, list[ast.stmt]] = {}
    tree = ast.parse(source_of(module).read_bytes())
    for node in tree.body:
        for name in _bound(node):
            defined.setdefault(name, []).append(node)
    return Module(defined, _imported(tree))


def _bound(node: ast.stmt) -> Iterator[str]:
    """Give the names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    for target in targets:
        if isinstance(target, ast.expr):
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))
    if isinstance(node, ast.TypeAlias):
        yield node.name.id


def _imported(tree: ast.AST) -> dict[str, tuple[str, str]]:
    """Give the names that come from this package: module and name there, "" for a module itself."""
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        if node.module != PACKAGE.name and not node.module.startswith(PREFIX):
            continue
        package = node.module.removeprefix(PACKAGE.name).lstrip(".")
        for each in node.names:
            inside = f"{package}.{each.name}".lstrip(".")
            place = (inside, "") if source_of(inside).is_file() else (package, each.name)
            found[each.asname or each.name] = place
    return found


@cache
def _texts(module: str, name: str) -> tuple[str, ...]:
    """Give the text of a definition and of all that it rests on, in order of where they stand."""
    reached: dict[tuple[str, str], str] = {}
    waiting = [(module, name)]
    while waiting:
        here, name = waiting.pop()
        known = _read(here)
        if name in known.imported and name not in known.defined:
            waiting.append(known.imported[name])
            continue
        if (here, name) in reached or name not in known.defined:
            continue
        nodes = known.defined[name]
        reached[here, name] = "\n".join(map(bare, nodes))
        for each in (part for node in nodes for part in ast.walk(node)):
            if isinstance(each, ast.Name):
                waiting.append((here, each.id))
            elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                place, inner = known.imported.get(each.value.id, ("", "."))
                if not inner:  # an attribute of a module
                    waiting.append((place, each.attr))
    return tuple(f"{place}.{name} {text}" for (place, name), text in sorted(reached.items()))
