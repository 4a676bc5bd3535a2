"""Files that people write: TOML, bounded, checked against declared tables, and never evaluated.

A problem is told in one line: which file and line, what is wrong with which key, what is allowed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trucesim.files.errors import RENAMED, InputError, Message, nearest, said_by_system
from trucesim.files.writing import without_controls

LONGEST_LINE = 8_000
"""Characters; a line of thousands of dotted keys would take the parser gigabytes."""

LARGEST_FILE = 256 * 1024
"""Bytes; such a file is a page of text."""


class Table(BaseModel):
    """A table of a file: only declared keys, of their declared types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Words(Table):
    """A text in both languages."""

    en: str = Field(description="English", max_length=4000)
    es: str = Field(description="Spanish", max_length=4000)


def shipped_directory(name: str) -> Path:
    """Give a folder of shipped files: inside the installed package, or beside the sources."""
    installed = Path(str(files("trucesim"))) / name
    return installed if installed.is_dir() else Path(__file__).resolve().parents[3] / name


def find(
    given: str | Path,
    noun: str,
    shipped: Sequence[str],
    directory: Path,
    beside: Path | None = None,
    asked: str = "",
) -> Path:
    """Find a file by its shipped name or its path.

    Parameters
    ----------
    given : str or Path
    noun : str
        What is looked for, such as "scenario".
    shipped : sequence of str
        Names of the shipped ones.
    directory : Path
        Where these are.
    beside : Path, optional
        A folder to look in first.
    asked : str, optional
        Where it is asked for, in front of a message.

    Raises
    ------
    InputError
        There is none.
    """
    name = RENAMED.get(str(given), str(given))
    if name in shipped:
        return directory / f"{name}.toml"
    path = Path(given)
    own = [beside / path, beside / f"{name}.toml"] if beside else []
    for candidate in (*own, path):  # the file's own folder first, wherever one stands
        try:
            if candidate.is_file():
                return candidate
        except OSError:  # too long for a name, or in a folder that may not be read
            continue
    if path.suffix == ".toml" or len(path.parts) > 1:
        raise InputError("{where}no {noun} file {name!r}", where=asked, noun=noun, name=name)
    raise InputError(
        "{where}no {noun} {name!r}{hint}; shipped are {allowed}, or give the path of a TOML file",
        where=asked, noun=noun, name=name, hint=nearest(name, shipped), allowed=", ".join(shipped),
    )  # fmt: skip


def read(path: Path, kind: str) -> str:
    """Read a file's text; ``kind`` says what it should be, for the message.

    Raises
    ------
    InputError
        Too large, lines too long, empty, or no text in UTF-8.
    """
    _check_size(path.name, path.stat().st_size, kind)
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows editors put a mark in front
    except UnicodeDecodeError:
        raise InputError("{name}: not a text file in UTF-8", name=path.name) from None
    except OSError as error:
        raise InputError(
            "{name}: cannot be read: {reason}", name=path.name, reason=said_by_system(error)
        ) from None
    _check_text(text, path.name, kind)
    return text


def _check_size(name: str, size: int, kind: str) -> None:
    if size > LARGEST_FILE:
        raise InputError(
            "{name}: {size:,} bytes; {kind} file may have {most:,} at most", name=name, size=size,
            kind=kind, most=LARGEST_FILE,
        )  # fmt: skip


def _check_text(text: str, name: str, kind: str) -> None:
    """Refuse what is too large for the parser, and what is empty."""
    _check_size(name, len(text.encode()), kind)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            raise InputError(
                "{name}:{number}: a line of {count:,} characters; {most:,} at most", name=name,
                number=number, count=len(line), most=LONGEST_LINE,
            )  # fmt: skip
    if not text.strip():
        raise InputError(
            "{name}: the file is empty; see 'trucesim schema' for what it holds", name=name
        )


