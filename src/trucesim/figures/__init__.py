"""Figures, in English and Spanish.

Every function takes ``lang``, ``"en"`` or ``"es"``, and returns a matplotlib Figure that belongs to
no global state; `save` writes it with its provenance.
"""

from trucesim.figures.canvas import save
from trucesim.figures.scenario import difference, maps, monthly, patterns, reductions, save_all

__all__ = ["difference", "maps", "monthly", "patterns", "reductions", "save", "save_all"]
