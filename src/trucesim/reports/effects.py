"""What a what-if comes to, told as tables and sentences: for the console and for a folder alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trucesim import figures
from trucesim.files import markdown
from trucesim.files.writing import put_whole, write_json
from trucesim.locale.language import month, number, percent
from trucesim.outcomes.effects import BESIDE, ELSEWHERE, NATIONAL, REGIONS, ZONES
from trucesim.parameters import PARAMETERS
from trucesim.runs.provenance import data_digest
from trucesim.studies.effects import DATED, OWN, Effect, WhatIfs
from trucesim.version import __version__
from trucesim.world import calendar

MOST_ASSUMPTIONS = 5
"""Told of one effect; the rest stands in the table."""

TEXT: dict[str, dict[str, str]] = {
    "en": {
        "title": "What-ifs",
        "made": "Made by `{command}`; nothing here was written by hand. Differences are A minus B "
        "in recorded homicides, {runs} paired runs: positive where B has fewer. A is *{a}* "
        "(`{name}`). All are counterfactuals of a model; what it gets wrong stands in the "
        "[README](../README.md).",
        "years": "Recorded homicides, {runs} paired runs",
        "period": "period", "a": "A", "b": "B", "difference": "A - B", "mean": "mean A - B",
        "interval": "5-95 %", "a_fewer": "A has fewer", "equal": "equal", "b_fewer": "B has fewer",
        "of_hundred": "of 100 runs",
        "years.told": "Medians and 5-95 % over runs; both sides share every draw (paired). A - B "
        "is the median of the differences of pairs, and not the difference of the medians: the run "
        "in the middle of A is not the one in the middle of B. Means do subtract; the figure after "
        "the ± is the standard error of the mean, which more runs make smaller.",
        "where": "Where: A - B over all years",
        "region": "where", "municipalities": "municipalities", "percent": "of A's",
        "region.national": "the country", "region.zones": "violence-free zones",
        "region.beside": "beside them", "region.elsewhere": "elsewhere",
        "region.dated": "the country, gangs' orders on their documented days",
        "where.told": "Zones are the municipalities that sign in A or in B in a run, and beside "
        "them those that border on one. The gangs' later orders come by the model's own hazard in "
        "both cases; in the last row they stay on their documented days in both.",
        "hangs": "What it hangs on",
        "assumption": "assumption", "correlation": "rank correlation", "known": "what is known",
        "more": "the larger, the more B averts", "less": "the larger, the less B averts",
        "known.identified": "fitted to the record", "known.narrowed": "narrowed by the record",
        "known.at its prior": "a prior: no datum tells it",
        "hangs.told": "Correlation over runs of the effect with the parameters that nobody knows, "
        "those told from 0, the strongest first.",
        "hangs.none": "No parameter's correlation with the effect is told from 0 in {runs} runs.",
        "prior": "The size is an assumption at work: {n} of the {of} named are priors.",
        "nothing": "The cases do not differ in any run: what is changed moves nothing.",
        "seen": "Would one have seen it?",
        "seen.told": "From {window} to the next the record has by itself changed by more than "
        "{surprise} (up or down by as much a factor) one time in ten. With this effect on top, in "
        "its strongest {strongest} ({span}, {low} to {high} {side}), as large a change would come "
        "in {seen} of 100 cases, against 10 without it. {worlds} of 100 runs of B lie outside what "
        "nine in ten runs of A do.",
        "side.fewer": "fewer", "side.more": "more",
        "seen.no": "Nobody could have told it from chance.",
        "seen.some": "It would seldom have been told from chance.",
        "seen.yes": "It would often have been seen.",
        "window.3": "a quarter", "window.12": "a year", "strongest.3": "quarter",
        "strongest.12": "year",
        "row.case": "B", "row.effect": "A - B, mean", "row.hangs": "hangs most on",
        "row.seen": "seen in a year", "row.dated": "orders dated",
        "rows.told": "A - B in recorded homicides, {first}-{last}: mean ± its standard error, "
        "median and 5-95 % over runs, of 100 runs those in which B has fewer; means in the zones, "
        "beside them and elsewhere; the mean where the gangs' orders stay on their documented days "
        "in both; the assumptions it goes with most (+: the larger, the more B averts; * a prior "
        "that no datum tells); and in how many of 100 cases a change from one year to the next "
        "would stand out, 10 being chance.",
    },
    "es": {
        "title": "Qué pasaría si",
        "made": "Hecho por `{command}`; nada aquí se escribió a mano. Las diferencias son A menos "
        "B en homicidios registrados, {runs} corridas pareadas: positivas donde B tiene menos. A "
        "es *{a}* (`{name}`). Todos son contrafactuales de un modelo; lo que yerra está en el "
        "[README](../README.md).",
        "years": "Homicidios registrados, {runs} corridas pareadas",
        "period": "periodo", "a": "A", "b": "B", "difference": "A - B", "mean": "media A - B",
        "interval": "5-95 %", "a_fewer": "A tiene menos", "equal": "igual",
        "b_fewer": "B tiene menos",
        "of_hundred": "de 100 corridas",
        "years.told": "Medianas y 5-95 % de las corridas; ambos lados comparten cada sorteo "
        "(pareados). A - B es la mediana de las diferencias de los pares, y no la diferencia de "
        "las medianas: la corrida del medio de A no es la del medio de B. Las medias sí se restan; "
        "después del ± está el error estándar de la media, que con más corridas es menor.",
        "where": "Dónde: A - B en todos los años",
        "region": "dónde", "municipalities": "municipios", "percent": "de los de A",
        "region.national": "el país", "region.zones": "municipios libres de violencia",
        "region.beside": "vecinos de ellos", "region.elsewhere": "los demás",
        "region.dated": "el país, órdenes de las pandillas en sus días documentados",
        "where.told": "Son zonas los municipios que firman en A o en B en una corrida, y vecinos "
        "los que colindan con uno. Las órdenes posteriores de las pandillas llegan al azar según "
        "el modelo en ambos casos; en la última fila quedan en sus días documentados en ambos.",
        "hangs": "De qué depende",
        "assumption": "supuesto", "correlation": "correlación de rangos", "known": "qué se sabe",
        "more": "cuanto mayor, más evita B", "less": "cuanto mayor, menos evita B",
        "known.identified": "ajustado al registro", "known.narrowed": "acotado por el registro",
        "known.at its prior": "un supuesto previo: ningún dato lo dice",
        "hangs.told": "Correlación, entre corridas, del efecto con los parámetros que nadie "
        "conoce; las que se distinguen de 0, primero la más fuerte.",
        "hangs.none": "Ningún parámetro tiene con el efecto una correlación que se distinga de "
        "0 en {runs} corridas.",
        "prior": "El tamaño es un supuesto en acción: {n} de los {of} nombrados son supuestos "
        "previos.",
        "nothing": "Los casos no difieren en ninguna corrida: lo que se cambia no mueve nada.",
        "seen": "¿Se habría visto?",
        "seen.told": "De {window} a otro el registro ha cambiado por sí mismo más de {surprise} "
        "(hacia arriba, o hacia abajo por el mismo factor) una de cada diez veces. Con este efecto "
        "encima, en su {strongest} más fuerte ({span}, de {low} a {high} {side}), un cambio tan "
        "grande vendría en {seen} de 100 casos, frente a 10 sin él. {worlds} de 100 corridas de B "
        "quedan fuera de lo que hacen nueve de cada diez corridas de A.",
        "side.fewer": "menos", "side.more": "más",
        "seen.no": "Nadie habría podido distinguirlo del azar.",
        "seen.some": "Pocas veces se habría distinguido del azar.",
        "seen.yes": "Muchas veces se habría visto.",
        "window.3": "un trimestre", "window.12": "un año", "strongest.3": "trimestre",
        "strongest.12": "año",
        "row.case": "B", "row.effect": "A - B, media", "row.hangs": "depende más de",
        "row.seen": "visto en un año", "row.dated": "órdenes con fecha",
        "rows.told": "A - B en homicidios registrados, {first}-{last}: media ± su error estándar, "
        "mediana y 5-95 % de las corridas, de 100 corridas aquellas en que B tiene menos; medias "
        "en las zonas, en sus vecinos y en los demás; la media donde las órdenes de las pandillas "
        "quedan en sus días documentados en ambos; los supuestos con los que más va (+: cuanto "
        "mayor, más evita B; * un supuesto previo que ningún dato dice); y en cuántos de 100 casos "
        "resaltaría un cambio de un año a otro, donde 10 es azar.",
    },
}  # fmt: skip
"""Every word, by language and key."""

SELDOM, OFTEN = 0.15, 0.5
"""How often an effect is seen up to which it is not told from chance, and seldom."""


@dataclass(frozen=True)
class Part:
    """A table with a title, and what is said below it.

    Attributes
    ----------
    title : str
    header : tuple of str
    rows : sequence of tuple of str
    told : sequence of str
    words : int
        How many of the first columns hold words.
    """

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    told: Sequence[str]
    words: int = 1


def parts(effect: Effect, lang: str) -> Iterator[Part]:
    """Tell one effect: by year, where, on what it hangs, and whether one would have seen it."""
    words = TEXT[lang]
    yield _years(effect, lang)
    yield _where(effect, lang)
    if not effect.visible.empty:
        yield _hangs(effect, lang)
        yield Part(words["seen"], (), [], seen(effect, lang))


def _years(effect: Effect, lang: str) -> Part:
    words, frame = TEXT[lang], effect.difference
    rows = [
        (
            str(row["period"]), _n(row["a_median"], lang), _n(row["b_median"], lang),
            _n(row["difference_median"], lang), _span(row, lang), _mean(row, lang),
            *(_hundred(row[f"share_{name}"]) for name in ("a_fewer", "equal", "b_fewer")),
        )
        for row in frame[frame["measure"] == "recorded"].to_dict("records")
    ]  # fmt: skip
    names = "period a b difference interval mean a_fewer equal b_fewer".split()
    title = words["years"].format(runs=number(effect.runs, lang))
    told = [words["years.told"]]
    if effect.difference["share_equal"].eq(1.0).all():
        told.append(words["nothing"])
    return Part(title, tuple(words[name] for name in names), rows, told)


def _where(effect: Effect, lang: str) -> Part:
    words = TEXT[lang]
    rows = []
    for region, treatment in [*((each, OWN) for each in REGIONS), (NATIONAL, DATED)]:
        row = effect.whole(region, treatment)
        label = "dated" if treatment == DATED else region
        share = row["percent_mean"]
        rows.append(
            (
                words[f"region.{label}"], number(row["municipalities"], lang), _mean(row, lang),
                _n(row["difference_median"], lang), _span(row, lang),
                "" if share != share else f"{number(share, lang, 1)} %",
            )
        )  # fmt: skip
    names = "region municipalities mean difference interval percent".split()
    return Part(words["where"], tuple(words[name] for name in names), rows, [words["where.told"]])


def _hangs(effect: Effect, lang: str) -> Part:
    words, found = TEXT[lang], effect.assumptions.head(MOST_ASSUMPTIONS)
    if found.empty:
        none = words["hangs.none"].format(runs=number(effect.runs, lang))
        return Part(words["hangs"], (), [], [none])
    rows = [
        (
            f"{PARAMETERS[row['parameter']].label(lang)} ({row['parameter']})",
            number(row["correlation"], lang, 2, signed=True),
            words["more" if row["correlation"] > 0 else "less"],
            words[f"known.{row['known']}"],
        )
        for row in found.to_dict("records")
    ]
    priors = int(found["known"].eq("at its prior").sum())
    told = [words["hangs.told"]]
    if priors:
        told.append(words["prior"].format(n=priors, of=len(found)))
    header = words["assumption"], words["correlation"], "", words["known"]
    return Part(words["hangs"], header, rows, told)


def seen(effect: Effect, lang: str) -> list[str]:
    """Say how often the effect would have been seen, in a quarter and in a year."""
    words, told = TEXT[lang], []
    for row in effect.visible.to_dict("records"):
        first = np.datetime64(row["first"], "M")
        ends = [
            month(each.astype("datetime64[D]").item(), lang)
            for each in (first, first + np.timedelta64(int(row["months"]) - 1, "M"))
        ]
        verdict, fewer = row["seen_in_record"], row["percent_median"] >= 0
        low, high = row["percent_p05"], row["percent_p95"]
        low, high = (low, high) if fewer else (-high, -low)
        grade = "no" if verdict <= SELDOM else "some" if verdict <= OFTEN else "yes"
        told.append(
            words["seen.told"].format(
                window=words[f"window.{row['months']}"],
                strongest=words[f"strongest.{row['months']}"],
                surprise=percent(row["surprise"], lang), span=" - ".join(ends),
                low=percent(low, lang), high=percent(high, lang),
                side=words["side.fewer" if fewer else "side.more"], seen=_hundred(verdict),
                worlds=_hundred(row["seen_in_worlds"]),
            )
            + " " + words[f"seen.{grade}"]
        )  # fmt: skip
    return told


def overview(found: WhatIfs, lang: str) -> Part:
    """Give a row an effect: size, interval, where, on what it hangs, whether one would see it."""
    words, rows = TEXT[lang], []
    for effect in found.effects:
        whole = effect.whole()
        hangs = [
            f"{PARAMETERS[row['parameter']].label(lang)} {'+' if row['correlation'] > 0 else '−'}"
            + ("*" if row["known"] == "at its prior" else "")
            for row in effect.assumptions.head(3).to_dict("records")
        ]
        years = effect.visible[effect.visible["months"] == 12] if len(effect.visible) else None
        rows.append(
            (
                effect.b.title[lang], _mean(whole, lang), _n(whole["difference_median"], lang),
                _span(whole, lang), _hundred(whole["share_b_fewer"]),
                *(_n(effect.whole(region)["difference_mean"], lang)
                  for region in (ZONES, BESIDE, ELSEWHERE)),
                _mean(effect.whole(treatment=DATED), lang), "; ".join(hangs) or "-",
                _hundred(years["seen_in_record"].iloc[0]) if years is not None else "-",
            )
        )  # fmt: skip
    head = (
        words["row.case"], words["row.effect"], words["difference"], words["interval"],
        words["b_fewer"], *(words[f"region.{each}"] for each in (ZONES, BESIDE, ELSEWHERE)),
        words["row.dated"], words["row.hangs"], words["row.seen"],
    )  # fmt: skip
    calendar_years = calendar.START.year, calendar.LAST.year
    told = words["rows.told"].format(first=calendar_years[0], last=calendar_years[1])
    return Part(words["title"], head, rows, [told])


def summary(found: WhatIfs) -> dict[str, Any]:
    """Gather the effects, ready for JSON; None where a number is undefined."""
    return {
        "runs": found.effects[0].runs,
        "seed": found.seed,
        "effects": [
            {
                "a": each.a.name,
                "b": each.b.name,
                "regions": _records(each.regions),
                "hangs_on": _records(each.assumptions),
                "visible": _records(each.visible),
                "difference": _records(each.difference.assign(
                    period=each.difference["period"].map(str)
                )),
            }
            for each in found.effects
        ],
    }  # fmt: skip


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=10))
    return records


def write(found: WhatIfs, folder: Path, lang: str, *, command: str) -> list[Path]:
    """Write tables, a figure an effect, the report, and what made them.

    Returns
    -------
    list of Path
        ``difference.csv``, ``regions.csv``, ``hangs_on.csv``, ``visible.csv``, ``summary.json``,
        ``difference_LANG.png`` (with more than one effect ``difference_B_LANG.png``),
        ``README.md`` and ``manifest.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in ("difference", "regions", "hangs_on", "visible"):
        save = partial(
            found.table(name).to_csv, index=False, float_format="%.6g", lineterminator="\n"
        )
        written.append(put_whole(folder / f"{name}.csv", save))
    for effect in found.effects:
        a, b = effect.results[OWN]
        which = f"_{effect.b.name}" if len(found.effects) > 1 else ""
        path = folder / f"difference{which}_{lang}.png"
        written.append(figures.save(figures.difference(a, b, lang), path, a, b))
    text = _report(found, lang, command)
    written.append(put_whole(folder / "README.md", partial(_save, text)))
    written.append(put_whole(folder / "summary.json", partial(write_json, summary(found))))
    cases = [found.effects[0].results[OWN][0], *(each.results[OWN][1] for each in found.effects)]
    content = {
        "command": "compare",
        "cases": [each.attrs for each in cases],
        "trucesim": __version__,
        "data_digest": data_digest(),
        "seconds": round(found.seconds, 1),
    }
    written.append(put_whole(folder / "manifest.json", partial(write_json, content)))
    return written


