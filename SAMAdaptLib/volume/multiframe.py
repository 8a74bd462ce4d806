"""DICOM objects of many frames: where each frame lies and how it is rescaled, by its functional groups.

Per frame where the object says it so, else shared by all frames (DICOM part 3, C.7.6.16). Headers are read by pydicom;
stored values by SimpleITK, which knows more compressions.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.stack import Frame

PIXELS = (
    "SOPClassUID", "SOPInstanceUID", "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "Rows",
    "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData",
)  # fmt: skip
# Any object that has frames and no rescaling.
PLAIN_FRAMES = "1.2.840.10008.5.1.4.1.1.7.3"
# What may tell apart frames at one place: the macro it is in, and its keyword.
MARKS = (
    ("FrameContentSequence", "StackID"),
    ("FrameContentSequence", "TemporalPositionIndex"),
    ("FrameContentSequence", "FrameAcquisitionNumber"),
    ("TemporalPositionSequence", "TemporalPositionTimeOffset"),
    ("MREchoSequence", "EffectiveEchoTime"),
    ("MRDiffusionSequence", "DiffusionBValue"),
    ("CardiacSynchronizationSequence", "NominalPercentageOfCardiacPhase"),
    ("MRImageFrameTypeSequence", "FrameType"),
    ("CTImageFrameTypeSequence", "FrameType"),
    ("PETFrameTypeSequence", "FrameType"),
)


def load_pydicom(path: str | os.PathLike[str], what: str) -> Any:
    """The package pydicom.

    Raises:
        InputError: it is not installed.
    """
    try:
        import pydicom
    except ImportError as error:
        raise InputError(
            f"{what} needs the package pydicom", path, 'Install it with pip install "samadapt[dicom]"'
        ) from error
    return pydicom


@contextlib.contextmanager
def reading(file: Path, what: str) -> Iterator[None]:
    """Turn whatever broken bytes lead pydicom to into an error of the file."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"Cannot read {what}", file, "Export it again") from error


def frames_of(file: Path) -> list[Frame]:
    """The frames of a many-frame object, in the order of the file.

    Raises:
        InputError: no pydicom; a damaged file; frames that do not say where they lie.
    """
    pydicom = load_pydicom(file, "A DICOM object of many frames")
    with reading(file, "the frames of this DICOM object"):
        header = pydicom.dcmread(file, stop_before_pixels=True, force=True)
        return frames_in(header, file)


def frames_in(header: Any, file: Path) -> list[Frame]:
    """The frames of a header that was read by pydicom; see :func:`frames_of`."""
    frames: list[Frame] = []
    if header.get("ModalityLUTSequence"):
        raise by_table(file)
    count = int(header.get("NumberOfFrames", 1))
    # Places are said frame by frame, where there are several.
    if not 1 <= count <= max(1, len(header.get("PerFrameFunctionalGroupsSequence") or [])):
        raise InputError("The DICOM object does not say of each of its frames where it lies", file, "Export it again")
    for index in range(count):
        place = group(header, index, "PlanePositionSequence", "ImagePositionPatient")
        orientation = group(header, index, "PlaneOrientationSequence", "ImageOrientationPatient")
        spacing = group(header, index, "PixelMeasuresSequence", "PixelSpacing")
        if place is None or orientation is None or spacing is None:
            raise InputError(
                "The frames of this DICOM object do not say where they lie in the patient",
                file,
                "Open it in 3D Slicer and save it as .nrrd, if it is a volume",
            )
        slope = group(header, index, "PixelValueTransformationSequence", "RescaleSlope")
        intercept = group(header, index, "PixelValueTransformationSequence", "RescaleIntercept")
        axes = np.array(orientation, float).reshape(2, 3)
        scale = (1.0 if slope is None else float(slope), 0.0 if intercept is None else float(intercept))
        size = (int(header.Columns), int(header.Rows))
        numbers = np.isfinite([*place, *axes.ravel(), *spacing, *scale]).all()
        if not numbers or not axes.any(1).all() or min(*spacing, *size) <= 0:
            what = "The DICOM object has frames of sizes, places or scales that cannot be"
            raise InputError(what, file, "Export it again")
        thickness = group(header, index, "PixelMeasuresSequence", "SliceThickness")
        step = group(header, index, "PixelMeasuresSequence", "SpacingBetweenSlices")
        marks = {keyword: group(header, index, macro, keyword) for macro, keyword in MARKS}
        frames.append(
            Frame(
                file,
                index,
                size,
                (float(spacing[1]), float(spacing[0])),
                np.array(place, float),
                axes / np.linalg.norm(axes, axis=1, keepdims=True),
                *scale,
                float(thickness) if thickness else None,
                abs(float(step)) if step else None,
                None,
                {name: _text(value) for name, value in marks.items() if value is not None},
            )
        )
    return frames


def by_table(path: str | os.PathLike[str]) -> InputError:
    """The error for an image whose stored values mean something by a table only."""
    return InputError(
        "The DICOM series gives its values by a table (modality LUT), which is not applied",
        path,
        "Export it with its values, or with a rescale slope and intercept",
    )


def group(header: Any, index: int, macro: str, keyword: str) -> Any:
    """A value of one frame's functional group, else of the shared one; None where neither has it."""
    for name, item in (("PerFrameFunctionalGroupsSequence", index), ("SharedFunctionalGroupsSequence", 0)):
        groups = header.get(name) or []
        found = groups[item].get(macro) if item < len(groups) else None
        if found and found[0].get(keyword) is not None:
            return found[0].get(keyword)
    return None


def stored_values(file: Path) -> np.ndarray:
    """The stored values [frames, rows, columns], without any rescaling.

    Raises:
        InputError: a damaged file, a compression that is not known, no pydicom, colour, floating-point pixels.
    """
    pydicom = load_pydicom(file, "A DICOM object of many frames")
    with reading(file, "the pixels of this DICOM object"):
        return _stored(pydicom, pydicom.dcmread(file, force=True), file)


def _stored(pydicom: Any, data: Any, file: Path) -> np.ndarray:
    if "PixelData" not in data:
        raise InputError("This DICOM object has no pixels of whole numbers", file, "Save it as .nrrd with 3D Slicer")
    for tag in list(data.keys()):
        if pydicom.datadict.keyword_for_tag(tag) not in PIXELS:
            del data[tag]
    # Where low values are to be shown bright (MONOCHROME1), SimpleITK would turn the values over.
    data.PhotometricInterpretation = "MONOCHROME2"
    # What rescaling SimpleITK finds in functional groups depends on its version; it cannot do it for each frame.
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = PLAIN_FRAMES
    with tempfile.TemporaryDirectory() as folder:
        plain = str(Path(folder) / "frames.dcm")
        pydicom.dcmwrite(plain, data)
        reader = sitk.ImageFileReader()
        reader.SetImageIO("GDCMImageIO")
        reader.SetFileName(plain)
        try:
            array = sitk.GetArrayFromImage(reader.Execute())
        except RuntimeError as error:
            raise InputError("Cannot read the pixels of this DICOM object", file, "Export it uncompressed") from error
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or len(array) != int(data.get("NumberOfFrames", 1)):
        raise InputError("The pixels of this DICOM object are no greyscale frames", file, "Give a greyscale series")
    return array


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "\\".join(map(str, value)) if hasattr(value, "__iter__") else str(value)
