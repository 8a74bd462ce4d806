"""Tasks that take minutes or hours: they tell how far they are, and end when they are asked to.

Each takes ``tell``, called with (done, in all, further values by name), and ``cancelled``, asked in between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.errors import Cancelled

if TYPE_CHECKING:
    from SAMAdaptLib.study.description import Study
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume

SECONDS_BETWEEN = 1.0
# What moves more often cannot be seen.
BLINK_SECONDS = 0.1
Tell = Callable[..., object]


def suggest(
    scans: Sequence[dict[str, Any]],
    model: dict[str, Any],
    cache_folder: str | None,
    tell: Tell,
    cancelled: Callable[[], bool],
    **wanted: Any,
) -> list[dict[str, Any]]:
    """The next slices worth labelling, as the fields of ``NextSlice``.

    Args:
        scans: "array" (a .npy file of voxels [K, J, I]), "ijk_to_ras" [4, 4], "name" and "modality" of each.
        model: arguments of :func:`SAMAdaptLib.jobs.load.load_model`; with "entry" the fields of a ``BaseModel`` that
            the registry does not know.
        cache_folder: of embeddings.
        tell: hears bytes with "download", then slices.
        cancelled: asked before every slice.
        **wanted: further arguments of :func:`SAMAdaptLib.jobs.suggest.next_slices.next_slices`.
    """
    from SAMAdaptLib.jobs.load import load_model
    from SAMAdaptLib.jobs.suggest.next_slices import next_slices
    from SAMAdaptLib.jobs.suggest.scans import Scan
    from SAMAdaptLib.sam.cache import EmbeddingCache
    from SAMAdaptLib.sam.registry import MODELS, BaseModel

    model = dict(model)
    entry = model.pop("entry", None)
    if entry is not None:
        MODELS[entry["name"]] = BaseModel(**entry)

    def fetched(done: int, total: int | None) -> None:
        if cancelled():
            raise Cancelled
        tell(done, total, download=True)

    def looked(done: int, total: int) -> None:
        tell(done, total)

    found = next_slices(
        [Scan(scan["name"], partial(_read, scan)) for scan in scans],
        model.get("adapter"),
        model=lambda: load_model(**model, keep_base=True, progress=fetched),
        cache=EmbeddingCache(folder=None if cache_folder is None else Path(cache_folder)),
        progress=looked,
        cancelled=cancelled,
        **wanted,
    )
    return [asdict(one) for one in found.slices]


def _read(scan: dict[str, Any]) -> tuple[Volume, Labels | None]:
    from SAMAdaptLib.volume.geometry import Geometry
    from SAMAdaptLib.volume.volume import Volume

    # Of several scans one is in memory at a time.
    array = np.load(scan["array"], mmap_mode="r")
    return Volume(array, Geometry(array.shape[2::-1], scan["ijk_to_ras"]), scan["name"], scan["modality"]), None


def study(
    description: str, index: str | None, output: str, tell: Tell, cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Do what is left of a study, and write its page: "report", its file, "cells", and "failed", an error of each.

    Args:
        description: a TOML file, or the name of a preset.
        index: table of scans in place of the description's own.
        output: folder of the study.
        tell: hears cells, with what :class:`StudyProgress` says.
        cancelled: asked between slices and steps.

    Raises:
        InputError: what :func:`SAMAdaptLib.study.run.run_study` raises; all cells failed.
    """
    from SAMAdaptLib.study.report import write_study_report
    from SAMAdaptLib.study.run import failures, run_study

    read = read_for(description, index, output)
    found = run_study(read, output, listener=StudyProgress(tell), cancelled=cancelled)
    failed = failures(found, output)
    return {"report": str(write_study_report(output)), "cells": len(found["cells"]), "failed": failed}


def fetch_adapter(
    source: str, adapter: str, shelf: str, signed: bool, tell: Tell, cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Put a published adapter onto a shelf: "name" there, and "signed", the fields of ``Signed``.

    Args:
        source, signed: as for :func:`SAMAdaptLib.adapters.fetch.fetch_adapter`.
        adapter: its name there.
        shelf: its folder.
        tell: hears bytes.
        cancelled: asked between blocks.

    Raises:
        InputError: what that function raises.
    """
    from SAMAdaptLib.adapters.fetch import fetch_adapter as fetch
    from SAMAdaptLib.adapters.shelf import Shelf

    told = 0.0

    def come(done: int, total: int | None) -> None:
        nonlocal told
        if cancelled():
            raise Cancelled
        if done == total or time.monotonic() - told > BLINK_SECONDS:
            told = time.monotonic()
            tell(done, total)

    new = fetch(source, adapter, shelf=Shelf(shelf), signed=signed, progress=come)
    return {"name": new, "signed": asdict(Shelf(shelf).signed(new))}


def read_for(description: str, index: str | None, output: str) -> Study:
    """A description, for a folder in which nothing else is; the arguments and errors are as for :func:`study`."""
    from SAMAdaptLib.paths import Output
    from SAMAdaptLib.study.description import read_study
    from SAMAdaptLib.study.run import is_study

    read = read_study(description, {"index": index} if index else {})
    Output(output, read.named_inputs(), folder=True, ours=is_study).check()
    return read


class StudyProgress:
    """Passes on what a study tells, single steps once a second at most: cells done and in all, "row" (what is compared
    now), "doing" in words, and "seconds_left" of the whole study, None before the first cell.

    Args:
        tell: hears it.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._done, self._total, self._row = 0, 0, ""
        self._end: float | None = None
        self._told = float("-inf")

    def __call__(self, event: dict[str, Any]) -> None:
        """Take in an event of :func:`SAMAdaptLib.study.run.run_study`."""
        now, kind = time.monotonic(), event["event"]
        if kind == "cell":
            self._done, self._total, self._row = event["number"] - 1, event["of"], event["row"]
            self._end = now + event["seconds_left"]
        elif now - self._told < SECONDS_BETWEEN and kind not in ("failed", "stage"):
            return
        self._told = now
        left = None if self._end is None else max(0.0, self._end - now)
        self._tell(self._done, self._total, row=self._row, doing=_doing(event), seconds_left=left)


def _doing(event: dict[str, Any]) -> str:
    """What an event says is being done; "" for those that say nothing to people."""
    words = {
        "scan": "reading {scan}",
        "step": "step {step} of {total}",
        "stage": "{text}",
        "test": "testing on {scan}, {prompt}",
        "failed": "failed: {error}",
    }
    return words.get(event["event"], "").format_map(event)
