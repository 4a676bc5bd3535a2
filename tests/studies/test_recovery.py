"""Recovery: the truth is two plain runs, studies resume, and cover and ranks mean what they say."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawings import written
from spoken import in_language

from trucesim import run
from trucesim.cli import main
from trucesim.figures.recovery import recovered
from trucesim.files.errors import InputError
from trucesim.reports.recovery import KEPT, TABLES
from trucesim.runs.sampling import distinct_draws, parameters_of_draws
from trucesim.studies import follow as following
from trucesim.studies import recovery as module
from trucesim.studies.recovery import (
    CASES,
    FOLLOWED,
    MADE,
    PARTS,
    SEED,
    Recovery,
    by_lineage,
    by_record,
    effects_of,
    interval_of,
    nearness,
    own,
    ranks_of,
    recover,
    score,
    summarise,
)
from trucesim.world import calendar

RECORDS, DRAWS, PARTICLES = 2, 2, 8
NAMES = CASES[:2]
"""Of the cases."""


@pytest.fixture(scope="module", autouse=True)
def one_draw_of_distorted_records() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "OUTSIDE_DRAWS", 1)
        yield


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recovery]:
    folder = tmp_path_factory.mktemp("recovery") / "new"
    return folder, recover(NAMES, RECORDS, DRAWS, PARTICLES, folder=folder, workers=1)


def assert_equal(one: Recovery, other: Recovery) -> None:
    assert one.since == other.since
    for mine, theirs in zip(one.trials, other.trials, strict=True):
        for name, value in vars(mine).items():
            np.testing.assert_array_equal(value, getattr(theirs, name), err_msg=name)
            assert value.dtype == getattr(theirs, name).dtype
    pd.testing.assert_frame_equal(one.outside, other.outside)


def test_the_truth_is_the_difference_of_two_plain_runs(studied: tuple[Path, Recovery]) -> None:
    _, found = studied
    number = 1 + DRAWS
    row = distinct_draws(number + 1)[number:]
    a, b = (
        run(
            own(name), 1, SEED, first_run=number, parameters=parameters_of_draws(row, SEED),
            detail="none",
        )
        for name in ("truce-2012", NAMES[0])
    )  # fmt: skip
    trial = found.trials[1]
    assert trial.rows[0] == row[0]
    np.testing.assert_array_equal(trial.months, a["recorded_national"].values[0])
    day = calendar.day_of(found.since[0])
    one, other = (each["recorded_daily"].values[0].astype(int) for each in (a, b))
    np.testing.assert_array_equal(one[:day], other[:day])
    counted = dict(zip(PARTS, trial.truth[0].tolist(), strict=True))
    assert counted["all"] == (one - other)[day:].sum() != 0
    assert counted["all"] == sum(counted[name] for name in ("zones", "beside", "elsewhere"))
    assert counted["all"] == sum(counted[str(year)] for year in range(2013, 2017))
    assert counted["2012"] == 0
    in_2014 = calendar.dates().astype("datetime64[Y]") == np.datetime64("2014")
    assert counted["2014"] == (one - other)[in_2014].sum()


def test_effects_are_those_on_the_lineages(studied: tuple[Path, Recovery]) -> None:
    folder, found = studied
    lineages = []
    for d in range(DRAWS):
        path = folder / FOLLOWED / "0001" / following.LINEAGES / f"{d:04}.json"
        held = following._read(path, json.loads(path.read_text(encoding="utf-8"))["key"])
        assert held is not None
        lineages.append(held.lineage)
        np.testing.assert_array_equal(held.months, found.trials[1].paths[d])
    a, b = (run(own(name), lineages=lineages, detail="none") for name in ("truce-2012", NAMES[1]))
    np.testing.assert_array_equal(effects_of(a, b), found.trials[1].followed[:, 1])


def test_no_draw_and_no_random_number_serves_twice(studied: tuple[Path, Recovery]) -> None:
    folder, found = studied
    rows = found.stacked("rows")
    np.testing.assert_array_equal(rows.ravel(), distinct_draws(RECORDS * (1 + DRAWS)))
    seeds = set()
    for each in (folder / FOLLOWED).iterdir():
        held = {
            json.loads(path.read_text(encoding="utf-8"))["seed"]
            for path in (each / following.LINEAGES).iterdir()
        }
        assert len(held) == 1
        seeds |= held
    assert len(seeds) == RECORDS + len(module.DISTORTIONS)
    assert SEED not in seeds


def test_interrupted_and_resumed_or_extended_is_the_same(
    studied: tuple[Path, Recovery], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, found = studied
    for number in range(len(module.DISTORTIONS)):
        name = f"outside-{number}"
        shutil.copytree(folder / FOLLOWED / name, tmp_path / FOLLOWED / name)
    run_once = module.run
    # The first record's plain runs and lineages, and the second's plain runs.
    left = [3 * (1 + len(NAMES))]

    def interrupted(*given: object, **more: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return run_once(*given, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(module, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            recover(NAMES, RECORDS, DRAWS, PARTICLES, folder=tmp_path, workers=2)
    assert [path.name for path in (tmp_path / MADE).iterdir()] == ["0000.json"]
    kept = (tmp_path / MADE / "0000.json").stat().st_mtime_ns
    lineages = tmp_path / FOLLOWED / "0001" / following.LINEAGES / "0001.json"
    lived = lineages.stat().st_mtime_ns
    told: list[tuple[str, int, int]] = []
    again = recover(
        NAMES, RECORDS, DRAWS, PARTICLES, folder=tmp_path, workers=2,
        progress=lambda *each: told.append(each),
    )  # fmt: skip
    assert_equal(found, again)
    assert (tmp_path / MADE / "0000.json").stat().st_mtime_ns == kept
    assert lineages.stat().st_mtime_ns == lived
    assert ("records", 2, 2) in told
    assert ("distorted records", 3, 3) in told
    for path in (folder / MADE).iterdir():
        assert path.read_bytes() == (tmp_path / MADE / path.name).read_bytes()
    # What was cut off is made anew.
    (tmp_path / MADE / "0001.json").write_text("{", encoding="utf-8")
    assert_equal(found, recover(NAMES, RECORDS, DRAWS, PARTICLES, folder=tmp_path))


def test_tables_say_the_same(studied: tuple[Path, Recovery]) -> None:
    _, found = studied
    records, lineages, summary = by_record(found), by_lineage(found), summarise(found)
    assert len(records) == RECORDS * len(NAMES)
    assert len(lineages) == len(records) * DRAWS
    assert "truth_2012" not in records
    assert {"truth_2013", "followed_zones", "chance_2016"} <= {*records, *lineages}
    means = lineages.groupby(["record", "case"], sort=False)[["followed", "chance"]].mean()
    np.testing.assert_allclose(means["followed"], records["mean"])
    np.testing.assert_allclose(means["chance"], records["chance_mean"])
    guarantor = summary[summary["case"] == NAMES[1]]
    assert set(guarantor["period"]) == {"all", "2014", "2015", "2016"}
    row = guarantor.iloc[0]
    rows = records[records["case"] == NAMES[1]]
    assert row["truth_mean"] == rows["truth"].mean()
    assert row["bias"] == pytest.approx((rows["mean"] - rows["truth"]).mean())
    assert row["expected"] == pytest.approx(1 / 3)
    near = nearness(found)
    assert near["mae"] == pytest.approx(rows["mae"].mean())
    assert near["missed"] == rows["missed"].sum()
    assert near["months"] == RECORDS * DRAWS * calendar.MONTHS


def test_the_figure_has_a_panel_a_case(studied: tuple[Path, Recovery]) -> None:
    table = by_record(studied[1])
    titles = {case.name: case.title["es"] for case in studied[1].cases}
    figure = in_language("es", recovered, table, titles, DRAWS)
    assert len(figure.axes) == len(NAMES)
    words = set(written(figure))
    assert {titles[NAMES[0]], "Efecto verdadero"} <= words
    for axes, (_, rows) in zip(figure.axes, table.groupby("case", sort=False), strict=True):
        drawn = {tuple(map(float, at)) for line in axes.lines for at in line.get_xydata()}  # type: ignore[arg-type,union-attr]
        assert set(zip(rows["truth"], rows["mean"], strict=True)) <= drawn
    with pytest.raises(InputError, match="no column 'inside'"):
        recovered(table.drop(columns="inside"), titles, DRAWS)


def test_what_cannot_be_made_is_missed_and_counted(studied: tuple[Path, Recovery]) -> None:
    outside = studied[1].outside.set_index("record")
    assert len(outside) == len(module.DISTORTIONS)
    high = outside.loc["2010 four times as high"]
    assert high["missed_there"] >= 10
    assert high["percent_there"] < 80.0
    low = outside.loc["June 2014 at a tenth"]
    assert low["missed_there"] == 1
    assert low["percent_there"] > 200.0
    assert (outside["of_there"] + outside["of_elsewhere"] == calendar.MONTHS).all()


# Arithmetic


def made_up(reach: float, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Give truths, and draws like them but for a wider spread or a shift."""
    chance = np.random.default_rng(4)
    middle = chance.normal(0.0, 5.0, 4000)
    truth = middle + chance.normal(size=4000)
    return truth, middle[:, None] + shift + reach * chance.normal(size=(4000, 9))


