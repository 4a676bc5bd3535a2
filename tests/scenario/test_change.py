"""Settings of the command line change a scenario, or are refused."""

from __future__ import annotations

import datetime as dt

import pytest
from days import conditions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trucesim.files.errors import InputError
from trucesim.parameters import CONDITIONS, PARAMETERS, Parameter
from trucesim.runs.sampling import point_values
from trucesim.scenario.change import by_own_hazard, with_settings, without_truce
from trucesim.scenario.file import load_scenario, read_scenario, shipped, text_of
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import load_country


def test_settings_change_parameters_and_conditions(truce: Scenario) -> None:
    changed = with_settings(
        truce,
        [
            "turnover = 0.3",
            "funds=true@2013-07-01",
            "minister=supportive@2013-06-15",
            "cliques=1e3",
        ],
    )
    assert dict(changed.parameters) == {"turnover": 0.3, "cliques": 1000.0}
    assert changed.zones == truce.zones
    assert all(event in changed.events for event in truce.events)
    assert list(changed.events) == sorted(changed.events, key=lambda event: event.date)
    on = conditions(changed, dt.date(2013, 7, 1))
    assert on["funds"] is True
    assert on["minister"] == "supportive"
    assert conditions(changed, dt.date(2013, 6, 14))["minister"] == "hostile"
    assert dict(truce.parameters) == {}
    assert with_settings(truce, []).digest == truce.digest


def test_a_counterfactual_keeps_the_treatment_of_the_gangs_answers(truce: Scenario) -> None:
    assert without_truce(truce) == load_scenario("no-truce")
    record = load_scenario("as-recorded")
    without = without_truce(record)
    assert without.start == {"answers": 1.0}
    of_kind = {
        answer: [event for event in without.events if (event.kind == "answer") == answer]
        for answer in (True, False)
    }
    assert of_kind[True] == [event for event in record.events if event.kind == "answer"]
    assert of_kind[False] == list(load_scenario("no-truce").events)
    assert without.first_order is None


def test_setting_wins_on_a_day_with_an_event(truce: Scenario) -> None:
    changed = with_settings(truce, ["guarantor=no@2012-07-12"])
    assert conditions(changed, dt.date(2012, 7, 12))["guarantor"] is False


def test_a_changed_scenario_is_the_same_when_it_is_read_back(truce: Scenario) -> None:
    settings = ["guarantor=no@2012-07-12", "repression=2@2012-07-12", "turnover=0.3"]
    changed = with_settings(truce, settings)
    again = read_scenario(text_of(changed), changed.name)
    assert again.digest == changed.digest
    assert conditions(again, dt.date(2012, 7, 12)) == conditions(changed, dt.date(2012, 7, 12))


def test_an_order_that_is_set_is_another_than_the_one_on_its_day(truce: Scenario) -> None:
    changed = with_settings(truce, ["order=own@2012-03-09"])
    for each in (changed, read_scenario(text_of(changed), changed.name)):
        assert each.digest == changed.digest
        on = conditions(each, dt.date(2012, 3, 9))
        assert (on["order"], on["order_of"]) == (["own"] * 4, ["any"] * 4)
        assert on["channel"] == ["open"] * 4


def test_every_shipped_scenario_is_the_same_when_it_is_read_back() -> None:
    for name in shipped():
        scenario = load_scenario(name)
        assert read_scenario(text_of(scenario), name) == scenario


