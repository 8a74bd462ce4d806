"""Images over time as a whole, and the files of what was segmented on all of their frames."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import atomic_path
from SAMAdaptLib.volume.geometry import LPS_TO_RAS, Geometry
from SAMAdaptLib.volume.image import NIFTI, extension, to_image
from SAMAdaptLib.volume.labels import stacked
from SAMAdaptLib.volume.mark import KEY, mark_of, set_mark
from SAMAdaptLib.volume.moments import Times
from SAMAdaptLib.volume.seg_nrrd import in_ascii, respell
from SAMAdaptLib.volume.segfile import check_segmentation
from SAMAdaptLib.volume.volume import Volume, read_moments, write_whole

SEQUENCE = ".seq.nrrd"
# Times are even where no step is further from the mean one than this part of it; NIfTI knows no others.
EVENNESS = 0.01


@dataclass(frozen=True, eq=False)
class Film:
    """An image over time: a heart that beats, a contrast agent on its way, a cine of ultrasound.

    Attributes:
        volumes: the frames, all on one grid; the frame of number n is ``volumes[n - 1]``. A picture is one slice.
        times: when they were taken; None where the file does not say it.
    """

    volumes: tuple[Volume, ...]
    times: Times | None = None

    @property
    def geometry(self) -> Geometry:
        """The grid of all frames."""
        return self.volumes[0].geometry


def read_film(path: str | os.PathLike[str], series: str | int | None = None) -> Film:
    """Read all frames of an image over time: a 4D NIfTI, NRRD or MetaImage, a sequence of 3D Slicer (.seq.nrrd), a
    DICOM film in grey or colour, or a DICOM series with a stack of slices for each moment.

    Args:
        path: the file or folder.
        series: which DICOM series of a folder.

    Raises:
        InputError: an image that has no frames; see :func:`SAMAdaptLib.volume.volume.read_volume`.
    """
    volumes, times = read_moments(path, series)
    return Film(tuple(volumes), times)


def check_film(path: str | os.PathLike[str], names: tuple[str, ...] = (), geometry: Geometry | None = None) -> None:
    """Refuse a file that could not hold labels over time, before the work for them begins.

    Raises:
        InputError: another extension than .seq.nrrd, .nii and .nii.gz; see
            :func:`SAMAdaptLib.volume.segfile.check_segmentation`.
    """
    if extension(path) not in (SEQUENCE, *NIFTI):
        what = "This file format does not hold labels over time"
        raise InputError(what, path, f"Write {SEQUENCE} for 3D Slicer, or .nii.gz")
    if extension(path) == SEQUENCE:
        check_segmentation(Path(path).with_name("labels.nrrd"), names)
    else:
        check_segmentation(path, names, geometry)


def write_film(
    path: str | os.PathLike[str],
    masks: Mapping[str, np.ndarray],
    geometry: Geometry,
    times: Times | None = None,
) -> None:
    """Write structures over time atomically, as labels 1, 2, ... in their order; where they overlap, the later one
    wins.

    A ``.seq.nrrd`` is what 3D Slicer writes of a sequence of label maps, with names and values in its header; it opens
    as one, with the times of the image. A NIfTI has four axes and no names, and one step of time.

    Args:
        path: ends with .seq.nrrd, .nii or .nii.gz.
        masks: structure name to bool [T, K, J, I].
        geometry: the grid of each frame.
        times: of the frames, where they are known.

    Raises:
        InputError: see :func:`check_film`; a folder that cannot be written to, a full disk.
        ValueError: masks that are not bool, or not of the same frames on this grid; times of more or fewer frames.
    """
    path = Path(path)
    check_film(path, tuple(masks), geometry)
    count = len(next(iter(masks.values()), ())) or len(() if times is None else times.values)
    for name, mask in masks.items():
        if mask.shape != (count, *geometry.shape) or mask.dtype != bool:
            raise ValueError(f"mask {name}: {mask.dtype} {mask.shape}, wanted bool {(count, *geometry.shape)}")
    if not count or (times is not None and len(times.values) != count):
        raise ValueError(f"masks of {count} frames, and times of {0 if times is None else len(times.values)}")
    frames = [stacked({name: mask[place] for name, mask in masks.items()}, geometry).array for place in range(count)]
    if extension(path) == SEQUENCE:
        _write_sequence(path, np.stack(frames), list(masks), geometry, times)
        return
    image = sitk.JoinSeries([to_image(frame, geometry) for frame in frames], *_evenly(times, path))
    set_mark(image, nifti=True)
    write_whole(path, image, compress=True)


def _evenly(times: Times | None, path: Path) -> tuple[float, float]:
    """The time of the first frame, and from one to the next, in seconds; 0 and 1 where they are not known."""
    seconds = None if times is None else times.seconds
    if seconds is None:
        note("The image does not say when its frames were taken; NIfTI has 1 s from one to the next", path)
        return 0.0, 1.0
    if len(seconds) == 1:
        return seconds[0], 1.0
    steps = np.diff(seconds)
    step = float(steps.mean())
    if np.abs(steps - step).max() > EVENNESS * step:
        note(f"The frames are unevenly far apart, which NIfTI cannot say; it has {step:.4g} s", path, "Write .seq.nrrd")
    return seconds[0], step


def _write_sequence(path: Path, array: np.ndarray, names: list[str], geometry: Geometry, times: Times | None) -> None:
    """Write label maps [T, K, J, I] as 3D Slicer does: the frames along a last axis of kind "list"."""
    import nrrd

    steps = (LPS_TO_RAS @ geometry.ijk_to_ras)[:3]
    values = range(len(array)) if times is None else times.values
    # In the header it stands between quotes.
    unit = "" if times is None else times.unit.replace('"', "'")
    spelled = in_ascii([*names, unit])
    header = {
        "space": "left-posterior-superior",
        "space directions": np.vstack([steps[:, :3].T, np.full(3, np.nan)]),
        "space origin": steps[:, 3],
        "kinds": ["domain", "domain", "domain", "list"],
        "labels": ["", "", "", "frame" if times is None else "time"],
        "units": ["", "", "", spelled[unit]],
        "DataNodeClassName": "vtkMRMLLabelMapVolumeNode",
        "axis 3 index type": "numeric",
        "axis 3 index values": " ".join(map(repr, values)),
        KEY: mark_of(np.moveaxis(array, 0, -1), names),
    }
    for value, name in enumerate(names):
        header |= {f"Segment{value}_Name": spelled[name], f"Segment{value}_LabelValue": str(value + 1)}
    with atomic_path(path) as temporary:
        nrrd.write(str(temporary), array.T, header, compression_level=6)
        respell(temporary, spelled)
