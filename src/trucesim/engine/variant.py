"""A user's own rules in thousands of runs: the compiled week once more, with those rules in it.

The shipped week is left as it is. Another instance of its module is loaded, in which every call of
a rule of one's own goes to that rule, with its draws, and what it gives is checked; the compiled
code is kept on disk under a digest of all that the rules rest on.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import threading
from collections.abc import Callable, Mapping
from functools import cache
from types import CellType, FunctionType, ModuleType
from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.core.errors import NumbaError

from trucesim.agents import widened
from trucesim.compilation import both_lives, digest_of_sources, kept_under
from trucesim.engine import week
from trucesim.engine.draws import stream, uniform
from trucesim.engine.tables import BOARD, Attributes, new_state
from trucesim.engine.user_rules import (
    CARRIERS,
    FALLEN,
    Bounds,
    Rule,
    attributes_of,
    carrier_of,
    check,
    decision_of,
    draws_of,
    fault,
    fields_of,
    is_own,
    key_of_code,
    reads,
    result_of,
    shipped_rules,
)
from trucesim.files.errors import InputError, nearest
from trucesim.parameters import condition_dtype, parameter_dtype


class NotCompilable(InputError):
    """A rule that plain Python runs and numba cannot compile."""


WITH_FAULT = np.dtype(
    [
        *((name, BOARD[name]) for name in BOARD.names or ()),
        ("fault", "i8"),  # which of the checks failed, counted from 1
        ("fault_agent", "i8"),
        ("fault_week", "i8"),
        ("fault_value", "f8"),
    ],
    align=True,
)
"""The board of a run whose rules are checked."""

_lives: dict[str, Rule] = {}
_only_one = threading.Lock()


def live_with(rules: Mapping[str, Any]) -> Rule:
    """Give what :func:`trucesim.engine.week.live` does, with some rules replaced.

    Parameters
    ----------
    rules : mapping
        See :func:`trucesim.engine.user_rules.check`. Functions of one's own that they call need
        no decorator.

    Returns
    -------
    callable
        Takes the arguments of :func:`trucesim.engine.week.live`, with a state that has the
        attributes which the rules declare. The first call compiles, unless an earlier process
        has; rules that are the same in text and in all that they read give the same callable.

    Raises
    ------
    InputError
        See :func:`check`; :class:`NotCompilable` where numba cannot compile one.
    """
    checked, attributes = check(rules), attributes_of(rules)
    if not checked and not attributes:
        return week.live  # type: ignore[no-any-return]
    with _only_one:
        key = key_of_code(rules)
        if key not in _lives:
            _lives[key] = _make(key, checked, attributes)
        return _lives[key]


def _make(key: str, rules: Mapping[str, Rule], attributes: Attributes) -> Rule:
    """Load the week once more, with some rules replaced."""
    module = ModuleType(f"{week.__name__}_{key}")
    module.__file__ = week.__file__
    sys.modules[module.__name__] = module  # compiled code that was kept asks for it by its name
    checks: list[tuple[str, Bounds]] = []
    with kept_under(f"{key}-{digest_of_sources('engine.variant')[:16]}") as compiled_already:
        if not compiled_already:
            for rule, function in rules.items():
                _try(rule, copied(function, module), attributes)
        exec(_week_that_calls(rules), module.__dict__)
    for rule, function in rules.items():
        # Compiled code looks a name up when it is first compiled: from now on it finds this one.
        setattr(module, rule, _checked(rule, function, module, attributes, checks))

    def live(setting, seed, runs, home, state, scratch, output, first_week, last_week):  # type: ignore[no-untyped-def]
        board = np.zeros(1, WITH_FAULT)
        room = scratch._replace(board=board)
        try:
            module.live(setting, seed, runs, home, state, room, output, first_week, last_week)
        except NumbaError as error:
            raise _not_compilable(", ".join(rules), error) from error
        except ArithmeticError:
            if not board["fault"][0]:
                raise
            rule, bounds = checks[int(board["fault"][0]) - 1]
            value, agent, at = (board[f"fault_{name}"][0] for name in ("value", "agent", "week"))
            raise fault(rule, bounds, float(value), carrier_of(rule), int(agent), int(at)) from None

    return live


# The week that calls


_ADDRESSES = {"municipality": "m", "force": "m", "leadership": "gang", "facilitator": "0", "": "0"}
"""The names under which the week's phases count agents; cliques have numbers."""


