"""Where organs are pasted: in the body, off the bone, and no farther away than allowed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.manifest import ExemplarInfo
from SAMAdaptLib.synthesis.compose import compose
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.transforms import draw_affine
from Testing import phantoms

pytestmark = pytest.mark.slow

SHAPE = (160, 200)
ROWS, COLUMNS = np.mgrid[: SHAPE[0], : SHAPE[1]]
ANYWHERE = {"outside_share": 1, "bone_share": 1, "shift_mm": 1000}


def disc(row, column, radius):
    return (ROWS - row) ** 2 + (COLUMNS - column) ** 2 <= radius**2


def ct(body, organ=None, bone=None, identity="e"):
    """A CT slice: air with the noise by which CT is known, soft tissue of 40 HU, bone of 800 HU, an organ of 100 HU."""
    air = np.random.default_rng(0).normal(-1000, 12, SHAPE)
    pixels = np.where(body, 40, air).round().astype(np.int16)
    labels = np.zeros(SHAPE, np.uint8)
    if bone is not None:
        pixels[bone] = 800
    if organ is not None:
        pixels[organ], labels[organ] = 100, 1
    names = ("organ",) if organ is not None else ()
    text, bounds = "window:40/400", (-160.0, 240.0)
    return Exemplar(
        ExemplarInfo(12 * identity, names, SHAPE, (1.0, 1.0), "axial", text, bounds, 12 * "a", 12 * identity),
        pixels,
        labels,
    )


BODY = disc(80, 100, 70)
NEAR_SKIN = disc(80, 48, 15)
WILD = {"whole_slice_share": 0, "shift": 0.3, "scale": (0.8, 1.4), "rotation_degrees": 180, "background_share": 0}


@pytest.mark.parametrize("kind", ["filled", "another"])
def test_an_organ_under_the_skin_never_leaves_the_body(kind):
    """A disc of 15 mm that ends 3 mm under the skin; without the rule it lands outside in most draws."""
    exemplar = ct(BODY, NEAR_SKIN)
    backgrounds = [] if kind == "filled" else [ct(BODY, identity="b")]
    for config, wrong in ((SynthesisConfig(**WILD), 0), (SynthesisConfig(**WILD | ANYWHERE), 10)):
        outside = []
        for seed in range(40):
            made = compose(exemplar, backgrounds, np.random.default_rng(seed), config)
            outside.append(bool((made.labels.astype(bool) & ~BODY).any()))
            if not wrong:
                assert (made.labels == 1).sum() > 0.9 * 0.64 * NEAR_SKIN.sum()
                # Nor does the seam tint the air.
                assert not made.image[~disc(80, 100, 72)].any()
        assert sum(outside) >= wrong and (wrong or not any(outside))


def test_the_shift_is_no_longer_than_allowed_in_mm():
    rng = np.random.default_rng(0)
    config = SynthesisConfig(shift=0.5, shift_mm=12)
    shifts = np.array([draw_affine(rng, config, (100, 200), (3.0, 0.5)).shift for _ in range(500)]) * (3.0, 0.5)
    assert np.linalg.norm(shifts, axis=1).max() == pytest.approx(12) and np.ptp(shifts[:, 1]) > 15
    free = SynthesisConfig(shift=0.5, shift_mm=1000)
    shifts = np.abs([draw_affine(rng, free, (100, 200), (3.0, 0.5)).shift for _ in range(500)])
    assert (shifts.max(axis=0) > (45, 90)).all()
    # On slices: an organ keeps within 12 mm of its place, wherever the body ends.
    exemplar, background = ct(BODY, NEAR_SKIN), ct(BODY, identity="b")
    still = WILD | {"scale": (1, 1), "shift_mm": 12, "flip_horizontal": 0, "rotation_degrees": 0}
    for seed in range(40):
        made = compose(exemplar, [background], np.random.default_rng(seed), SynthesisConfig(**still))
        centre = np.argwhere(made.labels).mean(axis=0)
        assert np.linalg.norm(centre - (80, 48)) <= 12.5


def test_the_nearest_place_is_taken():
    """Drawn 12 mm to the left, with 3 mm to the skin: it stops at the skin."""
    exemplar, background = ct(BODY, NEAR_SKIN), ct(BODY, identity="b")
    still = SynthesisConfig.identity(outside_share=0, bone_share=1, background_share=0, shift=0.3, shift_mm=12)
    drawn = SynthesisConfig.identity(background_share=0, shift=0.3, shift_mm=12)
    stopped = 0
    for seed in range(60):
        there, here = (
            np.argwhere(compose(exemplar, [background], np.random.default_rng(seed), config).labels).mean(axis=0)
            for config in (drawn, still)
        )
        # The largest disc within the body: its centre lies 70 - 15 mm from the middle at most, to a pixel.
        inside = np.linalg.norm(there - (80, 100)) <= 54
        if inside:
            np.testing.assert_allclose(here, there, atol=0.01)
            continue
        stopped += 1
        away = np.linalg.norm(here - (80, 100))
        assert 52 <= away <= 56
        assert np.linalg.norm(here - there) <= np.linalg.norm(there - (80, 100)) - 55 + 2.5
    assert stopped > 10


def test_an_organ_keeps_its_place_in_the_body_rather_than_in_the_picture():
    """Another patient, smaller and lying 25 mm further right and 10 mm lower: so does the organ."""
    exemplar, background = ct(BODY, disc(80, 80, 12)), ct(disc(90, 125, 50), identity="b")
    config = SynthesisConfig.identity(outside_share=0, bone_share=0.05, background_share=0)
    made = compose(exemplar, [background], np.random.default_rng(0), config)
    np.testing.assert_allclose(np.argwhere(made.labels).mean(axis=0), (90, 105), atol=0.6)
    assert (made.labels > 0).sum() == disc(80, 80, 12).sum()


def test_bone_is_avoided_where_the_organ_was_not_on_it():
    """A column of bone 20 mm wide, 4 mm beside the organ."""
    bone = BODY & (COLUMNS >= 104) & (COLUMNS < 124)
    exemplar = ct(BODY, disc(80, 85, 15), bone)
    seen = {}
    for name, config in (("kept", SynthesisConfig(**WILD)), ("free", SynthesisConfig(**WILD | ANYWHERE))):
        shares = []
        for seed in range(60):
            made = compose(exemplar, [], np.random.default_rng(seed), config)
            organ = made.labels == 1
            shares.append((organ & bone).sum() / organ.sum())
        seen[name] = max(shares)
    # The largest disc, 21 mm, clears the bone after 2 mm of the 15 mm that are allowed.
    assert seen["kept"] == 0 and seen["free"] > 0.3


@pytest.mark.parametrize("width", [12, 60])
def test_the_least_bone_decides_and_then_the_least_move(width):
    """A slanted bar through the organ, narrow enough to be left, or so wide that the organ stays on some of it."""
    organ, bar = disc(80, 100, 12), BODY & (np.abs(ROWS - 78 + (COLUMNS - 100) // 3) < width / 2)
    exemplar, background = ct(BODY, organ), ct(BODY, bone=bar, identity="b")
    config = SynthesisConfig.identity(outside_share=0, bone_share=0, background_share=0, shift_mm=20)
    made = compose(exemplar, [background], np.random.default_rng(0), config).labels > 0
    # By trying every place.
    near = [(r, c) for r in range(-20, 21) for c in range(-20, 21) if np.hypot(r, c) <= 20]
    tried = {move: int((np.roll(organ, move, (0, 1)) & bar).sum()) for move in near}
    least = min(tried.values())
    shortest = min(np.hypot(*move) for move, count in tried.items() if count == least)
    assert (made & bar).sum() == least and (least == 0) == (width == 12) and made.sum() == organ.sum()
    assert np.linalg.norm(np.argwhere(made).mean(axis=0) - (80, 100)) == pytest.approx(shortest, abs=1e-6)


@pytest.mark.parametrize("intensity", ["window:40/400", "percentile:0.5/99.5"])
def test_bone_is_known_by_the_values_whatever_the_mapping(intensity):
    def exemplar(pixels):
        shape, spacing, one = pixels.shape, (1.0, 1.0), "e" * 12
        info = ExemplarInfo(one, (), shape, spacing, "axial", intensity, (0.0, 900.0), one, one)
        return Exemplar(info, pixels, np.zeros(pixels.shape, np.uint8))

    values = phantoms.ct()[8]
    shown = exemplar(values)
    assert shown.bone.sum() == (values > 200).sum() > 0
    # Fat at -100 HU is of the body, and so is all that it encloses.
    assert (shown.body == (values > -550)).mean() > 0.995
    # No bone in an MR, although fat has 900 there, and none where a fill of -1000 lies around it.
    values = phantoms.mr()[8]
    for pixels in (values, np.where(values < 100, -1000.0, values)):
        assert not exemplar(pixels).bone.any()


def test_what_cannot_lie_in_the_body_is_cut_off_there():
    """An organ of 60 mm radius in a body of 40 mm: what is labelled is the body."""
    exemplar, small = ct(BODY, disc(80, 100, 60)), disc(80, 100, 40)
    config = SynthesisConfig(**WILD | {"scale": (1, 1)})
    for seed in range(10):
        made = compose(exemplar, [ct(small, identity="b")], np.random.default_rng(seed), config)
        assert not (made.labels.astype(bool) & ~disc(80, 100, 41)).any() and made.labels.sum() > 0.8 * small.sum()


def test_real_organs_stay_in_the_body_and_off_the_ribs(shared_data, tmp_path):
    """Liver and spleen lie against skin and ribs: 3.5 % of the pasted pixels used to lie outside on such slices."""
    from skimage.measure import label

    from SAMAdaptLib.volume.intensity import Intensity
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.segfile import read_labels
    from SAMAdaptLib.volume.volume import read_volume

    entry = next(e for e in json.loads((shared_data / "index.json").read_text()) if e["case"] == "amos_0001")
    volume = read_volume(shared_data / entry["image"])
    found = read_labels(shared_data / entry["label"]).array
    labels = Labels(
        np.where(found == 6, 1, np.where(found == 1, 2, 0)).astype(np.uint8), volume.geometry, {"liver": 1, "spleen": 2}
    )
    library = Library.create(tmp_path / "library")
    present = np.flatnonzero((labels.array == 2).sum(axis=(1, 2)) > 300)
    for index in present[[len(present) // 3, 2 * len(present) // 3]]:
        library.add(volume, labels, "axial", int(index), Intensity.parse("window:40/400"))
    still = {"whole_slice_share": 0, "background_share": 0}
    wrong, on_bone = {}, {}
    for name, more in (("kept", {}), ("tolerant", {"bone_share": 0.05}), ("free", ANYWHERE)):
        made = SyntheticSet(library, 12, 0, SynthesisConfig(**still | more))
        outside = bone = total = 0
        for index in range(len(made)):
            sample = made[index]
            exemplar = library.load(sample.exemplar_id)
            # Independent of the code: air is what is darker than fat and connected with the corner of the slice.
            regions = label(exemplar.pixels < -300, connectivity=1)
            air = regions == regions[0, 0]
            outside += ((sample.labels > 0) & air).sum()
            bone += ((sample.labels > 0) & (exemplar.labels == 0) & (exemplar.pixels > 200)).sum()
            total += (sample.labels > 0).sum()
            if name == "kept":
                for value in (1, 2):
                    moved, own = sample.labels == value, exemplar.labels == value
                    if moved.any():
                        assert (moved & ~own & (exemplar.pixels > 200)).sum() < 0.15 * moved.sum()
        wrong[name], on_bone[name] = outside / total, bone / total
    # Ribs lie under the skin: kept in the body without minding a little bone, organs come to lie on more of it.
    assert on_bone["kept"] < 0.7 * on_bone["tolerant"], on_bone
    assert on_bone["kept"] < on_bone["free"], on_bone
    assert wrong["kept"] <= 0.0005 and wrong["free"] > 0.01
