"""Reading and writing scalar 3D images through SimpleITK."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.files import atomic_path, sha256_array
from SAMAdaptLib.volume import nifti
from SAMAdaptLib.volume.dicom import is_dicom, read_dicom
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.mark import set_mark

# Longest first: ".nii.gz" must win over a lone ".gz".
EXTENSIONS = (".seg.nrrd", ".nii.gz", ".nrrd", ".nhdr", ".nii", ".mha", ".mhd", ".dcm")
# Formats in one file; a header with a separate data file cannot be replaced in one step.
WRITABLE = (".nrrd", ".nii", ".nii.gz", ".mha")
NIFTI = (".nii", ".nii.gz")
# Cosine between voxel axes.
SHEAR_TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Volume:
    """A scalar image on its grid.

    Attributes:
        array: [K, J, I], any numeric dtype, finite.
        geometry: the voxel grid, RAS mm.
        name: the file's base name without folder and extension.
        modality: as DICOM spells it ("CT", "MR", "PT", ...) where the source tells it, else empty.
        series: the SeriesInstanceUID of a DICOM series, to be compared with the one that labels refer to; it tells
            whose scan this is, so it goes into no file.
    """

    array: np.ndarray
    geometry: Geometry
    name: str = ""
    modality: str = ""
    series: str = ""

    @cached_property
    def content_hash(self) -> str:
        """SHA-256, lower-case hex, over voxels, dtype, shape and ``ijk_to_ras``; the same in every file format."""
        # Adding zero turns the -0.0 that axis flips leave behind into 0.0.
        return sha256_array(self.array, self.geometry.ijk_to_ras + 0.0)


def read_volume(
    path: str | os.PathLike, series: str | int | None = None, frames: str | Sequence[int] | None = None
) -> Volume:
    """Read NRRD, NIfTI, MetaImage, a DICOM file or a folder with DICOM series.

    A 2D image becomes a volume of one slice. A NIfTI whose sform is sheared is placed by its qform, as ITK does.

    Args:
        path: the file or folder.
        series: which DICOM series of a folder, see :func:`SAMAdaptLib.volume.dicom.read_dicom`.
        frames: which frames of that series.

    Raises:
        InputError: missing, not an image, cut off, 4D, colour or vector, complex, NaN or infinite voxels, an unusable
            grid; in DICOM: see :func:`SAMAdaptLib.volume.dicom.read_dicom`; a choice of series or frames for any other
            file.
    """
    if holds_dicom(path):
        with _quiet():
            read = read_dicom(path, series, frames)
        _check_finite(read.array, path)
        return Volume(read.array, read.geometry, base_name(path), read.modality, read.series)
    if series is not None or frames is not None:
        raise InputError("Only DICOM has series and frames to choose from", path, "Leave out --series and --frames")
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
        if suffix in NIFTI and not nifti.complete(temporary):
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


def holds_dicom(path: str | os.PathLike) -> bool:
    """Whether this is a DICOM file, or a folder, which can hold nothing else.

    Raises:
        InputError: there is nothing.
    """
    path = Path(path)
    if not os.path.exists(path):
        raise InputError("No such file or folder", path, "Check the path")
    known = extension(path)
    return path.is_dir() or known == ".dcm" or (known not in EXTENSIONS and is_dicom(path))


def load_image(path: str | os.PathLike, layers: bool = False) -> sitk.Image:
    """Read a file other than DICOM as a 3D SimpleITK image, with its metadata and without a check of its voxels.

    Args:
        path: the file.
        layers: accept several values a voxel, as in a segmentation whose segments overlap.

    Raises:
        InputError: see :func:`read_volume`.
    """
    path = Path(path)
    with _quiet():
        if extension(path) not in NIFTI:
            return _read_file(path, path, layers)
        with nifti.as_nifti1(path) as readable:
            image = _read_file(readable, path, layers)
            nifti.tell_of_placement(readable, geometry_of(image, path), path)
        return image


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


def _read_file(file: Path, path: Path, layers: bool) -> sitk.Image:
    """The image in ``file``, which is what can be read of ``path``."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(file))
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
        if not nifti.complete(file):
            raise InputError("The file ends before its last voxel", path, "Copy or download it again")
        _refuse_not_finite(nifti.not_finite(file, reader), path)
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise _unreadable(path, error) from error
    while image.GetDimension() > 3:
        image = image[(slice(None),) * (image.GetDimension() - 1) + (0,)]
    if image.GetDimension() == 3:
        return image
    flat, image = image, sitk.JoinSeries(image)
    for key in flat.GetMetaDataKeys():
        image.SetMetaData(key, flat.GetMetaData(key))
    note("A 2D image: taken as one slice, 1 mm thick", path)
    return image


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


def _check_finite(array: np.ndarray, path: str | os.PathLike) -> None:
    if not np.issubdtype(array.dtype, np.floating):
        return
    _refuse_not_finite(sum(int(np.count_nonzero(~np.isfinite(part))) for part in array), path)


def _refuse_not_finite(bad: int, path: str | os.PathLike) -> None:
    if bad:
        raise InputError(
            f"{counted(bad, 'voxel', 'is', 'are')} NaN or infinite",
            path, "Replace them, for instance by the lowest value of the image"
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
