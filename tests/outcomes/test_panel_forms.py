"""One true panel in the many forms that spreadsheets give it, and forms that are refused."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from spoken import in_language

from trucesim import load_country
from trucesim.files.errors import InputError
from trucesim.locale.catalogue import told
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

SPANISH_MONTHS = (
    "Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio", "Julio", "Agosto", "Septiembre",
    "Octubre", "Noviembre", "Diciembre",
)  # fmt: skip


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
            "month columns": list(SPANISH_MONTHS[:2]),
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


def true_counts(form: Form) -> npt.NDArray[np.float64]:
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
    letters=st.sampled_from(
        [str, str.upper, without_accents, lambda t: without_accents(t).upper()]
    ),
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
    max_examples=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(form=FORMS)
def test_one_panel_in_many_forms(tmp_path_factory: pytest.TempPathFactory, form: Form) -> None:
    """The same numbers whatever the encoding, the marks, the header and the layout."""
    # Titles of months alone do not say that they are of rates.
    assume(form.value == "count" or form.layout not in ("wide months", "month columns"))
    path = tmp_path_factory.getbasetemp() / "form.csv"
    path.write_bytes(form.content())
    panel = read_panel(path)
    np.testing.assert_allclose(panel["homicides"].values, true_counts(form), rtol=1e-12)
    if form.people:
        assert (panel["population"].values[:, 0] == PEOPLE).all()
    months = form.layout not in ("long", "wide")
    assert panel.attrs["resolution"] == ("month" if months else "year")


# --- One by one ---------------------------------------------------------------------------------

Read = Callable[[str | bytes], xr.Dataset]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read what a file would hold."""

    def of(content: str | bytes) -> xr.Dataset:
        path = tmp_path / "panel.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_panel(path)

    return of


def whole(header: str, *cells: str, people: str = "") -> str:
    """Give the same cells to all municipalities, with the people of the census in a format."""
    rows = [
        ";".join([code, *cells, *([people.format(number)] if people else [])])
        for code, number in zip(COUNTRY.codes, COUNTRY.population, strict=True)
    ]
    return "\n".join([header, *rows])


LATIN = "código;municipio;año;homicidios\n0101;Ahuachapán;2012;5\n0503;Colón;2012;6\n"

