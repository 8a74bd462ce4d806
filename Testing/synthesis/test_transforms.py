from __future__ import annotations

import numpy as np
import pytest
from skimage.transform import rescale, rotate

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.transforms import Affine, Resampling, Tone, draw_affine, draw_tone

L_SHAPE = np.zeros((61, 41), np.float32)
L_SHAPE[15:46, 12:18] = 1
L_SHAPE[40:46, 12:30] = 1
MIDDLE = (np.array(L_SHAPE.shape) - 1) / 2


def warp(image, affine, centre, pixel_spacing=(1.0, 1.0), mode="nearest", **windows):
    """Moved, with nothing or the nearest pixels beyond the border."""
    found = Resampling(image.shape, affine, centre, pixel_spacing, **windows)
    return found.linear(image) * (found.within if mode == "constant" else 1)


@pytest.mark.parametrize("degrees", [17.0, -40.0, 90.0])
def test_turns_agree_with_scikit_image(degrees):
    ours = warp(L_SHAPE, Affine(degrees=degrees), MIDDLE, mode="constant")
    np.testing.assert_allclose(ours, rotate(L_SHAPE, degrees, order=1), atol=1e-5)


def test_mirrors_agree_with_numpy():
    np.testing.assert_allclose(warp(L_SHAPE, Affine(flip_horizontal=True), MIDDLE), L_SHAPE[:, ::-1], atol=1e-6)
    np.testing.assert_allclose(warp(L_SHAPE, Affine(flip_vertical=True), MIDDLE), L_SHAPE[::-1], atol=1e-6)


def test_scale_agrees_with_scikit_image():
    grown = rescale(L_SHAPE, 2, order=1)
    # Doubling maps pixel centre c to 2c + 0.5 in scikit-image and 2c - MIDDLE here.
    ours = warp(L_SHAPE, Affine(scale=2.0, shift=(0.5 + MIDDLE[0], 0.5 + MIDDLE[1])), MIDDLE, target_shape=grown.shape)
    np.testing.assert_allclose(ours[2:-2, 2:-2], grown[2:-2, 2:-2], atol=1e-5)


def test_shift_is_in_rows_then_columns():
    moved = warp(L_SHAPE, Affine(shift=(3.0, -2.0)), MIDDLE, mode="constant")
    np.testing.assert_allclose(moved[3:, :-2], L_SHAPE[:-3, 2:], atol=1e-6)


def test_a_turn_on_oblong_pixels_keeps_lengths_in_mm():
    """A bar of 40 mm x 4 mm on pixels of 4 mm x 1 mm is as long in mm after a quarter turn."""
    bar = np.zeros((41, 81), np.float32)
    bar[20, 20:61] = 1
    turned = warp(bar, Affine(degrees=90.0), np.array([20.0, 40.0]), pixel_spacing=(4.0, 1.0)) > 0.5
    # 41 pixels of 1 mm become 11 rows of 4 mm, their centres 40 mm apart; one row of 4 mm becomes 3 to 4 columns.
    rows, columns = np.nonzero(turned)
    assert np.ptp(rows) * 4.0 == 40.0
    assert 3 <= np.ptp(columns) + 1 <= 4


def test_crops_agree_with_the_whole_slice():
    affine = Affine(1.2, 25.0, True, False, (2.0, -3.0))
    whole = warp(L_SHAPE, affine, np.array([30.0, 16.0]), (1.0, 1.5), mode="constant")
    part = warp(
        L_SHAPE[10:50, 8:35], affine, np.array([30.0, 16.0]), (1.0, 1.5), mode="constant",
        source=(10, 8), target=(20, 5), target_shape=(25, 30),
    )  # fmt: skip
    np.testing.assert_allclose(part, whole[20:45, 5:35], atol=1e-5)


def test_tone_is_its_formula_and_leaves_black_black():
    image = np.array([[0.0, 0.05, 0.25, 1.0]], np.float32)
    np.testing.assert_allclose(
        Tone(gain=0.8, offset=0.1, gamma=2.0).apply(image), [[0.0, 0.8 * 0.0025 + 0.05, 0.15, 0.9]], atol=1e-6
    )
    assert Tone(gain=1.2, offset=0.1).apply(image).max() == 1.0
    np.testing.assert_array_equal(Tone().apply(image), image)
    point = np.zeros((41, 41), np.float32)
    point[20, 20] = 1
    # The centre of a 2D Gaussian of width 2.
    assert Tone(blur=2.0).apply(point)[20, 20] == pytest.approx(1 / (2 * np.pi * 4), rel=0.02)


def test_draws_fill_their_ranges_and_the_share_shrinks_them():
    config = SynthesisConfig(rotation_degrees=20, scale=(0.5, 2.0), shift=0.1, flip_horizontal=0.25, gamma=(0.5, 2.0))
    rng = np.random.default_rng(0)
    full = [draw_affine(rng, config, (100, 200), (0.1, 0.1)) for _ in range(2000)]
    half = [draw_affine(rng, config, (100, 200), (0.1, 0.1), share=0.5, flip=False) for _ in range(2000)]

    def span(draws, of):
        return min(map(of, draws)), max(map(of, draws))

    assert span(full, lambda a: a.degrees) == pytest.approx((-20, 20), abs=0.2)
    assert span(half, lambda a: a.degrees) == pytest.approx((-10, 10), abs=0.2)
    assert span(full, lambda a: a.scale) == pytest.approx((0.5, 2.0), abs=0.02)
    assert span(half, lambda a: a.scale) == pytest.approx((0.75, 1.5), abs=0.02)
    assert span(full, lambda a: a.shift[0]) == pytest.approx((-10, 10), abs=0.2)
    assert span(full, lambda a: a.shift[1]) == pytest.approx((-20, 20), abs=0.4)
    assert np.mean([a.flip_horizontal for a in full]) == pytest.approx(0.25, abs=0.05)
    assert not any(a.flip_vertical for a in full) and not any(a.flip_horizontal for a in half)
    tones = [draw_tone(rng, config, (512, 100), share=0.5) for _ in range(2000)]
    assert span(tones, lambda t: t.gamma) == pytest.approx((0.75, 1.5), abs=0.02)
    # 0.8 px on 256 is 1.6 px on 512, of which the share leaves half.
    assert span(tones, lambda t: t.blur) == pytest.approx((0.0, 0.8), abs=0.02)


def test_config_goes_through_json_and_names_a_bad_field():
    config = SynthesisConfig(scale=(0.9, 1.3), shift=0.1)
    assert SynthesisConfig.from_dict(config.to_dict()) == config
    assert SynthesisConfig.from_dict({"shift": 0.1}).scale == SynthesisConfig().scale
    assert isinstance(config.to_dict()["scale"], list)
    for name, value in [
        ("scale", (1.2, 0.8)), ("scale", 1.0), ("scale", (0.0, 1.0)), ("gamma", (1.0, float("nan"))),
        ("shift", 0.6), ("shift", "0.1"), ("flip_horizontal", -0.1), ("rotation_degrees", True), ("offset", (0,)),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=name):
            SynthesisConfig.from_dict({name: value})
    with pytest.raises(InputError, match="rotate"):
        SynthesisConfig.from_dict({"rotate": 3})
    with pytest.raises(InputError, match="mapping"):
        SynthesisConfig.from_dict([1])
