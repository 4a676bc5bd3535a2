"""Every word of the report, in English and Spanish."""

from __future__ import annotations

TEXT: dict[str, dict[str, str]] = {
    "en": {
        "report.kicker": "What would have happened if?",
        "report.document": "trucesim report",
        "report.versus": "compared with",
        "report.made": "{runs} · seed {seed} · made on {date}",
        "report.run": "1 run",
        "report.runs": "{n} runs",
        "report.model": "Runs of a model, not a forecast and not a prescription. Every number of it comes "
        "with an interval: 90% of the runs lie inside.",
        "report.few": "With {n} runs the ends of the intervals are rough; the default is 200.",
        # The answer
        "report.answer": "The answer in one sentence",
        "report.fewer": "In {x} of {n} runs {one} has fewer homicides than {other}.",
        "report.even": "The model cannot tell the two apart: {one} has fewer homicides in {x} of {n} "
        "runs, and more in {y}.",
        "report.equal": "{one} and {other} have the same homicides in every run.",
        "report.without": "the same case without a truce",
        "report.total": "{span}: {median} homicides in {one}",
        "report.difference": "Difference over {span}, {one} minus {other}, run by run:",
        "report.homicides": "{median} homicides",
        "report.interval": "90% of runs: {low} to {high}",
        "report.paired": "Both sides share the same seed and the same chance, so that they differ only by "
        "what differs between them.",
        "report.dots": "Of {n} runs: {fewer} with fewer homicides in {one}, {equal} with as many, {more} "
        "with more.",
        "report.dot_fewer": "fewer in {one}",
        "report.dot_equal": "as many",
        "report.dot_more": "more in {one}",
        "report.early": "To June 2013 alone, the months that the model was fitted to: {one} has fewer "
        "in {x} of {n} runs; difference {median} homicides (90% of runs: {low} to {high}).",
        # The cases
        "report.cases": "The case",
        "report.cases_pair": "The two cases",
        "report.case": "Case {letter}",
        "report.counterfactual": "Counterfactual",
        "report.record": "Follows the dated record",
        "report.sources": "Sources",
        # Differences
        "report.differs": "What differs",
        "report.differs_record": "What differs from the dated record",
        "report.differs_words": "All else is the same in both, up to {date} to the last run.",
        "report.differs_start": "All else is the same in both. What differs holds from the first day.",
        "report.none_differs": "Nothing that acts in the model differs: the two are one case.",
        "report.lever": "What",
        "report.departs": "Beyond what the model was fitted to",
        # Figures
        "report.months": "Month by month",
        "report.months_words": "The line is the median of the runs, the bands hold half and 90% of them; "
        "black is the observed record. Months to June 2013 chose the model's parameters, later "
        "ones did not.",
        "report.months_alt": "Homicides per month of {case} from 2009 to 2016: simulated median and bands "
        "beside the observed record. The yearly totals are in a table below.",
        "report.pair_alt": "Homicides per month of A and of B, and their difference run by run. The yearly "
        "totals are in a table below.",
        "report.map": "On the map",
        "report.map_words": "Homicides are placed where people live and where rates were high; no place "
        "on the map says where a clique is. Municipal results rest on a rate class of 2015, which "
        "is from after the truce.",
        "report.map_alt": "Three maps of simulated homicide rates by municipality: before, during and "
        "after the truce.",
        "report.map_pair_alt": "Two maps of the difference A minus B in homicide rates by municipality, "
        "{span}: with the 2015 rate class and without it.",
        "report.figures": "figures",
        "report.patterns_alt": "Every pattern as simulated divided by observed, grouped by use. The "
        "held-out ones stand in the table below.",
        # Numbers
        "report.numbers": "In numbers",
        "report.reductions": "Reduction of recorded homicides, {window}",
        "report.averted": "Lives averted, {window}",
        "report.reductions_words": "Every reduction depends on its baseline: read none without it.",
        "report.averted_words": "Recorded homicides, had the baseline's daily mean gone on. Negative: "
        "more than at that rate.",
        "report.baseline": "Compared with",
        "report.observed": "Observed",
        "report.yearly": "Recorded homicides by year",
        "report.year": "Year",
        "report.fewer_in": "{one} has fewer in",
        "report.of_runs": "{x} of {n}",
        "report.cell": "{low} to {high}",
        "report.cells": "Bold: the median of the runs; below it, the interval that holds 90% of them.",
        # Limits
        "report.limits": "What this cannot say",
        "report.limits_words": "The model was held against the record before it was asked anything. Its "
        "own misses are the best measure of how far to trust it.",
        "report.kind_observed": "Observed",
        "report.kind_observed_words": "The monthly record and the dated events of the truce, each with "
        "its source.",
        "report.kind_assumed": "Assumed",
        "report.kind_assumed_words": "How gangs, cliques and forces act, and with what strength. Most "
        "strengths are not known: every run draws its own.",
        "report.kind_counterfactual": "Counterfactual",
        "report.kind_counterfactual_words": "Whatever in a case did not happen. Nobody observed it, and "
        "nobody can check it.",
        "report.inside": "The observed value lies inside the 90% interval for {fit}, {check} and "
        "{holdout}.",
        "report.inside_fit": "{inside} of {of} patterns that chose parameters",
        "report.inside_check": "{inside} of {of} checks",
        "report.inside_holdout": "{inside} of {of} held-out patterns",
        "report.heldout": "What was held out, and what the model says",
        "report.heldout_words": "Nothing in this table chose a parameter. After 2013 the model is far "
        "off, so what it says of those years is weak.",
        "report.pattern": "Pattern",
        "report.simulated": "Model",
        "report.most": "90% of runs",
        "report.verdict": "The model is",
        "report.low": "too low",
        "report.high": "too high",
        "report.ok": "within",
        "report.class": "Placed with and without the 2015 rate class",
        "report.class_words": "Where cliques are placed rests on municipal rate classes of 2015, which is "
        "after the truce. Beside it stands a placement by population and departmental counts of "
        "2010 alone.",
        "report.with_class": "With the class",
        "report.without_class": "Without it",
        "report.mind": "To bear in mind",
        "report.mind_extension": "Extension to neighbouring municipalities was an aim of policy and not "
        "an observed regularity.",
        "report.mind_zones": "No credible estimate of the zones' own effect exists: they were chosen for "
        "being violent.",
        "report.mind_cliques": "Cliques are placed at random, anew in every run. Places and groups, never "
        "persons.",
        "report.mind_hidden": "Recorded homicides are not all homicides: while a truce holds, some "
        "killings are hidden.",
        "report.mind_inputs": "After June 2013 the model is told dated events (the minister, soldiers, "
        "isolation of leaders). It does not foresee them.",
        "report.mind_width": "Intervals hold what is not known of parameters, and not that the model "
        "itself is wrong. They are too narrow.",
        # Provenance
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
        "report.files_words": "Save as a .toml file and open it in the workshop or on the command line.",
        "report.save": "Save {name}",
        "report.events": "Dated events of {case}",
        "report.no_events": "No dated event.",
        "report.event": "Event",
        "report.source": "Source",
        "report.licence": "trucesim, MIT licence. The tables come from the sources named in its NOTICE.",
    },
    "es": {
        "report.kicker": "¿Qué habría pasado si…?",
        "report.document": "Informe de trucesim",
        "report.versus": "en comparación con",
        "report.made": "{runs} · semilla {seed} · hecho el {date}",
        "report.run": "1 corrida",
        "report.runs": "{n} corridas",
        "report.model": "Corridas de un modelo; no es un pronóstico ni una receta. Cada número suyo lleva "
        "un intervalo: dentro está el 90 % de las corridas.",
        "report.few": "Con {n} corridas los extremos de los intervalos son aproximados; lo habitual son "
        "200.",
        "report.answer": "La respuesta en una frase",
        "report.fewer": "En {x} de {n} corridas hay menos homicidios en {one} que en {other}.",
        "report.even": "El modelo no distingue los dos casos: {one} tiene menos homicidios en {x} de {n} "
        "corridas, y más en {y}.",
        "report.equal": "{one} y {other} tienen los mismos homicidios en todas las corridas.",
        "report.without": "el mismo caso sin tregua",
        "report.total": "{span}: {median} homicidios en {one}",
        "report.difference": "Diferencia en {span}, {one} menos {other}, corrida por corrida:",
        "report.homicides": "{median} homicidios",
        "report.interval": "90 % de las corridas: {low} a {high}",
        "report.paired": "Ambos lados comparten la semilla y el azar: solo se distinguen por aquello en "
        "lo que difieren.",
        "report.dots": "De {n} corridas: {fewer} con menos homicidios en {one}, {equal} con los mismos, "
        "{more} con más.",
        "report.dot_fewer": "menos en {one}",
        "report.dot_equal": "los mismos",
        "report.dot_more": "más en {one}",
        "report.early": "Solo hasta junio de 2013, los meses a los que se ajustó el modelo: {one} "
        "tiene menos en {x} de {n} corridas; diferencia de {median} homicidios (90 % de las "
        "corridas: {low} a {high}).",
        "report.cases": "El caso",
        "report.cases_pair": "Los dos casos",
        "report.case": "Caso {letter}",
        "report.counterfactual": "Contrafactual",
        "report.record": "Sigue el registro fechado",
        "report.sources": "Fuentes",
        "report.differs": "En qué difieren",
        "report.differs_record": "En qué difiere del registro fechado",
        "report.differs_words": "Lo demás es igual en ambos; hasta el {date} coincide cada corrida.",
        "report.differs_start": "Lo demás es igual en ambos. Lo que difiere rige desde el primer día.",
        "report.none_differs": "No difiere nada que actúe en el modelo: los dos son un mismo caso.",
        "report.lever": "Qué",
        "report.departs": "Más allá de aquello a lo que se ajustó el modelo",
        "report.months": "Mes a mes",
        "report.months_words": "La línea es la mediana de las corridas; las franjas contienen la mitad y "
        "el 90 % de ellas; en negro, el registro observado. Los meses hasta junio de 2013 eligieron "
        "los parámetros del modelo; los posteriores, no.",
        "report.months_alt": "Homicidios por mes de {case} de 2009 a 2016: mediana y franjas simuladas "
        "junto al registro observado. Los totales anuales están en una tabla más abajo.",
        "report.pair_alt": "Homicidios por mes de A y de B, y su diferencia corrida por corrida. Los "
        "totales anuales están en una tabla más abajo.",
        "report.map": "En el mapa",
        "report.map_words": "Los homicidios se ubican donde vive la gente y donde las tasas eran altas; "
        "ningún punto del mapa dice dónde está una clica. Los resultados municipales se apoyan en "
        "una clase de tasa de 2015, posterior a la tregua.",
        "report.map_alt": "Tres mapas de tasas de homicidio simuladas por municipio: antes, durante y "
        "después de la tregua.",
        "report.map_pair_alt": "Dos mapas de la diferencia A menos B en tasas de homicidio por municipio, "
        "{span}: con la clase de tasa de 2015 y sin ella.",
        "report.figures": "figuras",
        "report.patterns_alt": "Cada patrón como simulado dividido entre observado, según su uso. Los "
        "reservados están en la tabla siguiente.",
        "report.numbers": "En números",
        "report.reductions": "Reducción de los homicidios registrados, {window}",
        "report.averted": "Vidas que no se perdieron, {window}",
        "report.reductions_words": "Toda reducción depende de su base de comparación: no la lea sin ella.",
        "report.averted_words": "Homicidios registrados, si hubiera seguido la media diaria de la base. "
        "Negativo: más que a ese ritmo.",
        "report.baseline": "En comparación con",
        "report.observed": "Observado",
        "report.yearly": "Homicidios registrados por año",
        "report.year": "Año",
        "report.fewer_in": "{one} tiene menos en",
        "report.of_runs": "{x} de {n}",
        "report.cell": "{low} a {high}",
        "report.cells": "En negrita, la mediana de las corridas; debajo, el intervalo que contiene el "
        "90 % de ellas.",
        "report.limits": "Lo que esto no puede decir",
        "report.limits_words": "El modelo se comparó con el registro antes de preguntarle nada. Sus "
        "propios desaciertos son la mejor medida de cuánto confiar en él.",
        "report.kind_observed": "Observado",
        "report.kind_observed_words": "El registro mensual y los hechos fechados de la tregua, cada uno "
        "con su fuente.",
        "report.kind_assumed": "Supuesto",
        "report.kind_assumed_words": "Cómo actúan pandillas, clicas y fuerzas, y con qué intensidad. La "
        "mayoría de las intensidades no se conoce: cada corrida sortea las suyas.",
        "report.kind_counterfactual": "Contrafactual",
        "report.kind_counterfactual_words": "Todo lo que en un caso no ocurrió. Nadie lo observó y nadie "
        "puede comprobarlo.",
        "report.inside": "El valor observado está dentro del intervalo del 90 % en {fit}, {check} y "
        "{holdout}.",
        "report.inside_fit": "{inside} de {of} patrones que eligieron parámetros",
        "report.inside_check": "{inside} de {of} controles",
        "report.inside_holdout": "{inside} de {of} patrones reservados",
        "report.heldout": "Lo que se reservó, y lo que dice el modelo",
        "report.heldout_words": "Nada de esta tabla eligió un parámetro. Después de 2013 el modelo se "
        "aleja mucho, así que lo que dice de esos años es débil.",
        "report.pattern": "Patrón",
        "report.simulated": "Modelo",
        "report.most": "90 % de corridas",
        "report.verdict": "El modelo queda",
        "report.low": "muy bajo",
        "report.high": "muy alto",
        "report.ok": "dentro",
        "report.class": "Ubicación con y sin la clase de tasa de 2015",
        "report.class_words": "La ubicación de las clicas se apoya en clases municipales de tasa de 2015, "
        "posteriores a la tregua. A su lado está una ubicación solo por población y conteos "
        "departamentales de 2010.",
        "report.with_class": "Con la clase",
        "report.without_class": "Sin ella",
        "report.mind": "Hay que tener presente",
        "report.mind_extension": "La extensión a municipios vecinos fue una meta de la política y no una "
        "regularidad observada.",
        "report.mind_zones": "No existe una estimación creíble del efecto propio de las zonas: se "
        "eligieron por ser violentas.",
        "report.mind_cliques": "Las clicas se ubican al azar, de nuevo en cada corrida. Lugares y grupos, "
        "nunca personas.",
        "report.mind_hidden": "Los homicidios registrados no son todos: mientras rige una tregua, algunas "
        "muertes se ocultan.",
        "report.mind_inputs": "Después de junio de 2013 al modelo se le dicen los hechos fechados (el "
        "ministro, los soldados, el aislamiento de los jefes). No los prevé.",
        "report.mind_width": "Los intervalos contienen lo que no se sabe de los parámetros, no que el "
        "propio modelo esté equivocado. Son demasiado estrechos.",
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
        "report.files_words": "Guárdelo como archivo .toml y ábralo en el taller o en la línea de "
        "comandos.",
        "report.save": "Guardar {name}",
        "report.events": "Hechos fechados de {case}",
        "report.no_events": "Ningún hecho fechado.",
        "report.event": "Hecho",
        "report.source": "Fuente",
        "report.licence": "trucesim, licencia MIT. Las tablas provienen de las fuentes nombradas en su "
        "NOTICE.",
    },
}
