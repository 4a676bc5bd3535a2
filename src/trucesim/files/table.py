"""Tables as spreadsheets save them: bytes to text, text to cells, cells to numbers.

Encoding and separator are found out from the file, the marks of numbers from all cells of a column
at once. Nothing here knows what a table is about, and nothing is evaluated.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from trucesim.files.errors import InputError, Message, said_by_system

MAX_BYTES = 10_000_000
"""Largest file that is read; 262 municipalities by month over twenty years take some 2 MB."""

MAX_ROWS = 100_000
"""The same by month over thirty years."""

MAX_COLUMNS = 1000
"""A month a column over eighty years."""

SEPARATORS = {
    ";": Message("semicolons"),
    "\t": Message("tabs"),
    ",": Message("commas"),
    "|": Message("bars"),
}

MARKS = (
    (b"\xef\xbb\xbf", "utf-8", "UTF-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32-be", "UTF-32"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)
"""Byte order marks, the longer before the shorter."""

OF_ONE_BYTE = {"cp1252": "Windows-1252", "cp850": "MS-DOS 850", "mac_roman": "Macintosh"}
"""Encodings that spreadsheets save in, the most usual first."""

KINDS = (
    (b"PK\x03\x04", Message("a compressed file (zip)")),
    (b"\xd0\xcf\x11\xe0", Message("a workbook of Excel (.xls)")),
    (b"%PDF", Message("a PDF")),
    (b"\x1f\x8b", Message("a compressed file (gzip)")),
    (b"7z\xbc\xaf", Message("a compressed file (7z)")),
    (b"Rar!", Message("a compressed file (rar)")),
    (b"\x89PNG", Message("a picture")),
    (b"\xff\xd8\xff", Message("a picture")),
    (b"GIF8", Message("a picture")),
    (b"PAR1", Message("a Parquet file")),
    (b"\x89HDF", Message("an HDF5 or netCDF file")),
    (b"CDF", Message("a netCDF file")),
    (b"SQLite format 3", Message("a database (SQLite)")),
    (b"$FL2", Message("a file of SPSS")),
    (b"<stata_dta>", Message("a file of Stata")),
)
"""First bytes of what is no text."""

IN_ZIP = (
    (b"xl/", Message("a workbook of Excel (.xlsx)")),
    (b"opendocument.spreadsheet", Message("a workbook of LibreOffice (.ods)")),
    (b"word/", Message("a document of Word (.docx)")),
    (b"Index/Document.iwa", Message("a workbook of Numbers")),
)

TEXTS = (
    ("{\\rtf", Message("a text document (RTF)")),
    ("<?xml", Message("an XML file")),
    ("<", Message("a web page (HTML)")),
    ("{", Message("a JSON file")),
    ("[{", Message("a JSON file")),
)
"""How text begins that is no table."""

_SPANISH = "áéíóúüñÁÉÍÓÚÜÑ"
_WESTERN = "àâãäçèêëìîïòôõöùûßÀÂÃÄÇÈÊËÌÎÏÒÔÕÖÙÛ"
_SIGNS = "¿¡°º²³ª«»‘’“”–—…·•€´±©®\xa0"
_TWICE = re.compile("[ÂÃ][\x80-\xbf]")
"""What letters beyond ASCII become when UTF-8 is read as an encoding of one byte."""


class Row(NamedTuple):
    """A row that is not empty: where it begins in the file, its number in a spreadsheet, cells."""

    line: int
    number: int
    cells: list[str]


@dataclass
class Sheet:
    """The cells of a file.

    Attributes
    ----------
    path : Path
    rows : list of Row
        Cells without blanks around them.
    encoding, separator : str
        What the file turned out to be in, and between columns, as told.
    """

    path: Path
    rows: list[Row]
    encoding: str
    separator: str
    notes: list[Message] = field(default_factory=list)

    def where(self, row: Row, column: int | None = None) -> Message:
        """Say where a row or a cell is, as an editor and as a spreadsheet show it."""
        if column is None:
            return Message("{path}, line {line}", path=self.path, line=row.line)
        return Message(
            "{path}, line {line} (cell {cell})", path=self.path, line=row.line,
            cell=f"{letters(column)}{row.number}",
        )  # fmt: skip


def letters(column: int) -> str:
    """Name a column, counted from 0, as a spreadsheet does: A, B, ..., Z, AA."""
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def seen(text: str, most: int = 40) -> str:
    """Give a cell as it may be shown: on one line, without control characters, not too long."""
    clean = "".join(each if each.isprintable() else " " for each in text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def read_sheet(path: Path, most: int = MAX_BYTES) -> Sheet:
    """Read a table.

    Parameters
    ----------
    path : Path
    most : int
        Bytes.

    Returns
    -------
    Sheet

    Raises
    ------
    InputError
        Unreadable, too large, no text, broken bytes, or no CSV.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise InputError(
            "{path}: cannot be read ({reason})", path=path, reason=said_by_system(error)
        ) from None
    _check_kind(path, content)
    if len(content) > most:
        raise InputError(
            "{path}: larger than {most:g} MB, the most that is read", path=path, most=most / 1e6
        )
    text, encoding = decode(path, content)
    notes = []
    if _TWICE.search(text):
        text, notes = _once(text), [Message("letters that were encoded twice were mended")]
    begun = text.lstrip().casefold()
    for start, what in TEXTS:
        if begun.startswith(start):
            raise _no_table(path, what)
    separator, given = _separator(text)
    rows = list(_split(path, text, separator, given))
    return Sheet(path, rows, encoding, SEPARATORS.get(separator, repr(separator)), notes)


