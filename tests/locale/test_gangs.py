"""What gangs are called: a field is filled in as the context says, and no other field is taken."""

from __future__ import annotations

import re

import pytest

from trucesim import InputError
from trucesim.locale.catalogue import speaking
from trucesim.locale.gangs import FIELDS, TEXT, Words, called, calling, naming
from trucesim.parameters import PARAMETERS
from trucesim.scenario.file import load_scenario, read_scenario, text_of

FILE = """extends = "no-truce"
[title]
en = "Without {barrio18}"
es = "Sin {the_barrio18}"
[story]
en = "MS-13 {%s"
es = "{of_ms13}"
"""


@pytest.mark.parametrize(
    ("lang", "name", "letter"),
    [("en", "MS-13's share", "gang A's share"),
     ("es", "Proporción de la MS-13", "Proporción de la pandilla A")],
)  # fmt: skip
def test_a_field_is_what_the_gang_is_called_here(lang: str, name: str, letter: str) -> None:
    label = PARAMETERS["ms13_share"].label
    with speaking(lang):
        assert label() == name
        with calling("letter"):
            assert label() == letter
            with calling("field"):
                assert "{of_ms13}" in label()
        assert naming() == "name"
    assert {f"{how}.{name}" for how in ("name", "letter") for name in FIELDS} == set(TEXT)


def test_a_text_is_filled_in_with_the_names_of_its_own_language() -> None:
    words = Words({"en": "order {of_barrio18}", "es": "orden {of_barrio18}"})
    with speaking("es"):
        assert words["en"] == "order Barrio 18's"
    assert words.get("es") == "orden del Barrio 18"
    assert words == {"en": "order Barrio 18's", "es": "orden del Barrio 18"}
    assert called("{ms13 {y}") == "{ms13 {y}"


def test_a_file_writes_fields_and_keeps_them() -> None:
    scenario = read_scenario(FILE % "sic", "mine")
    assert scenario.title["es"] == "Sin el Barrio 18"
    with calling("letter"):
        assert scenario.title["en"] == "Without gangs B and C"
        assert scenario.story["en"] == "MS-13 {sic"  # what was written plainly stays
        again = text_of(scenario)
    assert "Without {barrio18}" in again
    assert read_scenario(again, "mine").story == scenario.story
    event = next(e for e in load_scenario("as-recorded").events if "barrio" in e.id)
    assert (event.en, event.text["en"]) == ("{of_barrio18} own order", "Barrio 18's own order")


@pytest.mark.parametrize(("field", "hint"), [("msl3", "ms13"), ("of_surenio", "of_surenos")])
def test_another_field_is_refused(field: str, hint: str) -> None:
    told = f"mine.toml:6: story.en: {{{field}}} names no gang (did you mean '{hint}'?)"
    with pytest.raises(InputError, match=re.escape(told)):
        read_scenario(FILE % (field + "}"), "mine")
    event = '[[event]]\nid = "x"\ndate = 2012-01-01\nen = "{%s}"\nes = "b"\nsource = "c"\n'
    event += "set = { guarantor = true }\n"
    with pytest.raises(
        InputError, match=rf"event 'x': \{{{field}\}} names no gang.*; in braces stand: \{{ms13"
    ):
        read_scenario(FILE % "" + event % field, "mine")
    # Other words in braces are the writer's own.
    events = read_scenario(FILE % "" + event % "y", "mine").events
    assert "{y}" in [each.text["en"] for each in events]