@lru_cache(maxsize=64)
def _heads(text: str, name: str) -> tuple[int, ...]:
    """Find where the tables [[name]] begin."""
    head = re.compile(rf"^[ \t]*\[\[[ \t]*{re.escape(name)}[ \t]*\]\]", re.MULTILINE)
    return tuple(match.start() for match in head.finditer(text))


def line_of(text: str, *steps: str | int) -> str:
    """Find the line of a key, given the steps to it; a number counts tables of the name before."""
    position, found = 0, False
    for step, following in zip_longest(steps, steps[1:]):
        if isinstance(step, int) or not step:
            continue
        if isinstance(following, int) and following < len(_heads(text, step)):
            position, found = _heads(text, step)[following], True
            continue
        name = re.escape(step)
        key = rf"(?:^|[{{\[,.])[ \t]*[\"']?{name}[\"']?[ \t]*[\]=.]"
        match = re.compile(key, re.MULTILINE).search(text, position)
        match = match or re.compile(rf"(?<![\w-]){name}(?![\w-])").search(text, position)
        if match:
            position, found = match.start(), True
    return f":{text.count(chr(10), 0, position) + 1}" if found else ""


_PLAINLY = {
    "date_type": Message("it must be a date like 2013-06-01, without quotes"),
    "model_type": Message("it must be a table"),
    "dict_type": Message("it must be a table"),
    "list_type": Message("it must be a list"),
    "int_type": Message("input should be a valid integer"),
    "bool_type": Message("input should be a valid boolean"),
    "string_type": Message("input should be a valid string"),
    "greater_than_equal": Message("input should be greater than or equal to {ge}"),
    "less_than_equal": Message("input should be less than or equal to {le}"),
    "string_too_long": Message("string should have at most {max_length} characters"),
    "string_pattern_mismatch": Message("string should match pattern '{pattern}'"),
    "too_short": Message("list should have at least {min_length} item after validation, not "
                         "{actual_length}"),
    "too_long": Message("list should have at most {max_length} items after validation, not "
                        "{actual_length}"),
    "literal_error": Message("input should be {expected}"),
}  # fmt: skip
"""What pydantic says, by its kinds of errors, so that it can be told in other languages."""


PRINTABLE = 10**30
"""Python refuses to print, or to turn into a float, whole numbers far beyond."""


def shown(value: object) -> str:
    """Show a value in a message, and only name its kind if that may be long."""
    if isinstance(value, dict | list):
        return Message("a table") if isinstance(value, dict) else Message("a list")
    if isinstance(value, int) and abs(value) > PRINTABLE:
        return Message("a huge number")
    return repr(value)[:80] if isinstance(value, str) else str(value)


def explain(error: ValidationError, model: type[Table], name: str, text: str) -> Message:
    """Say in one line what the most telling problem is, where, and what is allowed."""
    return _explained(min(error.errors(), key=_rank), model, name, text)


def _rank(problem: Mapping[str, Any]) -> tuple[bool, bool]:
    # A misspelt key also leaves the right one missing; of a span, the span's problem counts.
    table_as_day = problem["type"] == "date_type" and isinstance(problem["input"], dict)
    return problem["type"] != "extra_forbidden", table_as_day


def _explained(problem: Mapping[str, Any], model: type[Table], name: str, text: str) -> Message:
    steps, table = _follow(model, problem["loc"])
    key = ".".join(str(step) for step in steps)
    last = str(steps[-1]) if steps else ""
    if problem["type"] == "missing":
        where = f"{name}{line_of(text, *steps[:-1])}"
        return Message("{where}: {key} is missing", where=where, key=key)
    where = f"{name}{line_of(text, *steps)}"
    if problem["type"] == "extra_forbidden":
        allowed = [field.alias or name for name, field in table.model_fields.items()]
        return Message(
            "{where}: unknown key {key!r}{hint}; allowed: {allowed}", where=where, key=key,
            hint=nearest(last, allowed), allowed=", ".join(allowed),
        )  # fmt: skip
    given, hint, fields = problem.get("input"), Message(""), dict(problem.get("ctx", {}))
    if problem["type"] == "literal_error":
        names = re.findall("'([^']*)'", fields["expected"])
        hint = nearest(given, names) if isinstance(given, str) else hint
        *some, one = map(repr, names)
        fields["expected"] = (
            Message("{some} or {one}", some=", ".join(some), one=one) if some else one
        )
    plain = _PLAINLY.get(problem["type"])
    told = problem["msg"].lower() if plain is None else Message(plain.text, **fields)
    return Message(
        "{where}: {key} = {value}: {told}{hint}", where=where, key=key, value=shown(given),
        told=told, hint=hint,
    )  # fmt: skip


