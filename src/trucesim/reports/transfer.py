"""The folder of a model's test in another country: tables, figures, and the report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from trucesim import figures
from trucesim.figures import transfer as drawn
from trucesim.files.writing import put_text, put_whole
from trucesim.locale.catalogue import spoken
from trucesim.outcomes import patterns
from trucesim.reports.rendering import render
from trucesim.scenario.file import load_scenario
from trucesim.studies import transfer
from trucesim.studies.transfer import Control, Progress
from trucesim.world.country import load_country
from trucesim.world.folder import being_in

TABLES = "cases", "hangs_on", "grain", "region"


@dataclass(frozen=True)
class Findings:
    """What was found: the control, and what stands beside it.

    Attributes
    ----------
    control : Control
    grain, region : pandas.DataFrame
        See :func:`trucesim.studies.transfer.grain` and :func:`~trucesim.studies.transfer.region`.
    """

    control: Control
    grain: pd.DataFrame
    region: pd.DataFrame

    def table(self, name: str) -> pd.DataFrame:
        """Give one of its tables, of `TABLES`."""
        of = self.control if name in ("cases", "hangs_on") else self
        found: pd.DataFrame = getattr(of, name)
        return found


def gather(
    country: str, runs: int, seed: int, *, workers: int | None, progress: Progress | None
) -> Findings:
    """Try a country's control, the grain of places, and the region."""
    common: dict[str, Any] = {"workers": workers, "progress": progress}
    return Findings(
        transfer.control(country, runs, seed, **common),
        transfer.grain(runs, seed, **common),
        transfer.region(runs, seed, **common),
    )


def write(found: Findings, folder: Path, *, command: str) -> list[Path]:
    """Write what was found.

    Returns
    -------
    list of Path
        ``cases.csv``, ``hangs_on.csv``, ``grain.csv``, ``region.csv``, ``figures/control_LANG.png``
        and ``figures/region_LANG.png``, and ``README.md``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in TABLES:
        save = partial(
            found.table(name).to_csv, index=False, float_format="%.4g", lineterminator="\n"
        )
        written.append(put_whole(folder / f"{name}.csv", save))
    control = found.control
    with being_in(control.country):
        made = _made(control)
        figure = drawn.control(control)
        path = folder / "figures" / f"control_{spoken()}.png"
        written.append(figures.save(figure, path, made))
        path = folder / "figures" / f"region_{spoken()}.png"
        written.append(figures.save(drawn.region(found.region, control.runs), path, made))
        text = report(found, command)
    return [*written, put_text(folder / "README.md", text)]


def _made(control: Control) -> xr.Dataset:
    """Say of the documented case what a figure's foot says."""
    scenario = load_scenario(control.cases["scenario"].iloc[0])
    return figures.canvas.made_by(scenario, control.seed, control.runs)


def report(found: Findings, command: str) -> str:
    """Write the report; every number in it is computed."""
    control = found.control
    cases = control.cases.to_dict("records")
    return render(
        "transfer.md", control=control, grain=found.grain, region=found.region,
        country=load_country(), pattern=patterns.label(control.pattern.id), command=command,
        documented=cases[0], failing=cases[-1],
        own={name: each for name, each in load_country().own.items() if each.source},
    )  # fmt: skip
