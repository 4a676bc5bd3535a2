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
        # The report.
        "report.kicker": "What would have happened if?",
        "report.document": "trucesim report",
        "report.versus": "compared with",
        "report.made": "{runs} · seed {seed} · made on {date}",
        "report.run": "1 run",
        "report.runs": "{n} runs",
        "report.model": "Runs of a model, not a forecast and not a prescription. Every number "
        "of it comes with an interval: 90% of the runs lie inside.",
        "report.few": "With {n} runs the ends of the intervals are rough; the default is 200.",
        "report.answer": "The answer in one sentence",
        "report.total": "{median} recorded homicides, {span}",
        "report.interval": "90% of runs: {cell}",
        "report.paired": "Both sides share the same seed and the same chance, so that they "
        "differ only by what was changed.",
        "report.dots": "Of {n} runs: ",
        "report.early": "Until June 2013, the months that the model was fitted to:",
        "report.cases": "The case",
        "report.cases_pair": "The two cases",
        "report.case": "Case {letter}",
        "report.counterfactual": "Counterfactual",
        "report.record": "Follows the dated record",
        "report.differs": "What differs",
        "report.differs_record": "What differs from the dated record",
        "report.differs_words": "All else is the same in both. Until {date} they are one and "
        "the same, run by run.",
        "report.differs_start": "All else is the same in both. What differs holds from the "
        "first day.",
        "report.none_differs": "Nothing that acts in the model differs: the two are one case.",
        "report.lever": "What",
        "report.departs": "Beyond what the model was fitted to",
        "report.months": "Month by month",
        "report.months_words": "The line is the median of the runs, the bands hold half and 90% "
        "of them; black is the observed record. Months to June 2013 chose the model's "
        "parameters, later ones did not.",
        "report.months_alt": "Homicides per month of {case} from 2009 to 2016: simulated median "
        "and bands beside the observed record. The yearly totals are in a table below.",
        "report.pair_alt": "Homicides per month of A and of B, and their difference run by run. "
        "The yearly totals are in a table below.",
        "report.map": "On the map",
        "report.map_words": "Homicides are placed where people live and where rates were high; "
        "no place on the map says where a clique is. Municipal results rest on a rate class of "
        "2015, which is from after the truce.",
        "report.map_alt": "Three maps of simulated homicide rates by municipality: before, "
        "during and after the truce.",
        "report.map_pair_alt": "Two maps of the difference A minus B in homicide rates by "
        "municipality, {span}: with the 2015 rate class and without it.",
        "report.figures": "figures",
        "report.patterns_alt": "Every pattern as simulated divided by observed, grouped by use. "
        "The held-out ones stand in the table below.",
        "report.numbers": "In numbers",
        "report.reductions": "Reduction of recorded homicides, {window}",
        "report.averted": "Lives averted, {window}",
        "report.reductions_words": "Every reduction depends on its baseline: read none without it.",
        "report.averted_words": "Recorded homicides, had the baseline's daily mean gone on. "
        "Negative: more than at that rate.",
        "report.baseline": "Compared with",
        "report.observed": "Observed",
        "report.yearly": "Recorded homicides by year",
        "report.year": "Year",
        "report.fewer_in": "{one} has fewer in",
        "report.of_runs": "{x} of {n}",
        "report.cell": "{low} to {high}",
        "report.cells": "Bold: the median of the runs; below it, the interval that holds 90% of "
        "them.",
        "report.limits": "What this cannot say",
        "report.limits_words": "The model was held against the record before it was asked "
        "anything. Its own misses are the best measure of how far to trust it.",
        "report.kind_observed": "Observed",
        "report.kind_observed_words": "The monthly record and the dated events of the truce, "
        "each with its source.",
        "report.kind_assumed": "Assumed",
        "report.kind_assumed_words": "How gangs, cliques and forces act, and with what "
        "strength. Most strengths are not known: every run draws its own.",
        "report.kind_counterfactual": "Counterfactual",
        "report.kind_counterfactual_words": "Whatever in a case did not happen. Nobody observed "
        "it, and nobody can check it.",
        "report.inside": "The observed value lies inside the 90% interval for {fit}, {check} "
        "and {holdout}.",
        "report.inside_fit": "{inside} of {of} patterns that chose parameters",
        "report.inside_check": "{inside} of {of} checks",
        "report.inside_holdout": "{inside} of {of} held-out patterns",
        "report.heldout": "What was held out, and what the model says",
        "report.heldout_words": "Nothing in this table chose a parameter. After 2013 the model "
        "is far off, so what it says of those years is weak.",
        "report.pattern": "Pattern",
        "report.simulated": "Model",
        "report.most": "90% of runs",
        "report.verdict": "The model is",
        "report.low": "too low",
        "report.high": "too high",
        "report.ok": "within",
        "report.class": "Placed with and without the 2015 rate class",
        "report.class_words": "Where cliques are placed rests on municipal rate classes of "
        "2015, which is after the truce. Beside it stands a placement by population and "
        "departmental counts of 2010 alone.",
        "report.with_class": "With the class",
        "report.without_class": "Without it",
        "report.mind": "To bear in mind",
        "report.mind_extension": "Extension to neighbouring municipalities was an aim of policy "
        "and not an observed regularity.",
        "report.mind_zones": "No credible estimate of the zones' own effect exists: they were "
        "chosen for being violent.",
        "report.mind_cliques": "Cliques are placed at random, anew in every run. Places and "
        "groups, never persons.",
        "report.mind_hidden": "Recorded homicides are not all homicides: while a truce holds, "
        "some killings are hidden.",
        "report.mind_inputs": "After June 2013 the model is told dated events (the minister, "
        "soldiers, isolation of leaders). It does not foresee them.",
        "report.mind_width": "Intervals hold what is not known of parameters, and not that the "
        "model itself is wrong. They are too narrow.",
        "report.provenance": "Where this comes from",
        "report.again": "Made again by",
        "report.again_words": "The same version, seed and runs give the same numbers.",
        "report.version": "Version",
        "report.data": "Data",
        "report.scenario": "Case {letter}",
        "report.digest": "digest {digest}",
        "report.seed": "Seed",
        "report.runs_label": "Runs",
        "report.placed_runs": "Placement without the class",
        "report.date": "Date",
        "report.files": "The cases as files",
        "report.files_words": "Save as a .toml file and open it in the workshop or on the "
        "command line.",
        "report.save": "Save {name}",
        "report.events": "Dated events of {case}",
        "report.no_events": "No dated event.",
        "report.event": "Event",
        "report.source": "Source",
        "report.licence": "trucesim, MIT licence. The tables come from the sources named in its "
        "NOTICE.",
        "report.alone.fewer": "In {share} of 100 runs there are fewer homicides than in the "
        "same runs without a truce.",
        "report.alone.more": "In {share} of 100 runs there are more homicides than in the same "
        "runs without a truce.",
        "report.amount.fewer": "{median} fewer homicides than without a truce, {span} (90% of "
        "runs: {low} to {high}). Both are runs of the model.",
        "report.amount.more": "{median} more homicides than without a truce, {span} (90% of "
        "runs: {low} to {high}). Both are runs of the model.",
        "report.dot.pair.fewer": "fewer in B",
        "report.dot.pair.equal": "as many",
        "report.dot.pair.more": "more in B",
        "report.dot.alone.fewer": "fewer than without a truce",
        "report.dot.alone.equal": "as many",
        "report.dot.alone.more": "more",
        "report.model_sources": "Model",
        "report.settings": "Set on the command line, in every case here: {settings}.",
        "report.placed_by": "placed by departments",
        "report.even": "The model cannot tell which case has fewer homicides.",
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
        # The report.
        "report.kicker": "¿Qué habría pasado si…?",
        "report.document": "Informe de trucesim",
        "report.versus": "en comparación con",
        "report.made": "{runs} · semilla {seed} · hecho el {date}",
        "report.run": "1 corrida",
        "report.runs": "{n} corridas",
        "report.model": "Corridas de un modelo; no es un pronóstico ni una receta. Cada número "
        "suyo lleva un intervalo: dentro está el 90 % de las corridas.",
        "report.few": "Con {n} corridas los extremos de los intervalos son aproximados; lo "
        "habitual son 200.",
        "report.answer": "La respuesta en una frase",
        "report.total": "{median} homicidios registrados, {span}",
        "report.interval": "90 % de las corridas: {cell}",
        "report.paired": "Ambos lados comparten la semilla y el azar: solo los separa lo que se "
        "cambió.",
        "report.dots": "De {n} corridas: ",
        "report.early": "Hasta junio de 2013, los meses a los que se ajustó el modelo:",
        "report.cases": "El caso",
        "report.cases_pair": "Los dos casos",
        "report.case": "Caso {letter}",
        "report.counterfactual": "Contrafactual",
        "report.record": "Sigue el registro fechado",
        "report.differs": "En qué difieren",
        "report.differs_record": "En qué difiere del registro fechado",
        "report.differs_words": "Lo demás es igual en ambos. Hasta el {date} son uno y el "
        "mismo, corrida por corrida.",
        "report.differs_start": "Lo demás es igual en ambos. Lo que difiere rige desde el "
        "primer día.",
        "report.none_differs": "No difiere nada que actúe en el modelo: los dos son un mismo caso.",
        "report.lever": "Qué",
        "report.departs": "Más allá de aquello a lo que se ajustó el modelo",
        "report.months": "Mes a mes",
        "report.months_words": "La línea es la mediana de las corridas; las franjas contienen "
        "la mitad y el 90 % de ellas; en negro, el registro observado. Los meses hasta junio de "
        "2013 eligieron los parámetros del modelo; los posteriores, no.",
        "report.months_alt": "Homicidios por mes de {case} de 2009 a 2016: mediana y franjas "
        "simuladas junto al registro observado. Los totales anuales están en una tabla más "
        "abajo.",
        "report.pair_alt": "Homicidios por mes de A y de B, y su diferencia corrida por "
        "corrida. Los totales anuales están en una tabla más abajo.",
        "report.map": "En el mapa",
        "report.map_words": "Los homicidios se ubican donde vive la gente y donde las tasas "
        "eran altas; ningún punto del mapa dice dónde está una clica. Los resultados "
        "municipales se apoyan en una clase de tasa de 2015, posterior a la tregua.",
        "report.map_alt": "Tres mapas de tasas de homicidio simuladas por municipio: antes, "
        "durante y después de la tregua.",
        "report.map_pair_alt": "Dos mapas de la diferencia A menos B en tasas de homicidio por "
        "municipio, {span}: con la clase de tasa de 2015 y sin ella.",
        "report.figures": "figuras",
        "report.patterns_alt": "Cada patrón como simulado dividido entre observado, según su "
        "uso. Los reservados están en la tabla siguiente.",
        "report.numbers": "En números",
        "report.reductions": "Reducción de los homicidios registrados, {window}",
        "report.averted": "Vidas que no se perdieron, {window}",
        "report.reductions_words": "Toda reducción depende de su base de comparación: no la lea "
        "sin ella.",
        "report.averted_words": "Homicidios registrados, si hubiera seguido la media diaria de "
        "la base. Negativo: más que a ese ritmo.",
        "report.baseline": "En comparación con",
        "report.observed": "Observado",
        "report.yearly": "Homicidios registrados por año",
        "report.year": "Año",
        "report.fewer_in": "{one} tiene menos en",
        "report.of_runs": "{x} de {n}",
        "report.cell": "{low} a {high}",
        "report.cells": "En negrita, la mediana de las corridas; debajo, el intervalo que "
        "contiene el 90 % de ellas.",
        "report.limits": "Lo que esto no puede decir",
        "report.limits_words": "El modelo se comparó con el registro antes de preguntarle nada. "
        "Sus propios desaciertos son la mejor medida de cuánto confiar en él.",
        "report.kind_observed": "Observado",
        "report.kind_observed_words": "El registro mensual y los hechos fechados de la tregua, "
        "cada uno con su fuente.",
        "report.kind_assumed": "Supuesto",
        "report.kind_assumed_words": "Cómo actúan pandillas, clicas y fuerzas, y con qué "
        "intensidad. La mayoría de las intensidades no se conoce: cada corrida sortea las suyas.",
        "report.kind_counterfactual": "Contrafactual",
        "report.kind_counterfactual_words": "Todo lo que en un caso no ocurrió. Nadie lo "
        "observó y nadie puede comprobarlo.",
        "report.inside": "El valor observado está dentro del intervalo del 90 % en {fit}, "
        "{check} y {holdout}.",
        "report.inside_fit": "{inside} de {of} patrones que eligieron parámetros",
        "report.inside_check": "{inside} de {of} controles",
        "report.inside_holdout": "{inside} de {of} patrones reservados",
        "report.heldout": "Lo que se reservó, y lo que dice el modelo",
        "report.heldout_words": "Nada de esta tabla eligió un parámetro. Después de 2013 el "
        "modelo se aleja mucho, así que lo que dice de esos años es débil.",
        "report.pattern": "Patrón",
        "report.simulated": "Modelo",
        "report.most": "90 % de corridas",
        "report.verdict": "El modelo queda",
        "report.low": "muy bajo",
        "report.high": "muy alto",
        "report.ok": "dentro",
        "report.class": "Ubicación con y sin la clase de tasa de 2015",
        "report.class_words": "La ubicación de las clicas se apoya en clases municipales de "
        "tasa de 2015, posteriores a la tregua. A su lado está una ubicación solo por población "
        "y conteos departamentales de 2010.",
        "report.with_class": "Con la clase",
        "report.without_class": "Sin ella",
        "report.mind": "Hay que tener presente",
        "report.mind_extension": "La extensión a municipios vecinos fue una meta de la política "
        "y no una regularidad observada.",
        "report.mind_zones": "No existe una estimación creíble del efecto propio de las zonas: "
        "se eligieron por ser violentas.",
        "report.mind_cliques": "Las clicas se ubican al azar, de nuevo en cada corrida. Lugares "
        "y grupos, nunca personas.",
        "report.mind_hidden": "Los homicidios registrados no son todos: mientras rige una "
        "tregua, algunas muertes se ocultan.",
        "report.mind_inputs": "Después de junio de 2013 al modelo se le dicen los hechos "
        "fechados (el ministro, los soldados, el aislamiento de los jefes). No los prevé.",
        "report.mind_width": "Los intervalos contienen lo que no se sabe de los parámetros, no "
        "que el propio modelo esté equivocado. Son demasiado estrechos.",
        "report.provenance": "De dónde sale esto",
        "report.again": "Se vuelve a hacer con",
        "report.again_words": "La misma versión, semilla y corridas dan los mismos números.",
        "report.version": "Versión",
        "report.data": "Datos",
        "report.scenario": "Caso {letter}",
        "report.digest": "huella {digest}",
        "report.seed": "Semilla",
        "report.runs_label": "Corridas",
        "report.placed_runs": "Ubicación sin la clase",
        "report.date": "Fecha",
        "report.files": "Los casos como archivos",
        "report.files_words": "Guárdelo como archivo .toml y ábralo en el taller o en la línea "
        "de comandos.",
        "report.save": "Guardar {name}",
        "report.events": "Hechos fechados de {case}",
        "report.no_events": "Ningún hecho fechado.",
        "report.event": "Hecho",
        "report.source": "Fuente",
        "report.licence": "trucesim, licencia MIT. Las tablas provienen de las fuentes "
        "nombradas en su NOTICE.",
        "report.alone.fewer": "En {share} de 100 corridas hay menos homicidios que en las "
        "mismas corridas sin tregua.",
        "report.alone.more": "En {share} de 100 corridas hay más homicidios que en las mismas "
        "corridas sin tregua.",
        "report.amount.fewer": "{median} homicidios menos que sin tregua, {span} (90 % de las "
        "corridas: {low} a {high}). Ambas son corridas del modelo.",
        "report.amount.more": "{median} homicidios más que sin tregua, {span} (90 % de las "
        "corridas: {low} a {high}). Ambas son corridas del modelo.",
        "report.dot.pair.fewer": "menos en B",
        "report.dot.pair.equal": "los mismos",
        "report.dot.pair.more": "más en B",
        "report.dot.alone.fewer": "menos que sin tregua",
        "report.dot.alone.equal": "los mismos",
        "report.dot.alone.more": "más",
        "report.model_sources": "Modelo",
        "report.settings": "Fijado en la línea de comandos, en todos los casos de aquí: "
        "{settings}.",
        "report.placed_by": "ubicación departamental",
        "report.even": "El modelo no distingue en cuál caso hay menos homicidios.",
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