def _save(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")


def _report(found: WhatIfs, lang: str, command: str) -> str:
    words, first = TEXT[lang], found.effects[0]
    made = words["made"].format(
        command=command, runs=number(first.runs, lang), a=first.a.title[lang], name=first.a.name
    )
    texts = [f"# {words['title']}", made]
    if len(found.effects) > 1:
        texts += _markdown(overview(found, lang), heading=False)
    for effect in found.effects:
        texts += [f"## {effect.b.title[lang]} (`{effect.b.name}`)", effect.b.story[lang]]
        for part in parts(effect, lang):
            texts += _markdown(part)
    return "\n\n".join(texts) + "\n"


def _markdown(part: Part, *, heading: bool = True) -> list[str]:
    texts = [f"### {part.title}"] if heading else []
    if part.rows:
        texts.append(markdown.table(part.header, part.rows, part.words))
    return [*texts, *part.told]


def _n(value: float, lang: str) -> str:
    """Write a count or a difference of counts; small ones with a decimal."""
    return "" if value != value else number(value, lang, int(abs(value) < 20))


def _mean(row: dict[Any, Any], lang: str) -> str:
    """Write a mean with its standard error."""
    error = row["difference_se"]
    return _n(row["difference_mean"], lang) + ("" if error != error else f" ± {_n(error, lang)}")


def _span(row: dict[Any, Any], lang: str) -> str:
    return " … ".join(_n(row[f"difference_{end}"], lang) for end in ("p05", "p95"))


def _hundred(share: float) -> str:
    """Write a share of runs as so many of 100: neither none nor all where it was not."""
    shown = round(100 * share)
    return str(min(max(shown, int(share > 0)), 100 - int(share < 1)))
