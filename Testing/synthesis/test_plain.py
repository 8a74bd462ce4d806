"""The fast synthesis against one without crops, Fourier transforms or shared coordinates: whole pictures by scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SAMAdaptLib.synthesis.compose import compose, fill_background
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.transforms import Affine, Resampling, blurred, draw_affine, draw_tone, relative_width
from SAMAdaptLib.volume.masks import bounds

SHAPE, AROUND = (70, 90), 40


def moved(image, affine, centre, spacing, order, mode, around=0):
    """A whole picture under an affine map, with so many pixels more on each side."""
    inverse = np.linalg.inv(affine.matrix(spacing))
    offset = inverse @ (-np.array(centre) - affine.shift - around) + centre
    size = [side + 2 * around for side in image.shape]
    return ndimage.affine_transform(image, inverse, offset, size, order=order, mode=mode)


def toned(tone, image):
    image = ndimage.gaussian_filter(image, tone.blur, mode="nearest", truncate=3.0) if tone.blur else image
    lighter = tone.gain * image.clip(0, 1) ** tone.gamma + tone.offset * np.minimum(1, image.clip(0, 1) / 0.1)
    return lighter.clip(0, 1)


def middle(mask):
    return np.array([(side.start + side.stop - 1) / 2 for side in bounds(mask)])


def place(mask, grounds, drawn, spacing, config):
    """The move that leaves the fewest wrong pixels, of those the shortest, by trying all."""

    def wrong(move):
        there = np.roll(mask, move, (0, 1))
        return sum(max(0, (there & where).sum() - share * mask.sum()) for where, share in grounds)

    if not wrong((0, 0)):
        return (0, 0)
    far = [int((config.shift_mm + np.linalg.norm(drawn * spacing)) / step) + 1 for step in spacing]
    moves = [(r, c) for r in range(-far[0], far[0] + 1) for c in range(-far[1], far[1] + 1)]
    within = [m for m in moves if m == (0, 0) or np.hypot(*((m + drawn) * spacing)) <= config.shift_mm]
    return min(within, key=lambda m: (wrong(m), np.hypot(*(np.array(m) * spacing))))


def paste(canvas, labels, ground, exemplar, value, affine, tone, config):
    outside, bone, shift = ground
    spacing, own = np.array(exemplar.info.pixel_spacing), exemplar.labels == value
    drawn = np.array(affine.shift)
    affine = Affine(affine.scale, affine.degrees, affine.flip_horizontal, affine.flip_vertical, tuple(drawn + shift))
    centre = np.argwhere(own).mean(axis=0)
    options = {"affine": affine, "centre": centre, "spacing": spacing, "order": 1, "around": AROUND}
    mask = moved(own.astype(np.float32), mode="constant", **options) > 0.5
    organ = moved(toned(tone, exemplar.image / 255), mode="nearest", **options)
    if not mask.any():
        return False
    grounds = [
        (np.pad(where, AROUND, mode="edge"), share)
        for where, share in ((outside, config.outside_share), (bone, config.bone_share))
    ]
    move = place(mask, grounds, drawn, spacing, config)
    mask, organ = (np.roll(one, move, (0, 1))[AROUND:-AROUND, AROUND:-AROUND] for one in (mask, organ))
    if (mask & outside).sum() > config.outside_share * mask.sum():
        mask = mask & ~outside
    if not mask.any():
        return False
    feather = config.feather * relative_width(SHAPE)
    weight = np.where(outside, 0, ndimage.gaussian_filter(mask.astype(float), feather, truncate=3.0)) if feather else 0
    weight = np.maximum(mask, weight)
    canvas += weight * (organ - canvas)
    labels[mask] = value
    return True


def plain(exemplar, background, rng, config):
    """(image, labels), drawn as :func:`compose` draws."""
    spacing = exemplar.info.pixel_spacing
    rng.random()
    if background is None:
        background = origin = fill_background(exemplar)
        origin = exemplar
    else:
        origin = background
        rng.integers(1)
    affine = draw_affine(rng, config, SHAPE, spacing, config.background_share, flip=False)
    tone, centre = draw_tone(rng, config, SHAPE, config.background_share), (np.array(SHAPE) - 1) / 2
    canvas = moved(toned(tone, background.image / 255), affine, centre, spacing, 1, "nearest")
    body, bone = (
        moved(where.astype(np.uint8), affine, centre, spacing, 0, "nearest") > 0
        for where in (origin.body, origin.bone & (origin.labels == 0))
    )
    ground = (~body, bone, middle(body) - middle(exemplar.body))
    values = np.unique(exemplar.labels)[1:]
    kept = (rng.random(len(values)) < config.organ_probability) | (values == rng.choice(values))
    labels = np.zeros(SHAPE, np.uint8)
    for value in sorted(values[kept], key=lambda value: -(exemplar.labels == value).sum()):
        affine, tone = draw_affine(rng, config, SHAPE, spacing), draw_tone(rng, config, SHAPE)
        if not paste(canvas, labels, ground, exemplar, value, affine, tone, config):
            paste(canvas, labels, ground, exemplar, value, Affine(), tone, config)
    return (canvas.clip(0, 1) * 255 + 0.5).astype(np.uint8), labels


@pytest.fixture
def exemplar(make_exemplar):
    """A body in black air, with four organs, two of them at its rim."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    noise = ndimage.gaussian_filter(np.random.default_rng(3).normal(size=SHAPE), 1.5)
    body = ((rows - 35) / 32) ** 2 + ((columns - 45) / 42) ** 2 < 1
    image = np.where(body, 110 + 200 * noise, 0).clip(0, 255)
    labels = np.zeros(SHAPE, np.uint8)
    for value, (row, column, radius) in enumerate([(12, 40, 7), (35, 12, 8), (40, 50, 12), (50, 70, 4)], start=1):
        labels[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = value
    return make_exemplar(image, labels, spacing=(1.2, 0.9))


@pytest.mark.parametrize("changes", [{}, {"outside_share": 0.1, "feather": 3.0, "blur_sigma": (0.5, 4.0)}])
def test_the_fast_synthesis_makes_what_the_plain_one_makes(exemplar, changes):
    config = SynthesisConfig(
        **{"whole_slice_share": 0.0, "shift_mm": 6.0, "shift": 0.1, "flip_vertical": 0.3, **changes}
    )
    for seed in range(6):
        made = compose(exemplar, [], np.random.default_rng(seed), config)
        image, labels = plain(exemplar, None, np.random.default_rng(seed), config)
        np.testing.assert_array_equal(made.labels, labels)
        assert np.abs(made.image.astype(int) - image).max() <= 1
        assert (made.image == image).mean() > 0.99


@pytest.mark.parametrize("shape", [(40, 33), (1, 20), (17, 1)])
def test_resampling_agrees_with_scipy(shape):
    rng = np.random.default_rng(0)
    image = rng.random(shape, dtype=np.float32)
    for _ in range(20):
        affine = draw_affine(rng, SynthesisConfig(rotation_degrees=180, shift=0.3), shape, (1.0, 1.4))
        centre = np.array(shape) / 2.2
        found = Resampling(shape, affine, centre, (1.0, 1.4))
        expected = moved(image, affine, centre, (1.0, 1.4), 1, "nearest")
        np.testing.assert_allclose(found.linear(image), expected, atol=1e-4)
        # Here nearest pixels may tie, and what lies on the very border be taken for beyond it.
        ties = found.nearest(image) != moved(image, affine, centre, (1.0, 1.4), 0, "nearest")
        beyond = found.within != (moved(np.ones(shape, np.float32), affine, centre, (1.0, 1.4), 1, "constant") > 0)
        assert ties.sum() <= 1 and beyond.sum() <= 1


@pytest.mark.parametrize("sigma", [0.1, 0.4, 0.8, 2.5, 9.0])
def test_blurring_agrees_with_scipy(sigma):
    image = np.random.default_rng(1).random((31, 24), dtype=np.float32)
    for beyond, mode in (("edge", "nearest"), ("symmetric", "reflect")):
        expected = ndimage.gaussian_filter(image, sigma, mode=mode, truncate=3.0)
        np.testing.assert_allclose(blurred(image, sigma, beyond), expected, atol=1e-5)
