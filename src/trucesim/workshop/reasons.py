"""Why a clique decided as it did: the terms of its decision, taken from the rule's own text.

The rule (:func:`trucesim.rules.clique.decide`) adds up log odds. Its source is read here and taken
apart at its plus and minus signs, and each term is worked out with what the clique had before it
when it decided: there is no second text of the rule that could say something else.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType
from typing import Any, NamedTuple

from trucesim.engine import draws
from trucesim.model import Clique, TruceModel
from trucesim.rules.clique import decide

SUM = "odds"
"""The name under which the rule adds up."""


class Terms(NamedTuple):
    """The terms of a sum in a rule.

    Attributes
    ----------
    texts : tuple of str
        As the rule writes them.
    keys : tuple of str
        What each is about: the parameter that weighs it, or the term itself.
    code : code
        Works out all of them, signs included.
    names : dict
        What the rule's module knows.
    """

    texts: tuple[str, ...]
    keys: tuple[str, ...]
    code: CodeType
    names: Mapping[str, Any]

    def values(self, **given: Any) -> tuple[float, ...]:
        """Work out the terms with the rule's arguments."""
        return tuple(float(x) for x in eval(self.code, {**self.names, **given}))


@cache
def terms_of(rule: Callable[..., Any] = decide, name: str = SUM) -> Terms | None:
    """Take a rule's sum apart.

    Parameters
    ----------
    rule : function
        One of :mod:`trucesim.rules`; nothing else is ever evaluated.
    name : str
        The local name that is assigned and then added to.

    Returns
    -------
    Terms or None
        None where the rule's source is not at hand.
    """
    try:
        source = textwrap.dedent(inspect.getsource(rule))
    except OSError:
        return None
    parts: list[ast.expr] = []
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    for node in function.body:
        if isinstance(node, ast.Assign) and _is(node.targets[0], name):
            parts = _split(node.value, 1)
        elif isinstance(node, ast.AugAssign) and _is(node.target, name):
            parts += _split(node.value, -1 if isinstance(node.op, ast.Sub) else 1)
    whole = ast.fix_missing_locations(ast.Expression(ast.Tuple(parts, ast.Load())))
    texts = tuple(ast.unparse(part) for part in parts)
    return Terms(
        texts, tuple(map(_key, texts)), compile(whole, "<terms>", "eval"), rule.__globals__
    )


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _split(node: ast.expr, sign: int) -> list[ast.expr]:
    """Cut a sum at its signs; each part keeps its own."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        other = -sign if isinstance(node.op, ast.Sub) else sign
        return _split(node.left, sign) + _split(node.right, other)
    return [node if sign > 0 else ast.UnaryOp(ast.USub(), node)]


def _key(text: str) -> str:
    weight = re.search(r"\bp\.(\w+)", text)
    return weight[1] if weight else text.lstrip("-").strip("()")


class Decision(NamedTuple):
    """What a clique decided, and why.

    Attributes
    ----------
    values : tuple of float
        The terms in log odds, in the rule's order; empty where its source is not at hand.
    reached : bool
        Whether the order reached it.
    holds : bool
        Whether it holds to the order.
    """

    values: tuple[float, ...]
    reached: bool
    holds: bool


class WatchedClique(Clique):
    """A clique that leaves its reasons behind; it acts like any other."""

    model: WatchedModel

    def decide(self) -> None:
        """Obey the order from above, or not, and note why."""
        terms = terms_of()
        model, place, leadership = self.model, self.municipality, self.leadership
        u = self.draw(draws.DECIDE)
        values = (
            terms.values(
                clique=self, place=place, leadership=leadership, force=place.force, now=model.now,
                p=model.p, u=u,
            )
            if terms and leadership.order
            else ()
        )  # fmt: skip
        super().decide()
        if leadership.order:
            model.decisions[self.row] = Decision(values, u < leadership.reach, bool(self.complies))


class WatchedModel(TruceModel):
    """A run whose cliques leave their reasons behind.

    Attributes
    ----------
    decisions : dict of int to Decision
        Those of the last week, the last of it, by row of the clique; empty where no order holds.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.decisions: dict[int, Decision] = {}
        super().__init__(*args, classes=[WatchedClique], **options)

    def step(self) -> None:
        """Live one week."""
        self.decisions.clear()
        super().step()
