"""When a mask may be carried on to the next slice, and with what prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from SAMAdaptLib import defaults
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import PROPAGATION, Prompt, SliceResult
from SAMAdaptLib.settings import Settings, setting


@dataclass(frozen=True)
class PropagationRules(Settings):
    """How far a mask is carried."""

    what: ClassVar[str] = "propagation rule"

    box_growth: float = setting(
        0.025, "share of its side by which the previous mask's box is widened at each end", low=0, high=1
    )
    # 6.9 is a probability of 0.001 or 0.999; without a limit logits grow from slice to slice.
    logit_clip: float = setting(6.9, "the previous logits are clipped to plus and minus this", above=0)
    min_iou: float = setting(defaults.MIN_IOU, "least overlap (IoU) with the last mask that was kept", low=0, high=1)
    area_ratio: tuple[float, float] = setting(
        (0.4, 2.5), "least and greatest area, as a multiple of that mask's; one of them on each side of 1", low=0
    )
    # Models differ in how sure they are; an absolute limit suits one of them only.
    min_predicted_iou: float = setting(
        0.5,
        "least IoU that the model itself expects, as a share of what it expected on the prompted slice",
        low=0,
        high=1,
    )
    max_missing: int = setting(
        defaults.MAX_MISSING, "slices in a row that break a rule and so end the way in that direction", low=1
    )
    first: int | None = setting(None, "lowest slice that propagation may reach", low=0)
    last: int | None = setting(None, "highest slice that propagation may reach", low=0)
    use_mask: bool = setting(True, "prompt the next slice with the mask")
    use_box: bool = setting(True, "prompt the next slice with the mask's box")
    memory: bool = setting(
        False, "no prompts from slice to slice: the model's own memory of those before carries the object (SAM 2)"
    )

    def check(self) -> None:
        """Raises InputError for rules that make no sense together."""
        if not self.area_ratio[0] <= 1 <= self.area_ratio[1]:
            raise InputError(f"area_ratio is {self.area_ratio}", None, "Give a number up to 1 and a number from 1")
        if not (self.use_mask or self.use_box):
            raise InputError("use_mask and use_box are both off", None, "Set at least one of the two")

    def carried(self, logits: np.ndarray) -> np.ndarray | None:
        """What the logits of an answer, float32 [h, w], are as the next mask prompt; None where masks are none."""
        return np.clip(logits, -self.logit_clip, self.logit_clip) if self.use_mask else None

    def span(self, count: int) -> tuple[int, int]:
        """First and last slice (inclusive) of a stack of ``count`` slices.

        Raises:
            InputError: the range is empty or leaves the stack.
        """
        first = 0 if self.first is None else self.first
        last = count - 1 if self.last is None else self.last
        if not 0 <= first <= last < count:
            raise InputError(
                "The slice range does not fit the volume", f"{first} to {last}", f"Stay in 0 to {count - 1}"
            )
        return first, last


def next_prompt(mask: np.ndarray, logits: np.ndarray, shape: tuple[int, int], rules: PropagationRules) -> Prompt:
    """The prompt that a mask gives for the slice beside it.

    Args:
        mask: bool [H, W], not empty.
        logits: float32 [h, w] of that mask.
        shape: (H, W) of the slices.
        rules: the growth of the box, the clip of the logits, and which of the two to use.

    Raises:
        InputError: the mask is empty.
    """
    # With it comes scipy, for which an application that only sets rules should not have to wait.
    from SAMAdaptLib.prompts.boxes import bounding_box

    x0, y0, x1, y1 = bounding_box(mask)
    wide, high = rules.box_growth * (x1 - x0 + 1), rules.box_growth * (y1 - y0 + 1)
    box = np.array([x0 - wide, y0 - high, x1 + wide, y1 + high])
    ends = np.array([shape[1] - 1, shape[0] - 1] * 2)
    return Prompt(
        box=np.clip(box, 0, ends) if rules.use_box else None,
        mask_logits=rules.carried(logits),
        origin=PROPAGATION,
    )


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two bool masks of one shape; 0 when both are empty."""
    union = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / union if union else 0.0


def broken_rule(
    result: SliceResult, previous: np.ndarray, rules: PropagationRules, key_iou: float = 1.0
) -> str | None:
    """Why a result is not kept beside the last kept mask (bool [H, W], not empty), in words; None when it is.

    Args:
        result: of this slice.
        previous: the last kept mask.
        rules: the limits.
        key_iou: the IoU that the model expected on the prompted slice.
    """
    if not result.mask.any():
        return "nothing was found"
    # Written so that a NaN from the model breaks the rule.
    least = rules.min_predicted_iou * key_iou
    if not result.iou >= least:
        return f"the model expects an IoU of {result.iou:.2f}, under {least:.2g}"
    iou = overlap(result.mask, previous)
    if iou < rules.min_iou:
        return f"the IoU with the slice before is {iou:.2f}, under {rules.min_iou:g}"
    ratio = np.count_nonzero(result.mask) / np.count_nonzero(previous)
    low, high = rules.area_ratio
    if not low <= ratio <= high:
        return f"the area is {ratio:.2f} times that of the slice before, outside {low:g} to {high:g}"
    return None
