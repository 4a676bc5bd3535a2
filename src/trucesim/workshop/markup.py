"""HTML that the server writes, and what people do with it.

The page's words, tables and controls are plain HTML: templates, filled in from the session and
brought up to date in place. An element with ``data-do`` reports what is done with it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import panel as pn
import param
from jinja2 import Environment, PackageLoader, StrictUndefined
from panel.custom import JSComponent

from trucesim.locale.catalogue import spoken
from trucesim.locale.language import date, number, percent, short
from trucesim.locale.texts import say
from trucesim.world import calendar

type Act = Callable[[Mapping[str, Any]], None]
"""Takes ``{"do": ..., "key": ..., "value": ...}``; all of it comes from outside."""


@cache
def asset(name: str) -> str:
    """Read one of the page's own files."""
    return (files("trucesim.workshop") / "assets" / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Give what reads the page's templates; whatever they fill in is escaped."""
    found = Environment(
        loader=PackageLoader("trucesim.workshop"), autoescape=True, undefined=StrictUndefined,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    found.globals |= {
        "say": say, "spoken": spoken, "date": date, "number": number, "percent": percent,
        "short": short, "first_day": calendar.START, "last_day": calendar.END,
    }  # fmt: skip
    return found


def render(part: str, **fields: object) -> str:
    """Fill in a template in the language that is spoken.

    Parameters
    ----------
    part : str
        Its file's name, without the ending.
    **fields : object
        What fills it in.

    Raises
    ------
    jinja2.UndefinedError
        A field is missing: a slip in the code.

    Notes
    -----
    Line breaks between tags are dropped, so that templates are laid out as they are best read:
    between inline elements a space would show.
    """
    html = environment().get_template(f"{part}.html").render(fields)
    return re.sub(r">\s*\n\s*<", "><", html.strip())


class Markup(JSComponent):  # type: ignore[misc]
    """A part of the page.

    Parameters
    ----------
    html : str
        What is shown: a template filled in (`render`).
    live : bool
        Whether changes are read out by a screen reader.
    """

    html = param.String()
    live = param.Boolean(default=False)

    _esm = "\n".join(map(asset, ("day.js", "tip.js", "markup.js")))

    def __init__(self, act: Act | None = None, **params: Any) -> None:
        params.setdefault("sizing_mode", "stretch_width")
        params.setdefault("stylesheets", [asset("page.css")])
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._act = act

    def _handle_msg(self, message: Any) -> None:
        if self._act is not None and isinstance(message, dict):
            with pn.io.hold():
                self._act(message)

    def hand_over(self, name: str, kind: str, content: bytes) -> None:
        """Hand a file to the browser."""
        encoded = base64.b64encode(content).decode()
        self._send_msg({"name": name, "type": kind, "content": encoded})
