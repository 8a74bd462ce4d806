"""A U-Net beside SAM: what it sees, what it learns, and that a stopped run goes on as if it had not been stopped."""

import contextlib

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training import unet
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.run_folder import read_metrics
from SAMAdaptLib.training.unet import SIDE, Unet, pixels, read_unet, train_unet
from SAMAdaptLib.volume.intensity import to_uint8
from Testing.scarce import CPU, CUDA, failing, told
from Testing.tiny import make_library, scan

pytestmark = pytest.mark.slow

QUICK = {"batch_size": 2, "device": "cpu", "prompts_per_slice": 1, "checkpoint_seconds": 1e9}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("unet") / "LIB", patients=3, backgrounds=(0, 5)).folder


def test_grey_levels_come_in_as_0_to_1_with_the_sides_kept():
    seen = pixels(np.full((20, 40), 51, np.uint8), ModelFrame((20, 40), SIDE))
    assert seen.shape == (1, 256, 256) and torch.allclose(seen[0, :128], torch.tensor(0.2)) and not seen[0, 128:].any()


def test_it_outlines_a_patient_that_it_has_not_seen(library, tmp_path):
    info = train_unet(library, tmp_path / "run", TrainConfig(steps=25, lr=3e-3, **QUICK))
    assert info.classes == ("disc", "bean") and info.steps == 25 and info == read_unet(tmp_path / "run")
    volume, labels = scan(7)
    network = Unet(tmp_path / "run", "cpu")
    bounds = (volume.array.min(), volume.array.max())
    found = np.stack([network.label(to_uint8(plane, bounds), (1.0, 1.0)) for plane in volume.array])
    assert found.shape == labels.array.shape and set(np.unique(found)) <= {0, 1, 2}
    disc, truth = found == 1, labels.array == 1
    dice = 2 * (disc & truth).sum() / (disc.sum() + truth.sum())
    assert dice > 0.85, dice
    assert not network.label(np.full((40, 56), 9, np.uint8), (1.0, 1.0)).any()


def test_a_stopped_run_goes_on_to_the_bit(library, tmp_path):
    config = TrainConfig(steps=3, seed=2, **QUICK)
    whole = train_unet(library, tmp_path / "whole", config)
    told = []
    with pytest.raises(Cancelled):
        train_unet(
            library, tmp_path / "parts", config, listener=told.append,
            cancelled=lambda: any(event["event"] == "step" for event in told),
        )  # fmt: skip
    assert read_unet(tmp_path / "parts") is None
    again = train_unet(library, tmp_path / "parts", config, resume=True)
    wanted, got = load_file(whole.weights), load_file(again.weights)
    assert wanted.keys() == got.keys() and all(torch.equal(wanted[name], got[name]) for name in wanted)


@contextlib.contextmanager
def scarce(when, error):
    """Networks have too little memory for some batches; gives the sizes of the others, a list a network."""
    sizes, made = [], unet.network
    with contextlib.ExitStack() as stack, pytest.MonkeyPatch.context() as patch:

        def network(*given):
            module = made(*given)
            sizes.append(stack.enter_context(failing(module, when, error)))
            return module

        patch.setattr(unet, "network", network)
        yield sizes


@pytest.mark.parametrize("error", [CUDA, CPU], ids=["CUDA", "CPU"])
def test_part_of_a_batch_at_a_time_learns_the_same(library, tmp_path, monkeypatch, error):
    config = TrainConfig(steps=1, seed=2, **QUICK | {"batch_size": 4})
    forward, learnt = unet._Training.forward, []

    def heard(run, *given):
        figures = forward(run, *given)
        learnt.append({name: parameter.grad.clone() for name, parameter in run.parameters.items()})
        return figures

    monkeypatch.setattr(unet._Training, "forward", heard)
    train_unet(library, tmp_path / "whole", config)
    with scarce(lambda pixels: len(pixels) > 1, error) as sizes, told() as notes:
        train_unet(library, tmp_path / "parts", config)
    assert sizes == [[1] * 4] and [note.split(":")[0] for note in notes] == [
        f"There is too little memory for {number} slices at once" for number in (4, 2)
    ]
    (one,), (other,) = (read_metrics(tmp_path / name) for name in ("whole", "parts"))
    assert [one["loss"], one["dice"]] == pytest.approx([other["loss"], other["dice"]], rel=1e-5)
    wanted, found = learnt
    largest = max(float(gradient.abs().max()) for gradient in wanted.values())
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-5 * largest, msg=name)
    assert sum(float(gradient.abs().max()) > 1e-3 * largest for gradient in wanted.values()) > 8


def test_too_little_memory_for_a_slice_is_told(library, tmp_path):
    config = TrainConfig(steps=2, **QUICK)
    with scarce(lambda pixels: True, CPU), told():
        with pytest.raises(InputError, match=r"too little memory for this \(2.1 GB more were needed\)"):
            train_unet(library, tmp_path / "run", config)
    # With more memory it goes on.
    assert train_unet(library, tmp_path / "run", config, resume=True).steps == 2
