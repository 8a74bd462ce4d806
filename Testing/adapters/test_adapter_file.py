"""The adapter folder: what it says, and what is said when it cannot be used."""

import json
from dataclasses import asdict

import pytest
import torch
from safetensors.torch import load_file, save_file

from SAMAdaptLib.adapters.file import (
    FORMAT_VERSION,
    AdapterInfo,
    apply_adapter,
    find_adapter,
    read_adapter_info,
    save_adapter,
)
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import sha256_file
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.lora.config import LoraConfig
from SAMAdaptLib.methods.lora.model import Lora
from SAMAdaptLib.methods.msa.config import MsaConfig
from SAMAdaptLib.methods.msa.model import Msa
from Testing.tiny import build


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    model = build("vit-64")
    Lora().apply(model, LoraConfig(rank=2))
    with torch.no_grad():
        for parameter in trainable(model.sam).values():
            parameter.add_(0.01)
    info = AdapterInfo(
        method="lora",
        config=LoraConfig(rank=2).to_dict(),
        base="test_vit",
        base_hash=model.base_hash,
        input_size=64,
        intensity="window:40/400",
        axis="coronal",
        classes=("liver", "Milz größer"),
        steps=12,
        validation={"dice": 0.5, "box": float("nan")},
        prompts="box-px:20",
    )
    return folder, save_adapter(folder, model, info), {n: p.detach().clone() for n, p in trainable(model.sam).items()}


@pytest.fixture
def adapter(saved, tmp_path):
    for file in saved[0].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def change(folder, **values):
    path = folder / "adapter.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def refused(folder, text, model=None, share=1.0):
    """The error must come before the model is touched."""
    model = model or build("vit-64")
    before = {n: v.clone() for n, v in model.sam.state_dict().items()}
    with pytest.raises(InputError, match=text) as caught:
        apply_adapter(model, folder, share=share)
    assert caught.value.remedy
    after = model.sam.state_dict()
    assert after.keys() == before.keys() and all(torch.equal(after[n], before[n]) for n in before)
    assert model.adapter_hash == ""
    return caught.value


def test_two_files_that_tell_everything(saved):
    folder, info, _ = saved
    assert sorted(p.name for p in folder.iterdir()) == ["adapter.json", "adapter.safetensors"]
    written = json.loads((folder / "adapter.json").read_text(encoding="utf-8"))
    assert written["classes"] == ["liver", "Milz größer"] and written["validation"] == {"dice": 0.5, "box": None}
    assert written["format_version"] == FORMAT_VERSION and written["created"].endswith("+00:00")
    read = read_adapter_info(folder)
    assert asdict(read) == asdict(info) | {"validation": {"dice": 0.5, "box": None}}
    assert read.classes == ("liver", "Milz größer") and len(read.weights_sha256) == 64


def test_an_adapter_from_before_its_prompts_were_written_down_still_loads(adapter):
    path = adapter / "adapter.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    assert values.pop("prompts") == "box-px:20" == read_adapter_info(adapter).prompts
    path.write_text(json.dumps(values), encoding="utf-8")
    model = build("vit-64")
    info = apply_adapter(model, adapter)
    assert info.prompts == "" and model.adapter_hash == info.weights_sha256
    change(adapter, prompts=3)
    refused(adapter, "damaged at 'prompts'")


def test_tensors_are_the_trained_ones_under_peft_s_own_names(saved):
    folder, _, trained = saved
    state = load_file(folder / "adapter.safetensors")
    assert state.keys() == trained.keys() and all(torch.equal(state[n], trained[n]) for n in state)
    assert "image_encoder.blocks.0.attn.qkv.q.lora_A.weight" in state
    assert not any("default" in n or "base_layer" in n for n in state)


def test_found_from_the_run_folder_around_it(saved, tmp_path):
    (tmp_path / "adapter").mkdir()
    for file in saved[0].iterdir():
        (tmp_path / "adapter" / file.name).write_bytes(file.read_bytes())
    assert find_adapter(tmp_path) == tmp_path / "adapter" and find_adapter(tmp_path / "adapter") == tmp_path / "adapter"


def test_no_adapter_and_not_yet_an_adapter_differ(tmp_path):
    with pytest.raises(InputError, match="No adapter here.*Give the folder"):
        find_adapter(tmp_path)
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="no adapter yet.*--resume"):
        find_adapter(tmp_path)


def test_other_base_weights(adapter):
    error = refused(adapter, "trained on other weights", build("vit-64", seed=1))
    assert "--model test_vit" in error.remedy


def test_another_input_size(adapter):
    error = refused(adapter, "trained at input size 64, the model runs at 128", build("vit-128"))
    assert "64" in error.remedy


@pytest.mark.parametrize("damage", ["cut", "flipped", "missing"])
def test_damaged_weights(adapter, damage):
    path = adapter / "adapter.safetensors"
    data = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        data[-1] ^= 1
        path.write_bytes(data[:-100] if damage == "cut" else data)
    error = refused(adapter, "weights are missing" if damage == "missing" else "weights are damaged or altered")
    assert error.where == str(path) and "Copy the folder again" in error.remedy


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float8_e4m3fn], ids=str)
def test_weights_that_are_no_numbers(adapter, dtype):
    """Every mask would come out empty, as if nothing were there."""
    path = adapter / "adapter.safetensors"
    state = load_file(path)
    name = sorted(state)[3]
    # Beyond float32, in which the model keeps it, or none anywhere.
    state[name] = torch.full_like(state[name], 1e300 if dtype == torch.float64 else float("nan"), dtype=dtype)
    save_file(state, path)
    change(adapter, weights_sha256=sha256_file(path))
    error = refused(adapter, rf"no numbers \(1 of {len(state)} tensors, first '{name}'\)")
    assert error.where == str(path) and "train it again" in error.remedy


def test_weights_halfway_of_a_method_that_has_none(tmp_path):
    model = build("vit-64")
    Msa().apply(model, MsaConfig())
    info = AdapterInfo("msa", MsaConfig().to_dict(), "test_vit", model.base_hash, 64, "minmax", "axial", ("liver",), 1)
    save_adapter(tmp_path, model, info)
    error = refused(tmp_path, "asks for weights halfway to the base's, and msa has none between", share=0.5)
    assert "adapter.json" in str(error)


def test_a_newer_format(adapter):
    change(adapter, format_version=FORMAT_VERSION + 1, software="9.9", surprise=1)
    assert refused(adapter, r"newer SAMAdapt \(9.9\)").remedy == "Update SAMAdapt"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format_version": "1"}', '{"format_version": 1}', "\x00\xff"]
)
def test_a_damaged_description(adapter, text):
    (adapter / "adapter.json").write_text(text, encoding="latin-1")
    assert refused(adapter, "adapter description").where.endswith("adapter.json")


def test_a_description_of_nonsense(adapter):
    change(adapter, config={"rank": 0})
    refused(adapter, "rank is 0: .*adapter.json")
    change(adapter, config={"rank": 2, "colour": "red"})
    refused(adapter, "colour")
    change(adapter, config=LoraConfig(rank=2).to_dict(), method="magic")
    refused(adapter, "Unknown method: magic")


def test_weights_of_another_rank(adapter):
    """Its own files are sound, but the description names another rank than the weights have."""
    change(adapter, config=LoraConfig(rank=3).to_dict())
    model = build("vit-64")
    with pytest.raises(InputError, match="does not fit this model and method.*tensors differ.*lora_"):
        apply_adapter(model, adapter)
