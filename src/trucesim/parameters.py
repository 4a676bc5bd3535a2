"""Every number of the model, declared once: what it means, its unit, bounds, source and labels.

All else derives from these declarations: the record of parameters that rules read, the checks of a
scenario file, its JSON Schema, the command line's tables and the ranges that experiments sample.

Two tables stand here. ``PARAMETERS`` hold for a whole run (``p.turnover`` in a rule).
``CONDITIONS`` are dated: a scenario's events change them from one day to the next
(``now.guarantor`` in a rule). A new one is a row: copy one that is like it.
"""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, model_validator

from trucesim.files.errors import InputError, Message, nearest
from trucesim.locale.catalogue import translated
from trucesim.locale.gangs import called

GANGS = ("ms13", "surenos", "revolucionarios", "other_gangs")
"""The gangs in the order in which every array holds them (EVIDENCE, section 3)."""

FloatArray = NDArray[np.float64]


class Parameter(BaseModel):
    """One declared quantity.

    Attributes
    ----------
    name : str
        Its name in files, on the command line and in rules.
    kind : {'uncertain', 'lever', 'fixed'}
        What nobody knows, what somebody can decide, and what is taken as given.
    value : float
        What holds where nothing sets it. None of an uncertain parameter: what a run takes follows
        from posterior and prior (:mod:`trucesim.runs.sampling`).
    low, high : float
        Bounds, inclusive; for an uncertain parameter also the range of its prior.
    title : str
        Short label for people. In title, meaning and source a gang is a field, such as ``{ms13}``
        (:mod:`trucesim.locale.gangs`).
    meaning : str
        What it is, in a sentence without a full stop.
    source : str
        Where the value or the bounds come from; "assumption" where nothing is known.
    unit : str
        Its unit; ``"1"`` for a pure number.
    prior : {'uniform', 'log-uniform'}
        Shape of the prior between the bounds.
    whole : bool
        Whether only whole numbers make sense.
    choices : tuple of str
        Names for the values 0, 1, 2, ... where the value is a choice.
    per_gang : bool
        Whether a dated condition may differ between gangs.
    scales : {'', 'people', 'places'}
        A count of the whole country: where only a part of it is simulated, it is scaled by that
        part's people or places.
    indivisible : bool
        Whether a part of the country has a whole number of it, at least one.
    off : bool
        Whether 0 may be set though it lies below the bounds: nobody believes it, and it takes the
        mechanism out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Literal["uncertain", "lever", "fixed"]
    value: float | None = None
    low: float
    high: float
    title: str
    meaning: str
    source: str
    unit: str = "1"
    prior: Literal["uniform", "log-uniform"] = "uniform"
    whole: bool = False
    choices: tuple[str, ...] = ()
    per_gang: bool = False
    scales: Literal["", "people", "places"] = ""
    indivisible: bool = False
    off: bool = False

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.value is None) != (self.kind == "uncertain"):
            raise ValueError(f"{self.name}: a value must be given unless it is uncertain")
        if self.value is not None and not self.low <= self.value <= self.high:
            raise ValueError(f"{self.name}: value {self.value} outside its bounds")
        if self.prior == "log-uniform" and self.low <= 0:
            raise ValueError(f"{self.name}: a log-uniform prior needs a positive lower bound")
        return self

    @property
    def default(self) -> float:
        """What holds where nothing sets it; nothing does of an uncertain parameter."""
        if self.value is None:
            raise ValueError(f"{self.name} is uncertain: see trucesim.runs.sampling.point_values")
        return self.value

    @property
    def allowed(self) -> Message:
        """What values are allowed, in words."""
        if self.choices == ("no", "yes"):
            return Message("true or false")
        if self.choices:
            return Message("one of {choices}", choices=", ".join(map(repr, self.choices)))
        return Message(
            "{number} from {low:g} to {high:g}{unit}{none}", low=self.low, high=self.high,
            number=Message("a whole number") if self.whole else Message("a number"),
            unit="" if self.unit == "1" else Message(" {unit}", unit=Message(self.unit)),
            none=Message(", or 0: without it") if self.off else "",
        )  # fmt: skip

    def label(self) -> str:
        """Give its short label."""
        return called(translated(self.title))

    def meaning_in(self) -> str:
        """Say what it is, in a sentence without a full stop at its end."""
        return called(translated(self.meaning))

    def unit_in(self) -> str:
        """Write its unit."""
        return translated(self.unit)

    def source_in(self) -> str:
        """Say where its value or its bounds come from."""
        return called(translated(self.source))

    def at[T: (float, FloatArray)](self, share: T) -> T:
        """Give the value below which so large a share of its prior lies."""
        return between(self.low, self.high, share, logarithmic=self.prior == "log-uniform")

    def share(self, value: FloatArray) -> FloatArray:
        """Give the share of its prior that lies below a value."""
        if self.prior == "log-uniform":
            return np.asarray(np.log(value / self.low) / np.log(self.high / self.low))
        return (value - self.low) / (self.high - self.low)

    def read(self, value: object, where: str) -> float:
        """Turn a value from a file or the command line into the number that rules read.

        Parameters
        ----------
        value : object
            A number, a truth value or the name of a choice.
        where : str
            File and key, for the message.

        Returns
        -------
        float

        Raises
        ------
        InputError
            Wrong type, unknown choice, or out of bounds.
        """
        if self.choices:
            if isinstance(value, bool) and self.choices == ("no", "yes"):
                return float(value)
            if isinstance(value, str) and value in self.choices:
                return float(self.choices.index(value))
            hint = nearest(value, self.choices) if isinstance(value, str) else ""
            raise InputError(
                "{where}: {name} = {value!r}, but it must be {allowed}{hint}", where=where,
                name=self.name, value=value, allowed=self.allowed, hint=hint,
            )  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(
                "{where}: {name} = {value!r}, but it must be {allowed}", where=where,
                name=self.name, value=value, allowed=self.allowed,
            )  # fmt: skip
        number = float(value)
        if self.off and number == 0.0:
            return number
        if not self.low <= number <= self.high or (self.whole and number != round(number)):
            raise InputError(
                "{where}: {name} = {value!r}, but it must be {allowed}", where=where,
                name=self.name, value=value, allowed=self.allowed,
            )  # fmt: skip
        return number

    def show(self, number: float) -> str | float | bool:
        """Give a rule's number back in the form a file holds."""
        if self.choices == ("no", "yes"):
            return bool(number)
        return self.choices[int(number)] if self.choices else number


