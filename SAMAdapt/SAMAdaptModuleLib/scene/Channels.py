"""Which volumes a model sees together. The further ones are noted on the first by their IDs, so that they go with it
through saving and loading, and panel, effect and scripts agree on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.intensity import CHANNELS
from SAMAdaptModuleLib.scene.Frames import PointMap

# A volume, or up to three that a model sees together.
Volumes: TypeAlias = slicer.vtkMRMLScalarVolumeNode | Sequence[slicer.vtkMRMLScalarVolumeNode]
ROLE = "SAMAdapt.channel"
RESAMPLE = "SAMAdapt.resample"


def furtherVolumes(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The volumes that a model sees together with this one, in the order of the channels."""
    found = [volumeNode.GetNthNodeReference(ROLE, place) for place in range(volumeNode.GetNumberOfNodeReferences(ROLE))]
    return [node for node in found if node is not None]


def mayResample(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether the user wants further volumes that lie on another grid to be resampled onto this one's."""
    return volumeNode.GetAttribute(RESAMPLE) is not None


def setFurther(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    further: Sequence[slicer.vtkMRMLScalarVolumeNode],
    resample: bool = False,
) -> None:
    """Have a model see other volumes together with this one from now on; whether that can be is found out later.

    Args:
        volumeNode: the first channel, whose grid counts.
        further: the other channels; none for this volume alone.
        resample: see :func:`mayResample`.

    Raises:
        InputError: too many, or one twice.
    """
    nodes = [volumeNode, *further]
    if len(nodes) > CHANNELS:
        what = _("{count} volumes together").format(count=len(nodes))
        raise InputError(what, None, _("Choose {count} at most").format(count=CHANNELS))
    twice = [node.GetName() for place, node in enumerate(nodes) if node in nodes[:place]]
    if twice:
        raise InputError(_("This volume would be seen twice"), twice[0], _("Choose another one, or none"))
    if (furtherVolumes(volumeNode), mayResample(volumeNode)) == (list(further), resample):
        return
    was = volumeNode.StartModify()
    volumeNode.RemoveNodeReferenceIDs(ROLE)
    for node in further:
        volumeNode.AddNodeReferenceID(ROLE, node.GetID())
    # None takes the attribute away.
    volumeNode.SetAttribute(RESAMPLE, "1" if resample else None)
    volumeNode.EndModify(was)


def seenAs(volumes: Volumes) -> slicer.vtkMRMLScalarVolumeNode:
    """For scripts: the volume, or the first of a list, with the others of the list noted on it, see :func:`setFurther`.

    Raises:
        InputError: an empty list, and what that function raises.
    """
    if not isinstance(volumes, (list, tuple)):
        return volumes
    if not volumes:
        raise InputError(_("No volume is chosen"), None, _("Give one, or up to {count}").format(count=CHANNELS))
    setFurther(volumes[0], volumes[1:], mayResample(volumes[0]))
    return volumes[0]


def channelKey(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> tuple[Any, ...]:
    """Hashable; changes whenever the further volumes are others, or their voxels, grids, or places beside the first."""
    further = furtherVolumes(volumeNode)
    return (*(_keyBeside(volumeNode, node) for node in further), *([mayResample(volumeNode)] if further else []))


def fromBeside(
    volumeNode: slicer.vtkMRMLScalarVolumeNode, further: slicer.vtkMRMLScalarVolumeNode
) -> PointMap:
    """From a further volume's own RAS to that of the first, by the transforms above the two."""
    return PointMap.between(further.GetParentTransformNode(), volumeNode.GetParentTransformNode())


def _keyBeside(volumeNode: slicer.vtkMRMLScalarVolumeNode, node: slicer.vtkMRMLScalarVolumeNode) -> tuple[Any, ...]:
    image, matrix = node.GetImageData(), vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    voxels = (None, None) if image is None else (image.GetMTime(), tuple(image.GetDimensions()))
    place = fromBeside(volumeNode, node).matrix
    return (
        node.GetID(),
        *voxels,
        tuple(slicer.util.arrayFromVTKMatrix(matrix).ravel().tolist()),
        None if place is None else tuple(place.ravel().tolist()),
    )
