"""Base models: parameter counts from the paper's architecture, input sizes, checkpoints."""

from dataclasses import replace

import pytest
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.weights.read import state_hash
from Testing.tiny import TINY_VIT, VIT, build


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope="module")
def vit_b():
    """At 1024, with shapes in place of weights."""
    with torch.device("meta"):
        return build_sam("sam_vit_b", weights=False)


def test_vit_b_has_the_published_number_of_parameters(vit_b):
    encoder = vit_b.sam.image_encoder
    assert count(encoder) == 89_670_912
    assert count(encoder.patch_embed) == 590_592 and encoder.pos_embed.numel() == 3_145_728
    assert [count(b) for b in encoder.blocks] == [7_104_128 if i in (2, 5, 8, 11) else 7_091_328 for i in range(12)]
    assert count(encoder.neck) == 787_456
    assert count(vit_b.sam.mask_decoder) == 4_058_340
    # What is not trained there is the table of random frequencies.
    assert count(vit_b.sam.prompt_encoder) == 6_220


def test_vit_b_is_what_segment_anything_builds(vit_b):
    from segment_anything import sam_model_registry

    with torch.device("meta"):
        reference = sam_model_registry["vit_b"](checkpoint=None)
    shapes = {name: value.shape for name, value in reference.state_dict().items()}
    assert {name: value.shape for name, value in vit_b.sam.state_dict().items()} == shapes
    assert [b.window_size for b in vit_b.sam.image_encoder.blocks] == [
        b.window_size for b in reference.image_encoder.blocks
    ]


@pytest.mark.parametrize("size", [256, 512])
def test_vit_b_runs_smaller(size):
    with torch.device("meta" if size > 256 else "cpu"):
        model = build_sam("sam_vit_b", input_size=size, weights=False)
    grid = size // 16
    assert model.sam.image_encoder.pos_embed.shape == (1, grid, grid, 768)
    assert model.embedding_size == grid and model.low_res_size == 4 * grid
    assert model.sam.prompt_encoder.mask_input_size == (4 * grid, 4 * grid)
    if size == 256:
        with torch.inference_mode():
            assert model.sam.image_encoder(torch.zeros(1, 3, size, size)).shape == (1, 256, grid, grid)


def test_position_embeddings_keep_their_place_when_resized(tmp_path):
    """A field that rises evenly is, after resizing, the same field between its old corners; rows stay rows."""
    model = build("vit-128")
    state = {name: value.clone() for name, value in model.sam.state_dict().items()}
    rows = torch.arange(8.0)[:, None].expand(8, 8)
    columns = torch.arange(8.0)[None].expand(8, 8)
    state["image_encoder.pos_embed"][0, ..., 0] = rows
    state["image_encoder.pos_embed"][0, ..., 1] = columns
    torch.save(state, tmp_path / "w.pth")
    smaller = build_sam(VIT, tmp_path / "w.pth", input_size=64).sam.image_encoder.pos_embed[0]
    # Cell i of 4 covers cells 2i and 2i + 1 of 8, so its centre lies at 2i + 0.5.
    wanted = 2 * torch.arange(4.0) + 0.5
    # Cubic interpolation is exact on straight lines but next to the border, where it repeats the last value.
    assert torch.allclose(smaller[1:3, :, 0], wanted[1:3, None].expand(2, 4), atol=1e-5)
    assert torch.allclose(smaller[:, 1:3, 1], wanted[None, 1:3].expand(4, 2), atol=1e-5)
    assert torch.allclose(smaller[..., 0], wanted[:, None].expand(4, 4), atol=0.1)
    native = build_sam(VIT, tmp_path / "w.pth").sam.image_encoder.pos_embed
    assert torch.equal(native, state["image_encoder.pos_embed"])


def test_hash_is_that_of_the_file_whatever_the_input_size(tmp_path):
    model = build("vit-128", seed=3)
    torch.save(model.sam.state_dict(), tmp_path / "w.pth")
    wanted = state_hash(model.sam.state_dict())
    assert build_sam(VIT, tmp_path / "w.pth").base_hash == wanted
    assert build_sam(VIT, tmp_path / "w.pth", input_size=64).base_hash == wanted
    assert build("vit-128", seed=4).base_hash != build("vit-128", seed=3).base_hash


@pytest.mark.parametrize("base", [VIT, TINY_VIT], ids=["vit", "tiny_vit"])
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_saved_weights_come_back_to_the_bit(tmp_path, base, suffix):
    saved = build_sam(base, weights=False, seed=7)
    path = tmp_path / f"w.{suffix}"
    state = {k: v.contiguous() for k, v in saved.sam.state_dict().items()}
    if suffix == "pth":
        torch.save({"model": {f"module.{k}": v for k, v in state.items()}}, path)
    else:
        from safetensors.torch import save_file

        save_file(state, path)
    loaded = build_sam(base, path)
    again = loaded.sam.state_dict()
    assert again.keys() == state.keys() and all(torch.equal(again[k], state[k]) for k in state)
    assert not loaded.sam.training and not any(p.requires_grad for p in loaded.sam.parameters())


def test_random_weights_follow_the_seed_and_leave_the_callers_chance_alone():
    torch.manual_seed(1)
    wanted = torch.rand(3)
    torch.manual_seed(1)
    a, b, c = (build("vit-64", seed=s).sam.image_encoder.patch_embed.proj.weight for s in (0, 0, 1))
    assert torch.equal(torch.rand(3), wanted)
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_an_unsupported_size_names_those_that_are():
    with pytest.raises(InputError, match=r"cannot run at input size 96.*Choose one of 64, 128"):
        build_sam(VIT, input_size=96, weights=False)


@pytest.mark.parametrize(
    "other", [TINY_VIT, replace(VIT, arch=VIT.arch | {"depth": 3}), replace(VIT, arch=VIT.arch | {"embed_dim": 32})]
)
def test_a_checkpoint_of_another_architecture_is_refused(tmp_path, other):
    path = tmp_path / "w.pth"
    torch.save(build_sam(other, weights=False).sam.state_dict(), path)
    with pytest.raises(InputError, match="not of the architecture test_vit") as caught:
        build_sam(VIT, path)
    assert caught.value.where == str(path) and "Choose the base model" in caught.value.remedy


def test_a_head_of_the_pretraining_is_no_obstacle(tmp_path):
    state = dict(build("tiny_vit-64").sam.state_dict())
    state |= {"image_encoder.norm_head.weight": torch.ones(4), "image_encoder.head.bias": torch.ones(2)}
    state["pixel_mean"] = torch.zeros(3, 1, 1)
    torch.save(state, tmp_path / "w.pth")
    model = build_sam(TINY_VIT, tmp_path / "w.pth")
    assert torch.allclose(model.sam.pixel_mean.flatten(), torch.tensor(TINY_VIT.pixel_mean))


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(InputError, match="no checkpoint file here.*nowhere.pth"):
        build_sam(VIT, tmp_path / "nowhere.pth")
