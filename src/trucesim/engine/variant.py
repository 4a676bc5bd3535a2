"""A user's own rule in thousands of runs: the compiled week once more, with that rule in it.

The shipped week is left as it is. Another instance of its module is loaded, the named rules are
replaced there before anything is compiled, and the result is kept for this process only.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import json
import re
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import numba
import numpy as np
from numba.core.errors import NumbaError

from trucesim.compilation import both_lives, without_cache
from trucesim.engine import week
from trucesim.engine.tables import new_state
from trucesim.files.errors import InputError, nearest
from trucesim.parameters import condition_dtype, parameter_dtype

Rule = Callable[..., Any]


class NotCompilable(InputError):
    """A rule that plain Python runs and numba cannot compile."""


@cache
def shipped_rules() -> dict[str, Rule]:
    """Give every rule that can be replaced, as it ships, in the order of the week."""
    steps = (*week.OPENING, *week.STRETCH, *week.CLOSING)
    return {rule.__name__: rule for step in steps for rule in step.rules}


def kind_of(rule: Rule) -> str:
    """Give the kind of agent that a shipped rule belongs to: the name of its file."""
    return rule.__module__.rpartition(".")[2]


def check(rules: Mapping[str, Rule]) -> dict[str, Rule]:
    """Check a user's own rules.

    Parameters
    ----------
    rules : mapping of str to function
        By the name of the rule that each replaces, with the same arguments.

    Returns
    -------
    dict
        The same as plain Python functions.

    Raises
    ------
    InputError
        Unknown name, not a function, or other arguments than the rule's.
    """
    shipped = shipped_rules()
    checked: dict[str, Rule] = {}
    for name, given in rules.items():
        if name not in shipped:
            listed = ", ".join(f"{each} ({kind_of(rule)})" for each, rule in shipped.items())
            raise InputError(
                "rules: no rule is called {name!r}{hint}; there are {allowed}", name=name,
                hint=nearest(str(name), shipped), allowed=listed,
            )  # fmt: skip
        # What numba has compiled already is taken back to what it was made from.
        function = getattr(given, "py_func", given)
        if not inspect.isfunction(function):
            raise InputError(
                "rules: {name} = {given}, but it must be a function", name=name, given=repr(given)
            )
        wanted = inspect.signature(shipped[name]).parameters
        found = inspect.signature(function).parameters
        plain = all(each.kind is each.POSITIONAL_OR_KEYWORD for each in found.values())
        if list(found) != list(wanted) or not plain:
            raise InputError(
                "rules: {name}({values}) has other arguments than the rule that it replaces: "
                "{name}({wanted})", name=name, values=", ".join(map(str, found.values())),
                wanted=", ".join(wanted),
            )  # fmt: skip
        checked[name] = function
    return checked


def digest_of_rules(rules: Mapping[str, Rule]) -> str:
    """Digest rules that replace shipped ones; empty for none.

    A rule is its text without comments and docstrings (its bytecode where there is no text) and
    the values of the globals that it reads, functions among them in their turn.
    """
    if not rules:
        return ""
    told = sorted((name, identity(function)) for name, function in check(rules).items())
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def identity(function: Rule) -> str:
    """Digest a function of one's own with all that it reads; see :func:`digest_of_rules`."""
    digest = hashlib.sha256()
    for part in _parts(function, set()):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:16]


def _parts(value: Any, seen: set[int]) -> Iterator[str]:
    """Give what a function rests on, as texts; of shipped code only its name."""
    value = getattr(value, "py_func", value)
    if not inspect.isfunction(value):
        is_array = isinstance(value, np.ndarray)
        yield f"{value.dtype}{value.shape}{value.tobytes().hex()}" if is_array else repr(value)
        return
    if id(value) in seen or value.__module__.startswith(__name__.partition(".")[0] + "."):
        yield f"{value.__module__}.{value.__qualname__}"
        return
    seen.add(id(value))
    yield _text(value)
    read = inspect.getclosurevars(value)
    for name, held in sorted({**read.globals, **read.nonlocals}.items()):
        yield name
        yield from _parts(held, seen)
    for default in value.__defaults__ or ():
        yield repr(default)


