"""The report of a validation: its words follow from its numbers, and no number stands here."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from trucesim import figures
from trucesim.figures.validation import forecast_fan, pattern_rows
from trucesim.files import markdown
from trucesim.files.errors import InputError
from trucesim.files.writing import put_whole, write_json
from trucesim.outcomes import forecasts, patterns
from trucesim.outcomes.forecasts import CONDITIONALITY, MODEL
from trucesim.runs.provenance import provenance
from trucesim.studies import comparison as study
from trucesim.studies.validation import UNWEIGHTED, Validation, strongest, summary
from trucesim.version import __version__
from trucesim.world.periods import parse

TEXT: dict[str, dict[str, str]] = {
    "en": {
        "title": "Validation: {title}",
        "made": "{runs} runs of the scenario `{name}` (digest `{digest}`), seed {seed}, {draws}. "
        "Made by trucesim {version}; every number is computed from these runs and from the record "
        "that the package ships. Intervals are 5-95 % over runs.",
        "posterior": "The posterior was made by {version}; today's model gives {same} probe runs.",
        "posterior.same": "the same",
        "posterior.other": "other",
        "point": "all with the point values of the parameters",
        "draws": "each with its own draw of the uncertain parameters",
        "few": "With {runs} runs the ends of the intervals are rough; the default is 200.",
        "short": "In short",
        "short.use": "**{use}**: {counted} of {simulated} patterns right, that is inside the "
        "interval{wide}.",
        "short.wide": "; {too_wide} more inside an interval wider than the value itself, which "
        "says too little to count",
        "use.fit": "Patterns that chose parameters",
        "use.check": "Checks, known but not fitted",
        "use.holdout": "Held out",
        "short.forecast": "**Forecasts**: in {won} of {windows} windows the model is better than "
        "the strongest naive forecast; over all windows it is better than {beaten} of {of} naive "
        "ones. Judged by the lower of two CRPS skills.",
        "short.hiding": "**Hidden killings**: the reduction against 2011 is {recorded} % in "
        "recorded homicides and {true} % in all killings (medians). Hiding makes up {less} "
        "percentage points (median of the difference, run by run).",
        "short.panel": "**Your panel**: {inside} % of {cells} municipal counts inside the "
        "interval.",
        "right": "What is reproduced",
        "right.words": "The record lies inside the simulated interval, and the interval is no "
        "wider than the value.",
        "wide": "Inside, but not counted",
        "wide.words": "The interval is wider than the value: almost anything would lie inside.",
        "wrong": "What is not",
        "wrong.words": "The record lies outside the interval. Of the ratios among all patterns, "
        "{right} of {ratios} have a simulated median on the observed side of 1.",
        "open": "Not compared",
        "none": "None.",
        "low": "too low",
        "high": "too high",
        "pattern": "pattern",
        "use": "use",
        "observed": "observed",
        "simulated": "simulated",
        "interval": "5-95 %",
        "the model is": "the model is",
        "bear": "What to bear in mind",
        "straddles": "**Straddling the fit window.** {n} patterns that chose parameters reach "
        "beyond {end}, its end: {ids}. They are annual, and no month of theirs is known apart. "
        "Windows that begin before these years end, and so are not held out altogether: "
        "{windows}.",
        "straddles.none": "**Straddling the fit window.** No pattern that chose parameters reaches "
        "beyond its end.",
        "class": "**The rate class of 2015.** Where cliques are placed rests on municipal rate "
        "classes of 2015, which is after the truce. So {n} municipal patterns are conditional on "
        "them; beside them stands a placement by population and departmental counts alone"
        " ({runs} runs). It has {inside} of {n} inside its interval; the other has {other}.",
        "class.none": "**The rate class of 2015** is not used: the scenario places cliques by "
        "population and departmental counts alone.",
        "by departments": "departments only",
        "inside": "inside",
        "yes": "yes",
        "no": "no",
        "forecasts": "Forecasts, month by month",
        "inputs": "Dated inputs after the origin",
        "inputs.words": "What the model is told and the naive forecasts are not:",
        "inputs.none": "no dated input",
        "forecast.words": "MAE: mean absolute error, of the median. CRPS: the same for a whole "
        "distribution. A naive forecast becomes one by its own past errors, as they are or around "
        "their mean; the skill quoted is the lower of the two, 1 - CRPS of the model / CRPS of the "
        "naive one: positive where the model is better. The strongest naive forecast is that with "
        "the least CRPS, chosen after the fact and so hard to beat. Its CRPS is the "
        "lower of its two; figures show that around the mean.",
        "overlap": "Windows that share months are not independent: {pairs}.",
        "fit.words": "Within the fit window ({window}) the model's MAE is {mae}. Methods fitted to "
        "that window itself: {others}. This is no forecast.",
        "priors": "Held out, beside the priors",
        "priors.words": "The same statistics of runs drawn from the priors. Where the two agree, "
        "the result is the prior's: the strengths of repression, of the closed channel and of the "
        "gangs' own order have no data in the fit window.",
        "from priors": "from the priors",
        "origins.words": "From June 2013 all {runs} runs count alike. A later origin knows more "
        "months: it keeps the {kept} % of runs that followed the record most closely since July "
        "2013, quarter by quarter, and weights them by closeness. These weights are for that "
        "origin alone.",
        "unweighted.words": "The same windows from June 2013, all runs alike: what the shipped "
        "posterior forecasts, knowing no later month.",
        "width": "interval width / observed",
        "mind": "What would change our mind",
        "mind.words": "- Hierarchy: a fall that took months, or nothing changing when the leaders' "
        "channel was cut.\n"
        "- A guarantor who matters: truces with and without one that last equally long.\n"
        "- Retaliation: months that vary no more than chance where no order holds.\n"
        "- Conditional repression: attacks on the state that do not rise when pressure no longer "
        "depends on violence.\n"
        "- Placement by the rates of 2015: municipal counts of the years of the truce. The model "
        "has seen none.",
        "window": "window",
        "months": "months",
        "mae": "MAE",
        "coverage": "inside 90 %",
        "strongest": "strongest naive",
        "its mae": "its MAE",
        "crps": "CRPS",
        "its crps": "its CRPS",
        "skill": "CRPS skill",
        "beaten": "naive ones beaten",
        "method.last-3-month level": "last 3 months",
        "method.return to 2010-Feb2012 level": "back to 2010 - Feb 2012",
        "method.12-month linear trend": "12-month trend",
        "method.seasonal": "same month, year before",
        "reductions": "Reductions: recorded and true",
        "reductions.words": "Hidden killings are in no record. In the model a gang killing is "
        "hidden with a probability that grows with how much of the gang holds to the order. Both "
        "columns count the whole months {window}, against the whole months of each baseline; only "
        "the model can tell true killings. Every reduction depends on its baseline.",
        "baseline": "baseline",
        "recorded %": "recorded, %",
        "true %": "true, %",
        "less": "points by hiding",
        "record %": "in the record, %",
        "published": "From the truce's first day ({window}) the reduction in recorded homicides "
        "is {parts}.",
        "published.part": "{median} % ({low} to {high}) against {baseline}; in the record "
        "{value} %",
        "panel": "Your panel",
        "panel.words": "`{source}`: {treatment}. No parameter and no default was chosen by it.",
        "panel.class": "The placement of cliques uses the rate classes of 2015: figures of that "
        "year are in part what the model was given.",
        "all": "all",
        "period": "period",
        "municipalities": "municipalities",
        "panel.mae": "mean error",
        "rank": "rank correlation",
        "measure": "measure",
        "notes": "Left out or mended:",
        "figures": "Figures",
        "figure.patterns": "Simulated divided by observed, pattern by pattern",
        "figure.window": "Forecast of {window}",
        "files": "Files",
        "file.patterns.csv": "every pattern: observed, simulated, inside, counted",
        "file.coverage.csv": "how many are right, by use",
        "file.forecasts.csv": "every window, the model and every naive forecast",
        "file.reductions.csv": "by baseline: recorded, true, and their difference run by run",
        "file.panel_cells.csv": "your panel, municipality by municipality",
        "file.panel_periods.csv": "your panel, by period",
        "file.panel_shares.csv": "your panel: how homicides are spread",
        "file.summary.json": "the headline figures",
        "file.manifest.json": "what made this",
        "decimal": ".",
    },
    "es": {
        "title": "Validación: {title}",
        "made": "{runs} corridas del escenario `{name}` (huella `{digest}`), semilla {seed}, "
        "{draws}. Hecho con trucesim {version}; cada número se calcula de estas corridas y del "
        "registro incluido en el paquete. Los intervalos son del 5 al 95 % de las corridas.",
        "posterior": "La distribución posterior se hizo con la versión {version}; el modelo de hoy "
        "da {same} corridas de prueba.",
        "posterior.same": "las mismas",
        "posterior.other": "otras",
        "point": "todas con los valores puntuales de los parámetros",
        "draws": "cada una con su propio sorteo de los parámetros inciertos",
        "few": "Con {runs} corridas los extremos de los intervalos son aproximados; lo habitual "
        "son 200.",
        "short": "En breve",
        "short.use": "**{use}**: {counted} de {simulated} patrones acertados, es decir, dentro del "
        "intervalo{wide}.",
        "short.wide": "; {too_wide} más dentro de un intervalo más ancho que el propio valor, lo "
        "que dice muy poco y no cuenta",
        "use.fit": "Patrones que eligieron parámetros",
        "use.check": "Controles, conocidos pero no ajustados",
        "use.holdout": "Reservados",
        "short.forecast": "**Pronósticos**: en {won} de {windows} ventanas el modelo supera al "
        "pronóstico simple más fuerte; en el conjunto de ventanas supera a {beaten} de {of} "
        "pronósticos simples. Según la menor de dos ganancias de CRPS.",
        "short.hiding": "**Muertes ocultas**: la reducción frente a 2011 es de {recorded} % en "
        "homicidios registrados y de {true} % en todas las muertes (medianas). El ocultamiento "
        "aporta {less} puntos porcentuales (mediana de la diferencia, corrida por corrida).",
        "short.panel": "**Su panel**: {inside} % de {cells} conteos municipales dentro del "
        "intervalo.",
        "right": "Lo que se reproduce",
        "right.words": "El registro está dentro del intervalo simulado, y el intervalo no es más "
        "ancho que el valor.",
        "wide": "Dentro, pero no cuenta",
        "wide.words": "El intervalo es más ancho que el valor: casi cualquier cosa estaría dentro.",
        "wrong": "Lo que no",
        "wrong.words": "El registro está fuera del intervalo. De los cocientes entre todos los "
        "patrones, {right} de {ratios} tienen la mediana simulada del mismo lado de 1 que el valor "
        "observado.",
        "open": "Sin comparar",
        "none": "Ninguno.",
        "low": "muy bajo",
        "high": "muy alto",
        "pattern": "patrón",
        "use": "uso",
        "observed": "observado",
        "simulated": "simulado",
        "interval": "5-95 %",
        "the model is": "el modelo queda",
        "bear": "Lo que hay que tener presente",
        "straddles": "**A caballo de la ventana de ajuste.** {n} patrones que eligieron parámetros "
        "pasan de {end}, su final: {ids}. Son anuales y ninguno de sus meses se conoce por "
        "separado. Ventanas que empiezan antes de que esos años terminen y que por eso no quedan "
        "reservadas del todo: {windows}.",
        "straddles.none": "**A caballo de la ventana de ajuste.** Ningún patrón que eligió "
        "parámetros pasa de su final.",
        "class": "**La clase de tasa de 2015.** La ubicación de las clicas se apoya en clases "
        "municipales de tasa de 2015, posteriores a la tregua. Por eso {n} patrones municipales "
        "dependen de ellas; a su lado está una ubicación solo por población y conteos "
        "departamentales ({runs} corridas). Esta tiene {inside} de {n} dentro de su intervalo; la "
        "otra, {other}.",
        "class.none": "**La clase de tasa de 2015** no se usa: el escenario ubica las clicas solo "
        "por población y conteos departamentales.",
        "by departments": "solo departamentos",
        "inside": "dentro",
        "yes": "sí",
        "no": "no",
        "forecasts": "Pronósticos, mes a mes",
        "inputs": "Hechos fechados después del origen",
        "inputs.words": "Lo que se le dice al modelo y no a los pronósticos simples:",
        "inputs.none": "ningún hecho fechado",
        "forecast.words": "EAM: error absoluto medio, de la mediana. CRPS: lo mismo para una "
        "distribución entera. Un pronóstico simple llega a serlo por sus propios errores pasados, "
        "tal cual o en torno a su media; la ganancia citada es la menor de las dos, 1 - CRPS del "
        "modelo / CRPS del simple: positiva donde el modelo es mejor. El pronóstico simple más "
        "fuerte es el de menor CRPS, elegido a posteriori y por eso difícil de superar. "
        "Su CRPS es el menor de los dos; las figuras muestran el que va en torno a la media.",
        "overlap": "Las ventanas que comparten meses no son independientes: {pairs}.",
        "fit.words": "Dentro de la ventana de ajuste ({window}) el EAM del modelo es {mae}. "
        "Métodos ajustados a esa misma ventana: {others}. Esto no es un pronóstico.",
        "priors": "Reservados, junto a las distribuciones previas",
        "priors.words": "Las mismas estadísticas de corridas sorteadas de las distribuciones "
        "previas. Donde ambas coinciden, el resultado es el de la previa: la fuerza de la "
        "represión, del canal cerrado y de la orden propia de las pandillas no tienen datos en la "
        "ventana de ajuste.",
        "from priors": "según las previas",
        "origins.words": "Desde junio de 2013 las {runs} corridas cuentan por igual. Un origen "
        "posterior conoce más meses: conserva el {kept} % de las corridas que siguieron más de "
        "cerca el registro desde julio de 2013, trimestre a trimestre, y las pondera por cercanía. "
        "Esos pesos valen solo para ese origen.",
        "unweighted.words": "Las mismas ventanas desde junio de 2013, con todas las corridas por "
        "igual: lo que pronostica la distribución posterior publicada, sin conocer ningún mes "
        "posterior.",
        "width": "ancho del intervalo / observado",
        "mind": "Qué nos haría cambiar de opinión",
        "mind.words": "- Jerarquía: una caída que tardara meses, o que nada cambiara al cortarse "
        "el canal de los jefes.\n"
        "- Un garante que importa: treguas con y sin garante que duran lo mismo.\n"
        "- Represalias: meses que no varían más que por azar donde no rige ninguna orden.\n"
        "- Represión condicionada: ataques al Estado que no suben cuando la presión deja de "
        "depender de la violencia.\n"
        "- Ubicación según las tasas de 2015: conteos municipales de los años de la tregua. El "
        "modelo no ha visto ninguno.",
        "window": "ventana",
        "months": "meses",
        "mae": "EAM",
        "coverage": "dentro del 90 %",
        "strongest": "simple más fuerte",
        "its mae": "su EAM",
        "crps": "CRPS",
        "its crps": "su CRPS",
        "skill": "ganancia de CRPS",
        "beaten": "simples superados",
        "method.last-3-month level": "últimos 3 meses",
        "method.return to 2010-Feb2012 level": "vuelta a 2010 - feb 2012",
        "method.12-month linear trend": "tendencia, 12 meses",
        "method.seasonal": "mismo mes, año anterior",
        "reductions": "Reducciones: registradas y verdaderas",
        "reductions.words": "Las muertes ocultas no están en ningún registro. En el modelo, una "
        "muerte a manos de pandillas se oculta con una probabilidad que crece con la parte de la "
        "pandilla que acata la orden. Ambas columnas cuentan los meses completos {window}, frente "
        "a los meses completos de cada base; solo el modelo conoce las muertes verdaderas. Toda "
        "reducción depende de su base.",
        "baseline": "base",
        "recorded %": "registrada, %",
        "true %": "verdadera, %",
        "less": "puntos por ocultamiento",
        "record %": "en el registro, %",
        "published": "Desde el primer día de la tregua ({window}) la reducción de homicidios "
        "registrados es de {parts}.",
        "published.part": "{median} % ({low} a {high}) frente a {baseline}; en el registro "
        "{value} %",
        "panel": "Su panel",
        "panel.words": "`{source}`: {treatment}. Ningún parámetro ni valor por defecto se eligió "
        "con él.",
        "panel.class": "La ubicación de las clicas usa las clases de tasa de 2015: las cifras de "
        "ese año son en parte lo que se le dio al modelo.",
        "all": "todos",
        "period": "período",
        "municipalities": "municipios",
        "panel.mae": "error medio",
        "rank": "correlación de rangos",
        "measure": "medida",
        "notes": "Omitido o corregido:",
        "figures": "Figuras",
        "figure.patterns": "Simulado dividido entre observado, patrón por patrón",
        "figure.window": "Pronóstico de {window}",
        "files": "Archivos",
        "file.patterns.csv": "cada patrón: observado, simulado, dentro, contado",
        "file.coverage.csv": "cuántos aciertos, por uso",
        "file.forecasts.csv": "cada ventana, el modelo y cada pronóstico simple",
        "file.reductions.csv": "por base: registrada, verdadera y su diferencia corrida por "
        "corrida",
        "file.panel_cells.csv": "su panel, municipio por municipio",
        "file.panel_periods.csv": "su panel, por período",
        "file.panel_shares.csv": "su panel: cómo se reparten los homicidios",
        "file.summary.json": "las cifras principales",
        "file.manifest.json": "qué produjo esto",
        "decimal": ",",
    },
}
"""The words of the report, by language and key."""

FEW_RUNS = 100
"""With fewer, a 5 % quantile rests on less than five runs, and the report says so."""

_BOUNDS = ["simulated_p05", "simulated_median", "simulated_p95"]


def number(value: float, lang: str = "en") -> str:
    """Write a number to three figures or, from 100 on, without decimals; a dash if unknown."""
    if math.isnan(value):
        return "-"
    digits = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
    return f"{value:.{digits}f}".replace(".", TEXT[lang]["decimal"])


def report(found: Validation, lang: str = "en", figures: Mapping[str, str] | None = None) -> str:
    """Write the report of a validation.

    Parameters
    ----------
    found : Validation
    lang : {'en', 'es'}
    figures : mapping of str to str, optional
        Paths of figures as seen from the report, by window or ``patterns``.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    InputError
        If there is no such language.
    """
    if lang not in TEXT:
        raise InputError(f"no report in {lang!r}; there are: {', '.join(TEXT)}")
    figures = figures or {}
    parts = [
        _opening(found, lang),
        _in_short(found, lang),
        _patterns(found, lang, figures),
        _bear_in_mind(found, lang),
        _forecasts(found, lang, figures),
        _reductions(found, lang),
        *([_panel(found, lang)] if found.score is not None else []),
        f"## {TEXT[lang]['mind']}\n\n{TEXT[lang]['mind.words']}",
        _files(found, lang),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(found: Validation, lang: str) -> str:
    words, attrs = TEXT[lang], found.results.attrs
    lines = [
        "# " + words["title"].format(title=found.scenario.title[lang]),
        words["made"].format(
            runs=attrs["runs"], name=found.scenario.name, digest=found.scenario.digest[:12],
            seed=attrs["seed"], draws=words["point" if found.point else "draws"],
            version=__version__,
        ),
    ]  # fmt: skip
    if found.posterior is not None:
        same = words["posterior.same" if found.posterior.same_probe else "posterior.other"]
        lines.append(words["posterior"].format(version=found.posterior.version, same=same))
    if attrs["runs"] < FEW_RUNS:
        lines.append(words["few"].format(runs=attrs["runs"]))
    return "\n\n".join(lines)


def _in_short(found: Validation, lang: str) -> str:
    words = TEXT[lang]
    lines = []
    for row in found.coverage.to_dict("records"):
        too_wide = row["too_wide"]
        lines.append(
            words["short.use"].format(
                use=words[f"use.{row['use']}"], counted=row["counted"], simulated=row["simulated"],
                wide=words["short.wide"].format(too_wide=too_wide) if too_wide else "",
            )
        )  # fmt: skip
    best = strongest(found.forecasts)
    lines.append(
        words["short.forecast"].format(
            won=int((best["crps_skill_lower"] > 0).sum()), windows=len(best),
            beaten=best["beaten"].sum(), of=best["of"].sum(),
        )
    )  # fmt: skip
    medians = _hiding(found)["median"]["2011"]
    lines.append(
        words["short.hiding"].format(
            recorded=number(medians["recorded"], lang), true=number(medians["true"], lang),
            less=number(medians["recorded_less_true"], lang),
        )
    )  # fmt: skip
    if found.score is not None:
        cells = found.score.cells
        lines.append(
            words["short.panel"].format(
                inside=round(100 * cells["inside"].mean()), cells=len(cells)
            )
        )
    return "\n".join([f"## {words['short']}", "", *(f"- {line}" for line in lines)])


def _patterns(found: Validation, lang: str, figures: Mapping[str, str]) -> str:
    words, table = TEXT[lang], found.comparison
    inside = table["inside"].eq(True)
    blocks = []
    for key, chosen in (
        ("right", table["counts"]),
        ("wide", inside & table["too_wide"]),
        ("wrong", table["simulated"] & ~inside),
    ):
        rows = table[chosen].to_dict("records")
        header = ["pattern", "use", "observed", "simulated", "interval"]
        cells = [
            [f"`{row['id']}`", row["use"], *_observed_and_simulated(row, lang)] for row in rows
        ]
        if key == "wrong":
            header.append("the model is")
            for line, row in zip(cells, rows, strict=True):
                line.append(
                    words["low" if row["simulated_p95"] < row["observed"] else "high"]
                )  # fmt: skip
        told = words[f"{key}.words"].format(
            right=found.coverage["right_in_sign"].sum(), ratios=found.coverage["ratios"].sum()
        )
        if key == "right" and "patterns" in figures:
            told += f"\n\n![{words['figure.patterns']}]({figures['patterns']})"
        body = markdown.table([words[name] for name in header], cells, 2) if rows else words["none"]
        blocks += [f"## {words[key]}", told, body]
    missing = [
        f"- `{row['id']}` ({number(row['observed'], lang)}): {_reason(row)}"
        for row in table[~table["simulated"]].to_dict("records")
    ]
    blocks += [f"## {words['open']}", "\n".join(missing) or words["none"]]
    if "prior_median" in table:
        blocks += [f"## {words['priors']}", words["priors.words"], _beside_priors(table, lang)]
    return "\n\n".join(blocks)


def _beside_priors(table: pd.DataFrame, lang: str) -> str:
    """Set what is held out beside what runs drawn from the priors give."""
    words = TEXT[lang]
    header = ["pattern", "observed", "simulated", "interval", "from priors", "interval"]
    cells = []
    for row in table[table["use"].eq("holdout") & table["simulated"]].to_dict("records"):
        unfitted = {f"simulated_{name}": row[f"prior_{name}"] for name in _QUANTILES}
        cells.append(
            [
                f"`{row['id']}`", *_observed_and_simulated(row, lang),
                *_observed_and_simulated(row | unfitted, lang)[1:],
            ]
        )  # fmt: skip
    return markdown.table([words[name] for name in header], cells, 1)


def _reason(row: Mapping[Any, Any]) -> str:
    """Say why a pattern is not computed."""
    return patterns.REGISTRY[row["id"]].reason or str(row["note"])


def _bear_in_mind(found: Validation, lang: str) -> str:
    words, table = TEXT[lang], found.comparison
    blocks = [f"## {words['bear']}"]
    straddling = table[table["straddling"]]
    if straddling.empty:
        blocks.append(words["straddles.none"])
    else:
        loaded = patterns.load()
        stop = max(period.stop for name in straddling["id"] for period in loaded[name].periods)
        touched = [
            name for name, window in forecasts.windows().items()
            if window.origin and window.period.start < stop
        ]  # fmt: skip
        blocks.append(
            words["straddles"].format(
                n=len(straddling), end=f"{patterns.FIT_WINDOW_END.last:%Y-%m}",
                ids=_listed(straddling["id"]), windows=_listed(touched),
            )
        )  # fmt: skip
    if "departments_only_median" not in table:
        return "\n\n".join([*blocks, words["class.none"]])
    rows = table[table["conditional"] & table["departments_only_median"].notna()]
    observed = rows["observed"]
    other = observed.between(rows["departments_only_p05"], rows["departments_only_p95"])
    inside = rows["inside"].eq(True)
    blocks.append(
        words["class"].format(
            n=len(rows), runs=min(found.results.attrs["runs"], study.PLACEMENT_RUNS),
            inside=int(other.sum()), other=int(inside.sum()),
        )
    )  # fmt: skip
    header = ["pattern", "observed", "simulated", "interval", "inside",
              "by departments", "interval", "inside"]  # fmt: skip
    cells = []
    for row, placed_inside in zip(rows.to_dict("records"), other, strict=True):
        placed = {f"simulated_{name}": row[f"departments_only_{name}"] for name in _QUANTILES}
        cells.append(
            [
                f"`{row['id']}`", *_observed_and_simulated(row, lang),
                words["yes" if row["inside"] is True else "no"],
                *_observed_and_simulated(row | placed, lang)[1:],
                words["yes" if placed_inside else "no"],
            ]
        )  # fmt: skip
    blocks.append(markdown.table([words[name] for name in header], cells, 1))
    return "\n\n".join(blocks)


_QUANTILES = ("p05", "median", "p95")


def _forecasts(found: Validation, lang: str, figures: Mapping[str, str]) -> str:
    words, table = TEXT[lang], found.forecasts
    cells = [
        [
            row["window"], row["months"], number(row["mae"], lang), number(row["crps"], lang),
            f"{round(100 * row['coverage_90'])} %", words[f"method.{row['naive']}"],
            number(row["naive_mae"], lang), number(row["naive_crps"], lang),
            number(row["crps_skill_lower"], lang), f"{row['beaten']} / {row['of']}",
        ]
        for row in strongest(table).to_dict("records")
    ]  # fmt: skip
    header = ["window", "months", "mae", "crps", "coverage", "strongest", "its mae", "its crps",
              "skill", "beaten"]  # fmt: skip
    blocks = [
        f"## {words['forecasts']}",
        CONDITIONALITY[lang],
        markdown.table([words[name] for name in header], cells, 1),
        words["forecast.words"],
        words["origins.words"].format(
            runs=found.ensemble.attrs["runs"], kept=round(100 * forecasts.KEPT_AT_AN_ORIGIN)
        ),
    ]
    plain = table[table["method"] == UNWEIGHTED]
    if len(plain):
        later = [
            [
                row["window"], row["months"], number(row["mae"], lang), number(row["crps"], lang),
                f"{round(100 * row['coverage_90'])} %", number(row["width_90"], lang),
            ]
            for row in plain.to_dict("records")
        ]  # fmt: skip
        header = ["window", "months", "mae", "crps", "coverage", "width"]
        blocks += [
            words["unweighted.words"],
            markdown.table([words[name] for name in header], later, 1),
        ]
    shown = {name: window for name, window in forecasts.windows().items() if window.origin}
    pairs = [
        f"{a} / {b}"
        for a in shown for b in shown
        if a < b and shown[a].period.start < shown[b].period.stop
        and shown[b].period.start < shown[a].period.stop
    ]  # fmt: skip
    if pairs:
        blocks.append(words["overlap"].format(pairs=", ".join(pairs)))
    for window, rows in table[table["origin"] == ""].groupby("window", sort=False):
        own = rows[rows["method"] == MODEL].iloc[0]
        others = [
            f"{row['method']} {number(row['mae'], lang)}"
            for row in rows[rows["method"] != MODEL].to_dict("records")
        ]
        blocks.append(
            words["fit.words"].format(
                window=window, mae=number(own["mae"], lang), others="; ".join(others)
            )
        )
    blocks.append(f"### {words['inputs']}\n\n{words['inputs.words']}")
    blocks.append("\n".join(f"- {name}: {_inputs(found, name, lang)}" for name in shown))
    blocks += [
        f"![{words['figure.window'].format(window=name)}]({figures[name]})"
        for name in shown if name in figures
    ]  # fmt: skip
    return "\n\n".join(blocks)


def _inputs(found: Validation, name: str, lang: str) -> str:
    """List what happens on known dates between a window's origin and its end."""
    window = forecasts.windows()[name]
    origin = parse(window.origin)
    events = [
        event for event in json.loads(found.results.attrs["events"])
        if f"{origin.stop}" <= event["date"] < f"{window.period.stop}"
    ]  # fmt: skip
    return (
        "; ".join(f"{event['date']} {event[lang]}" for event in events)
        or (TEXT[lang]["inputs.none"])
    )


