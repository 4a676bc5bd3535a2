"""Reports from templates: prose stands in ``templates/``, numbers are written as declared here."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.ext import Extension
from jinja2.runtime import Context
from markupsafe import escape

from trucesim.files import markdown
from trucesim.locale import language
from trucesim.locale.catalogue import spoken, translated
from trucesim.outcomes.registry import quantity
from trucesim.version import __version__
from trucesim.world.country import load_country


def render(template: str, **values: Any) -> str:
    """Write a report in the language that is spoken.

    Parameters
    ----------
    template : str
        A file of ``reports/templates``. What is filled into an HTML file is escaped; into Markdown,
        what users write must be passed through the filter ``escaped``.
    **values
        What the template asks for, beside ``version``, ``lang`` and ``caution``: what is to be
        borne in mind of another country than El Salvador.
    """
    given = {"version": __version__, "lang": spoken(), "caution": load_country().caution()}
    text = environment().get_template(template).render(**given | values)
    # What a template leaves out leaves its blank lines.
    return re.sub(r"\n{3,}", "\n\n", text.strip() + "\n") if template.endswith(".md") else text


@dataclass(frozen=True)
class Part:
    """A table with a title, and what is said below it: for the console and for a report alike.

    Attributes
    ----------
    title : str
    header : tuple of str
    rows : sequence of tuple of str
    told : sequence of str
    words : int
        How many of the first columns hold words.
    """

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    told: Sequence[str]
    words: int = 1

    @property
    def table(self) -> str:
        """The table in Markdown; nothing where there are no rows."""
        return markdown.table(self.header, self.rows, self.words) if self.rows else ""


def passages(template: str, name: str, **values: Any) -> list[str]:
    """Write the paragraphs of one of a template's macros, which other places show too.

    Parameters
    ----------
    template : str
        A file of ``reports/templates`` that holds macros alone.
    name : str
        The macro's.
    **values
        What it is given.
    """
    told = getattr(environment().get_template(template).module, name)(**values)
    paragraphs = re.split(r"\n(?:\s*\n)+", told.strip())
    return [re.sub(r"\s*\n\s*", " ", each) for each in paragraphs if each]


class _Prose(Extension):
    """Passages keep the end of their last line, which ``trim_blocks`` takes from other blocks."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return source.replace("{% endtrans %}", "{% endtrans +%}")


@cache
def environment() -> Environment:
    """Give what all templates share: texts by ``trans`` and ``_``, filters for what is filled in.

    Returns
    -------
    jinja2.Environment
        Filters: `number`, `percent`, `short`, `date`, `month`, `span`
        (:mod:`trucesim.locale.language`); `quantity` (:mod:`trucesim.outcomes.registry`);
        `three`, `share`, `escaped`, `records` as below; `table`
        (:func:`trucesim.files.markdown.of_frame`).
    """
    made = Environment(
        loader=PackageLoader("trucesim.reports"), extensions=["jinja2.ext.i18n", _Prose],
        autoescape=select_autoescape(("html",), default=False), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(  # type: ignore[attr-defined]
        _said, lambda one, many, n: translated(one if n == 1 else many), newstyle=True
    )
    written = ("number", "percent", "short", "date", "month", "span")
    made.filters |= {name: getattr(language, name) for name in written}
    made.filters |= {each.__name__: each for each in (three, share, escaped, records)}
    made.filters |= {"quantity": quantity, "table": markdown.of_frame}
    return made


@pass_context
def _said(context: Context, text: str) -> str:
    """Give a text in the language that is spoken: as text, and never as markup of HTML."""
    told = translated(text)
    return escape(told) if context.eval_ctx.autoescape else told


def three(value: float) -> str:
    """Write a number to three figures or, from 100 on, without decimals; a dash if unknown."""
    if math.isnan(value):
        return "-"
    return f"{value:.{0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2}f}"


def share(value: float, digits: int = 0) -> str:
    """Write a share of 1 as a percentage; a dash if unknown."""
    return "-" if math.isnan(value) else f"{language.number(100 * value, digits)}%"


def escaped(text: str) -> str:
    """Keep Markdown from reading markup in what a user wrote; a paragraph of it is one line."""
    lines = (" ".join(each.split()) for each in re.split(r"\n\s*\n", text.strip()))
    marks = r"^(\d+)(?=[.)])|(?=[\\`*\[\]<>|~]|\b_|_\b|^[#+-])"
    return "\n\n".join(re.sub(marks, r"\1\\", line) for line in lines)


def records(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Give the rows of a table."""
    return frame.to_dict("records")
