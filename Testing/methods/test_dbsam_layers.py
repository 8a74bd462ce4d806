"""DB-SAM's layers against loops, hand-worked cases and closed forms."""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.methods.dbsam.config import SIZES, DbSamConfig
from SAMAdaptLib.methods.dbsam.deformable import DeformableAttention, pixel_middles
from SAMAdaptLib.methods.dbsam.encoder import Meeting
from SAMAdaptLib.methods.dbsam.fusion import ElementFusion, PlaceChannelFusion
from SAMAdaptLib.methods.dbsam.layers import ChannelAttention, CrossAttention

LOG3 = math.log(3)
HALF = SIZES["lean"]._replace(ffn=0.5)


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
    """Equation 3 of Zhu 2021, one query, head, map and point at a time."""
    heads, levels = layer.heads, value.shape[1]
    each = query.shape[-1] // heads
    height, width = value.shape[2:4]
    out = torch.zeros_like(query)
    for b in range(len(query)):
        projected = value[b] @ layer.value.weight.T + layer.value.bias
        for n in range(query.shape[1]):
            offsets = (layer.offsets.weight @ query[b, n] + layer.offsets.bias).view(heads, levels, 4, 2)
            shares = (layer.shares.weight @ query[b, n] + layer.shares.bias).view(heads, levels, 4)
            mixed = torch.zeros(heads * each)
            for m in range(heads):
                total = float(shares[m].exp().sum())
                for level, k in itertools.product(range(levels), range(4)):
                    x = float(reference[n, 0]) * width - 0.5 + float(offsets[m, level, k, 0])
                    y = float(reference[n, 1]) * height - 0.5 + float(offsets[m, level, k, 1])
                    share = math.exp(float(shares[m, level, k])) / total
                    for c in range(m * each, (m + 1) * each):
                        mixed[c] += share * bilinear(projected[level, ..., c], x, y)
            out[b, n] = layer.out.weight @ mixed + layer.out.bias
    return out


class TestDeformableAttention:
    @pytest.mark.parametrize("levels", [1, 3])
    def test_it_is_the_equation(self, levels):
        layer = stirred(DeformableAttention(14, 5, levels))
        assert layer.heads == 7
        query, value = torch.randn(2, 6, 14), torch.randn(2, levels, 3, 4, 5)
        reference = torch.rand(6, 2)
        with torch.no_grad():
            offsets = layer.offsets(query)
            # Places inside, across the border and well beyond it.
            assert offsets.abs().max() > 2 and offsets.abs().min() < 0.2
            wanted, got = slowly(layer, query, reference, value), layer(query, reference, value)
        assert wanted.std() > 0.1
        torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)

    def test_without_offsets_a_pixel_reads_itself(self):
        layer = DeformableAttention(8, 5, levels=2)
        for parameter in (layer.offsets.weight, layer.offsets.bias, layer.shares.weight):
            nn.init.zeros_(parameter)
        value = torch.randn(2, 2, 3, 4, 5)
        with torch.no_grad():
            got = layer(torch.randn(2, 12, 8), pixel_middles(3, 4, value.device), value)
            # That pixel on every map alike.
            wanted = layer.out(layer.value(value.mean(dim=1).flatten(1, 2)))
            torch.testing.assert_close(got, wanted, atol=1e-6, rtol=1e-5)

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
        value = torch.tensor([2.0, 8.0]).view(1, 1, 1, 2, 1)
        with torch.no_grad():
            assert layer(torch.zeros(1, 1, 1), torch.tensor([place]), value).item() == pytest.approx(wanted, abs=1e-6)

    def test_offsets_are_in_pixels_of_the_value_map(self):
        layer = DeformableAttention(1, 1)
        for parameter in layer.parameters():
            nn.init.zeros_(parameter)
        for projection in (layer.value, layer.out):
            nn.init.ones_(projection.weight)
        set_to(layer.offsets.bias, [[2.0, 1.0]] * 4)
        value = torch.arange(20.0).view(1, 1, 4, 5, 1)
        with torch.no_grad():
            got = layer(torch.zeros(1, 20, 1), pixel_middles(4, 5, value.device), value)
        # Two columns to the right and a row down: 7 further on; what would lie beyond is zero.
        assert got[0, :3, 0].tolist() == pytest.approx([7, 8, 9], abs=1e-5)
        assert got[0, 3:5, 0].abs().max() < 1e-5

    def test_heads_look_around(self):
        layer = DeformableAttention(8, 8, levels=2)
        assert layer.heads == 8
        around = layer.offsets(torch.randn(1, 1, 8)).view(8, 2, 4, 2)
        directions = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
        wanted = torch.tensor(directions, dtype=torch.float32)[:, None] * torch.arange(1.0, 5)[:, None]
        for level in range(2):
            torch.testing.assert_close(around[:, level], wanted, atol=1e-5, rtol=0)

    @pytest.mark.parametrize(
        "channels, heads", [(768, 12), (1024, 8), (1280, 10), (128, 8), (160, 10), (320, 10), (16, 8), (13, 1)]
    )
    def test_heads_divide_the_width(self, channels, heads):
        with torch.device("meta"):
            assert DeformableAttention(channels, 4).heads == heads

    def test_16_bits_do_not_blur_the_places(self):
        layer = DeformableAttention(8, 8)
        value = torch.randn(1, 1, 64, 64, 8)
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


