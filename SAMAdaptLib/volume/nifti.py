"""What SimpleITK does not say about a NIfTI file, and NIfTI-2, which it does not read.

Facts of the header from the definitions nifti1.h and nifti2.h.
"""

from __future__ import annotations

import contextlib
import math
import os
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.packed import AGAIN, PIECE, is_packed, unpacked

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
# What matters of a NIfTI-1 header: struct code and offset.
_NIFTI1 = {
    "dim": ("8h", 40),
    "datatype": ("2h", 70),
    "pixdim": ("4f", 76),
    "vox_offset": ("f", 108),
    "scl": ("2f", 112),
    "codes": ("2h", 252),
    "qform": ("6f", 256),
    "sform": ("12f", 280),
}
# Bits of a voxel by its datatype.
BITS = {2: 8, 4: 16, 8: 32, 16: 32, 32: 64, 64: 64, 128: 24, 256: 8, 512: 16, 768: 32, 1024: 64, 1280: 64, 1536: 128,
        1792: 128, 2048: 256, 2304: 32}  # fmt: skip
_FLOATS = {16: "f4", 64: "f8"}
# Fields of a header by their names in _NIFTI1.
Header = dict[str, tuple[Any, ...]]


def checked_header(file: Path, path: str | os.PathLike[str]) -> Header:
    """The header of a file, after a check of what ITK takes as it is, and fills in where it cannot be.

    Args:
        file: NIfTI-1, see :func:`as_nifti1`.
        path: the file as the user knows it.

    Raises:
        InputError: no NIfTI in one file; a header that contradicts itself, or holds what is no number.
    """
    header = _first(file, 348)
    order = _order(header, 348)
    if order is None or header[344:348] != b"n+1\0":
        raise InputError("Cannot read this as an image, since it is no NIfTI in one file", path, "Give a complete file")
    values = {name: struct.unpack_from(order + form, header, at) for name, (form, at) in _NIFTI1.items()}
    (offset,), (slope, inter) = values["vox_offset"], values["scl"]
    axes, *sizes = values["dim"]
    kind, bits = values["datatype"]
    sized = [step for step, size in zip(values["pixdim"][1:], sizes[: min(axes, 3)], strict=False) if size > 1]
    forms = [values[form] for form, code in zip(("qform", "sform"), values["codes"], strict=True) if code > 0]
    faults = {
        f"{axes} axes of the sizes {sizes}": not 1 <= axes <= 7 or min(sizes[:axes]) < 1,
        f"voxels of the type {kind} with {bits} bits": bits != BITS.get(kind, bits),
        f"voxels from byte {offset:g} on": not 352 <= offset < 1 << 31 or offset != int(offset),
        "a voxel size that is 0, negative or no number": any(not 0 < step < np.inf for step in sized),
        "a place that is no number": not all(np.isfinite(form).all() for form in forms),
        f"a scale of {slope:g} and {inter:g}": _is_scaled_badly(slope, inter),
    }
    for fault, wrong in faults.items():
        if wrong:
            raise InputError(f"The NIfTI header cannot be right: {fault}", path, "Repair it, or save the image again")
    return values


def time_step(file: Path) -> float:
    """From frame to frame, as a NIfTI-1 file stores it, in the unit that it names."""
    header = _first(file, 348)
    step: float = struct.unpack_from(f"{_order(header, 348)}f", header, 92)[0]
    return step


def description(file: Path) -> str:
    """The text field of a NIfTI-1 file; empty of any other."""
    header = _first(file, 348)
    is_nifti = len(header) == 348 and header[344:347] in (b"n+1", b"ni1")
    return header[148:228].partition(b"\0")[0].decode("ascii", "replace") if is_nifti else ""


def _is_scaled_badly(slope: float, inter: float) -> bool:
    # ITK adds the intercept where a slope of 0 says that there is neither.
    if not np.isfinite(slope) or slope == 0:
        return bool(np.isfinite(inter) and inter != 0)
    return not np.isfinite(inter)


def _first(file: Path, count: int) -> bytes:
    """The first bytes of a file, unpacked; fewer where it is damaged."""
    if not is_packed(file):
        with open(file, "rb") as handle:
            return handle.read(count)
    try:
        # No more than that: what follows may be damaged, which is told of later.
        return next(unpacked(file, file, most=count), b"")
    except InputError:
        return b""


