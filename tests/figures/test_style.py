"""Figures look the same whatever matplotlib's settings are, and leave these as they were."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import numpy as np
import pytest
from drawings import KINDS, runs
from matplotlib.image import imread

from trucesim.figures import canvas

HOSTILE = {
    "text.usetex": True, "text.parse_math": True, "font.family": "serif", "font.size": 20.0,
    "axes.grid": True, "axes.facecolor": "yellow", "axes.labelsize": 30.0, "axes.linewidth": 5.0,
    "figure.facecolor": "red", "figure.dpi": 30.0, "figure.autolayout": True,
    "figure.constrained_layout.use": True, "lines.linewidth": 9.0, "lines.color": "red",
    "legend.frameon": True, "legend.fontsize": 30.0, "savefig.dpi": 30.0, "savefig.bbox": "tight",
    "savefig.facecolor": "red", "savefig.transparent": True, "svg.fonttype": "none",
    "xtick.labelsize": 30.0, "ytick.right": True, "path.sketch": (3, 100, 2),
    "axes.formatter.use_locale": True,
    "patch.force_edgecolor": True, "axes.unicode_minus": False, "text.color": "red",
}  # fmt: skip


def settings() -> dict[str, object]:
    return {name: mpl.rcParams[name] for name in HOSTILE}


def pixels(kind: str) -> np.ndarray:
    return imread(io.BytesIO(canvas.image_of(KINDS[kind](), runs())))


@pytest.mark.parametrize("kind", KINDS)
def test_settings_of_matplotlib_change_no_pixel(kind: str) -> None:
    plain = pixels(kind)
    with mpl.rc_context(HOSTILE):
        before = settings()
        hostile = pixels(kind)
        assert settings() == before
    np.testing.assert_array_equal(hostile, plain)


def test_threads_leave_the_settings_as_they_were() -> None:
    before = settings()
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(pixels, ["crps", "fan"] * 4))
    assert settings() == before
    for one, other in zip(drawn, drawn[2:], strict=False):
        np.testing.assert_array_equal(one, other)


def test_settings_of_matplotlib_change_no_drawing() -> None:
    """As lines of an SVG: letters are shapes, and no font is asked for."""
    with mpl.rc_context(HOSTILE):
        image = bytes(canvas.image_of(KINDS["fan"](), runs(), kind="svg"))
    assert b"<text" not in image
    assert b"ff0000" not in image
