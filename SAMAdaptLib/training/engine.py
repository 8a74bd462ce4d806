"""What every run does, whatever it trains: steps within a budget, checkpoints, and going on after a kill."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from SAMAdaptLib.errors import Cancelled, note
from SAMAdaptLib.inference.load import pick_device
from SAMAdaptLib.methods.base import load_trainable
from SAMAdaptLib.training.run_folder import RunFolder, State
from SAMAdaptLib.training.schedule import Plan, rate_factor

# Share of a budget kept for reading, validating and writing at the end.
RESERVE = 0.04
PROBE_STEPS = 3
REPLAN_EVERY = 10
# The time left follows the last steps: the first ones include what is done once.
RECENT_STEPS = 20
# Below this a run has hardly left the warm-up of its learning rate.
ENOUGH_STEPS = 20
# What a run is doing while no steps are counted; the words that command line and panel show.
STAGES = {
    "model": "loading the base model",
    "data": "reading the exemplars",
    "images": "reading the images",
    "first": "trying the first steps",
    "check": "checking on the held-out patients",
    "final": "final check, and writing the result",
}

Listener = Callable[[dict[str, Any]], None]


class Run:
    """Steps within a budget, checkpoints, and going on after a kill; an heir says what a step is and what is written.

    Args:
        config: settings with steps, budget_minutes, lr, warmup, decay_power, clip, checkpoint_seconds and device.
        listener: called with a dict after every step.
        cancelled: asked after every step; True writes a checkpoint and stops.

    Attributes:
        folder: of the run; this and the following are the heir's to set, before :meth:`execute`.
        trained: what holds the trained parameters.
        parameters: those, by the names of :func:`trainable`.
        optimizer: of those; each of its groups has its peak learning rate as ``peak``.
        step: steps done.
        plan: how many there are to be.
    """

    folder: RunFolder
    trained: nn.Module
    parameters: dict[str, nn.Parameter]
    optimizer: torch.optim.Optimizer

    def __init__(self, config: Any, listener: Listener | None, cancelled: Callable[[], bool] | None) -> None:
        from accelerate import Accelerator

        self.started = time.monotonic()
        self.config = config.limited()
        self.tell = listener or (lambda event: None)
        self.cancelled = cancelled or (lambda: False)
        wanted = pick_device(config.device)
        if wanted.index is not None:
            # What accelerate takes, where it has nobody to share with.
            torch.cuda.set_device(wanted)
        self.accelerator = Accelerator(cpu=config.device == "cpu")
        self.step = 0
        self.seconds_before = 0.0
        self.plan: Plan | None = None
        self._recent: deque[float] = deque(maxlen=RECENT_STEPS)

    @property
    def finished(self) -> bool:
        """Whether the result is there already."""
        return self.folder.finished

    def forward(self, step: int, progress: float) -> dict[str, float]:
        """Losses of one step, with their gradients left in the parameters; a pure function of its arguments."""
        raise NotImplementedError

    def after_step(self) -> None:
        """What is due between two steps."""

    def extra_seconds(self, step_seconds: float, progress: float) -> float:
        """What the rest of the run takes beside its steps."""
        return 0.0

    def result(self) -> Any:
        """What a finished run gives back."""
        raise NotImplementedError

    def finish(self) -> Any:
        """Write the result."""
        raise NotImplementedError

    def execute(self) -> Any:
        """Run to the end, from the beginning or from the last checkpoint."""
        if self.finished:
            return self.result()
        self.restore()
        if self.plan is None:
            self.stage("first")
            self.plan = Plan.of(self._planned_steps())
        self.announce("start")
        saved = time.monotonic()
        recent: list[float] = []
        while self.step < self.plan.total:
            begun = time.monotonic()
            self._one_step(begun)
            recent.append(time.monotonic() - begun)
            self.after_step()
            if self.step % REPLAN_EVERY == 0:
                self._replan(sorted(recent)[len(recent) // 2])
                recent.clear()
            stop = self.cancelled()
            if stop or time.monotonic() - saved > self.config.checkpoint_seconds:
                self._save()
                saved = time.monotonic()
            if stop:
                raise Cancelled("Training stopped on request", self.folder.folder, "Go on with --resume")
        self.stage("final")
        result = self.finish()
        if self._budget_decides() and self.step < ENOUGH_STEPS:
            note(f"The budget had room for {_steps(self.step)} only", None, self._enough())
        return result

    @property
    def seconds(self) -> float:
        """Wall time of the run so far, earlier sessions included."""
        return self.seconds_before + time.monotonic() - self.started

    def _one_step(self, begun: float) -> None:
        config = self.config
        progress = self.plan.progress(self.step)
        share = rate_factor(progress, config.warmup, config.decay_power)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        figures = self.forward(self.step, progress)
        norm = torch.nn.utils.clip_grad_norm_(self.parameters.values(), config.clip)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self._recent.append(time.monotonic() - begun)
        line = {"step": self.step, **figures, "lr": config.lr * share, "gradient_norm": float(norm)}
        line["seconds"] = self.seconds
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
        total = self.plan.total if self.plan else None
        self.tell({"event": "stage", "step": self.step, "total": total, "stage": name, "text": STAGES[name]})

    def _seconds_left(self) -> float | None:
        if not self._recent:
            return None
        step_seconds = sorted(self._recent)[len(self._recent) // 2]
        left = self.plan.total - self.step
        return left * step_seconds + self.extra_seconds(step_seconds, self.plan.progress(self.step)) if left else 0.0

    def _budget_decides(self) -> bool:
        """Whether more minutes would give more steps."""
        return self.config.budget_minutes is not None and self.step < (self.config.steps or 10**9)

    def _enough(self) -> str:
        """What would be enough, as a remedy."""
        step_seconds = sorted(self._recent)[len(self._recent) // 2]
        once = self.seconds - self.step * step_seconds
        minutes = (once + ENOUGH_STEPS * step_seconds) / (1 - RESERVE) / 60
        return (
            f"At {step_seconds:.1f} s a step give --budget-minutes {_rounded_up(minutes):g} or more, for at least "
            f"{ENOUGH_STEPS} steps"
        )

    def _planned_steps(self) -> int:
        """As many steps as the budget has room for, by this machine's own step time."""
        config = self.config
        if config.budget_minutes is None:
            return config.steps
        times = []
        for probe in range(PROBE_STEPS):
            begun = time.monotonic()
            self.forward(probe, 1.0)
            self.optimizer.zero_grad(set_to_none=True)
            times.append(time.monotonic() - begun)
        steps = self._steps_within(min(times), done=0)
        self._recent.extend(times)
        if self._budget_decides() and steps < min(ENOUGH_STEPS, self.config.steps or ENOUGH_STEPS):
            what = f"{config.budget_minutes:g} min have room for about {_steps(steps)} only, which teach little"
            note(what, None, self._enough())
        self._recent.clear()
        return steps

    def _steps_within(self, step_seconds: float, done: int) -> int:
        budget = self.config.budget_minutes * 60
        progress = self.plan.progress(done) if self.plan else 0.0
        room = budget * (1 - RESERVE) - self.seconds - self.extra_seconds(step_seconds, progress)
        return max(1, min(self.config.steps or 10**9, done + int(room / step_seconds)))

    def _replan(self, step_seconds: float) -> None:
        """Correct the length when the machine turns out slower or faster than planned."""
        if self.config.budget_minutes is None or self.plan.progress(self.step) > 0.95:
            return
        total = max(self.step + 1, self._steps_within(step_seconds, self.step))
        if abs(total - self.plan.total) > 0.05 * self.plan.total:
            self.plan.correct(self.step, total)

    def _save(self) -> None:
        tensors = {}
        for name, parameter in self.parameters.items():
            tensors[f"weight/{name}"] = parameter.detach().cpu().contiguous()
            for key, value in self.optimizer.state.get(parameter, {}).items():
                tensors[f"{key}/{name}"] = value.detach().cpu().contiguous()
        extra = {"plan": self.plan.to_list(), "seconds": self.seconds}
        self.folder.save(State(self.step, tensors, extra))

    def restore(self) -> None:
        """Take up the newest checkpoint; on a fresh run there is nothing to do."""
        state = self.folder.latest()
        self.folder.rewind(state.step if state else 0)
        if state is None:
            return
        kinds: dict[str, dict[str, torch.Tensor]] = {}
        for key, tensor in state.tensors.items():
            kind, _, name = key.partition("/")
            kinds.setdefault(kind, {})[name] = tensor
        load_trainable(self.trained, kinds.pop("weight"), self.folder.folder)
        for kind, tensors in kinds.items():
            for name, tensor in tensors.items():
                # AdamW keeps its step count on the CPU whatever the parameter's device.
                target = tensor if kind == "step" else tensor.to(self.accelerator.device)
                self.optimizer.state[self.parameters[name]][kind] = target
        self.step = state.step
        self.plan = Plan.from_list(state.extra["plan"])
        self.seconds_before = state.extra["seconds"]


def _rounded_up(minutes: float) -> float:
    """To whole minutes, below two to tenths."""
    return math.ceil(minutes) if minutes > 2 else math.ceil(10 * minutes) / 10


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"
