from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.select import background_indices, suggest
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import Volume, read_volume


def stack(areas: dict[str, dict[int, int]], slices: int = 40, array: np.ndarray | None = None):
    """A volume [slices, 20, 20] whose class masks have the given areas per slice; classes do not overlap."""
    geometry = Geometry((20, 20, slices), np.diag([-1.0, -1.0, 2.0, 1.0]))
    labels = np.zeros((slices, 20, 20), np.uint8)
    for value, (_, per_slice) in enumerate(areas.items(), start=1):
        for index, area in per_slice.items():
            labels[index].reshape(-1)[100 * (value - 1) : 100 * (value - 1) + area] = value
    if array is None:
        array = np.random.default_rng(0).normal(size=labels.shape)
    return Volume(array, geometry), Labels(labels, geometry, {name: v for v, name in enumerate(areas, 1)})


def test_most_labels_ranks_by_classes_then_by_area():
    case = stack({"a": {3: 90, 20: 50, 36: 40}, "b": {20: 20, 36: 40}})
    assert suggest(*case, "axial", 1, "most-labels") == [36]
    assert suggest(*case, "axial", 3, "most-labels") == [36, 20, 3]


def test_most_labels_keeps_slices_apart():
    # Areas fall from slice 10 outwards: by area alone 10, 11, 9 would be chosen.
    case = stack({"a": {index: 100 - 3 * abs(index - 10) for index in range(0, 30)}})
    chosen = suggest(*case, "axial", 3, "most-labels")
    # 30 labelled slices, gap 30 // (2 * 3) = 5.
    assert chosen == [10, 5, 15]


def test_the_gap_shrinks_until_there_are_enough():
    case = stack({"a": {4: 50, 5: 60, 6: 50, 30: 20}})
    assert suggest(*case, "axial", 4, "most-labels") == [5, 30, 4, 6]
    assert suggest(*case, "axial", 9, "most-labels") == [5, 30, 4, 6]


def test_uniform_steps_are_equal():
    case = stack({"a": {index: 50 for index in range(10, 30)}})
    assert suggest(*case, "axial", 4, "uniform") == [12, 17, 22, 27]
    assert suggest(*case, "axial", 1, "uniform") == [20]
    assert suggest(*case, "axial", 99, "uniform") == list(range(10, 30))


def test_random_is_drawn_from_slices_of_ten_pixels_and_by_seed():
    case = stack({"a": {index: 9 if index < 10 else 10 for index in range(20)}})
    draws = {tuple(suggest(*case, "axial", 3, "random", seed)) for seed in range(30)}
    assert len(draws) > 15
    assert {index for draw in draws for index in draw} == set(range(10, 20))
    assert all(len(set(draw)) == 3 and list(draw) == sorted(draw) for draw in draws)
    assert suggest(*case, "axial", 3, "random", 4) == suggest(*case, "axial", 3, "random", 4)


def test_tiny_structures_are_still_found():
    assert suggest(*stack({"a": {7: 2}}), "axial", 3, "random") == [7]
    assert suggest(*stack({"a": {}}), "axial", 3, "most-labels") == []


def test_diverse_takes_the_farthest_point_each_time():
    array = np.zeros((40, 20, 20), np.int16)
    array[20:] = 1000
    # Squared distances from slice 10: a tenth of the white on every pixel 0.01, all white 1, white on a third 0.3.
    array[11], array[12], array[13, :6] = 100, 1000, 1000
    areas = {"a": {10: 90, 11: 50, 12: 50, 13: 50}}
    assert suggest(*stack(areas, array=array), "axial", 3, "diverse") == [10, 12, 13]
    # The scale of the values does not matter, nor does one very bright voxel: it is white like others.
    array[13, 10, 10] = 30000
    assert suggest(*stack(areas, array=array / 7), "axial", 3, "diverse") == [10, 12, 13]
    array[10:14] = 0
    same = suggest(*stack(areas, array=array), "axial", 4, "diverse")
    assert same[0] == 10 and sorted(same) == [10, 11, 12, 13]


@pytest.mark.parametrize(
    ("axis", "count", "strategy", "match"),
    [
        ("axial", 1, "best", "most-labels"),
        ("axial", 0, "random", "1 or more"),
        ("oblique", 1, "random", "sagittal"),
    ],
)
def test_wrong_requests_name_the_remedy(axis, count, strategy, match):
    with pytest.raises(InputError, match=match):
        suggest(*stack({"a": {7: 50}}), axis, count, strategy)


def test_backgrounds_show_the_body_first_and_never_a_constant_slice():
    array = np.random.default_rng(0).normal(size=(40, 20, 20))
    array[:10] = 3.0
    array[10:20] *= 0.01
    case = stack({"a": {index: 30 for index in range(30, 40)}}, array=array)
    chosen = background_indices(*case, "axial", 12)
    assert set(chosen[:10]) == set(range(20, 30))
    assert set(chosen[10:]) <= set(range(10, 20)) and len(chosen) == 12
    assert len(background_indices(*case, "axial", 99)) == 20
    assert background_indices(*case, "axial", 3, seed=1) != background_indices(*case, "axial", 3, seed=2)


def test_backgrounds_lie_near_the_organs():
    array = np.random.default_rng(0).normal(size=(40, 20, 20))
    case = stack({"a": {index: 30 for index in range(19, 22)}}, array=array)
    # 37 slices are free; the nearest third of them, 6 on each side of 19 to 21.
    assert set(background_indices(*case, "axial", 12)) == {*range(13, 19), *range(22, 28)}
    assert set(background_indices(*case, "axial", 3)) <= {*range(13, 19), *range(22, 28)}


def test_real_multi_organ_slab(shared_data):
    """The chosen slice holds as many organs as the richest slice, counted from the file."""
    folder = shared_data / "abdomen_ct_amos"
    volume, labels = read_volume(folder / "amos_0001_image.nrrd"), read_labels(folder / "amos_0001_label.nrrd")
    richness = [len(np.unique(plane[plane > 0])) for plane in labels.array]
    chosen = suggest(volume, labels, "axial", 1, "most-labels")
    assert richness[chosen[0]] == max(richness)
