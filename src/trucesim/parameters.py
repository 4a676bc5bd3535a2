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

from trucesim.files.errors import InputError, nearest

GANGS = ("ms13", "surenos", "revolucionarios", "other_gangs")
"""The gangs in the order in which every array holds them (EVIDENCE, section 3)."""

FloatArray = NDArray[np.float64]
type Words = tuple[str, str]
"""The same in English and in Spanish."""


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
    title : pair of str
        Short label for people.
    meaning : pair of str
        What it is, in a sentence without a full stop.
    source : pair of str
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
    title: Words
    meaning: Words
    source: Words
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
    def en(self) -> str:
        """Its short label in English."""
        return self.title[0]

    @property
    def es(self) -> str:
        """Its short label in Spanish."""
        return self.title[1]

    @property
    def allowed(self) -> str:
        """What values are allowed, in words."""
        if self.choices == ("no", "yes"):
            return "true or false"
        if self.choices:
            return "one of " + ", ".join(repr(choice) for choice in self.choices)
        number = "a whole number" if self.whole else "a number"
        unit = "" if self.unit == "1" else f" {self.unit}"
        none = ", or 0: without it" if self.off else ""
        return f"{number} from {self.low:g} to {self.high:g}{unit}{none}"

    def label(self, lang: str) -> str:
        """Give its short label."""
        return self.title[lang == "es"]

    def meaning_in(self, lang: str) -> str:
        """Say what it is, in a sentence without a full stop at its end."""
        return self.meaning[lang == "es"]

    def unit_in(self, lang: str) -> str:
        """Write its unit."""
        return _UNITS_ES.get(self.unit, self.unit) if lang == "es" else self.unit

    def source_in(self, lang: str) -> str:
        """Say where its value or its bounds come from."""
        return self.source[lang == "es"]

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
                f"{where}: {self.name} = {value!r}, but it must be {self.allowed}{hint}"
            )
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{where}: {self.name} = {value!r}, but it must be {self.allowed}")
        number = float(value)
        if self.off and number == 0.0:
            return number
        if not self.low <= number <= self.high or (self.whole and number != round(number)):
            raise InputError(f"{where}: {self.name} = {value!r}, but it must be {self.allowed}")
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


def _same(text: str) -> Words:
    """Citations and names of files are the same in both languages."""
    return text, text


# fmt: off
_NO_YES = ("no", "yes")

# Sources of several rows.
_ASSUMED = "assumption", "supuesto"
_CENSUS = "census of 2013, EVIDENCE 3 (M)", "censo de 2013, EVIDENCE 3 (M)"
_PRIOR_ONLY = "prior only", "solo un supuesto previo"
_CRUZ = "Cruz & Durán-Martínez 2016; strength assumed", "Cruz y Durán-Martínez 2016; la fuerza es un supuesto"
_WALTER = "Walter 1997; strength assumed", "Walter 1997; la fuerza es un supuesto"
_LESSING = "Lessing 2015, 2017; strength assumed", "Lessing 2015, 2017; la fuerza es un supuesto"
_POLICY_AIM = "policy aim, not an observed regularity (EVIDENCE 1.4)", "meta de la política, no una regularidad observada (EVIDENCE 1.4)"
_TIMELINE = _same("timeline.csv")

_UNITS_ES = {
    "1/(1000 members year)": "1/(1000 miembros año)", "1/week": "1/semana", "1/year": "1/año",
    "cliques": "clicas", "days": "días", "homicides/day": "homicidios/día",
    "killed/year": "muertos/año", "logit/attack": "logit/ataque", "members": "miembros",
    "municipalities": "municipios", "officers": "agentes", "reports/day": "denuncias/día",
    "soldiers": "soldados", "weeks": "semanas", "zones/month": "municipios/mes",
}
"""Units whose name differs in Spanish."""