def _follow(
    model: type[Table], location: tuple[int | str, ...]
) -> tuple[tuple[int | str, ...], type[Table]]:
    """Give the steps to a problem without the names of choices, and the table in which it lies."""
    steps: list[int | str] = []
    choices: tuple[Any, ...] = ()
    for step in location:
        if isinstance(step, str) and len(choices) > 1:
            model = next((each for each in _tables(choices) if each.__name__ == step), model)
            choices = ()
            continue
        steps.append(step)
        if isinstance(step, int):
            continue
        field = {each.alias or name: each for name, each in model.model_fields.items()}.get(step)
        if field is None:
            continue
        choices = _choices(field.annotation)
        found = _tables(choices)
        if len(choices) == 1 and found:
            model = found[0]
    return tuple(steps), model


def _choices(annotation: Any) -> tuple[Any, ...]:
    """Give what a key may hold, below lists and without None."""
    arguments = [each for each in get_args(annotation) if each is not NoneType]
    if getattr(annotation, "__origin__", None) is list:
        return _choices(arguments[0])
    if arguments and type(annotation).__name__ in ("UnionType", "Union", "_UnionGenericAlias"):
        return tuple(each for one in arguments for each in _choices(one))
    return (annotation,)


def _tables(choices: tuple[Any, ...]) -> list[type[Table]]:
    return [each for each in choices if isinstance(each, type) and issubclass(each, Table)]


def parse[T: Table](path: Path, model: type[T], kind: str) -> tuple[T, str]:
    """Read a file and check it against a table.

    Parameters
    ----------
    path : Path
    model : type of Table
    kind : str
        What the file should be, with its article, such as "a scenario".

    Returns
    -------
    table : Table
    text : str
        For the lines of later messages.

    Raises
    ------
    InputError
        Unreadable, empty or huge, broken TOML, or a key that is misspelt or of the wrong type.
    """
    text = read(path, kind)
    return parse_text(text, path.name, model, kind), text


def _shown(value: Any) -> Any:
    """Leave control characters out of all texts: they would reach terminals and pages."""
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {without_controls(name): _shown(each) for name, each in value.items()}
    return value


def parse_text[T: Table](text: str, name: str, model: type[T], kind: str) -> T:
    """Check text that is or was a file's, called ``name`` in messages, against a table.

    Parameters and errors are those of `parse`.
    """
    content = _content(text, name, kind)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(explain(error, model, name, text)) from None


def problems(path: Path, model: type[Table], kind: str) -> list[Message]:
    """Say all that is wrong with a file, where `parse` says the most telling.

    Parameters are those of `parse`; a sound file has none.
    """
    try:
        text = read(path, kind)
        content = _content(text, path.name, kind)
    except InputError as error:
        return [error.message]
    try:
        model.model_validate(content)
    except ValidationError as error:
        found = sorted(error.errors(), key=_rank)
        return list(dict.fromkeys(_explained(each, model, path.name, text) for each in found))
    return []


def _content(text: str, name: str, kind: str) -> dict[str, Any]:
    _check_text(text, name, kind)
    try:
        content = tomllib.loads(text)
        return dict(_shown(content)) if "\\" in text else content  # only so can controls be written
    except RecursionError:
        raise InputError("{name}: not valid TOML: nested too deeply", name=name) from None
    except ValueError as error:  # also a number of more digits than Python reads
        raise InputError("{name}: not valid TOML: {error}", name=name, error=error) from None
