"""What gangs are called: by their names or, where no name may be said, by letters.

A text writes a gang as a field, ``{ms13}``, which is filled in when the text is said.
``{the_ms13}`` has its article, and ``{of_ms13}`` is its possessive: "MS-13's" or "gang A's", in
Spanish "de la MS-13" or "de la pandilla A". How gangs are called belongs to the context, as the
language does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from trucesim.files.errors import InputError, nearest
from trucesim.locale.catalogue import LANGUAGES, catalogue, speaking, spoken, translated

type Naming = Literal["name", "letter", "field"]

TEXT = catalogue(
    {
        "name.ms13": "MS-13",
        "name.the_ms13": "MS-13",
        "name.of_ms13": "MS-13's",
        "name.barrio18": "Barrio 18",
        "name.the_barrio18": "Barrio 18",
        "name.of_barrio18": "Barrio 18's",
        "name.surenos": "Sureños",
        "name.the_surenos": "the Sureños",
        "name.of_surenos": "Sureños'",
        "name.revolucionarios": "Revolucionarios",
        "name.the_revolucionarios": "the Revolucionarios",
        "name.of_revolucionarios": "Revolucionarios'",
        "letter.ms13": "gang A",
        "letter.the_ms13": "gang A",
        "letter.of_ms13": "gang A's",
        "letter.barrio18": "gangs B and C",
        "letter.the_barrio18": "gangs B and C",
        "letter.of_barrio18": "gangs B and C's",
        "letter.surenos": "gang B",
        "letter.the_surenos": "gang B",
        "letter.of_surenos": "gang B's",
        "letter.revolucionarios": "gang C",
        "letter.the_revolucionarios": "gang C",
        "letter.of_revolucionarios": "gang C's",
    }
)

_own: list[Mapping[str, Mapping[str, str]]] = [{}]
"""What gangs of the country that is spoken of are called, by slot and language."""

FIELDS = {name: f"{{{name}}}" for key in TEXT if (name := key.removeprefix("name.")) != key}
"""By name, as a text writes them."""

_naming: ContextVar[Naming] = ContextVar("naming", default="name")


def naming() -> Naming:
    """Give how gangs are called here: by their names where nothing was chosen."""
    return _naming.get()


@contextmanager
def calling(how: Naming) -> Iterator[None]:
    """Call gangs so within a ``with``.

    Parameters
    ----------
    how : {'name', 'letter', 'field'}
        With ``field`` texts stay as they are written, to be filled in later.
    """
    token = _naming.set(how)
    try:
        yield
    finally:
        _naming.reset(token)


@contextmanager
def named(names: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """Call gangs by a country's own names within a ``with``, in all threads.

    Parameters
    ----------
    names : mapping of str to mapping of str to str
        By slot, such as "ms13", and by language; empty for El Salvador's.
    """
    _own.append(names)
    try:
        yield
    finally:
        _own.pop()


def called(text: str) -> str:
    """Fill in what the gangs in a text are called, in the language that is spoken."""
    if "{" not in text or naming() == "field":
        return text
    for name, field in FIELDS.items():
        if field in text:
            own = _own_name(name) if naming() == "name" and _own[-1] else None
            text = text.replace(field, own or TEXT[f"{naming()}.{_there(name)}"])
    return text


def _there(name: str) -> str:
    """Give the field of the gang that is there, where Barrio 18 is one: by letter it is B alone."""
    one = _own[-1] and "revolucionarios" not in _own[-1]
    return name.replace("barrio18", "surenos") if one else name


def own_names() -> dict[str, str]:
    """Give what the country that is spoken of calls its gangs, by slot; none of El Salvador's."""
    lang = spoken()
    return {slot: each.get(lang, each[LANGUAGES[0]]) for slot, each in _own[-1].items()}


def _own_name(name: str) -> str:
    """Give what a country calls a gang, with article or as a possessive as a field's name says."""
    form, _, slot = name.rpartition("_")
    slots = ("surenos", "revolucionarios") if slot == "barrio18" else (slot,)
    lang = spoken()
    there = [_own[-1][each] for each in slots if each in _own[-1]]
    told = translated("{a} and {b}")
    names = [each.get(lang, each[LANGUAGES[0]]) for each in there] or [translated("no such gang")]
    said = names[0] if len(names) == 1 else told.format(a=names[0], b=names[1])
    return translated("{gang}'s").format(gang=said) if form == "of" else said


def check_fields(text: str, where: str) -> None:
    """Refuse a field that is no gang but like one; other words in braces stand as they are.

    Raises
    ------
    InputError
    """
    for name in re.findall(r"\{(\w+)\}", text):
        if name not in FIELDS and nearest(name, FIELDS):
            allowed = ", ".join(FIELDS.values())
            raise InputError(
                "{where}: {given} names no gang{nearest}; in braces stand: {allowed}",
                where=where, given=f"{{{name[:40]}}}", nearest=nearest(name, FIELDS),
                allowed=allowed,
            )  # fmt: skip


class Words(Mapping[str, str]):
    """A text by language, as it may be shown: gangs are called as they are here.

    Parameters
    ----------
    written : mapping
        By language, with gangs as fields. A language that it lacks gets the English.
    """

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = dict(written)

    def __getitem__(self, lang: str) -> str:
        text = self._written[lang if lang in self._written else LANGUAGES[0]]
        with speaking(lang):
            return called(text)

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)

    def __repr__(self) -> str:
        return repr(self._written)
