"""Text prompts of the Medical SAM Adapter: what is trained, saved and checked."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from SAMAdaptLib.adapters.file import WEIGHTS, AdapterInfo, apply_adapter, save_adapter
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.msa.config import MsaConfig
from SAMAdaptLib.methods.msa.model import Msa
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.text import PLACE, TextEncoder
from Testing.clip import WIDTH, make_clip
from Testing.tiny import build

FRAME = ModelFrame((40, 60), 64)
BOX = Prompt(box=[20, 6, 50, 30])
NAMES = {"text_prompter.projection.weight", "text_prompter.projection.bias"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("clip") / "model")


def adapted(seed=0, **settings):
    model = build("vit-64")
    config = Msa().for_classes(MsaConfig(**settings), 2)
    Msa().apply(model, config, seed)
    return model, config


def answer(model, *prompts):
    embedding = torch.randn(1, 256, 4, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return decode(model, embedding, prompts, FRAME)[0]


def written(model, config, folder):
    info = AdapterInfo("msa", config.to_dict(), model.base.name, model.base_hash, 64, "minmax", "axial", ("disc",), 1)
    return save_adapter(folder, model, info)


@pytest.mark.parametrize("tokens", [1, 4])
def test_one_linear_layer_is_trained_beside_the_adapters(clip, tokens):
    plain, _ = adapted()
    model, _ = adapted(text=str(clip), text_tokens=tokens)
    added = {n: p.numel() for n, p in trainable(model.sam).items() if n not in trainable(plain.sam)}
    assert added.keys() == NAMES and sum(added.values()) == 256 * tokens * (WIDTH + 1)
    # Reading a text does not bring CLIP in.
    answer(model, Prompt(text="disc"))
    assert {n for n, _ in model.sam.named_parameters()} - {n for n, _ in plain.sam.named_parameters()} == NAMES
    assert model.sam.state_dict().keys() - plain.sam.state_dict().keys() == NAMES


def test_prompts_without_text_start_as_sams(clip):
    model, _ = adapted(text=str(clip))
    assert (answer(model, BOX) - answer(build("vit-64"), BOX)).abs().max() < 1e-6
    both = answer(model, Prompt(box=BOX.box, text="disc"), Prompt(text="disc"), Prompt(text="bean"))
    assert (both[0] - answer(model, BOX)[0]).abs().max() > 1e-3
    assert (both[1] - both[2]).abs().max() > 1e-4


def test_a_text_model_does_not_change_how_the_adapters_start(clip):
    plain, (model, _), (other, _) = adapted(3)[0], adapted(3, text=str(clip)), adapted(4, text=str(clip))
    trained = trainable(model.sam)
    assert all(torch.equal(p, trained[n]) for n, p in trainable(plain.sam).items())
    assert torch.equal(
        trained["text_prompter.projection.bias"], trainable(adapted(3, text=str(clip))[0].sam)[min(NAMES)]
    )
    assert not torch.equal(trained[min(NAMES)], trainable(other.sam)[min(NAMES)])


def test_training_reaches_the_projection_and_leaves_clip_alone(clip):
    model, config = adapted(text=str(clip))
    low_res, _ = decode(model, torch.randn(1, 256, 4, 4), [Prompt(text="disc")], FRAME)
    low_res.square().mean().backward()
    assert all(trainable(model.sam)[name].grad.abs().max() > 0 for name in NAMES)
    encoder = model.sam.text_prompter._encoder
    assert not any(p.requires_grad or p.grad is not None for p in encoder._model.parameters())
    assert not encoder._model.training


def test_the_adapter_names_clip_and_does_not_hold_it(clip, tmp_path):
    model, config = adapted(text=str(clip))
    info = written(model, config, tmp_path)
    with safe_open(tmp_path / WEIGHTS, "pt") as file:
        assert {n for n in file.keys() if "text" in n} == NAMES
    kept = json.loads((tmp_path / "adapter.json").read_text())["config"]
    assert (kept["text"], kept["text_width"]) == (str(clip), WIDTH)
    assert kept["text_hash"] == TextEncoder(str(clip)).sha256
    fresh = build("vit-64")
    assert apply_adapter(fresh, tmp_path).weights_sha256 == info.weights_sha256
    prompts = (Prompt(text="disc"), Prompt(text="the bean"), BOX)
    assert torch.equal(answer(fresh, *prompts), answer(model, *prompts))


def test_an_adapter_far_from_its_clip_still_takes_boxes(clip, tmp_path, monkeypatch):
    home = Path(shutil.copytree(clip, tmp_path / "clip"))
    model, config = adapted(text=str(home))
    written(model, config, tmp_path / "adapter")
    before = answer(model, Prompt(text="disc"))
    home.rename(tmp_path / "elsewhere")
    fresh = build("vit-64")
    apply_adapter(fresh, tmp_path / "adapter")
    assert torch.equal(answer(fresh, BOX), answer(model, BOX))
    with pytest.raises(InputError, match=f"{home}.*{PLACE}"):
        answer(fresh, Prompt(text="disc"))
    monkeypatch.setenv(PLACE, str(tmp_path / "elsewhere"))
    assert torch.equal(answer(fresh, Prompt(text="disc")), before)


def test_another_clip_under_the_same_name_is_noticed(clip, tmp_path):
    home = Path(shutil.copytree(clip, tmp_path / "clip"))
    model, config = adapted(text=str(home))
    written(model, config, tmp_path / "adapter")
    make_clip(home, seed=1)
    fresh = build("vit-64")
    apply_adapter(fresh, tmp_path / "adapter")
    with pytest.raises(InputError, match=f"not the one of the training .*instead of {config.text_hash[:12]}"):
        answer(fresh, Prompt(text="disc"))
    with pytest.raises(InputError, match="not the one of the training"):
        Msa().for_classes(config, 2)


def test_a_training_without_its_clip_ends_before_it_begins(tmp_path):
    with pytest.raises(InputError, match=str(tmp_path / "gone")):
        Msa().for_classes(MsaConfig(text=str(tmp_path / "gone")), 2)


def test_what_it_takes_can_be_counted_without_contents(clip):
    with torch.device("meta"):
        model = build("vit-64")
        model.sam.to("meta")
        Msa().apply(model, MsaConfig(text=str(clip)))
    assert trainable(model.sam)["text_prompter.projection.weight"].shape == (512, WIDTH)


@pytest.mark.parametrize(
    "values, words",
    [
        ({"text": ""}, "text is ''. Give a local folder or an id"),
        ({"text": 3}, "text is 3"),
        ({"text_tokens": 0}, "text_tokens is 0.*from 1 to 16"),
        ({"text_tokens": 17}, "text_tokens is 17"),
        ({"text_tokens": True}, "text_tokens is True"),
        ({"text_width": -1}, "text_width is -1"),
        ({"text_hash": None}, "text_hash is None"),
    ],
)
def test_settings_that_cannot_be(values, words):
    with pytest.raises(InputError, match=words):
        MsaConfig.from_dict(values)


def test_settings_travel():
    config = MsaConfig(text="openai/clip-vit-large-patch14", text_tokens=4, text_width=768, text_hash="ab")
    assert MsaConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert Msa().for_classes(MsaConfig(), 3) == MsaConfig()
