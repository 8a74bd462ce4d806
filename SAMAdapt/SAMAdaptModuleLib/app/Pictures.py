"""Pixels as Qt and MRML show them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import qt
import slicer

LEAST_WIDTH = 100


def pixmap(pixels: np.ndarray) -> qt.QPixmap:
    """A picture uint8 [H, W, 3] as a pixmap."""
    height, width, _ = pixels.shape
    picture = qt.QPixmap()
    # PPM is raw RGB behind a line of text; Qt reads it everywhere, and no buffer has to outlive the call.
    picture.loadFromData(qt.QByteArray(b"P6 %d %d 255\n" % (width, height) + np.ascontiguousarray(pixels).tobytes()))
    return picture


class FittedPicture(qt.QObject):
    """Keeps the picture in a label as wide as the label, and its proportions.

    Args:
        label: with a horizontal size policy that follows the panel.
    """

    def __init__(self, label: qt.QLabel) -> None:
        qt.QObject.__init__(self)
        self._label = label
        self._picture: qt.QPixmap | None = None
        label.visible = False
        label.installEventFilter(self)

    def show(self, path: Path) -> None:
        """Show a picture file."""
        self._picture = qt.QPixmap(str(path))
        self._label.visible = True
        self._fit(self._picture)

    def hide(self) -> None:
        """Show nothing."""
        self._label.visible = False

    def eventFilter(self, watched: qt.QObject, event: qt.QEvent) -> bool:
        """Qt asks before the label hears of an event."""
        if event.type() == qt.QEvent.Resize and self._picture is not None:
            self._fit(self._picture)
        return False

    def _fit(self, picture: qt.QPixmap) -> None:
        width = max(LEAST_WIDTH, min(self._label.width, picture.width()))
        fitted = picture.scaledToWidth(width, qt.Qt.SmoothTransformation)
        self._label.setPixmap(fitted)
        self._label.setFixedHeight(fitted.height())


def pictureNode(path: Path, name: str) -> slicer.vtkMRMLVectorVolumeNode:
    """A picture file as a colour volume of one slice, upright in an axial view."""
    from PIL import Image

    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0])
    return slicer.util.addVolumeFromArray(
        pixels[None], ijkToRAS=matrix, name=name, nodeClassName="vtkMRMLVectorVolumeNode"
    )
