"""CT told from everything else by its values, on phantoms, on all real scans and on what is done to scans."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage

from SAMAdaptLib.volume.evidence import fill_limit, has_ct_numbers, lacks_ct_offset, sample
from SAMAdaptLib.volume.intensity import Intensity
from Testing.phantoms import ct, mr

pytestmark = pytest.mark.slow

FILLS = (-1000, -1024, -2000, -3024)
PERCENTILE = Intensity.parse("percentile:0.5/99.5")


def seen_as_ct(array, modality=""):
    return has_ct_numbers(sample(np.asarray(array)), modality)


def rotated(array, fill, order=1):
    """Turned about the slice axis: corners without data become fill; order 1 leaves fractions everywhere."""
    return ndimage.rotate(np.asarray(array, float), 20, (1, 2), reshape=False, order=order, cval=fill)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("whole", [True, False])
def test_fill_does_not_decide(fill, whole):
    for array, answer in ((ct(), True), (mr(), False), (mr() / 5, False)):
        turned = rotated(array, fill, order=0 if whole else 1)
        turned = np.round(turned).astype(np.int16) if whole else turned.astype(np.float32)
        assert seen_as_ct(turned) is answer


def test_number_types_do_not_decide():
    for dtype in (np.int16, np.int32, np.float32, np.float64):
        assert seen_as_ct(np.round(ct()).astype(dtype))
        assert not seen_as_ct(np.round(mr()).astype(dtype))
    assert seen_as_ct(ct()) and not seen_as_ct(mr())


def test_body_cut_out_of_a_ct():
    array = ct()
    for fill in FILLS:
        assert seen_as_ct(np.where(array > -300, array, fill))


@pytest.mark.parametrize(
    "change",
    [lambda a: a - 1024, lambda a: a - 1000, lambda a: a - 500, lambda a: 0.1 * a, lambda a: 10 * a - 1000,
     lambda a: (a - a.mean()) / a.std(), lambda a: 300 * (a - a.mean()) / a.std()],
)  # fmt: skip
def test_mr_that_reaches_the_same_numbers(change):
    """Some converters subtract a CT's intercept from an MR; others normalise."""
    assert not seen_as_ct(change(mr()))
    assert not seen_as_ct(np.round(change(mr())).astype(np.int16))


def test_phase_velocity_and_subtraction_images():
    rng = np.random.default_rng(3)
    quiet = rng.normal(0, 60, (16, 48, 40))
    noisy = ndimage.zoom(rng.random((4, 6, 5)), (4, 8, 8), order=0) < 0.6
    for limit in (1000, 1024, 2048, 3142, 4096):
        noise = rng.integers(-limit, limit, quiet.shape)
        assert not seen_as_ct(noise)
        assert not seen_as_ct(np.where(noisy, noise, quiet).astype(np.int16))
    assert not seen_as_ct(rng.laplace(0, 200, quiet.shape).astype(np.int16))


def test_the_modality_is_believed():
    assert not any(seen_as_ct(ct(), modality) for modality in ("MR", "PT", "NM", "US"))
    # Cone-beam CT comes as XA or OT: the values decide.
    assert seen_as_ct(ct(), "XA") and not seen_as_ct(mr(), "OT")
    # Nothing but soft tissue, as in a tight crop: only the modality can tell.
    inside = ct()[6:10, 14:18, 12:16]
    assert -50 < inside.min() and inside.max() < 120
    assert seen_as_ct(inside, "CT") and not seen_as_ct(inside)
    # A file without its rescale intercept, and one scaled to 0..1, are no Hounsfield units whatever they are called.
    assert not seen_as_ct(ct() + 1024, "CT") and not seen_as_ct((ct() + 1000) / 2000, "CT")


def test_numbers_without_their_offset_are_noticed():
    for offset in (1000, 1024):
        values = sample(np.round(ct() + offset).clip(0).astype(np.uint16))
        assert not has_ct_numbers(values) and lacks_ct_offset(values) and lacks_ct_offset(values, "CT")
    assert not lacks_ct_offset(sample(mr())) and not lacks_ct_offset(sample(ct()))


def test_what_cannot_be_told():
    """Of a CT in another unit nothing in the values says that it is one: it is shown by percentiles, as any image."""
    assert not seen_as_ct((ct() + 1000) / 2000) and not seen_as_ct(ct() / 10)


