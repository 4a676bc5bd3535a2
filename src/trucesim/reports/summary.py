"""What is told of a pair in words, for page and report alike; homicides are recorded ones."""

from __future__ import annotations

from trucesim.locale.language import date, number
from trucesim.locale.language import span as span_told
from trucesim.locale.texts import say
from trucesim.outcomes.paired import Comparison
from trucesim.world.periods import Period


def sentence(compared: Comparison) -> str:
    """Say in how many of 100 runs B has fewer homicides, or more where that is more often."""
    if compared.same:
        return say("sure.same")
    if compared.likelihood == "equal":
        fewer, equal, more = of_hundred(compared)
        return say("sure.equal", fewer=fewer, equal=equal, more=more)
    side = "fewer" if compared.fewer >= compared.more else "more"
    share = compared.fewer if side == "fewer" else compared.more
    return say(f"sure.{side}", share=number(in_hundred(share)))


def in_hundred(share: float) -> int:
    """Give a share of runs as so many of 100: neither all nor none where it was not all or none."""
    return min(max(round(100 * share), int(share > 0.0)), 100 - int(share < 1.0))


def of_hundred(compared: Comparison) -> tuple[int, int, int]:
    """Give how many of 100 runs have fewer homicides under B, as many, and more; they add up."""
    exact = [100 * share for share in (compared.fewer, compared.equal, compared.more)]
    counts = [int(each) for each in exact]
    order = sorted(range(3), key=lambda i: exact[i] - counts[i], reverse=True)
    for i in order[: 100 - sum(counts)]:
        counts[i] += 1
    return counts[0], counts[1], counts[2]


def amount(compared: Comparison) -> str:
    """Say how many homicides fewer or more that is, with the interval."""
    side = "fewer" if compared.averted["median"] >= 0 else "more"
    ends = [compared.averted["p05"], compared.averted["p95"]]
    low, high = ends if side == "fewer" else [-end for end in reversed(ends)]
    return say(
        f"sure.difference.{side}",
        median=number(abs(compared.averted["median"])),
        span=span_told(compared.period),
        low=_side(low, side),
        high=_side(high, side),
    )


def _side(value: float, side: str) -> str:
    """Say a number of homicides with its direction, where ``side`` names that of positive ones."""
    if round(value) == 0:
        return say("sure.band.equal")
    other = {"fewer": "more", "more": "fewer"}[side]
    name = f"sure.band.{side if value > 0 else other}"
    return say(name, n=number(abs(value)))


def likelihood(compared: Comparison) -> str:
    """Say how sure that is in words."""
    return say(f"likely.{compared.likelihood}")


def span(period: Period) -> str:
    """Write a period by its first and last day."""
    return f"{date(period.start)} – {date(period.last)}"
