"""Countries as folders: what each knows itself, and what it takes from El Salvador."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trucesim.files.errors import InputError
from trucesim.locale.gangs import called, calling
from trucesim.outcomes import patterns, reductions
from trucesim.parameters import PARAMETERS
from trucesim.runs.sampling import from_prior, parameters_of_runs, point_values, shipped_draws
from trucesim.runs.simulate import run
from trucesim.scenario.file import default_scenario, load_scenario, recorded, shipped
from trucesim.world import calendar
from trucesim.world.country import load_country
from trucesim.world.folder import HOME, being_in, here, open_folder, shipped_countries
from trucesim.world.observed import observed

type Folder = Callable[..., Path]

PLACES = """code,name,population,homicides
01,Alto,50000,40
02,Bajo,30000,10
03,Centro,90000,120
"""

PLAN = """
name = { en = "Threeland", es = "Trestierra" }
place = { en = ["place", "places"], es = ["lugar", "lugares"] }

[tables]
places = "places.csv"
contiguity = ["links.csv"]
"""


PACT = """
title = { en = "Pact", es = "Pacto" }
story = { en = "A pact.", es = "Un pacto." }

[[event]]
id = "pact"
date = 2002-03-09
en = "A pact"
es = "Un pacto"
set = { order = "pact", channel = "open" }
source = "made up"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Give a function that makes a folder of three places, with more in its country.toml."""

    def make(more: str = "", name: str = "threeland", **files: str) -> Path:
        root = tmp_path / name
        root.mkdir()
        held = {"places": PLACES, "links": "code_a,code_b\n01,03\n02,03\n", **files}
        for each, text in held.items():
            (root / f"{each}.csv").write_text(text, encoding="utf-8")
        (root / "country.toml").write_text(PLAN + more, encoding="utf-8")
        return root

    return make


def test_home_knows_nothing_apart() -> None:
    """El Salvador is what the declarations and its posterior say, and its digest stays."""
    country = load_country()
    assert (here(), country.name, dict(country.own), dict(country.start)) == (HOME, HOME, {}, {})
    assert country.digest.startswith("d02ec41d8150ddd5")
    assert country.caution() is None


@pytest.mark.parametrize("name", shipped_countries())
def test_every_country_has_what_its_plan_names(name: str) -> None:
    """Its scenarios load, its patterns have estimators, its record has the months of a run."""
    with being_in(name):
        country, plan = load_country(), open_folder().plan
        assert {default_scenario(), *recorded()} <= set(shipped())
        for scenario in shipped():
            load_scenario(scenario)
        for pattern in patterns.load().values():
            assert name == HOME or patterns.entry(pattern).estimate is not None
        assert observed()["recorded_national"].shape == (1, 96)
        assert reductions.window().start.year in (2012, 2013)
        assert len(country.codes) == len(set(country.codes)) == len(country.population)
        assert all(each.source for each in (*plan.parameters.values(), *plan.start.values()))
    assert here() == HOME


def test_its_own_numbers_stand_above_those_of_el_salvador() -> None:
    """Values are values, priors are drawn within bounds, and what is scaled keeps its draw."""
    there, home = load_country("honduras"), load_country()
    own = parameters_of_runs(there, {}, 5, 0, 300)
    elsewhere = parameters_of_runs(home, {}, 5, 0, 300)
    assert set(own["cliques"]) == {475}
    assert own["gang_share"].min() >= 0.1
    assert own["gang_share"].max() <= 0.9
    assert np.std(own["gang_share"]) > 0.2
    np.testing.assert_allclose(own["homicide_level"], 1.70 * elsewhere["homicide_level"])
    assert set(np.unique(own["clique_municipalities"])) <= set(range(7, 19))
    np.testing.assert_array_equal(own["branching"], elsewhere["branching"])
    np.testing.assert_array_equal(own[17:20], parameters_of_runs(there, {}, 5, 17, 3))


def test_what_is_transferred_is_drawn_as_there() -> None:
    """A parameter that is asked for as in El Salvador has the very draw of the same run."""
    there = load_country("honduras")
    asked = parameters_of_runs(there, {}, 5, 0, 50, transferred=("gang_share", "reach_open"))
    home = parameters_of_runs(load_country(), {}, 5, 0, 50)
    for name in ("gang_share", "reach_open"):
        np.testing.assert_array_equal(asked[name], home[name])
    assert not np.array_equal(asked["sanction"], home["sanction"])


def test_priors_and_points_of_a_country() -> None:
    """Its priors are named as such, and point values are their middles."""
    assert "gang_share" in from_prior("honduras")
    assert "gang_share" not in from_prior()
    assert point_values("honduras")["gang_share"] == pytest.approx(0.5)
    assert point_values("honduras")["cliques"] == 475
    assert shipped_draws("honduras") is shipped_draws()


def test_a_folder_of_three_places(folder: Folder) -> None:
    """What it does not say is scaled by its people and its homicides, and that is said."""
    with being_in(folder()):
        country, home = load_country(), load_country(HOME)
        assert (len(country), country.titled()) == (3, "Threeland")
        share = country.population.sum() / home.population.sum()
        assert country.own["cliques"].times == pytest.approx(share)
        assert country.own["homicide_level"].times == pytest.approx(170 / 4004)
        drawn = parameters_of_runs(country, {}, 1, 0, 5)
        assert set(drawn["cliques"]) == {round(1955 * share)}
        assert country.opening("soldiers") == round(6500 * share)
        assert "transferred, not fitted there" in str(country.caution())
        assert shipped() == ()
        with pytest.raises(InputError, match=r"threeland has no scenarios; write one in .*scenar"):
            default_scenario()


def test_a_country_calls_its_gangs(folder: Folder) -> None:
    """Texts name its own gangs; letters and fields stay."""
    gangs = """
