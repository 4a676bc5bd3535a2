"""Every number of the model, declared once: what it means, its unit, bounds, source and labels.

All else derives from these declarations: the record of parameters that rules read, the checks of a
scenario file, its JSON Schema, the command line's tables and the ranges that experiments sample.

Two tables stand here. ``PARAMETERS`` hold for a whole run (``p.turnover`` in a rule).
``CONDITIONS`` are dated: a scenario's events change them from one day to the next
(``now.guarantor`` in a rule).
"""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

from trucesim.files.errors import InputError, nearest

GANGS = ("ms13", "surenos", "revolucionarios", "other_gangs")
"""The gangs in the order in which every array holds them (EVIDENCE, section 3)."""

Kind = Literal["uncertain", "lever", "fixed"]


class Parameter(BaseModel):
    """One declared quantity.

    Attributes
    ----------
    name : str
        Its name in files, on the command line and in rules.
    meaning : str
        What it is, in a sentence.
    unit : str
        Its unit; ``"1"`` for a pure number.
    default : float
        The point value; of an uncertain parameter the posterior's median, to three digits
        (``experiments/calibration``).
    low, high : float
        Bounds, inclusive; for an uncertain parameter also the range of its prior.
    kind : {'uncertain', 'lever', 'fixed'}
        What nobody knows, what somebody can decide, and what is taken as given.
    source : str
        Where the value or the bounds come from; "assumption" where nothing is known.
    en, es : str
        Short labels for people.
    prior : {'uniform', 'log-uniform'}
        Shape of the prior between the bounds.
    whole : bool
        Whether only whole numbers make sense.
    choices : tuple of str
        Names for the values 0, 1, 2, ... where the value is a choice.
    per_gang : bool
        Whether a dated condition may differ between gangs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    meaning: str
    unit: str
    default: float
    low: float
    high: float
    kind: Kind
    source: str
    en: str
    es: str
    prior: Literal["uniform", "log-uniform"] = "uniform"
    whole: bool = False
    choices: tuple[str, ...] = ()
    per_gang: bool = False

    @model_validator(mode="after")
    def _bounds_hold_default(self) -> Self:
        if not self.low <= self.default <= self.high:
            raise ValueError(f"{self.name}: default {self.default} outside its bounds")
        if self.prior == "log-uniform" and self.low <= 0:
            raise ValueError(f"{self.name}: a log-uniform prior needs a positive lower bound")
        return self

    @property
    def allowed(self) -> str:
        """What values are allowed, in words."""
        if self.choices == ("no", "yes"):
            return "true or false"
        if self.choices:
            return "one of " + ", ".join(repr(choice) for choice in self.choices)
        number = "a whole number" if self.whole else "a number"
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{number} from {self.low:g} to {self.high:g}{unit}"

    def label(self, lang: str) -> str:
        """Give its short label."""
        return self.es if lang == "es" else self.en

    def meaning_in(self, lang: str) -> str:
        """Say what it is, in a sentence without a full stop at its end."""
        return MEANINGS_ES[self.name] if lang == "es" else self.meaning

    def unit_in(self, lang: str) -> str:
        """Write its unit."""
        return UNITS_ES.get(self.unit, self.unit) if lang == "es" else self.unit

    def source_in(self, lang: str) -> str:
        """Say where its value or its bounds come from."""
        return SOURCES_ES.get(self.source, self.source) if lang == "es" else self.source

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
                f"{where}: {self.name} = {value!r}, but it must be {self.allowed}{hint}"
            )
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{where}: {self.name} = {value!r}, but it must be {self.allowed}")
        number = float(value)
        if not self.low <= number <= self.high or (self.whole and number != round(number)):
            raise InputError(f"{where}: {self.name} = {value!r}, but it must be {self.allowed}")
        return number

    def show(self, number: float) -> str | float | bool:
        """Give a rule's number back in the form a file holds."""
        if self.choices == ("no", "yes"):
            return bool(number)
        return self.choices[int(number)] if self.choices else number


def _table(*rows: Parameter) -> dict[str, Parameter]:
    return {row.name: row for row in rows}


def _uncertain(
    name: str,
    default: float,
    low: float,
    high: float,
    unit: str,
    en: str,
    es: str,
    meaning: str,
    source: str,
    *,
    prior: Literal["uniform", "log-uniform"] = "uniform",
) -> Parameter:
    return Parameter(
        name=name, meaning=meaning, unit=unit, default=default, low=low, high=high,
        kind="uncertain", source=source, en=en, es=es, prior=prior,
    )  # fmt: skip