class _Calls(ast.NodeTransformer):
    """Hand rules of one's own, before their arguments, what they note faults and draw by."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self.rules:
            carrier = carrier_of(node.func.id)
            clique = f"{ast.unparse(node.args[0])}.number"
            address = clique if carrier == "clique" else _ADDRESSES[carrier]
            given = ast.parse(f"f(scratch.board[0], key, week, {address})", mode="eval").body
            assert isinstance(given, ast.Call)
            for each in ast.walk(given):
                ast.copy_location(each, node)
            node.args[:0] = given.args
        return node


def _week_that_calls(rules: Mapping[str, Rule]) -> Any:
    """Give the week's code with calls as `_Calls` makes them."""
    with open(week.__file__, encoding="utf-8") as file:
        tree = _Calls(rules).visit(ast.parse(file.read()))
    return compile(ast.fix_missing_locations(tree), week.__file__, "exec")


def copied(function: Rule, module: ModuleType) -> Rule:
    """Copy a function with all that it reads as it is now, and helpers of one's own in their turn.

    Compiled code freezes what it reads when it is first compiled.
    """
    copies: dict[int, Rule] = {}

    def copy(each: Any) -> Any:
        given = getattr(each, "py_func", each)
        if not inspect.isfunction(given) or not is_own(given):
            return each
        if id(given) not in copies:
            held: dict[str, Any] = {"__name__": module.__name__, "__builtins__": __builtins__}
            cells = tuple(CellType() for _ in given.__closure__ or ())
            made = FunctionType(
                given.__code__, held, given.__name__, given.__defaults__, cells or None
            )
            copies[id(given)] = made
            for name in reads(given):
                first = name.partition(".")[0]
                if first in given.__globals__:
                    held[first] = copy(given.__globals__[first])
            for cell, old in zip(cells, given.__closure__ or (), strict=True):
                cell.cell_contents = copy(old.cell_contents)
            if given is not function:
                both_lives(made)
        return copies[id(given)]

    return copy(function)  # type: ignore[no-any-return]


# What is checked


def _checked(
    rule: str, function: Rule, module: ModuleType, attributes: Attributes,
    checks: list[tuple[str, Bounds]],
) -> Rule:  # fmt: skip
    """Write the function that the week calls: the rule with its draws, and the checks."""
    given = [e for e in inspect.signature(shipped_rules()[rule]).parameters]
    agent = given[0]
    decisions = [decision_of(carrier_of(rule), each) for each in draws_of(function)]
    drawn = [f"uniform(stream(key, {each}, at), address, 0)" for each in decisions]
    lines = [f"def checked(board, key, at, address, {', '.join(given)}):"]
    if rule in FALLEN:
        lines += [f" floor = min(0, {agent}.members - {FALLEN[rule]})"]
    lines += [f" result = rule({', '.join([*given, *drawn])})"]

    def unless(bounds: Bounds, value: str, holds: str, indent: str = " ") -> None:
        checks.append((rule, bounds))
        lines.extend(
            [
                f"{indent}if not ({holds}):",
                f"{indent} board.fault = {len(checks)}",
                f"{indent} board.fault_agent = address",
                f"{indent} board.fault_week = at",
                f"{indent} board.fault_value = {value}",
                f"{indent} raise ArithmeticError('a rule gave what cannot be')",
            ]
        )

    result = result_of(rule)
    if result is not None:
        finite = f"{max(result.low, -1e300)} <= result <= {min(result.high, 1e300)}"
        unless(result, "result", finite)
    layout = _layout(rule, attributes)
    for each in fields_of(rule, function, attributes):
        value = f"{agent}.{each.what}"
        if each.what == "members":
            floor = "floor" if rule in FALLEN else "0"
            unless(each, value, f"{floor} <= {value} <= {int(each.high)}")
        elif layout[each.what].shape:
            lines.append(f" for n in range({layout[each.what].shape[0]}):")
            unless(each, f"{value}[n]", f"-1e300 <= {value}[n] <= 1e300", "  ")
        else:
            unless(each, value, f"-1e300 <= {value} <= 1e300")
    lines += [" return result"]
    own: dict[str, Any] = {
        "__name__": module.__name__, "rule": both_lives(copied(function, module)),
        "stream": stream, "uniform": uniform,
    }  # fmt: skip
    exec("\n".join(lines), own)
    return both_lives(own["checked"])  # type: ignore[no-any-return]


