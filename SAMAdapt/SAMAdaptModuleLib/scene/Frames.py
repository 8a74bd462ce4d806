"""From one frame of the scene to another: matrices where transforms are linear, VTK's own transforms where not."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from SAMAdaptLib.volume.geometry import transform_points


class PointMap:
    """Maps points [N, 3] between two frames; calling it returns float64 [N, 3].

    Args:
        before: 4x4, applied first.
        warp: non-linear ``vtkAbstractTransform`` between the matrices, or None.
        after: 4x4, applied last.
    """

    def __init__(
        self, before: np.ndarray, warp: vtk.vtkAbstractTransform | None = None, after: np.ndarray | None = None
    ) -> None:
        after = np.eye(4) if after is None else after
        self._warp = warp
        self._before: np.ndarray = after @ before if warp is None else before
        self._after: np.ndarray = np.eye(4) if warp is None else after

    @classmethod
    def between(
        cls, source: slicer.vtkMRMLTransformNode | None, target: slicer.vtkMRMLTransformNode | None
    ) -> PointMap:
        """From below one transform node to below another; None is the world.

        Nodes under one parent are in one frame, whatever that parent does.
        """
        if source is target:
            return cls(np.eye(4))
        general = vtk.vtkGeneralTransform()
        slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(source, target, general)
        if not slicer.vtkMRMLTransformNode.IsGeneralTransformLinear(general):
            return cls(np.eye(4), general)
        matrix = vtk.vtkMatrix4x4()
        slicer.vtkMRMLTransformNode.GetMatrixTransformBetweenNodes(source, target, matrix)
        return cls(slicer.util.arrayFromVTKMatrix(matrix))

    @property
    def matrix(self) -> np.ndarray | None:
        """The whole map as float64 [4, 4]; None where it is not linear."""
        return self._before if self._warp is None else None

    def __call__(self, points: np.ndarray) -> np.ndarray:
        points = transform_points(self._before, points)
        if self._warp is None:
            return points
        source, target = vtk.vtkPoints(), vtk.vtkPoints()
        source.SetData(numpy_to_vtk(np.ascontiguousarray(points)))
        target.SetDataTypeToDouble()
        self._warp.TransformPoints(source, target)
        return transform_points(self._after, vtk_to_numpy(target.GetData()))

    def preceded(self, matrix: np.ndarray) -> PointMap:
        """The same map with a 4x4 ``matrix`` applied to the points before it."""
        return PointMap(self._before @ matrix, self._warp, self._after)

    def followed(self, matrix: np.ndarray) -> PointMap:
        """The same map with a 4x4 ``matrix`` applied to its result."""
        return PointMap(self._before, self._warp, matrix @ self._after)

    def jacobian(self, points: np.ndarray) -> np.ndarray:
        """Change of the result per unit of each coordinate at points [N, 3]: float64 [N, 3 (result), 3 (point)]."""
        points = np.atleast_2d(np.asarray(points, dtype=np.float64))
        if self._warp is None:
            return np.broadcast_to(self._before[:3, :3], (len(points), 3, 3))
        shifts = np.concatenate([np.eye(3), -np.eye(3)]) / 2
        ends = self((points[:, None] + shifts).reshape(-1, 3)).reshape(-1, 6, 3)
        return (ends[:, :3] - ends[:, 3:]).transpose(0, 2, 1)

    def toVtk(self) -> vtk.vtkAbstractTransform:
        """The same map as a VTK transform."""
        if self._warp is None:
            return _vtkLinear(self._before)
        general = vtk.vtkGeneralTransform()
        general.PostMultiply()
        for part in (_vtkLinear(self._before), self._warp, _vtkLinear(self._after)):
            general.Concatenate(part)
        return general


def transformKey(node: slicer.vtkMRMLTransformNode | None) -> tuple[Any, ...]:
    """Hashable state of everything between a transform node (None: the world) and the world."""
    if node is None:
        return ()
    matrix = PointMap.between(node, None).matrix
    if matrix is None:
        return (node.GetID(), node.GetTransformToWorldMTime())
    return tuple(np.round(matrix[:3].ravel(), 9))


def _vtkLinear(matrix: np.ndarray) -> vtk.vtkTransform:
    transform = vtk.vtkTransform()
    transform.SetMatrix(matrix.ravel().tolist())
    return transform
