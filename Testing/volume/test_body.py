"""The body on a slice, on shapes whose body is known and on real scans, where labels are of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SAMAdaptLib.volume.body import air_level, body_mask

ROWS, COLUMNS = np.mgrid[:200, :240]


def disc(row, column, radius):
    return (ROWS - row) ** 2 + (COLUMNS - column) ** 2 <= radius**2


def test_a_disc_with_a_lung_is_a_disc_and_neither_the_table_nor_an_arm_belongs_to_it():
    """A body of 70 mm radius with a gas-filled hole, on a table line 2 mm thick that touches it, beside an arm."""
    body = disc(90, 110, 70)
    image = np.full((200, 240), -1000)
    image[body], image[disc(90, 90, 25)] = 40, -850
    image[159:161] = 300
    image[disc(90, 210, 15)] = 40
    found = body_mask(image, -300, (1.0, 1.0))
    assert (found != body)[:158].sum() < 0.005 * body.sum()
    assert not found[165:].any() and not found[disc(90, 210, 15)].any() and found[disc(90, 90, 25)].all()
    # The same in mm on pixels of 1 mm x 2 mm.
    squeezed = body_mask(image[:, ::2], -300, (1.0, 2.0))
    assert (squeezed != body[:, ::2])[:158].sum() < 0.01 * squeezed.sum()


def test_a_body_cut_by_the_edge_goes_on_beyond_it():
    body = disc(90, 0, 70)
    found = body_mask(np.where(body, 100, 0).astype(np.uint8), 8, (1.0, 1.0))
    assert (found != body).sum() < 0.01 * body.sum() and found[30:150, 0].all()


def test_air_is_the_dark_level_of_the_border():
    noise = np.random.default_rng(0).normal(0, 2, (200, 240))
    scan = np.clip(np.where(disc(90, 110, 70), 120, 12) + noise, 0, 255).astype(np.uint8)
    assert 12 < air_level(scan) < 40
    # Within the head there is tissue all around, even if of one level; a checkered border has no level.
    assert air_level(np.full((50, 50), 90, np.uint8)) is None
    assert air_level(np.random.default_rng(1).integers(0, 256, (50, 50)).astype(np.uint8)) is None


@pytest.mark.parametrize(
    "case, most, least_air",
    [("amos_0001", 0.01, 0.5), ("brats_2013_pat0005_1", 0.001, 0.5), ("colin27_aal", 0.001, 0.2)],
)
def test_real_labels_lie_in_the_body_and_the_corners_do_not(shared_data, case, most, least_air):
    import SimpleITK as sitk

    from SAMAdaptLib.volume.intensity import to_uint8
    from SAMAdaptLib.volume.policy import suggest_intensity
    from SAMAdaptLib.volume.volume import read_volume

    entry = next(e for e in json.loads((shared_data / "index.json").read_text()) if e["case"] == case)
    volume = read_volume(shared_data / entry["image"])
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(shared_data / entry["label"]))) > 0
    intensity = suggest_intensity(volume)
    bounds, spacing = intensity.bounds(volume.array), volume.geometry.spacing[1::-1]
    present = np.flatnonzero(labels.sum(axis=(1, 2)) > 200)
    for index in present[:: max(1, len(present) // 5)]:
        image = to_uint8(volume.array[index], bounds)
        ct = case.startswith("amos")
        found = body_mask(volume.array[index], -300, spacing) if ct else body_mask(image, air_level(image), spacing)
        assert (labels[index] & ~found).sum() <= most * labels[index].sum()
        assert 1 - found.mean() > least_air and not found[[0, 0, -1, -1], [0, -1, 0, -1]].any()
