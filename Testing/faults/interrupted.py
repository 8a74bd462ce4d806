"""Works in processes that are forked from one that has everything loaded, so that each costs only what it does."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
import traceback
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from SAMAdaptLib.cli.main import refused
from SAMAdaptLib.errors import InputError
from Testing.faults.moments import Fault, Watch

# Windows has no fork, and its tests leave these out.
CONTEXT = multiprocessing.get_context("spawn" if os.name == "nt" else "forkserver")
CONTEXT.set_forkserver_preload(["Testing.faults.works"])


class Ended(NamedTuple):
    """What has come of a process.

    Attributes:
        states: what was finished after each piece of work.
        error: words of an InputError; None without one.
        value: what it has given back.
        killed: it has not come to its end.
        seconds: from its first to its last word.
    """

    states: list[Any]
    error: str | None
    value: Any
    killed: bool
    seconds: float


def _main(talk: Connection, act: Callable[..., Any], given: tuple[Any, ...]) -> None:
    warnings.simplefilter("ignore")
    talk.send(("begun", None))
    try:
        talk.send(("ended", act(*given, lambda state: talk.send(("state", state)))))
    except InputError as error:
        talk.send(("refused", (str(error), error.remedy)))
    except OSError as error:
        # As the command line tells it.
        told = refused(error, "a work")
        talk.send(("refused", (str(told), told.remedy)) if told else ("failed", traceback.format_exc()))
    except BaseException:
        talk.send(("failed", traceback.format_exc()))


def forked(act: Callable[..., Any], *given: Any, kill_after: float | None = None) -> Ended:
    """Have a process do something; what it raises that is no InputError is raised here.

    Args:
        act: a function at the top of a module; it is given what follows, and whom to tell of pieces that are done.
        given: for it.
        kill_after: seconds from its beginning to its end by force.
    """
    here, there = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_main, args=(there, act, given), daemon=True)
    process.start()
    there.close()
    states, error, value, killed, begun = [], None, None, True, 0.0
    try:
        while True:
            left = None if kill_after is None or not begun else max(0.0, begun + kill_after - time.monotonic())
            if not here.poll(left):
                process.kill()
                kill_after = None
                continue
            kind, told = here.recv()
            if kind == "begun":
                begun = time.monotonic()
            elif kind == "state":
                states.append(told)
            elif kind == "failed":
                raise AssertionError(told)
            else:
                killed = False
                error, value = (told[0], None) if kind == "refused" else (None, told)
                assert kind == "ended" or (told[1] and told[1].rstrip(".") in told[0]), told
    except EOFError:
        pass
    finally:
        process.join()
        here.close()
    return Ended(states, error, value, killed, time.monotonic() - begun)


def work_on(name: str, given: Path, place: Path, fault: Fault | None, done: Callable[[Any], None]) -> int:
    """Do a work while a fault happens; returns the number of changes of its folder."""
    from Testing.faults.works import WORKS

    watch = Watch(place, fault)
    WORKS[name].do(given, place, done)
    return watch.count


def prepare(name: str, given: Path, done: object) -> Any:
    """Make what a work is done with; returns what is finished before it."""
    from Testing.faults.works import WORKS

    WORKS[name].prepare(given)
    before = given / "before"
    if not before.exists():
        before.mkdir()
    shutil.copytree(before, given / "first")
    return WORKS[name].finished(given, given / "first")


def look(name: str, given: Path, place: Path, done: object) -> Any:
    """What is finished."""
    from Testing.faults.works import WORKS

    return WORKS[name].finished(given, place)


def again(name: str, given: Path, place: Path, states: list[Any], done: object) -> tuple[Any, Any]:
    """Do what was left after an interruption; returns what was finished before and is now."""
    from Testing.faults.works import WORKS

    before = WORKS[name].finished(given, place)
    WORKS[name].go_on(given, place, states)
    return before, WORKS[name].finished(given, place)


def write_images(place: Path, longest: int, done: object) -> dict[str, str]:
    """Write noise, whose files are longer than any may be; returns what is refused, by the name of the file."""
    import resource

    import numpy as np

    from SAMAdaptLib.exemplars.slices import write_slice
    from SAMAdaptLib.volume.volume import write_volume
    from Testing.tiny import scan

    noise, geometry = np.random.default_rng(0).integers(0, 1000, (40, 40), np.int16), scan(0)[0].geometry
    noisy = np.random.default_rng(1).integers(0, 1000, geometry.shape, np.int16)
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, resource.RLIM_INFINITY))
    acts: dict[str, Callable[[Path], None]] = {"slice.nrrd": lambda path: write_slice(path, noise, (1, 1))}
    for name in ("a.nrrd", "a.nii", "a.nii.gz", "a.mha"):
        acts[name] = lambda path: write_volume(path, noisy, geometry)
    refused = {}
    for name, act in acts.items():
        try:
            act(place / name)
        except InputError as error:
            refused[name] = str(error)
    return refused
