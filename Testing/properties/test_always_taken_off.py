"""Adapters: put on, the answers differ; taken off, or where putting on breaks off, the base is there again to the bit.

Of every method, and of every setting that changes what is put on: they are taken from the settings themselves, so that
a new one is tried as soon as it is there.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch.overrides import TorchFunctionMode

from SAMAdaptLib.adapters.file import apply_adapter, save_adapter
from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.defaults import BASE
from SAMAdaptLib.jobs.load import LoadedModel, load_model
from SAMAdaptLib.methods import METHODS, get_config, get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from Testing.clip import make_clip
from Testing.faults.mutations import tries
from Testing.faults.trials import ALL
from Testing.tiny import TINY_VIT, VIT, scan

pytestmark = pytest.mark.slow

PROMPTS = [Prompt([[20, 18]], [1]), Prompt(box=[10, 8, 30, 30]), Prompt([[20, 18], [3, 3]], [1, 0], [10, 8, 30, 30])]
# Native at the smaller size, for which the weights are.
MODEL = {"vit-64": replace(VIT, input_size=64), "tiny_vit-64": TINY_VIT}
# Numbers that suit the small models.
NUMBERS = {"classifier_size": 32, "classifier_width": 16, "classifier_depth": 34, "depth": 3, "stages": 2}
# How an answer is read or a part trained; numbers that make a part wider alone are tried in `make faults`.
NOT_PUT_ON = {"strongest", "outlines", "alpha", "gamma", "threshold", "smallest", "margin"}
# What another one wants.
WITH = {"predict": {"depth": 3}, "text_tokens": {"text": "clip"}, "head": {"classes": 2}}
IMAGE = {"features": "image", "classifier_width": 16, "classifier_size": 32}


def variants() -> list[tuple[str, dict[str, Any]]]:
    """Each method as it comes, and with each value of each setting, or of a number another one than its default."""
    found = []
    for method in METHODS:
        found.append((method, {}))
        for name, one in get_config(method).known().items():
            if one.filled_in or name in NOT_PUT_ON:
                continue
            values: list[Any] = [NUMBERS.get(name)]
            if one.choices:
                values = [value for value in one.choices if value != one.default]
            elif one.kinds == (bool,):
                values = [not one.default]
            elif one.kinds == (str,):
                values = ["clip"] if name == "text" else []
            elif name not in NUMBERS:
                values = [1] if one.default is None else [one.default * 2] if ALL else []
            if name.startswith("classifier_") and not ALL:
                continue
            around = IMAGE if name.startswith("classifier_") else WITH.get(name, {})
            found += [(method, {**around, name: value}) for value in values]
    return found


def named(variant: tuple[str, dict[str, Any]]) -> str:
    return "-".join([variant[0], *(f"{name}={value}" for name, value in variant[1].items())])


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with the weights of the small models and a CLIP."""
    folder = tmp_path_factory.mktemp("place")
    for kind, base in MODEL.items():
        drawn = build_sam(base, weights=False, seed=0).sam.state_dict()
        state = {name: one.contiguous() for name, one in drawn.items()}
        save_file(state, folder / f"{kind}.safetensors")
    make_clip(folder / "clip")
    return folder


def fresh(place: Path, kind: str) -> SamModel:
    return build_sam(MODEL[kind], place / f"{kind}.safetensors")


def written(place: Path, kind: str, method: str, chosen: dict[str, Any]) -> Path:
    """An adapter whose every tensor has moved away from its start."""
    model, one = fresh(place, kind), get_method(method)
    chosen = {**chosen, **({"text": str(place / "clip")} if "text" in chosen else {})}
    config = one.for_classes(one.Config.from_dict(chosen), 2)
    one.apply(model, config, seed=1)
    chance = torch.Generator().manual_seed(3)
    for parameter in trainable(model.sam).values():
        parameter.data += 0.3 * torch.randn(parameter.shape, generator=chance)
    info = AdapterInfo(
        method=method, config=config.to_dict(), base=model.base.name, base_hash=model.base_hash, input_size=64,
        intensity="minmax", axis="axial", classes=("disc", "bean"), steps=1, prompts="box=1",
    )  # fmt: skip
    folder = place / f"adapter-{next(_numbers)}"
    save_adapter(folder, model, info)
    return folder


_numbers = itertools.count()


