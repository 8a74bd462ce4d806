"""The labelled scans of a study: which there are, whose they are, and on whom is tested."""

from __future__ import annotations

import csv
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from SAMAdaptLib.errors import InputError, counted, listed
from SAMAdaptLib.pretraining.data import find_images
from SAMAdaptLib.prompts.strategies import generator
from SAMAdaptLib.settings import unknown_setting
from SAMAdaptLib.study.config import DataSettings
from SAMAdaptLib.volume.colour import PICTURES
from SAMAdaptLib.volume.image import EXTENSIONS, base_name, extension

REQUIRED = ("image", "labels", "patient")
OPTIONAL = ("site", "modality", "split", "series", "frames", "image2", "image3")
TRAIN, TEST = "train", "test"
# nnU-Net's channel behind the name of a case.
_CHANNEL = re.compile(r"_\d{4}")


@dataclass(frozen=True)
class Scan:
    """A labelled scan.

    Attributes:
        image, labels: files, or folders of DICOM.
        others: further volumes of the scan that are seen together with the image, in this order.
        patient: whose it is, as the user says it; goes into no library.
        site, modality: as the user says it, for the results.
        split: "train", "test" or "" where it is not stated.
        series, frames: of a DICOM folder, see :func:`SAMAdaptLib.volume.volume.read_volume`.
        name: for people, unlike that of any other scan of the study.
    """

    image: Path
    labels: Path
    patient: str
    site: str = ""
    modality: str = ""
    split: str = ""
    series: str | None = None
    frames: str | None = None
    name: str = ""
    others: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All that it is read from."""
        return (self.image, *self.others, self.labels)

    def absolute(self) -> Scan:
        """The same from wherever one looks."""
        image, *others, labels = map(Path.absolute, self.files)
        return replace(self, image=image, labels=labels, others=(*others,))


@dataclass(frozen=True)
class Fold:
    """Who is trained on and who is tested on, as places in the list of scans.

    Attributes:
        number: of a cross-validation, from 1; 0 where there is one split only.
        train, test: places.
    """

    number: int
    train: tuple[int, ...]
    test: tuple[int, ...]


def find_scans(data: DataSettings) -> list[Scan]:
    """The scans of an index or of folders, in the order in which they are named there.

    Raises:
        InputError: nothing there, missing files (all are named), a table that lacks a column, labels without an image
            or with several, a scan that is named twice.
    """
    if data.index is not None:
        scans = read_index(data.index)
    else:
        stated = TRAIN if data.test_images else ""
        scans = _in_folders(data, data.images, data.labels, stated)
        if data.test_images:
            scans += _in_folders(data, data.test_images, data.test_labels, TEST)
    places = [os.path.realpath(scan.image) + f" {scan.series or ''} {scan.frames or ''}" for scan in scans]
    twice = sorted({scans[i].image.name for i, place in enumerate(places) if place in places[:i]})
    if twice:
        raise InputError("A scan is named twice", ", ".join(twice), "Name it once")
    return _named(scans)


def read_index(path: str | os.PathLike[str]) -> list[Scan]:
    """Read a table with the columns image, labels and patient; site, modality, split, series and frames may be there,
    and image2 and image3 for further volumes of a scan that are seen together with the first as channels.

    Columns are apart by commas, semicolons or tabs; any others are passed over. Paths are as seen from the table.

    Raises:
        InputError: no such file, no such columns, an empty cell, a split that is neither train nor test, or missing
            files, all of which are named.
    """
    path = Path(path)
    rows = _table(path)
    scans = []
    for number, row in enumerate(rows, start=2):
        for column in REQUIRED:
            if not row.get(column):
                raise InputError(f"Row {number} has no {column}", path, "Fill it in, or take the row out")
        split = row.get("split", "").lower()
        if split not in ("", TRAIN, TEST):
            raise InputError(f"Row {number} has the split {row['split']!r}", path, f"Write {TRAIN} or {TEST}")
        image, labels = (path.parent / row[column] for column in ("image", "labels"))
        site, modality, series, frames = (row.get(column, "") for column in ("site", "modality", "series", "frames"))
        others = tuple(path.parent / row[column] for column in ("image2", "image3") if row.get(column))
        if row.get("image3") and not row.get("image2"):
            raise InputError(f"Row {number} has an image3 and no image2", path, "Fill in image2 first")
        chosen = series or None, frames or None
        scans.append(Scan(image, labels, row["patient"], site, modality, split, *chosen, others=others))
    stated = [scan for scan in scans if scan.split]
    if stated and len(stated) < len(scans):
        raise InputError(f"{counted(len(scans) - len(stated), 'row')} without a split", path, "Fill in all, or none")
    if not scans:
        raise InputError("The index names no scan", path, "Write a row for each")
    missing = [str(file) for scan in scans for file in scan.files if not os.path.exists(file)]
    if missing:
        files = counted(len(missing), "file", "is", "are")
        raise InputError(f"{files} not where the index says: {', '.join(missing)}", path, "Mend the paths")
    return scans


def _table(path: Path) -> list[dict[str, str]]:
    """Rows of a table by their columns, cells without spaces around them."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"Cannot read the index ({error.strerror})", path, "Check the path") from error
    except ValueError as error:
        raise InputError("The index is no text in UTF-8", path, "Save it as CSV, UTF-8") from error
    separator = max(",;\t", key=lines[0].count) if lines else ","
    try:
        cells = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    except csv.Error as error:
        raise InputError(f"The index is no table ({error})", path, "Save it as CSV, UTF-8") from error
    rows = [row for row in cells if any(row)]
    header = [cell.lower() for cell in rows[0]] if rows else []
    twice = [column for column in (*REQUIRED, *OPTIONAL) if header.count(column) > 1]
    if twice:
        raise InputError(f"The index has the column {twice[0]} twice", path, "Leave one of them out")
    for column in REQUIRED:
        if column not in header:
            known = [*header, *OPTIONAL]
            near = unknown_setting("The index has no column", column, [name for name in known if name], path)
            raise InputError(near.what, path, f"{near.remedy}; needed are {listed(REQUIRED)}")
    return [dict(zip(header, row, strict=False)) for row in rows[1:]]


