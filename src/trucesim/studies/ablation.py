"""Taking one mechanism out at a time: the rules that do it, and which patterns are lost.

An ablation is a scenario with something changed in it; where no parameter expresses that, a named
set of rules replaces shipped ones (:data:`RULES`). All are run with the same seed, so that run
number r has the same parameters and the same chance everywhere: changes are paired, run by run.

Every case is scored alike, by the estimators that also read the record. Only rows of use ``fit``
make the distance; those of use ``check`` are reported.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

from trucesim.agents import Clique, Conditions, Leadership, Municipality, Parameters, SecurityForce
from trucesim.engine.user_rules import digest_of_rules
from trucesim.files.errors import InputError
from trucesim.outcomes import patterns
from trucesim.outcomes.digest import digest_of
from trucesim.outcomes.paired import compared
from trucesim.rules.clique import decide
from trucesim.rules.leadership import command
from trucesim.rules.municipality import sign
from trucesim.world import calendar
from trucesim.world.periods import FloatArray

FEWEST_RUNS = 10
RESAMPLES = 500
CONFIDENCE = 0.95
LARGEST = 5.0
"""A pattern that is missed counts for no more: else one impossible row rules the distance."""

# --- Rules --------------------------------------------------------------------------------------

FIRST = calendar.day_of(dt.date(2013, 2, 1))
SECOND = calendar.day_of(dt.date(2013, 3, 1))
"""The first four zones sign between these days."""

PIONEERS = 0.02
"""Chance in a week to hear of the order from nobody near; assumed, small, so that it can begin."""

WHATEVER_THE_REACH = -1.0
"""A draw below every reach."""


def command_as_news(leadership: Leadership, now: Conditions, p: Parameters, u: float) -> None:
    """Give the order in force; whoever hears it is left alone with it.

    An order is news: everybody hears, whatever the channel, until it wears off, and no sanction or
    inducement goes with it. The guarantor's assurance and the release of prisoners are no work of
    the leaders: they stay.
    """
    command(leadership, now, p, u)
    leadership.reach = leadership.strength
    leadership.gain = 0.0
    leadership.terms = 0.0


def learn_nothing(clique: Clique, place: Municipality, p: Parameters) -> None:
    """Begin the week without a look at what rivals did in the last: trust stays what it is."""


def sign_as_drawn(place: Municipality, day: int) -> None:
    """Become a violence-free zone on the day drawn; of the first four, the army leaves at once.

    The army left the first four. Without this the ablation would also keep it in.
    """
    sign(place, day)
    if place.zone and FIRST <= place.zone_day < SECOND:
        place.army_leaves_day = place.zone_day


def decide_by_word_of_mouth(
    clique: Clique,
    place: Municipality,
    leadership: Leadership,
    force: SecurityForce,
    now: Conditions,
    p: Parameters,
    u: float,
) -> None:
    """Obey or not, as the full model does, but hear of the order from one's peers.

    A clique meets two cliques of its gang in a week, here or next door, and hears of the order if
    either held to it in the last: so word grows from few to many where hearing mostly convinces. A
    local pact reaches it as in the full model.
    """
    gang = clique.gang
    near = place.members[gang] + place.members_beside[gang]
    held = (place.holding[gang] + place.holding_beside[gang]) / near if near > 0 else 0.0
    heard = 1.0 - (1.0 - PIONEERS) * (1.0 - held) ** 2
    decide(clique, place, leadership, force, now, p, WHATEVER_THE_REACH)
    ordered = leadership.order != 0 and u < heard
    clique.complies = clique.complies and (ordered or (place.pact and u < place.grip))


RULES: dict[str, Mapping[str, Any]] = {
    "no-hierarchy": {"command": command_as_news},
    "no-learning": {"learn": learn_nothing},
    "random-zones": {"sign": sign_as_drawn},
    "word-of-mouth": {"decide": decide_by_word_of_mouth},
}
"""Sets of rules by name; in each, functions by the name of the shipped rule that they replace."""


_OWN: dict[str, str] = {}


def add_own(name: str, rules: Mapping[str, Any]) -> str:
    """Let this process run a user's own rules by a name, which no file can give.

    Returns
    -------
    str
        The name: what was asked for, and the rules' digest.
    """
    digest = digest_of_rules(rules)
    told = f"{name} {digest}"
    RULES[told], _OWN[told] = dict(rules), digest
    return told


def is_own(name: str) -> bool:
    """Whether a set of rules is a user's own, and no file may name it."""
    return name in _OWN


@cache
def rules_digest(name: str) -> str:
    """Digest a set of rules by the definitions of its functions; empty for the shipped rules."""
    if not name:
        return ""
    if name in _OWN:
        return _OWN[name]
    told = sorted((rule, digest_of(function)) for rule, function in RULES[name].items())
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