class TestElementFusion:
    @pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0])
    def test_by_hand(self, gamma):
        fusion = ElementFusion(2, HALF)
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
        out = fusion(torch.tensor(deep).view(1, 1, 1, 2), torch.tensor(shallow).view(1, 1, 1, 1, 2))
        wanted = [d + gamma * (f - d) for d, f in zip(deep, fused, strict=True)]
        assert out.flatten().tolist() == pytest.approx(wanted, abs=1e-5)


class TestPlaceChannelFusion:
    def test_by_hand(self):
        fusion = PlaceChannelFusion(2, HALF._replace(stems=HALF.stems * 2))
        for parameter in fusion.parameters():
            nn.init.zeros_(parameter)
        # The first channel is that of the first map, the second twice that of the second and a half more.
        set_to(fusion.join.weight, [[1, 0, 0, 0], [0, 0, 0, 2]])
        set_to(fusion.join.bias, [0, 0.5])
        set_to(fusion.place[0].weight, [1, 1])
        set_to(fusion.place[1].weight, [LOG3, 0])
        # A norm over one number leaves its shift.
        set_to(fusion.channel[2].bias, [1])
        set_to(fusion.channel[3].weight, [0, LOG3])
        set_to(fusion.norm.weight, [2, 2])
        set_to(fusion.norm.bias, [0, 0.25])
        deep = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 1, 2, 2)
        shallow = torch.tensor([[[5.0, 9.0], [2.0, 9.0]], [[9.0, 0.25], [9.0, 4.75]]]).view(1, 2, 1, 2, 2)
        # Joined (5, 1) and (2, 10); normed (1, -1) and (-1, 1). Gates: log 3 and -log 3 by place, with another log 3 in
        # the second channel, so (3/4, 9/10) and (1/4, 1/2).
        fused = [[5 * 0.75 + 1 * 0.25, 1 * 0.9 + 2 * 0.1], [2 * 0.25 + 3 * 0.75, 10 * 0.5 + 4 * 0.5]]
        assert fused[0][0] > fused[0][1] and fused[1][0] < fused[1][1]
        # The norm of two numbers is 1 for the larger and -1 for the other.
        wanted = [1 + 2, 2 - 2 + 0.25, 3 - 2, 4 + 2 + 0.25]
        assert fusion(deep, shallow).flatten().tolist() == pytest.approx(wanted, abs=1e-4)

    def test_it_is_its_formula(self):
        fusion = stirred(PlaceChannelFusion(24, HALF._replace(stems=HALF.stems * 3)))
        deep, shallow = torch.randn(2, 3, 4, 24), torch.randn(2, 3, 3, 4, 24)

        def normed(x, norm):
            return F.layer_norm(x, x.shape[-1:], norm.weight, norm.bias)

        with torch.no_grad():
            joined = fusion.join(torch.cat([shallow[:, 0], shallow[:, 1], shallow[:, 2]], dim=-1))
            place = normed(joined, fusion.place[0]) @ fusion.place[1].weight[0]
            squeezed = F.silu(deep.view(2, 12, 24).mean(dim=1) @ fusion.channel[0].weight.T)
            channel = normed(squeezed, fusion.channel[2]) @ fusion.channel[3].weight.T
            mask = 1 / (1 + (-place[..., None] - channel[:, None, None]).exp())
            assert mask.std(dim=-1).min() > 0.01 and mask.flatten(1, 2).std(dim=1).min() > 0.01
            fused = joined * mask + deep * (1 - mask)
            inner = F.gelu(fusion.ffn.inner(normed(fused, fusion.norm_ffn)))
            assert inner.shape[-1] == 12
            wanted = deep + normed(fused + fusion.ffn.outer(inner), fusion.norm)
            torch.testing.assert_close(fusion(deep, shallow), wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", [ElementFusion, PlaceChannelFusion])
def test_fusion_starts_with_the_deep_map(kind):
    deep, shallow = torch.randn(2, 3, 4, 24), torch.randn(2, 1, 3, 4, 24)
    assert torch.equal(kind(24, HALF)(deep, shallow), deep)


class TestCrossAttention:
    @pytest.mark.parametrize("depthwise", [False, True])
    @pytest.mark.parametrize("asking, asked", [(1, 1), (1, 3), (2, 1)])
    def test_two_residual_sums(self, asking, asked, depthwise):
        block = stirred(CrossAttention(8, 6, HALF._replace(depthwise=depthwise), asked, closed=False))
        x, other = torch.randn(2, asking, 3, 4, 8), torch.randn(2, asked, 5, 2, 6)
        ffn, reference = block.ffn, torch.tensor([[(c + 0.5) / 4, (r + 0.5) / 3] for r in range(3) for c in range(4)])
        with torch.no_grad():
            value = F.layer_norm(other, (6,), block.norm_value.weight, block.norm_value.bias)
            got = block(x, other)
            for k in range(asking):
                query = F.layer_norm(x[:, k], (8,), block.norm_query.weight, block.norm_query.bias).view(2, 12, 8)
                middle = x[:, k] + slowly(block.attention, query, reference, value).view(2, 3, 4, 8)
                normed = F.layer_norm(middle, (8,), block.norm_ffn.weight, block.norm_ffn.bias)
                hidden = normed @ ffn.inner.weight.T + ffn.inner.bias
                assert hidden.shape[-1] == 4
                if depthwise:
                    padded, plain = F.pad(hidden, (0, 0, 1, 1, 1, 1)), ffn.depthwise.weight[:, 0]
                    moved = [padded[:, r : r + 3, c : c + 4] * plain[:, r, c] for r in range(3) for c in range(3)]
                    hidden = sum(moved) + ffn.depthwise.bias
                wanted = middle + F.gelu(hidden) @ ffn.outer.weight.T + ffn.outer.bias
                torch.testing.assert_close(got[:, k], wanted, atol=1e-4, rtol=1e-4)

    def test_closed_it_gives_back(self):
        x, other = torch.randn(2, 1, 3, 4, 8), torch.randn(2, 4, 5, 2, 6)
        assert torch.equal(CrossAttention(8, 6, SIZES["full"], 4, closed=True)(x, other), x)
        assert not torch.equal(CrossAttention(8, 6, SIZES["full"], 4, closed=False)(x, other), x)

    def test_middles_of_pixels(self):
        wanted = [[0.125, 0.25], [0.375, 0.25], [0.625, 0.25], [0.875, 0.25]]
        wanted += [[x, 0.75] for x, _ in wanted]
        assert pixel_middles(2, 4, torch.device("cpu")).tolist() == wanted


class TestMeeting:
    @pytest.mark.parametrize("size", SIZES)
    def test_both_sides_read_what_the_other_was(self, size):
        meeting = stirred(Meeting(16, 8, DbSamConfig(size=size), heard=True), std=0.1)
        deep, shallow = torch.randn(1, 4, 4, 16), torch.randn(1, len(SIZES[size].stems), 3, 3, 8)
        with torch.no_grad():
            new_deep, new_shallow = meeting(deep, shallow)
            attended = meeting.channel_attention(deep)
            assert torch.equal(new_deep, meeting.to_deep(attended[:, None], shallow)[:, 0])
            assert torch.equal(new_shallow, meeting.to_shallow(shallow, attended[:, None]))
            assert not torch.allclose(new_shallow, meeting.to_shallow(shallow, new_deep[:, None]))
