"""The map: hexagonal tiles, outlines of places drawn from them, and a user's own boundaries.

All coordinates are metres east and north in the plane of the country's tiles (UTM, named in its
``country.toml``). A ring is a closed line: the first corner is repeated at the end. Outer rings run
anticlockwise and holes clockwise, so that both the even-odd and the non-zero rule fill them.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message, nearest, said_by_system, some
from trucesim.world.folder import HOME, PLAN, Folder, open_folder

type Ring = NDArray[np.float64]
"""Corners of a closed line, shape (corner, 2), in metres east and north."""

type Point = tuple[float, float]

MAX_BYTES = 50_000_000
"""Largest file of boundaries that is read; official ones have about 1 MB."""

MARGIN_M = 10_000.0
"""How far outside the tiles of its place a user's polygon may lie, in metres."""

# Corners of a hexagon around its centre, anticlockwise from the lower right, in the units of the
# lattice: half a spacing eastwards and spacing / (2 sqrt 3) northwards. All corners are integers.
_CORNERS = np.array([(1, -1), (1, 1), (0, 2), (-1, 1), (-1, -1), (0, -2)])
# The neighbour across the edge from corner i to corner i + 1: rows up, half spacings to the right.
_ACROSS = ((0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1))


class Tiles(NamedTuple):
    """A country as hexagonal tiles.

    Attributes
    ----------
    row, col : ndarray of int, shape (tile,)
        Place in the grid; odd rows are shifted right by half a spacing.
    code : ndarray of str, shape (tile,)
        Code of the municipality or department that each tile lies in.
    crs : str
        Name of the plane, for instance ``"EPSG:32616"``.
    spacing, easting, northing : float
        Distance between the centres of neighbours and the place of row 0, column 0, in metres.
    """

    row: NDArray[np.int64]
    col: NDArray[np.int64]
    code: NDArray[np.str_]
    crs: str
    spacing: float
    easting: float
    northing: float

    @property
    def tile_area(self) -> float:
        """Area of one hexagon in square metres."""
        return math.sqrt(3) / 2 * self.spacing**2

    @property
    def centres(self) -> NDArray[np.float64]:
        """Centres of the tiles in metres, shape (tile, 2)."""
        return self.metres(np.column_stack([2 * self.col + self.row % 2, 3 * self.row]))

    def metres(self, lattice: NDArray[np.int64]) -> NDArray[np.float64]:
        """Turn integer lattice points, shape (point, 2), into metres."""
        unit = np.array([self.spacing / 2, self.spacing / (2 * math.sqrt(3))])
        return np.array([self.easting, self.northing]) + unit * lattice


def tiles(country: str | None = None) -> Tiles:
    """Read the tiles of a country.

    Parameters
    ----------
    country : str, optional
        Its name; by default the one that is spoken of.

    Returns
    -------
    Tiles

    Raises
    ------
    InputError
        If there is no map of the country.
    """
    return _tiles(open_folder(country))


def has_map(country: str | None = None) -> bool:
    """Tell whether a country has tiles to draw it from."""
    plan = open_folder(country).plan
    return plan.tables.tiles is not None and plan.map is not None


@cache
def _tiles(folder: Folder) -> Tiles:
    grid, name = folder.plan.map, folder.plan.tables.tiles
    if grid is None or name is None:
        raise InputError(
            "{name} has no map: its {plan} names no tiles; 'trucesim country build' makes them",
            name=folder.name, plan=PLAN,
        )  # fmt: skip
    rows = table(folder.name, name)
    missing = {"row", "col", "code"} - set(rows[0] if rows else ())
    if missing:
        raise InputError(
            "{name}: no column {column!r}; tiles have row, col and code", name=name,
            column=sorted(missing)[0],
        )  # fmt: skip
    arrays = (
        np.array([int(row["row"]) for row in rows]),
        np.array([int(row["col"]) for row in rows]),
        np.array([row["code"] for row in rows]),
    )
    for array in arrays:
        array.flags.writeable = False
    return Tiles(
        *arrays,
        crs=grid.crs,
        spacing=grid.spacing_m,
        easting=grid.origin_easting,
        northing=grid.origin_northing,
    )


