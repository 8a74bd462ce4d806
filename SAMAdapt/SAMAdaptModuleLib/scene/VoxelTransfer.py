"""Voxels from the pixels of planes onto a segmentation's grid, and back.

Plane coordinates are (x, y, z): pixel column, pixel row, and the place along the stack of planes. Where both grids have
one lattice, voxels are copied; else nearest neighbour.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from SAMAdaptLib.volume.geometry import nearest_index, transform_points
from SAMAdaptLib.volume.masks import bounds
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.SegmentGrid import Labelmap, SegmentGrid

# Voxels by which two lattices may differ anywhere and still count as one; half a voxel would be the limit of rounding.
LATTICE_TOLERANCE = 0.1
# Voxels along each edge of the blocks within which a non-linear transform counts as linear: a warp of 4 mm over 100 mm
# then errs by 0.03 mm on voxels of 1 mm.
CELL = 4
# Voxels looked at in one go.
CHUNK = 1 << 18

Lattice = tuple[np.ndarray, np.ndarray, np.ndarray]


def scatter(
    indices: ArrayLike, masks: np.ndarray, toPlane: PointMap, fromPlane: PointMap, grid: SegmentGrid, whole: bool
) -> tuple[np.ndarray, np.ndarray] | None:
    """Find the voxels of ``grid`` that masks on parallel planes cover.

    A voxel belongs to the plane nearest to its centre if that is within half a step of it, and takes the value of the
    pixel that its centre lies in. Where the voxels are thicker than the step, half a voxel counts, so that a plane
    between two voxel centres is not lost.

    Args:
        indices: z of each plane, rising; 1 apart or more.
        masks: bool [n, H, W].
        toPlane: voxel index to (x, y, z).
        fromPlane: the inverse.
        grid: the target.
        whole: take every voxel that the plane cuts, as for a single plane oblique to the grid.

    Returns:
        (uint8 [K, J, I], index (I, J, K) of its first voxel), or None where nothing is covered.
    """
    indices = np.asarray(indices, dtype=np.float64)
    covered = bounds(np.asarray(masks.any(axis=0)))
    if covered is None:
        return None
    corner = np.array([side.start for side in covered[::-1]])
    onAll = (slice(None), *covered)
    masks = masks[onAll]
    lattice = alignment(toPlane, grid)
    if lattice is not None:
        return _copyOut(indices, masks, corner, lattice, grid)
    span = np.array([[*(corner - 0.5), indices[0]], [*(corner + masks.shape[:0:-1] - 0.5), indices[-1]]])
    thickness = _thickness(toPlane, fromPlane, span, whole)
    span[:, 2] += np.array([-0.5, 0.5]) * abs(thickness)
    box = _voxelBox(fromPlane, span, grid)
    if box is None:
        return None
    low, high = box
    pick = _Picker(indices, masks, corner, thickness)
    matrix = toPlane.matrix
    parts = _cells(toPlane, span, low, high, pick) if matrix is None else _columns(matrix, span, low, high, pick)
    found = np.concatenate([np.zeros((0, 3), np.int64), *parts])
    if not len(found):
        return None
    low, high = found.min(axis=0), found.max(axis=0)
    out = np.zeros((high - low + 1)[::-1], np.uint8)
    i, j, k = (found - low).T
    out[k, j, i] = 1
    return out, low


def gather(labelmap: Labelmap, toIndex: PointMap, toPlane: PointMap, low: ArrayLike, high: ArrayLike) -> np.ndarray:
    """Read a segment at the pixels of planes.

    Args:
        labelmap: the segment.
        toIndex: (x, y, z) to voxel index.
        toPlane: the inverse.
        low: first (x, y, z), whole numbers.
        high: last (x, y, z), inclusive.

    Returns:
        bool [z, y, x].
    """
    low, high = np.asarray(low), np.asarray(high)
    lattice = alignment(toPlane, labelmap.grid)
    if lattice is not None:
        return _copyIn(labelmap, lattice, low, high)
    out = np.zeros((high - low + 1)[::-1], bool)
    x, y = np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1)[:, None]
    for row, z in enumerate(range(low[2], high[2] + 1)):
        if toIndex.matrix is not None:
            axes = [part[0] * x + part[1] * y + (part[2] * z + part[3]) for part in toIndex.matrix[:3]]
        else:
            grid = np.broadcast_arrays(x, y, z)
            axes = toIndex(np.stack([part.ravel() for part in grid], axis=1)).T.reshape(3, *grid[0].shape)
        index = [nearest_index(part) - first for part, first in zip(axes, labelmap.grid.low, strict=True)]
        valid = np.ones(out[row].shape, bool)
        for part, count in zip(index, labelmap.array.shape[::-1], strict=True):
            valid &= (part >= 0) & (part < count)
        i, j, k = (part[valid] for part in index)
        out[row][valid] = labelmap.inside(labelmap.array[k, j, i])
    return out


def alignment(toPlane: PointMap, grid: SegmentGrid) -> Lattice | None:
    """How voxel indices become whole (x, y, z) where both share a lattice; None where they do not.

    Returns:
        (order, sign, shift), each int64 [3]: coordinate ``order[a]`` = ``sign[a]`` * index[a] + ``shift[order[a]]``.
    """
    matrix = toPlane.matrix
    if matrix is None:
        return None
    rounded = np.rint(matrix)
    turn = np.abs(rounded[:3, :3])
    if not ((turn.sum(axis=0) == 1) & (turn.sum(axis=1) == 1)).all():
        return None
    corners = np.stack(np.meshgrid(*zip(grid.low, grid.high, strict=True)), axis=-1).reshape(-1, 3)
    if np.abs(transform_points(matrix, corners) - transform_points(rounded, corners)).max() > LATTICE_TOLERANCE:
        return None
    order = turn.argmax(axis=0)
    return order, rounded[order, np.arange(3)].astype(np.int64), rounded[:3, 3].astype(np.int64)


def _copyOut(
    indices: np.ndarray, masks: np.ndarray, corner: np.ndarray, lattice: Lattice, grid: SegmentGrid
) -> tuple[np.ndarray, np.ndarray] | None:
    order, sign, shift = lattice
    depth = nearest_index(indices)
    block = np.zeros((depth[-1] - depth[0] + 1, *masks.shape[1:]), np.uint8)
    block[depth - depth[0]] = masks
    first = np.array([*corner, depth[0]])
    last = first + block.shape[::-1] - np.array(1)
    ends = np.stack([sign * (first - shift)[order], sign * (last - shift)[order]])
    start, stop = ends.min(axis=0), ends.max(axis=0)
    array = _turned(block, order, sign)
    low, high = np.maximum(start, grid.low), np.minimum(stop, grid.high)
    if (low > high).any():
        return None
    array = array[tuple(slice(a, b + 1) for a, b in zip((low - start)[::-1], (high - start)[::-1], strict=True))]
    return (array, low) if array.any() else None


def _copyIn(labelmap: Labelmap, lattice: Lattice, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    order, sign, shift = lattice
    ends = np.stack([sign * (low - shift)[order], sign * (high - shift)[order]])
    start, stop = ends.min(axis=0), ends.max(axis=0)
    first, last = np.maximum(start, labelmap.grid.low), np.minimum(stop, labelmap.grid.high)
    block = np.zeros((high - low + 1)[::-1], bool)
    if (first > last).any():
        return block

    def part(origin: np.ndarray) -> tuple[slice, ...]:
        return tuple(slice(a, b + 1) for a, b in zip((first - origin)[::-1], (last - origin)[::-1], strict=True))

    _turned(block, order, sign)[part(start)] = labelmap.inside(labelmap.array[part(labelmap.grid.low)])
    return block


def _turned(block: np.ndarray, order: np.ndarray, sign: np.ndarray) -> np.ndarray:
    """A view of [z, y, x] as [K, J, I]."""
    flipped = tuple(slice(None, None, -1) if step < 0 else slice(None) for step in sign[::-1])
    return block.transpose([2 - axis for axis in order[::-1]])[flipped]


def _thickness(toPlane: PointMap, fromPlane: PointMap, span: np.ndarray, whole: bool) -> float:
    """What counts as one plane, along z. Below 0 where a border belongs to the voxel beyond it, as seen from voxels.

    Planes divide voxels among them: a centre half-way goes to the upper plane. Where voxels are thicker, or cut as a
    whole, it is the other way round: a plane half-way goes to the upper voxel, which is also how it is read.
    """
    points = span.mean(axis=0, keepdims=True)
    if toPlane.matrix is None:
        # A bent plane has no one thickness; the largest of some samples leaves no holes.
        points = np.stack(np.meshgrid(*np.linspace(span[0], span[1], 5).T), axis=-1).reshape(-1, 3)
    steps = toPlane.jacobian(fromPlane(points))[:, 2]
    extents = np.abs(steps)
    along = steps.mean(axis=0)
    upward = np.sign(along[np.abs(along).argmax()])
    thickness = float(extents.sum(axis=1).max() if whole else extents.max())
    return -upward * thickness if whole or thickness > 1 + 1e-6 else 1.0


def _voxelBox(fromPlane: PointMap, span: np.ndarray, grid: SegmentGrid) -> tuple[np.ndarray, np.ndarray] | None:
    """Lowest and highest voxel that a box of plane coordinates may reach, within the grid."""
    counts = np.full(3, 2) if fromPlane.matrix is not None else np.ceil(np.ptp(span, axis=0) / CELL).astype(int) + 2
    sides = [np.linspace(float(a), float(b), int(n)) for a, b, n in zip(*span, counts, strict=True)]
    reached = fromPlane(np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 3))
    low, high = reached.min(axis=0), reached.max(axis=0)
    # Between samples a warp may bulge a little further.
    margin = 0 if fromPlane.matrix is not None else 2 + 0.05 * (high - low)
    low = np.maximum(np.floor(low - margin).astype(np.int64), grid.low)
    high = np.minimum(np.ceil(high + margin).astype(np.int64), grid.high)
    return None if (low > high).any() else (low, high)


class _Picker:
    """Tells which plane coordinates lie in a mask."""

    def __init__(self, indices: np.ndarray, masks: np.ndarray, corner: np.ndarray, thickness: float) -> None:
        self._indices, self._masks, self._corner, self._thickness = indices, masks, corner, thickness
        # A hair lower, so that a half goes up as everywhere (see nearest_index).
        self._borders = (indices[1:] + indices[:-1]) / 2 - 1e-6

    def __call__(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        plane = np.searchsorted(self._borders, z, side="right") if len(self._borders) else 0
        found = np.flatnonzero(nearest_index((z - self._indices[plane]) / self._thickness) == 0)
        column, row = nearest_index(x[found]) - self._corner[0], nearest_index(y[found]) - self._corner[1]
        height, width = self._masks.shape[1:]
        valid = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        found, column, row = found[valid], column[valid], row[valid]
        which = plane[found] if isinstance(plane, np.ndarray) else 0
        inside: np.ndarray = self._masks[which, row, column]
        return found[inside]


def _columns(
    matrix: np.ndarray, span: np.ndarray, low: np.ndarray, high: np.ndarray, pick: _Picker
) -> Iterator[np.ndarray]:
    """Voxels of a linear map: along the axis most across the planes, each column of voxels meets only a few."""
    w = int(np.abs(matrix[2, :3]).argmax())
    u, v = (axis for axis in range(3) if axis != w)
    across, down = np.arange(low[u], high[u] + 1), np.arange(low[v], high[v] + 1)[:, None]
    base = [(part[u] * across + part[v] * down + part[3]).ravel() for part in matrix[:3]]
    step = matrix[2, w]
    ends = np.sort([(span[0, 2] - base[2]) / step, (span[1, 2] - base[2]) / step], axis=0)
    # Widened a hair, as rounding decides at the border itself.
    start = np.maximum(np.ceil(ends[0] - 1e-3).astype(np.int64), low[w])
    stop = np.minimum(np.floor(ends[1] + 1e-3).astype(np.int64), high[w])
    deepest = int((stop - start).max(initial=-1))
    for deeper in range(deepest + 1):
        at = start + deeper
        hit = pick(*(part + row[w] * at for part, row in zip(base, matrix[:3], strict=True)))
        hit = hit[at[hit] <= stop[hit]]
        ijk = np.empty((len(hit), 3), np.int64)
        ijk[:, u], ijk[:, v], ijk[:, w] = low[u] + hit % across.size, low[v] + hit // across.size, at[hit]
        yield ijk


def _cells(
    toPlane: PointMap, span: np.ndarray, low: np.ndarray, high: np.ndarray, pick: _Picker
) -> Iterator[np.ndarray]:
    """Voxels of a non-linear map, which is slow: known at the corners of small blocks, and linear in between."""
    counts = (high - low) // CELL + 2
    lattice = np.stack(np.meshgrid(*(np.arange(n) for n in counts), indexing="ij"), axis=-1).reshape(-1, 3)
    at = toPlane((low + CELL * lattice).astype(float)).reshape(*counts, 3)
    corners = list(itertools.product((0, 1), repeat=3))
    around = np.stack(
        [at[tuple(slice(c, n - 1 + c) for c, n in zip(corner, counts, strict=True))] for corner in corners]
    )
    near = np.argwhere(((around.min(axis=0) <= span[1]) & (around.max(axis=0) >= span[0])).all(axis=-1))
    within = np.stack(np.meshgrid(*[np.arange(CELL)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    part = within / CELL
    weights = np.stack([np.where(corner, part, 1 - part).prod(axis=1) for corner in corners])
    for first in range(0, len(near), CHUNK // len(within)):
        blocks = near[first : first + CHUNK // len(within)]
        corner = (slice(None), *blocks.T)
        xyz = np.einsum("cnp,cw->nwp", around[corner], weights).reshape(-1, 3)
        ijk = (low + CELL * blocks[:, None] + within).reshape(-1, 3)
        ijk = ijk[pick(*xyz.T)]
        yield ijk[(ijk <= high).all(axis=1)]
