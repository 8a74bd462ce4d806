"""What lies in a folder and the folders in it: volumes, pictures, and what is neither."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from SAMAdaptLib.errors import InputError, listed
from SAMAdaptLib.paths import header_lines, voxel_files
from SAMAdaptLib.volume.colour import UNREAD_PICTURES, is_picture
from SAMAdaptLib.volume.dicom import is_dicom
from SAMAdaptLib.volume.image import DETACHED, EXTENSIONS, SEGMENTATION, extension
from SAMAdaptLib.volume.mark import is_marked

DICOM = ".dcm"
HIDDEN, RESULTS, BESIDE, OTHER = "hidden", "segmentation or result", "picture beside DICOM", "other file"
SEVERAL = {
    HIDDEN: HIDDEN, RESULTS: "segmentations or results", BESIDE: "pictures beside DICOM", OTHER: "other files"
}  # fmt: skip
# Names of a group that a line tells before it only counts.
MOST_NAMES = 3


class Place(NamedTuple):
    """A folder by itself.

    Attributes:
        volumes: files, and the folder where it holds DICOM.
        pictures: also of formats that are not read, as whoever reads them says.
        left: all that is neither, by why.
    """

    volumes: list[Path]
    pictures: list[Path]
    left: Mapping[str, list[Path]]


def places(folder: Path, ours: Callable[[Path], bool] = lambda folder: False) -> list[Place]:
    """A folder and those in it; hidden ones, and those that are ``ours``, are left out as a whole.

    Raises:
        InputError: no such folder, or neither a volume nor a picture in it.
    """
    if not folder.is_dir():
        raise InputError("There is no folder of images here", folder, "Check the path")
    found = [*_places(folder, ours)]
    if not any(place.volumes or place.pictures for place in found):
        raise InputError("No images in this folder", folder, "Put NRRD, NIfTI, MHA, DICOM series or pictures there")
    return found


def _places(folder: Path, ours: Callable[[Path], bool]) -> Iterator[Place]:
    for place, folders, names in os.walk(folder):
        here = Path(place)
        left: dict[str, list[Path]] = {HIDDEN: [], RESULTS: [], BESIDE: [], OTHER: []}
        for inside in map(here.joinpath, sorted(folders)):
            if inside.name.startswith(".") or ours(inside):
                folders.remove(inside.name)
                left[HIDDEN if inside.name.startswith(".") else RESULTS].append(inside)
        volumes, pictures, slices = [], [], False
        for path in map(here.joinpath, sorted(names)):
            kind = extension(path)
            if path.name.startswith("."):
                left[HIDDEN].append(path)
            elif kind == DICOM or (_is_bare(kind) and (slices or _is_slice(path))):
                slices = True
            elif kind == SEGMENTATION or ((kind in EXTENSIONS or is_picture(path)) and is_marked(path)):
                left[RESULTS].append(path)
            elif kind in EXTENSIONS:
                volumes.append(path)
            elif is_picture(path) or kind in UNREAD_PICTURES:
                pictures.append(path)
            else:
                left[OTHER].append(path)
        if slices:
            volumes.append(here)
            # What viewers bring with them, and what somebody made of the slices.
            left[BESIDE], pictures = pictures, []
        _claim(volumes, left[OTHER])
        yield Place(volumes, pictures, left)


def told(left: Sequence[Mapping[str, Sequence[Path]]], within: Path) -> str:
    """What is left of several places in words; empty where nothing is."""
    words = []
    for why in dict.fromkeys(why for one in left for why in one):
        paths = sorted(path for one in left for path in one.get(why, ()))
        if paths:
            names = [path.relative_to(within).as_posix() for path in paths[:MOST_NAMES]]
            names += ["..."] if len(paths) > MOST_NAMES else []
            words.append(f"{len(paths)} {why if len(paths) == 1 else SEVERAL[why]} ({', '.join(names)})")
    return listed(words)


def _is_bare(kind: str) -> bool:
    """Whether a name is such as files of a series have: without an extension, or with the end of an identifier."""
    return kind == "" or kind[1:].isdigit()


def _is_slice(path: Path) -> bool:
    try:
        return is_dicom(path)
    except OSError:
        return False


def _claim(volumes: Sequence[Path], others: list[Path]) -> None:
    """Take from ``others`` the voxels of volumes whose headers lie in files of their own."""
    for header in volumes:
        if header.suffix.lower() in DETACHED:
            try:
                own = {header.parent / name for name in voxel_files(header, header_lines(header)[0])}
            except (OSError, ValueError):
                continue
            others[:] = [path for path in others if path not in own]
