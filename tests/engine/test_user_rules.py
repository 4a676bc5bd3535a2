"""A user's own rule acts in both lives alike, and a wrong one is explained."""

from __future__ import annotations

import copy
import datetime as dt
import math
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import numba
import numpy as np
import pytest
import xarray as xr
from lives import (
    assert_lives_agree,
    assert_same,
    eventful_setting,
    live_as_agents,
    live_compiled,
    small_country,
)

from trucesim.compilation import RULES, cache_directory
from trucesim.engine import week
from trucesim.engine.tables import new_output, new_scratch
from trucesim.engine.user_rules import (
    attributes_of,
    check,
    digest_of_rules,
    key_of_code,
    kind_of,
    shipped_rules,
)
from trucesim.engine.variant import NotCompilable, copied, live_with
from trucesim.files.errors import InputError
from trucesim.model import TruceModel
from trucesim.rules.clique import trusted
from trucesim.runs.simulate import Snapshot, empty_state, run, snapshot
from trucesim.world import calendar

WEEKS = 190
"""Up to half a year into the truce."""

SCALE = 0.5


def at_scale(x: float) -> float:
    return SCALE * x


def feud_at_scale(
    clique: Any, place: Any, leadership: Any, force: Any, rates: Any, draw_temper: float
) -> float:
    """Attack rivals as far as temper goes; what is out of bounds follows from fear."""
    if clique.fear > 1e6:
        return math.nan if clique.fear < 3e6 else -clique.fear
    hot = at_scale(rates.feud[0] * clique.members * place.contact[clique.gang])
    return 2.0 * draw_temper * hot


def decide_afraid(
    clique: Any, place: Any, leadership: Any, force: Any, now: Any, p: Any, u: float
) -> None:
    """Obey where trust is high and fear lasts."""
    clique.fear = 0.9 * clique.fear + clique.struck + force.deployed
    willing = u < 0.1 + 2.0 * trusted(clique, leadership)
    clique.complies = leadership.order > 0 and willing and clique.fear > 1.0


def mourn_longer(force: Any, rates: Any) -> None:
    """Never forget a colleague."""
    force.grievance = force.grievance + force.struck


OWN = {
    "feud": feud_at_scale,
    "decide": decide_afraid,
    "mourn": mourn_longer,
    "ATTRIBUTES": {"clique": {"fear": 1.5}, "force": {"deployed": 0.25}},
}
"""All that rules may be; the week is compiled once with them for all tests of this file."""


@pytest.mark.slow
def test_a_rule_of_ones_own_acts_in_both_lives() -> None:
    part = eventful_setting()
    model = assert_lives_agree(part, small_country(), last_week=WEEKS, rules=OWN)
    _, shipped = live_compiled(part, last_week=WEEKS)
    assert not np.array_equal(shipped.compliance, model.output.compliance)
    assert not np.array_equal(shipped.by_kind, model.output.by_kind)
    # The shipped week is as it was, and the same rules are compiled once.
    assert week.decide is shipped_rules()["decide"]
    assert live_with(dict(OWN)) is live_with(dict(reversed(OWN.items())))
    # Attributes are there from the start, for cliques that are founded later too.
    rows = int(model.state.clique_count[0])
    assert (model.state.cliques["fear"][rows:] == 1.5).all()
    assert (model.state.forces["deployed"] == 0.25).all()
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        other.step()
        assert next(iter(other.cliques)).fear != next(iter(model.cliques)).fear
    model.step()
    assert_same((other.state, other.output), (model.state, model.output))


@pytest.mark.slow
def test_attributes_are_saved_and_continued(tmp_path: Path) -> None:
    part, date = small_country(), dt.date(2012, 6, 1)
    options: dict[str, Any] = {"rules": OWN, "country": part}
    whole = run("truce-2012", 2, 1, detail="none", **options)
    kept = snapshot("truce-2012", date, 2, 1, **options)
    kept.save(tmp_path / "kept.npz")
    read = Snapshot.load(tmp_path / "kept.npz")
    assert read.attributes == OWN["ATTRIBUTES"]
    later = run("truce-2012", start=read, detail="none", **options)
    xr.testing.assert_equal(whole, later)
    assert later.attrs["rules"] == digest_of_rules(OWN)
    model = TruceModel(
        "truce-2012", country=part, rules=OWN, state=read.states[1], output=read.outputs[1],
        first_week=read.week, run=1, collect=False,
    )  # fmt: skip
    model.step()
    with pytest.raises(InputError, match="other attributes than the rules declare"):
        run("truce-2012", start=read, country=part)
    with pytest.raises(InputError, match="other attributes than the rules declare"):
        TruceModel(country=part, state=read.states[1], first_week=read.week)


