"""Errors in both languages: every template has its Spanish, and fields stay apart until told."""

from __future__ import annotations

import ast
import copy
import datetime as dt
import pickle
import string
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import polib
import pytest
from spoken import in_language
from texts_used import SPANISH, SPEAKS

from trucesim.cli import main
from trucesim.compilation import PACKAGE
from trucesim.files.errors import InputError, Message, StoreError, nearest, said_by_system, some
from trucesim.files.reading import Table, parse_text
from trucesim.locale.catalogue import told
from trucesim.locale.texts import Problem, Said, problem_told
from trucesim.parameters import CONDITIONS, PARAMETERS
from trucesim.scenario.file import load_scenario, read_scenario
from trucesim.world.country import load_country
from trucesim.world.periods import NotRecorded, parse

LATER = {"workshop"}
"""Rooms whose errors may still be written with f-strings."""

KINDS = SPEAKS - {"translated"}


def in_both(given: str | InputError | StoreError) -> tuple[str, str]:
    return in_language("en", told, given), in_language("es", told, given)


def refused(act: object, *given: object) -> InputError:
    with pytest.raises(InputError) as caught:
        act(*given)  # type: ignore[operator]
    return caught.value


# --- Templates ----------------------------------------------------------------------------------


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in KINDS and "usb" not in path.parts:
                    yield path, node


def fields(text: str) -> set[tuple[str, str, str]]:
    """Give the fields in braces, each with its format and how it is converted."""
    parts = string.Formatter().parse(text)
    return {(name, form or "", how or "") for _, name, form, how in parts if name is not None}


def test_every_template_has_its_spanish_with_the_same_fields() -> None:
    entries = polib.pofile(SPANISH.read_text(encoding="utf-8"))
    spanish = {each.msgid: each.msgstr for each in entries if not each.msgctxt}
    count = 0
    for path, call in calls():
        template = call.args[0]
        if not isinstance(template, ast.Constant):
            continue
        english = template.value
        assert isinstance(english, str)
        if not any(letter.islower() for letter in "".join(_words(english))):
            continue
        count += 1
        found = spanish.get(english)
        assert found, f"{path}:{call.lineno}: no Spanish for {english!r}"
        assert found[:1].isspace() == english[:1].isspace(), english
        if call.keywords:
            assert fields(found) == fields(english), f"{path}:{call.lineno}"
    assert count > 400


def _words(text: str) -> Iterator[str]:
    return (words for words, *_ in string.Formatter().parse(text) if words)


def test_fields_that_are_given_are_those_of_the_template() -> None:
    for path, call in calls():
        template, names = call.args[0], {each.arg for each in call.keywords}
        if isinstance(template, ast.Constant) and names and None not in names:
            assert {name for name, *_ in fields(template.value)} == names, f"{path}:{call.lineno}"


def test_no_template_is_put_together() -> None:
    for path, call in calls():
        if LATER.isdisjoint(path.relative_to(PACKAGE).parts):
            put_together = ast.JoinedStr | ast.BinOp | ast.IfExp
            assert not isinstance(call.args[0], put_together), f"{path}:{call.lineno}"


# --- Telling ------------------------------------------------------------------------------------


def test_a_message_is_its_english_and_is_told_in_the_language_that_is_spoken() -> None:
    whole = Message("a whole number")
    inner = Message("{number} from {low:g} to {high:g}{unit}{none}",
                    number=whole, low=0, high=2.5, unit="", none="")  # fmt: skip
    message = Message("{where}: {key} = {value}, but it must be {allowed}",
                      where="a.toml:3", key="x", value=9, allowed=inner)  # fmt: skip
    assert message == "a.toml:3: x = 9, but it must be a whole number from 0 to 2.5"
    assert in_both(message) == (
        "a.toml:3: x = 9, but it must be a whole number from 0 to 2.5",
        "a.toml:3: x = 9, pero debe ser un número entero de 0 a 2.5",
    )
    assert f"{message}" == str(message) == message


