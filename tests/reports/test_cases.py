"""The report: one file that needs nothing else, says what it must and escapes what users write."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from spoken import in_language

from trucesim import compilation, load_scenario
from trucesim.cli import main
from trucesim.figures.canvas import DIFFERENCE_BREAKS
from trucesim.figures.mapping import Side, rates_apart
from trucesim.files.errors import InputError
from trucesim.locale.catalogue import translated
from trucesim.locale.language import number
from trucesim.outcomes import reductions
from trucesim.outcomes.patterns import label as label_of
from trucesim.reports import cases as report
from trucesim.reports.cases import Findings
from trucesim.scenario.change import with_settings
from trucesim.scenario.file import read_scenario
from trucesim.scenario.scenario import Scenario
from trucesim.studies.history import CHANCE, Past, choose
from trucesim.world.periods import parse

type Text = Callable[[Findings, str], str]

HOSTILE = """
extends = "no-guarantor"
[title]
en = "<script>alert(1)</script> & \\"quoted\\""
es = "<img src=x onerror=alert(1)>"
[story]
en = "</style></pre><script>alert(2)</script>"
es = "{{ 7 * 7 }} {story} </title>"
[[event]]
id = "set"
date = 2014-02-03
en = "<b>bold</b>"
es = "<b>negrita</b>"
set = { funds = true }
source = "javascript:alert(3)"
"""


class Reader(HTMLParser):
    """Collects tags, what is fetched, and visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.alternatives: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.fetched += [str(given[name]) for name in ("src", "href") if given.get(name)]
        if tag == "img":
            self.alternatives.append(given.get("alt") or "")

    def handle_data(self, data: str) -> None:
        if self.lasttag not in ("style", "script"):
            self.text.append(data)

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.text).replace("\N{NO-BREAK SPACE}", " "))


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


@pytest.fixture(scope="module")
def pair() -> Findings:
    cases = load_scenario("truce-2012"), load_scenario("no-truce")
    return report.gather(*cases, choose("chance", cases, runs=12, seed=4, default_runs=1))


@pytest.fixture(scope="module")
def alone() -> Findings:
    case = load_scenario("as-recorded")
    return report.gather(case, None, choose("chance", [case], runs=5, seed=4, default_runs=1))


@pytest.fixture(scope="module")
def text_of() -> Text:
    """Give a report's text; each is written once."""
    written: dict[tuple[int, str], str] = {}

    def give(found: Findings, lang: str) -> str:
        key = id(found), lang
        if key not in written:
            written[key] = in_language(lang, report.page, found)
        return written[key]

    return give


@pytest.fixture(scope="module")
def hostile() -> Scenario:
    return read_scenario(HOSTILE, "hostile")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_pair_is_told_in_one_file_that_fetches_nothing(
    pair: Findings, lang: str, text_of: Text
) -> None:
    text = text_of(pair, lang)
    page = read(text)
    assert len(text.encode()) < 3_000_000
    assert page.fetched
    assert all(address.startswith("data:") for address in page.fetched)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert page.tags.count("img") == 5
    assert all(len(words) > 40 for words in page.alternatives)
    assert f'<html lang="{lang}">' in text
    for name in ("truce-2012", "no-truce"):
        assert load_scenario(name).title[lang] in page.words
        assert load_scenario(name).story[lang] in page.words
    for text in (
        "Extension to neighbouring municipalities was an aim of policy and not an observed "
        "regularity.",
        "Cliques are placed at random, anew in every run. Places and groups, never persons.",
    ):
        assert in_language(lang, translated, text) in page.words
    assert "--runs 12 --seed 4" in page.words


def test_the_sentence_the_dots_and_the_table_say_the_same(pair: Findings, text_of: Text) -> None:
    found = pair.answer
    assert found is not None
    fewer, _, more = found.of_hundred
    assert more > 50  # without a truce few runs have fewer, whatever the parameters
    words = read(text_of(pair, "es")).words
    assert f"Con B, {number(-found.mean)} homicidios más desde noviembre de 2011" in words
    assert "Son los primeros resultados, de 12 simulaciones." in words
    assert (
        f"De 100 simulaciones, {fewer} tienen menos homicidios con B que con A, {more} más" in words
    )
    assert words.count(f"{more} más con B") == 1
    assert text_of(pair, "en").count('<i class="more">') == more + 1
    whole = words.partition("Todos los años")[2]
    case = r"([\d,]+) [\d,]+ a [\d,]+"
    told = re.match(rf" [\d,]+ {case} {case} ([\d,]+) más", whole)
    assert told is not None
    a, b, apart = (int(each.replace(",", "")) for each in told.groups())
    assert b - a == apart == round(-found.mean)
    assert f" {fewer} de 100 " in whole[:200]


