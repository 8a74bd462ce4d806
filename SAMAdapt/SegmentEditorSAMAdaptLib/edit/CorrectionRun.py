"""One correction while it is under way, and what is kept of it to take its gestures back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet

from SAMAdaptLib.service.packed import PackedMask


@dataclass(eq=False)
class CorrectionRun:
    """From the first gesture until all is written; a gesture meanwhile begins the way anew, with those before.

    Attributes:
        axis: of the slices.
        chosen: the nodes and the segment.
        key: of the volume's voxels.
        before: what the segment was, bool [H, W] by slice index.
        marks: the gestures by slice index.
        order: the slice index of each gesture.
        state: of what is kept with the segment, before.
        found: what slices are as far as the model has come, and whether that is final.
        expected: the IoU that the model expects of final ones.
        written: slices that were written to.
        saved: whether there is an undo state of what was before.
    """

    axis: str
    chosen: tuple[Any, Any, str | None]
    key: Any
    before: dict[int, np.ndarray]
    marks: dict[int, PromptSet] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    state: tuple[str, ...] = ()
    found: dict[int, np.ndarray] = field(default_factory=dict)
    final: dict[int, np.ndarray] = field(default_factory=dict)
    expected: dict[int, float | None] = field(default_factory=dict)
    written: set[int] = field(default_factory=set)
    saved: bool = False


@dataclass(frozen=True, eq=False)
class PastRun:
    """A correction that is over.

    Attributes:
        run: with the gestures, and nothing of masks.
        before: what the slices that it has changed were.
        after: what they are since.
    """

    run: CorrectionRun
    before: dict[int, PackedMask]
    after: dict[int, PackedMask]

    @classmethod
    def of(cls, run: CorrectionRun, after: Mapping[int, np.ndarray]) -> PastRun:
        """A run whose slices have become ``after``, bool [H, W] by index."""
        before = {index: PackedMask.of(run.before[index]) for index in after}
        bare = replace(run, before={}, found={}, final={}, expected={}, saved=False)
        return cls(bare, before, {index: PackedMask.of(mask) for index, mask in after.items()})

    def revived(self, now: Mapping[int, np.ndarray]) -> CorrectionRun | None:
        """The run as if it were under way and all written, of the slices as they are ``now``; None where those that it
        has changed are not what they have become by it."""
        if any(not np.array_equal(now[index], mask.full()) for index, mask in self.after.items()):
            return None
        return replace(self.run, before={**now, **{index: mask.full() for index, mask in self.before.items()}})
