"""What the page says of the two cases: the answer, its reasons, the tables, and all what-ifs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from trucesim.locale.catalogue import spoken
from trucesim.locale.language import month, number, percent
from trucesim.locale.texts import say
from trucesim.outcomes.effects import FEWEST
from trucesim.outcomes.reductions import window
from trucesim.parameters import PARAMETERS
from trucesim.reports import summary
from trucesim.reports.assumed import assumed
from trucesim.runs.lineage import shipped_lineages
from trucesim.scenario.file import load_scenario
from trucesim.studies.answer import Answer, Assumption, is_open, of_hundred, verdict
from trucesim.studies.calibration import AT_PRIOR
from trucesim.studies.questions import RECORD, Question, asked, offered, standing, stored
from trucesim.workshop.markup import render
from trucesim.workshop.session import SIDES, Session
from trucesim.workshop.why import what_happened
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.observed import observed
from trucesim.world.periods import total

EDGE = 7.0
"""What stays free at both ends of a bar's drawing."""

NARROW, WIDE = 240.0, 480.0
"""Widths of such drawings."""

KILLED = ("between_gangs", "against_others", "clashes", "others")
"""Links of the chain that are deaths: they are drawn on one scale, and add up."""


def answer(session: Session, notice: str = "") -> str:
    """Write the answer: how large, how sure, what stands against it, and how far it is."""
    shown, past = session.shown, session.past
    return render(
        "answer", problem=session.message, notice=notice, hidden=session.hidden,
        found=None if shown is None or session.hidden else headline(shown.answer),
        made_of=past.told(),
        counterfactual=[side for side in SIDES if session.case(side).counterfactual],
        by_departments=session.placement == "departments",
        done=session.progress, of=past.runs,
    )  # fmt: skip


def headline(found: Answer) -> dict[str, Any]:
    """Give what the answer's template fills in."""
    counts = summary.counts(found)
    return {
        "open": found.open,
        "size": summary.size(found),
        "label": load_country().label(),
        "within": summary.within(found),
        "likely": summary.likely(found),
        "sure": summary.sure(found),
        # Of another country first what its runs rest on, and what happened there.
        "doubts": [
            *filter(None, [load_country().caution(), what_happened()]),
            *summary.doubts(found),
        ],
        "counts": counts,
        "dots": [kind for kind, count in counts.items() for _ in range(count)],
    }


def because(session: Session) -> str:
    """Write why: the chain, what it hangs on, where, and the question to ask next."""
    shown = None if session.hidden else session.shown
    if shown is None:
        return render("because", found=None)
    found = shown.answer
    return render(
        "because", found=found, next=_next(session),
        where=say("because.where", places=load_country().place_word(2)),
        since=month(found.period.start, full=True), chain=_chain(found),
        hangs=_halves(found.assumption) if found.assumption else None,
        few=FEWEST if found.runs < FEWEST else 0, places=_places(found),
    )  # fmt: skip


def question_of(session: Session) -> Question | None:
    """Give the question whose cases stand on the page, if they are one's."""
    cases = [session.case(side) for side in SIDES]
    if any(each.uploaded for each in cases) or cases[0].name != standing():
        return None
    return next((each for each in offered().values() if each.b == cases[1].name), None)


def _next(session: Session) -> dict[str, str] | None:
    question = question_of(session)
    if question is None or question.then == question.name:
        return None
    return {"name": question.then, "title": asked(question.then)}


def _chain(found: Answer) -> list[dict[str, Any]]:
    """Give the links; those that count deaths with a bar each, all on one scale."""
    links = summary.chain(found)
    deaths = [each["link"] for each in links if each["name"] in KILLED]
    scale = Scale(((-each.high, -each.difference, -each.low) for each in deaths), NARROW)
    for each in links:
        link = each.pop("link")
        each["grows"] = link.difference > 0
        killed = each["name"] in KILLED
        each["bar"] = scale.bar(-link.high, -link.difference, -link.low) if killed else None
    return links


class Scale:
    """Where on a bar's drawing a difference A minus B lies; fewer with B is to the right.

    Parameters
    ----------
    several : iterable of tuple of float
        What it must hold; it holds 0 too.
    width : float
    """

    def __init__(self, several: Iterable[tuple[float, ...]], width: float = WIDE) -> None:
        values = [0.0, *(value for each in several for value in each)]
        self.low, self.high, self.width = min(values), max(values), width

    def at(self, value: float) -> float:
        """Place a number."""
        span = self.high - self.low or 1.0
        return round(EDGE + (self.width - 2 * EDGE) * (value - self.low) / span, 1)

    def bar(self, low: float, mean: float, high: float) -> dict[str, float]:
        """Place an interval, its mean, and no difference."""
        places = {"low": low, "mean": mean, "high": high, "zero": 0.0}
        return {name: self.at(value) for name, value in places.items()} | {"width": self.width}


