"""Results by groups of municipalities that a user's table names: districts to the 44, dioceses.

Differences are B minus A here, as their columns say: negative where B has fewer homicides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from trucesim.files.errors import InputError, Message, some
from trucesim.files.table import Row, Sheet, read_sheet, seen, words
from trucesim.outcomes.effects import ALL_YEARS
from trucesim.outcomes.paired import check_pair, compared
from trucesim.outcomes.panel_header import FIRST_ROWS, PLACES, Column, Header, column_of
from trucesim.outcomes.panel_places import Places
from trucesim.outcomes.statistics import QUANTILES, interval
from trucesim.world import gazetteer
from trucesim.world.country import Country, load_country
from trucesim.world.periods import FloatArray

NOWHERE = -1
"""The group of a municipality that is left out."""

TITLES = {"group", "groups", "grupo", "grupos"}
"""One of these words in a title says that the column holds the groups."""


@dataclass(frozen=True)
class Groups:
    """Municipalities in groups, each in one or in none.

    Attributes
    ----------
    names : tuple of str
        Of the groups, in the table's order.
    codes, called : tuple of str
        The country's municipalities, and what they are called.
    of : ndarray of int, shape (municipality,)
        The group of each; `NOWHERE` where it is left out.
    population : ndarray of float, shape (municipality,)
        People.
    notes : list of Message
        What was mended, and which municipalities are left out.
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    called: tuple[str, ...]
    of: NDArray[np.int64]
    population: FloatArray
    notes: list[Message] = field(default_factory=list)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The municipalities in no group, with department and code."""
        return tuple(self.called[row] for row in np.flatnonzero(self.of == NOWHERE))

    def sums(self, counts: NDArray[Any]) -> NDArray[Any]:
        """Add up by group: shape (..., municipality) becomes (..., group)."""
        member = self.of[:, None] == np.arange(len(self.names))
        return np.asarray(counts @ member.astype(counts.dtype))

    def spread(self, values: FloatArray) -> FloatArray:
        """Give each municipality its group's value, shape (group,); NaN where it has none."""
        return np.where(self.of == NOWHERE, np.nan, values[self.of])


# A table of groups --------------------------------------------------------------------------------


def read_groups(path: str | Path, country: Country | None = None) -> Groups:
    """Read which municipality is in which group.

    Parameters
    ----------
    path : str or Path
        A CSV with a column of codes, or of names and departments, and a column of groups: the one
        that is called so, or else the only one that is left.
    country : Country, optional
        El Salvador or a part of it.

    Returns
    -------
    Groups

    Raises
    ------
    InputError
        No such columns, a municipality that is unknown or in two groups, or no group at all.
    """
    country = load_country() if country is None else country
    if country.name != gazetteer.COUNTRY:
        raise InputError("groups are of municipalities of {name}", name=gazetteer.COUNTRY)
    sheet = read_sheet(Path(path))
    header, column = _header(sheet)
    located, spelt = Places(sheet, header, header.body), dict[str, str]()
    found: dict[int, tuple[str, int]] = {}
    for row in header.body:
        place = located.of(row).place
        cell = row.cells[column.at] if column.at < len(row.cells) else ""
        if not cell:
            continue
        name = spelt.setdefault(" ".join(words(cell)) or cell, seen(cell, 80))
        other, line = found.setdefault(place, (name, row.line))
        if other != name:
            raise InputError(
                "{where}: {place} is in the group {name!r}, but in {other!r} by line {line}; each "
                "is in one", where=sheet.where(row, column.at), place=gazetteer.called(place),
                name=name, other=other, line=line,
            )  # fmt: skip
    located.check_scheme()
    by_row = {place: name for place, (name, _) in found.items()}
    return _groups(sheet, country, by_row, located.notes())


def _groups(sheet: Sheet, country: Country, found: dict[int, str], notes: list[Message]) -> Groups:
    """Put groups in the order of a country's municipalities."""
    whole = load_country(gazetteer.COUNTRY).codes
    by_code = {whole[row]: name for row, name in found.items() if whole[row] in country.codes}
    if not by_code:
        raise InputError("{path}: no municipality has a group", path=sheet.path)
    names = tuple(dict.fromkeys(by_code.values()))
    of = np.full(len(country), NOWHERE)
    for code, name in by_code.items():
        of[country.codes.index(code)] = names.index(name)
    called = tuple(gazetteer.called(whole.index(code)) for code in country.codes)
    groups = Groups(names, country.codes, called, of, country.population, [*sheet.notes, *notes])
    if groups.left_out:
        groups.notes.append(
            Message(
                "{n} of {of} municipalities are in no group and left out: {some}",
                n=len(groups.left_out), of=len(country), some=some(groups.left_out),
            )
        )  # fmt: skip
    return groups


