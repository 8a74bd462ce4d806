"""A device with too little memory: less of a batch at a time, which learns the same, and in the end the CPU."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.pretrain import pretrain
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.run_folder import read_metrics
from SAMAdaptLib.training.step import Stepper
from SAMAdaptLib.training.team import Team
from SAMAdaptLib.volume.volume import write_volume
from Testing.scarce import CPU, CUDA, failing, told
from Testing.tiny import VIT, build, make_library, scan

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(
    model=VIT.name, method="msa", input_size=64, steps=2, batch_size=4, prompts_per_slice=1, synthesis=False,
    validation="none", precision="fp32", device="cpu",
)  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("together") / "library", patients=2, indices=(1, 3))


@pytest.fixture
def model():
    model = build("vit-64")
    method = get_method("msa")
    method.apply(model, method.Config())
    return model


def gradients(model, stepper, step=0):
    """Figures of a step, and its gradients by name."""
    model.sam.zero_grad(set_to_none=True)
    figures = stepper(step, 0.0)
    return figures, {name: p.grad.clone() for name, p in trainable(model.sam).items() if p.grad is not None}


def same(found, wanted):
    assert found[0] == pytest.approx(wanted[0], rel=1e-5) and [*found[1]] == [*wanted[1]]
    for name, gradient in wanted[1].items():
        torch.testing.assert_close(found[1][name], gradient, rtol=1e-3, atol=1e-6, msg=name)
    assert sum(bool(gradient.any()) for gradient in wanted[1].values()) > 8


@pytest.fixture
def stepper(model, library):
    data = TrainingData(library, CONFIG, model.input_size, model.low_res_size)
    return Stepper(model, data, CONFIG, Embeddings(model, torch.float32), Team("cpu"))


@pytest.mark.parametrize("error", [CUDA, CPU], ids=["CUDA", "CPU"])
def test_part_of_a_batch_at_a_time_learns_the_same(model, stepper, error):
    wanted = gradients(model, stepper), gradients(model, stepper, 1)
    with failing(model.sam.image_encoder, lambda pixels: len(pixels) > 1, error) as sizes, told() as notes:
        same(gradients(model, stepper), wanted[0])
        assert sizes == [1] * 4
        # Once it is known, nothing is tried again.
        same(gradients(model, stepper, 1), wanted[1])
        assert sizes == [1] * 8
    assert [note.split(":")[0] for note in notes] == [
        f"There is too little memory for {number} slices at once" for number in (4, 2)
    ]


def test_what_a_part_has_learned_before_memory_ended_counts_once(model, stepper, monkeypatch):
    wanted = gradients(model, stepper)
    answered, calls = Stepper._slice, []

    def third(*given):
        calls.append(1)
        if len(calls) == 3:
            raise CPU
        return answered(*given)

    monkeypatch.setattr(Stepper, "_slice", third)
    stepper.together.number = 2
    with told():
        same(gradients(model, stepper), wanted)
    assert stepper.together.number == 1 and len(calls) == 3 + 4


@pytest.fixture
def weights(tmp_path_factory, monkeypatch):
    """Of a model that the registry knows."""
    monkeypatch.setitem(MODELS, VIT.name, VIT)
    path = tmp_path_factory.mktemp("weights") / "vit.pth"
    torch.save(build("vit-128").sam.state_dict(), path)
    return path


@pytest.fixture
def small_gpu(monkeypatch):
    """A device without contents is the one that is chosen for the user, and has too little memory for a slice."""

    def pick(name):
        return torch.device("cpu" if name == "cpu" else "meta")

    step = Stepper.__call__

    def scarce(self, *given):
        if self.model.device.type == "meta":
            raise CUDA
        return step(self, *given)

    monkeypatch.setattr("SAMAdaptLib.training.team.pick_device", pick)
    monkeypatch.setattr(Stepper, "__call__", scarce)


def test_what_fits_on_no_device_goes_on_on_the_cpu(library, weights, small_gpu, tmp_path):
    with told() as notes:
        found = finetune(library, tmp_path / "run", replace(CONFIG, device="auto"), checkpoint=weights)
    assert [note for note in notes if "on the CPU" in note] == [
        "The device has too little memory for this training; it goes on on the CPU, which takes longer"
    ]
    wanted = finetune(library, tmp_path / "other", CONFIG, checkpoint=weights)
    assert found.weights_sha256 == wanted.weights_sha256 and found.steps == 2


def test_a_device_that_was_named_is_not_replaced(library, weights, small_gpu, tmp_path):
    with pytest.raises(InputError, match=r"too little memory for this \(2.1 GB more were needed\).*Close other"):
        finetune(library, tmp_path / "run", replace(CONFIG, device="cuda"), checkpoint=weights)


def test_too_little_memory_for_a_slice_on_the_cpu_is_told(library, tmp_path):
    model = build("vit-64")
    with failing(model.sam.image_encoder, lambda pixels: True), told() as notes:
        with pytest.raises(InputError, match=r"2.1 GB more were needed"):
            finetune(library, tmp_path / "run", CONFIG, model=model)
    assert len(notes) >= 2
    # Nothing is lost: with more memory it goes on.
    assert finetune(library, tmp_path / "run", CONFIG, model=build("vit-64"), resume=True).steps == 2


def test_pretraining_compares_all_slices_of_a_batch_however_few_are_encoded_at_once(tmp_path):
    (tmp_path / "images").mkdir()
    for number in range(2):
        volume = scan(number)[0]
        write_volume(tmp_path / "images" / f"{number}.nrrd", volume.array, volume.geometry)
    config = PretrainConfig(
        model=VIT.name, steps=3, batch_size=4, precision="fp32", device="cpu", intensity="minmax", input_size=64
    )
    pretrain(tmp_path / "images", tmp_path / "whole", config, model=build("vit-64"))
    model = build("vit-64")
    with failing(model.sam.image_encoder, lambda pixels: len(pixels) > 2) as sizes, told() as notes:
        pretrain(tmp_path / "images", tmp_path / "parts", config, model=model)
    assert max(sizes) == 2 and any("too little memory for 4 slices at once" in note for note in notes)
    lines = [[line for line in read_metrics(tmp_path / name) if "loss" in line] for name in ("parts", "whole")]
    assert [one["loss"] for one in lines[0]] == pytest.approx([one["loss"] for one in lines[1]], rel=1e-4)
    found, wanted = (load_file(tmp_path / name / "adapter" / "adapter.safetensors") for name in ("parts", "whole"))
    assert [*found] == [*wanted]
    for name, tensor in wanted.items():
        torch.testing.assert_close(found[name], tensor, rtol=1e-3, atol=1e-5, msg=name)
