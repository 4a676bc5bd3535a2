"""Experiment files, the designs they lay out, and the outcomes they name."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import kstest
from spoken import in_language
from sweeps import SMALL, write

from trucesim import cli, load_scenario, run
from trucesim.files.errors import InputError
from trucesim.outcomes import registry
from trucesim.outcomes.patterns import REGISTRY
from trucesim.parameters import PARAMETERS, uncertain
from trucesim.scenario.change import with_settings
from trucesim.scenario.scenario import Scenario
from trucesim.studies.experiment import load_experiment, points
from trucesim.studies.experiment.design import apply, read_column
from trucesim.studies.experiment.file import (
    Experiment,
    Lever,
    experiment_directory,
    schema,
    shipped,
)
from trucesim.world import calendar
from trucesim.world.country import Country

BASE = """
title = { en = "T", es = "T" }
story = { en = "S", es = "S" }
scenarios = ["truce-2012"]
outcomes = ["recorded_2013"]
replicates = 2
"""

FACTORIAL = '[design]\nkind = "factorial"\n'

START = """
[[lever]]
name = "start"
date_of = "guarantor"
values = ["never", 2012-03-09, 2012-07-12]
"""

DAYS = """
[[lever]]
name = "days"
date_of = "guarantor-leaves"
days_after = "guarantor"
values = [180, 365]
"""


def load(tmp_path: Path, text: str) -> Experiment:
    return load_experiment(write(tmp_path, text))


def dates(scenario: Scenario) -> dict[str, dt.date]:
    return {event.id: event.date for event in scenario.events}


# --- Shipped ones -------------------------------------------------------------------------------


def test_the_experiments_that_are_asked_for_are_shipped() -> None:
    assert {
        "zones", "guarantor", "funds", "repression", "neighbours", "sensitivity-morris",
        "sensitivity-sobol", "collapse",
    } <= set(shipped())  # fmt: skip
    # Each is in the wheel, which lists them one by one.
    project = (experiment_directory().parent / "pyproject.toml").read_text(encoding="utf-8")
    for name in shipped():
        assert f'"experiments/{name}.toml" = "trucesim/experiments/{name}.toml"' in project


@pytest.mark.parametrize("name", shipped())
def test_shipped_experiments_lay_out(name: str) -> None:
    experiment = load_experiment(name)
    # Shares of variance are those of the ten factors alone: nothing else is to vary.
    assert experiment.parameters == ("point" if name == "sensitivity-sobol" else "posterior")
    for text in (experiment.title, experiment.story):
        assert text["en"] != text["es"]
        assert all(len(each) > 10 for each in text.values())
    assert experiment.sources
    design = points(experiment)
    assert 6 <= len(design) <= 5_000
    for lever in experiment.levers:
        assert lever.label is not None
        assert lever.label["en"] != lever.label["es"]
    digests = {design.scenario(point).digest for point in range(min(len(design), 40))}
    if experiment.levers or len(experiment.scenarios) > 1:
        assert len(digests) > 1
    else:
        assert len(design.factors) > 5


def test_neighbours_asks_for_as_many_zones_each_way() -> None:
    design = points(load_experiment("neighbours"))
    for _, rows in design.frame.groupby("capacity"):
        assert sorted(rows["choice"]) == ["neighbours", "random", "violence"]
    results = [
        run(design.scenario(int(point)), 3, detail="none", until=dt.date(2014, 1, 31))
        for point in design.frame.index[design.frame["capacity"] == 2.0]
    ]
    zones = [registry.evaluate(_ordered(each), ["zones_2013"])[:, 0] for each in results]
    assert zones[0].min() > 8
    for other in zones[1:]:  # one fewer where San Salvador is asked before its own day
        assert (np.abs(zones[0] - other) <= 1).all()


def _ordered(results: xr.Dataset, month: int = 38) -> xr.Dataset:
    return results.assign(order_month=("run", np.full(results.sizes["run"], month)))


# --- Factorials, lists and levers ---------------------------------------------------------------


def test_a_factorial_combines_everything(tmp_path: Path) -> None:
    text = BASE.replace('["truce-2012"]', '["truce-2012", "guarantor-stays"]')
    design = points(load(tmp_path, text + START + FACTORIAL))
    found = list(design.frame.itertuples(index=False, name=None))
    days = ("never", dt.date(2012, 3, 9), dt.date(2012, 7, 12))
    assert found == list(product(("truce-2012", "guarantor-stays"), days))
    assert design.frame.index.name == "point"
    for point, (name, day) in enumerate(found):
        scenario, base = design.scenario(point), load_scenario(name)
        moved = dates(scenario)
        if day == "never":
            assert "guarantor" not in moved
            expected = {k: v for k, v in dates(base).items() if k != "guarantor"}
        else:
            expected = {**dates(base), "guarantor": day}
        assert moved == expected
        assert [e.date for e in scenario.events] == sorted(e.date for e in scenario.events)
    # What is where it was is the scenario itself.
    assert design.scenario(2).digest == load_scenario("truce-2012").digest


def test_days_count_from_where_an_event_has_moved_to(tmp_path: Path) -> None:
    design = points(load(tmp_path, BASE + START + DAYS + FACTORIAL))
    for point, row in design.frame.iterrows():
        moved = dates(design.scenario(int(str(point))))
        if row["start"] == "never":
            assert "guarantor" not in moved
            assert "guarantor-leaves" not in moved
        else:
            days = (moved["guarantor-leaves"] - moved["guarantor"]).days
            assert days == row["days"]
            assert moved["guarantor"] == row["start"]


def test_conditions_and_parameters_are_set(tmp_path: Path) -> None:
    text = BASE.replace('"truce-2012"', '"zones-extended-to-neighbours"')
    text += """