def _no_table(path: Path, what: Message) -> InputError:
    return InputError(
        "{path}: {what}; expected a table as CSV: open it in a spreadsheet and save the sheet as "
        "'CSV UTF-8'", path=path, what=what,
    )  # fmt: skip


def _check_kind(path: Path, content: bytes) -> None:
    """Refuse what is no text by its first bytes.

    Raises
    ------
    InputError
        Says what it is, and to save it as CSV.
    """
    for start, what in KINDS:
        if content.startswith(start):
            inside = [each for mark, each in IN_ZIP if start.startswith(b"PK") and mark in content]
            raise _no_table(path, (inside or [what])[0])


def decode(path: Path, content: bytes) -> tuple[str, str]:
    """Turn bytes into text and name the encoding.

    A byte order mark says what it is; then UTF-8 is tried, UTF-16 without a mark, and the
    encoding of one byte in which all letters are such as Spanish has.

    Raises
    ------
    InputError
        Broken or mixed bytes, with their line.
    """
    for mark, encoding, name in MARKS:
        if content.startswith(mark):
            return _decoded(path, content[len(mark) :], encoding, name), name
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(content) > 1 and content[first::2].count(0) > 0.4 * len(content[first::2]):
            return _decoded(path, content, encoding, "UTF-16"), "UTF-16"
    try:
        return _decoded(path, content, "utf-8", "UTF-8"), "UTF-8"
    except InputError:
        # Letters that only UTF-8 has so: the rest is not in another encoding, but broken.
        if re.search(rb"\0|\xc2[\xa0-\xbf]|\xc3[\x80-\xbf]|\xe2\x80[\x90-\xaf]", content):
            raise
    for encoding, name in OF_ONE_BYTE.items():
        text = content.decode(encoding, errors="replace")
        if _odd(text, _SPANISH) is None:
            return text, name
    text = content.decode("cp1252", errors="replace")
    odd = _odd(text, _SPANISH + _WESTERN)
    if odd is None:
        return text, OF_ONE_BYTE["cp1252"]
    raise InputError(
        "{path}, line {line}: bytes that are no letters in UTF-8 or Windows-1252; save the file "
        "anew as 'CSV UTF-8'", path=path, line=text.count("\n", 0, odd) + 1,
    )  # fmt: skip


def _decoded(path: Path, content: bytes, encoding: str, name: str) -> str:
    """Decode strictly.

    Raises
    ------
    InputError
        Broken bytes, or a character that is no text.
    """
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding, errors="ignore")
        raise InputError(
            "{path}, line {line}: broken bytes, no {name}; save the file anew as 'CSV UTF-8'",
            path=path, line=before.count("\n") + 1, name=name,
        ) from None  # fmt: skip
    if "\0" in text:
        raise InputError(
            "{path}, line {line}: a character that is no text (NUL); save the file anew as 'CSV "
            "UTF-8'", path=path, line=text.count("\n", 0, text.index("\0")) + 1,
        )  # fmt: skip
    return text


def _odd(text: str, letters: str) -> int | None:
    """Find a character that is none of the letters, or a sign inside a word."""
    for match in re.finditer(r"[^\x00-\x7f]", text):
        place = match.start()
        around = text[max(place - 1, 0) : place], text[place + 1 : place + 2]
        if match.group() in letters:
            # A capital after a small letter is what other encodings' letters look like.
            if match.group().isupper() and around[0].islower():
                return place
        elif match.group() not in _SIGNS or all(each.islower() for each in around):
            return place
    return None


