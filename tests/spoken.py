"""A call in a language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trucesim.locale.catalogue import speaking


def in_language[**P, R](lang: str, tell: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    with speaking(lang):
        return tell(*args, **kwargs)


def texts_in(lang: str, texts: Mapping[str, str]) -> dict[str, str]:
    with speaking(lang):
        return dict(texts)