PARAMETERS: dict[str, Parameter] = _table(
    # --- The world: how many there are, and where they are drawn ---------------------------------
    Parameter(name="cliques", kind="fixed", value=1955, low=10, high=10_000, unit="cliques",
              whole=True, scales="people", indivisible=True,
              title=("Cliques", "Clicas"),
              meaning=("Cliques in the country at the start", "Clicas en el país al inicio"),
              source=_CENSUS),
    Parameter(name="clique_municipalities", kind="fixed", value=184, low=1, high=262,
              unit="municipalities", whole=True, scales="places", indivisible=True,
              title=("Municipalities with cliques", "Municipios con clicas"),
              meaning=("Municipalities that have at least one clique at the start",
                       "Municipios que tienen al menos una clica al inicio"),
              source=_CENSUS),
    Parameter(name="clique_minimum", kind="fixed", value=15, low=1, high=50, unit="members",
              whole=True,
              title=("Smallest clique", "Clica más pequeña"),
              meaning=("Fewest members a clique starts with",
                       "El menor número de miembros con que empieza una clica"),
              source=_CENSUS),
    Parameter(name="members_at_liberty", kind="uncertain", low=29_325, high=60_000, unit="members",
              scales="people",
              title=("Members at liberty", "Miembros en libertad"),
              meaning=("Gang members at liberty at the start", "Pandilleros en libertad al inicio"),
              source=("29,325 is a minimum, 60,000 the police's count of 2012; EVIDENCE 3 (M, conflict)",
                      "29 325 es un mínimo, 60 000 el conteo de la policía en 2012; EVIDENCE 3 (M, en conflicto)")),
    Parameter(name="members_in_prison", kind="fixed", value=9_553, low=0, high=50_000,
              unit="members", whole=True, scales="people",
              title=("Members in prison", "Miembros en prisión"),
              meaning=("Gang members in prison at the start", "Pandilleros en prisión al inicio"),
              source=_same("EVIDENCE 3 (M)")),
    Parameter(name="ms13_share", kind="uncertain", low=0.40, high=0.70,
              title=("MS-13's share", "Proporción de la MS-13"),
              meaning=("Share of cliques that are MS-13's",
                       "Proporción de las clicas que son de la MS-13"),
              source=("one district only (Panchimalco 2017: 0.62), EVIDENCE 3 (M, not national)",
                      "un solo distrito (Panchimalco 2017: 0,62), EVIDENCE 3 (M, no nacional)")),
    Parameter(name="surenos_share", kind="uncertain", low=0.30, high=0.60,
              title=("Sureños' share of Barrio 18", "Proporción de Sureños en el Barrio 18"),
              meaning=("Share of Barrio 18's cliques that follow the Sureños",
                       "Proporción de las clicas del Barrio 18 que siguen a los Sureños"),
              source=("one district only (Panchimalco 2017: 0.36), EVIDENCE 3 (M, not national)",
                      "un solo distrito (Panchimalco 2017: 0,36), EVIDENCE 3 (M, no nacional)")),
    Parameter(name="other_gangs_share", kind="uncertain", low=0.01, high=0.08,
              title=("Minor gangs' share", "Proporción de pandillas menores"),
              meaning=("Share of cliques of minor gangs",
                       "Proporción de las clicas que son de pandillas menores"),
              source=_ASSUMED),
    Parameter(name="territoriality", kind="uncertain", low=0.2, high=2.0,
              title=("Territoriality", "Territorialidad"),
              meaning=("Spread (logit scale) of the gangs' mix between municipalities",
                       "Variación (escala logit) de la mezcla de pandillas entre municipios"),
              source=_ASSUMED),
    Parameter(name="placement_population", kind="uncertain", low=0.5, high=1.2,
              title=("Placement: weight of population", "Ubicación: peso de la población"),
              meaning=("Exponent of population in the number of cliques of a municipality",
                       "Exponente de la población en el número de clicas de un municipio"),
              source=_ASSUMED),
    Parameter(name="placement_violence", kind="uncertain", low=0.0, high=1.5,
              title=("Placement: weight of violence", "Ubicación: peso de la violencia"),
              meaning=("Exponent of the homicide rate in the number of cliques of a municipality",
                       "Exponente de la tasa de homicidios en el número de clicas de un municipio"),
              source=_ASSUMED),
    Parameter(name="placement_patchiness", kind="uncertain", low=0.0, high=1.2,
              title=("Placement: patchiness", "Ubicación: irregularidad"),
              meaning=("Spread (log scale) of unexplained differences between municipalities",
                       "Variación (escala logarítmica) de las diferencias sin explicar entre municipios"),
              source=_ASSUMED),
    Parameter(name="proxy_2015", kind="uncertain", low=0.0, high=1.0,
              title=("Weight of the 2015 rate class", "Peso de la clase de tasa de 2015"),
              meaning=("Weight of the municipal rate class of 2015 against the departmental rate of 2010 as the "
                       "proxy for where violence is; 0 uses population and departments alone",
                       "Peso de la clase de tasa municipal de 2015 frente a la tasa departamental de 2010 para "
                       "indicar dónde hay violencia; 0 usa solo población y departamentos"),
              source=("data/README: the only municipal cross-section, from after the truce",
                      "data/README: el único corte municipal, posterior a la tregua")),
    Parameter(name="others_violence", kind="uncertain", low=0.0, high=1.5,
              title=("Other homicides: weight of violence",
                     "Otros homicidios: peso de la violencia"),
              meaning=("Exponent of the homicide rate in a municipality's homicides by non-members",
                       "Exponente de la tasa de homicidios en los homicidios de un municipio que no cometen "
                       "pandilleros"),
              source=_ASSUMED),
    Parameter(name="founding_rate", kind="fixed", value=0.5, low=0.0, high=5.0,
              unit="1/(1000 members year)",
              title=("New cliques", "Clicas nuevas"),
              meaning=("New cliques a year for every thousand members",
                       "Clicas nuevas al año por cada mil miembros"),
              source=_ASSUMED),
    Parameter(name="dissolution_size", kind="fixed", value=5, low=1, high=15, unit="members",
              whole=True,
              title=("Dissolution", "Disolución"),
              meaning=("A clique with fewer members dissolves and the rest go their ways",
                       "Una clica con menos miembros se disuelve y los demás siguen su camino"),
              source=_ASSUMED),
    # --- Levels without an order -------------------------------------------------------------------
    Parameter(name="homicide_level", kind="uncertain", low=10.8, high=12.4, unit="homicides/day",
              scales="people",
              title=("Homicides without a truce", "Homicidios sin tregua"),
              meaning=("Expected killings a day at the start, all kinds but those of and by security forces",
                       "Muertes esperadas por día al inicio, de todo tipo menos las de fuerzas de seguridad y las "
                       "causadas por ellas"),
              source=("fit pattern pre_truce_daily_mean", "patrón de ajuste pre_truce_daily_mean")),
    Parameter(name="gang_share", kind="uncertain", low=0.45, high=0.90,
              title=("Gangs' share of homicides", "Proporción de homicidios de pandillas"),
              meaning=("Share of those killings that gang members commit",
                       "Proporción de esas muertes que cometen pandilleros"),
              source=("sources conflict from 0.1 to 0.9; EVIDENCE 3 gives 0.45-0.9",
                      "las fuentes se contradicen, de 0.1 a 0.9; EVIDENCE 3 da 0.45-0.9")),
    Parameter(name="rival_share", kind="uncertain", low=0.30, high=0.80,
              title=("Killings of rivals", "Muertes de rivales"),
              meaning=("Share of the gangs' killings whose victims are rival gang members",
                       "Proporción de las muertes causadas por pandillas cuyas víctimas son pandilleros rivales"),
              source=_ASSUMED),
    Parameter(name="police_killed_level", kind="uncertain", low=15.0, high=30.0,
              unit="killed/year", scales="people",
              title=("Police and soldiers killed", "Policías y soldados muertos"),
              meaning=("Expected police and soldiers killed by gangs a year at the start",
                       "Policías y soldados que se espera que maten las pandillas en un año, al inicio"),
              source=("police killed 2009-2011: 24, 23, 19; EVIDENCE 3 (H)",
                      "policías asesinados 2009-2011: 24, 23, 19; EVIDENCE 3 (H)")),
    Parameter(name="clash_level", kind="uncertain", low=15.0, high=80.0, unit="killed/year",
              prior="log-uniform", scales="people",
              title=("Gang members killed in clashes", "Pandilleros muertos en enfrentamientos"),
              meaning=("Expected gang members killed by security forces a year at the start",
                       "Pandilleros que se espera que maten las fuerzas de seguridad en un año, al inicio"),
              source=("27 in 2013 is the earliest count; EVIDENCE 3 (H)",
                      "27 en 2013 es el primer conteo; EVIDENCE 3 (H)")),
    # --- Feuds and retaliation ---------------------------------------------------------------------
    Parameter(name="neighbour_weight", kind="uncertain", low=0.0, high=0.5,
              title=("Reach into neighbouring municipalities", "Alcance a municipios vecinos"),
              meaning=("Contact with rivals in a neighbouring municipality against those in one's own",
                       "Contacto con rivales de un municipio vecino frente al contacto con los del propio"),
              source=("Brantingham et al. 2012: rivalry falls with distance; strength assumed",
                      "Brantingham et al. 2012: la rivalidad baja con la distancia; la fuerza es un supuesto")),
    Parameter(name="branching", kind="uncertain", low=0.0, high=0.95,
              title=("Retaliation", "Represalias"),
              meaning=("Expected killings in retaliation for one killing, without an order",
                       "Muertes esperadas en represalia por una muerte, sin orden de cese"),
              source=("Papachristos 2009; Short et al. 2014; below 1",
                      "Papachristos 2009; Short et al. 2014; menor que 1")),
    Parameter(name="retaliation_half_life", kind="uncertain", low=5.0, high=60.0, unit="days",
              prior="log-uniform",
              title=("Memory of an attack", "Memoria de un ataque"),
              meaning=("Half-life of the wish to retaliate", "Vida media del deseo de represalia"),
              source=_ASSUMED),
    Parameter(name="breach_rivals", kind="uncertain", low=0.0, high=0.35,
              title=("Breaches against rivals", "Incumplimientos contra rivales"),
              meaning=("Rate of attacks on rivals by a clique that obeys, against one that does not",
                       "Tasa de ataques a rivales de una clica que obedece, frente a una que no"),
              source=("Stedman 1997 (spoilers); strength assumed",
                      "Stedman 1997 (saboteadores); la fuerza es un supuesto")),
    Parameter(name="breach_others", kind="uncertain", low=0.05, high=0.95,
              title=("Breaches against others", "Incumplimientos contra otros"),
              meaning=("Rate of killings of people outside the gangs by a clique that obeys, against one that does "
                       "not",
                       "Tasa de muertes de personas ajenas a las pandillas por una clica que obedece, frente a una "
                       "que no"),
              source=_ASSUMED),
    Parameter(name="breach_forces", kind="uncertain", low=0.1, high=1.0,
              title=("Breaches against security forces",
                     "Incumplimientos contra fuerzas de seguridad"),
              meaning=("Rate of attacks on security forces by a clique that obeys, against one that does not",
                       "Tasa de ataques a fuerzas de seguridad de una clica que obedece, frente a una que no"),
              source=("the truce discouraged violence against security forces; strength assumed",
                      "la tregua desalentaba la violencia contra fuerzas de seguridad; la fuerza es un supuesto")),
    # --- Command, inducement, sanction, trust ------------------------------------------------------
    Parameter(name="reach_open", kind="uncertain", low=0.8, high=1.0,
              title=("Reach of orders: open channel", "Alcance de la orden: canal abierto"),
              meaning=("Probability that an order reaches a clique in a week, leaders in ordinary prisons",
                       "Probabilidad de que una orden llegue a una clica en una semana, con los jefes en penales "
                       "ordinarios"),
              source=("Shapiro 2013; the fall was immediate; strength assumed",
                      "Shapiro 2013; el descenso fue inmediato; la fuerza es un supuesto")),
    Parameter(name="reach_sealed", kind="uncertain", low=0.0, high=0.4,
              title=("Reach of orders: sealed channel", "Alcance de la orden: canal cerrado"),
              meaning=("The same with leaders isolated in maximum security",
                       "Lo mismo con los jefes aislados en máxima seguridad"),
              source=_PRIOR_ONLY),
    Parameter(name="reach_street", kind="uncertain", low=0.4, high=1.0,
              title=("Reach of orders: leaders at liberty",
                     "Alcance de la orden: jefes en libertad"),
              meaning=("The same for the gangs' own order, carried by leaders at liberty",
                       "Lo mismo para la orden propia de las pandillas, llevada por jefes en libertad"),
              source=_PRIOR_ONLY),
    Parameter(name="channel_left", kind="uncertain", low=0.2, high=1.0,
              title=("Narrowed channel",
                     "Canal reducido"),
              meaning=("Part of the open channel that is left by each step of the state short of sealing it: meetings barred, spokesmen arrested",
                       "Parte del canal abierto que queda tras cada paso del Estado antes de cerrarlo: reuniones prohibidas, voceros detenidos"),
              source=("timeline.csv, 2013-05-31 and 2014-05-09; strength assumed",
                      "timeline.csv, 2013-05-31 y 2014-05-09; la fuerza es un supuesto")),
    Parameter(name="cohesion_18", kind="uncertain", low=0.8, high=1.0,
              title=("Cohesion of Barrio 18", "Cohesión del Barrio 18"),
              meaning=("Reach within Barrio 18 and minor gangs against MS-13's",
                       "Alcance dentro del Barrio 18 y de las pandillas menores frente al de la MS-13"),
              source=("Katz et al. find a gradient only for imprisoned MS-13 members; strength assumed",
                      "Katz et al. hallan un gradiente solo para miembros presos de la MS-13; la fuerza es un "
                      "supuesto")),
    Parameter(name="sanction", kind="uncertain", low=0.0, high=8.0, unit="logit",
              title=("Sanction", "Sanción"),
              meaning=("Weight of the leaders' sanction in a clique's decision to obey",
                       "Peso de la sanción de los jefes en la decisión de obedecer de una clica"),
              source=_CRUZ),
    Parameter(name="inducement", kind="uncertain", low=0.0, high=3.0, unit="logit",
              title=("Inducement", "Incentivo"),
              meaning=("Weight of what the leaders gain: a minister who backs the pact, and prison benefits",
                       "Peso de lo que ganan los jefes: un ministro que apoya el pacto y beneficios en prisión"),
              source=_CRUZ),
    Parameter(name="trust_weight", kind="uncertain", low=0.0, high=4.0, unit="logit",
              title=("Weight of trust", "Peso de la confianza"),
              meaning=("Weight of trust in the rivals' restraint",
                       "Peso de la confianza en que los rivales se contienen"),
              source=_WALTER),
    Parameter(name="local_gain", kind="uncertain", low=0.0, high=3.0, unit="logit",
              title=("Local gain", "Ganancia local"),
              meaning=("Weight of what a clique gains by attacking where rivals are near",
                       "Peso de lo que gana una clica al atacar donde hay rivales cerca"),
              source=("Shapiro 2013 (agency); strength assumed",
                      "Shapiro 2013 (agencia); la fuerza es un supuesto")),
    Parameter(name="grievance_weight", kind="uncertain", low=0.0, high=1.5, unit="logit/attack",
              title=("Weight of grievance", "Peso del agravio"),
              meaning=("Weight of each unavenged attack against obeying",
                       "Peso de cada ataque sin vengar en contra de obedecer"),
              source=_ASSUMED),
    Parameter(name="disposition_spread", kind="uncertain", low=0.0, high=2.0, unit="logit",
              title=("Spoilers", "Saboteadores"),
              meaning=("Spread of cliques' lasting disposition to obey",
                       "Variación de la disposición duradera de las clicas a obedecer"),
              source=("Stedman 1997; strength assumed", "Stedman 1997; la fuerza es un supuesto")),
    Parameter(name="trust_speed", kind="uncertain", low=0.01, high=0.3, unit="1/week",
              title=("Speed of learning", "Velocidad de aprendizaje"),
              meaning=("Weight of the last week in a clique's trust",
                       "Peso de la última semana en la confianza de una clica"),
              source=_ASSUMED),
    Parameter(name="trust_of_recruits", kind="uncertain", low=0.0, high=0.5,
              title=("Trust of newcomers", "Confianza de los nuevos"),
              meaning=("Trust of new members, and of all at the start",
                       "Confianza de los miembros nuevos, y de todos al inicio"),
              source=_ASSUMED),
    Parameter(name="guarantor_floor", kind="uncertain", low=0.0, high=0.7,
              title=("Guarantor", "Garante"),
              meaning=("Lower bound on trust while the guarantor is present: he limits the downside",
                       "Límite inferior de la confianza mientras está el garante: limita lo que se puede perder"),
              source=_WALTER),
    Parameter(name="zone_commitment", kind="uncertain", low=-0.5, high=1.0, unit="logit",
              title=("Zone: commitment", "Municipio: compromiso"),
              meaning=("Weight of the local pact where a municipality has signed",
                       "Peso del pacto local donde un municipio ha firmado"),
              source=("no credible estimate exists, EVIDENCE 1.5",
                      "no existe una estimación creíble, EVIDENCE 1.5")),
    Parameter(name="benefits", kind="uncertain", low=0.0, high=2.0, unit="logit",
              title=("Zone: benefits", "Municipio: beneficios"),
              meaning=("Weight of benefits that flow to cliques of a zone while they obey",
                       "Peso de los beneficios que reciben las clicas de un municipio libre de violencia mientras "
                       "obedecen"),
              source=_CRUZ),
    Parameter(name="deterrence", kind="uncertain", low=0.0, high=2.0, unit="logit",
              title=("Conditional repression", "Represión condicionada"),
              meaning=("Weight of police pressure that spares those who obey",
                       "Peso de la presión policial que no toca a quienes obedecen"),
              source=_LESSING),
    Parameter(name="spreading", kind="lever", value=0.0, low=0.0, high=3.0, unit="logit",
              title=("Spreading of peace", "Contagio de la paz"),
              meaning=("Weight of obedience in neighbouring municipalities; a hypothesis, off by default",
                       "Peso de la obediencia en los municipios vecinos; una hipótesis, apagada si no se elige"),
              source=("not established, EVIDENCE 4", "no está demostrado, EVIDENCE 4")),
    Parameter(name="army_leaves_later_zones", kind="lever", value=0, low=0, high=1,
              choices=_NO_YES,
              title=("Army leaves later zones", "El ejército sale de los municipios posteriores"),
              meaning=("Whether the army leaves joint patrols also in zones where no source says so",
                       "Si el ejército sale de los patrullajes también en los municipios donde ninguna fuente lo "
                       "dice"),
              source=("documented for the first four only, data/README",
                      "documentado solo para los primeros cuatro, data/README")),
    Parameter(name="army_leaves_after", kind="lever", value=14, low=0, high=365, unit="days",
              whole=True,
              title=("Days until the army leaves", "Días hasta la salida del ejército"),
              meaning=("Days from a zone's declaration to the army's departure where no date is documented",
                       "Días desde la firma de un municipio hasta la salida del ejército donde no hay fecha "
                       "documentada"),
              source=("4 to 13 days in the first four; assumption",
                      "de 4 a 13 días en los primeros cuatro; supuesto")),
    Parameter(name="wearing", kind="uncertain", low=0.01, high=0.3, unit="1/week", off=True,
              prior="log-uniform",
              title=("Wearing off",
                     "Desgaste de la orden"),
              meaning=("Part of its strength that an order loses in a week while nothing that was promised is kept; the common value of orders",
                       "Parte de su fuerza que una orden pierde en una semana mientras no se cumple nada de lo prometido; valor común de las órdenes"),
              source=("orders.csv: orders held from nine days to fifteen months; Cruz & Durán-Martínez 2016",
                      "orders.csv: las órdenes duraron de nueve días a quince meses; Cruz y Durán-Martínez 2016")),
    Parameter(name="order_spread", kind="uncertain", low=0.3, high=2.5, off=True,
              title=("Spread of persistence",
                     "Variación de la persistencia"),
              meaning=("Spread (log scale) of how fast orders wear off, from one order to another",
                       "Variación (escala logarítmica) de la velocidad con que se desgastan las órdenes, de una orden a otra"),
              source=("orders.csv (six orders)",
                      "orders.csv (seis órdenes)")),
    Parameter(name="persistence_2010_09", kind="uncertain", low=0.0, high=1.0,
              title=("Persistence: September 2010",
                     "Persistencia: septiembre de 2010"),
              meaning=("Place of the order of September 2010 among orders by how long it lasts: 0 the shortest, 1 the longest",
                       "Lugar de la orden de septiembre de 2010 entre las órdenes según cuánto dura: 0 la más corta, 1 la más larga"),
              source=_same("orders.csv, 2010-09")),
    Parameter(name="persistence_2012_03", kind="uncertain", low=0.0, high=1.0,
              title=("Persistence: March 2012",
                     "Persistencia: marzo de 2012"),
              meaning=("Place of the order of March 2012 among orders by how long it lasts: 0 the shortest, 1 the longest",
                       "Lugar de la orden de marzo de 2012 entre las órdenes según cuánto dura: 0 la más corta, 1 la más larga"),
              source=_same("orders.csv, 2012-03")),
    Parameter(name="persistence_2014_08", kind="uncertain", low=0.0, high=1.0,
              title=("Persistence: August 2014",
                     "Persistencia: agosto de 2014"),
              meaning=("Place of the order of August 2014 among orders by how long it lasts: 0 the shortest, 1 the longest",
                       "Lugar de la orden de agosto de 2014 entre las órdenes según cuánto dura: 0 la más corta, 1 la más larga"),
              source=_same("orders.csv, 2014-08")),
    Parameter(name="persistence_2015_01", kind="uncertain", low=0.0, high=1.0,
              title=("Persistence: January 2015",
                     "Persistencia: enero de 2015"),
              meaning=("Place of the order of January 2015 among orders by how long it lasts: 0 the shortest, 1 the longest",
                       "Lugar de la orden de enero de 2015 entre las órdenes según cuánto dura: 0 la más corta, 1 la más larga"),
              source=_same("orders.csv, 2015-01")),
    Parameter(name="persistence_2015_11", kind="uncertain", low=0.0, high=1.0,
              title=("Persistence: November 2015",
                     "Persistencia: noviembre de 2015"),
              meaning=("Place of the order of November 2015 among orders by how long it lasts: 0 the shortest, 1 the longest",
                       "Lugar de la orden de noviembre de 2015 entre las órdenes según cuánto dura: 0 la más corta, 1 la más larga"),
              source=_same("orders.csv, 2015-11")),
    Parameter(name="persistence_2016_03", kind="uncertain", low=0.0, high=1.0,
              title=("Persistence: March 2016",
                     "Persistencia: marzo de 2016"),
              meaning=("Place of the order of March 2016 among orders by how long it lasts: 0 the shortest, 1 the longest",
                       "Lugar de la orden de marzo de 2016 entre las órdenes según cuánto dura: 0 la más corta, 1 la más larga"),
              source=_same("orders.csv, 2016-03")),
    Parameter(name="patience", kind="uncertain", low=0.0, high=5.0,
              title=("Patience by the guarantor",
                     "Paciencia por el garante"),
              meaning=("How much longer a promise is waited for while the guarantor vouches for it",
                       "Cuánto más se espera una promesa mientras el garante responde por ella"),
              source=_WALTER),
    Parameter(name="cliques_part", kind="uncertain", low=0.0, high=0.6,
              title=("Cliques' part of the promises",
                     "Parte de las promesas para las clicas"),
              meaning=("Part of what was promised that is for the cliques, as funds, and not for the leaders",
                       "Parte de lo prometido que es para las clicas, en fondos, y no para los jefes"),
              source=("money went to leaders, and MS-13 later split over it (timeline.csv, 2015-12); size assumed",
                      "el dinero fue para los jefes, y la MS-13 se dividió después por eso (timeline.csv, 2015-12); el tamaño es un supuesto")),
    # --- Violence as pressure on the state ---------------------------------------------------------
    Parameter(name="spell_onset", kind="uncertain", low=0.0, high=0.6, unit="1/week",
              title=("Pressure: onset",
                     "Presión: inicio"),
              meaning=("Hazard that a gang whose leaders are refused begins a spell of killing, for each unit of refusal",
                       "Probabilidad por semana de que una pandilla cuyos jefes son rechazados empiece un periodo de muertes, por cada unidad de rechazo"),
              source=_LESSING),
    Parameter(name="spell_weeks", kind="uncertain", low=1.0, high=10.0, unit="weeks",
              prior="log-uniform",
              title=("Pressure: length",
                     "Presión: duración"),
              meaning=("Mean length of such a spell",
                       "Duración media de ese periodo"),
              source=("homicides_days.csv, August 2015: bursts of days; length assumed",
                      "homicides_days.csv, agosto de 2015: rachas de días; la duración es un supuesto")),
    Parameter(name="spell_strength", kind="uncertain", low=0.0, high=8.0,
              title=("Pressure: strength",
                     "Presión: fuerza"),
              meaning=("Relative rise of killings of people outside the gangs, police and soldiers among them, during such a spell",
                       "Aumento relativo de las muertes de personas ajenas a las pandillas, policías y soldados incluidos, durante ese periodo"),
              source=_LESSING),
    Parameter(name="refusal_hostile", kind="uncertain", low=0.0, high=1.0,
              title=("Hostile minister: refusal",
                     "Ministro hostil: rechazo"),
              meaning=("What a hostile minister adds to the refusal, in units of unconditional pressure",
                       "Lo que un ministro hostil suma al rechazo, en unidades de presión sin condiciones"),
              source=_LESSING),
    Parameter(name="heard", kind="uncertain", low=0.0, high=1.0,
              title=("Leaders who are heard",
                     "Jefes escuchados"),
              meaning=("How much less leaders press who have an open channel or a guarantor",
                       "Cuánto menos presionan los jefes que tienen un canal abierto o un garante"),
              source=_LESSING),
    Parameter(name="unasked_orders", kind="uncertain", low=0.2, high=3.0, unit="1/year", off=True,
              prior="log-uniform",
              title=("Unasked orders to hold fire",
                     "Órdenes de cese no pedidas"),
              meaning=("Hazard of an order to hold fire that nobody asked for, for each unit of refusal",
                       "Frecuencia de una orden de cese que nadie pidió, por cada unidad de rechazo"),
              source=("orders.csv: five in eight years, four of them from August 2014; a wide prior",
                      "orders.csv: cinco en ocho años, cuatro de ellas desde agosto de 2014; supuesto previo amplio")),
    # --- What the model does not hold --------------------------------------------------------------
    Parameter(name="climate_spread", kind="uncertain", low=0.0, high=0.5,
              title=("Climate: spread",
                     "Clima: amplitud"),
              meaning=("Standard deviation of the log of the national climate of gang violence",
                       "Desviación estándar del logaritmo del clima nacional de violencia de las pandillas"),
              source=("discrepancy of the model (Kennedy & O’Hagan 2001)",
                      "discrepancia del modelo (Kennedy y O’Hagan 2001)")),
    Parameter(name="climate_return", kind="uncertain", low=0.02, high=0.4, unit="1/week",
              prior="log-uniform",
              title=("Climate: return",
                     "Clima: retorno"),
              meaning=("Speed at which the climate returns to its mean",
                       "Velocidad con que el clima vuelve a su media"),
              source=_ASSUMED),
    Parameter(name="drift_spread", kind="uncertain", low=0.0, high=0.5,
              title=("Drift of hot spots", "Desplazamiento de los focos"),
              meaning=("Standard deviation of the log of a slow factor on gang violence by department, in the long "
                       "run",
                       "Desviación estándar del logaritmo de un factor lento sobre la violencia de pandillas por "
                       "departamento, a largo plazo"),
              source=("departments_later.csv differs from departments_2010.csv; why is not modelled",
                      "departments_later.csv difiere de departments_2010.csv; no se modela por qué")),
    # --- Local pacts -------------------------------------------------------------------------------
    Parameter(name="pact_grip", kind="uncertain", low=0.0, high=1.0,
              title=("Local pact: grip",
                     "Pacto local: alcance"),
              meaning=("Probability that a local pact reaches a clique there in a week, with or without an order",
                       "Probabilidad de que un pacto local llegue a una clica del lugar en una semana, con o sin orden"),
              source=("no credible estimate exists, EVIDENCE 1.5",
                      "no existe una estimación creíble, EVIDENCE 1.5")),
    Parameter(name="pact_break", kind="uncertain", low=0.0, high=0.06, unit="1/week",
              title=("Local pact: breaking",
                     "Pacto local: ruptura"),
              meaning=("Hazard that a local pact breaks, at ordinary pressure, without funds and mediators",
                       "Probabilidad por semana de que un pacto local se rompa, con presión ordinaria, sin fondos ni mediadores"),
              source=("no duration is known but one (timeline.csv, 2016-06)",
                      "no se conoce más que una duración (timeline.csv, 2016-06)")),
    Parameter(name="pact_shield", kind="uncertain", low=0.0, high=0.8,
              title=("Local pact: shield",
                     "Pacto local: escudo"),
              meaning=("Share of raids from elsewhere on a place with a pact that are called off",
                       "Proporción de los ataques desde fuera contra un lugar con pacto que no se llevan a cabo"),
              source=("no credible estimate exists, EVIDENCE 1.5",
                      "no existe una estimación creíble, EVIDENCE 1.5")),
    # --- Members come and go -----------------------------------------------------------------------
    Parameter(name="turnover", kind="uncertain", low=0.05, high=0.5, unit="1/year",
              title=("Turnover", "Renovación"),
              meaning=("Share of members who leave a clique in a year and are replaced",
                       "Proporción de miembros que dejan una clica en un año y son reemplazados"),
              source=("Katz, Harriott & Hedberg 2022 (decay); strength assumed",
                      "Katz, Harriott y Hedberg 2022 (desgaste); la fuerza es un supuesto")),
    Parameter(name="recruitment", kind="fixed", value=1.0, low=0.0, high=5.0, unit="1/year",
              title=("Recruitment", "Reclutamiento"),
              meaning=("Speed at which recruits restore a clique's size",
                       "Velocidad con que los nuevos restablecen el tamaño de una clica"),
              source=_ASSUMED),
    Parameter(name="arrest_rate", kind="fixed", value=0.05, low=0.0, high=0.5, unit="1/year",
              title=("Arrests", "Detenciones"),
              meaning=("Share of members imprisoned in a year at ordinary pressure",
                       "Proporción de miembros encarcelados en un año con la presión ordinaria"),
              source=_ASSUMED),
    Parameter(name="release_rate", kind="fixed", value=0.22, low=0.0, high=1.0, unit="1/year",
              title=("Releases", "Liberaciones"),
              meaning=("Share of prisoners released in a year, who rejoin their gang",
                       "Proporción de presos liberados en un año, que vuelven a su pandilla"),
              source=_ASSUMED),
    Parameter(name="reintegration_rate", kind="lever", value=0.05, low=0.0, high=0.5,
              unit="1/year",
              title=("Reintegration", "Reinserción"),
              meaning=("Share of an obeying clique's members who leave for good in a year where funds flow",
                       "Proporción de los miembros de una clica que obedece que se van para siempre en un año donde "
                       "hay fondos"),
              source=_ASSUMED),
    # --- Security forces ---------------------------------------------------------------------------
    Parameter(name="police", kind="fixed", value=22_000, low=1_000, high=100_000,
              unit="officers", whole=True, scales="people",
              title=("Police", "Policías"),
              meaning=("Police officers, placed by population",
                       "Policías, ubicados según la población"),
              source=_same("EVIDENCE 3 (L)")),
    Parameter(name="backlash", kind="uncertain", low=0.0, high=2.0,
              title=("Backlash", "Reacción a la represión"),
              meaning=("Relative rise of attacks on the state for each unit of unconditional pressure above the "
                       "ordinary",
                       "Aumento relativo de los ataques al Estado por cada unidad de presión sin condiciones por "
                       "encima de la ordinaria"),
              source=("Lessing 2015, 2017; prior only",
                      "Lessing 2015, 2017; solo un supuesto previo")),
    Parameter(name="turmoil", kind="uncertain", low=0.0, high=0.8,
              title=("Turmoil", "Turbulencia"),
              meaning=("Relative rise of other gang violence for each unit of unconditional pressure above the "
                       "ordinary",
                       "Aumento relativo de la otra violencia de pandillas por cada unidad de presión sin "
                       "condiciones por encima de la ordinaria"),
              source=("Lessing 2017; prior only", "Lessing 2017; solo un supuesto previo")),
    Parameter(name="defiance", kind="uncertain", low=0.0, high=0.6,
              title=("Defiance", "Desafío"),
              meaning=("Expected attacks on the state for one member killed by security forces",
                       "Ataques al Estado esperados por cada miembro muerto por fuerzas de seguridad"),
              source=("symmetry with retaliation; with reprisal below 1, so that neither side's killings grow "
                      "without end",
                      "simetría con las represalias; junto con la represalia de las fuerzas menor que 1, para que "
                      "las muertes de ningún lado crezcan sin fin")),
    Parameter(name="reprisal", kind="uncertain", low=0.0, high=1.5,
              title=("Reprisal", "Represalia de las fuerzas"),
              meaning=("Expected gang members killed by the local force for one colleague killed",
                       "Pandilleros que se espera que mate la fuerza local por cada colega muerto"),
              source=("symmetry with retaliation; prior only",
                      "simetría con las represalias; solo un supuesto previo")),
    Parameter(name="lethality", kind="uncertain", low=0.0, high=6.0,
              title=("Lethality",
                     "Letalidad"),
              meaning=("Relative rise of deaths in encounters with each documented word or deployment by which the state tells its forces to shoot",
                       "Aumento relativo de las muertes en enfrentamientos con cada palabra o despliegue documentado con que el Estado llama a sus fuerzas a disparar"),
              source=("timeline.csv, 2015-01-20, 2015-05-07 and 2016-04-20; strength assumed",
                      "timeline.csv, 2015-01-20, 2015-05-07 y 2016-04-20; la fuerza es un supuesto")),
    Parameter(name="yielding", kind="uncertain", low=0.0, high=0.9,
              title=("Avoiding encounters",
                     "Evitar enfrentamientos"),
              meaning=("Share of deadly encounters that members who hold to an order avoid",
                       "Proporción de los enfrentamientos mortales que evitan los miembros que cumplen una orden"),
              source=_ASSUMED),
    # --- What is seen ------------------------------------------------------------------------------
    Parameter(name="hiding", kind="uncertain", low=0.0, high=0.25,
              title=("Hidden killings", "Muertes ocultas"),
              meaning=("Probability that a gang killing is hidden while its gang fully holds to a truce",
                       "Probabilidad de que se oculte una muerte causada por una pandilla que cumple del todo la "
                       "tregua"),
              source=("EVIDENCE 3: prior 0-0.25, rough central estimate 0.11",
                      "EVIDENCE 3: supuesto previo 0-0.25, estimación central aproximada 0.11")),
    Parameter(name="missing_base", kind="uncertain", low=3.5, high=4.7, unit="reports/day",
              scales="people",
              title=("Ordinary missing-person reports", "Denuncias ordinarias de desaparecidos"),
              meaning=("Missing-person reports a day that have nothing to do with hidden killings",
                       "Denuncias de desaparecidos por día que no tienen que ver con muertes ocultas"),
              source=("728 in January-June 2011, EVIDENCE 3",
                      "728 de enero a junio de 2011, EVIDENCE 3")),
    Parameter(name="missing_reporting", kind="uncertain", low=0.3, high=1.0,
              title=("Reported as missing", "Denunciado como desaparecido"),
              meaning=("Probability that a hidden killing's victim is reported missing",
                       "Probabilidad de que la víctima de una muerte oculta se denuncie como desaparecida"),
              source=_ASSUMED),
    Parameter(name="forces_in_record", kind="fixed", value=1, low=0, high=1, choices=_NO_YES,
              title=("Count those killed by forces", "Contar muertos por fuerzas"),
              meaning=("Whether the record counts gang members killed by security forces as homicides",
                       "Si el registro cuenta como homicidios a los pandilleros muertos por fuerzas de seguridad"),
              source=("assumption: the record's own treatment is not known",
                      "supuesto: no se sabe cómo los trata el registro")),
)

