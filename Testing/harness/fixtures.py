"""Fixtures of all tests that run on the stand-in for the application."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def started_application():
    pytest.importorskip("slicer_core", reason="slicer-core is not installed")
    pytest.importorskip("PySide6", reason="PySide6-Essentials is not installed")
    from Testing.harness.application import Application

    return Application.start()


@pytest.fixture
def application(started_application):
    """The application with an empty scene. A fault that the test has not taken (`takeFaults`) fails it."""
    app = started_application
    app.resetScene()
    app.takeFaults()
    yield app
    app.close()
    app.resetScene()
    app.pump()
    faults = app.takeFaults()
    assert not faults, "errors the application would have printed:\n" + "\n".join(faults)


@pytest.fixture
def scenes(application):
    """``Testing.harness.scenes``, which needs the application's classes."""
    from Testing.harness import scenes

    return scenes


@pytest.fixture
def volume_node(application):
    """A small oblique int16 volume, 40 x 30 x 20 voxels of 0.8 x 0.8 x 2.5 mm: noise of 0-99 with a block of 200."""
    from Testing.harness.scenes import affine, rotation, volume

    turn = rotation([0, 0, 1], np.degrees(0.3)) @ np.diag([-1, -1, 1])
    voxels = np.random.default_rng(0).integers(0, 100, (20, 30, 40)).astype(np.int16)
    voxels[8:12, 10:20, 10:30] = 200
    return volume(matrix=affine(turn, (0.8, 0.8, 2.5), (10, 20, -30)), array=voxels, name="Tiny")


@pytest.fixture
def segmentation_node(application, volume_node):
    """A segmentation on the grid of `volume_node` with the empty segments `liver` (red) and `spleen` (green)."""
    from Testing.harness.scenes import segmentation

    node = segmentation(volume_node, "liver", "spleen")
    node.GetSegmentation().GetSegment("liver").SetColor(1, 0, 0)
    node.GetSegmentation().GetSegment("spleen").SetColor(0, 1, 0)
    return node


@pytest.fixture
def ct_case(shared_data):
    """The entry of the index for a real abdominal CT with labels: keys image, label, labels_present."""
    cases = json.loads((shared_data / "index.json").read_text())
    return next(case for case in cases if case["dataset"] == "abdomen_ct_amos")


@pytest.fixture
def ct_node(application, shared_data, ct_case):
    """That CT in the scene, shown in the slice views."""
    import slicer

    return slicer.util.loadVolume(str(shared_data / ct_case["image"]))


@pytest.fixture
def ct_segmentation(ct_node, shared_data, ct_case):
    """Its labels as a segmentation on the CT's grid; segments carry the organs' names."""
    import slicer

    node = slicer.util.loadSegmentation(str(shared_data / ct_case["label"]))
    node.SetReferenceImageGeometryParameterFromVolumeNode(ct_node)
    segmentation = node.GetSegmentation()
    for i in range(segmentation.GetNumberOfSegments()):
        segment = segmentation.GetNthSegment(i)
        segment.SetName(ct_case["labels_present"].get(str(segment.GetLabelValue()), segment.GetName()))
    return node
