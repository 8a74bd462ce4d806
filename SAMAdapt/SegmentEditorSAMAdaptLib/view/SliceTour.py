"""From slice to slice that is worth a look: by keys in a view, or from a list."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import qt
from SAMAdaptModuleLib.app.Pictures import pixmap
from SAMAdaptModuleLib.scene.FindPlane import VoxelPlane, planeOfIndex, planeOfView, showPlane, viewsAlong
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.planes import AXES
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Propagation import upIsRising
from SegmentEditorSAMAdaptLib.edit.Reporting import reported
from SegmentEditorSAMAdaptLib.edit.SliceNotes import NotedSlice, stopsOf
from SegmentEditorSAMAdaptLib.edit.Subject import Subject

# In pixels.
BAR_WIDTH, BAR_HEIGHT = 64, 10
SURE, DOUBTFUL, EMPTY = (39, 174, 71), (222, 120, 20), (190, 190, 190)


class SliceTour:
    """Lives as long as the effect is active.

    Args:
        controller: whose prompts and notes they are.
        subject: on which volume.
        ui: the widgets of the options; the list is filled and its group opened when there is something in it.
    """

    def __init__(self, controller: EffectController, subject: Subject, ui: Any) -> None:
        self._controller, self._subject, self._ui = controller, subject, ui
        self._rows: list[tuple[str, NotedSlice]] = []
        ui.sliceList.setIconSize(qt.QSize(BAR_WIDTH, BAR_HEIGHT))
        self._ui.sliceList.connect("itemClicked(QListWidgetItem*)", self._onClicked)
        self._fill([])

    def close(self) -> None:
        """Empty the list, and hear nothing of it any more."""
        # A widget that is gone is a ValueError in PythonQt.
        with contextlib.suppress(ValueError):
            self._ui.sliceList.disconnect("itemClicked(QListWidgetItem*)", self._onClicked)
            self._fill([])

    def tell(self, message: Any) -> None:
        """Show a text or an Exception to the user."""
        self._controller.tell(message)

    def refresh(self) -> None:
        """List what there is now."""
        rows = [(axis, one) for axis in AXES for one in self._along(axis)]
        if rows != self._rows:
            self._fill(rows)

    @reported
    def step(self, viewWidget: Any, up: bool) -> bool:
        """Go on to the next slice with prompts or doubt in a view, towards the head, the front or the right where
        ``up``; False where no slice has either."""
        if not self._rows:
            return False
        node = viewWidget.mrmlSliceNode()
        plane = planeOfView(node, self._subject.volume)
        if not isinstance(plane, VoxelPlane):
            self.tell(_("This view is oblique to the volume's own slices."))
            return True
        step = 1 if upIsRising(plane) == up else -1
        ahead = [index for index in stopsOf(self._along(plane.axis)) if (index - plane.index) * step > 0]
        if ahead:
            node.JumpSliceByOffsetting(*_centre(self._subject.volume, plane.axis, min(ahead, key=step.__mul__)))
            self.tell(None)
        else:
            self.tell(_("No further slice with prompts or doubt this way."))
        return True

    def _along(self, axis: str) -> list[NotedSlice]:
        controller, volume = self._controller, self._subject.volume
        if volume is None:
            return []
        drafts = [draft.prompts for draft in controller.drafts if not draft.prompts.empty]
        prompts = [*(stored.prompts for stored in controller.stored), *controller.mends.sets, *drafts]
        return controller.notes.along(volume, axis, prompts, controller.locks.along(volume, axis))

    @reported
    def _onClicked(self, _item: Any) -> None:
        row = self._ui.sliceList.currentRow
        if not 0 <= row < len(self._rows) or self._subject.volume is None:
            return
        axis, one = self._rows[row]
        views = []
        with contextlib.suppress(InputError):
            views = viewsAlong(self._subject.volume, axis)
        if not views:
            showPlane(self._subject.volume, axis, one.index)
        for node, _plane in views:
            node.JumpSliceByOffsetting(*_centre(self._subject.volume, axis, one.index))

    def _fill(self, rows: list[tuple[str, NotedSlice]]) -> None:
        listed, group = self._ui.sliceList, self._ui.slicesGroupBox
        if bool(rows) != bool(self._rows) or not rows:
            group.collapsed = not rows
            group.enabled = bool(rows)
        self._rows = rows
        listed.clear()
        for axis, one in rows:
            item = qt.QListWidgetItem(qt.QIcon(_bar(one)), _words(axis, one))
            item.setToolTip(_("Click to show this slice. The bar is the overlap (IoU) that the model expects."))
            listed.addItem(item)


def _words(axis: str, one: NotedSlice) -> str:
    names = {"axial": _("Axial"), "coronal": _("Coronal"), "sagittal": _("Sagittal")}
    how = _("prompts") if one.prompted else _("nothing kept") if one.iou is None and not one.accepted else ""
    sure = "" if one.iou is None else f"{np.clip(one.iou, 0, 1):.2f}"
    held = _("accepted") if one.accepted else ""
    return "  ".join(filter(None, (f"{names[axis]} {one.index}", sure, how, held)))


def _bar(one: NotedSlice) -> qt.QPixmap:
    """A bar as long as the expected IoU."""
    pixels = np.full((BAR_HEIGHT, BAR_WIDTH, 3), EMPTY, np.uint8)
    pixels[:, : round(BAR_WIDTH * float(np.clip(one.iou or 0.0, 0, 1)))] = DOUBTFUL if one.doubtful else SURE
    return pixmap(pixels)


def _centre(volumeNode: Any, axis: str, index: int) -> np.ndarray:
    """A world position [3] on a slice."""
    return planeOfIndex(volumeNode, axis, index).pixelToWorld(np.zeros((1, 2)))[0]