def test_an_exact_method_has_the_nominal_cover() -> None:
    truth, draws = made_up(1.0)
    found = score(truth, draws)
    assert found["inside"] == pytest.approx(0.9, abs=0.015)
    assert found["between"] == pytest.approx(8 / 10, abs=0.02)
    assert found["uneven"] > 0.01
    assert abs(found["bias"]) < 3.0 * found["bias_se"]
    assert found["rmse"] == pytest.approx(np.sqrt(1.0 + 1.0 / 9.0), rel=0.05)
    assert found["correlation"] == pytest.approx(0.98, abs=0.01)
    assert found["rank_correlation"] == pytest.approx(0.98, abs=0.02)
    assert found["crps"] == pytest.approx(1.0 / np.sqrt(np.pi), rel=0.05)


@pytest.mark.parametrize(
    ("reach", "shift", "wrong"),
    [
        (1.0, 2.0, lambda found: found["inside"] < 0.7 and found["bias"] > 1.9),
        (0.3, 0.0, lambda found: found["inside"] < 0.6 and found["between"] < 0.6),
        (4.0, 0.0, lambda found: found["inside"] > 0.99 and found["between"] > 0.95),
    ],
)
def test_a_biased_or_too_sure_method_has_not(
    reach: float, shift: float, wrong: Callable[[dict[str, float]], bool]
) -> None:
    found = score(*made_up(reach, shift))
    assert wrong(found)
    assert found["uneven"] < 1e-6