def test_without_fields_a_text_is_taken_as_it_stands() -> None:
    error = InputError("a {brace} and {another")
    assert str(error) == "a {brace} and {another"
    assert in_both(error) == (str(error), str(error))


def test_an_error_within_an_error_is_told_too() -> None:
    inner = refused(parse, "2012-13")
    outer = InputError("{where}: {error}", where="e.toml:4", error=inner)
    assert str(outer) == f"e.toml:4: {inner}"
    assert in_both(outer)[1].startswith("e.toml:4: período '2012-13': ")
    assert isinstance(inner, ValueError)
    assert isinstance(StoreError("x"), RuntimeError)


def test_the_nearest_name_is_told() -> None:
    assert nearest("mercy", ["mercury", "b"]) == " (did you mean 'mercury'?)"
    assert in_both(nearest("mercy", ["mercury"]))[1] == " (¿quiso decir 'mercury'?)"
    assert not nearest("mercy", ["x"])
    assert in_both(nearest("reach_hostile", []))[1].startswith(" (se quitó después")


def test_names_are_counted_beyond_the_first() -> None:
    assert in_both(some(list("abc"), 2)) == ("a, b and 1 more", "a, b y 1 más")
    assert in_both(some(["{"], 2)) == ("{", "{")


@pytest.mark.parametrize("name", [*PARAMETERS, *CONDITIONS])
def test_what_is_allowed_is_told(name: str) -> None:
    declared = (PARAMETERS | CONDITIONS)[name]
    english, spanish = in_both(declared.allowed)
    assert english == declared.allowed
    for word in ("number", "from", "without", "one of", " or "):
        assert word not in spanish


def test_what_pydantic_says_is_told() -> None:
    class Small(Table):
        kind: str

    error = refused(parse_text, "kind = 3", "a.toml", Small, Message("a scenario"))
    assert in_both(error) == (
        "a.toml:1: kind = 3: input should be a valid string",
        "a.toml:1: kind = 3: debe ser un texto",
    )
    error = refused(parse_text, "kin = 'a'", "a.toml", Small, Message("a scenario"))
    assert in_both(error)[1] == (
        "a.toml:1: clave desconocida 'kin' (¿quiso decir 'kind'?); se admiten: kind"
    )


def test_what_the_system_says_is_told() -> None:
    error = refused(_open_missing)
    assert in_both(error)[1] == "x: no se puede leer: no existe el archivo o la carpeta"


def _open_missing() -> None:
    try:
        Path("missing").read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            "{name}: cannot be read: {reason}", name="x", reason=said_by_system(error)
        ) from None


@pytest.mark.parametrize(
    ("text", "spanish"),
    [
        ("[parameters]\nrival_share = 7", "pero debe ser un número de 0.3 a 0.8"),
        ("extends = 'x.toml'", "solo puede ampliar uno de los incluidos"),
        ("drop = ['x']\nextends = 'truce-2012'", "nada se llama 'x'"),
        ("oops", "no es TOML válido"),
        ("[[event]]\nid = 'a'\ndate = 2030-01-01\nen = 'a'\nes = 'a'\nsource = 'a'\n"
         "[event.set]\nguarantor = true", "2030-01-01 está fuera de la simulación"),
    ],
)  # fmt: skip
def test_a_wrong_scenario_is_told(text: str, spanish: str) -> None:
    head = "" if "oops" in text else "title = {en = 'a', es = 'a'}\nstory = {en = 'a', es = 'a'}\n"
    text = f"{head}{text}" if text.startswith("[") else f"{text}\n{head}"
    error = refused(read_scenario, text, "own")
    assert spanish in in_both(error)[1]
    assert in_both(error)[0] == str(error) != in_both(error)[1]


def test_several_places_are_told() -> None:
    country = load_country()
    name = next(each for each in country.names if country.names.count(each) > 1)
    english, spanish = in_both(refused(country.find, name, "zone"))
    assert " or " in english
    assert " o " in spanish
    assert " or " not in spanish


