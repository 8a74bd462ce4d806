"""What every run does, whatever it trains: steps within a budget, checkpoints, and going on after a kill."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import nn

from SAMAdaptLib.errors import STILL_THERE, Cancelled, InputError, SAMAdaptError, counted, note
from SAMAdaptLib.methods.base import load_trainable
from SAMAdaptLib.methods.config import Recipe
from SAMAdaptLib.paths import keep_apart
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.precision import encoder_dtype
from SAMAdaptLib.training.ahead import Ahead
from SAMAdaptLib.training.config import RunConfig
from SAMAdaptLib.training.optimiser import uncompiled
from SAMAdaptLib.training.run_folder import RunFolder, State
from SAMAdaptLib.training.schedule import Plan, rate_factor
from SAMAdaptLib.training.team import Team

# Share of a budget kept for reading, validating and writing at the end.
RESERVE = 0.04
# Steps of a budget until some have been timed; enough of them to be hardly out of the warm-up by then.
GUESSED_STEPS = 100
# The first step includes what is done once.
TIMED_STEPS = 2
REPLAN_EVERY = 10
# The time left follows the last steps: the first ones include what is done once.
RECENT_STEPS = 20
# A gradient that overflows is left out; where it does in so many steps one after the other, nothing is learnt.
MOST_LEFT_OUT = 5
# Below this a run has hardly left the warm-up of its learning rate.
ENOUGH_STEPS = 20
# What a run is doing while no steps are counted; the words that command line and panel show.
STAGES = {
    "model": "loading the base model",
    "data": "reading the exemplars",
    "images": "reading the images",
    "in turn": "short trainings without one patient each, to compare on that one",
    "first": "trying the first steps",
    "check": "checking on the held-out patients",
    "final": "final check, and writing the result",
}

LOSSES = ("loss", "slice_loss")
Listener = Callable[[dict[str, Any]], None]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Asked:
    """What is asked of a run beside its settings.

    Attributes:
        output: run folder.
        inputs: places of what it is made from, by name (as of a command line's option, with _ for -).
        resume: go on with the run in ``output``.
        listener: called with a dict after every step.
        cancelled: asked after every step; True writes a checkpoint and stops.
        model: a built base model instead of that of the settings; changed in place.
        begun: when the user asked, by ``time.monotonic``; a budget counts from then. None: when the run is made.
    """

    output: str | Path
    inputs: Mapping[str, str | Path | None]
    resume: bool = False
    listener: Listener | None = None
    cancelled: Callable[[], bool] | None = None
    model: SamModel | None = None
    begun: float | None = None


class Run(Generic[Result]):
    """Steps within a budget, checkpoints, and going on after a kill; an heir says what a step is and what is written.

    With several processes each does its share of a step; the main one alone decides, writes, validates and tells.

    Args:
        team: the processes; the whole run lies within its context.
        config: of the run.
        asked: of the run.
        recipe: how the parameters are moved.

    Attributes:
        model: base model, on the CPU.
        dtype: of its encoder.
        folder: of the run; this and the following are the heir's to set, before :meth:`execute`.
        trained: what holds the trained parameters.
        parameters: those, by the names of :func:`trainable`.
        optimizer: of those, see :meth:`optimizer_of`.
        ahead: makes what steps are made from, where an heir has something made so; ended with the last step.
        step: steps done.
        plan: how many there are to be; 0 until that is settled.

    Raises:
        InputError: no length; an output that is, holds or lies in an input.
    """

    folder: RunFolder
    trained: nn.Module
    parameters: dict[str, nn.Parameter]
    optimizer: torch.optim.Optimizer
    ahead: Ahead[Any] | None = None

    def __init__(self, team: Team, config: RunConfig, asked: Asked, recipe: Recipe) -> None:
        self.started = time.monotonic() if asked.begun is None else asked.begun
        config.limited()
        keep_apart(asked.output, asked.inputs.values())
        self._there = os.path.isdir(asked.output)
        self.team, self.config, self.asked, self.recipe = team, config, asked, recipe
        self._most = config.steps or 10**9
        self._budget = math.inf if config.budget_minutes is None else 60 * config.budget_minutes
        self.tell = asked.listener if asked.listener and team.main else lambda event: None
        self.cancelled = asked.cancelled or (lambda: False)
        self.dtype = encoder_dtype(config.precision, team.device)
        self.step = 0
        self.seconds_before = 0.0
        self.plan = Plan.of(0)
        self._recent: deque[float] = deque(maxlen=RECENT_STEPS)
        self._left_out = 0

    def base_model(self) -> SamModel:
        """The model to be adapted, on the CPU."""
        self.stage("model")
        config = self.config
        return self.asked.model or build_sam(config.model, self.asked.inputs["checkpoint"], config.input_size)

    def open_folder(self, identity: dict[str, Any]) -> RunFolder:
        """The run's folder; last of all that may fail, or a setting that cannot be would leave a run behind that
        refuses the corrected one.

        Args:
            identity: see ``config`` of :class:`RunFolder`.
        """
        asked = self.asked
        if self._there and not os.path.isdir(asked.output):
            raise InputError("The run's folder is gone", asked.output, STILL_THERE)
        return self.team.from_main(lambda: RunFolder(asked.output, identity, asked.resume, asked.inputs))

    def optimizer_of(self, groups: Sequence[tuple[float, Sequence[nn.Parameter]]]) -> torch.optim.Optimizer:
        """The recipe's optimiser of parameters with their peak learning rates, which stay with it as ``peak``."""
        kinds: dict[str, type[torch.optim.Adam]] = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}
        named = [{"params": [*members], "peak": peak} for peak, members in groups]
        kind = uncompiled(kinds[self.recipe.optimizer])
        return kind(named, lr=self.recipe.lr, weight_decay=self.recipe.weight_decay)

    @property
    def finished(self) -> bool:
        """Whether the result is there already."""
        return self.folder.finished

    def forward(self, step: int, progress: float) -> dict[str, float]:
        """This process's share of the losses of one step, with that of their gradients left in the parameters; a pure
        function of its arguments."""
        raise NotImplementedError

    def before_steps(self) -> None:
        """What is due before the first step, and is known already where a run goes on."""

    def after_step(self) -> None:
        """What is due between two steps; of the main process."""

    def kept(self) -> dict[str, torch.Tensor]:
        """What a checkpoint has to hold beside weights and optimiser, by name."""
        return {}

    def take_back(self, kept: Mapping[str, torch.Tensor]) -> None:
        """The inverse of :meth:`kept`, of a run that goes on."""

    def extra_seconds(self, step_seconds: float, progress: float) -> float:
        """What the rest of the run takes beside its steps."""
        return 0.0

    def result(self) -> Result:
        """What a finished run gives back."""
        raise NotImplementedError

    def finish(self) -> Result:
        """Write the result; of the main process."""
        raise NotImplementedError

    def execute(self) -> Result:
        """Run to the end, from the beginning or from the last checkpoint.

        Raises:
            Diverged: losses, gradients or weights are no numbers any more.
            Cancelled: see :attr:`Asked.cancelled`.
        """
        team = self.team
        if team.from_main(lambda: self.finished):
            return team.from_main(self.result)
        with contextlib.ExitStack() as stack:
            team.from_main(lambda: stack.enter_context(self.folder.alone()))
            return self._execute()

    def _execute(self) -> Result:
        team = self.team
        self.restore()
        self.before_steps()
        if not self.plan.total:
            self.stage("first")
            self.plan = Plan.of(self._most if self._budget == math.inf else min(self._most, GUESSED_STEPS))
        self.announce("start")
        try:
            self._all_steps()
        finally:
            if self.ahead is not None:
                self.ahead.close()
        self._check_weights()
        self.stage("final")
        result = team.from_main(self.finish)
        if team.main and self._budget_decides() and self.step < ENOUGH_STEPS:
            remedy = self._enough(sorted(self._recent)[len(self._recent) // 2])
            note(f"The budget had room for {counted(self.step, 'step')} only", None, remedy)
        return result

    def _all_steps(self) -> None:
        saved = time.monotonic()
        recent: list[float] = []
        while self.step < self.plan.total:
            begun = time.monotonic()
            self._one_step(begun)
            recent.append(time.monotonic() - begun)
            if self.team.main:
                self.after_step()
            # Each has a clock of its own, and a signal may reach some of them a step later.
            total, stop = self.team.from_main(lambda: (self._corrected_total(recent), self.cancelled()))
            if total is not None:
                self.plan.correct(self.step, total)
            if self.step % REPLAN_EVERY == 0:
                recent.clear()
            if self.team.main and (stop or time.monotonic() - saved > self.config.checkpoint_seconds):
                self._save()
                saved = time.monotonic()
            if stop:
                raise Cancelled("Training stopped on request", self.folder.folder, "Go on with --resume")

    @property
    def seconds(self) -> float:
        """Wall time of the run so far, earlier sessions included."""
        return self.seconds_before + time.monotonic() - self.started

    def gradients(self, step: int, progress: float) -> dict[str, float]:
        """Losses of one step, with their gradients left in the parameters, the same in all processes."""
        figures = self.team.summed(self.forward(step, progress))
        self.team.sum_gradients([*self.parameters.values()])
        return figures

    def _one_step(self, begun: float) -> None:
        recipe = self.recipe
        progress = self.plan.progress(self.step)
        share = rate_factor(progress, recipe.warmup, recipe.decay_power)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        figures = self.gradients(self.step, progress)
        lost = [name for name in LOSSES if not math.isfinite(figures.get(name, 0.0))]
        if lost:
            if self.team.main:
                # Its weights are those that gave this loss.
                self.folder.drop(self.step)
            raise Diverged(self.folder.folder, self.step + 1, f"its loss is {figures[lost[0]]}")
        norm = torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.config.clip)
        if torch.isfinite(norm):
            self.optimizer.step()
        self._left_out = 0 if torch.isfinite(norm) else self._left_out + 1
        if self._left_out == MOST_LEFT_OUT:
            raise Diverged(self.folder.folder, self.step + 1, "its gradients and those of the steps before overflow")
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self._recent.append(time.monotonic() - begun)
        line = {"step": self.step, **figures, "lr": recipe.lr * share, "gradient_norm": float(norm)}
        line["seconds"] = self.seconds
        if self.team.main:
            self.folder.append(line)
        self.announce("step", **line)

    def announce(self, event: str, **values: Any) -> None:
        """Tell the listener of an event, and how far the run is."""
        plan = self.plan
        progress = plan.progress(self.step - 0.5) if self.step else 0.0
        values = {"progress": progress, "seconds_left": self._seconds_left(), **values}
        self.tell({"event": event, "step": self.step, "total": plan.total, **values})

    def stage(self, name: str) -> None:
        """Tell the listener what is being done, one of STAGES."""
        total = self.plan.total or None
        self.tell({"event": "stage", "step": self.step, "total": total, "stage": name, "text": STAGES[name]})

    def _seconds_left(self) -> float | None:
        if not self._recent:
            return None
        step_seconds = sorted(self._recent)[len(self._recent) // 2]
        left = self.plan.total - self.step
        return left * step_seconds + self.extra_seconds(step_seconds, self.plan.progress(self.step)) if left else 0.0

    def _budget_decides(self) -> bool:
        """Whether more minutes would give more steps."""
        return self._budget < math.inf and self.step < self._most

    def _enough(self, step_seconds: float) -> str:
        """What would be enough, as a remedy."""
        once = self.seconds - self.step * step_seconds
        minutes = (once + ENOUGH_STEPS * step_seconds) / (1 - RESERVE) / 60
        return (
            f"At {step_seconds:.1f} s a step give --budget-minutes {_rounded_up(minutes):g} or more, for at least "
            f"{ENOUGH_STEPS} steps"
        )

    def _steps_within(self, step_seconds: float) -> int:
        """How many steps the budget has room for, those done included."""
        room = self._budget * (1 - RESERVE) - self.seconds
        room -= self.extra_seconds(step_seconds, self.plan.progress(self.step))
        return min(self._most, self.step + max(0, int(room / step_seconds)))

    def _corrected_total(self, recent: list[float]) -> int | None:
        """Another length where the machine turns out slower or faster than planned, by the seconds of some steps."""
        if self._budget == math.inf:
            return None
        if self.step < TIMED_STEPS:
            return self.step if self.seconds > self._budget * (1 - RESERVE) else None
        if self.step == TIMED_STEPS:
            return self._first_total(min(recent))
        # Where steps are long there may be no tenth.
        due = self.step < REPLAN_EVERY or self.step % REPLAN_EVERY == 0
        if not due or self.plan.progress(self.step) > 0.95:
            return None
        total = max(self.step + 1, self._steps_within(sorted(recent)[len(recent) // 2]))
        return total if abs(total - self.plan.total) > 0.05 * self.plan.total else None

    def _first_total(self, step_seconds: float) -> int:
        """The length by the first steps; says so where it is too little."""
        steps = self._steps_within(step_seconds)
        if self._budget_decides() and steps < min(ENOUGH_STEPS, self._most):
            room = f"{self._budget / 60:g} min have room for about {counted(steps, 'step')}"
            note(f"{room} only, which teach little", None, self._enough(step_seconds))
        return steps

    def _check_weights(self) -> None:
        """Raises Diverged where a step has left weights that are no numbers."""
        if not all(bool(torch.isfinite(parameter).all()) for parameter in self.parameters.values()):
            raise Diverged(self.folder.folder, self.step, "its weights overflow")

    def _save(self) -> None:
        self._check_weights()
        tensors = {f"kept/{name}": tensor.cpu() for name, tensor in self.kept().items()}
        for name, parameter in self.parameters.items():
            tensors[f"weight/{name}"] = parameter.detach().cpu()
            for key, value in self.optimizer.state.get(parameter, {}).items():
                tensors[f"{key}/{name}"] = value.detach().cpu()
        extra = {"plan": self.plan.to_list(), "seconds": self.seconds}
        self.folder.save(State(self.step, tensors, extra))

    def _rewound(self) -> State | None:
        state = self.folder.latest()
        self.folder.rewind(state.step if state else 0)
        return state

    def restore(self) -> None:
        """Take up the newest checkpoint; on a fresh run there is nothing to do."""
        state = self.team.from_main(self._rewound)
        if state is None:
            return
        kinds: dict[str, dict[str, torch.Tensor]] = {}
        for key, tensor in state.tensors.items():
            kind, _, name = key.partition("/")
            kinds.setdefault(kind, {})[name] = tensor
        load_trainable(self.trained, kinds.pop("weight"), self.folder.folder)
        self.take_back(kinds.pop("kept", {}))
        for kind, tensors in kinds.items():
            for name, tensor in tensors.items():
                # AdamW keeps its step count on the CPU whatever the parameter's device.
                target = tensor if kind == "step" else tensor.to(self.team.device)
                self.optimizer.state[self.parameters[name]][kind] = target
        self.step = state.step
        self.plan = Plan.from_list(state.extra["plan"])
        self.seconds_before = state.extra["seconds"]


class Diverged(SAMAdaptError):
    """A training that is of no use from some step on."""

    def __init__(self, run: Path, step: int, why: str) -> None:
        what = f"The training has diverged in step {step}: {why}"
        super().__init__(what, run, "Begin another with a lower rate (--set lr=…), or with --precision fp32")


def _rounded_up(minutes: float) -> float:
    """To whole minutes, below two to tenths."""
    return math.ceil(minutes) if minutes > 2 else math.ceil(10 * minutes) / 10

