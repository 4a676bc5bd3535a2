"""Ablations: sets of rules by name, an axis of experiments, and scores that pair them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from spoken import in_language
from sweeps import SMALL, write

from trucesim import cli, run
from trucesim.agents import Clique, Leadership
from trucesim.engine.user_rules import check
from trucesim.files.errors import InputError
from trucesim.outcomes import patterns
from trucesim.outcomes.registry import outcome
from trucesim.parameters import CONDITIONS
from trucesim.reports import ablation as reports
from trucesim.runs.provenance import key_of
from trucesim.runs.sampling import point_values
from trucesim.scenario.change import without_truce
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.studies import ablation
from trucesim.studies.ablation import RULES, rules_digest
from trucesim.studies.experiment import Sweep, load_experiment, open_sweep, points, run_sweep
from trucesim.studies.experiment.file import experiment_directory, schema
from trucesim.studies.experiment.precision import called
from trucesim.world.country import load_country

FOLDER = experiment_directory() / "ablations"
FILES = sorted(FOLDER.glob("*.toml"))
FULL = "as-recorded"
HERE = ("La Paz", "San Vicente")

RULED = (
    SMALL[: SMALL.index("[[lever]]")].replace('"no-truce"', '"as-recorded"')
    + """
[rules]
as-recorded = "no-learning"