[[gang]]
id = "reds"
as = "ms13"
en = "Reds"
es = "Rojos"

[[gang]]
id = "blues"
as = "revolucionarios"
en = "Blues"
es = "Azules"
"""
    with being_in(folder(gangs)):
        assert called("{of_ms13} and {the_barrio18}") == "Reds's and Blues"
        assert called("{surenos}") == "no such gang"
        with calling("letter"):
            assert called("{ms13}") == "gang A"
        event = '[[event]]\nid = "x"\ndate = 2012-01-01\nen = "x"\nes = "x"\nsource = "x"\n'
        text = f'title = {{en="x", es="x"}}\nstory = {{en="x", es="x"}}\n{event}'
        text += 'set = {order = "pact"}\n'
        root = open_folder().root / "scenarios"
        root.mkdir()
        (root / "one.toml").write_text(text + 'gangs = ["blues"]\n', encoding="utf-8")
        assert load_scenario("one").events[0].gangs == ("revolucionarios",)
        (root / "two.toml").write_text(text + 'gangs = ["bluez"]\n', encoding="utf-8")
        with pytest.raises(InputError, match=r"no gang 'bluez' \(did you mean 'blues'\?\)"):
            load_scenario(root / "two.toml")
    assert called("{ms13}") == "MS-13"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("[parameters]\ngang_shar = { value = 0.5, source = 'x' }",
         r"country.toml:\d+: parameters: unknown 'gang_shar' \(did you mean 'gang_share'\?\)"),
        ("[parameters]\ngang_share = { value = 1.5, source = 'x' }",
         r"gang_share: 1.5, but it must be a number from 0 to 1"),
        ("[parameters]\ncliques = { value = 10.5, source = 'x' }", r"must be a whole number"),
        ("[parameters]\nturnover = { low = 0.1, source = 'x' }", r"give a value, or low and high"),
        ("[parameters]\nturnover = { low = 0.3, high = 0.1, source = 'x' }", r"below high"),
        ("[parameters]\nturnover = { value = 0.1, times = 2.0, source = 'x' }", r"only one of"),
        ("[parameters]\nturnover = { value = 0.1 }", r"source is missing"),
        ("[start]\nsoldier = { value = 10, source = 'x' }", r"start: unknown 'soldier'"),
        ("[start]\nminister = { value = 'friendly', source = 'x' }", r"minister = 'friendly'"),
        ("gang = 3", r"country.toml:\d+: unknown key 'tables.gang'"),
    ],
)  # fmt: skip
def test_wrong_numbers_are_refused_in_one_line(folder: Folder, more: str, message: str) -> None:
    """What is wrong, where, and what is allowed."""
    with pytest.raises(InputError, match=message):
        load_country(folder(more))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"places": "code,name\n01,A\n02,B\n"}, r"places.csv: no column 'population'"),
        ({"places": "code,name,population\n01,A,5\n01,B,5\n"}, r"two places have the code 01"),
        ({"places": "code,name,population\n01,A,0\n02,B,5\n"}, r"A \(01\) has '0' people"),
        ({"places": "code,name,population\n01,A,5\n"}, r"1 places, but there must be 2 to 2000"),
        ({"places": "code,name,population\n01,A,5\n02,,5\n"}, r"places.csv: line 3: no name"),
        ({"links": "code_a,code_b\n01,09\n"}, r"links.csv: line 2: no place has the code 09"),
    ],
)
def test_broken_tables_are_refused_in_one_line(
    folder: Folder, files: dict[str, str], message: str
) -> None:
    """The table, the line and the value are named."""
    with pytest.raises(InputError, match=message):
        load_country(folder(**files))


def test_a_folder_reads_only_what_lies_in_it(folder: Folder, tmp_path: Path) -> None:
    """No table of another folder, no name of a shipped country, no folder without a plan."""
    root = folder()
    plan = (root / "country.toml").read_text(encoding="utf-8")
    (root / "country.toml").write_text(plan.replace('"places.csv"', '"../places.csv"'), "utf-8")
    with pytest.raises(InputError, match=r"'\.\./places\.csv' is no file of this folder"):
        load_country(root)
    shutil.copytree(open_folder("honduras").root, tmp_path / "honduras")
    with pytest.raises(InputError, match="name of a country that comes with the package"):
        load_country(tmp_path / "honduras")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no country.toml in this folder"):
        load_country(tmp_path / "empty")
    with pytest.raises(InputError, match=r"'hondurs' \(did you mean 'honduras'\?\)"):
        load_country("hondurs")


def test_a_folder_that_is_edited_is_read_again(folder: Folder) -> None:
    """What was opened stays as it was until its folder is opened again."""
    root = folder()
    first = load_country(root)
    (root / "places.csv").write_text(PLACES.replace("90000", "91000"), encoding="utf-8")
    assert load_country("threeland").population[2] == 90_000
    again = load_country(root)
    assert again.population[2] == 91_000
    assert again.digest != first.digest
    assert load_country("threeland") is again


def test_a_country_has_years_of_its_own(folder: Folder) -> None:
    """Runs go from its first year on; a day outside is refused; counts of all years are kept."""
    root = folder()
    plan = (root / "country.toml").read_text(encoding="utf-8")
    (root / "country.toml").write_text(f"first_year = 1998\n{plan}", encoding="utf-8")
    (root / "scenarios").mkdir()
    (root / "scenarios" / "pact.toml").write_text(PACT, encoding="utf-8")
    country = load_country(root)
    results = run("pact", 3, 1, country=country)
    months = results["month"].values.astype("datetime64[M]")
    assert (str(months[0]), str(months[-1]), len(months)) == ("1998-01", "2005-12", 96)
    assert {"1998", "2005"} <= set(results["period"].values)
    assert "2012" not in results["period"].values
    assert calendar.START.year == 2009
    assert np.isnan(results["order_strength"].sel(month="2001-01-01")).all() or not float(
        results["order_strength"].sel(month="2001-01-01").max()
    )
    assert float(results["order_strength"].sel(month="2002-04-01").max()) > 0.0
    late = PACT.replace("2002-03-09", "2012-03-09")
    (root / "scenarios" / "late.toml").write_text(late, encoding="utf-8")
    with pytest.raises(InputError, match=r"2012-03-09 is outside the run, 1998-01-01 to 2005-12"):
        run("late", 3, 1, country=load_country(root))
    (root / "country.toml").write_text(f"first_year = 1800\n{plan}", encoding="utf-8")
    with pytest.raises(InputError, match=r"first_year = 1800"):
        load_country(root)


def test_a_language_that_a_country_lacks_gets_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third language of the page needs no change in any country's folder."""
    monkeypatch.setattr("trucesim.world.country.spoken", lambda: "pt")
    country = load_country("honduras")
    assert (country.titled(), country.place_word(2)) == ("Honduras", "departments")
    assert "only the level of homicides is fitted" in str(country.caution())


def test_departments_as_places() -> None:
    """El Salvador by its departments has the same people and homicides."""
    fine = load_country()
    coarse = fine.by_departments()
    assert len(coarse) == 14
    assert coarse.population.sum() == fine.population.sum()
    assert coarse.share == 1.0
    links = {(a, int(b)) for a in range(len(coarse)) for b in coarse.neighbours(a)}
    assert links == {(b, a) for a, b in links}
    assert all(PARAMETERS[name] for name in coarse.own)
