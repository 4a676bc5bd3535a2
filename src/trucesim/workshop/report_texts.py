"""Every word of the report, in English and Spanish."""

from __future__ import annotations

TEXT: dict[str, dict[str, str]] = {
    "en": {
        "kicker": "What would have happened if?",
        "document": "trucesim report",
        "versus": "compared with",
        "made": "{runs} · seed {seed} · made on {date}",
        "run": "1 run",
        "runs": "{n} runs",
        "model": "Runs of a model, not a forecast and not a prescription. Every number of it comes "
        "with an interval: 90% of the runs lie inside.",
        "few": "With {n} runs the ends of the intervals are rough; the default is 200.",
        # The answer
        "answer": "The answer in one sentence",
        "fewer": "In {x} of {n} runs {one} has fewer homicides than {other}.",
        "even": "The model cannot tell the two apart: {one} has fewer homicides in {x} of {n} "
        "runs, and more in {y}.",
        "equal": "{one} and {other} have the same homicides in every run.",
        "without": "the same case without a truce",
        "total": "{span}: {median} homicides in {one}",
        "difference": "Difference over {span}, {one} minus {other}, run by run:",
        "homicides": "{median} homicides",
        "interval": "90% of runs: {low} to {high}",
        "paired": "Both sides share the same seed and the same chance, so that they differ only by "
        "what differs between them.",
        "dots": "Of {n} runs: {fewer} with fewer homicides in {one}, {equal} with as many, {more} "
        "with more.",
        "dot_fewer": "fewer in {one}",
        "dot_equal": "as many",
        "dot_more": "more in {one}",
        "early": "To June 2013 alone, the months that the model was fitted to: {one} has fewer "
        "in {x} of {n} runs; difference {median} homicides (90% of runs: {low} to {high}).",
        # The cases
        "cases": "The case",
        "cases_pair": "The two cases",
        "case": "Case {letter}",
        "counterfactual": "Counterfactual",
        "record": "Follows the dated record",
        "sources": "Sources",
        # Differences
        "differs": "What differs",
        "differs_record": "What differs from the dated record",
        "differs_words": "All else is the same in both, up to {date} to the last run.",
        "differs_start": "All else is the same in both. What differs holds from the first day.",
        "none_differs": "Nothing that acts in the model differs: the two are one case.",
        "lever": "What",
        "departs": "Beyond what the model was fitted to",
        # Figures
        "months": "Month by month",
        "months_words": "The line is the median of the runs, the bands hold half and 90% of them; "
        "black is the observed record. Months to June 2013 chose the model's parameters, later "
        "ones did not.",
        "months_alt": "Homicides per month of {case} from 2009 to 2016: simulated median and bands "
        "beside the observed record. The yearly totals are in a table below.",
        "pair_alt": "Homicides per month of A and of B, and their difference run by run. The yearly "
        "totals are in a table below.",
        "map": "On the map",
        "map_words": "Homicides are placed where people live and where rates were high; no place "
        "on the map says where a clique is. Municipal results rest on a rate class of 2015, which "
        "is from after the truce.",
        "map_alt": "Three maps of simulated homicide rates by municipality: before, during and "
        "after the truce.",
        "map_pair_alt": "Two maps of the difference A minus B in homicide rates by municipality, "
        "{span}: with the 2015 rate class and without it.",
        "figures": "figures",
        "patterns_alt": "Every pattern as simulated divided by observed, grouped by use. The "
        "held-out ones stand in the table below.",
        # Numbers
        "numbers": "In numbers",
        "reductions": "Reduction of recorded homicides, {window}",
        "averted": "Lives averted, {window}",
        "reductions_words": "Every reduction depends on its baseline: read none without it.",
        "averted_words": "Recorded homicides, had the baseline's daily mean gone on. Negative: "
        "more than at that rate.",
        "baseline": "Compared with",
        "observed": "Observed",
        "yearly": "Recorded homicides by year",
        "year": "Year",
        "fewer_in": "{one} has fewer in",
        "of_runs": "{x} of {n}",
        "cell": "{low} to {high}",
        "cells": "Bold: the median of the runs; below it, the interval that holds 90% of them.",
        # Limits
        "limits": "What this cannot say",
        "limits_words": "The model was held against the record before it was asked anything. Its "
        "own misses are the best measure of how far to trust it.",
        "kind_observed": "Observed",
        "kind_observed_words": "The monthly record and the dated events of the truce, each with "
        "its source.",
        "kind_assumed": "Assumed",
        "kind_assumed_words": "How gangs, cliques and forces act, and with what strength. Most "
        "strengths are not known: every run draws its own.",
        "kind_counterfactual": "Counterfactual",
        "kind_counterfactual_words": "Whatever in a case did not happen. Nobody observed it, and "
        "nobody can check it.",
        "inside": "The observed value lies inside the 90% interval for {fit}, {check} and "
        "{holdout}.",
        "inside_fit": "{inside} of {of} patterns that chose parameters",
        "inside_check": "{inside} of {of} checks",
        "inside_holdout": "{inside} of {of} held-out patterns",
        "heldout": "What was held out, and what the model says",
        "heldout_words": "Nothing in this table chose a parameter. After 2013 the model is far "
        "off, so what it says of those years is weak.",
        "pattern": "Pattern",
        "simulated": "Model",
        "most": "90% of runs",
        "verdict": "The model is",
        "low": "too low",
        "high": "too high",
        "ok": "within",
        "class": "Placed with and without the 2015 rate class",
        "class_words": "Where cliques are placed rests on municipal rate classes of 2015, which is "
        "after the truce. Beside it stands a placement by population and departmental counts of "
        "2010 alone.",
        "with_class": "With the class",
        "without_class": "Without it",
        "mind": "To bear in mind",
        "mind_extension": "Extension to neighbouring municipalities was an aim of policy and not "
        "an observed regularity.",
        "mind_zones": "No credible estimate of the zones' own effect exists: they were chosen for "
        "being violent.",
        "mind_cliques": "Cliques are placed at random, anew in every run. Places and groups, never "
        "persons.",
        "mind_hidden": "Recorded homicides are not all homicides: while a truce holds, some "
        "killings are hidden.",
        "mind_inputs": "After June 2013 the model is told dated events (the minister, soldiers, "
        "isolation of leaders). It does not foresee them.",
        "mind_width": "Intervals hold what is not known of parameters, and not that the model "
        "itself is wrong. They are too narrow.",
        # Provenance
        "provenance": "Where this comes from",
        "again": "Made again by",
        "again_words": "The same version, seed and runs give the same numbers.",
        "version": "Version",
        "data": "Data",
        "scenario": "Case {letter}",
        "digest": "digest {digest}",
        "seed": "Seed",
        "runs_label": "Runs",
        "placed_runs": "Placement without the class",
        "date": "Date",
        "files": "The cases as files",
        "files_words": "Save as a .toml file and open it in the workshop or on the command line.",
        "save": "Save {name}",
        "events": "Dated events of {case}",
        "no_events": "No dated event.",
        "event": "Event",
        "source": "Source",
        "licence": "trucesim, MIT licence. The tables come from the sources named in its NOTICE.",
    },
    "es": {
        "kicker": "¿Qué habría pasado si…?",
        "document": "Informe de trucesim",
        "versus": "en comparación con",
        "made": "{runs} · semilla {seed} · hecho el {date}",
        "run": "1 corrida",
        "runs": "{n} corridas",
        "model": "Corridas de un modelo; no es un pronóstico ni una receta. Cada número suyo lleva "
        "un intervalo: dentro está el 90 % de las corridas.",
        "few": "Con {n} corridas los extremos de los intervalos son aproximados; lo habitual son "
        "200.",
        "answer": "La respuesta en una frase",
        "fewer": "En {x} de {n} corridas hay menos homicidios en {one} que en {other}.",
        "even": "El modelo no distingue los dos casos: {one} tiene menos homicidios en {x} de {n} "
        "corridas, y más en {y}.",
        "equal": "{one} y {other} tienen los mismos homicidios en todas las corridas.",
        "without": "el mismo caso sin tregua",
        "total": "{span}: {median} homicidios en {one}",
        "difference": "Diferencia en {span}, {one} menos {other}, corrida por corrida:",
        "homicides": "{median} homicidios",
        "interval": "90 % de las corridas: {low} a {high}",
        "paired": "Ambos lados comparten la semilla y el azar: solo se distinguen por aquello en "
        "lo que difieren.",
        "dots": "De {n} corridas: {fewer} con menos homicidios en {one}, {equal} con los mismos, "
        "{more} con más.",
        "dot_fewer": "menos en {one}",
        "dot_equal": "los mismos",
        "dot_more": "más en {one}",
        "early": "Solo hasta junio de 2013, los meses a los que se ajustó el modelo: {one} "
        "tiene menos en {x} de {n} corridas; diferencia de {median} homicidios (90 % de las "
        "corridas: {low} a {high}).",
        "cases": "El caso",
        "cases_pair": "Los dos casos",
        "case": "Caso {letter}",
        "counterfactual": "Contrafactual",
        "record": "Sigue el registro fechado",
        "sources": "Fuentes",
        "differs": "En qué difieren",
        "differs_record": "En qué difiere del registro fechado",
        "differs_words": "Lo demás es igual en ambos; hasta el {date} coincide cada corrida.",
        "differs_start": "Lo demás es igual en ambos. Lo que difiere rige desde el primer día.",
        "none_differs": "No difiere nada que actúe en el modelo: los dos son un mismo caso.",
        "lever": "Qué",
        "departs": "Más allá de aquello a lo que se ajustó el modelo",
        "months": "Mes a mes",
        "months_words": "La línea es la mediana de las corridas; las franjas contienen la mitad y "
        "el 90 % de ellas; en negro, el registro observado. Los meses hasta junio de 2013 eligieron "
        "los parámetros del modelo; los posteriores, no.",
        "months_alt": "Homicidios por mes de {case} de 2009 a 2016: mediana y franjas simuladas "
        "junto al registro observado. Los totales anuales están en una tabla más abajo.",
        "pair_alt": "Homicidios por mes de A y de B, y su diferencia corrida por corrida. Los "
        "totales anuales están en una tabla más abajo.",
        "map": "En el mapa",
        "map_words": "Los homicidios se ubican donde vive la gente y donde las tasas eran altas; "
        "ningún punto del mapa dice dónde está una clica. Los resultados municipales se apoyan en "
        "una clase de tasa de 2015, posterior a la tregua.",
        "map_alt": "Tres mapas de tasas de homicidio simuladas por municipio: antes, durante y "
        "después de la tregua.",
        "map_pair_alt": "Dos mapas de la diferencia A menos B en tasas de homicidio por municipio, "
        "{span}: con la clase de tasa de 2015 y sin ella.",
        "figures": "figuras",
        "patterns_alt": "Cada patrón como simulado dividido entre observado, según su uso. Los "
        "reservados están en la tabla siguiente.",
        "numbers": "En números",
        "reductions": "Reducción de los homicidios registrados, {window}",
        "averted": "Vidas que no se perdieron, {window}",
        "reductions_words": "Toda reducción depende de su base de comparación: no la lea sin ella.",
        "averted_words": "Homicidios registrados, si hubiera seguido la media diaria de la base. "
        "Negativo: más que a ese ritmo.",
        "baseline": "En comparación con",
        "observed": "Observado",
        "yearly": "Homicidios registrados por año",
        "year": "Año",
        "fewer_in": "{one} tiene menos en",
        "of_runs": "{x} de {n}",
        "cell": "{low} a {high}",
        "cells": "En negrita, la mediana de las corridas; debajo, el intervalo que contiene el "
        "90 % de ellas.",
        "limits": "Lo que esto no puede decir",
        "limits_words": "El modelo se comparó con el registro antes de preguntarle nada. Sus "
        "propios desaciertos son la mejor medida de cuánto confiar en él.",
        "kind_observed": "Observado",
        "kind_observed_words": "El registro mensual y los hechos fechados de la tregua, cada uno "
        "con su fuente.",
        "kind_assumed": "Supuesto",
        "kind_assumed_words": "Cómo actúan pandillas, clicas y fuerzas, y con qué intensidad. La "
        "mayoría de las intensidades no se conoce: cada corrida sortea las suyas.",
        "kind_counterfactual": "Contrafactual",
        "kind_counterfactual_words": "Todo lo que en un caso no ocurrió. Nadie lo observó y nadie "
        "puede comprobarlo.",
        "inside": "El valor observado está dentro del intervalo del 90 % en {fit}, {check} y "
        "{holdout}.",
        "inside_fit": "{inside} de {of} patrones que eligieron parámetros",
        "inside_check": "{inside} de {of} controles",
        "inside_holdout": "{inside} de {of} patrones reservados",
        "heldout": "Lo que se reservó, y lo que dice el modelo",
        "heldout_words": "Nada de esta tabla eligió un parámetro. Después de 2013 el modelo se "
        "aleja mucho, así que lo que dice de esos años es débil.",
        "pattern": "Patrón",
        "simulated": "Modelo",
        "most": "90 % de corridas",
        "verdict": "El modelo queda",
        "low": "muy bajo",
        "high": "muy alto",
        "ok": "dentro",
        "class": "Ubicación con y sin la clase de tasa de 2015",
        "class_words": "La ubicación de las clicas se apoya en clases municipales de tasa de 2015, "
        "posteriores a la tregua. A su lado está una ubicación solo por población y conteos "
        "departamentales de 2010.",
        "with_class": "Con la clase",
        "without_class": "Sin ella",
        "mind": "Hay que tener presente",
        "mind_extension": "La extensión a municipios vecinos fue una meta de la política y no una "
        "regularidad observada.",
        "mind_zones": "No existe una estimación creíble del efecto propio de las zonas: se "
        "eligieron por ser violentas.",
        "mind_cliques": "Las clicas se ubican al azar, de nuevo en cada corrida. Lugares y grupos, "
        "nunca personas.",
        "mind_hidden": "Los homicidios registrados no son todos: mientras rige una tregua, algunas "
        "muertes se ocultan.",
        "mind_inputs": "Después de junio de 2013 al modelo se le dicen los hechos fechados (el "
        "ministro, los soldados, el aislamiento de los jefes). No los prevé.",
        "mind_width": "Los intervalos contienen lo que no se sabe de los parámetros, no que el "
        "propio modelo esté equivocado. Son demasiado estrechos.",
        "provenance": "De dónde sale esto",
        "again": "Se vuelve a hacer con",
        "again_words": "La misma versión, semilla y corridas dan los mismos números.",
        "version": "Versión",
        "data": "Datos",
        "scenario": "Caso {letter}",
        "digest": "huella {digest}",
        "seed": "Semilla",
        "runs_label": "Corridas",
        "placed_runs": "Ubicación sin la clase",
        "date": "Fecha",
        "files": "Los casos como archivos",
        "files_words": "Guárdelo como archivo .toml y ábralo en el taller o en la línea de "
        "comandos.",
        "save": "Guardar {name}",
        "events": "Hechos fechados de {case}",
        "no_events": "Ningún hecho fechado.",
        "event": "Hecho",
        "source": "Fuente",
        "licence": "trucesim, licencia MIT. Las tablas provienen de las fuentes nombradas en su "
        "NOTICE.",
    },
}