def _header(sheet: Sheet) -> tuple[Header, Column]:
    """Find the header, and the column of groups.

    Raises
    ------
    InputError
    """
    for at, row in enumerate(sheet.rows[:FIRST_ROWS]):
        columns = [column_of(place, title) for place, title in enumerate(row.cells) if title]
        if len(columns) > 1 and {each.role for each in columns} & {*PLACES, "department"}:
            column = _group_column(sheet, row, columns)
            placed = [each for each in columns if each.role in (*PLACES, "department")]
            # Departments can be the groups, and tell places of one name apart as well.
            placed = [each for each in placed if each != column or each.role == "department"]
            _check_places(sheet, row, placed)
            return Header(row, sheet.rows[at + 1 :], placed, [], None, False), column
    raise InputError(
        "{path}: no header found in the first rows; expected one such as code,group or "
        "municipality,department,group (Spanish will do: código,grupo)", path=sheet.path,
    )  # fmt: skip


def _group_column(sheet: Sheet, row: Row, columns: Sequence[Column]) -> Column:
    """Choose the column that says it, or else the only one that is left.

    A municipality beside a district is the one of 2024 that it lies in.
    """
    by_role = {each.role: each for each in columns}
    titled = [each for each in columns if set(words(each.title)) & TITLES]
    left = titled or [each for each in columns if not each.role]
    if not left and {"district", "name"} <= set(by_role):
        left = [by_role["name"]]
    if not left and "department" in by_role:
        left = [by_role["department"]]
    if len(left) == 1:
        return left[0]
    raise InputError(
        "{where}: {which} groups: {titles}; call the one that holds them 'group'",
        where=sheet.where(row), titles=some([repr(seen(each.title)) for each in left or columns]),
        which=Message("several columns may hold the") if left else Message("no column holds"),
    )  # fmt: skip


def _check_places(sheet: Sheet, row: Row, placed: Sequence[Column]) -> None:
    """Refuse a table without municipalities, or with two columns of them."""
    for role in (*PLACES, "department"):
        same = [each for each in placed if each.role == role]
        if len(same) > 1:
            raise InputError(
                "{where}: two columns for one thing: {titles}; call the one that holds the groups "
                "'group'", where=sheet.where(row),
                titles=some([repr(seen(each.title)) for each in same]),
            )  # fmt: skip
    if not {each.role for each in placed} & set(PLACES):
        raise InputError(
            "{where}: no column of municipalities; expected one such as 'code', or 'municipality' "
            "and 'department'", where=sheet.where(row),
        )  # fmt: skip


# Results by group ---------------------------------------------------------------------------------


def by_group(
    results: xr.Dataset, groups: Groups, by: Literal["year", "month"] = "year"
) -> xr.Dataset:
    """Add up recorded homicides by group.

    Parameters
    ----------
    results : xarray.Dataset
        Of runs. Years are kept with every detail, months with full detail only.
    groups : Groups
        Of the same country.
    by : {'year', 'month'}

    Returns
    -------
    xarray.Dataset
        ``recorded(run, year or month, group)`` in homicides; ``municipalities(group)``;
        ``population(group)`` in people. Attributes are those of the results, with ``left_out``.

    Raises
    ------
    InputError
        Other municipalities, or no counts of each at that resolution.
    """
    kept = {"year": "recorded_by_period", "month": "recorded"}[by]
    if kept not in results:
        raise InputError(
            "groups by {by} need the homicides of every municipality and {by}, which these results "
            "do not hold; make runs with detail 'full' (--detail full)", by=Message(by),
        )  # fmt: skip
    if tuple(results["municipality"].values.tolist()) != groups.codes:
        raise InputError("the groups are of other municipalities than the results")
    counts = results[kept]
    if by == "year":
        years = [name for name in counts["period"].values.tolist() if len(name) == 4]
        counts = counts.sel(period=years).rename(period="year").assign_coords(year=years)
    counts = counts.transpose("run", by, "municipality")
    return xr.Dataset(
        {
            "recorded": (("run", by, "group"), groups.sums(counts.values.astype(np.int64)),
                         {"long_name": "recorded homicides", "units": "homicides"}),
            "municipalities": ("group", np.bincount(groups.of[groups.of >= 0],
                                                    minlength=len(groups.names))),
            "population": ("group", groups.sums(groups.population), {"units": "people"}),
        },
        {"run": results["run"], by: counts[by], "group": list(groups.names)},
        {**results.attrs, "left_out": list(groups.left_out)},
    )  # fmt: skip


