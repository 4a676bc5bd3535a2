"""Cases, levers and words of the workshop: what they make, refuse, and say."""

from __future__ import annotations

import ast
import datetime as dt
import re
import string
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoken import in_language

from trucesim import InputError, load_country, load_scenario
from trucesim.files.reading import LARGEST_FILE
from trucesim.locale import texts
from trucesim.locale.catalogue import LANGUAGES, speaking
from trucesim.locale.gangs import calling
from trucesim.locale.texts import TEXT, Problem
from trucesim.parameters import CONDITIONS, PARAMETERS
from trucesim.runs.sampling import shipped_draws
from trucesim.scenario.file import shipped
from trucesim.studies import cases
from trucesim.studies.cases import (
    Assumption,
    Case,
    Course,
    Signing,
    checked_value,
    differences,
    posterior_span,
    read_link,
    shipped_case,
    uploaded_case,
)
from trucesim.studies.levers import LEVERS, OPTIONS, Step, course
from trucesim.studies.sources import told_of

TRUCE = LEVERS["truce"].states[0]
EARLY = Course("guarantor", (Step(dt.date(2012, 3, 9), (1.0,)),))


@pytest.fixture
def truce_case() -> Case:
    return shipped_case("truce-2012")


@pytest.mark.parametrize("name", shipped())
def test_a_case_written_as_a_file_is_read_back_to_the_same_digest(
    name: str, tmp_path: Path
) -> None:
    case = shipped_case(name)
    for each in (case, case.changed(Assumption("turnover", 0.1))):
        path = tmp_path / "case.toml"
        path.write_text(each.toml(), encoding="utf-8")
        assert load_scenario(path).digest == each.scenario.digest


@pytest.mark.parametrize("name", shipped())
def test_the_course_that_a_scenario_has_is_no_change(name: str) -> None:
    case = shipped_case(name)
    for lever in LEVERS.values():
        same = case.changed(Course(lever.name, course(case.base, lever)))
        assert same.standing == ()
        assert same.scenario is case.base


def test_every_condition_and_every_lever_among_parameters_has_a_control() -> None:
    assert sorted(name for each in LEVERS.values() for name in each.conditions) == sorted(
        CONDITIONS
    )
    assert set(OPTIONS) == {name for name, each in PARAMETERS.items() if each.kind == "lever"}


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_changes_the_case(truce_case: Case, name: str) -> None:
    each = OPTIONS[name]
    values = range(len(each.choices)) if each.choices else (each.low, each.high)
    other = next(v for v in values if v != each.default)
    changed = truce_case.changed(Assumption(name, checked_value(each, f"{other:g}")))
    assert changed.scenario.digest != truce_case.scenario.digest


def test_a_course_replaces_the_scenarios_and_leaves_the_rest(truce_case: Case) -> None:
    changed = truce_case.changed(EARLY).scenario
    assert course(changed, LEVERS["guarantor"]) == EARLY.steps
    for name in set(LEVERS) - {"guarantor"}:
        assert course(changed, LEVERS[name]) == course(truce_case.base, LEVERS[name])
    kept = {event.id for event in changed.events} & {e.id for e in truce_case.base.events}
    assert kept == {e.id for e in truce_case.base.events} - {"guarantor", "guarantor-leaves"}


def test_moving_the_truce_moves_all_that_makes_it_and_gives_the_order_once(
    truce_case: Case,
) -> None:
    states = LEVERS["truce"].states
    begins, narrows, ends = (dt.date(year, 6, 1) for year in (2011, 2012, 2013))
    steps = (Step(begins, states[0]), Step(narrows, states[4]), Step(ends, states[2]))
    case = truce_case.changed(Course("truce", steps))
    assert course(case.scenario, LEVERS["truce"]) == steps
    timeline = case.scenario.timeline(load_country())
    day_of = {step.date: (step.date - dt.date(2009, 1, 1)).days for step in steps}
    for step, ordered in zip(steps, (begins, begins, ends), strict=True):
        row = timeline[timeline["first_day"] == day_of[step.date]][0]
        for name, value in zip(LEVERS["truce"].conditions, step.values, strict=True):
            assert (row[name] == value).all()
        # A channel that narrows is no new order: what has worn off stays so.
        assert (row["ordered"] == day_of[ordered] + 1).all()


@pytest.mark.parametrize("name", shipped())
def test_every_step_of_a_shipped_truce_has_words(name: str) -> None:
    lever = LEVERS["truce"]
    steps = course(load_scenario(name), lever)
    assert len(steps) == {"no-truce": 0, "leaders-stay-connected": 2}.get(name, 7)
    assert {step.values for step in steps} <= set(lever.states)
    for lang in LANGUAGES:
        assert len({in_language(lang, lever.told, state) for state in lever.states}) == len(
            lever.states
        )


