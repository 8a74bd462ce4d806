"""What a user or a strategy gives to the model for one object on one slice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

# Kinds of prompts, for which a model may be better or worse: points, a box, a box with points, and what propagation
# asks of the next slice; beside them words, and boxes that the model found by itself.
POINT, BOX, BOX_CLICK, PROPAGATION, TEXT, FOUND = "point", "box", "box+click", "propagation", "text", "found"


@dataclass(frozen=True, eq=False)
class Prompt:
    """A prompt in pixels of one slice: x = column, y = row, pixel centres at whole numbers.

    Attributes:
        points: float32 [N, 2], (x, y).
        labels: int64 [N]; 1 = the object, 0 = not the object.
        box: float32 [4] (x0, y0, x1, y1), both corners inside the object's extent, or None.
        mask_logits: float32 [h, w], the model's own low-resolution logits of an earlier answer, or None.
        outline: float32 [L, 2], (x, y) of the corners of a closed line around the object, or None; what it encloses is
            the mask prompt where there are no ``mask_logits`` and the model takes masks.
        text: words for the object, for a model that was trained with texts, or None.
        origin: PROPAGATION or FOUND for what no user has given, else "".
    """

    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    box: np.ndarray | None = None
    mask_logits: np.ndarray | None = None
    outline: np.ndarray | None = None
    text: str | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        points = np.asarray(self.points, dtype=np.float32).reshape(-1, 2)
        labels = np.asarray(self.labels, dtype=np.int64).reshape(-1)
        if len(points) != len(labels):
            raise ValueError(f"{len(points)} points with {len(labels)} labels")
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "labels", labels)
        if self.box is not None:
            object.__setattr__(self, "box", np.asarray(self.box, dtype=np.float32).reshape(4))
        if self.mask_logits is not None:
            object.__setattr__(self, "mask_logits", np.asarray(self.mask_logits, dtype=np.float32))
        if self.outline is not None:
            object.__setattr__(self, "outline", np.asarray(self.outline, dtype=np.float32).reshape(-1, 2))

    @property
    def kind(self) -> str:
        """Which kind of prompt it is."""
        if self.origin:
            return self.origin
        if self.text is not None:
            return TEXT
        if self.box is None:
            return POINT
        return BOX_CLICK if len(self.points) else BOX

    @property
    def empty(self) -> bool:
        """Whether there is nothing to go by."""
        return len(self.points) == 0 and self.box is None and self.mask_logits is None and self.text is None

    @property
    def starts(self) -> bool:
        """Whether it says where the object is, and not only where it is not."""
        return self.box is not None or self.mask_logits is not None or bool(self.labels.any())

    def moved(self, x: float, y: float) -> Prompt:
        """The same on a part of the slice whose first pixel has this place, or, the signs turned, on a larger one.
        What an earlier answer was, which is bound to its own place, is left out."""
        by = np.array([x, y], np.float32)
        return replace(
            self,
            points=self.points - by,
            box=None if self.box is None else self.box - np.tile(by, 2),
            outline=None if self.outline is None else self.outline - by,
            mask_logits=None,
        )

    def joined(self, other: Prompt) -> Prompt:
        """Both together: the points in order; of box, masks and text the other's where it has one."""
        return Prompt(
            np.concatenate([self.points, other.points]),
            np.concatenate([self.labels, other.labels]),
            self.box if other.box is None else other.box,
            self.mask_logits if other.mask_logits is None else other.mask_logits,
            self.outline if other.outline is None else other.outline,
            self.text if other.text is None else other.text,
        )


@dataclass(frozen=True, eq=False)
class SliceResult:
    """A model's answer to one prompt on one slice.

    Attributes:
        mask: bool [H, W], slice pixels.
        logits: float32 [h, w], the model's own low-resolution logits.
        iou: the model's own estimate of its IoU, 0..1.
        by_base: the prompt's kind where the base weights have answered in place of an adapter's, else "".
    """

    mask: np.ndarray
    logits: np.ndarray
    iou: float
    by_base: str = ""
