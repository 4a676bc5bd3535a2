"""A map and neighbours made from a user's own boundaries."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from folders import TENLAND

from trucesim.files.errors import InputError
from trucesim.world.building import (
    GOOD_TILES,
    MOST_TILES,
    Boundaries,
    adjacent,
    islands,
    read_boundaries,
    tiled,
)
from trucesim.world.tiles import project

DISTRICTS = TENLAND / "districts.geojson"


def box(x: float, y: float, width: float, height: float) -> list[list[float]]:
    """Give a rectangle's corners, anticlockwise."""
    corners = [(0, 0), (width, 0), (width, height), (0, height), (0, 0)]
    return [[x + a, y + b] for a, b in corners]


def shoelace(ring: Any) -> float:
    x, y = ring.T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def collection(path: Path, places: list[tuple[dict[str, Any], list[Any]]]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Polygon", "coordinates": rings},
        }
        for properties, rings in places
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def metres(**places: list[list[list[float]]]) -> Boundaries:
    """Give places whose corners are metres already."""
    rings = {code: [np.array(ring) for ring in own] for code, own in places.items()}
    return Boundaries(dict.fromkeys(places, ""), rings, "EPSG:32616", "code", None)


def test_codes_and_names_are_found() -> None:
    found = read_boundaries(DISTRICTS)
    assert (found.code_property, found.name_property) == ("district_code", "district_name")
    assert list(found.names.items())[:2] == [("01", "Arden"), ("02", "Brocken")]
    assert found.crs == "EPSG:32625"


def test_boundaries_are_projected() -> None:
    found = read_boundaries(DISTRICTS).rings["01"][0]
    assert found[0] == pytest.approx(project([-31.0], [9.0], "EPSG:32625")[0], abs=0.01)


def test_queen_contiguity_and_the_island() -> None:
    rings = read_boundaries(DISTRICTS).rings
    pairs = adjacent(rings)
    grid = {f"{1 + i + 3 * j:02}": (i, j) for i, j in product(range(3), range(3))}
    expected = [
        (a, b)
        for a, b in product(grid, grid)
        if a < b and all(abs(p - q) < 2 for p, q in zip(grid[a], grid[b], strict=True))
    ]
    assert pairs == sorted(expected)
    assert islands(rings, pairs) == ["10"]


def test_borders_that_differ_by_metres_are_one_but_no_gap_of_a_street_s_length() -> None:
    for gap, one in ((0.0, True), (7.0, True), (300.0, False)):
        places = metres(a=[box(0, 0, 9000, 9000)], b=[box(9000 + gap, 0, 9000, 9000)])
        assert bool(adjacent(places.rings)) is one, gap


def test_places_that_meet_in_a_point_or_overlap_are_neighbours() -> None:
    crossing = metres(
        a=[box(0, 0, 9000, 9000)],
        b=[box(9000, 9000, 5000, 5000)],
        c=[box(-4000, 3000, 5000, 1000)],
    )
    assert adjacent(crossing.rings) == [("a", "b"), ("a", "c")]


def test_every_tile_lies_in_its_place() -> None:
    boundaries = read_boundaries(DISTRICTS)
    from matplotlib.path import Path as Line

    grid = tiled(boundaries)
    for code, (ring,) in boundaries.rings.items():
        inside = Line(ring).contains_points(grid.centres)
        # The ninth's boundary lies some metres off its neighbours'.
        wrong = int(np.sum(inside != (grid.code == code)))
        assert wrong <= (3 if code in {"05", "06", "08", "09"} else 0), code


def test_tiles_are_many_but_not_too_many_and_cover_the_area() -> None:
    boundaries = read_boundaries(DISTRICTS)
    grid = tiled(boundaries)
    area = sum(abs(shoelace(ring)) for (ring,) in boundaries.rings.values())
    assert GOOD_TILES / 7 < len(grid.row) <= GOOD_TILES
    codes, counts = np.unique(grid.code, return_counts=True)
    assert len(codes) == 10
    assert counts.min() >= 3
    assert len(grid.row) * grid.tile_area == pytest.approx(area, rel=0.01)
    assert len(set(zip(grid.row, grid.col, strict=True))) == len(grid.row)


def test_holes_stay_empty_and_enclaves_have_their_tiles() -> None:
    outer, inner = box(0, 0, 9000, 9000), box(3000, 3000, 3000, 3000)
    hole = tiled(metres(a=[outer, inner[::-1]]), 100)
    assert len(hole.row) * hole.tile_area == pytest.approx(72e6, rel=0.01)
    within = tiled(metres(a=[outer], b=[inner]), 500)
    share = np.mean(within.code == "b")
    assert share == pytest.approx(1 / 9, abs=0.01)