def test_fill_is_far_below_all_others():
    array = np.round(mr()).astype(np.int16)
    assert fill_limit(sample(array)) is None
    array[:, :10] = -1000
    assert -1000 < fill_limit(sample(array)) < 0
    # A black background is left as it is, however far the values are from it; a single low voxel is no fill.
    assert fill_limit(sample(np.where(mr() > 100, mr(), 0))) is None
    assert fill_limit(np.array([-1000.0] + [5.0, 6.0] * 4000)) is None
    assert fill_limit(np.full(100, 3.0)) is None


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("fill", [-1000, -32768, -1])
def test_fill_leaves_the_percentiles(dtype, fill):
    array = np.round(mr()).astype(dtype) + dtype(500)
    inside = np.ones(array.shape, bool)
    inside[:, :, :8] = inside[:3] = False
    expected = np.percentile(array[inside], (0.5, 99.5))
    np.testing.assert_allclose(PERCENTILE.bounds(np.where(inside, array, dtype(fill))), expected)
    # Where nothing is filled every voxel counts.
    np.testing.assert_allclose(PERCENTILE.bounds(array), np.percentile(array, (0.5, 99.5)))


def test_fill_blended_by_interpolation():
    """A second interpolation mixes fill and values; the lower end must stay near that of the values, 0 to 40."""
    turned = rotated(mr((40, 60, 60)), -1000)
    assert (turned < -20).mean() > 0.01
    low, high = PERCENTILE.bounds(turned.astype(np.float32))
    assert -100 < low < 40 and 850 < high < 950


@pytest.fixture(scope="module")
def scans(shared_data):
    """Every real scan with whether it is in Hounsfield units, as their table of contents says."""
    found = []
    for case in json.loads((shared_data / "index.json").read_text()):
        for name in (case["image"], *case.get("other_images", [])):
            stored = "_ct_" in case["dataset"] or "CT" in case["case"] or case["dataset"] == "lung_tumour_ct"
            offset = case["dataset"] == "head_neck_ct_openkbp"
            found.append((name, sitk.ReadImage(str(shared_data / name)), stored and not offset, offset))
    assert len(found) >= 51 and sum(hu for *_, hu, _ in found) == 7
    return found


def changed(image, hu):
    """What is done to scans: (what, array)."""
    array = sitk.GetArrayFromImage(image)
    yield "as it is", array
    real = sitk.Cast(image, sitk.sitkFloat32)
    shift = sitk.TranslationTransform(3, (0.3, 0.2, 0.0))
    yield "resampled to fractions", sitk.GetArrayFromImage(sitk.Resample(real, image, shift, sitk.sitkLinear, 0.0))
    turn = sitk.Euler3DTransform()
    turn.SetCenter(image.TransformContinuousIndexToPhysicalPoint([count / 2 for count in image.GetSize()]))
    turn.SetRotation(0.1, 0, 0.35)
    beyond = -1e6
    found = sitk.GetArrayFromImage(sitk.Resample(real, image, turn, sitk.sitkLinear, beyond))
    for fill in FILLS:
        turned = np.where(found == beyond, np.float32(fill), found)
        yield f"turned into fill {fill}", turned
        yield f"turned into fill {fill}, whole numbers", np.round(turned).astype(np.int16)
    if hu:
        yield "air replaced", np.where(array > -300, array, -2000)
        yield "the middle", array[tuple(slice(n * 3 // 10, n * 7 // 10) for n in array.shape)]
    else:
        array = array.astype(np.float32)
        for factor, offset in ((1, -1024), (1, -1000), (1, -128), (0.1, 0), (10, 0), (5, -1000), (20, -1000)):
            yield f"times {factor:g}, {offset:+d}", factor * array + offset


def test_every_real_scan_and_what_is_done_to_it(scans):
    wrong = []
    for name, image, hu, offset in scans:
        for what, array in changed(image, hu):
            # These numbers are HU + 1000: taking the offset off makes Hounsfield units of them.
            wanted = hu or (offset and what in ("times 1, -1024", "times 1, -1000"))
            if seen_as_ct(array) != wanted:
                wrong.append(f"{name} {what}")
    assert not wrong


def test_the_missing_offset_of_real_scans(scans):
    for name, image, hu, offset in scans:
        array = sitk.GetArrayFromImage(image)
        assert lacks_ct_offset(sample(array)) is offset, name
        if hu:
            assert lacks_ct_offset(sample(array.astype(np.float32) + 1024)), name
