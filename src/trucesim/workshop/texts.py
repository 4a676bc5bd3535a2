"""Every word of the page and of the report, in English and Spanish.

Labels and explanations of parameters are declared with them (:mod:`trucesim.parameters`), stories
of scenarios in their files; all else stands here, by key, and is said with `say`.
"""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any

from trucesim.language import LANGUAGES as LANGUAGES
from trucesim.language import month as month
from trucesim.language import number as number
from trucesim.language import percent as percent

TEXT: dict[str, dict[str, str]] = {
    "en": {
        # Words that many places use.
        "yes": "yes",
        "no": "no",
        "without": "without it",
        "event": "Event",
        "zones": "Violence-free zones",
        "zones.none_of_these": "none of these",
        "source": "Source: {source}.",
        "at_start": "{label}, on 1 January 2009",
        "posterior.kept": "as the posterior says, drawn anew in each run",
        "course.none": "always {rest}",
        "course.from": "from {date}: {told}",
        "counterfactual": "Counterfactual",
        "documented": "As documented",
        # Values.
        "choice.none": "no order",
        "choice.pact": "pact",
        "choice.own": "the gangs' own order",
        "choice.sealed": "sealed",
        "choice.open": "open",
        "choice.hostile": "hostile",
        "choice.neutral": "neutral",
        "choice.supportive": "supportive",
        "choice.neighbours": "neighbours of zones",
        "choice.violence": "the most violent",
        "choice.random": "any",
        "lever.truce": "The truce",
        "lever.extension": "Extension to neighbours",
        "state.truce.0": "truce holds, leaders in contact with their cliques",
        "state.truce.1": "leaders isolated in maximum security, order stands",
        "state.truce.2": "no order to hold fire",
        # Cases.
        "case.changed": "{title}, changed",
        "case.story": "{story} Changed in the workshop, so a counterfactual: {told}",
        "zone.signs": "{place} signs on {date}",
        "zone.dropped": "{place} does not sign",
        "zone.left_out": "Would sign before any truce, and so do not: {places}",
        "departure.lever": "{lever}: the months that were fitted, to June 2013, hold no example "
        "of this; how strongly it acts comes from priors",
        "departure.parameter": "{label}: {value} lies outside the posterior's 90% interval, "
        "{low} to {high}",
        "departure.option": "{label}: nothing was fitted with this",
        # How sure.
        "sure.same": "A and B are the same in every run.",
        "sure.fewer": "In {share} of 100 runs B has fewer homicides than A.",
        "sure.more": "In {share} of 100 runs B has more homicides than A.",
        "sure.one": "Choose a second case to compare.",
        "sure.difference.fewer": "{median} fewer homicides under B, {span} "
        "(90% of runs: {low} to {high}).",
        "sure.difference.more": "{median} more homicides under B, {span} "
        "(90% of runs: {low} to {high}).",
        "sure.band.fewer": "{n} fewer",
        "sure.band.more": "{n} more",
        "sure.band.equal": "no difference",
        "likely.certain": "In the model all but certain",
        "likely.very": "In the model very likely",
        "likely.likely": "In the model likely",
        "likely.even": "The model cannot tell which has fewer",
        "runs": "{n} paired runs",
        "run": "1 paired run",
        # Reductions.
        "baseline.jan_feb_2012": "1 January to 8 March 2012, a spike",
        "baseline.2011": "The year 2011",
        "baseline.26_months": "January 2010 to February 2012",
        "baseline.no_truce": "The model's own runs without a truce",
    },
    "es": {
        "yes": "sí",
        "no": "no",
        "without": "sin esto",
        "event": "Hecho",
        "zones": "Municipios libres de violencia",
        "zones.none_of_these": "ninguno de estos",
        "source": "Fuente: {source}.",
        "at_start": "{label}, al 1 de enero de 2009",
        "posterior.kept": "según la distribución posterior, un valor nuevo en cada corrida",
        "course.none": "siempre {rest}",
        "course.from": "desde el {date}: {told}",
        "counterfactual": "Contrafactual",
        "documented": "Como está documentado",
        "choice.none": "sin orden",
        "choice.pact": "pacto",
        "choice.own": "orden propia de las pandillas",
        "choice.sealed": "cerrado",
        "choice.open": "abierto",
        "choice.hostile": "hostil",
        "choice.neutral": "neutral",
        "choice.supportive": "favorable",
        "choice.neighbours": "vecinos de los que ya firmaron",
        "choice.violence": "los más violentos",
        "choice.random": "cualquiera",
        "lever.truce": "La tregua",
        "lever.extension": "Extensión a vecinos",
        "state.truce.0": "hay tregua, los jefes se comunican con sus clicas",
        "state.truce.1": "jefes aislados en máxima seguridad, la orden sigue",
        "state.truce.2": "sin orden de cese",
        "case.changed": "{title}, con cambios",
        "case.story": "{story} Con cambios hechos en el taller, así que es un contrafactual: "
        "{told}",
        "zone.signs": "{place} firma el {date}",
        "zone.dropped": "{place} no firma",
        "zone.left_out": "Firmarían antes de que haya tregua, así que no firman: {places}",
        "departure.lever": "{lever}: los meses del ajuste, hasta junio de 2013, no tienen ningún "
        "ejemplo de esto; su fuerza viene de supuestos previos",
        "departure.parameter": "{label}: {value} está fuera del intervalo del 90 % de la "
        "distribución posterior, de {low} a {high}",
        "departure.option": "{label}: nada se ajustó con este valor",
        "sure.same": "A y B son iguales en todas las corridas.",
        "sure.fewer": "En {share} de 100 corridas B tiene menos homicidios que A.",
        "sure.more": "En {share} de 100 corridas B tiene más homicidios que A.",
        "sure.one": "Elija un segundo caso para comparar.",
        "sure.difference.fewer": "{median} homicidios menos con B, {span} "
        "(90 % de las corridas: {low} a {high}).",
        "sure.difference.more": "{median} homicidios más con B, {span} "
        "(90 % de las corridas: {low} a {high}).",
        "sure.band.fewer": "{n} menos",
        "sure.band.more": "{n} más",
        "sure.band.equal": "ninguna diferencia",
        "likely.certain": "Según el modelo, casi seguro",
        "likely.very": "Según el modelo, muy probable",
        "likely.likely": "Según el modelo, probable",
        "likely.even": "El modelo no distingue cuál tiene menos",
        "runs": "{n} corridas pareadas",
        "run": "1 corrida pareada",
        "baseline.jan_feb_2012": "1 de enero a 8 de marzo de 2012, un pico",
        "baseline.2011": "El año 2011",
        "baseline.26_months": "Enero de 2010 a febrero de 2012",
        "baseline.no_truce": "Las corridas del propio modelo sin tregua",
    },
}


def say(lang: str, key: str, **fields: Any) -> str:
    """Give a text in a language, with its fields filled in.

    Raises
    ------
    KeyError
        No such text: a slip in the code, which the tests find.
    """
    text = TEXT[lang][key]
    return text.format(**fields) if fields else text


def shown(lang: str, key: str, **fields: Any) -> str:
    """Give a text for HTML: what is filled in is escaped, the text itself is the package's own."""
    return say(lang, key, **{name: escape(str(value)) for name, value in fields.items()})


def date(day: dt.date, lang: str) -> str:
    """Write a day."""
    return f"{day.day} {month(day, lang)}"


def runs(count: int, lang: str) -> str:
    """Say how many paired runs there are."""
    return say(lang, "run") if count == 1 else say(lang, "runs", n=number(count, lang))
