"""A training of a study, in this process or by several: ``accelerate launch`` starts those, and this one hears them.

They train as long as this process holds the other end of their standard input, so that they come to a safe point and
end when it wants that, and also when it dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Any

from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError, note
from SAMAdaptLib.files import remove, write_json
from SAMAdaptLib.processes import apart, importing
from SAMAdaptLib.study.description import Cell

# What each of them runs, beside the run folder what it is to do and what the launcher says.
MEMBER = "SAMAdaptLib.study.member"
JOB, LOG, ERRORS = "launch.json", "launch.log", "launch-errors"
# Below those that a system gives to whoever asks for any, or another program might get it meanwhile.
PORTS = 20000, 30000
HEAR_S = 0.2
# What they tell: an event of the training, a note, and at last how it ended.
EVENT, NOTE, DONE, STOPPED, FAILED = "event", "note", "done", "stopped", "failed"


@dataclass(frozen=True)
class Job:
    """A training.

    Attributes:
        run: its folder.
        config: its settings, as plain values.
        checkpoint: weights of the base model, None for its own.
        library: exemplars of a fine-tuning; None for a pretraining.
        start_from: run whose adapter a fine-tuning starts from.
        images: of a pretraining, each as :class:`SAMAdaptLib.pretraining.data.Image` has it.
    """

    run: str
    config: dict[str, Any]
    checkpoint: str | None = None
    library: str | None = None
    start_from: str | None = None
    images: Sequence[tuple[str | Path, str | None, str | None]] = ()

    def do(self, tell: Callable[[dict[str, Any]], object], cancelled: Callable[[], bool]) -> None:
        """Do it in this process, or this one's part among those that were launched; else as :func:`train`."""
        from SAMAdaptLib.pretraining.config import PretrainConfig
        from SAMAdaptLib.pretraining.data import Image
        from SAMAdaptLib.pretraining.pretrain import pretrain
        from SAMAdaptLib.training.config import TrainConfig
        from SAMAdaptLib.training.finetune import finetune
        from SAMAdaptLib.training.resume import is_run

        given: dict[str, Any] = {"checkpoint": self.checkpoint, "resume": is_run(Path(self.run))}
        given |= {"listener": tell, "cancelled": cancelled}
        if self.library is None:
            images = [Image(Path(path), *choice) for path, *choice in self.images]
            pretrain(images, self.run, PretrainConfig.from_dict(self.config), **given)
        else:
            config = TrainConfig.from_dict(self.config)
            finetune(self.library, self.run, config, start_from=self.start_from, **given)


def check_processes(cells: Iterable[Cell], processes: int) -> None:
    """Raises InputError where cells cannot be trained by so many processes whatever the machine."""
    from SAMAdaptLib.training.launch import check_batch

    if processes < 1:
        raise InputError(f"{processes} processes cannot train a cell", "--processes", "Give a number from 1")
    for cell in cells:
        if not cell.other:
            of_both = [cell.config.batch_size, *([cell.pretraining.batch_size] if cell.pretraining else [])]
            check_batch(min(of_both), processes, cell.own.name or cell.method)


def check_devices(devices: Iterable[str], processes: int) -> None:
    """Raises InputError where this machine has not as many of these devices as processes train a cell together."""
    from SAMAdaptLib.sam.device import pick_device
    from SAMAdaptLib.training.launch import Place
    from SAMAdaptLib.training.team import check_device

    try:
        for device in devices if processes > 1 else ():
            check_device(pick_device(device), Place(0, processes, 0, processes))
    except InputError as error:
        remedy = "Give fewer --processes, or --set device=cpu"
        raise InputError(error.what, error.where, remedy) from error


def free_port() -> int:
    """One of this machine that nobody listens at."""
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


def train(job: Job, processes: int, tell: Callable[[dict[str, Any]], object], cancelled: Callable[[], bool]) -> None:
    """Do a training, from its beginning or from its last checkpoint.

    Args:
        job: to be done.
        processes: that do it together; 1 is this process.
        tell: hears the events of the run.
        cancelled: asked all the time; True has the processes write a checkpoint and end.

    Raises:
        SAMAdaptError: what the training raises, of several processes in any of them, with the same words; one of them
            has died.
        Cancelled: ``cancelled`` said so; the next call goes on from there.
    """
    if processes == 1:
        job.do(tell, cancelled)
        return
    folder = Path(job.run).parent
    file, log = folder / JOB, folder / LOG
    write_json(file, asdict(job), anew=False)
    try:
        with open(log, "wb") as words, _started(file, processes, words) as process:
            told, stopped = _heard(process, tell, cancelled)
            code = process.wait()
    finally:
        remove(file)
        shutil.rmtree(folder / ERRORS, ignore_errors=True)
    if FAILED in told:
        raise SAMAdaptError(told[FAILED])
    if STOPPED in told and stopped:
        raise Cancelled("Training stopped on request", job.run, "Call again: it goes on from there")
    if code or DONE not in told:
        remedy = "See there what the launcher says, and call again: the training goes on from its last checkpoint"
        raise SAMAdaptError("A process of the training has ended without a word", log, remedy)
    remove(log)


@contextlib.contextmanager
def _started(file: Path, processes: int, words: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """The launcher, which ends with the block."""
    import torch

    options = {"num_processes": processes, "num_machines": 1, "gpu_ids": "all", "main_process_port": free_port()}
    options |= {"mixed_precision": "no", "dynamo_backend": "no"}
    # Where none is named it makes one in the folder of temporary files, and leaves it there.
    options |= {"log_dir": file.with_name(ERRORS)}
    given = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    # Each has its share of the cores, as local workers have.
    threads = max(1, torch.get_num_threads() // processes)
    with subprocess.Popen(
        [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", *given, "-m", MEMBER, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=words,
        env=importing(os.environ) | {"OMP_NUM_THREADS": str(threads)},
        # Ctrl-C reaches all processes of a terminal; here the study alone decides what is stopped.
        **apart(),
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.terminate()


def _heard(
    process: subprocess.Popen[bytes], tell: Callable[[dict[str, Any]], object], cancelled: Callable[[], bool]
) -> tuple[dict[str, Any], bool]:
    """How a training ended, and whether it was to be stopped; tells what it tells until all its processes are gone."""
    assert process.stdin is not None and process.stdout is not None
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    told: dict[str, Any] = {}
    stopped = False
    while True:
        stopped = stopped or cancelled()
        if stopped or process.poll() is not None:
            process.stdin.close()
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=HEAR_S)
            if line is None:
                return told, stopped
            said = _said(line)
            if EVENT in said:
                tell(said[EVENT])
            elif NOTE in said:
                note(said[NOTE])
            else:
                told |= said


def _read(stream: IO[bytes], lines: queue.SimpleQueue[bytes | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _said(line: bytes) -> dict[str, Any]:
    """What a line tells; nothing of one that a library printed."""
    with contextlib.suppress(ValueError):
        said = json.loads(line)
        if isinstance(said, dict):
            return said
    return {}
