"""From a slice and prompts to masks in the slice's own pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
import torch

from SAMAdaptLib.defaults import AXIS, BASE, PRECISION
from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.sam.build import SamModel, share
from SAMAdaptLib.sam.cache import EmbeddingCache, Embeddings, embedding_key
from SAMAdaptLib.sam.clicks import answer_by_boxes, answer_or_grow, as_taught, obeying
from SAMAdaptLib.sam.decode import decode, label_map, require_numbers
from SAMAdaptLib.sam.encode import encode, encode_stacks, half_precision
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.precision import encoder_dtype
from SAMAdaptLib.shortage import lack, out_of_memory
from SAMAdaptLib.volume.intensity import Intensity, is_constant
from SAMAdaptLib.volume.planes import Part, PlaneStack, Shrunk, shrunken
from SAMAdaptLib.volume.policy import choose_intensity
from SAMAdaptLib.volume.volume import Volume

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Prediction:
    """Answers to P prompts on one slice, M candidates each.

    Attributes:
        masks: bool [P, M, H, W].
        logits: float32 [P, M, H, W], > 0 inside.
        iou: float32 [P, M], the model's own estimate.
        low_res: float32 [P, M, 4g, 4g], for use as mask prompts.
    """

    masks: np.ndarray
    logits: np.ndarray
    iou: np.ndarray
    low_res: np.ndarray


class Predictor:
    """Runs a model on single slices; where its device has too little memory or lacks an operator, on the CPU from then
    on, which a note tells.

    Args:
        model: the built model, adapted or not.
        precision: of the image encoder, "auto", "fp32" or "bf16"; the decoder runs in float32.
        kept: the same model under other weights, by their names: "base", without its adapter, and "halfway" between;
            and "plain", under the same ones, where no box is grown from a point.
        ways: which of them answer a kind of prompt in place of ``model``.
    """

    def __init__(
        self,
        model: SamModel,
        precision: str = PRECISION,
        kept: Mapping[str, Predictor] | None = None,
        ways: Mapping[str, str] | None = None,
    ) -> None:
        self.model, self.precision, self.kept = model, precision, dict(kept or {})
        self.ways = {kind: way for kind, way in (ways or {}).items() if way in self.kept}
        encoder_dtype(precision, model.device)

    @property
    def dtype(self) -> torch.dtype:
        """Of the encoder, on the device where the model is now."""
        return encoder_dtype(self.precision, self.model.device)

    @property
    def by_base(self) -> frozenset[str]:
        """Kinds of prompts that the base answers in place of the adapter."""
        return frozenset(kind for kind, way in self.ways.items() if way == BASE)

    def answering(self, kind: str) -> Predictor:
        """Who answers prompts of a kind: this one, or one under other weights."""
        return self.kept[self.ways[kind]] if kind in self.ways else self

    def frame(self, shape: tuple[int, int], pixel_spacing: tuple[float, float] = (1.0, 1.0)) -> ModelFrame:
        """How a slice of this shape lies in the model input."""
        return ModelFrame((shape[0], shape[1]), self.model.input_size, (pixel_spacing[0], pixel_spacing[1]))

    def to(self, device: torch.device | str) -> None:
        """Move the model to a device, and itself under other weights with it; tensors that are equal in both are there
        once."""
        self.model.sam.to(device)
        for other in self.kept.values():
            if other.model.sam is not self.model.sam:
                other.model.sam.to(device)
                share(other.model, self.model)

    @torch.inference_mode()
    def encode(self, image: np.ndarray, frame: ModelFrame) -> torch.Tensor:
        """Encode a slice uint8 [H, W] or [H, W, 3], or for a model with depth the middle of a stack of them; returns
        float32 [1, C, g, g] on the model's device."""
        return self.steady(lambda: encode(self.model, [image], [frame], self.dtype))

    @torch.inference_mode()
    def encode_stack(self, images: np.ndarray, frame: ModelFrame) -> torch.Tensor:
        """Encode all slices of a stack uint8 [D, H, W] or [D, H, W, 3]; returns float32 [D, C, g, g] on the model's
        device."""
        return self.steady(lambda: encode_stacks(self.model, [images], [frame], self.dtype)[0])

    @torch.inference_mode()
    def decode(
        self,
        embedding: torch.Tensor,
        prompts: Sequence[Prompt],
        frame: ModelFrame,
        multimask: bool = False,
        image: np.ndarray | None = None,
    ) -> Prediction:
        """Answer prompts on a slice that this predictor has encoded, whatever their kind.

        Args:
            embedding: [1, C, g, g] of the slice.
            prompts: in slice pixels; an outline counts where the model takes masks.
            frame: how the slice lies in the model input.
            multimask: three candidates a prompt instead of one.
            image: the slice, uint8 [H, W] or [H, W, 3], in which boxes are grown around a point where the base knows
                boxes only.

        Raises:
            InputError: a prompt with nothing in it.
        """
        if not prompts or any(p.empty for p in prompts):
            raise InputError("A prompt holds no point, box or mask", None, "Add a point or a box")
        return self.steady(partial(self._in_parts, embedding, prompts, frame, multimask, image))

    def _in_parts(
        self,
        embedding: torch.Tensor,
        prompts: Sequence[Prompt],
        frame: ModelFrame,
        multimask: bool,
        image: np.ndarray | None,
    ) -> Prediction:
        """All prompts at once, where there is memory for that, else in halves."""
        try:
            return self._decode(embedding, prompts, frame, multimask, image)
        except RuntimeError as error:
            if len(prompts) == 1 or not out_of_memory(error):
                raise
        # Outside the handler, whose traceback would keep the tensors alive.
        middle = len(prompts) // 2
        note(f"There is too little memory for {counted(len(prompts), 'prompt')} at once; they are answered in parts")
        halves = prompts[:middle], prompts[middle:]
        found = [vars(self._in_parts(embedding, half, frame, multimask, image)).values() for half in halves]
        return Prediction(*(np.concatenate(both) for both in zip(*found, strict=True)))

    def _decode(
        self,
        embedding: torch.Tensor,
        prompts: Sequence[Prompt],
        frame: ModelFrame,
        multimask: bool,
        image: np.ndarray | None,
    ) -> Prediction:
        embedding = embedding.to(self.model.device)
        if not self.model.mask_prompts:
            prompts = [replace(prompt, outline=None) for prompt in prompts]
        pointed = any(len(p.points) for p in prompts)
        asked = prompts if self.model.taught is None else [as_taught(prompt, self.model.taught) for prompt in prompts]
        if pointed and not self.model.points:
            low_res, iou = answer_by_boxes(self.model, embedding, prompts, frame, multimask, image)
        elif pointed and self.model.grown and image is not None:
            low_res, iou = answer_or_grow(self.model, embedding, asked, frame, multimask, image)
        else:
            low_res, iou = decode(self.model, embedding, asked, frame, multimask)
        require_numbers(low_res, iou)
        if pointed and self.model.points and self.model.taught is not None:
            low_res = obeying(low_res, prompts, frame, self.model)
        logits = frame.logits_to_slice(low_res)
        return Prediction(
            (logits > 0).cpu().numpy(), logits.cpu().numpy(), iou.float().cpu().numpy(), low_res.float().cpu().numpy()
        )

    @torch.inference_mode()
    def label(self, embedding: torch.Tensor, frame: ModelFrame) -> np.ndarray:
        """See :func:`SAMAdaptLib.sam.decode.label_map`."""
        return self.steady(lambda: label_map(self.model, embedding.to(self.model.device), frame))

    def steady(self, work: Callable[[], T]) -> T:
        """Do some work of the model, once more on the CPU where its device cannot do it."""
        try:
            return work()
        except RuntimeError as error:
            lacks = lack(error)
            if lacks is None or self.model.device.type == "cpu":
                raise
        # Outside the handler, whose traceback would keep the tensors alive.
        note(f"The device {lacks} this model; it goes on on the CPU, which is slower")
        with torch.inference_mode(False):
            self.to("cpu")
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return work()