def _given(
    name: str,
    default: float,
    low: float,
    high: float,
    unit: str,
    en: str,
    es: str,
    meaning: str,
    source: str,
    *,
    kind: Kind = "fixed",
    whole: bool = False,
    choices: tuple[str, ...] = (),
    per_gang: bool = False,
) -> Parameter:
    return Parameter(
        name=name, meaning=meaning, unit=unit, default=default, low=low, high=high,
        kind=kind, source=source, en=en, es=es, whole=whole, choices=choices, per_gang=per_gang,
    )  # fmt: skip


_NO_YES = ("no", "yes")
_ASSUMED = "assumption"

# fmt: off
PARAMETERS: dict[str, Parameter] = _table(
    # --- The world: how many there are, and where they are drawn ---------------------------------
    _given("cliques", 1955, 10, 10_000, "cliques", "Cliques", "Clicas",
           "Cliques in the country at the start", "census of 2013, EVIDENCE 3 (M)", whole=True),
    _given("clique_municipalities", 184, 1, 262, "municipalities", "Municipalities with cliques",
           "Municipios con clicas", "Municipalities that have at least one clique at the start",
           "census of 2013, EVIDENCE 3 (M)", whole=True),
    _given("clique_minimum", 15, 1, 50, "members", "Smallest clique", "Clica más pequeña",
           "Fewest members a clique starts with", "census of 2013, EVIDENCE 3 (M)", whole=True),
    _uncertain("members_at_liberty", 45_400, 29_325, 60_000, "members", "Members at liberty",
               "Miembros en libertad", "Gang members at liberty at the start",
               "29,325 is a minimum, 60,000 the police's count of 2012; EVIDENCE 3 (M, conflict)"),
    _given("members_in_prison", 9_553, 0, 50_000, "members", "Members in prison",
           "Miembros en prisión", "Gang members in prison at the start", "EVIDENCE 3 (M)", whole=True),
    _uncertain("ms13_share", 0.553, 0.40, 0.70, "1", "MS-13's share", "Proporción de la MS-13",
               "Share of cliques that are MS-13's",
               "one district only (Panchimalco 2017: 0.62), EVIDENCE 3 (M, not national)"),
    _uncertain("surenos_share", 0.452, 0.30, 0.60, "1", "Sureños' share of Barrio 18",
               "Proporción de Sureños en el Barrio 18",
               "Share of Barrio 18's cliques that follow the Sureños",
               "one district only (Panchimalco 2017: 0.36), EVIDENCE 3 (M, not national)"),
    _uncertain("other_gangs_share", 0.0442, 0.01, 0.08, "1", "Minor gangs' share",
               "Proporción de pandillas menores", "Share of cliques of minor gangs", _ASSUMED),
    _uncertain("territoriality", 1.1, 0.2, 2.0, "1", "Territoriality", "Territorialidad",
               "Spread (logit scale) of the gangs' mix between municipalities", _ASSUMED),
    _uncertain("placement_population", 1.01, 0.5, 1.2, "1", "Placement: weight of population",
               "Ubicación: peso de la población",
               "Exponent of population in the number of cliques of a municipality", _ASSUMED),
    _uncertain("placement_violence", 0.792, 0.0, 1.5, "1", "Placement: weight of violence",
               "Ubicación: peso de la violencia",
               "Exponent of the homicide rate in the number of cliques of a municipality", _ASSUMED),
    _uncertain("placement_patchiness", 0.67, 0.0, 1.2, "1", "Placement: patchiness",
               "Ubicación: irregularidad",
               "Spread (log scale) of unexplained differences between municipalities", _ASSUMED),
    _uncertain("proxy_2015", 0.226, 0.0, 1.0, "1", "Weight of the 2015 rate class",
               "Peso de la clase de tasa de 2015",
               "Weight of the municipal rate class of 2015 against the departmental rate of 2010 as "
               "the proxy for where violence is; 0 uses population and departments alone",
               "data/README: the only municipal cross-section, from after the truce"),
    _uncertain("others_violence", 0.343, 0.0, 1.5, "1", "Other homicides: weight of violence",
               "Otros homicidios: peso de la violencia",
               "Exponent of the homicide rate in a municipality's homicides by non-members", _ASSUMED),
    _given("founding_rate", 0.5, 0.0, 5.0, "1/(1000 members year)", "New cliques",
           "Clicas nuevas", "New cliques a year for every thousand members", _ASSUMED),
    _given("dissolution_size", 5, 1, 15, "members", "Dissolution", "Disolución",
           "A clique with fewer members dissolves and the rest go their ways", _ASSUMED, whole=True),
    # --- Levels without an order -------------------------------------------------------------------
    _uncertain("homicide_level", 12.0, 10.8, 12.4, "homicides/day", "Homicides without a truce",
               "Homicidios sin tregua", "Expected killings a day at the start, all kinds but those "
               "of and by security forces", "fit pattern pre_truce_daily_mean"),
    _uncertain("gang_share", 0.81, 0.45, 0.90, "1", "Gangs' share of homicides",
               "Proporción de homicidios de pandillas",
               "Share of those killings that gang members commit",
               "sources conflict from 0.1 to 0.9; EVIDENCE 3 gives 0.45-0.9"),
    _uncertain("rival_share", 0.533, 0.30, 0.80, "1", "Killings of rivals", "Muertes de rivales",
               "Share of the gangs' killings whose victims are rival gang members", _ASSUMED),
    _uncertain("police_killed_level", 23.9, 15.0, 30.0, "killed/year", "Police and soldiers killed",
               "Policías y soldados muertos",
               "Expected police and soldiers killed by gangs a year at the start",
               "police killed 2009-2011: 24, 23, 19; EVIDENCE 3 (H)"),
    _uncertain("clash_level", 23.0, 15.0, 80.0, "killed/year", "Gang members killed in clashes",
               "Pandilleros muertos en enfrentamientos",
               "Expected gang members killed by security forces a year at the start",
               "27 in 2013 is the earliest count; EVIDENCE 3 (H)", prior="log-uniform"),
    # --- Feuds and retaliation ---------------------------------------------------------------------
    _uncertain("neighbour_weight", 0.252, 0.0, 0.5, "1", "Reach into neighbouring municipalities",
               "Alcance a municipios vecinos",
               "Contact with rivals in a neighbouring municipality against those in one's own",
               "Brantingham et al. 2012: rivalry falls with distance; strength assumed"),
    _uncertain("branching", 0.819, 0.0, 0.95, "1", "Retaliation", "Represalias",
               "Expected killings in retaliation for one killing, without an order",
               "Papachristos 2009; Short et al. 2014; below 1"),
    _uncertain("retaliation_half_life", 5.46, 5.0, 60.0, "days", "Memory of an attack",
               "Memoria de un ataque", "Half-life of the wish to retaliate", _ASSUMED,
               prior="log-uniform"),
    _uncertain("breach_rivals", 0.17, 0.0, 0.35, "1", "Breaches against rivals",
               "Incumplimientos contra rivales",
               "Rate of attacks on rivals by a clique that obeys, against one that does not",
               "Stedman 1997 (spoilers); strength assumed"),
    _uncertain("breach_others", 0.774, 0.05, 0.95, "1", "Breaches against others",
               "Incumplimientos contra otros",
               "Rate of killings of people outside the gangs by a clique that obeys, against one "
               "that does not", _ASSUMED),
    _uncertain("breach_forces", 0.502, 0.1, 1.0, "1", "Breaches against security forces",
               "Incumplimientos contra fuerzas de seguridad",
               "Rate of attacks on security forces by a clique that obeys, against one that does not",
               "the truce discouraged violence against security forces; strength assumed"),
    # --- Command, inducement, sanction, trust ------------------------------------------------------
    _uncertain("reach_open", 0.908, 0.8, 1.0, "1", "Reach of orders: open channel",
               "Alcance de la orden: canal abierto",
               "Probability that an order reaches a clique in a week, leaders in ordinary prisons",
               "Shapiro 2013; the fall was immediate; strength assumed"),
    _uncertain("reach_sealed", 0.198, 0.0, 0.4, "1", "Reach of orders: sealed channel",
               "Alcance de la orden: canal cerrado",
               "The same with leaders isolated in maximum security", "prior only"),
    _uncertain("reach_street", 0.681, 0.4, 0.95, "1", "Reach of orders: leaders at liberty",
               "Alcance de la orden: jefes en libertad",
               "The same for the gangs' own order, carried by leaders at liberty", "prior only"),
    _uncertain("reach_hostile", 0.83, 0.5, 1.0, "1", "Hostile minister: reach",
               "Ministro hostil: alcance",
               "Factor on the reach through prisons while the minister is hostile", "prior only"),
    _uncertain("cohesion_18", 0.907, 0.8, 1.0, "1", "Cohesion of Barrio 18", "Cohesión del Barrio 18",
               "Reach within Barrio 18 and minor gangs against MS-13's",
               "Katz et al. find a gradient only for imprisoned MS-13 members; strength assumed"),
    _uncertain("sanction", 3.02, 0.0, 4.0, "logit", "Sanction", "Sanción",
               "Weight of the leaders' sanction in a clique's decision to obey",
               "Cruz & Durán-Martínez 2016; strength assumed"),
    _uncertain("inducement", 1.61, 0.0, 3.0, "logit", "Inducement", "Incentivo",
               "Weight of what the leaders gain while channel and minister allow it",
               "Cruz & Durán-Martínez 2016; strength assumed"),
    _uncertain("trust_weight", 2.02, 0.0, 4.0, "logit", "Weight of trust", "Peso de la confianza",
               "Weight of trust in the rivals' restraint",
               "Walter 1997; strength assumed"),
    _uncertain("local_gain", 1.29, 0.0, 3.0, "logit", "Local gain", "Ganancia local",
               "Weight of what a clique gains by attacking where rivals are near",
               "Shapiro 2013 (agency); strength assumed"),
    _uncertain("grievance_weight", 0.714, 0.0, 1.5, "logit/attack", "Weight of grievance",
               "Peso del agravio", "Weight of each unavenged attack against obeying", _ASSUMED),
    _uncertain("disposition_spread", 0.966, 0.0, 2.0, "logit", "Spoilers", "Saboteadores",
               "Spread of cliques' lasting disposition to obey",
               "Stedman 1997; strength assumed"),
    _uncertain("trust_speed", 0.16, 0.01, 0.3, "1/week", "Speed of learning",
               "Velocidad de aprendizaje", "Weight of the last week in a clique's trust", _ASSUMED),
    _uncertain("trust_of_recruits", 0.268, 0.0, 0.5, "1", "Trust of newcomers",
               "Confianza de los nuevos", "Trust of new members, and of all at the start", _ASSUMED),
    _uncertain("guarantor_floor", 0.352, 0.0, 0.7, "1", "Guarantor", "Garante",
               "Lower bound on trust while the guarantor is present: he limits the downside",
               "Walter 1997; strength assumed"),
    _uncertain("zone_commitment", 0.27, -0.5, 1.0, "logit", "Zone: commitment",
               "Municipio: compromiso", "Weight of the local pact where a municipality has signed",
               "no credible estimate exists, EVIDENCE 1.5"),
    _uncertain("benefits", 0.983, 0.0, 2.0, "logit", "Zone: benefits", "Municipio: beneficios",
               "Weight of benefits that flow to cliques of a zone while they obey",
               "Cruz & Durán-Martínez 2016; strength assumed"),
    _uncertain("deterrence", 0.954, 0.0, 2.0, "logit", "Conditional repression",
               "Represión condicionada",
               "Weight of police pressure that spares those who obey",
               "Lessing 2015, 2017; strength assumed"),
    _given("spreading", 0.0, 0.0, 3.0, "logit", "Spreading of peace", "Contagio de la paz",
           "Weight of obedience in neighbouring municipalities; a hypothesis, off by default",
           "not established, EVIDENCE 4", kind="lever"),
    _given("army_leaves_later_zones", 0, 0, 1, "1", "Army leaves later zones",
           "El ejército sale de los municipios posteriores",
           "Whether the army leaves joint patrols also in zones where no source says so",
           "documented for the first four only, data/README", kind="lever", choices=_NO_YES),
    _given("army_leaves_after", 14, 0, 365, "days", "Days until the army leaves",
           "Días hasta la salida del ejército",
           "Days from a zone's declaration to the army's departure where no date is documented",
           "4 to 13 days in the first four; assumption", kind="lever", whole=True),
    # --- Members come and go -----------------------------------------------------------------------
    _uncertain("turnover", 0.273, 0.05, 0.5, "1/year", "Turnover", "Renovación",
               "Share of members who leave a clique in a year and are replaced",
               "Katz, Harriott & Hedberg 2022 (decay); strength assumed"),
    _given("recruitment", 1.0, 0.0, 5.0, "1/year", "Recruitment", "Reclutamiento",
           "Speed at which recruits restore a clique's size", _ASSUMED),
    _given("arrest_rate", 0.05, 0.0, 0.5, "1/year", "Arrests", "Detenciones",
           "Share of members imprisoned in a year at ordinary pressure", _ASSUMED),
    _given("release_rate", 0.22, 0.0, 1.0, "1/year", "Releases", "Liberaciones",
           "Share of prisoners released in a year, who rejoin their gang", _ASSUMED),
    _given("reintegration_rate", 0.05, 0.0, 0.5, "1/year", "Reintegration", "Reinserción",
           "Share of an obeying clique's members who leave for good in a year where funds flow",
           _ASSUMED, kind="lever"),
    # --- Security forces ---------------------------------------------------------------------------
    _given("police", 22_000, 1_000, 100_000, "officers", "Police", "Policías",
           "Police officers, placed by population", "EVIDENCE 3 (L)", whole=True),
    _uncertain("backlash", 1.0, 0.0, 2.0, "1", "Backlash", "Reacción a la represión",
               "Relative rise of attacks on the state for each unit of unconditional pressure "
               "above the ordinary", "Lessing 2015, 2017; prior only"),
    _uncertain("turmoil", 0.407, 0.0, 0.8, "1", "Turmoil", "Turbulencia",
               "Relative rise of other gang violence for each unit of unconditional pressure "
               "above the ordinary", "Lessing 2017; prior only"),
    _uncertain("defiance", 0.274, 0.0, 0.6, "1", "Defiance", "Desafío",
               "Expected attacks on the state for one member killed by security forces",
               "symmetry with retaliation; with reprisal below 1, so that neither side's killings "
               "grow without end"),
    _uncertain("reprisal", 0.202, 0.0, 1.5, "1", "Reprisal", "Represalia de las fuerzas",
               "Expected gang members killed by the local force for one colleague killed",
               "symmetry with retaliation; prior only"),
    # --- What is seen ------------------------------------------------------------------------------
    _uncertain("hiding", 0.235, 0.0, 0.25, "1", "Hidden killings", "Muertes ocultas",
               "Probability that a gang killing is hidden while its gang fully holds to a truce",
               "EVIDENCE 3: prior 0-0.25, rough central estimate 0.11"),
    _uncertain("missing_base", 4.29, 3.5, 4.7, "reports/day", "Ordinary missing-person reports",
               "Denuncias ordinarias de desaparecidos",
               "Missing-person reports a day that have nothing to do with hidden killings",
               "728 in January-June 2011, EVIDENCE 3"),
    _uncertain("missing_reporting", 0.71, 0.3, 1.0, "1", "Reported as missing",
               "Denunciado como desaparecido",
               "Probability that a hidden killing's victim is reported missing", _ASSUMED),
    _given("forces_in_record", 1, 0, 1, "1", "Count those killed by forces",
           "Contar muertos por fuerzas",
           "Whether the record counts gang members killed by security forces as homicides",
           "assumption: the record's own treatment is not known", choices=_NO_YES),
)

