"""Image files that SimpleITK reads, as its images: what it gets wrong about them is put right or told here."""

from __future__ import annotations

import contextlib
import math
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.files import file_stamp
from SAMAdaptLib.paths import header_lines
from SAMAdaptLib.shortage import out_of_memory, require_memory, too_little_memory
from SAMAdaptLib.volume import nifti
from SAMAdaptLib.volume.colour import PICTURES, UNREAD_PICTURES, check_picture, is_colour, is_picture
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.headers import check_header
from SAMAdaptLib.volume.moments import Moment, Times, chosen_moments, list_axis, times_of

# A segmentation as Slicer writes it.
SEGMENTATION = ".seg.nrrd"
# Longest first: ".nii.gz" must win over a lone ".gz".
EXTENSIONS = (SEGMENTATION, ".seq.nrrd", ".nii.gz", ".nrrd", ".nhdr", ".nii", ".mha", ".mhd", ".dcm")
NIFTI = (".nii", ".nii.gz")
NO_SIZE = "A picture has no size in mm: 1 mm stands for a pixel"
# Headers whose voxels lie in other files, of which a stamp of the header knows nothing.
DETACHED = (".nhdr", ".mhd")
# Who reads a file is not for the file to say: some formats take their voxels from any place that a header names.
_READERS = {
    "NiftiImageIO": NIFTI,
    "NrrdImageIO": (SEGMENTATION, ".seq.nrrd", ".nrrd", ".nhdr"),
    "MetaImageIO": (".mha", ".mhd"),
}
# Of files with other names: those whose voxels lie in the file, or in one of the same name beside it.
_SELF_CONTAINED = (
    "BMPImageIO", "GiplImageIO", "JPEG2000ImageIO", "JPEGImageIO", "LSMImageIO", "MRCImageIO", "NiftiImageIO",
    "PNGImageIO", "TIFFImageIO", "VTKImageIO",
)  # fmt: skip


def load_image(path: str | os.PathLike[str], layers: bool = False, frame: int | None = None) -> sitk.Image:
    """Read a file other than DICOM as a 3D SimpleITK image, with its metadata and without a check of its voxels.

    Args:
        path: the file.
        layers: accept several values a voxel whatever they are, as in a segmentation whose segments overlap, and not
            only where they are colours.
        frame: which one of an image over time, counted from 1; of labels without frames it is taken as theirs.

    Raises:
        InputError: see :func:`SAMAdaptLib.volume.volume.read_volume`.
    """
    return load_frames(path, layers, frame)[0][0]


def load_frames(
    path: str | os.PathLike[str], layers: bool = False, frame: Moment = "all"
) -> tuple[list[sitk.Image], Times | None]:
    """Read the frames of an image over time, each as :func:`load_image` does, and when they were taken, of all."""
    path = Path(path)
    if extension(path) in UNREAD_PICTURES:
        raise InputError("Pictures of this format are not read", path, "Save it as PNG")
    with quiet():
        if extension(path) not in NIFTI:
            check_header(path)
            if is_picture(path):
                check_picture(path)
            return _read_file(path, path, layers, frame)
        with nifti.as_nifti1(path) as readable:
            header = nifti.checked_header(readable, path)
            images, times = _read_file(readable, path, layers, frame)
            nifti.tell_of_placement(header, geometry_of(images[0], path), path)
        return images, times


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


def resampled(
    array: np.ndarray,
    geometry: Geometry,
    onto: Geometry,
    interpolator: int = sitk.sitkNearestNeighbor,
    beyond: float = 0,
) -> np.ndarray:
    """An array [K, J, I] on another grid.

    Args:
        array: on ``geometry``.
        geometry: its grid.
        onto: the other one.
        interpolator: one of SimpleITK's.
        beyond: what lies outside of ``geometry``.

    Returns:
        [K, J, I] on ``onto``, in the type of ``array``, of interpolated values float32.
    """
    kind = sitk.sitkUnknown if interpolator == sitk.sitkNearestNeighbor else sitk.sitkFloat32
    reference = to_image(np.zeros(onto.shape, np.uint8), onto)
    image = sitk.Resample(to_image(array, geometry), reference, sitk.Transform(), interpolator, beyond, kind)
    found: np.ndarray = sitk.GetArrayFromImage(image)
    return found.astype(array.dtype, copy=False) if kind == sitk.sitkUnknown else found


