"""Sweeps: the same bits whoever does what and whatever happens meanwhile; trouble is named."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sweeps import POINTS, RUNS, SMALL, chunks, tables, write

from trucesim import cli, load_scenario, run
from trucesim.files.errors import InputError, StoreError
from trucesim.outcomes import registry
from trucesim.outcomes.reductions import reduction, true_total, window
from trucesim.runs import simulate
from trucesim.runs import store as chunk_files
from trucesim.runs.results import LARGEST_COUNT
from trucesim.runs.store import Store, Wanted
from trucesim.scenario.change import without_truce
from trucesim.scenario.scenario import Scenario
from trucesim.studies.experiment import executors, load_experiment, open_sweep, points, run_sweep
from trucesim.studies.experiment import sweep as sweeps
from trucesim.studies.experiment.file import Experiment
from trucesim.studies.experiment.folder import Sweep
from trucesim.studies.experiment.sweep import Interrupted, Standing

Capsys = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("experiment"))


@pytest.fixture(scope="module")
def small_experiment(file: Path) -> Experiment:
    return load_experiment(file)


@pytest.fixture(scope="module")
def whole(small_experiment: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """The sweep made in one go by one thread."""
    return run_sweep(small_experiment, tmp_path_factory.mktemp("whole") / "sweep", workers=1)


def interrupt_after(runs: int) -> Callable[[Standing], None]:
    def progress(standing: Standing) -> None:
        if standing.made >= runs:
            raise KeyboardInterrupt

    return progress


# --- What is kept --------------------------------------------------------------------------------


def test_outcomes_are_those_of_ordinary_runs(whole: Sweep, small_experiment: Experiment) -> None:
    design = points(small_experiment)
    for point in (0, 3, 6):
        scenario = design.scenario(point)
        common: dict[str, Any] = {
            "country": small_experiment.country, "detail": "full", "until": small_experiment.until,
        }  # fmt: skip
        results = run(scenario, RUNS, 3, **common)
        without = run(without_truce(scenario), RUNS, 3, **common)
        found = whole.runs[whole.runs["point"] == point]
        assert found["run"].tolist() == list(range(RUNS))
        counts = [r["recorded_daily"].sel(day=slice("2012-03-09", "2013-10-31")).sum("day").values
                  for r in (results, without)]  # fmt: skip
        expected = {
            "reduction_2011": reduction(results, "2011", window()),
            "averted_no_truce": counts[1] - counts[0],
            "reduction_no_truce": 100 * ((counts[1] - counts[0]) / counts[1]),
            "recorded_2013": results["recorded_national"].sel(month="2013").sum("month").values,
            "true_2013": true_total(results, "2013"),
        }
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name].to_numpy(), values, err_msg=name)
        months = whole.months([point]).drop(columns=["point", "run"])
        np.testing.assert_array_equal(months.to_numpy(), results["recorded_national"].values)
        assert months.columns[38] == "2012-03"
        histogram, runs = whole.municipal_histogram(point)
        assert runs == RUNS
        counted = results["recorded"].values
        for count in range(int(counted.max()) + 1):
            np.testing.assert_array_equal(histogram[:60, :, count], (counted == count).sum(axis=0))
        assert histogram.sum() == counted.size


def test_without_an_order_nothing_is_averted(whole: Sweep) -> None:
    runs = whole.runs.merge(whole.design, left_on="point", right_index=True)
    without = runs[runs["scenario"] == "no-truce"]
    assert len(without) == 4 * RUNS
    ordinary = without["repression"] == 1.0
    assert (without.loc[ordinary, "averted_no_truce"] == 0).all()
    # A dated lever is part of what is compared with the world as it was without a truce.
    assert (without.loc[~ordinary, "averted_no_truce"] != 0).any()
    assert (runs.loc[runs["scenario"] == "truce-2012", "averted_no_truce"] != 0).any()


def test_points_with_the_same_counterfactual_share_it(whole: Sweep) -> None:
    keys = pd.read_csv(whole.folder / "design.csv")
    # The world without a truce differs with the parameter, not with dated conditions.
    assert keys["without_truce"].nunique() == 2
    assert keys["key"].nunique() == POINTS
    lived = whole.manifest["runs_made"]
    assert lived == RUNS * (POINTS + 2)


def test_runs_are_paired_across_points(whole: Sweep) -> None:
    before = [f"2011-{month:02}" for month in range(1, 13)]
    months = whole.months().merge(whole.design, left_on="point", right_index=True)
    same = months[months["branching"] == 0.1].pivot(index="run", columns="point", values=before)
    for month in before:  # before anything differs, so do no runs
        assert (same[month].nunique(axis=1) == 1).all()


def test_summary_is_of_the_runs(whole: Sweep) -> None:
    row = whole.summary.set_index(["point", "outcome"]).loc[(2, "recorded_2013")]
    values = whole.runs.loc[whole.runs["point"] == 2, "recorded_2013"].to_numpy()
    assert row["runs"] == RUNS
    assert row["undefined"] == 0
    assert row["mean"] == pytest.approx(values.mean())
    assert row["se"] == pytest.approx(values.std(ddof=1) / np.sqrt(RUNS))
    assert row["p95"] == pytest.approx(np.quantile(values, 0.95))


def test_dataset_holds_all(whole: Sweep) -> None:
    data = whole.dataset()
    assert data["recorded_national"].dims == ("point", "run", "month")
    assert data["recorded_national"].shape == (POINTS, RUNS, 60)
    assert not np.isnan(data["recorded_national"]).any()
    part = whole.dataset([5, 2])
    assert part["point"].values.tolist() == [5, 2]
    for name in ("recorded_2013", "recorded_national"):
        expected = data[name].sel(point=[5, 2])
        np.testing.assert_array_equal(part[name].values, expected.values)
    assert data["branching"].values.tolist() == [0.1, 0.8] * 4
    total = data["recorded_national"].sel(month="2013").sum("month")
    np.testing.assert_array_equal(total.values, data["recorded_2013"].values)
    with pytest.raises(InputError, match="no point 8"):
        whole.dataset([8])


def test_municipal_quantiles_and_overflow(whole: Sweep, small_experiment: Experiment) -> None:
    scenario = points(small_experiment).scenario(1)
    results = run(
        scenario, RUNS, 3, country=small_experiment.country, detail="quantiles",
        until=small_experiment.until,
    )  # fmt: skip
    found = whole.municipal_quantiles(1)
    np.testing.assert_array_equal(found["recorded"].values, results["recorded_quantile"].values)
    assert found["municipality"].values.tolist() == results["municipality"].values.tolist()
    assert not found["overflow"].any()


def test_counts_beyond_the_largest_are_marked(
    small_experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived = simulate.live_run

    def crowded(*given: Any, **further: Any) -> Any:
        state, output = lived(*given, **further)
        output.recorded[5, 7] = LARGEST_COUNT + 40
        output.recorded[6, 7] = LARGEST_COUNT - 1
        return state, output

    monkeypatch.setattr(simulate, "live_run", crowded)
    experiment = replace(small_experiment, replicates=3, outcomes=("recorded_2013",))
    found = run_sweep(experiment, tmp_path, workers=1).municipal_quantiles(0)
    assert found["overflow"].values[:, 5, 7].all()
    assert found["overflow"].sum() == 5
    assert (found["recorded"].values[:, 6, 7] == LARGEST_COUNT - 1).all()


# --- The same bits -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("workers", "seconds"),
    [(2, 1.0), *(pytest.param(*each, marks=pytest.mark.slow)
                 for each in ((3, 0.004), (1, 0.05), (2, 60.0)))],
)  # fmt: skip
def test_workers_and_chunks_change_no_bit(
    whole: Sweep, small_experiment: Experiment, tmp_path: Path, workers: int, seconds: float
) -> None:
    found = run_sweep(small_experiment, tmp_path / "s", workers=workers, seconds=seconds)
    assert tables(found.folder) == tables(whole.folder)
    if seconds < 0.01:
        assert len(chunks(found.folder)) > POINTS * RUNS / 2
    assert found.complete


def test_interruption_and_resuming_change_no_bit(
    whole: Sweep, small_experiment: Experiment, tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    held = 0
    for stop, workers in ((3, 1), (30, 2)):
        with pytest.raises(Interrupted, match=r"runs are in .*--resume"):
            run_sweep(
                small_experiment, folder, workers=workers, seconds=0.02, resume=stop > 3,
                progress=interrupt_after(stop),
            )  # fmt: skip
        found = open_sweep(folder)
        assert not found.complete
        now = len(found.runs)
        assert held <= now < POINTS * RUNS
        held = now
    # What is there can be looked at, and is what it will be.
    expected = whole.runs.merge(found.runs[["point", "run"]], on=["point", "run"])
    own = expected.columns.drop(["averted_no_truce", "reduction_no_truce"])
    pd.testing.assert_frame_equal(found.runs[own], expected[own], check_dtype=False)
    assert held > 0
    told: list[str] = []
    made = run_sweep(small_experiment, folder, workers=2, resume=True, tell=told.append)
    assert any("are there already" in line for line in told)
    assert made.manifest["runs_made"] < RUNS * (POINTS + 2)
    assert tables(folder) == tables(whole.folder)


def test_what_exists_is_not_made_again(
    whole: Sweep, small_experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "s"
    run_sweep(small_experiment, folder)
    before = {path: path.stat().st_mtime_ns for path in chunks(folder)}

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a run was made that was there already")

    monkeypatch.setattr(simulate, "live_run", never)
    again = run_sweep(small_experiment, folder, resume=True)
    assert again.complete
    assert {path: path.stat().st_mtime_ns for path in chunks(folder)} == before
    assert tables(folder) == tables(whole.folder)


@pytest.mark.slow
def test_a_kill_leaves_what_resumes(whole: Sweep, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    command = [sys.executable, "-m", "trucesim", "sweep", str(file), "--out", str(folder),
               "--chunk", "0.01", "--workers", "1"]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(lambda: len(chunks(folder)) >= 4, process)
        process.kill()
    finally:
        process.kill()
        process.wait()
    assert not (folder / "runs.parquet").exists()
    (chunks(folder)[0].parent / ".left.123.part").write_text("half a chunk")
    found = run_sweep(load_experiment(file), folder, resume=True)
    assert found.complete
    assert found.manifest["runs_made"] < RUNS * (POINTS + 2)
    assert not list(folder.rglob("*.part"))
    assert tables(folder) == tables(whole.folder)


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_says_how_to_go_on(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    command = [sys.executable, "-m", "trucesim", "sweep", str(file), "--out", str(folder),
               "--chunk", "0.01", "--workers", "2", "--replicates", "2000"]  # fmt: skip
    # A shell makes what it runs in the background, such as these tests, deaf to Ctrl-C.
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        _wait_for(lambda: len(chunks(folder)) >= 4, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "go on with --resume" in err.decode()
    assert "Traceback" not in err.decode()
    assert not Store(folder).scan()  # nothing is broken
    assert not list(folder.rglob("*.part"))


def _wait_for(done: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120.0
    while not done():
        assert process.poll() is None, "the sweep ended before it could be stopped"
        assert time.monotonic() < until
        time.sleep(0.01)


# --- Extending -----------------------------------------------------------------------------------


def test_more_replicates_and_points_reuse_what_is_there(
    whole: Sweep, small_experiment: Experiment, tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    levers = (replace(small_experiment.levers[0], values=(1.0,)), small_experiment.levers[1])
    first = replace(small_experiment, levers=levers, replicates=4)
    run_sweep(first, folder, seconds=0.02)
    second = run_sweep(replace(first, replicates=7), folder, resume=True)
    assert second.manifest["runs_made"] == 3 * (4 + 2)
    third = run_sweep(small_experiment, folder, resume=True)
    assert third.manifest["runs_made"] == 3 * (4 + 2) + 4 * RUNS
    assert tables(folder) == tables(whole.folder)
    # What is there stays, and is said, where fewer runs are asked for.
    told: list[str] = []
    again = run_sweep(
        replace(small_experiment, replicates=4), folder, resume=True, tell=told.append
    )
    assert again.manifest["runs_made"] == 0
    assert again.experiment.replicates == RUNS
    assert told[0] == "10 runs at each point are there, and stay"
    assert tables(folder) == tables(whole.folder)
    with pytest.raises(InputError, match="4 of its 8 design points are none of this one"):
        run_sweep(replace(small_experiment, levers=levers), folder, resume=True)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": 4}, "with other seed"),
        ({"outcomes": ("recorded_2013",)}, "with further outcomes: averted_no_truce"),
        ({"parameters": "prior"}, "with other parameters"),
        ({"until": None, "monthly": False}, "with other until, monthly"),
        ({"levers": ()}, "8 of its 8 design points are none of this one"),
    ],
)
def test_another_experiment_is_refused(
    whole: Sweep, small_experiment: Experiment, changed: dict[str, Any], told: str
) -> None:
    before = tables(whole.folder)
    with pytest.raises(InputError, match=told):
        run_sweep(replace(small_experiment, **changed), whole.folder, resume=True)
    assert tables(whole.folder) == before
    assert open_sweep(whole.folder).complete


def test_a_folder_with_a_sweep_needs_resume(whole: Sweep, small_experiment: Experiment) -> None:
    with pytest.raises(InputError, match=r"holds a sweep \(small\) already; give --resume"):
        run_sweep(small_experiment, whole.folder)


def test_another_version_is_refused(
    whole: Sweep, small_experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "made_by", lambda *_: ["0" * 16])
    with pytest.raises(InputError, match="another version of trucesim"):
        run_sweep(small_experiment, whole.folder, resume=True)


def test_other_things_in_a_folder_are_left_alone(
    small_experiment: Experiment, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="holds other things"):
        run_sweep(small_experiment, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(InputError, match="holds no sweep"):
        open_sweep(tmp_path)


def test_two_sweeps_do_not_share_a_folder(small_experiment: Experiment, tmp_path: Path) -> None:
    told: list[str] = []

    def second(standing: Standing) -> None:
        if not told:
            with pytest.raises(InputError, match="another trucesim is writing") as caught:
                run_sweep(small_experiment, tmp_path, resume=True)
            told.append(str(caught.value))

    run_sweep(replace(small_experiment, replicates=1), tmp_path, progress=second)
    assert told


# --- Trouble -------------------------------------------------------------------------------------


def test_a_failing_point_is_recorded_and_the_rest_goes_on(
    whole: Sweep, small_experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    file: Path, capsys: Capsys,
) -> None:  # fmt: skip
    prepared = simulate.prepare

    def failing(scenario: Scenario, *given: Any) -> Any:
        if any(e.id == "lever-repression" and e.set["repression"] == 2.0 for e in scenario.events):
            if scenario.parameters["branching"] == 0.8:
                raise ZeroDivisionError("nobody is left")
        return prepared(scenario, *given)

    for workers, seconds in ((1, 60.0), (2, 0.02)):
        folder = tmp_path / f"s{workers}"
        with monkeypatch.context() as patched:
            patched.setattr(simulate, "prepare", failing)
            code = cli.main(["sweep", str(file), "--out", str(folder), "--chunk", str(seconds),
                             "--workers", str(workers), "--json"])  # fmt: skip
        printed = capsys.readouterr()
        assert code == 1
        assert "2 of 8 points failed" in printed.err
        assert "ZeroDivisionError: nobody is left" in printed.err
        summary = json.loads(printed.out)
        assert [each["point"] for each in summary["failures"]] == [3, 7]
        assert not summary["complete"]
        found = open_sweep(folder)
        failure = found.failures[0]
        assert failure["point"] == 3
        assert failure["settings"]["branching"] == "0.8"
        assert "in failing" in failure["traceback"]
        assert found.runs["point"].unique().tolist() == [0, 1, 2, 4, 5, 6]
        rest = whole.runs[~whole.runs["point"].isin([3, 7])].reset_index(drop=True)
        pd.testing.assert_frame_equal(found.runs, rest)
    again = run_sweep(small_experiment, folder, resume=True)
    assert again.manifest["runs_made"] == 2 * RUNS
    assert not again.failures
    assert tables(folder) == tables(whole.folder)


def test_a_failing_outcome_names_its_point(
    small_experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = sweeps.registry.evaluate

    def failing(results: Any, names: Any, own: Any) -> Any:
        made = results.sizes["run"] > 1
        if made and (results["order_month"].values < 0).any() and "true_2013" in names:
            raise FloatingPointError("no order")
        return evaluate(results, names, own)

    monkeypatch.setattr(sweeps.registry, "evaluate", failing)
    found = run_sweep(replace(small_experiment, replicates=2), tmp_path, seconds=60.0)
    assert [each["point"] for each in found.failures] == [4, 5, 6, 7]
    assert found.runs["point"].unique().tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("tables_only", [False, True])
def test_a_full_disk_is_named_and_nothing_is_lost(
    whole: Sweep, small_experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    tables_only: bool,
) -> None:  # fmt: skip
    folder = tmp_path / "s"
    replaced = os.replace
    made: list[object] = []

    def full(source: Any, target: Any) -> None:
        made.append(target)
        wanted = str(target).endswith("runs.parquet") if tables_only else len(made) > 12
        if wanted:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replaced(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(StoreError, match=r"No space left on device.*--resume"):
            run_sweep(small_experiment, folder, seconds=0.02)
    assert chunks(folder)
    assert not Store(folder).scan()
    assert not open_sweep(folder).complete
    assert not list(folder.rglob("*.part*"))
    run_sweep(small_experiment, folder, resume=True)
    assert tables(folder) == tables(whole.folder)


@pytest.mark.slow
def test_a_file_that_cannot_grow_is_named(file: Path, tmp_path: Path) -> None:
    """The system itself refuses, in the middle of a write."""
    done = subprocess.run(
        [sys.executable, "-m", "trucesim", "sweep", str(file), "--out", str(tmp_path / "s")],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000)),
    )
    assert done.returncode == 1
    assert "cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "damage",
    [
        "flipped",
        *(pytest.param(each, marks=pytest.mark.slow)
          for each in ("cut", "empty", "histograms", "no histograms")),
    ],
)  # fmt: skip
def test_a_broken_chunk_is_named_and_made_anew(
    whole: Sweep, small_experiment: Experiment, tmp_path: Path, damage: str, file: Path,
    capsys: Capsys,
) -> None:  # fmt: skip
    folder = tmp_path / "s"
    run_sweep(small_experiment, folder, seconds=0.02)
    (folder / "runs.parquet").unlink()
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["finished"] = manifest["complete"] = False
    (folder / "manifest.json").write_text(json.dumps(manifest))
    path = next(p for p in chunks(folder) if p.with_suffix("").with_suffix(".municipal.parquet")
                .exists())  # fmt: skip
    beside = path.with_suffix("").with_suffix(".municipal.parquet")
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "cut":
        path.write_bytes(content[:-20])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "histograms":
        beside.write_bytes(beside.read_bytes()[:-1] + b"!")
    else:
        beside.unlink()
    with pytest.raises(StoreError, match="broken") as caught:
        _ = open_sweep(folder).runs
    assert path.name in str(caught.value)
    assert cli.main(["sweep", str(file), "--out", str(folder), "--resume"]) == 0
    printed = capsys.readouterr().err
    assert path.name in printed
    assert "made anew" in printed
    made = open_sweep(folder).manifest["runs_made"]
    assert 0 < made < RUNS * POINTS
    assert tables(folder) == tables(whole.folder)


def test_a_broken_table_is_named(small_experiment: Experiment, tmp_path: Path) -> None:
    run_sweep(replace(small_experiment, replicates=2), tmp_path)
    path = tmp_path / "runs.parquet"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"runs\.parquet: broken .*--resume"):
        _ = open_sweep(tmp_path).runs
    (tmp_path / "experiment.toml").write_text("\n" + small_experiment.text)
    with pytest.raises(StoreError, match=r"experiment\.toml: broken"):
        open_sweep(tmp_path)


@pytest.mark.parametrize("content", ["", "{", None, "changed"])
def test_a_lost_or_broken_manifest_is_made_anew(
    whole: Sweep, small_experiment: Experiment, tmp_path: Path, content: str | None
) -> None:
    folder = tmp_path / "s"
    shutil.copytree(whole.folder, folder)
    path = folder / "manifest.json"
    if content is None:
        path.unlink()
    elif content == "changed":
        path.write_text(path.read_text().replace('"replicates": 10', '"replicates": 9'))
    else:
        path.write_text(content)
    # What the chunks hold can be read at once, and nothing is made again.
    found = open_sweep(folder)
    assert not found.finished
    pd.testing.assert_frame_equal(found.runs, whole.runs, check_dtype=False)
    again = run_sweep(small_experiment, folder, resume=True)
    assert again.manifest["runs_made"] == 0
    assert again.complete
    assert tables(folder) == tables(whole.folder)


def test_every_file_is_checked(whole: Sweep, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    shutil.copytree(whole.folder, folder)
    beside = ("manifest.json", "failures", "chunks")
    names = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in beside
    ]
    assert sorted(whole.manifest["files"]) == names
    for name in ("design.csv", "summary.csv", "scenarios/01-no-truce.toml"):
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(kept + b"\n")
        with pytest.raises(StoreError, match=f"{Path(name).name}: broken"):
            read_all(folder)
        (folder / name).write_bytes(kept)


def test_a_broken_plan_hides_no_point(
    whole: Sweep, small_experiment: Experiment, tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    shutil.copytree(whole.folder, folder)
    (folder / "design.csv").write_text("")
    levers = (replace(small_experiment.levers[0], values=(1.0,)), small_experiment.levers[1])
    with pytest.raises(InputError, match="are none of this one"):
        run_sweep(replace(small_experiment, levers=levers), folder, resume=True)
    assert run_sweep(small_experiment, folder, resume=True).manifest["runs_made"] == 0
    assert tables(folder) == tables(whole.folder)


def test_a_sweep_reads_what_a_long_chain_of_scenarios_made_of_it(tmp_path: Path) -> None:
    words = 'title = { en = "O", es = "O" }\nstory = { en = "S", es = "S" }\n'
    many = ", ".join(f'"source {n}"' for n in range(300))
    write(tmp_path, f'extends = "truce-2012"\nsources = [{many}]\n{words}', "own.toml")
    small = SMALL.replace('"no-truce"', '"own.toml"').replace("replicates = 10", "replicates = 1")
    found = run_sweep(load_experiment(write(tmp_path, small)), tmp_path / "s")
    assert len(open_sweep(tmp_path / "s").points().bases["own.toml"].sources) > 300
    assert found.complete


def read_all(folder: Path) -> None:
    found = open_sweep(folder)
    _ = found.design, found.summary, found.points()


def test_a_sweep_needs_its_files_no_more(tmp_path: Path, capsys: Capsys) -> None:
    """Text of files is shown as it is: brackets are no markup."""
    given, folder = tmp_path / "given", tmp_path / "s"
    title = '{ en = "[/] [bold]T[/bold] \\u001b[31m", es = "[/]" }'
    own = f'extends = "truce-2012"\ntitle = {title}\nstory = {title}\n'
    write(given, own, "case.toml")
    text = SMALL.replace('"truce-2012", "no-truce"', '"case.toml"')
    text = text.replace('{ en = "Small", es = "Pequeño" }', title)
    text = text.replace('name = "repression"\n', f'name = "repression"\nlabel = {title}\n')
    path = write(given, text)
    assert cli.main(["sweep", str(path), "--replicates", "2", "--out", str(folder)]) == 0
    write(given, own + "[parameters]\nbranching = 0.9\n", "case.toml")
    assert open_sweep(folder).points()  # an edited one relabels nothing
    shutil.rmtree(given)
    assert cli.main(["export", str(folder), "--to", "csv"]) == 0
    assert cli.main(["effects", str(folder), "--no-figures"]) == 0
    assert "branching" not in (folder / "scenarios" / "00-case.toml").read_text(encoding="utf-8")
    told = capsys.readouterr()
    assert "[/] [bold]T[/bold] [31m" in told.out
    assert "\x1b" not in told.out + told.err


def test_an_outcome_that_is_computed_otherwise_is_computed_anew(
    small_experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(small_experiment, replicates=2, municipal=False, monthly=False)
    first = run_sweep(small, tmp_path).runs
    known = registry.outcome
    other = replace(known("recorded_2013"), estimate=known("recorded_2012").estimate)
    monkeypatch.setattr(
        registry, "outcome", lambda name: other if name == other.name else known(name)
    )
    again = run_sweep(small, tmp_path, resume=True)
    assert again.manifest["runs_made"] == 2 * POINTS
    assert not (again.runs["recorded_2013"] == first["recorded_2013"]).all()
    assert (again.runs["true_2013"] == first["true_2013"]).all()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"workers": 0}, "workers = 0"),
        ({"seconds": 0.0}, "--chunk 0"),
        ({"seconds": float("nan")}, "--chunk nan"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "cannot be reached"),
    ],
)
def test_wrong_numbers_are_refused(
    small_experiment: Experiment, tmp_path: Path, given: dict[str, Any], told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(executors, "PATIENCE", 1.0)
    with pytest.raises(InputError, match=told):
        run_sweep(small_experiment, tmp_path / "s", **given)
    assert not chunks(tmp_path / "s")


# --- Parameters, prefix, command line ------------------------------------------------------------


def test_parameters_are_drawn_as_asked(small_experiment: Experiment, tmp_path: Path) -> None:
    base = replace(small_experiment, levers=(), scenarios=("truce-2012",), replicates=6)
    found = {
        kind: run_sweep(replace(base, parameters=kind), tmp_path / kind, workers=1).runs
        for kind in ("posterior", "prior", "point")
    }
    point = run(
        "truce-2012", 6, 3, point=True, detail="none", country=base.country, until=base.until
    )
    np.testing.assert_array_equal(
        found["point"]["recorded_2013"],
        point["recorded_national"].sel(month="2013").sum("month").values,
    )
    assert not np.array_equal(found["prior"], found["posterior"])
    pieces = run_sweep(
        replace(base, parameters="prior"), tmp_path / "pieces", workers=2, seconds=0.004
    )
    pd.testing.assert_frame_equal(pieces.runs, found["prior"])


def test_the_design_of_a_store_is_laid_out_again(tmp_path: Path) -> None:
    own = 'extends = "truce-2012"\ntitle = { en = "O", es = "O" }\nstory = { en = "S", es = "S" }\n'
    write(tmp_path / "mine", own, "own.toml")
    path = write(tmp_path / "mine", SMALL.replace('"no-truce"', '"own.toml"'))
    experiment = replace(load_experiment(path), replicates=1)
    asked = points(experiment).scenario(6).digest
    found = run_sweep(experiment, tmp_path / "deep" / "s")
    (tmp_path / "mine").rename(tmp_path / "moved")
    (tmp_path / "moved" / "own.toml").write_text("")  # a folder is whole in itself
    pd.testing.assert_frame_equal(found.points().frame, found.design)
    assert found.points().scenario(6).digest == asked


def test_command_line_prints_what_it_found(file: Path, tmp_path: Path, capsys: Capsys) -> None:
    arguments = ["sweep", str(file), "--out", str(tmp_path / "s"), "--replicates", "3"]
    assert cli.main([*arguments, "--lang", "es"]) == 0
    printed = capsys.readouterr().out
    assert "Pequeño" in printed
    assert "3 simulaciones en cada punto" in printed
    assert cli.main(arguments) == 2
    assert "give --resume" in capsys.readouterr().err
    assert cli.main([*arguments, "--resume", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["complete"]
    assert len(content["points"]) == POINTS
    outcome = content["points"][0]["outcomes"]["recorded_2013"]
    assert outcome["runs"] == 3
    assert outcome["p05"] <= outcome["median"] <= outcome["p95"]
    assert cli.main(["sweep", str(file), "--replicates", "0"]) == 2
    assert "--replicates = 0" in capsys.readouterr().err


def test_a_store_reads_back_what_it_wrote(tmp_path: Path) -> None:
    store = Store(tmp_path, {"command": "sweep", "replicates": 3})
    pieces = (chunk_files.Piece("a", 5, 2), chunk_files.Piece("b", 0, 1))
    values = np.array([[1.5, np.nan], [2.5, -0.0], [np.inf, 3.0]])
    months = np.arange(9, dtype=np.int32).reshape(3, 3)
    path = store.write(chunk_files.Block(pieces, {"x": "1", "y": "2"}, values, months))
    x, both = Wanted({"x": "1"}), Wanted({"x": "1", "y": "2"}, monthly=True)
    again = Store(tmp_path)
    assert again.scan() == []
    assert again.missing("a", 9, x) == again.missing("a", 9, both) == [(0, 5), (7, 2)]
    assert again.missing("a", 6, x) == [(0, 5)]
    assert again.missing("b", 1, both) == []
    assert again.missing("c", 3, x) == [(0, 3)]
    # What was computed otherwise, or not kept, is missing.
    for other in (Wanted({"x": "2"}), Wanted({"z": "1"}), Wanted({}, municipal=True)):
        assert again.missing("b", 1, other) == [(0, 1)]
    assert again.made_for() == {"command": "sweep", "replicates": 3}
    block = again.read(path)
    np.testing.assert_array_equal(block.values, values)
    np.testing.assert_array_equal(block.months, months)
    assert block.pieces == pieces


def test_sweep_of_the_whole_country_is_an_ordinary_run(tmp_path: Path) -> None:
    text = SMALL.replace('departments = ["La Paz", "San Vicente"]\n', "")
    text = text[: text.index("[[lever]]")] + '[design]\nkind = "factorial"\n'
    experiment = replace(
        load_experiment(write(tmp_path, text)), replicates=2, scenarios=("truce-2012",)
    )
    found = run_sweep(experiment, tmp_path / "s")
    results = run(load_scenario("truce-2012"), 2, 3, detail="none", until=experiment.until)
    np.testing.assert_array_equal(
        found.months().drop(columns=["point", "run"]).to_numpy(),
        results["recorded_national"].values,
    )
