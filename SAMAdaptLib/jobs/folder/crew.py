"""The scans of a folder, done by this process or by several, of which each has a model and its share of the cores."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool

from SAMAdaptLib.jobs.folder.one import OneByOne
from SAMAdaptLib.jobs.folder.task import Case, Result
from SAMAdaptLib.processes import pool

LOST = "Its process has ended without a word, perhaps for want of memory: give fewer --workers, or segment it alone"
ASK_S = 0.2
Results = Generator[tuple[Case, Result], None, None]

# In a worker process: what does the scans that it is given.
_own: OneByOne | None = None


def done_by(
    workers: int, cases: Sequence[Case], one_by_one: OneByOne, cancelled: Callable[[], bool]
) -> Results:
    """Do scans, in the order in which they are finished.

    A scan whose process dies is tried once more, alone, after the others, and then given up with an error.

    Args:
        workers: processes; 1 is this one.
        cases: the scans.
        one_by_one: how.
        cancelled: asked all the time; workers finish what they are at.
    """
    if workers == 1:
        for case in cases:
            result = None if cancelled() else one_by_one.do(case, cancelled)
            if result is None:
                return
            yield case, result
        return
    waiting, lost = deque(cases), []
    while waiting and not cancelled():
        for case, result in _pooled(workers, waiting, one_by_one, cancelled):
            if result is None:
                lost.append(case)
            else:
                yield case, result
    for case in lost:
        for _, result in _pooled(1, deque([case]), one_by_one, cancelled):
            yield case, Result([], [], LOST) if result is None else result


def _pooled(
    workers: int, waiting: deque[Case], one_by_one: OneByOne, cancelled: Callable[[], bool]
) -> Generator[tuple[Case, Result | None], None, None]:
    """Take scans from those that wait until none is left or a process has died; None for those that it was among."""
    hands = pool(workers, _begin, one_by_one, workers)
    pending: dict[Future[Result | None], Case] = {}
    broken = False
    try:
        while True:
            while waiting and len(pending) < workers and not broken and not cancelled():
                case = waiting.popleft()
                pending[hands.submit(_do, case)] = case
            if not pending:
                return
            for future in wait(pending, ASK_S, FIRST_COMPLETED).done:
                case = pending.pop(future)
                broken = broken or isinstance(future.exception(), BrokenProcessPool)
                yield case, None if future.exception() is not None else future.result()
    finally:
        hands.shutdown(cancel_futures=True)


def _begin(one_by_one: OneByOne, workers: int) -> None:
    import torch

    global _own
    # Ctrl-C reaches all processes of a terminal; the one that gives out the scans decides what is stopped.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(max(1, torch.get_num_threads() // workers))
    _own = one_by_one


def _do(case: Case) -> Result | None:
    assert _own is not None  # _begin came first
    return _own.do(case)
