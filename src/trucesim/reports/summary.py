"""What two cases answer in words, for page and report alike; homicides are recorded ones.

Differences are said as B has them, "326 fewer": no sign is to be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from trucesim.locale import language
from trucesim.locale.language import date, month, number
from trucesim.locale.texts import say
from trucesim.outcomes.effects import FEWEST
from trucesim.outcomes.reductions import baselines
from trucesim.reports.assumed import assumed
from trucesim.studies.answer import MOST_IN_DOUBT, Answer, Link, of_hundred
from trucesim.world.folder import HOME, here
from trucesim.world.periods import Period

type Beside = Literal["pair", "truce"]
"""Whether A and B are two cases, or runs of one without a truce and with it."""

DIGITS = {"signed": 1, "strength": 1}
"""Decimals of the chain's quantities; the others have none."""


def size(found: Answer, beside: Beside = "pair") -> str:
    """Say how large the mean difference is, against A's homicides, or from where to where."""
    kind: str = found.verdict
    if kind not in ("same", "small", "uncertain"):
        kind = "fewer" if found.mean > 0 else "more"
    told = say(f"answer.size.{kind}", **_fields(found, beside))
    return told[0].upper() + told[1:]


def _fields(found: Answer, beside: Beside) -> dict[str, str]:
    return {
        "a": say(f"answer.a.{beside}"), "b": say(f"answer.b.{beside}"),
        "n": number(abs(found.mean)), "of": number(found.of_a), "share": _percent(found.share),
        "month": month(found.period.start, full=True), "range": ends(found.low, found.high),
        "mean": apart(found.mean),
    }  # fmt: skip


def _percent(share: float) -> str:
    value = 100.0 * abs(share)
    return f"{number(value, int(value < 9.95))}%"


def within(found: Answer, beside: Beside = "pair") -> str:
    """Say between what numbers the difference lies in nine of ten runs; empty without one.

    Where `size` says that, say the mean.
    """
    if found.verdict == "same":
        return ""
    kind = ".uncertain" if found.verdict == "uncertain" else ""
    return say(f"answer.within{kind}", **_fields(found, beside))


def apart(value: float, digits: int = 0) -> str:
    """Say by how many B has fewer, or more, of a difference A minus B."""
    if not (rounded := round(value, digits)):
        return say("apart.none")
    return say(f"apart.{'fewer' if rounded > 0 else 'more'}", n=number(abs(value), digits))


def ends(low: float, high: float, digits: int = 0) -> str:
    """Say between what numbers a difference A minus B lies."""
    first, last = round(low, digits), round(high, digits)
    if not first and not last:
        return say("apart.none")
    if first < 0 < last:
        return say("apart.both", more=number(-first, digits), fewer=number(last, digits))
    kind, near, far = ("fewer", first, last) if last > 0 else ("more", -last, -first)
    return say(f"apart.range.{kind}", low=number(near, digits), high=number(far, digits))


def subtracting(a: float, difference: float, digits: int = 0) -> tuple[str, str]:
    """Write A and B so that they differ by the difference as it is written.

    B may so be off by one in its last digit.
    """
    of_a = round(a, digits)
    return number(of_a, digits), number(of_a - round(difference, digits), digits)


def likely(found: Answer) -> str:
    """Say in a word or two how sure the larger side is; empty where nothing is to be sure of.

    A few runs that agree are sure of nothing.
    """
    if found.runs < FEWEST or found.verdict in ("same", "small", "uncertain"):
        return ""
    return say(f"likely.{found.verdict}")


def counts(found: Answer) -> dict[str, int]:
    """Give of 100 runs those in which B has fewer homicides, as many and more."""
    return dict(zip(("fewer", "equal", "more"), found.of_hundred, strict=True))


def sure(found: Answer, beside: Beside = "pair") -> str:
    """Say in how many of 100 runs B has fewer homicides, as many and more."""
    of = counts(found)
    first = say("sure.fewer", n=of["fewer"], a=say(f"answer.a.{beside}"),
                b=say(f"answer.b.{beside}"))  # fmt: skip
    rest = (say(f"sure.{kind}", n=of[kind]) for kind in ("equal", "more") if of[kind])
    return ", ".join([first, *rest]) + "."


def doubts(found: Answer) -> Iterator[str]:
    """Say what stands against resting on a difference."""
    if found.runs < FEWEST:
        yield say("sure.first", n=found.runs)
    if found.verdict in ("same", "small"):
        return
    if found.in_doubt > MOST_IN_DOUBT:
        years = ", ".join(found.doubtful)
        yield say("sure.doubt.years", share=_percent(found.in_doubt), years=years)
    if found.assumption and found.assumption.at_prior:
        yield say("sure.doubt.unknown", assumed=assumed(found.assumption.parameter))


def chain(found: Answer) -> list[dict[str, Any]]:
    """Give the quantities by which a difference came about, only those that differ.

    Returns
    -------
    list of dict
        ``name``, ``label``; ``a``, ``b``, ``apart`` and ``range`` in words; ``link``, the numbers.
    """
    return [_link(each) for each in found.chain
            if round(each.difference, DIGITS.get(each.name, 0))]  # fmt: skip


def _link(link: Link) -> dict[str, Any]:
    digits = DIGITS.get(link.name, 0)
    a, b = subtracting(link.a, -link.difference, digits)
    return {
        "name": link.name, "label": say(f"chain.{link.name}"), "a": a, "b": b, "link": link,
        "apart": apart(-link.difference, digits), "range": ends(-link.high, -link.low, digits),
    }  # fmt: skip


def yearly(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Write a row of `trucesim.outcomes.paired.by_period`: means that subtract.

    Returns
    -------
    dict
        ``a``, ``b``: mean and ends; ``apart``: the difference with its range, and ``fewer``, in how
        many of 100 runs B has fewer, both None where no run differs.
    """
    means = subtracting(row["a_mean"], row["difference_mean"])
    told: dict[str, Any] = {
        side: (mean, *(number(row[f"{side}_{end}"]) for end in ("p05", "p95")))
        for side, mean in zip("ab", means, strict=True)
    }
    if row["share_equal"] == 1.0:
        return told | {"apart": None, "fewer": None}
    shares = row["share_b_fewer"], row["share_equal"], row["share_a_fewer"]
    return told | {
        "apart": (apart(row["difference_mean"]),
                  ends(row["difference_p05"], row["difference_p95"])),
        "fewer": of_hundred(shares)[0],
    }  # fmt: skip


def span(period: Period) -> str:
    """Write a period by its first and last day."""
    return f"{date(period.start)} – {date(period.last)}"


def baseline(name: str) -> str:
    """Name a baseline; one of a country's own by its months."""
    own = baselines().get(name)
    return say(f"baseline.{name}") if own is None or here() == HOME else language.span(own)
