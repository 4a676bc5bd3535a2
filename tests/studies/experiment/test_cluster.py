"""A sweep on a real Dask cluster of processes, one of which is killed in mid-sweep."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sweeps import chunks, tables, write

from trucesim.files.errors import InputError, StoreError
from trucesim.studies.experiment import executors, load_experiment, points, run_sweep
from trucesim.studies.experiment.file import Experiment
from trucesim.studies.experiment.sweep import Interrupted, Standing

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

# Dask's own: workers that are killed leave sockets and event loops behind.
pytestmark = [pytest.mark.cluster, pytest.mark.filterwarnings("default")]


@contextmanager
def two_workers(folder: Path) -> Iterator[Any]:
    """Two worker processes; Dask restarts one that dies, and gives up a task at the second."""
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        local_directory=str(folder),
    ) as made:  # fmt: skip
        yield made


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with two_workers(tmp_path_factory.mktemp("dask")) as made:
        yield made


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    folder = tmp_path_factory.mktemp("experiment")
    return replace(load_experiment(write(folder)), replicates=40)


def test_a_killed_worker_changes_no_bit(cluster: Any, wide: Experiment, tmp_path: Path) -> None:
    with distributed.Client(cluster, set_as_default=False) as client:
        workers = client.run(os.getpid)
    assert len(set(workers.values())) == 2
    assert os.getpid() not in workers.values()
    killed: list[int] = []

    def kill_one(standing: Standing) -> None:
        if standing.made >= 100 and not killed:
            victim = next(iter(workers.values()))
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    found = run_sweep(
        wide, tmp_path / "cluster", scheduler=cluster.scheduler_address, seconds=0.1,
        progress=kill_one,
    )  # fmt: skip
    assert killed
    with distributed.Client(cluster, set_as_default=False) as client:
        now = client.run(os.getpid)
    assert killed[0] not in now.values()
    assert found.complete
    assert found.manifest["runs_made"] == 40 * (8 + 2)
    here = run_sweep(wide, tmp_path / "here", workers=2)
    assert tables(found.folder) == tables(here.folder)


def test_an_interrupted_sweep_resumes_here(cluster: Any, wide: Experiment, tmp_path: Path) -> None:
    def interrupt(standing: Standing) -> None:
        if standing.made >= 30:
            raise KeyboardInterrupt

    folder = tmp_path / "s"
    with pytest.raises(Interrupted, match="go on with --resume"):
        run_sweep(
            wide, folder, scheduler=cluster.scheduler_address, seconds=0.1, progress=interrupt
        )
    assert chunks(folder)
    found = run_sweep(wide, folder, resume=True)
    assert 0 < found.manifest["runs_made"] <= 40 * (8 + 2) - 30
    here = run_sweep(wide, tmp_path / "here", workers=2)
    assert tables(folder) == tables(here.folder)


def test_a_worker_that_dies_of_a_point_costs_that_point_alone(
    wide: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that takes its workers down is done again job by job, and the culprit recorded."""
    experiment = replace(wide, replicates=3)
    deadly = points(experiment).scenario(3).digest

    def make(task: Any) -> Any:
        import os
        import time

        from trucesim.studies.experiment import tasks

        if any(job.scenario.digest == deadly for job in task.jobs):
            time.sleep(3.0)  # Dask gives up a worker that dies while it starts
            os._exit(9)
        return tasks.make(task)

    monkeypatch.setattr(executors, "make", make)
    with two_workers(tmp_path / "dask") as own:
        found = run_sweep(experiment, tmp_path / "s", scheduler=own.scheduler_address, seconds=60.0)
    assert [each["point"] for each in found.failures] == [3]
    assert "KilledWorker" in found.failures[0]["traceback"]
    assert found.runs["point"].unique().tolist() == [0, 1, 2, 4, 5, 6, 7]


@pytest.mark.parametrize("lost", ["workers", "scheduler"])
def test_a_cluster_that_goes_away_is_named(
    wide: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr(executors, "PATIENCE", 10.0)
    told = {"workers": "no worker is left since 10 s", "scheduler": "the scheduler is gone"}[lost]
    folder = tmp_path / "s"
    with two_workers(tmp_path / "dask") as cluster:

        def lose(standing: Standing) -> None:
            if standing.made >= 20 and cluster.workers:
                if lost == "workers":
                    cluster.scale(0)
                    cluster.sync(cluster._correct_state)
                else:
                    cluster.close()

        with pytest.raises(StoreError, match=f"{told}.*--resume"):
            run_sweep(wide, folder, scheduler=cluster.scheduler_address, seconds=0.1, progress=lose)
    assert chunks(folder)
    assert not list(folder.glob("failures/*"))
    assert run_sweep(wide, folder, resume=True).complete


def test_workers_of_another_version_are_refused(
    cluster: Any, wide: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "version_digest", lambda: "0" * 16)
    with pytest.raises(InputError, match=r"the worker tcp://.* has another version of trucesim"):
        run_sweep(wide, tmp_path / "s", scheduler=cluster.scheduler_address)
    assert not chunks(tmp_path / "s")


def test_a_scheduler_without_workers_is_named(
    wide: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "PATIENCE", 1.0)
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address=None, local_directory=str(tmp_path)
        ) as empty,
        pytest.raises(InputError, match="it has no worker"),
    ):
        run_sweep(wide, tmp_path / "s", scheduler=empty.scheduler_address)