def test_a_place_too_small_for_the_spacing_has_one_tile_of_its_own() -> None:
    small = {f"s{i}": [box(4000 + 10 * i, 4000, 9, 9)] for i in range(4)}
    grid = tiled(metres(a=[box(0, 0, 90_000, 90_000)], **small), 2000)
    codes, counts = np.unique(grid.code, return_counts=True)
    assert {**dict(zip(codes, counts, strict=True)), "a": 1} == dict.fromkeys(["a", *small], 1)
    near = grid.centres[grid.code != "a"]
    assert np.hypot(*(near - (4000, 4000)).T).max() < 2 * 2000


def test_spacing_is_narrowed_for_small_places_but_not_for_ever() -> None:
    big = [box(0, 0, 90_000, 90_000)]
    assert tiled(metres(a=big)).spacing == 1000
    assert tiled(metres(a=big, b=[box(90_000, 0, 1500, 1500)])).spacing == 500
    assert tiled(metres(a=big, b=[box(90_000, 0, 10, 10)])).spacing == 1000


@pytest.mark.parametrize("spacing", [0.0, -5.0, 1.0, 9e9, float("nan")])
def test_a_spacing_that_cannot_be(spacing: float) -> None:
    with pytest.raises(InputError, match=r"from [\d,]+ to [\d,]+ m are allowed"):
        tiled(metres(a=[box(0, 0, 90_000, 90_000)]), spacing)
    assert MOST_TILES > GOOD_TILES


def test_the_lowest_level_is_taken_and_zeros_are_given_back(tmp_path: Path) -> None:
    above = {"ADM0_PCODE": "XX1", "ADM1_EN": "North"}
    path = collection(
        tmp_path / "two.geojson",
        [
            ({**above, "ADM2_CODE": 9, "ADM2_EN": "A"}, [box(-80, -1, 1, 1)]),
            ({**above, "ADM2_CODE": 10, "ADM2_EN": "B"}, [box(-79, -1, 1, 1)]),
        ],
    )
    found = read_boundaries(path)
    assert found.names == {"09": "A", "10": "B"}
    assert found.rings["09"][0][:, 1].min() < 0
    assert adjacent(found.rings) == [("09", "10")]


def test_places_without_codes_are_numbered_by_name(tmp_path: Path) -> None:
    path = collection(
        tmp_path / "named.geojson",
        [({"name": "B"}, [box(1, 0, 1, 1)]), ({"name": "A"}, [box(0, 0, 1, 1)])],
    )
    found = read_boundaries(path)
    assert (found.code_property, found.names) == (None, {"01": "A", "02": "B"})


def test_places_known_are_found_by_code_or_name_and_others_left_out(tmp_path: Path) -> None:
    path = collection(
        tmp_path / "named.geojson",
        [
            ({"id": "x1", "name": "La Unión"}, [box(1, 0, 1, 1)]),
            ({"id": "x2", "name": "ÁRDEN"}, [box(0, 0, 1, 1)]),
            ({"id": "x3", "name": "Lake"}, [box(2, 0, 1, 1)]),
        ],
    )
    found = read_boundaries(path, known={"07": "Arden", "03": "La Union"})
    assert found.names == {"03": "La Union", "07": "Arden"}
    assert found.left_out == ("Lake",)
    with pytest.raises(InputError, match=r"1 of 2 places .* Arten \(08\) \(did you mean 'ÁRDEN'"):
        read_boundaries(path, known={"03": "La Union", "08": "Arten"})


def test_a_property_that_is_not_there() -> None:
    there = r"\(did you mean 'district_code'\?\); there are: 'iso', 'district_code', "
    with pytest.raises(InputError, match=f"no feature has a property 'distric_code' {there}"):
        read_boundaries(DISTRICTS, code="distric_code")
    with pytest.raises(InputError, match="no feature has a property 'nombre'"):
        read_boundaries(DISTRICTS, name="nombre")


def test_what_is_no_country(tmp_path: Path) -> None:
    wide = [({"id": "1"}, [box(-170, 0, 1, 1)]), ({"id": "2"}, [box(170, 0, 1, 1)])]
    with pytest.raises(InputError, match="341 degrees of longitude"):
        read_boundaries(collection(tmp_path / "wide.geojson", wide))
    with pytest.raises(InputError, match="holds no feature"):
        read_boundaries(collection(tmp_path / "none.geojson", []))
    with pytest.raises(InputError, match="no property holds a code or a name in every feature"):
        read_boundaries(collection(tmp_path / "bare.geojson", [({}, [box(0, 0, 1, 1)])]))
    many = [({"id": f"{i}"}, [box(0, 0, 1, 1)]) for i in range(2001)]
    with pytest.raises(InputError, match="2001 places"):
        read_boundaries(collection(tmp_path / "many.geojson", many))
    flat = [({"id": "1"}, [[[0, 0], [1, 0], [0, 0], [0, 0]]])]
    with pytest.raises(InputError, match="no area"):
        tiled(read_boundaries(collection(tmp_path / "flat.geojson", flat)))
