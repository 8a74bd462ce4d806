"""A slice of voxels as they were scanned."""

from __future__ import annotations

import numpy as np
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptModuleLib.scene.Frames import transformKey
from SAMAdaptModuleLib.scene.Plane import ViewPlane
from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry, volumeKey


class VoxelPlane(ViewPlane):
    """A voxel slice of the volume, held as :class:`SAMAdaptLib.volume.planes.PlaneStack` shows it.

    Args:
        volumeNode: the volume.
        axis: "axial", "coronal" or "sagittal".
        index: voxel index along the slice axis.

    Raises:
        InputError: another axis, or an index outside the volume.
    """

    def __init__(self, volumeNode, axis: str, index: int) -> None:
        stack = PlaneStack(volumeGeometry(volumeNode), axis)
        if not 0 <= index < stack.count:
            raise InputError(
                _("There is no {axis} slice {index}").format(axis=axis, index=index),
                volumeNode.GetName(),
                _("Choose one of 0 to {last}").format(last=stack.count - 1),
            )
        parent = volumeNode.GetParentTransformNode()
        key = ("voxels", volumeKey(volumeNode), axis, int(index), transformKey(parent))
        super().__init__(volumeNode, stack.shape, stack.pixel_spacing, key)
        self.axis, self.index = axis, int(index)
        self._setFrame(parent, planeMatrix(stack), self.index, stack.step)

    def message(self) -> SlicePlane:
        """The slice by its index: the worker holds the volume itself."""
        return SlicePlane(self.index, self.axis)


def planeMatrix(stack: PlaneStack) -> np.ndarray:
    """4x4 from the volume's own RAS mm to (x, y, index)."""
    return stack.ijk_to_pixel @ stack.geometry.ras_to_ijk