def table(country: str, name: str) -> list[dict[str, str]]:
    """Read a table of a country, without pandas, which takes longer to load than to use.

    Parameters
    ----------
    country : str
        Its name.
    name : str
        Its file.

    Returns
    -------
    list of dict of str to str
        One per row, by column.
    """
    with (open_folder(country).root / name).open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def outlines(country: str | None = None) -> dict[str, list[Ring]]:
    """Draw each place as the union of its tiles.

    Parameters
    ----------
    country : str, optional
        As for `tiles`.

    Returns
    -------
    dict of str to list of ndarray, shape (corner, 2)
        The rings of each place by its code, codes in order; the arrays are read-only. Computed
        once per process.

    Raises
    ------
    InputError
        If there is no map of the country.
    """
    return {code: list(rings) for code, rings in _outlines(open_folder(country)).items()}


def borders(outlines: Mapping[str, list[Ring]], group_of: Mapping[str, object]) -> list[Ring]:
    """Find the lines between groups of places, such as departments.

    Parameters
    ----------
    outlines : mapping of str to list of ndarray
        As `outlines` or `from_geojson` give them.
    group_of : mapping of str to str
        The group of each code.

    Returns
    -------
    list of ndarray, shape (corner, 2)
        Lines, not closed, along which two groups meet. Only edges that both sides share to the
        last bit are found; boundaries that were simplified place by place have none.
    """
    sides: dict[tuple[Point, Point], list[object]] = {}
    for code, rings in outlines.items():
        for ring in rings:
            corners: list[Point] = list(map(tuple, ring.tolist()))
            for a, b in pairwise(corners):
                sides.setdefault((a, b) if a < b else (b, a), []).append(group_of[code])
    return _join(edge for edge, groups in sides.items() if len(set(groups)) > 1)


def project(longitude: Any, latitude: Any, crs: str) -> NDArray[np.float64]:
    """Project WGS 84 degrees to the plane of the tiles.

    Parameters
    ----------
    longitude, latitude : array_like of float, shape (point,)
        Degrees.
    crs : str
        A northern UTM zone, ``"EPSG:326"`` and two digits.

    Returns
    -------
    ndarray of float, shape (point, 2)
        Metres east and north.

    Notes
    -----
    Transverse Mercator by Krüger's series to the third order (Karney 2011, J. Geod. 85:475,
    doi 10.1007/s00190-011-0445-3), good to a millimetre within the zone.
    """
    f = 1 / 298.257223563
    n = f / (2 - f)
    e = math.sqrt(f * (2 - f))
    radius = 6378137.0 / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    series = (
        n / 2 - 2 / 3 * n**2 + 5 / 16 * n**3,
        13 / 48 * n**2 - 3 / 5 * n**3,
        61 / 240 * n**3,
    )
    meridian = 6 * int(crs[-2:]) - 183
    east = np.radians(np.asarray(longitude, dtype=np.float64) - meridian)
    sine = np.sin(np.radians(np.asarray(latitude, dtype=np.float64)))
    conformal = np.sinh(np.arctanh(sine) - e * np.arctanh(e * sine))
    xi = np.arctan2(conformal, np.cos(east))
    eta = np.arcsinh(np.sin(east) / np.hypot(conformal, np.cos(east)))
    x, y = eta.copy(), xi.copy()
    for order, factor in enumerate(series, start=1):
        x += factor * np.cos(2 * order * xi) * np.sinh(2 * order * eta)
        y += factor * np.sin(2 * order * xi) * np.cosh(2 * order * eta)
    return np.column_stack([500_000 + 0.9996 * radius * x, 0.9996 * radius * y])


