"""DICOM segmentations as labels: against the masks that were put in, and against highdicom, which also writes some."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.volume.labels import merge, on_grid, tell_of_other_source
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume

pydicom = pytest.importorskip("pydicom", reason="pydicom (the extra dicom) is not installed")
from Testing.dicom_files import ROOT, STRUCTURES, empty, item, numbers, save, segmentation, series  # noqa: E402

PLACES = np.array([(-10, -20, 5 + 2.5 * k) for k in range(8)])
SHAPE = (8, 15, 13)  # 195 bits a frame: no frame but the first begins with a byte


def box(k, j, i) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[slice(*k), slice(*j), slice(*i)] = True
    return mask


APART = {"organ1": box((2, 5), (4, 8), (6, 12)), "organ2": box((4, 7), (9, 13), (2, 6))}
OVERLAP = {
    "organ": box((1, 7), (2, 10), (2, 10)),
    "lesion": box((3, 5), (3, 6), (3, 6)),
    "far": box((7, 8), (0, 2), (0, 2)),
}
GAP = {"organ": box((1, 3), (2, 5), (2, 5)) | box((5, 7), (2, 5), (2, 5))}


@pytest.fixture
def scan(tmp_path):
    return series(tmp_path / "ct", np.zeros(SHAPE), PLACES)


def is_found(labels, masks, image) -> None:
    assert list(labels.names) == list(masks) and not labels.made_up
    placed = on_grid(labels, image.geometry)
    for name, mask in masks.items():
        np.testing.assert_array_equal(placed.mask(name), mask)


@pytest.mark.parametrize("masks", [APART, OVERLAP, GAP], ids=["apart", "overlap", "gap"])
@pytest.mark.parametrize("mixed", [False, True])
def test_frames_go_to_their_segment_and_slice(tmp_path, scan, masks, mixed):
    count = sum(int(mask.any((1, 2)).sum()) for mask in masks.values())
    order = np.random.default_rng(1).permutation(count) if mixed else None
    path = save(segmentation(tmp_path / "seg.dcm", masks, PLACES, order=order))
    labels = read_labels(path)
    is_found(labels, masks, read_volume(scan))
    if masks is OVERLAP:
        # The lesion shows, and of the rest nothing is stored twice.
        assert set(labels.masks) == {"organ"} and (labels.array == 2).sum() == masks["lesion"].sum()
        merged = on_grid(merge(labels, {"all": [1, 2]}), read_volume(scan).geometry)
        np.testing.assert_array_equal(merged.mask("all"), masks["organ"] | masks["lesion"])


def test_of_the_slices_between_only_every_second_is_labelled(tmp_path, scan):
    masks = {"organ": box((1, 2), (2, 5), (2, 5)) | box((3, 4), (1, 5), (2, 5)) | box((7, 8), (2, 5), (2, 5))}
    for measures in ({"SliceThickness": 2.5}, {"SpacingBetweenSlices": 2.5, "SliceThickness": 5.0}):
        path = save(segmentation(tmp_path / "seg.dcm", masks, PLACES, **measures))
        is_found(read_labels(path), masks, read_volume(scan))
    # Without a stated size the gaps say it.
    data = segmentation(tmp_path / "seg.dcm", GAP, PLACES)
    del data.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SliceThickness
    is_found(read_labels(save(data)), GAP, read_volume(scan))


@pytest.mark.parametrize("thickness", [1.25, 0.6, 2.0, 5.0])
@pytest.mark.parametrize("masks", [APART, GAP], ids=["apart", "gap"])
def test_slices_of_another_thickness_than_their_distance(tmp_path, scan, masks, thickness):
    """Thin slices with nothing between them, and thick ones that overlap: what the positions say holds."""
    path = save(segmentation(tmp_path / "seg.dcm", masks, PLACES, SliceThickness=thickness))
    image = read_volume(scan)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        labels = read_labels(path)
    np.testing.assert_allclose(labels.geometry.spacing, image.geometry.spacing)
    is_found(labels, masks, image)
    # Of 1.25 mm there would be two to a step: only there a slice between them could be missing.
    wanted = ["says slices of 1.25 mm but not how far they are apart; 2.5 mm"] if thickness == 1.25 else []
    assert [text in str(one.message) for one, text in zip(told, wanted, strict=True)] == [True] * len(wanted)


def test_a_label_map_of_numbers_and_fractions(tmp_path, scan):
    image = read_volume(scan)
    data = segmentation(tmp_path / "seg.dcm", APART, PLACES)
    data.SegmentationType, data.SegmentationFractionalType, data.MaximumFractionalValue = "FRACTIONAL", "OCCUPANCY", 200
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit = 7
    frames = [(name, k) for name, mask in APART.items() for k in np.flatnonzero(mask.any((1, 2)))]
    shares = np.array([np.where(APART[name][k], 100, 99) for name, k in frames], np.uint8)
    data.PixelData = shares.tobytes() + b"\0" * (shares.size % 2)
    with pytest.warns(Note, match="fractions .occupancy.; voxels of one half and more"):
        is_found(read_labels(save(data)), APART, image)
    data = segmentation(tmp_path / "map.dcm", {"all": np.ones(SHAPE, bool)}, PLACES)
    data.SegmentationType, data.BitsAllocated, data.BitsStored, data.HighBit = "LABELMAP", 8, 8, 7
    for group in data.PerFrameFunctionalGroupsSequence:
        del group.SegmentIdentificationSequence
    data.SegmentSequence = [item(SegmentNumber=n, SegmentLabel=name) for n, name in ((3, "organ1"), (200, "organ2"))]
    values = (3 * APART["organ1"] + 200 * APART["organ2"]).astype(np.uint8)
    data.PixelData = values.tobytes()
    labels = read_labels(save(data))
    assert labels.names == {"organ1": 3, "organ2": 200}
    is_found(labels, APART, image)


def source(folder, axes=None):
    """Headers that highdicom takes a segmentation's geometry from."""
    axes = np.eye(3)[:2] if axes is None else axes
    places = [np.array([-10.0, -20, 5]) + 2.5 * k * np.cross(*axes) for k in range(8)]
    extra = {"PatientBirthDate": "", "PatientSex": "", "StudyDate": "", "StudyTime": "", "AccessionNumber": ""}
    extra |= {"StudyID": "", "ReferringPhysicianName": "", "SliceThickness": "2.5", "Manufacturer": "x"}
    series(folder, np.zeros(SHAPE), places, axes=axes, **extra)
    return [pydicom.dcmread(file) for file in sorted(folder.iterdir())]


