"""Writes DICOM segmentations (SEG) that refer to the series they were made on, by highdicom.

The standard has a segmentation carry name, number and study of its patient (part 3, C.7.1 and C.7.2): what is written
here is the one result that says whose it is.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import warnings
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import atomic_path
from SAMAdaptLib.volume.dicom import ordered_frames
from SAMAdaptLib.volume.dicom_film import slices_of
from SAMAdaptLib.volume.dicom_seg import CATEGORY, REGION, REGION_SIDE, SIDE, TYPE
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels, on_grid
from SAMAdaptLib.volume.multiframe import load_pydicom
from SAMAdaptLib.volume.stack import Frame
from SAMAdaptLib.volume.terminology import Term, terms_of
from SAMAdaptLib.volume.volume import holds_dicom

DICOM = ".dcm"
MAKER = "SAMAdapt"
# Of its series; images of a study usually have low ones.
SERIES_NUMBER = 900
# What a header has to hold, though it may be empty (type 2), and old or cleaned files lack.
MAY_BE_EMPTY = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate", "StudyTime",
    "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
# What highdicom asks each source for; a header may leave it empty.
THICKNESS = "SliceThickness"
# Of each segment (type 1).
NEEDED = ("SegmentLabel", "SegmentAlgorithmType", CATEGORY, TYPE)
# A label may have no more letters (part 5, 6.2, LO).
LONGEST_LABEL = 64


def check_dicom_output(path: str | os.PathLike[str], image: str | os.PathLike[str], names: Sequence[str] = ()) -> None:
    """Refuse what could not be written as a DICOM segmentation, before the work for it begins.

    Args:
        path: the file to be written.
        image: what is segmented.
        names: of the segments.

    Raises:
        InputError: an image that is no DICOM, packages that are missing, a name that is too long.
    """
    if not holds_dicom(image):
        what = "A DICOM segmentation refers to the DICOM series it was made on, and this is none"
        raise InputError(what, image, "Give the DICOM series as the image, or write .seg.nrrd")
    load_pydicom(path, "A DICOM segmentation")
    if importlib.util.find_spec("highdicom") is None:
        remedy = 'Install it with pip install "samadapt[dicom]"'
        raise InputError("Writing a DICOM segmentation needs the package highdicom", path, remedy)
    check_segment_names(names)


def check_segment_names(names: Sequence[str]) -> None:
    """Refuse names of segments that DICOM cannot hold.

    Raises:
        InputError: one that is too long, or has a backslash.
    """
    for name in names:
        if len(name) > LONGEST_LABEL or "\\" in name:
            what = f"The name of a segment in DICOM has at most {LONGEST_LABEL} characters, and none is a backslash"
            raise InputError(what, name, "Choose another one")


def write_dicom_segmentation(
    path: str | os.PathLike[str],
    masks: Mapping[str, np.ndarray],
    geometry: Geometry,
    image: str | os.PathLike[str],
    series: str | int | None = None,
    frames: str | Sequence[int] | None = None,
    terms: Mapping[str, Term] | None = None,
    manual: Collection[str] = (),
    items: Mapping[str, Any] = MappingProxyType({}),
    frame: int | None = None,
) -> None:
    """Write structures as a binary DICOM segmentation, atomically; they may overlap.

    Segments have the SNOMED CT codes and colours that go with their names, see :mod:`SAMAdaptLib.volume.terminology`,
    and the code of tissue where none is known, unless they are given.

    Args:
        path: the file.
        masks: structure name to bool [K, J, I].
        geometry: the grid of all masks, which has to be that of the image.
        image, series, frames: what was segmented, see :func:`SAMAdaptLib.volume.dicom_film.read_dicom_frames`.
        terms: codes and colours of structures by name, in place of those that go with the name.
        manual: structures that no model has drawn.
        items: structures that are as another DICOM segmentation has them, and what that one says of them.
        frame: the number of the frame, from 1, of a series over time; its slices alone are referred to.

    Raises:
        InputError: see :func:`check_dicom_output`; a frame of a film; nothing was found, which DICOM cannot say;
            headers without what a segmentation has to repeat; a series of several many-frame objects; a folder that
            cannot be written to.
    """
    check_dicom_output(path, image, [*masks])
    if not any(mask.any() for mask in masks.values()):
        raise InputError("Nothing was found, and a DICOM segmentation cannot be empty", path, "Write .seg.nrrd instead")
    if frame is not None:
        frames = slices_of(Path(image), series, frame)
    places, grid = ordered_frames(image, series, frames)
    if grid.shape != geometry.shape or not np.allclose(grid.ijk_to_ras, geometry.ijk_to_ras, atol=1e-3):
        raise InputError("The masks do not lie on the grid of the DICOM series", image, "Segment that series")
    found = dict(zip(masks, terms_of([*masks]), strict=True)) | dict(terms or {})
    described = [_described(number, name, found[name], name in manual) for number, name in enumerate(masks, 1)]
    thick = f"{grid.to_lps()[0][2]:.6g}"
    made = _made(_sources(places, Path(image)), masks, described, thick, Path(image))
    _refer(made, places)
    for described_there, name in zip(made.SegmentSequence, masks, strict=True):
        if name in items and all(items[name].get(keyword) for keyword in NEEDED):
            _copy(items[name], described_there)
    with atomic_path(path) as temporary:
        made.save_as(temporary)
    note(
        "A DICOM segmentation says whose it is, as the standard wants",
        path,
        "Write .seg.nrrd for what is to be handed on without a name",
    )


def write_beside_files(
    path: str | os.PathLike[str],
    labels: Labels,
    files: Sequence[str | os.PathLike[str]],
    name: str,
    terms: Mapping[str, Term] | None = None,
    manual: Collection[str] = (),
) -> None:
    """Write structures on the slices of a series whose files lie in several folders, or among those of others.

    Args:
        path: the file.
        labels: the structures; empty ones are left out.
        files: of the series, all that the volume was read from.
        name: of the volume, for errors.
        terms, manual: see :func:`write_dicom_segmentation`.

    Raises:
        InputError: see :func:`write_dicom_segmentation`; labels on another grid than that of the files.
    """
    with tempfile.TemporaryDirectory(prefix="samadapt-") as folder:
        try:
            for number, file in enumerate(files):
                shutil.copyfile(file, Path(folder) / f"{number:05d}{DICOM}")
            labels = on_grid(labels, ordered_frames(folder)[1])
            masks = {structure: labels.mask(structure) for structure in labels.names}
            masks = {structure: mask for structure, mask in masks.items() if mask.any()}
            write_dicom_segmentation(path, masks, labels.geometry, folder, terms=terms, manual=manual)
        except InputError as error:
            # Of a folder that nobody knows.
            raise InputError(error.what, name, error.remedy) from error


def _sources(places: Sequence[Frame], image: Path) -> list[Any]:
    """The headers of what was segmented: of a file for each slice, or of one with these frames alone."""
    import pydicom

    files = list(dict.fromkeys(frame.file for frame in places))
    sources = [pydicom.dcmread(file, stop_before_pixels=True, force=True) for file in files]
    if len(files) == len(places) and all(int(one.get("NumberOfFrames", 1)) == 1 for one in sources):
        return sources
    if len(files) > 1:
        what = "The series has several DICOM objects of many frames, to which no segmentation can refer"
        raise InputError(what, image, "Write .seg.nrrd instead")
    (source,) = sources
    # Other phases lie at the same places, which highdicom takes for a fault.
    source.PerFrameFunctionalGroupsSequence = [source.PerFrameFunctionalGroupsSequence[one.index] for one in places]
    source.NumberOfFrames = len(places)
    return sources


def _refer(made: Any, places: Sequence[Frame]) -> None:
    """Have frames refer to those of the file, where some of it were left out."""
    # Frames of several segments may share what they refer to.
    referring = {
        id(source): source
        for frame in made.PerFrameFunctionalGroupsSequence
        for derived in frame.get("DerivationImageSequence", [])
        for source in derived.SourceImageSequence
        if "ReferencedFrameNumber" in source
    }
    for source in referring.values():
        source.ReferencedFrameNumber = places[int(source.ReferencedFrameNumber) - 1].index + 1


def _made(
    sources: list[Any], masks: Mapping[str, np.ndarray], described: list[Any], thick: str, image: Path
) -> Any:
    """The segmentation; its slices are as thick in mm as their headers say, else ``thick``."""
    import highdicom as hd

    for source in sources:
        for keyword in MAY_BE_EMPTY:
            if keyword not in source:
                setattr(source, keyword, "")
        if not source.get(THICKNESS):
            setattr(source, THICKNESS, thick)
    try:
        # highdicom warns of names that are no "family^given", and shows the patient's.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return hd.seg.Segmentation(
                sources,
                np.stack([*masks.values()], axis=-1),
                hd.seg.SegmentationTypeValues.BINARY,
                described,
                series_instance_uid=hd.UID(),
                series_number=SERIES_NUMBER,
                sop_instance_uid=hd.UID(),
                instance_number=1,
                manufacturer=MAKER,
                manufacturer_model_name=MAKER,
                software_versions=__version__,
                # Of no device.
                device_serial_number="0",
                series_description=MAKER,
            )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # highdicom asks for what many cleaned or converted files lack.
        what = f"The headers of the DICOM series lack what a segmentation has to repeat ({error})"
        raise InputError(what, image, "Write .seg.nrrd instead, or give the series as the scanner sent it") from error


def _described(number: int, name: str, term: Term, manual: bool) -> Any:
    import highdicom as hd
    from pydicom.sr.codedict import codes

    kind = hd.seg.SegmentAlgorithmTypeValues
    shown = None if term.color is None else hd.color.CIELabColor.from_rgb(*(round(255 * c) for c in term.color))
    made = hd.seg.SegmentDescription(
        number,
        name,
        _coded(term.category),
        _coded(term.type),
        kind.MANUAL if manual else kind.SEMIAUTOMATIC,
        None
        if manual
        else hd.AlgorithmIdentificationSequence(MAKER, codes.cid7162.ArtificialIntelligence, __version__),
        anatomic_regions=None if term.region is None else [_coded(term.region)],
        display_color=shown,
    )
    _modify(made[TYPE][0], SIDE, term.side)
    if term.region is not None:
        _modify(made[REGION][0], REGION_SIDE, term.region_side)
    return made


def _modify(item: Any, keyword: str, code: tuple[str, str, str] | None) -> None:
    if code is not None:
        setattr(item, keyword, [_coded(code)])


def _copy(item: Any, onto: Any) -> None:
    """Describe a segment by what another file says of one, but for its number."""
    number = onto.SegmentNumber
    onto.clear()
    onto.update(item)
    onto.SegmentNumber = number


def _coded(code: tuple[str, str, str]) -> Any:
    import highdicom as hd

    scheme, value, meaning = code
    return hd.sr.CodedConcept(value, scheme, meaning)
