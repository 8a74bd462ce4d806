"""What SimpleITK does not say about a NIfTI file, and NIfTI-2, which it does not read.

Facts of the header from the definitions nifti1.h and nifti2.h.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.volume.geometry import Geometry

# Fields of both headers that matter here: struct code and offset in NIfTI-2, the same in NIfTI-1, how many.
FIELDS = (
    ("q", 16, "h", 40, 8),  # dim
    ("d", 80, "f", 56, 3),  # intent_p1..3
    ("i", 504, "h", 68, 1),  # intent_code
    ("h", 12, "h", 70, 1),  # datatype
    ("h", 14, "h", 72, 1),  # bitpix
    ("d", 104, "f", 76, 8),  # pixdim
    ("d", 176, "f", 112, 2),  # scl_slope, scl_inter
    ("i", 500, "b", 123, 1),  # xyzt_units
    ("i", 344, "h", 252, 2),  # qform_code, sform_code
    ("d", 352, "f", 256, 18),  # quatern_b..d, qoffset_x..z, srow_x..z
)


def complete(path: Path) -> bool:
    """Whether all voxels are in the file: ITK reads a NIfTI that was cut off as if the rest were zero."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return False
    voxels = int(np.prod(reader.GetSize(), dtype=np.int64))
    wanted = int(float(reader.GetMetaData("vox_offset"))) + voxels * int(reader.GetMetaData("bitpix")) // 8
    with open(path, "rb") as handle:
        if handle.read(2) != b"\x1f\x8b":
            return path.stat().st_size >= wanted
        handle.seek(-4, os.SEEK_END)
        # A gzip member ends with its length modulo 2**32, which spares decompressing the file twice.
        if int.from_bytes(handle.read(4), "little") == wanted % 2**32:
            return True
    found = 0
    try:
        with gzip.open(path) as handle:
            while found < wanted and (block := handle.read(1 << 20)):
                found += len(block)
    except (EOFError, OSError, zlib.error):
        return False
    return found >= wanted


