"""Which labelled slices of the training scans a cell learns from, by the rules of the papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from SAMAdaptLib.exemplars.select import suggest
from SAMAdaptLib.prompts.strategies import generator
from SAMAdaptLib.study.amount import parse_amount
from SAMAdaptLib.study.config import SUGGESTED
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume

RANDOM = "random"
# Branches of the random tree.
POOL, SCANS, WITHIN = range(3)


@dataclass(frozen=True)
class Share:
    """What one scan gives.

    Attributes:
        count: of labelled slices.
        indices: which; None where a rule chooses them on the scan.
        seed: of that rule, and of the backgrounds.
    """

    count: int
    indices: tuple[int, ...] | None
    seed: int

    def choose(self, volume: Volume, labels: Labels, axis: str, rule: str) -> list[int]:
        """The slices, on the scan itself."""
        if self.indices is not None:
            return [*self.indices]
        return suggest(volume, labels, axis, self.count, rule, self.seed)


def draw(
    pool: Sequence[Sequence[int]], amount: int | str, rule: str, seed: int, every: bool = False
) -> Mapping[int, Share]:
    """Distribute an amount of slices over the training scans.

    By the rule "random" they are drawn from the labelled slices of all scans together (arXiv 2308.14133, section 3.2,
    BraTS). By any other each of the scans gives as many, to within one, and the scans that give one more, or any at
    all, are drawn; which slices it gives is the rule's to say ("most-labels" is section 3.2, Synapse: 9 of 18 scans
    give one each, then all one, then all two). A scan with fewer slices gives what it has, others the rest. By
    "suggested" each scan offers all that it has.

    Args:
        pool: labelled slices of each scan, ascending.
        amount: see :func:`SAMAdaptLib.study.amount.parse_amount`.
        rule: name of a rule of :data:`SAMAdaptLib.exemplars.STRATEGIES`, or "suggested".
        seed: of all that is drawn.
        every: also scans that give none.

    Returns:
        place of a scan in the pool to what it gives, for those that give any, ascending.

    Raises:
        InputError: more slices than there are.
    """
    wanted = parse_amount(amount)
    sizes = [len(own) for own in pool]
    chance = generator(seed, WITHIN)
    seeds = [int(chance.integers(2**31)) for _ in pool]
    if rule == SUGGESTED:
        count_of(sizes, amount)
        return {place: Share(len(own), tuple(own), seeds[place]) for place, own in enumerate(pool) if own}
    order = [int(place) for place in generator(seed, SCANS).permutation(len(pool))]
    if wanted.each is not None:
        some = order[: max(1, len(pool) // wanted.among)]
        counts = {place: min(wanted.each, sizes[place]) for place in some}
    else:
        count = wanted.of(sum(sizes))
        if rule == RANDOM:
            slices = [(place, index) for place, own in enumerate(pool) for index in own]
            lot = generator(seed, POOL).choice(len(slices), count, replace=False)
            taken: dict[int, list[int]] = {place: [] for place in range(len(pool))}
            for place, index in sorted(slices[one] for one in lot):
                taken[place].append(index)
            return {
                place: Share(len(own), tuple(own), seeds[place]) for place, own in taken.items() if own or every
            }
        counts = dict(zip(order, _evenly([sizes[place] for place in order], count), strict=True))
    # All of a scan's are the same by every rule.
    none = dict.fromkeys(range(len(pool)), 0) if every else {}
    return {
        place: Share(number, tuple(pool[place][:number]) if number in (0, sizes[place]) else None, seeds[place])
        for place, number in sorted((none | counts).items())
        if number or every
    }


def count_of(sizes: Sequence[int], amount: int | str) -> int:
    """How many slices an amount is, whichever scans they are of.

    Args:
        sizes: labelled slices of each scan.
        amount: see :func:`SAMAdaptLib.study.amount.parse_amount`.

    Raises:
        InputError: more than there are.
    """
    wanted = parse_amount(amount)
    if wanted.each is None:
        return wanted.of(sum(sizes))
    return min(sum(sizes), wanted.each * max(1, len(sizes) // wanted.among))


def _evenly(sizes: Sequence[int], count: int) -> list[int]:
    """As equal parts of ``count`` as the sizes allow, the first ones larger by one where they cannot be equal."""
    parts = np.zeros(len(sizes), int)
    left = min(count, sum(sizes))
    while left:
        open_ = [place for place, size in enumerate(sizes) if parts[place] < size][:left]
        parts[open_] += 1
        left -= len(open_)
    return [int(part) for part in parts]