def test_reductions_stand_beside_their_baselines(pair: Findings, text_of: Text) -> None:
    frame = reductions.reductions(pair.a.results).set_index(["measure", "baseline"])
    median = frame.loc[("averted", "2011"), "median"]
    words = read(text_of(pair, "en")).words
    told = re.search(r"The year 2011 3,501 ([\d,]+) ", words)
    assert told is not None
    assert int(told[1].replace(",", "")) == round(median)
    assert "The model's own runs without a truce" in words


def test_one_case_is_compared_with_its_runs_without_a_truce(alone: Findings, text_of: Text) -> None:
    page = read(text_of(alone, "en"))
    found = alone.answer
    assert found is not None
    assert found.mean == pytest.approx(found.of_a - found.of_b)
    assert f"With the truce {number(found.mean)} fewer homicides" in page.words
    assert f"{found.of_hundred[0]} have fewer homicides with the truce than without" in page.words
    assert "With 5 runs the ends of the intervals are rough" in page.words
    assert "Follows the dated record" in page.words
    assert page.tags.count("img") == 3


def test_what_it_gets_wrong_is_computed(alone: Findings, text_of: Text) -> None:
    """Every pattern outside its interval is told, and to which side; none that is inside."""
    told = read(text_of(alone, "en")).words.partition("What the model misses")[2]
    told = told.partition("Placed with and without the 2015 rate class")[0]
    simulated = alone.record.dropna(subset=["inside"])
    missed = simulated[~simulated["inside"].astype(bool)]
    assert len(missed)
    for row in missed.to_dict("records"):
        label = re.escape(label_of(row["id"]))
        side = "low" if row["simulated_p95"] < row["observed"] else "high"
        assert re.search(rf"{label} [\d.,]+ [\d.,]+ [\d.,]+ to [\d.,]+ too {side}", told), label
    assert len(re.findall("too (?:low|high)", told)) == len(missed)


def test_the_embedded_files_are_the_cases(pair: Findings, text_of: Text) -> None:
    text = text_of(pair, "en")
    files = re.findall(r'href="data:application/toml;base64,([^"]+)"', text)
    assert len(files) == 2
    for encoded, (_, case) in zip(files, pair.cases, strict=True):
        content = base64.b64decode(encoded).decode()
        tomllib.loads(content)
        assert read_scenario(content, "again").digest == case.scenario.digest


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_users_write_is_escaped(alone: Findings, hostile: Scenario, lang: str) -> None:
    results = alone.a.results.assign_attrs(
        {f"title_{each}": hostile.title[each] for each in ("en", "es")}
    )
    found = replace(
        alone,
        a=replace(alone.a, scenario=hostile, results=results),
        settings=("<script>",),
        command="trucesim report '</pre><script>x</script>'",
    )
    text = in_language(lang, report.page, found)
    page = read(text)
    assert "script" not in page.tags
    assert page.tags.count("img") == 3
    assert hostile.title[lang] in page.words
    assert hostile.story[lang] in page.words
    assert "<script>" not in text
    assert "<b>negrita" not in text
    assert "<b>bold" not in text
    assert "default-src 'none'" in text


@pytest.mark.slow
def test_an_earlier_report_is_replaced_and_nothing_else(alone: Findings, tmp_path: Path) -> None:
    path = report.write(alone, tmp_path / "report.html")
    first = path.read_text(encoding="utf-8")
    in_language("es", report.write, alone, path)
    assert '<html lang="es">' in path.read_text(encoding="utf-8")
    assert first != path.read_text(encoding="utf-8")
    other = tmp_path / "mine.html"
    other.write_text("<html>my own page</html>", encoding="utf-8")
    for out, told in (
        (other, "no report of trucesim"),
        (tmp_path, "a folder"),
        (tmp_path / "none" / "r.html", "no folder"),
        (tmp_path / "report.pdf", "HTML"),
    ):
        with pytest.raises(InputError, match=told):
            report.write(alone, out)
    assert other.read_text(encoding="utf-8") == "<html>my own page</html>"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mine.html", "report.html"]


