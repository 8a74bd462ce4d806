"""One of the processes that train a cell of a study together; ``accelerate launch`` starts it with a file, its job."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from SAMAdaptLib.errors import Cancelled, in_words, notes_to
from SAMAdaptLib.files import finite, read_json
from SAMAdaptLib.locks import changing
from SAMAdaptLib.study.launch import DONE, EVENT, FAILED, NOTE, STOPPED, Job
from SAMAdaptLib.study.worker import OTHER_S
from SAMAdaptLib.training.launch import ToldElsewhere, place, told_by_first

Say = Callable[[str, Any], None]


def main(file: str) -> int:
    """Do this process's part; returns its exit code."""
    from SAMAdaptLib.training.team import Lost

    say = _speaker()
    first = place().rank == 0
    try:
        with notes_to(lambda text: say(NOTE, text) if first else None):
            _train(Job(**read_json(file, "job of a training")), first, say)
    except ToldElsewhere:
        # What another one has to tell must not be cut short by the launcher, which ends all once one has failed.
        return 0
    except Cancelled:
        say(STOPPED, True)
        return 0
    except Lost:
        return 1
    except Exception as error:
        traceback.print_exc()
        if not told_by_first():
            say(FAILED, in_words(error))
        return 1
    if first:
        say(DONE, True)
    return 0


def _speaker() -> Say:
    """What writes a line to those who have launched; all else that is printed goes where errors go."""
    line = os.dup(1)
    os.dup2(2, 1)
    return lambda name, value: _write(line, (json.dumps(finite({name: value})) + "\n").encode())


def _write(line: int, text: bytes) -> None:
    # Of those who are gone nobody hears, and the training comes to its safe point all the same.
    with contextlib.suppress(OSError):
        os.write(line, text)


def _train(job: Job, first: bool, say: Say) -> None:
    alone = Event()
    if first:
        Thread(target=_listen, args=(alone,), daemon=True).start()
        # Those of a call that was killed may still be on their way to a safe point; the training itself does not wait.
        with changing(job.run, OTHER_S, "Other processes are at this training"):
            pass
    job.do(lambda event: say(EVENT, event), alone.is_set)


def _listen(alone: Event) -> None:
    """Wait for the end of the standard input."""
    # Not by sys.stdin, whose lock would be held when the interpreter ends.
    while os.read(0, 1):
        pass
    alone.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
