"""A user's municipal panel: what is read, what is refused, and how runs are scored with it."""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import row, synthetic_results

from trucesim import load_country
from trucesim.files.errors import InputError
from trucesim.outcomes import panel as panels
from trucesim.outcomes.panel import by_year, crps, read_panel, score_panel
from trucesim.world.country import read_table
from trucesim.world.periods import NotRecorded

CODES = load_country().codes
CENSUS = load_country().population

type Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write lines to a file."""

    def put(*lines: str, name: str = "panel.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return put


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """Synthetic results of forty runs."""
    return synthetic_results(runs=40)


def complete(counts: npt.NDArray[np.int64], years: Sequence[int]) -> xr.Dataset:
    """Give counts, shape (municipality, year), the shape of a panel."""
    return xr.Dataset(
        {"homicides": (("municipality", "time"), counts.astype(float))},
        coords={
            "municipality": list(CODES),
            "time": np.array([f"{year}-01-01" for year in years], "datetime64[ns]"),
        },
        attrs={"resolution": "year", "notes": []},
    )


def at(panel: xr.Dataset, code: str, time: str) -> float:
    """Take one count."""
    return float(panel["homicides"].sel(municipality=code, time=f"{time:<04}").item())


# reading


@pytest.mark.parametrize(
    ("header", "cells", "time", "resolution"),
    [
        ("code,year,homicides", "0614,2012,{}", "2012-01-01", "year"),
        ("code,year,month,homicides", "0614,2012,03,{}", "2012-03-01", "month"),
        ("code,year,month,homicides", "0614,2012,3,{}", "2012-03-01", "month"),
        ("code,month,homicides", "0614,2012-03,{}", "2012-03-01", "month"),
        ("\ufeff Code , YEAR,Homicides", " 0614 , 2012 , {} ", "2012-01-01", "year"),
        ("homicides,name,year,code", '{},"San Salvador",2012,0614', "2012-01-01", "year"),
    ],
)
def test_counts_are_read(write: Write, header: str, cells: str, time: str, resolution: str) -> None:
    """Year, year and month, and month alone; in any order, with blanks and a byte order mark."""
    panel = read_panel(write(header, cells.format("40"), ""))
    assert panel["homicides"].dims == ("municipality", "time")
    assert list(panel["municipality"].values) == list(CODES)
    assert panel["time"].values == np.array([time], "datetime64[ns]")
    assert panel["homicides"].sel(municipality="0614").values.tolist() == [40]
    assert np.isnan(panel["homicides"]).sum() == 261
    assert panel.attrs["resolution"] == resolution
    assert panel.attrs["treatment"] == "homicides as given"
    assert panel.attrs["notes"] == [
        "261 of 262 municipalities missing: 0101, 0102, 0103, 0104, 0105 and 256 more",
        *(["years of fewer than 12 months: 2012 (1/12)"] if resolution == "month" else []),
    ]


def test_leading_zeros_are_restored_and_noted(write: Write) -> None:
    """A spreadsheet's 101 is 0101, and is said to be; 1418 lost nothing."""
    panel = read_panel(write("code,year,homicides", "101,2012,7", "1418,2012,2", "0102,2012,1"))
    assert at(panel, "0101", "2012-01-01") == 7
    assert panel.attrs["notes"][0] == (
        "leading zeros restored in 1 codes: '101' to '0101' (line 2)"
    )


def test_pcode_is_not_the_code(write: Write) -> None:
    """OCHA's codes are translated by the table; their digits are another municipality's."""
    table = read_table("el_salvador", "municipalities.csv").set_index("pcode")["code"]
    assert (table.index.str[2:] != table).sum() > 200
    lines = [f"{pcode},2012,{int(code) % 100}" for pcode, code in table.items()]
    panel = read_panel(write("pcode,year,homicides", *lines))
    assert panel["homicides"].values[:, 0].tolist() == [int(code) % 100 for code in CODES]
    assert panel.attrs["notes"] == []


