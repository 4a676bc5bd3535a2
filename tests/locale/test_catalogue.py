"""Texts: the reader of catalogues beside Babel's, and es.po beside the modules."""

from __future__ import annotations

import re
import string
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from hypothesis import given
from hypothesis import strategies as st
from spoken import texts_in

from trucesim import InputError
from trucesim.cli import main as cli
from trucesim.cli import tables
from trucesim.compilation import PACKAGE
from trucesim.locale import catalogue as catalogues
from trucesim.locale import texts
from trucesim.locale.catalogue import LANGUAGES, catalogue, translations

SPANISH = catalogues.FOLDER / "es.po"

Name = tuple[str, str]

MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
    for path in PACKAGE.rglob("*.py")
    if re.search(r"^TEXT = catalogue\(", path.read_text(encoding="utf-8"), re.MULTILINE)
)


def by_babel(path: Path) -> dict[Name, str]:
    with path.open("rb") as file:
        read = read_po(file, abort_invalid=True)
    return {
        (each.context or "", each.id): each.string
        for each in read
        if each.id and each.string and not each.fuzzy
    }


def names_of(module: str) -> dict[str, Name]:
    """Give a module's texts as es.po names them, with the module's name where it is there."""
    known, english = translations(SPANISH), import_module(f"trucesim.{module}").TEXT
    own = {key: (f"{module}:{key}", text) for key, text in english.items()}
    return {key: own[key] if own[key] in known else (key, english[key]) for key in english}


def fields(text: str) -> tuple[set[str], int]:
    """Give the fields in braces, and how many have no name."""
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    return set(names), names.count("")


# --- The Spanish catalogue ----------------------------------------------------------------------


def test_every_module_with_texts_is_found() -> None:
    assert {"cli.tables", "figures.canvas", "locale.texts", "reports.validation"} <= set(MODULES)
    tables_of_two = re.compile(r"^TEXT\b.*= {", re.MULTILINE)
    for path in PACKAGE.rglob("*.py"):
        assert not tables_of_two.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("module", MODULES)
def test_no_text_is_without_its_translation(module: str) -> None:
    known = translations(SPANISH)
    missing = [name for name in names_of(module).values() if not known.get(name, "").strip()]
    assert missing == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_shows_its_translations(module: str) -> None:
    known, text = translations(SPANISH), import_module(f"trucesim.{module}").TEXT
    assert text["es"] == {key: known[name] for key, name in names_of(module).items()}
    assert list(text["es"]) == list(text["en"])


def test_no_translation_is_left_over_and_each_says_whose_it_is() -> None:
    users: dict[Name, list[str]] = {}
    for module in MODULES:
        path = f"src/trucesim/{module.replace('.', '/')}.py"
        for name in names_of(module).values():
            users.setdefault(name, []).append(path)
    with SPANISH.open("rb") as file:
        read = [each for each in read_po(file) if each.id]
    told = {(each.context or "", each.id): [path for path, _ in each.locations] for each in read}
    assert told == users
    first = [paths[0] for paths in told.values()]
    assert first == sorted(first), "entries stand by module"


def test_fields_are_the_same_in_both_languages() -> None:
    for (key, english), spanish in translations(SPANISH).items():
        assert fields(english) == fields(spanish), key


# --- The reader ---------------------------------------------------------------------------------

ODD = r"""# A comment.
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

#. Extracted.
#: src/a.py
#, python-brace-format
msgctxt "one"
msgid ""
"Two {lines}\n"
"\tand a \"quote\" \\ backslash"
msgstr ""
"Dos {lines}\n"
"\ty una \"cita\" \\ barra"
msgid "no blank line before, no context"
msgstr "ni línea en blanco, ni contexto"

#, fuzzy, python-brace-format
#| msgid "older"
msgctxt "unsure"
msgid "newer"
msgstr "más viejo"

msgctxt "empty"
msgid "not yet"
msgstr ""

msgctxt "after"
msgid "sure"
msgstr "seguro"

#~ msgctxt "gone"
#~ msgid "obsolete"
#~ msgstr "obsoleto"
"""


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    translations.cache_clear()
    return path


def test_the_reader_agrees_with_babel() -> None:
    assert translations(SPANISH) == by_babel(SPANISH)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_reader_agrees_with_babel_on_what_is_rare(tmp_path: Path, end: str) -> None:
    path = written(tmp_path / "es.po", ODD.replace("\n", end))
    read = translations(path)
    assert read == by_babel(path)
    assert read["one", 'Two {lines}\n\tand a "quote" \\ backslash'].endswith("\\ barra")
    assert len(read) == 3


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)


