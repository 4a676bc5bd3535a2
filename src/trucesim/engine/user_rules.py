"""A user's own rules: what they may be, what they rest on, and what they may not give.

Rules of one's own are a mapping: functions by the name of the shipped rule that each replaces and,
if wanted, ``ATTRIBUTES``, lasting attributes by the kind of agent that carries them, with the value
that each starts with (:func:`check`). A file of rules holds the same names (:func:`load_rules`).
"""

from __future__ import annotations

import ast
import dis
import hashlib
import importlib
import inspect
import json
import math
import random
import sys
import textwrap
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from trucesim.agents import Carrier, Clique, Facilitator, Leadership, Municipality, SecurityForce
from trucesim.compilation import bare, rests_on
from trucesim.engine import week
from trucesim.engine.tables import Attributes
from trucesim.files.errors import InputError, nearest

Rule = Callable[..., Any]

ATTRIBUTES = "ATTRIBUTES"
"""Name under which rules declare lasting attributes of agents."""

DRAW = "draw_"
"""An argument that begins so is a number from [0, 1), the agent's own in this week."""

OWN_DRAWS = 1 << 20
"""Decisions of such draws stand from here: shipped ones lie below."""

CARRIERS: Mapping[str, type[Carrier]] = {
    "clique": Clique,
    "municipality": Municipality,
    "force": SecurityForce,
    "leadership": Leadership,
    "facilitator": Facilitator,
}

MOST = 1_000_000
"""Of a rate a day, or of members."""

MOST_ATTRIBUTES = 32
"""Of one kind of agent: every week walks all of them."""

LARGEST_FILE = 256 * 1024
"""Bytes of a file of rules."""


@cache
def shipped_rules() -> dict[str, Rule]:
    """Give every rule that can be replaced, as it ships, in the order of the week."""
    steps = (*week.OPENING, *week.STRETCH, *week.CLOSING)
    return {rule.__name__: rule for step in steps for rule in step.rules}


def kind_of(rule: Rule) -> str:
    """Give the kind of agent that a shipped rule belongs to: the name of its file."""
    return rule.__module__.rpartition(".")[2]


def carrier_of(name: str) -> str:
    """Give the kind of agent that a rule writes to, one of `CARRIERS`; empty if it writes to none.

    It is told by the rule's first argument.
    """
    first = next(iter(inspect.signature(shipped_rules()[name]).parameters))
    return {"p": "", "place": "municipality"}.get(first, first)


def draws_of(function: Rule) -> list[str]:
    """Name the draws that a rule of one's own takes beside the shipped rule's arguments."""
    return [name for name in inspect.signature(function).parameters if name.startswith(DRAW)]


def decision_of(carrier: str, draw: str) -> int:
    """Give the number under which a draw of one's own stands, for :mod:`.draws`."""
    return OWN_DRAWS + zlib.crc32(f"{carrier}.{draw}".encode())


# What is allowed


def check(rules: Mapping[str, Any]) -> dict[str, Rule]:
    """Check a user's own rules.

    Parameters
    ----------
    rules : mapping
        Functions by the name of the rule that each replaces, with the same arguments and, at the
        end, any number of ``draw_NAME``: numbers from [0, 1) addressed by seed, run, week, agent
        and name. Under `ATTRIBUTES`, see :func:`attributes_of`.

    Returns
    -------
    dict
        The functions, plain Python.

    Raises
    ------
    InputError
        Unknown name, not a function, or other arguments than the rule's; a rule that draws by
        itself; attributes that cannot be.
    """
    shipped = shipped_rules()
    checked: dict[str, Rule] = {}
    for name, given in rules.items():
        if name == ATTRIBUTES:
            continue
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
        wanted = list(inspect.signature(shipped[name]).parameters)
        found = inspect.signature(function).parameters
        plain = all(each.kind is each.POSITIONAL_OR_KEYWORD for each in found.values())
        more = list(found)[len(wanted) :]
        drawn = all(each.startswith(DRAW) for each in more) and (carrier_of(name) or not more)
        if list(found)[: len(wanted)] != wanted or not plain or not drawn:
            raise InputError(
                "rules: {name}({values}) has other arguments than the rule that it replaces: "
                "{name}({wanted})", name=name, values=", ".join(map(str, found.values())),
                wanted=", ".join(wanted),
            )  # fmt: skip
        _refuse_own_chance(name, function)
        checked[name] = function
    attributes_of(rules)
    return checked


