"""The pane that answers why one should believe this, and lets the assumptions be changed.

What was fitted, how it did and what it gets wrong is read from the committed results of ``trucesim
validate`` (``experiments/validation``), which the package carries; nothing is worked out anew.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from trucesim.files.reading import shipped_directory
from trucesim.locale.language import percent, short
from trucesim.locale.language import span as span_told
from trucesim.locale.texts import Problem, named, say
from trucesim.outcomes import patterns
from trucesim.outcomes.forecasts import POOLED
from trucesim.parameters import PARAMETERS, Parameter
from trucesim.reports.validation import TEXT as REPORT
from trucesim.runs.sampling import point_values, shipped_draws
from trucesim.studies.cases import Assumption, Case, checked_value, posterior_span
from trucesim.studies.levers import value_told
from trucesim.studies.validation import LATER
from trucesim.workshop.controls import hint, value_field
from trucesim.workshop.markup import Markup, button
from trucesim.workshop.session import SIDES, Session
from trucesim.world.periods import parse

VALIDATION = shipped_directory("experiments") / "validation"
"""Where the results of the validation are, if this copy has them."""

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
        session = self.session
        self.view.html = (
            f'<div class="why">{_fitted(session)}{_forecast(session)}{_wrong(session)}'
            f"{_leaving(session)}{_assumptions(session)}</div>"
        )

    def act(self, message: Mapping[str, Any]) -> None:
        """Fix an assumption of the case that is being changed, or let go of it."""
        do, name, value = (str(message.get(key, "")) for key in ("do", "key", "value"))
        session = self.session
        if name not in PARAMETERS or do not in ("assume", "release"):
            return
        try:
            fixed = checked_value(PARAMETERS[name], value) if do == "assume" and value else None
        except Problem as problem:
            session.refuse(problem)
            self.draw()
            return
        session.change(session.editing, Assumption(name, fixed))


def _fitted(session: Session) -> str:
    tables = _tables(VALIDATION)
    parts = [] if tables else [f"<p>{say('why.none')}</p>"]
    for use in ("fit", "check") if tables else ():
        rows = _simulated(tables["patterns"])
        rows = rows[rows["use"] == use]
        right = int(rows["counts"].astype(bool).sum())
        body = "".join(_pattern(row) for row in rows.to_dict("records"))
        heads = "".join(
            f'<th scope="col">{say(f"why.{name}")}</th>'
            for name in ("pattern", "observed", "simulated", "ratio")
        )
        parts.append(
            f'<details data-key="{use}" {"open" if use == "check" else ""}>'
            f"<summary><b>{say(f'why.use.{use}')}</b> "
            f'<span class="score">{say("why.right", right=right, of=len(rows))}</span>'
            f'</summary><div class="scroll" tabindex="0"><table class="numbers patterns"><thead>'
            f"<tr>{heads}</tr></thead>"
            f"<tbody>{body}</tbody></table></div></details>"
        )
    seen = re.search(r"Fitted to (\d+) statistics", shipped_draws().head)
    told = say("why.fitted_text", n=seen[1] if seen else "?")
    return f"<section><h3>{say('why.fitted')}</h3><p>{told}</p>{''.join(parts)}</section>"


def _simulated(patterns: pd.DataFrame) -> pd.DataFrame:
    return patterns[patterns["simulated_median"].notna()]


def _label(pattern: object) -> str:
    return patterns.label(str(pattern))


def _pattern(row: Mapping[Any, Any]) -> str:
    low, median, high = (float(row[f"simulated_{each}"]) for each in ("p05", "median", "p95"))
    observed = float(row["observed"])
    right = bool(row["counts"])
    ends = say("numbers.range", low=short(low), high=short(high))
    verdict = say("why.yes" if right else "why.wide" if row["inside"] else "why.no")
    return (
        f'<tr><th scope="row">{escape(_label(row["id"]))}</th>'
        f"<td>{short(observed)}</td>"
        f"<td><b>{short(median)}</b> <small>{ends}</small></td>"
        f'<td class="ratio">{_ratio(low, median, high, observed, right)}'
        f'<span class="verdict {"right" if right else "missed"}">{verdict}</span></td></tr>'
    )


def _ratio(low: float, median: float, high: float, observed: float, right: bool) -> str:
    """Draw simulated divided by observed on a logarithmic scale, 1 in the middle."""
    if observed <= 0:
        return ""

    def at(value: float) -> float:
        ends = [math.log(end) for end in RATIOS]
        inside = min(max(value / observed, RATIOS[0]), RATIOS[1])
        return 4 + 112 * (math.log(inside) - ends[0]) / (ends[1] - ends[0])

    kind = "right" if right else "missed"
    return (
        f'<svg class="range {kind}" viewBox="0 0 120 18" width="120" aria-hidden="true">'
        f'<line class="one" x1="60" x2="60" y1="0" y2="18"/>'
        f'<line x1="{at(low):.1f}" x2="{at(high):.1f}" y1="9" y2="9"/>'
        f'<circle cx="{at(median):.1f}" cy="9" r="4.5"/></svg>'
    )


def _forecast(session: Session) -> str:
    tables = _tables(VALIDATION)
    if not tables:
        return ""
    table = tables["generations"]
    table = table[table["generation"].eq("second") & table["what"].eq("forecasts")]
    rows = "".join(
        f'<tr><th scope="row">{_block(row["block"])}</th>'
        f"<td>{short(row['mae'])}</td><td>{short(row['naive_mae'])}</td>"
        f"<td>{percent(100 * row['inside_90'])}</td>"
        f"<td>{say('why.beaten', beaten=int(row['beaten']), of=int(row['of']))}</td></tr>"
        for row in table.to_dict("records")
    )
    heads = "".join(
        f'<th scope="col">{say(f"why.{name}")}</th>'
        for name in ("window", "mae", "naive", "coverage", "beats")
    )
    return (
        f"<section><h3>{say('why.forecasts')}</h3><p>{say('why.forecasts_text')}</p>"
        f'<div class="scroll" tabindex="0"><table class="numbers"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _block(block: str) -> str:
    if block == POOLED:
        return say("why.pooled")
    told = span_told(parse(block))
    return say("why.unseen", span=told) if block in LATER else told


def _wrong(session: Session) -> str:
    tables = _tables(VALIDATION)
    lines = _missed(tables) if tables else []
    lines += [say(f"why.wrong.{name}") for name in WRONG]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<section><h3>{say("why.wrong")}</h3><ul class="plain">{items}</ul></section>'


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


def _leaving(session: Session) -> str:
    parts = []
    for side in SIDES:
        lines = session.case(side).departures()
        told = "".join(f"<li>{escape(named(line, session))}</li>" for line in lines)
        told = told or f"<li>{say('why.within')}</li>"
        parts.append(
            f'<div class="leaving {side}"><h4>{say("card.case", side=side.upper())}</h4>'
            f'<ul class="plain">{told}</ul></div>'
        )
    return (
        f"<section><h3>{say('why.leaving')}</h3><p>{say('why.leaving_text')}</p>"
        f'<div class="two">{"".join(parts)}</div></section>'
    )


def _assumptions(session: Session) -> str:
    case = session.case(session.editing)
    parts = []
    for kind in ("uncertain", "lever", "fixed"):
        rows = "".join(
            _assumption(session, each, case) for each in PARAMETERS.values() if each.kind == kind
        )
        heads = "".join(
            f'<th scope="col">{say(f"why.{name}")}</th>'
            for name in ("quantity", "known", "bounds", "origin", "value")
        )
        parts.append(
            f'<details data-key="kind-{kind}" {"open" if kind == "uncertain" else ""}>'
            f"<summary><b>{say(f'why.kind.{kind}')}</b></summary>"
            f'<div class="scroll" tabindex="0"><table class="numbers assumptions">'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"
        )
    title = say("why.assumptions", side=session.editing.upper())
    return (
        f"<section><h3>{title}</h3><p>{say('why.assumptions_text')}</p>{''.join(parts)}</section>"
    )


def _assumption(session: Session, each: Parameter, case: Case) -> str:
    label = named(each.label(), session)
    value = case.scenario.parameters.get(each.name)
    span = posterior_span(each.name)
    known = value_told(each, point_values()[each.name])
    if span:
        low, high = (short(end) for end in span)
        known += f" <small>{say('numbers.range', low=low, high=high)}</small>"
    elif each.kind == "uncertain":
        known += f" <small>{say('why.from_prior')}</small>"
    bounds = (
        "" if each.choices
        else say("numbers.range", low=short(each.low), high=short(each.high))
    )  # fmt: skip
    tip = hint(named(each.meaning_in(), session), label)
    field = value_field(each, value, each.name, label, "assume")
    release = (
        button(
            say("why.release"), "release", each.name, _class="quiet",
            aria_label=f"{say('why.release')}: {label}",
        )
        if value is not None
        else ""
    )  # fmt: skip
    return (
        f'<tr class="{"fixed" if value is not None else ""}"><th scope="row">{escape(label)} {tip}'
        f"</th><td>{known}</td><td>{bounds}</td>"
        f'<td class="origin">{escape(named(each.source_in(), session))}</td>'
        f"<td>{field}{release}</td></tr>"
    )
