"""Prompts kept with the segment that they made, so that they come back with it, also from a saved scene."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.Plane import ViewPlane

TAG = "SAMAdapt.Prompts"
FORMAT_VERSION = 1

Point = tuple[float, float, float]


@dataclass
class PromptSet:
    """What a user pointed at for one mask on one plane; all positions are world RAS in mm.

    Attributes:
        origin: a point of the plane.
        normal: the plane's unit normal.
        points: clicks.
        labels: 1 = the object, 0 = not the object, one for each click.
        box: two opposite corners, or None.
    """

    origin: Point
    normal: Point
    points: list[Point] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    box: tuple[Point, Point] | None = None
    # What each gesture since the start replaced: a point nothing, a box the one before it.
    _history: list[tuple[str, tuple[Point, Point] | None]] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def onPlane(cls, plane: ViewPlane) -> PromptSet:
        """An empty set on a plane."""
        return cls(*plane.pose())

    @property
    def empty(self) -> bool:
        """Whether there is nothing to go by."""
        return not self.points and self.box is None

    def liesOn(self, plane: ViewPlane) -> bool:
        """Whether the set was made on this plane, or on one that shows the same voxels."""
        return plane.coincides(self.origin, self.normal)

    def addPoint(self, point: Point, label: int = 1) -> None:
        """Take in a click at a world point; ``label`` is 1 for the object, 0 for not the object."""
        self.points.append(_point(point))
        self.labels.append(int(bool(label)))
        self._history.append(("point", None))

    def setBox(self, start: Sequence[float], end: Sequence[float]) -> None:
        """Take in a box by two opposite corners in the world; it replaces the one before it."""
        self._history.append(("box", self.box))
        self.box = (_point(start), _point(end))

    def undo(self) -> bool:
        """Take the last gesture back; False where there is none.

        Of a set that was read from a segment, whose order is not known, the points go first.
        """
        if self.empty:
            return False
        kind, before = self._history.pop() if self._history else ("point" if self.points else "box", None)
        if kind == "point":
            self.points.pop()
            self.labels.pop()
        else:
            self.box = before
        return True

    def toPrompt(self, plane: ViewPlane) -> Prompt:
        """The set in pixels of a plane; a box is cut at the plane's borders.

        Raises:
            InputError: a click, or the whole box, lies beside the plane's picture.
        """
        pixels = plane.worldToPixel(self.points) if self.points else np.zeros((0, 2))
        if len(pixels) and not plane.containsPixel(pixels).all():
            raise _beside(plane)
        box = None
        if self.box is not None:
            ends = np.sort(plane.worldToPixel(self.box), axis=0)
            last = np.array(plane.shape[::-1]) - 1
            if (ends[1] < -0.5).any() or (ends[0] > last + 0.5).any():
                raise _beside(plane)
            box = np.clip(ends, 0, last).ravel()
        return Prompt(pixels, np.array(self.labels, np.int64), box)


def readPrompts(segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str) -> list[PromptSet]:
    """The sets kept with a segment, where the segmentation's transforms put them now; [] where there are none.

    A tag that cannot be understood is left alone and counts as none.
    """
    segment = segmentationNode.GetSegmentation().GetSegment(segmentID)
    text = vtk.reference("")
    if segment is None or not segment.GetTag(TAG, text):
        return []
    move = PointMap.between(segmentationNode.GetParentTransformNode(), None)
    try:
        stored = json.loads(str(text))
        if stored["version"] != FORMAT_VERSION:
            raise ValueError(f"version {stored['version']}")
        return [_moved(PromptSet(**_checked(entry)), move) for entry in stored["sets"]]
    except (ValueError, KeyError, TypeError) as error:
        logging.warning("The prompts kept with segment %s cannot be read (%s)", segmentID, error)
        return []


def writePrompts(segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str, promptSets: list[PromptSet]) -> None:
    """Keep sets with a segment, in the segmentation's own RAS, so that they follow its transforms; [] forgets all.

    Raises:
        InputError: no such segment.
    """
    segment = segmentationNode.GetSegmentation().GetSegment(segmentID)
    if segment is None:
        raise InputError(_("No such segment"), segmentID, _("Choose a segment of the segmentation"))
    kept = [prompts for prompts in promptSets if not prompts.empty]
    if not kept:
        if segment.HasTag(TAG):
            segment.RemoveTag(TAG)
        return
    move = PointMap.between(None, segmentationNode.GetParentTransformNode())
    sets = [_moved(prompts, move) for prompts in kept]
    fields = ("origin", "normal", "points", "labels", "box")
    entries = [{name: getattr(prompts, name) for name in fields} for prompts in sets]
    segment.SetTag(TAG, json.dumps({"version": FORMAT_VERSION, "sets": entries}, separators=(",", ":")))


def _point(values: Iterable[float]) -> Point:
    point = tuple(float(part) for part in values)
    if len(point) != 3 or not np.isfinite(point).all():
        raise ValueError(f"{point} is no position")
    return point[0], point[1], point[2]


def _checked(entry: dict[str, Any]) -> dict[str, Any]:
    """The fields of a stored set in their types."""
    points, labels, box = entry["points"], entry["labels"], entry["box"]
    if len(points) != len(labels) or not set(labels) <= {0, 1} or (box is not None and len(box) != 2):
        raise ValueError("points, labels or box are damaged")
    return {
        "origin": _point(entry["origin"]),
        "normal": _point(entry["normal"]),
        "points": [_point(point) for point in points],
        "labels": [int(label) for label in labels],
        "box": None if box is None else tuple(_point(corner) for corner in box),
    }


def _moved(prompts: PromptSet, move: PointMap) -> PromptSet:
    """A copy in another frame; where a transform bends the plane, its normal is that at the origin."""
    normal = np.linalg.solve(move.jacobian(np.array(prompts.origin))[0].T, np.array(prompts.normal))
    normal /= np.linalg.norm(normal)

    def moved(points: Sequence[Point]) -> list[Point]:
        return [_point(point) for point in np.round(move(np.array(points)), 6)] if points else []

    box = None
    if prompts.box is not None:
        start, end = moved(prompts.box)
        box = start, end
    return PromptSet(moved([prompts.origin])[0], _point(normal), moved(prompts.points), list(prompts.labels), box)


def _beside(plane: ViewPlane) -> InputError:
    return InputError(
        _("A point or box lies beside the image"),
        plane.volumeNode.GetName(),
        _("Point at the part that the image shows"),
    )
