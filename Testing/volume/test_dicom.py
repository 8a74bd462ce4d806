"""DICOM images: frames by their own positions, choices between series and stacks, values, and every refusal."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.volume.volume import read_volume

pydicom = pytest.importorskip("pydicom", reason="pydicom (the extra dicom) is not installed")
from Testing.dicom_files import (  # noqa: E402
    CT,
    ENHANCED_MR,
    MR,
    PT,
    REPORT,
    SEG,
    STRUCTURES,
    empty,
    enhanced,
    item,
    save,
    segmentation,
    series,
    with_pixels,
)  # fmt: skip

RNG = np.random.default_rng(0)
PLAIN = RNG.integers(-100, 100, (8, 16, 20)).astype(np.int16)
PLAIN[6, 3, 11] = 777
PLACES = np.array([(-10, -20, 5 + 2.5 * k) for k in range(8)])
# Of the marker: first voxel + 11 columns of 0.8 mm, 3 rows of 0.5 mm, 6 slices of 2.5 mm in LPS, then to RAS.
MARKER = (10 - 11 * 0.8, 20 - 3 * 0.5, 5 + 6 * 2.5)


def turned(x=0.3, y=-0.2) -> np.ndarray:
    """Row and column direction of an oblique slice, [2, 3]."""
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    return (about_x @ about_y)[:, :2].T


def is_the_phantom(volume) -> None:
    np.testing.assert_array_equal(volume.array, PLAIN)
    np.testing.assert_allclose(volume.geometry.spacing, (0.8, 0.5, 2.5))
    np.testing.assert_allclose(volume.geometry.to_ras([[11, 3, 6]]), [MARKER])
    assert volume.modality == "CT"


def refused(match: str, *paths, **choice) -> str:
    text = ""
    for path in paths:
        with pytest.raises(InputError, match=match) as caught:
            read_volume(path, **choice)
        text = str(caught.value)
        assert caught.value.remedy and "Doe" not in text and "4711" not in text
    return text


@pytest.mark.parametrize(
    "order", [range(8), [0, 2, 4, 6, 1, 3, 5, 7], range(7, -1, -1), [3, 7, 0, 5, 1, 6, 2, 4]],
    ids=["in order", "interleaved", "backwards", "scrambled"],
)  # fmt: skip
def test_frames_lie_where_they_say(tmp_path, order):
    order = list(order)
    path = save(enhanced(tmp_path / "image.dcm", PLAIN[order], PLACES[order]))
    with warnings.catch_warnings():
        warnings.simplefilter("error", Note)
        is_the_phantom(read_volume(path))
        is_the_phantom(read_volume(tmp_path))


def test_oblique_frames_with_groups_of_their_own_are_the_series_in_files(tmp_path):
    axes = turned()
    places = [np.array([4.0, -7, 11]) + 3.2 * k * np.cross(*axes) for k in range(8)]
    files = read_volume(series(tmp_path / "files", PLAIN, places, axes=axes))
    order = [5, 0, 3, 7, 1, 4, 2, 6]
    data = enhanced(tmp_path / "many.dcm", PLAIN[order], [places[k] for k in order], axes=[axes] * 8)
    many = read_volume(save(data))
    np.testing.assert_array_equal(many.array, files.array)
    np.testing.assert_allclose(many.geometry.ijk_to_ras, files.geometry.ijk_to_ras, atol=1e-6)
    lps = places[0] + 11 * 0.8 * axes[0] + 3 * 0.5 * axes[1] + 6 * 3.2 * np.cross(*axes)
    np.testing.assert_allclose(many.geometry.to_ras([[11, 3, 6]]), [lps * [-1, -1, 1]], atol=1e-6)


def test_each_frame_is_rescaled_by_its_own_slope(tmp_path):
    stored = RNG.integers(0, 4000, (8, 16, 20)).astype(np.uint16)
    slopes = [(0.25 * (k + 1), -10.5 * k) for k in range(8)]
    order = [1, 0, 3, 2, 5, 4, 7, 6]
    data = enhanced(
        tmp_path / "philips.dcm", stored[order], PLACES[order], slopes=[slopes[k] for k in order],
        sop_class=ENHANCED_MR, modality="MR",
    )  # fmt: skip
    volume = read_volume(save(data))
    assert volume.array.dtype == np.float32 and volume.modality == "MR"
    expected = [plane * slope + intercept for plane, (slope, intercept) in zip(stored, slopes, strict=True)]
    np.testing.assert_allclose(volume.array, expected, rtol=1e-6)


@pytest.mark.parametrize("slope, kind", [((1, -1024), np.int16), ((3, 0), np.int16), ((20, 5), np.int32)])
def test_whole_numbers_of_frames_stay_whole(tmp_path, slope, kind):
    stored = RNG.integers(0, 4000, (8, 16, 20)).astype(np.uint16)
    array = read_volume(save(enhanced(tmp_path / "ct.dcm", stored, PLACES, slopes=[slope] * 8))).array
    assert array.dtype == kind
    np.testing.assert_array_equal(array, stored.astype(int) * slope[0] + slope[1])


ORDER = [0, 2, 4, 6, 1, 3, 5, 7]


@pytest.mark.parametrize("syntax", ["RLELossless", "JPEGLSLossless"])
def test_frames_compressed_by_pydicom(tmp_path, syntax):
    data = enhanced(tmp_path / "packed.dcm", PLAIN[ORDER], PLACES[ORDER])
    try:
        data.compress(getattr(pydicom.uid, syntax))
    except (AttributeError, NotImplementedError, RuntimeError, ValueError) as error:
        pytest.skip(f"nothing here writes {syntax}: {error}")
    is_the_phantom(read_volume(save(data)))


@pytest.mark.parametrize("compressor", ["JPEG", "JPEG2000"])
def test_frames_compressed_as_only_gdcm_reads_them(tmp_path, compressor):
    """JPEG lossless is what scanners and archives write most; pydicom alone reads neither."""
    writer = sitk.ImageFileWriter()
    writer.SetImageIO("GDCMImageIO")
    writer.UseCompressionOn()
    writer.SetCompressor(compressor)
    writer.SetFileName(str(tmp_path / "donor.dcm"))
    stored = (PLAIN + 1000).astype(np.uint16)[ORDER]
    writer.Execute(sitk.GetImageFromArray(stored))
    donor = pydicom.dcmread(tmp_path / "donor.dcm")
    data = enhanced(tmp_path / "packed" / "a.dcm", stored, PLACES[ORDER], slopes=[(1, -1000)] * 8)
    data.file_meta.TransferSyntaxUID = donor.file_meta.TransferSyntaxUID
    assert data.file_meta.TransferSyntaxUID.is_compressed
    data.PixelData = donor.PixelData
    data["PixelData"].VR, data["PixelData"].is_undefined_length = "OB", True
    is_the_phantom(read_volume(save(data)))


def test_phases_are_listed_and_chosen(tmp_path):
    other = PLAIN[::-1].copy()
    both, places = np.concatenate([PLAIN, other]), np.concatenate([PLACES, PLACES])
    apart = save(enhanced(tmp_path / "apart.dcm", both, places))
    message = refused("2 stacks of slices", apart)
    assert "1-8: 8 slices; 9-16: 8 slices" in message
    is_the_phantom(read_volume(apart, frames="1-8"))
    np.testing.assert_array_equal(read_volume(apart, frames=range(9, 17)).array, other)
    # Slice by slice, each at two times, in files and in frames.
    mixed = [k for pair in zip(range(8), range(8, 16), strict=True) for k in pair]
    content = [{"TemporalPositionIndex": 1 + k // 8} for k in mixed]
    frames = save(enhanced(tmp_path / "mixed.dcm", both[mixed], places[mixed], content=content))
    message = refused("2 stacks of slices", frames)
    assert "1-15:2: 8 slices (TemporalPositionIndex 1); 2-16:2: 8 slices (TemporalPositionIndex 2)" in message
    times = [str(1 + k // 8) for k in mixed]
    files = series(tmp_path / "files", both[mixed], places[mixed], TemporalPositionIdentifier=times)
    assert "1-15:2: 8 slices (TemporalPositionIdentifier 1)" in refused("2 stacks", files)
    for path in (frames, files):
        is_the_phantom(read_volume(path, frames="1-15:2"))
        np.testing.assert_array_equal(read_volume(path, frames="2,4,6-16:2").array, other)
    for wrong in ("0-3", "17", "a", "", "1-15:0", "3-1", "1-999999999999"):
        refused("frames", frames, frames=wrong)
    with pytest.warns(Note, match=r"chosen slices are of 2 stacks.*1-15:2: 8 slices"):
        read_volume(frames, frames="1,4,5,8")
    refused("unevenly spaced, doubled", frames, frames="1-16")


def test_time_order_against_frame_order(tmp_path):
    """The phase is what a frame says, not which comes first at its place."""
    other = PLAIN[::-1].copy()
    frames = [(k, t) for k in range(8) for t in ((1, 2) if k % 2 else (2, 1))]
    array = np.array([(PLAIN if t == 1 else other)[k] for k, t in frames])
    content = [{"TemporalPositionIndex": t} for _, t in frames]
    path = save(enhanced(tmp_path / "a.dcm", array, [PLACES[k] for k, _ in frames], content=content))
    message = refused("2 stacks", path)
    first = next(part for part in message.split("(", 1)[1].split(";") if "Index 1" in part).strip().split(":")[0]
    assert first.startswith("2,3,")
    listed = message.split("--frames (")[1]
    chosen = next(part for part in listed.split("; ") if "TemporalPositionIndex 1" in part).split(": ")[0]
    is_the_phantom(read_volume(path, frames=chosen))


def test_stacks_of_other_directions(tmp_path):
    """Three planes of a localizer in one file."""
    axes = [np.eye(3)[[0, 1]]] * 3 + [np.eye(3)[[0, 2]]] * 3 + [np.eye(3)[[1, 2]]] * 3
    places = [np.array([-5.0, -5, -5]) + 4 * (k % 3) * np.cross(*axes[k]) for k in range(9)]
    content = [{"StackID": str(1 + k // 3)} for k in range(9)]
    array = RNG.integers(0, 99, (9, 12, 12))
    path = save(enhanced(tmp_path / "loc.dcm", array, places, (1, 1), np.array(axes), content=content))
    message = refused("differ in size, spacing or orientation", path)
    assert "1-3: 3 slices (StackID 1); 4-6: 3 slices (StackID 2); 7-9: 3 slices (StackID 3)" in message
    volume = read_volume(path, frames="4-6")
    np.testing.assert_array_equal(volume.array, array[3:6])
    # A coronal stack: rows go down the patient as its column direction says, slices along the normal x cross z = -y.
    np.testing.assert_allclose(volume.geometry.to_ras([[0, 0, 2], [0, 3, 0]]), [[5, 13, -5], [5, 5, -2]])


def test_stacks_beside_each_other_and_into_each_other(tmp_path):
    names = [{"StackID": "a" if k % 2 else "b"} for k in range(8)]
    is_the_phantom(read_volume(save(enhanced(tmp_path / "even.dcm", PLAIN, PLACES, content=names))))
    names = [{"StackID": "a" if k < 4 else "b"} for k in range(8)]
    far = PLACES + np.array([[0, 0, 40.0 * (k > 3)] for k in range(8)])
    path = save(enhanced(tmp_path / "far.dcm", PLAIN, far, content=names))
    assert "1-4: 4 slices (StackID a); 5-8: 4 slices (StackID b)" in refused("2 stacks", path)
    np.testing.assert_allclose(read_volume(path, frames="5-8").geometry.to_ras([[0, 0, 0]]), [[10, 20, 55]])


def test_frames_are_checked_like_files(tmp_path):
    keep = [0, 1, 2, 5, 6, 7]
    hole = save(enhanced(tmp_path / "hole.dcm", PLAIN[keep], PLACES[keep]))
    assert "2.5 mm apart, but 7.5 mm in 1 place" in refused("unevenly spaced, doubled or missing", hole)
    slant = PLACES + np.array([[0, 0.2 * k, 0] for k in range(8)])
    refused("tilted gantry", save(enhanced(tmp_path / "slant.dcm", PLAIN, slant)))
    data = enhanced(tmp_path / "nowhere.dcm", PLAIN, PLACES)
    for group in data.PerFrameFunctionalGroupsSequence:
        del group.PlanePositionSequence
    refused("do not say where they lie", save(data))


def test_a_slant_counts_by_what_it_moves(tmp_path):
    """Below the angle that was once allowed (0.01), 2.6 mm over a stack of 260 mm."""
    array = np.zeros((105, 4, 4), np.int16)
    for name, whole, allowed in (("much", 2.6, False), ("little", 0.2, True)):
        places = [(0, whole * k / 104, 2.5 * k) for k in range(105)]
        folder = series(tmp_path / name, array, places, (0.7, 0.7))
        if allowed:
            np.testing.assert_allclose(read_volume(folder).geometry.spacing, (0.7, 0.7, 2.5))
        else:
            message = refused("tilted gantry", folder)
            assert "2.6 mm over the stack, for pixels of 0.7 x 0.7 mm" in message


def test_slices_that_turn_along_the_stack(tmp_path):
    wide = np.zeros((3, 4, 300), np.int16)
    for angle, allowed in ((0.0005, True), (0.002, False)):
        folder = tmp_path / str(angle)
        for k in range(3):
            axes = np.array([[np.cos(angle * k), np.sin(angle * k), 0], [-np.sin(angle * k), np.cos(angle * k), 0]])
            series(folder, wide[k : k + 1], [(0, 0, 3 * k)], axes=axes, name=f"{k}", InstanceNumber=k)
        # At the end of a row of 239 mm the last slice is off by 239 mm x angle x 2.
        if allowed:
            assert read_volume(folder).array.shape == (3, 4, 300)
        else:
            refused("differ in size, spacing or orientation", folder)


def test_series_of_a_folder_are_listed_and_chosen(tmp_path):
    folder = tmp_path / "Müller, zweite Aufnahme"
    series(folder, PLAIN, PLACES, uid="3", name="ct{}", SeriesNumber=4)
    mr = RNG.integers(0, 9, (3, 16, 20))
    series(folder, mr, PLACES[:3], uid="2", name="mr{}", SeriesNumber=11, modality="MR", sop_class=MR)
    message = refused("^2 DICOM series in this folder", folder)
    root = "1.2.826.0.1.3680043.8.498."
    assert f"(4: CT, 8 slices, {root}3; 11: MR, 3 slices, {root}2)" in message and "--series 4" in message
    for choice in (4, "4", root + "3"):
        is_the_phantom(read_volume(folder, series=choice))
    volume = read_volume(folder, series="11")
    assert volume.modality == "MR" and volume.name == folder.name and volume.series == root + "2"
    np.testing.assert_array_equal(volume.array, mr)
    assert "4: CT" in refused("No DICOM series 2 here", folder, series=2)


def test_series_without_numbers_are_counted(tmp_path):
    series(tmp_path, PLAIN, PLACES, uid="3", name="a{}")
    localizer = np.ones((2, 16, 20))
    series(tmp_path, localizer, [(0, 0, 0), (0, 5, 0)], axes=np.eye(3)[[0, 2]], uid="2", name="b{}", SeriesNumber=1)
    message = refused("^2 DICOM series", tmp_path)
    assert "(1: series number 1, CT, 2 slices" in message and "; 2: CT, 8 slices" in message
    # Not the localizer, which comes first.
    assert "Choose one series with --series 2," in message
    is_the_phantom(read_volume(tmp_path, series="2"))


def test_only_dicom_has_series_and_frames(tmp_path):
    from SAMAdaptLib.volume.volume import write_volume

    write_volume(tmp_path / "a.nrrd", PLAIN, read_volume(series(tmp_path / "ct", PLAIN, PLACES)).geometry)
    refused("Only DICOM has series", tmp_path / "a.nrrd", series="1")
    refused("Only DICOM has series", tmp_path / "a.nrrd", frames="1")


@pytest.mark.parametrize("first", [1, 0.9])
def test_slopes_of_their_own_for_every_slice(tmp_path, first):
    """As PET scanners write them: stored 50 in the hot spot of all slices but the first, which is empty."""
    stored = RNG.integers(0, 10, (6, 12, 12))
    stored[0] = 0
    stored[1:, 5, 5] = 50
    slopes = [(value, 0) for value in (first, 0.02, 0.015, 0.013, 0.014, 0.018)]
    places = [(0, 0, 3 * k) for k in range(6)]
    volume = read_volume(series(tmp_path / "pet", stored, places, slopes=slopes, sop_class=PT, modality="PT"))
    assert volume.array.dtype == np.float32 and volume.modality == "PT"
    np.testing.assert_allclose(volume.array[1:, 5, 5], [1.0, 0.75, 0.65, 0.70, 0.90], rtol=1e-6)
    np.testing.assert_allclose(volume.array, stored * np.array(slopes)[:, :1, None], rtol=1e-6)


def test_whole_slopes_stay_whole_and_differing_ones_do_not(tmp_path):
    same = read_volume(series(tmp_path / "same", PLAIN, PLACES, slopes=[(2, -1000)] * 8)).array
    assert np.issubdtype(same.dtype, np.integer)
    np.testing.assert_array_equal(same, PLAIN.astype(int) * 2 - 1000)
    slopes = [(1, -1000 * (k % 2)) for k in range(8)]
    differ = read_volume(series(tmp_path / "differ", PLAIN, PLACES, slopes=slopes)).array
    assert differ.dtype == np.float32
    np.testing.assert_array_equal(differ, PLAIN - 1000.0 * (np.arange(8) % 2)[:, None, None])


def test_slices_stored_with_and_without_a_sign(tmp_path):
    folder = series(tmp_path, PLAIN[:4], PLACES[:4])
    high = np.full((4, 16, 20), 60000, np.uint16)
    series(tmp_path, high, PLACES[4:], name="1{:02d}.dcm", InstanceNumber=[5, 6, 7, 8])
    array = read_volume(folder).array
    np.testing.assert_array_equal(array, np.concatenate([PLAIN[:4].astype(int), high]))


def test_slices_that_may_be_missing_are_told_of(tmp_path):
    every = series(tmp_path / "every", PLAIN[::2], PLACES[::2], InstanceNumber=[1, 3, 5, 7], SpacingBetweenSlices="2.5")
    with pytest.warns(Note) as caught:
        volume = read_volume(every)
    texts = [str(one.message) for one in caught]
    assert any("lie 5 mm apart, and the header says 2.5 mm; their positions were taken" in text for text in texts)
    assert any("3 of the instance numbers 1 to 7 are missing, but the 4 slices lie evenly, 5 mm" in t for t in texts)
    np.testing.assert_allclose(volume.geometry.spacing, (0.8, 0.5, 5))


@pytest.mark.parametrize(
    "header, depth, words",
    [
        ({"SliceThickness": "4"}, 4, "taken as 4 mm thick, as its header says"),
        ({"SliceThickness": "4", "SpacingBetweenSlices": "5"}, 4, "4 mm thick and 5 mm from the next one: taken as 4"),
        ({"SpacingBetweenSlices": "5"}, 5, "taken as 5 mm thick"),
        ({}, 1, "without a thickness: taken as 1 mm thick"),
    ],
)
def test_a_single_slice(tmp_path, header, depth, words):
    folder = series(tmp_path / "one", PLAIN[6:7], PLACES[6:7], **header)
    with pytest.warns(Note, match=words):
        volume = read_volume(folder)
    np.testing.assert_allclose(volume.geometry.spacing, (0.8, 0.5, depth))
    np.testing.assert_allclose(volume.geometry.to_ras([[11, 3, 0]]), [MARKER])


@pytest.mark.parametrize("modality, sop_class, turned_over", [("CT", CT, False), ("PT", PT, False), ("MR", MR, True)])
def test_measured_values_that_are_to_be_shown_inverted_stay_what_they_are(tmp_path, modality, sop_class, turned_over):
    slopes = [(2, -1000)] * 8
    folder = series(tmp_path, PLAIN, PLACES, slopes=slopes, modality=modality, sop_class=sop_class)
    for file in folder.iterdir():
        data = pydicom.dcmread(file)
        data.PhotometricInterpretation = "MONOCHROME1"
        data.save_as(file)
    # The picture is what is to be seen of an MR: of a 16-bit value v, that of -1 - v.
    stored = -1 - PLAIN if turned_over else PLAIN
    np.testing.assert_array_equal(read_volume(folder).array, 2 * stored.astype(int) - 1000)


def test_copies_are_left_out_aloud_and_contradictions_are_not(tmp_path):
    folder = series(tmp_path / "ct", PLAIN, PLACES)
    (folder / "002 (1).dcm").write_bytes((folder / "002.dcm").read_bytes())
    with pytest.warns(Note, match="1 file is a copy of another in the DICOM series"):
        is_the_phantom(read_volume(folder))
    data = pydicom.dcmread(folder / "002.dcm")
    with_pixels(data, PLAIN[5])
    data.save_as(folder / "002 (1).dcm")
    assert "8 slices" in refused("2 stacks of slices", folder)


@pytest.mark.parametrize(
    "tag, words", [("PixelSpacing", "pixels are; they were taken as 1 x 1 mm"), ("ImageOrientationPatient", "axial")]
)
def test_geometry_that_is_not_in_the_header_is_told_of(tmp_path, tag, words):
    folder = series(tmp_path, PLAIN, PLACES)
    for file in folder.iterdir():
        data = pydicom.dcmread(file)
        delattr(data, tag)
        data.save_as(file)
    with pytest.warns(Note, match=f"does not say how .*{words}"):
        volume = read_volume(folder)
    np.testing.assert_allclose(volume.geometry.spacing, (1, 1, 2.5) if tag == "PixelSpacing" else (0.8, 0.5, 2.5))


def test_of_many_phases_the_first_are_listed(tmp_path):
    content = [{"TemporalPositionIndex": 1 + k} for k in range(40) for _ in range(2)]
    places = [(0, 0, 3 * k) for _ in range(40) for k in range(2)]
    path = save(enhanced(tmp_path / "a.dcm", np.zeros((80, 4, 4)), places, content=content))
    message = refused("40 stacks of slices", path)
    assert "23,24: 2 slices (TemporalPositionIndex 12); ..., 40 in all" in message and len(message) < 900
    assert read_volume(path, frames="79-80").array.shape == (2, 4, 4)


def test_names_of_files_mean_nothing(tmp_path):
    folder = series(tmp_path / "Ordner mit Lücke", PLAIN, PLACES, name="IM{:d}")
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.dcm").write_text("no image either")
    is_the_phantom(read_volume(folder))
    one = folder / "IM6"
    with pytest.warns(Note, match="single slice"):
        assert read_volume(one).array[0, 3, 11] == 777


def test_a_damaged_slice_is_not_just_missing(tmp_path):
    folder = series(tmp_path / "ct", PLAIN, PLACES)
    whole = (folder / "007.dcm").read_bytes()
    for keep in (len(whole) - 1, 0.99 * len(whole), 0.3 * len(whole)):
        (folder / "007.dcm").write_bytes(whole[: int(keep)])
        with pytest.raises(InputError):
            read_volume(folder)
    for nothing in (b"", b"\0" * 900):
        # What an interrupted copy leaves of a slice at the end, which would not be missed there.
        (folder / "007.dcm").write_bytes(nothing)
        refused("Cannot read a DICOM slice", folder)
    (tmp_path / "no.dcm").write_bytes(b"nothing")
    refused("Cannot read a DICOM slice", tmp_path / "no.dcm")


def test_objects_that_are_no_images(tmp_path):
    mask = PLAIN > 0
    seg = save(segmentation(tmp_path / "seg" / "seg.dcm", {"a": mask}, PLACES))
    structures = save(empty(tmp_path / "rt" / "rt.dcm", STRUCTURES, Modality="RTSTRUCT"))
    report = save(empty(tmp_path / "sr" / "sr.dcm", REPORT, Modality="SR"))
    refused("is a DICOM segmentation, not an image.*as the labels", seg, seg.parent)
    refused(r"radiotherapy structures \(RTSTRUCT\), not an image", structures, structures.parent)
    refused("holds no image", report, report.parent)
    # Beside a scan they are no second series.
    folder = series(tmp_path / "all", PLAIN, PLACES)
    for file in (seg, structures, report):
        (folder / file.name).write_bytes(file.read_bytes())
    is_the_phantom(read_volume(folder))


def test_slices_in_colour_are_refused(tmp_path):
    data = enhanced(tmp_path / "a.dcm", PLAIN, PLACES)
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PlanarConfiguration = 3, "RGB", 0
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    data.PixelData = bytes(8 * 16 * 20 * 3)
    refused("8 pictures in colour.*the file of one picture", save(data))


def test_without_pydicom_only_objects_of_many_frames_are_refused(tmp_path, monkeypatch):
    many = save(enhanced(tmp_path / "many.dcm", PLAIN, PLACES))
    files = series(tmp_path / "files", PLAIN, PLACES)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    refused(r'needs the package pydicom.*pip install "samadapt\[dicom\]"', many)
    is_the_phantom(read_volume(files))


def test_one_frame_in_each_of_several_enhanced_files(tmp_path):
    for k in (3, 0, 6, 1, 7, 2, 5, 4):
        data = enhanced(tmp_path / f"{k}.dcm", PLAIN[k : k + 1], PLACES[k : k + 1], slopes=[(1, 0)])
        data.InstanceNumber = k + 1
        save(data)
    is_the_phantom(read_volume(tmp_path))


def test_marks_of_other_macros(tmp_path):
    both, places = np.concatenate([PLAIN, PLAIN[::-1]]), np.concatenate([PLACES, PLACES])
    each = [{"MREchoSequence": [item(EffectiveEchoTime=4.5 if k < 8 else 9.25)]} for k in range(16)]
    path = save(enhanced(tmp_path / "a.dcm", both, places, sop_class=ENHANCED_MR, modality="MR", each=each))
    assert "1-8: 8 slices (EffectiveEchoTime 4.5); 9-16: 8 slices (EffectiveEchoTime 9.25)" in refused("2 stacks", path)


def test_a_segmentation_class_without_its_preamble_is_no_image(tmp_path):
    """Files from before part 10 do not begin with their kind."""
    data = segmentation(tmp_path / "seg.dcm", {"a": PLAIN > 0}, PLACES)
    assert data.SOPClassUID == SEG
    whole = save(data).read_bytes()
    at = whole.index(b"\x08\x00\x16\x00UI")
    (tmp_path / "bare.dcm").write_bytes(whole[at:])
    refused("Cannot read a DICOM slice|not an image", tmp_path / "bare.dcm")


@pytest.mark.parametrize("syntax", ["ExplicitVRLittleEndian", "ImplicitVRLittleEndian"])
def test_values_by_a_table_are_refused(tmp_path, syntax):
    """Twice the stored value by the table; SimpleITK hands out the stored one, without a word."""
    table = item(LUTDescriptor=[4, 0, 16], ModalityLUTType="US", LUTData=np.arange(0, 8, 2, np.uint16).tobytes())
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    folder = series(tmp_path / "us", PLAIN % 4, PLACES, ModalityLUTSequence=[[table]] * 8)
    for file in folder.iterdir():
        data = pydicom.dcmread(file)
        del data.RescaleSlope, data.RescaleIntercept
        data.file_meta.TransferSyntaxUID = getattr(pydicom.uid, syntax)
        pydicom.dcmwrite(file, data, implicit_vr=syntax.startswith("Implicit"), little_endian=True)
        assert data.ModalityLUTSequence[0].LUTData[2:4] == b"\x02\x00"
    refused("by a table .modality LUT.", folder)
    many = enhanced(tmp_path / "many.dcm", PLAIN % 4, PLACES)
    many.ModalityLUTSequence = [table]
    refused("by a table .modality LUT.", save(many))


def test_bytes_of_a_table_among_the_pixels_are_pixels(tmp_path):
    pixels = np.zeros((8, 16, 20), np.int16)
    pixels.reshape(8, -1)[:, :8] = np.frombuffer(b"\x28\0\0\x30SQ\0\0\x10\0\0\0\xfe\xff\0\xe0", np.int16)
    folder = series(tmp_path / "mr", pixels, PLACES, sop_class=MR, modality="MR")
    for file in folder.iterdir():
        data = pydicom.dcmread(file)
        del data.RescaleSlope, data.RescaleIntercept
        data.save_as(file)
    np.testing.assert_array_equal(read_volume(folder).array, pixels)


@pytest.mark.parametrize("stored", ["big", "little"])
def test_pixels_that_are_cut_off_are_told_in_either_order_of_bytes(tmp_path, stored):
    values = np.arange(2 * 30 * 40, dtype=np.int16).reshape(2, 30, 40)
    folder = series(tmp_path / "scan", values, [np.array([0.0, 0, 2.5 * k]) for k in range(2)])
    for file in sorted(folder.iterdir()) if stored == "big" else ():
        data, read = pydicom.Dataset(), pydicom.dcmread(file)
        data.update(read)
        data.PixelData = read.pixel_array.astype(">i2").tobytes()
        data.file_meta, data.preamble = read.file_meta, read.preamble
        data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRBigEndian
        data.save_as(file, implicit_vr=False, little_endian=False)
    np.testing.assert_array_equal(read_volume(folder).array, values)
    file = max(folder.iterdir())
    file.write_bytes(file.read_bytes()[:-800])
    with pytest.raises(InputError, match="Cannot read a DICOM slice"):
        read_volume(folder)
    # And where the header says so many bytes as there are, of pixels that take more.
    whole = min(folder.iterdir()).read_bytes()
    start, length = whole[:-2400], (1600).to_bytes(4, stored)
    file.write_bytes(start[:-4] + length + whole[-2400:-800])
    with pytest.raises(InputError, match="fewer pixels than its header says"):
        read_volume(folder)
