"""The same model as Mesa agents: for watching, stepping through, and changing one behaviour.

A :class:`TruceModel` lives one run. Its agents hold no state of their own: an attribute reads and
writes the agent's row in one of the run's tables (:mod:`trucesim.agents`). They hold no rules of
their own either: a method hands the agent itself to the rule of that name in
:mod:`trucesim.rules`, in plain Python, so that a breakpoint in the rule stops there. Compiled code
draws, and carries out what agents have decided. A run is the same, bit for bit, as among the
thousands that :func:`trucesim.runs.simulate.run` makes.

To change a behaviour, give a function (``rules={"decide": mine}``) or a subclass
(``classes=[MyClique]``).

A week that was interrupted (by Ctrl-C, or by an error in a rule) is lived again from its start at
the next step.
"""

from __future__ import annotations

import copyreg
import datetime as dt
import functools
import secrets
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import EllipsisType, SimpleNamespace
from typing import Any, ClassVar, NamedTuple, Self

import mesa
import numpy as np
from mesa.agentset import AgentSet
from mesa.datacollection import DataCollector
from numpy.typing import NDArray

from trucesim import agents
from trucesim.engine import draws, entrances
from trucesim.engine.rolls import (
    WEEKS_BETWEEN_COUNTS,
    any_order,
    any_pact,
    bury,
    has_grievances,
    is_count,
    is_inhabited,
)
from trucesim.engine.tables import Output, Setting, State, new_output, new_scratch
from trucesim.engine.user_rules import OwnRule, attributes_of, check, shipped_rules
from trucesim.engine.week import CLOSING, OPENING, STRETCH, Step
from trucesim.files.errors import InputError
from trucesim.parameters import GANGS, condition_dtype, parameter_dtype
from trucesim.runs.lineage import LAST_RUN
from trucesim.runs.sampling import parameters_of_runs
from trucesim.runs.simulate import check_attributes, empty_state, prepare
from trucesim.scenario.change import set_parameters
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import Country, load_country

DAYS_BETWEEN_COUNTS = 7 * WEEKS_BETWEEN_COUNTS

# What rules read beside agents, as the records of the same fields are read in compiled code.
Parameters = namedtuple("Parameters", parameter_dtype().names or ())  # type: ignore[misc]
Conditions = namedtuple("Conditions", condition_dtype().names or ())  # type: ignore[misc]
Rates = namedtuple("Rates", agents.Rates.dtype.names or ())  # type: ignore[misc]


class Row(mesa.Agent):  # type: ignore[misc]
    """An agent whose attributes are the fields of a row in one of the run's tables.

    Parameters
    ----------
    model : TruceModel
    row : int
        Its row. Rows are never reused.
    """

    TABLE: ClassVar[str]
    model: TruceModel

    def __init_subclass__(cls, *, table: str | None = None, **options: Any) -> None:
        """Tie a kind of agent to the table that holds its state."""
        super().__init_subclass__(**options)
        if table is not None:
            cls.TABLE = table
        for name in cls.dtype.names or ():  # type: ignore[attr-defined]
            if not isinstance(getattr(cls, name), agents.Attribute):
                raise TypeError(f"{cls.__name__}.{name} would hide what an agent carries")

    def __init__(self, model: TruceModel, row: int) -> None:
        self.row = int(row)
        self.table: NDArray[np.void] = getattr(model.state, self.TABLE)
        super().__init__(model)

    @property
    def address(self) -> int:
        """The number under which this agent's draws stand."""
        return self.row

    def draw(self, decision: int, index: int = 0) -> float:
        """Draw this agent's own number from [0, 1) for a decision in this week.

        The same arguments give the same number, whoever acts before (:mod:`trucesim.engine.draws`).
        """
        model = self.model
        u: float = entrances.draw(model.key, decision, model.week, self.address, index)
        return u

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.row}>"