def not_finite(path: Path, reader: sitk.ImageFileReader) -> int:
    """How many voxels are NaN or infinite in the file: ITK reads them from a NIfTI as 0, which is water in CT."""
    stored = {"16": "f4", "64": "f8"}.get(reader.GetMetaData("datatype"))
    if stored is None:
        return 0
    with open(path, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    bad = 0
    with gzip.open(path) if packed else open(path, "rb") as handle:
        # The header starts with its own length: 348, or 540 for NIfTI-2.
        order = "<" if int.from_bytes(handle.read(4), "little") in (348, 540) else ">"
        handle.seek(int(float(reader.GetMetaData("vox_offset"))))
        left = int(np.prod(reader.GetSize(), dtype=np.int64)) * int(stored[1])
        while left > 0 and (block := handle.read(min(left, 1 << 24))):
            left -= len(block)
            bad += int(np.count_nonzero(~np.isfinite(np.frombuffer(block, order + stored))))
    return bad


@contextlib.contextmanager
def as_nifti1(path: Path) -> Iterator[Path]:
    """A NIfTI-2 file as NIfTI-1 in a temporary place; any other file as it is.

    Raises:
        InputError: more than 32767 voxels along an axis, which NIfTI-1 cannot hold.
    """
    with open(path, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    opened = gzip.open if packed else open
    try:
        with opened(path, "rb") as handle:
            header = handle.read(540)
    except (EOFError, OSError, zlib.error):
        header = b""
    order = next((code for code in "<>" if header[:4] == struct.pack(code + "i", 540)), None)
    if order is None or len(header) < 540 or header[4:8] != b"n+2\0":
        yield path
        return
    converted = bytearray(352)
    struct.pack_into(order + "i", converted, 0, 348)
    struct.pack_into(order + "f", converted, 108, 352)
    converted[344:348] = b"n+1\0"
    try:
        for code, at, narrow, to, count in FIELDS:
            values = struct.unpack_from(f"{order}{count}{code}", header, at)
            struct.pack_into(f"{order}{count}{narrow}", converted, to, *values)
    except struct.error as error:
        raise InputError("This NIfTI-2 file is too large to read", path, "Save it as .nrrd, or crop it") from error
    (offset,) = struct.unpack_from(order + "q", header, 168)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "image.nii"
        with opened(path, "rb") as source, open(copy, "wb") as target:
            source.seek(offset)
            target.write(converted)
            with contextlib.suppress(EOFError, zlib.error):
                shutil.copyfileobj(source, target)
        yield copy


def tell_of_placement(file: Path, taken: Geometry, path: str | os.PathLike[str]) -> None:
    """Note where the header places the image in two ways, or sizes its voxels in two ways, or does not place it.

    Args:
        file: NIfTI-1, see :func:`as_nifti1`.
        taken: the grid that SimpleITK chose.
        path: the file as the user knows it.
    """
    with open(file, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    with gzip.open(file) if packed else open(file, "rb") as handle:
        header = handle.read(348)
    # From the bytes: SimpleITK does not hand on the sign in pixdim[0].
    order = "<" if header[:4] == struct.pack("<i", 348) else ">"
    pixdim = np.array(struct.unpack_from(order + "4f", header, 76))
    codes = dict(zip(("qform", "sform"), struct.unpack_from(order + "2h", header, 252), strict=True))
    quaternion, sform = (
        np.array(struct.unpack_from(f"{order}{count}f", header, at)) for count, at in ((6, 256), (12, 280))
    )
    if max(codes.values()) <= 0:
        note(
            "The NIfTI header does not place the image (no sform, no qform); columns were taken to go left, rows back, "
            "slices up",
            path,
            "Check left and right",
        )
        return
    sizes, sform = np.abs(pixdim[1:]), sform.reshape(3, 4)
    lengths = np.linalg.norm(sform[:, :3], axis=0)
    forms = {"qform": _qform(quaternion, pixdim)} if codes["qform"] > 0 else {}
    if codes["sform"] > 0 and lengths.all():
        forms["sform"] = np.column_stack([sform[:, :3] / lengths * sizes, sform[:, 3]])
    corners = np.array(np.meshgrid(*[(0, max(n, 2) - 1) for n in taken.size])).reshape(3, -1).T
    places = {form: corners @ matrix[:, :3].T + matrix[:, 3] for form, matrix in forms.items()}
    ours = taken.to_ras(corners)
    chosen, *others = sorted(places, key=lambda form: float(np.abs(places[form] - ours).max()))
    apart = max((float(np.linalg.norm(places[chosen] - places[form], axis=1).max()) for form in others), default=0.0)
    if apart > sizes.min() / 2:
        first, second = (", ".join(f"{value + 0.0:.4g}" for value in forms[form][:, 3]) for form in (chosen, *others))
        note(
            f"The NIfTI header places the image in two ways, up to {apart:.3g} mm apart: its first voxel at {first} mm "
            f"(R, A, S) by the {chosen}, at {second} mm by the {others[0]}; the {chosen} was taken, as 3D Slicer does",
            path,
            "Repair the header if the image lies wrong",
        )
        if chosen == "qform":
            return
    if "sform" in forms and np.abs(lengths - sizes).max() > 1e-3 * lengths.max():
        note(
            f"The NIfTI header says voxels of {_sizes(lengths)} mm by its sform and {_sizes(sizes)} mm by pixdim; "
            "pixdim was taken, as 3D Slicer does",
            path,
            "Repair the header if distances are wrong",
        )


def _qform(quaternion: np.ndarray, pixdim: np.ndarray) -> np.ndarray:
    """[3, 4], RAS mm, from quatern_b..d and qoffset_x..z."""
    b, c, d = quaternion[:3]
    a = max(0.0, 1 - b * b - c * c - d * d) ** 0.5
    turn = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    sizes = np.abs(pixdim[1:]) * [1, 1, -1 if pixdim[0] < 0 else 1]
    return np.column_stack([turn * sizes, quaternion[3:]])


def _sizes(values: np.ndarray) -> str:
    return " x ".join(f"{value:.4g}" for value in values)
