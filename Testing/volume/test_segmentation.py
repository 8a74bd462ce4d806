"""Label maps and Slicer segmentations, read back by slicerio and SimpleITK."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
import slicerio

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.image import to_image
from SAMAdaptLib.volume.labels import Labels, merge, on_grid, parse_merge
from SAMAdaptLib.volume.segfile import read_labels, write_segmentation
from SAMAdaptLib.volume.volume import write_volume

ANGLE = np.deg2rad(25)
MATRIX = np.array(
    [
        [-0.7 * np.cos(ANGLE), 0, 2.5 * np.sin(ANGLE), 12],
        [0, 0.8, 0, -34],
        [0.7 * np.sin(ANGLE), 0, 2.5 * np.cos(ANGLE), 56],
        [0, 0, 0, 1],
    ]
)
GRID = Geometry((7, 6, 5), MATRIX)


def box(k, j, i) -> np.ndarray:
    mask = np.zeros(GRID.shape, bool)
    mask[slice(*k), slice(*j), slice(*i)] = True
    return mask


APART = {"liver": box((1, 3), (1, 4), (0, 2)), "left kidney": box((2, 5), (2, 6), (4, 7))}
OVERLAP = {
    "organ": box((1, 4), (1, 5), (1, 6)),
    "lesion": box((2, 3), (2, 4), (2, 4)),
    "other": box((4, 5), (0, 1), (0, 1)),
}


def saved(path, array) -> Labels:
    write_volume(path, np.asarray(array), GRID)
    return read_labels(path)


@pytest.mark.parametrize("masks", [APART, OVERLAP], ids=["apart", "overlap"])
def test_slicer_segmentation_is_read_by_everyone(tmp_path, masks):
    path = tmp_path / "case.seg.nrrd"
    write_segmentation(path, masks, GRID, colors={"liver": (1.0, 0.5, 0.25)})
    layers = 2 if masks is OVERLAP else 1

    theirs = slicerio.read_segmentation(str(path))
    assert theirs["voxels"].ndim == (4 if layers > 1 else 3)
    np.testing.assert_allclose(np.diag([-1, -1, 1, 1]) @ theirs["ijkToLPS"], MATRIX, atol=1e-9)
    for name, mask in masks.items():
        # slicerio counts voxels as I, J, K.
        np.testing.assert_array_equal(slicerio.segment_mask(theirs, name), mask.transpose())
    assert len({tuple(segment["color"]) for segment in theirs["segments"]}) == len(masks)
    assert len({segment["id"] for segment in theirs["segments"]}) == len(masks)
    wanted = {"liver": "Liver", "left kidney": "Kidney", "organ": "Tissue", "lesion": "Mass", "other": "Tissue"}
    assert all(segment["terminology"]["type"][2] == wanted[segment["name"]] for segment in theirs["segments"])
    # Some Slicer versions cut a whole layer to the extent of its first segment.
    assert all(segment["extent"] == [0, 6, 0, 5, 0, 4] for segment in theirs["segments"])
    if masks is APART:
        assert theirs["segments"][0]["color"] == [1.0, 0.5, 0.25]

    image = sitk.ReadImage(str(path))
    assert (image.GetSize(), image.GetNumberOfComponentsPerPixel()) == (GRID.size, layers)
    read = Geometry.from_lps(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    assert read.same_grid(GRID, tolerance_mm=1e-5)

    ours = read_labels(path)
    assert list(ours.names) == list(masks) and ours.geometry.same_grid(GRID) and not ours.made_up
    for name, mask in masks.items():
        assert ours.mask(name).dtype == bool
        np.testing.assert_array_equal(ours.mask(name), mask)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_names_beyond_ascii_survive(tmp_path):
    masks = {"Nebenhöhle": APART["liver"], "肝臓": APART["left kidney"]}
    write_segmentation(tmp_path / "a.seg.nrrd", masks, GRID)
    labels = read_labels(tmp_path / "a.seg.nrrd")
    for name, mask in masks.items():
        np.testing.assert_array_equal(labels.mask(name), mask)


@pytest.mark.parametrize("name", ["", "  ", "two\nlines"])
def test_unusable_names_are_refused(tmp_path, name):
    with pytest.raises(InputError, match="printable name"):
        write_segmentation(tmp_path / "a.seg.nrrd", {name: APART["liver"]}, GRID)


def test_many_segments_stay_in_one_layer(tmp_path):
    masks = {}
    for index in range(GRID.shape[0] * 60)[:300]:
        masks[f"s{index}"] = np.zeros(GRID.shape, bool)
        masks[f"s{index}"].flat[index % 210] = index < 210
    write_segmentation(tmp_path / "a.seg.nrrd", masks, GRID)
    theirs = slicerio.read_segmentation(str(tmp_path / "a.seg.nrrd"))
    assert theirs["voxels"].ndim == 3 and theirs["voxels"].dtype == np.uint16
    write_segmentation(tmp_path / "a.nii.gz", masks, GRID)
    image = sitk.ReadImage(str(tmp_path / "a.nii.gz"))
    assert image.GetPixelID() == sitk.sitkUInt16
    assert sitk.GetArrayFromImage(image).ravel().tolist() == list(range(1, 211))


@pytest.mark.parametrize("suffix", ["nrrd", "nii", "nii.gz", "mha"])
def test_label_map_values_follow_the_order_and_the_later_wins(tmp_path, suffix):
    write_segmentation(tmp_path / f"a.{suffix}", OVERLAP, GRID)
    array = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / f"a.{suffix}")))
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array == 2, OVERLAP["lesion"])
    np.testing.assert_array_equal(array == 1, OVERLAP["organ"] & ~OVERLAP["lesion"])
    assert read_labels(tmp_path / f"a.{suffix}").names == {"label_1": 1, "label_2": 2, "label_3": 3}


def test_wrong_masks_are_programming_errors(tmp_path):
    with pytest.raises(ValueError):
        write_segmentation(tmp_path / "a.seg.nrrd", {"a": APART["liver"][1:]}, GRID)
    with pytest.raises(ValueError):
        write_segmentation(tmp_path / "a.seg.nrrd", {"a": APART["liver"].astype(np.uint8)}, GRID)
    with pytest.raises(InputError):
        write_segmentation(tmp_path / "a.png", APART, GRID)
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="'other'.* are not all among"):
        write_segmentation(tmp_path / "x.nrrd", OVERLAP, GRID, like=Labels(np.zeros(GRID.shape), GRID, {"organ": 3}))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_plain_label_maps_of_any_type(tmp_path, dtype):
    array = np.zeros(GRID.shape)
    array[1], array[2], array[4] = 3, 7, 100
    labels = saved(tmp_path / "a.nrrd", array.astype(dtype))
    assert labels.names == {"label_3": 3, "label_7": 7, "label_100": 100} and labels.made_up
    assert np.issubdtype(labels.array.dtype, np.integer)
    np.testing.assert_array_equal(labels.mask("label_7"), array == 7)
    with pytest.raises(InputError, match="label_3, label_7, label_100"):
        labels.mask("liver")


def test_large_label_values(tmp_path):
    array = np.zeros(GRID.shape, np.int32)
    array[0, 0, 0], array[1, 1, 1] = 12, 1_000_017
    assert saved(tmp_path / "a.nrrd", array).names == {"label_12": 12, "label_1000017": 1_000_017}


def test_what_arithmetic_leaves_beside_whole_numbers_is_rounded_aloud(tmp_path):
    truth = np.arange(np.prod(GRID.shape)).reshape(GRID.shape) % 4
    with pytest.warns(Note, match="beside whole numbers; they were rounded"):
        labels = saved(tmp_path / "a.nrrd", truth.astype(np.float32) / np.float32(255) * np.float32(254.99998))
    np.testing.assert_array_equal(labels.array, truth)
    with pytest.raises(InputError, match="no whole numbers"):
        saved(tmp_path / "b.nrrd", truth * np.float32(0.999))


def test_images_are_no_labels(tmp_path):
    fraction = np.zeros(GRID.shape, np.float32)
    fraction[0, 0, :3] = 0.5
    fraction[0, 0, 4] = np.nan
    with pytest.raises(InputError, match="Of the labels 4 voxels are no whole numbers"):
        saved(tmp_path / "a.nrrd", fraction)
    with pytest.raises(InputError, match="below 0"):
        saved(tmp_path / "b.nrrd", np.full(GRID.shape, -1000, np.int16))
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((2, 3, 4, 3), np.uint8), isVector=True), str(tmp_path / "c.nrrd"))
    with pytest.raises(InputError, match="several values in each voxel"):
        read_labels(tmp_path / "c.nrrd")


def test_label_names_and_values_of_slicer_need_not_be_1_to_n(tmp_path):
    image = sitk.GetImageFromArray(np.where(APART["liver"], 9, np.where(APART["left kidney"], 4, 0)).astype(np.uint8))
    for key, value in {
        "Segment0_Name": "left kidney", "Segment0_LabelValue": "4", "Segment0_ID": "a", "Segment0_Layer": "0",
        "Segment1_Name": "liver", "Segment1_LabelValue": "9", "Segment1_ID": "b", "Segment1_Layer": "0",
    }.items():  # fmt: skip
        image.SetMetaData(key, value)
    sitk.WriteImage(image, str(tmp_path / "a.seg.nrrd"))
    labels = read_labels(tmp_path / "a.seg.nrrd")
    assert labels.names == {"left kidney": 4, "liver": 9}
    np.testing.assert_array_equal(labels.mask("liver"), APART["liver"])
    image.SetMetaData("Segment1_Name", "left kidney")
    sitk.WriteImage(image, str(tmp_path / "b.seg.nrrd"))
    with pytest.raises(InputError, match="Two segments are named left kidney"):
        read_labels(tmp_path / "b.seg.nrrd")


def test_values_without_a_segment_are_not_lost(tmp_path):
    array = np.zeros(GRID.shape, np.uint8)
    array[0, 0, :4] = 1, 2, 2, 7
    image = to_image(array, GRID)
    for index, (name, value) in enumerate([("liver", 2), ("absent", 5)]):
        for key, text in {"ID": f"S_{index}", "Name": name, "LabelValue": str(value), "Layer": "0"}.items():
            image.SetMetaData(f"Segment{index}_{key}", text)
    sitk.WriteImage(image, str(tmp_path / "a.seg.nrrd"))
    labels = read_labels(tmp_path / "a.seg.nrrd")
    assert labels.names == {"liver": 2, "absent": 5, "label_1": 1, "label_7": 7} and labels.made_up
    assert [int(labels.mask(name).sum()) for name in labels.names] == [2, 0, 1, 1]


def test_real_labels(shared_data):
    labels = read_labels(shared_data / "brain_mri_hippocampus_msd/hippocampus_001_label.nrrd")
    assert labels.names == {"label_1": 1, "label_2": 2}
    # Millilitres from the table that comes with the data, voxels of 1 mm.
    assert labels.mask("label_1").sum() == pytest.approx(1320, abs=5)
    assert merge(labels, {"hippocampus": [1, 2]}).mask("hippocampus").sum() == pytest.approx(1320 + 1620, abs=10)


def test_parse_merge():
    assert parse_merge(["liver=1,2", " left kidney = 4 "]) == {"liver": [1, 2], "left kidney": [4]}
    assert parse_merge([]) == {}


@pytest.mark.parametrize(
    "texts",
    [["liver"], ["liver="], ["=1"], ["liver=a"], ["liver=1,,2"], ["liver=-1"], ["liver=1.5"], ["liver=0"], ["liver=²"],
     ["a=1", "a=2"], ["a=1,1"], ["a=1", "b=2,1"]],
)  # fmt: skip
def test_bad_merge_texts(texts):
    with pytest.raises(InputError) as caught:
        parse_merge(texts)
    assert caught.value.remedy


def test_merge():
    array = np.zeros(GRID.shape, np.int16)
    array[0], array[1], array[2], array[3] = 1, 2, 4, 300
    labels = Labels(array, GRID, {"label_1": 1, "label_2": 2, "label_4": 4, "label_300": 300})
    merged = merge(labels, {"b": [300, 1], "a": [2]})
    assert merged.names == {"b": 1, "a": 2}
    assert merged.array[:, 0, 0].tolist() == [1, 2, 0, 1, 0]
    with pytest.raises(InputError, match="No label 3 to merge.*1, 2, 4, 300"):
        merge(labels, {"a": [1, 3]})
    with pytest.raises(InputError, match="given twice"):
        merge(labels, {"a": [1], "b": [2, 1]})
    # A structure that only other scans have is there, and empty.
    apart = merge(labels, {"a": [1, 3], "gone": [5]}, elsewhere={3, 5})
    assert apart.names == {"a": 1, "gone": 2} and not apart.mask("gone").any()
    assert np.array_equal(apart.mask("a"), array == 1)
    with pytest.raises(InputError, match="No label 6 to merge"):
        merge(labels, {"a": [1, 6]}, elsewhere={3, 5})


def test_merge_of_overlapping_segments_loses_nothing(tmp_path):
    write_segmentation(tmp_path / "a.seg.nrrd", OVERLAP, GRID)
    merged = merge(read_labels(tmp_path / "a.seg.nrrd"), {"whole": [1, 3], "core": [2]})
    np.testing.assert_array_equal(merged.mask("whole"), OVERLAP["organ"] | OVERLAP["other"])
    np.testing.assert_array_equal(merged.mask("core"), OVERLAP["lesion"])
    some = merge(read_labels(tmp_path / "a.seg.nrrd"), {"core": [2, 9], "gone": [8]}, elsewhere=[8, 9])
    np.testing.assert_array_equal(some.mask("core"), OVERLAP["lesion"])
    assert list(some.names) == ["core", "gone"] and not some.mask("gone").any()


def plain(masks, geometry=GRID) -> Labels:
    array = np.zeros(geometry.shape, np.uint8)
    for value, mask in enumerate(masks.values(), start=1):
        array[mask] = value
    return Labels(array, geometry, {name: value for value, name in enumerate(masks, start=1)})


def moved_origin(ijk) -> np.ndarray:
    matrix = MATRIX.copy()
    matrix[:3, 3] = GRID.to_ras([ijk])[0]
    return matrix


def test_same_grid_is_left_alone():
    labels = plain(APART)
    assert on_grid(labels, Geometry(GRID.size, MATRIX + 1e-7)) is labels


def test_cropped_segmentations_are_put_back_exactly():
    labels = plain(APART)
    cropped = Labels(labels.array[1:, 1:, :], Geometry((7, 5, 4), moved_origin([0, 1, 1])), labels.names)
    np.testing.assert_array_equal(on_grid(cropped, GRID).array, labels.array)
    assert on_grid(replace(cropped, made_up=True), GRID).made_up


def test_a_grid_that_reaches_beyond_the_image_is_taken_only_when_asked_for():
    """Of two patients' scans with one origin and spacing the sizes alone tell that they are two."""
    labels = plain(APART)
    for pads, size, at in (
        (((2, 1), (0, 3), (1, 0)), (8, 9, 8), [-1, 0, -2]),
        (((0, 0), (0, 0), (0, 1)), (8, 6, 5), [0, 0, 0]),
        (((1, 0), (0, 0), (0, 0)), (7, 6, 6), [0, 0, -1]),
    ):
        padded = Labels(np.pad(labels.array, pads), Geometry(size, moved_origin(at)), labels.names)
        with pytest.raises(InputError, match=f"beyond the image .{'x'.join(map(str, size))} .*7x6x5.*--resample"):
            on_grid(padded, GRID)
        np.testing.assert_array_equal(on_grid(padded, GRID, resample=True).array, labels.array)
    # Larger along one side, smaller along another: cut there, it would lie inside.
    odd = Labels(labels.array[:, :5, :], Geometry((7, 5, 5), moved_origin([1, 0, 0])), labels.names)
    with pytest.raises(InputError, match="7x5x5.*7x6x5"):
        on_grid(odd, GRID)


