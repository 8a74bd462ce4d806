"""Whole volumes without marks on any slice, by models that find objects themselves or by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from scipy import ndimage

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.predictor import ConstantSlice, Predictor, VolumePredictor
from SAMAdaptLib.sam.text import text_tokens
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.policy import choose_axis
from SAMAdaptLib.volume.volume import Volume

Progress = Callable[[int, int, int], None]
# An object found on fewer slices in a row than this is taken for an error.
LEAST_SLICES = 2


def segment_automatically(
    predictor: Predictor,
    volume: Volume,
    classes: Sequence[str],
    *,
    axis: str | None = None,
    intensity: Intensity | None = None,
    clean: bool = True,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, np.ndarray]:
    """Segment everything that the adapter knows: boxes found on every slice, one decoder call a slice.

    Args:
        predictor: with an adapter that finds objects.
        volume: the scan.
        classes: names of what the adapter finds, in its own order.
        axis: of the slices; by default the adapter's.
        intensity: mapping to grey levels; by default the adapter's.
        clean: apply :func:`drop_lone_slices` to every class.
        cache: of embeddings.
        progress: called with (done, total, slice index).
        cancelled: asked before every slice; what is finished until then is returned.

    Returns:
        class name to bool [K, J, I]; classes may overlap.

    Raises:
        InputError: a model that does not find objects, a constant volume.
    """
    require_finder(predictor)
    slices = VolumePredictor(predictor, volume, choose_axis(axis, predictor.model.axis), intensity, cache)
    return on_every_slice(
        slices.stack, classes, lambda index: segment_slice(slices, index, len(classes))[0], clean, progress, cancelled
    )


def segment_by_text(
    predictor: Predictor,
    volume: Volume,
    texts: Mapping[str, str],
    *,
    axis: str | None = None,
    intensity: Intensity | None = None,
    clean: bool = True,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, np.ndarray]:
    """Segment what is named in words: every slice is asked for all of it with one decoder call.

    The other arguments are as for :func:`segment_automatically`.

    Args:
        predictor: with an adapter that was trained with texts.
        texts: of each object by its name.

    Returns:
        name to bool [K, J, I].

    Raises:
        InputError: a model that knows no texts, an empty or too long one, a text model that is missing or another than
            that of the training; a constant volume.
    """
    words = list(texts.values())
    require_texts(predictor, words)
    slices = VolumePredictor(predictor, volume, choose_axis(axis, predictor.model.axis), intensity, cache)
    return on_every_slice(
        slices.stack, texts, lambda index: answer_texts(slices, index, words), clean, progress, cancelled
    )


def on_every_slice(
    stack: PlaneStack,
    names: Iterable[str],
    answer: Callable[[int], Iterable[np.ndarray]],
    clean: bool = True,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, np.ndarray]:
    """Ask about one slice after the other; what both kinds of segmentation here have in common.

    Args:
        stack: the slices.
        names: of what is asked for.
        answer: slice index to a mask [H, W] for each name, in the same order; may raise ``Cancelled`` to end it there,
            as ``cancelled`` does.
        clean: see :func:`segment_automatically`, as for the others.
        progress: see there.
        cancelled: see there.

    Returns:
        name to bool [K, J, I].
    """
    masks = {name: np.zeros(stack.geometry.shape, bool) for name in names}
    shown = [stack.view(mask) for mask in masks.values()]
    for index in range(stack.count):
        if cancelled and cancelled():
            break
        try:
            found = answer(index)
        except Cancelled:
            break
        for mask, on_slice in zip(shown, found, strict=True):
            mask[index] = on_slice
        if progress:
            progress(index + 1, stack.count, index)
    if clean:
        for mask in shown:
            mask[:] = drop_lone_slices(mask)
    return masks


def require_finder(predictor: Predictor) -> None:
    """Raises InputError for a model that does not find objects by itself."""
    if predictor.model.find is None:
        raise InputError(
            "This model does not find objects by itself",
            None,
            "Give prompts, or an --adapter that was trained with --method sammix",
        )


def reads_texts(predictor: Predictor) -> bool:
    """Whether the model was trained with texts."""
    return getattr(predictor.model.sam, "text_prompter", None) is not None


def require_texts(predictor: Predictor, texts: Sequence[str]) -> None:
    """Raises InputError for texts that the model cannot read, before any slice has been encoded."""
    if not texts:
        raise InputError("There is no text", None, "Name what is to be segmented, say liver")
    text_tokens(predictor.model.sam, texts)


def segment_slice(slices: VolumePredictor, index: int, classes: int) -> tuple[list[np.ndarray], list[list[Prompt]]]:
    """Find and segment the objects on one slice.

    Args:
        slices: of a model that finds objects.
        index: of the slice; one that shows a single grey level holds nothing.
        classes: number of the adapter's classes.

    Returns:
        for each class the union of its masks, bool [H, W], and the boxes that it was prompted with.
    """
    masks = [np.zeros(slices.stack.shape, bool) for _ in range(classes)]
    image = slices.image(index)
    if image.min() == image.max():
        return masks, [[] for _ in masks]
    found = slices.predictor.model.find(image, slices.frame, lambda: slices.embedding(index))
    prompts = [[Prompt(box=box) for box in boxes] for boxes in found]
    every = [(place, prompt) for place, members in enumerate(prompts) for prompt in members]
    if every:
        answer = slices.predict(index, [prompt for _, prompt in every])
        for (place, _), mask in zip(every, answer.masks[:, 0], strict=True):
            masks[place] |= mask
    return masks, prompts


def answer_texts(slices: VolumePredictor, index: int, texts: Sequence[str]) -> np.ndarray:
    """What each of N texts names on one slice, bool [N, H, W]; on a slice of a single grey level it is nothing."""
    try:
        return slices.predict(index, [Prompt(text=text) for text in texts]).masks[:, 0]
    except ConstantSlice:
        return np.zeros((len(texts), *slices.stack.shape), bool)


def drop_lone_slices(mask: np.ndarray) -> np.ndarray:
    """A mask without its components (connected by faces) on fewer than :data:`LEAST_SLICES` slices.

    What is there goes on for more than a slice, while the errors of slices that are looked at one by one do not.

    Args:
        mask: bool [count, H, W], slices first; a stack of a single slice is returned as it is.
    """
    if len(mask) < LEAST_SLICES:
        return mask
    parts, _ = ndimage.label(mask)
    kept = [part + 1 for part, place in enumerate(ndimage.find_objects(parts)) if _depth(place) >= LEAST_SLICES]
    return np.isin(parts, kept)


def _depth(place: tuple[slice, ...]) -> int:
    return place[0].stop - place[0].start
