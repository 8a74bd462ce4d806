"""What an adapter says of the exemplars that it learnt from: counts and sizes, which name nobody."""

from __future__ import annotations

from typing import Any

from SAMAdaptLib.exemplars.mapping import mappings_by_kind
from SAMAdaptLib.training.data import TrainingData


def origin(data: TrainingData) -> dict[str, Any]:
    """What :attr:`AdapterInfo.data <SAMAdaptLib.adapters.info.AdapterInfo.data>` holds.

    Args:
        data: of the training.
    """
    learnt = [one.info for one in data.exemplars]
    bare = [one.info for one in (*data.empty, *data.unlabelled)]
    seen = {info.id for info in (*learnt, *bare)}
    known = mappings_by_kind(data.library)
    sizes = [side for info in (*learnt, *bare) for side in info.pixel_spacing]
    return {
        "slices": len(learnt),
        "unlabelled": len(bare),
        "patients": len({info.group for info in (*learnt, *bare)}),
        "held_out": len({one.info.id for one in (*data.validation, *data.compared)} - seen),
        "classes": {name: sum(name in info.classes for info in learnt) for name in data.classes},
        "images": [words for kind, words in ((True, "CT"), (False, "other than CT")) if known[kind]],
        "pixel_mm": [min(sizes), max(sizes)],
        "synthetic": data.synthetic is not None,
    }