class Clique(Row, agents.Clique, table="cliques"):
    """A clique: it obeys or not, attacks, learns, and its members come and go.

    Attributes
    ----------
    municipality : Municipality
        Where it is.
    leadership : Leadership
        Its gang's.
    """

    def __init__(self, model: TruceModel, row: int) -> None:
        super().__init__(model, row)
        self.municipality: Municipality = model.municipality_list[self.place]
        self.leadership: Leadership = model.leadership_list[self.gang]

    @property
    def address(self) -> int:
        """The number under which this clique's draws stand."""
        return self.number  # type: ignore[no-any-return]

    @property
    def gang_name(self) -> str:
        """Its gang, one of :data:`trucesim.parameters.GANGS`."""
        return GANGS[self.gang]

    def learn(self) -> None:
        """Learn from what rivals did in the last week."""
        self.model.rules.learn(self, self.municipality, self.model.p)

    def decide(self) -> None:
        """Obey the order from above, or not."""
        model = self.model
        place = self.municipality
        u = self.draw(draws.DECIDE)
        model.rules.decide(self, place, self.leadership, place.force, model.now, model.p, u)

    def feud(self) -> float:
        """Give the rate of killings a day in the standing feud."""
        model, place = self.model, self.municipality
        return model.rules.feud(self, place, self.leadership, place.force, model.rates)  # type: ignore[no-any-return]

    def retaliate(self) -> float:
        """Give the rate of killings a day in retaliation."""
        return self.model.rules.retaliate(self, self.model.rates)  # type: ignore[no-any-return]

    def kill_others(self) -> float:
        """Give the rate of killings a day of people outside the gangs."""
        model = self.model
        return model.rules.kill_others(  # type: ignore[no-any-return]
            self, self.leadership, self.municipality.force, model.rates
        )

    def defy(self) -> float:
        """Give the rate of killings a day of police and soldiers."""
        model = self.model
        return model.rules.defy(  # type: ignore[no-any-return]
            self, self.leadership, self.municipality.force, model.rates
        )

    def act(self) -> None:
        """Say how many killings are to be expected of it in this stretch of days."""
        days = self.model.days
        expected = self.model.scratch.plans["expected"][self.row]
        expected[0] = days * self.feud()
        expected[1] = days * self.retaliate()
        expected[2] = days * self.kill_others()
        expected[3] = days * self.defy()

    def leave(self, days: int = DAYS_BETWEEN_COUNTS) -> float:
        """Give the expected departures since the last count of members."""
        return self.model.rules.leave(self, self.municipality.force, days, self.model.p)  # type: ignore[no-any-return]

    def join(self, days: int = DAYS_BETWEEN_COUNTS) -> float:
        """Give the expected arrivals since the last count of members."""
        return self.model.rules.join(self, self.leadership, days, self.model.p)  # type: ignore[no-any-return]

    def expect_movements(self) -> None:
        """Say how many members are expected to have left and joined."""
        self.model.scratch.moving[:, self.row] = self.leave(), self.join()

    def welcome(self, left: int, joined: int) -> None:
        """Let members go and newcomers in."""
        self.model.rules.welcome(self, left, joined, self.model.p)

    def renew(self) -> None:
        """Take those who left off the rolls and those who joined on them."""
        left, joined = self.model.scratch.moved[:, self.row].tolist()
        if left > 0 or joined > 0:
            self.welcome(left, joined)
            self.persist()

    def remember(self) -> None:
        """Let old grudges fade, bury the week's dead and note who killed them."""
        self.model.rules.remember(self, self.model.rates)

    def persist(self) -> None:
        """Dissolve when too few are left."""
        self.model.rules.persist(self, self.model.p)

    def end_week(self) -> None:
        """Remember the week, bury its dead; a dissolved clique leaves the model."""
        if self.active and has_grievances(self):
            self.remember()
        if self.struck > 0:
            self.model.output.tally[1] += bury(self)
            if self.active:
                self.persist()
        if not self.active:
            self.remove()


