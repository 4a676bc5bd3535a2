"""What a what-if comes to, told as tables and sentences: for the console and for a folder alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trucesim import figures
from trucesim.files.writing import put_text, put_whole, write_json
from trucesim.locale.catalogue import catalogue, spoken
from trucesim.locale.language import number
from trucesim.outcomes import grouping
from trucesim.outcomes.effects import ALL_YEARS, BESIDE, ELSEWHERE, NATIONAL, REGIONS, ZONES
from trucesim.outcomes.grouping import Groups
from trucesim.parameters import PARAMETERS
from trucesim.reports.rendering import Part, passages, render
from trucesim.runs.provenance import data_digest
from trucesim.studies.answer import of_hundred
from trucesim.studies.calibration import AT_PRIOR
from trucesim.studies.effects import ANEW, DATED, Effect, WhatIfs
from trucesim.studies.history import RECORD
from trucesim.version import __version__
from trucesim.world.observed import observed

TOLD = "effects.told.md"
"""What is said below tables."""

MOST_ASSUMPTIONS = 5
"""Told of one effect; the rest stands in the table."""

TEXT = catalogue(
    {
        "title": "What-ifs",
        "years": "Recorded homicides, {runs} paired runs",
        "period": "period", "a": "A", "b": "B", "difference": "median A - B",
        "mean": "mean A - B",
        "interval": "5-95%", "a_fewer": "A fewer, of 100", "equal": "equal",
        "b_fewer": "B fewer, of 100",
        "where": "Where: A - B over all years",
        "region": "where", "municipalities": "municipalities", "percent": "of A's",
        "region.national": "the country", "region.zones": "violence-free zones",
        "region.beside": "beside them", "region.elsewhere": "elsewhere",
        "region.dated": "the country, gangs' orders dated",
        "region.climate halved": "the country, the climate's shocks halved",
        "region.climate anew": "the country, the climate drawn anew",
        "region.chance anew": "the country, all chance drawn anew",
        "hangs": "What it hangs on",
        "assumption": "assumption", "correlation": "rank correlation", "known": "what is known",
        "more": "the larger, the larger the difference",
        "less": "the larger, the smaller the difference",
        "known.identified": "fitted to the record", "known.narrowed": "narrowed by the record",
        "known.at its prior": "hardly narrowed by the record",
        "seen": "Would one have seen it?",
        "row.hangs": "hangs most on",
        "row.seen": "seen in a year", "row.dated": "orders dated",
        "row.chance anew": "chance anew", "row.zones": "zones",
        "row.beside": "beside", "row.elsewhere": "rest",
    }
)  # fmt: skip
"""Titles, headers and words of tables."""

MINUS = "\N{MINUS SIGN}"

SELDOM, OFTEN = 0.15, 0.5
"""How often an effect is seen up to which it is not told from chance, and seldom."""


def parts(effect: Effect) -> Iterator[Part]:
    """Tell one effect: by year, where, on what it hangs, and whether one would have seen it."""
    yield _years(effect)
    yield _where(effect)
    if not effect.visible.empty:
        yield _hangs(effect)
        yield Part(TEXT["seen"], (), [], seen(effect))


def _years(effect: Effect) -> Part:
    words, frame = TEXT, effect.difference
    rows = [
        (
            str(row["period"]), _n(row["a_median"]), _n(row["b_median"]),
            _n(row["difference_median"]), _span(row), _mean(row),
            *map(str, of_hundred((row["share_a_fewer"], row["share_equal"], row["share_b_fewer"]))),
        )
        for row in frame[frame["measure"] == "recorded"].to_dict("records")
    ]  # fmt: skip
    names = "period a b difference interval mean a_fewer equal b_fewer".split()
    title = words["years"].format(runs=number(effect.runs))
    same = bool(effect.difference["share_equal"].eq(1.0).all())
    told = passages(TOLD, "years", same=same)
    return Part(title, tuple(words[name] for name in names), rows, told)


def _where(effect: Effect) -> Part:
    words = TEXT
    first, *others = effect.results
    rows = []
    for region, treatment in [*((each, first) for each in REGIONS),
                              *((NATIONAL, each) for each in others)]:  # fmt: skip
        row, share = effect.whole(region, treatment), ""
        if row["percent_mean"] == row["percent_mean"]:
            share = f"{number(row['percent_mean'], 1)}%"
        rows.append(
            (
                words[f"region.{region if treatment == first else treatment}"],
                number(row["municipalities"]), _mean(row),
                _n(row["difference_median"]), _span(row), share,
            )
        )  # fmt: skip
    names = "region municipalities mean difference interval percent".split()
    told = passages(
        TOLD, "where", treatments=list(effect.results), weighted=_weighted(effect),
        runs=effect.runs,
    )  # fmt: skip
    return Part(words["where"], tuple(words[name] for name in names), rows, told)


def _weighted(effect: Effect) -> dict[str, str] | None:
    """Say how near A keeps to the record, and what weighing by likelihood would change."""
    if effect.reweighted is None:
        return None
    mean, worth = effect.reweighted
    months = effect.headline[0]["recorded_national"]
    record = observed()["recorded_national"].sel(month=months["month"]).values[0]
    near = float(np.abs(months.values - record).mean())
    return {"near": _n(near), "mean": _n(mean), "worth": number(worth, int(worth < 20))}


def _hangs(effect: Effect) -> Part:
    words, found = TEXT, effect.assumptions.head(MOST_ASSUMPTIONS)
    told = passages(
        TOLD, "hangs", varied=effect.varied, told=len(found), runs=effect.runs,
        unknown=len(found) and found["known"].iloc[0] == AT_PRIOR,
    )  # fmt: skip
    if found.empty:
        return Part(words["hangs"], (), [], told)
    rows = [
        (
            f"{PARAMETERS[row['parameter']].label()} ({row['parameter']})",
            number(row["correlation"], 2, signed=True),
            words["more" if grows else "less"],
            words[f"known.{row['known']}"],
        )
        for row, grows in zip(found.to_dict("records"), _grows(effect, found), strict=True)
    ]
    header = words["assumption"], words["correlation"], "", words["known"]
    return Part(words["hangs"], header, rows, told, words=4)


def _grows(effect: Effect, found: pd.DataFrame) -> list[bool]:
    """Tell whether the effect is larger, on its own side of 0, where each parameter is."""
    side = np.sign(effect.whole()["difference_mean"])
    return [bool(side * each > 0) for each in found["correlation"]]


def seen(effect: Effect) -> list[str]:
    """Say how often the effect would have been seen, in a quarter and in a year."""
    rows = []
    for row in effect.visible.to_dict("records"):
        first = np.datetime64(row["first"], "M")
        begins, ends = (
            each.astype("datetime64[D]").item()
            for each in (first, first + np.timedelta64(int(row["months"]) - 1, "M"))
        )
        fewer, worlds = row["percent_median"] >= 0, row["seen_in_worlds"]
        low, high = row["percent_p05"], row["percent_p95"]
        low, high = (low, high) if fewer else (-high, -low)
        rows.append(
            row | {
                "begins": begins, "ends": ends, "low": low, "high": high, "fewer": fewer,
                "seen": _of_hundred(row["seen_in_record"]),
                "worlds": _of_hundred(worlds) if worlds == worlds else None,
            }
        )  # fmt: skip
    return passages(TOLD, "seen", rows=rows, seldom=SELDOM, often=OFTEN)


def overview(found: WhatIfs) -> Part:
    """Give a row an effect: size, interval, where, on what it hangs, whether one would see it."""
    words, rows = TEXT, []
    beside = ANEW if found.past.history == RECORD else DATED
    for effect in found.effects:
        whole = effect.whole()
        named = effect.assumptions.head(3)
        hangs = [
            f"{PARAMETERS[row['parameter']].label()} {'+' if grows else MINUS}"
            + ("*" if row["known"] == AT_PRIOR else "")
            for row, grows in zip(named.to_dict("records"), _grows(effect, named), strict=True)
        ]
        years = effect.visible[effect.visible["months"] == 12] if len(effect.visible) else None
        rows.append(
            (
                effect.b.title[spoken()], _mean(whole), _n(whole["difference_median"]),
                _span(whole), _of_hundred(whole["share_b_fewer"]),
                *(_n(effect.whole(region)["difference_mean"])
                  for region in (ZONES, BESIDE, ELSEWHERE)),
                _mean(effect.whole(treatment=beside)) if beside in effect.results else "-",
                "; ".join(hangs) or "-",
                _of_hundred(years["seen_in_record"].iloc[0]) if years is not None else "-",
            )
        )  # fmt: skip
    head = (
        words["b"], words["mean"], words["difference"], words["interval"],
        words["b_fewer"], *(words[f"row.{each}"] for each in (ZONES, BESIDE, ELSEWHERE)),
        words[f"row.{beside}"], words["row.hangs"], words["row.seen"],
    )  # fmt: skip
    first, *_, last = (each for each in found.effects[0].regions["period"].unique()
                       if each != ALL_YEARS)  # fmt: skip
    told = passages(TOLD, "overview", first=first, last=last, history=found.past.history)
    return Part(words["title"], head, rows, told)


def summary(found: WhatIfs) -> dict[str, Any]:
    """Gather the effects, ready for JSON; None where a number is undefined."""
    return {
        "runs": found.effects[0].runs,
        "seed": found.past.seed,
        "history": found.past.history,
        "effects": [
            {
                "a": each.a.name,
                "b": each.b.name,
                "regions": _records(each.regions),
                "hangs_on": _records(each.hangs_on),
                "visible": _records(each.visible),
                "reweighted": each.reweighted
                and dict(zip(("difference_mean", "worth"), each.reweighted, strict=True)),
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


def write(
    found: WhatIfs, folder: Path, *, command: str, groups: Groups | None = None
) -> list[Path]:
    """Write tables, a figure an effect, the report, and what made them.

    Parameters
    ----------
    found : WhatIfs
    folder : Path
        Made if need be.
    command : str
        As the command line takes it.
    groups : Groups, optional
        Groups of municipalities for a table and a figure an effect more.

    Returns
    -------
    list of Path
        ``difference.csv``, ``regions.csv``, ``hangs_on.csv``, ``visible.csv``, ``summary.json``,
        ``difference_LANG.png`` (with more than one effect ``difference_B_LANG.png``),
        with groups ``groups.csv``, ``groups_places.csv`` and ``groups_LANG.png``, ``README.md`` and
        ``manifest.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in ("difference", "regions", "hangs_on", "visible"):
        save = partial(
            found.table(name).to_csv, index=False, float_format="%.6g", lineterminator="\n"
        )
        written.append(put_whole(folder / f"{name}.csv", save))
    if groups is not None:
        tables = {"groups": _by_group(found, groups), "groups_places": grouping.places(groups)}
        for name, table in tables.items():
            save = partial(grouping.write, table)
            written.append(put_whole(folder / f"{name}.csv", save))
    for effect in found.effects:
        a, b = effect.headline
        path = folder / _figure_of(effect, found)
        written.append(figures.save(figures.difference(a, b), path, a, b))
        if groups is not None:
            path = folder / _figure_of(effect, found, "groups")
            written.append(figures.save(figures.group_differences(a, b, groups), path, a, b))
    text = _report(found, command, groups is not None)
    written.append(put_text(folder / "README.md", text))
    written.append(put_whole(folder / "summary.json", partial(write_json, summary(found))))
    cases = [found.effects[0].a, *(each.b for each in found.effects)]
    content = {
        "command": "compare",
        "command_line": command,
        "cases": {each.name: each.digest for each in cases},
        "runs": found.effects[0].runs,
        "seed": found.past.seed,
        "history": found.past.history,
        "trucesim": __version__,
        "data_digest": data_digest(),
        "seconds": round(found.seconds, 1),
    }
    written.append(put_whole(folder / "manifest.json", partial(write_json, content)))
    return written