def test_last_setting_wins(truce: Scenario) -> None:
    changed = with_settings(truce, ["turnover=0.3", "turnover=0.4"])
    assert changed.parameters["turnover"] == 0.4


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=PARAMETERS)
def test_every_point_value_can_be_set(parameter: Parameter, truce: Scenario) -> None:
    name, value = parameter.name, point_values()[parameter.name]
    shown = parameter.show(value)
    text = str(shown).lower() if isinstance(shown, bool) else str(shown)
    assert with_settings(truce, [f"{name}={text}"]).parameters[name] == value


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("turnover", ["write name=value, or name=value@2013-06-01"]),
        ("", ["write name=value"]),
        ("@2013-06-01", ["write name=value"]),
        ("=", ["unknown parameter ''"]),
        ("turnovr=0.2", ["unknown parameter 'turnovr'", "did you mean 'turnover'?"]),
        ("fund=true@2013-06-01", ["unknown condition 'fund'", "did you mean 'funds'?"]),
        ("funds=true", ["funds is a dated condition", "funds=...@2013-06-01"]),
        ("turnover=0.2@2013-06-01", ["turnover holds for the whole run"]),
        ("turnover=2", ["a number from 0.05 to 0.5"]),
        ("turnover=", ["a number from 0.05 to 0.5"]),
        ("turnover=much", ["'much'", "a number from 0.05 to 0.5"]),
        ("turnover=true", ["True", "a number from 0.05 to 0.5"]),
        ("turnover=nan", ["'nan'", "a number from 0.05 to 0.5"]),
        ("turnover=inf", ["'inf'", "a number from 0.05 to 0.5"]),
        ("turnover=-inf", ["'-inf'", "a number from 0.05 to 0.5"]),
        ("turnover=1e999", ["'1e999'", "a number from 0.05 to 0.5"]),
        ("soldiers=nan@2013-06-01", ["'nan'", "a whole number from 0 to 50000"]),
        ("soldiers=10.5@2013-06-01", ["10.5", "a whole number from 0 to 50000"]),
        ("minister=hostil@2013-06-01", ["'hostil'", "did you mean 'hostile'?"]),
        ("minister=0@2013-06-01", ["'hostile', 'neutral', 'supportive'"]),
        ("funds=1@2013-06-01", ["true or false"]),
        ("funds=true@", ["'' is not a date like 2013-06-01"]),
        ("funds=true@tomorrow", ["'tomorrow' is not a date like 2013-06-01"]),
        ("funds=true@2013-02-30", ["'2013-02-30' is not a date"]),
        ("funds=true@2017-01-01", ["2017-01-01 is outside the run", "2009-01-01 to 2016-12-31"]),
    ],
)
def test_wrong_setting(setting: str, words: list[str], truce: Scenario) -> None:
    with pytest.raises(InputError) as caught:
        with_settings(truce, [setting])
    message = str(caught.value)
    assert message.startswith(f"--set {setting}: ")
    for word in words:
        assert word in message


# --- Whatever is given ------------------------------------------------------------------------

# The folder of a test is shared by its examples: each writes the one file anew.
quick = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
names = st.sampled_from([*PARAMETERS, *CONDITIONS])
days = st.one_of(st.dates().map(str), st.text(max_size=10))
plain = st.one_of(st.floats().map(str), st.integers().map(str), st.text(max_size=10))
any_setting = st.one_of(
    st.text(max_size=60),
    st.builds("{}={}".format, names, plain),
    st.builds("{}={}@{}".format, names, plain, days),
)


@quick
@given(given=st.lists(any_setting, max_size=3))
def test_any_settings_hold_or_are_refused(given: list[str], truce: Scenario) -> None:
    try:
        changed = with_settings(truce, given)
    except InputError:
        return
    for name, value in changed.parameters.items():
        assert PARAMETERS[name].low <= value <= PARAMETERS[name].high
    for event in changed.events:
        assert calendar.START <= event.date <= calendar.END


@quick
@given(data=st.data())
def test_any_value_within_bounds_holds(data: st.DataObject, truce: Scenario) -> None:
    numbers = [each for each in PARAMETERS.values() if not each.choices]
    each = data.draw(st.sampled_from(numbers))
    value = (
        float(data.draw(st.integers(int(each.low), int(each.high))))
        if each.whole
        else data.draw(st.floats(each.low, each.high))
    )
    assert with_settings(truce, [f"{each.name}={value!r}"]).parameters[each.name] == value


def test_by_own_hazard_takes_out_the_answers_from_a_day_on() -> None:
    recorded = load_scenario("as-recorded")
    since = dt.date(2015, 2, 1)
    own = by_own_hazard(recorded, since)
    answers = {event.id for event in recorded.events if event.kind == "answer"}
    gone = {event.id for event in recorded.events} - {event.id for event in own.events}
    assert gone == {"attack-2015", "own-order-barrio-18", "own-order-2016"} < answers
    rows = own.timeline(load_country())
    before = rows["first_day"] < calendar.day_of(since)
    assert (rows["answers"][before] == 1.0).all()
    assert (rows["answers"][~before] == 0.0).all()
    # The order of January stands, and is known for the one that it is.
    assert (rows["order"][-1][:3] == 2.0).all()
    assert (rows["order_of"][-1][:3] == 4.0).all()
    # The state's responses stay.
    kept = {event.id for event in own.events if event.kind == "response"}
    assert kept == {event.id for event in recorded.events if event.kind == "response"}
    # Of a scenario without dated answers nothing changes but what it says.
    truce = load_scenario("truce-2012")
    same = by_own_hazard(truce, since).timeline(load_country())
    assert (
        same[same["first_day"] != calendar.day_of(since)] == truce.timeline(load_country())
    ).all()