def _hiding(found: Validation) -> dict[str, dict[str, dict[str, float]]]:
    """Give percentages over whole months by column, baseline and what is counted."""
    rows = found.reductions[found.reductions["measure"] == "reduction_percent"]
    rows = rows[rows["window"] == rows["window"].iloc[-1]]
    return {
        name: {
            str(baseline): dict(zip(group["counted"], group[name], strict=True))
            for baseline, group in rows.groupby("baseline", sort=False)
        }
        for name in (*_QUANTILES, "observed")
    }


def _reductions(found: Validation, lang: str) -> str:
    words = TEXT[lang]
    columns = _hiding(found)
    percent = found.reductions[found.reductions["measure"] == "reduction_percent"]
    window = percent["window"].iloc[-1]
    cells = []
    for baseline in columns["median"]:
        low, median, high, observed = (columns[name][baseline] for name in columns)
        line = [baseline]
        for counted in ("recorded", "true", "recorded_less_true"):
            line += [
                number(median[counted], lang), _interval(low[counted], high[counted], lang)
            ]  # fmt: skip
        cells.append([*line, number(observed["recorded"], lang)])
    header = ["baseline", "recorded %", "interval", "true %", "interval", "less", "interval",
              "record %"]  # fmt: skip
    first_day = percent[percent["window"] != window]
    parts = [
        words["published.part"].format(
            median=number(row["median"], lang), low=number(row["p05"], lang),
            high=number(row["p95"], lang), baseline=row["baseline"],
            value=number(row["observed"], lang),
        )
        for row in first_day.to_dict("records")
    ]  # fmt: skip
    return "\n\n".join(
        [
            f"## {words['reductions']}",
            words["reductions.words"].format(window=window),
            markdown.table([words[name] for name in header], cells, 1),
            words["published"].format(
                window=first_day["window"].iloc[0], parts="; ".join(parts)
            ),
        ]
    )  # fmt: skip