@given(said=st.dictionaries(st.tuples(TEXTS, TEXTS), TEXTS, max_size=5))
def test_what_babel_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, said: dict[Name, str]
) -> None:
    made = Catalog(locale="es")
    for (context, english), spanish in said.items():
        made.add(english, spanish, context=context)
    path = tmp_path_factory.mktemp("po") / "es.po"
    with path.open("wb") as file:
        write_po(file, made)
    translations.cache_clear()
    assert translations(path) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('msgid "a"\nmsgstr "b"\nnonsense\n', r"line 3: 'nonsense': it must be .* or msgctxt"),
        ('msgid "a"\nmsgstr "b\n', "line 2"),
        ('msgid "a"\n\nmsgstr "b\\q"\n', r"line 3.*escapes are"),
        ('msgid "a"\nmsgid "b"\n', r'line 2.*must be "\.\.\." or msgstr "\.\.\."'),
        ('msgctxt "a"\nmsgstr "b"\n', r"line 2.*or msgid"),
        ('"a"\n', r"line 1.*must be msgctxt"),
        ('msgid "a"\nmsgid_plural "b"\n', "line 2: 'msgid_plural"),
        ('msgid "a"\nmsgstr "b"\n\n\nmsgid "c"\n# end\n', "line 5: the file ends in the midst"),
        ('msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n', r"line 4: the entry \('', 'a'\).*twice"),
        ('msgid "a"\nmsgstr "ó"\n'.encode("latin-1"), "line 2: not UTF-8"),
    ],
)  # fmt: skip
def test_a_broken_catalogue_is_refused(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(InputError, match=rf"es\.po, {said}") as refused:
        translations(written(tmp_path / "es.po", content))
    assert "\n" not in str(refused.value)


def test_a_catalogue_is_there_and_bounded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no catalogue .*es\.po"):
        translations(tmp_path / "es.po")
    large = written(tmp_path / "es.po", b"#" * (catalogues.LARGEST_CATALOGUE + 1))
    with pytest.raises(InputError, match=r"larger than a catalogue may be, \d+ bytes"):
        translations(large)


# --- Texts by language --------------------------------------------------------------------------


def test_texts_are_a_mapping_of_languages() -> None:
    assert tuple(texts.TEXT) == LANGUAGES
    assert len(texts.TEXT) == len(LANGUAGES)
    english, spanish = texts.TEXT.values()
    assert (english, spanish) == (texts.TEXT, texts_in("es", texts.TEXT))
    assert "fr" not in texts.TEXT
    with pytest.raises(KeyError):
        texts.TEXT["fr"]


def test_an_edited_catalogue_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    english = {key: texts.TEXT[key] for key in ("guess.title", "tab.guess", "tab.watch")}
    edited = SPANISH.read_text(encoding="utf-8")
    for old, new in (
        (f'msgstr "{texts_in("es", texts.TEXT)["guess.title"]}"', 'msgstr "Otro título"'),
        (f'msgstr "{texts_in("es", texts.TEXT)["tab.watch"]}"', 'msgstr ""'),
    ):
        assert old in edited
        edited = edited.replace(old, new)
    written(tmp_path / "es.po", edited)
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    shown = catalogue(english)
    assert shown["es"]["guess.title"] == "Otro título"
    assert shown["es"]["tab.watch"] == shown["en"]["tab.watch"] == "Watch one run"


def test_a_module_may_have_a_translation_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = 'msgctxt "{}"\nmsgid "met"\nmsgstr "{}"\n'
    written(tmp_path / "es.po", entries.format("met", "a") + entries.format("b.c:met", "b"))
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    assert catalogue({"met": "met"})["es"] == {"met": "a"}
    assert catalogue({"met": "met"}, context="b.c")["es"] == {"met": "b"}
    assert catalogue({"met": "met"}, context="d")["es"] == {"met": "a"}


def test_a_broken_catalogue_ends_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path / "es.po", "nonsense\n")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    monkeypatch.setattr(tables, "TEXT", catalogue(tables.TEXT))
    assert cli.main(["describe", "--lang", "es"]) == 2
    assert "es.po, line 1: 'nonsense'" in capsys.readouterr().err
