"""What all slice views show of the prompts: which drawing belongs to which view."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, planeOfView

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import KINDS, Mark
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Propagation import Propagation
from SegmentEditorSAMAdaptLib.edit.Subject import Subject
from SegmentEditorSAMAdaptLib.edit.VolumeSegmentation import VolumeSegmentation
from SegmentEditorSAMAdaptLib.view.PromptMarkers import Drawing, Preview, PromptMarkers
from SegmentEditorSAMAdaptLib.view.SliceView import SliceView

# Of what is no particular segment's.
NEUTRAL = (1.0, 1.0, 0.0)


class ViewDrawings:
    """One set of markers for each slice view in the layout.

    Attributes:
        rubberBand: (view widget, first, second corner in display pixels) of a box being dragged, or None.
    """

    def __init__(
        self,
        controller: EffectController,
        subject: Subject,
        propagation: Propagation,
        volumeSegmentation: VolumeSegmentation,
    ) -> None:
        self.rubberBand: tuple[Any, tuple[int, int], tuple[int, int]] | None = None
        self._controller, self._subject = controller, subject
        self._runs = (propagation, volumeSegmentation)
        self._volumeSegmentation = volumeSegmentation
        self._markers: dict[str, PromptMarkers] = {}
        self._previews: dict[int, tuple[np.ndarray, Preview]] = {}

    def showAll(self) -> None:
        """Draw into all slice views of the layout."""
        manager = slicer.app.layoutManager()
        for name in manager.sliceViewNames() if manager is not None else ():
            self.show(manager.sliceWidget(name))

    def show(self, viewWidget: Any) -> None:
        """Draw into one view."""
        key = viewWidget.mrmlSliceNode().GetID()
        markers = self._markers.get(key)
        if markers is None or markers.view.widget is not viewWidget:
            markers = self._markers[key] = PromptMarkers(SliceView(viewWidget))
        band = self.rubberBand
        corners = (np.array(band[1]), np.array(band[2])) if band is not None and band[0] is viewWidget else None
        markers.show(self._drawings(markers.view), self._color(), corners)

    def close(self) -> None:
        """Take everything out of the views, and let go of them."""
        gone, self._markers, self._previews, self.rubberBand = self._markers, {}, {}, None
        for markers in gone.values():
            markers.remove()

    def _drawings(self, view: SliceView) -> list[tuple[int, Drawing]]:
        controller = self._controller
        running = any(run.running for run in self._runs)
        if self._subject.volume is None or not (controller.drafts or controller.stored or running):
            self._previews = {}
            return []
        found = []
        for tile, centre in view.tiles():
            try:
                plane = planeOfView(view.node, self._subject.volume, centre)
            except InputError:
                continue
            drawing = self._drawing(plane)
            if drawing is not None:
                found.append((tile, drawing))
        return found

    def _drawing(self, plane: ViewPlane) -> Drawing | None:
        draft, accepted = self._controller.onPlane(plane)
        prompts = [*accepted, *([draft.prompts] if draft is not None else [])]
        mask = next((found for run in self._runs if (found := run.maskOn(plane)) is not None), None)
        if mask is None and draft is not None and self._controller.settings.livePreview:
            mask = draft.mask
        if not prompts and mask is None:
            return None
        points = [point for one in prompts for point in one.points]
        return Drawing(
            np.array(points, float).reshape(-1, 3),
            np.array([label for one in prompts for label in one.labels], int),
            [line for one in prompts for mark in one.marks if len(line := _outline(mark, plane))],
            None if mask is None else self._preview(mask, plane),
        )

    def _preview(self, mask: np.ndarray, plane: ViewPlane) -> Preview:
        # A mask is one array as long as it is shown; the array is kept beside, so that its id stays its own.
        if id(mask) not in self._previews:
            if len(self._previews) > 32:
                self._previews = {}
            self._previews[id(mask)] = mask, Preview(mask, plane.pixelToWorld)
        return self._previews[id(mask)][1]

    def _color(self) -> tuple[float, float, float]:
        if self._volumeSegmentation.automatic:
            return NEUTRAL
        editor = self._controller.editor
        node, segment = editor.segmentationNode, editor.segmentID
        found = node.GetSegmentation().GetSegment(segment) if node is not None and segment else None
        return found.GetColor() if found is not None else NEUTRAL


def _outline(mark: Mark, plane: ViewPlane) -> np.ndarray:
    """The line (world, [N, 3]) by which a mark is shown, without positions where it has none."""
    return plane.pixelToWorld(KINDS[mark.kind].outline(plane.worldToPixel(mark.spread)))