CONDITIONS: dict[str, Parameter] = _table(
    _given("order", 0, 0, 2, "1", "Order to hold fire", "Orden de cese",
           "Whether the leaders order their cliques to stop killing: a pact made in prison, or the "
           "gangs' own order carried by leaders at liberty", "timeline.csv",
           kind="lever", choices=("none", "pact", "own"), per_gang=True),
    _given("channel", 0, 0, 1, "1", "Command channel", "Canal de mando",
           "Whether imprisoned leaders can reach their cliques", "timeline.csv",
           kind="lever", choices=("sealed", "open"), per_gang=True),
    _given("guarantor", 0, 0, 1, "1", "Guarantor present", "Garante presente",
           "Whether the OAS stands as guarantor", "timeline.csv", kind="lever", choices=_NO_YES),
    _given("minister", 1, 0, 2, "1", "Minister's stance", "Postura del ministro",
           "The security minister's stance towards the process", "timeline.csv",
           kind="lever", choices=("hostile", "neutral", "supportive")),
    _given("funds", 0, 0, 1, "1", "Funds arrive", "Llegan los fondos",
           "Whether the promised funds reach the zones and reintegration", "timeline.csv",
           kind="lever", choices=_NO_YES),
    _given("repression", 1.0, 0.0, 5.0, "1", "Repression", "Represión",
           "Pressure of the security forces against the ordinary; each documented escalation "
           "counts as one unit", "assumption on a scale; dates from timeline.csv", kind="lever"),
    _given("conditionality", 0.0, 0.0, 1.0, "1", "Conditional repression",
           "Represión condicionada",
           "Share of that pressure that spares those who obey", "Lessing 2015, 2017", kind="lever"),
    _given("soldiers", 6_500, 0, 50_000, "soldiers", "Soldiers in public security",
           "Soldados en seguridad pública", "Soldiers deployed with the police",
           "EVIDENCE 3 (H): 6,500 from November 2009 (taken from the start), 11,500 from March 2014",
           kind="lever", whole=True),
    _given("extension_capacity", 0.0, 0.0, 30.0, "zones/month", "Extension: zones a month",
           "Extensión: municipios por mes",
           "Further zones that the facilitator can bring to sign in a month",
           "policy aim, not an observed regularity (EVIDENCE 1.4)", kind="lever"),
    _given("extension_choice", 0, 0, 2, "1", "Extension: choice", "Extensión: criterio",
           "Which municipalities are asked next: neighbours of zones, the most violent, or any",
           "policy aim, not an observed regularity (EVIDENCE 1.4)", kind="lever",
           choices=("neighbours", "violence", "random")),
)
# fmt: on


