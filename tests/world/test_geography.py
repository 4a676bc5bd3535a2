"""The map: outlines are the union of their tiles, and a user's boundaries are checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import Polygon, unary_union  # type: ignore[import-untyped]

from trucesim.files.errors import InputError, Message
from trucesim.world import tiles as geography
from trucesim.world.country import load_country
from trucesim.world.folder import shipped_countries
from trucesim.world.tiles import Ring

# Longitude and latitude of three towns, by code; all three lie well inside their municipality.
TOWNS = {"0614": (-89.20, 13.70), "0210": (-89.56, 13.99), "1217": (-88.18, 13.48)}

Writer = Callable[..., Path]


def signed_area(ring: Ring) -> float:
    """Give a ring's area, negative if it runs clockwise."""
    x, y = (ring - ring[0]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


def polygon(rings: list[Ring]) -> Polygon:
    """Put rings together by their orientation."""
    outer = [Polygon(ring) for ring in rings if signed_area(ring) > 0]
    holes = [Polygon(ring) for ring in rings if signed_area(ring) < 0]
    return unary_union(outer) - unary_union(holes)


def square(centre: tuple[float, float], half: float = 0.02) -> list[list[float]]:
    """Draw a square around a place, in degrees."""
    x, y = centre
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    return [[x + half * right, y + half * up] for right, up in corners]


def feature(properties: dict[str, Any], *rings: list[list[float]]) -> dict[str, Any]:
    """Make a feature of a file."""
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": list(rings)},
    }


def towns() -> list[dict[str, Any]]:
    """Make a feature of each town."""
    return [feature({"name": "x", "code": code}, square(at)) for code, at in TOWNS.items()]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Give a function that writes features into a file."""

    def write(features: object, kind: str = "FeatureCollection") -> Path:
        path = tmp_path / "places.geojson"
        path.write_text(json.dumps({"type": kind, "features": features}), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("country", shipped_countries())
def test_outlines_cover_their_tiles_and_nothing_else(country: str) -> None:
    """Outer rings minus holes have the area of the tiles."""
    grid = geography.tiles(country)
    outlines = geography.outlines(country)
    codes, counts = np.unique(grid.code, return_counts=True)
    assert list(outlines) == codes.tolist()
    for code, count in zip(codes, counts, strict=True):
        area = sum(signed_area(ring) for ring in outlines[code])
        assert area == pytest.approx(count * grid.tile_area, rel=1e-9)


@pytest.mark.parametrize("country", shipped_countries())
def test_outlines_rings_are_closed_and_simple(country: str) -> None:
    """Each ring ends where it begins and does not touch itself."""
    for rings in geography.outlines(country).values():
        for ring in rings:
            np.testing.assert_array_equal(ring[0], ring[-1])
            assert len(ring) >= 7
            assert Polygon(ring).is_valid


def test_outlines_agree_with_a_union_made_by_shapely() -> None:
    """They cover the very hexagons, islands and holes included."""
    grid = geography.tiles()
    angles = np.radians(np.arange(30, 390, 60))
    corners = np.column_stack([np.cos(angles), np.sin(angles)]) * grid.spacing / np.sqrt(3)
    for code in ("0822", "1404", "0614"):  # two holes; islands and a hole; neither
        centres = grid.centres[grid.code == code]
        union = unary_union([Polygon(centre + corners).buffer(0.01) for centre in centres])
        outline = polygon(geography.outlines()[code])
        assert outline.symmetric_difference(union).area < 1e-4 * union.area


def test_outlines_holes_run_clockwise() -> None:
    """The two holes of 0822 have one and two tiles and a negative area."""
    holes = [ring for ring in geography.outlines()["0822"] if signed_area(ring) < 0]
    tile = geography.tiles().tile_area
    np.testing.assert_allclose(sorted(map(signed_area, holes)), [-2 * tile, -tile])


def test_outlines_cannot_be_spoiled() -> None:
    """What one caller does to the rings leaves the next one's as they were."""
    outlines = geography.outlines()
    with pytest.raises(ValueError, match="read-only"):
        outlines["0614"][0][0] = 0
    outlines["0614"].clear()
    assert geography.outlines()["0614"]


def test_outlines_of_an_unknown_country() -> None:
    """A misspelt country is named with the nearest one."""
    with pytest.raises(InputError, match=r"'hondurass'.*did you mean 'honduras'"):
        geography.outlines("hondurass")


