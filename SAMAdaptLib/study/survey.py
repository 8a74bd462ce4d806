"""What a study has to know of its scans before it begins: that all can be read, what is on them, and what tells them
from others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.errors import Cancelled, InputError, counted
from SAMAdaptLib.exemplars.select import MIN_AREA_PX
from SAMAdaptLib.files import json_text, read_json, sha256_array
from SAMAdaptLib.settings import unknown_setting
from SAMAdaptLib.study.config import DataSettings
from SAMAdaptLib.study.scans import Fold, Scan
from SAMAdaptLib.volume.case import labels_of
from SAMAdaptLib.volume.channels import join_channels
from SAMAdaptLib.volume.image import stamps_of
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels, parse_merge
from SAMAdaptLib.volume.names import read_names
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.policy import choose_intensity
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import Volume, read_volume


@dataclass(frozen=True)
class Reading:
    """How the labels of a study are read; what [data] says of them, with files read.

    Attributes:
        merge: structure to the values that it consists of, empty for no merging.
        names: of values; None for none.
        elsewhere: values that some scan has.
        classes: structures that the study is about; empty for all.
        resample: labels of another grid are resampled.
        axis: of the slices.
        intensity: mapping to grey levels; None for the one that suits a scan.
    """

    merge: dict[str, list[int]]
    names: dict[int, str] | None
    elsewhere: tuple[int, ...]
    classes: tuple[str, ...]
    resample: bool
    axis: str
    intensity: str | None

    @classmethod
    def of(cls, data: DataSettings, scans: Sequence[Scan]) -> Reading:
        """What [data] asks for.

        Raises:
            InputError: names, a merge or a mapping that cannot be read.
        """
        merge = parse_merge(data.merge)
        names = None if data.names is None else read_names(data.names)
        elsewhere: set[int] = set()
        if merge and len(scans) > 1:
            # Not every patient shows every structure.
            elsewhere = {value for scan in scans for value in read_labels(scan.labels).names.values()}
        if data.intensity is not None:
            Intensity.parse(data.intensity)
        values = tuple(sorted(elsewhere))
        return cls(merge, names, values, tuple(data.classes), data.resample, data.axis, data.intensity)

    def read(self, scan: Scan) -> tuple[Volume, Labels]:
        """A scan and those of its labels that the study is about, on one grid.

        Raises:
            InputError: what reading either raises.
        """
        volume, found = self.read_all(scan)
        return volume, self.chosen(found)

    def read_all(self, scan: Scan) -> tuple[Volume, Labels]:
        """A scan and all of its labels.

        Raises:
            InputError: what reading either raises.
        """
        channels = [read_volume(scan.image, scan.series, scan.frames), *map(read_volume, scan.others)]
        volume = replace(join_channels(channels, self.resample), name=scan.name)
        found = labels_of(
            volume,
            scan.labels,
            merged=self.merge,
            names=self.names,
            elsewhere=self.elsewhere,
            resample=self.resample,
        )
        return volume, found

    def chosen(self, found: Labels) -> Labels:
        """Those that the study is about."""
        if not self.classes:
            return found
        kept = {name: value for name, value in found.names.items() if name in self.classes}
        masks = {name: mask for name, mask in found.masks.items() if name in kept}
        return replace(found, names=kept, masks=masks)


@dataclass(frozen=True)
class Surveyed:
    """What is known of a scan.

    Attributes:
        image_hash: of voxels and grid, the same in every file format.
        labels_hash: of the labels as the study reads them.
        size: slices along the study's axis, and their rows and columns.
        areas: structure to labelled pixels by slice, for slices with any.
        names: of all its labels, also those that the study is not about.
    """

    image_hash: str
    labels_hash: str
    size: tuple[int, int, int]
    areas: dict[str, dict[int, int]]
    names: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Of image and labels together."""
        return hashlib.sha256(f"{self.image_hash} {self.labels_hash}".encode()).hexdigest()

    def labelled(self) -> list[int]:
        """Slices that may be chosen as exemplars, as :func:`SAMAdaptLib.exemplars.select.suggest` does, ascending."""
        totals: dict[int, int] = {}
        for areas in self.areas.values():
            for index, area in areas.items():
                totals[index] = totals.get(index, 0) + area
        large = [index for index, area in totals.items() if area >= MIN_AREA_PX]
        return sorted(large or totals)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Surveyed:
        """The inverse of ``asdict`` by way of JSON."""
        areas = {name: {int(k): int(v) for k, v in found.items()} for name, found in values["areas"].items()}
        slices, rows, columns = map(int, values["size"])
        names = tuple(map(str, values["names"]))
        return cls(str(values["image_hash"]), str(values["labels_hash"]), (slices, rows, columns), areas, names)


