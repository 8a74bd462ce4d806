"""Volumes of a sequence: what belongs to a frame stays with it, and a segment is carried along time."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from Testing.extension.effect_tools import answer_to, conclude, effect, status
from Testing.extension.panel_job import rows
from Testing.harness.scenes import affine, fill, middle, segmentArray, segmentation, volume
from Testing.tiny import TINY_VIT

COUNT, SHAPE = 4, (5, 30, 40)


@pytest.fixture
def film(application):
    """(browser, volume node) of a sequence of four frames, as Slicer loads it: noise with a block that moves."""
    import slicer

    scene, rng = slicer.mrmlScene, np.random.default_rng(0)
    sequence = scene.AddNewNodeByClass("vtkMRMLSequenceNode", "cine")
    sequence.SetIndexName("time")
    sequence.SetIndexUnit("s")
    for t in range(COUNT):
        array = rng.integers(0, 100, SHAPE).astype(np.int16)
        array[1:4, 10:20, 10 + t : 25 + t] += 200
        node = volume(matrix=affine(np.diag([-1, -1, 1]), (1, 1, 3)), array=array, name=f"frame {t}")
        sequence.SetDataNodeAtValue(node, f"{0.25 * t:g}")
        scene.RemoveNode(node)
    browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateAllProxyNodes()
    return browser, browser.GetProxyNode(sequence)


def test_another_frame_under_the_same_node_is_another_volume(film):
    from SAMAdaptModuleLib.scene.SceneVolume import libraryVolume, volumeKey

    browser, node = film
    keys, hashes = [], []
    for frame in (0, 1, 2, 0):
        browser.SetSelectedItemNumber(frame)
        keys.append(volumeKey(node))
        hashes.append(libraryVolume(node).content_hash)
    assert len({*keys[:3]}) == 3 and len({*hashes}) == 3
    # What embeddings are kept by is that of the frame again.
    assert hashes[3] == hashes[0]
    # All frames are of one patient in a library.
    assert libraryVolume(node).film == hashes[0]
    browser.SetSelectedItemNumber(2)
    assert libraryVolume(node).film == hashes[0] != libraryVolume(node).content_hash


def arrayOf(node):
    import slicer

    return slicer.util.arrayFromVolume(node)


def follow(node, segmentationNode, browser):
    from SAMAdaptModuleLib.scene.Sequences import followFrames

    return followFrames(segmentationNode, browser)


def test_each_frame_has_a_segmentation_of_its_own(film):
    import vtk

    browser, node = film
    liver = np.zeros(SHAPE, bool)
    liver[2, 3:9, 4:11] = True
    segmentationNode = segmentation(node, "spleen", liver=liver)
    segmentationNode.GetSegmentation().GetSegment("liver").SetTag("SAMAdapt.Prompts", "{}")
    segmentationNode.GetSegmentation().GetSegment("liver").SetColor(0.25, 0.5, 1)
    browser.SetSelectedItemNumber(1)
    sequence = follow(node, segmentationNode, browser)
    assert sequence.GetNumberOfDataNodes() == COUNT and browser.GetSaveChanges(sequence)
    assert (sequence.GetIndexName(), sequence.GetIndexUnit()) == ("time", "s")
    for frame in (1, 0, 3, 1):
        browser.SetSelectedItemNumber(frame)
        held = segmentArray(segmentationNode, "liver", node).astype(bool)
        assert np.array_equal(held, liver if frame == 1 else np.zeros(SHAPE, bool))
        segment, text = segmentationNode.GetSegmentation().GetSegment("liver"), vtk.reference("")
        assert segment.GetTag("SAMAdapt.Prompts", text) == (frame == 1)
        assert segment.GetColor() == pytest.approx((0.25, 0.5, 1))
        assert list(segmentationNode.GetSegmentation().GetSegmentIDs()) == ["spleen", "liver"]
    # What is drawn on a frame stays there, also when it is asked for once more.
    browser.SetSelectedItemNumber(3)
    fill(segmentationNode, "spleen", liver, node)
    assert follow(node, segmentationNode, browser) is sequence
    sums = []
    for frame in range(COUNT):
        browser.SetSelectedItemNumber(frame)
        sums.append(int(segmentArray(segmentationNode, "spleen", node).sum()))
    assert sums == [0, 0, 0, int(liver.sum())]


def test_frames_come_back_with_a_saved_scene(application, film, tmp_path):
    import slicer
    import vtk

    browser, node = film
    masks = np.zeros((COUNT, *SHAPE), bool)
    for frame in range(COUNT):
        masks[frame, 2, 3 : 6 + frame, 4:11] = True
    segmentationNode = segmentation(node, "liver")
    follow(node, segmentationNode, browser)
    for frame in range(COUNT):
        browser.SetSelectedItemNumber(frame)
        fill(segmentationNode, "liver", masks[frame], node)
        segmentationNode.GetSegmentation().GetSegment("liver").SetTag("SAMAdapt.Prompts", str(frame))
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    application.resetScene()
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    browser = slicer.util.getNode("browser")
    (segmentationNode,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    node = browser.GetProxyNode(browser.GetMasterSequenceNode())
    for frame in (0, 3, 1, 2):
        browser.SetSelectedItemNumber(frame)
        assert np.array_equal(segmentArray(segmentationNode, "liver", node).astype(bool), masks[frame])
        text = vtk.reference("")
        assert segmentationNode.GetSegmentation().GetSegment("liver").GetTag("SAMAdapt.Prompts", text)
        assert str(text) == str(frame)


def test_prompts_and_masks_of_the_effect_stay_on_their_frame(application, film, session):
    browser, node = film
    segmentationNode = segmentation(node, "liver")
    follow(node, segmentationNode, browser)
    with effect(application, session, segmentationNode, node, "liver") as editor:
        controller, view = editor.effect.workbench.controller, application.view("Red")
        view.clickAt(middle(node))
        view.key("Return")
        assert len(controller.stored) == 1
        browser.SetSelectedItemNumber(2)
        application.pump()
        assert not controller.stored and not segmentArray(segmentationNode, "liver", node).any()
        # A prompt that is not accepted is dropped with its frame.
        view.clickAt(middle(node))
        assert len(controller.drafts) == 1
        browser.SetSelectedItemNumber(3)
        application.pump()
        assert not controller.drafts and not segmentArray(segmentationNode, "liver", node).any()
        view.clickAt(middle(node) + np.array([3, 3, 0]))
        view.key("Return")
        assert len(controller.stored) == 1 and segmentArray(segmentationNode, "liver", node).any()
        last = controller.stored[0].prompts.points
        browser.SetSelectedItemNumber(0)
        application.pump()
        assert len(controller.stored) == 1 and controller.stored[0].prompts.points != last
        # The segment of the frame at hand is watched: without it there are no prompts.
        segmentationNode.GetSegmentation().GetSegment("liver").RemoveTag("SAMAdapt.Prompts")
        segmentationNode.GetSegmentation().RemoveSegment("liver")
        application.pump()
        assert not controller.stored


def test_a_button_gives_each_frame_its_own(application, film, session, volume_node):
    from SAMAdaptModuleLib.scene.Sequences import follows

    browser, node = film
    segmentationNode = segmentation(node, "liver")
    with effect(application, session, segmentationNode, node, "liver") as editor:
        button, view = editor.effect.frames.button, application.view("Red")
        view.clickAt(middle(node))
        view.key("Return")
        assert not button.isHidden() and not follows(segmentationNode, browser)
        browser.SetPlaybackActive(True)
        button.click()
        assert "playing" in status(editor) and not follows(segmentationNode, browser)
        browser.SetPlaybackActive(False)
        button.click()
        assert "a segmentation of its own" in status(editor)
        application.pump()
        assert button.isHidden() and follows(segmentationNode, browser)
        # What was there stays, and goes on being edited and undone.
        before = segmentArray(segmentationNode, "liver", node)
        assert before.any() and len(editor.effect.workbench.controller.stored) == 1
        view.clickAt(middle(node) + np.array([6, 0, 0]))
        view.key("Return")
        assert segmentArray(segmentationNode, "liver", node).sum() > before.sum()
        browser.SetSelectedItemNumber(1)
        application.pump()
        assert not segmentArray(segmentationNode, "liver", node).any()
        view.clickAt(middle(node))
        view.key("Return")
        editor.undo()
        assert not segmentArray(segmentationNode, "liver", node).any()
        browser.SetSelectedItemNumber(0)
        application.pump()
        assert segmentArray(segmentationNode, "liver", node).sum() > before.sum()
        editor.setSourceVolumeNode(volume_node)
        assert button.isHidden()


def test_to_the_next_frame_with_the_box_of_this_one(application, film, session):
    browser, node = film
    segmentationNode = segmentation(node, "liver")
    with effect(application, session, segmentationNode, node, "liver") as editor:
        frames, view, controller = editor.effect.frames, application.view("Red"), editor.effect.workbench.controller
        frames.button.click()
        application.pump()
        assert frames.button.isHidden() and not frames.nextButton.isHidden()
        frames.nextButton.click()
        assert "No slice of the volume is chosen" in status(editor)
        view.clickAt(middle(node))
        frames.nextButton.click()
        assert "not accepted" in status(editor) and browser.GetSelectedItemNumber() == 0
        view.key("Return")
        before = segmentArray(segmentationNode, "liver", node)
        for frame in (1, 2, 3):
            frames.nextButton.click()
            assert browser.GetSelectedItemNumber() == frame and len(controller.drafts) == 1
            assert not segmentArray(segmentationNode, "liver", node).any()
            view.key("Return")
            found = segmentArray(segmentationNode, "liver", node)
            # The known model answers a box by its inside: what there was, a tenth of it wider at each end.
            index = np.flatnonzero(before.any(axis=(1, 2)))
            assert np.array_equal(np.flatnonzero(found.any(axis=(1, 2))), index)
            (rows_, columns), (rows_before, columns_before) = (np.nonzero(one[index[0]]) for one in (found, before))
            for new, old in ((rows_, rows_before), (columns, columns_before)):
                side = np.ptp(old) + 1
                assert new.min() == np.ceil(old.min() - 0.1 * side) and new.max() == np.floor(old.max() + 0.1 * side)
            before = found
        frames.nextButton.click()
        assert "last frame" in status(editor) and browser.GetSelectedItemNumber() == 3
        browser.SetSelectedItemNumber(0)
        application.pump()
        assert segmentArray(segmentationNode, "liver", node).any() and len(controller.stored) == 1


def carried(session):
    """All that is asked of a frame is answered: each slice by the inside of its box; the slices of each time."""
    from SAMAdaptLib.service.packed import PackedMask
    from SAMAdaptLib.service.protocol import Done, SliceMask

    asked = []
    while session.propagation is not None:
        (axis, prompts, rules, reply), session.propagation = session.propagation, None
        for index, prompt in prompts.items():
            mask = PackedMask.of(answer_to(prompt, SHAPE[1:]))
            reply.tell(SliceMask(77, axis, index, mask, 0.9, "test", False))
        asked.append(([*prompts], rules.get("first"), rules.get("last")))
        conclude(reply, Done(77, {}))
    return asked


def test_to_all_frames_from_the_one_at_hand(application, film, session):
    browser, node = film
    segmentationNode = segmentation(node, "liver")
    with effect(application, session, segmentationNode, node, "liver") as editor:
        frames, view, ui = editor.effect.frames, application.view("Red"), editor.effect.options.ui
        workbench = editor.effect.workbench
        frames.button.click()
        browser.SetSelectedItemNumber(1)
        frames.allButton.click()
        assert "No slice of the volume is chosen" in status(editor)
        view.drag(middle(node) - [5, 4, 0], middle(node) + [5, 4, 0])
        view.key("Return")
        before = segmentArray(segmentationNode, "liver", node).astype(bool)
        # Only bright voxels may be edited.
        editor.node.SourceVolumeIntensityMaskOn()
        editor.node.SetSourceVolumeIntensityMaskRange(150, 400)

        frames.allButton.click()
        assert workbench.running and browser.GetSelectedItemNumber() == 0
        view.clickAt(middle(node))
        assert "have to wait" in status(editor)
        # Only the slice that it is on, and the known frame is not asked about.
        assert carried(session) == [([2], 2, 2)] * 3
        assert not workbench.running and browser.GetSelectedItemNumber() == 1 and workbench.subject.plane.index == 2
        assert np.array_equal(segmentArray(segmentationNode, "liver", node), before)
        rows_, columns = (np.unique(one) for one in np.nonzero(before[2]))
        for frame in range(COUNT):
            browser.SetSelectedItemNumber(frame)
            held = segmentArray(segmentationNode, "liver", node).astype(bool)
            grown, wide = np.zeros(SHAPE, bool), [[rows_.min(), rows_.max()], [columns.min(), columns.max()]]
            for _ in range(abs(frame - 1)):
                # A tenth of the side wider at each end, from frame to frame.
                sides = [high - low + 1 for low, high in wide]
                wide = [
                    [int(np.ceil(low - side / 10)), int(np.floor(high + side / 10))]
                    for (low, high), side in zip(wide, sides, strict=True)
                ]
            grown[2, wide[0][0] : wide[0][1] + 1, wide[1][0] : wide[1][1] + 1] = True
            assert frame == 1 or np.array_equal(held, grown & (arrayOf(node) >= 150))
            if frame == 3:
                assert f"on 4 of 4 frames: {held.sum() * 3 / 1000:.4g} mL at most (frame 4)" in status(editor)

        # Stop keeps what is finished; so does who goes to another frame, and stays there.
        browser.SetSelectedItemNumber(1)
        view.clickAt(middle(node))
        view.key("Return")
        frames.allButton.click()
        ui.stopButton.click()
        assert ("cancel", "Propagate") in session.log
        carried(session)
        assert not workbench.running and browser.GetSelectedItemNumber() == 1 and "no other frame" in status(editor)
        frames.allButton.click()
        browser.SetSelectedItemNumber(3)
        assert not workbench.running and browser.GetSelectedItemNumber() == 3
        carried(session)
        assert browser.GetSelectedItemNumber() == 3


def test_a_segment_is_carried_along_time(application, film, logic):
    browser, node = film
    logic.activateAdapter(None, TINY_VIT.name)
    browser.SetSelectedItemNumber(1)
    found = logic.segmentSlice(node, segmentName="liver", points=[(-18, -15, 6, 1)])
    before = segmentArray(found, "liver", node).astype(bool)
    steps = []
    loose = {"min_iou": 0.0, "area_ratio": (0.0, 1e9), "min_predicted_iou": 0.0, "max_missing": COUNT}
    table = logic.propagateTime(
        node, found, "liver", through=False, progress=lambda done, total: steps.append((done, total)), **loose
    )
    assert steps == [(frame, COUNT) for frame in range(1, COUNT + 1)] and browser.GetSelectedItemNumber() == 1
    assert np.array_equal(segmentArray(found, "liver", node), before)
    told = rows(table)
    assert [row["Frame"] for row in told] == [1, 2, 3, 4]
    assert [row["time (s)"] for row in told] == ["0", "0.25", "0.5", "0.75"]
    for frame in range(COUNT):
        browser.SetSelectedItemNumber(frame)
        mask = segmentArray(found, "liver", node).astype(bool)
        assert mask[2].any() and not mask[[0, 1, 3, 4]].any()
        assert told[frame]["Volume (mL)"] == pytest.approx(mask.sum() * 3 / 1000)
    # Through the volume of each frame what was found along time stays.
    logic.propagateTime(node, found, "liver", **loose)
    sizes = []
    for frame in range(COUNT):
        browser.SetSelectedItemNumber(frame)
        sizes.append(int(segmentArray(found, "liver", node).any(axis=(1, 2)).sum()))
    assert min(sizes) > 1


def test_what_is_no_sequence_is_told(film, logic, patient):
    volume_node, labels = patient
    with pytest.raises(InputError, match="not one of a sequence"):
        logic.propagateTime(volume_node, labels, "disc")
    browser, node = film
    empty = segmentation(node, "liver")
    with pytest.raises(InputError, match="on no axial slice yet"):
        logic.propagateTime(node, empty, "liver")
    # Nothing has become a sequence by that.
    assert browser.GetSequenceNode(empty) is None
    browser.SetPlaybackActive(True)
    with pytest.raises(InputError, match="is playing"):
        logic.propagateTime(node, empty, "liver")
    browser.SetPlaybackActive(False)
