"""The workers of a dask cluster, on this machine or elsewhere, and a study's cells on them.

Which worker does a cell is decided here, since a cell fills a worker whatever number of threads that declares, and a
worker that joins late has to be checked first. All else is dask's: connections, losses, resources, events.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError, counted, note
from SAMAdaptLib.exemplars.manifest import MANIFEST
from SAMAdaptLib.files import PART, unwritable
from SAMAdaptLib.study.cell import Ended, Listener, failed
from SAMAdaptLib.study.pretrained import has_pretraining
from SAMAdaptLib.study.task import LIBRARIES, Task
from SAMAdaptLib.study.worker import BEGUN, ENDED, GPU, NOTE, STOPPED, Needs, Required, do_cell, prepare

if TYPE_CHECKING:
    from distributed import Client, Future

# Seconds: for a scheduler to answer, for a first worker to join, between two looks at the workers and at what is heard,
# for cells to come to a safe point, and for a network disk to show what a worker has written.
ANSWER_S, JOIN_S, LOOK_S, HEAR_S, STOP_S, SHOWN_S = 5.0, 30.0, 1.0, 0.2, 60.0, 60.0
# Lost workers after which a cell is taken for what loses them.
LOSSES = 3

# Called with the key of a task, the worker's address, and whether a worker was lost with it before.
Begin = Callable[[str, str, bool], object]


@contextlib.contextmanager
def connected(scheduler: str) -> Iterator[Client]:
    """A running cluster.

    Raises:
        InputError: no scheduler answers there, or no worker joins it.
    """
    from distributed import Client

    try:
        # A client waits for ever where something else listens.
        with ThreadPoolExecutor(1) as thread:
            kind = thread.submit(asyncio.run, asyncio.wait_for(_kind(scheduler), ANSWER_S)).result()
        if kind != "Scheduler":
            raise OSError(f"a {kind}")
        client = Client(scheduler, timeout=ANSWER_S, set_as_default=False)
    except (OSError, ValueError, asyncio.TimeoutError) as error:
        raise InputError(
            "No dask scheduler answers",
            scheduler,
            "Start one with `dask scheduler`, give the address that it prints, and see that no firewall is between",
        ) from error
    except TypeError as error:
        remedy = "Name its files in dask's settings, distributed.comm.tls"
        raise InputError("An encrypted scheduler needs a certificate", scheduler, remedy) from error
    with _quiet(), client:
        try:
            client.wait_for_workers(1, timeout=JOIN_S)
        except asyncio.TimeoutError as error:
            remedy = f"Start some with `dask worker {scheduler}`; of an adaptive cluster keep one at least"
            raise InputError("The dask scheduler has no workers", scheduler, remedy) from error
        yield client


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what dask's client logs of a lost scheduler, a page of traces; that it is lost is told in a line."""
    log = logging.getLogger("distributed.client")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


async def _kind(address: str) -> str:
    """What says of itself that it listens there."""
    from distributed import Security
    from distributed.core import rpc

    async with rpc(address, connection_args=Security().get_connection_args("client")) as there:
        return str((await there.identity())["type"])