[[lever]]
name = "choice"
condition = "extension_choice"
event = "extension-begins"
values = ["violence"]
[[lever]]
name = "funded"
condition = "funds"
from = 2013-06-01
values = [true]
[[lever]]
name = "branching"
parameter = "branching"
values = [0.5]
"""
    design = points(load(tmp_path, text + FACTORIAL))
    scenario = design.scenario(0)
    begins = next(event for event in scenario.events if event.id == "extension-begins")
    assert begins.set == {"extension_capacity": 4.0, "extension_choice": 1.0}
    funds = next(event for event in scenario.events if event.id == "lever-funded")
    assert (funds.date, funds.set) == (dt.date(2013, 6, 1), {"funds": 1.0})
    # On a day on which the scenario itself sets something, the lever has the last word.
    assert [e.id for e in scenario.events if e.date == funds.date][-1] == "lever-funded"
    assert scenario.parameters["branching"] == 0.5
    as_settings = with_settings(
        load_scenario("zones-extended-to-neighbours"),
        ["branching=0.5", "funds=true@2013-06-01", "extension_choice=violence@2013-04-06"],
    )
    country = load_experiment("zones").country
    np.testing.assert_array_equal(scenario.timeline(country), as_settings.timeline(country))
    assert scenario.parameters == as_settings.parameters


def test_a_list_leaves_what_it_does_not_name(tmp_path: Path) -> None:
    text = (
        BASE.replace('["truce-2012"]', '["truce-2012", "no-guarantor"]')
        + """
[[lever]]
name = "start"
date_of = "guarantor"
[[lever]]
name = "branching"
parameter = "branching"
[design]
kind = "list"
point = [
  { scenario = "no-guarantor" },
  { scenario = "truce-2012", start = 2013-01-01 },
  { scenario = "truce-2012", branching = 0.25 },
]
"""
    )
    design = points(load(tmp_path, text))
    assert design.frame["start"].tolist() == [None, dt.date(2013, 1, 1), None]
    assert design.scenario(0).digest == load_scenario("no-guarantor").digest
    assert dates(design.scenario(1))["guarantor"] == dt.date(2013, 1, 1)
    assert design.scenario(2).parameters == {"branching": 0.25}
    assert design.settings(1) == {"start": dt.date(2013, 1, 1)}


def test_a_design_reads_back_from_its_table(tmp_path: Path) -> None:
    for name in ("guarantor", "zones", "neighbours", "collapse"):
        experiment = load_experiment(name)
        frame = points(experiment).frame
        path = tmp_path / f"{name}.csv"
        frame.to_csv(path)
        text = pd.read_csv(path, index_col="point", dtype=str, keep_default_na=False)
        for lever in experiment.levers:
            again = read_column(text[lever.name], lever)
            assert again.tolist() == frame[lever.name].tolist()
        for each in experiment.uncertainties:
            assert read_column(text[each], None).tolist() == frame[each].tolist()


def test_scenarios_beside_the_file_are_found(tmp_path: Path) -> None:
    own = """