def _by_group(found: WhatIfs, groups: Groups) -> pd.DataFrame:
    """Give B minus A by group and year, of every effect's headline."""
    tables = []
    for effect in found.effects:
        table = grouping.differences(*(grouping.by_group(e, groups) for e in effect.headline))
        table.insert(0, "a", effect.a.name)
        table.insert(1, "b", effect.b.name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _figure_of(effect: Effect, found: WhatIfs, name: str = "difference") -> str:
    which = f"_{effect.b.name}" if len(found.effects) > 1 else ""
    return f"{name}{which}_{spoken()}.png"


def _report(found: WhatIfs, command: str, groups: bool) -> str:
    first = found.effects[0]
    effects = [
        {
            "b": each.b,
            "figure": _figure_of(each, found),
            "parts": list(parts(each)),
            "by_group": _figure_of(each, found, "groups"),
        }
        for each in found.effects
    ]
    return render(
        "effects.md", command=command, runs=first.runs, a=first.a, past=found.past.told(),
        overview=overview(found), effects=effects, groups=groups,
    )  # fmt: skip


def _n(value: float) -> str:
    """Write a count or a difference of counts; small ones with a decimal."""
    return "" if value != value else number(value, int(abs(value) < 20))


def _mean(row: dict[Any, Any]) -> str:
    """Write a mean with its standard error."""
    error = row["difference_se"]
    return _n(row["difference_mean"]) + ("" if error != error else f" ± {_n(error)}")


def _span(row: dict[Any, Any]) -> str:
    return " … ".join(_n(row[f"difference_{end}"]) for end in ("p05", "p95"))


def _of_hundred(share: float) -> str:
    return str(of_hundred((share, 0.0, 1.0 - share))[0])