class Municipality(Row, agents.Municipality, table="municipalities"):
    """A municipality, and the people outside the gangs who live there.

    Attributes
    ----------
    code, name : str
        Official code and name.
    force : SecurityForce
        The security force that patrols it.
    """

    force: SecurityForce

    def __init__(self, model: TruceModel, row: int) -> None:
        super().__init__(model, row)
        self.code = model.country.codes[row]
        self.name = model.country.names[row]
        self.neighbour_rows: NDArray[np.int64] = model.country.neighbours(row)

    @property
    def neighbours(self) -> list[Municipality]:
        """The municipalities that border on it."""
        return [self.model.municipality_list[row] for row in self.neighbour_rows]

    @property
    def cliques(self) -> AgentSet[Clique]:
        """The cliques there."""
        return self.model.cliques.select(lambda clique: clique.place == self.row)

    def survey(self) -> None:
        """See who is near, and which of them held to the order in the last week."""
        if is_inhabited(self):
            self.model.rules.survey(self, self.model.p)

    def appeal(self) -> float:
        """Say how strongly it is a candidate for a zone; below 0: not at all."""
        zones_beside = sum(neighbour.zone for neighbour in self.neighbours)
        return self.model.rules.appeal(  # type: ignore[no-any-return]
            self, zones_beside, self.model.now, self.draw(draws.EXTEND)
        )

    def sign(self) -> None:
        """Become a violence-free zone on the declared day."""
        self.model.rules.sign(self, self.model.day)

    def uphold(self) -> None:
        """Hold to the local cliques' agreement, or break it."""
        model = self.model
        if self.pact:
            model.rules.uphold(self, self.force, model.now, model.p, self.draw(draws.PACT))

    def wander(self) -> None:
        """See where violence has moved since the last count."""
        model = self.model
        u = entrances.draw(model.key, draws.WANDER, model.week, self.department, 0)
        model.rules.wander(self, model.p, u)

    def endorse(self) -> None:
        """Add to the order in force."""
        self.model.rules.endorse(self, self.model.now, self.model.p)

    def take_posture(self) -> None:
        """Sign on the declared day, and add to the order in force."""
        self.sign()
        self.endorse()

    def others(self) -> float:
        """Give the rate of homicides a day by people outside the gangs."""
        return self.model.rules.others(self)  # type: ignore[no-any-return]

    def act(self) -> None:
        """Say how many homicides by people outside the gangs are to be expected."""
        self.model.scratch.local["expected"][self.row, 1] = self.model.days * self.others()

    def found(self) -> float:
        """Give the rate at which new cliques are founded, a day."""
        return self.model.rules.found(self, self.model.p)  # type: ignore[no-any-return]

    def expect_foundations(self) -> None:
        """Say how many new cliques are expected since the last count."""
        self.model.scratch.local["founding"][self.row] = DAYS_BETWEEN_COUNTS * self.found()


class SecurityForce(Row, agents.SecurityForce, table="forces"):
    """The police and soldiers of one municipality.

    Attributes
    ----------
    municipality : Municipality
    """

    def __init__(self, model: TruceModel, row: int) -> None:
        super().__init__(model, row)
        self.municipality: Municipality = model.municipality_list[row]
        self.municipality.force = self

    def deploy(self) -> None:
        """Take up posture."""
        model = self.model
        model.rules.deploy(self, self.municipality, model.now, model.day, model.p)

    def clash(self) -> float:
        """Give the rate of killings of gang members a day."""
        model = self.model
        return model.rules.clash(self, self.municipality, model.rates)  # type: ignore[no-any-return]

    def act(self) -> None:
        """Say how many killings of gang members are to be expected in this stretch of days."""
        self.model.scratch.local["expected"][self.row, 0] = self.model.days * self.clash()

    def mourn(self) -> None:
        """Let old anger fade and note the colleagues killed."""
        self.model.rules.mourn(self, self.model.rates)

    def end_week(self) -> None:
        """Mourn, and begin the count of colleagues killed anew."""
        self.mourn()
        self.struck = 0


