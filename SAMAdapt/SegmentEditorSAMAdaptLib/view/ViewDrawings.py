"""What all slice views show of the prompts: which drawing belongs to which view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, planeOfView

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import KINDS, Mark
from SegmentEditorSAMAdaptLib.edit.Correction import Correction
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.HoverPreview import HoverPreview
from SegmentEditorSAMAdaptLib.edit.Propagation import Propagation
from SegmentEditorSAMAdaptLib.edit.Subject import Subject
from SegmentEditorSAMAdaptLib.edit.VolumeSegmentation import VolumeSegmentation
from SegmentEditorSAMAdaptLib.view.PromptMarkers import Drawing, Line, Preview, PromptMarkers
from SegmentEditorSAMAdaptLib.view.SliceView import SliceView

# Of what is no particular segment's.
NEUTRAL = (1.0, 1.0, 0.0)


@dataclass
class Drag:
    """What the mouse draws while its button is down.

    Attributes:
        kind: of mark that it becomes.
        path: display positions: of a line those that it has passed, of others the first and the last.
        positive: whether it is on the object.
    """

    kind: str
    path: list[tuple[int, int]]
    positive: bool = True

    def to(self, here: tuple[int, int]) -> None:
        """The mouse is here now."""
        if KINDS[self.kind].line:
            self.path.append(here)
        else:
            self.path[1:] = [here]

    def shown(self) -> Line:
        """As the view shows it, in display pixels."""
        return _line(self.kind, self.positive, KINDS[self.kind].outline(np.array(self.path, float)))


class ViewDrawings:
    """One set of markers for each slice view in the layout.

    Attributes:
        drag: (view widget, what is being drawn there), or None.
    """

    def __init__(
        self,
        controller: EffectController,
        subject: Subject,
        propagation: Propagation,
        volumeSegmentation: VolumeSegmentation,
        correction: Correction,
        hover: HoverPreview,
    ) -> None:
        self.drag: tuple[Any, Drag] | None = None
        self._controller, self._subject = controller, subject
        self._runs = (hover, propagation, volumeSegmentation, correction)
        self._volumeSegmentation, self._correction = volumeSegmentation, correction
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
        drag = self.drag
        line = drag[1].shown() if drag is not None and drag[0] is viewWidget else None
        markers.show(self._drawings(markers.view), self._color(), line)

    def showDrag(self, viewWidget: Any, drag: Drag | None = None) -> None:
        """The box or line while it is drawn; None as the view takes it away."""
        previous, self.drag = self.drag, None if drag is None else (viewWidget, drag)
        for widget in {id(w): w for w in (viewWidget, previous and previous[0]) if w is not None}.values():
            self.show(widget)

    def close(self) -> None:
        """Take everything out of the views, and let go of them."""
        gone, self._markers, self._previews, self.drag = self._markers, {}, {}, None
        for markers in gone.values():
            markers.remove()

    def _drawings(self, view: SliceView) -> list[tuple[int, Drawing]]:
        controller = self._controller
        running = any(run.running for run in self._runs)
        anything = controller.drafts or controller.stored or running or controller.locks.any or controller.mends.sets
        if self._subject.volume is None or not anything:
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
        mending = [*self._controller.mends.onPlane(plane), *self._correction.promptsOn(plane)]
        prompts = [*accepted, *mending, *([draft.prompts] if draft is not None else [])]
        mask = next((found for run in self._runs if (found := run.maskOn(plane)) is not None), None)
        if mask is None and draft is not None and self._controller.settings.livePreview:
            mask = draft.mask
        held = self._controller.locks.holds(plane)
        if not prompts and mask is None and not held:
            return None
        points = [point for one in prompts for point in one.points]
        return Drawing(
            np.array(points, float).reshape(-1, 3),
            np.array([label for one in prompts for label in one.labels], int),
            [line for one in prompts for mark in one.marks if len((line := _outline(mark, plane)).path)],
            None if mask is None else self._preview(mask, plane),
            held,
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


def _outline(mark: Mark, plane: ViewPlane) -> Line:
    """The line (world, [N, 3]) by which a mark is shown, without positions where it has none."""
    path = plane.pixelToWorld(KINDS[mark.kind].outline(plane.worldToPixel(mark.spread)))
    return _line(mark.kind, bool(mark.label), path)


def _line(kind: str, positive: bool, path: np.ndarray) -> Line:
    """What goes around the object looks alike; what is on it or beside it looks as points there do."""
    return Line(path, None if KINDS[kind].box else positive)
