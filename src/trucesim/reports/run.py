"""The folder of a run: results, tables, figures, and what made them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from trucesim.files.writing import put_whole, write_json
from trucesim.outcomes import grouping, patterns
from trucesim.outcomes.grouping import Groups
from trucesim.runs.drawn import with_parameters
from trucesim.runs.provenance import provenance
from trucesim.studies.comparison import Progress, Study, summary
from trucesim.world.observed import observed
from trucesim.world.tiles import Ring


def write(
    study: Study,
    folder: Path,
    *,
    draw: bool = True,
    outlines: Mapping[str, list[Ring]] | None = None,
    groups: Groups | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write a study to a folder; every file appears whole or not at all.

    Parameters
    ----------
    study : Study
    folder : Path
        Made if need be.
    draw : bool
        Whether to draw figures.
    outlines : mapping, optional
        Boundaries for the maps instead of the tiles (:func:`trucesim.world.tiles.from_geojson`).
    groups : Groups, optional
        Groups of municipalities for a table and a figure more.
    progress : function, optional

    Returns
    -------
    list of Path
        ``results.nc``, ``comparison.csv``, ``summary.json``, with groups ``groups.csv``
        and ``groups_places.csv``, ``figures/*.png``, and last ``manifest.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []

    def put(name: str, save: Callable[[Path], object]) -> None:
        written.append(put_whole(folder / name, save))

    whole = with_parameters(study.results, study.scenario)
    put("results.nc", lambda path: write_netcdf(whole, path))
    put("comparison.csv", lambda path: patterns.write_comparison(study.comparison, path))
    put("summary.json", lambda path: write_json(summary(study), path))
    if groups is not None:
        table = grouping.table(grouping.by_group(study.results, groups))
        put("groups.csv", lambda path: grouping.write(table, path))
        put("groups_places.csv", lambda path: grouping.write(grouping.places(groups), path))
    if draw:
        from trucesim import figures  # slow to import, and wanted last

        told = (lambda done, of: progress("figures", done, of)) if progress else None
        written += figures.save_all(
            study.results, observed(), study.comparison, study.reductions,
            folder / "figures", study.counterfactual, told, outlines, groups,
        )  # fmt: skip
    put("manifest.json", lambda path: write_json(manifest(study), path))
    return written


def write_netcdf(results: xr.Dataset, path: Path) -> None:
    """Write results as netCDF 4, compressed."""
    encoding = {
        str(name): {"zlib": True, "complevel": 1, "shuffle": True}
        for name, values in results.data_vars.items()
        if values.dtype.kind in "iufb"
    }
    results.to_netcdf(path, engine="h5netcdf", encoding=encoding)


def manifest(study: Study) -> dict[str, Any]:
    """Say what made these results, so that they can be made again."""
    return {"command": "run", **provenance(study.scenario, study.results, study.seconds)}
