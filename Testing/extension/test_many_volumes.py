"""All loaded volumes, one after the other: by a real worker as the library has it, and what may happen on the way."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.service.protocol import Done, Failed, Load, Progress, Ready, SegmentVolume, SliceMask
from SAMAdaptLib.service.reply import Reply
from Testing.extension.effect_tools import KnownSession, conclude
from Testing.extension.panel_job import make_patient, rows
from Testing.extension.test_scene_channels import colour_node
from Testing.harness import scenes
from Testing.harness.qtgate import unwrap
from Testing.harness.scenes import segmentArray
from Testing.tiny import TINY_VIT
from Testing.untrained import make_finder, segmented


class Known(KnownSession):
    """The test concludes what is asked of it; ``closed`` tells whether it was closed."""

    def __init__(self):
        super().__init__()
        self.volume, self.closed, self.model = None, False, None

    def useModel(self, choice):
        self.model = Reply(self.peer, Load(1))
        return self.model

    def useVolume(self, volumeNode, intensity=None):
        super().useVolume(volumeNode, intensity)
        self.volume = volumeNode

    def segmentVolume(self, texts=None, axis=None, clean=True):
        reply = Reply(self.peer, SegmentVolume(88, texts))
        self.segmentation = (texts, reply)
        return reply

    def close(self):
        self.closed = True

    def loaded(self, finds=True, texts=False):
        conclude(self.model, Ready(1, "cpu", "tiny", None, {}, finds=finds, texts=texts))

    def find(self, masks):
        """What was found, bool [K, J, I] by name, on all axial slices."""
        reply = self.segmentation[1]
        for name, mask in masks.items():
            for index in range(len(mask)):
                if mask[index].any():
                    reply.tell(SliceMask(88, "axial", index, PackedMask.of(mask[index]), None, "found", False, name))
        conclude(reply, Done(88, {"cancelled": False}))

    def lose(self, what):
        conclude(self.segmentation[1], Failed(88, what, None, "Try another one"))


SHAPE = (7, 12, 15)


def block(*low):
    """3 x 4 x 5 voxels from there on."""
    mask = np.zeros(SHAPE, bool)
    mask[tuple(slice(a, a + n) for a, n in zip(low, (3, 4, 5), strict=True))] = True
    return mask


def surface(*count):
    """Of a block of so many voxels along I, J, K, cm²: flat faces between the centres of the outer ones, bevelled along
    edges and at corners."""
    step = np.array([0.9, 0.9, 2.5])
    (x, y, z), half = (np.array(count) - 1) * step, step / 2
    edges = 4 * (x * np.hypot(*half[1:]) + y * np.hypot(*half[::2]) + z * np.hypot(*half[:2]))
    corners = 4 * np.sqrt(sum((half[a] * half[b]) ** 2 for a, b in ((0, 1), (1, 2), (0, 2))))
    return (2 * (x * y + y * z + x * z) + edges + corners) / 100


@pytest.fixture
def three(application):
    """Volumes of 0.9 x 0.9 x 2.5 mm, all voxels of the second 7."""
    nodes = [scenes.volume(name=name) for name in ("first", "second", "third")]
    import slicer

    slicer.util.updateVolumeFromArray(nodes[1], np.full(SHAPE, 7, np.int16))
    return nodes


@pytest.fixture
def many(application):
    """A run with a known session, which is its ``session`` once it has begun."""
    from SAMAdaptModuleLib.console.ManyVolumes import ManyVolumes

    many = ManyVolumes(lambda: sessions.append(Known()) or sessions[-1])
    sessions: list[Known] = []
    many.sessions = sessions
    yield many
    many.stop()


def begin(many, nodes, **wish):
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
    from SAMAdaptModuleLib.console.ManyVolumes import Wish

    many.start(nodes, ModelChoice(model="lite_medsam"), Wish(**wish))
    return many.sessions[-1]


def states(many):
    return [case.state for case in many.cases]


def test_one_that_fails_costs_no_other_and_the_table_tells(many, three):
    from SAMAdaptModuleLib.console.VolumeTable import volumeTable

    told, ends = [], []
    many.changed.connect(lambda case: told.append((case.name, case.state, case.done, case.total)))
    many.ended.connect(lambda: ends.append(1))
    session = begin(many, three)
    with pytest.raises(InputError, match="being segmented already"):
        begin(many, three)
    assert session.volume is None and many.running
    session.loaded()
    assert session.volume is three[0] and states(many) == ["running", "waiting", "waiting"]
    session.segmentation[1].tell(Progress(88, 3, 7))
    session.lose("The disk is full")
    assert session.volume is three[1] and states(many) == ["failed", "running", "waiting"]
    both = {"liver": block(1, 2, 3), "spleen": block(4, 8, 10)}
    session.find(both)
    session.find({})
    assert states(many) == ["failed", "done", "done"] and not many.running and session.closed and ends == [1]
    assert ("first", "running", 3, 7) in told and told[-1] == ("third", "done", 0, None)
    found = many.cases[1].segmentationNode
    assert found.GetName() == "second segmentation" and not found.GetDisplayNode().GetVisibility()
    for name, mask in both.items():
        np.testing.assert_array_equal(segmentArray(found, name, three[1]), mask)
    assert many.cases[0].segmentationNode is None
    # 60 voxels of 2.025 mm³.
    table = rows(volumeTable(many.cases))
    assert [(row["Volume"], row["Structure"], row["State"]) for row in table] == [
        ("first", "", "failed"), ("second", "liver", "done"), ("second", "spleen", "done"), ("third", "", "done")
    ]  # fmt: skip
    assert [table[row]["Volume (mL)"] for row in (1, 2)] == [0.1215, 0.1215] and np.isnan(table[0]["Volume (mL)"])
    assert [table[row]["Surface (cm²)"] for row in (1, 2)] == pytest.approx([surface(5, 4, 3)] * 2, rel=1e-3)
    assert (table[1]["Mean value"], table[1]["Slices"]) == (7, 3)
    assert table[0]["Reason"] == "The disk is full. Try another one." and "Nothing was found" in table[3]["Reason"]
    # Another run is one of its own.
    begin(many, three[:1]).loaded()
    assert states(many) == ["running"]


def test_pictures_are_among_them_and_measured_in_pixels(many, three):
    from SAMAdaptModuleLib.console.VolumeTable import volumeTable
    from SAMAdaptModuleLib.scene.SceneVolume import scans

    mask = block(1, 2, 3)[1:2]
    picture = scenes.volume(array=np.where(mask, 200, 9).astype(np.uint8), name="grey")
    photo = colour_node(np.zeros((1, *SHAPE[1:], 3), np.uint8), scenes)
    single = scenes.volume(array=np.zeros((1, *SHAPE[1:]), np.int16), name="scout")
    assert scans() == three
    for node in (picture, photo):
        node.AddDefaultStorageNode()
        node.GetStorageNode().SetFileName(f"/folder/{node.GetName()}.PNG")
    assert scans() == [*three, picture, photo] and single not in scans() and scans(like=three[0]) == three
    session = begin(many, [picture, photo])
    session.loaded()
    session.find({"spot": mask})
    session.find({"spot": mask})
    table = rows(volumeTable(many.cases))
    assert [(row["Pixels"], row["Slices"]) for row in table] == [(20, 1), (20, 1)] and table[0]["Mean value"] == 200
    assert np.isnan([table[0]["Volume (mL)"], table[0]["Surface (cm²)"], table[1]["Mean value"]]).all()


def test_what_is_stopped_is_left_as_it_was(many, three, application):
    import slicer

    session = begin(many, three)
    session.loaded()
    session.find({"liver": block(1, 2, 3)})
    asked = session.segmentation[1]
    asked.tell(SliceMask(88, "axial", 2, PackedMask.of(block(1, 2, 3)[2]), None, "found", False, "liver"))
    many.stop()
    assert states(many) == ["done", "stopped", "stopped"] and session.closed
    assert session.log[-1] == ("cancel", "SegmentVolume")
    conclude(asked, Done(88, {"cancelled": True}))
    assert len(slicer.util.getNodesByClass("vtkMRMLSegmentationNode")) == 1
    many.stop()


def test_volumes_that_go_meanwhile_cost_no_other(many, three):
    import slicer

    from SAMAdaptLib.service.protocol import Superseded

    session = begin(many, three)
    session.loaded()
    slicer.mrmlScene.RemoveNode(three[1])
    # As the session answers when the volume in use is removed.
    slicer.mrmlScene.RemoveNode(three[0])
    conclude(session.segmentation[1], Superseded(88))
    assert states(many) == ["failed", "failed", "running"]
    assert "removed from the scene" in many.cases[0].reason and "no longer in the scene" in many.cases[1].reason
    session.find({"liver": block(1, 2, 3)})
    assert states(many) == ["failed", "failed", "done"]


@pytest.mark.parametrize(
    ("able", "wish", "words"),
    [
        ({"finds": False}, {}, "does not find objects by itself"),
        ({"finds": True}, {"texts": {"a": "a"}}, "reads no words"),
    ],
)
def test_a_model_that_cannot_is_refused_before_the_first(many, three, able, wish, words):
    session = begin(many, three, **wish)
    session.loaded(**able)
    assert states(many) == ["failed"] * 3 and all(words in case.reason for case in many.cases)
    assert session.volume is None and session.closed and not many.running


def test_those_seen_together_are_one_scan(three):
    from SAMAdaptModuleLib.scene.Channels import setFurther
    from SAMAdaptModuleLib.scene.SceneVolume import scans

    first, second, third = three
    assert scans() == three
    setFurther(third, [first])
    assert scans() == [second, third]
    setFurther(first, [third])
    assert scans() == [first, second]


@pytest.mark.slow
def test_a_script_gets_what_the_library_finds_in_each(logic, settings, tiny_weights):
    """In the same worker's words as one volume alone; the session of the Segment Editor keeps its volume and model."""
    from SAMAdaptModuleLib.scene.SceneVolume import libraryVolume

    nodes = [make_patient(seed)[0] for seed in range(2)]
    constant = scenes.volume(array=np.zeros((6, 40, 56), np.int16), name="constant")
    finder = make_finder(settings.adapterShelf / "finder", tiny_weights)
    logic.activateAdapter(None, TINY_VIT.name)
    logic.inference.useVolume(nodes[1])
    before = logic.inference._client.copies
    seen = []
    table = logic.segmentVolumes(
        [nodes[0], constant, nodes[1]], adapter="finder", progress=lambda case: seen.append((case.name, case.state))
    )
    assert logic.inference._client.copies == before and logic.inference.choice.adapter is None
    assert states(logic.manyVolumes) == ["done", "failed", "done"] and not logic.manyVolumes.running
    assert "constant" in logic.manyVolumes.cases[1].reason and seen[0] == ("patient 0", "running")
    found = [row for row in rows(table) if row["Structure"]]
    for node, case in zip(nodes, (logic.manyVolumes.cases[0], logic.manyVolumes.cases[2]), strict=True):
        wanted = segmented(tiny_weights, finder, libraryVolume(node))
        # A voxel belongs to one segment, that of the later class.
        wanted["disc"] &= ~wanted["bean"]
        for name, mask in wanted.items():
            np.testing.assert_array_equal(segmentArray(case.segmentationNode, name, node), mask)
            (row,) = [row for row in found if (row["Volume"], row["Structure"]) == (node.GetName(), name)]
            # Voxels of 1 x 1 x 3 mm.
            assert row["Volume (mL)"] == pytest.approx(mask.sum() * 0.003, rel=1e-3) and mask.any()
    with pytest.raises(InputError, match="no volume to segment"):
        logic.segmentVolumes([])


