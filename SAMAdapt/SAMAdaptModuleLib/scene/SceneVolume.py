"""Volumes and segmentations of the scene as the library knows them.

A volume's geometry is its own (IJK to RAS of its node), without the transforms above it: these move the patient, not
the voxels, and only the way from and to the world has to know them.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptModuleLib.scene.Channels import channelKey, fromBeside, furtherVolumes, mayResample
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.SegmentGrid import segmentLabelmap
from SAMAdaptModuleLib.scene.Sequences import firstFrame
from SAMAdaptModuleLib.scene.VoxelTransfer import alignment, gather

# Red, green and blue, with or without an opacity.
COLOURS = (3, 4)

if TYPE_CHECKING:
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume


def checkVolume(volumeNode: slicer.vtkMRMLNode | None) -> None:
    """Refuse what is neither a greyscale 3D volume nor one in colour.

    Raises:
        InputError: None, another kind of node, no voxels, several values in each voxel that are no colours (vectors,
            4D), a grid without usable directions.
    """
    if volumeNode is None:
        raise InputError(_("No volume is chosen"), None, _("Load an image and choose it as the source volume"))
    name = volumeNode.GetName()
    if not volumeNode.IsA("vtkMRMLScalarVolumeNode"):
        raise InputError(_("This is not a volume"), name, _("Choose a greyscale volume"))
    image = volumeNode.GetImageData()
    if image is None or image.GetNumberOfPoints() == 0 or image.GetPointData().GetScalars() is None:
        raise InputError(_("The volume holds no image"), name, _("Load it again or choose another one"))
    if image.GetNumberOfScalarComponents() != 1 and not inColour(volumeNode):
        raise InputError(
            _("The volume has {count} values in each voxel (vectors or a series)").format(
                count=image.GetNumberOfScalarComponents()
            ),
            name,
            _("Choose a greyscale 3D volume; extract one component or time point where needed"),
        )
    volumeGeometry(volumeNode)


def inColour(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether the values of a voxel are its colours, which a model sees as channels."""
    image = volumeNode.GetImageData()
    return image.GetNumberOfScalarComponents() in COLOURS and image.GetScalarType() == vtk.VTK_UNSIGNED_CHAR


