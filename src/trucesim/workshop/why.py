"""The pane that answers why one should believe this, and lets the assumptions be changed.

What was fitted, how it did and what it gets wrong is read from the committed results of ``trucesim
validate`` (``experiments/validation``), which the package carries; nothing is worked out anew.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from trucesim.figures.transfer import TEXT as REGION
from trucesim.files.reading import shipped_directory
from trucesim.locale.catalogue import translated
from trucesim.locale.gangs import lettered
from trucesim.locale.language import number, percent, short
from trucesim.locale.language import span as span_told
from trucesim.locale.texts import Problem, say
from trucesim.outcomes import patterns
from trucesim.outcomes.forecasts import POOLED
from trucesim.parameters import PARAMETERS, Parameter
from trucesim.reports.validation import TEXT as REPORT
from trucesim.runs.sampling import point_values, shipped_draws
from trucesim.studies.cases import Assumption, Case, checked_value, posterior_span
from trucesim.studies.levers import meaning_told, value_told
from trucesim.studies.sources import told_of
from trucesim.studies.transfer import REGION as PACTS
from trucesim.studies.validation import CONTROL, LATER
from trucesim.workshop.controls import field_of
from trucesim.workshop.markup import Markup, render
from trucesim.workshop.session import SIDES, Session
from trucesim.world.country import allowed_there, load_country
from trucesim.world.folder import HOME, here, open_folder
from trucesim.world.observed import patterns as patterns_of
from trucesim.world.periods import parse

VALIDATION = shipped_directory("experiments") / "validation"
"""Where the results of the validation are, if this copy has them."""

TRANSFER = shipped_directory("experiments") / "transfer"
"""Where those of the test in Honduras, and of the region, are."""

WRONG = ("identified", "places")
"""What the model gets wrong and no table says."""

RATIOS = 0.2, 5.0
"""Ends of the scale on which simulated is divided by observed."""


@cache
def _tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the validation's tables; none where this copy comes without them."""
    try:
        return {
            name: pd.read_csv(folder / f"{name}.csv")
            for name in ("patterns", "generations", "aims")
        }
    except FileNotFoundError:
        return {}


class Why:
    """The pane, for one session.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.view = Markup(session.speaks(self.act))

    def __panel__(self) -> Markup:
        """Give what is shown."""
        return self.view

    def draw(self) -> None:
        """Bring the pane up to date with the session."""
        session, tables = self.session, _tables(VALIDATION)
        seen = re.search(r"Fitted to (\d+) statistics", shipped_draws().head)
        case, other = session.case(session.editing), session.case(session.other)
        home = here() == HOME
        self.view.html = render(
            "why", caution=load_country().caution(), control=_control(), region=_region(),
            statistics=seen[1] if seen else "?",
            uses=_uses(tables["patterns"]) if tables and home else [],
            blocks=_blocks(tables["generations"]) if tables and home else [],
            wrong=[*(_missed(tables) if tables and home else []),
                   *(say(f"why.wrong.{name}") for name in WRONG)],
            leaving={side: session.case(side).departures() for side in SIDES},
            editing=session.editing, other=session.other,
            assumptions={
                kind: [
                    _assumption(each, case, other)
                    for each in PARAMETERS.values() if each.kind == kind
                ]
                for kind in ("uncertain", "lever", "fixed")
            },
        )  # fmt: skip

    def act(self, message: Mapping[str, Any]) -> None:
        """Fix an assumption of the case that is being changed, or let go of it, or copy it."""
        do, name, value = (str(message.get(key, "")) for key in ("do", "key", "value"))
        session = self.session
        if name not in PARAMETERS or do not in ("assume", "release", "both"):
            return
        if do == "both":
            same = session.case(session.editing).scenario.parameters.get(name)
            session.change(session.other, Assumption(name, same))
            return
        try:
            fixed = checked_value(allowed_there(name), value) if do == "assume" and value else None
        except Problem as problem:
            session.refuse(problem)
            self.draw()
            return
        session.change(session.editing, Assumption(name, fixed))


def _uses(patterns: pd.DataFrame) -> list[dict[str, Any]]:
    """Tell what was fitted, and what was checked, pattern by pattern."""
    rows = [_pattern(row) for row in _simulated(patterns).to_dict("records")]
    found = []
    for use in ("fit", "check"):
        own = [row for row in rows if row["use"] == use]
        right = sum(row["right"] for row in own)
        found.append({"name": use, "right": right, "patterns": own})
    return found


def _simulated(patterns: pd.DataFrame) -> pd.DataFrame:
    return patterns[patterns["simulated_median"].notna()]


def _label(pattern: object) -> str:
    return patterns.label(str(pattern))


def _pattern(row: Mapping[Any, Any]) -> dict[str, Any]:
    low, median, high = (float(row[f"simulated_{each}"]) for each in ("p05", "median", "p95"))
    observed, right = float(row["observed"]), bool(row["counts"])
    return {
        "use": row["use"],
        "label": _label(row["id"]),
        "observed": observed,
        "low": low,
        "median": median,
        "high": high,
        "right": right,
        "verdict": "yes" if right else "wide" if row["inside"] else "no",
        "at": [_on_scale(each / observed) for each in (low, median, high)] if observed > 0 else [],
    }


def _on_scale(ratio: float) -> str:
    """Place a ratio on a logarithmic scale of 120 with 1 in its middle."""
    ends = [math.log(end) for end in RATIOS]
    inside = min(max(ratio, RATIOS[0]), RATIOS[1])
    return f"{4 + 112 * (math.log(inside) - ends[0]) / (ends[1] - ends[0]):.1f}"


def _blocks(generations: pd.DataFrame) -> list[dict[str, Any]]:
    chosen = generations["generation"].eq("second") & generations["what"].eq("forecasts")
    rows = generations[chosen].to_dict("records")
    return [
        {"told": _block(row["block"]), "beaten": int(row["beaten"]), "of": int(row["of"])}
        | {str(name): row[name] for name in ("mae", "naive_mae", "inside_90")}
        for row in rows
    ]


def _block(block: str) -> str:
    if block == POOLED:
        return say("why.pooled")
    told = span_told(parse(block))
    return say("why.unseen", span=told) if block in LATER else told


def _missed(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Tell every aim that is missed, then every pattern outside its interval, a side a line."""
    lines = []
    aims = tables["aims"]
    for row in aims[~aims["met"]].to_dict("records"):
        crps, of = row["aim"].endswith("crps"), row["of"]
        if crps:
            of = span_told(parse(of)) if of in LATER else REPORT[f"method.{of}"]
        ends = {
            name: short(row[name]) if crps else percent(100 * row[name])
            for name in ("value", "low", "high")
        }
        lines.append(say(f"why.aim.{row['aim']}", of=of, **ends))
    patterns = _simulated(tables["patterns"])
    outside = patterns[~patterns["inside"].astype(bool)]
    low = outside["simulated_p95"] < outside["observed"]
    for side, rows in (("low", outside[low]), ("high", outside[~low])):
        names = "; ".join(_label(pattern) for pattern in rows["id"])
        if names:
            lines.append(say(f"why.outside.{side}", names=names))
    return lines


