"""Scenes, folders and a small model for the tests of logic and panel."""

from __future__ import annotations

import sys
from pathlib import Path

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
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

    from Testing.tiny import TINY_VIT

    logic = SAMAdaptLogic(inference=inference, settings=settings)
    logic.models.own[TINY_VIT.name] = ModelChoice(entry=TINY_VIT, checkpoint=tiny_weights, device="cpu")
    yield logic
    logic.close()
    inference.clearVolume()


@pytest.fixture
def panel(application, logic):
    """The module's widget, entered, with the small model chosen."""
    module = application.loadModule(MODULE)
    module.source.SAMAdaptLogic = lambda: logic
    widget = module.widget()
    module.enter()
    widget.handle = module
    return widget


@pytest.fixture
def patient(application):
    """(volume node, segmentation node) of the small scan with "disc" and "bean"; the volume is tilted in the world."""
    return make_patient(0)


def make_patient(seed: int, **options):
    """A scan of ``Testing.tiny`` as nodes."""
    from Testing.harness import scenes
    from Testing.tiny import scan

    volume, labels = scan(seed, **options)
    node = scenes.volume(matrix=volume.geometry.ijk_to_ras, array=volume.array, name=f"patient {seed}")
    masks = {name: labels.mask(name) for name in labels.names}
    return node, scenes.segmentation(node, name=f"{node.GetName()} labels", **masks)


def rows(table_node) -> list[dict[str, object]]:
    """The rows of a table node by column title."""
    table = table_node.GetTable()
    columns = [table.GetColumn(i) for i in range(table.GetNumberOfColumns())]
    return [{c.GetName(): c.GetValue(r) for c in columns} for r in range(table.GetNumberOfRows())]
