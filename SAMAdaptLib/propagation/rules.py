"""When a mask may be carried on to the next slice, and with what prompt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt, SliceResult


@dataclass(frozen=True)
class PropagationRules:
    """How far a mask is carried.

    Attributes:
        box_growth: the previous mask's box is widened at each end by this fraction of its side.
        logit_clip: the previous logits are clipped to plus and minus this; 6.9 is a probability of 0.001 or 0.999.
            Without a limit they grow from slice to slice.
        min_iou: least IoU with the last mask that was kept.
        area_ratio: least and greatest area, as a multiple of that mask's.
        min_predicted_iou: least IoU that the model itself expects, as a share of what it expected on the prompted slice
            from which it came. Models differ in how sure they are; an absolute limit suits one of them only.
        max_missing: this many slices in a row that break a rule end the way in that direction.
        first, last: slices that are never left, both inclusive; None is the volume's end.
        use_mask, use_box: what the next slice is prompted with; one of them at least.
    """

    box_growth: float = 0.025
    logit_clip: float = 6.9
    min_iou: float = 0.5
    area_ratio: tuple[float, float] = (0.4, 2.5)
    min_predicted_iou: float = 0.5
    max_missing: int = 2
    first: int | None = None
    last: int | None = None
    use_mask: bool = True
    use_box: bool = True

    def validate(self) -> None:
        """Raises InputError, which names the first rule that makes no sense."""
        low, high = self.area_ratio
        checks = (
            ("box_growth", 0.0 <= self.box_growth <= 1.0, "0 to 1"),
            ("logit_clip", self.logit_clip > 0.0, "a number above 0"),
            ("min_iou", 0.0 <= self.min_iou <= 1.0, "0 to 1"),
            ("area_ratio", 0.0 <= low <= 1.0 <= high, "a number up to 1 and a number from 1"),
            ("min_predicted_iou", 0.0 <= self.min_predicted_iou <= 1.0, "0 to 1"),
            ("max_missing", self.max_missing >= 1, "1 or more"),
            ("use_mask, use_box", self.use_mask or self.use_box, "at least one of the two"),
        )
        for name, fine, allowed in checks:
            if not fine:
                raise InputError("A propagation rule is out of range", name, f"Choose {allowed}")

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
        mask_logits=np.clip(logits, -rules.logit_clip, rules.logit_clip) if rules.use_mask else None,
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
