"""A country's map and who borders on whom, made from a user's own boundaries.

The boundaries themselves are not kept: tiles and pairs of neighbours are facts of their own. All
functions are pure; files are written by the command line. Coordinates are metres east and north in
the UTM zone of the country's middle; south of the equator they go on below 0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message, nearest, some
from trucesim.files.table import words
from trucesim.world.folder import MOST_PLACES
from trucesim.world.tiles import (
    Ring,
    Tiles,
    check_property,
    features_of,
    project,
    properties_of,
    rings_of,
)

GOOD_TILES = 10_000
"""Of a country: more are no clearer on a screen, and slower to draw."""

MOST_TILES = 40_000
"""Of a country whose smallest places need them, or whose spacing is given."""

TILES_A_PLACE = 3
"""So many a place gets, where the spacing can be chosen so."""

WIDEST = 80.0
"""Degrees of longitude; beyond, a plane of one UTM zone is none."""

TOLERANCE_M = 60.0
"""Boundaries that come so close are one: files in which they differ by metres are common."""

MOST_POINTS = 4_000_000
"""Points that stand for all boundaries together, in search of neighbours."""

_CODE = re.compile(r"code|cod|pcode|gid|id|iso|hasc|clave|cve|fips|ubigeo|dane|ine|numero|number")
_NAME = re.compile(r"name|nam|nombre|nom|municip|depart|provinc|distri|canton|es|en")


class Boundaries(NamedTuple):
    """Places and their boundaries.

    Attributes
    ----------
    names : dict of str to str
        Name of each place by its code, codes in order.
    rings : dict of str to list of ndarray, shape (corner, 2)
        Boundaries by code, in metres.
    crs : str
        Their plane, such as ``"EPSG:32616"``.
    code_property, name_property : str or None
        Properties of the file that codes and names were taken from; None where there was none:
        then places are numbered by name, or their codes are their names.
    left_out : tuple of str
        Names of features that are no place of those wanted.
    """

    names: dict[str, str]
    rings: dict[str, list[Ring]]
    crs: str
    code_property: str | None
    name_property: str | None
    left_out: tuple[str, ...] = ()


def read_boundaries(
    path: str | Path,
    code: str | None = None,
    name: str | None = None,
    known: Mapping[str, str] | None = None,
) -> Boundaries:
    """Read places from a GeoJSON FeatureCollection of polygons in longitude and latitude.

    Parameters
    ----------
    path : str or Path
        50 MB at most.
    code, name : str, optional
        Properties that hold the places' codes and names; by default they are found.
    known : mapping of str to str, optional
        Names by code of the places wanted: features are theirs by code, or else by name.

    Raises
    ------
    InputError
        No such file or collection, no such property, a broken polygon, too many places, a country
        too wide for a plane, or a place that is wanted and not there.
    """
    path = Path(path)
    features = features_of(path)
    if not features:
        raise InputError("{path}: this FeatureCollection holds no feature", path=path)
    table = _texts(features)
    code = _chosen(path, table, code, _CODE, len(features), distinct=True)
    name = _chosen(path, table, name, _NAME, len(features), apart=code)
    codes, names = _called(table, code, name, path)
    left_out: list[str] = []
    if known:
        codes, left_out = _theirs(path, codes, names, known)
        names = [known.get(each, one) for each, one in zip(codes, names, strict=True)]
    by_code = dict(sorted((each, one) for each, one in zip(codes, names, strict=True) if each))
    if len(by_code) > MOST_PLACES:
        raise InputError(
            "{path}: {count} places by the property {key!r}, but there may be {most} at most",
            path=path, count=len(by_code), key=code or name, most=MOST_PLACES,
        )  # fmt: skip
    degrees: dict[str, list[Ring]] = {each: [] for each in by_code}
    for each, feature in zip(codes, features, strict=True):
        if each:
            where = Message("{path}: the feature {code}", path=path, code=each)
            degrees[each] += rings_of(feature.get("geometry"), where, None)
    crs = _zone(path, degrees)
    rings = {
        each: [project(ring[:, 0], ring[:, 1], crs) for ring in own]
        for each, own in degrees.items()
    }
    return Boundaries(by_code, rings, crs, code, name, tuple(left_out))


def _texts(features: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """Give properties as texts, a value for each feature; empty where there is none."""
    names = dict.fromkeys(key for feature in features for key in properties_of(feature))
    return {key: [_text(properties_of(each).get(key)) for each in features] for key in names}


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return " ".join("".join(x if x.isprintable() else " " for x in str(value)).split())[:80]


def _chosen(
    path: Path,
    table: Mapping[str, list[str]],
    given: str | None,
    usual: re.Pattern[str],
    count: int,
    *,
    distinct: bool = False,
    apart: str | None = None,
) -> str | None:
    """Give the property asked for, or the one that most likely is it; None if none can be."""
    check_property(path, given, table)
    if given is not None and "" in table[given]:
        raise InputError(
            "{path}: feature {number} has no {key!r}; it must be a text or a whole number",
            path=path, number=table[given].index("") + 1, key=given,
        )  # fmt: skip
    if given is not None:
        return given

    def rank(key: str) -> tuple[bool, int, bool]:
        values = table[key]
        called = any(usual.fullmatch(word) for word in words(key))
        return called, len(set(values)), any(map(str.isdigit, "".join(values))) == distinct

    could = [
        key for key, values in table.items()
        if key != apart and "" not in values and (
            all(any(map(str.isdigit, each)) for each in values) if distinct
            else all(any(map(str.isalpha, each)) for each in values)
        )
    ]  # fmt: skip
    # Of several levels in one file the lowest: the one that tells most features apart.
    could = [key for key in could if not distinct or len(set(table[key])) == count] or could
    most = max((len(set(table[key])) for key in could), default=0)
    could = [key for key in could if 2 * len(set(table[key])) > most]
    return max(could, key=rank, default=None)


def _called(
    table: Mapping[str, list[str]], code: str | None, name: str | None, path: Path
) -> tuple[list[str], list[str]]:
    """Give each feature's code and name."""
    if code is None and name is None:
        raise InputError(
            "{path}: no property holds a code or a name in every feature; there are: {allowed}",
            path=path, allowed=", ".join(map(repr, list(table)[:12])) or Message("none"),
        )  # fmt: skip
    names = table[name or code or ""]
    if code is None:
        order = sorted(set(names))
        width = max(2, len(str(len(order))))
        return [f"{order.index(each) + 1:0{width}}" for each in names], names
    return _filled_up(table[code]), names