class Leadership(Row, agents.Leadership, table="leaderships"):
    """The leaders of one gang."""

    @property
    def gang_name(self) -> str:
        """Its gang, one of :data:`trucesim.parameters.GANGS`."""
        return GANGS[self.gang]

    def command(self) -> None:
        """Give the order in force, and see how far it reaches."""
        model = self.model
        model.rules.command(self, model.now, model.p, model.draw(draws.ORDER))

    def drift(self) -> None:
        """Let the climate of violence drift."""
        self.model.rules.drift(self, self.model.p, self.model.draw(draws.CLIMATE))

    def waver(self) -> None:
        """Let the order wear off, or regain its strength."""
        self.model.rules.waver(self, self.model.now, self.model.p)

    def press(self) -> None:
        """Begin or end a spell of killing as pressure on the state."""
        self.model.rules.press(self, self.model.now, self.model.p, self.draw(draws.PRESS))

    def hold_unasked(self) -> None:
        """Order to hold fire, unasked, or not."""
        model = self.model
        u, v = model.draw(draws.ORDER, 1), model.draw(draws.ORDER)
        model.rules.hold_unasked(self, model.now, model.p, u, v)

    def reconsider(self) -> None:
        """See what has become of the order, and what the state refuses."""
        self.drift()
        self.waver()
        self.press()
        self.hold_unasked()

    def hide(self) -> float:
        """Give the probability that a killing by one of its cliques is hidden."""
        return self.model.rules.hide(self, self.model.p)  # type: ignore[no-any-return]

    def act(self) -> None:
        """Give the order, and have killings hidden."""
        self.command()
        self.model.scratch.board["hiding"][0, self.row] = self.hide()

    def keep_count(self) -> None:
        """Count the members who went to prison and came back."""
        self.model.rules.keep_count(self)


class Facilitator(Row, agents.Facilitator, table="facilitator"):
    """Whoever brings further municipalities to sign."""

    def plan_round(self) -> int:
        """Give the number of municipalities that can be brought to sign in this month."""
        model = self.model
        return self.model.rules.plan_round(self, model.now, model.month)  # type: ignore[no-any-return]

    def act(self) -> None:
        """On its round of the month, bring the strongest candidates to sign."""
        model = self.model
        visits = self.plan_round()
        if visits == 0 or not any_order(model.leadership_list):
            return
        for place in model.municipality_list:
            model.scratch.local["score"][place.row] = place.appeal()
        entrances.sign_up(model.setting, model.state, model.scratch, visits, model.day)


KIND_NAMES: dict[type[Row], str] = {
    Clique: "clique",
    Municipality: "municipality",
    SecurityForce: "force",
    Leadership: "leadership",
    Facilitator: "facilitator",
}
KINDS_OF_AGENTS = tuple(KIND_NAMES)


class _Carrying(type):
    """Kinds of agents with attributes of one's own; they are pickled by what they are made of."""

    own: tuple[str, ...]


@functools.cache
def carrying(kind: type[Row], names: tuple[str, ...]) -> type[Row]:
    """Give a kind of agent with further attributes, which are fields of its table.

    Raises
    ------
    InputError
        The kind has something of that name.
    """
    if not names:
        return kind
    for name in names:
        if hasattr(kind, name) or name in ("row", "table", "model", "unique_id", "pos"):
            raise InputError(
                "rules: ATTRIBUTES: {kind}: {name!r} is there already; take another name",
                kind=KIND_NAMES.get(kind, kind.__name__), name=name,
            )  # fmt: skip
    fields = {name: agents.attribute("f8", "declared by rules of one's own") for name in names}
    more = {**fields, "__module__": kind.__module__, "own": names}
    made: Any = _Carrying(kind.__name__, (kind,), more)
    made.dtype = agents.widened(made.__base__.dtype, names)
    return made  # type: ignore[no-any-return]


def _made_of(made: Any) -> Any:
    return carrying, (made.__base__, made.own)


copyreg.pickle(_Carrying, _made_of)


class _Begun(NamedTuple):
    """What a model was at the start of the week that it lives."""

    arrays: list[NDArray[Any]]
    rows_known: int
    cliques: list[Clique]


def recorded_homicides(model: TruceModel) -> int:
    """Count the recorded homicides of the last week."""
    end = 7 * model.week
    return int(model.output.daily[max(end - 7, 0) : end].sum())


def zones(model: TruceModel) -> int:
    """Count the violence-free zones."""
    return int(model.state.municipalities["zone"].sum())


def compliance(model: TruceModel, gang: int) -> float:
    """Give the share of a gang's members whose clique holds to an order; nan without members."""
    leadership = model.leadership_list[gang]
    return leadership.held / leadership.members if leadership.members else float("nan")