READ: dict[str, tuple[str | bytes, dict[str, float]]] = {
    "total of the year": (
        "municipio,año,homicidios\nApaneca,Total,9\nApaneca,2012,5\n", {"0102 2012-01": 5}),
    "a country beside": (
        "País,Departamento,Municipio,Año,Homicidios\nEl Salvador,Ahuachapán,Apaneca,2012,5\n",
        {"0102 2012-01": 5}),
    "departments as rows": (
        "Municipio,2012\nLA PAZ,\nEl Rosario,3\nMORAZÁN,\nEl Rosario,2\nTotal,5\n",
        {"0802 2012-01": 3, "1307 2012-01": 2}),
    "a department called as its town": (
        "municipio,2011,2012\nAHUACHAPÁN,3,3\nAhuachapán,1,2\nApaneca,2,1\n",
        {"0101 2011-01": 1, "0101 2012-01": 2, "0102 2011-01": 2, "0102 2012-01": 1}),
    "a department's empty row called as its town": (
        "Municipio,2012\nAHUACHAPÁN,\nAhuachapán,3\nApaneca,2\n",
        {"0101 2012-01": 3, "0102 2012-01": 2}),
    "both in a cell": (
        "DEPARTAMENTO/MUNICIPIO;2012\nSan Salvador/Apopa;1\nLa Paz - El Rosario;3\n"
        "Morazán / El Rosario;2\n",
        {"0602 2012-01": 1, "0802 2012-01": 3, "1307 2012-01": 2}),
    "both in a column": (
        "DEPARTAMENTO/MUNICIPIO;2011;2012\nSAN SALVADOR;3;5\nApopa;1;2\nMejicanos;2;3\n"
        "LA PAZ;3;4\nEl Rosario;3;4\n",
        {"0602 2011-01": 1, "0602 2012-01": 2, "0608 2011-01": 2, "0608 2012-01": 3,
         "0802 2011-01": 3, "0802 2012-01": 4}),
    "numbered months": (
        "codigo,año,1,2,3,4,5\n0101,2012,3,0,2,1,4\n",
        {f"0101 2012-0{month}": n for month, n in enumerate((3, 0, 2, 1, 4), 1)}),
    "numbered months of the title": (
        "Homicidios, 2012\nMunicipio;mes 01;mes 02\nApaneca;3;0\n",
        {"0102 2012-01": 3, "0102 2012-02": 0}),
    "numbered months of two years": (
        f"Municipio;2012{';' * 12}2013{';' * 11}\n;{';'.join(map(str, [*range(1, 13)] * 2))}\n"
        f"Apaneca;{';'.join(map(str, range(24)))}\n",
        {f"0102 {2012 + n // 12}-{n % 12 + 1:02}": n for n in range(24)}),
    "Roman months": (
        "codigo,año,I,II,III,IV,V\n0101,2012,3,0,2,1,4\n",
        {f"0101 2012-0{month}": n for month, n in enumerate((3, 0, 2, 1, 4), 1)}),
    "months beside their quarter": (
        "codigo,año,trimestre,mes,homicidios\n0101,2012,1,3,5\n", {"0101 2012-03": 5}),
    "subtotals by code": (
        "codigo,municipio,2012\n01,AHUACHAPÁN,3\n0101,Ahuachapán,1\n,TOTAL GENERAL,3\n",
        {"0101 2012-01": 1}),
    "subtotals without a code": (
        "codigo,municipio,2012\n,SANTA ANA,3\n0207,Metapán,3\n", {"0207 2012-01": 3}),
    "merged departments": (
        "Departamento,Municipio,2012\nLa Paz,El Rosario,3\n,Tapalhuaca,1\nMorazán,El Rosario,2\n",
        {"0802 2012-01": 3, "0820 2012-01": 1, "1307 2012-01": 2}),
    "merged municipalities": (
        "municipio,año,homicidios\nApaneca,2011,5\n,2012,6\nMejicanos,2011,7\n,2012,8\n",
        {"0102 2011-01": 5, "0102 2012-01": 6, "0608 2011-01": 7, "0608 2012-01": 8}),
    "codes within departments": (
        "COD_DEPTO,DEPARTAMENTO,COD_MUN,MUNICIPIO,AÑO,HOMICIDIOS\n"
        "6,SAN SALVADOR,8,MEJICANOS,2012,5\n", {"0608 2012-01": 5}),
    "OCHA's columns": (
        "ADM0_ES,ADM1_PCODE,ADM1_ES,ADM2_PCODE,ADM2_ES,year,homicides\n"
        "El Salvador,SV01,Ahuachapán,SV0101,Ahuachapán,2012,5\n", {"0101 2012-01": 5}),
    "code and name in one cell": (
        "Municipio,Año,Homicidios\n0101 - Ahuachapán,2012,5\n", {"0101 2012-01": 5}),
    "districts of the 44": (
        "municipio,distrito,año,homicidios\nSan Salvador Centro,Mejicanos,2012,1\n",
        {"0608 2012-01": 1}),
    "other names": (
        "municipio,año,homicidios\nNueva San Salvador,2012,5\nSta. Ana,2012,6\n",
        {"0511 2012-01": 5, "0210 2012-01": 6}),
    "two rows of titles": (
        "Departamento;Municipio;2012;;2013;\n;;Ene;Feb;Ene;Feb\nSan Salvador;Mejicanos;1;2;3;4\n",
        {"0608 2012-01": 1, "0608 2012-02": 2, "0608 2013-01": 3, "0608 2013-02": 4}),
    "counts before rates": (
        "codigo,hom2011,hom2012,tasa2011,tasa2012\n0101,1,2,1.1,1.8\n",
        {"0101 2011-01": 1, "0101 2012-01": 2}),
    "the year in the title": (
        "Homicidios por municipio, 2012\n\nMunicipio;Ene;Feb\nApaneca;1;0\n",
        {"0102 2012-01": 1, "0102 2012-02": 0}),
    "years as a spreadsheet has them": (
        "code,2011.0,2012 (preliminar)\n0101,1,2\n", {"0101 2011-01": 1, "0101 2012-01": 2}),
    "codes as a spreadsheet has them": (
        "code,year,homicides\n101.0,2011,1\n1418.0,2011,3\n",
        {"0101 2011-01": 1, "1418 2011-01": 3}),
    "dates": ("code,fecha,homicides\n0101,01/03/2012,5\n0101,2012-04-01 00:00:00,6\n",
              {"0101 2012-03": 5, "0101 2012-04": 6}),
    "thousands by evidence": (
        "code,year,homicides\n0614,2012,1.234\n0101,2012,50\n",
        {"0614 2012-01": 1234, "0101 2012-01": 50}),
    "unknown is not zero": (
        "code,year,homicides\n0101,2012,0\n0102,2012,n.d.\n0103,2012,S/D\n0104,2012,–\n",
        {"0101 2012-01": 0}),
    "Latin-1": (LATIN.encode("latin-1"), {"0101 2012-01": 5, "0503 2012-01": 6}),
    "MS-DOS": (LATIN.encode("cp850"), {"0101 2012-01": 5, "0503 2012-01": 6}),
    "Macintosh": (LATIN.encode("mac_roman"), {"0101 2012-01": 5, "0503 2012-01": 6}),
    "UTF-16 without its mark": (LATIN.encode("utf-16-le"), {"0101 2012-01": 5, "0503 2012-01": 6}),
    "encoded twice": (LATIN.encode().decode("cp1252").encode(),
                      {"0101 2012-01": 5, "0503 2012-01": 6}),
    "old line ends": (LATIN.replace("\n", "\r"), {"0101 2012-01": 5, "0503 2012-01": 6}),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), READ.values(), ids=READ.keys())
