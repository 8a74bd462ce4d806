"""Small steps on whole slices, beside the steps of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from SAMAdaptLib.methods.base import KnownSlices, Method
from SAMAdaptLib.prompts.strategies import generator
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.training.data import LESSON, TrainingData, TrainingItem
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.team import Team

# Slices in a small step.
ROWS = 8
# The latest slices, as they were encoded then: the encoder has moved little since.
KEPT_SLICES = 64


class SliceLearning:
    """Trains what a method's loss on whole slices reaches, in steps of its own.

    Where those are few layers that see an embedding and send no gradient back through it, a step of them takes a
    hundredth of what an encoding does. So they see what the run encodes anyway, the latest slices over again, and of
    slices encoded for them alone, ``known_slices`` a step, no more than it takes to know some without the objects.

    Args:
        model: adapted by ``method``.
        method: for its loss.
        data: of the run.
        embeddings: of training slices.
        team: of the run; all have the same slices, and each does its share of a small step.
        optimizer: of the run, which moves what has a gradient and nothing else.
        small_steps: for each step of the run.

    Attributes:
        kept: rows of the latest slices by name, the latest last, see :meth:`Method.slice_rows`.
    """

    def __init__(
        self,
        model: SamModel,
        method: Method[Any],
        data: TrainingData,
        embeddings: Embeddings,
        team: Team,
        optimizer: torch.optim.Optimizer,
        small_steps: int,
    ) -> None:
        self.model, self.method, self.data, self.embeddings = model, method, data, embeddings
        self.team, self.optimizer, self.small_steps = team, optimizer, small_steps
        self.kept: dict[str, torch.Tensor] = {}

    def others(self, step: int) -> KnownSlices:
        """This process's share of the slices that a step has encoded for this loss alone; there may be none."""
        return self.data.known_slices(step, self.team.share(self.data.config.known_slices))

    def __call__(
        self, step: int, items: Sequence[TrainingItem], encode: Callable[[], torch.Tensor], others: KnownSlices
    ) -> float:
        """Take up the slices of a step of the run, and do the small steps that go with it.

        Args:
            step: its number, which decides what is drawn.
            items: this process's share of the batch.
            encode: gives their embeddings [B, C, g, g], without gradient.
            others: see :meth:`others`.

        Returns:
            what summed over the processes is the mean loss.
        """
        config = self.data.config
        rows = self.method.slice_rows(self.model, known(items), encode)
        self._keep(rows, config.batch_size)
        # Of few slices some processes have none.
        rows = {name: values[:0] for name, values in rows.items()}
        if others.images:
            rows = self.method.slice_rows(self.model, others, lambda: self._encoded(others))
        self._keep(rows, config.known_slices)
        return float(np.mean([self._small_step(step, number) for number in range(self.small_steps)]))

    @torch.no_grad()
    def _encoded(self, slices: KnownSlices) -> torch.Tensor:
        return self.embeddings(slices.images, slices.frames)

    def _keep(self, rows: Mapping[str, torch.Tensor], number: int) -> None:
        for name, values in rows.items():
            # Rounded at once, or a resumed run would differ from one that was never interrupted.
            everyone = self.team.joined(values.detach().half(), number)
            self.kept[name] = torch.cat([self.kept.get(name, everyone[:0]), everyone])[-KEPT_SLICES:]

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Rows int [R] of a small step: about half of them show a class drawn anew for each."""
        present, chosen = self.kept["present"].cpu().numpy(), []
        for _ in range(max(ROWS, self.team.count)):
            wanted = np.flatnonzero(present[:, rng.integers(present.shape[1])] == (rng.random() < 0.5))
            chosen.append(rng.choice(wanted if len(wanted) else len(present)))
        return np.array(chosen)

    def _small_step(self, step: int, number: int) -> float:
        chosen = self.drawn(generator(self.data.config.seed, LESSON, step, number))
        mine = chosen[self.team.share(len(chosen))]
        rows = {name: values[torch.from_numpy(mine)].float() for name, values in self.kept.items()}
        loss = self.method.slice_loss(self.model, rows) * (len(mine) / len(chosen))
        loss.backward()
        parameters = [p for group in self.optimizer.param_groups for p in group["params"] if p.grad is not None]
        self.team.sum_gradients(parameters)
        norm = torch.nn.utils.clip_grad_norm_(parameters, self.data.config.clip)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())


def known(items: Sequence[TrainingItem]) -> KnownSlices:
    """What is known of the slices of a batch."""
    shown = [item.shown for item in items if item.shown is not None]
    return KnownSlices([item.image for item in items], [item.frame for item in items], shown)
