"""What holds for every method on every kind of encoder."""

import copy
import hashlib

import pytest
import torch

from SAMAdaptLib.methods import METHODS, get_method
from SAMAdaptLib.methods.adapter import AdapterInfo, apply_adapter, save_adapter
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.lora.layers import SplitQKV
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.precision import encoder_autocast
from Testing.tiny import build, picture

SMALL = ["vit-128", "vit-64", "tiny_vit-64"]
# Real weights take seconds a pass, so they go through what their values could upset.
KINDS = [*SMALL, "lite_medsam"]
PROMPTS = [Prompt([[30, 16]], [1]), Prompt(box=[20, 6, 50, 30])]


@pytest.fixture(scope="module")
def fresh():
    """Copies of models built once, since some take a while."""
    kept = {}

    def make(kind):
        if kind not in kept:
            kept[kind] = build(kind)
        return copy.deepcopy(kept[kind])

    return make


def pixels(model, seeds=(0,)):
    frame = ModelFrame((40, 60), model.input_size)
    sam = model.sam
    images = [picture((40, 60), seed) for seed in seeds]
    return frame, torch.stack([frame.image_to_model(image, sam.pixel_mean, sam.pixel_std) for image in images])


def answer(model, seeds=(0,), dtype=torch.float32):
    frame, batch = pixels(model, seeds)
    with encoder_autocast(batch.device, dtype):
        embeddings = model.sam.image_encoder(batch).float()
    decoded = [decode(model.sam, embeddings[i : i + 1], PROMPTS, frame) for i in range(len(seeds))]
    return torch.stack([logits for logits, _ in decoded]), torch.stack([iou for _, iou in decoded])


def train(model):
    optimizer = torch.optim.AdamW(trainable(model.sam).values(), lr=1e-2, weight_decay=0.1)
    for _ in range(1 if model.base.name == "lite_medsam" else 2):
        logits, iou = answer(model)
        (logits.square().mean() + iou.square().mean() - logits[..., ::2].mean()).backward()
        optimizer.step()
        optimizer.zero_grad()


def base_weights(model):
    """Weights of the base model by their first names, wherever a method has put them."""
    found = {}
    for name, module in model.sam.named_modules():
        if isinstance(module, SplitQKV):
            plain = copy.deepcopy(module)
            for part in "qkv":
                layer = getattr(plain, part)
                setattr(plain, part, getattr(layer, "base_layer", layer))
            fused = plain.fuse()
            found |= {f"{name}.weight": fused.weight.data, f"{name}.bias": fused.bias.data}
    for name, value in model.sam.state_dict().items():
        if "lora_" not in name and not any(f".qkv.{part}." in name for part in "qkv"):
            found[name.replace(".base_layer", "")] = value
    return found


def adapt(model, method):
    chosen = get_method(method)
    chosen.apply(model, chosen.Config(), seed=1)
    return chosen


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", METHODS)
class TestAnyModel:
    def test_it_starts_as_the_base_model(self, fresh, method, kind):
        base, model = fresh(kind), fresh(kind)
        adapt(model, method)
        with torch.no_grad():
            for wanted, got in zip(answer(base), answer(model), strict=True):
                assert wanted.std() > 0 and (wanted - got).abs().max() <= 1e-6 * max(1, float(wanted.abs().max()))

    def test_training_leaves_the_base_weights_alone(self, fresh, method, kind):
        base, model = fresh(kind), fresh(kind)
        adapt(model, method)
        trained = set(trainable(model.sam))
        first = {n: p.detach().clone() for n, p in trainable(model.sam).items()}
        train(model)
        after = base_weights(model)
        wanted = base.sam.state_dict()
        assert after.keys() == wanted.keys()
        differ = {n for n in wanted if not torch.equal(after[n], wanted[n])}
        # Batch norm's running statistics are among the compared: they must not move either.
        assert differ <= trained
        moved = {n for n, p in trainable(model.sam).items() if not torch.equal(p, first[n])}
        assert {n for n in trained if "lora_B" in n} <= moved and any("mask_decoder" in n for n in moved)

    def test_gradients_are_where_the_training_is(self, fresh, method, kind):
        model = fresh(kind)
        adapt(model, method)
        assert not model.sam.training
        logits, iou = answer(model)
        (logits.square().mean() + iou.square().mean()).backward()
        with_gradient = {n.replace(".default.", ".") for n, p in model.sam.named_parameters() if p.grad is not None}
        assert with_gradient <= set(trainable(model.sam))
        # One output token and no mask prompt: what serves other prompts gets none.
        idle = set(trainable(model.sam)) - with_gradient
        assert all(n.split(".")[0] in ("prompt_encoder", "mask_decoder") and "lora_" not in n for n in idle)

    def test_saved_and_applied_it_answers_the_same(self, fresh, method, kind, tmp_path):
        model = fresh(kind)
        chosen = adapt(model, method)
        train(model)
        info = AdapterInfo(
            method=method,
            config=chosen.Config().to_dict(),
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
        with torch.no_grad():
            base, trained, separate, folded = (answer(m)[0] for m in (fresh(kind), model, unmerged, merged))
        assert torch.equal(trained, separate)
        assert (separate - folded).abs().max() < 1e-5 * max(1, float(separate.abs().max()))
        assert (trained - base).abs().max() > 1e-3


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize("method", METHODS)
class TestSmallModel:
    def test_merged_it_is_a_plain_model(self, fresh, method, kind):
        base, model = fresh(kind), fresh(kind)
        chosen = adapt(model, method)
        train(model)
        if not chosen.merge(model):
            pytest.skip("this method cannot be merged")
        plain = base.sam.state_dict()
        state = model.sam.state_dict()
        assert {n: v.shape for n, v in state.items()} == {n: v.shape for n, v in plain.items()}
        base.sam.load_state_dict(state)
        with torch.no_grad():
            assert torch.equal(answer(base)[0], answer(model)[0])

    def test_bfloat16_stays_finite(self, fresh, method, kind):
        model = fresh(kind)
        adapt(model, method)
        train(model)
        logits, iou = answer(model, dtype=torch.bfloat16)
        (logits.mean() + iou.mean()).backward()
        gradients = [p.grad for p in trainable(model.sam).values() if p.grad is not None]
        assert gradients and all(torch.isfinite(t).all() for t in (logits, iou, *gradients))

    def test_four_slices_at_once_are_four_times_one(self, fresh, method, kind):
        model = fresh(kind)
        adapt(model, method)
        train(model)
        with torch.no_grad():
            together = answer(model, (0, 1, 2, 3))[0]
            for seed in range(4):
                assert (answer(model, (seed,))[0][0] - together[seed]).abs().max() < 1e-4
