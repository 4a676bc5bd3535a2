"""The command line."""

from trucesim.cli.program import main

__all__ = ["main"]
