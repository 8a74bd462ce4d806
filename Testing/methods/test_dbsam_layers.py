"""DB-SAM's layers against loops, hand-worked cases and closed forms."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.methods.dbsam.config import SIZES, DbSamConfig
from SAMAdaptLib.methods.dbsam.encoder import Meeting
from SAMAdaptLib.methods.dbsam.layers import (
    ChannelAttention,
    ConvolutionBranch,
    CrossAttention,
    DeformableAttention,
    Fusion,
    pixel_middles,
)

LOG3 = math.log(3)


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def stirred(module, std=0.3):
    """The module with random numbers for every parameter, so that none is at its tame start."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(std=std)
    return module


def set_to(parameter, values):
    with torch.no_grad():
        parameter.copy_(torch.tensor(values, dtype=torch.float32).reshape(parameter.shape))


def bilinear(plane, x, y):
    """A plane [h, w] at a place in pixels whose middles are whole numbers; zero beyond."""
    left, top = math.floor(x), math.floor(y)
    total = 0.0
    for row, across in ((top, 1 - (y - top)), (top + 1, y - top)):
        for column, along in ((left, 1 - (x - left)), (left + 1, x - left)):
            if 0 <= row < plane.shape[0] and 0 <= column < plane.shape[1]:
                total += across * along * float(plane[row, column])
    return total


def slowly(layer, query, reference, value):
    """Equation 2 of Zhu 2021, one query, head and point at a time."""
    heads = layer.heads
    each = query.shape[-1] // heads
    height, width = value.shape[1:3]
    out = torch.zeros_like(query)
    for b in range(len(query)):
        projected = value[b] @ layer.value.weight.T + layer.value.bias
        for n in range(query.shape[1]):
            offsets = (layer.offsets.weight @ query[b, n] + layer.offsets.bias).view(heads, -1, 2)
            shares = (layer.shares.weight @ query[b, n] + layer.shares.bias).view(heads, -1)
            mixed = torch.zeros(heads * each)
            for m in range(heads):
                total = float(shares[m].exp().sum())
                for k in range(shares.shape[1]):
                    x = float(reference[n, 0]) * width - 0.5 + float(offsets[m, k, 0])
                    y = float(reference[n, 1]) * height - 0.5 + float(offsets[m, k, 1])
                    for c in range(m * each, (m + 1) * each):
                        mixed[c] += math.exp(float(shares[m, k])) / total * bilinear(projected[..., c], x, y)
            out[b, n] = layer.out.weight @ mixed + layer.out.bias
    return out


class TestDeformableAttention:
    def test_it_is_the_equation(self):
        layer = stirred(DeformableAttention(14, 5))
        assert layer.heads == 7
        query, value = torch.randn(2, 6, 14), torch.randn(2, 3, 4, 5)
        reference = torch.rand(6, 2)
        with torch.no_grad():
            offsets = layer.offsets(query)
            # Places inside, across the border and well beyond it.
            assert offsets.abs().max() > 2 and offsets.abs().min() < 0.2
            wanted, got = slowly(layer, query, reference, value), layer(query, reference, value)
        assert wanted.std() > 0.1
        torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)

    def test_without_offsets_a_pixel_reads_itself(self):
        layer = DeformableAttention(8, 5)
        for parameter in (layer.offsets.weight, layer.offsets.bias, layer.shares.weight):
            nn.init.zeros_(parameter)
        value = torch.randn(2, 3, 4, 5)
        with torch.no_grad():
            got = layer(torch.randn(2, 12, 8), pixel_middles(3, 4, value.device), value)
            torch.testing.assert_close(got, layer.out(layer.value(value.flatten(1, 2))), atol=1e-6, rtol=1e-5)

    @pytest.mark.parametrize(
        "place, wanted",
        [
            ((0.25, 0.5), 2.0),  # the middle of the left of two pixels
            ((0.5, 0.5), 5.0),  # between the two
            ((0.0, 0.5), 1.0),  # the outer edge: half the pixel, half nothing
            ((0.0, 0.0), 0.5),
            ((-0.25, 0.5), 0.0),  # a whole pixel out
        ],
    )
    def test_beyond_the_border_there_is_nothing(self, place, wanted):
        layer = DeformableAttention(1, 1)
        for parameter in layer.parameters():
            nn.init.zeros_(parameter)
        for projection in (layer.value, layer.out):
            nn.init.ones_(projection.weight)
        value = torch.tensor([2.0, 8.0]).view(1, 1, 2, 1)
        with torch.no_grad():
            assert layer(torch.zeros(1, 1, 1), torch.tensor([place]), value).item() == pytest.approx(wanted, abs=1e-6)

    def test_offsets_are_in_pixels_of_the_value_map(self):
        layer = DeformableAttention(1, 1)
        for parameter in layer.parameters():
            nn.init.zeros_(parameter)
        for projection in (layer.value, layer.out):
            nn.init.ones_(projection.weight)
        set_to(layer.offsets.bias, [[2.0, 1.0]] * 4)
        value = torch.arange(20.0).view(1, 4, 5, 1)
        with torch.no_grad():
            got = layer(torch.zeros(1, 20, 1), pixel_middles(4, 5, value.device), value)
        # Two columns to the right and a row down: 7 further on; what would lie beyond is zero.
        assert got[0, :3, 0].tolist() == pytest.approx([7, 8, 9], abs=1e-5)
        assert got[0, 3:5, 0].abs().max() < 1e-5

    def test_heads_look_around(self):
        layer = DeformableAttention(8, 8)
        assert layer.heads == 8
        around = layer.offsets(torch.randn(1, 1, 8)).view(8, 4, 2)
        directions = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
        wanted = torch.tensor(directions, dtype=torch.float32)[:, None] * torch.arange(1.0, 5)[:, None]
        torch.testing.assert_close(around, wanted, atol=1e-5, rtol=0)

    @pytest.mark.parametrize(
        "channels, heads", [(768, 12), (1024, 8), (1280, 10), (128, 8), (160, 10), (320, 10), (16, 8), (13, 1)]
    )
    def test_heads_divide_the_width(self, channels, heads):
        with torch.device("meta"):
            assert DeformableAttention(channels, 4).heads == heads

    def test_16_bits_do_not_blur_the_places(self):
        layer = DeformableAttention(8, 8)
        value = torch.randn(1, 64, 64, 8)
        query, reference = torch.randn(1, 4096, 8), pixel_middles(64, 64, value.device)
        with torch.no_grad():
            wanted = layer(query, reference, value)
            with torch.autocast("cpu", torch.bfloat16):
                got = layer(query, reference, value).float()
        # Places in 16 bits would be off by up to a quarter of a pixel, and noise that much apart hardly correlates.
        assert (got - wanted).abs().mean() < 0.02 * wanted.abs().mean()


