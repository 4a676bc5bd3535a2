"""What each kind of agent carries, and the kinds of killing.

A class here is the one declaration of its kind: the attribute that a rule reads (``clique.trust``),
its type, what it means, and its place in the table that holds one row an agent
(:attr:`Carrier.dtype`). Compiled rules read rows of that table; Mesa agents
(:mod:`trucesim.model`) inherit the class and read and write the same rows.

To give a kind of agent a further attribute, add a line: it starts at nought.

Whole numbers are integers, so that sums do not depend on the order of adding. They are no wider
than they need be: every week walks all cliques, and a shorter row is walked faster.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from trucesim.parameters import GANGS

G = len(GANGS)
STATE = G
"""Index of the state among those a clique may bear a grudge against: after the gangs."""

# The kinds of killing, in the order in which every array holds them.
KINDS = (
    "between_gangs",
    "gangs_against_others",
    "police",
    "soldiers",
    "by_forces",
    "others",
)
# Not Python's numbers: numba would compile a function anew for every one that it is called with.
BETWEEN_GANGS, GANGS_AGAINST_OTHERS, POLICE, SOLDIERS, BY_FORCES, BY_OTHERS = np.arange(6)

type Floats = MutableSequence[float]
type Counts = MutableSequence[int]


class Attribute:
    """One attribute: a field of a table, and a Mesa agent's access to it.

    Parameters
    ----------
    kind : str
        NumPy's name of the field's type.
    meaning : str
        What it is, and its unit.
    shape : int
        How many values there are side by side.
    """

    def __init__(self, kind: str, meaning: str, *shape: int) -> None:
        self.kind, self.shape = kind, shape
        self.__doc__ = meaning

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, agent: Any, kind: type | None = None) -> Any:
        if agent is None:
            return self
        column = agent.table[self.name]
        return column[agent.row] if self.shape else column.item(agent.row)

    def __set__(self, agent: Any, value: object) -> None:
        agent.table[self.name][agent.row] = value


def attribute(kind: str, meaning: str, *shape: int) -> Any:
    """Declare an attribute; see :class:`Attribute`."""
    return Attribute(kind, meaning, *shape)


class Carrier:
    """A kind of agent, or of record, and what it carries."""

    dtype: ClassVar[np.dtype[np.void]]
    """The row that holds one of them."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Lay out the row, in order of declaration."""
        super().__init_subclass__(**options)
        if own := [each for each in vars(cls).values() if isinstance(each, Attribute)]:
            fields = [(each.name, each.kind, each.shape) for each in own]
            cls.dtype = np.dtype(fields, align=True)


def widened(dtype: np.dtype[np.void], names: Iterable[str]) -> np.dtype[np.void]:
    """Lay out a row with further attributes before its own, one float each.

    After them, numba would take the row for one without, and warn of it.
    """
    fields = [(name, dtype[name]) for name in dtype.names or ()]
    more = [(name, np.dtype("f8")) for name in names]
    return np.dtype([*more, *fields], align=True) if more else dtype


class Clique(Carrier):
    """A gang's group in one municipality."""

    number: int = attribute(
        "i4", "its address in draws: from birthplace and date, not from a count"
    )
    gang: int = attribute("u2", "its gang, as parameters.GANGS counts them")
    place: int = attribute("u2", "row of its municipality")
    members: int = attribute("i4", "its members")
    active: bool = attribute("b1", "False once dissolved")
    complies: bool = attribute("b1", "holds to the order in force")
    struck: int = attribute("i2", "members killed this week")
    disposition: float = attribute("f8", "lasting inclination to obey, logit")
    trust: float = attribute("f8", "belief in the rivals' restraint, 0 to 1")
    mood: float = attribute(
        "f8", "passing inclination to obey, logit; drawn anew four times a year"
    )
    grudge: float = attribute("f8", "unavenged attacks by rival gangs, all together")
    anger: float = attribute("f8", "unavenged killings by the state")
    funded: float = attribute(
        "f8", "days since the last count on which it held, in a zone with funds"
    )
    grievance: Floats = attribute("f8", "unavenged attacks by each gang", G)
    founded_with: int = attribute(
        "i4", "members when it was founded: the size that recruits restore"
    )
    struck_by: Counts = attribute("i2", "killed this week by each gang, and by the state", G + 1)


class Municipality(Carrier):
    """A municipality, and the people outside the gangs who live there."""

    department: int = attribute("i8", "row of its department")
    population: float = attribute("f8", "people")
    violence: float = attribute(
        "f8", "proxy: homicides per 100,000 a year, drawn within what is known"
    )
    others_rate: float = attribute("f8", "homicides by non-members, a day")
    zone: bool = attribute("b1", "has signed as a violence-free zone")
    zone_day: int = attribute("i8", "the day on which it signs; -1: never")
    army_leaves_day: int = attribute(
        "i8", "the day on which the army leaves joint patrols; -1: never"
    )
    members: Counts = attribute("i4", "gang members here", G)
    holding: Counts = attribute("i4", "of these, members of cliques that hold to the order", G)
    counted: MutableSequence[Counts] = attribute(
        "i4", "members, while they are counted: not holding, and holding", 2, G
    )
    members_beside: Counts = attribute("i4", "gang members next door", G)
    holding_beside: Counts = attribute("i4", "of these, members of cliques that hold", G)
    reach: Floats = attribute("f8", "members here, and next door by their weight", G)
    contact: Floats = attribute("f8", "chance that a gang member met within reach is a rival", G)
    record: Floats = attribute("f8", "share of each gang's rivals within reach that held", G)
    calm_nearby: float = attribute("f8", "share of all gang members next door that held")
    terms: float = attribute(
        "f8", "what it adds to the order in force, logit: local pact and benefits"
    )
    pact: bool = attribute("b1", "its cliques' own agreement stands, with or without an order")
    drift: float = attribute("f8", "log of a slow factor on gang violence, of its department")
    drift_variance: float = attribute("f8", "variance of it, among runs, by now")
    temper: float = attribute("f8", "that factor, 1 on average")
    grip: float = attribute("f8", "probability that the agreement reaches a clique in a week")
    shield: float = attribute("f8", "probability that a raid from outside is called off")


