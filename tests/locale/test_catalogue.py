"""Texts: the reader of catalogues beside Babel's, and es.po beside the modules."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from spoken import texts_in
from texts_used import MODULES, SPANISH, Name, names_of, put_in_order, used, with_other_fields

from trucesim import InputError, cli
from trucesim.compilation import PACKAGE
from trucesim.locale import catalogue as catalogues
from trucesim.locale import texts
from trucesim.locale.catalogue import (
    LANGUAGES,
    by_language,
    catalogue,
    speaking,
    spoken,
    translated,
    translations,
)
from trucesim.parameters import CONDITIONS, PARAMETERS, Parameter


def by_babel(path: Path) -> dict[Name, str]:
    with path.open("rb") as file:
        read = read_po(file, abort_invalid=True)
    return {
        (each.context or "", each.id): each.string
        for each in read
        if each.id and each.string and not each.fuzzy
    }


def by_ours(path: Path, names: Iterable[Name]) -> dict[Name, str]:
    """Give what has a translation of its own."""
    read = translations(path)
    said = {
        (context, text): read.pgettext(context, text) if context else read.gettext(text)
        for context, text in names
    }
    return {name: told for name, told in said.items() if told != name[1]}


# --- The Spanish catalogue ----------------------------------------------------------------------


def test_every_module_with_texts_is_found() -> None:
    assert {"cli.tables", "figures.canvas", "locale.texts", "reports.validation"} <= set(MODULES)
    tables_of_two = re.compile(r"^TEXT\b.*= {", re.MULTILINE)
    for path in PACKAGE.rglob("*.py"):
        assert not tables_of_two.search(path.read_text(encoding="utf-8")), path


def test_no_text_is_without_its_translation() -> None:
    known = by_babel(SPANISH)
    assert [name for name in used(set(known)) if not known.get(name, "").strip()] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_shows_its_translations(module: str) -> None:
    known, texts = by_babel(SPANISH), import_module(f"trucesim.{module}").TEXT
    names = names_of(module, set(known))
    assert texts_in("es", texts) == {key: known[name] for key, name in names.items()}
    assert dict(texts) == {key: english for key, (_, english) in names.items()}


def test_no_translation_is_left_over_and_each_says_whose_it_is() -> None:
    with SPANISH.open("rb") as file:
        read = [each for each in read_po(file) if each.id]
    told = {(each.context or "", each.id): [path for path, _ in each.locations] for each in read}
    assert told == used(set(told))
    first = [paths[0] for paths in told.values()]
    assert first == sorted(first), "entries stand by module"


def test_the_catalogue_is_in_order(tmp_path: Path) -> None:
    """As `python tests/texts_used.py` leaves it."""
    path = tmp_path / "es.po"
    path.write_bytes(SPANISH.read_bytes())
    assert put_in_order(path) == []
    assert path.read_text(encoding="utf-8") == SPANISH.read_text(encoding="utf-8")


def test_fields_are_the_same_in_both_languages() -> None:
    assert with_other_fields() == []


@pytest.mark.parametrize("each", [*PARAMETERS.values(), *CONDITIONS.values()], ids=lambda x: x.name)
def test_what_is_declared_is_told(each: Parameter) -> None:
    with speaking("es"):
        told = [each.label(), each.meaning_in(), each.source_in(), each.unit_in()]
    for text in told:
        assert text.strip() == text != ""
        assert not text.endswith(".")
    # A citation may be the same in both languages, but not a sentence.
    assert told[1] != each.meaning
    english = {"assumption", "assumed", "prior", "only", "sources", "one", "the", "from", "killed"}
    assert not english & set(told[2].replace(",", " ").split())


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
    babel = by_babel(SPANISH)
    same = {name: said for name, said in babel.items() if said != name[1]}
    assert by_ours(SPANISH, babel) == same


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_reader_agrees_with_babel_on_what_is_rare(tmp_path: Path, end: str) -> None:
    path = written(tmp_path / "es.po", ODD.replace("\n", end))
    babel = by_babel(path)
    assert by_ours(path, babel) == babel
    assert babel["one", 'Two {lines}\n\tand a "quote" \\ backslash'].endswith("\\ barra")
    assert len(babel) == 3
    assert by_ours(path, [("unsure", "newer"), ("empty", "not yet"), ("gone", "obsolete")]) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('msgid "a"\nmsgstr "b"\nnonsense\n', ".*line 3"),
        ('msgid "a"\nmsgid "b"\n', ".*line 2"),
        ('msgctxt "a"\nmsgstr "b"\n', ".*line 2"),
        ('msgid "a" b\nmsgstr "c"\n', ".*line 1.*quote"),
        ('msgid "a\nmsgstr "b"\nmsgid "c"\nmsgstr "d"\n', "2 entries begin.*quote missing"),
        ('msgid "a"\nmsgstr "b"\nmsgid "c"\n# end\n', "2 entries begin and 1 end"),
        ('msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n', "'?Entry \"a\" already exists"),
        ('msgid "a"\nmsgstr "ó"\n'.encode("latin-1"), "line 2: not UTF-8"),
    ],
)  # fmt: skip
def test_a_broken_catalogue_is_refused(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(InputError, match=rf"es\.po[:,] {said}") as refused:
        translations(written(tmp_path / "es.po", content))
    assert "\n" not in str(refused.value)


def test_a_catalogue_is_there_and_bounded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no catalogue .*es\.po"):
        translations(tmp_path / "es.po")
    large = written(tmp_path / "es.po", b"#" * (catalogues.LARGEST_CATALOGUE + 1))
    with pytest.raises(InputError, match=r"larger than a catalogue may be, \d+ bytes"):
        translations(large)


# --- Texts by language --------------------------------------------------------------------------


def test_a_text_is_in_the_language_that_is_spoken() -> None:
    assert spoken() == "en"
    with speaking("es"):
        assert spoken() == "es"
        assert texts.TEXT["tab.watch"] != "Watch one run"
        with speaking("en"):
            assert texts.TEXT["tab.watch"] == "Watch one run"
        assert translated("cliques") == "clicas"
        assert translated("no such text") == "no such text"
    assert spoken() == "en"
    assert by_language(lambda: translated("cliques")) == {"en": "cliques", "es": "clicas"}
    with pytest.raises(InputError, match=r"no text in 'fr'.*there is: en, es"), speaking("fr"):
        pass
    assert "no.such.key" not in texts.TEXT
    assert len(texts.TEXT) == len(list(texts.TEXT))


def test_languages_spoken_at_once_never_mix() -> None:
    """Two threads and two tasks, each in its language, in turns."""
    turns = threading.Barrier(2, timeout=10)
    heard: dict[str, list[str]] = {}

    def speak(lang: str) -> None:
        with speaking(lang):
            for _ in range(50):
                turns.wait()
                heard.setdefault(lang, []).append(translated("cliques"))

    threads = [threading.Thread(target=speak, args=(lang,)) for lang in LANGUAGES]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert heard == {"en": ["cliques"] * 50, "es": ["clicas"] * 50}

    async def say_often(lang: str) -> set[str]:
        said = set()
        with speaking(lang):
            for _ in range(50):
                await asyncio.sleep(0)
                said.add(translated("cliques"))
        return said

    async def both() -> list[set[str]]:
        return await asyncio.gather(*map(say_often, LANGUAGES))

    assert asyncio.run(both()) == [{"cliques"}, {"clicas"}]


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
    shown = texts_in("es", catalogue(english))
    assert shown["guess.title"] == "Otro título"
    assert shown["tab.watch"] == english["tab.watch"] == "Watch one run"


def test_a_module_may_have_a_translation_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = 'msgctxt "{}"\nmsgid "met"\nmsgstr "{}"\n'
    written(tmp_path / "es.po", entries.format("met", "a") + entries.format("b.c:met", "b"))
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    assert texts_in("es", catalogue({"met": "met"})) == {"met": "a"}
    assert texts_in("es", catalogue({"met": "met"}, context="b.c")) == {"met": "b"}
    assert texts_in("es", catalogue({"met": "met"}, context="d")) == {"met": "a"}


def test_a_broken_catalogue_ends_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path / "es.po", "nonsense\n")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    assert cli.main(["describe", "--lang", "es"]) == 2
    assert "es.po: Syntax error in po file (line 1)" in capsys.readouterr().err
