"""A study's work on a worker of a dask cluster: whether it can be done there, and doing it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import Cancelled, InputError, counted, notes_to
from SAMAdaptLib.files import finite
from SAMAdaptLib.locks import changing
from SAMAdaptLib.paths import folder_within, require_still
from SAMAdaptLib.study.cell import attempt
from SAMAdaptLib.study.launch import check_devices
from SAMAdaptLib.study.task import FOLDER, STUDY, Task

if TYPE_CHECKING:
    from distributed import Worker

# A network disk may show what others wrote some seconds late.
SEEN_S = 5.0
# How long a cell is left to a worker that is lost to the scheduler and works all the same.
OTHER_S = 600.0
# Events that come with every step are told no more often.
TOLD_S = 1.0
OFTEN = ("step", "test")
BEGUN, ENDED, NOTE = "begun", "ended", "note"
# What workers declare of their graphics cards.
GPU = "GPU"
# In place of an error: the cell is to be gone on with elsewhere.
STOPPED = "stopped"


@dataclass(frozen=True)
class Required:
    """What a study requires of each worker.

    Attributes:
        files: scans and weights.
        local: the worker was started for the study, on the user's own machine.
        devices: of ``local`` ones, what CUDA calls the GPUs of each; empty where there is none.
        processes: that train a cell together.
        together: names of the devices on which they do.
    """

    files: tuple[Path, ...]
    local: bool = False
    devices: tuple[str, ...] = ()
    processes: int = 1
    together: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """What a worker must have to do a study's work.

    Attributes:
        version: of SAMAdapt.
        token: a file that was just written where the results go.
        required: by the study.
    """

    version: str
    token: Path
    required: Required


def prepare(needs: Needs, dask_worker: Worker) -> None:
    """Check that a worker can do the work, and make it ready; dask gives it by the argument's name.

    Raises:
        InputError: another version; a folder or a file that it does not see; fewer GPUs than processes that train a
            cell together.
    """
    if needs.version != __version__:
        raise InputError(
            f"A worker has SAMAdapt {__version__}, and this is {needs.version}",
            dask_worker.address,
            "Install the same version on all of them",
        )
    folder, end = needs.token.parent, time.monotonic() + SEEN_S
    while not needs.token.is_file() and time.monotonic() < end:
        time.sleep(0.1)
    if not needs.token.is_file() or not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(
            f"The worker {dask_worker.address} cannot see and write the folder of the results",
            folder,
            "Choose an --output on a disk that all workers share under the same path",
        )
    missing = [file for file in needs.required.files if not file.exists()]
    if missing:
        files = counted(len(missing), "file", "is", "are")
        raise InputError(
            f"{files} not to be seen by the worker {dask_worker.address}, the first",
            missing[0],
            "Put scans and weights on a disk that all workers share under the same path",
        )
    if needs.required.local:
        # Ctrl-C reaches all processes of a terminal; here the study alone decides what is stopped.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if needs.required.devices:
        devices = needs.required.devices
        # Nothing has asked CUDA for its devices yet.
        os.environ["CUDA_VISIBLE_DEVICES"] = devices[int(dask_worker.name) % len(devices)]
    else:
        check_gpus(needs.required, dask_worker)


def check_gpus(required: Required, worker: Worker) -> None:
    """Raises InputError for a worker with fewer GPUs than processes train a cell together, or which declares fewer."""
    declared = worker.state.total_resources
    on_gpu = any(device != "cpu" for device in required.together)
    if on_gpu and GPU in declared and declared[GPU] < required.processes:
        raise InputError(
            f"A worker declares {declared[GPU]:g} of the {required.processes} GPUs that a cell is trained on",
            worker.address,
            f'Start it with --resources "{GPU}={required.processes}", or give fewer --processes',
        )
    try:
        check_devices(required.together, required.processes)
    except InputError as error:
        raise InputError(f"{error.what} {error.where}", worker.address, error.remedy) from error


def do_cell(task: Task, output: str, topic: str, threads: int | None = None) -> str | None:
    """Do what is left of a task; its error where it fails, STOPPED where this worker may not end it.

    Args:
        task: of a plan, with absolute paths.
        output: folder of the study, absolute.
        topic: of the scheduler's events, by which its events are told.
        threads: to do it with; None for those of the worker.
    """
    from distributed import get_worker

    worker, last = get_worker(), 0.0

    def tell(event: dict[str, Any]) -> None:
        nonlocal last
        now = time.monotonic()
        if event["event"] not in OFTEN or now - last >= TOLD_S:
            last = now if event["event"] in OFTEN else last
            worker.log_event(topic, finite({**event, "key": task.key}))

    tell({"event": BEGUN})
    try:
        _take_threads(worker, threads)
        require_still(Path(output) / STUDY, FOLDER)
        folder = folder_within(Path(output), task.folder(Path(output)))
        with (
            changing(folder, OTHER_S, "Another worker is doing this cell"),
            notes_to(lambda text: tell({"event": NOTE, "text": text})),
        ):
            return attempt(task, Path(output), tell, _asked_to_stop())
    except Cancelled:
        return STOPPED
    finally:
        tell({"event": ENDED})


def _asked_to_stop() -> Callable[[], bool]:
    """What tells whether nobody wants the task of this thread any more: the user stopped the study, it has ended in
    another way, or the worker is closing."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def asked() -> bool:
        there = worker.state.tasks.get(key)
        wanted = there is not None and there.state in ("executing", "long-running")
        return not wanted or worker.status.name not in ("running", "paused")

    return asked


def _take_threads(worker: Worker, threads: int | None) -> None:
    """Use so many, or the worker's cores, since it does one cell at a time: those that it declares, or more if the user
    said so."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
        return

    said = torch.get_num_threads() if "OMP_NUM_THREADS" in os.environ else 1
    torch.set_num_threads(max(worker.state.nthreads, said))
