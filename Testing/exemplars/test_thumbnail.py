"""Thumbnails: proportions of the patient, mean grey levels, labels where they are in the colours of their values."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.manifest import ExemplarInfo
from SAMAdaptLib.exemplars.thumbnail import TINT, thumbnail
from SAMAdaptLib.volume.colours import class_colours
from SAMAdaptLib.volume.labels import Labels


def exemplar(pixels: np.ndarray, labels: np.ndarray | None = None, spacing=(1.0, 1.0)) -> Exemplar:
    """Pixels are grey levels already: the mapping is 0..255 to itself."""
    labels = np.zeros(pixels.shape, np.uint8) if labels is None else labels
    info = ExemplarInfo("0" * 12, (), pixels.shape, spacing, "axial", "window:127.5/255", (0.0, 255.0), "", "0" * 64)
    return Exemplar(info, pixels, labels)


@pytest.mark.parametrize(
    "shape, spacing, covered",
    [
        ((60, 60), (1, 1), (slice(0, 96), slice(0, 96))),
        ((30, 60), (1, 1), (slice(24, 72), slice(0, 96))),
        ((30, 60), (4, 1), (slice(0, 96), slice(24, 72))),
        ((300, 100), (0.5, 1.5), (slice(0, 96), slice(0, 96))),
    ],
)
def test_the_slice_lies_in_its_true_proportions_in_the_middle_of_a_black_square(shape, spacing, covered) -> None:
    picture = thumbnail(exemplar(np.full(shape, 200, np.uint8), spacing=spacing))
    assert picture.shape == (96, 96, 3) and picture.dtype == np.uint8
    expected = np.zeros((96, 96, 3), np.uint8)
    expected[covered] = 200
    np.testing.assert_array_equal(picture, expected)


def test_a_smaller_picture_shows_means_over_blocks() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (128, 128)).astype(np.uint8)
    means = pixels.reshape(32, 4, 32, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(thumbnail(exemplar(pixels), 32), np.repeat(means[..., None], 3, 2), atol=0.51)


def test_an_odd_ratio_keeps_the_mean_grey_level_and_a_larger_picture_repeats_pixels() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (100, 100)).astype(np.uint8)
    assert thumbnail(exemplar(pixels), 33).mean() == pytest.approx(pixels.mean(), abs=0.3)
    doubled = thumbnail(exemplar(pixels), 200)[..., 0]
    np.testing.assert_array_equal(doubled, pixels.repeat(2, 0).repeat(2, 1))


def test_labels_are_tinted_inside_with_a_line_of_the_full_colour_around() -> None:
    labels = np.zeros((96, 96), np.uint8)
    labels[20:40, 30:60], labels[60:70, 10:20] = 1, 3
    picture = thumbnail(exemplar(np.full(labels.shape, 100, np.uint8), labels)).astype(int)
    colours = class_colours(3).astype(float)
    for value, (top, bottom, left, right) in {1: (20, 40, 30, 60), 3: (60, 70, 10, 20)}.items():
        inside = np.zeros(labels.shape, bool)
        inside[top + 1 : bottom - 1, left + 1 : right - 1] = True
        line = (labels == value) & ~inside
        np.testing.assert_allclose(picture[inside], [(1 - TINT) * 100 + TINT * colours[value]] * inside.sum(), atol=1)
        np.testing.assert_array_equal(picture[line], [colours[value]] * line.sum())
    assert (picture[labels == 0] == 100).all()


def test_a_structure_at_the_rim_has_no_line_along_the_rim() -> None:
    labels = np.zeros((96, 96), np.uint8)
    labels[:, :50] = 1
    picture = thumbnail(exemplar(np.zeros(labels.shape, np.uint8), labels))
    full = (picture == class_colours(1)[1]).all(axis=2)
    assert full[:, 49].all() and full.sum() == 96


def test_labels_keep_their_place_when_the_picture_shrinks_and_the_smallest_one_still_shows() -> None:
    labels = np.zeros((768, 768), np.uint8)
    labels[80:400, 240:560] = 1
    labels[700, 100] = 2
    picture = thumbnail(exemplar(np.full(labels.shape, 50, np.uint8), labels))
    shown = (picture != 50).any(axis=2)
    expected = np.zeros((96, 96), bool)
    expected[10:50, 30:70] = True
    expected[87, 12] = True
    np.testing.assert_array_equal(shown, expected)
    np.testing.assert_array_equal(picture[87, 12], class_colours(2)[2])


def test_a_library_s_own_exemplars(library, case) -> None:
    from SAMAdaptLib.volume.intensity import Intensity

    volume, labels = case
    intensity = Intensity.parse("minmax")
    both = library.load(library.add(volume, labels, "axial", 5, intensity).id)
    spleen = Labels(labels.array, labels.geometry, {"spleen": 2}, {"spleen": labels.mask("spleen")})
    alone = library.load(library.add(volume, spleen, "axial", 6, intensity).id)
    # The grid is 0.8 mm down and 0.5 mm across: 16 mm by 15 mm.
    first, second = (thumbnail(e, 64) for e in (both, alone))
    red, green = class_colours(2)[1:]
    assert (first == red).all(axis=2).any() and (first == green).all(axis=2).any()
    assert not (second == red).all(axis=2).any() and (second == green).all(axis=2).any()
    assert first[:, :2].max() == 0 and first[:, 2:62].any(axis=(0, 2)).all() and first[:, 62:].max() == 0