@pytest.mark.parametrize(
    ("header", "people", "per", "homicides"),
    [
        ("rate_per_10000,population", "200000", None, 25),
        ("rate_per_100000,population", "200000", None, 2.5),
        ("rate,population", "200000", None, 25),
        ("rate,population", "200000", 1000, 250),
        ("rate_per_10000", None, None, 1.25e-4 * CENSUS[0]),
    ],
)
def test_rates_become_counts(
    write: Write, header: str, people: str | None, per: float | None, homicides: float
) -> None:
    """Rate x population / people per rate; without a population that of the census of 2007."""
    cells = "0101,2013,1.25" + (f",{people}" if people else "")
    path = write(f"code,year,{header}", cells)
    options = {"rate_per": per} if per else {}
    panel = read_panel(path, **options)
    assert at(panel, "0101", "2013-01-01") == pytest.approx(homicides)
    assert "not rounded" in panel.attrs["treatment"]
    assert ("as given" if people else "census of 2007") in panel.attrs["treatment"]
    assert np.isnan(panel["population"].sel(municipality="0102")).all() == bool(people)
    whole = read_panel(path, rounded=True, **options)
    assert at(whole, "0101", "2013-01-01") == np.rint(homicides)
    assert "rounded to whole numbers" in whole.attrs["treatment"]


def test_what_is_missing_is_noted_and_never_zero(write: Write) -> None:
    """Rows, cells, municipalities and years that are missing, and rows outside the calendar."""
    panel = read_panel(
        write(
            *["code,year,homicides,region", "0101,2010,1,west", "0101,2013,,west"],
            *["0102,2010,0,west", "0102,2019,3,west", "0102,2002,3,west"],
        )
    )
    assert panel.attrs["notes"] == [
        "columns not used: 'region'",
        "2 values outside the model's calendar, 2009 to 2016, left out: 2002, 2019",
        "260 of 262 municipalities missing: 0103, 0104, 0105, 0106, 0107 and 255 more",
        "1 rows missing: 0102 2013",
        "1 cells empty: 0101 2013",
        "no row at all for 2011, 2012",
    ]
    assert at(panel, "0102", "2010-01-01") == 0
    assert np.isnan(at(panel, "0102", "2013-01-01"))
    assert np.isnan(at(panel, "0101", "2013-01-01"))


def test_names_of_others_are_refused(write: Write) -> None:
    """Code and name must agree; case, accents and names that nobody has do not matter."""
    head = "code,name,year,homicides"
    panel = read_panel(write(head, "0101,AHUACHAPAN,2012,1", "0102,Cabecera,2012,1"))
    assert panel.attrs["notes"][0] == (
        "names unlike the official ones in 1 rows: 0102 is Apaneca, not 'Cabecera' (line 3)"
    )
    with pytest.raises(InputError, match=r"line 2: the code is that of Apaneca, Ahuachapán "
                       r"\(0102\), but the name 'Atiquizaya' is that of Atiquizaya, Ahuachapán "
                       r"\(0103\)"):  # fmt: skip
        read_panel(write(head, "0102,Atiquizaya,2012,1"))