class ConstantSlice(InputError):
    """A slice that shows a single grey level."""


class VolumePredictor:
    """Runs a predictor on the slices of one volume, with embeddings kept in a cache.

    Calling it with (slice index, prompt) gives the single-mask answer, as propagation wants it.

    A model with depth sees each slice in a stack. Where only the middle of a stack is used, that is the slice with its
    nearest neighbours, and the end slices are repeated beyond the volume. Where whole stacks are used
    (``SamModel.whole_stacks``), the volume is cut into stacks from its first slice on, and encoding one slice encodes
    the others of its stack: ceil(K / D) passes for K slices. The last stack is shifted back until it is full.

    Args:
        predictor: the model.
        volume: the scan.
        axis: "axial", "coronal" or "sagittal".
        intensity: mapping to 0..255, its bounds taken over the whole volume; by default the adapter's, else the one
            that suits the values (:func:`SAMAdaptLib.volume.policy.choose_intensity`).
        cache: where embeddings are kept; a RAM cache of its own by default.

    Raises:
        InputError: constant volume, unknown axis, a mapping that the adapter was not trained with, fewer slices than
            the model wants to see together.
    """

    def __init__(
        self,
        predictor: Predictor,
        volume: Volume,
        axis: str = AXIS,
        intensity: Intensity | str | None = None,
        cache: Embeddings | None = None,
    ) -> None:
        self.predictor = predictor
        self.volume = volume
        self.stack = PlaneStack(volume.geometry, axis)
        self.intensity = choose_intensity(volume, intensity, predictor.model.intensity)
        self.bounds = self.intensity.bounds(volume.array, volume.told)
        self.cache: Embeddings = cache if cache is not None else EmbeddingCache()
        self.frame = predictor.frame(self.stack.shape, self.stack.pixel_spacing)
        self._seen: tuple[int, ...] = ()
        depth, count = predictor.model.depth, self.stack.count
        if depth > count:
            raise InputError(
                f"The adapter sees {depth} slices together, and the volume has {count} along {axis}",
                volume.told,
                "Choose another axis, or an adapter trained with a smaller --depth",
            )
        self._slices: np.ndarray | Shrunk = self.stack.view(volume.array)

    def image(self, index: int) -> np.ndarray:
        """The slice after intensity mapping, uint8 [H, W], or of several channels [H, W, 3]."""
        return self.intensity.seen(self._slices[index], self.bounds)

    def is_constant(self, index: int) -> bool:
        """Whether a slice shows a single grey level, so that there is nothing to encode."""
        return is_constant(self.image(index))

    def key(self, index: int) -> str:
        """The cache key of a slice's embedding: everything that it depends on."""
        return embedding_key(
            model=self.predictor.model.identity,
            volume=self.volume.content_hash,
            bounds=self.bounds + self.intensity.shares,
            axis=self.stack.axis,
            index=index,
            precision=str(self.predictor.dtype),
            **({"part": list(self._seen)} if self._seen else {}),
        )

    def embedding(self, index: int) -> torch.Tensor:
        """The slice's embedding [1, C, g, g], from the cache or encoded now.

        Raises:
            ConstantSlice: there is nothing to see on it.
        """
        kept = self.cache.get(self.key(index))
        if kept is not None:
            return self._restored(kept)
        if self.is_constant(index):
            raise ConstantSlice(
                f"Slice {index} of {self.stack.axis} is constant after intensity mapping {self.intensity}",
                self.volume.told,
                "Choose another slice or another intensity mapping",
            )
        # From the half-precision copy also the first time, so that an answer does not depend on the cache.
        return self._restored(self._encoded(index))

    def _encoded(self, index: int) -> np.ndarray:
        """The slice's embedding, float16 [C, g, g]; it and all that came with it are in the cache afterwards."""
        model, count = self.predictor.model, self.stack.count
        members = self._stack_of(index)
        images = [self.image(int(place)) for place in np.clip(members, 0, count - 1)]
        if model.whole_stacks:
            embeddings = self.predictor.encode_stack(np.stack(images), self.frame)
            # What a stack shares with the one before is left to that one, so that no answer depends on the order of the
            # questions; a constant slice stays unknown, as without stacks.
            own = members // model.depth == index // model.depth
            own &= [not is_constant(image) for image in images]
            found = {int(members[place]): embeddings[place] for place in np.flatnonzero(own)}
        else:
            found = {index: self.predictor.encode(images[0] if model.depth == 1 else np.stack(images), self.frame)[0]}
        axis = self.stack.axis
        kept = {place: half_precision(one, f"slice {place} of {axis}") for place, one in found.items()}
        for place, embedding in kept.items():
            self.cache.put(self.key(place), embedding)
        return kept[index]

    def _stack_of(self, index: int) -> np.ndarray:
        """Indices int [D] of the slices that are encoded with this one; those beyond the volume mean its end slices."""
        model, count = self.predictor.model, self.stack.count
        first = index - model.depth // 2
        if model.whole_stacks:
            first = min(index - index % model.depth, count - model.depth)
        return first + np.arange(model.depth)

    def _restored(self, kept: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(kept.astype(np.float32))[None].to(self.predictor.model.device)

    def find(self, index: int) -> list[np.ndarray]:
        """Boxes of the objects that the adapter finds on a slice by itself: for each of its classes float32 [N, 4] as
        (x0, y0, x1, y1) in slice pixels; an empty list where the slice shows a single grey level."""
        find, image = self.predictor.model.find, self.image(index)
        if find is None or is_constant(image):
            return []
        return self.predictor.steady(lambda: find(image, self.frame, lambda: self.embedding(index)))

    def label(self, index: int) -> np.ndarray | None:
        """The label map of a slice, int [H, W]: 0 for the background, which is all of a slice that shows a single grey
        level, and from 1 on the adapter's classes; None for a model that does not label slices by itself."""
        if not self.predictor.model.labels:
            return None
        if self.is_constant(index):
            return np.zeros(self.frame.shape, np.int64)
        return self.predictor.label(self.embedding(index), self.frame)

    def answering(self, kind: str) -> VolumePredictor:
        """These slices under what answers prompts of a kind, see :meth:`Predictor.answering`."""
        return self.under(self.predictor.answering(kind))

    def under(self, predictor: Predictor) -> VolumePredictor:
        """These slices under another predictor of the same input size, with the same grey levels and cache."""
        if predictor is self.predictor:
            return self
        other = copy(self)
        other.predictor = predictor
        return other

    def within(self, part: Part, shrunk: int = 1) -> VolumePredictor:
        """A part of these slices, made smaller by a whole number, in whose pixels all is but for :attr:`stack`."""
        other = copy(self)
        assert isinstance(self._slices, np.ndarray)  # what is shrunk is cut no further
        other._seen, other._slices = (*part, shrunk), shrunken(part.of(self._slices), shrunk)
        other.frame = self.predictor.frame(other._slices.shape[1:3], self.stack.pixel_spacing)
        return other

    def require(self, index: int, prompt: Prompt) -> None:
        """Encode what a prompt is about; raises as :meth:`embedding`."""
        self.answering(prompt.kind).embedding(index)

    def predict(self, index: int, prompts: Sequence[Prompt], multimask: bool = False) -> Prediction:
        """Answer several prompts on one slice with one encoding and one decoder call for each of the weights that
        answer their kinds."""
        rows: dict[str, list[int]] = {}
        for row, prompt in enumerate(prompts):
            rows.setdefault(self.predictor.ways.get(prompt.kind, ""), []).append(row)
        found = []
        for members in rows.values():
            on = self.answering(prompts[members[0]].kind)
            asked = [prompts[row] for row in members]
            image = self.image(index) if on.predictor.model.guesses else None
            found.append(on.predictor.decode(on.embedding(index), asked, self.frame, multimask, image))
        if len(found) == 1:
            return found[0]
        order = np.argsort(np.concatenate([*rows.values()]))
        parts = zip(*(vars(one).values() for one in found), strict=True)
        return Prediction(*(np.concatenate(one)[order] for one in parts))

    def __call__(self, index: int, prompt: Prompt) -> SliceResult:
        try:
            answer = self.predict(index, [prompt])
        except ConstantSlice:
            # A volume padded with blank slices ends there; that is no reason to lose what was propagated so far.
            return self.nothing()
        by_base = prompt.kind if prompt.kind in self.predictor.by_base else ""
        return SliceResult(answer.masks[0, 0], answer.low_res[0, 0], float(answer.iou[0, 0]), by_base)

    def nothing(self) -> SliceResult:
        """The answer on a slice that shows nothing: no object."""
        side = self.predictor.model.low_res_size
        return SliceResult(np.zeros(self.frame.shape, bool), np.full((side, side), -10, np.float32), 0.0)
