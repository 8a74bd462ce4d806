"""Why a slice is suggested, in words."""

from __future__ import annotations

from collections.abc import Mapping

from SAMAdaptLib.errors import listed
from SAMAdaptLib.jobs.suggest.doubt import IOU, PROMPTS, TURNED, WEIGHTS

# From which on a doubt is worth a word: Dice below 0.8.
DOUBTFUL = 0.2
_DOUBTS = {
    PROMPTS: "answers to other boxes and a point",
    TURNED: "the answer on the slice turned round",
    WEIGHTS: "the base's answer",
}


def reason(parts: Mapping[str, float], looked_at: int) -> str:
    """In words what :attr:`SAMAdaptLib.jobs.suggest.next_slices.NextSlice.parts` say.

    Args:
        parts: of the slice.
        looked_at: slices that were compared.
    """
    nearest = "exemplar" if "unlike_exemplars" in parts else "slice above"
    count = int(parts["stands_for"])
    words = [f"{count} of {looked_at} slices are more like it than like any {nearest}"]
    apart = [f"{what} (Dice {1 - parts[name]:.2f})" for name, what in _DOUBTS.items() if parts.get(name, 0) > DOUBTFUL]
    if apart:
        words.append(f"the adapter is unsure: its answer agrees only in part with {listed(apart)}")
    if parts.get(IOU, 0) > DOUBTFUL:
        words.append(f"it expects an IoU of {1 - parts[IOU]:.2f}")
    return "; ".join(words)