def _panel(found: Validation, lang: str) -> str:
    words, score = TEXT[lang], found.score
    assert score is not None
    assert found.panel is not None
    attrs = found.panel.attrs
    periods = [
        [
            words.get(row["period"], row["period"]), row["municipalities"],
            f"{round(100 * row['coverage'])} %",
            *(number(row[name], lang) for name in ("mae", "rank_correlation", "crps")),
        ]
        for row in score.periods.to_dict("records")
    ]  # fmt: skip
    shares = [
        [
            f"`{row['measure']}`", row["period"], *_observed_and_simulated(row, lang),
            {True: words["yes"], False: words["no"]}.get(row["inside"], "-"),
        ]
        for row in score.shares.to_dict("records")
    ]  # fmt: skip
    header = ["period", "municipalities", "coverage", "panel.mae", "rank", "crps"]
    of_shares = ["measure", "period", "observed", "simulated", "interval", "inside"]
    blocks = [
        f"## {words['panel']}",
        words["panel.words"].format(
            source=str(attrs["source"]).rpartition("/")[2], treatment=attrs["treatment"]
        ),
        *([words["panel.class"]] if "departments_only_median" in found.comparison else []),
        markdown.table([words[name] for name in header], periods, 1),
        markdown.table([words[name] for name in of_shares], shares, 2),
    ]
    if score.notes:
        blocks.append("\n".join([words["notes"], "", *(f"- {note}" for note in score.notes)]))
    return "\n\n".join(blocks)