def parts(model: SamModel) -> dict[str, Any]:
    """All that a model is, by name: every tensor with what is trained of it, every part's kind, every setting."""
    sam = model.sam
    kinds = {f"kind of {name}": (type(one), one.training) for name, one in sam.named_modules()}
    settings = {name: value for name, value in vars(model).items() if name not in ("sam", "find")}
    settings["finds"] = model.find is not None
    numbers = {
        f"{name}.{key}": value for name, one in sam.named_modules() for key, value in vars(one).items()
        if isinstance(value, (int, float, str, tuple))
    }  # fmt: skip
    trained = {f"trained {name}": one.requires_grad for name, one in sam.named_parameters()}
    return {**kinds, **settings, **numbers, **trained, **sam.state_dict()}


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """To the bit."""
    return one.keys() == other.keys() and all(
        torch.equal(value, other[name]) if isinstance(value, torch.Tensor) else value == other[name]
        for name, value in one.items()
    )


def answers(predictor: Predictor, whole: bool = False) -> list[np.ndarray]:
    """What a model says of a slice: to prompts, or of all of it."""
    slices = VolumePredictor(predictor, scan()[0], intensity="minmax")
    if whole:
        label, found = slices.label(3), slices.find(3)
        return [slices.embedding(3).numpy(), *([] if label is None else [label]), *found]
    answer = slices.predict(3, PROMPTS)
    return [answer.logits, answer.iou]


def equal(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return len(one) == len(other) and all(map(np.array_equal, one, other))


class Broken(Exception):
    """Stands for want of memory, or for a user who has had enough."""


class Breaking(TorchFunctionMode):
    """Counts the calls of torch, and raises at one of them."""

    def __init__(self, at: int = -1) -> None:
        super().__init__()
        self.at, self.count = at, 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        # What ends no_grad cannot fail; broken off there, it would leave all that comes after without gradients.
        if function is torch._C._set_grad_enabled:
            return function(*args, **(kwargs or {}))
        self.count += 1
        if self.count == self.at:
            raise Broken
        return function(*args, **(kwargs or {}))


KINDS = st.sampled_from(sorted(MODEL))


@pytest.mark.parametrize("variant", variants(), ids=named)
def test_put_on_and_taken_off_the_base_is_as_it_was(place, variant) -> None:
    @tries(1)
    @given(KINDS, st.integers(0, 99))
    def check(kind: str, seed: int) -> None:
        plain = fresh(place, kind)
        untouched = parts(copy.deepcopy(plain))
        first = answers(Predictor(plain, "fp32"))
        folder = written(place, kind, *variant)
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(MODELS, plain.base.name, plain.base)
            loaded = load_model(
                adapter=folder, checkpoint=place / f"{kind}.safetensors", device="cpu", precision="fp32",
                weights="adapted", keep_base=True, plain_points=True,
            )  # fmt: skip
        put_on_and_off(loaded, plain, first)
        # By hand, breaking off on the way.
        other = copy.deepcopy(plain)
        with Breaking() as counted:
            apply_adapter(other, folder)
        chance = np.random.default_rng([seed, *named(variant).encode()])
        for at in sorted({counted.count, *(1 + chance.integers(counted.count, size=2)).tolist()}):
            with pytest.raises(Broken), Breaking(at):
                apply_adapter(plain, folder)
            assert same(parts(plain), untouched), f"{kind}, {at} of {counted.count}"
        assert equal(answers(Predictor(plain, "fp32")), first)
        # Nothing of it is in the way of the next try.
        apply_adapter(plain, folder)
        assert same(parts(plain), parts(loaded.predictor.model))

    check()


def put_on_and_off(loaded: LoadedModel, plain: SamModel, first: list[np.ndarray]) -> None:
    """With its weights the answers are others; with the base's they are the base's, and once more those of its own."""
    model = loaded.predictor.model
    # One that labels whole slices answers no prompt.
    with_it = answers(loaded.predictor, whole=model.labels)
    assert model.labels or not equal(with_it, first) or model.find is not None
    found = answers(loaded.predictor, whole=True)
    base_alone = answers(Predictor(plain, "fp32"), whole=True)
    assert not equal(found, base_alone) or not equal(with_it, first)
    off = loaded.with_weights(BASE)
    kept = off.predictor.answering("box").model
    assert same(parts(kept), parts(plain) | {"points": kept.points, "grown": kept.grown})
    assert equal(answers(off.predictor), first)
    assert equal(answers(loaded.with_weights("adapted").predictor, whole=model.labels), with_it)
