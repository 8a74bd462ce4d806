"""Auto and Find as a user presses them, with a real worker and small adapters on the shelf."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from Testing.adapters import make_finder, make_reader, segmented
from Testing.clip import make_clip
from Testing.extension.effect_tools import EFFECT, segment_array
from Testing.extension.panel_job import make_segmentation, tiny_weights  # noqa: F401
from Testing.extension.test_story_worker import real, status, wait  # noqa: F401
from Testing.tiny import TINY_VIT, scan

SLICES = 40


@pytest.fixture(scope="module")
def shelf(tiny_weights, tmp_path_factory):  # noqa: F811
    """A folder with an adapter that finds, and one that reads by the text model beside them."""
    folder = tmp_path_factory.mktemp("shelf")
    make_finder(folder / "finder", tiny_weights)
    make_reader(folder / "reader", tiny_weights, make_clip(folder.with_name("clip")))
    return folder


@pytest.fixture
def volume(application):
    """The small scan, tilted nowhere, with many slices."""
    import slicer

    found, _ = scan(slices=SLICES)
    node = slicer.util.addVolumeFromArray(found.array.copy(), found.geometry.ijk_to_ras, "patient")
    node.CreateDefaultDisplayNodes()
    return node


@pytest.fixture
def segmentation(volume):
    """A segmentation with "other" (selected) and "bean", of which a corner is drawn."""
    drawn = np.zeros((SLICES, 40, 56), bool)
    drawn[3, :4, :4] = True
    return make_segmentation(volume, {"other": np.zeros_like(drawn), "bean": drawn})


@pytest.fixture
def editor(application, real, volume, segmentation, shelf, tiny_weights, monkeypatch):  # noqa: F811
    """A segment editor with the effect, which offers the adapters of the shelf."""
    from SAMAdaptModuleLib.app.Settings import Settings
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession, ModelChoice

    Settings().adapterShelf = shelf
    monkeypatch.setattr(InferenceSession, "instance", classmethod(lambda cls: real))
    application.registerEffect(EFFECT)

    def choice(_model, adapter):
        folder = None if adapter == "none" else adapter
        return ModelChoice(model=None, checkpoint=str(tiny_weights), adapter=folder, device="cpu", entry=TINY_VIT)

    monkeypatch.setattr(import_module("SegmentEditorSAMAdaptLib.edit.ModelUse"), "modelChoice", choice)
    editor = application.segmentEditor(segmentation, volume, "other")
    editor.setActiveEffect("SAM Adapt")
    application.view("Red").show(volume)
    yield editor
    application.forgetEffects()


def use(application, editor, adapter):
    """Choose an adapter by its name, and wait until it is loaded."""
    combo = editor.effect.options.ui.adapterComboBox
    combo.currentIndex = combo.findText(adapter)
    ui = editor.effect.options.ui
    wait(application, editor, lambda: ui.autoButton.enabled or ui.findButton.enabled)
    assert (ui.autoButton.enabled, ui.findButton.enabled) == (adapter == "finder", adapter == "reader")


def of(segmentation, name, volume):
    segment = segmentation.GetSegmentation().GetSegmentIdBySegmentName(name)
    return segment_array(segmentation, segment, volume)


def library_volume(node):
    from SAMAdaptModuleLib.scene.SceneVolume import libraryVolume

    return libraryVolume(node)


def test_auto_gives_what_the_library_gives(application, editor, volume, segmentation, shelf, tiny_weights):  # noqa: F811
    ui, bench = editor.effect.options.ui, editor.effect.workbench
    use(application, editor, "finder")
    drawn = of(segmentation, "bean", volume)
    wanted = segmented(tiny_weights, shelf / "finder", library_volume(volume))
    ui.autoButton.click()
    wait(application, editor, lambda: bench.volumeSegmentation._found)
    assert bench.running and not ui.autoButton.enabled
    wait(application, editor, lambda: not bench.running)
    assert status(editor).startswith("Found: disc on")
    # All segments may be overwritten, so that the later class takes what both want.
    assert np.array_equal(of(segmentation, "bean", volume), wanted["bean"] | drawn) and wanted["bean"].any()
    assert np.array_equal(of(segmentation, "disc", volume), wanted["disc"] & ~wanted["bean"])
    assert editor.currentSegmentID() == "other"
    editor.undo()
    names = [segmentation.GetSegmentation().GetNthSegment(i).GetName() for i in range(2)]
    assert names == ["other", "bean"] and segmentation.GetSegmentation().GetNumberOfSegments() == 2
    assert np.array_equal(of(segmentation, "bean", volume), drawn)


def test_a_stopped_run_writes_what_it_has_and_a_dropped_one_nothing(application, editor, volume, segmentation, real):  # noqa: F811
    view, ui, bench = application.view("Red"), editor.effect.options.ui, editor.effect.workbench
    use(application, editor, "finder")
    # Other voxels, whose embeddings no test before has left.
    import slicer

    slicer.util.arrayFromVolume(volume)[:] += np.arange(SLICES, dtype=np.int16)[:, None, None] % 7
    slicer.util.arrayFromVolumeModified(volume)
    ui.autoButton.click()
    wait(application, editor, lambda: len(bench.volumeSegmentation._found) > 2)
    view.key("Escape")
    assert not bench.running and ui.autoButton.enabled
    wait(application, editor, lambda: not real._requests.pending)
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 2
    ui.autoButton.click()
    wait(application, editor, lambda: len(bench.volumeSegmentation._found) > 5)
    ui.stopButton.click()
    wait(application, editor, lambda: not bench.running)
    slices = np.flatnonzero(of(segmentation, "disc", volume).any(axis=(1, 2)))
    assert 5 < len(slices) <= SLICES and slices[0] == 0 and slices[-1] == len(slices) - 1


def test_the_volume_goes_in_mid_run(application, editor, volume, segmentation, real):  # noqa: F811
    import slicer

    ui, bench = editor.effect.options.ui, editor.effect.workbench
    use(application, editor, "finder")
    ui.autoButton.click()
    wait(application, editor, lambda: bench.running)
    slicer.mrmlScene.RemoveNode(volume)
    assert not bench.running
    wait(application, editor, lambda: not real._requests.pending)
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 2 and real._client.alive


def test_words_give_what_the_library_gives(application, editor, volume, segmentation, shelf, tiny_weights):  # noqa: F811
    ui, bench = editor.effect.options.ui, editor.effect.workbench
    use(application, editor, "reader")
    ui.textEdit.text = "the disc"
    ui.textEdit.returnPressed.emit()
    wait(application, editor, lambda: not bench.running)
    wanted = segmented(tiny_weights, shelf / "reader", library_volume(volume), {"a": "the disc"})["a"]
    assert np.array_equal(of(segmentation, "other", volume), wanted) and wanted.any()
    editor.undo()
    assert not of(segmentation, "other", volume).any()
    # A model that is loaded anew has not read its text model yet.
    use(application, editor, "finder")
    clip = shelf.with_name("clip")
    clip.rename(clip.with_name("away"))
    try:
        use(application, editor, "reader")
        ui.findButton.click()
        wait(application, editor, lambda: not bench.running)
        assert "text model" in status(editor) and str(clip) in status(editor)
    finally:
        clip.with_name("away").rename(clip)


def test_a_session_that_went_elsewhere_comes_back(
    application,
    editor,
    volume,
    segmentation,
    shelf,
    real,  # noqa: F811
    tiny_weights,  # noqa: F811
):
    import slicer

    ui, bench = editor.effect.options.ui, editor.effect.workbench
    use(application, editor, "finder")
    other = slicer.util.addVolumeFromArray(
        np.zeros((3, 40, 56), np.int16) + np.arange(56, dtype=np.int16), name="other"
    )
    real.useVolume(other)
    ui.autoButton.click()
    wait(application, editor, lambda: not bench.running)
    wanted = segmented(tiny_weights, shelf / "finder", library_volume(volume))
    assert np.array_equal(of(segmentation, "disc", volume), wanted["disc"] & ~wanted["bean"])
