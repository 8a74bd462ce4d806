"""Whether an adapter does harm: base and adapted weights compared for each kind of prompt on held-out slices.

Where the method allows it, weights halfway between the two take part: on other patients than the training's such a mean
is often better than either (Wortsman et al. 2022, Robust fine-tuning of zero-shot models, arXiv 2109.01903), above all
for boxes, which the base knows.

Of an adapter that has learnt points on a base of boxes only, points are also compared with and without a box grown from
them (:func:`SAMAdaptLib.sam.clicks.answer_or_grow`), which helps on other patients and may cost where it is at home.

Read without torch, so that an application can say why the base weights have answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from SAMAdaptLib.defaults import BASE, HALFWAY, PLAIN, WEIGHTS
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import BOX, BOX_CLICK, POINT, PROPAGATION

# What is compared; words and found boxes are the adapter's own.
KINDS = (POINT, BOX, BOX_CLICK, PROPAGATION)
ADAPTED = "adapted"
CHOICES = (WEIGHTS, ADAPTED, BASE)
# What the compared slices were to the training; those of patients in turn were compared on shorter trainings, each
# without one of them.
PATIENTS, SLICES, IN_TURN = "patients", "slices", "patients in turn"
# Mean Dice by which the base has to be better; less is chance.
MARGIN = 0.01
# The same for points, of one object; with n objects it is divided by the square root of n. A tenth is what one-point
# Dice differs by from one seed to the next; three objects that were 0.010 behind gave 0.2 away on four other patients.
POINT_MARGIN = 0.1
# No comparison has more objects.
MOST = 10**9
# What a single class may lose where the others gain no more than that, and on how many objects that has to show.
CLASS_MARGIN = 0.05
CLASS_OBJECTS = 2
# How far halfway is.
SHARE = 0.5
# What others may be behind the adapted ones on slices of patients that the training saw, whom the adapted ones know by
# heart in part, and by shorter trainings, which have not gone as far from the base: those halfway, and points with a
# grown box behind plain ones. And for which kinds of prompts weights halfway answer: those that the base can answer.
BEHIND, KNOWN_TO_BASE = 0.05, (BOX, BOX_CLICK, PROPAGATION)
RULE = (
    f"Boxes and what follows from them are answered by weights halfway to the base's where these were measured and are "
    f"not more than {BEHIND:g} behind the adapter's on slices of the training's own patients or by shorter trainings, "
    "or not behind on others. "
    f"The base weights answer a kind of prompt where their mean Dice over classes is more than {MARGIN:g} above the "
    f"adapter's, or where a class with {CLASS_OBJECTS} objects or more loses more than {CLASS_MARGIN:g} and more than "
    f"the mean gains. For points that is {POINT_MARGIN:g} divided by the square root of the number of objects, where "
    "it is more, since few of them say little."
)
PLAIN_RULE = (
    "A plain point is answered by the adapter alone, without a box grown from the point; points are answered so where "
    f"that has a mean Dice more than {MARGIN:g} above that with the box on other patients, or more than {BEHIND:g} on "
    "slices of the training's own patients or by shorter trainings."
)
# Of one labelled slice of a glioma, the box on other patients fell from Dice 0.88 to between 0.65 and 0.92.
NOT_COMPARED = (
    "Base and adapter were not compared, since no slice was held out for it: the adapter answers every prompt, some "
    "perhaps worse than the base model. Look at its answers, or measure both on another labelled scan"
)


def compare(
    base: Sequence[Mapping[str, float]],
    adapted: Sequence[Mapping[str, float]],
    classes: Sequence[str],
    held_out: str,
    halfway: Sequence[Mapping[str, float]] = (),
    plain: Sequence[float] = (),
) -> dict[str, Any]:
    """What :attr:`AdapterInfo.comparison` holds.

    Args:
        base: for each of N objects Dice by kind, of the base weights.
        adapted: the same of the adapted ones.
        classes: of the N objects.
        held_out: PATIENTS, SLICES or IN_TURN.
        halfway: the same of those between, where there are such.
        plain: Dice of points on the adapted ones with no box grown from them, where one is in ``adapted``.

    Returns:
        "held_out"; "objects"; "kinds": by kind "base", "adapted" and perhaps "halfway" and "plain", means over classes
        of their mean Dice, and "used", which of them answers by RULE and PLAIN_RULE; "classes": by class "objects" and
        by kind all means. Empty without objects.
    """
    if not base:
        return {}
    measured = {BASE: base, ADAPTED: adapted} | ({HALFWAY: halfway} if halfway else {})
    alone = {PLAIN: [{POINT: one} for one in plain]} if plain else {}
    rows: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(classes):
        rows[name].append(row)
    by_class: dict[str, dict[str, Any]] = {name: {"objects": len(members)} for name, members in rows.items()}
    for kind in KINDS:
        ways = measured | (alone if kind == POINT else {})
        for name, members in rows.items():
            by_class[name][kind] = {way: _mean(dice[row][kind] for row in members) for way, dice in ways.items()}
    return _judged(by_class, held_out)


def pooled(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One comparison, IN_TURN, of several on different objects: what :func:`compare` gives for all of those together.

    Args:
        parts: what it gave for each of them, all of one method and base.
    """
    members: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for part in parts:
        for name, one in part.get("classes", {}).items():
            members[name].append(one)
    if not members:
        return {}
    by_class: dict[str, dict[str, Any]] = {}
    for name, ones in members.items():
        counts = [one["objects"] for one in ones]
        by_class[name] = {"objects": sum(counts)}
        for kind in KINDS:
            ways = {way: [one[kind][way] for one in ones] for way in ones[0][kind]}
            by_class[name][kind] = {way: float(np.average(dices, weights=counts)) for way, dices in ways.items()}
    return _judged(by_class, IN_TURN)