def between[T: (float, FloatArray)](
    low: float, high: float, share: T, *, logarithmic: bool = False
) -> T:
    """Map the unit interval to what lies between two bounds, evenly or evenly in logarithms."""
    return low * (high / low) ** share if logarithmic else low + share * (high - low)


def _table(*rows: Parameter) -> dict[str, Parameter]:
    table = {row.name: row for row in rows}
    if len(table) < len(rows):
        raise ValueError("two declared quantities have one name")
    return table


# fmt: off
_NO_YES = ("no", "yes")

# Sources of several rows.
_ASSUMED = "assumption"
_CENSUS = "census of 2013, EVIDENCE 3 (M)"
_PRIOR_ONLY = "prior only"
_CRUZ = "Cruz & Durán-Martínez 2016; strength assumed"
_WALTER = "Walter 1997; strength assumed"
_LESSING = "Lessing 2015, 2017; strength assumed"
_POLICY_AIM = "policy aim, not an observed regularity (EVIDENCE 1.4)"
_TIMELINE = "timeline.csv"

PARAMETERS: dict[str, Parameter] = _table(
    # --- The world: how many there are, and where they are drawn ---------------------------------
    Parameter(name="cliques", kind="fixed", value=1955, low=10, high=10_000, unit="cliques",
              whole=True, scales="people", indivisible=True,
              title="Cliques",
              meaning="Cliques in the country at the start",
              source=_CENSUS),
    Parameter(name="clique_municipalities", kind="fixed", value=184, low=1, high=262,
              unit="municipalities", whole=True, scales="places", indivisible=True,
              title="Municipalities with cliques",
              meaning="Municipalities that have at least one clique at the start",
              source=_CENSUS),
    Parameter(name="clique_minimum", kind="fixed", value=15, low=1, high=50, unit="members",
              whole=True,
              title="Smallest clique",
              meaning="Fewest members a clique starts with",
              source=_CENSUS),
    Parameter(name="members_at_liberty", kind="uncertain", low=29_325, high=60_000, unit="members",
              scales="people",
              title="Members at liberty",
              meaning="Gang members at liberty at the start",
              source="29,325 is a minimum, 60,000 the police's count of 2012; EVIDENCE 3 (M, conflict)"),
    Parameter(name="members_in_prison", kind="fixed", value=9_553, low=0, high=50_000,
              unit="members", whole=True, scales="people",
              title="Members in prison",
              meaning="Gang members in prison at the start",
              source="EVIDENCE 3 (M)"),
    Parameter(name="ms13_share", kind="uncertain", low=0.40, high=0.70,
              title="{of_ms13} share",
              meaning="Share of cliques that are {of_ms13}",
              source="one district only (Panchimalco 2017: 0.62), EVIDENCE 3 (M, not national)"),
    Parameter(name="surenos_share", kind="uncertain", low=0.30, high=0.60,
              title="{of_surenos} share of {barrio18}",
              meaning="Share of {of_barrio18} cliques that follow {the_surenos}",
              source="one district only (Panchimalco 2017: 0.36), EVIDENCE 3 (M, not national)"),
    Parameter(name="other_gangs_share", kind="uncertain", low=0.01, high=0.08,
              title="Minor gangs' share",
              meaning="Share of cliques of minor gangs",
              source=_ASSUMED),
    Parameter(name="territoriality", kind="uncertain", low=0.2, high=2.0,
              title="Territoriality",
              meaning="Spread (logit scale) of the gangs' mix between municipalities",
              source=_ASSUMED),
    Parameter(name="placement_population", kind="uncertain", low=0.5, high=1.2,
              title="Placement: weight of population",
              meaning="Exponent of population in the number of cliques of a municipality",
              source=_ASSUMED),
    Parameter(name="placement_violence", kind="uncertain", low=0.0, high=1.5,
              title="Placement: weight of violence",
              meaning="Exponent of the homicide rate in the number of cliques of a municipality",
              source=_ASSUMED),
    Parameter(name="placement_patchiness", kind="uncertain", low=0.0, high=1.2,
              title="Placement: patchiness",
              meaning="Spread (log scale) of unexplained differences between municipalities",
              source=_ASSUMED),
    Parameter(name="proxy_2015", kind="uncertain", low=0.0, high=1.0,
              title="Weight of the 2015 rate class",
              meaning="Weight of the municipal rate class of 2015 against the departmental rate of 2010 as the "
                       "proxy for where violence is; 0 uses population and departments alone",
              source="data/README: the only municipal cross-section, from after the truce"),
    Parameter(name="others_violence", kind="uncertain", low=0.0, high=1.5,
              title="Other homicides: weight of violence",
              meaning="Exponent of the homicide rate in a municipality's homicides by non-members",
              source=_ASSUMED),
    Parameter(name="founding_rate", kind="fixed", value=0.5, low=0.0, high=5.0,
              unit="1/(1000 members year)",
              title="New cliques",
              meaning="New cliques a year for every thousand members",
              source=_ASSUMED),
    Parameter(name="dissolution_size", kind="fixed", value=5, low=1, high=15, unit="members",
              whole=True,
              title="Dissolution",
              meaning="A clique with fewer members dissolves and the rest go their ways",
              source=_ASSUMED),
    # --- Levels without an order -------------------------------------------------------------------
    Parameter(name="homicide_level", kind="uncertain", low=10.8, high=12.4, unit="homicides/day",
              scales="people",
              title="Homicides without a truce",
              meaning="Expected killings a day at the start, all kinds but those of and by security forces",
              source="fit pattern pre_truce_daily_mean"),
    Parameter(name="gang_share", kind="uncertain", low=0.45, high=0.90,
              title="Gangs' share of homicides",
              meaning="Share of those killings that gang members commit",
              source="sources conflict from 0.1 to 0.9; EVIDENCE 3 gives 0.45-0.9"),
    Parameter(name="rival_share", kind="uncertain", low=0.30, high=0.80,
              title="Killings of rivals",
              meaning="Share of the gangs' killings whose victims are rival gang members",
              source=_ASSUMED),
    Parameter(name="police_killed_level", kind="uncertain", low=15.0, high=30.0,
              unit="killed/year", scales="people",
              title="Police and soldiers killed",
              meaning="Expected police and soldiers killed by gangs a year at the start",
              source="police killed 2009-2011: 24, 23, 19; EVIDENCE 3 (H)"),
    Parameter(name="clash_level", kind="uncertain", low=15.0, high=80.0, unit="killed/year",
              prior="log-uniform", scales="people",
              title="Gang members killed in clashes",
              meaning="Expected gang members killed by security forces a year at the start",
              source="27 in 2013 is the earliest count; EVIDENCE 3 (H)"),
    # --- Feuds and retaliation ---------------------------------------------------------------------
    Parameter(name="neighbour_weight", kind="uncertain", low=0.0, high=0.5,
              title="Reach into neighbouring municipalities",
              meaning="Contact with rivals in a neighbouring municipality against those in one's own",
              source="Brantingham et al. 2012: rivalry falls with distance; strength assumed"),
    Parameter(name="branching", kind="uncertain", low=0.0, high=0.95,
              title="Retaliation",
              meaning="Expected killings in retaliation for one killing, without an order",
              source="Papachristos 2009; Short et al. 2014; below 1"),
    Parameter(name="retaliation_half_life", kind="uncertain", low=5.0, high=60.0, unit="days",
              prior="log-uniform",
              title="Memory of an attack",
              meaning="Half-life of the wish to retaliate",
              source=_ASSUMED),
    Parameter(name="breach_rivals", kind="uncertain", low=0.0, high=0.35,
              title="Breaches against rivals",
              meaning="Rate of attacks on rivals by a clique that obeys, against one that does not",
              source="Stedman 1997 (spoilers); strength assumed"),
    Parameter(name="breach_others", kind="uncertain", low=0.05, high=0.95,
              title="Breaches against others",
              meaning="Rate of killings of people outside the gangs by a clique that obeys, against one that does "
                       "not",
              source=_ASSUMED),
    Parameter(name="breach_forces", kind="uncertain", low=0.1, high=1.0,
              title="Breaches against security forces",
              meaning="Rate of attacks on security forces by a clique that obeys, against one that does not",
              source="the truce discouraged violence against security forces; strength assumed"),
    # --- Command, inducement, sanction, trust ------------------------------------------------------
    Parameter(name="reach_open", kind="uncertain", low=0.8, high=1.0,
              title="Reach of orders: open channel",
              meaning="Probability that an order reaches a clique in a week, leaders in ordinary prisons",
              source="Shapiro 2013; the fall was immediate; strength assumed"),
    Parameter(name="reach_sealed", kind="uncertain", low=0.0, high=0.4,
              title="Reach of orders: sealed channel",
              meaning="The same with leaders isolated in maximum security",
              source=_PRIOR_ONLY),
    Parameter(name="reach_street", kind="uncertain", low=0.4, high=1.0,
              title="Reach of orders: leaders at liberty",
              meaning="The same for the gangs' own order, carried by leaders at liberty",
              source=_PRIOR_ONLY),
    Parameter(name="channel_left", kind="uncertain", low=0.2, high=1.0,
              title="Narrowed channel",
              meaning="Part of the open channel that is left by each step of the state short of sealing it: meetings barred, spokesmen arrested",
              source="timeline.csv, 2013-05-31 and 2014-05-09; strength assumed"),
    Parameter(name="cohesion_18", kind="uncertain", low=0.8, high=1.0,
              title="Cohesion of {barrio18}",
              meaning="Reach within {barrio18} and minor gangs against {of_ms13}",
              source="Katz et al. find a gradient only for imprisoned {ms13} members; strength assumed"),
    Parameter(name="sanction", kind="uncertain", low=0.0, high=8.0, unit="logit",
              title="Sanction",
              meaning="Weight of the leaders' sanction in a clique's decision to obey",
              source=_CRUZ),
    Parameter(name="inducement", kind="uncertain", low=0.0, high=3.0, unit="logit",
              title="Inducement",
              meaning="Weight of what the leaders gain: a minister who backs the pact, and prison benefits",
              source=_CRUZ),
    Parameter(name="trust_weight", kind="uncertain", low=0.0, high=4.0, unit="logit",
              title="Weight of trust",
              meaning="Weight of trust in the rivals' restraint",
              source=_WALTER),
    Parameter(name="local_gain", kind="uncertain", low=0.0, high=3.0, unit="logit",
              title="Local gain",
              meaning="Weight of what a clique gains by attacking where rivals are near",
              source="Shapiro 2013 (agency); strength assumed"),
    Parameter(name="grievance_weight", kind="uncertain", low=0.0, high=1.5, unit="logit/attack",
              title="Weight of grievance",
              meaning="Weight of each unavenged attack against obeying",
              source=_ASSUMED),
    Parameter(name="disposition_spread", kind="uncertain", low=0.0, high=2.0, unit="logit",
              title="Spoilers",
              meaning="Spread of cliques' lasting disposition to obey",
              source="Stedman 1997; strength assumed"),
    Parameter(name="trust_speed", kind="uncertain", low=0.01, high=0.3, unit="1/week",
              title="Speed of learning",
              meaning="Weight of the last week in a clique's trust",
              source=_ASSUMED),
    Parameter(name="trust_of_recruits", kind="uncertain", low=0.0, high=0.5,
              title="Trust of newcomers",
              meaning="Trust of new members, and of all at the start",
              source=_ASSUMED),
    Parameter(name="guarantor_floor", kind="uncertain", low=0.0, high=0.7,
              title="Guarantor",
              meaning="Lower bound on trust while the guarantor is present: he limits the downside",
              source=_WALTER),
    Parameter(name="zone_commitment", kind="uncertain", low=-0.5, high=1.0, unit="logit",
              title="Zone: commitment",
              meaning="Weight of the local pact where a municipality has signed",
              source="no credible estimate exists, EVIDENCE 1.5"),
    Parameter(name="benefits", kind="uncertain", low=0.0, high=2.0, unit="logit",
              title="Zone: benefits",
              meaning="Weight of benefits that flow to cliques of a zone while they obey",
              source=_CRUZ),
    Parameter(name="deterrence", kind="uncertain", low=0.0, high=2.0, unit="logit",
              title="Conditional repression",
              meaning="Weight of police pressure that spares those who obey",
              source=_LESSING),
    Parameter(name="spreading", kind="lever", value=0.0, low=0.0, high=3.0, unit="logit",
              title="Spreading of peace",
              meaning="Weight of obedience in neighbouring municipalities; a hypothesis, off by default",
              source="not established, EVIDENCE 4"),
    Parameter(name="army_leaves_later_zones", kind="lever", value=0, low=0, high=1,
              choices=_NO_YES,
              title="Army leaves later zones",
              meaning="Whether the army leaves joint patrols also in zones where no source says so",
              source="documented for the first four only, data/README"),
    Parameter(name="army_leaves_after", kind="lever", value=14, low=0, high=365, unit="days",
              whole=True,
              title="Days until the army leaves",
              meaning="Days from a zone's declaration to the army's departure where no date is documented",
              source="4 to 13 days in the first four; assumption"),
    Parameter(name="wearing", kind="uncertain", low=0.01, high=0.3, unit="1/week", off=True,
              prior="log-uniform",
              title="Wearing off",
              meaning="Part of its strength that an order loses in a week while nothing that was promised is kept; the common value of orders",
              source="orders.csv: orders held from nine days to fifteen months; Cruz & Durán-Martínez 2016"),
    Parameter(name="order_spread", kind="uncertain", low=0.3, high=2.5, off=True,
              title="Spread of persistence",
              meaning="Spread (log scale) of how fast orders wear off, from one order to another",
              source="orders.csv (six orders)"),
    Parameter(name="persistence_2010_09", kind="uncertain", low=0.0, high=1.0,
              title="Persistence: September 2010",
              meaning="Place of the order of September 2010 among orders by how long it lasts: 0 the shortest, 1 the longest",
              source="orders.csv, 2010-09"),
    Parameter(name="persistence_2012_03", kind="uncertain", low=0.0, high=1.0,
              title="Persistence: March 2012",
              meaning="Place of the order of March 2012 among orders by how long it lasts: 0 the shortest, 1 the longest",
              source="orders.csv, 2012-03"),
    Parameter(name="persistence_2014_08", kind="uncertain", low=0.0, high=1.0,
              title="Persistence: August 2014",
              meaning="Place of the order of August 2014 among orders by how long it lasts: 0 the shortest, 1 the longest",
              source="orders.csv, 2014-08"),
    Parameter(name="persistence_2015_01", kind="uncertain", low=0.0, high=1.0,
              title="Persistence: January 2015",
              meaning="Place of the order of January 2015 among orders by how long it lasts: 0 the shortest, 1 the longest",
              source="orders.csv, 2015-01"),
    Parameter(name="persistence_2015_11", kind="uncertain", low=0.0, high=1.0,
              title="Persistence: November 2015",
              meaning="Place of the order of November 2015 among orders by how long it lasts: 0 the shortest, 1 the longest",
              source="orders.csv, 2015-11"),
    Parameter(name="persistence_2016_03", kind="uncertain", low=0.0, high=1.0,
              title="Persistence: March 2016",
              meaning="Place of the order of March 2016 among orders by how long it lasts: 0 the shortest, 1 the longest",
              source="orders.csv, 2016-03"),
    Parameter(name="patience", kind="uncertain", low=0.0, high=5.0,
              title="Patience by the guarantor",
              meaning="How much longer a promise is waited for while the guarantor vouches for it",
              source=_WALTER),
    Parameter(name="cliques_part", kind="uncertain", low=0.0, high=0.6,
              title="Cliques' part of the promises",
              meaning="Part of what was promised that is for the cliques, as funds, and not for the leaders",
              source="money went to leaders, and {the_ms13} later split over it (timeline.csv, 2015-12); size assumed"),
    # --- Violence as pressure on the state ---------------------------------------------------------
    Parameter(name="spell_onset", kind="uncertain", low=0.0, high=0.6, unit="1/week",
              title="Pressure: onset",
              meaning="Hazard that a gang whose leaders are refused begins a spell of killing, for each unit of refusal",
              source=_LESSING),
    Parameter(name="spell_weeks", kind="uncertain", low=1.0, high=10.0, unit="weeks",
              prior="log-uniform",
              title="Pressure: length",
              meaning="Mean length of such a spell",
              source="homicides_days.csv, August 2015: bursts of days; length assumed"),
    Parameter(name="spell_strength", kind="uncertain", low=0.0, high=8.0,
              title="Pressure: strength",
              meaning="Relative rise of killings of people outside the gangs, police and soldiers among them, during such a spell",
              source=_LESSING),
    Parameter(name="refusal_hostile", kind="uncertain", low=0.0, high=1.0,
              title="Hostile minister: refusal",
              meaning="What a hostile minister adds to the refusal, in units of unconditional pressure",
              source=_LESSING),
    Parameter(name="heard", kind="uncertain", low=0.0, high=1.0,
              title="Leaders who are heard",
              meaning="How much less leaders press who have an open channel or a guarantor",
              source=_LESSING),
    Parameter(name="unasked_orders", kind="uncertain", low=0.2, high=3.0, unit="1/year", off=True,
              prior="log-uniform",
              title="Unasked orders to hold fire",
              meaning="Hazard of an order to hold fire that nobody asked for, for each unit of refusal",
              source="orders.csv: five in eight years, four of them from August 2014; a wide prior"),
    # --- What the model does not hold --------------------------------------------------------------
    Parameter(name="climate_spread", kind="uncertain", low=0.0, high=0.5,
              title="Climate: spread",
              meaning="Standard deviation of the log of the national climate of gang violence",
              source="discrepancy of the model (Kennedy & O’Hagan 2001)"),
    Parameter(name="climate_return", kind="uncertain", low=0.02, high=0.4, unit="1/week",
              prior="log-uniform",
              title="Climate: return",
              meaning="Speed at which the climate returns to its mean",
              source=_ASSUMED),
    Parameter(name="drift_spread", kind="uncertain", low=0.0, high=0.5,
              title="Drift of hot spots",
              meaning="Standard deviation of the log of a slow factor on gang violence by department, in the long "
                       "run",
              source="departments_later.csv differs from departments_2010.csv; why is not modelled"),
    # --- Local pacts -------------------------------------------------------------------------------
    Parameter(name="pact_grip", kind="uncertain", low=0.0, high=1.0,
              title="Local pact: grip",
              meaning="Probability that a local pact reaches a clique there in a week, with or without an order",
              source="no credible estimate exists, EVIDENCE 1.5"),
    Parameter(name="pact_break", kind="uncertain", low=0.0, high=0.06, unit="1/week",
              title="Local pact: breaking",
              meaning="Hazard that a local pact breaks, at ordinary pressure, without funds and mediators",
              source="no duration is known but one (timeline.csv, 2016-06)"),
    Parameter(name="pact_shield", kind="uncertain", low=0.0, high=0.8,
              title="Local pact: shield",
              meaning="Share of raids from elsewhere on a place with a pact that are called off",
              source="no credible estimate exists, EVIDENCE 1.5"),
    # --- Members come and go -----------------------------------------------------------------------
    Parameter(name="turnover", kind="uncertain", low=0.05, high=0.5, unit="1/year",
              title="Turnover",
              meaning="Share of members who leave a clique in a year and are replaced",
              source="Katz, Harriott & Hedberg 2022 (decay); strength assumed"),
    Parameter(name="recruitment", kind="fixed", value=1.0, low=0.0, high=5.0, unit="1/year",
              title="Recruitment",
              meaning="Speed at which recruits restore a clique's size",
              source=_ASSUMED),
    Parameter(name="arrest_rate", kind="fixed", value=0.05, low=0.0, high=0.5, unit="1/year",
              title="Arrests",
              meaning="Share of members imprisoned in a year at ordinary pressure",
              source=_ASSUMED),
    Parameter(name="release_rate", kind="fixed", value=0.22, low=0.0, high=1.0, unit="1/year",
              title="Releases",
              meaning="Share of prisoners released in a year, who rejoin their gang",
              source=_ASSUMED),
    Parameter(name="reintegration_rate", kind="lever", value=0.05, low=0.0, high=0.5,
              unit="1/year",
              title="Reintegration",
              meaning="Share of an obeying clique's members who leave for good in a year where funds flow",
              source=_ASSUMED),
    # --- Security forces ---------------------------------------------------------------------------
    Parameter(name="police", kind="fixed", value=22_000, low=1_000, high=100_000,
              unit="officers", whole=True, scales="people",
              title="Police",
              meaning="Police officers, placed by population",
              source="EVIDENCE 3 (L)"),
    Parameter(name="backlash", kind="uncertain", low=0.0, high=2.0,
              title="Backlash",
              meaning="Relative rise of attacks on the state for each unit of unconditional pressure above the "
                       "ordinary",
              source="Lessing 2015, 2017; prior only"),
    Parameter(name="turmoil", kind="uncertain", low=0.0, high=0.8,
              title="Turmoil",
              meaning="Relative rise of other gang violence for each unit of unconditional pressure above the "
                       "ordinary",
              source="Lessing 2017; prior only"),
    Parameter(name="defiance", kind="uncertain", low=0.0, high=0.6,
              title="Defiance",
              meaning="Expected attacks on the state for one member killed by security forces",
              source="symmetry with retaliation; with reprisal below 1, so that neither side's killings grow "
                      "without end"),
    Parameter(name="reprisal", kind="uncertain", low=0.0, high=1.5,
              title="Reprisal",
              meaning="Expected gang members killed by the local force for one colleague killed",
              source="symmetry with retaliation; prior only"),
    Parameter(name="lethality", kind="uncertain", low=0.0, high=6.0,
              title="Lethality",
              meaning="Relative rise of deaths in encounters with each documented word or deployment by which the state tells its forces to shoot",
              source="timeline.csv, 2015-01-20, 2015-05-07 and 2016-04-20; strength assumed"),
    Parameter(name="yielding", kind="uncertain", low=0.0, high=0.9,
              title="Avoiding encounters",
              meaning="Share of deadly encounters that members who hold to an order avoid",
              source=_ASSUMED),
    # --- What is seen ------------------------------------------------------------------------------
    Parameter(name="hiding", kind="uncertain", low=0.0, high=0.25,
              title="Hidden killings",
              meaning="Probability that a gang killing is hidden while its gang fully holds to a truce",
              source="EVIDENCE 3: prior 0-0.25, rough central estimate 0.11"),
    Parameter(name="missing_base", kind="uncertain", low=3.5, high=4.7, unit="reports/day",
              scales="people",
              title="Ordinary missing-person reports",
              meaning="Missing-person reports a day that have nothing to do with hidden killings",
              source="728 in January-June 2011, EVIDENCE 3"),
    Parameter(name="missing_reporting", kind="uncertain", low=0.3, high=1.0,
              title="Reported as missing",
              meaning="Probability that a hidden killing's victim is reported missing",
              source=_ASSUMED),
    Parameter(name="forces_in_record", kind="fixed", value=1, low=0, high=1, choices=_NO_YES,
              title="Count those killed by forces",
              meaning="Whether the record counts gang members killed by security forces as homicides",
              source="assumption: the record's own treatment is not known"),
)