def test_a_problem_of_a_page_is_an_input_error_whose_fields_are_written_as_people_do() -> None:
    problem = Problem("problem.outside", date=dt.date(2020, 1, 2), first=dt.date(2009, 1, 1),
                      last=dt.date(2016, 12, 31))  # fmt: skip
    assert "2 Jan 2020" in str(problem)
    assert "02/01/2020" in in_both(problem)[1]
    assert in_language("es", problem.told) == in_both(problem)[1]
    wrapped = InputError("{where}: {error}", where="x", error=problem)
    assert in_both(wrapped)[1] == f"x: {in_both(problem)[1]}"
    assert in_both(problem)[1] in in_language("es", problem_told, wrapped, "problem.link")
    assert Said("yes") == "yes"


def test_a_title_is_told_in_the_language_that_is_spoken() -> None:
    title = load_scenario("truce-2012").title
    said = Said("history.first-day", title=title, names="")
    assert in_both(said)[0].startswith(title["en"])
    assert in_both(said)[1].startswith(title["es"])


# --- Other processes ----------------------------------------------------------------------------

ERRORS = [
    InputError("{where}: {error}", where="x", error=InputError("a {brace}")),
    StoreError("{path}: cannot be read: {error}", path=Path("a"), error=OSError(2, "gone", "a")),
    NotRecorded("{period}: the data hold no municipal counts", period=parse("2013")),
    InputError("{where}: {name} = {value!r}, but it must be {allowed}", where="x", name="y",
               value=3, allowed=PARAMETERS["rival_share"].allowed),
    Problem("problem.bounds", name=PARAMETERS["rival_share"], low=0.3, high=0.8),
]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: type(each).__name__)
def test_errors_come_back_whole(error: InputError) -> None:
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert in_both(again) == in_both(error)


def test_an_error_of_another_process_is_told_in_this_one() -> None:
    with get_context("spawn").Pool(1) as pool:
        error = refused(pool.apply, load_scenario, ("nothing",))
    english, spanish = in_both(error)
    assert english.startswith("no scenario 'nothing'")
    assert spanish.startswith("no hay ningún escenario 'nothing'")


# --- The command line ---------------------------------------------------------------------------

EXPERIMENT = """
scenarios = ["truce-2012"]
outcomes = ["recorded_2013"]
replicate = 3
title = {en = "a", es = "a"}
story = {en = "a", es = "a"}
[design]
kind = "factorial"
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run --set rival_share=7", "pero debe ser un número de 0.3 a 0.8"),
        ("run nothing", "no hay ningún escenario 'nothing'"),
        ("compare truce-2012 truce-2013", "(¿quiso decir 'truce-2012'?)"),
        ("run --set guarantor=true@2012-13-01", "no es una fecha como 2013-06-01"),
        ("run --set guarantor=true@2030-01-01", "está fuera de la simulación, de 2009-01-01 a"),
        ("sweep e.toml", "clave desconocida 'replicate' (¿quiso decir 'replicates'?)"),
        ("forecast --from 2025-01", "fuera del registro"),
        ("describe nothing", "nada se llama 'nothing'"),
        ("validate --panel nothing.csv", "no existe el archivo o la carpeta"),
        ("effects .", "no contiene ningún barrido"),
        ("compare truce-2012 no-truce --runs 1000", "linajes siguen el registro"),
    ],
)
def test_the_command_line_tells_errors_in_spanish(
    arguments: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "e.toml").write_text(EXPERIMENT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main([*arguments.split(), "--lang", "es"]) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def test_reference_is_told_in_spanish(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "guarantor", "--lang", "es"]) == 0
    assert "decisión; valor False; true o false" in capsys.readouterr().out
    assert main(["describe", "--steps", "--lang", "es"]) == 0
    assert "Todos ven quién está cerca" in capsys.readouterr().out
    assert main(["describe", "--lang", "es"]) == 0
    assert "incierto" in capsys.readouterr().out
