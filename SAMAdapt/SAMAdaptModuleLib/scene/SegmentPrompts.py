"""Prompts kept with the segment that they made, so that they come back with it, also from a saved scene."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import KINDS, Mark, Position
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.Plane import ViewPlane

TAG = "SAMAdapt.Prompts"
# Gestures that mended what was there: no prompts, since they do not say what all of the object is on their slice.
MENDS = "SAMAdapt.Mends"
FORMAT_VERSION = 1


@dataclass
class PromptSet:
    """What a user pointed at for one mask on one plane; all positions are world RAS in mm.

    Attributes:
        origin: a point of the plane.
        normal: the plane's unit normal.
        marks: clicks, the box and whatever else there is.
    """

    origin: Position
    normal: Position
    marks: list[Mark] = field(default_factory=list)
    # The marks before each gesture since the start.
    _history: list[list[Mark]] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def onPlane(cls, plane: ViewPlane) -> PromptSet:
        """An empty set on a plane."""
        return cls(*plane.pose())

    @property
    def empty(self) -> bool:
        """Whether there is nothing to go by."""
        return not self.marks

    @property
    def points(self) -> list[Position]:
        """The clicks."""
        return [mark.at[0] for mark in self.marks if mark.kind == "point"]

    @property
    def labels(self) -> list[int]:
        """1 = the object, 0 = not the object, one for each click."""
        return [mark.label for mark in self.marks if mark.kind == "point"]

    @property
    def box(self) -> tuple[Position, ...] | None:
        """Two opposite corners, or None."""
        return next((mark.at for mark in self.marks if mark.kind == "box"), None)

    @property
    def boxed(self) -> bool:
        """Whether a box comes of it."""
        return any(KINDS[mark.kind].box for mark in self.marks)

    def liesOn(self, plane: ViewPlane) -> bool:
        """Whether the set was made on this plane, or on one that shows the same voxels."""
        return plane.coincides(self.origin, self.normal)

    def add(self, mark: Mark) -> None:
        """Take in a gesture; one that gives a box replaces the one that did before."""
        self._history.append(self.marks)
        kept = [one for one in self.marks if not (KINDS[mark.kind].box and KINDS[one.kind].box)]
        self.marks = [*kept, mark]

    def undo(self) -> bool:
        """Take the last gesture back; False where there is none.

        Of a set that was read from a segment, whose order is not known, the points go first.
        """
        if self.empty:
            return False
        self.marks = self._history.pop() if self._history else self.marks[:-1]
        return True

    def toPrompt(self, plane: ViewPlane) -> Prompt:
        """The set in pixels of a plane; a box is cut at the plane's borders.

        Raises:
            InputError: a mark, or the whole of a box, lies beside the plane's picture.
        """
        prompt = Prompt()
        for mark in self.marks:
            kind, pixels = KINDS[mark.kind], plane.worldToPixel(mark.spread)
            if not kind.inside(pixels, plane.shape):
                raise InputError(
                    _("A point or box lies beside the image"),
                    plane.volumeNode.GetName(),
                    _("Point at the part that the image shows"),
                )
            prompt = prompt.joined(kind.prompt(pixels, mark.label, plane.shape))
        return prompt


def readPrompts(segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str, tag: str = TAG) -> list[PromptSet]:
    """The sets kept with a segment in a tag, where the segmentation's transforms put them now; [] where there are none.

    A tag that cannot be understood is left alone and counts as none.
    """
    text = tagText(segmentationNode, segmentID, tag)
    if not text:
        return []
    move = PointMap.between(segmentationNode.GetParentTransformNode(), None)
    try:
        stored = json.loads(text)
        if stored["version"] != FORMAT_VERSION:
            raise ValueError(f"version {stored['version']}")
        return [moved(_set(entry), move) for entry in stored["sets"]]
    except (ValueError, KeyError, TypeError) as error:
        logging.warning("The prompts kept with segment %s cannot be read (%s)", segmentID, error)
        return []


def tagText(segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str, tag: str) -> str:
    """The text that is kept with a segment in one of its tags, "" where there is none."""
    segment = segmentationNode.GetSegmentation().GetSegment(segmentID)
    text = vtk.reference("")
    return str(text) if segment is not None and segment.GetTag(tag, text) else ""


def setTagText(segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str, tag: str, text: str) -> None:
    """Keep a text with a segment, "" takes it away; where there is no such segment nothing happens."""
    segment = segmentationNode.GetSegmentation().GetSegment(segmentID)
    if segment is not None and text:
        segment.SetTag(tag, text)
    elif segment is not None and segment.HasTag(tag):
        segment.RemoveTag(tag)


def writePrompts(
    segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str, promptSets: list[PromptSet], tag: str = TAG
) -> None:
    """Keep sets with a segment in a tag, in the segmentation's own RAS, so that they follow its transforms; [] forgets
    all.

    Raises:
        InputError: no such segment.
    """
    if segmentationNode.GetSegmentation().GetSegment(segmentID) is None:
        raise InputError(_("No such segment"), segmentID, _("Choose a segment of the segmentation"))
    move = PointMap.between(None, segmentationNode.GetParentTransformNode())
    entries = [_entry(moved(prompts, move)) for prompts in promptSets if not prompts.empty]
    stored = {"version": FORMAT_VERSION, "sets": entries}
    setTagText(segmentationNode, segmentID, tag, json.dumps(stored, separators=(",", ":")) if entries else "")


def keepMends(
    segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str, new: Sequence[tuple[ViewPlane, PromptSet]]
) -> None:
    """Keep gestures that have mended a segment on planes, behind those that did so before.

    Raises:
        InputError: no such segment.
    """
    kept = readPrompts(segmentationNode, segmentID, MENDS)
    for plane, prompts in new:
        there = next((one for one in kept if one.liesOn(plane)), None)
        if there is None:
            kept.append(there := PromptSet.onPlane(plane))
        for mark in prompts.marks:
            there.add(mark)
    writePrompts(segmentationNode, segmentID, kept, MENDS)


def _entry(prompts: PromptSet) -> dict[str, Any]:
    """What is kept of a set: points and box as ever, what else there is as "marks"."""
    entry = {name: getattr(prompts, name) for name in ("origin", "normal", "points", "labels", "box")}
    others = [(mark.kind, mark.at, mark.label) for mark in prompts.marks if mark.kind not in ("point", "box")]
    return entry | ({"marks": others} if others else {})


def _set(entry: dict[str, Any]) -> PromptSet:
    """The set of which :func:`_entry` was kept."""
    origin, normal = (Mark("point", entry[name]).at[0] for name in ("origin", "normal"))
    marks = [] if entry["box"] is None else [Mark("box", entry["box"])]
    marks += [Mark(*one) for one in entry.get("marks", [])]
    marks += [Mark("point", at, label) for at, label in zip(entry["points"], entry["labels"], strict=True)]
    return PromptSet(origin, normal, marks)


def moved(prompts: PromptSet, move: PointMap) -> PromptSet:
    """A copy in another frame; where a transform bends the plane, its normal is that at the origin."""
    normal = np.linalg.solve(move.jacobian(np.array(prompts.origin))[0].T, np.array(prompts.normal))
    r, a, s = (float(part) for part in normal / np.linalg.norm(normal))

    def shifted(mark: Mark) -> Mark:
        return Mark(mark.kind, np.round(move(np.array(mark.at)), 6), mark.label)

    origin = shifted(Mark("point", prompts.origin)).at[0]
    return PromptSet(origin, (r, a, s), [shifted(mark) for mark in prompts.marks])
