"""What the effect draws into one slice view: prompts, a box or line being dragged, and the preview of a mask."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import vtk

from SegmentEditorSAMAdaptLib.view import MarkerShapes
from SegmentEditorSAMAdaptLib.view.SliceView import SliceView

FILL_OPACITY = 0.4
# Display pixels of a padlock below the upper border of its picture.
LOCK_BELOW = 22


class Line(NamedTuple):
    """A line of a prompt.

    Attributes:
        path: its positions, [N, 3] in world coordinates or [N, 2] in display pixels.
        positive: whether it is on the object or beside it; None for what goes around it.
    """

    path: np.ndarray
    positive: bool | None


@dataclass
class Drawing:
    """What is to be seen on one plane, in world coordinates (RAS mm).

    Attributes:
        points: [N, 3] with ``labels`` [N], 1 for the object, 0 for what is not.
        lines: those of the prompts.
        preview: of a mask.
        accepted: whether the slice is accepted, which a padlock says.
    """

    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    lines: list[Line] = field(default_factory=list)
    preview: Preview | None = None
    accepted: bool = False


class Preview:
    """The outline and the inside of a mask, kept in world coordinates so that zooming and panning stay cheap.

    Args:
        mask: bool [H, W].
        pixelToWorld: (x, y) [N, 2] to world RAS mm [N, 3].
    """

    def __init__(self, mask: np.ndarray, pixelToWorld: Callable[[np.ndarray], np.ndarray]) -> None:
        border = MarkerShapes.outline(mask)
        self.shapes = {"border": border, "inside": MarkerShapes.filling(border)}
        self.world = {
            part: pixelToWorld(MarkerShapes.pointsOf(data)) if data.GetNumberOfPoints() else np.zeros((0, 3))
            for part, data in self.shapes.items()
        }


class PromptMarkers:
    """The actors of one slice view. They are made at first use and gone after :meth:`remove`."""

    def __init__(self, view: SliceView) -> None:
        self.view = view
        self._renderer: vtk.vtkRenderer | None = None
        self._actors: dict[str, vtk.vtkActor2D] = {}

    @property
    def visible(self) -> bool:
        """Whether anything is drawn."""
        return any(actor.GetVisibility() for actor in self._actors.values())

    def show(
        self,
        drawings: Iterable[tuple[int, Drawing]],
        color: tuple[float, float, float],
        drag: Line | None = None,
    ) -> None:
        """Draw; nothing to draw takes everything away.

        Args:
            drawings: (light-box tile, what is on the plane that it shows).
            color: of the segment, 0..1.
            drag: what is being drawn, in display pixels.
        """
        drawings = list(drawings)
        if not drawings and drag is None and not self.visible:
            return
        shapes, scale = MarkerShapes.Shapes(), self.view.pixelRatio()
        for tile, drawing in drawings:
            for path, positive in drawing.lines:
                shapes.line(self.view.worldToDisplay(path, tile), positive, scale)
        if drag is not None:
            shapes.line(drag.path, drag.positive, scale)
        for tile, drawing in drawings:
            for center, label in zip(self.view.worldToDisplay(drawing.points, tile), drawing.labels, strict=True):
                shapes.point(center, bool(label), scale)
            if drawing.accepted:
                shapes.padlock(self.view.topOf(tile) - (0, LOCK_BELOW * scale), scale)
        previews = [(tile, drawing.preview) for tile, drawing in drawings if drawing.preview is not None]
        self._draw("inside", self._joined(previews, "inside"), color, FILL_OPACITY)
        self._draw("border", self._joined(previews, "border"), color, 1.0, width=2.0 * scale)
        self._draw("prompts", shapes.polyData(), None, 1.0)
        self.view.scheduleRender()

    def remove(self) -> None:
        """Take the actors out of the view, which may be gone already."""
        actors, renderer, self._actors, self._renderer = self._actors, self._renderer, {}, None
        if renderer is not None:
            for actor in actors.values():
                renderer.RemoveViewProp(actor)
            # A view that is gone is a ValueError in PythonQt.
            with contextlib.suppress(ValueError):
                self.view.scheduleRender()

    def _joined(self, previews: list[tuple[int, Preview]], part: str) -> vtk.vtkPolyData:
        append = vtk.vtkAppendPolyData()
        for tile, preview in previews:
            data = vtk.vtkPolyData()
            data.ShallowCopy(preview.shapes[part])
            xy = self.view.worldToDisplay(preview.world[part], tile)
            data.SetPoints(MarkerShapes.displayPoints(xy))
            append.AddInputData(data)
        if previews:
            append.Update()
        return append.GetOutput()

    def _draw(
        self,
        name: str,
        data: vtk.vtkPolyData,
        color: tuple[float, float, float] | None,
        opacity: float,
        width: float = 1.0,
    ) -> None:
        actor = self._actors.get(name) or self._makeActor(name)
        actor.GetMapper().SetInputData(data)
        actor.SetVisibility(bool(data.GetNumberOfCells()))
        if color is not None:
            actor.GetProperty().SetColor(*color)
        actor.GetProperty().SetOpacity(opacity)
        actor.GetProperty().SetLineWidth(width)

    def _makeActor(self, name: str) -> vtk.vtkActor2D:
        if self._renderer is None:
            self._renderer = self.view.overlayRenderer()
        actor, mapper = vtk.vtkActor2D(), vtk.vtkPolyDataMapper2D()
        # Outlines carry the value of their contour, which is no colour.
        mapper.SetScalarVisibility(name == "prompts")
        actor.SetMapper(mapper)
        actor.PickableOff()
        self._renderer.AddViewProp(actor)
        self._actors[name] = actor
        return actor