def attributes_of(rules: Mapping[str, Any]) -> Attributes:
    """Give the lasting attributes that rules declare.

    Parameters
    ----------
    rules : mapping
        Under `ATTRIBUTES`, by kind of agent, the value that each attribute starts with, such as
        ``{"clique": {"fear": 0.0}}``: agents founded later start with it too.

    Returns
    -------
    dict
        The same, all floats, in order of name; empty if none are declared.

    Raises
    ------
    InputError
        No such kind, a name that is taken or is none, or a value that is no number.
    """
    given = rules.get(ATTRIBUTES, {})
    if not isinstance(given, Mapping) or not all(isinstance(e, Mapping) for e in given.values()):
        raise InputError(
            'rules: ATTRIBUTES = {given}, but it must be such as {{"clique": {{"fear": 0.0}}}}',
            given=repr(given)[:200],
        )
    found: dict[str, dict[str, float]] = {}
    for kind, values in sorted(given.items(), key=str):
        if kind not in CARRIERS:
            raise InputError(
                "rules: ATTRIBUTES: no kind of agent is called {kind!r}{hint}; there are "
                "{allowed}", kind=kind, hint=nearest(str(kind), CARRIERS),
                allowed=", ".join(CARRIERS),
            )  # fmt: skip
        if len(values) > MOST_ATTRIBUTES:
            raise InputError("rules: ATTRIBUTES: {kind}: {count} attributes; {most} at most",
                             kind=kind, count=len(values), most=MOST_ATTRIBUTES)  # fmt: skip
        for name, value in sorted(values.items(), key=str):
            where = {"kind": kind, "name": name}
            plain = isinstance(name, str) and name.isidentifier() and not name.startswith("_")
            if not plain:
                raise InputError("rules: ATTRIBUTES: {kind}: {name!r} is no name for an attribute",
                                 **where)  # fmt: skip
            if name in (CARRIERS[kind].dtype.names or ()) or name in shipped_rules():
                raise InputError("rules: ATTRIBUTES: {kind}: {name!r} is there already; take "
                                 "another name", **where)  # fmt: skip
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if not number or not math.isfinite(value):
                raise InputError("rules: ATTRIBUTES: {kind}: {name} = {value!r}, but it must be a "
                                 "number", **where, value=value)  # fmt: skip
            found.setdefault(kind, {})[name] = float(value)
    return found


# What a rule rests on


def reads(function: Rule) -> dict[str, Any]:
    """Give what a function reads beside its arguments, by its name in the text: ``math.exp``.

    Globals, what it closes over, imports, and attributes of modules.
    """
    found: dict[str, Any] = {}
    held = inspect.getclosurevars(function)
    names = {**held.builtins, **held.globals, **held.nonlocals}
    code = [function.__code__]
    while code:
        each = code.pop()
        code += [const for const in each.co_consts if isinstance(const, CodeType)]
        found |= _read_in(each, {**names, **function.__globals__, **held.nonlocals})
    return found