class TestChannelAttention:
    def test_one_pixel_by_hand(self):
        block = ChannelAttention(2)
        set_to(block.depthwise.weight, [[0, 0, 0, 0, 2, 0, 0, 0, 0], [0, 0, 0, 0, 5, 0, 0, 0, 0]])
        set_to(block.squeeze.weight, [1, 1])
        set_to(block.excite.weight, [0, LOG3 / 3])
        set_to(block.pointwise.weight, [[1, 0], [1, 1]])
        # LN (-1, 1), DWConv (-2, 5), squeezed 3, gates (1/2, 3/4), so (-1, 3.75), and mixed (-1, 2.75).
        out = block(torch.tensor([1.0, 3.0]).view(1, 1, 1, 2))
        assert out.flatten().tolist() == pytest.approx([0.0, 5.75], abs=1e-4)

    def test_two_pixels_by_hand(self):
        block = ChannelAttention(2)
        set_to(block.depthwise.weight, [[0, 0, 0, 0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 0, 0, 0, 0]])
        set_to(block.squeeze.weight, [2, 7])
        set_to(block.excite.weight, [0, LOG3])
        set_to(block.pointwise.weight, [[1, 0], [0, 1]])
        # LN (-1, 1) and (1, -1); with the right neighbour in the first channel (0, 1) and (1, -1); means (1/2, 0).
        out = block(torch.tensor([[1.0, 3.0], [3.0, 1.0]]).view(1, 1, 2, 2))
        assert out.flatten().tolist() == pytest.approx([1.0, 3.75, 3.5, 0.25], abs=1e-4)

    def test_se_has_a_relu(self):
        block = ChannelAttention(2)
        set_to(block.depthwise.weight, [[0, 0, 0, 0, 2, 0, 0, 0, 0], [0, 0, 0, 0, 5, 0, 0, 0, 0]])
        set_to(block.squeeze.weight, [-1, -1])
        set_to(block.excite.weight, [9, 9])
        set_to(block.pointwise.weight, [[1, 0], [0, 1]])
        out = block(torch.tensor([1.0, 3.0]).view(1, 1, 1, 2))
        assert out.flatten().tolist() == pytest.approx([1 - 1, 3 + 2.5], abs=1e-4)

    def test_it_starts_by_giving_back(self):
        x = torch.randn(2, 5, 4, 16)
        assert torch.equal(ChannelAttention(16)(x), x)


class TestFusion:
    @pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0])
    def test_by_hand(self, gamma):
        fusion = Fusion(2)
        set_to(fusion.gamma, [gamma, gamma])
        set_to(fusion.deep[0].weight, [1, 1])
        set_to(fusion.deep[0].bias, [0])
        set_to(fusion.deep[2].weight, [1, 0])
        set_to(fusion.deep[2].bias, [0, 0])
        set_to(fusion.shallow[0].weight, [-0.2, 0])
        set_to(fusion.shallow[0].bias, [0.5])
        set_to(fusion.shallow[2].weight, [0, 2])
        set_to(fusion.shallow[2].bias, [0.25, 0])
        deep, shallow = [1.0, 2.0], [5.0, -2.0]

        def gelu(v):
            return v * (1 + math.erf(v / math.sqrt(2))) / 2

        logits = [gelu(3) + 0.25, 2 * gelu(-0.5)]
        mask = [1 / (1 + math.exp(-v)) for v in logits]
        # The gate leans to the deep map in the first channel and to the shallow one in the second.
        assert mask[0] > 0.9 and mask[1] < 0.5
        fused = [d * m + s * (1 - m) for d, s, m in zip(deep, shallow, mask, strict=True)]
        out = fusion(*(torch.tensor(v).view(1, 1, 1, 2) for v in (deep, shallow)))
        wanted = [d + gamma * (f - d) for d, f in zip(deep, fused, strict=True)]
        assert out.flatten().tolist() == pytest.approx(wanted, abs=1e-5)

    def test_it_starts_with_the_deep_map(self):
        deep, shallow = torch.randn(2, 3, 4, 24), torch.randn(2, 3, 4, 24)
        assert torch.equal(Fusion(24)(deep, shallow), deep)


