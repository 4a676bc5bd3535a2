"""Forecasts know nothing of what comes after their origin; their scores are the shared ones."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trucesim.files.errors import InputError
from trucesim.outcomes import forecasts
from trucesim.outcomes.forecasts import MODEL, NAIVE, POOLED
from trucesim.parameters import uncertain
from trucesim.reports import hindcast as report
from trucesim.runs.sampling import (
    Draws,
    distinct_draws,
    parameters_of_draws,
    shipped_draws,
    to_prior,
)
from trucesim.runs.simulate import prepare
from trucesim.scenario.change import by_own_hazard, known_by, set_condition, set_parameters
from trucesim.scenario.file import load_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.studies import hindcast as hindcasts
from trucesim.studies.calibration import Table
from trucesim.studies.follow import (
    CANDIDATES,
    NUMBERS,
    PILOTS,
    SEED,
    Filter,
    most_members,
    observed_months,
)
from trucesim.studies.forecast import (
    PIECES,
    Forecast,
    Origins,
    compare_methods,
    forecast,
    members_of,
    summary,
    table_of,
)
from trucesim.studies.hindcast import Rolling, hindcast, load_rolling
from trucesim.world import calendar
from trucesim.world.country import load_country

PLAN = Path(__file__).resolve().parents[2] / "experiments" / "calibration" / "plan.toml"

ORIGIN = "2010-09"
FEW: dict[str, Any] = {"months": 6, "draws": 2, "particles": 8, "members": 3}


def made(origin: str = ORIGIN, **changed: Any) -> Forecast:
    return forecast(origin, **FEW | changed)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Forecast]:
    folder = tmp_path_factory.mktemp("forecast")
    return folder, made(folder=folder, workers=1)


def test_what_is_decided_later_is_not_known() -> None:
    record = load_scenario("as-recorded")
    day = dt.date(2013, 3, 1)
    known = known_by(record, day)
    assert known.events == tuple(event for event in record.events if event.date <= day)
    assert {event.id for event in record.events} > {event.id for event in known.events}
    signed = {zone.code: zone for zone in record.zones if zone.first <= day}
    assert {zone.code: zone for zone in known.zones} == signed
    assert 0 < len(signed) < len(record.zones)
    assert any(zone.first == day for zone in known.zones)
    assert dict(known.start) == dict(record.start)
    assert known_by(known, day) == known
    # Announced for some days, of which the last lies ahead: it stays.
    zone = replace(record.zones[0], first=day, last=dt.date(2013, 9, 1))
    assert known_by(replace(record, zones=(zone,)), day).zones == (zone,)
    assert known_by(record, calendar.END) == record
    assert known_by(record, calendar.START).zones == ()


def test_nothing_after_the_origin_changes_a_forecast(found: tuple[Path, Forecast]) -> None:
    _, one = found
    aim = observed_months()
    last = 12 * (2010 - 2009) + 9
    later = aim.copy()
    later[last:] *= 3.0
    other = made(record=later)
    np.testing.assert_array_equal(one.members, other.members)
    assert (one.observed != other.observed).all()
    # Days of the last week that is lived with the origin's month: they too are later.
    scenario = set_condition(
        load_scenario("truce-2012"), "order", "pact", dt.date(2010, 10, 1), "here",
        id="sooner", shown="pact", source="a test",
    )  # fmt: skip
    np.testing.assert_array_equal(one.members, made(scenario=scenario).members)
    earlier = aim.copy()
    earlier[last - 1] *= 1.5
    assert (made(record=earlier).members != one.members).any()
    sooner = set_condition(
        load_scenario("truce-2012"), "order", "pact", dt.date(2010, 9, 1), "here",
        id="sooner", shown="pact", source="a test",
    )  # fmt: skip
    assert (made(scenario=sooner).members != one.members).any()


def test_forecasts_of_other_lengths_agree(found: tuple[Path, Forecast]) -> None:
    _, one = found
    short = made(months=2)
    np.testing.assert_array_equal(one.members[:, :, :2], short.members)
    # With room for 2017 to 2019 a life up to 2016 is the same.
    long = made("2010-01", months=36, draws=1)
    short = made("2010-01", months=3, draws=1)
    np.testing.assert_array_equal(long.members[:, :, :3], short.members)


def test_room_for_later_years_changes_nothing() -> None:
    own = by_own_hazard(load_scenario("truce-2012"), calendar.START)
    parameters = parameters_of_draws(distinct_draws(1), SEED)
    counts = []
    for until in (calendar.END, calendar.LAST):
        setting = prepare(own, load_country(), parameters, calendar.days_for(until))
        one = Filter(setting, observed_months(), 0, SEED, 4, 0.08)
        one.assimilate(0)
        counts.append(one.live_on(1, 3, 2))
    np.testing.assert_array_equal(*counts)


def test_workers_and_interruptions_change_nothing(
    found: tuple[Path, Forecast], tmp_path: Path
) -> None:
    folder, one = found
    np.testing.assert_array_equal(one.members, made(workers=2).members)
    texts = [(folder / PIECES / f"000{d}.json").read_text(encoding="utf-8") for d in range(2)]
    (tmp_path / PIECES).mkdir()
    kept, cut = (tmp_path / PIECES / f"000{d}.json" for d in range(2))
    kept.write_text(texts[0], encoding="utf-8")
    cut.write_text(texts[1][:60], encoding="utf-8")
    stamp = kept.stat().st_mtime_ns
    told: list[tuple[str, int, int]] = []
    again = made(folder=tmp_path, progress=lambda *each: told.append(each))
    np.testing.assert_array_equal(one.members, again.members)
    assert kept.stat().st_mtime_ns == stamp
    assert cut.read_text(encoding="utf-8") == texts[1]
    assert told[0] == ("draws", 1, 2)
    assert told[-1] == ("draws", 2, 2)
    # The first draws are the same however many are taken.
    np.testing.assert_array_equal(one.members[:1], made(draws=1).members)


def test_a_fork_lives_apart() -> None:
    own = by_own_hazard(load_scenario("truce-2012"), calendar.START)
    parameters = parameters_of_draws(distinct_draws(1), SEED)
    setting = prepare(own, load_country(), parameters)
    one, other = (Filter(setting, observed_months(), 0, SEED, 4, 0.08) for _ in range(2))
    for each in (one, other):
        each.assimilate(0)
    here = one.fork(setting)
    assert here.assimilate(1).counts.tolist() == other.assimilate(1).counts.tolist()
    here.live_on(2, 2, 3)
    one.assimilate(1)
    np.testing.assert_array_equal(one.live_on(2, 2, 3), other.live_on(2, 2, 3))


def eventful() -> Scenario:
    """Give a scenario of which much happens around the first origins."""
    record = load_scenario("truce-2012")
    days = dt.date(2009, 1, 10), dt.date(2009, 2, 2), dt.date(2009, 3, 2), dt.date(2009, 3, 20)
    events = [
        replace(record.events[0], id=f"order-{n}", date=day, set={"order": 1.0})
        for n, day in enumerate(days)
    ]
    spans = [
        ("2009-01-20", "2009-01-20"),
        ("2009-02-03", "2009-02-03"),
        ("2009-02-10", "2009-05-01"),
    ]
    zones = [
        replace(
            zone, first=dt.date.fromisoformat(a), last=dt.date.fromisoformat(b), army_leaves=None
        )
        for zone, (a, b) in zip(record.zones, spans, strict=False)
    ]
    return replace(record, events=tuple(events), zones=tuple(zones))


def test_a_filter_with_several_origins_gives_what_each_gives_alone() -> None:
    scenario, aim = eventful(), observed_months()
    parameters = parameters_of_draws(distinct_draws(2), SEED)

    def lived(*origins: int) -> list[list[np.ndarray]]:
        made = Origins.of(scenario, origins, (3,) * len(origins), 4, 3, aim, 0.08, SEED)
        return made.ensembles(parameters, first=7)

    together = lived(0, 1, 2)
    for number in range(3):
        for one, other in zip(together, lived(number), strict=True):
            np.testing.assert_array_equal(one[number], other[0])
    # No two origins' members share a run number, nor do they take one of the filter's.
    assert most_members(100) * 96 + 100 * CANDIDATES + PILOTS < NUMBERS


def test_members_are_spread_and_scored_as_everywhere(found: tuple[Path, Forecast]) -> None:
    _, one = found
    assert one.members.shape == (2, 3, 6)
    assert (np.ptp(one.pooled, axis=0) > 0).all()
    assert (one.pooled > 0).all()
    assert str(one.origin) == ORIGIN
    assert one.months.astype(str).tolist() == [f"2010-{n}" for n in (10, 11, 12)] + [
        f"2011-0{n}" for n in (1, 2, 3)
    ]
    table = table_of(one)
    own = table[table["method"] == MODEL]
    np.testing.assert_allclose(own["crps"], forecasts.crps(one.pooled, one.observed))
    np.testing.assert_allclose(own["log_score"], forecasts.log_score(one.pooled, one.observed))
    np.testing.assert_allclose(own["pit"], forecasts.pit(one.pooled, one.observed))
    low, middle, high = forecasts.quantiles(one.pooled, (0.05, 0.5, 0.95))
    np.testing.assert_allclose(own[["p05", "median", "p95"]].to_numpy().T, (low, middle, high))
    assert (own["inside"].to_numpy() == ((low <= one.observed) & (one.observed <= high))).all()
    # Naive forecasts see the months up to the origin; some need more of them than there are.
    assert len(one.past.months) == 21
    assert one.past.counts[-1] == observed_months()[20]
    methods = list(table["method"].unique())
    assert methods == [MODEL, *(each for each in NAIVE if "2010" not in each)]
    last = forecasts.naive_members("last month", one.past, one.months)
    median = table.loc[table["method"] == "last month", "median"]
    np.testing.assert_allclose(median, [np.median(each) for each in last])
    assert members_of(one).shape == (6, 7)
    assert members_of(one)["draw"].tolist() == np.repeat(one.rows, 3).tolist()
    assert json.loads(json.dumps(summary(one)))["forecast"][0]["method"] == MODEL


def test_of_later_months_nothing_is_shown(found: tuple[Path, Forecast]) -> None:
    _, one = found
    months = np.datetime64("2016-11", "M") + np.arange(4) * forecasts.MONTH
    observed = np.array([361.0, 333.0, np.nan, np.nan])
    past = forecasts.Series(calendar.months().astype("datetime64[M]")[:94], observed_months()[:94])
    table = compare_methods(one.pooled[:, :4], months, observed, past, ())
    assert table["method"].nunique() == 1 + len(NAIVE)
    for _, each in table.groupby("method"):
        assert each["month"].tolist() == ["2016-11", "2016-12", "2017-01", "2017-02"]
        assert each["observed"].notna().tolist() == [True, True, False, False]
        assert each["crps"].notna().tolist() == [True, True, False, False]
        assert each["p95"].notna().all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"origin": "2014"}, "give a month, such as 2014-06"),
        ({"origin": "2014-13"}, "give a month, such as 2014-06"),
        ({"origin": "soon"}, "give a month, such as 2014-06"),
        ({"origin": "2008-12"}, "from 2009-01 to 2016-12"),
        ({"origin": "2017-01"}, "from 2009-01 to 2016-12"),
        ({"months": 0}, "months = 0, but from 2010-09 it must be a whole number 1 to 36"),
        ({"months": 37}, "1 to 36"),
        ({"months": 37, "origin": "2016-12"}, "1 to 36"),
        ({"months": 1.0}, "months = 1.0"),
        ({"draws": 0}, "draws = 0"),
        ({"particles": 1}, "particles = 1"),
        ({"members": 0}, "members = 0"),
        ({"members": 10**6}, "beside 8 particles"),
        ({"seed": -1}, "seed = -1"),
        ({"workers": 0}, "workers = 0"),
        ({"scenario": "no-truc"}, "did you mean"),
        ({"record": [1.0] * 95}, "96 months"),
    ],
)
def test_what_cannot_be_forecast_is_refused(
    given: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        made(**{"folder": tmp_path} | given)
    assert not list(tmp_path.iterdir())


def test_a_scenario_that_changes_parameters_is_refused() -> None:
    changed = set_parameters(load_scenario("truce-2012"), {"wearing": 0.1})
    with pytest.raises(InputError, match="changes wearing"):
        made(scenario=changed)


# Rolling origins


ROLLING = Rolling((2010, 2011), 6, (1, 2, 4), 2, 4, 3)


@pytest.fixture(scope="module")
def rolled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, hindcasts.Hindcast]:
    folder = tmp_path_factory.mktemp("hindcast")
    return folder, roll(folder=folder, workers=1)


def roll(**changed: Any) -> hindcasts.Hindcast:
    plan, _ = load_rolling(PLAN)
    posteriors = dict.fromkeys(ROLLING.years, shipped_draws())
    return hindcast(plan, ROLLING, posteriors, **changed)


def test_rolling_origins_are_scored(rolled: tuple[Path, hindcasts.Hindcast]) -> None:
    _, one = rolled
    table, scores = one.forecasts, one.scores
    assert list(table["origin"].unique()) == ["2009-12", "2010-06", "2010-12", "2011-06"]
    own = table[table["method"] == MODEL]
    assert own["horizon"].tolist() == [1, 2, 3, 4] * 4
    names = calendar.months().astype("datetime64[M]").astype(str)
    truth = dict(zip(names, observed_months(), strict=True))
    assert own["observed"].tolist() == [truth[month] for month in own["month"]]
    pooled = scores[scores["period"] == POOLED].set_index(["horizon", "method"])
    for horizon in ROLLING.horizons:
        rows = own[own["horizon"] == horizon]
        score = pooled.loc[(horizon, MODEL)]
        assert score["forecasts"] == 4
        assert score["crps"] == pytest.approx(rows["crps"].mean())
        assert score["inside_90"] == pytest.approx(rows["inside"].mean())
        # A method that could not be made everywhere is compared where it was.
        trend = pooled.loc[(horizon, "twelve-month trend")]
        assert trend["forecasts"] == 3
        assert trend["model_crps"] == pytest.approx(rows["crps"].iloc[1:].mean())
    years = scores.loc[scores["horizon"].eq(1) & scores["method"].eq(MODEL), "period"]
    assert years.tolist() == [POOLED, "2010", "2011"]
    aims = hindcasts.aims(one)
    assert aims["aim"].tolist() == ["crps", "inside", "inside", "inside"]
    assert hindcasts.strongest(scores, POOLED, 1)["method"] in NAIVE
    shares = hindcasts.places(one)
    np.testing.assert_allclose(shares.iloc[:, 2:].sum(axis=1), 1.0)


def test_rolling_origins_resume_and_see_nothing_later(
    rolled: tuple[Path, hindcasts.Hindcast],
) -> None:
    folder, one = rolled
    stamps = {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")}
    assert len(stamps) == 4
    broken = folder / hindcasts.YEARS / "2011" / PIECES / "0001.json"
    text = broken.read_text(encoding="utf-8")
    broken.write_text("{", encoding="utf-8")
    again = roll(folder=folder, workers=2)
    pd.testing.assert_frame_equal(one.forecasts, again.forecasts)
    assert broken.read_text(encoding="utf-8") == text
    assert all(path.stat().st_mtime_ns == at for path, at in stamps.items() if path != broken)
    record = observed_months()
    record[24:] *= 2.0
    other = roll(record=record).forecasts
    names = ["origin", "month", "p05", "median", "p95"]
    before = one.forecasts["origin"].le("2010-12")
    pd.testing.assert_frame_equal(one.forecasts.loc[before, names], other.loc[before, names])
    late = one.forecasts["origin"].gt("2010-12") & one.forecasts["method"].eq(MODEL)
    assert (one.forecasts.loc[late, "median"] != other.loc[late, "median"]).any()


def test_the_plan_says_when_and_how(tmp_path: Path) -> None:
    _, rolling = load_rolling(PLAN)
    assert rolling.origins(2011) == (23, 26, 29, 32)
    assert max(rolling.horizons) <= 12
    text = PLAN.read_text(encoding="utf-8")
    declared = tomllib.loads(text)["forecast"]
    bare = text[: text.index("[forecast]")]

    def refused(said: str, **changed: Any) -> None:
        path = tmp_path / "plan.toml"
        table = {**declared, **changed}
        lines = [f"{key} = {json.dumps(value)}" for key, value in table.items() if value != ""]
        path.write_text("\n".join([bare, "[forecast]", *lines]), encoding="utf-8")
        with pytest.raises(InputError, match=said):
            load_rolling(path)

    refused(r"forecast.years = \[2009\], but it must list whole numbers 2010 to 2016", years=[2009])
    refused(r"forecast.years = \[2012, 2011\]", years=[2012, 2011])
    refused(r"forecast.horizons = \[0\]", horizons=[0])
    refused("forecast.every = 5", every=5)
    refused("forecast.draws must be given, as int", draws="")
    refused("unknown key sead", sead=1)
    path = tmp_path / "bare.toml"
    path.write_text(bare, encoding="utf-8")
    with pytest.raises(InputError, match=r"there is no table \[forecast\]"):
        load_rolling(path)


def test_a_posterior_that_is_missing_or_has_seen_too_much_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no posterior 2010.csv"):
        hindcasts.posteriors_in(tmp_path, ROLLING)
    block = (PLAN.parent / "blocks" / "2016.csv").read_text(encoding="utf-8")
    rolling = replace(ROLLING, years=(2015,))
    (tmp_path / "2015.csv").write_text(block, encoding="utf-8")
    with pytest.raises(InputError, match=r"leaves out 2015-01..2016-12"):
        hindcasts.posteriors_in(tmp_path, rolling)
    (tmp_path / "2015.csv").write_text(
        block.replace("without 2016", "without 2015-01..2016-12"), encoding="utf-8"
    )
    held: Draws = hindcasts.posteriors_in(tmp_path, rolling)[2015]
    assert len(held.values) == 500
    with pytest.raises(InputError, match="draws = 501"):
        hindcasts.posteriors_in(tmp_path, replace(rolling, draws=501))


def test_posteriors_of_a_year_are_fitted_to_what_lay_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, _ = load_rolling(PLAN)
    # A single size of the climate: none is tried.
    plan = replace(plan, climate=(0.2,))
    rolling = replace(ROLLING, years=(2011,))
    generator = np.random.default_rng(11)
    unit = generator.random((4000, len(uncertain())))
    statistics = np.exp(generator.normal(size=(4000, len(plan.statistics))))
    first = len(plan.beside)
    noise = generator.normal(size=4000)
    statistics[:, first] = np.exp(np.log(unit[:, 4] / (1 - unit[:, 4])) + 0.3 * noise)
    later = statistics.copy()
    later[:, first + 24 :] *= 5.0
    texts = []
    for number, values in enumerate((statistics, later)):
        table = Table(to_prior(unit), values)
        monkeypatch.setattr(report, "stored_table", lambda *_, table=table: table)
        folder = tmp_path / str(number)
        place = report.fit_posteriors(plan, rolling, 4000, tmp_path, folder)
        texts.append((place / "2011.csv").read_text(encoding="utf-8"))
        held = hindcasts.posteriors_in(place, rolling)[2011]
        assert len(held.values) == report.DRAWS_OF_A_YEAR
        assert set(held.values[:, held.names.index("climate_spread")]) == {0.2}
        assert (place / "climate-2011.csv").is_file()
    assert texts[0] == texts[1]
    assert "without 2011-01..2016-12" in texts[0]


def test_the_committed_scores_are_those_of_the_committed_forecasts() -> None:
    folder = PLAN.parents[1] / "forecast"
    _, rolling = load_rolling(PLAN)
    table = pd.read_csv(folder / "quantiles.csv")
    held = pd.read_csv(folder / "scores.csv", dtype={"period": str})
    again = hindcasts.score(table, rolling.horizons)
    pd.testing.assert_frame_equal(again, held, rtol=1e-3)
    assert table["month"].max() == "2016-12"
    truth = dict(
        zip(calendar.months().astype("datetime64[M]").astype(str), observed_months(), strict=True)
    )
    assert table["observed"].tolist() == [truth[month] for month in table["month"]]
    assert set(hindcasts.posteriors_in(None, rolling)) == set(rolling.years)
