from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.synthesis.compose import compose, fill_background
from SAMAdaptLib.synthesis.config import SynthesisConfig

SHAPE = (70, 90)
BACKGROUND_LEVEL = 60


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture
def exemplar(make_exemplar):
    labels = np.zeros(SHAPE, np.uint8)
    labels[10:40, 12:30] = 3
    labels[34:50, 26:44] = 1
    labels[20:23, 60:64] = 2
    return make_exemplar(rng(1).integers(0, 256, SHAPE), labels)


@pytest.fixture
def background(make_exemplar):
    image = np.full(SHAPE, BACKGROUND_LEVEL)
    return make_exemplar(image, identity="b" * 12)


def test_without_change_organs_and_labels_are_the_exemplars_own(exemplar, background):
    made = compose(exemplar, [background], rng(), SynthesisConfig.identity())
    inside = exemplar.labels > 0
    np.testing.assert_array_equal(made.labels, exemplar.labels)
    np.testing.assert_array_equal(made.image[inside], exemplar.image[inside])
    assert (made.image[~inside] == BACKGROUND_LEVEL).all()
    assert (made.image.dtype, made.labels.dtype) == (np.uint8, np.uint8)
    assert (made.exemplar_id, made.background_id) == ("e" * 12, "b" * 12)
    assert made.pixel_spacing == exemplar.info.pixel_spacing


def test_a_black_organ_leaves_no_hole(make_exemplar, background):
    """The paper's rule "where > 0" would show the background through it."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[20:50, 30:60] = 1
    image = np.full(SHAPE, 120)
    image[labels == 1] = 0
    config = SynthesisConfig(
        whole_slice_share=0, offset=(0, 0), blur_sigma=(0, 0), flip_horizontal=0.5, scale=(0.85, 1.15)
    )
    for seed in range(10):
        made = compose(make_exemplar(image, labels), [background], rng(seed), config)
        # Linear interpolation may lighten the outermost pixel; the seam of the background may not enter.
        core = (made.labels == 1)[1:-1, 1:-1]
        core &= (made.labels[:-2, 1:-1] == 1) & (made.labels[2:, 1:-1] == 1)
        core &= (made.labels[1:-1, :-2] == 1) & (made.labels[1:-1, 2:] == 1)
        assert core.sum() > 500
        assert (made.image[1:-1, 1:-1][core] <= 60).all() and np.median(made.image[made.labels == 1]) == 0


def test_labels_are_exactly_the_pasted_pixels(make_exemplar, background):
    """One organ of plain white on plain grey without seam: what is not background is what is labelled."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[15:45, 20:50] = labels[30:60, 40:48] = 1
    exemplar = make_exemplar(np.full(SHAPE, 255), labels)
    config = SynthesisConfig(
        whole_slice_share=0, feather=0, gain=(1, 1), offset=(0, 0), background_share=0, flip_horizontal=0.5,
        flip_vertical=0.5, rotation_degrees=180,
    )  # fmt: skip
    for seed in range(20):
        made = compose(exemplar, [background], rng(seed), config)
        np.testing.assert_array_equal(made.image == 255, made.labels == 1)
        assert set(np.unique(made.image)) == {BACKGROUND_LEVEL, 255}


def test_the_seam_fades_outside_the_label_only(exemplar, background):
    made = compose(exemplar, [background], rng(), SynthesisConfig.identity(feather=3.0))
    inside = exemplar.labels > 0
    np.testing.assert_array_equal(made.image[inside], exemplar.image[inside])
    np.testing.assert_array_equal(made.labels, exemplar.labels)
    outside = (made.image != BACKGROUND_LEVEL) & ~inside
    assert outside.any() and not outside[:, 75:].any()


def test_organs_move_alone_and_stay_about_where_they_were(exemplar, background):
    config = SynthesisConfig(
        whole_slice_share=0, scale=(1, 1), rotation_degrees=0, flip_horizontal=0, organ_probability=1, shift=0.05
    )
    shifts = []
    for seed in range(40):
        made = compose(exemplar, [background], rng(seed), config)
        # Classes 1 and 3 overlap after shifts, so the free one is measured.
        before, after = (np.argwhere(labels == 2).mean(axis=0) for labels in (exemplar.labels, made.labels))
        shifts.append(after - before)
    shifts = np.abs(shifts)
    # At most 5 % of each side, to half a pixel.
    assert (shifts <= np.array(SHAPE) * 0.05 + 0.5).all()
    assert (shifts.max(axis=0) >= np.array(SHAPE) * 0.05 * 0.6).all()


def test_a_mirrored_organ_stays_in_its_place(make_exemplar, background):
    labels = np.zeros(SHAPE, np.uint8)
    labels[20:41, 10:13] = labels[38:41, 10:31] = 1
    made = compose(
        make_exemplar(np.full(SHAPE, 200), labels), [background], rng(), SynthesisConfig.identity(flip_horizontal=1)
    )
    before, after = np.argwhere(labels).mean(axis=0), np.argwhere(made.labels).mean(axis=0)
    assert np.abs(after - before).max() < 0.5
    # The upright stroke of the L is now its right end; mirrored about the slice it would lie beyond column 58.
    upright = np.flatnonzero((made.labels == 1).sum(axis=0) > 15)
    assert len(upright) == 3 and upright.min() > before[1] and upright.max() < 40


