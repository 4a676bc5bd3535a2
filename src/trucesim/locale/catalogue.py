"""Texts by language and key: English in the modules, translations in gettext catalogues here.

A catalogue (`es.po`) is read when a text in its language is first asked for, and as it stands:
nothing is compiled, so that an edited text shows at the next start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from trucesim.files.errors import InputError

LANGUAGES = ("en", "es")
"""The first is that of the modules; each other one has a catalogue."""

FOLDER = Path(__file__).resolve().parent
"""Where catalogues are."""

LARGEST_CATALOGUE = 2 * 1024 * 1024
"""Bytes."""

_NEXT = {
    "": ("msgctxt", "msgid"),
    "msgctxt": ("", "msgid"),
    "msgid": ("", "msgstr"),
    "msgstr": ("", "msgctxt", "msgid"),
}
"""By the last field of an entry, "" if it has none: what may follow, "" for more of its text."""

_LINE = re.compile(r'(msgctxt|msgid|msgstr|)\s*"((?:[^"\\]|\\[nrt"\\])*)"')
_ESCAPED = {r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\"": '"', r"\\": "\\"}


class _Texts(Mapping[str, dict[str, str]]):
    def __init__(self, english: dict[str, str], context: str) -> None:
        self._by_language = {LANGUAGES[0]: english}
        self._context = context

    def __getitem__(self, lang: str) -> dict[str, str]:
        if lang not in self._by_language:
            self._by_language[lang] = self._translated(lang)
        return self._by_language[lang]

    def __iter__(self) -> Iterator[str]:
        return iter(LANGUAGES)

    def __len__(self) -> int:
        return len(LANGUAGES)

    def _translated(self, lang: str) -> dict[str, str]:
        if lang not in LANGUAGES:
            raise KeyError(lang)
        known = translations(FOLDER / f"{lang}.po")
        return {
            key: known.get((f"{self._context}:{key}", text)) or known.get((key, text), text)
            for key, text in self._by_language[LANGUAGES[0]].items()
        }


def catalogue(english: dict[str, str], context: str = "") -> Mapping[str, dict[str, str]]:
    """Give a module's texts by language, then key; what has no translation stays English.

    Parameters
    ----------
    english : dict
        Texts by key.
    context : str, optional
        The module's name, where it shares a key and its English with another module but not the
        translation: an entry whose context is ``context:key`` goes before one of ``key``.
    """
    return _Texts(english, context)


@cache
def translations(path: Path) -> dict[tuple[str, str], str]:
    """Read a catalogue.

    Parameters
    ----------
    path : Path
        A gettext catalogue (.po) in UTF-8, without plural forms.

    Returns
    -------
    dict
        Translations by context and English text. As in gettext, entries that are empty or marked
        fuzzy are none.

    Raises
    ------
    InputError
        A file that is missing, too large or broken, or an entry that stands there twice.
    """
    found: dict[tuple[str, str], str] = {}
    for line, entry in _entries(path):
        name = entry.get("msgctxt", ""), entry["msgid"]
        if name in found:
            raise InputError(f"{path}, line {line}: the entry {name} stands there twice")
        found[name] = "" if "fuzzy" in entry else entry["msgstr"]
    found.pop(("", ""), None)
    return {name: said for name, said in found.items() if said}


def _entries(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each entry by field, with the line on which its translation begins."""
    entry: dict[str, str] = {}
    last, begun = "", 0
    for number, line in enumerate(_lines(path), 1):
        fuzzy = line.startswith("#,") and "fuzzy" in line
        if not line or (line.startswith("#") and not fuzzy):
            continue
        field, said = ("fuzzy", "") if fuzzy else _field(line, last, f"{path}, line {number}")
        if not field:
            entry[last] += said
            continue
        if last == "msgstr":
            yield begun, entry
            entry, last = {}, ""
        entry[field] = said
        if not fuzzy:
            last, begun = field, number
    if last not in ("", "msgstr"):
        raise InputError(f"{path}, line {begun}: the file ends in the midst of an entry")
    if last:
        yield begun, entry


def _field(line: str, last: str, where: str) -> tuple[str, str]:
    """Read a line: the field that it begins, if it begins one, and what it says."""
    read = _LINE.fullmatch(line)
    if read is None or read[1] not in _NEXT[last]:
        allowed = " or ".join(f'{field} "..."'.strip() for field in _NEXT[last])
        raise InputError(
            f"{where}: {line[:60]!r}: it must be {allowed}, or a comment; "
            rf"escapes are \n, \r, \t, \" and \\"
        )
    return read[1], re.sub(r"\\.", lambda each: _ESCAPED[each[0]], read[2])


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_CATALOGUE + 1)
    except OSError as error:
        raise InputError(f"no catalogue {path}: {error.strerror}") from None
    if len(content) > LARGEST_CATALOGUE:
        raise InputError(f"{path} is larger than a catalogue may be, {LARGEST_CATALOGUE} bytes")
    try:
        return [line.strip() for line in content.decode("utf-8").split("\n")]
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: not UTF-8") from None
