"""A U-Net that learns from slices without SAM, to compare with: the full supervision of Ward 2024, tables 1 and 2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.files import read_mapping, write_json
from SAMAdaptLib.methods.base import load_trainable, trainable
from SAMAdaptLib.methods.config import Recipe
from SAMAdaptLib.sam.device import pick_device
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.weights.read import read_tensors
from SAMAdaptLib.sam.weights.write import write_tensors
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData, TrainingItem
from SAMAdaptLib.training.engine import Asked, Listener, Run
from SAMAdaptLib.training.losses import label_loss
from SAMAdaptLib.training.team import Team
from SAMAdaptLib.training.together import Together, on_device
from SAMAdaptLib.volume.intensity import CHANNELS, is_constant

WEIGHTS, INFO = "unet.safetensors", "unet.json"
# The paper's side of an input and rate. Its restarts of the rate are of its 100 epochs; here it falls as in all runs.
SIDE = 256
RECIPE = Recipe(lr=1e-3, optimizer="adam", weight_decay=0.0, warmup=0.0)
WIDTHS = (16, 32, 64, 128, 256)


class UnetInfo(NamedTuple):
    """What a finished run says of its network.

    Attributes:
        classes: in the order of its outputs after the background.
        steps: training steps done.
        weights: file of the weights.
        channels: of what it sees: 1, or 3 where several scans are seen together.
    """

    classes: tuple[str, ...]
    steps: int
    weights: Path
    channels: int = 1


def read_unet(run: Path) -> UnetInfo | None:
    """What is in a run folder; None where the run has not finished.

    Raises:
        InputError: a damaged description.
    """
    if not (run / INFO).is_file():
        return None
    told = read_mapping(run / INFO, "description of a U-Net", _is_sound)
    return UnetInfo(tuple(told["classes"]), told["steps"], run / WEIGHTS, told.get("channels", 1))


def _is_sound(told: dict[str, Any]) -> bool:
    classes = told.get("classes")
    texts = isinstance(classes, list) and all(isinstance(name, str) for name in classes)
    return texts and isinstance(told.get("steps"), int) and told.get("channels", 1) in (1, CHANNELS)


def train_unet(
    library: Path,
    run: Path,
    config: TrainConfig,
    *,
    resume: bool = False,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> UnetInfo:
    """Train on the outlined slices and the backgrounds of a library, as they are.

    Args:
        library: exemplars.
        run: run folder.
        config: of which length, batch, rate, seed, device, loss weights and share of empty slices are heeded.
        resume: go on with the run that is there.
        listener, cancelled: see :func:`SAMAdaptLib.training.finetune.finetune`.

    Raises:
        InputError: as there.
        Cancelled: stopped by ``cancelled``.
    """
    asked = Asked(run, {"library": library}, resume, listener, cancelled)
    known = Library.open(library)
    return on_device(config.device, asked, lambda team, here: _Training(team, config, here, known).execute())


class _Training(Run[UnetInfo]):
    def __init__(self, team: Team, config: TrainConfig, asked: Asked, library: Library) -> None:
        super().__init__(team, config, asked, replace(RECIPE, lr=config.lr or RECIPE.lr))
        self.stage("data")
        # What labels whole slices is given all that is on them, and no slice is kept apart for prompts.
        alone = replace(config, method="lora", method_config={"head": "classes"}, validation="none", synthesis=False)
        self.data = TrainingData(library, alone, SIDE, SIDE)
        hashes = sorted(info.hash for info in library.infos())
        self.folder = self.open_folder(config.to_dict() | {"network": "unet", "exemplars": hashes})
        self.channels = 1 if self.data.exemplars[0].info.channels == 1 else CHANNELS
        self.trained = network(len(self.data.classes), config.seed, self.channels).to(team.device)
        self.parameters = trainable(self.trained)
        self.optimizer = self.optimizer_of([(self.recipe.lr, [*self.parameters.values()])])
        self.slots = team.share(alone.batch_size)
        self.together = Together(len(self.slots))

    @property
    def finished(self) -> bool:
        """See :attr:`Run.finished`."""
        return read_unet(self.folder.folder) is not None

    def forward(self, step: int, progress: float) -> dict[str, float]:
        """See :meth:`Run.forward`."""
        items = self.data.batch(step, self.slots)
        return self.together.done(lambda number: self._learnt(items, number), self._forget)

    def _learnt(self, items: Sequence[TrainingItem], number: int) -> dict[str, float]:
        """The gradients of a batch, so many slices at a time: none is normalised by others."""
        config, device = self.data.config, self.team.device
        total, dices = 0.0, []
        for begin in range(0, len(items), number):
            part = items[begin : begin + number]
            logits = self.trained(torch.stack([pixels(item.image, item.frame) for item in part]).to(device))
            losses = []
            for row, item in enumerate(part):
                target = torch.from_numpy(item.masks).to(device)
                found = item.frame.logits_to_slice(logits[row : row + 1])
                losses.append(label_loss(found, target, config.ce_weight, config.dice_weight))
                dices.append(1 - float(label_loss(found.detach(), target, 0, 1)))
            # Of the slices of a step, which other processes have some of.
            loss = torch.stack(losses).sum() / config.batch_size
            loss.backward()
            total += float(loss.detach())
        return {"loss": total, "dice": float(np.sum(dices)) / config.batch_size}

    def _forget(self) -> None:
        """What was learned of a part of the batch."""
        self.optimizer.zero_grad(set_to_none=True)

    def result(self) -> UnetInfo:
        """See :meth:`Run.result`."""
        info = read_unet(self.folder.folder)
        assert info is not None  # asked of a finished run only
        return info

    def finish(self) -> UnetInfo:
        """See :meth:`Run.finish`."""
        run = self.folder.folder
        write_tensors(run / WEIGHTS, {name: p.detach().cpu() for name, p in self.parameters.items()}, anew=False)
        # The description last, as the sign of completeness.
        told = {"classes": list(self.data.classes), "steps": self.step, "side": SIDE, "channels": self.channels}
        write_json(run / INFO, told, anew=False)
        self.folder.discard_checkpoints()
        return self.result()


def network(classes: int, seed: int = 0, channels: int = 1) -> nn.Module:
    """MONAI's residual U-Net, from [B, channels, SIDE, SIDE] to logits [B, classes + 1, SIDE, SIDE], the first of no
    class."""
    from monai.networks.nets.unet import UNet

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        strides = (2,) * (len(WIDTHS) - 1)
        made: nn.Module = UNet(2, channels, classes + 1, channels=WIDTHS, strides=strides, num_res_units=2)
    return made


def pixels(image: np.ndarray, frame: ModelFrame) -> torch.Tensor:
    """A slice uint8 [H, W] or [H, W, 3] as the network sees it: float32 [1 or 3, SIDE, SIDE], grey levels 0..1."""
    return frame.image_to_model(image, torch.zeros(1), torch.full((1,), 255.0))


class Unet:
    """A trained network.

    Args:
        run: of a finished run.
        device: see :func:`SAMAdaptLib.sam.device.pick_device`.

    Attributes:
        info: of it.
    """

    def __init__(self, run: Path, device: str) -> None:
        info = read_unet(run)
        assert info is not None  # asked of a finished run only
        self.info, self._device = info, pick_device(device)
        self._network = network(len(info.classes), channels=info.channels).to(self._device).eval()
        load_trainable(self._network, read_tensors(info.weights)[0], run)

    @torch.inference_mode()
    def label(self, image: np.ndarray, pixel_spacing: tuple[float, float]) -> np.ndarray:
        """The label map int [H, W] of a slice uint8 [H, W] or [H, W, 3]: 0 for the background, which is all of a slice
        that shows a single grey level, and from 1 on the classes."""
        if is_constant(image):
            return np.zeros(image.shape[:2], np.int64)
        frame = ModelFrame((image.shape[0], image.shape[1]), SIDE, pixel_spacing)
        logits = self._network(pixels(image, frame)[None].to(self._device))
        return frame.logits_to_slice(logits)[0].argmax(0).cpu().numpy()
