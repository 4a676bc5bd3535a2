"""The command line of a country of one's own: its folder, its map and neighbours, and its check."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucesim.cli.options import add_json, add_lang
from trucesim.cli.streams import print_json
from trucesim.files.errors import InputError, Message, some
from trucesim.locale.catalogue import told

if TYPE_CHECKING:
    from trucesim.world.building import Boundaries
    from trucesim.world.checking import Finding
    from trucesim.world.folder import Folder
    from trucesim.world.tiles import Tiles


def add_commands(commands: Any) -> None:
    """Add the commands of a country to the parser's."""
    country = commands.add_parser(
        "country",
        help="make the folder of a country of one's own, its map, and check it",
        description="A country is a folder of tables with a country.toml that says what they are. "
        "Other commands take it by --country FOLDER (docs/own-country.md).",
    )
    parts = country.add_subparsers(dest="part", required=True, metavar="PART")

    new = parts.add_parser(
        "new", help="write a folder to fill in",
        description="Writes a country.toml with every key explained, tables that hold no more than "
        "the heads of their columns, and two scenarios.",
    )  # fmt: skip
    _add_folder(new, "a new folder, or an empty one")
    add_lang(new)
    new.set_defaults(act=_new)

    build = parts.add_parser(
        "build", help="make tiles and neighbours from boundaries",
        description="Makes the map and who borders on whom from a GeoJSON file, and enters them in "
        "country.toml; where there are no places yet, their codes and names as well. The file "
        "itself is not copied.",
    )  # fmt: skip
    _add_folder(build, "the folder of the country")
    build.add_argument(
        "--geojson", type=Path, required=True, metavar="FILE",
        help="a FeatureCollection of polygons in longitude and latitude",
    )  # fmt: skip
    build.add_argument("--code", metavar="PROPERTY", help="what holds places' codes (found)")
    build.add_argument("--name", metavar="PROPERTY", help="what holds their names (found)")
    build.add_argument(
        "--spacing", type=float, metavar="METRES",
        help="between tiles (chosen so that there are some thousand, and three in every place)",
    )  # fmt: skip
    add_lang(build)
    build.set_defaults(act=_build)

    check = parts.add_parser(
        "check", help="tell what is wrong with a folder, and what it lacks",
        description="Looks through the folder and tells every gap with the way to mend it. Ends "
        "with exit code 2 if something is wrong.",
    )  # fmt: skip
    _add_folder(check, "the folder of the country")
    add_lang(check)
    add_json(check)
    check.set_defaults(act=_check)


