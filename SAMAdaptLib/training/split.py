"""Which patients a run learns from, and which it is tried on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.manifest import ExemplarInfo
from SAMAdaptLib.training.config import CROSSED

# Held out under "auto": one patient in so many.
PATIENTS_PER_HELD_OUT = 5
# Of more patients so many are left out in turn: each costs a training.
MOST_IN_TURN = 3
# Where no patient can be held out: one slice in so many, to compare base and adapter on.
SLICES_PER_HELD_OUT = 5


def lacks(info: ExemplarInfo, name: str) -> bool:
    """Whether a class is known not to be on a slice."""
    return name not in info.classes + info.present


def held_out(
    infos: Sequence[ExemplarInfo],
    classes: Sequence[str],
    absences: bool,
    validation: str | float,
    rng: np.random.Generator,
) -> set[str]:
    """Patients kept for validation.

    With one or two, holding one out would cost half of the labels or more, so "auto" holds out none; a stated share
    always holds out at least one. A patient who alone has what the training needs stays in it, even if fewer can be
    held out then.

    Args:
        infos: all slices.
        classes: each of which is outlined on some.
        absences: whether the training needs slices without each class as well, as far as there are any.
        validation: "auto", CROSSED, "none" or the share of the patients with outlines.
        rng: decides who.

    Returns:
        their groups.

    Raises:
        InputError: a stated share, and nobody can be spared.
    """
    ordered = sorted({i.group for i in infos if i.classes})
    automatic = validation == "auto"
    if validation in ("none", CROSSED) or (automatic and len(ordered) < 3):
        return set()
    if len(ordered) < 2:
        raise InputError(
            "Validation needs exemplars of two patients or more, the library has one", None, "Give --validation none"
        )
    needs = _groups_with_each(infos, classes, absences)
    share = 1 / PATIENTS_PER_HELD_OUT if automatic else float(validation)
    count = max(1, int(len(ordered) * share + 0.5))
    chosen: set[str] = set()
    for place in rng.permutation(len(ordered)):
        more = chosen | {ordered[place]}
        if len(more) <= count and all(need - more for need in needs if need):
            chosen = more
    if not (chosen or automatic):
        raise InputError(
            "No patient can be held out for validation, since each is the only one with something to be learnt",
            None,
            "Give --validation none, or add exemplars of other patients with the same classes",
        )
    return chosen


def left_out_in_turn(
    infos: Sequence[ExemplarInfo], classes: Sequence[str], absences: bool, rng: np.random.Generator
) -> list[str]:
    """Patients to be left out of a training one after another, at most three; arguments as of :func:`held_out`.

    Returns:
        their groups.

    Raises:
        InputError: there is one patient only, or nobody can be spared.
    """
    ordered = sorted({i.group for i in infos if i.classes})
    if len(ordered) < 2:
        raise InputError(
            "To leave out each patient in turn needs exemplars of two patients or more, the library has one",
            None,
            "Give --validation auto",
        )
    needs = _groups_with_each(infos, classes, absences)
    spared = [ordered[place] for place in rng.permutation(len(ordered))]
    spared = [one for one in spared if all(need - {one} for need in needs if need)]
    if not spared:
        raise InputError(
            "No patient can be left out, since each is the only one with something to be learnt",
            None,
            "Give --validation auto, or add exemplars of other patients with the same classes",
        )
    return spared[:MOST_IN_TURN]


def _groups_with_each(infos: Sequence[ExemplarInfo], classes: Sequence[str], absences: bool) -> list[set[str]]:
    """Who has each of the things that a training needs."""
    needs = [{i.group for i in infos if name in i.classes} for name in classes]
    if absences:
        needs += [{i.group for i in infos if lacks(i, name)} for name in classes]
    return needs


def held_out_slices(
    infos: Sequence[ExemplarInfo], classes: Sequence[str], absences: bool, rng: np.random.Generator
) -> list[str]:
    """Slices kept to compare base and adapter on where no patient is held out: those that show the most classes.

    The last slice with what the training needs stays in it. Arguments as of :func:`held_out`.

    Returns:
        their ids.
    """
    outlined = [i for i in infos if i.classes]
    needs = [{i.id for i in infos if name in i.classes} for name in classes]
    if absences:
        needs += [{i.id for i in infos if lacks(i, name)} for name in classes]
    left = [outlined[place] for place in rng.permutation(len(outlined))]
    chosen: list[ExemplarInfo] = []
    while left and len(chosen) < len(outlined) // SLICES_PER_HELD_OUT:
        shown = {name for i in chosen for name in i.classes}
        left.sort(key=lambda i: len({*i.classes} - shown), reverse=True)
        more = left.pop(0)
        if all(need - {i.id for i in (*chosen, more)} for need in needs if need):
            chosen.append(more)
    return [i.id for i in chosen]
