"""A training step on tensors without contents, which tells what it would take."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.decode import decode, label
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.registry import BaseModel
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.losses import iou_loss, label_iou_loss, label_loss, mask_loss
from SAMAdaptLib.training.recompute import adapt

# The decoder's answer is brought to slice pixels; larger slices cost a little more.
SLICE_SHAPE = (512, 512)
# AdamW keeps two moments of every trained parameter.
MOMENTS = 2


def run_dry(
    model: str | BaseModel,
    method: str,
    batch_size: int,
    prompts: int,
    input_size: int,
    method_config: dict[str, Any],
    corrected: int,
    memory: str,
) -> dict[str, int]:
    """Run a step on tensors without contents ("meta" device) and add up what would be alive at the same time.

    Args:
        model: as in :func:`SAMAdaptLib.training.memory.estimate`, as are method, batch_size and method_config.
        method: name.
        batch_size: slices.
        prompts: decoded a slice.
        input_size: side of the model input in pixels.
        method_config: settings of the method.
        corrected: prompts a slice that are answered a second time.
        memory: see :attr:`TrainConfig.memory`.

    Returns:
        weights, optimiser, step and trainable, as :class:`SAMAdaptLib.training.memory.MemoryEstimate` has them.

    Raises:
        InputError: a method that the model does not take.
    """
    with torch.device("meta"):
        built = build_sam(model, input_size=input_size, weights=False)
        # SAM makes two of its buffers in a way that no device reaches.
        built.sam.to("meta")
        kind = get_method(method)
        adapt(built, kind, kind.Config.from_dict(method_config), memory)
    weights = sum(map(_size, [*built.sam.parameters(), *built.sam.buffers()]))
    trained = trainable(built.sam).values()
    with _LiveBytes([*built.sam.parameters(), *built.sam.buffers()]) as live:
        _step(built, batch_size, prompts, corrected)
    optimiser = MOMENTS * sum(map(_size, trained))
    count = sum(p.numel() for p in trained)
    return {"weights": weights, "optimiser": optimiser, "step": live.peak, "trainable": count}


def _step(model: SamModel, batch_size: int, prompts: int, corrected: int) -> None:
    """Forward and backward as in a training step, with boxes for prompts, which have as many tokens as a point, or
    none where the model labels slices."""
    embeddings = _embeddings(model, batch_size)
    frame = ModelFrame(SLICE_SHAPE, model.input_size)
    box = Prompt(box=np.array([8, 8, 64, 64], np.float32))
    losses = []
    for row in range(batch_size):
        if model.labels:
            low_res, iou = label(model, embeddings[row : row + 1])
            logits = frame.logits_to_slice(low_res)
            target = torch.empty(logits.shape, device="meta")
            loss = label_loss(logits, target, TrainConfig.ce_weight, TrainConfig.dice_weight)
            losses.append(loss + TrainConfig.iou_weight * label_iou_loss(iou, logits, target))
            continue
        for count in filter(None, (prompts, corrected)):
            low_res, iou = decode(model, embeddings[row : row + 1], [box] * count, frame)
            logits = frame.logits_to_slice(low_res)
            target = torch.empty(logits.shape, device="meta")
            loss = mask_loss(logits, target, TrainConfig.ce_weight, TrainConfig.dice_weight)
            losses.append(loss + TrainConfig.iou_weight * iou_loss(iou, logits, target))
    torch.stack(losses).mean().backward()


def _embeddings(model: SamModel, batch_size: int) -> torch.Tensor:
    """As :class:`Embeddings` gives them for slices that were not met before."""
    ready, encoder, size = Embeddings(model, torch.float32), model.sam.image_encoder, model.input_size
    frozen, stem = ready.frozen, ready.stem
    # What is frozen sees one slice at a time and leaves nothing behind.
    images = model.depth * (batch_size if stem is None and not frozen else 1)
    pixels = torch.empty(images, 3, size, size, device="meta").contiguous(memory_format=torch.channels_last)
    if stem is not None:
        with torch.no_grad():
            first = stem.first(pixels)
        del pixels
        embeddings = stem.rest(torch.cat([first] * batch_size))
    else:
        with torch.set_grad_enabled(not frozen):
            embeddings = encoder(pixels)[model.depth // 2 :: model.depth]
    return embeddings.expand(batch_size, -1, -1, -1)


class _LiveBytes(TorchDispatchMode):
    """Counts the bytes of tensors made within it for as long as they live.

    Args:
        before: tensors that were there already.

    Attributes:
        peak: the most at any time.
    """

    def __init__(self, before: Iterable[torch.Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's own has no types
        self.peak = 0
        self._sizes: dict[int, int] = {tensor.untyped_storage()._cdata: 0 for tensor in before}
        self._now = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        self._count(leaf for leaf in tree_leaves(out) if isinstance(leaf, torch.Tensor) and leaf.is_meta)
        return out

    def _count(self, tensors: Iterable[torch.Tensor]) -> None:
        for tensor in tensors:
            # Views share a storage, which is what takes memory and what ends.
            storage = tensor.untyped_storage()
            key = storage._cdata
            if key not in self._sizes:
                self._sizes[key] = storage.nbytes()
                self._now += storage.nbytes()
                self.peak = max(self.peak, self._now)
                weakref.finalize(storage, self._drop, key)

    def _drop(self, key: int) -> None:
        self._now -= self._sizes.pop(key)


def _size(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()
