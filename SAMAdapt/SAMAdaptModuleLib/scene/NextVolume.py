"""Which volume of the scene is likely to be worked on next, and what of it is looked at first."""

from __future__ import annotations

import slicer

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptModuleLib.scene.Channels import furtherVolumes
from SAMAdaptModuleLib.scene.FindPlane import planeOfView
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, greyVolumes, volumeGeometry, volumeModality


def nextVolume(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The next scan in the order in which the scene holds them; None after the last.

    Passed over are label maps, what lists do not show, what no prompt can go to, single slices, what is seen together
    with this one, and what is known to be of another modality, for which nobody would keep the model.
    """
    nodes, modality = greyVolumes(), volumeModality(volumeNode)
    together = furtherVolumes(volumeNode)
    for node in nodes[nodes.index(volumeNode) + 1 :] if volumeNode in nodes else []:
        if node in together or node.GetHideFromEditors() or (modality and volumeModality(node) not in ("", modality)):
            continue
        try:
            checkVolume(node)
        except InputError:
            continue
        return node
    return None


def likelyPlanes(
    sliceNode: slicer.vtkMRMLSliceNode, volumeNode: slicer.vtkMRMLScalarVolumeNode, axis: str
) -> list[SlicePlane]:
    """Slices of a volume that a view is likely to show once the volume is chosen: the one where the view is now, and
    the middle one, to which Slicer moves views that it fits to a volume.

    Args:
        sliceNode: of the view.
        volumeNode: that is not in use yet.
        axis: "axial", "coronal" or "sagittal": of the middle one, where the view is along none of the volume's own.

    Raises:
        InputError: unusable volume.
    """
    planes = []
    try:
        shown = planeOfView(sliceNode, volumeNode)
    except InputError:
        # It shows nothing of this one.
        checkVolume(volumeNode)
    else:
        if shown.axis is not None and shown.index is not None:
            axis = shown.axis
            planes.append(SlicePlane(shown.index, axis))
    return [*planes, SlicePlane(PlaneStack(volumeGeometry(volumeNode), axis).count // 2, axis)]