def survey(
    scans: Sequence[Scan],
    reading: Reading,
    kept: Path | None = None,
    progress: Callable[[int, int, str], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[list[Surveyed], dict[str, Any]]:
    """Read every scan once, unless that was done and its files are as they were.

    Args:
        scans: of the study.
        reading: how.
        kept: file with what was found before, which may not be there; None for none.
        progress: called with (scans done, scans in all, name).
        cancelled: asked before every scan.

    Returns:
        what is known of each scan, and what to keep in that file, as JSON, for the next call.

    Raises:
        InputError: a scan or labels that cannot be read (named), a scan that shows a single value, no label on a scan,
            one scan under two patients.
        Cancelled: ``cancelled`` said so.
    """
    known = _read_kept(kept)
    found: dict[str, Any] = {}
    results = []
    for number, scan in enumerate(scans):
        if cancelled is not None and cancelled():
            raise Cancelled()
        if progress is not None:
            progress(number, len(scans), scan.name)
        key = hashlib.sha256(json_text([*map(str, scan.files), asdict(reading)]).encode()).hexdigest()
        stamps = stamps_of(scan.files)
        results.append(_remembered(known.get(key), stamps) or _look(scan, reading))
        if stamps is not None:
            found[key] = {"stamps": stamps, "found": asdict(results[-1])}
    _check_distinct(scans, results)
    return results, found


def _remembered(there: Any, stamps: list[list[int]] | None) -> Surveyed | None:
    """What was found before in the same files; None where that is not known."""
    try:
        return Surveyed.from_dict(there["found"]) if stamps is not None and there["stamps"] == stamps else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _look(scan: Scan, reading: Reading) -> Surveyed:
    volume, found = reading.read_all(scan)
    # A scan on which nothing is to be seen would fail its cells hours later.
    choose_intensity(volume, reading.intensity).bounds(volume.array, scan.name)
    labels = reading.chosen(found)
    stack = PlaneStack(volume.geometry, reading.axis)
    areas: dict[str, dict[int, int]] = {}
    for name in labels.names:
        counts = np.count_nonzero(stack.view(labels.mask(name)), axis=(1, 2))
        shown = np.flatnonzero(counts)
        if len(shown):
            areas[name] = {int(index): int(counts[index]) for index in shown}
    if not areas:
        of = f" of {', '.join(reading.classes)}" if reading.classes else ""
        there = f", which are {', '.join(found.names)}" if reading.classes and found.names else ""
        remedy = f"Take it out, or check the names of its labels{there}"
        raise InputError(f"No label{of} on this scan", scan.labels, remedy)
    names = np.frombuffer(json_text(labels.names).encode(), np.uint8)
    labels_hash = sha256_array(labels.array, names, *labels.masks.values())
    return Surveyed(volume.content_hash, labels_hash, (stack.count, *stack.shape), areas, tuple(found.names))


def _read_kept(path: Path | None) -> dict[str, Any]:
    if path is None or not path.is_file():
        return {}
    try:
        found = read_json(path, "survey of the scans")
    except InputError:
        # It can be found out again.
        return {}
    return found if isinstance(found, dict) else {}


def _check_distinct(scans: Sequence[Scan], surveyed: Sequence[Surveyed]) -> None:
    """Raises InputError for one scan under the names of two patients, who might be on both sides of a split."""
    owners: dict[str, Scan] = {}
    for scan, seen in zip(scans, surveyed, strict=True):
        other = owners.setdefault(seen.image_hash, scan)
        if other.patient != scan.patient:
            raise InputError(
                f"{other.name} of patient {other.patient} and {scan.name} of {scan.patient} are the same image",
                None,
                "Take one of them out, or name the patient alike",
            )


def structures(surveyed: Sequence[Surveyed], wanted: Sequence[str], folds: Sequence[Fold]) -> list[str]:
    """The structures of a study, after a look whether each is trained and tested on.

    Args:
        surveyed: the scans.
        wanted: by the user; empty for all.
        folds: of the study.

    Raises:
        InputError: one that no scan has, or that no scan of a split has.
    """
    present = list(dict.fromkeys(name for seen in surveyed for name in seen.areas))
    for name in wanted:
        if name not in present:
            known = dict.fromkeys(known for seen in surveyed for known in seen.names)
            raise unknown_setting("No scan has a label", name, known, "[data] classes")
    for fold in folds:
        for side, places in (("training", fold.train), ("test", fold.test)):
            there = {name for place in places for name in surveyed[place].areas}
            lacking = [name for name in wanted or present if name not in there]
            if lacking:
                where = f"fold {fold.number}" if fold.number else "[data]"
                raise InputError(
                    f"No {side} scan shows {', '.join(lacking)} ({counted(len(places), 'scan')})",
                    where,
                    "Split otherwise, or name the structures that all parts have in classes",
                )
    return [*(wanted or present)]