[design]
kind = "factorial"
"""
)


# --- The shipped ones ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_ablation_changes_something_and_says_what(path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.digest != load_scenario(FULL).digest
    assert "refuted" in scenario.story["en"]
    assert "refutad" in scenario.story["es"]


def test_every_ablation_extends_the_full_model_by_its_name() -> None:
    for path in FILES:
        assert tomllib.loads(path.read_text(encoding="utf-8"))["extends"] == FULL, path.name


def test_ablations_take_out_what_the_variants_of_their_name_do() -> None:
    plan = tomllib.loads((FOLDER.parent / "calibration" / "plan.toml").read_text(encoding="utf-8"))
    variants, files = plan["variants"], {path.stem: path for path in FILES}
    common = set(variants) & set(files)
    # With the gangs' answers dated, their hazard has no part: to take it out would change nothing.
    assert set(variants) - common == {"no-unasked-orders", "first-generation-rules"}
    for name in common:
        given = tomllib.loads(files[name].read_text(encoding="utf-8"))
        assert given["parameters"] == variants[name], name


def test_without_the_gangs_answers_all_else_stays() -> None:
    full, without = load_scenario(FULL), load_scenario(FOLDER / "no-gang-answers.toml")
    kept = [event for event in full.events if event.kind != "answer"]
    assert len(kept) < len(full.events)
    assert list(without.events) == kept
    assert without.start == full.start


def test_a_channel_never_cut_is_open_from_the_truce_on() -> None:
    (step,) = [
        event.set["channel"]
        for event in load_scenario(FOLDER / "channel-never-cut.toml").events
        if "channel" in event.set
    ]
    assert step == CONDITIONS["channel"].choices.index("open")


def test_no_two_ablations_are_the_same() -> None:
    assert len({load_scenario(path).digest for path in FILES}) == len(FILES) > 10


def test_the_experiment_holds_all_of_them_against_every_pattern() -> None:
    experiment = load_experiment("ablations")
    assert experiment.scenarios == (FULL, *(f"ablations/{path.name}" for path in FILES))
    assert experiment.rules == {f"ablations/{name}.toml": name for name in RULES}
    known = [name for name, entry in patterns.REGISTRY.items() if entry.estimate]
    assert list(experiment.outcomes) == known
    assert reports.fits(experiment)
    reports.check(experiment)
    # Each is in the wheel, which lists them one by one.
    project = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    put = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for path in FILES:
        assert put[f"experiments/ablations/{path.name}"] == (
            f"trucesim/experiments/ablations/{path.name}"
        )


def test_committed_results_are_those_of_the_experiment() -> None:
    experiment = load_experiment("ablations")
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["digest"] == experiment.digest
    cases = [FULL, *(path.stem for path in FILES)]
    assert list(pd.read_csv(FOLDER / "scores.csv")["ablation"]) == cases
    table = pd.read_csv(FOLDER / "ablations.csv")
    assert list(dict.fromkeys(table["ablation"])) == cases
    assert set(table["pattern"]) <= set(experiment.outcomes)
    report = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in cases:
        assert f"(`{name}`)" in report, name


# --- Rules --------------------------------------------------------------------------------------


def test_rules_replace_rules_of_their_name() -> None:
    assert {name: set(check(rules)) for name, rules in RULES.items()} == {
        "no-hierarchy": {"command"},
        "no-learning": {"learn"},
        "random-zones": {"sign"},
        "word-of-mouth": {"decide"},
    }


def test_without_hierarchy_nothing_stands_behind_an_order() -> None:
    leadership: Any = np.zeros(1, Leadership.dtype).view(np.recarray)[0]
    leadership.members, leadership.prisoners, leadership.ordered = 10, 5, 7.0
    now: Any = SimpleNamespace(
        order=[1.0], order_of=[0.0], ordered=[8.0], channel=[0.0], guarantor=1.0, minister=0.0,
        privileges=1.0, funds=0.0,
    )  # fmt: skip
    p: Any = SimpleNamespace(
        **point_values() | {"guarantor_floor": 0.5, "release_rate": 0.2, "sanction": 3.0}
    )
    ablation.command_as_news(leadership, now, p, 0.5)
    assert (leadership.order, leadership.reach, leadership.terms) == (1, 1.0, 0.0)
    assert (leadership.assurance, leadership.returning) == (0.5, 0.1)
    leadership.strength = 0.25
    ablation.command_as_news(leadership, now, p, 0.5)
    assert leadership.reach == 0.25


def test_by_word_of_mouth_only_who_is_near_is_heard() -> None:
    force: Any = SimpleNamespace(deterrence=0.0)
    leadership: Any = SimpleNamespace(order=1, reach=0.0, terms=5.0, assurance=0.0)
    p: Any = SimpleNamespace(**point_values() | {"trust_weight": 1.0, "local_gain": 0.0})
    now: Any = None

    def obeys(held: float, u: float, order: int = 1, *, pact: bool = False) -> bool:
        clique: Any = np.zeros(1, Clique.dtype).view(np.recarray)[0]
        clique.trust = 0.5
        place: Any = SimpleNamespace(
            members=[10], members_beside=[10], holding=[held], holding_beside=[0], terms=0.0,
            contact=[0.0], pact=pact, grip=0.2,
        )  # fmt: skip
        leadership.order = order
        ablation.decide_by_word_of_mouth(clique, place, leadership, force, now, p, u)
        return bool(clique.complies)

    assert not obeys(held=0, u=0.5)
    assert obeys(held=0, u=0.01)  # a pioneer
    assert obeys(held=10, u=0.7)
    assert not obeys(held=10, u=0.7, order=0)
    assert obeys(held=0, u=0.1, order=0, pact=True)
    assert not obeys(held=10, u=0.7, order=0, pact=True)


def test_drawn_zones_sign_and_the_army_leaves_the_first_four() -> None:
    place: Any = SimpleNamespace(zone_day=ablation.FIRST, zone=False, army_leaves_day=-1)
    ablation.sign_as_drawn(place, ablation.FIRST - 1)
    assert (place.zone, place.army_leaves_day) == (False, -1)
    ablation.sign_as_drawn(place, ablation.FIRST)
    assert (place.zone, place.army_leaves_day) == (True, ablation.FIRST)
    later: Any = SimpleNamespace(zone_day=ablation.SECOND, zone=False, army_leaves_day=-1)
    ablation.sign_as_drawn(later, ablation.SECOND)
    assert (later.zone, later.army_leaves_day) == (True, -1)


def test_keys_tell_rules_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    given = (load_scenario(FULL), load_country(), 1, "posterior", None)
    plain = key_of(*given)
    assert plain == key_of(*given, {}, rules_digest(""))
    digests = {name: rules_digest(name) for name in RULES}
    assert len({plain, *(key_of(*given, {}, told) for told in digests.values())}) == 5
    # By their definitions: what a name stands for counts.
    monkeypatch.setitem(RULES, "no-learning", RULES["word-of-mouth"])  # type: ignore[arg-type]
    assert rules_digest.__wrapped__("no-learning") == digests["word-of-mouth"]


# --- An axis of an experiment -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ('truce-2021 = "no-learning"',
         ": rules: 'truce-2021' is not among scenarios (did you mean 'truce-2012'?)"),
        ('truce-2012 = "no-lerning"',
         ": rules: no set of rules 'no-lerning' (did you mean 'no-learning'?)"),
        ('truce-2012 = "rules.py"', ": rules: no set of rules 'rules.py'; there are no-hierarchy"),
        ("truce-2012 = 3", ": rules.truce-2012 = 3"),
        ('truce-2012 = { learn = "x" }', ": rules.truce-2012 = a table"),
    ],
)  # fmt: skip
def test_wrong_rules_are_explained(rules: str, told: str, tmp_path: Path) -> None:
    text = RULED.replace('as-recorded = "no-learning"', rules)
    line = text[: text.index(rules)].count("\n") + 1
    with pytest.raises(InputError) as caught:
        load_experiment(write(tmp_path, text))
    assert str(caught.value).startswith(f"small.toml:{line}{told}")


def test_the_schema_names_the_sets() -> None:
    assert schema()["properties"]["rules"]["additionalProperties"]["enum"] == [*RULES]


def test_rules_are_part_of_what_a_file_asks_for(tmp_path: Path) -> None:
    ruled = load_experiment(write(tmp_path, RULED))
    text = RULED.replace('[rules]\nas-recorded = "no-learning"\n', "")
    assert ruled.digest != load_experiment(write(tmp_path, text)).digest
    design = points(ruled)
    assert [design.rules(point) for point in range(2)] == ["", "no-learning"]
    names = called(design)
    assert names[1] == design.bases[FULL].title["en"] + " (rules: no-learning)"
    assert "rules" not in names[0]
    shipped = points(load_experiment("ablations"))
    assert "No learning" in called(shipped).values()  # says it already


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    folder = tmp_path_factory.mktemp("ruled")
    experiment = load_experiment(write(folder, RULED))
    return run_sweep(experiment, folder / "sweep", workers=2, seconds=0.1)


@pytest.mark.slow
def test_a_sweep_with_rules_is_a_run_with_rules(ruled: Sweep) -> None:
    experiment = ruled.experiment
    part = load_country().subset(HERE)

    def made(scenario: Scenario, rules: str) -> Any:
        return run(
            scenario, 10, 3, rules=RULES.get(rules), country=part, until=experiment.until,
            detail="none",
        )  # fmt: skip

    changed = {}
    for point, name in enumerate(experiment.scenarios):
        rules = experiment.rules.get(name, "")
        scenario = load_scenario(name)
        results = made(scenario, rules)
        own = ruled.select([point])
        for each in ("reduction_2011", "recorded_2013", "true_2013"):
            estimate = outcome(each).estimate
            assert estimate is not None
            np.testing.assert_array_equal(own[each], estimate(results))
        np.testing.assert_array_equal(
            ruled.months([point]).drop(columns=["point", "run"]), results["recorded_national"]
        )
        # The counterfactual lives by the same rules.
        paired = outcome("averted_no_truce")
        counted = outcome(paired.counted).estimate
        assert counted is not None
        assert paired.compare is not None
        without = counted(made(without_truce(scenario), rules))
        averted = paired.compare(counted(results), without)
        np.testing.assert_array_equal(own["averted_no_truce"], averted)
        changed[point] = own["recorded_2013"].to_numpy()
    # Until 2016 the two scenarios are the same: what differs, the rules do.
    assert (changed[0] != changed[1]).any()


@pytest.mark.slow
def test_a_sweep_with_rules_opens_again(ruled: Sweep) -> None:
    again = open_sweep(ruled.folder)
    assert again.experiment.rules == {FULL: "no-learning"}
    assert again.points().rules(1) == "no-learning"


# --- Scores -------------------------------------------------------------------------------------


def test_change_is_paired() -> None:
    full = np.random.default_rng(1).normal(100.0, 30.0, 50)
    found = ablation.change(full + 1.0, full, tests=30)
    # What partners share cancels: a change far below their spread is seen.
    assert found["effect_low"] == pytest.approx(1.0)
    assert found["change_low"] == pytest.approx(1.0)
    same = ablation.change(full, full, tests=30)
    assert set(same.values()) == {0.0}


def test_cases_are_paired_by_run() -> None:
    runs = pd.DataFrame({"point": [0] * 10 + [1] * 9, "run": [*range(10), *range(9)]})
    runs["plateau_daily_mean"] = 6.0
    with pytest.raises(InputError, match="b: other run numbers than those of a"):
        ablation.score(runs, {0: "a", 1: "b"})
    with pytest.raises(InputError, match="b: 9 runs; 10 at least"):
        ablation.score(runs, {1: "b"})
    # A point that failed has no runs, and is left out.
    (alone,) = ablation.score(runs[runs["point"] == 0], {0: "a", 1: "b"})
    assert alone.name == "a"
    assert list(alone.distances.index) == ["plateau_daily_mean"]


TRIAL = """
title = { en = "Trial", es = "Prueba" }
story = { en = "Two of them.", es = "Dos de ellas." }
scenarios = ["as-recorded", "own/no-sanction.toml", "own/no-zones.toml"]
replicates = 10
monthly = false
outcomes = ["plateau_daily_mean", "first_14_days_daily_mean", "daily_mean_2014"]