def test_a_differing_report_is_written_beside(
    alone: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"

    def write(words: str) -> str:
        monkeypatch.setattr(report, "page", lambda *_: f"{report.MARK}>{words}")
        return report.write(alone, path, replaced=False).name

    assert [write("one"), write("one"), write("two")] == ["report.html"] * 2 + ["report-2.html"]
    path.write_text("my own page", encoding="utf-8")
    (tmp_path / "report-3.html").mkdir()
    assert write("three") == "report-4.html"
    assert path.read_text(encoding="utf-8") == "my own page"


def test_a_report_that_fails_leaves_the_earlier_one(
    alone: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = report.write(alone, tmp_path / "report.html")
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> str:
        raise RuntimeError("no ink")

    monkeypatch.setattr(report, "page", fail)
    with pytest.raises(RuntimeError, match="no ink"):
        report.write(alone, path)
    assert path.read_bytes() == before


def test_the_command_checks_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "notes.html"
    other.write_text("mine", encoding="utf-8")
    for arguments, told in (
        (["report", "truce-2012", "--out", str(other)], "no report of trucesim"),
        (["report", "truce-2021"], "did you mean 'truce-2012'"),
        (["report", "truce-2012", "--runs", "501", "--history", "chance"], "500 at most"),
        (["report", "truce-2012", "--set", "guarantor=true"], "dated condition"),
    ):
        assert main(arguments) == 2
        assert told in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_writes_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "r.html"
    arguments = ["report", "truce-2012", "no-guarantor", "--runs", "3", "--lang", "es"]
    assert main([*arguments, "--set", "funds=true@2013-03-01", "--out", str(out)]) == 0
    assert "MB" in capsys.readouterr().out
    words = read(out.read_text(encoding="utf-8")).words
    assert "trucesim report truce-2012 no-guarantor --set funds=true@2013-03-01" in words
    assert "Contrafactual" in words


def test_maps_show_a_minus_b(pair: Findings) -> None:
    assert pair.b is not None
    assert pair.placed is not None
    population = np.full(262, 1e5 * 365.25 / 365)
    year = parse("2013")
    apart = rates_apart(Side(pair.a.results, pair.b.results), population, year)
    counted = (
        pair.a.results["recorded"].sel(month="2013").sum("month").mean("run")
        - pair.b.results["recorded"].sel(month="2013").sum("month").mean("run")
    ).values
    np.testing.assert_allclose(apart, counted)
    assert apart.sum() < 0  # fewer with the truce
    assert DIFFERENCE_BREAKS == tuple(-each for each in reversed(DIFFERENCE_BREAKS))
    # Without the class the same runs put homicides elsewhere.
    elsewhere = pair.placed[0]["recorded"].sel(month="2013").sum(["month", "run"]).values
    assert not np.array_equal(
        elsewhere, pair.a.results["recorded"].sel(month="2013").sum(["month", "run"]).values
    )


def test_maps_begin_where_the_cases_part() -> None:
    a, b = load_scenario("truce-2012"), load_scenario("no-guarantor")
    assert str(report._map_period(a, b)) == "2012-07..2014-06"
    late = with_settings(a, ["order=own@2016-03-26"])
    assert str(report._map_period(a, late)) == "2016-03..2016-12"
    assert str(report._map_period(a, None)) == "2012-03..2014-02"


def test_the_records_scores_are_kept_on_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are worked out once for as many runs, and read again as they were, to the last bit."""
    monkeypatch.setattr(compilation, "cache_directory", lambda: tmp_path)
    monkeypatch.setattr(report, "_records", {})
    past = Past(CHANCE, 2, 7)
    first = report.record_of(past)
    (kept,) = tmp_path.iterdir()
    monkeypatch.setattr(report, "run", None)
    report._records.clear()
    pd.testing.assert_frame_equal(report.record_of(past), first)
    kept.write_text("half a ta", encoding="utf-8")
    report._records.clear()
    with pytest.raises(TypeError):  # it is worked out anew, which cannot be without `run`
        report.record_of(past)