def _in_folders(data: DataSettings, images: str | None, labels: str | None, split: str) -> list[Scan]:
    assert images is not None and labels is not None  # settings come in pairs
    found: dict[str, list[Path]] = defaultdict(list)
    for image in find_images(images):
        found[base_name(image)].append(image)
    scans, alone = [], []
    for file in _label_files(Path(labels)):
        name = base_name(file)
        of = found.get(name) or [i for n, group in found.items() if _is_channel(n, name) for i in group]
        if len(of) > 1:
            names = ", ".join(image.name for image in of)
            raise InputError(f"Labels with several images ({names})", file, "Name the pairs in an index")
        if of:
            scans.append(Scan(of[0], file, _patient(name, data.patient, file), split=split))
        else:
            alone.append(file.name)
    if alone:
        raise InputError(
            f"{counted(len(alone), 'file')} of labels without an image: {', '.join(alone)}",
            labels,
            "Give images and labels the same names, or name the pairs in an index",
        )
    return scans


def _is_channel(name: str, case: str) -> bool:
    return name.startswith(case) and _CHANNEL.fullmatch(name[len(case) :]) is not None


def _label_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError("There is no folder of labels here", folder, "Check the path")
    known = (*EXTENSIONS, *PICTURES)
    found = sorted(p for p in folder.rglob("*") if extension(p) in known and not p.name.startswith("."))
    if not found:
        raise InputError("No label files in this folder", folder, "Put NRRD, NIfTI, MHA or .seg.nrrd there")
    return found


def _patient(name: str, pattern: str | None, file: Path) -> str:
    if pattern is None:
        return name
    match = re.search(pattern, name)
    if match is None or not match[1]:
        raise InputError(f"patient = {pattern!r} finds none in this name", file, "Mend the expression")
    return match[1]


def _named(scans: Sequence[Scan]) -> list[Scan]:
    """With names of their own: the file's, and where two share it that of the folder and of the patient before it."""
    bare = [base_name(scan.image) for scan in scans]
    inside = [f"{scan.image.parent.name}/{name}" for scan, name in zip(scans, bare, strict=True)]
    owned = [f"{scan.patient}/{name}" for scan, name in zip(scans, inside, strict=True)]
    numbered = [f"{number} {name}" for number, name in enumerate(owned, start=1)]
    names = next(names for names in (bare, inside, owned, numbered) if len(set(names)) == len(names))
    return [replace(scan, name=name) for scan, name in zip(scans, names, strict=True)]


def split_scans(scans: Sequence[Scan], data: DataSettings) -> list[Fold]:
    """Who is trained on and who is tested on, by patient.

    Raises:
        InputError: no split is stated, or it is stated twice; a patient in both parts (named), or one who is not there;
            more folds than patients; a part without anybody.
    """
    patients = sorted({scan.patient for scan in scans})
    if any(scan.split for scan in scans):
        return [_stated(scans, data)]
    if data.folds is not None:
        return _cross_validation(scans, patients, data.folds, data.split_seed)
    if data.test:
        strangers = [name for name in data.test if name not in patients]
        if strangers:
            raise unknown_setting("No scan of the patient", strangers[0], patients, "[data] test")
        return [_fold(scans, data.test)]
    if data.test_share is None:
        raise InputError(
            "Nothing says who is tested on",
            "[data]",
            "State it in a column split of the index, or give test, test_share or folds",
        )
    count = min(max(1, round(data.test_share * len(patients))), len(patients) - 1)
    if count < 1:
        raise InputError("One patient cannot be both trained and tested on", patients[0], "Add scans of others")
    order = generator(data.split_seed).permutation(len(patients))
    return [_fold(scans, [patients[i] for i in order[:count]])]


def _stated(scans: Sequence[Scan], data: DataSettings) -> Fold:
    if data.test or data.folds or data.test_share:
        raise InputError("The split is stated for each scan and again in [data]", None, "Leave one of the two out")
    sides = {side: {scan.patient for scan in scans if scan.split == side} for side in (TRAIN, TEST)}
    both = sorted(sides[TRAIN] & sides[TEST])
    if both:
        raise InputError(
            f"{counted(len(both), 'patient', 'is', 'are')} trained and tested on: {', '.join(both)}",
            None,
            "Put all scans of a patient into one part",
        )
    return _fold(scans, sides[TEST])


def _cross_validation(scans: Sequence[Scan], patients: Sequence[str], folds: int, seed: int) -> list[Fold]:
    if folds > len(patients):
        raise InputError(f"{folds} folds for {counted(len(patients), 'patient')}", "[data] folds", "Take fewer folds")
    order = generator(seed).permutation(len(patients))
    parts = [[patients[i] for i in order[number::folds]] for number in range(folds)]
    return [_fold(scans, part, number) for number, part in enumerate(parts, start=1)]


def _fold(scans: Sequence[Scan], tested: Iterable[str], number: int = 0) -> Fold:
    tested = set(tested)
    fold = Fold(
        number,
        tuple(place for place, scan in enumerate(scans) if scan.patient not in tested),
        tuple(place for place, scan in enumerate(scans) if scan.patient in tested),
    )
    for places, what in ((fold.train, "train"), (fold.test, "test")):
        if not places:
            raise InputError(f"Nobody is left to {what} on", "[data]", "Change the split")
    return fold
