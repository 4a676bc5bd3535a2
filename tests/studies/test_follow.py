"""Following the record: lineages live again, differ from a change on, and near a hidden truth."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lives import assert_same, first_week_of

from trucesim import run
from trucesim.engine.ahead import look_ahead
from trucesim.engine.tables import new_scratch
from trucesim.engine.week import live
from trucesim.files.errors import InputError
from trucesim.runs.lineage import Lineage
from trucesim.runs.sampling import distinct_draws, parameters_of_draws, shipped_draws
from trucesim.runs.simulate import begin, live_run, prepare
from trucesim.scenario.change import by_own_hazard, set_parameters
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.studies import follow as module
from trucesim.studies.follow import LINEAGES, Followed, follow, observed_months
from trucesim.world import calendar
from trucesim.world.country import load_country

PARTICLES = 16


def own(name: str) -> Scenario:
    return by_own_hazard(load_scenario(name), calendar.START)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Followed]]:
    folder = tmp_path_factory.mktemp("followed")
    return folder, follow(draws=2, particles=PARTICLES, folder=folder, workers=1)


def assert_equal(one: Followed, other: Followed) -> None:
    for name, value in (vars(one) | vars(one.lineage)).items():
        if name != "lineage":
            held = vars(other)[name] if name in vars(other) else vars(other.lineage)[name]
            np.testing.assert_array_equal(value, held, err_msg=name)


def test_a_lineage_lives_again_as_it_was_filtered(
    followed: tuple[Path, list[Followed]],
) -> None:
    _, found = followed
    results = run(own("truce-2012"), lineages=[each.lineage for each in found])
    months = np.stack([each.months for each in found])
    np.testing.assert_array_equal(results["recorded_national"].values, months)
    assert results["run"].values.tolist() == [0, 1]
    assert results.attrs["seed"] == module.SEED
    # Each draw has parameters and run numbers of its own.
    one, other = (each.lineage for each in found)
    assert one.parameters[0] != other.parameters[0]
    assert not set(one.runs.tolist()) & set(other.runs.tolist())
    # It follows: plain runs lie some 100 away.
    assert np.abs(months - observed_months()).mean() < 60.0
    for each in found:
        assert np.isfinite(each.log_likelihood).all()
        assert (each.tempered >= each.effective).all()
        assert ((each.exponent == 1.0) == (each.tempered == each.effective)).all()


def test_workers_and_interruptions_change_nothing(
    followed: tuple[Path, list[Followed]], tmp_path: Path
) -> None:
    folder, found = followed
    again = follow(draws=2, particles=PARTICLES, workers=2)
    for one, other in zip(found, again, strict=True):
        assert_equal(one, other)
    # What was cut off, or made in another way, is made anew; the rest is read.
    texts = [(folder / LINEAGES / f"000{d}.json").read_text(encoding="utf-8") for d in range(2)]
    (tmp_path / LINEAGES).mkdir()
    kept, cut = (tmp_path / LINEAGES / f"000{d}.json" for d in range(2))
    kept.write_text(texts[0], encoding="utf-8")
    cut.write_text(texts[1][:500], encoding="utf-8")
    made = kept.stat().st_mtime_ns
    told: list[tuple[str, int, int]] = []
    resumed = follow(
        draws=2, particles=PARTICLES, folder=tmp_path, progress=lambda *each: told.append(each)
    )
    for one, other in zip(found, resumed, strict=True):
        assert_equal(one, other)
    assert kept.stat().st_mtime_ns == made
    assert cut.read_text(encoding="utf-8") == texts[1]
    assert told[-1] == ("draws", 2, 2)
    first = json.loads(texts[0])
    held = follow(draws=1, particles=PARTICLES, folder=tmp_path)
    assert held[0].row == first["row"]
    follow(draws=1, particles=2, folder=tmp_path)
    assert json.loads(kept.read_text(encoding="utf-8"))["key"] != first["key"]


def test_a_change_acts_from_its_own_day_only(followed: tuple[Path, list[Followed]]) -> None:
    lineages = [each.lineage for each in followed[1]]
    factual, changed = own("truce-2012"), own("guarantor-stays")
    date = changed.changes_from(factual)
    assert date is not None
    assert date > dt.date(2012, 3, 9)
    one, other = (
        run(each, lineages=lineages, detail="none")["recorded_daily"].values
        for each in (factual, changed)
    )
    day = calendar.day_of(date)
    np.testing.assert_array_equal(one[:, :day], other[:, :day])
    assert (one[:, day:] != other[:, day:]).any(axis=1).all()


def test_one_run_in_all_months_is_that_run() -> None:
    scenario, number = own("truce-2012"), 5
    parameters = parameters_of_draws(distinct_draws(1), 1)
    months = np.full(calendar.MONTHS, number)
    lineage = Lineage(parameters, 7, number, months)
    setting = prepare(scenario, load_country(), parameters)
    assert_same(live_run(setting, 7, lineage), live_run(setting, 7, number))
    plain = run(scenario, 1, 7, first_run=number, parameters=parameters)
    lived = run(scenario, lineages=[lineage])
    assert lived.attrs.pop("lineages")
    assert (lived.attrs.pop("history"), plain.attrs.pop("history")) == ("record", "chance")
    assert not plain.attrs.pop("lineages")
    assert lived.assign_coords(run=plain["run"]).identical(plain)
    # Another home is another country.
    abroad = live_run(setting, 7, replace(lineage, home=6))[0].municipalities["zone_day"]
    assert (abroad != live_run(setting, 7, 6)[0].municipalities["zone_day"]).sum() == 0
    assert (abroad != live_run(setting, 7, 5)[0].municipalities["zone_day"]).any()


def test_a_hidden_truth_is_found() -> None:
    scenario = own("truce-2012")
    parameters = parameters_of_draws(distinct_draws(2), 1)
    record = run(scenario, 1, 99, parameters=parameters[1:], detail="none")
    truth = record["recorded_national"].values[0]
    found = follow(scenario, draws=2, particles=40, record=truth)
    plain = run(scenario, 10, 98, parameters=np.repeat(parameters, 5), detail="none")
    away = np.abs(plain["recorded_national"].values - truth).mean()
    for each in found:
        assert np.abs(each.months - truth).mean() < 0.4 * away


def test_what_leaderships_bring_is_known_ahead() -> None:
    parameters = parameters_of_draws(distinct_draws(1), 1)
    parameters["spell_onset"] = parameters["unasked_orders"] = 5.0
    setting = prepare(own("truce-2012"), load_country(), parameters)
    before = first_week_of(calendar.MONTHS - 10)
    numbers, last = range(30, 36), before + 4
    spells = set()
    state, output = begin(setting)
    live(setting, 3, np.array([1]), 1, state, new_scratch(setting, state), output, 0, before)  # type: ignore[no-untyped-call]
    for number in numbers:
        room, levels = state.leaderships.copy(), np.empty((1, 1, last - before))
        look_ahead(setting, 3, number, state.leaderships[None], room, before, levels)  # type: ignore[no-untyped-call]
        lived = type(state)._make(each.copy() for each in state)
        live(
            setting,
            3,
            np.array([number]),
            1,
            lived,
            new_scratch(setting, lived),
            output,
            before,
            last,
        )  # type: ignore[no-untyped-call]
        for name in ("climate", "pressing", "strength", "order", "reach", "onslaught"):
            np.testing.assert_array_equal(room[name], lived.leaderships[name], err_msg=name)
        assert (levels > 0.0).all()
        spells.add(tuple(room["pressing"]))
    assert len(spells) > 1


def test_choices_and_weights() -> None:
    apart = np.tile(np.array([0.0, 0.5, -0.5, 2.0]), (4000, 1))
    chance = (np.arange(4000) + 0.5) / 4000
    chosen, log_odds = module._choose(apart, chance)
    share = np.bincount(chosen, minlength=4) / 4000
    # Divided by the odds of the choice, candidates count alike.
    np.testing.assert_allclose(
        [np.exp(-log_odds)[chosen == each].sum() / 1000 for each in range(4)], 1.0, atol=0.02
    )
    assert share[0] > 0.7
    assert share[3] > 0.02
    even = np.full(100, -math.log(100))
    steep = -np.arange(100.0)
    log_mean, weights, effective, tempered, exponent = module._weigh(even, steep)
    assert log_mean == pytest.approx(math.log(np.exp(steep).mean()))
    assert np.exp(weights).sum() == pytest.approx(1.0)
    assert effective < 3.0
    assert tempered == pytest.approx(10.0, rel=1e-3)
    assert 0.0 < exponent < 1.0
    assert module._weigh(even, np.zeros(100))[2:] == pytest.approx((100.0, 100.0, 1.0))


def test_draws_are_distinct_and_the_first_ones_stay() -> None:
    posterior = shipped_draws()
    many = distinct_draws(400)
    assert len(np.unique(posterior.values[many], axis=0)) == 400
    np.testing.assert_array_equal(distinct_draws(7), many[:7])
    medians = posterior.medians
    for name, middle in zip(posterior.names, np.median(posterior.values[many], 0), strict=True):
        column = posterior.values[:, posterior.names.index(name)]
        assert abs(middle - medians[name]) <= 0.35 * column.std(), name
    everything = len(np.unique(posterior.values[posterior.weights > 0.0], axis=0))
    assert len(set(distinct_draws(everything).tolist())) == everything


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"draws": 0}, "draws = 0"),
        ({"draws": 10**6}, "draws = 1000000"),
        ({"draws": 2.0}, "draws = 2.0"),
        ({"skip": -1}, "skip = -1"),
        ({"skip": 10**6}, "draws = 1000100"),
        ({"particles": 1}, "particles = 1"),
        ({"particles": 10**6}, "particles = 1000000"),
        ({"tolerance": 0.0}, "tolerance = 0.0"),
        ({"tolerance": float("nan")}, "tolerance = nan"),
        ({"seed": -1}, "seed = -1"),
        ({"workers": 0}, "workers = 0"),
        ({"record": [300.0] * 95}, "96 months"),
        ({"record": [300.0] * 95 + [0.0]}, "above 0"),
        ({"scenario": "no-truc"}, "did you mean"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    given: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        follow(folder=tmp_path, **given)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_scenario_that_changes_parameters_is_refused(
    followed: tuple[Path, list[Followed]],
) -> None:
    changed = set_parameters(load_scenario("truce-2012"), {"wearing": 0.1})
    with pytest.raises(InputError, match="changes wearing"):
        follow(changed)
    lineage = followed[1][0].lineage
    with pytest.raises(InputError, match="changes wearing"):
        run(changed, lineages=[lineage])
    with pytest.raises(InputError, match="all of one seed"):
        run("truce-2012", lineages=[lineage, replace(lineage, seed=1)])
    with pytest.raises(InputError, match="there must be some"):
        run("truce-2012", lineages=[])
    with pytest.raises(InputError, match="one a month"):
        replace(lineage, runs=lineage.runs[:95])
    with pytest.raises(InputError, match="run = -1"):
        replace(lineage, home=-1)
    with pytest.raises(InputError, match="one record"):
        replace(lineage, parameters=np.zeros(2, lineage.parameters.dtype))


def test_what_stands_in_scratch_makes_no_difference() -> None:
    setting = prepare(own("truce-2012"), load_country(), parameters_of_draws(distinct_draws(1), 1))
    lived = []
    for dirt in (0, 0xA5):
        state, output = begin(setting)
        scratch = new_scratch(setting, state)
        for array in scratch:
            array.view(np.uint8)[...] = dirt
        live(setting, 3, np.array([1]), 1, state, scratch, output, 0, 200)  # type: ignore[no-untyped-call]
        lived.append((state, output))
    assert_same(*lived)
