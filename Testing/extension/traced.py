"""Notes which files of this checkout a process goes through: ``python traced.py LOG -m MODULE ARGUMENTS`` runs a module
and writes a line for each call of a function, with ``time.monotonic``, whether it is on the way, file and name."""

from __future__ import annotations

import runpy
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OWN = tuple(f"{ROOT / folder}/" for folder in ("SAMAdaptLib", "SAMAdapt"))
# Where something goes from one hand to the next: to the other process, into the network, into the segment. Whoever is
# on the stack then is on the way; the others are asked for something by those.
HANDS = ("link/connection.py send", "worker/inbox.py put", "sam/mask_decoder.py decode_masks", "effects.py _modify")


def hearer(note: Callable[[float, bool, str, str], Any]) -> Callable[[FrameType, str, Any], None]:
    """A profile function; ``note`` gets time, whether on the way, file and function."""

    def hear(frame: FrameType | None, event: str, _argument: Any) -> None:
        if event != "call" or frame is None:
            return
        code, now = frame.f_code, time.monotonic()
        passing = f"{code.co_filename} {code.co_name}".endswith(HANDS)
        if code.co_filename.startswith(OWN):
            note(now, passing, code.co_filename, code.co_name)
        while passing and (frame := frame.f_back) is not None:
            if frame.f_code.co_filename.startswith(OWN):
                note(now, True, frame.f_code.co_filename, frame.f_code.co_name)

    return hear


def main() -> None:
    """Run a module with all its threads noted."""
    with open(sys.argv[1], "a", buffering=1, encoding="utf-8") as log:
        hear = hearer(lambda now, way, file, name: log.write(f"{now} {int(way)} {file} {name}\n"))
        module, sys.argv = sys.argv[3], sys.argv[3:]
        threading.setprofile(hear)
        sys.setprofile(hear)
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
