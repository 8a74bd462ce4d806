"""Prompts to SAM's tokens to logits: the one place where prompts are encoded, for prediction and training alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.lines import enclosed
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.encode import BROKEN
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.text import text_tokens

if TYPE_CHECKING:
    from segment_anything.modeling import Sam


def decode(
    model: SamModel,
    embedding: torch.Tensor,
    prompts: Sequence[Prompt],
    frame: ModelFrame,
    multimask: bool = False,
    dtype: torch.dtype = torch.float32,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Decode several prompts on one slice.

    Prompts of as many tokens, all with a mask or all without, share a decoder call: padding unlike ones to a common
    length would change SAM's answer through its token attention, and where that does not see the padding is no quicker,
    see docs/performance.md. The tokens of a text follow those of points and box.

    Args:
        model: adapted or not.
        embedding: [1, C, g, g] of the slice.
        prompts: P prompts in slice pixels; what an outline encloses is a mask prompt.
        frame: how the slice lies in the model input.
        multimask: three candidate masks a prompt instead of one.
        dtype: of the transformer and the upscaling; the prompts' encoding and the heads stay in float32.

    Returns:
        Low-resolution logits float32 [P, M, 4g, 4g] and predicted IoU float32 [P, M]; M = 3 or 1.

    Raises:
        InputError: a model that answers no prompt; a text for one that knows none, an empty or a too long one.
    """
    require_prompts(model.labels)
    sam = model.sam
    prompts = [_masked(prompt, frame, model.low_res_size) for prompt in prompts]
    wanted = range(1, sam.mask_decoder.num_mask_tokens) if multimask else range(1)
    forms: dict[tuple[int | bool, ...], list[int]] = defaultdict(list)
    for position, prompt in enumerate(prompts):
        form = (len(prompt.points), *(part is not None for part in (prompt.box, prompt.mask_logits, prompt.text)))
        forms[form].append(position)
    tokens: list[torch.Tensor] = [torch.empty(0)] * len(prompts)
    masks: dict[int, torch.Tensor] = {}
    calls: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for members in forms.values():
        sparse, dense = _encode(sam, [prompts[m] for m in members], frame, embedding.device)
        for row, member in enumerate(members):
            tokens[member] = sparse[row]
            masked = prompts[member].mask_logits is not None
            if masked:
                masks[member] = dense[row]
            calls[(sparse.shape[1], masked)].append(member)
    logits, ious = list(tokens), list(tokens)
    for (_, masked), members in calls.items():
        dense = torch.stack([masks[m] for m in members]) if masked else _no_mask(sam, embedding)
        sparse = torch.stack([tokens[m] for m in members])
        answers = model.family.answer(sam, embedding, sparse, dense, wanted, dtype)
        for member, low_res, quality in zip(members, *answers, strict=True):
            logits[member], ious[member] = low_res, quality
    return torch.stack(logits), torch.stack(ious)


def require_prompts(labels: bool) -> None:
    """Raises InputError for a model that labels whole slices and answers no prompt."""
    if labels:
        raise InputError(
            "This adapter labels whole slices by itself and answers no prompt",
            None,
            "Segment without prompts (--auto, or Auto in the effect), or take an adapter that was trained with prompts",
        )


def label(
    model: SamModel, embedding: torch.Tensor, dtype: torch.dtype = torch.float32
) -> tuple[torch.Tensor, torch.Tensor]:
    """All masks of a slice for no prompt: with no token beside the decoder's own, and the embedding of no mask.

    Args:
        model: one that labels.
        embedding: [1, C, g, g] of the slice.
        dtype: of the transformer and the upscaling; the heads stay in float32.

    Returns:
        Low-resolution logits float32 [1, K + 1, 4g, 4g], the background's first, of which a softmax makes
        probabilities; and predicted IoU float32 [1, K + 1].
    """
    decoder = model.sam.mask_decoder
    nothing = embedding.new_zeros(1, 0, decoder.transformer_dim)
    every = range(decoder.num_mask_tokens)
    return model.family.answer(model.sam, embedding, nothing, _no_mask(model.sam, embedding), every, dtype)


def label_map(model: SamModel, embedding: torch.Tensor, frame: ModelFrame) -> np.ndarray:
    """The likeliest class of each pixel of a slice: int [H, W], 0 for the background, then the adapter's classes."""
    low_res = label(model, embedding)[0]
    require_numbers(low_res)
    logits = frame.logits_to_slice(low_res)
    return logits[0].argmax(0).cpu().numpy()


def require_numbers(*answers: torch.Tensor) -> None:
    """Raises InputError for answers with NaN or infinite numbers, which as a mask would be empty."""
    if not all(bool(torch.isfinite(answer).all()) for answer in answers):
        raise InputError("The model's answer overflows: what its mask decoder says is no number", None, BROKEN)


def encoded(
    model: SamModel, prompt: Prompt, frame: ModelFrame, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens [1, T, C] of a prompt in slice pixels, none in it included, and its mask's embedding [1, C, g, g]."""
    return _encode(model.sam, [_masked(prompt, frame, model.low_res_size)], frame, device)


def _no_mask(sam: Sam, embedding: torch.Tensor) -> torch.Tensor:
    """What the prompt encoder gives for no mask, once for all prompts."""
    none: torch.Tensor = sam.prompt_encoder.no_mask_embed.weight.reshape(1, -1, 1, 1)
    return none.expand(-1, -1, *embedding.shape[-2:])


def _masked(prompt: Prompt, frame: ModelFrame, size: int) -> Prompt:
    """A prompt with what its outline encloses as the mask prompt, where it holds no earlier answer."""
    if prompt.outline is None or prompt.mask_logits is not None:
        return prompt
    return replace(prompt, mask_logits=frame.mask_to_logits(enclosed(prompt.outline, frame.shape), size))


def _encode(
    sam: Sam, prompts: Sequence[Prompt], frame: ModelFrame, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens [P, T, C] and embeddings of the masks of prompts that all hold the same parts."""
    first = prompts[0]
    points = boxes = masks = None
    if len(first.points):
        coordinates = _tensor([frame.points_to_model(p.points) for p in prompts], device)
        points = (coordinates, torch.from_numpy(np.stack([p.labels for p in prompts])).to(device))
    if first.box is not None:
        corners = [p.box.reshape(2, 2) for p in prompts if p.box is not None]
        boxes = _tensor([frame.points_to_model(pair).reshape(4) for pair in corners], device)
    if first.mask_logits is not None:
        masks = _tensor([p.mask_logits[None] for p in prompts if p.mask_logits is not None], device)
    sparse, dense = sam.prompt_encoder(points=points, boxes=boxes, masks=masks)
    if first.text is not None:
        # From texts alone the prompt encoder cannot tell how many prompts there are.
        words = text_tokens(sam, [p.text for p in prompts if p.text is not None])
        sparse = torch.cat([sparse.expand(len(prompts), -1, -1), words], dim=1)
    return sparse, dense


def _tensor(rows: list[np.ndarray], device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.stack(rows).astype(np.float32)).to(device)