def parameter_dtype() -> np.dtype[np.void]:
    """Give the record that holds a run's parameters, one float a name, in order of declaration."""
    return np.dtype([(name, "f8") for name in PARAMETERS], align=True)


def condition_dtype() -> np.dtype[np.void]:
    """Give the record of one stretch of days between dated changes.

    ``first_day`` counts days from the start; conditions that may differ between gangs hold one
    value for each of :data:`GANGS`.
    """
    fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = [("first_day", "i8")]
    for condition in CONDITIONS.values():
        if condition.per_gang:
            fields.append((condition.name, "f8", (len(GANGS),)))
        else:
            fields.append((condition.name, "f8"))
    return np.dtype(fields, align=True)


def defaults() -> dict[str, float]:
    """Give every parameter's point value, by name."""
    return {name: parameter.default for name, parameter in PARAMETERS.items()}


def uncertain() -> list[Parameter]:
    """Give the parameters that nobody knows, in order of declaration."""
    return [parameter for parameter in PARAMETERS.values() if parameter.kind == "uncertain"]


EXTENSIVE = frozenset(
    {
        "cliques",
        "members_at_liberty",
        "members_in_prison",
        "homicide_level",
        "police_killed_level",
        "clash_level",
        "police",
        "missing_base",
        "soldiers",
        "extension_capacity",
    }
)
"""Counts of a whole country: scaled by population when only a part of it is simulated."""