def test_is_read(read: Read, content: str | bytes, expected: dict[str, float]) -> None:
    """Every value at its place, and no other."""
    known = read(content)["homicides"].to_series().dropna()
    assert {f"{code} {str(time)[:7]}": value for (code, time), value in known.items()} == expected


@pytest.mark.parametrize(
    "form",
    [
        "{year}-{month:02}", "{name} {year}", "{short}-{two}", "{month:02}/{year}",
        "{year}{month:02}", "Homicidios {name} {year}", "{year}m{month}", "01/{month:02}/{year}",
        "{year}-{month:02}-01",
    ],
)  # fmt: skip
def test_months_in_every_form(read: Read, form: str) -> None:
    """As titles and in cells."""
    times = [
        form.format(year=year, month=at, name=name, short=name[:3], two=year % 100)
        for year in (2011, 2012)
        for at, name in enumerate(SPANISH_MONTHS, 1)
    ]
    tables = [f"Municipio;{';'.join(times)}\nSoyapango;{';'.join(map(str, range(24)))}\n"]
    if "Homicidios" not in form:
        rows = [f"Soyapango;{time};{n}\n" for n, time in enumerate(times)]
        tables.append(f"Municipio;Mes;Homicidios\n{''.join(rows)}")
    for table in tables:
        panel = read(table)
        assert panel.attrs["resolution"] == "month"
        assert str(panel["time"].values[0])[:7] == "2011-01"
        assert panel["homicides"].sel(municipality="0617").values.tolist() == [*range(24)]


