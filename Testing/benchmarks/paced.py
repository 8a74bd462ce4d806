"""A training that does a step each time it is told to: ``python paced.py LIBRARY RUN SETTINGS``.

It knows SAMAdapt by ``finetune`` and its listener alone, which are those of earlier versions as well, so that it runs
on whatever version its path leads to. For every line on stdin it does a step and prints its seconds; the first line
that it prints is empty.
"""

from __future__ import annotations

import json
import sys
import time

from SAMAdaptLib.training.config import TrainConfig

try:
    from SAMAdaptLib.training.finetune import finetune
except ImportError:  # where it was before 0.2
    from SAMAdaptLib.training.loop import finetune

begun = 0.0


def listen(event: dict[str, object]) -> None:
    """Tell what the last step took, and wait for a word."""
    global begun
    if event["event"] in ("start", "step"):
        print(time.perf_counter() - begun if event["event"] == "step" else "", flush=True)
        if not sys.stdin.readline():
            sys.exit()
        begun = time.perf_counter()


library, run, settings = sys.argv[1:]
finetune(library, run, TrainConfig(steps=10**6, checkpoint_seconds=1e9, **json.loads(settings)), listener=listen)
