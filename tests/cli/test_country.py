"""The folder of a country of one's own: made, filled, built and checked on the command line."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from folders import ROOT, TENLAND

from trucesim.cli import main
from trucesim.files.writing import with_keys

DISTRICTS = str(TENLAND / "districts.geojson")

Capsys = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def country(capsys: Capsys) -> Callable[..., Said]:
    def act(*arguments: str | Path) -> Said:
        capsys.readouterr()
        code = main(["country", *map(str, arguments)])
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return act


@pytest.fixture
def tenland(tmp_path: Path) -> Path:
    """Give the made-up country as its author has filled it in, without a map."""
    shutil.copytree(TENLAND, tmp_path / "tenland", ignore=shutil.ignore_patterns("*.geojson"))
    return tmp_path / "tenland"


@pytest.fixture
def built(tenland: Path, country: Callable[..., Said]) -> Path:
    assert country("build", tenland, "--geojson", DISTRICTS).code == 0
    return tenland


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listing(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- new ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_new_folder_lacks_only_what_is_to_be_filled_in(
    tmp_path: Path, country: Callable[..., Said], lang: str
) -> None:
    folder = tmp_path / "land"
    assert country("new", folder, "--lang", lang).code == 0
    assert set(listing(folder)) == {
        "country.toml", "places.csv", "adjacency.csv", "tiles.csv", "homicides_monthly.csv",
        "scenarios/no-pact.toml", "scenarios/pact.toml",
    }  # fmt: skip
    said = country("check", folder, "--json")
    assert said.code == 2
    wrong = [each for each in json.loads(said.out)["findings"] if each["kind"] == "wrong"]
    assert {each["what"].split(":")[0] for each in wrong} == {
        "places.csv", "tiles.csv", "country.toml",
    }  # fmt: skip


def test_both_languages_say_the_same(tmp_path: Path, country: Callable[..., Said]) -> None:
    for lang in ("en", "es"):
        country("new", tmp_path / lang, "--lang", lang)
    one, other = (listing(tmp_path / lang) for lang in ("en", "es"))
    assert set(one) == set(other)
    for name in one:
        if name.endswith(".toml"):
            assert tomllib.loads(one[name].decode()) == tomllib.loads(other[name].decode())
            assert one[name] != other[name]


def test_every_example_in_a_new_folder_may_be_used(
    tmp_path: Path, country: Callable[..., Said]
) -> None:
    from trucesim.world.folder import read_folder

    country("new", tmp_path / "land")
    plan = tmp_path / "land" / "country.toml"
    lines = plan.read_text(encoding="utf-8").splitlines()
    used = [
        line[2:] if line.startswith("# ") and (" = " in line or line.startswith("# [")) else line
        for line in lines
    ]
    plan.write_text("\n".join(used), encoding="utf-8")
    found = read_folder(plan.parent).plan
    assert len(found.gang) == 1
    assert set(found.parameters) == {"cliques", "members_at_liberty", "homicide_level"}
    assert found.tables.departments == "departments.csv"


@pytest.mark.parametrize(
    ("name", "message"),
    [("full", "holds something"), ("file", "holds something"), ("honduras", "comes with")],
)
def test_where_no_new_folder_is_made(
    tmp_path: Path, country: Callable[..., Said], name: str, message: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "own.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    before = listing(tmp_path)
    said = country("new", tmp_path / name)
    assert said.code == 2
    assert message in said.err
    assert listing(tmp_path) == before


# --- build --------------------------------------------------------------------------------------


def test_build_writes_the_map_and_neighbours_and_leaves_the_rest(
    tenland: Path, country: Callable[..., Said]
) -> None:
    before = (tenland / "country.toml").read_text(encoding="utf-8").splitlines()
    places = (tenland / "places.csv").read_bytes()
    said = country("build", tenland, "--geojson", DISTRICTS)
    assert said.code == 0
    assert "10 places; codes: 'district_code'; names: 'district_name'." in said.out
    assert "20 pairs of neighbours; places without any: Skerry (10)." in said.out
    after = (tenland / "country.toml").read_text(encoding="utf-8")
    kept = [line for line in after.splitlines() if line in before and line]
    assert kept == [line for line in before if line]
    plan = tomllib.loads(after)
    assert plan["tables"]["tiles"] == "tiles.csv"
    assert plan["tables"]["contiguity"] == ["adjacency.csv"]
    assert plan["map"]["crs"] == "EPSG:32625"
    codes = {each["code"] for each in rows(tenland / "places.csv")}
    assert {each["code"] for each in rows(tenland / "tiles.csv")} == codes
    assert (tenland / "places.csv").read_bytes() == places
    assert not list(tenland.glob("*.geojson"))


def test_the_map_is_drawn_where_the_boundaries_are(built: Path) -> None:
    from trucesim.world.building import read_boundaries
    from trucesim.world.folder import being_in
    from trucesim.world.tiles import outlines

    boundaries = read_boundaries(DISTRICTS).rings
    with being_in(built):
        drawn = outlines()
    assert list(drawn) == sorted(boundaries)
    for code, rings in drawn.items():
        for end in ("min", "max"):
            there = getattr(boundaries[code][0], end)(axis=0)
            assert getattr(rings[0], end)(axis=0) == pytest.approx(there, abs=3000)


def test_built_twice_it_is_the_same(built: Path, country: Callable[..., Said]) -> None:
    before = listing(built)
    assert country("build", built, "--geojson", DISTRICTS).code == 0
    assert listing(built) == before
    assert country("build", built, "--geojson", DISTRICTS, "--spacing", "4000").code == 0
    assert tomllib.loads((built / "country.toml").read_text("utf-8"))["map"]["spacing_m"] == 4000
    assert country("check", built).code == 0


def test_places_are_written_where_there_are_none(
    tmp_path: Path, country: Callable[..., Said]
) -> None:
    folder = tmp_path / "land"
    country("new", folder)
    said = country("build", folder, "--geojson", DISTRICTS)
    assert "Fill in the population" in said.out
    places = rows(folder / "places.csv")
    assert places[1] == {"code": "02", "name": "Brocken", "population": "", "homicides": ""}
    said = country("check", folder)
    assert said.code == 2
    assert "population" in said.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--geojson", "nowhere.geojson"], "no such file"),
        (["--geojson", DISTRICTS, "--code", "district_cod"], "did you mean 'district_code'"),
        (["--geojson", DISTRICTS, "--spacing", "3"], "m are allowed"),
        (["--geojson", str(TENLAND / "places.csv")], "not a JSON file"),
    ],
)
def test_what_cannot_be_built_leaves_the_folder_alone(
    tenland: Path, country: Callable[..., Said], arguments: list[str], message: str
) -> None:
    before = listing(tenland)
    said = country("build", tenland, *arguments)
    assert said.code == 2
    assert message in said.err
    assert len(said.err.splitlines()) == 1
    assert listing(tenland) == before


def test_a_map_that_cannot_be_entered_is_told(tenland: Path, country: Callable[..., Said]) -> None:
    plan = tenland / "country.toml"
    origin = "origin_easting = 0.0, origin_northing = 0.0"
    own = f'map = {{ crs = "EPSG:32625", spacing_m = 1.0, {origin} }}\n'
    plan.write_text(own + plan.read_text(encoding="utf-8"), encoding="utf-8")
    before = listing(tenland)
    said = country("build", tenland, "--geojson", DISTRICTS)
    assert said.code == 2
    assert "write a table [map]" in said.err
    assert listing(tenland) == before


def test_keys_are_set_in_place() -> None:
    text = '# mine\n[ a ] # one\nx = 1 # kept\ny = ["p", "q"] # too\n\n# more\n[b]\nx = "#2"\n'
    done = with_keys(text, "a", {"x": "3", "y": "[]", "z": '"new"'})
    assert done == (
        '# mine\n[ a ] # one\nx = 3 # kept\ny = [] # too\nz = "new"\n\n# more\n[b]\nx = "#2"\n'
    )
    assert with_keys(done, "b", {"x": "0"}).endswith("[b]\nx = 0\n")
    assert with_keys("a = 1", "c", {"x": "0"}) == "a = 1\n\n[c]\nx = 0\n"


# --- check --------------------------------------------------------------------------------------


def test_a_whole_folder_is_sound(built: Path, country: Callable[..., Said]) -> None:
    said = country("check", built)
    assert said.code == 0, said.out
    assert "can be run" in said.out
    assert "no table of patterns" in said.out
    assert "no neighbours" not in said.out


def edited(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def renamed(name: str, other: str) -> Callable[[Path], None]:
    def rename(folder: Path) -> None:
        (folder / name).replace(folder / other)

    return rename


def replaced(name: str, text: str) -> Callable[[Path], None]:
    def replace(folder: Path) -> None:
        (folder / name).write_text(text, encoding="utf-8")

    return replace


CONTROL = """[control]
pattern = "fall"
scenario = "pact-2013"
must_fail = "no-pact"