def _files(found: Validation, lang: str) -> str:
    words = TEXT[lang]
    names = ["patterns.csv", "coverage.csv", "forecasts.csv", "reductions.csv"]
    if found.score is not None:
        names += [f"panel_{name}.csv" for name in PANEL_TABLES]
    names += ["summary.json", "manifest.json"]
    lines = [f"- [`{name}`]({name}): {words[f'file.{name}']}" for name in names]
    return "\n".join([f"## {words['files']}", "", *lines])


def _observed_and_simulated(row: Mapping[Any, Any], lang: str) -> list[str]:
    low, median, high = (row[name] for name in _BOUNDS)
    return [number(row["observed"], lang), number(median, lang), _interval(low, high, lang)]


def _interval(low: float, high: float, lang: str) -> str:
    return f"{number(low, lang)} .. {number(high, lang)}"


def _listed(names: Iterable[object]) -> str:
    return ", ".join(f"`{name}`" for name in names)


PANEL_TABLES = ("cells", "periods", "shares")
"""Tables of a panel's score, each written as ``panel_*.csv``."""


def write(
    found: Validation,
    folder: Path,
    *,
    lang: str = "en",
    draw: bool = True,
    progress: study.Progress | None = None,
) -> list[Path]:
    """Write a validation to a folder; every file appears whole or not at all.

    Parameters
    ----------
    found : Validation
    folder : Path
        Made if need be.
    lang : {'en', 'es'}
        Language of report and figures.
    draw : bool
        Whether to draw figures.
    progress : function, optional

    Returns
    -------
    list of Path
        ``patterns.csv``, ``coverage.csv``, ``forecasts.csv``, ``reductions.csv``, with a panel
        ``panel_*.csv``, ``summary.json``, ``figures/*.png``, ``README.md``, and last
        ``manifest.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []

    def put(name: str, save: Callable[[Path], object]) -> None:
        written.append(put_whole(folder / name, save))

    def put_table(name: str, frame: pd.DataFrame) -> None:
        put(
            name,
            lambda path: frame.to_csv(
                path, index=False, float_format="%.6g", lineterminator="\n"
            ),
        )  # fmt: skip

    put("patterns.csv", lambda path: patterns.write_comparison(found.comparison, path))
    put_table("coverage.csv", found.coverage)
    put_table("forecasts.csv", found.forecasts)
    put_table("reductions.csv", found.reductions)
    for name in PANEL_TABLES:
        if found.score is not None:
            put_table(f"panel_{name}.csv", getattr(found.score, name))
        else:
            # Of an earlier validation; beside these runs it would mislead.
            (folder / f"panel_{name}.csv").unlink(missing_ok=True)
    put("summary.json", lambda path: write_json(summary(found), path))
    pictures = _draw(found, folder / "figures", lang, progress) if draw else {}
    written += pictures.values()
    shown = {name: path.relative_to(folder).as_posix() for name, path in pictures.items()}
    text = report(found, lang, shown)
    put("README.md", lambda path: path.write_text(text, encoding="utf-8", newline="\n"))
    put("manifest.json", lambda path: write_json(manifest(found), path))
    return written


def manifest(found: Validation) -> dict[str, Any]:
    """Say what made this validation, so that it can be made again."""
    content = provenance(found.scenario, found.results, found.seconds, ["statsmodels"])
    given = None
    if found.panel is not None:
        attrs = found.panel.attrs
        given = {
            "file": Path(attrs["source"]).name,
            "sha256": attrs["sha256"],
            "treatment": attrs["treatment"],
        }
    posterior = None if found.posterior is None else found.posterior._asdict()
    return {
        "command": "validate", **content, "point": found.point, "panel": given,
        "posterior": posterior,
    }  # fmt: skip


def _draw(
    found: Validation, folder: Path, lang: str, progress: study.Progress | None
) -> Mapping[str, Path]:
    """Draw a fan for each window with an origin, and the patterns; by window or ``patterns``."""
    origins = [name for name, window in forecasts.windows().items() if window.origin]
    names = ["patterns", *origins]
    written = {}
    for done, name in enumerate(names, 1):
        if name == "patterns":
            figure, stem = pattern_rows(found.comparison, lang), name
            drawn = found.results
        else:
            weights = found.weights[forecasts.windows()[name].origin]
            figure = forecast_fan(found.ensemble, name, lang, weights)
            drawn = found.ensemble
            stem = f"forecast_{name.replace('..', '_to_')}"
        written[name] = figures.save(figure, folder / f"{stem}_{lang}.png", drawn)
        if progress is not None:
            progress("figures", done, len(names))
    return written