def from_geojson(
    path: str | Path,
    codes: Iterable[str],
    key: str | None = None,
    country: str | None = None,
    tell: Callable[[Message], object] | None = None,
) -> dict[str, list[Ring]]:
    """Read a user's own boundaries, such as the official ones.

    Codes are taken for what they are, unless a name and a department stand beside them that find
    every place exactly once, and otherwise: the districts of 2024 have old names and new codes.

    Parameters
    ----------
    path : str or Path
        A GeoJSON FeatureCollection of polygons in longitude and latitude, 50 MB at most.
    codes : iterable of str
        The codes of the places wanted. The file may hold more.
    key : str, optional
        The property that holds the codes. By default the one that names the most places, by
        their official codes (``"0201"``, also as the number 201) or by OCHA's (``"SV1201"``).
    country : str, optional
        Whose plane the boundaries are projected to.
    tell : function, optional
        Is told that places were found by name.

    Returns
    -------
    dict of str to list of ndarray, shape (corner, 2)
        The rings of each place by its official code, in the order of `codes`.

    Raises
    ------
    InputError
        If the file cannot be read as such a collection, no property holds the codes, a place is
        missing or is no polygon, or a place does not lie where its tiles lie, which happens when
        codes of two systems were taken for one another; or if it has the 44 municipalities of 2024.
    """
    path = Path(path)
    country = open_folder(country).name
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        return {}
    features = features_of(path)
    key, places = _places_of(path, features, wanted, key, country, tell)

    rings: dict[str, list[Ring]] = {code: [] for code in wanted}
    crs = tiles(country).crs
    for feature, code in zip(features, places, strict=True):
        if code is not None:
            where = Message("{path}: the feature {code}", path=path, code=code)
            rings[code] += rings_of(feature.get("geometry"), where, crs)
    _check_places(path, rings, key, country)
    return rings


def _join(edges: Iterable[tuple[Point, Point]]) -> list[Ring]:
    """Join edges end to end into lines."""
    ends: dict[Point, list[Point]] = {}
    for a, b in edges:
        ends.setdefault(a, []).append(b)
        ends.setdefault(b, []).append(a)
    lines = []
    # Start where lines end or fork; what then remains are loops.
    for start in sorted(ends, key=lambda corner: len(ends[corner]) == 2):
        while ends[start]:
            line = [start]
            while ends[here := line[-1]]:
                there = ends[here].pop()
                ends[there].remove(here)
                line.append(there)
                if len(ends[there]) != 1:
                    break
            lines.append(np.array(line))
    return lines


@cache
def _outlines(folder: Folder) -> dict[str, list[Ring]]:
    grid = _tiles(folder)
    codes, place = np.unique(grid.code, return_inverse=True)
    centre = np.column_stack([2 * grid.col + grid.row % 2, 3 * grid.row])

    # Place of each tile in a grid with a margin, by row and by half spacings; -1 is outside.
    at = np.full((grid.row.max() + 3, centre[:, 0].max() + 5), -1)
    up, right = grid.row + 1, centre[:, 0] + 2
    at[up, right] = place

    width = int(centre[:, 0].max()) + 3
    starts, ends, owners = [], [], []
    for corner, (rows, halves) in enumerate(_ACROSS):
        # An edge is part of the outline if the tile across it belongs to another place.
        outer = at[up + rows, right + halves] != place
        a, b = (centre[outer] + _CORNERS[i % 6] + (1, 2) for i in (corner, corner + 1))
        starts.append(a[:, 0] + width * a[:, 1])
        ends.append(b[:, 0] + width * b[:, 1])
        owners.append(place[outer])

    # Three hexagons meet at a corner, so a place's outline passes through it once at most and
    # each corner has one successor: rings never touch themselves.
    following: list[dict[int, int]] = [{} for _ in codes]
    for owner, start, end in zip(
        *(np.concatenate(part).tolist() for part in (owners, starts, ends)), strict=True
    ):
        following[owner][start] = end

    rings: dict[str, list[Ring]] = {}
    for code, successor in zip(codes.tolist(), following, strict=True):
        rings[code] = []
        while successor:
            start, corner = successor.popitem()
            walk = [start, corner]
            while corner != start:
                corner = successor.pop(corner)
                walk.append(corner)
            y, x = np.divmod(np.array(walk), width)
            ring = grid.metres(np.column_stack([x - 1, y - 2]))
            ring.flags.writeable = False
            rings[code].append(ring)
    return rings