class TruceModel(mesa.Model):  # type: ignore[misc]
    """One run of a scenario, week by week, with Mesa agents.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, a shipped one's name, or a file.
    seed, run : int
        The run: the same as number ``run`` of :func:`trucesim.runs.simulate.run` under that seed.
        By default the seed is ``rng``, or 1; with None one is drawn anew.
    parameters : array of parameter record, shape (1,), optional
        By default those of that run.
    point : bool
        Use the point values of all parameters instead of the run's draw.
    country : Country, optional
        El Salvador by default.
    rules : mapping, optional
        Rules to replace, and attributes that they declare, as
        :func:`trucesim.engine.user_rules.check` takes them; they need not be compilable.
    collect : bool
        Whether ``datacollector`` collects at the end of every week.
    state : State, optional
        What the run remembers at the start of ``first_week``; it is copied.
    output : Output, optional
        What the run has left behind by then; it is copied. By default nothing.
    first_week : int
        The week to begin with.
    classes : iterable of type, optional
        Subclasses of :class:`Clique`, :class:`Municipality`, :class:`SecurityForce`,
        :class:`Leadership` or :class:`Facilitator` to use in their place.
    rng : int, SeedSequence or Generator, optional
        The run's seed, as Mesa's users give it: another number, another run. A generator gives its
        next whole number, a seed sequence the one that it stands for. Beside ``seed`` it is the
        seed of the order in which agents act, which makes no difference to results.
    setting : Setting, optional
        In place of scenario and parameters; see :meth:`from_setting`.
    **values : float, bool or str
        Parameters of the whole run, by their declared names (``branching=0.4``), over the
        scenario's: so that ``mesa.batch_run`` and Mesa's pages can vary them.

    Attributes
    ----------
    run_seed : int
        The run's seed, given or drawn.
    state : State
    output : Output
        What the run has left behind so far, as in an ensemble.
    p, rates : named tuple
        The run's parameters and rates.
    now : named tuple
        The conditions in force.
    week, day, until : int
        The week, and the stretch of days, from ``day`` up to, not including, ``until``.
    datacollector : mesa.DataCollector

    Raises
    ------
    InputError
        Anything wrong in what was given.
    """

    def __init__(
        self,
        scenario: Scenario | str | Path = "truce-2012",
        *,
        seed: int | EllipsisType | None = ...,
        run: int = 0,
        parameters: NDArray[np.void] | None = None,
        point: bool = False,
        country: Country | None = None,
        rules: Mapping[str, Any] | None = None,
        collect: bool = True,
        state: State | None = None,
        output: Output | None = None,
        first_week: int = 0,
        classes: Iterable[type[Row]] | None = None,
        rng: int | np.random.SeedSequence | np.random.Generator | None = None,
        setting: Setting | None = None,
        **values: float | bool | str,
    ) -> None:
        order = _number_of(rng)
        if isinstance(seed, EllipsisType):
            seed, order = (1 if order is None else order), None
        seed = _whole("seed", secrets.randbits(63) if seed is None else seed, 2**63 - 1)
        run = _whole("run", run, LAST_RUN)
        if values and (parameters is not None or setting is not None):
            raise InputError(
                "{values}: parameters by name change those of the scenario; give them without "
                "parameters= and setting=", values=", ".join(values),
            )  # fmt: skip
        if not 0 <= first_week <= calendar.WEEKS:
            raise InputError(
                "first_week = {first_week!r}, but it must lie between 0 and {most}",
                first_week=first_week, most=calendar.WEEKS,
            )  # fmt: skip
        if first_week > 0 and state is None:
            raise InputError(
                "to begin with week {first_week}, the state at its start is needed",
                first_week=first_week,
            )  # fmt: skip
        super().__init__(rng=seed + run if order is None else order)
        self.country = country or load_country()
        if setting is None:
            if not isinstance(scenario, Scenario):
                scenario = load_scenario(scenario, self.country)
            if values:
                scenario = set_parameters(scenario, values)
            if parameters is None:
                changed = dict(scenario.parameters)
                parameters = parameters_of_runs(self.country, changed, seed, run, 1, point=point)
            setting = prepare(scenario, self.country, parameters)
        self.setting = setting
        self.run_seed = seed
        self.key = np.uint64(entrances.run_key(seed, run))
        attributes = attributes_of(rules or {})
        own = check(rules or {}).items()
        self.rules = SimpleNamespace(
            **shipped_rules() | {name: OwnRule(name, each, attributes) for name, each in own}
        )
        self._classes = {
            kind: carrying(each, tuple(attributes.get(KIND_NAMES[kind], ())))
            for kind, each in _kinds(classes or ()).items()
        }
        self.week = first_week
        self.p = _read(Parameters, setting.p[0])
        self._conditions = [_read(Conditions, row) for row in setting.timeline]
        self._stretch(7 * min(first_week, calendar.WEEKS - 1))

        places = len(self.country)
        self.output = (
            new_output(calendar.MONTHS, calendar.DAYS, places)
            if output is None
            else Output._make(array.copy() for array in output)
        )
        if state is None:
            self.state = empty_state(setting, attributes)
        else:
            check_attributes(state, attributes)
            self.state = State._make(array.copy() for array in state)
        self.scratch = new_scratch(setting, self.state)
        if first_week == 0:
            entrances.draw_country(setting, self.key, self.state, self.scratch)
        else:
            entrances.plan_zones(setting, self.key, self.state)

        self.municipality_list: list[Municipality] = []
        """Municipalities by row."""
        self.leadership_list: list[Leadership] = []
        """Leaderships by gang."""
        for row in range(places):
            self.municipality_list.append(self._classes[Municipality](self, row))
        for row in range(places):
            self._classes[SecurityForce](self, row)
        for row in range(len(GANGS)):
            self.leadership_list.append(self._classes[Leadership](self, row))
        self.facilitator: Facilitator = self._classes[Facilitator](self, 0)
        if first_week == 0:
            self.look_around()
            entrances.set_levels(setting, self.state)
        self.rates = _read(Rates, self.state.rates[0])
        entrances.open_books(setting, self.state, self.scratch)
        self._rows_known = 0
        self._begun: _Begun | None = None
        self._meet_new_cliques()

        self.running = self.week < calendar.WEEKS
        self.collect = collect
        self.datacollector = DataCollector(
            model_reporters={
                "date": _date,
                "recorded_homicides": recorded_homicides,
                "zones": zones,
                **{
                    f"compliance_{name}": functools.partial(compliance, gang=gang)
                    for gang, name in enumerate(GANGS)
                },
            }
        )

    @classmethod
    def from_setting(
        cls, setting: Setting, country: Country, seed: int = 1, run: int = 0, **options: Any
    ) -> Self:
        """Make a model of what a run is given, in place of a scenario and parameters.

        Parameters
        ----------
        setting : Setting
        country : Country
            The one whose places the setting holds.
        seed, run : int
        **options
            Further arguments of the class.
        """
        return cls(setting=setting, country=country, seed=seed, run=run, **options)

    def _agents_of(self, kind: type[Row]) -> AgentSet[Any]:
        wanted = self._classes[kind]
        if wanted not in self.agents_by_type:
            return AgentSet([], random=self.random)
        return self.agents_by_type[wanted]

    @property
    def cliques(self) -> AgentSet[Clique]:
        """All cliques that are active."""
        return self._agents_of(Clique)

    @property
    def municipalities(self) -> AgentSet[Municipality]:
        """All municipalities."""
        return self._agents_of(Municipality)

    @property
    def forces(self) -> AgentSet[SecurityForce]:
        """The security forces of all municipalities."""
        return self._agents_of(SecurityForce)

    @property
    def leaderships(self) -> AgentSet[Leadership]:
        """The leaderships of all gangs."""
        return self._agents_of(Leadership)

    @property
    def date(self) -> dt.date:
        """First day of the week to come; after the last week, the last day."""
        return min(calendar.date_of(7 * self.week), calendar.END)

    @property
    def days(self) -> int:
        """Length of the stretch of days that is being lived."""
        return self.until - self.day

    @property
    def month(self) -> int:
        """Months from the start to the stretch of days that is being lived."""
        return int(self.setting.month_of_day[self.day])

    def draw(self, decision: int, index: int = 0) -> float:
        """Draw a number from [0, 1) that all agents share for a decision in this week."""
        u: float = entrances.draw(self.key, decision, self.week, 0, index)
        return u

    def _stretch(self, day: int, until: int | None = None) -> None:
        """Turn to a stretch of days."""
        self.day = day
        self.until = day if until is None else until
        self.now = self._conditions[self.setting.stretch_of_day[day]]

    def _meet_new_cliques(self) -> None:
        """Make agents of the rows that have come into use."""
        rows = range(self._rows_known, int(self.state.clique_count[0]))
        for row in rows:
            if self.state.cliques["active"][row]:
                self._classes[Clique](self, row)
        self._rows_known = rows.stop

    def step(self) -> None:
        """Live one week, in the order of :mod:`trucesim.engine.week`.

        After the last week nothing happens any more.
        """
        if not self.running:
            return
        if self._begun is not None:
            self._begin_again(self._begun)
        # In one go: what is interrupted before is nothing, and after it is lived again.
        self._begun = _Begun(
            [each.copy() for each in (*self.state, *self.output)], self._rows_known,
            list(self.cliques),
        )  # fmt: skip
        day = 7 * self.week
        end = min(day + 7, calendar.DAYS)
        self._stretch(day, end)
        self._live(OPENING)
        while day < end:
            until = day + 1
            while until < end and not self.scratch.change[until]:
                until += 1
            self._stretch(day, until)
            self._live(STRETCH)
            day = until
        self._stretch(7 * self.week, end)
        self._live(CLOSING)
        self.week += 1
        self.running = self.week < calendar.WEEKS
        self._begun = None
        if self.collect:
            self.datacollector.collect(self)

    def _wrapped_step(self) -> None:
        counted = self.steps, self.time  # type: ignore[has-type]
        try:
            super()._wrapped_step()
        except BaseException:
            # Mesa counts a step before it is lived, and plans the next one after.
            self.steps, self.time = counted
            self._default_schedule.pause()
            self._default_schedule.resume()
            raise

    def _begin_again(self, begun: _Begun) -> None:
        """Take back what was lived of a week that was interrupted."""
        arrays: list[NDArray[Any]] = [*self.state, *self.output]
        for array, before in zip(arrays, begun.arrays, strict=True):
            np.copyto(array, before)
        known = set(self.cliques)
        for clique in begun.cliques:
            if clique not in known:
                self.register_agent(clique)
        for clique in known - set(begun.cliques):
            clique.remove()
        self._rows_known = begun.rows_known
        entrances.open_books(self.setting, self.state, self.scratch)

    def run(self) -> Self:
        """Live all weeks that are left."""
        while self.running:
            self.step()
        return self

    def _live(self, steps: tuple[Step, ...]) -> None:
        """Live some phases: those of this class's methods that are called as they are."""
        for step in steps:
            getattr(self, step.phase.__name__)()

    def _compiled(self, phase: Callable[..., Any]) -> None:
        """Live a phase that compiled code carries out."""
        phase(
            self.setting, self.key, self.state, self.scratch, self.output,
            self.week, self.day, self.until,
        )  # fmt: skip

    def look_around(self) -> None:
        """Everybody sees who is near and what rivals did in the last week."""
        entrances.count_beside(self.setting, self.state, self.scratch)
        self.municipalities.shuffle_do("survey")

    def extend_zones(self) -> None:
        """Let the facilitator, on its round of the month, bring municipalities to sign."""
        self.facilitator.act()

    def reconsider(self) -> None:
        """Climate and hot spots drift, orders wear off, leaders press or hold, pacts hold."""
        self.leaderships.shuffle_do("reconsider")
        if is_count(self.week):
            self.municipalities.shuffle_do("wander")
        self.municipalities.shuffle_do("uphold")

    def draw_luck(self) -> None:
        """Draw what tells this week to which cliques something may happen."""
        self._compiled(entrances.draw_luck)

    def take_posture(self) -> None:
        """Let municipalities sign, forces deploy, and leaders give their orders."""
        self.municipalities.shuffle_do("take_posture")
        self.forces.shuffle_do("deploy")
        self.leaderships.shuffle_do("act")
        self.scratch.board["reporting"] = self.rules.report_missing(self.p)

    def cliques_decide(self) -> None:
        """Let every clique learn, once a week, and obey or not; without an order, neither."""
        ordered = any_order(self.leadership_list)
        if not ordered and not any_pact(self.municipality_list):
            entrances.stand_down(self.state)
            return
        if ordered and self.day == 7 * self.week:
            self.cliques.shuffle_do("learn")
        self.cliques.shuffle_do("decide")

    def cliques_act(self) -> None:
        """Every clique says what is to be expected of it, and that is carried out."""
        self.cliques.shuffle_do("act")
        self._compiled(entrances.clique_events)

    def places_act(self) -> None:
        """Security forces clash with gangs; people outside the gangs kill."""
        self.forces.shuffle_do("act")
        self.municipalities.shuffle_do("act")
        self._compiled(entrances.place_events)

    def note_compliance(self) -> None:
        """Note who held in this stretch of days."""
        self._compiled(entrances.note_compliance)

    def turn_over(self) -> None:
        """Four times a year, members who left in the meantime go and those who joined come."""
        if not is_count(self.week):
            return
        self.cliques.shuffle_do("expect_movements")
        entrances.count_movements(self.setting, self.key, self.state, self.scratch, self.week)
        self.cliques.shuffle_do("renew")
        self.leaderships.shuffle_do("keep_count")
        entrances.close_count(self.state)

    def end_week(self) -> None:
        """Cliques and forces bury their dead, remember who killed them, and are counted."""
        self.cliques.shuffle_do("end_week")
        entrances.count_members(self.state, self.scratch)
        self.forces.shuffle_do("end_week")

    def found_cliques(self) -> None:
        """Four times a year, let new cliques grow where gangs are."""
        if not is_count(self.week):
            return
        self.municipalities.shuffle_do("expect_foundations")
        entrances.settle_new(self.setting, self.key, self.state, self.scratch, self.week)
        self._meet_new_cliques()

    def note_reports(self) -> None:
        """Count missing-person reports that have nothing to do with hidden killings."""
        rate = float(self.rules.report_ordinary(self.p))
        entrances.count_reports(self.setting, self.key, self.output, self.week, self.until, rate)

    def note_month(self) -> None:
        """Note which municipalities are zones, and who is in prison."""
        self._compiled(entrances.note_month)