def _order(header: bytes, length: int) -> str | None:
    """The byte order of a header, which begins with its own length; None where it is no whole one of that length."""
    orders = (code for code in "<>" if header[:4] == struct.pack(code + "i", length))
    return next(orders, None) if len(header) >= length else None


def check_voxels(file: Path, path: str | os.PathLike[str], reader: sitk.ImageFileReader) -> int:
    """Check that all voxels are in a file, whole, and not many more: ITK reads those that are missing as zero.

    Args:
        file: NIfTI-1, see :func:`as_nifti1`.
        path: the file as the user knows it.
        reader: that has read its header.

    Returns:
        how many are NaN or infinite in the file: ITK reads them as 0, which is water in CT.

    Raises:
        InputError: it ends before its last voxel, goes on for a slice or more, or its compressed voxels are damaged.
    """
    sizes, kind = reader.GetSize(), int(reader.GetMetaData("datatype"))
    size = BITS.get(kind, int(reader.GetMetaData("bitpix"))) // 8
    begin = int(float(reader.GetMetaData("vox_offset")))
    wanted, plane = begin + math.prod(sizes) * size, math.prod(sizes[:2]) * size
    floats = _FLOATS.get(kind)
    if floats is not None:
        floats = (_order(_first(file, 348), 348) or "=") + floats
    packed = is_packed(file)
    pieces = unpacked(file, path) if packed else _read(file) if floats else iter(())
    found = 0 if packed or floats else file.stat().st_size
    bad, rest = 0, b""
    # Both in one go: nothing that is done to a file takes longer than to unpack it.
    for piece in pieces:
        if floats:
            rest += piece[max(0, begin - found) : max(0, wanted - found)]
            values = np.frombuffer(rest, floats, len(rest) // size)
            bad += int(np.count_nonzero(~np.isfinite(values)))
            rest = rest[values.nbytes :]
        found += len(piece)
        if found >= wanted + plane:
            break
    if found >= wanted + plane:
        what = "The file holds more voxels than its header says"
        raise InputError(what, path, "Repair the header, or save the image again")
    if found < wanted:
        raise InputError("The file ends before its last voxel", path, AGAIN)
    return bad


def complete(path: Path) -> bool:
    """Whether all voxels are in a file that was just written."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        check_voxels(path, path, reader)
    except (InputError, RuntimeError):
        return False
    return True


@contextlib.contextmanager
def as_nifti1(path: Path) -> Iterator[Path]:
    """A NIfTI-2 file as NIfTI-1 in a temporary place; any other file as it is.

    Raises:
        InputError: more than 32767 voxels along an axis, which NIfTI-1 cannot hold.
    """
    header = _first(path, 540)
    order = _order(header, 540)
    if order is None or header[4:8] != b"n+2\0":
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
    except (struct.error, OverflowError) as error:
        raise InputError("This NIfTI-2 file is too large to read", path, "Save it as .nrrd, or crop it") from error
    (offset,) = struct.unpack_from(order + "q", header, 168)
    axes, *sizes = struct.unpack_from(order + "8h", converted, 40)
    sizes = sizes[: max(axes, 0)]
    (bits,) = struct.unpack_from(order + "h", converted, 72)
    if offset < 544 or min(sizes, default=0) < 1 or bits < 1:
        what = f"The NIfTI header cannot be right: voxels from byte {offset} on, sizes {sizes}, {bits} bits"
        raise InputError(what, path, "Repair it, or save the image again")
    # A slice more than there should be is enough to tell that there is more.
    left = (math.prod(sizes) + math.prod(sizes[:2])) * bits // 8
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "image.nii"
        with open(copy, "wb") as target:
            target.write(converted)
            for piece in unpacked(path, path) if is_packed(path) else _read(path):
                kept = memoryview(piece)[offset:][:left]
                offset = max(0, offset - len(piece))
                left -= target.write(kept)
                if not left:
                    break
        yield copy


def _read(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as handle:
        while block := handle.read(PIECE):
            yield block


def tell_of_placement(header: Header, taken: Geometry, path: str | os.PathLike[str]) -> None:
    """Note where the header places the image in two ways, or sizes its voxels in two ways, or does not place it.

    Args:
        header: see :func:`checked_header`.
        taken: the grid that SimpleITK chose.
        path: the file as the user knows it.
    """
    # From the bytes: SimpleITK does not hand on the sign in pixdim[0].
    pixdim, quaternion, sform = (np.array(header[name]) for name in ("pixdim", "qform", "sform"))
    codes = dict(zip(("qform", "sform"), header["codes"], strict=True))
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