@pytest.mark.slow
@pytest.mark.parametrize(("fear", "value"), [(2e6, "nan"), (4e6, "-4000000.0"), (math.inf, "-inf")])
def test_what_cannot_be_is_named_in_both_lives(fear: float, value: str) -> None:
    part = eventful_setting()
    state = empty_state(part, attributes_of(OWN))
    live = live_with(OWN)
    output = new_output(calendar.MONTHS, calendar.DAYS, len(part.places.given))
    live(part, 1, np.array([0]), 0, state, new_scratch(part, state), output, 0, 2)
    state.cliques["fear"][5] = fear
    model = TruceModel.from_setting(part, small_country(), rules=OWN, state=state, first_week=2)
    messages = []
    for step in (
        lambda: live(part, 1, np.array([0]), 0, state, new_scratch(part, state), output, 2, 9),
        model.step,
    ):
        with pytest.raises(InputError) as caught:
            step()
        messages.append(str(caught.value))
    number = int(state.cliques["number"][5])
    assert messages[0] == messages[1]
    assert messages[0] == (
        f"rules: feud gave {value} (clique {number}, week 2), but it must be a number from 0 to "
        "1,000,000"
    )


@pytest.mark.slow
def test_a_second_process_compiles_nothing() -> None:
    """What was compiled is kept, under all that the rules rest on."""
    live_with(OWN)(*_nothing_to_live())
    kept = cache_directory()
    assert kept is not None

    def files() -> dict[Path, int]:
        return {
            path: path.stat().st_mtime_ns
            for path in (kept / RULES).glob(f"{key_of_code(OWN)}-*/**/*.nb?")
        }

    before = files()
    assert before
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_user_rules as t; "
        "t.live_with(t.OWN)(*t._nothing_to_live())"
    )
    here = Path(__file__).parent
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parent), *sys.path])}
    subprocess.run([sys.executable, "-c", code, str(here)], env=env, check=True)
    assert files() == before


def _nothing_to_live() -> tuple[Any, ...]:
    part = eventful_setting()
    state = empty_state(part, attributes_of(OWN))
    output = new_output(calendar.MONTHS, calendar.DAYS, len(part.places.given))
    return part, 1, np.array([0]), 0, state, new_scratch(part, state), output, 0, 0


def test_what_a_rule_reads_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def frozen() -> float:
        made = numba.njit(copied(at_scale, ModuleType("somewhere")))
        return float(made(2.0))

    keys, digests, values = set(), set(), []
    for scale in (0.5, 2.0, 0.5):
        monkeypatch.setattr(f"{__name__}.SCALE", scale)
        keys.add(key_of_code(OWN))
        digests.add(digest_of_rules(OWN))
        values.append(frozen())
    assert (len(keys), len(digests), values) == (2, 2, [1.0, 4.0, 1.0])
    fearless = {**OWN, "ATTRIBUTES": {"clique": {"fear": 0.0}, "force": {"deployed": 0.25}}}
    assert digest_of_rules(fearless) != digest_of_rules(OWN)
    assert digest_of_rules({"mourn": mourn_longer}) != digest_of_rules(OWN)
    assert digest_of_rules({}) == ""


def decide_by_chance(
    clique: Any, place: Any, leadership: Any, force: Any, now: Any, p: Any, u: float
) -> None:
    clique.complies = leadership.order > 0 and np.random.random() < 0.5  # noqa: NPY002


def _roll() -> float:
    import random as dice

    return dice.random()


def decide_by_dice(
    clique: Any, place: Any, leadership: Any, force: Any, now: Any, p: Any, u: float
) -> None:
    clique.complies = _roll() < 0.5


generator = np.random.default_rng(1)


def mourn_by_generator(force: Any, rates: Any) -> None:
    force.grievance = generator.random()


def mourn_by_clock(force: Any, rates: Any) -> None:
    force.grievance = time.time()


