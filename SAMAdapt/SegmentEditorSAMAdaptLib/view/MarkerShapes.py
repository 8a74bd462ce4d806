"""Shapes of prompts and previews in display pixels, as polygons with a colour each.

Points are (x, y) in display pixels, y up. Nothing here knows planes, nodes or views.
"""

from __future__ import annotations

import numpy as np
import vtk
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy

from SAMAdaptLib.volume.masks import bounds

WHITE, DARK = (255, 255, 255), (25, 25, 25)
POSITIVE, NEGATIVE = (39, 174, 71), (222, 48, 48)
BOX = (255, 214, 64)
CORNERS = 28
DASH, GAP = 9.0, 5.0
MOST_POINTS = 30000


class Shapes:
    """Collects convex polygons, drawn in the order in which they came."""

    def __init__(self) -> None:
        self._points: list[np.ndarray] = []
        self._colors: list[tuple[int, int, int]] = []

    def point(self, center: np.ndarray, positive: bool, scale: float = 1.0) -> None:
        """A disc with a dark rim and a white outline, and a sign in it for those who cannot tell red from green."""
        for radius, color in ((7.5, WHITE), (6.3, DARK), (5.3, POSITIVE if positive else NEGATIVE)):
            self._disc(center, radius * scale, color)
        self._bar(center, (3.2 * scale, 0.8 * scale), WHITE)
        if positive:
            self._bar(center, (0.8 * scale, 3.2 * scale), WHITE)

    def line(self, path: np.ndarray, positive: bool | None, scale: float = 1.0) -> None:
        """A line through ``path`` [N, 2], with a dark line under it so that it shows on any picture.

        On the object or beside it, it is ink in the colour of points there, beside it with gaps for those who cannot
        tell red from green; None is what goes around it, thin and dashed.
        """
        whole = [*zip(path[:-1], path[1:], strict=True)]
        pieces = whole if positive else _dashes(path, DASH * scale, GAP * scale)
        color, half = (BOX, 0.95) if positive is None else (POSITIVE if positive else NEGATIVE, 2.0)
        for start, end in pieces:
            self._stroke(start, end, (half + 0.95) * scale, DARK)
        for start, end in pieces:
            self._stroke(start, end, half * scale, color)

    def padlock(self, center: np.ndarray, scale: float = 1.0) -> None:
        """A closed padlock, for a slice that is not to be changed."""
        angles = np.linspace(0, np.pi, CORNERS // 2)
        arc = np.stack([np.cos(angles), np.sin(angles)], axis=1) * 5.0
        shackle = np.concatenate([[[5.0, 0.0]], arc + (0, 3.0), [[-5.0, 0.0]]]) * scale + center
        for half, body, color in ((2.6, (9.6, 7.6), DARK), (1.4, (8.4, 6.4), BOX)):
            for start, end in zip(shackle[:-1], shackle[1:], strict=True):
                self._stroke(start, end, half * scale, color)
            self._bar(center - (0, 6.0 * scale), (body[0] * scale, body[1] * scale), color)
        self._bar(center - (0, 6.0 * scale), (1.2 * scale, 2.6 * scale), DARK)

    def polyData(self) -> vtk.vtkPolyData:
        """What was collected, one cell a shape."""
        output = vtk.vtkPolyData()
        if not self._points:
            return output
        sizes = np.array([len(polygon) for polygon in self._points])
        output.SetPoints(displayPoints(np.vstack(self._points)))
        output.SetPolys(_cells(sizes))
        colors = numpy_to_vtk(np.array(self._colors, np.uint8), deep=True)
        output.GetCellData().SetScalars(colors)
        return output

    def _disc(self, center: np.ndarray, radius: float, color: tuple[int, int, int]) -> None:
        angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
        self._add(center + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), color)

    def _bar(self, center: np.ndarray, half: tuple[float, float], color: tuple[int, int, int]) -> None:
        self._add(center + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half, color)

    def _stroke(self, start: np.ndarray, end: np.ndarray, half: float, color: tuple[int, int, int]) -> None:
        along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)
        side = half * np.array([-along[1], along[0]])
        self._add(np.array([start - side, end - side, end + side, start + side]), color)

    def _add(self, polygon: np.ndarray, color: tuple[int, int, int]) -> None:
        self._points.append(polygon)
        self._colors.append(color)


def displayPoints(xy: np.ndarray) -> vtk.vtkPoints:
    """(x, y) [N, 2] as VTK points at z = 0."""
    points = vtk.vtkPoints()
    points.SetData(numpy_to_vtk(np.column_stack([xy, np.zeros(len(xy))]).astype(np.float32), deep=True))
    return points


def outline(mask: np.ndarray) -> vtk.vtkPolyData:
    """The border of a mask bool [H, W] as lines, points (x, y) = (column, row), halfway between in and out."""
    box = bounds(mask)
    if box is None:
        return vtk.vtkPolyData()
    y0, x0 = (side.start for side in box)
    # A frame of background closes the outline of an object that touches the border of the plane.
    crop = np.pad(mask[box], 1).astype(np.uint8)
    image = vtk.vtkImageData()
    image.SetDimensions(crop.shape[1], crop.shape[0], 1)
    image.SetOrigin(float(x0) - 1, float(y0) - 1, 0)
    image.GetPointData().SetScalars(numpy_to_vtk(crop.ravel(), deep=True))
    contour = vtk.vtkMarchingSquares()
    contour.SetInputData(image)
    contour.SetValue(0, 0.5)
    contour.Update()
    return contour.GetOutput()


def filling(border: vtk.vtkPolyData) -> vtk.vtkPolyData:
    """The inside of an outline as triangles; nothing for an outline so ragged that this would hold the view up."""
    if not 0 < border.GetNumberOfPoints() <= MOST_POINTS:
        return vtk.vtkPolyData()
    triangles = vtk.vtkContourTriangulator()
    triangles.SetInputData(border)
    triangles.Update()
    return triangles.GetOutput()


def pointsOf(data: vtk.vtkPolyData) -> np.ndarray:
    """(x, y) [N, 2] of the points of poly data."""
    if not data.GetNumberOfPoints():
        return np.zeros((0, 2))
    return vtk_to_numpy(data.GetPoints().GetData())[:, :2].astype(float)


def _cells(sizes: np.ndarray) -> vtk.vtkCellArray:
    cells = vtk.vtkCellArray()
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    cells.SetData(
        numpy_to_vtkIdTypeArray(offsets, deep=True),
        numpy_to_vtkIdTypeArray(np.arange(offsets[-1], dtype=np.int64), deep=True),
    )
    return cells


def _dashes(path: np.ndarray, dash: float, gap: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Dashes along each side of a path [N, 2], stretched so that every side starts and ends with one; of sides shorter
    than a dash and a gap, as hands draw them, those on which a dash falls along the path."""
    found, passed = [], 0.0
    for start, end in zip(path[:-1], path[1:], strict=True):
        length = float(np.linalg.norm(end - start))
        passed += length
        if length < dash + gap:
            if (passed - length / 2) % (dash + gap) < dash:
                found.append((start, end))
            continue
        count = max(1, round((length + gap) / (dash + gap)))
        period = 1 / (count - gap / (dash + gap))
        for index in range(count):
            first, last = index * period, index * period + period * dash / (dash + gap)
            found.append((start + (end - start) * first, start + (end - start) * min(last, 1.0)))
    return found
