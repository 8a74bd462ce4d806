"""3D images: one reader for every format, and one writer."""

from __future__ import annotations

import hashlib
import operator
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path, sha256_array
from SAMAdaptLib.volume import nifti
from SAMAdaptLib.volume.colour import colours_of
from SAMAdaptLib.volume.dicom import Pixels, is_dicom
from SAMAdaptLib.volume.dicom_film import read_dicom_frames
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.headers import check_header
from SAMAdaptLib.volume.image import (
    EXTENSIONS,
    NIFTI,
    base_name,
    extension,
    geometry_of,
    load_frames,
    quiet,
    refuse_not_finite,
    to_image,
)
from SAMAdaptLib.volume.mark import set_mark
from SAMAdaptLib.volume.moments import Moment, Times

# Formats in one file; a header with a separate data file cannot be replaced in one step.
WRITABLE = (".nrrd", ".nii", ".nii.gz", ".mha")
# Cosine between voxel axes.
SHEAR_TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Volume:
    """An image on its grid: a scan, or up to three that a model sees together as channels.

    Attributes:
        array: [K, J, I], or of several channels [K, J, I, C], any numeric dtype, finite.
        geometry: the voxel grid, RAS mm.
        name: the file's base name without folder and extension.
        modality: as DICOM spells it ("CT", "MR", "PT", ...) where the source tells it, else empty.
        series: the SeriesInstanceUID of a DICOM series, to be compared with the one that labels refer to; it tells
            whose scan this is, so it goes into no file.
        body_part: what was examined, as DICOM spells it, where the source tells it; it goes into no file.
        colour: whether the channels are red, green and blue, uint8.
        frame: which one of an image over time it is, counted from 1; None of any other.
        film: the ``content_hash`` of that image's first frame, which tells that frames are of one patient; else empty.
        patient: a hash that tells whether two DICOM series are of one patient; it goes into no file. Empty of others.
    """

    array: np.ndarray
    geometry: Geometry
    name: str = ""
    modality: str = ""
    series: str = ""
    body_part: str = ""
    colour: bool = False
    frame: int | None = None
    film: str = ""
    patient: str = ""

    @property
    def told(self) -> str | None:
        """Its name and frame, for errors."""
        return (self.name or None) if self.frame is None else f"{self.name}, frame {self.frame}".removeprefix(", ")

    @property
    def channels(self) -> int:
        """How many scans a model sees together."""
        return 1 if self.array.ndim == 3 else self.array.shape[-1]

    def channel(self, place: int) -> Volume:
        """One of them; what DICOM tells is known of the first."""
        if self.array.ndim == 3:
            return self
        told = (self.modality, self.series, self.body_part) if place == 0 else ()
        return Volume(self.array[..., place], self.geometry, self.name, *told)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256, lower-case hex, over voxels, dtype, shape and ``ijk_to_ras``; the same in every file format."""
        # Adding zero turns the -0.0 that axis flips leave behind into 0.0.
        return sha256_array(self.array, self.geometry.ijk_to_ras + 0.0)


def read_volume(
    path: str | os.PathLike[str],
    series: str | int | None = None,
    frames: str | Sequence[int] | None = None,
    frame: int | None = None,
) -> Volume:
    """Read NRRD, NIfTI, MetaImage, a DICOM file or a folder with DICOM series.

    A 2D image becomes a volume of one slice; the pixels of PNG, JPEG, BMP and TIFF are 1 mm wide, whatever those say of
    dots per inch. Colours become three channels. A NIfTI whose sform is sheared is placed by its qform, as ITK does.

    Args:
        path: the file or folder.
        series: which DICOM series of a folder, see :func:`SAMAdaptLib.volume.dicom_film.read_dicom_frames`.
        frames: which frames of that series.
        frame: which one of an image over time, counted from 1: a 4D image, a sequence of 3D Slicer (.seq.nrrd), a DICOM
            film, or a DICOM series with a stack for each moment.

    Raises:
        InputError: missing, not an image, cut off, 4D or a film without a ``frame``, 5D, vectors, transparent or in
            colours for print, complex, NaN or infinite voxels, an unusable grid; in DICOM: see
            :func:`SAMAdaptLib.volume.dicom_film.read_dicom_frames`; a choice of series or frames for any other file; a
            ``frame`` that is not there, or of an image without any.
    """
    try:
        number = None if frame is None else operator.index(frame)
    except TypeError as error:
        raise InputError("A frame is named by a whole number", repr(frame), "Count from 1") from error
    return read_moments(path, series, frames, number)[0][0]


def read_moments(
    path: str | os.PathLike[str],
    series: str | int | None = None,
    frames: str | Sequence[int] | None = None,
    frame: int | Literal["all"] | None = "all",
) -> tuple[list[Volume], Times | None]:
    """Read the frames of an image over time, each as :func:`read_volume` does, and when all of them were taken, where
    the file says it."""
    if holds_dicom(path):
        with quiet():
            read, times = read_dicom_frames(Path(path), series, frames, _with_first(frame))
        return _numbered([_of_dicom(one, path) for one in read], frame), times
    if series is not None or frames is not None:
        raise InputError("Only DICOM has series and frames to choose from", path, "Leave out --series and --frames")
    images, times = load_frames(path, frame=_with_first(frame))
    return _numbered([_of_image(image, path) for image in images], frame), times


def _of_dicom(read: Pixels, path: str | os.PathLike[str]) -> Volume:
    _check_finite(read.array, path)
    told = (read.modality, read.series, read.body_part)
    patient = read.patient and hashlib.sha256(read.patient.encode()).hexdigest()
    return Volume(read.array, read.geometry, base_name(path), *told, colour=read.array.ndim == 4, patient=patient)


def _of_image(image: sitk.Image, path: str | os.PathLike[str]) -> Volume:
    if image.GetNumberOfComponentsPerPixel() > 1:
        return Volume(colours_of(image, path), geometry_of(image, path), base_name(path), colour=True)
    array = sitk.GetArrayFromImage(image)
    _check_finite(array, path)
    return Volume(array, geometry_of(image, path), base_name(path))


def _with_first(frame: int | Literal["all"] | None) -> Moment:
    return (1, frame) if isinstance(frame, int) else frame


def _numbered(volumes: list[Volume], frame: int | Literal["all"] | None) -> list[Volume]:
    """The frames that are wanted, of those that :func:`_with_first` names."""
    if frame is None:
        return volumes
    film = volumes[0].content_hash
    if frame == "all":
        return [replace(volume, frame=number, film=film) for number, volume in enumerate(volumes, start=1)]
    return [replace(volumes[1], frame=frame, film=film)]


def write_volume(
    path: str | os.PathLike[str], array: np.ndarray, geometry: Geometry, compress: bool = True, mark: bool = False
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
    check_writable(path, geometry)
    image = to_image(array, geometry)
    if mark:
        set_mark(image, extension(path) in NIFTI)
    write_whole(path, image, compress)


def write_whole(path: Path, image: sitk.Image, compress: bool) -> None:
    """Write an image atomically, and see that all of it is there.

    Raises:
        InputError: a folder that cannot be written to, a full disk.
    """
    with atomic_path(path) as temporary:
        try:
            with quiet():
                sitk.WriteImage(image, str(temporary), useCompression=compress)
            # ITK's writers of NRRD and NIfTI stay silent on a full disk.
            check_header(temporary)
        except (InputError, RuntimeError) as error:
            raise InputError("Cannot write the image", path, "Check the free space and the permissions") from error
        if extension(path) in NIFTI and not nifti.complete(temporary):
            raise InputError("Cannot write the whole image", path, "Check the free space")


def check_writable(path: str | os.PathLike[str], geometry: Geometry | None = None) -> None:
    """Check that an image can be written to a file of this name, and on this grid.

    Raises:
        InputError: another extension than :data:`WRITABLE`, a sheared grid for NIfTI.
    """
    if extension(path) == ".seq.nrrd":
        raise InputError("A sequence (.seq.nrrd) holds all frames of an image over time", path, "Write .seg.nrrd")
    if not Path(path).name.lower().endswith(WRITABLE):
        raise InputError("Cannot write this file format", path, f"Use one of {', '.join(WRITABLE)}")
    if geometry is None or extension(path) not in NIFTI:
        return
    directions = geometry.ijk_to_ras[:3, :3] / geometry.spacing
    if np.abs(directions.T @ directions - np.eye(3)).max() > SHEAR_TOLERANCE:
        raise InputError("NIfTI cannot hold a grid whose axes are not at right angles", path, "Write .nrrd instead")


def holds_dicom(path: str | os.PathLike[str]) -> bool:
    """Whether this is a DICOM file, or a folder, which can hold nothing else.

    Raises:
        InputError: there is nothing.
    """
    path = Path(path)
    if not os.path.exists(path):
        raise InputError("No such file or folder", path, "Check the path")
    known = extension(path)
    return path.is_dir() or known == ".dcm" or (known not in EXTENSIONS and is_dicom(path))


def _check_finite(array: np.ndarray, path: str | os.PathLike[str]) -> None:
    if not np.issubdtype(array.dtype, np.floating):
        return
    refuse_not_finite(sum(int(np.count_nonzero(~np.isfinite(part))) for part in array), path)
