"""A classifier of slices that finds boxes for a SAM with LoRA (SAM-Mix)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F

from SAMAdaptLib.methods.base import KnownSlices, Lesson, Method
from SAMAdaptLib.methods.lora.config import LoraConfig
from SAMAdaptLib.methods.lora.model import Lora
from SAMAdaptLib.methods.losses import dice_loss
from SAMAdaptLib.methods.sammix.config import SamMixConfig
from SAMAdaptLib.methods.sammix.layers import SliceClassifier
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.frames import ModelFrame

HEAD_RATE = 3.0
SMALL_STEPS = 8
# Share of the run that the first of two stages has; the paper gives both as many epochs.
FIRST_STAGE = 0.5


class SamMix(Method[SamMixConfig]):
    """LoRA in the encoder, and an own classifier whose activation maps become box prompts (Ward 2024).

    ViT-B at rank 8: 294,912 parameters in the encoder (the paper's figure), and those of :class:`SliceClassifier`. The
    paper does not say whether the mask decoder is trained; here it is as by :class:`Lora`, or all 4,058,340 of it. At
    the start the classifier's boxes mean nothing, but what SAM answers to a given prompt is what it was. The paper's
    own classifier is a setting, see :class:`SamMixConfig`; by default a small one works on SAM's embedding.

    The paper sums its two losses, as the training does. Finding a box has no derivative, so nothing of the mask's loss
    reaches the classifier, which the paper calls end-to-end nevertheless. The mask's loss is that of all methods,
    cross entropy and Dice; for the paper's (eq. 9, Dice alone) set the training's ce_weight = 0, dice_weight = 1 and
    iou_weight = 0. Boxes are found from one third of the run on, for a share of the boxes, of several the one that
    meets the object best, where the paper takes all prompts from the classifier from the first step on. SAM's one mask
    is trained and used, where the paper's figure 1 shows three with scores.

    The paper's comparison SAM-PP "first generates the bounding box prompts and trains the SAM model separately": with
    ``stages="two"`` nothing but the classifier learns until half of the run is over, and nothing but SAM from then on;
    with "frozen", its SAM-PP-0, SAM is the base's throughout.
    """

    name = "sammix"
    Config = SamMixConfig
    learns_slices = True

    def apply(self, model: SamModel, config: SamMixConfig, seed: int = 0) -> None:
        """See :meth:`Method.apply`."""
        sam = model.sam
        light = config.decoder == "lora"
        if config.stages != "frozen":
            Lora().apply(model, LoraConfig(config.rank, decoder=light, heads=light, prompts=light), seed)
            if config.decoder == "all":
                sam.mask_decoder.requires_grad_(True)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            # Within SAM, so that it is trained, saved and moved to a device like any other part.
            sam.classifier = SliceClassifier(config, model.family.channels).to(model.device)
        sam.eval()
        model.find = sam.classifier.find

    def for_classes(self, config: SamMixConfig, count: int) -> SamMixConfig:
        """See :meth:`Method.for_classes`."""
        return replace(config, classes=count)

    def rate(self, config: SamMixConfig, name: str) -> float:
        """See :meth:`Method.rate`: more for the few layers on the embedding, which start from nothing. With the rate of
        the others, 33 steps on sarcomas left all their verdicts just below one half, though the boxes met the tumours.
        """
        return HEAD_RATE if config.features == "embedding" and name.startswith("classifier.") else 1.0

    def lesson(self, config: SamMixConfig, progress: float) -> Lesson:
        """See :meth:`Method.lesson`."""
        if config.stages == "joint":
            return Lesson()
        alone = config.stages == "frozen" or progress < FIRST_STAGE
        return Lesson(masks=not alone, slices=alone)

    def small_steps(self, config: SamMixConfig) -> int:
        """See :meth:`Method.small_steps`: several of the few layers on the embedding, which cost next to nothing."""
        return SMALL_STEPS if config.features == "embedding" else 1

    def slice_rows(
        self, model: SamModel, slices: KnownSlices, encode: Callable[[], torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        """See :meth:`Method.slice_rows`: what the classifier sees of each, and what its answers should be."""
        classifier: SliceClassifier = model.sam.classifier
        seen = classifier.seen(slices.images, encode)
        present = np.stack([one.present for one in slices.shown])
        rows = {"seen": seen, "present": torch.from_numpy(present).to(seen)}
        if classifier.config.outlines:
            frames = [classifier.frame(frame) for frame in slices.frames]
            outlines = [one.outlines for one in slices.shown]
            shares = outline_shares(outlines, frames, classifier.side(seen), present.shape[1])
            rows["outlines"] = shares.to(seen)
        return rows

    def slice_loss(self, model: SamModel, rows: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See :meth:`Method.slice_loss`: the focal loss of the classifier, and where wanted that of its maps."""
        classifier: SliceClassifier = model.sam.classifier
        config = classifier.config
        logits, maps = classifier.judge(rows["seen"])
        loss = focal_loss(logits, rows["present"], config.alpha, config.gamma)
        if not config.outlines:
            return loss
        places = maps + classifier.head.bias[:, None, None]
        return loss + config.outlines * outline_loss(places, rows["outlines"])

    def merge(self, model: SamModel) -> bool:
        """Fold the LoRA into the encoder; the classifier stays beside it."""
        return Lora().merge(model)


def focal_loss(logits: torch.Tensor, target: torch.Tensor, alpha: float, gamma: float) -> torch.Tensor:
    """-alpha (1 - p_t)^gamma log p_t (Ward 2024, eq. 3), the mean over slices and classes.

    Both outcomes have the same alpha, as the equation is written. Lin 2017, where it comes from, has 1 - alpha for
    absent classes, against an imbalance that is not there when every second slice is chosen to show a class.

    Args:
        logits: [B, C].
        target: [B, C], 0 or 1.
    """
    # log(1 - p_t), as a logarithm from the start so that sure answers have a gradient.
    missed = F.logsigmoid(-logits * (2 * target - 1))
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return alpha * ((gamma * missed).exp() * entropy).mean()


def outline_shares(
    outlines: Sequence[np.ndarray | None], frames: Sequence[ModelFrame], side: int, classes: int
) -> torch.Tensor:
    """Which share of each place of the activation maps an object covers.

    Args:
        outlines: bool [C, H, W] for each slice, or None for one that nobody outlined.
        frames: how each slice lies in the square of the maps.
        side: of the maps in places.
        classes: C.

    Returns:
        float32 [B, C, side, side], 0..1; all NaN where nobody outlined the slice.
    """
    shares = np.full((len(outlines), classes, side, side), np.nan, np.float32)
    for row, (outline, frame) in enumerate(zip(outlines, frames, strict=True)):
        if outline is not None:
            shares[row] = [(frame.mask_to_logits(mask, side, magnitude=1) + 1) / 2 for mask in outline]
    return torch.from_numpy(shares)


def outline_loss(places: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Cross entropy and Dice of the places of activation maps, which the paper does not have.

    Args:
        places: logits [B, C, s, s].
        shares: see :func:`outline_shares`.

    Returns:
        the mean over the outlined slices, times their share of all, so that it adds up over parts of a batch.
    """
    outlined = ~shares.isnan().flatten(1).any(1)
    if not outlined.any():
        return places.sum() * 0
    logits, target = places[outlined], shares[outlined]
    loss = F.binary_cross_entropy_with_logits(logits, target) + dice_loss(logits, target, smooth=1)
    return loss * outlined.float().mean()
