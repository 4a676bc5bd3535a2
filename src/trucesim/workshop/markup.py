"""HTML that the server writes, and what people do with it.

The page's words, tables and controls are plain HTML, written here in Python from the session and
brought up to date in place. An element with ``data-do`` reports what is done with it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import param
from panel.custom import JSComponent

type Act = Callable[[Mapping[str, Any]], None]
"""Takes ``{"do": ..., "key": ..., "value": ...}``; all of it comes from outside."""


@cache
def asset(name: str) -> str:
    """Read one of the page's own files."""
    return (files("trucesim.workshop") / "assets" / name).read_text(encoding="utf-8")


class Markup(JSComponent):  # type: ignore[misc]
    """A part of the page.

    Parameters
    ----------
    html : str
        What is shown. Texts in it that do not come from the package are escaped by who writes it.
    live : bool
        Whether changes are read out by a screen reader.
    """

    html = param.String()
    live = param.Boolean(default=False)

    _esm = asset("markup.js")

    def __init__(self, act: Act | None = None, **params: Any) -> None:
        params.setdefault("sizing_mode", "stretch_width")
        params.setdefault("stylesheets", [asset("page.css")])
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._act = act

    def _handle_msg(self, message: Any) -> None:
        if self._act is not None and isinstance(message, dict):
            self._act(message)

    def hand_over(self, name: str, kind: str, content: bytes) -> None:
        """Hand a file to the browser."""
        encoded = base64.b64encode(content).decode()
        self._send_msg({"name": name, "type": kind, "content": encoded})


def attributes(**values: object) -> str:
    """Write attributes; ``_`` stands for ``-``, a leading one is dropped, None and False too."""
    parts = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        name = name.strip("_").replace("_", "-")
        parts.append(f" {name}" if value is True else f' {name}="{escape(str(value))}"')
    return "".join(parts)


def button(text: str, do: str, key: str = "", **more: object) -> str:
    """Write a button that reports its click."""
    given = {"type": "button", "data_do": do, "data_key": key, **more}
    return f"<button{attributes(**given)}>{text}</button>"


def options(choices: Mapping[str, str], chosen: str) -> str:
    """Write the options of a select."""
    return "".join(
        f"<option{attributes(value=value, selected=value == chosen)}>{escape(text)}</option>"
        for value, text in choices.items()
    )
