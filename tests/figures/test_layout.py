"""Every kind of figure: its texts are whole, inside and apart, in both languages."""

from __future__ import annotations

import pytest
from drawings import KINDS, check_layout, runs, texts_of, written
from spoken import in_language

from trucesim.figures import canvas
from trucesim.locale.catalogue import LANGUAGES


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_whole_inside_and_apart(kind: str, lang: str) -> None:
    figure = in_language(lang, KINDS[kind])
    in_language(lang, canvas.image_of, figure, runs())
    assert [text.get_gid() for text in figure.texts].count("provenance") == 1
    check_layout(figure)
    assert not [text for text in written(figure) if text.endswith("…")]
    assert min(text.get_fontsize() for text in texts_of(figure)) >= 6.5
