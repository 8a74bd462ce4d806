"""What is done where a user names nothing, for every shell alike; read without torch.

Which grey levels and which axis are taken is decided further down, in :mod:`SAMAdaptLib.volume.policy`, for training as
well, and whether an adapter fits its base model by :func:`SAMAdaptLib.adapters.info.check_base`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from SAMAdaptLib.adapters.info import AdapterInfo, check_base, read_adapter_info
from SAMAdaptLib.defaults import MODEL, TIME_GROWTH
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.families import require_memory
from SAMAdaptLib.sam.registry import get_model


def base_of(model: str | None, adapter: str | Path | None) -> tuple[str, AdapterInfo | None]:
    """Name of the base model, and the description of the adapter on it.

    Args:
        model: as a user named it; the adapter's own by default, and without an adapter the usual one.
        adapter: adapter or run folder.

    Raises:
        InputError: no adapter there, a damaged one, or one of another base model.
    """
    if adapter is None:
        return model or MODEL, None
    info = read_adapter_info(adapter)
    check_base(info, adapter, model or info.base)
    return info.base, info


def require_finder(finds: bool) -> None:
    """Raises InputError for a model that does not find objects by itself."""
    if not finds:
        raise InputError(
            "This model does not find objects by itself",
            None,
            "Give prompts, or an --adapter that was trained with --method sammix or lora --method-set head=classes",
        )


def require_recall(model: str | None, adapter: str | Path | None) -> None:
    """Refuse, before anything is loaded, a choice whose base model remembers nothing of other slices.

    Raises:
        InputError: it does not; see :func:`base_of`.
    """
    require_memory(get_model(base_of(model, adapter)[0]))


def propagation_rules(wishes: Mapping[str, Any] | None = None, mask_prompts: bool = True) -> PropagationRules:
    """Rules of propagation that suit a model: no mask prompts for one that never saw any.

    LiteMedSAM, trained with boxes only, carried organs through an abdominal CT at Dice 0.93 to 0.96 from boxes, and at
    0.42 to 0.92 with its own masks beside them.

    Args:
        wishes: fields of :class:`PropagationRules` that a user names.
        mask_prompts: whether an earlier mask helps the model as a prompt.

    Raises:
        InputError: no such rule, or one that makes no sense.
    """
    return PropagationRules.from_dict({"use_mask": mask_prompts, **(wishes or {})})


def time_rules(wishes: Mapping[str, Any] | None = None, mask_prompts: bool = True) -> PropagationRules:
    """Rules of propagation along time: those of :func:`propagation_rules` on all slices, with boxes widened more.

    What beats grows more from frame to frame than from slice to slice. A kidney of a CT, made to shrink and grow again
    by 30 % in ten frames, was followed by LiteMedSAM at Dice 0.94 to 0.97 with a growth of 0.1 to 0.2, and lost at
    0.025 (0.38) and at 0.3.

    Args:
        wishes: as for :func:`propagation_rules`; a range is one of slices, and does not count.
        mask_prompts: as there.
    """
    return propagation_rules({"box_growth": TIME_GROWTH, **(wishes or {}), "first": None, "last": None}, mask_prompts)