def _halves(decides: Assumption) -> dict[str, Any]:
    """Give the assumption that decides most, and both halves of the runs on one scale."""
    parameter = PARAMETERS[decides.parameter]
    halves = decides.lower, decides.upper
    scale = Scale((each.low, each.mean, each.high) for each in halves)
    return {
        "name": parameter.name, "label": parameter.label(), "assumed": assumed(parameter.name),
        "known": say("because.unknown" if decides.at_prior else "because.known"),
        "halves": [
            {"label": say(f"because.{name}"), **_cell(each, scale)}
            for name, each in zip(("below", "above"), halves, strict=True)
        ],
    }  # fmt: skip


def _cell(each: Any, scale: Scale) -> dict[str, Any]:
    return {
        "apart": summary.apart(each.mean), "range": summary.ends(each.low, each.high),
        "bar": scale.bar(each.low, each.mean, each.high),
    }  # fmt: skip


def _places(found: Answer) -> list[dict[str, Any]]:
    """Give the parts of the country, each with its difference, on one scale."""
    rows = [row for row in found.places.to_dict("records") if round(row["municipalities"])]
    if len(rows) == 2:  # where nobody signs the rest is all
        rows = rows[:1]
    ends = [tuple(float(row[f"difference_{at}"]) for at in ("p05", "mean", "p95")) for row in rows]
    scale = Scale(ends)
    return [
        {
            "label": say(f"because.{row['region']}"), "number": number(row["municipalities"]),
            "apart": summary.apart(mean), "range": summary.ends(low, high),
            "bar": scale.bar(low, mean, high),
        }
        for row, (low, mean, high) in zip(rows, ends, strict=True)
    ]  # fmt: skip


def ranking(session: Session) -> str:
    """Write all shipped what-ifs beside what happened, from their stored answers."""
    table = stored()
    scale = Scale(zip(table["low"], table["high"], strict=True) if len(table) else (), NARROW)
    return render(
        "ranking", hidden=session.hidden, runs=len(shipped_lineages().lineages),
        rows=[_ranked(row, scale) for row in table.to_dict("records")],
    )  # fmt: skip


def _ranked(row: Mapping[Any, Any], scale: Scale) -> dict[str, Any]:
    shares = row["fewer"], row["equal"], max(0.0, 1.0 - row["fewer"] - row["equal"])
    of = row["of_a"] * _part(row["b"])
    share, low, high = (row[each] / of for each in ("mean", "low", "high"))
    said = verdict(share, row["fewer"], row["equal"], low, high)
    return {
        "name": row["b"], "title": str(load_scenario(row["b"]).title[spoken()]),
        "open": is_open(said, row["fewer"], row["equal"]),
        "apart": summary.apart(row["mean"]), "range": summary.ends(row["low"], row["high"]),
        "bar": scale.bar(row["low"], row["mean"], row["high"]),
        "fewer": of_hundred(shares)[0],
        "hangs": assumed(row["parameter"]) if row["parameter"] else "",
        "unknown": row["known"] == AT_PRIOR,
    }  # fmt: skip


def _part(name: str) -> float:
    """Give the part of the record's homicides from the month of a case's first change on.

    A's own are those of the record, as near as its histories follow it.
    """
    counted = observed()["recorded_national"].values[0]
    first = load_scenario(name).changes_from(load_scenario(RECORD))
    month = 0 if first is None else calendar.month_of(first)
    return float(counted[month:].sum() / counted.sum())


def numbers(session: Session) -> str:
    """Write the tables: homicides by year, and the reductions by baseline."""
    shown = None if session.hidden else session.shown
    record = observed()
    return render(
        "numbers", hidden=session.hidden, window=summary.span(window()),
        observed=not bool(np.isnan(record["recorded_national"].values).all()),
        years=[_year(row, record) for row in shown.yearly.to_dict("records")] if shown else [],
        baselines=_baselines(shown.reductions) if shown else [],
    )  # fmt: skip


def _year(row: Mapping[Any, Any], record: xr.Dataset) -> dict[str, Any]:
    period = row["period"]
    return {
        "year": "" if period.days > 400 else period.start.year,
        "observed": None if np.isnan(seen := float(total(record, period)[0])) else seen,
        **summary.yearly(row),
    }


def _baselines(reductions: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Set the sides' reductions side by side, a baseline a row."""
    of = {side: frame.set_index(["measure", "baseline"]) for side, frame in reductions.items()}
    rows = []
    for baseline in dict.fromkeys(key[1] for frame in of.values() for key in frame.index):
        averted, reduced = ("averted", baseline), ("reduction_percent", baseline)
        own = {side: frame for side, frame in of.items() if averted in frame.index}
        frame = next(iter(own.values()))
        seen = [float(frame.loc[each, "observed"]) for each in (averted, reduced)]
        rows.append(
            {
                "baseline": summary.baseline(baseline),
                "observed": None if seen[0] != seen[0] else (number(seen[0]), percent(seen[1])),
                "sides": {
                    side: _reduction(own[side].loc[averted], own[side].loc[reduced])
                    if side in own
                    else None
                    for side in SIDES
                },
            }
        )
    return rows


def _reduction(averted: pd.Series, reduced: pd.Series) -> dict[str, list[str]]:
    median, low, high = (float(reduced[each]) for each in ("median", "p05", "p95"))
    return {
        "averted": [number(float(averted[each])) for each in ("median", "p05", "p95")],
        "reduced": [percent(median), number(low), percent(high)],
    }