# --- Scores -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What the runs of one case say.

    Attributes
    ----------
    name : str
    comparison : pandas.DataFrame
        See `trucesim.outcomes.patterns.compare_values`; rows that were not simulated are left out.
    values : dict of str to ndarray, shape (run,)
        Every run's own value, by pattern.
    distances : pandas.Series
        See `trucesim.outcomes.patterns.distances`.
    """

    name: str
    comparison: pd.DataFrame
    values: dict[str, FloatArray]
    distances: pd.Series[float]

    @property
    def distance(self) -> float:
        """Root mean square over fit patterns, each bounded by `LARGEST`."""
        return float(np.sqrt(np.mean(np.minimum(self.distances, LARGEST) ** 2)))


def score(runs: pd.DataFrame, names: Mapping[int, str]) -> list[Case]:
    """Hold the runs of every case against the patterns that are among their outcomes.

    Parameters
    ----------
    runs : pandas.DataFrame
        ``point``, ``run`` and a column an outcome, sorted.
    names : mapping of int to str
        Points in order, the full model first; one without runs is left out.

    Raises
    ------
    InputError
        Nothing to compare: too few runs, no runs of the full model, or other run numbers.
    """
    full, cases = min(names), []
    numbers = runs.loc[runs["point"] == full, "run"].to_list()
    if len(numbers) < FEWEST_RUNS:
        raise InputError(
            "{name}: {count} runs; {least} at least, or no interval says anything",
            name=names[full], count=len(numbers), least=FEWEST_RUNS,
        )  # fmt: skip
    known = [name for name in patterns.load() if name in runs]
    for point, name in names.items():
        own = runs[runs["point"] == point]
        if own.empty:
            continue
        if own["run"].to_list() != numbers:
            raise InputError(
                "{name}: other run numbers than those of {name2}", name=name, name2=names[full]
            )
        values = {each: own[each].to_numpy(np.float64) for each in known}
        comparison = patterns.compare_values(values)
        comparison = comparison[comparison["simulated_median"].notna()].reset_index(drop=True)
        values = {each: values[each] for each in comparison["id"]}
        fitted = {each: values[each] for each in patterns.fit_ids() if each in values}
        cases.append(Case(name, comparison, values, patterns.distances(fitted)))
    return cases


def change(ablated: FloatArray, full: FloatArray, tests: int) -> dict[str, float]:
    """Give what an ablation changes in a pattern, with intervals that respect the pairs.

    - ``change``: of the median over runs; runs are resampled with their partners, and the interval
      is a multiple of the bootstrap standard error.
    - ``effect``: mean over runs of the difference between partners, with Student's interval. Chance
      that partners share cancels here, so that it sees more than the change of the median does.

    Intervals are so wide that `tests` of them hold jointly with `CONFIDENCE` (Bonferroni): among so
    many patterns, some would exclude zero by chance alone.

    Parameters
    ----------
    ablated, full : ndarray of float, shape (run,)
    tests : int
        Intervals that hold jointly.

    Returns
    -------
    dict of str to float
        ``change``, ``effect``, and ``_low`` and ``_high`` of each.
    """
    tail = 1 - (1 - CONFIDENCE) / 2 / tests
    drawn = np.random.default_rng(0).integers(len(full), size=(RESAMPLES, len(full)))
    moved = np.median(ablated[drawn], axis=1) - np.median(full[drawn], axis=1)
    middle = float(np.median(ablated) - np.median(full))
    effect = compared(ablated, full)
    found = {
        "change": (middle, float(norm.ppf(tail) * moved.std(ddof=1))),
        "effect": (effect["mean"], float(student.ppf(tail, len(full) - 1) * effect["se"])),
    }
    return {
        f"{what}{end}": middle + side * reach
        for what, (middle, reach) in found.items()
        for end, side in (("", 0), ("_low", -1), ("_high", 1))
    }


def tabulate(cases: Sequence[Case]) -> pd.DataFrame:
    """Give one row per case and pattern, the full model's first.

    ``shift`` is the effect in half-widths of the full model's 90 % interval: 1 moves the middle to
    where the edge was. It is empty where all runs agree.
    """
    rows, full = [], cases[0]
    reference = full.comparison.set_index("id")
    half = (reference["simulated_p95"] - reference["simulated_p05"]) / 2
    for each in cases:
        for row in each.comparison.to_dict("records"):
            name = row["id"]
            if name not in full.values:
                continue  # the full model gives it no value in some run: nothing to compare with
            changed = change(each.values[name], full.values[name], len(full.values))
            rows.append(
                {
                    "ablation": each.name,
                    "pattern": name,
                    "use": row["use"],
                    "observed": row["observed"],
                    **{end: row[f"simulated_{end}"] for end in ("median", "p05", "p95")},
                    "inside": bool(row["inside"]),
                    "inside_full": bool(reference.loc[name, "inside"]),
                    **changed,
                    "shift": changed["effect"] / half.where(half > 0)[name],
                    "fit_distance": each.distances.get(name, np.nan),
                }
            )
    frame = pd.DataFrame(rows)
    told = (frame["effect_low"] > 0) | (frame["effect_high"] < 0)
    return frame.assign(
        lost=frame["inside_full"] & ~frame["inside"],
        gained=frame["inside"] & ~frame["inside_full"],
        moves=np.sign(frame["effect"]).where(told, 0).astype(int),
    )


def summarise(cases: Sequence[Case], table: pd.DataFrame) -> pd.DataFrame:
    """Give one row per case: distance, patterns inside by use, lost, gained and moved."""
    rows = []
    for each in cases:
        own = table[table["ablation"] == each.name]
        shifts = own[own["moves"] != 0].set_index("pattern")["shift"].abs()
        lost, moved = int(own["lost"].sum()), len(shifts)
        row: dict[str, object] = {
            "ablation": each.name,
            "fit_distance": each.distance,
            "lost": lost,
            "gained": int(own["gained"].sum()),
            "moved": moved,
            "largest_shift": shifts.max(),
            "largest_shift_of": shifts.idxmax() if shifts.notna().any() else "",
            "earns_nothing": lost == 0 and moved == 0,
        }
        for use in patterns.coverage(each.comparison).to_dict("records"):
            for column in ("simulated", "inside", "counted"):
                row[f"{use['use']}_{column}"] = use[column]
        rows.append(row)
    return pd.DataFrame(rows)
