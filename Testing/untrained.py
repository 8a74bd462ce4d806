"""Adapters of the small TinyViT that segment without prompts, written without a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SAMAdaptLib.adapters.comparison import KINDS
from SAMAdaptLib.adapters.file import AdapterInfo, save_adapter
from SAMAdaptLib.adapters.info import UNPROMPTED
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.segment import segment
from SAMAdaptLib.methods.base import Method
from SAMAdaptLib.methods.config import MethodConfig
from SAMAdaptLib.methods.lora.config import LoraConfig
from SAMAdaptLib.methods.lora.model import Lora
from SAMAdaptLib.methods.msa.config import MsaConfig
from SAMAdaptLib.methods.msa.model import Msa
from SAMAdaptLib.methods.sammix.config import SamMixConfig
from SAMAdaptLib.methods.sammix.model import SamMix
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.sam.text import TextEncoder
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import Volume
from Testing.tiny import TINY_VIT

CLASSES = ("disc", "bean")


def make_finder(folder: Path, checkpoint: Path, axis: str = "axial") -> Path:
    """An adapter that takes the brightest parts of a slice for a "disc", and others for a "bean" where it is bright."""

    def teach(sam: torch.nn.Module) -> None:
        head = sam.classifier.head
        head.weight.abs_()
        head.weight[1] *= torch.linspace(0, 1, head.weight.shape[1])
        head.bias.copy_(torch.tensor([1.0, -0.05]))

    # The paper's classifier sees the grey levels; what a random encoder makes of them is anybody's guess.
    paper = {"features": "image", "strongest": 1.0, "outlines": 0.0, "classifier_width": 4, "classifier_size": 64}
    config = SamMixConfig(rank=2, classes=len(CLASSES), smallest=0.05, **paper)
    return _written(folder, checkpoint, SamMix(), config, axis, teach)


def make_labeller(folder: Path, checkpoint: Path) -> Path:
    """An adapter that labels whole slices, by masks unlike one another, and answers no prompt."""

    def teach(sam: torch.nn.Module) -> None:
        generator = torch.Generator().manual_seed(0)
        decoder = sam.mask_decoder
        for parameter in (decoder.mask_tokens.weight, *decoder.output_hypernetworks_mlps.parameters()):
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)

    config = LoraConfig(head="classes", classes=len(CLASSES))
    return _written(folder, checkpoint, Lora(), config, "axial", teach, prompts=UNPROMPTED)


def make_reader(folder: Path, checkpoint: Path, clip: Path) -> Path:
    """An adapter that reads texts by a text model, see :func:`Testing.clip.make_clip`."""
    config = Msa().for_classes(MsaConfig(text=str(clip), encoder=False), len(CLASSES))
    # The training would note the text model's hash, so that another one is noticed.
    config = replace(config, text_hash=TextEncoder(str(clip)).sha256)
    return _written(folder, checkpoint, Msa(), config, "axial", lambda sam: None)


def make_planted(folder: Path, checkpoint: Path, **used: str) -> Path:
    """An adapter unlike its base in encoder and decoder, with which weights answer each kind."""

    def teach(sam: torch.nn.Module) -> None:
        torch.manual_seed(1)
        for name, parameter in sam.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.5)

    dice = {"base": 0.9, "halfway": 0.8, "adapted": 0.6}
    kinds = {kind: {**dice, "used": used.get(kind.replace("+", "_"), "adapted")} for kind in KINDS}
    if used.get("point") == "plain":
        kinds["point"]["plain"] = 0.7
    comparison = {"held_out": "slices", "objects": 4, "kinds": kinds, "classes": {}}
    return _written(folder, checkpoint, Lora(), LoraConfig(), "axial", teach, comparison)


def make_quick(folder: Path, checkpoint: Path) -> Path:
    """An adapter that changes nothing, by a method that does without peft, which takes seconds to load."""
    return _written(folder, checkpoint, Msa(), MsaConfig(), "axial", lambda sam: None)


def segmented(
    checkpoint: Path, adapter: Path, volume: Volume, texts: Mapping[str, str] | None = None, **given: Any
) -> dict[str, np.ndarray]:
    """What the library makes of a volume in this process, along the adapter's axis and by its intensity mapping."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
        precision = given.pop("precision", "auto")
        model = load_model(checkpoint=checkpoint, adapter=adapter, device="cpu", precision=precision)
    given = {"intensity": Intensity.parse(model.info.intensity), "axis": model.info.axis, **given}
    return {name: one.mask for name, one in segment(volume, model, texts, **given).items()}


def _written(
    folder: Path,
    checkpoint: Path,
    method: Method,
    config: MethodConfig,
    axis: str,
    teach: Callable[[torch.nn.Module], Any],
    comparison: dict[str, Any] | None = None,
    prompts: str = "",
) -> Path:
    model = build_sam(TINY_VIT, checkpoint)
    with torch.no_grad():
        method.apply(model, config)
        teach(model.sam)
    info = AdapterInfo(
        method.name, config.to_dict(), TINY_VIT.name, model.base_hash, model.input_size, "minmax", axis, CLASSES, 1,
        comparison=comparison or {}, prompts=prompts,
    )  # fmt: skip
    save_adapter(folder, model, info)
    return folder