def features_of(path: Path) -> list[dict[str, Any]]:
    """Read the features of a GeoJSON file."""
    if not path.is_file():
        beside = [found.name for found in path.parent.glob("*.*json")]
        raise InputError(
            "{path}: there is no such file{hint}", path=path, hint=nearest(path.name, beside)
        )
    if (size := path.stat().st_size) > MAX_BYTES:
        raise InputError(
            "{path}: {size:.0f} MB, but boundaries may have {most:.0f} MB at most", path=path,
            size=size / 1e6, most=MAX_BYTES / 1e6,
        )  # fmt: skip
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(
            "{path}: cannot be read ({reason})", path=path, reason=said_by_system(error)
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError("{path}: not a JSON file ({error})", path=path, error=error) from None
    kind = content.get("type") if isinstance(content, dict) else None
    features = content.get("features") if isinstance(content, dict) else None
    if kind != "FeatureCollection":
        raise InputError(
            "{path}: expected a GeoJSON FeatureCollection, but its type is {kind!r}", path=path,
            kind=kind,
        )  # fmt: skip
    if not isinstance(features, list):
        raise InputError("{path}: this FeatureCollection has no list of features", path=path)
    return [feature for feature in features if isinstance(feature, dict)]


def properties_of(feature: dict[str, Any]) -> dict[str, Any]:
    """Give the properties of a feature; none where it has none."""
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}


def _places_of(
    path: Path,
    features: list[dict[str, Any]],
    wanted: list[str],
    key: str | None,
    country: str,
    tell: Callable[[Message], object] | None,
) -> tuple[str, list[str | None]]:
    """Find which place wanted each feature is, if any, and the property that says so."""
    reading, named = _code_reader(country, wanted), None
    properties = [properties_of(each) for each in features]
    if country == HOME:
        from trucesim.world import boundary_places  # with pandas, as above

        every = [row["code"] for row in table(country, "municipalities.csv")]
        boundary_places.check_scheme(path, properties, _code_reader(country, every))
        named = boundary_places.by_names(properties, wanted) if key is None else None
    try:
        key = _code_property(path, features, wanted, reading, key)
        coded = [reading(each.get(key)) for each in properties]
    except InputError:
        if named is None or named.lacking:
            if country == HOME:
                boundary_places.check_lacking(path, properties, wanted, named)
            raise
    else:
        if named is None or named.lacking or named.places == coded:
            return key, coded
    if tell is not None:
        tell(named.told(path))
    return named.key, named.places


def _code_reader(country: str, wanted: list[str]) -> Callable[[object], str | None]:
    """Make a function that reads a property's value as one of the codes wanted, or as None."""
    digits = max(map(len, wanted))
    official = {code: code for code in wanted}
    if country == HOME:
        # OCHA numbers the departments in another order: SV1201 is 0201. The digits of its codes
        # must never be taken for an official code.
        for row in table(country, "municipalities.csv"):
            if row["code"] in official:
                official[row["pcode"]] = row["code"]

    def read(value: object) -> str | None:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        text = str(value).strip().upper()
        return official.get(text.zfill(digits) if text.isdigit() else text)

    return read


def _listed(properties: Iterable[str]) -> str:
    """List the properties of some features, not all of very many."""
    return ", ".join(map(repr, list(properties)[:12])) or Message("none")


def check_property(path: Path, key: str | None, properties: Collection[str]) -> None:
    """Refuse a property that was asked for and that no feature has."""
    if key is not None and key not in properties:
        raise InputError(
            "{path}: no feature has a property {key!r}{hint}; there are: {allowed}", path=path,
            key=key, hint=nearest(key, properties), allowed=_listed(properties),
        )  # fmt: skip


