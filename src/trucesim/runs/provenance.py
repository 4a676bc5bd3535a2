"""What made a result: scenario, data, sources, seed, machine and versions."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucesim.compilation import digest_of_sources
from trucesim.files.errors import InputError, Message
from trucesim.runs.sampling import from_prior, shipped_draws
from trucesim.scenario.file import text_of
from trucesim.scenario.scenario import Scenario
from trucesim.version import __version__
from trucesim.world.country import Country, load_country
from trucesim.world.folder import HOME, here, open_folder

if TYPE_CHECKING:
    import xarray as xr


@cache
def model_digest() -> str:
    """Digest the sources that turn a scenario, parameters and a seed into results."""
    return digest_of_sources("runs.simulate")


@cache
def draws_digest(country: str) -> str:
    """Digest the posterior that runs draw their parameters from."""
    draws = shipped_draws(country)
    content = json.dumps([draws.names, draws.values.tolist(), draws.weights.tolist()])
    return hashlib.sha256(content.encode()).hexdigest()


def made_by(parameters: str, country: str) -> list[str]:
    """Digest what makes runs: model, country, and the posterior unless all is drawn from priors."""
    digests = [model_digest(), load_country(country).digest]
    return digests if parameters == "prior" else [*digests, draws_digest(country)]


def key_of(
    scenario: Scenario,
    country: Country,
    seed: int,
    parameters: str,
    until: dt.date | None,
    overrides: Mapping[str, float] | None = None,
    rules: str = "",
    lineages: str = "",
) -> str:
    """Digest all that determines runs but their numbers.

    Parameters
    ----------
    scenario : Scenario
    country : Country
        Or the part of one that is simulated.
    seed : int
    parameters : {'posterior', 'prior', 'point'}
    until : date or None
        How far they go.
    overrides : dict, optional
        Parameters that stand above the scenario's.
    rules : str
        Digest of rules that replace shipped ones; empty if none do.
    lineages : str
        Digest of the lineages that are lived; empty where runs have numbers of their own.
    """
    content = [
        *made_by(parameters, country.name), country.digest, scenario.digest, seed, parameters,
        str(until), sorted((overrides or {}).items()), *([rules] if rules else []),
        *([lineages] if lineages else []),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


@cache
def libraries() -> dict[str, str]:
    """Give the versions of all that trucesim declares to use, as far as it is installed."""
    found = {}
    for requirement in requires("trucesim") or ():
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return dict(sorted(found.items()))


def what_runs(country: str) -> dict[str, Any]:
    """Say which model, data and posterior runs are made with, ready for JSON."""
    return {
        "trucesim": __version__,
        "model": model_digest(),
        "data_digest": data_digest(),
        "draws": draws_digest(country),
        **of_country(country),
    }


def of_country(name: str) -> dict[str, str]:
    """Say of which country runs are, and which tables a folder of one's own holds.

    Nothing is said of El Salvador.
    """
    if name == HOME:
        return {}
    folder, caution = open_folder(name), load_country(name).caution()
    made_in = {"country": name, "caution": caution or ""}
    return made_in if folder.shipped else {**made_in, "country_folder": folder.digest}


def check_country(manifest: Mapping[str, Any], where: str | Path) -> None:
    """Refuse a result of another country than the one that is spoken of, or of other tables.

    Raises
    ------
    InputError
    """
    made_in = str(manifest.get("country") or HOME)
    if made_in != here():
        raise InputError(
            "{where}: of {made_in}, not of {here}; add --country {made_in}{folder}", where=where,
            made_in=made_in, here=here(),
            folder=Message(", the folder") if "country_folder" in manifest else "",
        )  # fmt: skip
    if manifest.get("country_folder") != of_country(made_in).get("country_folder"):
        raise InputError(
            "{where}: the tables of {country} are no longer those that it was made with",
            where=where, country=made_in,
        )  # fmt: skip


def where_made(seconds: float | None = None) -> dict[str, Any]:
    """Say when, how fast and on what machine something was made, ready for JSON."""
    return {
        "made": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        **({} if seconds is None else {"seconds": round(seconds, 2)}),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "libraries": libraries(),
    }


def attributes(
    scenario: Scenario, country: Country, *, parameters: str, lineages: str, rules: str
) -> dict[str, str]:
    """Give the attributes of runs that say, whole, what made them.

    Parameters
    ----------
    scenario : Scenario
    country : Country
    parameters, lineages, rules : str
        Digests of every run's parameters, of the lineages that were lived, and of rules that
        replaced shipped ones; empty where there are none.

    Returns
    -------
    dict
        ``parameters``, ``history``, ``lineages``, ``rules``, ``model``, ``data``, ``draws``,
        ``country_digest``, ``scenario_text``: a file that stands alone, with changed settings in
        it, and ``libraries``: JSON.
    """
    made = what_runs(country.name)
    return {
        "parameters": parameters,
        "history": "record" if lineages else "chance",
        "lineages": lineages,
        "rules": rules,
        "model": made["model"],
        "data": made["data_digest"],
        "draws": made["draws"],
        "country_digest": country.digest,
        "scenario_text": text_of(scenario),
        "libraries": json.dumps(libraries()),
    }


def provenance(scenario: Scenario, results: xr.Dataset, seconds: float) -> dict[str, Any]:
    """Say what made some results: scenario, data, seed, machine and versions, ready for JSON."""
    attrs = results.attrs
    return {
        "scenario": scenario.name,
        "scenario_digest": scenario.digest,
        "parameters_changed": dict(scenario.parameters),
        "from_prior": [
            name for name in from_prior(attrs["country"]) if name not in scenario.parameters
        ],
        **{name: attrs.get(name, "") for name in ("seed", "runs", "detail", "parameters", "history",
                                          "lineages", "rules", "country", "country_digest")},
        **what_runs(attrs["country"]),
        **where_made(seconds),
    }  # fmt: skip


@cache
def data_digest() -> str:
    """Digest the shipped tables, file by file in order of name; line endings make no difference."""
    digest = hashlib.sha256()
    root = Path(str(files("trucesim"))) / "data"
    for path in sorted(root.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()
