"""The agents' life and the compiled one are the same life."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from lives import (
    assert_lives_agree,
    assert_same,
    eventful_setting,
    live_as_agents,
    live_compiled,
    small_country,
)

from trucesim import agents
from trucesim.engine.tables import State
from trucesim.engine.user_rules import shipped_rules
from trucesim.engine.week import CLOSING, OPENING, STRETCH, Step
from trucesim.files.errors import InputError
from trucesim.model import Clique, TruceModel
from trucesim.parameters import GANGS
from trucesim.runs.sampling import parameters_of_runs
from trucesim.runs.simulate import prepare
from trucesim.scenario.file import load_scenario, shipped
from trucesim.world import calendar
from trucesim.world.country import load_country


def test_lives_agree_over_the_whole_calendar() -> None:
    model = assert_lives_agree(eventful_setting(), small_country(), seed=3, run=2)
    # All that can happen has happened: otherwise agreement would prove little.
    cliques = model.state.cliques[: model.state.clique_count[0]]
    assert 100 < (cliques["number"] < 1 << 20).sum() < 250
    assert (cliques["number"] >= 1 << 20).sum() > 5
    assert (~cliques["active"]).sum() > 5
    assert len(model.cliques) == cliques["active"].sum()
    assert (model.output.by_kind.sum(0) > 0).all()
    assert model.output.hidden.sum() > 0
    assert 4 < model.output.zone[-1].sum()
    assert model.facilitator.zones_brought > 0
    assert model.output.tally[0] == model.output.tally[1]
    assert not model.running
    assert model.date == calendar.END
    model.step()
    assert model.week == calendar.WEEKS


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "truce-2012" else pytest.mark.slow)
        for name in shipped()
    ],
)
def test_lives_agree_in_every_shipped_scenario(name: str) -> None:
    part = small_country()
    scenario = load_scenario(name)
    parameters = parameters_of_runs(part, dict(scenario.parameters), seed=5, first_run=3, runs=1)
    model = assert_lives_agree(prepare(scenario, part, parameters), part, seed=5, run=3)
    assert model.output.by_kind.sum() > 1000


@pytest.mark.slow
def test_lives_agree_at_full_size_around_march_2012() -> None:
    whole = load_country()
    scenario = load_scenario("truce-2012")
    given = prepare(scenario, whole, parameters_of_runs(whole, {}, seed=1, first_run=0, runs=1))
    march_2012 = calendar.day_of(dt.date(2012, 3, 9)) // 7
    state, _ = live_compiled(given, last_week=march_2012 - 30)
    assert int(state.cliques["active"].sum()) > 1800
    model = assert_lives_agree(
        given, whole, first_week=march_2012 - 30, last_week=march_2012 + 31, state=state
    )
    assert model.output.compliance.sum() > 0


def test_lives_agree_where_a_run_continues() -> None:
    earlier, _ = live_compiled(eventful_setting(), 1, 7, 0, 160)
    assert_lives_agree(eventful_setting(), small_country(), 1, 7, 160, 220, state=earlier)


def test_order_of_activation_makes_no_difference() -> None:
    one, other = (
        live_as_agents(eventful_setting(), small_country(), first_week=0, last_week=190, rng=rng)
        for rng in (1, 2)
    )
    assert_same((one.state, one.output), (other.state, other.output))


def test_collecting_disturbs_nothing() -> None:
    one, other = (
        live_as_agents(eventful_setting(), small_country(), last_week=30, collect=collect)
        for collect in (True, False)
    )
    assert_same((one.state, one.output), (other.state, other.output))
    weeks = one.datacollector.get_model_vars_dataframe()
    assert len(weeks) == 30
    assert weeks["date"].iloc[1] == dt.date(2009, 1, 8)
    assert weeks["recorded_homicides"].sum() == one.output.daily.sum() > 0
    assert {f"compliance_{gang}" for gang in GANGS} <= set(weeks)
    assert other.datacollector.get_model_vars_dataframe().empty


class Pacifist(Clique):
    """A clique that attacks nobody."""

    def feud(self) -> float:
        return 0.0

    def retaliate(self) -> float:
        return 0.0


def test_a_subclass_is_honoured() -> None:
    model = live_as_agents(eventful_setting(), small_country(), last_week=30, classes=[Pacifist])
    assert {type(each) for each in model.cliques} == {Pacifist}
    of_kind = model.output.by_kind.sum(0)
    assert of_kind[0] == 0
    assert of_kind[1] > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": [int]}, "not a subclass of one of Clique, Municipality"),
        ({"classes": [Pacifist, Pacifist]}, "two classes for Clique"),
        ({"first_week": 10}, "the state at its start is needed"),
        ({"first_week": 1000}, "between 0 and 418"),
        ({"seed": -1}, "seed = -1"),
        ({"run": 0.5}, "run = 0.5"),
        ({"rules": {"decde": print}}, "did you mean 'decide'"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        TruceModel(setting=eventful_setting(), country=small_country(), **options)  # type: ignore[arg-type]


def test_attributes_are_the_fields_of_the_state() -> None:
    model = live_as_agents(eventful_setting(), small_country(), last_week=2)
    clique = next(iter(model.cliques))
    assert type(clique.members) is int
    assert type(clique.trust) is float
    assert type(clique.complies) is bool
    clique.trust = 0.75
    clique.grievance[1] = 2.0
    assert model.state.cliques["trust"][clique.row] == 0.75
    assert model.state.cliques["grievance"][clique.row, 1] == 2.0
    assert clique.municipality.force.municipality is clique.municipality
    assert clique.gang_name in GANGS
    for name in agents.Clique.dtype.names or ():
        assert isinstance(getattr(Clique, name), agents.Attribute)
    assert Clique.complies.__doc__ == "holds to the order in force"


def test_agents_read_like_sentences() -> None:
    model = live_as_agents(eventful_setting(), small_country(), last_week=2)
    by_gang = model.cliques.groupby("gang_name").agg("members", sum)
    assert sum(by_gang.values()) == model.cliques.agg("members", sum)
    large = model.cliques.select(lambda clique: clique.members > 20)
    assert 0 < len(large) < len(model.cliques)
    (place, *_) = model.municipalities.select(lambda place: sum(place.members) > 0)
    assert sum(place.cliques.get("members")) == sum(place.members)


def test_a_copy_lives_its_own_life() -> None:
    model = live_as_agents(eventful_setting(), small_country(), last_week=2)
    before = State(*(each.copy() for each in model.state))
    TruceModel.from_setting(
        eventful_setting(), small_country(), state=model.state, first_week=2
    ).step()
    assert_same((before, model.output), (model.state, model.output))


@pytest.mark.parametrize("steps", [OPENING, STRETCH, CLOSING])
def test_steps_name_the_rules_that_their_phases_call(
    steps: tuple[Step, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all that can act does: a rule is called in the phases that name it, and no other."""
    model = TruceModel.from_setting(eventful_setting(), small_country())
    called: dict[str, set[str]] = {step.phase.__name__: set() for step in steps}
    phase = ""

    def noting(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
        def note(*given: Any) -> Any:
            if phase:
                called[phase].add(name)
            return rule(*given)

        return note

    for name, rule in shipped_rules().items():
        setattr(model.rules, name, noting(name, rule))
    for step in steps:
        name = step.phase.__name__
        own = getattr(model, name)

        def during(name: str = name, own: Callable[[], None] = own) -> None:
            nonlocal phase
            phase = name
            own()
            phase = ""

        monkeypatch.setattr(model, name, during)
    model.run()
    assert called == {step.phase.__name__: {rule.__name__ for rule in step.rules} for step in steps}


def test_rules_stand_in_the_order_of_the_week() -> None:
    named = list(shipped_rules())
    assert named.index("decide") < named.index("feud") < named.index("remember")
    for rule in shipped_rules().values():
        assert (rule.__doc__ or "").strip()


def test_a_model_is_copied_whole() -> None:
    model = live_as_agents(eventful_setting(), small_country(), last_week=2)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        other.step()
        clique = next(iter(other.cliques))
        clique.trust = 0.75
        assert other.state.cliques["trust"][clique.row] == 0.75
        assert model.state.cliques["trust"][clique.row] != 0.75
        assert (other.week, model.week) == (3, 2)
