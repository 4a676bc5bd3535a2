"""The numbers of a user's table: read in the notation that fits, held against the census."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trucesim.files.errors import InputError, Message, some
from trucesim.files.table import COMMA, POINT, UNKNOWN, Notation, Sheet, notations, seen
from trucesim.outcomes.panel_header import Header
from trucesim.world import gazetteer
from trucesim.world.country import load_country
from trucesim.world.gazetteer import COUNTRY
from trucesim.world.observed import observed

LEVEL = 60 / 100_000
"""Homicides a person and year about which the record lies (43 to 116 per 100,000)."""

PLAUSIBLE = 30.0
"""Homicides may be so many times more or fewer than `LEVEL` where a number can be read two ways."""

UNSAID = 5.0
"""And so many times more where nothing says by how many people a rate is."""

PEOPLE = 3.0
"""A municipality may have so many times more or fewer people than at the census of 2007."""

FAR, TOO_FAR = 3.0, 20.0
"""How many times more or fewer homicides than the record has are noted, and refused."""

MOST_OF_IT = 0.8
"""A part of the population that stands for the country."""

MARKS = {
    ".": Message("points"),
    ",": Message("commas"),
    " ": Message("blanks"),
    "'": Message("apostrophes"),
}


def within(ratio: float, most: float) -> bool:
    """Tell whether a ratio is within so many times more or fewer."""
    return 1 / most <= ratio <= most


@dataclass
class Numbers:
    """Reads and checks the numbers of a table's cells.

    Attributes
    ----------
    sheet : Sheet
    header : Header
    cells : pandas.DataFrame
        As `trucesim.outcomes.panel_table.Reading` has them, with the cells as they stand.
    understood, notes : list of Message
        Grow.
    """

    sheet: Sheet
    header: Header
    cells: pd.DataFrame
    understood: list[Message]
    notes: list[Message]

    def __post_init__(self) -> None:
        people = load_country(COUNTRY).population[self.cells["place"].to_numpy(int)]
        self.census = pd.Series(people, self.cells.index, dtype=float)

    def read(self, rate_per: float | None) -> None:
        """Add the columns ``people`` and ``value``.

        Raises
        ------
        InputError
            A cell that is no number, that can be two, or that cannot be.
        """
        people, notation = self._people()
        self.cells["people"] = people
        self.cells["value"] = self._values(notation) + 0.0  # no minus before a 0
        self._check_bounds()
        if self.header.per is not None and not self.header.said_per and rate_per is None:
            self._check_per()

    # Errors

    def _cell(self, index: Any, name: str) -> Any:
        return self.cells.at[index, name]

    def _at(self, index: object, what: str) -> Message:
        return self.sheet.where(self._cell(index, "row"), self._cell(index, f"{what}_at"))

    def _title(self, index: object, what: str) -> str:
        return seen(self.header.row.cells[self._cell(index, f"{what}_at")])

    def _wrong(self, index: object, what: str, wrong: Message) -> InputError:
        return InputError(
            "{where}: {name} = {value!r}{wrong}", where=self._at(index, what),
            name=self._title(index, what), value=seen(self._cell(index, f"{what}_cell")),
            wrong=wrong,
        )  # fmt: skip

    # Notations

    def _numbers(self, what: str) -> tuple[dict[Notation, pd.Series[float]], bool]:
        """Read a column, "value" or "people", in the notations in which all cells are numbers.

        Returns
        -------
        dict
            Numbers by notation, NaN where unknown; one if both give the same.
        bool
            Whether the cells themselves said which.

        Raises
        ------
        InputError
            A cell that is no number, is negative or infinite, or two in two notations.
        """
        given = self.cells[f"{what}_cell"]
        known = given[~given.str.casefold().isin(UNKNOWN)]
        values = notations(known)
        for cell, both in values.items():
            wrong = None
            if both == (None, None):
                wrong = Message(
                    " is no number; expected one such as 12 or 3.5, or an empty cell if unknown"
                )
            elif cell.startswith("-") and any(both):
                wrong = Message(" is negative; expected 0 or more")
            elif np.inf in both:
                wrong = Message(" is infinite; expected a number such as 12 or 3.5")
            if wrong:
                raise self._wrong(known.eq(cell).idxmax(), what, wrong)
        only = [next((c for c, both in values.items() if both[1 - n] is None), "") for n in (0, 1)]
        if all(only):
            one, other = (self._at(known.eq(cell).idxmax(), what) for cell in only)
            raise InputError(
                "{one}: {a!r} has a decimal point, but {b!r} a decimal comma ({other}); write all "
                "numbers one way", one=one, a=only[0], b=only[1], other=other,
            )  # fmt: skip
        fits = [n for n in (0, 1) if not only[1 - n]]
        if all(both[0] == both[1] for both in values.values()):
            fits = fits[:1]
        return {
            (POINT, COMMA)[n]: given.map({cell: both[n] for cell, both in values.items()}).astype(
                float
            )
            for n in fits
        }, any(only)

    def _choose(
        self,
        what: str,
        read: Mapping[Notation, pd.Series[float]],
        fits: Mapping[Notation, bool],
        hint: Notation | None,
    ) -> pd.Series[float]:
        """Choose what fits alone, or of two that fit the other column's notation, and say so.

        Raises
        ------
        InputError
            Neither fits, or both do and there is no hint.
        """
        possible = [each for each in read if len(read) == 1 or fits[each]]
        if len(possible) != 1 and hint not in possible:
            one, other = read.values()
            index: Any = (one.notna() & (one != other)).idxmax()
            can_be = Message(
                " can be {one:,.12g} or {other:,.12g}; write it without thousands separators",
                one=one[index], other=other[index],
            )  # fmt: skip
            raise self._wrong(index, what, can_be)
        notation = possible[0] if len(possible) == 1 else hint
        assert notation is not None
        numbers, cells = read[notation], self.cells[f"{what}_cell"]
        for mark, name in MARKS.items():
            found = cells[numbers.notna() & cells.str.contains(mark, regex=False)]
            if found.empty or (mark == notation.decimal == "." and len(read) == 1):
                continue
            fields = {
                "title": self._title(found.index[0], what), "marks": name,
                "example": found.iloc[0], "number": numbers[found.index[0]],
            }  # fmt: skip
            told = Message("{title!r}: {marks} between thousands ({example} is {number:,.12g})")
            if mark == notation.decimal:
                told = Message("{title!r}: decimal {marks} ({example} is {number:,.12g})")
            self.understood.append(Message(told.text, **fields))
        return numbers

    # Columns

    def _people(self) -> tuple[pd.Series[float], Notation | None]:
        """Read people and hold them against the census; also give the notation if it is sure.

        Raises
        ------
        InputError
            As `_numbers`, or people that are none, or not those of the place.
        """
        cells, census = self.cells, self.census
        if not self.header.population or cells.empty:
            return pd.Series(np.nan, cells.index), None
        read, sure = self._numbers("people")
        fits = {
            each: within(people.sum() / (census[people.notna()].sum() or np.nan), PEOPLE)
            for each, people in read.items()
        }
        people = self._choose("people", read, fits, None)
        notation = next(each for each in read if read[each] is people)
        sure |= len(read) > 1
        ratio = people / census
        if within(ratio.median() * 1000, PEOPLE):
            people, ratio = people * 1000, ratio * 1000
            index = people.first_valid_index()
            self.understood.append(
                Message(
                    "{title!r} is in thousands ({example} is {number:,.0f}; the census of 2007 has "
                    "{census:,.0f})", title=self._title(index, "people"),
                    example=self._cell(index, "people_cell"), number=people[index],
                    census=census[index],
                )
            )  # fmt: skip
        for index in cells.index[ratio.notna() & ~ratio.between(1 / PEOPLE, PEOPLE)][:1]:
            wrong = Message("; expected a number above 0")
            if people[index]:
                wrong = Message(
                    ", but {place} had {census:,.0f} people at the census of 2007; expected at "
                    "most {times:g} times more or fewer",
                    place=gazetteer.called(self._cell(index, "place")), census=census[index],
                    times=PEOPLE,
                )  # fmt: skip
            raise self._wrong(index, "people", wrong)
        return people, notation if sure else None

    def _values(self, hint: Notation | None) -> pd.Series[float]:
        """Read homicides or rates.

        Raises
        ------
        InputError
            As `_numbers`, or a number that can be read two ways.
        """
        if self.cells.empty:
            return pd.Series(dtype=float)
        read, _ = self._numbers("value")
        fits = {
            each: within(self._level(values), PLAUSIBLE)
            and (self.header.per is not None or not (values % 1 > 0).any())
            for each, values in read.items()
        }
        return self._choose("value", read, fits, hint)

    def _counts(self, values: pd.Series[float]) -> pd.Series[float]:
        """Make homicides of values, with the people of the census where none are given."""
        if self.header.per is None:
            return values
        return values * self.cells["people"].fillna(self.census) / self.header.per

    def _level(self, values: pd.Series[float]) -> float:
        """Give homicides a person and year by `LEVEL`."""
        years = self.cells["time"].str.len().map({4: 1, 7: 1 / 12})
        people = self.cells["people"].fillna(self.census)
        known = float((people * years)[values.notna()].sum())
        return float(self._counts(values).sum()) / known / LEVEL if known else np.nan

    # Checks

    def _check_bounds(self) -> None:
        """Refuse parts of a homicide, more than one a person, and rates without people.

        Raises
        ------
        InputError
            Names the cell.
        """
        value, counts = self.cells["value"], self.header.per is None
        people = self.cells["people"]
        most = people.fillna(self.census) if counts else self.header.per
        alone = value.notna() & people.isna() & (self.header.population and not counts)
        whole = Message(
            "; expected a whole number (rates go into rate_per_10000 or rate_per_100000)"
        )
        checks = (
            (alone, "people", Message("; expected a number above 0")),
            ((value % 1 > 0) & counts, "value", whole),
            (value > most, "value", Message("; more than one homicide a person")),
        )
        for wrong, what, message in checks:
            for index in self.cells.index[wrong][:1]:
                raise self._wrong(index, what, message)

    def _check_per(self) -> None:
        """Refuse rates of which nothing says by how many people, if it cannot be what is taken.

        Raises
        ------
        InputError
            Says how many homicides it would be.
        """
        level = self._level(self.cells["value"])
        if level > UNSAID:
            raise InputError(
                "{where}: {name!r} does not say by how many people; by {per:,.0f} there would be "
                "{level:,.0f} homicides a year per 100,000 people (the country had 43 to 116); "
                "write 'rate_per_100000', or give --rate-per",
                where=self.sheet.where(self.header.row),
                name=seen(self.header.values[0][0].title), per=self.header.per,
                level=level * LEVEL * 1e5,
            )  # fmt: skip

    def check_record(self, cells: pd.DataFrame) -> None:
        """Hold periods of which most of the country is known against the record.

        Raises
        ------
        InputError
            So far off that the numbers must have been misread.
        """
        months = observed()["recorded_national"].isel(run=0).to_series()
        months = months.rename(index=lambda month: str(month)[:7])
        record = pd.concat([months, months.groupby(months.index.str[:4]).sum()])
        known = cells[cells["value"].notna()]
        share = self.census[known.index].groupby(known["time"]).sum()
        whole = share >= MOST_OF_IT * load_country(COUNTRY).population.sum()
        sums = self._counts(known["value"]).groupby(known["time"]).sum()[whole]
        beside = pd.DataFrame({"panel": sums, "record": record.reindex(sums.index)}).dropna()
        far = beside[~(beside["panel"] / beside["record"]).between(1 / FAR, FAR)]
        told = some([f"{t} {r['panel']:,.0f} ({r['record']:,.0f})" for t, r in far.iterrows()])
        if len(far) and not within(beside["panel"].sum() / beside["record"].sum(), TOO_FAR):
            raise InputError(
                "{path}: homicides of the country, and those of the record in brackets: {some}; "
                "are the numbers what the header says?", path=self.sheet.path, some=told,
            )  # fmt: skip
        if len(far):
            self.notes.append(
                Message(
                    "homicides of the country far from the record, which is in brackets: {some}",
                    some=told,
                )
            )  # fmt: skip
