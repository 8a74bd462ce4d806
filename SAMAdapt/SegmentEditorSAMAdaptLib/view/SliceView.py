"""A slice view of the application: from mouse to world and from world to the picture, light-box layout included."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk


class SliceView:
    """Frames: display = pixels of the view, origin at the lower left, as VTK interactors count them; world = RAS mm
    after all transforms; a tile is one of the slices that a light-box layout shows, counted row by row from the top.

    Args:
        widget: qMRMLSliceWidget.
    """

    def __init__(self, widget: Any) -> None:
        self.widget = widget
        self.node = widget.mrmlSliceNode()

    def displayToWorld(self, xy: tuple[int, int]) -> np.ndarray:
        """World position [3] of a display position."""
        xyz = self.widget.sliceView().convertDeviceToXYZ([int(xy[0]), int(xy[1])])
        return np.array(self.node.GetXYToRAS().MultiplyPoint((*xyz, 1.0))[:3])

    def worldToDisplay(self, points: np.ndarray, tile: int = 0) -> np.ndarray:
        """Display positions [N, 2] of world points [N, 3] as the tile shows them, seen along the slice's normal."""
        if not len(points):
            return np.zeros((0, 2))
        matrix = np.linalg.inv(slicer.util.arrayFromVTKMatrix(self.node.GetXYToRAS()))
        return np.asarray(points, float) @ matrix[:2, :3].T + matrix[:2, 3] + self._tileOrigin(tile)

    def tiles(self) -> list[tuple[int, np.ndarray]]:
        """Each tile's number with the world position [3] of its centre."""
        width, height = self.node.GetDimensions()[:2]
        matrix = self.node.GetXYToRAS()
        count = self.node.GetLayoutGridRows() * self.node.GetLayoutGridColumns()
        return [(tile, np.array(matrix.MultiplyPoint((width / 2, height / 2, tile, 1.0))[:3])) for tile in range(count)]

    def topOf(self, tile: int) -> np.ndarray:
        """Display position [2] of the middle of a tile's upper border."""
        width, height = self.node.GetDimensions()[:2]
        return self._tileOrigin(tile) + (width / 2, height)

    def overlayRenderer(self) -> vtk.vtkRenderer:
        """The renderer above the image that covers the whole view.

        In light-box layout each tile has one of its own. Those on higher layers belong to orientation markers and the
        like, which may switch them off.
        """
        renderers = self.widget.sliceView().renderWindow().GetRenderers()
        found = [renderers.GetItemAsObject(index) for index in range(renderers.GetNumberOfItems())]
        whole = [r for r in found if tuple(r.GetViewport()) == (0.0, 0.0, 1.0, 1.0) and r.GetDraw()]
        return max((r for r in whole or found if r.GetLayer() <= 1), key=lambda renderer: renderer.GetLayer())

    def pixelRatio(self) -> float:
        """Display pixels for one pixel of the desktop, above 1 on high-resolution screens."""
        return float(slicer.app.devicePixelRatio())

    def scheduleRender(self) -> None:
        """Have the view drawn when the application is idle."""
        self.widget.sliceView().scheduleRender()

    def _tileOrigin(self, tile: int) -> np.ndarray:
        columns, rows = self.node.GetLayoutGridColumns(), self.node.GetLayoutGridRows()
        width, height = self.node.GetDimensions()[:2]
        return np.array([tile % columns * width, (rows - 1 - tile // columns) * height], float)
