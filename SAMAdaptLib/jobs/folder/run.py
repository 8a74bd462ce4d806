"""All scans of a folder: one segmentation each, a table of what was found, and a sheet to look through.

What is done is written beside the results, scan by scan, so that a call after a kill goes on, and one with other
settings is refused.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.evaluation.structures import read_tile, structure_sheets
from SAMAdaptLib.files import read_mapping, removed, writable_folder, write_json, write_text
from SAMAdaptLib.jobs.folder.crew import done_by
from SAMAdaptLib.jobs.folder.one import OneByOne
from SAMAdaptLib.jobs.folder.task import CASES, MANIFEST, Case, Result, ScanTask, find_cases, is_folder
from SAMAdaptLib.locks import changing
from SAMAdaptLib.paths import Output, require_same_version

TABLE, FAILURES = "volumes.csv", "failures.csv"
# Label is the value of a structure in a file without names.
COLUMNS = (
    "image", "structure", "volume_ml", "surface_cm2", "pixels", "mean_value", "slices", "segmentation", "label"
)  # fmt: skip


def segment_folder(
    images: str | os.PathLike[str],
    output: str | os.PathLike[str],
    task: ScanTask,
    *,
    workers: int = 1,
    overwrite: bool = False,
    listener: Callable[[str, Result], object] | None = None,
    progress: Callable[[int, int, str], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Segment all scans and pictures of a folder and of the folders in it.

    Beside the results, which lie as the scans do, ``volumes.csv`` has a row for each structure of each scan, with its
    volume in mL, or of a picture, which has no size in mm, with its area in pixels,
    ``failures.csv`` what could not be segmented and why, and ``overlays-1.png`` and so on show a slice of each. A scan
    that is done is not done again, unless it has changed; one that failed is tried again.

    Args:
        images: files in any format that :func:`SAMAdaptLib.volume.volume.read_volume` takes, and folders of DICOM. A
            note tells what else lies there.
        output: a folder, new or that of an earlier call with the same settings.
        task: what is done with each.
        workers: processes that do a scan each at a time; 1 is this process.
        overwrite: files that lie there and are not SAMAdapt's own, or were changed, may be replaced.
        listener: called with the name of every scan that was done in this call and what has come of it.
        progress: called with (scans done, scans in all, name of the last).
        cancelled: asked all the time; scans that are under way are finished.

    Returns:
        "done", "before" (in an earlier call), "failed" (name to error), "table" (rows of volumes.csv), "files".

    Raises:
        InputError: see :meth:`ScanTask.check`; no scans, two of one name, an output that holds or is held by the scans,
            or that holds something else, results of other settings, another process at work there.
        Cancelled: ``cancelled`` said so; what was finished is written.
    """
    output = Path(output)
    if workers < 1:
        raise InputError("Give a number of workers from 1", str(workers), "1 is this process alone")
    inputs = [images, *(task.prompts or {}).values(), task.model.get("adapter"), task.model.get("checkpoint")]
    Output(output, inputs, folder=True, ours=is_folder, overwrite=overwrite).check()
    task.check(output)
    cases = find_cases(Path(images), task)
    told = task.told()
    one_by_one = OneByOne(task, output, overwrite)
    with changing(writable_folder(output), 0, "Another process segments into the folder"):
        begun = _Begun(output, cases, told)
        begun.note_down()
        left = begun.left()
        failed: dict[str, str] = {}
        fresh = 0
        stop = cancelled or (lambda: False)
        with contextlib.closing(done_by(workers, left, one_by_one, stop)) as results:
            for case, result in results:
                if result.error:
                    failed[case.name] = result.error
                else:
                    begun.keep(case, case.file_of(task), result)
                    fresh += 1
                begun.write(failed)
                if listener is not None:
                    listener(case.name, result)
                if progress is not None:
                    progress(len(cases) - len(left) + fresh + len(failed), len(cases), case.name)
        files = begun.write(failed)
        if stop():
            raise Cancelled("Stopped on request; what was finished is written", output, "Call again: it goes on")
        files += begun.sheets()
    return {
        "done": fresh,
        "before": len(cases) - len(left),
        "failed": failed,
        "table": begun.rows(),
        "files": [str(file) for file in files],
    }


class _Begun:
    """The folder of results, and what is known of each scan."""

    def __init__(self, output: Path, cases: Sequence[Case], told: dict[str, Any]) -> None:
        self.output, self.cases, self.told = output, cases, told
        # Before the work: what changes during it is done again by the next call.
        self._stamps = {case.name: case.stamps() for case in cases}
        self._known = {case.name: known for case in cases if (known := self._remembered(case)) is not None}

    def place(self, case: Case, ending: str) -> Path:
        """A file that is kept of a scan."""
        return self.output / CASES / f"{case.name}{ending}"

    def note_down(self) -> None:
        """Note what the folder is for.

        Raises:
            InputError: it is for other settings, or of another version.
        """
        path = self.output / MANIFEST
        if path.is_file():
            there = read_mapping(path, "manifest of a folder of segmentations")
            require_same_version(there.get("version"), self.output)
            before = dict(there["task"])
            if before.get("frame") is None:
                # What is there is of no image over time.
                before["frame"] = self.told.get("frame")
            others = [name for name in {**before, **self.told} if before.get(name) != self.told.get(name)]
            if others:
                what = f"The results there were made with other settings ({', '.join(others)})"
                raise InputError(what, self.output, "Choose another folder, or give the same settings")
        write_json(path, {"version": __version__, "task": self.told, "names": [c.name for c in self.cases]})

    def left(self) -> list[Case]:
        """The scans without a result that is of them as they are now."""
        return [case for case in self.cases if case.name not in self._known]

    def _remembered(self, case: Case) -> dict[str, Any] | None:
        try:
            known = read_mapping(self.place(case, ".json"), "notes on a result")
        except InputError:
            return None
        stamps = self._stamps[case.name]
        same = stamps is not None and known.get("stamps") == stamps
        return known if same and (self.output / str(known.get("file"))).is_file() else None

    def keep(self, case: Case, file: str, result: Result) -> None:
        """Note down a result whose files are written."""
        values = {"stamps": self._stamps[case.name], "file": file, "rows": result.rows, "notes": result.notes}
        write_json(self.place(case, ".json"), values)
        self._known[case.name] = values

    def rows(self) -> list[dict[str, Any]]:
        """Of the table, in the order of the scans."""
        done = [(case, self._known[case.name]) for case in self.cases if case.name in self._known]
        return [
            {"image": case.name, **row, "segmentation": known["file"]} for case, known in done for row in known["rows"]
        ]

    def write(self, failed: Mapping[str, str]) -> list[Path]:
        """Write the tables."""
        tables = {TABLE: (COLUMNS, self.rows()), FAILURES: (("image", "error"), _failures(failed))}
        files = []
        for name, (columns, rows) in tables.items():
            if name == FAILURES and not rows:
                removed(self.output / name)
                continue
            text = io.StringIO()
            lines = csv.DictWriter(text, columns, lineterminator="\n")
            lines.writeheader()
            lines.writerows(rows)
            write_text(self.output / name, text.getvalue())
            files.append(self.output / name)
        return files

    def sheets(self) -> list[Path]:
        """Draw the slices of all scans that are done."""
        tiles = (self.place(case, ".npz") for case in self.cases if case.name in self._known)
        return structure_sheets(self.output, [tile for file in tiles if (tile := read_tile(file)) is not None])


def _failures(failed: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"image": name, "error": error} for name, error in failed.items()]