@pytest.mark.slow
def test_prompts_are_carried_through_their_own_volumes(logic):
    """As by :meth:`propagate`, in another segmentation; one without prompts says what to do."""
    nodes = [make_patient(seed)[0] for seed in range(2)]
    logic.activateAdapter(None, TINY_VIT.name)
    prompted = logic.segmentSlice(nodes[0], segmentName="disc", box=((-10, -10, 9), (-28, -28, 9)))
    logic.segmentSlice(nodes[0], prompted, "bean", box=((-36, -18, 12), (-48, -30, 12)))
    logic.segmentVolumes(prompted=True)
    case, other = logic.manyVolumes.cases
    assert (case.state, other.state) == ("done", "failed")
    assert "No segmentation of this volume has prompts" in other.reason and "with the effect SAM Adapt" in other.reason
    assert case.segmentationNode is not prompted
    alone = scenes.segmentation(nodes[0])
    for name in ("disc", "bean"):
        from SAMAdaptModuleLib.scene.SegmentPrompts import readPrompts, writePrompts

        alone.GetSegmentation().AddEmptySegment(name, name)
        source = prompted.GetSegmentation().GetSegmentIdBySegmentName(name)
        writePrompts(alone, name, readPrompts(prompted, source))
        logic.propagate(nodes[0], alone, name)
    for name in ("disc", "bean"):
        wanted = segmentArray(alone, name, nodes[0])
        np.testing.assert_array_equal(segmentArray(case.segmentationNode, name, nodes[0]), wanted)
    assert wanted.any()


