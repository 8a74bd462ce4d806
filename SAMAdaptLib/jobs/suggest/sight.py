"""Exemplars and scans as a model sees them: the base's embeddings to compare, the adapter's answers to doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from SAMAdaptLib.adapters.comparison import ADAPTED
from SAMAdaptLib.defaults import BASE
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.mapping import library_intensity
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.jobs.suggest.appearance import cells_of
from SAMAdaptLib.jobs.suggest.scans import Scan
from SAMAdaptLib.sam.cache import EmbeddingCache, embedding_key
from SAMAdaptLib.sam.encode import half_precision
from SAMAdaptLib.sam.predictor import ConstantSlice, Predictor, VolumePredictor
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.policy import choose_intensity
from SAMAdaptLib.volume.volume import Volume


class Shown(NamedTuple):
    """A scan under the model.

    Attributes:
        on: the adapter on its slices, the base where there is none; the base's answers are ``on.predictor.kept``.
        labels: what was segmented on it before, or None.
    """

    on: VolumePredictor
    labels: Labels | None


class Sight:
    """Scans under a model, of which one is in memory at a time.

    Args:
        model: with its base kept where it has an adapter.
        scans: the scans.
        axis: of the slices.
        intensity: the user's mapping, else the adapter's, the library's, or the one that suits the values.
        library: of the exemplars.
        cache: of embeddings.

    Raises:
        InputError: an adapter without its base.
    """

    def __init__(
        self,
        model: LoadedModel,
        scans: Sequence[Scan],
        axis: str,
        intensity: Intensity | str | None,
        library: Library | None,
        cache: EmbeddingCache,
    ) -> None:
        # The adapter itself is asked also where others answer for it.
        self.model = model.with_weights(ADAPTED).predictor
        if model.info is not None and BASE not in self.model.kept:
            raise InputError("The model was loaded without its base", None, "Load it with keep_base=True")
        self.base = self.model.kept.get(BASE, self.model)
        self._one_encoder = self.model is not self.base and _shared(self.model, self.base)
        self._scans, self._axis, self._intensity = scans, axis, intensity
        self._library, self._cache = library, cache
        self._shown: tuple[int, Shown] | None = None

    def scan(self, place: int) -> Shown:
        """A scan by its place."""
        if self._shown is None or self._shown[0] != place:
            self._shown = None
            volume, labels = self._scans[place].read()
            on = VolumePredictor(self.model, volume, self._axis, self._mapping(volume), self._cache)
            self._shown = place, Shown(on, labels)
        return self._shown[1]

    def share_embedding(self, place: int, index: int) -> None:
        """Spare the adapter the encoding of a slice that the base has encoded, where both have the same encoder."""
        on = self.scan(place).on
        if self._one_encoder:
            kept = self._cache.get(on.under(self.base).key(index))
            if kept is not None:
                self._cache.put(on.key(index), kept)

    def cells(self, place: int, index: int) -> np.ndarray | None:
        """A slice's parts as the base sees them, see :func:`cells_of`; None where it shows a single grey level."""
        on = self.scan(place).on.under(self.base)
        try:
            return cells_of(on.embedding(index), on.frame)
        except ConstantSlice:
            return None

    def cells_of_exemplar(self, exemplar: Exemplar) -> np.ndarray:
        """The same of an exemplar."""
        info, model = exemplar.info, self.base.model
        frame = self.base.frame(info.shape, info.pixel_spacing)
        key = embedding_key(
            model=model.identity,
            exemplar=info.hash,
            bounds=info.bounds,
            pixel_spacing=info.pixel_spacing,
            precision=str(self.base.dtype),
        )
        kept = self._cache.get(key)
        if kept is None:
            kept = half_precision(self.base.encode(exemplar.image, frame)[0])
            self._cache.put(key, kept)
        return cells_of(torch.from_numpy(kept.astype(np.float32))[None], frame)

    def _mapping(self, volume: Volume) -> Intensity:
        trained = self.model.model.intensity
        if trained or self._library is None:
            return choose_intensity(volume, self._intensity, trained)
        given = None if self._intensity is None else str(self._intensity)
        return library_intensity(self._library.folder, volume, given)


def _shared(one: Predictor, other: Predictor) -> bool:
    """Whether two encoders are one in memory, see :func:`SAMAdaptLib.jobs.load.load_model`."""
    pairs = [dict(predictor.model.sam.image_encoder.named_parameters()) for predictor in (one, other)]
    places = [{name: parameter.data_ptr() for name, parameter in pair.items()} for pair in pairs]
    return places[0] == places[1] and one.model.depth == 1
