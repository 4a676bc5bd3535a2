"""What two cases answer: sizes, verdicts, the chain, and the assumption that decides most."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from trucesim import load_country, load_scenario, run
from trucesim.parameters import PARAMETERS
from trucesim.runs.sampling import parameters_of_runs
from trucesim.scenario.file import shipped
from trucesim.scenario.scenario import Scenario
from trucesim.studies import answer as answers
from trucesim.studies.answer import Answer, answer, decisive, of_hundred, where_it_lies
from trucesim.studies.questions import QUESTIONS, RECORD, stored

RUNS = 30
CASES = "truce-2012", "no-truce"

Made = tuple[xr.Dataset, xr.Dataset, tuple[Scenario, Scenario], np.ndarray]


@pytest.fixture(scope="module")
def made() -> Made:
    part = load_country().subset(["San Vicente"])
    cases = tuple(load_scenario(name) for name in CASES)
    a, b = (run(each, RUNS, 3, country=part) for each in cases)
    return a, b, (cases[0], cases[1]), parameters_of_runs(part, {}, 3, 0, RUNS)


@pytest.fixture(scope="module")
def found(made: Made) -> Answer:
    return answer(*made)


def test_it_counts_from_the_month_of_the_first_change(found: Answer, made: Made) -> None:
    a, b, cases, _ = made
    first = cases[1].changes_from(cases[0])
    assert first is not None
    assert found.period.start == first.replace(day=1)
    months = slice(str(first)[:7], None)
    own, other = (
        each["recorded_national"].sel(month=months).sum("month").values for each in (a, b)
    )
    assert (found.of_a, found.of_b) == (own.mean(), other.mean())
    assert found.mean == pytest.approx(found.of_a - found.of_b)
    assert (found.low, found.median, found.high) == tuple(
        np.quantile(own - other, (0.05, 0.5, 0.95))
    )
    assert found.fewer == (other < own).mean()
    before = found.months.iloc[: (a["month"] < np.datetime64(first.replace(day=1))).sum().item()]
    assert not before.to_numpy().any()
    whole = found.places.set_index("region")["difference_mean"]
    assert whole["zones"] + whole["beside"] + whole["elsewhere"] == pytest.approx(found.mean)
    assert whole["national"] == pytest.approx(found.mean)


def test_the_chain_leads_from_orders_to_deaths(found: Answer) -> None:
    links = {each.name: each for each in found.chain}
    # Without a truce nobody holds to its order, and gangs kill each other more.
    assert links["strength"].a > links["strength"].b
    assert links["holding"].difference < 0
    assert links["between_gangs"].difference > 0
    for each in links.values():
        assert each.difference == pytest.approx(each.b - each.a)
        assert each.low <= each.difference <= each.high or each.low == each.high
    killed = ("between_gangs", "against_others", "clashes", "others")
    assert sum(links[name].a for name in killed) == pytest.approx(found.of_a)


def test_the_same_case_twice_is_the_same(made: Made) -> None:
    a, _, cases, parameters = made
    same = answer(a, a, (cases[0], cases[0]), parameters)
    assert same.verdict == "same"
    assert same.of_hundred == (0, 100, 0)
    assert np.isnan(same.in_doubt)
    assert same.assumption is None
    assert same.period.days > 2900


@pytest.mark.parametrize(
    ("mean", "fewer", "equal", "verdict"),
    [
        (58.0, 0.77, 0.1, "small"), (-58.0, 0.1, 0.1, "small"), (500.0, 0.5, 0.0, "even"),
        (500.0, 0.65, 0.3, "even"), (500.0, 0.7, 0.0, "likely"), (-500.0, 0.05, 0.0, "very"),
        (500.0, 1.0, 0.0, "certain"), (0.0, 0.0, 1.0, "same"),
    ],
)  # fmt: skip
def test_verdicts_see_the_size_first(
    found: Answer, mean: float, fewer: float, equal: float, verdict: str
) -> None:
    assert replace(found, of_a=30_600.0, mean=mean, fewer=fewer, equal=equal).verdict == verdict


@given(st.tuples(*[st.integers(0, 1000)] * 3).filter(any))
def test_so_many_of_a_hundred_add_up(counts: tuple[int, int, int]) -> None:
    shares = tuple(count / sum(counts) for count in counts)
    written = of_hundred((shares[0], shares[1], shares[2]))
    assert sum(written) == 100
    for share, of_100 in zip(shares, written, strict=True):
        assert (of_100 == 0) == (share == 0)
        assert abs(of_100 - 100 * share) < 2
        assert of_100 < 100 or share == 1


def test_what_rounding_leaves_is_no_run() -> None:
    assert of_hundred((0.7, 0.3, 1.0 - 0.7 - 0.3)) == (70, 30, 0)


def test_the_assumption_that_decides_is_found(made: Made) -> None:
    parameters = np.repeat(made[3][:1], 400)
    rng = np.random.default_rng(1)
    for name in ("pact_grip", "turnover"):
        each = PARAMETERS[name]
        parameters[name] = each.at(rng.random(400))
    effect = 100.0 * parameters["pact_grip"] + rng.normal(size=400)
    decides = decisive(effect, parameters)
    assert decides is not None
    assert decides.parameter == "pact_grip"
    assert decides.correlation > 0.9
    assert decides.at_prior
    assert decides.lower.runs == decides.upper.runs == 200
    assert decides.lower.mean < effect.mean() < decides.upper.mean
    assert decides.lower.low <= decides.lower.mean <= decides.lower.high
    assert decisive(rng.normal(size=400), parameters) is None
    assert decisive(effect[:10], parameters[:10]) is None


def test_doubtful_years_are_those_that_a_naive_forecast_wins(tmp_path: Path) -> None:
    assert answers.doubtful_years(answers.VALIDATION) == ("2016",)
    assert answers.doubtful_years(tmp_path) == ()
    rows = pd.read_csv(answers.VALIDATION / "generations.csv")
    rows.loc[rows["block"] == "2016", "crps"] = 0.0
    rows.to_csv(tmp_path / "generations.csv", index=False)
    answers.doubtful_years.cache_clear()
    assert answers.doubtful_years(tmp_path) == ()


def test_where_it_lies() -> None:
    a, b = np.zeros((24, 2)), np.zeros((24, 2))
    a[12:18, 1] = 1.0
    month, largest = where_it_lies(a, b, np.array([10_000.0, 20_000.0]), 6)
    assert month == 12
    assert largest == pytest.approx(6.0 / 20_000 * 1e5 * 2)
    # A span with more in B does not stand for fewer in all.
    b[0:6, 0] = 0.9
    assert where_it_lies(a, b, np.array([10_000.0, 20_000.0]), 6)[0] == 12
    b[0:6, 0] = 1.1
    assert where_it_lies(a, b, np.array([10_000.0, 20_000.0]), 6)[0] == 0


def test_questions_are_pairs_of_shipped_cases_and_lead_on() -> None:
    for each in QUESTIONS.values():
        assert {RECORD, each.b} <= set(shipped())
        assert each.then in QUESTIONS
        assert each.then != each.name


def test_stored_answers_are_ranked(tmp_path: Path) -> None:
    table = stored()
    assert {each.b for each in QUESTIONS.values()} < set(table["b"]) < set(shipped())
    assert table["mean"].is_monotonic_decreasing
    assert (table["low"] <= table["high"]).all()
    assert set(table["parameter"]) - {""} < set(PARAMETERS)
    assert stored(tmp_path).empty