def _filled_up(codes: Sequence[str]) -> list[str]:
    """Give back the zeros in front that numbers have lost."""
    if not all(map(str.isdigit, codes)):
        return list(codes)
    width = max(map(len, codes))
    return [code.zfill(width) for code in codes]


def _theirs(
    path: Path, codes: Sequence[str], names: Sequence[str], known: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Find which of the known places each feature is; an empty code where it is none."""
    by_code = {code.lstrip("0") if code.isdigit() else code: code for code in known}
    one_way = [by_code.get(each.lstrip("0") if each.isdigit() else each, "") for each in codes]
    by_name: dict[tuple[str, ...], list[str]] = {}
    for each, name in known.items():
        by_name.setdefault(words(name), []).append(each)
    alone = {name: own[0] for name, own in by_name.items() if len(own) == 1}
    other_way = [alone.get(words(name), "") for name in names]
    found = max(one_way, other_way, key=lambda each: len(set(each)))
    missing = [f"{known[each]} ({each})" for each in known if each not in set(found)]
    if missing:
        one = next(each for each in known if each not in set(found))
        raise InputError(
            "{path}: {count} of {of} places are not there, neither by code nor by name: {codes}"
            "{hint}", path=path, count=len(missing), of=len(known), codes=some(missing),
            hint=nearest(known[one], names),
        )  # fmt: skip
    left = [name for each, name in zip(found, names, strict=True) if not each]
    return found, list(dict.fromkeys(left))


def _zone(path: Path, degrees: Mapping[str, list[Ring]]) -> str:
    """Name the UTM zone of the middle."""
    east = np.concatenate([ring[:, 0] for rings in degrees.values() for ring in rings])
    low, high = float(east.min()), float(east.max())
    if high - low > WIDEST:
        raise InputError(
            "{path}: {width:.0f} degrees of longitude from end to end, but a plane holds {most:.0f}"
            " at most; leave far islands out", path=path, width=high - low, most=WIDEST,
        )  # fmt: skip
    return f"EPSG:326{min(int((low + high) / 2 + 180) // 6 + 1, 60):02}"


def tiled(boundaries: Boundaries, spacing: float | None = None) -> Tiles:
    """Turn places into hexagonal tiles: each belongs to the place that its centre lies in.

    Parameters
    ----------
    boundaries : Boundaries
    spacing : float, optional
        Metres between the centres of neighbours. By default the narrowest round number with which
        the country has 10,000 tiles at most; if a place then has less than three, a narrower one
        with which none has, of those with 40,000 tiles at most.

    Returns
    -------
    Tiles
        Rows from south to north. Where places overlap, the smaller one has the tile. A place in
        which no centre lies has the tile nearest to its middle.

    Raises
    ------
    InputError
        The boundaries hold no area, or with the spacing given there would be too few or too many
        tiles.
    """
    area = sum(_area(rings) for rings in boundaries.rings.values())
    if not area > 0:
        raise InputError("the boundaries hold no area")
    if spacing is not None:
        _check_spacing(spacing, area, len(boundaries.rings))
        return _tiled(boundaries, spacing)
    usual, *narrower = _round_spacings(area)
    found = _tiled(boundaries, usual)
    for each in narrower:
        if _fewest(found) < TILES_A_PLACE:
            found = _tiled(boundaries, each)
    return found if _fewest(found) >= TILES_A_PLACE else _tiled(boundaries, usual)


def _fewest(grid: Tiles) -> int:
    """Give how many tiles the place with the fewest has."""
    return int(np.unique(grid.code, return_counts=True)[1].min())


def _area(rings: Sequence[Ring]) -> float:
    """Give the area of a place in square metres; holes run clockwise."""
    total = 0.0
    for ring in rings:
        x, y = (ring - ring[0]).T
        total += float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
    return total


def _spacing_for(area: float, count: float) -> float:
    """Give the spacing with which an area has so many tiles."""
    return math.sqrt(2 * area / (math.sqrt(3) * count))


def _round_spacings(area: float) -> list[float]:
    """Give round spacings: the narrowest with a good number of tiles, then those with more."""
    good, narrowest = _spacing_for(area, GOOD_TILES), _spacing_for(area, MOST_TILES)
    power = math.floor(math.log10(narrowest))
    all_round = [part * 10.0**at for at in range(power, power + 3) for part in (1, 2, 2.5, 4, 5)]
    usual = next(each for each in all_round if each >= good)
    return [each for each in reversed(all_round) if narrowest <= each <= usual]


def _check_spacing(spacing: float, area: float, places: int) -> None:
    low, high = _spacing_for(area, MOST_TILES), _spacing_for(area, max(places, 10))
    if not low <= spacing <= high:
        raise InputError(
            "a spacing of {spacing:g} m would make {count:,.0f} tiles; from {low:,.0f} to "
            "{high:,.0f} m are allowed", spacing=spacing, low=math.ceil(low), high=math.floor(high),
            count=2 * area / (math.sqrt(3) * spacing**2) if spacing > 0 else math.inf,
        )  # fmt: skip


def _tiled(boundaries: Boundaries, spacing: float) -> Tiles:
    corners = np.concatenate([ring for own in boundaries.rings.values() for ring in own])
    # Nobody has a row or a column below 1: there is room for tiles of places without one.
    easting, northing = (np.floor(corners.min(0) / spacing) - 1) * spacing
    rings = list(boundaries.rings.values())
    codes = np.array(list(boundaries.rings))
    # Of two places that hold a centre the smaller comes first, and has it.
    order = sorted(range(len(codes)), key=lambda one: _area(rings[one]))
    unit = np.array([spacing, spacing * math.sqrt(3) / 2])
    lattice = {one: [(ring - (easting, northing)) / unit for ring in rings[one]] for one in order}
    filled = [_filled(lattice[one]) for one in order]
    place = np.repeat(order, [len(each) for each in filled])
    at, first = np.unique(np.concatenate(filled), axis=0, return_index=True)
    owner = dict(zip(map(tuple, at.tolist()), place[first].tolist(), strict=True))
    _settle(owner, lattice)
    row, col = np.array(sorted(owner)).T
    own = np.array([owner[each] for each in sorted(owner)])
    return Tiles(row, col, codes[own], boundaries.crs, spacing, float(easting), float(northing))


def _filled(rings: Sequence[Ring]) -> NDArray[np.int64]:
    """Give row and column of the centres within rings, shape (tile, 2), by the even-odd rule.

    Rings are in units of the lattice: columns to the right and rows up.
    """
    (x0, y0), (x1, y1) = (
        np.concatenate([ring[part] for ring in rings]).T for part in (slice(-1), slice(1, None))
    )
    # Each edge is crossed by the rows from its lower end on, up to but without its upper end.
    low, high = (np.ceil(end(y0, y1)).astype(np.int64) for end in (np.minimum, np.maximum))
    edge, row = _counted(low, high)
    x = x0[edge] + (row - y0[edge]) / (y1[edge] - y0[edge]) * (x1[edge] - x0[edge]) - row % 2 / 2
    order = np.lexsort((x, row))
    starts, ends = (np.ceil(x[order][side::2]).astype(np.int64) for side in (0, 1))
    stretch, col = _counted(starts, ends)
    return np.column_stack([row[order][::2][stretch], col])


def _counted(start: NDArray[np.int64], stop: NDArray[np.int64]) -> tuple[Any, Any]:
    """Count from each start to its stop: whose number it is, and the number."""
    count = np.maximum(stop - start, 0)
    whose = np.repeat(np.arange(len(start)), count)
    return whose, np.arange(count.sum()) + np.repeat(start - np.cumsum(count) + count, count)


def _settle(owner: dict[tuple[int, int], int], lattice: Mapping[int, list[Ring]]) -> None:
    """Give each place without a tile the nearest one that is not another's only one."""
    count = {one: 0 for one in lattice}
    for one in owner.values():
        count[one] += 1
    for one in [one for one in lattice if not count[one]]:
        x, y = max(lattice[one], key=lambda ring: abs(_area([ring])))[:-1].mean(0)
        near = np.arange(-25, 26)
        row, col = (each.ravel() for each in np.meshgrid(round(y) + near, round(x) + near))
        far = np.hypot(col + row % 2 / 2 - x, (row - y) * math.sqrt(3) / 2)
        for at in zip(row[np.argsort(far)].tolist(), col[np.argsort(far)].tolist(), strict=True):
            before = owner.get(at)
            if min(at) >= 0 and (before is None or count[before] > 1):
                if before is not None:
                    count[before] -= 1
                owner[at], count[one] = one, 1
                break


def adjacent(
    rings: Mapping[str, Sequence[Ring]], tolerance: float = TOLERANCE_M
) -> list[tuple[str, str]]:
    """Find which places border on each other, be it in a point (queen contiguity).

    Parameters
    ----------
    rings : mapping of str to sequence of ndarray, shape (corner, 2)
        Boundaries by code, in metres.
    tolerance : float
        Metres; boundaries that come closer are shared. They are taken as points so far apart.

    Returns
    -------
    list of tuple of str
        Pairs of codes, the lesser first, in order. Islands are in none.
    """
    from scipy.spatial import KDTree

    codes = sorted(rings)
    length = sum(_lengths(ring).sum() for own in rings.values() for ring in own)
    tolerance = max(tolerance, length / MOST_POINTS)
    points = [np.concatenate([_points(ring, tolerance) for ring in rings[code]]) for code in codes]
    trees = [KDTree(each) for each in points]
    low, high = (np.array([end(each, axis=0) for each in points]) for end in (np.min, np.max))
    meet = (low[:, None] <= high[None] + tolerance).all(-1)
    # Two lines cross, or touch, exactly if points on them so far apart come so close.
    return [
        (codes[a], codes[b])
        for a, b in zip(*np.nonzero(np.triu(meet & meet.T, 1)), strict=True)
        if trees[a].count_neighbors(trees[b], tolerance)
    ]


def _lengths(ring: Ring) -> NDArray[np.float64]:
    x, y = np.diff(ring, axis=0).T
    return np.asarray(np.hypot(x, y))


def _points(ring: Ring, apart: float) -> NDArray[np.float64]:
    """Set points along a ring: its corners, and others so that none are farther apart."""
    parts = np.maximum(np.ceil(_lengths(ring) / apart), 1).astype(np.int64)
    edge, number = _counted(np.zeros_like(parts), parts)
    return np.asarray(ring[edge] + (number / parts[edge])[:, None] * np.diff(ring, axis=0)[edge])


def islands(codes: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Give the places that border on no other."""
    beside = {code for pair in pairs for code in pair}
    return [code for code in codes if code not in beside]