@contextlib.contextmanager
def started(workers: int, threads: int | None = None) -> Iterator[Client]:
    """Workers of this machine, each with so many threads, or its share of the cores; they end with the block."""
    import torch
    from distributed import Client, LocalCluster

    threads = threads or max(1, torch.get_num_threads() // workers)
    with (
        # Others of this machine can reach the ports; without the certificates of this call they get no further.
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            security=True,
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            # Lost workers are told by the cells that begin once more.
            silence_logs=logging.ERROR,
            env={"OMP_NUM_THREADS": str(threads)},
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def local_devices(workers: int, each: int = 1) -> tuple[str, ...]:
    """What CUDA calls the GPUs of each worker of this machine, so many; empty where there is none.

    Raises:
        InputError: fewer GPUs than that.
    """
    import torch

    count = torch.cuda.device_count()
    if 0 < count < workers * each:
        what = f"{workers} workers" + (f", each of {each} processes," if each > 1 else "")
        remedy = f"Give --workers {max(1, count // each)}, or --set device=cpu"
        raise InputError(f"{what} would share {counted(count, 'GPU')}", None, remedy)
    named = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    names = named if len(named) == count and all(named) else [*map(str, range(count))]
    return tuple(",".join(names[start : start + each]) for start in range(0, count - each + 1, each))


@dataclass
class _Piece:
    """A task and how it goes.

    Attributes:
        task: with absolute paths.
        worker: address of the one that does it, "" before.
        begun: whether that has said so.
        losses: of workers while they did it.
    """

    task: Task
    worker: str = ""
    begun: bool = False
    losses: int = 0


class Crew:
    """Workers that do a study's cells, one at a time each.

    Args:
        client: of their scheduler.
        output: folder of the study, which need not be there yet.
        required: of each of them, with paths as seen from here.
        threads: with which each cell is done; None for those that a worker has.

    Raises:
        InputError: a worker that cannot do the work.
    """

    def __init__(self, client: Client, output: Path, required: Required, threads: int | None = None) -> None:
        self._client, self._output, self._threads = client, output.absolute(), threads
        self._required = replace(required, files=tuple(file.absolute() for file in required.files))
        # Address to what a worker declares; those that were refused.
        self._fit: dict[str, dict[str, float]] = {}
        self._refused: set[str] = set()
        self._gpus = False
        self._waiting: list[_Piece] = []
        self._running: dict[Future, _Piece] = {}
        self._heard: queue.Queue[dict[str, Any] | Future] = queue.Queue()
        for error in self._look().values():
            raise error

    @property
    def size(self) -> int:
        """How many cells are done at a time."""
        return max(1, sum(not self._gpus or GPU in declared for declared in self._fit.values()))

    def _look(self) -> dict[str, InputError]:
        """See which workers there are; what is wrong with new ones."""
        # Client.scheduler_info may give what it last heard, in which workers are left out.
        there = self._answer(lambda: self._client.sync(self._client.scheduler.identity))["workers"]
        answers = self._checked([one for one in there if one not in self._fit and one not in self._refused])
        wrong = {address: _refusal(address, answer) for address, answer in answers.items() if answer is not None}
        # One that could not be asked may be lost, and else is asked once more.
        self._refused = {*(one for one, refusal in wrong.items() if refusal), *self._refused} & {*there}
        self._fit = {one: has["resources"] for one, has in there.items() if one not in {*wrong, *self._refused}}
        self._gpus = self._gpus or any(GPU in declared for declared in self._fit.values())
        return {address: refusal for address, refusal in wrong.items() if refusal}

    def _checked(self, addresses: Sequence[str]) -> dict[str, Exception | None]:
        """What workers say to what they need; None of one that has it."""
        if not addresses:
            return {}
        folder = next(one for one in (self._output, *self._output.parents) if one.is_dir())
        with contextlib.ExitStack() as stack:
            try:
                token = stack.enter_context(tempfile.NamedTemporaryFile(prefix=PART, dir=folder))
            except OSError as error:
                raise unwritable(folder, error) from error
            needs = Needs(__version__, Path(token.name), self._required)
            found: dict[str, Exception | None] = self._answer(
                lambda: self._client.run(prepare, needs, workers=[*addresses], on_error="return")
            )
        return found

    def _answer(self, ask: Callable[[], Any]) -> Any:
        """The scheduler's."""
        try:
            return ask()
        except (OSError, asyncio.TimeoutError) as error:
            raise self._gone() from error

    def _gone(self) -> SAMAdaptError:
        address = self._client.scheduler.address if self._client.scheduler else None
        remedy = "Start it and its workers again, and call again: what is done stays"
        return SAMAdaptError("The dask scheduler is lost", address, remedy)

    def do(
        self, tasks: Sequence[Task], begin: Begin, tell: Listener, cancelled: Callable[[], bool]
    ) -> Ended:
        """Do tasks, and give their keys and errors in the order in which they end.

        Raises:
            Cancelled: ``cancelled`` said so, and the workers have stopped.
            SAMAdaptError: the scheduler is lost.
        """
        topic = f"samadapt-{os.urandom(8).hex()}"
        self._client.subscribe_topic(topic, lambda event: self._heard.put(event[1]))
        self._waiting = [_Piece(_located(task)) for task in tasks]
        looked = 0.0
        try:
            while self._waiting or self._running:
                if cancelled():
                    raise Cancelled()
                if time.monotonic() - looked >= LOOK_S:
                    for error in self._look().values():
                        note(f"Not used: {error}")
                    yield from self._lost()
                    self._assign(topic, begin)
                    looked = time.monotonic()
                with contextlib.suppress(queue.Empty):
                    heard = self._heard.get(timeout=HEAR_S)
                    if isinstance(heard, dict):
                        self._pass_on(heard, tell)
                    else:
                        yield from self._ended(heard)
                        self._assign(topic, begin)
        finally:
            self._stop()
            self._client.unsubscribe_topic(topic)

    def _assign(self, topic: str, begin: Begin) -> None:
        """Give what waits to workers that do nothing, but for cells for which another one is making something."""
        doing = self._answer(self._client.processing)
        # This study's cells, or another's.
        busy = {*(one for one, keys in doing.items() if keys), *(piece.worker for piece in self._running.values())}
        making = set[str]().union(*(self._unmade(piece.task) for piece in self._running.values()))
        for piece in [*self._waiting]:
            unmade = self._unmade(piece.task)
            gpus = piece.task.processes if self._gpus and piece.task.cell.config.device != "cpu" else 0
            free = [one for one, has in self._fit.items() if one not in busy and has.get(GPU, 0) >= gpus]
            if not free or unmade & making:
                continue
            making |= unmade
            self._waiting.remove(piece)
            piece.worker, piece.begun = free[0], False
            busy.add(piece.worker)
            future = self._client.submit(
                do_cell,
                piece.task,
                str(self._output),
                topic,
                self._threads,
                key=f"cell-{piece.task.key}-{os.urandom(4).hex()}",
                workers=[piece.worker],
                resources={GPU: gpus} if gpus else None,
                pure=False,
            )
            self._running[future] = piece
            future.add_done_callback(self._heard.put)
            begin(piece.task.key, piece.worker, piece.losses > 0)

    def _unmade(self, task: Task) -> set[str]:
        """Keys of exemplars and pretraining of a task that are not there yet, and which others may share."""
        missing = set[str]()
        if task.library and not (self._output / LIBRARIES / task.library / MANIFEST).is_file():
            missing.add(task.library)
        if task.pretraining is not None and not has_pretraining(task, self._output):
            missing.add(task.pretraining.key)
        return missing

    def _lost(self) -> Ended:
        """Take back what lost workers did."""
        for future, piece in [*self._running.items()]:
            if piece.worker not in self._fit:
                del self._running[future]
                future.cancel()
                yield from self._again(piece)

    def _again(self, piece: _Piece) -> Ended:
        piece.losses += 1
        if piece.losses < LOSSES:
            self._waiting.insert(0, piece)
        else:
            error = RuntimeError(f"{LOSSES} workers were lost with this cell, perhaps for want of memory")
            yield piece.task.key, failed(piece.task, self._output, error)

    def _ended(self, future: Future) -> Ended:
        piece = self._running.pop(future, None)
        if piece is None:
            return
        if future.status in ("cancelled", "lost"):
            raise self._gone()
        error = future.exception()
        if error is not None:
            yield piece.task.key, failed(piece.task, self._output, error)
            return
        said = future.result()
        if said == STOPPED:
            # Its worker closes, as one of a queue whose time is over.
            self._waiting.insert(0, piece)
        else:
            yield piece.task.key, said if said is not None else self._shown(piece.task)

    def _shown(self, task: Task) -> str | None:
        """Wait until this machine sees what a worker has written; the error where it does not."""
        end = time.monotonic() + SHOWN_S
        while not task.finished(self._output):
            if time.monotonic() > end:
                return failed(task, self._output, RuntimeError("A worker has written results that are not here"))
            time.sleep(HEAR_S)
        return None

    def _pass_on(self, event: dict[str, Any], tell: Listener) -> None:
        if event["event"] == NOTE:
            note(event["text"])
        elif event["event"] == BEGUN:
            for piece in self._running.values():
                piece.begun |= piece.task.key == event["key"]
        elif event["event"] != ENDED:
            tell(event)

    def _stop(self) -> None:
        """Take back what is running, and wait until workers that are still there have come to a safe point."""
        left = {piece.task.key: piece.worker for piece in self._running.values() if piece.begun}
        end = time.monotonic() + STOP_S
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            for future in self._running:
                future.cancel()
            while left and time.monotonic() < end:
                with contextlib.suppress(queue.Empty):
                    heard = self._heard.get(timeout=HEAR_S)
                    if isinstance(heard, dict) and heard["event"] == ENDED:
                        left.pop(heard["key"], None)
                there = self._client.nthreads()
                left = {key: worker for key, worker in left.items() if worker in there}
        self._running.clear()


def _refusal(address: str, answer: Exception) -> InputError | None:
    """Why a worker cannot be used; None where it could not be asked."""
    if isinstance(answer, InputError):
        return answer
    if isinstance(answer, OSError):
        return None
    what = f"A worker has no SAMAdapt, or another one ({type(answer).__name__}: {answer})"
    return InputError(what, address, f"Install version {__version__} there")


def _located(task: Task) -> Task:
    """With absolute paths, since workers are in other folders."""
    own = task.cell.own
    own = replace(own, checkpoint=_absolute(own.checkpoint), start_from=_absolute(own.start_from))
    before = task.pretraining
    return replace(
        task,
        pretraining=None if before is None else replace(before, scans=tuple(one.absolute() for one in before.scans)),
        cell=replace(task.cell, own=own),
        sources=tuple(replace(one, scan=one.scan.absolute()) for one in task.sources),
        targets=tuple(replace(one, scan=one.scan.absolute()) for one in task.targets),
    )


def _absolute(path: str | None) -> str | None:
    return None if path is None else os.path.abspath(path)
