"""Carrying an object through a volume by a model's memory of the slices that it has seen it on (SAM 2)."""

from __future__ import annotations

import torch

from SAMAdaptLib.prompts.types import PROPAGATION, Prompt, SliceResult
from SAMAdaptLib.sam.decode import encoded, require_numbers
from SAMAdaptLib.sam.families import require_memory
from SAMAdaptLib.sam.families.sam2 import Sam2Family
from SAMAdaptLib.sam.families.sam2_encoder import WIDTH
from SAMAdaptLib.sam.families.sam2_memory import ABSENT, POINTERS, Near, Remembered
from SAMAdaptLib.sam.precision import autocast
from SAMAdaptLib.sam.predictor import ConstantSlice, VolumePredictor


class VolumeMemory:
    """Answers on the slices of one volume about one object, with a memory of those answered before.

    A slice with a prompt is answered as it is without a memory, and remembered as one where the object surely is. A
    slice that is reached from another is answered by what is remembered, as the published model does on videos: all
    slices with prompts, and up to six maps and fifteen pointers of those come over. Of its three candidates the one of
    which it expects most is taken; under an adapter the single mask is, which alone its training has taught.

    Args:
        slices: of the volume, under the model that answers.

    Raises:
        InputError: a model without a memory.
    """

    def __init__(self, slices: VolumePredictor) -> None:
        on = slices.answering(PROPAGATION)
        require_memory(on.predictor.model.base)
        family = on.predictor.model.family
        assert isinstance(family, Sam2Family)
        self._on, self._family = on, family
        self._by_base = PROPAGATION if PROPAGATION in on.predictor.by_base else ""
        self._prompted: dict[int, Remembered] = {}
        self._carried: dict[int, Remembered] = {}

    def prompted(self, index: int, prompt: Prompt) -> SliceResult:
        """The answer to a prompt on a slice, which is remembered."""
        return self._on.predictor.steady(lambda: self._prompt(index, prompt))

    def carried(self, index: int, origin: int, prompt: Prompt) -> SliceResult:
        """The answer on a slice, which is remembered.

        Args:
            index: of the slice.
            origin: the last slice that was kept on the way here; those between are forgotten.
            prompt: of which points only count, where a user has set some that start nothing.
        """
        step = 1 if index > origin else -1
        for between in range(origin + step, index, step):
            self._carried.pop(between, None)
        try:
            return self._on.predictor.steady(lambda: self._carry(index, step, prompt))
        except ConstantSlice:
            return self._on.nothing()

    @torch.inference_mode()
    def _prompt(self, index: int, prompt: Prompt) -> SliceResult:
        model, embedding = self._on.predictor.model, self._on.embedding(index)
        image = embedding[:, :WIDTH] + model.sam.memory.nothing.view(1, WIDTH, 1, 1)
        sparse, dense = encoded(model, prompt, self._on.frame, embedding.device)
        low_res, iou, tokens = self._family.said(model.sam, embedding, image, sparse, dense, range(1))
        self._prompted[index] = self._kept(embedding, low_res, tokens[:, 1], True)
        return self._result(low_res, iou)

    @torch.inference_mode()
    def _carry(self, index: int, step: int, prompt: Prompt) -> SliceResult:
        model, embedding = self._on.predictor.model, self._on.embedding(index)
        sam = model.sam
        pointed = Prompt(prompt.points, prompt.labels)
        sparse, dense = encoded(model, pointed, self._on.frame, embedding.device)
        masks = sam.mask_decoder.num_mask_tokens
        wanted = range(1) if model.adapter_hash or len(pointed.points) else range(1, masks)
        low_res, iou, tokens = self._family.said(
            sam, embedding, self._recalled(embedding[:, :WIDTH], index, step), sparse, dense, wanted
        )
        best = int(iou[0].argmax())
        low_res, iou, token = low_res[:, best : best + 1], iou[:, best : best + 1], tokens[:, 1 + wanted[best]]
        if float(sam.memory.object_score(tokens[:, 1 + masks])) <= 0:
            low_res = torch.full_like(low_res, ABSENT)
        self._carried[index] = self._kept(embedding, low_res, token, False)
        return self._result(low_res, iou)

    def _recalled(self, image: torch.Tensor, index: int, step: int) -> torch.Tensor:
        """The coarse map [1, 256, g, g] of a slice after a look at what is remembered."""
        sam, count = self._on.predictor.model.sam, self._on.stack.count
        marked = [Near((index - place) * step, one) for place, one in self._prompted.items()]
        behind = [(far, self._carried.get(index - far * step)) for far in range(1, POINTERS + 1)]
        met = [Near(far, one) for far, one in behind if one is not None]
        with autocast(image.device, self._on.predictor.dtype):
            places = sam.image_encoder.places(image)
            found: torch.Tensor = sam.memory.recall(image, places, marked, met, count)
        return found.float()

    def _kept(self, embedding: torch.Tensor, low_res: torch.Tensor, token: torch.Tensor, prompted: bool) -> Remembered:
        memory = self._on.predictor.model.sam.memory
        with autocast(embedding.device, self._on.predictor.dtype):
            kept: Remembered = memory.remember(embedding[:, :WIDTH], low_res, token, prompted)
        return kept

    def _result(self, low_res: torch.Tensor, iou: torch.Tensor) -> SliceResult:
        require_numbers(low_res, iou)
        mask = (self._on.frame.logits_to_slice(low_res) > 0)[0, 0].cpu().numpy()
        return SliceResult(mask, low_res[0, 0].float().cpu().numpy(), float(iou[0, 0]), self._by_base)