CONDITIONS: dict[str, Parameter] = _table(
    Parameter(name="order", kind="lever", value=0, low=0, high=3,
              choices=("none", "pact", "own", "attack"), per_gang=True,
              title="Order to hold fire",
              meaning="Whether the leaders order their cliques to stop killing: a pact made in prison, or the "
                       "gangs' own order carried by leaders at liberty; or to attack, as pressure on the state",
              source=_TIMELINE),
    Parameter(name="order_of", kind="lever", value=0, low=0, high=6, per_gang=True,
              choices=("any", "2010-09", "2012-03", "2014-08", "2015-01", "2015-11", "2016-03"),
              title="Documented order",
              meaning="Which documented order it is, of which the record says how long it lasted; any other takes "
                       "a persistence drawn among those of all orders",
              source="orders.csv"),
    Parameter(name="answers", kind="lever", value=0, low=0, high=1, choices=("hazard", "dated"),
              title="The gangs' answers",
              meaning="Whether unasked orders to hold fire come by the model's own hazard, or only on the days that "
                       "the scenario dates",
              source="orders.csv"),
    Parameter(name="channel", kind="lever", value=0, low=0, high=3,
              choices=("sealed", "cut", "barred", "open"), per_gang=True,
              title="Command channel",
              meaning="Whether imprisoned leaders can reach their cliques: open, with meetings barred, cut off from "
                       "their spokesmen too, or sealed in maximum security",
              source=_TIMELINE),
    Parameter(name="guarantor", kind="lever", value=0, low=0, high=1, choices=_NO_YES,
              title="Guarantor present",
              meaning="Whether the OAS stands as guarantor",
              source=_TIMELINE),
    Parameter(name="minister", kind="lever", value=1, low=0, high=2,
              choices=("hostile", "neutral", "supportive"),
              title="Minister's stance",
              meaning="The security minister's stance towards the process",
              source=_TIMELINE),
    Parameter(name="privileges", kind="lever", value=0, low=0, high=1, choices=_NO_YES,
              title="Prison benefits",
              meaning="Whether the leaders have what they were granted in prison",
              source=_TIMELINE),
    Parameter(name="funds", kind="lever", value=0, low=0, high=1, choices=_NO_YES,
              title="Funds arrive",
              meaning="Whether the promised funds reach the zones and reintegration",
              source=_TIMELINE),
    Parameter(name="repression", kind="lever", value=1.0, low=0.0, high=5.0,
              title="Repression",
              meaning="Pressure of the security forces against the ordinary; each documented escalation counts as "
                       "one unit",
              source="assumption on a scale; dates from timeline.csv"),
    Parameter(name="conditionality", kind="lever", value=0.0, low=0.0, high=1.0,
              title="Conditional repression",
              meaning="Share of that pressure that spares those who obey",
              source="Lessing 2015, 2017"),
    Parameter(name="licence", kind="lever", value=0.0, low=0.0, high=5.0,
              title="Licence to shoot",
              meaning="How far the state tells its forces to shoot; each documented word or deployment counts as one "
                       "unit",
              source=_TIMELINE),
    Parameter(name="soldiers", kind="lever", value=6_500, low=0, high=50_000, unit="soldiers",
              whole=True, scales="people",
              title="Soldiers in public security",
              meaning="Soldiers deployed with the police",
              source="EVIDENCE 3 (H): 6,500 from November 2009 (taken from the start), 11,500 from March 2014"),
    Parameter(name="extension_capacity", kind="lever", value=0.0, low=0.0, high=30.0,
              unit="zones/month", scales="people",
              title="Extension: zones a month",
              meaning="Further zones that the facilitator can bring to sign in a month",
              source=_POLICY_AIM),
    Parameter(name="extension_choice", kind="lever", value=0, low=0, high=2,
              choices=("neighbours", "violence", "random"),
              title="Extension: choice",
              meaning="Which municipalities are asked next: neighbours of zones, the most violent, or any",
              source=_POLICY_AIM),
)
# fmt: on


def parameter_dtype() -> np.dtype[np.void]:
    """Give the record that holds a run's parameters, one float a name, in order of declaration."""
    return np.dtype([(name, "f8") for name in PARAMETERS], align=True)


def condition_dtype() -> np.dtype[np.void]:
    """Give the record of one stretch of days between dated changes.

    ``first_day`` counts days from the start; conditions that may differ between gangs hold one
    value for each of :data:`GANGS`. ``ordered`` is the day of each gang's latest dated order,
    counted from 1; -1 before the first.
    """
    fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = [("first_day", "i8")]
    fields.append(("ordered", "f8", (len(GANGS),)))
    for condition in CONDITIONS.values():
        if condition.per_gang:
            fields.append((condition.name, "f8", (len(GANGS),)))
        else:
            fields.append((condition.name, "f8"))
    return np.dtype(fields, align=True)


def uncertain() -> list[Parameter]:
    """Give the parameters that nobody knows, in order of declaration."""
    return [parameter for parameter in PARAMETERS.values() if parameter.kind == "uncertain"]
