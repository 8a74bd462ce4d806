"""Whether an adapter does harm: base and adapted weights compared for each kind of prompt on held-out slices.

Read without torch, so that an application can say why the base weights have answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from SAMAdaptLib.defaults import WEIGHTS
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import BOX, BOX_CLICK, POINT, PROPAGATION

# What is compared; words and found boxes are the adapter's own.
KINDS = (POINT, BOX, BOX_CLICK, PROPAGATION)
ADAPTED, BASE = "adapted", "base"
CHOICES = (WEIGHTS, ADAPTED, BASE)
# What the compared slices were to the training.
PATIENTS, SLICES = "patients", "slices"
# Mean Dice by which the base has to be better; less is chance.
MARGIN = 0.01
# What a single class may lose where the others gain no more than that, and on how many objects that has to show.
CLASS_MARGIN = 0.05
CLASS_OBJECTS = 2
RULE = (
    f"The base weights answer a kind of prompt where their mean Dice over classes is more than {MARGIN:g} above the "
    f"adapter's, or where a class with {CLASS_OBJECTS} objects or more loses more than {CLASS_MARGIN:g} and more than "
    "the mean gains."
)


def compare(
    base: Sequence[Mapping[str, float]], adapted: Sequence[Mapping[str, float]], classes: Sequence[str], held_out: str
) -> dict[str, Any]:
    """What :attr:`AdapterInfo.comparison` holds.

    Args:
        base: for each of N objects Dice by kind, of the base weights.
        adapted: the same of the adapted ones.
        classes: of the N objects.
        held_out: PATIENTS or SLICES.

    Returns:
        "held_out"; "objects"; "kinds": by kind "base" and "adapted", means over classes of their mean Dice, and "used",
        which of the two answers by RULE; "classes": by class "objects" and by kind both means. Empty without objects.
    """
    if not base:
        return {}
    rows: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(classes):
        rows[name].append(row)
    by_class: dict[str, dict[str, Any]] = {name: {"objects": len(members)} for name, members in rows.items()}
    kinds = {}
    for kind in KINDS:
        for name, members in rows.items():
            means = {way: _mean(dice[row][kind] for row in members) for way, dice in ((BASE, base), (ADAPTED, adapted))}
            by_class[name][kind] = means
        both = {way: _mean(one[kind][way] for one in by_class.values()) for way in (BASE, ADAPTED)}
        gain = both[ADAPTED] - both[BASE]
        sure = [one[kind] for one in by_class.values() if one["objects"] >= CLASS_OBJECTS]
        loss = max((one[BASE] - one[ADAPTED] for one in sure), default=0.0)
        harm = gain < -MARGIN or loss > max(CLASS_MARGIN, gain)
        kinds[kind] = {**both, "used": BASE if harm else ADAPTED}
    return {"held_out": held_out, "objects": len(classes), "kinds": kinds, "classes": by_class}


def by_base(comparison: Mapping[str, Any], weights: str = WEIGHTS) -> frozenset[str]:
    """Kinds of prompts that the base weights answer.

    Args:
        comparison: of the adapter.
        weights: one of CHOICES, what the user wants.

    Raises:
        InputError: another wish.
    """
    if weights not in CHOICES:
        raise InputError("Unknown weights", weights, f"Choose one of {', '.join(CHOICES)}")
    if weights == ADAPTED:
        return frozenset()
    if weights == BASE:
        return frozenset(KINDS)
    return frozenset(kind for kind, row in comparison.get("kinds", {}).items() if row["used"] == BASE)


def told(comparison: Mapping[str, Any], kinds: Iterable[str]) -> str:
    """Why prompts of some kinds were answered with the base weights, as a sentence without a full stop; "" for none.

    Args:
        comparison: of the adapter.
        kinds: that the base has answered.
    """
    kinds = list(kinds)
    if not kinds:
        return ""
    # What a user asked for needs no other reason.
    rows = comparison.get("kinds", {})
    harmed = [kind for kind in kinds if rows.get(kind, {}).get("used") == BASE]
    text = f"{' and '.join(kinds)} answered with the base weights"
    if len(harmed) < len(kinds):
        return f"{text}, as asked"
    figures = ", ".join(f"{kind} {rows[kind][BASE]:.3f} against {rows[kind][ADAPTED]:.3f}" for kind in kinds)
    return f"{text}, which were better on held-out slices (Dice: {figures} adapted)"


def table(comparison: Mapping[str, Any]) -> list[list[str]]:
    """For each kind its name, Dice of the base, Dice of the adapter, and which of the two answers; none if unknown."""
    rows = comparison.get("kinds", {})
    return [[kind, f"{row[BASE]:.3f}", f"{row[ADAPTED]:.3f}", row["used"]] for kind, row in rows.items()]


def is_sound(comparison: dict[str, Any]) -> bool:
    """Whether a comparison that was read is one."""
    try:
        rows = [*comparison.get("kinds", {}).values()]
        members = [one[kind] for one in comparison.get("classes", {}).values() for kind in one if kind != "objects"]
        return all(row["used"] in (BASE, ADAPTED) for row in rows) and all(
            isinstance(row[way], (int, float)) for row in [*rows, *members] for way in (BASE, ADAPTED)
        )
    except (AttributeError, KeyError, TypeError):
        return False


def _mean(values: Iterable[float]) -> float:
    return float(np.mean([*values]))
