"""What happens in a week, in order, read from the week's own code."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from trucesim.engine import week
from trucesim.engine.variant import rule_kinds


class RuleLine(NamedTuple):
    """A rule: its name, the first line of its description, and its file in the package."""

    name: str
    summary: str
    file: str


class Step(NamedTuple):
    """A phase of the week: its function, the first line of its description, and its rules."""

    name: str
    summary: str
    rules: tuple[RuleLine, ...]


@cache
def steps() -> tuple[Step, ...]:
    """Give the phases of a week in their order, with the rules that each calls in theirs.

    A phase that calls several functions of the week has the rules of all of them.
    """
    functions = {
        node.name: node
        for node in ast.parse(inspect.getsource(week)).body
        if isinstance(node, ast.FunctionDef)
    }
    return tuple(
        Step(
            phase, _first_line(ast.get_docstring(functions[phase])), tuple(_rules(phase, functions))
        )
        for phase in _calls(functions["live_week"])
        if phase in functions
    )


def _calls(function: ast.FunctionDef) -> dict[str, None]:
    """Give the names that a function calls, each once, in the order in which they stand."""
    calls = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    calls.sort(key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))
    return {node.func.id: None for node in calls if isinstance(node.func, ast.Name)}


def _rules(phase: str, functions: dict[str, ast.FunctionDef]) -> Iterator[RuleLine]:
    """Find the rules that a function calls, itself or through others of the week."""
    waiting = [phase]
    seen = set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if name in rule_kinds():
            module = import_module(f"trucesim.rules.{rule_kinds()[name]}")
            path = Path(inspect.getfile(module))
            file = "/".join(path.parts[-3:])
            yield RuleLine(name, _first_line(getattr(module, name).__doc__), file)
        elif name in functions:
            # What a function calls comes before what stands after it.
            waiting = [*_calls(functions[name]), *waiting]


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n")[0]
