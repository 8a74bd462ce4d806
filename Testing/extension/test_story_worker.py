"""The effect with a real worker and a small model: propagation, cancelling, a worker and nodes that go in between."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from Testing.extension.effect_tools import effect, plane_of, status, wait
from Testing.harness import scenes
from Testing.harness.scenes import segmentArray

SLICES = 60
CENTRE = (20.3, 15.2)


def make_volume(seed=0):
    """A bright column on noise through all slices; voxel (i, j, k) lies at (i, j, 2 k) mm."""
    array = np.random.default_rng(seed).integers(0, 60, (SLICES, 32, 40)).astype(np.int16)
    array[:, 10:21, 14:27] += 150
    return scenes.volume(matrix=np.diag([1.0, 1, 2, 1]), array=array, name=f"Column {seed}")


@pytest.fixture
def volume(application):
    return make_volume()


@pytest.fixture
def segmentation(volume):
    return scenes.segmentation(volume, "column", "other")


@pytest.fixture
def editor(application, real, volume, segmentation, tiny_choice):
    """A segment editor with the effect, which has its plane encoded already."""
    with effect(application, real, segmentation, volume, "column", tiny_choice) as editor:
        application.view("Red").enter()
        wait(application, editor, lambda: real.isReady(plane_of(application, volume)))
        yield editor


def place(slice_index, dx=0.0):
    return (CENTRE[0] + dx, CENTRE[1], 2.0 * slice_index)


def test_a_propagation_is_dropped_by_escape_kept_by_stop_and_undone_at_once(
    application, editor, volume, segmentation, real
):
    view, ui, bench = application.view("Red"), editor.effect.options.ui, editor.effect.workbench
    view.drag(place(30, -8), tuple(np.array(place(30, 8)) + (0, 8, 0)))
    wait(application, editor, lambda: not bench.controller.waiting)
    ui.bothButton.click()
    wait(application, editor, lambda: len(bench.propagation._masks) > 2)
    # The views show what comes in, the segment has nothing yet.
    assert bench.propagation.running and not segmentArray(segmentation, "column", volume).any()
    view.key("Escape")
    assert not bench.propagation.running and ui.bothButton.enabled
    wait(application, editor, lambda: not real._client.pending)
    assert not segmentArray(segmentation, "column", volume).any()
    assert len(bench.controller.drafts) == 1

    ui.bothButton.click()
    wait(application, editor, lambda: len(bench.propagation._masks) > 2)
    ui.stopButton.click()
    wait(application, editor, lambda: not bench.propagation.running)
    stopped = segmentArray(segmentation, "column", volume)
    kept = np.flatnonzero(stopped.any(axis=(1, 2)))
    assert 1 < len(kept) < SLICES and np.ptp(kept) == len(kept) - 1 and 30 in kept
    assert f"{len(kept)} slices written" in status(editor)

    ui.bothButton.click()
    wait(application, editor, lambda: not bench.propagation.running)
    whole = segmentArray(segmentation, "column", volume)
    assert whole.any(axis=(1, 2)).sum() > len(kept) and not (stopped & ~whole).any()
    editor.undo()
    assert np.array_equal(segmentArray(segmentation, "column", volume), stopped)
    editor.undo()
    assert not segmentArray(segmentation, "column", volume).any()
    editor.redo()
    editor.redo()
    assert np.array_equal(segmentArray(segmentation, "column", volume), whole)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_worker_killed_in_mid_click(application, editor, volume, segmentation, real):
    view, bench = application.view("Red"), editor.effect.workbench
    view.clickAt(place(20))
    wait(application, editor, lambda: not bench.controller.waiting)
    view.key("Return")
    accepted = segmentArray(segmentation, "column", volume)
    first = real._client.pid
    os.kill(first, signal.SIGSTOP)
    view.clickAt(place(40))
    assert bench.controller.waiting
    os.kill(first, signal.SIGKILL)
    wait(application, editor, lambda: not bench.controller.waiting)
    label = editor.effect.options.ui.statusLabel
    assert "ended by itself (Exit code -9). Click again" in label.text and "Exit code -9" in label.toolTip
    assert np.array_equal(segmentArray(segmentation, "column", volume), accepted)
    (draft,) = bench.controller.drafts
    assert draft.prompts.labels == [1] and draft.mask is None
    view.clickAt(place(40, 3))
    wait(application, editor, lambda: not bench.controller.waiting)
    assert real._client.pid != first and not label.text
    assert draft.prompts.labels == [1, 1] and draft.mask is not None
    view.key("Return")
    found = segmentArray(segmentation, "column", volume)
    assert np.array_equal(np.flatnonzero((found ^ accepted).any(axis=(1, 2))), [40] if draft.mask.any() else [])


@pytest.mark.parametrize("what", ["volume", "segment"])
def test_what_is_deleted_in_mid_prompt_leaves_a_session_that_works(
    application, editor, volume, segmentation, real, what
):
    import slicer

    view, bench = application.view("Red"), editor.effect.workbench
    # A plane that is not encoded, so that the answer is not there within the event.
    view.rotate(20, (1, 0, 0))
    view.clickAt(place(25))
    assert bench.controller.waiting
    if what == "volume":
        slicer.mrmlScene.RemoveNode(volume)
        volume = make_volume(1)
        editor.setSourceVolumeNode(volume)
        segment = "column"
    else:
        segmentation.GetSegmentation().RemoveSegment("column")
        segment = "other"
        editor.setCurrentSegmentID(segment)
        # Without a segment there was no effect.
        assert editor.effect is None
        editor.setActiveEffect("SAM Adapt")
    assert not bench.controller.drafts
    bench = editor.effect.workbench
    wait(application, editor, lambda: not real._client.pending)
    view.setOrientation("Axial")
    view.show(volume)
    view.drag(place(25, -8), tuple(np.array(place(25, 8)) + (0, 8, 0)))
    wait(application, editor, lambda: not bench.controller.waiting)
    assert not status(editor)
    (draft,) = bench.controller.drafts
    view.key("Return")
    plane = plane_of(application, volume)
    assert plane.index == 25
    assert np.array_equal(plane.fromSegmentation(segmentation, segment), draft.mask)
