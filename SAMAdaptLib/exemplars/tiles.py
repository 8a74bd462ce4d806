"""Tiles of a slice that is much larger than what models see: each shows outlined objects at the slice's own scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from SAMAdaptLib.defaults import LARGE, LEAST_TILE
from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import Part, PlaneStack
from SAMAdaptLib.volume.volume import Volume

# Of a slice with more objects than so many tiles show the largest are taken.
MOST = 16
# Pixels of the smallest input of a model, and those of them by which an object is hardly seen.
SMALLEST, FEW = 256, 16


def tiles_showing(plane: np.ndarray, names: Sequence[str], side: int, told: str) -> list[Part]:
    """Tiles of a slice on which its objects are, each whole on one at least: around the largest that is on none yet,
    and so on. An object is a connected part (8 neighbours) of a structure.

    Args:
        plane: int [H, W], numbers of the structures, 0 for none.
        names: of the structures, in the order of the numbers.
        side: of a tile in pixels; of a smaller slice it is all.
        told: what the slice is called.

    Returns:
        the tiles; without an object the one in the middle.

    Raises:
        InputError: an object that is larger than a tile.
    """
    boxes: list[np.ndarray] = []
    ends = np.minimum(plane.shape, side)
    for number, name in enumerate(names, start=1):
        parts, _ = ndimage.label(plane == number, np.ones((3, 3)))
        found = [np.array([(way.start, way.stop) for way in box]).T for box in ndimage.find_objects(parts)]
        sizes = [box[1] - box[0] for box in found]
        widest = max((int(size.max()) for size in sizes if (size > ends).any()), default=0)
        if widest:
            what = f"{name} on {told} is {widest} pixels wide, more than a tile of {side}"
            raise InputError(what, None, f"Take tiles of {widest} pixels or more, or whole slices (tile 0)")
        boxes += found
    boxes.sort(key=lambda box: int(np.prod(box[1] - box[0])), reverse=True)
    boxes = boxes or [np.array([np.array(plane.shape) // 2] * 2)]
    tiles: list[Part] = []
    while boxes and len(tiles) < MOST:
        low, high = boxes[0]
        top, left = np.clip((low + high - ends) // 2, 0, np.array(plane.shape) - ends).tolist()
        tiles.append(Part(top, left, top + int(ends[0]), left + int(ends[1])))
        start, end = np.array([top, left]), np.array([top, left]) + ends
        boxes = [box for box in boxes if (box[0] < start).any() or (box[1] > end).any()]
    if boxes:
        shown = f"The {MOST} tiles of {told} show its largest objects; {counted(len(boxes), 'object')} are on none"
        note(shown, None, "Outline fewer, or take larger tiles")
    return tiles


def tell_of_small(planes: Iterable[np.ndarray]) -> None:
    """Note where models see little of what is outlined on large slices, since they make these as small as their input.

    Args:
        planes: int [H, W] each, 0 where nothing is outlined.
    """
    found = [(max(plane.shape), _widest(plane)) for plane in planes if max(plane.shape) > LARGE * SMALLEST]
    small = [(side, widest) for side, widest in found if 0 < widest * SMALLEST < FEW * side]
    if small:
        side, widest = small[0]
        what = f"The slices have {side} pixels and what is outlined {widest}, of which a model of {SMALLEST} sees"
        tile = max(LEAST_TILE, 32 * round(4 * widest / 32))
        remedy = f"Cut tiles around it: --tile {tile}, tile={tile} in Python"
        note(f"{what} {widest * SMALLEST / side:.0f}", None, remedy)


def _widest(plane: np.ndarray) -> int:
    """Longer side in pixels of the largest connected object."""
    parts, _ = ndimage.label(plane > 0, np.ones((3, 3)))
    return max((way.stop - way.start for box in ndimage.find_objects(parts) for way in box), default=0)


def cut(volume: Volume, labels: Labels | None, axis: str, part: Part | None) -> tuple[Volume, Labels | None]:
    """A part of all slices of a scan along an axis, and its labels there; of one patient with the scan. All of it where
    the part is None."""
    if part is None:
        return volume, labels
    place, geometry = PlaneStack(volume.geometry, axis).cut(part)
    film = volume.film or volume.content_hash
    small = replace(volume, array=volume.array[place], geometry=geometry, film=film)
    return small, None if labels is None else _cut_labels(labels, place, geometry)


def _cut_labels(labels: Labels, place: tuple[slice, ...], geometry: Geometry) -> Labels:
    masks = {name: mask[place] for name, mask in labels.masks.items()}
    return replace(labels, array=labels.array[place], geometry=geometry, masks=masks)
