"""Small DICOM files of every kind that scanners and tools write, made by pydicom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

STORAGE = "1.2.840.10008.5.1.4.1.1."
CT, MR, PT, ENHANCED_CT, ENHANCED_MR = (STORAGE + end for end in ("2", "4", "128", "2.1", "4.1"))
SEG, LABEL_MAP, STRUCTURES, REPORT = (STORAGE + end for end in ("66.4", "66.7", "481.3", "88.11"))
ROOT = "1.2.826.0.1.3680043.8.498."
STRAIGHT = np.eye(3)[:2]


def item(**elements) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def numbers(values) -> list[str]:
    return [f"{float(value):.10g}"[:16] for value in np.ravel(values)]


def empty(path, sop_class: str, series: str = "1", **elements) -> FileDataset:
    """A patient's file without pixels, not yet saved."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = sop_class, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid(entropy_srcs=[str(path)])
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    data.PatientName, data.PatientID, data.SeriesDescription = "Doe^Jane", "4711", "Abdomen Doe"
    data.StudyInstanceUID, data.SeriesInstanceUID = ROOT + "9", ROOT + series
    data.FrameOfReferenceUID = ROOT + "8"
    for keyword, value in elements.items():
        setattr(data, keyword, value)
    return data


def with_pixels(data: FileDataset, array: np.ndarray) -> FileDataset:
    """Put stored values [rows, columns] or [frames, rows, columns] of 8 or 16 bits into a file."""
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns = array.shape[-2:]
    data.BitsAllocated = data.BitsStored = 8 * array.dtype.itemsize
    data.HighBit, data.PixelRepresentation = data.BitsStored - 1, int(array.dtype.kind == "i")
    data.PixelData = array.tobytes()
    data["PixelData"].VR = "OW"
    return data


def save(data: FileDataset) -> Path:
    path = Path(data.filename)
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path)
    return path


def series(folder: Path, array, places, spacing=(0.5, 0.8), axes=STRAIGHT, sop_class=CT, modality="CT", slopes=None,
           name="{:03d}.dcm", uid="1", **elements) -> Path:  # fmt: skip
    """One file a slice [K, J, I] at LPS ``places`` [K, 3]; spacing is that of rows and of columns, as in DICOM."""
    for k, (plane, place) in enumerate(zip(np.asarray(array), places, strict=True)):
        slope, intercept = (1, 0) if slopes is None else slopes[k]
        data = empty(folder / name.format(k), sop_class, uid, Modality=modality, InstanceNumber=k + 1)
        data.ImagePositionPatient, data.ImageOrientationPatient = numbers(place), numbers(axes)
        data.PixelSpacing, data.RescaleSlope, data.RescaleIntercept = numbers(spacing), str(slope), str(intercept)
        for keyword, value in elements.items():
            setattr(data, keyword, value[k] if isinstance(value, list) else value)
        save(with_pixels(data, plane if plane.dtype == np.uint16 else plane.astype(np.int16)))
    return folder


def enhanced(path: Path, array, places, spacing=(0.5, 0.8), axes=STRAIGHT, thickness=2.5, step=None, slopes=None,
             sop_class=ENHANCED_CT, modality="CT", content=None, each=None, uid="1") -> FileDataset:  # fmt: skip
    """One file of many frames; ``content`` is a dict for the frame content of each frame, ``each`` more macros of each.

    With ``axes`` [N, 2, 3] every frame states its own orientation and pixel measures.
    """
    array, axes = np.asarray(array), np.asarray(axes)
    data = empty(path, sop_class, uid, Modality=modality, InstanceNumber=1, NumberOfFrames=len(array))
    measures = {"PixelSpacing": numbers(spacing), "SliceThickness": thickness}
    measures |= {} if step is None else {"SpacingBetweenSlices": step}
    shared, frames = Dataset(), []
    for index, place in enumerate(places):
        one = item(PlanePositionSequence=[item(ImagePositionPatient=numbers(place))])
        one.FrameContentSequence = [item(**({} if content is None else content[index]))]
        if axes.ndim == 3:
            one.PlaneOrientationSequence = [item(ImageOrientationPatient=numbers(axes[index]))]
            one.PixelMeasuresSequence = [item(**measures)]
        if slopes is not None:
            slope, intercept = slopes[index]
            one.PixelValueTransformationSequence = [item(RescaleSlope=slope, RescaleIntercept=intercept)]
        for keyword, value in ({} if each is None else each[index]).items():
            setattr(one, keyword, value)
        frames.append(one)
    if axes.ndim == 2:
        shared.PlaneOrientationSequence = [item(ImageOrientationPatient=numbers(axes))]
        shared.PixelMeasuresSequence = [item(**measures)]
    data.SharedFunctionalGroupsSequence, data.PerFrameFunctionalGroupsSequence = [shared], frames
    return with_pixels(data, array if array.dtype.kind == "u" else array.astype(np.int16))


def segmentation(path: Path, masks: dict[str, np.ndarray], places, spacing=(0.5, 0.8), axes=STRAIGHT, order=None,
                 **measures) -> FileDataset:  # fmt: skip
    """A SEG with only the frames and attributes that a careless writer leaves; masks are bool [K, J, I]."""
    frames = [(number, k) for number, mask in enumerate(masks.values(), 1) for k in np.flatnonzero(mask.any((1, 2)))]
    frames = [frames[index] for index in order] if order is not None else frames
    planes = np.array([[*masks.values()][number - 1][k] for number, k in frames])
    data = empty(path, SEG, "77", Modality="SEG", SegmentationType="BINARY", NumberOfFrames=len(frames))
    measures = measures or {"SliceThickness": 2.5}
    data.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=numbers(axes))],
            PixelMeasuresSequence=[item(PixelSpacing=numbers(spacing), **measures)],
        )
    ]
    data.PerFrameFunctionalGroupsSequence = [
        item(
            PlanePositionSequence=[item(ImagePositionPatient=numbers(places[k]))],
            SegmentIdentificationSequence=[item(ReferencedSegmentNumber=number)],
        )
        for number, k in frames
    ]
    data.SegmentSequence = [item(SegmentNumber=n, SegmentLabel=name) for n, name in enumerate(masks, 1)]
    with_pixels(data, planes.astype(np.uint8))
    data.BitsAllocated = data.BitsStored = 1
    data.HighBit = 0
    packed = np.packbits(planes.ravel(), bitorder="little").tobytes()
    data.PixelData = packed + b"\0" * (len(packed) % 2)
    data["PixelData"].VR = "OB"
    return data
