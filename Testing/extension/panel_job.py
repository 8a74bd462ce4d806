"""Scenes, folders and a small model for the tests of logic and panel."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

MODULE = Path(__file__).resolve().parents[2] / "SAMAdapt" / "SAMAdapt.py"
# As the application does with the folder of a module.
if str(MODULE.parent) not in sys.path:
    sys.path.insert(0, str(MODULE.parent))

SETTINGS = {
    "steps": 4,
    "prompts_per_slice": 1,
    "batch_size": 1,
    "synthesis": False,
    "precision": "fp32",
    "device": "cpu",
}


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory):
    """Weights of the small TinyViT as a file."""
    torch = pytest.importorskip("torch")
    from Testing.tiny import build

    state = build("tiny_vit-64").sam.state_dict()
    # Random weights expect an IoU below 0, at which every propagation ends.
    state["mask_decoder.iou_prediction_head.layers.2.bias"] += 1.0
    path = tmp_path_factory.mktemp("weights") / "tiny.pth"
    torch.save(state, path)
    return path


@pytest.fixture
def settings(application, tmp_path):
    """All folders of the extension below ``tmp_path``."""
    from SAMAdaptModuleLib.app.Settings import Settings

    return Settings(dataFolder=tmp_path / "data", cacheFolder=tmp_path / "cache")


@pytest.fixture(scope="session")
def inference(started_application, tmp_path_factory):
    """One worker for all tests, since it takes seconds to start."""
    from SAMAdaptModuleLib.app.Settings import Settings
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    folder = tmp_path_factory.mktemp("inference")
    session = InferenceSession(settings=Settings(dataFolder=folder, cacheFolder=folder))
    yield session
    session.close()


@pytest.fixture
def logic(application, inference, settings, tiny_weights):
    """A logic with the small model under its name."""
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic
    from SAMAdaptModuleLib.worker.InferenceSession import ModelChoice

    from Testing.tiny import TINY_VIT

    logic = SAMAdaptLogic(inference=inference, settings=settings)
    logic.models.own[TINY_VIT.name] = ModelChoice(entry=TINY_VIT, checkpoint=tiny_weights, device="cpu")
    yield logic
    logic.close()
    inference.clearVolume()


@pytest.fixture
def patient(application):
    """(volume node, segmentation node) of the small scan with "disc" and "bean"; the volume is tilted in the world."""
    return make_patient(0)


def make_patient(seed: int, **options):
    """A scan of ``Testing.tiny`` as nodes."""
    import slicer

    from Testing.tiny import scan

    volume, labels = scan(seed, **options)
    volume_node = slicer.util.addVolumeFromArray(volume.array, volume.geometry.ijk_to_ras, f"patient {seed}")
    volume_node.CreateDefaultDisplayNodes()
    return volume_node, make_segmentation(volume_node, {name: labels.mask(name) for name in labels.names})


def make_segmentation(volume_node, masks: dict[str, np.ndarray]):
    """A segmentation node with these masks [K, J, I] on the volume's grid."""
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{volume_node.GetName()} labels")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    for name, mask in masks.items():
        segment_id = node.GetSegmentation().AddEmptySegment(name, name)
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), node, segment_id, volume_node)
    return node


def voxels(segmentation_node, name: str, volume_node) -> np.ndarray:
    """bool [K, J, I] of a segment by name, read by Slicer's own function."""
    import slicer

    segment_id = segmentation_node.GetSegmentation().GetSegmentIdBySegmentName(name)
    return slicer.util.arrayFromSegmentBinaryLabelmap(segmentation_node, segment_id, volume_node) > 0


def rows(table_node) -> list[dict[str, object]]:
    """The rows of a table node by column title."""
    table = table_node.GetTable()
    columns = [table.GetColumn(i) for i in range(table.GetNumberOfColumns())]
    return [{c.GetName(): c.GetValue(r) for c in columns} for r in range(table.GetNumberOfRows())]