def test_zones_that_would_sign_before_the_truce_are_left_out_and_named(truce_case: Case) -> None:
    late = truce_case.changed(Course("truce", (Step(dt.date(2013, 2, 1), TRUCE),)))
    codes = {zone.code for zone in truce_case.base.zones if zone.first < dt.date(2013, 2, 1)}
    assert set(late.left_out()) == codes
    assert len(codes) == 4
    assert not codes & {zone.code for zone in late.scenario.zones}
    assert "Ilopango" in in_language("es", late.told)[-1]
    never = truce_case.changed(Course("truce", ()))
    assert never.scenario.zones == ()


def test_a_zone_dropped_and_signed_again_is_the_documented_one(truce_case: Case) -> None:
    zone = next(zone for zone in truce_case.base.zones if zone.first != zone.last)
    gone = truce_case.changed(Signing(zone.code, None))
    assert gone.signs(zone.code) is None
    back = gone.changed(Signing(zone.code, zone.first))
    assert back.scenario.digest == truce_case.scenario.digest
    other = truce_case.changed(Signing("0101", dt.date(2013, 5, 1)))
    assert other.signs("0101") == dt.date(2013, 5, 1)


def test_undo_and_reset(truce_case: Case) -> None:
    one = truce_case.changed(EARLY)
    two = one.changed(Assumption("turnover", 0.1))
    assert two.undone() == one
    assert two.undone().scenario.digest == one.scenario.digest
    assert two.reset().scenario is truce_case.base
    assert truce_case.undone() == truce_case


def test_only_what_is_documented_is_no_counterfactual(truce_case: Case) -> None:
    told = {name: shipped_case(name).counterfactual for name in shipped()}
    assert [name for name, counterfactual in told.items() if not counterfactual] == [
        "truce-2012", "as-recorded",
    ]  # fmt: skip
    assert truce_case.changed(EARLY).counterfactual


def test_a_case_says_where_it_leaves_what_was_fitted(truce_case: Case) -> None:
    assert truce_case.departures() == []
    funds = truce_case.changed(Course("funds", (Step(dt.date(2013, 2, 4), (1.0,)),)))
    assert "Funds arrive" in funds.departures()[0]
    low, high = posterior_span("sanction") or (0.0, 0.0)
    assert (
        in_language("es", truce_case.changed(Assumption("sanction", (low + high) / 2)).departures)
        == []
    )
    outside = in_language("es", truce_case.changed(Assumption("sanction", 0.0)).departures)
    assert len(outside) == 1
    assert "Sanción" in outside[0]


def test_the_posteriors_interval_is_that_of_its_weighted_draws() -> None:
    draws = shipped_draws()
    weights = np.diff(np.concatenate([[0.0], draws.reached]))
    for name in ("sanction", "hiding"):
        values = draws.values[:, draws.names.index(name)]
        low, high = posterior_span(name) or (0.0, 0.0)
        assert weights[values < low].sum() < 0.05 <= weights[values <= low].sum()
        assert weights[values < high].sum() < 0.95 <= weights[values <= high].sum()
    assert posterior_span("police") is None


# Links


def test_a_link_gives_the_case_back(truce_case: Case) -> None:
    case = truce_case
    for change in (
        EARLY,
        Signing("0101", dt.date(2013, 5, 1)),
        Signing(truce_case.base.zones[0].code, None),
        Assumption("turnover", 0.12345),
        Course("repression", (Step(dt.date(2014, 1, 1), (2.125,)),)),
        Course("extension", (Step(dt.date(2013, 4, 6), (4.0, 1.0)),)),
    ):
        case = case.changed(change)
    link = case.link()
    assert link is not None
    assert len(link) < 300
    assert read_link(link).scenario.digest == case.scenario.digest


@pytest.mark.parametrize(
    "link",
    [
        "", "nowhere", "truce-2012~", "truce-2012~guarantor", "truce-2012~guarantor=20990101-1",
        "truce-2012~guarantor=20120101-7", "truce-2012~guarantor=2012-1", "truce-2012~x=1",
        "truce-2012~z9999=20130101", "truce-2012~p.turnover=9", "truce-2012~p.turnover=nan",
        "truce-2012~p.none=1", "truce-2012~repression=20120101-abc", "../truce-2012",
        "truce-2012~guarantor=20120101-1_20120101-0", "truce-2012~" + "z0101=20130101~" * 900,
        "truce-2012~guarantor=20120101-0.5", "truce-2012~guarantor=99999999-1",
    ],
)  # fmt: skip
def test_a_link_that_is_none_is_refused(link: str) -> None:
    with pytest.raises(InputError):
        read_link(link)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=string.printable, max_size=80))
def test_no_link_does_more_than_be_refused(tail: str) -> None:
    with suppress(InputError):
        assert read_link("truce-2012~" + tail).scenario.name.startswith("truce-2012")


# Files


def test_an_uploaded_file_is_checked_as_any_file() -> None:
    text = shipped_case("truce-2012").toml()
    case = uploaded_case(text.encode(), "C:\\fakepath\\mi caso.toml")
    assert case.base.name == "mi-caso"
    assert case.scenario.digest == load_scenario("truce-2012").digest
    assert case.link() is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"", "empty"),
        (b"x = ", "TOML"),
        (b"extends = '/etc/passwd'\n", "missing"),
        (b"#" * (LARGEST_FILE + 1), "at most"),
        (b"a" * 9000, "characters"),
    ],
)
def test_an_uploaded_file_that_is_no_scenario_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        uploaded_case(content, "x.toml")