def by_highdicom(path, images, masks, kind="BINARY", **more):
    hd = pytest.importorskip("highdicom", reason="highdicom, which writes the segmentation, is not installed")
    from pydicom.sr.coding import Code

    colours = [(255, 0, 0), (128, 174, 128), (216, 101, 79)]
    described = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=name,
            segmented_property_category=Code("113343008", "SCT", "Organ"),
            segmented_property_type=Code("10200004", "SCT", "Liver"),
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
            display_color=hd.color.CIELabColor.from_rgb(*colours[number - 1]),
        )
        for number, name in enumerate(masks, 1)
    ]
    pixels = np.stack([*masks.values()], axis=-1).astype(float if kind == "FRACTIONAL" else np.uint8)
    seg = hd.seg.Segmentation(
        source_images=images, pixel_array=pixels, segmentation_type=kind, segment_descriptions=described,
        series_instance_uid=ROOT + "55", series_number=2, sop_instance_uid=ROOT + "56", instance_number=1,
        manufacturer="x", manufacturer_model_name="x", software_versions="1", device_serial_number="1", **more,
    )  # fmt: skip
    seg.save_as(path)
    return path


ANGLE = np.deg2rad(20)
TURNED = np.array([[np.cos(ANGLE), 0, np.sin(ANGLE)], [0, 1, 0]])


@pytest.mark.parametrize("axes", [None, TURNED], ids=["straight", "oblique"])
@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
@pytest.mark.parametrize("masks", [APART, OVERLAP, GAP], ids=["apart", "overlap", "gap"])
def test_what_highdicom_writes(tmp_path, kind, masks, axes):
    if kind == "LABELMAP" and masks is OVERLAP:
        pytest.skip("a label map holds no overlaps")
    images = source(tmp_path / "ct", axes)
    path = by_highdicom(tmp_path / "seg.dcm", images, masks, kind)
    image = read_volume(tmp_path / "ct")
    labels = read_labels(path)
    is_found(labels, masks, image)
    assert labels.series == image.series == ROOT + "1"
    first, *others = masks
    # In single steps of 255, as highdicom itself turns the colour back.
    np.testing.assert_allclose(labels.colors[first], (1, 0, 0), atol=1 / 255)
    if others:
        np.testing.assert_allclose(np.array(labels.colors[others[0]]) * 255, (128, 174, 128), atol=1)
    term = labels.terms[first]
    assert (term.category, term.type) == (("SCT", "113343008", "Organ"), ("SCT", "10200004", "Liver"))