[start]"""

BROKEN: dict[str, tuple[list[Callable[[Path], None]], list[str]]] = {
    "plan": (
        [
            edited("country.toml", "[tables]", "[tabels]"),
            edited("country.toml", 'as = "ms13"', 'as = "ms31"'),
        ],
        ["unknown key 'tabels' (did you mean 'tables'?)", "did you mean 'ms13'"],
    ),
    "places": (
        [
            edited("places.csv", "96300", "-5"),
            edited("places.csv", "88100", ""),
            edited("places.csv", "03,Calder", "02,Calder"),
        ],
        [
            "Brocken (-5, 3), Farrow (–, 7)", "codes of several places: 02", "codes are texts",
            "adjacency.csv: code_a that no place has: 03",
        ],
    ),
    "tables": (
        [
            renamed("homicides_monthly.csv", "homicides_month.csv"),
            edited("places.csv", "population", "people"),
            edited("adjacency.csv", "code_b", "code_c"),
        ],
        [
            "no such file in the folder (did you mean 'homicides_month.csv'?)",
            "places.csv: no column 'population'",
            "adjacency.csv: no column 'code_b' (did you mean 'code_c'?)",
            "homicides_month.csv: named by no key",
        ],
    ),
    "links": (
        [
            edited("adjacency.csv", "01,02", "01,2\n03,03\n04,01"),
            replaced("tiles.csv", "row,col,code\n1,1,01\n1,1,02\n1,x,77\n"),
        ],
        [
            "code_b that no place has", "places beside themselves: 03", "only one way: 01-05",
            "places without a tile: 03, 04, 05, 06, 07 and 3 more", "code that no place has: 77",
            "tiles that are listed twice: 1, 1", "col is missing or no number",
        ],
    ),
    "numbers": (
        [
            edited("country.toml", "cliques = { value = 130", "clique = { value = 130"),
            edited("country.toml", "surenos_share = { value = 1,", "surenos_share = { value = 7,"),
            edited("country.toml", "soldiers = { value = 900", "soldiers = { value = -900"),
            edited("country.toml", "2012-04-01..2013-12-31", "2009-04-01..2013-12-31"),
            edited("homicides_monthly.csv", "2009,2,", "2009,14,"),
            edited("homicides_monthly.csv", "2009,3,", "1e400,3,"),
            edited("country.toml", "[start]", CONTROL),
        ],
        [
            "unknown 'clique' (did you mean 'cliques'?)", "surenos_share: 7, but it must be",
            "soldiers", "it must lie between 2010-01-01", "months above 12 in lines: 3",
            "year is missing or no number that can be (value, line): inf (inf, 4)",
            "scenario: nothing is called 'pact-2013' (did you mean 'pact-2012'?)",
            "pattern: nothing is called 'fall'",
        ],
    ),
}  # fmt: skip
"""Folders with several things wrong, and what is said of each."""


@pytest.mark.parametrize("name", BROKEN)
def test_all_that_is_wrong_is_told_at_once(
    built: Path, country: Callable[..., Said], name: str
) -> None:
    edits, messages = BROKEN[name]
    for edit in edits:
        edit(built)
    said = country("check", built)
    assert said.code == 2
    for message in messages:
        assert message in said.out, said.out
    in_json = country("check", built, "--json")
    assert in_json.code == 2
    assert json.loads(in_json.out)["wrong"] >= len(edits)


@pytest.mark.parametrize("name", ["places", "tables", "numbers"])
def test_what_is_told_to_be_wrong_is_refused_by_runs(
    built: Path, capsys: Capsys, name: str
) -> None:
    for edit in BROKEN[name][0]:
        edit(built)
    assert main(["run", "pact-2012", "--country", str(built), "--runs", "1"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("cell", ["", "many", "-3"])
def test_homicides_that_are_no_count_are_refused_by_runs(
    built: Path, capsys: Capsys, cell: str
) -> None:
    edited("places.csv", "96300,20", f"96300,{cell}")(built)
    assert main(["run", "pact-2012", "--country", str(built), "--runs", "1"]) == 2
    assert "places.csv: Brocken: homicides is" in capsys.readouterr().err


def test_years_of_its_own(built: Path, country: Callable[..., Said]) -> None:
    edited("country.toml", "[tables]", "first_year = 2010\nrecorded = ['pact']\n[tables]")(built)
    said = country("check", built)
    assert "must lie between 2011-01-01 and 2017-12-31" not in said.out
    assert "some months of the eight years only" in said.out
    assert "recorded: nothing is called 'pact'" in said.out
    edited("country.toml", "first_year = 2010", "first_year = 2012")(built)
    assert "must lie between 2013-01-01 and 2019-12-31" in country("check", built).out


@pytest.mark.parametrize("name", ["el_salvador", "guatemala"])
def test_nothing_is_wrong_with_what_is_shipped(name: str) -> None:
    from trucesim.world.checking import findings

    found = findings(ROOT / "src" / "trucesim" / "data" / name)
    # Its scenarios lie elsewhere.
    wrong = [
        each.what for each in found if each.kind == "wrong" and ": recorded: " not in each.what
    ]
    assert not wrong


def test_a_broken_calibration_is_told(built: Path, country: Callable[..., Said]) -> None:
    edited("country.toml", "[tables]", '[tables]\nposterior = "draws.csv"')(built)
    assert "draws.csv: there is no such file" in country("check", built).out
    (built / "draws.csv").write_text("mine,yours\n1,two\n", encoding="utf-8")
    assert country("check", built).code == 2


def test_a_broken_scenario_is_told(built: Path, country: Callable[..., Said]) -> None:
    edited("scenarios/pact-2012.toml", '"tides", "kilns"', '"tides", "kiln"')(built)
    said = country("check", built)
    assert said.code == 2
    assert "did you mean 'kilns'" in said.out


def test_where_there_is_no_folder(tmp_path: Path, country: Callable[..., Said]) -> None:
    (tmp_path / "tenland").mkdir()
    said = country("check", tmp_path / "tenlnad")
    assert said.code == 2
    assert "did you mean 'tenland'" in said.err
    said = country("check", tmp_path / "tenland")
    assert said.code == 2
    assert "'trucesim country new'" in said.out
    said = country("build", tmp_path / "tenland", "--geojson", DISTRICTS)
    assert said.code == 2
    assert "'trucesim country new'" in said.err


@pytest.mark.slow
def test_it_is_run(built: Path, tmp_path: Path, capsys: Capsys) -> None:
    out = tmp_path / "out"
    given = ["run", "pact-2012", "--country", str(built), "--runs", "2", "--out", str(out)]
    assert main(given) == 0
    assert "Tenland" in capsys.readouterr().out
    assert (out / "figures" / "maps_en.png").is_file()
