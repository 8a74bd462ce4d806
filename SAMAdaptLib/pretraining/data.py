"""Unlabelled slices of all volumes in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.prompts.strategies import generator
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.volume.intensity import Intensity, is_constant
from SAMAdaptLib.volume.places import places
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.policy import CT, choose_intensity, join_mappings
from SAMAdaptLib.volume.volume import Volume, read_volume

# The branch of the random tree that chooses slices; objectives have those after it.
SLICES = 0


class Slice(NamedTuple):
    """A slice, or a stack around it.

    Attributes:
        image: uint8 [D, H, W], D = 1 for single slices; the end slices repeated where there are no more.
        frame: how it lies in the model input.
    """

    image: np.ndarray
    frame: ModelFrame


class Image(NamedTuple):
    """A volume to be learnt from, by what :func:`SAMAdaptLib.volume.volume.read_volume` takes."""

    path: Path
    series: str | None = None
    frames: str | None = None


class Note(NamedTuple):
    """A volume that was left out.

    Attributes:
        name: of the file or folder.
        reason: why, as a sentence.
    """

    name: str
    reason: str


def find_images(folder: str | Path) -> list[Path]:
    """Image files and DICOM folders at any depth, sorted; segmentations, results of SAMAdapt and what is hidden are
    left out.

    Other label maps look like images: they have to lie elsewhere.

    Raises:
        InputError: no such folder, or nothing in it.
    """
    # Beside volumes, pictures are what somebody made of them.
    return sorted(path for place in places(Path(folder)) for path in place.volumes or place.pictures)


class UnlabelledSlices:
    """The slices of a run; which of them a step sees is a function of seed and step alone.

    Args:
        images: the volumes.
        config: of the run.
        input_size: side of the model input in pixels.
        depth: slices of a stack.
        progress: called with (volumes read, volumes in all).
        check: called between volumes, to raise where the user wants to stop.

    Attributes:
        slices: all of them; the order does not depend on the names of files.
        hashes: of the volumes' contents, sorted.
        intensity: the mapping of the volumes, as text; where CT is among others, both, CT's first.
        notes: volumes that were left out.

    Raises:
        InputError: fewer slices than a batch.
    """

    def __init__(
        self,
        images: Sequence[Image],
        config: PretrainConfig,
        input_size: int,
        depth: int,
        progress: Callable[[int, int], None] = lambda done, total: None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._config, self._input_size, self._depth = config, input_size, depth
        self.notes: list[Note] = []
        found: dict[str, list[Slice]] = {}
        mappings: set[str] = set()
        channels = 0
        for done, image in enumerate(images):
            check()
            progress(done, len(images))
            try:
                volume = read_volume(*image)
                mapping = choose_intensity(volume, config.intensity)
                if channels not in (0, volume.channels):
                    raise InputError(f"{counted(volume.channels, 'channel')}, and {channels} before", None)
                slices = [*self._cut(volume, mapping)]
                channels = volume.channels
            except InputError as error:
                self.notes.append(Note(image.path.name, error.what))
                continue
            found[volume.content_hash] = slices
            mappings.add(str(mapping))
        self.hashes = sorted(found)
        self.slices = [one for name in self.hashes for one in found[name]]
        if len(self.slices) < config.batch_size:
            reasons = "; ".join(f"{note.name}: {note.reason}" for note in self.notes)
            few = counted(len(self.slices), "slice", "that shows", "that show")
            raise InputError(
                f"{few} something, for batches of {config.batch_size}",
                None,
                f"Add images or take a smaller batch_size{'. Left out: ' + reasons if reasons else ''}",
            )
        self.intensity = join_mappings(*sorted(mappings, key=lambda mapping: mapping != str(CT)))

    def batch(self, step: int) -> list[Slice]:
        """The slices of one step, all different."""
        rng = generator(self._config.seed, SLICES, step)
        chosen = rng.choice(len(self.slices), self._config.batch_size, replace=False)
        return [self.slices[index] for index in chosen]

    def _cut(self, volume: Volume, mapping: Intensity) -> Iterator[Slice]:
        """Evenly spaced slices among those that are not of one grey."""
        bounds = mapping.bounds(volume.array)
        stack = PlaneStack(volume.geometry, self._config.axis)
        shown = mapping.seen(stack.view(volume.array), bounds)
        frame = ModelFrame(stack.shape, self._input_size, stack.pixel_spacing)
        telling = np.flatnonzero([not is_constant(one) for one in shown])
        if not len(telling):
            raise InputError(f"Nothing can be seen with the mapping {mapping}", None, "Give another --intensity")
        count = min(len(telling), self._config.slices_per_volume)
        for index in telling[np.linspace(0, len(telling) - 1, count).round().astype(int)]:
            around = np.arange(self._depth) + index - self._depth // 2
            # A copy, or each slice would keep its whole volume alive.
            yield Slice(shown[np.clip(around, 0, len(shown) - 1)].copy(), frame)