def test_small_organs_lie_on_top(make_exemplar, background):
    labels = np.zeros(SHAPE, np.uint8)
    labels[5:65, 5:85] = 1
    labels[30:33, 40:43] = 2
    config = SynthesisConfig(whole_slice_share=0, scale=(1, 1), organ_probability=1)
    for seed in range(10):
        made = compose(make_exemplar(np.full(SHAPE, 200), labels), [background], rng(seed), config)
        assert 5 <= (made.labels == 2).sum() <= 13


def test_an_organ_too_small_to_turn_or_pushed_off_is_pasted_as_it_is(make_exemplar, background):
    labels = np.zeros(SHAPE, np.uint8)
    labels[0, 0] = 1
    config = SynthesisConfig(whole_slice_share=0, shift=0.5, scale=(0.2, 0.3))
    for seed in range(20):
        made = compose(make_exemplar(np.full(SHAPE, 200), labels), [background], rng(seed), config)
        assert (made.labels == 1).sum() == 1


def test_organ_probability_and_the_class_to_keep(exemplar, background):
    none = SynthesisConfig(whole_slice_share=0, organ_probability=0)
    for seed in range(10):
        assert set(np.unique(compose(exemplar, [background], rng(seed), none, keep=3).labels)) == {0, 3}
        assert len(np.unique(compose(exemplar, [background], rng(seed), none).labels)) == 2
    half = SynthesisConfig.identity(organ_probability=0.5)
    seen = np.mean([(compose(exemplar, [background], rng(s), half, keep=3).labels == 2).any() for s in range(200)])
    assert seen == pytest.approx(0.5, abs=0.12)


def test_backgrounds_of_another_size_are_resized_not_tiled(exemplar, make_exemplar):
    ramp = np.repeat(np.linspace(0, 250, 180)[None], 35, axis=0).round()
    made = compose(exemplar, [make_exemplar(ramp)], rng(), SynthesisConfig.identity())
    row = made.image[65].astype(int)
    assert made.image.shape == SHAPE
    np.testing.assert_allclose(row, np.linspace(0, 250, 90), atol=4)


def test_every_background_is_drawn(exemplar, make_exemplar):
    backgrounds = [make_exemplar(np.full(SHAPE, 50 * n), identity=str(n) * 12) for n in range(1, 5)]
    drawn = {compose(exemplar, backgrounds, rng(s), SynthesisConfig.identity()).background_id for s in range(60)}
    assert len(drawn) == 4


def test_filling_removes_the_organ_smoothly(make_exemplar):
    """A bright disc on a ramp: the ramp should come back, and nothing outside may change."""
    rows, columns = np.mgrid[:128, :128]
    disc = (rows - 64) ** 2 + (columns - 64) ** 2 < 20**2
    image = np.where(disc, 255, 40 + columns)
    filled = fill_background(make_exemplar(image, disc))
    far = (rows - 64) ** 2 + (columns - 64) ** 2 > 24**2
    np.testing.assert_array_equal(filled.image[far], image[far])
    assert np.abs(filled.image[disc].astype(float) - (40 + columns[disc])).max() < 25
    assert not filled.labels.any() and filled.info.classes == ()
    full = fill_background(make_exemplar(np.where(disc, 255, 5), np.ones((128, 128))))
    assert np.ptp(full.image) == 0


def test_without_backgrounds_the_filled_exemplar_serves(exemplar):
    made = compose(exemplar, [], rng(), SynthesisConfig.identity())
    np.testing.assert_array_equal(made.labels, exemplar.labels)
    inside = exemplar.labels > 0
    np.testing.assert_array_equal(made.image[inside], exemplar.image[inside])
    np.testing.assert_array_equal(made.image[60:, 60:], exemplar.image[60:, 60:])
    assert made.background_id == exemplar.info.id


def test_the_whole_slice_moves_jointly(exemplar, background):
    still = SynthesisConfig.identity(whole_slice_share=1)
    made = compose(exemplar, [background], rng(), still)
    np.testing.assert_array_equal(made.image, exemplar.image)
    np.testing.assert_array_equal(made.labels, exemplar.labels)
    assert made.background_id is None
    turned = compose(exemplar, [background], rng(), SynthesisConfig.identity(whole_slice_share=1, shift=0.1))
    offsets = [
        np.argwhere(turned.labels == value).mean(axis=0) - np.argwhere(exemplar.labels == value).mean(axis=0)
        for value in (1, 2, 3)
    ]
    assert np.abs(np.diff(offsets, axis=0)).max() < 1e-9 and np.abs(offsets[0]).max() > 0.5
    share = SynthesisConfig.identity(whole_slice_share=0.3)
    whole = [compose(exemplar, [background], rng(seed), share).background_id is None for seed in range(300)]
    assert np.mean(whole) == pytest.approx(0.3, abs=0.08)


def test_nothing_to_paste_is_an_error(background):
    with pytest.raises(InputError, match="without labels"):
        compose(background, [background], rng(), SynthesisConfig())