MEANINGS_ES: dict[str, str] = {
    "cliques": "Clicas en el país al inicio",
    "clique_municipalities": "Municipios que tienen al menos una clica al inicio",
    "clique_minimum": "El menor número de miembros con que empieza una clica",
    "members_at_liberty": "Pandilleros en libertad al inicio",
    "members_in_prison": "Pandilleros en prisión al inicio",
    "ms13_share": "Proporción de las clicas que son de la MS-13",
    "surenos_share": "Proporción de las clicas del Barrio 18 que siguen a los Sureños",
    "other_gangs_share": "Proporción de las clicas que son de pandillas menores",
    "territoriality": "Variación (escala logit) de la mezcla de pandillas entre municipios",
    "placement_population": "Exponente de la población en el número de clicas de un municipio",
    "placement_violence": "Exponente de la tasa de homicidios en el número de clicas de un municipio",
    "placement_patchiness": "Variación (escala logarítmica) de las diferencias sin explicar entre municipios",
    "proxy_2015": "Peso de la clase de tasa municipal de 2015 frente a la tasa departamental de 2010 para indicar dónde hay violencia; 0 usa solo población y departamentos",
    "others_violence": "Exponente de la tasa de homicidios en los homicidios de un municipio que no cometen pandilleros",
    "founding_rate": "Clicas nuevas al año por cada mil miembros",
    "dissolution_size": "Una clica con menos miembros se disuelve y los demás siguen su camino",
    "homicide_level": "Muertes esperadas por día al inicio, de todo tipo menos las de fuerzas de seguridad y las causadas por ellas",
    "gang_share": "Proporción de esas muertes que cometen pandilleros",
    "rival_share": "Proporción de las muertes causadas por pandillas cuyas víctimas son pandilleros rivales",
    "police_killed_level": "Policías y soldados que se espera que maten las pandillas en un año, al inicio",
    "clash_level": "Pandilleros que se espera que maten las fuerzas de seguridad en un año, al inicio",
    "neighbour_weight": "Contacto con rivales de un municipio vecino frente al contacto con los del propio",
    "branching": "Muertes esperadas en represalia por una muerte, sin orden de cese",
    "retaliation_half_life": "Vida media del deseo de represalia",
    "breach_rivals": "Tasa de ataques a rivales de una clica que obedece, frente a una que no",
    "breach_others": "Tasa de muertes de personas ajenas a las pandillas por una clica que obedece, frente a una que no",
    "breach_forces": "Tasa de ataques a fuerzas de seguridad de una clica que obedece, frente a una que no",
    "reach_open": "Probabilidad de que una orden llegue a una clica en una semana, con los jefes en penales ordinarios",
    "reach_sealed": "Lo mismo con los jefes aislados en máxima seguridad",
    "reach_street": "Lo mismo para la orden propia de las pandillas, llevada por jefes en libertad",
    "reach_hostile": "Factor sobre el alcance desde los penales mientras el ministro es hostil",
    "cohesion_18": "Alcance dentro del Barrio 18 y de las pandillas menores frente al de la MS-13",
    "sanction": "Peso de la sanción de los jefes en la decisión de obedecer de una clica",
    "inducement": "Peso de lo que ganan los jefes mientras el canal y el ministro lo permiten",
    "trust_weight": "Peso de la confianza en que los rivales se contienen",
    "local_gain": "Peso de lo que gana una clica al atacar donde hay rivales cerca",
    "grievance_weight": "Peso de cada ataque sin vengar en contra de obedecer",
    "disposition_spread": "Variación de la disposición duradera de las clicas a obedecer",
    "trust_speed": "Peso de la última semana en la confianza de una clica",
    "trust_of_recruits": "Confianza de los miembros nuevos, y de todos al inicio",
    "guarantor_floor": "Límite inferior de la confianza mientras está el garante: limita lo que se puede perder",
    "zone_commitment": "Peso del pacto local donde un municipio ha firmado",
    "benefits": "Peso de los beneficios que reciben las clicas de un municipio libre de violencia mientras obedecen",
    "deterrence": "Peso de la presión policial que no toca a quienes obedecen",
    "spreading": "Peso de la obediencia en los municipios vecinos; una hipótesis, apagada si no se elige",
    "army_leaves_later_zones": "Si el ejército sale de los patrullajes también en los municipios donde ninguna fuente lo dice",
    "army_leaves_after": "Días desde la firma de un municipio hasta la salida del ejército donde no hay fecha documentada",
    "turnover": "Proporción de miembros que dejan una clica en un año y son reemplazados",
    "recruitment": "Velocidad con que los nuevos restablecen el tamaño de una clica",
    "arrest_rate": "Proporción de miembros encarcelados en un año con la presión ordinaria",
    "release_rate": "Proporción de presos liberados en un año, que vuelven a su pandilla",
    "reintegration_rate": "Proporción de los miembros de una clica que obedece que se van para siempre en un año donde hay fondos",
    "police": "Policías, ubicados según la población",
    "backlash": "Aumento relativo de los ataques al Estado por cada unidad de presión sin condiciones por encima de la ordinaria",
    "turmoil": "Aumento relativo de la otra violencia de pandillas por cada unidad de presión sin condiciones por encima de la ordinaria",
    "defiance": "Ataques al Estado esperados por cada miembro muerto por fuerzas de seguridad",
    "reprisal": "Pandilleros que se espera que mate la fuerza local por cada colega muerto",
    "hiding": "Probabilidad de que se oculte una muerte causada por una pandilla que cumple del todo la tregua",
    "missing_base": "Denuncias de desaparecidos por día que no tienen que ver con muertes ocultas",
    "missing_reporting": "Probabilidad de que la víctima de una muerte oculta se denuncie como desaparecida",
    "forces_in_record": "Si el registro cuenta como homicidios a los pandilleros muertos por fuerzas de seguridad",
    "order": "Si los jefes ordenan a sus clicas dejar de matar: un pacto hecho en prisión, o la orden propia de las pandillas llevada por jefes en libertad",
    "channel": "Si los jefes presos pueden comunicarse con sus clicas",
    "guarantor": "Si la OEA está presente como garante",
    "minister": "La postura del ministro de Seguridad ante el proceso",
    "funds": "Si los fondos prometidos llegan a los municipios libres de violencia y a la reinserción",
    "repression": "Presión de las fuerzas de seguridad frente a la ordinaria; cada escalada documentada cuenta como una unidad",
    "conditionality": "Parte de esa presión que no toca a quienes obedecen",
    "soldiers": "Soldados desplegados junto a la policía",
    "extension_capacity": "Municipios que los facilitadores pueden sumar por mes a los que ya firmaron",
    "extension_choice": "A qué municipios se invita después: vecinos de los que ya firmaron, los más violentos, o cualquiera",
}
"""What each declared quantity is, in Spanish."""