HEADER = "code,year,homicides"
WRONG = {
    "unknown code": ([HEADER, "0101,2012,1", "1327,2012,1"],
                     r"line 3 \(cell A3\): no municipality has the code '1327'; Morazán has 1301 "
                     "to 1326; allowed are the 262 official ones, 0101 to 1418"),
    "wrong code, right name": (["code,name,year,homicides", "1329,Osicala,2012,1"],
                               r"the code '1329'; 'Osicala' is Osicala, Morazán \(1315\)"),
    "unknown pcode": (["pcode,year,homicides", "0101,2012,1"], "the pcode '0101'.*SV0101"),
    "duplicate": ([HEADER, "0101,2012,1", "0102,2012,1", "101,2012,1"],
                  r"line 4: 0101 2012 is there twice \(also in line 2\)"),
    "duplicate month": (["code,year,month,homicides", "0101,2012,1,1", "0101,2012,01,1"],
                        "line 3: 0101 2012-01 is there twice"),
    "negative": ([HEADER, "0101,2012,-1"],
                 r"line 2 \(cell C2\): homicides = '-1' is negative; expected 0"),
    "no number": ([HEADER, "0101,2012,many"], "homicides = 'many' is no number"),
    "formula": ([HEADER, "0101,2012,=1+1"], "homicides = '=1.1' is no number"),
    "infinite": (["code,year,rate_per_10000", "0101,2012,1e999"], "'1e999' is infinite"),
    "infinite word": ([HEADER, "0101,2012,inf"], "'inf' is no number"),
    "underscore": ([HEADER, "0101,2012,1_000"], "'1_000' is no number"),
    "part of a homicide": ([HEADER, "0101,2012,1.5"], "homicides = '1.5'; expected a whole"),
    "more than people": (["code,year,homicides,population", "0101,2012,100001,100000"],
                         "homicides = '100001'; more than one homicide a person"),
    "rate beyond": (["code,year,rate_per_10000", "0101,2012,10001"], "rate_per_10000 = '10001'"),
    "no people": (["code,year,homicides,population", "0101,2012,0,0"],
                  "population = '0'; expected a number above 0"),
    "people unknown": (["code,year,rate,population", "0101,2012,1,"],
                       "population = ''; expected a number above 0"),
    "people of another place": (["code,year,homicides,population", "0101,2012,1,8383"],
                                r"population = '8383', but Ahuachapán, Ahuachapán \(0101\) had "
                                "110,511 people at the census of 2007"),
    "year outside": ([HEADER, "0101,212,1"], "year = '212'; expected 1900 to 2100"),
    "year far outside": ([HEADER, "0101,2912,1"], "year = '2912'; expected 1900 to 2100"),
    "year in Arabic digits": ([HEADER, "0101,٢٠١٢,1"], "expected 1900 to 2100"),
    "all years outside": ([HEADER, "0101,2008,1", "0101,2017,1"],
                          r"no row within the model's calendar, 2009 to 2016 \(the file has 2008, "
                          r"2017\)"),
    "month outside": (["code,year,month,homicides", "0101,2012,13,1"], "month = '13'; expected 1"),
    "month without year": (["code,month,homicides", "0101,3,1"],
                           "month = '3'; expected year and month as 2012-03"),
    "no place": (["codx,year,homicides", "0101,2012,1"],
                 r"line 1: no column 'code' \(is 'codx' meant as 'code'\?\)"),
    "no time": (["code,yaer,homicides", "0101,2012,1"],
                r"line 1: no column for time \(is 'yaer' meant as 'year'\?\)"),
    "no value": (["code,year,homicdes", "0101,2012,1"],
                 r"no column 'homicides' \(is 'homicdes' meant as 'homicides'\?\); expected one of "
                 "homicides, rate_per_10000, rate_per_100000, rate"),
    "two rates": (["code,year,rate_per_10000,rate_per_100000", "0101,2012,1,1"], "give one"),
    "two codes": (["code,pcode,year,homicides", "0102,SV0101,2012,1"],
                  "'0102' is Apaneca.*but 'SV0101' is Ahuachapán"),
    "column twice": (["code,year,Year,homicides", "0101,2012,2012,1"], "'Year' is there twice"),
    "misspelt population": (["code,year,rate,popultion", "0101,2012,1,9"],
                            r"unknown column 'popultion' \(did you mean 'population'\?\)"),
    "too few fields": ([HEADER, "0101,2012"], "line 2: 2 fields, but the header has 3"),
    "too many fields": ([HEADER, "0101,2012,1,5"], "line 2: 4 fields, but the header has 3"),
    "open quote": ([HEADER, '0101,2012,"1'], "line [23]: no CSV"),
    "nothing": ([""], "empty; expected a header"),
    "header alone": ([HEADER], "no row within the model's calendar, 2009 to 2016"),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_file_is_refused(write: Write, lines: list[str], message: str) -> None:
    """One line that names the file, the place in it, what is wrong and what is allowed."""
    path = write(*lines)
    with pytest.raises(InputError, match=message) as caught:
        read_panel(path)
    assert str(caught.value).startswith(f"{path}")
    assert "\n" not in str(caught.value)


def test_unreadable_file_is_refused(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing, a folder, or too large."""
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        read_panel(tmp_path / "none.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_panel(tmp_path)
    path = write(HEADER, "0101,2012,1")
    for rate_per in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(InputError, match="rate_per"):
            read_panel(path, rate_per=rate_per)
    monkeypatch.setattr(panels, "MAX_BYTES", path.stat().st_size)
    read_panel(path)
    monkeypatch.setattr(panels, "MAX_BYTES", path.stat().st_size - 1)
    with pytest.raises(InputError, match="larger than"):
        read_panel(path)


@settings(max_examples=40, deadline=None)
@given(
    cells=st.dictionaries(
        st.tuples(st.sampled_from(CODES), st.integers(2009, 2016)),
        st.none() | st.integers(0, 500),
        min_size=1,
        max_size=30,
    ),
    lose_zeros=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_round_trip(
    tmp_path_factory: pytest.TempPathFactory,
    cells: dict[tuple[str, int], int | None],
    lose_zeros: bool,
    order: object,
) -> None:
    """What is written in any order is read as it was, and nothing else is there."""
    rows = [(code, year, "" if n is None else n) for (code, year), n in cells.items()]
    order.shuffle(rows)  # type: ignore[attr-defined]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["code", "year", "homicides"])
    writer.writerows([(int(code) if lose_zeros else code, year, n) for code, year, n in rows])
    path = tmp_path_factory.mktemp("panel") / "panel.csv"
    path.write_text(file.getvalue(), encoding="utf-8", newline="")
    panel = read_panel(path)
    known = panel["homicides"].to_series().dropna()
    found = {(code, time.year): int(value) for (code, time), value in known.items()}
    assert found == {key: value for key, value in cells.items() if value is not None}
    assert sorted(panel["time"].dt.year.values) == sorted({year for _, year in cells})


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet='0129-+.,"\n;=codeyarhmis\x00é', max_size=80), header=st.booleans())
def test_any_text_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, header: bool
) -> None:
    """No file makes anything but a panel or one clear line."""
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text((HEADER + "\n" if header else "") + text, encoding="utf-8")
    message = ""
    try:
        assert not read_panel(path)["homicides"].min() < 0
    except InputError as error:
        message = str(error)
    assert "\n" not in message


def test_months_add_up_to_years(write: Write) -> None:
    """Only years of which every month is known have a sum."""
    rows = [f"0101,2012,{month},{month}" for month in range(1, 13)]
    rows += [f"0102,2012,{month},1" for month in range(1, 12)]
    rows += ["0103,2012,1,", *(f"0103,2012,{month},1" for month in range(2, 13))]
    panel = read_panel(write("code,year,month,homicides", *rows, "0101,2013,1,5"))
    yearly = by_year(panel)
    assert at(yearly, "0101", "2012-01-01") == 78
    for code, year in (("0102", 2012), ("0103", 2012), ("0101", 2013)):
        assert np.isnan(at(yearly, code, f"{year}-01-01"))
    assert yearly.sizes["time"] == 2
    assert set(yearly.coords) == {"time", "municipality"}
    assert yearly["population"].sel(municipality="0101").values.tolist() == [CENSUS[0]] * 2
    assert yearly.attrs["resolution"] == "year"
    assert by_year(yearly) is yearly


# scores


@given(runs=st.lists(st.integers(0, 50), min_size=1, max_size=12), value=st.integers(0, 50))
def test_crps_by_all_pairs(runs: list[int], value: int) -> None:
    """The weighted sum of sorted runs is the mean over all pairs; one run scores its error."""
    ensemble = np.array(runs, float)[:, None]
    pairs = np.mean([abs(a - b) for a, b in itertools.product(runs, runs)])
    expected = np.mean([abs(run - value) for run in runs]) - pairs / 2
    assert crps(ensemble, np.array([value]), fair=False) == pytest.approx([expected], abs=1e-9)
    if len(runs) == 1:
        assert expected == abs(runs[0] - value)


def test_score_by_hand(results: xr.Dataset) -> None:
    """Three runs of known counts against a known panel."""
    counts = results["recorded_by_period"].isel(run=slice(3)).copy(deep=True)
    counts[:] = 0
    counts.loc[{"period": "2011"}] = 3
    counts.loc[{"period": "2013"}][:, :2] = [[1, 4], [2, 4], [3, 4]]
    simulated = results.isel(run=slice(3)).drop_vars("recorded").assign(recorded_by_period=counts)
    observed = np.zeros((262, 2), int)
    observed[:, 0] = 1
    observed[:3, 1] = [2, 9, 1]
    score = score_panel(simulated, complete(observed, [2011, 2013]), top=2)

    first = row(score.cells, code=CODES[0], period="2013")
    assert (first["observed"], first["simulated_median"], first["error"]) == (2, 2, 0)
    assert first["simulated_p05"] == pytest.approx(1.1)
    assert first["inside"]
    assert first["crps"] == pytest.approx(2 / 3 - 8 / 18)
    second = row(score.cells, code=CODES[1], period="2013")
    assert (second["error"], second["crps"], second["inside"]) == (-5, 5, False)

    year = row(score.periods, period="2013")
    assert year["municipalities"] == 262
    assert year["coverage"] == pytest.approx(260 / 262)
    assert year["mae"] == pytest.approx((5 + 1) / 262)
    assert year["crps"] == pytest.approx((2 / 3 - 8 / 18 + 5 + 1) / 262)
    assert math.isnan(row(score.periods, period="2011")["rank_correlation"])
    whole = row(score.periods, period="all")
    assert whole["coverage"] == pytest.approx(260 / 524)
    assert whole["mae"] == pytest.approx((6 + 2 * 262) / 524)

    shares = score.shares
    top = row(shares, measure="top_share", period="2013")
    assert top["observed"] == pytest.approx(11 / 12)
    assert (top["simulated_median"], top["inside"]) == (1, False)
    without = row(shares, measure="municipalities_without_homicide", period="2013")
    assert (without["observed"], without["simulated_p05"], without["inside"]) == (259, 260, False)
    fall = row(shares, measure="share_with_fall")
    assert fall["period"] == "2011 to 2013"
    assert fall["observed"] == pytest.approx(259 / 262)
    # The first falls in two runs of three, the second in none, all others in every one.
    assert fall["simulated_median"] == pytest.approx(261 / 262)
    assert fall["simulated_p05"] == pytest.approx((260 + 0.1) / 262)


def test_a_run_scores_well_against_its_own_ensemble(results: xr.Dataset) -> None:
    """A run as the panel lies inside; the same counts at other places do not."""
    own = results["recorded_by_period"].sel(run=0, period=["2011", "2013"]).values.T
    score = score_panel(results.isel(run=slice(1, None)), complete(own, [2011, 2013]))
    good = row(score.periods, period="all")
    assert good["coverage"] > 0.85
    assert good["rank_correlation"] > 0.9
    assert sum(score.shares["inside"]) >= 4
    assert score.notes == ()
    turned = results.isel(run=slice(1, None), municipality=slice(None, None, -1))
    pd.testing.assert_frame_equal(
        score_panel(turned, complete(own, [2011, 2013])).cells, score.cells
    )
    moved = score_panel(
        results.isel(run=slice(1, None)), complete(np.roll(own, 7, axis=0), [2011, 2013])
    )
    poor = row(moved.periods, period="all")
    assert poor["coverage"] < 0.6
    assert abs(poor["rank_correlation"]) < 0.3
    assert poor["crps"] > 3 * good["crps"]
    assert poor["mae"] > 3 * good["mae"]
    pd.testing.assert_frame_equal(moved.shares, score.shares)


def test_months_are_scored_by_month(results: xr.Dataset, write: Write) -> None:
    """Monthly panels need full detail, and give years when they are added up."""
    own = results["recorded"].isel(run=0).sel(month=slice("2011-01", "2011-12"))
    lines = [
        f"{code},{str(month)[:7]},{count}"
        for month, counts in zip(own["month"].values, own.values, strict=True)
        for code, count in zip(CODES, counts, strict=True)
    ]
    panel = read_panel(write("code,month,homicides", *lines))
    one = results.isel(run=[0])
    score = score_panel(one, panel)
    assert list(score.periods["period"]) == [f"2011-{month:02}" for month in range(1, 13)] + ["all"]
    assert score.cells["error"].abs().sum() == 0
    assert score.notes == ("no share_with_fall: 2013: not made of the months of the panel",)
    wide = score_panel(one, panel, fall=("2010-06..2011-03", "2011-04..2011-12"))
    assert wide.notes[-1].startswith("no share_with_fall: 2010-06..2011-03: not made of")
    halves = score_panel(one, panel, fall=("2011-01..2011-06", "2011-07..2011-12"))
    fall = row(halves.shares, measure="share_with_fall")
    assert fall["observed"] == fall["simulated_median"]
    assert 0 < fall["observed"] < 1
    coarse = one.drop_vars("recorded")
    with pytest.raises(NotRecorded, match="run with detail = 'full'"):
        score_panel(coarse, panel)
    yearly = score_panel(coarse, by_year(panel))
    assert list(yearly.periods["period"]) == ["2011", "all"]
    assert yearly.cells["error"].abs().sum() == 0


def test_only_what_both_sides_have_is_scored(results: xr.Dataset) -> None:
    """Unknown cells, other municipalities and periods are left out, and that is noted."""
    own = results["recorded_by_period"].sel(run=0, period=["2011", "2013", "2016"]).values.T
    panel = complete(own, [2011, 2013, 2016])
    panel["homicides"][:5, 1] = np.nan
    part = results.isel(municipality=slice(40), period=slice(5)).drop_vars("recorded")
    score = score_panel(part, panel)
    assert list(score.periods["period"]) == ["2011", "2013", "all"]
    assert list(score.periods["municipalities"]) == [40, 35, 40]
    assert row(score.shares, measure="share_with_fall")["municipalities"] == 35
    assert len(score.cells) == 75
    known = own[5:40, :2].sum(axis=1), score.cells.groupby("code")["simulated_mean"].sum()[5:]
    ranks = [pd.Series(np.asarray(side)).rank() for side in known]
    (_, _, correlation) = score.periods["rank_correlation"]
    assert correlation == pytest.approx(np.corrcoef(*ranks)[0, 1])
    assert score.notes[0] == "the results have 40 of the panel's 262 municipalities"
    assert score.notes[1].startswith("2016 left out: 2016: the results hold no homicides")
    few = score_panel(part.isel(municipality=slice(20)), panel)
    assert "2011: no top_share, 20 municipalities are fewer than 32" in few.notes
    assert "top_share" not in set(few.shares["measure"])


def test_score_that_cannot_be_made_is_refused(results: xr.Dataset) -> None:
    """No common municipality, no common period, no value, or a wrong choice."""
    panel = complete(np.ones((262, 1), int), [2011])
    with pytest.raises(InputError, match="none of the panel's municipalities"):
        score_panel(results.assign_coords(municipality=np.arange(262)), panel)
    late = results.drop_vars("recorded").isel(period=slice(2))
    with pytest.raises(NotRecorded, match="2011"):
        score_panel(late, panel)
    with pytest.raises(InputError, match="no known value"):
        score_panel(results, panel * np.nan)
    with pytest.raises(InputError, match="top = 0"):
        score_panel(results, panel, top=0)
    with pytest.raises(InputError, match="period 'before'"):
        score_panel(results, panel, fall=("before", "2013"))


def test_panel_and_results_stay_as_they_are(results: xr.Dataset) -> None:
    """Scoring changes neither side."""
    panel = complete(np.ones((262, 2), int), [2011, 2013])
    before, runs = panel.copy(deep=True), results.copy(deep=True)
    score_panel(results, panel)
    xr.testing.assert_identical(panel, before)
    xr.testing.assert_identical(results, runs)
    assert panel.attrs["notes"] == []
