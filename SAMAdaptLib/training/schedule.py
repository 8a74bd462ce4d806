"""How long a run is and which learning rate a step has."""

from __future__ import annotations

from dataclasses import dataclass


def rate_factor(progress: float, warmup: float, power: float) -> float:
    """Share of the peak learning rate at a progress of 0..1: linear warm-up, then (1 - p)^power.

    Warm-up and decay as in SAMed, on which Cheap Lunch builds; stepped every iteration.
    """
    if progress < warmup:
        return progress / warmup
    left: float = max(0.0, (1.0 - (progress - warmup) / max(1e-9, 1.0 - warmup))) ** power
    return left


@dataclass(frozen=True)
class Leg:
    """From ``step`` on, at ``progress``, the run is to end after ``total`` steps."""

    step: int
    progress: float
    total: int


class Plan:
    """Progress of a run whose length may be corrected on the way.

    Every correction is kept, so that a resumed run sees the same learning rates as an uninterrupted one.
    """

    def __init__(self, legs: list[Leg]) -> None:
        self.legs = legs

    @classmethod
    def of(cls, total: int) -> Plan:
        """A plan of ``total`` steps."""
        return cls([Leg(0, 0.0, total)])

    @property
    def total(self) -> int:
        """Steps in all, as of now."""
        return self.legs[-1].total

    def progress(self, step: float) -> float:
        """0..1 in the middle of a step, so that neither the first nor the last has a rate of zero."""
        leg = [leg for leg in self.legs if leg.step <= step][-1]
        share = (step + 0.5 - leg.step) / max(1, leg.total - leg.step)
        return min(1.0, leg.progress + (1.0 - leg.progress) * share)

    def correct(self, step: int, total: int) -> None:
        """From ``step`` on, end after ``total`` steps."""
        leg = self.legs[-1]
        share = (step - leg.step) / max(1, leg.total - leg.step)
        self.legs.append(Leg(step, leg.progress + (1.0 - leg.progress) * share, total))

    def to_list(self) -> list[list[float]]:
        """Plain values."""
        return [[leg.step, leg.progress, leg.total] for leg in self.legs]

    @classmethod
    def from_list(cls, values: list[list[float]]) -> Plan:
        """Read what :meth:`to_list` gave."""
        return cls([Leg(int(s), float(p), int(t)) for s, p, t in values])
