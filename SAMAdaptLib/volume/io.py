"""Reading and writing scalar 3D images through SimpleITK."""

from __future__ import annotations

import contextlib
import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path, sha256_array
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.mark import set_mark

# Longest first: ".nii.gz" must win over a lone ".gz".
EXTENSIONS = (".seg.nrrd", ".nii.gz", ".nrrd", ".nhdr", ".nii", ".mha", ".mhd", ".dcm")
# Formats in one file; a header with a separate data file cannot be replaced in one step.
WRITABLE = (".nrrd", ".nii", ".nii.gz", ".mha")
NIFTI = (".nii", ".nii.gz")
# How far a DICOM slice may lie from its place in an even stack, as a part of the slice step.
SLICE_TOLERANCE = 0.05
# Sine of the largest angle between the slice step and the slice normal, and cosine between voxel axes.
TILT_TOLERANCE = 0.01
SHEAR_TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Volume:
    """A scalar image on its grid.

    Attributes:
        array: [K, J, I], any numeric dtype, finite.
        geometry: the voxel grid, RAS mm.
        name: the file's base name without folder and extension.
        modality: as DICOM spells it ("CT", "MR", "PT", ...) where the source tells it, else empty.
    """

    array: np.ndarray
    geometry: Geometry
    name: str = ""
    modality: str = ""

    @cached_property
    def content_hash(self) -> str:
        """SHA-256, lower-case hex, over voxels, dtype, shape and ``ijk_to_ras``; the same in every file format."""
        # Adding zero turns the -0.0 that axis flips leave behind into 0.0.
        return sha256_array(self.array, self.geometry.ijk_to_ras + 0.0)


def read_volume(path: str | os.PathLike) -> Volume:
    """Read NRRD, NIfTI, MetaImage or a folder that holds one DICOM series.

    A 2D image becomes a volume of one slice. A NIfTI whose sform is sheared is placed by its qform, as ITK does.

    Raises:
        InputError: missing, not an image, cut off, 4D, colour or vector, complex, NaN or infinite voxels, an unusable
            grid; in a DICOM folder: no series or several, uneven, missing or tilted slices.
    """
    image = load_image(path)
    array = sitk.GetArrayFromImage(image)
    _check_finite(array, path)
    return Volume(array, geometry_of(image, path), base_name(path))


def write_volume(
    path: str | os.PathLike, array: np.ndarray, geometry: Geometry, compress: bool = True, mark: bool = False
) -> None:
    """Write an image atomically: voxels and grid only, never metadata of its source.

    Args:
        path: ends with .nrrd, .nii, .nii.gz or .mha.
        array: [K, J, I]; bool is stored as uint8, float16 as float32.
        geometry: its grid. NIfTI keeps it in float32.
        compress: within the file; .nii is never and .nii.gz always compressed.
        mark: put into the header that SAMAdapt wrote these voxels, see :mod:`SAMAdaptLib.volume.mark`.

    Raises:
        InputError: another extension, a folder that cannot be written to, a full disk, a sheared grid for NIfTI.
    """
    path = Path(path)
    suffix = extension(path)
    check_writable(path, geometry)
    image = to_image(array, geometry)
    if mark:
        set_mark(image, suffix in NIFTI)
    with atomic_path(path) as temporary:
        try:
            with _quiet():
                sitk.WriteImage(image, str(temporary), useCompression=compress)
        except RuntimeError as error:
            raise InputError("Cannot write the image", path, "Check the free space and the permissions") from error
        # ITK's NIfTI writer stays silent on a full disk.
        if suffix in NIFTI and not _nifti_complete(temporary):
            raise InputError("Cannot write the whole image", path, "Check the free space")


def check_writable(path: str | os.PathLike, geometry: Geometry | None = None) -> None:
    """Check that an image can be written to a file of this name, and on this grid.

    Raises:
        InputError: another extension than :data:`WRITABLE`, a sheared grid for NIfTI.
    """
    if not Path(path).name.lower().endswith(WRITABLE):
        raise InputError("Cannot write this file format", path, f"Use one of {', '.join(WRITABLE)}")
    if geometry is None or extension(path) not in NIFTI:
        return
    directions = geometry.ijk_to_ras[:3, :3] / geometry.spacing
    if np.abs(directions.T @ directions - np.eye(3)).max() > SHEAR_TOLERANCE:
        raise InputError("NIfTI cannot hold a grid whose axes are not at right angles", path, "Write .nrrd instead")


def load_image(path: str | os.PathLike, layers: bool = False) -> sitk.Image:
    """Read a file or a DICOM folder as a 3D SimpleITK image, with its metadata and without a check of its voxels.

    Args:
        path: the file or folder.
        layers: accept several values a voxel, as in a segmentation whose segments overlap.

    Raises:
        InputError: see :func:`read_volume`.
    """
    path = Path(path)
    if not path.exists():
        raise InputError("No such file or folder", path, "Check the path")
    with _quiet():
        return _read_series(path) if path.is_dir() else _read_file(path, layers)


def to_image(array: np.ndarray, geometry: Geometry) -> sitk.Image:
    """An array [K, J, I] as a SimpleITK image on ``geometry``."""
    if array.shape != geometry.shape:
        raise ValueError(f"array of shape {array.shape} on a grid of shape {geometry.shape}")
    array = array.astype({"bool": np.uint8, "float16": np.float32}.get(array.dtype.name, array.dtype), copy=False)
    image = sitk.GetImageFromArray(array)
    spacing, origin, direction = geometry.to_lps()
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    image.SetDirection(direction)
    return image