def _once(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252 and encoded again, letter by letter."""

    def mended(match: re.Match[str]) -> str:
        try:
            return match.group().encode("latin-1").decode("utf-8")
        except UnicodeError:
            return match.group()

    return _TWICE.sub(mended, text)


def _separator(text: str) -> tuple[str, bool]:
    """Find what stands between columns, and whether a first line ``sep=;`` says so.

    It is what gives most rows the same number of cells, and of two that do the one with more.
    """
    first = re.match(r'"?sep=(.)"?\s*?(\r\n|\n|\r)', text, re.IGNORECASE)
    if first:
        return first.group(1), True

    def evenness(separator: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text[:500_000], newline=""), delimiter=separator)
        try:
            widths = Counter(len(cells) for cells in reader if any(map(str.strip, cells)))
        except csv.Error:
            return 0, 0
        return max(((rows, width) for width, rows in widths.items() if width > 1), default=(0, 0))

    scores = {separator: evenness(separator) for separator in SEPARATORS}
    best = max(scores, key=lambda each: scores[each])
    return (best if scores[best][0] else ","), False


def _split(path: Path, text: str, separator: str, given: bool) -> Iterator[Row]:
    """Give the rows that are not empty.

    Raises
    ------
    InputError
        No CSV, or too many columns.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins, number, filled = 1, -int(given), 0
    try:
        for cells in reader:
            line, begins, number = begins, reader.line_num + 1, number + 1
            if given and number == 0:
                continue
            if len(cells) > MAX_COLUMNS:
                raise InputError(
                    "{path}, line {line}: {count:,} columns; {most:,} at most", path=path,
                    line=line, count=len(cells), most=MAX_COLUMNS,
                )  # fmt: skip
            cells = [tidy(cell) for cell in cells]
            if not any(cells):
                continue
            filled += 1
            if filled > MAX_ROWS:
                raise InputError(
                    "{path}: more than {most:,} rows, the most that are read", path=path,
                    most=MAX_ROWS,
                )  # fmt: skip
            yield Row(line, number, cells)
    except csv.Error as error:
        raise InputError(
            "{path}, line {line}: no CSV ({error})", path=path, line=begins, error=error
        ) from None


_BLANKS = re.compile(r"\s+")
_UNSEEN = "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
_ALIKE = str.maketrans(
    dict.fromkeys("’‘´`ʼ", "'") | dict.fromkeys("−‒", "-") | dict.fromkeys(_UNSEEN, "")
)
_TEXT_FORMULA = re.compile(r'="(.*)"')


def tidy(cell: str) -> str:
    """Take off blanks, a text's apostrophe or ``="..."``, and write signs that look alike alike."""
    cell = _BLANKS.sub(" ", cell.translate(_ALIKE)).strip()
    formula = _TEXT_FORMULA.fullmatch(cell)
    cell = formula.group(1) if formula else cell
    return cell[1:].strip() if cell.startswith("'") else cell


@lru_cache(10_000)
def words(text: str) -> tuple[str, ...]:
    """Give the words of a title or a name: small letters without accents, and numbers."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return tuple(re.findall(r"[^\W\d_]+|\d+", plain))


UNKNOWN = {
    "", "-", "--", "---", "–", "—", ".", "..", "...", "…", "*", "?", "na", "n/a", "n.a.", "n.a",
    "#n/a", "#n/d", "#na", "nan", "null", "none", "nd", "n/d", "n.d.", "n.d", "s/d", "s.d.", "s.d",
    "sd", "s/i", "s/n", "sin dato", "sin datos", "sin información", "no disponible", "no data",
    "not available", "unknown", "missing", "desconocido", "(blank)", "(en blanco)",
}  # fmt: skip
"""What stands in a cell whose value nobody knows."""


class Notation(NamedTuple):
    """How numbers are written: the mark of decimals and that of thousands."""

    decimal: str
    thousands: str


POINT, COMMA = Notation(".", ","), Notation(",", ".")

_GRAMMAR = {
    each: re.compile(
        rf"(?P<sign>[+-]?)(?P<whole>[1-9]\d{{0,2}}(?P<mark>[{each.thousands} '])\d{{3}}"
        rf"(?:(?P=mark)\d{{3}})*|\d+)?(?:[{each.decimal}](?P<part>\d*))?(?P<power>e[+-]?\d{{1,3}})?",
        re.ASCII | re.IGNORECASE,
    )
    for each in (POINT, COMMA)
}


def number(cell: str, notation: Notation) -> float | None:
    """Read a number as written in a notation; None where it is not."""
    match = _GRAMMAR[notation].fullmatch(cell)
    if match is None or not (match["whole"] or match["part"]):
        return None
    whole = re.sub(r"\D", "", match["whole"] or "0")
    return float(f"{match['sign']}{whole}.{match['part'] or 0}{match['power'] or ''}")


def notations(cells: Iterable[str]) -> dict[str, tuple[float | None, float | None]]:
    """Give what each different cell is in either notation, point first."""
    return {cell: (number(cell, POINT), number(cell, COMMA)) for cell in dict.fromkeys(cells)}
