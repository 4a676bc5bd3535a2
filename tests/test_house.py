"""The house: which room may use which, and that no two use each other."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest

from trucesim.compilation import PACKAGE, imports

FLOORS = (
    "cli",
    "workshop",
    "reports",
    "figures",
    "studies",
    "outcomes",
    "model",
    "runs",
    "engine",
    "rules",
    "scenario",
    "world",
    "agents",
    "parameters",
    "compilation",
    "locale",
    "files",
    "version",
)
"""From the roof down: a room uses only those below it."""

APART = {"bundle": {"files", "version"}}
"""What stands beside the house, and all that it uses."""

ENTRANCES = {"", "__main__"}

MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")
    for path in PACKAGE.rglob("*.py")
    if "usb" not in path.parts
)


def room(module: str) -> str:
    return module.partition(".")[0]


def test_every_module_has_a_room() -> None:
    assert {room(each) for each in MODULES} == {*FLOORS, *APART, *ENTRANCES}


@pytest.mark.parametrize("module", sorted(set(MODULES) - ENTRANCES))
def test_arrows_go_down_only(module: str) -> None:
    here = room(module)
    for used in map(room, imports(module)):
        if here in APART:
            assert used in APART[here] | {here}
        elif used in APART:
            assert here == FLOORS[0], f"{module} uses {used}, which stands apart"
        else:
            assert FLOORS.index(here) <= FLOORS.index(used), f"{module} uses {used}, above it"


def test_no_circles() -> None:
    order = TopologicalSorter({each: imports(each) for each in MODULES if each}).static_order()
    assert "engine.week" in list(order)
