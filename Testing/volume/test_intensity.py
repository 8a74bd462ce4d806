"""Intensity mapping against numpy's percentiles and hand-computed grey levels."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.intensity import Intensity, to_uint8
from SAMAdaptLib.volume.volume import read_volume


@pytest.mark.parametrize("text", ["window:40/400", "window:-600.5/1500", "percentile:0.5/99.5", "minmax"])
def test_text_and_dict_roundtrip(text):
    intensity = Intensity.parse(text)
    assert str(intensity) == text
    assert Intensity.from_dict(intensity.to_dict()) == intensity
    assert set(intensity.to_dict()) == {"window": {"kind", "level", "width"}, "minmax": {"kind"}}.get(
        intensity.kind, {"kind", "low", "high"}
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "window", "window:40", "window:40/0", "window:40/-1", "window:nan/400", "window:40/inf", "window:a/b",
        "percentile:99/1", "percentile:1/1", "percentile:-1/99", "percentile:0/101", "percentile:nan/99",
        "minmax:1/2", "zscore", "window:1/2/3",
    ],
)  # fmt: skip
def test_bad_text_is_refused_with_the_forms(text):
    with pytest.raises(InputError, match="window:40/400.*percentile:0.5/99.5.*minmax"):
        Intensity.parse(text)


@pytest.mark.parametrize("data", [{}, {"kind": "window"}, {"kind": "minmax", "low": 1}, {"kind": ["x"]},
                                  {"kind": "window", "level": None, "width": 3}])  # fmt: skip
def test_bad_dict_is_refused(data):
    with pytest.raises(InputError, match="minmax"):
        Intensity.from_dict(data)


def test_window_bounds_in_closed_form():
    assert Intensity.parse("window:40/400").bounds(np.arange(8).reshape(2, 2, 2)) == (-160.0, 240.0)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.uint64, np.float32, np.float64])
def test_percentiles_are_numpys(dtype):
    values = np.random.default_rng(1).gamma(2.0, 30.0, (7, 33, 29))
    array = (values - (100 if np.dtype(dtype).kind in "if" else 0)).clip(-100, 255).astype(dtype)
    for low, high in ((0.5, 99.5), (1, 99), (0, 100), (37.123, 61.7)):
        expected = np.percentile(array.astype(np.float64), (low, high))
        np.testing.assert_allclose(Intensity("percentile", low=low, high=high).bounds(array), expected, rtol=1e-6)


def test_percentiles_of_wide_integers():
    array = np.random.default_rng(2).integers(-(2**30), 2**30, (3, 20, 20))
    np.testing.assert_allclose(Intensity.parse("percentile:2/98").bounds(array), np.percentile(array, (2, 98)))


def test_percentiles_of_a_real_scan(shared_data):
    array = read_volume(shared_data / "brain_mri_tumour_pyradiomics/brain1_image.nrrd").array
    assert array.dtype == np.int16
    bounds = Intensity.parse("percentile:0.5/99.5").bounds(array)
    np.testing.assert_allclose(bounds, np.percentile(array, (0.5, 99.5)))
    assert all(type(bound) is float for bound in bounds)
    # The data's own table of contents gives 0..3057.
    assert Intensity.parse("minmax").bounds(array) == (0.0, 3057.0)


@pytest.mark.parametrize("text", ["window:40/400", "percentile:1/99", "minmax"])
def test_constant_volume_is_refused(text):
    with pytest.raises(InputError, match="constant"):
        Intensity.parse(text).bounds(np.full((2, 3, 4), 7, np.int16))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("text", ["window:40/400", "percentile:1/99", "minmax"])
def test_a_voxel_that_is_no_number_is_refused(text, value):
    """Files are checked where they are read; arrays of a script come by here only."""
    array = np.arange(24.0).reshape(2, 3, 4)
    array[1, 1, 1] = value
    with pytest.raises(InputError, match="NaN or infinite.*Replace"):
        Intensity.parse(text).bounds(array)


@pytest.mark.parametrize(
    "array, text",
    [
        (1.7e308 * np.linspace(-1, 1, 24), "minmax"),
        (1.7e308 * np.linspace(-1, 1, 24), "percentile:1/99"),
        (np.uint64(2**64 - 2000) + np.arange(1000, dtype=np.uint64), "minmax"),
        (np.uint64(2**64 - 2000) + np.arange(1000, dtype=np.uint64), "percentile:1/99"),
        (np.arange(2**60, 2**60 + 1000), "minmax"),
        (1 + np.spacing(1) * np.arange(200), "minmax"),
        (np.arange(2**60, 2**60 + 1000), "window:1152921504606846976/400"),
    ],
    ids=["span", "span-percentile", "uint64", "uint64-percentile", "int64", "float64", "window"],
)
def test_grey_levels_that_double_precision_cannot_tell_apart_are_refused(array, text):
    with pytest.raises(InputError, match="tell grey levels apart.*Subtract"):
        Intensity.parse(text).bounds(array[None, None], "scan")


@pytest.mark.parametrize(
    "array",
    [
        np.uint64(2**63) + np.uint64(2048) * np.arange(600, dtype=np.uint64),
        np.int64(-(2**62)) + 1024 * np.arange(900),
        5e-324 * np.arange(1000),
        np.linspace(0, 1e-42, 700, dtype=np.float32),
        np.linspace(-1e300, 1e300, 999),
        (3.4e38 * np.linspace(-1, 1, 999)).astype(np.float32),
    ],
    ids=["uint64", "int64", "denormal", "denormal-float32", "huge", "huge-float32"],
)
def test_extreme_values_give_the_picture_of_plain_ones(array):
    """The same ramp from 0 on, in whole numbers of any size, has the same grey levels."""
    array = array[None, None]
    for text in ("minmax", "percentile:2/98"):
        mapping = Intensity.parse(text)
        plain = np.arange(array.size, dtype=np.float64).reshape(array.shape)
        wanted = to_uint8(plain, mapping.bounds(plain)).astype(int)
        assert np.abs(to_uint8(array, mapping.bounds(array)) - wanted).max() <= 1


def test_percentiles_that_meet_are_refused():
    array = np.zeros((10, 10, 10), np.int16)
    array[0, 0, 0] = 1
    with pytest.raises(InputError, match="minmax"):
        Intensity.parse("percentile:1/99").bounds(array)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.uint64, np.float16, np.float32, np.float64])
def test_grey_levels_by_hand(dtype):
    # 0..510: two units a level; halves go up: 1 -> 0.5 -> 1, 3 -> 1.5 -> 2.
    values = np.array([[[0, 1, 2, 3, 255, 508, 509, 510, 600]]])
    got = to_uint8(values.astype(dtype), (0.0, 510.0))
    assert got.dtype == np.uint8
    assert got.ravel().tolist() == [0, 1, 1, 2, 128, 254, 255, 255, 255]


def test_extreme_integers_do_not_wrap():
    array = np.array([[-32768, -160, 40, 240, 32767]], np.int16)
    assert to_uint8(array, (-160.0, 240.0)).tolist() == [[0, 0, 128, 255, 255]]
    huge = np.array([0, 2**63, 2**64 - 1], np.uint64)
    assert to_uint8(huge, (0.0, float(2**64))).tolist() == [0, 128, 255]


def test_slice_and_volume_give_the_same_picture():
    array = np.random.default_rng(3).normal(size=(3, 9, 8)).astype(np.float32)
    np.testing.assert_array_equal(to_uint8(array, (-1.0, 1.0))[1], to_uint8(array[1], (-1.0, 1.0)))
    with pytest.raises(ValueError):
        to_uint8(array, (1.0, 1.0))