class SecurityForce(Carrier):
    """The police and soldiers of one municipality."""

    police: float = attribute("f8", "officers")
    soldier_share: float = attribute("f8", "of all soldiers deployed")
    ordinary: float = attribute("f8", "police and soldiers here at the start")
    soldiers: float = attribute("f8", "on patrol here now")
    pressure: float = attribute("f8", "against the ordinary: 1 at the start")
    pressed: float = attribute("f8", "pressure times days since the last count of members")
    deterrence: float = attribute(
        "f8", "what its pressure adds to an order, logit: it spares who obeys"
    )
    excess: float = attribute("f8", "pressure that falls on all alike, beyond the ordinary")
    turmoil: float = attribute("f8", "factor on gang violence: pressure on all alike, and drift")
    backlash: float = attribute("f8", "the same on attacks on the state")
    deadliness: float = attribute("f8", "factor on deaths in encounters: pressure and licence")
    sparing: float = attribute("f8", "share of encounters that members who hold come away from")
    grievance: float = attribute("f8", "colleagues killed and not avenged")
    struck: int = attribute("i8", "colleagues killed this week")


class Leadership(Carrier):
    """The leaders of one gang."""

    gang: int = attribute("i8", "its gang, as parameters.GANGS counts them")
    order: int = attribute("i8", "0 none, 1 pact made in prison, 2 own order")
    ordered: float = attribute("f8", "the day of the latest dated order; -1: none so far")
    unasked: bool = attribute("b1", "the order in force is one that came by the model's hazard")
    strength: float = attribute("f8", "of the order, 0 to 1: 1 on the day it is given")
    wear: float = attribute(
        "f8", "part of its strength that an order with nothing kept loses, 1/week"
    )
    kept: float = attribute("f8", "part of what was promised for it that is kept, 0 to 1")
    reach: float = attribute("f8", "probability that the order reaches a clique")
    gain: float = attribute("f8", "what the leaders gain by it, 0 to 1")
    terms: float = attribute("f8", "what speaks for obeying it, logit: sanction and inducement")
    assurance: float = attribute("f8", "restraint of the rivals that the guarantor assures, 0 to 1")
    pressing: bool = attribute("b1", "has its cliques kill as pressure on the state, in spells")
    climate: float = attribute(
        "f8", "log of a slow factor on gang violence, the same for all gangs"
    )
    unrest: Floats = attribute(
        "f8", "factor of the climate on attacks: on those who do not obey, and on those who do", 2
    )
    onslaught: Floats = attribute("f8", "the same on killings outside the gangs, with pressure", 2)
    members: int = attribute("i8", "at liberty")
    held: int = attribute("i8", "of these, members of cliques that held in the last week")
    prisoners: int = attribute("i8", "in prison")
    returning: float = attribute("f8", "prisoners released in a year, for each member at liberty")
    arrested: int = attribute("i8", "since the last count of members")
    released: int = attribute("i8", "since the last count of members")


class Facilitator(Carrier):
    """Whoever brings further municipalities to sign."""

    month: int = attribute("i8", "of the last round of visits")
    credit: float = attribute(
        "f8", "zones that the capacity so far allows and that were not yet used"
    )
    zones_brought: int = attribute("i8", "zones signed by extension so far")


class Rates(Carrier):
    """What makes the levels at the start what the parameters say, on this run's map.

    Where there are two values, they are of a clique that does not obey an order, and of one that
    does.
    """

    feud: Floats = attribute("f8", "attacks per member and unit of contact, a day", 2)
    retaliate: Floats = attribute("f8", "attacks in return for each one unavenged, a day", 2)
    others: Floats = attribute("f8", "killings of others per member, a day", 2)
    defy: Floats = attribute("f8", "attacks on security forces per member, a day", 2)
    spite: Floats = attribute("f8", "attacks on the state for each member that it killed, a day", 2)
    clash: float = attribute("f8", "killings by forces per member, a day")
    fade: float = attribute("f8", "part of a grievance that is left after a week")
    reprisal: float = attribute("f8", "killings by forces for each colleague killed, a day")


class Parameters:
    """A run's parameters, as a rule reads them: ``p.turnover``.

    Their names and meanings are declared in :data:`trucesim.parameters.PARAMETERS`.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> float: ...


class Conditions:
    """The dated conditions in force, as a rule reads them: ``now.guarantor``.

    Their names and meanings are declared in :data:`trucesim.parameters.CONDITIONS`; those that may
    differ between gangs hold a value for each.
    """

    order: Floats
    order_of: Floats
    ordered: Floats
    channel: Floats

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> float: ...
