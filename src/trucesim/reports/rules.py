"""The rules as a page: what each says of itself, in the order of the week.

Nothing is told here that does not stand in the rules: ``docs/rules.md`` is this page.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

from trucesim.engine.user_rules import kind_of, shipped_rules
from trucesim.engine.week import CLOSING, OPENING, STRETCH, Step

HEAD = """\
# The rules

What agents do, in the order of the week, as `trucesim describe --rules` prints it from the code.
Each rule is a function in `trucesim/rules/`, named here with the kind of agent whose it is; `p`
holds a run's parameters, `now` the dated conditions, `u` and `v` are draws from [0, 1), and rates
are per day. What a parameter or condition means, its bounds and its source:
`trucesim describe NAME`.
"""

PARTS: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("Once a week, at its start", OPENING),
    ("In every stretch of days of a week between dated changes", STRETCH),
    ("Once a week, at its end", CLOSING),
)


def page() -> str:
    """Write all rules, and what they call, as Markdown."""
    parts, told = [HEAD], set()
    for title, steps in PARTS:
        parts.append(f"## {title}\n")
        for step in steps:
            parts.append(f"### {_words(step.phase.__name__)}\n\n{_told(step.phase)}")
            for rule in step.rules:
                again = rule.__name__ in told
                parts.append(_entry(rule) if not again else f"`{rule.__name__}`: as above.\n")
                told.add(rule.__name__)
    parts.append("## What rules call\n")
    parts += [_entry(each) for each in _helpers()]
    return "\n".join(parts)


def _helpers() -> list[Callable[..., Any]]:
    """Give the functions of the rules' files that no phase calls itself, in their order there."""
    rules = shipped_rules()
    names = dict.fromkeys(rule.__module__ for rule in rules.values())
    found = []
    for module in map(importlib.import_module, names):
        for name, each in vars(module).items():
            own = inspect.isfunction(each) and each.__module__ == module.__name__
            if own and name not in rules:
                found.append(each)
    return found


def _entry(rule: Callable[..., Any]) -> str:
    return f"#### `{rule.__name__}` ({kind_of(rule)})\n\n{_told(rule)}"


def _told(function: Callable[..., Any]) -> str:
    """Give what a function says of itself; its equations, indented, are code to Markdown too."""
    text = re.sub(r":\w+:`~?\.?([^`]+)`", r"`\1`", inspect.getdoc(function) or "")
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    return re.sub(r"^(Theory|Source[^:]*):", r"**\1:**", text, flags=re.MULTILINE) + "\n"


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