def geometry_of(image: sitk.Image, path: str | os.PathLike[str]) -> Geometry:
    """The grid of a 3D SimpleITK image.

    Raises:
        InputError: direction or spacing is singular or not finite.
    """
    try:
        return Geometry.from_lps(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    except InputError as error:
        raise InputError(error.what, path, error.remedy) from error


def extension(path: str | os.PathLike[str]) -> str:
    """The image extension in lower case with its dot (".nii.gz"), or the last suffix where it is not a known one."""
    name = Path(path).name.lower()
    return next((known for known in EXTENSIONS if name.endswith(known)), Path(name).suffix)


def base_name(path: str | os.PathLike[str]) -> str:
    """The file's name without folder and image extension; a folder's own name."""
    path = Path(path)
    if path.is_dir():
        return path.resolve().name
    return path.name[: len(path.name) - len(extension(path))] or path.name


def stamps_of(places: Iterable[Path]) -> list[list[int]] | None:
    """What changes with the files of images and whatever belongs to them, folders of DICOM among them, as JSON has it;
    None where not all of them are known, so that they may have changed unseen."""
    stamps = []
    for place in places:
        files = [place]
        if place.is_dir():
            files = sorted(Path(entry.path) for entry in os.scandir(place) if entry.is_file())
        elif place.suffix.lower() in DETACHED:
            return None
        found = [file_stamp(file) for file in files]
        if any(stamp is None for stamp in found):
            return None
        stamps += [[*stamp] for stamp in found if stamp is not None]
    return stamps


def _read_file(file: Path, path: Path, layers: bool, frame: Moment) -> tuple[list[sitk.Image], Times | None]:
    """The frames that are wanted of the image in ``file``, which is what can be read of ``path``."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(file))
    try:
        reader.SetImageIO(_reader_of(file))
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise _unreadable(path, error) from error
    size, count, pixel = reader.GetSize(), reader.GetNumberOfComponents(), _kind(reader)
    if any(n > 1 for n in size[4:]):
        shape = " x ".join(map(str, size))
        raise InputError(f"The image has {len(size)} dimensions ({shape})", path, "Split it into 3D volumes")
    if "complex" in pixel:
        raise InputError("The image holds complex numbers", path, "Save its magnitude as a volume")
    axis = None if extension(path) == SEGMENTATION else list_axis(header_lines(path)[0])
    # Values along that axis come as those of a voxel, unless colours do already.
    listed = axis is not None and len(size) < 4
    moments = count if listed else size[3] if len(size) > 3 else 1
    places = chosen_moments(moments, None if layers and moments == 1 else frame, path)
    if count > 1 and not listed and not layers and not is_colour(path, count, pixel):
        raise InputError(
            f"The image has {count} values in each voxel (vectors or a sequence)",
            path,
            "Save one of them as a greyscale volume",
        )
    if extension(path) in NIFTI:
        refuse_not_finite(nifti.check_voxels(file, path, reader), path)
    # With the copy that is made of it as an array.
    require_memory(2 * math.prod(size) * count * _bytes(pixel), "The image", path)
    try:
        image: sitk.Image = reader.Execute()
    except (RuntimeError, MemoryError) as error:
        raise _unreadable(path, error) from error
    if is_picture(path):
        # What formats of pictures say of dots per inch is meant for print.
        image.SetSpacing((1.0,) * image.GetDimension())
        note(NO_SIZE, path)
    times = None
    if moments > 1:
        times = times_of(axis.values, axis.unit, moments) if axis is not None else _even_times(reader, path, moments)
    images = [_frame(image, place, listed) for place in places]
    if image.GetDimension() == 2 and not is_picture(path):
        note("A 2D image: taken as one slice, 1 mm thick", path)
    return images, times


def _frame(image: sitk.Image, place: int, listed: bool) -> sitk.Image:
    """A frame as a volume, with the metadata of the image; a picture becomes one slice."""
    one = sitk.VectorIndexSelectionCast(image, place) if listed else image
    while one.GetDimension() > 3:
        one = one[(slice(None),) * (one.GetDimension() - 1) + (place if one.GetDimension() == 4 else 0,)]
    if one.GetDimension() == 2:
        one = sitk.JoinSeries(one)
    if one is not image:
        for key in image.GetMetaDataKeys():
            one.SetMetaData(key, image.GetMetaData(key))
    return one


def _even_times(reader: sitk.ImageFileReader, path: Path, count: int) -> Times | None:
    """The times of frames that the fourth axis places evenly; ITK gives those of NIfTI in seconds, where their unit is
    told."""
    units = reader.GetMetaData("xyzt_units") if reader.HasMetaDataKey("xyzt_units") else "0"
    # Bits 3 to 5 hold the unit of time: seconds, milliseconds or microseconds.
    known = extension(path) in NIFTI and int(units) & 0x38 in (8, 16, 24)
    # In place of a step of 0, by which a file says that it knows none, ITK has 1.
    unit = "s" if known and nifti.time_step(Path(reader.GetFileName())) > 0 else ""
    start, step = reader.GetOrigin()[3], reader.GetSpacing()[3]
    return times_of([start + step * number for number in range(count)], unit, count)


def _kind(reader: sitk.ImageFileReader) -> str:
    """What a value is, in SimpleITK's words."""
    found: str = sitk.GetPixelIDValueAsString(reader.GetPixelID())
    return found


def _reader_of(file: Path) -> str:
    """The name of ITK's reader for a file; raises RuntimeError where there is none."""
    for reader, extensions in _READERS.items():
        if extension(file) in extensions:
            return reader
    found: str = sitk.ImageFileReader.GetImageIOFromFileName(str(file))
    if found not in _SELF_CONTAINED:
        raise RuntimeError(f"no reader that may be used: {found}")
    return found


def _bytes(pixel: str) -> int:
    """Of one value, by what SimpleITK calls its kind, such as "16-bit signed integer"."""
    found = re.search(r"(\d+)-bit", pixel)
    return int(found[1]) // 8 if found else 1


def _unreadable(path: Path, error: BaseException) -> InputError:
    if out_of_memory(error):
        return too_little_memory(error, path)
    if "orthonormal" in str(error):
        return InputError(
            "The NIfTI header gives no grid with axes at right angles (sheared sform, no qform)",
            path,
            "Resample the image onto a regular grid, or store a valid qform",
        )
    kinds = PICTURES if is_picture(path) else EXTENSIONS[1:]
    return InputError("Cannot read this as an image", path, f"Give a complete file in one of {', '.join(kinds)}")


def refuse_not_finite(bad: int, path: str | os.PathLike[str]) -> None:
    if bad:
        raise InputError(
            f"{counted(bad, 'voxel', 'is', 'are')} NaN or infinite",
            path,
            "Replace them, for instance by the lowest value of the image",
        )


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hold back ITK's warnings: what matters in them is checked here and told as an error."""
    before = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        yield
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(before)