extends = "truce-2012"
title = { en = "Mine", es = "Mío" }
story = { en = "S", es = "S" }
drop = ["hostile-minister"]
"""
    write(tmp_path / "mine", own, "own.toml")
    text = BASE.replace('["truce-2012"]', '["mine/own.toml"]')
    scenario = points(load(tmp_path, text + FACTORIAL)).scenario(0)
    assert "hostile-minister" not in dates(scenario)


# --- Designs that spread --------------------------------------------------------------------------

SPREAD = (
    BASE
    + """
[[lever]]
name = "start"
date_of = "guarantor"
low = 2012-03-09
high = 2012-03-12
[[lever]]
name = "capacity"
condition = "repression"
from = 2013-06-01
low = 0.5
high = 2.0
[[lever]]
name = "soldiers"
condition = "soldiers"
from = 2013-06-01
low = 5000
high = 5002
"""
)


def test_a_latin_hypercube_fills_every_slice(tmp_path: Path) -> None:
    names = ["members_at_liberty", "clash_level"]
    text = SPREAD + '[design]\nkind = "latin-hypercube"\npoints = 60\n'
    text = text.replace("replicates = 2", f"replicates = 2\nuncertainties = {json.dumps(names)}")
    design = points(load(tmp_path, text))
    assert design.unit.shape == (60, 5)
    assert design.problem is None
    for column in design.unit.T:  # one point in each slice of each axis
        assert sorted(np.floor(column * 60)) == list(range(60))
    frame = design.frame
    assert set(frame["start"]) == {dt.date(2012, 3, day) for day in (9, 10, 11, 12)}
    assert set(frame["soldiers"]) == {5000.0, 5001.0, 5002.0}
    assert frame["capacity"].between(0.5, 2.0).all()
    for name in names:
        each = PARAMETERS[name]
        assert frame[name].between(each.low, each.high).all()
    # A log-uniform prior is spread evenly in logarithms.
    clash = PARAMETERS["clash_level"]
    assert clash.prior == "log-uniform"
    even = np.log(frame["clash_level"] / clash.low) / np.log(clash.high / clash.low)
    assert kstest(even, "uniform").pvalue > 0.5
    point = design.overrides(7)
    assert point == {name: frame[name][7] for name in names}
    assert "clash_level" not in design.scenario(7).parameters


def test_every_scenario_visits_the_same_sample(tmp_path: Path) -> None:
    text = SPREAD.replace('["truce-2012"]', '["truce-2012", "guarantor-stays"]')
    design = points(load(tmp_path, text + '[design]\nkind = "latin-hypercube"\npoints = 8\n'))
    assert len(design) == 16
    first, second = design.frame[:8], design.frame[8:].reset_index(drop=True)
    assert first["scenario"].unique().tolist() == ["truce-2012"]
    pd.testing.assert_frame_equal(
        first.drop(columns="scenario"), second.drop(columns="scenario"), check_names=False
    )


def test_samples_follow_the_seed(tmp_path: Path) -> None:
    for kind in ("latin-hypercube", "sobol", "morris"):
        size = "trajectories = 4" if kind == "morris" else "points = 4"
        text = SPREAD + f'[design]\nkind = "{kind}"\n{size}\n'
        one, two = (points(load(tmp_path, text)).unit for _ in range(2))
        np.testing.assert_array_equal(one, two)
        other = points(load(tmp_path, text.replace("replicates", "seed = 9\nreplicates"))).unit
        assert not np.array_equal(one, other)


def test_a_sobol_design_is_saltellis(tmp_path: Path) -> None:
    design = points(load(tmp_path, SPREAD + '[design]\nkind = "sobol"\npoints = 16\n'))
    assert len(design) == 16 * (3 + 2)
    blocks = design.unit.reshape(16, 5, 3)
    for block in blocks:  # A, then A with one column from B each, then B
        a, b = block[0], block[-1]
        for column in range(3):
            mixed = a.copy()
            mixed[column] = b[column]
            np.testing.assert_array_equal(block[1 + column], mixed)
    assert design.problem is not None
    assert design.problem["names"] == ["start", "capacity", "soldiers"]


def test_morris_moves_one_factor_at_a_time(tmp_path: Path) -> None:
    text = BASE.replace("replicates = 2", 'replicates = 2\nuncertainties = "all"')
    design = points(load(tmp_path, text + '[design]\nkind = "morris"\ntrajectories = 3\n'))
    count = len(uncertain())
    assert [f.name for f in design.factors] == [each.name for each in uncertain()]
    assert len(design) == 3 * (count + 1)
    for path in design.unit.reshape(3, count + 1, count):
        moved = np.diff(path, axis=0) != 0
        assert (moved.sum(axis=1) == 1).all()
        assert (moved.sum(axis=0) == 1).all()
    assert {factor.kind for factor in design.factors} == {"uncertainty"}
    assert all(factor.label["en"] and factor.label["es"] for factor in design.factors)


# --- Wrong input ----------------------------------------------------------------------------------

VALUES = '[[lever]]\nname = "x"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "small.toml: the file is empty"),
        ("title = ", "not valid TOML"),
        (BASE, "design is missing"),
        (BASE.replace("outcomes", "outcome") + FACTORIAL,
         "outcome.0 = 'recorded_2013': it must be a table"),
        (BASE + '[design]\nkind = "factoral"\n', "design.kind = 'factoral'"),
        (BASE.replace("recorded_2013", "reduction_2012") + FACTORIAL,
         "no outcome 'reduction_2012' (did you mean 'reduction_2011'?)"),
        (BASE.replace("recorded_2013", "recorded_2018") + FACTORIAL, "recorded_2018: 2018"),
        (BASE.replace("recorded_2013", "recorded_2013-13") + FACTORIAL, "month must be in 1..12"),
        (BASE.replace("recorded_2013", "true_2013-01-05") + FACTORIAL[:0] + "until = 2012-06-01\n"
         + FACTORIAL, "covers only the months"),
        (BASE.replace('["recorded_2013"]', "[]") + FACTORIAL, "outcomes"),
        (BASE.replace('["recorded_2013"]', '["recorded_2013", "recorded_2013"]') + FACTORIAL,
         "'recorded_2013' is named twice"),
        (BASE + "until = 2018-01-01\n" + FACTORIAL, "until = 2018-01-01 is outside the run"),
        (BASE + "until = 2013-06-01\n" + FACTORIAL, "recorded_2013: 2013"),
        (BASE + 'parameters = "posteror"\n' + FACTORIAL, "(did you mean 'posterior'?)"),
        (BASE.replace("replicates = 2", "replicates = 0") + FACTORIAL, "replicates = 0"),
        (BASE.replace("replicates = 2", "replicates = 2.5") + FACTORIAL, "replicates = 2.5"),
        (BASE + 'departments = ["La Pas"]\n' + FACTORIAL, "(did you mean 'La Paz'?)"),
        (BASE.replace("truce-2012", "truce-2021") + FACTORIAL,
         "no scenario 'truce-2021' (did you mean 'truce-2012'?)"),
        # levers
        (BASE + START.replace('"guarantor"', '"guarantr"') + FACTORIAL,
         "the scenario has no event 'guarantr' (did you mean 'guarantor'?)"),
        (BASE.replace('["truce-2012"]', '["truce-2012", "no-guarantor"]') + START + FACTORIAL,
         "scenario no-guarantor with start = never: lever 'start': the scenario has no event"),
        (BASE + DAYS.replace('days_after = "guarantor"', 'days_after = "guarantors"') + FACTORIAL,
         "has no event 'guarantors'"),
        (BASE + START.replace("2012-03-09", "2018-03-09") + FACTORIAL,
         "2018-03-09 is outside the run"),
        (BASE + START.replace("2012-03-09", '"2012-03-09"') + FACTORIAL, "it must be a date"),
        (BASE + START.replace("2012-03-09", "2012-03-09T10:00:00") + FACTORIAL,
         "it must be a date"),
        (BASE + DAYS.replace("365", "2000") + FACTORIAL,
         "moves 'guarantor-leaves': 2018-01-02 is outside the run"),
        (BASE + DAYS.replace("365", "-1") + FACTORIAL, "a whole number from 0"),
        (BASE + START + START + FACTORIAL, "another column has this name"),
        (BASE + START.replace('"start"', '"Start"') + FACTORIAL, "lever.0.name = 'Start'"),
        (BASE + START.replace("date_of", 'parameter = "branching"\ndate_of') + FACTORIAL,
         "give one of date_of, condition and parameter, not date_of and parameter"),
        (BASE + VALUES + "values = [1]\n" + FACTORIAL, "not none"),
        (BASE + VALUES + 'parameter = "branchin"\nvalues = [0.5]\n' + FACTORIAL,
         "no parameter 'branchin' (did you mean 'branching'?)"),
        (BASE + VALUES + 'parameter = "funds"\nvalues = [true]\n' + FACTORIAL,
         "funds is a dated condition"),
        (BASE + VALUES + 'condition = "branching"\nfrom = 2013-01-01\nvalues = [0.5]\n' + FACTORIAL,
         "branching is a parameter"),
        (BASE + VALUES + 'condition = "funds"\nvalues = [true]\n' + FACTORIAL,
         "say from which date on the condition holds"),
        (BASE + VALUES + 'condition = "funds"\nfrom = 2019-01-01\nvalues = [true]\n' + FACTORIAL,
         "from = 2019-01-01 is outside the run"),
        (BASE + VALUES + 'condition = "funds"\nevent = "truce"\nvalues = [true]\n' + FACTORIAL,
         "the event 'truce' does not set funds; it sets order, order_of, channel, privileges"),
        (BASE + VALUES + 'parameter = "branching"\nvalues = [2.0]\n' + FACTORIAL,
         "branching = 2.0, but it must be a number from 0 to 0.95"),
        (BASE + VALUES + 'parameter = "branching"\nvalues = [[0.1]]\n' + FACTORIAL,
         "a list, but it must be a number"),
        (BASE + VALUES + 'parameter = "branching"\nvalues = [0.1, 0.1]\n' + FACTORIAL,
         "0.1 is named twice"),
        (BASE + VALUES + 'parameter = "branching"\nlow = 0.1\n' + FACTORIAL,
         "a factorial combines values"),
        (BASE + VALUES + 'parameter = "branching"\nvalues = [0.1]\n'
         + '[design]\nkind = "sobol"\npoints = 8\n', "spreads low to high"),
        (BASE + VALUES + 'condition = "extension_choice"\nfrom = 2013-01-01\n'
         + '[design]\nkind = "sobol"\npoints = 8\n', "is a choice"),
        (BASE + VALUES + 'parameter = "branching"\nlow = 0.5\nhigh = 0.5\n'
         + '[design]\nkind = "sobol"\npoints = 8\n', "low (0.5) must lie below high (0.5)"),
        (BASE + VALUES + 'date_of = "guarantor"\nlow = 2013-01-01\n'
         + '[design]\nkind = "sobol"\npoints = 8\n', "high is missing"),
        # a truce after its zones
        (BASE + VALUES + 'date_of = "truce"\nvalues = [2014-01-01]\n' + FACTORIAL,
         "x = 2014-01-01: the zone 0607 is declared on 2013-01-22, but the truce starts on"),
        # designs
        (BASE + '[design]\nkind = "sobol"\npoints = 100\nx = 1\n', "unknown key 'design.x'"),
        (SPREAD + '[design]\nkind = "sobol"\npoints = 100\n', "a power of two"),
        (SPREAD + '[design]\nkind = "morris"\n', "design.trajectories is missing"),
        (SPREAD + '[design]\nkind = "morris"\ntrajectories = 4\nlevels = 5\n', "must be even"),
        (SPREAD + '[design]\nkind = "morris"\ntrajectories = 4\npoints = 5\n',
         "design.points does not go with kind = 'morris'"),
        (BASE + '[design]\nkind = "sobol"\npoints = 8\n', "nothing to spread"),
        (BASE + 'uncertainties = "all"\n' + FACTORIAL, "draws them run by run"),
        (BASE + 'uncertainties = ["brnching"]\n[design]\nkind = "sobol"\npoints = 8\n',
         "no uncertain parameter 'brnching' (did you mean 'branching'?)"),
        (BASE + 'uncertainties = ["police"]\n[design]\nkind = "sobol"\npoints = 8\n',
         "no uncertain parameter 'police'"),
        (BASE + 'uncertainties = "some"\n[design]\nkind = "sobol"\npoints = 8\n',
         "uncertainties = 'some'"),
        (BASE + 'uncertainties = ["branching"]\n' + VALUES + 'parameter = "branching"\n'
         + '[design]\nkind = "sobol"\npoints = 8\n', "branching is a lever already"),
        (BASE + START.replace("values", "#") + '[design]\nkind = "list"\n',
         "design.point is missing"),
        (BASE + START + '[design]\nkind = "list"\npoint = [{ start = 2013-01-01 }]\n',
         "in a list, its values stand in"),
        (BASE + START.replace("values", "#") + '[design]\nkind = "list"\npoint = [{ strt = 1 }]\n',
         "unknown key 'strt' (did you mean 'start'?)"),
        (BASE + START.replace("values", "#")
         + '[design]\nkind = "list"\npoint = [{ scenario = "no-truce" }]\n',
         "'no-truce' is not among scenarios"),
        (BASE + START.replace("values", "#") + '[design]\nkind = "list"\npoint = [{}, {}]\n',
         "the same point stands twice"),
        (BASE.replace('["truce-2012"]', '["truce-2012", "no-truce"]')
         + '[design]\nkind = "list"\npoint = [{}]\n', "scenario is missing"),
        # sizes
        (BASE.replace("replicates = 2", "replicates = 1000000") + VALUES
         + 'parameter = "branching"\nvalues = [' + ", ".join(f"0.{n:03}" for n in range(20))
         + "]\n" + FACTORIAL, "20,000,000 runs; 10,000,000 at most"),
        (BASE + "".join(f'[[lever]]\nname = "x{n}"\nparameter = "branching"\nvalues = ['
                        + ", ".join(f"0.{k:03}" for k in range(400)) + "]\n" for n in range(2))
         + FACTORIAL, "160,000 design points; 100,000 at most"),
    ],
)  # fmt: skip
def test_wrong_files_are_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=re.escape(told)) as caught:
        points(load_experiment(path))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("small")
    assert len(message) < 1_500


def test_lines_are_told(tmp_path: Path) -> None:
    text = BASE + START + DAYS.replace("365", "-1") + FACTORIAL
    line = text[: text.index('name = "days"')].count("\n") + 1
    with pytest.raises(InputError, match=rf"^small\.toml:{line}: lever 'days': values: -1,"):
        load(tmp_path, text)


def test_unknown_and_missing_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sweep", "guarantr", "--out", str(tmp_path / "s")]) == 2
    assert "no experiment 'guarantr' (did you mean 'guarantor'?)" in capsys.readouterr().err
    assert cli.main(["sweep", str(tmp_path / "x.toml")]) == 2
    assert "no experiment file" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


def test_schema_knows_the_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema", "--experiment"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == schema()
    assert printed["additionalProperties"] is False
    lever = printed["$defs"]["LeverTable"]["properties"]
    assert "from" in lever
    assert "branching" in lever["parameter"]["enum"]
    assert set(printed["required"]) == {"title", "story", "scenarios", "design"}


# --- Outcomes -------------------------------------------------------------------------------------


def test_every_pattern_with_an_estimator_is_an_outcome(rich_results: xr.Dataset) -> None:
    names = [name for name, entry in REGISTRY.items() if entry.estimate is not None]
    values = registry.evaluate(_ordered(rich_results), names)
    assert values.shape == (4, len(names))
    for name in names:
        each = registry.outcome(name)
        assert each.label() == each.title
        assert each.label() != in_language("es", each.label)
        assert each.unit


def test_outcomes_of_periods(rich_results: xr.Dataset) -> None:
    names = ["recorded_2012-03-09..2012-04-03", "true_2013", "compliance_2013-05", "zones_2013"]
    found = dict(zip(names, registry.evaluate(_ordered(rich_results), names).T, strict=True))
    daily = rich_results["recorded_daily"].sel(day=slice("2012-03-09", "2012-04-03"))
    np.testing.assert_array_equal(found[names[0]], daily.sum("day").values)
    recorded = rich_results["recorded_national"].sel(month="2013").sum("month").values
    hidden = rich_results["hidden"].sel(month="2013").sum(["month", "kind"]).values
    np.testing.assert_array_equal(found["true_2013"], recorded + hidden)
    share = rich_results["compliance"].sel(month="2013-05-01").mean("gang").values
    np.testing.assert_allclose(found["compliance_2013-05"], share)
    zones = rich_results["zones"].sel(month="2013-12-01").values
    np.testing.assert_array_equal(found["zones_2013"], zones)
    label = registry.outcome("recorded_2012-03..2013-04").label
    assert "Mar 2012 to Apr 2013" in label()
    assert "mar 2012 a abr 2013" in in_language("es", label)


def test_aliases_are_the_patterns(rich_results: xr.Dataset) -> None:
    pairs = {"second_step": "second_step_ratio", "overshoot": "ratio_2015_2011"}
    results = _ordered(rich_results)
    for alias, pattern in pairs.items():
        np.testing.assert_array_equal(
            registry.evaluate(results, [alias]), registry.evaluate(results, [pattern])
        )


def _months(counts: list[list[float]], order: int = 38) -> xr.Dataset:
    return xr.Dataset(
        {
            "recorded_national": (("run", "month"), np.array(counts)),
            "order_month": ("run", np.full(len(counts), order)),
        },
        {"month": calendar.months()},
    )


def test_collapse_is_three_months_at_the_level_before() -> None:
    days = xr.DataArray(calendar.months()).dt.days_in_month.values
    steady = 10.0 * days  # ten a day throughout
    fallen = steady.copy()
    fallen[39:] *= 0.5
    brief = fallen.copy()
    brief[45:47] = steady[45:47]  # two months are no collapse
    back = fallen.copy()
    back[45:48] = steady[45:48]
    late = fallen.copy()
    late[60:] = steady[60:]  # months 60, 61 and 62 end within 24 months of month 38
    too_late = fallen.copy()
    too_late[61:] = steady[61:]
    almost = fallen.copy()
    almost[50:53] = 0.99 * steady[50:53]
    rows = [steady, fallen, brief, back, late, too_late, almost]
    found = registry.collapsed(_months([list(row) for row in rows]))
    assert found.tolist() == [1, 0, 0, 1, 1, 0, 0]
    assert np.isnan(registry.collapsed(_months([list(steady)], order=-1))).all()
    assert np.isnan(registry.collapsed(_months([list(steady)], order=11))).all()


def test_the_order_is_the_first(small: Country) -> None:
    assert load_scenario("truce-2012").order_month == 38
    assert load_scenario("no-truce").order_month == -1
    lever = Lever("t", None, "date", "truce")
    base = replace(load_scenario("national-truce-without-zones"))
    moved = apply(base, [lever], {"t": dt.date(2012, 5, 31)}, "here")
    assert moved.order_month == 40
    assert replace(base, start={"order": 1.0}).order_month == 0


def test_paired_outcomes_stand_on_what_is_counted() -> None:
    names = ["averted_no_truce", "recorded_2013", "reduction_no_truce"]
    counted = "recorded_2012-03-09..2013-10-31"
    assert registry.needed(names) == (counted, "recorded_2013")
    assert registry.counterfactual(names) == (counted,)
    assert registry.counterfactual(["recorded_2013"]) == ()
    own, without = np.array([50.0, 0.0]), np.array([80.0, 0.0])
    compare: Any = registry.outcome("averted_no_truce").compare
    assert compare(own, without).tolist() == [30.0, 0.0]
    percent: Any = registry.outcome("reduction_no_truce").compare
    assert percent(own, without)[0] == pytest.approx(37.5)
    assert np.isnan(percent(own, without)[1])


def test_small_is_a_good_experiment(tmp_path: Path) -> None:
    design = points(load(tmp_path, SMALL))
    assert len(design) == 8
