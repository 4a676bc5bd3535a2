"""Which municipality each feature of a user's boundaries is, by its name; the 44 of 2024, refused.

Since May 2024 the municipalities of before are districts, with their old names and new codes, and a
file of them may name the one of the 44 that each lies in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from trucesim.files.errors import InputError, Message, some
from trucesim.files.table import seen
from trucesim.world import gazetteer
from trucesim.world.country import load_country

type Properties = Mapping[str, Any]

SINCE_2024 = 44
"""Municipalities."""

MOST_PROPERTIES = 100
"""Of a feature, that are looked at; official files have some twenty."""


class Named(NamedTuple):
    """Places by the names of features.

    Attributes
    ----------
    key, department : str
        The properties that hold names and departments.
    places : list of str or None
        The code of each feature's place; None where it is none of those wanted.
    lacking : list of str
        Places wanted that are not there, or more than once.
    """

    key: str
    department: str
    places: list[str | None]
    lacking: list[str]

    def told(self, path: Path) -> Message:
        """Say that places were found by name."""
        return Message(
            "{path}: places were found by name and department (the properties {key!r} and "
            "{department!r}), each exactly once, and not by codes", path=path, key=self.key,
            department=self.department,
        )  # fmt: skip


def check_scheme(
    path: Path, features: Sequence[Properties], reading: Callable[[object], str | None]
) -> None:
    """Refuse a file whose features are the 44 of 2024, by their names or their codes.

    A file of districts may say in which of the 44 each lies: then there are many of one.

    Parameters
    ----------
    path : Path
    features : sequence of mapping
        The properties of each.
    reading : function
        Reads a value as one of the country's codes, or as None.

    Raises
    ------
    InputError
    """
    codes = load_country(gazetteer.COUNTRY).codes
    for key in _keys(features):
        names = {name for each in features if (name := _name_of_2024(each, key))}
        if 2 * len(names) > len(features):
            why = Message("{name!r} is one of them", name=seen(min(names)))
            raise _of_2024(path, why)
        rows = {codes.index(code) for each in features if (code := reading(each.get(key)))}
        if 2 * len(rows) > len(features) and gazetteer.codes_of_2024(rows):
            why = Message(
                "the codes in its property {key!r} look like those of before, but only the first "
                "few of every department are there, {n} in all", key=key, n=len(rows),
            )  # fmt: skip
            raise _of_2024(path, why)


def check_lacking(
    path: Path, features: Sequence[Properties], wanted: Sequence[str], named: Named | None
) -> None:
    """Say of a file whose codes find nothing that it has 44 features, or which names it lacks.

    Raises
    ------
    InputError
    """
    if len(features) == SINCE_2024:
        raise _of_2024(path, Message("it has {n} features", n=SINCE_2024))
    if named is not None and 2 * len(named.lacking) < len(wanted):
        raise InputError(
            "{path}: by name and department (the properties {key!r} and {department!r}) {count} of "
            "{of} places are missing or there more than once: {codes}", path=path, key=named.key,
            department=named.department, count=len(named.lacking), of=len(wanted),
            codes=some(named.lacking),
        )  # fmt: skip


def _keys(features: Sequence[Properties]) -> list[str]:
    return list(dict.fromkeys(key for each in features for key in each))[:MOST_PROPERTIES]


def _name_of_2024(feature: Properties, key: str) -> str | None:
    """Give what a property calls one of the 44, alone or after the feature's department."""
    text = feature.get(key)
    if not isinstance(text, str):
        return None
    found = (f"{of} {text}" for of in filter(None, map(_department, feature.values())))
    return next(filter(gazetteer.of_2024, (text, *found)), None)


def _department(value: object) -> str | None:
    """Read a department's name; numbers are in another order where the codes are OCHA's."""
    if not isinstance(value, str) or not any(map(str.isalpha, value)):
        return None
    return gazetteer.department(value)


def by_names(features: Sequence[Properties], wanted: Sequence[str]) -> Named | None:
    """Find places by name and department, in the properties that find most.

    Parameters
    ----------
    features : sequence of mapping
        The properties of each.
    wanted : sequence of str
        Codes.

    Returns
    -------
    Named or None
        None if no properties hold any.
    """
    keys, codes = _keys(features), load_country(gazetteer.COUNTRY).codes
    best, allowed = None, set(wanted)
    for of in keys:
        if not any(_department(each.get(of)) for each in features):
            continue
        for key in keys:
            rows = [_place(each.get(key), each.get(of)) for each in features]
            places = [None if row is None else codes[row] for row in rows]
            times = Counter(code for code in places if code in allowed)
            lacking = [code for code in wanted if times[code] != 1]
            if key != of and len(lacking) < (len(best.lacking) if best else len(wanted)):
                best = Named(key, of, [p if p in allowed else None for p in places], lacking)
    return best


def _place(name: object, of: object) -> int | None:
    department = _department(of)
    if not isinstance(name, str) or department is None:
        return None
    rows = gazetteer.by_name(name, department)
    return rows[0] if len(rows) == 1 else None


def _of_2024(path: Path, why: Message) -> InputError:
    return InputError(
        "{path}: it is in the scheme of 2024, {n} municipalities ({why}); give a file of the 262 "
        "districts, which were municipalities before", path=path, n=SINCE_2024, why=why,
    )  # fmt: skip