UNITS_ES = {
    "1/(1000 members year)": "1/(1000 miembros año)",
    "1/week": "1/semana",
    "1/year": "1/año",
    "cliques": "clicas",
    "days": "días",
    "homicides/day": "homicidios/día",
    "killed/year": "muertos/año",
    "logit/attack": "logit/ataque",
    "members": "miembros",
    "municipalities": "municipios",
    "officers": "agentes",
    "reports/day": "denuncias/día",
    "soldiers": "soldados",
    "zones/month": "municipios/mes",
}
"""Units whose name differs in Spanish."""

SOURCES_ES = {
    "census of 2013, EVIDENCE 3 (M)": "censo de 2013, EVIDENCE 3 (M)",
    "29,325 is a minimum, 60,000 the police's count of 2012; EVIDENCE 3 (M, conflict)": "29 325 es un mínimo, 60 000 el conteo de la policía en 2012; EVIDENCE 3 (M, en conflicto)",
    "one district only (Panchimalco 2017: 0.62), EVIDENCE 3 (M, not national)": "un solo distrito (Panchimalco 2017: 0,62), EVIDENCE 3 (M, no nacional)",
    "one district only (Panchimalco 2017: 0.36), EVIDENCE 3 (M, not national)": "un solo distrito (Panchimalco 2017: 0,36), EVIDENCE 3 (M, no nacional)",
    "assumption": "supuesto",
    "data/README: the only municipal cross-section, from after the truce": "data/README: el único corte municipal, posterior a la tregua",
    "fit pattern pre_truce_daily_mean": "patrón de ajuste pre_truce_daily_mean",
    "sources conflict from 0.1 to 0.9; EVIDENCE 3 gives 0.45-0.9": "las fuentes se contradicen, de 0,1 a 0,9; EVIDENCE 3 da 0,45-0,9",
    "police killed 2009-2011: 24, 23, 19; EVIDENCE 3 (H)": "policías asesinados 2009-2011: 24, 23, 19; EVIDENCE 3 (H)",
    "27 in 2013 is the earliest count; EVIDENCE 3 (H)": "27 en 2013 es el primer conteo; EVIDENCE 3 (H)",
    "Brantingham et al. 2012: rivalry falls with distance; strength assumed": "Brantingham et al. 2012: la rivalidad baja con la distancia; la fuerza es un supuesto",
    "Papachristos 2009; Short et al. 2014; below 1": "Papachristos 2009; Short et al. 2014; menor que 1",
    "Stedman 1997 (spoilers); strength assumed": "Stedman 1997 (saboteadores); la fuerza es un supuesto",
    "the truce discouraged violence against security forces; strength assumed": "la tregua desalentaba la violencia contra fuerzas de seguridad; la fuerza es un supuesto",
    "Shapiro 2013; the fall was immediate; strength assumed": "Shapiro 2013; el descenso fue inmediato; la fuerza es un supuesto",
    "prior only": "solo un supuesto previo",
    "Katz et al. find a gradient only for imprisoned MS-13 members; strength assumed": "Katz et al. hallan un gradiente solo para miembros presos de la MS-13; la fuerza es un supuesto",
    "Cruz & Durán-Martínez 2016; strength assumed": "Cruz y Durán-Martínez 2016; la fuerza es un supuesto",
    "Walter 1997; strength assumed": "Walter 1997; la fuerza es un supuesto",
    "Shapiro 2013 (agency); strength assumed": "Shapiro 2013 (agencia); la fuerza es un supuesto",
    "Stedman 1997; strength assumed": "Stedman 1997; la fuerza es un supuesto",
    "no credible estimate exists, EVIDENCE 1.5": "no existe una estimación creíble, EVIDENCE 1.5",
    "Lessing 2015, 2017; strength assumed": "Lessing 2015, 2017; la fuerza es un supuesto",
    "not established, EVIDENCE 4": "no está demostrado, EVIDENCE 4",
    "documented for the first four only, data/README": "documentado solo para los primeros cuatro, data/README",
    "4 to 13 days in the first four; assumption": "de 4 a 13 días en los primeros cuatro; supuesto",
    "Katz, Harriott & Hedberg 2022 (decay); strength assumed": "Katz, Harriott y Hedberg 2022 (desgaste); la fuerza es un supuesto",
    "Lessing 2015, 2017; prior only": "Lessing 2015, 2017; solo un supuesto previo",
    "Lessing 2017; prior only": "Lessing 2017; solo un supuesto previo",
    "symmetry with retaliation; with reprisal below 1, so that neither side's killings grow without end": "simetría con las represalias; junto con la represalia de las fuerzas menor que 1, para que las muertes de ningún lado crezcan sin fin",
    "symmetry with retaliation; prior only": "simetría con las represalias; solo un supuesto previo",
    "EVIDENCE 3: prior 0-0.25, rough central estimate 0.11": "EVIDENCE 3: supuesto previo 0-0,25, estimación central aproximada 0,11",
    "728 in January-June 2011, EVIDENCE 3": "728 de enero a junio de 2011, EVIDENCE 3",
    "assumption: the record's own treatment is not known": "supuesto: no se sabe cómo los trata el registro",
    "assumption on a scale; dates from timeline.csv": "supuesto sobre la escala; fechas de timeline.csv",
    "EVIDENCE 3 (H): 6,500 from November 2009 (taken from the start), 11,500 from March 2014": "EVIDENCE 3 (H): 6500 desde noviembre de 2009 (se toman desde el inicio), 11 500 desde marzo de 2014",
    "policy aim, not an observed regularity (EVIDENCE 1.4)": "meta de la política, no una regularidad observada (EVIDENCE 1.4)",
}
"""Sources whose words differ in Spanish; citations and names of files are the same."""