def _read_in(code: CodeType, names: Mapping[str, Any]) -> dict[str, Any]:
    """Follow names and attributes through a function's instructions, as far as they are modules."""
    found: dict[str, Any] = {}
    local: dict[str, tuple[str, Any]] = {}
    top: tuple[str, Any] | None = None
    for each in dis.get_instructions(code):
        name, told = str(each.argval), each.opname
        if told.startswith(("LOAD_GLOBAL", "LOAD_DEREF", "LOAD_NAME")):
            top = (name, names[name]) if name in names else None
        elif told.startswith("LOAD_FAST"):
            top = local.get(name)
        elif told == "IMPORT_NAME":
            top = (name, _module(name))
        elif top and told in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM"):
            holder, module = top
            is_module = isinstance(module, ModuleType)
            value = getattr(module, name, None) if is_module else None
            if told == "IMPORT_FROM":
                found[f"{holder}.{name}"] = value
                local[name] = f"{holder}.{name}", value
                continue
            top = (f"{holder}.{name}", value) if is_module else None
        elif told == "STORE_FAST":
            if top and name not in local:
                local[name] = top
            continue
        elif told in ("PUSH_NULL", "CACHE", "NOP", "COPY"):
            continue
        else:
            top = None
        if top:
            found[top[0]] = top[1]
    return found


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception:
        return None


def is_own(function: Any) -> bool:
    """Whether a function is a user's, whose text counts: not the model's or a library's."""
    module = str(getattr(function, "__module__", ""))
    root, _, inside = module.partition(".")
    if root == __name__.partition(".")[0]:
        # What the digest of the model's sources covers, it covers.
        return inside not in rests_on("engine.user_rules")
    library = {"numpy", "numba", "scipy", "pandas", "xarray", "mesa", *sys.stdlib_module_names}
    return root not in library - {"__main__"}


def helpers(function: Rule, seen: dict[int, Rule] | None = None) -> list[Rule]:
    """Give a function and all others of the user's that it calls, directly or not."""
    seen = {} if seen is None else seen
    if id(function) not in seen:
        seen[id(function)] = function
        for value in reads(function).values():
            value = getattr(value, "py_func", value)
            if inspect.isfunction(value) and is_own(value):
                helpers(value, seen)
    return list(seen.values())


def digest_of_rules(rules: Mapping[str, Any]) -> str:
    """Digest rules that replace shipped ones, with their attributes; empty for none.

    A rule is its text without comments and docstrings (its bytecode where there is no text) and
    the values of the globals that it reads, functions among them in their turn.
    """
    checked, attributes = check(rules), attributes_of(rules)
    if not checked and not attributes:
        return ""
    told: list[Any] = sorted((name, identity(function)) for name, function in checked.items())
    told += [attributes] if attributes else []
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def identity(function: Rule) -> str:
    """Digest a function of one's own with all that it reads; see :func:`digest_of_rules`."""
    digest = hashlib.sha256()
    for part in _parts(function, set()):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:16]


def _parts(value: Any, seen: set[int]) -> Iterator[str]:
    """Give what a value rests on, as texts; of the model's and libraries' code only its name."""
    value = getattr(value, "py_func", value)
    if inspect.isfunction(value) and is_own(value) and id(value) not in seen:
        seen.add(id(value))
        yield _text(value)
        for name, held in sorted(reads(value).items()):
            yield name
            yield from _parts(held, seen)
        for default in value.__defaults__ or ():
            yield from _parts(default, seen)
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}{value.tobytes().hex()}"
    elif isinstance(value, list | tuple | set | frozenset):
        yield f"{type(value).__name__} {len(value)}"
        for each in sorted(value, key=repr) if isinstance(value, set | frozenset) else value:
            yield from _parts(each, seen)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield repr(key)
            yield from _parts(each, seen)
    elif isinstance(value, ModuleType) or hasattr(value, "__qualname__"):
        # Never by its place in memory, which another process has elsewhere.
        called = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
        yield f"{getattr(value, '__module__', '')}.{called}"
    elif repr(value) == object.__repr__(value):
        yield type(value).__qualname__
        if id(value) not in seen:
            seen.add(id(value))
            yield from _parts(getattr(value, "__dict__", {}), seen)
    else:
        yield repr(value)


def _text(function: Rule) -> str:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return _bytecode(function.__code__)
    return "\n".join(map(bare, tree.body))


