"""Prompts for training: the user's strategies in a stated mix, and what propagation will ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.strategies import Strategy, generator, parse_strategy
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.rules import PropagationRules, next_prompt
from SAMAdaptLib.sam.frames import ModelFrame

if TYPE_CHECKING:
    from SAMAdaptLib.sam.build import SamModel

# Side of the slice that strategies are tried on to count their points, and how often.
_SHOWN, _DRAWS = 64, 16

# From a mask, chance, how the slice lies in the model input, the side of the decoder's logits and the object's name.
Ask = Callable[[np.ndarray, np.random.Generator, ModelFrame, int, str], Prompt]

# Ways to ask for an object by its name, in place of the paper's texts from a language model, which it does not print.
WORDINGS = (
    "{name}",
    "the {name}",
    "segment the {name}",
    "where is the {name}",
    "a medical image that shows the {name}",
    "{name} on this slice",
)


def parse_mix(text: str) -> list[tuple[TrainingStrategy, float]]:
    """Read "name=weight,name=weight"; a name without weight has 1.

    Names are those of :func:`SAMAdaptLib.prompts.strategies.parse_strategy`, where ``clicks:N`` begins at any pixel of
    the object (Wu 2023, section 2.3: a random click, then clicks into the error), and ``neighbour``: box and mask
    prompt from a mask like this one on a neighbouring slice; ``text``: the name of the object's class;
    ``text:varied``: one of :data:`WORDINGS` around that name (Wu 2023, section 2.3).

    Raises:
        InputError: unknown name, or a weight that is not a positive number.
    """
    mix = []
    for part in text.split(","):
        name, _, weight = part.strip().partition("=")
        try:
            share = float(weight) if weight else 1.0
        except ValueError:
            share = -1.0
        if not share > 0 or not np.isfinite(share):
            raise InputError(f"Weight {weight!r} in the prompt mix", part.strip(), "Write name=weight with weight > 0")
        mix.append((_named(name.strip()), share))
    total = sum(share for _, share in mix)
    return [(strategy, share / total) for strategy, share in mix]


@dataclass(frozen=True)
class TrainingStrategy:
    """A way to ask in a training.

    Attributes:
        name: what it is called in a mix.
        ask: the first prompt for an object.
        clicks: how many clicks into the error of the answers follow it.
        points: whether it asks by points, at once or by those clicks.
        texts: whether it asks by words.
    """

    name: str
    ask: Ask
    clicks: int = 0
    points: bool = False
    texts: bool = False

    def __call__(
        self, mask: np.ndarray, rng: np.random.Generator, frame: ModelFrame, low_res_size: int, name: str = ""
    ) -> Prompt:
        """The first prompt for an object, bool [H, W], of this name."""
        return self.ask(mask, rng, frame, low_res_size, name)


def _named(name: str) -> TrainingStrategy:
    if name in OWN:
        return OWN[name]
    plain = parse_strategy(name, chance=True, also=tuple(OWN))
    return TrainingStrategy(plain.name, partial(_by_mask, plain), plain.clicks, plain.points)


def _by_mask(
    strategy: Strategy, mask: np.ndarray, rng: np.random.Generator, frame: ModelFrame, low_res_size: int, name: str
) -> Prompt:
    return strategy(mask, rng)


def draw(mix: list[tuple[TrainingStrategy, float]], rng: np.random.Generator) -> TrainingStrategy:
    """One strategy, by weight."""
    return mix[rng.choice(len(mix), p=[share for _, share in mix])][0]


def teaches_points(prompts: str) -> bool:
    """Whether a training with this mix, as text, asks by points; taken for granted where the mix is not known ("") or
    is one that only a newer version reads."""
    try:
        mix = parse_mix(prompts)
    except InputError:
        return True
    return any(strategy.points for strategy, _ in mix)


def teach(model: SamModel, prompts: str) -> None:
    """Have an adapted model asked as the mix of its training, as text, has taught it."""
    model.points |= teaches_points(prompts)
    if not model.base.points:
        model.taught = points_taught(prompts)


def points_taught(prompts: str) -> tuple[int, int] | None:
    """How many points a first prompt of a training with this mix, as text, has at most: without a box and beside one;
    None where the mix is not known or none has any.

    Clicks into the error of an answer, which may follow, do not count: what they teach in minutes is less than what
    :mod:`SAMAdaptLib.sam.clicks` knows of them.
    """
    try:
        mix = parse_mix(prompts)
    except InputError:
        return None
    if not any(strategy.points for strategy, _ in mix):
        return None
    frame, mask, most = ModelFrame((_SHOWN, _SHOWN), _SHOWN), np.zeros((_SHOWN, _SHOWN), bool), [0, 0]
    # With room around it for what is drawn there.
    mask[_SHOWN // 4 : -_SHOWN // 4, _SHOWN // 4 : -_SHOWN // 4] = True
    for strategy, _ in mix:
        for number in range(_DRAWS):
            asked = strategy(mask, generator(number), frame, _SHOWN)
            most[asked.box is not None] = max(most[asked.box is not None], len(asked.points))
    return most[0], most[1]


def class_name(mask: np.ndarray, rng: np.random.Generator, frame: ModelFrame, low_res_size: int, name: str) -> Prompt:
    """The object's name, and nothing about where it is."""
    return Prompt(text=name)


def worded(mask: np.ndarray, rng: np.random.Generator, frame: ModelFrame, low_res_size: int, name: str) -> Prompt:
    """The object's name in one of WORDINGS."""
    return Prompt(text=WORDINGS[rng.integers(len(WORDINGS))].format(name=name))


def neighbour(
    mask: np.ndarray, rng: np.random.Generator, frame: ModelFrame, low_res_size: int, name: str = ""
) -> Prompt:
    """What propagation asks on the next slice: box and mask logits of a mask somewhat unlike the true one.

    The mask is scaled by up to 15 % and shifted by up to 5 % of its extent, as between neighbouring slices.
    """
    rows, columns = np.nonzero(mask)
    centre = np.array([rows.mean(), columns.mean()])
    extent = np.array([np.ptp(rows) + 1, np.ptp(columns) + 1])
    scale = rng.uniform(0.85, 1.15)
    shift = rng.uniform(-0.05, 0.05, 2) * extent
    moved = ndimage.affine_transform(
        mask.astype(np.float32), np.full(2, 1 / scale), centre - (centre + shift) / scale, order=1
    )
    moved = moved > 0.5
    if not moved.any():
        moved = mask
    logits = frame.mask_to_logits(moved, low_res_size)
    return next_prompt(moved, logits, mask.shape, PropagationRules())


# Ways to ask that only a training has, by what they are called in a mix.
OWN: dict[str, TrainingStrategy] = {
    strategy.name: strategy
    for strategy in (
        TrainingStrategy("neighbour", neighbour),
        TrainingStrategy("text", class_name, texts=True),
        TrainingStrategy("text:varied", worded, texts=True),
    )
}
