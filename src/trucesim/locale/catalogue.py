"""Texts in the language that is spoken: English in the modules, translations in catalogues here.

Which language is spoken belongs to the context (a thread, a task), so that two that speak at once
never mix. A catalogue (`es.po`) is read when a text in its language is first asked for, and as it
stands: nothing is compiled ahead, so that an edited text shows at the next start.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from trucesim.files.errors import InputError, Message, StoreError, nearest, said_by_system

LANGUAGES = (
    "en",
    "es",
)
"""The first is that of the modules; each other one has a catalogue."""

FOLDER = Path(__file__).resolve().parent
"""Where catalogues are."""

LARGEST_CATALOGUE = 2 * 1024 * 1024
"""Bytes."""

_spoken = ContextVar("language", default=LANGUAGES[0])


def spoken() -> str:
    """Give the language that is spoken here: English where none was chosen."""
    return _spoken.get()


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak a language within a ``with``: texts, tables, figures and reports are in it.

    Parameters
    ----------
    lang : {'en', 'es'}

    Raises
    ------
    InputError
        No such language.

    Notes
    -----
    A new thread speaks English until it chooses.
    """
    token = _spoken.set(check_language(lang))
    try:
        yield
    finally:
        _spoken.reset(token)


def by_language(tell: Callable[[], str]) -> dict[str, str]:
    """Give a text in every language."""
    told = {}
    for lang in LANGUAGES:
        with speaking(lang):
            told[lang] = tell()
    return told


def check_language(lang: str) -> str:
    """Give a language back if there is such a one."""
    if lang not in LANGUAGES:
        raise InputError(
            "no text in {lang!r}{hint}; there is: {allowed}", lang=lang,
            hint=nearest(lang, LANGUAGES), allowed=", ".join(LANGUAGES),
        )  # fmt: skip
    return lang


class _Texts(Mapping[str, str]):
    def __init__(self, english: dict[str, str], context: str) -> None:
        self._english, self._context = english, context

    def __getitem__(self, key: str) -> str:
        text = self._english[key]
        if self._context:
            own = translated(text, f"{self._context}:{key}")
            if own != text:
                return own
        return translated(text, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._english)

    def __len__(self) -> int:
        return len(self._english)


def catalogue(english: dict[str, str], context: str = "") -> Mapping[str, str]:
    """Give a module's texts by key, in the language spoken when one is looked up.

    Parameters
    ----------
    english : dict
        Texts by key. What has no translation stays English.
    context : str, optional
        The module's name, where it shares a key and its English with another module but not the
        translation: an entry whose context is ``context:key`` goes before one of ``key``.
    """
    return _Texts(english, context)


def translated(text: str, context: str = "") -> str:
    """Give a text in the language that is spoken; as it is where its catalogue has none.

    Parameters
    ----------
    text : str
        The English.
    context : str, optional
        Of its entry (``msgctxt``), where that has one.
    """
    lang = _spoken.get()
    if lang == LANGUAGES[0] or not text:
        return text
    # Not a Path, which is slow to be looked up by.
    known = translations(f"{FOLDER}/{lang}.po")
    return known.pgettext(context, text) if context else known.gettext(text)


def told(given: str | InputError | StoreError) -> str:
    """Say a message, or what is wrong, in the language that is spoken."""
    message = Message(given) if isinstance(given, str) else given.message
    return message.told(translated)


@cache
def translations(path: str | Path) -> gettext.NullTranslations:
    """Read a catalogue.

    Parameters
    ----------
    path : str or Path
        A gettext catalogue (.po) in UTF-8. Entries that are empty or marked fuzzy are none.

    Raises
    ------
    InputError
        A file that is missing, too large or broken, or an entry that stands there twice.
    """
    import polib

    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_CATALOGUE + 1)
    except OSError as error:
        raise InputError(
            "no catalogue {path}: {reason}", path=path, reason=said_by_system(error)
        ) from None
    if len(content) > LARGEST_CATALOGUE:
        raise InputError(
            "{path} is larger than a catalogue may be, {most} bytes", path=path,
            most=LARGEST_CATALOGUE,
        )  # fmt: skip
    try:
        read = polib.pofile(content.decode("utf-8"), check_for_duplicates=True)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError("{path}, line {line}: not UTF-8", path=path, line=line) from None
    except (OSError, ValueError) as error:
        raise InputError("{path}: {error}", path=path, error=error) from None
    begun = sum(line.lstrip().startswith(b"msgid ") for line in content.splitlines())
    ended = sum(not each.obsolete for each in read) + bool(read.metadata)
    if begun != ended:
        raise InputError(
            "{path}: {begun} entries begin and {ended} end: is a quote missing?",
            path=path, begun=begun, ended=ended,
        )  # fmt: skip
    return gettext.GNUTranslations(io.BytesIO(read.to_binary()))
