"""Results by groups of one's own: tables of groups, sums, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from trucesim.files.errors import InputError
from trucesim.outcomes import grouping
from trucesim.outcomes.effects import ALL_YEARS
from trucesim.outcomes.grouping import NOWHERE, Groups, by_group, read_groups
from trucesim.runs.simulate import run
from trucesim.world.country import load_country

RUNS = 4
COUNTRY = load_country()

Reader = Callable[[str], Groups]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Give a function that reads groups from a text."""

    def read(text: str) -> Groups:
        path = tmp_path / "groups.csv"
        path.write_text(text, encoding="utf-8")
        return read_groups(path)

    return read


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    return run("truce-2012", RUNS, 3, detail="full")


@pytest.fixture(scope="module")
def without() -> xr.Dataset:
    return run("no-truce", RUNS, 3, detail="none")


def departments() -> str:
    """Write a table of all municipalities by department."""
    rows = zip(COUNTRY.codes, COUNTRY.departments, strict=True)
    return "code,group\n" + "".join(f"{code},{of}\n" for code, of in rows)


SAME = {
    "codes": "code,group\n0614,centre\n0608,centre\n0210,west\n",
    "codes of OCHA": "pcode,region\nSV1014,centre\nSV1008,centre\nSV1210,west\n",
    "Spanish, a spreadsheet's": "código;grupo\n614;centre\n608;centre\n210;west\n",
    "names": "municipio,departamento,diócesis\nSan Salvador,San Salvador,centre\n"
             "Mejicanos,San Salvador,centre\nSanta Ana,Santa Ana,west\n",
    "districts": "distrito,departamento,municipio\nSan Salvador,San Salvador,centre\n"
                 "Mejicanos,San Salvador,centre\nSanta Ana,Santa Ana,west\n",
    "spelt otherwise": "code,group\n0614,centre\n0608,Centre\n0210,west\n0101,\n",
    "said twice, under a title": "Regions of 2020\ncode,name,group\n0614,San Salvador,centre\n"
                                 "0614,San Salvador,centre\n0608,Mejicanos,centre\n"
                                 "0210,Santa Ana,west\n",
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_tables_of_one_meaning(name: str, read: Reader) -> None:
    groups = read(SAME[name])
    found = {code: row for code, row in zip(groups.codes, groups.of, strict=True) if row >= 0}
    assert groups.names == ("centre", "west")
    assert found == {"0614": 0, "0608": 0, "0210": 1}
    assert len(groups.left_out) == 259
    assert any("259 of 262 municipalities are in no group" in note for note in groups.notes)


def test_departments_can_be_the_groups(read: Reader) -> None:
    groups = read("code,department\n0614,San Salvador\n0210,Santa Ana\n")
    assert groups.names == ("San Salvador", "Santa Ana")


REFUSED = {
    "an unknown code": ("code,group\n0699,a\n", r"line 2 \(cell A2\): no municipality has the code "
                        r"'0699'; San Salvador has 0601 to 0619"),
    "an unknown name": ("name,group\nApopo,a\n", r"called 'Apopo'; names like it: Apopa"),
    "a name of several": ("name,group\nEl Rosario,a\n", "is the name of several"),
    "two groups": ("code,group\n0614,a\n0614,b\n", r"line 3 \(cell B3\): San Salvador, San "
                   r"Salvador \(0614\) is in the group 'b', but in 'a' by line 2"),
    "one of the 44": ("name,group\nSan Salvador Centro,a\n", "since May 2024"),
    "no header": ("a,b\n0614,a\n", "no header found .* such as code,group"),
    "several columns": ("code,police,church\n0614,a,b\n",
                        "several columns may hold the groups: 'police', 'church'; call the one"),
    "no groups": ("code,name\n0614,San Salvador\n", "no column holds groups"),
    "two columns of codes": ("code,region_code,zone\n0614,1,a\n", "two columns for one thing"),
    "departments only": ("department,group\nLa Paz,a\n", "no column of municipalities"),
    "groups that are empty": ("code,group\n0614,\n", "no municipality has a group"),
    "nothing": ("", "no header found"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_tables_refused(name: str, read: Reader) -> None:
    text, why = REFUSED[name]
    with pytest.raises(InputError, match=why) as refused:
        read(text)
    assert "\n" not in str(refused.value)


def test_groups_add_up_to_the_country(read: Reader, results: xr.Dataset) -> None:
    groups = read(departments())
    assert not groups.left_out
    assert len(groups.names) == 14
    national = results["recorded_national"]
    months = by_group(results, groups, "month")["recorded"]
    assert months.dims == ("run", "month", "group")
    np.testing.assert_array_equal(months.sum("group"), national)
    years = by_group(results, groups)
    np.testing.assert_array_equal(
        years["recorded"].sum("group"),
        national.groupby("month.year").sum().transpose("run", "year"),
    )
    assert years["population"].sum() == COUNTRY.population.sum()
    assert years["municipalities"].sum() == len(COUNTRY)
    assert by_group(results, groups).attrs["left_out"] == []


def test_a_group_is_the_sum_of_its_places(read: Reader, results: xr.Dataset) -> None:
    grouped = by_group(results, read(SAME["codes"]))
    places = results["recorded_by_period"].sel(period="2011", municipality=["0614", "0608"])
    np.testing.assert_array_equal(
        grouped["recorded"].sel(year="2011", group="centre"), places.sum("municipality")
    )
    table = grouping.table(grouped).set_index(["group", "year"])
    row = table.loc[("centre", "2011")]
    assert row["mean"] == places.sum("municipality").mean()
    assert row["p05"] <= row["median"] <= row["p95"]
    assert row["rate"] == pytest.approx(1e5 * row["mean"] / row["population"])
    whole = table.loc[("centre", ALL_YEARS)]
    assert whole["mean"] == pytest.approx(table.loc["centre"]["mean"][:-1].sum())
    assert whole["rate"] == pytest.approx(table.loc["centre"]["rate"][:-1].mean())


def test_months_need_full_detail(read: Reader, without: xr.Dataset) -> None:
    groups = read(departments())
    assert by_group(without, groups)["recorded"].sizes["year"] == 8
    with pytest.raises(InputError, match=r"every municipality and month.*--detail full"):
        by_group(without, groups, "month")
    with pytest.raises(InputError, match="need the homicides of every municipality and year"):
        by_group(without.drop_vars("recorded_by_period"), groups)
    with pytest.raises(InputError, match="of other municipalities"):
        by_group(without.isel(municipality=slice(5)), groups)


def test_differences_are_b_minus_a_and_add_up(
    read: Reader, results: xr.Dataset, without: xr.Dataset
) -> None:
    groups = read(departments())
    a, b = (by_group(each, groups) for each in (results, without))
    table = grouping.differences(a, b)
    national = (without["recorded_national"] - results["recorded_national"]).sum("month")
    whole = table[table["year"] == ALL_YEARS]
    assert whole["b_minus_a_mean"].sum() == pytest.approx(float(national.mean()))
    assert float(national.mean()) > 0
    early = table[table["year"] == "2010"]
    assert early["share_equal"].eq(1.0).all()
    assert early["b_minus_a_p95"].eq(0.0).all()
    assert whole[["share_a_fewer", "share_equal", "share_b_fewer"]].sum(axis=1).eq(1.0).all()
    with pytest.raises(InputError, match="same seed"):
        grouping.differences(a, b.assign_attrs(seed=8))
    with pytest.raises(InputError, match="other groups"):
        grouping.differences(a, by_group(without, read(SAME["codes"])))


def test_groups_of_a_part_of_the_country(tmp_path: Path) -> None:
    part = COUNTRY.subset(["La Paz"])
    path = tmp_path / "groups.csv"
    path.write_text(departments(), encoding="utf-8")
    groups = read_groups(path, part)
    assert groups.codes == part.codes
    assert (groups.of != NOWHERE).all()
    with pytest.raises(InputError, match="el_salvador"):
        read_groups(path, load_country("honduras"))
