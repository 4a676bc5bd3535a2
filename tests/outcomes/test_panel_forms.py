"""One true panel in the many forms that spreadsheets give it, and forms that are refused."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trucesim import load_country
from trucesim.files.errors import InputError
from trucesim.outcomes.panel import read_panel

COUNTRY = load_country()
YEARS = (2011, 2012)
MONTHS = ("2012-01", "2012-02")
RANDOM = np.random.default_rng(1)
COUNTS = np.where(
    RANDOM.random((262, 2)) < 0.03,
    np.nan,
    RANDOM.poisson(COUNTRY.population[:, None] * 60e-5, (262, 2)),
)
COUNTS[COUNTRY.codes.index("0614"), 0] = 1234
PEOPLE = np.rint(COUNTRY.population * RANDOM.uniform(0.8, 1.3, 262))
RATES = np.round(COUNTS / PEOPLE[:, None] * 1e5, 1)

SPANISH_MONTHS = ("Enero", "Febrero")


def without_accents(text: str) -> str:
    """Take accents off."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "latin-1")
MARKS = (
    (".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (",", "\xa0"), (".", "'"),
    (",", "\u202f"), (".", " "),
)  # fmt: skip
MISSING = ("", "NA", "N/A", "n.d.", "-", "–", "s/d", "...")
CODES: dict[str, Callable[[str], str]] = {
    "text": str,
    "number": lambda code: str(int(code)),
    "fraction": lambda code: f"{int(code)}.0",
    "apostrophe": lambda code: f"'{code}",
    "formula": lambda code: f'="{code}"',
}
PLACES = (*CODES, "names", "code and name")
HEADERS = (
    {"code": "code", "name": "municipality", "department": "department", "year": "year",
     "month": "month", "count": "homicides", "rate": "rate_per_100000", "people": "population"},
    {"code": "Código", "name": "Municipio", "department": "Departamento", "year": "Año",
     "month": "Mes", "count": "Homicidios", "rate": "Tasa por 100,000 hab.", "people": "Población"},
    {"code": "COD_MUN", "name": "NOMBRE DEL MUNICIPIO", "department": "DEPTO.", "year": "AÑO",
     "month": "MES", "count": "No. de homicidios", "rate": "TASA X 100 MIL HABITANTES",
     "people": "Población total (hab.)"},
    {"code": "codigo municipio", "name": "municipio", "department": "departamento", "year": "anio",
     "month": "mes", "count": "total homicidios", "rate": "tasa de homicidios (por 100.000)",
     "people": "poblacion"},
)  # fmt: skip
LAYOUTS = ("long", "wide", "months", "year and month", "wide months", "month columns")
WIDE = ("wide", "wide months", "month columns")


@dataclass(frozen=True)
class Form:
    """How the panel is written."""

    encoding: str
    separator: str
    said: bool
    quoted: bool
    end: str
    marks: tuple[str, str]
    missing: str
    places: str
    letters: Callable[[str], str]
    header: dict[str, str]
    layout: str
    value: str
    people: bool
    titles: bool
    notes: bool
    totals: bool
    subtotals: bool
    blanks: bool

    def number(self, value: float, places: int = 0) -> str:
        """Write a number."""
        if np.isnan(value):
            return self.missing
        decimal, thousands = self.marks
        text = f"{value:,.{places}f}"
        return text.translate({ord(","): thousands, ord("."): decimal})

    def rows(self) -> list[list[str]]:
        """Give the table's cells."""
        head, counts = self.header, RATES if self.value == "rate" else COUNTS
        places = 1 if self.value == "rate" else 0
        monthly = self.layout not in ("long", "wide")
        titles = {
            "wide": [f"{head[self.value]} {year}" for year in YEARS],
            "wide months": ["ene-12", "Febrero 2012"],
            "month columns": list(SPANISH_MONTHS),
        }.get(self.layout, [head[self.value]])
        times = {
            "long": ["year"],
            "months": ["month"],
            "year and month": ["year", "month"],
            "month columns": ["year"],
        }.get(self.layout, [])
        labels = (
            ["department", "name"]
            if self.places == "names"
            else ["code", "name"]
            if self.places == "code and name"
            else ["code"]
        )
        table = [[head[each] for each in (*labels, *times)] + titles]
        if self.people:
            table[0].append(head["people"])
        if self.totals and self.layout in WIDE:
            table[0].append("TOTAL")
        for row in range(262):
            code, name, of = COUNTRY.codes[row], COUNTRY.names[row], COUNTRY.departments[row]
            place = {
                "department": self.letters(of),
                "name": self.letters(name),
                "code": CODES.get(self.places, str)(code),
            }
            start = [place[each] for each in labels]
            numbers = [self.number(value, places) for value in counts[row]]
            people = [self.number(PEOPLE[row])] if self.people else []
            if self.layout in WIDE:
                time = ["2012"] if times else []
                total = [self.number(np.nansum(counts[row]), places)] if self.totals else []
                table.append(start + time + numbers + people + total)
                continue
            for at, number in enumerate(numbers):
                time = {
                    "long": [str(YEARS[at])],
                    "months": [MONTHS[at]],
                    "year and month": ["2012", SPANISH_MONTHS[at][: 3 + at]],
                }[self.layout]
                table.append([*start, *time, number, *people])
        assert monthly == (self.layout not in ("long", "wide"))
        width = len(table[0])
        if self.subtotals and self.places == "names" and self.value == "count":
            table.insert(1, ["SAN SALVADOR", "", *["9"] * (width - 2)])
        if self.totals:
            table.append(["TOTAL NACIONAL", *["9"] * (width - 1)])
        if self.titles:
            table[:0] = [["Homicidios por municipio, El Salvador"], ["Cifras preliminares", ""]]
        if self.notes:
            table += [["Fuente: PNC"], ["Nota: datos al 31/12/2013", ""]]
        return table

    def content(self) -> bytes:
        """Give the file's bytes."""
        file = io.StringIO()
        writer = csv.writer(
            file,
            delimiter=self.separator,
            quoting=csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL,
            lineterminator=self.end,
        )
        rows = self.rows()
        width = max(map(len, rows))
        writer.writerows(row + [""] * (width - len(row)) for row in rows)
        text = file.getvalue()
        text = text.replace(self.end, self.end * 2, 1) if self.blanks else text
        text = (f"sep={self.separator}{self.end}" if self.said else "") + text
        if self.encoding == "utf-16-be":
            text = "\ufeff" + text
        # Latin-1 has neither the narrow blank nor the dash.
        return text.replace("\u202f", "\xa0").replace("–", "-").encode(self.encoding)


def true_counts(form: Form) -> np.ndarray:
    """Give what must be read."""
    if form.value == "count":
        return COUNTS
    people = PEOPLE if form.people else COUNTRY.population
    return RATES * people[:, None] / 1e5


FORMS = st.builds(
    Form,
    encoding=st.sampled_from(ENCODINGS),
    separator=st.sampled_from(",;\t"),
    said=st.booleans(),
    quoted=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    marks=st.sampled_from(MARKS),
    missing=st.sampled_from(MISSING),
    places=st.sampled_from(PLACES),
    letters=st.sampled_from([str, str.upper, without_accents, lambda t: without_accents(t).upper()]),
    header=st.sampled_from(HEADERS),
    layout=st.sampled_from(LAYOUTS),
    value=st.sampled_from(["count", "rate"]),
    people=st.booleans(),
    titles=st.booleans(),
    notes=st.booleans(),
    totals=st.booleans(),
    subtotals=st.booleans(),
    blanks=st.booleans(),
)


@settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(form=FORMS)
def test_one_panel_in_many_forms(tmp_path_factory: pytest.TempPathFactory, form: Form) -> None:
    """The same numbers whatever the encoding, the marks, the header and the layout."""
    path = tmp_path_factory.getbasetemp() / "form.csv"
    path.write_bytes(form.content())
    # A wide table of months has no word of what it holds; a title, or an option, says it.
    if form.layout in ("wide months", "month columns") and form.value == "rate":
        return
    panel = read_panel(path)
    np.testing.assert_allclose(panel["homicides"].values, true_counts(form), rtol=1e-12)
    if form.people:
        assert (panel["population"].values[:, 0] == PEOPLE).all()
    months = form.layout not in ("long", "wide")
    assert panel.attrs["resolution"] == ("month" if months else "year")
    assert len(panel.attrs["understood"]) >= 2
