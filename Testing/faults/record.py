"""What became of bad inputs and interruptions, kept by kind in one JSON file that several processes may write to."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from SAMAdaptLib.files import read_json, write_json
from SAMAdaptLib.locks import changing

# Names the folder; `make faults` does. Without it nothing is kept.
PLACE = "FAULTS_OUT"
FILE = "faults.json"


def record(kind: str, count: int, lost: int) -> None:
    """Add to a kind how many were tried, and how many ended otherwise than promised."""
    if not os.environ.get(PLACE):
        return
    folder = Path(os.environ[PLACE])
    folder.mkdir(parents=True, exist_ok=True)
    with changing(folder):
        path = folder / FILE
        kinds = {one["kind"]: one for one in (read_json(path, "faults") if path.exists() else [])}
        before = kinds.get(kind, {"count": 0, "lost": 0})
        count, lost = before["count"] + count, before["lost"] + lost
        kinds[kind] = {"kind": kind, "count": count, "survived": count - lost, "lost": lost}
        write_json(path, sorted(kinds.values(), key=lambda one: str(one["kind"])))


@contextlib.contextmanager
def noted(kind: str, what: str, wrong: list[str]) -> Iterator[None]:
    """Record one trial of a kind. An error of it ends here: ``wrong`` gets it, and the next one is tried."""
    before = len(wrong)
    try:
        yield
    except Exception as error:
        wrong.append(f"{what}: {type(error).__name__}: {error}")
    record(kind, 1, len(wrong) - before)
