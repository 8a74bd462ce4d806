"""LoRA on the queries and values of encoder and decoder (Cheap Lunch), through peft."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import torch
from torch import nn

from SAMAdaptLib._compat import ensure_torchvision
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import Method
from SAMAdaptLib.methods.lora.classes import give_classes
from SAMAdaptLib.methods.lora.config import LoraConfig
from SAMAdaptLib.methods.lora.layers import SplitQKV
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.families.base import AttentionBlock

if TYPE_CHECKING:
    from peft.tuners.lora import LoraLayer

# What of the prompt encoder takes part where there is no prompt.
UNPROMPTED = "prompt_encoder.no_mask_embed.weight"
DECODER_TARGET = r"mask_decoder\.transformer\..*\.(q|v)_proj"


class Lora(Method[LoraConfig]):
    """Low-rank updates W + BA (Feng 2023, section 2.2; Hu 2021) on q and v only.

    ViT-B at rank 4: 147,456 parameters in the 12 encoder blocks and 23,552 in the decoder's seven attentions; with
    prompt encoder (6,220) and the decoder outside its transformer (767,076) 944,304 in all. The paper counts K+1 mask
    tokens for K classes; here the prompt names the object, and SAM's four tokens stay, so that the output at the start
    is SAM's and the choice of several masks remains. With one target, softmax over {background 0, target l} is
    sigmoid(l).

    With ``head="classes"`` there are K+1 of them, no prompt, and what the model says at the start is no longer SAM's,
    see :func:`give_classes`. SAMed with LoRA in the decoder counts 1,645,909 parameters for eight classes, 140,321 more
    or less for each; of the 6,220 in the prompt encoder 5,964 take no part without a prompt and are left alone here.
    """

    name = "lora"
    Config = LoraConfig

    def apply(self, model: SamModel, config: LoraConfig, seed: int = 0) -> None:
        """See :meth:`Method.apply`; raises InputError where the encoder has fewer blocks than are to be adapted."""
        ensure_torchvision()
        from peft import LoraConfig as PeftConfig
        from peft import inject_adapter_in_model

        sam = model.sam
        targets = []
        if config.encoder:
            for block in _last(model.family.attention_blocks(sam.image_encoder), config.last_blocks):
                fused = block.attention.get_submodule("qkv")
                assert isinstance(fused, nn.Linear)
                block.attention.qkv = SplitQKV(fused, block.heads)
            split = [name for name, module in sam.named_modules() if isinstance(module, SplitQKV)]
            targets += [rf"{re.escape(name)}\.(q|v)" for name in split]
        if config.decoder:
            targets.append(DECODER_TARGET)
        if targets:
            peft_config = PeftConfig(r=config.rank, lora_alpha=config.rank, target_modules="|".join(targets))
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                inject_adapter_in_model(peft_config, sam)
        if config.finds:
            give_classes(model, config.classes)
        for name, parameter in sam.named_parameters():
            parameter.requires_grad_(_is_trained(name, config))

    def for_classes(self, config: LoraConfig, count: int) -> LoraConfig:
        """See :meth:`Method.for_classes`; what answers prompts has no part a class."""
        return replace(config, classes=count) if config.finds else config

    def between(
        self, start: Mapping[str, torch.Tensor], trained: Mapping[str, torch.Tensor], share: float
    ) -> dict[str, torch.Tensor] | None:
        """See :meth:`Method.between`; of BA one factor is scaled, since both would be the square of the share."""
        return {
            name: tensor if ".lora_A." in name else torch.lerp(start[name], tensor, share)
            for name, tensor in trained.items()
        }

    def merge(self, model: SamModel) -> bool:
        """Fold BA into W and put fused layers back: what remains is a plain SAM with other weights."""
        for parent in list(model.sam.modules()):
            for name, child in list(parent.named_children()):
                # Known without peft, which cannot be imported within torch.inference_mode.
                if hasattr(child, "lora_A"):
                    updated = cast("LoraLayer", child)
                    updated.merge()
                    layer = updated.get_base_layer()
                    # peft writes through .data, which what was made of the weights does not notice.
                    torch.autograd.graph.increment_version(layer.get_parameter("weight"))
                    setattr(parent, name, layer)
        for parent in list(model.sam.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, SplitQKV):
                    setattr(parent, name, child.fuse())
        model.sam.requires_grad_(False)
        return True


def _last(blocks: list[AttentionBlock], count: int | None) -> list[AttentionBlock]:
    """The last ``count`` of an encoder's blocks; raises InputError where it has fewer."""
    if count is not None and count > len(blocks):
        raise InputError(
            f"The last {count} blocks are to be adapted, the encoder has {len(blocks)} with attention",
            None,
            f"Set last_blocks to 1 to {len(blocks)}, or leave it out",
        )
    return blocks if count is None else blocks[-count:]


def _is_trained(name: str, config: LoraConfig) -> bool:
    if ".lora_" in name:
        return True
    if name.startswith("prompt_encoder."):
        return config.prompts and (config.prompted or name == UNPROMPTED)
    if name.startswith("mask_decoder."):
        return config.heads and not name.startswith("mask_decoder.transformer.")
    return False
