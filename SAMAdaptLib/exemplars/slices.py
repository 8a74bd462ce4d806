"""Pixels of exemplars as files: nothing but values and pixel size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.exemplars.deface import blanked, near_labels
from SAMAdaptLib.exemplars.manifest import MAX_NEIGHBOURS
from SAMAdaptLib.files import atomic_path, sha256_array
from SAMAdaptLib.volume.headers import check_header
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import Volume


def write_slice(
    path: Path, array: np.ndarray, pixel_spacing: tuple[float, float], channels: bool = False
) -> None:
    """Write a slice [H, W], or several [N, H, W], as NRRD atomically, into a folder that is there; (row mm, column
    mm) is all that its header tells of the patient.

    Args:
        path: the file.
        array: the pixels; with ``channels`` [H, W, C] or [N, H, W, C].
        pixel_spacing: (row mm, column mm).
        channels: whether the last axis is one of channels.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    image = sitk.GetImageFromArray(array, isVector=channels)
    image.SetSpacing((*pixel_spacing[::-1], 1.0)[: image.GetDimension()])
    with atomic_path(path, anew=False) as temporary:
        try:
            sitk.WriteImage(image, str(temporary), useCompression=True)
            # ITK's NRRD writer stays silent on a full disk.
            check_header(temporary)
        except (InputError, RuntimeError) as error:
            raise InputError("Cannot write the slice", path, "Check the free space and the permissions") from error


def first_channel(pixels: np.ndarray) -> np.ndarray:
    """Of a slice [H, W] or [H, W, C] the first channel [H, W], which tells air, tissue and bone."""
    return pixels if pixels.ndim == 2 else pixels[..., 0]


def storable(pixels: np.ndarray) -> np.ndarray:
    """A contiguous copy in native byte order and a type that NRRD and SimpleITK both know."""
    widened = {"b": np.uint8, "f": np.float32}
    if pixels.dtype.kind == "b" or pixels.dtype == np.float16:
        return pixels.astype(widened[pixels.dtype.kind])
    return np.array(pixels, dtype=pixels.dtype.newbyteorder("="), order="C")


def read_slice(path: Path, shape: Sequence[int] | None = None) -> np.ndarray:
    """Read what :func:`write_slice` wrote.

    Args:
        path: the file.
        shape: what it has to have, where that is known: a small file may unpack to any size.

    Raises:
        InputError: the file is missing, unreadable, or of another shape.
    """
    remedy = "Restore it from a copy or remove the exemplar"
    reader = sitk.ImageFileReader()
    reader.SetImageIO("NrrdImageIO")
    reader.SetFileName(str(path))
    try:
        check_header(path)
        reader.ReadImageInformation()
        found, count = reader.GetSize()[::-1], reader.GetNumberOfComponents()
        if shape is None or (found if count == 1 else (*found, count)) == tuple(shape):
            return sitk.GetArrayFromImage(reader.Execute())
    except (InputError, RuntimeError, OSError) as error:
        state = "unreadable" if path.exists() else "missing"
        raise InputError(f"An exemplar's file is {state}", path, remedy) from error
    raise InputError("An exemplar's file has another shape than the library says", path, remedy)


def label_plane(labels: Labels | None, stack: PlaneStack, index: int) -> tuple[np.ndarray, list[str]]:
    """Numbers [H, W] of the structures on a slice, 0 for none, and their names in the order of the numbers."""
    painted = np.zeros(stack.shape, dtype=np.int64)
    if labels is None:
        return painted, []
    names = list(labels.names)
    for number, name in enumerate(names, start=1):
        painted[stack.view(labels.mask(name))[index]] = number
    # Only now is it known which structures show: one may be hidden by those painted later.
    shown, numbers = np.unique(painted, return_inverse=True)
    numbers = numbers.reshape(painted.shape) + (0 if shown[0] == 0 else 1)
    return numbers, [names[number - 1] for number in shown if number]