def test_borders_lie_on_both_sides() -> None:
    """Each corner of a border belongs to two departments or more."""
    outlines = geography.outlines()
    lines = geography.borders(outlines, load_country().department_of)
    by_department: dict[str, set[tuple[float, float]]] = {}
    for code, rings in outlines.items():
        corners = by_department.setdefault(code[:2], set())
        corners |= {tuple(corner) for ring in rings for corner in ring.tolist()}
    for line in lines:
        assert len(line) >= 2
        for corner in map(tuple, line.tolist()):
            assert sum(corner in corners for corners in by_department.values()) >= 2


def test_borders_hold_every_shared_edge_once() -> None:
    """There are as many edges as pairs of tiles across a border."""
    grid = geography.tiles("guatemala")
    place = dict(zip(zip(grid.row.tolist(), grid.col.tolist(), strict=True), grid.code,
                     strict=True))  # fmt: skip
    shared = 0
    for (row, col), code in place.items():
        odd = row % 2
        for neighbour in ((row, col + 1), (row + 1, col + odd), (row + 1, col + odd - 1)):
            shared += neighbour in place and place[neighbour] != code
    lines = geography.borders(
        geography.outlines("guatemala"), load_country("guatemala").department_of
    )
    assert sum(len(line) - 1 for line in lines) == shared


def test_borders_inside_one_group_there_are_none() -> None:
    """Municipalities of one department share no border of departments."""
    outlines = geography.outlines()
    san_salvador = {code: outlines[code] for code in outlines if code.startswith("06")}
    assert geography.borders(san_salvador, load_country().department_of) == []
    assert geography.borders(san_salvador, {code: code for code in san_salvador})


def test_projection_of_a_published_point() -> None:
    """The CN Tower lies at 17T 630084 4833438."""
    place = geography.project([-79 - 23 / 60 - 13.7 / 3600], [43 + 38 / 60 + 33.24 / 3600],
                              "EPSG:32617")  # fmt: skip
    np.testing.assert_allclose(place, [[630084, 4833438]], atol=1)


def test_projection_of_the_central_meridian() -> None:
    """The middle of a zone on the equator is the plane's origin."""
    np.testing.assert_allclose(geography.project([-87], [0], "EPSG:32616"), [[500000, 0]])


@pytest.mark.parametrize("key", [None, "code"])
def test_users_boundaries_are_found_by_code(write: Writer, key: str | None) -> None:
    """Places of the file lie where their tiles lie."""
    found = geography.from_geojson(write(towns()), TOWNS, key)
    assert list(found) == list(TOWNS)
    tile_outlines = geography.outlines()
    for code, rings in found.items():
        assert polygon(tile_outlines[code]).intersects(polygon(rings))


def test_users_boundaries_are_found_by_number(write: Writer) -> None:
    """A code that lost its zero as a number is still found."""
    places = [feature({"id": int(code)}, square(at)) for code, at in TOWNS.items()]
    assert len(geography.from_geojson(write(places), TOWNS)) == 3
    places = [feature({"id": float(code)}, square(at)) for code, at in TOWNS.items()]
    assert len(geography.from_geojson(write(places), TOWNS)) == 3


def test_users_boundaries_are_found_by_pcode(write: Writer) -> None:
    """SV1210 is Santa Ana, 0210, and not San Miguel's 1210."""
    rows = geography.table("el_salvador", "municipalities.csv")
    pcodes = {row["code"]: row["pcode"] for row in rows}
    places = [feature({"ADM2": pcodes[code]}, square(at)) for code, at in TOWNS.items()]
    assert pcodes["0210"] == "SV1210"
    assert list(geography.from_geojson(write(places), TOWNS)) == list(TOWNS)


def test_users_boundaries_of_another_numbering_are_refused(write: Writer) -> None:
    """Codes of another system would put places elsewhere."""
    swapped = dict(zip(TOWNS, [*list(TOWNS.values())[1:], TOWNS["0614"]], strict=True))
    places = [feature({"code": code}, square(at)) for code, at in swapped.items()]
    with pytest.raises(InputError, match=r"'code' 3 places lie elsewhere.*0614, 0210, 1217"):
        geography.from_geojson(write(places), TOWNS)


def test_users_boundaries_holes_and_parts_are_kept_whatever_way_they_run(write: Writer) -> None:
    """Rings are turned: outer ones anticlockwise, holes clockwise."""
    at = TOWNS["0614"]
    outer, hole = square(at)[::-1], square(at, 0.01)
    place = feature({"code": "0614"}, outer, hole)
    island = feature({"code": "0614"}, square((at[0], at[1] + 0.1)))
    rings = geography.from_geojson(write([place, island]), ["0614"])["0614"]
    assert [signed_area(ring) > 0 for ring in rings] == [True, False, True]

    parts = [place["geometry"]["coordinates"], island["geometry"]["coordinates"]]
    place["geometry"] = {"type": "MultiPolygon", "coordinates": parts}
    same = geography.from_geojson(write([place]), ["0614"])["0614"]
    for ring, other in zip(rings, same, strict=True):
        np.testing.assert_array_equal(ring, other)


