"""What the page says of an answer: size first, then how sure, why, what it hangs on, and where."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from browsing import WAIT, Visit, serious
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from spoken import in_language

from trucesim.locale.catalogue import LANGUAGES
from trucesim.locale.language import number
from trucesim.outcomes.effects import REGIONS
from trucesim.outcomes.paired import differences
from trucesim.parameters import PARAMETERS
from trucesim.reports import summary
from trucesim.reports.assumed import TEXT as PLAIN
from trucesim.reports.assumed import assumed
from trucesim.scenario.file import load_scenario
from trucesim.studies.answer import Answer, Assumption, Half, Link, is_open, of_hundred, verdict
from trucesim.studies.cases import shipped_case
from trucesim.studies.questions import QUESTIONS, RECORD, stored
from trucesim.workshop import controls, told
from trucesim.workshop.map import Map
from trucesim.workshop.page import Page
from trucesim.workshop.pairs import Pair, PairResults, Pool, compute
from trucesim.workshop.session import Session, show
from trucesim.world import calendar
from trucesim.world.periods import Period

EXTENSION = "zones-extended-to-neighbours"

LINKS = (
    Link("signed", 8.0, 39.4, 31.4, 20.0, 50.0),
    Link("strength", 50.0, 50.04, 0.04, 0.0, 0.2),
    Link("between_gangs", 5036.4, 4861.1, -175.3, -400.0, -3.0),
    Link("others", 3000.0, 3000.0, 0.0, 0.0, 0.0),
)


@pytest.fixture(scope="module")
def made() -> Answer:
    places = pd.DataFrame(
        [
            {"region": region, "period": "all", "municipalities": count, "difference_mean": mean,
             "difference_p05": mean - 50.0, "difference_p95": mean + 90.0}
            for region, count, mean in zip(
                REGIONS, (262.0, 40.2, 63.1, 0.0), (326.2, 300.0, 26.2, 0.0), strict=True)
        ]
    )  # fmt: skip
    return Answer(
        runs=200, period=Period(dt.date(2013, 4, 1), dt.date(2017, 1, 1)), of_a=18_400.4,
        of_b=18_074.2, mean=326.2, se=20.0, low=9.0, median=300.0, high=1257.2, fewer=0.97,
        equal=0.0, in_doubt=0.1, doubtful=("2016",),
        months=pd.DataFrame({name: np.zeros(96) for name in ("mean", "low", "high")}),
        places=places, chain=LINKS, assumption=None,
    )  # fmt: skip


def decides(name: str = "pact_grip", *, at_prior: bool = True) -> Assumption:
    halves = Half(100, 120.4, 5.0, 242.0), Half(100, 531.0, 77.0, 1645.0)
    return Assumption(name, 0.8, at_prior, 0.4537, *halves)


@pytest.mark.parametrize(
    ("changed", "english", "spanish"),
    [
        (
            {},
            "With B 326 fewer homicides from April 2013 on, of 18,400 with A (1.8%)",
            "Con B, 326 homicidios menos desde abril de 2013, de 18,400 con A (1.8%)",
        ),
        (
            {"mean": -4000.0, "fewer": 0.0},
            "With B 4,000 more homicides from April 2013 on, beside 18,400 with A (22%)",
            "Con B, 4,000 homicidios más desde abril de 2013, frente a 18,400 con A (22%)",
        ),
        (
            {"mean": 75.0, "low": -9.0, "high": 360.0},
            "The difference with B is too small to speak of",
            "La diferencia con B es demasiado pequeña",
        ),
        (
            {"mean": 75.0, "low": -9.0, "high": 370.0},
            "The difference in homicides with B is uncertain: 9 more to 370 fewer in 9 of 10",
            "La diferencia de homicidios con B es incierta: de 9 más a 370 menos en 9 de cada 10",
        ),
        (
            {"mean": 0.0, "low": 0.0, "high": 0.0, "fewer": 0.0, "equal": 1.0},
            "No difference with B: the same in every simulation",
            "Ninguna diferencia con B: lo mismo en todas las simulaciones",
        ),
    ],
)
def test_size_comes_first(
    made: Answer, changed: dict[str, float], english: str, spanish: str
) -> None:
    found = replace(made, **changed)
    assert summary.size(found).startswith(english)
    assert in_language("es", summary.size, found).startswith(spanish)


def test_one_case_is_told_against_its_runs_without_a_truce(made: Answer) -> None:
    assert summary.size(made, "truce").startswith("With the truce 326 fewer")
    assert "of 18,400 without a truce" in summary.size(made, "truce")
    assert in_language("es", summary.sure, made, "truce").endswith(
        "97 tienen menos homicidios con la tregua que sin tregua, 3 más."
    )


def test_the_interval_is_said_without_signs(made: Answer) -> None:
    assert summary.within(made) == "in 9 of 10 simulations: 9 to 1,257 fewer"
    for low, high, told_ in (
        (-2938.0, 4007.0, "2,938 more to 4,007 fewer"), (-1773.6, -100.4, "100 to 1,774 more"),
        (0.0, 292.7, "0 to 293 fewer"), (-0.4, 0.3, "no difference"), (-5.0, 0.2, "0 to 5 more"),
    ):  # fmt: skip
        assert summary.ends(low, high) == told_
    assert in_language("es", summary.ends, -2938.0, 4007.0) == "de 2,938 más a 4,007 menos"
    same = replace(made, mean=0.0, equal=1.0, fewer=0.0)
    assert summary.within(same) == summary.likely(same) == ""
    mixed = replace(made, mean=75.0)
    assert summary.within(mixed).startswith("on average 75 fewer, less than 1 in 100 of the 18,400")
    assert summary.likely(mixed) == ""


@pytest.mark.parametrize(
    ("ends", "said", "fewer", "open_"),
    [
        ((-0.019, 0.019), "small", 1.0, True),
        ((-0.05, 0.05), "uncertain", 0.5, True),  # from a large minus to a large plus
        ((0.0, 0.03), "uncertain", 0.99, False),  # always fewer, nobody knows how many
        ((-0.03, 0.001), "uncertain", 0.3, False),
    ],
)
def test_a_small_mean_of_runs_far_apart_is_uncertain(
    ends: tuple[float, float], said: str, fewer: float, open_: bool
) -> None:
    for share in (0.009, -0.009):
        assert verdict(share, fewer, 0.0, *ends) == said
    assert is_open(verdict(0.009, fewer, 0.0, *ends), fewer, 0.0) == open_
    assert verdict(0.01, fewer, 0.0, *ends) not in ("small", "uncertain")
    assert verdict(0.0, 0.0, 1.0, *ends) == "same"


@pytest.mark.parametrize(
    ("fewer", "mean", "english", "spanish", "open_"),
    [
        (1.0, 326.0, "all but certain", "casi seguro", False),
        (0.95, 326.0, "very likely", "muy probable", False),
        (0.7, 326.0, "likely", "probable", False),
        (0.5, 326.0, "either way", "a favor o en contra", True),
        (0.97, 50.0, "", "", False),
    ],
)
def test_how_sure_follows(
    made: Answer, fewer: float, mean: float, english: str, spanish: str, open_: bool
) -> None:
    found = replace(made, fewer=fewer, mean=mean)
    assert summary.likely(found).endswith(english)
    assert in_language("es", summary.likely, found).endswith(spanish)
    assert bool(summary.likely(found)) == bool(english)
    assert told.headline(found)["open"] == open_
    # A few that agree are sure of nothing.
    assert summary.likely(replace(found, runs=6)) == ""


@given(st.tuples(*[st.integers(0, 200)] * 3).filter(any), st.floats(-9e3, 9e3), st.floats(100, 4e4))
def test_sentence_dots_and_table_never_contradict(
    counts: tuple[int, int, int], mean: float, of_a: float
) -> None:
    fewer, equal, more = (each / sum(counts) for each in counts)
    found = Answer(
        sum(counts), calendar_whole(), of_a, of_a - mean, mean, 1.0, mean, mean, mean, fewer,
        equal, 0.0, (), pd.DataFrame(), pd.DataFrame(), (), None,
    )  # fmt: skip
    headline = told.headline(found)
    said = [int(each) for each in re.findall(r"\d+", headline["sure"])[1:]]
    drawn = [headline["dots"].count(kind) for kind in ("fewer", "equal", "more")]
    assert said == [drawn[0], *filter(None, drawn[1:])]
    assert len(headline["dots"]) == 100
    row = {f"{side}_{end}": 0.0 for side in ("a", "b", "difference") for end in ("p05", "p95")}
    row |= {"a_mean": of_a, "difference_mean": mean, "share_b_fewer": fewer,
            "share_equal": equal, "share_a_fewer": more}  # fmt: skip
    table = summary.yearly(row)
    assert table["fewer"] == (None if equal == 1 else drawn[0])
    a, b = (whole_number(table[side][0]) for side in "ab")
    assert a - b == round(mean)
    if table["apart"] and found.verdict not in ("same", "small"):
        assert table["apart"][0].split()[0] in headline["size"]
        assert table["apart"][0].split()[1] in headline["size"]


def calendar_whole() -> Period:
    return Period(calendar.START, calendar.END)


def whole_number(text: str) -> int:
    return int(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))


def test_doubts_stand_beside_the_size(made: Answer) -> None:
    assert list(summary.doubts(made)) == []
    late = replace(made, in_doubt=0.62, assumption=decides(), runs=8)
    few, years, unknown = summary.doubts(late)
    assert "first results, from 8 simulations" in few
    assert "62% lies in 2016" in years
    assert unknown == (
        "It hangs on how many of the cliques there a local pact reaches, and nobody has measured "
        "that."
    )
    spanish = in_language("es", lambda: list(summary.doubts(late)))
    assert spanish[1].startswith("El 62% de la diferencia está en 2016")
    assert spanish[2] == (
        "Depende de a cuántas clicas del lugar llega un pacto local, y eso nadie lo ha medido."
    )
    assert list(summary.doubts(replace(made, assumption=decides(at_prior=False)))) == []
    # Of nothing, nothing is in doubt.
    assert list(summary.doubts(replace(late, runs=20, mean=1.0, high=10.0))) == []


def test_every_uncertain_parameter_has_plain_words() -> None:
    uncertain = {f"assumed.{each.name}" for each in PARAMETERS.values() if each.kind == "uncertain"}
    assert set(PLAIN) == uncertain
    assert assumed("spreading") == f"“{PARAMETERS['spreading'].label()}”"


def test_the_chain_holds_what_differs_and_subtracts(made: Answer) -> None:
    signed, killed = summary.chain(made)
    assert (signed["a"], signed["b"], signed["apart"]) == ("8.0", "39.4", "31.4 more")
    assert (killed["a"], killed["b"], killed["apart"]) == ("5,036", "4,861", "175 fewer")
    assert killed["range"] == "3 to 400 fewer"
    assert "entre pandillas" in in_language("es", summary.chain, made)[1]["label"]


def test_bars_share_a_scale_with_no_difference_on_it() -> None:
    scale = told.Scale([(10.0, 20.0), (-5.0, 0.0)])
    one, other = scale.bar(10.0, 15.0, 20.0), scale.bar(-5.0, -2.0, 0.0)
    assert one["zero"] == other["zero"] == other["high"] > other["low"] == told.EDGE
    assert one["low"] < one["mean"] < one["high"] == told.WIDE - told.EDGE
    assert set(told.Scale([]).bar(0.0, 0.0, 0.0).values()) == {told.EDGE, told.WIDE}


# The page's parts


@pytest.fixture(scope="module")
def results() -> PairResults:
    cases = load_scenario(RECORD), load_scenario(EXTENSION)
    return compute(Pair(*cases, 4, history="record"), pool=Pool(threads=2))


@pytest.fixture
def session(results: PairResults, made: Answer) -> Session:
    found = Session(shipped_case(RECORD), shipped_case(EXTENSION), runs=4, lang="en")
    found.param.update(results=results, shown=replace(show(results), answer=made))
    return found


def test_halves_places_and_the_next_question(session: Session, made: Answer) -> None:
    assert "no single assumption" in told.because(session)
    session.shown = replace(session.shown, answer=replace(made, assumption=decides()))
    html = told.because(session)
    for words in (
        "Half with less of it", "<b>120 fewer</b> <small>(5 to 242 fewer)", "(77 to 1,645 fewer)",
        "The record hardly narrows it.",
        'data-do="assumption" data-key="pact_grip" data-reach="assume"',
        "Most on how many of the cliques there a local pact reaches (“Local pact: grip” among",
        "Those that signed <small>(40)", "Their neighbours <small>(63)", "<b>26 fewer</b>",
        f'data-do="ask" data-key="{QUESTIONS["extension"].then}"',
    ):  # fmt: skip
        assert words in html, words
    assert "The rest" not in html  # there is none
    session.hidden = True
    assert told.because(session) == ""
    session.hidden = False
    session.a = shipped_case("no-truce")
    assert 'data-do="ask"' not in told.because(session)


def test_few_simulations_say_from_how_many_on_more_is_told(session: Session, made: Answer) -> None:
    session.shown = replace(session.shown, answer=replace(made, runs=8))
    assert "from 20 simulations on" in told.because(session)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_what_ifs_are_ranked_without_a_run(session: Session, lang: str) -> None:
    html = in_language(lang, told.ranking, session)
    asked = re.findall('data-do="ask" data-key="(.*?)"', html)
    table = stored()
    assert asked == list(table["b"])
    for row in table.to_dict("records"):
        assert load_scenario(row["b"]).title[lang] in html
        shares = row["fewer"], row["equal"], 1 - row["fewer"] - row["equal"]
        of = "of" if lang == "en" else "de"
        assert f"<td>{of_hundred(shares)[0]} {of} 100</td>" in html
        assert number(abs(row["mean"])) in html
    assert html.count('<tr class="open">') == 2
    assert "200" in html
    session.hidden = True
    assert 'data-do="ask"' not in told.ranking(session)


def test_all_what_ifs_are_drawn_when_they_are_opened() -> None:
    page = Page(Session(runs=4, lang="en"))
    page.session.speaks(page.draw)()
    assert page.ranking.html == ""
    page.session.speaks(page.act)({"do": "room", "key": "ranking"})
    assert page.ranking.html == in_language("en", told.ranking, page.session)


def test_tables_stay_grey_until_they_are_drawn_and_wait_where_many_ask(
    monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    page = Page(Session(session.a, session.b, runs=4, lang="en"))
    waiting: list[Callable[[], None]] = []
    page.session.later = waiting.append
    page.session.speaks(page.draw)()
    assert 'data-state="stale behind"' in page.masthead.html
    first = replace(session.results.pair, runs=1_000)
    few = replace(session.results, pair=first)
    monkeypatch.setattr(Session, "crowded", True)
    for results, crowded, drawn in (
        (few, True, False),  # some of the pairs, while others have nothing yet
        (few, False, True),
        (session.results, True, True),  # all of them
    ):
        monkeypatch.setattr(Session, "crowded", crowded)
        page.behind = True
        page.session.param.update(results=results, shown=show(results))
        assert 'data-state="behind"' in page.masthead.html
        assert len(waiting) == drawn
        while waiting:
            waiting.pop()()
        assert ('data-state=""' in page.masthead.html) == drawn


def test_zones_that_are_outlined_already_are_not_sent_again(session: Session) -> None:
    drawn, session.month = Map(lambda _: None), 84
    sent: list[str] = []
    for source in drawn.zones.values():
        source.on_change("data", lambda attr, old, new: sent.append(attr))
    drawn.draw(session)
    once = len(sent)
    assert once > 0
    drawn.draw(session)
    assert len(sent) == once
    session.hidden = True
    drawn.draw(session)
    assert len(sent) == 2 * once


def test_several_differences_are_counted_and_named() -> None:
    def line(b: str) -> str:
        session = Session(shipped_case(RECORD), shipped_case(b), runs=4)
        return in_language("en", controls.questions, session)

    said = "and 3 more: Guarantor present, Minister&#39;s stance, Violence-free zones<"
    assert said in line("no-truce")
    assert 'class="more"' not in line("no-guarantor")


def test_differences_of_pairs_are_those_of_tables() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.poisson(50.0, 40).astype(float), rng.poisson(45.0, 40).astype(float)
    row = {"a_mean": a.mean(), "a_p05": 0.0, "a_p95": 0.0, "b_p05": 0.0, "b_p95": 0.0}
    written = summary.yearly(row | differences(a, b))
    assert written["apart"][0] == summary.apart(float((a - b).mean()))


@pytest.mark.browser
def test_the_extension_is_answered_in_spanish(visit: Callable[..., Visit]) -> None:
    here = visit(f"?a={RECORD}&b={EXTENSION}&lang=es").settled()
    page = here.page
    sentence = page.locator("#answer .sentence")
    expect(sentence).to_contain_text("homicidios menos desde abril de 2013, de 17,", timeout=WAIT)
    expect(sentence).to_contain_text("en 9 de cada 10 simulaciones, de")
    because = page.locator(".because")
    expect(because.get_by_text("Municipios que firmaron")).to_be_visible()
    expect(because.get_by_text("Muertos en ataques entre pandillas")).to_be_visible()
    expect(because.get_by_role("heading", name="¿De qué depende?")).to_be_visible()
    expect(because.locator(".halves.places li")).to_have_count(4)
    # What it hangs on is changed in one tap: its field, of B, in view and with the focus. So few
    # simulations tell of nothing that it hangs on: the button is the one that is drawn for more.
    own = page.locator(".question[data-do=own]")
    own.click()
    page.locator("[data-do=edit][data-key=a]").click()
    own.click()
    because.locator("section").nth(1).evaluate(
        """each => each.insertAdjacentHTML("beforeend",
          "<button data-do=assumption data-key=pact_grip data-reach=assume>+</button>")"""
    )
    because.locator("[data-do=assumption]").click()
    field = page.locator("[data-do=assume][data-key=pact_grip]")
    expect(field).to_be_focused(timeout=WAIT)
    expect(field).to_be_in_viewport()
    expect(page.get_by_role("heading", name="cámbielo para el caso B")).to_be_visible()
    page.locator("[data-do=room][data-key=ranking]").click()
    expect(page.locator(".ranking tbody tr")).to_have_count(len(stored()))
    assert serious(here, ".because") == []
    assert serious(here, ".rooms") == []