def _layout(rule: str, attributes: Attributes) -> np.dtype[np.void]:
    """Give the layout of the agent that a rule writes to."""
    carrier = carrier_of(rule)
    if not carrier:
        return np.dtype([])
    return widened(CARRIERS[carrier].dtype, attributes.get(carrier, {}))


# What cannot be compiled


@cache
def _argument_types(attributes: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]) -> Any:
    """Give the compiled type of everything that rules take, by the argument's name."""
    blank = new_state(1, 1, {kind: dict(values) for kind, values in attributes})
    records = {
        "clique": blank.cliques,
        "place": blank.municipalities,
        "force": blank.forces,
        "leadership": blank.leaderships,
        "facilitator": blank.facilitator,
        "rates": blank.rates,
        "now": np.zeros(1, condition_dtype()),
        "p": np.zeros(1, parameter_dtype()),
    }
    found = {name: numba.typeof(array).dtype for name, array in records.items()}
    found["u"] = found["v"] = numba.float64
    for name in ("day", "days", "month", "left", "joined", "zones_beside"):
        found[name] = numba.int64
    return found


def _try(name: str, function: Rule, attributes: Attributes) -> None:
    """Compile a rule alone: what is wrong with it shows at once, and without the week around it."""
    told = _argument_types(tuple((k, tuple(each.items())) for k, each in attributes.items()))
    arguments = tuple(
        told.get(each, numba.float64) for each in inspect.signature(function).parameters
    )
    tried = numba.njit(error_model="numpy")(function)
    try:
        tried.compile(arguments)
    except Exception as error:  # numba lets errors of many kinds escape
        raise _not_compilable(name, error, function) from error
    given = tried.nopython_signatures[0].return_type
    if result_of(name) is not None and not isinstance(given, types.Number | types.Boolean):
        raise InputError("rules: {name} gives {given}, but it must give a number on every way "
                         "through it", name=name, given=str(given))  # fmt: skip


_NO_HELP = re.compile(
    r"$|\^|\[\d+\]|- |>>>|<source elided>|def \w+\(|Failed in|During:|File |No implementation of|"
    r"There are \d+ candidate|Overload of|Rejected as|raised from|This error|All templates"
)

_INSTEAD: tuple[tuple[str, str], ...] = (
    (r"list|dict|set\b|Untyped global",
     "What lasts is an attribute: ATTRIBUTES = {\"clique\": {\"fear\": 0.0}}; what is constant, a "
     "number, a tuple or a numpy array."),
    (r"attribute|Field|field",
     "'trucesim describe --rules' and trucesim.agents name what there is; further attributes are "
     "declared under ATTRIBUTES."),
    (r"unify|Cannot unify|type of variable", "Give a variable one type: 0.0 where it is to be a "
     "float."),
)  # fmt: skip
_ELSE = "Write it with numbers, comparisons, if, for over range, and functions of math."


def _not_compilable(
    names: str, error: Exception, function: Callable[..., Any] | None = None
) -> NotCompilable:
    """Say in three lines which line numba could not compile, why, and what to write instead."""
    lines = [line.strip() for line in str(error).splitlines()]
    helpful = next((line for line in lines if not _NO_HELP.match(line)), type(error).__name__)
    if isinstance(error, KeyError):
        there = {name for each in CARRIERS.values() for name in each.dtype.names or ()}
        near = nearest(str(error.args[0]), there)
        helpful = f"agents and records have no attribute {error}{near}"
    # A record's type is spelled out with all its fields.
    helpful = re.sub(r"(unaligned )?Record\(.*", "the agent or record", helpful)
    helpful = helpful.removesuffix("Raised from None").rstrip(". ")
    places = re.findall(r'File "([^"\n]+)", line (\d+)', str(error))
    file, line = places[-1] if places else ("", "")
    if not file and function is not None:
        code = function.__code__
        file, line = code.co_filename, str(code.co_firstlineno)
    instead = next((say for told, say in _INSTEAD if re.search(told, helpful)), _ELSE)
    return NotCompilable(
        "rules: {names} cannot be compiled for many runs{where}:\n{reason}.\n{instead} It runs in "
        "agents as it is: TruceModel(..., rules=...)", names=names, reason=helpful[:300],
        where=f" ({file}, line {line})" if file else "", instead=instead,
    )  # fmt: skip
