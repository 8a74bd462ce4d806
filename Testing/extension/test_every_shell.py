"""Command line, Python and the application's console do the same job alike; the console asks a real worker."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

import SAMAdaptLib as sa
from SAMAdaptLib.adapters.file import AdapterInfo, save_adapter
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.defaults import PERCENTILES
from SAMAdaptLib.errors import Note
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume, write_volume
from Testing.harness import scenes
from Testing.phantoms import SHAPE, ct
from Testing.tiny import TINY_VIT

pytestmark = pytest.mark.slow

WINDOW = "window:40/400"
GEOMETRY = Geometry(SHAPE[::-1], np.diag([-1.0, -1.0, 3.0, 1.0]))
MASK = np.zeros(SHAPE, bool)
MASK[:, 15:30, 12:25] = True
POINT = (-18.0, -22.0, 24.0)


def cropped() -> np.ndarray:
    """A CT of another patient, cut above -500 HU: its values alone no longer tell that it is one."""
    return np.clip(ct(seed=1), -499, None).astype(np.float32)


def add_by_command(folder: Path, array: np.ndarray, logic) -> None:
    image, labels = folder / f"{array.dtype}.nrrd", folder / f"{array.dtype}.seg.nrrd"
    write_volume(image, array, GEOMETRY)
    sa.write_segmentation(labels, {"a": MASK}, GEOMETRY)
    words = ["exemplars", "add", "--library", folder / "LIB", "--image", image, "--labels", labels, "--slices", "8"]
    assert main([str(word) for word in words]) == 0


def add_by_python(folder: Path, array: np.ndarray, logic) -> None:
    labels = Labels(MASK.astype(np.uint8), GEOMETRY, {"a": 1})
    sa.add_exemplar(folder / "LIB", Volume(array, GEOMETRY, "scan"), labels, 8)


def add_in_the_application(folder: Path, array: np.ndarray, logic) -> None:
    node = scenes.volume(matrix=GEOMETRY.ijk_to_ras, array=array)
    logic.addExemplar(node, scenes.segmentation(node, a=MASK), 8, library=folder / "LIB")


SHELLS = pytest.mark.parametrize("add", [add_by_command, add_by_python, add_in_the_application])


@SHELLS
def test_another_ct_takes_the_library_s_mapping(add, logic, tmp_path) -> None:
    labels = Labels(MASK.astype(np.uint8), GEOMETRY, {"a": 1})
    sa.add_exemplar(tmp_path / "LIB", Volume(ct(), GEOMETRY, "scan"), labels, 8, intensity="window:50/350")
    add(tmp_path, ct(seed=1).astype(np.float32), logic)
    assert [info.intensity for info in sa.Library.open(tmp_path / "LIB").infos()] == ["window:50/350"] * 2


@SHELLS
def test_what_is_not_known_to_be_ct_gets_its_own_mapping_and_a_note(add, logic, tmp_path) -> None:
    add(tmp_path, ct(), logic)
    with pytest.warns(Note, match="window:40/400") if add is not add_by_command else nullcontext():
        add(tmp_path, cropped(), logic)
    assert [info.intensity for info in sa.Library.open(tmp_path / "LIB").infos()] == [WINDOW, PERCENTILES]


@pytest.fixture
def adapter(tiny_weights, tmp_path) -> Path:
    """An adapter that was trained under a window which no scan would be given."""
    model, lora = build_sam(TINY_VIT, tiny_weights), get_method("lora")
    config = lora.Config()
    lora.apply(model, config, seed=1)
    import torch

    with torch.no_grad():
        for parameter in trainable(model.sam).values():
            parameter.add_(0.02)
    info = AdapterInfo(
        "lora", config.to_dict(), TINY_VIT.name, model.base_hash, model.input_size, "window:700/300", "axial", ("a",), 1
    )
    save_adapter(tmp_path / "adapter", model, info)
    return tmp_path / "adapter"


def test_the_adapter_s_mapping_is_taken_and_no_other(
    adapter, tiny_weights, logic, tmp_path, monkeypatch, capsys
) -> None:
    """That the worker refuses another one in the same words stands in Testing/service/test_inbox.py."""
    monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
    volume = Volume(ct(), GEOMETRY, "scan")
    model = sa.load_model(adapter=adapter, checkpoint=tiny_weights, device="cpu")
    wanted = {"a": sa.RasPrompts(points=[POINT])}
    found = sa.segment(volume, model, wanted)["a"]
    assert found.intensity == "window:700/300" and found.mask.any() and not found.mask.all()

    write_volume(tmp_path / "image.nrrd", volume.array, GEOMETRY)
    words = ["segment", "--image", tmp_path / "image.nrrd", "--adapter", adapter, "--checkpoint", tiny_weights,
             "--segment", "a", "--point=" + ",".join(map(str, POINT)), "--device", "cpu"]  # fmt: skip
    assert main([str(word) for word in [*words, "--output", tmp_path / "found.seg.nrrd"]]) == 0
    assert (sa.read_labels(tmp_path / "found.seg.nrrd").mask("a") == found.mask).all()

    node = scenes.volume(matrix=GEOMETRY.ijk_to_ras, array=volume.array)
    logic.activateAdapter(str(adapter), TINY_VIT.name)
    segmentation = logic.segmentSlice(node, segmentName="a", points=[(*POINT, 1)])
    assert (scenes.segmentArray(segmentation, "a", node).astype(bool) == found.mask).all()

    with pytest.raises(sa.InputError) as by_python:
        sa.segment(volume, model, wanted, intensity="minmax")
    capsys.readouterr()
    assert main([str(word) for word in [*words, "--intensity", "minmax", "--output", tmp_path / "other.nrrd"]]) == 2
    refused = "trained with intensity window:700/300, not minmax"
    assert refused in by_python.value.what and refused in capsys.readouterr().err
