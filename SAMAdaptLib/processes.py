"""What child processes are started with."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).resolve().parents[1]


def importing(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment with this library before all else that is on the path of a child's Python."""
    path = [str(LIBRARY), *filter(None, [environment.get("PYTHONPATH")])]
    return {**environment, "PYTHONPATH": os.pathsep.join(path)}


def apart(background: bool = False) -> dict[str, Any]:
    """Options that put the child and its children into a group of their own, which can be ended as a whole.

    Args:
        background: run at lower priority, where the system takes that as an option.
    """
    if os.name == "nt":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW  # type: ignore[attr-defined]
        lower = subprocess.BELOW_NORMAL_PRIORITY_CLASS if background else 0  # type: ignore[attr-defined]
        return {"creationflags": flags | lower}
    return {"start_new_session": True}


def pool(workers: int, begin: Callable[..., object], *given: object) -> ProcessPoolExecutor:
    """Processes that share some work, each of which begins with ``begin(*given)``.

    Spawned, since a fork of a process with threads (ITK, torch) may hang.
    """
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=begin, initargs=given)
