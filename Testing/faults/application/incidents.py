"""What a user, a script or the application does to a scene while the effect is at work on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import slicer

from Testing.extension.panel_job import MODULE
from Testing.harness import scenes

SHAPE = (20, 30, 40)
SEGMENTS = ("liver", "spleen", "left kidney")


@dataclass
class Place:
    """Where the effect works: on "liver" of a segmentation, beside which lie segments and a segmentation of others.

    Attributes:
        application: the stand-in.
        editor: with the effect.
        session: that answers.
        volume: node.
        segmentation: node, with "liver", which is empty, and a drawn "spleen".
        bystander: a segmentation with the same segments on the same volume, which is nobody's business.
    """

    application: Any
    session: Any
    editor: Any = None
    volume: Any = None
    segmentation: Any = None
    bystander: Any = None
    modules: list[Any] = field(default_factory=list)

    def fill(self) -> None:
        """Put nodes into the scene, and work on them."""
        straight = scenes.affine(np.diag([-1, -1, 1]), (0.8, 0.8, 2.5), (10, 20, -30))
        self.volume = scenes.volume(matrix=straight, array=voxels(), name="Scan")
        self.segmentation = scenes.segmentation(self.volume, "liver", spleen=drawn(), name="Organs")
        masks = {name: np.roll(drawn(), shift, axis=2) for shift, name in enumerate(SEGMENTS)}
        self.bystander = scenes.segmentation(self.volume, name="Others", **masks)
        if self.editor is None:
            self.editor = self.application.segmentEditor()
        self.editor.setSegmentationNode(self.segmentation)
        self.editor.setSourceVolumeNode(self.volume)
        self.editor.setCurrentSegmentID("liver")
        self.application.view("Red").show(self.volume)

    def unload(self) -> None:
        """Take away the modules that were loaded."""
        while self.modules:
            self.modules.pop().close()
        self.application.pump()

    def segment(self, name: str, node: Any = None) -> np.ndarray | None:
        """Voxels bool [K, J, I] of a segment by its ID; None where it or its node is gone."""
        node = node or self.segmentation
        if node.GetScene() is None or node.GetSegmentation().GetSegment(name) is None:
            return None
        # As labels: the segmentation alone knows them, also once the scan is gone.
        image = slicer.vtkOrientedImageData()
        if not node.GetBinaryLabelmapRepresentation(name, image) or image.IsEmpty():
            return np.zeros(SHAPE, bool)
        return scenes.voxels(image, SHAPE)

    def all_segments(self, node: Any) -> dict[str, np.ndarray | None]:
        """Of a segmentation, by name; none where it has left the scene."""
        if node.GetScene() is None:
            return {}
        segments = node.GetSegmentation()
        names = [segments.GetNthSegmentID(number) for number in range(segments.GetNumberOfSegments())]
        return {segments.GetSegment(name).GetName(): self.segment(name, node) for name in names}


def voxels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 100, SHAPE).astype(np.int16)


def drawn() -> np.ndarray:
    """What a user has drawn somewhere else."""
    mask = np.zeros(SHAPE, bool)
    mask[3, 2:5, 2:7] = True
    return mask


def close_scene(place: Place) -> None:
    """The next scene has nodes of the same names and IDs."""
    slicer.mrmlScene.Clear(0)
    place.fill()


def remove_volume(place: Place) -> None:
    slicer.mrmlScene.RemoveNode(place.volume)


def remove_segmentation(place: Place) -> None:
    slicer.mrmlScene.RemoveNode(place.segmentation)


def remove_display(place: Place) -> None:
    slicer.mrmlScene.RemoveNode(place.segmentation.GetDisplayNode())


def remove_editor_node(place: Place) -> None:
    slicer.mrmlScene.RemoveNode(place.editor.node)


def rename_segment(place: Place) -> None:
    place.segmentation.GetSegmentation().GetSegment("liver").SetName("renamed")


def remove_segment(place: Place) -> None:
    place.segmentation.GetSegmentation().RemoveSegment("liver")


def choose_segment(place: Place) -> None:
    place.editor.setCurrentSegmentID("spleen")


def undo(place: Place) -> None:
    place.editor.undo()


def reload_module(place: Place) -> None:
    """What the button Reload of a developer does to the module; the effect stays the one that it was."""
    place.unload()
    place.modules.append(place.application.loadModule(MODULE))
    place.modules[-1].widget()
    place.modules[-1].enter()


def quit_application(place: Place) -> None:
    slicer.app.aboutToQuit.emit()
    place.editor.close()
    place.editor = None
    place.application.close()
    slicer.mrmlScene.Clear(0)


INCIDENTS: dict[str, Callable[[Place], None]] = {
    "scene closed": close_scene,
    "volume removed": remove_volume,
    "segmentation removed": remove_segmentation,
    "display removed": remove_display,
    "editor's node removed": remove_editor_node,
    "segment renamed": rename_segment,
    "segment removed": remove_segment,
    "another segment chosen": choose_segment,
    "undo pressed": undo,
    "module reloaded": reload_module,
    "application quit": quit_application,
}
# After these what was asked for is still wanted.
HARMLESS = ("display removed", "segment renamed", "undo pressed", "module reloaded")
