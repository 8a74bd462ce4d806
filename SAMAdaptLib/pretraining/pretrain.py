"""Self-supervised training of the image encoder, as a base for any method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint as computed_twice

from SAMAdaptLib.adapters.file import AdapterInfo, save_adapter
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.config import Recipe
from SAMAdaptLib.pretraining.config import OBJECTIVES, PretrainConfig
from SAMAdaptLib.pretraining.data import SLICES, Image, Slice, UnlabelledSlices, find_images
from SAMAdaptLib.pretraining.objectives import KINDS, Batch
from SAMAdaptLib.prompts.strategies import generator
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.precision import autocast
from SAMAdaptLib.sam.weights.locate import obtain
from SAMAdaptLib.sam.weights.read import read_checkpoint
from SAMAdaptLib.sam.weights.write import write_tensors
from SAMAdaptLib.training.engine import Asked, Listener, Run
from SAMAdaptLib.training.initial_weights import CHECKPOINT
from SAMAdaptLib.training.launch import check_batch
from SAMAdaptLib.training.run_folder import read_metrics
from SAMAdaptLib.training.team import Team
from SAMAdaptLib.training.together import Together, on_device


class Pretrained(NamedTuple):
    """What a run has left.

    Attributes:
        path: the adapter's folder, or the file of a whole checkpoint.
        steps: steps done.
        losses: of the last step, by name; "loss" is their weighted sum.
    """

    path: Path
    steps: int
    losses: dict[str, float]


def pretrain(
    images: str | Path | Sequence[Image],
    output: str | Path,
    config: PretrainConfig,
    *,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] | None = None,
    model: SamModel | None = None,
    begun: float | None = None,
) -> Pretrained:
    """Train the image encoder, or a method's adapters in it, on slices without labels.

    Prompt encoder and mask decoder stay as they are, to the bit; with adapters all of the base model does. An encoder
    that has drifted from the one that the decoder knows is meant to be fine-tuned, not used as it is.

    Args:
        images: folder of volumes, or the volumes.
        output: run folder. With adapters ``output/adapter`` afterwards, a start for ``finetune(start_from=output)``;
            with the encoder ``output/checkpoint.safetensors``, which serves wherever weights of the base model do.
        config: of the run.
        checkpoint: local file of the base model's weights.
        resume: go on with the run in ``output``; on one device the result is that of an uninterrupted run, to the bit.
        listener: called with a dict while reading, for every volume left out, and after every step.
        cancelled: asked between volumes and steps.
        model: a built base model instead of ``config.model``; changed in place.
        begun: when this was asked for, by ``time.monotonic``, from when a budget counts; by default now.

    Raises:
        InputError: settings, images, weights or folder that cannot be used; an output that is, holds or lies in one of
            them; with ``resume`` no run in ``output``.
        Cancelled: stopped by ``cancelled``; the run can be resumed.
    """
    place = images if isinstance(images, (str, Path)) else None
    asked = Asked(output, {"images": place, "checkpoint": checkpoint}, resume, listener, cancelled, model, begun)
    return on_device(config.device, asked, lambda team, here: Pretraining(team, config, here, images).execute())


class Pretraining(Run[Pretrained]):
    """A run that ends with an encoder, or with adapters in it; raises as :func:`pretrain`.

    Args:
        team: see :class:`Run`.
        config: of the run.
        asked: see :class:`Run`.
        images: folder of volumes, or the volumes.
    """

    config: PretrainConfig

    def __init__(self, team: Team, config: PretrainConfig, asked: Asked, images: str | Path | Sequence[Image]) -> None:
        recipe = Recipe(config.lr, "adamw", config.weight_decay, config.warmup, config.decay_power)
        super().__init__(team, config, asked, recipe)
        check_batch(config.batch_size, team.count)
        if isinstance(images, (str, Path)):
            images = [Image(path) for path in find_images(images)]
        self.model = self.base_model()
        self.native: dict[str, torch.Tensor] = {}
        self.method_settings: dict[str, Any] = {}
        kept = self._choose_encoder() if config.train == "encoder" else self._choose_adapters()
        self.stage("images")
        self.data = UnlabelledSlices(
            images, config, self.model.input_size, self.model.depth, self._tell_reading, self._check
        )
        for note in self.data.notes:
            self.tell({"event": "note", "name": note.name, "reason": note.reason})
        self.heads = self._heads().to(team.device)
        identity = config.to_dict() | {"base_hash": self.model.base_hash, "images": self.data.hashes}
        self.folder = self.open_folder(identity)
        self.model.sam.to(team.device)
        self.trained = nn.ModuleDict({"sam": self.model.sam, "heads": self.heads})
        self.parameters = trainable(self.trained)
        self.optimizer = self.optimizer_of([(config.lr, kept), (config.head_lr, [*self.heads.parameters()])])
        # Several processes meet in the middle of a step, which one of them alone cannot begin anew.
        self.together = Together(config.batch_size if team.count == 1 else 1)

    @property
    def finished(self) -> bool:
        """See :meth:`Run.finished`."""
        return self._checkpoint.exists() if self.config.train == "encoder" else self.folder.finished

    @property
    def _checkpoint(self) -> Path:
        return self.folder.folder / CHECKPOINT

    def _choose_encoder(self) -> list[nn.Parameter]:
        """Set the whole encoder to be trained; returns its parameters."""
        model = self.model
        model.sam.requires_grad_(False)
        model.sam.image_encoder.requires_grad_(True)
        sized = [f"image_encoder.{name}" for name in model.family.sized]
        if sized and model.input_size != model.base.input_size:
            # A checkpoint holds them at the native size, from which they were interpolated and will be again.
            stored = read_checkpoint(obtain(model.base, self.asked.inputs["checkpoint"]))
            for name in sized:
                model.sam.get_parameter(name).requires_grad_(False)
                self.native[name] = stored[name].clone()
        return [p for p in model.sam.parameters() if p.requires_grad]

    def _choose_adapters(self) -> list[nn.Parameter]:
        """Add the method's layers and set those in the encoder to be trained; returns their parameters."""
        config, sam = self.config, self.model.sam
        method = get_method(config.method)
        method_config = method.Config.from_dict(config.method_config)
        self.method_settings = method_config.to_dict()
        method.apply(self.model, method_config, config.seed)
        self.saved = [p for p in sam.parameters() if p.requires_grad]
        kept = [p for p in sam.image_encoder.parameters() if p.requires_grad]
        if not kept:
            raise InputError(
                f"The method {config.method} with these settings trains nothing in the encoder",
                None,
                "Choose another --method, such as msa or lora, or --train encoder",
            )
        sam.requires_grad_(False)
        for parameter in kept:
            parameter.requires_grad_(True)
        return kept

    def _heads(self) -> nn.ModuleDict:
        config, model = self.config, self.model
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            sizes = (model.input_size, model.embedding_size, model.family.channels)
            return nn.ModuleDict({name: KINDS[name](config, *sizes) for name in config.weights})

    def _tell_reading(self, done: int, total: int) -> None:
        self.tell({"event": "reading", "step": done, "total": total})

    def _check(self) -> None:
        if self.cancelled():
            raise Cancelled("Stopped on request while reading the images", None, "Give the same command again")

    def forward(self, step: int, progress: float) -> dict[str, float]:
        """See :meth:`Run.forward`: one objective after another, so that the memory is that of the largest alone.

        The processes share the encoder's work, which is nearly all of it. Heads and losses see the whole batch in each
        of them, since slices are compared with one another and masked in different parts; so the main process alone
        has something to say of heads and figures.
        """
        batch = self._batch(self.data.batch(step))
        return self.together.done(lambda _number: self._learnt(batch, step), self._forget)

    def _learnt(self, batch: Batch, step: int) -> dict[str, float]:
        total, losses = 0.0, {}
        for name, weight in self.config.weights.items():
            rng = generator(self.config.seed, SLICES + 1 + OBJECTIVES.index(name), step)
            loss = self.heads[name](batch, self._encode, rng)
            (weight * loss).backward()
            losses[name] = float(loss.detach())
            total += weight * losses[name]
        figures = {"loss": total, **losses}
        if self.team.main:
            return figures
        self.heads.zero_grad(set_to_none=True)
        return dict.fromkeys(figures, 0.0)

    def _forget(self) -> None:
        """The gradients of a part of a step, which is done anew."""
        self.trained.zero_grad(set_to_none=True)

    def _batch(self, slices: list[Slice]) -> Batch:
        sam, size = self.model.sam, self.model.input_size
        pixels, picture = [], torch.zeros(len(slices), size, size, dtype=torch.bool)
        for row, (image, frame) in enumerate(slices):
            pixels.append(torch.stack([frame.image_to_model(one, sam.pixel_mean, sam.pixel_std) for one in image]))
            height, width = frame.resized
            picture[row, :height, :width] = True
        return Batch(torch.stack(pixels), picture.to(self.model.device))

    def _encode(self, stacks: torch.Tensor) -> torch.Tensor:
        number, depth = stacks.shape[:2]
        share = self.team.share(number)
        pixels = stacks[share.start :: share.step].flatten(0, 1).contiguous(memory_format=torch.channels_last)
        if self.together.all:
            embeddings = self._embeddings(pixels)
        else:
            # Slices are compared with one another, so that parts of a batch cannot learn alone. But what the encoder
            # keeps for the gradients of a part can be computed anew when they are due.
            parts = pixels.split(self.together.number * depth)
            embeddings = torch.cat([computed_twice(self._embeddings, part, use_reentrant=False) for part in parts])
        return self.team.joined(embeddings.unflatten(0, (len(share), depth))[:, depth // 2], number)

    def _embeddings(self, pixels: torch.Tensor) -> torch.Tensor:
        with autocast(pixels.device, self.dtype):
            embeddings: torch.Tensor = self.model.sam.image_encoder(pixels).float()
        return embeddings

    def result(self) -> Pretrained:
        """See :meth:`Run.result`."""
        lines = [line for line in read_metrics(self.folder.folder) if "loss" in line]
        last = lines[-1] if lines else {}
        losses = {name: last[name] for name in ("loss", *self.config.weights) if name in last}
        encoder = self.config.train == "encoder"
        return Pretrained(self._checkpoint if encoder else self.folder.adapter, last.get("step", 0), losses)

    def finish(self) -> Pretrained:
        """See :meth:`Run.finish`."""
        if self.config.train == "encoder":
            self._save_checkpoint()
        else:
            self._save_adapter()
        self.folder.discard_checkpoints()
        done = self.result()
        self.announce("done", result=str(done.path))
        return done

    def _save_checkpoint(self) -> None:
        state = self.model.sam.state_dict() | self.native
        write_tensors(self._checkpoint, {name: tensor.detach().cpu() for name, tensor in state.items()}, anew=False)

    def _save_adapter(self) -> None:
        # The file holds all that the method trains; what lies outside the encoder is as the method made it.
        for parameter in self.saved:
            parameter.requires_grad_(True)
        info = AdapterInfo(
            method=self.config.method,
            config=self.method_settings,
            base=self.model.base.name,
            base_hash=self.model.base_hash,
            input_size=self.model.input_size,
            intensity=self.data.intensity,
            axis=self.config.axis,
            classes=(),
            steps=self.step,
            mask_prompts=self.model.mask_prompts,
        )
        save_adapter(self.folder.adapter_folder(), self.model, info)