@cache
def _stored(name: str) -> pd.DataFrame:
    """Read a table of the model's test in Honduras; no rows where this copy comes without it."""
    try:
        return pd.read_csv(TRANSFER / f"{name}.csv", keep_default_na=False)
    except FileNotFoundError:
        return pd.DataFrame()


def _control() -> dict[str, str] | None:
    """Tell what a pact elsewhere brought, and what the model gives for it."""
    table = _stored("cases")
    if table.empty:
        return None
    rows = {row["case"]: row for row in table.to_dict("records")}
    told = {
        f"{side}_{end}": number(float(rows[case][end]), 2)
        for side, case in (("documented", "documented"), ("failing", "must fail"))
        for end in ("p05", "p95")
    }
    pattern = _observed_there()
    ends = {name: number(float(pattern[name]), 2) for name in ("value", "low", "high")}
    return told | ends | {"below": percent(100 * float(rows["documented"]["below"]))}


def _observed_there() -> Any:
    """Give what the control is held against."""
    plan = open_folder(CONTROL).plan.control
    assert plan is not None
    return patterns_of(CONTROL).set_index("id").loc[plan.pattern]


def what_happened() -> str | None:
    """Say what homicides did after the pact, on the page of the country that is the control."""
    if here() != CONTROL:
        return None
    return say("answer.control", value=number(float(_observed_there()["value"]), 2))


def _region() -> list[dict[str, Any]]:
    """Give the pacts of the region, each with what is assumed to differ."""
    rows = _stored("region").to_dict("records") if here() in PACTS else []

    def span(row: Mapping[Any, Any], name: str, times: float = 1.0) -> str:
        low, high = (times * float(row[f"{name}_{end}"]) for end in ("p05", "p95"))
        return say("numbers.range", low=number(low), high=percent(high))

    return [
        {
            "label": REGION[f"region.{row['country']}"],
            "fewer": percent(float(row["fewer_median"])), "range": span(row, "fewer"),
            "share": span(row, "gang_share", 100.0), "reach": span(row, "reach_open", 100.0),
            "offers": REGION["region.yes" if str(row["offers"]) == "True" else "region.no"],
        }
        for row in rows
    ]  # fmt: skip


def _assumption(each: Parameter, case: Case, other: Case) -> dict[str, Any]:
    value, span = case.scenario.parameters.get(each.name), posterior_span(each.name)
    of = say("why.from_prior") if each.kind == "uncertain" else ""
    bounds, origin = allowed_there(each.name), each.source_in()
    if (own := load_country().own.get(each.name)) is not None:
        prior, origin = own.declared(each.name), lettered(translated(own.source))
        of = "" if prior is None else _range(prior.low, prior.high)
    return {
        "name": each.name,
        "label": each.label(),
        "meaning": meaning_told(each),
        "known": value_told(each, point_values()[each.name]),
        "known_of": _range(*span) if span else of,
        "bounds": "" if each.choices else _range(bounds.low, bounds.high),
        "origin": told_of(origin),
        "fixed": value is not None,
        "apart": value != other.scenario.parameters.get(each.name),
        "field": field_of(bounds, value),
    }


def _range(low: float, high: float) -> str:
    return say("numbers.range", low=short(low), high=short(high))