def _text(function: Rule) -> str:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        code = function.__code__
        return f"{code.co_code.hex()} {code.co_names} {code.co_consts}"
    for each in ast.walk(tree):
        body = getattr(each, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            if isinstance(body[0].value, ast.Constant):
                body[:1] = [] if len(body) > 1 else [ast.Pass()]
    return ast.unparse(tree)


_lives: dict[frozenset[tuple[str, Rule]], Rule] = {}
_only_one = threading.Lock()


def live_with(rules: Mapping[str, Rule]) -> Rule:
    """Give what :func:`trucesim.engine.week.live` does, with some rules replaced.

    Parameters
    ----------
    rules : mapping of str to function
        By the name of the rule that each replaces. Functions that they call must be decorated
        with :func:`trucesim.compilation.both_lives`, as the shipped ones are.

    Returns
    -------
    callable
        Takes the arguments of :func:`trucesim.engine.week.live`. The first call compiles; the same
        functions give the same callable again.

    Raises
    ------
    InputError
        See :func:`check`; :class:`NotCompilable` where numba cannot compile one.
    """
    checked = check(rules)
    with _only_one:
        same = frozenset(checked.items())
        if same not in _lives:
            _lives[same] = _make(checked) if checked else week.live
        return _lives[same]


def _make(rules: Mapping[str, Rule]) -> Rule:
    """Load the week once more, with some rules replaced."""
    shipped = shipped_rules()
    for rule, function in rules.items():
        _try(rule, function)
    name = f"{week.__name__}_variant_{len(_lives)}"
    spec = importlib.util.spec_from_file_location(name, week.__file__)
    if spec is None or spec.loader is None:
        raise InputError("rules: the sources are not at hand in {path}", path=week.__file__)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with without_cache():
        spec.loader.exec_module(module)
    for rule, function in rules.items():
        # Compiled code looks a name up when it is first compiled: from now on it finds this one.
        setattr(module, rule, function if function is shipped[rule] else both_lives(function))

    def live(setting, seed, run, home, state, scratch, output, first_week, last_week):  # type: ignore[no-untyped-def]
        try:
            module.live(setting, seed, run, home, state, scratch, output, first_week, last_week)
        except NumbaError as error:
            raise _not_compilable(", ".join(rules), error) from error

    return live


@cache
def _argument_types() -> dict[str, Any]:
    """Give the compiled type of everything that rules take, by the argument's name."""
    blank = new_state(1, 1)
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
    types = {name: numba.typeof(array).dtype for name, array in records.items()}
    types["u"] = types["v"] = numba.float64
    for name in ("day", "days", "month", "left", "joined", "zones_beside"):
        types[name] = numba.int64
    return types


def _try(name: str, function: Rule) -> None:
    """Compile a rule alone: what is wrong with it shows at once, and without the week around it."""
    types = _argument_types()
    arguments = tuple(types[each] for each in inspect.signature(function).parameters)
    try:
        numba.njit(error_model="numpy")(function).compile(arguments)
    except Exception as error:  # numba lets errors of many kinds escape
        raise _not_compilable(name, error) from error


_NO_HELP = re.compile(
    r"$|\^|\[\d+\]|- |>>>|<source elided>|def \w+\(|Failed in|During:|File |No implementation of|"
    r"There are \d+ candidate|Overload of|Rejected as|raised from|This error|All templates"
)


def _not_compilable(names: str, error: Exception) -> NotCompilable:
    """Say in one line why numba could not compile."""
    lines = [line.strip() for line in str(error).splitlines()]
    helpful = next((line for line in lines if not _NO_HELP.match(line)), type(error).__name__)
    if isinstance(error, KeyError):
        helpful = f"agents and records have no attribute {error}"
    # A record's type is spelled out with all its fields.
    helpful = re.sub(r"(unaligned )?Record\(.*", "the agent or record", helpful)
    helpful = helpful.removesuffix("Raised from None").rstrip(". ")
    where = next((line for line in lines if line.startswith("File ")), "").rstrip(":")
    return NotCompilable(
        "rules: {names} cannot be compiled for many runs: {reason}{where}. It runs in agents as it "
        "is: TruceModel(..., rules=...)", names=names, reason=helpful[:300],
        where=f" ({where})" if where else "",
    )  # fmt: skip