def _series(grouped: xr.Dataset) -> dict[tuple[str, str], FloatArray]:
    """Give counts by run, of each group and year, and of all years."""
    counts = grouped["recorded"].transpose("group", "year", "run").values.astype(np.float64)
    years = [*grouped["year"].values.tolist(), ALL_YEARS]
    return {
        (name, year): values
        for name, of in zip(grouped["group"].values.tolist(), counts, strict=True)
        for year, values in zip(years, [*of, of.sum(axis=0)], strict=True)
    }


def _about(grouped: xr.Dataset, name: str, year: str) -> dict[str, Any]:
    there = grouped.sel(group=name)
    about = {each: there[each].item() for each in ("municipalities", "population")}
    return {"group": name, "year": year, **about}


def table(grouped: xr.Dataset) -> pd.DataFrame:
    """Give mean, median and 90 % interval by group and year.

    Parameters
    ----------
    grouped : xarray.Dataset
        As `by_group` gives it, by year.

    Returns
    -------
    pandas.DataFrame
        One row a group and year, and one for all years: ``group``, ``year``, ``municipalities``,
        ``population``; of recorded homicides ``mean``, ``p05``, ``median``, ``p95``; and ``rate``,
        the mean per 100,000 people a year.
    """
    years = grouped.sizes["year"]
    return pd.DataFrame(
        [
            {
                **(about := _about(grouped, name, year)),
                "mean": values.mean(),
                **interval(values),
                "rate": 1e5 * values.mean() / about["population"]
                / (years if year == ALL_YEARS else 1),
            }
            for (name, year), values in _series(grouped).items()
        ]
    )  # fmt: skip


def differences(a: xr.Dataset, b: xr.Dataset) -> pd.DataFrame:
    """Compare two cases run by run, by group and year.

    Parameters
    ----------
    a, b : xarray.Dataset
        As `by_group` gives them, by year, of runs with the same seed.

    Returns
    -------
    pandas.DataFrame
        One row a group and year, and one for all years: ``group``, ``year``, ``municipalities``,
        ``population``; ``a_mean``, ``b_mean``; of B minus A in each pair ``b_minus_a_mean``, its
        standard error ``b_minus_a_se``, ``b_minus_a_p05``, ``b_minus_a_median`` and
        ``b_minus_a_p95``; ``percent``, the mean difference as a share of A's mean; and the shares
        of pairs in which A has fewer (``share_a_fewer``), as many (``share_equal``) and more
        (``share_b_fewer``).

    Raises
    ------
    InputError
        Seed, runs, country or groups differ.
    """
    check_pair(a, b)
    own, other = _series(a), _series(b)
    if own.keys() != other.keys():
        raise InputError("the two cases have other groups or years")
    rows = []
    for (name, year), of_a in own.items():
        found = compared(other[name, year], of_a)
        rows.append(
            {
                **_about(a, name, year),
                "a_mean": of_a.mean(),
                "b_mean": other[name, year].mean(),
                **{f"b_minus_a_{each}": found[each] for each in ("mean", "se", *QUANTILES)},
                "percent": 100.0 * found["mean"] / of_a.mean() if of_a.any() else np.nan,
                "share_a_fewer": found["higher"],
                "share_equal": found["equal"],
                "share_b_fewer": found["lower"],
            }
        )
    return pd.DataFrame(rows)


def places(groups: Groups) -> pd.DataFrame:
    """Give ``code``, ``municipality`` and ``group`` of every one; empty where it is left out."""
    names = [groups.names[of] if of >= 0 else "" for of in groups.of]
    return pd.DataFrame({"code": groups.codes, "municipality": groups.called, "group": names})


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write one of these tables as CSV."""
    frame.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
