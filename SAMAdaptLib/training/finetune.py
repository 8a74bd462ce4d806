"""Fine-tuning, whatever the method: a run that ends with an adapter."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from SAMAdaptLib.adapters.file import AdapterInfo, read_adapter_info, save_adapter
from SAMAdaptLib.adapters.info import UNPROMPTED
from SAMAdaptLib.errors import Cancelled, InputError, note, notes_to
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import load_trainable, trainable
from SAMAdaptLib.methods.config import MethodConfig
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.synthesis.written import WrittenSet
from SAMAdaptLib.training.ahead import Ahead
from SAMAdaptLib.training.comparison import MODELS, compared, comparison_cost
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.crossed import compared_in_turn, short, steps_left
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.engine import Asked, Listener, Run
from SAMAdaptLib.training.initial_weights import read_start
from SAMAdaptLib.training.launch import check_batch
from SAMAdaptLib.training.origin import origin
from SAMAdaptLib.training.prompting import teach
from SAMAdaptLib.training.recompute import adapt
from SAMAdaptLib.training.resume import CONFIG
from SAMAdaptLib.training.run_folder import State
from SAMAdaptLib.training.slices import SliceLearning
from SAMAdaptLib.training.step import Drawn, Stepper
from SAMAdaptLib.training.team import Team
from SAMAdaptLib.training.together import on_device
from SAMAdaptLib.training.validation import mask_prompts_help, trial_exemplars, validate

VALIDATIONS = 4
# Synthetic slices where most of the encoder stays as it is: few enough to meet each one again, when that costs little.
FROZEN_POOL = 64
# Share of the encoder's links from which on that is most of it.
FROZEN_SHARE = 0.5
# Share of a budget for asking all models about held-out slices: the adapter is asked about no other one after its part
# of that, and asking each other model takes as long again.
COMPARISON_SHARE = 0.08


def finetune(
    library: str | Path | Library,
    output: str | Path,
    config: TrainConfig | None = None,
    *,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] | None = None,
    model: SamModel | str | None = None,
    start_from: str | Path | None = None,
    synthetic: str | Path | None = None,
    begun: float | None = None,
    **settings: Any,
) -> AdapterInfo:
    """Adapt a base model to a library of exemplars.

    Args:
        library: folder of exemplars.
        output: run folder; the adapter is in ``output/adapter`` afterwards.
        config: of the run; or, in its place, ``settings``.
        checkpoint: local file of the base model's weights.
        resume: go on with the run in ``output``; on one device the result is that of an uninterrupted run, to the bit.
        listener: called with a dict after every step and validation.
        cancelled: asked after every step; True writes a checkpoint and stops.
        model: name of the base model, which is a setting like others, or a built one in its place; changed in place.
        start_from: adapter or run folder whose weights are the start, in place of the method's own; what has a part for
            each class starts anew where the number of classes is another.
        synthetic: folder that ``SyntheticSet.write`` wrote from this library, to be used instead of slices of the run's
            own making; what was deleted from it is left out.
        begun: when this was asked for, by ``time.monotonic``, from when a budget counts; by default now.
        settings: fields of :class:`SAMAdaptLib.training.config.TrainConfig` by name, such as ``method="msa"``; without
            ``steps`` and ``budget_minutes`` the run has 8 minutes.

    Raises:
        InputError: settings, library, weights, start or folder that cannot be used; an output that is, holds or lies in
            one of them; with ``resume`` no run in ``output``.
        Cancelled: stopped by ``cancelled``; the run can be resumed.
    """
    if isinstance(model, str):
        settings, model = {"model": model, **settings}, None
    inputs = {
        "library": library.folder if isinstance(library, Library) else library,
        "checkpoint": checkpoint,
        "start_from": start_from,
        "synthetic": synthetic,
    }
    asked = Asked(output, inputs, resume, listener, cancelled, model, begun)
    if config is None:
        config = TrainConfig.from_dict(settings).with_length()
    elif settings:
        raise InputError("Settings are given twice", ", ".join(settings), "Put them into the config")
    config = config.with_recipe()
    return on_device(config.device, asked, lambda team, here: Finetuning(team, config, here, library).execute())


class Finetuning(Run[AdapterInfo]):
    """A run that ends with an adapter; raises as :func:`finetune`.

    Args:
        team: see :class:`Run`.
        config: with the recipe's settings.
        asked: see :class:`Run`.
        library: exemplars, or their folder.
        left_out: see :class:`TrainingData`.
    """

    config: TrainConfig
    ahead: Ahead[Drawn]

    def __init__(
        self,
        team: Team,
        config: TrainConfig,
        asked: Asked,
        library: str | Path | Library,
        left_out: str | None = None,
    ) -> None:
        super().__init__(team, config, asked, config.full_recipe())
        check_batch(config.batch_size, team.count)
        library = library if isinstance(library, Library) else Library.open(library)
        synthetic, start_from = asked.inputs["synthetic"], asked.inputs["start_from"]
        self.model = self.base_model()
        self.stage("data")
        sizes = self.model.input_size, self.model.low_res_size
        self.data = TrainingData(library, config, *sizes, synthetic, left_out)
        if self.data.in_turn:
            self._most = steps_left(config, len(self.data.in_turn)) or self._most
            # A model that was given is changed in place, and the other trainings begin where it does.
            self._unchanged = copy.deepcopy(asked.model)
        method = get_method(config.method)
        method_config = method.Config.from_dict(config.method_config)
        method_config = method.for_classes(method_config, len(self.data.classes))
        start = None if start_from is None else read_start(start_from, config.method, method_config, self.model)
        written = self.data.synthetic if isinstance(self.data.synthetic, WrittenSet) else None
        identity = self._identity(None if start is None else start.hash, written, left_out)
        adapt(self.model, method, method_config, config.memory, config.seed)
        # With these the model is the base.
        self.untrained = {name: p.detach().clone() for name, p in trainable(self.model.sam).items()}
        if start is not None:
            load_trainable(self.model.sam, start.fitted(self.model), start_from)
        if self.model.depth > 1:
            self.data.use_stacks(self.model.depth, self.model.whole_stacks)
        self.folder = self.open_folder(identity)
        self.model.sam.to(team.device)
        self.embeddings = Embeddings(self.model, self.dtype)
        stem = self.embeddings.stem
        if self.embeddings.frozen or (stem is not None and stem.share >= FROZEN_SHARE):
            if written is not None and len(written) > FROZEN_POOL:
                note(f"{config.method} uses the first {FROZEN_POOL} slices of the set only", synthetic)
            self.data.limit_synthetic(FROZEN_POOL)
        self.trained = self.model.sam
        self.parameters = trainable(self.trained)
        by_rate: dict[float, list[torch.nn.Parameter]] = {}
        for name, parameter in self.parameters.items():
            by_rate.setdefault(self.recipe.lr * method.rate(method_config, name), []).append(parameter)
        self.optimizer = self.optimizer_of([*by_rate.items()])
        self.slices: SliceLearning | None = None
        if method.learns_slices:
            steps = method.small_steps(method_config)
            self.slices = SliceLearning(self.model, method, self.data, self.embeddings, team, self.optimizer, steps)
        lesson = partial(method.lesson, method_config)
        self.stepper = Stepper(self.model, self.data, config, self.embeddings, team, self.slices, lesson)
        self.ahead = Ahead(self.stepper.drawn)
        self.info = self._info(method_config)
        self.in_turn: dict[str, Any] = {}
        self.best: dict[str, Any] = {}

    def _identity(self, start: str | None, written: WrittenSet | None, left_out: str | None) -> dict[str, Any]:
        """What the run is, see :meth:`Run.open_folder`."""
        identity = self.config.to_dict() | {
            "base_hash": self.model.base_hash,
            "exemplars": sorted(i.hash for i in self.data.library.infos()),
            "start": start,
            "synthetic": None if written is None else written.digest,
        }
        return identity if left_out is None else identity | {"left_out": left_out}

    def _info(self, method_config: MethodConfig) -> AdapterInfo:
        """What the adapter says of itself, before its training."""
        return AdapterInfo(
            method=self.config.method,
            config=method_config.to_dict(),
            base=self.model.base.name,
            base_hash=self.model.base_hash,
            input_size=self.model.input_size,
            intensity=self.data.intensity,
            axis=self.data.axis,
            tile=self.data.tile,
            classes=self.data.classes,
            steps=0,
            prompts=self.config.prompts if method_config.prompted else UNPROMPTED,
            data=origin(self.data),
        )

    def result(self) -> AdapterInfo:
        """See :meth:`Run.result`."""
        return read_adapter_info(self.folder.adapter)

    def forward(self, step: int, progress: float) -> dict[str, float]:
        """See :meth:`Run.forward`."""
        return self.stepper(step, progress, self.ahead(step))

    def kept(self) -> dict[str, torch.Tensor]:
        """See :meth:`Run.kept`."""
        return {} if self.slices is None else self.slices.kept

    def take_back(self, kept: Mapping[str, torch.Tensor]) -> None:
        """See :meth:`Run.take_back`."""
        if self.slices is not None:
            self.slices.kept = {name: tensor.to(self.team.device) for name, tensor in kept.items()}

    def restore(self) -> None:
        """See :meth:`Run.restore`."""
        super().restore()
        best = self.folder.named("best") if self.step else None
        self.best = best.extra["score"] if best else {}

    def extra_seconds(self, step_seconds: float, progress: float) -> float:
        """See :meth:`Run.extra_seconds`: the validations to come, and what is tried at the end."""
        slice_seconds = step_seconds / len(self.stepper.slots)
        validation = len(self.data.validation) * VALIDATIONS * (1 - progress) * slice_seconds
        # Without a way back and with few prompts.
        forth = slice_seconds / 3
        # Of the adapter no slice is begun later, and of the others there are as many.
        latest = COMPARISON_SHARE * self._budget + MODELS * forth
        comparison = min(comparison_cost(self.data) * slice_seconds, latest)
        return validation + len(trial_exemplars(self.data)) * forth + comparison

    def _compared(self) -> dict[str, Any]:
        """See :attr:`AdapterInfo.comparison`, of the model as it is now."""
        teach(self.model, self.config.prompts)
        method = get_method(self.config.method)
        seconds = COMPARISON_SHARE * self._budget / MODELS
        return compared(self.model, method, self.data, self.embeddings, self.untrained, seconds)

    def before_steps(self) -> None:
        """See :meth:`Run.before_steps`."""
        patients = self.data.in_turn
        if patients:
            self.in_turn = compared_in_turn(patients, self.folder.folder, self.team, self._without)

    def _without(self, number: int, folder: Path) -> AdapterInfo:
        """A short training without one of the patients, see :func:`compared_in_turn`."""
        patients, model = self.data.in_turn, copy.deepcopy(self._unchanged)
        words = f"without patient {number + 1} of {len(patients)}"
        self.stage("in turn")

        def listen(event: dict[str, Any]) -> None:
            if event["event"] == "step":
                text = f"{words}, step {event['step']}"
                values = {"step": self.step, "total": None, "text": text, "stage": "in turn"}
                self.tell({**values, "event": "in turn", **{n: event[n] for n in ("progress", "seconds_left")}})

        config, resume = short(self.config, len(patients)), (folder / CONFIG).exists()
        asked = Asked(folder, self.asked.inputs, resume, listen, self.cancelled, model)
        try:
            # What is to be told the user of settings and exemplars, the long run tells.
            with notes_to(lambda text: None):
                return Finetuning(self.team, config, asked, self.data.library, patients[number]).execute()
        except Cancelled as stopped:
            raise Cancelled(stopped.what, self.folder.folder, stopped.remedy) from stopped
        finally:
            # Of the budget, that time is gone.
            if self.team.main:
                self._save()

    def after_step(self) -> None:
        """See :meth:`Run.after_step`."""
        if self._validation_due():
            self._validate()

    def _validation_due(self) -> bool:
        if not self.data.validation:
            return False
        before, now = ((VALIDATIONS * s) // self.plan.total for s in (self.step - 1, self.step))
        return now > before

    def _validate(self) -> None:
        self.stage("check")
        figures = validate(self.model, self.data, self.embeddings)
        self.folder.append({"step": self.step, "validation": figures})
        self.announce("validation", validation=figures)
        if not self.best or figures["dice"] >= self.best["dice"]:
            self.best = figures | {"step": self.step}
            weights = {n: p.detach().cpu() for n, p in self.parameters.items()}
            # The score lies in the file of its weights, so that a kill between two writes cannot part them.
            self.folder.save(State(self.step, weights, {"score": self.best}), name="best")

    def finish(self) -> AdapterInfo:
        """See :meth:`Run.finish`."""
        if self.best and self.best["step"] != self.step:
            best = self.folder.named("best")
            if best is None:
                raise InputError(
                    "The best state of the run can no longer be read",
                    self.folder.folder,
                    "Go on with --resume, which takes the last one",
                )
            load_trainable(self.model.sam, best.tensors, self.folder.folder)
        self.model.mask_prompts = mask_prompts_help(self.model, self.data, self.embeddings)
        values = vars(self.info) | {"steps": self.step, "validation": self.best}
        values |= {"mask_prompts": self.model.mask_prompts, "comparison": self._compared() or self.in_turn}
        info = save_adapter(self.folder.adapter_folder(), self.model, AdapterInfo(**values))
        self.folder.discard_checkpoints()
        self.announce("done", adapter=str(self.folder.adapter))
        return info