SCHEME = [f"{d + 1:02}{n + 1:02}" for d, k in enumerate("34436523223322") for n in range(int(k))]
OF_2024 = "the 44 municipalities that there are since May 2024"

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "xlsx": (b"PK\x03\x04..xl/workbook.xml", r"a workbook of Excel \(.xlsx\); .* 'CSV UTF-8'"),
    "ods": (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", r"\(.ods\)"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"a workbook of Excel \(.xls\)"),
    "PDF": (b"%PDF-1.4", "a PDF"),
    "HTML": ("<html><table><tr><td>1</td></tr></table>", r"a web page \(HTML\)"),
    "broken UTF-8": (b"name,year,homicides\nAhuachap\xc3\xa1n,2012,5\nApan\xffeca,2012,5\n",
                     "line 3: broken bytes, no UTF-8"),
    "broken UTF-8 with a mark": (b"\xef\xbb\xbfname,year\nAhuachap\xc3,2012\n",
                                 "line 2: broken bytes, no UTF-8"),
    "broken UTF-16": (b"\xff\xfe" + LATIN.encode("utf-16-le")[:-1], "broken bytes, no UTF-16"),
    "the 44 by name": ("municipio,año,homicidios\nSan Salvador Centro,2012,1\n", OF_2024),
    "the 44 by department and name": (
        "departamento,municipio,año,homicidios\nAhuachapán,Norte,2012,1\n", OF_2024),
    "the 44 by code": ("codigo,2011\n" + "".join(f"{code},5\n" for code in SCHEME),
                       f"{OF_2024} .*only the first few of every department are there, 44 in all"),
    "the 44 by code, with people": (
        "codigo,año,homicidios,poblacion\n" + "".join(f"{int(c)},2012,5,150000\n" for c in SCHEME),
        OF_2024),
    "most of the 44": ("codigo,2011\n" + "".join(f"{code},5\n" for code in SCHEME[::-1][:40]),
                       OF_2024),
    "departments": ("departamento,año,homicidios\nLa Paz,2012,1\n", "a panel is by municipality"),
    "a name of several": (
        "municipio,año,homicidios\nEl Rosario,2012,1\n",
        r"of several: El Rosario, Cuscatlán \(0704\); El Rosario, La Paz \(0802\); El Rosario, "
        r"Morazán \(1307\); give a column 'code' or 'department'"),
    "a name like several": (
        "municipio,año,homicidios\nEl Rosaro,2012,1\n", r"\(0704\);.*\(0802\);.*\(1307\)"),
    "another department's": (
        "departamento,municipio,año,homicidios\nSonsonate,San Rafael,2012,1\n",
        r"no municipality of Sonsonate is called 'San Rafael'; .*San Rafael, Chalatenango \(0431"),
    "a code of another department": (
        "Código,Departamento,Año,Homicidios\n0102,Sonsonate,2012,5\n",
        r"the code is that of Apaneca, Ahuachapán \(0102\), but the department is 'Sonsonate'"),
    "no department": ("municipio,departamento,año,homicidios\nEl Rosario,La Pas,2012,5\n",
                      r"no department is called 'La Pas' \(did you mean 'La Paz'\?\)"),
    "no place": ("municipio,año,homicidios\nApaneca,2011,5\n,2012,6\n",
                 r"line 3 \(cell A3\): no municipality"),
    "thousands or decimals": (whole("code;year;homicides", "2012", "1.234"),
                              r"'1.234' can be 1.234 or 1,234; write it without thousands"),
    "both notations": ("code;year;tasa por 100000\n0101;2012;5,5\n0102;2012;6.5\n",
                       "'6.5' has a decimal point, but '5,5' a decimal comma"),
    "a country of six homicides": (
        whole("code;year;rate_per_100000", "2012", "0.1"),
        "homicides of the country, and those of the record in brackets: 2012 6"),
    "a rate of what": (whole("code;year;tasa", "2012", "41.5"),
                       "'tasa' does not say by how many people; by 10,000 there would be 415"),
    "one people": (whole("code;year;homicides;población", "2012", "1", people="{:.0f}0"),
                   "had 110,511 people at the census of 2007"),
    "years beside months": (
        "code,2012,ene-12\n0101,5,4\n",
        r"cell C2\): 2012-01 is a month, but 2012 \(.*cell B2\)\) is a year"),
    "months of no year": ("municipio,ene,feb\nApaneca,1,2\n", "months, but no year"),
    "a column of quarters": ("codigo,año,trimestre,homicidios\n0101,2012,1,5\n",
                             "column 'trimestre'; a panel is of months or of years, not of quarte"),
    "a column a quarter": ("codigo,2012-T1,2012-T2\n0101,1,2\n", "column '2012-T1'; a panel is"),
    "quarters by their months": ("code,year,Jan-Mar,Apr-Jun\n0101,2012,1,2\n", "not of quarters"),
    "numbered quarters": ("codigo,año,1,2,3,4\n0101,2012,1,2,3,4\n", "column '1'; .* quarters"),
    "quarters in cells": ("codigo,periodo,homicidios\n0101,I trimestre 2012,2\n",
                          r"cell B2\): periodo = 'I trimestre 2012'; .*not of quarters"),
    "weeks": ("codigo,año,semana,homicidios\n0101,2012,1,5\n", "other parts of years"),
    "a sum or a town": ("Municipio;2011;2012\nSAN SALVADOR;3;5\nApopa;1;2\nMejicanos;2;3\n",
                        "'SAN SALVADOR' has as many homicides as the department's other rows"),
    "a year twice": ("code,2012,2012\n0101,1,2\n", "column '2012' is there twice, B and C"),
    "a place twice": ("code,2011,2012\n0101,1,2\n101,1,2\n", "0101 2011 is there twice"),
    "a letter": ("Dear all.\nIt says, nothing, at all.\n", "no header found"),
    "one column": ("hola\nmundo\n", "one column only; expected commas, semicolons or tabs"),
    "control characters": ("code,year,homicides\n0101,2012,\x1b[31mred\n", r"' \[31mred'"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_is_refused(read: Read, content: str | bytes, message: str) -> None:
    """One line that says what is wrong, and where."""
    with pytest.raises(InputError, match=message) as caught:
        read(content)
    assert str(caught.value).isprintable()


def test_what_was_understood_is_said(read: Read) -> None:
    """Columns, marks, what was taken for thousands, and the sums, in both languages."""
    panel = read(whole("Código;Año;Homicidios;Población", "2012", "9", people="{:,.0f}").replace(
        ",", "."))  # fmt: skip
    understood = panel.attrs["understood"]
    assert understood == [
        "panel.csv: UTF-8, semicolons between the columns, header in line 1",
        "columns: 'Código' is the code, 'Año' is the year, 'Homicidios' is the homicides, "
        "'Población' is the population",
        "'Población': points between thousands (110.511 is 110,511)",
        "262 municipalities, years from 2012 to 2012",
        "homicides: 2012 2,358",
    ]
    assert in_language("es", told, understood[2]) == (
        "'Población': puntos entre los miles (110.511 es 110,511)"
    )
    assert panel["population"].values[:, 0].tolist() == COUNTRY.population.tolist()


def test_rates_are_of_the_people_that_points_divide(read: Read) -> None:
    """Read as decimals, they would make a country of three homicides."""
    rows = whole("code,year,rate_per_100000,population", "2011", "50", people="{:,.0f}")
    panel = read(
        rows.replace(",", ".")
        .replace(";", ",")
        .replace(".year.rate_per_100000.", ",year,rate_per_100000,")
    )
    assert panel["population"].values[:, 0].tolist() == COUNTRY.population.tolist()
    np.testing.assert_allclose(panel["homicides"].values[:, 0], 50 * COUNTRY.population / 1e5)


def test_people_in_thousands_are_understood(read: Read) -> None:
    """The census tells."""
    given = COUNTRY.population / 1000
    rows = [f"{c};2012;9;{n:.1f}" for c, n in zip(COUNTRY.codes, given, strict=True)]
    panel = read("\n".join(["code;year;homicides;population", *rows]))
    assert "'population' is in thousands (110.5 is 110,500;" in panel.attrs["understood"][2]
    assert panel["population"].values[0, 0] == pytest.approx(110_500)