def _bytecode(code: CodeType) -> str:
    constants = [_bytecode(e) if isinstance(e, CodeType) else repr(e) for e in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {constants}"


def key_of_code(rules: Mapping[str, Any]) -> str:
    """Digest rules as they are compiled: a text on disk may be newer than what runs."""
    code = [_bytecode(each.__code__) for rule in check(rules).values() for each in helpers(rule)]
    told = json.dumps([digest_of_rules(rules), sorted(code)])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


# Own random numbers

_CHANCE = {"random", "secrets", "time", "uuid", "numpy.random"}
_CHANCE_OF_OS = {"urandom", "getrandom", "times", "getpid"}
_GENERATORS = (random.Random, np.random.Generator, np.random.RandomState, np.random.BitGenerator)


def _draws_by_itself(value: Any) -> bool:
    if isinstance(value, ModuleType):
        return value.__name__ in _CHANCE or value.__name__.startswith("numpy.random.")
    holder = getattr(value, "__self__", None)
    if isinstance(value, _GENERATORS) or isinstance(holder, _GENERATORS):
        return True
    if holder in (np.random.Generator, np.random.RandomState):
        return True
    module = str(getattr(value, "__module__", None) or "")
    if module in ("posix", "nt", "os"):
        return getattr(value, "__name__", "") in _CHANCE_OF_OS
    return module in _CHANCE or module.startswith("numpy.random.")


def _refuse_own_chance(rule: str, function: Rule) -> None:
    """Refuse what cannot be repeated: generators, clocks and the system's chance."""
    for each in helpers(function):
        for name, value in reads(each).items():
            if _draws_by_itself(value):
                offered = [e for e in ("u", "v") if e in inspect.signature(function).parameters]
                offered += [f"{DRAW}NAME"] if carrier_of(rule) else []
                raise InputError(
                    "rules: {rule} takes {name}{where}, so that no run could be made again; draw "
                    "by an argument: {offered}", rule=rule, name=name,
                    where="" if each is function else f" ({each.__name__})",
                    offered=" / ".join(offered) or "p",
                )  # fmt: skip


# What a rule may not give


class Bounds(NamedTuple):
    """What a number that a rule gives, or leaves in an agent, must lie between."""

    what: str
    """Name of the agent's attribute; empty for what the rule gives."""
    low: float
    high: float

    @property
    def allowed(self) -> str:
        """What must be, in words for a message."""
        if math.isinf(self.low):
            return "a finite number"
        return f"a number from {self.low:g} to {self.high:,.0f}"


_RATES = ("feud", "retaliate", "kill_others", "defy", "leave", "join", "clash", "others", "found",
          "report_ordinary", "plan_round")  # fmt: skip
FALLEN = {"welcome": "left", "remember": "clique.struck"}
"""Rules that may leave a clique with fewer than no members, by so many: it then dissolves."""


def result_of(rule: str) -> Bounds | None:
    """Give the bounds of what a rule gives; None if it gives nothing."""
    if rule in _RATES:
        return Bounds("", 0.0, MOST)
    if rule in ("hide", "report_missing"):
        return Bounds("", 0.0, 1.0)
    return Bounds("", -math.inf, math.inf) if rule == "appeal" else None


def fields_of(rule: str, function: Rule, attributes: Attributes) -> list[Bounds]:
    """Give the bounds of the agent's numbers that a rule, or a helper of it, names in its text."""
    carrier = carrier_of(rule)
    if not carrier:
        return []
    fields: Mapping[str, Any] = CARRIERS[carrier].dtype.fields or {}
    of_floats = {name for name, each in fields.items() if each[0].base.kind == "f"}
    of_floats |= set(attributes.get(carrier, {}))
    named = {name for each in helpers(function) for name in each.__code__.co_names}
    found = [Bounds(name, -math.inf, math.inf) for name in sorted(named & of_floats)]
    if "members" in named and carrier == "clique":
        found.append(Bounds("members", 0, MOST))
    return found


def fault(rule: str, bounds: Bounds, value: object, agent: str, number: int, at: int) -> InputError:
    """Say what a rule gave, or left, that cannot be."""
    return InputError(
        "rules: {rule} gave {what}{value} ({agent} {number}, week {week}), but it must be "
        "{allowed}", rule=rule, what=f"{bounds.what} = " if bounds.what else "", value=str(value),
        agent=agent or "the country", number=number, week=at, allowed=bounds.allowed,
    )  # fmt: skip


class OwnRule:
    """A rule of one's own as agents call it: with its draws, and what it gives is checked."""

    def __init__(self, name: str, function: Rule, attributes: Attributes) -> None:
        self.name, self.function, self.carrier = name, function, carrier_of(name)
        self.decisions = [decision_of(self.carrier, each) for each in draws_of(function)]
        self.fields = fields_of(name, function, attributes)
        self.result = result_of(name)

    def __call__(self, *given: Any) -> Any:
        """Apply the rule."""
        agent = given[0]
        floor = 0
        if self.name in FALLEN:
            floor = min(0, agent.members - (given[1] if self.name == "welcome" else agent.struck))
        result = self.function(*given, *(agent.draw(each) for each in self.decisions))
        if self.result is not None:
            self._check(agent, self.result, result)
        for each in self.fields:
            value = getattr(agent, each.what)
            if each.what == "members":
                value = max(value, 0) if value >= floor else value
            for one in value if isinstance(value, np.ndarray) else (value,):
                self._check(agent, each, one)
        return result

    def _check(self, agent: Any, bounds: Bounds, value: Any) -> None:
        number = isinstance(value, int | float | np.number | np.bool_)
        if not number or not bounds.low <= value <= bounds.high or not math.isfinite(value):
            who, at = (agent.address, agent.model.week) if self.carrier else (0, 0)
            raise fault(self.name, bounds, value, self.carrier, who, at)


# Files of rules


def load_rules(path: str | Path) -> dict[str, Any]:
    """Execute a file of rules, which is Python, and give its rules.

    Parameters
    ----------
    path : str or Path
        Its functions that are named as shipped rules replace these; `ATTRIBUTES` declares
        attributes; other names are its own business.

    Raises
    ------
    InputError
        No such file, no Python, no rule in it, or anything wrong with them (:func:`check`).
    """
    path = Path(path)
    try:
        text = path.read_bytes()[: LARGEST_FILE + 1].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("--rules {path}: cannot be read: {error}", path=path,
                         error=getattr(error, "strerror", None) or error) from None  # fmt: skip
    if len(text) > LARGEST_FILE:
        raise InputError("--rules {path}: too large for a file of rules", path=path)
    module = ModuleType("own_rules")
    module.__file__ = str(path)
    try:
        exec(compile(text, str(path.resolve()), "exec"), module.__dict__)
    except Exception as error:
        line = getattr(error, "lineno", None)
        raise InputError(
            "--rules {path}{line}: {kind}: {error}", path=path, kind=type(error).__name__,
            error=str(error), line=f", line {line}" if line else "",
        ) from None  # fmt: skip
    shipped = shipped_rules()
    defined = {name: value for name, value in vars(module).items() if _is_of(module, value)}
    rules = {name: value for name, value in defined.items() if name in shipped}
    if not rules:
        near = next((nearest(name, shipped) for name in defined if nearest(name, shipped)), "")
        raise InputError(
            "--rules {path}: defines no function that is named as a rule{hint}; 'trucesim describe "
            "--rules' lists them", path=path, hint=near,
        )  # fmt: skip
    if ATTRIBUTES in vars(module):
        rules[ATTRIBUTES] = vars(module)[ATTRIBUTES]
    check(rules)
    return rules


def _is_of(module: ModuleType, value: Any) -> bool:
    function = getattr(value, "py_func", value)
    return isinstance(function, FunctionType) and function.__globals__ is vars(module)
