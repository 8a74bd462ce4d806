"""The next slices worth labelling, from the panel: a real process names them, a click leads to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from Testing.extension.panel_job import make_patient
from Testing.harness import scenes
from Testing.harness.qtgate import unwrap
from Testing.tiny import TINY_VIT, scan

PATIENCE = 240.0


@pytest.fixture
def volumes(application, panel):
    """Two scans, of which one is turned in the world; and what may not be looked at beside them."""
    import slicer

    panel.logic.activateAdapter(None, TINY_VIT.name)
    first, _labels = make_patient(0)
    other, _labels = scan(1)
    turned = scenes.affine(scenes.rotation((0, 0, 1), 25)) @ other.geometry.ijk_to_ras
    second = scenes.volume(matrix=turned, array=other.array, name="turned")
    scenes.volume(array=np.full((1, 40, 56), 3, np.int16) + np.arange(56, dtype=np.int16), name="one slice")
    slicer.util.addVolumeFromArray(
        np.ones((4, 40, 56), np.uint8), name="labels", nodeClassName="vtkMRMLLabelMapVolumeNode"
    )
    panel.ui.volumeSelector.setCurrentNode(first)
    return first, second


def errors(application):
    return application.dialogs.texts("errorDisplay")


def temporary():
    import slicer

    return list(Path(slicer.app.temporaryPath).glob("SAMAdapt-*"))


def hidden(widget):
    return unwrap(widget).isHidden()


def ask(application, panel):
    panel.ui.nextSlicesButton.click()
    assert errors(application) == [] and panel.ui.nextSlicesButton.text == "Stop" and not hidden(panel.ui.nextSlicesBar)
    application.pump(until=lambda: panel.ui.nextSlicesButton.text != "Stop", seconds=PATIENCE)


def test_slices_of_all_volumes_are_named_and_shown(application, panel, volumes, tiny_weights, monkeypatch):
    """The same as the library finds without the application."""
    import slicer
    from SAMAdaptModuleLib.scene.FindPlane import planeOfView

    from SAMAdaptLib.jobs.load import load_model
    from SAMAdaptLib.jobs.suggest.next_slices import next_slices
    from SAMAdaptLib.sam.registry import MODELS

    ui, listed = panel.ui, panel.ui.nextSliceList
    view = application.view("Red")
    view.show(volumes[0])
    ui.nextCountSpin.value = 3
    ask(application, panel)
    assert errors(application) == [] and temporary() == [] and hidden(ui.nextSlicesBar)
    monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
    model = load_model(TINY_VIT.name, checkpoint=tiny_weights, device="cpu", keep_base=True)
    expected = next_slices([scan(0)[0], scan(1)[0]], count=3, axis="axial", model=model).slices
    names = [node.GetName() for node in volumes]
    texts = [listed.item(row).text() for row in range(listed.count)]
    assert texts == [
        f"{number}. {names[one.place]}, axial slice {one.index}: {one.reason}" for number, one in enumerate(expected, 1)
    ]
    assert {one.place for one in expected} == {0, 1}
    for row, one in enumerate(expected):
        listed.setCurrentRow(row)
        application.pump()
        shown = view.sliceLogic.GetBackgroundLayer().GetVolumeNode()
        assert shown is volumes[one.place] is panel._parameterNode.volume
        plane = planeOfView(view.sliceNode, shown)
        assert (plane.axis, plane.index) == ("axial", one.index)
    # A scene that is closed takes the slices along.
    slicer.mrmlScene.Clear(0)
    assert listed.count == 0 and errors(application) == []


def test_stopping_leaves_nothing(application, panel, volumes):
    ui = panel.ui
    ui.nextScansSelector.setCurrentIndex(1)
    ui.nextSlicesButton.click()
    (folder,) = temporary()
    (array,) = folder.iterdir()
    np.testing.assert_array_equal(np.load(array), scan(0)[0].array)
    ui.nextSlicesButton.click()
    assert ui.nextSlicesButton.text == "Suggest next slice" and hidden(ui.nextSlicesBar)
    assert temporary() == [] and ui.nextSliceList.count == 0 and errors(application) == []


def test_only_volumes_of_one_kind(application, volumes):
    """CT among others, by its numbers: air at -1000, water at 0."""
    from SAMAdaptModuleLib.scene.SceneVolume import greyVolumes

    ct = np.random.default_rng(0).normal(-1000, 10, (6, 40, 56))
    ct[:, 8:32, 10:46] = np.random.default_rng(1).normal(40, 15, (6, 24, 36))
    node = scenes.volume(array=ct.astype(np.int16), name="CT")
    assert greyVolumes() == [*volumes, node]
    assert greyVolumes(volumes[1]) == [*volumes] and greyVolumes(node) == [node]


def test_from_the_console(application, logic, panel, volumes, tmp_path):
    from SAMAdaptLib.errors import InputError

    told = []
    (one,) = logic.suggestSlices(
        volumes[1:], count=1, stride=2, axis="axial", progress=lambda done, total: told.append((done, total))
    )
    # Of six slices every second, from the first on.
    assert one.volumeNode is volumes[1] and one.index in (0, 2, 4) and told[-1] == (3, 3) and one.parts["stands_for"]
    with pytest.raises(InputError, match="library"):
        logic.suggestSlices(volumes, library=tmp_path / "nowhere")
    assert temporary() == []
