"""One way in which a model is tested."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.evaluate import EACH, OF_EVALUATION, Scoring
from SAMAdaptLib.prompts.strategies import generator, parse_strategy
from SAMAdaptLib.study.config import CellSettings

PROPAGATED = "propagated "
# The prompt that leaves all slices of a volume to the model.
AUTO_VOLUME = "auto volume"
# Draws of a prompt after which chance would have shown.
TRIES = 5


@dataclass(frozen=True)
class Trial:
    """A prompt and how its answers are scored, as for :func:`SAMAdaptLib.jobs.evaluate.evaluate`.

    Attributes:
        words: the prompt as the description has it.
        prompt: what of that is one of ``evaluate``.
        slices, propagate, tolerance_mm, seed: as there; the seed is 0 where chance takes no part.
        weights, plain_points: of the model, see :func:`SAMAdaptLib.jobs.load.load_model`.
    """

    words: str
    prompt: str
    slices: str | None
    propagate: bool
    tolerance_mm: float
    seed: int
    weights: str
    plain_points: bool

    @classmethod
    def read(cls, words: str, own: CellSettings, seed: int) -> Trial:
        """From the words of ``test_prompts``.

        Raises:
            InputError: an unknown prompt, or one that does not go with the slices to be tested.
        """
        propagate = words.startswith(PROPAGATED)
        prompt, slices = words.removeprefix(PROPAGATED).strip(), own.test_slices
        if words == AUTO_VOLUME:
            prompt, slices = "auto", "volume"
        elif propagate:
            # All slices are scored, whatever the other prompts are asked on.
            slices = None
        found = cls(words, prompt, slices, propagate, own.tolerance_mm, seed, own.weights, own.plain_points)
        found.scoring()
        return found if _by_chance(prompt) else replace(found, seed=0)

    def scoring(self) -> Scoring:
        """What does it.

        Raises:
            InputError: an unknown prompt, or settings that do not go together.
        """
        try:
            return Scoring(self.prompt, self.slices, self.propagate, self.tolerance_mm, self.seed)
        except InputError as error:
            raise InputError(error.what, f"test prompt {self.words!r}", error.remedy) from error

    def identity(self) -> dict[str, Any]:
        """All that its figures depend on, beside the model and the scan."""
        values = asdict(self)
        values.pop("words")
        return values


@cache
def _by_chance(prompt: str) -> bool:
    """Whether the prompt is drawn."""
    if prompt in OF_EVALUATION:
        return False
    strategy = parse_strategy(prompt.replace(EACH, "clicks:"))
    y, x = np.mgrid[:64, :64]
    mask = (y - 30) ** 2 + 2 * (x - 33) ** 2 < 500
    prompts = [strategy(mask, generator(number)) for number in range(TRIES)]
    parts = [(one.points, one.box, one.outline) for one in prompts]
    told = {tuple(None if part is None else part.tobytes() for part in one) for one in parts}
    return len(told) > 1