def test_compressed_segmentation(tmp_path, scan):
    data = segmentation(tmp_path / "seg.dcm", APART, PLACES)
    planes = np.unpackbits(np.frombuffer(data.PixelData, np.uint8), bitorder="little")[: 6 * 15 * 13].reshape(6, 15, 13)
    data.SegmentationType, data.MaximumFractionalValue = "FRACTIONAL", 1
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    data.PixelData = planes.tobytes()
    data.compress(pydicom.uid.RLELossless)
    with pytest.warns(Note):
        is_found(read_labels(save(data)), APART, read_volume(scan))


def test_a_segmentation_beside_its_scan(tmp_path, scan):
    masks = APART
    (scan / "seg.dcm").write_bytes(save(segmentation(tmp_path / "seg.dcm", masks, PLACES)).read_bytes())
    is_found(read_labels(scan), masks, read_volume(scan))
    (scan / "two.dcm").write_bytes((scan / "seg.dcm").read_bytes())
    with pytest.raises(InputError, match="2 DICOM segmentations.*seg.dcm, two.dcm"):
        read_labels(scan)


def test_labels_of_another_series_are_told_of(tmp_path, scan):
    data = segmentation(tmp_path / "seg.dcm", APART, PLACES)
    image = read_volume(scan)
    for uid, differs in ((ROOT + "1", False), (ROOT + "2", True), (None, False)):
        data.ReferencedSeriesSequence = [] if uid is None else [item(SeriesInstanceUID=uid)]
        labels = read_labels(save(data))
        if differs:
            with pytest.warns(Note, match="another DICOM series"):
                tell_of_other_source(labels, image, "seg.dcm")
        else:
            tell_of_other_source(labels, image, "seg.dcm")


def test_a_segment_without_a_name_counts_as_made_up(tmp_path):
    data = segmentation(tmp_path / "seg.dcm", APART, PLACES)
    data.SegmentSequence[1].SegmentLabel = ""
    labels = read_labels(save(data))
    assert labels.names == {"organ1": 1, "label_2": 2} and labels.made_up
    data.SegmentSequence[1].SegmentLabel = "organ1"
    with pytest.raises(InputError, match="Two segments are named organ1"):
        read_labels(save(data))


def test_bad_segmentations(tmp_path, monkeypatch):
    def refused(match, change=lambda data: None):
        data = segmentation(tmp_path / "seg.dcm", APART, PLACES)
        change(data)
        path = save(data)
        with pytest.raises(InputError, match=match) as caught:
            read_labels(path)
        assert str(path) in str(caught.value) and caught.value.remedy and "Doe" not in str(caught.value)

    def uneven(data):
        data.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence[0].ImagePositionPatient = numbers(
            (-10, -20, 15.9)
        )

    def beside(data):
        data.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence[0].ImagePositionPatient = numbers((-8, -20, 15))

    def cut(data):
        data.PixelData = data.PixelData[:80]

    def slide(data):
        for group in data.PerFrameFunctionalGroupsSequence:
            del group.PlanePositionSequence

    refused("unevenly spaced", uneven)
    refused("do not lie behind each other", beside)
    refused("ends before its last voxel", cut)
    refused("do not say where they lie", slide)
    refused("belong to no segment", lambda data: data.SegmentSequence.pop())
    refused("Cannot read this DICOM segmentation", lambda data: data.__delattr__("Rows"))
    structures = save(empty(tmp_path / "rt" / "rt.dcm", STRUCTURES, Modality="RTSTRUCT"))
    for path in (structures, structures.parent):
        with pytest.raises(InputError, match="RTSTRUCT.*only on the scan.*seg.nrrd"):
            read_labels(path)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(InputError, match=r'A DICOM segmentation needs the package pydicom.*"samadapt\[dicom\]"'):
        read_labels(tmp_path / "seg.dcm")


def test_a_series_of_label_slices_is_a_label_map(tmp_path):
    values = np.zeros(SHAPE)
    values[2], values[5] = 3, 1
    labels = read_labels(series(tmp_path / "map", values, PLACES))
    assert labels.names == {"label_1": 1, "label_3": 3} and labels.made_up
    np.testing.assert_array_equal(labels.array, values)
    # Whose series would --series choose? It is an option of the image.
    series(tmp_path / "map", values, PLACES, uid="2", name="b{}.dcm")
    with pytest.raises(InputError, match="^2 DICOM series .*one label map alone") as caught:
        read_labels(tmp_path / "map")
    assert "--series" not in str(caught.value)