def volumeGeometry(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Geometry:
    """The voxel grid in the volume's own RAS, without parent transforms.

    Raises:
        InputError: directions or spacing are unusable.
    """
    matrix = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(matrix)
    try:
        return Geometry(volumeNode.GetImageData().GetDimensions(), slicer.util.arrayFromVTKMatrix(matrix))
    except InputError as error:
        raise InputError(error.what, volumeNode.GetName(), error.remedy) from error


def volumeArray(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray:
    """The voxels [K, J, I], in colour [K, J, I, 3], a view on the node's own memory: not to be written to."""
    array: np.ndarray = slicer.util.arrayFromVolume(volumeNode)
    return array[..., : COLOURS[0]] if array.ndim > 3 else array


def volumeKey(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> tuple[Any, ...]:
    """Hashable; changes whenever voxels, size or geometry of the volume do, not with the transforms above it; and with
    the volumes that a model sees together with it, see :func:`channelKey`."""
    geometry, image = volumeGeometry(volumeNode), volumeNode.GetImageData()
    own = volumeNode.GetID(), image.GetMTime(), geometry.size, tuple(geometry.ijk_to_ras.ravel().tolist())
    return own + channelKey(volumeNode)


def volumeModality(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> str:
    """ "CT", "MR", ... where the volume was loaded from DICOM, else empty."""
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    item = hierarchy.GetItemByDataNode(volumeNode) if hierarchy is not None else 0
    name = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMSeriesModalityAttributeName()
    return hierarchy.GetItemAttribute(item, name) if item else ""


def _patient(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> str:
    """A hash of whose scan it is, where it was loaded from DICOM, else empty."""
    hierarchy, names = slicer.mrmlScene.GetSubjectHierarchyNode(), slicer.vtkMRMLSubjectHierarchyConstants
    item = 0 if hierarchy is None else hierarchy.GetItemByDataNode(volumeNode)
    patient = hierarchy.GetItemAncestorAtLevel(item, names.GetDICOMLevelPatient()) if item else 0
    number = hierarchy.GetItemUID(patient, names.GetDICOMUIDName()) if patient else ""
    return number and hashlib.sha256(number.encode()).hexdigest()


def libraryVolume(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Volume:
    """The volume for the library, with those that a model sees together with it as further channels. The voxels of one
    alone are those of the node, not a copy.

    Raises:
        InputError: see :func:`checkVolume`, of any of them; one that lies on another grid and may not be resampled, or
            has nothing in common with the first; DICOM of two patients; a transform that bends one beside the other;
            colours beside others.
    """
    from SAMAdaptLib.volume.channels import join_channels

    joined, first = join_channels(_channels(volumeNode), resample=True), firstFrame(volumeNode)
    return joined if first is None else replace(joined, film=_volume(first).content_hash)


def checkTogether(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Refuse what cannot be seen together, as :func:`libraryVolume` does, without a look at voxels; a note tells of
    names as of two patients."""
    from SAMAdaptLib.volume.channels import check_patients

    channels = _channels(volumeNode)
    check_patients(channels)
    if any(channel.colour for channel in channels) and furtherVolumes(volumeNode):
        raise InputError(
            _("A picture in colour fills the channels by itself"), volumeNode.GetName(), _("Choose no other beside it")
        )


def _channels(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> list[Volume]:
    first = _volume(volumeNode)
    return [first, *(_beside(volumeNode, first.geometry, node) for node in furtherVolumes(volumeNode))]


def toldOf(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Any]:
    """What a worker is told of the volume and of those that a model sees together with it: "array", "geometry", "name",
    "modality" and "colour", as for :meth:`SAMAdaptLib.service.client.Client.set_volume`.

    Raises:
        InputError: see :func:`libraryVolume`.
    """
    told = _alone(volumeNode)
    return told | {"array": libraryVolume(volumeNode).array} if furtherVolumes(volumeNode) else told


def _volume(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Volume:
    from SAMAdaptLib.volume.volume import Volume

    return Volume(**_alone(volumeNode), patient=_patient(volumeNode))


def _alone(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Any]:
    checkVolume(volumeNode)
    name, colour = volumeNode.GetName(), inColour(volumeNode)
    if colour and slicer.util.arrayFromVolume(volumeNode)[..., COLOURS[0] :].min(initial=255) < 255:
        raise InputError(_("Parts of the picture are transparent"), name, _("Load it without transparency"))
    told = {"name": name, "modality": volumeModality(volumeNode), "colour": colour}
    return {"array": volumeArray(volumeNode), "geometry": volumeGeometry(volumeNode), **told}


def _beside(
    volumeNode: slicer.vtkMRMLScalarVolumeNode, grid: Geometry, further: slicer.vtkMRMLScalarVolumeNode
) -> Volume:
    """A further volume in the frame of the first."""
    volume, place = _volume(further), fromBeside(volumeNode, further).matrix
    names = {"further": further.GetName(), "first": volumeNode.GetName()}
    if place is None:
        what = _("A transform bends {further} beside {first}").format(**names)
        raise InputError(what, None, _("Harden the transform, or put both volumes below it"))
    moved = replace(volume, geometry=Geometry(volume.geometry.size, place @ volume.geometry.ijk_to_ras))
    if not (mayResample(volumeNode) or moved.geometry.same_grid(grid)):
        what = _("{further} lies on another grid than {first}").format(**names)
        raise InputError(what, None, _("Allow it to be resampled, or choose another volume"))
    return moved


def greyVolumes(like: slicer.vtkMRMLScalarVolumeNode | None = None) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The greyscale volumes of the scene with more than one slice, in its order.

    Args:
        like: only those of its kind, CT or not.
    """
    from SAMAdaptLib.volume.policy import is_ct

    found = []
    for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode"):
        image = node.GetImageData()
        single = image is None or image.GetNumberOfScalarComponents() != 1 or min(image.GetDimensions()) < 2
        if not single and not node.IsA("vtkMRMLLabelMapVolumeNode"):
            found.append(node)
    if like is None:
        return found
    kind = is_ct(_volume(like))
    return [node for node in found if node is like or is_ct(_volume(node)) == kind]


def isPicture(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether it comes from a file of a picture, whose pixels have no size in mm."""
    from SAMAdaptLib.volume.colour import is_picture

    storage = volumeNode.GetStorageNode()
    return storage is not None and is_picture(storage.GetFileName() or "")


def scans(like: slicer.vtkMRMLScalarVolumeNode | None = None) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The volumes that :func:`greyVolumes` gives, and without ``like`` pictures, but for those that are seen together
    with another one of them; of two that are noted on each other the first counts."""
    every = greyVolumes(like)
    if like is None:
        loaded = [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") if node.GetImageData()]
        every += [node for node in loaded if node not in every and isPicture(node)]
    found: list[slicer.vtkMRMLScalarVolumeNode] = []
    for node in every:
        if any(node in furtherVolumes(other) for other in found):
            continue
        found = [other for other in found if other not in furtherVolumes(node)] + [node]
    return found


def displayedWindow(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> str:
    """Window and level of the display as "window:LEVEL/WIDTH".

    Raises:
        InputError: the volume has no greyscale display, or its window has no width.
    """
    from SAMAdaptLib.volume.intensity import Intensity

    display = volumeNode.GetDisplayNode()
    if display is None or not display.IsA("vtkMRMLScalarVolumeDisplayNode"):
        raise InputError(
            _("The volume is not displayed in grey levels"),
            volumeNode.GetName(),
            _("Show it, or give the intensity range"),
        )
    try:
        return str(Intensity("window", level=display.GetLevel(), width=display.GetWindow()))
    except InputError as error:
        raise InputError(error.what, volumeNode.GetName(), _("Adjust window and level of the volume")) from error


def intensityText(wish: str | None, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> str | None:
    """A user's wish for a mapping to grey levels as the library takes it.

    Args:
        wish: a mapping, "displayed", or "auto" or None for whatever adapter, library or values say.
        volumeNode: whose display counts, and those of the volumes that a model sees together with it.

    Raises:
        InputError: a text that is no mapping; see :func:`displayedWindow`.
    """
    from SAMAdaptLib.volume.intensity import Intensity
    from SAMAdaptLib.volume.policy import seen_together

    if wish is None or wish == "auto":
        return None
    if wish != "displayed":
        return str(Intensity.parse(wish))
    windows = [Intensity.parse(displayedWindow(node)) for node in (volumeNode, *furtherVolumes(volumeNode))]
    return str(seen_together(windows))


def segmentationLabels(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentIDs: list[str] | None = None,
) -> Labels:
    """Segments on the volume's grid, wherever transforms put the two; nearest neighbour where their grids differ.

    Args:
        segmentationNode: read only; segments that are surfaces are converted in a copy.
        volumeNode: gives the grid.
        segmentIDs: which segments, in this order; all where None.

    Returns:
        named structures; with whole masks where structures overlap.

    Raises:
        InputError: unusable volume, no such segment, two segments of one name.
    """
    from SAMAdaptLib.volume.labels import Labels

    checkVolume(volumeNode)
    segmentation = segmentationNode.GetSegmentation()
    segmentIDs = list(segmentation.GetSegmentIDs() if segmentIDs is None else segmentIDs)
    geometry = volumeGeometry(volumeNode)
    array = np.zeros(geometry.shape, np.uint8 if len(segmentIDs) <= 255 else np.uint16)
    blocks, overlap = {}, False
    for value, segmentID in enumerate(segmentIDs, start=1):
        place, block = _onVolume(segmentationNode, segmentID, volumeNode, geometry)
        name = segmentation.GetSegment(segmentID).GetName()
        if name in blocks:
            raise InputError(
                _("Two segments are named {name}").format(name=name),
                segmentationNode.GetName(),
                _("Rename one of them"),
            )
        blocks[name] = place, block
        overlap = overlap or bool(array[place][block].any())
        array[place][block] = value
    names = {name: value for value, name in enumerate(blocks, start=1)}
    masks = {}
    if overlap:
        for name, (place, block) in blocks.items():
            masks[name] = np.zeros(geometry.shape, bool)
            masks[name][place] = block
    return Labels(array, geometry, names, masks)


def _onVolume(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentID: str,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    geometry: Geometry,
) -> tuple[tuple[slice, ...], np.ndarray]:
    """A segment on the volume's voxels: the part of the array that it may touch, and the mask of that part."""
    nothing = (slice(0, 0),) * 3, np.zeros((0, 0, 0), bool)
    labelmap = segmentLabelmap(segmentationNode, segmentID)
    if labelmap is None:
        return nothing
    parents = segmentationNode.GetParentTransformNode(), volumeNode.GetParentTransformNode()
    toVoxel = PointMap.between(*parents).preceded(labelmap.grid.matrix).followed(geometry.ras_to_ijk)
    fromVoxel = PointMap.between(*parents[::-1])
    fromVoxel = fromVoxel.preceded(geometry.ijk_to_ras).followed(np.linalg.inv(labelmap.grid.matrix))
    if alignment(toVoxel, labelmap.grid) is None:
        labelmap = labelmap.cropped()
        if labelmap is None:
            return nothing
    grid = labelmap.grid
    count = 2 if toVoxel.matrix is not None else 17
    sides = [np.linspace(a - 0.5, b + 0.5, count) for a, b in zip(grid.low, grid.high, strict=True)]
    reached = toVoxel(np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 3))
    low = np.maximum(np.floor(reached.min(axis=0)).astype(np.int64) - 1, 0)
    high = np.minimum(np.ceil(reached.max(axis=0)).astype(np.int64) + 1, np.array(geometry.size) - 1)
    if (low > high).any():
        return nothing
    place = tuple(slice(a, b + 1) for a, b in zip(low[::-1], high[::-1], strict=True))
    return place, gather(labelmap, fromVoxel, toVoxel, low, high)
