"""A mask decoder that labels whole slices without prompts, as SAMed has it."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn

from SAMAdaptLib.sam.build import SamModel


def give_classes(model: SamModel, count: int) -> None:
    """Put a mask for the background and one for each class in place of SAM's four (Zhang and Liu 2023, arXiv
    2304.13785, the row SAMed of Feng 2023, tables 1 and 2).

    A mask has a token of 256 numbers, a hypernetwork of 139,808, and a row of 257 in the last layer of the IoU head.
    SAMed begins with random ones; here all begin as those of SAM's single mask, so that every class is as likely as any
    other on every pixel, and the labels tell them apart from the first step on.

    Args:
        model: one that has SAM's own decoder; changed in place, and answers no prompt afterwards.
        count: K, classes without the background.
    """
    decoder, masks = model.sam.mask_decoder, count + 1
    rows = torch.zeros(masks, dtype=torch.long, device=decoder.mask_tokens.weight.device)
    decoder.mask_tokens = nn.Embedding.from_pretrained(decoder.mask_tokens.weight.detach()[rows], freeze=False)
    single = decoder.output_hypernetworks_mlps[0]
    decoder.output_hypernetworks_mlps = nn.ModuleList([deepcopy(single) for _ in range(masks)])
    last = decoder.iou_prediction_head.layers[-1]
    last.weight, last.bias = (nn.Parameter(one.detach()[rows]) for one in (last.weight, last.bias))
    last.out_features = masks
    decoder.num_mask_tokens = masks
    model.labels = True
