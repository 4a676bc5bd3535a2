"""What the page on sweeps says is what the committed tables say, and they are of today's files."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from folders import EXPERIMENTS

from trucesim.locale.language import number
from trucesim.studies.experiment.file import load_experiment

FOLDER = EXPERIMENTS / "sweeps"

SHOWN = {
    "zones": ("averted_no_truce", "recorded_2013-06..2014-05", "recorded_2015"),
    "guarantor": ("averted_no_truce", "recorded_2014", "compliance_2014"),
    "funds": ("averted_no_truce", "recorded_2013", "recorded_2014"),
    "repression": ("recorded_2014", "recorded_2015", "police_killed_2015"),
    "neighbours": ("averted_no_truce", "recorded_2013-05..2014-04", "recorded_2014"),
}
"""Sweeps, and the outcomes that the page tells of."""


def rows(name: str) -> list[str]:
    """Give the rows of a sweep's table: levers, then effects against the first point."""
    folder = FOLDER / name
    design = pd.read_csv(folder / "design.csv", index_col="point")
    levers = [each for each in design if each not in ("key", "without_truce")]
    effects = pd.read_csv(folder / "effects.csv").set_index(["point", "outcome"])
    lines = []
    for point, row in design.iterrows():
        cells = ["" if row[each] != row[each] else f"{row[each]}" for each in levers]
        for outcome in SHOWN[name]:
            if point == 0:
                cells.append("0")
                continue
            effect, error = effects.loc[(point, outcome), ["effect", "se_paired"]]
            digits = 3 if outcome.startswith("compliance") else 1
            cells.append(f"{number(effect, digits)} ± {number(error, digits)}")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


@pytest.mark.parametrize("name", SHOWN)
def test_effects_are_those_of_the_sweep(name: str) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    for row in rows(name):
        assert row in page, row
    made = json.loads((FOLDER / name / "manifest.json").read_text(encoding="utf-8"))
    assert made["experiment"] == name
    assert made["digest"] == load_experiment(name).digest