def _whole(name: str, number: object, most: int) -> int:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    if not whole or not 0 <= number <= most:  # type: ignore[operator]
        raise InputError(
            "{name} = {value!r}, but it must be a whole number {low} to {high}", name=name,
            value=number, low=0, high=most,
        )  # fmt: skip
    return int(number)  # type: ignore[call-overload, no-any-return]


def _number_of(rng: object) -> int | None:
    """Give the number that one of Mesa's sources of chance stands for."""
    if isinstance(rng, np.random.SeedSequence):
        return int(rng.generate_state(1, np.uint64)[0] >> np.uint64(1))
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63 - 1))
    if rng is None:
        return None
    if not isinstance(rng, int | np.integer):
        raise InputError("rng = {rng}, but it must be a whole number, a numpy Generator or a "
                         "SeedSequence", rng=repr(rng)[:100])  # fmt: skip
    return _whole("rng", rng, 2**63 - 1)


def _date(model: TruceModel) -> dt.date:
    return calendar.date_of(7 * (model.week - 1))


def _read(kind: Any, row: np.void) -> Any:
    """Give a record as a named tuple of Python numbers, which rules read and nobody can change."""
    values = (row[name].tolist() for name in kind._fields)
    return kind(*(tuple(each) if isinstance(each, list) else each for each in values))


def _kinds(classes: Iterable[type[Row]]) -> dict[type[Row], Any]:
    """Find which kind of agent each given class replaces."""
    chosen: dict[type[Row], Any] = {kind: kind for kind in KINDS_OF_AGENTS}
    for each in classes:
        kinds = [k for k in KINDS_OF_AGENTS if isinstance(each, type) and issubclass(each, k)]
        if not kinds:
            names = ", ".join(kind.__name__ for kind in KINDS_OF_AGENTS)
            raise InputError(
                "classes: {given} is not a subclass of one of {names}",
                given=repr(each),
                names=names,
            )
        if chosen[kinds[0]] is not kinds[0]:
            raise InputError("classes: two classes for {name}", name=kinds[0].__name__)
        chosen[kinds[0]] = each
    return chosen


__all__ = [
    "Clique",
    "Facilitator",
    "Leadership",
    "Municipality",
    "SecurityForce",
    "TruceModel",
]