def _add_folder(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument("folder", type=Path, metavar="FOLDER", help=what)


# --- New ----------------------------------------------------------------------------------------

HEADS = {
    "places.csv": "code,name,population,homicides\n",
    "adjacency.csv": "code_a,code_b\n",
    "tiles.csv": "row,col,code\n",
    "homicides_monthly.csv": "year,month,homicides\n",
}
"""Tables of a new country."""


def _new(options: argparse.Namespace) -> None:
    from importlib.resources import as_file, files

    from trucesim.files.writing import put_text
    from trucesim.world.folder import check_name

    folder: Path = options.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("{folder}: holds something; give a new folder, or an empty one",
                         folder=folder)  # fmt: skip
    check_name(folder)
    with as_file(files("trucesim") / "world" / "skeleton" / options.lang) as skeleton:
        texts = HEADS | {
            path.relative_to(skeleton).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(skeleton.rglob("*.toml"))
        }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        put_text(folder / name, text)
    print(told(Message("{n} files in {folder}: {names}", n=len(texts), folder=folder,
                       names=", ".join(sorted(texts)))))  # fmt: skip
    print(told(Message(
        "Fill in {plan} and the tables; 'trucesim country build' makes the map, 'trucesim country "
        "check' tells what lacks.", plan="country.toml",
    )))  # fmt: skip


# --- Build --------------------------------------------------------------------------------------


def _build(options: argparse.Namespace) -> None:
    from trucesim.files.writing import put_text
    from trucesim.world.building import adjacent, read_boundaries, tiled
    from trucesim.world.folder import check_plan, read_folder

    root: Path = options.folder
    check_plan(root)
    folder = read_folder(root)
    known = _known(folder)
    boundaries = read_boundaries(options.geojson, options.code, options.name, known)
    grid = tiled(boundaries, options.spacing)
    pairs = adjacent(boundaries.rings)
    texts = _texts(folder, boundaries, grid, pairs)
    for name, text in texts.items():  # country.toml last: until then nothing is another country
        put_text(root / name, text)
    _tell_of(boundaries, grid, pairs)
    print(told(Message("{n} files in {folder}: {names}", n=len(texts), folder=root,
                       names=", ".join(texts))))  # fmt: skip
    if not known:
        print(told(Message("Fill in the population of each place in {file}.",
                           file=folder.plan.tables.places)))  # fmt: skip


def _known(folder: Folder) -> dict[str, str]:
    """Give the names of the places that the folder has, by code; none if there are no rows."""
    name = folder.plan.tables.places
    if not (folder.root / name).is_file():
        return {}
    places = folder.columns(name, "code", "name")
    return dict(zip(places["code"], places["name"].map(str), strict=True))


def _texts(
    folder: Folder, boundaries: Boundaries, grid: Tiles, pairs: list[tuple[str, str]]
) -> dict[str, str]:
    """Give the files to write."""
    from trucesim.world.folder import PLAN

    tables = folder.plan.tables
    tiles, links = tables.tiles or "tiles.csv", (tables.contiguity or ["adjacency.csv"])[0]
    named: dict[str, str] = {}
    if tables.tiles is None:
        named["tiles"] = f'"{tiles}"'
    if not tables.contiguity:
        named["contiguity"] = f'["{links}"]'
    rows = zip(grid.row.tolist(), grid.col.tolist(), grid.code.tolist(), strict=True)
    texts = {tiles: _csv(["row", "col", "code"], rows), links: _csv(["code_a", "code_b"], pairs)}
    if not _known(folder):
        heads = _heads_of(folder)
        cells = ({"code": code, "name": name} for code, name in boundaries.names.items())
        texts[tables.places] = _csv(
            heads, ([each.get(head, "") for head in heads] for each in cells)
        )
    return texts | {PLAN: _plan_of(folder, grid, named)}


def _heads_of(folder: Folder) -> list[str]:
    """Give the columns of the table of places, as it has them already."""
    name, population = folder.plan.tables.places, folder.plan.columns.population
    wanted = ["code", "name", population]
    if not (folder.root / name).is_file():
        return wanted
    return list(dict.fromkeys([*map(str, folder.table(name)), *wanted]))


def _csv(heads: list[str], rows: Any) -> str:
    import csv
    import io

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return text.getvalue()


def _plan_of(folder: Folder, grid: Tiles, named: dict[str, str]) -> str:
    """Enter the map in the country's file, comments and all else left as they are."""
    import tomllib

    from trucesim.files.writing import with_keys
    from trucesim.world.folder import PLAN, Grid

    origin = {"origin_easting": grid.easting, "origin_northing": grid.northing}
    wanted = Grid(crs=grid.crs, spacing_m=grid.spacing, **origin)
    lines = {key: f'"{value}"' if isinstance(value, str) else repr(value)
             for key, value in wanted.model_dump().items()}  # fmt: skip
    text = with_keys(folder.text, "map", lines)
    text = with_keys(text, "tables", named) if named else text
    try:
        right = tomllib.loads(text)["map"] == wanted.model_dump()
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise InputError(
            "{plan}: the map cannot be entered; write a table [map] with one key on each line: "
            "{keys}", plan=PLAN, keys=", ".join(f"{key} = {value}" for key, value in lines.items()),
        )  # fmt: skip
    return text


def _tell_of(boundaries: Boundaries, grid: Tiles, pairs: list[tuple[str, str]]) -> None:
    """Print what was made, and of what."""
    import numpy as np

    from trucesim.world.building import islands

    names = boundaries.names
    print(told(Message(
        "{n} places; codes: {code}; names: {name}.", n=len(names),
        code=repr(boundaries.code_property) if boundaries.code_property
        else Message("none in the file, numbered by name"),
        name=repr(boundaries.name_property) if boundaries.name_property
        else Message("none in the file, their codes"),
    )))  # fmt: skip
    if boundaries.left_out:
        print(told(Message("Left out, as no place of the table: {names}.",
                           names=some(boundaries.left_out))))  # fmt: skip
    counts = np.unique(grid.code, return_counts=True)[1]
    print(told(Message(
        "{n:,} tiles {spacing:,g} m apart in {crs}; the smallest place has {least:,}.",
        n=len(grid.row), spacing=grid.spacing, crs=grid.crs, least=int(counts.min()),
    )))  # fmt: skip
    alone = [f"{names[code]} ({code})" for code in islands(names, pairs)]
    print(told(Message("{n:,} pairs of neighbours; places without any: {alone}.", n=len(pairs),
                       alone=some(alone) if alone else Message("none"))))  # fmt: skip


# --- Check --------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> int:
    from trucesim.world.checking import findings

    found = findings(options.folder)
    if not any(each.kind == "wrong" for each in found):
        found = [*_as_loaded(options.folder), *found]
    wrong = sum(each.kind == "wrong" for each in found)
    if options.json:
        told_of = [{"kind": each.kind, "what": told(each.what), "mend": told(each.mend)}
                   for each in found]  # fmt: skip
        print_json({"folder": str(options.folder), "wrong": wrong, "findings": told_of})
    else:
        _print(found, options.folder)
    return 2 if wrong else 0


def _as_loaded(root: Path) -> list[Finding]:
    """Load the country and its scenarios as runs do; give what they refuse."""
    from trucesim.runs.sampling import shipped_draws
    from trucesim.scenario.file import load_scenario
    from trucesim.world.checking import Finding
    from trucesim.world.country import load_country

    try:
        country = load_country(root)
        shipped_draws(country.name)
    except InputError as error:
        return [Finding("wrong", error.message)]
    refused = []
    for path in sorted((root / "scenarios").glob("*.toml")):
        try:
            load_scenario(path, country)
        except InputError as error:
            refused.append(Finding("wrong", error.message))
    return refused


def _print(found: list[Finding], folder: Path) -> None:
    heads = {
        "wrong": Message("Wrong:"),
        "lacking": Message("Not there, and what goes without it:"),
        "unused": Message("Not read:"),
    }
    for kind, head in heads.items():
        some_kind = [each for each in found if each.kind == kind]
        if some_kind:
            print(told(head))
        for each in some_kind:
            line = each.what if not each.mend else Message("{what}: {mend}", what=each.what,
                                                           mend=each.mend)  # fmt: skip
            print(f"  {told(line)}")
    wrong = sum(each.kind == "wrong" for each in found)
    print(told(
        Message("{folder}: to mend before it can be run: {n}.", folder=folder, n=wrong)
        if wrong else Message("{folder}: can be run.", folder=folder)
    ))  # fmt: skip
