"""Objects in a volume: from prompts, carried through it, by their names, or found by the model itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import replace
from functools import cache as remembered
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.jobs.correction import check_accepted, corrected
from SAMAdaptLib.jobs.load import Model, finds_objects, ready, require_texts
from SAMAdaptLib.jobs.policy import propagation_rules, require_finder
from SAMAdaptLib.jobs.slices import Segmented, SliceEvent, Stop, automatic, by_text, prompted, propagated
from SAMAdaptLib.prompts.ras import RasPrompts, on_slices
from SAMAdaptLib.prompts.types import PROPAGATION, Prompt
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.decode import require_prompts
from SAMAdaptLib.sam.families import require_memory
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.tiles import tiled
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.policy import choose_axis, choose_intensity, tile_beside_memory
from SAMAdaptLib.volume.volume import Volume

Progress = Callable[[int, int, int], None]


def segment(
    volume: Volume,
    model: Model,
    wanted: Mapping[str, RasPrompts] | Mapping[str, str] | None = None,
    *,
    axis: str | None = None,
    intensity: Intensity | str | None = None,
    clean: bool = True,
    tile: int | None = None,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> dict[str, Segmented]:
    """Segment objects on the slices of their prompts, or on all slices without any.

    Args:
        volume: the scan.
        model: from :func:`SAMAdaptLib.jobs.load.load_model`, or the name of a base model.
        wanted: name of each object to its prompts in RAS mm, or to the words that name it, for an adapter that was
            trained with texts. None: all that the adapter finds by itself.
        axis: of the slices; by default the adapter's, else axial.
        intensity: mapping to grey levels; by default the adapter's, else the one that suits the values.
        clean: without prompts: drop what was found on a slice and on none beside it.
        tile: see slices in parts of this side in pixels, 0: whole; by default as suits their size, see
            :func:`SAMAdaptLib.volume.policy.choose_tile`.
        cache: of embeddings.
        progress: called with (done, total, slice index) for each object with prompts, else for all together.
        cancelled: asked before every slice; what is finished until then is returned.

    Returns:
        name to what was found. Objects may overlap.

    Raises:
        InputError: prompts outside the volume or without a positive one; a constant slice under a prompt, a constant
            volume; a mapping that the adapter was not trained with; a model that finds no objects, answers no prompts
            or knows no texts; an empty or too long text; a text model that is missing or another than that of the
            training.
    """
    look = Look(volume, model, axis, intensity, cache, progress, tile)
    if wanted is None:
        require_finder(finds_objects(look.trained))
        classes = () if look.model.info is None else look.model.info.classes
        return look.all_done(automatic(look.slices(look.axis), classes, clean, cancelled))
    if not wanted:
        raise InputError("Nothing is named that is to be segmented", None, "Give prompts or words for an object")
    texts = {name: one for name, one in wanted.items() if isinstance(one, str)}
    prompts = {name: one for name, one in wanted.items() if not isinstance(one, str)}
    if texts and prompts:
        raise InputError("Words and other prompts do not go together", None, "Segment the others in another call")
    if texts:
        require_texts(look.trained, list(texts.values()))
        return look.all_done(by_text(look.slices(look.axis), texts, clean, cancelled))
    found = {}
    for name, given in prompts.items():
        starts = look.placed(given)[0]
        found[name] = look.done(prompted(look.slices(look.axis), name, starts, cancelled))
        if found[name].cancelled:
            break
    return found


def propagate(
    volume: Volume,
    model: Model,
    wanted: Mapping[str, RasPrompts],
    *,
    all_axes: bool = False,
    rules: Mapping[str, Any] | None = None,
    axis: str | None = None,
    intensity: Intensity | str | None = None,
    tile: int | None = None,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> dict[str, Segmented]:
    """Segment objects on the slices of their prompts and carry them on through the volume.

    The other arguments and errors are as for :func:`segment`.

    Args:
        wanted: name of each object to its prompts in RAS mm.
        all_axes: propagate along the other two axes as well, prompted by the first result, and take the majority.
        rules: fields of :class:`PropagationRules` that are not to be as suits the model; a box with depth narrows their
            range. The range belongs to ``axis``, everything else to all axes.
    """
    tile = tile_beside_memory(tile, rules is not None and bool(rules.get("memory")))
    look = Look(volume, model, axis, intensity, cache, progress, tile)
    chosen = propagation_rules(rules, look.model.predictor.answering(PROPAGATION).model.mask_prompts)
    if chosen.memory:
        require_memory(look.trained.base)
    found = {}
    for name, given in wanted.items():
        _, prompts, limits = look.placed(given)
        within = chosen if limits is None else narrowed(chosen, *limits)
        events = propagated(look.slices, look.axis, name, prompts, within, all_axes=all_axes, cancelled=cancelled)
        found[name] = look.done(events)
        if found[name].cancelled:
            break
    return found


def correct(
    volume: Volume,
    model: Model,
    present: Mapping[str, np.ndarray],
    wanted: Mapping[str, RasPrompts],
    *,
    accepted: Collection[int] = (),
    through: bool = True,
    rules: Mapping[str, Any] | None = None,
    axis: str | None = None,
    intensity: Intensity | str | None = None,
    tile: int | None = None,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> dict[str, Segmented]:
    """Mend objects that are there already, by whatever means, from prompts on some of their slices.

    Points on a slice change the mask there only around themselves, see
    :func:`SAMAdaptLib.propagation.mend.mended`; a box says what all of the object is. From these slices the correction
    is carried on as far as it changes anything, see :func:`SAMAdaptLib.propagation.correct.correct`. The other
    arguments and errors are as for :func:`propagate`.

    Args:
        present: name of each object to its mask, bool [K, J, I].
        wanted: name of each object to be mended to its prompts in RAS mm; where it is, negative ones will do.
        accepted: indices of slices along the axis that are right and never change.
        through: carry on; otherwise only the slices of the prompts change.

    Raises:
        InputError: an object that is not there or on another grid; an accepted slice outside the volume, or with a
            prompt on it; nothing but negative points on a slice without the object; a rule to carry on by memory.
    """
    look = Look(volume, model, axis, intensity, cache, progress, tile)
    chosen = propagation_rules(rules, look.model.predictor.answering(PROPAGATION).model.mask_prompts)
    stack = look.slices(look.axis).stack
    check_accepted(stack, accepted)
    found = {}
    for name, given in wanted.items():
        if name not in present:
            listed = ", ".join(present) or "none"
            raise InputError("There is no such object to continue from", name, f"What is there: {listed}")
        if present[name].shape != volume.geometry.shape:
            raise InputError("The mask lies on another grid than the image", name, "Give one drawn on this image")
        mask = np.ascontiguousarray(stack.view(present[name].astype(bool)))
        placed = on_slices(given, stack)
        within = chosen if placed.limits is None else narrowed(chosen, *placed.limits)
        events = corrected(
            look.slices(look.axis), name, mask, placed.prompts, accepted, within, through=through, cancelled=cancelled
        )
        found[name] = look.done(events)
        if found[name].cancelled:
            break
    return found


class Look:
    """A volume under a model, along the axes that are asked for."""

    def __init__(
        self,
        volume: Volume,
        model: Model,
        axis: str | None,
        intensity: Intensity | str | None,
        cache: EmbeddingCache | None,
        progress: Progress | None,
        tile: int | None,
    ) -> None:
        self.model = ready(model)
        self.trained = self.model.predictor.model
        self.axis = choose_axis(axis, self.trained.axis)
        self.intensity = choose_intensity(volume, intensity, self.trained.intensity)
        kept = EmbeddingCache() if cache is None else cache
        self.slices = remembered(
            lambda along: tiled(VolumePredictor(self.model.predictor, volume, along, self.intensity, kept), tile)
        )
        self._tell = None if progress is None else lambda event: progress(event.done, event.total, event.index)

    def placed(self, given: RasPrompts) -> tuple[dict[int, Prompt], dict[int, Prompt], tuple[int, int] | None]:
        """Prompts that start something, all of them, and the slices that a box limits them to; the first are encoded.

        Raises:
            InputError: see :func:`segment`.
        """
        require_prompts(self.trained.labels)
        slices = self.slices(self.axis)
        found = on_slices(given, slices.stack)
        starts = {i: p for i, p in found.prompts.items() if p.starts}
        if not starts:
            raise InputError("All prompts are negative", None, "Add a point on the object or a box around it")
        if any(not slices.answering(p.kind).predictor.model.points and p.box is None for p in starts.values()):
            note(
                "This model was trained with boxes only: what a point means was grown from it",
                None,
                "Check the result, or give a box",
            )
        for index, prompt in starts.items():
            slices.require(index, prompt)
        return starts, found.prompts, found.limits

    def done(self, events: Generator[SliceEvent, None, Segmented]) -> Segmented:
        """The object in the end."""
        return replace(finish(events, self._tell), intensity=str(self.intensity))

    def all_done(self, events: Generator[SliceEvent, None, dict[str, Segmented]]) -> dict[str, Segmented]:
        """All objects in the end."""
        found = finish(events, self._tell)
        return {name: replace(one, intensity=str(self.intensity)) for name, one in found.items()}


def narrowed(rules: PropagationRules, low: int, high: int) -> PropagationRules:
    """The rules with no wider a range than these slices."""
    return replace(
        rules,
        first=low if rules.first is None else max(low, rules.first),
        last=high if rules.last is None else min(high, rules.last),
    )
