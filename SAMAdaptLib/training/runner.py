"""What every run does, whatever it trains: steps within a budget, checkpoints, and going on after a kill."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from SAMAdaptLib.errors import Cancelled
from SAMAdaptLib.inference.load import pick_device
from SAMAdaptLib.methods.base import load_trainable
from SAMAdaptLib.training.run import RunFolder, State
from SAMAdaptLib.training.schedule import Plan, rate_factor

# Share of a budget kept for reading, validating and writing at the end.
RESERVE = 0.04
PROBE_STEPS = 3
REPLAN_EVERY = 10

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
        config.validate()
        self.config = config
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
            self.plan = Plan.of(self._planned_steps())
        self.announce("start")
        saved = time.monotonic()
        recent: list[float] = []
        while self.step < self.plan.total:
            begun = time.monotonic()
            self._one_step()
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
        return self.finish()

    @property
    def seconds(self) -> float:
        """Wall time of the run so far, earlier sessions included."""
        return self.seconds_before + time.monotonic() - self.started

    def _one_step(self) -> None:
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
        line = {"step": self.step, **figures, "lr": config.lr * share, "gradient_norm": float(norm)}
        line["seconds"] = self.seconds
        self.folder.append(line)
        self.announce("step", **line)

    def announce(self, event: str, **values: Any) -> None:
        """Tell the listener of an event, and how far the run is."""
        total = self.plan.total
        left = self.seconds / self.step * (total - self.step) if self.step else None
        self.tell({"event": event, "step": self.step, "total": total, "seconds_left": left, **values})

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
        return self._steps_within(min(times), done=0)

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