def test_users_boundaries_may_hold_more_places(write: Writer) -> None:
    """Features without a wanted code are passed over."""
    lake = {"type": "Feature", "properties": None, "geometry": None}
    assert list(geography.from_geojson(write([lake, *towns()]), ["0614"])) == ["0614"]


def test_users_boundaries_of_no_place(write: Writer) -> None:
    """Nothing wanted, nothing read."""
    assert geography.from_geojson(write([]), []) == {}


def test_users_file_missing(write: Writer, tmp_path: Path) -> None:
    """A missing file is named with the nearest one beside it."""
    write(towns())
    with pytest.raises(InputError, match=r"no such file \(did you mean 'places.geojson'\?\)"):
        geography.from_geojson(tmp_path / "place.geojson", TOWNS)


@pytest.mark.parametrize("content", [b"", b"not json", b"\xff\xfe\x00", b"[" * 100_000])
def test_users_file_not_json(tmp_path: Path, content: bytes) -> None:
    """Whatever is no JSON is refused in one message."""
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a JSON file"):
        geography.from_geojson(path, TOWNS)


def test_users_file_too_large(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the bound is not read."""
    monkeypatch.setattr(geography, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="MB at most"):
        geography.from_geojson(write(towns()), TOWNS)


def test_users_file_of_another_type(write: Writer) -> None:
    """Other JSON than a collection of features is refused by its type."""
    with pytest.raises(InputError, match="FeatureCollection, but its type is 'Topology'"):
        geography.from_geojson(write([], "Topology"), TOWNS)
    with pytest.raises(InputError, match="no list of features"):
        geography.from_geojson(write({}), TOWNS)


def test_users_file_without_codes(write: Writer) -> None:
    """The message lists the properties that there are."""
    nameless = [feature({"name": "x", "yes": True}, square(at)) for at in TOWNS.values()]
    path = write(nameless)
    with pytest.raises(InputError, match=r"no property holds codes.*there are: 'name', 'yes'"):
        geography.from_geojson(path, TOWNS)
    with pytest.raises(InputError, match="'name' does not hold codes"):
        geography.from_geojson(path, TOWNS, "name")
    with pytest.raises(InputError, match=r"no feature has a property 'nam' \(did you mean"):
        geography.from_geojson(path, TOWNS, "nam")
    with pytest.raises(InputError, match="there are: none"):
        geography.from_geojson(write([]), TOWNS)


def test_users_file_with_places_missing(write: Writer) -> None:
    """Five missing codes are listed and the others counted."""
    wanted = geography.outlines()
    with pytest.raises(InputError, match=r"259 of 262 .*: 0101, 0102, 0103, 0104, 0105 and 254"):
        geography.from_geojson(write(towns()), wanted)
    with pytest.raises(InputError, match=r"1 of 4 places are missing: 0101$"):
        geography.from_geojson(write(towns()), [*TOWNS, "0101"])


@pytest.mark.parametrize("geometry", [None, {"type": "Point", "coordinates": [-89, 13]}])
def test_users_file_with_another_geometry(write: Writer, geometry: object) -> None:
    """Points and missing geometries are refused by the place's code."""
    places = towns()
    places[1]["geometry"] = geometry
    with pytest.raises(InputError, match=r"0210 has the geometry .*'Polygon' or 'Multi"):
        geography.from_geojson(write(places), TOWNS)


@pytest.mark.parametrize(
    ("ring", "message"),
    [
        (square(TOWNS["0614"])[:3], "four positions"),
        (square(TOWNS["0614"])[:4], "not closed"),
        (square((262_000, 1_515_000)), "not longitude and latitude"),
        ([[float("nan"), 13.0]] * 4, "not closed"),
        ([["a", "b"]] * 4, "broken ring"),
        ([-89.0, 13.0, -88.0, 12.0], "broken ring"),
    ],
)
def test_users_file_with_a_broken_ring(write: Writer, ring: Any, message: str) -> None:
    """A ring that is none is refused with the reason."""
    with pytest.raises(InputError, match=message):
        geography.from_geojson(write([feature({"code": "0614"}, ring)]), ["0614"])


def test_users_file_without_rings(write: Writer) -> None:
    """A polygon needs a ring."""
    with pytest.raises(InputError, match="0614 has no ring"):
        geography.from_geojson(write([feature({"code": "0614"})]), ["0614"])


# The scheme of 2024 -----------------------------------------------------------------------------

SIZES = {
    "Ahuachapán": "Norte Centro Sur", "Santa Ana": "Norte Centro Este Oeste",
    "Sonsonate": "Norte Centro Este Oeste", "Chalatenango": "Norte Centro Sur",
    "La Libertad": "Norte Centro Oeste Este Costa Sur",
    "San Salvador": "Norte Oeste Este Centro Sur", "Cuscatlán": "Norte Sur",
    "La Paz": "Oeste Centro Este", "Cabañas": "Este Oeste", "San Vicente": "Norte Sur",
    "Usulután": "Norte Este Oeste", "San Miguel": "Norte Centro Oeste",
    "Morazán": "Norte Sur", "La Unión": "Norte Sur",
}  # fmt: skip
"""The 44, by department."""


def since_2024() -> list[dict[str, str]]:
    """Give department, name and code of each of the 44."""
    return [
        {"dep": of, "name": quarter, "full": f"{of} {quarter}", "code": f"{d:02}{n:02}"}
        for d, (of, quarters) in enumerate(SIZES.items(), start=1)
        for n, quarter in enumerate(quarters.split(), start=1)
    ]


def districts() -> list[dict[str, Any]]:
    """Make a feature of each of the 262, with a new code and one of the 44 that it may lie in."""
    country, centres = load_country(), {}
    grid = geography.tiles()
    for code in country.codes:
        east, north = grid.centres[grid.code == code][0]
        # Good to a kilometre or two; places may lie ten away.
        latitude = north / 110_600
        centres[code] = (east - 500_000) / (111_320 * np.cos(np.radians(latitude))) - 87, latitude
    return [
        feature(
            {"fid": number, "code": f"{code}{number:02}", "distrito": name, "departamento": of,
             "municipio": f"{of} {SIZES[of].split()[0]}"},
            square(centres[code]),
        )
        for number, (code, name, of) in enumerate(
            zip(country.codes, country.names, country.departments, strict=True)
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (("full",), "'Ahuachapán Centro' is one of them"),
        (("dep", "name"), "'Ahuachapán Centro' is one of them"),
        (("code",), "only the first few of every department are there, 44 in all"),
        (("dep",), "it has 44 features"),
    ],
)
def test_the_44_of_2024_are_refused(write: Writer, kept: tuple[str, ...], why: str) -> None:
    """By full names, by departments and names, by codes that look like old ones, by number."""
    places = [
        feature({key: each[key] for key in kept}, square(TOWNS["0614"])) for each in since_2024()
    ]
    assert len(places) == 44
    path = write(places)
    with pytest.raises(InputError, match=why) as refused:
        geography.from_geojson(path, load_country().codes)
    assert "it is in the scheme of 2024, 44 municipalities" in str(refused.value)
    assert "give a file of the 262 districts" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_44_are_not_taken_for_a_few_places_that_are_wanted(write: Writer) -> None:
    """0101 of 2024 is another place than 0101 of before."""
    places = [feature({"code": each["code"]}, square(TOWNS["0614"])) for each in since_2024()]
    with pytest.raises(InputError, match=r"scheme of 2024"):
        geography.from_geojson(write(places), ["0101"], "code")


def test_districts_with_new_codes_are_found_by_name(write: Writer) -> None:
    """All 262, each once, and it is said."""
    said: list[Message] = []
    codes = load_country().codes
    found = geography.from_geojson(write(districts()), codes, tell=said.append)
    assert tuple(found) == codes
    assert len(said) == 1
    assert "(the properties 'distrito' and 'departamento'), each exactly once" in said[0]


def test_districts_that_are_numbered_anew_are_found_by_name(write: Writer) -> None:
    """Codes of the old form that are other places' lose against names."""
    places, codes = districts(), load_country().codes
    turned = [*codes[1:], codes[0]]
    for each, code in zip(places, turned, strict=True):
        each["properties"]["code"] = code
    said: list[Message] = []
    assert tuple(geography.from_geojson(write(places), codes, tell=said.append)) == codes
    assert len(said) == 1


def test_districts_with_their_old_codes_are_found_by_these(write: Writer) -> None:
    """Nothing is said where names and codes agree."""
    places, codes = districts(), load_country().codes
    for each, code in zip(places, codes, strict=True):
        each["properties"]["code"] = code
    assert tuple(geography.from_geojson(write(places), codes, tell=pytest.fail)) == codes


def test_a_district_that_is_there_twice_or_not_is_refused(write: Writer) -> None:
    """Names are taken only if every one is found exactly once."""
    places, codes = districts(), load_country().codes
    for wrong in (places[:-1], [*places, places[-1]]):
        with pytest.raises(InputError, match=f"1 of 262 .* or there more than once: {codes[-1]}$"):
            geography.from_geojson(write(wrong), codes)
