"""The command line. It starts quickly: what a command needs is imported when it is called."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import trucesim.cli.analyses as analyses
import trucesim.cli.cases as cases
import trucesim.cli.country as country
import trucesim.cli.judgement as judgement
import trucesim.cli.page as page
import trucesim.cli.record as record
import trucesim.cli.reference as reference
import trucesim.cli.reproduce as reproduce
import trucesim.cli.sweep as sweep
from trucesim.cli.options import IN_A_COUNTRY, ON_THE_RECORD, add_country, refuse_elsewhere, tell
from trucesim.cli.streams import prepare
from trucesim.files.errors import EnvironmentProblem, InputError, Message, said_by_system
from trucesim.locale.catalogue import LANGUAGES, speaking
from trucesim.version import __version__

GROUPS = (
    cases, page, record, sweep, analyses, judgement, reproduce, country, reference,
)  # fmt: skip
"""Files of commands, in the order in which help lists them."""


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="trucesim",
        description="Simulates El Salvador's gang truce of 2012 and asks what if. "
        "Results are runs of a model, not observations: 'trucesim describe' says what it assumes.",
    )
    top.add_argument("--version", action="version", version=f"trucesim {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    for group in GROUPS:
        group.add_commands(commands)
    for name, command in commands.choices.items():
        command.set_defaults(parser=command)
        if name in (*IN_A_COUNTRY, *ON_THE_RECORD):
            add_country(command)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        The exit code: 0; 1 if a part failed; 2 for wrong input; 130 when interrupted.
    """
    prepare()
    options = parser().parse_args(arguments)
    with speaking(getattr(options, "lang", None) or LANGUAGES[0]):
        return _act(options)


def _country_of(options: argparse.Namespace) -> AbstractContextManager[Any]:
    """Speak of the country that is asked for; without one nothing need be imported."""
    if getattr(options, "country", None) is None:
        return nullcontext()
    from trucesim.world.folder import being_in

    return being_in(options.country)


SAYS_LITTLE = ("sweep", "plan", "effects", "sensitivity", "export")
"""Commands whose tables have no room for what is to be borne in mind of a country."""


def _tell_of_country() -> None:
    from trucesim.world.country import load_country

    if (said := load_country().caution()) is not None:
        tell(said)


def _act(options: argparse.Namespace) -> int:
    try:
        with _country_of(options):
            if options.command in ON_THE_RECORD and options.country:
                refuse_elsewhere(options.command)
            code: int | None = options.act(options)
            if options.command in SAYS_LITTLE and options.country:
                _tell_of_country()
    except (InputError, EnvironmentProblem) as error:
        tell(error.message)
        return 2 if isinstance(error, InputError) else 1
    except KeyboardInterrupt as interrupt:
        left = Message("interrupted; no file was left half written")
        tell(interrupt.args[0] if interrupt.args else left)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except MemoryError:
        tell(Message("not enough memory; ask for fewer runs, or sweep an experiment"))
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        tell(Message("{where}{reason}", where=where, reason=said_by_system(error)))
        return 1
    return code or 0