def test_an_uploaded_file_may_extend_shipped_scenarios_only(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(shipped_case("truce-2012").toml(), encoding="utf-8")
    words = 'title = { en = "x", es = "x" }\nstory = { en = "x", es = "x" }\n'
    with pytest.raises(InputError, match="shipped one only"):
        uploaded_case(f'extends = "{other}"\n{words}'.encode(), "x.toml")
    assert uploaded_case(f'extends = "no-truce"\n{words}'.encode(), "x.toml").base.events


# Words


def test_differences_name_what_differs_and_nothing_else(truce_case: Case) -> None:
    a = truce_case.scenario
    assert differences(a, a) == []
    changed = truce_case.changed(EARLY).changed(Signing("0101", dt.date(2013, 5, 1)))
    rows = differences(a, changed.scenario)
    assert [row[0] for row in rows] == ["Guarantor present", "Violence-free zones"]
    assert rows[0][1:] == ("12 Jul 2012 to 1 Jun 2014", "from 9 Mar 2012 on")
    own = load_scenario("as-recorded")
    *answers, at_start = in_language("es", differences, a, own)
    assert {row[0] for row in answers} == {"Hecho"}
    assert len(answers) == sum(event.kind == "answer" for event in own.events)
    assert "26/03/2016" in answers[-1][2]
    assert at_start[1:] == ("por azar, según el modelo", "solo en los días fijados")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_pair_of_shipped_scenarios_has_its_difference_in_words(lang: str) -> None:
    all_of_them = [load_scenario(name) for name in shipped()]
    for a in all_of_them:
        for b in all_of_them:
            told = in_language(lang, differences, a, b)
            assert bool(told) == (a.digest != b.digest), (a.name, b.name)


def test_every_text_that_is_said_exists_and_every_text_is_said() -> None:
    """Read the sources: keys are literals, or begin with one."""
    root = Path(texts.__file__).parents[1]
    whole, begun = set(), set()
    for path in root.rglob("*.py"):
        if path.name == "texts.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
    for path in root.rglob("templates/*.html"):
        for said in re.findall(r'"([\w.-]+)"', path.read_text(encoding="utf-8")):
            (begun if said.endswith((".", "_")) else whole).add(said)
    prefixes = {each for each in begun if "." in each and each.replace(".", "").isidentifier()}
    root_texts = Path(texts.__file__).read_text(encoding="utf-8").partition("class Problem")[2]
    unsaid = [
        key
        for key in {each.removesuffix(texts.ELSEWHERE) for each in {*TEXT} - whole}
        if key not in whole
        and f'"{key}"' not in root_texts
        and not any(key.startswith(prefix) for prefix in prefixes)
    ]
    assert unsaid == []


def test_every_control_says_what_it_is_and_where_that_comes_from() -> None:
    for lang in LANGUAGES:
        for lever in LEVERS.values():
            assert in_language(lang, lever.label)
            for each in lever.declared:
                assert in_language(lang, each.meaning_in) in in_language(lang, lever.help)
                source = in_language(lang, told_of, in_language(lang, each.source_in))
                assert source in in_language(lang, lever.help)


def test_problems_are_told_in_both_languages(truce_case: Case) -> None:
    with pytest.raises(Problem) as caught:
        truce_case.changed(Course("guarantor", (Step(dt.date(2020, 1, 1), (1.0,)),)))
    assert "01/01/2020" in in_language("es", caught.value.told)
    assert "1 Jan 2020" in caught.value.told()


def test_workshop_mode_names_no_gang(truce_case: Case) -> None:
    def all_texts() -> list[str]:
        found = [
            tell() for e in PARAMETERS.values() for tell in (e.label, e.meaning_in, e.source_in)
        ]
        for case in (changed, *map(shipped_case, shipped())):
            scenario = case.scenario
            found += [words[lang] for words in (scenario.story, scenario.title)]
            found += [event.text[lang] for event in scenario.events]
            found += case.told()
        return found

    names = re.compile("MS-13|Barrio 18|Sureños|Revolucionarios|[{}]")
    changed = truce_case.changed(Assumption("surenos_share", 0.4))
    # What a case tells of itself is kept, and is not to keep the names that gangs have now.
    assert changed.scenario
    for lang in LANGUAGES:
        with speaking(lang), calling("letter"):
            assert [text for text in all_texts() if names.search(text)] == []
        with speaking(lang):
            open_ = all_texts()
        assert any("Sureños" in text for text in open_)
        assert not any("{" in text for text in open_)


def test_changes_are_bounded(truce_case: Case) -> None:
    case = truce_case
    for row in range(cases.MOST_CHANGES + 20):
        case = replace(case, changes=case.changes)
        case = case.changed(Assumption("turnover", 0.1 + row / 10_000))
    assert len(case.changes) == cases.MOST_CHANGES
    assert len(case.standing) == 1
