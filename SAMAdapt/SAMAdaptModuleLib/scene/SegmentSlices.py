"""How sure the model was of a segment's slices, kept with the segment as its prompts are."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer

from SAMAdaptLib.prompts.kinds import Position
from SAMAdaptLib.volume.geometry import nearest_index
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet, moved, setTagText, tagText

TAG = "SAMAdapt.Slices"
FORMAT_VERSION = 1
# How far a plane may lie from the middle of a slice that it is said to be, in slice steps.
NEAR = 0.25
PARALLEL = 1 - 1e-4


@dataclass(frozen=True)
class SliceNote:
    """One slice.

    Attributes:
        origin: a point of its plane, in world RAS mm.
        normal: the plane's unit normal.
        iou: that the model expected of its mask there; None where a propagation kept no mask between two that it kept.
    """

    origin: Position
    normal: Position
    iou: float | None


def readSlices(segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str) -> list[SliceNote]:
    """What is kept with a segment, where the segmentation's transforms put it now; [] where there is nothing.

    A tag that cannot be understood is left alone and counts as none.
    """
    text = tagText(segmentationNode, segmentID, TAG)
    if not text:
        return []
    move = PointMap.between(segmentationNode.GetParentTransformNode(), None)
    try:
        stored = json.loads(text)
        if stored["version"] != FORMAT_VERSION:
            raise ValueError(f"version {stored['version']}")
        return [_inFrame(_note(entry), move) for entry in stored["slices"]]
    except (ValueError, KeyError, TypeError) as error:
        logging.warning("What is known of the slices of segment %s cannot be read (%s)", segmentID, error)
        return []


def writeSlices(segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str, notes: list[SliceNote]) -> None:
    """Keep notes with a segment, in the segmentation's own RAS; [] forgets all."""
    move = PointMap.between(None, segmentationNode.GetParentTransformNode())
    entries = [(note.origin, note.normal, note.iou) for note in (_inFrame(note, move) for note in notes)]
    stored = {"version": FORMAT_VERSION, "slices": entries}
    setTagText(segmentationNode, segmentID, TAG, json.dumps(stored, separators=(",", ":")) if entries else "")


def indicesAlong(
    volumeNode: slicer.vtkMRMLScalarVolumeNode, axis: str, places: Sequence[tuple[Any, Any]]
) -> list[int | None]:
    """The slices that planes (origin, normal) in the world are; None for one that is no slice along this axis."""
    if not places:
        return []
    stack = PlaneStack(volumeGeometry(volumeNode), axis)
    normal = np.array(planeOfIndex(volumeNode, axis, 0).pose()[1])
    toVolume = PointMap.between(None, volumeNode.GetParentTransformNode())
    depths = stack.ras_to_pixel(toVolume(np.array([origin for origin, _normal in places], dtype=np.float64)))[:, 2]
    found: list[int | None] = []
    for depth, (_origin, direction) in zip(depths, places, strict=True):
        index = int(nearest_index(depth))
        same = abs(depth - index) < NEAR and abs(float(normal @ np.array(direction))) > PARALLEL
        found.append(index if same and 0 <= index < stack.count else None)
    return found


def _note(entry: list[object]) -> SliceNote:
    origin, normal, iou = entry
    place = PromptSet(_position(origin), _position(normal))
    return SliceNote(place.origin, place.normal, None if iou is None else float(str(iou)))


def _position(value: object) -> Position:
    if not isinstance(value, list):
        raise TypeError("a position is a list of three numbers")
    r, a, s = (float(part) for part in value)
    return r, a, s


def _inFrame(note: SliceNote, move: PointMap) -> SliceNote:
    place = moved(PromptSet(note.origin, note.normal), move)
    return SliceNote(place.origin, place.normal, note.iou)
