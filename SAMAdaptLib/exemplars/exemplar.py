"""A labelled slice, and what its pixels tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.exemplars.deface import BLANK_HU
from SAMAdaptLib.exemplars.manifest import ExemplarInfo
from SAMAdaptLib.exemplars.slices import first_channel
from SAMAdaptLib.volume.body import AIR_HU, BONE_HU, air_level, body_mask
from SAMAdaptLib.volume.evidence import has_ct_numbers, sample
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.masks import Region, regions


@dataclass(frozen=True, eq=False)
class Exemplar:
    """A labelled slice.

    Attributes:
        info: what the manifest knows.
        pixels: [H, W], raw values in the type of the source volume; of several channels [H, W, C].
        labels: uint8 [H, W], 0 or the library's value of a class.
        neighbours: [2 n, H, W], raw values of the n slices on either side in the order of the volume, of several
            channels [2 n, H, W, C]; None without.
    """

    info: ExemplarInfo
    pixels: np.ndarray
    labels: np.ndarray
    neighbours: np.ndarray | None = None

    @cached_property
    def image(self) -> np.ndarray:
        """uint8 [H, W], of several channels [H, W, 3]: the pixels under the intensity mapping; read-only."""
        image = self._mapping.seen(self.pixels, self.info.bounds)
        image.setflags(write=False)
        return image

    @property
    def _mapping(self) -> Intensity:
        return Intensity.parse(self.info.intensity)

    @cached_property
    def body(self) -> np.ndarray:
        """bool [H, W]: the patient, as opposed to the air around; what is labelled is of the patient in any case."""
        spacing = self.info.pixel_spacing
        if self.ct:
            return body_mask(first_channel(self.pixels), AIR_HU, spacing) | (self.labels > 0)
        grey = first_channel(self.image)
        air = air_level(grey)
        if air is None:
            return np.ones(self.labels.shape, bool)
        return body_mask(grey, air, spacing) | (self.labels > 0)

    @cached_property
    def regions(self) -> dict[int, Region]:
        """Where each class of the slice lies, by its value in the labels."""
        return regions(self.labels)

    @cached_property
    def bone(self) -> np.ndarray:
        """bool [H, W]: CT above 200 HU; all False where the values are not known to be Hounsfield units."""
        return first_channel(self.pixels) > BONE_HU if self.ct else np.zeros(self.labels.shape, bool)

    @cached_property
    def ct(self) -> bool:
        """Whether the raw values show that they are Hounsfield units; a slice cut so tightly that no air is left does
        not, unless air was put around its labels."""
        first = first_channel(self.pixels)
        return has_ct_numbers(sample(first)) or (self.info.blanked_mm is not None and BLANK_HU in first)

    def stack(self, depth: int) -> np.ndarray:
        """uint8 [depth, H, W], of several channels [depth, H, W, 3]: the slice at place ``depth // 2`` of it.

        Raises:
            InputError: too few neighbours are kept.
        """
        kept, before = self.info.neighbours, depth // 2
        if before > kept:
            raise InputError(
                f"Exemplar {self.info.id} keeps {counted(kept, 'neighbour')} on each side, {before} are needed",
                None,
                f"Add the exemplars again with --neighbours {before}",
            )
        if depth == 1:
            return self.image[None]
        assert self.neighbours is not None
        around = self._mapping.seen(self.neighbours, self.info.bounds)
        whole = np.concatenate([around[:kept], self.image[None], around[kept:]])
        return whole[kept - before : kept - before + depth]