def _code_property(
    path: Path,
    features: list[dict[str, Any]],
    wanted: list[str],
    reading: Callable[[object], str | None],
    key: str | None,
) -> str:
    """Find the property that holds the codes and check that it names every place wanted."""
    found: dict[str, set[str]] = {}
    for feature in features:
        for name, value in properties_of(feature).items():
            codes = found.setdefault(name, set())
            if (code := reading(value)) is not None:
                codes.add(code)
    listed = _listed(found)
    check_property(path, key, found)
    best = key if key is not None else max(found, key=lambda name: len(found[name]), default=None)
    if best is None or not found[best]:
        holds = (
            Message("no property holds")
            if key is None
            else Message("the property {key!r} does not hold", key=key)
        )
        raise InputError(
            "{path}: {holds} codes of the places (such as {code!r} or a pcode such as 'SV0101'); "
            "there are: {allowed}", path=path, holds=holds, code=wanted[0], allowed=listed,
        )  # fmt: skip
    missing = [code for code in wanted if code not in found[best]]
    if missing:
        raise InputError(
            "{path}: by its property {best!r} {count} of {of} places are missing: {codes}",
            path=path, best=best, count=len(missing), of=len(wanted), codes=some(missing),
        )  # fmt: skip
    return best


def rings_of(geometry: object, where: str, crs: str | None) -> list[Ring]:
    """Project the rings of a polygon or of several; without a plane they stay in degrees."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates: Any = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise InputError(
            "{where} has the geometry {kind!r}, but it must be 'Polygon' or 'MultiPolygon'",
            where=where, kind=kind,
        )  # fmt: skip
    try:
        polygons = [coordinates] if kind == "Polygon" else coordinates
        rings = [
            _ring(positions, hole=index > 0, crs=crs)
            for polygon in polygons
            for index, positions in enumerate(polygon)
        ]
    except (TypeError, ValueError, LookupError) as error:
        raise InputError("{where} has a broken ring: {error}", where=where, error=error) from None
    if not rings:
        raise InputError("{where} has no ring", where=where)
    return rings


def _ring(positions: list[list[float]], *, hole: bool, crs: str | None) -> Ring:
    """Project one ring and turn it the way outer rings and holes run."""
    degrees = np.array([position[:2] for position in positions], dtype=np.float64)
    if degrees.ndim != 2 or degrees.shape[0] < 4 or degrees.shape[1] != 2:
        raise InputError("a ring needs four positions or more, each a longitude and a latitude")
    if not np.array_equal(degrees[0], degrees[-1]):
        raise InputError("it is not closed, its last position differs from the first")
    if not (np.abs(degrees) <= (180, 90)).all():
        raise InputError(
            "{x:g}, {y:g} are not longitude and latitude in degrees", x=degrees[0, 0],
            y=degrees[0, 1],
        )  # fmt: skip
    ring = degrees if crs is None else project(degrees[:, 0], degrees[:, 1], crs)
    x, y = (ring - ring[0]).T
    anticlockwise = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) > 0
    return ring[::-1] if anticlockwise == hole else ring


def _check_places(path: Path, rings: dict[str, list[Ring]], key: str, country: str) -> None:
    """Check that each place lies where its tiles lie."""
    known = outlines(country)
    astray = []
    for code, own in rings.items():
        if code in known and own:
            low, high = _box(own)
            known_low, known_high = _box(known[code])
            if (low > known_high + MARGIN_M).any() or (high < known_low - MARGIN_M).any():
                astray.append(code)
    if astray:
        raise InputError(
            "{path}: by its property {key!r} {count} places lie elsewhere than on the package's "
            "map: {codes}; it may hold the codes of another system, or latitude before longitude",
            path=path, key=key, count=len(astray), codes=some(astray),
        )  # fmt: skip


def _box(rings: list[Ring]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    corners = np.concatenate(rings)
    return corners.min(axis=0), corners.max(axis=0)
