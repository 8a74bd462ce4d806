"""By what SAMAdapt knows a segmentation file that it wrote and that nobody has changed since."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from PIL import Image

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import sha256_array
from SAMAdaptLib.paths import header_lines
from SAMAdaptLib.volume import nifti
from SAMAdaptLib.volume.colour import NO_PICTURE, is_picture
from SAMAdaptLib.volume.headers import check_header

KEY = "SAMAdapt"
# NIfTI has one text field, of 80 bytes, and ITK writes this entry into it.
NIFTI_KEY = "ITK_FileNotes"


def mark_of(voxels: np.ndarray, names: Sequence[str] = ()) -> str:
    """The mark of a file with these voxels: [K, J, I] or [K, J, I, layers], whole numbers, and names of segments."""
    return sha256_array(voxels, np.frombuffer("\n".join(names).encode(), np.uint8))


def set_mark(image: sitk.Image, nifti: bool) -> None:
    """Put the mark of a label map into its metadata."""
    mark = mark_of(sitk.GetArrayViewFromImage(image))
    image.SetMetaData(*((NIFTI_KEY, f"{KEY} {mark}") if nifti else (KEY, mark)))


def is_marked(path: str | os.PathLike[str]) -> bool:
    """Whether SAMAdapt wrote this label map or picture of labels, by its header alone; it may have been changed since.
    """
    if is_picture(path):
        try:
            with Image.open(path) as picture:
                return KEY in picture.info
        except NO_PICTURE:
            return False
    try:
        lines, _ = header_lines(Path(path))
        described = "" if lines else nifti.description(Path(path))
    except OSError:
        return False
    return described.startswith(f"{KEY} ") or any(line.startswith((f"{KEY}:=", f"{KEY} =")) for line in lines)


def is_unchanged(path: str | os.PathLike[str]) -> bool:
    """Whether the file carries the mark of what it holds: a segmentation corrected by hand no longer does."""
    if is_picture(path):
        return _is_unchanged_picture(path)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        # What lies there may be anything.
        check_header(Path(path))
        reader.ReadImageInformation()
        keys = reader.GetMetaDataKeys()
        if KEY in keys:
            mark = reader.GetMetaData(KEY)
        elif "descrip" in keys and reader.GetMetaData("descrip").startswith(KEY):
            mark = reader.GetMetaData("descrip").removeprefix(KEY).strip()
        else:
            return False
        names = [f"Segment{number}_Name" for number in itertools.takewhile(
            lambda number: f"Segment{number}_Name" in keys, itertools.count()
        )]  # fmt: skip
        voxels = sitk.GetArrayFromImage(reader.Execute())
        return bool(mark == mark_of(voxels, [reader.GetMetaData(name) for name in names]))
    except (InputError, OSError, RuntimeError):
        return False


def _is_unchanged_picture(path: str | os.PathLike[str]) -> bool:
    try:
        with Image.open(path) as picture:
            return bool(picture.info.get(KEY) == mark_of(np.asarray(picture)[None]))
    except NO_PICTURE:
        return False
