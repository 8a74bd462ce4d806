"""The application's end of the volume that is likely to be chosen next."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from SAMAdaptLib.service.link.place import VolumeCopy
from SAMAdaptLib.service.protocol import SetNext, SetVolume, SlicePlane


@dataclass
class NextVolume:
    """Its copy, and what the worker is to be told of it.

    Attributes:
        key: see :meth:`SAMAdaptLib.service.client.Client.set_volume`.
        copy: is made while nothing is pending.
        volume: as a request names it.
        planes: those that are likely to be looked at first.
        told: whether the worker knows.
    """

    key: Hashable
    copy: VolumeCopy
    volume: SetVolume
    planes: tuple[SlicePlane, ...]
    told: bool = False

    def wish(self, volume: SetVolume, planes: tuple[SlicePlane, ...]) -> None:
        """What was told holds no more, unless it is the same."""
        parts = [(each.intensity, each.name, each.modality, each.colour) for each in (volume, self.volume)]
        self.told = self.told and planes == self.planes and parts[0] == parts[1]
        self.volume, self.planes = volume, planes

    def due(self, seconds: float) -> SetNext | None:
        """Copy on for about so long; gives what the worker is to be told now, once."""
        if self.told or not (self.copy.complete or self.copy.fill(seconds)):
            return None
        self.told = True
        return SetNext(0, self.volume, list(self.planes))
