"""The training loop that all methods share."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.adapter import AdapterInfo, read_adapter_info, save_adapter
from SAMAdaptLib.methods.base import load_trainable, trainable
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.precision import encoder_dtype
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.run import RunFolder, State
from SAMAdaptLib.training.schedule import Plan, rate_factor
from SAMAdaptLib.training.step import Stepper
from SAMAdaptLib.training.validation import mask_prompts_help, validate

VALIDATIONS = 4
# Share of a budget kept for reading, validating and writing at the end.
RESERVE = 0.04
PROBE_STEPS = 3
REPLAN_EVERY = 10
# Synthetic slices where the encoder stays as it is: few enough to meet each one again, when it costs nothing.
FROZEN_POOL = 64

Listener = Callable[[dict[str, Any]], None]


def finetune(
    library: str | Path | Library,
    output: str | Path,
    config: TrainConfig,
    *,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] | None = None,
    model: SamModel | None = None,
) -> AdapterInfo:
    """Adapt a base model to a library of exemplars.

    Args:
        library: folder of exemplars.
        output: run folder; the adapter is in ``output/adapter`` afterwards.
        config: of the run.
        checkpoint: local file of the base model's weights.
        resume: go on with the run in ``output``; on one device the result is that of an uninterrupted run, to the bit.
        listener: called with a dict after every step and validation.
        cancelled: asked after every step; True writes a checkpoint and stops.
        model: a built base model instead of ``config.model``; changed in place.

    Raises:
        InputError: settings, library, weights or folder that cannot be used.
        Cancelled: stopped by ``cancelled``; the run can be resumed.
    """
    return _Run(library, output, config, checkpoint, resume, listener, cancelled, model).execute()


class _Run:
    def __init__(self, library, output, config, checkpoint, resume, listener, cancelled, model) -> None:
        from accelerate import Accelerator

        self.started = time.monotonic()
        config.validate()
        self.config = config
        self.tell = listener or (lambda event: None)
        self.cancelled = cancelled or (lambda: False)
        method = get_method(config.method)
        library = library if isinstance(library, Library) else Library.open(library)
        self.model = model or build_sam(config.model, checkpoint, config.input_size)
        self.data = TrainingData(library, config, self.model.input_size, self.model.low_res_size)
        method_config = method.Config.from_dict(config.method_config)
        method_config = method.for_classes(method_config, len(self.data.classes))
        identity = config.to_dict() | {
            "base_hash": self.model.base_hash,
            "exemplars": sorted(i.hash for i in library.infos()),
        }
        self.folder = RunFolder(output, identity, resume)
        method.apply(self.model, method_config, config.seed)
        if self.model.depth > 1:
            self.data.use_stacks(self.model.depth)
        self.accelerator = Accelerator(cpu=config.device == "cpu")
        if config.device not in ("auto", self.accelerator.device.type):
            raise InputError(f"Device {config.device} is not there", None, "Give --device auto or cpu")
        self.model.sam.to(self.accelerator.device)
        self.embeddings = Embeddings(self.model, encoder_dtype(config.precision, self.accelerator.device))
        if self.embeddings.frozen:
            self.data.limit_synthetic(FROZEN_POOL)
        backward = self.accelerator.backward
        self.stepper = Stepper(self.model, method, self.data, config, self.embeddings, backward)
        self.parameters = trainable(self.model.sam)
        self.optimizer = torch.optim.AdamW(self.parameters.values(), lr=config.lr, weight_decay=config.weight_decay)
        self.info = AdapterInfo(
            method=config.method,
            config=method_config.to_dict(),
            base=self.model.base.name,
            base_hash=self.model.base_hash,
            input_size=self.model.input_size,
            intensity=self.data.intensity,
            axis=self.data.axis,
            classes=self.data.classes,
            steps=0,
        )
        self.step = 0
        self.seconds_before = 0.0
        self.best: dict[str, Any] = {}
        self.plan: Plan | None = None

    def execute(self) -> AdapterInfo:
        if self.folder.finished:
            return read_adapter_info(self.folder.adapter)
        self._restore()
        if self.plan is None:
            self.plan = Plan.of(self._planned_steps())
        self._announce("start")
        saved = time.monotonic()
        recent: list[float] = []
        while self.step < self.plan.total:
            begun = time.monotonic()
            self._one_step()
            recent.append(time.monotonic() - begun)
            if self._validation_due():
                self._validate()
            if self.step % REPLAN_EVERY == 0:
                self._replan(sorted(recent)[len(recent) // 2])
                recent.clear()
            stop = self.cancelled()
            if stop or time.monotonic() - saved > self.config.checkpoint_seconds:
                self._save()
                saved = time.monotonic()
            if stop:
                raise Cancelled("Training stopped on request", self.folder.folder, "Go on with --resume")
        return self._finish()

    @property
    def seconds(self) -> float:
        """Wall time of the run so far, earlier sessions included."""
        return self.seconds_before + time.monotonic() - self.started

    def _one_step(self) -> None:
        config = self.config
        progress = self.plan.progress(self.step)
        rate = config.lr * rate_factor(progress, config.warmup, config.decay_power)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        figures = self.stepper(self.step, progress)
        norm = torch.nn.utils.clip_grad_norm_(self.parameters.values(), config.clip)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        line = {"step": self.step, **figures, "lr": rate, "gradient_norm": float(norm), "seconds": self.seconds}
        self.folder.append(line)
        self._announce("step", **line)

    def _announce(self, event: str, **values: Any) -> None:
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
            self.stepper(probe, 1.0)
            self.optimizer.zero_grad(set_to_none=True)
            times.append(time.monotonic() - begun)
        return self._steps_within(min(times), done=0)

    def _steps_within(self, step_seconds: float, done: int) -> int:
        budget = self.config.budget_minutes * 60
        to_come = VALIDATIONS * (1 - self.plan.progress(done) if self.plan else 1)
        validating = len(self.data.validation) * to_come * step_seconds / self.config.batch_size
        room = budget * (1 - RESERVE) - self.seconds - validating
        return max(1, min(self.config.steps or 10**9, done + int(room / step_seconds)))

    def _replan(self, step_seconds: float) -> None:
        """Correct the length when the machine turns out slower or faster than planned."""
        if self.config.budget_minutes is None or self.plan.progress(self.step) > 0.95:
            return
        total = max(self.step + 1, self._steps_within(step_seconds, self.step))
        if abs(total - self.plan.total) > 0.05 * self.plan.total:
            self.plan.correct(self.step, total)

    def _validation_due(self) -> bool:
        if not self.data.validation:
            return False
        before, now = ((VALIDATIONS * s) // self.plan.total for s in (self.step - 1, self.step))
        return now > before

    def _validate(self) -> None:
        figures = validate(self.model, self.data, self.embeddings)
        self.folder.append({"step": self.step, "validation": figures})
        self._announce("validation", validation=figures)
        if not self.best or figures["dice"] >= self.best["dice"]:
            self.best = figures | {"step": self.step}
            weights = {n: p.detach().cpu().contiguous() for n, p in self.parameters.items()}
            # The score lies in the file of its weights, so that a kill between two writes cannot part them.
            self.folder.save(State(self.step, weights, {"score": self.best}), name="best")

    def _save(self) -> None:
        tensors = {}
        for name, parameter in self.parameters.items():
            tensors[f"weight/{name}"] = parameter.detach().cpu().contiguous()
            for key, value in self.optimizer.state.get(parameter, {}).items():
                tensors[f"{key}/{name}"] = value.detach().cpu().contiguous()
        extra = {"plan": self.plan.to_list(), "seconds": self.seconds}
        self.folder.save(State(self.step, tensors, extra))

    def _restore(self) -> None:
        state = self.folder.latest()
        self.folder.rewind(state.step if state else 0)
        if state is None:
            return
        kinds: dict[str, dict[str, torch.Tensor]] = {}
        for key, tensor in state.tensors.items():
            kind, _, name = key.partition("/")
            kinds.setdefault(kind, {})[name] = tensor
        load_trainable(self.model.sam, kinds.pop("weight"), self.folder.folder)
        for kind, tensors in kinds.items():
            for name, tensor in tensors.items():
                # AdamW keeps its step count on the CPU whatever the parameter's device.
                target = tensor if kind == "step" else tensor.to(self.accelerator.device)
                self.optimizer.state[self.parameters[name]][kind] = target
        self.step = state.step
        self.plan = Plan.from_list(state.extra["plan"])
        best = self.folder.named("best")
        self.best = best.extra["score"] if best else {}
        self.seconds_before = state.extra["seconds"]

    def _finish(self) -> AdapterInfo:
        if self.best and self.best["step"] != self.step:
            load_trainable(self.model.sam, self.folder.named("best").tensors, self.folder.folder)
        masks_help = mask_prompts_help(self.model, self.data, self.embeddings)
        values = vars(self.info) | {"steps": self.step, "validation": self.best, "mask_prompts": masks_help}
        info = save_adapter(self.folder.adapter, self.model, AdapterInfo(**values))
        self.folder.discard_checkpoints()
        self._announce("done", adapter=str(self.folder.adapter))
        return info
