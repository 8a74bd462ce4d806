"""What is left of the effect in memory once it is left and the scene is closed."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from Testing.extension.effect_tools import EFFECT
from Testing.harness import scenes
from Testing.harness.scenes import middle

ACTIVATIONS = 10


def alive(*names: str) -> dict[str, int]:
    """Objects of the classes with these names that live, garbage collected before."""
    gc.collect()
    counts = dict.fromkeys(names, 0)
    for found in gc.get_objects():
        name = type(found).__name__
        if name in counts:
            counts[name] += 1
    return counts


class Watched:
    """Which VTK objects exist still. The objects themselves tell: no Python wrapper is kept."""

    def __init__(self) -> None:
        self.left: set[int] = set()

    def watch(self, found) -> None:
        number = len(self.left)
        self.left.add(number)
        found.AddObserver("DeleteEvent", lambda *_: self.left.discard(number))


def scene(watched):
    """A volume and a segmentation with a segment, watched; only the scene keeps them."""
    volume = scenes.volume(matrix=np.diag([-1.0, -1.0, 2.0, 1.0]), array=np.zeros((12, 30, 40), np.int16))
    segmentation = scenes.segmentation(volume, "liver")
    for found in (volume, volume.GetImageData(), segmentation):
        watched.watch(found)
    return volume, segmentation


def work(application, session, editor, volume):
    """What keeps hold of things: prompts, a preview, a run through the volume, a slice at rest, a write."""
    view = application.view("Red")
    view.show(volume)
    view.enter()
    view.clickAt(middle(volume))
    view.key("Return")
    view.clickAt(middle(volume) + [4, 0, 0])
    editor.effect.options.ui.bothButton.click()
    editor.effect.workbench.segmentVolume()
    session.info = None
    application.pump()


@pytest.mark.parametrize("closeFirst", [False, True])
def test_nothing_lives_on(application, session, closeFirst):
    import slicer

    names = ("Workbench", "KeyFilter", "BusySign", "VolumeSegmentation", "EffectController", "QTimer", "VoxelPlane")
    application.registerEffect(EFFECT)
    editor = application.segmentEditor()
    before = alive(*names)
    watched = Watched()
    for _time in range(ACTIVATIONS):
        volume, segmentation = scene(watched)
        editor.setSegmentationNode(segmentation)
        editor.setSourceVolumeNode(volume)
        editor.setCurrentSegmentID("liver")
        editor.setActiveEffect("SAM Adapt")
        work(application, session, editor, volume)
        if not closeFirst:
            editor.setActiveEffect(None)
    del volume, segmentation
    assert len(watched.left) == 3 * ACTIVATIONS
    slicer.mrmlScene.Clear(0)
    session.__init__()  # the answers that it owes to the effect
    # The views' own pipelines keep the image that they have shown last.
    other = slicer.util.addVolumeFromArray(np.zeros((2, 2, 2), np.int16))
    for name in ("Red", "Green", "Yellow"):
        application.view(name).show(other)
    application.pump()
    assert alive(*names) == before
    assert not watched.left
    editor.close()
    application.forgetEffects()


def test_who_has_polled_is_let_go_of(application):
    from SAMAdaptModuleLib.app.Polling import Polling

    class Poller:
        def __init__(self):
            self.polling, self.polled = Polling(self.poll), 0

        def poll(self):
            self.polled += 1
            if self.polled % 3 == 0:
                self.polling.setInterval(0)

    def pollTwice():
        poller = Poller()
        for _round in range(2):
            poller.polling.setInterval(5)
            application.pump(until=lambda: poller.polling.interval == 0, seconds=5)
        # Once a time, though it was connected twice.
        assert poller.polled == 6

    pollTwice()
    assert alive("Poller") == {"Poller": 0}


def test_panels_are_let_go_of(application, session):
    from Testing.extension.effect_tools import SAMADAPT

    names = (
        "SAMAdaptWidget",
        "ExemplarStep",
        "NextSlices",
        "Studies",
        "SynthesisStep",
        "TrainingStep",
        "AdapterStep",
        "FittedPicture",
    )
    before = alive(*names)
    for _time in range(2):
        module = application.loadModule(SAMADAPT / "SAMAdapt.py")
        module.widget()
        application.pump()
        application.close()
        application.pump()
        del module
    assert alive(*names) == before


def test_a_closed_panel_follows_the_scene_no_more(application, session, monkeypatch):
    """Though its module is kept: selectors of earlier tests had made each later one slower, fifty times in the end."""
    import slicer

    from Testing.extension.effect_tools import SAMADAPT
    from Testing.harness.qtgate.mrmlwidgets import qMRMLNodeComboBox

    module = application.loadModule(SAMADAPT / "SAMAdapt.py")
    module.widget()
    following = []
    with monkeypatch.context() as patch:
        patch.setattr(qMRMLNodeComboBox, "_refill", lambda selector: following.append(selector))
        slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
        assert len(following) == 3
        application.close()
        application.pump()
        following.clear()
        slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    assert following == [] and module.name == "SAMAdapt"