def test_a_grid_beside_the_image_has_nothing_in_common():
    far = Labels(np.ones((2, 2, 2), np.uint8), Geometry((2, 2, 2), moved_origin([100, 0, -50])), {"a": 1})
    with pytest.raises(InputError):
        on_grid(far, GRID)
    assert not on_grid(far, GRID, resample=True).array.any()


@pytest.mark.parametrize("masks", [APART, OVERLAP], ids=["apart", "overlap"])
def test_resampling_onto_a_finer_flipped_grid_repeats_each_voxel(tmp_path, masks):
    write_segmentation(tmp_path / "a.seg.nrrd", masks, GRID)
    labels = read_labels(tmp_path / "a.seg.nrrd")
    # Half the voxel size along I with the I axis reversed; fine centres lie a quarter voxel beside the coarse ones.
    fine = MATRIX.copy()
    fine[:3, 0] *= -0.5
    fine[:3, 3] = GRID.to_ras([[6.25, 0, 0]])[0]
    target = Geometry((14, 6, 5), fine)
    with pytest.raises(InputError, match="another grid.*--resample"):
        on_grid(labels, target)
    got = on_grid(labels, target, resample=True)
    for name, mask in masks.items():
        np.testing.assert_array_equal(got.mask(name), np.repeat(mask[:, :, ::-1], 2, axis=2))