def check_slice(
    stack: PlaneStack,
    labels: Labels | None,
    index: int,
    background: bool,
    present: Sequence[str],
    blanked_mm: float | None = None,
) -> tuple[np.ndarray, list[str]]:
    """The outlines on a slice as :func:`label_plane` gives them.

    Args:
        stack: of the volume.
        labels: and the others: as for :meth:`SAMAdaptLib.exemplars.library.Library.add`.
        index: of the slice.
        background: it is said to be without any label.
        present: classes that are said to be on it.
        blanked_mm: what is farther from the outlines is to be blanked; None blanks nothing.

    A note tells of structures that overlap, since a pixel belongs to one class.

    Raises:
        InputError: no such slice, or outlines and what is said of the slice do not agree.
    """
    if not 0 <= index < stack.count:
        raise InputError(f"No {stack.axis} slice {index}", None, f"Choose one from 0 to {stack.count - 1}")
    plane, names = label_plane(labels, stack, index)
    slice_name = f"The {stack.axis} slice {index}"
    if background and present:
        raise InputError(f"{slice_name} cannot be a background and show {', '.join(present)}", None, "Choose one")
    if labels is not None and present:
        raise InputError("Outlines and class names were given for one slice", ", ".join(present), "Give one of the two")
    if background and names:
        raise InputError(f"{slice_name} holds labels ({', '.join(names)})", None, "Choose another background slice")
    if blanked_mm is not None and not names:
        raise InputError(
            f"{slice_name} has no outline around which something could stay", None, "Leave it out, or give no --deface"
        )
    if not (names or background or present):
        raise InputError(f"{slice_name} holds no label", None, "Choose another slice or add it as a background")
    _tell_of_overlap(stack, labels, index, plane, names)
    return plane, names


def _tell_of_overlap(
    stack: PlaneStack, labels: Labels | None, index: int, plane: np.ndarray, names: list[str]
) -> None:
    if labels is None:
        return
    # Structures without a mask of their own overlap nothing.
    for name in labels.masks:
        outline = stack.view(labels.masks[name])[index]
        own = names.index(name) + 1 if name in names else 0
        over = [names[number - 1] for number in np.unique(plane[outline]) if number != own]
        if over:
            note(
                f"{' and '.join(over)} and {name} overlap; there {' and '.join(over)} counts and {name} does not, as a "
                "pixel has one class",
                None,
                f"Leave one of them out by --merge, as {name}={labels.names[name]} alone, if that is not meant",
            )


def check_neighbours(count: int, stack: PlaneStack, name: str) -> None:
    """Raises InputError where so many slices on either side of one cannot be kept."""
    many = f"{counted(count, 'neighbour')} on each side"
    if not 0 <= count <= MAX_NEIGHBOURS:
        raise InputError(many, None, f"Choose 0 to {MAX_NEIGHBOURS}")
    if count >= stack.count:
        what = f"{many} of a slice, and the volume has {stack.count} along {stack.axis}"
        raise InputError(what, name or None, f"Choose 0 to {stack.count - 1}")


def ordered_bounds(bounds: Sequence[float]) -> tuple[float, ...]:
    """Bounds of grey levels, of each channel two; raises InputError where they are none."""
    for low, high in zip(bounds[::2], bounds[1::2], strict=True):
        if not (np.isfinite([low, high]).all() and low < high):
            raise InputError("The intensity bounds are empty", f"{low:g} to {high:g}", "Give lower < upper")
    return tuple(map(float, bounds))


def slice_pixels(
    volume: Volume, stack: PlaneStack, index: int, plane: np.ndarray, neighbours: int, blanked_mm: float | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Pixels of a slice as a library keeps them, [H, W] or [H, W, C], and those of its neighbours.

    Args:
        volume: the scan.
        stack: of its slices.
        index: of the slice.
        plane: [H, W], 0 where nothing is outlined.
        neighbours: see :func:`around_slice`.
        blanked_mm: what is farther from the outlines is blanked, in the neighbours, too; None blanks nothing.
    """
    slices = stack.view(volume.array)
    pixels, around = storable(slices[index]), around_slice(slices, index, neighbours)
    if blanked_mm is None:
        return pixels, around
    near = near_labels(plane > 0, stack.pixel_spacing, blanked_mm)
    return blanked(volume, pixels, near), None if around is None else blanked(volume, around, near)


def around_slice(slices: np.ndarray, index: int, count: int) -> np.ndarray | None:
    """``count`` slices on either side of one, the end slices repeated where there are no more."""
    if not count:
        return None
    places = [*range(index - count, index), *range(index + 1, index + count + 1)]
    return storable(slices[np.clip(places, 0, len(slices) - 1)])


def digest_of(pixels: np.ndarray, labels: np.ndarray, present: Sequence[str], around: np.ndarray | None) -> str:
    """SHA-256 of all that makes an exemplar."""
    extra = [] if around is None else [around]
    if present:
        extra.append(np.frombuffer("\n".join(present).encode(), np.uint8))
    return sha256_array(pixels, labels, *extra)
