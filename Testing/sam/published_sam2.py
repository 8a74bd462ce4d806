"""SAM 2 as the package transformers builds it, small, with random weights, and these by the names of Meta's files."""

import re

import torch

from SAMAdaptLib._compat import ensure_torchvision
from Testing.tiny import SAM_2

ensure_torchvision()
from transformers import (  # noqa: E402
    Sam2HieraDetConfig,
    Sam2VideoConfig,
    Sam2VideoInferenceSession,
    Sam2VideoModel,
    Sam2VideoPromptEncoderConfig,
    Sam2VisionConfig,
)

__all__ = ["Sam2VideoInferenceSession", "published", "video_model"]

# From the package's names to Meta's, whose files its own script reads the other way.
THREE = r"^(.*(?:iou_prediction_head|output_hypernetworks_mlps\.\d+|pred_obj_score_head|object_pointer_proj)\.)"
NAMES = (
    (THREE + r"layers\.0\.", r"\1layers.1."),
    (THREE + r"proj_in\.", r"\1layers.0."),
    (THREE + r"proj_out\.", r"\1layers.2."),
    (r"mlp\.proj_in", "mlp.layers.0"),
    (r"mlp\.proj_out", "mlp.layers.1"),
    (r"^vision_encoder\.backbone", "image_encoder.trunk"),
    (r"^vision_encoder\.(neck\.convs\.\d+)\.", r"image_encoder.\1.conv."),
    (r"patch_embed\.projection", "patch_embed.proj"),
    (r"mask_embed\.conv1", "mask_downscaling.0"),
    (r"mask_embed\.layer_norm1", "mask_downscaling.1"),
    (r"mask_embed\.conv2", "mask_downscaling.3"),
    (r"mask_embed\.layer_norm2", "mask_downscaling.4"),
    (r"mask_embed\.conv3", "mask_downscaling.6"),
    (r"shared_embedding\.positional_embedding", "pe_layer.positional_encoding_gaussian_matrix"),
    (r"upscale_conv1", "output_upscaling.0"),
    (r"upscale_layer_norm", "output_upscaling.1"),
    (r"upscale_conv2", "output_upscaling.3"),
    (r"mask_downsampler\.final_conv", "mask_downsampler.encoder.12"),
    (r"feature_projection", "pix_feat_proj"),
    (r"memory_fuser", "fuser"),
    (r"depthwise_conv", "dwconv"),
    (r"pointwise_conv", "pwconv"),
    (r"\.scale$", ".gamma"),
    (r"^memory_encoder\.projection", "memory_encoder.out_proj"),
    (r"\.o_proj", ".out_proj"),
    (r"\.layer_norm", ".norm"),
    (r"^(prompt_encoder|mask_decoder)", r"sam_\1"),
    (r"^memory_temporal_positional_encoding$", "maskmem_tpos_enc"),
    (r"^no_memory_embedding$", "no_mem_embed"),
    (r"^no_memory_positional_encoding$", "no_mem_pos_enc"),
    (r"^no_object_pointer$", "no_obj_ptr"),
    (r"^object_pointer_proj", "obj_ptr_proj"),
    (r"^temporal_positional_encoding_projection_layer", "obj_ptr_tpos_proj"),
    (r"^occlusion_spatial_embedding_parameter$", "no_obj_embed_spatial"),
)


def video_model(size=SAM_2.input_size, seed=0):
    """The package's model for videos; its single mask is the first one, and of several the best is taken on slices
    without a prompt alone."""
    arch, grid = SAM_2.arch, size // 16
    widths = [arch["width"] * 2**stage for stage in range(4)]
    hiera = Sam2HieraDetConfig(
        hidden_size=arch["width"],
        num_attention_heads=arch["heads"],
        window_positional_embedding_background_size=[arch["background"]] * 2,
        blocks_per_stage=list(arch["stages"]),
        embed_dim_per_stage=widths,
        num_attention_heads_per_stage=[arch["heads"] * 2**stage for stage in range(4)],
        window_size_per_stage=list(arch["windows"]),
        global_attention_blocks=list(arch["everywhere"]),
    )
    vision = Sam2VisionConfig(
        backbone_config=hiera,
        backbone_channel_list=widths[::-1],
        backbone_feature_sizes=[[4 * grid] * 2, [2 * grid] * 2, [grid] * 2],
    )
    config = Sam2VideoConfig(
        vision_config=vision,
        prompt_encoder_config=Sam2VideoPromptEncoderConfig(image_size=size),
        mask_decoder_config={"dynamic_multimask_via_stability": False},
        image_size=size,
        memory_attention_rope_feat_sizes=[grid, grid],
        multimask_max_pt_num=0,
    )
    model = Sam2VideoModel(config).eval().requires_grad_(False)
    drawn = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        # The same whichever way the version of the package has of its own.
        for name, tensor in sorted(model.state_dict().items()):
            noise = torch.randn(tensor.shape, generator=drawn)
            norm = "norm" in name and name.endswith("weight")
            wide = tensor.ndim == 1 or "positional_embedding" in name
            tensor.copy_(norm + noise * (0.06 if not wide else 0.2 if tensor.ndim == 1 else 1.0))
        # The object is on slices with a prompt, and on some of the others.
        model.mask_decoder.pred_obj_score_head.proj_out.bias.add_(0.6527)
        places = model.prompt_encoder.shared_embedding.positional_embedding
        model.shared_image_embedding.positional_embedding.copy_(places)
    return model


def published(model):
    """Its tensors by the names of Meta's files."""
    found = {}
    for name, tensor in model.state_dict().items():
        if name == "prompt_encoder.point_embed.weight":
            found |= {f"sam_prompt_encoder.point_embeddings.{row}.weight": tensor[row, None] for row in range(4)}
        elif not name.startswith("shared_image_embedding"):
            found[_published(name)] = tensor
    return {name: tensor.clone() for name, tensor in found.items()}


def _published(name):
    for pattern, theirs in NAMES:
        name = re.sub(pattern, theirs, name)
    step = re.match(r"(.*mask_downsampler)\.layers\.(\d+)\.(conv|norm)\.(.*)", name)
    if step:
        return f"{step[1]}.encoder.{3 * int(step[2]) + (step[3] == 'norm')}.{step[4]}"
    return name