def test_intervals_and_ranks() -> None:
    values = np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]])
    low, high = interval_of(values)
    # t(2, .95) = 2.91999
    assert high[0] == pytest.approx(2.0 + 2.91999 * np.sqrt(4.0 / 3.0), rel=1e-5)
    assert low[0] + high[0] == pytest.approx(4.0)
    assert low[1] == high[1] == 5.0
    assert ranks_of(np.array([2.5, 5.0]), values).tolist() == [2, 1]
    assert ranks_of(np.array([0.0, 6.0]), values).tolist() == [0, 3]
    still = score(np.array([5.0, 5.0]), np.full((2, 3), 5.0))
    assert np.isnan(still["correlation"])
    assert still["inside"] == still["between"] == 1.0
    assert still["rmse"] == 0.0


# What is asked for


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"records": 1}, "records = 1, but"),
        ({"records": 2.0}, "records = 2.0"),
        ({"records": 500}, "records = 500 with 2 draws each.*1500 draws.*has 1200"),
        ({"draws": 1}, "draws = 1, but"),
        ({"particles": 1}, "particles = 1, but"),
        ({"seed": -1}, "seed = -1"),
        ({"seed": 2**63 - 2}, "seed = "),
        ({"workers": 0}, "workers = 0"),
        ({"cases": []}, "name one"),
        ({"cases": ["guarantor-stay"]}, "did you mean"),
        ({"cases": ["truce-2012"]}, "nothing in it differs"),
        ({"cases": ["guarantor-stays", "guarantor-stays"]}, "the same name"),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(
    given: dict[str, object], message: str, tmp_path: Path
) -> None:
    asked = {"cases": NAMES, "records": RECORDS, "draws": DRAWS, "particles": PARTICLES} | given
    with pytest.raises(InputError, match=message):
        recover(folder=tmp_path, **asked)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_the_command_writes_all_and_goes_on_with_what_is_there(
    studied: tuple[Path, Recovery], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, found = studied
    numbers = ["--records", "2", "--draws", "2", "--particles", "8"]
    assert main(["recover", *NAMES, *numbers, "--out", str(folder)]) == 0
    assert NAMES[1] in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {
        *KEPT, *TABLES, "figures", "README.md", "inputs", "manifest.json",
    }  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["cases"]) == ["truce-2012", *NAMES]
    assert manifest["command_line"] == (
        f"trucesim recover {' '.join(NAMES)} --records 2 --draws 2 --particles 8 --seed {SEED} "
        "--out DIR"
    )
    report = (folder / "README.md").read_text(encoding="utf-8")
    assert f"`{manifest['command_line']}`" in report
    assert "from " + dt.date(2014, 6, 1).isoformat() in report
    assert "figures/recovered_en.png" in report
    assert (folder / "figures" / "recovered_en.png").stat().st_size > 10_000
    for name, rows in (("records", 4), ("lineages", 8), ("outside", 3)):
        assert len(pd.read_csv(folder / f"{name}.csv")) == rows
    pd.testing.assert_frame_equal(
        pd.read_csv(folder / "summary.csv"), summarise(found), rtol=1e-4, check_dtype=False
    )


def test_the_command_refuses_in_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "new")]
    assert main(["recover", "guarantor-stay", *out]) == 2
    assert "did you mean 'guarantor-stays'" in capsys.readouterr().err
    assert main(["recover", "--draws", "1", *out]) == 2
    assert capsys.readouterr().err == (
        "trucesim: draws = 1, but it must be a whole number 2 to 10000\n"
    )
    assert not list(tmp_path.iterdir())
    (tmp_path / "notes.txt").touch()
    assert main(["recover", "--out", str(tmp_path)]) == 2
    assert "holds other things" in capsys.readouterr().err
