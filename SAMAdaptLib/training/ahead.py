"""What the next step is made from, made while the present one computes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """Results of a function of a step's number, where that of the next step is worked out in a thread meanwhile.

    The function depends on nothing but the number, so neither do the results, whoever is faster. A thread is enough:
    numpy, scipy and torch let others run while they compute, and a step consists of long calls of torch.

    Args:
        make: the function; called by this thread or by the other, never by both at once. What it raises is raised
            where its result is asked for, with its traceback; where nobody asks, it is forgotten.
    """

    def __init__(self, make: Callable[[int], T]) -> None:
        self._make = make
        self._thread: ThreadPoolExecutor | None = None
        self._next: tuple[int, Future[T]] | None = None

    def __call__(self, step: int) -> T:
        """The result for a step; that of the next one is begun."""
        if self._next is None or self._next[0] != step:
            self.close()
            self._begin(step)
        assert self._next is not None
        result = self._next[1].result()
        self._begin(step + 1)
        return result

    def _begin(self, step: int) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._next = step, self._thread.submit(self._make, step)

    def close(self) -> None:
        """End the thread, after what it is at; may be called more than once, and the next call starts another."""
        thread, self._thread, self._next = self._thread, None, None
        if thread is not None:
            thread.shutdown(cancel_futures=True)
