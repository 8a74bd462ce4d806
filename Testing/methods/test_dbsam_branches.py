"""DB-SAM's convolution branches: their counts, the sizes at which they see the picture, their norm."""

import pytest
import torch
from torch import nn

from SAMAdaptLib.methods.dbsam.branches import ConvolutionBranch, ConvolutionBranches
from SAMAdaptLib.methods.dbsam.config import SIZES


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize("size, number", [("paper", 1_910_528), ("lean", 195_008)])
def test_one_is_five_convolutions_and_four_norms(size, number):
    (stem,) = SIZES[size].stems
    branch = ConvolutionBranch(768, stem, 64)
    kinds = [type(layer) for layer in branch]
    assert kinds == [nn.Conv2d, nn.GroupNorm, nn.ReLU] * 4 + [nn.Conv2d]
    assert [layer.kernel_size[0] for layer in branch if isinstance(layer, nn.Conv2d)] == [3, 1, 3, 1, 1]
    # The first is what the public code's branch of these five layers has.
    assert sum(p.numel() for p in branch.parameters()) == number
    with torch.device("meta"):
        assert [n for n, _ in ConvolutionBranches(8, (stem,), 4).named_parameters() if "levels" in n] == []


def test_four_see_four_sizes_of_the_picture():
    with torch.device("meta"):
        module = ConvolutionBranches(768, SIZES["full"].stems, 64)
        maps = module(torch.empty(2, 3, 1024, 1024))
    # As in the public code: SAM's pixels, and what it resizes them to.
    assert [branch.side for branch in module.branches] == [1024, 512, 256, 128]
    counts = [sum(p.numel() for p in branch.parameters()) for branch in module.branches]
    assert counts == [2_217_600, 2_202_240, 1_910_528, 1_910_528]
    assert module.levels.shape == (4, 768) and maps.shape == (2, 4, 64, 64, 768)


def test_each_has_its_own_level_added():
    module = ConvolutionBranches(24, SIZES["lean"].stems * 3, 8)
    nn.init.normal_(module.levels)
    image = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        maps = module(image)
        for k, branch in enumerate(module.branches):
            torch.testing.assert_close(maps[:, k], branch(image) + module.levels[k])
        assert maps.std(dim=1).mean() > 0.1


def test_the_image_is_taken_at_four_times_the_grid():
    branch = ConvolutionBranch(24, SIZES["lean"].stems[0], 8)
    image = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        small = branch(image)
        large = branch(image.repeat_interleave(4, 2).repeat_interleave(4, 3))
    assert small.shape == (2, 8, 8, 24) and small.std() > 0
    torch.testing.assert_close(large, small, atol=1e-5, rtol=1e-4)


def test_pixels_that_are_too_few_are_repeated():
    branch = ConvolutionBranch(24, SIZES["full"].stems[0], 4)
    image = torch.randn(2, 3, 16, 16)
    assert branch.side == 64
    with torch.no_grad():
        repeated = branch(image.repeat_interleave(4, 2).repeat_interleave(4, 3))
        torch.testing.assert_close(branch(image), repeated, atol=1e-5, rtol=1e-4)


def test_it_normalises_each_slice_by_itself():
    branch = ConvolutionBranch(24, SIZES["lean"].stems[0], 8).eval()
    image = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        together = branch(image * torch.tensor([1.0, 10, 100]).view(3, 1, 1, 1))
        for k in range(3):
            # Contrast drops out, in eval mode and alone; with a batch norm's frozen statistics it would not.
            torch.testing.assert_close(together[k : k + 1], branch(image[k : k + 1]), atol=1e-3, rtol=1e-2)