CONDITIONS: dict[str, Parameter] = _table(
    Parameter(name="order", kind="lever", value=0, low=0, high=3,
              choices=("none", "pact", "own", "attack"), per_gang=True,
              title=("Order to hold fire", "Orden de cese"),
              meaning=("Whether the leaders order their cliques to stop killing: a pact made in prison, or the "
                       "gangs' own order carried by leaders at liberty; or to attack, as pressure on the state",
                       "Si los jefes ordenan a sus clicas dejar de matar: un pacto hecho en prisión, o la orden "
                       "propia de las pandillas llevada por jefes en libertad; o atacar, para presionar al Estado"),
              source=_TIMELINE),
    Parameter(name="order_of", kind="lever", value=0, low=0, high=6, per_gang=True,
              choices=("any", "2010-09", "2012-03", "2014-08", "2015-01", "2015-11", "2016-03"),
              title=("Documented order", "Orden documentada"),
              meaning=("Which documented order it is, of which the record says how long it lasted; any other takes "
                       "a persistence drawn among those of all orders",
                       "Cuál de las órdenes documentadas es, de las que el registro dice cuánto duraron; cualquier "
                       "otra toma una persistencia al azar entre las de todas las órdenes"),
              source=_same("orders.csv")),
    Parameter(name="answers", kind="lever", value=0, low=0, high=1, choices=("hazard", "dated"),
              title=("The gangs' answers", "Respuestas de las pandillas"),
              meaning=("Whether unasked orders to hold fire come by the model's own hazard, or only on the days that "
                       "the scenario dates",
                       "Si las órdenes de cese no pedidas llegan por azar según el modelo, o solo en los días que "
                       "fija el escenario"),
              source=_same("orders.csv")),
    Parameter(name="channel", kind="lever", value=0, low=0, high=3,
              choices=("sealed", "cut", "barred", "open"), per_gang=True,
              title=("Command channel", "Canal de mando"),
              meaning=("Whether imprisoned leaders can reach their cliques: open, with meetings barred, cut off from "
                       "their spokesmen too, or sealed in maximum security",
                       "Si los jefes presos pueden comunicarse con sus clicas: abierto, con reuniones prohibidas, sin "
                       "sus voceros, o cerrado en máxima seguridad"),
              source=_TIMELINE),
    Parameter(name="guarantor", kind="lever", value=0, low=0, high=1, choices=_NO_YES,
              title=("Guarantor present", "Garante presente"),
              meaning=("Whether the OAS stands as guarantor",
                       "Si la OEA está presente como garante"),
              source=_TIMELINE),
    Parameter(name="minister", kind="lever", value=1, low=0, high=2,
              choices=("hostile", "neutral", "supportive"),
              title=("Minister's stance", "Postura del ministro"),
              meaning=("The security minister's stance towards the process",
                       "La postura del ministro de Seguridad ante el proceso"),
              source=_TIMELINE),
    Parameter(name="privileges", kind="lever", value=0, low=0, high=1, choices=_NO_YES,
              title=("Prison benefits", "Beneficios en prisión"),
              meaning=("Whether the leaders have what they were granted in prison",
                       "Si los jefes tienen lo que se les concedió en prisión"),
              source=_TIMELINE),
    Parameter(name="funds", kind="lever", value=0, low=0, high=1, choices=_NO_YES,
              title=("Funds arrive", "Llegan los fondos"),
              meaning=("Whether the promised funds reach the zones and reintegration",
                       "Si los fondos prometidos llegan a los municipios libres de violencia y a la reinserción"),
              source=_TIMELINE),
    Parameter(name="repression", kind="lever", value=1.0, low=0.0, high=5.0,
              title=("Repression", "Represión"),
              meaning=("Pressure of the security forces against the ordinary; each documented escalation counts as "
                       "one unit",
                       "Presión de las fuerzas de seguridad frente a la ordinaria; cada escalada documentada cuenta "
                       "como una unidad"),
              source=("assumption on a scale; dates from timeline.csv",
                      "supuesto sobre la escala; fechas de timeline.csv")),
    Parameter(name="conditionality", kind="lever", value=0.0, low=0.0, high=1.0,
              title=("Conditional repression", "Represión condicionada"),
              meaning=("Share of that pressure that spares those who obey",
                       "Parte de esa presión que no toca a quienes obedecen"),
              source=_same("Lessing 2015, 2017")),
    Parameter(name="licence", kind="lever", value=0.0, low=0.0, high=5.0,
              title=("Licence to shoot", "Licencia para disparar"),
              meaning=("How far the state tells its forces to shoot; each documented word or deployment counts as one "
                       "unit",
                       "Hasta dónde llama el Estado a sus fuerzas a disparar; cada palabra o despliegue documentado "
                       "cuenta como una unidad"),
              source=_TIMELINE),
    Parameter(name="soldiers", kind="lever", value=6_500, low=0, high=50_000, unit="soldiers",
              whole=True, scales="people",
              title=("Soldiers in public security", "Soldados en seguridad pública"),
              meaning=("Soldiers deployed with the police",
                       "Soldados desplegados junto a la policía"),
              source=("EVIDENCE 3 (H): 6,500 from November 2009 (taken from the start), 11,500 from March 2014",
                      "EVIDENCE 3 (H): 6500 desde noviembre de 2009 (se toman desde el inicio), 11 500 desde marzo "
                      "de 2014")),
    Parameter(name="extension_capacity", kind="lever", value=0.0, low=0.0, high=30.0,
              unit="zones/month", scales="people",
              title=("Extension: zones a month", "Extensión: municipios por mes"),
              meaning=("Further zones that the facilitator can bring to sign in a month",
                       "Municipios que los facilitadores pueden sumar por mes a los que ya firmaron"),
              source=_POLICY_AIM),
    Parameter(name="extension_choice", kind="lever", value=0, low=0, high=2,
              choices=("neighbours", "violence", "random"),
              title=("Extension: choice", "Extensión: criterio"),
              meaning=("Which municipalities are asked next: neighbours of zones, the most violent, or any",
                       "A qué municipios se invita después: vecinos de los que ya firmaron, los más violentos, o "
                       "cualquiera"),
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