def geometry_of(image: sitk.Image, path: str | os.PathLike) -> Geometry:
    """The grid of a 3D SimpleITK image.

    Raises:
        InputError: direction or spacing is singular or not finite.
    """
    try:
        return Geometry.from_lps(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    except InputError as error:
        raise InputError(error.what, path, error.remedy) from error


def extension(path: str | os.PathLike) -> str:
    """The image extension in lower case with its dot (".nii.gz"), or the last suffix where it is not a known one."""
    name = Path(path).name.lower()
    return next((known for known in EXTENSIONS if name.endswith(known)), Path(name).suffix)


def base_name(path: str | os.PathLike) -> str:
    """The file's name without folder and image extension; a folder's own name."""
    path = Path(path)
    if path.is_dir():
        return path.resolve().name
    return path.name[: len(path.name) - len(extension(path))] or path.name


def _read_file(path: Path, layers: bool = False) -> sitk.Image:
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise _unreadable(path, error) from error
    size = reader.GetSize()
    if any(n > 1 for n in size[3:]):
        shape = " x ".join(map(str, size))
        raise InputError(f"The image has {len(size)} dimensions ({shape})", path, "Split it into 3D volumes")
    pixel = sitk.GetPixelIDValueAsString(reader.GetPixelID())
    if "complex" in pixel:
        raise InputError("The image holds complex numbers", path, "Save its magnitude as a volume")
    count = reader.GetNumberOfComponents()
    if count > 1 and not layers:
        raise InputError(
            f"The image has {count} values in each voxel (colour, vectors or a sequence)",
            path,
            "Save one of them as a greyscale volume",
        )
    if extension(path) in NIFTI:
        if not _nifti_complete(path):
            raise InputError("The file ends before its last voxel", path, "Copy or download it again")
        _refuse_not_finite(_nifti_not_finite(path, reader), path)
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise _unreadable(path, error) from error
    while image.GetDimension() > 3:
        image = image[(slice(None),) * (image.GetDimension() - 1) + (0,)]
    return sitk.JoinSeries(image) if image.GetDimension() == 2 else image


def _unreadable(path: Path, error: RuntimeError) -> InputError:
    if "orthonormal" in str(error):
        return InputError(
            "The NIfTI header gives no grid with axes at right angles (sheared sform, no qform)",
            path,
            "Resample the image onto a regular grid, or store a valid qform",
        )
    return InputError(
        "Cannot read this as an image", path, f"Give a complete file in one of {', '.join(EXTENSIONS[1:])}"
    )


def _nifti_complete(path: Path) -> bool:
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


def _nifti_not_finite(path: Path, reader: sitk.ImageFileReader) -> int:
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


def _read_series(folder: Path) -> sitk.Image:
    series = sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(folder))
    if not series:
        raise InputError("No DICOM series in this folder", folder, "Give the folder that holds the slice files")
    if len(series) > 1:
        raise InputError(f"{len(series)} DICOM series in this folder", folder, "Give a folder with one series")
    files = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder), series[0])
    if len(files) == 1:
        return _read_file(Path(files[0]))
    _check_slices(files, folder)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(files)
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise InputError("The DICOM slices do not form a volume", folder, "Export the series again") from error
    if image.GetNumberOfComponentsPerPixel() > 1:
        raise InputError("The DICOM series is in colour", folder, "Give a greyscale series")
    return image


def _check_slices(files: tuple[str, ...], folder: Path) -> None:
    """Refuse slices that are not evenly stacked: ITK would only warn, and stretch or shift the patient."""
    grids = []
    reader = sitk.ImageFileReader()
    for file in files:
        reader.SetFileName(file)
        try:
            reader.ReadImageInformation()
        except RuntimeError as error:
            raise InputError("Cannot read a DICOM slice", file, "Export the series again") from error
        grids.append((reader.GetOrigin(), reader.GetDirection(), reader.GetSize(), reader.GetSpacing()[:2]))
    origins = np.array([grid[0] for grid in grids])
    directions = np.array([grid[1] for grid in grids])
    if any(grid[2:] != grids[0][2:] for grid in grids) or np.ptp(directions, axis=0).max() > TILT_TOLERANCE:
        raise InputError(
            "The slices of the DICOM series differ in size, spacing or orientation",
            folder,
            "Give a folder that holds one stack of parallel slices",
        )
    step = (origins[-1] - origins[0]) / (len(files) - 1)
    length = float(np.linalg.norm(step))
    ideal = origins[0] + np.arange(len(files))[:, None] * step
    if length < 1e-6 or np.linalg.norm(origins - ideal, axis=1).max() > SLICE_TOLERANCE * length:
        raise InputError(
            "The slices of the DICOM series are unevenly spaced, doubled or missing",
            folder,
            "Export the whole series again, or resample it to even spacing",
        )
    normal = directions[0].reshape(3, 3)[:, 2]
    if np.linalg.norm(np.cross(step / length, normal)) > TILT_TOLERANCE:
        raise InputError(
            "The slices of the DICOM series are stacked at a slant (tilted gantry)",
            folder,
            "Resample it onto a regular grid first",
        )


def _check_finite(array: np.ndarray, path: str | os.PathLike) -> None:
    if not np.issubdtype(array.dtype, np.floating):
        return
    _refuse_not_finite(sum(int(np.count_nonzero(~np.isfinite(part))) for part in array), path)


def _refuse_not_finite(bad: int, path: str | os.PathLike) -> None:
    if bad:
        raise InputError(
            f"{bad} voxels are NaN or infinite", path, "Replace them, for instance by the lowest value of the image"
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hold back ITK's warnings: what matters in them is checked here and told as an error."""
    before = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        yield
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(before)
