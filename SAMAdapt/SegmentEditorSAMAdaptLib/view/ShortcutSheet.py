"""All shortcuts at once, over the view."""

from __future__ import annotations

from typing import Any

import qt

from SegmentEditorSAMAdaptLib.view.Shortcuts import tabled

WIDTH = 460


class ShortcutSheet(qt.QLabel):
    """Over the middle of a slice view, until the next key or click.

    Args:
        viewWidget: the slice view's widget.
    """

    def __init__(self, viewWidget: Any) -> None:
        surface = viewWidget.sliceView().VTKWidget()
        qt.QLabel.__init__(self, tabled(), surface)
        self.setWindowFlags(qt.Qt.Popup)
        self.setAttribute(qt.Qt.WA_DeleteOnClose)
        self.setFrameShape(qt.QFrame.StyledPanel)
        self.setMargin(10)
        self.setWordWrap(True)
        self.setFixedWidth(WIDTH)
        self.adjustSize()
        middle = surface.mapToGlobal(surface.rect.center())
        self.move(middle.x() - self.width // 2, middle.y() - self.height // 2)
        self.show()

    def keyPressEvent(self, _event: Any) -> None:
        """Any key."""
        self.close()