[design]
kind = "factorial"
"""


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trial")
    file = write(folder, TRIAL, "trial.toml")
    for name in ("no-sanction", "no-zones"):
        write(folder / "own", (FOLDER / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")
    assert cli.main(["sensitivity", str(file), "--out", str(folder / "sweep")]) == 0
    return folder / "sweep"


def test_the_command_writes_tables_figures_and_report(trial: Path) -> None:
    out = trial / "sensitivity"
    assert {path.relative_to(out).as_posix() for path in out.rglob("*.*")} == {
        "ablations.csv", "scores.csv", "README.md", "manifest.json",
        "figures/ablations_en.png",
    }  # fmt: skip
    table = pd.read_csv(out / "ablations.csv")
    assert list(dict.fromkeys(table["ablation"])) == [FULL, "no-sanction", "no-zones"]
    own = table[table["ablation"] == FULL]
    assert not own[["change", "effect", "moves"]].any(axis=None)
    assert not own[["lost", "gained"]].any(axis=None)
    level = table.set_index(["ablation", "pattern"]).loc[("no-sanction", "plateau_daily_mean")]
    assert level["effect"] > 0
    assert level["effect_low"] < level["effect"] < level["effect_high"]
    assert level["p05"] <= level["median"] <= level["p95"]
    # Before there is a zone, a run without zones is a run with them.
    before = table[table["pattern"].eq("first_14_days_daily_mean")].set_index("ablation")
    assert before.loc["no-zones", "effect"] == 0.0
    scores = pd.read_csv(out / "scores.csv").set_index("ablation")
    assert scores.loc["no-sanction", "fit_distance"] > scores.loc[FULL, "fit_distance"]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["experiment"] == "trial"
    assert str(trial) not in json.dumps(manifest)
    report = (out / "README.md").read_text(encoding="utf-8")
    assert "A mechanism that earns nothing" in report
    assert "never used to choose" in report
    assert "figures/ablations_en.png" in report


def test_scores_are_those_of_runs(trial: Path) -> None:
    results = run(FULL, 10, 1, detail="none")
    held = patterns.compare(results).set_index("id")
    table = pd.read_csv(trial / "sensitivity" / "ablations.csv")
    own = table[table["ablation"] == FULL].set_index("pattern")
    for ours, theirs in (("median", "simulated_median"), ("p05", "simulated_p05"),
                         ("observed", "observed")):  # fmt: skip
        np.testing.assert_allclose(own[ours], held.loc[own.index, theirs], rtol=1e-5)
    assert own["inside"].to_list() == held.loc[own.index, "inside"].to_list()
    fitted = [name for name in own.index if name in patterns.fit_ids()]
    distance = patterns.fit_distance(results, fitted)
    np.testing.assert_allclose(own.loc[fitted, "fit_distance"], distance, rtol=1e-5)


def test_the_report_speaks_spanish(trial: Path) -> None:
    found = reports.analyse(open_sweep(trial))
    written = in_language("es", reports.write, found, trial / "informe")
    assert trial / "informe" / "figures" / "ablations_es.png" in written
    told = (trial / "informe" / "README.md").read_text(encoding="utf-8")
    assert "**Modelo completo** (`as-recorded`)" in told
    assert "Sin sanción (`no-sanction`)" in told
    assert "mechanism" not in told.replace("`", "")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("replicates = 10", "replicates = 3", "replicates = 3; 10 at least"),
        ("replicates = 10", 'replicates = 10\ndepartments = ["La Paz"]', "are the country's"),
        (f', "{FOLDER.as_posix()}/no-sanction.toml", "{FOLDER.as_posix()}/no-zones.toml"', "",
         "one case alone"),
    ],
)  # fmt: skip
def test_wrong_input_is_explained(
    before: str, after: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, TRIAL.replace("own/", f"{FOLDER.as_posix()}/").replace(before, after))
    assert cli.main(["sensitivity", str(file), "--out", str(tmp_path / "out")]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_shift_from_runs_that_all_agree_has_no_size() -> None:
    runs = pd.DataFrame({"point": [0] * 10 + [1] * 10, "run": [*range(10)] * 2})
    runs["plateau_daily_mean"] = runs["point"] + 5.0
    cases = ablation.score(runs, {0: "a", 1: "b"})
    table = ablation.tabulate(cases)
    assert table["moves"].to_list() == [0, 1]
    moved = ablation.summarise(cases, table).set_index("ablation").loc["b"]
    assert (moved["moved"], moved["largest_shift_of"]) == (1, "")
    assert np.isnan(moved["largest_shift"])
