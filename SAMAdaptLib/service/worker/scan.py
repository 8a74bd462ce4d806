"""A volume in shared memory as the worker looks at it, and places on its slices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.cache import Embeddings
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.service.link.shared import AttachedVolume
from SAMAdaptLib.service.protocol import SetVolume, SlicePlane
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.policy import choose_intensity
from SAMAdaptLib.volume.volume import Volume


@dataclass(frozen=True)
class _MeasuredOnce(Intensity):
    """An intensity mapping that looks for its bounds once, not again for each slice axis."""

    # Made anew in each copy, of which there is one for every channel.
    found: list[tuple[float, ...]] = field(default_factory=list, compare=False, init=False)

    def bounds(self, array: np.ndarray, name: str | None = None) -> tuple[float, ...]:
        if not self.found:
            self.found.append(super().bounds(array, name))
        return self.found[0]


class Scan:
    """A volume, its mapping to grey levels, and its slices, which all stay until the model changes.

    Args:
        told: names the segment, and says the rest.

    Attributes:
        told: what was said last, of which only the mapping may change.
        checked: whether :meth:`check` has found it usable.

    Raises:
        InputError: the segment is gone.
    """

    def __init__(self, told: SetVolume) -> None:
        self._shared = AttachedVolume(told.segment, told.shape, told.dtype)
        depth, height, width = told.shape[:3]
        geometry = Geometry((width, height, depth), told.ijk_to_ras)
        self.told, self.checked = told, False
        self.volume = Volume(self._shared.array, geometry, told.name, told.modality, colour=told.colour)
        self._intensity: _MeasuredOnce | None = None
        self._planes: dict[str, VolumePredictor] = {}

    def is_of(self, told: SetVolume) -> bool:
        """Whether this is the volume that is meant, whatever its mapping."""
        known = self.told
        same = [(each.segment, each.name, each.modality, each.colour) for each in (told, known)]
        return same[0] == same[1] and np.array_equal(told.ijk_to_ras, known.ijk_to_ras)

    def check(self) -> None:
        """Look through the voxels, unless that was done before.

        Raises:
            InputError: some are not finite.
        """
        array = self.volume.array
        if not self.checked and array.dtype.kind == "f" and not all(np.isfinite(part).all() for part in array):
            raise InputError("The volume holds NaN or infinite voxels", self.volume.name or None, "Replace them first")
        self.checked = True

    def mapping(self, trained: str) -> Intensity:
        """To grey levels, as was told, else what ``trained`` says, the mapping of an adapter, else what suits the
        values; its bounds are measured when they are asked for first.

        Raises:
            InputError: see :func:`SAMAdaptLib.volume.policy.choose_intensity`.
        """
        wanted = choose_intensity(self.volume, self.told.intensity, trained)
        if self._intensity is None or str(self._intensity) != str(wanted):
            self._intensity = _MeasuredOnce(**vars(wanted))
        return self._intensity

    def bounds(self, trained: str) -> tuple[float, ...]:
        """The values that become black and white under :meth:`mapping`, of each channel.

        Raises:
            InputError: see there, and :meth:`SAMAdaptLib.volume.intensity.Intensity.bounds`.
        """
        return self.mapping(trained).bounds(self.volume.array, self.volume.name or None)

    def slices(self, predictor: Predictor, axis: str, cache: Embeddings) -> VolumePredictor:
        """Along an axis, for a predictor and a cache that stay the same until :meth:`forget_slices`.

        Raises:
            InputError: see :class:`VolumePredictor`.
        """
        if axis not in self._planes:
            mapping = self.mapping(predictor.model.intensity)
            self._planes[axis] = VolumePredictor(predictor, self.volume, axis, mapping, cache)
        return self._planes[axis]

    def forget_slices(self) -> None:
        """Model, cache or mapping is another one."""
        self._planes.clear()

    def detach(self) -> None:
        """Let go of the memory; there are no voxels any more."""
        self._planes.clear()
        self.checked = False
        self.volume = Volume(np.zeros((0, 0, 0)), self.volume.geometry)
        self._shared.detach()

    def remove(self) -> None:
        """Remove the segment in place of an application that died."""
        self._shared.remove()


def around(planes: Sequence[SlicePlane], reach: int, counts: Callable[[str], int]) -> list[SlicePlane]:
    """Planes and their neighbours on each side, the nearest first, each once.

    Args:
        planes: the likeliest first.
        reach: neighbours on each side.
        counts: how many slices there are along an axis.
    """
    steps = [0, *(side * step for step in range(1, reach + 1) for side in (1, -1))]
    near = [SlicePlane(plane.index + step, plane.axis) for plane in planes for step in steps]
    return [plane for plane in dict.fromkeys(near) if 0 <= plane.index < counts(plane.axis)]


def check_index(index: int, stack: PlaneStack) -> None:
    """Raises InputError for what is no slice of a stack."""
    if not 0 <= index < stack.count:
        raise InputError(f"There is no slice {index} of {stack.axis}", None, f"Stay in 0 to {stack.count - 1}")


def check_plane(index: int, shape: tuple[int, ...], stack: PlaneStack) -> None:
    """Raises InputError for what is no slice of a stack, or has another shape (H, W)."""
    check_index(index, stack)
    if tuple(shape) != stack.shape:
        raise InputError(f"The mask of slice {index} has another size than the slice", None, "Choose the volume again")


def check_inside(prompt: Prompt, shape: tuple[int, int]) -> None:
    """Raises InputError for a point or an outline outside the plane, (H, W) pixels, or a box that lies wholly outside.
    """
    ends = np.array(shape[::-1]) - 0.5
    outline = np.zeros((0, 2)) if prompt.outline is None else prompt.outline
    places = np.concatenate([prompt.points, outline])
    if not ((places >= -0.5) & (places <= ends)).all():
        raise InputError("A point lies outside the image", None, "Click on the image")
    if prompt.box is not None:
        low, high = np.sort(prompt.box.reshape(2, 2), axis=0)
        if not ((high >= -0.5) & (low <= ends)).all():
            raise InputError("A box lies outside the image", None, "Draw it on the image")