class TestCrossAttention:
    def test_two_residual_sums(self):
        block = stirred(CrossAttention(8, 6, 0.5, closed=False))
        x, other = torch.randn(2, 3, 4, 8), torch.randn(2, 5, 2, 6)
        ffn, reference = block.ffn, torch.tensor([[(c + 0.5) / 4, (r + 0.5) / 3] for r in range(3) for c in range(4)])
        with torch.no_grad():
            query = F.layer_norm(x, (8,), block.norm_query.weight, block.norm_query.bias).view(2, 12, 8)
            value = F.layer_norm(other, (6,), block.norm_value.weight, block.norm_value.bias)
            middle = x + slowly(block.attention, query, reference, value).view(2, 3, 4, 8)
            normed = F.layer_norm(middle, (8,), block.norm_ffn.weight, block.norm_ffn.bias)
            inner = F.gelu(normed @ ffn[0].weight.T + ffn[0].bias)
            wanted = middle + inner @ ffn[2].weight.T + ffn[2].bias
            assert inner.shape[-1] == 4
            torch.testing.assert_close(block(x, other), wanted, atol=1e-4, rtol=1e-4)

    def test_closed_it_gives_back(self):
        x, other = torch.randn(2, 3, 4, 8), torch.randn(2, 5, 2, 6)
        assert torch.equal(CrossAttention(8, 6, 4, closed=True)(x, other), x)
        assert not torch.equal(CrossAttention(8, 6, 4, closed=False)(x, other), x)

    def test_middles_of_pixels(self):
        wanted = [[0.125, 0.25], [0.375, 0.25], [0.625, 0.25], [0.875, 0.25]]
        wanted += [[x, 0.75] for x, _ in wanted]
        assert pixel_middles(2, 4, torch.device("cpu")).tolist() == wanted


class TestMeeting:
    def test_both_sides_read_what_the_other_was(self):
        meeting = stirred(Meeting(16, 8, DbSamConfig(), heard=True), std=0.1)
        deep, shallow = torch.randn(1, 4, 4, 16), torch.randn(1, 3, 3, 8)
        with torch.no_grad():
            new_deep, new_shallow = meeting(deep, shallow)
            attended = meeting.channel_attention(deep)
            assert torch.equal(new_deep, meeting.to_deep(attended, shallow))
            assert torch.equal(new_shallow, meeting.to_shallow(shallow, attended))
            assert not torch.allclose(new_shallow, meeting.to_shallow(shallow, new_deep))


class TestConvolutionBranch:
    @pytest.mark.parametrize("size, number", [("full", 1_910_528), ("lean", 195_008)])
    def test_five_convolutions_and_four_norms(self, size, number):
        branch = ConvolutionBranch(768, SIZES[size], 64)
        kinds = [type(layer) for layer in branch]
        assert kinds == [nn.Conv2d, nn.GroupNorm, nn.ReLU] * 4 + [nn.Conv2d]
        assert [layer.kernel_size[0] for layer in branch if isinstance(layer, nn.Conv2d)] == [3, 1, 3, 1, 1]
        # The first is what the public code's branch of these five layers has.
        assert sum(p.numel() for p in branch.parameters()) == number

    def test_the_image_is_taken_at_four_times_the_grid(self):
        branch = ConvolutionBranch(24, SIZES["lean"], 8)
        image = torch.randn(2, 3, 32, 32)
        with torch.no_grad():
            small = branch(image)
            large = branch(image.repeat_interleave(4, 2).repeat_interleave(4, 3))
        assert small.shape == (2, 8, 8, 24) and small.std() > 0
        torch.testing.assert_close(large, small, atol=1e-5, rtol=1e-4)

    def test_it_normalises_each_slice_by_itself(self):
        branch = ConvolutionBranch(24, SIZES["lean"], 8).eval()
        image = torch.randn(3, 3, 32, 32)
        with torch.no_grad():
            together = branch(image * torch.tensor([1.0, 10, 100]).view(3, 1, 1, 1))
            for k in range(3):
                # Contrast drops out, in eval mode and alone; with a batch norm's frozen statistics it would not.
                torch.testing.assert_close(together[k : k + 1], branch(image[k : k + 1]), atol=1e-3, rtol=1e-2)
