"""Hundreds of clicks and dozens of activations with a real worker: nothing gathers, neither here nor there."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from Testing.extension.effect_tools import EFFECT, status, wait
from Testing.extension.test_effect_memory import alive
from Testing.faults.application.test_scene_faults import lasting, observers
from Testing.faults.trials import ALL
from Testing.harness import scenes

# After the warm-up; the promise is one of 1,000 clicks and 50 activations.
CLICKS, ACTIVATIONS = (1000, 50) if ALL else (60, 6)
WARM_UP = 10 if ALL else 2
FLAT = 1.05
SLICES = 6
# What an activation, a click or a write makes.
MADE = ("Workbench", "EffectController", "Draft", "PromptSet", "StoredPrompts", "Reply", "VoxelPlane", "QTimer")
PAGES = Path("/proc/self/statm")

pytestmark = pytest.mark.slow


def resident(process):
    """Bytes of a process in memory, its part of shared memory included."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def place(application, real, tiny_choice, monkeypatch):
    """A scan of bright discs, with the effect known and its model chosen."""
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    monkeypatch.setattr(InferenceSession, "instance", classmethod(lambda cls: real))
    application.registerEffect(EFFECT)
    monkeypatch.setattr("SegmentEditorSAMAdaptLib.edit.ModelUse.modelChoice", lambda *_names: tiny_choice)
    array = np.random.default_rng(0).integers(0, 60, (SLICES, 32, 40)).astype(np.int16)
    array[:, 10:21, 14:27] += 150
    volume = scenes.volume(matrix=np.diag([1.0, 1, 2, 1]), array=array, name="Column")
    segmentation = scenes.segmentation(volume, "column", "other")
    editor = application.segmentEditor(segmentation, volume, "column")
    nodes = {"volume": volume, "segmentation": segmentation, "editor": editor}
    yield SimpleNamespace(application=application, session=real, **nodes)
    editor.close()
    application.forgetEffects()


def work(place, number):
    """An activation: some clicks, accepted, corrected, taken back, undone, and a propagation; then the effect is left.

    Returns:
        how many clicks were answered.
    """
    application, editor, view = place.application, place.editor, place.application.view("Red")
    editor.setCurrentSegmentID("column")
    editor.setActiveEffect("SAM Adapt")
    controller = editor.effect.workbench.controller
    view.show(place.volume)
    view.enter()
    clicks = CLICKS // ACTIVATIONS
    for click in range(clicks):
        where = (16.0 + (number + click) % 8, 12.0 + click % 6, 2.0 * ((number + click) % SLICES))
        view.clickAt(where, ctrl=click % 5 == 4)
        wait(application, editor, lambda: not controller.waiting)
        assert controller.drafts and controller.drafts[-1].reply is None, status(editor)
        if click % 4 == 1:
            view.key("BackSpace")
        elif click % 4 == 3:
            view.key("Return")
            editor.undo()
    editor.effect.options.ui.bothButton.click()
    wait(application, editor, lambda: not editor.effect.workbench.running)
    editor.setActiveEffect(None)
    # The user goes on with the next structure.
    segments = place.segmentation.GetSegmentation()
    segments.RemoveSegment("column")
    segments.AddEmptySegment("column", "column")
    return clicks


def counted(place):
    """What there is here: observers of nodes, nodes, objects of the effect."""
    import slicer

    nodes = [*lasting(place.application), place.volume, place.segmentation, place.editor.node]
    return {"observers": observers(nodes), "nodes": slicer.mrmlScene.GetNumberOfNodes(), **alive(*MADE)}


def test_nothing_gathers(place, tally):
    """As long as it is warm; the worker is the same all the time."""
    one = tally("memory: clicks and activations")
    key = one.given(f"{CLICKS} {ACTIVATIONS}".encode())
    for number in range(WARM_UP):
        work(place, number)
    worker, here = place.session._client.pid, os.getpid()
    before = counted(place)
    gc.collect()
    sizes = [(resident(here), resident(worker))] if PAGES.is_file() else []
    clicks = 0
    for number in range(ACTIVATIONS):
        clicks += work(place, number)
        if sizes and number % 10 == 9:
            gc.collect()
            sizes.append((resident(here), resident(worker)))
    assert clicks == CLICKS and place.session._client.pid == worker
    assert counted(place) == before
    for first, *later in zip(*sizes, strict=True):
        assert max(later, default=0) <= FLAT * first, sizes
    one.survived(key)
    assert not place.application.faults