# The panel


@pytest.fixture
def sessions(logic):
    """The sessions that the panel's runs ask, known ones."""
    made: list[Known] = []
    logic.manyVolumes._newSession = lambda: made.append(Known()) or made[-1]
    logic.activateAdapter(None, TINY_VIT.name)
    return made


def texts(panel):
    table = panel.ui.allTable
    return [[table.item(row, column).text() for column in range(3)] for row in range(table.rowCount)]


def test_the_panel_tells_of_each_and_shows_one(application, panel, sessions, three):
    import slicer

    ui = panel.ui
    assert unwrap(ui.allTable).isHidden() and unwrap(ui.allTextEdit).isHidden()
    ui.allButton.click()
    session = sessions[-1]
    session.loaded()
    assert ui.allButton.text == "Stop" and not ui.allTableButton.enabled
    session.segmentation[1].tell(Progress(88, 3, 7))
    assert texts(panel) == [["first", "running 3/7", ""], ["second", "waiting", ""], ["third", "waiting", ""]]
    session.lose("The disk is full")
    session.find({"liver": np.ones(SHAPE, bool), "spleen": block(1, 2, 3)})
    assert (ui.allBar.value, ui.allBar.maximum) == (2, 3)
    ui.allButton.click()
    # All but the 60 voxels within, which the later one has taken.
    small = surface(5, 4, 3)
    large = surface(*SHAPE[::-1]) + small
    assert texts(panel) == [
        ["first", "failed", "The disk is full. Try another one."],
        ["second", "done", f"liver 2.4 mL ({large:.1f} cm²), spleen 0.1 mL ({small:.1f} cm²)"],
        ["third", "stopped", ""],
    ]
    assert ui.allButton.text == "Segment all volumes" and unwrap(ui.allBar).isHidden()
    ui.allTableButton.click()
    (table,) = slicer.util.getNodesByClass("vtkMRMLTableNode")
    assert [row["Structure"] for row in rows(table)] == ["", "liver", "spleen", ""]
    panel.volumesStep.onShow(1)
    assert application.view("Red").sliceLogic.GetBackgroundLayer().GetVolumeNode() is three[1]
    assert panel.logic.manyVolumes.cases[1].segmentationNode.GetDisplayNode().GetVisibility()
    slicer.mrmlScene.RemoveNode(three[0])
    panel.volumesStep.onShow(0)
    assert "no longer in the scene" in application.dialogs.texts("errorDisplay")[-1]
    ui.allButton.click()
    slicer.mrmlScene.Clear(0)
    assert sessions[-1].closed and texts(panel) == [] and not panel.logic.manyVolumes.running


def test_words_are_asked_for_and_go_to_segments_of_their_names(application, panel, sessions, three):
    ui = panel.ui
    ui.allModeSelector.setCurrentIndex(1)
    assert not unwrap(ui.allTextEdit).isHidden()
    ui.allTextEdit.text = " ,"
    ui.allButton.click()
    assert "no words to look for" in application.dialogs.texts("errorDisplay")[-1] and not sessions
    ui.allTextEdit.text = "liver, left kidney "
    ui.allButton.click()
    sessions[-1].loaded(texts=True)
    assert sessions[-1].segmentation[0] == {"liver": "liver", "left kidney": "left kidney"}
