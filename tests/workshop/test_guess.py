"""Think first: what people draw or say is taken as it is, and nothing is told before."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import numpy as np
import pytest

from trucesim.workshop.charts import HIDDEN_FROM, Series, mid_months
from trucesim.workshop.guess import (
    HIGHEST,
    MOST_GUESSES,
    Guess,
    mean_of,
    nothing_said,
    parts,
    told_of,
    with_stroke,
    with_year,
)
from trucesim.workshop.pairs import Pair, compute
from trucesim.workshop.session import Session, show
from trucesim.world.observed import observed


@pytest.fixture(scope="module")
def computed() -> Session:
    """A session with few runs of both cases."""
    session = Session(lang="en", runs=8)
    results = compute(Pair(session.a.scenario, session.b.scenario, 8))
    session.param.update(results=results, shown=show(results))
    return session


@pytest.fixture
def session(computed: Session) -> Session:
    fresh = Session(lang="en", runs=8, mode="workshop")
    fresh.param.update(results=computed.results, shown=computed.shown)
    return fresh


def words(guess: Guess) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", " ", guess.body.html)))


def send(guess: Guess, do: str, key: object = "", value: object = "") -> None:
    guess.act({"do": do, "key": str(key), "value": str(value)})


def test_years_and_all_of_them_make_up_the_months() -> None:
    found = parts()
    assert [each.period.start for each in found[:-1]] == [
        dt.date(2012, 3, 1), *(dt.date(year, 1, 1) for year in range(2013, 2017))
    ]  # fmt: skip
    lengths = [each.months.stop - each.months.start for each in found]
    assert lengths == [10, 12, 12, 12, 12, 58]
    assert len(nothing_said()) == 58 == len(mid_months()) - HIDDEN_FROM


def test_a_stroke_is_taken_where_it_passes() -> None:
    x = mid_months()[HIDDEN_FROM:]
    drawn = with_stroke(nothing_said(), [x[20], x[10], np.nan], [300.0, 100.0, 5.0])
    assert np.isnan(drawn[:10]).all()
    assert np.isnan(drawn[21:]).all()
    np.testing.assert_allclose(drawn[10], 100)
    np.testing.assert_allclose(drawn[20], 300)
    assert (np.diff(drawn[10:21]) > 0).all()
    # Another stroke mends what it passes, and no more; beyond the chart is its edge.
    again = with_stroke(drawn, [x[12], x[14]], [-50.0, 9e9])
    assert again[12] == 0
    assert again[14] == HIGHEST
    assert again[10] == drawn[10]
    assert again[20] == drawn[20]
    np.testing.assert_array_equal(with_stroke(drawn, [], []), drawn)


def test_half_a_year_is_not_taken_for_a_year() -> None:
    some = with_year(nothing_said(), 2013, 200)
    by_start = {each.period.start.year: each for each in parts()[1:-1]}
    assert mean_of(some, by_start[2013]) == 200
    assert np.isnan(mean_of(some, by_start[2014]))
    assert np.isnan(mean_of(some, parts()[-1]))
    some[by_start[2014].months.start : by_start[2014].months.start + 5] = 100
    assert np.isnan(mean_of(some, by_start[2014]))
    some[by_start[2014].months.start + 5] = 100
    assert mean_of(some, by_start[2014]) == 100


def test_nothing_is_told_before_people_have_guessed(session: Session) -> None:
    guess = Guess(session)
    guess.enter()
    assert session.hidden
    send(guess, "guess_show")
    assert session.hidden  # nobody has guessed
    send(guess, "guess_add")
    assert "Draw a line or write a number first" in words(guess)
    record = np.asarray(guess.chart.record.data["y"])
    assert np.isfinite(record[:HIDDEN_FROM]).all()
    assert np.isnan(record[HIDDEN_FROM:]).all()
    assert np.isnan(np.asarray(guess.chart.model.data["y"])).all()
    series = Series()
    series.draw(session)
    assert np.isnan(np.asarray(series.record.data["y"])[HIDDEN_FROM:]).all()
    assert set(series.record.data["told"][HIDDEN_FROM:]) == {""}
    send(guess, "guess_year", 2013, 250)
    assert 'value="250"' in guess.body.html
    send(guess, "guess_add")
    assert "One guess." in words(guess)
    assert guess.chart.others.data["ys"] == []  # others' guesses are not shown before either
    send(guess, "guess_show")
    assert not session.hidden
    assert np.isfinite(np.asarray(guess.chart.record.data["y"])).all()
    series.draw(session)
    assert np.isfinite(np.asarray(series.record.data["y"])).all()


def test_guesses_model_and_record_stand_side_by_side(session: Session) -> None:
    guess = Guess(session)
    guess.enter()
    for value in (100, 300, 300):
        for year in range(2012, 2017):
            send(guess, "guess_year", year, value)
        send(guess, "guess_add")
    send(guess, "guess_show")
    told = words(guess)
    counts = session.shown.results.b["recorded_national"].values[:, HIDDEN_FROM:]
    record = observed()["recorded_national"].values[0, HIDDEN_FROM:96]
    model = np.median(counts.mean(axis=1))
    assert "half of you said 300 homicides a month or fewer" in told
    assert f"The model says {model:.0f} " in told
    assert f"The record: {record.mean():.0f}." in told
    assert guess.body.html.count('class="guess"') == 3 * 6
    year = told_of(counts, record, parts()[1])
    assert f"2013 100, 300, 300 {year.median:.0f} " in told
    assert len(guess.chart.others.data["ys"]) == 3
    assert "gone when it is closed" in told
    send(guess, "guess_again")
    assert session.hidden
    assert guess.guesses == []
    assert "No guess yet." in words(guess)


@pytest.mark.parametrize("value", ["-1", "1001", "1e3", "2.5", "<img>", "９", "9" * 4000])
def test_only_whole_numbers_on_the_chart_are_taken(session: Session, value: str) -> None:
    guess = Guess(session)
    guess.enter()
    send(guess, "guess_year", 2014, value)
    assert "Write a whole number from 0 to 1000" in words(guess)
    assert value not in guess.body.html or value.isdecimal()
    assert np.isnan(guess.current).all()
    send(guess, "guess_year", "2020; import os", 5)
    assert np.isnan(guess.current).all()


def test_an_emptied_field_takes_the_guess_back(session: Session) -> None:
    guess = Guess(session)
    guess.enter()
    send(guess, "guess_year", 2014, 10)
    send(guess, "guess_year", 2014, " ")
    assert np.isnan(guess.current).all()


def test_the_number_of_guesses_is_bounded(session: Session) -> None:
    guess = Guess(session)
    guess.enter()
    for _ in range(MOST_GUESSES + 1):
        send(guess, "guess_year", 2014, 10)
        send(guess, "guess_add")
    assert len(guess.guesses) == MOST_GUESSES
    assert "more do not fit" in words(guess)


def test_what_users_call_their_case_is_escaped(session: Session) -> None:
    guess = Guess(session)
    guess.enter()
    from trucesim.studies.cases import uploaded_case

    text = (
        'extends = "no-guarantor"\n[title]\nen = "<b>x</b>"\nes = "x"\n'
        '[story]\nen = "{y <script>"\nes = "y"\n'
    )
    session.change("b", lambda _: uploaded_case(text.encode(), "x.toml"))
    assert "&lt;b&gt;x&lt;/b&gt;" in guess.head.html
    assert "{y &lt;script&gt;" in guess.head.html


def test_workshop_mode_hides_and_leaving_it_shows(computed: Session) -> None:
    session = Session(lang="es", runs=8)
    guess = Guess(session)
    guess.enter()
    assert not session.hidden
    session.mode = "workshop"
    assert session.hidden
    session.mode = "open"
    assert not session.hidden
    send(guess, "guess_hide")
    assert session.hidden
