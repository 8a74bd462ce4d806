"""Prompts to SAM's tokens to logits: the one place where prompts are encoded, for prediction and training alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.text import text_tokens

if TYPE_CHECKING:
    from segment_anything.modeling import Sam


def decode(
    sam: Sam, embedding: torch.Tensor, prompts: Sequence[Prompt], frame: ModelFrame, multimask: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """Decode several prompts on one slice.

    Prompts of one form (number of points, box or not, mask or not, text or not) share one decoder call: padding unlike
    ones to a common length would change SAM's answer through its token attention. The tokens of a text follow those of
    points and box.

    Args:
        sam: the model.
        embedding: [1, 256, g, g] of the slice.
        prompts: P prompts in slice pixels.
        frame: how the slice lies in the model input.
        multimask: three candidate masks a prompt instead of one.

    Returns:
        Low-resolution logits float32 [P, M, 4g, 4g] and predicted IoU float32 [P, M]; M = 3 or 1.

    Raises:
        InputError: a text for a model that knows none, an empty or a too long one.
    """
    groups: dict[tuple, list[int]] = defaultdict(list)
    for position, prompt in enumerate(prompts):
        others = (part is not None for part in (prompt.box, prompt.mask_logits, prompt.text))
        groups[(len(prompt.points), *others)].append(position)
    logits: list[torch.Tensor] = [None] * len(prompts)
    ious: list[torch.Tensor] = [None] * len(prompts)
    for members in groups.values():
        sparse, dense = _encode(sam, [prompts[m] for m in members], frame, embedding.device)
        masks, quality = sam.mask_decoder(
            image_embeddings=embedding,
            image_pe=sam.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=multimask,
        )
        for row, member in enumerate(members):
            logits[member], ious[member] = masks[row], quality[row]
    return torch.stack(logits), torch.stack(ious)


def _encode(sam: Sam, prompts: Sequence[Prompt], frame: ModelFrame, device: torch.device) -> tuple:
    first = prompts[0]
    points = boxes = masks = None
    if len(first.points):
        coordinates = _tensor([frame.points_to_model(p.points) for p in prompts], device)
        points = (coordinates, torch.from_numpy(np.stack([p.labels for p in prompts])).to(device))
    if first.box is not None:
        boxes = _tensor([frame.points_to_model(p.box.reshape(2, 2)).reshape(4) for p in prompts], device)
    if first.mask_logits is not None:
        masks = _tensor([p.mask_logits[None] for p in prompts], device)
    sparse, dense = sam.prompt_encoder(points=points, boxes=boxes, masks=masks)
    if first.text is not None:
        # From texts alone the prompt encoder cannot tell how many prompts there are.
        sparse = torch.cat([sparse.expand(len(prompts), -1, -1), text_tokens(sam, [p.text for p in prompts])], dim=1)
    return sparse, dense


def _tensor(rows: list[np.ndarray], device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.stack(rows).astype(np.float32)).to(device)
