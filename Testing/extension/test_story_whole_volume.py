"""Auto and Find as a user presses them, with a real worker and small adapters on the shelf."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from Testing.clip import make_clip
from Testing.extension.effect_tools import effect, status, wait
from Testing.harness import scenes
from Testing.harness.scenes import segmentArray
from Testing.tiny import scan
from Testing.untrained import make_finder, make_labeller, make_reader, segmented

SLICES = 40


@pytest.fixture(scope="module")
def shelf(tiny_weights, tmp_path_factory):
    """A folder with an adapter that finds, one that labels, and one that reads by the text model beside them."""
    folder = tmp_path_factory.mktemp("shelf")
    make_finder(folder / "finder", tiny_weights)
    make_labeller(folder / "labeller", tiny_weights)
    make_reader(folder / "reader", tiny_weights, make_clip(folder.with_name("clip")))
    return folder


@pytest.fixture
def volume(application):
    """The small scan, tilted nowhere, with many slices."""
    found, _ = scan(slices=SLICES)
    return scenes.volume(matrix=found.geometry.ijk_to_ras, array=found.array.copy(), name="patient")


@pytest.fixture
def segmentation(volume):
    """A segmentation with "other" (selected) and "bean", of which a corner is drawn."""
    drawn = np.zeros((SLICES, 40, 56), bool)
    drawn[3, :4, :4] = True
    return scenes.segmentation(volume, **{"other": np.zeros_like(drawn), "bean": drawn})


@pytest.fixture
def editor(application, real, volume, segmentation, shelf, tiny_choice):
    """A segment editor with the effect, which offers the adapters of the shelf."""
    from SAMAdaptModuleLib.app.Settings import Settings

    def choice(_model, adapter, _weights):
        return replace(tiny_choice, adapter=None if adapter == "none" else adapter)

    Settings().adapterShelf = shelf
    with effect(application, real, segmentation, volume, "other", choice) as editor:
        yield editor


def use(application, editor, adapter):
    """Choose an adapter by its name, and wait until it is loaded."""
    combo = editor.effect.options.ui.adapterComboBox
    combo.currentIndex = combo.findText(adapter)
    ui = editor.effect.options.ui
    wait(application, editor, lambda: ui.autoButton.enabled or ui.findButton.enabled)
    assert (ui.autoButton.enabled, ui.findButton.enabled) == (adapter != "reader", adapter == "reader")


def library_volume(node):
    from SAMAdaptModuleLib.scene.SceneVolume import libraryVolume

    return libraryVolume(node)


def test_auto_gives_what_the_library_gives(application, editor, volume, segmentation, shelf, tiny_weights):
    ui, bench = editor.effect.options.ui, editor.effect.workbench
    use(application, editor, "finder")
    drawn = segmentArray(segmentation, "bean", volume)
    wanted = segmented(tiny_weights, shelf / "finder", library_volume(volume))
    ui.autoButton.click()
    wait(application, editor, lambda: bench.volumeSegmentation._found)
    assert bench.running and not ui.autoButton.enabled
    wait(application, editor, lambda: not bench.running)
    assert status(editor).startswith("Found: disc on")
    # All segments may be overwritten, so that the later class takes what both want.
    assert np.array_equal(segmentArray(segmentation, "bean", volume), wanted["bean"] | drawn) and wanted["bean"].any()
    assert np.array_equal(segmentArray(segmentation, "disc", volume), wanted["disc"] & ~wanted["bean"])
    assert editor.currentSegmentID() == "other"
    editor.undo()
    names = [segmentation.GetSegmentation().GetNthSegment(i).GetName() for i in range(2)]
    assert names == ["other", "bean"] and segmentation.GetSegmentation().GetNumberOfSegments() == 2
    assert np.array_equal(segmentArray(segmentation, "bean", volume), drawn)


def test_a_click_on_what_labels_slices_is_refused_in_words_and_auto_is_not(
    application, editor, volume, segmentation, shelf, tiny_weights
):
    ui, bench = editor.effect.options.ui, editor.effect.workbench
    use(application, editor, "labeller")
    application.view("Red").clickAt(scenes.middle(volume))
    wait(application, editor, lambda: not bench.controller.waiting)
    assert "labels whole slices by itself and answers no prompt" in status(editor) and "Auto" in status(editor)
    wanted = segmented(tiny_weights, shelf / "labeller", library_volume(volume))
    ui.autoButton.click()
    wait(application, editor, lambda: not bench.running)
    assert np.array_equal(segmentArray(segmentation, "disc", volume), wanted["disc"]) and wanted["disc"].any()


def test_a_stopped_run_writes_what_it_has_and_a_dropped_one_nothing(application, editor, volume, segmentation, real):
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
    wait(application, editor, lambda: not real._client.pending)
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 2
    ui.autoButton.click()
    wait(application, editor, lambda: len(bench.volumeSegmentation._found) > 5)
    ui.stopButton.click()
    wait(application, editor, lambda: not bench.running)
    slices = np.flatnonzero(segmentArray(segmentation, "disc", volume).any(axis=(1, 2)))
    assert 5 < len(slices) <= SLICES and slices[0] == 0 and slices[-1] == len(slices) - 1


def test_the_volume_goes_in_mid_run(application, editor, volume, segmentation, real):
    import slicer

    ui, bench = editor.effect.options.ui, editor.effect.workbench
    use(application, editor, "finder")
    ui.autoButton.click()
    wait(application, editor, lambda: bench.running)
    slicer.mrmlScene.RemoveNode(volume)
    assert not bench.running
    wait(application, editor, lambda: not real._client.pending)
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 2 and real._client.alive


def test_words_give_what_the_library_gives(application, editor, volume, segmentation, shelf, tiny_weights):
    ui, bench = editor.effect.options.ui, editor.effect.workbench
    use(application, editor, "reader")
    ui.textEdit.text = "the disc"
    ui.textEdit.returnPressed.emit()
    wait(application, editor, lambda: not bench.running)
    wanted = segmented(tiny_weights, shelf / "reader", library_volume(volume), {"a": "the disc"})["a"]
    assert np.array_equal(segmentArray(segmentation, "other", volume), wanted) and wanted.any()
    editor.undo()
    assert not segmentArray(segmentation, "other", volume).any()
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
    real,
    tiny_weights,
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
    assert np.array_equal(segmentArray(segmentation, "disc", volume), wanted["disc"] & ~wanted["bean"])
