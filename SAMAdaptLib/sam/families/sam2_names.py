"""Tensors of SAM 2's published files by the names that the model has for them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

# Beginnings of names whose tensors take no part here: what makes prompts of masks that count as answers, and a place
# that a later version of the model no longer reads.
UNUSED = ("mask_downsample.", "no_mem_pos_enc")
RULES = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"^(image_encoder\.trunk\.patch_embed)\.proj\.", r"\1.projection."),
        (r"^(image_encoder\.trunk\.blocks\.\d+)\.norm", r"\1.layer_norm"),
        (r"^(image_encoder\.trunk\.blocks\.\d+\.mlp)\.layers\.0\.", r"\1.proj_in."),
        (r"^(image_encoder\.trunk\.blocks\.\d+\.mlp)\.layers\.1\.", r"\1.proj_out."),
        (r"^(image_encoder\.neck\.convs\.\d+)\.conv\.", r"\1."),
        (r"^sam_mask_decoder\.(conv_s[01])\.", r"image_encoder.\1."),
        (r"^sam_mask_decoder\.pred_obj_score_head\.", "memory.object_score."),
        (r"^sam_(mask_decoder\.transformer\.layers\.\d+\.mlp)\.layers\.0\.", r"\1.lin1."),
        (r"^sam_(mask_decoder\.transformer\.layers\.\d+\.mlp)\.layers\.1\.", r"\1.lin2."),
        (r"^sam_(mask_decoder|prompt_encoder)\.", r"\1."),
        (r"^memory_attention\.(.*)\bout_proj\.", r"memory.attention.\1o_proj."),
        (r"^memory_attention\.(.*)\bnorm(\d?)\.", r"memory.attention.\1layer_norm\2."),
        (r"^memory_attention\.", "memory.attention."),
        (r"^memory_encoder\.mask_downsampler\.encoder\.12\.", "memory.encoder.mask_downsampler.final_conv."),
        (r"^memory_encoder\.(mask_downsampler)\.encoder\.(\d+)\.", r"memory.encoder.\1.encoder.\2."),
        (r"^memory_encoder\.pix_feat_proj\.", "memory.encoder.feature_projection."),
        (r"^memory_encoder\.fuser\.(layers\.\d+)\.dwconv\.", r"memory.encoder.memory_fuser.\1.depthwise_conv."),
        (r"^memory_encoder\.fuser\.(layers\.\d+)\.pwconv", r"memory.encoder.memory_fuser.\1.pointwise_conv"),
        (r"^memory_encoder\.fuser\.(layers\.\d+)\.gamma$", r"memory.encoder.memory_fuser.\1.scale"),
        (r"^memory_encoder\.fuser\.(layers\.\d+)\.norm\.", r"memory.encoder.memory_fuser.\1.layer_norm."),
        (r"^memory_encoder\.out_proj\.", "memory.encoder.projection."),
        (r"^maskmem_tpos_enc$", "memory.times"),
        (r"^no_mem_embed$", "memory.nothing"),
        (r"^no_obj_ptr$", "memory.no_pointer"),
        (r"^no_obj_embed_spatial$", "memory.no_object"),
        (r"^obj_ptr_proj\.", "memory.pointer."),
        (r"^obj_ptr_tpos_proj\.", "memory.pointer_times."),
    )
)
# The mask's convolutions and norms are counted with the activations between them in the file, and by steps here.
_COUNTED = re.compile(r"^(memory\.encoder\.mask_downsampler)\.encoder\.(\d+)\.")


def renamed(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Tensors of a file by the model's names; those that have them already keep them."""
    return {_renamed(name): tensor for name, tensor in state.items()}


def _renamed(name: str) -> str:
    for pattern, ours in RULES:
        name, found = pattern.subn(ours, name)
        if found:
            break
    counted = _COUNTED.match(name)
    if counted is None:
        return name
    step, part = divmod(int(counted[2]), 3)
    return f"{counted[1]}.layers.{step}.{('conv', 'layer_norm', 'activation')[part]}.{name[counted.end():]}"
