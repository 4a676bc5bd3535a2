"""Figures in the language that is spoken.

Every function gives a matplotlib Figure of the package's own style, whatever matplotlib's settings
are; it belongs to no global state. `save` writes it with its provenance.
"""

from trucesim.figures.canvas import save
from trucesim.figures.mapping import differences, group_differences, maps
from trucesim.figures.pattern import patterns
from trucesim.figures.scenario import difference, monthly, reductions, save_all

__all__ = [
    "difference",
    "differences",
    "group_differences",
    "maps",
    "monthly",
    "patterns",
    "reductions",
    "save",
    "save_all",
]
