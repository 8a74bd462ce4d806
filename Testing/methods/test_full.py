"""All of SAM tuned: what is trained, what its file holds, the weights halfway."""

import pytest
import torch
from safetensors.torch import load_file

from SAMAdaptLib.adapters.file import AdapterInfo, apply_adapter, save_adapter
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.full.config import FullConfig
from SAMAdaptLib.methods.full.model import Full
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.recompute import adapt
from Testing.tiny import build

PARTS = ("image_encoder.", "prompt_encoder.", "mask_decoder.")


@pytest.mark.parametrize(
    "settings, count",
    [
        # SAM's ViT-B as a whole, and what MedSAM's code says of its optimiser.
        ({}, 93_735_472),
        ({"prompts": False}, 93_729_252),
        ({"encoder": False}, 4_058_340 + 6_220),
    ],
)
def test_every_parameter_of_the_parts_is_trained(settings, count):
    with torch.device("meta"):
        model = build_sam("sam_vit_b", weights=False)
    # What an earlier user left switched on must not be trained along.
    model.sam.requires_grad_(True)
    Full().apply(model, FullConfig(**settings))
    assert sum(p.numel() for p in trainable(model.sam).values()) == count
    left = {n for n, p in model.sam.named_parameters() if not p.requires_grad}
    off = {"encoder": "image_encoder.", "prompts": "prompt_encoder."}
    assert left == {n for n, _ in model.sam.named_parameters() if n.startswith(tuple(off[name] for name in settings))}


@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_its_file_holds_another_model_whole_and_halfway_is_their_mean(kind, tmp_path):
    base, tuned, other = build(kind), build(kind), build(kind, seed=1)
    Full().apply(tuned, FullConfig())
    with torch.no_grad():
        for name, parameter in trainable(tuned.sam).items():
            parameter.copy_(other.sam.get_parameter(name))
    info = AdapterInfo(
        "full", FullConfig().to_dict(), base.base.name, base.base_hash, 64, "minmax", "axial", ("disc",), 1
    )
    save_adapter(tmp_path, tuned, info)
    held = load_file(tmp_path / "adapter.safetensors")
    assert held.keys() == {n for n, _ in other.sam.named_parameters() if n.startswith(PARTS)}
    assert all(tensor.dtype == torch.float32 for tensor in held.values())
    whole, halfway = build(kind), build(kind)
    apply_adapter(whole, tmp_path)
    apply_adapter(halfway, tmp_path, share=0.5)
    for name, wanted in other.sam.named_parameters():
        assert torch.equal(whole.sam.get_parameter(name), wanted), name
        mean = (base.sam.get_parameter(name) + wanted) / 2
        assert torch.allclose(halfway.sam.get_parameter(name), mean, atol=1e-7), name


def test_nothing_of_a_trained_encoder_is_kept_from_step_to_step():
    model = build()
    Full().apply(model, FullConfig())
    kept = Embeddings(model, torch.float32)
    assert not kept.frozen and kept.stem is None


@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_computed_twice_its_gradients_are_the_same(kind):
    found = []
    for memory in ("fast", "low"):
        model = build(kind)
        adapt(model, get_method("full"), FullConfig(), memory)
        pixels = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
        model.sam.image_encoder(pixels).square().mean().backward()
        found.append({n: p.grad for n, p in trainable(model.sam).items() if n.startswith("image_encoder.")})
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])