def _judged(by_class: dict[str, dict[str, Any]], held_out: str) -> dict[str, Any]:
    """A comparison by the means of its classes."""
    objects = sum(one["objects"] for one in by_class.values())
    kinds = {}
    for kind in KINDS:
        rows = [one[kind] for one in by_class.values()]
        means = {way: _mean(row[way] for row in rows) for way in rows[0]}
        trained = _own(means, held_out)
        if HALFWAY in means and kind in KNOWN_TO_BASE:
            behind = means[ADAPTED] - means[HALFWAY]
            trained = HALFWAY if behind <= (0 if held_out == PATIENTS else BEHIND) else ADAPTED
        gain = means[trained] - means[BASE]
        chance = POINT_MARGIN if kind == POINT else 0.0
        ruined = any(
            one[kind][BASE] - one[kind][trained] > max(CLASS_MARGIN, chance / one["objects"] ** 0.5, gain)
            for one in by_class.values()
            if one["objects"] >= CLASS_OBJECTS
        )
        harm = gain < -max(MARGIN, chance / objects**0.5) or ruined
        kinds[kind] = {**means, "used": BASE if harm else trained}
    return {"held_out": held_out, "objects": objects, "kinds": kinds, "classes": by_class}


def answering(comparison: Mapping[str, Any], weights: str = WEIGHTS) -> dict[str, str]:
    """Kinds of prompts that are answered otherwise than by the adapter as it is, with how: BASE, HALFWAY or PLAIN.

    Args:
        comparison: of the adapter.
        weights: one of CHOICES, what the user wants.

    Raises:
        InputError: another wish.
    """
    if weights not in CHOICES:
        raise InputError("Unknown weights", weights, f"Choose one of {', '.join(CHOICES)}")
    if weights == BASE:
        return dict.fromkeys(KINDS, BASE)
    rows = comparison.get("kinds", {})
    own = {kind: _own(row, comparison.get("held_out")) for kind, row in rows.items()}
    used = {kind: own[kind] if weights == ADAPTED else row["used"] for kind, row in rows.items()}
    return {kind: way for kind, way in used.items() if way != ADAPTED}


def _own(row: Mapping[str, Any], held_out: str | None) -> str:
    """Which of the adapter's own answers is better by more than chance, of a kind's means: ADAPTED or PLAIN."""
    margin = MARGIN if held_out == PATIENTS else BEHIND
    return PLAIN if row.get(PLAIN, 0.0) > row[ADAPTED] + margin else ADAPTED


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
    own = {kind: rows[kind][_own(rows[kind], comparison.get("held_out"))] for kind in kinds}
    figures = ", ".join(f"{kind} {rows[kind][BASE]:.3f} against {own[kind]:.3f}" for kind in kinds)
    return f"{text}, which were better on held-out slices (Dice: {figures} adapted)"


# Of the lines of table(), behind the kind of prompt.
COLUMNS = (BASE, HALFWAY, ADAPTED, "answers")


def table(comparison: Mapping[str, Any]) -> list[list[str]]:
    """For each kind its name, Dice of the base, of the weights halfway and of the adapter, and which of them answers,
    see COLUMNS; "-" where there is none. Plain points, where they were measured, have a row of their own. None if
    unknown."""
    lines = []
    for kind, row in comparison.get("kinds", {}).items():
        alone = row["used"] == PLAIN
        figures = [f"{row[way]:.3f}" if way in row else "-" for way in COLUMNS[:-1]]
        lines.append([kind, *figures, "-" if alone else row["used"]])
        if PLAIN in row:
            lines.append([f"plain {kind}", "-", "-", f"{row[PLAIN]:.3f}", ADAPTED if alone else "-"])
    return lines


def knows_plain(comparison: Mapping[str, Any]) -> bool:
    """Whether points were also measured plain."""
    return PLAIN in comparison["kinds"].get(POINT, {})


def steps_in_turn(comparison: Mapping[str, Any]) -> str:
    """How many steps the trainings without a patient had each, in words; "?" where that is not known."""
    return " and ".join(map(str, comparison.get("steps", ["?"])))


def is_sound(comparison: dict[str, Any]) -> bool:
    """Whether a comparison that was read is one; an empty one is."""
    if not comparison:
        return True
    try:
        rows, classes = comparison["kinds"], comparison["classes"]
        counts = [comparison["objects"], *comparison.get("steps", ()), *(one["objects"] for one in classes.values())]
        members = [one[kind] for one in classes.values() for kind in KINDS]
        return (
            isinstance(comparison["held_out"], str)
            and all(isinstance(count, int) and 0 < count < MOST for count in counts)
            and rows.keys() <= set(KINDS)
            and all(row["used"] in (BASE, ADAPTED, HALFWAY, PLAIN) for row in rows.values())
            and all(_is_dice(row[way]) for row in rows.values() for way in _ways(row))
            and all(_is_dice(row[way]) for row in members for way in _ways(row))
        )
    except (AttributeError, KeyError, TypeError):
        return False


def _ways(row: Mapping[str, Any]) -> set[str]:
    """What a row has to say figures of."""
    return {BASE, ADAPTED, row.get("used", BASE), *row} - {"used"}


def _is_dice(value: Any) -> bool:
    return isinstance(value, (int, float)) and 0 <= value <= 1


def _mean(values: Iterable[float]) -> float:
    return float(np.mean([*values]))
