"""What a test holds of a slice view: it shows volumes, turns, is clicked at, and gives its picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import slicer
import vtk

from Testing.harness.util import Mouse
from Testing.harness.views import SliceWidget

BUTTONS = {"Left": 1, "Right": 2, "Middle": 4}


class ViewHandle:
    """A slice view. Positions are RAS in mm (three numbers) or device pixels from the lower left corner (two)."""

    def __init__(self, widget: SliceWidget):
        self.widget = widget
        self.sliceView = widget.sliceView()
        self.interactor = self.sliceView.interactor()

    @property
    def sliceNode(self):
        return self.widget.mrmlSliceNode()

    @property
    def sliceLogic(self):
        return self.widget.sliceLogic()

    @property
    def renderer(self):
        return self.widget._drawing.renderer

    def show(self, volumeNode) -> None:
        """The volume as background, fitted, at its middle."""
        self.widget.mrmlSliceCompositeNode().SetBackgroundVolumeID(volumeNode.GetID() if volumeNode else None)
        if volumeNode:
            self.widget.fitSliceToBackground()
            bounds = [0.0] * 6
            volumeNode.GetRASBounds(bounds)
            self.jumpTo([(bounds[i] + bounds[i + 1]) / 2 for i in (0, 2, 4)])

    def resize(self, width: int, height: int) -> None:
        """Another size of the view, in device pixels; what it shows is to be fitted anew."""
        self.widget._size = (width, height)
        self.sliceView.renderWindow().SetSize(width, height)
        self.sliceLogic.ResizeSliceNode(width, height)

    def setOrientation(self, name: str) -> None:
        """Axial, Sagittal or Coronal."""
        self.sliceNode.SetOrientation(name)
        if self.widget.mrmlSliceCompositeNode().GetBackgroundVolumeID():
            self.widget.fitSliceToBackground()

    def rotate(self, degrees: float, axis: Sequence[float]) -> None:
        """Turn the plane about an axis (RAS) through its centre."""
        node = self.sliceNode
        centre = [node.GetSliceToRAS().GetElement(i, 3) for i in range(3)]
        turn = vtk.vtkTransform()
        turn.Translate(*centre)
        turn.RotateWXYZ(degrees, *axis)
        turn.Translate(*[-c for c in centre])
        turned = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Multiply4x4(turn.GetMatrix(), node.GetSliceToRAS(), turned)
        node.GetSliceToRAS().DeepCopy(turned)
        node.UpdateMatrices()

    def lightbox(self, rows: int, columns: int) -> None:
        """Several slices in one view, the first in the upper left tile, as up to Slicer 5.10."""
        width, height = self.widget._size
        self.sliceView._grid = (rows, columns)
        self.sliceLogic.ResizeSliceNode(width // columns, height // rows)

    def jumpTo(self, ras: Sequence[float]) -> None:
        """Scroll to the parallel plane through a position."""
        self.sliceNode.JumpSliceByOffsetting(*ras)

    def distance(self, ras: Sequence[float]) -> float:
        """From the plane, in mm along its normal."""
        pose = slicer.util.arrayFromVTKMatrix(self.sliceNode.GetSliceToRAS())
        return float((np.asarray(ras) - pose[:3, 3]) @ pose[:3, 2])

    def xyOf(self, position: Sequence[float]) -> tuple[int, int]:
        """The device pixel that an event at this position carries."""
        if len(position) == 3:
            position = self.sliceView._device(self.sliceView.convertRASToXYZ(position))
        return math.floor(position[0] + 0.5), math.floor(position[1] + 0.5)

    def rasOf(self, xy: Sequence[int]) -> tuple[float, float, float]:
        return self.sliceView.convertXYZToRAS(self.sliceView.convertDeviceToXYZ(xy))

    def event(self, name: str, position=None, ctrl=False, shift=False, alt=False, key: str = "", double=False) -> None:
        """One event of the interactor, e.g. `LeftButtonPressEvent`, as the window system would send it."""
        xy = self.xyOf(position) if position is not None else self.interactor.GetEventPosition()
        text = {"Return": "\r", "Escape": "\x1b", "BackSpace": "\x08", "space": " "}.get(key, key[:1] or "\0")
        self.interactor.SetEventInformation(xy[0], xy[1], int(ctrl), int(shift), text, int(double), key or None)
        self.interactor.SetAltKey(int(alt))
        button = next((number for prefix, number in BUTTONS.items() if name.startswith(f"{prefix}Button")), 0)
        Mouse.buttons = Mouse.buttons & ~button if name.endswith("ReleaseEvent") else Mouse.buttons | button
        self.interactor.InvokeEvent(name)

    def _reach(self, position) -> None:
        # A user scrolls to a slice before clicking on something that lies on it.
        if len(position) == 3 and self.sliceView._grid == (1, 1) and abs(self.distance(position)) > 1e-3:
            self.jumpTo(position)

    def move(self, position, **keys) -> None:
        self._reach(position)
        self.event("MouseMoveEvent", position, **keys)

    def clickAt(self, position, button: str = "Left", **keys) -> None:
        """Move there, press, release; off the plane in RAS: scroll there first. Keys: ctrl, shift, alt."""
        self.move(position, **keys)
        self.event(f"{button}ButtonPressEvent", position, **keys)
        self.event(f"{button}ButtonReleaseEvent", position, **keys)

    def doubleClickAt(self, position, **keys) -> None:
        """As Slicer's interactor sends it: press, release, double click, release."""
        self.clickAt(position, **keys)
        self.event("LeftButtonDoubleClickEvent", position, double=True, **keys)
        self.event("LeftButtonReleaseEvent", position, **keys)

    def drag(self, start, end, steps: int = 5, button: str = "Left", **keys) -> None:
        """Press, move in steps, release."""
        self._reach(start)
        first, last = np.asarray(self.xyOf(start), float), np.asarray(self.xyOf(end), float)
        self.move(tuple(first), **keys)
        self.event(f"{button}ButtonPressEvent", tuple(first), **keys)
        for step in range(1, steps + 1):
            self.event("MouseMoveEvent", tuple(first + (last - first) * step / steps), **keys)
        self.event(f"{button}ButtonReleaseEvent", tuple(last), **keys)

    def key(self, symbol: str, **keys) -> None:
        """A key by its VTK symbol: Return, Escape, BackSpace, space, a, ..."""
        self.event("KeyPressEvent", key=symbol, **keys)
        self.event("KeyReleaseEvent", key=symbol, **keys)

    def enter(self) -> None:
        self.event("EnterEvent")

    def leave(self) -> None:
        self.event("LeaveEvent")

    def live(self) -> None:
        """From now on the application's own widgets in this view get the events that no effect uses."""
        self.widget.interactorStyle().SetDisplayableManagers(self.widget._drawing.group)

    def wheel(self, clicks: int = 1) -> None:
        """Scroll through the slices as the real interactor style does."""
        self.live()
        for _ in range(abs(clicks)):
            self.event("MouseWheelForwardEvent" if clicks > 0 else "MouseWheelBackwardEvent")

    def picture(self) -> np.ndarray:
        """[height, width, 3] uint8, first row on top; a light-box view cannot be drawn."""
        if self.sliceView._grid != (1, 1):
            raise NotImplementedError("only views with one slice can be drawn")
        # The logic makes its pipeline anew when layers come and go.
        self.widget._image.GetMapper().SetInputConnection(self.sliceLogic.GetImageDataConnection())
        self.widget._image.SetVisibility(self.sliceLogic.GetImageDataConnection() is not None)
        return self.widget._drawing.picture()

    def render(self, path) -> np.ndarray:
        """The picture, also as a PNG file."""
        from PIL import Image

        pixels = self.picture()
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.ascontiguousarray(pixels)).save(path)
        return pixels

    def pixel(self, pixels: np.ndarray, ras: Sequence[float]) -> np.ndarray:
        """The colour of a picture at a position on the plane."""
        x, y = self.xyOf(ras)
        return pixels[pixels.shape[0] - 1 - y, x]