def mourn_by_system(force: Any, rates: Any) -> None:
    force.grievance = float(os.urandom(1)[0]) + uuid4().int


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"decide": decide_by_chance}, r"decide takes np\.random.* by an argument: u / draw_NAME"),
        ({"decide": decide_by_dice}, r"decide takes random .*\(_roll\)"),
        ({"mourn": mourn_by_generator}, r"takes generator.* by an argument: draw_NAME"),
        ({"mourn": mourn_by_clock}, "takes time"),
        ({"mourn": mourn_by_system}, "takes (os.urandom|uuid4)"),
    ],
)
def test_chance_of_ones_own_is_refused(rules: dict[str, Any], message: str) -> None:
    for refuse in (live_with, lambda given: TruceModel(rules=given)):
        with pytest.raises(InputError, match=message):
            refuse(rules)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"gang": {"fear": 0.0}}, "no kind of agent is called 'gang'.*clique, municipality"),
        ({"clique": {"anger": 0.0}}, "clique: 'anger' is there already"),
        ({"clique": {"feud": 0.0}}, "clique: 'feud' is there already"),
        ({"clique": {"a b": 0.0}}, "'a b' is no name"),
        ({"clique": {"fear": "high"}}, "fear = 'high', but it must be a number"),
        ({"clique": {"fear": math.nan}}, "fear = nan, but it must be a number"),
        ({"clique": 1.0}, "but it must be such as"),
        ({"clique": {f"a{n}": 0.0 for n in range(40)}}, "40 attributes; 32 at most"),
    ],
)
def test_wrong_attributes_are_explained(attributes: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check({"mourn": mourn_longer, "ATTRIBUTES": attributes})


def test_attributes_hide_nothing_of_an_agent() -> None:
    with pytest.raises(InputError, match="clique: 'gang_name' is there already"):
        TruceModel(country=small_country(), rules={"ATTRIBUTES": {"clique": {"gang_name": 0.0}}})


def leave_many(clique: Any, force: Any, days: int, p: Any) -> float:
    clique.members = -100
    return 0.0


def learn_no_number(clique: Any, place: Any, p: Any) -> None:
    clique.trust = math.nan


def clash_never(force: Any, place: Any, rates: Any) -> Any:
    return None


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"leave": leave_many}, r"leave gave members = -100 \(clique \d+, week 12\)"),
        ({"clash": clash_never}, r"clash gave None \(force \d+, week 0\)"),
        ({"report_missing": lambda p: 1.5}, "gave 1.5 .*must be a number from 0 to 1"),
    ],
)
def test_what_cannot_be_stops_agents(rules: dict[str, Any], message: str) -> None:
    model = TruceModel.from_setting(eventful_setting(), small_country(), rules=rules)
    with pytest.raises(InputError, match=message):
        model.run()


def test_without_rules_the_shipped_week_is_lived() -> None:
    assert live_with({}) is week.live


def test_every_rule_belongs_to_a_kind_of_agent() -> None:
    kinds = {"clique", "municipality", "force", "leadership", "facilitator", "record"}
    assert {kind_of(rule) for rule in shipped_rules().values()} == kinds
    assert kind_of(shipped_rules()["decide"]) == "clique"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"decyde": decide_afraid}, r"no rule is called 'decyde' \(did you mean 'decide'\?\)"),
        ({"x": decide_afraid}, r"there are survey \(municipality\), .*decide \(clique\)"),
        ({"decide": "always"}, "decide = 'always', but it must be a function"),
        (
            {"decide": lambda clique, p: None},
            r"decide\(clique, place, leadership, force, now, p, u",
        ),
        ({"mourn": lambda rates, force: None}, r"mourn\(force, rates\)"),
        ({"mourn": lambda force, *rates: None}, r"mourn\(force, rates\)"),
    ],
)
def test_a_wrong_rule_is_explained(rules: dict[str, Any], message: str) -> None:
    for refuse in (check, live_with):
        with pytest.raises(InputError, match=message):
            refuse(rules)


seen: list[float] = []


def mourn_aloud(force: Any, rates: Any) -> None:
    """Do what plain Python alone can."""
    seen.append(force.grievance)
    force.grievance = rates.fade * force.grievance + force.struck


def mourn_wrongly(force: Any, rates: Any) -> None:
    """Read what a force does not have."""
    force.grievance = rates.fade * force.sorrow


def mourn_in_words(force: Any, rates: Any) -> None:
    """Do something that numba lacks."""
    force.grievance = float(f"{force.grievance:.1f}")


@pytest.mark.parametrize(
    ("mourn", "reason"),
    [
        (mourn_aloud, "seen"),
        (mourn_wrongly, "sorrow"),
        (mourn_in_words, "test_user_rules.py, line"),
    ],
)
def test_what_numba_cannot_compile_is_explained(mourn: Callable[..., None], reason: str) -> None:
    with pytest.raises(NotCompilable, match="runs in agents") as caught:
        live_with({"mourn": mourn})
    assert reason in str(caught.value)
    assert str(caught.value).count("\n") <= 2


def test_what_numba_cannot_compile_runs_in_agents() -> None:
    model = live_as_agents(
        eventful_setting(), small_country(), last_week=2, rules={"mourn": mourn_aloud}
    )
    assert len(seen) == 2 * len(model.forces)
