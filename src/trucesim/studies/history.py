"""Which past cases are compared on: the world as it was, or worlds as they might have been.

``record``: runs are the shipped lineages, which follow the record (:mod:`trucesim.studies.follow`),
so that a case which changes nothing stays with the observed months, and another leaves it on its
own day. ``chance``: runs have draws of their own, and their months are whatever came of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from trucesim.files.errors import InputError
from trucesim.locale.texts import Said, say
from trucesim.runs.lineage import Lineage, digest_of_months, shipped_lineages
from trucesim.runs.provenance import model_digest
from trucesim.runs.simulate import run
from trucesim.scenario.change import by_own_hazard
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.folder import HOME, here

History = Literal["record", "chance"]

RECORD: History = "record"
CHANCE: History = "chance"

FOLLOWED = "truce-2012"
"""The scenario that lineages follow the record with, the gangs' answers by the model's hazard."""


@dataclass(frozen=True)
class Obstacle:
    """Why a scenario cannot be lived on lineages that follow the record.

    Attributes
    ----------
    scenario : Scenario
    kind : {'country', 'rules', 'parameters', 'first-day'}
        It is of another country than that whose record they follow, the model is not the one that
        lineages were found with, the scenario changes parameters, or it differs from what was
        followed on the first day.
    """

    scenario: Scenario
    kind: str

    @property
    def message(self) -> Said:
        """What says so."""
        return Said(
            f"history.{self.kind}", title=self.scenario.title or self.scenario.name,
            names=", ".join(self.scenario.parameters), country=load_country().titled(),
        )  # fmt: skip


@cache
def lineages_hold() -> bool:
    """Whether the shipped lineages still follow the record: after a change of rules they do not.

    Where sources differ from those that found them, two are lived again: what counts is what a
    model does.
    """
    found = shipped_lineages()
    if f"model {model_digest()[:16]}" in found.head:
        return True
    months = run(FOLLOWED, lineages=found.lineages[:2], detail="none")["recorded_national"].values
    return [digest_of_months(each) for each in months] == list(found.digests[:2])


@cache
def _followed() -> tuple[Scenario, Scenario]:
    """Give what lineages were found with, twice, with the same runs.

    The one says so of the gangs' answers, the other leaves it to that.
    """
    record = load_scenario(FOLLOWED)
    return record, by_own_hazard(record, calendar.START)


def obstacle(scenario: Scenario) -> Obstacle | None:
    """Tell why a scenario cannot be lived on the shipped lineages, if it cannot."""
    if here() != HOME:
        return Obstacle(scenario, "country")
    if not lineages_hold():
        return Obstacle(scenario, "rules")
    if scenario.parameters:
        return Obstacle(scenario, "parameters")
    parted = [scenario.changes_from(each) for each in _followed()]
    if all(date is not None and date <= calendar.START for date in parted):
        return Obstacle(scenario, "first-day")
    return None


@dataclass(frozen=True)
class Past:
    """What runs are made of.

    Attributes
    ----------
    history : {'record', 'chance'}
    runs, seed : int
    lineages : tuple of Lineage or None
        In place of run numbers under the seed.
    obstacles : tuple of Obstacle
        Why it is chance where the record was wanted.
    """

    history: History
    runs: int
    seed: int
    lineages: tuple[Lineage, ...] | None = None
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def asked(self) -> list[str]:
        """The command line's options that ask for it again."""
        asked = ["--history", self.history, "--runs", str(self.runs)]
        return asked if self.history == RECORD else [*asked, "--seed", str(self.seed)]

    def told(self) -> str:
        """Say which it is, and why."""
        if self.history == RECORD:
            return say("history.record", n=self.runs)
        why = dict.fromkeys(each.message.told() for each in self.obstacles)
        return " ".join([*why, say("history.chance")])


def choose(
    asked: str | None,
    scenarios: Sequence[Scenario],
    *,
    runs: int | None,
    seed: int | None,
    default_runs: int,
    point: bool = False,
    own_rules: bool = False,
) -> Past:
    """Choose what runs of some scenarios are made of.

    Parameters
    ----------
    asked : {'record', 'chance'} or None
        None is the record, unless one of the scenarios cannot be lived on it.
    scenarios : sequence of Scenario
        As they are to be run.
    runs, seed : int or None
        As they were asked for.
    default_runs : int
        From chance, where no number was asked for.
    point : bool
        Whether point values of parameters were asked for.
    own_rules : bool
        Whether rules of one's own are: lineages follow the record with the shipped ones.

    Raises
    ------
    InputError
        The record is asked for, and a scenario cannot be lived on it, or more runs than there are
        lineages, a seed or point values are asked for as well.
    """
    if asked not in (None, RECORD, CHANCE):
        raise InputError(
            "history = {history!r}, but it must be {record!r} or {chance!r}", history=asked,
            record=RECORD, chance=CHANCE,
        )  # fmt: skip
    if own_rules:
        if asked == RECORD:
            raise InputError(
                "--history record and --rules: lineages follow the record with the shipped rules; "
                "leave one of the two out"
            )
        asked = CHANCE
    found = tuple(each for each in map(obstacle, scenarios) if each is not None)
    if asked == CHANCE or (asked is None and found):
        runs, seed = default_runs if runs is None else runs, 1 if seed is None else seed
        return Past(CHANCE, runs, seed, None, () if asked else found)
    if found:
        raise InputError("--history record: {said} Use --history chance.", said=found[0].message)
    lineages = shipped_lineages().lineages
    for name, given in (("--seed", seed is not None), ("--point", point)):
        if given:
            raise InputError(
                "{name}: runs that follow the record have parameters and draws of their own; leave "
                "it out, or add --history chance", name=name,
            )  # fmt: skip
    runs = len(lineages) if runs is None else runs
    if not 1 <= runs <= len(lineages):
        raise InputError(
            "--runs {runs}: {count} lineages follow the record; give a number from 1 to {count}, "
            "or add --history chance", runs=runs, count=len(lineages),
        )  # fmt: skip
    return Past(RECORD, runs, lineages[0].seed, lineages[:runs])
