"""Which texts the package has, by entry of a catalogue. As a script: put es.po in their order."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import polib

from trucesim.compilation import PACKAGE
from trucesim.locale.catalogue import FOLDER
from trucesim.reports.rendering import environment

SPANISH = FOLDER / "es.po"

Name = tuple[str, str]
"""Context and English."""

SPEAKS = {
    "translated", "InputError", "StoreError", "EnvironmentProblem", "NotRecorded", "NotCompilable",
    "Message",
}  # fmt: skip
"""What is given a text as it stands in the module."""

MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
    for path in PACKAGE.rglob("*.py")
    if re.search(r"^TEXT = catalogue\(", path.read_text(encoding="utf-8"), re.MULTILINE)
)
"""Those with a table of texts."""


def names_of(module: str, known: set[Name]) -> dict[str, Name]:
    """Give a module's texts as es.po names them, with the module's name where it is there."""
    english: dict[str, str] = import_module(f"trucesim.{module}").TEXT._english
    own = {key: (f"{module}:{key}", text) for key, text in english.items()}
    return {key: own[key] if own[key] in known else (key, english[key]) for key in english}


def declared() -> dict[str, list[str]]:
    """Give the texts that are declared without a key, by module."""
    from trucesim.cli.tables import _first_line
    from trucesim.engine.week import CLOSING, OPENING, STRETCH
    from trucesim.figures.experiment import UNITS
    from trucesim.outcomes.declared import MEASURES
    from trucesim.outcomes.forecasts import CONDITIONALITY
    from trucesim.outcomes.patterns import REGISTRY
    from trucesim.outcomes.registry import _OF_PERIODS, named
    from trucesim.parameters import CONDITIONS, PARAMETERS
    from trucesim.studies.effects import LATER
    from trucesim.world.country import load_country
    from trucesim.world.folder import open_folder, shipped_countries

    rows = [*PARAMETERS.values(), *CONDITIONS.values()]
    steps = [*OPENING, *STRETCH, *CLOSING]
    return {
        "cli.tables": [_first_line(each) for step in steps for each in (step.phase, *step.rules)],
        "figures.experiment": list(UNITS.values()),
        "outcomes.forecasts": [CONDITIONALITY],
        "outcomes.patterns": [each.label for each in REGISTRY.values()],
        "outcomes.registry": [text for each in named().values() for text in (each.title, each.unit)]
        + [text for each in _OF_PERIODS.values() for text in each[:1]]
        + [each.unit for each in MEASURES.values()],
        "parameters": [text for each in rows for text in (each.title, each.meaning, each.source)]
        + [each.unit for each in rows],
        "studies.effects": list(LATER),
    } | {
        f"src/trucesim/data/{name}/country.toml": [
            each.source for each in load_country(name).own.values()
        ]
        for name in shipped_countries() if open_folder(name).plan.page
    }  # fmt: skip


def spoken_by_calls() -> dict[str, list[str]]:
    """Give the texts that functions are given as they stand, by module."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
        texts = [
            call.args[0].value
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(call, ast.Call)
            and getattr(call.func, "id", getattr(call.func, "attr", "")) in SPEAKS
            and call.args
            and isinstance(call.args[0], ast.Constant)
        ]
        found[module] = texts
    return found


def spoken_by_templates() -> dict[str, list[str]]:
    """Give the texts of templates, by file."""
    found = {}
    for path in sorted(PACKAGE.rglob("templates/*.*")):
        read = environment().extract_translations(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
        texts = [said if isinstance(said, str) else said[0] for _, _, said in read]
        found[path.relative_to(PACKAGE.parents[1]).as_posix()] = texts
    return found


def fields(text: str) -> set[str]:
    """Give what is filled in: ``{name}`` in a module's text, ``%(name)s`` in a template's."""
    # A gang may take an article in one language and none in the other.
    return set(re.findall(r"{[^{}]*}|%\(\w+\)s", re.sub(r"{(the|of)_", "{", text)))


def with_other_fields(path: Path = SPANISH) -> list[Name]:
    """Name the entries that fill in other fields than the English, or break off at a lone ``%``."""
    found = []
    for each in polib.pofile(path.read_text(encoding="utf-8")):
        of_template = any("/templates/" in file for file, _ in each.occurrences)
        lone = of_template and "%" in re.sub(r"%\(\w+\)s|%%", "", each.msgstr)
        differ = fields(each.msgid) != fields(each.msgstr)
        # A date has other parts in another order.
        if each.msgstr and (lone or differ) and each.msgctxt != "date":
            found.append((each.msgctxt or "", each.msgid))
    return found


def used(known: set[Name]) -> dict[Name, list[str]]:
    """Give the entries that the package needs, each with the files that use it."""
    users: dict[Name, list[str]] = {}

    def add(name: Name, module: str) -> None:
        paths = users.setdefault(name, [])
        path = module if "/" in module else f"src/trucesim/{module.replace('.', '/')}.py"
        if path not in paths:
            paths.append(path)

    for module in MODULES:
        for name in names_of(module, known).values():
            add(name, module)
    for texts in (declared(), spoken_by_calls()):
        for module, several in texts.items():
            for text in several:
                if re.search("[a-z]", re.sub("{.*?}", "", text)):
                    add(("", text), module)
    for path, several in spoken_by_templates().items():
        for text in several:
            add(("", text), path)
    return {name: sorted(paths) for name, paths in users.items()}


def put_in_order(path: Path = SPANISH) -> list[Name]:
    """Put a catalogue's entries by module, with one for each text; give those without one yet."""
    catalogue = polib.pofile(path.read_text(encoding="utf-8"))
    old = {(each.msgctxt or "", each.msgid): each for each in catalogue}
    users = used(set(old))
    kept = []
    for name, modules in users.items():
        entry = old.get(name) or polib.POEntry(msgctxt=name[0] or None, msgid=name[1], msgstr="")
        entry.occurrences = [(module, "") for module in modules]
        kept.append(entry)
    kept.sort(key=lambda each: each.occurrences[0][0])
    catalogue.clear()
    catalogue.extend(kept)
    catalogue.wrapwidth = 0
    path.write_text(str(catalogue), encoding="utf-8")
    return [(each.msgctxt or "", each.msgid) for each in kept if not each.msgstr]


if __name__ == "__main__":
    for name in put_in_order():
        print(name)
    for name in with_other_fields():
        print("other fields:", name)
